//! Four departments' lists of a small town without ID numbers: nobody is lost, no two are taken for one, few are asked about, and
//! importing everything again, as after a restart, changes nobody's number.

use crate::common::{ON, STREET, unit};
use crate::town as people;
use kernel::Grant;
use ledger::{Algorithm, Ledger};
use tables::Tables;
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
        setting: town::Setting::default(),
    };
    generate(&wish)
        .write_unnumbered(&lists, Noise::Middle)
        .unwrap();
    let files = testhouse::files(&testhouse::repository().join("packs/national"));
    let pack = people::with_truth(files);
    let (unit, grant) = (unit(STREET), Grant::whole("clerk", unit(STREET), "import"));
    let folder = place.path().join("ledger");
    std::fs::create_dir(&folder).unwrap();
    let ledger = Ledger::create(&folder, pack.clone(), Algorithm::Sha256)
        .await
        .unwrap();
    let at = "2026-01-05T01:00:00Z".parse().unwrap();
    ledger.open_book(unit, at, &grant).await.unwrap();
    let tables = Tables::new(ledger, pack.clone(), None);
    let imported = people::import_lists(&tables, &lists, unit, ON).await;
    let held = people::hold(&tables, &lists, unit, &imported).await;
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
    drop(tables);
    let ledger = Ledger::open(&folder, pack.clone()).await.unwrap();
    let tables = Tables::new(ledger.clone(), pack, None);
    people::import_lists(&tables, &lists, unit, ON).await;
    assert_eq!(ledger.book(unit).await.unwrap().unwrap().seq, entries);
}
