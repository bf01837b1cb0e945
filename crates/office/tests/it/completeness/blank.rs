//! Blank lists that come back filled in: of every roster, in both languages.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

use intake::{Absence, Request};
use jiff::civil::date;
use kernel::Lang;
use office::{ListState, blank_list};
use pack::{Column, FieldType, Items, Pack, Roster};

use super::{Street, all, now};
use crate::readers::{ONE, unit};

/// Something that a cell of a column may hold.
pub(super) fn sample(pack: &Pack, column: &Column, numbers: &[String]) -> String {
    let member = |list: &str| {
        let list = pack.code(list).unwrap();
        let lives = list.members.iter().find(|one| one.retired.is_none());
        lives.unwrap().name.zh.clone()
    };
    match &column.kind {
        FieldType::Text | FieldType::LongText => {
            // The names of those who are known, where a row names one.
            match column.id.ends_with("name") && column.id.len() < 12 {
                true => testhouse::name(0, 0),
                false => "甲".into(),
            }
        }
        FieldType::Int => "3".into(),
        FieldType::Fen => "12.50".into(),
        FieldType::Date | FieldType::PartialDate => "2025-06-30".into(),
        FieldType::Bool => "是".into(),
        FieldType::Code(list) => member(list),
        FieldType::List(Items::Codes(list)) => member(list),
        FieldType::List(Items::Texts) => "甲、乙".into(),
        FieldType::Unit => ONE.into(),
        FieldType::IdNumber | FieldType::Document => numbers[0].clone(),
        FieldType::Phone => "13800000000".into(),
        FieldType::Moment => "2025-06-30 08:30".into(),
        FieldType::Decimal { .. } => "1.5".into(),
        FieldType::File | FieldType::Ref(_) => String::new(),
    }
}

/// A workbook with a row of text more in its first sheet.
fn with_row(workbook: &[u8], at: usize, cells: &[String]) -> Vec<u8> {
    let mut read = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut written = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for nth in 0..read.len() {
        let mut file = read.by_index(nth).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            let text = String::from_utf8(bytes).unwrap();
            let mut row = format!("<row r=\"{at}\">");
            for (nth, cell) in cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.is_empty())
            {
                let letters = match nth {
                    0..26 => char::from(b'A' + nth as u8).to_string(),
                    _ => format!("A{}", char::from(b'A' + (nth - 26) as u8)),
                };
                row +=
                    &format!("<c r=\"{letters}{at}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>");
            }
            row += "</row></sheetData>";
            assert_eq!(text.matches("</sheetData>").count(), 1);
            bytes = text.replace("</sheetData>", &row).into_bytes();
        }
        let options = zip::write::SimpleFileOptions::default();
        written.start_file(name, options).unwrap();
        written.write_all(&bytes).unwrap();
    }
    written.finish().unwrap().into_inner()
}

/// The row below the headings, as a spreadsheet counts.
fn first_row(roster: &Roster, lang: Lang) -> usize {
    let grouped = roster.columns.iter().any(|column| !column.group.is_empty());
    if grouped && lang == Lang::Zh { 3 } else { 2 }
}

#[tokio::test]
async fn a_blank_list_of_every_roster_is_understood_by_the_import() {
    let street = Street::new().await;
    let pack = street.tables.pack().clone();
    for roster in &pack.rosters {
        for lang in [Lang::Zh, Lang::En] {
            let blank = blank_list((&pack, roster), date(2026, 2, 1), lang).unwrap();
            let cells = roster.columns.iter();
            let cells: Vec<String> = cells
                .map(|column| sample(&pack, column, &street.numbers[0]))
                .collect();
            let filled = with_row(&blank, first_row(roster, lang), &cells);
            let request = Request {
                roster: roster.id.clone(),
                unit: unit(ONE),
                files: vec![intake::RosterFile {
                    path: "filled.xlsx".into(),
                    sent: Some(Arc::new(filled)),
                }],
                on: date(2026, 1, 31),
                recorded_at: now(),
                grant: street.whole.clone(),
                dry_run: true,
                absence: Absence::Guarded,
                told: BTreeMap::new(),
                lang: Lang::Zh,
            };
            let told = intake::import(&street.tables, &request, &mut |_| ()).await;
            let told = told.unwrap_or_else(|error| panic!("{} {lang:?}: {error}", roster.id));
            let file = &told.files[0];
            assert_eq!(file.rows(), 1, "{} {lang:?}", roster.id);
            let [layout] = file.layouts.as_slice() else {
                panic!("{} {lang:?}: {:?}", roster.id, file.layouts);
            };
            let columns: Vec<Option<&str>> = (layout.columns.iter())
                .map(|column| column.column.as_deref())
                .collect();
            let wanted: Vec<Option<&str>> = (roster.columns.iter())
                .map(|column| Some(column.id.as_str()))
                .collect();
            assert_eq!(columns, wanted, "{} {lang:?}", roster.id);
            // A row may be refused for whom it names or what made-up values come to, never for how a cell is read.
            let refused = file.notes.iter().filter(|note| {
                let cell = matches!(note.finding, intake::Finding::Cell(_));
                cell && note.finding.level() == intake::Level::Rejected
            });
            let refused: Vec<_> = refused.collect();
            assert!(refused.is_empty(), "{} {lang:?}: {refused:#?}", roster.id);
        }
    }
}

#[tokio::test]
async fn a_blank_list_comes_back_and_is_taken() {
    let street = Street::empty().await;
    let pack = street.tables.pack().clone();
    let roster = pack.roster("police-households").unwrap();
    let listed = testhouse::community(0, 1);
    for lang in [Lang::Zh, Lang::En] {
        let blank = blank_list((&pack, roster), date(2026, 2, 1), lang).unwrap();
        let cells = roster
            .columns
            .iter()
            .map(|column| match column.id.as_str() {
                "name" => "甲零".to_owned(),
                "id_number" => listed.numbers[0].clone(),
                "sex" | "birth_date" | "left_on" | "left_reason" | "moved_in" => String::new(),
                _ => sample(&pack, column, &listed.numbers),
            });
        let cells: Vec<String> = cells.collect();
        let filled = with_row(&blank, first_row(roster, lang), &cells);
        let taken = street
            .take("police-households", ONE, date(2026, 1, 31), filled)
            .await;
        assert_eq!(taken.rejected(), 0, "{:?}", taken.files[0].notes);
        assert_eq!(taken.files[0].rows(), 1);
        assert_eq!(
            taken.files[0].unread.len(),
            1,
            "the explanations aren't read"
        );
    }
    let told = all(&street.view("主任").await).await;
    assert_eq!(told.rows[0].state, ListState::Never);
}
