//! Who is a migrant, whose grown children live here, who shares a household, who came this year.
//! Promises the wished number of migrants, households and arrivals exactly; never moves anyone between communities.

use std::collections::{BTreeMap, BTreeSet};

use crate::day::Day;
use crate::dice::Dice;
use crate::families::{Builder, Guests, Nucleus};
use crate::model::{Alive, Child, Hukou, Marital, TownSex, Who};

/// A family that could share the household of another.
pub struct Kin {
    guest: u32,
    host: u32,
    guests: Guests,
}

/// A nucleus among those that may share households.
struct Seat {
    /// Others live with it.
    hosts: bool,
    /// It or its guests belong to the population.
    peopled: bool,
}

impl Builder<'_> {
    fn count(nuclei: &[Nucleus]) -> u32 {
        u32::try_from(nuclei.len()).unwrap_or(0)
    }

    /// Members of a nucleus who belong to the population.
    pub fn counted(&self, nucleus: u32) -> u32 {
        let members = self.nuclei[nucleus as usize].members();
        u32::try_from(members.filter(|&who| self.counts(who)).count()).unwrap_or(0)
    }

    /// Takes nuclei in random order, each with its chance in a thousand, until they hold exactly the wanted number of people.
    fn take(&self, dice: &mut Dice, wanted: u32, chance: impl Fn(u32) -> u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..Self::count(&self.nuclei)).collect();
        dice.shuffle(&mut order);
        let mut left = wanted;
        let mut taken = Vec::new();
        for round in 0..60 {
            order.retain(|&nucleus| {
                let size = self.counted(nucleus);
                let fits =
                    size > 0 && size <= left && dice.chance(chance(nucleus) * (1 + round / 4));
                if fits {
                    left -= size;
                    taken.push(nucleus);
                }
                !fits
            });
            if left == 0 {
                break;
            }
        }
        taken
    }

    /// Chooses the migrants.
    pub fn migrants(&mut self) {
        let mut dice = self.dice("migrants");
        let married_in = self.quota(180);
        let taken = self.take(&mut dice, self.quota(4601) - married_in, |at| {
            let family = &self.nuclei[at as usize];
            let age = family
                .members()
                .next()
                .map_or(99, |who| self.people[who].birth.age(self.on));
            match (family.rooted, family.single().is_some(), age) {
                (true, _, _) => 0,
                (_, true, ..36) => 290,
                (_, true, 36..50) => 120,
                (_, false, ..36) => 110,
                (_, false, 36..50) => 52,
                _ => 9,
            }
        });
        for nucleus in taken {
            let hukou = if dice.chance(810) {
                Hukou::Agricultural
            } else {
                Hukou::NonAgricultural
            };
            self.nuclei[nucleus as usize].migrant = true;
            let family = self.nuclei[nucleus as usize].clone();
            let parents = family
                .parents
                .into_iter()
                .flat_map(|(man, woman)| [man, woman]);
            for who in family.members().chain(parents) {
                self.people[who].hukou = Some(hukou);
            }
        }
        self.leaving_migrants(&mut dice);
        self.marry_in(&mut dice, married_in);
    }

    fn leaving_migrants(&mut self, dice: &mut Dice) {
        for family in &mut self.nuclei {
            if family.leaves.is_some() && dice.chance(420) {
                family.migrant = true;
            }
        }
    }

    /// Wives without registration here in registered households.
    fn marry_in(&mut self, dice: &mut Dice, wanted: u32) {
        let mut order: Vec<usize> = (0..self.nuclei.len()).collect();
        dice.shuffle(&mut order);
        for at in order {
            if self.in_laws.len() >= wanted as usize {
                return;
            }
            let family = &self.nuclei[at];
            let (Some(_), Some(woman)) = (family.man, family.woman) else {
                continue;
            };
            let young = self.people[woman].birth.age(self.on) < 48;
            if young && self.counts(woman) && !family.migrant && !family.rooted {
                self.in_laws.insert(woman);
            }
        }
    }

    /// Gives the planned grown children a person: one who lives here, or somebody elsewhere.
    pub fn lineage(&mut self) -> Vec<Kin> {
        let mut dice = self.dice("lineage");
        let mut pool = self.without_parents(&mut dice);
        let mut order: Vec<u32> = (0..Self::count(&self.nuclei)).collect();
        dice.shuffle(&mut order);
        let mut kin = Vec::new();
        let mut taken: BTreeMap<Who, u32> = BTreeMap::new();
        for nucleus in order {
            let planned = std::mem::take(&mut self.nuclei[nucleus as usize].planned);
            let Some((man, woman)) = self.nuclei[nucleus as usize].parents else {
                continue;
            };
            let here = if self.nuclei[nucleus as usize].migrant {
                0
            } else {
                720
            };
            for at in 0..planned.len() {
                let (sex, birth) = planned[at];
                let key = (
                    self.nuclei[nucleus as usize].community,
                    sex == TownSex::Male,
                    birth.year(),
                );
                let fits = |who: Who, builder: &Self| {
                    builder.fits_as_child(who, nucleus, (man, woman), &planned, at, &taken)
                };
                let found = pool
                    .get_mut(&key)
                    .filter(|_| dice.chance(here))
                    .and_then(|pool| {
                        let index = pool.iter().rposition(|&who| fits(who, self))?;
                        Some(pool.remove(index))
                    });
                let Some(child) = found else {
                    self.child_elsewhere(man, woman, sex, birth);
                    continue;
                };
                taken.insert(child, nucleus);
                self.claim(&mut dice, &mut kin, nucleus, child, (man, woman));
            }
        }
        kin
    }

    /// Grown registered residents whose parents are unknown, by community, sex and year of birth.
    fn without_parents(&self, dice: &mut Dice) -> BTreeMap<(u16, bool, i32), Vec<Who>> {
        let mut known = vec![false; self.people.len()];
        for row in &self.children {
            known[row.child.0 as usize] = true;
        }
        let mut pool: BTreeMap<_, Vec<Who>> = BTreeMap::new();
        for (who, person) in self.people.iter() {
            let Some(home) = self.home_of(who) else {
                continue;
            };
            let family = &self.nuclei[home as usize];
            let stranger = family.migrant || family.rooted || self.in_laws.contains(&who);
            if !known[who.0 as usize]
                && !stranger
                && self.counts(who)
                && person.birth.age(self.on) >= 18
            {
                let key = (
                    person.community,
                    person.sex == TownSex::Male,
                    person.birth.year(),
                );
                pool.entry(key).or_default().push(who);
            }
        }
        pool.values_mut().for_each(|people| dice.shuffle(people));
        pool
    }

    fn fits_as_child(
        &self,
        who: Who,
        nucleus: u32,
        (man, woman): (Who, Who),
        planned: &[(TownSex, Day)],
        at: usize,
        taken: &BTreeMap<Who, u32>,
    ) -> bool {
        let birth = self.people[who].birth;
        let apart = |&(_, other): &(TownSex, Day)| (other.0 - birth.0).abs() > 400;
        let siblings = planned
            .iter()
            .enumerate()
            .all(|(index, other)| index == at || apart(other));
        let old_enough = [man, woman]
            .iter()
            .all(|&parent| birth.age_at_least(self.people[parent].birth, 17));
        let not_too_old = !birth.age_at_least(self.people[woman].birth, 47);
        let spouse = self.home_of(who).and_then(|home| {
            let family = &self.nuclei[home as usize];
            if family.man == Some(who) {
                family.woman
            } else {
                family.man
            }
        });
        let no_siblings_married = spouse.is_none_or(|spouse| taken.get(&spouse) != Some(&nucleus));
        let someone_else = who != man && who != woman && self.home_of(who) != Some(nucleus);
        siblings && old_enough && not_too_old && no_siblings_married && someone_else
    }

    fn child_elsewhere(&mut self, man: Who, woman: Who, sex: TownSex, birth: Day) {
        let mother = &self.people[woman];
        let (community, hukou) = (
            mother.community,
            mother.hukou.unwrap_or(Hukou::NonAgricultural),
        );
        let child = self.person(sex, birth, community, hukou);
        self.add_child(man, woman, child);
    }

    fn add_child(&mut self, man: Who, woman: Who, child: Who) {
        let (father, mother) = (Some(man), Some(woman));
        self.children.push(Child {
            father,
            mother,
            child,
            state: Some(Alive::Yes),
            died: None,
            adopted: false,
        });
    }

    fn claim(
        &mut self,
        dice: &mut Dice,
        kin: &mut Vec<Kin>,
        nucleus: u32,
        child: Who,
        parents: (Who, Who),
    ) {
        self.add_child(parents.0, parents.1, child);
        let Some(home) = self.home_of(child) else {
            return;
        };
        let lone = self.nuclei[nucleus as usize].single().is_some();
        let single = self.nuclei[home as usize].single().is_some();
        let gone = self.nuclei[nucleus as usize].leaves.is_some();
        if gone || (!single && self.people[child].sex == TownSex::Female && !dice.chance(300)) {
            return;
        }
        kin.push(if lone && !single {
            Kin {
                guest: nucleus,
                host: home,
                guests: Guests::Parents,
            }
        } else {
            Kin {
                guest: home,
                host: nucleus,
                guests: Guests::Child(child),
            }
        });
    }

    /// Lets families share households until there are exactly as many as wished. Returns how many collective ones there are.
    pub fn share_homes(&mut self, mut kin: Vec<Kin>) -> Vec<(u16, bool)> {
        let mut dice = self.dice("homes");
        let collective = self.collective_homes(&mut dice);
        dice.shuffle(&mut kin);
        kin.sort_by_key(|one| {
            let single = self.nuclei[one.guest as usize].single();
            let unmarried = single.is_some_and(|who| self.people[who].marital == Marital::Single);
            !unmarried
        });
        let mut seats: Vec<Seat> = (0..Self::count(&self.nuclei))
            .map(|at| Seat {
                hosts: false,
                peopled: self.counted(at) > 0,
            })
            .collect();
        let apart = |(seat, family): &(&Seat, &Nucleus)| seat.peopled && !family.collective;
        let separate = seats.iter().zip(&self.nuclei).filter(apart).count();
        let mut homes = u32::try_from(separate + collective.len()).unwrap_or(0);
        let wished = self.quota(15_166);
        for one in kin.into_iter().chain(self.flat_shares(&mut dice)) {
            if homes <= wished {
                break;
            }
            homes -= u32::from(self.join(&one, &mut seats));
        }
        let left = homes.saturating_sub(wished);
        self.fill_collective(&mut dice, left, &seats, &collective);
        collective
    }

    /// Lets one family join another, if both are free to; whether that makes a household less.
    fn join(&mut self, one: &Kin, seats: &mut [Seat]) -> bool {
        let (guest, host) = (one.guest as usize, one.host as usize);
        let free = |nucleus: &Nucleus| nucleus.host.is_none() && !nucleus.collective;
        let bound = guest == host || seats[guest].hosts;
        if bound || !free(&self.nuclei[guest]) || !free(&self.nuclei[host]) {
            return false;
        }
        self.nuclei[guest].host = Some(one.host);
        self.nuclei[guest].guests = one.guests;
        let both = seats[guest].peopled && seats[host].peopled;
        seats[host].hosts = true;
        seats[host].peopled |= seats[guest].peopled;
        both
    }

    /// Community and kind (of migrants or not) of the collective households; their first members move in.
    fn collective_homes(&mut self, dice: &mut Dice) -> Vec<(u16, bool)> {
        let mut known = vec![false; self.people.len()];
        for row in &self.children {
            known[row.child.0 as usize] = true;
        }
        let mut seen: BTreeMap<(u16, bool), u32> = BTreeMap::new();
        for at in 0..self.nuclei.len() {
            let Some(who) = self.nuclei[at].single() else {
                continue;
            };
            let person = &self.people[who];
            let unmarried = person.marital == Marital::Single && !known[who.0 as usize];
            let young = person.birth.age(self.on) < 40 && unmarried && self.counts(who);
            let share = if self.nuclei[at].migrant { 300 } else { 200 };
            if young && dice.chance(share) {
                self.nuclei[at].collective = true;
                *seen
                    .entry((person.community, self.nuclei[at].migrant))
                    .or_default() += 1;
            }
        }
        let homes = seen.into_iter();
        homes
            .flat_map(|(kind, people)| vec![kind; (people / 20).clamp(1, 8) as usize])
            .collect()
    }

    /// Pairs of single migrants of one community, to share a flat.
    fn flat_shares(&self, dice: &mut Dice) -> Vec<Kin> {
        let mut singles: Vec<u32> = (0..Self::count(&self.nuclei))
            .filter(|&at| {
                let family = &self.nuclei[at as usize];
                family.migrant
                    && !family.collective
                    && family.single().is_some_and(|who| self.counts(who))
            })
            .collect();
        dice.shuffle(&mut singles);
        singles.sort_by_key(|&at| self.nuclei[at as usize].community);
        let pairs = singles.chunks(3).filter(|group| {
            let community = |at: &u32| self.nuclei[*at as usize].community;
            group.iter().all(|at| community(at) == community(&group[0]))
        });
        pairs
            .flat_map(|group| {
                group[1..].iter().map(|&guest| Kin {
                    guest,
                    host: group[0],
                    guests: Guests::Others,
                })
            })
            .collect()
    }

    /// Moves so many more single people into collective households.
    fn fill_collective(
        &mut self,
        dice: &mut Dice,
        wanted: u32,
        seats: &[Seat],
        homes: &[(u16, bool)],
    ) {
        let homes: BTreeSet<(u16, bool)> = homes.iter().copied().collect();
        let mut order: Vec<usize> = (0..self.nuclei.len()).collect();
        dice.shuffle(&mut order);
        let mut left = wanted;
        for at in order {
            let family = &self.nuclei[at];
            let Some(who) = family.single() else { continue };
            let married = matches!(self.people[who].marital, Marital::Married { .. });
            let room = homes.contains(&(family.community, family.migrant));
            let bound = family.collective || family.host.is_some() || seats[at].hosts;
            let free = room && !bound && !married;
            if left > 0 && free && self.counts(who) && self.people[who].birth.age(self.on) < 50 {
                self.nuclei[at].collective = true;
                left -= 1;
            }
        }
    }

    /// The nuclei that came this year, with the day.
    pub fn arrivals(&self) -> BTreeMap<u32, Day> {
        let mut dice = self.dice("arrivals");
        let left: u32 = self
            .nuclei
            .iter()
            .filter(|family| family.leaves.is_some())
            .map(|family| u32::try_from(family.members().count()).unwrap_or(0))
            .sum();
        let newborn: BTreeSet<u32> = self
            .births
            .iter()
            .filter_map(|birth| self.home_of(birth.child))
            .collect();
        let taken = self.take(&mut dice, self.quota(354) + left, |at| {
            let family = &self.nuclei[at as usize];
            let whole = family.members().all(|who| self.counts(who));
            match (
                whole && !family.rooted && !newborn.contains(&at),
                family.migrant,
            ) {
                (false, _) => 0,
                (true, true) => 130,
                (true, false) => 12,
            }
        });
        taken
            .into_iter()
            .map(|nucleus| (nucleus, self.day_of_year(&mut dice)))
            .collect()
    }
}
