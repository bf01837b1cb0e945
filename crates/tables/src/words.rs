//! Every word of the ledger up to one commit, as feeds of columns, with who said what when and what is said again. Caught up by
//! reading what is new; what was read before is shared. It decides nothing: what the words come to is worked out from it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kernel::{EntryKind, RecordId, UnitCode};
use ledger::{Book, Entry, Ledger, Position, Say, SayId};
use pack::{FieldSet, Pack};
use rayon::prelude::*;

use crate::cache;
use crate::error::TablesError;
use crate::feed::Feed;

/// How many entries are read from the ledger at once while catching up.
const PORTION: usize = 50_000;
/// How many entries of a book are read again at a restart, at most: its cache isn't written for fewer.
const CACHED_EVERY: i64 = 200;

/// The words of the ledger up to a commit.
#[derive(Clone, Default)]
pub(crate) struct Words {
    /// The last commit.
    pub commit: i64,
    /// Who said what, by place; entries name places.
    pub says: Arc<Vec<(SayId, Arc<Say>)>>,
    /// Commits taken back: which, and by which.
    pub undone: Arc<BTreeMap<i64, i64>>,
    /// Words said again.
    pub rolls: Arc<Vec<Again>>,
    /// By book, in order of number.
    pub books: Vec<Arc<BookWords>>,
}

/// Words of one book said again.
#[derive(Clone)]
pub(crate) struct Again {
    /// The commit that adds it.
    pub commit: i64,
    /// The say, by place.
    pub say: u32,
    /// The fields said.
    pub fields: FieldSet,
    /// The book's number.
    pub book: i64,
    /// The sequences of the words, ascending.
    pub seqs: Arc<[u32]>,
}

/// The words of one book.
#[derive(Clone)]
pub(crate) struct BookWords {
    pub book: Book,
    /// Up to which of its entries the cache reaches.
    pub cached: i64,
    /// How many of its words had been erased when they were read.
    pub erased: usize,
    /// By register.
    pub feeds: BTreeMap<String, Arc<Feed>>,
    /// Records that came here from another book.
    pub arrivals: Arc<Vec<Arrival>>,
    /// Records that turned out to be another's double.
    pub merges: Arc<Vec<Merged>>,
}

/// A record that came to a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Arrival {
    pub record: i64,
    pub commit: i64,
}

/// A record that is another's double.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Merged {
    pub register: String,
    pub double: i64,
    pub into: i64,
    pub commit: i64,
}

impl Words {
    /// These words and everything written since.
    ///
    /// # Errors
    /// Whatever reading the ledger or the cache gives.
    pub(crate) async fn caught_up(
        &self,
        ledger: &Ledger,
        pack: &Pack,
        folder: Option<&Path>,
    ) -> Result<Words, TablesError> {
        let news = ledger.news(self.commit).await?;
        if news.commit == self.commit {
            return Ok(self.clone());
        }
        let mut says = (*self.says).clone();
        says.extend((news.says.into_iter()).map(|(id, say)| (id, Arc::new(say))));
        // They come in the order of commits.
        let at = |id: SayId| says.binary_search_by_key(&id, |(id, _)| *id).ok();
        let say = |id: SayId| {
            at(id)
                .and_then(|at| u32::try_from(at).ok())
                .unwrap_or(u32::MAX)
        };
        let mut undone = (*self.undone).clone();
        undone.extend(news.undone.iter().map(|(by, taken)| (*taken, *by)));
        let mut rolls = self.rolls.clone();
        for (commit, id, fields, words) in news.rolls {
            Arc::make_mut(&mut rolls).extend(again(commit, say(id), fields, &words));
        }
        let held = |book: &Book| {
            let erased = news.erased.iter().filter(|word| word.book == book.number);
            let erased = erased.count();
            // Words read before one of them was erased are read again.
            let held = self.books.iter().find(|held| held.book.unit == book.unit);
            (held.filter(|held| held.erased == erased), erased)
        };
        let stored = news.books.par_iter().map(|book| match held(book) {
            (None, _) => folder.and_then(|folder| cache::load(folder, pack, book)),
            _ => None,
        });
        let stored: Vec<Option<BookWords>> = stored.collect();
        let mut books = Vec::with_capacity(news.books.len());
        for (book, stored) in news.books.iter().zip(stored) {
            let start = match held(book) {
                (Some(held), _) if held.book == *book => {
                    books.push(held.clone());
                    continue;
                }
                (Some(held), _) => BookWords::clone(held),
                (None, erased) => {
                    let stored = fitting(stored, book, erased, ledger).await?;
                    stored.unwrap_or_else(|| BookWords::empty(book, erased))
                }
            };
            let caught_up = catch_up(start, book.clone(), ledger, pack, folder, say).await?;
            books.push(Arc::new(caught_up));
        }
        Ok(Words {
            commit: news.commit,
            says: Arc::new(says),
            undone: Arc::new(undone),
            rolls,
            books,
        })
    }

    /// The feeds of a register, each with the place of its book.
    pub(crate) fn feeds(&self, register: &str) -> Vec<(usize, Arc<Feed>)> {
        let books = self.books.iter().enumerate();
        let feeds = books.filter_map(|(at, book)| Some((at, book.feeds.get(register)?.clone())));
        feeds.collect()
    }
}

/// The words said again, book by book.
fn again(
    commit: i64,
    say: u32,
    fields: FieldSet,
    words: &[Position],
) -> impl Iterator<Item = Again> {
    words
        .chunk_by(|one, next| one.book == next.book)
        .map(move |words| Again {
            commit,
            say,
            fields,
            book: words[0].book,
            seqs: words
                .iter()
                .map(|word| u32::try_from(word.seq).unwrap_or(u32::MAX))
                .collect(),
        })
        .collect::<Vec<_>>()
        .into_iter()
}

impl BookWords {
    fn empty(book: &Book, erased: usize) -> Self {
        let mut book = book.clone();
        book.seq = 0;
        Self {
            book,
            cached: 0,
            erased,
            feeds: BTreeMap::new(),
            arrivals: Arc::default(),
            merges: Arc::default(),
        }
    }
}

/// The cached words of a book, if the ledger's chain still has the entry they reach to, and nothing was erased since.
async fn fitting(
    stored: Option<BookWords>,
    book: &Book,
    erased: usize,
    ledger: &Ledger,
) -> Result<Option<BookWords>, TablesError> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    let (seq, hash) = (stored.book.seq, stored.book.hash);
    if seq == 0 || seq > book.seq || stored.erased != erased {
        return Ok(None);
    }
    let last = ledger.entries(book.unit, seq - 1, 1).await?;
    let same = |entry: &Entry| entry.at.seq == seq && entry.hash == hash;
    Ok(last.first().is_some_and(same).then_some(stored))
}

async fn catch_up(
    start: BookWords,
    book: Book,
    ledger: &Ledger,
    pack: &Pack,
    folder: Option<&Path>,
    say: impl Fn(SayId) -> u32,
) -> Result<BookWords, TablesError> {
    if start.book.seq == book.seq {
        return Ok(BookWords { book, ..start });
    }
    let mut caught_up = start;
    let mut arrivals = (*caught_up.arrivals).clone();
    let mut merges = (*caught_up.merges).clone();
    let mut by_register: BTreeMap<Arc<str>, Vec<Entry>> = BTreeMap::new();
    let mut reached = caught_up.book.seq;
    while reached < book.seq {
        let more = ledger.entries(book.unit, reached, PORTION).await?;
        let Some(last) = more.last() else { break };
        reached = last.at.seq;
        for entry in more.into_iter().filter(|entry| entry.at.seq <= book.seq) {
            match entry.kind {
                EntryKind::Undo => {}
                EntryKind::Transfer => arrivals.extend(arrival(&entry)),
                EntryKind::Merge => merges.extend(merged(&entry)),
                _ => {
                    let register = entry.register.clone();
                    by_register.entry(register).or_default().push(entry);
                }
            }
        }
    }
    for (id, entries) in by_register {
        let Some(register) = pack.register(&id) else {
            continue;
        };
        let before = caught_up.feeds.remove(&*id);
        let before = before.unwrap_or_else(|| Arc::new(Feed::empty(register)));
        let entries: Vec<&Entry> = entries.iter().collect();
        let after = before.then(register, &entries, |entry| say(entry.say))?;
        caught_up.feeds.insert(id.to_string(), Arc::new(after));
    }
    caught_up.arrivals = Arc::new(arrivals);
    caught_up.merges = Arc::new(merges);
    caught_up.book = book;
    if let Some(folder) = folder
        && (caught_up.cached == 0 || caught_up.book.seq - caught_up.cached >= CACHED_EVERY)
    {
        // Without a cache a restart takes longer, and nothing else.
        match cache::save(folder, pack, &caught_up) {
            Ok(()) => caught_up.cached = caught_up.book.seq,
            Err(error) => tracing::warn!("{}", error.message(kernel::Lang::En)),
        }
    }
    Ok(caught_up)
}

/// The record that comes here, if the entry is the arriving half of a transfer: that carries where it left.
fn arrival(entry: &Entry) -> Option<Arrival> {
    let body: serde_json::Value = serde_json::from_str(entry.body.as_deref()?).ok()?;
    body.get("hash").map(|_| Arrival {
        record: entry.record.0,
        commit: entry.commit,
    })
}

fn merged(entry: &Entry) -> Option<Merged> {
    let body: serde_json::Value = serde_json::from_str(entry.body.as_deref()?).ok()?;
    Some(Merged {
        register: entry.register.to_string(),
        double: entry.record.0,
        into: body.get("into")?.as_i64()?,
        commit: entry.commit,
    })
}

/// The unit of a book by place.
pub(crate) fn unit_at(words: &Words, book: usize) -> Option<UnitCode> {
    words.books.get(book).map(|book| book.book.unit)
}

/// A record's number, small enough to count by.
pub(crate) fn small(record: i64) -> usize {
    usize::try_from(record).unwrap_or(0)
}

/// A record by number.
pub(crate) fn record(number: i64) -> RecordId {
    RecordId(number)
}
