//! Couples, parents and children of the younger half of the town, and those who live alone.
//! Promises the figures asked for by construction: women of childbearing age, married and not, are drawn as many as wanted.
//! Never gives anyone a name, a number or a home; that comes later.

use std::collections::BTreeSet;

use crate::day::Day;
use crate::dice::{Dice, Weights};
use crate::frequencies::Frequencies;
use crate::model::{
    Alive, Birth, Child, Hukou, Marital, Marriage, Nationality, Person, TownSex, Townspeople, Who,
};

/// No nucleus, no person.
pub const NONE: u32 = u32::MAX;

/// The people of the street of the reports, by whom all other figures scale.
pub const REPORTED: u32 = 45_651;

/// A couple, a parent or a single person, with the children who live with them.
#[derive(Clone, Debug, Default)]
pub struct Nucleus {
    /// Index of the community.
    pub community: u16,
    /// The man, when he lives here (or did this year).
    pub man: Option<Who>,
    /// The woman, when she lives here (or did this year).
    pub woman: Option<Who>,
    /// Children who live with them.
    pub kids: Vec<Who>,
    /// Grown children not yet made into people: sex and birth.
    pub planned: Vec<(TownSex, Day)>,
    /// The marriage they come from, whether both live here or not.
    pub parents: Option<(Who, Who)>,
    /// When they married.
    pub wedding: Option<Day>,
    /// Birth of the youngest child, here or elsewhere.
    pub youngest: Option<Day>,
    /// The day on which all of them move away this year.
    pub leaves: Option<Day>,
    /// Not registered here.
    pub migrant: bool,
    /// Never to be made migrants.
    pub rooted: bool,
    /// The nucleus whose household they share.
    pub host: Option<u32>,
    /// How they belong to the hosts.
    pub guests: Guests,
    /// Lives in a collective household.
    pub collective: bool,
}

/// How a nucleus belongs to the one whose household it shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Guests {
    /// No kin: they share a flat.
    #[default]
    Others,
    /// The hosts' parents.
    Parents,
    /// The family of a child of the hosts.
    Child(Who),
}

impl Nucleus {
    /// Man, woman, children.
    pub fn members(&self) -> impl Iterator<Item = Who> + '_ {
        self.man
            .into_iter()
            .chain(self.woman)
            .chain(self.kids.iter().copied())
    }
    /// Whether it is one person.
    pub fn single(&self) -> Option<Who> {
        match (self.man, self.woman, self.kids.is_empty()) {
            (Some(who), None, true) | (None, Some(who), true) => Some(who),
            _ => None,
        }
    }
}

/// The town as it is being made.
pub struct Builder<'a> {
    pub tables: &'a Frequencies,
    pub wished: u32,
    pub seed: u64,
    pub on: Day,
    pub first: Day,
    pub people: Townspeople,
    pub home: Vec<u32>,
    pub nuclei: Vec<Nucleus>,
    pub marriages: Vec<Marriage>,
    pub children: Vec<Child>,
    pub births: Vec<Birth>,
    pub community_weights: Weights,
    /// Of a thousand households of each community, those of farmers.
    pub farmers: Vec<u32>,
    /// Married into a registered household without being registered here.
    pub in_laws: BTreeSet<Who>,
}

impl Builder<'_> {
    /// A figure of the reported street, in proportion.
    pub fn quota(&self, reported: u32) -> u32 {
        let scaled = u64::from(reported) * u64::from(self.wished) + u64::from(REPORTED / 2);
        u32::try_from(scaled / u64::from(REPORTED)).unwrap_or(u32::MAX)
    }

    pub fn dice(&self, purpose: &str) -> Dice {
        Dice::new(self.seed, purpose)
    }

    /// A person nobody has told anything of yet.
    pub fn person(&mut self, sex: TownSex, birth: Day, community: u16, hukou: Hukou) -> Who {
        self.home.push(NONE);
        self.people.add(Person {
            name: ['\0'; 4],
            id: [0; 18],
            sex,
            birth,
            region: 0,
            ethnicity: 0,
            nationality: Some(Nationality::Chinese),
            hukou: Some(hukou),
            marital: Marital::Single,
            phone: 0,
            died: None,
            community,
            residence: None,
        })
    }

    pub fn settle(&mut self, who: Who, nucleus: u32) {
        self.home[who.0 as usize] = nucleus;
    }

    pub fn home_of(&self, who: Who) -> Option<u32> {
        Some(self.home[who.0 as usize]).filter(|&home| home != NONE)
    }

    /// Whether somebody belongs to the town's population on the day.
    pub fn counts(&self, who: Who) -> bool {
        self.people[who].died.is_none()
            && self
                .home_of(who)
                .is_some_and(|home| self.nuclei[home as usize].leaves.is_none())
    }

    /// A birthday that makes somebody so old today.
    pub fn born(&self, dice: &mut Dice, age: i32) -> Day {
        let latest = self.on.anniversary(-age);
        let earliest = self.on.anniversary(-age - 1).plus(1);
        Day(dice.between(earliest.0, latest.0))
    }

    pub fn day_of_year(&self, dice: &mut Dice) -> Day {
        Day(dice.between(self.first.0 + 1, self.on.0 - 1))
    }

    /// Community and nature of registration of a new nucleus.
    pub fn place(&self, dice: &mut Dice) -> (u16, Hukou) {
        let community = self.community_weights.draw(dice);
        let rural = self.farmers.get(community).copied().unwrap_or(0);
        let hukou = if dice.chance(rural) {
            Hukou::Agricultural
        } else {
            Hukou::NonAgricultural
        };
        (u16::try_from(community).unwrap_or(0), hukou)
    }

    pub fn other_hukou(dice: &mut Dice, hukou: Hukou) -> Hukou {
        match (
            hukou,
            dice.chance(if hukou == Hukou::Agricultural { 110 } else { 8 }),
        ) {
            (same, false) => same,
            (Hukou::Agricultural, true) => Hukou::NonAgricultural,
            (Hukou::NonAgricultural, true) => Hukou::Agricultural,
        }
    }

    pub fn add_nucleus(&mut self, nucleus: Nucleus) -> u32 {
        let index = u32::try_from(self.nuclei.len()).unwrap_or(NONE);
        for who in nucleus.members() {
            self.home[who.0 as usize] = index;
        }
        self.nuclei.push(nucleus);
        index
    }

    /// The day two people may have married, at about the woman's given age and never later than `latest`.
    pub fn wedding(&self, dice: &mut Dice, man: Who, woman: Who, age: i32, latest: Day) -> Day {
        let (he, she) = (self.people[man].birth, self.people[woman].birth);
        let lawful = he
            .anniversary(22)
            .max(she.anniversary(20))
            .plus(dice.between(5, 90));
        let wished = she.anniversary(age).plus(dice.between(0, 364));
        wished
            .max(lawful)
            .min(latest)
            .max(he.anniversary(20).max(she.anniversary(18)))
    }

    /// The birthdays of a marriage's children, none later than `latest`.
    pub fn birthdays(
        &self,
        dice: &mut Dice,
        count: usize,
        mother: Who,
        wedding: Day,
        latest: Day,
    ) -> Vec<Day> {
        let (she, hukou) = (self.people[mother].birth, self.people[mother].hukou);
        let mut days: Vec<Day> = Vec::with_capacity(count);
        let mut next = wedding.plus(270 + dice.bell(430, 430).max(0));
        while days.len() < count
            && next <= latest
            && next.age_at_least(she, 16)
            && !next.age_at_least(she, 46)
        {
            days.push(next);
            let mut after = next.plus(dice.between(600, 2300));
            let policy = (Day::new(1980, 1, 1), Day::new(2014, 3, 1));
            if hukou == Some(Hukou::NonAgricultural) && after > policy.0 && after < policy.1 {
                let relaxed = policy.1.plus(dice.between(0, 2400));
                if !relaxed.age_at_least(she, 43) {
                    after = relaxed;
                }
            }
            next = after;
        }
        days
    }

    /// A child of two parents, of whom either may be unknown.
    pub fn child(
        &mut self,
        dice: &mut Dice,
        father: Option<Who>,
        mother: Option<Who>,
        birth: Day,
    ) -> Who {
        let sex = if dice.chance(520) {
            TownSex::Male
        } else {
            TownSex::Female
        };
        let like = mother.or(father);
        let (community, hukou) = like.map_or((0, Hukou::NonAgricultural), |who| {
            let parent = &self.people[who];
            (
                parent.community,
                parent.hukou.unwrap_or(Hukou::NonAgricultural),
            )
        });
        let child = self.person(sex, birth, community, hukou);
        self.children.push(Child {
            father,
            mother,
            child,
            state: Some(Alive::Yes),
            died: None,
            adopted: false,
        });
        child
    }

    /// Whether a child of this age still lives with the parents.
    fn at_home(dice: &mut Dice, age: i32) -> bool {
        dice.chance(match age {
            ..15 => 965,
            15..18 => 950,
            18..23 => 820,
            23..30 => 600,
            _ => 0,
        })
    }

    pub fn raise(
        &mut self,
        dice: &mut Dice,
        nucleus: u32,
        father: Option<Who>,
        mother: Option<Who>,
        days: &[Day],
    ) {
        for &birth in days {
            let child = self.child(dice, father, mother, birth);
            self.nuclei[nucleus as usize].youngest = Some(birth);
            if Self::at_home(dice, birth.age(self.on)) {
                self.settle(child, nucleus);
                self.nuclei[nucleus as usize].kids.push(child);
            }
        }
    }

    /// A couple whose wife is of the given age and lives here; the husband may be elsewhere.
    pub fn couple(
        &mut self,
        dice: &mut Dice,
        age: i32,
        elsewhere: u32,
        leaves: Option<Day>,
    ) -> u32 {
        let (community, hukou) = self.place(dice);
        let she = self.born(dice, age);
        let he = she
            .plus(-dice.bell(700, 1300))
            .clamp(self.on.anniversary(-99), self.on.anniversary(-22).plus(-40));
        let woman = self.person(TownSex::Female, she, community, hukou);
        let spouse_hukou = Self::other_hukou(dice, hukou);
        let man = self.person(TownSex::Male, he, community, spouse_hukou);
        let usual = if she.year() < 1970 { 24 } else { 26 };
        let wed_at = dice.bell(usual, 4).clamp(20, age);
        let again = age > 31 && dice.chance(45);
        let earlier = if again {
            self.former_marriage(dice, man, woman)
        } else {
            None
        };
        let mut wedding = self.wedding(dice, man, woman, wed_at, self.on.plus(-30));
        if let Some(ended) = earlier {
            wedding = wedding
                .max(ended.plus(dice.between(100, 900)))
                .min(self.on.plus(-20));
        }
        self.marriages.push(Marriage {
            husband: man,
            wife: woman,
            on: wedding,
            ended: None,
        });
        self.people[man].marital = Marital::Married { again };
        self.people[woman].marital = Marital::Married {
            again: again && earlier.is_some(),
        };
        let absent = dice.chance(elsewhere);
        let nucleus = self.add_nucleus(Nucleus {
            community,
            man: Some(man).filter(|_| !absent),
            woman: Some(woman),
            parents: Some((man, woman)),
            wedding: Some(wedding),
            leaves,
            ..Nucleus::default()
        });
        let count = self.tables.children_ever(dice, hukou, she.year());
        let count = if again { count.min(1) } else { count };
        let days = self.birthdays(dice, count, woman, wedding, self.first.plus(-2));
        if age < 50 {
            self.raise(dice, nucleus, Some(man), Some(woman), &days);
        } else {
            self.nuclei[nucleus as usize].planned = self.plan(dice, &days);
        }
        nucleus
    }

    pub fn plan(&self, dice: &mut Dice, days: &[Day]) -> Vec<(TownSex, Day)> {
        let sex = |dice: &mut Dice| {
            if dice.chance(515) {
                TownSex::Male
            } else {
                TownSex::Female
            }
        };
        days.iter().map(|&day| (sex(dice), day)).collect()
    }

    /// An earlier marriage of one of two people, ended by divorce; the day it ended.
    fn former_marriage(&mut self, dice: &mut Dice, man: Who, woman: Who) -> Option<Day> {
        let one = if dice.chance(500) { man } else { woman };
        let sex = self.people[one].sex;
        let (birth, community) = (self.people[one].birth, self.people[one].community);
        let hukou = self.people[one].hukou.unwrap_or(Hukou::NonAgricultural);
        let other_sex = if sex == TownSex::Male {
            TownSex::Female
        } else {
            TownSex::Male
        };
        if dice.chance(150) {
            return None;
        }
        let former = self.person(
            other_sex,
            birth.plus(dice.between(-900, 900)),
            community,
            hukou,
        );
        self.people[former].marital = Marital::Divorced;
        let (he, she) = if sex == TownSex::Male {
            (one, former)
        } else {
            (former, one)
        };
        let wedding = self.wedding(dice, he, she, 23, self.on.plus(-1600));
        let ended = wedding
            .plus(dice.between(500, 2600))
            .min(self.on.plus(-900));
        let ended = ended.max(wedding.plus(200));
        self.marriages.push(Marriage {
            husband: he,
            wife: she,
            on: wedding,
            ended: Some(ended),
        });
        if dice.chance(450) {
            let days = self.birthdays(dice, 1, she, wedding, ended.min(self.first.plus(-2)));
            for day in days {
                self.child(dice, Some(he), Some(she), day);
            }
        }
        Some(ended)
    }

    /// All couples with a wife of 15 to 49, and men here whose wives are elsewhere.
    pub fn young_couples(&mut self) {
        let mut dice = self.dice("young couples");
        let ages = self.ages_of_women(0..1);
        for _ in 0..self.quota(9324) {
            let age = Self::draw_age(&mut dice, &ages);
            self.couple(&mut dice, age, 60, None);
        }
        for _ in 0..self.quota(95) {
            let age = Self::draw_age(&mut dice, &ages).min(45);
            let day = self.day_of_year(&mut dice);
            self.couple(&mut dice, age, 0, Some(day));
        }
        for _ in 0..self.quota(240) {
            let age = Self::draw_age(&mut dice, &ages);
            let nucleus = self.couple(&mut dice, age, 0, None);
            self.send_away_wife(nucleus);
        }
    }

    fn send_away_wife(&mut self, nucleus: u32) {
        let changed = &mut self.nuclei[nucleus as usize];
        let kids = std::mem::take(&mut changed.kids);
        for who in kids.into_iter().chain(changed.woman.take()) {
            self.home[who.0 as usize] = NONE;
        }
    }

    /// Single ages of women under 50 with weights: married (`0..1`), widowed or divorced (`1..3`), or never married (`3..4`).
    pub fn ages_of_women(&self, which: std::ops::Range<usize>) -> (Vec<i32>, Weights) {
        let mut ages = Vec::new();
        let mut weights = Vec::new();
        for group in self.tables.ages.iter().filter(|group| group.ages.1 < 50) {
            let never = 1000 - group.shares.iter().sum::<u32>();
            let [married, widowed, divorced] = group.shares;
            let share: u32 = [married, widowed, divorced, never][which.clone()]
                .iter()
                .sum();
            for age in group.ages.0.max(18)..=group.ages.1 {
                ages.push(age);
                weights.push(group.weight * share);
            }
        }
        (ages, Weights::new(weights))
    }

    pub fn draw_age(dice: &mut Dice, ages: &(Vec<i32>, Weights)) -> i32 {
        ages.0.get(ages.1.draw(dice)).copied().unwrap_or(30).max(20)
    }
}

impl Day {
    /// Whether on this day somebody born then has reached an age.
    pub fn age_at_least(self, birth: Day, years: i32) -> bool {
        birth.anniversary(years) <= self
    }
}
