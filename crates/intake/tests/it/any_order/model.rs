//! What is true on a day, worked out as plainly as possible from what the lists that stand say. It knows nothing of commits, of
//! records or of how anything is kept: only who said what as of when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::hearing::{Claim, Said, UNREAD, Voice, Which, hear};
use super::histories::{Deed, History, STREET};
use super::registers::Holds::{Back, Ever, Seen, Since};
use super::registers::{REGISTERS, register};

/// The records of a register on a day: by a key that means the same in any ledger, what is known of each.
pub type Table = BTreeMap<String, BTreeMap<&'static str, String>>;
/// The registers on a day.
pub type Day = BTreeMap<&'static str, Table>;

/// Whatever is found is right.
pub const ANY: &str = "*";

/// A value, and what it rests on.
struct Winner {
    value: String,
    as_of: Date,
    voice: Voice,
    until: Option<Date>,
    double: bool,
}

/// The truth of a set of lists.
pub struct Model {
    said: Vec<Said>,
    /// Numbers of people who are one with somebody of another number.
    doubles: BTreeMap<String, String>,
    turns: BTreeSet<Date>,
}

fn day_after(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(Date::MAX)
}

fn day_before(day: Date) -> Date {
    day.checked_sub(1.day()).unwrap_or(Date::MIN)
}

impl Model {
    /// The truth of a history when all of it is done.
    pub fn of(history: &History) -> Model {
        let mut model = Model {
            said: Vec::new(),
            doubles: BTreeMap::new(),
            turns: BTreeSet::new(),
        };
        let standing: Vec<&Deed> = history
            .stands()
            .into_iter()
            .map(|nth| &history.deeds[nth])
            .collect();
        for deed in &standing {
            if let Deed::Merge { kept, double } = deed {
                let (kept, double) = (model.one(kept), model.one(double));
                if kept != double {
                    model.doubles.insert(double, kept);
                }
            }
        }
        for deed in &standing {
            if let Deed::List(list) = deed
                && list.roster != "units"
            {
                let said = hear(list, &|number| model.one(number));
                model.turns.insert(said.as_of);
                for claim in said.claims.values() {
                    model.turns.extend(claim.from);
                    model.turns.extend(claim.until);
                }
                model.said.push(said);
            }
        }
        model
    }

    /// The days on which something begins or ends.
    pub fn turns(&self) -> &BTreeSet<Date> {
        &self.turns
    }

    /// The number that stands for somebody of a number.
    pub fn one(&self, number: &str) -> String {
        let mut number = number;
        while let Some(kept) = self.doubles.get(number) {
            number = kept;
        }
        number.to_owned()
    }

    /// Everything that is true on a day.
    pub fn day(&self, on: Date) -> Day {
        let mut day = Day::new();
        let mut counted = BTreeMap::new();
        let mut homes = Table::new();
        for who in self.keys("person") {
            let (rows, unit) = self.homes(&who, on);
            homes.extend(rows);
            let unit = unit.unwrap_or_else(|| self.nearest(&who, on));
            counted.insert(who, unit);
        }
        for register in REGISTERS {
            if register.id == "residence" {
                day.insert("residence", std::mem::take(&mut homes));
                continue;
            }
            let mut table = Table::new();
            for key in self.keys(register.id) {
                let which = (register.id, key.clone());
                let Some(since) = self.since(&which, on) else {
                    continue;
                };
                let mut known = self.fields(&which, on);
                insert_since(&mut known, since);
                let keeper = match register.id {
                    "household" => None,
                    "certificate" => known.get("child").cloned(),
                    "kinship" => key.split(['>', ' ']).nth(1).map(str::to_owned),
                    "enrolment" => None,
                    _ => Some(key.clone()),
                };
                if let Some(keeper) = keeper {
                    let unit = counted.get(&keeper).cloned();
                    known.insert("@unit", unit.unwrap_or_else(|| ANY.to_owned()));
                }
                table.insert(key, known);
            }
            day.insert(register.id, table);
        }
        day
    }

    /// The telephones that nobody can read and nobody has said since.
    pub fn unread(&self) -> Table {
        let mut unread = Table::new();
        for key in self.keys("contact") {
            let which = ("contact", key.clone());
            let claims = self.said.iter();
            let claims = claims.filter_map(|said| Some((said, said.claims.get(&which)?)));
            let claims: Vec<(&Said, &Claim)> = claims.collect();
            let read = claims.iter().filter(|(said, claim)| {
                let absences = self.absences(&said.voice, &which);
                let dropped = absences.iter().any(|day| *day > said.as_of);
                claim.fields.contains_key(UNREAD) && !dropped
            });
            let last = read.max_by_key(|(said, claim)| {
                (said.as_of, !claim.double, std::cmp::Reverse(said.voice))
            });
            let Some((last, claim)) = last else { continue };
            let told = |(said, claim): &(&Said, &Claim)| {
                said.as_of >= last.as_of && claim.fields.contains_key("phone")
            };
            if !claims.iter().any(told) && self.since(&which, day_before(Date::MAX)).is_some() {
                let text = claim.fields[UNREAD].clone();
                unread.insert(key, BTreeMap::from([("phone", text)]));
            }
        }
        unread
    }

    /// The records of a register that anything was ever said of.
    fn keys(&self, register: &str) -> BTreeSet<String> {
        let claims = self.said.iter().flat_map(|said| said.claims.keys());
        let of = claims.filter(|(of, _)| *of == register);
        of.map(|(_, key)| key.clone()).collect()
    }

    fn fields(&self, which: &Which, on: Date) -> BTreeMap<&'static str, String> {
        let fields = register(which.0).fields.iter();
        let known = fields.filter_map(|(id, ..)| Some((*id, self.value(which, id, on)?.value)));
        known.collect()
    }

    /// The days on which a voice no longer names whose record it is, of a record it spoke of before.
    fn absences(&self, voice: &Voice, which: &Which) -> Vec<Date> {
        if register(which.0).for_ever {
            return Vec::new();
        }
        let whose = which.1.split('@').next().unwrap_or_default();
        let whose = ("person", whose.to_owned());
        let mut absences = Vec::new();
        let mut spoken = false;
        for said in self.in_order(voice) {
            if said.whole && spoken && !said.claims.contains_key(&whose) {
                absences.push(said.as_of);
            }
            spoken |= said.claims.contains_key(which);
        }
        absences
    }

    fn in_order(&self, voice: &Voice) -> Vec<&Said> {
        let mut of: Vec<&Said> = self
            .said
            .iter()
            .filter(|said| said.voice == *voice)
            .collect();
        of.sort_by_key(|said| said.as_of);
        of
    }

    fn voices(&self) -> BTreeSet<Voice> {
        self.said.iter().map(|said| said.voice).collect()
    }

    /// The spans in which a voice says that a record exists.
    fn spans(&self, voice: &Voice, which: &Which) -> Vec<(Date, Date)> {
        let for_ever = register(which.0).for_ever;
        let absences = self.absences(voice, which);
        let mut spans: Vec<(Date, Date)> = Vec::new();
        for said in self.in_order(voice) {
            let Some(claim) = said.claims.get(which) else {
                if let Some((start, end)) = spans.last_mut().filter(|(_, end)| *end > said.as_of)
                    && absences.contains(&said.as_of)
                {
                    *end = said.as_of;
                    if said.as_of <= *start {
                        spans.pop();
                    }
                }
                continue;
            };
            let begins = claim
                .from
                .unwrap_or(if for_ever { Date::MIN } else { said.as_of });
            let last = spans.last().map_or(Date::MIN, |(_, end)| *end);
            // Who comes back is there since the day that is said, or a date named after the end.
            let begins = match claim.from {
                _ if spans.is_empty() => begins,
                Some(from) if from >= last => from,
                _ => said.as_of.max(last),
            };
            let open = !spans.is_empty() && last == Date::MAX;
            match claim.until {
                Some(until) if open || !spans.is_empty() && until <= last => {
                    if let Some((start, end)) = spans.last_mut() {
                        *end = until;
                        if until <= *start {
                            spans.pop();
                        }
                    }
                }
                Some(until) => {
                    let start = begins;
                    if start < until {
                        spans.push((start, until));
                    }
                }
                None if open => {}
                None => spans.push((begins, Date::MAX)),
            }
        }
        spans
    }

    /// Since when a record has existed on a day, if it does.
    fn since(&self, which: &Which, on: Date) -> Option<Date> {
        let spans = self
            .voices()
            .into_iter()
            .flat_map(|voice| self.spans(&voice, which));
        let holding = spans.filter(|(start, end)| *start <= on && on < *end);
        holding.map(|(start, _)| start).min()
    }

    /// What a field is on a day.
    fn value(&self, which: &Which, field: &str, on: Date) -> Option<Winner> {
        let fields = register(which.0).fields.iter();
        let (_, holds, authority) = fields.into_iter().find(|(id, ..)| *id == field)?;
        let rank = |voice: &Voice| {
            let listed = authority.iter().position(|sender| *sender == voice.0);
            listed.unwrap_or(authority.len())
        };
        // Whoever counts more for a telephone does so for two years.
        let stale = |as_of: Date| {
            let ends = as_of.saturating_add(jiff::Span::new().months(24));
            which.0 == "contact" && field == "phone" && ends <= on
        };
        // The best first: who counts most, of what never changes who stays, what was said last, of who stays, the smaller voice.
        let mut now = Vec::new();
        // And if there is none yet: what was said first, by who counts most, of who stays, the smaller voice.
        let mut first = Vec::new();
        for said in &self.said {
            let Some(claim) = said.claims.get(which) else {
                continue;
            };
            let number = claim.fields.get("id_number");
            let told = || number.and_then(|number| told(which.0, field, number));
            let Some(value) = claim.fields.get(field).cloned().or_else(told) else {
                continue;
            };
            let absences = self.absences(&said.voice, which);
            let gone = absences
                .into_iter()
                .find(|day| *day > said.as_of)
                .unwrap_or(Date::MAX);
            let end = gone.min(claim.until.unwrap_or(Date::MAX));
            let start = match holds {
                Since => claim.from.unwrap_or(said.as_of),
                Seen | Back => claim.from.map_or(said.as_of, |from| from.max(said.as_of)),
                Ever => Date::MIN,
            };
            let winner = || Winner {
                value: value.clone(),
                as_of: said.as_of,
                voice: said.voice,
                until: claim.until,
                double: claim.double,
            };
            if start <= on && on < end {
                let counts = match stale(said.as_of) {
                    true => usize::MAX,
                    false => rank(&said.voice),
                };
                let order = (
                    counts,
                    *holds == Ever && claim.double,
                    std::cmp::Reverse(said.as_of),
                    rank(&said.voice),
                    claim.double,
                    said.voice,
                );
                now.push((order, winner()));
            }
            if *holds == Back && claim.from.unwrap_or(Date::MIN) <= on && on < end {
                let order = (said.as_of, rank(&said.voice), claim.double, said.voice);
                first.push((order, winner()));
            }
        }
        let now = now.into_iter().min_by_key(|(order, _)| *order);
        let first = first.into_iter().min_by_key(|(order, _)| *order);
        now.map(|(_, winner)| winner)
            .or(first.map(|(_, winner)| winner))
    }

    /// Somebody's homes on a day, and the unit that counts them.
    fn homes(&self, who: &str, on: Date) -> (Table, Option<String>) {
        let mut rows: BTreeMap<String, BTreeMap<&'static str, String>> = BTreeMap::new();
        for key in self.keys("residence") {
            let which = ("residence", key.clone());
            if let Some((of, unit)) = key.split_once('@')
                && of == who
                && let Some(since) = self.since(&which, on)
            {
                let mut known = self.fields(&which, on);
                insert_since(&mut known, since);
                rows.insert(unit.to_owned(), known);
            }
        }
        let mut theirs = BTreeMap::new();
        for flag in ["registered", "living"] {
            let mut home = self.flagged(who, flag, on);
            if home.is_none()
                && let Some((unit, last)) = self.lasting(who, flag, on)
            {
                let row = rows.entry(unit.clone()).or_insert_with(|| {
                    let which = ("residence", format!("{who}@{unit}"));
                    let mut known = self.fields(&which, last);
                    known.remove("registered");
                    known.remove("living");
                    insert_since(&mut known, self.since(&which, last).unwrap_or(Date::MIN));
                    known
                });
                row.insert(flag, "true".to_owned());
                home = Some(unit);
            }
            theirs.insert(flag, home);
        }
        // A street-wide list knows less than a community's.
        if rows.len() > 1 {
            rows.remove(STREET);
        }
        for (flag, home) in &theirs {
            for (unit, row) in &mut rows {
                if row.get(flag).is_some_and(|said| said == "true") && home.as_ref() != Some(unit) {
                    row.insert(flag, "false".to_owned());
                    row.insert("@lost", String::new());
                }
            }
        }
        let is =
            |row: &BTreeMap<&str, String>, flag| row.get(flag).is_some_and(|said| said == "true");
        rows.retain(|_, row| {
            row.remove("@lost").is_none() || is(row, "registered") || is(row, "living")
        });
        let flagged = |flag| {
            rows.iter()
                .find(|(_, row)| is(row, flag))
                .map(|(unit, _)| unit.clone())
        };
        let counted = flagged("registered")
            .or_else(|| flagged("living"))
            .or_else(|| {
                let best = rows.iter().min_by_key(|(unit, row)| {
                    let which = ("residence", format!("{who}@{unit}"));
                    (
                        std::cmp::Reverse(self.last_said(&which, on)),
                        row.get("@since").cloned(),
                        (*unit).clone(),
                    )
                });
                best.map(|(unit, _)| unit.clone())
            });
        let mut table = Table::new();
        for (unit, mut row) in rows {
            row.insert("@counted", (Some(&unit) == counted.as_ref()).to_string());
            table.insert(format!("{who}@{unit}"), row);
        }
        (table, counted)
    }

    /// Of somebody without a home on a day, the unit of the last that had begun, or else of the first to come, or else the street's.
    fn nearest(&self, who: &str, on: Date) -> String {
        let mut homes = Vec::new();
        for said in &self.said {
            for ((register, key), claim) in &said.claims {
                if let ("residence", Some((of, unit))) = (*register, key.split_once('@'))
                    && of == who
                {
                    homes.push((unit.to_owned(), claim.from.unwrap_or(said.as_of)));
                }
            }
        }
        let mut starts: BTreeMap<String, Date> = BTreeMap::new();
        for (unit, start) in homes {
            let first = starts.entry(unit).or_insert(start);
            *first = start.min(*first);
        }
        let begun = starts.iter().filter(|(_, start)| **start <= on);
        let last = begun.min_by_key(|(unit, start)| (std::cmp::Reverse(**start), (*unit).clone()));
        let first = starts
            .iter()
            .min_by_key(|(unit, start)| (**start, (*unit).clone()));
        last.or(first)
            .map_or(STREET.to_owned(), |(unit, _)| unit.clone())
    }

    /// Of the homes that are somebody's by their lists on a day, the one said last.
    fn flagged(&self, who: &str, flag: &str, on: Date) -> Option<String> {
        let mut homes = Vec::new();
        for key in self.keys("residence") {
            let which = ("residence", key.clone());
            let Some((of, unit)) = key.split_once('@') else {
                continue;
            };
            if of != who {
                continue;
            }
            if let (Some(since), Some(said)) =
                (self.since(&which, on), self.value(&which, flag, on))
                && said.value == "true"
            {
                let said = (std::cmp::Reverse(said.as_of), said.double);
                homes.push((said, since, unit.to_owned()));
            }
        }
        homes.into_iter().min().map(|(_, _, unit)| unit)
    }

    /// The home that a list dropped and that lasts until the next one elsewhere begins; and its last day by its list.
    fn lasting(&self, who: &str, flag: &str, on: Date) -> Option<(String, Date)> {
        let mut past = self.turns.range(..=on).rev();
        let (unit, last) = past.find_map(|turn| {
            let last = day_before(*turn);
            Some((self.flagged(who, flag, last)?, last))
        })?;
        let which = ("residence", format!("{who}@{unit}"));
        let said = self.value(&which, flag, last)?;
        let left = day_after(last);
        let dropped = self.absences(&said.voice, &which).contains(&left);
        if !dropped || said.until.is_some_and(|until| until <= left) {
            return None;
        }
        let mut coming = self.turns.range(on..);
        let next = coming.find_map(|turn| self.flagged(who, flag, *turn))?;
        (next != unit).then_some((unit, last))
    }

    /// When a list said last, of those that hold on a day, that somebody has a home.
    fn last_said(&self, which: &Which, on: Date) -> Option<Date> {
        let said = self.said.iter().filter(|said| {
            let Some(claim) = said.claims.get(which) else {
                return false;
            };
            let absences = self.absences(&said.voice, which);
            let gone = absences
                .into_iter()
                .any(|day| day > said.as_of && day <= on);
            let begun = claim.from.unwrap_or(said.as_of) <= on;
            begun && !gone && claim.until.is_none_or(|until| on < until)
        });
        said.map(|said| said.as_of).max()
    }
}

/// Since when a record is there; nothing if ever since.
/// What a number tells of a field of a person.
fn told(register: &str, field: &str, number: &str) -> Option<String> {
    match (register, field) {
        ("person", "birth_date") => Some(format!(
            "{}-{}-{}",
            &number[6..10],
            &number[10..12],
            &number[12..14]
        )),
        ("person", "sex") => {
            let order: u8 = number[16..17].parse().ok()?;
            Some(if order % 2 == 1 { "1" } else { "2" }.to_owned())
        }
        _ => None,
    }
}

fn insert_since(known: &mut BTreeMap<&'static str, String>, since: Date) {
    if since > Date::MIN {
        known.insert("@since", since.to_string());
    }
}
