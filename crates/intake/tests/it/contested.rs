//! Two lists of one day that say otherwise of a value, neither of which counts more: somebody is asked, in whatever order they came,
//! and the answer stands until something later is said.

use intake::{Differing, ValuePlace};
use jiff::civil::{Date, date};
use kernel::Grant;
use ledger::SayId;

use crate::common::{END, ONE, Office, TWO, desk, id, messages, review, unit};
use crate::sent::{List, list, take};

const MAY: Date = date(2025, 5, 31);
const JUNE: Date = date(2025, 6, 30);
const PHONES: [&str; 3] = ["13800000001", "13800000002", "13800000003"];

/// A list of one woman, with a telephone.
fn says(roster: &'static str, on: Date, phone: &str) -> List {
    let number = id(1961, 4, 5, 112);
    list(
        (roster, ONE, on),
        ["姓名", "身份证号", "联系电话"],
        &[["冯雅琴", &number, phone]],
    )
}

/// What differs, as somebody who sees everything sees it.
async fn differing(office: &Office) -> Vec<Differing> {
    let grant = desk("clerk");
    let review = review(office, &grant).await;
    review.differing(None, usize::MAX).await.unwrap().shown
}

fn views(differing: &Differing) -> Vec<(String, String)> {
    let views = differing.views.iter();
    views
        .map(|view| {
            let text = view.text.as_ref().map(|text| text.zh.clone());
            (view.by[0].0.en.clone(), text.unwrap_or_default())
        })
        .collect()
}

/// The telephones of everybody on a day.
async fn phones(office: &Office, on: Date) -> Vec<String> {
    let there = office.there("contact", on).await.into_iter();
    let phone = |body: String| {
        let (_, phone) = body.split_once("\"phone\":\"")?;
        Some(phone[..11].to_owned())
    };
    there.filter_map(|(_, body)| phone(body)).collect()
}

/// Answers with what a sender says; the commit.
async fn believe(office: &Office, whose: &str, grant: &Grant) -> i64 {
    let differing = differing(office).await.remove(0);
    let view = differing.views.iter().find(|view| view.by[0].0.en == whose);
    let say = view.unwrap().say;
    let receipt = review(office, grant)
        .await
        .settle_value(&differing.place, say)
        .await;
    receipt.unwrap().commit
}

#[tokio::test]
async fn who_differs_is_asked_in_any_order() {
    let lists = [
        says("residents-health", JUNE, PHONES[0]),
        says("residents-insurance", JUNE, PHONES[1]),
        says("residents-health", MAY, PHONES[2]),
    ];
    let mut all = Vec::new();
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        let office = Office::new().await;
        for nth in order {
            take(&office, &lists[nth]).await;
        }
        let found = differing(&office).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].place.field, "phone");
        all.push((
            views(&found[0]),
            phones(&office, END).await,
            phones(&office, MAY).await,
        ));
    }
    assert!(all.iter().all(|one| *one == all[0]), "{all:#?}");
    let (views, at_last, in_may) = &all[0];
    let said: Vec<&str> = views.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(said, [PHONES[0], PHONES[1]]);
    assert_eq!(
        (at_last[0].as_str(), in_may[0].as_str()),
        (PHONES[0], PHONES[2])
    );
}

#[tokio::test]
async fn an_answer_stands_until_something_later_is_said() {
    let office = Office::new().await;
    take(&office, &says("residents-health", MAY, PHONES[2])).await;
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    take(&office, &says("residents-insurance", JUNE, PHONES[1])).await;
    let asked = office.state().await;
    let whose = views(&differing(&office).await[0])[1].0.clone();
    let commit = believe(&office, &whose, &desk("clerk")).await;
    assert_eq!(differing(&office).await, []);
    assert_eq!(phones(&office, END).await, [PHONES[1]]);
    assert_eq!(
        phones(&office, MAY).await,
        [PHONES[2]],
        "nothing is said of days before"
    );
    // The same lists again ask nothing again, and change nothing.
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    assert_eq!(differing(&office).await, []);
    office.verify().await;
    // Taken back, it is asked again; a later list answers by itself.
    let (at, grant) = ("2026-01-07T01:00:00Z".parse().unwrap(), desk("clerk"));
    office.ledger.undo(commit, at, &grant).await.unwrap();
    assert_eq!(office.state().await, asked);
    assert_eq!(differing(&office).await.len(), 1);
    take(
        &office,
        &says("residents-health", date(2025, 7, 31), PHONES[2]),
    )
    .await;
    assert_eq!(differing(&office).await, []);
    assert_eq!(phones(&office, END).await, [PHONES[2]]);
}

#[tokio::test]
async fn who_says_the_same_stands_together() {
    let office = Office::new().await;
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    take(&office, &says("residents-insurance", JUNE, PHONES[1])).await;
    take(&office, &says("residents-police", JUNE, PHONES[1])).await;
    let found = differing(&office).await.remove(0);
    let by: Vec<usize> = found.views.iter().map(|view| view.by.len()).collect();
    assert_eq!(by, [1, 2], "{found:#?}");
}

#[tokio::test]
async fn nobody_is_asked_where_one_counts_more_or_both_say_the_same() {
    let office = Office::new().await;
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    take(&office, &says("residents-community", JUNE, PHONES[1])).await;
    assert_eq!(
        differing(&office).await,
        [],
        "the community is believed first"
    );
    let office = Office::new().await;
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    take(&office, &says("residents-insurance", JUNE, PHONES[0])).await;
    assert_eq!(differing(&office).await, []);
    let office = Office::new().await;
    take(&office, &says("residents-health", MAY, PHONES[0])).await;
    take(&office, &says("residents-insurance", JUNE, PHONES[1])).await;
    assert_eq!(differing(&office).await, [], "the later is believed");
}

#[tokio::test]
async fn what_counts_more_yields_to_what_is_newer_once_it_is_stale_in_any_order() {
    // The community's telephone of May 2025 is believed before others for two years.
    let lists = [
        says("residents-community", MAY, PHONES[0]),
        says("residents-health", date(2026, 6, 30), PHONES[1]),
        says("residents-insurance", date(2027, 6, 30), PHONES[2]),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let office = Office::new().await;
        let mut told = Vec::new();
        for nth in order {
            told.push(messages(&take(&office, &lists[nth]).await).join("; "));
        }
        for (on, phone) in [
            (date(2027, 5, 30), PHONES[0]),
            (date(2027, 5, 31), PHONES[1]),
            (date(2027, 6, 30), PHONES[2]),
            (END, PHONES[2]),
        ] {
            assert_eq!(phones(&office, on).await, [phone], "{order:?} on {on}");
        }
        assert_eq!(differing(&office).await, []);
        if order == [0, 1, 2] {
            assert!(told[1].contains("whose word was kept"), "{told:#?}");
        }
    }
    let office = Office::new().await;
    take(&office, &lists[0]).await;
    let told = messages(&take(&office, &lists[2]).await).join("; ");
    assert!(told.contains("too long ago to count"), "{told}");
}

#[tokio::test]
async fn what_differs_is_seen_and_answered_within_rights() {
    let office = Office::new().await;
    take(&office, &says("residents-health", JUNE, PHONES[0])).await;
    take(&office, &says("residents-insurance", JUNE, PHONES[1])).await;
    let clerk = desk("clerk").clear_only(&[]);
    let masked = review(&office, &clerk).await;
    let masked = masked.differing(None, usize::MAX).await.unwrap().shown;
    let shown = format!("{:?}", masked[0].views);
    assert!(PHONES.iter().all(|phone| !shown.contains(phone)), "{shown}");
    let other = Grant::whole("other", unit(TWO), "review");
    let elsewhere = review(&office, &other).await;
    assert_eq!(elsewhere.differing(None, 1).await.unwrap().all, 0);
    let (place, say) = (masked[0].place.clone(), masked[0].views[0].say);
    assert!(elsewhere.settle_value(&place, say).await.is_err());
    let nobody = SayId { commit: 1, nth: 9 };
    let review = review(&office, &clerk).await;
    assert!(review.settle_value(&place, nobody).await.is_err());
    let lost = ValuePlace {
        field: "no_field".to_owned(),
        ..place.clone()
    };
    assert!(review.settle_value(&lost, say).await.is_err());
    assert_eq!(ValuePlace::read(&place.to_string()), Some(place));
}

#[tokio::test]
async fn homes_that_two_units_claim_are_asked_about() {
    let number = id(1961, 4, 5, 112);
    let row = ["1001", "冯雅琴", &number, "本地户籍"];
    let head = ["户号", "姓名", "身份证号", "户籍情况"];
    let claims = |unit, on| list(("police-households", unit, on), head, &[row]);
    let mut all = Vec::new();
    for order in [[ONE, TWO], [TWO, ONE]] {
        let office = Office::new().await;
        for unit in order {
            take(&office, &claims(unit, JUNE)).await;
        }
        let found = differing(&office).await;
        let units: Vec<Vec<String>> = found
            .iter()
            .map(|it| {
                it.views
                    .iter()
                    .map(|view| view.by[0].1.to_string())
                    .collect()
            })
            .collect();
        assert!(!units.is_empty());
        let counted = [
            office.counted(ONE, END).await,
            office.counted(TWO, END).await,
        ];
        assert_eq!(
            counted,
            [1, 0],
            "the earlier, or else the smaller, counts meanwhile"
        );
        all.push(units);
        // Each is answered with what the other unit says.
        while let Some(it) = differing(&office).await.first() {
            let view = it
                .views
                .iter()
                .find(|view| view.by[0].1 == unit(TWO))
                .unwrap();
            let grant = desk("clerk");
            let review = review(&office, &grant).await;
            review.settle_value(&it.place, view.say).await.unwrap();
        }
        let counted = [
            office.counted(ONE, END).await,
            office.counted(TWO, END).await,
        ];
        assert_eq!(counted, [0, 1]);
        office.verify().await;
        take(&office, &claims(ONE, date(2025, 9, 30))).await;
        assert_eq!(
            office.counted(ONE, END).await,
            1,
            "who says so later is believed"
        );
        assert_eq!(differing(&office).await, []);
    }
    assert_eq!(all[0], all[1]);
}
