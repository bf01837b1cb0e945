//! Several who write at once, and a desk beside lists: nobody is refused who doesn't say something else of the same, what is sent
//! twice is done once, and the resident's own word stands where it counts.

use intake::{Finding, Outcome, import};
use jiff::civil::{Date, date};
use kernel::{EntryKind, RecordId};
use ledger::{
    Asking, Commit, Draft, Ledger, LedgerError, Receipt, Say, SayDraft, Source, Target, Voice,
};
use pack::{Said, Value};
use tables::Tables;
use tokio::task::JoinHandle;

use crate::common::{END, ONE, Office, id, unit};

const MARCH: Date = date(2025, 3, 31);
const APRIL: Date = date(2025, 4, 30);

const HEAD: [&str; 6] = [
    "户号",
    "姓名",
    "身份证号",
    "户籍情况",
    "迁入日期",
    "联系电话",
];

/// What all of them come to.
async fn join_all<T: Send + 'static>(all: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    // All are begun before any is waited for.
    let all: Vec<_> = all.into_iter().collect();
    let mut done = Vec::new();
    for one in all {
        done.push(one.await.unwrap());
    }
    done
}

async fn police(office: &Office, on: Date, rows: &[[&str; 6]]) -> Outcome {
    let mut text = HEAD.join(",");
    for row in rows {
        text = format!("{text}\n{}", row.join(","));
    }
    let file = office.dir.path().join(format!("police-{on}.csv"));
    std::fs::write(&file, text).unwrap();
    let mut request = office.request("police-households", ONE, vec![file]);
    request.on = on;
    import(&office.tables, &request, &mut |_| ()).await.unwrap()
}

/// What somebody says at the desk of one field.
async fn says(
    ledger: &Ledger,
    (sender, on): (&str, Date),
    (register, record, field): (&str, RecordId, &str),
    value: &str,
    seen: Option<i64>,
) -> Result<Receipt, LedgerError> {
    let declared = ledger.pack().register(register).unwrap();
    let mut said = Said {
        values: vec![None; declared.fields.len()],
        ..Said::default()
    };
    said.set(
        declared.field(field).unwrap().0,
        Some(Value::Text(value.into())),
    );
    let office = unit(crate::common::STREET);
    let draft = Draft {
        book: office,
        register: register.into(),
        record: Target::Known(record),
        kind: EntryKind::Correct,
        say: 0,
        from: None,
        until: None,
        said,
        refs: Vec::new(),
        into: None,
        row: 0,
        seen,
    };
    let voice = Voice {
        sender: sender.into(),
        unit: office,
        roster: String::new(),
    };
    let commit = Commit {
        asked: Asking::to("correct")
            .with(register)
            .with(record.0.to_le_bytes())
            .with(field)
            .with(value)
            .done(),
        source: Source::Form {
            action: "correct".into(),
        },
        recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
        grant: kernel::Grant::whole("clerk", office, "test"),
        base: None,
        says: vec![SayDraft::New(Say {
            voice,
            as_of: on,
            list: None,
        })],
        rolls: Vec::new(),
        entries: vec![draft],
    };
    ledger.commit(commit).await
}

#[tokio::test]
async fn a_resident_s_word_stands_for_the_telephone_and_yields_for_the_number() {
    let office = Office::new().await;
    let number = id(1970, 1, 2, 11);
    let row = |phone| ["1", "甲", &number, "本地户籍", "2015-01-01", phone];
    police(&office, MARCH, &[row("13800000001")]).await;
    let person = office.named("甲").await[0];
    let (contact, _) = office.there("contact", END).await[0].clone();
    let resident = ("resident", date(2025, 4, 10));
    let wrong = id(1970, 1, 2, 13);
    says(
        &office.ledger,
        resident,
        ("contact", contact, "phone"),
        "13900000009",
        None,
    )
    .await
    .unwrap();
    says(
        &office.ledger,
        resident,
        ("person", person, "id_number"),
        &wrong,
        None,
    )
    .await
    .unwrap();
    let outcome = police(&office, APRIL, &[row("13800000002")]).await;
    let standing = office.snapshot().await;
    let field = |register: &str, record, field: &str| {
        let at = office
            .pack
            .register(register)
            .unwrap()
            .field(field)
            .unwrap()
            .0;
        let value = standing.record(register, record, APRIL).unwrap()[at].clone();
        value.unwrap().to_string()
    };
    assert_eq!(field("contact", contact, "phone"), "13900000009");
    assert_eq!(field("person", person, "id_number"), number);
    let told = |wanted: &str, yields: bool| {
        outcome.files[0]
            .notes
            .iter()
            .any(|note| match &note.finding {
                Finding::Yields { field, .. } => yields && field.en == wanted,
                Finding::Outranks { field, .. } => !yields && field.en == wanted,
                _ => false,
            })
    };
    assert!(told("Phone", true), "{:?}", outcome.files[0].notes);
    assert!(told("ID number", false), "{:?}", outcome.files[0].notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_write_in_one_book_at_once() {
    let office = Office::new().await;
    let numbers: Vec<String> = (0..8).map(|nth| id(1970, 1, 2, 11 + 2 * nth)).collect();
    let names = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"];
    let rows: Vec<[&str; 6]> = (0..8)
        .map(|nth| ["1", names[nth], &numbers[nth], "本地户籍", "2015-01-01", ""])
        .collect();
    police(&office, MARCH, &rows).await;
    let mut people = Vec::new();
    for name in names {
        people.push(office.named(name).await[0]);
    }
    let seen = Some(office.snapshot().await.commit());
    let resident = ("resident", APRIL);
    let writing = people.iter().map(|person| {
        let (ledger, person) = (office.ledger.clone(), *person);
        tokio::spawn(async move {
            says(
                &ledger,
                resident,
                ("person", person, "marriage"),
                "20",
                seen,
            )
            .await
        })
    });
    for written in join_all(writing).await {
        assert!(!written.unwrap().repeated);
    }
    // Another field of the same record goes in; another value of the same field has to be looked at again.
    let nature = ("person", people[0], "hukou_nature");
    says(&office.ledger, resident, nature, "agricultural", seen)
        .await
        .unwrap();
    let marriage = ("person", people[0], "marriage");
    let refused = says(&office.ledger, resident, marriage, "10", seen).await;
    assert!(refused.unwrap_err().is_stale());
    // The same form once more is the first receipt.
    let again = says(&office.ledger, resident, marriage, "20", seen)
        .await
        .unwrap();
    assert!(again.repeated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_lists_of_a_unit_at_once_are_all_in() {
    let office = Office::new().await;
    let (one, two) = (id(1970, 1, 2, 11), id(1990, 5, 6, 13));
    let lists = [
        (
            "police-households",
            format!("户号,姓名,身份证号,户籍情况\n1,甲,{one},本地户籍\n1,乙,{two},本地户籍"),
        ),
        (
            "residents-community",
            format!("姓名,身份证号,联系电话\n甲,{one},13800000001\n丙,,13800000003"),
        ),
        (
            "residents-health",
            format!("姓名,身份证号\n甲,{one}\n乙,{two}"),
        ),
        (
            "children",
            format!(
                "父亲姓名,父亲身份证号,母亲姓名,母亲身份证号,子女姓名,子女身份证号\n甲,{one},,,乙,{two}"
            ),
        ),
    ];
    // Half of them through another process's tables: no turn is waited for there.
    let other = Tables::new(office.ledger.clone(), office.pack.clone(), None);
    let importing = lists.iter().enumerate().map(|(nth, (roster, text))| {
        let file = office.dir.path().join(format!("{roster}.csv"));
        std::fs::write(&file, text).unwrap();
        let request = office.request(roster, ONE, vec![file]);
        let tables = if nth % 2 == 0 {
            office.tables.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { import(&tables, &request, &mut |_| ()).await })
    });
    for imported in join_all(importing).await {
        let outcome = imported.unwrap();
        assert_eq!(outcome.rejected(), 0, "{:?}", outcome.files[0].notes);
    }
    for name in ["甲", "乙", "丙"] {
        assert_eq!(office.named(name).await.len(), 1, "{name}");
    }
    assert_eq!(office.there("kinship", END).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_sent_twice_at_once_is_taken_once() {
    let office = Office::new().await;
    let number = id(1970, 1, 2, 11);
    let file = office.dir.path().join("list.csv");
    std::fs::write(
        &file,
        format!("户号,姓名,身份证号,户籍情况\n1,甲,{number},本地户籍"),
    )
    .unwrap();
    let importing = (0..4).map(|_| {
        let request = office.request("police-households", ONE, vec![file.clone()]);
        let tables = Tables::new(office.ledger.clone(), office.pack.clone(), None);
        tokio::spawn(async move { import(&tables, &request, &mut |_| ()).await })
    });
    let mut commits = Vec::new();
    for imported in join_all(importing).await {
        let outcome = imported.unwrap();
        commits.extend(
            outcome.files[0]
                .receipt
                .as_ref()
                .map(|receipt| receipt.commit),
        );
    }
    commits.sort_unstable();
    commits.dedup();
    assert_eq!(commits.len(), 1, "{commits:?}");
    assert_eq!(office.named("甲").await.len(), 1);
}
