//! What a commit gives: numbers, receipts, books, news, and what can be read of it afterwards.

use crate::common::*;
use kernel::EntryKind::{Change, Open};
use kernel::{RecordId, Sensitivity};
use ledger::{
    Access, AccessRecord, Algorithm, Commit, Draft, Ledger, LedgerError, Position, SayDraft, SayId,
    Source, Target,
};
use pack::Value;

#[tokio::test]
async fn a_new_record_is_numbered_found_and_has_a_history() {
    let desk = Desk::new().await;
    let first = desk.send("a", vec![open(FIRST, "person", 0, person("X1", "张三"))]);
    let receipt = first.await.unwrap();
    assert_eq!(
        (receipt.commit, receipt.entries, receipt.repeated),
        (3, 1, false)
    );
    assert_eq!((receipt.heads[0].0, receipt.heads[0].1), (unit(FIRST), 1));
    assert_eq!(receipt.opened, [RecordId(1)]);
    let id = receipt.opened[0];
    assert_eq!(desk.find("person", SECOND, "X1").await, [id]);
    assert!(desk.find("person", SECOND, "X2").await.is_empty());
    assert_eq!(desk.get("person", id).await.unwrap().book, unit(FIRST));
    assert!(desk.get("household", id).await.is_none());

    desk.send("b", vec![change("person", id, named("张三丰"))])
        .await
        .unwrap();
    let history = desk.ledger.history("person", id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| {
            (
                entry.at.seq,
                entry.kind,
                entry.commit,
                entry.body.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, Open, 3, r#"{"number":"X1","name":"张三"}"#),
            (2, Change, 4, r#"{"name":"张三丰"}"#)
        ]
    );
    assert_eq!(history[1].say, SayId { commit: 4, nth: 0 });
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
async fn the_feed_gives_entries_of_a_book_in_order_and_in_pages() {
    let desk = Desk::new().await;
    let opens = (0..10).map(|n| match n % 2 {
        0 => open(FIRST, "person", n, person(&format!("X{n}"), "张三")),
        _ => open(FIRST, "household", n, household(&format!("H{n}"))),
    });
    desk.send("a", opens.collect()).await.unwrap();
    desk.person(SECOND, "Y").await;
    let seqs = async |book, after, limit| -> Vec<i64> {
        let page = desk.ledger.entries(unit(book), after, limit).await.unwrap();
        page.into_iter().map(|entry| entry.at.seq).collect()
    };
    assert_eq!(seqs(FIRST, 0, 4).await, [1, 2, 3, 4]);
    assert_eq!(seqs(FIRST, 8, 4).await, [9, 10]);
    assert_eq!(seqs(SECOND, 0, 4).await, [1]);
    assert!(seqs(OTHER_STREET, 0, 10).await.is_empty());
}

#[tokio::test]
async fn the_same_asked_again_gets_the_first_receipt_until_it_is_undone() {
    let desk = Desk::new().await;
    let sent = commit("a", vec![open(FIRST, "person", 0, person("X1", "张三"))]);
    let first = desk.ledger.commit(sent.clone()).await.unwrap();
    desk.person(FIRST, "X2").await;
    let again = desk.ledger.commit(sent.clone()).await.unwrap();
    assert!(again.repeated && again.heads == first.heads && again.seal == first.seal);
    assert_eq!(desk.book(FIRST).await.seq, 2);
    assert_eq!(
        desk.ledger.receipt_for(&sent.asked).await.unwrap(),
        Some(again)
    );

    desk.undo(first.commit).await.unwrap();
    assert_eq!(desk.ledger.receipt_for(&sent.asked).await.unwrap(), None);
    let anew = desk.ledger.commit(sent).await.unwrap();
    assert!(!anew.repeated);
    // The same person: nobody else was given that number meanwhile.
    assert_eq!(anew.opened, first.opened);
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_commit_of_many_portions_is_one() {
    const MANY: u32 = 9_000;
    let desk = Desk::new().await;
    let people = (0..MANY).map(|n| Draft {
        refs: vec![(2, 3 * MANY)],
        ..open(FIRST, "person", n, person(&format!("X{n}"), "张三"))
    });
    let kin = (1..MANY).map(|n| Draft {
        refs: vec![(0, n - 1), (1, n)],
        ..open(FIRST, "kinship", MANY + n, vec![None, None, text("child")])
    });
    let last = vec![
        // The same again is the same record; the household was referred to long before.
        Draft {
            refs: vec![(0, 0), (1, 1)],
            ..open(FIRST, "kinship", 2 * MANY, vec![None, None, text("child")])
        },
        draft("person", Target::New(0), Change, named("李四")),
        open(FIRST, "household", 3 * MANY, household("1")),
    ];
    let mut words: Vec<Draft> = people.chain(kin).chain(last).collect();
    let all = words.len();
    let receipt = desk.send("a", words.clone()).await.unwrap();
    assert_eq!(receipt.entries, all);
    assert_eq!(
        receipt.opened[MANY as usize + 1],
        receipt.opened[2 * MANY as usize]
    );
    // A circle through all of it is refused, and leaves nothing.
    let close = Draft {
        refs: vec![(0, MANY - 1), (1, 0)],
        ..open(FIRST, "kinship", 4 * MANY, vec![None, None, text("child")])
    };
    desk.undo(receipt.commit).await.unwrap();
    // What was numbered before it was opened can't turn out to be another: the writer looks again.
    let error = refused(&desk, commit("b", words.clone())).await;
    assert!(matches!(error, LedgerError::Taken { .. }));
    words.pop();
    words.push(open(FIRST, "household", 3 * MANY, household("2")));
    let error = refused(&desk, commit("b", [words, vec![close]].concat())).await;
    assert!(matches!(error, LedgerError::Circle { .. }));
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_unit_opens_its_book() {
    let desk = Desk::new().await;
    let new = vec![text("210203001003"), text("第三社区")];
    desk.open(FIRST, "unit", new).await;
    let book = desk.book("210203001003").await;
    assert_eq!((book.number, book.seq), (3, 0));
    let strange = open(FIRST, "unit", 0, vec![text(OTHER_STREET), text("别处")]);
    let error = refused(&desk, commit("a", vec![strange])).await;
    assert!(matches!(error, LedgerError::OutOfScope { .. }));
    let nowhere = open(OTHER_STREET, "person", 0, person("", "张三"));
    let error = refused(&desk, commit("a", vec![nowhere])).await;
    assert!(matches!(error, LedgerError::UnknownBook { .. }));
    desk.assert_sound().await;
}

#[tokio::test]
async fn words_said_again_must_be_there_and_in_order() {
    let desk = Desk::new().await;
    desk.person(FIRST, "X1").await;
    desk.person(FIRST, "X2").await;
    let at = |book, seq| Position { book, seq };
    let rolls = |words: &[Position]| Commit {
        rolls: vec![roll(1, words)],
        ..commit("a", Vec::new())
    };
    for words in [vec![], vec![at(1, 2), at(1, 1)], vec![at(1, 1), at(1, 1)]] {
        let error = refused(&desk, rolls(&words)).await;
        assert!(matches!(error, LedgerError::BadRoll(0)));
    }
    for words in [
        vec![at(1, 3)],
        vec![at(0, 1)],
        vec![at(1, 0)],
        vec![at(9, 1)],
    ] {
        let error = refused(&desk, rolls(&words)).await;
        assert!(matches!(error, LedgerError::NoWord(_)), "{words:?}");
    }
    desk.ledger
        .commit(rolls(&[at(1, 1), at(1, 2)]))
        .await
        .unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_say_may_be_added_to_while_it_stands() {
    let desk = Desk::new().await;
    let first = Commit {
        says: vec![list(FIRST, DAY)],
        ..commit("a", vec![open(FIRST, "person", 0, person("X1", "张三"))])
    };
    let first = desk.ledger.commit(first).await.unwrap().commit;
    let id = SayId {
        commit: first,
        nth: 0,
    };
    let adds = |asked: &str, id, who: &str| Commit {
        says: vec![SayDraft::More(id)],
        rolls: vec![roll(0, &[Position { book: 1, seq: 1 }])],
        ..commit(asked, vec![open(FIRST, "person", 0, person(who, "李四"))])
    };
    desk.ledger.commit(adds("b", id, "X2")).await.unwrap();
    let entries = desk.ledger.entries(unit(FIRST), 1, 10).await.unwrap();
    assert_eq!((entries[0].commit, entries[0].say), (first + 1, id));
    let info = desk.ledger.commit_info(first + 1).await.unwrap().unwrap();
    assert_eq!(info.units, [unit(FIRST)]);
    let news = desk.ledger.news(first).await.unwrap();
    assert_eq!(news.says, []);
    assert_eq!(news.rolls[0].1, id);
    let nowhere = SayId { commit: 1, nth: 0 };
    let error = refused(&desk, adds("c", nowhere, "X3")).await;
    assert!(matches!(error, LedgerError::NoSay(0)));
    desk.assert_sound().await;
    // What is added to a say goes with it.
    desk.undo(first).await.unwrap();
    let error = refused(&desk, adds("c", id, "X3")).await;
    assert!(matches!(error, LedgerError::NoSay(0)));
    desk.assert_sound().await;
}

#[tokio::test]
async fn news_tell_what_was_said_rolled_and_undone_since() {
    let desk = Desk::new().await;
    let empty = desk.ledger.news(0).await.unwrap();
    assert_eq!(
        (empty.commit, empty.says.len(), empty.books.len()),
        (2, 0, 2)
    );
    let said = Commit {
        says: vec![list(FIRST, DAY), crate::common::desk(SECOND)],
        ..commit("a", vec![open(FIRST, "person", 0, person("X1", "张三"))])
    };
    let receipt = desk.ledger.commit(said).await.unwrap();
    let again = Commit {
        says: vec![list(FIRST, DAY)],
        rolls: vec![roll(3, &[Position { book: 1, seq: 1 }])],
        ..commit("b", Vec::new())
    };
    desk.ledger.commit(again).await.unwrap();
    desk.undo(receipt.commit).await.unwrap();
    let news = desk.ledger.news(2).await.unwrap();
    let says: Vec<_> = news
        .says
        .iter()
        .map(|(id, _)| (id.commit, id.nth))
        .collect();
    assert_eq!(says, [(3, 0), (3, 1), (4, 0)]);
    assert_eq!(SayDraft::New(news.says[0].1.clone()), list(FIRST, DAY));
    assert_eq!(news.undone, [(5, 3)]);
    let (commit, say, fields, words) = &news.rolls[0];
    assert_eq!((*commit, say.commit, fields.0), (4, 4, 3));
    assert_eq!(words, &[Position { book: 1, seq: 1 }]);
    let later = desk.ledger.news(4).await.unwrap();
    assert!(later.says.is_empty() && later.rolls.is_empty() && later.undone == [(5, 3)]);
    assert_eq!(later.books, news.books);
}

#[tokio::test]
async fn sources_and_times_are_told_as_they_were() {
    let desk = Desk::new().await;
    let source = Source::Answer {
        question: RecordId(7),
        decision: "same".into(),
        file: "people.xlsx".into(),
        row: 12,
    };
    let sent = Commit {
        source: source.clone(),
        recorded_at: at(77),
        ..commit("a", vec![open(FIRST, "person", 0, person("X1", "张三"))])
    };
    let number = desk.ledger.commit(sent).await.unwrap().commit;
    let info = desk.ledger.commit_info(number).await.unwrap().unwrap();
    assert_eq!((info.source, info.recorded_at), (source, at(77)));
    assert_eq!((info.undoes, info.undone_by), (None, None));
    desk.undo(number).await.unwrap();
    let all = desk.ledger.commits(&grant(), None, 2).await.unwrap();
    assert_eq!(
        (all[0].undoes, all[1].undone_by),
        (Some(number), Some(number + 1))
    );
    assert_eq!(all[0].source, Source::Undo { commit: number });
}

#[tokio::test]
async fn many_commits_at_once_are_written_one_after_the_other() {
    let desk = Desk::new().await;
    let sends = (0..12).map(|n| {
        let ledger = desk.ledger.clone();
        let sent = commit(
            &n.to_string(),
            vec![open(FIRST, "household", 0, household(&(n % 4).to_string()))],
        );
        tokio::spawn(async move { ledger.commit(sent).await.unwrap().opened[0] })
    });
    let mut numbers = Vec::new();
    for sent in sends.collect::<Vec<_>>() {
        numbers.push(sent.await.unwrap());
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, [1, 2, 3, 4].map(RecordId));
    assert_eq!(desk.book(FIRST).await.seq, 12);
    desk.assert_sound().await;
}

#[tokio::test]
async fn accesses_are_kept_in_a_chain() {
    let desk = Desk::new().await;
    let access = |n: i64| AccessRecord {
        at: at(n),
        who: "clerk".into(),
        why: "visit".into(),
        posts: vec![("clerk".into(), unit(FIRST))],
        reveals: vec![Sensitivity::Name],
        what: Access::Page {
            path: format!("/people/{n}"),
        },
    };
    for n in 0..5 {
        desk.ledger.log_access(&access(n)).await.unwrap();
    }
    // Another process adds to the same log.
    let other = Ledger::open(desk.path(), pack()).await.unwrap();
    other.log_access(&access(5)).await.unwrap();
    desk.ledger.log_access(&access(6)).await.unwrap();
    let page = desk.ledger.access_log(2, 1).await.unwrap();
    assert_eq!(page, [access(5), access(4)]);
    assert_eq!(desk.ledger.heads().await.unwrap().accesses.0, 7);
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_ledger_is_made_once_opened_again_and_keeps_its_algorithm() {
    let dir = tempfile::tempdir().unwrap();
    let none = Ledger::open(dir.path(), pack()).await;
    assert!(matches!(none.map(drop), Err(LedgerError::NoLedger(_))));
    let ledger = Ledger::create(dir.path(), pack(), Algorithm::Sm3)
        .await
        .unwrap();
    ledger
        .open_book(unit(FIRST), at(0), &grant())
        .await
        .unwrap();
    let twice = Ledger::create(dir.path(), pack(), Algorithm::Sm3).await;
    assert!(matches!(twice.map(drop), Err(LedgerError::Exists(_))));
    let heads = ledger.heads().await.unwrap();
    ledger.close().await;
    let ledger = Ledger::open(dir.path(), pack()).await.unwrap();
    assert_eq!(ledger.heads().await.unwrap(), heads);
    assert_eq!(heads.algorithm, Algorithm::Sm3);
    assert_eq!(heads.to_string().parse(), Ok(heads));
    assert_sound(&ledger).await;
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("ledger.sqlite"), "not a database").unwrap();
    let foreign = Ledger::open(other.path(), pack()).await;
    assert!(matches!(foreign.map(drop), Err(LedgerError::NotALedger(_))));
}

#[tokio::test]
async fn a_date_and_a_row_are_kept() {
    let desk = Desk::new().await;
    let dated = Draft {
        from: Some(DAY),
        until: Some(DAY.tomorrow().unwrap()),
        row: 17,
        ..open(FIRST, "person", 0, person("X1", "张三"))
    };
    let id = desk.send("a", vec![dated]).await.unwrap().opened[0];
    let entry = desk.ledger.history("person", id).await.unwrap().remove(0);
    assert_eq!(
        (entry.from, entry.until, entry.row),
        (Some(DAY), DAY.tomorrow().ok(), 17)
    );
    assert_eq!(text("x"), Some(Value::Text("x".into())));
}
