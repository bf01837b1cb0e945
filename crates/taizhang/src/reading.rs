//! What several commands read: a sweep with its lists, an office for its figures, and names of units.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use office::{Imprint, Office};
use programmes::{AllLists, Sweep};
use tables::{AsOf, Session, texts};

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
    Ok(Office::new(
        folder.tables.clone(),
        root,
        day,
        &folder.who,
        clock,
    )?)
}

/// Names of units, by code.
pub async fn units(
    folder: &Folder,
    on: Date,
    at: Timestamp,
) -> Result<BTreeMap<UnitCode, String>, Failure> {
    let session = folder
        .tables
        .evaluation(AsOf::on(on), "names of units", at)
        .await?;
    let mut names = BTreeMap::new();
    let kept = &folder.pack.contract()?.units;
    let (code, name, register) = (&kept.code.id, &kept.name.id, &kept.register.id);
    let sql = format!("select {code}, {name} from {register}");
    for batch in session.collect(&sql).await? {
        for (code, name) in texts(batch.column(0))
            .into_iter()
            .zip(texts(batch.column(1)))
        {
            if let (Some(code), Some(name)) = (code, name) {
                names.insert(code.parse::<UnitCode>()?, name);
            }
        }
    }
    Ok(names)
}

/// Whom a report is about: the unit, and the units directly under it.
pub async fn about(
    folder: &Folder,
    unit: UnitCode,
    on: Date,
    date: Date,
    at: Timestamp,
) -> Result<Imprint, Failure> {
    let names = units(folder, on, at).await?;
    let parts = names
        .iter()
        .filter(|(code, _)| unit.contains(code) && **code != unit)
        .map(|(code, name)| (*code, name.clone()))
        .collect();
    Ok(Imprint {
        unit,
        name: names
            .get(&unit)
            .cloned()
            .unwrap_or_else(|| unit.to_string()),
        parts,
        date,
    })
}
