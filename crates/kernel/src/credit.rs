//! The unified social credit code of GB 32100, which names every enterprise, institution and association. A `CreditCode`
//! is always 18 characters with the right check character. It never says whether the organisation exists.

use std::fmt;
use std::str::FromStr;

use crate::Lang;
use crate::plain::{as_text, fault_in_english};
use crate::unit::ascii;

/// The 31 characters and their values, by position (GB 32100-2015: digits and capital letters without I O S V Z).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LEN: usize = 18;

/// A checked unified social credit code.
///
/// Composition (GB 32100-2015): 1 registering authority, 1 kind, 6 digits region, 9 organisation code
/// (GB 11714), 1 check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode([u8; LEN]);

/// Why a text is not a credit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditFault {
    /// There are this many characters instead of 18.
    Length(usize),
    /// A character that cannot stand there.
    Character {
        /// Which character, from 1.
        at: usize,
        /// The character.
        ch: char,
    },
    /// The last character should have been another: a character is mistyped.
    Check {
        /// The check character that the first 17 ask for.
        expected: char,
    },
}

impl CreditFault {
    /// Says what is wrong and what to do about it.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (CreditFault::Length(n), Lang::Zh) => {
                format!("统一社会信用代码应为18位，现为{n}位，请核对")
            }
            (CreditFault::Length(n), Lang::En) => {
                format!(
                    "a unified social credit code has 18 characters, this one has {n}; please check it"
                )
            }
            (CreditFault::Character { at, ch }, Lang::Zh) => {
                format!("统一社会信用代码第{at}位不应是“{ch}”（不使用I、O、S、V、Z），请核对")
            }
            (CreditFault::Character { at, ch }, Lang::En) => {
                format!(
                    "character {at} of the credit code cannot be “{ch}” (I, O, S, V and Z are not used); please check it"
                )
            }
            (CreditFault::Check { expected }, Lang::Zh) => {
                format!("统一社会信用代码校验不符：按前17位，末位应为{expected}，请逐位核对")
            }
            (CreditFault::Check { expected }, Lang::En) => {
                format!(
                    "the credit code fails its check: the last character should be {expected}; please compare each one"
                )
            }
        }
    }
}
fault_in_english!(CreditFault);

impl CreditCode {
    /// Reads a code written exactly: 18 characters in upper case.
    pub fn parse(text: &str) -> Result<CreditCode, CreditFault> {
        for (index, ch) in text.chars().enumerate().take(LEN) {
            let fits = if (2..8).contains(&index) {
                ch.is_ascii_digit()
            } else {
                value(ch).is_some()
            };
            if !fits {
                return Err(CreditFault::Character { at: index + 1, ch });
            }
        }
        let bytes = <[u8; LEN]>::try_from(text.as_bytes())
            .map_err(|_| CreditFault::Length(text.chars().count()))?;
        let expected = check_character(&bytes);
        if bytes[LEN - 1] != expected {
            return Err(CreditFault::Check {
                expected: char::from(expected),
            });
        }
        Ok(CreditCode(bytes))
    }

    /// Reads a code as people write it: spaces are dropped, full-width and lower-case characters made ordinary.
    pub fn read(text: &str) -> Result<CreditCode, CreditFault> {
        CreditCode::parse(&crate::text::normal(text).to_ascii_uppercase())
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// The county of the registering authority, characters 3 to 8.
    pub fn region(&self) -> &str {
        ascii(&self.0[2..8])
    }
}

fn value(ch: char) -> Option<u32> {
    ALPHABET
        .iter()
        .position(|c| char::from(*c) == ch)
        .map(|index| index as u32)
}

/// The check character of the first 17 (GB 32100-2015, by GB/T 17710: weights 3^(i−1) mod 31; 31 − sum mod 31, and 31 is 0).
fn check_character(bytes: &[u8; LEN]) -> u8 {
    let mut sum = 0;
    let mut weight = 1;
    for byte in &bytes[..LEN - 1] {
        sum += value(char::from(*byte)).unwrap_or_default() * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET[((31 - sum % 31) % 31) as usize]
}

impl FromStr for CreditCode {
    type Err = CreditFault;

    fn from_str(text: &str) -> Result<Self, CreditFault> {
        CreditCode::parse(text)
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditCode({})", self.as_str())
    }
}

as_text!(CreditCode);
