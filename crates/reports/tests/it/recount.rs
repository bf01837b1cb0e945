//! Which figures are kept true by counting again only the rows that a change concerns.

use jiff::civil::date;
use kernel::Period;
use reports::cube::Counting;
use reports::recount::Recount;
use testhouse::national;

#[tokio::test]
async fn nearly_all_indicators_tell_how_their_rows_hang_together() {
    let pack = national();
    let mut recount = Recount::new(&pack, date(2025, 12, 31)).unwrap();
    let mut anew = Vec::new();
    for indicator in &pack.indicators {
        let of = (Period::Year(2025), false);
        let Some(counting) = Counting::new((&pack, indicator), of, true).unwrap() else {
            continue;
        };
        let atom = (indicator.id.clone(), false);
        if !recount.plan(&atom, counting).await.unwrap() {
            anew.push(indicator.id.as_str());
        }
    }
    // Of others all is counted anew once something of them is touched: what people do all day must not.
    let daily = ["population", "benefits", "age", "vital", "care"];
    let is_daily = |id: &&&str| {
        let indicator = pack.indicator(id);
        let group = indicator.and_then(|own| own.group.as_deref());
        group.is_some_and(|group| daily.contains(&group))
    };
    let told: Vec<&&str> = anew.iter().filter(is_daily).collect();
    // A household is told by the first of several records of aid, which no join knows.
    let of_aid = [
        "aided_households",
        "girl_households",
        "girl_households_to_date",
    ];
    assert!(told.iter().all(|id| of_aid.contains(id)), "{told:?}");
    assert!(anew.len() * 9 < pack.indicators.len(), "{anew:?}");
}
