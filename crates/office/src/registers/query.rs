//! What a list of a register is asked for, as pages, the API and exports say it: query parameters of an address.
//!
//! `f.FIELD=VALUE` asks for a value (of a code list several), `f.FIELD.from` and `f.FIELD.to` for what lies between, both included, and
//! `f.FIELD.unknown=1` for what isn't known, `f.FIELD.name=WORDS` for words in what names the record referred to; `sort=FIELD` and `sort=-FIELD` for an order, `col=FIELD` for a column, `unit=CODE` for whose
//! records. What stands for one field is an *or*, different fields are an *and*. Numbers of people and telephones are never asked for by
//! address: addresses are kept in many places.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use kernel::{Lang, RecordId, Sensitivity, UnitCode};
use pack::cell::{Cell, Reader, Told};
use pack::{Field, FieldType, Items, Pack, Register, SortBy, Text, Value};

/// How many values may be asked for of one field.
const MOST_VALUES: usize = 50;
/// The longest text that is looked for, in characters.
const LONGEST_TEXT: usize = 60;

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Whose records: a unit and all below it.
    pub unit: Option<UnitCode>,
    /// What holds of the records, all of it.
    pub filters: Vec<FieldFilter>,
    /// Words that are in what names the records, all of them; never of an address.
    pub called: Vec<String>,
    /// The order; that of the register's look if none.
    pub order: Option<SortBy>,
    /// The columns, by place; those of the register's look if none.
    pub columns: Vec<usize>,
}

/// What is asked for of one field: any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFilter {
    /// The field, by place.
    pub field: usize,
    /// What it may be.
    pub wanted: Vec<Sought>,
}

/// What a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Not known.
    Unknown,
    /// This value of a code list, or yes or no.
    Is(Value),
    /// Between two values, both included; open at an end that has none. A partial date that may lie there is wanted.
    Between(Option<Value>, Option<Value>),
    /// A text that has these words in it.
    Contains(String),
    /// A unit, or one below it.
    Within(UnitCode),
    /// This record.
    Names(RecordId),
    /// A record in whose name these words are.
    Named(String),
    /// A list with this in it.
    Has(String),
}

/// By what a list may be asked for, of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldOffer {
    /// By its value.
    pub by_value: bool,
    /// By what names the record that it leads to.
    pub by_name: bool,
    /// For what isn't known.
    pub by_unknown: bool,
    /// In its order.
    pub sorts: bool,
}

/// Why a list can't be asked for so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryFault {
    /// The register has no such field.
    NoField(String),
    /// The reader doesn't see the field in clear.
    KeptBack(Text),
    /// A number of a person, or a telephone.
    Number(Text),
    /// What looks like the number of a person, or a telephone, in words of another field.
    Personal(Text),
    /// Values of this kind can't be asked for, or have no order.
    NotOffered(Text),
    /// It is no value of the field.
    Unreadable {
        /// The field.
        field: Text,
        /// What was written.
        written: String,
        /// Why it isn't one.
        why: Text,
    },
    /// Too much is asked for of a field.
    TooMuch(Text),
}

impl QueryFault {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NoField(id), Lang::Zh) => format!("这一册没有字段“{id}”。"),
            (Self::NoField(id), Lang::En) => format!("The register has no field “{id}”."),
            (Self::KeptBack(field), Lang::Zh) => format!(
                "“{}”在您查看的范围内不是全部明示，不能按它筛选或排列。",
                field.zh
            ),
            (Self::KeptBack(field), Lang::En) => format!(
                "You don't see “{}” in clear everywhere, so a list can't be filtered or sorted by it.",
                field.en
            ),
            (Self::Number(field), Lang::Zh) => format!(
                "“{}”不能写进网址里查询，网址会留在多处。请在“人员”页查找。",
                field.zh
            ),
            (Self::Number(field), Lang::En) => format!(
                "“{}” can't be asked for by an address, which is kept in many places. Look it up under People.",
                field.en
            ),
            (Self::Personal(field), Lang::Zh) => format!(
                "“{}”中填了像证件号码或电话的数字，这样的号码不能写进网址里查询，网址会留在多处。请在“人员”页查找。",
                field.zh
            ),
            (Self::Personal(field), Lang::En) => format!(
                "What is asked of “{}” looks like an ID number or a telephone; these can't be asked for by an address, which is kept in many places. Look it up under People.",
                field.en
            ),
            (Self::NotOffered(field), Lang::Zh) => {
                format!("名单不能这样按“{}”筛选或排列。", field.zh)
            }
            (Self::NotOffered(field), Lang::En) => {
                format!(
                    "A list can't be filtered or sorted by “{}” in this way.",
                    field.en
                )
            }
            (
                Self::Unreadable {
                    field,
                    written,
                    why,
                },
                Lang::Zh,
            ) => {
                format!("“{}”中的“{written}”无法识别：{}。", field.zh, why.zh)
            }
            (
                Self::Unreadable {
                    field,
                    written,
                    why,
                },
                Lang::En,
            ) => {
                format!("“{written}” can't be read as “{}”: {}.", field.en, why.en)
            }
            (Self::TooMuch(field), Lang::Zh) => format!(
                "“{}”的条件过多或过长：最多{MOST_VALUES}项，文字最多{LONGEST_TEXT}字。",
                field.zh
            ),
            (Self::TooMuch(field), Lang::En) => format!(
                "Too much is asked for of “{}”: at most {MOST_VALUES} values, and {LONGEST_TEXT} characters of text.",
                field.en
            ),
        }
    }
}

impl std::fmt::Display for QueryFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for QueryFault {}

/// What a field offers, in clear or not; `named` tells whether what names the records of a register is.
pub(super) fn offer(field: &Field, clear: bool, named: impl Fn(&str) -> bool) -> FieldOffer {
    let by_name = matches!(&field.kind, FieldType::Ref(target) if named(target));
    let sorts = match &field.kind {
        FieldType::Ref(_) => by_name,
        FieldType::LongText | FieldType::File | FieldType::List(_) => false,
        _ => true,
    };
    FieldOffer {
        by_value: clear && !is_number(field) && field.kind != FieldType::File,
        by_name: clear && by_name,
        by_unknown: clear,
        sorts: clear && sorts,
    }
}

/// Whether a field holds numbers by which somebody is found.
fn is_number(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldType::IdNumber | FieldType::Document | FieldType::Phone
    ) || matches!(
        field.sensitivity,
        Sensitivity::Id | Sensitivity::Phone | Sensitivity::Account
    )
}

impl RecordQuery {
    /// The query of an address, on a day. Parameters that are about something else are left alone, and so are blank ones.
    ///
    /// # Errors
    /// A field that there isn't, or what is no value of it.
    pub fn read<'a>(
        pack: &Pack,
        register: &Register,
        asked: impl Iterator<Item = (&'a str, &'a str)>,
        on: Date,
    ) -> Result<RecordQuery, QueryFault> {
        let mut query = RecordQuery::default();
        for (name, value) in asked {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match name.strip_prefix("f.") {
                Some(of) => query.add(pack, register, (of, value), on)?,
                None if name == "sort" => query.order = Some(sort_by(register, value)?),
                None if name == "col" => {
                    let at = place(register, value)?;
                    if !query.columns.contains(&at) {
                        query.columns.push(at);
                    }
                }
                None => {}
            }
        }
        Ok(query)
    }

    /// The records of a register that name a record in a field.
    #[must_use]
    pub fn naming(register: &Register, field: usize, record: RecordId) -> RecordQuery {
        let wanted = vec![Sought::Names(record)];
        RecordQuery {
            filters: vec![FieldFilter { field, wanted }],
            columns: register.look.columns.clone(),
            ..RecordQuery::default()
        }
    }

    /// What is asked for of a field.
    #[must_use]
    pub fn wanted(&self, field: usize) -> &[Sought] {
        let filter = self.filters.iter().find(|filter| filter.field == field);
        filter.map_or(&[], |filter| &filter.wanted)
    }

    /// The columns of the list.
    #[must_use]
    pub fn shown<'q>(&'q self, register: &'q Register) -> &'q [usize] {
        match self.columns.is_empty() {
            true => &register.look.columns,
            false => &self.columns,
        }
    }

    /// The order of the list: what is asked for, or else as the look says, as far as it is offered.
    #[must_use]
    pub fn sorted(&self, register: &Register, offers: &[FieldOffer]) -> Vec<SortBy> {
        let offered = |by: &&SortBy| offers.get(by.field).is_some_and(|offer| offer.sorts);
        match self.order {
            Some(order) => vec![order],
            None => register
                .look
                .order
                .iter()
                .filter(offered)
                .copied()
                .collect(),
        }
    }

    /// Whether only what is offered is asked for.
    pub(super) fn check(
        &self,
        register: &Register,
        offers: &[FieldOffer],
    ) -> Result<(), QueryFault> {
        let of = |at: usize| (register.fields.get(at)).zip(offers.get(at).copied());
        for filter in &self.filters {
            let Some((field, offer)) = of(filter.field) else {
                return Err(QueryFault::NoField(filter.field.to_string()));
            };
            for wanted in &filter.wanted {
                let offered = match wanted {
                    Sought::Unknown => offer.by_unknown,
                    Sought::Named(_) => offer.by_name,
                    _ => offer.by_value,
                };
                if !offered {
                    return Err(refused(field, offer));
                }
            }
        }
        match self.order.and_then(|order| of(order.field)) {
            Some((field, offer)) if !offer.sorts => Err(match offer.by_unknown {
                true => QueryFault::NotOffered(field.name.clone()),
                false => QueryFault::KeptBack(field.name.clone()),
            }),
            _ => Ok(()),
        }
    }

    fn add(
        &mut self,
        pack: &Pack,
        register: &Register,
        (of, value): (&str, &str),
        on: Date,
    ) -> Result<(), QueryFault> {
        let (id, how) = of.split_once('.').unwrap_or((of, ""));
        let at = place(register, id)?;
        let field = &register.fields[at];
        let wanted = match how {
            "" => wanted(pack, field, value, on)?,
            "unknown" => Sought::Unknown,
            "name" if matches!(field.kind, FieldType::Ref(_)) => {
                Sought::Named(words(field, value)?)
            }
            "from" => Sought::Between(Some(bound(pack, field, value, (on, false))?), None),
            "to" => Sought::Between(None, Some(bound(pack, field, value, (on, true))?)),
            _ => return Err(QueryFault::NoField(of.to_owned())),
        };
        let filter = match self.filters.iter().position(|filter| filter.field == at) {
            Some(nth) => &mut self.filters[nth],
            None => {
                let wanted = Vec::new();
                self.filters.push(FieldFilter { field: at, wanted });
                let last = self.filters.len() - 1;
                &mut self.filters[last]
            }
        };
        filter.join(wanted);
        match filter.wanted.len() > MOST_VALUES {
            true => Err(QueryFault::TooMuch(field.name.clone())),
            false => Ok(()),
        }
    }
}

impl FieldFilter {
    /// Takes one more into it: two ends are of one stretch.
    fn join(&mut self, wanted: Sought) {
        if let Sought::Between(from, to) = &wanted {
            for there in &mut self.wanted {
                if let Sought::Between(first, last) = there {
                    *first = from.clone().or(first.take());
                    *last = to.clone().or(last.take());
                    return;
                }
            }
        }
        if !self.wanted.contains(&wanted) {
            self.wanted.push(wanted);
        }
    }
}

/// Why something isn't offered.
fn refused(field: &Field, offer: FieldOffer) -> QueryFault {
    let name = field.name.clone();
    match (offer.by_unknown, is_number(field)) {
        (_, true) => QueryFault::Number(name),
        (false, _) => QueryFault::KeptBack(name),
        (true, _) => QueryFault::NotOffered(name),
    }
}

fn place(register: &Register, id: &str) -> Result<usize, QueryFault> {
    let found = register.field(id).map(|(at, _)| at);
    found.ok_or_else(|| QueryFault::NoField(id.to_owned()))
}

fn sort_by(register: &Register, text: &str) -> Result<SortBy, QueryFault> {
    let (id, descending) = match text.strip_prefix('-') {
        Some(id) => (id, true),
        None => (text, false),
    };
    let field = place(register, id)?;
    Ok(SortBy { field, descending })
}

/// A value that is asked for.
fn wanted(pack: &Pack, field: &Field, text: &str, on: Date) -> Result<Sought, QueryFault> {
    // What may not be asked for is told before it is read, and never repeated.
    if is_number(field) {
        return Err(QueryFault::Number(field.name.clone()));
    }
    // Numbers of records and codes of units are nobody's.
    if !matches!(field.kind, FieldType::Ref(_) | FieldType::Unit) {
        words(field, text)?;
    }
    Ok(match &field.kind {
        FieldType::Text | FieldType::LongText => Sought::Contains(text.to_owned()),
        FieldType::Bool if ["true", "false"].contains(&text) => {
            Sought::Is(Value::Bool(text == "true"))
        }
        FieldType::Code(_) | FieldType::Bool => {
            Sought::Is(read(pack, field, &field.kind, text, on)?)
        }
        FieldType::Unit => {
            let unit = text.parse().map_err(|fault: kernel::UnitFault| {
                let why = [Lang::En, Lang::Zh].map(|lang| fault.message(lang));
                unreadable(field, text, why)
            })?;
            Sought::Within(unit)
        }
        FieldType::Ref(_) => {
            let record = text.parse::<RecordId>().ok().filter(|record| record.0 > 0);
            let why = ["it is no number of a record", "应为记录号"].map(str::to_owned);
            Sought::Names(record.ok_or_else(|| unreadable(field, text, why))?)
        }
        FieldType::List(Items::Codes(list)) => {
            let kind = FieldType::Code(list.clone());
            let value = read(pack, field, &kind, text, on)?;
            Sought::Has(value.to_string())
        }
        FieldType::List(Items::Texts) => Sought::Has(text.to_owned()),
        FieldType::Int
        | FieldType::Fen
        | FieldType::Decimal { .. }
        | FieldType::Date
        | FieldType::Moment
        | FieldType::PartialDate => {
            let ends = [false, true].map(|end| bound(pack, field, text, (on, end)));
            let [from, to] = ends;
            Sought::Between(Some(from?), Some(to?))
        }
        FieldType::IdNumber | FieldType::Document | FieldType::Phone | FieldType::File => {
            return Err(QueryFault::NotOffered(field.name.clone()));
        }
    })
}

/// Words that are looked for, unless there are too many, or the number of a person among them.
fn words(field: &Field, text: &str) -> Result<String, QueryFault> {
    if kernel::has_personal_number(text) {
        return Err(QueryFault::Personal(field.name.clone()));
    }
    match text.chars().count() > LONGEST_TEXT {
        true => Err(QueryFault::TooMuch(field.name.clone())),
        false => Ok(text.to_owned()),
    }
}

/// One end of a stretch. Moments and partial dates lie between days, of which the last is wanted whole.
fn bound(
    pack: &Pack,
    field: &Field,
    text: &str,
    (on, last): (Date, bool),
) -> Result<Value, QueryFault> {
    words(field, text)?;
    match &field.kind {
        FieldType::Int | FieldType::Fen | FieldType::Decimal { .. } | FieldType::Date => {
            read(pack, field, &field.kind, text, on)
        }
        FieldType::PartialDate => read(pack, field, &FieldType::Date, text, on),
        FieldType::Moment => {
            let value = read(pack, field, &FieldType::Date, text, on)?;
            let time = if last {
                Time::constant(23, 59, 59, 0)
            } else {
                Time::midnight()
            };
            let moment = value.as_date().and_then(|day| {
                let at = day.to_datetime(time);
                Offset::constant(8).to_timestamp(at).ok()
            });
            let why = ["there is no such day", "没有这一天"].map(str::to_owned);
            let moment = moment.ok_or_else(|| unreadable(field, text, why))?;
            Ok(Value::Moment(moment))
        }
        _ => Err(QueryFault::NotOffered(field.name.clone())),
    }
}

/// A value as people write it.
fn read(
    pack: &Pack,
    field: &Field,
    kind: &FieldType,
    text: &str,
    on: Date,
) -> Result<Value, QueryFault> {
    let mut told = Vec::new();
    let why = |told: &Told| {
        let why = [Lang::En, Lang::Zh].map(|lang| told.message(lang));
        unreadable(field, text, why)
    };
    match Reader::new(kind, pack, on).read(Cell::Text(text), &mut told) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(why(&Told::Placeholder)),
        Err(told) => Err(why(&told)),
    }
}

fn unreadable(field: &Field, written: &str, [en, zh]: [String; 2]) -> QueryFault {
    QueryFault::Unreadable {
        field: field.name.clone(),
        written: written.to_owned(),
        why: Text { zh, en },
    }
}

/// The references among what a query shows, and among what names a record.
pub(super) fn references<'q>(register: &'q Register, query: &'q RecordQuery) -> BTreeSet<usize> {
    let shown = query.shown(register).iter().chain(&register.look.title);
    let is_ref = |at: &&usize| {
        let field = register.fields.get(**at);
        field.is_some_and(|field| matches!(field.kind, FieldType::Ref(_)))
    };
    shown.filter(is_ref).copied().collect()
}
