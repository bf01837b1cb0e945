//! Small lists whose cells went wrong in other hands, taken as a clerk would take them, and others of their kind: what was put right
//! is told, what can't be read is left out and told, and nothing is invented.

use std::path::PathBuf;

use intake::{Finding, Level, Outcome};
use jiff::civil::{Date, date};
use kernel::Lang;
use pack::cell::Told;
use rust_xlsxwriter::{Format, Formula, Workbook};

use crate::common::{END, ONE, Office, csv, id, messages};
use crate::sent::{file, list, office, take, values};

const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);
const POLICE: &str = "police-households";
const COMMUNITY: &str = "residents-community";
const CHILDREN: [&str; 8] = [
    "父亲姓名",
    "父亲身份证号",
    "母亲姓名",
    "母亲身份证号",
    "子女姓名",
    "子女身份证号",
    "子女现状",
    "死亡日期",
];
const HOUSEHOLDS: [&str; 4] = ["户号", "姓名", "身份证号", "户籍情况"];
const PEOPLE: [&str; 6] = [
    "姓名",
    "公民身份号码",
    "性别",
    "出生日期",
    "联系电话",
    "住址",
];

/// Takes a file of the cases, or one made on the spot, whatever becomes of its rows.
async fn try_take(office: &Office, roster: &str, on: Date, path: PathBuf) -> Outcome {
    let mut request = office.request(roster, ONE, vec![path]);
    request.on = on;
    intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap()
}

fn case(name: &str) -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    folder.join(name)
}

/// A list as a CSV file.
async fn rows<const N: usize>(
    office: &Office,
    (roster, on): (&str, Date),
    head: [&str; N],
    rows: &[[&str; N]],
) -> Outcome {
    let path = office.path("cells.csv");
    let all: Vec<&[&str]> = std::iter::once(&head[..])
        .chain(rows.iter().map(|row| &row[..]))
        .collect();
    std::fs::write(&path, csv(&all)).unwrap();
    try_take(office, roster, on, path).await
}

/// What is told of the cells of a row, put right or left out.
fn told(outcome: &Outcome, row: u32) -> Vec<Told> {
    let notes = outcome.files[0].notes.iter();
    let own = notes.filter(|note| note.row == row);
    own.filter_map(|note| match &note.finding {
        Finding::Cell(told) => Some(told.clone()),
        Finding::LeftOut(told) => Some((**told).clone()),
        _ => None,
    })
    .collect()
}

fn rejected(outcome: &Outcome) -> usize {
    outcome.files[0].rejected()
}

/// What is known of somebody: a field of the register of people.
async fn of(office: &Office, name: &str, field: &str) -> String {
    let people = office.named(name).await;
    assert_eq!(people.len(), 1, "{name}");
    crate::sent::value(office, "person", field, people[0], END).await
}

#[tokio::test]
async fn zero_date() {
    for (police, children) in [
        ("zero-date/police.csv", "zero-date/children-zero.xlsx"),
        ("zero-date/police.csv", "zero-date/children-general0.xlsx"),
        ("zero-date/m-police.csv", "zero-date/m-children.xlsx"),
    ] {
        let office = office().await;
        take(&office, &file(POLICE, ONE, JUNE, police)).await;
        let outcome = take(&office, &file("children", ONE, JUNE, children)).await;
        assert_eq!(office.there("death", JUNE).await.len(), 0, "{children}");
        assert!(matches!(told(&outcome, 2)[..], [Told::NoDate(_)]));
    }
    let office = office().await;
    let zero = file(POLICE, ONE, JUNE, "zero-date/police-zero.xlsx");
    take(&office, &zero).await;
    assert_eq!(office.there("residence", JUNE).await.len(), 3);
    let begins = office.snapshot().await;
    let homes = begins.records("residence", None);
    assert!(homes.iter().all(|home| {
        begins
            .record("residence", *home, date(1950, 1, 1))
            .is_none()
    }));
}

#[tokio::test]
async fn zero_dates_of_databases_and_the_end_of_time() {
    let (a, b, c) = (id(1970, 3, 4, 11), id(1971, 3, 4, 22), id(2000, 3, 4, 33));
    let office = office().await;
    for (nth, zero) in [
        "0000-00-00",
        "1900-01-00",
        "1900/1/1",
        "1899-12-30",
        "9999-12-31",
        "0",
        "00:00:00",
        "1900-01-00 00:00:00",
    ]
    .iter()
    .enumerate()
    {
        let child = [["父", &*a, "母", &*b, "子", &*c, "健在", zero]];
        let on = JUNE.saturating_add(jiff::Span::new().days(i64::try_from(nth).unwrap()));
        let outcome = take(&office, &list(("children", ONE, on), CHILDREN, &child)).await;
        assert_eq!(office.there("death", JULY).await.len(), 0, "{zero}");
        assert!(matches!(told(&outcome, 2)[..], [Told::NoDate(_)]), "{zero}");
    }
    // A payment that goes on for ever doesn't end, and one that never began isn't known to have begun.
    let paid = ["姓名", "身份证号", "项目", "起始日期", "停发日期"];
    let rows_of = |start| [["父", &*a, "奖励扶助", start, "9999-12-31"]];
    let outcome = rows(&office, ("benefits", JULY), paid, &rows_of("2020-01-01")).await;
    assert_eq!(rejected(&outcome), 0);
    assert_eq!(office.there("enrolment", date(2029, 1, 1)).await.len(), 1);
    let outcome = rows(&office, ("benefits", JULY), paid, &rows_of("1900-01-01")).await;
    assert_eq!(rejected(&outcome), 1, "a date that is needed");
}

#[tokio::test]
async fn dates_of_a_workbook_that_counts_from_1904() {
    let office = office().await;
    let person = id(1994, 5, 8, 11);
    let path = office.path("1904.xlsx");
    workbook_of_1904(&path, &person);
    let outcome = try_take(&office, COMMUNITY, JUNE, path).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    for (name, born) in [
        ("日期格", "1994-05-08"),
        ("数值格", "1994-05-08"),
        ("零", "-"),
    ] {
        assert_eq!(of(&office, name, "birth_date").await, born, "{name}");
    }
}

/// A workbook in the date system of 1904: the same day as a date and as a number, and a zero.
fn workbook_of_1904(path: &std::path::Path, number: &str) {
    let plain = path.with_extension("1900");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (c, head) in (0..).zip(PEOPLE) {
        sheet.write_string(0, c, head).unwrap();
    }
    let day = Format::new().set_num_format("yyyy/m/d");
    for (r, name) in (1..).zip(["日期格", "数值格", "零"]) {
        sheet.write_string(r, 0, name).unwrap();
        sheet.write_string(r, 4, format!("1380000000{r}")).unwrap();
    }
    sheet.write_string(1, 1, number).unwrap();
    sheet
        .write_number_with_format(1, 3, 33_000.0, &day)
        .unwrap();
    sheet.write_number(2, 3, 33_000.0).unwrap();
    sheet.write_number_with_format(3, 3, 0.0, &day).unwrap();
    book.save(&plain).unwrap();
    // The writer knows only one system: the mark is put into the workbook's part.
    let mut from = zip::ZipArchive::new(std::fs::File::open(&plain).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains("<workbookPr "));
            bytes = text
                .replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
                .into_bytes();
        }
        to.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut to, &bytes).unwrap();
    }
    to.finish().unwrap();
}

#[tokio::test]
async fn floats() {
    let office = office().await;
    let outcome = try_take(&office, COMMUNITY, JUNE, case("floats/pandas.csv")).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    let phones = values(&office, "contact", "phone", JUNE).await;
    assert_eq!(
        phones,
        [
            "0411-82345678",
            "13700002222",
            "13812345678",
            "13812345679",
            "13900001111"
        ]
    );
    for (name, born, sex) in [
        ("沈国强", "1979-04-05", "1"),
        ("韩梅", "1991-06-07", "2"),
        ("杨立新", "1966-08-09", "1"),
        ("朱红", "1990-05-07", "2"),
    ] {
        assert_eq!(of(&office, name, "birth_date").await, born);
        assert_eq!(of(&office, name, "sex").await, sex);
    }
    assert_eq!(
        of(&office, "杨立新", "id_number").await,
        "210203196608090355"
    );
    // A telephone that lost its digits is told, and not taken.
    assert!(matches!(told(&outcome, 6)[..], [_, Told::LostDigits(_)]));
}

#[tokio::test]
async fn floats_in_amounts_units_and_numbers_that_lost_digits() {
    let office = office().await;
    let (a, b) = (id(1960, 1, 1, 11), id(1961, 1, 1, 22));
    let head = ["姓名", "身份证号", "项目", "起始日期", "月标准"];
    let paid = [
        ["甲", &*a, "奖励扶助", "20200101.0", "80.0"],
        ["乙", &*b, "奖励扶助", "43831.0", "80.000000000000"],
    ];
    let outcome = rows(&office, ("benefits", JUNE), head, &paid).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    assert_eq!(
        values(&office, "enrolment", "monthly", JUNE).await,
        ["8000", "8000"]
    );
    for on in [date(2019, 12, 31), date(2020, 1, 1)] {
        let there = office.there("enrolment", on).await.len();
        assert_eq!(there, if on.year() == 2020 { 2 } else { 0 }, "{on}");
    }
    let lost = ["210203196504051126.0", "2.10203E+17", "210203196504051000"];
    let people = lost.map(|number| ["丙", number, "女", "", "13800000009", ""]);
    let outcome = rows(&office, (COMMUNITY, JUNE), PEOPLE, &people[..1]).await;
    assert_eq!((rejected(&outcome), told(&outcome, 2).len()), (0, 1));
    for row in 0..3 {
        let outcome = rows(&office, (COMMUNITY, JULY), PEOPLE, &people[row..=row]).await;
        let lost = Told::NotAnId(kernel::IdFault::Float);
        assert_eq!(told(&outcome, 2), [lost], "{}", people[row][1]);
        assert_eq!(of(&office, "丙", "id_number").await, "-");
    }
}

#[tokio::test]
async fn month_float() {
    let office = office().await;
    let outcome = try_take(&office, COMMUNITY, JUNE, case("month-float/months.xlsx")).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    for (name, about) in [
        ("曹阳", "1990"),
        ("华强", "1985-05"),
        ("金玲", "1985-12"),
        ("魏来", "1985-11"),
        ("陶然", "1990-10"),
        ("戚薇", "1990-10"),
        ("谢天", "1990"),
        ("喻言", "2010-02"),
    ] {
        assert_eq!(of(&office, name, "birth_about").await, about, "{name}");
    }
    for (row, name) in (2..).zip(["曹阳", "严芳"]) {
        assert_eq!(of(&office, name, "birth_date").await, "-");
        assert!(matches!(
            told(&outcome, row)[..],
            [Told::JanuaryOrOctober(_)]
        ));
    }
    // No month is made a day.
    let days = values(&office, "person", "birth_date", JUNE).await;
    assert!(days.iter().all(|day| day == "-"), "{days:?}");
}

#[tokio::test]
async fn months_and_years_are_no_days_and_numbers_tell_more() {
    let office = office().await;
    let a = id(1990, 10, 20, 11);
    let people = [
        ["甲", &*a, "", "1990.1", "13800000001", "一路1号"],
        ["乙", "", "", "1990-10", "13800000002", "一路2号"],
        ["丙", "", "", "1990年", "13800000003", "一路3号"],
    ];
    let outcome = rows(&office, (COMMUNITY, JUNE), PEOPLE, &people).await;
    assert_eq!(rejected(&outcome), 0);
    assert_eq!(of(&office, "甲", "birth_date").await, "1990-10-20");
    for (name, about) in [("甲", "1990"), ("乙", "1990-10"), ("丙", "1990")] {
        assert_eq!(of(&office, name, "birth_about").await, about);
    }
    for name in ["乙", "丙"] {
        assert_eq!(of(&office, name, "birth_date").await, "-");
    }
    let unclear = Told::PartialSpelling(kernel::PartialDate::of_year(1990).unwrap());
    assert_eq!(told(&outcome, 4), [unclear]);
    // In SQL it is the days between which it lies.
    let at = "2026-01-06T01:00:00Z".parse().unwrap();
    let as_of = tables::AsOf::on(JUNE);
    let session = office.tables.evaluation(as_of, "test", at).await.unwrap();
    let page = tables::Page {
        offset: 0,
        limit: 9,
    };
    let sql =
        "select name, birth_about, birth_about_from, birth_about_to, document_kind from person";
    let found = session.rows(sql, page).await.unwrap().rows;
    let second = found.iter().find(|row| row[0].as_deref() == Some("乙"));
    let second: Vec<&str> = second.unwrap()[1..4]
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    assert_eq!(second, ["1990-10", "1990-10-01", "1990-10-31"]);
    // What goes by months begins with one.
    let head = ["姓名", "身份证号", "项目", "起始日期", "停发日期"];
    let paid = [["甲", &*a, "奖励扶助", "2020-03", "2024年3月"]];
    let outcome = rows(&office, ("benefits", JUNE), head, &paid).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    for (on, there) in [
        (date(2020, 2, 29), 0),
        (date(2020, 3, 1), 1),
        (date(2024, 2, 29), 1),
        (date(2024, 3, 1), 0),
    ] {
        assert_eq!(office.there("enrolment", on).await.len(), there, "{on}");
    }
    // Whoever died has died on a day; which, somebody must say.
    let head = ["姓名", "身份证号", "死亡日期"];
    let dead = [["甲", &*a, "2025-05"]];
    let outcome = rows(&office, ("deaths", JUNE), head, &dead).await;
    assert_eq!(rejected(&outcome), 1);
    assert!(messages(&outcome)[0].contains("not the day"));
}

#[tokio::test]
async fn keys() {
    for (name, fault) in [
        ("keys/a-number18.xlsx", "its last digits are lost"),
        ("keys/b-scientific.csv", "its last digits are lost"),
    ] {
        let office = office().await;
        let outcome = try_take(&office, POLICE, JUNE, case(name)).await;
        assert_eq!(rejected(&outcome), 4, "{name}");
        assert!(messages(&outcome).iter().any(|said| said.contains(fault)));
        assert_eq!(office.there("household", JUNE).await.len(), 0, "{name}");
    }
    let office = office().await;
    for name in [
        "keys/c1-text.csv",
        "keys/c2-pandas.csv",
        "keys/e2-apostrophe.csv",
    ] {
        let outcome = try_take(&office, POLICE, JUNE, case(name)).await;
        assert_eq!(rejected(&outcome), 0, "{name}");
        let households = values(&office, "household", "number", JUNE).await;
        assert_eq!(households, ["1001", "1002"], "{name}");
    }
    let office = crate::sent::office().await;
    try_take(&office, POLICE, JUNE, case("keys/d1-zeros.csv")).await;
    let outcome = try_take(&office, POLICE, JUNE, case("keys/d2-number.xlsx")).await;
    for row in 2..=4 {
        assert_eq!(told(&outcome, row), [Told::KeyIsNumber]);
    }
}

#[tokio::test]
async fn keys_that_are_dates_and_ditto_marks() {
    let office = office().await;
    let [a, b, c] = [11, 22, 33].map(|nth| id(1960, 1, 1, nth));
    for mark in ["〃", "同上", "\"\"\"\"", "″"] {
        let people = [
            ["1", "甲", &*a, "本地户籍"],
            [mark, "乙", &*b, "本地户籍"],
            [mark, "丙", &*c, "本地户籍"],
        ];
        let outcome = rows(&office, (POLICE, JUNE), HOUSEHOLDS, &people).await;
        assert_eq!(rejected(&outcome), 2, "{mark}");
        assert_eq!(told(&outcome, 3), [Told::Ditto], "{mark}");
        assert_eq!(values(&office, "household", "number", JUNE).await, ["1"]);
    }
    // A spreadsheet made a date of household 1-2.
    let path = office.path("dates.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (c, head) in (0..).zip(HOUSEHOLDS) {
        sheet.write_string(0, c, head).unwrap();
    }
    let day = Format::new().set_num_format("m\"月\"d\"日\"");
    sheet
        .write_number_with_format(1, 0, 45_659.0, &day)
        .unwrap();
    for (c, cell) in (1..).zip(["乙", &b, "本地户籍"]) {
        sheet.write_string(1, c, cell).unwrap();
    }
    book.save(&path).unwrap();
    let outcome = try_take(&office, POLICE, JUNE, path).await;
    assert_eq!(told(&outcome, 2), [Told::KeyIsDate(date(2025, 1, 2))]);
    assert_eq!(rejected(&outcome), 1);
    // `="001001"` keeps its zeros.
    let people = [["\"=\"\"001001\"\"\"", "丙", &*c, "本地户籍"]];
    let outcome = rows(&office, (POLICE, JULY), HOUSEHOLDS, &people).await;
    assert_eq!(told(&outcome, 2), [Told::Unwrapped]);
    let numbers = values(&office, "household", "number", JULY).await;
    assert_eq!(numbers, ["001001", "1"]);
}

#[tokio::test]
async fn number_says() {
    for (roster, name) in [
        (COMMUNITY, "number-says/community.csv"),
        (POLICE, "number-says/police.csv"),
    ] {
        let office = office().await;
        take(&office, &file(roster, ONE, JUNE, name)).await;
        for (name, born, sex) in [("任姐", "1990-03-04", "2"), ("任娃", "2024-03-04", "1")] {
            assert_eq!(of(&office, name, "birth_date").await, born);
            assert_eq!(of(&office, name, "sex").await, sex);
        }
        // Said again, it changes nothing, and taken back, it leaves nothing.
        let again = take(&office, &file(roster, ONE, JUNE, name)).await;
        assert!(again.files[0].receipt.is_none());
    }
}

#[tokio::test]
async fn number_says_what_nobody_else_does() {
    let office = office().await;
    let (a, b) = (id(1990, 3, 4, 11), id(1991, 3, 4, 22));
    // Somebody the police give another birth: theirs counts, whatever number and community say.
    let people = ["姓名", "公民身份号码", "出生日期"];
    let community = [["甲", &*a, ""], ["乙", &*b, ""]];
    rows(&office, (COMMUNITY, JUNE), people, &community).await;
    assert_eq!(of(&office, "甲", "birth_date").await, "1990-03-04");
    let head = ["户号", "姓名", "身份证号", "户籍情况", "出生日期"];
    let police = [["1", "甲", &*a, "本地户籍", "1990-03-05"]];
    rows(&office, (POLICE, JUNE), head, &police).await;
    assert_eq!(of(&office, "甲", "birth_date").await, "1990-03-05");
    assert_eq!(of(&office, "乙", "birth_date").await, "1991-03-04");
    // Whoever has no number is known by what is said alone.
    let people = ["姓名", "公民身份号码", "联系电话"];
    rows(
        &office,
        (COMMUNITY, JULY),
        people,
        &[["丙", "", "13800000001"]],
    )
    .await;
    assert_eq!(of(&office, "丙", "birth_date").await, "-");
}

#[tokio::test]
async fn documents() {
    let office = office().await;
    let outcome = try_take(&office, COMMUNITY, JUNE, case("documents/ids.csv")).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    for (name, number) in [
        ("公冶长", "210203195505052511"),
        ("南宫适", "21020319600304257X"),
        ("端木赐", "210203195605052535"),
        ("颛孙师", "210203195705052559"),
        ("巫马施", "-"),
        ("漆雕开", "-"),
        ("司马耕", "210203195805052572"),
        ("澹台灭", "-"),
        ("申枨", "210203196105052613"),
    ] {
        let people = office.named(name).await;
        let number_of = crate::sent::value(&office, "person", "id_number", people[0], END).await;
        assert_eq!(number_of, number, "{name}: {:?}", messages(&outcome));
    }
    // Other documents are kept as what they are; a number that lost a digit is told.
    assert_eq!(
        of(&office, "巫马施", "document").await,
        "passport E12345678"
    );
    let permit = "hk-macao-permit H1234567890";
    assert_eq!(of(&office, "漆雕开", "document").await, permit);
    let short = Told::NotAnId(kernel::IdFault::Length(17));
    assert_eq!(told(&outcome, 11), [short]);
    assert_eq!(of(&office, "澹台灭", "document").await, "-");
}

#[tokio::test]
async fn documents_of_newborns_and_residents_of_hong_kong() {
    let office = office().await;
    let permit = kernel::IdNumber::compose("810000", date(1980, 2, 3), 12).unwrap();
    let people = [
        ["甲", "办理中", "", "", "13800000001", "一路1号"],
        ["乙", permit.as_str(), "", "", "13800000002", "一路2号"],
        ["丙", "台胞证12345678", "", "", "13800000003", "一路3号"],
        [
            "丁",
            "军官证：军字第2001988号",
            "",
            "",
            "13800000004",
            "一路4号",
        ],
    ];
    let outcome = rows(&office, (COMMUNITY, JUNE), PEOPLE, &people).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    assert_eq!(of(&office, "乙", "birth_date").await, "1980-02-03");
    for (name, document) in [
        ("甲", "none-yet"),
        ("乙", "-"),
        ("丙", "taiwan-permit 12345678"),
        ("丁", "military 军字第2001988号"),
    ] {
        assert_eq!(of(&office, name, "document").await, document);
    }
    // Where a number is needed, another document doesn't do.
    let row = [["1", "丁", "E12345678", "本地户籍"]];
    let outcome = rows(&office, (POLICE, JUNE), HOUSEHOLDS, &row).await;
    assert_eq!(rejected(&outcome), 1);
    assert!(told(&outcome, 2)[0].message(Lang::Zh).contains("护照"));
}

#[tokio::test]
async fn formula() {
    let office = office().await;
    let outcome = try_take(&office, COMMUNITY, JUNE, case("formula/b-values.xlsx")).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    for (row, (name, born, sex)) in (2..).zip([
        ("公式甲", "1960-03-04", "1"),
        ("公式乙", "1961-04-05", "2"),
        ("公式丙", "1962-04-05", "1"),
    ]) {
        assert_eq!(of(&office, name, "birth_date").await, born);
        assert_eq!(of(&office, name, "sex").await, sex);
        assert_eq!(told(&outcome, row), [Told::Computed, Told::Computed]);
    }
}

#[tokio::test]
async fn formulas_that_were_never_worked_out_or_went_wrong() {
    let office = office().await;
    let path = office.path("formulas.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (c, head) in (0..).zip(PEOPLE) {
        sheet.write_string(0, c, head).unwrap();
    }
    for (r, (name, formula)) in (1..).zip([
        ("甲", Formula::new("1+1").set_result("")),
        ("乙", Formula::new("1/0").set_result("#DIV/0!")),
        ("丙", Formula::new("DATE(1990,3,4)").set_result("32936")),
    ]) {
        sheet.write_string(r, 0, name).unwrap();
        sheet.write_formula(r, 3, formula).unwrap();
        sheet.write_string(r, 4, format!("1380000000{r}")).unwrap();
    }
    book.save(&path).unwrap();
    let outcome = try_take(&office, COMMUNITY, JUNE, path).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    assert_eq!(of(&office, "丙", "birth_date").await, "1990-03-04");
    assert_eq!(of(&office, "乙", "birth_date").await, "-");
    assert!(told(&outcome, 3).iter().all(|told| *told != Told::Computed));
    // The text of a formula, as an export without values writes it.
    let people = [["丁", "\"=MID(B2,1,18)\"", "", "", "13800000004", ""]];
    let outcome = rows(&office, (COMMUNITY, JULY), PEOPLE, &people).await;
    assert_eq!(told(&outcome, 2), [Told::NotComputed]);
}

#[tokio::test]
async fn names() {
    let office = office().await;
    take(&office, &file(COMMUNITY, ONE, JUNE, "names/one.csv")).await;
    let deaths = try_take(&office, "deaths", JUNE, case("names/deaths.csv")).await;
    // 曾用名张三 isn't how 张三 is written, but another name.
    assert_eq!(rejected(&deaths), 1, "{:#?}", messages(&deaths));
    assert_eq!(office.there("death", JULY).await.len(), 29);
    let outcome = try_take(&office, COMMUNITY, JULY, case("names/two.csv")).await;
    assert_eq!(rejected(&outcome), 0);
    let asked = outcome.files[0].notes_of(Level::Asked).count();
    assert_eq!(asked, 1, "{:#?}", messages(&outcome));
    let opened = office.there("person", JULY).await.len();
    assert_eq!(opened, 30, "{:#?}", messages(&outcome));
}

#[tokio::test]
async fn names_without_a_number_and_in_compatibility_forms() {
    let office = office().await;
    take(&office, &file(COMMUNITY, ONE, JUNE, "names/one.csv")).await;
    let outcome = try_take(&office, COMMUNITY, JULY, case("names/three-no-number.csv")).await;
    assert_eq!(
        office.there("person", JULY).await.len(),
        30,
        "{:#?}",
        messages(&outcome)
    );
    // Of couples, as another list names them.
    let office = crate::sent::office().await;
    let (a, b) = (id(1960, 1, 1, 11), id(1961, 1, 1, 22));
    let people = [
        ["買買提·艾山", &*a, "", "", "", ""],
        ["\u{F9E1}四", &*b, "", "", "", ""],
    ];
    rows(&office, (COMMUNITY, JUNE), PEOPLE, &people).await;
    let head = [
        "男方姓名",
        "男方身份证号",
        "女方姓名",
        "女方身份证号",
        "登记日期",
    ];
    let pair = [["买买提.艾山", &*a, "李四", &*b, "1990-01-01"]];
    let outcome = rows(&office, ("marriages", JUNE), head, &pair).await;
    assert_eq!(rejected(&outcome), 0, "{:?}", messages(&outcome));
    assert_eq!(office.named("李四").await.len(), 1);
}

/// What is said of whole rows, by row.
fn said_of_rows(outcome: &Outcome) -> Vec<(u32, &'static str)> {
    let notes = outcome.files[0].notes.iter();
    let said = notes.filter_map(|note| match note.finding {
        Finding::FewerCells { .. } => Some((note.row, "fewer")),
        Finding::MoreCells { .. } => Some((note.row, "more")),
        Finding::BrokenLine => Some((note.row, "broken")),
        _ => None,
    });
    let mut said: Vec<(u32, &str)> = said.collect();
    said.sort_unstable();
    said
}

#[tokio::test]
async fn ragged() {
    type Case = (
        &'static str,
        &'static [(u32, &'static str)],
        &'static [&'static str],
    );
    let cases: [Case; 4] = [
        ("a-comma", &[(2, "more"), (4, "more")], &["任二"]),
        ("b-middle", &[(2, "more"), (4, "fewer")], &["任二", "任三"]),
        ("d-missing", &[(2, "fewer"), (3, "broken")], &["任一"]),
        ("f-newline", &[(3, "broken")], &["任一"]),
    ];
    for (name, said, people) in cases {
        let office = office().await;
        let list = case(&format!("ragged/{name}.csv"));
        let outcome = try_take(&office, COMMUNITY, JUNE, list).await;
        assert_eq!(
            said_of_rows(&outcome),
            said,
            "{name}: {:?}",
            messages(&outcome)
        );
        for person in ["任一", "任二", "任三", "后院"] {
            let known = office.named(person).await.len();
            assert_eq!(known == 1, people.contains(&person), "{name}: {person}");
        }
    }
}

#[tokio::test]
async fn ragged_by_quotes_of_another_kind() {
    let office = office().await;
    let request = office.request(COMMUNITY, ONE, vec![case("ragged/c-mysql.csv")]);
    let refused = intake::import(&office.tables, &request, &mut |_| ()).await;
    let said = refused.unwrap_err().message(Lang::En);
    assert!(said.contains("line 2"), "{said}");
    assert_eq!(office.named("任一").await.len(), 0);
}

#[tokio::test]
async fn ragged_ends_that_say_nothing() {
    // Separators at the end that no cell follows, and rows that a spreadsheet cut where only blanks followed.
    let office = office().await;
    let path = office.path("ragged.csv");
    let text = "姓名,公民身份号码,性别,出生日期,联系电话,住址\n任一,,男,1960-03-04,13800001111,幸福路1号,,\n任二,,女,1961-03-04\n";
    std::fs::write(&path, text).unwrap();
    let outcome = try_take(&office, COMMUNITY, JUNE, path).await;
    assert_eq!(said_of_rows(&outcome), [(3, "fewer")]);
    assert_eq!(
        (rejected(&outcome), office.named("任一").await.len()),
        (0, 1)
    );
    // A tab instead, with a cell too many.
    let path = office.path("ragged.txt.csv");
    let text = "姓名\t公民身份号码\t性别\t出生日期\n任三\t\t男\t1960-03-04\t13800001111\n";
    std::fs::write(&path, text).unwrap();
    let outcome = try_take(&office, COMMUNITY, JULY, path).await;
    assert_eq!(said_of_rows(&outcome), [(2, "more")]);
}

#[tokio::test]
async fn hidden() {
    for name in ["a-hidden-sheet", "a2-veryhidden-sheet", "c-dict"] {
        let office = office().await;
        let list = case(&format!("hidden/{name}.xlsx"));
        let outcome = try_take(&office, POLICE, JUNE, list).await;
        let notes = outcome.files[0].notes.iter();
        let hidden = notes.filter(|note| note.finding == Finding::HiddenSheet);
        let hidden: Vec<String> = hidden.map(|note| note.message(Lang::En)).collect();
        let said = "is hidden and was not read; show it if it is needed";
        assert_eq!(hidden.len(), 1, "{name}: {:?}", messages(&outcome));
        assert!(
            hidden[0].starts_with("sheet “") && hidden[0].ends_with(said),
            "{hidden:?}"
        );
        assert_eq!(rejected(&outcome), 0, "{name}");
        assert_eq!(office.named("水生").await.len(), 1, "{name}");
        assert_eq!(office.named("云飞").await.len(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_workbook_with_hidden_sheets_alone_is_no_list() {
    let office = office().await;
    let path = office.path("hidden.xlsx");
    let mut book = Workbook::new();
    book.add_worksheet().set_name("封面").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("旧名单").unwrap().set_hidden(true);
    for (column, heading) in (0..).zip(PEOPLE) {
        sheet.write(0, column, heading).unwrap();
    }
    sheet.write(1, 0, "任一").unwrap();
    book.save(&path).unwrap();
    let request = office.request(COMMUNITY, ONE, vec![path]);
    let refused = intake::import(&office.tables, &request, &mut |_| ()).await;
    assert!(refused.is_err());
    assert_eq!(office.named("任一").await.len(), 0);
}
