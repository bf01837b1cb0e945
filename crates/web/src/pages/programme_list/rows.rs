//! The rows of a list, as a table: what each column says of somebody, on a page and in a file, and the building under which they stand.

use kernel::RecordId;
use maud::{Markup, html};
use office::{
    Amount, AskedOf, ListCell, ListColumn, ListKind, ListRow, ListedPerson, Reason, SeenCell,
    Standing, UnitNames, building, step_paid,
};
use pack::{Fact, FieldType, FollowUps, Register, Value};

use super::{List, fact, field_name, told};
use crate::pages::registers::cells;
use crate::pages::{batch, offered, registers};
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shown;
use crate::words;

/// Which columns a list has, the same on the page, on paper and in files.
pub(super) struct Columns<'r> {
    unit: bool,
    programme: bool,
    /// The reasons there are, in the order of their numbers.
    pub reasons: Vec<Reason>,
    /// The heading of amounts, if any are shown.
    amount: Option<String>,
    follow_ups: Option<&'r FollowUps>,
    /// The register whose records stand there, if they are no people.
    of: Option<&'r Register>,
    /// The facts that a judgement shows.
    shows: Vec<&'r Fact>,
}

/// What a column says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Number,
    Name,
    Age,
    Id,
    Telephone,
    Unit,
    Address,
    Ask,
    Programme,
    /// A fact that a judgement shows.
    Fact(usize),
    Reason,
    Amount,
    Status,
    Who,
    Due,
}

impl<'r> Columns<'r> {
    pub fn of(reader: &'r Reader, units: &UnitNames, list: &List<'_>) -> Columns<'r> {
        let scope = list.asked.unit.unwrap_or(reader.root());
        let mut reasons: Vec<(&Reason, &usize)> = list.read.reasons.iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), *reason));
        let paid = matches!(list.asked.standing, Standing::Missed | Standing::Served);
        let of = list.of(reader);
        let step = match list.programmes.as_slice() {
            [only] => step_paid(only, reader.on).map(|step| words::due_in(&step, reader.lang)),
            _ => Some(reader.say(DUE_NOW).to_owned()),
        };
        Columns {
            unit: !units.under(&scope).is_empty(),
            programme: list.programmes.len() > 1,
            reasons: reasons
                .into_iter()
                .map(|(reason, _)| reason.clone())
                .collect(),
            amount: step.filter(|_| paid),
            follow_ups: (reader.office.contract.follow_ups.as_ref()).filter(|_| of.is_none()),
            of,
            shows: shows(reader, list),
        }
    }

    /// The columns in their order.
    fn all(&self, list: &List<'_>) -> Vec<What> {
        let asked = list.asked.standing == Standing::ToFindOut;
        let (followed, people) = (self.follow_ups.is_some(), self.of.is_none());
        let shown = (0..self.shows.len()).map(|at| (What::Fact(at), true));
        let first = [
            (What::Number, true),
            (What::Name, true),
            (What::Age, people),
            (What::Id, people),
            (What::Telephone, people),
            (What::Unit, self.unit),
            (What::Address, people),
            (What::Ask, people),
            (What::Programme, self.programme),
        ];
        let rest = [
            (What::Reason, self.reasons.len() > 1 || asked),
            (What::Amount, self.amount.is_some()),
            (What::Status, followed),
            (What::Who, followed),
            (What::Due, followed),
        ];
        let all = first.into_iter().chain(shown).chain(rest);
        all.filter_map(|(what, has)| has.then_some(what)).collect()
    }

    fn name(&self, reader: &Reader, what: What) -> String {
        let followed = |at: fn(&FollowUps) -> usize| {
            let kept = self.follow_ups;
            kept.map_or("", |kept| field_name(reader, kept, at(kept)))
        };
        match what {
            What::Number => reader.say(NUMBER),
            What::Name => match self.of {
                Some(register) => register.name.get(reader.lang),
                None => reader.say(words::NAME),
            },
            What::Age => reader.say(AGE),
            What::Id => reader.say(words::ID_NUMBER),
            What::Telephone => reader.say(TELEPHONE),
            What::Unit => reader.say(words::UNIT),
            What::Address => reader.say(ADDRESS),
            What::Ask => reader.say(WHOM_TO_ASK),
            What::Programme => reader.say(words::PROGRAMMES),
            What::Fact(at) => self.shows[at].name.get(reader.lang),
            What::Reason => reader.say(super::REASON),
            What::Amount => self.amount.as_deref().unwrap_or_default(),
            What::Status => followed(|kept| kept.status.at),
            What::Who => followed(|kept| kept.who.at),
            What::Due => followed(|kept| kept.due.at),
        }
        .to_owned()
    }

    /// The heading of a column on the page: where there is one reason for all, it isn't repeated beside the ways to answer.
    fn heading(&self, reader: &Reader, what: What) -> String {
        match what {
            What::Reason if self.reasons.len() <= 1 => reader.say(TO_ANSWER).to_owned(),
            what => self.name(reader, what),
        }
    }

    /// The columns of a file.
    pub fn of_file(&self, reader: &Reader, list: &List<'_>) -> Vec<ListColumn> {
        let column = |what: What| {
            let (id, kind, width) = match what {
                What::Number => ("number", ListKind::Int, 6),
                What::Name => ("name", ListKind::Text, 12),
                What::Age => ("age", ListKind::Int, 6),
                What::Id => ("id_number", ListKind::Text, 21),
                What::Telephone => ("telephone", ListKind::Text, 14),
                What::Unit => ("unit", ListKind::Text, 14),
                What::Address => ("address", ListKind::Text, 34),
                What::Ask => ("ask", ListKind::Text, 28),
                What::Programme => ("programme", ListKind::Text, 24),
                What::Fact(at) => {
                    let kind = match self.shows[at].kind {
                        FieldType::Int => ListKind::Int,
                        FieldType::Date => ListKind::Date,
                        _ => ListKind::Text,
                    };
                    (self.shows[at].id.as_str(), kind, 14)
                }
                What::Reason => ("reason", ListKind::Text, 40),
                What::Amount => ("amount", ListKind::Fen, 14),
                What::Status => ("status", ListKind::Text, 12),
                What::Who => ("who", ListKind::Text, 12),
                What::Due => ("due", ListKind::Date, 12),
            };
            ListColumn {
                id: id.to_owned(),
                header: self.name(reader, what),
                kind,
                width: Some(width),
            }
        };
        let all = self.all(list).into_iter();
        let each = all.flat_map(|what| {
            let more = (what == What::Amount).then(|| ListColumn {
                id: "amount_note".to_owned(),
                header: reader.say(AMOUNT_NOTE).to_owned(),
                kind: ListKind::Text,
                width: Some(14),
            });
            [column(what)].into_iter().chain(more)
        });
        each.collect()
    }

    /// A fact that a judgement shows, for a file: numbers and days as such, without their unit.
    fn fact_cell(&self, row: &ListRow, at: usize) -> Option<ListCell> {
        let (fact, held) = (self.shows.get(at)?, row.facts.get(at)?);
        let value = held.value.as_ref().filter(|_| !held.withheld)?;
        match fact.kind {
            FieldType::Int => value.parse().ok().map(ListCell::Int),
            FieldType::Date => value.parse().ok().map(ListCell::Date),
            FieldType::Decimal { .. } => Some(ListCell::Text(value.clone())),
            _ => None,
        }
    }

    /// A fact that a judgement shows, in words.
    fn fact(&self, reader: &Reader, units: &UnitNames, row: &ListRow, at: usize) -> String {
        let (Some(fact), Some(held)) = (self.shows.get(at), row.facts.get(at)) else {
            return String::new();
        };
        match &held.value {
            _ if held.withheld => reader.say(words::WITHHELD).to_owned(),
            Some(value) => shown::fact(&reader.office.pack, units, fact, value, reader.lang),
            None => String::new(),
        }
    }

    /// A row of a file.
    pub fn row(
        &self,
        reader: &Reader,
        units: &UnitNames,
        list: &List<'_>,
        (nth, row): (usize, &ListRow),
    ) -> Vec<ListCell> {
        let mut cells = Vec::new();
        for what in self.all(list) {
            cells.push(self.cell(reader, units, list, (nth, row), what));
            if what == What::Amount {
                let note = amount_note(reader, row);
                cells.push(note.map_or(ListCell::Empty, |note| ListCell::Text(note.to_owned())));
            }
        }
        cells
    }

    fn cell(
        &self,
        reader: &Reader,
        units: &UnitNames,
        list: &List<'_>,
        (nth, row): (usize, &ListRow),
        what: What,
    ) -> ListCell {
        let text = |text: String| match text.is_empty() {
            true => ListCell::Empty,
            false => ListCell::Text(text),
        };
        let person = row.person.as_ref();
        match what {
            What::Number => ListCell::Int(i64::try_from(nth).unwrap_or(0)),
            What::Name => text(match (person, &row.title) {
                (Some(own), _) => own.name.clone(),
                (None, Some(title)) => cells::title(reader, units, title),
                (None, None) => reader.say(words::NOT_HERE).to_owned(),
            }),
            What::Age => person
                .and_then(|own| own.age)
                .map_or(ListCell::Empty, |age| ListCell::Int(age.into())),
            What::Id => text(person.map_or_else(String::new, |own| id_number(reader, units, own))),
            What::Telephone => text(person.map_or_else(String::new, |own| {
                telephones(reader, units, &own.telephones)
            })),
            What::Unit => text(units.name(&row.listed.unit)),
            What::Address => {
                text(person.map_or_else(String::new, |own| address(reader, units, own)))
            }
            What::Ask => {
                let asked = person.map_or(&[][..], |own| &own.ask);
                let asked = asked.iter().map(|of| ask(reader, units, of));
                text(asked.collect::<Vec<_>>().join(reader.say(words::SEMICOLON)))
            }
            What::Programme => text(crate::pages::programme::name(
                &reader.office.pack,
                &row.programme,
                reader.lang,
            )),
            What::Fact(at) => self
                .fact_cell(row, at)
                .unwrap_or_else(|| text(self.fact(reader, units, row, at))),
            What::Reason => {
                let reasons = reasons(reader, row);
                let reasons = reasons.iter().map(|reason| told(reader, list, reason));
                text(
                    reasons
                        .collect::<Vec<_>>()
                        .join(reader.say(words::SEMICOLON)),
                )
            }
            What::Amount => match row.amount {
                Some(Some(Amount { fen, .. })) => ListCell::Fen(fen.0),
                _ => ListCell::Empty,
            },
            What::Status | What::Who => {
                let follow_up = person
                    .and_then(|own| own.follow_up.as_ref())
                    .zip(self.follow_ups);
                text(
                    follow_up.map_or_else(String::new, |(own, kept)| match what {
                        What::Status => {
                            registers::plain_cell(reader, units, &kept.status.kind, &own.status)
                        }
                        _ => registers::plain_cell(reader, units, &kept.who.kind, &own.who),
                    }),
                )
            }
            What::Due => match person
                .and_then(|own| own.follow_up.as_ref())
                .map(|own| &own.due)
            {
                Some(SeenCell::Value(Value::Date(day))) => ListCell::Date(*day),
                _ => ListCell::Empty,
            },
        }
    }
}

/// The facts that a judgement shows.
fn shows<'r>(reader: &'r Reader, list: &List<'_>) -> Vec<&'r Fact> {
    let [only] = list.programmes.as_slice() else {
        return Vec::new();
    };
    let facts = only.judgement.iter().flat_map(|own| &own.shows);
    facts
        .filter_map(|id| super::fact(reader, &only.subject, id))
        .collect()
}

/// The table.
pub(super) fn table(
    reader: &Reader,
    units: &UnitNames,
    list: &List<'_>,
    columns: &Columns<'_>,
) -> Markup {
    let all = columns.all(list);
    let first = list.page.map_or(1, |page| (page - 1) * ROWS + 1);
    let choose = super::offers(reader, list).is_some();
    let width = all.len() + usize::from(choose);
    let places = list
        .read
        .rows
        .iter()
        .map(|row| place_of(reader, units, row));
    let places: Vec<String> = places.collect();
    let heads = |at: usize| columns.of.is_none() && (at == 0 || places[at - 1] != places[at]);
    let before = |at: usize| list.read.rows.get(at.checked_sub(1)?);
    html! {
        div.scroll role="region" aria-label=(list.name(reader)) tabindex="0" {
        table.people.visit {
            caption.unseen { (super::scope(reader, units, list)) }
            thead {
                tr {
                    @if choose { (batch::heading(reader)) }
                    @for what in &all {
                        th scope="col" class=[matches!(what, What::Number | What::Age | What::Amount).then_some("n")] { (columns.heading(reader, *what)) }
                    }
                }
            }
            tbody {
                @for (at, row) in list.read.rows.iter().enumerate() {
                    @if heads(at) { tr.group { th colspan=(width) scope="rowgroup" { (places[at]) } } }
                    tr {
                        @if choose { (batch::pick(reader, row.person.as_ref().map(|_| RecordId(row.record)), row.person.as_ref().map_or("", |own| &own.name))) }
                        @for what in &all { (cell(reader, units, list, columns, (first + at, row, before(at)), *what)) }
                    }
                }
            }
        }
        }
    }
}

/// The building under which a row stands, with its unit.
fn place_of(reader: &Reader, units: &UnitNames, row: &ListRow) -> String {
    let unit = units.name(&row.listed.unit);
    let address = row.person.as_ref().map(|own| &own.address);
    let shared = match address {
        Some(SeenCell::Value(Value::Text(address))) => building(address),
        _ => "",
    };
    match shared {
        "" => format!(
            "{unit}{}{}",
            reader.say(words::COMMA),
            reader.say(NO_ADDRESS)
        ),
        shared if shared.contains(&unit) => shared.to_owned(),
        shared => format!("{unit} · {shared}"),
    }
}

fn cell(
    reader: &Reader,
    units: &UnitNames,
    list: &List<'_>,
    columns: &Columns<'_>,
    (nth, row, before): (usize, &ListRow, Option<&ListRow>),
    what: What,
) -> Markup {
    let name = columns.name(reader, what);
    let person = row.person.as_ref();
    html! {
        @match what {
            What::Number => td.n.faint { (plain::count(nth)) },
            What::Name => th scope="row" {
                @match person {
                    Some(own) => {
                        a href=(reader.link(&format!("/people/{}", row.record), &[])) { @if own.name.is_empty() { "—" } @else { (own.name) } }
                        @if own.dead { " " span.faint { (reader.say(DEAD)) } }
                    },
                    None => @match &row.title {
                        Some(title) => { (cells::linked(reader, units, title)) },
                        None => span.faint { (reader.say(words::NOT_HERE)) },
                    },
                }
            },
            What::Age => td.n data-what=(name) { @if let Some(age) = person.and_then(|own| own.age) { (age) } },
            What::Id => td.d { @if let Some(own) = person { (id_number(reader, units, own)) } },
            What::Telephone => td.d { @if let Some(own) = person { @for (nth, one) in own.telephones.iter().enumerate() { @if nth > 0 { br; } (telephone(reader, units, one)) } } },
            What::Unit => td { (units.name(&row.listed.unit)) },
            What::Address => td { @if let Some(own) = person { (door(reader, units, own, before)) } },
            What::Ask => td data-what=(name) { @if let Some(own) = person { @for (nth, of) in own.ask.iter().enumerate() { @if nth > 0 { br; } (asked(reader, units, of)) } } },
            What::Programme => td { (crate::pages::programme::name(&reader.office.pack, &row.programme, reader.lang)) },
            What::Fact(at) => td data-what=(name) { (columns.fact(reader, units, row, at)) },
            What::Reason => td.why { (why(reader, list, columns, row)) },
            What::Amount => td.n data-what=(name) { (amount(reader, row)) },
            What::Status => td data-what=(name) { (status(reader, units, columns, row)) },
            What::Who => td data-what=(name) { @if let Some((own, kept)) = person.and_then(|own| own.follow_up.as_ref()).zip(columns.follow_ups) { @if own.who != SeenCell::Unknown { (shown::cell(reader, units, &kept.who.kind, &own.who)) } } },
            What::Due => td.d data-what=(name) { @if let Some(own) = person.and_then(|own| own.follow_up.as_ref()) { @if own.due != SeenCell::Unknown { span.strong[own.late] { (shown::cell(reader, units, &FieldType::Date, &own.due)) } } } },
        }
    }
}

fn id_number(reader: &Reader, units: &UnitNames, own: &ListedPerson) -> String {
    let kind = &reader.office.contract.people.id_number.kind;
    registers::plain_cell(reader, units, kind, &own.id_number)
}

fn telephones(reader: &Reader, units: &UnitNames, cells: &[SeenCell]) -> String {
    let each = cells.iter();
    let each = each.map(|one| registers::plain_cell(reader, units, &FieldType::Phone, one));
    each.collect::<Vec<_>>().join(reader.say(words::COMMA))
}

/// A telephone, to be called where it is seen.
fn telephone(reader: &Reader, units: &UnitNames, cell: &SeenCell) -> Markup {
    html! {
        @match cell {
            SeenCell::Value(number) => a href=(format!("tel:{number}")) { (number) },
            cell => { (registers::plain_cell(reader, units, &FieldType::Phone, cell)) },
        }
    }
}

fn address(reader: &Reader, units: &UnitNames, own: &ListedPerson) -> String {
    registers::plain_cell(reader, units, &FieldType::Text, &own.address)
}

/// The door: what is left of an address below its building; of a household whose door stands above, that it is the same.
fn door(
    reader: &Reader,
    units: &UnitNames,
    own: &ListedPerson,
    before: Option<&ListRow>,
) -> Markup {
    let before = before.and_then(|row| row.person.as_ref());
    let same = before.is_some_and(|before| {
        before.household.is_some()
            && before.household == own.household
            && before.address == own.address
    });
    let words = match &own.address {
        SeenCell::Value(Value::Text(address)) => {
            let rest = address
                .strip_prefix(building(address))
                .unwrap_or(address)
                .trim();
            if rest.is_empty() {
                address.clone()
            } else {
                rest.to_owned()
            }
        }
        _ => address(reader, units, own),
    };
    let household = own.household.as_ref();
    html! {
        @if same { span.faint { (reader.say(SAME_DOOR)) } }
        @else {
            @match household {
                Some((record, _)) => a href=(reader.link(&format!("/households/{record}"), &[])) { @if words.is_empty() { (reader.say(HOUSEHOLD)) } @else { (words) } },
                None => { (words) },
            }
        }
    }
}

fn ask(reader: &Reader, units: &UnitNames, of: &AskedOf) -> String {
    let kin = words::kin(of.kin, of.woman, reader.lang);
    let telephones = telephones(reader, units, &of.telephones);
    format!("{kin} {} {telephones}", of.name).trim().to_owned()
}

fn asked(reader: &Reader, units: &UnitNames, of: &AskedOf) -> Markup {
    html! {
        span.faint { (words::kin(of.kin, of.woman, reader.lang)) } " "
        a href=(reader.link(&format!("/people/{}", of.record), &[])) { @if of.name.is_empty() { "—" } @else { (of.name) } }
        @for one in &of.telephones { " " span.d { (telephone(reader, units, one)) } }
    }
}

fn reasons(reader: &Reader, row: &ListRow) -> Vec<Reason> {
    let view = reader.view();
    view.map_or_else(
        |_| Vec::new(),
        |view| view.reasons(&row.programme, &row.listed),
    )
}

/// Why somebody stands on a list, in short and by the numbers told above it; of a fact to find out also the way to answer.
fn why(reader: &Reader, list: &List<'_>, columns: &Columns<'_>, row: &ListRow) -> Markup {
    let several = columns.reasons.len() > 1;
    let number = |reason: &Reason| {
        let at = columns.reasons.iter().position(|own| own == reason);
        at.map_or(0, |at| at + 1)
    };
    let here = batch::here(reader);
    html! {
        @for reason in reasons(reader, row) {
            @if several { span.nth title=(told(reader, list, &reason)) { (number(&reason)) } " " (super::short(reader, &reason)) " " }
            @if let Reason::Missing { subject, fact } = &reason {
                @if let Some(fact) = self::fact(reader, subject, fact).filter(|_| row.person.is_some() || row.title.is_some()) {
                    (offered::answering(reader, fact, &[row.record], |_| None, Some(&here))) " "
                }
            }
        }
        @if row.listed.standing == Standing::ToFindOut && row.listed.enrolled && row.nth == 0 { span.faint { (reader.say(words::ENROLLED_NOW)) } }
    }
}

fn amount(reader: &Reader, row: &ListRow) -> Markup {
    html! {
        @match row.amount {
            Some(Some(Amount { fen, .. })) => { (shown::yuan(fen.0, reader.lang)) },
            _ if row.nth > 0 => span.faint { (reader.say(WITH_THE_FIRST)) },
            _ => {},
        }
        @if let Some(note) = amount_note(reader, row) { " " span.flag { (note) } }
    }
}

/// What must be known beside an amount.
fn amount_note<'r>(reader: &'r Reader, row: &ListRow) -> Option<&'r str> {
    match row.amount {
        Some(Some(Amount {
            illustrative: true, ..
        })) => Some(reader.say(ILLUSTRATIVE)),
        Some(None) => Some(reader.say(CANNOT_TELL)),
        None if row.nth == 0 && pays(reader, row) => Some(reader.say(NOTHING_NOW)),
        _ => None,
    }
}

/// Whether a row's programme pays anything at times.
fn pays(reader: &Reader, row: &ListRow) -> bool {
    let programme = reader.office.pack.programme(&row.programme);
    programme.is_some_and(|programme| step_paid(programme, reader.on).is_some())
}

fn status(reader: &Reader, units: &UnitNames, columns: &Columns<'_>, row: &ListRow) -> Markup {
    let follow_up = row.person.as_ref().and_then(|own| own.follow_up.as_ref());
    html! {
        @if let Some((own, kept)) = follow_up.zip(columns.follow_ups) {
            @let words = shown::cell(reader, units, &kept.status.kind, &own.status);
            @match registers::address(reader, &kept.register.id, own.record) {
                Some(address) => a href=(address) { (words) },
                None => { (words) },
            }
            @if own.late { " " span.flag { (reader.say(super::LATE)) } }
        }
    }
}

words! {
    NUMBER: "序号", "No.";
    AGE: "年龄", "Age";
    TELEPHONE: "联系电话", "Telephone";
    ADDRESS: "住址", "Address";
    WHOM_TO_ASK: "问谁", "Whom to ask";
    TO_ANSWER: "登记与说明", "Answer and remarks";
    DUE_NOW: "当期应发（元）", "Due now (yuan)";
    AMOUNT_NOTE: "金额说明", "Of the amount";
    NO_ADDRESS: "住址不明或不予显示", "address not known or not shown";
    SAME_DOOR: "同户", "same household";
    HOUSEHOLD: "所在户", "the household";
    DEAD: "（已故）", "(dead)";
    WITH_THE_FIRST: "与上一行合计", "with the row above";
    ILLUSTRATIVE: "示例值", "illustrative";
    CANNOT_TELL: "无法判断", "can't be told";
    NOTHING_NOW: "本期不发", "nothing in this period";
}
