//! Which actions are offered on the page of a record: those that the pack offers there, and those that say more of the very record. And
//! whom an action isn't meant for: it is offered on others' pages only, but may be carried out all the same.

use intake::ActRow;
use jiff::civil::Date;
use kernel::{Lang, RecordId, Sensitivity};
use pack::{
    Action, Field, FieldType, Fits, Input, InputGives, Offer, Register, Text, Value, ValueSource,
};

use crate::actions::ActForm;
use crate::around::Around;
use crate::row::{SeenCell, SeenRow};
use crate::view::View;

/// What an action's form is filled in with: input and value.
pub type FilledIn<'a> = Vec<(&'a str, String)>;

impl View {
    /// The actions offered on the page of a record on a day, each with the input that the record is given for: those that fit what is
    /// seen of it and, if that is at hand, around it.
    #[must_use]
    pub fn offered(
        &self,
        register: &str,
        row: &SeenRow,
        (on, around): (Date, Option<&Around>),
    ) -> Vec<(&Action, &Input)> {
        let mut offered = Vec::new();
        for action in &self.office.pack.actions {
            if !self.may(action, row.unit) {
                continue;
            }
            let fits = action.offered.iter().find(|offer| {
                let input = &action.inputs[offer.input];
                let holds = |(field, fits): &(String, Fits)| {
                    let stands = match row.cell(field) {
                        SeenCell::Value(known) => Some(known),
                        _ => None,
                    };
                    fits.holds(stands, on)
                };
                let refers = |of: &String| {
                    around.is_some_and(|around| self.refers(of, register, row, around))
                };
                action.register_of(input) == Some(register)
                    && offer.when.iter().all(holds)
                    && !offer.unless.iter().any(holds)
                    && !offer.absent.iter().any(refers)
            });
            if let Some(offer) = fits {
                offered.push((action, &action.inputs[offer.input]));
            }
        }
        offered
    }

    /// Whether a record of a register that is seen around another refers to it.
    fn refers(&self, of: &str, register: &str, row: &SeenRow, around: &Around) -> bool {
        let Some(declared) = self.office.pack.register(of) else {
            return false;
        };
        let to = |field: &&Field| matches!(&field.kind, FieldType::Ref(to) if to == register);
        let fields: Vec<&Field> = declared.fields.iter().filter(to).collect();
        let refers = |other: &SeenRow| {
            (fields.iter()).any(|field| other.reference(&field.id) == Some(row.record.0))
        };
        around.of(of).iter().any(refers)
    }

    /// The actions that say more of a record, with what its identity fills in: those that write its register and find the record again by
    /// inputs alone. What is kept back from some stands in no address, so a record that is found by such a field has none.
    #[must_use]
    pub fn saying_more(&self, register: &Register, row: &SeenRow) -> Vec<(&Action, FilledIn<'_>)> {
        let actions = self.office.pack.actions.iter();
        let actions = actions.filter(|action| self.may(action, row.unit));
        let more = actions.filter_map(|action| {
            let own = |write: &&pack::Write| write.register == register.id && !write.new;
            let mut writes = action.roster.writes.iter().filter(own);
            let filled = writes.find_map(|write| filled_in(action, write, register, row))?;
            Some((action, filled))
        });
        more.collect()
    }

    /// For whom of those picked an action isn't meant: no page of theirs offers it. Nothing is said where that can't be seen.
    pub(crate) async fn not_meant(&self, form: &ActForm) -> Vec<Text> {
        let mut said: Vec<Text> = Vec::new();
        let Some(action) = self.office.pack.action(&form.action) else {
            return said;
        };
        for (nth, input) in action.inputs.iter().enumerate() {
            let offers = action.offered.iter().filter(|offer| offer.input == nth);
            let offers: Vec<&Offer> = offers.collect();
            let register = action.register_of(input);
            let register = register.and_then(|id| self.office.pack.register(id));
            let (Some(register), Some(first)) = (register, offers.first()) else {
                continue;
            };
            let picked: Vec<RecordId> = (form.rows.iter())
                .filter_map(|row: &ActRow| row.records.get(&input.id).copied())
                .collect();
            let Ok(records) = self.some_records(form.on, register, &picked).await else {
                continue;
            };
            let meant = |row: &SeenRow| {
                let known = |field: &str, holds: &dyn Fn(&Value) -> bool| match row.cell(field) {
                    SeenCell::Value(known) => holds(known),
                    _ => false,
                };
                let fits = |fits: &Fits, stands: &Value| fits.holds(Some(stands), form.on);
                let against = |(field, wanted): &(String, Fits)| {
                    known(field, &|stands| !fits(wanted, stands))
                };
                let speaks =
                    |(field, wanted): &(String, Fits)| known(field, &|stands| fits(wanted, stands));
                let meant = |offer: &&Offer| {
                    !offer.when.iter().any(against) && !offer.unless.iter().any(speaks)
                };
                offers.iter().any(meant)
            };
            if records.iter().any(|record| !meant(&record.row)) {
                said.push(self.meant_for(action, register, first));
            }
        }
        said
    }

    /// For which records an action is meant.
    fn meant_for(&self, action: &Action, register: &Register, offer: &Offer) -> Text {
        let of = |lang| {
            let when = offer.when.iter().map(|wanted| (wanted, true));
            let unless = offer.unless.iter().map(|wanted| (wanted, false));
            let each = when.chain(unless).map(|((id, fits), holds)| {
                let field = register.field(id).map(|(_, field)| field);
                let name = field.map_or(id.as_str(), |field| field.name.get(lang));
                let value = self.fits_in_words(field, fits, lang);
                match (lang, holds) {
                    (Lang::Zh, true) => format!("{name}为{value}"),
                    (Lang::Zh, false) => format!("{name}不是{value}"),
                    (Lang::En, true) => format!("{name}: {value}"),
                    (Lang::En, false) => format!("{name}: not {value}"),
                }
            });
            each.collect::<Vec<_>>()
        };
        let name = action.name();
        Text::new(
            format!(
                "“{}”用于{}的人或事，请看所选是否有误",
                name.zh,
                of(Lang::Zh).join("、")
            ),
            format!(
                "“{}” is for {}; see whether the right one was picked",
                name.en,
                of(Lang::En).join(", ")
            ),
        )
    }

    /// What a value must be, in words.
    fn fits_in_words(&self, field: Option<&Field>, fits: &Fits, lang: Lang) -> String {
        let values = match fits {
            Fits::Years { from, below } => return years_in_words(*from, *below, lang),
            Fits::OneOf(values) => values,
        };
        let named = values.iter().filter_map(|value| {
            let member = field.and_then(|field| match &field.kind {
                FieldType::Code(list) => {
                    let list = self.office.pack.code(list)?;
                    Some(list.member(value.as_text()?)?.name.get(lang).to_owned())
                }
                _ => None,
            });
            let value = member.or_else(|| written(value))?;
            Some(match lang {
                Lang::Zh => format!("“{value}”"),
                Lang::En => value,
            })
        });
        let named: Vec<String> = named.collect();
        named.join(match lang {
            Lang::Zh => "或",
            Lang::En => " or ",
        })
    }
}

/// So many full years, in words.
fn years_in_words(from: i32, below: i32, lang: Lang) -> String {
    let bounded = below < 150;
    match (lang, bounded) {
        (Lang::Zh, true) => format!("{from}至{}年前", below - 1),
        (Lang::Zh, false) => format!("{from}年以前"),
        (Lang::En, true) => format!("{from} to {} years ago", below - 1),
        (Lang::En, false) => format!("{from} years ago or more"),
    }
}

/// What the identity of a record fills in, by how a write finds it.
fn filled_in<'a>(
    action: &'a Action,
    write: &pack::Write,
    register: &Register,
    row: &SeenRow,
) -> Option<FilledIn<'a>> {
    let mut filled = FilledIn::new();
    for id in &register.identity {
        let (_, field) = register.field(id)?;
        let (_, source) = write.set.iter().find(|(set, _)| set == id)?;
        let SeenCell::Value(value) = row.cell(id) else {
            return None;
        };
        match source {
            ValueSource::Literal(always) if value.as_text() == Some(always.as_str()) => {}
            ValueSource::Column(column) | ValueSource::Else(column, _)
                if field.sensitivity == Sensitivity::Open && field.kind != FieldType::Fen =>
            {
                let gives = |input: &&Input| match input.gives {
                    InputGives::Value(at) => action.roster.columns[at].id == *column,
                    InputGives::Record { .. } => false,
                };
                let input = action.inputs.iter().find(gives)?;
                filled.push((input.id.as_str(), written(value)?));
            }
            ValueSource::Alias(alias) => {
                let input = action.input(alias)?;
                action.register_of(input)?;
                filled.push((input.id.as_str(), value.as_int()?.to_string()));
            }
            _ => return None,
        }
    }
    (!filled.is_empty()).then_some(filled)
}

/// A value as it is written in a form, of those that are short and nobody's secret.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Date(day) => Some(day.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Moment(_) | Value::Decimal(_) | Value::AsRead(_) => None,
    }
}
