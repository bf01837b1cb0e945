//! How rows look in SQLite: one integer for a place, a say or a kind, days for dates, numbers for registers. A row that can't be
//! what it must be is reported as damage, never guessed at.

use crate::chain::Algorithm;
use crate::entry::{Digest, ListSay, Position, Say, SayId, Voice, Whole};
use crate::store::{
    AccessRow, Body, BookRow, CommitRow, EntryRow, ErasureRow, Meta, PackRow, RecordRow, RollRow,
    SayRow, StoreError,
};
use jiff::civil::Date;
use kernel::EntryKind;
use kernel::date::{from_days, to_days};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::sync::Arc;

/// The highest number a say has among its commit's, and one more.
const SAYS: i64 = 1024;
/// The highest number a roll has among its commit's, and one more.
const ROLLS: i64 = 1 << 24;

pub(super) fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(what.to_string())
}

pub(super) fn place(at: Position) -> i64 {
    at.book << 32 | at.seq
}

pub(super) fn position(place: i64) -> Position {
    Position {
        book: place >> 32,
        seq: place & 0xffff_ffff,
    }
}

/// The number of a say in a row of this commit.
pub(super) fn say_number(commit: i64, say: SayId) -> i64 {
    match say.commit == commit {
        true => i64::from(say.nth),
        false => say.commit * SAYS + i64::from(say.nth),
    }
}

fn say_id(commit: i64, number: i64) -> SayId {
    SayId {
        commit: if number < SAYS { commit } else { number / SAYS },
        nth: u32::try_from(number % SAYS).unwrap_or(u32::MAX),
    }
}

/// The number of a roll, and the first of a commit's.
pub(super) fn roll_number(commit: i64, nth: u32) -> i64 {
    commit * ROLLS + i64::from(nth)
}

pub(super) fn kind_number(kind: EntryKind) -> i64 {
    match kind {
        EntryKind::Open => 1,
        EntryKind::Change => 2,
        EntryKind::Correct => 3,
        EntryKind::Close => 4,
        EntryKind::Transfer => 5,
        EntryKind::Merge => 6,
        EntryKind::Undo => 7,
    }
}

fn kind(number: i64) -> Option<EntryKind> {
    let mut kinds = EntryKind::ALL.iter().copied();
    kinds.find(|kind| kind_number(*kind) == number)
}

pub(super) fn day(date: Option<Date>) -> Option<i64> {
    date.map(|date| i64::from(to_days(date)))
}

fn date(days: Option<i64>) -> Result<Option<Date>, StoreError> {
    let date = |days| i32::try_from(days).ok().and_then(from_days);
    days.map(|days| date(days).ok_or_else(|| damaged(format!("{days} is no day"))))
        .transpose()
}

fn digest(row: &SqliteRow, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| damaged("a digest is not 32 bytes long"))
}

/// The names of registers, by the numbers that stand for them; 0 is no register.
#[derive(Clone)]
pub(super) struct Names(Arc<Vec<(i64, Arc<str>)>>);

impl Names {
    pub(super) fn new(rows: Vec<(i64, String)>) -> Self {
        let none = [(0, Arc::from(""))];
        let rows = rows
            .into_iter()
            .map(|(number, name)| (number, Arc::from(name)));
        Self(Arc::new(none.into_iter().chain(rows).collect()))
    }

    pub(super) fn get(&self, number: i64) -> Result<Arc<str>, StoreError> {
        let found = self.0.iter().find(|(known, _)| *known == number);
        let found = found.map(|(_, name)| name.clone());
        found.ok_or_else(|| damaged(format!("register {number} is missing")))
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        let found = self.0.iter().find(|(_, known)| **known == *name);
        found.map(|(number, _)| *number)
    }
}

pub(super) fn meta(rows: &[(String, String)]) -> Option<Meta> {
    let get = |name| {
        rows.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    };
    let algorithm: Algorithm = get("algorithm")?.parse().ok()?;
    let text = get("ledger").filter(|text| text.len() == 32)?;
    let mut ledger = [0; 16];
    for (at, byte) in ledger.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    (rows.len() == 2).then_some(Meta { ledger, algorithm })
}

pub(super) const BOOK: &str = "SELECT number, unit, seq, hash, opened_at, opened_by FROM book";

pub(super) fn book(row: &SqliteRow) -> Result<BookRow, StoreError> {
    Ok(BookRow {
        number: row.try_get(0)?,
        unit: row.try_get(1)?,
        seq: row.try_get(2)?,
        hash: digest(row, 3)?,
        opened_at: row.try_get(4)?,
        opened_by: row.try_get(5)?,
    })
}

pub(super) fn pack(row: &SqliteRow) -> Result<PackRow, StoreError> {
    Ok(PackRow {
        ordinal: row.try_get(0)?,
        digest: digest(row, 1)?,
        name: row.try_get(2)?,
    })
}

pub(super) const COMMIT: &str = "SELECT number, asked, actor, source, recorded_at, rights, pack, undoes, undone_by, units, opened, \
     entries, heads, seal FROM commits";

pub(super) fn commit(row: &SqliteRow) -> Result<CommitRow, StoreError> {
    Ok(CommitRow {
        number: row.try_get(0)?,
        asked: digest(row, 1)?,
        actor: row.try_get(2)?,
        source: row.try_get(3)?,
        recorded_at: row.try_get(4)?,
        rights: row.try_get(5)?,
        pack: row.try_get(6)?,
        undoes: row.try_get(7)?,
        undone_by: row.try_get(8)?,
        units: row.try_get(9)?,
        opened: row.try_get(10)?,
        entries: row.try_get(11)?,
        heads: row.try_get(12)?,
        seal: digest(row, 13)?,
    })
}

pub(super) const SAY: &str = "SELECT commit_number, nth, sender, unit, roster, as_of, whole, file, rows, unplaced, since, slices, holes, content FROM say";

pub(super) fn say(row: &SqliteRow) -> Result<SayRow, StoreError> {
    let (commit, nth): (i64, u32) = (row.try_get(0)?, row.try_get(1)?);
    let spoilt = || damaged(format!("say {nth} of commit {commit}"));
    let unit: &str = row.try_get(3)?;
    let list = match row.try_get::<Option<i64>, _>(6)? {
        None => None,
        Some(whole) => Some(ListSay {
            whole: Whole::of(whole).ok_or_else(spoilt)?,
            file: row.try_get(7)?,
            rows: row.try_get(8)?,
            unplaced: row.try_get(9)?,
            since: date(row.try_get(10)?)?,
            slices: lines(row.try_get(11)?),
            holes: lines(row.try_get(12)?),
            content: Digest(digest(row, 13)?),
        }),
    };
    let say = Say {
        voice: Voice {
            sender: row.try_get(2)?,
            unit: unit.parse().map_err(|_| spoilt())?,
            roster: row.try_get(4)?,
        },
        as_of: date(Some(row.try_get(5)?))?.ok_or_else(spoilt)?,
        list,
    };
    let id = SayId { commit, nth };
    Ok(SayRow { id, say })
}

/// One text for each line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(ToOwned::to_owned).collect()
}

pub(super) const ROLL: &str = "SELECT number, say, fields, words FROM roll";

pub(super) fn roll(row: &SqliteRow) -> Result<RollRow, StoreError> {
    let number: i64 = row.try_get(0)?;
    let commit = number / ROLLS;
    Ok(RollRow {
        commit,
        nth: u32::try_from(number % ROLLS).map_err(damaged)?,
        say: say_id(commit, row.try_get(1)?),
        fields: u64::from_le_bytes(row.try_get::<i64, _>(2)?.to_le_bytes()),
        words: row.try_get(3)?,
    })
}

pub(super) fn erasure(row: &SqliteRow) -> Result<ErasureRow, StoreError> {
    Ok(ErasureRow {
        commit: row.try_get(0)?,
        at: position(row.try_get(1)?),
        by: [row.try_get(2)?, row.try_get(3)?],
    })
}

/// Columns of an entry, in the order in which `entry` reads them.
macro_rules! entry_columns {
    () => {
        "e.place, e.commit_number, e.say, e.register, e.record, e.kind, e.since, e.until, e.row, e.previous, e.salt, e.body, e.hash"
    };
}
pub(super) use entry_columns;

pub(super) fn entry(row: &SqliteRow, names: &Names) -> Result<EntryRow, StoreError> {
    let at = position(row.try_get(0)?);
    let spoilt = |what: &str| damaged(format!("entry {} of book {}: {what}", at.seq, at.book));
    let commit = row.try_get(1)?;
    let salt: &[u8] = row.try_get(10)?;
    let body = match row.try_get::<Option<String>, _>(11)? {
        Some(text) => Body::Kept(salt.try_into().map_err(|_| spoilt("its salt"))?, text),
        None => Body::Erased(salt.try_into().map_err(|_| spoilt("its digest"))?),
    };
    Ok(EntryRow {
        at,
        commit,
        say: say_id(commit, row.try_get(2)?),
        register: names.get(row.try_get(3)?)?,
        record: row.try_get(4)?,
        kind: kind(row.try_get(5)?).ok_or_else(|| spoilt("its kind"))?,
        from: date(row.try_get(6)?)?,
        until: date(row.try_get(7)?)?,
        row: row.try_get(8)?,
        previous: row.try_get::<Option<i64>, _>(9)?.map(position),
        body,
        hash: digest(row, 12)?,
    })
}

/// Columns of a record, in the order in which `record` reads them.
macro_rules! record_columns {
    () => {
        "r.number, r.register, r.place, r.book, r.stays"
    };
}
pub(super) use record_columns;

pub(super) fn record(row: &SqliteRow, from: usize, names: &Names) -> Result<RecordRow, StoreError> {
    Ok(RecordRow {
        number: row.try_get(from)?,
        register: names.get(row.try_get(from + 1)?)?,
        at: position(row.try_get(from + 2)?),
        book: row.try_get(from + 3)?,
        into: row.try_get(from + 4)?,
    })
}

pub(super) const ACCESS: &str =
    "SELECT number, at, who, why, posts, reveals, what, hash FROM access";

pub(super) fn access(row: &SqliteRow) -> Result<AccessRow, StoreError> {
    Ok(AccessRow {
        number: row.try_get(0)?,
        at: row.try_get(1)?,
        who: row.try_get(2)?,
        why: row.try_get(3)?,
        posts: row.try_get(4)?,
        reveals: row.try_get(5)?,
        what: row.try_get(6)?,
        hash: digest(row, 7)?,
    })
}
