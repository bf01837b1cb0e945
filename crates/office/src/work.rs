//! The day's work: how much of what waits in which unit, how old the lists are, what was written since yesterday, and how far an office is
//! that has only begun. Whoever sees one unit is told of that one only; whoever doesn't read what answers are made of is told the rest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::Offset;
use kernel::{Grant, Rights, UnitCode};
use pack::Contract;
use programmes::Standing;
use tables::Snapshot;

use crate::error::OfficeError;
use crate::kept::Standings;
use crate::names::UnitNames;
use crate::office::Office;
use crate::owed::MonthBefore;
use crate::view::View;

/// How many commits since yesterday are looked at.
const MOST_COMMITS: usize = 1_000;
/// How many are read at once.
const PORTION: usize = 100;

/// What waits whoever asks: worked out once for a state of the ledger.
pub(crate) struct Waiting {
    /// How many questions wait, by register and unit: of lists, of values that are said otherwise, and of what could not be read.
    questions: BTreeMap<String, BTreeMap<UnitCode, usize>>,
    /// The last list of each sender, unit and roster.
    lists: Vec<LastList>,
}

/// The commits since the day before, the latest first.
pub(crate) struct Recent(Vec<RecentCommit>);

/// A commit: for which units it spoke, and how many entries it has.
#[derive(Clone)]
struct RecentCommit {
    number: i64,
    units: Vec<UnitCode>,
    entries: usize,
}

/// The last list of a sender for a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastList {
    /// The day it speaks of.
    pub as_of: Date,
    /// The unit.
    pub unit: UnitCode,
    /// The roster.
    pub roster: String,
    /// Whose word it is, as a value of the code list `source`.
    pub sender: String,
}

/// How many stand on lists, by the list's word.
pub type OnLists = BTreeMap<&'static str, usize>;

/// How much of what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCounts {
    /// On the lists of programmes, by where they stand; none if not everything may be read that answers are made of.
    pub standings: Option<OnLists>,
    /// The same a month before, where that is known.
    pub before: Option<OnLists>,
    /// Questions that wait; none if they may not be read.
    pub questions: Option<usize>,
    /// Follow-ups past their day; none if there are none to be read.
    pub late: Option<usize>,
    /// Entries written since yesterday; none if the journal may not be read.
    pub changes: Option<usize>,
    /// The list that is longest out of date; none if there is no list.
    pub oldest: Option<LastList>,
}

impl WorkCounts {
    /// How many stand on a list.
    #[must_use]
    pub fn of(&self, standing: Standing) -> Option<usize> {
        let standings = self.standings.as_ref()?;
        Some(standings.get(standing.as_str()).copied().unwrap_or(0))
    }

    /// How many more stand on a list than a month before.
    #[must_use]
    pub fn change(&self, standing: Standing) -> Option<i64> {
        let before = self.before.as_ref()?.get(standing.as_str());
        let [now, before] = [self.of(standing)?, before.copied().unwrap_or(0)];
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        Some(number(now) - number(before))
    }

    /// All that waits for somebody: by this units are ranked.
    #[must_use]
    pub fn waits(&self) -> usize {
        let standings = self.standings.iter().flatten().map(|(_, count)| count);
        standings.sum::<usize>() + self.questions.unwrap_or(0) + self.late.unwrap_or(0)
    }
}

/// The day's work.
pub struct DayWork {
    /// All of it that the reader may see.
    pub whole: WorkCounts,
    /// The same of each unit, most first; what is of the unit above them all and of none below it stands under that one.
    pub units: Vec<(UnitCode, WorkCounts)>,
    /// The last lists, the oldest first.
    pub lists: Vec<LastList>,
    /// Whether there were more commits since yesterday than were counted.
    pub many: bool,
}

/// How far an office is that has only begun; each is done or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// Units below the ledger's own.
    pub units: bool,
    /// Somebody who holds a post.
    pub posts: bool,
    /// Somebody at home.
    pub people: bool,
    /// Somebody on a benefit list.
    pub enrolments: bool,
    /// No question waits.
    pub questions: bool,
}

impl Begun {
    /// Whether nothing is left to begin with.
    #[must_use]
    pub fn done(&self) -> bool {
        self.units && self.posts && self.people && self.enrolments
    }
}

impl Waiting {
    pub(crate) fn new(standing: &Snapshot, contract: &Contract) -> Waiting {
        let mut last: BTreeMap<(UnitCode, String, String), Date> = BTreeMap::new();
        for (_, say) in standing.says() {
            if say.list.is_some() && !say.voice.roster.is_empty() {
                let voice = &say.voice;
                let of = (voice.unit, voice.roster.clone(), voice.sender.clone());
                let known = last.entry(of).or_insert(say.as_of);
                *known = say.as_of.max(*known);
            }
        }
        let lists = last
            .into_iter()
            .map(|((unit, roster, sender), as_of)| LastList {
                as_of,
                unit,
                roster,
                sender,
            });
        let mut lists: Vec<LastList> = lists.collect();
        lists.sort();
        let kept = &contract.questions;
        let of_lists = intake::questions_waiting(standing, kept);
        let mut questions = BTreeMap::from([(kept.register.id.clone(), of_lists)]);
        let contested = standing.contests().iter().filter_map(|contest| {
            let first = contest.said.first()?;
            Some((&contest.register, first.record))
        });
        let unread = standing.unread().iter();
        let unread = unread.map(|unread| (&unread.register, unread.record));
        for (register, record) in contested.chain(unread) {
            if let Some(unit) = standing.kept_in(register, record) {
                let own = questions.entry(register.clone()).or_default();
                *own.entry(unit).or_default() += 1;
            }
        }
        Waiting { questions, lists }
    }

    /// How many questions of some units wait that a grant reads.
    fn asked_of(&self, grant: &Grant, within: impl Fn(&UnitCode) -> bool) -> usize {
        let each = self.questions.iter().flat_map(|(register, units)| {
            let own = units.iter();
            own.filter(|(unit, _)| within(unit) && grant.reads(register, unit))
        });
        each.map(|(_, count)| count).sum()
    }
}

impl Recent {
    /// Of a day and the day before; those that an earlier reading of the same day knew are taken from it.
    pub(crate) async fn new(
        office: &Office,
        today: Date,
        before: Option<&Recent>,
    ) -> Result<Recent, OfficeError> {
        let ledger = office.tables.ledger();
        let books = ledger.books().await?.into_iter();
        let units: Vec<UnitCode> = books.map(|book| book.unit).collect();
        let why = "what was written since yesterday";
        let all = Grant::over("taizhang", &units, Rights::whole(), why);
        let yesterday = today.saturating_sub(1.day());
        let known = before.map_or(&[][..], |before| &before.0);
        let last = known.first().map_or(0, |commit| commit.number);
        let mut recent: Vec<RecentCommit> = Vec::new();
        let mut page = None;
        'pages: while recent.len() <= MOST_COMMITS {
            let commits = ledger.commits(&all, page, PORTION).await?;
            for commit in &commits {
                let day = Offset::constant(8).to_datetime(commit.recorded_at).date();
                if commit.number <= last || day < yesterday {
                    break 'pages;
                }
                recent.push(RecentCommit {
                    number: commit.number,
                    units: commit.units.clone(),
                    entries: commit.entries,
                });
            }
            match commits.last() {
                Some(last) if commits.len() == PORTION => page = Some(last.number),
                _ => break,
            }
        }
        recent.extend_from_slice(known);
        recent.truncate(MOST_COMMITS + 1);
        Ok(Recent(recent))
    }
}

/// The lists that are work, or would be if more were known.
const OF_WORK: [Standing; 5] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
];

impl View {
    /// The day's work on a date, beside how many stood where a month before, if that was counted.
    ///
    /// # Errors
    /// The ledger can't be read; the programmes can't be asked.
    pub async fn work(
        &self,
        on: Date,
        before: Option<&MonthBefore>,
    ) -> Result<DayWork, OfficeError> {
        let waiting = self.office.waiting().await?;
        let recent = self.office.recent().await?;
        let units = self.units(on).await?;
        let late = self.late(on).await?;
        let day = match self.opens().figures {
            true => Some(self.office.day(on).await?),
            false => None,
        };
        let known = (&*waiting, &*recent, &late);
        // Which books may be read is asked once, not of each unit again.
        let mut read = day.as_ref().map_or_else(BTreeSet::new, |day| day.books());
        read.extend(before.into_iter().flat_map(MonthBefore::books));
        read.retain(|book| self.grant.reads_everything(book));
        let standing = |within: &dyn Fn(&UnitCode) -> bool| {
            let sees = |book: &UnitCode| read.contains(book) && within(book);
            let now = day.as_ref()?;
            let before = before.filter(|before| before.tells(sees));
            let before = before.map(|before| self.standings(|id| before.tally(id, sees)));
            Some((self.standings(|id| now.tally(id, sees)), before))
        };
        let mut each: Vec<(UnitCode, WorkCounts)> = Vec::new();
        let parts = parts(&units);
        for (unit, excepted) in &parts {
            let within =
                |of: &UnitCode| unit.contains(of) && !excepted.iter().any(|part| part.contains(of));
            each.push((*unit, self.counts(standing(&within), known, &within)));
        }
        each.sort_by_key(|(unit, counts)| (std::cmp::Reverse(counts.waits()), *unit));
        let own = |unit: &UnitCode| excepting(&parts, unit);
        each.retain(|(unit, counts)| !own(unit) || counts.waits() > 0);
        let sees = |unit: &UnitCode| self.grant.sees(unit);
        let lists = waiting.lists.iter().filter(|list| sees(&list.unit));
        Ok(DayWork {
            whole: self.counts(standing(&|_| true), known, &|_| true),
            units: each,
            lists: lists.cloned().collect(),
            many: recent.0.len() > MOST_COMMITS,
        })
    }

    /// What waits in some units, as far as it may be seen.
    fn counts(
        &self,
        standings: Option<(OnLists, Option<OnLists>)>,
        (waiting, recent, late): (&Waiting, &Recent, &Option<BTreeMap<UnitCode, usize>>),
        within: &dyn Fn(&UnitCode) -> bool,
    ) -> WorkCounts {
        let opens = self.opens();
        let sum = |counts: &BTreeMap<UnitCode, usize>| {
            let own = counts.iter().filter(|(unit, _)| within(unit));
            own.map(|(_, count)| count).sum::<usize>()
        };
        let changes = recent.0.iter().filter(|commit| {
            let units = &commit.units;
            units.iter().all(|unit| self.grant.sees(unit)) && units.iter().any(within)
        });
        let lists = waiting.lists.iter();
        let oldest = lists
            .filter(|list| self.grant.sees(&list.unit) && within(&list.unit))
            .min();
        let (standings, before) = standings.unzip();
        WorkCounts {
            standings,
            before: before.flatten(),
            questions: (opens.questions).then(|| waiting.asked_of(&self.grant, within)),
            late: late.as_ref().map(sum),
            changes: opens
                .journal
                .then(|| changes.map(|commit| commit.entries).sum()),
            oldest: oldest.cloned(),
        }
    }

    /// How many stand on the lists of all programmes, of which each is told.
    fn standings(&self, tally: impl Fn(&str) -> Option<Standings>) -> OnLists {
        let mut counts = OnLists::new();
        for programme in self.office.pack.benefits() {
            if let Some(tally) = tally(&programme.id) {
                for standing in OF_WORK {
                    *counts.entry(standing.as_str()).or_default() += tally.of(standing);
                }
            }
        }
        counts
    }

    /// What the navigation counts: questions that wait, and facts to be found out as far as nobody has to wait for that number: it may be
    /// that of a while ago.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn at_hand(&self, on: Date) -> Result<(Option<usize>, Option<usize>), OfficeError> {
        let opens = self.opens();
        let questions = match opens.questions {
            true => {
                let waiting = self.office.waiting().await?;
                Some(waiting.asked_of(&self.grant, |_| true))
            }
            false => None,
        };
        let day = match opens.figures {
            true => self.office.day_at_hand(on).await?,
            false => None,
        };
        let open = day.map(|day| {
            let sees = |unit: &UnitCode| self.grant.reads_everything(unit);
            let programmes = self.office.pack.benefits();
            let tallies = programmes.filter_map(|own| day.tally(&own.id, sees));
            tallies.map(|tally| tally.to_find_out).sum()
        });
        Ok((questions, open))
    }

    /// How far the office has come that has only begun.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn begun(&self, on: Date) -> Result<Begun, OfficeError> {
        let contract = &self.office.contract;
        let standing = self.office.tables.snapshot().await?;
        let units = self.office.units(on).await?;
        let waiting = self.office.waiting().await?;
        Ok(Begun {
            units: units.all().count() > 1,
            posts: !self.office.workers().await?.is_empty(),
            people: standing.has_any(&contract.homes.register.id, on)?,
            enrolments: standing.has_any(&contract.enrolments.register.id, on)?,
            questions: waiting
                .questions
                .values()
                .flatten()
                .all(|(_, count)| *count == 0),
        })
    }
}

/// The units among which the day's work is told apart: those under no other that may be seen, or, under the only one, its parts. Each
/// with those whose work isn't counted with it.
fn parts(units: &UnitNames) -> Vec<(UnitCode, Vec<UnitCode>)> {
    let tops = units
        .all()
        .filter(|unit| units.above(&unit.code).is_empty());
    let tops: Vec<UnitCode> = tops.map(|unit| unit.code).collect();
    let [only] = tops.as_slice() else {
        return tops.into_iter().map(|unit| (unit, Vec::new())).collect();
    };
    let below = units.under(only).into_iter().map(|unit| unit.code);
    let below: Vec<UnitCode> = below.collect();
    let each = below.iter().map(|unit| (*unit, Vec::new()));
    let each: Vec<(UnitCode, Vec<UnitCode>)> = each.collect();
    each.into_iter().chain([(*only, below)]).collect()
}

/// Whether a unit stands for what is left beside its parts.
fn excepting(parts: &[(UnitCode, Vec<UnitCode>)], unit: &UnitCode) -> bool {
    parts
        .iter()
        .any(|(own, excepted)| own == unit && !excepted.is_empty())
}
