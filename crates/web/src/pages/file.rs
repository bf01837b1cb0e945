//! A file to which a record refers, for whom the record shows it.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use office::ValuePlace;
use pack::FileRef;

use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;

/// Where the file of a field is fetched.
pub(crate) fn address(place: &ValuePlace) -> String {
    format!("/files/{place}")
}

/// The file. The browser is told to keep it, never to run it.
pub(crate) async fn page(reader: &Reader, place: &str) -> Response {
    match fetched(reader, place).await {
        Ok((file, bytes)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            let media = HeaderValue::from_static(file.media().as_str());
            headers.insert(header::CONTENT_TYPE, media);
            headers.insert(header::CONTENT_DISPOSITION, disposition(file.name()));
            response
        }
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

async fn fetched(reader: &Reader, place: &str) -> Result<(FileRef, Vec<u8>), Trouble> {
    let place = ValuePlace::read(place).ok_or(Trouble::Absent)?;
    Ok(reader.view()?.file(reader.on, &place).await?)
}

/// The name under which a browser keeps it (RFC 6266, RFC 8187).
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            true => value.push(char::from(byte)),
            false => value.push_str(&format!("%{byte:02X}")),
        }
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}
