//! Lone parents, unmarried adults, the births of the year, and the households that move away.
//! Promises as many women aged 15 to 49 and as many births as wanted; never counts a person twice.

use crate::day::Day;
use crate::dice::Dice;
use crate::families::{Builder, Nucleus};
use crate::model::{Birth, Hukou, Marital, Marriage, TownSex, Who};

impl Builder<'_> {
    /// The births of the year, to couples here.
    pub fn newborns(&mut self) {
        let mut dice = self.dice("newborns");
        let mut order: Vec<u32> = (0..u32::try_from(self.nuclei.len()).unwrap_or(0)).collect();
        dice.shuffle(&mut order);
        let wanted = self.quota(185) as usize;
        for _ in 0..40 {
            for &nucleus in &order {
                if self.births.len() >= wanted {
                    return;
                }
                if let Some((man, woman, weight)) = self.may_bear(nucleus)
                    && dice.chance(weight)
                {
                    self.bear(&mut dice, nucleus, man, woman, wanted);
                }
            }
        }
    }

    /// The couple of a nucleus and its chance in a thousand of a child this year.
    fn may_bear(&self, nucleus: u32) -> Option<(Who, Who, u32)> {
        let family = &self.nuclei[nucleus as usize];
        let (man, woman) = (family.man?, family.woman?);
        let age = self.people[woman].birth.age(self.on);
        let spaced = family
            .youngest
            .is_none_or(|birth| birth < self.first.plus(-500));
        let married = family
            .wedding
            .is_some_and(|day| day < self.first.plus(-120));
        if family.leaves.is_some() || !spaced || !married || !(20..44).contains(&age) {
            return None;
        }
        let fertile = match age {
            ..25 => 70,
            25..30 => 110,
            30..35 => 80,
            35..40 => 26,
            _ => 5,
        };
        let parity = match family.kids.len() {
            0 => 10,
            1 => 4,
            _ => 1,
        };
        Some((man, woman, fertile * parity / 10))
    }

    fn bear(&mut self, dice: &mut Dice, nucleus: u32, man: Who, woman: Who, wanted: usize) {
        let birth = Day(dice.between(self.first.0, self.on.0));
        let twins = self.births.len() + 1 < wanted && dice.chance(14);
        for _ in 0..1 + u32::from(twins) {
            let child = self.child(dice, Some(man), Some(woman), birth);
            self.settle(child, nucleus);
            self.nuclei[nucleus as usize].kids.push(child);
            self.nuclei[nucleus as usize].youngest = Some(birth);
            self.births.push(Birth {
                child,
                mother: woman,
            });
        }
    }

    /// One who lives alone (or with children), once married: the other is dead or gone.
    pub fn once_married(
        &mut self,
        dice: &mut Dice,
        sex: TownSex,
        age: i32,
        widowed: bool,
        dies: Option<Day>,
    ) -> u32 {
        let (community, hukou) = self.place(dice);
        let birth = self.born(dice, age);
        let who = self.person(sex, birth, community, hukou);
        let older = if sex == TownSex::Female {
            -dice.bell(800, 1300)
        } else {
            dice.bell(800, 1300)
        };
        let other_sex = if sex == TownSex::Female {
            TownSex::Male
        } else {
            TownSex::Female
        };
        let other_birth = birth
            .plus(older)
            .clamp(self.on.anniversary(-99), self.on.anniversary(-23));
        let other_hukou = Self::other_hukou(dice, hukou);
        let other = self.person(other_sex, other_birth, community, other_hukou);
        let (man, woman) = if sex == TownSex::Male {
            (who, other)
        } else {
            (other, who)
        };
        let wed_at = dice.bell(24, 3).clamp(20, age.max(20));
        let wedding = self.wedding(dice, man, woman, wed_at, self.first.plus(-800));
        let until = self.first.plus(-30).0;
        let ended = Day(dice
            .between((wedding.0 + 500).min(until), until)
            .max(wedding.0 + 200));
        let ended = dies.unwrap_or(if widowed {
            ended.max(Day(until - (until - ended.0) / 2))
        } else {
            ended
        });
        self.people[who].marital = if widowed {
            Marital::Widowed
        } else {
            Marital::Divorced
        };
        self.people[other].marital = Marital::Divorced;
        if widowed {
            self.people[other].marital = Marital::Married { again: false };
            self.people[other].died = Some(ended);
        }
        let ended_on = Some(ended).filter(|_| !widowed);
        self.marriages.push(Marriage {
            husband: man,
            wife: woman,
            on: wedding,
            ended: ended_on,
        });
        let mut nucleus = Nucleus {
            community,
            parents: Some((man, woman)),
            ..Nucleus::default()
        };
        let both = dies.is_some();
        nucleus.man = Some(man).filter(|_| both || sex == TownSex::Male);
        nucleus.woman = Some(woman).filter(|_| both || sex == TownSex::Female);
        let nucleus = self.add_nucleus(nucleus);
        self.descend(
            dice,
            (nucleus, age),
            (man, woman),
            wedding,
            ended.min(self.first.plus(-2)),
        );
        nucleus
    }

    /// The children of a marriage that is over, of which one, of the given age, is left.
    fn descend(
        &mut self,
        dice: &mut Dice,
        (nucleus, age): (u32, i32),
        parents: (Who, Who),
        wedding: Day,
        latest: Day,
    ) {
        let (man, woman) = parents;
        let mother = &self.people[woman];
        let hukou = mother.hukou.unwrap_or(Hukou::NonAgricultural);
        let count = self.tables.children_ever(dice, hukou, mother.birth.year());
        let days = self.birthdays(dice, count, woman, wedding, latest);
        if age >= 50 {
            self.nuclei[nucleus as usize].planned = self.plan(dice, &days);
        } else if self.nuclei[nucleus as usize].woman.is_some() || dice.chance(330) {
            self.raise(dice, nucleus, Some(man), Some(woman), &days);
        } else {
            for day in days {
                self.child(dice, Some(man), Some(woman), day);
            }
        }
    }

    /// Divorced and widowed women and men under 50.
    pub fn lone_parents(&mut self) {
        let mut dice = self.dice("lone parents");
        let ages = self.ages_of_women(1..3);
        let dying = self.quota(8);
        for at in 0..self.quota(826) {
            let age = Self::draw_age(&mut dice, &ages).max(24);
            let widowed = at < dying || dice.chance(90);
            let dies = (at < dying).then(|| self.day_of_year(&mut dice));
            self.once_married(&mut dice, TownSex::Female, age, widowed, dies);
        }
        for at in 0..self.quota(430) {
            let age = Self::draw_age(&mut dice, &ages).max(27);
            let dies = (at < dying / 2).then(|| self.day_of_year(&mut dice));
            self.once_married(&mut dice, TownSex::Male, age, dies.is_some(), dies);
        }
    }

    /// Unmarried adults under 50, so many that women of 15 to 49 are as many as wanted, and men about as many.
    pub fn singles(&mut self) {
        let mut dice = self.dice("singles");
        let ages = self.ages_of_women(3..4);
        for (sex, wanted) in [
            (TownSex::Female, self.quota(13_768)),
            (TownSex::Male, self.quota(13_350)),
        ] {
            let have = self.people.iter().filter(|&(who, person)| {
                person.sex == sex
                    && (15..50).contains(&person.birth.age(self.on))
                    && self.counts(who)
            });
            let missing = wanted.saturating_sub(u32::try_from(have.count()).unwrap_or(0));
            for _ in 0..missing {
                self.single(&mut dice, sex, &ages, None);
            }
        }
        for at in 0..self.quota(330) {
            let sex = if at % 5 < 3 {
                TownSex::Female
            } else {
                TownSex::Male
            };
            let day = self.day_of_year(&mut dice);
            self.single(&mut dice, sex, &ages, Some(day));
        }
    }

    fn single(
        &mut self,
        dice: &mut Dice,
        sex: TownSex,
        ages: &(Vec<i32>, crate::dice::Weights),
        leaves: Option<Day>,
    ) {
        let (community, hukou) = self.place(dice);
        let age = ages.0.get(ages.1.draw(dice)).copied().unwrap_or(25);
        // Men marry later, and more of them never do.
        let later = if sex == TownSex::Male && dice.chance(480) {
            dice.between(0, 17)
        } else {
            0
        };
        let age = (age + later).min(49);
        let birth = self.born(dice, age);
        let who = self.person(sex, birth, community, hukou);
        let mut nucleus = Nucleus {
            community,
            leaves,
            ..Nucleus::default()
        };
        match sex {
            TownSex::Male => nucleus.man = Some(who),
            TownSex::Female => nucleus.woman = Some(who),
        }
        self.add_nucleus(nucleus);
    }
}
