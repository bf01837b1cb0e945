//! Small lists whose dates went wrong in other hands, and others of their kind: zeros, days counted from another year, months and years
//! without a day.

use jiff::civil::{Date, date};
use pack::cell::Told;
use rust_xlsxwriter::{Format, Workbook};

use crate::cells::{PEOPLE, of, rows, told};
use crate::common::{COMMUNITY, ONE, POLICE, id, messages};
use crate::sent::{case, file, list, office, rejected, take, try_take, values};

const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);
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
    let homes = begins.records("residence");
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
