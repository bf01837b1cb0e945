//! What two lists of one day say otherwise is answered with a button under the questions, and can be taken back.

use crate::office::Office;

/// A list of one man, with a telephone.
fn list(phone: &str) -> Vec<u8> {
    format!("姓名,性别,出生日期,联系电话\n欧阳修远,男,1980-03-01,{phone}\n").into_bytes()
}

/// The fields of the form behind a value.
fn form(page: &str, value: &str) -> String {
    let before = page
        .split_once(value)
        .unwrap_or_else(|| panic!("{value} in {page}"))
        .0;
    let (_, form) = before.rsplit_once("<form").unwrap();
    let field = |name: &str| {
        let (_, rest) = form
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        format!("{name}={}", rest.split('"').next().unwrap())
    };
    [field("value"), field("say")].join("&")
}

#[test]
fn what_is_said_otherwise_is_answered_with_a_button() {
    let office = Office::new();
    assert!(!office.get("wang", "/review").body.contains("说法不一"));
    for (roster, phone) in [
        ("residents-health", "13900000001"),
        ("residents-insurance", "13900000002"),
    ] {
        let tried = office.upload(roster, "list.csv", &list(phone));
        let written = office.post("wang", &tried.header("location"), "");
        assert_eq!(written.status, 303, "{}", written.body);
    }
    let page = office.get("wang", "/review").body;
    assert!(
        page.contains("说法不一") && page.contains("欧阳修远"),
        "{page}"
    );
    assert!(
        !page.contains("13900000001"),
        "telephone numbers are masked"
    );
    let english = office.get("wang", "/review?lang=en").body;
    assert!(english.contains("Values that differ") && english.contains("This is right"));

    let head = office.head();
    let insurance = form(&page, "医保");
    let settled = office.post("wang", "/review/value", &insurance);
    assert_eq!(settled.status, 303, "{}", settled.body);
    assert_ne!(office.head(), head);
    let page = office.get("wang", &settled.header("location")).body;
    assert!(!page.contains("id=\"differing\""), "{page}");
    let again = office.post("wang", "/review/value", &insurance);
    assert_eq!(again.status, 409, "{}", again.body);
    assert_eq!(
        office.post("wang", "/review/value", "value=x&say=1").status,
        400
    );

    let (_, undo) = page.split_once("action=\"/imports/").unwrap();
    let undo = format!("/imports/{}", undo.split('"').next().unwrap());
    assert_eq!(office.post("li", &undo, "").status, 303);
    assert!(office.get("wang", "/review").body.contains("说法不一"));
}
