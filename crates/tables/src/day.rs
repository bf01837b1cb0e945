//! Every register as it is on a day, with the unit whose each record is: a pure function of what is heard and the day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringViewArray,
};
use datafusion::arrow::compute::{concat_batches, filter_record_batch, not};
use datafusion::arrow::datatypes::{Int64Type, SchemaRef};
use kernel::{Grant, Post, UnitCode};
use ledger::fold::Does;
use pack::{FieldType, Pack, Register};
use rayon::prelude::*;

use crate::by_record::ByRecord;
use crate::changed::Changed;
use crate::error::TablesError;
use crate::heard::Heard;
use crate::homes::{HomeFields, person_of, settle, unit_of};
use crate::rows::{Rows, gathered, plain, untangle};
use crate::schema;
use crate::tangle::Sorted;
use crate::texts::by_themselves;
use crate::touched::Touched;
use crate::units::said_of_units;
use crate::words::{small, unit_at};

/// A batch of fewer rows is a small one; and how many of them a table may have before they are put together.
const SMALL: usize = 1_024;
const MOST_SMALL: usize = 24;
/// In how many pieces the rest of a batch may be that rows were cut out of.
const MOST_PIECES: usize = 8;
/// How many batches records of many words are gathered in at most, if these aren't small: so that one that is put together again is a
/// small part of the table.
const GATHERED_IN: usize = 32;
/// Up to how many rows are cut out of a batch one by one.
const MOST_SLICES: usize = 8;

/// Rows in batches, by table.
pub(crate) type ByTable = BTreeMap<String, Arc<Vec<RecordBatch>>>;

/// The registers on a day.
#[derive(Clone)]
pub(crate) struct Day {
    /// The rows of each register; the batches of a register together have each record once.
    pub tables: ByTable,
    /// For each person the unit they are counted in, by place among the units, from 1; 0 for none.
    counted: ByRecord<u16>,
    /// For those counted nowhere, the place of the unit of their home nearest to the day.
    nearest: ByRecord<u16>,
    /// By place of the book the place of its unit, and that of the office's: whoever never had a home is the office's.
    books: Vec<u16>,
    offices: Vec<u16>,
    units: Units,
}

/// Units that appear, by place from 1; and where those that ended went.
#[derive(Clone, Default)]
struct Units {
    places: BTreeMap<UnitCode, u16>,
    codes: Vec<UnitCode>,
    successors: BTreeMap<UnitCode, UnitCode>,
    parents: BTreeMap<UnitCode, UnitCode>,
}

impl Units {
    /// The place of the unit that a unit is on the day.
    fn place(&mut self, unit: UnitCode) -> u16 {
        let mut now = unit;
        for _ in 0..32 {
            match self.successors.get(&now) {
                Some(next) => now = *next,
                None => break,
            }
        }
        if let Some(place) = self.places.get(&now) {
            return *place;
        }
        self.codes.push(now);
        let place = u16::try_from(self.codes.len()).unwrap_or(u16::MAX);
        self.places.insert(now, place);
        place
    }

    fn code(&self, place: u16) -> Option<UnitCode> {
        self.codes.get(usize::from(place).checked_sub(1)?).copied()
    }
}

impl Day {
    /// Works out registers on a day; `sorted` gives the words of each, or of some of its records, or none of a register that isn't wanted.
    /// Whose records are is known if the words of units, and those of the homes of the people they are kept with, are among them.
    pub(crate) fn new(
        heard: &Heard,
        pack: &Pack,
        sorted: impl Fn(&Register) -> Option<Arc<Sorted>> + Sync,
        on: i32,
    ) -> Result<Self, TablesError> {
        let mut day = Self {
            tables: BTreeMap::new(),
            counted: ByRecord::nothing(heard.records),
            nearest: ByRecord::nothing(heard.records),
            books: Vec::new(),
            offices: Vec::new(),
            units: Units::default(),
        };
        let first = in_turn(pack);
        let worked_out = first.par_iter().map(|register| {
            let words = sorted(register)?;
            let rows = rows_on(heard, register, &words, on);
            Some((words, rows))
        });
        let worked_out: Vec<_> = worked_out.collect();
        for (register, worked_out) in first.into_iter().zip(worked_out) {
            let Some((words, rows)) = worked_out else {
                continue;
            };
            let rows = rows?;
            day.note_tree(register, &rows, on);
            if let Some(home) = &register.home
                && let Some(fields) = HomeFields::of(register, home)
            {
                day.count(heard, &rows, fields);
                day.note_nearest(heard, &words, fields, on);
            }
            let batches = rows.into_iter().filter(|rows| !rows.ids.is_empty());
            let batches = batches
                .map(|rows| day.table(heard, register, rows))
                .collect::<Result<Vec<_>, _>>()?;
            day.tables.insert(register.id.clone(), Arc::new(batches));
        }
        Ok(day)
    }

    /// The same day after more was said of some records, of which `own` has the words. Of people of whom a home is among them all
    /// homes are, and whatever is kept with them. And what of it stands otherwise.
    pub(crate) fn after(
        &self,
        (heard, pack): (&Heard, &Pack),
        (own, touched): (&BTreeMap<String, Arc<Sorted>>, &Touched),
        on: i32,
    ) -> Result<(Self, Changed), TablesError> {
        let mut changed = Changed::default();
        let mut day = self.clone();
        for register in in_turn(pack) {
            let (Some(words), Some(records)) = (own.get(&register.id), touched.of(&register.id))
            else {
                continue;
            };
            let rows = rows_on(heard, register, words, on)?;
            if let Some(home) = &register.home
                && let Some(fields) = HomeFields::of(register, home)
            {
                for person in people_of(heard, words, fields) {
                    day.counted.set(person, 0);
                    day.nearest.set(person, 0);
                }
                day.count(heard, &rows, fields);
                day.note_nearest(heard, words, fields, on);
            }
            let before = day.tables.remove(&register.id).unwrap_or_default();
            let (mut batches, old) = apart(&before, records)?;
            let mut new = Vec::new();
            for rows in rows.into_iter().filter(|rows| !rows.ids.is_empty()) {
                new.push(by_themselves(&day.table(heard, register, rows)?)?);
            }
            changed.note(&register.id, &old, &new);
            batches.append(&mut new);
            let batches = together(&schema::table(register), batches)?;
            day.tables.insert(register.id.clone(), Arc::new(batches));
        }
        Ok((day, changed))
    }

    /// The unit a person is counted in.
    pub(crate) fn unit_of(&self, person: i64) -> Option<UnitCode> {
        self.units.code(self.counted.get(small(person)))
    }

    /// Whose a person is: the unit they are counted in, or else that of their home nearest to the day.
    pub(crate) fn whose(&self, person: i64) -> Option<UnitCode> {
        let nearest = || self.units.code(self.nearest.get(small(person)));
        self.unit_of(person).or_else(nearest)
    }

    /// What a grant's posts give in units that stand below theirs without having their codes, on this day: by what the units'
    /// register says, and because theirs took their place.
    pub(crate) fn below(&self, grant: &Grant) -> Vec<Post> {
        let mut below = Vec::new();
        let up = |unit: &UnitCode| {
            let mut now = *unit;
            let mut above = Vec::new();
            for _ in 0..32 {
                let next = self.units.successors.get(&now);
                match next.or_else(|| self.units.parents.get(&now)) {
                    Some(next) => above.push(*next),
                    None => break,
                }
                now = above[above.len() - 1];
            }
            above
        };
        let units = self
            .units
            .parents
            .keys()
            .chain(self.units.successors.keys());
        for unit in units {
            let above = up(unit);
            let over = |post: &&Post| {
                !post.unit.contains(unit) && above.iter().any(|above| post.unit.contains(above))
            };
            let own = grant.posts.iter().filter(over);
            below.extend(own.map(|post| Post {
                unit: *unit,
                rights: post.rights.clone(),
            }));
        }
        below
    }

    fn note_tree(&mut self, register: &Register, rows: &[Rows], on: i32) {
        for unit in said_of_units(register, rows, on) {
            let parent = unit.parent.map(|above| (unit.code, above));
            self.units.parents.extend(parent);
            let successor = unit.ended.and_then(|(_, next)| next);
            self.units
                .successors
                .extend(successor.map(|next| (unit.code, next)));
        }
    }

    fn count(&mut self, heard: &Heard, rows: &[Rows], fields: HomeFields) {
        for rows in rows {
            let persons = rows.fields[fields.person].as_primitive::<Int64Type>();
            let units = rows.fields[fields.unit].as_string_view();
            let mut last: Option<(&str, u16)> = None;
            for row in 0..rows.ids.len() {
                let counted = rows
                    .counted
                    .as_ref()
                    .is_none_or(|counted| counted.value(row));
                if !counted || units.is_null(row) {
                    continue;
                }
                let text = units.value(row);
                let place = match last {
                    Some((same, place)) if same == text => place,
                    _ => match text.parse() {
                        Ok(unit) => self.units.place(unit),
                        Err(_) => continue,
                    },
                };
                last = Some((text, place));
                let person = small(heard.canon(persons.value(row)));
                self.counted.set(person, place);
            }
        }
    }

    /// Looks for homes of those counted nowhere: the last that had begun, or else the first to come. Where somebody's record is kept
    /// tells nothing: that depends on which list came last.
    fn note_nearest(&mut self, heard: &Heard, sorted: &Sorted, fields: HomeFields, on: i32) {
        let mut best: BTreeMap<usize, (bool, i64, UnitCode)> = BTreeMap::new();
        let mut note = |person: usize, start: i32, unit: UnitCode| {
            let (coming, start) = (start > on, i64::from(start));
            let order = (coming, if coming { start } else { -start }, unit);
            let now = best.entry(person).or_insert(order);
            *now = order.min(*now);
        };
        let nowhere = |person: usize| self.counted.get(person) == 0;
        for ((_, feed), plain) in sorted.feeds.iter().zip(&sorted.plain) {
            let units = feed.field(fields.unit).as_string_view();
            let mut look = |row: usize| {
                let person = person_of(heard, feed, row, fields).filter(|person| nowhere(*person));
                let Some(person) = person.filter(|_| heard.says_itself(feed, row)) else {
                    return;
                };
                let as_of = heard.say(feed.says()[row]).as_of;
                if units.is_valid(row)
                    && let Ok(unit) = units.value(row).parse()
                {
                    note(person, feed.from(row).unwrap_or(as_of), unit);
                }
            };
            match plain {
                Some(rows) => rows.iter().for_each(|row| look(*row as usize)),
                None => (0..feed.len()).for_each(look),
            }
        }
        for tangle in &sorted.tangles {
            let (feed, row) = match tangle.words.first() {
                Some((feed, row)) => (&sorted.feeds[*feed as usize].1, *row as usize),
                None => continue,
            };
            let person = person_of(heard, feed, row, fields).filter(|person| nowhere(*person));
            let there = tangle.assertions.iter().filter(|a| a.does == Does::There);
            let start = there.map(|a| a.from.unwrap_or(a.as_of)).min();
            let unit = unit_of(sorted, fields, tangle);
            if let (Some(person), Some(start), Some(unit)) = (person, start, unit) {
                note(person, start, unit);
            }
        }
        for (person, (_, _, unit)) in best {
            let place = self.units.place(unit);
            self.nearest.set(person, place);
        }
    }

    /// The table of some rows: with the unit whose each is.
    fn table(
        &mut self,
        heard: &Heard,
        register: &Register,
        rows: Rows,
    ) -> Result<RecordBatch, TablesError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(rows.fields.len() + 4);
        if schema::has_unit_column(register) {
            columns.push(Arc::new(self.units_of(heard, register, &rows)));
        }
        if register.home.is_some() {
            let all = || BooleanArray::from(vec![true; rows.ids.len()]);
            columns.push(Arc::new(rows.counted.clone().unwrap_or_else(all)));
        }
        let mut table: Vec<ArrayRef> = vec![Arc::new(rows.ids), Arc::new(rows.since)];
        table.append(&mut columns);
        for (field, column) in register.fields.iter().zip(rows.fields) {
            let refers = matches!(field.kind, FieldType::Ref(_));
            table.push(match refers && heard.has_doubles() {
                true => those_who_stay(heard, &column),
                false => column,
            });
        }
        Ok(RecordBatch::try_new(schema::table(register), table)?)
    }

    /// The places of the units of all books, once it is known where units went.
    fn note_books(&mut self, heard: &Heard) {
        if !self.books.is_empty() {
            return;
        }
        let all = (0..heard.words.books.len()).map(|at| unit_at(&heard.words, at));
        let all: Vec<Option<UnitCode>> = all.collect();
        let above = |unit: UnitCode| {
            let above = all.iter().flatten().filter(|above| above.contains(&unit));
            above.fold(unit, |one, other| match other.contains(&one) {
                true => *other,
                false => one,
            })
        };
        for unit in &all {
            let own = unit.map_or(0, |unit| self.units.place(unit));
            let office = unit.map_or(0, |unit| self.units.place(above(unit)));
            self.books.push(own);
            self.offices.push(office);
        }
    }

    fn units_of(&mut self, heard: &Heard, register: &Register, rows: &Rows) -> StringViewArray {
        self.note_books(heard);
        let with = register.kept_with.as_deref();
        let with = with.and_then(|id| register.field(id)).map(|(at, _)| at);
        let persons = with.map(|at| rows.fields[at].as_primitive::<Int64Type>());
        let is_person = |register: &Register| self.is_person(heard, register);
        let own = persons.is_none() && is_person(register);
        let codes: Vec<String> = self.units.codes.iter().map(ToString::to_string).collect();
        let unit = |row: usize| {
            let person = match persons {
                Some(persons) if persons.is_valid(row) => Some(persons.value(row)),
                None if own => Some(rows.ids.value(row)),
                _ => None,
            };
            let book = rows.books.of(row);
            let place = match person.map(|person| small(heard.canon(person))) {
                None => self.books.get(book).copied(),
                Some(person) => {
                    let own = [self.counted.get(person), self.nearest.get(person)];
                    let own = own.into_iter().find(|place| *place > 0);
                    own.or_else(|| self.offices.get(book).copied())
                }
            };
            let place = place.unwrap_or(0);
            let code = usize::from(place)
                .checked_sub(1)
                .and_then(|at| codes.get(at));
            code.map_or("", String::as_str)
        };
        StringViewArray::from_iter_values((0..rows.ids.len()).map(unit))
    }

    /// Whether homes are of records of this register.
    fn is_person(&self, heard: &Heard, register: &Register) -> bool {
        heard.people.as_deref() == Some(register.id.as_str())
    }
}

/// The registers in the order in which they are worked out: where units went is known before people are counted in them, and people
/// before what is theirs.
fn in_turn(pack: &Pack) -> Vec<&Register> {
    let mut registers: Vec<&Register> = pack.registers.iter().collect();
    registers.sort_by_key(|register| (register.tree.is_none(), register.home.is_none()));
    registers
}

/// Whose homes these words are about.
fn people_of(heard: &Heard, sorted: &Sorted, fields: HomeFields) -> BTreeSet<usize> {
    let mut people = BTreeSet::new();
    for ((_, feed), rows) in sorted.feeds.iter().zip(&sorted.plain) {
        let rows = rows.iter().flatten();
        people.extend(rows.filter_map(|row| person_of(heard, feed, *row as usize, fields)));
    }
    for (feed, row) in sorted.tangles.iter().flat_map(|tangle| &tangle.words) {
        let feed = &sorted.feeds[*feed as usize].1;
        people.extend(person_of(heard, feed, *row as usize, fields));
    }
    people
}

/// Rows but those of some records, and those.
fn apart(
    batches: &[RecordBatch],
    records: &BTreeSet<i64>,
) -> Result<(Vec<RecordBatch>, Vec<RecordBatch>), TablesError> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Ok((batches.to_vec(), Vec::new()));
    };
    let concerned = |id: &i64| id >= first && id <= last && records.contains(id);
    let (mut others, mut own) = (Vec::with_capacity(batches.len()), Vec::new());
    for batch in batches {
        let ids = batch.column(0).as_primitive::<Int64Type>().values();
        let places = ids.iter().enumerate().filter(|(_, id)| concerned(id));
        let places: Vec<usize> = places.map(|(at, _)| at).collect();
        if places.len() > MOST_SLICES {
            let is_own: BooleanArray = ids.iter().map(|id| Some(concerned(id))).collect();
            own.push(filter_record_batch(batch, &is_own)?);
            others.push(filter_record_batch(batch, &not(&is_own)?)?);
            continue;
        }
        // A few rows are cut out of the others, which aren't copied.
        let mut begin = 0;
        for at in places {
            own.push(batch.slice(at, 1));
            others.push(batch.slice(begin, at - begin));
            begin = at + 1;
        }
        others.push(batch.slice(begin, batch.num_rows() - begin));
    }
    others.retain(|batch| batch.num_rows() > 0);
    Ok((others, own))
}

/// Rows in fewer batches: those cut out of one are put together again once they are many, so that it needn't be held on to, and so are
/// small ones.
fn together(shape: &SchemaRef, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, TablesError> {
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut pieces: Vec<Vec<RecordBatch>> = Vec::new();
    for batch in batches {
        let place = *places.entry(cut_out_of(&batch)).or_insert(pieces.len());
        match pieces.get_mut(place) {
            Some(own) => own.push(batch),
            None => pieces.push(vec![batch]),
        }
    }
    for own in pieces.iter_mut().filter(|own| own.len() > MOST_PIECES) {
        *own = vec![one_of(shape, own)?];
    }
    let rows = |own: &[RecordBatch]| own.iter().map(RecordBatch::num_rows).sum::<usize>();
    let is_small = |own: &Vec<RecordBatch>| rows(own) < SMALL;
    if pieces.iter().filter(|own| is_small(own)).count() <= MOST_SMALL {
        return Ok(pieces.concat());
    }
    let (small, mut others): (Vec<_>, Vec<_>) = pieces.into_iter().partition(is_small);
    others.push(vec![one_of(shape, &small.concat())?]);
    Ok(others.concat())
}

/// Which batch one was cut out of, by where its records lie.
fn cut_out_of(batch: &RecordBatch) -> usize {
    let ids = batch.column(0).as_primitive::<Int64Type>().values();
    ids.inner().data_ptr().addr().get()
}

/// Some batches in one.
fn one_of(shape: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, TablesError> {
    by_themselves(&concat_batches(shape, batches)?)
}

/// A column of references in which doubles are those who stay.
fn those_who_stay(heard: &Heard, column: &ArrayRef) -> ArrayRef {
    let records = column.as_primitive::<Int64Type>();
    let stay = records.iter().map(|record| record.map(|r| heard.canon(r)));
    Arc::new(stay.collect::<Int64Array>())
}

/// The rows of a register on a day.
pub(crate) fn rows_on(
    heard: &Heard,
    register: &Register,
    sorted: &Sorted,
    on: i32,
) -> Result<Vec<Rows>, TablesError> {
    let some = |nth: &usize| {
        sorted.plain[*nth]
            .as_ref()
            .is_none_or(|rows| !rows.is_empty())
    };
    let mut rows = (0..sorted.feeds.len())
        .filter(some)
        .map(|nth| plain(heard, register, sorted, nth, on))
        .collect::<Result<Vec<_>, _>>()?;
    let home = register.home.as_ref();
    let fields = home.and_then(|home| HomeFields::of(register, home));
    let records = match fields {
        Some(fields) => settle(heard, sorted, fields, on),
        None => untangle(sorted, on),
    };
    let at_once = records.len().div_ceil(GATHERED_IN).max(2 * SMALL);
    for records in records.chunks(at_once) {
        let mut tangled = gathered(heard, register, sorted, records)?;
        if let Some(fields) = fields {
            let home = |which: fn(crate::rows::Counted) -> Option<bool>| -> ArrayRef {
                let said = records.iter().map(|record| record.home.and_then(which));
                Arc::new(said.collect::<BooleanArray>())
            };
            tangled.fields[fields.registered] = home(|home| home.registered);
            tangled.fields[fields.living] = home(|home| home.living);
        } else {
            tangled.counted = None;
        }
        rows.push(tangled);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    /// The rows of some batches, by record.
    fn rows(batches: &[RecordBatch]) -> BTreeMap<i64, String> {
        let each = batches.iter().flat_map(|batch| {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let texts = batch.column(1).as_string_view();
            (0..batch.num_rows()).map(|row| (ids.value(row), texts.value(row).to_owned()))
        });
        each.collect()
    }

    #[test]
    fn rows_cut_out_again_and_again_stand_once_and_keep_few_texts() {
        let shape: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int64, false),
            Field::new("text", DataType::Utf8View, false),
        ]));
        let batch = |ids: Vec<i64>, said: &str| {
            let texts = ids.iter().map(|id| format!("{said} of the record {id}"));
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringViewArray::from_iter_values(texts)),
                Arc::new(Int64Array::from(ids)),
            ];
            let columns = columns.into_iter().rev().collect();
            RecordBatch::try_new(shape.clone(), columns).unwrap()
        };
        let all: Vec<i64> = (0..3_000).collect();
        let mut batches = vec![batch(all, "first")];
        let mut expected = rows(&batches);
        for round in 0..400_i64 {
            let touched = BTreeSet::from([round * 7 % 3_000, round * 31 % 3_000]);
            let (mut others, own) = apart(&batches, &touched).unwrap();
            assert_eq!(rows(&own).into_keys().collect::<BTreeSet<_>>(), touched);
            let new = batch(touched.into_iter().collect(), &format!("round {round}"));
            expected.extend(rows(std::slice::from_ref(&new)));
            others.push(new);
            batches = together(&shape, others).unwrap();
        }
        assert_eq!(
            batches.iter().map(RecordBatch::num_rows).sum::<usize>(),
            3_000
        );
        assert_eq!(rows(&batches), expected);
        let texts = batches.iter().map(|batch| batch.column(1).as_string_view());
        let buffers = texts.map(|texts| texts.data_buffers().len());
        assert!(buffers.sum::<usize>() < 200);
        // Nothing is held on to but the rows, or little.
        let ids = batches.iter().map(|batch| batch.column(0));
        let ids = ids.map(|ids| ids.as_primitive::<Int64Type>().values().inner());
        let held: BTreeMap<usize, usize> = ids
            .map(|ids| (ids.data_ptr().addr().get(), ids.capacity()))
            .collect();
        let held = held.into_values().sum::<usize>();
        assert!(held < 3_000 * 8 * 5 / 4, "{held} bytes of {}", 3_000 * 8);
        assert!(batches.len() < 100, "{} batches", batches.len());
    }
}
