//! The units of a place: what is above, the streets, towns or townships, and the communities and villages below them, with
//! codes, names and areas. Promises codes as the statistical office writes them (streets from `001`, towns from `101`,
//! townships from `201`; communities from `001`, villages from `201`) and a name for each that no other unit of it has;
//! never looks at people.

use crate::dice::Dice;
use crate::families::REPORTED;
use crate::frequencies::Frequencies;
use crate::model::{Community, Street};
use crate::{Setting, Wish};

/// People of a community, about.
const PER_COMMUNITY: u32 = 7_600;
/// Communities of a street, at most.
const PER_STREET: usize = 60;
/// Villages of a township or town, at most: each has a name of its own.
const MOST_VILLAGES: usize = 600;
/// What is put before the name of a village where several would have the same.
const BEFORE: [&str; 13] = [
    "", "东", "西", "南", "北", "上", "下", "前", "后", "新", "老", "大", "小",
];
/// Square metres of a community and of a village, about.
const AREA: [u32; 2] = [530_000, 3_600_000];
/// Of a thousand households of a village and of the community in its midst, those of farmers.
const FARMERS: [u32; 2] = [880, 420];

/// The units of a place.
pub struct Units {
    /// What is above the streets, if the place is that.
    pub district: Option<Street>,
    /// Streets, towns and townships, by code.
    pub streets: Vec<Street>,
    /// Communities and villages, by code.
    pub communities: Vec<Community>,
    /// Of a thousand households of each, those of farmers.
    pub farmers: Vec<u32>,
}

impl Setting {
    /// How many people it has unless others are wished for: the street those of its report, the others few.
    pub const fn people(self) -> u32 {
        match self {
            Setting::Street => REPORTED,
            Setting::Township | Setting::Town => 6_000,
            Setting::District => 8_000,
        }
    }
}

/// Lays out a place of so many people.
pub fn units(wish: &Wish, tables: &Frequencies) -> Units {
    let count = ((wish.people + PER_COMMUNITY / 2) / PER_COMMUNITY).max(1) as usize;
    let mut units = Units {
        district: None,
        streets: Vec::new(),
        communities: Vec::new(),
        farmers: Vec::new(),
    };
    match wish.setting {
        Setting::Street => {
            for at in 0..count.div_ceil(PER_STREET) {
                let communities = PER_STREET.min(count - at * PER_STREET);
                units.street(at, ("210203", communities), 0, tables);
            }
        }
        Setting::Township => {
            units.country("210283209", ["柳泉", "乡"], (count.max(9), 1), 0, tables)
        }
        Setting::Town => units.country("210213108", ["云湖", "镇"], (count.max(12), 2), 16, tables),
        Setting::District => units.district(count.max(12), tables),
    }
    units.boundaries(wish);
    units
}

impl Units {
    /// A street and so many communities, named from a place in the list on.
    fn street(
        &mut self,
        at: usize,
        (county, communities): (&str, usize),
        from: usize,
        tables: &Frequencies,
    ) {
        let [names, of_communities, ..] = &tables.places;
        let code = format!("{county}{:03}", at + 1);
        let name = names.get(at % names.len().max(1)).copied();
        self.streets.push(Street {
            code: format!("{code}000"),
            name: format!("{}街道", name.unwrap_or("桂林")),
            level: "街道",
        });
        for place in 0..communities {
            let name = of_communities.get((place + from) % of_communities.len().max(1));
            self.farmers.push(if self.communities.len() % 3 == 2 {
                190
            } else {
                22
            });
            self.communities.push(Community {
                code: format!("{code}{:03}", place + 1),
                name: format!("{}社区", name.copied().unwrap_or("林景")),
                street: format!("{code}000"),
                area: AREA[0],
                village: false,
            });
        }
    }

    /// A town or township: so many communities where its office is, and the villages around.
    fn country(
        &mut self,
        code: &str,
        [name, level]: [&str; 2],
        (villages, communities): (usize, usize),
        from: usize,
        tables: &Frequencies,
    ) {
        let level = if level == "乡" { "乡" } else { "镇" };
        let street = format!("{code}000");
        self.streets.push(Street {
            code: street.clone(),
            name: format!("{name}{level}"),
            level,
        });
        let markets = [name, "集贤", "湖滨"].into_iter().take(communities);
        for (place, name) in markets.enumerate() {
            self.farmers.push(FARMERS[1]);
            self.communities.push(Community {
                code: format!("{code}{:03}", place + 1),
                name: format!("{name}社区"),
                street: street.clone(),
                area: AREA[0],
                village: false,
            });
        }
        let names = &tables.places[3];
        for place in 0..villages.min(MOST_VILLAGES) {
            let name = names.get((place + from) % names.len().max(1));
            let before = BEFORE[place / names.len().max(1) % BEFORE.len()];
            self.farmers.push(FARMERS[0]);
            self.communities.push(Community {
                code: format!("{code}{:03}", place + 201),
                name: format!("{before}{}村", name.copied().unwrap_or("柳河")),
                street: street.clone(),
                area: AREA[1],
                village: true,
            });
        }
    }

    /// A district: two streets and a town, or as many streets as its communities need.
    fn district(&mut self, count: usize, tables: &Frequencies) {
        const COUNTY: &str = "210203";
        self.district = Some(Street {
            code: format!("{COUNTY}000000"),
            name: "西泉区".to_owned(),
            level: "区",
        });
        let villages = (count * 7 / 12).min(PER_STREET);
        let communities = count - villages - 1;
        let streets = communities.div_ceil(PER_STREET).max(2);
        for at in 0..streets {
            let share = communities / streets + usize::from(at < communities % streets);
            let from = self.communities.len();
            self.street(at, (COUNTY, share), from, tables);
        }
        self.country("210203101", ["石岭", "镇"], (villages, 1), 32, tables);
    }

    /// Lets neighbours be of unequal size.
    fn boundaries(&mut self, wish: &Wish) {
        let mut dice = Dice::new(wish.seed, "areas");
        for pair in self.communities.chunks_exact_mut(2) {
            let moved = dice.below(180_000);
            pair[0].area += moved;
            pair[1].area -= moved;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_place_of_every_size_has_units_of_their_own() {
        let tables = Frequencies::read();
        for setting in Setting::ALL {
            for people in [1_000, 6_000, 45_651, 600_000, 5_000_000] {
                let wish = Wish {
                    setting,
                    people,
                    ..Wish::default()
                };
                let units = units(&wish, &tables);
                let all = units.district.iter().chain(&units.streets);
                let mut codes: BTreeSet<&str> = all.map(|street| &*street.code).collect();
                codes.extend(units.communities.iter().map(|own| &*own.code));
                let many = usize::from(units.district.is_some())
                    + units.streets.len()
                    + units.communities.len();
                assert_eq!(codes.len(), many, "{setting:?} {people}");
                assert!(codes.iter().all(|code| code.len() == 12));
                assert_eq!(units.farmers.len(), units.communities.len());
                for street in &units.streets {
                    let own = units.communities.iter();
                    let own: Vec<&str> = own
                        .filter(|own| own.street == street.code)
                        .map(|own| &*own.name)
                        .collect();
                    let names: BTreeSet<&&str> = own.iter().collect();
                    assert_eq!(names.len(), own.len(), "{setting:?} {people}: {own:?}");
                    assert!(!own.is_empty());
                }
                let sorted = units
                    .communities
                    .windows(2)
                    .all(|two| two[0].code < two[1].code);
                assert!(sorted, "{setting:?} {people}");
            }
        }
    }
}
