//! Two readers with different posts in one process: what one sees, the other's views never show, kept or not.

use std::collections::BTreeSet;
use std::sync::Arc;

use intake::{Absence, Appointment, Request};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period, UnitCode};
use ledger::{Algorithm, Ledger};
use office::{Among, Leads, ListAsked, Office, Part, SeenCell, Standing, View};
use pack::Pack;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use tables::Tables;

pub(crate) const ROOT: &str = "210203001000";
pub(crate) const ONE: &str = "210203001001";
pub(crate) const TWO: &str = "210203001002";
pub(crate) const ON: Date = date(2025, 12, 31);
/// People of each community, and how often something is read.
pub(crate) const PEOPLE: u16 = 60;
const READS: usize = 10_000;

pub(crate) fn unit(code: &str) -> UnitCode {
    code.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-01-05T02:00:00Z".parse().unwrap()
}

/// An office over some tables.
pub(crate) fn office(tables: Tables) -> Office {
    let day = (ON, Period::Year(2025));
    Office::new(tables, unit(ROOT), day, "主任", now).unwrap()
}

/// Two communities with people of their own, who works where, and the numbers of the people; with some more who work there.
pub(crate) async fn street(
    pack: Arc<Pack>,
    more: &[(&'static str, &'static str)],
) -> (Office, [Vec<String>; 2]) {
    let (tables, numbers) = tables_of_street(pack, more).await;
    (office(tables), numbers)
}

/// The tables of the same.
pub(crate) async fn tables_of_street(
    pack: Arc<Pack>,
    more: &[(&'static str, &'static str)],
) -> (Tables, [Vec<String>; 2]) {
    let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
    let whole = Grant::whole("主任", unit(ROOT), "test");
    for code in [ROOT, ONE, TWO] {
        ledger.open_book(unit(code), now(), &whole).await.unwrap();
    }
    let tables = Tables::new(ledger, pack, None);
    let mut numbers = [Vec::new(), Vec::new()];
    for (nth, code) in [ONE, TWO].into_iter().enumerate() {
        let listed = testhouse::community(nth, PEOPLE);
        let text = listed.csv;
        numbers[nth] = listed.numbers;
        let request = Request {
            roster: "police-households".into(),
            unit: unit(code),
            files: vec![intake::RosterFile {
                path: "list.csv".into(),
                sent: Some(Arc::new(text.into_bytes())),
            }],
            on: ON,
            recorded_at: now(),
            grant: whole.clone(),
            dry_run: false,
            absence: Absence::Guarded,
            told: Default::default(),
            lang: Lang::Zh,
        };
        let outcome = intake::import(&tables, &request, &mut |_| ())
            .await
            .unwrap();
        assert_eq!(outcome.rejected(), 0, "{:#?}", outcome.files[0].notes);
    }
    let founded = intake::found(&tables, &whole, (unit(ROOT), ON), now());
    founded.await.unwrap();
    let more = more.iter().map(|(holder, role)| (*holder, *role, ROOT));
    let workers = [
        ("甲员", "community", ONE),
        ("乙员", "community", TWO),
        ("格员", "grid", ONE),
        ("察员", "inspector", ROOT),
    ];
    for (holder, role, code) in workers.into_iter().chain(more) {
        let appointment = Appointment {
            holder: holder.into(),
            role: role.into(),
            unit: unit(code),
            from: ON,
            until: None,
            stands_in_for: None,
        };
        let made = intake::appoint(&tables, &whole, (unit(ROOT), &appointment), now());
        made.await.unwrap();
    }
    (tables, numbers)
}

/// Everything that one way of reading shows, as text.
async fn read(view: &View, way: u64, any: &[String; 2], dice: u64) -> String {
    let which = usize::try_from(dice % 2).unwrap();
    let nth = u16::try_from(dice / 2 % u64::from(PEOPLE)).unwrap();
    let name = testhouse::name(which, nth);
    let part = Part {
        offset: 0,
        limit: 50,
    };
    match way {
        0 => format!("{:?}", view.find(&name, ON, Among::Everything, part).await),
        1 => match by_number(view, &any[which]).await {
            None => "nobody".into(),
            Some(person) => around(view, person).await,
        },
        2 => {
            let units = view.units(ON).await.unwrap();
            let units: Vec<&str> = units.all().map(|unit| unit.name.as_str()).collect();
            units.join(" ")
        }
        3 => {
            let unit = unit([ONE, TWO, ROOT][usize::try_from(dice % 3).unwrap()]);
            match view.board(Period::Year(2025), unit).await {
                Err(_) => "no figures".into(),
                Ok(board) => {
                    let mut all = String::new();
                    for indicator in view.office.pack.indicators.iter().take(3) {
                        all += &board.figure(&indicator.id).await.unwrap().shown(Lang::Zh);
                        all.push(' ');
                    }
                    format!("{unit}: {all}")
                }
            }
        }
        4 => {
            let programmes = &view.office.pack.programmes;
            let programme = &programmes[usize::try_from(dice).unwrap() % programmes.len()].id;
            let mut asked = ListAsked::of(programme, Standing::ToFindOut);
            asked.unit =
                [None, Some(unit(ONE)), Some(unit(TWO))][usize::try_from(dice % 3).unwrap()];
            match view.list(ON, &asked, (1, 200)).await {
                Err(_) => "no list".into(),
                Ok(list) => {
                    let rows = list.rows.iter();
                    let rows = rows.map(|row| format!("{:?} {:?}", row.person, row.listed));
                    format!("{} {}", list.total, rows.collect::<String>())
                }
            }
        }
        5 => format!("{:?}", view.tallies(ON, None).await.ok()),
        6 => format!("{:?}", view.commits(None, 50).await.ok()),
        7 => {
            let work = view.work(ON, None).await.unwrap();
            let units = work.units.iter();
            let units = units.map(|(unit, counts)| format!("{unit}: {counts:?} "));
            format!("{}{:?}", units.collect::<String>(), work.lists)
        }
        _ => format!("{:?}", view.log(50, 0).await.ok()),
    }
}

/// Who has an ID number.
pub async fn by_number(view: &View, number: &str) -> Option<kernel::RecordId> {
    let part = Part {
        offset: 0,
        limit: 9,
    };
    let found = view.find(number, ON, Among::Everything, part);
    match found.await.unwrap().hits.first()?.leads {
        Leads::Person(person) => Some(person),
        other => panic!("{other:?}"),
    }
}

async fn around(view: &View, person: kernel::RecordId) -> String {
    let around = view.around(ON, person).await.unwrap();
    let records = [("person".to_owned(), person)];
    let history = view.history(&records, 50).await.unwrap();
    let said: Vec<_> = history.iter().map(|told| &told.said).collect();
    let mut all = format!("{said:?} ");
    for register in &view.office.pack.registers {
        for row in around.of(&register.id) {
            for field in &register.fields {
                if let Some(text) = row.get(&field.id) {
                    all += text;
                    all.push(' ');
                }
                if *row.cell(&field.id) == SeenCell::Withheld {
                    all += "withheld ";
                }
            }
        }
    }
    all
}

#[test]
fn neither_of_two_readers_sees_what_is_the_others() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (office, numbers) = street(testhouse::national(), &[]).await;
        let mut dice = ChaCha20Rng::seed_from_u64(7);
        let mut views = Vec::new();
        for who in ["甲员", "乙员", "格员"] {
            views.push(office.view(Some(who), "/test").await.unwrap());
        }
        let mut seen = BTreeSet::new();
        for nth in 0..READS {
            let reader = usize::try_from(dice.next_u64() % 3).unwrap();
            let (way, roll) = (dice.next_u64() % 9, dice.next_u64());
            let pick = usize::try_from(roll / 2 % u64::from(PEOPLE)).unwrap();
            let any = [numbers[0][pick].clone(), numbers[1][pick].clone()];
            let text = read(&views[reader], way, &any, roll).await;
            let (own, other) = match reader {
                1 => (1, 0),
                _ => (0, 1),
            };
            // Names, telephones, roads and numbers of the other community, and the figures of its unit.
            let marks = ["甲", "乙"];
            assert!(
                !text.contains(&format!("{}零", marks[other]))
                    && !text.contains(&format!("138{other}0")),
                "read {nth}, way {way}: {text}"
            );
            assert!(
                !text.contains(&format!("{}: ", [ONE, TWO][other])),
                "{text}"
            );
            for number in numbers.iter().flatten() {
                assert!(
                    !text.contains(number.as_str()),
                    "a number is masked: {text}"
                );
            }
            if text.contains(marks[own]) {
                seen.insert((reader, way));
            }
        }
        // The test reads something: each sees their own by name, by number and on lists.
        assert!(seen.contains(&(0, 0)) && seen.contains(&(1, 1)), "{seen:?}");
        // An inspector sees everything and nothing in clear: nobody is found by a name that isn't shown, and a number that is known finds
        // somebody of whom it isn't shown again.
        let inspector = office.view(Some("察员"), "/test").await.unwrap();
        assert!(inspector.opens().figures && inspector.opens().log);
        for which in [0, 1] {
            for nth in 0..PEOPLE {
                let part = Part {
                    offset: 0,
                    limit: 9,
                };
                let name = testhouse::name(which, nth);
                for tried in [name.as_str(), &name[..3], &name[3..]] {
                    let found = inspector.find(tried, ON, Among::Everything, part);
                    assert_eq!(found.await.unwrap().total, 0, "{tried}");
                }
                let number = &numbers[which][usize::from(nth)];
                let found = by_number(&inspector, number).await;
                let shown = around(&inspector, found.unwrap()).await;
                let secrets = [
                    number.as_str(),
                    &number[6..],
                    &number[12..],
                    &name,
                    &name[3..],
                ];
                for secret in secrets {
                    assert!(!shown.contains(secret), "{secret} in {shown}");
                }
                assert!(!shown.contains(&format!("138{which}{nth:07}")), "{shown}");
            }
        }
        // A grid worker sees no figures, and neither number nor death.
        let grid = &views[2];
        assert!(!grid.opens().figures && grid.opens().people && !grid.opens().log);
        assert!(grid.board(Period::Year(2025), unit(ONE)).await.is_err());
        let person = by_number(grid, &numbers[0][3]).await.unwrap();
        let around = grid.around(ON, person).await.unwrap();
        let row = around.person(person.0).unwrap();
        assert_eq!(*row.cell("id_number"), SeenCell::Withheld);
        assert!(row.get("name").is_some());
    });
}
