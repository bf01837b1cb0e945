//! What SQLite finds wrong with a file: its own check of pages, indexes and types, and whether the tables, indexes and triggers
//! are exactly those of the schema.

use crate::store::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::collections::BTreeSet;

type Layout = BTreeSet<(String, String, String)>;

/// What is wrong with the file behind a connection.
pub(super) async fn of(
    conn: &mut SqliteConnection,
    schema: &'static str,
) -> Result<Vec<String>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *conn)
        .await?;
    let mut faults: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
    let found = layout(conn).await?;
    let expected = expected(schema).await?;
    for (kind, name, _) in expected.difference(&found) {
        faults.push(format!("{kind} {name} is not as it was made"));
    }
    for (kind, name, _) in found.difference(&expected) {
        let known = expected.iter().any(|(_, known, _)| known == name);
        if !known {
            faults.push(format!("{kind} {name} doesn't belong here"));
        }
    }
    Ok(faults)
}

async fn layout(conn: &mut SqliteConnection) -> Result<Layout, StoreError> {
    let sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}

/// The layout that the schema makes.
async fn expected(schema: &'static str) -> Result<Layout, StoreError> {
    let options: SqliteConnectOptions = "sqlite::memory:".parse()?;
    let mut conn = options.disable_statement_logging().connect().await?;
    sqlx::raw_sql(schema).execute(&mut conn).await?;
    let layout = layout(&mut conn).await?;
    conn.close().await?;
    Ok(layout)
}
