//! From records to pairs that may be of one person, each with its weight and the terms it is the sum of.

use crate::candidates::{Candidates, hashes};
use crate::compare::{Field, Likeness};
use crate::design::Design;
use crate::groups::{Grouping, group};
use crate::household::{Households, LEVELS};
use crate::model::{Model, equal_weights, place};
use crate::pair::Pair;
use crate::records::{BLANK, Records};

/// The most bits that a household is expected to add.
const MOST_OF_HOUSEHOLD: f64 = 8.0;

/// What is being done, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStage {
    /// Finding records with equal keys.
    Blocking,
    /// Learning the weights.
    Learning,
    /// Weighing the pairs of a key: its number from 0, and how many keys there are.
    Weighing(usize, usize),
}

/// What a term is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// How likely any two records are of one person.
    Prior,
    /// A field, by its number in the design.
    Field(usize),
    /// The rest of the household.
    Household,
}

/// One term of a pair's weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// What it is about.
    pub about: About,
    /// How well it agrees.
    pub level: Likeness,
    /// What that adds, in bits.
    pub weight: f64,
}

/// The result: what was learnt, and the pairs found with it.
#[derive(Debug)]
pub struct Linkage {
    /// What was learnt.
    pub model: Model,
    /// Pairs at least as probable as the design's `review`, the heaviest first.
    pub pairs: Vec<Pair>,
    /// How many pairs were weighed.
    pub weighed: usize,
    /// How many pairs were not, because too many records share the key that would give them.
    pub passed_over: usize,
    fields: Vec<Field>,
    equal: Vec<Vec<f64>>,
    candidates: Candidates,
    /// By place in [`LEVELS`]; none where households are not declared.
    household: Option<[f64; 4]>,
}

/// Finds the pairs that may be of one person. Pairs within one source are looked at only if there is no other source.
#[must_use]
pub fn link(design: &Design, records: &Records, tell: &mut dyn FnMut(LinkStage)) -> Linkage {
    tell(LinkStage::Blocking);
    let fields = Field::all(design, records);
    let candidates = Candidates::of(design, records);
    tell(LinkStage::Learning);
    let model = Model::learn(design, records, &fields, &candidates);
    let mut linkage = Linkage {
        equal: equal_weights(&model, &fields, records),
        passed_over: candidates.passed_over(),
        pairs: Vec::new(),
        weighed: 0,
        model,
        fields,
        candidates,
        household: None,
    };
    let least = (design.review / (1.0 - design.review).max(f64::MIN_POSITIVE)).log2();
    let known = !design.household.is_empty();
    // What the household says may raise a pair that falls short without it.
    let least_alone = if known {
        least - MOST_OF_HOUSEHOLD
    } else {
        least
    };
    for key in 0..design.keys.len() {
        tell(LinkStage::Weighing(key, design.keys.len()));
        linkage.weigh(records, key, least_alone);
    }
    linkage.sort();
    if known {
        let hashes = hashes(&design.household, &design.columns(), records);
        let households = Households::of(&hashes, records);
        let grouping = linkage.group(design, records);
        linkage.household = Some(households.weigh(
            &mut linkage.pairs,
            &grouping,
            &records.sources,
            design.threshold,
        ));
        linkage.pairs.retain(|pair| pair.weight >= least);
        linkage.sort();
    }
    linkage
}

impl Linkage {
    fn sort(&mut self) {
        self.pairs.sort_unstable_by(|x, y| {
            (y.weight.total_cmp(&x.weight)).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
        });
    }

    /// Who is who, and what is left to ask.
    #[must_use]
    pub fn group(&self, design: &Design, records: &Records) -> Grouping {
        let several = records.sources.windows(2).any(|pair| pair[0] != pair[1]);
        let one_to_one = design.one_to_one && several;
        group(records, &self.pairs, design.threshold, one_to_one)
    }

    fn weigh(&mut self, records: &Records, key: usize, least: f64) {
        let scale = Scale::of(self, least);
        let parts = self.candidates.fold(
            key,
            1,
            || (0_usize, Vec::new()),
            |seen: &mut (usize, Vec<Pair>), a, b| {
                if self.candidates.given_before(key, a, b) {
                    return;
                }
                seen.0 += 1;
                let (a, b) = (a.min(b), a.max(b));
                let Some(levels) = scale.levels(self, records, a, b) else {
                    return;
                };
                let weight = self.prior() + self.weights(records, a, levels).sum::<f64>();
                if weight >= least {
                    seen.1.push(Pair {
                        a: u32::try_from(a).unwrap_or(u32::MAX),
                        b: u32::try_from(b).unwrap_or(u32::MAX),
                        weight,
                        levels,
                        household: 0,
                    });
                }
            },
        );
        for (weighed, pairs) in parts {
            self.weighed += weighed;
            self.pairs.extend(pairs);
        }
    }

    fn prior(&self) -> f64 {
        (self.model.prior / (1.0 - self.model.prior)).log2()
    }

    fn weights<'l>(
        &'l self,
        records: &'l Records,
        a: usize,
        levels: u64,
    ) -> impl Iterator<Item = f64> + 'l {
        (0..self.fields.len()).map(move |nth| match place(levels, nth) {
            1 => {
                let code = records.columns[self.fields[nth].column].codes[a];
                self.equal[nth][code as usize]
            }
            level => self.model.fields[nth].weight(level),
        })
    }

    /// The share of the pairs of one person that were weighed, if `truth` says who each record is of.
    pub fn covered<T: Ord>(&self, truth: &[T]) -> f64 {
        self.candidates.covered(truth)
    }

    /// The terms a pair's weight is the sum of: the prior, every field, and the household where it is known.
    pub fn terms(&self, records: &Records, pair: &Pair) -> Vec<Term> {
        let prior = Term {
            about: About::Prior,
            level: Likeness::Blank,
            weight: self.prior(),
        };
        let household = usize::from(pair.household);
        let household = self.household.map(|weights| Term {
            about: About::Household,
            level: LEVELS[household],
            weight: weights[household],
        });
        let weights = self.weights(records, pair.a as usize, pair.levels);
        let fields = weights.enumerate().map(|(nth, weight)| Term {
            about: About::Field(nth),
            level: self.fields[nth].levels[place(pair.levels, nth)],
            weight,
        });
        std::iter::once(prior)
            .chain(fields)
            .chain(household)
            .collect()
    }
}

/// How pairs are weighed quickly: most fall short even if every field not yet compared agreed as well as unequal values can.
struct Scale {
    least: f64,
    /// Fields, the quickly compared first.
    order: Vec<usize>,
    /// By field, the most that values which are not equal can add.
    best: Vec<f64>,
    /// By field and level, what it adds.
    weights: Vec<Vec<f64>>,
}

impl Scale {
    fn of(linkage: &Linkage, least: f64) -> Self {
        let mut order: Vec<usize> = (0..linkage.fields.len()).collect();
        order.sort_by_key(|&nth| linkage.fields[nth].cost());
        let learnt = linkage.model.fields.iter();
        let weights: Vec<Vec<f64>> = learnt
            .map(|field| {
                (0..field.levels.len())
                    .map(|place| field.weight(place))
                    .collect()
            })
            .collect();
        let best = weights.iter().map(|weights| {
            let unequal = weights[2..].iter().copied();
            unequal.fold(f64::NEG_INFINITY, f64::max)
        });
        Self {
            // Sums in another order differ in the last digits.
            least: least - 1e-6,
            order,
            best: best.collect(),
            weights,
        }
    }

    /// The levels of a pair, unless its weight is too small.
    fn levels(&self, linkage: &Linkage, records: &Records, a: usize, b: usize) -> Option<u64> {
        let mut most = linkage.prior();
        let (mut levels, mut unequal) = (0, 0_u32);
        for (nth, field) in linkage.fields.iter().enumerate() {
            let codes = &records.columns[field.column].codes;
            match (codes[a], codes[b]) {
                (BLANK, _) | (_, BLANK) => (),
                (left, right) if left == right => {
                    levels |= 1 << (4 * nth);
                    most += linkage.equal[nth][left as usize];
                }
                _ => {
                    unequal |= 1 << nth;
                    most += self.best[nth];
                }
            }
        }
        for &nth in &self.order {
            if most < self.least {
                return None;
            }
            if unequal & 1 << nth != 0 {
                let place = linkage.fields[nth].compare(&records.columns, a, b);
                most += self.weights[nth][usize::from(place)] - self.best[nth];
                levels |= u64::from(place) << (4 * nth);
            }
        }
        Some(levels)
    }
}
