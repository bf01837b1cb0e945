//! What a list says somebody is due is what is counted for the period of the step; what may be due waits with the answers for the list that
//! would tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::date;
use kernel::Period;
use office::{ListAsked, OwedAsked, OwedSheet, Settled, Standing, View, Waits, step_paid};
use pack::{Pack, SourceFile};
use programmes::{LedgerDays, amounts};

use crate::readers::{now, office, tables_of_street};

/// A programme by the first day of its year, one by the last day of its month, and one whose condition comes to hold within the year.
const PROGRAMMES: [(&str, &str, &str, &str); 3] = [
    (
        "by-first",
        "full_years(birth_date, $on) >= 35",
        "year",
        "$on = $start",
    ),
    (
        "by-last",
        "full_years(birth_date, $on) >= 35",
        "month",
        "$on = $end",
    ),
    (
        "within",
        "full_years(birth_date, $on) >= 60",
        "year",
        "true",
    ),
];

fn with_programmes() -> Arc<Pack> {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    for (id, holds, every, due) in PROGRAMMES {
        let text = format!(
            r#"[programme]
id = "{id}"
name = {{ zh = "{id}", en = "{id}" }}
subject = "person"
basis = [{{ document = "示例" }}]

[[condition]]
id = "old"
name = {{ zh = "年龄", en = "Age" }}
holds = "{holds}"

[pays]
every = "{every}"
due = "{due}"
amount = "100 * full_years(birth_date, $on)"
"#
        );
        let path = format!("programmes/{id}.toml");
        files.push(SourceFile { path, text });
    }
    testhouse::loaded(files)
}

#[tokio::test]
async fn a_list_says_what_the_period_comes_to() {
    let pack = with_programmes();
    let (tables, _) = tables_of_street(pack.clone(), &[]).await;
    let office = office(tables.clone());
    let view = office.view(Some("主任"), "test").await.unwrap();
    let days = LedgerDays {
        tables: &tables,
        known: None,
        why: "test",
        at: now(),
    };
    for on in [date(2026, 5, 20), date(2026, 1, 1), date(2026, 12, 31)] {
        for (id, ..) in PROGRAMMES {
            // No benefit list speaks of these programmes, so whether anybody is enrolled in them is not known.
            let asked = ListAsked::of(id, Standing::Unlisted);
            let list = view.whole_list(on, &asked, 200).await.unwrap();
            assert!(list.total > 20, "{id} {on}");
            let step = step_paid(pack.programme(id).unwrap(), on).unwrap();
            let own = [id.to_owned()];
            let counted = amounts(&days, &pack, &own, &step, &|_, _| true);
            let counted: BTreeMap<i64, i64> = (counted.await.unwrap()[id].iter())
                .map(|due| (due.subject, due.sum().fen.0))
                .collect();
            let mut told = 0;
            for row in &list.rows {
                let shown = row.amount.flatten().map(|amount| amount.fen.0);
                let subject = row.listed.subject.unwrap();
                assert_eq!(shown, counted.get(&subject).copied(), "{id} {on}");
                told += usize::from(shown.is_some());
            }
            assert!(told > 20, "{id} {on}: {told}");
        }
    }
}

/// Whoever has a certificate is due 100 yuan a year; no list of certificates ever came.
const WAITS: &str = r#"[programme]
id = "waits"
name = { zh = "待名册", en = "Waits" }
subject = "person"
basis = [{ document = "示例" }]

[[condition]]
id = "certified"
name = { zh = "持证", en = "Certified" }
holds = "certificate_status <> 'none'"

[pays]
every = "year"
due = "$on = $end"
amount = "10000"
"#;

#[tokio::test]
async fn money_waits_with_the_answers_for_the_list_that_would_tell() {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    files.push(SourceFile {
        path: "programmes/waits.toml".to_owned(),
        text: WAITS.to_owned(),
    });
    let (tables, _) = tables_of_street(testhouse::loaded(files), &[]).await;
    let office = office(tables);
    let view = office.view(Some("主任"), "test").await.unwrap();
    let period = Period::year_of(office.on);
    let sheet = counted(&view, period).await;
    let (_, sums) = sheet
        .programmes
        .iter()
        .find(|(id, _)| id == "waits")
        .unwrap();
    let unknown = sums[&OwedAsked::Settled(Settled::DueUnknown)];
    assert!(unknown.subjects > 20, "{unknown:?}");
    assert_eq!(
        (unknown.untold, unknown.fen.0),
        (0, 10_000 * i64::try_from(unknown.steps).unwrap())
    );
    let listed = |standing| ListAsked::of("waits", standing);
    let of_it = view
        .whole_list(office.on, &listed(Standing::Waits), 500)
        .await
        .unwrap();
    let waiting = view.waiting_for_lists(office.on).await.unwrap();
    let of_certificates = waiting
        .iter()
        .filter(|((roster, _), _)| roster == "certificates");
    let sum = of_certificates
        .map(|(_, own)| *own)
        .reduce(Waits::and)
        .unwrap();
    assert!(of_it.total > 20 && sum.answers >= of_it.total);
    let money = sum.money.unwrap();
    assert!(
        money.fen.0 >= 10_000 * i64::try_from(of_it.total).unwrap(),
        "{money:?}"
    );
}

/// What is owed over a period, once it is counted.
async fn counted(view: &View, period: Period) -> OwedSheet {
    for _ in 0..3_000 {
        if let Some(sheet) = view.owed(period, None).await.unwrap() {
            return sheet;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("what is owed is counted within a minute");
}

#[tokio::test]
async fn lists_are_held_against_those_of_a_month_before_where_it_is_known_who_was_there() {
    let (tables, _) = tables_of_street(testhouse::national(), &[]).await;
    let office = office(tables);
    let view = office.view(Some("主任"), "test").await.unwrap();
    // Nothing tells who lived there before the first lists.
    let sheet = counted(&view, Period::year_of(office.on)).await;
    assert_eq!(sheet.before.on, office.on.saturating_sub(1.month()));
    let work = view.work(office.on, Some(&sheet.before)).await.unwrap();
    assert!(work.whole.of(Standing::ToFindOut).unwrap() > 0);
    assert_eq!(work.whole.before, None);
    // A month after them it is known.
    let later = office.on.saturating_add(1.month());
    let sheet = counted(&view, Period::year_of(later).gone_by(later)).await;
    assert_eq!(sheet.before.on, office.on);
    let then = view.work(office.on, None).await.unwrap();
    let now = view.work(later, Some(&sheet.before)).await.unwrap();
    assert_eq!(now.whole.before, then.whole.standings);
    for (unit, counts) in &now.units {
        let before = then.units.iter().find(|(other, _)| other == unit);
        let before = before.and_then(|(_, before)| before.standings.clone());
        assert_eq!(counts.before, before, "{unit}");
    }
    let change = now.whole.change(Standing::ToFindOut).unwrap();
    let [then, now] = [&then, &now].map(|work| work.whole.of(Standing::ToFindOut).unwrap());
    assert_eq!(
        change,
        i64::try_from(now).unwrap() - i64::try_from(then).unwrap()
    );
}
