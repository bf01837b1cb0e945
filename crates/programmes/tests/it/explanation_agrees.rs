//! One person's explanation must be the sweep's answer, for everyone of a generated town.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use kernel::{Answer, Grant, Lang, UnitCode};
use ledger::{Algorithm, Ledger};
use pack::Pack;
use programmes::{Desk, sweep};
use tables::{AsOf, Tables};

async fn imported(folder: &Path, pack: &Arc<Pack>, wish: &town::Wish) -> Tables {
    let written = town::generate(wish)
        .write(&folder.join("rosters"), &mut |_, _, _| {})
        .unwrap();
    let ledger = Ledger::create(&folder.join("ledger"), pack.clone(), Algorithm::Sha256)
        .await
        .unwrap();
    let tables = Tables::new(ledger.clone(), pack.clone(), None);
    let root: UnitCode = written.files[0].unit.parse().unwrap();
    let grant = Grant::whole("test", root, "test");
    ledger
        .open_book(root, Timestamp::UNIX_EPOCH, &grant)
        .await
        .unwrap();
    for file in &written.files {
        let request = intake::Request {
            roster: file.roster.to_owned(),
            unit: file.unit.parse().unwrap(),
            files: vec![folder.join("rosters").join(&file.path).into()],
            on: wish.on,
            recorded_at: Timestamp::UNIX_EPOCH,
            grant: grant.clone(),
            dry_run: false,
            absence: intake::Absence::default(),
            told: std::collections::BTreeMap::new(),
            lang: Lang::En,
        };
        intake::import(&tables, &request, &mut |_| {})
            .await
            .unwrap();
    }
    tables
}

#[tokio::test(flavor = "multi_thread")]
async fn for_everyone_of_a_town() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("ledger")).unwrap();
    let pack = testhouse::national();
    let wish = town::Wish {
        people: 2_000,
        seed: 5,
        format: town::Format::Csv,
        ..town::Wish::default()
    };
    let tables = imported(folder.path(), &pack, &wish).await;
    let as_of = AsOf::on(wish.on);
    let session = tables
        .evaluation(as_of, "test", Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let swept = sweep(&session, None).await.unwrap();
    let mut answers: BTreeMap<(String, i64), Answer> = BTreeMap::new();
    for programme in swept.programmes() {
        swept.each(&programme.id, |subject, _, answer| {
            answers.insert((programme.id.clone(), subject), answer);
        });
    }
    let relatives = tables.relatives(as_of).await.unwrap();
    let mut desk = Desk::new(&pack, as_of, None).await.unwrap();
    let people: Vec<i64> = answers
        .keys()
        .filter(|(programme, _)| programme == "childcare-subsidy")
        .map(|(_, subject)| *subject)
        .collect();
    assert!(people.len() >= 2_000, "{} people", people.len());
    let mut met = 0;
    for person in people {
        for explanation in desk
            .explain(person, relatives.around(person).unwrap())
            .await
            .unwrap()
        {
            let key = (explanation.programme.clone(), explanation.subject);
            assert_eq!(Some(&explanation.answer), answers.get(&key), "{key:?}");
            met += 1;
        }
    }
    assert!(
        met >= answers.len(),
        "every answer was explained: {met} of {}",
        answers.len()
    );
}
