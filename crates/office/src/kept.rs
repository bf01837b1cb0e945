//! What is costly to compute and the same for every reader: the answers of a date, the plans that explain them, figures, units, what
//! can be found. It is a function of what stands and its key, kept with the commit it is of. When the ledger moves on it is made of
//! what was kept, where that can be, and of what the commits since concern; else anew. Two readers who ask for the same thing at once
//! wait for one computation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use kernel::{Grant, Period, Sensitivity, UnitCode};
use pack::Subject;
use programmes::{Again, Answers, Desk, Lists, Standing, StepAmounts};
use tables::{AsOf, Changed, Doubts, Relatives, Session, Snapshot, StandingChecks};

use crate::completeness::ListsThere;
use crate::error::OfficeError;
use crate::figures::Board;
use crate::find::{Index, Lexicon};
use crate::names::UnitNames;
use crate::office::Office;
use crate::owed::OwedOver;
use crate::reaching::Reaching;
use crate::work::{Recent, Waiting};

mod few;

use few::Few;

/// Everything kept for a site.
#[derive(Default)]
pub(crate) struct Kept {
    days: Few<Date, AnswersOn>,
    /// The first and last day of a month and of a year are asked for beside the day itself.
    families: Few<Date, Families>,
    /// Plans rest on no record.
    desks: Few<Date, Plans>,
    /// So do those of amounts.
    amounts: Few<Date, tokio::sync::Mutex<StepAmounts>>,
    /// And those of checks.
    checks: Few<Date, tokio::sync::Mutex<StandingChecks>>,
    waiting: Few<(), Waiting>,
    recent: Few<Date, Recent>,
    /// By the day of asking: what the office keeps itself goes by it.
    pub(crate) lists: Few<Date, ListsThere>,
    /// By the day of asking, too: with it changes what hasn't come yet, and how far it is told.
    boards: Few<(Period, Date), Board>,
    units: Few<Date, UnitNames>,
    doubts: Few<Date, DoubtsOn>,
    reaching: Few<Date, Reaching>,
    indexes: Few<Date, Index>,
    /// What is owed over periods, and whose turn it is to count it.
    pub(crate) owed: Mutex<BTreeMap<Period, Arc<OwedOver>>>,
    pub(crate) counting_owed: tokio::sync::Mutex<()>,
    /// The facts of a subject that somebody isn't shown who sees some kinds of secret in clear: that rests on the pack alone.
    hidden: Mutex<BTreeMap<(String, Vec<Sensitivity>), HiddenFacts>>,
    /// What indexes are made of, from one to the next.
    pub(crate) lexicon: Mutex<Lexicon>,
}

/// The ids of facts.
type HiddenFacts = Arc<BTreeSet<String>>;

/// Of how many days it is kept who is around whom, and what is paid: of one, and the first and last of its month and year.
const DAYS: usize = 5;

/// The answers of one date.
pub struct AnswersOn {
    /// Answers and lists.
    pub(crate) answers: Answers,
    /// How many stand where, by programme and book.
    tallies: BTreeMap<String, Tallies>,
    /// The rows around each person that they were made from.
    relatives: Relatives,
}

/// How many of a programme stand where, by book; and the lists that were counted.
#[derive(Clone)]
struct Tallies {
    of: Arc<Lists>,
    counts: Arc<BTreeMap<UnitCode, Standings>>,
}

/// How many stand where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standings {
    /// Entitled, enrolled or not.
    pub entitled: usize,
    /// Entitled and not enrolled.
    pub missed: usize,
    /// Enrolled and not entitled.
    pub no_longer: usize,
    /// A fact is missing.
    pub to_find_out: usize,
    /// Facts are missing of which lists have to tell.
    pub waits: usize,
    /// Entitled; whether enrolled isn't known.
    pub unlisted: usize,
    /// Entitled and enrolled.
    pub served: usize,
    /// Of a judgement: those of whom all conditions hold.
    pub holds: usize,
    /// Of a judgement: those of whom one doesn't.
    pub fails: usize,
}

impl Standings {
    /// How many stand on a list.
    #[must_use]
    pub fn of(&self, standing: Standing) -> usize {
        match standing {
            Standing::Missed => self.missed,
            Standing::NoLonger => self.no_longer,
            Standing::ToFindOut => self.to_find_out,
            Standing::Waits => self.waits,
            Standing::Unlisted => self.unlisted,
            Standing::Served => self.served,
            Standing::Holds => self.holds,
            Standing::Fails => self.fails,
        }
    }

    /// Those of the books of a scope together.
    pub(crate) fn of_books(
        books: &BTreeMap<UnitCode, Standings>,
        sees: impl Fn(&UnitCode) -> bool,
    ) -> Standings {
        let mut sum = Standings::default();
        for (_, of_book) in books.iter().filter(|(book, _)| sees(book)) {
            sum.entitled += of_book.entitled;
            for standing in Standing::ALL {
                *sum.of_mut(standing) += of_book.of(standing);
            }
        }
        sum
    }

    fn of_mut(&mut self, standing: Standing) -> &mut usize {
        match standing {
            Standing::Missed => &mut self.missed,
            Standing::NoLonger => &mut self.no_longer,
            Standing::ToFindOut => &mut self.to_find_out,
            Standing::Waits => &mut self.waits,
            Standing::Unlisted => &mut self.unlisted,
            Standing::Served => &mut self.served,
            Standing::Holds => &mut self.holds,
            Standing::Fails => &mut self.fails,
        }
    }
}

impl AnswersOn {
    /// Asks everybody.
    async fn new(office: &Office, bench: &Bench, on: Date) -> Result<Self, OfficeError> {
        let why = ("sweep for the pages", (office.clock)());
        let session = office
            .tables
            .evaluation_of(&bench.standing, on, why)
            .await?;
        let sweep = programmes::sweep(&session, None).await?;
        let lists = programmes::compare(&session, &sweep).await?;
        Ok(Self::of(Answers { sweep, lists }, None, bench))
    }

    /// Asks those again whom a change concerns, where it can be told who they are.
    async fn after(&self, since: i64, bench: &Bench) -> Result<Option<Self>, OfficeError> {
        let Some(touched) = bench.standing.touched_since(since) else {
            return Ok(None);
        };
        let both = (&self.relatives, &bench.relatives);
        let mut desk = bench.desk.lock().await;
        let answers = match self.answers.again(&mut desk, both, &touched).await? {
            Again::Same => self.answers.clone(),
            Again::Some(answers) => answers,
            Again::All => return Ok(None),
        };
        Ok(Some(Self::of(answers, Some(&self.tallies), bench)))
    }

    fn of(answers: Answers, before: Option<&BTreeMap<String, Tallies>>, bench: &Bench) -> Self {
        let tallies = answers.lists.iter().map(|(id, lists)| {
            let before = before.and_then(|before| before.get(id));
            let same = before.filter(|before| Arc::ptr_eq(&before.of, lists));
            let tallies = same.cloned().unwrap_or_else(|| Tallies {
                of: lists.clone(),
                counts: Arc::new(tally(lists)),
            });
            (id.clone(), tallies)
        });
        Self {
            tallies: tallies.collect(),
            answers,
            relatives: bench.relatives.clone(),
        }
    }

    /// The books in which anybody stands anywhere.
    pub(crate) fn books(&self) -> BTreeSet<UnitCode> {
        let all = self.tallies.values();
        all.flat_map(|tallies| tallies.counts.keys().copied())
            .collect()
    }

    /// How many stand where in the books of a scope.
    /// Nothing for a programme that was not in force.
    pub(crate) fn tally(
        &self,
        programme: &str,
        sees: impl Fn(&UnitCode) -> bool,
    ) -> Option<Standings> {
        Some(Standings::of_books(
            &self.tallies.get(programme)?.counts,
            sees,
        ))
    }
}

/// How many stand where. Whoever is entitled is either missed or served.
pub(crate) fn tally(lists: &Lists) -> BTreeMap<UnitCode, Standings> {
    let mut tallies: BTreeMap<UnitCode, Standings> = BTreeMap::new();
    let mut by_unit: BTreeMap<&str, Standings> = BTreeMap::new();
    for listed in &lists.all {
        let tally = by_unit.entry(&listed.unit).or_default();
        *tally.of_mut(listed.standing) += 1;
        let entitled = [Standing::Missed, Standing::Unlisted, Standing::Served];
        if entitled.contains(&listed.standing) {
            tally.entitled += 1;
        }
    }
    for (unit, tally) in by_unit {
        if let Ok(unit) = unit.parse() {
            tallies.insert(unit, tally);
        }
    }
    tallies
}

/// Who is around whom on a date.
pub(crate) struct Families {
    /// What stands.
    standing: Arc<Snapshot>,
    /// The rows about each.
    pub relatives: Relatives,
}

/// What explains one person's answers on a date.
pub(crate) struct Bench {
    /// What stands.
    standing: Arc<Snapshot>,
    /// Who is around whom.
    pub relatives: Relatives,
    /// The plans.
    pub desk: Arc<Plans>,
}

/// Plans ready to explain one person after another; a few of the same, so that who asks about one needn't wait for all who ask about
/// others.
pub(crate) struct Plans {
    desks: Vec<tokio::sync::Mutex<Desk>>,
    /// Where the last one who found none free waits.
    turn: AtomicUsize,
}

/// How many are explained at once, where many ask.
const DESKS: usize = 3;

impl Plans {
    async fn new(office: &Office, on: Date) -> Result<Self, OfficeError> {
        let count = if office.keeps { DESKS } else { 1 };
        let mut desks = Vec::with_capacity(count);
        while desks.len() < count {
            let desk = Desk::new(&office.pack, AsOf::on(on), None).await?;
            desks.push(tokio::sync::Mutex::new(desk));
        }
        Ok(Self {
            desks,
            turn: AtomicUsize::new(0),
        })
    }

    /// One that nobody uses, or else one whose turn it is.
    pub(crate) async fn lock(&self) -> tokio::sync::MutexGuard<'_, Desk> {
        let mut free = self.desks.iter().filter_map(|desk| desk.try_lock().ok());
        if let Some(free) = free.next() {
            return free;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.desks[turn % self.desks.len()].lock().await
    }
}

/// What checks find, and how things stood then.
pub(crate) struct DoubtsOn {
    pub(crate) doubts: Doubts,
    standing: Arc<Snapshot>,
    /// The checks that found them.
    checks: Arc<tokio::sync::Mutex<StandingChecks>>,
}

/// What was kept of an earlier commit, with what of the day stands otherwise since, where that can be told.
fn before<V>(
    standing: &Snapshot,
    on: Date,
    kept: Option<(i64, Arc<V>)>,
) -> Option<(Arc<V>, Changed)> {
    let (since, value) = kept?;
    Some((value, standing.changed_since(since, on)?))
}

impl Office {
    /// Everything as of a date, in clear: for what is worked out for all readers and shows nobody anything by itself.
    pub(crate) async fn evaluation(&self, on: Date, why: &str) -> Result<Session, OfficeError> {
        let session = self.tables.evaluation(AsOf::on(on), why, (self.clock)());
        Ok(session.await?)
    }

    /// The facts of a subject that a grant doesn't show.
    pub(crate) fn hidden_facts(&self, subject: &Subject, grant: &Grant) -> HiddenFacts {
        let shown = Sensitivity::ALL.iter().copied();
        let shown = shown.filter(|kind| grant.reveals(*kind));
        let of = (subject.id.clone(), shown.collect());
        let kept = &self.kept.hidden;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let hidden = || Arc::new(programmes::hidden_facts(&self.pack, subject, grant));
        kept.entry(of).or_insert_with(hidden).clone()
    }

    /// The answers of a date.
    pub(crate) async fn day(&self, on: Date) -> Result<Arc<AnswersOn>, OfficeError> {
        let bench = self.bench(on).await?;
        let make = async |kept: Option<(i64, Arc<AnswersOn>)>| {
            if let Some((since, before)) = kept
                && let Some(after) = before.after(since, &bench).await?
            {
                return Ok(Arc::new(after));
            }
            Ok(Arc::new(AnswersOn::new(self, &bench, on).await?))
        };
        self.kept
            .days
            .get(bench.standing.commit(), on, 4, make)
            .await
    }

    /// What plans tell of amounts by the facts of a date; one list at a time.
    pub(crate) async fn step_amounts(
        &self,
        on: Date,
    ) -> Result<Arc<tokio::sync::Mutex<StepAmounts>>, OfficeError> {
        let make = async |_| {
            let plans = StepAmounts::new(&self.pack, AsOf::on(on)).await?;
            Ok(Arc::new(tokio::sync::Mutex::new(plans)))
        };
        self.kept.amounts.get(0, on, DAYS, make).await
    }

    /// How many questions wait in each unit.
    pub(crate) async fn waiting(&self) -> Result<Arc<Waiting>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let make = async |_| Ok(Arc::new(Waiting::new(&standing, &self.contract)));
        self.kept.waiting.get(standing.commit(), (), 1, make).await
    }

    /// What was written since yesterday.
    pub(crate) async fn recent(&self) -> Result<Arc<Recent>, OfficeError> {
        let (commit, today) = (self.tables.snapshot().await?.commit(), self.today());
        let make = async |kept: Option<(i64, Arc<Recent>)>| {
            let before = kept.as_ref().map(|(_, before)| &**before);
            Ok(Arc::new(Recent::new(self, today, before).await?))
        };
        self.kept.recent.get(commit, today, 1, make).await
    }

    /// The answers of a date, if they are there: those of an earlier commit where everybody would have to be asked again.
    pub(crate) async fn day_at_hand(
        &self,
        on: Date,
    ) -> Result<Option<Arc<AnswersOn>>, OfficeError> {
        let Some((since, before)) = self.kept.days.of(on) else {
            return Ok(None);
        };
        let standing = self.tables.snapshot().await?;
        Ok(Some(match standing.touched_since(since) {
            Some(_) => self.day(on).await?,
            None => before,
        }))
    }

    /// The checks of a date, planned.
    pub(crate) async fn checks(
        &self,
        on: Date,
    ) -> Result<Arc<tokio::sync::Mutex<StandingChecks>>, OfficeError> {
        let plan = async |_| {
            let checks = StandingChecks::new(&self.pack, on).await?;
            Ok(Arc::new(tokio::sync::Mutex::new(checks)))
        };
        self.kept.checks.get(0, on, 2, plan).await
    }

    /// What checks find fault with on a date.
    pub(crate) async fn doubts(&self, on: Date) -> Result<Arc<DoubtsOn>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let make = async |kept: Option<(i64, Arc<DoubtsOn>)>| {
            let asked = self.checks(on).await?;
            // What others have found is nothing these can go on from.
            let same = |before: &DoubtsOn| Arc::ptr_eq(&before.checks, &asked);
            let kept = kept.filter(|(_, before)| same(before));
            let mut checks = asked.lock().await;
            let why = ("checks for the pages", (self.clock)());
            let session = self.tables.evaluation_of(&standing, on, why).await?;
            let change = kept.as_ref().and_then(|(since, before)| {
                let change = (
                    standing.changed_since(*since, on)?,
                    standing.touched_since(*since)?,
                );
                Some((before, change))
            });
            let doubts = match change {
                Some((before, (changed, touched))) => {
                    let tables = &self.tables;
                    let then = tables.evaluated_rows(&before.standing, on, why).await?;
                    let now = tables.evaluated_rows(&standing, on, why).await?;
                    let change = (&changed, &touched);
                    checks
                        .after(&session, &before.doubts, change, [&then, &now])
                        .await?
                }
                None => checks.all(&session).await?,
            };
            Ok(Arc::new(DoubtsOn {
                doubts,
                standing: standing.clone(),
                checks: asked.clone(),
            }))
        };
        self.kept.doubts.get(standing.commit(), on, 2, make).await
    }

    /// Who is around whom on a date.
    pub(crate) async fn families(&self, on: Date) -> Result<Arc<Families>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let commit = standing.commit();
        let make = async |kept: Option<(i64, Arc<Families>)>| {
            let before = kept.as_ref().map(|(since, own)| (&own.relatives, *since));
            let relatives = self.tables.relatives_of(&standing, on, before)?;
            Ok(Arc::new(Families {
                relatives,
                standing,
            }))
        };
        self.kept.families.get(commit, on, DAYS, make).await
    }

    /// What explains the answers of a date.
    pub(crate) async fn bench(&self, on: Date) -> Result<Bench, OfficeError> {
        let families = self.families(on).await?;
        let plans = async |_| Ok(Arc::new(Plans::new(self, on).await?));
        Ok(Bench {
            relatives: families.relatives.clone(),
            desk: self.kept.desks.get(0, on, 4, plans).await?,
            standing: families.standing.clone(),
        })
    }

    /// What can be found on a date.
    pub(crate) async fn index(&self, on: Date) -> Result<Arc<Index>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let make = async |kept: Option<(i64, Arc<Index>)>| {
            let touched = (kept.as_ref()).and_then(|(since, _)| standing.touched_since(*since));
            let before = before(&standing, on, kept);
            let before = before.as_ref().zip(touched.as_ref());
            let before = before.map(|((kept, differs), touched)| (&**kept, differs, touched));
            let index = Index::new(self, &standing, on, before).await?;
            Ok(Arc::new(index))
        };
        self.kept.indexes.get(standing.commit(), on, 2, make).await
    }

    /// The figures of a period.
    pub(crate) async fn board(&self, period: Period) -> Result<Arc<Board>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let commit = standing.commit();
        let make = async |kept: Option<(i64, Arc<Board>)>| {
            if let Some((since, before)) = kept
                && let Some(after) = before.after(self, &standing, since).await?
            {
                return Ok(Arc::new(after));
            }
            Ok(Arc::new(Board::new(self, standing.clone(), period).await?))
        };
        let key = (period, self.today());
        self.kept.boards.get(commit, key, 48, make).await
    }

    /// The periods of which figures are kept, the one asked for last at the end.
    pub(crate) fn counted_periods(&self) -> Vec<Period> {
        let today = self.today();
        let own = self.kept.boards.keys().into_iter();
        own.filter(|(_, day)| *day == today)
            .map(|(period, _)| period)
            .collect()
    }

    /// Up to which day the data of a scope reaches; none if nothing tells who is at home there.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn reaches(&self, scope: &UnitCode) -> Result<Option<Date>, OfficeError> {
        let (standing, today) = (self.tables.snapshot().await?, self.today());
        let own_lists = self.contract.own_lists.as_ref();
        let make = async |kept: Option<(i64, Arc<Reaching>)>| {
            let mut of_units = self.pack.registers.iter().filter(|r| r.tree.is_some());
            // Where the same lists stand it rests on units and what they record themselves, and on nothing else.
            if let Some((since, before)) = kept
                && let Some(touched) = standing.touched_since(since)
                && of_units.all(|tree| touched.of(&tree.id).is_none())
                && own_lists.is_none_or(|own| touched.of(&own.register.id).is_none())
            {
                return Ok(before);
            }
            Ok(Arc::new(Reaching::new(self, &standing, today).await?))
        };
        let reaching = self.kept.reaching.get(standing.commit(), today, 2, make);
        Ok(reaching.await?.day(scope))
    }

    /// The units there are on a date.
    pub(crate) async fn units(&self, on: Date) -> Result<Arc<UnitNames>, OfficeError> {
        let standing = self.tables.snapshot().await?;
        let make = async |kept: Option<(i64, Arc<UnitNames>)>| {
            let trees = self.pack.registers.iter().filter(|r| r.tree.is_some());
            if let Some((since, before)) = kept
                && let Some(touched) = standing.touched_since(since)
                && trees.clone().all(|tree| touched.of(&tree.id).is_none())
            {
                return Ok(before);
            }
            Ok(Arc::new(UnitNames::new(self, on).await?))
        };
        self.kept.units.get(standing.commit(), on, 8, make).await
    }
}
