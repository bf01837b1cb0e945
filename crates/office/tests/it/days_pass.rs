//! What an office keeps of figures doesn't outlive the day on which it was said how far they are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{Timestamp, ToSpan as _};
use kernel::Period;
use office::{Office, Unknown};

use crate::readers::{ON, ROOT, now, tables_of_street, unit};

#[tokio::test]
async fn a_month_that_had_not_come_is_told_of_once_it_has() {
    let (tables, _) = tables_of_street(testhouse::national(), &[]).await;
    let passed = Arc::new(AtomicI64::new(0));
    let hours = passed.clone();
    let clock = move || -> Timestamp { now() + hours.load(Ordering::Relaxed).hours() };
    let day = (ON, Period::Year(2025));
    let office = Office::new(tables, unit(ROOT), day, "主任", clock).unwrap();
    let view = office.view(Some("主任"), "test").await.unwrap();
    let february: Period = "2026-02".parse().unwrap();
    let figure = |id: &'static str| {
        let view = &view;
        async move {
            let sheet = view.board(february, unit(ROOT)).await.unwrap();
            sheet.figure(id).await.unwrap()
        }
    };
    let of_homes = ["population", "population_before", "households"];
    for id in of_homes {
        assert_eq!(figure(id).await.why(), Some(&Unknown::NotYet), "{id}");
    }
    // Nothing is written meanwhile.
    passed.store(24 * 60, Ordering::Relaxed);
    for id in of_homes {
        let figure = figure(id).await;
        assert_ne!(figure.why(), Some(&Unknown::NotYet), "{id}");
    }
    // Nobody told how it was after the list.
    let figure = figure("population").await;
    assert_eq!((figure.value.is_some(), figure.until), (true, Some(ON)));
}
