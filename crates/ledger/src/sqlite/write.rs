//! Writing rows to SQLite: many rows per statement, few distinct statements, so that a commit of hundreds of thousands of
//! entries costs a few hundred calls. It writes what it is given and decides nothing.

use super::Session;
use super::read::place;
use crate::store::{
    Batch, BookRow, CommitRow, EdgeRow, EntryRow, HeadRow, KeyRow, StoreError, Writing,
};
use async_trait::async_trait;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Sqlite, Transaction};
use std::sync::{Arc, LazyLock};

/// How many rows one call writes: as many as are left of the largest size that fits.
const SIZES: [usize; 4] = [512, 64, 8, 1];

/// SQL that writes several rows in one call, in the sizes it is prepared for.
struct Rows {
    sizes: [(usize, Arc<str>); 4],
}

impl Rows {
    /// One `INSERT` with several rows of values.
    fn insert(into: &str, columns: usize, on_conflict: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        Self::sized(|rows| {
            let rows = vec![row.as_str(); rows].join(",");
            format!("INSERT INTO {into} VALUES {rows} {on_conflict}")
        })
    }

    /// Several statements, one for each row. SQLite would not use the key for a list of rows.
    fn each(statement: &str) -> Self {
        Self::sized(|rows| vec![statement; rows].join(";"))
    }

    fn sized(sql: impl Fn(usize) -> String) -> Self {
        Self {
            sizes: SIZES.map(|rows| (rows, Arc::from(sql(rows)))),
        }
    }

    /// Writes all rows, the largest statements first.
    async fn write<R>(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        rows: Vec<R>,
        bind: impl Fn(&mut SqliteArguments, R) -> Result<(), sqlx::error::BoxDynError> + Send,
    ) -> Result<(), StoreError>
    where
        R: Send,
    {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for (size, sql) in &self.sizes {
            while left >= *size {
                let mut arguments = SqliteArguments::default();
                for row in rows.by_ref().take(*size) {
                    bind(&mut arguments, row).map_err(StoreError::Failed)?;
                }
                sqlx::query_with(AssertSqlSafe(sql.clone()), arguments)
                    .execute(&mut **tx)
                    .await?;
                left -= size;
            }
        }
        Ok(())
    }
}

static ENTRIES: LazyLock<Rows> = LazyLock::new(|| {
    let columns = "place, commit_number, register, record, kind, valid_from, previous, body, hash";
    Rows::insert(&format!("entry ({columns})"), 9, "")
});
static HEADS: LazyLock<Rows> = LazyLock::new(|| {
    let moved =
        "ON CONFLICT (record) DO UPDATE SET place = excluded.place, closed = excluded.closed";
    Rows::insert("head (record, register, place, closed)", 4, moved)
});
static KEYS: LazyLock<Rows> = LazyLock::new(|| {
    let moved = "ON CONFLICT (register, scope, key) DO UPDATE SET record = excluded.record";
    Rows::insert("directory (register, scope, key, record)", 4, moved)
});
static FREED: LazyLock<Rows> = LazyLock::new(|| {
    Rows::each("DELETE FROM directory WHERE register = ? AND scope = ? AND key = ? AND record = ?")
});
static EDGES: LazyLock<Rows> = LazyLock::new(|| {
    Rows::insert(
        "edge (register, source, target, record)",
        4,
        "ON CONFLICT DO NOTHING",
    )
});
static CUT: LazyLock<Rows> = LazyLock::new(|| {
    Rows::each("DELETE FROM edge WHERE register = ? AND source = ? AND target = ? AND record = ?")
});

fn bind_entry(to: &mut SqliteArguments, row: EntryRow) -> Result<(), sqlx::error::BoxDynError> {
    to.add(place(row.at))?;
    to.add(row.commit)?;
    to.add(row.register)?;
    to.add(row.record)?;
    to.add(row.kind.as_str())?;
    to.add(row.valid_from.to_string())?;
    to.add(row.previous.map(place))?;
    to.add(row.body)?;
    to.add(row.hash.to_vec())
}

fn bind_head(to: &mut SqliteArguments, row: HeadRow) -> Result<(), sqlx::error::BoxDynError> {
    to.add(row.record)?;
    to.add(row.register)?;
    to.add(place(row.at))?;
    to.add(i64::from(row.closed))
}

fn bind_key(to: &mut SqliteArguments, row: KeyRow) -> Result<(), sqlx::error::BoxDynError> {
    to.add(row.register)?;
    to.add(row.scope)?;
    to.add(row.key)?;
    to.add(row.record)
}

fn bind_edge(to: &mut SqliteArguments, row: EdgeRow) -> Result<(), sqlx::error::BoxDynError> {
    to.add(row.register)?;
    to.add(row.source)?;
    to.add(row.target)?;
    to.add(row.record)
}

#[async_trait]
impl Writing for Session {
    async fn put_book(&mut self, book: &BookRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO book (number, unit, seq, hash, next_ordinal, opened_at, opened_by) VALUES (?, ?, ?, ?, ?, ?, ?) \
                   ON CONFLICT (number) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, next_ordinal = excluded.next_ordinal";
        sqlx::query(sql)
            .bind(book.number)
            .bind(book.unit.as_str())
            .bind(book.seq)
            .bind(book.hash.to_vec())
            .bind(book.next_ordinal)
            .bind(book.opened_at.as_str())
            .bind(book.opened_by.as_str())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn put_commit(&mut self, commit: &CommitRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO commits (number, key, actor, source, recorded_at, rights, content, entries, heads) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(commit.number)
            .bind(commit.key.as_str())
            .bind(commit.actor.as_str())
            .bind(commit.source.as_str())
            .bind(commit.recorded_at.as_str())
            .bind(commit.rights.as_str())
            .bind(commit.content.to_vec())
            .bind(commit.entries)
            .bind(commit.heads.as_str())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn put(&mut self, mut batch: Batch) -> Result<(), StoreError> {
        // In key order the pages of the directory are visited once each.
        batch.keys.sort_unstable();
        batch.heads.sort_unstable_by_key(|head| head.record);
        ENTRIES
            .write(&mut self.tx, batch.entries, bind_entry)
            .await?;
        HEADS.write(&mut self.tx, batch.heads, bind_head).await?;
        FREED.write(&mut self.tx, batch.freed, bind_key).await?;
        KEYS.write(&mut self.tx, batch.keys, bind_key).await?;
        CUT.write(&mut self.tx, batch.cut, bind_edge).await?;
        EDGES.write(&mut self.tx, batch.edges, bind_edge).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::{CUT, FREED};
    use crate::sqlite::SqliteStore;
    use crate::store::{Batch, KeyRow, Store};
    use sqlx::{AssertSqlSafe, Row};
    use std::sync::Arc;

    fn key(n: i64) -> KeyRow {
        KeyRow {
            register: Arc::from("person"),
            scope: 0,
            key: format!("key {n}"),
            record: n,
        }
    }

    #[tokio::test]
    async fn keys_are_freed_one_by_one_and_only_for_their_holder() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(&dir.path().join("x.sqlite"))
            .await
            .unwrap();
        let mut tx = store.write().await.unwrap();
        let keys = (1..=1000).map(key).collect();
        tx.put(Batch {
            keys,
            ..Batch::default()
        })
        .await
        .unwrap();
        // 512 + 64 + 8 + 3 keys, the last of them another's.
        let mut freed: Vec<KeyRow> = (1..=587).map(key).collect();
        freed[586].record = 7;
        tx.put(Batch {
            freed,
            ..Batch::default()
        })
        .await
        .unwrap();
        let left = tx.keys_after(None, 2000).await.unwrap();
        let mut left: Vec<i64> = left.into_iter().map(|row| row.record).collect();
        left.sort_unstable();
        assert_eq!(left, (587..=1000).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn nothing_is_removed_by_reading_a_whole_table() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(&dir.path().join("x.sqlite"))
            .await
            .unwrap();
        for rows in [&*FREED, &*CUT] {
            let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", rows.sizes[3].1));
            let plan = sqlx::query(sql).fetch_one(&store.writer).await.unwrap();
            assert!(plan.get::<String, _>(3).starts_with("SEARCH"));
        }
    }
}
