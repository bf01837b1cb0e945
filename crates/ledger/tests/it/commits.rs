//! What a commit must keep to, one test each: what is refused, and with which words.

use crate::common::*;
use kernel::EntryKind::{self, Change, Close, Open, Transfer, Undo};
use kernel::{Grant, Lang, RecordId};
use ledger::{Commit, Draft, LedgerError, Position, SayDraft, SayId, Target};

#[tokio::test]
async fn what_was_said_otherwise_since_is_stale_and_says_which_fields() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let seen = |name: &str| Draft {
        seen: Some(3),
        ..change("person", id, named(name))
    };
    desk.send("a", vec![seen("李四")]).await.unwrap();
    let error = refused(&desk, commit("b", vec![seen("王五")])).await;
    assert!(error.is_stale());
    let LedgerError::Stale { at: 0, fields, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(fields[0].zh, "姓名");
    // The same value, another field, or no look at all is no matter.
    desk.send("c", vec![seen("李四")]).await.unwrap();
    let other = Draft {
        seen: Some(3),
        ..change("person", id, person("X9", ""))
    };
    let mut other = other;
    other.said = pack::Said::default();
    other.said.values = vec![None; 3];
    other.said.set(0, text("X9"));
    desk.send("d", vec![other]).await.unwrap();
    desk.send("e", vec![change("person", id, named("赵六"))])
        .await
        .unwrap();
    // What was taken back is no matter either.
    let look = |name: &str| Draft {
        seen: Some(6),
        ..change("person", id, named(name))
    };
    assert!(
        refused(&desk, commit("f", vec![look("钱七")]))
            .await
            .is_stale()
    );
    desk.undo(7).await.unwrap();
    desk.send("f", vec![look("钱七")]).await.unwrap();
    // A record that ended since is not written to by somebody who didn't see it.
    desk.send("g", vec![known("person", id, Close, Vec::new())])
        .await
        .unwrap();
    let ended = Draft {
        seen: Some(9),
        ..change("person", id, named("孙八"))
    };
    let error = refused(&desk, commit("h", vec![ended])).await;
    assert!(matches!(&error, LedgerError::Stale { fields, .. } if fields.is_empty()));
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_commit_that_rests_on_there_being_nobody_else_is_stale_when_somebody_came() {
    let desk = Desk::new().await;
    desk.person(FIRST, "X1").await;
    let rests = |asked: &str, on: &str, register: &str| Commit {
        base: Some((2, vec![register.into()])),
        ..commit(asked, vec![open(FIRST, "person", 0, person(on, "李四"))])
    };
    let error = refused(&desk, rests("a", "X2", "person")).await;
    assert!(error.is_stale() && matches!(error, LedgerError::StaleBase { commit: 3, .. }));
    desk.ledger
        .commit(rests("b", "X3", "household"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_fixed_identity_known_by_now_is_taken_and_a_proposed_one_refused() {
    let desk = Desk::new().await;
    let home = desk.open(FIRST, "household", household("1")).await;
    let id = desk.person(FIRST, "X1").await;
    let mut words = vec![
        open(FIRST, "household", 0, household("1")),
        open(FIRST, "person", 1, person("X2", "李四")),
    ];
    words[1].refs = vec![(2, 0)];
    let receipt = desk.send("a", words).await.unwrap();
    assert_eq!(receipt.opened, [home, RecordId(id.0 + 1)]);
    let history = desk.ledger.history("household", home).await.unwrap();
    assert_eq!(history.len(), 2);
    // Another book's household of that number is another household.
    let receipt = desk.send("b", vec![open(SECOND, "household", 0, household("1"))]);
    assert_ne!(receipt.await.unwrap().opened, [home]);

    let error = refused(
        &desk,
        commit("c", vec![open(SECOND, "person", 0, person("X1", "王五"))]),
    );
    let error = error.await;
    assert!(error.is_stale());
    assert!(matches!(error, LedgerError::Taken { at: 0, record, .. } if record == id));
    let twice = vec![
        open(FIRST, "person", 0, person("X7", "王五")),
        open(FIRST, "person", 1, person("X7", "王五")),
        open(FIRST, "household", 2, household("9")),
    ];
    let error = refused(&desk, commit("d", twice)).await;
    assert!(matches!(error, LedgerError::Taken { at: 1, .. }));
    // Two new households of one number are one.
    let twice = vec![
        open(FIRST, "household", 0, household("9")),
        open(FIRST, "household", 1, household("9")),
    ];
    let opened = desk.send("e", twice).await.unwrap().opened;
    assert_eq!(opened[0], opened[1]);
    desk.assert_sound().await;
}

#[tokio::test]
async fn identities_that_name_new_records_are_numbered_in_their_order() {
    let desk = Desk::new().await;
    let kin = |new, parent, child| Draft {
        refs: vec![(0, parent), (1, child)],
        ..open(FIRST, "kinship", new, vec![None, None, text("child")])
    };
    // The last is the first again; both name people who come later in the commit.
    let words = vec![
        kin(0, 2, 1),
        open(FIRST, "person", 1, person("", "甲")),
        open(FIRST, "person", 2, person("", "乙")),
        kin(3, 2, 1),
    ];
    let receipt = desk.send("a", words).await.unwrap();
    assert_eq!(receipt.opened[0], receipt.opened[3]);
    assert_eq!(receipt.entries, 4);
    let kinship = desk
        .ledger
        .history("kinship", receipt.opened[0])
        .await
        .unwrap();
    let (parent, child) = (receipt.opened[2], receipt.opened[1]);
    let body = format!(r#"{{"person":{parent},"relative":{child},"relation":"child"}}"#);
    assert_eq!(kinship[0].body.as_deref(), Some(&*body));
    desk.assert_sound().await;
}

#[tokio::test]
async fn several_words_may_speak_of_one_new_record() {
    let desk = Desk::new().await;
    let words = vec![
        open(FIRST, "person", 0, person("X1", "张三")),
        draft("person", Target::New(0), Change, named("张三丰")),
        Draft {
            book: unit(SECOND),
            ..draft("person", Target::New(0), Transfer, Vec::new())
        },
        draft("person", Target::New(0), Change, named("张君宝")),
    ];
    let receipt = desk.send("a", words).await.unwrap();
    assert_eq!((receipt.entries, receipt.opened.len()), (5, 1));
    assert_eq!(
        desk.get("person", receipt.opened[0]).await.unwrap().book,
        unit(SECOND)
    );
    // Only the first may open it, and it must.
    for words in [
        vec![draft("person", Target::New(0), Change, named("张三"))],
        vec![draft(
            "person",
            Target::New(u32::MAX),
            Open,
            person("X2", "张三"),
        )],
    ] {
        let error = refused(&desk, commit("b", words)).await;
        assert!(matches!(error, LedgerError::Shape { at: 0, .. }), "{error}");
    }
    desk.assert_sound().await;
}

#[tokio::test]
async fn references_must_lead_to_records_of_their_register() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let lives = |home: i64| change("person", id, vec![None, None, number(home)]);
    let error = refused(&desk, commit("a", vec![lives(77)])).await;
    assert!(matches!(
        &error,
        LedgerError::NoTarget {
            record: RecordId(77),
            ..
        }
    ));
    assert!(error.message(Lang::Zh).contains("所在户"));
    // A person is no household, known or new.
    let error = refused(&desk, commit("a", vec![lives(id.0)])).await;
    assert!(matches!(error, LedgerError::NoTarget { .. }));
    let new = |words: Vec<Draft>| {
        let refers = Draft {
            refs: vec![(2, 0)],
            ..change("person", id, vec![None, None, None])
        };
        commit("a", [vec![refers], words].concat())
    };
    let person = open(FIRST, "person", 0, person("", "李四"));
    let error = refused(&desk, new(vec![person])).await;
    assert!(matches!(error, LedgerError::NoTarget { .. }));
    let error = refused(&desk, new(Vec::new())).await;
    assert!(matches!(
        error,
        LedgerError::NoTarget {
            record: RecordId(0),
            ..
        }
    ));
    let home = open(FIRST, "household", 0, household("1"));
    desk.ledger.commit(new(vec![home])).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn words_must_be_those_of_their_register() {
    let desk = Desk::new().await;
    let error = refused(
        &desk,
        commit("a", vec![open(FIRST, "person", 0, person("X1", " "))]),
    )
    .await;
    assert!(matches!(error, LedgerError::Fields { at: 0, .. }));
    let nameless = open(FIRST, "person", 0, vec![text("X1"), None, None]);
    let error = refused(&desk, commit("a", vec![nameless])).await;
    assert!(matches!(error, LedgerError::Fields { .. }));
    let id = desk.person(FIRST, "X1").await;
    // A later word needs no more than it says, and may say that something is unknown.
    let mut unknown = change("person", id, vec![None; 3]);
    unknown.said.set(0, None);
    desk.send("b", vec![unknown]).await.unwrap();
    let history = desk.ledger.history("person", id).await.unwrap();
    assert_eq!(history[1].body.as_deref(), Some(r#"{"number":null}"#));
    assert_eq!(desk.find("person", FIRST, "X1").await, [id]);
    for (register, record) in [("person", 99), ("household", id.0)] {
        let close = known(register, RecordId(record), Close, Vec::new());
        let error = refused(&desk, commit("c", vec![close])).await;
        assert!(matches!(error, LedgerError::NoRecord { at: 0, .. }));
    }
    let strange = vec![open(FIRST, "dog", 0, Vec::new())];
    let error = refused(&desk, commit("c", strange)).await;
    assert!(matches!(error, LedgerError::UnknownRegister { .. }));
}

#[tokio::test]
async fn a_fixed_identity_keeps_its_values() {
    let desk = Desk::new().await;
    let (one, other) = (
        desk.person(FIRST, "X1").await,
        desk.person(FIRST, "X2").await,
    );
    let kinship = desk.open(FIRST, "kinship", child(one, other)).await;
    for values in [
        child(other, one),
        vec![number(other.0), None, None],
        vec![None, None, text("spouse")],
    ] {
        let error = refused(&desk, commit("a", vec![change("kinship", kinship, values)])).await;
        assert!(matches!(error, LedgerError::Identity { record, .. } if record == kinship));
    }
    let same = vec![
        change("kinship", kinship, child(one, other)),
        change("kinship", kinship, vec![number(one.0), None, None]),
    ];
    desk.send("b", same).await.unwrap();
    // In the commit that opens it, too.
    let new = |values| {
        let first = open(FIRST, "household", 0, household("1"));
        commit(
            "c",
            vec![first, draft("household", Target::New(0), Change, values)],
        )
    };
    let error = refused(&desk, new(household("2"))).await;
    assert!(matches!(error, LedgerError::Identity { at: 1, .. }));
    desk.ledger
        .commit(new(vec![None, text("某路 1 号")]))
        .await
        .unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn drafts_have_the_form_of_their_kind() {
    let desk = Desk::new().await;
    let (id, other) = (
        desk.person(FIRST, "X1").await,
        desk.person(FIRST, "X2").await,
    );
    let wrong = [
        known("person", id, Undo, Vec::new()),
        Draft {
            into: Some(other),
            ..change("person", id, named("李四"))
        },
        known("person", id, EntryKind::Merge, Vec::new()),
        Draft {
            into: Some(other),
            ..known("person", id, EntryKind::Merge, named("李四"))
        },
        known("person", id, Transfer, named("李四")),
        Draft {
            say: 1,
            ..change("person", id, named("李四"))
        },
        Draft {
            refs: vec![(1, 0)],
            ..change("person", id, named("李四"))
        },
    ];
    for draft in wrong {
        let kind = draft.kind;
        let error = refused(&desk, commit("a", vec![draft])).await;
        assert!(
            matches!(
                error,
                LedgerError::Shape { .. } | LedgerError::Fields { .. }
            ),
            "{kind:?}: {error}"
        );
    }
}

#[tokio::test]
async fn who_writes_must_see_the_units_they_speak_for_and_open_in() {
    let desk = Desk::new().await;
    let id = desk.person(SECOND, "X1").await;
    let by = |asked: &str, says: &str, words| Commit {
        grant: only(FIRST),
        says: vec![desk_of(says)],
        ..commit(asked, words)
    };
    fn desk_of(code: &str) -> SayDraft {
        crate::common::desk(code)
    }
    let open_in = |book| vec![open(book, "person", 0, person("", "李四"))];
    for sent in [
        by("a", SECOND, open_in(FIRST)),
        by("a", FIRST, open_in(SECOND)),
        by(
            "a",
            FIRST,
            vec![transfer("person", RecordId(1), OTHER_STREET)],
        ),
    ] {
        let error = refused(&desk, sent).await;
        assert!(
            matches!(
                error,
                LedgerError::OutOfScope { .. } | LedgerError::UnknownBook { .. }
            ),
            "{error}"
        );
    }
    // A word about a record kept elsewhere needs no more than one's own unit; so does taking it over.
    let words = vec![
        change("person", id, named("李四")),
        transfer("person", id, FIRST),
    ];
    let receipt = desk.ledger.commit(by("b", FIRST, words)).await.unwrap();
    assert_eq!(receipt.heads.len(), 2);
    let seen = desk.ledger.commits(&only(FIRST), None, 10).await.unwrap();
    let seen: Vec<i64> = seen.iter().map(|commit| commit.number).collect();
    assert_eq!(seen, [receipt.commit, 3, 1]);
    let info = desk
        .ledger
        .commit_info(receipt.commit)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(info.units, [unit(FIRST)]);
    assert_eq!(info.books, [unit(FIRST), unit(SECOND)]);
    assert!(desk.ledger.commit_info(99).await.unwrap().is_none());
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_commit_says_something_and_not_too_much() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let word = Position { book: 1, seq: 1 };
    let empty = Commit {
        says: Vec::new(),
        ..commit("a", Vec::new())
    };
    assert!(matches!(refused(&desk, empty).await, LedgerError::Empty));
    let more = SayDraft::More(SayId { commit: 3, nth: 0 });
    let only_more = Commit {
        says: vec![more.clone()],
        ..commit("a", Vec::new())
    };
    assert!(matches!(
        refused(&desk, only_more).await,
        LedgerError::Empty
    ));
    // A list that repeats what is known is only its say and what it says again.
    let again = Commit {
        says: vec![list(FIRST, DAY)],
        rolls: vec![roll(0b11, &[word])],
        ..commit("b", Vec::new())
    };
    let receipt = desk.ledger.commit(again).await.unwrap();
    assert_eq!((receipt.entries, receipt.heads.len()), (0, 0));
    let many = Commit {
        says: vec![crate::common::desk(FIRST); 1_001],
        ..commit("c", Vec::new())
    };
    assert!(matches!(
        refused(&desk, many).await,
        LedgerError::TooManySays(1_001)
    ));
    let talks = Commit {
        grant: Grant {
            who: "很".repeat(1_001),
            ..grant()
        },
        ..commit("c", vec![change("person", id, named("李四"))])
    };
    assert!(matches!(
        refused(&desk, talks).await,
        LedgerError::Words(1_001)
    ));
    desk.assert_sound().await;
}

#[tokio::test]
async fn links_may_not_form_a_circle_unless_it_doesnt_stand() {
    let desk = Desk::new().await;
    let a = desk.person(FIRST, "A").await;
    let b = desk.person(FIRST, "B").await;
    let c = desk.person(FIRST, "C").await;
    desk.open(FIRST, "kinship", child(a, b)).await;
    let middle = desk
        .send("m", vec![open(FIRST, "kinship", 0, child(b, c))])
        .await
        .unwrap();
    let close = || vec![open(FIRST, "kinship", 0, child(c, a))];
    let error = refused(&desk, commit("c", close())).await;
    assert!(matches!(error, LedgerError::Circle { at: 0, .. }));
    let spouse = vec![number(c.0), number(a.0), text("spouse")];
    desk.send("s", vec![open(FIRST, "kinship", 0, spouse)])
        .await
        .unwrap();
    let own = open(FIRST, "kinship", 0, child(a, a));
    assert!(matches!(
        refused(&desk, commit("o", vec![own])).await,
        LedgerError::Circle { .. }
    ));
    desk.undo(middle.commit).await.unwrap();
    desk.send("c", close()).await.unwrap();
    // And what was taken back can't come back now.
    let again = commit("m", vec![open(FIRST, "kinship", 0, child(b, c))]);
    assert!(matches!(
        refused(&desk, again).await,
        LedgerError::Circle { .. }
    ));
    desk.assert_sound().await;
}
