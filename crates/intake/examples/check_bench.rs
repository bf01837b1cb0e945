//! Reads and checks a list, which is the first half of an import, and ends where the import would look into the ledger. Prints
//! one JSON object. `check_bench ROSTER UNIT DATE FILE`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, not the product"
)]

use std::path::PathBuf;
use std::process::exit;
use std::time::Instant;

use intake::{Absence, Progress, Request, Stage};
use kernel::{Grant, Lang};
use ledger::{Algorithm, Ledger};
use tables::Tables;

/// What the product allocates with.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [roster, unit, on, file] = given.try_into().unwrap();
    let unit = unit.parse().unwrap();
    let pack = testhouse::national();
    let place = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(place.path(), pack.clone(), Algorithm::Sha256).await;
    let tables = Tables::new(ledger.unwrap(), pack, None);
    let request = Request {
        roster,
        unit,
        files: vec![PathBuf::from(file).into()],
        on: on.parse().unwrap(),
        recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
        grant: Grant::whole("clerk", unit, "import"),
        dry_run: true,
        absence: Absence::default(),
        told: std::collections::BTreeMap::new(),
        lang: Lang::En,
    };
    let began = Instant::now();
    let mut read = 0;
    let mut tell = |progress: Progress| {
        let micros = began.elapsed().as_micros();
        match progress.stage {
            Stage::Checking => read = micros,
            Stage::Matching => {
                println!(
                    "{}",
                    serde_json::json!({ "rows": progress.rows, "read_us": read, "check_us": micros - read })
                );
                // Nothing here outlives the process but this folder.
                let _left = std::fs::remove_dir_all(place.path());
                exit(0);
            }
            _ => (),
        }
    };
    intake::import(&tables, &request, &mut tell).await.unwrap();
}
