//! The records of a register sorted by how much there is to decide. Most have one word that stands for as long as it says; they are
//! read straight from the columns. The others, a tangle each, carry every assertion made of them, for the fold to weigh.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use kernel::EntryKind;
use ledger::fold::{Assertion, Does, Missing, NEVER, Rules};
use pack::{FieldSet, FieldType, Register};

use crate::feed::Feed;
use crate::heard::{Heard, each_row, place};
use crate::wanted::Wanted;
use crate::words::small;

/// A register's words, sorted.
pub(crate) struct Sorted {
    pub rules: Rules,
    /// The feeds, each with the place of its book.
    pub feeds: Vec<(usize, Arc<Feed>)>,
    /// For each feed the rows that stand by themselves; all of them if none.
    pub plain: Vec<Option<Vec<u32>>>,
    /// The records with more to them, ascending.
    pub tangles: Vec<Arc<Tangle>>,
}

/// A record with more to it than one word.
pub(crate) struct Tangle {
    pub record: i64,
    /// Its words: feed and row.
    pub words: Vec<(u32, u32)>,
    pub assertions: Vec<Assertion>,
    /// The say of each assertion, by place.
    pub says: Vec<u32>,
    pub absences: Vec<Missing>,
}

/// Marks in the index of tangles by record.
const NONE: u32 = u32::MAX;

/// The records that are looked at, by place.
enum Places {
    /// So many: each by its number.
    All(usize),
    /// Some, ascending.
    Some(Vec<i64>),
}

impl Places {
    fn len(&self) -> usize {
        match self {
            Self::All(records) => *records,
            Self::Some(records) => records.len(),
        }
    }

    fn at(&self, record: i64) -> Option<usize> {
        match self {
            Self::All(records) => Some(small(record)).filter(|at| at < records),
            Self::Some(records) => records.binary_search(&record).ok(),
        }
    }

    fn record(&self, at: usize) -> i64 {
        match self {
            Self::All(_) => i64::try_from(at).unwrap_or(i64::MAX),
            Self::Some(records) => records[at],
        }
    }
}

/// The rows that are looked at.
enum Looked {
    All,
    /// Those of some records only, by feed.
    Rows(Vec<Vec<u32>>),
}

impl Looked {
    fn at(heard: &Heard, feeds: &[(usize, Arc<Feed>)], only: Option<&BTreeSet<i64>>) -> Self {
        let Some(only) = only else { return Self::All };
        let only = Wanted::new(only.iter().copied());
        let rows = feeds.iter().map(|(_, feed)| {
            let records = (0..).zip(feed.records());
            let own = records.filter(|(_, record)| only.has(heard.canon(**record)));
            own.map(|(row, _)| row).collect()
        });
        Self::Rows(rows.collect())
    }

    /// Calls for each row of a feed.
    fn each(&self, (nth, feed): (usize, &Feed), mut see: impl FnMut(usize)) {
        match self {
            Self::All => (0..feed.len()).for_each(see),
            Self::Rows(rows) => rows[nth].iter().for_each(|row| see(*row as usize)),
        }
    }

    /// Calls for each row of a feed whose word is among these sequences, which ascend.
    fn each_of(&self, (nth, feed): (usize, &Feed), seqs: &[u32], mut see: impl FnMut(usize)) {
        match self {
            Self::All => each_row(feed, seqs, see),
            Self::Rows(rows) => {
                let own = feed.seqs();
                let said = |row: &&u32| seqs.binary_search(&own[**row as usize]).is_ok();
                let said = rows[nth].iter().filter(said);
                said.for_each(|row| see(*row as usize));
            }
        }
    }
}

impl Sorted {
    /// Sorts the words of a register, or only those of some records. `also` names records that are tangles for another reason.
    pub(crate) fn new(
        heard: &Heard,
        register: &Register,
        only: Option<&BTreeSet<i64>>,
        also: impl Fn(&Feed, usize) -> bool,
    ) -> Self {
        let named = named(register);
        let feeds = heard.words.feeds(&register.id);
        let looked = Looked::at(heard, &feeds, only);
        let places = match only {
            None => Places::All(heard.records),
            Some(only) => Places::Some(only.iter().copied().collect()),
        };
        let tangled = Self::tangled(heard, &feeds, (&looked, &places), also);
        let (mut tangles, at) = Self::empty_tangles(heard, &feeds, (&places, &tangled));
        let at_of = |record: i64| at_of(&at, &places, record);
        for (nth, (_, feed)) in feeds.iter().enumerate() {
            looked.each((nth, feed), |row| {
                let Some(tangle) = at_of(heard.canon(feed.records()[row])) else {
                    return;
                };
                let tangle = &mut tangles[tangle];
                let word = place(tangle.words.len());
                tangle.words.push((place(nth), place(row)));
                if heard.says_itself(feed, row) {
                    let spoken = feed.spoken(row);
                    let say = feed.says()[row];
                    let commit = i64::from(feed.commits()[row]);
                    let said = (word, say, commit);
                    let assertion = assertion(heard, feed, row, &named, said, spoken);
                    tangle.assertions.push(assertion);
                    tangle.says.push(say);
                }
            });
        }
        said_again(heard, register, &feeds, (&looked, &at_of), &mut tangles);
        let plain = feeds.iter().enumerate().map(|(nth, (_, feed))| {
            let mut rows = Vec::new();
            looked.each((nth, feed), |row| {
                if at_of(heard.canon(feed.records()[row])).is_none() {
                    rows.push(place(row));
                }
            });
            (rows.len() < feed.len()).then_some(rows)
        });
        Self {
            rules: rules(heard, register),
            plain: plain.collect(),
            feeds,
            tangles: tangles.into_iter().map(Arc::new).collect(),
        }
    }

    /// The words of the same register after more were said of some records, which `own` has sorted; none if its feeds lie otherwise.
    pub(crate) fn after(
        &self,
        heard: &Heard,
        records: &BTreeSet<i64>,
        own: &Sorted,
    ) -> Option<Self> {
        let places = |sorted: &Sorted| sorted.feeds.iter().map(|(at, _)| *at).collect::<Vec<_>>();
        if places(self) != places(own) {
            return None;
        }
        let records = Wanted::new(records.iter().copied());
        let concerned =
            |feed: &Feed, row: u32| records.has(heard.canon(feed.records()[row as usize]));
        let each = self.plain.iter().zip(&own.plain).zip(&own.feeds);
        let plain = each.map(|((before, own), (_, feed))| {
            let mut rows: Vec<u32> = match before {
                Some(rows) => rows.clone(),
                None => (0..place(feed.len())).collect(),
            };
            rows.retain(|row| !concerned(feed, *row));
            match own {
                Some(own) => rows.extend(own),
                None => rows.extend(0..place(feed.len())),
            }
            rows.sort_unstable();
            (rows.len() < feed.len()).then_some(rows)
        });
        let mut tangles: Vec<Arc<Tangle>> = (self.tangles.iter())
            .filter(|tangle| !records.has(tangle.record))
            .chain(&own.tangles)
            .cloned()
            .collect();
        tangles.sort_by_key(|tangle| tangle.record);
        Some(Self {
            rules: own.rules.clone(),
            plain: plain.collect(),
            feeds: own.feeds.clone(),
            tangles,
        })
    }

    /// Which records have more to them than one word that stands.
    fn tangled(
        heard: &Heard,
        feeds: &[(usize, Arc<Feed>)],
        (looked, places): (&Looked, &Places),
        also: impl Fn(&Feed, usize) -> bool,
    ) -> Vec<bool> {
        let mut seen = vec![false; places.len()];
        let mut tangled = vec![false; places.len()];
        for (nth, (_, feed)) in feeds.iter().enumerate() {
            looked.each((nth, feed), |row| {
                let Some(at) = places.at(heard.canon(feed.records()[row])) else {
                    return;
                };
                let kind = feed.kind(row);
                let lone = kind == EntryKind::Open
                    || kind == EntryKind::Change && heard.say(feed.says()[row]).list;
                let more = seen[at] || !lone || !heard.says_itself(feed, row) || also(feed, row);
                tangled[at] |= more;
                seen[at] = true;
            });
        }
        let others = heard.absences.keys().copied().chain(heard.twofold());
        for at in others.filter_map(|record| places.at(heard.canon(record))) {
            tangled[at] |= seen[at];
        }
        // A word said of an earlier day than its own list's holds from that day on.
        for again in heard.again() {
            let as_of = heard.say(again.say).as_of;
            for (nth, (book, feed)) in feeds.iter().enumerate() {
                if heard.words.books[*book].book.number != again.book {
                    continue;
                }
                let records = feed.records();
                looked.each_of((nth, feed), &again.seqs, |row| {
                    if as_of < heard.say(feed.says()[row]).as_of
                        && let Some(at) = places.at(heard.canon(records[row]))
                    {
                        tangled[at] = true;
                    }
                });
            }
        }
        tangled
    }

    fn empty_tangles(
        heard: &Heard,
        feeds: &[(usize, Arc<Feed>)],
        (places, tangled): (&Places, &[bool]),
    ) -> (Vec<Tangle>, Vec<u32>) {
        let mut tangles = Vec::new();
        if feeds.is_empty() || !tangled.contains(&true) {
            return (tangles, Vec::new());
        }
        let mut at = vec![NONE; tangled.len()];
        for (nth, tangled) in tangled.iter().enumerate() {
            if *tangled {
                let record = places.record(nth);
                at[nth] = place(tangles.len());
                let absences = heard.absences.get(&record).cloned();
                tangles.push(Tangle {
                    record,
                    words: Vec::new(),
                    assertions: Vec::new(),
                    says: Vec::new(),
                    absences: absences.unwrap_or_default(),
                });
            }
        }
        (tangles, at)
    }

    /// The tangle of a record.
    pub(crate) fn tangle(&self, record: i64) -> Option<&Tangle> {
        let at = self
            .tangles
            .binary_search_by_key(&record, |tangle| tangle.record);
        self.tangles.get(at.ok()?).map(AsRef::as_ref)
    }
}

/// Adds what lists say again of tangles.
fn said_again(
    heard: &Heard,
    register: &Register,
    feeds: &[(usize, Arc<Feed>)],
    (looked, at_of): (&Looked, &impl Fn(i64) -> Option<usize>),
    tangles: &mut [Tangle],
) {
    if tangles.is_empty() {
        return;
    }
    let named = named(register);
    for again in heard.again() {
        let fields = register.with_told(again.fields);
        for (nth, (book, feed)) in feeds.iter().enumerate() {
            if heard.words.books[*book].book.number != again.book {
                continue;
            }
            let records = feed.records();
            looked.each_of((nth, feed), &again.seqs, |row| {
                let Some(tangle) = at_of(heard.canon(records[row])) else {
                    return;
                };
                let tangle = &mut tangles[tangle];
                let word = (place(nth), place(row));
                let Some(word) = tangle.words.iter().position(|own| *own == word) else {
                    return;
                };
                let spoken = fields.and(feed.spoken(row));
                let said = (place(word), again.say, again.commit);
                let assertion = assertion(heard, feed, row, &named, said, spoken);
                tangle.assertions.push(assertion);
                tangle.says.push(again.say);
            });
        }
    }
}

/// The place of a record's tangle, if it has one.
fn at_of(at: &[u32], places: &Places, record: i64) -> Option<usize> {
    let tangle = at.get(places.at(record)?).copied();
    Some(tangle.filter(|at| *at != NONE)? as usize)
}

/// The fields of a register's identity that name records.
fn named(register: &Register) -> Vec<usize> {
    let fields = register.identity.iter().filter_map(|id| register.field(id));
    let named = fields.filter(|(_, field)| matches!(field.kind, FieldType::Ref(_)));
    named.map(|(at, _)| at).collect()
}

/// Whether a word is said of a double, or of what is theirs.
fn is_of_double(heard: &Heard, feed: &Feed, row: usize, named: &[usize]) -> bool {
    let is_double = |record: i64| heard.canon(record) != record;
    if !heard.has_doubles() {
        return false;
    }
    if named.is_empty() {
        return is_double(feed.records()[row]);
    }
    named.iter().any(|at| {
        let column = feed.field(*at).as_primitive::<Int64Type>();
        column.is_valid(row) && is_double(column.value(row))
    })
}

/// A word, as somebody says it: by which say and commit, in which fields. `named` are the fields of its identity that name records.
pub(crate) fn assertion(
    heard: &Heard,
    feed: &Feed,
    row: usize,
    named: &[usize],
    (word, say, commit): (u32, u32, i64),
    fields: FieldSet,
) -> Assertion {
    let said = heard.say(say);
    let does = match feed.kind(row) {
        EntryKind::Close => Does::Ends,
        EntryKind::Correct => Does::Corrects,
        EntryKind::Open => Does::There,
        _ if said.list => Does::There,
        _ => Does::Tells,
    };
    Assertion {
        word,
        fields,
        from: feed.from(row),
        until: feed.until(row).unwrap_or(NEVER),
        as_of: said.as_of,
        voice: said.voice,
        commit,
        does,
        double: is_of_double(heard, feed, row, named),
    }
}

/// How the words of a register are folded, given who speaks.
fn rules(heard: &Heard, register: &Register) -> Rules {
    let rank = |authority: &[String], sender: &str| {
        let place = authority.iter().position(|source| source == sender);
        let place = place.and_then(|place| u8::try_from(place).ok());
        place.unwrap_or(u8::MAX)
    };
    let ranks = register.fields.iter().map(|field| {
        let voices = heard.voices.iter();
        voices
            .map(|voice| rank(&field.authority, &voice.sender))
            .collect()
    });
    Rules {
        exists: register.exists,
        holds: register.fields.iter().map(|field| field.holds).collect(),
        speakers: heard.speakers(),
        ranks: ranks.collect(),
        stale: register.fields.iter().map(|field| field.stale).collect(),
        newest: heard.newest(),
    }
}
