//! How each list of each unit stands on a day: which of them vouches until when, when the next is due, and which lists it can do without.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use ledger::SayId;
use pack::{Each, Pack, Roster, Vouches, Vouching};
use tables::Partial;

use super::{
    KeptList, LastSent, ListStanding, ListState, ListsThere, PartOf, PartOfWhole, SentList,
};
use crate::names::UnitNames;

/// How many days before a list is due that is said: of what happens by the month, by the quarter, and of all others.
const SOON: [i32; 3] = [7, 14, 30];

/// What is known on a day.
pub(super) struct Known<'k> {
    pack: &'k Pack,
    /// The lists that were sent, by roster and unit.
    sent: BTreeMap<&'k str, BTreeMap<UnitCode, Vec<&'k SentList>>>,
    kept: &'k [KeptList],
    today: Date,
    /// The units that haven't ended, and those right below each.
    below: BTreeMap<UnitCode, Vec<UnitCode>>,
}

impl<'k> Known<'k> {
    pub(super) fn new(
        pack: &'k Pack,
        there: &'k ListsThere,
        units: &UnitNames,
        today: Date,
    ) -> Self {
        let live: Vec<UnitCode> = units.lasting().map(|unit| unit.code).collect();
        Self::over(pack, there, &live, today)
    }

    /// The same over units by their codes.
    fn over(pack: &'k Pack, there: &'k ListsThere, live: &[UnitCode], today: Date) -> Self {
        let mut below: BTreeMap<UnitCode, Vec<UnitCode>> =
            live.iter().map(|unit| (*unit, Vec::new())).collect();
        for unit in live {
            // The nearest above: of those that contain it the one that all others contain.
            let above = live.iter().filter(|up| *up != unit && up.contains(unit));
            let nearest = above.reduce(|one, other| match one.contains(other) {
                true => other,
                false => one,
            });
            if let Some(own) = nearest.and_then(|up| below.get_mut(up)) {
                own.push(*unit);
            }
        }
        let mut sent: BTreeMap<&str, BTreeMap<UnitCode, Vec<&SentList>>> = BTreeMap::new();
        for list in &there.sent {
            let by_unit = sent.entry(&list.roster).or_default();
            by_unit.entry(list.unit).or_default().push(list);
        }
        Self {
            pack,
            sent,
            kept: &there.kept,
            today,
            below,
        }
    }

    /// The units under no other.
    pub(super) fn tops(&self) -> Vec<UnitCode> {
        let under: BTreeSet<&UnitCode> = self.below.values().flatten().collect();
        let tops = self.below.keys().filter(|unit| !under.contains(unit));
        tops.copied().collect()
    }

    /// The lowest units of a unit: itself if there is none below it.
    pub(super) fn leaves(&self, unit: UnitCode) -> Vec<UnitCode> {
        let lowest = self.below.iter().filter(|(_, below)| below.is_empty());
        let own = lowest.filter(|(own, _)| unit.contains(own));
        let own: Vec<UnitCode> = own.map(|(own, _)| *own).collect();
        if own.is_empty() { vec![unit] } else { own }
    }

    /// How the lists of some rosters stand in a unit and below it.
    pub(super) fn stand<'r>(
        &self,
        rosters: impl Iterator<Item = &'r Roster>,
        unit: UnitCode,
        into: &mut Vec<ListStanding>,
    ) {
        for roster in rosters {
            match &roster.vouching {
                Some(vouching) => self.descend((roster, vouching), unit, into),
                None => self.without_term(roster, unit, into),
            }
        }
    }

    /// A list stands at the highest unit below which no other unit has lists of its own.
    fn descend(
        &self,
        (roster, vouching): (&Roster, &Vouching),
        unit: UnitCode,
        into: &mut Vec<ListStanding>,
    ) {
        let below = self.below.get(&unit).map_or(&[][..], Vec::as_slice);
        let of_its_own = |of: &UnitCode| {
            let lower = *of != unit && unit.contains(of);
            lower && self.below.contains_key(of)
        };
        let sent = self.sent(roster).any(|(unit, _)| of_its_own(unit));
        let kept = self.kept.iter();
        let kept = kept
            .filter(|list| list.roster == roster.id)
            .any(|list| of_its_own(&list.unit));
        if (sent || kept) && !below.is_empty() {
            for unit in below {
                self.descend((roster, vouching), *unit, into);
            }
            return;
        }
        let lists = self.sent(roster).filter(|(own, _)| own.contains(&unit));
        let lists: Vec<&SentList> = lists.flat_map(|(_, lists)| lists).copied().collect();
        for (slices, lists) in by_slices(vouching, lists) {
            into.push(self.row((roster, vouching), (unit, slices), &lists));
        }
    }

    /// The lists of a roster, by unit.
    fn sent(&self, roster: &Roster) -> impl Iterator<Item = (&UnitCode, &Vec<&'k SentList>)> {
        let own = self.sent.get(roster.id.as_str());
        own.into_iter().flatten()
    }

    /// How the lists stand of a roster that doesn't say what they vouch for: the newest of each unit.
    fn without_term(&self, roster: &Roster, top: UnitCode, into: &mut Vec<ListStanding>) {
        let below = self.sent(roster).filter(|(unit, _)| top.contains(unit));
        let newest = below.filter_map(|(unit, lists)| {
            let newest = lists.iter().max_by_key(|list| (list.as_of, list.say));
            Some((*unit, *newest?))
        });
        into.extend(newest.map(|(unit, list)| ListStanding {
            unit,
            roster: roster.id.clone(),
            sender: list.sender.clone(),
            slices: Vec::new(),
            state: ListState::NoTerm,
            last: Some(last(list)),
            kept: false,
            until: None,
            due: None,
            gaps: Vec::new(),
            on_time: PartOfWhole::default(),
            leaves: self.leaves(unit).len(),
            waits: None,
        }));
    }

    fn row(
        &self,
        (roster, vouching): (&Roster, &Vouching),
        (unit, slices): (UnitCode, Vec<String>),
        lists: &[&SentList],
    ) -> ListStanding {
        let newest = lists.iter().max_by_key(|list| (list.as_of, list.say));
        let mut whole: Vec<&SentList> = lists.to_vec();
        whole.retain(|list| list.partial.is_none());
        whole.sort_by_key(|list| (list.as_of, list.say));
        let told = whole.last().map(|list| list.as_of);
        let kept = self.kept.iter();
        let kept = kept.filter(|list| list.roster == roster.id && list.unit.contains(&unit));
        let kept = kept.map(|list| vouching.until(list.confirmed)).max();
        let until = told.map(|day| vouching.until(day)).max(kept);
        // What the office keeps itself is confirmed again, however it came to be known before.
        let keeps = kept.is_some_and(|kept| Some(kept) == until);
        let (due, gaps) = match vouching.how {
            Vouches::Events(each) if !keeps => (
                told.map(|day| end_of(each, day.saturating_add(1.day()))),
                gaps(&whole),
            ),
            _ => (until.map(|until| until.saturating_sub(1.day())), Vec::new()),
        };
        let state = match due {
            None if lists.is_empty() => ListState::Never,
            None => ListState::Part,
            Some(due) if due < self.today => ListState::Overdue,
            Some(_) if !gaps.is_empty() => ListState::Gaps,
            Some(due) if days(self.today, due) <= soon(vouching) => ListState::Soon,
            Some(_) => ListState::InForce,
        };
        let mut on_time = in_time(vouching, &whole);
        if until.is_some_and(|until| until <= self.today) {
            on_time.whole += 1;
        }
        let sender = match newest {
            Some(list) => list.sender.clone(),
            None => roster.source.clone().unwrap_or_default(),
        };
        ListStanding {
            unit,
            roster: roster.id.clone(),
            sender,
            slices,
            state,
            last: newest.map(|list| last(list)),
            kept: kept.is_some(),
            until,
            due,
            gaps,
            on_time,
            leaves: self.leaves(unit).len(),
            waits: None,
        }
    }

    /// Marks the lists that never came and that no answer waits for: every fact that they would show has another list that shows it there.
    pub(super) fn spare(&self, rows: &mut [ListStanding]) {
        let in_force = |roster: &str, unit: &UnitCode| {
            let mut own = rows.iter().filter(|row| row.roster == roster).peekable();
            let above = |row: &ListStanding| row.unit.contains(unit);
            let concerned = |row: &&ListStanding| above(row) || unit.contains(&row.unit);
            own.peek().is_some()
                && own.clone().any(|row| concerned(&row))
                && own.filter(concerned).all(|row| row.state.is_in_force())
        };
        let facts = self.pack.subjects.iter();
        let facts: Vec<&pack::Fact> = facts.flat_map(|subject| subject.facts()).collect();
        let spared = |row: &ListStanding| {
            let names = |fact: &&&pack::Fact| fact.closed.rosters().any(|own| own == row.roster);
            let mut named = facts.iter().filter(names).peekable();
            row.state == ListState::Never
                && named.peek().is_some()
                && named.all(|fact| {
                    let mut others = fact.closed.rosters().filter(|own| *own != row.roster);
                    others.any(|other| in_force(other, &row.unit))
                })
        };
        let spared: Vec<bool> = rows.iter().map(spared).collect();
        for (row, spared) in rows.iter_mut().zip(spared) {
            if spared {
                row.state = ListState::Spared;
            }
        }
    }
}

/// The lists that belong together: all of them, or where their matter is divided those by whose newest whole list the same parts stand.
fn by_slices<'l>(
    vouching: &Vouching,
    lists: Vec<&'l SentList>,
) -> Vec<(Vec<String>, Vec<&'l SentList>)> {
    let slices: BTreeSet<&String> = lists.iter().flat_map(|list| &list.slices).collect();
    if vouching.by.is_none() || slices.is_empty() {
        return vec![(Vec::new(), lists)];
    }
    let mut together: BTreeMap<SayId, Vec<String>> = BTreeMap::new();
    for slice in slices {
        let own = lists.iter().filter(|list| list.slices.contains(slice));
        let newest = own.max_by_key(|list| (list.partial.is_none(), list.as_of, list.say));
        if let Some(newest) = newest {
            together.entry(newest.say).or_default().push(slice.clone());
        }
    }
    let each = together.into_values().map(|slices| {
        let speaks = |list: &&SentList| list.slices.iter().any(|slice| slices.contains(slice));
        let own = lists.iter().copied().filter(speaks).collect();
        (slices, own)
    });
    each.collect()
}

fn last(list: &SentList) -> LastSent {
    LastSent {
        say: Some(list.say),
        sender: list.sender.clone(),
        unit: list.unit,
        as_of: list.as_of,
        since: list.since,
        arrived: list.arrived,
        rows: Some((list.rows, list.unplaced)),
        partial: list.partial.map(|partial| match partial {
            Partial::Said => PartOf::Said,
            Partial::Unplaced => PartOf::Unplaced,
            Partial::Fewer(before) => PartOf::Fewer(Some(before)),
        }),
    }
}

/// The last day of the stretch of the calendar in which a day lies.
fn end_of(each: Each, day: Date) -> Date {
    match each {
        Each::Month => Period::month_of(day).end(),
        Each::Quarter => Period::quarter_of(day).end(),
        Each::Year => Period::year_of(day).end(),
    }
}

fn soon(vouching: &Vouching) -> i32 {
    match vouching.how {
        Vouches::Events(Each::Month) => SOON[0],
        Vouches::Events(Each::Quarter) => SOON[1],
        Vouches::Events(Each::Year) | Vouches::Roll => SOON[2],
    }
}

/// How many days from one to another.
fn days(from: Date, to: Date) -> i32 {
    kernel::date::to_days(to) - kernel::date::to_days(from)
}

/// Between the first day and the last of which lists of what happened tell, the days of which none does.
fn gaps(lists: &[&SentList]) -> Vec<(Date, Date)> {
    let spans = lists
        .iter()
        .map(|list| (list.since.unwrap_or(list.as_of), list.as_of));
    let mut spans: Vec<(Date, Date)> = spans.collect();
    spans.sort_unstable();
    let mut gaps = Vec::new();
    let mut told: Option<Date> = None;
    for (from, to) in spans {
        if let Some(told) = told {
            let next = told.saturating_add(1.day());
            if from > next {
                gaps.push((next, from.saturating_sub(1.day())));
            }
        }
        told = Some(told.map_or(to, |told| told.max(to)));
    }
    gaps
}

/// Of the lists that had one before them, how many came before that ran out. Of several of one day the first counts.
fn in_time(vouching: &Vouching, lists: &[&SentList]) -> PartOfWhole {
    let mut first: BTreeMap<Date, Option<Date>> = BTreeMap::new();
    for list in lists {
        let known = first.entry(list.as_of).or_insert(list.arrived);
        *known = (*known).min(list.arrived);
    }
    let days: Vec<(Date, Option<Date>)> = first.into_iter().collect();
    let mut rate = PartOfWhole::default();
    for pair in days.windows(2) {
        if let [(before, _), (_, Some(arrived))] = pair {
            rate.whole += 1;
            rate.part += usize::from(*arrived < vouching.until(*before));
        }
    }
    rate
}

#[cfg(test)]
mod tests {
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
}
