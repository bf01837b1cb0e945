//! What lists there are, what they vouch for and until when, and what is due from whom by when. It is worked out from what the lists that
//! stand vouch for ([`tables::Cover`]) and the day; nothing of it is kept in the ledger. Nobody's name is in it: whom a list doesn't vouch
//! for stays inside. A reader is told of units they see and of lists whose registers they read; where a list of a unit above them speaks
//! for theirs, they are told that it does, not how many rows it has.

mod blank;
mod calendar;
mod due;
mod json;
mod reminder;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use kernel::{Lang, UnitCode};
use ledger::SayId;
use pack::Roster;
use tables::{Partial, Snapshot};

use crate::error::OfficeError;
use crate::names::UnitNames;
use crate::office::Office;
use crate::view::View;
use crate::waits::Waits;

pub use blank::{blank_list, blank_name};
pub use reminder::Reminder;

/// The code list of who sends lists.
pub const SENDERS: &str = "source";

/// How a list of a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListState {
    /// It is due since a day that is over.
    Overdue,
    /// There are lists, but each of them is a part, which vouches for nobody.
    Part,
    /// It never came.
    Never,
    /// Between the lists of what happened there are days of which none tells.
    Gaps,
    /// The next is due within a month; of what happens by the month, within a week.
    Soon,
    /// It vouches.
    InForce,
    /// It never came, but whatever it would show another list shows.
    Spared,
    /// It came; the pack doesn't say what its lists vouch for, so none is due.
    NoTerm,
}

impl ListState {
    /// All of them, what matters most first.
    pub const ALL: [Self; 8] = [
        Self::Overdue,
        Self::Part,
        Self::Never,
        Self::Gaps,
        Self::Soon,
        Self::InForce,
        Self::Spared,
        Self::NoTerm,
    ];

    /// For programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Part => "part",
            Self::Never => "never",
            Self::Gaps => "gaps",
            Self::Soon => "soon",
            Self::InForce => "in_force",
            Self::Spared => "spared",
            Self::NoTerm => "no_term",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn label(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Overdue, Lang::Zh) => "逾期",
            (Self::Overdue, Lang::En) => "overdue",
            (Self::Part, Lang::Zh) => "不完整",
            (Self::Part, Lang::En) => "only a part",
            (Self::Never, Lang::Zh) => "从未报送",
            (Self::Never, Lang::En) => "never sent",
            (Self::Gaps, Lang::Zh) => "有缺期",
            (Self::Gaps, Lang::En) => "with gaps",
            (Self::Soon, Lang::Zh) => "即将到期",
            (Self::Soon, Lang::En) => "due soon",
            (Self::InForce, Lang::Zh) => "有效",
            (Self::InForce, Lang::En) => "in force",
            (Self::Spared, Lang::Zh) => "可不报",
            (Self::Spared, Lang::En) => "not needed",
            (Self::NoTerm, Lang::Zh) => "无期限",
            (Self::NoTerm, Lang::En) => "no term",
        }
    }

    /// Whether somebody is to be asked for a list.
    #[must_use]
    pub const fn is_due(self) -> bool {
        matches!(
            self,
            Self::Overdue | Self::Part | Self::Never | Self::Gaps | Self::Soon
        )
    }

    /// Whether it vouches for everything it should by now.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Soon | Self::InForce)
    }

    /// Whether a list is expected at all.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Spared | Self::NoTerm)
    }
}

impl std::str::FromStr for ListState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|state| state.as_str() == text).ok_or(())
    }
}

/// A list that stands.
#[derive(Clone, Debug)]
pub(crate) struct SentList {
    say: SayId,
    roster: String,
    sender: String,
    unit: UnitCode,
    as_of: Date,
    /// Of a list of what happened, the first day it tells of.
    since: Option<Date>,
    /// The day on which it was taken.
    arrived: Option<Date>,
    rows: i64,
    unplaced: i64,
    slices: Vec<String>,
    partial: Option<Partial>,
}

/// A list that the office keeps itself for a unit.
#[derive(Clone, Debug)]
pub(crate) struct KeptList {
    roster: String,
    unit: UnitCode,
    since: Date,
    /// When somebody last said that it is still so.
    confirmed: Date,
}

/// All lists there are.
#[derive(Default)]
pub(crate) struct ListsThere {
    sent: Vec<SentList>,
    kept: Vec<KeptList>,
    /// On which day each commit with a list was written.
    arrived: BTreeMap<i64, Date>,
}

/// The newest list of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSent {
    /// The list; its commit is that of its import. None if it is of a unit that the reader doesn't see.
    pub say: Option<SayId>,
    /// Who sent it: a value of the code list `source`, blank if the roster says none.
    pub sender: String,
    /// The unit it is of: the one that is looked at, or one above.
    pub unit: UnitCode,
    /// Its day.
    pub as_of: Date,
    /// Of a list of what happened, the first day it tells of.
    pub since: Option<Date>,
    /// The day on which it was taken.
    pub arrived: Option<Date>,
    /// How many rows it has, and how many of them were not placed; none if the reader doesn't see its unit.
    pub rows: Option<(i64, i64)>,
    /// Why it vouches for nobody, if it doesn't.
    pub partial: Option<PartOf>,
}

/// Why a list is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOf {
    /// Whoever took it said so.
    Said,
    /// Too many rows were not placed.
    Unplaced,
    /// The list before had far more rows: so many, if the reader sees its unit.
    Fewer(Option<i64>),
}

impl PartOf {
    /// For programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Unplaced => "unplaced",
            Self::Fewer(_) => "fewer",
        }
    }
}

/// How a list of a unit stands: of all its parts, or of those that came together last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListStanding {
    /// The unit: the lowest that has lists of its own, or the highest of which no list speaks.
    pub unit: UnitCode,
    /// The roster.
    pub roster: String,
    /// Who sends it: a value of the code list `source`, blank if the roster says none.
    pub sender: String,
    /// The parts of its matter that it is about, such as programmes; none if it isn't divided.
    pub slices: Vec<String>,
    /// How it stands.
    pub state: ListState,
    /// The newest list.
    pub last: Option<LastSent>,
    /// Whether the office keeps it itself.
    pub kept: bool,
    /// The first day on which nothing vouches any more.
    pub until: Option<Date>,
    /// The last day on which the next one is in time. None if it never came whole: then it is due now.
    pub due: Option<Date>,
    /// The days of which no list tells: first and last of each stretch.
    pub gaps: Vec<(Date, Date)>,
    /// Of the lists that had one before them, and of one that is missing now: how many came before that ran out.
    pub on_time: PartOfWhole,
    /// How many lowest units it stands for.
    pub leaves: usize,
    /// What waits for it; none if the reader doesn't see all that answers are made of.
    pub waits: Option<Waits>,
}

impl ListStanding {
    /// Whether what waits for a list or a part of its matter, by its name among [`pack::Pack::vouchers`], waits for this one.
    fn is_waited_for(&self, voucher: &str) -> bool {
        match voucher.split_once(':') {
            Some((roster, slice)) => {
                let own = self.slices.is_empty() || self.slices.iter().any(|own| own == slice);
                self.roster == roster && own
            }
            None => self.roster == voucher,
        }
    }
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartOfWhole {
    /// How many.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
}

impl PartOfWhole {
    fn add(&mut self, other: PartOfWhole) {
        self.part += other.part;
        self.whole += other.whole;
    }

    /// In whole per cent, rounded down, so that 100 means all; none of nothing.
    #[must_use]
    pub fn percent(self) -> Option<usize> {
        (self.part * 100).checked_div(self.whole)
    }
}

/// How complete the lists of somebody are, and how many came in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Lists in force of those expected: a list counts once for each lowest unit.
    pub complete: PartOfWhole,
    /// Lists that came before the one before them ran out.
    pub on_time: PartOfWhole,
}

impl Rates {
    fn add(&mut self, row: &ListStanding, leaves: usize) {
        if row.state.counts() {
            let part = if row.state.is_in_force() { leaves } else { 0 };
            let whole = leaves;
            self.complete.add(PartOfWhole { part, whole });
            self.on_time.add(row.on_time);
        }
    }
}

/// Which lists are asked for.
#[derive(Clone, Debug, Default)]
pub struct CompletenessAsked {
    /// Of this unit and all below it.
    pub unit: Option<UnitCode>,
    /// Of this roster.
    pub roster: Option<String>,
    /// Of this sender.
    pub sender: Option<String>,
    /// That stand so.
    pub state: Option<ListState>,
}

/// How the lists stand.
#[derive(Clone, Debug)]
pub struct Completeness {
    /// The day on which they do.
    pub today: Date,
    /// Those asked for, what matters most first.
    pub rows: Vec<ListStanding>,
    /// Of every state how many there are, whatever state is asked for.
    pub states: BTreeMap<ListState, usize>,
    /// All of them together, whatever state is asked for.
    pub whole: Rates,
    /// By sender.
    pub senders: Vec<(String, Rates)>,
    /// By lowest unit, the least complete first.
    pub units: Vec<(UnitCode, Rates)>,
    /// Whether any list ever came that the reader may know of.
    pub begun: bool,
}

impl ListsThere {
    fn new(standing: &Snapshot, office: &Office, arrived: BTreeMap<i64, Date>) -> Self {
        let covers = standing.covers().iter().map(|cover| (cover.say, cover));
        let covers: BTreeMap<SayId, _> = covers.collect();
        let sent = standing.says().into_iter().filter_map(|(id, say)| {
            let list = say.list.as_ref()?;
            Some(SentList {
                say: id,
                roster: say.voice.roster.clone(),
                sender: say.voice.sender.clone(),
                unit: say.voice.unit,
                as_of: say.as_of,
                since: list.since,
                arrived: arrived.get(&id.commit).copied(),
                rows: list.rows,
                unplaced: list.unplaced,
                slices: list.slices.clone(),
                partial: covers.get(&id).and_then(|cover| cover.partial),
            })
        });
        Self {
            sent: sent.collect(),
            kept: kept_lists(standing, office).unwrap_or_default(),
            arrived,
        }
    }
}

/// The lists that the office keeps itself, as of its day.
fn kept_lists(standing: &Snapshot, office: &Office) -> Option<Vec<KeptList>> {
    let contract = office.contract.own_lists.as_ref()?;
    let shelf = standing.shelf(&contract.register.id)?;
    let today = office.today();
    let records = standing.records(&contract.register.id).into_iter();
    let kept = records.filter_map(|record| {
        let stands = shelf.record(record, today)?;
        let date = |at: usize| {
            let day = stands.value(at)?;
            day.to_string().parse::<Date>().ok()
        };
        let since: Date = date(contract.since.at)?;
        Some(KeptList {
            roster: stands.text(contract.list.at)?.to_owned(),
            unit: stands.text(contract.unit.at)?.parse().ok()?,
            since,
            confirmed: date(contract.confirmed.at).unwrap_or(since).max(since),
        })
    });
    Some(kept.filter(|kept| kept.since <= today).collect())
}

impl Office {
    /// The lists there are.
    pub(crate) async fn lists_there(&self) -> Result<Arc<ListsThere>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let made = async |before: Option<(i64, Arc<ListsThere>)>| {
            let known = before.map(|(_, before)| before.arrived.clone());
            let mut arrived = known.unwrap_or_default();
            let says = standing.says();
            let lists = says.iter().filter(|(_, say)| say.list.is_some());
            let mut commits: Vec<i64> = lists.map(|(id, _)| id.commit).collect();
            commits.dedup();
            commits.retain(|commit| !arrived.contains_key(commit));
            let infos = self.tables.ledger().commit_infos(&commits).await?;
            let day = |at| Offset::constant(8).to_datetime(at).date();
            let infos = infos.into_iter();
            arrived.extend(infos.map(|info| (info.number, day(info.recorded_at))));
            Ok(Arc::new(ListsThere::new(&standing, self, arrived)))
        };
        let key = self.today();
        self.kept.lists.get(standing.commit(), key, 1, made).await
    }

    /// Who sends a roster, in words: the roster's own, or else the name of its source.
    #[must_use]
    pub fn sender_of<'o>(&'o self, roster: &'o Roster, lang: Lang) -> &'o str {
        match roster.sender.get(lang) {
            "" => self.sender_named(roster.source.as_deref().unwrap_or_default(), lang),
            own => own,
        }
    }

    /// The name of a part of a roster's matter, such as a programme.
    #[must_use]
    pub fn slice_named<'o>(&'o self, roster: &str, slice: &'o str, lang: Lang) -> &'o str {
        let roster = self.pack.roster(roster);
        let by = roster.and_then(|own| own.column(own.vouching.as_ref()?.by.as_deref()?));
        let list = by.and_then(|(_, column)| match &column.kind {
            pack::FieldType::Code(list) => self.pack.code(list),
            _ => None,
        });
        let member = list.and_then(|list| list.member(slice));
        member.map_or(slice, |member| member.name.get(lang))
    }

    /// The name of a sender by its value of the code list `source`.
    #[must_use]
    pub fn sender_named<'o>(&'o self, sender: &'o str, lang: Lang) -> &'o str {
        let list = self.pack.code(SENDERS);
        let member = list.and_then(|list| list.member(sender));
        member.map_or(sender, |member| member.name.get(lang))
    }
}

impl View {
    /// How the lists stand today that this reader may know of.
    ///
    /// # Errors
    /// A unit they don't see; the ledger can't be read.
    pub async fn completeness(
        &self,
        asked: &CompletenessAsked,
    ) -> Result<Completeness, OfficeError> {
        if asked.unit.is_some_and(|unit| !self.grant.sees(&unit)) {
            return Err(OfficeError::Absent);
        }
        let (today, pack) = (self.office.today(), &self.office.pack);
        let there = self.office.lists_there().await?;
        let units = self.units(today).await?;
        let known = due::Known::new(pack, &there, &units, today);
        let tops = asked.unit.map_or_else(|| known.tops(), |unit| vec![unit]);
        let wanted = |roster: &&Roster| asked.roster.as_ref().is_none_or(|id| *id == roster.id);
        let mut all = Vec::new();
        for top in &tops {
            let readable = |roster: &&Roster| self.reads_list(roster, top);
            let rosters = pack.rosters.iter().filter(readable);
            // What spares a list are others, which aren't asked for.
            known.stand(rosters, *top, &mut all);
        }
        known.spare(&mut all);
        all.retain(|row| pack.roster(&row.roster).as_ref().is_some_and(&wanted));
        if let Some(sender) = &asked.sender {
            all.retain(|row| row.sender == *sender);
        }
        let waiting = self.waiting_for_lists(self.office.on).await?;
        for row in &mut all {
            self.veil(row);
            row.waits = self.grant.reads_everything(&row.unit).then(|| {
                let below = known.leaves(row.unit);
                let own = waiting.iter().filter(|((voucher, unit), _)| {
                    row.is_waited_for(voucher) && (row.unit.contains(unit) || below.contains(unit))
                });
                own.map(|(_, own)| *own)
                    .reduce(Waits::and)
                    .unwrap_or_default()
            });
        }
        let begun = all.iter().any(|row| row.last.is_some() || row.kept);
        let mut told = Completeness {
            today,
            rows: Vec::new(),
            states: BTreeMap::new(),
            whole: Rates::default(),
            senders: Vec::new(),
            units: Vec::new(),
            begun,
        };
        told.count(&all, &known);
        all.retain(|row| asked.state.is_none_or(|state| state == row.state));
        all.sort_by(|one, other| {
            let key = |row: &ListStanding| (row.state, row.due, row.unit);
            let roster = |row: &ListStanding| pack.rosters.iter().position(|r| r.id == row.roster);
            (key(one), roster(one), &one.slices).cmp(&(key(other), roster(other), &other.slices))
        });
        told.rows = all;
        Ok(told)
    }

    /// Whether a list is one of registers that are read in a unit.
    fn reads_list(&self, roster: &Roster, unit: &UnitCode) -> bool {
        roster.writes.iter().all(|write| {
            let register = self.office.pack.register(&write.register);
            register.is_some_and(|own| own.look.hidden || self.grant.reads(&own.id, unit))
        })
    }

    /// Takes out what is of a unit that the reader doesn't see.
    fn veil(&self, row: &mut ListStanding) {
        if let Some(last) = &mut row.last
            && !self.grant.sees(&last.unit)
        {
            (last.say, last.rows) = (None, None);
            if let Some(PartOf::Fewer(before)) = &mut last.partial {
                *before = None;
            }
        }
    }

    /// The rosters of which blank lists are offered: those whose registers the reader reads somewhere.
    #[must_use]
    pub fn blank_lists(&self) -> Vec<&Roster> {
        let units = self.grant.units();
        let reads = |roster: &&Roster| units.iter().any(|unit| self.reads_list(roster, unit));
        self.office.pack.rosters.iter().filter(reads).collect()
    }
}

impl Completeness {
    fn count(&mut self, rows: &[ListStanding], known: &due::Known<'_>) {
        let mut senders: BTreeMap<&str, Rates> = BTreeMap::new();
        let mut units: BTreeMap<UnitCode, Rates> = BTreeMap::new();
        for row in rows {
            *self.states.entry(row.state).or_default() += 1;
            self.whole.add(row, row.leaves);
            let sender = senders.entry(&row.sender).or_default();
            sender.add(row, row.leaves);
            for leaf in known.leaves(row.unit) {
                units.entry(leaf).or_default().add(row, 1);
            }
        }
        let expected = |rates: &Rates| rates.complete.whole > 0;
        let senders = senders.into_iter().filter(|(_, rates)| expected(rates));
        self.senders = senders
            .map(|(sender, rates)| (sender.to_owned(), rates))
            .collect();
        self.units = units
            .into_iter()
            .filter(|(_, rates)| expected(rates))
            .collect();
        self.units
            .sort_by_key(|(unit, rates)| (rates.complete.percent(), *unit));
    }

    /// Those of the rows that are expected: all but lists that have no term, unless they were asked for.
    #[must_use]
    pub fn expected(&self, asked: &CompletenessAsked) -> Vec<&ListStanding> {
        let all = asked.state.is_some() || asked.roster.is_some();
        let expected = |row: &&ListStanding| all || row.state != ListState::NoTerm;
        self.rows.iter().filter(expected).collect()
    }

    /// What to write to each sender of whom something is due, to be copied and sent.
    #[must_use]
    pub fn reminders(&self, office: &Office, units: &UnitNames, lang: Lang) -> Vec<Reminder> {
        reminder::reminders(self, (office, units), lang)
    }

    /// What is due when, as a calendar (RFC 5545).
    #[must_use]
    pub fn calendar(&self, office: &Office, units: &UnitNames, lang: Lang) -> String {
        let at = (office.clock)();
        calendar::calendar(self, (office, units), at, lang)
    }
}
