//! Taking commits back: whatever was written, afterwards everything is as if it had not been.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::{EntryKind, RecordId};
use ledger::{Draft, LedgerError, Receipt};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const BOOKS: [&str; 2] = [FIRST, SECOND];

/// What a commit does to the people there are.
#[derive(Clone, Debug)]
enum Deed {
    Opens(u8),
    Renames(usize),
    Renumbers(usize, u8),
    /// Correcting what has ended opens it again.
    Corrects(usize, Option<u8>),
    Closes(usize),
    Merges(usize),
    Ties(usize, usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0..12_u8).prop_map(Deed::Opens),
        2 => (0..8_usize).prop_map(Deed::Renames),
        1 => (0..8_usize, 0..12_u8).prop_map(|(who, number)| Deed::Renumbers(who, number)),
        1 => (0..8_usize, prop::option::of(0..12_u8)).prop_map(|(who, number)| Deed::Corrects(who, number)),
        1 => (0..8_usize).prop_map(Deed::Closes),
        1 => (0..8_usize).prop_map(Deed::Merges),
        1 => (0..8_usize, 0..8_usize).prop_map(|(a, b)| Deed::Ties(a, b)),
    ]
}

/// Every record of the books with its last values, as one line each, and whom each number leads to.
async fn state(desk: &Desk) -> Vec<String> {
    let mut state = Vec::new();
    for (book, register) in BOOKS
        .iter()
        .flat_map(|book| [(book, "person"), (book, "kinship")])
    {
        for found in desk.ledger.records(unit(book), register).await.unwrap() {
            let (record, closed, body) = (found.record, found.closed, found.body);
            state.push(format!("{register} {record} {closed} {body}"));
        }
    }
    let numbers: Vec<String> = (0..12).map(|number| format!("X{number}")).collect();
    let holders = desk.ledger.find("person", unit(FIRST), &numbers).await;
    for (number, holder) in numbers.iter().zip(holders.unwrap()) {
        let holder = holder.map(|found| (found.record, found.closed));
        state.push(format!("{number} {holder:?}"));
    }
    state
}

/// The drafts of the deeds in one book, as the ledger stands.
async fn drafts(desk: &Desk, book: &str, nth: usize, deeds: &[Deed]) -> Vec<Draft> {
    let people = desk.ledger.records(unit(book), "person").await.unwrap();
    let mut next = desk.ledger.next_ids(unit(book)).await.unwrap();
    let pick = |who: usize| people.get(who % people.len().max(1)).cloned();
    let number = |body: &str| {
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        value["number"].as_str().unwrap_or("X0").to_owned()
    };
    let name = |body: &str| {
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        value["name"].as_str().unwrap().to_owned()
    };
    let give = |who: usize, kind, to: &dyn Fn(&str) -> pack::Record| {
        let found = pick(who)?;
        let body = to(&found.body);
        Some(follow(book, "person", found.record, kind, body, found.seq))
    };
    let renamed = |body: &str| person(&number(body), &format!("名{nth}"));
    let same = |body: &str| person(&number(body), &name(body));
    let mut drafts = Vec::new();
    for deed in deeds {
        let one = match deed {
            Deed::Opens(x) => {
                let body = person(&format!("X{x}"), &format!("名{nth}"));
                Some(open(book, "person", next, body))
            }
            Deed::Renames(who) => give(*who, EntryKind::Change, &renamed),
            Deed::Renumbers(who, x) => give(*who, EntryKind::Change, &|body| {
                person(&format!("X{x}"), &name(body))
            }),
            Deed::Corrects(who, None) => give(*who, EntryKind::Correct, &renamed),
            Deed::Corrects(who, Some(x)) => give(*who, EntryKind::Correct, &|body| {
                person(&format!("X{x}"), &name(body))
            }),
            Deed::Closes(who) => give(*who, EntryKind::Close, &same),
            Deed::Merges(who) => give(*who, EntryKind::Merge, &same),
            Deed::Ties(a, b) => match (pick(*a), pick(*b)) {
                (Some(a), Some(b)) => {
                    let body = child(a.record, b.record);
                    Some(open(book, "kinship", next, body))
                }
                _ => None,
            },
        };
        if matches!(deed, Deed::Opens(_) | Deed::Ties(..)) && one.is_some() {
            next = next.next();
        }
        drafts.extend(one);
    }
    drafts
}

proptest! {
    // The same cases each time, so that a change is judged by itself.
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(12), ..ProptestConfig::default() })]

    /// Of some commits the last ones are taken back, newest first: each time the state is exactly what it was before it.
    #[test]
    fn the_state_before_is_restored(
        commits in prop::collection::vec([prop::collection::vec(deed(), 0..3), prop::collection::vec(deed(), 0..2)], 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::new().await;
            let mut before = Vec::new();
            for (nth, deeds) in commits.iter().enumerate() {
                let mut all = Vec::new();
                for (book, deeds) in BOOKS.iter().zip(deeds) {
                    all.push(drafts(&desk, book, nth, deeds).await);
                }
                if nth % 2 == 1 {
                    all.reverse();
                }
                let state = state(&desk).await;
                // What the rules refuse is no commit, and leaves nothing.
                if let Ok(receipt) = desk.send(&nth.to_string(), all.concat()).await
                    && receipt.entries > 0
                {
                    before.push((receipt, state));
                }
            }
            for (receipt, state_before) in before.into_iter().rev() {
                let undone = undo(&desk, receipt.commit).await.unwrap();
                assert_eq!(state(&desk).await, state_before, "commit {}", receipt.commit);
                let again = undo(&desk, receipt.commit).await.unwrap();
                assert!(again.repeated && again.commit == undone.commit);
            }
            desk.assert_sound().await;
        });
    }
}

async fn undo(desk: &Desk, commit: i64) -> Result<Receipt, LedgerError> {
    desk.ledger.undo(commit, "clerk", at(5_000), &grant()).await
}

#[tokio::test]
async fn what_later_commits_rest_on_is_not_taken_back() {
    let desk = Desk::new().await;
    let parent = desk.ledger.next_ids(unit(FIRST)).await.unwrap();
    let open = |record: RecordId, number: &str| {
        draft(
            FIRST,
            "person",
            record,
            EntryKind::Open,
            person(number, "张三"),
        )
    };
    let first = desk
        .send("a", vec![open(parent, "X1"), open(parent.next(), "X2")])
        .await
        .unwrap();
    let tie = draft(
        FIRST,
        "kinship",
        parent.next().next(),
        EntryKind::Open,
        child(parent, parent.next()),
    );
    let second = desk.send("b", vec![tie]).await.unwrap();
    let error = undo(&desk, first.commit).await.unwrap_err();
    assert!(
        matches!(&error, LedgerError::ReferredTo { commits, .. } if *commits == [second.commit]),
        "{error}"
    );
    undo(&desk, second.commit).await.unwrap();
    let last = undo(&desk, first.commit).await.unwrap();
    let error = undo(&desk, last.commit).await.unwrap_err();
    assert!(matches!(error, LedgerError::UndoOfUndo(_)), "{error}");
    let error = undo(&desk, 99).await.unwrap_err();
    assert!(matches!(error, LedgerError::NoCommit(99)), "{error}");
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_number_leads_again_to_who_ended_with_it_last() {
    let desk = Desk::new().await;
    let mut ended = Vec::new();
    for _ in 0..2 {
        let record = desk.person(FIRST, "X4").await;
        let seq = desk.seq(FIRST).await;
        let close = follow(
            FIRST,
            "person",
            record,
            EntryKind::Close,
            person("X4", "张三"),
            seq,
        );
        desk.send(&format!("close {record}"), vec![close])
            .await
            .unwrap();
        ended.push((record, desk.seq(FIRST).await));
    }
    let numbers = ["X4".to_owned()];
    let leads_to = async || {
        let found = desk
            .ledger
            .find("person", unit(FIRST), &numbers)
            .await
            .unwrap();
        found[0].as_ref().map(|found| (found.record, found.closed))
    };
    assert_eq!(leads_to().await, Some((ended[1].0, true)));
    let (first, seq) = ended[0];
    let correct = follow(
        FIRST,
        "person",
        first,
        EntryKind::Correct,
        person("X4", "张四"),
        seq,
    );
    let opened_again = desk.send("correct", vec![correct]).await.unwrap();
    assert_eq!(leads_to().await, Some((first, false)));
    undo(&desk, opened_again.commit).await.unwrap();
    assert_eq!(leads_to().await, Some((ended[1].0, true)));
    desk.assert_sound().await;
}
