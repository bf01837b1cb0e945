//! Imports the four lists of a folder that `taizhang town generate --unnumbered` made, holds the people of the ledger against the
//! truth, imports everything again, and prints one JSON object. `people_bench FOLDER [--tell]`; the people who were taken for one,
//! and those who are several, are told by their truth.
#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    clippy::print_stdout,
    reason = "a measurement, not the product"
)]

use std::path::PathBuf;
use std::time::Instant;

use kernel::{Grant, UnitCode};
use ledger::{Algorithm, Ledger};
use tables::Tables;

#[path = "../tests/it/town.rs"]
mod people;

#[tokio::main]
async fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).unwrap());
    let unit: UnitCode = "210203001000".parse().unwrap();
    let files = testhouse::files(&testhouse::repository().join("packs/national"));
    let pack = people::with_truth(files);
    let place = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(place.path(), pack.clone(), Algorithm::Sha256).await;
    let ledger = ledger.unwrap();
    let grant = Grant::whole("clerk", unit, "import");
    let at = "2026-01-05T01:00:00Z".parse().unwrap();
    ledger.open_book(unit, at, &grant).await.unwrap();
    let on = jiff::civil::date(2025, 12, 31);
    let started = Instant::now();
    let tables = Tables::new(ledger, pack.clone(), None);
    let imported = people::import_lists(&tables, &dir, unit, on).await;
    let seconds = started.elapsed().as_secs_f64();
    let held = people::hold(&tables, &dir, unit, &imported).await;
    // As after a restart: what is opened anew knows only what is in the ledger.
    drop(tables);
    let ledger = Ledger::open(place.path(), pack.clone()).await.unwrap();
    let tables = Tables::new(ledger.clone(), pack, None);
    people::import_lists(&tables, &dir, unit, on).await;
    let again = ledger.book(unit).await.unwrap().unwrap().seq - held.entries;
    if std::env::args().any(|word| word == "--tell") {
        for who in &held.merged {
            println!(
                "merged {}",
                who.iter().cloned().collect::<Vec<_>>().join(" ")
            );
        }
        println!("split {}", held.split.join(" "));
    }
    println!(
        "{}",
        serde_json::json!({
            "rows": held.rows, "people": held.people, "records": held.records, "lost": held.lost, "merged": held.merged.len(),
            "split": held.split.len(), "asked": held.asked, "right_first": held.right_first, "refused": held.refused, "questions_per_thousand": held.questions_per_thousand(),
            "precision": held.precision, "recall": held.recall, "b_cubed_f1": held.b_cubed_f1,
            "seconds": seconds, "entries": held.entries, "entries_when_imported_again": again,
        })
    );
}
