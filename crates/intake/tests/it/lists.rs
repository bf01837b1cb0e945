//! Lists as departments send them, imported into a ledger.

use crate::common::{ON, ONE, Office, STREET, TWO, id, messages, unit, xlsx};
use intake::Verdict;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const POLICE: &[&str] = &[
    "户号",
    "与户主关系",
    "姓名",
    "身份证号",
    "性别",
    "出生日期",
    "民族",
    "国籍",
    "户口性质",
    "婚姻状况",
    "住址",
    "联系电话",
    "户籍情况",
    "居住情况",
    "迁入日期",
    "减少日期",
    "户类别",
];

fn resident<'a>(
    house: &'a str,
    name: &'a str,
    id: &'a str,
    sex: &'a str,
    birth: &'a str,
) -> Vec<&'a str> {
    vec![
        house,
        "户主",
        name,
        id,
        sex,
        birth,
        "汉",
        "中国",
        "非农业",
        "初婚",
        "幸福路1号",
        "13800138000",
        "本地户籍",
        "在住",
        "2001-01-01",
        "",
        "家庭户",
    ]
}

#[tokio::test]
async fn a_police_roster_goes_in_and_goes_in_again() {
    let office = Office::new().await;
    let (a, b) = (id(1980, 5, 1, 11), id(1982, 6, 2, 22));
    let spaced = format!(" {} ", b.to_lowercase());
    let one = resident("001", "张　三", &a, "男", "1980/5/1");
    let two = resident("001", "李四", &spaced, "女", "1982年6月2日");
    let gone = {
        let mut gone = resident("002", "王五", "", "男", "1950-01-01");
        gone[15] = "2025-03-04";
        gone
    };
    let c = id(1950, 1, 1, 31);
    let mut gone = gone;
    gone[3] = &c;
    let path = office.path("户籍.xlsx");
    xlsx(
        &path,
        &[
            (
                "常住户口",
                &[
                    &["幸福社区户籍人员名册"],
                    &["填表日期：2025年12月31日"],
                    POLICE,
                    &one,
                    &two,
                    &two,
                ],
            ),
            ("本年减少", &[POLICE, &gone]),
            ("说明", &[&["本表由派出所提供"]]),
        ],
    );
    let outcome = office
        .import("police-households", ONE, &path)
        .await
        .unwrap();
    let file = &outcome.files[0];
    assert_eq!(
        (file.rows(), file.opened(), file.repeated(), file.rejected()),
        (4, 3, 1, 0),
        "{:#?}",
        messages(&outcome)
    );
    assert_eq!(file.unread, ["说明"]);
    assert_eq!(file.registers["person"].opened, 3);
    assert_eq!(file.registers["household"].opened, 2);
    assert_eq!(file.registers["residence"].closed, 1);
    assert!(
        messages(&outcome)
            .iter()
            .any(|m| m.starts_with("sheet “常住户口”, row 4, “Name” (column C)"))
    );
    let person = &office.bodies(ONE, "person").await[0];
    assert_eq!(
        *person,
        format!(
            "open 1980-05-01 {{\"id_number\":\"{a}\",\"name\":\"张三\",\"sex\":\"1\",\"birth_date\":\"1980-05-01\",\"ethnicity\":\"01\",\"nationality\":\"CHN\",\"hukou_nature\":\"non_agricultural\",\"marriage\":\"21\"}}"
        )
    );
    let entries = office.entries(ONE).await.len();

    let again = office
        .import("police-households", ONE, &path)
        .await
        .unwrap();
    assert_eq!(again.files[0].unchanged(), 3, "{:#?}", messages(&again));
    assert!(again.files[0].receipt.is_none());
    assert_eq!(office.entries(ONE).await.len(), entries);
}

#[tokio::test]
async fn what_changed_is_changed_and_blanks_erase_nothing() {
    let office = Office::new().await;
    let a = id(1980, 5, 1, 11);
    let mut row = resident("001", "张三", &a, "男", "1980-05-01");
    office
        .csv("police-households", ONE, &[POLICE, &row])
        .await
        .unwrap();
    row[9] = "离婚";
    row[6] = "";
    row[8] = "";
    let outcome = office
        .csv("police-households", ONE, &[POLICE, &row])
        .await
        .unwrap();
    assert_eq!(outcome.files[0].changed(), 1, "{:#?}", messages(&outcome));
    let people = office.bodies(ONE, "person").await;
    assert_eq!(people.len(), 2);
    assert!(people[1].starts_with("change 1980-05-01"), "{}", people[1]);
    let people = office.there("person", ON).await;
    assert!(
        people[0].1.contains("\"marriage\":\"40\"") && people[0].1.contains("\"ethnicity\":\"01\""),
        "{}",
        people[0].1
    );
}

#[tokio::test]
async fn a_header_of_two_levels() {
    let office = Office::new().await;
    let (father, mother, child) = (id(1970, 1, 1, 11), id(1972, 1, 1, 22), id(2000, 1, 1, 31));
    let path = office.path("子女.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 8, "子女登记表", &plain).unwrap();
    sheet.merge_range(1, 0, 1, 1, "父 亲", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 3, "母亲", &plain).unwrap();
    sheet.merge_range(1, 4, 1, 7, "子女", &plain).unwrap();
    sheet.merge_range(1, 8, 2, 8, "收养", &plain).unwrap();
    for (c, head) in (0..).zip([
        "姓名",
        "身份证号",
        "姓名",
        "身份证号",
        "姓名",
        "身份证号",
        "现状",
        "死亡日期",
    ]) {
        sheet.write_string(2, c, head).unwrap();
    }
    for (c, cell) in (0..).zip(["父甲", &father, "母乙", &mother, "子丙", &child, "死亡"]) {
        sheet.write_string(3, c, cell).unwrap();
    }
    let died = ExcelDateTime::from_ymd(2020, 2, 3).unwrap();
    sheet
        .write_datetime_with_format(3, 7, &died, &Format::new().set_num_format("yyyy/m/d"))
        .unwrap();
    sheet.write_string(3, 8, "否").unwrap();
    book.save(&path).unwrap();
    let outcome = office.import("children", ONE, &path).await.unwrap();
    assert_eq!(outcome.files[0].opened(), 1, "{:#?}", messages(&outcome));
    assert_eq!(outcome.files[0].registers["person"].opened, 3);
    let kin = office.bodies(STREET, "kinship").await;
    assert_eq!(kin.len(), 2);
    assert!(
        kin[0].starts_with("open 2000-01-01")
            && kin[0].contains("\"adopted\":false,\"child_status\":\"died\""),
        "{}",
        kin[0]
    );
    let deaths = office.bodies(STREET, "death").await;
    assert!(deaths[0].starts_with("open 2020-02-03"), "{}", deaths[0]);
}

#[tokio::test]
async fn a_list_in_gb_18030_and_the_end_of_a_marriage() {
    let office = Office::new().await;
    let (h, w) = (id(1970, 1, 1, 11), id(1972, 1, 1, 22));
    let text = crate::common::csv(&[
        &[
            "男方姓名",
            "男方身份证号",
            "女方姓名",
            "女方身份证号",
            "登记日期",
            "离婚日期",
        ],
        &["赵一", &h, "钱二", &w, "19950102", "2020.3.4"],
    ]);
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    let path = office.path("婚姻.csv");
    std::fs::write(&path, &bytes).unwrap();
    let outcome = office.import("marriages", ONE, &path).await.unwrap();
    assert_eq!(outcome.files[0].opened(), 1, "{:#?}", messages(&outcome));
    let kin = office.bodies(STREET, "kinship").await;
    assert!(
        kin[0].starts_with("open 1995-01-02") && kin.len() == 1,
        "{kin:?}"
    );
    for (day, there) in [("2020-03-03", 1), ("2020-03-04", 0)] {
        let kin = office.there("kinship", day.parse().unwrap()).await;
        assert_eq!(kin.len(), there, "{day}");
    }
    let again = office.import("marriages", ONE, &path).await.unwrap();
    assert_eq!(again.files[0].unchanged(), 1);
    // The same as Excel's "Unicode text", with and without its mark, and the other way round.
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let marked = wide(&format!("\u{FEFF}{text}"));
    let tabbed = wide(&format!("{text}备注,,,,,\n").replace(',', "\t"));
    for (name, bytes) in [
        (
            "le",
            marked
                .iter()
                .flat_map(|unit| unit.to_le_bytes())
                .collect::<Vec<u8>>(),
        ),
        (
            "be",
            marked.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ),
        (
            "tabs",
            tabbed.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        ),
    ] {
        let path = office.path(&format!("婚姻-{name}.csv"));
        std::fs::write(&path, bytes).unwrap();
        let outcome = office.import("marriages", ONE, &path).await.unwrap();
        assert_eq!(
            outcome.files[0].unchanged(),
            1,
            "{name}: {:#?}",
            messages(&outcome)
        );
    }
}

#[tokio::test]
async fn units_open_their_books() {
    let office = Office::new().await;
    let outcome = office
        .csv(
            "units",
            STREET,
            &[
                &["单位代码", "单位名称", "级别", "面积(平方米)"],
                &["210203001003", "和平社区", "社区", "530000"],
                &["310203001003", "远方社区", "社区", "1"],
            ],
        )
        .await
        .unwrap();
    assert_eq!(
        (outcome.files[0].opened(), outcome.files[0].rejected()),
        (1, 1),
        "{:#?}",
        messages(&outcome)
    );
    assert!(
        office
            .ledger
            .book(unit("210203001003"))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(office.bodies("210203001003", "unit").await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let office = Office::new().await;
    let a = id(1980, 5, 1, 11);
    let path = office.path("a.csv");
    std::fs::write(
        &path,
        crate::common::csv(&[POLICE, &resident("001", "张三", &a, "男", "1980-05-01")]),
    )
    .unwrap();
    let mut request = office.request("police-households", ONE, vec![path]);
    request.dry_run = true;
    let outcome = intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(outcome.files[0].opened(), 1);
    assert!(office.entries(ONE).await.is_empty());
}

#[tokio::test]
async fn benefits_name_people_and_open_stubs_of_others() {
    let office = Office::new().await;
    let (a, b) = (id(1980, 5, 1, 11), id(1981, 5, 1, 11));
    office
        .csv(
            "police-households",
            ONE,
            &[POLICE, &resident("001", "张三", &a, "男", "1980-05-01")],
        )
        .await
        .unwrap();
    let head: &[&str] = &["姓名", "身份证号", "项目", "起始日期", "停发日期", "月标准"];
    let outcome = office
        .csv(
            "benefits",
            ONE,
            &[
                head,
                &["张三", &a, "奖励扶助", "2025-01", "", "80"],
                &["李四", &b, "奖励扶助", "2025-01-01", "", "80"],
                &["张仨", &a, "并发症", "2025-01-01", "", "260.00"],
            ],
        )
        .await
        .unwrap();
    let file = &outcome.files[0];
    let verdicts: Vec<Verdict> = file.results.iter().map(|r| r.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Opened, Verdict::Opened, Verdict::Rejected]
    );
    let said = messages(&outcome);
    assert!(
        said.iter().any(|m| m.contains("row 4")
            && m.contains("“Name” disagrees with the ledger, which has “张*”")),
        "{said:?}"
    );
    assert!(office.bodies(ONE, "enrolment").await[0].ends_with(
        "\"programme\":\"rural-family-support\",\"unit\":\"210203001001\",\"monthly\":8000}"
    ));
}

#[tokio::test]
async fn a_register_is_a_roster_too() {
    let office = Office::new().await;
    let a = id(1980, 5, 1, 11);
    office
        .csv(
            "police-households",
            ONE,
            &[POLICE, &resident("001", "张三", &a, "男", "1980-05-01")],
        )
        .await
        .unwrap();
    let outcome = office
        .csv("death", ONE, &[&["人员", "死亡日期"], &[&a, "2025-02-03"]])
        .await
        .unwrap();
    assert_eq!(outcome.files[0].opened(), 1, "{:#?}", messages(&outcome));
    assert!(
        office
            .import("nothing", ONE, &office.path("list.csv"))
            .await
            .unwrap_err()
            .to_string()
            .contains("no roster or register")
    );
}

#[tokio::test]
async fn xls_and_ods_read_alike() {
    for name in ["deaths.xls", "deaths.ods"] {
        let office = Office::new().await;
        let a = id(1950, 5, 1, 11);
        office
            .csv(
                "police-households",
                TWO,
                &[POLICE, &resident("001", "张三", &a, "男", "1950-05-01")],
            )
            .await
            .unwrap();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(name);
        let outcome = office.import("deaths", TWO, &path).await.unwrap();
        assert_eq!(
            (outcome.files[0].rows(), outcome.files[0].opened()),
            (1, 1),
            "{name}: {:#?}",
            messages(&outcome)
        );
        assert!(
            office.bodies(TWO, "death").await[0].starts_with("open 2025-02-03"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_result_workbook_repeats_the_rows() {
    let office = Office::new().await;
    let a = id(1980, 5, 1, 11);
    let good = resident("001", "张三", &a, "男", "1980-05-01");
    let bad = resident("001", "李四", "1101051949123100", "男", "1980-05-01");
    let outcome = office
        .csv("police-households", ONE, &[&["名册"], POLICE, &good, &bad])
        .await
        .unwrap();
    let bytes = outcome.workbook().unwrap();
    assert_eq!(
        bytes,
        outcome.workbook().unwrap(),
        "same outcome, same bytes"
    );
    let book = intake::read_workbook(&bytes, intake::Merged::Ignored).unwrap();
    assert_eq!(book.sheets.len(), 3, "summary, rows, columns");
    let rows: Vec<Vec<String>> = book.sheets[1]
        .rows()
        .map(|r| (0..7).map(|c| r.cell(c).shown()).collect())
        .collect();
    assert_eq!(rows[1][..3], ["行号", "结果", "说明"]);
    assert_eq!(rows[2][..3], ["3", "新建", ""]);
    assert_eq!(rows[3][..2], ["4", "未通过"]);
    assert!(
        rows[3][2].contains("现为16位") && rows[3][6] == "1101051949123100",
        "{:?}",
        rows[3]
    );
}

#[tokio::test]
async fn a_cell_merged_downwards_counts_for_every_row() {
    let office = Office::new().await;
    let path = office.path("户.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new();
    for (column, heading) in (0..).zip(["户号", "与户主关系", "姓名", "身份证号", "户籍情况"])
    {
        sheet.write_string(0, column, heading).unwrap();
    }
    let rows = [("户主", "甲某"), ("配偶", "乙某"), ("户主", "丙某")];
    for (nth, (relation, name)) in (1..).zip(rows) {
        let number = id(1960, 1, 1, 2 * u16::try_from(nth).unwrap() + 1);
        sheet.write_string(nth, 1, relation).unwrap();
        sheet.write_string(nth, 2, name).unwrap();
        sheet.write_string(nth, 3, &number).unwrap();
        sheet.write_string(nth, 4, "本地户籍").unwrap();
    }
    sheet.merge_range(1, 0, 2, 0, "007", &format).unwrap();
    sheet.write_string(3, 0, "008").unwrap();
    book.save(&path).unwrap();
    let outcome = office
        .import("police-households", ONE, &path)
        .await
        .unwrap();
    let file = &outcome.files[0];
    assert_eq!(
        (file.opened(), file.rejected()),
        (3, 0),
        "{:#?}",
        messages(&outcome)
    );
    assert_eq!(file.registers["household"].opened, 2);
}

#[tokio::test]
async fn what_a_county_retired_is_not_taken_from_lists_any_more() {
    let file = |path: &str, text: &str| pack::SourceFile {
        path: path.into(),
        text: text.into(),
    };
    let county = vec![
        file(
            "pack.toml",
            "[pack]\nid = \"county\"\nname = { zh = \"县\", en = \"County\" }\nversion = \"1\"\nextends = \"national\"\n",
        ),
        file(
            "registers/x.toml",
            "[register]\nchanges = \"enrolment\"\n[[field]]\nchanges = \"monthly\"\nretired = 2026-01-01\n",
        ),
        file(
            "codes/x.toml",
            "[[code]]\nchanges = \"employment_status\"\nmember = [{ changes = \"unemployed\", retired = 2026-01-01 }]\n",
        ),
    ];
    let national = testhouse::files(&testhouse::repository().join("packs/national"));
    let county = pack::load_layers(vec![national, county]).unwrap();
    let office = Office::with(std::sync::Arc::new(county)).await;
    let (a, b) = (id(1980, 5, 1, 11), id(1981, 5, 1, 11));
    let list = |rows: &[&[&str]]| -> Vec<Vec<String>> {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(row).collect()
    };
    let verdicts = |outcome: &intake::Outcome| -> Vec<Verdict> {
        outcome.files[0].results.iter().map(|r| r.verdict).collect()
    };
    let benefits = list(&[
        &["姓名", "身份证号", "项目", "起始日期", "月标准"],
        &["张三", &a, "奖励扶助", "2025-01-01", "80"],
    ]);
    let work = list(&[
        &["姓名", "身份证号", "就业状态"],
        &["张三", &a, "失业"],
        &["李四", &b, "在业"],
    ]);
    // As of the day before, everything is taken; a list of that day may arrive as late as it likes.
    let before = "2025-12-31".parse().unwrap();
    assert_eq!(
        verdicts(&office.list("benefits", ONE, before, &benefits).await),
        [Verdict::Opened]
    );
    let taken = verdicts(&office.list("employment", ONE, before, &work).await);
    assert_eq!(taken, [Verdict::Opened, Verdict::Opened]);
    let after = "2026-01-01".parse().unwrap();
    let more = list(&[
        &["姓名", "身份证号", "项目", "起始日期", "月标准"],
        &["张三", &a, "奖励扶助", "2025-01-01", "90"],
    ]);
    let outcome = office.list("benefits", TWO, after, &more).await;
    assert_ne!(verdicts(&outcome), [Verdict::Rejected]);
    for unit in [ONE, TWO] {
        let said = office.bodies(unit, "enrolment").await;
        assert!(said.iter().all(|body| !body.contains("9000")), "{said:?}");
    }
    let late = office.list("employment", TWO, after, &work).await;
    assert_eq!(
        verdicts(&late)[0],
        Verdict::Rejected,
        "{:?}",
        messages(&late)
    );
    assert_ne!(verdicts(&late)[1], Verdict::Rejected);
    // What was said stays.
    let kept = office.there("enrolment", crate::common::END).await;
    assert!(
        kept.iter()
            .any(|(_, body)| body.contains("\"monthly\":8000")),
        "{kept:?}"
    );
    office.verify().await;
}
