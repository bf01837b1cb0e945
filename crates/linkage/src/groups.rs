//! From pairs to people: records that are of one person make a group. The heaviest pairs go first; where a source lists nobody
//! twice, a pair that would put two of its records into one group is left out.

use crate::link::Pair;

/// The group of each record, named by the first record in it.
///
/// `sources` gives the source of each record; `pairs` are the heaviest first. With `one_to_one`, a group has at most one record
/// of each source.
#[must_use]
pub fn group(sources: &[u32], pairs: &[Pair], one_to_one: bool) -> Vec<u32> {
    let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
    let mut groups = Groups {
        parent: (0..count).collect(),
        sources: one_to_one.then(|| sources.iter().map(|source| vec![*source]).collect()),
    };
    for pair in pairs {
        groups.join(pair.a, pair.b);
    }
    (0..count).map(|record| groups.find(record)).collect()
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
            let above = self.parent[at as usize];
            self.parent[at as usize] = self.parent[above as usize];
            at = self.parent[at as usize];
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        let (first, second) = (a.min(b), a.max(b));
        if first == second {
            return;
        }
        if let Some(sources) = &mut self.sources {
            let (own, other) = (&sources[first as usize], &sources[second as usize]);
            if other.iter().any(|source| own.binary_search(source).is_ok()) {
                return;
            }
            let mut all = [own.as_slice(), other.as_slice()].concat();
            all.sort_unstable();
            sources[first as usize] = all;
            sources[second as usize] = Vec::new();
        }
        self.parent[second as usize] = first;
    }
}
