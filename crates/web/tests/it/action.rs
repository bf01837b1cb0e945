//! An action by its form and as JSON: looked at, written, sent twice, taken back; and what its form keeps of what was filled in.

use crate::office::{Office, links};

const LIST: &str = "姓名,性别,出生日期,联系电话\n欧阳修远,男,1980-03-01,13900000001\n";

/// An office that knows one man, and the path of his page.
fn with_one() -> (Office, String) {
    let office = Office::new();
    let tried = office.upload("residents-health", "list.csv", LIST.as_bytes());
    let written = office.post("wang", &tried.header("location"), "");
    assert_eq!(written.status, 303, "{}", written.body);
    let found = office
        .get("wang", "/people?q=%E6%AC%A7%E9%98%B3%E4%BF%AE%E8%BF%9C")
        .body;
    let (_, person) = found.split_once("href=\"/people/").unwrap();
    let person = format!("/people/{}", person.split(['"', '?']).next().unwrap());
    (office, person)
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("{before}\n{page}"));
    rest.split(after).next().unwrap()
}

#[test]
fn a_telephone_is_looked_at_written_and_taken_back() {
    let (office, person) = with_one();
    let page = office.get("wang", &person).body;
    let form = between(&page, "href=\"/actions/telephone?", "\"");
    let form = office
        .get("wang", &format!("/actions/telephone?{form}"))
        .body;
    assert!(
        form.contains("欧阳修远") && form.contains("登记联系电话"),
        "{form}"
    );
    let key = between(&form, "name=\"form\" value=\"", "\"").to_owned();
    let id = person.rsplit('/').next().unwrap();
    let fields =
        |phone: &str, step: &str| format!("form={key}&r.person={id}&i.phone={phone}&step={step}");
    let head = office.head();
    let unread = office.post("wang", "/actions/telephone", &fields("x", "look"));
    assert_eq!(unread.status, 200);
    assert!(unread.body.contains("还不能登记") && !unread.body.contains("value=\"write\""));
    assert!(
        unread.body.contains("value=\"x\""),
        "what was filled in is kept"
    );
    let looked = office.post("wang", "/actions/telephone", &fields("13900000002", "look"));
    assert!(
        looked.body.contains("将登记") && looked.body.contains("value=\"write\""),
        "{}",
        looked.body
    );
    assert!(looked.body.contains("13900000002"));
    assert_eq!(office.head(), head, "a look writes nothing");
    let written = office.post(
        "wang",
        "/actions/telephone",
        &fields("13900000002", "write&looked=1"),
    );
    assert_eq!(written.status, 303, "{}", written.body);
    let to = written.header("location");
    assert!(to.starts_with(&person), "{to}");
    let done = office.get("wang", &to).body;
    assert!(done.contains("已登记"), "{done}");
    // Sent again, by the back button say, it is what it was.
    let head = office.head();
    let again = office.post(
        "wang",
        "/actions/telephone",
        &fields("13900000002", "write&looked=1"),
    );
    assert_eq!(again.status, 303);
    assert_eq!(again.header("location"), to);
    assert_eq!(office.head(), head);
    let commit = between(&to, "done=", "&");
    let undone = office.post("wang", &format!("/imports/{commit}"), "");
    assert_eq!(undone.status, 303, "{}", undone.body);
}

#[test]
fn people_are_found_by_name_and_nobody_by_another() {
    let (office, _) = with_one();
    let page = office.post(
        "wang",
        "/actions/note",
        "form=a&t.person=%E6%AC%A7%E9%98%B3%E4%BF%AE%E8%BF%9C&i.about=%E4%BD%8F%E6%88%BF&i.text=%E6%BC%8F%E6%B0%B4&step=look",
    );
    assert!(
        page.body.contains("将登记") && page.body.contains("漏水"),
        "{}",
        page.body
    );
    let nobody = office.post(
        "wang",
        "/actions/note",
        "form=a&t.person=%E4%B9%8C&i.about=a&i.text=b&step=write",
    );
    assert!(nobody.body.contains("没有找到"), "{}", nobody.body);
    let english = office.get("wang", "/actions?lang=en").body;
    assert!(
        english.contains("Telephone") && english.contains("Household split"),
        "{english}"
    );
    assert_eq!(office.get("wang", "/actions/no-such").status, 404);
    assert_eq!(
        office
            .get("wang", "/actions/telephone?person=424242")
            .status,
        404
    );
}

#[test]
fn json_tells_and_writes_the_same() {
    let (office, person) = with_one();
    let id = person.rsplit('/').next().unwrap();
    let asked = office.get("wang", "/api/actions").body;
    assert!(asked.contains("\"id\":\"telephone\"") && asked.contains("\"id\":\"household-split\""));
    let rows = format!("\"rows\":[{{\"person\":{id},\"phone\":\"13900000003\"}}]");
    let head = office.head();
    let looked = office.post("wang", "/api/actions/telephone", &format!("{{{rows}}}"));
    assert_eq!(looked.status, 200, "{}", looked.body);
    assert!(
        looked.body.contains("\"commit\":null")
            && looked.body.contains("\"value\":\"13900000003\""),
        "{}",
        looked.body
    );
    assert_eq!(office.head(), head);
    let written = office.post(
        "wang",
        "/api/actions/telephone",
        &format!("{{{rows},\"write\":true,\"form\":\"f\"}}"),
    );
    assert!(
        !written.body.contains("\"commit\":null"),
        "{}",
        written.body
    );
    let again = office.post(
        "wang",
        "/api/actions/telephone",
        &format!("{{{rows},\"write\":true,\"form\":\"f\"}}"),
    );
    let commit = |body: &str| between(body, "\"commit\":", ",").to_owned();
    assert_eq!(commit(&again.body), commit(&written.body));
    for (bad, status) in [
        ("", 400),
        ("[]", 400),
        ("{\"rows\":[{\"person\":\"x\"}]}", 400),
        (
            "{\"rows\":[{\"person\":424242,\"phone\":\"13900000003\"}]}",
            404,
        ),
        ("{\"rows\":[{\"fax\":1}]}", 422),
        ("{\"rows\":[]}", 422),
        ("{\"row\":[]}", 400),
        ("{\"rows\":[],\"on\":\"2999-01-01\"}", 400),
    ] {
        let refused = office.post("wang", "/api/actions/telephone", bad);
        assert_eq!(refused.status, status, "{bad}: {}", refused.body);
        assert!(
            refused.body.contains("\"error\""),
            "{bad}: {}",
            refused.body
        );
    }
}

#[test]
fn a_record_leads_to_the_action_that_says_more_of_it() {
    let (office, person) = with_one();
    let id = person.rsplit('/').next().unwrap();
    let fields = format!(
        "form=v&r.person={id}&i.visited_on=2025-12-30&i.result=met&i.note=%E5%9C%A8%E5%AE%B6&step=write"
    );
    let written = office.post("wang", "/actions/visit", &fields);
    assert_eq!(written.status, 303, "{}", written.body);
    let list = office.get("wang", "/registers/visit").body;
    let is_record = |link: &&String| link.ends_with(|end: char| end.is_ascii_digit());
    let records = links(&list, "/registers/visit/");
    let record = records.iter().find(is_record).unwrap();
    let page = office.get("wang", record).body;
    let form = format!("/actions/visit?person={id}&amp;visited_on=2025-12-30");
    assert!(page.contains(&form), "{form}\n{page}");
    let form = office.get("wang", &form.replace("&amp;", "&")).body;
    assert!(form.contains("value=\"2025-12-30\""), "{form}");
}

#[test]
fn whom_an_action_is_not_meant_for_is_told() {
    let (office, person) = with_one();
    let id = person.rsplit('/').next().unwrap();
    let looked = office.post(
        "wang",
        "/actions/birth",
        &format!("form=b&r.mother={id}&i.born_on=2025-12-01&step=look"),
    );
    assert!(looked.body.contains("用于性别为“女”"), "{}", looked.body);
    let rows = format!("{{\"rows\":[{{\"mother\":{id},\"born_on\":\"2025-12-01\"}}]}}");
    let looked = office.post("wang", "/api/actions/birth?lang=en", &rows);
    assert!(
        looked.body.contains("is for Sex: Female"),
        "{}",
        looked.body
    );
}

#[test]
fn what_is_written_at_once_is_looked_at_where_it_is_not_read_or_takes_anothers_place() {
    let (office, person) = with_one();
    let id = person.rsplit('/').next().unwrap();
    let write = |key: &str, rest: &str| {
        let fields = format!("form={key}&back=%2Fwaiting&r.person={id}&{rest}&step=write");
        office.post("wang", "/actions/particulars", &fields)
    };
    let told = write("a", "i.nationality=CHN");
    assert_eq!(told.status, 303, "{}", told.body);
    let head = office.head();
    for (key, rest) in [
        ("b", "i.birth_date=2025-02-30"),
        ("c", "i.nationality=OTHER"),
    ] {
        let asked = write(key, rest);
        assert_eq!(asked.status, 200, "{rest}: {}", asked.body);
        assert!(asked.body.contains("name=\"looked\""), "{}", asked.body);
        assert_eq!(office.head(), head, "{rest}");
    }
    let confirmed = write("c", "i.nationality=OTHER&looked=1");
    assert_eq!(confirmed.status, 303, "{}", confirmed.body);
    assert_ne!(office.head(), head);
}
