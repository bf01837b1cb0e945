//! Every page over a small generated street, imported from the files its departments send: in both languages, within the
//! reader's rights, and with figures that open to what they count.

use crate::street::{Answered, PHONE, STREET, Street};

/// The pages that need no number found first.
const PAGES: [&str; 36] = [
    "/",
    "/?on=2024-06-30",
    "/units",
    "/programmes",
    "/programmes/childcare-subsidy?list=missed",
    "/programmes/childcare-subsidy?list=served",
    "/programmes/one-child-parent-award?list=to-find-out",
    "/programmes/double-unemployed-couple?list=no-longer",
    "/programmes/complication-support?list=served",
    "/people",
    "/people?q=%E7%8E%8B",
    "/indicators",
    "/indicators?group=benefits&period=2024",
    "/indicators/population",
    "/indicators/birth_rate",
    "/indicators/average_population?list=2",
    "/indicators/population?by=age_group,sex",
    "/indicators/population?by=year",
    "/indicators/births?by=month",
    "/indicators/population?g.sex=2&g.age_group=20",
    "/dashboards/population",
    "/completeness",
    "/completeness?state=never",
    "/dashboards/old-age",
    "/dashboards/support",
    "/review",
    "/desk",
    "/imports",
    "/imports/2",
    "/log",
    "/registers",
    "/registers/person",
    "/registers/residence?f.living=false&sort=-person&page=2",
    "/registers/employment?f.status=unemployed&f.since.from=2020-01-01&f.cause.unknown=1&col=person&col=cause",
    "/registers/enrolment?f.person.name=%E7%8E%8B&sort=monthly",
    "/registers/birth?f.mother.unknown=1&on=2024-06-30",
];

pub fn every_page() -> Vec<String> {
    let street = &*STREET;
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    pages.push(format!("/units/{}", street.root));
    pages.push(format!("/units/{}", street.community));
    pages.push(format!("/programmes?unit={}", street.community));
    pages.push(format!("/indicators/population?unit={}", street.community));
    pages.push(format!("/people/{}", street.person));
    pages.push(format!("/people/{}", street.odd_person));
    pages.push(street.find("/indicators/households", "/households/"));
    for list in ["missed", "no-longer", "to-find-out", "served"] {
        for programme in street.programmes() {
            pages.push(format!("/programmes/{programme}?list={list}"));
        }
    }
    for indicator in street.indicators() {
        pages.push(format!("/indicators/{indicator}"));
    }
    pages
}

#[test]
fn every_page_is_there_in_both_languages() {
    for page in every_page() {
        for (lang, tag) in [("zh", "zh-CN"), ("en", "en")] {
            let join = if page.contains('?') { '&' } else { '?' };
            let answered = STREET.get(&format!("{page}{join}lang={lang}"));
            assert_eq!(answered.status, 200, "{page} {lang}\n{}", answered.body);
            assert!(
                answered.body.contains(&format!("<html lang=\"{tag}\">")),
                "{page}"
            );
            assert!(answered.body.contains("<h1>"), "{page}");
            assert!(
                answered
                    .header("set-cookie")
                    .contains(&format!("lang={lang}"))
            );
        }
    }
}

#[test]
fn where_a_number_was_given_out_is_told_to_who_sees_the_number() {
    let page = format!("/people/{}", STREET.odd_person);
    let masked = STREET.get(&page).body;
    assert!(
        !masked.contains("号码首次登记地") && !masked.contains("西岗区"),
        "{masked}"
    );
    let clear = STREET.revealed(&page).body;
    assert!(clear.contains(&STREET.id_number));
    assert!(
        clear.contains("号码首次登记地") && clear.contains("辽宁省大连市西岗区"),
        "{clear}"
    );
    let english = STREET.revealed(&format!("{page}?lang=en")).body;
    assert!(
        english.contains("ID number first given out in"),
        "{english}"
    );
}

#[test]
fn no_page_shows_a_whole_id_number_or_telephone_number() {
    for page in every_page() {
        let answered = STREET.get(&page);
        for run in runs_of_digits(&answered.body) {
            let mobile = run.len() == 11 && run.starts_with('1');
            assert!(run.len() < 17 && !mobile, "{page} shows {run}");
        }
        assert!(!answered.body.contains(PHONE), "{page}");
    }
}

/// Runs of digits in the text of a page; numbers of records stand in addresses only.
fn runs_of_digits(body: &str) -> Vec<String> {
    let mut text = String::new();
    let mut inside = false;
    for ch in body.chars() {
        match ch {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            ch if !inside => text.push(ch),
            _ => {}
        }
    }
    let runs = text.split(|ch: char| !ch.is_ascii_digit() && ch != 'X');
    runs.filter(|run| run.len() > 10)
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn what_does_not_exist_or_may_not_be_seen_is_absent() {
    for page in [
        "/nothing",
        "/units/110101001001",
        "/units/110101000000",
        "/units/x",
        "/people/1",
        "/people/0",
        "/people/-1",
        "/people/1e3",
        "/people/99999999999999999999",
        "/households/1",
        "/programmes/none",
        "/programmes/childcare-subsidy?unit=110101001000",
        "/programmes/childcare-subsidy?page=9999",
        "/indicators/none",
        "/dashboards/none",
        "/indicators/population?page=9999",
        "/indicators/population?unit=110101001000",
        "/indicators/population?list=9",
        "/registers/none",
        "/registers/layout",
        "/registers/question",
        "/registers/contact/9999999",
        "/registers/contact/x",
        "/registers/contact?page=9999",
        "/registers/contact?unit=110101001000",
        "/registers/contact/export.pdf",
    ] {
        let answered = STREET.get(page);
        assert_eq!(answered.status, 404, "{page}");
        assert!(answered.body.contains("没有这一页"), "{page}");
    }
    let outside = format!("/people/{}", STREET.outside_person);
    assert_eq!(STREET.get(&outside).status, 404);
}

#[test]
fn what_cannot_be_understood_is_refused_with_a_remedy() {
    for page in [
        "/?on=yesterday",
        "/?on=1500-01-01",
        "/indicators?period=1800",
        "/indicators?period=x",
        "/indicators?unit=12",
        "/indicators/population?by=no-such",
        "/indicators/population?g.programme=x",
        "/indicators/population?by=year&last=99",
        "/programmes/childcare-subsidy?list=all",
        "/programmes/childcare-subsidy?page=0",
        "/registers/contact?page=0",
        "/registers/contact?f.phon.unknown=1",
        "/registers/contact?sort=phone",
        "/registers/contact?f.phone=180",
        "/registers/person?f.id_number=2102",
        "/registers/person?f.sex=3",
        "/registers/birth?f.born_on.from=1",
        &format!("/?{}", "a=1&".repeat(65)),
    ] {
        let answered = STREET.get(page);
        assert_eq!(answered.status, 400, "{page}");
        assert!(answered.body.contains("请改正后再试"), "{page}");
    }
    assert_eq!(STREET.get(&format!("/?q={}", "x".repeat(3000))).status, 414);
}

#[test]
fn names_are_written_as_text() {
    let page = STREET.get(&format!("/people/{}", STREET.odd_person));
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.body.contains("<script>"));
    let search = STREET.get("/people?q=%3Cscript%3Ealert(x)%3C/script%3E");
    assert!(search.body.contains("&lt;script&gt;"));
    assert!(!search.body.contains("<script>"));
    let quoted = STREET.get("/people?q=%22%3E%3Cb%3E%27");
    assert_eq!(quoted.status, 200);
    assert!(!quoted.body.contains("\"><b>"));
}

#[test]
fn only_requests_that_name_this_machine_are_answered() {
    for host in ["localhost", "localhost:8642", "127.0.0.1:80", "[::1]:8642"] {
        assert_eq!(STREET.get_from(Some(host), "/units").status, 200, "{host}");
    }
    for host in [
        Some("evil.example"),
        Some("localhost.evil.example:80"),
        Some("192.168.1.1"),
        None,
    ] {
        let answered = STREET.get_from(host, "/units");
        assert_eq!(answered.status, 421, "{host:?}");
        assert!(!answered.body.contains("href"));
    }
}

#[test]
fn answers_are_sealed() {
    for page in ["/", "/nothing", "/people?q=x"] {
        let answered = STREET.get(page);
        assert!(
            answered
                .header("content-security-policy")
                .starts_with("default-src 'self'")
        );
        assert_eq!(answered.header("x-content-type-options"), "nosniff");
        assert_eq!(answered.header("referrer-policy"), "same-origin");
        assert_eq!(answered.header("cache-control"), "no-store");
        assert!(!answered.body.contains(" style="), "{page}");
    }
    assert!(
        STREET
            .get("/style.css")
            .header("content-type")
            .starts_with("text/css")
    );
}

#[test]
fn a_person_is_found_by_the_whole_number_which_then_is_gone() {
    let number = &STREET.id_number;
    let found = STREET.post("/find", &format!("q={number}"));
    assert_eq!(found.status, 303);
    assert_eq!(
        found.header("location"),
        format!("/people/{}", STREET.odd_person)
    );
    let typed = STREET.post("/find", &format!("q=%20{}%20", number.to_lowercase()));
    assert_eq!(typed.status, 303);
    let unknown = STREET.post("/find", "q=11010519491231002X");
    assert_eq!(unknown.status, 200);
    assert!(!unknown.body.contains("11010519491231002X"));
    let wrong = STREET.post("/find", "q=110105194912310021");
    assert!(wrong.body.contains("不是一个有效的公民身份号码"));
    assert!(!wrong.body.contains("110105194912310021"));
    // In an address it isn't looked for.
    let address = STREET.get(&format!("/people?q={number}"));
    assert_eq!(address.status, 200);
    assert!(address.body.contains("请在上面的框中输入"));
}

#[test]
fn a_figure_opens_to_as_many_rows() {
    for indicator in [
        "population",
        "women_15_49",
        "births",
        "empty_households",
        "unemployed_retired",
    ] {
        let first = STREET.get(&format!("/indicators/{indicator}"));
        let figure: usize = between(&first.body, "<p class=\"value\"><strong>", "</strong>")
            .replace(',', "")
            .parse()
            .unwrap();
        let mut rows = 0;
        for page in 1.. {
            let answered = STREET.get(&format!("/indicators/{indicator}?page={page}"));
            if answered.status == 404 {
                break;
            }
            let list = answered.body.split_once("id=\"rows\"").unwrap().1;
            let body = list.split_once("<tbody>").map(|(_, body)| body.to_owned());
            let found = body.map_or(0, |body| body.matches("<tr>").count());
            rows += found;
            if found == 0 {
                break;
            }
        }
        assert_eq!(rows, figure, "{indicator}");
    }
}

#[test]
fn the_parts_of_a_street_add_up_and_agree_with_their_own_pages() {
    let whole: usize = value("/indicators/population");
    let mut sum = 0;
    for community in &STREET.communities {
        sum += value(&format!("/indicators/population?unit={community}"));
    }
    assert_eq!(sum, whole);
    let first = STREET.get("/").body;
    for community in &STREET.communities {
        let own = value(&format!("/indicators/households?unit={community}"));
        let cell = format!("<a href=\"/indicators/households?unit={community}\">");
        assert_eq!(
            between(&first, &cell, "</a>")
                .replace(',', "")
                .parse::<usize>()
                .unwrap(),
            own
        );
    }
}

#[test]
fn a_programme_opens_with_the_first_of_its_lists_that_anybody_is_on() {
    let mut opened = std::collections::BTreeSet::new();
    for programme in STREET.programmes() {
        let page = STREET.get(&format!("/programmes/{programme}")).body;
        let tabs = page.split("list=").skip(1).filter_map(|rest| {
            let (list, rest) = rest.split_once('"')?;
            let (link, _) = rest.split_once("</a>")?;
            let (_, count) = link.rsplit_once("<b>")?;
            let any = !count.starts_with("0<");
            Some((list.to_owned(), any, link.contains("aria-current")))
        });
        let tabs: Vec<(String, bool, bool)> = tabs.collect();
        assert!(tabs.len() > 1, "{programme} has lists");
        let first = tabs.iter().position(|(_, any, _)| *any).unwrap_or(0);
        let current = tabs.iter().position(|(.., current)| *current).unwrap();
        assert_eq!(current, first, "{programme}: {tabs:?}");
        opened.insert(current);
    }
    assert!(opened.len() > 1, "not always the same");
}

#[test]
fn lists_are_as_long_as_their_counts() {
    let pack = testhouse::national();
    for programme in STREET.programmes() {
        // A judgement has other lists.
        let judges = pack.judgements().any(|own| own.id == programme);
        let list = if judges { "to-find-out" } else { "served" };
        let page = STREET
            .get(&format!("/programmes/{programme}?list={list}"))
            .body;
        let tab = between(
            &page,
            &format!("list={list}\" aria-current=\"true\">"),
            "</b>",
        );
        let count: usize = tab
            .rsplit("<b>")
            .next()
            .unwrap()
            .replace(',', "")
            .parse()
            .unwrap();
        // Of a couple each has a row.
        let rows = count * STREET.people_of(&programme);
        let mut listed = 0;
        for page in 1..=rows.div_ceil(50).max(1) {
            let body = STREET
                .get(&format!("/programmes/{programme}?list={list}&page={page}"))
                .body;
            let table = body
                .split_once("<table class=\"people visit\">")
                .map_or("", |(_, rest)| rest.split("</table>").next().unwrap());
            listed += table.matches("<tr>").count().saturating_sub(1);
        }
        assert_eq!(listed, rows, "{programme}");
    }
}

#[test]
fn health_is_withheld_from_who_may_not_see_it() {
    let person = STREET.find("/programmes/complication-support?list=served", "/people/");
    let page = STREET.get(&person).body;
    let fact = between(&page, "并发症等级：", "</span>");
    assert!(fact.contains("不予显示"), "{fact}");
}

#[test]
fn every_reading_of_people_is_in_the_log() {
    let path = format!("/people/{}", STREET.person);
    STREET.get(&path);
    // Other tests read meanwhile, so it need not be the latest.
    let line = format!("页面 {path}<");
    let mut pages = (1..=20).map(|page| STREET.get(&format!("/log?page={page}")).body);
    assert!(pages.any(|log| log.contains(&line)), "no {line}");
}

fn value(path: &str) -> usize {
    let Answered { body, .. } = STREET.get(path);
    between(&body, "<p class=\"value\"><strong>", "</strong>")
        .replace(',', "")
        .parse()
        .unwrap()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split(end).next().unwrap()
}

#[test]
fn a_check_that_cannot_be_worked_out_is_named() {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    let person = files
        .iter_mut()
        .find(|file| file.path == "registers/person.toml");
    person.unwrap().text.push_str(
        "\n[[check]]\nid = \"counted-names\"\nlevel = \"should\"\nname = { zh = \"姓名成数\", en = \"Names are numbers\" }\nholds = \"cast(name as bigint) > 0\"\n",
    );
    let street = Street::over(testhouse::loaded(files));
    for (page, told) in [
        ("/review", "核对项“姓名成数”未能算出"),
        (
            "/review?lang=en",
            "The check “Names are numbers” couldn't be worked out",
        ),
    ] {
        let body = street.get(page).body.replace("&#39;", "'");
        assert!(body.contains(told), "{body}");
        assert!(!STREET.get(page).body.contains(told));
    }
}
