//! Lists as spreadsheets and programs will read them: types kept, limits named, nothing run as a formula.

use crate::common::{parts, text};
use jiff::civil::date;
use kernel::Lang;
use std::io::Read as _;

use reports::list::{
    Kind, ListCell, ListColumn, ListError, ListFile, ListSheet, ListWriter, to_json, write_csv,
    write_xlsx,
};

fn column(id: &str, header: &str, kind: Kind) -> ListColumn {
    ListColumn {
        id: id.into(),
        header: header.into(),
        kind,
        width: None,
    }
}

fn words(text: &str) -> ListCell {
    ListCell::Text(text.into())
}

fn sheet() -> ListSheet {
    ListSheet {
        name: "应享未享".into(),
        title: "符合条件而未享受的人员".into(),
        note: vec![
            "截至2025-12-31，和平街道".into(),
            "“缺少的事实”一栏列出需上门核实的内容".into(),
        ],
        columns: vec![
            column("id_number", "公民身份号码", Kind::Text),
            column("name", "姓名", Kind::Text),
            column("born_on", "出生日期", Kind::Date),
            column("amount", "金额（元）", Kind::Fen),
            column("children", "子女数", Kind::Int),
        ],
        rows: vec![
            vec![
                words("11010519491231002X"),
                words("王秀英"),
                ListCell::Date(date(1949, 12, 31)),
                ListCell::Fen(708_000),
                ListCell::Int(1),
            ],
            vec![
                words("440524188001010014"),
                words("=1+1"),
                ListCell::Date(date(1880, 1, 1)),
                ListCell::Fen(-5),
                ListCell::Empty,
            ],
            vec![
                words("001"),
                words("李,\"四\"\n"),
                words("不详"),
                ListCell::Fen(i64::MIN),
                ListCell::Int(i64::MAX),
            ],
        ],
    }
}

fn many(rows: usize) -> ListSheet {
    let rows = vec![vec![ListCell::Empty]; rows];
    ListSheet {
        columns: vec![column("a", "甲", Kind::Text)],
        rows,
        ..sheet()
    }
}

#[test]
fn the_same_list_gives_the_same_bytes() {
    let sheets = [sheet(), sheet()];
    assert_eq!(write_xlsx(&sheets).unwrap(), write_xlsx(&sheets).unwrap());
}

/// The bytes of what is left of a list.
fn rest(file: ListFile) -> Vec<u8> {
    match file {
        ListFile::Text(text) => text,
        ListFile::Workbook(mut file) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            bytes
        }
    }
}

#[test]
fn totals_stand_under_a_workbook_and_outside_its_filter() {
    let totals = |first: &str| {
        let mut cells = vec![ListCell::Empty; 5];
        cells[0] = words(first);
        cells[3] = ListCell::Fen(123_456);
        cells
    };
    let mut writer = ListWriter::xlsx(sheet()).unwrap();
    writer.push(sheet().rows[0].clone()).unwrap();
    let book = rest(writer.finish(Some(&totals("合计"))).unwrap());
    let parts = parts(&book);
    let page = text(&parts, "xl/worksheets/sheet1.xml");
    let rows = sheet().rows.len() + 1;
    // A title, the notes and the header stand above.
    let last = 2 + sheet().note.len() + rows;
    let (_, under) = page
        .split_once(&format!("<row r=\"{}\"", last + 1))
        .unwrap();
    assert!(
        under.contains("合计") && under.contains("<v>1234.56</v>"),
        "{under}"
    );
    let filter = page.split_once("<autoFilter ref=\"").unwrap().1;
    let filter = filter.split('"').next().unwrap();
    assert!(filter.ends_with(&last.to_string()), "{filter}");

    let writer = ListWriter::csv(sheet()).unwrap();
    let text = String::from_utf8(rest(writer.finish(Some(&totals("合计"))).unwrap())).unwrap();
    assert!(!text.contains("合计"), "a total would be one more record");
    let short = ListWriter::xlsx(sheet()).unwrap().finish(Some(&[]));
    assert!(matches!(short, Err(ListError::Row { cells: 0, .. })));
}

#[test]
fn a_list_written_row_by_row_is_the_same_file() {
    for rows in [0, 3, 999, 1_000, 1_001, 2_500] {
        let own = sheet();
        let rows = own.rows.iter().cycle().take(rows).cloned().collect();
        let whole = ListSheet { rows, ..sheet() };
        let head = || ListSheet {
            rows: Vec::new(),
            ..sheet()
        };
        let written = |mut writer: ListWriter| {
            let mut bytes = Vec::new();
            for row in &whole.rows {
                writer.push(row.clone()).unwrap();
                bytes.extend(writer.taken());
            }
            bytes.extend(rest(writer.finish(None).unwrap()));
            bytes
        };
        let xlsx = written(ListWriter::xlsx(head()).unwrap());
        assert!(xlsx == write_xlsx(std::slice::from_ref(&whole)).unwrap());
        let csv = written(ListWriter::csv(head()).unwrap());
        assert!(csv == write_csv(&whole).unwrap());
    }
    let mut writer = ListWriter::xlsx(sheet()).unwrap();
    let short = writer.push(vec![ListCell::Empty]).unwrap_err();
    let row = ListError::Row {
        sheet: sheet().name,
        row: 4,
        cells: 1,
        columns: 5,
    };
    assert_eq!(short, row);
}

#[test]
fn cells_keep_their_types() {
    let parts = parts(&write_xlsx(&[sheet()]).unwrap());
    let page = text(&parts, "xl/worksheets/sheet1.xml");
    let cell = |place: &str| {
        let rest = page
            .split(&format!("<c r=\"{place}\""))
            .nth(1)
            .unwrap_or_else(|| panic!("no cell {place}"));
        rest.split("</c>").next().unwrap().to_owned()
    };
    assert!(
        cell("A5").contains("t=\"inlineStr\"") && cell("A5").contains("11010519491231002X"),
        "an ID number is text"
    );
    assert!(
        cell("C5").contains("<v>18263</v>"),
        "a date is a number of days: {}",
        cell("C5")
    );
    assert!(
        cell("D5").contains("<v>7080</v>") && cell("D6").contains("<v>-0.05</v>"),
        "fen stand as yuan"
    );
    assert!(
        cell("C6").contains("1880-01-01"),
        "Excel knows no date before 1900"
    );
    assert!(
        cell("B6").contains("t=\"inlineStr\"") && !page.contains("<f>"),
        "nothing is a formula"
    );
    assert!(
        cell("D7").contains("-92233720368547758.08") && cell("E7").contains("9223372036854775807"),
        "no figure is rounded"
    );
    assert!(cell("C7").contains("不详"));
    assert!(text(&parts, "xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn a_sheet_is_ready_to_filter_and_print() {
    let parts = parts(&write_xlsx(&[sheet()]).unwrap());
    let page = text(&parts, "xl/worksheets/sheet1.xml");
    for expected in [
        "<autoFilter ref=\"A4:E7\"/>",
        "ySplit=\"4\"",
        "state=\"frozen\"",
        "orientation=\"landscape\"",
        "paperSize=\"9\"",
        "fitToHeight=\"0\"",
        "&amp;P / &amp;N",
        "numberStoredAsText=\"1\"",
        "<mergeCell ref=\"A1:E1\"/>",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let book = text(&parts, "xl/workbook.xml");
    assert!(book.contains("_xlnm.Print_Titles") && book.contains("$4:$4"));
    assert!(text(&parts, "docProps/core.xml").contains("1980-01-01T00:00:00Z"));
}

#[test]
fn an_empty_list_still_has_its_header() {
    let empty = ListSheet {
        rows: vec![],
        ..sheet()
    };
    let parts = parts(&write_xlsx(std::slice::from_ref(&empty)).unwrap());
    assert!(text(&parts, "xl/worksheets/sheet1.xml").contains("公民身份号码"));
    assert_eq!(
        String::from_utf8(write_csv(&empty).unwrap())
            .unwrap()
            .lines()
            .count(),
        1
    );
}

#[test]
fn csv_is_for_excel_and_programs_alike() {
    let csv = String::from_utf8(write_csv(&sheet()).unwrap()).unwrap();
    assert_eq!(
        csv,
        "\u{FEFF}公民身份号码,姓名,出生日期,金额（元）,子女数\r\n\
         11010519491231002X,王秀英,1949-12-31,7080.00,1\r\n\
         440524188001010014,'=1+1,1880-01-01,-0.05,\r\n\
         001,\"李,\"\"四\"\"\n\",不详,-92233720368547758.08,9223372036854775807\r\n"
    );
}

#[test]
fn no_text_begins_a_formula_in_csv() {
    for text in [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ] {
        let one = ListSheet {
            columns: vec![column("a", "甲", Kind::Text)],
            rows: vec![vec![words(text)]],
            ..sheet()
        };
        let csv = String::from_utf8(write_csv(&one).unwrap()).unwrap();
        let cell = csv.split("甲\r\n").nth(1).unwrap().trim_start_matches('"');
        assert!(cell.starts_with('\''), "{text:?} became {cell:?}");
    }
}

#[test]
fn json_keeps_fen_and_the_order_of_columns() {
    let json = to_json(&[sheet()]).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value[0]["rows"][0]["amount"], 708_000);
    assert_eq!(value[0]["rows"][0]["born_on"], "1949-12-31");
    assert_eq!(value[0]["rows"][1]["children"], serde_json::Value::Null);
    assert_eq!(value[0]["columns"][3]["kind"], "fen");
    let row = json.split("\"rows\"").nth(1).unwrap();
    assert!(
        row.find("id_number") < row.find("born_on") && row.find("born_on") < row.find("amount")
    );
}

#[test]
fn limits_of_excel_are_named_before_anything_is_written() {
    let rows = write_xlsx(&[many(1_048_573)]).unwrap_err();
    assert_eq!(
        rows,
        ListError::Rows {
            sheet: "应享未享".into(),
            rows: 1_048_573,
            most: 1_048_572
        }
    );
    assert_eq!(
        rows.message(Lang::Zh),
        "清单“应享未享”有1048573行，一张Excel表最多容纳1048572行。请缩小范围，或改存为.csv。"
    );
    let with = |text: String| ListSheet {
        rows: vec![vec![ListCell::Text(text)]],
        ..many(0)
    };
    assert!(write_xlsx(&[with("长".repeat(32_767))]).is_ok());
    let cell = write_xlsx(&[with("𠮷".repeat(16_384))]).unwrap_err();
    assert_eq!(
        cell,
        ListError::ListCell {
            sheet: "应享未享".into(),
            row: 1,
            column: "甲".into(),
            characters: 32_768
        }
    );
    assert!(cell.message(Lang::En).contains("row 1, column \"甲\""));
    assert_eq!(write_xlsx(&[]).unwrap_err(), ListError::Sheets(0));
    let wide = ListSheet {
        columns: vec![column("a", "甲", Kind::Text); 16_385],
        rows: vec![],
        ..sheet()
    };
    assert!(matches!(
        write_xlsx(&[wide]).unwrap_err(),
        ListError::Columns {
            columns: 16_385,
            ..
        }
    ));
}

#[test]
fn ragged_rows_are_refused_in_every_form() {
    let mut ragged = sheet();
    ragged.rows[2].pop();
    let expected = ListError::Row {
        sheet: "应享未享".into(),
        row: 3,
        cells: 4,
        columns: 5,
    };
    assert_eq!(write_xlsx(&[ragged.clone()]).unwrap_err(), expected);
    assert_eq!(write_csv(&ragged).unwrap_err(), expected);
    assert_eq!(to_json(&[ragged]).unwrap_err(), expected);
}
