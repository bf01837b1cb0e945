//! Rows of lists that were chosen for an action, and households that are picked for one: only what the reader sees, told apart as far as
//! they see it.

use kernel::RecordId;
use office::{Leads, NearTo, OfficeError, RecordQuery, View};
use pack::{Fits, Value};

use crate::readers::{ON, ONE, TWO, street, unit};

/// The records of a register that a reader sees, with whom each is about.
async fn rows(view: &View, register: &str, field: &str) -> Vec<(RecordId, Option<i64>)> {
    let register = view.register(register).unwrap();
    let query = RecordQuery::default();
    let page = view.records(ON, register, &query, (1, 50)).await.unwrap();
    let row = |row: &office::SeenRecord| (row.row.record, row.row.reference(field));
    page.rows.iter().map(row).collect()
}

#[tokio::test]
async fn rows_give_whom_they_are_about() {
    let (office, _) = street(testhouse::national(), &[]).await;
    let office = office.writing();
    let view = office.view(Some("甲员"), "/test").await.unwrap();
    let residences = view.register("residence").unwrap();
    let offered = view.offered_on_rows(residences);
    let (action, input) = offered
        .iter()
        .find(|(action, _)| action.id() == "visit")
        .unwrap();
    assert_eq!(action.inputs[0].id, input.input.id);
    let listed = rows(&view, "residence", "person").await;
    let chosen: Vec<RecordId> = listed.iter().take(3).map(|(row, _)| *row).collect();
    let people: Vec<RecordId> = (listed.iter().take(3))
        .map(|(_, person)| RecordId(person.unwrap()))
        .collect();
    let given = view.rows_given((residences, &chosen), *input, ON).await;
    assert_eq!(given.unwrap(), people);
    // Two rows about one person are one case.
    let twice = [chosen[0], chosen[0], chosen[1]];
    let given = view.rows_given((residences, &twice), *input, ON).await;
    assert!(matches!(given, Err(OfficeError::Absent)) || given.unwrap().len() == 2);

    let others = office.view(Some("乙员"), "/test").await.unwrap();
    let elsewhere = others.rows_given((residences, &chosen), *input, ON).await;
    assert!(matches!(elsewhere, Err(OfficeError::Absent)));

    // A register about nobody offers nothing that is done for people.
    let units = view.register("unit").unwrap();
    assert!(view.offered_on_rows(units).is_empty());
    let readers = office.view(Some("察员"), "/test").await.unwrap();
    let residences = readers.register("residence").unwrap();
    assert!(
        readers.offered_on_rows(residences).is_empty(),
        "who only reads is offered nothing"
    );
}

#[tokio::test]
async fn households_are_told_apart_within_rights() {
    let (office, _) = street(testhouse::national(), &[]).await;
    let view = office.view(Some("甲员"), "/test").await.unwrap();
    let listed = rows(&view, "household", "number").await;
    let records: Vec<RecordId> = listed.iter().take(2).map(|(row, _)| *row).collect();
    let told = view.households(&records, ON).await.unwrap();
    assert_eq!(told.len(), 2);
    for (hit, record) in told.iter().zip(&records) {
        assert_eq!(hit.leads, Leads::Household(*record));
        assert_eq!(hit.unit, Some(unit(ONE)));
        assert!(hit.title.is_some() && hit.head.is_some(), "{hit:?}");
    }
    let head = told[0].head.clone().unwrap();
    let by_head = view.households_meant(&head, ON).await.unwrap();
    assert!(
        by_head.iter().any(|hit| hit.leads == told[0].leads),
        "{by_head:?}"
    );
    let number = told[1].title.clone().unwrap();
    let by_number = view.households_meant(&number, ON).await.unwrap();
    assert_eq!(by_number.first().map(|hit| hit.leads), Some(told[1].leads));

    let others = office.view(Some("乙员"), "/test").await.unwrap();
    for hit in others.households(&records, ON).await.unwrap() {
        assert!(
            hit.title.is_none() && hit.head.is_none() && hit.address.is_none(),
            "{hit:?}"
        );
    }
    let meant = others.households_meant(&head, ON).await.unwrap();
    assert!(
        meant.iter().all(|hit| hit.unit == Some(unit(TWO))),
        "{meant:?}"
    );
}

#[tokio::test]
async fn who_fits_and_is_near_is_meant_first() {
    let (office, _) = street(testhouse::national(), &[]).await;
    let view = office.view(Some("主任"), "/test").await.unwrap();
    // A character that names of both communities have.
    let text = testhouse::name(0, 1).chars().nth(1).unwrap().to_string();
    let mut tried = (0, 0);
    for (_, person) in rows(&view, "residence", "person")
        .await
        .into_iter()
        .take(12)
    {
        let person = person.map(RecordId).unwrap();
        let own = &view.picked(&[person], ON).await.unwrap()[0];
        let near = NearTo {
            person: Some(person),
            ..NearTo::default()
        };
        let meant = view.meant(&text, ON, near.clone()).await.unwrap();
        assert!(meant.total >= meant.picks.len());
        let units = meant.picks.iter().map(|pick| pick.unit == own.unit);
        let units: Vec<bool> = units.collect();
        assert!(units.is_sorted_by(|one, next| one >= next), "{units:?}");
        // Those who fit come before those who are near.
        let old = Fits::Years {
            from: 70,
            below: 150,
        };
        let near = NearTo {
            fits: vec![("birth_date".to_owned(), old.clone())],
            ..near
        };
        let meant = view.meant(&text, ON, near).await.unwrap();
        let fit = meant.picks.iter().map(|pick| {
            let born = pick.born.parse().ok().map(Value::Date);
            old.holds(born.as_ref(), ON)
        });
        let fit: Vec<bool> = fit.collect();
        assert!(fit.is_sorted_by(|one, next| one >= next), "{fit:?}");
        tried.0 += usize::from(units.contains(&false));
        tried.1 += usize::from(fit.contains(&true) && fit.contains(&false));
    }
    assert!(tried.0 > 0 && tried.1 > 0, "{tried:?}");
}
