//! Lists that people saved: kept beside the ledger, each person's own, judged by the rights of whoever opens them, and never with a number
//! of a person in them.

use std::path::Path;

use kernel::{Grant, Lang};
use ledger::{Algorithm, Ledger};
use office::{MOST_SAVED, Office, OfficeError, SavedFault, View};
use tables::Tables;

use crate::readers::{ON, ROOT, now, office, unit};

fn pairs(asked: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    asked.iter().map(pair).collect()
}

/// An office over a ledger in a folder, made if it isn't there; nobody holds a post.
async fn in_folder(folder: &Path) -> Office {
    let pack = testhouse::national();
    let ledger = match Ledger::open(folder, pack.clone()).await {
        Ok(ledger) => ledger,
        Err(_) => {
            let ledger = Ledger::create(folder, pack.clone(), Algorithm::Sha256);
            let ledger = ledger.await.unwrap();
            let whole = Grant::whole("主任", unit(ROOT), "test");
            ledger.open_book(unit(ROOT), now(), &whole).await.unwrap();
            ledger
        }
    };
    office(Tables::new(ledger, pack, None)).writing()
}

async fn at_desk(office: &Office, who: &str) -> View {
    office.view(Some(who), "/test").await.unwrap()
}

fn fault(result: Result<(), OfficeError>) -> SavedFault {
    match result {
        Err(OfficeError::Saved(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

fn names(view: &View, register: &str) -> Vec<String> {
    let register = view.register(register).unwrap();
    let lists = view.saved_lists(register).into_iter();
    lists.map(|list| list.name).collect()
}

const ASKED: [(&str, &str); 5] = [
    ("f.living", "false"),
    ("sort", "-person"),
    ("col", "person"),
    ("on", "2024-01-01"),
    ("page", "3"),
];

#[tokio::test]
async fn a_saved_list_is_there_the_next_day_for_who_saved_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = in_folder(folder.path()).await;
    let wang = at_desk(&first, "王 芳").await;
    let register = wang.register("residence").unwrap();
    wang.save_list(register, "  空挂户  名单 ", &pairs(&ASKED), ON)
        .await
        .unwrap();
    let columns = [
        register.field("person").unwrap().0,
        register.field("living").unwrap().0,
    ];
    wang.choose_columns(register, &columns).await.unwrap();
    drop(first);

    let next = in_folder(folder.path()).await;
    let wang = at_desk(&next, "王芳").await;
    let register = wang.register("residence").unwrap();
    let lists = wang.saved_lists(register);
    assert_eq!(lists.len(), 1);
    assert_eq!(lists[0].name, "空挂户 名单");
    // The day and the page are those of whoever opens it.
    assert_eq!(lists[0].query, pairs(&ASKED[..3]));
    assert_eq!(wang.chosen_columns(register), columns);
    let li = at_desk(&next, "李明").await;
    assert!(li.saved_lists(register).is_empty() && li.chosen_columns(register).is_empty());
    let nobody = next.view(None, "/test").await.unwrap();
    assert!(nobody.saved_lists(register).is_empty());

    wang.rename_list(register, "空挂户 名单", "空挂户")
        .await
        .unwrap();
    wang.choose_columns(register, &[]).await.unwrap();
    assert_eq!(names(&wang, "residence"), ["空挂户"]);
    assert!(wang.chosen_columns(register).is_empty());
    let gone = wang.rename_list(register, "空挂户 名单", "又一份").await;
    assert_eq!(fault(gone), SavedFault::Gone);
    wang.drop_list(register, "空挂户").await.unwrap();
    wang.drop_list(register, "空挂户").await.unwrap();
    assert!(names(&wang, "residence").is_empty());
}

#[tokio::test]
async fn no_number_of_a_person_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let office = in_folder(folder.path()).await;
    let view = at_desk(&office, "王芳").await;
    let register = view.register("visit").unwrap();
    for name in [
        "13900001234",
        "找11010519491231002X",
        "０４１１－８４３３００００",
    ] {
        let refused = view.save_list(register, name, &[], ON).await;
        assert_eq!(fault(refused), SavedFault::Personal, "{name}");
    }
    for asked in [
        ("f.note", "139 0000 1234"),
        ("f.note", "110105194912310021"),
        ("f.person.name", "11010519491231002X"),
    ] {
        let refused = view.save_list(register, "走访", &pairs(&[asked]), ON).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, OfficeError::Query(_)),
            "{asked:?}: {refused}"
        );
        let told = [Lang::Zh, Lang::En].map(|lang| refused.message(lang));
        assert!(
            told.iter()
                .all(|told| !told.contains("1234") && told.len() > 20),
            "{told:?}"
        );
    }
    let asked = pairs(&[("f.note", "3单元401")]);
    let kept = view.save_list(register, "2025年走访12次", &asked, ON);
    kept.await.unwrap();
    let file = std::fs::read_to_string(folder.path().join("saved-lists.json")).unwrap();
    assert!(file.contains("3单元401") && !file.contains("1391") && !file.contains("11010519"));
}

#[tokio::test]
async fn names_and_numbers_of_lists_have_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let office = in_folder(folder.path()).await;
    let view = at_desk(&office, "王芳").await;
    let register = view.register("visit").unwrap();
    for name in ["", "  ", &"长".repeat(41), "a\u{7}b"] {
        let refused = view.save_list(register, name, &[], ON).await;
        assert_eq!(fault(refused), SavedFault::Name, "{name:?}");
    }
    for nth in 0..MOST_SAVED {
        let name = format!("第{nth}份");
        view.save_list(register, &name, &[], ON).await.unwrap();
    }
    let again = view.save_list(register, "第0份", &[], ON).await;
    assert_eq!(fault(again), SavedFault::Taken("第0份".into()));
    let more = view.save_list(register, "再来一份", &[], ON).await;
    assert_eq!(fault(more), SavedFault::TooMany);
    assert_eq!(names(&view, "visit").len(), MOST_SAVED);
    let long: Vec<(String, String)> = (0..10)
        .flat_map(|_| pairs(&[("f.note", &"字".repeat(59))]))
        .collect();
    let other = view.register("contact").unwrap();
    assert!(view.save_list(other, "长", &long, ON).await.is_err());
    let unknown = view
        .save_list(other, "没有", &pairs(&[("f.fax", "1")]), ON)
        .await;
    assert!(matches!(unknown, Err(OfficeError::Query(_))));
}

#[tokio::test]
async fn a_damaged_file_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved-lists.json");
    {
        let office = in_folder(folder.path()).await;
        let view = at_desk(&office, "王芳").await;
        let register = view.register("visit").unwrap();
        view.save_list(register, "走访", &[], ON).await.unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"{}", b"", b"\xff\xfe"] {
        std::fs::write(&path, damaged).unwrap();
        let office = in_folder(folder.path()).await;
        let view = at_desk(&office, "王芳").await;
        assert!(names(&view, "visit").is_empty());
        let register = view.register("visit").unwrap();
        view.save_list(register, "又一份", &[], ON).await.unwrap();
        assert_eq!(names(&view, "visit"), ["又一份"]);
    }
}
