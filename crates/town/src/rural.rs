//! The written confirmations for the rural programme, and the gaps in what it asks for.
//! Promises a confirmation for everyone whom only that could keep from the programme, but for the gaps;
//! never gives one to somebody who plays a part elsewhere.

use crate::day::Day;
use crate::dice::Dice;
use crate::facts::Facts;
use crate::model::{Confirmation, TownProgramme, Who};
use crate::papers::Papers;

impl Papers {
    /// Confirmations for the rural programme, and gaps in what it asks for.
    pub fn rural(&mut self) {
        let mut dice = self.dice("rural papers");
        let mut entitled = self.rural_candidates(&mut dice, self.on);
        let mut former = self.rural_candidates(&mut dice, self.before());
        former.retain(|&who| !self.still_here(who));
        for &who in &former {
            self.confirm(&mut dice, who, Some(true));
        }
        let [absent, blank, refused, unclear] =
            [(10, 3), (6, 3), (8, 2), (7, 3)].map(|(many, least)| self.quota(many, least));
        let mut at = 0;
        entitled.retain(|who| !self.busy.contains(who));
        for who in entitled {
            at += 1;
            if at <= absent {
                continue;
            } else if at <= absent + blank {
                self.confirm(&mut dice, who, None);
            } else if at <= absent + blank + refused {
                self.confirm(&mut dice, who, Some(false));
                if dice.chance(700) {
                    self.wrongly.push((TownProgramme::RuralFamily, who));
                }
            } else {
                self.confirm(&mut dice, who, Some(true));
                if at <= absent + blank + refused + unclear {
                    self.town.people[who].hukou = None;
                }
            }
        }
    }

    /// Those whom only the confirmation could keep from the rural programme on a day, and some younger ones.
    fn rural_candidates(&self, dice: &mut Dice, on: Day) -> Vec<Who> {
        let facts = Facts::new(&self.town, on);
        let mut found: Vec<Who> = Vec::new();
        for (who, person) in self.town.people.iter() {
            let basic = person.residence.is_some()
                && facts.registered(who)
                && facts.alive(who)
                && facts.rural(who) == Some(true);
            let spouse = facts
                .spouse(who)
                .is_none_or(|spouse| facts.rural(spouse) != Some(false));
            let aged = (60..93).contains(&facts.age(who));
            if !basic || !spouse || !aged {
                continue;
            }
            let children = facts.children(who);
            let few = children
                .living
                .is_some_and(|living| living <= 1 || (living == 2 && children.girls == 2));
            if children.ever > 0 && few {
                found.push(who);
            }
        }
        dice.shuffle(&mut found);
        found
    }

    fn confirm(&mut self, dice: &mut Dice, who: Who, holds: Option<bool>) {
        let number = u32::try_from(self.town.confirmations.len()).unwrap_or(0) + 1;
        let earliest = self.town.people[who]
            .birth
            .anniversary(59)
            .max(Day::new(2006, 3, 1));
        let latest = self.before().plus(300).min(self.on.plus(-20));
        let on = Day(dice.between(earliest.min(latest.plus(-40)).0, latest.0)).min(latest);
        self.town.confirmations.push(Confirmation {
            who,
            holds,
            number,
            on,
        });
    }
}
