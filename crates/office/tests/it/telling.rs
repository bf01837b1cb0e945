//! Rows behind a figure tell nobody what is kept from them by being counted, or by being in a group.

use std::sync::Arc;

use kernel::{Period, Sensitivity};
use office::{InGroup, Office, Part};
use pack::{Pack, SourceFile};

use crate::readers::{ROOT, street, unit};

/// Figures that tell people apart by where their ID number was given.
fn by_number() -> Arc<Pack> {
    let mut files: Vec<SourceFile> = testhouse::national().files.clone();
    let rows = "select r.id, r.person, p.name, p.id_number, r.unit from residence r join person p on p.id = r.person where r.counted";
    files.push(SourceFile {
        path: "indicators/test.toml".into(),
        text: format!(
            r#"
[[dimension]]
id = "given_here"
name = {{ zh = "号码在本地编", en = "Number given here" }}
of = "id_number like '2102%'"
yes = {{ zh = "是", en = "Yes" }}
no = {{ zh = "否", en = "No" }}

[[indicator]]
id = "at_home"
name = {{ zh = "在册", en = "At home" }}
unit = {{ zh = "人", en = "people" }}
measure = "count"
at = "end"
by = ["given_here"]
rows = "{rows}"

[[indicator]]
id = "given_here"
name = {{ zh = "号码在本地编的", en = "With a number given here" }}
unit = {{ zh = "人", en = "people" }}
measure = "count"
at = "end"
rows = "{rows} and p.id_number like '2102%'"
"#
        ),
    });
    Arc::new(pack::load(files).expect("the pack is sound"))
}

/// How many rows are behind a figure, and of how many it is told what they say.
async fn told(office: &Office, id: &str, wanted: &[InGroup]) -> (usize, usize) {
    let view = office.view(Some("主任"), "test").await.unwrap();
    let sheet = view.board(Period::Year(2025), unit(ROOT)).await.unwrap();
    let part = Part {
        offset: 0,
        limit: 1_000,
    };
    let rows = sheet.rows(id, (id, false), wanted, part).await.unwrap();
    let told = rows.rows.iter().filter(|row| row.cells.is_some());
    (rows.total, told.count())
}

#[tokio::test]
async fn a_row_says_nothing_by_its_group_to_whom_the_field_is_masked() {
    let (office, _) = street(by_number(), &[]).await;
    let clear = office.clone().revealing(&[Sensitivity::Id], "test");
    let here = [("given_here".to_owned(), "yes".to_owned())];
    let (all, seen) = told(&office, "at_home", &[]).await;
    assert!(all > 0 && seen == all, "{seen} of {all}");
    let (group, seen) = told(&office, "at_home", &here).await;
    assert!(group > 0 && seen == 0, "{seen} of {group}");
    assert_eq!(told(&clear, "at_home", &here).await, (group, group));
    // The same where it is counted by the field.
    assert_eq!(told(&office, "given_here", &[]).await, (group, 0));
    assert_eq!(told(&clear, "given_here", &[]).await, (group, group));
}
