//! The lists of programmes as they are taken on a visit: one row for each person, by building and household, with whom to ask, how far the
//! office has come with them, and what would be paid. Who stands on a list is worked out for all readers at once; what a row says of
//! somebody is judged row by row by the reader's rights, and so are the order, the counts and the filters.

mod amounts;
mod clear;
mod people;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use foldhash::{HashMap, HashSet};
use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode};
use pack::{FieldType, FollowUps};
use programmes::{Amount, FactValue, Listed, Standing};

use crate::error::OfficeError;
use crate::registers::SeenTitle;
use crate::view::View;
use clear::{Clear, HomeColumns};
pub use people::{AskedOf, Kin, ListedPerson, SeenFollowUp};
pub use place::building;
use place::in_order;

/// How many rows are read at once.
const PORTION: usize = 200;

/// Which list is asked for.
#[derive(Clone, Debug)]
pub struct ListAsked {
    /// Of which programmes; their lists are read as one.
    pub programmes: Vec<String>,
    /// Which of their lists.
    pub standing: Standing,
    /// Within which unit; everything that may be seen if none.
    pub unit: Option<UnitCode>,
    /// With whom the office has come how far; everybody if none.
    pub status: Option<StatusAsked>,
    /// For which reason they stand there; any if none.
    pub reason: Option<Reason>,
}

/// How far the office has come with somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusAsked {
    /// Nobody said anything yet.
    Untouched,
    /// This status.
    Is(String),
    /// Any that isn't settled, and past its day.
    Late,
}

/// Why somebody stands on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A condition doesn't hold.
    Fails {
        /// The programme whose it is.
        programme: String,
        /// Its id.
        condition: String,
    },
    /// A fact has to be found out.
    Missing {
        /// The kind of subject it is of.
        subject: String,
        /// Its id.
        fact: String,
    },
    /// A list has to tell a fact.
    Waits {
        /// The kind of subject it is of.
        subject: String,
        /// Its id.
        fact: String,
    },
    /// No list tells whether they are paid.
    Unlisted,
    /// They are no subject of the programme any more.
    NoSubject,
    /// All conditions hold.
    AllHold,
}

/// A part of a list.
pub struct ListPage {
    /// The rows, one for each person.
    pub rows: Vec<ListRow>,
    /// How many rows the whole list has.
    pub total: usize,
    /// For how many subjects they stand: a couple is one of two people.
    pub subjects: usize,
    /// How many rows there are of each status, whichever is asked for: those of whom nothing is said, each status, what is late.
    pub statuses: BTreeMap<StatusAsked, usize>,
    /// How many subjects there are for each reason, whichever is asked for.
    pub reasons: BTreeMap<Reason, usize>,
}

/// One person on a list.
#[derive(Debug)]
pub struct ListRow {
    /// The programme.
    pub programme: String,
    /// The subject they belong to, and why it stands there.
    pub listed: Arc<Listed>,
    /// Which of its people this is, from 0.
    pub nth: usize,
    /// The person, by record.
    pub record: i64,
    /// What may be seen of them; none if nothing may, or it is no person.
    pub person: Option<ListedPerson>,
    /// What names the record, if it is no person and may be seen.
    pub title: Option<SeenTitle>,
    /// The facts that a judgement shows, at the first of the subject's people.
    pub facts: Vec<FactValue>,
    /// What the subject is due in the step in which the day lies: at the first of its people, where anything is due or can't be told.
    pub amount: Option<Option<Amount>>,
}

/// One person on a list, before anything is read of them.
pub(crate) struct Entry<'d> {
    pub(crate) programme: &'d str,
    pub(crate) listed: &'d Arc<Listed>,
    pub(crate) nth: usize,
    pub(crate) record: i64,
}

impl Entry<'_> {
    fn key(&self) -> (i64, &str) {
        (self.record, self.programme)
    }
}

/// How far the office has come with whom, over which programme, as the reader sees it.
type Statuses = BTreeMap<(i64, String), Status>;

struct Status {
    value: Option<String>,
    late: bool,
}

impl ListAsked {
    /// The whole list of one programme.
    #[must_use]
    pub fn of(programme: &str, standing: Standing) -> ListAsked {
        ListAsked {
            programmes: vec![programme.to_owned()],
            standing,
            unit: None,
            status: None,
            reason: None,
        }
    }
}

impl View {
    /// A page of a list on a date; pages count from 1.
    ///
    /// # Errors
    /// There is no such page, or not everything may be read that answers are made of.
    pub async fn list(
        &self,
        on: Date,
        asked: &ListAsked,
        (page, most): (usize, usize),
    ) -> Result<ListPage, OfficeError> {
        let skip = (page - 1).saturating_mul(most);
        let list = self.listed(on, asked, (skip, most)).await?;
        match list.rows.is_empty() && page > 1 {
            true => Err(OfficeError::Absent),
            false => Ok(list),
        }
    }

    /// The first rows of a list on a date, as many as are wanted at most: to be printed or written to a file.
    ///
    /// # Errors
    /// As [`View::list`].
    pub async fn whole_list(
        &self,
        on: Date,
        asked: &ListAsked,
        most: usize,
    ) -> Result<ListPage, OfficeError> {
        self.listed(on, asked, (0, most)).await
    }

    async fn listed(
        &self,
        on: Date,
        asked: &ListAsked,
        (skip, most): (usize, usize),
    ) -> Result<ListPage, OfficeError> {
        self.reads_everything(&asked.unit.unwrap_or(self.root))?;
        let day = self.office.day(on).await?;
        let grant = match asked.unit {
            Some(unit) => self.grant.within(unit),
            None => self.grant.clone(),
        };
        let mut reads: HashMap<&str, bool> = HashMap::default();
        let mut whys: HashMap<Why<'_>, OfWhy<'_>> = HashMap::default();
        let mut entries = Vec::new();
        for programme in &asked.programmes {
            let Some((programme, lists)) = day.answers.lists.get_key_value(programme) else {
                continue;
            };
            for listed in lists.of(asked.standing) {
                let seen = || (listed.unit.parse()).is_ok_and(|unit| grant.reads_everything(&unit));
                if !*reads.entry(&listed.unit).or_insert_with(seen) {
                    continue;
                }
                let own = whys.entry(why(programme, listed)).or_insert_with(|| {
                    let reasons = || self.reasons(programme, listed);
                    let wanted = asked.reason.as_ref();
                    let wanted = wanted.is_none_or(|wanted| reasons().contains(wanted));
                    let (first, count) = (listed, 0);
                    OfWhy {
                        first,
                        count,
                        wanted,
                    }
                });
                own.count += 1;
                if own.wanted {
                    let people = listed.people.iter().enumerate();
                    entries.extend(people.map(|(nth, record)| Entry {
                        programme,
                        listed,
                        nth,
                        record: *record,
                    }));
                }
            }
        }
        let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
        for ((programme, ..), own) in &whys {
            for reason in self.reasons(programme, own.first) {
                *reasons.entry(reason).or_default() += own.count;
            }
        }
        let standing = self.statuses(on).await?;
        let statuses = counted(&entries, &standing);
        if let Some(status) = &asked.status {
            entries.retain(|entry| is(standing.get(&owned(entry)), status));
        }
        let subjects = entries.iter();
        let subjects =
            subjects.map(|entry| (entry.programme, entry.listed.subject, &entry.listed.people));
        let subjects: HashSet<(&str, Option<i64>, &Vec<i64>)> = subjects.collect();
        let total = entries.len();
        let shown = self.in_order(on, entries, (skip, most)).await?;
        let mut rows = Vec::with_capacity(shown.len());
        for some in shown.chunks(PORTION) {
            let mut listed = self.rows_listed(on, some).await?;
            self.name_records(on, &mut listed).await?;
            self.show_facts(on, &mut listed).await?;
            rows.append(&mut listed);
        }
        Ok(ListPage {
            rows,
            total,
            subjects: subjects.len(),
            statuses,
            reasons,
        })
    }

    /// Names the records of rows that are no people's.
    async fn name_records(&self, on: Date, rows: &mut [ListRow]) -> Result<(), OfficeError> {
        let pack = &self.office.pack;
        let of = |row: &ListRow| {
            let programme = pack.programme(&row.programme)?;
            pack.subject(&programme.subject)?.of.as_deref()
        };
        let registers: BTreeSet<&str> = rows.iter().filter_map(of).collect();
        for id in registers {
            // Whoever doesn't read the register sees that there is one, and where.
            let Ok(register) = self.register(id) else {
                continue;
            };
            let own: Vec<usize> = (0..rows.len())
                .filter(|at| of(&rows[*at]) == Some(id))
                .collect();
            let records: Vec<i64> = own.iter().map(|at| rows[*at].record).collect();
            let titles = self.titles_seen(on, register, &records).await?;
            for at in own {
                rows[at].title = titles.get(&rows[at].record).cloned();
            }
        }
        Ok(())
    }

    /// Adds to rows of judgements the facts that these show.
    async fn show_facts(&self, on: Date, rows: &mut [ListRow]) -> Result<(), OfficeError> {
        let pack = &self.office.pack;
        let shows = |row: &ListRow| {
            let judgement = pack.programme(&row.programme)?.judgement.as_ref()?;
            (!judgement.shows.is_empty() && row.nth == 0).then_some(())
        };
        let wanted = rows.iter().filter(|row| shows(row).is_some());
        let wanted = wanted.filter_map(|row| {
            let unit = row.listed.unit.parse().ok()?;
            Some((RecordId(row.record), unit))
        });
        let wanted: Vec<(RecordId, UnitCode)> = wanted.collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let explained = self.explain_all(on, &wanted).await?;
        let facts: BTreeMap<(String, i64), Vec<FactValue>> = (explained.into_iter())
            .map(|own| ((own.programme, own.subject), own.facts))
            .collect();
        for row in rows.iter_mut().filter(|row| shows(row).is_some()) {
            let of = (row.programme.clone(), row.listed.subject.unwrap_or(0));
            row.facts = facts.get(&of).cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// Why somebody stands on a list of a programme.
    #[must_use]
    pub fn reasons(&self, programme: &str, listed: &Listed) -> Vec<Reason> {
        let declared = self.office.pack.programme(programme);
        match listed.standing {
            Standing::Missed | Standing::Served | Standing::Holds => vec![Reason::AllHold],
            Standing::NoLonger if listed.subject.is_none() => vec![Reason::NoSubject],
            Standing::NoLonger | Standing::Fails => {
                let conditions = declared.map_or(&[][..], |programme| &programme.conditions);
                let failed = listed.failed.iter().filter_map(|nth| conditions.get(*nth));
                let fails = failed.map(|condition| Reason::Fails {
                    programme: programme.to_owned(),
                    condition: condition.id.clone(),
                });
                fails.collect()
            }
            Standing::ToFindOut => {
                let subject = declared.map_or("", |programme| &programme.subject);
                let missing = listed.missing.iter().map(|fact| Reason::Missing {
                    subject: subject.to_owned(),
                    fact: fact.clone(),
                });
                missing.collect()
            }
            Standing::Waits => {
                let subject = declared.map_or("", |programme| &programme.subject);
                let waits = listed.waits.iter().map(|fact| Reason::Waits {
                    subject: subject.to_owned(),
                    fact: fact.clone(),
                });
                waits.collect()
            }
            Standing::Unlisted => vec![Reason::Unlisted],
        }
    }

    /// How far the office has come with people, over every programme.
    async fn statuses(&self, on: Date) -> Result<Statuses, OfficeError> {
        let mut statuses = Statuses::new();
        let Some(kept) = &self.office.contract.follow_ups else {
            return Ok(statuses);
        };
        let bench = self.office.bench(on).await?;
        if let Some(rows) = bench.relatives.whole(&kept.register.id)? {
            read_statuses(kept, &self.grant, &rows, on, |_, of, status| {
                statuses.insert(of, status);
            });
        }
        Ok(statuses)
    }

    /// How many follow-ups are past their day in each unit, as far as they may be seen; none if there are none to be read.
    pub(crate) async fn late(
        &self,
        on: Date,
    ) -> Result<Option<BTreeMap<UnitCode, usize>>, OfficeError> {
        let Some(kept) = &self.office.contract.follow_ups else {
            return Ok(None);
        };
        let mut units = self.grant.units().into_iter();
        if !units.any(|unit| self.grant.reads(&kept.register.id, &unit)) {
            return Ok(None);
        }
        let bench = self.office.bench(on).await?;
        let mut late = BTreeMap::new();
        if let Some(rows) = bench.relatives.whole(&kept.register.id)? {
            read_statuses(kept, &self.grant, &rows, on, |unit, _, status| {
                if let (Ok(unit), true) = (unit.parse(), status.late) {
                    *late.entry(unit).or_default() += 1;
                }
            });
        }
        Ok(Some(late))
    }

    /// Puts a list in order: by unit, building and door, household, subject. A couple stands where the first of them is at home.
    async fn in_order<'l>(
        &self,
        on: Date,
        entries: Vec<Entry<'l>>,
        (skip, most): (usize, usize),
    ) -> Result<Vec<Entry<'l>>, OfficeError> {
        let mut by_unit: HashMap<&str, Vec<Entry<'l>>> = HashMap::default();
        for entry in entries {
            by_unit.entry(&entry.listed.unit).or_default().push(entry);
        }
        let by_unit = BTreeMap::from_iter(by_unit);
        let (mut shown, mut before) = (Vec::new(), 0);
        for mut own in by_unit.into_values() {
            let first = skip.saturating_sub(before).min(own.len());
            let left = most - shown.len();
            before += own.len();
            // Of units that aren't shown the order doesn't matter.
            if first < own.len() && left > 0 {
                self.put_in_order(on, &mut own).await?;
                shown.extend(own.into_iter().skip(first).take(left));
            }
        }
        Ok(shown)
    }

    /// Puts those of one unit in order: by address, household and subject.
    async fn put_in_order(&self, on: Date, entries: &mut [Entry<'_>]) -> Result<(), OfficeError> {
        let first = |entry: &Entry<'_>| entry.listed.people.first().copied();
        let people: BTreeSet<i64> = entries.iter().filter_map(first).collect();
        let places = self.places(on, &people).await?;
        entries.sort_by_cached_key(|entry| {
            let place = first(entry).and_then(|person| places.get(&person));
            let place = place.map(|place| (place.address.clone(), place.household));
            // What isn't known comes last.
            let (address, household) = place.unwrap_or_default();
            (
                address.is_none(),
                address,
                household.is_none(),
                household,
                entry.listed.subject,
                entry.programme.to_owned(),
                entry.nth,
            )
        });
        Ok(())
    }

    /// Where people are at home: the address, as it is compared, where the reader sees it, and the household.
    async fn places(
        &self,
        on: Date,
        people: &BTreeSet<i64>,
    ) -> Result<BTreeMap<i64, AtHome>, OfficeError> {
        let contract = &self.office.contract;
        let (homes, households) = (&contract.homes, &contract.households);
        let bench = self.office.bench(on).await?;
        let about = bench
            .relatives
            .about(people, |register| register == homes.register.id)?;
        let mut places: BTreeMap<i64, AtHome> = BTreeMap::new();
        for rows in about.values() {
            let Some(columns) = HomeColumns::of(self, rows) else {
                continue;
            };
            for row in 0..rows.num_rows() {
                let Some((person, home)) = columns.home(row) else {
                    continue;
                };
                let known = places.entry(person).or_insert_with(|| home.clone());
                if home.rank > known.rank {
                    *known = home;
                }
            }
        }
        let lack = places.values().filter(|place| place.address.is_none());
        let lack: BTreeSet<i64> = lack.filter_map(|place| place.household).collect();
        let about = bench
            .relatives
            .about(&lack, |register| register == households.register.id)?;
        let mut addresses: BTreeMap<i64, String> = BTreeMap::new();
        for rows in about.values() {
            let at = households.address.at;
            let column = Clear::of(&households.register, &self.grant, rows, at);
            for (row, record) in (0..).zip(tables::records(rows)) {
                let address = column.as_ref().and_then(|column| column.text(row));
                addresses.extend(address.map(|address| (record, in_order(address))));
            }
        }
        for place in places.values_mut().filter(|place| place.address.is_none()) {
            let household = place.household;
            place.address = household.and_then(|household| addresses.get(&household).cloned());
        }
        Ok(places)
    }
}

/// Where somebody is at home.
#[derive(Clone, Default)]
struct AtHome {
    /// Whether they live there, and are counted there.
    rank: (bool, bool),
    address: Option<String>,
    household: Option<i64>,
}

fn owned(entry: &Entry<'_>) -> (i64, String) {
    let (record, programme) = entry.key();
    (record, programme.to_owned())
}

/// What rows of follow-ups say, as far as the reader sees it.
fn read_statuses(
    kept: &FollowUps,
    grant: &Grant,
    rows: &RecordBatch,
    on: Date,
    mut take: impl FnMut(&str, (i64, String), Status),
) {
    let column = |at| Clear::of(&kept.register, grant, rows, at);
    let (Some(people), Some(due), Some(programme), Some(status)) = (
        column(kept.person.at),
        column(kept.due.at),
        column(kept.programme.at),
        column(kept.status.at),
    ) else {
        return;
    };
    for row in 0..rows.num_rows() {
        let (Some(person), Some(programme)) = (people.number(row), programme.text(row)) else {
            continue;
        };
        let value = status.text(row).map(str::to_owned);
        let settled = (value.as_ref()).is_none_or(|value| kept.settled.contains(value));
        let late = due.day(row).is_some_and(|due| due < on) && !settled;
        let of = (person, programme.to_owned());
        take(people.units.value(row), of, Status { value, late });
    }
}

/// Whether somebody has a status.
fn is(status: Option<&Status>, wanted: &StatusAsked) -> bool {
    match wanted {
        StatusAsked::Untouched => status.is_none(),
        StatusAsked::Is(value) => status.and_then(|own| own.value.as_ref()) == Some(value),
        StatusAsked::Late => status.is_some_and(|own| own.late),
    }
}

/// All that reasons follow from.
type Why<'l> = (&'l str, bool, &'l [usize], &'l [String], &'l [String]);

/// Those who stand on a list for the same reasons.
struct OfWhy<'l> {
    first: &'l Listed,
    count: usize,
    /// Whether it is asked for.
    wanted: bool,
}

fn why<'l>(programme: &'l str, listed: &'l Listed) -> Why<'l> {
    let (failed, missing, waits) = (&listed.failed, &listed.missing, &listed.waits);
    let stub = listed.subject.is_none();
    (programme, stub, failed, missing, waits)
}

/// How many rows have which status.
fn counted(entries: &[Entry<'_>], statuses: &Statuses) -> BTreeMap<StatusAsked, usize> {
    let mut counts = BTreeMap::new();
    if statuses.is_empty() && !entries.is_empty() {
        counts.insert(StatusAsked::Untouched, entries.len());
        return counts;
    }
    let mut add = |status| *counts.entry(status).or_default() += 1;
    for entry in entries {
        match statuses.get(&owned(entry)) {
            None => add(StatusAsked::Untouched),
            Some(own) => {
                if let Some(value) = &own.value {
                    add(StatusAsked::Is(value.clone()));
                }
                if own.late {
                    add(StatusAsked::Late);
                }
            }
        }
    }
    counts
}

/// Whether a field holds a code of the programmes.
#[must_use]
pub fn names_programmes(contract: &pack::Contract, kind: &FieldType) -> bool {
    *kind == contract.enrolments.programme.kind
}
