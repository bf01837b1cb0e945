//! A work report of a unit and period as a document, filled from the figures.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::pages::file::disposition;
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;

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
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

async fn written(reader: &Reader, id: &str) -> Result<(String, Vec<u8>), Trouble> {
    let (office, view) = (&reader.office, reader.view()?);
    let mut reports = office.pack.reports.iter();
    let report = reports.find(|report| report.id == id);
    let report = report.ok_or(Trouble::Absent)?;
    let (period, unit) = (reader.period()?, reader.unit()?.unwrap_or(reader.root()));
    let sheet = view.board(period, unit).await?;
    // Dated as the pages are: the day that is looked at, which is today unless another was chosen.
    let dated = reader.on.min(office.today());
    let file = sheet.report_file(report, dated, reader.lang).await?;
    let units = view.units(period.end()).await?;
    let name = format!(
        "{} {} {}.docx",
        units.name(unit.as_str()),
        report.name.get(reader.lang),
        period.label(reader.lang)
    );
    Ok((name, file))
}
