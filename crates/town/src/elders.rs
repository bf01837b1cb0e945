//! The older half of the town: couples, widows, widowers and lone people of 50 and more, and the deaths of the year.
//! Promises that the population comes out exactly as wished and the deaths as wanted; never touches those under 50.

use crate::dice::{Dice, Weights};
use crate::families::{Builder, Nucleus};
use crate::model::{Hukou, Marital, TownSex, Who};

/// First and last age of a group, and its shares.
type Old = ((i32, i32), [u32; 3]);

impl Builder<'_> {
    /// Fills the town up to the wished number.
    pub fn elders(&mut self) {
        let mut dice = self.dice("elders");
        let have = self
            .people
            .iter()
            .filter(|&(who, _)| self.counts(who))
            .count();
        let mut missing = self
            .wished
            .saturating_sub(u32::try_from(have).unwrap_or(u32::MAX));
        let (groups, weights) = self.old_groups();
        let (mut widows, mut widowers) = (self.quota(52), self.quota(28));
        while missing > 0 {
            let Some(&(ages, shares)) = groups.get(weights.draw(&mut dice)) else {
                return;
            };
            let age = dice.between(ages.0, ages.1);
            if missing > 1 && dice.chance(shares[0]) {
                let nucleus = self.couple(&mut dice, age, 12, None);
                missing -= if self.nuclei[nucleus as usize].man.is_some() {
                    2
                } else {
                    1
                };
                continue;
            }
            missing -= 1;
            let lone = 1000 - shares[0];
            let widowed = dice.below(lone) < shares[1];
            let divorced = !widowed && dice.below(lone - shares[1]) < shares[2];
            let sex = if dice.chance(if widowed { 250 } else { 480 }) {
                TownSex::Male
            } else {
                TownSex::Female
            };
            if !widowed && !divorced {
                self.never_married(&mut dice, sex, age);
                continue;
            }
            let left = if sex == TownSex::Female {
                &mut widows
            } else {
                &mut widowers
            };
            let dies = widowed && *left > 0;
            *left -= u32::from(dies);
            let day = dies.then(|| self.day_of_year(&mut dice));
            self.once_married(&mut dice, sex, age, widowed, day);
        }
    }

    fn old_groups(&self) -> (Vec<Old>, Weights) {
        let old = self.tables.ages.iter().filter(|group| group.ages.0 >= 50);
        let groups = old
            .clone()
            .map(|group| (group.ages, group.shares))
            .collect();
        (groups, Weights::new(old.map(|group| group.weight)))
    }

    fn never_married(&mut self, dice: &mut Dice, sex: TownSex, age: i32) -> u32 {
        let (community, hukou) = self.place(dice);
        let birth = self.born(dice, age);
        let who = self.person(sex, birth, community, hukou);
        let mut nucleus = Nucleus {
            community,
            ..Nucleus::default()
        };
        match sex {
            TownSex::Male => nucleus.man = Some(who),
            TownSex::Female => nucleus.woman = Some(who),
        }
        self.add_nucleus(nucleus)
    }

    /// Grown children who died this year, and lone old people, until the deaths of the year are complete.
    pub fn deaths(&mut self) {
        let mut dice = self.dice("deaths");
        for _ in 0..self.quota(2) {
            self.lost_child(&mut dice);
        }
        let died = |builder: &Self| {
            let all = builder.people.iter();
            all.filter(|(_, person)| person.died.is_some_and(|day| day >= builder.first))
                .count()
        };
        let missing = self
            .quota(146)
            .saturating_sub(u32::try_from(died(self)).unwrap_or(0));
        for _ in 0..missing {
            let age = dice.bell(79, 17).clamp(52, 98);
            let sex = if dice.chance(440) {
                TownSex::Male
            } else {
                TownSex::Female
            };
            let nucleus = if dice.chance(900) {
                self.once_married(&mut dice, sex, age, true, None)
            } else {
                self.never_married(&mut dice, sex, age)
            };
            let day = self.day_of_year(&mut dice);
            let family = &mut self.nuclei[nucleus as usize];
            family.rooted = true;
            if let Some(who) = family.single() {
                self.people[who].died = Some(day);
            }
        }
    }

    /// A couple here that has lost its only child, grown up and living with them, this year.
    fn lost_child(&mut self, dice: &mut Dice) {
        let age = dice.between(53, 66);
        let found = (0..self.nuclei.len()).find(|&at| {
            let family = &self.nuclei[at];
            let wife = family
                .woman
                .map_or(0, |who| self.people[who].birth.age(self.on));
            let once = |who: Who| self.people[who].marital == Marital::Married { again: false };
            let first_marriage = family.woman.is_some_and(once) && family.man.is_some_and(once);
            first_marriage
                && wife >= age
                && wife < 68
                && family.planned.len() == 1
                && !family.rooted
        });
        let Some(at) = found else { return };
        let (man, woman) = (self.nuclei[at].man, self.nuclei[at].woman);
        let planned = std::mem::take(&mut self.nuclei[at].planned);
        for (_, birth) in planned {
            let child = self.child(dice, man, woman, birth);
            let day = self.day_of_year(dice);
            self.people[child].died = Some(day);
            self.home[child.0 as usize] = u32::try_from(at).unwrap_or(0);
            self.nuclei[at].kids.push(child);
        }
        self.nuclei[at].rooted = true;
    }
}

/// Whether a hukou is agricultural.
pub fn rural(hukou: Option<Hukou>) -> bool {
    hukou == Some(Hukou::Agricultural)
}
