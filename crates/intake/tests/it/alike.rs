//! One cell reads alike whatever file or door it comes by: the same value, or none, and the same told of it. The cells, and what
//! each comes to, were made by `fixtures/cells/make.py`, the files by as many writers.

use std::path::Path;

use intake::{Merged, read_workbook};
use jiff::civil::date;
use pack::cell::{Cell, CellReading, Reader, Told};
use pack::{FieldType, Items, Pack, Text};
use serde_json::Value as Json;

/// What was read of a cell, and what is told of it.
type Read = (CellReading, Vec<Told>);

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cells");
    std::fs::read(folder.join(name)).unwrap()
}

/// The cells as they should be read, one JSON object each: type, cell, value.
fn cells() -> Vec<Json> {
    serde_json::from_slice(&fixture("cells.json")).unwrap()
}

fn kind_of(name: &str) -> FieldType {
    match name {
        "text" | "key" => FieldType::Text,
        "long_text" => FieldType::LongText,
        "int" => FieldType::Int,
        "fen" => FieldType::Fen,
        "decimal" => FieldType::Decimal {
            places: 2,
            unit: Text::new("平方米", "m²"),
        },
        "date" => FieldType::Date,
        "partial_date" => FieldType::PartialDate,
        "moment" => FieldType::Moment,
        "bool" => FieldType::Bool,
        "code" => FieldType::Code("sex".to_owned()),
        "codes" => FieldType::List(Items::Codes("sex".to_owned())),
        "texts" => FieldType::List(Items::Texts),
        "id_number" => FieldType::IdNumber,
        "document" => FieldType::Document,
        "unit" => FieldType::Unit,
        "phone" => FieldType::Phone,
        other => panic!("{other}"),
    }
}

/// Reads a value of a type by one door.
fn read(
    pack: &Pack,
    name: &str,
    by: impl FnOnce(&mut Reader<'_>, &mut Vec<Told>) -> CellReading,
) -> Read {
    let kind = kind_of(name);
    let reader = Reader::new(&kind, pack, date(2025, 12, 31));
    let mut reader = match name {
        "key" => reader.of_key(),
        _ => reader,
    };
    let mut told = Vec::new();
    let reading = by(&mut reader, &mut told);
    (reading, told)
}

fn by_json(pack: &Pack) -> Vec<Read> {
    let cells = cells();
    let each = cells.iter().map(|cell| {
        let kind = cell["type"].as_str().unwrap();
        read(pack, kind, |reader, told| {
            reader.read_json(&cell["cell"], told)
        })
    });
    each.collect()
}

fn by_file(pack: &Pack, name: &str) -> Vec<Read> {
    let book = read_workbook(&fixture(name), Merged::Ignored).unwrap();
    let rows = book.sheets[0].rows();
    let each = rows.map(|row| {
        let Cell::Text(kind) = row.cell(0) else {
            panic!("row {} has no type", row.number);
        };
        read(pack, kind, |reader, told| reader.read(row.cell(1), told))
    });
    each.collect()
}

#[test]
fn each_cell_comes_to_what_it_should() {
    let pack = testhouse::national();
    let cells = cells();
    assert!(cells.len() >= 300);
    for (cell, (reading, told)) in cells.iter().zip(by_json(&pack)) {
        let found = match &reading {
            Ok(None) => Json::Null,
            Ok(Some(value)) => Json::String(value.to_string()),
            Err(_) => Json::Bool(false),
        };
        assert!(found == cell["value"], "{cell}: {reading:?} {told:?}");
    }
}

fn reads_alike(name: &str) {
    let pack = testhouse::national();
    let (cells, found) = (cells(), by_file(&pack, name));
    assert_eq!(found.len(), cells.len(), "{name}");
    let differ = |((cell, one), other): ((&Json, Read), Read)| {
        (one != other).then(|| format!("{cell}: {other:?}, not {one:?}"))
    };
    let expected = cells.iter().zip(by_json(&pack)).zip(found);
    let differing: Vec<String> = expected.filter_map(differ).collect();
    assert!(differing.is_empty(), "{name}: {differing:#?}");
}

#[test]
fn from_xlsx() {
    reads_alike("cells.xlsx");
}

#[test]
fn from_ods() {
    reads_alike("cells.ods");
}

#[test]
fn from_csv() {
    reads_alike("cells.csv");
}

#[test]
fn from_xls() {
    reads_alike("cells.xls");
}
