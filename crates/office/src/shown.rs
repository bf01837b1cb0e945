//! Values as words: codes by their names, money in yuan, units by their names, moments in Beijing time, and what a commit was
//! made from. The pages and the command line say the same. Nothing is masked here; what arrives is already what the reader may see.

use jiff::Timestamp;
use jiff::tz::Offset;
pub use kernel::text::grouped;
use kernel::{DocumentKind, Fen, Lang, PartialDate};
use ledger::Source;
use pack::{
    Fact, FieldType, FileRef, Indicator, Items, Pack, Parameter, ParameterType, ParameterValue,
    Register, Value,
};

use tables::schema;

use crate::names::UnitNames;

/// A moment to the minute, as clocks in China show it.
pub fn moment(at: Timestamp) -> String {
    let local = Offset::constant(8).to_datetime(at);
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

/// A value of a type, given as the text tables show.
pub fn value(pack: &Pack, units: &UnitNames, kind: &FieldType, text: &str, lang: Lang) -> String {
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

/// The value of a fact. Facts made of codes are often declared as text: a word of exactly one code list is shown by its name.
pub fn fact(pack: &Pack, units: &UnitNames, fact: &Fact, text: &str, lang: Lang) -> String {
    if fact.kind != FieldType::Text {
        return value(pack, units, &fact.kind, text, lang);
    }
    if text == "none" {
        return pick(lang, "无记录", "no record").to_owned();
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
pub fn declared(
    pack: &Pack,
    units: &UnitNames,
    kind: &FieldType,
    held: &Value,
    lang: Lang,
) -> String {
    value(pack, units, kind, &held.to_string(), lang)
}

/// A parameter's value: a rate in per cent, brackets by their bounds.
pub fn setting(
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

fn member(pack: &Pack, list: &str, text: &str, lang: Lang) -> Option<String> {
    let member = pack.code(list)?.member(text)?;
    Some(member.name.get(lang).to_owned())
}

fn truth(text: &str, lang: Lang) -> String {
    match text {
        "true" => pick(lang, "是", "yes").to_owned(),
        "false" => pick(lang, "否", "no").to_owned(),
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

/// An amount of fen, in yuan.
pub fn yuan(fen: i64, lang: Lang) -> String {
    let amount = Fen(fen).to_string();
    let amount = amount.strip_suffix(".00").unwrap_or(&amount);
    match lang {
        Lang::Zh => format!("{amount}元"),
        Lang::En => format!("{amount} yuan"),
    }
}

/// The heading of a column of the rows that an indicator counts, and what its values are: those of the field or fact it is named
/// after, in the registers that the query reads.
pub fn column(pack: &Pack, indicator: &str, name: &str, lang: Lang) -> (String, FieldType) {
    let own = match (name, lang) {
        (schema::ID, Lang::Zh) => "记录号",
        (schema::ID, Lang::En) => "Record",
        (schema::UNIT, Lang::Zh) => "单位",
        (schema::UNIT, Lang::En) => "Unit",
        (Indicator::PERSON, Lang::Zh) => "人员",
        (Indicator::PERSON, Lang::En) => "Person",
        (Indicator::HOUSEHOLD, Lang::Zh) => "家庭户",
        (Indicator::HOUSEHOLD, Lang::En) => "Household",
        ("members", Lang::Zh) => "人数",
        ("members", Lang::En) => "Members",
        ("parents", Lang::Zh) => "父母人数",
        ("parents", Lang::En) => "Parents",
        ("husband", Lang::Zh) => "丈夫",
        ("husband", Lang::En) => "Husband",
        ("wife", Lang::Zh) => "妻子",
        ("wife", Lang::En) => "Wife",
        _ => "",
    };
    let kind = match name {
        schema::UNIT | "code" => Some(FieldType::Unit),
        schema::ID | Indicator::PERSON | Indicator::HOUSEHOLD => Some(FieldType::Text),
        _ => None,
    };
    let (heading, declared) = read_from(pack, indicator, name, lang).unzip();
    let heading = match (own, heading) {
        ("", Some(heading)) => heading,
        ("", None) => name,
        (own, _) => own,
    };
    let kind = kind.or_else(|| declared.cloned());
    (heading.to_owned(), kind.unwrap_or(FieldType::Text))
}

/// The name and type of the field or fact that a column of an indicator's rows is named after.
fn read_from<'p>(
    pack: &'p Pack,
    indicator: &str,
    column: &str,
    lang: Lang,
) -> Option<(&'p str, &'p FieldType)> {
    let (sql, _) = pack.indicator(indicator).and_then(Indicator::rows)?;
    let names = pack::identifiers(&sql.text);
    let read = |register: &&Register| names.iter().any(|(name, _)| *name == register.id);
    let field = (pack.registers.iter().filter(read)).find_map(|register| register.field(column));
    if let Some((_, field)) = field {
        return Some((field.name.get(lang), &field.kind));
    }
    let fact = pack
        .subjects
        .iter()
        .find_map(|subject| subject.fact(column))?;
    Some((fact.name.get(lang), &fact.kind))
}

/// What a commit was made from: the list by its name, an answer by what was decided, an action by its name.
pub fn source(pack: &Pack, units: Option<&UnitNames>, source: &Source, lang: Lang) -> String {
    let unit = |unit: &kernel::UnitCode| {
        units.map_or_else(|| unit.to_string(), |units| units.name(unit.as_str()))
    };
    match (source, lang) {
        (Source::List { roster, file, .. }, _) => {
            let roster = pack.roster(roster);
            let name = roster.map(|roster| roster.name.get(lang));
            format!("{} {file}", name.unwrap_or_default())
        }
        (
            Source::Answer {
                decision,
                file,
                row,
                ..
            },
            _,
        ) => {
            let decision = member(pack, "question_decision", decision, lang).unwrap_or_default();
            let decided = match lang {
                Lang::Zh => format!("核定为{decision}"),
                Lang::En => format!("decided: {}", decision.to_lowercase()),
            };
            match (file.as_str(), lang) {
                ("", _) => decided,
                (file, Lang::Zh) => format!("{decided} · {file} 第{row}行"),
                (file, Lang::En) => format!("{decided} · {file}, row {row}"),
            }
        }
        (
            Source::Settled {
                register, field, ..
            },
            _,
        ) => {
            let found = pack.register(register).and_then(|r| r.field(field));
            let name = found.map_or("", |(_, field)| field.name.get(lang));
            match lang {
                Lang::Zh => format!("核定“{name}”"),
                Lang::En => format!("“{name}” settled"),
            }
        }
        (Source::Amendment { register, .. }, _) => {
            let name = pack
                .register(register)
                .map(|register| register.name.get(lang));
            let name = name.unwrap_or(register);
            match lang {
                Lang::Zh => format!("更正、变更“{name}”"),
                Lang::En => format!("“{name}” put right"),
            }
        }
        (Source::Opening { unit: of }, Lang::Zh) => format!("{} 开簿", unit(of)),
        (Source::Opening { unit: of }, Lang::En) => format!("book of {} opened", unit(of)),
        (Source::Founding { unit: of }, Lang::Zh) => format!("{} 建账", unit(of)),
        (Source::Founding { unit: of }, Lang::En) => format!("ledger made for {}", unit(of)),
        (Source::Form { action }, _) => match (pack.action(action), &action[..], lang) {
            (Some(action), _, Lang::Zh) => format!("办理 {}", action.name().zh),
            (Some(action), _, Lang::En) => format!("form {}", action.name().en),
            // What every ledger has, whatever its pack.
            (None, "appoint", _) => pick(lang, "任命岗位", "appointment to a post").to_owned(),
            (None, "dismiss", _) => pick(lang, "免去岗位", "end of a post").to_owned(),
            (None, ..) => source.words(lang),
        },
        _ => source.words(lang),
    }
}

fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
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
