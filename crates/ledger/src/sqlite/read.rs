//! Reading rows from SQLite. Lists of keys go in as one JSON parameter, so statements are few and constant and no limit on
//! parameters is met. A row that can't be what it must be is reported as damage, never guessed at.

use super::Session;
use crate::store::{
    BookRow, CommitRow, EdgeRow, EntryRow, HeadRow, KeyRow, Position, Reading, StoreError,
};
use async_trait::async_trait;
use futures::TryStreamExt;
use jiff::civil::Date;
use kernel::EntryKind;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};
use std::sync::Arc;

/// How many keys go into one question.
const ASKED_AT_ONCE: usize = 10_000;
/// How many records come back as one text. Each row handed over by the database's thread wakes ours, which costs more than
/// looking it up; the longest bodies together stay below SQLite's longest text.
const ANSWERED_AT_ONCE: usize = 2_000;

/// The one integer that stands for a position in the file.
pub(super) fn place(at: Position) -> i64 {
    at.book << 32 | at.seq
}

fn position(place: i64) -> Position {
    Position {
        book: place >> 32,
        seq: place & 0xffff_ffff,
    }
}

fn json<T: serde::Serialize>(list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::Failed(Box::new(error)))
}

fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(what.to_string())
}

fn digest(row: &SqliteRow, column: usize) -> Result<[u8; 32], StoreError> {
    row.try_get::<&[u8], _>(column)?
        .try_into()
        .map_err(|_| damaged("a hash is not 32 bytes long"))
}

fn book(row: &SqliteRow) -> Result<BookRow, StoreError> {
    Ok(BookRow {
        number: row.try_get(0)?,
        unit: row.try_get(1)?,
        seq: row.try_get(2)?,
        hash: digest(row, 3)?,
        next_ordinal: row.try_get(4)?,
        opened_at: row.try_get(5)?,
        opened_by: row.try_get(6)?,
    })
}

fn commit(row: &SqliteRow) -> Result<CommitRow, StoreError> {
    Ok(CommitRow {
        number: row.try_get(0)?,
        key: row.try_get(1)?,
        actor: row.try_get(2)?,
        source: row.try_get(3)?,
        recorded_at: row.try_get(4)?,
        rights: row.try_get(5)?,
        content: digest(row, 6)?,
        entries: row.try_get(7)?,
        heads: row.try_get(8)?,
    })
}

fn key(row: &SqliteRow, names: &mut Names) -> Result<KeyRow, StoreError> {
    Ok(KeyRow {
        register: names.get(row.try_get(0)?),
        scope: row.try_get(1)?,
        key: row.try_get(2)?,
        record: row.try_get(3)?,
    })
}

/// Register names, each kept once however many rows name it.
#[derive(Default)]
struct Names(Vec<Arc<str>>);

impl Names {
    fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == name) {
            return known.clone();
        }
        let name: Arc<str> = Arc::from(name);
        self.0.push(name.clone());
        name
    }
}

fn head(row: &SqliteRow, from: usize, names: &mut Names) -> Result<HeadRow, StoreError> {
    Ok(HeadRow {
        record: row.try_get(from)?,
        register: names.get(row.try_get(from + 1)?),
        at: position(row.try_get(from + 2)?),
        closed: row.try_get::<i64, _>(from + 3)? != 0,
    })
}

/// Columns of an entry, in the order in which `entry` reads them.
macro_rules! entry_columns {
    () => {
        "e.place, e.commit_number, e.register, e.record, e.kind, e.valid_from, e.previous, e.body, e.hash"
    };
}

fn entry(row: &SqliteRow, from: usize, names: &mut Names) -> Result<EntryRow, StoreError> {
    let at = position(row.try_get(from)?);
    let spoilt = |what: &str| damaged(format!("entry {} of book {}: {what}", at.seq, at.book));
    let valid_from = row.try_get::<&str, _>(from + 5)?;
    Ok(EntryRow {
        at,
        commit: row.try_get(from + 1)?,
        register: names.get(row.try_get(from + 2)?),
        record: row.try_get(from + 3)?,
        kind: row
            .try_get::<&str, _>(from + 4)?
            .parse::<EntryKind>()
            .map_err(|_| spoilt("its kind"))?,
        valid_from: valid_from.parse::<Date>().map_err(|_| spoilt("its date"))?,
        previous: row.try_get::<Option<i64>, _>(from + 6)?.map(position),
        body: row.try_get(from + 7)?,
        hash: digest(row, from + 8)?,
    })
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
}

#[async_trait]
impl Reading for Session {
    async fn books(&mut self, units: Option<&[String]>) -> Result<Vec<BookRow>, StoreError> {
        let all = "SELECT number, unit, seq, hash, next_ordinal, opened_at, opened_by FROM book ORDER BY number";
        let named = "SELECT number, unit, seq, hash, next_ordinal, opened_at, opened_by FROM book \
                     WHERE unit IN (SELECT value FROM json_each(?)) ORDER BY number";
        Ok(match units {
            None => self.collect(sqlx::query(all), book).await?,
            Some(units) => {
                self.collect(sqlx::query(named).bind(json(units)?), book)
                    .await?
            }
        })
    }

    async fn last_numbers(&mut self) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT coalesce((SELECT max(number) FROM book), 0), coalesce((SELECT max(number) FROM commits), 0)";
        Ok(sqlx::query_as(sql).fetch_one(&mut *self.tx).await?)
    }

    async fn commits_with_keys(&mut self, keys: &[String]) -> Result<Vec<CommitRow>, StoreError> {
        let sql = "SELECT number, key, actor, source, recorded_at, rights, content, entries, heads FROM commits \
                   WHERE key IN (SELECT value FROM json_each(?)) ORDER BY number";
        self.collect(sqlx::query(sql).bind(json(keys)?), commit)
            .await
    }

    async fn commits_before(
        &mut self,
        before: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError> {
        let sql = "SELECT number, key, actor, source, recorded_at, rights, content, entries, heads FROM commits \
                   WHERE number < ? ORDER BY number DESC LIMIT ?";
        self.collect(sqlx::query(sql).bind(before).bind(limit), commit)
            .await
    }

    async fn commits(&mut self, numbers: &[i64]) -> Result<Vec<CommitRow>, StoreError> {
        let sql = "SELECT number, key, actor, source, recorded_at, rights, content, entries, heads FROM commits \
                   WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number";
        self.collect(sqlx::query(sql).bind(json(numbers)?), commit)
            .await
    }

    async fn entries(
        &mut self,
        book: i64,
        register: Option<&str>,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let first = place(Position {
            book,
            seq: after_seq,
        });
        let last = place(Position {
            book,
            seq: 0xffff_ffff,
        });
        let all = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entry e WHERE e.place > ?1 AND e.place <= ?2 ORDER BY e.place LIMIT ?3"
        );
        let named = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entry e INDEXED BY entry_by_register \
             WHERE e.register = ?4 AND e.place > ?1 AND e.place <= ?2 ORDER BY e.place LIMIT ?3"
        );
        let query = match register {
            None => sqlx::query(all).bind(first).bind(last).bind(limit),
            Some(register) => sqlx::query(named)
                .bind(first)
                .bind(last)
                .bind(limit)
                .bind(register),
        };
        let mut names = Names::default();
        self.collect(query, |row| entry(row, 0, &mut names)).await
    }

    async fn trails(&mut self, records: &[i64]) -> Result<Vec<EntryRow>, StoreError> {
        let sql = concat!(
            "WITH RECURSIVE back (record, step, place) AS ( \
               SELECT h.record, 0, h.place FROM json_each(?) k CROSS JOIN head h ON h.record = k.value \
               UNION ALL SELECT b.record, b.step + 1, e.previous FROM back b CROSS JOIN entry e ON e.place = b.place \
               WHERE e.previous IS NOT NULL) \
             SELECT ",
            entry_columns!(),
            " FROM back b CROSS JOIN entry e ON e.place = b.place ORDER BY b.record, b.step DESC"
        );
        let mut names = Names::default();
        let mut found = Vec::new();
        for some in records.chunks(ASKED_AT_ONCE) {
            let query = sqlx::query(sql).bind(json(some)?);
            let mut part = self.collect(query, |row| entry(row, 0, &mut names)).await?;
            found.append(&mut part);
        }
        Ok(found)
    }

    async fn heads(&mut self, records: &[i64]) -> Result<Vec<(HeadRow, String)>, StoreError> {
        let sql = "SELECT h.record, h.register, h.place, h.closed, e.body FROM json_each(?) k \
                   CROSS JOIN head h ON h.record = k.value CROSS JOIN entry e ON e.place = h.place";
        let mut names = Names::default();
        let mut read =
            |row: &SqliteRow| Ok::<_, StoreError>((head(row, 0, &mut names)?, row.try_get(4)?));
        let mut found = Vec::new();
        for some in records.chunks(ASKED_AT_ONCE) {
            found.append(
                &mut self
                    .collect(sqlx::query(sql).bind(json(some)?), &mut read)
                    .await?,
            );
        }
        Ok(found)
    }

    async fn heads_after(
        &mut self,
        record: i64,
        limit: i64,
    ) -> Result<Vec<(HeadRow, Option<EntryRow>)>, StoreError> {
        let sql = concat!(
            "SELECT h.record, h.register, h.place, h.closed, ",
            entry_columns!(),
            " FROM head h \
             LEFT JOIN entry e ON e.place = h.place WHERE h.record > ? ORDER BY h.record LIMIT ?"
        );
        let mut names = Names::default();
        let read = |row: &SqliteRow| {
            let head = head(row, 0, &mut names)?;
            let named = row.try_get::<Option<i64>, _>(4)?;
            Ok::<_, StoreError>((head, named.map(|_| entry(row, 4, &mut names)).transpose()?))
        };
        self.collect(sqlx::query(sql).bind(record).bind(limit), read)
            .await
    }

    async fn absent(
        &mut self,
        register: &str,
        records: &[i64],
    ) -> Result<Vec<(i64, bool)>, StoreError> {
        let sql = "SELECT k.value, h.record IS NOT NULL FROM json_each(?1) k \
                   LEFT JOIN head h ON h.record = k.value AND h.register = ?2 WHERE h.record IS NULL \
                   OR h.closed AND (SELECT e.kind <> 'close' FROM entry e WHERE e.place = h.place)";
        let mut found = Vec::new();
        for some in records.chunks(ASKED_AT_ONCE) {
            let query = sqlx::query(sql).bind(json(some)?).bind(register);
            let read = |row: &SqliteRow| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? != 0));
            found.append(&mut self.collect(query, read).await?);
        }
        Ok(found)
    }

    async fn closed_with(
        &mut self,
        register: &str,
        field: &str,
        values: &[serde_json::Value],
    ) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT h.record FROM head h CROSS JOIN entry e ON e.place = h.place \
                   WHERE h.closed AND h.register = ?1 AND e.kind <> 'merge' \
                   AND e.body ->> ?2 IN (SELECT value FROM json_each(?3))";
        let query = sqlx::query(sql)
            .bind(register)
            .bind(field)
            .bind(json(values)?);
        self.collect(query, |row| Ok(row.try_get(0)?)).await
    }

    async fn holders(
        &mut self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<(usize, HeadRow, String)>, StoreError> {
        let sql = "SELECT json_group_array(json_array(k.key, h.record, h.place, h.closed, e.body)) FROM json_each(?1) k \
                   CROSS JOIN directory d ON d.register = ?2 AND d.scope = ?3 AND d.key = k.value \
                   CROSS JOIN head h ON h.record = d.record CROSS JOIN entry e ON e.place = h.place";
        let register: Arc<str> = Arc::from(register);
        // In the order of the keys the pages of the directory are visited once each.
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by_key(|at| &keys[*at]);
        let mut found = Vec::with_capacity(keys.len());
        for some in order.chunks(ANSWERED_AT_ONCE) {
            let asked: Vec<&str> = some.iter().map(|at| keys[*at].as_str()).collect();
            let answer: String = sqlx::query_scalar(sql)
                .bind(json(&asked)?)
                .bind(&*register)
                .bind(scope)
                .fetch_one(&mut *self.tx)
                .await?;
            let rows: Vec<(usize, i64, i64, i64, String)> =
                serde_json::from_str(&answer).map_err(damaged)?;
            for (index, record, place, closed, body) in rows {
                let at = some
                    .get(index)
                    .ok_or_else(|| damaged("a key that was not asked for"))?;
                let head = HeadRow {
                    record,
                    register: register.clone(),
                    at: position(place),
                    closed: closed != 0,
                };
                found.push((*at, head, body));
            }
        }
        Ok(found)
    }

    async fn heads_in(
        &mut self,
        book: i64,
        register: &str,
    ) -> Result<Vec<(HeadRow, String)>, StoreError> {
        let sql = "SELECT json_group_array(json_array(record, place, closed, body)) FROM ( \
                   SELECT h.record, h.place, h.closed, e.body FROM entry e INDEXED BY entry_by_register \
                   CROSS JOIN head h ON h.record = e.record AND h.place = e.place \
                   WHERE e.register = ?1 AND e.place > ?2 AND e.place <= ?3 ORDER BY e.place LIMIT ?4)";
        let end = |seq| place(Position { book, seq });
        let (mut after, last) = (end(0), end(0xffff_ffff));
        let register: Arc<str> = Arc::from(register);
        let mut found = Vec::new();
        loop {
            let answer: String = sqlx::query_scalar(sql)
                .bind(&*register)
                .bind(after)
                .bind(last)
                .bind(i64::try_from(ANSWERED_AT_ONCE).unwrap_or(i64::MAX))
                .fetch_one(&mut *self.tx)
                .await?;
            let rows: Vec<(i64, i64, i64, String)> =
                serde_json::from_str(&answer).map_err(damaged)?;
            let Some(furthest) = rows.iter().map(|(_, place, _, _)| *place).max() else {
                return Ok(found);
            };
            after = furthest;
            found.extend(rows.into_iter().map(|(record, place, closed, body)| {
                let head = HeadRow {
                    record,
                    register: register.clone(),
                    at: position(place),
                    closed: closed != 0,
                };
                (head, body)
            }));
        }
    }

    async fn keys_after(
        &mut self,
        last: Option<&KeyRow>,
        limit: i64,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let sql = "SELECT register, scope, key, record FROM directory WHERE (register, scope, key) > (?, ?, ?) \
                   ORDER BY register, scope, key LIMIT ?";
        let (register, scope, after) =
            last.map_or(("", 0, ""), |row| (&*row.register, row.scope, &*row.key));
        let query = sqlx::query(sql)
            .bind(register)
            .bind(scope)
            .bind(after)
            .bind(limit);
        let mut names = Names::default();
        self.collect(query, |row| key(row, &mut names)).await
    }

    async fn missing_edges(&mut self, edges: &[EdgeRow]) -> Result<Vec<EdgeRow>, StoreError> {
        let sql = "SELECT k.key FROM json_each(?) k WHERE NOT EXISTS (SELECT 1 FROM edge e WHERE e.register = k.value ->> 0 \
                   AND e.source = k.value ->> 1 AND e.target = k.value ->> 2 AND e.record = k.value ->> 3)";
        let mut missing = Vec::new();
        for some in edges.chunks(ASKED_AT_ONCE) {
            let asked: Vec<_> = some
                .iter()
                .map(|e| (&*e.register, e.source, e.target, e.record))
                .collect();
            let found: Vec<i64> = sqlx::query_scalar(sql)
                .bind(json(&asked)?)
                .fetch_all(&mut *self.tx)
                .await?;
            missing.extend(
                found
                    .iter()
                    .filter_map(|at| some.get(usize::try_from(*at).ok()?))
                    .cloned(),
            );
        }
        Ok(missing)
    }

    async fn count_edges(&mut self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM edge")
            .fetch_one(&mut *self.tx)
            .await?)
    }

    async fn circle(
        &mut self,
        register: &str,
        links: &[(i64, i64)],
    ) -> Result<Option<usize>, StoreError> {
        let sql = "WITH RECURSIVE reach (start, source, node) AS ( \
                     SELECT key, value ->> 0, value ->> 1 FROM json_each(?1) \
                     UNION SELECT r.start, r.source, e.target FROM reach r \
                     CROSS JOIN edge e ON e.register = ?2 AND e.source = r.node WHERE r.node <> r.source) \
                   SELECT start FROM reach WHERE node = source LIMIT 1";
        for (part, some) in links.chunks(ASKED_AT_ONCE).enumerate() {
            let query = sqlx::query_scalar(sql).bind(json(some)?).bind(register);
            let found: Option<i64> = query.fetch_optional(&mut *self.tx).await?;
            if let Some(found) = found {
                return Ok(Some(
                    part * ASKED_AT_ONCE + usize::try_from(found).map_err(damaged)?,
                ));
            }
        }
        Ok(None)
    }
}
