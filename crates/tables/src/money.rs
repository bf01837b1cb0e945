//! The arithmetic of money in SQL. Each function states how it rounds, works with whole numbers throughout, and answers NULL where an
//! argument is NULL; what is too great is an error, never a wrong amount. None takes floating point.
//!
//! `share(fen, rate, rule [, unit])` · `divide(fen, number, rule [, unit])` · `round_to(fen, rule, unit)` ·
//! `progressive(fen, $brackets, rule [, unit])` · `bracket(value, $brackets)` · `bracket_rate(value, $brackets)`;
//! rules are those of [`Rounding`], units `'fen'` (unless another is named), `'jiao'`, `'yuan'`.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kernel::{MOST_PLACES, Rounding};
use pack::{Brackets, Gives};

/// Digits of a rate while it is multiplied.
const WIDE: u8 = 38;
/// Digits of a rate as a result, as columns hold it.
const NARROW: u8 = 18;
/// Places of a rate.
const PLACES: i8 = MOST_PLACES.cast_signed();

/// What each function takes and gives; `?` marks what may be left out.
pub(crate) const SIGNATURES: [&str; 6] = [
    "share(int, rate, text, text?) → int",
    "divide(int, int, text, text?) → int",
    "round_to(int, text, text) → int",
    "progressive(int, brackets, text, text?) → int",
    "bracket(int, brackets) → int",
    "bracket_rate(int, brackets) → decimal",
];

/// Every function of money.
pub(crate) fn functions() -> Vec<ScalarUDF> {
    let all = [
        Does::Share,
        Does::Divide,
        Does::Round,
        Does::Progressive,
        Does::Bracket,
        Does::BracketRate,
    ];
    let function = |does| {
        ScalarUDF::from(Money {
            does,
            signature: Signature::user_defined(Volatility::Immutable),
        })
    };
    all.map(function).into()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Does {
    Share,
    Divide,
    Round,
    Progressive,
    Bracket,
    BracketRate,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Money {
    does: Does,
    signature: Signature,
}

impl Does {
    fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Divide => "divide",
            Self::Round => "round_to",
            Self::Progressive => "progressive",
            Self::Bracket => "bracket",
            Self::BracketRate => "bracket_rate",
        }
    }

    fn usage(self) -> &'static str {
        match self {
            Self::Share => {
                "share(fen, rate, 'half_up' | 'half_even' | 'down' | 'up' [, 'fen' | 'jiao' | 'yuan'])"
            }
            Self::Divide => {
                "divide(fen, number, 'half_up' | 'half_even' | 'down' | 'up' [, 'fen' | 'jiao' | 'yuan'])"
            }
            Self::Round => {
                "round_to(fen, 'half_up' | 'half_even' | 'down' | 'up', 'fen' | 'jiao' | 'yuan')"
            }
            Self::Progressive => {
                "progressive(fen, $brackets, 'half_up' | 'half_even' | 'down' | 'up' [, 'fen' | 'jiao' | 'yuan'])"
            }
            Self::Bracket => "bracket(value, $brackets)",
            Self::BracketRate => "bracket_rate(value, $brackets)",
        }
    }

    /// What the arguments are made: numbers whole or decimal, the rest words.
    fn takes(self, count: usize) -> Option<Vec<DataType>> {
        let second = match self {
            Self::Share => DataType::Decimal128(WIDE, PLACES),
            Self::Divide => DataType::Int64,
            Self::Round | Self::Progressive | Self::Bracket | Self::BracketRate => {
                DataType::Utf8View
            }
        };
        let counts = match self {
            Self::Share | Self::Divide | Self::Progressive => 3..=4,
            Self::Round => 3..=3,
            Self::Bracket | Self::BracketRate => 2..=2,
        };
        let mut takes = vec![DataType::Int64, second];
        takes.resize(count, DataType::Utf8View);
        counts.contains(&count).then_some(takes)
    }

    /// Which argument is the rounding rule, and which the unit.
    fn words(self) -> (usize, usize) {
        match self {
            Self::Round => (1, 2),
            _ => (2, 3),
        }
    }
}

/// Whether an argument can be made what is wanted without losing anything.
fn suits(found: &DataType, wanted: &DataType) -> bool {
    let text = matches!(
        found,
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8
    );
    *found == DataType::Null
        || match wanted {
            DataType::Int64 => found.is_integer(),
            DataType::Decimal128(..) => {
                found.is_integer()
                    || matches!(found, DataType::Decimal128(_, places) if *places <= PLACES)
            }
            _ => text,
        }
}

impl ScalarUDFImpl for Money {
    fn name(&self) -> &str {
        self.does.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.does {
            Does::BracketRate => DataType::Decimal128(NARROW, PLACES),
            _ => DataType::Int64,
        })
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let Some(takes) = self.does.takes(found.len()) else {
            return plan_err!("write {}", self.does.usage());
        };
        match found
            .iter()
            .zip(&takes)
            .all(|(found, takes)| suits(found, takes))
        {
            true => Ok(takes),
            false => plan_err!("write {}; there is no floating point", self.does.usage()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let args = &args.args;
        let single = args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let given = ColumnarValue::values_to_arrays(&args[..2])?;
        let amounts = given[0].as_primitive::<Int64Type>();
        let result: ArrayRef = match self.does {
            Does::Bracket | Does::BracketRate => self.bracket(amounts, &args[1])?,
            Does::Progressive => {
                let (rule, unit) = self.rounds(args)?;
                let Some(brackets) = brackets(&args[1])? else {
                    return nothing(&DataType::Int64);
                };
                if brackets.gives != Gives::Rate {
                    return exec_err!("progressive needs brackets with rates");
                }
                each(amounts, |_, fen| match fen {
                    ..0 => Ok(None),
                    fen => fits(brackets.progressive(fen, rule, unit)).map(Some),
                })?
            }
            Does::Round => {
                let (rule, unit) = self.rounds(args)?;
                each(amounts, |_, fen| {
                    rounded(fen.into(), 1, rule, unit).map(Some)
                })?
            }
            Does::Divide => {
                let (rule, unit) = self.rounds(args)?;
                let by = given[1].as_primitive::<Int64Type>();
                each(amounts, |row, fen| {
                    match by.is_valid(row).then(|| by.value(row)) {
                        None | Some(..=0) => Ok(None),
                        Some(by) => rounded(fen.into(), by.into(), rule, unit).map(Some),
                    }
                })?
            }
            Does::Share => {
                let (rule, unit) = self.rounds(args)?;
                let rates = given[1].as_primitive::<Decimal128Type>();
                let by = 10_i128.pow(u32::from(MOST_PLACES));
                each(amounts, |row, fen| {
                    let rate = rates.is_valid(row).then(|| rates.value(row));
                    let Some(rate) = rate else { return Ok(None) };
                    let product = fits(i128::from(fen).checked_mul(rate))?;
                    rounded(product, by, rule, unit).map(Some)
                })?
            }
        };
        Ok(match single {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?),
            false => ColumnarValue::Array(result),
        })
    }
}

impl Money {
    fn bracket(&self, values: &Int64Array, table: &ColumnarValue) -> Result<ArrayRef> {
        let wanted = match self.does {
            Does::Bracket => Gives::Amount,
            _ => Gives::Rate,
        };
        let table = brackets(table)?;
        if table.as_ref().is_some_and(|table| table.gives != wanted) {
            return exec_err!("bracket reads brackets with amounts, bracket_rate those with rates");
        }
        let found = each(values, |_, value| {
            Ok(table.as_ref().and_then(|table| table.at(value)))
        })?;
        Ok(match wanted {
            Gives::Amount => found,
            Gives::Rate => {
                let units = found.as_primitive::<Int64Type>().iter();
                let rates: Decimal128Array = units.map(|units| units.map(i128::from)).collect();
                Arc::new(rates.with_precision_and_scale(NARROW, PLACES)?)
            }
        })
    }

    /// The rounding rule, and the unit in fen.
    fn rounds(&self, args: &[ColumnarValue]) -> Result<(Rounding, i64)> {
        let (rule, unit) = self.does.words();
        let rule = args
            .get(rule)
            .and_then(word)
            .and_then(|rule| rule.parse().ok());
        let unit = match args.get(unit).map(word) {
            None => Some(1),
            Some(unit) => match unit.as_deref() {
                Some("fen") => Some(1),
                Some("jiao") => Some(10),
                Some("yuan") => Some(100),
                _ => None,
            },
        };
        match rule.zip(unit) {
            Some(found) => Ok(found),
            None => exec_err!("write {}", self.does.usage()),
        }
    }
}

/// Words that are the same for all rows.
fn word(arg: &ColumnarValue) -> Option<String> {
    match arg {
        ColumnarValue::Scalar(scalar) => scalar.try_as_str().flatten().map(str::to_owned),
        ColumnarValue::Array(_) => None,
    }
}

/// The brackets that an argument holds; none when it is NULL.
fn brackets(arg: &ColumnarValue) -> Result<Option<Brackets>> {
    match arg {
        ColumnarValue::Scalar(scalar) if scalar.is_null() => Ok(None),
        arg => match word(arg).and_then(|text| text.parse().ok()) {
            Some(brackets) => Ok(Some(brackets)),
            None => exec_err!("brackets are a parameter of type brackets"),
        },
    }
}

fn nothing(kind: &DataType) -> Result<ColumnarValue> {
    Ok(ColumnarValue::Scalar(ScalarValue::try_from(kind)?))
}

fn each(amounts: &Int64Array, of: impl Fn(usize, i64) -> Result<Option<i64>>) -> Result<ArrayRef> {
    let found: Int64Array = (0..amounts.len())
        .map(|row| match amounts.is_valid(row) {
            true => of(row, amounts.value(row)),
            false => Ok(None),
        })
        .collect::<Result<_>>()?;
    Ok(Arc::new(found))
}

/// `number / by`, in whole units of so many fen.
fn rounded(number: i128, by: i128, rule: Rounding, unit: i64) -> Result<i64> {
    let units = rule.divide(number, by * i128::from(unit));
    let fen = units.and_then(|units| units.checked_mul(unit.into()));
    fits(fen.and_then(|fen| i64::try_from(fen).ok()))
}

fn fits<T>(found: Option<T>) -> Result<T> {
    match found {
        Some(found) => Ok(found),
        None => exec_err!("an amount is too great"),
    }
}
