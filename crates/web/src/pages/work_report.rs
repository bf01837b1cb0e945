//! A work report of a unit and period as a document, filled from the figures.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use office::{Gaps, OfficeError, ReportGaps};

use crate::pages::file::disposition;
use crate::pages::indicators::questions;
use crate::reader::Reader;
use crate::shell::{self, Page, Place};
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// What a Word document is called (ECMA-376).
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The document.
pub(crate) async fn file(reader: &Reader, id: &str) -> Response {
    match written(reader, id).await {
        Ok((name, bytes)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
            headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
            response
        }
        Err(Trouble::Office(OfficeError::Gaps(gaps))) => {
            let page = refused(reader, id, &gaps).await;
            let refused = page.is_ok();
            let mut response = shell::respond(reader, page);
            if refused {
                *response.status_mut() = StatusCode::CONFLICT;
            }
            response
        }
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

/// Why the report isn't written, which lists to get, and the way to have it with its gaps marked.
async fn refused(reader: &Reader, id: &str, gaps: &ReportGaps) -> Result<Page, Trouble> {
    let lang = reader.lang;
    let address = reader.here_with(GAPS, MARKED);
    let (lines, lists) = (gaps.lines(lang), gaps.lists(lang));
    let body = html! {
        p.lead { (reader.say(WHY)) }
        @if !lists.is_empty() {
            section aria-labelledby="to-get" {
                h2 #to-get { (reader.say(TO_GET)) }
                ul { @for line in lists { li { (line) } } }
            }
        }
        section aria-labelledby="gaps" {
            h2 #gaps { (reader.say(NOT_COMPLETE)) " (" (lines.len()) ")" }
            ul { @for line in lines { li { (line) } } }
        }
        p.exports { a href=(address) { (reader.say(ALL_THE_SAME)) } }
    };
    let reports = &reader.office.pack.reports;
    let name = reports.iter().find(|report| report.id == id);
    let name = name.map_or(id, |report| report.name.get(lang));
    let (period, unit) = (reader.period()?, reader.unit()?);
    let units = reader.view()?.units(period.end()).await?;
    let unit_name = units.name(unit.unwrap_or(reader.root()).as_str());
    let kicker = format!("{name} · {unit_name} · {}", period.label(lang));
    let questions = questions(reader, period, unit);
    let questions: Vec<(&str, &str)> = (questions.iter())
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let up = (
        reader.link("/indicators", &questions),
        reader.say(words::INDICATORS).to_owned(),
    );
    Ok(Page::new(Place::Indicators, reader.say(NOT_WRITTEN), body)
        .kicker(kicker)
        .way([up]))
}

const GAPS: &str = "gaps";
const MARKED: &str = "marked";
const NOT_WRITTEN: Words = Words {
    zh: "报告还不能写",
    en: "The report can’t be written yet",
};
const WHY: Words = Words {
    zh: "下面的数字台账里还说不清，或者不完整。写进报告就成了错话，所以没有写。",
    en: "The ledger can’t tell the figures below, or not wholly. Stated in a report they would be wrong, so it isn’t written.",
};
const TO_GET: Words = Words {
    zh: "要取得的名单",
    en: "Lists to get",
};
const NOT_COMPLETE: Words = Words {
    zh: "说不清或不完整的数字",
    en: "Figures that can’t be told, or not wholly",
};
const ALL_THE_SAME: Words = Words {
    zh: "照写，逐处注明（.docx）",
    en: "Write it all the same, each of them marked (.docx)",
};

async fn written(reader: &Reader, id: &str) -> Result<(String, Vec<u8>), Trouble> {
    let (office, view) = (&reader.office, reader.view()?);
    let mut reports = office.pack.reports.iter();
    let report = reports.find(|report| report.id == id);
    let report = report.ok_or(Trouble::Absent)?;
    let (period, unit) = (reader.period()?, reader.unit()?.unwrap_or(reader.root()));
    let sheet = view.board(period, unit).await?;
    // Dated as the pages are: the day that is looked at, which is today unless another was chosen.
    let dated = reader.on.min(office.today());
    let gaps = match reader.ask(GAPS) == Some(MARKED) {
        true => Gaps::Mark,
        false => Gaps::Refuse,
    };
    let file = sheet
        .report_file(report, dated, (reader.lang, gaps))
        .await?;
    let units = view.units(period.end()).await?;
    let name = format!(
        "{} {} {}.docx",
        units.name(unit.as_str()),
        report.name.get(reader.lang),
        period.label(reader.lang)
    );
    Ok((name, file))
}
