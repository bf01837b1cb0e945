//! A pack with every kind of fault planted in it, and the text a reader is shown. After a wanted change, run the tests with
//! `REWRITE=1` and read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use kernel::Lang;

#[test]
fn every_planted_fault_is_shown_at_its_place() {
    let fixtures = fixtures();
    let faulty =
        pack::load(testhouse::files(&fixtures.join("faulty"))).expect_err("the fixture is faulty");
    for (lang, name) in [(Lang::En, "faulty.en.txt"), (Lang::Zh, "faulty.zh.txt")] {
        compare(
            &fixtures.join(name),
            &pack::render(&faulty.files, &faulty.faults, lang, false),
        );
    }
}

#[test]
fn a_folder_whose_name_is_misspelt_is_one_fault() {
    let page = testhouse::repository().join("docs/pack.md");
    let page = fs::read_to_string(page).unwrap();
    let mut files = testhouse::examples(&page).remove(0);
    for file in &mut files {
        file.path = file.path.replace("registers/visit", "register/visit");
    }
    let faults = pack::load(files).unwrap_err().faults;
    let [fault] = &faults[..] else {
        panic!("{faults:#?}")
    };
    let hint = fault.hint.as_ref().unwrap();
    assert_eq!(hint.get(Lang::En), "Did you mean “registers”?");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let faulty = pack::load(testhouse::files(&fixtures().join("faulty"))).unwrap_err();
    let coloured = pack::render(&faulty.files, &faulty.faults, Lang::Zh, true);
    let plain = pack::render(&faulty.files, &faulty.faults, Lang::Zh, false);
    assert!(coloured.contains('\u{1b}') && !plain.contains('\u{1b}'));
    let mut stripped = String::new();
    let mut escaped = false;
    for c in coloured.chars() {
        match c {
            '\u{1b}' => escaped = true,
            'm' if escaped => escaped = false,
            _ if escaped => {}
            _ => stripped.push(c),
        }
    }
    assert_eq!(stripped, plain);
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub fn compare(path: &Path, found: &str) {
    if std::env::var_os("REWRITE").is_some() {
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == expected,
        "{} differs; run with REWRITE=1 and read the difference\n{found}",
        path.display()
    );
}
