//! The handbook: every page leads to the chapter about it, both languages tell the same, and what a chapter names is there: other chapters,
//! pictures, and the words on the pages.

use std::collections::BTreeSet;
use std::fs;

use crate::office::{Office, links};
use crate::pages::every_page;
use crate::street::STREET;

const LANGUAGES: [&str; 2] = ["zh", "en"];
/// The most bytes of a picture, and the most pictures of a language.
const LARGEST: usize = 80_000;
const MOST: usize = 12;

/// The chapters that are written in a language: name and text.
fn chapters(lang: &str) -> Vec<(String, String)> {
    let folder = testhouse::repository().join("docs/handbook").join(lang);
    let files = testhouse::walk(&folder, "md").into_iter().map(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    });
    files.collect()
}

/// Where a page's help leads to, without its language and date.
fn help(body: &str) -> &str {
    let (_, link) = body.split_once("<a class=\"help\" href=\"").expect("help");
    link.split(['"', '?']).next().unwrap()
}

/// What stands after each of the marks, up to the end.
fn between<'t>(text: &'t str, begin: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(begin)
        .skip(1)
        .filter_map(move |part| Some(part.split_once(end)?.0))
}

#[test]
fn every_page_leads_to_a_chapter() {
    for page in every_page() {
        let body = STREET.get(&page).body;
        let chapter = help(&body);
        assert!(chapter.starts_with("/help/"), "{page}: {chapter}");
        assert_eq!(STREET.get(chapter).status, 200, "{page}: {chapter}");
    }
}

#[test]
fn each_kind_of_page_leads_to_its_own() {
    let household = STREET.find("/indicators/households", "/households/");
    for (page, chapter) in [
        ("/", "/help/first-page"),
        ("/units", "/help/figures"),
        ("/programmes/childcare-subsidy?list=missed", "/help/lists"),
        ("/waiting?list=missed", "/help/lists"),
        ("/people?q=%E7%8E%8B", "/help/searching"),
        (&format!("/people/{}", STREET.person), "/help/people"),
        (&household, "/help/people"),
        ("/registers/person", "/help/registers"),
        ("/indicators/births", "/help/figures"),
        ("/dashboards/old-age", "/help/figures"),
        ("/review", "/help/review"),
        ("/imports/2", "/help/importing"),
        ("/completeness", "/help/completeness"),
        ("/desk", "/help/posts"),
        ("/log", "/help/posts"),
        ("/help/glossary", "/help"),
        ("/nothing", "/help"),
    ] {
        assert_eq!(help(&STREET.get(page).body), chapter, "{page}");
    }
    let office = Office::new();
    let question = office.questions().remove(0);
    let person = links(&office.get("wang", &question).body, "/people/").remove(0);
    for (page, chapter) in [
        ("/", "/help/begin"),
        ("/actions", "/help/doing"),
        ("/actions/telephone", "/help/doing"),
        ("/imports/new", "/help/importing"),
        (&question, "/help/review"),
        (&format!("{person}/merge"), "/help/review"),
    ] {
        assert_eq!(help(&office.get("wang", page).body), chapter, "{page}");
    }
}

#[test]
fn every_chapter_is_there_in_both_languages() {
    let (zh, en) = (chapters("zh"), chapters("en"));
    let parts = |text: &str| {
        let marks = text.lines().map(|line| match line {
            _ if line.starts_with('#') => line.split(' ').next().unwrap(),
            _ if line.starts_with('|') => "|",
            _ if line.contains("![") => "!",
            _ => "",
        });
        let marks = marks.filter(|mark| !mark.is_empty());
        marks.map(ToOwned::to_owned).collect::<Vec<String>>()
    };
    let both = zh.iter().zip(&en);
    for ((name, zh), (other, en)) in both {
        assert_eq!(name, other);
        assert_eq!(parts(zh), parts(en), "{name}");
    }
    assert_eq!(zh.len(), en.len());
    for (lang, chapters) in LANGUAGES.iter().zip([zh, en]) {
        let contents = STREET.get(&format!("/help?lang={lang}")).body;
        for (name, text) in &chapters {
            let title = text.lines().next().unwrap().strip_prefix("# ").unwrap();
            let listed = format!("<a href=\"/help/{name}\">{title}</a>");
            assert!(contents.contains(&listed), "{lang}: {listed}");
            let page = STREET.get(&format!("/help/{name}?lang={lang}")).body;
            assert!(page.contains(&format!("<h1>{title}</h1>")), "{name}");
        }
        let all = contents.matches("<dt>").count();
        assert_eq!(all, chapters.len(), "{lang}");
    }
    for none in [
        "/help/none",
        "/help/begin.md",
        "/help/pictures",
        "/help/pictures/none.webp",
    ] {
        assert_eq!(STREET.get(none).status, 404, "{none}");
    }
}

#[test]
fn every_picture_is_shown_and_small() {
    let folder = testhouse::repository().join("docs/handbook/pictures");
    let there: BTreeSet<String> = (testhouse::walk(&folder, "webp").iter())
        .map(|file| testhouse::relative(file, &folder))
        .collect();
    let mut shown = BTreeSet::new();
    for lang in LANGUAGES {
        let before = shown.len();
        for (name, text) in chapters(lang) {
            let page = STREET.get(&format!("/help/{name}?lang={lang}")).body;
            for picture in between(&text, "](../pictures/", ")") {
                assert!(picture.ends_with(&format!(".{lang}.webp")), "{picture}");
                let bytes = fs::read(folder.join(picture)).unwrap();
                assert!(bytes.len() <= LARGEST, "{picture}: {} bytes", bytes.len());
                let address = format!("/help/pictures/{picture}");
                assert!(
                    page.contains(&format!("<img src=\"{address}\" alt=\"")),
                    "{page}"
                );
                assert!(STREET.fetch(&address) == bytes, "{address}");
                shown.insert(picture.to_owned());
            }
            let sized = page.matches("<img").count();
            assert_eq!(
                page.matches(" width=\"1000\" height=").count(),
                sized,
                "{name}"
            );
        }
        assert!(shown.len() - before <= MOST, "{lang}");
    }
    assert_eq!(shown, there);
}

#[test]
fn chapters_lead_only_to_chapters() {
    for lang in LANGUAGES {
        let all = chapters(lang);
        for (name, text) in &all {
            for link in between(text, "](", ")").filter(|link| !link.contains("pictures/")) {
                let to = link.strip_suffix(".md");
                let known = to.is_some_and(|to| all.iter().any(|(name, _)| name == to));
                assert!(known, "{lang}/{name}: {link}");
            }
            let page = STREET.get(&format!("/help/{name}?lang={lang}")).body;
            let (_, article) = page.split_once("<article").unwrap();
            assert!(!article.contains(".md\""), "{lang}/{name}");
        }
    }
}

/// What a chapter prints in bold is what somebody looks for on the page, so it has to stand there in these words: in the pages' own source or in
/// the pack.
#[test]
fn what_stands_in_bold_stands_on_the_pages() {
    let root = testhouse::repository();
    let mut said = String::new();
    for (folder, extension) in [("crates", "rs"), ("packs/national", "toml")] {
        for file in testhouse::walk(&root.join(folder), extension) {
            if !testhouse::relative(&file, &root).contains("/tests/") {
                said += &fs::read_to_string(file).unwrap();
            }
        }
    }
    for lang in LANGUAGES {
        for (name, text) in chapters(lang) {
            for bold in text.split("**").skip(1).step_by(2) {
                // A button that leads to a form says so by dots of its own.
                let words = bold.trim_end_matches(['…', '。']);
                assert!(
                    !words.contains('\n'),
                    "{lang}/{name}: bold that doesn't end"
                );
                assert!(said.contains(words), "{lang}/{name}: no page says {bold}");
            }
        }
    }
}
