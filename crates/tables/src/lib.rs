//! The registers as columns: for every register and book the state as of a valid date and a known time, and SQL over it.
//!
//! A partition is a pure function of (register, book, valid date, known time). After a commit, the next session sees it.
//! What is kept in memory or on disk can be dropped and comes back the same. This crate never writes truth.

mod cache;
mod dense;
mod error;
mod functions;
mod history;
mod household;
pub mod schema;
mod session;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, UnitCode};
use ledger::{AccessRecord, Digest, Entry, Ledger};
use pack::Pack;

use cache::BookHistory;

pub use dense::Dense;
pub use error::TablesError;
pub use functions::texts;
pub use history::History;
pub use household::{Relatives, Slots, batch};
pub use session::{ALL, AsOf, Page, Rows, Session, bind, date_literal, literal, show};

/// How many entries are read from the ledger at once while catching up.
const FEED: usize = 50_000;

/// The columnar state of one ledger. Cheap to clone; clones share what is in memory.
#[derive(Clone)]
pub struct Tables {
    ledger: Ledger,
    pack: Arc<Pack>,
    /// Where histories are kept between runs; nowhere when absent.
    folder: Option<PathBuf>,
    books: Arc<Mutex<BTreeMap<UnitCode, Arc<BookHistory>>>>,
    states: Arc<Mutex<States>>,
}

/// The partitions of the reading asked last for each pair of times; older readings are recomputed when asked again.
#[derive(Default)]
struct States {
    kept: Vec<(Reading, Partitions)>,
}

/// The valid date, and the known time in µs since 1970.
type Reading = (Date, Option<i64>);

/// By unit and register: the sequence the partition reaches, and its rows.
type Partitions = BTreeMap<(UnitCode, String), (i64, RecordBatch)>;

impl States {
    /// Enough for the first and last day of a period, and today.
    const READINGS: usize = 4;

    fn of(&mut self, reading: Reading) -> &mut Partitions {
        let found = self.kept.iter().position(|(kept, _)| *kept == reading);
        let entry = match found {
            Some(at) => self.kept.remove(at),
            None => (reading, BTreeMap::new()),
        };
        self.kept.push(entry);
        if self.kept.len() > Self::READINGS {
            self.kept.remove(0);
        }
        let last = self.kept.len() - 1;
        &mut self.kept[last].1
    }
}

impl Tables {
    /// The tables of a ledger; `folder` keeps them between runs.
    #[must_use]
    pub fn new(ledger: Ledger, pack: Arc<Pack>, folder: Option<PathBuf>) -> Self {
        Self {
            ledger,
            pack,
            folder,
            books: Arc::default(),
            states: Arc::default(),
        }
    }

    /// The ledger behind the tables.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The declarations of the ledger.
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// Opens a session for a grant as of two times, and records in the access log that it was opened (`at` is now).
    ///
    /// # Errors
    /// A grant that covers no book, and whatever reading the ledger or the cache gives.
    pub async fn session(
        &self,
        grant: &Grant,
        as_of: AsOf,
        at: Timestamp,
    ) -> Result<Session, TablesError> {
        let books = self.refresh().await?;
        let seen: Vec<_> = books
            .into_iter()
            .filter(|(unit, _)| grant.sees(unit))
            .collect();
        if seen.is_empty() {
            let asked = grant
                .units
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(TablesError::OutOfScope(asked));
        }
        self.ledger.log_access(&access(grant, as_of, at)).await?;
        let mut partitions = self.partitions(&seen, as_of)?;
        Session::over(self.pack.clone(), grant.clone(), as_of, |register| {
            partitions.remove(&register.id).unwrap_or_default()
        })
    }

    /// A session over every book with nothing masked, for evaluations that show nobody anything: whoever shows their results
    /// does so under the reader's own grant. It is recorded in the access log like any other.
    ///
    /// # Errors
    /// As [`Tables::session`].
    pub async fn evaluation(
        &self,
        as_of: AsOf,
        why: &str,
        at: Timestamp,
    ) -> Result<Session, TablesError> {
        let units = self
            .ledger
            .books()
            .await?
            .into_iter()
            .map(|book| book.unit)
            .collect();
        let grant = Grant {
            who: "taizhang".into(),
            units,
            reveals: ALL.to_vec(),
            why: why.into(),
        };
        self.session(&grant, as_of, at).await
    }

    /// Where the rows around each person are, in every book, as of two times. For evaluations that show nothing by themselves.
    ///
    /// # Errors
    /// Whatever reading the ledger or the cache gives.
    pub async fn relatives(&self, as_of: AsOf) -> Result<Relatives, TablesError> {
        let books = self.refresh().await?;
        Relatives::new(&self.pack, self.partitions(&books, as_of)?)
    }

    /// The rows of each register, a batch per book, in order of unit.
    fn partitions(
        &self,
        books: &[(UnitCode, Arc<BookHistory>)],
        as_of: AsOf,
    ) -> Result<BTreeMap<String, Vec<RecordBatch>>, TablesError> {
        let known = as_of.known.map(Timestamp::as_microsecond);
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = states.of((as_of.on, known));
        let mut partitions: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
        for (unit, book) in books {
            for (id, history) in &book.registers {
                let Some(register) = self.pack.register(id) else {
                    continue;
                };
                let key = (*unit, id.clone());
                let fresh = kept
                    .get(&key)
                    .filter(|(seq, _)| *seq == history.last_seq())
                    .map(|(_, batch)| batch.clone());
                let batch = match fresh {
                    Some(batch) => batch,
                    None => {
                        let batch = history.as_of(register, *unit, as_of.on, known)?;
                        kept.insert(key, (history.last_seq(), batch.clone()));
                        batch
                    }
                };
                partitions.entry(id.clone()).or_default().push(batch);
            }
        }
        Ok(partitions)
    }

    /// Brings every book up to the ledger's head.
    async fn refresh(&self) -> Result<Vec<(UnitCode, Arc<BookHistory>)>, TablesError> {
        let mut current = Vec::new();
        for book in self.ledger.books().await? {
            let held = self
                .books
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&book.unit)
                .cloned();
            let history = match held {
                Some(held) if held.seq == book.seq => held,
                held => {
                    let start = match held {
                        Some(held) => Some((*held).clone()),
                        None => self.cached(book.unit).await?,
                    };
                    let caught_up =
                        Arc::new(self.catch_up(book.unit, start, book.seq, book.hash).await?);
                    self.books
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(book.unit, caught_up.clone());
                    caught_up
                }
            };
            current.push((book.unit, history));
        }
        Ok(current)
    }

    /// The cached histories, if the ledger's chain still has the hash they were taken at.
    async fn cached(&self, unit: UnitCode) -> Result<Option<BookHistory>, TablesError> {
        let Some(stored) = self
            .folder
            .as_ref()
            .and_then(|folder| cache::load(folder, &self.pack, unit))
        else {
            return Ok(None);
        };
        if stored.seq == 0 {
            return Ok(Some(stored));
        }
        let last = self.ledger.entries(unit, None, stored.seq - 1, 1).await?;
        Ok(last
            .first()
            .is_some_and(|entry| entry.seq == stored.seq && entry.hash.to_string() == stored.hash)
            .then_some(stored))
    }

    async fn catch_up(
        &self,
        unit: UnitCode,
        start: Option<BookHistory>,
        seq: i64,
        hash: Digest,
    ) -> Result<BookHistory, TablesError> {
        let mut book = start.unwrap_or(BookHistory {
            seq: 0,
            hash: String::new(),
            registers: BTreeMap::new(),
        });
        if book.seq == seq {
            return Ok(book);
        }
        let mut entries = Vec::new();
        let mut reached = book.seq;
        while reached < seq {
            let more = self.ledger.entries(unit, None, reached, FEED).await?;
            let Some(last) = more.last() else { break };
            reached = last.seq;
            entries.extend(more.into_iter().filter(|entry| entry.seq <= seq));
        }
        let mut by_register: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &entries {
            by_register.entry(&*entry.register).or_default().push(entry);
        }
        for (id, entries) in by_register {
            let Some(register) = self.pack.register(id) else {
                continue;
            };
            let before = book
                .registers
                .remove(id)
                .unwrap_or_else(|| History::empty(register));
            book.registers
                .insert(id.to_owned(), before.then(register, &entries)?);
        }
        (book.seq, book.hash) = (seq, hash.to_string());
        if let Some(folder) = &self.folder {
            cache::save(folder, unit, &book)?;
        }
        Ok(book)
    }
}

/// What the access log keeps of opening a session.
fn access(grant: &Grant, as_of: AsOf, at: Timestamp) -> AccessRecord {
    AccessRecord {
        at,
        who: grant.who.clone(),
        why: grant.why.clone(),
        units: grant.units.clone(),
        reveals: grant.reveals.clone(),
        what: format!("session on {}", as_of.on),
    }
}
