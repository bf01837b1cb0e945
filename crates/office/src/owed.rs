//! What is owed over a period, and what is paid without being due: counted for everybody at once while nobody asks for anything else, and
//! shown with the time it was counted at, since it takes a year of days. A reader sees those of units of which they read everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kernel::{Fen, Grant, Period, UnitCode};
use ledger::{Access, Admitted};
use pack::Register;
use programmes::{
    Days, Listed, ProgrammesError, Settled, SettledStep, Settlement, Settlements, Standing,
    settlements,
};
use tables::{Session, Snapshot, schema};

use crate::error::OfficeError;
use crate::kept::{Standings, tally};
use crate::lists::{Entry, ListRow};
use crate::office::Office;
use crate::view::View;

/// How a period stands, by a commit.
pub(crate) struct OwedOver {
    commit: i64,
    at: Timestamp,
    settlements: Settlements,
    /// What they come to, by programme and unit; beside it, what those of the last month do.
    sums: BTreeMap<String, BTreeMap<UnitCode, [Sums; 2]>>,
    before: Arc<MonthBefore>,
}

type Sums = BTreeMap<OwedAsked, OwedSum>;

/// How many stood where a month before the last day of a period, by what is known now.
#[derive(Debug)]
pub struct MonthBefore {
    /// The day.
    pub on: Date,
    /// By programme and book.
    standings: BTreeMap<String, BTreeMap<UnitCode, Standings>>,
    /// The books of which it is known who was at home then.
    peopled: BTreeSet<UnitCode>,
    /// Those of which it is known at the end of the period, and wasn't then: that nothing stood there is no number to go by.
    unknown: BTreeSet<UnitCode>,
}

impl MonthBefore {
    /// The day a month before the last of a period.
    fn of(period: &Period) -> Date {
        period.end().saturating_sub(1.month())
    }

    /// The books in which anybody stood anywhere.
    pub(crate) fn books(&self) -> impl Iterator<Item = UnitCode> {
        let all = self.standings.values();
        all.flat_map(|books| books.keys().copied())
    }

    /// Whether the books of a scope can be held against what stood then: it is known who was at home in all in which it is now.
    pub(crate) fn tells(&self, sees: impl Fn(&UnitCode) -> bool) -> bool {
        self.peopled.iter().any(&sees) && !self.unknown.iter().any(&sees)
    }

    /// How many stood where in the books of a scope; nothing for a programme that was not in force.
    pub(crate) fn tally(
        &self,
        programme: &str,
        sees: impl Fn(&UnitCode) -> bool,
    ) -> Option<Standings> {
        Some(Standings::of_books(self.standings.get(programme)?, sees))
    }
}

/// What is asked for of the settlements of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwedAsked {
    /// Steps that stand so.
    Settled(Settled),
    /// Steps that two units pay.
    Twice,
}

impl OwedOver {
    fn new((commit, at): (i64, Timestamp), settlements: Settlements, before: MonthBefore) -> Self {
        let mut sums: BTreeMap<String, BTreeMap<UnitCode, [Sums; 2]>> = BTreeMap::new();
        for (programme, all) in &settlements {
            let units = sums.entry(programme.clone()).or_default();
            for own in all {
                let Ok(unit) = own.unit.parse() else {
                    continue;
                };
                let [whole, lately] = units.entry(unit).or_default();
                for asked in OwedAsked::ALL {
                    whole.entry(asked).or_default().add(asked.steps(own));
                    let steps = asked.steps(own).filter(|step| step.on > before.on);
                    lately.entry(asked).or_default().add(steps);
                }
            }
        }
        Self {
            commit,
            at,
            settlements,
            sums,
            before: Arc::new(before),
        }
    }

    /// What steps that stand so come to, by subject of a programme.
    pub(crate) fn by_subject(&self, programme: &str, asked: OwedAsked) -> BTreeMap<i64, OwedSum> {
        let settlements = self.settlements.get(programme).into_iter().flatten();
        let sums = settlements.filter_map(|own| {
            let mut sum = OwedSum::default();
            sum.add(asked.steps(own));
            own.subject.filter(|_| sum.steps > 0).zip(Some(sum))
        });
        sums.collect()
    }
}

impl OwedAsked {
    /// Each, in the order in which they matter.
    pub const ALL: [Self; 5] = [
        Self::Settled(Settled::Owed),
        Self::Settled(Settled::PaidUnknown),
        Self::Settled(Settled::DueUnknown),
        Self::Settled(Settled::Overpaid),
        Self::Twice,
    ];

    /// The word for addresses and what machines read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled(Settled::Owed) => "owed",
            Self::Settled(Settled::PaidUnknown) => "paid-unknown",
            Self::Settled(Settled::DueUnknown) => "due-unknown",
            Self::Settled(Settled::Paid) => "paid",
            Self::Settled(Settled::Overpaid) => "overpaid",
            Self::Twice => "twice",
        }
    }

    /// What a word asks for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == word)
    }

    fn steps(self, of: &Settlement) -> impl Iterator<Item = &SettledStep> {
        of.steps.iter().filter(move |step| match self {
            Self::Settled(settled) => step.settled == settled,
            Self::Twice => step.units > 1,
        })
    }
}

/// What some settlements come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwedSum {
    /// How many subjects they are of.
    pub subjects: usize,
    /// How many steps.
    pub steps: usize,
    /// How much, of the steps whose amount can be told by values with an official source.
    pub fen: Fen,
    /// How much by values that merely illustrate: to be shown as such, and never paid.
    pub illustrative: Fen,
    /// How many steps have no amount that can be told.
    pub untold: usize,
}

impl OwedSum {
    fn add<'a>(&mut self, steps: impl Iterator<Item = &'a SettledStep>) {
        let before = self.steps;
        for step in steps {
            self.steps += 1;
            match step.amount {
                Some(amount) => {
                    let own = match amount.illustrative {
                        true => &mut self.illustrative,
                        false => &mut self.fen,
                    };
                    *own = Fen(own.0.saturating_add(amount.fen.0));
                }
                None => self.untold += 1,
            }
        }
        self.subjects += usize::from(self.steps > before);
    }

    /// This and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            subjects: self.subjects + other.subjects,
            steps: self.steps + other.steps,
            fen: Fen(self.fen.0.saturating_add(other.fen.0)),
            illustrative: Fen(self.illustrative.0.saturating_add(other.illustrative.0)),
            untold: self.untold + other.untold,
        }
    }
}

/// How a period stands, as a reader sees it.
#[derive(Clone, Debug)]
pub struct OwedSheet {
    /// When it was counted.
    pub at: Timestamp,
    /// Whether something was written since.
    pub older: bool,
    /// What each programme's settlements come to, in the pack's order.
    pub programmes: Vec<(String, BTreeMap<OwedAsked, OwedSum>)>,
    /// What the steps of the last month come to.
    pub lately: BTreeMap<OwedAsked, OwedSum>,
    /// Of what is owed, that by unit.
    pub units: BTreeMap<UnitCode, OwedSum>,
    /// How many stood where a month before.
    pub before: Arc<MonthBefore>,
}

impl OwedSheet {
    /// What all programmes' settlements come to.
    #[must_use]
    pub fn sum(&self, of: OwedAsked) -> OwedSum {
        let sums = self.programmes.iter().filter_map(|(_, sums)| sums.get(&of));
        sums.fold(OwedSum::default(), |all, sum| all.and(*sum))
    }
}

/// One person to whom something is owed, or who was paid without its being due.
#[derive(Debug)]
pub struct OwedRow {
    /// Who.
    pub row: ListRow,
    /// The steps.
    pub steps: Vec<SettledStep>,
    /// What they come to.
    pub sum: OwedSum,
    /// Whether they stand on no list of the programme today: what is owed was due before.
    pub no_more: bool,
}

/// The days of one snapshot, none of which is kept.
struct SnapshotDays<'a> {
    office: &'a Office,
    standing: Arc<Snapshot>,
    admitted: Admitted,
}

impl SnapshotDays<'_> {
    /// The books of which it is known on a day who is at home.
    async fn peopled(&self, on: Date) -> Result<BTreeSet<UnitCode>, OfficeError> {
        let homes = &self.office.contract.homes.register.id;
        let (admitted, standing) = (&self.admitted, &self.standing);
        let only = |register: &Register| register.id == *homes;
        let session = (self.office.tables).passing_session_of(admitted, standing, on, only)?;
        let books = format!("select distinct {} from {homes}", schema::UNIT);
        let books = tables::show(&session.collect(&books).await?)?;
        let books = books.into_iter().flatten().flatten();
        Ok(books.filter_map(|book| book.parse().ok()).collect())
    }
}

impl Days for SnapshotDays<'_> {
    type Day = Session;

    async fn on(&self, day: Date) -> Result<Session, ProgrammesError> {
        let tables = &self.office.tables;
        let (admitted, standing) = (&self.admitted, &self.standing);
        let session = tables.passing_session_of(admitted, standing, day, |_| true)?;
        Ok(session.vouching(standing.vouched(day)?))
    }
}

impl Office {
    /// How a period stands, if that is known or somebody goes on to count it; nobody waits for it.
    pub(crate) async fn owed_at_hand(
        &self,
        period: Period,
    ) -> Result<Option<Arc<OwedOver>>, OfficeError> {
        match self.keeps {
            true => self.owed(period).await,
            false => Ok(None),
        }
    }

    /// How a period stands, if it was counted: else it is being counted from now on. What was counted before more was written is
    /// counted anew while nobody asks for anything.
    async fn owed(&self, period: Period) -> Result<Option<Arc<OwedOver>>, OfficeError> {
        let commit = self.tables.snapshot().await?.commit();
        let known = {
            let kept = self.kept.owed.lock();
            let kept = kept.unwrap_or_else(PoisonError::into_inner);
            kept.get(&period).cloned()
        };
        if known.as_ref().is_some_and(|known| known.commit >= commit) {
            return Ok(known);
        }
        if !self.keeps {
            return Ok(Some(self.count_owed(period).await?));
        }
        let (office, first) = (self.clone(), known.is_none());
        self.later(async move {
            if !first {
                office.quiet().await;
            }
            if let Err(error) = office.count_owed(period).await {
                tracing::warn!(%error, "what is owed could not be counted");
            }
        });
        Ok(known)
    }

    /// Counts how a period stands; whoever else wants it waits.
    pub(crate) async fn count_owed(&self, period: Period) -> Result<Arc<OwedOver>, OfficeError> {
        let _turn = self.kept.counting_owed.lock().await;
        let standing = self.tables.snapshot().await?;
        let commit = standing.commit();
        {
            let kept = self.kept.owed.lock();
            let kept = kept.unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = kept.get(&period).filter(|known| known.commit >= commit) {
                return Ok(known.clone());
            }
        }
        let at = (self.clock)();
        let grant = Grant::whole("taizhang", self.root, "what is owed");
        let what = Access::Evaluation { on: period.end() };
        let admitted = self.tables.ledger().admit(grant, at, what).await?;
        let days = SnapshotDays {
            office: self,
            standing,
            admitted,
        };
        let paying = self.pack.benefits().filter(|own| own.pays.is_some());
        let paying: Vec<String> = paying.map(|own| own.id.clone()).collect();
        let settled = settlements(&days, &self.pack, &paying, &period).await?;
        let before = month_before(&days, &period).await?;
        let counted = Arc::new(OwedOver::new((commit, at), settled, before));
        let kept = self.kept.owed.lock();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        kept.insert(period, counted.clone());
        while kept.len() > MOST_PERIODS {
            kept.pop_first();
        }
        Ok(counted)
    }
}

/// How many stood where a month before the end of a period.
async fn month_before(
    days: &SnapshotDays<'_>,
    period: &Period,
) -> Result<MonthBefore, OfficeError> {
    let on = MonthBefore::of(period);
    let session = days.on(on).await?;
    let sweep = programmes::sweep(&session, None).await?;
    let lists = programmes::compare(&session, &sweep).await?;
    let standings = lists.iter().map(|(id, lists)| (id.clone(), tally(lists)));
    let peopled = days.peopled(on).await?;
    let now = days.peopled(period.end()).await?;
    Ok(MonthBefore {
        on,
        standings: standings.collect(),
        unknown: &now - &peopled,
        peopled,
    })
}

/// Of how many periods it is kept.
const MOST_PERIODS: usize = 4;

impl View {
    /// What is owed over a period, and what else isn't settled; none as long as it is being counted.
    ///
    /// # Errors
    /// Not everything of the unit may be read.
    pub async fn owed(
        &self,
        period: Period,
        unit: Option<UnitCode>,
    ) -> Result<Option<OwedSheet>, OfficeError> {
        self.reads_everything(&unit.unwrap_or(self.root))?;
        let Some(over) = self.office.owed(period).await? else {
            return Ok(None);
        };
        let commit = self.office.tables.snapshot().await?.commit();
        let grant = match unit {
            Some(unit) => self.grant.within(unit),
            None => self.grant.clone(),
        };
        let mut units: BTreeMap<UnitCode, OwedSum> = BTreeMap::new();
        let (mut programmes, mut lately) = (Vec::new(), Sums::new());
        for programme in self.office.pack.benefits() {
            let Some(all) = over.sums.get(&programme.id) else {
                continue;
            };
            let mut sums = Sums::new();
            for (of, own) in all.iter().filter(|(of, _)| grant.reads_everything(of)) {
                for (into, own) in [&mut sums, &mut lately].into_iter().zip(own) {
                    for (asked, sum) in own {
                        let all = into.entry(*asked).or_default();
                        *all = all.and(*sum);
                    }
                }
                let owed = own[0].get(&OwedAsked::Settled(Settled::Owed));
                let all = units.entry(*of).or_default();
                *all = all.and(owed.copied().unwrap_or_default());
            }
            programmes.push((programme.id.clone(), sums));
        }
        units.retain(|_, sum| sum.steps > 0);
        Ok(Some(OwedSheet {
            at: over.at,
            older: over.commit < commit,
            programmes,
            lately,
            units,
            before: over.before.clone(),
        }))
    }

    /// A page of those of whom something isn't settled over a period, by programme and unit, and how many there are; none as long as it is
    /// being counted.
    ///
    /// # Errors
    /// As [`View::owed`].
    pub async fn owed_rows(
        &self,
        period: Period,
        (unit, programme, asked): (Option<UnitCode>, Option<&str>, OwedAsked),
        (skip, most): (usize, usize),
    ) -> Result<Option<(Vec<OwedRow>, usize)>, OfficeError> {
        self.reads_everything(&unit.unwrap_or(self.root))?;
        let Some(over) = self.office.owed(period).await? else {
            return Ok(None);
        };
        let on = self.office.on;
        let day = self.office.day(on).await?;
        let mut found: Vec<(&str, &Settlement, Arc<Listed>)> = Vec::new();
        for of in self.office.pack.benefits() {
            let wanted = programme.is_none_or(|wanted| wanted == of.id);
            let Some(all) = over.settlements.get(&of.id).filter(|_| wanted) else {
                continue;
            };
            for (own, _) in self.within(all, unit) {
                if asked.steps(own).next().is_some() {
                    found.push((&of.id, own, Arc::new(listed(own))));
                }
            }
        }
        found.sort_by_key(|(programme, own, _)| (*programme, &own.unit, own.subject));
        let total = found.len();
        let shown: Vec<_> = found.into_iter().skip(skip).take(most).collect();
        let entries: Vec<Entry<'_>> = (shown.iter())
            .filter_map(|(programme, own, listed)| {
                Some(Entry {
                    programme,
                    listed,
                    nth: 0,
                    record: *own.people.first()?,
                })
            })
            .collect();
        let rows = self.rows_listed(on, &entries).await?;
        let standing = |programme: &str, subject: Option<i64>| {
            let lists = day.answers.lists.get(programme);
            let mut all = lists.into_iter().flat_map(|lists| &lists.all);
            let entitled = [Standing::Missed, Standing::Unlisted, Standing::Served];
            all.any(|own| own.subject == subject && entitled.contains(&own.standing))
        };
        let rows = rows
            .into_iter()
            .zip(&shown)
            .map(|(row, (programme, own, _))| {
                let steps: Vec<SettledStep> = asked.steps(own).cloned().collect();
                let mut sum = OwedSum::default();
                sum.add(steps.iter());
                OwedRow {
                    no_more: !standing(programme, own.subject),
                    row,
                    steps,
                    sum,
                }
            });
        Ok(Some((rows.collect(), total)))
    }

    /// Those of units of which the reader reads everything, with whose they are.
    fn within<'s>(
        &'s self,
        all: &'s [Settlement],
        unit: Option<UnitCode>,
    ) -> impl Iterator<Item = (&'s Settlement, UnitCode)> {
        let grant = match unit {
            Some(unit) => self.grant.within(unit),
            None => self.grant.clone(),
        };
        let mut reads: BTreeMap<UnitCode, bool> = BTreeMap::new();
        all.iter().filter_map(move |own| {
            let of: UnitCode = own.unit.parse().ok()?;
            let seen = *reads
                .entry(of)
                .or_insert_with(|| grant.reads_everything(&of));
            seen.then_some((own, of))
        })
    }
}

/// A settlement as one of a list, to be shown like others.
fn listed(of: &Settlement) -> Listed {
    let people: BTreeSet<i64> = of.people.iter().copied().collect();
    Listed {
        subject: of.subject,
        people: people.into_iter().collect(),
        unit: of.unit.clone(),
        standing: Standing::NoLonger,
        enrolled: false,
        failed: Vec::new(),
        missing: Vec::new(),
        waits: Vec::new(),
    }
}
