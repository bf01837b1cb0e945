//! What the rest of the household says. If others of a's household are people of b's household, a and b are likelier to be one
//! person: but brothers share a household, too, so what it is worth is learnt, from pairs that are certain and from pairs that
//! cannot be because both sides are taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::Likeness;
use crate::groups::Grouping;
use crate::pair::Pair;
use crate::records::Records;

/// A household of more is none: a dormitory, or an address that says too little.
const MOST_MEMBERS: usize = 20;

/// How far households agree, by place in `m` and `u`: unknown, nobody else in common, one, two or more.
pub(crate) const LEVELS: [Likeness; 4] = [
    Likeness::Blank,
    Likeness::Different,
    Likeness::OneMember,
    Likeness::TwoMembers,
];

/// The households of every source.
#[derive(Debug)]
pub(crate) struct Households {
    /// For each record the number of its household, if it has one with others in it.
    of: Vec<Option<u32>>,
    members: Vec<Vec<u32>>,
}

impl Households {
    /// From the hash of each record's household, 0 where it has none. Of several records known to be of one person, the first in
    /// a household stands for that member.
    pub(crate) fn of(hashes: &[u64], records: &Records) -> Self {
        let mut together: BTreeMap<(u32, u64), Vec<u32>> = BTreeMap::new();
        let mut counted: BTreeSet<(u32, u64, u32)> = BTreeSet::new();
        for ((record, hash), source) in (0..).zip(hashes).zip(&records.sources) {
            let known = records.known[record as usize];
            let again = known.is_some_and(|person| !counted.insert((*source, *hash, person)));
            if *hash != 0 && !again {
                together.entry((*source, *hash)).or_default().push(record);
            }
        }
        let mut households = Self {
            of: vec![None; records.len()],
            members: Vec::new(),
        };
        for members in together.into_values() {
            if (2..=MOST_MEMBERS).contains(&members.len()) {
                let number = u32::try_from(households.members.len()).ok();
                for &member in &members {
                    households.of[member as usize] = number;
                }
                households.members.push(members);
            }
        }
        households.share_known(hashes, records);
        households
    }

    /// Gives the other records of a member the household of the first.
    fn share_known(&mut self, hashes: &[u64], records: &Records) {
        let mut first: BTreeMap<(u32, u64, u32), Option<u32>> = BTreeMap::new();
        for (record, hash) in hashes.iter().enumerate() {
            if let Some(person) = records.known[record] {
                let own = (records.sources[record], *hash, person);
                self.of[record] = *first.entry(own).or_insert(self.of[record]);
            }
        }
    }

    /// The place in [`LEVELS`] of a pair: how many others the two households have in common.
    fn place(&self, groups: &[u32], pair: &Pair) -> u8 {
        let home = |record: u32| Some(&self.members[self.of[record as usize]? as usize]);
        let (Some(of_a), Some(of_b)) = (home(pair.a), home(pair.b)) else {
            return 0;
        };
        let group = |record: &u32| groups[*record as usize];
        let own = [groups[pair.a as usize], groups[pair.b as usize]];
        let others = of_a.iter().filter(|member| !own.contains(&group(member)));
        let common = others
            .filter(|a| of_b.iter().any(|b| group(a) == group(b)))
            .count();
        u8::try_from(common + 1).unwrap_or(3).min(3)
    }

    /// Adds to every pair what its households say, and gives the weight of each level.
    pub(crate) fn weigh(
        &self,
        pairs: &mut [Pair],
        grouping: &Grouping,
        sources: &[u32],
        threshold: f64,
    ) -> [f64; 4] {
        let groups = &grouping.groups;
        let taken = taken(groups, sources);
        let (mut m, mut u) = ([0.5; 4], [0.5; 4]);
        for pair in pairs.iter_mut() {
            pair.household = self.place(groups, pair);
            let (a, b) = (groups[pair.a as usize], groups[pair.b as usize]);
            let apart =
                |group: u32, record: u32| taken.contains(&(group, sources[record as usize]));
            if a == b && pair.probability() >= threshold {
                m[usize::from(pair.household)] += 1.0;
            } else if a != b && apart(a, pair.b) && apart(b, pair.a) {
                u[usize::from(pair.household)] += 1.0;
            }
        }
        let (all_m, all_u): (f64, f64) = (m[1..].iter().sum(), u[1..].iter().sum());
        let mut weights = [0.0; 4];
        for place in 1..4 {
            weights[place] = ((m[place] / all_m) / (u[place] / all_u)).log2();
        }
        for pair in pairs {
            pair.weight += weights[usize::from(pair.household)];
        }
        weights
    }
}

/// Which sources each group has a record of.
fn taken(groups: &[u32], sources: &[u32]) -> BTreeSet<(u32, u32)> {
    groups
        .iter()
        .copied()
        .zip(sources.iter().copied())
        .collect()
}
