//! Lists whose headings alone don't say what stands where: understood by their values, by what somebody said, once and for all;
//! several tables in a sheet; amounts in other units.

use crate::common::{ONE, Office, id, messages, xlsx};
use intake::{By, FileFault, IntakeError, Outcome, Verdict, import};
use kernel::Lang;

/// Imports cells, with what is said of their headings.
async fn take(
    office: &Office,
    roster: &str,
    rows: &[&[&str]],
    told: &[(&str, &str)],
    dry_run: bool,
) -> Result<Outcome, IntakeError> {
    let path = office.path("list.csv");
    std::fs::write(&path, crate::common::csv(rows)).unwrap();
    let mut request = office.request(roster, ONE, vec![path]);
    request.dry_run = dry_run;
    request.told = (told.iter())
        .map(|(heading, id)| (String::from(*heading), String::from(*id)))
        .collect();
    import(&office.tables, &request, &mut |_| ()).await
}

fn fault(result: Result<Outcome, IntakeError>) -> FileFault {
    match result.unwrap_err() {
        IntakeError::File { fault, .. } => *fault,
        other => panic!("{other}"),
    }
}

/// What each column of the only table was understood as.
fn understood(outcome: &Outcome) -> Vec<(&str, Option<&str>, By)> {
    let [layout] = outcome.files[0].layouts.as_slice() else {
        panic!("{:?}", outcome.files[0].layouts)
    };
    (layout.columns.iter())
        .map(|column| (&*column.letters, column.column.as_deref(), column.by))
        .collect()
}

fn people() -> [[String; 4]; 4] {
    let row = |name: &str, month, order: u16, phone: u32| {
        [
            name.to_owned(),
            id(1980, month, 1, order),
            format!("139{phone:08}"),
            format!("幸福路{order}号"),
        ]
    };
    [
        row("张三", 1, 11, 1),
        row("李四", 2, 22, 2),
        row("王五", 3, 33, 3),
        row("赵六", 4, 44, 4),
    ]
}

#[tokio::test]
async fn columns_are_understood_by_what_stands_in_them() {
    let office = Office::new().await;
    let people = people();
    let mut rows: Vec<Vec<&str>> = vec![vec!["姓名", "号码", "联络", "门牌", "甲方"]];
    for (person, sex) in people.iter().zip(["男", "女", "男", "女"]) {
        let [name, number, phone, address] = person.each_ref().map(String::as_str);
        rows.push(vec![name, number, phone, address, sex]);
    }
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let outcome = take(&office, "residents-community", &rows, &[], false)
        .await
        .unwrap();
    assert_eq!(
        understood(&outcome),
        [
            ("A", Some("name"), By::Name),
            ("B", Some("id_number"), By::Values),
            ("C", Some("phone"), By::Values),
            ("D", None, By::Name),
            ("E", Some("sex"), By::Values),
        ]
    );
    assert_eq!(outcome.files[0].opened(), 4, "{:?}", messages(&outcome));
    assert!(office.bodies(ONE, "layout").await.is_empty());
    let bytes = outcome.workbook().unwrap();
    let book = intake::read_workbook(&bytes, intake::Merged::Ignored).unwrap();
    let columns: Vec<Vec<String>> = (book.sheets.last().unwrap().rows())
        .map(|row| (3..8).map(|c| row.cell(c).shown()).collect())
        .collect();
    assert_eq!(
        columns[2],
        ["B", "号码", "公民身份号码", "id_number", "列中内容"]
    );
    assert_eq!(columns[4], ["D", "门牌", "（未采用）", "", "未识别"]);
}

#[tokio::test]
async fn a_column_that_may_be_two_things_is_asked_about() {
    let office = Office::new().await;
    let (a, b) = (id(1970, 1, 1, 11), id(1972, 1, 1, 22));
    let rows: &[&[&str]] = &[
        &["男方姓名", "号码一", "女方姓名", "号码二", "登记日期"],
        &["赵一", &a, "钱二", &b, "1995-01-02"],
    ];
    let refused = fault(take(&office, "marriages", rows, &[], false).await);
    assert_eq!(
        refused.message(Lang::Zh),
        "文件第 1 行的表头：缺少：男方身份证号、女方身份证号；已识别：男方姓名、女方姓名、登记日期；\
         B 列“号码一”按内容可能是：男方身份证号、女方身份证号，请指明；D 列“号码二”按内容可能是：男方身份证号、女方身份证号，请指明"
    );
    assert!(office.entries(ONE).await.is_empty());
    let head: &[&str] = &["男方姓名", "证", "女方姓名", "女方身份证号", "登记日期"];
    let rows: &[&[&str]] = &[head, &["赵一", "1", "钱二", &b, "1995-01-02"]];
    let refused = fault(take(&office, "marriages", rows, &[], false).await);
    assert!(
        refused
            .message(Lang::Zh)
            .ends_with("；未识别的列：B“证”，可指明其含义"),
        "{}",
        refused.message(Lang::Zh)
    );
    // A column that speaks of somebody else is never taken for one's own.
    let rows: &[&[&str]] = &[
        &["姓名", "性别", "户主号码"],
        &["赵一", "男", &a],
        &["钱二", "女", &b],
    ];
    let outcome = take(&office, "residents-community", rows, &[], true)
        .await
        .unwrap();
    assert_eq!(understood(&outcome)[2], ("C", None, By::Name));
}

#[tokio::test]
async fn what_is_said_once_is_remembered() {
    let office = Office::new().await;
    let (a, b) = (id(1970, 1, 1, 11), id(1972, 1, 1, 22));
    let head: &[&str] = &["男方", "男证", "女方", "女证", "日子", "电话"];
    let rows: &[&[&str]] = &[
        &["婚姻名单"],
        head,
        &["赵一", &a, "钱二", &b, "1995-01-02", "12345678"],
    ];
    let told = [
        ("男证", "husband_id"),
        ("D", "wife_id"),
        ("日 子", "married_on"),
        ("电话", "-"),
    ];
    let tried = take(&office, "marriages", rows, &told, true).await.unwrap();
    assert_eq!(tried.files[0].opened(), 1, "{:?}", messages(&tried));
    assert!(office.entries(ONE).await.is_empty());

    let outcome = take(&office, "marriages", rows, &told, false)
        .await
        .unwrap();
    assert_eq!(
        understood(&outcome),
        [
            ("A", Some("husband_name"), By::Name),
            ("B", Some("husband_id"), By::Told),
            ("C", Some("wife_name"), By::Name),
            ("D", Some("wife_id"), By::Told),
            ("E", Some("married_on"), By::Told),
            ("F", None, By::Told),
        ]
    );
    assert_eq!(office.bodies(ONE, "layout").await.len(), 1);
    let commits: Vec<_> = office.entries(ONE).await;
    assert!(
        commits.iter().all(|e| e.commit == commits[0].commit),
        "one commit"
    );

    // The next file of this layout, with its columns in another order.
    let (c, d) = (id(1980, 1, 1, 11), id(1982, 1, 1, 22));
    let next: &[&[&str]] = &[
        &["女证", "女方", "日子", "男方", "男证*", "电 话"],
        &[&d, "李四", "2005-05-06", "孙三", &c, "1"],
    ];
    let outcome = take(&office, "marriages", next, &[], false).await.unwrap();
    assert_eq!(
        understood(&outcome),
        [
            ("A", Some("wife_id"), By::Remembered),
            ("B", Some("wife_name"), By::Name),
            ("C", Some("married_on"), By::Remembered),
            ("D", Some("husband_name"), By::Name),
            ("E", Some("husband_id"), By::Remembered),
            ("F", None, By::Remembered),
        ]
    );
    assert_eq!(outcome.files[0].opened(), 1);
    assert_eq!(office.bodies(ONE, "layout").await.len(), 1);

    // Another word on it changes what is remembered, also where nothing else changes.
    let outcome = take(
        &office,
        "marriages",
        next,
        &[("日子", "divorced_on")],
        false,
    )
    .await;
    assert!(matches!(fault(outcome), FileFault::Header(_)));
    let outcome = take(&office, "marriages", next, &[("日子", "married_on")], false)
        .await
        .unwrap();
    assert!(outcome.files[0].receipt.is_none(), "said before");
}

#[tokio::test]
async fn words_about_what_isnt_there() {
    let office = Office::new().await;
    let rows: &[&[&str]] = &[&["姓名", "性别"], &["赵一", "男"]];
    let told = |heading, id| [(heading, id)];
    let roster = "residents-community";
    let column = fault(take(&office, roster, rows, &told("性别", "gender"), false).await);
    assert!(
        column
            .message(Lang::Zh)
            .starts_with("“性别=gender”：名册没有“gender”这一列；可用：name（姓名）"),
        "{}",
        column.message(Lang::Zh)
    );
    let heading = fault(take(&office, roster, rows, &told("性 别2", "sex"), false).await);
    assert_eq!(
        heading.message(Lang::En),
        "the file has no heading or column “性 别2”; its headings are 姓名, 性别"
    );
    assert!(office.entries(ONE).await.is_empty());
}

#[tokio::test]
async fn tables_below_one_another() {
    let office = Office::new().await;
    let [a, b, c, _] = people();
    let outcome = take(
        &office,
        "residents-community",
        &[
            &["居民名单"],
            &["一、常住"],
            &["序号", "姓名", "身份证号", "住址"],
            &["1", &a[0], &a[1], &a[3]],
            &["合计", "1人", "", ""],
            &["备注：以上属实"],
            &[""],
            &["二、外来"],
            &["序号", "身份证号", "姓名", "联系电话", "住址"],
            &["1", &b[1], &b[0], &b[2], &b[3]],
            &["序号", "身份证号", "姓名", "联系电话", "住址"],
            &["2", &c[1], &c[0], &c[2], &c[3]],
            &["填表人：某某", "", "", "审核人：某某"],
        ],
        &[],
        false,
    )
    .await
    .unwrap();
    let file = &outcome.files[0];
    assert_eq!(
        (file.opened(), file.rejected()),
        (3, 0),
        "{:#?}",
        messages(&outcome)
    );
    let headers: Vec<u32> = file.layouts.iter().map(|l| l.header_row).collect();
    assert_eq!(headers, [3, 9]);
    let taken = |row: u32| {
        let row = file.results.iter().find(|r| r.row == row);
        row.map(|r| r.verdict)
    };
    assert_eq!(taken(4), Some(Verdict::Opened));
    assert_eq!(taken(9), None, "a header is no row");
    assert_eq!(taken(11), Some(Verdict::Skipped));
    assert_eq!(office.bodies(ONE, "person").await.len(), 3);
    assert_eq!(office.bodies(ONE, "contact").await.len(), 2);
    assert!(!outcome.workbook().unwrap().is_empty());
}

#[tokio::test]
async fn a_header_again_is_nobody_where_only_words_are_asked_for() {
    let office = Office::new().await;
    let outcome = take(
        &office,
        "residents-community",
        &[
            &["姓名", "住址"],
            &["张三", "幸福路1号"],
            &["姓　名", "住址"],
            &["李四", "幸福路2号"],
            &["制表人：某某"],
            &["合 计", "2人"],
        ],
        &[],
        false,
    )
    .await
    .unwrap();
    let verdicts: Vec<Verdict> = (outcome.files[0].results.iter())
        .map(|row| row.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Opened,
            Verdict::Skipped,
            Verdict::Opened,
            Verdict::Skipped,
            Verdict::Skipped
        ]
    );
}

#[tokio::test]
async fn tables_beside_one_another() {
    let office = Office::new().await;
    let [a, b, c, _] = people();
    let path = office.path("两栏.xlsx");
    xlsx(
        &path,
        &[(
            "名单",
            &[
                &["居民名单"],
                &["姓名", "身份证号", "住址", "", "姓 名", "身份证号", "住址"],
                &[&a[0], &a[1], &a[3], "", &b[0], &b[1], &b[3]],
                &[&c[0], &c[1], &c[3]],
            ],
        )],
    );
    let outcome = office
        .import("residents-community", ONE, &path)
        .await
        .unwrap();
    let file = &outcome.files[0];
    assert_eq!(
        (file.rows(), file.opened(), file.results.len()),
        (3, 3, 3),
        "{:#?}",
        messages(&outcome)
    );
    assert_eq!(file.layouts.len(), 2);
    assert_eq!(office.bodies(ONE, "person").await.len(), 3);
    assert!(!outcome.workbook().unwrap().is_empty());
    // Without a blank column, it is not clear that these are two tables.
    let row: &[&str] = &[&a[0], &a[1], &b[0], &b[1]];
    let head: &[&str] = &["姓名", "身份证号", "姓名", "身份证号"];
    let refused = fault(take(&office, "residents-community", &[head, row], &[], false).await);
    assert!(matches!(refused, FileFault::Header(_)), "{refused:?}");
}

#[tokio::test]
async fn amounts_in_other_units() {
    let office = Office::new().await;
    let [a, ..] = people();
    take(
        &office,
        "residents-community",
        &[&["姓名", "身份证号"], &[&a[0], &a[1]]],
        &[],
        false,
    )
    .await
    .unwrap();
    let list = |title: &'static str, head: &'static str| {
        [
            vec![title.to_owned()],
            ["姓名", "身份证号", "项目", "起始日期", head]
                .map(str::to_owned)
                .into(),
            vec![
                a[0].clone(),
                a[1].clone(),
                "奖励扶助".to_owned(),
                "2025-01-01".to_owned(),
                "0.0960".to_owned(),
            ],
        ]
    };
    let try_out = async |title, head| {
        let list = list(title, head);
        let rows: Vec<Vec<&str>> = (list.iter())
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        take(&office, "benefits", &rows, &[], true).await
    };
    for (title, head) in [
        ("名单", "月标准（万元）"),
        ("单位：万元", "月标准"),
        ("名单", "月标准(万元/月)"),
    ] {
        let outcome = try_out(title, head).await.unwrap();
        assert_eq!(
            outcome.files[0].opened(),
            1,
            "{head} {:?}",
            messages(&outcome)
        );
        assert!(
            messages(&outcome)[0].starts_with(
                "row 2, “Monthly amount” (column E): the amounts of this column are in 万元"
            ),
            "{:?}",
            messages(&outcome)
        );
    }
    let outcome = try_out("名单", "月标准（万元）").await.unwrap();
    let bytes = outcome.workbook().unwrap();
    let book = intake::read_workbook(&bytes, intake::Merged::Ignored).unwrap();
    let basis = book.sheets.last().unwrap().row(5).unwrap().cell(7).shown();
    assert_eq!(basis, "表头；本列金额单位为万元，已换算为元");
    // 0.096 yuan is no amount: it is kept as it was read, and told.
    let outcome = try_out("名单", "月标准(元)").await.unwrap();
    assert_eq!(outcome.files[0].opened(), 1);
    assert!(messages(&outcome)[0].contains("kept as it was read"));
    for unknown in ["月标准(美元)", "月标准(元/年)", "月标准(斤)"] {
        let refused = fault(try_out("名单", unknown).await);
        assert!(matches!(refused, FileFault::Unit { .. }), "{refused:?}");
    }
    // An area in another measure isn't the pack's area.
    let units: &[&[&str]] = &[
        &["单位代码", "单位名称", "级别", "面积（亩）"],
        &["210203001003", "和平社区", "社区", "800"],
    ];
    let outcome = take(&office, "units", units, &[], true).await;
    let outcome = outcome.unwrap();
    assert_eq!(understood(&outcome)[3], ("D", None, By::Name));
}
