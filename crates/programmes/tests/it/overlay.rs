//! A county's pack over the national one: its own cases and those of the national pack come out as written.

use jiff::civil::date;
use kernel::Lang;

#[tokio::test]
async fn the_cases_of_a_county_and_of_the_pack_below_come_out_as_written() {
    let county = testhouse::repository().join("crates/pack/tests/fixtures/county");
    let national = testhouse::repository().join("packs/national");
    let layers = vec![testhouse::files(&national), testhouse::files(&county)];
    let pack = pack::load_layers(layers).map(std::sync::Arc::new);
    let pack = pack
        .map_err(|f| pack::render(&f.files, &f.faults, Lang::En, false))
        .unwrap();
    let faults = programmes::check(&pack, date(2026, 12, 31)).await.unwrap();
    assert!(
        faults.is_empty(),
        "{}",
        pack::render(&pack.files, &faults, Lang::En, false)
    );
    let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
    let own = |place: &pack::Place| pack.origin(place).is_some_and(|o| o.layer.id == "lianhu");
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| own(&outcome.place))
            .count(),
        7
    );
    let differing: Vec<String> = (outcomes.iter())
        .filter(|outcome| !outcome.differs.is_empty())
        .map(|outcome| format!("{}: {:?}", outcome.name, outcome.differs))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[tokio::test]
async fn the_examples_of_the_reference_are_true() {
    let page = testhouse::repository().join("docs/pack.md");
    let page = std::fs::read_to_string(page).unwrap();
    for depth in [1, 2] {
        let mut layers = testhouse::examples(&page);
        layers.truncate(depth);
        let pack = pack::load_layers(layers).map(std::sync::Arc::new).unwrap();
        let faults = programmes::check(&pack, date(2026, 12, 31)).await.unwrap();
        assert!(
            faults.is_empty(),
            "{}",
            pack::render(&pack.files, &faults, Lang::En, false)
        );
        let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
        assert!(outcomes.len() > 4);
        let differing: Vec<_> = outcomes.iter().filter(|o| !o.differs.is_empty()).collect();
        assert!(differing.is_empty(), "{differing:#?}");
    }
}

#[tokio::test]
async fn the_tutorial_is_true() {
    let page = testhouse::repository().join("docs/tutorial.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut national = testhouse::files(&testhouse::repository().join("packs/national"));
    national.retain(|file| !file.path.starts_with("cases/"));
    let mut layers = vec![national];
    layers.extend(testhouse::examples(&page));
    let lines: usize = (layers[1].iter().map(|file| &file.text))
        .map(|text| text.lines().filter(|line| !line.trim().is_empty()).count())
        .sum();
    assert!(lines < 200, "{lines} lines");
    let pack = pack::load_layers(layers).map(std::sync::Arc::new).unwrap();
    let faults = programmes::check(&pack, date(2026, 12, 31)).await.unwrap();
    assert!(
        faults.is_empty(),
        "{}",
        pack::render(&pack.files, &faults, Lang::En, false)
    );
    let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
    assert_eq!(outcomes.len(), 4);
    let differing: Vec<_> = outcomes.iter().filter(|o| !o.differs.is_empty()).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}
