//! docs/mission.md: what the office is there for, row by row, and what the pack has for it. Written from the pack: with
//! `UPDATE_DOCS=1` this test writes the page, without it says where the page isn't what the pack has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use pack::{MISSION, Pack, Register, Text};
use reports::reads::{Reads, reads};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mission.md");

const HEAD: &str = "\
# What the office does, and what there is for it

Written from the national pack (`UPDATE_DOCS=1 cargo test -p reports mission`); the rows are those of its code list `mission`. Registers have a page of their own
(`/registers/<id>`), actions a form (`/actions/<id>`), rosters a list that can be imported, dashboards a page of figures (`/dashboards/<id>`). One test walks these
registers through the API, and names the steps that still lack (crates/taizhang/tests/it/mission.rs: filled by a list, read, put right, entered, counted, exported); another walks
actions about people through the pages (crates/taizhang/tests/it/browser/acting.rs), none yet of the rest.

| row | registers | actions | rosters | figures | dashboards |
|---|---|---|---|---|---|
";

/// What the pack has for a row of the mission, each thing once.
#[derive(Default)]
struct Has {
    registers: BTreeSet<String>,
    actions: BTreeSet<String>,
    rosters: BTreeSet<String>,
    figures: BTreeSet<String>,
    dashboards: BTreeSet<String>,
}

fn told(id: &str, name: &Text) -> String {
    format!("{} `{id}`", name.zh)
}

fn has(pack: &Pack, reads: &BTreeMap<String, Reads>, row: &str) -> Has {
    let mut has = Has::default();
    let serves = |register: &&Register| register.serves.iter().any(|own| own == row);
    let registers: BTreeSet<&str> = (pack.registers.iter().filter(serves))
        .map(|register| &*register.id)
        .collect();
    for register in pack.registers.iter().filter(serves) {
        has.registers.insert(told(&register.id, &register.name));
    }
    let writes = |roster: &pack::Roster| {
        let mut writes = roster.writes.iter();
        writes.any(|write| registers.contains(&*write.register) && write.alias.is_empty())
            || roster
                .writes
                .iter()
                .any(|write| registers.contains(&*write.register) && write.create)
    };
    for action in pack.actions.iter().filter(|action| writes(&action.roster)) {
        has.actions.insert(told(action.id(), action.name()));
    }
    for roster in pack.rosters.iter().filter(|roster| writes(roster)) {
        has.rosters.insert(told(&roster.id, &roster.name));
    }
    let own = |id: &str| {
        let counted = reads.get(id).map(|reads| &reads.counted);
        counted.is_some_and(|counted| counted.iter().any(|of| registers.contains(&**of)))
    };
    for indicator in pack
        .indicators
        .iter()
        .filter(|indicator| own(&indicator.id))
    {
        has.figures.insert(told(&indicator.id, &indicator.name));
    }
    for dashboard in &pack.dashboards {
        let mut figures = dashboard
            .sections
            .iter()
            .flat_map(|section| &section.figures);
        if figures.any(|id| own(id)) {
            has.dashboards.insert(told(&dashboard.id, &dashboard.name));
        }
    }
    has
}

async fn page(pack: &Arc<Pack>) -> String {
    let mut page = HEAD.to_owned();
    let reads = reads(pack).await.unwrap();
    for row in &pack.code(MISSION).unwrap().members {
        let has = has(pack, &reads, &row.value);
        let cell = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(", ");
        writeln!(
            page,
            "| {} {} – {} | {} | {} | {} | {} | {} |",
            row.value,
            row.name.zh,
            row.name.en,
            cell(&has.registers),
            cell(&has.actions),
            cell(&has.rosters),
            cell(&has.figures),
            cell(&has.dashboards)
        )
        .unwrap();
    }
    page
}

#[tokio::test]
async fn the_page_of_the_mission_is_what_the_pack_has() {
    let pack = testhouse::national();
    let page = page(&pack).await;
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let stands = std::fs::read_to_string(PAGE).unwrap_or_default();
    let otherwise = page
        .lines()
        .zip(stands.lines())
        .find(|(one, other)| one != other);
    assert_eq!(otherwise, None, "write it anew: UPDATE_DOCS=1");
    assert_eq!(page.lines().count(), stands.lines().count());
}
