//! The rules of a commit, one test each, and what can be read after it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::EntryKind::{Change, Close, Correct, Open};
use kernel::{Grant, Lang, RecordId, Sensitivity};
use ledger::{AccessRecord, Commit, Ledger, LedgerError};

#[tokio::test]
async fn an_opened_record_is_found_by_its_identity_and_has_a_history() {
    let desk = Desk::new().await;
    let id = desk.next(FIRST).await;
    assert_eq!(id, RecordId(1 << 32 | 1));
    let receipt = desk
        .send("a", vec![open(FIRST, "person", id, person("X1", "张三"))])
        .await
        .unwrap();
    assert_eq!(
        (receipt.commit, receipt.entries, receipt.repeated),
        (1, 1, false)
    );
    assert_eq!((receipt.heads[0].0, receipt.heads[0].1), (unit(FIRST), 1));

    let found = desk
        .ledger
        .find("person", unit(SECOND), &["X2".into(), "X1".into()])
        .await
        .unwrap();
    let found = [&found[0], &found[1]];
    assert!(found[0].is_none());
    let found = found[1].as_ref().unwrap();
    assert_eq!(
        (found.record, found.book, found.seq, found.closed),
        (id, unit(FIRST), 1, false)
    );
    assert_eq!(found.body, r#"{"number":"X1","name":"张三"}"#);

    let change = follow(FIRST, "person", id, Change, person("X1", "张三丰"), 1);
    desk.send("b", vec![change]).await.unwrap();
    let history = desk.ledger.history("person", id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry.seq, entry.kind, entry.commit, &*entry.actor))
        .collect();
    assert_eq!(told, vec![(1, Open, 1, "clerk"), (2, Change, 2, "clerk")]);
    assert_eq!(history[0].recorded_at, at(1));
    assert!(
        desk.ledger
            .history("household", id)
            .await
            .unwrap()
            .is_empty()
    );
    desk.assert_sound().await;
}

#[tokio::test]
async fn the_feed_gives_entries_of_a_book_in_order_by_register_and_in_pages() {
    let desk = Desk::new().await;
    let RecordId(first) = desk.next(FIRST).await;
    let opens = (0..10).map(|n| match n % 2 {
        0 => open(
            FIRST,
            "person",
            RecordId(first + n),
            person(&format!("X{n}"), "张三"),
        ),
        _ => open(
            FIRST,
            "household",
            RecordId(first + n),
            household(&format!("H{n}")),
        ),
    });
    desk.send("a", opens.collect()).await.unwrap();
    desk.person(SECOND, "Y").await;
    let seqs = async |register, after, limit| -> Vec<i64> {
        let page = desk
            .ledger
            .entries(unit(FIRST), register, after, limit)
            .await
            .unwrap();
        page.into_iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(seqs(None, 0, 4).await, vec![1, 2, 3, 4]);
    assert_eq!(seqs(None, 8, 4).await, vec![9, 10]);
    assert_eq!(seqs(Some("household"), 0, 3).await, vec![2, 4, 6]);
    assert_eq!(seqs(Some("household"), 6, 30).await, vec![8, 10]);
    assert!(seqs(Some("kinship"), 0, 30).await.is_empty());
    assert!(
        desk.ledger
            .entries(unit(OTHER_STREET), None, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_same_commit_sent_again_gets_the_first_receipt() {
    let desk = Desk::new().await;
    let id = desk.next(FIRST).await;
    let mut sent = commit("a", vec![open(FIRST, "person", id, person("X1", "张三"))]);
    let first = desk.ledger.commit(sent.clone()).await.unwrap();
    desk.person(FIRST, "X2").await;
    sent.recorded_at = at(90);
    let again = desk.ledger.commit(sent.clone()).await.unwrap();
    assert!(again.repeated && again.heads == first.heads && again.commit == first.commit);
    assert_eq!(desk.seq(FIRST).await, 2);

    sent.entries[0].body = person("X1", "李四");
    let error = desk.ledger.commit(sent).await.unwrap_err();
    assert!(matches!(error, LedgerError::KeyReused(key) if key == "a"));
}

#[tokio::test]
async fn a_draft_of_an_older_state_is_stale() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let changed = |name, expect| follow(FIRST, "person", id, Change, person("X1", name), expect);
    desk.send("a", vec![changed("李四", 1)]).await.unwrap();
    let error = refused(&desk, vec![changed("王五", 1)]).await;
    assert!(error.is_stale());
    assert!(
        matches!(error, LedgerError::Stale { at: 0, record, expected: Some(1), found: Some(2), .. } if record == id)
    );
    assert!(error.message(Lang::Zh).contains(&id.to_string()));
    let blind = draft(FIRST, "person", id, Change, person("X1", "王五"));
    assert!(refused(&desk, vec![blind]).await.is_stale());
    // Within one commit the second entry follows the first.
    let second = draft(FIRST, "person", id, Close, person("X1", "王五"));
    desk.send("b", vec![changed("王五", 2), second])
        .await
        .unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn opens_are_numbered_from_the_books_counter_without_gaps() {
    let desk = Desk::new().await;
    let next = desk.next(FIRST).await;
    for wrong in [next.next(), RecordId(0), desk.next(SECOND).await] {
        let error = refused(
            &desk,
            vec![open(FIRST, "person", wrong, person("X1", "张三"))],
        )
        .await;
        assert!(
            error.is_stale()
                && matches!(error, LedgerError::Numbering { next: n, .. } if n == next)
        );
    }
    let twice = vec![
        open(FIRST, "household", next, household("1")),
        open(FIRST, "household", next, household("2")),
    ];
    assert!(matches!(
        refused(&desk, twice).await,
        LedgerError::Numbering { at: 1, .. }
    ));
}

#[tokio::test]
async fn references_must_lead_to_records_of_their_register() {
    let desk = Desk::new().await;
    let id = desk.next(FIRST).await;
    let in_household = |home: RecordId| vec![text("X1"), text("张三"), number(home.0)];
    let error = refused(
        &desk,
        vec![open(FIRST, "person", id, in_household(RecordId(77)))],
    )
    .await;
    assert!(matches!(
        &error,
        LedgerError::NoTarget {
            record: RecordId(77),
            ..
        }
    ));
    assert!(error.message(Lang::Zh).contains("所在户"));
    // A record of another register is no household.
    let itself = refused(&desk, vec![open(FIRST, "person", id, in_household(id))]).await;
    assert!(matches!(itself, LedgerError::NoTarget { .. }));
    // The record may come later in the same commit.
    let later = vec![
        open(FIRST, "person", id, in_household(id.next())),
        open(FIRST, "household", id.next(), household("1")),
    ];
    desk.send("a", later).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn parents_may_not_form_a_circle() {
    let desk = Desk::new().await;
    let mut people = Vec::new();
    for id in ["A", "B", "C"] {
        people.push(desk.person(FIRST, id).await);
    }
    let [a, b, c] = [people[0], people[1], people[2]];
    let first = desk.next(FIRST).await;
    let down = vec![
        open(FIRST, "kinship", first, child(a, b)),
        open(FIRST, "kinship", first.next(), child(b, c)),
    ];
    desk.send("down", down).await.unwrap();
    let id = desk.next(FIRST).await;
    let error = refused(&desk, vec![open(FIRST, "kinship", id, child(c, a))]).await;
    assert!(matches!(error, LedgerError::Circle { at: 0, from, to, .. } if (from, to) == (c, a)));
    let own = refused(&desk, vec![open(FIRST, "kinship", id, child(a, a))]).await;
    assert!(matches!(own, LedgerError::Circle { .. }));
    // Spouses are no such links, and a closed link no longer counts.
    let spouse = vec![number(c.0), number(a.0), text("spouse")];
    let close = follow(FIRST, "kinship", first, Close, child(a, b), 4);
    desk.send("b", vec![open(FIRST, "kinship", id, spouse), close])
        .await
        .unwrap();
    desk.send("c", vec![open(FIRST, "kinship", id.next(), child(c, a))])
        .await
        .unwrap();
    // Nor may a correction bring the closed one back now.
    let back = follow(FIRST, "kinship", first, Correct, child(a, b), 7);
    assert!(matches!(
        refused(&desk, vec![back]).await,
        LedgerError::Circle { .. }
    ));
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_grant_reaches_its_units_only() {
    let desk = Desk::new().await;
    let id = desk.next(SECOND).await;
    let mut sent = commit("a", vec![open(SECOND, "person", id, person("X1", "张三"))]);
    sent.grant = Grant::whole("worker", unit(FIRST), "visit");
    let error = desk.ledger.commit(sent).await.unwrap_err();
    assert!(matches!(error, LedgerError::OutOfScope { unit: u, .. } if u == unit(SECOND)));
    let error = desk
        .ledger
        .open_book(unit(OTHER_STREET), at(0), &grant())
        .await
        .unwrap_err();
    assert!(matches!(error, LedgerError::OutOfScope { .. }));
}

#[tokio::test]
async fn a_record_of_a_unit_opens_its_book() {
    let desk = Desk::new().await;
    desk.ledger
        .open_book(unit(STREET), at(0), &grant())
        .await
        .unwrap();
    let id = desk.next(STREET).await;
    let community = |code: &str| vec![text(code), text("社区")];
    let outside = refused(
        &desk,
        vec![open(STREET, "unit", id, community(OTHER_STREET))],
    )
    .await;
    assert!(matches!(outside, LedgerError::OutOfScope { .. }));
    let opened = "210203001003";
    let known = open(STREET, "unit", id.next(), community(FIRST));
    desk.send(
        "a",
        vec![open(STREET, "unit", id, community(opened)), known],
    )
    .await
    .unwrap();
    let books: Vec<_> = desk
        .ledger
        .books()
        .await
        .unwrap()
        .into_iter()
        .map(|book| (book.number, book.unit))
        .collect();
    assert_eq!(
        books,
        vec![
            (1, unit(FIRST)),
            (2, unit(SECOND)),
            (3, unit(STREET)),
            (4, unit(opened))
        ]
    );
    desk.person(opened, "X1").await;
    let again = desk
        .ledger
        .open_book(unit(opened), at(5), &grant())
        .await
        .unwrap();
    assert_eq!((again.number, again.seq), (4, 1));
    desk.assert_sound().await;
}

#[tokio::test]
async fn unknown_registers_books_and_records_are_refused() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let next = desk.next(FIRST).await;
    let error = refused(&desk, vec![open(FIRST, "pet", next, vec![])]).await;
    assert!(matches!(error, LedgerError::UnknownRegister { .. }));
    let error = refused(
        &desk,
        vec![open("210203001009", "person", next, person("X2", "张三"))],
    )
    .await;
    assert!(matches!(error, LedgerError::UnknownBook { .. }));
    let error = refused(
        &desk,
        vec![follow(
            FIRST,
            "person",
            RecordId(99),
            Change,
            person("X2", "张三"),
            1,
        )],
    )
    .await;
    assert!(matches!(error, LedgerError::NoRecord { .. }));
    let error = refused(
        &desk,
        vec![follow(FIRST, "household", id, Change, household("1"), 1)],
    )
    .await;
    assert!(matches!(error, LedgerError::NoRecord { .. }));
    let error = refused(
        &desk,
        vec![follow(
            SECOND,
            "person",
            id,
            Change,
            person("X1", "李四"),
            1,
        )],
    )
    .await;
    assert!(matches!(error, LedgerError::Elsewhere { .. }));
    let error = refused(
        &desk,
        vec![open(FIRST, "person", next, vec![None, None, None])],
    )
    .await;
    assert!(
        matches!(&error, LedgerError::Fields { faults, .. } if faults.len() == 1),
        "{error}"
    );
    assert!(desk.ledger.next_ids(unit(OTHER_STREET)).await.is_err());
}

#[tokio::test]
async fn commits_have_limits() {
    let desk = Desk::new().await;
    let id = desk.next(FIRST).await;
    assert!(matches!(refused(&desk, vec![]).await, LedgerError::Empty));
    let one = || vec![open(FIRST, "person", id, person("X1", "张三"))];
    for key in [String::new(), "键".repeat(201)] {
        assert!(matches!(
            desk.send(&key, one()).await.unwrap_err(),
            LedgerError::Key(_)
        ));
    }
    let mut wordy = commit("a", one());
    wordy.source = "长".repeat(1001);
    assert!(matches!(
        desk.ledger.commit(wordy).await.unwrap_err(),
        LedgerError::Words(1001)
    ));
    desk.send(&"键".repeat(200), one()).await.unwrap();
}

#[tokio::test]
async fn a_commit_of_many_portions_is_whole() {
    let desk = Desk::new().await;
    let RecordId(first) = desk.next(FIRST).await;
    let many = 20_000;
    // Every person names a household that comes after all persons; one is closed a portion later.
    let person = |n: i64| {
        vec![
            text(&format!("X{n}")),
            text("张三"),
            number(first + many + n % 50),
        ]
    };
    let people = (0..many).map(|n| open(FIRST, "person", RecordId(first + n), person(n)));
    let homes = (0..50).map(|n| {
        open(
            FIRST,
            "household",
            RecordId(first + many + n),
            household(&format!("H{n}")),
        )
    });
    let close = draft(FIRST, "person", RecordId(first), Close, person(0));
    let again = open(FIRST, "person", RecordId(first + many + 50), person(0));
    let entries: Vec<_> = people.chain(homes).chain([close, again]).collect();
    let mut broken = entries.clone();
    broken.push(open(
        FIRST,
        "person",
        RecordId(first + many + 51),
        person(7),
    ));
    let error = refused(&desk, broken).await;
    assert!(matches!(error, LedgerError::Duplicate { at, .. } if at == entries.len()));
    desk.send("a", entries).await.unwrap();
    assert_eq!(assert_sound(&desk.ledger).await, 20_052);
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X0".into()])
        .await
        .unwrap();
    assert_eq!(
        found[0].as_ref().unwrap().record,
        RecordId(first + many + 50)
    );
    let keys: Vec<String> = (0..15_000).map(|n| format!("X{n}")).collect();
    let found = desk
        .ledger
        .find("person", unit(FIRST), &keys)
        .await
        .unwrap();
    assert!(found.iter().enumerate().skip(1).all(|(n, found)| {
        found
            .as_ref()
            .is_some_and(|found| found.record == RecordId(first + i64::try_from(n).unwrap()))
    }));
}

#[tokio::test]
async fn entries_may_be_made_one_after_the_other() {
    let desk = Desk::new().await;
    let RecordId(first) = desk.next(FIRST).await;
    // How many there will be is not known before.
    let sent = |last: i64| {
        let numbers = (0..).take_while(move |n| *n < last);
        let entries = numbers.map(move |n| {
            let record = RecordId(first + n);
            open(FIRST, "person", record, person(&format!("X{n}"), "张三"))
        });
        let Commit {
            key,
            actor,
            source,
            recorded_at,
            grant,
            entries: _,
        } = commit("a", Vec::new());
        Commit {
            key,
            actor,
            source,
            recorded_at,
            grant,
            entries,
        }
    };
    let error = desk.ledger.commit(sent(0)).await.unwrap_err();
    assert!(matches!(error, LedgerError::Empty));
    let receipt = desk.ledger.commit(sent(9_000)).await.unwrap();
    assert_eq!(receipt.entries, 9_000);
    let again = desk.ledger.commit(sent(9_000)).await.unwrap();
    assert!(again.repeated && again.heads == receipt.heads);
    let error = desk.ledger.commit(sent(8_999)).await.unwrap_err();
    assert!(matches!(error, LedgerError::KeyReused(_)));
    assert_eq!(assert_sound(&desk.ledger).await, 9_000);
}

#[tokio::test]
async fn commits_at_the_same_time_are_written_one_after_the_other() {
    let desk = Desk::new().await;
    let next = desk.next(FIRST).await;
    let send = |n: usize| {
        let ledger = desk.ledger.clone();
        let entries = vec![open(
            FIRST,
            "person",
            next,
            person(&format!("X{n}"), "张三"),
        )];
        tokio::spawn(async move { ledger.commit(commit(&format!("k{n}"), entries)).await })
    };
    let sent: Vec<_> = (0..8).map(send).collect();
    let mut written = 0;
    for one in sent {
        match one.await.unwrap() {
            Ok(_) => written += 1,
            Err(error) => assert!(error.is_stale(), "{error}"),
        }
    }
    assert_eq!((written, desk.seq(FIRST).await), (1, 1));
    desk.assert_sound().await;
}

#[tokio::test]
async fn the_same_commits_give_the_same_hashes() {
    let mut heads = Vec::new();
    for _ in 0..2 {
        let desk = Desk::new().await;
        for id in ["X1", "X2", "X3"] {
            desk.person(FIRST, id).await;
        }
        heads.push(desk.ledger.books().await.unwrap());
    }
    assert_eq!(heads[0], heads[1]);
    // Computed once by another program from the description in `chain`: a change here breaks every receipt ever given.
    let kept = "85179c49404924c32a57354d3248ab44e1b33c8c4f7dd42b5fe15fca943ba8b2";
    assert_eq!(heads[0][0].hash.to_string(), kept);
}

#[tokio::test]
async fn a_ledger_is_made_once_and_opened_again() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    assert!(matches!(
        Ledger::create(desk.path(), pack()).await,
        Err(LedgerError::Exists(_))
    ));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        Ledger::open(empty.path(), pack()).await,
        Err(LedgerError::NoLedger(_))
    ));
    std::fs::write(
        empty.path().join("ledger.sqlite"),
        "姓名,证件号码\n".repeat(500),
    )
    .unwrap();
    assert!(matches!(
        Ledger::open(empty.path(), pack()).await,
        Err(LedgerError::NotALedger(_))
    ));
    desk.ledger.close().await;
    let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
    assert_eq!(ledger.history("person", id).await.unwrap().len(), 1);
    assert_sound(&ledger).await;
}

#[tokio::test]
async fn the_access_log_keeps_who_saw_what_and_why() {
    let desk = Desk::new().await;
    let access = |what: &str| AccessRecord {
        at: at(3),
        who: "clerk".into(),
        why: "visit".into(),
        units: vec![unit(FIRST)],
        reveals: vec![Sensitivity::Name, Sensitivity::Phone],
        what: what.into(),
    };
    for what in ["person 1", "person 2", "person 3"] {
        desk.ledger.log_access(&access(what)).await.unwrap();
    }
    assert_eq!(
        desk.ledger.access_log(2, 0).await.unwrap(),
        vec![access("person 3"), access("person 2")]
    );
    assert_eq!(
        desk.ledger.access_log(2, 2).await.unwrap(),
        vec![access("person 1")]
    );
    assert!(
        desk.ledger
            .log_access(&access(&"长".repeat(1001)))
            .await
            .is_err()
    );
}
