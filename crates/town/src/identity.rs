//! Names, ID numbers, places of birth, telephone numbers.
//! Promises a valid ID number (GB 11643) of its own to everyone, and a family name that runs in the family;
//! never gives two people one number.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::dice::Dice;
use crate::families::Builder;
use crate::model::{TownSex, Who};

/// The check character of 17 digits (GB 11643-1999, ISO 7064 MOD 11-2).
pub fn check_character(digits: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    b"10X98765432"[(sum % 11) as usize]
}

/// An ID number of region, birth, and order number.
pub fn id_number(region: &str, birth: Day, order: u32) -> [u8; 18] {
    let digits = format!("{region}{}{order:03}", birth.digits());
    let mut id = [b'0'; 18];
    for (slot, byte) in id.iter_mut().zip(digits.bytes().take(17)) {
        *slot = byte;
    }
    id[17] = check_character(&id[..17]);
    id
}

impl Builder<'_> {
    /// Gives everyone a place of birth, an ID number, an ethnic group, a name and perhaps a telephone.
    pub fn identify(&mut self) {
        let mut order: Vec<Who> = self.people.iter().map(|(who, _)| who).collect();
        order.sort_by_key(|&who| (self.people[who].birth, who));
        let parents = self.parents();
        let mut dice = self.dice("names");
        let mut places = self.dice("places of birth");
        let mut issued: BTreeMap<(u16, Day, bool), u32> = BTreeMap::new();
        for who in order {
            let (father, mother) = parents[who.0 as usize];
            self.name(&mut dice, who, father, mother);
            let region = self.birthplace(&mut places, who, mother);
            let person = &mut self.people[who];
            person.region = region;
            let male = person.sex == TownSex::Male;
            let count = issued.entry((region, person.birth, male)).or_default();
            let start = (person.birth.0.unsigned_abs() * 37 + u32::from(region) * 11) % 500;
            let order = (start + *count * 211) % 500;
            *count += 1;
            let code = self
                .tables
                .regions
                .get(usize::from(region))
                .map_or("210203", |region| region.code);
            person.id = id_number(code, person.birth, order * 2 + u32::from(male));
        }
        self.telephones();
    }

    /// Father and mother of everyone, where known.
    fn parents(&self) -> Vec<(Option<Who>, Option<Who>)> {
        let mut parents = vec![(None, None); self.people.len()];
        for row in &self.children {
            parents[row.child.0 as usize] = (row.father, row.mother);
        }
        parents
    }

    fn name(&mut self, dice: &mut Dice, who: Who, father: Option<Who>, mother: Option<Who>) {
        let tables = self.tables;
        let (sex, year) = (self.people[who].sex, self.people[who].birth.year());
        let after = if dice.chance(35) {
            mother.or(father)
        } else {
            father.or(mother)
        };
        let inherited = after.map(|parent| {
            let parent = &self.people[parent];
            let name = parent.full_name();
            let double = tables.is_double_surname(&name);
            name.chars()
                .take(if double { 2 } else { 1 })
                .collect::<String>()
        });
        let surname = inherited.unwrap_or_else(|| tables.surname(dice).to_owned());
        let given = tables.given_name(dice, sex, year);
        let mut letters = surname
            .chars()
            .chain(given)
            .filter(|&letter| letter != '\0');
        let name = [(); 4].map(|()| letters.next().unwrap_or('\0'));
        let ethnicity = match after.filter(|_| dice.chance(940)) {
            Some(parent) => self.people[parent].ethnicity,
            None => tables.ethnicity(dice),
        };
        let person = &mut self.people[who];
        person.name = name;
        person.ethnicity = ethnicity;
    }

    /// Where somebody was born: those registered since birth here, migrants at their origin.
    fn birthplace(&self, dice: &mut Dice, who: Who, mother: Option<Who>) -> u16 {
        let person = &self.people[who];
        let (native, migrant) = (
            self.tables.native_region(dice),
            self.tables.migrant_region(dice),
        );
        let like_mother = mother.map(|mother| self.people[mother].region);
        match &person.residence {
            Some(home) if home.registered && home.moved_in == person.birth => 0,
            Some(home) if home.registered && dice.chance(700) => like_mother.unwrap_or(native),
            Some(home) if home.registered => native,
            Some(home) => home.origin,
            None => like_mother.unwrap_or(if dice.chance(400) { migrant } else { native }),
        }
    }

    fn telephones(&mut self) {
        const PREFIXES: [u64; 14] = [
            130, 131, 133, 135, 136, 137, 138, 139, 150, 151, 158, 159, 186, 188,
        ];
        let mut dice = self.dice("telephones");
        let on = self.on;
        for (_, person) in self.people.iter_mut() {
            let Some(home) = &person.residence else {
                continue;
            };
            let age = person.birth.age(on);
            let share = match (age, home.living) {
                (..16, _) => 0,
                (_, Some(false)) => 560,
                (16..70, _) => 860,
                _ => 610,
            };
            if dice.chance(share) {
                let prefix = dice.pick(&PREFIXES).copied().unwrap_or(139);
                person.phone = prefix * 100_000_000 + u64::from(dice.below(100_000_000));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_the_standard() {
        assert_eq!(check_character(b"11010519491231002"), b'X');
        assert_eq!(check_character(b"44052418800101001"), b'4');
        assert_eq!(
            &id_number("110105", Day::new(1949, 12, 31), 2),
            b"11010519491231002X"
        );
    }
}
