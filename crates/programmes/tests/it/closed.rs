//! Whoever concludes from nothing on record that there is nothing has to say which list would tell; in whatever way it is written.

use jiff::civil::date;
use pack::SourceFile;

/// By which lists somebody is known to live.
const LIVES: &str = "vouched = [\"residents-police\", \"police-households\", \"residents-community\", \"deaths\"]\n";

/// The faults of the national pack with a part of the facts of people written otherwise, by code.
async fn faults(old: &str, new: &str) -> Vec<&'static str> {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    let file: &mut SourceFile = files
        .iter_mut()
        .find(|file| file.path == "subjects/person.toml")
        .unwrap();
    assert!(file.text.contains(old), "{old}");
    file.text = file.text.replacen(old, new, 1);
    let pack = testhouse::loaded(files);
    let faults = programmes::check(&pack, date(2026, 1, 1)).await.unwrap();
    faults.iter().map(|fault| fault.code).collect()
}

#[tokio::test]
async fn what_is_taken_for_nothing_has_to_be_declared() {
    // As it is there is no fault.
    assert_eq!(faults("id = \"person\"", "id = \"person\"").await, [""; 0]);
    // A value where there is no row.
    let undeclared = faults(LIVES, "").await;
    assert_eq!(undeclared, ["closed-world"]);
    // A count, without a value where there is none.
    let count = "[[facts]]\nid = \"more\"\nsql = \"select person as subject, SQL as more from disability GROUP\"\n[[facts.fact]]\nid = \"more\"\ntype = \"TYPE\"\nname = { zh = \"多\", en = \"More\" }\n\n[[facts]]\nid = \"life\"";
    for (sql, group, kind) in [
        ("count(*)", "group by person", "int"),
        ("max(grade)", "group by person", "int"),
        ("bool_or(grade = 1)", "group by person", "bool"),
        (
            "not exists (select 1 from employment e where e.person = disability.person)",
            "",
            "bool",
        ),
        ("person not in (select person from employment)", "", "bool"),
    ] {
        let own = count
            .replace("SQL", sql)
            .replace("GROUP", group)
            .replace("TYPE", kind);
        let found = faults("[[facts]]\nid = \"life\"", &own).await;
        assert_eq!(found, ["closed-world"], "{sql}");
    }
    // A row without a partner.
    let joined = count
        .replace("SQL", "e.person is null")
        .replace("GROUP", "")
        .replace("TYPE", "bool");
    let joined = joined.replace("from disability", "from disability left join (select employment.person as other, employment.person from employment) e on e.other = disability.person").replace("select person as", "select disability.person as");
    assert_eq!(
        faults("[[facts]]\nid = \"life\"", &joined).await,
        ["closed-world"]
    );
    // What asks by itself whether somebody is vouched for has said it.
    let asks = joined.replace(
        "e.person is null",
        "e.person is null and vouched('employment', disability.person)",
    );
    assert_eq!(faults("[[facts]]\nid = \"life\"", &asks).await, [""; 0]);
}
