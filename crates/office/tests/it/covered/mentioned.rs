//! Registers that several lists fill: which of them tells of what a figure counts.

use jiff::civil::date;
use office::Unknown;

use super::street::{Street, UNITS, births, end_of, name, number, roll_of_the_year, shown};
use crate::readers::{ON, ONE, ROOT};

#[tokio::test]
async fn what_a_list_only_mentions_it_does_not_tell_of() {
    let street = Street::with_people().await;
    let decisions =
        "会议名称,召开日期,议定事项,责任单位\n第3次党政联席会议,2025-01-20,清点物资,210203001001\n";
    street.taken("decisions", (ROOT, ON), decisions).await;
    let why = street.why("meetings", ROOT, "2025").await.unwrap();
    assert!(matches!(why, Unknown::Never { .. }), "{why:?}");
    let meetings = "会议名称,会议类别,召开日期\n第3次党政联席会议,党政联席会议,2025-01-20\n";
    street.taken("meetings", (ROOT, ON), meetings).await;
    assert_eq!(street.told("meetings", ROOT, "2025").await, shown("1"));
}

#[tokio::test]
async fn who_came_does_not_tell_who_left() {
    let street = Street::with_people().await;
    let (who, id) = (name(0, 90), number(date(1990, 3, 3), 0, 90));
    let came = format!(
        "通报单号,姓名,公民身份号码,流出地,流出日期,流入日期,现住址,对方单位,通报对方日期,流出地核实日期\nTB-1,{who},{id},辽宁省鞍山市海城市,2025-01-06,2025-01-09,和平路9号,海城市服务站,2025-01-19,2025-02-03\n"
    );
    street.taken("migrant-arrivals", (ONE, ON), &came).await;
    assert_eq!(
        street.told("migrant_arrivals", ONE, "2025").await,
        shown("1")
    );
    assert_eq!(
        street.told("migrant_departures", ONE, "2025").await.0,
        "no data"
    );
}

#[tokio::test]
async fn what_happened_up_to_june_is_not_put_beside_a_whole_year() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    let roll = roll_of_the_year(0);
    street.taken("police-households", (ONE, ON), &roll).await;
    for month in 1..=6 {
        let list = births(0, [month]);
        street.taken("births", (ONE, end_of(month)), &list).await;
    }
    let deaths = format!(
        "姓名,公民身份号码,死亡日期\n{},{},2025-11-05\n",
        name(0, 3),
        number(date(1970, 1, 1), 0, 3)
    );
    street.taken("deaths", (ONE, ON), &deaths).await;
    let figure = street.figure("births", ONE, "2025").await;
    assert_eq!(figure.until, Some(date(2025, 6, 30)));
    for rate in ["natural_growth", "birth_rate"] {
        let why = street.why(rate, ONE, "2025").await;
        assert!(
            matches!(why, Some(Unknown::After { .. })),
            "{rate}: {why:?}"
        );
    }
}

#[tokio::test]
async fn what_nobody_of_a_community_with_grids_says_is_no_nought() {
    let street = Street::new().await;
    let units = format!("{UNITS}210203001001-01,望海第一网格,网格,\n");
    street.taken("units", (ROOT, ON), &units).await;
    let roll = roll_of_the_year(0);
    street.taken("police-households", (ONE, ON), &roll).await;
    assert_eq!(street.told("population", ONE, "2025").await, shown("42"));
    let why = street.why("married_women_15_49", ONE, "2025").await;
    assert!(matches!(why, Some(Unknown::Unsaid { .. })), "{why:?}");
}
