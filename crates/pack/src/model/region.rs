//! Where an ID number was given out: its first six digits are the code of a county as it was then. Counties change, so a pack says in a
//! code list (`of_numbers`) what each was called when, and what it became.

use jiff::civil::{Date, date};
use kernel::{IdNumber, age};

use super::{CodeList, CodeSpan, Pack, Text};

/// Since when citizens are given numbers: 《居民身份证试行条例》 of 6 April 1984. Names are known by the end of a year.
const FIRST_NUMBERS: Date = date(1984, 12, 31);
/// Since when whoever is born is given a number when the birth is registered, and all who had none were given one: 《国务院关于实行公民身份
/// 号码制度的决定》 (1999).
const AT_BIRTH: Date = date(1999, 10, 1);
/// The age from which on one was given before: 《居民身份证条例》 (1985), article 2.
const AGE: i32 = 16;

/// Where an ID number was given out first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPlace {
    /// The day by which the names go: about when it was given out.
    pub as_of: Date,
    /// What it was called then: the province, the prefecture if there was one, the county.
    pub then: Vec<Text>,
    /// What that has become, if it is called otherwise now: each place, from the province down.
    pub now: Vec<Vec<Text>>,
}

/// About when somebody born on a day was given a number.
pub fn first_issued(birth: Date) -> Date {
    if birth >= AT_BIRTH {
        return birth;
    }
    age::add_years(birth, AGE).min(AT_BIRTH).max(FIRST_NUMBERS)
}

impl Pack {
    /// The code list of what ID numbers begin with.
    pub fn regions(&self) -> Option<&CodeList> {
        self.codes.iter().find(|list| list.of_numbers)
    }

    /// Whether a number begins with a code that a county ever had; none if that can't be told: without a list of them, and of numbers
    /// of residents of Hong Kong, Macao and Taiwan and of foreigners (8 and 9), which go by others.
    pub fn begins_with_region(&self, number: &IdNumber) -> Option<bool> {
        let list = self.regions()?;
        let region = number.region();
        (!region.starts_with(['8', '9'])).then(|| known_by(list, region).is_some())
    }

    /// Where a number was given out first, as it was called then, and on a day; none if the pack doesn't tell.
    pub fn first_issued_in(&self, number: &IdNumber, on: Date) -> Option<NumberPlace> {
        let list = self.regions()?;
        let value = known_by(list, number.region())?;
        let about = first_issued(number.birth());
        let span = list.span_near(value, about)?;
        let last = span.until.and_then(|until| until.yesterday().ok());
        let as_of = about.min(last.unwrap_or(about)).max(span.from);
        let then = whole(list, span, as_of);
        let became = list.became(span, on);
        let now: Vec<Vec<Text>> = became.iter().map(|span| whole(list, span, on)).collect();
        let same = now.iter().eq([&then]);
        Some(NumberPlace {
            as_of,
            now: if same { Vec::new() } else { now },
            then,
        })
    }
}

/// The value of a list that a number's first six digits stand for. Districts of a city as a whole (`…01`) go by the city's own.
fn known_by<'r>(list: &'r CodeList, region: &'r str) -> Option<&'r str> {
    let is_there = |value: &str| list.spans_of(value).first();
    if region.ends_with("0000") {
        return None;
    }
    if let Some(span) = is_there(region) {
        return Some(&span.value);
    }
    let city = region.strip_suffix("01").map(|city| format!("{city}00"))?;
    is_there(&city).map(|span| &*span.value)
}

/// A place with what it lies in, from the province down, as they are called on a day.
fn whole(list: &CodeList, span: &CodeSpan, on: Date) -> Vec<Text> {
    let above = |digits: usize| {
        let code = format!("{:0<6}", span.value.get(..digits)?);
        let named = list.spans_of(&code).iter().find(|span| span.holds(on))?;
        (code != span.value).then(|| named.name.clone())
    };
    let above = [2, 4].into_iter().filter_map(above);
    above.chain([span.name.clone()]).collect()
}
