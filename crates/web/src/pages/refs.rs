//! Records that other records refer to, told wherever somebody has to know which one is meant: people by what tells namesakes apart,
//! households by number, head and address, others by what names them; each as far as the reader may see it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::Date;
use kernel::RecordId;
use maud::{Markup, html};
use office::{Hit, Leads, OfficeError, Pick, SeenCell, SeenRecord, SeenTitle, SeenWord, UnitNames};
use pack::{FieldType, Register};

use crate::reader::Reader;
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// A record that may be meant, with what tells it from others.
pub(super) struct Candidate {
    pub record: RecordId,
    pub told: Markup,
}

/// Records of a register, each with what tells it from others; those that may not be seen are left out.
pub(super) async fn told(
    reader: &Reader,
    units: &UnitNames,
    register: &str,
    (records, on): (&[RecordId], Date),
) -> Result<Vec<Candidate>, Trouble> {
    let (view, contract) = (reader.view()?, &reader.office.contract);
    if register == contract.people.register.id {
        let picks = view.picked(records, on).await?;
        let told = |pick: &Pick| Candidate {
            record: pick.record,
            told: tell(reader, units, pick),
        };
        return Ok(picks.iter().map(told).collect());
    }
    if register == contract.households.register.id {
        let hits = view.households(records, on).await?;
        return Ok(households(reader, units, hits));
    }
    let Ok(register) = view.register(register) else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for record in records {
        match view.titles(on, register, &[*record]).await {
            Ok(titles) => all.extend(titles.iter().map(|title| Candidate {
                record: title.record,
                told: html! { b { (super::registers::title(reader, units, title)) } },
            })),
            Err(OfficeError::Absent) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

/// Records that may be meant, each with what names it and whose it is, where that isn't the office's own.
pub(super) fn records(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    rows: &[SeenRecord],
) -> Vec<Candidate> {
    let candidate = |row: &SeenRecord| Candidate {
        record: row.row.record,
        told: html! { (called(reader, units, register, row)) },
    };
    rows.iter().map(candidate).collect()
}

/// What names a record and whose it is, where that isn't the office's own and the name doesn't say so.
pub(super) fn called(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    row: &SeenRecord,
) -> String {
    let title = super::registers::cells::title(reader, units, &row.title(register));
    let whose = row.row.unit.filter(|unit| *unit != reader.office.root);
    let whose = units.of(whose);
    match whose.is_empty() || title.contains(&whose) {
        true => title,
        false => format!("{title} · {whose}"),
    }
}

/// Records that are referred to, by register, with what tells them from others; none of those that may not be seen.
pub(super) type Refs<'a> = BTreeMap<(&'a str, RecordId), Option<Markup>>;

/// What tells records from others to which something refers.
pub(super) async fn gathered<'a>(
    reader: &Reader,
    units: &UnitNames,
    referred: impl Iterator<Item = (&'a str, RecordId)>,
) -> Result<Refs<'a>, Trouble> {
    let mut refs = Refs::new();
    for (register, record) in referred {
        if let Entry::Vacant(open) = refs.entry((register, record)) {
            let told = told(reader, units, register, (&[record], reader.on)).await?;
            open.insert(told.into_iter().next().map(|one| one.told));
        }
    }
    Ok(refs)
}

/// The records that words refer to and aren't people, who are named beside them.
pub(super) fn referred<'a>(
    reader: &'a Reader,
    words: &'a [SeenWord],
) -> impl Iterator<Item = (&'a str, RecordId)> {
    let people = &reader.office.contract.people.register.id;
    let changes = words.iter().flat_map(|word| {
        let register = reader.office.pack.register(&word.register);
        word.fields.iter().map(move |change| (register, change))
    });
    changes.flat_map(move |(register, change)| {
        let field = register.and_then(|register| register.fields.get(change.at));
        let of = field.and_then(|field| match &field.kind {
            FieldType::Ref(of) if of != people => Some(of.as_str()),
            _ => None,
        });
        let cells = [Some(&change.before), change.after.as_ref()];
        let record = |cell: &SeenCell| match cell {
            SeenCell::Value(value) => value.as_int().map(RecordId),
            _ => None,
        };
        let records = cells.into_iter().flatten().filter_map(record);
        records.filter_map(move |record| Some((of?, record)))
    })
}

/// What stands or is said in a field; a record by what tells it from others.
pub(super) fn cell(
    reader: &Reader,
    (units, refs): (&UnitNames, &Refs<'_>),
    kind: &FieldType,
    cell: &SeenCell,
) -> Markup {
    if let (FieldType::Ref(of), SeenCell::Value(value)) = (kind, cell) {
        let record = value.as_int().map(RecordId);
        let told = record.and_then(|record| refs.get(&(of.as_str(), record))?.clone());
        return told.unwrap_or_else(|| html! { (reader.say(words::WITHHELD)) });
    }
    shown::cell(reader, units, kind, cell)
}

/// What names records, by register and record.
pub(super) type Titles = BTreeMap<(String, RecordId), SeenTitle>;

/// Whom a record is about, with the way to their page; what names the record itself, with the way there, if it is about nobody.
pub(super) fn whom(
    reader: &Reader,
    (units, titles): (&UnitNames, &Titles),
    person: Option<&(RecordId, String)>,
    (register, record): (&str, RecordId),
) -> Markup {
    html! {
        @match (person, titles.get(&(register.to_owned(), record))) {
            (Some((person, name)), _) => {
                a href=(reader.link(&format!("/people/{person}"), &[])) { @if name.is_empty() { "—" } @else { (name) } }
            }
            (None, Some(title)) => (super::registers::cells::linked(reader, units, title)),
            (None, None) => span.faint { (record) },
        }
    }
}

/// Somebody, with what tells namesakes apart.
pub(super) fn tell(reader: &Reader, units: &UnitNames, pick: &Pick) -> Markup {
    let kind = &reader.office.contract.people.sex.kind;
    let pack = &reader.office.pack;
    let sex = pick.sex.as_deref();
    let sex = sex.map(|sex| shown::value(pack, units, kind, sex, reader.lang));
    // A number that is stars alone tells nobody apart.
    let masked = pick.id_number.trim_matches('*').is_empty();
    let number = if masked { "" } else { pick.id_number.as_str() };
    html! {
        b { (pick.name) }
        @if let Some(sex) = sex { " · " (sex) }
        @for part in [pick.born.as_str(), number] { @if !part.is_empty() { " · " span.d { (part) } } }
        @if pick.unit.is_some() { " · " (units.of(pick.unit)) }
        @if let Some(address) = &pick.address { " · " (address) }
        @if let Some(head) = &pick.head { " · " (reader.say(HEAD)) (reader.say(words::COLON)) (head) }
    }
}

/// Households with what tells them from others: number, head, address, whose they are.
pub(super) fn households(reader: &Reader, units: &UnitNames, hits: Vec<Hit>) -> Vec<Candidate> {
    let candidate = |hit: Hit| {
        let Leads::Household(record) = hit.leads else {
            return None;
        };
        let told = html! {
            b { (hit.title.as_deref().unwrap_or("—")) }
            @if let Some(head) = &hit.head { " · " (reader.say(HEAD)) (reader.say(words::COLON)) (head) }
            @if let Some(address) = &hit.address { " · " (address) }
            @if hit.unit.is_some() { " · " (units.of(hit.unit)) }
        };
        Some(Candidate { record, told })
    };
    hits.into_iter().filter_map(candidate).collect()
}

words! {
    HEAD: "户主", "head";
}
