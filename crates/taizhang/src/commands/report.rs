//! `taizhang report`

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};
use office::OfficeError;
use office::gaps::Gaps;

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
    let period = report.period.gone_by(today());
    let unit = folder.known(&report.unit, period.end()).await?;
    let templates = (&folder.pack.reports[..], Kind::Reports);
    let template = folder.named(&report.template, templates)?;
    let date = report.date.unwrap_or_else(today);
    let gaps = match report.with_gaps {
        true => Gaps::Mark,
        false => Gaps::Refuse,
    };
    let of = (template, unit, &period);
    let file = compose(&folder, of, (date, gaps), now(), say.lang).await?;
    save(&report.out, &file)?;
    say.done(match say.lang {
        Lang::Zh => format!("报告已写入 {}", report.out.display()),
        Lang::En => format!("The report is in {}", report.out.display()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A report of a unit and period, by a template.
///
/// # Errors
/// Figures that aren't wholly known, unless they are to be marked, with how to have them so.
pub async fn compose(
    folder: &Folder,
    (template, unit, period): (&pack::Report, UnitCode, &Period),
    (date, gaps): (Date, Gaps),
    at: Timestamp,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    let admitted = folder
        .admit_to_all(unit, &[], ("report", "report"), at)
        .await?;
    let view = office(folder, period.end(), move || at)
        .await?
        .seen_by(admitted);
    let sheet = view.board(*period, unit).await?;
    let file = sheet.report_file(template, date, (lang, gaps)).await;
    file.map_err(|error| match error {
        OfficeError::Gaps(gaps) => Failure::new(
            format!(
                "{}\n加上 --with-gaps 可以照写，逐处注明。",
                gaps.message(Lang::Zh)
            ),
            format!(
                "{}\nWith --with-gaps it is written all the same, and each of them is marked.",
                gaps.message(Lang::En)
            ),
        ),
        error => error.into(),
    })
}
