//! Households and the lines of the police roster.
//! Promises the wished share of households whose members are all registered and all away; never leaves a member without a line.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::dice::Dice;
use crate::families::{Builder, Guests};
use crate::model::{Departure, Household, Marital, Relation, Residence, TownSex, Who};

impl Builder<'_> {
    /// Gives every member of every nucleus a residence; returns the households.
    pub fn settle_all(&mut self, collective: &[(u16, bool)]) -> Vec<Household> {
        let mut dice = self.dice("residences");
        let arrivals = self.arrivals();
        let mut households: Vec<Household> = Vec::new();
        let mut numbers: Vec<u32> = Vec::new();
        let mut common: BTreeMap<(u16, bool), Vec<u32>> = BTreeMap::new();
        for &kind in collective {
            let home = add_household(&mut households, &mut numbers, kind.0, true, &mut dice);
            common.entry(kind).or_default().push(home);
        }
        let mut of_nucleus = Vec::with_capacity(self.nuclei.len());
        for family in &self.nuclei {
            let kind = (family.community, family.migrant);
            let rooms: &[u32] = match family.collective {
                true => common.get(&kind).map_or(&[], Vec::as_slice),
                false => &[],
            };
            of_nucleus.push(match (family.host, dice.pick(rooms)) {
                (Some(_), _) => u32::MAX,
                (None, Some(&room)) => room,
                (None, None) => {
                    add_household(&mut households, &mut numbers, kind.0, false, &mut dice)
                }
            });
        }
        for at in 0..self.nuclei.len() {
            let host = self.nuclei[at].host.map_or(at, |host| host as usize);
            let shared = households[of_nucleus[host] as usize].collective;
            let arrived = arrivals.get(&u32::try_from(at).unwrap_or(0)).copied();
            self.settle_nucleus(&mut dice, at, of_nucleus[host], shared, arrived);
        }
        self.heads(&households);
        self.empty_homes(&households);
        households
    }

    /// When a family came to its present home, at the latest on the last day of the year before.
    fn moved_in(&self, dice: &mut Dice, at: usize) -> Day {
        let family = &self.nuclei[at];
        let youngest = [family.man, family.woman]
            .into_iter()
            .flatten()
            .map(|who| self.people[who].birth)
            .max();
        let last = self.first.plus(-1);
        let since = youngest.map_or(last, |birth| birth.anniversary(18));
        let back = if family.migrant { 3200 } else { 14_000 };
        let earliest = since
            .max(Day::new(1958, 2, 1))
            .max(last.plus(-back))
            .min(last.plus(-20));
        Day(dice.between(earliest.0, last.0))
    }

    fn settle_nucleus(
        &mut self,
        dice: &mut Dice,
        at: usize,
        household: u32,
        shared: bool,
        arrived: Option<Day>,
    ) {
        let family = self.nuclei[at].clone();
        let came = arrived.unwrap_or_else(|| self.moved_in(dice, at));
        let origin = self.tables.migrant_region(dice);
        for who in family.members() {
            let registered = !family.migrant && !self.in_laws.contains(&who);
            let origin = if self.in_laws.contains(&who) {
                self.tables.migrant_region(dice)
            } else {
                origin
            };
            let person = &self.people[who];
            let child = family.kids.contains(&who);
            let native = registered
                && !shared
                && arrived.is_none()
                && dice.chance(if child { 1000 } else { 400 });
            let moved_in = match (native, child) {
                (true, true) => came.max(person.birth),
                (true, false) => person.birth,
                (false, _) => came.max(person.birth),
            };
            let died = person.died.map(|day| (day, Departure::Died));
            let left = family.leaves.map(|day| (day, Departure::Moved)).or(died);
            let age = person.birth.age(self.on);
            let living = match (registered, age) {
                (true, 18..25) if dice.chance(260) => Some(false),
                (true, _) if dice.chance(2) => None,
                _ => Some(true),
            };
            let relation = if shared {
                Relation::Other
            } else {
                relation(&family, who, person.sex)
            };
            self.people[who].residence = Some(Residence {
                household,
                relation,
                registered,
                living,
                origin,
                moved_in,
                left,
            });
        }
    }

    /// Makes sure that each household has one head, present if anyone is, and living here.
    fn heads(&mut self, households: &[Household]) {
        let mut heads: Vec<Option<Who>> = vec![None; households.len()];
        for (who, person) in self.people.iter() {
            let Some(home) = &person.residence else {
                continue;
            };
            let Some(seat) = heads.get_mut(home.household as usize) else {
                continue;
            };
            let rank = |who: Who, builder: &Self| {
                let person = &builder.people[who];
                let head = person
                    .residence
                    .as_ref()
                    .is_some_and(|home| home.relation == Relation::Head);
                let registered = person
                    .residence
                    .as_ref()
                    .is_some_and(|home| home.registered);
                (
                    builder.counts(who),
                    registered,
                    head,
                    person.birth.age(builder.on) >= 18,
                )
            };
            if seat.is_none_or(|other| rank(who, self) > rank(other, self)) {
                *seat = Some(who);
            }
        }
        for (who, person) in self.people.iter_mut() {
            let Some(home) = &mut person.residence else {
                continue;
            };
            let head = heads.get(home.household as usize).copied().flatten() == Some(who);
            let common = households
                .get(home.household as usize)
                .is_some_and(|household| household.collective);
            match (head, home.relation) {
                _ if common => {}
                (true, _) => {
                    home.relation = Relation::Head;
                    home.living = Some(true);
                }
                (false, Relation::Head) => {
                    let married = person.marital != Marital::Single;
                    home.relation = if married {
                        Relation::Spouse
                    } else {
                        Relation::Other
                    };
                }
                (false, _) => {}
            }
        }
    }

    /// Chooses the households that stand empty.
    fn empty_homes(&mut self, households: &[Household]) {
        let mut dice = self.dice("empty homes");
        let mut members: BTreeMap<u32, (bool, i32)> = BTreeMap::new();
        for (who, person) in self.people.iter() {
            let Some(home) = person.residence.as_ref().filter(|_| self.counts(who)) else {
                continue;
            };
            let age = person.birth.age(self.on);
            let seen = members.entry(home.household).or_insert((true, age));
            seen.0 &= home.registered;
            seen.1 = seen.1.max(age);
        }
        let mut order: Vec<(u32, i32)> = members
            .into_iter()
            .filter(|&(household, (registered, _))| {
                registered && !households[household as usize].collective
            })
            .map(|(household, (_, oldest))| (household, oldest))
            .collect();
        dice.shuffle(&mut order);
        let wanted = self.quota(4914) as usize;
        let mut empty = vec![false; households.len()];
        let mut chosen = 0;
        for _ in 0..30 {
            order.retain(|&(household, oldest)| {
                let take = chosen < wanted && dice.chance(if oldest < 60 { 420 } else { 150 });
                chosen += usize::from(take);
                empty[household as usize] |= take;
                !take
            });
        }
        for (_, person) in self.people.iter_mut() {
            let Some(home) = &mut person.residence else {
                continue;
            };
            if empty[home.household as usize] && home.registered {
                home.living = Some(false);
            }
        }
    }
}

fn add_household(
    households: &mut Vec<Household>,
    numbers: &mut Vec<u32>,
    community: u16,
    collective: bool,
    dice: &mut Dice,
) -> u32 {
    let slot = usize::from(community);
    if numbers.len() <= slot {
        numbers.resize(slot + 1, 100_000);
    }
    numbers[slot] += 1 + dice.below(9);
    households.push(Household {
        community,
        number: numbers[slot],
        collective,
    });
    u32::try_from(households.len() - 1).unwrap_or(u32::MAX)
}

/// What the head of the household calls a member of a nucleus.
fn relation(family: &crate::families::Nucleus, who: Who, sex: TownSex) -> Relation {
    let kid = family.kids.contains(&who);
    let own = if sex == TownSex::Male {
        Relation::Son
    } else {
        Relation::Daughter
    };
    match (family.host, family.guests) {
        (None, _) if kid => own,
        (None, _) if family.man == Some(who) || family.man.is_none() => Relation::Head,
        (None, _) => Relation::Spouse,
        (Some(_), Guests::Child(heir)) if heir == who => own,
        (Some(_), Guests::Child(_)) if kid => Relation::Grandchild,
        (Some(_), Guests::Child(_)) => Relation::InLaw,
        (Some(_), Guests::Parents) if !kid => Relation::Parent,
        (Some(_), _) => Relation::Other,
    }
}
