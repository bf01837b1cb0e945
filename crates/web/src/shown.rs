//! Values as words: codes by their names, money in yuan, units by their names, moments in Beijing time. Nothing is masked
//! here; what arrives is already what the reader may see.

use jiff::Timestamp;
use jiff::tz::Offset;
use kernel::{DocumentKind, Fen, Lang, PartialDate};
use maud::{Markup, html};
use office::{SeenCell, SeenRow, Source, UnitNames, ValuePlace};
use pack::{
    Fact, Field, FieldType, FileRef, Items, Pack, Parameter, ParameterType, ParameterValue, Value,
};

use crate::pages::file;
use crate::plain::grouped;
use crate::reader::Reader;
use crate::words;

/// A moment to the minute, as clocks in China show it.
pub(crate) fn moment(at: Timestamp) -> String {
    let local = Offset::constant(8).to_datetime(at);
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

/// A value of a type, given as the text tables show.
pub(crate) fn value(
    pack: &Pack,
    units: &UnitNames,
    kind: &FieldType,
    text: &str,
    lang: Lang,
) -> String {
    match kind {
        FieldType::Code(list) => member(pack, list, text, lang).unwrap_or_else(|| text.to_owned()),
        FieldType::Bool => truth(text, lang),
        FieldType::Fen => text
            .parse()
            .map_or_else(|_| text.to_owned(), |fen| yuan(fen, lang)),
        FieldType::Int => grouped(text),
        FieldType::Unit => units.name(text),
        FieldType::Moment => text.parse().map_or_else(|_| text.to_owned(), moment),
        FieldType::PartialDate => match text.parse::<PartialDate>() {
            Ok(partial) if partial.day().is_none() => partial.label(lang),
            _ => text.to_owned(),
        },
        FieldType::Decimal { unit, .. } => match (unit.get(lang), lang) {
            ("", _) => grouped(text),
            (unit, Lang::Zh) => format!("{}{unit}", grouped(text)),
            (unit, Lang::En) => format!("{} {unit}", grouped(text)),
        },
        FieldType::List(items) => {
            let word = |line: &str| match items {
                Items::Codes(list) => member(pack, list, line, lang),
                Items::Texts => None,
            };
            let words = text
                .lines()
                .map(|line| word(line).unwrap_or_else(|| line.to_owned()));
            let words: Vec<String> = words.collect();
            words.join(match lang {
                Lang::Zh => "、",
                Lang::En => ", ",
            })
        }
        FieldType::Document => document(text, lang),
        FieldType::File => match text.parse::<FileRef>() {
            Ok(file) => file.name().to_owned(),
            Err(_) => text.to_owned(),
        },
        FieldType::Text
        | FieldType::LongText
        | FieldType::Date
        | FieldType::Ref(_)
        | FieldType::IdNumber
        | FieldType::Phone => text.to_owned(),
    }
}

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

/// The value of a fact. Facts made of codes are often declared as text: a word of exactly one code list is shown by its name.
pub(crate) fn fact(pack: &Pack, units: &UnitNames, fact: &Fact, text: &str, lang: Lang) -> String {
    if fact.kind != FieldType::Text {
        return value(pack, units, &fact.kind, text, lang);
    }
    if text == "none" {
        return NO_RECORD.get(lang).to_owned();
    }
    let own = member(pack, &fact.id, text, lang);
    own.or_else(|| {
        let word = text.starts_with(|first: char| first.is_ascii_lowercase());
        pack.codes
            .iter()
            .filter(|_| word)
            .find_map(|list| member(pack, &list.id, text, lang))
    })
    .unwrap_or_else(|| text.to_owned())
}

/// A declared value, such as that of a record's field.
pub(crate) fn declared(
    pack: &Pack,
    units: &UnitNames,
    kind: &FieldType,
    held: &Value,
    lang: Lang,
) -> String {
    value(pack, units, kind, &held.to_string(), lang)
}

/// A parameter's value: a rate in per cent, brackets by their bounds.
pub(crate) fn setting(
    pack: &Pack,
    units: &UnitNames,
    parameter: &Parameter,
    held: &ParameterValue,
    lang: Lang,
) -> String {
    match (held, &parameter.kind) {
        (ParameterValue::Field(held), ParameterType::Field(kind)) => {
            declared(pack, units, kind, held, lang)
        }
        (ParameterValue::Field(held), _) => held.to_string(),
        (ParameterValue::Rate(rate), _) => rate.to_string(),
        (ParameterValue::Brackets(brackets), _) => {
            let sign = if brackets.over { ">" } else { "≥" };
            let rows = brackets.shown();
            let rows: Vec<String> = rows
                .map(|(bound, gives)| format!("{sign} {}: {gives}", grouped(&bound.to_string())))
                .collect();
            rows.join("; ")
        }
    }
}

/// What a commit was made from: the roster by its name, answers by what was decided.
pub(crate) fn source(reader: &Reader, units: Option<&UnitNames>, source: &Source) -> String {
    let pack = &reader.office.pack;
    match source {
        Source::List { roster, file, .. } => {
            let roster = pack.roster(roster);
            let name = roster.map(|roster| roster.name.get(reader.lang));
            format!("{} {file}", name.unwrap_or_default())
        }
        Source::Answer {
            decision,
            file,
            row,
            ..
        } => {
            let member = pack.code("question_decision");
            let member = member.and_then(|list| list.member(decision));
            let decided = member.map(|member| member.name.get(reader.lang));
            let decided = words::decided(decided.unwrap_or_default(), reader.lang);
            match file.as_str() {
                "" => decided,
                _ => format!(
                    "{decided} · {}",
                    words::row_of(&(file.clone(), *row), reader.lang)
                ),
            }
        }
        Source::Settled {
            register, field, ..
        } => {
            let found = pack.register(register).and_then(|r| r.field(field));
            let name = found.map(|(_, field)| field.name.get(reader.lang));
            words::settled(name.unwrap_or_default(), reader.lang)
        }
        Source::Opening { unit } => {
            let unit =
                units.map_or_else(|| unit.to_string(), |units| units.name(&unit.to_string()));
            words::opened_book(&unit, reader.lang)
        }
        _ => source.words(reader.lang),
    }
}

fn member(pack: &Pack, list: &str, text: &str, lang: Lang) -> Option<String> {
    let member = pack.code(list)?.member(text)?;
    Some(member.name.get(lang).to_owned())
}

fn truth(text: &str, lang: Lang) -> String {
    match text {
        "true" => YES.get(lang).to_owned(),
        "false" => NO.get(lang).to_owned(),
        other => other.to_owned(),
    }
}

/// A document by the name of its kind, with as much of its number as is shown.
fn document(text: &str, lang: Lang) -> String {
    let (kind, number) = text.split_once(' ').unwrap_or((text, ""));
    let Ok(kind) = kind.parse::<DocumentKind>() else {
        return text.to_owned();
    };
    match number {
        "" => kind.label(lang).to_owned(),
        number => format!("{} {number}", kind.label(lang)),
    }
}

pub(crate) fn yuan(fen: i64, lang: Lang) -> String {
    let amount = Fen(fen).to_string();
    let amount = amount.strip_suffix(".00").unwrap_or(&amount);
    match lang {
        Lang::Zh => format!("{amount}元"),
        Lang::En => format!("{amount} yuan"),
    }
}

words! {
    NO_RECORD: "无记录", "no record";
    YES: "是", "yes";
    NO: "否", "no";
}

#[cfg(test)]
mod tests {
    use super::{document, grouped, moment, yuan};
    use kernel::Lang;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(grouped("45651"), "45,651");
        assert_eq!(grouped("-1234567.50"), "-1,234,567.50");
        assert_eq!(grouped("4.07"), "4.07");
        assert_eq!(grouped("999"), "999");
        assert_eq!(grouped("—"), "—");
        assert_eq!(grouped(""), "");
    }

    #[test]
    fn moments_are_those_of_clocks_in_china() {
        let at = "2026-01-05T17:30:00Z".parse().unwrap_or_default();
        assert_eq!(moment(at), "2026-01-06 01:30");
    }

    #[test]
    fn documents_are_shown_by_the_name_of_their_kind() {
        assert_eq!(document("passport E12345678", Lang::Zh), "护照 E12345678");
        assert_eq!(document("none-yet", Lang::En), "none yet");
        assert_eq!(document("***", Lang::Zh), "***");
    }

    #[test]
    fn money_is_shown_in_yuan() {
        assert_eq!(yuan(59_000, Lang::Zh), "590元");
        assert_eq!(yuan(123_450, Lang::En), "1,234.50 yuan");
    }
}
