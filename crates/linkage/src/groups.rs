//! From pairs to people: records that are of one person make a group. The heaviest pairs go first. Where a source lists nobody
//! twice, a group has at most one record of each source; and a pair whose record could as well belong to another of the same
//! source is not decided but asked.

use crate::link::Pair;

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

/// Groups the records.
///
/// `sources` gives the source of each record; `pairs` are the heaviest first, and those of at least `threshold` probability are
/// taken for one person.
pub(crate) fn group(sources: &[u32], pairs: &[Pair], threshold: f64, one_to_one: bool) -> Grouping {
    let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
    let mut groups = Groups {
        parent: (0..count).collect(),
        sources: one_to_one.then(|| sources.iter().map(|source| vec![*source]).collect()),
    };
    let neighbours = Neighbours::of(sources.len(), pairs);
    let certain = pairs.partition_point(|pair| pair.probability() >= threshold);
    for (at, pair) in pairs[..certain].iter().enumerate() {
        let rivalled = one_to_one
            && (rival(sources, pairs, &neighbours, &mut groups, at, pair.a, pair.b)
                || rival(sources, pairs, &neighbours, &mut groups, at, pair.b, pair.a));
        if !rivalled {
            groups.join(pair.a, pair.b);
        }
    }
    let mut asked = std::collections::BTreeSet::new();
    let open = |pair: &&Pair| {
        let (a, b) = (groups.find(pair.a), groups.find(pair.b));
        a != b && groups.may_join(a, b) && asked.insert((a.min(b), a.max(b)))
    };
    let questions = pairs.iter().filter(open).copied().collect();
    Grouping {
        questions,
        groups: (0..count).map(|record| groups.find(record)).collect(),
    }
}

/// Whether `record` could as well be joined with another record of the source of `chosen`.
fn rival(
    sources: &[u32],
    pairs: &[Pair],
    neighbours: &Neighbours,
    groups: &mut Groups,
    at: usize,
    record: u32,
    chosen: u32,
) -> bool {
    let own = groups.find(record);
    let of_chosen = groups.find(chosen);
    if own == of_chosen {
        return false;
    }
    // Pairs are in order of weight, so a record's are, too.
    let close = neighbours
        .of_record(record)
        .iter()
        .map(|&other| &pairs[other as usize])
        .skip_while(|pair| pair.weight > pairs[at].weight + MARGIN)
        .take_while(|pair| pair.weight > pairs[at].weight - MARGIN);
    close
        .map(|pair| if pair.a == record { pair.b } else { pair.a })
        .filter(|&other| other != chosen && sources[other as usize] == sources[chosen as usize])
        .any(|other| {
            let other = groups.find(other);
            other != of_chosen && other != own && groups.may_join(own, other)
        })
}

/// The pairs of every record, the heaviest first.
struct Neighbours {
    /// Where the record's pairs begin, and after the last where they end.
    from: Vec<u32>,
    pairs: Vec<u32>,
}

impl Neighbours {
    fn of(records: usize, pairs: &[Pair]) -> Self {
        let mut from = vec![0_u32; records + 1];
        for record in pairs.iter().flat_map(|pair| [pair.a, pair.b]) {
            from[record as usize + 1] += 1;
        }
        for record in 0..records {
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
            from,
            pairs: places,
        }
    }

    fn of_record(&self, record: u32) -> &[u32] {
        let at = record as usize;
        &self.pairs[self.from[at] as usize..self.from[at + 1] as usize]
    }
}

struct Groups {
    /// A record of the same group that comes earlier, or itself.
    parent: Vec<u32>,
    /// By the first record of a group: its sources, ascending.
    sources: Option<Vec<Vec<u32>>>,
}

impl Groups {
    fn find(&self, record: u32) -> u32 {
        let mut at = record;
        while self.parent[at as usize] != at {
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

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        let (first, second) = (a.min(b), a.max(b));
        if first == second || !self.may_join(first, second) {
            return;
        }
        if let Some(sources) = &mut self.sources {
            let other = std::mem::take(&mut sources[second as usize]);
            sources[first as usize].extend(other);
            sources[first as usize].sort_unstable();
        }
        // Chains stay short: a group has few records, and the later always hangs below the earlier.
        self.parent[second as usize] = first;
    }
}
