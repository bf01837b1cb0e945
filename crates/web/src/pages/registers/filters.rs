//! Asking a list for some of its records: a form with a field for everything that may be asked for, by type, and what is asked for as
//! words that can be taken away one by one. What the reader doesn't see in clear has no field here.

use jiff::tz::Offset;
use maud::{Markup, html};
use office::{FieldOffer, Sought, UnitNames};
use pack::{Field, FieldType, Items, Value};

use super::list::{Asked, Named, hidden};
use crate::parts;
use crate::reader::Reader;
use crate::shown;
use crate::words;

/// What is asked for of one field, as words, and the field.
pub(crate) struct Told {
    pub field: String,
    pub words: String,
}

/// What is asked for, field by field.
pub(crate) fn told(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    named: &Named,
) -> Vec<Told> {
    let one = |filter: &office::FieldFilter| {
        let field = asked.register.fields.get(filter.field)?;
        let any = filter.wanted.iter();
        let any: Vec<String> = any
            .map(|wanted| said(reader, units, field, wanted, named))
            .collect();
        let words = format!(
            "{}{}{}",
            field.name.get(reader.lang),
            reader.say(words::COLON),
            any.join(reader.say(OR))
        );
        let field = field.id.clone();
        Some(Told { field, words })
    };
    asked.query.filters.iter().filter_map(one).collect()
}

/// What a value may be, as words.
fn said(
    reader: &Reader,
    units: &UnitNames,
    field: &Field,
    wanted: &Sought,
    named: &Named,
) -> String {
    let pack = &reader.office.pack;
    let value = |value: &Value| match (value, &field.kind) {
        (Value::Moment(at), _) => Offset::constant(8).to_datetime(*at).date().to_string(),
        (value, kind) => shown::declared(pack, units, kind, value, reader.lang),
    };
    let quoted = |text: &str| format!("“{text}”");
    match wanted {
        Sought::Unknown => reader.say(words::UNKNOWN).to_owned(),
        Sought::Is(held) => value(held),
        Sought::Between(from, to) => {
            let (from, to) = (from.as_ref().map(value), to.as_ref().map(value));
            match (from, to) {
                (Some(from), Some(to)) if from == to => from,
                (from, to) => {
                    let from = from.map(|from| format!("{} {from}", reader.say(FROM)));
                    let to = to.map(|to| format!("{} {to}", reader.say(TO)));
                    let ends: Vec<String> = from.into_iter().chain(to).collect();
                    ends.join(" ")
                }
            }
        }
        Sought::Contains(text) | Sought::Named(text) => quoted(text),
        Sought::Within(unit) => units.name(unit.as_str()),
        Sought::Names(record) => {
            let FieldType::Ref(target) = &field.kind else {
                return record.to_string();
            };
            let name = named.get(&(target.clone(), *record));
            name.cloned().unwrap_or_else(|| record.to_string())
        }
        Sought::Has(item) => {
            let kind = FieldType::List(match &field.kind {
                FieldType::List(items) => items.clone(),
                _ => Items::Texts,
            });
            shown::value(pack, units, &kind, item, reader.lang)
        }
    }
}

/// What is asked for, each to be taken away.
pub(super) fn chosen(reader: &Reader, told: &[Told]) -> Markup {
    html! {
        @if !told.is_empty() {
            ul.chosen aria-label=(reader.say(CHOSEN)) {
                @for told in told {
                    li {
                        (told.words) " "
                        a href=(without(reader, &told.field)) aria-label=(take_away(reader, &told.words)) { "✕" }
                    }
                }
                li { a href=(reader.here_without(|name, _| name.starts_with("f."))) { (reader.say(WITHOUT_FILTERS)) } }
            }
        }
    }
}

/// This address without what it asks for of a field.
fn without(reader: &Reader, field: &str) -> String {
    reader.here_without(|name, _| {
        let of = name.strip_prefix("f.").unwrap_or_default();
        of.split('.').next() == Some(field)
    })
}

/// The form: whose records, for who sees those of more than one unit; and a field for everything that may be asked for, closed until
/// somebody opens it. One form, so that whichever button is pressed, nothing that was chosen is left out.
pub(super) fn form(reader: &Reader, units: &UnitNames, asked: &Asked<'_>) -> Markup {
    let fields = asked.register.fields.iter().enumerate();
    let fields = fields.zip(&asked.offers);
    let offered = |offer: &FieldOffer| offer.by_value || offer.by_unknown || offer.by_name;
    html! {
        form.asking method="get" action=(reader.path) {
            (hidden(reader, |name| ["on", "sort", "col"].contains(&name) || is_reference(asked, name)))
            @if units.all().nth(1).is_some() {
                div.of-unit {
                    (parts::unit_choice(reader, units, asked.query.unit))
                    button type="submit" { (reader.say(words::SHOW)) }
                }
            } @else { (hidden(reader, |name| name == "unit")) }
            details.choosing {
                summary { (reader.say(FILTERS)) }
                div.filters {
                    @for ((at, field), offer) in fields {
                        @if offered(offer) { (field_set(reader, units, asked, (at, field), *offer)) }
                    }
                    p.buttons { button type="submit" { (reader.say(words::SHOW)) } }
                }
            }
        }
    }
}

/// Whether a parameter asks for one record, which no field of the form does.
fn is_reference(asked: &Asked<'_>, name: &str) -> bool {
    let field = name
        .strip_prefix("f.")
        .and_then(|id| asked.register.field(id));
    field.is_some_and(|(_, field)| matches!(field.kind, FieldType::Ref(_)))
}

/// What may be asked for of a field.
fn field_set(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    (at, field): (usize, &Field),
    offer: FieldOffer,
) -> Markup {
    let wanted = asked.query.wanted(at);
    let unknown = wanted.contains(&Sought::Unknown);
    html! {
        fieldset {
            legend { (field.name.get(reader.lang)) (measure(reader, field)) }
            @if offer.by_value { (by_value(reader, units, field, wanted)) }
            @if offer.by_name { (by_name(reader, field, wanted)) }
            @if offer.by_unknown && !field.required {
                label.choice { input type="checkbox" name=(format!("f.{}.unknown", field.id)) value="1" checked[unknown]; " " (reader.say(words::UNKNOWN)) }
            }
        }
    }
}

/// What numbers of a field are counted in.
fn measure(reader: &Reader, field: &Field) -> Markup {
    html! {
        @match &field.kind {
            FieldType::Fen => span.faint { (reader.say(IN_YUAN)) },
            FieldType::Decimal { unit, .. } if !unit.get(reader.lang).is_empty() => span.faint { " (" (unit.get(reader.lang)) ")" },
            _ => {}
        }
    }
}

fn by_value(reader: &Reader, units: &UnitNames, field: &Field, wanted: &[Sought]) -> Markup {
    let name = format!("f.{}", field.id);
    match &field.kind {
        FieldType::Code(list) | FieldType::List(Items::Codes(list)) => {
            let is = |value: &str| {
                let has = |wanted: &Sought| match wanted {
                    Sought::Is(held) => held.as_text() == Some(value),
                    Sought::Has(item) => item == value,
                    _ => false,
                };
                wanted.iter().any(has)
            };
            let members = reader.office.pack.code(list);
            let members = members.map_or(&[][..], |list| &list.members);
            html! {
                div.many {
                    @for member in members {
                        label.choice { input type="checkbox" name=(name) value=(member.value) checked[is(&member.value)]; " " (member.name.get(reader.lang)) }
                    }
                }
            }
        }
        FieldType::Bool => {
            let is = |truth: bool| wanted.contains(&Sought::Is(Value::Bool(truth)));
            html! {
                @for (truth, words) in [(true, shown::YES), (false, shown::NO)] {
                    label.choice { input type="checkbox" name=(name) value=(truth) checked[is(truth)]; " " (reader.say(words)) }
                }
            }
        }
        FieldType::Unit => {
            let chosen = wanted.iter().find_map(|wanted| match wanted {
                Sought::Within(unit) => Some(*unit),
                _ => None,
            });
            html! {
                select name=(name) aria-label=(field.name.get(reader.lang)) {
                    option value="" selected[chosen.is_none()] { (reader.say(words::ALL_UNITS)) }
                    @for unit in units.all().take(500) { option value=(unit.code) selected[chosen == Some(unit.code)] { (unit.name) } }
                }
            }
        }
        FieldType::Text | FieldType::LongText | FieldType::List(Items::Texts) => {
            let words = wanted.iter().find_map(|wanted| match wanted {
                Sought::Contains(text) | Sought::Has(text) => Some(text.as_str()),
                _ => None,
            });
            html! { input name=(name) maxlength="60" autocomplete="off" value=(words.unwrap_or_default()) placeholder=(reader.say(CONTAINS)) aria-label=(field.name.get(reader.lang)); }
        }
        FieldType::Int
        | FieldType::Fen
        | FieldType::Decimal { .. }
        | FieldType::Date
        | FieldType::Moment
        | FieldType::PartialDate => between(reader, field, wanted),
        FieldType::Ref(_)
        | FieldType::IdNumber
        | FieldType::Phone
        | FieldType::Document
        | FieldType::File => html! {},
    }
}

/// The two ends of a stretch.
fn between(reader: &Reader, field: &Field, wanted: &[Sought]) -> Markup {
    let (from, to) = (wanted.iter())
        .find_map(|wanted| match wanted {
            Sought::Between(from, to) => Some((from.as_ref(), to.as_ref())),
            _ => None,
        })
        .unwrap_or_default();
    let is_day = matches!(
        field.kind,
        FieldType::Date | FieldType::Moment | FieldType::PartialDate
    );
    html! {
        div.between {
            @for (end, value, words) in [("from", from, FROM), ("to", to, TO)] {
                @let id = format!("f.{}.{end}", field.id);
                label for=(id) { (reader.say(words)) }
                @if is_day { input id=(id) name=(id) type="date" min="1800-01-01" max="2200-12-31" value=(value.map(typed).unwrap_or_default()); }
                @else { input id=(id) name=(id) inputmode="decimal" size="9" autocomplete="off" value=(value.map(|value| amount(field, value)).unwrap_or_default()); }
            }
        }
    }
}

/// A value as it stands in a field of a form.
fn typed(value: &Value) -> String {
    match value {
        Value::Moment(at) => Offset::constant(8).to_datetime(*at).date().to_string(),
        value => value.to_string(),
    }
}

/// A number as it is typed: money in yuan.
fn amount(field: &Field, value: &Value) -> String {
    match (&field.kind, value.as_int()) {
        (FieldType::Fen, Some(fen)) => kernel::Fen(fen).to_string().replace(',', ""),
        _ => value.to_string(),
    }
}

fn by_name(reader: &Reader, field: &Field, wanted: &[Sought]) -> Markup {
    let words = wanted.iter().find_map(|wanted| match wanted {
        Sought::Named(text) => Some(text.as_str()),
        _ => None,
    });
    html! {
        input name=(format!("f.{}.name", field.id)) maxlength="60" autocomplete="off" value=(words.unwrap_or_default())
            placeholder=(reader.say(CONTAINS)) aria-label=(field.name.get(reader.lang));
    }
}

fn take_away(reader: &Reader, words: &str) -> String {
    format!(
        "{}{}{words}",
        reader.say(TAKE_AWAY),
        reader.say(words::COLON)
    )
}

words! {
    FILTERS: "筛选", "Filter";
    CHOSEN: "已选条件", "What is asked for";
    WITHOUT_FILTERS: "去掉全部条件", "Without conditions";
    TAKE_AWAY: "去掉", "Take away";
    CONTAINS: "含有的字", "words in it";
    FROM: "从", "from";
    TO: "至", "to";
    OR: "或", " or ";
    IN_YUAN: "（元）", " (yuan)";
}
