//! Of which queries it can be told how their rows hang together.

use jiff::civil::date;
use kernel::{Grant, Rights};
use tables::{AsOf, Links, Slots};

/// Whether it can be told of a query over the national registers.
async fn told(sql: &str) -> bool {
    let grant = Grant::over("test", &[], Rights::whole(), "test");
    let on = AsOf::on(date(2025, 12, 31));
    let (session, _) = Slots::session(&testhouse::national(), grant, on).unwrap();
    Links::of(&session, sql, "id").await.unwrap().is_some()
}

#[tokio::test]
async fn rows_joined_by_numbers_hang_together() {
    for sql in [
        "select id from residence where counted",
        "select p.id from person p where exists (select 1 from death d where d.person = p.id)",
        "select p.id, d.died_on from person p left join death d on d.person = p.id",
        "select h.id, count(*) from household h join residence r on r.household = h.id group by h.id",
        "select p.id, (select count(*) from visit v where v.person = p.id) as visits from person p",
        "select distinct r.household as id from residence r",
    ] {
        assert!(told(sql).await, "{sql}");
    }
}

#[tokio::test]
async fn of_others_nothing_is_said() {
    for sql in [
        // Every row may concern every other.
        "select p.id from person p, unit u",
        "select p.id from person p join unit u on u.code = p.unit",
        "select p.id from person p where p.birth_date < (select max(q.birth_date) from person q)",
        "select p.id from person p where p.id not in (select c.person from contact c)",
        "select p.id from person p order by p.birth_date limit 3",
        "select p.id, rank() over (order by p.birth_date) as nth from person p",
        // What comes out isn't told apart by a number of a record.
        "select max(id) as id from person",
        "select id + 1 as id from person",
        "select d.id from person p left join death d on d.person = p.id",
        "select min(r.person) as id from residence r group by r.household",
        "select id from person union all select id from household",
        "select p.name from person p",
    ] {
        assert!(!told(sql).await, "{sql}");
    }
}
