//! The code of a unit: the 12-digit statistical region code, and a grid below the community. A code tells its level and
//! its ancestors by itself, and a scope ("all under this unit") is a code that contains another. Whether a unit with that
//! code exists, and when, is a matter of the ledger, never of this module.

use std::fmt;
use std::str::FromStr;

use crate::Lang;
use crate::plain::{as_text, fault_in_english};

/// The level of a unit in the administrative tree, highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitLevel {
    /// 省、自治区、直辖市
    Province,
    /// 地市
    City,
    /// 县、区
    County,
    /// 街道、镇、乡
    Township,
    /// 社区、村
    Community,
    /// 网格
    Grid,
}

impl UnitLevel {
    /// The word shown to people.
    pub const fn label(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (UnitLevel::Province, Lang::Zh) => "省级",
            (UnitLevel::City, Lang::Zh) => "地级",
            (UnitLevel::County, Lang::Zh) => "县级",
            (UnitLevel::Township, Lang::Zh) => "乡镇、街道",
            (UnitLevel::Community, Lang::Zh) => "社区、村",
            (UnitLevel::Grid, Lang::Zh) => "网格",
            (UnitLevel::Province, Lang::En) => "province",
            (UnitLevel::City, Lang::En) => "city",
            (UnitLevel::County, Lang::En) => "county",
            (UnitLevel::Township, Lang::En) => "township",
            (UnitLevel::Community, Lang::En) => "community",
            (UnitLevel::Grid, Lang::En) => "grid",
        }
    }
}

/// Digits of a code without its grid.
const DIGITS: usize = 12;
/// Digits, a hyphen and the three digits of the longest grid number.
const LONGEST: usize = DIGITS + 4;

/// The code of a unit: `210203001001`, or with a grid `210203001001-03`.
///
/// Composition (statistical region codes of the National Bureau of Statistics): 2 digits province, 2 city, 2 county
/// (these six are GB/T 2260), 3 township (`0xx` street, `1xx` town, `2xx` `3xx` township), 3 community (residents'
/// committees from `001`, villages from `200`). Zeros to the right fill up the code of a higher unit. A grid is numbered
/// `01` to `999` within its community.
///
/// Codes are ordered as their text, so a unit comes right before everything under it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitCode {
    /// ASCII, filled up with zero bytes.
    text: [u8; LONGEST],
    len: u8,
}

/// Why a text is not the code of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitFault {
    /// There are this many digits instead of 12.
    Length(usize),
    /// A character, counted from 1, that cannot stand there.
    Character {
        /// Which character, from 1.
        at: usize,
        /// The character.
        ch: char,
    },
    /// A grid is written below a unit that is not a community.
    GridAboveCommunity,
    /// The part after the hyphen is not a number from 01 to 999 written with at least two digits.
    Grid(String),
}

impl UnitFault {
    /// Says what is wrong and how a code is written.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (UnitFault::Length(n), Lang::Zh) => format!("单位代码应为12位数字，现为{n}位，请补全"),
            (UnitFault::Length(n), Lang::En) => {
                format!("a unit code has 12 digits, this one has {n}; please complete it")
            }
            (UnitFault::Character { at, ch }, Lang::Zh) => {
                format!("单位代码第{at}位是“{ch}”，应为数字，且首位不为0，请核对")
            }
            (UnitFault::Character { at, ch }, Lang::En) => {
                format!(
                    "character {at} of the unit code is “{ch}”; only digits may stand there, and the first is not 0"
                )
            }
            (UnitFault::GridAboveCommunity, Lang::Zh) => {
                "网格只能设在社区、村之下，请先写全社区、村的12位代码".to_owned()
            }
            (UnitFault::GridAboveCommunity, Lang::En) => {
                "a grid belongs to a community; write the community's 12 digits before it"
                    .to_owned()
            }
            (UnitFault::Grid(text), Lang::Zh) => {
                format!("网格编号“{text}”应为01至999，不足两位的前面补0")
            }
            (UnitFault::Grid(text), Lang::En) => {
                format!(
                    "the grid number “{text}” should be 01 to 999, written with at least two digits"
                )
            }
        }
    }
}
fault_in_english!(UnitFault);

impl UnitCode {
    /// Reads a code written exactly: 12 digits, and for a grid a hyphen and its number.
    pub fn parse(text: &str) -> Result<UnitCode, UnitFault> {
        let (digits, grid) = match text.split_once('-') {
            Some((digits, grid)) => (digits, Some(grid)),
            None => (text, None),
        };
        for (index, ch) in digits.chars().enumerate() {
            if !ch.is_ascii_digit() || (index == 0 && ch == '0') {
                return Err(UnitFault::Character { at: index + 1, ch });
            }
        }
        if digits.len() != DIGITS {
            return Err(UnitFault::Length(digits.len()));
        }
        let mut code = UnitCode {
            text: [0; LONGEST],
            len: DIGITS as u8,
        };
        code.text[..DIGITS].copy_from_slice(digits.as_bytes());
        match grid {
            None => Ok(code),
            Some(grid) => code.with_grid_text(grid),
        }
    }

    fn with_grid_text(self, grid: &str) -> Result<UnitCode, UnitFault> {
        if self.level() != UnitLevel::Community {
            return Err(UnitFault::GridAboveCommunity);
        }
        let number = match grid.len() {
            2 | 3 if grid.bytes().all(|b| b.is_ascii_digit()) => {
                grid.parse::<u16>().unwrap_or_default()
            }
            _ => 0,
        };
        if number == 0 || (grid.len() == 3 && number < 100) {
            return Err(UnitFault::Grid(grid.to_owned()));
        }
        let mut code = self;
        let end = DIGITS + 1 + grid.len();
        code.text[DIGITS] = b'-';
        code.text[DIGITS + 1..end].copy_from_slice(grid.as_bytes());
        code.len = end as u8;
        Ok(code)
    }

    /// The grid numbered `number` (1 to 999) in this community.
    pub fn grid(self, number: u16) -> Result<UnitCode, UnitFault> {
        self.with_grid_text(&format!("{number:02}"))
    }

    /// The code as it is written: 12 digits, and the grid if it is one.
    pub fn as_str(&self) -> &str {
        ascii(&self.text[..self.len as usize])
    }

    /// The level, told by the zeros on the right.
    pub fn level(&self) -> UnitLevel {
        let zero = |from: usize, to: usize| self.text[from..to].iter().all(|b| *b == b'0');
        if self.len as usize > DIGITS {
            UnitLevel::Grid
        } else if !zero(9, 12) {
            UnitLevel::Community
        } else if !zero(6, 9) {
            UnitLevel::Township
        } else if !zero(4, 6) {
            UnitLevel::County
        } else if !zero(2, 4) {
            UnitLevel::City
        } else {
            UnitLevel::Province
        }
    }

    /// The digits that everything under this unit begins with: 2, 4, 6, 9 or 12 of them, or the whole code of a grid.
    ///
    /// Text that begins with these characters is not yet *under* a grid: `…-10` also begins `…-100`. Ask [`contains`].
    ///
    /// [`contains`]: UnitCode::contains
    pub fn prefix(&self) -> &str {
        let len = match self.level() {
            UnitLevel::Province => 2,
            UnitLevel::City => 4,
            UnitLevel::County => 6,
            UnitLevel::Township => 9,
            UnitLevel::Community => DIGITS,
            UnitLevel::Grid => self.len as usize,
        };
        ascii(&self.text[..len])
    }

    /// The unit right above, by the code alone; a province has none.
    ///
    /// Where a level is left out (a town directly under a prefecture-level city such as `441900003000`), the parent is the
    /// next unit that has a code of its own.
    pub fn parent(&self) -> Option<UnitCode> {
        let keep = match self.level() {
            UnitLevel::Province => return None,
            UnitLevel::City => 2,
            UnitLevel::County => 4,
            UnitLevel::Township => 6,
            UnitLevel::Community => 9,
            UnitLevel::Grid => DIGITS,
        };
        let mut parent = UnitCode {
            text: [0; LONGEST],
            len: DIGITS as u8,
        };
        parent.text[..keep].copy_from_slice(&self.text[..keep]);
        parent.text[keep..DIGITS].fill(b'0');
        Some(parent)
    }

    /// Whether `other` is this unit or under it.
    pub fn contains(&self, other: &UnitCode) -> bool {
        match self.level() {
            UnitLevel::Grid => self == other,
            _ => other.as_str().starts_with(self.prefix()),
        }
    }
}

/// The text of bytes that are known to be ASCII, because only ASCII is ever stored in the types of this crate.
#[expect(clippy::expect_used, reason = "the callers store ASCII only")]
pub(crate) fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("ASCII")
}

impl FromStr for UnitCode {
    type Err = UnitFault;

    fn from_str(text: &str) -> Result<Self, UnitFault> {
        UnitCode::parse(text)
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnitCode({})", self.as_str())
    }
}

as_text!(UnitCode);
