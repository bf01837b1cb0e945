//! What is wrong with SQL is told in plain words, at the word, with what to do.

use std::sync::Arc;

use jiff::civil::date;
use kernel::Lang;

/// The one fault of the reference's examples after a change: the code, the words at which it is, what is wrong and what to do.
async fn fault(path: &str, from: &str, to: &str) -> (&'static str, String, String, String) {
    let page = testhouse::repository().join("docs/pack.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut layers = testhouse::examples(&page);
    layers.truncate(1);
    let file = layers[0].iter_mut().find(|file| file.path == path).unwrap();
    assert!(file.text.contains(from), "{path}: {from}");
    file.text = file.text.replacen(from, to, 1);
    let (files, faults) = match pack::load_layers(layers) {
        Err(faulty) => (faulty.files, faulty.faults),
        Ok(pack) => {
            let pack = Arc::new(pack);
            let faults = programmes::check(&pack, date(2026, 12, 31)).await.unwrap();
            (pack.files.clone(), faults)
        }
    };
    let rendered = pack::render(&files, &faults, Lang::En, false);
    let [fault] = &faults[..] else {
        panic!("{rendered}")
    };
    let place = fault.place.as_ref().unwrap();
    let at = files[place.file].text[place.span.clone()].to_owned();
    let hint = fault.hint.as_ref().map_or("", |hint| hint.get(Lang::En));
    (fault.code, at, fault.message(Lang::En), hint.to_owned())
}

const FIGURES: &str = "indicators/all.toml";
const ELDERLY: &str = "programmes/elderly-allowance.toml";

#[tokio::test]
async fn a_register_that_is_not_there() {
    let (_, at, message, hint) = fault(FIGURES, "unit from person\"", "unit from persons\"").await;
    assert_eq!(at, "persons");
    assert_eq!(message, "there is no register “persons”");
    assert_eq!(hint, "did you mean “person”?");
}

#[tokio::test]
async fn a_word_of_sql_that_is_misspelt_and_sql_that_ends_too_early() {
    let (_, at, message, hint) = fault(FIGURES, "where income is", "wehre income is").await;
    assert_eq!(at, "income");
    assert_eq!(message, "the SQL can't be read on at “income”");
    assert!(hint.contains("look before it"), "{hint}");
    let file = "checks/between.toml";
    let (_, at, _, hint) = fault(file, "kinship k join", "kinship k jion").await;
    assert_eq!(
        (at.as_str(), hint.as_str()),
        ("jion", "did you mean “join”?")
    );
    let (_, at, message, hint) = fault(ELDERLY, "age >= $from_age", "(age >= $from_age").await;
    assert_eq!(at, "(age >= $from_age");
    assert_eq!(message, "the SQL ends too early");
    assert_eq!(hint, "what is missing is a closing bracket");
    let (_, _, message, _) = fault(ELDERLY, "age >= $from_age", "age >= '80").await;
    assert!(message.contains("isn't closed"), "{message}");
}

#[tokio::test]
async fn the_columns_of_an_indicator() {
    let (_, _, message, hint) = fault(FIGURES, "column = \"income\"", "column = \"incomes\"").await;
    assert_eq!(message, "the query lacks the column to add up, “incomes”");
    assert_eq!(
        hint,
        "`column` must be one of the select's whole numbers: income"
    );
    let (_, _, message, hint) = fault(
        FIGURES,
        "select id, income, unit from",
        "select id, income from",
    )
    .await;
    assert_eq!(message, "the query lacks the column “unit”");
    assert!(hint.contains("no unit has any"), "{hint}");
}

#[tokio::test]
async fn words_of_code_lists_and_amounts() {
    let file = "subjects/person.toml";
    let (_, at, _, hint) = fault(
        file,
        "full_years(birth_date, $on)",
        "case when sex = '女' then full_years(birth_date, $on) end",
    )
    .await;
    assert_eq!(at, "'女'");
    assert_eq!(hint, "SQL compares with the value: “女” is '2'");
    let (_, _, _, hint) = fault(
        file,
        "full_years(birth_date, $on)",
        "case when sex = '3' then full_years(birth_date, $on) end",
    )
    .await;
    assert_eq!(hint, "there are: 1 Male, 2 Female");
    for (written, fen) in [("100.00", "10000"), ("\"100元\"", "10000"), ("0.05", "5")] {
        let (code, at, _, hint) =
            fault(ELDERLY, "value = 10000", &format!("value = {written}")).await;
        assert_eq!((code, at.as_str()), ("wrong-type", written));
        assert!(hint.ends_with(&format!("yuan is {fen}.")), "{hint}");
    }
    let (_, _, _, hint) = fault(ELDERLY, "value = 10000", "value = \"much\"").await;
    assert!(hint.contains("180 yuan is 18000"), "{hint}");
}
