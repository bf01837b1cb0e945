//! Money in whole fen (分, a hundredth of a yuan), as figures and in the words that payment documents ask for. Sums are
//! checked: one that does not fit is refused, never wrapped. No floating point touches an amount.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::plain::fault_in_english;
use crate::text::{is_blank, narrow};

/// An amount in fen. `Fen(123_450)` is 1,234.50 yuan.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FenFault {
    /// Nothing is written.
    Empty,
    /// The text is not a number of yuan.
    Form(String),
    /// There is a part smaller than a fen.
    TooFine(String),
    /// The amount is greater than can be kept.
    TooGreat(String),
}

impl FenFault {
    /// Says what is wrong and how an amount is written.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (FenFault::Empty, Lang::Zh) => "金额未填写".to_owned(),
            (FenFault::Empty, Lang::En) => "the amount is missing".to_owned(),
            (FenFault::Form(text), Lang::Zh) => {
                format!("“{text}”不是金额，请以元为单位填写，如1234.50")
            }
            (FenFault::Form(text), Lang::En) => {
                format!("“{text}” is not an amount; write yuan, for example 1234.50")
            }
            (FenFault::TooFine(text), Lang::Zh) => {
                format!("金额“{text}”小于分的部分无法入账，请保留两位小数")
            }
            (FenFault::TooFine(text), Lang::En) => {
                format!(
                    "the amount “{text}” has a part smaller than a fen; please keep two decimals"
                )
            }
            (FenFault::TooGreat(text), Lang::Zh) => format!("金额“{text}”过大，请核对"),
            (FenFault::TooGreat(text), Lang::En) => {
                format!("the amount “{text}” is too great; please check it")
            }
        }
    }
}
fault_in_english!(FenFault);

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// Reads an amount in yuan as people write it: `1234.5`, `1,234.50`, `￥1,234.50`, `1234元`, full-width digits.
    pub fn read(text: &str) -> Result<Fen, FenFault> {
        let shown = || text.trim().chars().take(40).collect::<String>();
        let clean: String = text
            .chars()
            .take(64)
            .filter(|ch| !is_blank(*ch))
            .map(narrow)
            .collect();
        if clean.is_empty() {
            return Err(FenFault::Empty);
        }
        let (negative, clean) = match clean.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, clean.as_str()),
        };
        let clean = clean.strip_prefix('\u{A5}').unwrap_or(clean);
        let clean = clean.strip_suffix('元').unwrap_or(clean);
        let (clean, shift) = match (clean.strip_suffix('万'), clean.strip_suffix('亿')) {
            (Some(rest), _) => (rest, 4),
            (_, Some(rest)) => (rest, 8),
            _ => (clean, 0),
        };
        let (yuan, fraction) = clean.split_once('.').unwrap_or((clean, ""));
        let yuan = without_commas(yuan).ok_or_else(|| FenFault::Form(shown()))?;
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(FenFault::Form(shown()));
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 2 + shift {
            return Err(FenFault::TooFine(shown()));
        }
        let sign = if negative { "-" } else { "" };
        format!("{sign}{yuan}{fraction:0<width$}", width = 2 + shift)
            .parse()
            .map(Fen)
            .map_err(|_| FenFault::TooGreat(shown()))
    }

    /// The sum, if it fits.
    pub const fn checked_add(self, other: Fen) -> Option<Fen> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// The difference, if it fits.
    pub const fn checked_sub(self, other: Fen) -> Option<Fen> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// So many times the amount, if it fits.
    pub const fn checked_mul(self, times: i64) -> Option<Fen> {
        match self.0.checked_mul(times) {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// The amount in words (大写金额), as payment documents ask for: `壹仟贰佰叁拾肆元伍角整`.
    ///
    /// Source: 《支付结算办法》（银发〔1997〕393号）附一“正确填写票据和结算凭证的基本规定”, items 1, 2 and 4. Where item 4 leaves a choice,
    /// 零 is written between 元 and 角 when the yuan end in 0, not written after 万 when thousands follow, and 整 is written
    /// after 角. A negative amount begins with 负.
    pub fn words(self) -> String {
        let amount = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (
            amount / 100,
            (amount / 10 % 10) as usize,
            (amount % 10) as usize,
        );
        let mut words = String::new();
        if self.0 < 0 {
            words.push('负');
        }
        if yuan > 0 {
            write_number(yuan, &mut words);
            words.push('元');
        } else if amount == 0 {
            words.push_str("零元");
        }
        if yuan > 0 && !amount.is_multiple_of(100) && (jiao == 0 || yuan % 10 == 0) {
            words.push('零');
        }
        if jiao > 0 {
            words.push(DIGITS[jiao]);
            words.push('角');
        }
        if fen > 0 {
            words.push(DIGITS[fen]);
            words.push('分');
        } else {
            words.push('整');
        }
        words
    }
}

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// Writes a number above zero in words.
fn write_number(number: u64, words: &mut String) {
    const STEPS: [(u64, char); 5] = [
        (100_000_000, '亿'),
        (10_000, '万'),
        (1_000, '仟'),
        (100, '佰'),
        (10, '拾'),
    ];
    for (step, name) in STEPS {
        if number >= step {
            write_number(number / step, words);
            words.push(name);
            let rest = number % step;
            if rest > 0 {
                if rest < step / 10 {
                    words.push('零');
                }
                write_number(rest, words);
            }
            return;
        }
    }
    words.push(DIGITS[(number % 10) as usize]);
}

/// The digits of whole yuan; commas are allowed where thousands end.
fn without_commas(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let mut joined = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    digits(first).then_some(joined)
}

/// In yuan with thousands separated: `1,234.50`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.0.unsigned_abs();
        let yuan = (amount / 100).to_string();
        let mut text = String::with_capacity(28);
        if self.0 < 0 {
            text.push('-');
        }
        for (index, digit) in yuan.chars().enumerate() {
            if index > 0 && (yuan.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text.push_str(&format!(".{:02}", amount % 100));
        f.pad(&text)
    }
}

impl FromStr for Fen {
    type Err = FenFault;

    fn from_str(text: &str) -> Result<Self, FenFault> {
        Fen::read(text)
    }
}

/// Nothing as soon as the sum no longer fits.
impl Sum<Fen> for Option<Fen> {
    fn sum<I: Iterator<Item = Fen>>(mut amounts: I) -> Option<Fen> {
        amounts.try_fold(Fen::ZERO, Fen::checked_add)
    }
}
