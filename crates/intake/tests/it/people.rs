//! Four departments' lists of a small town without ID numbers: nobody is lost, no two are taken for one, few are asked about, and
//! importing everything again, as after a restart, changes nobody's number.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_arithmetic,
    reason = "a test fails by panicking, and measures by shares"
)]

mod common;
#[path = "common/people.rs"]
mod people;

use common::{ON, STREET, national_files, unit};
use kernel::Grant;
use ledger::Ledger;
use town::{Format, Noise, Wish, generate};

#[tokio::test]
async fn a_town_without_numbers() {
    let place = tempfile::tempdir().unwrap();
    let lists = place.path().join("lists");
    let wish = Wish {
        people: 4_000,
        seed: 11,
        on: ON,
        format: Format::Departments,
    };
    generate(&wish)
        .write_unnumbered(&lists, Noise::Middle)
        .unwrap();
    let pack = people::with_truth(national_files());
    let (unit, grant) = (unit(STREET), Grant::whole("clerk", unit(STREET), "import"));
    let folder = place.path().join("ledger");
    std::fs::create_dir(&folder).unwrap();
    let ledger = Ledger::create(&folder, pack.clone()).await.unwrap();
    let at = "2026-01-05T01:00:00Z".parse().unwrap();
    ledger.open_book(unit, at, &grant).await.unwrap();
    let imported = people::import_lists(&ledger, &pack, &lists, unit, ON).await;
    let held = people::hold(&ledger, &pack, &lists, unit, &imported).await;
    assert_eq!((held.lost, held.refused), (0, 0));
    assert!(held.merged.is_empty(), "{:?}", held.merged);
    assert!(
        held.questions_per_thousand() < 10.0,
        "{}",
        held.questions_per_thousand()
    );
    assert!(
        held.precision >= 0.999 && held.recall >= 0.97,
        "{} {}",
        held.precision,
        held.recall
    );
    let entries = held.entries;
    drop(ledger);
    let ledger = Ledger::open(&folder, pack.clone()).await.unwrap();
    people::import_lists(&ledger, &pack, &lists, unit, ON).await;
    assert_eq!(ledger.book(unit).await.unwrap().unwrap().seq, entries);
}
