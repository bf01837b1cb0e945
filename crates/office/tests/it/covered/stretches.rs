//! Lists of what happened whose roster is of a year, and that come in parts.

use jiff::civil::{Date, date};
use office::Unknown;

use super::street::{Street, end_of, name, number, shown};
use crate::readers::ONE;

/// Deaths of the nth of the thirty grown-up people of a community.
fn deaths(dead: &[(u16, Date)]) -> String {
    let mut csv = "姓名,公民身份号码,死亡日期\n".to_owned();
    for (nth, day) in dead {
        let number = number(date(1970, 1, 1), 0, *nth);
        csv += &format!("{},{number},{day}\n", name(0, *nth));
    }
    csv
}

#[tokio::test]
async fn a_list_of_the_last_quarter_does_not_tell_of_the_year() {
    let street = Street::with_people().await;
    let (first, last) = ((1, date(2025, 2, 5)), (2, date(2025, 11, 5)));
    street
        .taken("deaths", (ONE, end_of(3)), &deaths(&[first]))
        .await;
    street
        .taken("deaths", (ONE, end_of(12)), &deaths(&[last]))
        .await;
    let why = street.why("deaths", ONE, "2025").await.unwrap();
    let (from, to) = (date(2025, 4, 1), end_of(9));
    let gap =
        matches!(&why, Unknown::Gap { from: own, to: last, .. } if (*own, *last) == (from, to));
    assert!(gap, "{why:?}");
    assert_eq!(street.told("deaths", ONE, "2025Q1").await, shown("1"));
    assert_eq!(street.told("deaths", ONE, "2025Q4").await, shown("1"));
    // The half of the year between them.
    let between = deaths(&[(3, date(2025, 5, 5))]);
    street.taken("deaths", (ONE, end_of(9)), &between).await;
    assert_eq!(street.told("deaths", ONE, "2025").await, shown("3"));
}

#[tokio::test]
async fn a_list_that_names_what_the_one_before_told_goes_back_over_it() {
    let street = Street::with_people().await;
    let (first, last) = ((1, date(2025, 2, 5)), (2, date(2025, 11, 5)));
    street
        .taken("deaths", (ONE, end_of(3)), &deaths(&[first]))
        .await;
    street
        .taken("deaths", (ONE, end_of(12)), &deaths(&[first, last]))
        .await;
    assert_eq!(street.told("deaths", ONE, "2025").await, shown("2"));
}

#[tokio::test]
async fn a_list_of_a_year_alone_tells_of_it_whatever_it_names() {
    let street = Street::with_people().await;
    let last = (2, date(2025, 11, 5));
    street
        .taken("deaths", (ONE, end_of(12)), &deaths(&[last]))
        .await;
    assert_eq!(street.told("deaths", ONE, "2025").await, shown("1"));
}
