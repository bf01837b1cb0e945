//! Makes a town, step by step: families, moves, homes, identities, then the papers about them.
//! Promises the same town for the same wish; never reads anything but the frequency tables.

use std::collections::BTreeSet;

use crate::Wish;
use crate::day::Day;
use crate::dice::{Dice, Weights};
use crate::families::Builder;
use crate::frequencies::Frequencies;
use crate::model::{Household, Town, TownSex, Townspeople};
use crate::papers::Papers;
use crate::places::{Units, units};

/// Makes a town. The number of people is brought between [`Wish::FEWEST`] and [`Wish::MOST`].
pub fn generate(wish: &Wish) -> Town {
    let wish = Wish {
        people: wish.people.clamp(Wish::FEWEST, Wish::MOST),
        ..*wish
    };
    let tables = Frequencies::read();
    let mut units = units(&wish, &tables);
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
        community_weights: Weights::new((units.communities.iter()).map(|_| 800 + dice.below(400))),
        farmers: std::mem::take(&mut units.farmers),
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
    let town = assemble(builder, wish, units, households);
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
fn assemble(builder: Builder<'_>, wish: Wish, units: Units, households: Vec<Household>) -> Town {
    let mut people = builder.people;
    for (_, person) in people.iter_mut() {
        if person.residence.is_none() {
            person.hukou = None;
            person.nationality = None;
        }
    }
    Town {
        wish,
        district: units.district,
        streets: units.streets,
        communities: units.communities,
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
