//! A pack may call its registers as it likes: the same lists, answers and merges over the national pack and over one with other
//! names for every register of the contract come to the same pages.

use crate::office::{Office, links};
use crate::street::{Answered, STREET, Street};

#[test]
fn the_pages_of_a_street_are_the_same() {
    let other = Street::over(testhouse::renamed());
    let person = format!("/people/{}", STREET.person);
    let household = STREET.find(&person, "/households/");
    let unit = format!("/units/{}", STREET.community);
    let mut paths = vec!["/".to_owned(), "/imports".to_owned(), unit, household];
    paths.extend([format!("{person}/merge"), person]);
    paths.push("/people?q=%E5%A4%96%E4%BA%BA".to_owned());
    paths.push(format!("/people?q={}", STREET.id_number));
    paths.push(format!("/people/{}", STREET.odd_person));
    for programme in STREET.programmes() {
        paths.push(format!("/programmes/{programme}"));
    }
    for indicator in STREET.indicators() {
        paths.push(format!("/indicators/{indicator}"));
    }
    paths.push("/registers".to_owned());
    paths.push("/registers/contact?f.person.name=%E7%8E%8B&sort=person".to_owned());
    // What the navigation counts, and what is owed, is there once somebody asked for it.
    STREET.settle();
    other.settle();
    for path in paths {
        same(&other, &path, &path);
    }
    for (old, new) in testhouse::OTHER_NAMES {
        let (path, renamed) = (format!("/registers/{old}"), format!("/registers/{new}"));
        if !["question", "layout"].contains(&old) {
            same(&other, &path, &renamed);
        }
    }
}

/// Whether two addresses of the two streets are one page.
fn same(other: &Street, path: &str, renamed: &str) {
    let (one, other) = (STREET.get(path), other.get(renamed));
    assert_ne!(one.status, 404, "{path}");
    assert_eq!(one.status, other.status, "{path}");
    assert_eq!(shown(&one.body), shown(&called(&other.body)), "{path}");
}

/// A page whose links call registers as the national pack does.
fn called(body: &str) -> String {
    let mut body = body.to_owned();
    for (old, new) in testhouse::OTHER_NAMES {
        for end in ["\"", "/", "?"] {
            let (of, to) = (
                format!("/registers/{new}{end}"),
                format!("/registers/{old}{end}"),
            );
            body = body.replace(&of, &to);
        }
        let (of, to) = (format!("/amend/{new}."), format!("/amend/{old}."));
        body = body.replace(&of, &to);
    }
    body
}

/// A page without the query that it shows as the pack has it.
fn shown(body: &str) -> String {
    let Some((before, query)) = body.split_once("<pre><code>") else {
        return body.to_owned();
    };
    let (_, after) = query.split_once("</code></pre>").unwrap();
    format!("{before}{after}")
}

#[test]
fn the_desk_does_the_same() {
    let desks = [testhouse::national(), testhouse::renamed()].map(Office::over);
    let told = desks.each_ref().map(|office| {
        let mut told = vec![office.get("wang", "/review").body];
        let questions = office.questions();
        assert!(questions.len() > 1);
        let shown = office.get("wang", &questions[0]).body;
        let person = links(&shown, "/people/")[0].clone();
        let answer = format!("answer=same:{}", person.trim_start_matches("/people/"));
        told.push(shown);
        told.push(done(&office.post("wang", &questions[0], &answer)));
        told.push(office.get("wang", &person).body);
        let other = links(&office.get("wang", &questions[1]).body, "/people/")[0].clone();
        let form = format!("other={}", other.trim_start_matches("/people/"));
        told.push(done(&office.post(
            "wang",
            &format!("{person}/merge"),
            &form,
        )));
        told.push(office.get("wang", "/review").body);
        let proposed = office.questions();
        told.push(done(&office.post("li", &proposed[0], "answer=merged")));
        told.push(office.get("li", &person).body);
        told.push(office.get("li", "/imports").body);
        told
    });
    let [one, other] = told;
    let other: Vec<String> = other.iter().map(|body| called(body)).collect();
    assert_eq!(one, other);
}

/// Where a form that was taken leads.
fn done(answered: &Answered) -> String {
    assert_eq!(answered.status, 303, "{}", answered.body);
    answered.header("location")
}
