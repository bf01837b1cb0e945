//! The records of a workbook's stream and the texts in them ([MS-XLS] 2.1.4, 2.5.293; BIFF5: OpenOffice's "Excel File Format").
//! A text may go on in CONTINUE records, in the middle of its characters. Every reading here ends with the stream and asks for no
//! more memory than the stream has bytes, whatever lengths it declares.

use encoding_rs::Encoding;

const CONTINUE: u16 = 0x003C;

/// One record.
#[derive(Clone, Copy)]
pub(super) struct Record<'s> {
    pub(super) kind: u16,
    pub(super) data: &'s [u8],
    /// What follows it in the stream.
    pub(super) after: &'s [u8],
}

impl<'s> Record<'s> {
    /// Its bytes from `at` on, and those of the CONTINUE records that follow.
    pub(super) fn parts(&self, at: usize) -> Parts<'s> {
        Parts {
            current: self.data.get(at..).unwrap_or(&[]),
            after: self.after,
        }
    }
}

/// The records of a stream, in order. One that is cut off ends them.
pub(super) struct Records<'s>(pub(super) &'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    fn next(&mut self) -> Option<Record<'s>> {
        let (&[a, b, c, d], rest) = self.0.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([c, d]));
        let (data, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some(Record {
            kind: u16::from_le_bytes([a, b]),
            data,
            after,
        })
    }
}

/// The bytes of a record that may go on.
pub(super) struct Parts<'s> {
    current: &'s [u8],
    after: &'s [u8],
}

impl Parts<'_> {
    /// Whether nothing is left, neither here nor in the records that continue it.
    pub(super) fn is_empty(&mut self) -> bool {
        while self.current.is_empty() {
            if !self.go_on() {
                return true;
            }
        }
        false
    }

    fn go_on(&mut self) -> bool {
        match Records(self.after).next() {
            Some(next) if next.kind == CONTINUE => {
                (self.current, self.after) = (next.data, next.after);
                true
            }
            _ => false,
        }
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        if self.is_empty() {
            return None;
        }
        let (first, rest) = self.current.split_first()?;
        self.current = rest;
        Some(*first)
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn long(&mut self) -> Option<u32> {
        let [low, high] = [self.short()?, self.short()?].map(u32::from);
        Some(low | high << 16)
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            if self.is_empty() {
                return None;
            }
            let here = bytes.min(self.current.len());
            self.current = self.current.get(here..)?;
            bytes -= here;
        }
        Some(())
    }

    /// A text of BIFF8 of so many UTF-16 units, after its length: flags, then the units in one byte each or in two, then what
    /// it is formatted with. Where it goes on in another record, that begins with flags of its own.
    pub(super) fn text(&mut self, units: u16) -> Option<String> {
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.short()? } else { 0 };
        let phonetic = if flags & 4 != 0 { self.long()? } else { 0 };
        let mut wide = flags & 1 != 0;
        let mut left = usize::from(units);
        let mut text = Vec::new();
        while left > 0 {
            if self.current.is_empty() {
                wide = self.byte()? & 1 != 0;
                continue;
            }
            let bytes = if wide { 2 } else { 1 };
            let here = left.min(self.current.len() / bytes);
            if here == 0 {
                return None;
            }
            let (found, rest) = self.current.split_at_checked(here * bytes)?;
            if wide {
                text.extend((found.as_chunks().0.iter()).map(|unit| u16::from_le_bytes(*unit)));
            } else {
                text.extend(found.iter().map(|unit| u16::from(*unit)));
            }
            self.current = rest;
            left -= here;
        }
        self.skip(usize::from(runs) * 4 + usize::try_from(phonetic).ok()?)?;
        Some(String::from_utf16_lossy(&text))
    }

    /// The bytes of a text of BIFF5. Programs that counted characters instead of bytes say too many.
    pub(super) fn bytes(&mut self, length: u16) -> &[u8] {
        let length = usize::from(length).min(self.current.len());
        self.current.get(..length).unwrap_or(&[])
    }
}

/// The encoding that a workbook of BIFF5 names in its CODEPAGE record. Nothing for what says little: programs write "Western"
/// where they never thought of it.
pub(super) fn encoding(code_page: u16) -> Option<&'static Encoding> {
    let label: &[u8] = match code_page {
        932 | 10001 => b"shift_jis",
        936 | 10008 | 54936 => b"gb18030",
        949 | 10003 => b"euc-kr",
        950 | 10002 => b"big5",
        1250 => b"windows-1250",
        1251 => b"windows-1251",
        1253 => b"windows-1253",
        1254 => b"windows-1254",
        1255 => b"windows-1255",
        1256 => b"windows-1256",
        1257 => b"windows-1257",
        1258 => b"windows-1258",
        65001 => b"utf-8",
        _ => return None,
    };
    Encoding::for_label(label)
}

pub(super) fn short(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

pub(super) fn long(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

pub(super) fn double(data: &[u8], at: usize) -> Option<f64> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(f64::from_le_bytes(*bytes))
}

/// A number in 30 bits: whole or the upper half of a double, perhaps times a hundred ([MS-XLS] 2.5.217).
#[allow(
    clippy::float_arithmetic,
    reason = "the format keeps some numbers times a hundred"
)]
pub(super) fn packed(rk: u32) -> f64 {
    let number = if rk & 2 != 0 {
        f64::from(rk.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(rk & !3) << 32)
    };
    if rk & 1 != 0 { number / 100.0 } else { number }
}
