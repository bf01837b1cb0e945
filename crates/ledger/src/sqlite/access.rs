//! The access log in SQLite: a file beside the ledger's, so that a page is shown, and logged, while a long commit is written.
//! Lines are only added.

use super::columns::{ACCESS, access};
use super::{OpenError, connections, faults};
use crate::store::{AccessRow, StoreError};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;

/// The name of the file, beside the ledger's.
const FILE: &str = "access.sqlite";
const SCHEMA: &str = include_str!("access.sql");

#[derive(Clone)]
pub(super) struct AccessLog(SqlitePool);

impl AccessLog {
    /// Opens the log beside a ledger's file; makes it if there is none.
    pub(super) async fn open(
        ledger: &Path,
        options: &SqliteConnectOptions,
    ) -> Result<Self, OpenError> {
        let options = options
            .clone()
            .filename(ledger.with_file_name(FILE))
            .create_if_missing(true);
        let pool = connections(1).connect_with(options).await?;
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
            .fetch_one(&pool)
            .await?;
        if tables == 0 {
            sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        }
        Ok(Self(pool))
    }

    pub(super) async fn add(&self, access: &AccessRow) -> Result<bool, StoreError> {
        let sql = "INSERT INTO access (number, at, who, why, posts, reveals, what, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
                   ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(access.number)
            .bind(access.at.as_str())
            .bind(access.who.as_str())
            .bind(access.why.as_str())
            .bind(access.posts.as_str())
            .bind(access.reveals.as_str())
            .bind(access.what.as_str())
            .bind(access.hash.as_slice())
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn page(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError> {
        self.read("ORDER BY number DESC LIMIT ? OFFSET ?", limit, offset)
            .await
    }

    pub(super) async fn after(
        &self,
        number: i64,
        limit: i64,
    ) -> Result<Vec<AccessRow>, StoreError> {
        self.read("WHERE number > ? ORDER BY number LIMIT ?", number, limit)
            .await
    }

    async fn read(
        &self,
        which: &str,
        first: i64,
        second: i64,
    ) -> Result<Vec<AccessRow>, StoreError> {
        let sql = AssertSqlSafe(format!("{ACCESS} {which}"));
        let rows = sqlx::query(sql)
            .bind(first)
            .bind(second)
            .fetch_all(&self.0)
            .await?;
        rows.iter().map(access).collect()
    }

    /// What SQLite finds wrong with the log.
    pub(super) async fn faults(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.0.acquire().await?;
        faults::of(&mut conn, SCHEMA).await
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}
