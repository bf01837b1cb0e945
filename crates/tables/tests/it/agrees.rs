//! The columns of a day and the fold of one record are two ways to the same state: random histories must give the same by both,
//! and in any order.

use kernel::{EntryKind, RecordId};
use ledger::{Algorithm, Ledger, Target, Whole};
use pack::{FieldSet, Said, Value};
use proptest::prelude::*;
use tables::{AsOf, Page, Tables};

use crate::little::{Writing, at, books, day, grant, pack, text, unit};

/// One thing that is done.
#[derive(Clone, Debug)]
enum Deed {
    /// A list of a unit: who is on it and with which address and marriage.
    List {
        sender: bool,
        of: usize,
        on: i64,
        whole: bool,
        people: Vec<(usize, usize, bool, bool)>,
    },
    /// The desk says something of somebody.
    Desk {
        of: usize,
        on: i64,
        person: usize,
        value: usize,
        correct: bool,
    },
    /// The desk says that somebody lives in a unit, at an address.
    Move {
        of: usize,
        on: i64,
        person: usize,
        value: usize,
        living: bool,
    },
    /// Takes a commit back.
    Undo(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let row = (0_usize..5, 0_usize..3, any::<bool>(), any::<bool>());
    prop_oneof![
        6 => (any::<bool>(), 1_usize..4, 0_i64..12, any::<bool>(), prop::collection::vec(row, 0..5)).prop_map(
            |(sender, of, on, whole, people)| Deed::List { sender, of, on, whole, people }
        ),
        2 => (1_usize..4, 0_i64..12, 0_usize..5, 0_usize..3, any::<bool>())
            .prop_map(|(of, on, person, value, correct)| Deed::Desk { of, on, person, value, correct }),
        2 => (1_usize..4, 0_i64..12, 0_usize..5, 0_usize..3, any::<bool>())
            .prop_map(|(of, on, person, value, living)| Deed::Move { of, on, person, value, living }),
        1 => (0_usize..8).prop_map(Deed::Undo),
    ]
}

async fn carry_out(tables: &Tables, nth: usize, deed: &Deed) -> Option<i64> {
    let ledger = tables.ledger();
    let standing = tables.snapshot().await.unwrap();
    let known = async |person: usize| {
        let key = format!("n{person}");
        let found = ledger.find("person", unit(1), &[key]).await.unwrap();
        found[0].first().map(|found| found.record)
    };
    let mut writing = Writing::new(format!("{nth}"));
    match deed {
        Deed::Undo(commit) => {
            let commit = i64::try_from(*commit).unwrap();
            let undone = ledger.undo(commit, at(), &grant()).await;
            return undone.ok().map(|receipt| receipt.commit);
        }
        Deed::Desk {
            of,
            on,
            person,
            value,
            correct,
        } => {
            let person = known(*person).await?;
            let say = writing.desk(*of, *on);
            let kind = match correct {
                true => EntryKind::Correct,
                false => EntryKind::Change,
            };
            let said = Said::of(vec![None, None, text(&format!("m{value}"))]);
            writing.tells(say, person.0, kind, said);
        }
        Deed::Move {
            of,
            on,
            person,
            value,
            living,
        } => {
            let person = known(*person).await?;
            let say = writing.desk(*of, *on);
            let living = Some(Value::Bool(*living));
            let address = text(&format!("a{value}"));
            let person = Target::Known(person);
            writing.home(say, person, *of, [None, living, address]);
        }
        Deed::List {
            sender,
            of,
            on,
            whole,
            people,
        } => {
            let sender = if *sender { "police" } else { "health" };
            let whole = if *whole { Whole::Whole } else { Whole::Part };
            let say = writing.list(sender, *of, *on, whole);
            let mut seen = Vec::new();
            for (person, value, registered, living) in people {
                if seen.contains(person) {
                    continue;
                }
                seen.push(*person);
                let name = format!("p{person}v{}", value % 2);
                let target = match known(*person).await {
                    None => writing.person(say, &format!("n{person}"), &name),
                    Some(record) => {
                        let people = standing.shelf("person").unwrap();
                        let wanted = text(&name);
                        let same = people.words(record).find(|word| word.value(1) == wanted);
                        match same.map(|word| word.at()) {
                            Some(at) => writing.again(say, FieldSet(0b11), vec![at]),
                            None => {
                                let said =
                                    Said::of(vec![text(&format!("n{person}")), wanted, None]);
                                writing.tells(say, record.0, EntryKind::Change, said);
                            }
                        }
                        Target::Known(record)
                    }
                };
                let yes = |is: &bool| Some(Value::Bool(*is));
                let address = text(&format!("a{value}"));
                writing.home(say, target, *of, [yes(registered), yes(living), address]);
            }
        }
    }
    let written = writing.write(ledger).await;
    Some(
        written
            .unwrap_or_else(|error| panic!("{deed:?}: {error}"))
            .commit,
    )
}

/// Both ways to the state of every register on every day.
async fn agrees(tables: &Tables, deeds: &[Deed]) {
    let standing = tables.snapshot().await.unwrap();
    for on in [-1, 4, 40].map(day) {
        let session = tables.evaluation(AsOf::on(on), "test", at()).await.unwrap();
        for register in &tables.pack().registers {
            let page = Page {
                offset: 0,
                limit: 1_000,
            };
            let sql = format!("select * from {}", register.id);
            let rows = session.rows(&sql, page).await.unwrap();
            let leading = tables::schema::leading(register);
            let by_columns: Vec<(i64, Vec<Option<String>>)> = rows
                .rows
                .into_iter()
                .map(|row| {
                    (
                        row[0].as_deref().unwrap().parse().unwrap(),
                        row[leading..].to_vec(),
                    )
                })
                .collect();
            let by_fold: Vec<(i64, Vec<Option<String>>)> = standing
                .records(&register.id)
                .into_iter()
                .filter_map(|record| {
                    let values = standing.record(&register.id, record, on)?;
                    let texts = values
                        .iter()
                        .map(|value| value.as_ref().map(ToString::to_string));
                    Some((record.0, texts.collect()))
                })
                .collect();
            if register.home.is_none() {
                assert_eq!(by_columns, by_fold, "{} on {on}: {deeds:#?}", register.id);
                continue;
            }
            // Of homes each person is counted in one, and is registered and lives in one at most.
            let sql = "select person, sum(case when counted then 1 else 0 end), sum(case when registered then 1 else 0 end), \
                       sum(case when living then 1 else 0 end) from home group by person";
            for row in session.rows(sql, page).await.unwrap().rows {
                assert_eq!(
                    row[1].as_deref(),
                    Some("1"),
                    "counted once on {on}: {deeds:#?}"
                );
                for at in [2, 3] {
                    assert!(
                        matches!(row[at].as_deref(), Some("0" | "1")),
                        "on {on}: {deeds:#?}"
                    );
                }
            }
        }
        // Whoever has a home is counted in one unit, and parts add up.
        let people = session
            .count("select distinct person from home")
            .await
            .unwrap();
        let counted = session
            .count("select * from home where counted")
            .await
            .unwrap();
        assert_eq!(people, counted);
    }
}

fn run(deeds: &[Deed]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = Ledger::in_memory(pack(), Algorithm::Sha256);
        books(&ledger).await;
        let tables = Tables::new(ledger.clone(), pack(), None);
        for (nth, deed) in deeds.iter().enumerate() {
            carry_out(&tables, nth, deed).await;
            // Read all at once, it is the same as made of what stood before.
            let anew = Tables::new(ledger.clone(), pack(), None);
            assert_eq!(
                everything(&tables).await,
                everything(&anew).await,
                "after {nth} of {deeds:#?}"
            );
        }
        agrees(&tables, deeds).await;
    });
}

/// All that tables tell of some days, and of each record.
async fn everything(tables: &Tables) -> Vec<String> {
    let mut told = Vec::new();
    let page = Page {
        offset: 0,
        limit: 1_000,
    };
    for on in [-1, 4, 40].map(day) {
        let session = tables.evaluation(AsOf::on(on), "test", at()).await.unwrap();
        for register in &tables.pack().registers {
            let sql = format!("select * from {}", register.id);
            let rows = session.rows(&sql, page).await.unwrap();
            told.push(format!("{on} {}: {rows:?}", register.id));
        }
    }
    let standing = tables.snapshot().await.unwrap();
    for register in &tables.pack().registers {
        let shelf = standing.shelf(&register.id).unwrap();
        for record in standing.records(&register.id) {
            let words = shelf.words(record);
            let words: Vec<_> = words.map(|word| (word.at(), word.spoken())).collect();
            let stands = shelf.record(record, day(4)).map(|stands| stands.whole());
            let (kept, unit) = (shelf.kept_in(record), standing.whose_is(record, day(4)));
            told.push(format!(
                "{} {record}: {words:?} {stands:?} {kept:?} {unit:?}",
                register.id
            ));
        }
    }
    told.push(format!("{:?} {:?}", standing.contests(), standing.unread()));
    told
}

/// How many histories are tried; more when asked for.
fn cases() -> u32 {
    let asked = std::env::var("TABLES_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]
    #[test]
    fn columns_and_records_agree(deeds in prop::collection::vec(deed(), 1..9)) {
        run(&deeds);
    }
}

#[tokio::test]
async fn an_earlier_commit_is_seen_as_it_was_known_then() {
    let ledger = Ledger::in_memory(pack(), Algorithm::Sha256);
    books(&ledger).await;
    let tables = Tables::new(ledger.clone(), pack(), None);
    let mut first = Writing::new("first");
    let say = first.list("police", 1, 1, Whole::Whole);
    first.person(say, "n1", "甲");
    let first = first.write(&ledger).await.unwrap();
    let person = first.opened[0];
    let mut second = Writing::new("second");
    let say = second.list("police", 1, 2, Whole::Whole);
    second.tells(
        say,
        person.0,
        EntryKind::Change,
        Said::of(vec![None, text("乙"), None]),
    );
    let second = second.write(&ledger).await.unwrap();
    let name = async |known: Option<i64>| {
        let as_of = AsOf { on: day(5), known };
        let session = tables.evaluation(as_of, "test", at()).await.unwrap();
        let page = Page {
            offset: 0,
            limit: 9,
        };
        session
            .rows("select name from person", page)
            .await
            .unwrap()
            .rows[0][0]
            .clone()
    };
    assert_eq!(name(None).await.as_deref(), Some("乙"));
    assert_eq!(name(Some(first.commit)).await.as_deref(), Some("甲"));
    ledger.undo(second.commit, at(), &grant()).await.unwrap();
    assert_eq!(name(None).await.as_deref(), Some("甲"));
    assert_eq!(name(Some(second.commit)).await.as_deref(), Some("乙"));
    assert_eq!(RecordId(1), person);
}

#[tokio::test]
async fn it_is_told_which_records_a_commit_concerns() {
    let ledger = Ledger::in_memory(pack(), Algorithm::Sha256);
    books(&ledger).await;
    let tables = Tables::new(ledger.clone(), pack(), None);
    let mut list = Writing::new("list");
    let say = list.list("police", 1, 1, Whole::Whole);
    for nth in 0..3 {
        let person = list.person(say, &format!("n{nth}"), "甲");
        list.home(say, person, 1, [Some(Value::Bool(true)), None, None]);
    }
    let list = list.write(&ledger).await.unwrap();
    let person = |nth: usize| list.opened[2 * nth];
    let mut desk = Writing::new("desk");
    let say = desk.desk(1, 5);
    let said = || Said::of(vec![None, None, text("已婚")]);
    desk.tells(say, person(0).0, EntryKind::Change, said());
    let known = tables.snapshot().await.unwrap().commit();
    desk.write(&ledger).await.unwrap();
    // A voice that wasn't heard before.
    let standing = tables.snapshot().await.unwrap();
    assert_eq!(standing.touched_since(known), None);
    let known = standing.commit();
    let touched = async |since: i64| {
        let standing = tables.snapshot().await.unwrap();
        let touched = standing.touched_since(since)?;
        let each = touched.iter().map(|(register, records)| {
            let records: Vec<RecordId> = records.iter().copied().map(RecordId).collect();
            (register.to_owned(), records)
        });
        Some(each.collect::<Vec<_>>())
    };
    let mut again = Writing::new("again");
    let say = again.desk(1, 5);
    again.tells(say, person(1).0, EntryKind::Change, said());
    let again = again.write(&ledger).await.unwrap();
    let people = |nth: &[usize]| {
        (
            "person".to_owned(),
            nth.iter().map(|n| person(*n)).collect(),
        )
    };
    assert_eq!(touched(known).await, Some(vec![people(&[1])]));
    let mut moved = Writing::new("moved");
    let say = moved.desk(1, 5);
    let home = moved.home(
        say,
        Target::Known(person(2)),
        2,
        [None, Some(Value::Bool(true)), None],
    );
    home.from = Some(day(5));
    let moved = moved.write(&ledger).await.unwrap();
    // Who moves, both homes, and with those before, who was married.
    let homes = ("home".to_owned(), vec![list.opened[5], moved.opened[0]]);
    assert_eq!(
        touched(known).await,
        Some(vec![homes.clone(), people(&[1, 2])])
    );
    let commit = moved.commit;
    assert_eq!(touched(again.commit).await, Some(vec![homes, people(&[2])]));
    assert_eq!(touched(commit).await, Some(Vec::new()));
    ledger.undo(again.commit, at(), &grant()).await.unwrap();
    assert_eq!(touched(commit).await, Some(vec![people(&[1])]));
    ledger.undo(list.commit, at(), &grant()).await.unwrap_err();
    let mut part = Writing::new("part");
    part.list("police", 1, 9, Whole::Whole);
    part.write(&ledger).await.unwrap();
    assert_eq!(touched(commit).await, None);
}
