//! The registers as columns: the words of the ledger folded into the state of every register as of a day and a commit, and SQL
//! over it.
//!
//! A table is a pure function of the ledger's words, the day and the commit. After a commit, the next session sees it. What is kept
//! in memory or on disk can be dropped and comes back the same. This crate never writes truth.

mod asked;
mod by_record;
mod cache;
mod changed;
mod checks;
mod contest;
mod covers;
mod day;
mod doubts;
mod error;
mod feed;
mod footprint;
mod functions;
mod heard;
mod homes;
mod household;
mod links;
mod looked_up;
mod money;
mod plan;
mod posts;
mod projected;
mod reach;
mod registers;
mod rows;
pub mod schema;
mod session;
mod shelf;
mod slots;
mod snapshot;
mod spelled;
mod tangle;
mod texts;
mod touched;
mod units;
mod unread;
mod veil;
mod vouch_functions;
mod vouched;
mod wanted;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, Rights, UnitCode};
use ledger::{Access, Admitted, Ledger};
use pack::{Pack, Register};

use words::Words;

pub use asked::ByRegister;
pub use changed::Changed;
pub use checks::{RowChecks, list_breaches};
pub use contest::{Contender, Contest};
pub use covers::{Cover, Partial};
pub use doubts::{Doubt, Doubts, MOST_DOUBTS, StandingCheck, StandingChecks};
pub use error::TablesError;
pub use footprint::Footprint;
pub use functions::{signatures, texts};
pub use household::{FamilyRows, Relatives, RowChange, batch, changed, records};
pub use links::{Concerned, DayRows, Links, SUBJECT};
pub use plan::{Plan, Running};
pub use posts::HeldPost;
pub use reach::{Spoken, SpokenBy, SpokenByRegister};
pub use session::{
    AsOf, Batches, Page, Rows, Session, bind, bind_day, date_literal, literal, parameter_literal,
    show,
};
pub use shelf::{Shelf, Stands, WordOf};
pub use slots::Slots;
pub use snapshot::Snapshot;
pub use spelled::{SPELLED, key as spelled};
pub use touched::Touched;
pub use units::UnitTree;
pub use unread::Unread;
pub use veil::{SeenTexts, Veil, seen_texts};
pub use vouch_functions::AT_HOME;
pub use vouched::Vouched;

/// Who asks for a grant, in a ledger of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Their name.
    pub name: &'a str,
    /// The unit the ledger is for.
    pub root: UnitCode,
}

/// The columnar state of one ledger. Cheap to clone; clones share what is in memory.
#[derive(Clone)]
pub struct Tables {
    ledger: Ledger,
    pack: Arc<Pack>,
    /// Where words are kept between runs; nowhere when absent.
    folder: Option<PathBuf>,
    words: Arc<tokio::sync::Mutex<Arc<Words>>>,
    standing: Arc<Mutex<Option<Arc<Snapshot>>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Tables {
    /// The tables of a ledger; `folder` keeps its words between runs.
    #[must_use]
    pub fn new(ledger: Ledger, pack: Arc<Pack>, folder: Option<PathBuf>) -> Self {
        Self {
            ledger,
            pack,
            folder,
            words: Arc::default(),
            standing: Arc::default(),
            turn: Arc::default(),
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

    /// What stands up to the ledger's last commit.
    ///
    /// # Errors
    /// Whatever reading the ledger or the cache gives.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, TablesError> {
        let words = self.caught_up().await?;
        let mut kept = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = kept.as_ref().filter(|kept| kept.commit() >= words.commit) {
            return Ok(standing.clone());
        }
        let begun = Instant::now();
        let after = kept.as_ref().and_then(|kept| kept.after(words.clone()));
        tracing::debug!(commit = words.commit, anew = after.is_none(), took = ?begun.elapsed(), "what stands");
        let new = || Snapshot::new(self.pack.clone(), words, None);
        let standing = Arc::new(after.unwrap_or_else(new));
        *kept = Some(standing.clone());
        Ok(standing)
    }

    /// What stood as known at an earlier commit.
    ///
    /// # Errors
    /// As [`Tables::snapshot`].
    pub async fn snapshot_at(&self, commit: i64) -> Result<Arc<Snapshot>, TablesError> {
        let words = self.caught_up().await?;
        if commit >= words.commit {
            return self.snapshot().await;
        }
        Ok(Arc::new(Snapshot::new(
            self.pack.clone(),
            words,
            Some(commit),
        )))
    }

    async fn caught_up(&self) -> Result<Arc<Words>, TablesError> {
        let mut kept = self.words.lock().await;
        let folder = self.folder.as_deref();
        let words = kept.caught_up(&self.ledger, &self.pack, folder).await?;
        if words.commit != kept.commit {
            *kept = Arc::new(words);
        }
        Ok(kept.clone())
    }

    /// Waits for one's turn to write what rests on there being nobody else: two who recognise people at once would each open them.
    pub async fn turn(&self) -> tokio::sync::OwnedMutexGuard<()> {
        self.turn.clone().lock_owned().await
    }

    async fn snapshot_as_of(&self, as_of: AsOf) -> Result<Arc<Snapshot>, TablesError> {
        match as_of.known {
            None => self.snapshot().await,
            Some(commit) => self.snapshot_at(commit).await,
        }
    }

    /// Opens a session for somebody who was let in, as of a day and a commit.
    ///
    /// # Errors
    /// A grant that covers no book, and whatever reading the ledger or the cache gives.
    pub async fn session(&self, admitted: &Admitted, as_of: AsOf) -> Result<Session, TablesError> {
        let standing = self.snapshot_as_of(as_of).await?;
        let day = standing.day(as_of.on)?;
        let session = self.opened(admitted, as_of, &standing, &day)?;
        Ok(session.vouching(standing.vouched(as_of.on)?))
    }

    /// What a grant comes to on a day: with the units that stand below those of its posts without having their codes.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn reach(
        &self,
        admitted: &Admitted,
        standing: &Snapshot,
        on: Date,
    ) -> Result<Grant, TablesError> {
        let below = standing.day(on)?.below(admitted);
        Ok(Grant::clone(&admitted.clone().with(below)))
    }

    /// Opens a session of some registers only, for somebody who was let in, over what stands on a day: no other is looked at.
    ///
    /// # Errors
    /// A grant that covers no book.
    pub fn session_of(
        &self,
        admitted: &Admitted,
        standing: &Snapshot,
        on: Date,
        wanted: impl Fn(&Register) -> bool,
    ) -> Result<Session, TablesError> {
        let known = Some(standing.commit());
        let day = standing.day(on)?;
        self.opened_with(admitted, AsOf { on, known }, standing, &day, wanted)
    }

    /// The same of some records only, by register: what is shown of a few isn't looked for among all.
    ///
    /// # Errors
    /// As [`Tables::session_of`].
    pub fn session_of_records(
        &self,
        admitted: &Admitted,
        standing: &Snapshot,
        on: Date,
        records: &BTreeMap<String, BTreeSet<i64>>,
    ) -> Result<Session, TablesError> {
        let known = Some(standing.commit());
        let day = standing.day(on)?;
        let wide = wide(admitted, standing, &day)?;
        let grant = Grant::clone(&wide);
        let all = DayRows::new(self.pack.clone(), grant.clone(), day.tables.clone());
        let mut tables = BTreeMap::new();
        for (register, records) in records {
            if let Some(rows) = all.taken(register, records)? {
                tables.insert(register.clone(), vec![rows]);
            }
        }
        let rows = move |register: &Register| {
            let own = tables.get(&register.id).cloned();
            Some(own.unwrap_or_default())
        };
        let as_of = AsOf { on, known };
        Ok(Session::seen(self.pack.clone(), grant, as_of, rows))
    }

    /// The same on a day that few ask for again: nothing of it is kept.
    ///
    /// # Errors
    /// As [`Tables::session_of`].
    pub fn passing_session_of(
        &self,
        admitted: &Admitted,
        standing: &Snapshot,
        on: Date,
        wanted: impl Fn(&Register) -> bool + Sync,
    ) -> Result<Session, TablesError> {
        let known = Some(standing.commit());
        let day = standing.passing_day(on, &wanted)?;
        self.opened_with(admitted, AsOf { on, known }, standing, &day, wanted)
    }

    fn opened(
        &self,
        admitted: &Admitted,
        as_of: AsOf,
        standing: &Snapshot,
        day: &Arc<day::Day>,
    ) -> Result<Session, TablesError> {
        self.opened_with(admitted, as_of, standing, day, |_| true)
    }

    fn opened_with(
        &self,
        admitted: &Admitted,
        as_of: AsOf,
        standing: &Snapshot,
        day: &Arc<day::Day>,
        wanted: impl Fn(&Register) -> bool,
    ) -> Result<Session, TablesError> {
        let wide = wide(admitted, standing, day)?;
        let registers = self.pack.registers.iter();
        let wanted = registers.filter(|register| wanted(register));
        let wanted: BTreeSet<String> = wanted.map(|register| register.id.clone()).collect();
        let day = day.clone();
        let rows = move |register: &Register| {
            let id = &register.id;
            wanted.contains(id).then(|| {
                day.tables
                    .get(id)
                    .map(|rows| rows.to_vec())
                    .unwrap_or_default()
            })
        };
        let grant = Grant::clone(&wide);
        Ok(Session::seen(self.pack.clone(), grant, as_of, rows))
    }

    /// A session over every unit with nothing masked, for evaluations that show nobody anything: whoever shows their results
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
        let admitted = self.evaluator(as_of, why, at).await?;
        self.session(&admitted, as_of).await
    }

    /// The same over what stands: why, and at what time.
    ///
    /// # Errors
    /// As [`Tables::session`].
    pub async fn evaluation_of(
        &self,
        standing: &Snapshot,
        on: Date,
        (why, at): (&str, Timestamp),
    ) -> Result<Session, TablesError> {
        let known = Some(standing.commit());
        let as_of = AsOf { on, known };
        let admitted = self.evaluator(as_of, why, at).await?;
        let day = standing.day(on)?;
        let session = self.opened(&admitted, as_of, standing, &day)?;
        Ok(session.vouching(standing.vouched(on)?))
    }

    /// The rows of such a session, for what looks at those of a few records again.
    ///
    /// # Errors
    /// As [`Tables::session`].
    pub async fn evaluated_rows(
        &self,
        standing: &Snapshot,
        on: Date,
        (why, at): (&str, Timestamp),
    ) -> Result<DayRows, TablesError> {
        let known = Some(standing.commit());
        let admitted = self.evaluator(AsOf { on, known }, why, at).await?;
        self.rows_of(&admitted, standing, on)
    }

    /// The same of one day after another, none of which is asked for again: nothing of them is kept.
    ///
    /// # Errors
    /// As [`Tables::session`].
    pub async fn passing_evaluation(
        &self,
        as_of: AsOf,
        why: &str,
        at: Timestamp,
    ) -> Result<Session, TablesError> {
        let admitted = self.evaluator(as_of, why, at).await?;
        let standing = self.snapshot_as_of(as_of).await?;
        let day = standing.passing_day(as_of.on, |_| true)?;
        let session = self.opened(&admitted, as_of, &standing, &day)?;
        Ok(session.vouching(standing.vouched(as_of.on)?))
    }

    async fn evaluator(
        &self,
        as_of: AsOf,
        why: &str,
        at: Timestamp,
    ) -> Result<Admitted, TablesError> {
        let books = self.ledger.books().await?.into_iter();
        let units: Vec<UnitCode> = books.map(|book| book.unit).collect();
        let grant = Grant::over("taizhang", &units, Rights::whole(), why);
        let what = Access::Evaluation { on: as_of.on };
        Ok(self.ledger.admit(grant, at, what).await?)
    }

    /// Every register's rows on a day, for somebody who was let in: for what is worked out anew where they stand otherwise.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn rows_of(
        &self,
        admitted: &Admitted,
        standing: &Snapshot,
        on: Date,
    ) -> Result<DayRows, TablesError> {
        let day = standing.day(on)?;
        let wide = Grant::clone(&admitted.clone().with(day.below(admitted)));
        Ok(DayRows::new(self.pack.clone(), wide, day.tables.clone()))
    }

    /// The same of a day that nobody keeps: each row is looked up when it is asked for. Before rows are relied on,
    /// [`DayRows::gave_up`] has to be asked.
    ///
    /// # Errors
    /// As [`Tables::rows_of`].
    pub fn looked_up_rows_of(
        &self,
        admitted: &Admitted,
        standing: &Arc<Snapshot>,
        on: Date,
    ) -> Result<DayRows, TablesError> {
        let below = standing.units_below(admitted, on)?;
        let wide = Grant::clone(&admitted.clone().with(below));
        let rows = looked_up::LookedUp::new(standing.clone(), kernel::date::to_days(on));
        Ok(DayRows::looked_up(self.pack.clone(), wide, rows))
    }

    /// Where the rows around each person are, in every unit, as of a day and a commit. For evaluations that show nothing by themselves.
    ///
    /// # Errors
    /// Whatever reading the ledger or the cache gives.
    pub async fn relatives(&self, as_of: AsOf) -> Result<Relatives, TablesError> {
        let standing = self.snapshot_as_of(as_of).await?;
        self.relatives_of(&standing, as_of.on, None)
    }

    /// The same over what stands, made of those at an earlier commit where only some records were concerned since.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn relatives_of(
        &self,
        standing: &Snapshot,
        on: Date,
        before: Option<(&Relatives, i64)>,
    ) -> Result<Relatives, TablesError> {
        let day = standing.day(on)?;
        if let Some((before, commit)) = before
            && let Some(touched) = standing.touched_since(commit)
        {
            let after = before.after(&self.pack, &day.tables, &touched)?;
            return Ok(after.vouching(standing.vouched(on)?));
        }
        let relatives = Relatives::new(&self.pack, |id| day.tables.get(id).map(|rows| &**rows))?;
        Ok(relatives.vouching(standing.vouched(on)?))
    }
}

/// Somebody who was let in, with the units below theirs on a day.
fn wide(
    admitted: &Admitted,
    standing: &Snapshot,
    day: &Arc<day::Day>,
) -> Result<Admitted, TablesError> {
    let books = &standing.heard.words.books;
    let wide = admitted.clone().with(day.below(admitted));
    if !books.iter().any(|book| wide.sees(&book.book.unit)) {
        let asked = admitted.units();
        let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
        let asked = asked.join(", ");
        return Err(TablesError::OutOfScope(asked));
    }
    Ok(wide)
}
