//! What stands in the fields of records, as words: the same on lists, on a record's page, in exports and in what programs read. A
//! reference is shown by what names the record it leads to.

use kernel::RecordId;
use maud::{Markup, html};
use office::{SeenCell, SeenRecord, SeenTitle, UnitNames};
use pack::{Field, FieldType, Register};

use crate::reader::Reader;
use crate::shown;
use crate::words;

/// Where the page of a record is, if it has one for this reader: people and households have pages of their own.
pub(crate) fn address(reader: &Reader, register: &str, record: RecordId) -> Option<String> {
    let contract = &reader.office.contract;
    let path = if register == contract.people.register.id {
        format!("/people/{record}")
    } else if register == contract.households.register.id {
        format!("/households/{record}")
    } else {
        let view = reader.view().ok()?;
        view.register(register).ok()?;
        format!("/registers/{register}/{record}")
    };
    Some(reader.link(&path, &[]))
}

/// A cell as words; nothing of what isn't known.
pub(crate) fn plain(
    reader: &Reader,
    units: &UnitNames,
    kind: &FieldType,
    cell: &SeenCell,
) -> String {
    match cell {
        SeenCell::Value(value) => {
            shown::declared(&reader.office.pack, units, kind, value, reader.lang)
        }
        SeenCell::Masked(text) => text.clone(),
        SeenCell::Unknown => String::new(),
        SeenCell::Withheld => reader.say(words::WITHHELD).to_owned(),
        SeenCell::AsRead(text) => words::as_read(text, reader.lang),
    }
}

/// What names a record, as words.
pub(crate) fn title(reader: &Reader, units: &UnitNames, title: &SeenTitle) -> String {
    let Some(parts) = &title.parts else {
        return reader.say(words::NOT_HERE).to_owned();
    };
    let parts = parts
        .iter()
        .map(|(kind, cell)| plain(reader, units, kind, cell));
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => title.record.to_string(),
        false => parts.join(" "),
    }
}

/// What names a record, opening its page.
pub(crate) fn linked(reader: &Reader, units: &UnitNames, named: &SeenTitle) -> Markup {
    let words = title(reader, units, named);
    let address = named.parts.as_ref();
    let address = address.and_then(|_| address_of(reader, named));
    html! {
        @match address {
            Some(address) => a href=(address) { (words) },
            None => span.faint { (words) },
        }
    }
}

fn address_of(reader: &Reader, named: &SeenTitle) -> Option<String> {
    address(reader, &named.register, named.record)
}

/// What stands in a field of a record, by place.
pub(super) fn cell(
    reader: &Reader,
    units: &UnitNames,
    (register, at): (&Register, usize),
    record: &SeenRecord,
) -> Markup {
    let Some(field) = register.fields.get(at) else {
        return html! {};
    };
    html! {
        @match record.reference(at) {
            Some(named) => (linked(reader, units, named)),
            None => (shown::field(reader, units, (&register.id, field), &record.row)),
        }
    }
}

/// The same as words.
pub(super) fn text(
    reader: &Reader,
    units: &UnitNames,
    (field, at): (&Field, usize),
    record: &SeenRecord,
) -> String {
    let own = record.row.cell_at(at);
    let words = match (record.reference(at), own) {
        (Some(named), _) => title(reader, units, named),
        (None, cell) => plain(reader, units, &field.kind, cell),
    };
    let unread = record.row.unread_at(at);
    match unread {
        None => words,
        Some(SeenCell::AsRead(text)) => format!("{words} {}", words::as_read(text, reader.lang)),
        Some(_) => format!("{words} {}", reader.say(words::HAS_UNREAD)),
    }
}
