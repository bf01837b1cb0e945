//! Values of every type as columns: what was written comes back, queries see the parts of those that have parts, and what a reader
//! may not see in clear is masked in them, too.

use std::sync::Arc;

use kernel::{Decimal, Grant, IdNumber, Sensitivity};
use ledger::{Access, Algorithm, Ledger};
use pack::{Pack, Record, Said, Value};
use tables::{AsOf, Page, Tables, literal};

use crate::little::{
    Writing, at, books, day, pack_of_checked_dwellings, pack_of_dwellings, street, text,
};

/// Two dwellings: one of which everything is known, and one of which little is.
async fn dwellings() -> Tables {
    dwellings_of(pack_of_dwellings()).await
}

async fn dwellings_of(pack: Arc<Pack>) -> Tables {
    let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
    books(&ledger).await;
    let tenant = IdNumber::compose("210203", day(0), 2).unwrap();
    let known: Record = vec![
        text("1"),
        text("1995-10"),
        Some(Value::Decimal(Decimal {
            units: 8_650,
            places: 2,
        })),
        Some(Value::Moment("2025-06-30T23:30:00Z".parse().unwrap())),
        text("电梯\n天然气"),
        text("passport E12345678"),
        text(tenant.as_str()),
        None,
        text("第一行\n第二行"),
    ];
    let mut little: Record = vec![None; known.len()];
    little[0] = text("2");
    little[1] = text("1988");
    little[6] = text(tenant.as_str());
    let mut unknown = Said::of(little);
    // Said to be unknown, whatever the number tells.
    unknown.set(7, None);
    let mut writing = Writing::new("dwellings");
    let say = writing.desk(1, 1);
    writing.record(say, "dwelling", Said::of(known));
    writing.record(say, "dwelling", unknown);
    writing.write(&ledger).await.unwrap();
    Tables::new(ledger, pack, None)
}

async fn rows(tables: &Tables, clear: bool, sql: &str) -> Vec<Vec<Option<String>>> {
    let shown = |sensitivity: &Sensitivity| clear || *sensitivity != Sensitivity::Id;
    let shown: Vec<Sensitivity> = Sensitivity::ALL.iter().copied().filter(shown).collect();
    let grant = Grant::reading("test", &[street()], &shown, "test");
    let what = Access::Command {
        name: "test".into(),
    };
    let admitted = tables.ledger().admit(grant, at(), what).await.unwrap();
    let session = tables.session(&admitted, AsOf::on(day(5))).await.unwrap();
    let page = Page {
        offset: 0,
        limit: 9,
    };
    session.rows(sql, page).await.unwrap().rows
}

fn cells(row: &[Option<String>]) -> Vec<&str> {
    row.iter()
        .map(|cell| cell.as_deref().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn columns_have_what_was_written_and_its_parts() {
    let tables = dwellings().await;
    let sql = "select number, built, built_from, built_to, area, seen_at, fitted, holder, holder_kind, holder_number, tenant_born, note
        from dwelling";
    let found = rows(&tables, true, sql).await;
    assert_eq!(
        cells(&found[0]),
        [
            "1",
            "1995-10",
            "1995-10-01",
            "1995-10-31",
            "86.50",
            "2025-07-01T07:30:00+08:00",
            "电梯\n天然气",
            "passport E12345678",
            "passport",
            "E12345678",
            "2025-01-01",
            "第一行\n第二行"
        ]
    );
    assert_eq!(
        cells(&found[1]),
        [
            "2",
            "1988",
            "1988-01-01",
            "1988-12-31",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-"
        ]
    );
}

#[tokio::test]
async fn rules_compare_exactly_and_by_the_days_between() {
    let tables = dwellings().await;
    let seen = Value::Moment("2025-06-30T23:30:00Z".parse().unwrap());
    let area = Value::Decimal(Decimal {
        units: 8_650,
        places: 2,
    });
    let number = |condition: &str| format!("select number from dwelling where {condition}");
    for (condition, expected) in [
        ("area > 86.49", vec!["1"]),
        ("area >= 86.5 and area <= 86.5", vec!["1"]),
        ("area > 86.5", vec![]),
        ("area * 2 = 173", vec!["1"]),
        ("built_to < date '1995-11-01'", vec!["1", "2"]),
        ("built_from >= date '1995-10-02'", vec![]),
        ("has(fitted, '电梯')", vec!["1"]),
        ("has(fitted, '电')", vec![]),
        ("items(fitted) = 2", vec!["1"]),
        // The moment lies in June by Greenwich, and in July here.
        ("cast(seen_at as date) = date '2025-07-01'", vec!["1"]),
        (&format!("area = {}", literal(&area)), vec!["1"]),
        (&format!("seen_at = {}", literal(&seen)), vec!["1"]),
        (&format!("seen_at > {}", literal(&seen)), vec![]),
    ] {
        let found = rows(&tables, true, &number(condition)).await;
        let found: Vec<&str> = found.iter().flat_map(|row| cells(row)).collect();
        assert_eq!(found, expected, "{condition}");
    }
}

#[tokio::test]
async fn what_isn_t_shown_in_clear_is_masked_in_its_parts() {
    let tables = dwellings().await;
    let sql = "select holder, holder_kind, holder_number from dwelling where number = '1'";
    let found = rows(&tables, false, sql).await;
    assert_eq!(
        cells(&found[0]),
        ["passport *********", "passport", "*********"]
    );
}

#[tokio::test]
async fn a_check_that_cannot_be_worked_out_is_told_beside_those_that_can() {
    let check = |id: &str, holds: &str| {
        format!(
            "\n[[check]]\nid = \"{id}\"\nlevel = \"should\"\nname = {{ zh = \"核对\", en = \"Check\" }}\nholds = \"{holds}\"\n"
        )
    };
    let checks = [
        check("large", "area > 100"),
        check("by-nothing", "100 / (cast(number as bigint) - 1) > 0"),
        check("no-number", "cast(note as bigint) > 0"),
        check("numbered", "number is not null"),
    ];
    let tables = dwellings_of(pack_of_checked_dwellings(&checks.concat())).await;
    let session = tables.evaluation(AsOf::on(day(5)), "test", at()).await;
    let doubts = session.unwrap().doubts().await.unwrap();
    let found: Vec<&str> = doubts.found.iter().map(|doubt| &*doubt.of.id).collect();
    let failed: Vec<&str> = doubts.failed.iter().map(|check| &*check.id).collect();
    assert_eq!(
        (found, failed),
        (vec!["large"], vec!["by-nothing", "no-number"])
    );
    assert!(doubts.cut.is_empty() && !doubts.none());
}
