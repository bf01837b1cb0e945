//! Makes a town, step by step: families, moves, homes, identities, then the papers about them.
//! Promises the same town for the same wish; never reads anything but the frequency tables.

use std::collections::BTreeSet;

use crate::Wish;
use crate::day::Day;
use crate::dice::{Dice, Weights};
use crate::families::Builder;
use crate::frequencies::Frequencies;
use crate::model::{Community, Household, Street, Town, TownSex, Townspeople};
use crate::papers::Papers;

/// People of a community, about.
const PER_COMMUNITY: u32 = 7_600;
/// Communities of a street, at most.
const PER_STREET: usize = 60;

/// Makes a town. The number of people is brought between [`Wish::FEWEST`] and [`Wish::MOST`].
pub fn generate(wish: &Wish) -> Town {
    let wish = Wish {
        people: wish.people.clamp(Wish::FEWEST, Wish::MOST),
        ..*wish
    };
    let tables = Frequencies::read();
    let (streets, communities) = communities(&wish, &tables);
    let mut dice = Dice::new(wish.seed, "communities");
    let on = Day::from(wish.on);
    let mut builder = Builder {
        tables: &tables,
        wished: wish.people,
        seed: wish.seed,
        on,
        first: Day::new(on.year(), 1, 1),
        people: Townspeople::default(),
        home: Vec::new(),
        nuclei: Vec::new(),
        marriages: Vec::new(),
        children: Vec::new(),
        births: Vec::new(),
        community_weights: Weights::new(communities.iter().map(|_| 800 + dice.below(400))),
        in_laws: BTreeSet::new(),
    };
    builder.young_couples();
    builder.newborns();
    builder.lone_parents();
    builder.singles();
    builder.elders();
    builder.deaths();
    builder.migrants();
    let kin = builder.lineage();
    builder.thresholds();
    let collective = builder.share_homes(kin);
    let households = builder.settle_all(&collective);
    builder.identify();
    let town = assemble(builder, wish, (streets, communities), households);
    let mut papers = Papers::new(town);
    papers.children();
    papers.certificates();
    papers.employment();
    papers.rural();
    papers.complications();
    papers.nationalities();
    papers.benefits();
    papers.town
}

/// The town without papers. Of people who never lived here, the police know nothing.
fn assemble(
    builder: Builder<'_>,
    wish: Wish,
    units: (Vec<Street>, Vec<Community>),
    households: Vec<Household>,
) -> Town {
    let mut people = builder.people;
    for (_, person) in people.iter_mut() {
        if person.residence.is_none() {
            person.hukou = None;
            person.nationality = None;
        }
    }
    Town {
        wish,
        streets: units.0,
        communities: units.1,
        people,
        households,
        marriages: builder.marriages,
        children: builder.children,
        births: builder.births,
        jobs: Vec::new(),
        disabilities: Vec::new(),
        certificates: Vec::new(),
        complications: Vec::new(),
        confirmations: Vec::new(),
        benefits: Vec::new(),
    }
}

/// Streets and communities with codes, names and areas.
fn communities(wish: &Wish, tables: &Frequencies) -> (Vec<Street>, Vec<Community>) {
    let mut dice = Dice::new(wish.seed, "areas");
    let count = ((wish.people + PER_COMMUNITY / 2) / PER_COMMUNITY).max(1) as usize;
    let [street_names, names, _] = &tables.places;
    let mut streets = Vec::new();
    let mut communities: Vec<Community> = Vec::new();
    for at in 0..count {
        let (street, place) = (at / PER_STREET, at % PER_STREET);
        let code = format!("210203{:03}", street + 1);
        if place == 0 {
            let name = street_names
                .get(street % street_names.len().max(1))
                .copied()
                .unwrap_or("桂林");
            streets.push(Street {
                code: format!("{code}000"),
                name: format!("{name}街道"),
            });
        }
        let name = names
            .get(place % names.len().max(1))
            .copied()
            .unwrap_or("林景");
        communities.push(Community {
            code: format!("{code}{:03}", place + 1),
            name: format!("{name}社区"),
            street: format!("{code}000"),
            area: 530_000,
        });
    }
    for pair in communities.chunks_exact_mut(2) {
        let moved = dice.below(180_000);
        pair[0].area += moved;
        pair[1].area -= moved;
    }
    (streets, communities)
}

impl Builder<'_> {
    /// Lets a few people have their birthday on the day itself, and a few on the day after, at the ages that decide.
    fn thresholds(&mut self) {
        let mut dice = self.dice("thresholds");
        for age in [3, 15, 18, 49, 50, 60] {
            let today = self.on.anniversary(-age);
            self.move_birthdays(&mut dice, today, age);
        }
        self.move_birthdays(&mut dice, Day::new(1932, 12, 31), 0);
    }

    fn move_birthdays(&mut self, dice: &mut Dice, last: Day, age: i32) {
        for (target, from, to) in [
            (last, last.plus(-45), last),
            (last.plus(1), last.plus(1), last.plus(45)),
        ] {
            let mut near: Vec<_> = self
                .people
                .iter()
                .filter(|(who, person)| {
                    (from..=to).contains(&person.birth) && self.home_of(*who).is_some()
                })
                .map(|(who, person)| (who, person.sex, person.hukou))
                .collect();
            dice.shuffle(&mut near);
            let wanted = |&(_, sex, hukou): &(_, TownSex, _)| match age {
                49 | 50 => sex == TownSex::Female,
                0 | 60 => crate::elders::rural(hukou),
                _ => true,
            };
            near.sort_by_key(|one| !wanted(one));
            let count = if age == 49 { 12 } else { 5 };
            for (who, _, _) in near.into_iter().take(count) {
                self.people[who].birth = target;
            }
        }
    }
}
