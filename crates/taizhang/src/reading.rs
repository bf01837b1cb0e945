//! What several commands read: a sweep with its lists, an office for its figures, and names of units.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Period;
use ledger::Admitted;
use office::{Office, UnitNames};
use programmes::{AllLists, Sweep};
use tables::{AsOf, Session};

use crate::failure::Failure;
use crate::folder::Folder;
use crate::say::Say;

/// The answers on a date, and the lists.
pub struct Reading {
    /// Everything, for evaluations only.
    pub session: Session,
    /// The answers.
    pub sweep: Sweep,
    /// By programme.
    pub lists: AllLists,
}

/// Asks the programmes on a date.
pub async fn read(
    folder: &Folder,
    on: Date,
    only: Option<&[String]>,
    at: Timestamp,
    say: &Say,
) -> Result<Reading, Failure> {
    let working = say.working(say.pick("正在逐人核对", "asking everyone"));
    let session = folder.tables.evaluation(AsOf::on(on), "sweep", at).await?;
    let sweep = programmes::sweep(&session, only).await?;
    let lists = programmes::compare(&session, &sweep).await?;
    working.finish_and_clear();
    Ok(Reading {
        session,
        sweep,
        lists,
    })
}

/// The office of a ledger, whose figures are of a period that ends on a day.
pub async fn office(
    folder: &Folder,
    on: Date,
    clock: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> Result<Office, Failure> {
    let root = folder.root().await?;
    let day = (on, Period::year_of(on));
    Ok(Office::new(folder.tables.clone(), root, day, &folder.who, clock)?.passing())
}

/// The units there are on a day, of those that may be seen.
pub async fn units(
    folder: &Folder,
    seen_by: &Admitted,
    on: Date,
    at: Timestamp,
) -> Result<UnitNames, Failure> {
    let office = office(folder, on, move || at).await?;
    Ok(office.seen_by(seen_by.clone()).units(on).await?)
}
