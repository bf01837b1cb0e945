//! What is costly to compute and the same for every reader: the sweep of a date, the plans that explain it, figures, units,
//! what can be found.
//! Everything kept is a function of the ledger's heads and its key; when the ledger moves on, or something newer needs the
//! room, it is dropped. Two readers who ask for the same thing at once wait for one computation.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use kernel::{Answer, Period, UnitCode};
use programmes::{Desk, Lists, Standing, Sweep};
use tables::{AsOf, Doubts, Relatives, Session};
use tokio::sync::OnceCell;

use crate::error::OfficeError;
use crate::figures::Board;
use crate::find::{Index, Lexicon};
use crate::names::UnitNames;
use crate::office::Office;

/// The sequence of the last entry of every book.
pub(crate) type Heads = Vec<(UnitCode, i64)>;

/// Everything kept for a site.
#[derive(Default)]
pub(crate) struct Kept {
    days: Few<Date, AnswersOn>,
    benches: Few<Date, Bench>,
    /// Plans rest on no record, so that no commit drops them.
    desks: Few<Date, Plans>,
    boards: Few<Period, Board>,
    units: Few<Date, UnitNames>,
    doubts: Few<Date, Doubts>,
    indexes: Few<Date, Index>,
    /// What indexes are made of, from one to the next.
    pub(crate) lexicon: Mutex<Lexicon>,
}

/// A few computed things, the one used last at the end.
struct Few<K, V> {
    cells: Mutex<Vec<SeenCell<K, V>>>,
}

struct SeenCell<K, V> {
    heads: Heads,
    key: K,
    value: Arc<OnceCell<Arc<V>>>,
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self {
            cells: Mutex::default(),
        }
    }
}

impl<K: PartialEq + Copy, V> Few<K, V> {
    /// The thing of a key, computed if it isn't there; at most `most` are kept.
    async fn get<F>(
        &self,
        heads: Heads,
        key: K,
        most: usize,
        make: F,
    ) -> Result<Arc<V>, OfficeError>
    where
        F: Future<Output = Result<V, OfficeError>>,
    {
        let value = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.retain(|cell| cell.heads == heads);
            let cell = match cells.iter().position(|cell| cell.key == key) {
                Some(at) => cells.remove(at),
                None => SeenCell {
                    heads,
                    key,
                    value: Arc::default(),
                },
            };
            let value = cell.value.clone();
            cells.push(cell);
            if cells.len() > most {
                cells.remove(0);
            }
            value
        };
        let made = value.get_or_try_init(|| async { make.await.map(Arc::new) });
        made.await.cloned()
    }
}

/// The answers of one date.
pub struct AnswersOn {
    /// Every answer.
    pub(crate) sweep: Sweep,
    /// The lists of each programme.
    pub(crate) lists: BTreeMap<String, Lists>,
    /// How many stand where, by programme and book.
    tallies: BTreeMap<String, BTreeMap<UnitCode, Standings>>,
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
    /// Entitled and enrolled.
    pub served: usize,
}

impl Standings {
    /// How many stand on a list.
    #[must_use]
    pub fn of(&self, standing: Standing) -> usize {
        match standing {
            Standing::Missed => self.missed,
            Standing::NoLonger => self.no_longer,
            Standing::ToFindOut => self.to_find_out,
            Standing::Served => self.served,
        }
    }

    fn of_mut(&mut self, standing: Standing) -> &mut usize {
        match standing {
            Standing::Missed => &mut self.missed,
            Standing::NoLonger => &mut self.no_longer,
            Standing::ToFindOut => &mut self.to_find_out,
            Standing::Served => &mut self.served,
        }
    }
}

impl AnswersOn {
    async fn new(office: &Office, on: Date) -> Result<Self, OfficeError> {
        let session = office.evaluation(on, "sweep for the pages").await?;
        let sweep = programmes::sweep(&session, None).await?;
        let lists = programmes::compare(&session, &sweep).await?;
        let tallies = lists
            .iter()
            .map(|(id, lists)| (id.clone(), tally(&sweep, id, lists)))
            .collect();
        Ok(Self {
            sweep,
            lists,
            tallies,
        })
    }

    /// How many stand where in the books of a scope.
    /// Nothing for a programme that was not in force.
    pub(crate) fn tally(
        &self,
        programme: &str,
        sees: impl Fn(&UnitCode) -> bool,
    ) -> Option<Standings> {
        let mut sum = Standings::default();
        let books = self.tallies.get(programme)?;
        for (_, of_book) in books.iter().filter(|(book, _)| sees(book)) {
            sum.entitled += of_book.entitled;
            sum.missed += of_book.missed;
            sum.no_longer += of_book.no_longer;
            sum.to_find_out += of_book.to_find_out;
            sum.served += of_book.served;
        }
        Some(sum)
    }
}

fn tally(sweep: &Sweep, programme: &str, lists: &Lists) -> BTreeMap<UnitCode, Standings> {
    let mut tallies: BTreeMap<UnitCode, Standings> = BTreeMap::new();
    for listed in &lists.all {
        if let Ok(book) = listed.unit.parse() {
            *tallies.entry(book).or_default().of_mut(listed.standing) += 1;
        }
    }
    let mut entitled: BTreeMap<String, usize> = BTreeMap::new();
    sweep.each(programme, |_, book, answer| {
        if answer == Answer::Entitled {
            match entitled.get_mut(book) {
                Some(count) => *count += 1,
                None => {
                    entitled.insert(book.to_owned(), 1);
                }
            }
        }
    });
    for (book, count) in entitled {
        if let Ok(book) = book.parse() {
            tallies.entry(book).or_default().entitled = count;
        }
    }
    tallies
}

/// What explains one person's answers on a date.
pub(crate) struct Bench {
    /// Who is around whom.
    pub relatives: Relatives,
    /// The plans; one person at a time.
    pub desk: Arc<Plans>,
}

/// Plans ready to explain one person after another.
pub(crate) type Plans = tokio::sync::Mutex<Desk>;

impl Bench {
    async fn new(office: &Office, on: Date) -> Result<Self, OfficeError> {
        let as_of = AsOf::on(on);
        let relatives = office.tables.relatives(as_of).await?;
        let plans = async {
            let desk = Desk::new(&office.pack, as_of, None).await?;
            Ok(Plans::new(desk))
        };
        let desk = office.kept.desks.get(Heads::new(), on, 2, plans).await?;
        Ok(Self { relatives, desk })
    }
}

impl Office {
    /// Everything as of a date, in clear: for what is worked out for all readers and shows nobody anything by itself.
    pub(crate) async fn evaluation(&self, on: Date, why: &str) -> Result<Session, OfficeError> {
        let session = self.tables.evaluation(AsOf::on(on), why, (self.clock)());
        Ok(session.await?)
    }

    async fn heads(&self) -> Result<Heads, OfficeError> {
        let books = self.tables.ledger().books().await?;
        Ok(books
            .into_iter()
            .map(|book| (book.unit, book.seq))
            .collect())
    }

    /// The answers of a date.
    pub(crate) async fn day(&self, on: Date) -> Result<Arc<AnswersOn>, OfficeError> {
        let heads = self.heads().await?;
        self.kept
            .days
            .get(heads, on, 4, AnswersOn::new(self, on))
            .await
    }

    /// What checks find fault with on a date.
    pub(crate) async fn doubts(&self, on: Date) -> Result<Arc<Doubts>, OfficeError> {
        let heads = self.heads().await?;
        let found = async {
            let session = self.evaluation(on, "checks for the pages").await?;
            Ok(session.doubts().await?)
        };
        self.kept.doubts.get(heads, on, 2, found).await
    }

    /// What explains the answers of a date.
    pub(crate) async fn bench(&self, on: Date) -> Result<Arc<Bench>, OfficeError> {
        let heads = self.heads().await?;
        self.kept
            .benches
            .get(heads, on, 2, Bench::new(self, on))
            .await
    }

    /// What can be found on a date.
    pub(crate) async fn index(&self, on: Date) -> Result<Arc<Index>, OfficeError> {
        let heads = self.heads().await?;
        self.kept
            .indexes
            .get(heads, on, 2, Index::new(self, on))
            .await
    }

    /// The figures of a period.
    pub(crate) async fn board(&self, period: Period) -> Result<Arc<Board>, OfficeError> {
        let heads = self.heads().await?;
        self.kept
            .boards
            .get(heads, period, 48, Board::new(self, period))
            .await
    }

    /// The units there are on a date.
    pub(crate) async fn units(&self, on: Date) -> Result<Arc<UnitNames>, OfficeError> {
        let heads = self.heads().await?;
        self.kept
            .units
            .get(heads, on, 8, UnitNames::new(self, on))
            .await
    }
}
