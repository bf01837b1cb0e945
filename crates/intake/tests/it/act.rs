//! Actions: the same said by a list, a form or JSON is the same word; a look writes nothing; what is sent twice is done once.

use intake::{ActError, ActRequest, ActRow, Acted, ToldBy, Verdict, act, preview};
use jiff::civil::date;
use kernel::{Lang, RecordId};
use ledger::{Access, Admitted};

mod doors;
mod elsewhere;

use crate::common::{END, ON, ONE, Office, POLICE, desk, id, unit};

const AT: &str = "2026-01-06T01:00:00Z";

/// An office that knows a household of four, none of whom is another's parent yet.
async fn office() -> Office {
    let office = Office::new().await;
    let numbers = people();
    let row = |nth: usize, relation: &'static str| {
        let (name, number) = &numbers[nth];
        [name.as_str(), number, relation, "1-203", "户籍", "在住"].map(str::to_owned)
    };
    let rows = [row(0, "户主"), row(1, "配偶"), row(2, "子"), row(3, "女")];
    let head = [
        "姓名",
        "公民身份号码",
        "与户主关系",
        "户号",
        "户籍情况",
        "居住情况",
    ];
    let head = head.map(str::to_owned);
    let all: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows)
        .map(|row| row.to_vec())
        .collect();
    office.list(POLICE, ONE, date(2025, 1, 1), &all).await;
    assert_eq!(office.named("冯雅琴").await.len(), 1);
    office
}

/// Their names and numbers.
fn people() -> [(String, String); 4] {
    [
        ("孙国强", id(1960, 2, 3, 111)),
        ("冯雅琴", id(1961, 4, 5, 112)),
        ("孙晓明", id(1985, 6, 7, 113)),
        ("孙晓丽", id(1990, 8, 9, 114)),
    ]
    .map(|(name, number)| (name.to_owned(), number))
}

async fn admitted(office: &Office) -> Admitted {
    let name = "act".to_owned();
    let admitted =
        office
            .ledger
            .admit(desk("clerk"), AT.parse().unwrap(), Access::Command { name });
    admitted.await.unwrap()
}

fn request(action: &str, rows: Vec<ActRow>) -> ActRequest {
    ActRequest {
        action: action.to_owned(),
        unit: unit(ONE),
        on: ON,
        rows,
        told: None,
        form: "a form".to_owned(),
    }
}

async fn carry_out(office: &Office, request: &ActRequest) -> Result<Acted, ActError> {
    let grant = admitted(office).await;
    act(&office.tables, &grant, request, AT.parse().unwrap()).await
}

async fn look(office: &Office, request: &ActRequest) -> Result<Acted, ActError> {
    let grant = admitted(office).await;
    preview(&office.tables, &grant, request, AT.parse().unwrap()).await
}

fn row<const N: usize, const M: usize>(
    records: [(&str, RecordId); N],
    values: [(&str, &str); M],
) -> ActRow {
    ActRow {
        records: records
            .map(|(input, record)| (input.to_owned(), record))
            .into(),
        values: values
            .map(|(input, text)| (input.to_owned(), text.into()))
            .into(),
    }
}

async fn commits(office: &Office) -> usize {
    let commits = office.ledger.commits(&desk("clerk"), None, 100).await;
    commits.unwrap().len()
}

#[tokio::test]
async fn a_look_tells_what_it_would_write_and_writes_nothing() {
    let office = office().await;
    let person = office.named("冯雅琴").await[0];
    let asked = request(
        "telephone",
        vec![row([("person", person)], [("phone", " １３８-0000-0001 ")])],
    );
    let (before, state) = (commits(&office).await, office.state().await);
    let seen = look(&office, &asked).await.unwrap();
    assert_eq!(seen.words.len(), 1, "{:#?}", seen.words);
    assert_eq!(seen.words[0].register, "contact");
    assert!(seen.receipt.is_none() && seen.is_clean());
    assert_eq!(
        (commits(&office).await, office.state().await),
        (before, state)
    );
    let done = carry_out(&office, &asked).await.unwrap();
    assert_eq!(done.words, seen.words);
    let contacts = office.there("contact", END).await;
    assert_eq!(contacts.len(), 1);
    assert!(contacts[0].1.contains("13800000001"), "{contacts:?}");
    office.verify().await;
}

#[tokio::test]
async fn what_is_sent_twice_is_done_once_and_what_is_filled_in_anew_is_done_anew() {
    let office = office().await;
    let person = office.named("冯雅琴").await[0];
    let says = |phone: &str, form: &str| ActRequest {
        form: form.to_owned(),
        ..request(
            "telephone",
            vec![row([("person", person)], [("phone", phone)])],
        )
    };
    let first = carry_out(&office, &says("13800000001", "one"))
        .await
        .unwrap()
        .receipt
        .unwrap();
    let again = carry_out(&office, &says("13800000001", "one"))
        .await
        .unwrap()
        .receipt
        .unwrap();
    assert_eq!((again.commit, again.repeated), (first.commit, true));
    let changed = carry_out(&office, &says("13800000002", "two"))
        .await
        .unwrap()
        .receipt
        .unwrap();
    let back = carry_out(&office, &says("13800000001", "three"))
        .await
        .unwrap()
        .receipt
        .unwrap();
    assert!(first.commit < changed.commit && changed.commit < back.commit);
    let contacts = office.there("contact", END).await;
    assert!(contacts[0].1.contains("13800000001"), "{contacts:?}");
    // Taken back, the one before stands.
    office
        .ledger
        .undo(back.commit, AT.parse().unwrap(), &desk("clerk"))
        .await
        .unwrap();
    let contacts = office.there("contact", END).await;
    assert!(contacts[0].1.contains("13800000002"), "{contacts:?}");
}

#[tokio::test]
async fn bad_input_names_the_place_and_leaves_nothing() {
    let office = office().await;
    let person = office.named("冯雅琴").await[0];
    let state = office.state().await;
    let refused = |asked: ActRequest| {
        let office = &office;
        async move {
            carry_out(office, &asked)
                .await
                .unwrap_err()
                .message(Lang::En)
        }
    };
    let told = refused(request("telephon", vec![ActRow::default()])).await;
    assert!(told.contains("no action “telephon”"), "{told}");
    let told = refused(request(
        "telephone",
        vec![row([("person", person)], [("fax", "1")])],
    ))
    .await;
    assert!(told.contains("“fax”") && told.contains("phone"), "{told}");
    let told = refused(request("telephone", vec![row([("phone", person)], [])])).await;
    assert!(told.contains("“phone”"), "{told}");
    let nobody = RecordId(999_999);
    let told = refused(request(
        "telephone",
        vec![row([("person", nobody)], [("phone", "13800000001")])],
    ))
    .await;
    assert!(told.contains("999999"), "{told}");
    let told = refused(request("telephone", Vec::new())).await;
    assert!(told.contains("nothing"), "{told}");
    let many = vec![row([("person", person)], [("phone", "13800000001")]); intake::MOST_ROWS + 1];
    assert!(refused(request("telephone", many)).await.contains("1001"));
    let unit_without = ActRequest {
        unit: unit("210203001009"),
        ..request(
            "telephone",
            vec![row([("person", person)], [("phone", "13800000001")])],
        )
    };
    assert!(refused(unit_without).await.contains("210203001009"));
    // A telephone that can't be read, and none at all: nothing is written, and it is said of which field.
    for phone in ["打不通", ""] {
        let asked = request(
            "telephone",
            vec![row([("person", person)], [("phone", phone)])],
        );
        let done = carry_out(&office, &asked).await.unwrap();
        assert!(done.receipt.is_none());
        assert_eq!(done.rows[0].verdict, Verdict::Rejected);
        let note = done.rows[0].refusals().next().unwrap();
        assert_eq!(note.column.as_ref().unwrap().name.en, "Phone");
    }
    assert_eq!(office.state().await, state);
}

#[tokio::test]
async fn several_cases_are_one_commit_with_a_result_for_each() {
    let office = office().await;
    let (one, two) = (
        office.named("孙晓明").await[0],
        office.named("孙晓丽").await[0],
    );
    let split = |member| {
        row(
            [("member", member)],
            [
                ("number", "2-101"),
                ("split_on", "2025-06-01"),
                ("relation", "其他"),
            ],
        )
    };
    let done = carry_out(
        &office,
        &request("household-split", vec![split(one), split(two)]),
    )
    .await
    .unwrap();
    assert!(done.is_clean(), "{:#?}", done.rows);
    let receipt = done.receipt.unwrap();
    let households = office.there("household", END).await;
    assert_eq!(households.len(), 2, "{households:?}");
    let new = households
        .iter()
        .find(|(_, body)| body.contains("2-101"))
        .unwrap()
        .0;
    let homes = office.there("residence", END).await;
    let moved = homes
        .iter()
        .filter(|(_, body)| body.contains(&format!("\"household\":{new}")));
    assert_eq!(moved.count(), 2, "{homes:#?}");
    // Before the day they were where they had been.
    let homes = office.there("residence", date(2025, 5, 31)).await;
    assert!(
        homes
            .iter()
            .all(|(_, body)| !body.contains(&format!("\"household\":{new}")))
    );
    office
        .ledger
        .undo(receipt.commit, AT.parse().unwrap(), &desk("clerk"))
        .await
        .unwrap();
    assert_eq!(office.there("household", END).await.len(), 1);
    // Of two cases one can't be taken; the other is.
    let phones = vec![
        row([("person", one)], [("phone", "13800000001")]),
        row([("person", two)], [("phone", "x")]),
    ];
    let done = carry_out(&office, &request("telephone", phones))
        .await
        .unwrap();
    let verdicts: Vec<Verdict> = done.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, [Verdict::Opened, Verdict::Rejected]);
    assert_eq!(office.there("contact", END).await.len(), 1);
}

#[tokio::test]
async fn a_child_is_recognised_or_asked_about_and_not_opened_twice() {
    let office = office().await;
    let mother = office.named("孙晓丽").await[0];
    let birth = |name: &str, form: &str| ActRequest {
        form: form.to_owned(),
        ..request(
            "birth",
            vec![row(
                [("mother", mother)],
                [("name", name), ("born_on", "2025-08-01"), ("sex", "男")],
            )],
        )
    };
    let done = carry_out(&office, &birth("李小宝", "one")).await.unwrap();
    assert!(done.receipt.is_some(), "{:#?}", done.rows);
    assert_eq!(office.named("李小宝").await.len(), 1);
    // The same child again, by another form: nobody is opened.
    let again = carry_out(&office, &birth("李小宝", "two")).await.unwrap();
    match again.rows[0].verdict {
        Verdict::Asked => {
            assert_eq!(again.rows[0].may_be, office.named("李小宝").await);
            assert!(again.receipt.is_none());
            let told = ActRequest {
                told: Some(ToldBy::Person(again.rows[0].may_be[0])),
                ..birth("李小宝", "three")
            };
            assert!(carry_out(&office, &told).await.unwrap().is_clean());
        }
        verdict => assert_eq!(verdict, Verdict::Unchanged),
    }
    assert_eq!(office.named("李小宝").await.len(), 1);
    assert_eq!(office.there("birth", END).await.len(), 1);
    // A twin is somebody new once that is said.
    let twin = ActRequest {
        told: Some(ToldBy::New),
        ..birth("李小贝", "four")
    };
    assert!(carry_out(&office, &twin).await.unwrap().is_clean());
    assert_eq!(office.there("birth", END).await.len(), 2);
}

#[tokio::test]
async fn another_number_and_name_are_said_of_who_was_picked() {
    let office = office().await;
    let person = office.named("孙晓丽").await[0];
    let asked = request(
        "name-and-number",
        vec![row([("person", person)], [("name", "孙晓莉")])],
    );
    let done = carry_out(&office, &asked).await.unwrap();
    // The police said otherwise, and theirs counts.
    assert!(!done.words[0].fields[0].stands, "{:#?}", done.words);
    assert_eq!(office.named("孙晓丽").await, [person]);
    let taken = request(
        "name-and-number",
        vec![row([("person", person)], [("id_number", &people()[0].1)])],
    );
    let refused = carry_out(&office, &taken).await;
    let refused = refused.unwrap();
    assert_eq!(refused.rows[0].verdict, Verdict::Rejected);
    assert!(refused.receipt.is_none());
    office.verify().await;
}

/// Does something, takes it back and does it again, otherwise than before: it stands as if it had been done so at once.
async fn again(office: &Office, action: &str, first: ActRow, second: ActRow, register: &str) {
    let before = office.there(register, END).await;
    let form = |form: &str, row| ActRequest {
        form: form.to_owned(),
        ..request(action, vec![row])
    };
    let done = carry_out(office, &form("first", first)).await.unwrap();
    let commit = done.receipt.unwrap().commit;
    let at = AT.parse().unwrap();
    let undone = office.ledger.undo(commit, at, &desk("clerk")).await;
    undone.unwrap();
    assert_eq!(office.there(register, END).await, before, "{action}");
    let done = carry_out(office, &form("second", second)).await.unwrap();
    assert!(done.receipt.is_some(), "{action}: {:#?}", done.rows);
    let after = office.there(register, END).await;
    assert_eq!(after.len(), before.len() + 1, "{action}: {after:#?}");
}

#[tokio::test]
async fn what_was_taken_back_is_there_once_it_is_done_again() {
    let office = office().await;
    let one = office.named("孙国强").await[0];
    let of = |values| row([("person", one)], values);
    let cases = [
        (
            "telephone",
            "contact",
            of([("phone", "13800000001")]),
            of([("phone", "13800000002")]),
        ),
        (
            "benefit-granted",
            "enrolment",
            row(
                [("person", one)],
                [
                    ("programme", "农村部分计划生育家庭奖励扶助"),
                    ("since", "2025-01"),
                ],
            ),
            row(
                [("person", one)],
                [
                    ("programme", "农村部分计划生育家庭奖励扶助"),
                    ("since", "2025-02"),
                ],
            ),
        ),
        (
            "death",
            "death",
            of([("died_on", "2025-12-20")]),
            of([("died_on", "2025-12-21")]),
        ),
    ];
    for (action, register, first, second) in cases {
        again(&office, action, first.clone(), second, register).await;
    }
    // The same as before, too.
    let two = office.named("孙晓明").await[0];
    let phone = || row([("person", two)], [("phone", "13800000003")]);
    again(&office, "telephone", phone(), phone(), "contact").await;
}

#[tokio::test]
async fn what_ended_begins_again_when_a_desk_says_so() {
    let office = office().await;
    let one = office.named("孙国强").await[0];
    let paid = [("programme", "农村部分计划生育家庭奖励扶助")];
    let asked = |action: &str, day: (&'static str, &'static str)| ActRequest {
        form: format!("{action} {}", day.1),
        ..request(action, vec![row([("person", one)], [paid[0], day])])
    };
    let enrolled = async |day| office.there("enrolment", day).await.len();
    for (action, day) in [
        ("benefit-granted", ("since", "2025-01")),
        ("benefit-ended", ("until", "2025-04-01")),
        ("benefit-granted", ("since", "2025-07")),
    ] {
        let done = carry_out(&office, &asked(action, day)).await.unwrap();
        assert!(done.receipt.is_some(), "{action}: {:#?}", done.rows);
    }
    assert_eq!(enrolled(date(2025, 3, 1)).await, 1);
    assert_eq!(enrolled(date(2025, 5, 1)).await, 0);
    assert_eq!(enrolled(date(2025, 8, 1)).await, 1);
}

#[tokio::test]
async fn a_household_that_is_there_is_no_new_one() {
    let office = office().await;
    let one = office.named("孙晓明").await[0];
    let state = office.state().await;
    let asked = |number: &str| {
        let values = [("number", number), ("split_on", "2025-06-01")];
        request("household-split", vec![row([("member", one)], values)])
    };
    let done = carry_out(&office, &asked("1-203")).await.unwrap();
    let verdicts: Vec<Verdict> = done.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, [Verdict::Rejected]);
    assert!(done.receipt.is_none());
    assert_eq!(office.state().await, state);
    let done = carry_out(&office, &asked("9-999")).await.unwrap();
    assert!(done.receipt.is_some(), "{:#?}", done.rows);
}
