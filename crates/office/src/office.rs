//! One ledger and how it is shown: the unit it is for, the date and period shown unless others are asked for, and what is kept for
//! all who look. It shows nobody anything; a [`View`] does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use kernel::rights::holder;
use kernel::{Period, Sensitivity, UnitCode};
use ledger::{Access, Admitted};
use pack::{Contract, NoContract, Pack};
use reports::reads::Reads;
use tables::{Caller, HeldPost, Tables};
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use crate::error::OfficeError;
use crate::kept::Kept;
use crate::uploads::Uploads;
use crate::view::View;

/// One ledger and how it is shown. Cheap to clone; clones share what has been computed.
#[derive(Clone)]
pub struct Office {
    /// The declarations.
    pub pack: Arc<Pack>,
    /// Which registers keep what the pages know.
    pub contract: Arc<Contract>,
    /// The unit the ledger is for.
    pub root: UnitCode,
    /// The date of lists and people's pages unless another is asked for.
    pub on: Date,
    /// The period of figures unless another is asked for.
    pub period: Period,
    /// Whether figures are of the day that the data reaches, unless a period is asked for, and not of a period chosen beforehand.
    pub follows: bool,
    /// Whether anything may be written: lists taken in, questions answered, commits taken back.
    pub writes: bool,
    /// Whether anybody will ask again: only then days and answers are kept for figures.
    pub(crate) keeps: bool,
    pub(crate) tables: Tables,
    pub(crate) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What each indicator rests on, once it was asked for.
    pub(crate) reads: Arc<OnceCell<BTreeMap<String, Reads>>>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) uploads: Arc<Uploads>,
    /// Of the kinds of secret that a post shows in clear, those that are.
    clear: Vec<Sensitivity>,
    /// Who it is for until somebody says to be at the desk.
    by: String,
    /// The only one who may say so.
    only: Option<String>,
    why: String,
    /// When somebody last asked for something.
    asked: Arc<Mutex<Instant>>,
    /// Where what nobody waits for is worked out.
    leisure: Option<Handle>,
}

/// Somebody who may say to be at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Their name.
    pub name: String,
    /// Their posts: the role, and in which unit.
    pub posts: Vec<(String, UnitCode)>,
}

/// How many figures are counted before somebody who asks for others may.
const AT_ONCE: usize = 16;
/// How long it rests before it looks whether figures have to be counted again.
const PAUSE: Duration = Duration::from_millis(500);
/// How often it counts those of the usual periods before it counts those of all.
const OTHERS_EACH: usize = 6;
/// After how long without anybody asking the office prepares what may be asked for later.
const QUIET: Duration = Duration::from_secs(3);

impl Office {
    /// An office over a ledger, which shows names and nothing else in clear. A period that is not over on the date is shown up
    /// to it. `by` is whoever runs it, who reads until somebody else says to be at the desk.
    ///
    /// # Errors
    /// The pack doesn't say which registers keep people and what belongs to them.
    pub fn new(
        tables: Tables,
        root: UnitCode,
        (on, period): (Date, Period),
        by: impl Into<String>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Self, NoContract> {
        let pack = tables.pack().clone();
        let contract = pack.contract()?.clone();
        let period = period.gone_by(on);
        Ok(Self {
            pack,
            contract,
            root,
            on,
            period,
            follows: false,
            writes: false,
            keeps: true,
            tables,
            clock: Arc::new(clock),
            reads: Arc::default(),
            kept: Arc::default(),
            uploads: Arc::default(),
            clear: vec![Sensitivity::Name],
            by: by.into(),
            only: None,
            why: "pages".to_owned(),
            asked: Arc::new(Mutex::new(Instant::now())),
            leisure: None,
        })
    }

    /// The same office for somebody who asks once and goes: figures are counted without keeping what the next question would need.
    #[must_use]
    pub fn passing(mut self) -> Self {
        self.keeps = false;
        self
    }

    /// The same office, whose figures are of the year up to the day that the data reaches, if anything tells of it.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn following(mut self) -> Result<Self, OfficeError> {
        if let Some(day) = self.reaches(&self.root).await? {
            self.period = Period::year_of(day).gone_by(day);
        }
        self.follows = true;
        Ok(self)
    }

    /// The same office, in which something may be written.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.writes = true;
        self
    }

    /// The same office, which also shows these kinds of secret in clear to those whose posts do, for a reason.
    #[must_use]
    pub fn revealing(mut self, kinds: &[Sensitivity], why: &str) -> Self {
        self.clear.extend_from_slice(kinds);
        why.clone_into(&mut self.why);
        self
    }

    /// The same office, which works out somewhere else what nobody waits for, so that it holds up nobody who does.
    #[must_use]
    pub fn at_leisure(mut self, there: Handle) -> Self {
        self.leisure = Some(there);
        self
    }

    /// Has something worked out without waiting for it.
    pub fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.leisure {
            Some(there) => drop(there.spawn(work)),
            None => drop(tokio::spawn(work)),
        }
    }

    /// The same office for one person only.
    #[must_use]
    pub fn only(mut self, name: &str) -> Self {
        self.only = Some(name.to_owned());
        name.clone_into(&mut self.by);
        self
    }

    /// Today, where the office is: China has one time zone, eight hours east of UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        Offset::constant(8).to_datetime((self.clock)()).date()
    }

    /// Who holds a post today, and so may say to be at the desk; nobody if the ledger has no posts yet.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn workers(&self) -> Result<Vec<Worker>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let mut workers: Vec<Worker> = Vec::new();
        for HeldPost {
            holder: name,
            role,
            unit,
            ..
        } in standing.posts(self.today())
        {
            let own = holder(&name);
            if (self.only.as_ref()).is_some_and(|only| holder(only) != own) {
                continue;
            }
            match workers.iter_mut().find(|known| holder(&known.name) == own) {
                Some(known) => known.posts.push((role, unit)),
                None => workers.push(Worker {
                    name,
                    posts: vec![(role, unit)],
                }),
            }
        }
        Ok(workers)
    }

    /// Whether somebody is who runs the office.
    #[must_use]
    pub fn is_run_by(&self, worker: &Worker) -> bool {
        holder(&self.by) == holder(&worker.name)
    }

    /// The view of somebody: who says to be at the desk, or else who runs the office. What they look at is in the access log when
    /// this returns.
    ///
    /// # Errors
    /// They hold no post, or may not say to be at the desk.
    pub async fn view(&self, desk: Option<&str>, page: &str) -> Result<View, OfficeError> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let name = desk.unwrap_or(&self.by);
        if (self.only.as_ref()).is_some_and(|only| holder(only) != holder(name)) {
            return Err(OfficeError::Nobody);
        }
        let who = Caller {
            name,
            root: self.root,
        };
        let grant = self.tables.grant(&who, self.today(), &self.why).await?;
        let grant = grant.clear_only(&self.clear);
        let path = page.to_owned();
        let admitted = self
            .tables
            .ledger()
            .admit(grant, (self.clock)(), Access::Page { path });
        Ok(View::new(self.clone(), admitted.await?, desk.is_some()))
    }

    /// The view of somebody who was let in, by whoever let them in: a command whose line stands in the access log.
    #[must_use]
    pub fn seen_by(&self, admitted: Admitted) -> View {
        View::new(self.clone(), admitted, false)
    }

    /// The unit somebody means by its code or by its name on a date. What units there are and how they are called is no secret.
    ///
    /// # Errors
    /// No unit is called so, or several are; the ledger can't be read.
    pub async fn unit_called(&self, asked: &str, on: Date) -> Result<UnitCode, OfficeError> {
        Ok(self.units(on).await?.called(asked)?.code)
    }

    /// Computes what the first page shows and what the box on every page finds, so that the first reader need not wait for it; then, while
    /// nobody asks for anything, all other figures with those of the year before.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn warm(&self) -> Result<(), OfficeError> {
        tokio::try_join!(
            self.day(self.on),
            self.bench(self.on),
            self.index(self.on),
            self.doubts(self.on),
            self.recent(),
            self.waiting(),
        )?;
        let first = self.pack.dashboards.iter().filter(|own| own.first);
        let first = first.flat_map(|own| &own.sections);
        let first: Vec<String> = first.flat_map(|own| own.figures.clone()).collect();
        self.prepare(&first).await?;
        let all = self.pack.indicators.iter();
        let all: Vec<String> = all.map(|indicator| indicator.id.clone()).collect();
        // A few at a time: whoever asks for a figure meanwhile waits for no more.
        for some in all.chunks(AT_ONCE) {
            self.quiet().await;
            self.prepare(some).await?;
        }
        self.quiet().await;
        self.count_owed(self.period).await?;
        Ok(())
    }

    /// Counts figures again after every change, those of the usual periods first and others now and then, so that whoever asks for them
    /// needn't wait. It ends with an error only.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn keep_up(&self) -> Result<(), OfficeError> {
        let (mut known, mut round) = (0, 0);
        loop {
            tokio::time::sleep(PAUSE).await;
            let commit = self.tables.snapshot().await?.commit();
            if commit == known {
                continue;
            }
            round += 1;
            let usual = [self.period, self.period.year_before()];
            let periods = match round % OTHERS_EACH {
                0 => self.counted_periods(),
                _ => usual.to_vec(),
            };
            for period in periods {
                // With every few it goes on from what stands by then.
                while self.board(period).await?.catch_up(self, AT_ONCE).await? {
                    tokio::task::yield_now().await;
                }
            }
            known = commit;
        }
    }

    /// Counts some figures of the period and of the year before.
    async fn prepare(&self, figures: &[String]) -> Result<(), OfficeError> {
        for period in [self.period, self.period.year_before()] {
            self.board(period).await?.prepare(self, figures).await?;
        }
        Ok(())
    }

    /// Waits until nobody has asked for anything for a while.
    pub(crate) async fn quiet(&self) {
        loop {
            let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            match QUIET.checked_sub(asked.elapsed()) {
                Some(left) if !left.is_zero() => tokio::time::sleep(left).await,
                _ => return,
            }
        }
    }
}
