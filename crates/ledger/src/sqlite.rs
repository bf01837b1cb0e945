//! The ledger in one SQLite file. Writing goes through a single connection under `BEGIN IMMEDIATE`, reading through several
//! others, each session seeing one consistent state (WAL); a commit is on disk when it returns (synchronous = FULL).
//! It never runs on a SQLite older than 3.51.3, whose WAL could be damaged when reset.

mod access;
mod columns;
mod faults;
mod read;
mod write;

use crate::chain::Algorithm;
use crate::store::{AccessRow, Meta, Reading, Store, StoreError, Writing};
use access::AccessLog;
use async_trait::async_trait;
use columns::Names;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Sqlite, SqliteConnection, Transaction};
use std::path::Path;
use std::time::Duration;

/// "tzhg": marks the file as a Taizhang ledger.
const APPLICATION_ID: i64 = 0x747a_6867;
/// The version of `schema.sql`.
const FORMAT: i64 = 3;
const SCHEMA: &str = include_str!("sqlite/schema.sql");
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);
const READERS: u32 = 4;
/// How long a session waits for its turn; a commit of millions of entries may be before it.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long to wait for another process.
const OTHER_PROCESS: Duration = Duration::from_secs(30);

/// What can be wrong with a file that should be a ledger.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite is older than 3.51.3.
    #[error("SQLite {0} is too old")]
    Sqlite(String),
    /// The file is not a ledger.
    #[error("not a ledger")]
    Foreign,
    /// The ledger was written by another version of Taizhang.
    #[error("ledger format {0}")]
    Format(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A ledger file, open.
pub struct SqliteStore {
    meta: Meta,
    writer: SqlitePool,
    readers: SqlitePool,
    accesses: AccessLog,
}

impl SqliteStore {
    /// Makes a new ledger file; the file must not exist.
    pub async fn create(file: &Path, meta: Meta) -> Result<Self, OpenError> {
        let store = Self::connect(file, Some(meta)).await?;
        let mut conn = store.writer.acquire().await?;
        let mut tx = sqlx::Connection::begin_with(&mut *conn, "BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
        let ledger: String = meta
            .ledger
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        for (name, value) in [("ledger", &*ledger), ("algorithm", meta.algorithm.as_str())] {
            let sql = "INSERT INTO meta (name, value) VALUES (?, ?)";
            sqlx::query(sql)
                .bind(name)
                .bind(value)
                .execute(&mut *tx)
                .await?;
        }
        let marks =
            format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};");
        sqlx::raw_sql(AssertSqlSafe(marks))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        drop(conn);
        Ok(store)
    }

    /// Opens a ledger file that exists.
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        let mut store = Self::connect(file, None).await?;
        let mut conn = store.writer.acquire().await?;
        let id: i64 = number(&mut conn, "PRAGMA application_id").await?;
        let format: i64 = number(&mut conn, "PRAGMA user_version").await?;
        match (id, format) {
            (APPLICATION_ID, FORMAT) => {}
            (APPLICATION_ID, other) => return Err(OpenError::Format(other)),
            _ => return Err(OpenError::Foreign),
        }
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, value FROM meta")
            .fetch_all(&mut *conn)
            .await?;
        drop(conn);
        store.meta = columns::meta(&rows).ok_or(OpenError::Foreign)?;
        Ok(store)
    }

    async fn connect(file: &Path, create: Option<Meta>) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create.is_some())
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY")
            // What is erased is overwritten.
            .pragma("secure_delete", "ON")
            // The most SQLite maps; pages beyond are read as before. Look-ups of a roster go all over the file.
            .pragma("mmap_size", "2147418112")
            .busy_timeout(OTHER_PROCESS)
            .row_buffer_size(1024)
            .disable_statement_logging();
        let writer = connections(1)
            .connect_with(options.clone().pragma("cache_size", "-131072"))
            .await?;
        let version: String = sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(&writer)
            .await?;
        if !recent(&version) {
            return Err(OpenError::Sqlite(version));
        }
        let accesses = AccessLog::open(file, &options).await?;
        let reader = options
            .create_if_missing(false)
            .pragma("query_only", "ON")
            .pragma("cache_size", "-16384");
        let readers = connections(READERS).connect_lazy_with(reader);
        let meta = create.unwrap_or(Meta {
            ledger: [0; 16],
            algorithm: Algorithm::Sha256,
        });
        Ok(Self {
            meta,
            writer,
            readers,
            accesses,
        })
    }
}

fn connections(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn recent(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= SQLITE_AT_LEAST
}

async fn number(conn: &mut SqliteConnection, sql: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(sql).fetch_one(conn).await
}

/// A session: one transaction on one connection.
struct Session {
    tx: Transaction<'static, Sqlite>,
    meta: Meta,
    /// The registers, once they were asked for.
    names: Option<Names>,
    accesses: AccessLog,
    /// Whether something was erased: then it has to leave the log of changes, too.
    erased: bool,
    writer: SqlitePool,
}

impl SqliteStore {
    fn session(&self, tx: Transaction<'static, Sqlite>) -> Session {
        Session {
            tx,
            meta: self.meta,
            names: None,
            accesses: self.accesses.clone(),
            erased: false,
            writer: self.writer.clone(),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn meta(&self) -> Meta {
        self.meta
    }

    async fn read(&self) -> Result<Box<dyn Reading>, StoreError> {
        Ok(Box::new(self.session(self.readers.begin().await?)))
    }

    async fn write(&self) -> Result<Box<dyn Writing>, StoreError> {
        let tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Box::new(self.session(tx)))
    }

    async fn log_accesses(&self, accesses: &[AccessRow]) -> Result<bool, StoreError> {
        self.accesses.add(accesses).await
    }

    async fn accesses(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError> {
        self.accesses.page(limit, offset).await
    }

    async fn accesses_after(&self, after: i64, limit: i64) -> Result<Vec<AccessRow>, StoreError> {
        self.accesses.after(after, limit).await
    }

    async fn close(&self) {
        self.accesses.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                return Self::Damaged(error.to_string());
            }
            sqlx::Error::Database(database) => {
                database.code().and_then(|code| code.parse::<u32>().ok())
            }
            _ => None,
        };
        // The low byte of an extended result code is the primary one: https://sqlite.org/rescode.html
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Busy,
            Some(13) => Self::Full,
            Some(11 | 26) => Self::Damaged(error.to_string()),
            _ => Self::Failed(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::recent;

    #[test]
    fn a_sqlite_with_the_wal_reset_fault_is_refused() {
        assert!(!recent("3.51.2") && !recent("3.9.99") && !recent("") && !recent("2.99.99"));
        assert!(recent("3.51.3") && recent("3.52.0") && recent("4.0.0"));
    }
}
