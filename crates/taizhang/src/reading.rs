//! What several commands read: a sweep with its lists, and figures that count from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use ledger::Admitted;
use programmes::{AllLists, Sweep};
use reports::indicator::Figures;
use reports::work_report::Imprint;
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

/// The figures of a scope and period. `entitled` is as of the period's last day.
pub async fn figures(
    folder: &Folder,
    admitted: &Admitted,
    period: &Period,
    at: Timestamp,
    say: &Say,
) -> Result<Figures, Failure> {
    let reading = read(folder, period.end(), None, at, say).await?;
    let before = folder
        .tables
        .session(admitted, AsOf::on(period.before()))
        .await?;
    let end = folder
        .tables
        .session(admitted, AsOf::on(period.end()))
        .await?;
    programmes::add_entitled(&before, &reading.sweep)?;
    programmes::add_entitled(&end, &reading.sweep)?;
    Ok(Figures::new(*period, before, end))
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
