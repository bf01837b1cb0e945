//! What the pages are about: one ledger, the unit whose figures stand on the first page, the date and period shown unless the
//! reader asks for others, and for whom it is all read.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, Period, UnitCode};
use pack::{Contract, NoContract, Pack};
use tables::Tables;

use crate::kept::Kept;
use crate::uploads::Uploads;

/// One ledger and how it is shown. Cheap to clone; clones share what has been computed.
#[derive(Clone)]
pub struct Site {
    /// The ledger as columns.
    pub tables: Tables,
    /// Its declarations.
    pub pack: Arc<Pack>,
    /// The unit of the first page.
    pub root: UnitCode,
    /// The date of lists and people's pages unless another is asked for.
    pub on: Date,
    /// The period of figures unless another is asked for.
    pub period: Period,
    /// For whom everything is read: units outside it do not exist on the pages, and what it does not reveal is masked.
    pub grant: Grant,
    /// The time now, for the access log.
    pub clock: fn() -> Timestamp,
    /// Whether the pages may write: import, decide, take back. Pages others can reach never do, until there are accounts.
    pub writes: bool,
    /// Which registers keep what the pages know.
    pub(crate) contract: Arc<Contract>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) uploads: Arc<Uploads>,
}

impl Site {
    /// A site of a ledger, read for `grant`; one that reveals names and nothing else suits most readers. A period that is
    /// not over on the date is shown up to it.
    ///
    /// # Errors
    /// The pack doesn't say which registers keep people and what belongs to them.
    pub fn new(
        tables: Tables,
        root: UnitCode,
        on: Date,
        period: Period,
        grant: Grant,
        clock: fn() -> Timestamp,
    ) -> Result<Self, NoContract> {
        let pack = tables.pack().clone();
        let contract = pack.contract()?.clone();
        let period = if period.contains(on) {
            up_to(period.start(), on)
        } else {
            period
        };
        Ok(Self {
            tables,
            pack,
            root,
            on,
            period,
            grant,
            clock,
            writes: false,
            contract,
            kept: Arc::default(),
            uploads: Arc::default(),
        })
    }

    /// The same site, whose pages may also write: lists come in, questions are answered, commits are taken back. Who does it is
    /// what they say at the desk, so this is for a machine whose users are trusted.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.writes = true;
        self
    }
}

/// The period from a day to another: the whole year where it is one.
pub(crate) fn up_to(from: Date, to: Date) -> Period {
    let whole = [
        Period::Year(to.year()),
        Period::half_of(to),
        Period::quarter_of(to),
        Period::month_of(to),
    ];
    let whole = whole
        .into_iter()
        .find(|period| (period.start(), period.end()) == (from, to));
    whole.unwrap_or(Period::Span { from, to })
}
