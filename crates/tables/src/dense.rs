//! Record numbers made dense for one evaluation. A number begins with the book that opened the record, so the numbers of a
//! street are spread over billions, and an engine can only look them up by hashing. Counted on from book to book without the
//! gaps, in the same order, they are small enough that a join finds its row by position; in a sweep of a million people that
//! is a third of the time.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use pack::{FieldType, Register};

use crate::error::TablesError;
use crate::schema;
use crate::session::Session;

/// How many ordinals a book has room for in a record's number (see [`kernel::RecordId`]).
const ROOM: i64 = 1 << 32;

/// A session in which records have other, dense numbers.
pub struct Dense {
    session: Session,
    numbers: Numbers,
}

impl Session {
    /// The same tables with dense record numbers. It costs one pass over the numbers.
    ///
    /// # Errors
    /// Only when memory for the columns cannot be had.
    pub async fn dense(&self) -> Result<Dense, TablesError> {
        let mut tables: BTreeMap<&str, Vec<RecordBatch>> = BTreeMap::new();
        for register in &self.pack().registers {
            let rows = self
                .collect(&format!("select * from {}", register.id))
                .await?;
            tables.insert(&register.id, rows);
        }
        let registers = &self.pack().registers;
        let numbers = Numbers::of(registers.iter().flat_map(|register| {
            let rows = tables.get(register.id.as_str()).into_iter().flatten();
            rows.flat_map(|batch| numbered(register).map(|nth| batch.column(nth).as_primitive()))
        }));
        let mut dense: BTreeMap<&str, Vec<RecordBatch>> = BTreeMap::new();
        for register in registers {
            let columns: Vec<usize> = numbered(register).collect();
            let rows = tables.remove(register.id.as_str()).unwrap_or_default();
            let rows = rows.into_iter();
            dense.insert(
                &register.id,
                rows.map(|batch| replaced(&batch, &columns, |records| numbers.dense(records)))
                    .collect::<Result<_, _>>()?,
            );
        }
        let session =
            self.twin(|register| dense.remove(register.id.as_str()).unwrap_or_default())?;
        Ok(Dense { session, numbers })
    }
}

impl Dense {
    /// All rows of a query; `records` are those of its columns that hold record numbers, which come back as they were.
    ///
    /// # Errors
    /// As [`Session::collect`].
    pub async fn collect(
        &self,
        sql: &str,
        records: &[&str],
    ) -> Result<Vec<RecordBatch>, TablesError> {
        let rows = self.session.collect(sql).await?;
        let restored = rows.iter().map(|batch| {
            let shape = batch.schema();
            let columns: Vec<usize> = (records.iter())
                .filter_map(|name| shape.index_of(name).ok())
                .collect();
            replaced(batch, &columns, |dense| self.numbers.records(dense))
        });
        restored.collect()
    }
}

/// The columns of a register that hold record numbers: its own and those it refers to.
fn numbered(register: &Register) -> impl Iterator<Item = usize> + '_ {
    let refs = schema::table(register);
    let refs = register.fields.iter().filter_map(move |field| {
        matches!(field.kind, FieldType::Ref(_))
            .then(|| refs.index_of(&field.id).ok())
            .flatten()
    });
    std::iter::once(0).chain(refs)
}

fn replaced(
    batch: &RecordBatch,
    columns: &[usize],
    with: impl Fn(&Int64Array) -> Int64Array,
) -> Result<RecordBatch, TablesError> {
    let mut arrays: Vec<ArrayRef> = batch.columns().to_vec();
    for &nth in columns {
        arrays[nth] = Arc::new(with(arrays[nth].as_primitive::<Int64Type>()));
    }
    Ok(RecordBatch::try_new(batch.schema(), arrays)?)
}

/// Where the numbers of each book begin, both ways; ascending in both.
struct Numbers {
    books: Vec<Book>,
}

struct Book {
    /// The first number a record of the book could have.
    first: i64,
    /// What it becomes.
    dense: i64,
}

impl Numbers {
    fn of<'a>(columns: impl Iterator<Item = &'a Int64Array>) -> Self {
        let mut last: BTreeMap<i64, i64> = BTreeMap::new();
        for column in columns {
            let mut run: Option<(i64, i64)> = None;
            for record in column.iter().flatten() {
                let (book, ordinal) = (record.div_euclid(ROOM), record.rem_euclid(ROOM));
                match &mut run {
                    Some((of, most)) if *of == book => *most = ordinal.max(*most),
                    run => {
                        note(&mut last, run.replace((book, ordinal)));
                    }
                }
            }
            note(&mut last, run);
        }
        let mut dense = 0;
        let books = last.into_iter().map(|(book, most)| {
            let first = book * ROOM;
            let span = Book { first, dense };
            dense += most + 1;
            span
        });
        Self {
            books: books.collect(),
        }
    }

    fn dense(&self, records: &Int64Array) -> Int64Array {
        self.moved(records, |book| book.first, |book| book.dense)
    }

    fn records(&self, dense: &Int64Array) -> Int64Array {
        self.moved(dense, |book| book.dense, |book| book.first)
    }

    /// Each number moved from one counting to the other, by the book it falls in. What stands under a null means nothing
    /// before and after.
    fn moved(
        &self,
        numbers: &Int64Array,
        from: impl Fn(&Book) -> i64,
        to: impl Fn(&Book) -> i64,
    ) -> Int64Array {
        // Numbers come in runs of one book: look near the last one first.
        let last = Cell::new(0);
        numbers.unary(|number| {
            let within = |at: usize| {
                let begins = self.books.get(at).is_some_and(|book| from(book) <= number);
                begins
                    && self
                        .books
                        .get(at + 1)
                        .is_none_or(|next| number < from(next))
            };
            if !within(last.get()) {
                let after = self.books.partition_point(|book| from(book) <= number);
                last.set(after.saturating_sub(1));
            }
            match self.books.get(last.get()) {
                Some(book) if from(book) <= number => number - from(book) + to(book),
                _ => number,
            }
        })
    }
}

fn note(last: &mut BTreeMap<i64, i64>, run: Option<(i64, i64)>) {
    if let Some((book, ordinal)) = run {
        let most = last.entry(book).or_default();
        *most = ordinal.max(*most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dense_numbers_keep_order_and_come_back(
            records in proptest::collection::vec(proptest::option::of((0_u32..50, 0_u32..2_000)), 0..400),
        ) {
            let given: Int64Array = (records.iter())
                .map(|record| record.map(|(book, ordinal)| kernel::RecordId::new(book, ordinal).0))
                .collect();
            let numbers = Numbers::of([&given].into_iter());
            let dense = numbers.dense(&given);
            prop_assert_eq!(&numbers.records(&dense), &given);
            let pairs: Vec<(i64, i64)> = given.iter().flatten().zip(dense.iter().flatten()).collect();
            for (record, number) in &pairs {
                for (other, next) in &pairs {
                    prop_assert_eq!(record.cmp(other), number.cmp(next));
                }
            }
            // No wider than the books' own ordinals.
            prop_assert!(dense.iter().flatten().max().unwrap_or(0) < 50 * 2_000);
        }
    }
}
