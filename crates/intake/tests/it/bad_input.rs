//! What departments send by mistake, and what somebody might send on purpose: each is told clearly, and nothing is kept.

use std::io::Write as _;

use crate::common::{ON, ONE, Office, STREET, TWO, id, messages, xlsx};
use intake::{FileFault, Foreign, IntakeError};
use kernel::Lang;
use rust_xlsxwriter::Workbook;

const DEATHS: &[&str] = &["姓名", "身份证号", "死亡日期"];
const POLICE: &[&str] = &["户号", "姓名", "身份证号", "性别", "户籍情况", "迁入日期"];
const CHILDREN: &[&str] = &["父亲姓名", "父亲身份证号", "子女姓名", "子女身份证号"];

/// Imports these bytes as a list of deaths, which must fail and leave nothing.
async fn fault(office: &Office, name: &str, bytes: &[u8]) -> FileFault {
    let path = office.path(name);
    std::fs::write(&path, bytes).unwrap();
    let error = office.import("deaths", ONE, &path).await.unwrap_err();
    for lang in [Lang::Zh, Lang::En] {
        assert!(
            error.message(lang).contains(name),
            "{}",
            error.message(lang)
        );
    }
    assert!(office.entries(ONE).await.is_empty());
    match error {
        IntakeError::File { fault, .. } => *fault,
        other => panic!("{other}"),
    }
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A compound file with one stream.
fn compound(stream: &str, content: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream(format!("/{stream}")).unwrap();
    stream.write_all(content).unwrap();
    drop(stream);
    file.into_inner().into_inner()
}

/// A workbook of before 2007 with so many sheets of these records each, given by kind and 16-bit numbers.
fn xls(sheets: usize, records: &[(u16, &[u16])]) -> Vec<u8> {
    let record = |kind: u16, data: &[u16]| {
        let length = u16::try_from(data.len() * 2).unwrap();
        let words = [kind, length].into_iter().chain(data.iter().copied());
        words.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let begin = |what| record(0x0809, &[0x0600, what, 0, 0, 0, 0, 0, 0]);
    let sheet: Vec<u8> = (records.iter())
        .fold(begin(0x10), |sheet, (kind, data)| {
            [sheet, record(*kind, data)].concat()
        })
        .into_iter()
        .chain(record(0x000A, &[]))
        .collect();
    let globals = begin(0x05).len() + sheets * record(0x0085, &[0; 5]).len() + 4;
    let mut stream = begin(0x05);
    for nth in 0..sheets {
        let at = u32::try_from(globals + nth * sheet.len()).unwrap();
        let [low, high] = [at & 0xffff, at >> 16].map(|half| u16::try_from(half).unwrap());
        // A worksheet whose name is the letter a.
        stream.extend(record(0x0085, &[low, high, 0, 1, u16::from(b'a')]));
    }
    stream.extend(record(0x000A, &[]));
    stream.extend(sheet.repeat(sheets));
    compound("Workbook", &stream)
}

/// An OpenDocument spreadsheet of this content.
fn ods(content: &str) -> Vec<u8> {
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    zipped(&[
        ("mimetype", kind.as_bytes()),
        ("content.xml", content.as_bytes()),
    ])
}

#[tokio::test]
async fn files_that_are_no_readable_spreadsheet() {
    let office = Office::new().await;
    let path = office.path("whole.xlsx");
    xlsx(
        &path,
        &[("a", &[DEATHS, &["张三", &id(1950, 1, 1, 11), "2025-01-01"]])],
    );
    let whole = std::fs::read(&path).unwrap();
    let half = &whole[..whole.len() / 2];
    assert!(matches!(
        fault(&office, "half.xlsx", half).await,
        FileFault::Damaged { .. }
    ));

    assert_eq!(
        fault(
            &office,
            "locked.xlsx",
            &compound("EncryptedPackage", &[7; 9_000])
        )
        .await,
        FileFault::Password
    );
    assert_eq!(
        fault(
            &office,
            "letter.xls",
            &compound("WordDocument", &[7; 9_000])
        )
        .await,
        FileFault::NotASpreadsheet {
            what: Foreign::WordDocument
        }
    );
    // The first sector of the table of sectors says where each goes on: here, to itself.
    let mut looping = compound("Workbook", &[7; 9_000]);
    for at in (512..1024).step_by(4) {
        let own = u32::try_from((at - 512) / 4).unwrap();
        looping[at..at + 4].copy_from_slice(&own.to_le_bytes());
    }
    for (name, bytes) in [
        ("looping.xls", looping.as_slice()),
        ("cut.xls", &compound("Workbook", &[7; 9_000])[..700]),
        (
            "signature.xls",
            &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        ),
        ("column.xls", &xls(1, &[(0x0203, &[0, 300, 0, 0, 0, 0, 0])])),
        ("open.ods", &ods("<table:table><table:table-row>")),
        ("deep.ods", &ods(&"<a>".repeat(100_000))),
    ] {
        let fault = fault(&office, name, bytes).await;
        assert!(
            matches!(fault, FileFault::Damaged { .. }),
            "{name}: {fault:?}"
        );
    }

    assert_eq!(fault(&office, "empty.csv", b"").await, FileFault::Empty);
    assert_eq!(
        fault(&office, "blank.csv", b"\r\n\r\n").await,
        FileFault::Empty
    );
    assert_eq!(
        fault(&office, "commas.csv", b",,\r\n,,\r\n").await,
        FileFault::Empty
    );
    assert_eq!(
        fault(&office, "wrong.csv", b"a,b\n\xff\xff\xff,1\n").await,
        FileFault::Encoding { line: 2 }
    );
    let foreign = |what| FileFault::NotASpreadsheet { what };
    let docx = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w/>"),
    ]);
    assert_eq!(
        fault(&office, "letter.xlsx", &docx).await,
        foreign(Foreign::WordDocument)
    );
    assert_eq!(
        fault(&office, "files.zip", &zipped(&[("a.csv", b"a")])).await,
        foreign(Foreign::Archive)
    );
    assert_eq!(
        fault(&office, "page.xls", b"<html><table></table></html>").await,
        foreign(Foreign::WebPage)
    );
    assert_eq!(
        fault(&office, "scan.xlsx", b"%PDF-1.7 ...").await,
        foreign(Foreign::Pdf)
    );
    let missing = office
        .import("deaths", ONE, &office.path("missing.csv"))
        .await
        .unwrap_err();
    assert!(missing.message(Lang::Zh).contains("无法打开"));
}

#[tokio::test]
async fn files_that_are_too_large() {
    let office = Office::new().await;
    let zeros = vec![b' '; 1 << 20];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    for _ in 0..1025 {
        zip.write_all(&zeros).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 8 << 20);
    assert_eq!(
        fault(&office, "bomb.xlsx", &bomb).await,
        FileFault::Inflates
    );

    // The same with a declared size that is a lie.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(&zeros).unwrap();
    let mut lie = zip.finish().unwrap().into_inner();
    let size = (1_u32 << 20).to_le_bytes();
    for at in 0..lie.len() - 4 {
        if lie[at..at + 4] == size {
            lie[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert!(matches!(
        fault(&office, "lie.xlsx", &lie).await,
        FileFault::Inflates | FileFault::Damaged { .. }
    ));

    let mut long = String::from("姓名,身份证号,死亡日期\n");
    for _ in 0..1_048_576 {
        long.push_str("a,b,c\n");
    }
    assert!(matches!(
        fault(&office, "long.csv", long.as_bytes()).await,
        FileFault::TooManyRows { .. }
    ));

    let path = office.path("huge.csv");
    std::fs::File::create(&path)
        .unwrap()
        .set_len((512 << 20) + 1)
        .unwrap();
    let error = office.import("deaths", ONE, &path).await.unwrap_err();
    assert!(error.message(Lang::Zh).contains("512 MiB"));
}

#[tokio::test]
async fn headers_that_are_not_complete() {
    let office = Office::new().await;
    let none = fault(&office, "none.csv", "序号,内容\n1,2\n".as_bytes()).await;
    assert_eq!(
        none.message(Lang::Zh),
        "文件第 1 行的表头：缺少：姓名、公民身份号码、死亡日期；没有认出任何一列，请核对是否选错了名册；未识别的列：A“序号”、B“内容”，可指明其含义"
    );
    // A row of somebody's data in the place of a header isn't repeated.
    let data = fault(&office, "data.csv", "王建国,幸福路1号\n".as_bytes()).await;
    assert!(!data.message(Lang::Zh).contains("王建国"));
    let alone = fault(&office, "alone.csv", "内容\n1\n".as_bytes()).await;
    assert!(matches!(alone, FileFault::NoHeader { .. }), "{alone:?}");
    let missing = fault(
        &office,
        "missing.csv",
        "名单\n姓名,死亡时间\n张三,2025-01-01\n".as_bytes(),
    )
    .await;
    assert_eq!(
        missing.message(Lang::Zh),
        "文件第 2 行的表头：缺少：公民身份号码；已识别：姓名、死亡日期"
    );
    let twice = fault(
        &office,
        "twice.csv",
        "姓名,身份证号,死亡日期,身份证号码\n".as_bytes(),
    )
    .await;
    assert!(
        twice
            .message(Lang::En)
            .contains("columns B “身份证号” and D “身份证号码” are both “公民身份号码”"),
        "{}",
        twice.message(Lang::En)
    );
}

#[tokio::test]
async fn rows_that_cannot_be_taken() {
    let office = Office::new().await;
    let good = id(1950, 1, 1, 11);
    let late = id(2026, 1, 1, 11);
    let outcome = office
        .csv(
            "police-households",
            ONE,
            &[
                POLICE,
                &["1", "甲某", &good, "男", "本地户籍", "2000-01-01"],
                &["1", "乙", "1101051949123100", "男", "本地户籍", ""],
                &["1", "丙", "4.40524E+17", "男", "本地户籍", ""],
                &["1", "丁", &late, "男", "本地户籍", ""],
                &["1", "", &id(1960, 1, 1, 11), "公", "本地户籍", "昨天"],
                &["2", "甲甲", &good, "男", "本地户籍", ""],
                &["", "", "", "", "", "制表人：某某"],
                &["1", "", &id(1961, 1, 1, 11), "男", "本地户籍", ""],
            ],
        )
        .await
        .unwrap();
    let file = &outcome.files[0];
    assert_eq!(
        (file.rows(), file.opened(), file.asked(), file.rejected()),
        (7, 1, 1, 5),
        "{:#?}",
        messages(&outcome)
    );
    let said = messages(&outcome);
    let expected = [
        "row 3, “ID number” (column C): an ID number has 18 characters (or 15 in the old form), this one has 16",
        "row 4, “ID number” (column C): the spreadsheet kept the ID number as a quantity",
        "row 5, “ID number” (column C): born on 2026-01-01, after 2025-12-31",
        "row 6, “Name” (column B): required, but blank",
        "row 6, “Sex” (column D): “公” isn't understood",
        "row 6, “Moved in” (column F): “昨天” isn't a date",
        "row 7: has the number of somebody of another name; left as a question",
        "row 8: no record",
        "row 9, “Name” (column B): required, but blank",
    ];
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    assert_eq!(office.bodies(ONE, "person").await.len(), 1);
    assert_eq!(
        office.bodies(ONE, "household").await.len(),
        1,
        "nothing of a rejected row is kept"
    );
}

#[tokio::test]
async fn a_person_in_two_books() {
    let office = Office::new().await;
    let a = id(1980, 5, 1, 11);
    let row: &[&str] = &["001", "张三", &a, "男", "本地户籍", "2001-01-01"];
    for unit in [ONE, TWO] {
        let list = office.csv("police-households", unit, &[POLICE, row]).await;
        let outcome = list.unwrap();
        assert_eq!(outcome.files[0].rejected(), 0, "{:?}", messages(&outcome));
    }
    assert_eq!(office.named("张三").await.len(), 1);
    let counted = (office.counted(ONE, ON).await, office.counted(TWO, ON).await);
    assert_eq!(counted.0 + counted.1, 1, "nobody is counted twice");

    // A list that only refers to the person may name them from another book.
    let b = id(1982, 5, 1, 22);
    let outcome = office
        .csv(
            "marriages",
            TWO,
            &[
                &[
                    "男方姓名",
                    "男方身份证号",
                    "女方姓名",
                    "女方身份证号",
                    "登记日期",
                ],
                &["张三", &a, "李四", &b, "2005-05-05"],
            ],
        )
        .await
        .unwrap();
    assert_eq!(outcome.files[0].opened(), 1, "{:?}", messages(&outcome));
    assert_eq!(office.bodies(STREET, "person").await.len(), 1, "a stub");
}

#[tokio::test]
async fn parents_who_are_their_own_children() {
    let office = Office::new().await;
    let (old, young) = (id(1950, 1, 1, 11), id(1980, 1, 1, 11));
    let outcome = office
        .csv(
            "children",
            ONE,
            &[
                CHILDREN,
                &["父甲", &old, "子乙", &young],
                &["子乙", &young, "父甲", &old],
                &["子乙", &young, "子乙", &young],
                &["丙", &id(1990, 1, 1, 11), "丁", &id(1960, 1, 1, 11)],
            ],
        )
        .await
        .unwrap();
    let said = messages(&outcome);
    assert_eq!(outcome.files[0].rejected(), 3, "{said:?}");
    assert!(
        said[0].starts_with("row 3: the child, born 1950-01-01, isn't younger"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("row 4: the same person stands twice"),
        "{said:?}"
    );
    assert!(
        said[2].starts_with("row 5: the child, born 1960-01-01, isn't younger"),
        "{said:?}"
    );
    assert_eq!(office.bodies(STREET, "kinship").await.len(), 1);
    assert_eq!(office.bodies(STREET, "person").await.len(), 2);
}

#[tokio::test]
async fn a_formula_s_value_is_taken_as_the_file_keeps_it() {
    let office = Office::new().await;
    let path = office.path("f.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (c, head) in (0..).zip(["户号", "姓名", "身份证号", "户籍情况", "合计"]) {
        sheet.write_string(0, c, head).unwrap();
    }
    for row in 1..3 {
        let person = id(1980, 1, i8::try_from(row).unwrap(), 11);
        for (c, cell) in (0..).zip(["1", "张三", &person, "本地户籍"]) {
            sheet.write_string(row, c, cell).unwrap();
        }
        sheet.write_formula(row, 4, "1+1").unwrap();
    }
    sheet
        .write_formula(
            2,
            1,
            rust_xlsxwriter::Formula::new("\"李\"&\"四\"").set_result("李四"),
        )
        .unwrap();
    for (c, cell) in (0..).zip(["1", "王五", "", "本地户籍"]) {
        sheet.write_string(3, c, cell).unwrap();
    }
    // An error is no value, and what was never worked out isn't one either.
    let unknown = rust_xlsxwriter::Formula::new("VLOOKUP(1,A:B,2,0)").set_result("#N/A");
    sheet.write_formula(3, 2, unknown).unwrap();
    book.save(&path).unwrap();
    let outcome = office
        .import("police-households", ONE, &path)
        .await
        .unwrap();
    assert_eq!(
        (outcome.files[0].opened(), outcome.files[0].rejected()),
        (2, 1),
        "{:?}",
        messages(&outcome)
    );
    assert!(
        messages(&outcome)[0].contains("row 3, “Name” (column B): the cell holds a formula"),
        "{:?}",
        messages(&outcome)
    );
    assert_eq!(office.named("李四").await.len(), 1);
}

#[tokio::test]
async fn units_without_book_or_rights() {
    let office = Office::new().await;
    let path = office.path("a.csv");
    std::fs::write(&path, crate::common::csv(&[DEATHS])).unwrap();
    let error = office
        .import("deaths", "210203001009", &path)
        .await
        .unwrap_err();
    assert!(matches!(error, IntakeError::NoBook { .. }), "{error}");
    let mut request = office.request("deaths", "310203001009", vec![path]);
    request.grant = office.grant();
    let error = intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap_err();
    assert!(matches!(error, IntakeError::NotGranted { .. }), "{error}");
}
