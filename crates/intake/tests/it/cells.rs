//! Small lists whose cells went wrong in other hands, taken as a clerk would take them, and others of their kind: what was put right
//! is told, what can't be read is left out and told, and nothing is invented. Dates have a file of their own.

use intake::{Finding, Level, Outcome};
use jiff::civil::{Date, date};
use kernel::Lang;
use pack::cell::Told;
use rust_xlsxwriter::{Format, Formula, Workbook};

use crate::common::{COMMUNITY, END, ONE, Office, POLICE, csv, id, messages};
use crate::sent::{case, file, office, rejected, take, try_take, values};

const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);
const HOUSEHOLDS: [&str; 4] = ["户号", "姓名", "身份证号", "户籍情况"];
pub const PEOPLE: [&str; 6] = [
    "姓名",
    "公民身份号码",
    "性别",
    "出生日期",
    "联系电话",
    "住址",
];

/// A list as a CSV file.
pub async fn rows<const N: usize>(
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
pub fn told(outcome: &Outcome, row: u32) -> Vec<Told> {
    let notes = outcome.files[0].notes.iter();
    let own = notes.filter(|note| note.row == row);
    own.filter_map(|note| match &note.finding {
        Finding::Cell(told) => Some(told.clone()),
        Finding::LeftOut(told) | Finding::KeptAsRead(told) => Some((**told).clone()),
        _ => None,
    })
    .collect()
}

/// What is known of somebody: a field of the register of people.
pub async fn of(office: &Office, name: &str, field: &str) -> String {
    let people = office.named(name).await;
    assert_eq!(people.len(), 1, "{name}");
    crate::sent::value(office, "person", field, people[0], END).await
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
            "-",
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
