//! The ledger against a naive model of it: random commits, sound and unsound, must have the same outcome, and leave the same
//! state, as a list of lines that is searched from end to end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::{EntryKind, RecordId};
use ledger::{Draft, LedgerError};
use pack::{Record, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

const BOOKS: [&str; 2] = [FIRST, SECOND];
const REGISTERS: [&str; 3] = ["person", "household", "kinship"];

/// One entry, as the model keeps it.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    book: usize,
    seq: i64,
    commit: usize,
    record: i64,
    register: String,
    kind: EntryKind,
    body: Record,
}

#[derive(Clone, Default)]
struct Model {
    lines: Vec<Line>,
    commits: usize,
}

impl Model {
    fn last(&self, record: i64) -> Option<&Line> {
        self.lines.iter().rfind(|line| line.record == record)
    }

    fn seq(&self, book: usize) -> i64 {
        self.lines
            .iter()
            .filter(|line| line.book == book)
            .map(|line| line.seq)
            .max()
            .unwrap_or(0)
    }

    fn next(&self, book: usize) -> i64 {
        let opened = self
            .lines
            .iter()
            .filter(|line| line.book == book && line.kind == EntryKind::Open)
            .count();
        (book as i64 + 1) << 32 | (opened as i64 + 1)
    }

    fn records(&self) -> Vec<i64> {
        self.lines
            .iter()
            .filter(|line| line.kind == EntryKind::Open)
            .map(|line| line.record)
            .collect()
    }

    fn live(&self) -> impl Iterator<Item = &Line> {
        let last = |record| {
            self.last(record)
                .filter(|line| line.kind != EntryKind::Close)
        };
        self.records().into_iter().filter_map(last)
    }

    /// The record, other than this one, that is not closed and has the same identity in the same scope.
    fn rival(&self, book: usize, register: &str, record: i64, body: &Record) -> Option<&Line> {
        let key = identity(register, body)?;
        self.live().find(|line| {
            line.record != record
                && line.register == register
                && (register == "person" || line.book == book)
                && identity(register, &line.body).as_ref() == Some(&key)
        })
    }

    /// The last line of the record to which the identity of a line leads: the one that isn't closed, or the one closed last.
    fn led_to(&self, line: &Line) -> Option<&Line> {
        let key = identity(&line.register, &line.body)?;
        let lasts = self.records();
        let lasts = lasts.into_iter().filter_map(|record| self.last(record));
        lasts
            .filter(|last| {
                last.register == line.register
                    && (line.register == "person" || last.book == line.book)
                    && identity(&last.register, &last.body).as_ref() == Some(&key)
            })
            .max_by_key(|last| {
                (
                    last.kind != EntryKind::Close,
                    last.commit,
                    last.book,
                    last.seq,
                )
            })
    }

    /// Whether parents lead back to themselves.
    fn has_circle(&self) -> bool {
        let links: Vec<(i64, i64)> = self
            .live()
            .filter_map(|line| link(&line.register, &line.body))
            .collect();
        links.iter().any(|(from, to)| {
            let mut reached = vec![*to];
            let mut at = 0;
            while let Some(node) = reached.get(at).copied() {
                let next = links
                    .iter()
                    .filter(|(source, _)| *source == node)
                    .map(|(_, target)| *target);
                let new: Vec<i64> = next.filter(|target| !reached.contains(target)).collect();
                reached.extend(new);
                at += 1;
            }
            reached.contains(from)
        })
    }

    /// Adds a draft, or says which rule it breaks.
    fn add(&mut self, draft: &Draft, moving: &mut BTreeMap<i64, Line>) -> Result<(), &'static str> {
        let Some(book) = BOOKS.iter().position(|code| unit(code) == draft.book) else {
            return Err("UnknownBook");
        };
        let (record, register, start) = (draft.record.0, &draft.register, self.commits);
        let rival = self.rival(book, register, record, &draft.body).is_some();
        let last = self.last(record).cloned();
        let left = if draft.kind == EntryKind::Transfer {
            moving.remove(&record)
        } else {
            None
        };
        if draft.kind == EntryKind::Open {
            match () {
                () if draft.expect.is_some() => return Err("Stale"),
                () if record != self.next(book) => return Err("Numbering"),
                () if rival => return Err("Duplicate"),
                () => {}
            }
        } else if let Some(left) = left {
            match () {
                () if left.book == book || draft.expect.is_some() => return Err("HalfTransfer"),
                () if left.body != draft.body || left.register != *register => {
                    return Err("HalfTransfer");
                }
                () if rival => return Err("Duplicate"),
                () => {}
            }
        } else {
            let Some(last) = last.filter(|line| line.register == *register) else {
                return Err("NoRecord");
            };
            let expected = match draft.expect {
                Some(seq) => seq == last.seq,
                None => last.commit == start,
            };
            match draft.kind {
                _ if moving.contains_key(&record) => return Err("HalfTransfer"),
                _ if last.book != book => return Err("Elsewhere"),
                _ if !expected => return Err("Stale"),
                kind if last.kind == EntryKind::Close && kind != EntryKind::Correct => {
                    return Err("Closed");
                }
                EntryKind::Close if last.body != draft.body => return Err("CloseChanges"),
                EntryKind::Transfer if last.body != draft.body => return Err("HalfTransfer"),
                EntryKind::Change | EntryKind::Correct if rival => return Err("Duplicate"),
                _ => {}
            }
        }
        let seq = self.seq(book) + 1;
        let (kind, body) = (draft.kind, draft.body.clone());
        let line = Line {
            book,
            seq,
            commit: self.commits,
            record,
            register: register.clone(),
            kind,
            body,
        };
        let arrived = self.last(record).is_some_and(|last| last.book != book);
        if kind == EntryKind::Transfer && !arrived {
            moving.insert(record, line.clone());
        }
        self.lines.push(line);
        Ok(())
    }

    /// The state after a commit, or the rule it breaks.
    fn commit(&self, drafts: &[Draft]) -> Result<Model, &'static str> {
        if drafts
            .iter()
            .any(|draft| !BOOKS.iter().any(|code| unit(code) == draft.book))
        {
            return Err("UnknownBook");
        }
        let mut after = self.clone();
        after.commits += 1;
        let mut moving = BTreeMap::new();
        for draft in drafts {
            after.add(draft, &mut moving)?;
        }
        let targets = drafts
            .iter()
            .filter(|draft| !matches!(draft.kind, EntryKind::Close | EntryKind::Transfer));
        let mut targets = targets.flat_map(|draft| targets_of(&draft.register, &draft.body));
        match () {
            () if !moving.is_empty() => Err("HalfTransfer"),
            () if targets.any(|(to, id)| after.last(id).is_none_or(|line| line.register != to)) => {
                Err("NoTarget")
            }
            () if after.has_circle() => Err("Circle"),
            () => Ok(after),
        }
    }
}

fn id(value: &Option<Value>) -> Option<i64> {
    value.as_ref().and_then(Value::as_int)
}

fn identity(register: &str, body: &Record) -> Option<Vec<Value>> {
    let width = if register == "kinship" { 3 } else { 1 };
    body.iter().take(width).cloned().collect()
}

fn link(register: &str, body: &Record) -> Option<(i64, i64)> {
    (register == "kinship" && body[2] == text("child"))
        .then(|| Some((id(&body[0])?, id(&body[1])?)))?
}

fn targets_of(register: &str, body: &Record) -> Vec<(&'static str, i64)> {
    let named = match register {
        "person" => vec![("household", id(&body[2]))],
        "kinship" => vec![("person", id(&body[0])), ("person", id(&body[1]))],
        _ => vec![],
    };
    named
        .into_iter()
        .filter_map(|(to, id)| Some((to, id?)))
        .collect()
}

/// The raw material of a draft; what it means depends on the state it meets.
#[derive(Clone, Debug)]
struct Raw {
    kind: EntryKind,
    register: usize,
    pick: [usize; 3],
    key: u8,
    name: u8,
    /// Out of a hundred: how wrong the draft is.
    wrong: u8,
}

fn raw() -> impl Strategy<Value = Raw> {
    let kinds = prop_oneof![
        4 => Just(EntryKind::Open), 3 => Just(EntryKind::Change), 2 => Just(EntryKind::Correct),
        2 => Just(EntryKind::Close), 4 => Just(EntryKind::Transfer)
    ];
    (
        kinds,
        0..3usize,
        any::<[usize; 3]>(),
        0..6u8,
        0..3u8,
        0..100u8,
    )
        .prop_map(|(kind, register, pick, key, name, wrong)| Raw {
            kind,
            register,
            pick,
            key,
            name,
            wrong,
        })
}

/// A draft that fits the state, unless `wrong` says otherwise.
fn draft_of(raw: &Raw, state: &Model, moving: &BTreeMap<i64, Line>) -> Draft {
    let pick = |list: &[i64], n: usize| list.get(raw.pick[n] % list.len().max(1)).copied();
    let of = |register: &str| -> Vec<i64> {
        state
            .records()
            .into_iter()
            .filter(|record| {
                state
                    .last(*record)
                    .is_some_and(|line| line.register == register)
            })
            .collect()
    };
    let moved = moving
        .values()
        .next()
        .filter(|_| raw.kind == EntryKind::Transfer && raw.wrong != 1);
    let chosen = match raw.kind {
        EntryKind::Open => None,
        _ => moved.or_else(|| state.last(pick(&state.records(), 0)?)),
    };
    let register = chosen
        .map_or(REGISTERS[raw.register], |line| &line.register)
        .to_owned();
    let mut book = chosen.map_or(raw.pick[1] % 2, |line| line.book);
    let mut body = match (&*register, raw.kind, chosen) {
        (_, EntryKind::Close | EntryKind::Transfer, Some(line)) => line.body.clone(),
        ("person", ..) => {
            let home = pick(&of("household"), 2).filter(|_| raw.key.is_multiple_of(2));
            let key = if raw.key == 0 {
                None
            } else {
                text(&raw.key.to_string())
            };
            vec![
                key,
                text(["张三", "李四", "王五"][raw.name as usize]),
                home.and_then(number),
            ]
        }
        ("household", ..) => vec![text(&raw.key.to_string()), None],
        _ => {
            let people = of("person");
            let relation = if raw.name == 0 { "spouse" } else { "child" };
            let two = [pick(&people, 1), pick(&people, 2)].map(|id| number(id.unwrap_or(9)));
            vec![two[0].clone(), two[1].clone(), text(relation)]
        }
    };
    let mut record = chosen.map_or(state.next(book), |line| line.record);
    let mut expect = chosen
        .filter(|line| line.commit != state.commits || raw.key.is_multiple_of(2))
        .map(|line| line.seq);
    if let Some(line) = moved {
        (book, expect) = (1 - line.book, None);
    }
    match raw.wrong {
        2 => expect = Some(expect.unwrap_or(0) + 1),
        3 => expect = None,
        4 => record += 1,
        5 => book = 1 - book,
        6 => book = 2,
        7 if register == "person" => body[2] = number(1 << 32 | 99),
        8 if register != "kinship" => body[0] = text("other"),
        _ => {}
    }
    let book = BOOKS.get(book).copied().unwrap_or("210203001009");
    Draft {
        expect,
        ..draft(book, &register, RecordId(record), raw.kind, body)
    }
}

/// Drafts of one commit, each made for the state after those before it.
fn drafts_of(raws: &[Raw], state: &Model) -> Vec<Draft> {
    let mut trial = state.clone();
    trial.commits += 1;
    let mut moving = BTreeMap::new();
    let mut drafts = Vec::new();
    for raw in raws {
        let draft = draft_of(raw, &trial, &moving);
        let before = trial.clone();
        if trial.add(&draft, &mut moving).is_err() {
            trial = before;
        }
        drafts.push(draft);
    }
    // A record on its way arrives, most of the time.
    for line in moving.into_values().filter(|line| line.seq % 5 != 0) {
        drafts.push(draft(
            BOOKS[1 - line.book],
            &line.register,
            RecordId(line.record),
            EntryKind::Transfer,
            line.body,
        ));
    }
    drafts
}

/// The name of the rule an error stands for.
fn rule(error: &LedgerError) -> String {
    format!("{error:?}")
        .split([' ', '(', '{'])
        .next()
        .unwrap()
        .to_owned()
}

/// The ledger says the same of everything as the model.
async fn same_state(desk: &Desk, model: &Model) {
    for (n, code) in BOOKS.iter().enumerate() {
        let book = desk.book(code).await;
        assert_eq!(
            (book.seq, book.number << 32 | book.next_ordinal),
            (model.seq(n), model.next(n))
        );
        let entries = desk
            .ledger
            .entries(unit(code), None, 0, 1000)
            .await
            .unwrap();
        let lines: Vec<&Line> = model.lines.iter().filter(|line| line.book == n).collect();
        assert_eq!(entries.len(), lines.len());
        for (entry, line) in entries.iter().zip(lines) {
            let body = desk
                .ledger
                .pack()
                .register(&line.register)
                .unwrap()
                .encode(&line.body);
            let told = (
                entry.seq,
                entry.record.0,
                &*entry.register,
                entry.kind,
                &*entry.body,
            );
            assert_eq!(
                told,
                (line.seq, line.record, &*line.register, line.kind, &*body)
            );
        }
    }
    for record in model.records() {
        let lines: Vec<_> = model
            .lines
            .iter()
            .filter(|line| line.record == record)
            .collect();
        let register = &lines[0].register;
        let history = desk
            .ledger
            .history(register, RecordId(record))
            .await
            .unwrap();
        let places: Vec<_> = history
            .iter()
            .map(|entry| (entry.book, entry.seq))
            .collect();
        assert_eq!(
            places,
            lines
                .iter()
                .map(|line| (unit(BOOKS[line.book]), line.seq))
                .collect::<Vec<_>>()
        );
    }
    for line in &model.lines {
        let declared = desk.ledger.pack().register(&line.register).unwrap();
        let Some(key) = declared.identity_key(&line.body) else {
            continue;
        };
        let book = unit(BOOKS[line.book]);
        let found = desk
            .ledger
            .find(&line.register, book, &[key])
            .await
            .unwrap();
        let told = (found[0].as_ref()).map(|found| (found.record.0, found.seq, found.closed));
        let due = model.led_to(line);
        let due = due.map(|line| (line.record, line.seq, line.kind == EntryKind::Close));
        assert_eq!(told, due, "whom the identity of {line:?} leads to");
    }
    desk.assert_sound().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_the_model_does(commits in prop::collection::vec(prop::collection::vec(raw(), 1..6), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::new().await;
            let mut model = Model::default();
            for (n, raws) in commits.iter().enumerate() {
                let drafts = drafts_of(raws, &model);
                let expected = model.commit(&drafts);
                let outcome = desk.send(&n.to_string(), drafts.clone()).await;
                match (expected, outcome) {
                    (Ok(after), Ok(_)) => model = after,
                    (Err(expected), Err(error)) => assert_eq!(rule(&error), expected, "{drafts:#?}"),
                    (expected, outcome) => {
                        panic!("model {:?}, ledger {outcome:?}: {drafts:#?}", expected.map(|after| after.lines.len()))
                    }
                }
            }
            same_state(&desk, &model).await;
            desk.ledger.close().await;
        });
    }
}

/// The random commits are worth something: most kinds of outcome do occur.
#[test]
fn the_random_commits_reach_every_rule() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..60 {
        let commits = prop::collection::vec(prop::collection::vec(raw(), 1..6), 25)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let mut model = Model::default();
        for raws in commits {
            let outcome = model.commit(&drafts_of(&raws, &model));
            *outcomes
                .entry(outcome.as_ref().map_or_else(|rule| *rule, |_| "written"))
                .or_default() += 1;
            model = outcome.unwrap_or(model);
        }
    }
    for rule in [
        "written",
        "Stale",
        "Numbering",
        "Duplicate",
        "HalfTransfer",
        "NoRecord",
        "Elsewhere",
        "Closed",
        "CloseChanges",
        "UnknownBook",
        "NoTarget",
        "Circle",
    ] {
        assert!(
            outcomes.contains_key(rule),
            "{rule} never occurs: {outcomes:?}"
        );
    }
    assert!(outcomes["written"] > 300, "{outcomes:?}");
}
