//! Somebody with the file in hand: every way of altering it that we could think of, column by column and table by table. Each is
//! found by the file alone, or, where the file is made to agree with itself, only against heads kept elsewhere. The snapshot says
//! which.

use crate::common::*;
use kernel::EntryKind::Change;
use kernel::{Lang, RecordId, Sensitivity};
use ledger::sqlite::SqliteStore;
use ledger::store::Meta;
use ledger::{
    Access, AccessRecord, Algorithm, Commit, Draft, Heads, Ledger, LedgerError, Position, SayDraft,
    SayId, Target,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

mod alterations;

use alterations::{ACCESSES, CUT, KINDS, LAYOUT};

const LEDGER: &str = "ledger.sqlite";
const ACCESS: &str = "access.sqlite";

/// Fourteen commits that make use of everything.
async fn write(ledger: &Ledger, name: &str) {
    for code in [FIRST, SECOND] {
        ledger.open_book(unit(code), at(0), &grant()).await.unwrap();
    }
    let third = open(
        FIRST,
        "unit",
        0,
        vec![text("210203001003"), text("第三社区")],
    );
    let send = async |sent: Commit| ledger.commit(sent).await.unwrap();
    send(commit("3", vec![third])).await;
    let people = vec![
        open(FIRST, "person", 0, person("X1", name)),
        open(FIRST, "person", 1, person("X2", "李四")),
        open(FIRST, "household", 2, household("1")),
        Draft {
            refs: vec![(0, 0), (1, 1)],
            ..open(FIRST, "kinship", 3, vec![None, None, text("child")])
        },
    ];
    let says = vec![list(FIRST, DAY), desk(FIRST)];
    send(Commit {
        says,
        ..commit("4", people)
    })
    .await;
    let words = [2, 3].map(|seq| Position { book: 1, seq });
    send(Commit {
        says: vec![list(FIRST, DAY.tomorrow().unwrap())],
        rolls: vec![roll(3, &words)],
        ..commit("5", Vec::new())
    })
    .await;
    let more = SayDraft::More(SayId { commit: 4, nth: 0 });
    send(Commit {
        says: vec![more],
        ..commit("6", vec![open(FIRST, "person", 0, person("X3", "王五"))])
    })
    .await;
    send(commit("7", vec![transfer("person", RecordId(2), SECOND)])).await;
    send(commit("8", vec![merge("person", RecordId(6), RecordId(3))])).await;
    let dated = Draft {
        from: Some(DAY),
        until: DAY.tomorrow().ok(),
        row: 17,
        ..draft(
            "household",
            Target::Known(RecordId(4)),
            Change,
            vec![None, text("某路 1 号")],
        )
    };
    send(commit("9", vec![dated])).await;
    send(commit(
        "10",
        vec![open(FIRST, "person", 0, person("X4", "赵六"))],
    ))
    .await;
    ledger.undo(10, at(2), &grant()).await.unwrap();
    send(commit(
        "12",
        vec![open(FIRST, "person", 0, person("X5", "钱七"))],
    ))
    .await;
    let seq = ledger.book(unit(FIRST)).await.unwrap().unwrap().seq;
    let last = Position { book: 1, seq };
    ledger
        .erase(last, "文", ["甲", "乙"], at(3), &grant())
        .await
        .unwrap();
    send(commit(
        "14",
        vec![open(SECOND, "person", 0, person("X9", "孙八"))],
    ))
    .await;
    for n in 0..3 {
        let access = AccessRecord {
            at: at(n),
            who: "clerk".into(),
            why: "visit".into(),
            posts: vec![("clerk".into(), unit(FIRST))],
            reveals: vec![Sensitivity::Name],
            what: Access::Page {
                path: format!("/people/{n}"),
            },
        };
        ledger.log_access(&access).await.unwrap();
    }
}

/// A copy of a ledger's directory.
fn copy(from: &Path) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in [LEDGER, ACCESS] {
        std::fs::copy(from.join(file), dir.path().join(file)).unwrap();
    }
    dir
}

/// Runs SQL on a file, with all triggers out of the way unless it is about them. Tells whether rows changed.
async fn run(file: &Path, sql: &str, keep_triggers: bool) -> bool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .disable_statement_logging();
    let mut conn = options.connect().await.unwrap();
    let triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let triggers: Vec<(String, String)> =
        sqlx::query_as(triggers).fetch_all(&mut conn).await.unwrap();
    let triggers = if keep_triggers { Vec::new() } else { triggers };
    for (name, _) in &triggers {
        execute(&mut conn, &format!("DROP TRIGGER {name}")).await;
    }
    let before = changes(&mut conn).await;
    execute(
        &mut conn,
        &sql.replace('~', &format!("x'{}'", "5a".repeat(32))),
    )
    .await;
    let after = changes(&mut conn).await;
    for (_, sql) in &triggers {
        execute(&mut conn, sql).await;
    }
    conn.close().await.unwrap();
    after > before
}

async fn execute(conn: &mut SqliteConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(conn)
        .await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn changes(conn: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("SELECT total_changes()")
        .fetch_one(conn)
        .await
        .unwrap()
}

/// By what the alteration is found, and the first thing that is.
async fn found(dir: &Path, heads: &Heads) -> (&'static str, String) {
    let ledger = match Ledger::open(dir, pack()).await {
        Err(LedgerError::NotALedger(_)) => return ("opening", "not a ledger".into()),
        Err(error) => return ("opening", error.message(Lang::En)),
        Ok(ledger) => ledger,
    };
    let mut how = "file";
    let mut found = ledger.verify(None, &mut |_, _| {}).await.unwrap().faults;
    if found.is_empty() {
        how = "heads";
        found = ledger
            .verify(Some(heads), &mut |_, _| {})
            .await
            .unwrap()
            .faults;
    }
    ledger.close().await;
    let Some(first) = found.first() else {
        return ("NOTHING", String::new());
    };
    assert!(!first.message(Lang::Zh).is_empty());
    (how, first.message(Lang::En))
}

fn line(table: &mut String, name: &str, (how, what): (&str, String)) {
    writeln!(table, "{name:<52} {how:<8} {what}").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_alteration_is_found() {
    let base = tempfile::tempdir().unwrap();
    let meta = Meta {
        ledger: [7; 16],
        algorithm: Algorithm::Sha256,
    };
    let make = async |dir: &Path, name: &str| {
        let store = SqliteStore::create(&dir.join(LEDGER), meta).await.unwrap();
        let ledger = Ledger::with_store(Arc::new(store), pack());
        write(&ledger, name).await;
        let heads = ledger.heads().await.unwrap();
        assert_sound(&ledger).await;
        ledger.close().await;
        heads
    };
    let heads = make(base.path(), "张三").await;
    let mut table = String::new();
    for (kinds, file) in [(KINDS, LEDGER), (LAYOUT, LEDGER), (ACCESSES, ACCESS)] {
        for (name, sql) in kinds {
            let dir = copy(base.path());
            let layout = file == LEDGER && kinds.len() == LAYOUT.len() || sql.contains("TRIGGER");
            let changed = run(&dir.path().join(file), sql, layout).await;
            assert!(changed || layout, "{name} alters nothing");
            line(&mut table, name, found(dir.path(), &heads).await);
        }
    }
    let dir = copy(base.path());
    run(&dir.path().join(LEDGER), CUT, false).await;
    line(
        &mut table,
        "last commit cut off, all agreeing",
        found(dir.path(), &heads).await,
    );
    let dir = copy(base.path());
    std::fs::remove_file(dir.path().join(ACCESS)).unwrap();
    line(
        &mut table,
        "access log removed as a file",
        found(dir.path(), &heads).await,
    );
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), "张三丰").await;
    line(
        &mut table,
        "ledger made anew with one other value",
        found(dir.path(), &heads).await,
    );
    let bytes = std::fs::read(base.path().join(LEDGER)).unwrap();
    let word = bytes
        .windows(4)
        .position(|window| window == "\"X2\"".as_bytes())
        .unwrap();
    let spoilt = [
        ("a byte of a word overwritten", word + 1..word + 2),
        ("a page overwritten", 8192..12_288),
        (
            "the end of the file overwritten",
            bytes.len() / 2..bytes.len(),
        ),
    ];
    for (name, range) in spoilt {
        let dir = copy(base.path());
        let mut bytes = bytes.clone();
        bytes[range].fill(b'Y');
        std::fs::write(dir.path().join(LEDGER), bytes).unwrap();
        line(&mut table, name, found(dir.path(), &heads).await);
    }
    let dir = copy(base.path());
    std::fs::write(dir.path().join(LEDGER), &bytes[..bytes.len() / 2]).unwrap();
    line(
        &mut table,
        "file cut short",
        found(dir.path(), &heads).await,
    );
    assert!(!table.contains("NOTHING"), "{table}");
    let kinds = table.lines().count();
    insta::assert_snapshot!("tampering", format!("{table}{kinds} kinds\n"));
}
