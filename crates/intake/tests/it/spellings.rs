//! The same list in whatever order and spelling: rows and columns in another order, headings with synonyms, spaces, full-width
//! characters and marks give the same ledger, down to the numbers of its records.

use crate::common::{ONE, Office, id, messages};
use proptest::prelude::*;

const ROSTER: &str = "residents-community";
const COLUMNS: [&str; 6] = ["name", "id_number", "sex", "birth_date", "phone", "address"];

/// A list: its columns in some order, each with the spelling of its heading, and its rows in some order.
#[derive(Debug, Clone)]
struct Spelt {
    columns: Vec<usize>,
    /// Which of the names, and what is put on it.
    headings: Vec<(usize, usize)>,
    rows: Vec<usize>,
    /// Whether titles stand above and remarks below.
    around: bool,
}

fn spelt() -> impl Strategy<Value = Spelt> {
    (
        Just((0..COLUMNS.len()).collect::<Vec<_>>()).prop_shuffle(),
        proptest::collection::vec((0..8_usize, 0..7_usize), COLUMNS.len()),
        Just((0..people().len()).collect::<Vec<_>>()).prop_shuffle(),
        any::<bool>(),
    )
        .prop_map(|(columns, headings, rows, around)| Spelt {
            columns,
            headings,
            rows,
            around,
        })
}

fn people() -> Vec<[String; 6]> {
    let person = |name: &str, (year, month, day), order: u16, phone: u32| {
        [
            name.to_owned(),
            id(year, month, day, order),
            if order % 2 == 1 { "男" } else { "女" }.to_owned(),
            format!("{year}-{month:02}-{day:02}"),
            format!("138{phone:08}"),
            format!("幸福路{}号", order % 7),
        ]
    };
    vec![
        person("张三", (1980, 1, 2), 11, 1),
        person("李四", (1982, 3, 4), 22, 2),
        person("王五", (1950, 5, 6), 33, 3),
        person("赵六", (2001, 7, 8), 44, 4),
        person("钱七", (1999, 9, 10), 55, 5),
    ]
}

/// A heading with what only a keyboard or a form put there.
fn dressed(name: &str, how: usize) -> String {
    match how {
        0 => name.to_owned(),
        1 => name.chars().map(|c| format!("{c} ")).collect(),
        2 => format!("{name}*"),
        3 => format!("※{name}："),
        4 => format!("{name}（必填）"),
        5 => name.chars().map(|c| format!("\u{3000}{c}")).collect(),
        _ => name
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
                other => other,
            })
            .collect(),
    }
}

impl Spelt {
    fn cells(&self, office: &Office) -> Vec<Vec<String>> {
        let roster = office.pack.roster(ROSTER).unwrap();
        let heading = |column: usize| {
            let declared = roster.column(COLUMNS[column]).unwrap().1;
            let mut names = vec![declared.name.zh.clone(), declared.name.en.clone()];
            names.extend(declared.synonyms.iter().cloned());
            let (which, how) = self.headings[column];
            dressed(&names[which % names.len()], how)
        };
        let people = people();
        let mut cells = Vec::new();
        if self.around {
            cells.push(vec!["某社区居民名单".to_owned()]);
            cells.push(vec!["填表日期：2025年12月31日".to_owned()]);
        }
        cells.push(self.columns.iter().map(|at| heading(*at)).collect());
        for row in &self.rows {
            let cell = |at: &usize| people[*row][*at].clone();
            cells.push(self.columns.iter().map(cell).collect());
        }
        if self.around {
            cells.push(vec!["备注：以上属实".to_owned()]);
        }
        cells
    }
}

/// Every entry of a ledger that has only this list.
async fn ledger_of(list: &Spelt) -> Vec<String> {
    let office = Office::new().await;
    let cells = list.cells(&office);
    let rows: Vec<Vec<&str>> = (cells.iter())
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let outcome = office.csv(ROSTER, ONE, &rows).await.unwrap();
    assert_eq!(
        outcome.files[0].opened(),
        people().len(),
        "{cells:?} {:?}",
        messages(&outcome)
    );
    let entries = office.entries(ONE).await.into_iter();
    entries
        .map(|e| {
            format!(
                "{} {} {} {:?} {:?}",
                e.register,
                e.record,
                e.kind.as_str(),
                e.from,
                e.body
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_and_spelling_change_nothing(list in spelt()) {
        let plain = Spelt {
            columns: (0..COLUMNS.len()).collect(),
            headings: vec![(0, 0); COLUMNS.len()],
            rows: (0..people().len()).collect(),
            around: false,
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (expected, found) = runtime.block_on(async { (ledger_of(&plain).await, ledger_of(&list).await) });
        prop_assert_eq!(expected, found);
    }
}
