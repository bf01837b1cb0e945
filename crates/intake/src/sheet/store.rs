//! What the cells of a sheet hold, packed: six bytes say what a cell holds and where, and the rest lies in one text and one
//! list of numbers. Rosters say the same words, addresses and days over and over; a text kept not long ago isn't kept again.

use jiff::civil::{Date, DateTime};

use super::Cell;
use crate::limits;

/// What cells hold.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) text: String,
    /// Texts kept last, by what they hash to.
    recent: Vec<Packed>,
    numbers: Vec<f64>,
    moments: Vec<DateTime>,
    /// Texts as long as a kind's number.
    long: Vec<Box<str>>,
}

/// What one cell holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Packed {
    /// The length of a text, or one of the kinds below.
    pub(super) kind: u16,
    /// Where a text begins, at which place a number or long text lies, or the date or truth itself.
    pub(super) at: u32,
}

const ERROR: u16 = u16::MAX;
const TRUTH: u16 = u16::MAX - 1;
const DATE: u16 = u16::MAX - 2;
const NUMBER: u16 = u16::MAX - 3;
const MOMENT: u16 = u16::MAX - 4;
const LONG: u16 = u16::MAX - 5;

/// How many texts are remembered.
const RECENT: usize = 1 << 12;

impl Store {
    /// Keeps what a cell holds; nothing if there is no room left.
    pub(super) fn keep(&mut self, cell: Cell<'_>) -> Option<Packed> {
        let (kind, at) = match cell {
            Cell::Empty => (0, 0),
            Cell::Text(text) => return self.keep_text(text),
            Cell::Number(number) => {
                self.numbers.push(number);
                (NUMBER, place(self.numbers.len() - 1)?)
            }
            Cell::Date(day) => (DATE, pack_date(day)),
            Cell::Moment(at) => {
                self.moments.push(at);
                (MOMENT, place(self.moments.len() - 1)?)
            }
            Cell::Bool(yes) => (TRUTH, u32::from(yes)),
            Cell::Error => (ERROR, 0),
        };
        Some(Packed { kind, at })
    }

    fn keep_text(&mut self, text: &str) -> Option<Packed> {
        let kind = u16::try_from(text.len()).unwrap_or(LONG).min(LONG);
        if kind == LONG {
            self.long.push(text.into());
            let at = place(self.long.len() - 1)?;
            return Some(Packed { kind, at });
        }
        self.recent.resize(RECENT, Packed::default());
        let slot = hash(text.as_bytes()) % RECENT;
        let known = self.recent[slot];
        if self.text(known) == text {
            return Some(known);
        }
        if self.text.len() + text.len() > limits::TEXT {
            return None;
        }
        let at = place(self.text.len())?;
        self.text.push_str(text);
        self.recent[slot] = Packed { kind, at };
        Some(self.recent[slot])
    }

    /// What was kept.
    pub(super) fn show(&self, packed: Packed) -> Cell<'_> {
        let at = packed.at as usize;
        match packed.kind {
            ERROR => Cell::Error,
            TRUTH => Cell::Bool(packed.at == 1),
            DATE => unpack_date(packed.at).map_or(Cell::Error, Cell::Date),
            MOMENT => self
                .moments
                .get(at)
                .map_or(Cell::Error, |at| Cell::Moment(*at)),
            NUMBER => self
                .numbers
                .get(at)
                .map_or(Cell::Error, |n| Cell::Number(*n)),
            LONG => Cell::Text(self.long.get(at).map_or("", |text| text)),
            _ => Cell::Text(self.text(packed)),
        }
    }

    fn text(&self, packed: Packed) -> &str {
        let from = packed.at as usize;
        let to = from + usize::from(packed.kind);
        self.text.get(from..to).unwrap_or("")
    }
}

fn place(at: usize) -> Option<u32> {
    u32::try_from(at).ok()
}

/// Quick, and good enough to find a text again: only time is lost when it misses.
fn hash(bytes: &[u8]) -> usize {
    let mixed = bytes.iter().fold(bytes.len(), |hash, byte| {
        (hash ^ usize::from(*byte)).wrapping_mul(0x0100_0193)
    });
    mixed >> 8
}

fn pack_date(day: Date) -> u32 {
    let [high, low] = day.year().to_be_bytes();
    u32::from_be_bytes([
        high,
        low,
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    ])
}

fn unpack_date(packed: u32) -> Option<Date> {
    let [high, low, month, day] = packed.to_be_bytes();
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(i16::from_be_bytes([high, low]), month, day).ok()
}
