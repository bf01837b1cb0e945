#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;
use jiff::civil::date;
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

const STREET: &str = "210203001000";
const ONE: &str = "210203001001";
const TWO: &str = "210203001002";

fn unit(code: &str) -> UnitCode {
    code.parse().unwrap()
}

/// The national pack, of whose rosters one says what its lists vouch for.
fn pack(how: Vouches, lasts: u16, by: Option<&str>) -> Pack {
    let mut pack = (*testhouse::national()).clone();
    for roster in &mut pack.rosters {
        roster.vouching = (roster.id == "benefits").then(|| Vouching {
            how,
            whom: pack::Whom::Either,
            lasts,
            past: false,
            by: by.map(ToOwned::to_owned),
            place: pack::Place::default(),
        });
    }
    pack
}

fn list(nth: i64, of: &str, as_of: Date) -> SentList {
    SentList {
        say: SayId {
            commit: nth,
            nth: 0,
        },
        roster: "benefits".into(),
        sender: "treasury".into(),
        unit: unit(of),
        as_of,
        since: None,
        arrived: Some(as_of),
        rows: 100,
        unplaced: 1,
        slices: Vec::new(),
        partial: None,
    }
}

/// How the lists stand on a day, in a line each.
fn stand(pack: &Pack, lists: Vec<SentList>, kept: Vec<KeptList>, today: Date) -> Vec<String> {
    let there = ListsThere {
        sent: lists,
        kept,
        arrived: BTreeMap::new(),
    };
    let live = [STREET, ONE, TWO].map(unit);
    let known = Known::over(pack, &there, &live, today);
    assert_eq!(known.tops(), [unit(STREET)]);
    let mut rows = Vec::new();
    let own = pack.rosters.iter().filter(|roster| roster.id == "benefits");
    known.stand(own, unit(STREET), &mut rows);
    known.spare(&mut rows);
    let line = |row: &ListStanding| {
        let day = |day: Option<Date>| day.map_or("-".to_owned(), |day| day.to_string());
        let gaps: Vec<String> = row.gaps.iter().map(|(a, b)| format!("{a}..{b}")).collect();
        let unit = row.unit.to_string();
        format!(
            "{} {} due {} until {} {}/{} {}{}",
            &unit[9..],
            row.state.as_str(),
            day(row.due),
            day(row.until),
            row.on_time.part,
            row.on_time.whole,
            gaps.join(" "),
            row.slices.join(" "),
        )
    };
    rows.iter().map(line).collect()
}

#[test]
fn a_roll_is_due_when_the_last_runs_out() {
    let pack = pack(Vouches::Roll, 13, None);
    let last = || vec![list(1, STREET, date(2024, 12, 31))];
    for (today, told) in [
        (date(2025, 12, 31), "000 in_force due 2026-01-31"),
        (date(2026, 1, 1), "000 soon due 2026-01-31"),
        (date(2026, 1, 31), "000 soon due 2026-01-31"),
        (date(2026, 2, 1), "000 overdue due 2026-01-31"),
    ] {
        let rows = stand(&pack, last(), Vec::new(), today);
        assert!(rows[0].starts_with(told), "{today}: {rows:?}");
        assert_eq!(rows.len(), 1);
    }
    // The one that is missing now came as little in time as one that came late.
    let rows = stand(&pack, last(), Vec::new(), date(2026, 2, 1));
    assert!(rows[0].contains(" 0/1 "), "{rows:?}");
}

#[test]
fn a_list_that_never_came_is_asked_for_once_above_and_then_of_each_unit_below() {
    let pack = pack(Vouches::Roll, 13, None);
    let today = date(2026, 1, 5);
    let rows = stand(&pack, Vec::new(), Vec::new(), today);
    assert_eq!(rows, ["000 never due - until - 0/0 "]);
    let rows = stand(
        &pack,
        vec![list(1, ONE, date(2025, 12, 1))],
        Vec::new(),
        today,
    );
    assert_eq!(
        rows,
        [
            "001 in_force due 2027-01-01 until 2027-01-02 0/0 ",
            "002 never due - until - 0/0 "
        ]
    );
    // One of the whole street speaks for both.
    let both = vec![
        list(1, ONE, date(2024, 12, 1)),
        list(2, STREET, date(2025, 6, 30)),
    ];
    let rows = stand(&pack, both, Vec::new(), today);
    assert!(
        rows[0].starts_with("001 in_force due 2026-07-30"),
        "{rows:?}"
    );
    assert!(
        rows[1].starts_with("002 in_force due 2026-07-30"),
        "{rows:?}"
    );
}

#[test]
fn a_part_vouches_for_nobody_and_leaves_the_one_before() {
    let pack = pack(Vouches::Roll, 13, None);
    let part = |nth, as_of| SentList {
        partial: Some(Partial::Unplaced),
        ..list(nth, STREET, as_of)
    };
    let today = date(2026, 1, 5);
    let rows = stand(&pack, vec![part(1, date(2025, 12, 1))], Vec::new(), today);
    assert_eq!(rows, ["000 part due - until - 0/0 "]);
    let both = vec![
        list(1, STREET, date(2025, 3, 31)),
        part(2, date(2025, 12, 1)),
    ];
    let rows = stand(&pack, both, Vec::new(), today);
    assert!(
        rows[0].starts_with("000 in_force due 2026-04-30"),
        "{rows:?}"
    );
}

#[test]
fn what_happened_is_due_at_the_end_of_each_month_and_tells_of_gaps() {
    let pack = pack(Vouches::Events(Each::Month), 2, None);
    let month = |nth, from: Date, to| SentList {
        since: Some(from),
        ..list(nth, STREET, to)
    };
    let lists = || {
        vec![
            month(1, date(2025, 10, 1), date(2025, 10, 31)),
            month(2, date(2025, 11, 1), date(2025, 11, 30)),
        ]
    };
    for (today, told) in [
        (date(2025, 12, 20), "000 in_force due 2025-12-31"),
        (date(2025, 12, 24), "000 soon due 2025-12-31"),
        (date(2026, 1, 1), "000 overdue due 2025-12-31"),
    ] {
        let rows = stand(&pack, lists(), Vec::new(), today);
        assert!(rows[0].starts_with(told), "{today}: {rows:?}");
    }
    let mut gap = lists();
    gap.push(month(3, date(2025, 8, 1), date(2025, 8, 15)));
    let rows = stand(&pack, gap, Vec::new(), date(2025, 12, 1));
    let told = "000 gaps due 2025-12-31 until 2026-01-31 1/2 2025-08-16..2025-09-30";
    assert_eq!(rows, [told]);
}

#[test]
fn a_list_comes_in_time_before_the_one_before_runs_out() {
    let pack = pack(Vouches::Roll, 12, None);
    let came = |nth, as_of, on| SentList {
        arrived: Some(on),
        ..list(nth, STREET, as_of)
    };
    let lists = vec![
        came(1, date(2022, 12, 31), date(2023, 1, 5)),
        // On the last day.
        came(2, date(2023, 12, 31), date(2023, 12, 31)),
        // A day late; again, and then it doesn't count again.
        came(3, date(2024, 12, 31), date(2025, 1, 1)),
        came(4, date(2024, 12, 31), date(2025, 2, 1)),
        came(5, date(2025, 12, 31), date(2025, 12, 31)),
    ];
    let rows = stand(&pack, lists, Vec::new(), date(2026, 1, 5));
    assert_eq!(rows, ["000 in_force due 2026-12-31 until 2027-01-01 2/3 "]);
}

#[test]
fn parts_that_came_apart_stand_apart() {
    let pack = pack(Vouches::Roll, 13, Some("programme"));
    let of = |nth, as_of, slices: &[&str]| SentList {
        slices: slices.iter().map(|slice| (*slice).to_owned()).collect(),
        ..list(nth, STREET, as_of)
    };
    let lists = vec![
        of(1, date(2024, 11, 30), &["a", "b", "c"]),
        of(2, date(2025, 12, 31), &["b"]),
    ];
    let rows = stand(&pack, lists, Vec::new(), date(2026, 1, 5));
    assert_eq!(
        rows,
        [
            "000 overdue due 2025-12-30 until 2025-12-31 0/1 a c",
            "000 in_force due 2027-01-31 until 2027-02-01 0/1 b"
        ]
    );
}

#[test]
fn what_the_office_keeps_itself_is_to_be_confirmed() {
    let pack = pack(Vouches::Events(Each::Month), 6, None);
    let kept = KeptList {
        roster: "benefits".into(),
        unit: unit(ONE),
        since: date(2025, 1, 1),
        confirmed: date(2025, 7, 1),
    };
    let rows = stand(&pack, Vec::new(), vec![kept], date(2026, 1, 1));
    assert_eq!(rows[0], "001 soon due 2026-01-01 until 2026-01-02 0/0 ");
    assert_eq!(rows[1], "002 never due - until - 0/0 ");
}

#[test]
fn without_terms_only_the_newest_is_told() {
    let mut pack = pack(Vouches::Roll, 13, None);
    for roster in &mut pack.rosters {
        roster.vouching = None;
    }
    let lists = vec![
        list(1, ONE, date(2020, 1, 1)),
        list(2, ONE, date(2019, 1, 1)),
    ];
    let rows = stand(&pack, lists, Vec::new(), date(2026, 1, 5));
    assert_eq!(rows, ["001 no_term due - until - 0/0 "]);
}

#[test]
fn a_list_is_spared_where_another_shows_all_it_would() {
    let mut pack = pack(Vouches::Roll, 13, None);
    let other = pack.rosters.iter().position(|own| own.id == "children");
    pack.rosters[other.unwrap()].vouching = pack.roster("benefits").unwrap().vouching.clone();
    for subject in &mut pack.subjects {
        let groups = subject.groups.iter_mut().flat_map(|group| &mut group.facts);
        for fact in groups.chain(&mut subject.computed) {
            fact.closed = pack::Closed::default();
        }
    }
    let facts = |pack: &mut Pack, rosters: &[&[&str]]| {
        let groups = pack.subjects.iter_mut().flat_map(|own| &mut own.groups);
        let facts = groups.flat_map(|group| &mut group.facts);
        for (fact, named) in facts.zip(rosters) {
            fact.closed.vouched = named.iter().map(|id| (*id).to_owned()).collect();
        }
    };
    let there = ListsThere {
        sent: vec![SentList {
            roster: "children".into(),
            ..list(1, ONE, date(2025, 12, 1))
        }],
        ..ListsThere::default()
    };
    let states = |pack: &Pack| {
        let live = [ONE].map(unit);
        let known = Known::over(pack, &there, &live, date(2026, 1, 5));
        let mut rows = Vec::new();
        let own = pack.rosters.iter().filter(|own| own.vouching.is_some());
        known.stand(own, unit(ONE), &mut rows);
        known.spare(&mut rows);
        let row = rows.iter().find(|row| row.roster == "benefits");
        row.unwrap().state
    };
    // Nothing says that anything rests on it, so it is asked for as it is declared.
    assert_eq!(states(&pack), ListState::Never);
    facts(&mut pack, &[&["benefits", "children"]]);
    assert_eq!(states(&pack), ListState::Spared);
    facts(&mut pack, &[&["benefits", "children"], &["benefits"]]);
    assert_eq!(states(&pack), ListState::Never);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Gaps are the days between the first and the last told day that no list tells: against a naive count of days.
    #[test]
    fn gaps_are_the_days_that_nobody_told(spans in proptest::collection::vec((0_i32..120, 0_i32..20), 1..8)) {
        let day = |nth: i32| kernel::date::from_days(20_000 + nth).unwrap();
        let lists: Vec<SentList> = spans.iter().map(|(from, more)| SentList {
            since: Some(day(*from)),
            ..list(1, STREET, day(from + more))
        }).collect();
        let told: BTreeSet<i32> = spans.iter().flat_map(|(from, more)| *from..=from + more).collect();
        let first = *told.iter().next().unwrap();
        let last = *told.iter().next_back().unwrap();
        let naive: Vec<i32> = (first..=last).filter(|day| !told.contains(day)).collect();
        let found = gaps(&lists.iter().collect::<Vec<_>>());
        let found: Vec<i32> = found.iter().flat_map(|(from, to)| {
            let number = |day: Date| kernel::date::to_days(day) - 20_000;
            number(*from)..=number(*to)
        }).collect();
        prop_assert_eq!(found, naive);
    }
}
