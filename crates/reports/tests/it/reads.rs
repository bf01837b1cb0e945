//! What figures rest on, told from the plans of the national pack's queries.

use std::collections::BTreeSet;

use reports::reads::reads;
use testhouse::national;

fn set<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
    ids.into_iter().map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn a_figure_rests_on_the_registers_of_its_query_and_those_that_say_whose_a_record_is() {
    let pack = national();
    let reads = reads(&pack).await.unwrap();
    assert_eq!(
        reads["population"].registers,
        set(["residence", "person", "death", "unit", "own_list"])
    );
    assert_eq!(
        reads["area"].registers,
        set(["unit", "residence", "own_list"])
    );
    assert_eq!(
        reads["births"].registers,
        set(["birth", "person", "unit", "residence", "own_list"])
    );
    // A rate rests on what is added, taken away and divided by.
    assert_eq!(
        reads["natural_growth"].registers,
        set(["birth", "death", "person", "residence", "unit", "own_list"])
    );
    assert!(reads.len() == pack.indicators.len());
}

#[tokio::test]
async fn what_is_counted_beside_the_rows_has_to_have_been_told() {
    let reads = reads(&national()).await.unwrap();
    let reaching = &reads["venues_reaching"];
    assert_eq!(reaching.counted, set(["venue"]));
    assert_eq!(reaching.asks, set(["venue_item", "venue_standard"]));
    assert_eq!(reads["venues"].asks, set([]));
    // A household that is in no grid has the worker of its community.
    let unanswered = &reads["households_unanswered"];
    assert!(unanswered.query.contains("grid_household"));
    assert!(unanswered.asks.contains("responsibility"));
    assert!(!unanswered.asks.contains("grid_household"));
}

#[tokio::test]
async fn figures_of_answers_rest_on_what_facts_read_and_on_nothing_else() {
    let pack = national();
    let reads = reads(&pack).await.unwrap();
    let answers = &reads["childcare_subsidy"];
    assert!(answers.entitled && !reads["population"].entitled);
    for register in [
        "person",
        "residence",
        "kinship",
        "certificate",
        "employment",
    ] {
        assert!(answers.registers.contains(register), "{register}");
    }
    // A note or the first telephone changes no answer.
    for register in ["note", "contact", "question", "layout", "post"] {
        assert!(!answers.registers.contains(register), "{register}");
    }
}

#[tokio::test]
async fn rows_are_the_records_whose_number_they_have_and_what_they_are_tested_by_is_known() {
    let pack = national();
    let reads = reads(&pack).await.unwrap();
    assert_eq!(reads["population"].counted, set(["residence"]));
    assert_eq!(reads["births"].counted, set(["birth"]));
    assert_eq!(reads["households"].counted, set(["household"]));
    assert!(reads["rural_support"].counted.is_empty());
    let tested = &reads["married_women_15_49"].tested;
    for field in ["sex", "birth_date", "marriage"] {
        assert!(
            tested.contains(&("person".to_owned(), field.to_owned())),
            "{field} of {tested:?}"
        );
    }
    // What decides that somebody is dead is asked only of those of whom it was said.
    assert!(tested.iter().all(|(register, _)| register != "death"));
    assert_eq!(
        reads["births"].columns["sex"],
        ("person".to_owned(), "sex".to_owned())
    );
}

/// The national pack with an indicator of these rows.
fn with_rows(rows: &str) -> std::sync::Arc<pack::Pack> {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    files.push(pack::SourceFile {
        path: "indicators/grouped.toml".to_owned(),
        text: format!(
            "[[indicator]]\nid = \"grouped\"\nname = {{ zh = \"分组\", en = \"Grouped\" }}\ngroup = \"population\"\n\
             unit = {{ zh = \"户\", en = \"households\" }}\nmeasure = \"count\"\nat = \"period\"\nrows = \"\"\"\n{rows}\n\"\"\"\n"
        ),
    });
    testhouse::loaded(files)
}

#[tokio::test]
async fn rows_of_groups_are_records_of_the_register_whose_number_is_taken() {
    for (rows, counted) in [
        // Help to households, each once: what must be known is the help, not every household over the year.
        (
            "select min(a.id) as id, h.id as household, h.number, count(*) as times, a.unit \
             from aid a join household h on h.id = a.household where a.given_on between $start and $end \
             group by h.id, h.number, a.unit",
            set(["aid"]),
        ),
        (
            "select max(v.id) + 0 as id, v.person, v.unit from visit v join person p on p.id = v.person group by v.person, v.unit",
            set(["visit"]),
        ),
        (
            "select coalesce(v.id, a.id) as id, coalesce(v.unit, a.unit) as unit from visit v full join aid a on a.household = v.id",
            set(["visit", "aid"]),
        ),
        (
            "select g.id, g.unit from (select min(id) as id, household, unit from aid group by household, unit) g \
             join household h on h.id = g.household",
            set(["aid"]),
        ),
        // A number of no record: whatever is joined.
        (
            "select row_number() over () as id, a.unit from aid a join household h on h.id = a.household",
            set(["aid", "household"]),
        ),
    ] {
        let reads = reads(&with_rows(rows)).await.unwrap();
        assert_eq!(reads["grouped"].counted, counted, "{rows}");
    }
}
