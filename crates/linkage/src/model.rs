//! How likely each level is among pairs of one person (*m*) and of two (*u*), and how likely a pair is of one person at all.
//! Learnt from the records themselves: *u* from pairs taken at random, since hardly any of those is of one person; *m* by
//! expectation and maximisation over the pairs of each key, with the fields the key does not name, because on those that it
//! names every pair agrees.

use std::hash::{Hash, Hasher};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::candidates::Candidates;
use crate::compare::{Field, Likeness};
use crate::design::{Design, Part};
use crate::records::{BLANK, Records};

/// Pairs taken at random for *u*.
const RANDOM_PAIRS: usize = 300_000;
/// Pairs of a key that are learnt from, about.
const LEARNT_FROM: usize = 200_000;
/// The same pairs are drawn every time.
const SEED: u64 = 0x7461_697a_6861_6e67;
/// A key among whose pairs fewer are of one person teaches something else: families, say, where the key is an address.
const FEWEST_OF_ONE: f64 = 0.01;
/// How many pairs what is presumed before learning counts for.
const PRESUMED_PAIRS: f64 = 20.0;
/// No level is impossible.
const LEAST: f64 = 1e-6;

/// What was learnt.
#[derive(Clone, Debug)]
pub struct Model {
    /// How likely two records of different sources, taken blindly, are of one person.
    pub prior: f64,
    /// In the order of the design's fields.
    pub fields: Vec<FieldModel>,
}

/// What was learnt about a field; all three lists are in one order.
#[derive(Clone, Debug)]
pub struct FieldModel {
    /// The levels; blank first.
    pub levels: Vec<Likeness>,
    /// How likely each is among pairs of one person, if neither side is blank; 0 for blank.
    pub m: Vec<f64>,
    /// The same among pairs of two.
    pub u: Vec<f64>,
}

impl FieldModel {
    /// What a level adds to a pair's weight, in bits; nothing for a blank.
    #[must_use]
    pub fn weight(&self, place: usize) -> f64 {
        if place == 0 {
            0.0
        } else {
            (self.m[place] / self.u[place]).log2()
        }
    }
}

/// The level's place of one field in a pair's word.
pub(crate) fn place(word: u64, field: usize) -> usize {
    usize::try_from(word >> (4 * field) & 0xf).unwrap_or(0)
}

/// The levels of a pair in one word, four bits for each field.
pub(crate) fn word(fields: &[Field], records: &Records, a: usize, b: usize) -> u64 {
    fields.iter().enumerate().fold(0, |word, (nth, field)| {
        word | u64::from(field.compare(&records.columns, a, b)) << (4 * nth)
    })
}

/// Pairs by their word, of one key: all that were looked at, and those that no earlier key gives.
#[derive(Default)]
struct Counted {
    all: Vec<(u64, u64)>,
    new: Vec<(u64, u64)>,
    every: usize,
}

impl Model {
    pub(crate) fn learn(
        design: &Design,
        records: &Records,
        fields: &[Field],
        candidates: &Candidates,
    ) -> Self {
        let u = by_chance(records, fields);
        let counted: Vec<Counted> = (0..candidates.keys())
            .map(|key| count(records, fields, candidates, key))
            .collect();
        let m = of_one(design, fields, &u, &counted);
        let fields = (fields.iter().zip(m).zip(u)).map(|((field, m), u)| FieldModel {
            levels: field.levels.clone(),
            m,
            u,
        });
        let mut model = Self {
            prior: 0.0,
            fields: fields.collect(),
        };
        model.find_prior(records, &counted, design.one_to_one);
        model
    }

    /// The prior with which the candidates' expected matches are as many as it says.
    fn find_prior(&mut self, records: &Records, counted: &[Counted], one_to_one: bool) {
        let (pairs, most) = possible(records, one_to_one);
        self.prior = most / pairs / 2.0;
        for _ in 0..50 {
            let odds = self.prior / (1.0 - self.prior);
            let mut expected = 0.0;
            for key in counted {
                let of_key = key.new.iter().map(|(word, count)| {
                    let weight: f64 = (self.fields.iter().enumerate())
                        .map(|(nth, field)| field.weight(place(*word, nth)))
                        .sum();
                    let odds = odds * weight.exp2();
                    odds / (1.0 + odds) * *count as f64
                });
                expected += of_key.sum::<f64>() * key.every as f64;
            }
            let next = (expected.clamp(1.0, most) / pairs).min(0.5);
            let settled = (next / self.prior).ln().abs() < 1e-6;
            self.prior = next;
            if settled {
                break;
            }
        }
    }
}

/// How many pairs there are, and how many of them can be of one person.
fn possible(records: &Records, one_to_one: bool) -> (f64, f64) {
    let mut sizes: FxHashMap<u32, f64> = FxHashMap::default();
    for source in &records.sources {
        *sizes.entry(*source).or_default() += 1.0;
    }
    // Somebody with several records in one source is found by each of them.
    let known: FxHashSet<u32> = records.known.iter().flatten().copied().collect();
    let of_known = records.known.iter().flatten().count();
    let each = of_known as f64 / known.len().max(1) as f64;
    let each = f64::max(each, 1.0);
    let mut sizes: Vec<f64> = sizes.into_values().collect();
    sizes.sort_by(f64::total_cmp);
    if let [only] = sizes.as_slice() {
        let pairs = only * (only - 1.0) / 2.0;
        return (pairs.max(1.0), pairs.max(1.0));
    }
    let (mut pairs, mut most) = (0.0, 0.0);
    for (nth, small) in sizes.iter().enumerate() {
        for large in &sizes[nth + 1..] {
            pairs += small * large;
            most += if one_to_one {
                *small * each
            } else {
                small * large
            };
        }
    }
    (f64::max(pairs, 1.0), most.clamp(1.0, f64::max(pairs, 1.0)))
}

/// *u* of every field: how often values are equal follows from how often each occurs; how unequal ones are from a sample.
fn by_chance(records: &Records, fields: &[Field]) -> Vec<Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let count = records.len();
    if count < 2 {
        let even = |field: &Field| vec![1.0 / field.levels.len() as f64; field.levels.len()];
        return fields.iter().map(even).collect();
    }
    let order = order(records);
    let mut drawn = || order[random.random_range(0..count)].1;
    let pairs: Vec<(usize, usize)> = (0..RANDOM_PAIRS.min(count * count))
        .map(|_| (drawn(), drawn()))
        .filter(|(a, b)| a != b)
        .collect();
    (fields.par_iter())
        .map(|field| {
            let mut seen = vec![0.5; field.levels.len()];
            for &(a, b) in &pairs {
                seen[usize::from(field.compare(&records.columns, a, b))] += 1.0;
            }
            let unequal: f64 = seen[2..].iter().sum();
            let equal = chance_of_equal(records, field);
            let share = |(place, seen): (usize, f64)| match place {
                0 => 0.0,
                1 => equal,
                _ => (1.0 - equal) * seen / unequal,
            };
            seen.into_iter().enumerate().map(share).collect()
        })
        .collect()
}

/// The records by what they hold, so that the order in which they came changes no draw.
fn order(records: &Records) -> Vec<(u64, usize)> {
    let mut order: Vec<(u64, usize)> = (records.sources.iter().enumerate())
        .map(|(record, source)| (u64::from(*source), record))
        .collect();
    for column in &records.columns {
        let hashes: Vec<u64> = column
            .values
            .iter()
            .map(|value| hash(value.as_str()))
            .collect();
        for ((hashed, _), code) in order.iter_mut().zip(&column.codes) {
            *hashed = hash(&(*hashed, hashes[*code as usize]));
        }
    }
    order.par_sort_unstable();
    order
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

fn chance_of_equal(records: &Records, field: &Field) -> f64 {
    let counts = records.columns[field.column].counts();
    let known = f64::from(counts.iter().skip(1).sum::<u32>().max(2));
    let equal: f64 = (counts.iter().skip(1))
        .map(|&count| f64::from(count) * (f64::from(count) - 1.0))
        .sum();
    (equal / (known * (known - 1.0))).clamp(LEAST, 1.0 - LEAST)
}

fn count(records: &Records, fields: &[Field], candidates: &Candidates, key: usize) -> Counted {
    let every = candidates.upper_bound(key).div_ceil(LEARNT_FROM).max(1);
    type Words = FxHashMap<u64, (u64, u64)>;
    let parts = candidates.fold(key, every, Words::default, |words: &mut Words, a, b| {
        let seen = words.entry(word(fields, records, a, b)).or_default();
        seen.0 += 1;
        seen.1 += u64::from(!candidates.given_before(key, a, b));
    });
    let mut whole = Words::default();
    for (word, (all, new)) in parts.into_iter().flatten() {
        let seen = whole.entry(word).or_default();
        seen.0 += all;
        seen.1 += new;
    }
    let mut words: Vec<(u64, (u64, u64))> = whole.into_iter().collect();
    words.sort_unstable();
    Counted {
        all: words.iter().map(|(word, seen)| (*word, seen.0)).collect(),
        new: (words.iter().filter(|(_, seen)| seen.1 > 0))
            .map(|(word, seen)| (*word, seen.1))
            .collect(),
        every,
    }
}

/// *m* of every field: what the keys that do not name it expect, together.
fn of_one(design: &Design, fields: &[Field], u: &[Vec<f64>], counted: &[Counted]) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = fields.iter().map(|f| vec![0.0; f.levels.len()]).collect();
    for (key, counted) in design.keys.iter().zip(counted) {
        let named = |column: &str| key.on.iter().map(Part::column).any(|name| name == column);
        let free: Vec<usize> = (design.fields.iter().enumerate())
            .filter(|(_, field)| !named(&field.column))
            .map(|(nth, _)| nth)
            .collect();
        if !key.learn || free.len() < 2 {
            continue;
        }
        let (share, expected) = maximise(fields, u, &free, &counted.all);
        if share < FEWEST_OF_ONE {
            continue;
        }
        for &field in &free {
            for (sum, more) in sums[field].iter_mut().zip(&expected[field]) {
                *sum += more * counted.every as f64;
            }
        }
    }
    (fields.iter().zip(sums))
        .map(|(field, sums)| {
            // A short list teaches little: what is presumed counts as much as so many pairs.
            let sums: Vec<f64> = (sums.iter().zip(presumed(field)))
                .map(|(sum, presumed)| sum + presumed * PRESUMED_PAIRS)
                .collect();
            proportions(&sums, sums[1..].iter().sum())
        })
        .collect()
}

/// Shares of all levels but the blank, none of them zero.
fn proportions(sums: &[f64], total: f64) -> Vec<f64> {
    let more = total * 1e-5 + 0.01;
    let whole = total + more * (sums.len() - 1) as f64;
    let share = |(place, sum): (usize, &f64)| {
        if place == 0 {
            0.0
        } else {
            (sum + more) / whole
        }
    };
    sums.iter().enumerate().map(share).collect()
}

/// Before anything is learnt: nine in ten are equal, and each level down is half as likely as the one above.
fn presumed(field: &Field) -> Vec<f64> {
    let levels = field.levels.len();
    let mut m = vec![0.0; levels];
    m[1] = 0.9;
    let mut left = 0.1;
    for place in &mut m[2..levels] {
        *place = left / 2.0;
        left /= 2.0;
    }
    m[levels - 1] += left;
    m
}

/// Expectation and maximisation over the pairs of one key, with *u* as it is: the share of pairs of one person, and by field
/// and level how many of those are expected.
fn maximise(
    fields: &[Field],
    u: &[Vec<f64>],
    free: &[usize],
    words: &[(u64, u64)],
) -> (f64, Vec<Vec<f64>>) {
    let all: f64 = words.iter().map(|(_, count)| *count as f64).sum();
    let mut m: Vec<Vec<f64>> = fields.iter().map(presumed).collect();
    let mut expected = m.clone();
    let mut share = 0.2;
    for _ in 0..200 {
        expected
            .iter_mut()
            .for_each(|levels| levels.iter_mut().for_each(|level| *level = 0.0));
        let mut of_one = 0.0;
        for (word, count) in words {
            let mut odds = share / (1.0 - share);
            for &field in free {
                let level = place(*word, field);
                if level > 0 {
                    odds *= m[field][level] / u[field][level];
                }
            }
            let one = odds / (1.0 + odds) * *count as f64;
            of_one += one;
            for &field in free {
                expected[field][place(*word, field)] += one;
            }
        }
        for &field in free {
            let total: f64 = expected[field][1..].iter().sum();
            m[field] = proportions(&expected[field], total);
        }
        let next = (of_one / all.max(1.0)).clamp(LEAST, 1.0 - LEAST);
        let settled = (next - share).abs() < 1e-7;
        share = next;
        if settled {
            break;
        }
    }
    (share, expected)
}

/// For every field and value, what it adds to a pair's weight that both sides have it: the rarer, the more.
pub(crate) fn equal_weights(model: &Model, fields: &[Field], records: &Records) -> Vec<Vec<f64>> {
    (fields.iter().zip(&model.fields))
        .map(|(field, learnt)| {
            let column = &records.columns[field.column];
            if !field.frequency {
                return vec![learnt.weight(1); column.values.len()];
            }
            let counts = column.counts();
            let known = f64::from(counts.iter().skip(1).sum::<u32>().max(1));
            let mut weights: Vec<f64> = (counts.iter())
                .map(|&count| (learnt.m[1] / (f64::from(count.max(1)) / known)).log2())
                .collect();
            weights[BLANK as usize] = 0.0;
            weights
        })
        .collect()
}
