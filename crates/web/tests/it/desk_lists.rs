//! Lists as whoever is at the desk works with them: saved under a name, in the columns they chose, with rows chosen for an action, printed whole;
//! and what two people do to one record at the same time.

use crate::office::{Office, links};

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("{before}\n{page}"));
    rest.split(after).next().unwrap()
}

/// The chosen rows of a list as its form sends them.
fn rows(page: &str, most: usize) -> Vec<String> {
    let rows = page.split("name=\"row\" value=\"").skip(1).take(most);
    let row = |rest: &str| rest.split('"').next().unwrap().to_owned();
    rows.map(row).collect()
}

#[test]
fn a_list_is_saved_shown_renamed_and_deleted() {
    let office = Office::new();
    let asked = "f.living=false&sort=-person&col=person&col=unit";
    let page = office
        .get("wang", &format!("/registers/residence?{asked}"))
        .body;
    assert!(page.contains("保存名单") && !page.contains("已存的名单"));
    let to = between(&page, "action=\"/registers/residence/saved?", "\"").replace("&amp;", "&");
    let to = format!("/registers/residence/saved?{to}");
    let saved = office.post("wang", &to, "do=save&name=%E7%A9%BA%E6%8C%82%E6%88%B7");
    assert_eq!(saved.status, 303, "{}", saved.body);
    let back = saved.header("location");
    assert_eq!(back, format!("/registers/residence?{asked}"));
    let page = office.get("wang", "/registers/residence").body;
    let list = between(&page, "<nav class=\"saved\"", "</nav>");
    assert!(
        list.contains(">空挂户</a>") && !list.contains("aria-current"),
        "{list}"
    );
    let link = links(list, "/registers/").remove(0).replace("&amp;", "&");
    assert_eq!(link, format!("/registers/residence?{asked}"));
    let shown = office.get("wang", &link).body;
    assert!(between(&shown, "<nav class=\"saved\"", "</nav>").contains("aria-current=\"true\""));
    assert!(
        !office
            .get("li", "/registers/residence")
            .body
            .contains("空挂户</a>")
    );

    let twice = office.post("wang", &to, "do=save&name=%E7%A9%BA%E6%8C%82%E6%88%B7");
    assert_eq!(twice.status, 400);
    assert!(
        twice.body.contains("已有名为“空挂户”的名单"),
        "{}",
        twice.body
    );
    let personal = office.post("wang", &to, "do=save&name=13900001234");
    assert!(personal.status == 400 && !personal.body.contains("13900001234"));
    let renamed = office.post(
        "wang",
        &to,
        "do=rename&list=%E7%A9%BA%E6%8C%82%E6%88%B7&name=%E7%A9%BA%E6%88%B7",
    );
    assert_eq!(renamed.status, 303);
    assert!(
        office
            .get("wang", "/registers/residence")
            .body
            .contains(">空户</a>")
    );
    let deleted = office.post("wang", &to, "do=delete&list=%E7%A9%BA%E6%88%B7&name=");
    assert_eq!(deleted.status, 303);
    assert!(
        !office
            .get("wang", "/registers/residence")
            .body
            .contains("空户</a>")
    );
    assert_eq!(office.post("wang", &to, "do=else&name=a").status, 400);
}

#[test]
fn columns_are_remembered_for_who_chose_them_and_in_files() {
    let office = Office::new();
    let chosen = office.post(
        "wang",
        "/registers/person/columns?sort=-birth_date",
        "col=birth_date&col=name",
    );
    assert_eq!(chosen.status, 303);
    assert_eq!(
        chosen.header("location"),
        "/registers/person?sort=-birth_date"
    );
    let heads = |who: &str, path: &str| {
        let page = office.get(who, path).body;
        let head = between(&page, "<thead>", "</thead>").to_owned();
        (head.contains("出生日期"), head.contains("性别"))
    };
    assert_eq!(heads("wang", "/registers/person"), (true, false));
    assert!(
        heads("li", "/registers/person").1,
        "others have the usual ones"
    );
    assert_eq!(
        heads("wang", "/registers/person?col=sex"),
        (false, true),
        "an address says its own"
    );
    let file = office.get("wang", "/registers/person/export.csv").body;
    assert!(
        file.starts_with("\u{feff}序号,出生日期,姓名,"),
        "{}",
        &file[..80]
    );
    let usual = office.post(
        "wang",
        "/registers/person/columns",
        "usual=1&col=birth_date",
    );
    assert_eq!(usual.status, 303);
    assert!(heads("wang", "/registers/person").1);
}

#[test]
fn chosen_rows_are_previewed_written_as_one_and_taken_back() {
    let office = Office::new();
    let list = "/registers/residence?sort=person";
    let page = office.get("wang", list).body;
    assert!(
        page.contains("选中本页全部") && !between(&page, "<tbody>", "</tbody>").contains("checked")
    );
    let all = between(
        &page,
        "<p class=\"note\"><a class=\"alone\" href=\"/registers/residence",
        "\"",
    );
    let all = office.get(
        "wang",
        &format!("/registers/residence{}", all.replace("&amp;", "&")),
    );
    let all = between(&all.body, "<tbody>", "</tbody>")
        .matches("checked")
        .count();
    assert_eq!(all, 50, "every row of the page");
    let chosen: Vec<String> = rows(&page, 3)
        .iter()
        .map(|row| format!("row={row}"))
        .collect();
    let back = "back=%2Fregisters%2Fresidence%3Fsort%3Dperson";
    let opened = office.post(
        "wang",
        "/actions",
        &format!(
            "action=visit&of=residence&step=open&{back}&{}",
            chosen.join("&")
        ),
    );
    assert_eq!(opened.status, 200, "{}", opened.body);
    let people = opened.body.matches("name=\"r.person\"").count();
    assert_eq!(people, 3, "{}", opened.body);
    let picked = opened.body.split("name=\"r.person\" value=\"").skip(1);
    let picked = picked.map(|rest| format!("r.person={}", rest.split('"').next().unwrap()));
    let picked = picked.collect::<Vec<_>>().join("&");
    let filled = |step: &str| {
        format!("form=batch&{back}&{picked}&i.visited_on=2025-12-30&i.result=met&step={step}")
    };
    let head = office.head();
    let looked = office.post("wang", "/actions/visit", &filled("look"));
    assert!(looked.body.contains("将登记"), "{}", looked.body);
    assert_eq!(
        looked
            .body
            .matches("<span class=\"flag\">新建</span>")
            .count(),
        3
    );
    assert_eq!(office.head(), head, "a look writes nothing");
    let written = office.post("wang", "/actions/visit", &filled("write"));
    let to = written.header("location");
    assert!(
        to.starts_with("/registers/residence?sort=person&done="),
        "{to}"
    );
    assert!(to.ends_with("&rows=3"), "{to}");
    let done = office.get("wang", &to).body;
    assert!(done.contains("已为3人登记"), "{done}");
    let commit = between(&to, "done=", "&");
    assert_eq!(
        office
            .post("wang", &format!("/imports/{commit}"), "")
            .status,
        303
    );

    // A list on which nothing can be done for its rows has no column to choose them.
    assert!(
        !office
            .get("wang", "/registers/unit")
            .body
            .contains("name=\"row\"")
    );
    // An action that isn't offered for these rows isn't opened for them.
    let other = office.post(
        "wang",
        "/actions",
        &format!("action=birth&of=residence&step=open&{}", chosen[0]),
    );
    assert_eq!(other.status, 404);
    let absent = office.post(
        "wang",
        "/actions",
        "action=visit&of=residence&step=open&row=1",
    );
    assert_eq!(absent.status, 404);
}

#[test]
fn a_whole_list_is_printed_without_what_prints_nothing() {
    let office = Office::new();
    let page = office.get("wang", "/registers/residence").body;
    let printed = between(&page, "href=\"/registers/residence?print=1", "\"");
    let printed = office
        .get("wang", &format!("/registers/residence?print=1{printed}"))
        .body;
    let rows = between(&printed, "<tbody>", "</tbody>")
        .matches("<tr>")
        .count();
    assert!(rows > 1_000, "{rows}");
    for absent in [
        "name=\"row\"",
        "class=\"pager\"",
        "<details",
        "class=\"jump\"",
    ] {
        assert!(!printed.contains(absent), "{absent}");
    }
    assert!(printed.contains("查阅人：wang") && printed.contains("2025年12月31日"));
    assert!(!printed.contains("<tfoot>"), "no money, no total");
}

#[test]
fn what_somebody_else_changed_meanwhile_is_seen_before_it_is_written_over() {
    let office = Office::new();
    let page = office.get("wang", "/registers/person").body;
    let person = rows(&page, 1).remove(0);
    let form = office.get("wang", &format!("/amend/person.{person}")).body;
    let was = between(
        &form,
        &format!("name=\"was.person.{person}.name\" value=\""),
        "\"",
    )
    .to_owned();
    assert!(!was.is_empty());
    let sent = |was: &str, name: &str, key: &str| {
        format!("form={key}&how=wrong&was.person.{person}.name={was}&i.name={name}&step=write")
    };
    let place = format!("/amend/person.{person}");
    let first = office.post("li", &place, &sent(&was, "%E7%8E%8B%E4%B8%80", "a"));
    assert_eq!(first.status, 303, "{}", first.body);
    let head = office.head();
    // Pressed twice: their own change is nobody else's.
    let twice = office.post("li", &place, &sent(&was, "%E7%8E%8B%E4%B8%80", "a"));
    assert_eq!(twice.header("location"), first.header("location"));
    assert_eq!(office.head(), head);
    let second = office.post("wang", &place, &sent(&was, "%E7%8E%8B%E4%BA%8C", "b"));
    assert_eq!(second.status, 200);
    let told = between(&second.body, "class=\"meanwhile\"", "</div>");
    assert!(
        told.contains(&was) && told.contains("王一") && told.contains("还没有写入"),
        "{told}"
    );
    assert_eq!(office.head(), head, "nothing is written over unseen");
    assert!(
        second.body.contains("value=\"王二\""),
        "what was filled in is kept"
    );
    let now = between(
        &second.body,
        &format!("name=\"was.person.{person}.name\" value=\""),
        "\"",
    );
    assert_eq!(now, "王一");
    let third = office.post("wang", &place, &sent(now, "%E7%8E%8B%E4%BA%8C", "b"));
    assert_eq!(third.status, 303, "{}", third.body);
    assert_ne!(office.head(), head);
}

#[test]
fn an_action_shows_what_changed_since_it_was_looked_at() {
    let office = Office::new();
    let page = office.get("wang", "/registers/person").body;
    let person = rows(&page, 1).remove(0);
    let filled = |address: &str, key: &str, step: &str, was: &str| {
        format!("form={key}&r.person={person}&i.address={address}&step={step}{was}")
    };
    let first = office.post(
        "wang",
        "/actions/address",
        &filled("%E7%94%B2%E8%B7%AF1%E5%8F%B7", "a", "write", "&looked=1"),
    );
    assert_eq!(first.status, 303, "{}", first.body);
    let looked = office
        .post(
            "wang",
            "/actions/address",
            &filled("%E4%B9%99%E8%B7%AF2%E5%8F%B7", "b", "look", ""),
        )
        .body;
    let was: String = looked
        .split("name=\"was.")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let value = rest.split('"').next().unwrap();
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("&was.{name}={value}")
        })
        .collect();
    assert!(was.contains(".address="), "{looked}");
    let other = office.post(
        "li",
        "/actions/address",
        &filled("%E4%B8%99%E8%B7%AF3%E5%8F%B7", "c", "write", "&looked=1"),
    );
    assert_eq!(other.status, 303, "{}", other.body);
    let head = office.head();
    let met = office.post(
        "wang",
        "/actions/address",
        &filled("%E4%B9%99%E8%B7%AF2%E5%8F%B7", "b", "write", &was),
    );
    assert_eq!(met.status, 200);
    let told = between(&met.body, "class=\"meanwhile\"", "</div>");
    assert!(told.contains("现在是"), "{told}");
    assert_eq!(office.head(), head);
    // Pressed twice, with what the form had seen before: what it changed itself is nobody else's doing.
    let now = office
        .post(
            "wang",
            "/actions/address",
            &filled("%E4%B8%99%E8%B7%AF3%E5%8F%B7", "c", "write", &was),
        )
        .header("location");
    assert!(now.contains("done="), "{now}");
    assert_eq!(office.head(), head);
}

#[test]
fn a_household_is_picked_by_a_member_and_told_by_head_and_address() {
    let office = Office::new();
    let page = office.get("wang", "/registers/person").body;
    let people = rows(&page, 2);
    let first = between(&page, "<tbody>", "</tr>");
    let name = between(first, "aria-label=\"选择", "\"");
    let split = office.post(
        "wang",
        "/actions/household-split",
        &format!(
            "form=a&r.member={}&i.number=H-77&i.split_on=2025-11-01&i.address=%E7%94%B2%E8%B7%AF7%E5%8F%B7&i.relation=02&step=write",
            people[0]
        ),
    );
    assert_eq!(split.status, 303, "{}", split.body);
    let typed = |text: &str| {
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        office.post(
            "wang",
            "/actions/household-joined",
            &format!(
                "form=b&r.person={}&t.household={text}&i.joined_on=2025-12-01&step=look",
                people[1]
            ),
        )
    };
    for text in [name, "H-77"] {
        let found = typed(text);
        assert_eq!(found.status, 200, "{}", found.body);
        let (_, picked) = found.body.split_once("name=\"r.household\"").expect(text);
        let picked = picked.split("</p>").next().unwrap();
        for told in ["H-77", "户主", name] {
            assert!(picked.contains(told), "{text}: {picked}");
        }
    }
    let nothing = typed("没有的户");
    assert!(nothing.body.contains("没有找到"), "{}", nothing.body);
}

#[test]
fn a_form_says_under_what_its_fields_are_kept_until_they_are_sent() {
    let office = Office::new();
    let person = rows(&office.get("wang", "/registers/person").body, 1).remove(0);
    let opened = office
        .get("wang", &format!("/actions/note?person={person}"))
        .body;
    assert!(opened.contains("/drafts.js"));
    assert_eq!(between(&opened, "data-owner=\"", "\""), "wang");
    assert_eq!(
        between(&opened, "data-draft=\"", "\""),
        format!("/actions/note?person={person}")
    );
    assert!(opened.contains("data-fresh=\"1\""));
    let draft = format!("%2Factions%2Fnote%3Fperson%3D{person}");
    let looked = office
        .post(
            "wang",
            "/actions/note",
            &format!("form=a&draft={draft}&r.person={person}&i.about=a&i.text=b&step=look"),
        )
        .body;
    assert_eq!(
        between(&looked, "data-draft=\"", "\""),
        format!("/actions/note?person={person}")
    );
    assert!(
        !looked.contains("data-fresh"),
        "what was sent is newer than what was kept"
    );
    assert!(
        !office
            .get("wang", "/registers/person")
            .body
            .contains("drafts.js")
    );
}
