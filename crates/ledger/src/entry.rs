//! What goes into the ledger and what comes out of it. An entry is a **word**: one thing said of one record, by somebody, as of
//! a day, and only of the fields it speaks of. These types hold what was said and promise nothing about it; what words come to
//! is `fold`, and the rules of writing are in `work`.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{EntryKind, Grant, Lang, RecordId, Sensitivity, UnitCode};
use pack::{FieldSet, Said};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::asked::Asked;
use crate::source::Source;

/// How many entries one commit may have.
pub const MOST_ENTRIES: usize = 5_000_000;
/// How many says one commit may have.
pub const MOST_SAYS: usize = 1_000;
/// How long the body of an entry may be, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;
/// How many parts, and how many names of rejected rows, one list may tell.
pub const MOST_TOLD: usize = 100_000;
/// How long an actor's name and the words of an access may be, in characters.
pub const LONGEST_WORDS: usize = 1_000;
/// How many entries or lines of the access log are given at once, at most.
pub const LONGEST_PAGE: usize = 100_000;

/// A digest of 256 bits, SHA-256 or SM3 as the ledger was made; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest of 64 hexadecimal digits")]
pub struct DigestFault;

impl FromStr for Digest {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DigestFault);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(DigestFault)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| DigestFault)?;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where an entry stands: the number of its book and its place in the book, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The book's number.
    pub book: i64,
    /// The place in the book's sequence.
    pub seq: i64,
}

/// Whose word it is, and by which list. Voices are ordered, and among words of several senders and units that are equal otherwise the
/// smaller's stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Voice {
    /// The sender, as a value of the code list `source`.
    pub sender: String,
    /// The unit that it speaks for.
    pub unit: UnitCode,
    /// The roster, if it is a list; empty for a desk.
    pub roster: String,
}

impl Voice {
    /// Whether it is the same sender, for the same unit, though maybe by another list: what was recorded last corrects what was before.
    #[must_use]
    pub fn speaks_as(&self, other: &Voice) -> bool {
        (&self.sender, self.unit) == (&other.sender, other.unit)
    }
}

/// Whether a list names everyone it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whole {
    /// It does: whoever is no longer on it has left.
    Whole,
    /// It should; if far fewer are on it than on the one before, or one of the same day came, it is taken for a part.
    Guarded,
    /// It doesn't: nobody leaves by it.
    Part,
}

impl Whole {
    /// The number that stands for it where it is kept and digested.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Whole => 1,
            Self::Guarded => 2,
            Self::Part => 3,
        }
    }

    /// What a number stands for.
    pub(crate) fn of(number: i64) -> Option<Self> {
        [Self::Whole, Self::Guarded, Self::Part]
            .into_iter()
            .find(|whole| whole.number() == number)
    }
}

/// What a list is, beside whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSay {
    /// Whether it names everyone.
    pub whole: Whole,
    /// The name of the file.
    pub file: String,
    /// How many rows it has.
    pub rows: i64,
    /// How many of them were not placed: rejected, or left as questions.
    pub unplaced: i64,
    /// Of a list of what happened, the first day it tells of; it tells up to the day of its say.
    pub since: Option<Date>,
    /// The parts of its matter that it speaks of, such as programmes, in order; none if it isn't divided.
    pub slices: Vec<String>,
    /// The names in its rejected rows, in order: of whoever is called so it vouches for nothing.
    pub holes: Vec<String>,
    /// The digest of what its rows say, by which it is known when it comes again.
    pub content: Digest,
}

/// Somebody saying something as of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// Who.
    pub voice: Voice,
    /// As of which day.
    pub as_of: Date,
    /// The list it is said by, if it is one.
    pub list: Option<ListSay>,
}

/// A say by its place: the commit that holds it, and the how-manieth of that commit's it is, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SayId {
    /// The commit.
    pub commit: i64,
    /// The place among its says.
    pub nth: u32,
}

impl SayId {
    /// A say as it is written in an address or on the command line: `commit.place`.
    pub fn read(text: &str) -> Option<SayId> {
        let (commit, nth) = text.split_once('.')?;
        let (commit, nth) = (commit.parse().ok()?, nth.parse().ok()?);
        Some(SayId { commit, nth })
    }
}

impl std::fmt::Display for SayId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.commit, self.nth)
    }
}

/// A say of a commit to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SayDraft {
    /// A new one.
    New(Say),
    /// More of one that stands: what an answered question adds to its list.
    More(SayId),
}

/// The record an entry is about, where a writer names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// One the ledger has.
    Known(RecordId),
    /// The nth new one of the commit, from 0: the ledger numbers it. Of a register with a fixed identity it may turn out to be
    /// one the ledger has by then.
    New(u32),
}

/// One entry to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The book a new record is opened in, or a record comes to by a transfer. A word about a known record goes where that is kept.
    pub book: UnitCode,
    /// The register of the record.
    pub register: Arc<str>,
    /// The record.
    pub record: Target,
    /// What happens to it. `open` for the first word about a new record. A transfer is one draft: the ledger writes both halves.
    /// A merge has who stays as [`Draft::into`] and says nothing. Undos come from [`crate::Ledger::undo`] alone.
    pub kind: EntryKind,
    /// Which of the commit's says it belongs to.
    pub say: u32,
    /// The date it names; none if it holds from the day it is said.
    pub from: Option<Date>,
    /// The first day on which it doesn't hold any more, if it names one. A close ends on `from`.
    pub until: Option<Date>,
    /// What it says. References to new records are in `refs`.
    pub said: Said,
    /// Fields that name the nth new record of the commit.
    pub refs: Vec<(u16, u32)>,
    /// Of a merge: who stays.
    pub into: Option<RecordId>,
    /// The row of the list, as a spreadsheet shows it; 0 for none.
    pub row: u32,
    /// The commit at which the writer looked at the record, if the entry rests on what was seen: it is refused if the same fields
    /// were given another value since.
    pub seen: Option<i64>,
}

/// Words that are said again: by a say of the commit, in these fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roll {
    /// Which of the commit's says.
    pub say: u32,
    /// The fields it says; none if it only says that the records are there.
    pub fields: FieldSet,
    /// Where the words stand, ascending.
    pub words: Vec<Position>,
}

/// Entries that are written together or not at all. They may come from anything that gives one after the other, so that a commit
/// of millions need not be in memory as a whole.
#[derive(Clone, Debug)]
pub struct Commit<E = Vec<Draft>> {
    /// What was asked: the same asked twice is done once, and gives the first receipt.
    pub asked: Asked,
    /// What it is made from.
    pub source: Source,
    /// When it is known, for people: order is the commit's number.
    pub recorded_at: Timestamp,
    /// Who makes it, what they may do, and why.
    pub grant: Grant,
    /// The commit at which the writer looked, if it rests on there being nobody else: it is refused if records of the registers
    /// named were opened since.
    pub base: Option<(i64, Vec<Arc<str>>)>,
    /// Who says what is written, and as of when.
    pub says: Vec<SayDraft>,
    /// Words said again.
    pub rolls: Vec<Roll>,
    /// The entries, in order.
    pub entries: E,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The commit's number.
    pub commit: i64,
    /// How many entries it has.
    pub entries: usize,
    /// Of each book it wrote to, by unit: the sequence and the hash of its last entry. Kept elsewhere, a head proves later
    /// that nothing before it was altered.
    pub heads: Vec<(UnitCode, i64, Digest)>,
    /// The seal of the commit, which covers every commit before it.
    pub seal: Digest,
    /// Whether the commit had been written before, and this is the receipt of that time.
    pub repeated: bool,
    /// The numbers its new records got, in the order of [`Target::New`]; none of a receipt given again.
    pub opened: Vec<RecordId>,
}

/// A commit, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its number, in the order of writing.
    pub number: i64,
    /// Who made it.
    pub actor: String,
    /// What it was made from.
    pub source: Source,
    /// When it was known.
    pub recorded_at: Timestamp,
    /// How many entries it has.
    pub entries: usize,
    /// The books it wrote to, in order of unit.
    pub books: Vec<UnitCode>,
    /// The units it speaks for.
    pub units: Vec<UnitCode>,
    /// The commit it takes back, if it does.
    pub undoes: Option<i64>,
    /// The commit that took it back, if one did.
    pub undone_by: Option<i64>,
}

/// A book: the ledger of one unit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Book {
    /// The unit.
    pub unit: UnitCode,
    /// Its number, in the order of opening.
    pub number: i64,
    /// The sequence of its last entry; 0 when it is empty.
    pub seq: i64,
    /// The hash of its last entry.
    pub hash: Digest,
}

/// A record found by its identity or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub record: RecordId,
    /// The book it is kept in.
    pub book: UnitCode,
}

/// One entry, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The book.
    pub book: UnitCode,
    /// Where it stands.
    pub at: Position,
    /// The number of its commit.
    pub commit: i64,
    /// The say it belongs to: its own commit's, or the one that commit added to.
    pub say: SayId,
    /// The register.
    pub register: Arc<str>,
    /// The record; of an undo the commit taken back.
    pub record: RecordId,
    /// What happened to the record.
    pub kind: EntryKind,
    /// The date it names.
    pub from: Option<Date>,
    /// The first day on which it doesn't hold any more.
    pub until: Option<Date>,
    /// The row of its list; 0 for none.
    pub row: u32,
    /// What it says, as [`pack::Register::decode_said`] reads it; of a merge `{"into":n}`; none if it was erased.
    pub body: Option<String>,
    /// Its hash.
    pub hash: Digest,
}

/// Everything the ledger has learnt between two commits, but the entries themselves.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The last commit it tells of.
    pub commit: i64,
    /// The seal of that commit, which covers all before it.
    pub seal: Option<Digest>,
    /// The books as they were then.
    pub books: Vec<Book>,
    /// Commits that take others back: which, and which one each takes back.
    pub undone: Vec<(i64, i64)>,
    /// Every word erased so far, by whichever commit.
    pub erased: Vec<Position>,
    /// Who said what when.
    pub says: Vec<(SayId, Say)>,
    /// Words said again: the commit that adds it, the say, the fields, the words.
    pub rolls: Vec<(i64, SayId, FieldSet, Vec<Position>)>,
}

/// One access to personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// By which posts: the role, and the unit over which.
    pub posts: Vec<(String, UnitCode)>,
    /// What was shown in clear.
    pub reveals: Vec<Sensitivity>,
    /// What was read.
    pub what: Access,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "read", rename_all = "snake_case", deny_unknown_fields)]
pub enum Access {
    /// A page, by its path.
    Page {
        /// The path.
        path: String,
    },
    /// What a command shows.
    Command {
        /// Its name.
        name: String,
    },
    /// Everything as of a day, to work something out that shows nobody anything by itself.
    Evaluation {
        /// The day.
        #[serde(with = "day")]
        on: Date,
    },
    /// Who has an ID number.
    Number,
    /// The entries of a record.
    Record {
        /// The register.
        register: String,
        /// The record.
        record: RecordId,
    },
    /// What a list speaks of.
    List {
        /// The roster.
        roster: String,
        /// The unit whose list it is.
        unit: UnitCode,
        /// How many files.
        files: usize,
        /// Whether it was only tried.
        dry_run: bool,
    },
}

/// A day as `YYYY-MM-DD`.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Date, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Access {
    /// What was read, in words.
    pub fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Access::Page { path }, Lang::Zh) => format!("页面 {path}"),
            (Access::Page { path }, Lang::En) => format!("page {path}"),
            (Access::Command { name }, Lang::Zh) => format!("命令 {name}"),
            (Access::Command { name }, Lang::En) => format!("command {name}"),
            (Access::Evaluation { on }, Lang::Zh) => format!("{on} 的核算（不向任何人显示）"),
            (Access::Evaluation { on }, Lang::En) => {
                format!("an evaluation on {on}, shown to nobody")
            }
            (Access::Number, Lang::Zh) => "按公民身份号码查找".into(),
            (Access::Number, Lang::En) => "a search by ID number".into(),
            (Access::Record { register, record }, Lang::Zh) => {
                format!("{register} {record} 的条目")
            }
            (Access::Record { register, record }, Lang::En) => {
                format!("entries of {register} {record}")
            }
            (
                Access::List {
                    roster,
                    unit,
                    files,
                    dry_run,
                },
                Lang::Zh,
            ) => {
                let what = if *dry_run { "试导" } else { "导入" };
                format!("{what} {unit} 的 {roster}，{files} 个文件")
            }
            (
                Access::List {
                    roster,
                    unit,
                    files,
                    dry_run,
                },
                Lang::En,
            ) => {
                let what = if *dry_run { "trial of" } else { "import of" };
                format!("{what} {roster} of {unit}, files: {files}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, DigestFault};

    #[test]
    fn a_digest_is_read_back_as_it_is_shown() {
        let digest = Digest(std::array::from_fn(|at| {
            u8::try_from(at * 7 % 256).unwrap_or(0)
        }));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!("+f".repeat(32).parse::<Digest>(), Err(DigestFault));
        assert_eq!("é".repeat(32).parse::<Digest>(), Err(DigestFault));
        assert_eq!("00".parse::<Digest>(), Err(DigestFault));
    }
}
