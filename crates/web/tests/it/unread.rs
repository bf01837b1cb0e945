//! A cell that couldn't be read is answered under the questions, stands on the person's page meanwhile, and can be taken back.

use crate::office::Office;

const LIST: &str = "姓名,性别,出生日期,联系电话\n欧阳修远,男,1980-03-01,打不通\n";

#[test]
fn what_could_not_be_read_is_answered_in_a_field() {
    let office = Office::new();
    assert!(!office.get("wang", "/review").body.contains("id=\"unread\""));
    let tried = office.upload("residents-health", "list.csv", LIST.as_bytes());
    let dry = office.get("wang", &tried.header("location")).body;
    assert!(dry.contains("本格原样记下，待核实"), "{dry}");
    let written = office.post("wang", &tried.header("location"), "");
    assert_eq!(written.status, 303, "{}", written.body);
    let page = office.get("wang", "/review").body;
    assert!(
        page.contains("id=\"unread\"") && page.contains("欧阳修远"),
        "{page}"
    );
    // What it is nobody can tell: where anything is masked, it isn't shown.
    assert!(!page.contains("打不通"), "{page}");
    let english = office.get("wang", "/review?lang=en").body;
    assert!(english.contains("What couldn't be read") && english.contains("Leave it"));
    let (_, place) = page.split_once("name=\"place\" value=\"").unwrap();
    let place = place.split('"').next().unwrap();
    let (_, person) = page.split_once("href=\"/people/").unwrap();
    let person = format!("/people/{}", person.split(['"', '?']).next().unwrap());
    assert!(
        office
            .get("wang", &person)
            .body
            .contains("另有读不出的内容")
    );

    let head = office.head();
    let answer =
        |fields: &str| office.post("wang", "/review/unread", &format!("place={place}&{fields}"));
    assert_eq!(answer("answer=is&value=").status, 400);
    assert_eq!(answer("answer=is&value=%E5%8F%88").status, 400);
    assert_eq!(answer("").status, 400);
    assert_eq!(office.head(), head);
    let settled = answer("answer=is&value=13900000001");
    assert_eq!(settled.status, 303, "{}", settled.body);
    let page = office.get("wang", &settled.header("location")).body;
    assert!(!page.contains("id=\"unread\""), "{page}");
    assert!(
        !office
            .get("wang", &person)
            .body
            .contains("另有读不出的内容")
    );
    assert_eq!(answer("answer=leave").status, 409);

    let (_, undo) = page.split_once("action=\"/imports/").unwrap();
    let undo = format!("/imports/{}", undo.split('"').next().unwrap());
    assert_eq!(office.post("li", &undo, "").status, 303);
    assert!(office.get("wang", "/review").body.contains("id=\"unread\""));
}
