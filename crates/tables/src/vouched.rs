//! For whom lists vouch on a day: of whom it follows from not being on a list that there is nothing to tell. It is a few bits for each
//! person, worked out once for a day from what lists cover ([`crate::Cover`]) and who is at home where on the lists' days, so that no fact
//! has to join anything to know it.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use rustc_hash::FxHashMap;

use crate::by_record::ByRecord;
use crate::error::TablesError;
use crate::schema;
use crate::words::small;

mod active;
mod found;

/// For whom lists vouch on a day; a bit for each of [`Pack::vouchers`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// By person: those at home where a list covers.
    home: ByRecord<u64>,
    /// Of whom somebody was asked, or what is known of a few people.
    asked: FxHashMap<i64, u64>,
    /// Lists that cover every unit.
    everywhere: u64,
    /// Of whom they don't tell even so.
    nowhere: FxHashMap<i64, u64>,
    /// For everybody, whatever is asked.
    all: bool,
}

impl Vouched {
    /// The bit of those who are at home anywhere on the day.
    pub const AT_HOME: u64 = 1 << 63;

    /// Everything of everybody: for rules that are tried on made-up rows.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// The same but some lists.
    #[must_use]
    pub fn everything_but(bits: u64) -> Self {
        Self {
            everywhere: !bits,
            asked: FxHashMap::default(),
            nowhere: FxHashMap::default(),
            home: ByRecord::default(),
            all: false,
        }
        .for_all()
    }

    /// What holds everywhere holds of each person, too.
    fn for_all(mut self) -> Self {
        self.asked.insert(EVERYBODY, self.everywhere);
        self
    }

    /// Of some people, by whom lists cover and by whom they tell of those at home nowhere.
    #[must_use]
    pub fn of(people: impl IntoIterator<Item = (i64, u64, u64)>) -> Self {
        let mut vouched = Self {
            everywhere: u64::MAX,
            ..Self::default()
        };
        for (person, bits, everywhere) in people {
            vouched.asked.insert(person, bits);
            vouched.nowhere.insert(person, !everywhere);
        }
        vouched
    }

    /// What is known of some people as rows of [`schema::VOUCHED`].
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn rows(&self, people: &BTreeSet<i64>) -> Result<RecordBatch, TablesError> {
        let column = |name: &str| Field::new(name, DataType::Int64, false);
        let shape = [schema::ID, "bits", "everywhere"].map(column).to_vec();
        let numbers = |of: &dyn Fn(i64) -> i64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(
                people.iter().map(|person| of(*person)),
            ))
        };
        let columns = vec![
            numbers(&|person| person),
            numbers(&|person| self.bits(person).cast_signed()),
            numbers(&|person| self.everywhere(person).cast_signed()),
        ];
        Ok(RecordBatch::try_new(Arc::new(Schema::new(shape)), columns)?)
    }

    /// What rows of [`schema::VOUCHED`] say.
    #[must_use]
    pub fn of_rows(rows: &RecordBatch) -> Self {
        let column = |at: usize| rows.column(at).as_primitive::<Int64Type>();
        let (people, bits, everywhere) = (column(0), column(1), column(2));
        let each = (0..rows.num_rows()).map(|row| {
            let number = |column: &Int64Array| column.value(row).cast_unsigned();
            (people.value(row), number(bits), number(everywhere))
        });
        Self::of(each)
    }

    /// Notes lists of somebody at home where they cover.
    fn at_home(&mut self, person: usize, bits: u64) {
        self.home.set(person, self.home.get(person) | bits);
    }

    /// The lists that vouch for somebody.
    #[must_use]
    pub fn bits(&self, person: i64) -> u64 {
        if self.all {
            return u64::MAX;
        }
        let home = self.home.get(small(person));
        let asked = self
            .asked
            .get(&person)
            .or_else(|| self.asked.get(&EVERYBODY));
        home | asked.copied().unwrap_or(0)
    }

    /// The lists that cover every unit and would name somebody, wherever at home.
    #[must_use]
    pub fn everywhere(&self, person: i64) -> u64 {
        if self.all {
            return u64::MAX;
        }
        let nowhere = self.nowhere.get(&person).copied().unwrap_or(0);
        self.everywhere & !nowhere
    }

    /// For which of many people a list vouches, by its bit; or, asked of everywhere, for whom it would wherever they were at home. Nobody is
    /// vouched for where there is no person.
    pub(crate) fn holds(&self, people: &Int64Array, bit: usize, everywhere: bool) -> BooleanBuffer {
        let own = |bits: u64| bits >> bit & 1 == 1;
        let (all, home) = (people.values(), &self.home);
        let holds = match everywhere {
            _ if self.all => BooleanBuffer::new_set(all.len()),
            true if self.nowhere.is_empty() => match own(self.everywhere) {
                true => BooleanBuffer::new_set(all.len()),
                false => BooleanBuffer::new_unset(all.len()),
            },
            true => BooleanBuffer::collect_bool(all.len(), |row| own(self.everywhere(all[row]))),
            // The common case, and asked of everybody again and again.
            false if self.asked.is_empty() => {
                BooleanBuffer::collect_bool(all.len(), |row| own(home.get(small(all[row]))))
            }
            false => BooleanBuffer::collect_bool(all.len(), |row| own(self.bits(all[row]))),
        };
        match people.nulls() {
            Some(known) => &holds & known.inner(),
            None => holds,
        }
    }

    /// The people for whom another vouches otherwise.
    #[must_use]
    pub fn otherwise(&self, other: &Self) -> BTreeSet<i64> {
        let at_home = self.home.otherwise(&other.home).into_iter();
        let mut differ: BTreeSet<i64> = at_home
            .filter_map(|person| i64::try_from(person).ok())
            .collect();
        let told = |own: &Self| {
            let people = own.asked.keys().chain(own.nowhere.keys());
            people.copied().collect::<BTreeSet<i64>>()
        };
        let told = told(self).into_iter().chain(told(other));
        differ.extend(told.filter(|person| {
            self.bits(*person) != other.bits(*person)
                || self.everywhere(*person) != other.everywhere(*person)
        }));
        differ
    }

    /// Whether the same lists cover every unit.
    #[must_use]
    pub fn same_everywhere(&self, other: &Self) -> bool {
        self.everywhere == other.everywhere
    }
}

/// Stands for everybody of whom nothing else is known.
const EVERYBODY: i64 = i64::MIN;
