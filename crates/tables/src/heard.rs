//! What counts of all that was said, by one commit: which commits stand, whose word is whose, which records are one, and who is
//! missing from whole lists. It is worked out from the words alone. The order in which they came decides where a record is kept, and
//! between lists of one voice and day; any-order tests of `intake` hold the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use kernel::date::to_days as days;
use ledger::fold::Missing;
use ledger::{Say, Voice, Whole};
use pack::{Exists, FieldType, Pack, Register};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::feed::Feed;
use crate::touched::Touched;
use crate::words::{Again, BookWords, Words, small};

/// From how many people on, and how great a share of the last list, absence is doubted.
const DOUBTED_FROM: usize = 20;
const DOUBTED_SHARE: usize = 5;

/// What counts, by one commit.
#[derive(Clone)]
pub(crate) struct Heard {
    pub words: Arc<Words>,
    /// The last commit that counts.
    pub known: i64,
    /// Voices, in their order.
    pub voices: Arc<Vec<Voice>>,
    /// For each say its voice, its day, and whether its commit stands.
    pub says: Vec<SayHeard>,
    /// Commits that were taken back by then.
    undone: BTreeSet<i64>,
    /// Records that are another: doubles, and what would be said twice of who stays.
    alias: Arc<FxHashMap<i64, i64>>,
    /// Those that stay.
    twofold: Arc<FxHashSet<i64>>,
    /// Records missing from whole lists.
    pub absences: Arc<FxHashMap<i64, Vec<Missing>>>,
    /// Records that came to another book: the last commit by which they did, and the place of the book.
    came: FxHashMap<i64, (i64, usize)>,
    /// Of those who stay, the place of the book they are kept in, if they or a double came there.
    kept: FxHashMap<i64, usize>,
    /// The register of those who have homes.
    pub people: Option<String>,
    /// One more than the highest record number.
    pub records: usize,
}

/// A say, as it is heard.
#[derive(Clone, Copy)]
pub(crate) struct SayHeard {
    pub voice: u32,
    pub as_of: i32,
    pub stands: bool,
    /// Whether it is a list of what there is. One of things done, such as moves, says what a desk would say row by row.
    pub list: bool,
    /// Whether it ends what it doesn't have, if it is whole.
    pub ends: bool,
}

/// The code list of whoever speaks.
const SENDERS: &str = "source";

/// Everybody who spoke, and every desk that may, so that the first thing said at one doesn't move the others.
fn voices(pack: &Pack, words: &Words) -> Vec<Voice> {
    let spoke = words.says.iter().map(|(_, say)| say.voice.clone());
    let senders = pack.code(SENDERS).map_or(&[][..], |code| &code.members);
    let desks = words.books.iter().flat_map(|book| {
        senders.iter().map(|sender| Voice {
            sender: sender.value.clone(),
            unit: book.book.unit,
            roster: String::new(),
        })
    });
    let all: BTreeSet<Voice> = spoke.chain(desks).collect();
    all.into_iter().collect()
}

impl Heard {
    pub(crate) fn new(pack: &Pack, words: Arc<Words>, known: Option<i64>) -> Self {
        let known = known.unwrap_or(words.commit);
        let by = |by: &i64| *by <= known;
        let undone = words.undone.iter().filter(|(_, undo)| by(undo));
        let undone: BTreeSet<i64> = undone.map(|(taken, _)| *taken).collect();
        let stands = |commit: i64| commit <= known && !undone.contains(&commit);
        let voices = voices(pack, &words);
        let says = words.says.iter().map(|(id, say)| SayHeard {
            voice: place(voices.binary_search(&say.voice).unwrap_or(0)),
            as_of: days(say.as_of),
            stands: stands(id.commit),
            list: say.list.is_some() && pack.action(&say.voice.roster).is_none(),
            ends: (pack.roster(&say.voice.roster)).is_some_and(|roster| roster.whole),
        });
        let mut heard = Self {
            says: says.collect(),
            known,
            voices: Arc::new(voices),
            undone,
            alias: Arc::default(),
            twofold: Arc::default(),
            absences: Arc::default(),
            came: FxHashMap::default(),
            kept: FxHashMap::default(),
            people: pack.at_home().map(|register| register.id.clone()),
            records: highest(&words) + 1,
            words,
        };
        heard.alias = Arc::new(heard.aliases(pack));
        let stay = heard.alias.keys().map(|double| heard.canon(*double));
        heard.twofold = Arc::new(stay.collect());
        heard.came = heard.came();
        heard.kept = heard.moved();
        heard.absences = Arc::new(heard.missing(pack));
        heard
    }

    /// What counts once a few commits more do, and the records that they concern. None where they concern more than that: lists,
    /// which end what they don't have, doubles, a list's voice or a book not heard before, a newer day than any before.
    pub(crate) fn after(&self, pack: &Pack, words: Arc<Words>) -> Option<(Self, Touched)> {
        let before = &self.words;
        let known = words.commit;
        let mut each = before.books.iter().zip(&words.books);
        let alike = |(old, new): (&Arc<BookWords>, &Arc<BookWords>)| {
            let (of, erased) = (old.book.unit, old.erased);
            of == new.book.unit && erased == new.erased && old.merges.len() == new.merges.len()
        };
        let follows = self.known == before.commit && before.commit < known;
        if !follows || before.books.len() != words.books.len() || !each.all(alike) {
            return None;
        }
        let undone: BTreeSet<i64> = words.undone.keys().copied().collect();
        let taken: BTreeSet<i64> = undone.difference(&self.undone).copied().collect();
        let merged = |book: &Arc<BookWords>| book.merges.iter().any(|m| taken.contains(&m.commit));
        if words.books.iter().any(merged) {
            return None;
        }
        let mut heard = Self {
            known,
            undone,
            words,
            ..self.clone()
        };
        for (at, (id, say)) in heard.words.says.iter().enumerate() {
            let known = at < heard.says.len();
            let concerned = !known || taken.contains(&id.commit);
            if concerned && say.list.is_some() {
                return None;
            }
            if known {
                heard.says[at].stands &= !concerned;
                continue;
            }
            let voice = place(heard.voices.binary_search(&say.voice).ok()?);
            heard.says.push(SayHeard {
                voice,
                as_of: days(say.as_of),
                stands: !heard.undone.contains(&id.commit),
                list: false,
                ends: false,
            });
        }
        let again = heard.words.rolls.get(before.rolls.len()..)?;
        if again.iter().any(|again| heard.say(again.say).list) {
            return None;
        }
        let touched = Touched::between(&heard, before, &taken);
        heard.came = heard.came();
        heard.kept = heard.moved();
        heard.records = heard.records.max(touched.highest() + 1);
        let same = heard.newest() == self.newest()
            && (!self.has_merges() || heard.aliases(pack) == *self.alias);
        same.then_some((heard, touched))
    }

    fn has_merges(&self) -> bool {
        self.words.books.iter().any(|book| !book.merges.is_empty())
    }

    /// Whether a commit counts.
    pub(crate) fn stands(&self, commit: i64) -> bool {
        commit <= self.known && !self.undone.contains(&commit)
    }

    /// Whether a row's own say still says it.
    pub(crate) fn says_itself(&self, feed: &Feed, row: usize) -> bool {
        self.stands(i64::from(feed.commits()[row])) && self.say(feed.says()[row]).stands
    }

    pub(crate) fn say(&self, at: u32) -> SayHeard {
        let nobody = SayHeard {
            voice: u32::MAX,
            as_of: 0,
            stands: false,
            list: false,
            ends: false,
        };
        self.says.get(at as usize).copied().unwrap_or(nobody)
    }

    /// For each voice its speaker: the first voice of the same sender and unit.
    pub(crate) fn speakers(&self) -> Vec<u32> {
        let mut speakers: Vec<u32> = Vec::with_capacity(self.voices.len());
        for (at, voice) in self.voices.iter().enumerate() {
            // Voices are in order: those of one speaker follow each other.
            let before = at.checked_sub(1).map(|before| &self.voices[before]);
            let same = before.filter(|before| before.speaks_as(voice));
            let own = same.and(speakers.last().copied());
            speakers.push(own.unwrap_or(place(at)));
        }
        speakers
    }

    /// Words said again that count.
    pub(crate) fn again(&self) -> impl Iterator<Item = &Again> {
        let counts = |again: &&Again| self.stands(again.commit) && self.say(again.say).stands;
        self.words.rolls.iter().filter(counts)
    }

    /// The records that are another, in no order.
    pub(crate) fn doubles(&self) -> impl Iterator<Item = i64> + '_ {
        self.alias.keys().copied()
    }

    /// The record that a record is.
    pub(crate) fn canon(&self, record: i64) -> i64 {
        if self.alias.is_empty() {
            return record;
        }
        let mut record = record;
        for _ in 0..64 {
            match self.alias.get(&record) {
                Some(next) if *next != record => record = *next,
                _ => break,
            }
        }
        record
    }

    /// Whether some records are another.
    pub(crate) fn has_doubles(&self) -> bool {
        !self.alias.is_empty()
    }

    /// Those who stay of records that are one.
    pub(crate) fn twofold(&self) -> impl Iterator<Item = i64> + '_ {
        self.twofold.iter().copied()
    }

    /// Whether any record is kept in another book than the one it was opened in.
    pub(crate) fn has_moved(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The newest day as of which anything that stands was said; before all days if nothing was.
    pub(crate) fn newest(&self) -> i32 {
        let says = self.says.iter().filter(|say| say.stands);
        says.map(|say| say.as_of).max().unwrap_or(i32::MIN)
    }

    /// The book a record is kept in, by place, if it is another than the one of its words.
    pub(crate) fn kept_in(&self, record: i64) -> Option<usize> {
        self.kept.get(&self.canon(record)).copied()
    }

    /// The book a record itself came to last, by place.
    pub(crate) fn came_to(&self, record: i64) -> Option<usize> {
        self.came.get(&record).map(|(_, book)| *book)
    }

    /// For each record that came to another book, the last commit by which it did, and the book.
    fn came(&self) -> FxHashMap<i64, (i64, usize)> {
        let mut last: FxHashMap<i64, (i64, usize)> = FxHashMap::default();
        for (at, book) in self.words.books.iter().enumerate() {
            for arrival in book.arrivals.iter().filter(|a| self.stands(a.commit)) {
                let now = last.entry(arrival.record).or_insert((arrival.commit, at));
                *now = (*now).max((arrival.commit, at));
            }
        }
        last
    }

    /// The same for those who stay: where any of the records that are one came last.
    fn moved(&self) -> FxHashMap<i64, usize> {
        let mut last: FxHashMap<i64, (i64, usize)> = FxHashMap::default();
        for (record, came) in &self.came {
            let now = last.entry(self.canon(*record)).or_insert(*came);
            *now = (*now).max(*came);
        }
        last.into_iter()
            .map(|(record, (_, at))| (record, at))
            .collect()
    }

    /// The doubles of people, and of what refers to them: two records that have one identity once the doubles are one are one.
    fn aliases(&self, pack: &Pack) -> FxHashMap<i64, i64> {
        let merges = self.words.books.iter().flat_map(|book| book.merges.iter());
        let merges = merges.filter(|merge| self.stands(merge.commit));
        let mut alias: FxHashMap<i64, i64> = FxHashMap::default();
        let mut touched: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for merge in merges {
            alias.insert(merge.double, merge.into);
            let touched = touched.entry(&merge.register).or_default();
            touched.extend([merge.double, merge.into]);
        }
        if alias.is_empty() {
            return alias;
        }
        let resolve = |record: i64| {
            let mut record = record;
            for _ in 0..64 {
                record = alias.get(&record).copied().unwrap_or(record);
            }
            record
        };
        let mut more = FxHashMap::default();
        for register in &pack.registers {
            let mut one: BTreeMap<String, i64> = BTreeMap::new();
            for (record, key) in self.keys_touched(register, &touched, &resolve) {
                let first = one.entry(key).or_insert(record);
                *first = record.min(*first);
            }
            for (record, key) in self.keys_touched(register, &touched, &resolve) {
                if let Some(first) = one.get(&key).filter(|first| **first != record) {
                    more.insert(record, *first);
                }
            }
        }
        for into in alias.values_mut() {
            *into = more.get(into).copied().unwrap_or(*into);
        }
        more.into_iter().for_each(|(double, into)| {
            alias.entry(double).or_insert(into);
        });
        alias
    }

    /// The identities, told of those who stay, of the records of a register that refer to merged ones.
    fn keys_touched(
        &self,
        register: &Register,
        touched: &BTreeMap<&str, BTreeSet<i64>>,
        resolve: &impl Fn(i64) -> i64,
    ) -> Vec<(i64, String)> {
        let refs: Vec<(usize, &BTreeSet<i64>)> = (register.identity.iter())
            .filter_map(|id| {
                let (at, field) = register.field(id)?;
                match &field.kind {
                    FieldType::Ref(target) => Some((at, touched.get(target.as_str())?)),
                    _ => None,
                }
            })
            .collect();
        let mut keys = Vec::new();
        if refs.is_empty() {
            return keys;
        }
        for (_, feed) in self.words.feeds(&register.id) {
            for row in 0..feed.len() {
                let refers = refs.iter().any(|(at, touched)| {
                    let column = feed.field(*at).as_primitive::<Int64Type>();
                    column.is_valid(row) && touched.contains(&column.value(row))
                });
                if !refers {
                    continue;
                }
                let mut said = feed.said(register, row).values;
                for (at, _) in &refs {
                    if let Some(pack::Value::Int(record)) = &mut said[*at] {
                        *record = resolve(*record);
                    }
                }
                if let Some(key) = register.identity_key(&said) {
                    keys.push((feed.records()[row], key));
                }
            }
        }
        keys
    }

    /// Who is missing from whole lists, list by list of each voice in the order of their days.
    fn missing(&self, pack: &Pack) -> FxHashMap<i64, Vec<Missing>> {
        let mut series: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, say) in (0..).zip(&self.says) {
            if say.stands && say.list {
                series.entry(say.voice).or_default().push(at);
            }
        }
        series.retain(|_, lists| lists.len() > 1);
        let mut missing: FxHashMap<i64, Vec<Missing>> = FxHashMap::default();
        if series.is_empty() {
            return missing;
        }
        let named = self.named(pack, &series.values().flatten().copied().collect());
        for (voice, mut lists) in series {
            lists.sort_by_key(|list| (self.say(*list).as_of, self.words.says[*list as usize].0));
            self.walk(voice, &lists, &named, |record, absence| {
                missing.entry(record).or_default().push(absence);
            });
        }
        missing
    }

    /// The lists of a voice, in the order of their days: (place of the say).
    pub(crate) fn lists_of(&self, voice: u32) -> Vec<u32> {
        let lists = (0..).zip(&self.says);
        let own = lists.filter(|(_, say)| say.stands && say.list && say.voice == voice);
        let mut lists: Vec<u32> = own.map(|(at, _)| at).collect();
        lists.sort_by_key(|list| (self.say(*list).as_of, self.words.says[*list as usize].0));
        lists
    }

    /// Whom lists name, and what they say of each that a list can end: by list.
    ///
    /// A list names people, and what isn't about a person by itself. Who is on a list and about whom it leaves a cell blank is still
    /// on it: a record ends when its person leaves the list.
    pub(crate) fn named(&self, pack: &Pack, lists: &BTreeSet<u32>) -> FxHashMap<u32, Vec<Named>> {
        let mut named: FxHashMap<u32, Vec<Named>> = FxHashMap::default();
        for register in &pack.registers {
            let with = register.kept_with.as_deref();
            let with = with.and_then(|id| register.field(id)).map(|(at, _)| at);
            let ends = register.exists == Exists::Back;
            let is_person = self.people.as_deref() == Some(register.id.as_str());
            if !ends && !is_person {
                continue;
            }
            let known = with.map(|at| self.subjects(register, at));
            for (book, feed) in self.words.feeds(&register.id) {
                let subjects = with.map(|at| feed.field(at).as_primitive::<Int64Type>());
                let name = |row: usize| {
                    let record = self.canon(feed.records()[row]);
                    let other = || known.as_ref()?.get(&record).copied();
                    let subject = match subjects {
                        Some(subjects) if subjects.is_valid(row) => self.canon(subjects.value(row)),
                        _ => other().unwrap_or(record),
                    };
                    Named {
                        subject: place(small(subject)),
                        record: ends.then_some(place(small(record))),
                    }
                };
                for (row, say) in feed.says().iter().enumerate() {
                    if lists.contains(say) && self.stands(i64::from(feed.commits()[row])) {
                        named.entry(*say).or_default().push(name(row));
                    }
                }
                let number = self.words.books[book].book.number;
                for again in self.again() {
                    if again.book == number && lists.contains(&again.say) {
                        let of_say = named.entry(again.say).or_default();
                        each_row(&feed, &again.seqs, |row| of_say.push(name(row)));
                    }
                }
            }
        }
        named
    }

    /// Whom the records of a register are about of which some word doesn't say it: what is said of one from another day needn't name
    /// them again.
    fn subjects(&self, register: &Register, with: usize) -> FxHashMap<i64, i64> {
        let feeds: Vec<Arc<Feed>> = self
            .words
            .feeds(&register.id)
            .into_iter()
            .map(|(_, feed)| feed)
            .collect();
        let each = || {
            feeds.iter().flat_map(|feed| {
                let subjects = feed.field(with).as_primitive::<Int64Type>();
                let records = feed.records().iter().enumerate();
                records.map(move |(row, record)| {
                    let subject = subjects.is_valid(row).then(|| subjects.value(row));
                    (self.canon(*record), subject)
                })
            })
        };
        let silent: FxHashSet<i64> = each()
            .filter(|(_, subject)| subject.is_none())
            .map(|(record, _)| record)
            .collect();
        if silent.is_empty() {
            return FxHashMap::default();
        }
        let named = each().filter(|(record, _)| silent.contains(record));
        let named = named.filter_map(|(record, subject)| Some((record, self.canon(subject?))));
        named.collect()
    }

    /// Goes through the lists of a voice in the order of their days and tells each absence; what remains are the records of those
    /// whom its last list has.
    pub(crate) fn walk(
        &self,
        voice: u32,
        lists: &[u32],
        named: &FxHashMap<u32, Vec<Named>>,
        mut tell: impl FnMut(i64, Missing),
    ) -> BTreeSet<u32> {
        let mut on: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut days: BTreeSet<i32> = BTreeSet::new();
        for list in lists {
            let (id, say): &(_, Arc<Say>) = &self.words.says[*list as usize];
            let as_of = self.say(*list).as_of;
            let now = named.get(list).map_or(&[][..], Vec::as_slice);
            let again = !days.insert(as_of);
            let whole = match &say.list {
                Some(own) if self.say(*list).ends => own.whole,
                _ => Whole::Part,
            };
            if whole != Whole::Part && !(again && whole == Whole::Guarded) {
                let here: FxHashSet<u32> = now.iter().map(|named| named.subject).collect();
                let gone: Vec<u32> = (on.keys().copied())
                    .filter(|subject| !here.contains(subject))
                    .collect();
                let many = gone.len() > DOUBTED_FROM && gone.len() * DOUBTED_SHARE > on.len();
                if whole == Whole::Whole || !many {
                    for subject in gone {
                        for record in on.remove(&subject).unwrap_or_default() {
                            let absence = Missing {
                                voice,
                                as_of,
                                commit: id.commit,
                            };
                            tell(i64::from(record), absence);
                        }
                    }
                }
            }
            for named in now {
                let records = on.entry(named.subject).or_default();
                records.extend(named.record);
            }
        }
        on.into_values().flatten().collect()
    }
}

/// Somebody a list names, or something; and what it says there that a list can end.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    subject: u32,
    record: Option<u32>,
}

/// Calls for each row of a feed whose word is among these sequences, which ascend.
pub(crate) fn each_row(feed: &Feed, seqs: &[u32], mut each: impl FnMut(usize)) {
    let own = feed.seqs();
    if seqs.len() * 16 < own.len() {
        for row in seqs.iter().filter_map(|seq| feed.row_of(*seq)) {
            each(row);
        }
        return;
    }
    let (mut row, mut at) = (0, 0);
    while let (Some(own), Some(wanted)) = (own.get(row), seqs.get(at)) {
        match own.cmp(wanted) {
            std::cmp::Ordering::Less => row += 1,
            std::cmp::Ordering::Greater => at += 1,
            std::cmp::Ordering::Equal => {
                each(row);
                row += 1;
                at += 1;
            }
        }
    }
}

pub(crate) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn highest(words: &Words) -> usize {
    let feeds = words.books.iter().flat_map(|book| book.feeds.values());
    let last = feeds.filter_map(|feed| feed.records().iter().max().copied());
    last.max().map_or(0, small)
}
