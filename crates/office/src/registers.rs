//! The registers of the pack as lists and records, for one reader: which there are, a page of one, one record, what refers to it. All
//! of it follows from the declaration. What a list is filtered and sorted by is only what the reader sees in clear, wherever they read
//! its records: from neither the rows that come nor their order can anything be learnt that isn't shown.

mod few;
mod query;
mod rows;
mod sql;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode};
use pack::{Field, FieldSet, FieldType, Member, REGISTER_GROUP, Register};
use tables::{Session, Snapshot, Veil};

use crate::error::OfficeError;
use crate::view::View;
use few::few;
pub use query::{FieldFilter, FieldOffer, QueryFault, RecordQuery, Sought};
pub use rows::{RecordStream, SeenRecord, SeenTitle};
use sql::{Part, Reading};

/// How many words are looked for in what names a record.
const MOST_WORDS: usize = 6;

/// The registers under one heading of the menu.
pub struct RegisterGroup<'v> {
    /// The heading; none of those without one.
    pub heading: Option<&'v Member>,
    /// The registers with how many records the reader sees, the largest first.
    pub registers: Vec<(&'v Register, usize)>,
}

/// A page of a register's records.
pub struct RecordPage {
    /// The records.
    pub rows: Vec<SeenRecord>,
    /// How many there are on all pages.
    pub total: usize,
}

/// A record that was looked for.
pub enum RecordFound {
    /// As it is on the day.
    There(Box<SeenRecord>),
    /// It isn't there on the day, and is or was on another, in a unit that the reader reads.
    NotOnDay,
}

/// Records of a register that name a record in one of their fields.
pub struct Referring<'v> {
    /// Their register.
    pub register: &'v Register,
    /// The field, by place.
    pub field: usize,
    /// The first of them.
    pub rows: Vec<SeenRecord>,
    /// How many there are.
    pub total: usize,
}

impl View {
    /// A register that has pages, of which the reader reads something.
    ///
    /// # Errors
    /// There is none, or not for this reader.
    pub fn register(&self, id: &str) -> Result<&Register, OfficeError> {
        let register = self.office.pack.register(id).ok_or(OfficeError::Absent)?;
        match self.lists(register) {
            true => Ok(register),
            false => Err(OfficeError::Absent),
        }
    }

    /// Whether a register has pages for this reader.
    #[must_use]
    pub fn lists(&self, register: &Register) -> bool {
        let mut units = self.grant.units().into_iter();
        !register.look.hidden && units.any(|unit| self.grant.reads(&register.id, &unit))
    }

    /// The registers the reader reads, by heading, with how many records of each they see on a date.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn registers(&self, on: Date) -> Result<Vec<RegisterGroup<'_>>, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let reach = self.office.tables.reach(&self.grant, &standing, on)?;
        let counts = standing.counts(on)?;
        let pack = &self.office.pack;
        let mut listed: Vec<(&Register, usize)> = (pack.registers.iter())
            .filter(|register| self.lists(register))
            .map(|register| (register, seen_of(register, &counts, &reach)))
            .collect();
        listed.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let members = pack
            .code(REGISTER_GROUP)
            .map_or(&[][..], |list| &list.members);
        let headings = members.iter().map(Some).chain([None]);
        let groups = headings.map(|heading| {
            let value = heading.map(|member| member.value.as_str());
            let own = |(register, _): &&(&Register, usize)| register.look.group.as_deref() == value;
            RegisterGroup {
                heading,
                registers: listed.iter().filter(own).copied().collect(),
            }
        });
        Ok(groups.filter(|group| !group.registers.is_empty()).collect())
    }

    /// By what a list of a register may be asked for, field by field.
    #[must_use]
    pub fn offers(&self, register: &Register) -> Vec<FieldOffer> {
        let clear = clear(register, &self.grant);
        let offer = |(at, field): (usize, &Field)| {
            let named = |target: &str| {
                let target = self.office.pack.register(target);
                target.is_some_and(|target| self.title_is_clear(target, 0))
            };
            query::offer(field, clear.has(at), named)
        };
        register.fields.iter().enumerate().map(offer).collect()
    }

    /// Whether everything that names records of a register is in clear wherever they are read.
    fn title_is_clear(&self, register: &Register, depth: u8) -> bool {
        let clear = clear(register, &self.grant);
        let is_clear = |at: &usize| {
            let below = match register.fields.get(*at).map(|field| &field.kind) {
                Some(FieldType::Ref(target)) if depth < sql::DEEPEST => {
                    let target = self.office.pack.register(target);
                    target.is_some_and(|target| self.title_is_clear(target, depth + 1))
                }
                _ => true,
            };
            clear.has(*at) && below
        };
        self.lists(register) && register.look.title.iter().all(is_clear)
    }

    /// A page of a register's records on a date; pages count from 1.
    ///
    /// # Errors
    /// A query that can't be asked by this reader; there is no such page; the ledger can't be read.
    pub async fn records(
        &self,
        on: Date,
        register: &Register,
        query: &RecordQuery,
        (page, most): (usize, usize),
    ) -> Result<RecordPage, OfficeError> {
        let part = Part {
            skip: (page - 1) * most,
            most,
        };
        let (reading, standing) = self.reading(on, register, query).await?;
        let session = self.opened((&reading.needs(), on), &standing)?;
        let total = session.count(&reading.counted()).await?;
        let rows = match total > part.skip {
            true => {
                self.part((&reading, part), (&session, &standing), on)
                    .await?
            }
            false => Vec::new(),
        };
        if rows.is_empty() && page > 1 {
            return Err(OfficeError::Absent);
        }
        Ok(RecordPage { rows, total })
    }

    /// All records of a register on a date that a query asks for, a few thousand at a time.
    ///
    /// # Errors
    /// As [`View::records`].
    pub async fn every_record<'v>(
        &'v self,
        on: Date,
        register: &'v Register,
        query: &RecordQuery,
    ) -> Result<RecordStream<'v>, OfficeError> {
        let (reading, standing) = self.reading(on, register, query).await?;
        let reading = reading.only_shown(query);
        let session = self.opened((&reading.needs_whole(), on), &standing)?;
        let batches = session.batches(&reading.whole()).await?;
        let opened = Opened { session, standing };
        Ok(RecordStream::new(batches, reading, opened))
    }

    /// One record of a register, as it is on a date.
    ///
    /// # Errors
    /// There is none, or not for this reader; the ledger can't be read.
    pub async fn record(
        &self,
        on: Date,
        register: &Register,
        record: RecordId,
    ) -> Result<RecordFound, OfficeError> {
        let query = RecordQuery {
            columns: (0..register.fields.len()).collect(),
            ..RecordQuery::default()
        };
        let (reading, standing) = self.reading(on, register, &query).await?;
        let rows = self.office.tables.rows_of(&self.grant, &standing, on)?;
        if let Some(found) = few((&rows, &standing), &reading, &[record.0])?.pop() {
            return Ok(RecordFound::There(Box::new(found)));
        }
        let unit = standing.kept_in(&register.id, record);
        let reads = unit.is_some_and(|unit| rows.grant().reads(&register.id, &unit));
        match reads && standing.record(&register.id, record, on).is_none() {
            true => Ok(RecordFound::NotOnDay),
            false => Err(OfficeError::Absent),
        }
    }

    /// Some records of a register, in the order given, as they are on a date.
    ///
    /// # Errors
    /// One of them isn't there, or not for this reader; the ledger can't be read.
    pub(crate) async fn some_records(
        &self,
        on: Date,
        register: &Register,
        records: &[RecordId],
    ) -> Result<Vec<SeenRecord>, OfficeError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<i64> = records.iter().map(|record| record.0).collect();
        let found = self.few(on, register, &numbers).await?;
        match found.len() == numbers.len() {
            true => Ok(found),
            false => Err(OfficeError::Absent),
        }
    }

    /// Records of a register that may be meant by words, as far as what names them is in clear to the reader: those in whose name each
    /// word is, the first so many in the order of the register's lists, and how many there are. No words mean all of them.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn called(
        &self,
        on: Date,
        register: &Register,
        text: &str,
        most: usize,
    ) -> Result<RecordPage, OfficeError> {
        let words = text.split_whitespace().take(MOST_WORDS);
        let query = RecordQuery {
            called: words.map(str::to_owned).collect(),
            ..RecordQuery::default()
        };
        if !self.title_is_clear(register, 0) {
            let (rows, total) = (Vec::new(), 0);
            return Ok(RecordPage { rows, total });
        }
        self.records(on, register, &query, (1, most)).await
    }

    /// What names records of a register, in the order given.
    ///
    /// # Errors
    /// One of them isn't there, or not for this reader; the ledger can't be read.
    pub async fn titles(
        &self,
        on: Date,
        register: &Register,
        records: &[RecordId],
    ) -> Result<Vec<SeenTitle>, OfficeError> {
        let found = self.some_records(on, register, records).await?;
        Ok(found.iter().map(|record| record.title(register)).collect())
    }

    /// What names those records of a register that are there for this reader.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub(crate) async fn titles_seen(
        &self,
        on: Date,
        register: &Register,
        records: &[i64],
    ) -> Result<BTreeMap<i64, SeenTitle>, OfficeError> {
        let found = self.few(on, register, records).await?;
        let named = found.iter();
        let named = named.map(|found| (found.row.record.0, found.title(register)));
        Ok(named.collect())
    }

    /// What names records of any registers, of those that are there for this reader.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn titles_of(
        &self,
        on: Date,
        places: impl Iterator<Item = (&str, RecordId)>,
    ) -> Result<BTreeMap<(String, RecordId), SeenTitle>, OfficeError> {
        let mut records: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for (register, record) in places {
            records.entry(register).or_default().insert(record.0);
        }
        let mut titles = BTreeMap::new();
        for (id, records) in records {
            let Ok(register) = self.register(id) else {
                continue;
            };
            let records: Vec<i64> = records.into_iter().collect();
            let seen = self.titles_seen(on, register, &records).await?;
            titles.extend(
                (seen.into_iter())
                    .map(|(record, title)| ((id.to_owned(), RecordId(record)), title)),
            );
        }
        Ok(titles)
    }

    /// What names a record of another register in a field that the reader sees in clear: for each such field the first few, and how many.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn referring(
        &self,
        on: Date,
        to: &Register,
        record: RecordId,
        most: usize,
    ) -> Result<Vec<Referring<'_>>, OfficeError> {
        let fields = self.naming(to);
        if fields.is_empty() {
            return Ok(Vec::new());
        }
        let standing = self.office.tables.snapshot().await?;
        let of: BTreeSet<&str> = fields.iter().map(|(of, _)| of.id.as_str()).collect();
        let wanted = |register: &Register| of.contains(register.id.as_str());
        let tables = &self.office.tables;
        let session = tables.session_of(&self.grant, &standing, on, wanted)?;
        let counts = sql::counts(&fields, record);
        let counts = session.collect(&counts).await?;
        let mut found = Vec::new();
        for row in tables::show(&counts)? {
            let mut numbers = row.into_iter().map(|text| text?.parse::<usize>().ok());
            let (Some(Some(nth)), Some(Some(total))) = (numbers.next(), numbers.next()) else {
                continue;
            };
            let Some((register, field)) = fields.get(nth).copied().filter(|_| total > 0) else {
                continue;
            };
            found.push((nth, register, field, total));
        }
        found.sort_by_key(|(nth, ..)| *nth);
        let mut referring = Vec::with_capacity(found.len());
        for (_, register, field, total) in found {
            let query = RecordQuery::naming(register, field, record);
            let (reading, standing) = self.reading(on, register, &query).await?;
            let session = self.opened((&reading.needs(), on), &standing)?;
            let part = (&reading, Part { skip: 0, most });
            referring.push(Referring {
                register,
                field,
                rows: self.part(part, (&session, &standing), on).await?,
                total,
            });
        }
        Ok(referring)
    }

    /// The fields of registers with pages that lead to a register and are in clear.
    fn naming(&self, to: &Register) -> Vec<(&Register, usize)> {
        let mut naming = Vec::new();
        for register in self.office.pack.registers.iter().filter(|r| self.lists(r)) {
            let clear = clear(register, &self.grant);
            for (at, field) in register.fields.iter().enumerate() {
                let leads = matches!(&field.kind, FieldType::Ref(target) if *target == to.id);
                if leads && clear.has(at) {
                    naming.push((register, at));
                }
            }
        }
        naming
    }

    /// What reads a query, and what stands.
    async fn reading<'v>(
        &'v self,
        on: Date,
        register: &'v Register,
        query: &RecordQuery,
    ) -> Result<(Reading<'v>, Arc<Snapshot>), OfficeError> {
        let offers = self.offers(register);
        query.check(register, &offers)?;
        if !query.called.is_empty() && !self.title_is_clear(register, 0) {
            return Err(OfficeError::Absent);
        }
        let order = query.sorted(register, &offers);
        let standing = self.office.tables.snapshot().await?;
        let below = |unit: UnitCode| standing.below(unit, on);
        let reading = Reading::new(&self.office.pack, register, query, &order, below)?;
        Ok((reading, standing))
    }

    /// The tables of some registers.
    fn opened(
        &self,
        (needs, on): (&BTreeSet<&str>, Date),
        standing: &Snapshot,
    ) -> Result<Session, OfficeError> {
        let wanted = |register: &Register| needs.contains(register.id.as_str());
        let tables = &self.office.tables;
        Ok(tables.session_of(&self.grant, standing, on, wanted)?)
    }

    /// The records of a part of a list.
    async fn part(
        &self,
        (reading, part): (&Reading<'_>, Part),
        (session, standing): (&Session, &Snapshot),
        on: Date,
    ) -> Result<Vec<SeenRecord>, OfficeError> {
        let found = session.collect(&reading.part(part)).await?;
        let numbers = tables::show(&found)?.into_iter();
        let numbers = numbers.filter_map(|row| row.into_iter().next()??.parse().ok());
        let numbers: Vec<i64> = numbers.collect();
        let rows = self.office.tables.rows_of(&self.grant, standing, on)?;
        few((&rows, standing), reading, &numbers)
    }

    /// Those of some records that are there for this reader, in the order given.
    async fn few(
        &self,
        on: Date,
        register: &Register,
        records: &[i64],
    ) -> Result<Vec<SeenRecord>, OfficeError> {
        let (reading, standing) = self.reading(on, register, &RecordQuery::default()).await?;
        let rows = self.office.tables.rows_of(&self.grant, &standing, on)?;
        few((&rows, &standing), &reading, records)
    }
}

/// The tables that a query of all records needs, and what stands.
pub(crate) struct Opened {
    session: Session,
    standing: Arc<Snapshot>,
}

/// How many records of a register a grant shows.
fn seen_of(
    register: &Register,
    counts: &BTreeMap<String, BTreeMap<UnitCode, usize>>,
    grant: &Grant,
) -> usize {
    let counts = counts.get(&register.id).into_iter().flatten();
    let seen = counts.filter(|(unit, _)| grant.reads(&register.id, unit));
    seen.map(|(_, count)| count).sum()
}

/// The fields of a register that a grant shows in clear wherever it shows records of it. Posts give more below their unit, never less, so
/// the units of the posts tell.
fn clear(register: &Register, grant: &Grant) -> FieldSet {
    let units = grant.units();
    let veils = units
        .iter()
        .filter_map(|unit| Veil::of(register, grant, unit));
    veils.fold(FieldSet::ALL, |clear, veil| {
        clear.without(veil.masked).without(veil.withheld)
    })
}
