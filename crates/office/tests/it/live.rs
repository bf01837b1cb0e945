//! What an office keeps (lists, figures with their groups and rows, doubts, the index) after each thing made known is what another would work out anew from the same ledger.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use kernel::{Grant, Period, RecordId};
use ledger::Access;
use office::{ActForm, ActRow, Among, Leads, ListAsked, Office, Part, Standing, View};
use pack::{Action, FieldType, InputGives};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use tables::{DayRows, Tables};

use crate::readers::{ON, PEOPLE, ROOT, now, office, tables_of_street, unit};

/// How many things are made known; more when asked for.
fn deeds() -> u64 {
    let asked = std::env::var("LIVE_DEEDS").ok();
    asked.and_then(|deeds| deeds.parse().ok()).unwrap_or(12)
}

struct Dice(ChaCha20Rng);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_of<'t, T>(&mut self, some: &'t [T]) -> &'t T {
        &some[self.below(some.len())]
    }
}

/// Something for each input that suits its type, people at random.
fn row(view: &View, action: &Action, people: &[RecordId], dice: &mut Dice) -> ActRow {
    let mut row = ActRow::default();
    for input in &action.inputs {
        if !input.required && dice.below(3) == 0 {
            continue;
        }
        let columns = match input.gives {
            InputGives::Value(column) => column..column + 1,
            InputGives::Record { .. } if action.register_of(input) == Some("person") => {
                row.records.insert(input.id.clone(), *dice.one_of(people));
                continue;
            }
            InputGives::Record {
                column, columns, ..
            } => column..column + columns,
        };
        for column in &action.roster.columns[columns] {
            let text = match &column.kind {
                FieldType::Code(list) => {
                    let members = &view.office.pack.code(list).unwrap().members;
                    dice.one_of(members).name.zh.clone()
                }
                FieldType::Date => {
                    let days = ["2025-03-08", "2024-12-05", "2025-11-30", "1990-01-01"];
                    (*dice.one_of(&days)).to_owned()
                }
                FieldType::Bool => (*dice.one_of(&["是", "否"])).to_owned(),
                FieldType::Fen => "590".to_owned(),
                FieldType::Int => (1 + dice.below(4)).to_string(),
                FieldType::Phone => format!("1380000{:04}", dice.below(10_000)),
                FieldType::IdNumber => continue,
                _ => format!("{}{}", column.name.zh, dice.below(50)),
            };
            row.values.insert(column.id.clone(), text.into());
        }
    }
    row
}

/// Everybody of the street.
async fn people(view: &View) -> Vec<RecordId> {
    let part = Part {
        offset: 0,
        limit: 1,
    };
    let mut people = Vec::new();
    for (which, nth) in (0..2).flat_map(|which| (0..PEOPLE).map(move |nth| (which, nth))) {
        let name = testhouse::name(which, nth);
        let found = view.find(&name, ON, Among::People, part).await.unwrap();
        people.extend(found.hits.iter().filter_map(|hit| match hit.leads {
            Leads::Person(person) => Some(person),
            _ => None,
        }));
    }
    people
}

/// Figures of the year and of the one before, what checks find, and who is found how.
async fn others(view: &View) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let part = Part {
        offset: 0,
        limit: 100,
    };
    for period in [
        Period::Year(2025),
        Period::Year(2024),
        "2025-03".parse().unwrap(),
    ] {
        let sheet = view.board(period, unit(ROOT)).await.unwrap();
        // Every fifth of some hundreds: each is counted by one way.
        for indicator in view.office.pack.indicators.iter().step_by(5) {
            let figure = sheet.figure(&indicator.id).await.unwrap();
            let mut all = format!("{figure:?}");
            for group in sheet.by(&indicator.id, &indicator.by).await.unwrap() {
                all += &format!("\n{group:?}");
            }
            for list in sheet.behind(&indicator.id, &[]).await.unwrap() {
                let of = (list.indicator.as_str(), list.before);
                let rows = sheet.rows(&indicator.id, of, &[], part).await.unwrap();
                all += &format!("\n{list:?}\n{:?}", rows.rows);
            }
            told.insert(format!("{} {period}", indicator.id), all);
        }
    }
    let doubts = view.doubts(ON, None).await.unwrap();
    told.insert("doubts".to_owned(), format!("{:?}", doubts.found));
    for typed in ["王", "13800", "1380000", "户", "姓名1", "地址2"] {
        let hits = view.find(typed, ON, Among::Everything, part).await.unwrap();
        told.insert(typed.to_owned(), format!("{hits:?}"));
    }
    told
}

/// All lists and how many stand on each.
async fn lists(view: &View) -> BTreeMap<String, String> {
    let mut told = others(view).await;
    let tallies = view.tallies(ON, None).await.unwrap();
    for (programme, tally) in tallies {
        let mut lists = format!("{tally:?}");
        let declared = view.office.pack.programme(&programme).unwrap();
        for standing in Standing::of(declared) {
            let standing = *standing;
            let asked = ListAsked::of(&programme, standing);
            let list = view.list(ON, &asked, (1, 1_000)).await.unwrap();
            lists += &format!("\n{} {standing:?} {:?}", list.total, list.rows);
        }
        told.insert(programme, lists);
    }
    told
}

async fn at_desk(office: &Office) -> View {
    office.view(Some("主任"), "test").await.unwrap()
}

/// On a day that nobody keeps, rows looked up one by one are those of the whole day.
async fn rows_are_looked_up(tables: &Tables) {
    let on = date(2025, 3, 31);
    let standing = tables.snapshot().await.unwrap();
    let whole = Grant::whole("主任", unit(ROOT), "test");
    let name = "test".to_owned();
    let admitted = tables
        .ledger()
        .admit(whole, now(), Access::Command { name })
        .await
        .unwrap();
    let all = tables.rows_of(&admitted, &standing, on).unwrap();
    let lone = tables.looked_up_rows_of(&admitted, &standing, on).unwrap();
    for register in &tables.pack().registers {
        let records = standing.records(&register.id).into_iter();
        let records: Vec<i64> = records.map(|record| record.0).collect();
        for some in records.chunks(7).step_by(3) {
            let some: BTreeSet<i64> = some.iter().copied().collect();
            let rows = |of: &DayRows| of.rows(&register.id, &some).unwrap();
            let (kept, looked_up) = (rows(&all), rows(&lone).unwrap());
            let mut told = [kept, Some(looked_up)].map(|rows| {
                let rows: Vec<_> = rows.into_iter().collect();
                tables::show(&rows).unwrap()
            });
            told.iter_mut().for_each(|rows| rows.sort());
            assert_eq!(told[0], told[1], "{}", register.id);
        }
    }
    assert!(!lone.gave_up());
}

#[test]
fn what_is_kept_is_what_would_be_worked_out_anew() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let pack = testhouse::national();
        let (tables, _) = tables_of_street(pack.clone(), &[]).await;
        let ledger = tables.ledger().clone();
        let kept = office(tables.clone()).writing();
        let everybody = people(&at_desk(&kept).await).await;
        // Few, so that what is said of them meets.
        let everybody = &everybody[..10];
        let mut dice = Dice(ChaCha20Rng::seed_from_u64(25));
        let (mut narrow, mut otherwise, mut done, mut nth) = (0, 0, 0, 0);
        let mut before = lists(&at_desk(&kept).await).await;
        while done < deeds() {
            nth += 1;
            let view = at_desk(&kept).await;
            let known = tables.snapshot().await.unwrap().commit();
            let told = if done % 5 == 4 {
                let whole = Grant::whole("主任", unit(ROOT), "test");
                let undone = ledger.undo(known, now(), &whole).await;
                undone.map_or_else(|_| String::new(), |_| format!("{known} taken back"))
            } else {
                let actions = view.actions();
                let action = *dice.one_of(&actions);
                let row = row(&view, action, everybody, &mut dice);
                let form = ActForm {
                    action: action.id().to_owned(),
                    on: ON,
                    unit: None,
                    rows: vec![row],
                    told: Some(intake::ToldBy::New),
                    form: nth.to_string(),
                };
                let told = format!("{form:?}");
                match view.carry_out(&form).await {
                    Ok(act) if act.commit.is_some() => told,
                    _ => continue,
                }
            };
            done += 1;
            let standing = tables.snapshot().await.unwrap();
            narrow += u64::from(standing.touched_since(known).is_some());
            let now = lists(&at_desk(&kept).await).await;
            let anew = office(Tables::new(ledger.clone(), pack.clone(), None)).writing();
            let anew = lists(&at_desk(&anew).await).await;
            assert_eq!(now, anew, "after {told}");
            rows_are_looked_up(&tables).await;
            otherwise += u64::from(now != before);
            before = now;
        }
        assert!(2 * narrow > done, "{narrow} of {done} were narrow");
        assert!(6 * otherwise > done, "{otherwise} of {done} changed a list");
    });
}
