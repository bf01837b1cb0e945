//! Units that went into another: who tells of their people.

use intake::Absence;
use jiff::civil::date;
use kernel::{Lang, Period};
use office::Unknown;

use super::street::{Street, births, end_of, name, number, roll, shown};
use crate::readers::{ON, ONE, ROOT, TWO, by_number, unit};

/// The one community went into the other in July 2025.
const MERGED: &str = "单位代码,单位名称,级别,面积(平方米),并入单位,撤销日期\n210203001000,春晖街道,街道,,,\n210203001001,望海社区,社区,1500000,,\n210203001002,林景社区,社区,1680000,210203001001,2025-07-01\n";

/// Whether a list of benefits tells of somebody who had his home in a community when the list was made.
async fn told(street: &Street, which: u16) -> bool {
    let view = street.view().await;
    let person = number(date(1970, 1, 1), which, 5);
    let person = by_number(&view, &person).await.unwrap();
    let standing = street.tables.snapshot().await.unwrap();
    let bits = standing.vouched(ON).unwrap().bits(person.0);
    let lists = street.tables.pack().vouchers();
    let bit = lists
        .iter()
        .position(|own| own == "benefits:rural-family-support");
    bits >> bit.unwrap() & 1 == 1
}

/// Who is paid in a community.
fn benefits(which: u16) -> String {
    let (number, name) = (number(date(1970, 1, 1), which, 3), name(which, 3));
    format!(
        "姓名,公民身份号码,项目,起始日期,月标准\n{name},{number},rural-family-support,2025-01-01,80\n"
    )
}

#[tokio::test]
async fn people_of_a_unit_that_merged_are_told_by_the_lists_of_both() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    let (march, august) = (date(2025, 3, 31), date(2025, 8, 31));
    for (which, code) in [(0, ONE), (1, TWO)] {
        street
            .take("police-households", (code, march), &roll(which))
            .await;
    }
    street.taken("benefits", (ONE, march), &benefits(0)).await;
    assert_eq!(
        (told(&street, 0).await, told(&street, 1).await),
        (true, false)
    );
    street.taken("benefits", (TWO, march), &benefits(1)).await;
    assert_eq!(
        (told(&street, 0).await, told(&street, 1).await),
        (true, true)
    );
    // What is said of the one that is left, after it took the other, is of both.
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    for (which, code) in [(0, ONE), (1, TWO)] {
        street
            .take("police-households", (code, march), &roll(which))
            .await;
    }
    street.taken("benefits", (ONE, august), &benefits(0)).await;
    let view = street.view().await;
    let sheet = view.board(Period::Year(2025), unit(ONE)).await.unwrap();
    let paid = sheet.figure("rural_support_paid").await.unwrap();
    assert_eq!(paid.shown(Lang::En), "1");
}

#[tokio::test]
async fn a_unit_that_merged_is_told_by_the_lists_of_both() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    let (march, may) = (date(2025, 3, 31), date(2025, 5, 31));
    let of_march = |which| {
        let lines = roll(which);
        let lines = lines.lines().take(31);
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    // The one that stays has sent its list, the other hasn't: of both it can't be told.
    street
        .taken("police-households", (ONE, march), &of_march(0))
        .await;
    assert_eq!(street.told("population", ONE, "2025-03").await, shown("30"));
    let why = street.why("population", ONE, "2025").await.unwrap();
    assert!(matches!(why, Unknown::Never { .. }), "{why:?}");
    assert_eq!(street.told("population", ROOT, "2025").await.0, "no data");
    // With its list the whole is told, up to the earlier of the two days.
    street
        .taken("police-households", (TWO, may), &of_march(1))
        .await;
    let figure = street.figure("population", ONE, "2025").await;
    assert_eq!(
        (figure.shown(Lang::En).as_str(), figure.until),
        ("60", Some(march))
    );
    // Births: of each to the end of June, of the one that is left after it.
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, []))
            .await;
    }
    assert_eq!(street.told("births", ONE, "2025").await.0, "no data");
    let of_two = (1..=6).map(|month| (TWO, 1, month));
    for (code, which, month) in of_two.chain((1..=12).map(|month| (ONE, 0, month))) {
        let list = births(which, []);
        let of = (code, end_of(month));
        street.take_as("births", of, &list, Absence::Left).await;
    }
    assert_eq!(street.told("births", ONE, "2025").await, shown("0"));
}

#[tokio::test]
async fn a_unit_that_merged_and_still_sends_its_own_list_is_told_by_it() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    for (which, code) in [(0, ONE), (1, TWO)] {
        let march = date(2025, 3, 31);
        street
            .take("police-households", (code, march), &roll(which))
            .await;
    }
    let paid = async || street.told("rural_support_paid", ONE, "2025").await;
    // The one that is left sends its list, as if of both.
    street.taken("benefits", (ONE, ON), &benefits(0)).await;
    assert_eq!(
        (told(&street, 0).await, told(&street, 1).await),
        (true, true)
    );
    assert_eq!(paid().await, shown("1"));
    // The other sends a part of its own: so the first isn't of its people, and of them nothing is told.
    let list = ("benefits", (TWO, ON), benefits(1));
    let part = street.take_as(list.0, list.1, &list.2, Absence::Kept).await;
    assert_eq!(part.rejected(), 0);
    assert_eq!(
        (told(&street, 0).await, told(&street, 1).await),
        (true, false)
    );
    assert_eq!(paid().await.0, "no data");
    // Its whole list tells of them.
    let whole = street.take_as(list.0, list.1, &list.2, Absence::Left).await;
    assert_eq!(whole.rejected(), 0);
    assert_eq!(
        (told(&street, 0).await, told(&street, 1).await),
        (true, true)
    );
    assert_eq!(paid().await, shown("2"));
}
