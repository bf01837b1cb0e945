//! The access log in SQLite: a file beside the ledger's, so that a page is shown, and logged, while a long commit is written.
//! Lines are only added.

use super::columns::{ACCESS, access};
use super::{OpenError, connections, faults};
use crate::store::{AccessRow, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};
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

    /// Adds lines in one statement; none if a number is taken.
    pub(super) async fn add(&self, accesses: &[AccessRow]) -> Result<bool, StoreError> {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO access (number, at, who, why, posts, reveals, what, hash) ",
        );
        insert.push_values(accesses, |mut row, access| {
            row.push_bind(access.number)
                .push_bind(access.at.as_str())
                .push_bind(access.who.as_str())
                .push_bind(access.why.as_str())
                .push_bind(access.posts.as_str())
                .push_bind(access.reveals.as_str())
                .push_bind(access.what.as_str())
                .push_bind(access.hash.as_slice());
        });
        match insert.build().execute(&self.0).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
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
