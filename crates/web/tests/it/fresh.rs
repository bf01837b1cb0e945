//! After a commit, the next page shows it: what is kept between pages is never older than the ledger.

use crate::street::Street;

#[test]
fn what_is_committed_shows_at_once() {
    // A street of its own, since somebody comes to it.
    let street = Street::new();
    let before = population(&street);
    assert_eq!(population(&street), before);
    let unknown = street.post("/find", "q=xinlai").body;
    assert!(!unknown.contains("新来"), "{unknown}");
    street.add_person();
    assert_eq!(population(&street), before + 1);
    let found = street.get("/people?q=%E6%96%B0%E6%9D%A5").body;
    assert!(found.contains(">新来<"), "{found}");
    let found = street.post("/find", "q=xinlai").body;
    assert!(found.contains(">新来<"), "{found}");
    assert_ne!(street.get("/").body.len(), 0);
}

fn population(street: &Street) -> usize {
    let body = street.get("/indicators/population").body;
    let (_, value) = body.split_once("<p class=\"value\"><strong>").unwrap();
    value
        .split('<')
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap()
}
