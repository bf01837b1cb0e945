//! After a commit, the next page shows it: what is kept between pages is never older than the ledger.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod street;

use street::STREET;

#[test]
fn what_is_committed_shows_at_once() {
    let before = population();
    assert_eq!(population(), before);
    STREET.add_person();
    assert_eq!(population(), before + 1);
    let found = STREET.get("/people?q=%E6%96%B0%E6%9D%A5").body;
    assert!(found.contains("新来"));
    assert_ne!(STREET.get("/").body.len(), 0);
}

fn population() -> usize {
    let body = STREET.get("/indicators/population").body;
    let (_, value) = body.split_once("<p class=\"value\"><strong>").unwrap();
    value
        .split('<')
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap()
}
