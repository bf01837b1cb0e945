//! Values in a page: what stands in a field, with what could not be read there. In words they come from [`office::shown`]. Nothing is
//! masked here; what arrives is already what the reader may see.

use maud::{Markup, html};
use office::{SeenCell, SeenRow, Source, UnitNames, ValuePlace};
use pack::{Field, FieldType};

pub(crate) use office::shown::{column, declared, fact, moment, setting, value, yuan};

use crate::pages::file;
use crate::reader::Reader;
use crate::words;

/// What stands in a field of a record.
pub(crate) fn cell(
    reader: &Reader,
    units: &UnitNames,
    kind: &FieldType,
    cell: &SeenCell,
) -> Markup {
    let pack = &reader.office.pack;
    html! {
        @match cell {
            SeenCell::Value(held) => { (declared(pack, units, kind, held, reader.lang)) },
            SeenCell::Masked(text) => { (text) },
            SeenCell::Unknown => "—",
            SeenCell::Withheld => i.faint { (reader.say(words::WITHHELD)) },
            SeenCell::AsRead(text) => i { (words::as_read(text, reader.lang)) },
        }
    }
}

/// What stands in a field of a record, with what could not be read there.
pub(crate) fn field(
    reader: &Reader,
    units: &UnitNames,
    (register, field): (&str, &Field),
    row: &SeenRow,
) -> Markup {
    let shown = cell(reader, units, &field.kind, row.cell(&field.id));
    let file =
        (field.kind == FieldType::File && row.get(&field.id).is_some()).then(|| ValuePlace {
            register: register.to_owned(),
            record: row.record,
            field: field.id.clone(),
        });
    html! {
        @match file {
            Some(place) => a href=(reader.link(&file::address(&place), &[])) { (shown) },
            None => { (shown) },
        }
        @match row.unread(&field.id) {
            Some(SeenCell::AsRead(text)) => { " " i.faint { (words::as_read(text, reader.lang)) } }
            Some(_) => { " " i.faint { (reader.say(words::HAS_UNREAD)) } }
            None => {}
        }
    }
}

/// A role by its name.
pub(crate) fn role<'r>(reader: &'r Reader, id: &'r str) -> &'r str {
    let role = reader.office.pack.role(id);
    role.map_or(id, |role| role.name.get(reader.lang))
}

/// What a commit was made from.
pub(crate) fn source(reader: &Reader, units: Option<&UnitNames>, source: &Source) -> String {
    office::shown::source(&reader.office.pack, units, source, reader.lang)
}

words! {
    YES: "是", "yes";
    NO: "否", "no";
}
