//! The scalar functions that rules are written with. Each is the arithmetic of `kernel` applied to columns;
//! none reads a clock. `full_years` keeps one table of birthdays per date asked, because a sweep asks one date of everyone.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray, StringViewArray,
};
use datafusion::arrow::buffer::{BooleanBuffer, NullBuffer};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, cast::as_string_view_array, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, TypeSignature, Volatility, create_udf};
use jiff::civil::Date;

use kernel::IdNumber;
use kernel::date::{from_days, to_days as days};

/// Every function a pack may call besides those of SQL itself.
#[must_use]
pub fn all() -> Vec<ScalarUDF> {
    let mut functions = vec![
        function(
            "full_years",
            &[DataType::Date32, DataType::Date32],
            DataType::Int64,
            full_years(),
        ),
        function(
            "months_between",
            &[DataType::Date32, DataType::Date32],
            DataType::Int64,
            months_between,
        ),
        function(
            "add_years",
            &[DataType::Date32, DataType::Int64],
            DataType::Date32,
            |a| shift(a, kernel::age::add_years),
        ),
        function(
            "add_months",
            &[DataType::Date32, DataType::Int64],
            DataType::Date32,
            |a| shift(a, kernel::age::add_months),
        ),
        function(
            "period_start",
            &[DataType::Date32, DataType::Utf8View],
            DataType::Date32,
            |a| bound(a, |p| p.start()),
        ),
        function(
            "period_end",
            &[DataType::Date32, DataType::Utf8View],
            DataType::Date32,
            |a| bound(a, |p| p.end()),
        ),
        function("year_of", &[DataType::Date32], DataType::Int64, |a| {
            part(a, |d| i64::from(d.year()))
        }),
        function("month_of", &[DataType::Date32], DataType::Int64, |a| {
            part(a, |d| i64::from(d.month()))
        }),
        function("day_of", &[DataType::Date32], DataType::Int64, |a| {
            part(a, |d| i64::from(d.day()))
        }),
    ];
    functions.extend([
        function(
            "partial_from",
            &[DataType::Utf8View],
            DataType::Date32,
            |a| partial(a, kernel::PartialDate::first),
        ),
        function("partial_to", &[DataType::Utf8View], DataType::Date32, |a| {
            partial(a, kernel::PartialDate::last)
        }),
        function("birth_in", &[DataType::Utf8View], DataType::Date32, |a| {
            let arrays = ColumnarValue::values_to_arrays(a)?;
            let numbers = as_string_view_array(&arrays[0])?.iter();
            let birth = |number: &str| Some(days(number.parse::<IdNumber>().ok()?.birth()));
            let births = numbers.map(|number| birth(number?));
            Ok(ColumnarValue::Array(Arc::new(
                births.collect::<Date32Array>(),
            )))
        }),
        function("sex_in", &[DataType::Utf8View], DataType::Utf8View, |a| {
            of_text(a, |number| {
                Some(number.parse::<IdNumber>().ok()?.sex().as_str())
            })
        }),
        function(
            "document_kind",
            &[DataType::Utf8View],
            DataType::Utf8View,
            |a| {
                of_text(a, |document| {
                    Some(document.split_once(' ').map_or(document, |(kind, _)| kind))
                })
            },
        ),
        function(
            "document_number",
            &[DataType::Utf8View],
            DataType::Utf8View,
            |a| of_text(a, |document| Some(document.split_once(' ')?.1)),
        ),
        function(
            "has",
            &[DataType::Utf8View, DataType::Utf8View],
            DataType::Boolean,
            has,
        ),
        function("items", &[DataType::Utf8View], DataType::Int64, |a| {
            let arrays = ColumnarValue::values_to_arrays(a)?;
            let lists = as_string_view_array(&arrays[0])?.iter();
            let counts = lists.map(|list| i64::try_from(list?.split('\n').count()).ok());
            Ok(ColumnarValue::Array(Arc::new(
                counts.collect::<Int64Array>(),
            )))
        }),
    ]);
    for (name, mask) in MASKS {
        functions.push(function(
            name,
            &[DataType::Utf8View],
            DataType::Utf8View,
            move |a| masked(a, *mask),
        ));
    }
    functions
}

/// What each function takes and gives, as `full_years(date, date) → int`, in the words of the pack's field types.
#[must_use]
pub fn signatures() -> Vec<String> {
    let word = |kind: &DataType| match kind {
        DataType::Date32 => "date",
        DataType::Int64 => "int",
        DataType::Boolean => "bool",
        _ => "text",
    };
    let signature = |function: &ScalarUDF| {
        let takes = match &function.signature().type_signature {
            TypeSignature::Exact(takes) => takes.clone(),
            _ => Vec::new(),
        };
        let gives = function.return_type(&takes).unwrap_or(DataType::Null);
        let takes: Vec<&str> = takes.iter().map(word).collect();
        format!(
            "{}({}) → {}",
            function.name(),
            takes.join(", "),
            word(&gives)
        )
    };
    let money = crate::money::SIGNATURES.map(str::to_owned);
    all().iter().map(signature).chain(money).collect()
}

/// A masking rule over text.
type Mask = fn(&str) -> String;

/// The masking functions by their SQL names; `session` uses the same ones to hide what a grant does not reveal.
const MASKS: &[(&str, Mask)] = &[
    ("mask_name", kernel::mask::name),
    ("mask_id", kernel::mask::id),
    ("mask_phone", kernel::mask::phone),
    ("mask_address", kernel::mask::address),
    ("mask_account", kernel::mask::account),
    ("mask_document", kernel::mask::document),
];

/// A text as one of the masking functions leaves it.
pub(crate) fn mask(name: &str, text: &str) -> Option<String> {
    let (_, mask) = MASKS.iter().find(|(own, _)| *own == name)?;
    Some(mask(text))
}

fn function(
    name: &str,
    takes: &[DataType],
    gives: DataType,
    body: impl Fn(&[ColumnarValue]) -> Result<ColumnarValue> + Send + Sync + 'static,
) -> ScalarUDF {
    create_udf(
        name,
        takes.to_vec(),
        gives,
        Volatility::Immutable,
        Arc::new(body),
    )
}

fn dates(array: &ArrayRef) -> Result<&Date32Array> {
    datafusion::common::cast::as_date32_array(array)
}

fn date_at(array: &Date32Array, row: usize) -> Option<Date> {
    if array.is_null(row) {
        None
    } else {
        from_days(array.value(row))
    }
}

/// Full years of age of each birth date on a date; null when either is null or the birth lies after the date.
fn full_years() -> impl Fn(&[ColumnarValue]) -> Result<ColumnarValue> + Send + Sync {
    // A query asks batch after batch of one date.
    let last: Mutex<Option<Arc<Birthdays>>> = Mutex::new(None);
    let birthdays = move |on: Date| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(known) if known.on == days(on) => known.clone(),
            _ => last.insert(Arc::new(Birthdays::on(on))).clone(),
        }
    };
    move |args| match args {
        [
            ColumnarValue::Array(births),
            ColumnarValue::Scalar(ScalarValue::Date32(on)),
        ] => {
            let births = dates(births)?;
            Ok(ColumnarValue::Array(match on.and_then(from_days) {
                Some(on) => Arc::new(birthdays(on).ages(births)),
                None => Arc::new(Int64Array::new_null(births.len())),
            }))
        }
        _ => two_dates(args, |birth, on| {
            (birth <= on).then(|| i64::from(kernel::age::full_years(birth, on)))
        }),
    }
}

/// For one date, the last birth date of each age: an age is found by a guess and a comparison.
struct Birthdays {
    on: i32,
    /// `latest[k]` is the last day on which someone was born who is at least `k` years old.
    latest: Vec<i32>,
}

impl Birthdays {
    const OLDEST: i32 = 400;

    fn on(on: Date) -> Self {
        let latest = (0..=Self::OLDEST)
            .map(|age| {
                let near = days(kernel::age::add_years(on, -age));
                // The day itself or its neighbour, depending on how 29 February is counted.
                (near - 1..=near + 1)
                    .rev()
                    .find(|&day| {
                        day <= days(on)
                            && from_days(day)
                                .is_some_and(|birth| kernel::age::full_years(birth, on) >= age)
                    })
                    .unwrap_or(i32::MIN)
            })
            .chain([i32::MIN])
            .collect();
        Self {
            on: days(on),
            latest,
        }
    }

    fn ages(&self, births: &Date32Array) -> Int64Array {
        let ages = births.values().iter().map(|&birth| self.age(birth));
        let born = BooleanBuffer::collect_bool(births.len(), |row| births.value(row) <= self.on);
        let known = NullBuffer::union(births.nulls(), Some(&NullBuffer::new(born)));
        Int64Array::new(ages.collect(), known)
    }

    /// The age of someone born on or before the date.
    fn age(&self, birth: i32) -> i64 {
        // n years have at most 365 n + ⌈n / 4⌉ days, so the guess is never too high; 400 years lack three leap days, so it
        // is never more than one too low.
        let guess = (i64::from(self.on) - i64::from(birth)) * 4 / 1461;
        let guess = guess.clamp(0, i64::from(Self::OLDEST));
        let next = usize::try_from(guess + 1).unwrap_or(0);
        guess + i64::from(birth <= self.latest[next])
    }
}

fn months_between(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    two_dates(args, |from, to| {
        Some(i64::from(kernel::age::months_between(from, to)))
    })
}

fn two_dates(
    args: &[ColumnarValue],
    count: impl Fn(Date, Date) -> Option<i64>,
) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let (left, right) = (dates(&arrays[0])?, dates(&arrays[1])?);
    let counted: Int64Array = (0..left.len())
        .map(|row| {
            date_at(left, row)
                .zip(date_at(right, row))
                .and_then(|(a, b)| count(a, b))
        })
        .collect();
    Ok(ColumnarValue::Array(Arc::new(counted)))
}

fn shift(args: &[ColumnarValue], by: fn(Date, i32) -> Date) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let (from, count) = (
        dates(&arrays[0])?,
        datafusion::common::cast::as_int64_array(&arrays[1])?,
    );
    let shifted: Date32Array = (0..from.len())
        .map(|row| {
            (!count.is_null(row))
                .then(|| date_at(from, row))
                .flatten()
                .map(|day| days(by(day, i32::try_from(count.value(row)).unwrap_or(0))))
        })
        .collect();
    Ok(ColumnarValue::Array(Arc::new(shifted)))
}

fn part(args: &[ColumnarValue], of: fn(Date) -> i64) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let from = dates(&arrays[0])?;
    let parts: Int64Array = (0..from.len())
        .map(|row| date_at(from, row).map(of))
        .collect();
    Ok(ColumnarValue::Array(Arc::new(parts)))
}

fn bound(args: &[ColumnarValue], of: fn(&kernel::Period) -> Date) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let (from, kinds) = (dates(&arrays[0])?, as_string_view_array(&arrays[1])?);
    let mut bounds = Vec::with_capacity(from.len());
    for row in 0..from.len() {
        bounds.push(match (date_at(from, row), kinds.is_null(row)) {
            (Some(day), false) => Some(days(of(&period_of(day, kinds.value(row))?))),
            _ => None,
        });
    }
    Ok(ColumnarValue::Array(Arc::new(Date32Array::from(bounds))))
}

fn period_of(day: Date, kind: &str) -> Result<kernel::Period> {
    Ok(match kind {
        "year" => kernel::Period::year_of(day),
        "half" => kernel::Period::half_of(day),
        "quarter" => kernel::Period::quarter_of(day),
        "month" => kernel::Period::month_of(day),
        other => {
            return exec_err!("a period is 'year', 'half', 'quarter' or 'month', not '{other}'");
        }
    })
}

/// Whether a list has a thing in it.
fn has(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let (lists, items) = (
        as_string_view_array(&arrays[0])?,
        as_string_view_array(&arrays[1])?,
    );
    let found = lists.iter().zip(items.iter());
    let found = found.map(|(list, item)| Some(list?.split('\n').any(|own| Some(own) == item)));
    Ok(ColumnarValue::Array(Arc::new(
        found.collect::<BooleanArray>(),
    )))
}

/// A day of a date of which perhaps only the year or the month is known.
fn partial(args: &[ColumnarValue], day: fn(kernel::PartialDate) -> Date) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let dates = as_string_view_array(&arrays[0])?.iter();
    let found = dates.map(|date| Some(days(day(date?.parse().ok()?))));
    Ok(ColumnarValue::Array(Arc::new(
        found.collect::<Date32Array>(),
    )))
}

fn of_text(args: &[ColumnarValue], of: impl Fn(&str) -> Option<&str>) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let texts = as_string_view_array(&arrays[0])?.iter();
    let found: StringViewArray = texts.map(|text| of(text?)).collect();
    Ok(ColumnarValue::Array(Arc::new(found)))
}

fn masked(args: &[ColumnarValue], mask: Mask) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let clear = as_string_view_array(&arrays[0])?;
    let hidden: StringViewArray = clear.iter().map(|text| text.map(mask)).collect();
    Ok(ColumnarValue::Array(Arc::new(hidden)))
}

/// A text column of any of Arrow's layouts as a list of optional strings.
#[must_use]
pub fn texts(array: &dyn Array) -> Vec<Option<String>> {
    if let Some(view) = array.as_any().downcast_ref::<StringViewArray>() {
        view.iter().map(|text| text.map(str::to_owned)).collect()
    } else if let Some(plain) = array.as_any().downcast_ref::<StringArray>() {
        plain.iter().map(|text| text.map(str::to_owned)).collect()
    } else {
        vec![None; array.len()]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_table_of_birthdays_agrees_with_the_kernel() {
        for on in [
            date(2025, 12, 31),
            date(2024, 2, 29),
            date(2025, 2, 28),
            date(2025, 3, 1),
            date(2100, 3, 1),
        ] {
            let birthdays = Birthdays::on(on);
            let births: Date32Array = (-1..146_000).map(|back| Some(days(on) - back)).collect();
            let ages = birthdays.ages(&births);
            for (birth, age) in births.iter().zip(&ages) {
                let birth = from_days(birth.unwrap()).unwrap();
                let expected = (birth <= on).then(|| i64::from(kernel::age::full_years(birth, on)));
                assert_eq!(age, expected, "born {birth} on {on}");
            }
            let unknown = Date32Array::from(vec![None, Some(days(on)), None]);
            assert_eq!(
                birthdays.ages(&unknown),
                Int64Array::from(vec![None, Some(0), None])
            );
        }
    }
}
