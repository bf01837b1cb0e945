//! Rows behind a figure tell nobody what is kept from them by being counted, or by being in a group.

use std::sync::Arc;

use kernel::{Period, Sensitivity};
use office::{InGroup, Office, Part};
use pack::{Pack, SourceFile};

use crate::readers::{ROOT, street, unit};

/// Whether a digit of somebody's ID number is odd, asked in every way in which a query may look at a field.
const WAYS: [(&str, &str); 8] = [
    (
        "plain",
        "substr(p.id_number, 16, 1) in ('1', '3', '5', '7', '9')",
    ),
    (
        "value_instead",
        "coalesce(substr(p.id_number, 16, 1), '') in ('1', '3', '5', '7', '9')",
    ),
    (
        "decided",
        "case when substr(p.id_number, 16, 1) in ('1', '3', '5', '7', '9') then true else false end",
    ),
    (
        "is_null",
        "nullif(substr(p.id_number, 16, 1) in ('1', '3', '5', '7', '9'), true) is null and p.id_number is not null",
    ),
    (
        "there",
        "exists (select 1 from person q where q.id = r.person and coalesce(substr(q.id_number, 16, 1), '') in ('1', '3', '5', '7', '9'))",
    ),
    (
        "within",
        "r.person in (select q.id from person q where substr(q.id_number, 16, 1) in ('1', '3', '5', '7', '9'))",
    ),
    (
        "correlated",
        "(select max(substr(q.id_number, 16, 1)) from person q where q.id = r.person) in ('1', '3', '5', '7', '9')",
    ),
    (
        "grouped",
        "r.person in (select q.id from person q group by q.id having max(substr(q.id_number, 16, 1)) in ('1', '3', '5', '7', '9'))",
    ),
];

/// Figures that tell people apart by a digit of their ID number.
fn by_number() -> Arc<Pack> {
    let mut files: Vec<SourceFile> = testhouse::national().files.clone();
    let rows = "select r.id, r.person, p.name, p.id_number, r.unit, coalesce(substr(p.id_number, 16, 1), '') as digit from residence r join person p on p.id = r.person where r.counted";
    let mut text = format!(
        "{}{}",
        dimension(
            "odd",
            "substr(id_number, 16, 1) in ('1', '3', '5', '7', '9')"
        ),
        dimension("worked_out", "digit in ('1', '3', '5', '7', '9')")
    );
    text += &indicator("at_home", "by = [\"odd\", \"worked_out\"]", rows);
    for (way, condition) in WAYS {
        text += &indicator(way, "", &format!("{rows} and {condition}"));
    }
    let first =
        format!("select * from ({rows}) as all_rows where digit in ('1', '3', '5', '7', '9')");
    text += &indicator("by_column", "", &first);
    files.push(SourceFile {
        path: "indicators/test.toml".into(),
        text,
    });
    Arc::new(pack::load(files).expect("the pack is sound"))
}

fn dimension(id: &str, of: &str) -> String {
    format!(
        r#"
[[dimension]]
id = "{id}"
name = {{ zh = "号码顺序为单", en = "Odd number" }}
of = "{of}"
yes = {{ zh = "是", en = "Yes" }}
no = {{ zh = "否", en = "No" }}
"#
    )
}

fn indicator(id: &str, by: &str, rows: &str) -> String {
    format!(
        r#"
[[indicator]]
id = "{id}"
name = {{ zh = "在册", en = "At home" }}
unit = {{ zh = "人", en = "people" }}
measure = "count"
at = "end"
{by}
rows = "{rows}"
"#
    )
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
async fn a_row_says_nothing_by_being_counted_or_by_its_group_to_whom_the_field_is_masked() {
    let (office, _) = street(by_number(), &[]).await;
    let clear = office.clone().revealing(&[Sensitivity::Id], "test");
    let (all, seen) = told(&office, "at_home", &[]).await;
    assert!(all > 0 && seen == all, "{seen} of {all}");
    let (here, _) = told(&office, "plain", &[]).await;
    assert!(0 < here && here < all, "{here} of {all}");
    for dimension in ["odd", "worked_out"] {
        let group = [(dimension.to_owned(), "yes".to_owned())];
        assert_eq!(told(&office, "at_home", &group).await, (here, 0));
        assert_eq!(told(&clear, "at_home", &group).await, (here, here));
    }
    // The same where it is counted by the field.
    for way in WAYS.map(|(way, _)| way).into_iter().chain(["by_column"]) {
        assert_eq!(told(&office, way, &[]).await, (here, 0), "{way}");
        assert_eq!(told(&clear, way, &[]).await, (here, here), "{way}");
    }
}
