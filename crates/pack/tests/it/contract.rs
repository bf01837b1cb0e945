//! The national pack keeps everything the crates above know; one small change for each way of not doing so, found alone.

use pack::{NoContract, Pack, SourceFile};

/// The national pack with `old` replaced by `new` in one register.
fn changed(register: &str, old: &str, new: &str) -> Vec<SourceFile> {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    let path = format!("registers/{register}.toml");
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    assert_eq!(file.text.matches(old).count(), 1, "{old} in {path}");
    file.text = file.text.replace(old, new);
    files
}

fn shape(pack: &Pack, register: &str) -> Vec<String> {
    let fields = &pack.register(register).unwrap().fields;
    fields.iter().map(|field| field.id.clone()).collect()
}

#[test]
fn the_contract_says_which_register_keeps_what_and_where() {
    let pack = testhouse::national();
    let contract = pack.contract().unwrap();
    assert_eq!(contract.people.register.id, "person");
    let fields = shape(&pack, "person");
    assert_eq!(fields[contract.people.name.at], "name");
    assert_eq!(contract.homes.register.id, "residence");
    assert_eq!(pack.at_home().unwrap().id, "person");
    let fields = shape(&pack, "question");
    let said = contract.questions.said.each_ref().map(|field| field.at);
    assert_eq!(said.map(|at| fields[at].as_str()), pack::SAID);
}

#[test]
fn a_pack_without_lists_of_people_needs_no_contract() {
    let file = |path: &str, text: &str| SourceFile {
        path: path.into(),
        text: text.into(),
    };
    let pack = pack::load(vec![file(
        "pack.toml",
        "[pack]\nid = \"small\"\nname = { zh = \"小\", en = \"Small\" }\nversion = \"1\"\n",
    )]);
    assert_eq!(pack.unwrap().contract(), Err(NoContract));
}

#[test]
fn a_list_of_people_needs_who_keeps_them() {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    for file in &mut files {
        let lines = file.text.lines().filter(|line| !line.starts_with("keeps"));
        file.text = lines.map(|line| format!("{line}\n")).collect();
    }
    let faulty = pack::load(files).unwrap_err();
    let [fault] = &faulty.faults[..] else {
        panic!("{:?}", faulty.faults)
    };
    let place = fault.place.clone().unwrap();
    let file = &faulty.files[place.file];
    assert_eq!(fault.code, "missing-keeper");
    assert_eq!(file.path, "rosters/police-households.toml");
    assert_eq!(&file.text[place.span], "police-households");
    // Homes and units are kept all the same.
    assert!(
        fault.message.en.ends_with("layouts, posts."),
        "{:?}",
        fault.message
    );
}

#[test]
#[rustfmt::skip]
fn each_breach_is_found_alone_at_its_words() {
    let mut wrong: Vec<String> = Vec::new();
    for (register, old, new, code, at) in [
        ("death", "keeps = \"deaths\"", "", "missing-keeper", "asked"),
        ("person", "keeps = \"people\"", "", "missing-keeper", "asked"),
        ("disability", "[register]", "[register]\nkeeps = \"deaths\"", "two-keepers", "deaths"),
        ("person", "keeps = \"people\"", "keeps = \"peopel\"", "bad-value", "peopel"),
        ("question", "id = \"other\"", "id = \"another\"", "missing-register-field", "questions"),
        ("question", "id = \"other\"\ntype = \"int\"", "id = \"other\"\ntype = \"text\"", "type-mismatch", "other"),
        ("question", "type = \"ref\"\nregister = \"person\"", "type = \"ref\"\nregister = \"household\"", "type-mismatch", "person"),
        ("layout", "[\"roster\", \"fingerprint\"]", "[\"fingerprint\"]", "identity-mismatch", "layouts"),
        ("unit_code", "unique = \"everywhere\"", "unique = \"everywhere\"\ntree = { code = \"of\", parent = \"of\", successor = \"of\", ended = \"ended\" }\n[[field]]\nid = \"ended\"\ntype = \"date\"\nname = { zh = \"止\", en = \"Ended\" }", "two-keepers", "{ code = \"of\", parent = \"of\", successor = \"of\", ended = \"ended\" }"),
    ] {
        let faulty = match pack::load(changed(register, old, new)) {
            Ok(_) => { wrong.push(format!("{register}: {new}: no fault")); continue }
            Err(faulty) => faulty,
        };
        let words = |fault: &pack::Fault| {
            let place = fault.place.clone().unwrap();
            faulty.files[place.file].text[place.span].to_owned()
        };
        let found: Vec<(&str, String)> = faulty.faults.iter().map(|f| (f.code, words(f))).collect();
        // A misspelt word keeps nothing, which is told as well.
        let found: Vec<_> = found.into_iter().filter(|(found, _)| code != "bad-value" || *found != "missing-keeper").collect();
        if found != [(code, at.to_owned())] {
            wrong.push(format!("{register}: {old} → {new}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
