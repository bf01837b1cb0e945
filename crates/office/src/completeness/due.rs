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
mod tests;
