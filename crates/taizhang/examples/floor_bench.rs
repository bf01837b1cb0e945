//! The floor of an import: what reading the file and storing as many bytes costs without anything else. Run by `bench/run.py`
//! beside the import itself: `floor_bench LIST BYTES`, where BYTES is what the import added to the ledger's file. It reads the
//! list with the reader the product uses (calamine, csv), stores a row of the list's own text for each row, filled up to BYTES in
//! all, in one durable transaction of SQLite, and prints the microseconds of both as JSON.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measuring tool: it prints its figures and stops at the first surprise"
)]

use std::path::Path;
use std::time::Instant;

use calamine::Reader;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let list = arguments.next().expect("the list");
    let bytes: usize = arguments.next().expect("how many bytes").parse().unwrap();
    let began = Instant::now();
    let rows = read(Path::new(&list));
    let read = began.elapsed().as_micros();
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    store(&folder.path().join("floor.sqlite"), &rows, bytes).await;
    let stored = began.elapsed().as_micros();
    println!(
        "{{\"rows\":{},\"read_us\":{read},\"store_us\":{stored}}}",
        rows.len()
    );
}

/// The rows of a list as texts, cells joined.
fn read(list: &Path) -> Vec<String> {
    if list.extension().is_some_and(|end| end == "csv") {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_path(list)
            .unwrap();
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            row.iter().collect::<Vec<_>>().join("\t")
        });
        return rows.collect();
    }
    let mut book = calamine::open_workbook_auto(list).unwrap();
    let mut rows = Vec::new();
    for (_, range) in book.worksheets() {
        let cells = |row: &[calamine::Data]| {
            let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
            cells.join("\t")
        };
        rows.extend(range.rows().map(cells));
    }
    rows
}

/// Stores as many bytes, a row for each, in one transaction that is on disk at the end.
async fn store(file: &Path, rows: &[String], bytes: usize) {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE line (at INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT")
        .execute(&pool)
        .await
        .unwrap();
    let each = bytes / rows.len().max(1);
    let mut work = pool.begin().await.unwrap();
    for some in rows.chunks(256) {
        let places = vec!["(?)"; some.len()].join(",");
        let sql = format!("INSERT INTO line (text) VALUES {places}");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for row in some {
            let mut text = row.clone().into_bytes();
            text.resize(each, b' ');
            query = query.bind(text);
        }
        query.execute(&mut *work).await.unwrap();
    }
    work.commit().await.unwrap();
}
