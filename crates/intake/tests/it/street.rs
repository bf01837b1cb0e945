//! A small street, from the files its departments send: every row that should go in does, every planted mistake is found, and
//! a second import changes nothing.

use crate::common::{ON, messages};
use intake::{Level, Request, import};
use kernel::{Grant, Lang, UnitCode};
use ledger::{Algorithm, Ledger};
use tables::Tables;
use town::{Format, Wish, generate};

/// Imports every file of a town, in order, and compares what was found with what was planted.
async fn whole_street(format: Format) {
    let dir = tempfile::tempdir().unwrap();
    let wish = Wish {
        people: Wish::FEWEST,
        seed: 7,
        on: ON,
        format,
        setting: town::Setting::default(),
    };
    let files = dir.path().join("files");
    let written = generate(&wish).write(&files, &mut |_, _, _| ()).unwrap();
    let pack = testhouse::national();
    let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
    let tables = Tables::new(ledger.clone(), pack, None);
    for again in [false, true] {
        for note in &written.files {
            let unit: UnitCode = note.unit.parse().unwrap();
            let request = Request {
                roster: note.roster.to_owned(),
                unit,
                files: vec![files.join(&note.path).into()],
                on: ON,
                recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
                grant: Grant::whole("clerk", unit, "import"),
                dry_run: false,
                absence: intake::Absence::Guarded,
                told: std::collections::BTreeMap::new(),
                lang: Lang::Zh,
            };
            let outcome = import(&tables, &request, &mut |_| ())
                .await
                .unwrap_or_else(|e| panic!("{}: {e}", note.path));
            let file = &outcome.files[0];
            let rejections: Vec<String> = file
                .notes_of(Level::Rejected)
                .chain(file.notes_of(Level::Doubt))
                .map(|n| n.message(Lang::En))
                .take(20)
                .collect();
            let found = (file.rows(), file.rejected(), file.repeated());
            let planted = (
                note.rows as usize,
                note.rejected as usize,
                note.repeated as usize,
            );
            assert_eq!(
                found, planted,
                "{} again: {again} {rejections:#?}",
                note.path
            );
            if again {
                assert!(
                    file.receipt.is_none(),
                    "{}: {:#?}",
                    note.path,
                    file.registers
                );
            }
            assert!(!outcome.workbook().unwrap().is_empty());
            assert!(messages(&outcome).iter().all(|m| m.contains("row ")));
        }
    }
    let verified = ledger.verify(None, &mut |_, _| ()).await.unwrap();
    assert!(verified.faults.is_empty(), "{:?}", verified.faults);
}

#[tokio::test]
async fn as_the_departments_send_it() {
    whole_street(Format::Departments).await;
}
