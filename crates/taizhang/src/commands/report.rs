//! `taizhang report`

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};

use crate::arguments::Report;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::lists::save;
use crate::reading::office;
use crate::say::Say;

/// Writes a work report as .docx.
pub async fn run(report: &Report, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&report.dir, say).await?;
    let unit = folder.known(&report.unit, report.period.end()).await?;
    let templates = (&folder.pack.reports[..], Kind::Reports);
    let template = folder.named(&report.template, templates)?;
    let date = report.date.unwrap_or_else(today);
    write(
        &folder,
        template,
        unit,
        &report.period,
        date,
        &report.out,
        now(),
        say,
    )
    .await?;
    say.done(match say.lang {
        Lang::Zh => format!("报告已写入 {}", report.out.display()),
        Lang::En => format!("The report is in {}", report.out.display()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Composes the template for a unit and period and saves it.
#[allow(
    clippy::too_many_arguments,
    reason = "each is one word of the sentence: what, for whom, when, where to"
)]
pub async fn write(
    folder: &Folder,
    template: &pack::Report,
    unit: UnitCode,
    period: &Period,
    date: Date,
    out: &Path,
    at: Timestamp,
    say: &Say,
) -> Result<(), Failure> {
    let admitted = folder
        .admit_to_all(unit, &[], ("report", "report"), at)
        .await?;
    let view = office(folder, period.end(), move || at)
        .await?
        .seen_by(admitted);
    let sheet = view.board(*period, unit).await?;
    let file = sheet.report_file(template, date, say.lang).await?;
    save(out, &file)
}
