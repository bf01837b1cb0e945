//! From pairs to people: records that are of one person make a group. The heaviest pairs go first. Where a source lists nobody
//! twice, a group has at most one record of each source; and a pair whose record could as well belong to another of the same
//! source is not decided but asked.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::pair::Pair;
use crate::records::Records;

/// How many bits a pair must weigh more than its rival to be certain: odds of eight to one.
const MARGIN: f64 = 3.0;

/// Who is who, and what is left to ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// The group of each record, named by the first record in it.
    pub groups: Vec<u32>,
    /// Pairs to look at, the heaviest first: one for any two groups that may be of one person.
    pub questions: Vec<Pair>,
}

/// Groups the records. Those known to be of one person are together from the start; where a source lists nobody twice, they
/// count as one of it.
///
/// `pairs` are the heaviest first, and those of at least `threshold` probability are taken for one person.
pub(crate) fn group(
    records: &Records,
    pairs: &[Pair],
    threshold: f64,
    one_to_one: bool,
) -> Grouping {
    let sources = records.sources.as_slice();
    let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
    let mut groups = Groups {
        parent: (0..count).collect(),
        sources: one_to_one.then(|| sources.iter().map(|source| vec![*source]).collect()),
    };
    groups.join_known(&records.known);
    let rivals = Rivals::of(sources, pairs);
    let certain = pairs.partition_point(|pair| pair.probability() >= threshold);
    for pair in &pairs[..certain] {
        let rivalled = one_to_one
            && (rivals.any(&mut groups, pair, pair.a) || rivals.any(&mut groups, pair, pair.b));
        if !rivalled {
            groups.join(pair.a, pair.b);
        }
    }
    let mut asked = BTreeSet::new();
    let mut questions = Vec::new();
    for pair in pairs {
        let (a, b) = (groups.find(pair.a), groups.find(pair.b));
        if a != b && groups.may_join(a, b) && asked.insert((a.min(b), a.max(b))) {
            questions.push(*pair);
        }
    }
    Grouping {
        questions,
        groups: (0..count).map(|record| groups.find(record)).collect(),
    }
}

/// The pairs of every record, the heaviest first.
struct Rivals<'p> {
    sources: &'p [u32],
    pairs: &'p [Pair],
    /// Where a record's pairs begin in `places`, and after the last where they end.
    from: Vec<u32>,
    places: Vec<u32>,
}

impl<'p> Rivals<'p> {
    fn of(sources: &'p [u32], pairs: &'p [Pair]) -> Self {
        let mut from = vec![0_u32; sources.len() + 1];
        for record in pairs.iter().flat_map(|pair| [pair.a, pair.b]) {
            from[record as usize + 1] += 1;
        }
        for record in 0..sources.len() {
            from[record + 1] += from[record];
        }
        let mut next = from.clone();
        let mut places = vec![0; pairs.len() * 2];
        for (at, pair) in (0..).zip(pairs) {
            for record in [pair.a, pair.b] {
                let next = &mut next[record as usize];
                places[*next as usize] = at;
                *next += 1;
            }
        }
        Self {
            sources,
            pairs,
            from,
            places,
        }
    }

    /// Whether `record`, which is of the pair, could as well or better be joined with another record of the other one's source.
    /// A better pair that was left undecided leaves this one undecided, too.
    fn any(&self, groups: &mut Groups, pair: &Pair, record: u32) -> bool {
        let other = |pair: &Pair| if pair.a == record { pair.b } else { pair.a };
        let chosen = other(pair);
        let (own, of_chosen) = (groups.find(record), groups.find(chosen));
        if own == of_chosen {
            return false;
        }
        let span = self.from[record as usize] as usize..self.from[record as usize + 1] as usize;
        // Pairs are in order of weight, so a record's are, too.
        let close = (self.places[span].iter())
            .map(|&at| &self.pairs[at as usize])
            .take_while(|rival| rival.weight > pair.weight - MARGIN);
        let source = |record: u32| self.sources[record as usize];
        close
            .map(other)
            .filter(|&rival| rival != chosen && source(rival) == source(chosen))
            .any(|rival| {
                let rival = groups.find(rival);
                rival != of_chosen && rival != own && groups.may_join(own, rival)
            })
    }
}

struct Groups {
    /// A record of the same group that comes earlier, or itself.
    parent: Vec<u32>,
    /// By the first record of a group: its sources, ascending.
    sources: Option<Vec<Vec<u32>>>,
}

impl Groups {
    fn find(&mut self, record: u32) -> u32 {
        let mut at = record;
        while self.parent[at as usize] != at {
            // Halves the way for the next time.
            self.parent[at as usize] = self.parent[self.parent[at as usize] as usize];
            at = self.parent[at as usize];
        }
        at
    }

    /// Whether two groups have no source in common, if that matters.
    fn may_join(&self, first: u32, second: u32) -> bool {
        self.sources.as_ref().is_none_or(|sources| {
            let (own, other) = (&sources[first as usize], &sources[second as usize]);
            other
                .iter()
                .all(|source| own.binary_search(source).is_err())
        })
    }

    fn join_known(&mut self, known: &[Option<u32>]) {
        let mut first: FxHashMap<u32, u32> = FxHashMap::default();
        for (record, person) in (0..).zip(known) {
            if let Some(person) = person {
                let first = *first.entry(*person).or_insert(record);
                self.unite(first, record);
            }
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if self.may_join(a, b) {
            self.unite(a, b);
        }
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        let (first, second) = (a.min(b), a.max(b));
        if first == second {
            return;
        }
        if let Some(sources) = &mut self.sources {
            let other = std::mem::take(&mut sources[second as usize]);
            let own = &mut sources[first as usize];
            own.extend(other);
            own.sort_unstable();
            own.dedup();
        }
        self.parent[second as usize] = first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: u32, b: u32, weight: f64) -> Pair {
        Pair {
            a,
            b,
            weight,
            levels: 0,
            household: 0,
        }
    }

    /// Records of two known people, two of each, and then some rows of another source.
    fn grouped(rows: usize, pairs: &[Pair]) -> Vec<u32> {
        let mut records = Records::new(1);
        for person in [0, 0, 1, 1] {
            records.push_known(person, 0, ["x"]);
        }
        for _ in 0..rows {
            records.push(1, ["x"]);
        }
        group(&records, pairs, 0.9, true).groups
    }

    #[test]
    fn a_pair_with_a_close_rival_is_not_decided() {
        assert_eq!(grouped(1, &[pair(0, 4, 12.0)]), [0, 0, 2, 2, 0]);
        let close = [pair(0, 4, 12.0), pair(2, 4, 10.0)];
        assert_eq!(grouped(1, &close), [0, 0, 2, 2, 4]);
        let far = [pair(0, 4, 14.0), pair(2, 4, 10.0)];
        assert_eq!(grouped(1, &far), [0, 0, 2, 2, 0]);
    }

    #[test]
    fn what_a_better_rival_leaves_undecided_a_worse_pair_does_not_decide() {
        // The second person by another record, lighter than both by more than the margin.
        let pairs = [pair(0, 4, 12.0), pair(2, 4, 10.0), pair(3, 4, 4.0)];
        assert_eq!(grouped(1, &pairs), [0, 0, 2, 2, 4]);
        // Once the better one is another row's, the lighter decides.
        let pairs = [pair(0, 5, 30.0), pair(0, 4, 12.0), pair(3, 4, 10.0)];
        assert_eq!(grouped(2, &pairs), [0, 0, 2, 2, 2, 0]);
    }
}
