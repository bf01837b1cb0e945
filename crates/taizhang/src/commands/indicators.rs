//! `taizhang indicators`

use std::process::ExitCode;

use serde_json::json;
use tables::Page;

use crate::arguments::Indicators;
use crate::failure::Failure;
use crate::folder::{Folder, now};
use crate::reading::figures;
use crate::say::Say;

/// Rows listed on the terminal at most; the pages list them all.
const MOST_ROWS: usize = 1_000;
/// Rows given to a program at most.
const MOST_ROWS_JSON: usize = 1_000_000;

/// Tells every figure of a unit and period, or one with its rows.
pub async fn run(indicators: &Indicators, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&indicators.dir, say).await?;
    let unit = folder.known(indicators.unit).await?;
    let command = ("indicators", "indicators");
    let admitted = folder.admit_to_all(unit, &[], command, now()).await?;
    let mut figures = figures(&folder, &admitted, &indicators.period, now(), say).await?;
    if let Some(id) = &indicators.rows {
        let figure = figures.figure(id).await?;
        say.line(format!("{id} = {}", figure.shown));
        for behind in figures.behind(id).await? {
            let rows = figures
                .rows(
                    &behind.indicator,
                    behind.before,
                    Page {
                        offset: 0,
                        limit: if say.json { MOST_ROWS_JSON } else { MOST_ROWS },
                    },
                )
                .await?;
            if say.json {
                say.value(&json!({ "indicator": behind.indicator, "before": behind.before, "columns": rows.columns, "rows": rows.rows, "total": rows.total }))?;
            } else {
                let header: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
                let shown: Vec<Vec<String>> = rows
                    .rows
                    .into_iter()
                    .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
                    .collect();
                say.table(&header, &shown);
                say.line(format!("{} {}", behind.indicator, rows.total));
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for indicator in folder.pack.indicators.clone() {
        let figure = figures.figure(&indicator.id).await?;
        values.push(json!({ "id": indicator.id, "name": indicator.name.get(say.lang), "value": figure.shown, "unit": indicator.unit.get(say.lang) }));
        rows.push(vec![
            indicator.name.get(say.lang).to_owned(),
            figure.shown,
            indicator.unit.get(say.lang).to_owned(),
            indicator.id,
        ]);
    }
    if say.json {
        return say.value(&values).map(|()| ExitCode::SUCCESS);
    }
    say.table(
        &[
            say.pick("指标", "Indicator"),
            say.pick("数值", "Value"),
            say.pick("单位", "Unit"),
            "id",
        ],
        &rows,
    );
    Ok(ExitCode::SUCCESS)
}
