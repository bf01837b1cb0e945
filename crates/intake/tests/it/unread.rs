//! Cells that can be done without and can't be read: kept as they were read, beside the value that stands, and asked about until
//! somebody says the same field as of that day or later; in whatever order lists came.

use std::collections::BTreeSet;

use intake::{Decision, ReadAs, ReviewError, Unreadable};
use jiff::civil::{Date, date};
use kernel::{Grant, Sensitivity};

use crate::common::{COMMUNITY, END, ONE, Office, TWO, desk, id, messages, review, unit};
use crate::sent::{List, list, orders, take, values};

const MAY: Date = date(2025, 5, 31);
const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);
const PHONE: &str = "13800000001";
const NOBODY: &str = "打不通";

/// A community's list of one woman.
fn says(on: Date, phone: &str) -> List {
    let number = id(1961, 4, 5, 112);
    list(
        (COMMUNITY, ONE, on),
        ["姓名", "身份证号", "联系电话"],
        &[["冯雅琴", &number, phone]],
    )
}

/// What could not be read, as somebody who sees everything sees it.
async fn unread(office: &Office) -> Vec<Unreadable> {
    let review = review(office, &desk("clerk")).await;
    review.unread(None, usize::MAX).await.unwrap().shown
}

async fn texts(office: &Office) -> Vec<String> {
    let unread = unread(office).await.into_iter();
    unread.map(|one| one.text.unwrap()).collect()
}

async fn phones(office: &Office) -> Vec<String> {
    values(office, "contact", "phone", END).await
}

#[tokio::test]
async fn what_could_not_be_read_stands_beside_the_value_in_any_order() {
    let lists = [says(MAY, PHONE), says(JUNE, NOBODY)];
    let mut states = BTreeSet::new();
    for order in orders(&[&lists[0], &lists[1]]) {
        let office = Office::new().await;
        for one in order {
            take(&office, one).await;
        }
        assert_eq!(phones(&office).await, [PHONE]);
        let found = unread(&office).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].text.as_deref(), Some(NOBODY));
        assert_eq!((found[0].as_of, &*found[0].place.field), (JUNE, "phone"));
        let stands = found[0].stands.as_ref().unwrap();
        assert_eq!(stands.zh, PHONE);
        office.verify().await;
        states.insert(office.state().await);
    }
    assert_eq!(states.len(), 1);
}

#[tokio::test]
async fn a_later_word_answers_it_and_an_earlier_one_does_not() {
    let office = Office::new().await;
    take(&office, &says(JUNE, NOBODY)).await;
    assert_eq!(phones(&office).await, ["-"]);
    take(&office, &says(MAY, PHONE)).await;
    assert_eq!(texts(&office).await, [NOBODY]);
    take(&office, &says(JULY, PHONE)).await;
    assert!(unread(&office).await.is_empty());
    let last = office
        .ledger
        .commits(&desk("clerk"), None, 1)
        .await
        .unwrap()[0]
        .number;
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    let undone = office.ledger.undo(last, at, &desk("clerk")).await;
    undone.unwrap();
    assert_eq!(texts(&office).await, [NOBODY]);
}

#[tokio::test]
async fn said_again_it_is_written_once() {
    let office = Office::new().await;
    let outcome = take(&office, &says(MAY, NOBODY)).await;
    let told = messages(&outcome);
    assert!(
        told.iter().any(|told| told.contains("kept as it was read")),
        "{told:?}"
    );
    let before = office.entries(ONE).await.len();
    take(&office, &says(JUNE, NOBODY)).await;
    assert_eq!(office.entries(ONE).await.len(), before);
    let found = unread(&office).await;
    assert_eq!((found.len(), found[0].as_of), (1, JUNE));
    let grant = desk("clerk");
    let answered = review(&office, &grant).await;
    let receipt = answered.settle_unread(&found[0].place, &ReadAs::Leave);
    let receipt = receipt.await.unwrap();
    assert!(unread(&office).await.is_empty());
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &grant)
        .await
        .unwrap();
    take(&office, &says(JULY, "换号了")).await;
    assert_eq!(texts(&office).await, ["换号了"]);
}

#[tokio::test]
async fn who_leaves_the_list_is_not_asked_about() {
    let office = Office::new().await;
    let numbers = [id(1950, 1, 1, 11), id(1951, 2, 2, 22), id(1961, 4, 5, 112)];
    let [one, two, three] = numbers.each_ref().map(String::as_str);
    let others = [["王建国", one, ""], ["李秀英", two, ""]];
    let one = ["冯雅琴", three, NOBODY];
    let head = ["姓名", "身份证号", "联系电话"];
    let all = [others[0], others[1], one];
    take(&office, &list((COMMUNITY, ONE, MAY), head, &all)).await;
    assert_eq!(unread(&office).await.len(), 1);
    let left = list((COMMUNITY, ONE, JUNE), head, &others);
    take(&office, &left).await;
    assert!(unread(&office).await.is_empty());
}

#[tokio::test]
async fn somebody_says_what_it_should_be_and_that_is_taken_back() {
    let office = Office::new().await;
    take(&office, &says(MAY, PHONE)).await;
    take(&office, &says(JUNE, NOBODY)).await;
    let place = unread(&office).await.remove(0).place;
    let grant = desk("clerk");
    let desk = review(&office, &grant).await;
    for (text, wrong) in [("也打不通", "read"), ("  ", "blank")] {
        let reading = ReadAs::Is(text.to_owned());
        let refused = desk.settle_unread(&place, &reading).await.unwrap_err();
        let is_it = match wrong {
            "read" => matches!(refused, ReviewError::Unreadable(_)),
            _ => matches!(refused, ReviewError::Blank),
        };
        assert!(is_it, "{refused}");
    }
    let other = ReadAs::Is("138 0000 0002".to_owned());
    let receipt = desk.settle_unread(&place, &other).await.unwrap();
    assert_eq!(phones(&office).await, ["13800000002"]);
    assert!(unread(&office).await.is_empty());
    let again = desk.settle_unread(&place, &other).await.unwrap_err();
    assert!(matches!(again, ReviewError::NotUnread(_)), "{again}");
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &grant)
        .await
        .unwrap();
    assert_eq!(phones(&office).await, [PHONE]);
    desk.settle_unread(&place, &ReadAs::Leave).await.unwrap();
    assert_eq!(phones(&office).await, [PHONE]);
    assert!(unread(&office).await.is_empty());
    office.verify().await;
}

/// Where nothing stands, it is said to be unknown.
#[tokio::test]
async fn what_nobody_knows_may_stay_unknown() {
    let office = Office::new().await;
    take(&office, &says(JUNE, NOBODY)).await;
    let place = unread(&office).await.remove(0).place;
    let grant = desk("clerk");
    let desk = review(&office, &grant).await;
    desk.settle_unread(&place, &ReadAs::Leave).await.unwrap();
    assert_eq!(phones(&office).await, ["-"]);
    assert!(unread(&office).await.is_empty());
}

/// It may be anything, another field's number too.
#[tokio::test]
async fn it_is_shown_to_whom_nothing_of_the_record_is_kept_back_from() {
    let office = Office::new().await;
    take(&office, &says(MAY, "见210203196104051121")).await;
    assert_eq!(texts(&office).await, ["见210203196104051121"]);
    let blind = desk("clerk").clear_only(&[Sensitivity::Open, Sensitivity::Name]);
    let seen = review(&office, &blind).await;
    let seen = seen.unread(None, usize::MAX).await.unwrap().shown;
    assert_eq!(seen[0].text, None);
}

/// Of two lines about one person, the one with a value tells it.
#[tokio::test]
async fn a_value_stands_before_what_could_not_be_read() {
    for phones_of in [[NOBODY, PHONE], [PHONE, NOBODY]] {
        let office = Office::new().await;
        let number = id(1961, 4, 5, 112);
        let rows = phones_of.map(|phone| ["冯雅琴", number.as_str(), phone]);
        let head = ["姓名", "身份证号", "联系电话"];
        take(&office, &list((COMMUNITY, ONE, MAY), head, &rows)).await;
        assert_eq!(phones(&office).await, [PHONE]);
        assert!(unread(&office).await.is_empty());
    }
}

/// Another unit's clerk neither sees it nor answers it.
#[tokio::test]
async fn it_is_of_the_unit_that_keeps_the_record() {
    let office = Office::new().await;
    take(&office, &says(JUNE, NOBODY)).await;
    let place = unread(&office).await.remove(0).place;
    let other = Grant::whole("clerk", unit(TWO), "review");
    let other = review(&office, &other).await;
    assert_eq!(other.unread(None, 1).await.unwrap().all, 0);
    let refused = other.settle_unread(&place, &ReadAs::Leave).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, ReviewError::NotUnread(_)), "{refused}");
}

/// A row that waits for an answer waits with all its cells.
#[tokio::test]
async fn a_row_that_is_asked_about_keeps_it() {
    let office = Office::new().await;
    let number = id(1961, 4, 5, 112);
    let head = ["姓名", "身份证号", "联系电话"];
    let police = [["冯雅琴", number.as_str(), PHONE]];
    let clinic = [["陈卫东", number.as_str(), NOBODY]];
    take(
        &office,
        &list(("residents-police", ONE, MAY), head, &police),
    )
    .await;
    let asked = take(
        &office,
        &list(("residents-health", ONE, MAY), head, &clinic),
    )
    .await;
    assert_eq!(asked.files[0].asked(), 1, "{:?}", messages(&asked));
    assert!(unread(&office).await.is_empty());
    let grant = desk("clerk");
    let desk = review(&office, &grant).await;
    let case = desk.cases().await.unwrap().remove(0);
    let receipt = desk.decide(case.record, Decision::New).await.unwrap();
    assert_eq!(texts(&office).await, [NOBODY]);
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &grant)
        .await
        .unwrap();
    assert!(unread(&office).await.is_empty());
}
