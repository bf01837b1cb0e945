//! Cases: people and dates in, answers and amounts out, written by a policy officer next to the rules. A sheet of many cases
//! with one shape is read as that many cases. Running them is `programmes`'.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Answer, Fen, Period};

use crate::{Place, Value};

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleCase {
    /// Its name; a sheet's cases carry the row's number.
    pub name: String,
    /// The day on which it is decided.
    pub on: Date,
    /// The programme.
    pub programme: String,
    /// The key of the row that is decided about.
    pub subject: String,
    /// The rows, by register.
    pub people: Vec<(String, Vec<CaseRow>)>,
    /// The lists that vouch for nobody in it; all others do for everybody.
    pub without: Vec<String>,
    /// The answer expected.
    pub answer: Option<Answer>,
    /// The facts to find out that are expected, ordered.
    pub missing: Vec<String>,
    /// The facts expected of which a list has to tell, ordered.
    pub waits: Vec<String>,
    /// Facts expected, with their values as text; none where a fact should not be known.
    pub facts: Vec<(String, Option<String>)>,
    /// The amount expected for a period.
    pub amount: Option<(Period, Fen)>,
    /// How many steps of the period can't be told.
    pub untold: usize,
    /// Where it is written.
    pub place: Place,
}

/// One record of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The name by which other rows, and the case's `subject`, refer to it.
    pub key: Option<String>,
    /// From when it is true; none: from long before the case.
    pub from: Option<Date>,
    /// The last day on which it is true; none: it still is.
    pub until: Option<Date>,
    /// Its fields.
    pub fields: BTreeMap<String, CaseValue>,
    /// Where it is written.
    pub place: Place,
}

/// One value of a case's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseValue {
    /// A value as stored.
    Value(Value),
    /// The row with this key.
    Ref(String),
}
