//! What somebody is asked, as it follows from the words that stand: register by register, worked out once and taken over from one
//! snapshot to the next, but for the records a commit concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::RecordId;
use pack::Register;

/// What is asked about a field of a record, or of several.
pub(crate) trait AskedOf: Clone {
    /// The records, that by which it is found first.
    fn records(&self) -> impl Iterator<Item = RecordId>;
    /// The field, by place.
    fn field(&self) -> usize;
}

/// What is asked of each register, in the order of records and fields.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRegister<T>(BTreeMap<String, Arc<Vec<T>>>);

impl<T> ByRegister<T> {
    /// All of it: by register, record and field.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.values().flat_map(|own| own.iter())
    }

    /// The registers of which something is asked, each with that.
    pub fn registers(&self) -> impl Iterator<Item = (&str, &[T])> {
        let each = self.0.iter();
        each.map(|(register, own)| (register.as_str(), own.as_slice()))
    }

    /// What is asked of a register.
    #[must_use]
    pub fn register(&self, register: &str) -> &[T] {
        self.0.get(register).map_or(&[], |own| own.as_slice())
    }
}

/// Found by the first of its records.
fn place<T: AskedOf>(asked: &T) -> (Option<RecordId>, usize) {
    (asked.records().next(), asked.field())
}

#[expect(private_bounds, reason = "what is asked is made in this crate only")]
impl<T: AskedOf> ByRegister<T> {
    pub(crate) fn of<'p>(each: impl Iterator<Item = (&'p Register, Vec<T>)>) -> Self {
        let some = each.filter(|(_, own)| !own.is_empty());
        let sorted = some.map(|(register, mut own)| {
            own.sort_by_key(place);
            (register.id.clone(), Arc::new(own))
        });
        Self(sorted.collect())
    }

    /// The same with what is asked of some records of a register now.
    pub(crate) fn put_right(&mut self, register: &str, records: &BTreeSet<i64>, now: Vec<T>) {
        let own = self.register(register).iter();
        let concerned = |asked: &T| asked.records().any(|one| records.contains(&one.0));
        if now.is_empty() && !own.clone().any(concerned) {
            return;
        }
        let others = own.filter(|asked| !concerned(asked)).cloned();
        let mut own: Vec<T> = others.chain(now).collect();
        own.sort_by_key(place);
        match own.is_empty() {
            true => self.0.remove(register),
            false => self.0.insert(register.to_owned(), Arc::new(own)),
        };
    }

    /// What is asked about a record.
    #[must_use]
    pub fn of_record(&self, register: &str, record: RecordId) -> &[T] {
        let all = self.register(register);
        let first = all.partition_point(|it| place(it).0 < Some(record));
        let own = all[first..].partition_point(|it| place(it).0 == Some(record));
        &all[first..first + own]
    }
}
