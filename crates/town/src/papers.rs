//! What the departments have on paper about families: lost and disabled children, certificates, complications.
//! Promises the wished number of special families, and papers with gaps for each fact that can be missing;
//! never leaves a gap where another condition already decides.

use std::collections::BTreeSet;

use crate::day::Day;
use crate::dice::Dice;
use crate::facts::Facts;
use crate::families::REPORTED;
use crate::model::{
    Alive, Certificate, Complication, Disability, Nationality, Town, TownProgramme, Who,
};

/// The papers of a town while they are being written.
pub struct Papers {
    /// The town.
    pub town: Town,
    /// The day.
    pub on: Day,
    /// People who already play a part.
    pub busy: BTreeSet<Who>,
    /// People on a benefit list by mistake.
    pub wrongly: Vec<(TownProgramme, Who)>,
}

/// A child's only family: the row, and its parents here.
struct OnlyChild {
    row: usize,
    parents: Vec<Who>,
}

impl Papers {
    pub fn new(town: Town) -> Papers {
        let on = town.day();
        Papers {
            town,
            on,
            busy: BTreeSet::new(),
            wrongly: Vec::new(),
        }
    }

    pub fn dice(&self, purpose: &str) -> Dice {
        Dice::new(self.town.wish.seed, purpose)
    }

    /// A figure of the reported street in proportion, but at least `least`.
    pub fn quota(&self, reported: u32, least: u32) -> usize {
        let people = u64::from(self.town.wish.people);
        let scaled = (u64::from(reported) * people + u64::from(REPORTED / 2)) / u64::from(REPORTED);
        usize::try_from(scaled).unwrap_or(0).max(least as usize)
    }

    /// Whether somebody is alive and has not left.
    pub fn still_here(&self, who: Who) -> bool {
        self.town.people[who].resident_on(self.on)
    }

    /// The last day of the year before.
    pub fn before(&self) -> Day {
        Day::new(self.on.year(), 1, 1).plus(-1)
    }

    /// Registered parents of 49 and more (by the woman) who have had one child, grown up and elsewhere.
    fn only_children_elsewhere(&self, dice: &mut Dice, facts: &Facts<'_>) -> Vec<OnlyChild> {
        let mut found = Vec::new();
        for (row, child) in self.town.children.iter().enumerate() {
            let (Some(father), Some(mother)) = (child.father, child.mother) else {
                continue;
            };
            let person = &self.town.people[child.child];
            let together = facts.spouse(father) == Some(mother);
            let apart = facts.spouse(father).is_none() && facts.spouse(mother).is_none();
            let here: Vec<Who> = [father, mother]
                .into_iter()
                .filter(|&who| {
                    self.town.people[who].residence.is_some()
                        && facts.registered(who)
                        && facts.alive(who)
                })
                .collect();
            let one = (together && !here.is_empty()) || (apart && here.len() == 1);
            let only = facts.children(father).ever == 1 && facts.children(mother).ever == 1;
            let old = here
                .iter()
                .all(|&who| facts.womans_age(who) >= 48 && facts.age(who) < 88);
            let grown =
                person.residence.is_none() && person.died.is_none() && facts.age(child.child) >= 12;
            let urban = here.iter().all(|&who| facts.rural(who) == Some(false));
            if one && only && old && grown && urban {
                found.push(OnlyChild { row, parents: here });
            }
        }
        dice.shuffle(&mut found);
        let threshold = self.on.anniversary(-49);
        let close = |family: &OnlyChild| {
            let mother = self.town.children[family.row].mother;
            mother.is_some_and(|who| (self.town.people[who].birth.0 - threshold.0).abs() <= 1)
        };
        found.sort_by_key(|family| !close(family));
        found
    }

    /// Children who have died, whose state nobody knows, or who are disabled.
    pub fn children(&mut self) {
        let mut dice = self.dice("children's papers");
        let facts = Facts::new(&self.town, self.on);
        let mut families = self.only_children_elsewhere(&mut dice, &facts).into_iter();
        let bereaved = |who: Who| {
            facts.answer(TownProgramme::Bereaved, who) == crate::answers::TrueAnswer::Entitled
        };
        let already: BTreeSet<Who> = self
            .town
            .people
            .iter()
            .filter(|&(who, _)| bereaved(who))
            .map(|(who, _)| facts.spouse(who).map_or(who, |spouse| spouse.min(who)))
            .collect();
        let wished = self.quota(21, 1).saturating_sub(already.len());
        let ages: Vec<i32> = (0..self.town.children.len())
            .map(|row| {
                self.town.children[row]
                    .mother
                    .map_or(0, |mother| facts.age(mother))
            })
            .collect();
        let unknown = self.quota(8, 2);
        let disabled = [self.quota(16, 2), self.quota(4, 2), self.quota(6, 1)];
        drop(facts);
        let mut lost = 0;
        while lost < wished {
            let Some(family) = families.next() else { break };
            lost += usize::from(ages[family.row] >= 49);
            self.lose(&mut dice, &family, lost);
        }
        let mut rest = families.filter(|family| ages[family.row] >= 49);
        for family in rest.by_ref().take(unknown) {
            self.town.children[family.row].state = None;
            self.busy.extend(&family.parents);
        }
        for (kind, count) in disabled.into_iter().enumerate() {
            for family in rest.by_ref().take(count) {
                let grade = match kind {
                    0 => Some(u8::try_from(dice.between(1, 3)).unwrap_or(1)),
                    1 => None,
                    _ => Some(4),
                };
                self.disable(&mut dice, family.row, grade);
                if kind == 2 && dice.chance(500) {
                    self.wrongly.extend(
                        family
                            .parents
                            .iter()
                            .map(|&who| (TownProgramme::DisabledChild, who)),
                    );
                }
                self.busy.extend(&family.parents);
            }
        }
        self.adopted_after_loss(&mut dice);
        self.adoptions(&mut dice);
        self.other_disabled(&mut dice);
    }

    /// Lets the child of a family have died in an earlier year, as one list or another tells it.
    fn lose(&mut self, dice: &mut Dice, family: &OnlyChild, way: usize) {
        let child = self.town.children[family.row].child;
        let birth = self.town.people[child].birth;
        let day = Day(dice.between(
            birth.0.max(self.before().0 - 9000) + 400,
            self.before().0 - 5,
        ));
        let row = &mut self.town.children[family.row];
        match way % 4 {
            0 => self.town.people[child].died = Some(day),
            1 => row.state = Some(Alive::No),
            _ => {
                row.state = Some(Alive::No);
                row.died = Some(day);
            }
        }
        self.busy.extend(&family.parents);
    }

    /// Couples who lost their first child and adopted another, but are still on the bereaved parents' list.
    fn adopted_after_loss(&mut self, dice: &mut Dice) {
        let facts = Facts::new(&self.town, self.on);
        let first = |row: &usize| {
            let child = &self.town.children[*row];
            let (Some(father), Some(mother)) = (child.father, child.mother) else {
                return None;
            };
            let elsewhere =
                self.town.people[child.child].residence.is_none() && facts.alive(child.child);
            let urban = [father, mother]
                .iter()
                .all(|&who| facts.registered(who) && facts.rural(who) == Some(false));
            let second = facts
                .child_rows(mother)
                .find(|other| other.child != child.child)?;
            let younger =
                self.town.people[second.child].birth > self.town.people[child.child].birth;
            let two = facts.children(mother).ever == 2 && facts.children(father).ever == 2;
            let fits =
                elsewhere && urban && two && younger && (49..80).contains(&facts.age(mother));
            let together = facts.spouse(father) == Some(mother) && facts.alive(father);
            (fits && together).then_some((*row, second.child, [father, mother]))
        };
        let mut found: Vec<_> = (0..self.town.children.len())
            .filter_map(|row| first(&row))
            .collect();
        drop(facts);
        dice.shuffle(&mut found);
        for (row, second, parents) in found.into_iter().take(self.quota(3, 1)) {
            self.town.children[row].state = Some(Alive::No);
            for other in self
                .town
                .children
                .iter_mut()
                .filter(|other| other.child == second)
            {
                other.adopted = true;
            }
            self.wrongly
                .extend(parents.map(|who| (TownProgramme::Bereaved, who)));
            self.busy.extend(parents);
        }
    }

    fn disable(&mut self, dice: &mut Dice, row: usize, grade: Option<u8>) {
        let who = self.town.children[row].child;
        let kind = u8::try_from(dice.below(7)).unwrap_or(0);
        let issued = self.issued(dice, who, 9, 0);
        self.town.disabilities.push(Disability {
            who,
            kind,
            grade,
            issued,
        });
    }

    /// A day on which a paper of somebody may have been issued: after an age, in the last 14 years, not this year's last month.
    fn issued(&self, dice: &mut Dice, who: Who, age: i32, months_back: i32) -> Day {
        let latest = self.on.plus(-31 - 30 * months_back);
        let earliest = self.town.people[who]
            .birth
            .anniversary(age)
            .max(latest.plus(-5000))
            .min(latest.plus(-30));
        Day(dice.between(earliest.0, latest.0))
    }

    fn adoptions(&mut self, dice: &mut Dice) {
        let adopted = self.quota(45, 1);
        for _ in 0..adopted {
            let row = dice.index(self.town.children.len());
            let young = self.town.children.get(row).is_some_and(|row| {
                self.town.people[row.child].birth.age(self.on) < 35
                    && self.town.people[row.child].residence.is_some()
            });
            if young {
                self.town.children[row].adopted = true;
            }
        }
    }

    /// Disabled people other than the only children chosen above.
    fn other_disabled(&mut self, dice: &mut Dice) {
        let facts = Facts::new(&self.town, self.on);
        let named: BTreeSet<Who> = self.town.children.iter().map(|row| row.child).collect();
        let mut people: Vec<Who> = self.town.people.iter().map(|(who, _)| who).collect();
        people.retain(|who| {
            !named.contains(who)
                && facts.registered(*who)
                && facts.alive(*who)
                && facts.age(*who) > 2
        });
        drop(facts);
        dice.shuffle(&mut people);
        people.truncate(self.quota(760, 6));
        for who in people {
            let kind = [0, 1, 2, 3, 3, 3, 4, 5, 6][dice.index(9)];
            let grade = u8::try_from(dice.between(1, 4)).ok();
            let issued = self.issued(dice, who, 2, 0);
            self.town.disabilities.push(Disability {
                who,
                kind,
                grade,
                issued,
            });
        }
    }

    /// One-child certificates.
    pub fn certificates(&mut self) {
        let mut dice = self.dice("certificates");
        let facts = Facts::new(&self.town, self.on);
        let mut named: BTreeSet<Who> = BTreeSet::new();
        let mut papers = Vec::new();
        for row in &self.town.children {
            let (Some(father), Some(mother)) = (row.father, row.mother) else {
                continue;
            };
            let birth = self.town.people[row.child].birth;
            let spouses = [facts.spouse(father), facts.spouse(mother)];
            let unmixed = spouses == [Some(mother), Some(father)] || spouses == [None, None] || {
                let widowed =
                    |dead: Who, left: Who| !facts.alive(dead) && facts.spouse(left).is_none();
                widowed(father, mother) || widowed(mother, father)
            };
            let local = [father, mother].iter().any(|&who| {
                self.town.people[who]
                    .residence
                    .as_ref()
                    .is_some_and(|home| home.registered)
            });
            let ever = facts.children(father).ever.max(facts.children(mother).ever);
            let first = facts
                .child_rows(mother)
                .all(|other| self.town.people[other.child].birth >= birth);
            let share = match (ever, local) {
                (1, true) => 780,
                (1, false) => 160,
                (2, true) if first => 270,
                _ => 0,
            };
            let fits = unmixed && (1977..=2015).contains(&birth.year());
            let unnamed = !named.contains(&father) && !named.contains(&mother);
            if fits && unnamed && dice.chance(share) {
                named.extend([father, mother]);
                let issued = birth
                    .plus(dice.between(60, 1400))
                    .min(Day::new(2016, 6, 30));
                let valid = Some(ever == 1 || dice.chance(260));
                let number = u32::try_from(papers.len()).unwrap_or(0) + 1;
                papers.push(Certificate {
                    number,
                    father: Some(father),
                    mother: Some(mother),
                    child: row.child,
                    issued,
                    valid,
                });
            }
        }
        drop(facts);
        self.town.certificates = papers;
    }

    /// Certified complications, with consent.
    pub fn complications(&mut self) {
        let mut dice = self.dice("complications");
        let facts = Facts::new(&self.town, self.on);
        let mut people: Vec<Who> = Vec::new();
        for (who, person) in self.town.people.iter() {
            if person.residence.is_some()
                && facts.alive(who)
                && facts.registered(who)
                && (44..76).contains(&facts.age(who))
            {
                people.push(who);
            }
        }
        let gone = |who: Who, left: bool| left && (44..85).contains(&facts.age(who));
        let mut former: Vec<Who> = Vec::new();
        for (who, person) in self.town.people.iter() {
            if gone(
                who,
                person
                    .residence
                    .as_ref()
                    .is_some_and(|home| home.registered && home.left.is_some()),
            ) {
                former.push(who);
            }
        }
        drop(facts);
        dice.shuffle(&mut former);
        for who in former.into_iter().take(self.quota(3, 1)) {
            let consent = self
                .issued(&mut dice, who, 30, 13)
                .max(Day::new(2018, 1, 5));
            self.town.complications.push(Complication {
                who,
                grade: Some(2),
                consent,
            });
            self.wrongly.push((TownProgramme::Complication, who));
        }
        dice.shuffle(&mut people);
        let (graded, blank) = (self.quota(14, 3), self.quota(4, 3));
        for (at, &who) in people
            .iter()
            .filter(|who| !self.busy.contains(who))
            .take(graded + blank)
            .enumerate()
        {
            let grade = (at >= blank).then(|| u8::try_from(dice.between(1, 3)).unwrap_or(3));
            let consent = self.issued(&mut dice, who, 30, 0).max(Day::new(2018, 1, 5));
            self.town.complications.push(Complication {
                who,
                grade,
                consent,
            });
        }
    }

    /// Small children whose nationality is not noted, or foreign.
    pub fn nationalities(&mut self) {
        let mut dice = self.dice("nationalities");
        let facts = Facts::new(&self.town, self.on);
        let small = |who: Who| facts.registered(who) && facts.alive(who) && facts.age(who) < 3;
        let mut people: Vec<Who> = self
            .town
            .people
            .iter()
            .map(|(who, _)| who)
            .filter(|&who| small(who))
            .collect();
        drop(facts);
        dice.shuffle(&mut people);
        let (blank, foreign) = (self.quota(9, 3), self.quota(3, 1));
        for (at, who) in people.into_iter().take(blank + foreign).enumerate() {
            self.town.people[who].nationality = Some(Nationality::Foreign).filter(|_| at >= blank);
            if at > blank {
                self.wrongly.push((TownProgramme::Childcare, who));
            }
        }
    }
}
