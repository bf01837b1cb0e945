//! The functions by which SQL asks whether a list vouches for somebody: `vouched(list, person)`, and `absent(list, person, value)`, which is
//! the value where it does and NULL where it can't be told. What they know is set for the session, or for each filling of its tables.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, new_null_array};
use datafusion::arrow::compute::kernels::zip::zip;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::vouched::Vouched;

/// What stands for a list where it is asked whether somebody is at home in any unit, so that a list could cover them.
pub const AT_HOME: &str = "@home";

/// For whom lists vouch, as far as a session's functions know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<RwLock<Arc<Vouched>>>);

impl Known {
    pub(crate) fn set(&self, vouched: Arc<Vouched>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = vouched;
    }

    pub(crate) fn get(&self) -> Arc<Vouched> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asks {
    /// Whether a list covers somebody where they are at home.
    Vouched,
    /// Whether it covers every unit.
    Everywhere,
    /// The value where it covers them.
    Absent,
}

#[derive(Debug)]
struct Voucher {
    asks: Asks,
    names: Arc<Vec<String>>,
    known: Known,
    signature: Signature,
}

impl PartialEq for Voucher {
    fn eq(&self, other: &Self) -> bool {
        self.asks == other.asks && Arc::ptr_eq(&self.known.0, &other.known.0)
    }
}

impl Eq for Voucher {}

impl Hash for Voucher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.asks.hash(state);
    }
}

/// The functions of a session, over the names of lists.
pub(crate) fn functions(names: Vec<String>, known: &Known) -> Vec<ScalarUDF> {
    let names = Arc::new(names);
    let all = [Asks::Vouched, Asks::Everywhere, Asks::Absent];
    let function = |asks| {
        ScalarUDF::from(Voucher {
            asks,
            names: names.clone(),
            known: known.clone(),
            signature: Signature::user_defined(Volatility::Immutable),
        })
    };
    all.into_iter().map(function).collect()
}

impl Voucher {
    fn usage(&self) -> &'static str {
        match self.asks {
            Asks::Vouched => "vouched('list', person)",
            Asks::Everywhere => "vouched_everywhere('list', person)",
            Asks::Absent => "absent('list', person, value)",
        }
    }
}

impl ScalarUDFImpl for Voucher {
    fn name(&self) -> &str {
        match self.asks {
            Asks::Vouched => "vouched",
            Asks::Everywhere => "vouched_everywhere",
            Asks::Absent => "absent",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, takes: &[DataType]) -> Result<DataType> {
        Ok(match (self.asks, takes.get(2)) {
            (Asks::Absent, Some(value)) => value.clone(),
            _ => DataType::Boolean,
        })
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let wanted = if self.asks == Asks::Absent { 3 } else { 2 };
        let text = found.first().is_some_and(|kind| {
            matches!(
                kind,
                DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8
            )
        });
        let number = |kind: &DataType| kind.is_integer() || *kind == DataType::Null;
        if found.len() != wanted || !text || !found.get(1).is_some_and(number) {
            return plan_err!("write {}", self.usage());
        }
        let mut kinds = vec![DataType::Utf8, DataType::Int64];
        kinds.extend(found.get(2).cloned());
        Ok(kinds)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(list))) = &args.args[0] else {
            return exec_err!("write {}: the list is named by itself", self.usage());
        };
        let bit = match list == AT_HOME {
            true => usize::try_from(Vouched::AT_HOME.trailing_zeros()).ok(),
            false => self.names.iter().position(|name| name == list),
        };
        let Some(bit) = bit else {
            return exec_err!("no list “{list}” vouches for anything");
        };
        let people = args.args[1].to_array(args.number_rows)?;
        let people = people.as_primitive::<Int64Type>();
        let vouched = self.known.get();
        let everywhere = self.asks == Asks::Everywhere;
        let holds = BooleanArray::from(vouched.holds(people, bit, everywhere));
        let Some(value) = args.args.get(2) else {
            return Ok(ColumnarValue::Array(Arc::new(holds)));
        };
        let value = value.to_array(args.number_rows)?;
        let nothing: ArrayRef = new_null_array(value.data_type(), holds.len());
        Ok(ColumnarValue::Array(zip(&holds, &value, &nothing)?))
    }
}
