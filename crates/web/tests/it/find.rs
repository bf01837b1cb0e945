//! The search box: on every page once, sent and never put into an address where it may hold a number, with the same found by the page
//! and by the list below it.

use crate::street::{PHONE, STREET};

/// The links of something found, in their order.
fn found(body: &str) -> Vec<String> {
    let (_, list) = body.split_once("<ul").unwrap_or_default();
    let list = list.split("</ul>").next().unwrap();
    let links = list.split("href=\"").skip(1);
    links
        .map(|link| link.split('"').next().unwrap().to_owned())
        .collect()
}

/// What stands inside a page's frame.
fn main(body: &str) -> &str {
    body.split_once("<main").map_or("", |(_, main)| main)
}

#[test]
fn every_page_has_one_box() {
    for page in [
        "/",
        "/units",
        "/people",
        "/people?q=wang",
        "/indicators",
        "/review",
        "/nothing",
    ] {
        let body = STREET.get(page).body;
        assert_eq!(body.matches("action=\"/find\"").count(), 1, "{page}");
        assert_eq!(
            body.matches("data-find=\"/find/below\"").count(),
            1,
            "{page}"
        );
        assert!(
            body.contains("<script type=\"module\" src=\"/find.js?"),
            "{page}"
        );
    }
    assert_eq!(STREET.get("/find").header("location"), "/people");
    let script = STREET.get("/find.js");
    assert!(script.header("content-type").starts_with("text/javascript"));
}

#[test]
fn the_list_below_the_box_is_the_nearest_of_the_page() {
    for typed in ["%E7%8E%8B", "wang", "lh", "%E7%A4%BE%E5%8C%BA"] {
        let form = format!("q={typed}");
        let (page, below) = (
            STREET.post("/find", &form),
            STREET.post("/find/below", &form),
        );
        assert_eq!((page.status.as_u16(), below.status.as_u16()), (200, 200));
        let (all, nearest) = (found(main(&page.body)), found(&below.body));
        assert!(!nearest.is_empty(), "{typed}");
        assert!(
            all.len() <= 20 && all.starts_with(&nearest),
            "{typed}: {all:?} {nearest:?}"
        );
        assert!(!below.body.contains("<html"), "{}", below.body);
        assert_eq!(below.body.matches("role=\"option\"").count(), nearest.len());
        assert!(below.body.contains("class=\"told\""));
    }
    let nothing = STREET.post("/find/below", "q=qqqq").body;
    assert!(
        !nothing.contains("listbox") && nothing.contains("没有找到"),
        "{nothing}"
    );
}

#[test]
fn what_may_be_a_number_stands_in_no_address() {
    let typed = [
        "12%E5%8F%B7",
        "%EF%BC%91%EF%BC%92",
        PHONE,
        "210203001",
        "%D9%A5%D9%A1",
    ];
    for typed in typed {
        let page = STREET.get(&format!("/people?q={typed}")).body;
        assert!(page.contains("请在上面的框中输入"), "{page}");
        let sent = STREET.post("/find", &format!("q={typed}"));
        assert_eq!(sent.header("location"), "", "{typed}");
        for body in [&page, &sent.body] {
            let addresses = body
                .split(&['"', '\''][..])
                .filter(|text| text.starts_with('/'));
            for address in addresses {
                assert!(!address.contains("q="), "{typed}: {address}");
            }
            assert!(!body.contains(PHONE), "{body}");
        }
    }
    // A name may.
    let page = STREET.get("/people?q=%E7%8E%8B").body;
    assert!(page.contains("q=%E7%8E%8B&amp;lang=en"), "{page}");
}

#[test]
fn telephones_and_addresses_that_are_masked_find_nobody() {
    for typed in [PHONE, &PHONE[4..], &PHONE[7..]] {
        let sent = STREET.post("/find", &format!("q={typed}")).body;
        assert!(sent.contains("没有找到"), "{typed}: {sent}");
    }
}

#[test]
fn more_than_anybody_types_is_refused() {
    let long = "w".repeat(61);
    for page in ["/find", "/find/below"] {
        assert_eq!(
            STREET.post(page, &format!("q={long}")).status,
            400,
            "{page}"
        );
    }
    assert_eq!(STREET.get(&format!("/people?q={long}")).status, 400);
    assert_eq!(STREET.post("/find", "q=").header("location"), "/people");
    assert_eq!(STREET.post("/find", "q=%20").header("location"), "/people");
    assert_eq!(STREET.post("/find/below", "").status, 200);
}
