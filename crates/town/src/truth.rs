//! The truth about a town: its figures, and the right answer for everyone whom a programme or a benefit list concerns.
//! Promises answers and figures counted afresh from the papers; never reads a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::TrueAnswer;
use crate::day::Day;
use crate::facts::Facts;
use crate::known::KnownLists;
use crate::model::{Marital, Nationality, Town, TownProgramme, TownSex, Who};
use crate::write::FileNote;
use jiff::civil::Date;

/// The figures of the street report, by their names in `truth.json`.
pub type TownFigures = BTreeMap<&'static str, u64>;

/// Where somebody belongs when the benefit list is compared with the conditions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum List {
    /// Entitled, and not on the benefit list.
    Missed,
    /// On the benefit list, and not entitled.
    NoLonger,
    /// Facts are missing that somebody has to ask for.
    ToFindOut,
    /// Facts are missing of which lists have to tell.
    Waits,
    /// Entitled; whether on the benefit list can't be told.
    Unlisted,
    /// Entitled, and on the benefit list.
    Ok,
}

impl List {
    /// As `truth.csv` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            List::Missed => "missed",
            List::NoLonger => "no-longer",
            List::ToFindOut => "to-find-out",
            List::Waits => "waits",
            List::Unlisted => "unlisted",
            List::Ok => "ok",
        }
    }
}

/// The right answer for one person (a couple by the wife) and programme.
#[derive(Clone, Debug)]
pub struct Line {
    /// The person; the wife of a couple.
    pub who: Who,
    /// The programme.
    pub programme: TownProgramme,
    /// The answer.
    pub verdict: TrueAnswer,
    /// Whether a benefit list names the person, or either of the couple.
    pub enrolled: bool,
    /// Whether benefit lists tell that they don't.
    pub told: bool,
}

impl Line {
    /// "entitled", "not-entitled" or "cannot-tell".
    pub fn answer(&self) -> &'static str {
        match self.verdict {
            TrueAnswer::Entitled => "entitled",
            TrueAnswer::NotEntitled => "not-entitled",
            TrueAnswer::CannotTell(..) => "cannot-tell",
        }
    }
    /// The missing facts.
    pub fn missing(&self) -> &[&'static str] {
        match &self.verdict {
            TrueAnswer::CannotTell(facts, _) => facts,
            _ => &[],
        }
    }
    /// The facts of which lists have to tell.
    pub fn waits(&self) -> &[&'static str] {
        match &self.verdict {
            TrueAnswer::CannotTell(_, facts) => facts,
            _ => &[],
        }
    }
    /// Where the person belongs.
    pub fn list(&self) -> List {
        match (&self.verdict, self.enrolled) {
            (TrueAnswer::Entitled, true) => List::Ok,
            (TrueAnswer::Entitled, false) if !self.told => List::Unlisted,
            (TrueAnswer::Entitled, false) => List::Missed,
            (TrueAnswer::NotEntitled, _) => List::NoLonger,
            (TrueAnswer::CannotTell(ask, _), _) if ask.is_empty() => List::Waits,
            (TrueAnswer::CannotTell(..), _) => List::ToFindOut,
        }
    }
}

/// What some lists tell on a day.
#[derive(Clone, Debug)]
pub struct ToldTruth {
    /// Everyone entitled, undecided, or on a benefit list, as in [`Truth`].
    pub lines: Vec<Line>,
    /// Of how many each programme is asked.
    pub subjects: BTreeMap<TownProgramme, usize>,
}

/// TownFigures and answers of a town.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The figures.
    pub figures: TownFigures,
    /// Everyone entitled, undecided, or on a benefit list; everyone else is not entitled. By programme, then by person.
    pub lines: Vec<Line>,
}

impl Town {
    /// The day the town is of.
    pub fn day(&self) -> Day {
        Day::from(self.wish.on)
    }

    /// Evaluates the programmes and counts the figures.
    pub fn truth(&self) -> Truth {
        self.truth_by(None)
    }

    /// The same by what lists tell of those who aren't on them.
    pub fn truth_by(&self, lists: Option<KnownLists>) -> Truth {
        let facts = Facts::new(self, self.day()).by(lists);
        let lines = self.lines(&facts);
        let mut figures = self.count();
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let entitled = |programme| {
            let wanted = move |line: &&Line| {
                line.programme == programme && line.verdict == TrueAnswer::Entitled
            };
            lines.iter().filter(wanted)
        };
        let family = |line: &Line| {
            facts
                .spouse(line.who)
                .map_or(line.who, |spouse| spouse.min(line.who))
        };
        let families: BTreeSet<Who> = entitled(TownProgramme::Bereaved).map(family).collect();
        figures.insert("special_families", number(families.len()));
        figures.insert(
            "double_unemployed_couples",
            number(entitled(TownProgramme::DoubleUnemployed).count()),
        );
        figures.insert(
            "unemployed_retired",
            number(entitled(TownProgramme::UnemployedRetired).count()),
        );
        let enrolled = self.enrolled(self.day());
        for (figure, programmes) in [
            ("rural_support_paid", TownProgramme::RURAL),
            ("special_support_paid", TownProgramme::SPECIAL),
        ] {
            let paid = enrolled.iter().filter(|(own, _)| programmes.contains(own));
            figures.insert(figure, number(paid.count()));
        }
        Truth { figures, lines }
    }

    /// What each child is owed of the childcare subsidy for the year of the town's day, in fen: due by the law's own sums and on no payment
    /// list. The subsidy is paid by years: who fulfils the conditions on the first or on the last day of a year, the age apart, is
    /// due what that year brings (育儿补贴制度实施方案). Children of whom anything can't be told are left out.
    pub fn childcare_owed(&self, lists: &KnownLists) -> BTreeMap<Who, i64> {
        let last = self.day();
        let year = last.year();
        let mut owed = BTreeMap::new();
        let days = [Day::new(year, 1, 1), last];
        let days = days.map(|on| Facts::new(self, on).by(Some(lists.clone())));
        for (who, person) in self.people.iter() {
            let (born, month, _) = person.birth.parts();
            let due_in_year = match year - born {
                0..=2 if born >= 2022 => 360_000,
                3 if (2022..2025).contains(&born) => 30_000 * i64::from(month),
                _ => continue,
            };
            let mut each = days.iter().filter_map(|facts| {
                let on = facts.on;
                let here = person.birth <= on
                    && facts.lives(who) == Some(true)
                    && facts.is_registered(who) == Some(true)
                    && person.nationality == Some(Nationality::Chinese);
                let paid = self.benefits.iter().any(|row| {
                    let on_list = row.since <= on && row.until.is_none_or(|until| until > on);
                    row.who == who && row.programme == TownProgramme::Childcare && on_list
                });
                let told = lists.tells_paid(self, who, on);
                here.then_some((paid, told))
            });
            if let Some((false, true)) = each.next() {
                owed.insert(who, due_in_year);
            }
        }
        owed
    }

    /// The names of whoever is entitled to something, with those of their husbands and wives.
    pub(crate) fn counted_names(&self) -> BTreeSet<String> {
        let facts = Facts::new(self, self.day());
        let lines = self.lines(&facts);
        let entitled = lines
            .iter()
            .filter(|line| line.verdict == TrueAnswer::Entitled);
        let people = entitled.flat_map(|line| [Some(line.who), facts.spouse(line.who)]);
        let people = people.flatten();
        people.map(|who| self.people[who].full_name()).collect()
    }

    /// What is true on a day by some of the lists written, and by nothing else: what only the others tell is not known, and of whom
    /// only they speak nobody knows.
    pub fn told_by(&self, lists: &[&FileNote], on: Date) -> ToldTruth {
        let there = self.there(lists);
        let known = KnownLists::of(&there, lists.iter().copied());
        let facts = Facts::new(&there, Day::from(on)).by(Some(known));
        let subjects = there.subjects(&facts);
        let lines = there.lines(&facts);
        ToldTruth { lines, subjects }
    }

    /// Everyone on a benefit list on the day, by programme.
    fn enrolled(&self, on: Day) -> BTreeSet<(TownProgramme, Who)> {
        let current = self
            .benefits
            .iter()
            .filter(|row| row.since <= on && row.until.is_none_or(|until| until > on));
        current.map(|row| (row.programme, row.who)).collect()
    }

    /// Whom each programme is asked of on a day: everybody born, and every couple married, of whom there is a row.
    fn subjects(&self, facts: &Facts<'_>) -> BTreeMap<TownProgramme, usize> {
        let named = self.named();
        let born = named.iter().filter(|who| facts.is_born(**who)).count();
        let married = (0..self.marriages.len()).filter(|at| facts.is_current(*at));
        let married = married.count();
        let each = TownProgramme::ALL.into_iter().map(|programme| {
            let of_couples = programme == TownProgramme::DoubleUnemployed;
            (programme, if of_couples { married } else { born })
        });
        each.collect()
    }

    fn lines(&self, facts: &Facts<'_>) -> Vec<Line> {
        let enrolled = self.enrolled(facts.on);
        let named = self.named();
        let mut lines = Vec::new();
        let told = |who| match &facts.lists {
            Some(lists) => lists.tells_paid(self, who, facts.on),
            None => true,
        };
        for programme in TownProgramme::ALL {
            let on_list = |who| enrolled.contains(&(programme, who));
            let mut note = |who, verdict: TrueAnswer, (enrolled, told): (bool, bool)| {
                if enrolled || verdict != TrueAnswer::NotEntitled {
                    lines.push(Line {
                        told,
                        who,
                        programme,
                        verdict,
                        enrolled,
                    });
                }
            };
            if programme == TownProgramme::DoubleUnemployed {
                let mut met = BTreeSet::new();
                for (at, tie) in self.marriages.iter().enumerate() {
                    if !facts.is_current(at) {
                        continue;
                    }
                    let both = [tie.wife, tie.husband];
                    met.extend(both);
                    let on_list = both.into_iter().any(on_list);
                    let told = both.into_iter().all(&told);
                    note(tie.wife, facts.couple(at), (on_list, told));
                }
                for who in named.iter().copied().filter(|who| on_list(*who)) {
                    if !met.contains(&who) {
                        note(who, facts.no_couple(who), (true, told(who)));
                    }
                }
                continue;
            }
            for who in named.iter().copied().filter(|who| facts.is_born(*who)) {
                let told = told(who);
                note(who, facts.answer(programme, who), (on_list(who), told));
            }
        }
        lines
    }

    /// The figures that need no programme.
    fn count(&self) -> TownFigures {
        let on = self.day();
        let first = Day::new(on.year(), 1, 1);
        let mut figures = TownFigures::new();
        let area = self
            .communities
            .iter()
            .map(|community| u64::from(community.area))
            .sum();
        figures.insert("area_m2", area);
        let mut add =
            |name: &'static str, holds: bool| *figures.entry(name).or_default() += u64::from(holds);
        let mut homes: BTreeMap<u32, bool> = BTreeMap::new();
        for (_, person) in self.people.iter() {
            let here = person.resident_on(on);
            let fertile =
                here && person.sex == TownSex::Female && (15..=49).contains(&person.birth.age(on));
            let married = matches!(person.marital, Marital::Married { .. });
            add("population", here);
            add("population_before", person.resident_on(first.plus(-1)));
            add("women_15_49", fertile);
            add("married_women_15_49", fertile && married);
            add(
                "deaths",
                person.died.is_some_and(|died| died >= first && died <= on),
            );
            if let Some(home) = person.residence.as_ref().filter(|_| here) {
                add("migrants", !home.registered);
                let away = home.registered && home.living == Some(false);
                *homes.entry(home.household).or_insert(true) &= away;
            }
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        figures.insert("births", number(self.births.len()));
        figures.insert("households", number(homes.len()));
        figures.insert(
            "empty_households",
            number(homes.values().filter(|&&empty| empty).count()),
        );
        figures
    }
}
