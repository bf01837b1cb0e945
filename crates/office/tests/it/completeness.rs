//! How the lists of a ledger stand: what is due, for whom it is told, what is written to senders, and the calendar.

mod blank;

use std::collections::BTreeMap;
use std::sync::Arc;

use intake::{Absence, Appointment, Request};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period};
use ledger::{Algorithm, Ledger};
use office::{Completeness, CompletenessAsked, ListState, Office, PartOf, PartOfWhole, View};
use pack::{Each, Pack, Place, Vouches, Vouching, Whom};
use tables::Tables;

use crate::readers::{ONE, ROOT, TWO, unit};
use blank::sample;

const TODAY: &str = "2026-02-01T02:00:00Z";

fn now() -> Timestamp {
    TODAY.parse().unwrap()
}

fn at(day: Date) -> Timestamp {
    format!("{day}T04:00:00Z").parse().unwrap()
}

/// The national pack, whose rosters vouch for nothing but for what is said here.
fn with_vouching() -> Arc<Pack> {
    let mut pack = (*testhouse::national()).clone();
    for roster in &mut pack.rosters {
        let (how, lasts) = match roster.id.as_str() {
            "police-households" => (Vouches::Roll, 13),
            "certificates" => (Vouches::Roll, 12),
            "deaths" => (Vouches::Events(Each::Month), 3),
            _ => {
                roster.vouching = None;
                continue;
            }
        };
        roster.vouching = Some(Vouching {
            how,
            whom: Whom::Either,
            lasts,
            past: false,
            by: None,
            place: Place::default(),
        });
    }
    for subject in &mut pack.subjects {
        let groups = subject.groups.iter_mut().flat_map(|group| &mut group.facts);
        for fact in groups.chain(&mut subject.computed) {
            fact.closed = pack::Closed::default();
        }
    }
    Arc::new(pack)
}

struct Street {
    tables: Tables,
    whole: Grant,
    numbers: [Vec<String>; 2],
}

impl Street {
    /// A street whose two communities sent their households, the second of them so that much wasn't placed.
    async fn new() -> Street {
        let mut street = Street::empty().await;
        for (nth, (code, day)) in [(ONE, date(2025, 12, 31)), (TWO, date(2024, 11, 30))]
            .into_iter()
            .enumerate()
        {
            let listed = testhouse::community(nth, 30);
            street.numbers[nth] = listed.numbers;
            street
                .take("police-households", code, day, listed.csv.into_bytes())
                .await;
        }
        street
    }

    async fn empty() -> Street {
        let pack = with_vouching();
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let whole = Grant::whole("主任", unit(ROOT), "test");
        for code in [ROOT, ONE, TWO] {
            ledger.open_book(unit(code), now(), &whole).await.unwrap();
        }
        Street {
            tables: Tables::new(ledger, pack, None),
            whole,
            numbers: [Vec::new(), Vec::new()],
        }
    }

    /// Takes a list that came two days after its own.
    async fn take(&self, roster: &str, code: &str, on: Date, bytes: Vec<u8>) -> intake::Outcome {
        let file = match bytes.starts_with(b"PK") {
            true => "list.xlsx",
            false => "list.csv",
        };
        let request = Request {
            roster: roster.into(),
            unit: unit(code),
            files: vec![intake::RosterFile {
                path: file.into(),
                sent: Some(Arc::new(bytes)),
            }],
            on,
            recorded_at: at(on.saturating_add(jiff::ToSpan::days(2))),
            grant: self.whole.clone(),
            dry_run: false,
            absence: Absence::Guarded,
            told: BTreeMap::new(),
            lang: Lang::Zh,
        };
        let taken = intake::import(&self.tables, &request, &mut |_| ()).await;
        taken.unwrap()
    }

    async fn appoint(&self, holder: &str, role: &str, code: &str) {
        let appointment = Appointment {
            holder: holder.into(),
            role: role.into(),
            unit: unit(code),
            from: date(2025, 1, 1),
            until: None,
            stands_in_for: None,
        };
        let root = unit(ROOT);
        let made = intake::appoint(&self.tables, &self.whole, (root, &appointment), now());
        made.await.unwrap();
    }

    fn office(&self) -> Office {
        let day = (date(2025, 12, 31), Period::Year(2025));
        Office::new(self.tables.clone(), unit(ROOT), day, "主任", now).unwrap()
    }

    async fn view(&self, who: &str) -> View {
        self.office().view(Some(who), "test").await.unwrap()
    }
}

/// Each row in a line.
fn lines(told: &Completeness) -> Vec<String> {
    let line = |row: &office::ListStanding| {
        let last = row.last.as_ref();
        let rows = last.and_then(|last| last.rows);
        format!(
            "{} {} {} {:?} {:?}",
            &row.unit.to_string()[9..],
            row.roster,
            row.state.as_str(),
            last.map(|last| last.as_of.to_string()),
            rows,
        )
    };
    told.rows.iter().map(line).collect()
}

async fn all(view: &View) -> Completeness {
    let asked = CompletenessAsked::default();
    view.completeness(&asked).await.unwrap()
}

#[tokio::test]
async fn every_expected_list_stands_somehow() {
    let street = Street::new().await;
    let view = street.view("主任").await;
    let told = all(&view).await;
    assert_eq!(
        lines(&told),
        [
            "002 police-households overdue Some(\"2024-11-30\") Some((30, 0))",
            "000 certificates never None None",
            "000 deaths never None None",
            "001 police-households in_force Some(\"2025-12-31\") Some((30, 0))",
        ]
    );
    // Two communities, three lists each.
    let (part, whole) = (1, 6);
    assert_eq!(told.whole.complete, PartOfWhole { part, whole });
    assert_eq!(told.whole.complete.percent(), Some(16));
    assert_eq!(told.units[0].0, unit(TWO), "the least complete first");
    let senders: Vec<&str> = told.senders.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(senders, ["family-office", "funeral-office", "police"]);

    for (asked, count) in [
        (
            CompletenessAsked {
                unit: Some(unit(ONE)),
                ..Default::default()
            },
            3,
        ),
        (
            CompletenessAsked {
                roster: Some("deaths".into()),
                ..Default::default()
            },
            1,
        ),
        (
            CompletenessAsked {
                sender: Some("police".into()),
                ..Default::default()
            },
            2,
        ),
        (
            CompletenessAsked {
                state: Some(ListState::Never),
                ..Default::default()
            },
            2,
        ),
    ] {
        let told = view.completeness(&asked).await.unwrap();
        assert_eq!(told.rows.len(), count, "{asked:?}");
    }
    // What state is asked for changes no rate.
    let state = Some(ListState::Never);
    let asked = CompletenessAsked {
        state,
        ..Default::default()
    };
    let narrowed = view.completeness(&asked).await.unwrap();
    assert_eq!(narrowed.whole, told.whole);
    assert_eq!(narrowed.states, told.states);
}

#[tokio::test]
async fn a_list_taken_back_is_due_again_and_one_that_comes_is_not() {
    let street = Street::new().await;
    let csv = testhouse::community(1, 30).csv;
    let taken = street
        .take(
            "police-households",
            TWO,
            date(2026, 1, 20),
            csv.into_bytes(),
        )
        .await;
    let state = async || {
        let told = all(&street.view("主任").await).await;
        let row = told
            .rows
            .into_iter()
            .find(|row| row.unit == unit(TWO))
            .unwrap();
        (row.state, row.on_time)
    };
    // It came on the 22nd; the one before had run out with the old year.
    assert_eq!(
        state().await,
        (ListState::InForce, PartOfWhole { part: 0, whole: 1 })
    );
    let commit = taken.files[0].receipt.as_ref().unwrap().commit;
    let ledger = street.tables.ledger();
    ledger.undo(commit, now(), &street.whole).await.unwrap();
    assert_eq!(
        state().await,
        (ListState::Overdue, PartOfWhole { part: 0, whole: 1 })
    );
}

#[tokio::test]
async fn rows_that_were_not_placed_make_a_part() {
    let street = Street::new().await;
    let mut csv = testhouse::community(1, 30).csv;
    csv += "99,无号,,户主,本地户籍,家庭户,,1路,在住\n";
    street
        .take(
            "police-households",
            TWO,
            date(2026, 1, 20),
            csv.into_bytes(),
        )
        .await;
    let view = street.view("主任").await;
    let told = all(&view).await;
    let row = told.rows.iter().find(|row| row.unit == unit(TWO)).unwrap();
    let last = row.last.as_ref().unwrap();
    assert_eq!(last.partial, Some(PartOf::Unplaced));
    assert_eq!(last.rows, Some((31, 1)));
    // The one of November 2024 still counts, and has run out.
    assert_eq!(row.state, ListState::Overdue);
    // Names of those whom it doesn't vouch for are nowhere.
    let units = view.units(told.today).await.unwrap();
    let json = told.json(&view.office, &units, &told.rows).to_string();
    let letters = told.reminders(&view.office, &units, Lang::Zh);
    let calendar = told.calendar(&view.office, &units, Lang::Zh);
    for text in [json, format!("{letters:?}"), calendar, format!("{told:?}")] {
        assert!(!text.contains("无号"), "{text}");
    }
}

#[tokio::test]
async fn a_reader_is_told_of_their_own_units_and_registers() {
    let street = Street::new().await;
    street
        .take(
            "certificates",
            ROOT,
            date(2025, 12, 31),
            certificates(&street),
        )
        .await;
    let root = (unit(ROOT), date(2025, 1, 1));
    let founded = intake::found(&street.tables, &street.whole, root, now());
    founded.await.unwrap();
    for (holder, role, code) in [
        ("主任", "manager", ROOT),
        ("乙员", "community", TWO),
        ("格员", "grid", ONE),
    ] {
        street.appoint(holder, role, code).await;
    }
    let view = street.view("乙员").await;
    let told = all(&view).await;
    assert_eq!(
        lines(&told),
        [
            "002 police-households overdue Some(\"2024-11-30\") Some((30, 0))",
            "002 deaths never None None",
            // The street's list vouches for them; how many rows it has is the street's.
            "002 certificates in_force Some(\"2025-12-31\") None",
        ]
    );
    let last = told.rows[2].last.as_ref().unwrap();
    assert_eq!((last.unit, last.say), (unit(ROOT), None));
    let units = view.units(told.today).await.unwrap();
    let json = told.json(&view.office, &units, &told.rows);
    assert_eq!(json["rows"][2]["last"]["rows"], serde_json::Value::Null);
    assert_eq!(json["rows"][2]["last"]["commit"], serde_json::Value::Null);
    let asked = CompletenessAsked {
        unit: Some(unit(ONE)),
        ..Default::default()
    };
    assert!(view.completeness(&asked).await.is_err());
    // Somebody who doesn't read certificates isn't told that there is a list of them.
    let told = all(&street.view("格员").await).await;
    let mut lists = told.rows.iter().map(|row| row.roster.as_str());
    assert!(!lists.any(|list| ["certificates", "deaths"].contains(&list)));
}

/// A list of one certificate, for somebody who is known.
fn certificates(street: &Street) -> Vec<u8> {
    let pack = street.tables.pack();
    let roster = pack.roster("certificates").unwrap();
    let heads = roster.columns.iter().map(|column| column.name.zh.as_str());
    let heads: Vec<&str> = heads.collect();
    let cells = roster
        .columns
        .iter()
        .map(|column| match column.id.as_str() {
            "child_name" => testhouse::name(0, 0),
            id if id.starts_with("father") || id.starts_with("mother") => String::new(),
            _ => sample(pack, column, &street.numbers[0]),
        });
    let cells: Vec<String> = cells.collect();
    format!("{}\n{}\n", heads.join(","), cells.join(",")).into_bytes()
}

#[tokio::test]
async fn an_empty_ledger_says_that_nothing_came() {
    let street = Street::empty().await;
    let told = all(&street.view("主任").await).await;
    assert!(!told.begun);
    assert_eq!(told.states, BTreeMap::from([(ListState::Never, 3)]));
    assert_eq!(told.whole.on_time.percent(), None);
}

#[tokio::test]
async fn senders_are_written_to_about_what_is_due() {
    let street = Street::new().await;
    let view = street.view("主任").await;
    let told = all(&view).await;
    let units = view.units(told.today).await.unwrap();
    let letters = told.reminders(&view.office, &units, Lang::Zh);
    let to: Vec<(&str, usize)> = letters
        .iter()
        .map(|one| (one.to.as_str(), one.lists))
        .collect();
    assert_eq!(
        to,
        [("街道卫健办", 1), ("殡葬管理所", 1), ("公安派出所", 1)]
    );
    assert_eq!(
        letters[2].text,
        "公安派出所：\n\n您好！我们正在核对居民应享的各项待遇，需要下列名册，请协助报送：\n\n\
         1. 公安户籍名册——210203001002：最近一份截至2024年11月30日，新的一份应在2025年12月30日前报送，已过期，请尽快。\n\n\
         可用随附的空白表样填写，也可以用贵单位原有的表格。如已报送，请不必理会本函。谢谢支持！\n\n\
         210203001000\n2026年2月1日\n"
    );
    let letters = told.reminders(&view.office, &units, Lang::En);
    assert!(letters[2].text.starts_with("To: Police station\n"));
    assert!(
        letters[2].text.contains(
            "1. Police household roster — 210203001002: the last is as of 30 November 2024; \
         the next was due by 30 December 2025, please send it as soon as you can."
        ),
        "{}",
        letters[2].text
    );
}

#[tokio::test]
async fn the_calendar_is_read_by_its_rules() {
    let street = Street::new().await;
    let view = street.view("主任").await;
    let told = all(&view).await;
    let units = view.units(told.today).await.unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let calendar = told.calendar(&view.office, &units, lang);
        let lines: Vec<&str> = calendar.split("\r\n").collect();
        assert!(
            lines
                .iter()
                .all(|line| line.len() <= 75 && !line.contains('\n'))
        );
        assert_eq!(lines.last(), Some(&""), "it ends with a line's end");
        let unfolded = calendar.replace("\r\n ", "");
        let lines: Vec<&str> = unfolded.lines().collect();
        assert_eq!((lines[0], lines[1]), ("BEGIN:VCALENDAR", "VERSION:2.0"));
        assert_eq!(lines.last(), Some(&"END:VCALENDAR"));
        let all = |start: &str| {
            let found = lines.iter().filter_map(|line| line.strip_prefix(start));
            found.map(ToOwned::to_owned).collect::<Vec<String>>()
        };
        // What is overdue or never came stands on the day of asking, in order of rosters of a day.
        let days = ["20260201", "20260201", "20260201", "20270131"];
        assert_eq!(all("DTSTART;VALUE=DATE:"), days);
        assert_eq!(all("DTSTAMP:"), vec!["20260201T020000Z"; 4]);
        let mut ids = all("UID:");
        assert_eq!(ids.len(), 4);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4, "each has a name of its own");
        let again = told.calendar(&view.office, &units, lang);
        assert_eq!(again, calendar);
    }
}
