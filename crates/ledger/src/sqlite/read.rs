//! Reading rows from SQLite. Lists of keys go in as one JSON parameter, so statements are few and constant and no limit on
//! parameters is met.

use super::columns::{
    BOOK, COMMIT, Names, ROLL, SAY, book, commit, damaged, entry, entry_columns, erasure, pack,
    place, position, record, record_columns, roll, roll_number, say,
};
use super::{APPLICATION_ID, FORMAT, SCHEMA, Session, faults, number};
use crate::entry::Position;
use crate::store::{
    BookRow, CommitRow, EdgeRow, EntryRow, ErasureRow, KeyRow, Last, PackRow, Reading, RecordRow,
    RollRow, RowCounts, SayRow, StoreError,
};
use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Sqlite};
use std::sync::Arc;

/// How many keys go into one question, and so how many answers come back as one text. Each row handed over by the database's
/// thread wakes ours, which costs more than looking it up.
const ASKED_AT_ONCE: usize = 8_192;

fn json<T: serde::Serialize>(list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::Failed(Box::new(error)))
}

fn answers<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(text).map_err(damaged)
}

impl Session {
    /// Reads every row of a query through one function.
    async fn collect<T: Send>(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
        mut read: impl FnMut(&SqliteRow) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let mut rows = query.fetch(&mut *self.tx);
        while let Some(row) = rows.try_next().await? {
            found.push(read(&row)?);
        }
        Ok(found)
    }

    /// The registers.
    pub(super) async fn names(&mut self) -> Result<Names, StoreError> {
        if let Some(names) = &self.names {
            return Ok(names.clone());
        }
        let rows = sqlx::query_as("SELECT number, name FROM register ORDER BY number");
        let names = Names::new(rows.fetch_all(&mut *self.tx).await?);
        self.names = Some(names.clone());
        Ok(names)
    }

    /// Those of these lists of values for which `exists` finds nothing, by place.
    async fn missing<T: serde::Serialize>(
        &mut self,
        asked: &[T],
        exists: &str,
    ) -> Result<Vec<usize>, StoreError> {
        let sql = format!("SELECT k.key FROM json_each(?) k WHERE NOT EXISTS ({exists})");
        let mut missing = Vec::new();
        for (part, some) in asked.chunks(ASKED_AT_ONCE).enumerate() {
            let found: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql.clone()))
                .bind(json(some)?)
                .fetch_all(&mut *self.tx)
                .await?;
            for at in found {
                missing.push(part * ASKED_AT_ONCE + usize::try_from(at).map_err(damaged)?);
            }
        }
        Ok(missing)
    }
}

#[async_trait]
impl Reading for Session {
    async fn last(&mut self) -> Result<Last, StoreError> {
        let sql = "SELECT coalesce((SELECT max(number) FROM book), 0), coalesce((SELECT max(number) FROM commits), 0), \
                   coalesce((SELECT max(number) FROM record), 0)";
        let (book, commit, record) = sqlx::query_as(sql).fetch_one(&mut *self.tx).await?;
        Ok(Last {
            book,
            commit,
            record,
        })
    }

    async fn books(&mut self, units: Option<&[String]>) -> Result<Vec<BookRow>, StoreError> {
        let Some(units) = units else {
            let sql = AssertSqlSafe(format!("{BOOK} ORDER BY number"));
            return self.collect(sqlx::query(sql), book).await;
        };
        let sql = format!("{BOOK} WHERE unit IN (SELECT value FROM json_each(?)) ORDER BY number");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(units)?);
        self.collect(query, book).await
    }

    async fn packs(&mut self) -> Result<Vec<PackRow>, StoreError> {
        let sql = "SELECT ordinal, digest, name FROM pack ORDER BY ordinal";
        self.collect(sqlx::query(sql), pack).await
    }

    async fn asked(&mut self, asked: &[u8; 32]) -> Result<Option<CommitRow>, StoreError> {
        let sql = AssertSqlSafe(format!("{COMMIT} WHERE asked = ? AND undone_by IS NULL"));
        let query = sqlx::query(sql).bind(asked.as_slice());
        Ok(self.collect(query, commit).await?.pop())
    }

    async fn commits_before(
        &mut self,
        before: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "{COMMIT} WHERE number < ? ORDER BY number DESC LIMIT ?"
        ));
        self.collect(sqlx::query(sql).bind(before).bind(limit), commit)
            .await
    }

    async fn commits_after(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError> {
        let sql = AssertSqlSafe(format!("{COMMIT} WHERE number > ? ORDER BY number LIMIT ?"));
        self.collect(sqlx::query(sql).bind(after).bind(limit), commit)
            .await
    }

    async fn commits_numbered(&mut self, numbers: &[i64]) -> Result<Vec<CommitRow>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "{COMMIT} WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
        ));
        self.collect(sqlx::query(sql).bind(json(numbers)?), commit)
            .await
    }

    async fn undone(&mut self, after: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "SELECT number, undoes FROM commits INDEXED BY commit_undoes \
                   WHERE undoes IS NOT NULL AND number > ? ORDER BY number";
        Ok(sqlx::query_as(sql)
            .bind(after)
            .fetch_all(&mut *self.tx)
            .await?)
    }

    async fn says(&mut self, after: i64, upto: i64) -> Result<Vec<SayRow>, StoreError> {
        let sql = format!(
            "{SAY} WHERE commit_number > ? AND commit_number <= ? ORDER BY commit_number, nth"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(upto);
        self.collect(query, say).await
    }

    async fn rolls(&mut self, after: i64, upto: i64) -> Result<Vec<RollRow>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "{ROLL} WHERE number >= ? AND number < ? ORDER BY number"
        ));
        let (first, end) = (roll_number(after + 1, 0), roll_number(upto + 1, 0));
        self.collect(sqlx::query(sql).bind(first).bind(end), roll)
            .await
    }

    async fn erasures(&mut self) -> Result<Vec<ErasureRow>, StoreError> {
        let sql = "SELECT commit_number, place, first, second FROM erasure ORDER BY commit_number";
        self.collect(sqlx::query(sql), erasure).await
    }

    async fn entries(
        &mut self,
        book: i64,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let end = |seq| place(Position { book, seq });
        let sql = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entry e WHERE e.place > ?1 AND e.place <= ?2 ORDER BY e.place LIMIT ?3"
        );
        let query = sqlx::query(sql)
            .bind(end(after_seq))
            .bind(end(0xffff_ffff))
            .bind(limit);
        let names = self.names().await?;
        self.collect(query, |row| entry(row, &names)).await
    }

    async fn entries_of(
        &mut self,
        registers: &[Arc<str>],
        book: i64,
        (first, last): (i64, i64),
    ) -> Result<Vec<EntryRow>, StoreError> {
        let end = |seq| place(Position { book, seq });
        let names = self.names().await?;
        let numbers = registers.iter().filter_map(|name| names.number(name));
        let numbers: Vec<i64> = numbers.collect();
        let sql = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entry e WHERE e.place BETWEEN ?1 AND ?2 \
             AND e.register IN (SELECT value FROM json_each(?3)) ORDER BY e.place"
        );
        let query = sqlx::query(sql).bind(end(first)).bind(end(last));
        let query = query.bind(json(&numbers)?);
        self.collect(query, |row| entry(row, &names)).await
    }

    async fn trails(&mut self, records: &[i64], after: i64) -> Result<Vec<EntryRow>, StoreError> {
        let sql = concat!(
            "WITH RECURSIVE back (record, step, place) AS ( \
               SELECT r.number, 0, r.place FROM json_each(?1) k CROSS JOIN record r ON r.number = k.value \
               UNION ALL SELECT b.record, b.step + 1, e.previous FROM back b CROSS JOIN entry e ON e.place = b.place \
               WHERE e.previous IS NOT NULL AND e.commit_number > ?2) \
             SELECT ",
            entry_columns!(),
            " FROM back b CROSS JOIN entry e ON e.place = b.place WHERE e.commit_number > ?2 ORDER BY b.record, b.step DESC"
        );
        let names = self.names().await?;
        let mut found = Vec::new();
        for some in records.chunks(ASKED_AT_ONCE) {
            let query = sqlx::query(sql).bind(json(some)?).bind(after);
            found.append(&mut self.collect(query, |row| entry(row, &names)).await?);
        }
        Ok(found)
    }

    async fn records(&mut self, numbers: &[i64]) -> Result<Vec<RecordRow>, StoreError> {
        let sql = concat!(
            "SELECT json_group_array(json_array(",
            record_columns!(),
            ")) FROM json_each(?) k CROSS JOIN record r ON r.number = k.value"
        );
        let names = self.names().await?;
        let mut found = Vec::with_capacity(numbers.len());
        for some in numbers.chunks(ASKED_AT_ONCE) {
            let query = sqlx::query_scalar(sql).bind(json(some)?);
            let answer: String = query.fetch_one(&mut *self.tx).await?;
            for row in answers::<RecordTuple>(&answer)? {
                found.push(told(row, &names)?);
            }
        }
        Ok(found)
    }

    async fn records_after(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            record_columns!(),
            " FROM record r WHERE r.number > ? ORDER BY r.number LIMIT ?"
        );
        let names = self.names().await?;
        let query = sqlx::query(sql).bind(after).bind(limit);
        self.collect(query, |row| record(row, 0, &names)).await
    }

    async fn holders(
        &mut self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<(usize, RecordRow)>, StoreError> {
        let sql = concat!(
            "SELECT json_group_array(json_array(k.key, json_array(",
            record_columns!(),
            "))) FROM json_each(?1) k \
             CROSS JOIN directory d ON d.register = ?2 AND d.scope = ?3 AND d.key = k.value \
             CROSS JOIN record r ON r.number = d.record"
        );
        let names = self.names().await?;
        let Some(register) = names.number(register) else {
            return Ok(Vec::new());
        };
        // In the order of the keys the pages of the directory are visited once each.
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by_key(|at| &keys[*at]);
        let mut found = Vec::with_capacity(keys.len());
        for some in order.chunks(ASKED_AT_ONCE) {
            let asked: Vec<&str> = some.iter().map(|at| keys[*at].as_str()).collect();
            let query = sqlx::query_scalar(sql)
                .bind(json(&asked)?)
                .bind(register)
                .bind(scope);
            let answer: String = query.fetch_one(&mut *self.tx).await?;
            for (index, row) in answers::<(usize, RecordTuple)>(&answer)? {
                let at = some
                    .get(index)
                    .ok_or_else(|| damaged("a key nobody asked for"))?;
                found.push((*at, told(row, &names)?));
            }
        }
        Ok(found)
    }

    async fn missing_keys(&mut self, keys: &[KeyRow]) -> Result<Vec<KeyRow>, StoreError> {
        let exists = "SELECT 1 FROM directory d WHERE d.register = (SELECT number FROM register WHERE name = k.value ->> 0) \
                      AND d.scope = k.value ->> 1 AND d.key = k.value ->> 2 AND d.record = k.value ->> 3";
        let asked = keys
            .iter()
            .map(|row| (&*row.register, row.scope, &*row.key, row.record));
        let missing = self.missing(&asked.collect::<Vec<_>>(), exists).await?;
        Ok(missing
            .into_iter()
            .filter_map(|at| keys.get(at))
            .cloned()
            .collect())
    }

    async fn missing_edges(&mut self, edges: &[EdgeRow]) -> Result<Vec<EdgeRow>, StoreError> {
        let exists = "SELECT 1 FROM edge e WHERE e.register = (SELECT number FROM register WHERE name = k.value ->> 0) \
                      AND e.source = k.value ->> 1 AND e.target = k.value ->> 2 AND e.record = k.value ->> 3";
        let asked = edges
            .iter()
            .map(|e| (&*e.register, e.source, e.target, e.record));
        let missing = self.missing(&asked.collect::<Vec<_>>(), exists).await?;
        Ok(missing
            .into_iter()
            .filter_map(|at| edges.get(at))
            .cloned()
            .collect())
    }

    async fn counts(&mut self) -> Result<RowCounts, StoreError> {
        Ok(RowCounts {
            books: number(&mut self.tx, "SELECT count(*) FROM book").await?,
            packs: number(&mut self.tx, "SELECT count(*) FROM pack").await?,
            commits: number(&mut self.tx, "SELECT count(*) FROM commits").await?,
            says: number(&mut self.tx, "SELECT count(*) FROM say").await?,
            rolls: number(&mut self.tx, "SELECT count(*) FROM roll").await?,
            erasures: number(&mut self.tx, "SELECT count(*) FROM erasure").await?,
            entries: number(&mut self.tx, "SELECT count(*) FROM entry").await?,
            records: number(&mut self.tx, "SELECT count(*) FROM record").await?,
            keys: number(&mut self.tx, "SELECT count(*) FROM directory").await?,
            edges: number(&mut self.tx, "SELECT count(*) FROM edge").await?,
        })
    }

    async fn edges_from(
        &mut self,
        register: &str,
        sources: &[i64],
    ) -> Result<Vec<EdgeRow>, StoreError> {
        let sql = "SELECT json_group_array(json_array(e.source, e.target, e.record)) FROM json_each(?1) k \
                   CROSS JOIN edge e ON e.register = ?2 AND e.source = k.value";
        let names = self.names().await?;
        let Some(number) = names.number(register) else {
            return Ok(Vec::new());
        };
        let register: Arc<str> = names.get(number)?;
        let mut found = Vec::new();
        for some in sources.chunks(ASKED_AT_ONCE) {
            let query = sqlx::query_scalar(sql).bind(json(some)?).bind(number);
            let answer: String = query.fetch_one(&mut *self.tx).await?;
            for (source, target, record) in answers(&answer)? {
                found.push(EdgeRow {
                    register: register.clone(),
                    source,
                    target,
                    record,
                });
            }
        }
        Ok(found)
    }

    async fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        let mut found = faults::of(&mut self.tx, SCHEMA).await?;
        found.append(&mut self.accesses.faults().await?);
        let id = number(&mut self.tx, "PRAGMA application_id").await?;
        let format = number(&mut self.tx, "PRAGMA user_version").await?;
        if (id, format) != (APPLICATION_ID, FORMAT) {
            found.push("the file is not marked as a ledger of this format".into());
        }
        let sql = "SELECT name FROM register n WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.register = n.number)";
        let unused: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *self.tx).await?;
        found.extend(
            unused
                .iter()
                .map(|name| format!("register {name} has no record")),
        );
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, value FROM meta")
            .fetch_all(&mut *self.tx)
            .await?;
        if super::columns::meta(&rows) != Some(self.meta) {
            found.push("the name or the algorithm of the ledger is not what it was".into());
        }
        Ok(found)
    }
}

/// A record as SQLite answers it: number, register, place, book, who stays.
type RecordTuple = (i64, i64, i64, i64, Option<i64>);

fn told(row: RecordTuple, names: &Names) -> Result<RecordRow, StoreError> {
    let (number, register, at, book, into) = row;
    Ok(RecordRow {
        number,
        register: names.get(register)?,
        at: position(at),
        book,
        into,
    })
}
