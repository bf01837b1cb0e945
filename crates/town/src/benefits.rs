//! The benefit lists as the office keeps them: mostly right, some people missed, some left on after they should have gone.
//! Promises one row for a person and programme; never looks at anything but the conditions and last year's answers.

use std::collections::BTreeSet;

use crate::Setting;
use crate::answers::TrueAnswer;
use crate::day::Day;
use crate::dice::Dice;
use crate::facts::Facts;
use crate::model::{Benefit, TownProgramme, Who};
use crate::papers::Papers;

impl TownProgramme {
    /// How many in a thousand entitled people the list misses; of those entitled last year only, how many it still holds.
    fn slips(self) -> (u32, u32) {
        match self {
            TownProgramme::RuralFamily => (85, 500),
            TownProgramme::Bereaved => (130, 600),
            TownProgramme::DisabledChild => (190, 600),
            TownProgramme::Complication => (250, 600),
            TownProgramme::OneChildParent => (55, 110),
            TownProgramme::DoubleUnemployed => (70, 420),
            TownProgramme::UnemployedRetired => (55, 450),
            TownProgramme::Childcare => (110, 130),
        }
    }

    /// When it began to pay.
    fn began(self) -> Day {
        match self {
            TownProgramme::RuralFamily => Day::new(2006, 1, 1),
            TownProgramme::Bereaved | TownProgramme::DisabledChild => Day::new(2008, 1, 1),
            TownProgramme::Complication => Day::new(2012, 1, 1),
            TownProgramme::Childcare => Day::new(2025, 1, 1),
            _ => Day::new(2004, 1, 1),
        }
    }

    /// Fen a month.
    fn monthly(self, grade: Option<u8>) -> u32 {
        match (self, grade) {
            (TownProgramme::RuralFamily, _) => 8_000,
            (TownProgramme::Bereaved, _) => 59_000,
            (TownProgramme::DisabledChild, _) => 46_000,
            (TownProgramme::Complication, Some(1)) => 52_000,
            (TownProgramme::Complication, Some(2)) => 39_000,
            (TownProgramme::Complication, _) => 26_000,
            (TownProgramme::OneChildParent, _) => 1_000,
            (TownProgramme::DoubleUnemployed, _) => 10_000,
            (TownProgramme::UnemployedRetired, _) => 20_000,
            (TownProgramme::Childcare, _) => 30_000,
        }
    }
}

/// When the office first had reason to put somebody on a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Before this year.
    Before,
    /// This year.
    Now,
    /// Never.
    Never,
}

impl Papers {
    /// Writes the benefit lists.
    pub fn benefits(&mut self) {
        let mut dice = self.dice("benefits");
        let now = Facts::new(&self.town, self.on);
        let then = Facts::new(&self.town, self.before());
        let wrongly: BTreeSet<(TownProgramme, Who)> = self.wrongly.iter().copied().collect();
        let mut rows = Vec::new();
        let mut listed: BTreeSet<(TownProgramme, Who)> = BTreeSet::new();
        for programme in TownProgramme::ALL {
            for (subject, second) in self.subjects(programme) {
                let answer = |facts: &Facts<'_>| match second {
                    Some((at, _)) => facts.couple(at),
                    None => facts.answer(programme, subject),
                };
                let wrong = wrongly.contains(&(programme, subject));
                let before = answer(&then);
                let was = before == TrueAnswer::Entitled;
                let Some(stopped) = decide(&mut dice, programme, &answer(&now), was, wrong) else {
                    continue;
                };
                let seen = match (&before, wrong) {
                    (TrueAnswer::NotEntitled, false) => Seen::Now,
                    (TrueAnswer::NotEntitled, true) => Seen::Never,
                    _ => Seen::Before,
                };
                let mut names = vec![subject];
                if let Some((_, husband)) = second.filter(|_| !wrong) {
                    names = match dice.below(10) {
                        0..6 => vec![subject],
                        6..9 => vec![husband],
                        _ => vec![subject, husband],
                    };
                }
                let Some(since) = self.since(&mut dice, &now, programme, subject, seen) else {
                    continue;
                };
                for who in names {
                    if listed.insert((programme, who)) {
                        let until =
                            stopped.then(|| Day(dice.between(self.before().0 + 33, self.on.0 - 3)));
                        let grade = now.complication(who).and_then(|row| row.grade);
                        let since = until.map_or(since, |until| since.min(until.plus(-25)));
                        rows.push(Benefit {
                            who,
                            programme,
                            since,
                            until,
                            monthly: programme.monthly(grade),
                        });
                    }
                }
            }
        }
        if self.town.wish.setting == Setting::District {
            self.as_reported(&mut dice, &mut rows);
        }
        self.town.benefits = rows;
    }

    /// Lets a bureau pay as many as its report tells, in proportion: whoever is too many is missed.
    fn as_reported(&self, dice: &mut Dice, rows: &mut Vec<Benefit>) {
        for (programmes, reported) in [(TownProgramme::RURAL, 173), (TownProgramme::SPECIAL, 6)] {
            let (people, usual) = (self.town.wish.people, Setting::District.people());
            let wanted = u64::from(reported * people + usual / 2) / u64::from(usual);
            let paid = |row: &Benefit| row.until.is_none() && programmes.contains(&row.programme);
            let mut paid: Vec<usize> = (0..rows.len()).filter(|&at| paid(&rows[at])).collect();
            dice.shuffle(&mut paid);
            let wanted = usize::try_from(wanted)
                .unwrap_or(usize::MAX)
                .min(paid.len());
            let surplus: BTreeSet<usize> = paid.split_off(wanted).into_iter().collect();
            let mut at = 0..;
            rows.retain(|_| at.next().is_some_and(|at| !surplus.contains(&at)));
        }
    }

    /// Whom a programme may concern: a person, or a wife with the marriage and her husband.
    fn subjects(&self, programme: TownProgramme) -> Vec<(Who, Option<(usize, Who)>)> {
        if programme == TownProgramme::DoubleUnemployed {
            let couples = self.town.marriages.iter().enumerate();
            return couples
                .map(|(at, tie)| (tie.wife, Some((at, tie.husband))))
                .collect();
        }
        let here = self
            .town
            .people
            .iter()
            .filter(|(_, person)| person.residence.is_some());
        here.map(|(who, _)| (who, None)).collect()
    }

    /// Since when somebody has been on the list: the first of a month after the conditions came together.
    /// Nobody is on it within some forty days.
    fn since(
        &self,
        dice: &mut Dice,
        facts: &Facts<'_>,
        programme: TownProgramme,
        who: Who,
        seen: Seen,
    ) -> Option<Day> {
        let birth = self.town.people[who].birth;
        let ready = match programme {
            TownProgramme::RuralFamily => birth.anniversary(60),
            TownProgramme::Bereaved | TownProgramme::DisabledChild => birth.anniversary(49),
            TownProgramme::Complication => facts.complication(who).map_or(birth, |row| row.consent),
            TownProgramme::OneChildParent => {
                facts.certificate(who).map_or(birth, |paper| paper.issued)
            }
            TownProgramme::DoubleUnemployed => {
                facts.job(who).and_then(|job| job.since).unwrap_or(birth)
            }
            TownProgramme::UnemployedRetired => {
                facts.job(who).and_then(|job| job.retired).unwrap_or(birth)
            }
            TownProgramme::Childcare => birth,
        };
        let ready = ready.max(programme.began());
        let (earliest, latest) = match seen {
            Seen::Before => (programme.began(), self.before().plus(-10)),
            Seen::Now => (self.before().plus(20), self.on.plus(-40)),
            Seen::Never => (programme.began(), self.on.plus(-40)),
        };
        let day = ready.plus(dice.between(10, 300)).max(earliest).min(latest);
        if seen == Seen::Now && ready > latest {
            return None;
        }
        let (year, month, _) = day.max(programme.began()).parts();
        Some(Day::new(year, month, 1))
    }
}

/// Whether somebody is on the list, and whether payment has been stopped.
fn decide(
    dice: &mut Dice,
    programme: TownProgramme,
    now: &TrueAnswer,
    was: bool,
    wrong: bool,
) -> Option<bool> {
    let (missed, kept) = programme.slips();
    match now {
        TrueAnswer::Entitled => (!dice.chance(missed)).then_some(false),
        TrueAnswer::CannotTell(..) => dice.chance(450).then_some(false),
        TrueAnswer::NotEntitled if wrong => Some(false),
        TrueAnswer::NotEntitled if was && dice.chance(kept) => Some(false),
        TrueAnswer::NotEntitled if was => dice.chance(700).then_some(true),
        TrueAnswer::NotEntitled => None,
    }
}
