//! The records of a register as they are on a day: those with one word straight from the columns, without copying where all of
//! them are there; those with more to them folded, field by field, and gathered from the columns of the words that stand.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Date32Array, Int64Array, UInt32Array,
    new_null_array,
};
use datafusion::arrow::compute::{interleave, nullif, take};
use ledger::fold::{EVER, Folded, NEVER, fold};
use pack::{Exists, Holds, Register};

use crate::error::TablesError;
use crate::feed::Feed;
use crate::heard::Heard;
use crate::schema;
use crate::tangle::{Sorted, Tangle};

/// Some records of a register, as they are on a day.
pub(crate) struct Rows {
    pub ids: Int64Array,
    pub since: Date32Array,
    /// One column for each field.
    pub fields: Vec<ArrayRef>,
    pub books: Books,
    /// Of homes: whether the person is counted there; all of them if none.
    pub counted: Option<BooleanArray>,
}

/// The books rows are kept in, by place.
pub(crate) enum Books {
    All(usize),
    Each(Vec<usize>),
}

impl Books {
    pub(crate) fn of(&self, row: usize) -> usize {
        match self {
            Books::All(book) => *book,
            Books::Each(books) => books.get(row).copied().unwrap_or(0),
        }
    }
}

/// A tangle as it comes out on a day.
pub(crate) struct Untangled<'t> {
    pub tangle: &'t Tangle,
    pub folded: Folded,
    /// Of a home, what the homes of the person come to.
    pub home: Option<Counted>,
}

/// What a home comes to beside the others of its person.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub registered: Option<bool>,
    pub living: Option<bool>,
    pub counted: bool,
}

/// The records of one feed that stand by themselves.
pub(crate) fn plain(
    heard: &Heard,
    register: &Register,
    sorted: &Sorted,
    nth: usize,
    on: i32,
) -> Result<Rows, TablesError> {
    let (book, feed) = &sorted.feeds[nth];
    let mut late = false;
    let mut there = |row: usize| {
        let as_of = heard.say(feed.says()[row]).as_of;
        let is_there = is_there(register, feed, row, as_of, on);
        late |= is_there && as_of > on;
        is_there
    };
    let rows: Vec<u32> = match &sorted.plain[nth] {
        Some(rows) => (rows.iter().copied())
            .filter(|row| there(*row as usize))
            .collect(),
        None => (0..u32::try_from(feed.len()).unwrap_or(u32::MAX))
            .filter(|row| there(*row as usize))
            .collect(),
    };
    let all = rows.len() == feed.len();
    let rows = UInt32Array::from(rows);
    let kept = |column: &ArrayRef| match all {
        true => Ok(column.clone()),
        false => take(column, &rows, None),
    };
    let mut fields = Vec::with_capacity(register.fields.len());
    for (at, field) in register.fields.iter().enumerate() {
        let column = kept(feed.field(at))?;
        let dated = matches!(field.holds, Holds::Seen | Holds::Since);
        fields.push(match late && dated {
            true => nullif(&column, &not_yet(heard, feed, &rows, field.holds, on))?,
            false => column,
        });
    }
    let records = feed.records();
    let ids = rows.values().iter().map(|row| records[*row as usize]);
    let ids = Int64Array::from_iter_values(ids);
    let since = rows.values().iter().map(|row| {
        let as_of = heard.say(feed.says()[*row as usize]).as_of;
        Some(since_of(register, feed, *row as usize, as_of)).filter(|since| *since != EVER)
    });
    Ok(Rows {
        since: since.collect(),
        ids,
        fields,
        books: match heard.has_moved() {
            false => Books::All(*book),
            true => Books::Each(
                (rows.values().iter())
                    .map(|row| {
                        heard
                            .kept_in(feed.records()[*row as usize])
                            .unwrap_or(*book)
                    })
                    .collect(),
            ),
        },
        counted: None,
    })
}

/// Whether a word by itself says that its record is there on a day.
pub(crate) fn is_there(register: &Register, feed: &Feed, row: usize, as_of: i32, on: i32) -> bool {
    since_of(register, feed, row, as_of) <= on && feed.until(row).is_none_or(|until| on < until)
}

/// Whether what a word by itself says of a field holds on a day before the one that it names as its end.
pub(crate) fn says_on(holds: Holds, from: Option<i32>, as_of: i32, on: i32) -> bool {
    match holds {
        Holds::Ever => true,
        Holds::Back => from.is_none_or(|from| from <= on),
        Holds::Seen => as_of.max(from.unwrap_or(as_of)) <= on,
        Holds::Since => from.unwrap_or(as_of) <= on,
    }
}

/// Since when a word by itself says that its record is there.
fn since_of(register: &Register, feed: &Feed, row: usize, as_of: i32) -> i32 {
    match register.exists {
        Exists::Back => feed.from(row).unwrap_or(as_of),
        Exists::Ever => feed.from(row).unwrap_or(EVER),
        Exists::Always => EVER,
    }
}

/// Which rows don't say a field yet on a day.
fn not_yet(heard: &Heard, feed: &Feed, rows: &UInt32Array, holds: Holds, on: i32) -> BooleanArray {
    let late = rows.values().iter().map(|row| {
        let row = *row as usize;
        let as_of = heard.say(feed.says()[row]).as_of;
        Some(!says_on(holds, feed.from(row), as_of, on))
    });
    late.collect()
}

/// The tangles that are there on a day.
pub(crate) fn untangle(sorted: &Sorted, on: i32) -> Vec<Untangled<'_>> {
    let each = sorted.tangles.iter().map(|tangle| Untangled {
        folded: fold(&sorted.rules, &tangle.assertions, &tangle.absences, on),
        tangle,
        home: None,
    });
    each.filter(|untangled| untangled.folded.since.is_some())
        .collect()
}

/// Gathers untangled records from the columns of the words that stand.
pub(crate) fn gathered(
    heard: &Heard,
    register: &Register,
    sorted: &Sorted,
    records: &[Untangled<'_>],
) -> Result<Rows, TablesError> {
    let blank = sorted.feeds.len();
    let mut fields = Vec::with_capacity(register.fields.len());
    for (at, field) in register.fields.iter().enumerate() {
        let nothing = new_null_array(&schema::column_type(&field.kind), 1);
        let mut columns: Vec<&dyn Array> = Vec::with_capacity(blank + 1);
        columns.extend(sorted.feeds.iter().map(|(_, feed)| feed.field(at).as_ref()));
        columns.push(nothing.as_ref());
        let places: Vec<(usize, usize)> = (records.iter())
            .map(|record| record.place(at).unwrap_or((blank, 0)))
            .collect();
        fields.push(interleave(&columns, &places)?);
    }
    let known = |since: Option<i32>| since.filter(|since| *since > EVER && *since < NEVER);
    let counted: BooleanArray = (records.iter())
        .map(|record| Some(record.home.is_none_or(|home| home.counted)))
        .collect();
    Ok(Rows {
        ids: Int64Array::from_iter_values(records.iter().map(|record| record.tangle.record)),
        since: records
            .iter()
            .map(|record| known(record.folded.since))
            .collect(),
        fields,
        books: Books::Each(
            (records.iter())
                .map(|record| book_of(heard, sorted, record.tangle))
                .collect(),
        ),
        counted: Some(counted),
    })
}

/// The book a record is kept in: where it came last, or else where it was opened.
pub(crate) fn book_of(heard: &Heard, sorted: &Sorted, tangle: &Tangle) -> usize {
    heard.kept_in(tangle.record).unwrap_or_else(|| {
        // Words come by book; the one that opened it is the oldest, whether it stands or not.
        let commit = |feed: u32, row: u32| sorted.feeds[feed as usize].1.commits()[row as usize];
        let words = tangle.words.iter();
        let first = words.min_by_key(|(feed, row)| commit(*feed, *row));
        first.map_or(0, |(feed, _)| sorted.feeds[*feed as usize].0)
    })
}

impl Untangled<'_> {
    /// Where the value that stands for a field is: feed and row.
    pub(crate) fn place(&self, field: usize) -> Option<(usize, usize)> {
        place_of(self.tangle, &self.folded, field)
    }
}

pub(crate) fn place_of(tangle: &Tangle, folded: &Folded, field: usize) -> Option<(usize, usize)> {
    let assertion = folded.stands.get(field).copied().flatten()?;
    let assertion = tangle.assertions.get(assertion as usize)?;
    let (feed, row) = tangle.words.get(assertion.word as usize)?;
    Some((*feed as usize, *row as usize))
}

/// A text of a row, if it is said.
pub(crate) fn text_of(rows: &Rows, at: usize, row: usize) -> Option<&str> {
    let column = rows.fields[at].as_string_view();
    column.is_valid(row).then(|| column.value(row))
}
