//! A county's taxes and benefits, written by somebody who had docs/pack.md and the program and nothing else. Its cases were worked out by
//! hand beforehand, in their comments.

use jiff::civil::date;
use kernel::Lang;

#[tokio::test]
async fn what_was_written_from_the_reference_alone_holds() {
    let folder = testhouse::repository().join("crates/programmes/tests/packs/qinghe");
    let pack = testhouse::loaded(testhouse::files(&folder));
    let faults = programmes::check(&pack, date(2026, 12, 31)).await.unwrap();
    let told = pack::render(&pack.files, &faults, Lang::En, false);
    assert!(faults.is_empty(), "{told}");
    let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
    let differing: Vec<String> = (outcomes.iter())
        .filter(|outcome| !outcome.differs.is_empty())
        .map(|outcome| format!("{}: {:?}", outcome.name, outcome.differs))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(outcomes.len() >= 77, "{}", outcomes.len());
}
