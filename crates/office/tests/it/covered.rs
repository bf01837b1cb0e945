//! Figures and reports know their lists: whatever is missing, a part, too old, taken back or of a unit that is no more, no figure is told of
//! it, and a report says what to get. Each ledger is a street of two communities whose lists are made up here.

mod mentioned;
mod merged;
mod street;
mod stretches;

use intake::Absence;
use jiff::civil::date;
use kernel::{Lang, Period};
use office::{Gaps, OfficeError, Unknown};
use tables::Partial;

use street::{Street, UNITS, births, end_of, name, number, pack, roll, roll_of_the_year, shown};

use crate::readers::{ON, ONE, ROOT, TWO, unit};

#[tokio::test]
async fn where_nothing_was_recorded_nothing_is_told_and_units_before_people() {
    let street = Street::new().await;
    for period in ["2024", "2025"] {
        for id in [
            "area",
            "communities",
            "population",
            "births",
            "birth_rate",
            "households",
        ] {
            assert_eq!(
                street.told(id, ROOT, period).await.0,
                "no data",
                "{id} {period}"
            );
        }
    }
    street.take("units", (ROOT, ON), UNITS).await;
    for period in ["2024", "2025"] {
        assert_eq!(street.told("area", ROOT, period).await, shown("3.18"));
        assert_eq!(street.told("communities", ROOT, period).await, shown("2"));
        for id in ["population", "births", "birth_rate", "households"] {
            assert_eq!(
                street.told(id, ROOT, period).await.0,
                "no data",
                "{id} {period}"
            );
        }
    }
}

#[tokio::test]
async fn an_area_that_no_list_says_is_not_nought() {
    let street = Street::new().await;
    let without = UNITS.replace("1500000", "");
    street.take("units", (ROOT, ON), &without).await;
    let (value, said) = street.told("area", ROOT, "2025").await;
    assert_eq!(value, "1.68");
    assert!(
        said.starts_with("* 1 of 2 units: without 望海社区"),
        "{said}"
    );
    assert_eq!(street.told("area", ONE, "2025").await.0, "no data");
    // Nor is the number of communities of a street whose own row is all there is.
    let street = Street::new().await;
    let (first, _) = UNITS.split_once("210203001001").unwrap();
    street.take("units", (ROOT, ON), first).await;
    assert_eq!(street.told("communities", ROOT, "2025").await.0, "no data");
    assert_eq!(street.told("area", ROOT, "2025").await.0, "no data");
}

#[tokio::test]
async fn a_sum_says_of_how_many_units_it_is_and_a_rate_is_of_the_same() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .taken("police-households", (ONE, ON), &roll_of_the_year(0))
        .await;
    let (value, said) = street.told("population", ROOT, "2025").await;
    assert_eq!(value, "42");
    assert_eq!(
        said,
        "* 1 of 2 units: without 林景社区 (nothing was ever recorded in “Residence”)."
    );
    street
        .taken("police-households", (TWO, ON), &roll_of_the_year(1))
        .await;
    assert_eq!(street.told("population", ROOT, "2025").await, shown("84"));
    // Births of one community only: the rate divides by its people alone.
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let rate = street.figure("birth_rate", ROOT, "2025-12").await;
    let own = street.figure("birth_rate", ONE, "2025-12").await;
    assert_eq!(rate.value.unwrap().shown(2), own.value.unwrap().shown(2));
    assert_eq!(rate.without.len(), 1);
}

#[tokio::test]
async fn a_month_that_is_missing_is_no_month_without_births() {
    let street = Street::with_people().await;
    for month in [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12] {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
        street
            .taken("births", (TWO, end_of(month)), &births(1, [month]))
            .await;
    }
    street
        .taken("births", (TWO, end_of(3)), &births(1, [3]))
        .await;
    assert_eq!(
        street.why("births", ONE, "2025").await,
        Some(Unknown::Gap {
            register: "birth".into(),
            from: date(2025, 3, 1),
            to: date(2025, 3, 31),
        })
    );
    let (value, said) = street.told("births", ROOT, "2025").await;
    assert_eq!(value, "12");
    assert_eq!(
        said,
        "* 1 of 2 units: without 望海社区 (no list of “Birth” tells of 1 March 2025 to 31 March 2025)."
    );
    assert_eq!(
        street.told("births", ONE, "2025-01-01..2025-02-28").await,
        shown("2")
    );
    assert_eq!(
        street.told("births", ONE, "2025-04-01..2025-12-31").await,
        shown("9")
    );
    // The month itself, and what begins in it.
    for period in ["2025-03", "2025-03-15..2025-06-30", "2025Q1"] {
        assert_eq!(
            street.told("births", ONE, period).await.0,
            "no data",
            "{period}"
        );
    }
    // The year before no list tells of.
    for code in [ONE, TWO, ROOT] {
        let why = street.why("births", code, "2024").await.unwrap();
        assert!(matches!(why, Unknown::Before { .. }), "{code} {why:?}");
    }
    // With the month all is told; up to the last one where none came since.
    street
        .taken("births", (ONE, end_of(3)), &births(0, [3]))
        .await;
    assert_eq!(street.told("births", ROOT, "2025").await, shown("24"));
}

#[tokio::test]
async fn what_ends_early_is_told_up_to_its_day() {
    let street = Street::with_people().await;
    for month in 1..=10 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let figure = street.figure("births", ONE, "2025").await;
    assert_eq!(figure.until, Some(date(2025, 10, 31)));
    assert!(figure.has_gaps(&pack()));
    assert_eq!(figure.shown(Lang::En), "10");
    let (_, said) = street.told("births", ONE, "2025").await;
    assert_eq!(said, "* As recorded up to 31 October 2025.");
}

#[tokio::test]
async fn a_list_without_a_row_tells_of_nobody_and_one_that_was_never_sent_of_nothing() {
    let street = Street::with_people().await;
    assert_eq!(street.told("deaths", ONE, "2025").await.0, "no data");
    let none = "姓名,公民身份号码,死亡日期\n说明：本表统计截止2025年12月31日。,,\n";
    // That nobody died is said by whoever says that the list is whole.
    street
        .take_as("deaths", (ONE, ON), none, Absence::Left)
        .await;
    assert_eq!(street.told("deaths", ONE, "2025").await, shown("0"));
    assert_eq!(street.told("deaths", TWO, "2025").await.0, "no data");
    assert_eq!(street.told("deaths", ONE, "2024").await.0, "no data");
}

#[tokio::test]
async fn a_part_tells_nothing_and_says_why() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .take_as("police-households", (ONE, ON), &roll(0), Absence::Kept)
        .await;
    let part = |why| {
        Some(Unknown::Part {
            register: "residence".into(),
            roster: "police-households".into(),
            as_of: ON,
            why,
        })
    };
    assert_eq!(
        street.why("population", ONE, "2025").await,
        part(Partial::Said)
    );
    // One row of 43 that can't be placed is more than two in a hundred.
    let bad = format!(
        "{}9,,21020319700101000X,户主,本地户籍,家庭户,和平路9号,在住,,,\n",
        roll(1)
    );
    let outcome = street.take("police-households", (TWO, ON), &bad).await;
    assert_eq!(outcome.rejected(), 1);
    assert_eq!(
        street.why("population", TWO, "2025").await,
        part(Partial::Unplaced)
    );
    let (value, said) = street.told("population", TWO, "2025").await;
    assert_eq!(value, "no data");
    assert!(said.contains("more than 2 % of the rows"), "{said}");
    // One of 52 isn't.
    let mut larger = roll(1);
    for nth in 30..40 {
        let number = number(date(1970, 1, 1), 1, nth);
        larger += &format!(
            "1{nth},{},{number},户主,本地户籍,家庭户,和平路{nth}号,在住,,,\n",
            name(1, nth)
        );
    }
    larger += "9,错号,21020319700101000X,户主,本地户籍,家庭户,和平路9号,在住,,,\n";
    street.take("police-households", (TWO, ON), &larger).await;
    assert_eq!(street.told("population", TWO, "2025").await.0, "52");
}

#[tokio::test]
async fn a_list_that_is_taken_back_tells_nothing_any_more() {
    let street = Street::with_people().await;
    let mut july = 0;
    for month in 1..=12 {
        let list = street
            .take("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
        if month == 7 {
            july = list.files[0].receipt.as_ref().unwrap().commit;
        }
    }
    assert_eq!(street.told("births", ONE, "2025").await, shown("12"));
    let ledger = street.tables.ledger();
    ledger
        .undo(july, street.now(), &street.whole)
        .await
        .unwrap();
    let why = street.why("births", ONE, "2025").await.unwrap();
    assert!(
        matches!(why, Unknown::Gap { from, .. } if from == date(2025, 7, 1)),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_roll_tells_from_the_day_it_reaches_back_to_until_it_is_too_old() {
    let mut street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .taken("police-households", (ONE, ON), &roll_of_the_year(0))
        .await;
    street.taken("police-households", (TWO, ON), &roll(1)).await;
    // Who left in the year is on the first: it tells of the day before the year. The other tells of its own day.
    assert_eq!(street.told("population", ONE, "2024").await, shown("31"));
    let why = street.why("population", TWO, "2024").await.unwrap();
    assert!(
        matches!(why, Unknown::Before { from, .. } if from == ON),
        "{why:?}"
    );
    assert_eq!(street.told("population", ONE, "2023").await.0, "no data");
    // It lasts for thirteen months, and says of which day it is.
    street.today = date(2027, 6, 1);
    let figure = street.figure("population", ONE, "2027-01").await;
    assert_eq!((figure.until, figure.value.is_some()), (Some(ON), true));
    let why = street.why("population", ONE, "2027-02").await.unwrap();
    assert!(
        matches!(why, Unknown::After { until, .. } if until == ON),
        "{why:?}"
    );
    // A list of those who live there doesn't tell who is registered and lives elsewhere.
    let living =
        "姓名,公民身份号码,性别,出生日期,联系电话,住址\n甲零零,,男,1970-01-01,,和平路0号\n";
    street
        .take("residents-community", (ONE, date(2027, 2, 1)), living)
        .await;
    let view = street.view().await;
    assert!(view.office.reaches(&unit(ROOT)).await.unwrap() == Some(ON));
    assert_eq!(street.told("population", ONE, "2027-03").await.0, "no data");
}

#[tokio::test]
async fn a_benefit_of_which_the_list_has_no_row_is_not_told() {
    let street = Street::with_people().await;
    let (number, name) = (number(date(1970, 1, 1), 0, 3), name(0, 3));
    let list = format!(
        "姓名,公民身份号码,项目,起始日期,月标准\n{name},{number},rural-family-support,2025-01-01,80\n"
    );
    street.taken("benefits", (ONE, ON), &list).await;
    assert_eq!(
        street.told("rural_support_paid", ONE, "2025").await,
        shown("1")
    );
    let why = street
        .why("special_support_paid", ONE, "2025")
        .await
        .unwrap();
    assert!(matches!(why, Unknown::Slice { .. }), "{why:?}");
    assert_eq!(
        street.told("rural_support_paid", TWO, "2025").await.0,
        "no data"
    );
}

#[tokio::test]
async fn a_report_is_refused_with_what_to_get_or_marks_each_figure() {
    let street = Street::with_people().await;
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let view = street.view().await;
    let report = view
        .office
        .pack
        .reports
        .iter()
        .find(|own| own.id == "street-yearly");
    for period in [2024, 2025] {
        let sheet = view.board(Period::Year(period), unit(ROOT)).await.unwrap();
        let written = |gaps| sheet.report_file(report.unwrap(), ON, (Lang::En, gaps));
        let refused = match written(Gaps::Refuse).await {
            Err(OfficeError::Gaps(refused)) => refused,
            Err(other) => panic!("{period}: {other:?}"),
            Ok(_) => panic!("{period}: written"),
        };
        let told = refused.message(Lang::En);
        assert!(told.contains("Births: "), "{told}");
        assert!(
            told.contains("“Births” from Community health centre"),
            "{told}"
        );
        assert!(
            refused
                .message(Lang::Zh)
                .contains("“出生登记名单”（社区卫生服务中心）")
        );
        let file = written(Gaps::Mark).await.unwrap();
        let text = text_of(&file);
        assert!(text.contains("[Draft] Figures that are missing"), "{text}");
        if period == 2025 {
            assert!(text.contains("12 births"), "{text}");
            let left_out = "(Births: 1 of 2 units, without 林景社区.)";
            assert!(text.contains(left_out), "{text}");
            assert!(text.contains("no data deaths"), "{text}");
        } else {
            assert!(text.contains("no data births and no data deaths"), "{text}");
            assert!(text.contains("has 2 communities"), "{text}");
        }
        assert!(text.contains("Lists to get:"), "{text}");
        let zh = sheet.report_file(report.unwrap(), ON, (Lang::Zh, Gaps::Mark));
        let text = text_of(&zh.await.unwrap());
        assert!(text.contains("死亡无数据，"), "{text}");
        for measured in ["无数据%", "无数据‰", "无数据万元", "无数据元"] {
            assert!(!text.contains(measured), "{measured}: {text}");
        }
    }
}

/// The words of a .docx.
fn text_of(file: &[u8]) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut xml = String::new();
    let mut document = archive.by_name("word/document.xml").unwrap();
    document.read_to_string(&mut xml).unwrap();
    let mut text = String::new();
    for part in xml.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        if tag == "/w:p" {
            text.push('\n');
        }
        text.push_str(words);
    }
    text
}
