//! Which pairs are looked at: those that agree on at least one key. Records with the same key make a block, and the pairs of a
//! block that belong to different sources are candidates; of a pair that several keys give, it can be told which is the first.

use std::hash::{Hash, Hasher};

use kernel::text;
use rayon::prelude::*;
use rustc_hash::FxHasher;

use crate::compare::date_digits;
use crate::design::{Design, KeyPiece, Part};
use crate::names::{Address, Name};
use crate::records::{BLANK, Records};

/// The most pairs a block may have. A larger one is a value that says nothing, such as an office's own telephone.
const MOST_PAIRS: usize = 2_000_000;

/// The blocks of every key.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// For each key, for each record: the key's hash; 0 if a part is blank.
    hashes: Vec<Vec<u64>>,
    /// For each key: records with a key, in order of hash, and where the blocks are.
    blocks: Vec<Blocks>,
    sources: Vec<u32>,
    /// Whether the pairs are within one source, because there is only one.
    within: bool,
}

#[derive(Debug)]
struct Blocks {
    records: Vec<u32>,
    /// Beginning and end in `records`.
    spans: Vec<(u32, u32)>,
    /// The pairs in blocks that were too large to look at.
    passed_over: usize,
}

impl Candidates {
    pub(crate) fn of(design: &Design, records: &Records) -> Self {
        let columns = design.columns();
        let hashes: Vec<Vec<u64>> = (design.keys.iter())
            .map(|key| hashes(&key.on, &columns, records))
            .collect();
        let within = records.sources.windows(2).all(|pair| pair[0] == pair[1]);
        let blocks = hashes.iter().map(|hashes| blocks(hashes)).collect();
        Self {
            hashes,
            blocks,
            sources: records.sources.clone(),
            within,
        }
    }

    pub(crate) fn keys(&self) -> usize {
        self.hashes.len()
    }

    /// Pairs that agree on the key, those of earlier keys among them.
    pub(crate) fn upper_bound(&self, key: usize) -> usize {
        let spans = self.blocks[key].spans.iter();
        spans.map(|&(from, to)| pairs(from, to)).sum()
    }

    /// Pairs in blocks too large to look at.
    pub(crate) fn passed_over(&self) -> usize {
        self.blocks.iter().map(|blocks| blocks.passed_over).sum()
    }

    /// Sees the pairs of a key, of one block in every `every`, on all cores; those that an earlier key gives are among
    /// them. Gives what each share of the blocks came to, in the order of the blocks.
    pub(crate) fn fold<T: Send>(
        &self,
        key: usize,
        every: usize,
        start: impl Fn() -> T + Sync,
        see: impl Fn(&mut T, usize, usize) + Sync,
    ) -> Vec<T> {
        let blocks = &self.blocks[key];
        let share = blocks.spans.len().div_ceil(256).max(1);
        blocks
            .spans
            .par_chunks(share)
            .enumerate()
            .map(|(nth, spans)| {
                let mut seen = start();
                for (at, &(from, to)) in spans.iter().enumerate() {
                    if (nth * share + at).is_multiple_of(every) {
                        let block = &blocks.records[from as usize..to as usize];
                        self.block(block, &mut |a, b| see(&mut seen, a, b));
                    }
                }
                seen
            })
            .collect()
    }

    /// The share of the pairs of one person that agree on a key.
    pub(crate) fn covered<T: Ord>(&self, truth: &[T]) -> f64 {
        let mut order: Vec<usize> = (0..truth.len()).collect();
        order.sort_by(|a, b| truth[*a].cmp(&truth[*b]));
        let (mut all, mut covered) = (0.0, 0.0);
        for person in order.chunk_by(|a, b| truth[*a] == truth[*b]) {
            for (nth, &a) in person.iter().enumerate() {
                for &b in &person[nth + 1..] {
                    if self.within || self.sources[a] != self.sources[b] {
                        all += 1.0;
                        covered += f64::from(u8::from(self.given_before(self.hashes.len(), a, b)));
                    }
                }
            }
        }
        if all == 0.0 { 1.0 } else { covered / all }
    }

    fn block(&self, block: &[u32], see: &mut impl FnMut(usize, usize)) {
        for (nth, &a) in block.iter().enumerate() {
            let a = a as usize;
            for &b in &block[nth + 1..] {
                let b = b as usize;
                if self.within || self.sources[a] != self.sources[b] {
                    see(a, b);
                }
            }
        }
    }

    /// Whether an earlier key gives the pair, too.
    pub(crate) fn given_before(&self, key: usize, a: usize, b: usize) -> bool {
        self.hashes[..key]
            .iter()
            .any(|hashes| hashes[a] != 0 && hashes[a] == hashes[b])
    }
}

fn pairs(from: u32, to: u32) -> usize {
    let records = (to - from) as usize;
    records * (records - 1) / 2
}

fn blocks(hashes: &[u64]) -> Blocks {
    let mut keyed: Vec<(u64, u32)> = (hashes.iter().zip(0..))
        .filter(|(hash, _)| **hash != 0)
        .map(|(hash, record)| (*hash, record))
        .collect();
    keyed.par_sort_unstable();
    let (mut spans, mut passed_over, mut from) = (Vec::new(), 0, 0);
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        let to = from + u32::try_from(block.len()).unwrap_or(u32::MAX);
        match pairs(from, to) {
            0 => (),
            many if many > MOST_PAIRS => passed_over += many,
            _ => spans.push((from, to)),
        }
        from = to;
    }
    Blocks {
        records: keyed.into_iter().map(|(_, record)| record).collect(),
        spans,
        passed_over,
    }
}

/// For each record the hash of what it has of all parts; 0 if one is blank.
pub(crate) fn hashes(parts: &[Part], columns: &[&str], records: &Records) -> Vec<u64> {
    let mut hashes = vec![FxHasher::default(); records.len()];
    let mut blank = vec![false; records.len()];
    for part in parts {
        let Some(column) = columns.iter().position(|name| *name == part.column()) else {
            continue;
        };
        let column = &records.columns[column];
        let pieces: Vec<Option<String>> = (column.values.par_iter())
            .map(|value| piece(part.piece(), value))
            .collect();
        for (record, &code) in column.codes.iter().enumerate() {
            match &pieces[code as usize] {
                Some(piece) if code != BLANK => piece.hash(&mut hashes[record]),
                _ => blank[record] = true,
            }
        }
    }
    hashes
        .into_iter()
        .zip(blank)
        .map(|(hasher, blank)| if blank { 0 } else { hasher.finish().max(1) })
        .collect()
}

/// The piece of a value, if it has one.
fn piece(piece: KeyPiece, value: &str) -> Option<String> {
    let characters = || value.chars().filter(|ch| !text::is_blank(*ch));
    let date = || date_digits(value);
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    let found: String = match piece {
        KeyPiece::Whole => value.to_owned(),
        KeyPiece::Initial => characters().take(1).collect(),
        KeyPiece::Start => characters().take(3).collect(),
        KeyPiece::End => {
            let all: Vec<char> = characters().collect();
            all[all.len().saturating_sub(4)..].iter().collect()
        }
        KeyPiece::Sound => Name::read(value).sound().unwrap_or_else(|| sound(value)),
        KeyPiece::Surname => Name::read(value).surname().iter().collect(),
        KeyPiece::Given => Name::read(value).given().iter().collect(),
        KeyPiece::Door => Address::read(value).door()?,
        KeyPiece::Letters => {
            let mut all: Vec<char> = characters().collect();
            all.sort_unstable();
            all.into_iter().collect()
        }
        KeyPiece::Year => digits(&date()?[..4]),
        KeyPiece::MonthDay => {
            let date = date()?;
            let (month, day) = (&date[4..6], &date[6..]);
            digits(&[month.min(day), month.max(day)].concat())
        }
    };
    (!found.is_empty()).then_some(found)
}

/// The first letter and the consonants after it, each once: what is left when vowels are misspelt.
fn sound(value: &str) -> String {
    let mut sound = String::new();
    for ch in value.chars().filter(|ch| ch.is_alphanumeric()) {
        let vowel = matches!(ch, 'a' | 'e' | 'h' | 'i' | 'o' | 'u' | 'w' | 'y');
        if (sound.is_empty() || !vowel) && !sound.ends_with(ch) {
            sound.push(ch);
        }
    }
    sound
}
