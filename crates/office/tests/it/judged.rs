//! Judgements: of records that are no people, with the facts they rest on, each on one of three lists, kept true by every change.

use std::collections::BTreeMap;

use intake::ActRow;
use kernel::{Answer, RecordId};
use office::{ActForm, ListAsked, ListPage, Office, Standing, View};

use crate::readers::{ON, ROOT, office, street, tables_of_street, unit};

const JUDGEMENT: &str = "park-entry";

fn form(action: &str, project: Option<i64>, values: &[(&str, &str)]) -> ActForm {
    let values = values.iter();
    let values = values.map(|(input, text)| ((*input).to_owned(), (*text).into()));
    let records = project.map(|record| ("project".to_owned(), RecordId(record)));
    ActForm {
        action: action.to_owned(),
        on: ON,
        unit: None,
        rows: vec![ActRow {
            records: records.into_iter().collect(),
            values: values.collect(),
        }],
        told: Some(intake::ToldBy::New),
        form: form_key().to_string(),
    }
}

async fn done(view: &View, action: &str, values: &[(&str, &str)]) {
    let act = view.carry_out(&form(action, None, values)).await.unwrap();
    assert!(act.commit.is_some(), "{:?}", act.rows);
}

/// A key that no other form has.
fn form_key() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn list(view: &View, standing: Standing) -> ListPage {
    let asked = ListAsked::of(JUDGEMENT, standing);
    view.list(ON, &asked, (1, 50)).await.unwrap()
}

/// The names on each list, in their order.
async fn names(office: &Office) -> BTreeMap<&'static str, Vec<String>> {
    let view = office.view(Some("主任"), "test").await.unwrap();
    let mut all = BTreeMap::new();
    for standing in [Standing::Holds, Standing::Fails, Standing::ToFindOut] {
        let list = list(&view, standing).await;
        let tally = view.tallies(ON, None).await.unwrap()[JUDGEMENT];
        assert_eq!(list.total, tally.of(standing));
        let named = list.rows.iter().map(|row| {
            assert!(row.person.is_none() && row.facts.len() == 6);
            let parts = row.title.as_ref().and_then(|title| title.parts.clone());
            format!("{:?}", parts.unwrap()[0].1)
        });
        all.insert(standing.as_str(), named.collect());
    }
    all
}

#[test]
fn projects_are_judged_and_stay_so_with_every_change() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (tables, _) = tables_of_street(testhouse::national(), &[]).await;
        let office_kept = office(tables.clone()).writing();
        let view = office_kept.view(Some("主任"), "test").await.unwrap();
        let on_land = |name, invest| {
            [
                ("name", name),
                ("applied_on", "2025-03-03"),
                ("premises", "供地"),
                ("land_mu", "10"),
                ("output", "2500"),
                ("tax", "200"),
                ("invest", invest),
            ]
        };
        done(&view, "project-applied", &on_land("够的", "2000")).await;
        done(&view, "project-applied", &on_land("不够的", "1999.99")).await;
        done(&view, "project-applied", &on_land("没问的", "2000")[..6]).await;
        let judged = names(&office_kept).await;
        let one = |standing: &str| judged[standing].concat();
        assert!(one("holds").contains("够的") && !one("holds").contains("不够的"));
        assert!(one("fails").contains("不够的") && one("to-find-out").contains("没问的"));

        // The reasons: the condition that fails, the fact to be found out, and what the project's own page says.
        let view = office_kept.view(Some("主任"), "test").await.unwrap();
        let open = list(&view, Standing::ToFindOut).await;
        assert_eq!(open.rows[0].listed.missing, ["invest"]);
        let record = open.rows[0].record;
        let own = view.explain(ON, (RecordId(record), unit(ROOT))).await;
        let own = own.unwrap().unwrap();
        assert_eq!((own.len(), own[0].answer), (1, Answer::CannotTell));

        // Found out: it moves, and what is kept is what a fresh office works out.
        let form = form("project-plan", Some(record), &[("invest", "2000")]);
        let seen = view.try_action(&form).await.unwrap();
        let effects = seen.effects.unwrap();
        let told = effects
            .iter()
            .map(|own| (own.record, &*own.name, own.before, own.after));
        let wanted = (
            Some(RecordId(record)),
            "没问的",
            Some(Answer::CannotTell),
            Some(Answer::Entitled),
        );
        assert_eq!(told.collect::<Vec<_>>(), [wanted]);
        assert!(view.carry_out(&form).await.unwrap().commit.is_some());
        let (kept, anew) = (names(&office_kept).await, names(&office(tables)).await);
        assert_eq!(kept, anew);
        assert!(kept["holds"].concat().contains("没问的") && kept["to-find-out"].is_empty());
    });
}

#[test]
fn who_reads_no_projects_is_told_no_names_of_any() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let office = office.writing();
        let view = office.view(Some("主任"), "test").await.unwrap();
        let values = [("name", "机密"), ("applied_on", "2025-03-03")];
        done(&view, "project-applied", &values).await;
        assert_eq!(list(&view, Standing::ToFindOut).await.total, 1);
        let other = office.view(Some("乙员"), "test").await.unwrap();
        let asked = ListAsked::of(JUDGEMENT, Standing::ToFindOut);
        // What is of the whole street isn't theirs.
        let seen = other.list(ON, &asked, (1, 50)).await;
        assert!(seen.map_or(0, |list| list.total) == 0);
    });
}
