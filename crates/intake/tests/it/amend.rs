//! A record put right by itself: what was wrong, what has changed, what is no more; each told beforehand and taken back whole.

use std::collections::BTreeMap;

use intake::{ActError, Acted, Amend, AmendRequest, Verdict, amend};
use jiff::civil::{Date, date};
use kernel::{Lang, RecordId};
use ledger::Access;

use crate::common::{COMMUNITY, END, ON, ONE, Office, POLICE, desk, id};
use crate::sent::{list, take, values};

const JUNE: Date = date(2025, 6, 1);

/// An office whose community and police both told of one woman.
async fn office() -> Office {
    let office = Office::new().await;
    let number = id(1961, 4, 5, 112);
    let police = list(
        (POLICE, ONE, date(2025, 1, 1)),
        ["姓名", "公民身份号码", "户号", "户籍情况", "民族"],
        &[["冯雅琴", &number, "1-203", "户籍", "汉"]],
    );
    take(&office, &police).await;
    let community = list(
        (COMMUNITY, ONE, date(2025, 3, 1)),
        ["姓名", "身份证号", "联系电话"],
        &[["冯雅琴", &number, "13800000001"]],
    );
    take(&office, &community).await;
    office
}

fn request(
    register: &str,
    record: RecordId,
    how: Amend,
    fields: &[(&str, Option<&str>)],
) -> AmendRequest {
    let fields = fields
        .iter()
        .map(|(id, text)| ((*id).to_owned(), text.map(str::to_owned)));
    AmendRequest {
        register: register.to_owned(),
        record,
        how,
        fields: fields.collect::<BTreeMap<_, _>>(),
        on: ON,
        form: "a form".to_owned(),
    }
}

async fn put_right(
    office: &Office,
    request: &AmendRequest,
    writes: bool,
) -> Result<Acted, ActError> {
    let at = "2026-01-06T01:00:00Z".parse().unwrap();
    let name = "amend".to_owned();
    let admitted = office
        .ledger
        .admit(desk("clerk"), at, Access::Command { name });
    amend(
        &office.tables,
        &admitted.await.unwrap(),
        request,
        (at, writes),
    )
    .await
}

async fn one(office: &Office, register: &str) -> RecordId {
    office.there(register, END).await[0].0
}

#[tokio::test]
async fn what_was_wrong_is_said_in_the_name_of_who_said_it() {
    let office = office().await;
    let contact = one(&office, "contact").await;
    let asked = request(
        "contact",
        contact,
        Amend::Wrong,
        &[("phone", Some("138-0000-0002"))],
    );
    let state = office.state().await;
    let seen = put_right(&office, &asked, false).await.unwrap();
    assert!(seen.words[0].fields[0].stands && seen.receipt.is_none());
    assert_eq!(office.state().await, state);
    let done = put_right(&office, &asked, true)
        .await
        .unwrap()
        .receipt
        .unwrap();
    // On every day on which the community's word held.
    for day in [date(2025, 3, 1), ON, END] {
        assert_eq!(
            values(&office, "contact", "phone", day).await,
            ["13800000002"]
        );
    }
    assert_eq!(
        put_right(&office, &asked, true)
            .await
            .unwrap()
            .receipt
            .unwrap()
            .commit,
        done.commit
    );
    // The community's next list says what it thinks then.
    let later = list(
        (COMMUNITY, ONE, date(2026, 1, 31)),
        ["姓名", "身份证号", "联系电话"],
        &[["冯雅琴", &id(1961, 4, 5, 112), "13800000003"]],
    );
    take(&office, &later).await;
    assert_eq!(
        values(&office, "contact", "phone", END).await,
        ["13800000003"]
    );
    office.verify().await;
}

#[tokio::test]
async fn what_has_changed_holds_from_its_day_and_is_taken_back_whole() {
    let office = office().await;
    let household = one(&office, "household").await;
    let state = office.state().await;
    let asked = request(
        "household",
        household,
        Amend::Changed(JUNE),
        &[("address", Some("新街1号")), ("kind", Some("集体户"))],
    );
    let done = put_right(&office, &asked, true).await.unwrap();
    assert_eq!((done.words.len(), done.words[0].fields.len()), (1, 2));
    assert_eq!(
        values(&office, "household", "address", END).await,
        ["新街1号"]
    );
    let (commit, at) = (done.receipt.unwrap().commit, "2026-01-07T01:00:00Z");
    office
        .ledger
        .undo(commit, at.parse().unwrap(), &desk("clerk"))
        .await
        .unwrap();
    assert_eq!(office.state().await, state);
}

#[tokio::test]
async fn what_yields_to_another_source_is_told_beforehand() {
    let office = office().await;
    let person = office.named("冯雅琴").await[0];
    let asked = request(
        "person",
        person,
        Amend::Changed(JUNE),
        &[("name", Some("冯雅芹"))],
    );
    let seen = put_right(&office, &asked, false).await.unwrap();
    assert!(!seen.words[0].fields[0].stands);
    put_right(&office, &asked, true).await.unwrap();
    assert_eq!(office.named("冯雅琴").await, [person]);
    // That the police were wrong is another matter.
    let asked = request("person", person, Amend::Wrong, &[("name", Some("冯雅芹"))]);
    assert!(put_right(&office, &asked, false).await.unwrap().words[0].fields[0].stands);
    put_right(&office, &asked, true).await.unwrap();
    assert_eq!(office.named("冯雅芹").await, [person]);
}

#[tokio::test]
async fn what_is_no_more_is_closed_and_what_isn_t_known_is_said_to_be_unknown() {
    let office = office().await;
    let contact = one(&office, "contact").await;
    let asked = request("contact", contact, Amend::Wrong, &[("phone", None)]);
    put_right(&office, &asked, true).await.unwrap();
    assert_eq!(values(&office, "contact", "phone", END).await, ["-"]);
    let asked = request("contact", contact, Amend::Ended(ON), &[]);
    let done = put_right(&office, &asked, true).await.unwrap();
    assert_eq!(done.rows[0].verdict, Verdict::Closed);
    assert!(office.there("contact", END).await.is_empty());
    assert_eq!(office.there("contact", JUNE).await.len(), 1);
}

#[tokio::test]
async fn bad_input_names_the_field_and_leaves_nothing() {
    let office = office().await;
    let (contact, person) = (
        one(&office, "contact").await,
        office.named("冯雅琴").await[0],
    );
    let before = office.state().await;
    for (register, record, field, text) in [
        ("contact", contact, "phone", Some("打不通")),
        ("person", person, "name", None),
        ("person", person, "sex", Some("男女")),
        ("person", person, "id_number", Some("1234")),
    ] {
        let asked = request(register, record, Amend::Wrong, &[(field, text)]);
        let done = put_right(&office, &asked, true).await.unwrap();
        assert_eq!(done.rows[0].verdict, Verdict::Rejected, "{field}");
        assert!(done.rows[0].refusals().next().unwrap().column.is_some());
    }
    assert_eq!(office.state().await, before);
    // Somebody else's number: of two who are one, that is proposed.
    let other = list(
        (POLICE, ONE, date(2025, 2, 1)),
        ["姓名", "公民身份号码", "户号", "户籍情况", "民族"],
        &[
            ["冯雅琴", &id(1961, 4, 5, 112), "1-203", "户籍", "汉"],
            ["孙国强", &id(1960, 2, 3, 111), "1-203", "户籍", "汉"],
        ],
    );
    take(&office, &other).await;
    let state = office.state().await;
    let taken = id(1960, 2, 3, 111);
    let asked = request(
        "person",
        person,
        Amend::Wrong,
        &[("id_number", Some(&taken))],
    );
    assert_eq!(
        put_right(&office, &asked, true).await.unwrap().rows[0].verdict,
        Verdict::Rejected
    );
    for asked in [
        request("contact", RecordId(999_999), Amend::Ended(ON), &[]),
        request("no-such", contact, Amend::Ended(ON), &[]),
        request("contact", contact, Amend::Wrong, &[("person", Some("1"))]),
        request("contact", contact, Amend::Wrong, &[("fax", Some("1"))]),
    ] {
        let refused = put_right(&office, &asked, true).await.unwrap_err();
        assert!(!refused.message(Lang::Zh).is_empty());
    }
    // Nothing that isn't so already.
    let asked = request(
        "contact",
        contact,
        Amend::Wrong,
        &[("phone", Some("13800000001"))],
    );
    assert_eq!(
        put_right(&office, &asked, true).await.unwrap().rows[0].verdict,
        Verdict::Unchanged
    );
    assert_eq!(office.state().await, state);
}
