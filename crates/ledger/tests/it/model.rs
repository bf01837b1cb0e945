//! The ledger against a naive model of it: random commits and undos, sound and unsound, must have the same outcome, and leave the
//! same state, as a list of lines that is searched from end to end.

use crate::common::*;
use kernel::{EntryKind, RecordId};
use ledger::{Commit, Draft, Position, SayDraft, SayId, Target};

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const BOOKS: [&str; 2] = [FIRST, SECOND];
const PERSON: &str = "person";
const HOME: &str = "household";

/// One entry, as the model keeps it.
#[derive(Clone, Debug)]
struct Line {
    at: Position,
    commit: i64,
    say: i64,
    record: i64,
    register: &'static str,
    kind: EntryKind,
    key: Option<String>,
    /// All that a record must have.
    whole: bool,
    refers: Option<i64>,
    /// The book an arriving half comes to.
    arrives: bool,
}

#[derive(Clone, Debug, Default)]
struct Model {
    lines: Vec<Line>,
    /// Commits with a say of their own, and those that undo.
    saying: BTreeSet<i64>,
    undoes: BTreeMap<i64, i64>,
    rolls: Vec<(i64, i64, u64, Position)>,
    last: i64,
    records: i64,
    /// The last record before the commit: only those up to it can be named.
    old: i64,
    seqs: [i64; 2],
}

impl Model {
    fn undone(&self, commit: i64) -> bool {
        self.undoes.values().any(|undone| *undone == commit)
    }

    fn counts(&self, line: &Line) -> bool {
        !self.undone(line.commit) && !self.undone(line.say)
    }

    fn about(&self, record: i64) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.record == record)
    }

    fn register(&self, record: i64) -> Option<&'static str> {
        self.about(record).next().map(|line| line.register)
    }

    fn known(&self, record: i64) -> Option<&'static str> {
        self.register(record).filter(|_| record <= self.old)
    }

    /// Whether a word stands by itself, or by a list that says at least these fields of it again.
    fn upheld(&self, line: &Line, fields: u64) -> bool {
        let again = |(commit, say, mask, at): &(i64, i64, u64, Position)| {
            *at == line.at && !self.undone(*commit) && !self.undone(*say) && fields & !mask == 0
        };
        is_word(line) && (self.counts(line) || self.rolls.iter().any(again))
    }

    fn stands(&self, record: i64) -> bool {
        self.about(record).any(|line| self.upheld(line, 0))
    }

    /// Whether a standing word says all a record must have.
    fn supported(&self, record: i64) -> bool {
        let required = |line: &Line| {
            if line.register == PERSON {
                0b010
            } else {
                0b001
            }
        };
        self.about(record)
            .any(|line| line.whole && self.upheld(line, required(line)))
    }

    fn book(&self, record: i64) -> i64 {
        let mut lines = self.about(record);
        let first = lines.next().map_or(0, |line| line.at.book);
        let moves = lines.filter(|line| line.arrives && self.counts(line));
        moves.last().map_or(first, |line| line.at.book)
    }

    fn merged(&self, record: i64) -> Option<i64> {
        let merges = self
            .about(record)
            .filter(|line| line.kind == EntryKind::Merge);
        merges
            .filter(|line| self.counts(line))
            .last()
            .and_then(|line| line.refers)
    }

    fn stays(&self, record: i64) -> i64 {
        self.merged(record).map_or(record, |into| self.stays(into))
    }

    /// Whether a record was ever given a key, where it is unique.
    fn has_key(&self, record: i64, scope: i64, key: &str) -> bool {
        let mut keys: BTreeSet<(i64, &str)> = BTreeSet::new();
        for line in self.about(record) {
            let everywhere = line.register == PERSON;
            if line.arrives && !everywhere {
                let moved: Vec<_> = keys.iter().map(|(_, key)| (line.at.book, *key)).collect();
                keys.extend(moved);
            }
            let scope = if everywhere { 0 } else { line.at.book };
            keys.extend(line.key.as_deref().map(|key| (scope, key)));
        }
        keys.contains(&(scope, key))
    }

    /// The records that were ever given a key, doubles as themselves.
    fn given(&self, register: &str, book: i64, key: &str) -> Vec<i64> {
        let scope = if register == PERSON { 0 } else { book };
        let own = |record: &i64| self.register(*record) == Some(register);
        let given = (1..=self.records)
            .filter(own)
            .filter(|record| self.has_key(*record, scope, key));
        given.collect()
    }

    /// Who was ever given a key.
    fn find(&self, register: &str, book: i64, key: &str) -> Vec<i64> {
        let given = self.given(register, book, key).into_iter();
        let stay: BTreeSet<i64> = given.map(|record| self.stays(record)).collect();
        stay.into_iter().collect()
    }

    fn append(&mut self, line: Line) {
        let seq = &mut self.seqs[line.at.book as usize - 1];
        *seq += 1;
        let at = Position {
            seq: *seq,
            ..line.at
        };
        self.lines.push(Line { at, ..line });
    }

    /// The record that a draft opens, or nothing if it may not.
    fn open(
        &mut self,
        register: &'static str,
        book: i64,
        key: Option<&str>,
        own: &BTreeSet<i64>,
    ) -> Option<i64> {
        let found = key
            .map(|key| self.find(register, book, key))
            .unwrap_or_default();
        let held =
            |record: &&i64| register == HOME || self.stands(**record) || own.contains(*record);
        let record = match (found.iter().find(held), found.first()) {
            (Some(_), _) if register == PERSON => return None,
            (Some(held), _) => *held,
            (None, Some(idle)) => *idle,
            (None, None) => self.records + 1,
        };
        self.records = self.records.max(record);
        Some(record)
    }

    /// Adds what an operation does, or nothing if it is refused.
    fn apply(&mut self, op: &Op) -> Option<Vec<i64>> {
        self.last += 1;
        self.old = self.records;
        match op {
            Op::Undo(which) => self
                .undo(1 + i64::from(*which) % (self.last - 1))
                .map(|()| Vec::new()),
            Op::Write {
                drafts,
                rolls,
                mask,
                more,
            } => {
                let say = match more {
                    None => {
                        self.saying.insert(self.last);
                        self.last
                    }
                    Some(which) => 1 + i64::from(*which) % (self.last - 1),
                };
                if !self.saying.contains(&say) || self.undone(say) {
                    return None;
                }
                let words: BTreeSet<Position> =
                    rolls.iter().filter_map(|which| self.word(*which)).collect();
                if drafts.is_empty() && words.is_empty() && more.is_some() {
                    return None;
                }
                let (commit, mask) = (self.last, u64::from(*mask));
                self.rolls
                    .extend(words.into_iter().map(|at| (commit, say, mask, at)));
                let mut own = BTreeSet::new();
                let mut opened = Vec::new();
                for draft in drafts {
                    opened.extend(self.draft(draft, say, &mut own)?);
                }
                Some(opened)
            }
        }
    }

    fn word(&self, which: u8) -> Option<Position> {
        let at = usize::from(which) % self.lines.len().max(1);
        self.lines.get(at).map(|line| line.at)
    }

    fn draft(&mut self, draft: &Does, say: i64, own: &mut BTreeSet<i64>) -> Option<Option<i64>> {
        let (register, record, kind) = match draft {
            Does::Person { .. } => (PERSON, 0, EntryKind::Open),
            Does::Home { .. } => (HOME, 0, EntryKind::Open),
            Does::Say { record, .. } => (PERSON, *record, EntryKind::Change),
            Does::Close(record) => (PERSON, *record, EntryKind::Close),
            Does::Move { record, home, .. } => (kind_of(*home), *record, EntryKind::Transfer),
            Does::Merge { double, .. } => (PERSON, *double, EntryKind::Merge),
            Does::Number { home, .. } => (HOME, *home, EntryKind::Change),
        };
        let mut line = Line {
            at: Position { book: 1, seq: 0 },
            commit: self.last,
            say,
            record: i64::from(record),
            register,
            kind,
            key: None,
            whole: false,
            refers: None,
            arrives: false,
        };
        let mut opened = None;
        match draft {
            Does::Person { book, key } => {
                line.at.book = i64::from(*book) + 1;
                line.key = key.map(key_of);
                line.whole = true;
            }
            Does::Home { book, number } => {
                line.at.book = i64::from(*book) + 1;
                line.key = Some(key_of(*number));
                line.whole = true;
            }
            Does::Say {
                key, name, home, ..
            } => {
                line.key = key.map(key_of);
                line.whole = *name;
                line.refers = home.map(i64::from);
            }
            Does::Merge { kept, .. } => line.refers = Some(i64::from(*kept)),
            Does::Number { number, .. } => {
                line.key = Some(key_of(*number));
                line.whole = true;
            }
            Does::Close(_) | Does::Move { .. } => {}
        }
        if kind == EntryKind::Open {
            line.record = self.open(register, line.at.book, line.key.as_deref(), own)?;
            own.insert(line.record);
            opened = Some(line.record);
        } else if self.known(line.record) != Some(register) {
            return None;
        }
        if self.register(line.record).is_some() {
            line.at.book = self.book(line.record);
        }
        let target = if kind == EntryKind::Merge {
            PERSON
        } else {
            HOME
        };
        if line
            .refers
            .is_some_and(|refers| self.known(refers) != Some(target))
        {
            return None;
        }
        if kind == EntryKind::Merge
            && (self.merged(line.record).is_some() || self.stays(line.refers?) == line.record)
        {
            return None;
        }
        if let Does::Number { .. } = draft
            && !self.has_key(line.record, line.at.book, line.key.as_deref()?)
        {
            return None;
        }
        let Does::Move { book, .. } = draft else {
            self.append(line);
            return Some(opened);
        };
        let to = i64::from(*book) + 1;
        if to != line.at.book {
            self.append(line.clone());
            self.append(Line {
                at: Position { book: to, seq: 0 },
                arrives: true,
                ..line
            });
        }
        Some(opened)
    }

    fn undo(&mut self, commit: i64) -> Option<()> {
        // The first two opened the books.
        if commit <= 2 || self.undoes.contains_key(&commit) || self.undone(commit) {
            return None;
        }
        let taken = |line: &Line| line.commit == commit || line.say == commit;
        let opens = |line: &&Line| taken(line) && self.counts(line) && line.kind == EntryKind::Open;
        let opened: BTreeSet<i64> = self
            .lines
            .iter()
            .filter(opens)
            .map(|line| line.record)
            .collect();
        self.undoes.insert(self.last, commit);
        let rests = |record: i64| {
            let on = |line: &Line| line.record == record || line.refers == Some(record);
            self.lines.iter().any(|line| on(line) && self.counts(line))
        };
        if opened
            .iter()
            .any(|record| rests(*record) && !self.supported(*record))
        {
            return None;
        }
        let books: BTreeSet<i64> = self
            .lines
            .iter()
            .filter(|line| line.commit == commit)
            .map(|line| line.at.book)
            .collect();
        for book in books {
            self.seqs[book as usize - 1] += 1;
        }
        Some(())
    }
}

fn is_word(line: &Line) -> bool {
    matches!(
        line.kind,
        EntryKind::Open | EntryKind::Change | EntryKind::Correct
    )
}

fn kind_of(home: bool) -> &'static str {
    if home { HOME } else { PERSON }
}

fn key_of(n: u8) -> String {
    format!("K{n}")
}

#[derive(Clone, Debug)]
enum Does {
    Person {
        book: u8,
        key: Option<u8>,
    },
    Home {
        book: u8,
        number: u8,
    },
    Say {
        record: u8,
        key: Option<u8>,
        name: bool,
        home: Option<u8>,
    },
    Close(u8),
    Move {
        record: u8,
        home: bool,
        book: u8,
    },
    Merge {
        double: u8,
        kept: u8,
    },
    Number {
        home: u8,
        number: u8,
    },
}

#[derive(Clone, Debug)]
enum Op {
    Write {
        drafts: Vec<Does>,
        rolls: Vec<u8>,
        mask: u8,
        more: Option<u8>,
    },
    Undo(u8),
}

fn does() -> impl Strategy<Value = Does> {
    let record = || 1..8_u8;
    prop_oneof![
        4 => (0..2_u8, prop::option::of(0..3_u8)).prop_map(|(book, key)| Does::Person { book, key }),
        2 => (0..2_u8, 0..2_u8).prop_map(|(book, number)| Does::Home { book, number }),
        4 => (record(), prop::option::of(0..3_u8), any::<bool>(), prop::option::of(record()))
            .prop_map(|(record, key, name, home)| Does::Say { record, key, name, home }),
        1 => record().prop_map(Does::Close),
        2 => (record(), any::<bool>(), 0..2_u8).prop_map(|(record, home, book)| Does::Move { record, home, book }),
        2 => (record(), record()).prop_map(|(double, kept)| Does::Merge { double, kept }),
        1 => (record(), 0..2_u8).prop_map(|(home, number)| Does::Number { home, number }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let write = (
        prop::collection::vec(does(), 0..4),
        prop::collection::vec(any::<u8>(), 0..3),
        0..8_u8,
        prop::option::weighted(0.2, any::<u8>()),
    );
    prop_oneof![
        5 => write.prop_map(|(drafts, rolls, mask, more)| Op::Write { drafts, rolls, mask, more }),
        3 => any::<u8>().prop_map(Op::Undo),
    ]
}

fn drafted(does: &Does, new: u32) -> Draft {
    let about = |register: &str, record: u8, kind| {
        known(register, RecordId(record.into()), kind, Vec::new())
    };
    match does {
        Does::Person { book, key } => {
            let id = key.map(key_of).unwrap_or_default();
            open(BOOKS[usize::from(*book)], PERSON, new, person(&id, "张三"))
        }
        Does::Home { book, number } => open(
            BOOKS[usize::from(*book)],
            HOME,
            new,
            household(&key_of(*number)),
        ),
        Does::Say {
            record,
            key,
            name,
            home,
        } => {
            let values = vec![
                key.map(key_of).and_then(|key| text(&key)),
                text("李四").filter(|_| *name),
                home.and_then(|home| number(home.into())),
            ];
            change(PERSON, RecordId((*record).into()), values)
        }
        Does::Close(record) => about(PERSON, *record, EntryKind::Close),
        Does::Move { record, home, book } => Draft {
            book: unit(BOOKS[usize::from(*book)]),
            ..about(kind_of(*home), *record, EntryKind::Transfer)
        },
        Does::Merge { double, kept } => Draft {
            into: Some(RecordId((*kept).into())),
            ..about(PERSON, *double, EntryKind::Merge)
        },
        Does::Number { home, number } => {
            change(HOME, RecordId((*home).into()), household(&key_of(*number)))
        }
    }
}

/// Sends the operation; gives the numbers of what it opened, or nothing if it was refused.
async fn send(desk: &Desk, model: &Model, op: &Op) -> Option<Vec<i64>> {
    let number = model.last;
    let before = desk.ledger.heads().await.unwrap();
    let done = match op {
        Op::Undo(which) => desk.undo(1 + i64::from(*which) % number).await,
        Op::Write {
            drafts,
            rolls,
            mask,
            more,
        } => {
            let words: BTreeSet<Position> = rolls
                .iter()
                .filter_map(|which| model.word(*which))
                .collect();
            let words: Vec<Position> = words.into_iter().collect();
            let mut new = 0;
            let mut entries = Vec::new();
            for does in drafts {
                let draft = drafted(does, new);
                new += u32::from(matches!(draft.record, Target::New(_)));
                entries.push(draft);
            }
            let say = match more {
                None => crate::common::desk(FIRST),
                Some(which) => SayDraft::More(SayId {
                    commit: 1 + i64::from(*which) % number,
                    nth: 0,
                }),
            };
            let sent = Commit {
                says: vec![say],
                rolls: if words.is_empty() {
                    Vec::new()
                } else {
                    vec![roll((*mask).into(), &words)]
                },
                ..commit(&format!("{number}"), entries)
            };
            desk.ledger.commit(sent).await
        }
    };
    match done {
        Ok(receipt) => Some(receipt.opened.iter().map(|record| record.0).collect()),
        Err(error) => {
            told(&error);
            assert_eq!(desk.ledger.heads().await.unwrap(), before);
            None
        }
    }
}

async fn assert_same(desk: &Desk, model: &Model) {
    for (book, code) in BOOKS.iter().enumerate() {
        assert_eq!(desk.book(code).await.seq, model.seqs[book]);
    }
    for record in 1..=model.records {
        let register = model.register(record).unwrap();
        let found = desk.get(register, RecordId(record)).await.unwrap();
        let book = model.book(record) as usize - 1;
        assert_eq!(found.book, unit(BOOKS[book]), "record {record}");
        let history = desk
            .ledger
            .history(register, RecordId(record))
            .await
            .unwrap();
        let told: Vec<_> = history.iter().map(|entry| (entry.at, entry.kind)).collect();
        let lines: Vec<_> = model
            .about(record)
            .map(|line| (line.at, line.kind))
            .collect();
        assert_eq!(told, lines, "record {record}");
    }
    for (register, book, key) in [PERSON, HOME]
        .into_iter()
        .flat_map(|register| [1, 2].map(move |book| (register, book)))
        .flat_map(|(register, book)| [0, 1, 2].map(move |key| (register, book, key_of(key))))
    {
        let found = desk.find(register, BOOKS[book as usize - 1], &key).await;
        let found: Vec<i64> = found.into_iter().map(|record| record.0).collect();
        assert_eq!(
            found,
            model.given(register, book, &key),
            "{register} {book} {key}"
        );
    }
    desk.assert_sound().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_the_model_does(ops in prop::collection::vec(op(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::in_memory().await;
            let mut model = Model {
                last: 2,
                ..Model::default()
            };
            for op in &ops {
                let mut next = model.clone();
                let expected = next.apply(op);
                let done = send(&desk, &model, op).await;
                prop_assert_eq!(&done, &expected, "{:?}", op);
                if done.is_some() {
                    model = next;
                    assert_same(&desk, &model).await;
                }
            }
            Ok(())
        })?;
    }
}
