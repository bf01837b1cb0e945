//! A town as some of its lists tell it: the papers of lists that aren't there are gone, and whom no list names nobody knows. Written from
//! what lists vouch for and from what each list says; never looks at what the town's makers intended.

use std::collections::BTreeSet;

use crate::model::{Town, Who};
use crate::write::FileNote;

/// The rosters of a community that are there.
struct There<'a>(BTreeSet<(&'a str, usize)>);

impl There<'_> {
    /// Whether the list of a roster is there on which rows about somebody stand.
    fn has(&self, roster: &str, town: &Town, who: Who) -> bool {
        let community = usize::from(town.people[who].community);
        self.0.contains(&(roster, community))
    }
}

impl Town {
    /// What is left of it by some of the lists written. Everybody keeps their place; whom no list names stands in no row any more.
    pub(crate) fn there(&self, lists: &[&FileNote]) -> Town {
        let at = |code: &str| self.communities.iter().position(|own| own.code == code);
        let there = lists.iter().filter_map(|file| {
            let community = at(&file.unit)?;
            Some((file.roster, community))
        });
        let there = There(there.collect());
        let mut town = self.clone();
        for at in 0..u32::try_from(self.people.len()).unwrap_or(u32::MAX) {
            let who = Who(at);
            let person = &mut town.people[who];
            if !there.has("police-households", self, who) {
                person.residence = None;
                person.nationality = None;
                person.hukou = None;
            }
            if !there.has("deaths", self, who) {
                person.died = None;
            }
        }
        let has = |roster: &str, who: Who| there.has(roster, self, who);
        town.marriages.retain(|row| has("marriages", row.wife));
        town.children.retain(|row| has("children", row.child));
        town.births.retain(|row| has("births", row.child));
        town.jobs.retain(|row| has("employment", row.who));
        town.disabilities.retain(|row| has("disability", row.who));
        town.certificates
            .retain(|row| has("certificates", row.child));
        town.complications
            .retain(|row| has("complications", row.who));
        town.confirmations
            .retain(|row| has("confirmations", row.who));
        town.benefits.retain(|row| has("benefits", row.who));
        town
    }

    /// Everybody a row names.
    pub(crate) fn named(&self) -> BTreeSet<Who> {
        let mut named: BTreeSet<Who> = BTreeSet::new();
        let people = self.people.iter();
        let told = people.filter(|(_, own)| own.residence.is_some() || own.died.is_some());
        named.extend(told.map(|(who, _)| who));
        for row in &self.marriages {
            named.extend([row.husband, row.wife]);
        }
        for row in &self.children {
            named.extend(
                [Some(row.child), row.father, row.mother]
                    .into_iter()
                    .flatten(),
            );
        }
        for row in &self.certificates {
            named.extend(
                [Some(row.child), row.father, row.mother]
                    .into_iter()
                    .flatten(),
            );
        }
        for row in &self.births {
            named.extend([row.child, row.mother]);
        }
        named.extend(self.jobs.iter().map(|row| row.who));
        named.extend(self.disabilities.iter().map(|row| row.who));
        named.extend(self.complications.iter().map(|row| row.who));
        named.extend(self.confirmations.iter().map(|row| row.who));
        named.extend(self.benefits.iter().map(|row| row.who));
        named
    }
}
