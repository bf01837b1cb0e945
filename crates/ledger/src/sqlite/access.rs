//! The access log in SQLite: a file beside the ledger's, so that a page is shown, and logged, while a long commit is written.
//! Lines are only added.

use super::{OpenError, connections};
use crate::store::{AccessRow, StoreError};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;

/// The name of the file, beside the ledger's.
const FILE: &str = "access.sqlite";

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
        sqlx::raw_sql(include_str!("access.sql"))
            .execute(&pool)
            .await?;
        Ok(Self(pool))
    }

    pub(super) async fn add(&self, access: &AccessRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO access (at, who, why, units, reveals, what) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(access.at.as_str())
        .bind(access.who.as_str())
        .bind(access.why.as_str())
        .bind(access.units.as_str())
        .bind(access.reveals.as_str())
        .bind(access.what.as_str())
        .execute(&self.0)
        .await?;
        Ok(())
    }

    pub(super) async fn page(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError> {
        let sql = "SELECT at, who, why, units, reveals, what FROM access ORDER BY number DESC LIMIT ? OFFSET ?";
        let rows = sqlx::query(sql)
            .bind(limit)
            .bind(offset)
            .fetch_all(&self.0)
            .await?;
        let read = |row: sqlx::sqlite::SqliteRow| {
            Ok(AccessRow {
                at: row.try_get(0)?,
                who: row.try_get(1)?,
                why: row.try_get(2)?,
                units: row.try_get(3)?,
                reveals: row.try_get(4)?,
                what: row.try_get(5)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}
