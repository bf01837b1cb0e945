//! Linking as its users see it: a design, records, and who is who.

use linkage::{About, Design, Likeness, Linkage, Records, agreement, link};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const DESIGN: &str = r#"
household = ["address"]

[[field]]
column = "name"
as = "name"

[[field]]
column = "born"
as = "date"

[[field]]
column = "phone"
as = "digits"

[[field]]
column = "address"
as = "address"

[[candidates]]
on = ["born", { column = "name", piece = "surname" }]

[[candidates]]
on = ["name", { column = "born", piece = "year" }]

[[candidates]]
on = ["phone", { column = "born", piece = "year" }]
learn = false
"#;

/// A row: whose it is, its source, and its values in the order of the design's columns.
#[derive(Clone, Debug)]
struct Row {
    who: usize,
    source: u32,
    values: [String; 4],
}

const SURNAMES: [&str; 12] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
];
const GIVEN: [&str; 24] = [
    "伟", "芳", "娜", "敏", "静", "秀英", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟",
    "涛", "明", "超", "秀兰", "霞", "平", "建国", "玉兰", "桂英",
];

/// So many people in households of three, each in two sources; one row in eight of the second has a slip.
fn town(people: usize, seed: u64) -> Vec<Row> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = Vec::new();
    let (mut surname, mut address) = ("", String::new());
    for who in 0..people {
        if who.is_multiple_of(3) {
            surname = SURNAMES[random.random_range(0..SURNAMES.len())];
            let (road, house) = (random.random_range(0..20), random.random_range(1..99));
            address = format!(
                "第{}街{house}号{}室",
                char::from(b'a' + road),
                random.random_range(101..604)
            );
        }
        let given = GIVEN[random.random_range(0..GIVEN.len())];
        let (year, month, day) = (
            random.random_range(1930..2020),
            random.random_range(1..13),
            random.random_range(1..29),
        );
        let phone = random
            .random_range(13_000_000_000_u64..19_000_000_000)
            .to_string();
        let values = [
            format!("{surname}{given}"),
            format!("{year}-{month:02}-{day:02}"),
            phone,
            address.clone(),
        ];
        let mut slipped = values.clone();
        if random.random_range(0..8) == 0 {
            match random.random_range(0..4) {
                0 => slipped[0].push('小'),
                1 => slipped[1] = format!("{year}.{day}.{month}"),
                2 => slipped[2].clear(),
                _ => {
                    slipped[3] = format!(
                        "{}号{}室",
                        random.random_range(1..99),
                        random.random_range(101..604)
                    )
                }
            }
        }
        rows.push(Row {
            who,
            source: 0,
            values,
        });
        rows.push(Row {
            who,
            source: 1,
            values: slipped,
        });
    }
    rows
}

fn linked(design: &Design, rows: &[Row]) -> (Records, Linkage) {
    let mut records = Records::new(design.columns().len());
    for row in rows {
        records.push(row.source, row.values.iter().map(String::as_str));
    }
    let linkage = link(design, &records, &mut |_| ());
    (records, linkage)
}

/// The groups, as lists of who stands in each row: the same whatever the order of rows.
fn people(design: &Design, rows: &[Row]) -> Vec<Vec<(usize, u32)>> {
    let (records, linkage) = linked(design, rows);
    let groups = linkage.group(design, &records).groups;
    let mut people: std::collections::BTreeMap<u32, Vec<(usize, u32)>> =
        std::collections::BTreeMap::new();
    for (row, group) in rows.iter().zip(groups) {
        people.entry(group).or_default().push((row.who, row.source));
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.iter_mut().for_each(|rows| rows.sort_unstable());
    people.sort();
    people
}

#[test]
fn people_are_found_in_both_lists_without_labels() {
    let design = Design::parse(DESIGN).unwrap();
    let rows = town(3_000, 1);
    let (records, linkage) = linked(&design, &rows);
    let grouping = linkage.group(&design, &records);
    let truth: Vec<usize> = rows.iter().map(|row| row.who).collect();
    let measured = agreement(&grouping.groups, &truth);
    assert!(measured.precision > 0.999, "{measured:?}");
    assert!(measured.recall > 0.99, "{measured:?}");
    assert!(
        grouping.questions.len() < 30,
        "{} questions",
        grouping.questions.len()
    );
    assert!(linkage.covered(&truth) > 0.99);
}

#[test]
fn the_order_of_rows_changes_nobody() {
    let design = Design::parse(DESIGN).unwrap();
    let mut rows = town(900, 2);
    let before = people(&design, &rows);
    rows.shuffle(&mut ChaCha8Rng::seed_from_u64(3));
    assert_eq!(people(&design, &rows), before);
}

#[test]
fn a_weight_is_the_sum_of_its_terms() {
    let design = Design::parse(DESIGN).unwrap();
    let (records, linkage) = linked(&design, &town(900, 4));
    for pair in &linkage.pairs {
        let terms = linkage.terms(&records, pair);
        let sum: f64 = terms.iter().map(|term| term.weight).sum();
        assert!((sum - pair.weight).abs() < 1e-9);
        assert_eq!(terms.len(), 6);
        let blank = |nth: usize| {
            records.value(pair.a as usize, nth).is_empty()
                || records.value(pair.b as usize, nth).is_empty()
        };
        for term in terms {
            if let About::Field(nth) = term.about {
                assert_eq!(term.level == Likeness::Blank, blank(nth));
            }
        }
    }
}

#[test]
fn a_rare_name_weighs_more_than_a_common_one() {
    let design = Design::parse(DESIGN).unwrap();
    let mut rows = town(900, 5);
    let who = rows.len();
    for source in [0, 1] {
        let values = ["皇甫端", "1975-03-09", "13900000000", "第a街1号101室"].map(String::from);
        rows.push(Row {
            who,
            source,
            values,
        });
    }
    let (records, linkage) = linked(&design, &rows);
    let of_name = |record: usize| {
        let pair = linkage.pairs.iter().find(|pair| {
            pair.a as usize == record
                && records.value(pair.b as usize, 0) == records.value(record, 0)
        });
        linkage.terms(&records, pair.unwrap())[1].weight
    };
    assert!(of_name(rows.len() - 2) > of_name(0) + 1.0);
}

#[test]
fn two_who_could_both_be_meant_are_asked_about() {
    let design = Design::parse(DESIGN).unwrap();
    let mut rows = town(900, 6);
    let same = |source, address: &str, phone: &str| Row {
        who: 0,
        source,
        values: [
            "司马相".into(),
            "1980-04-05".into(),
            phone.into(),
            address.into(),
        ],
    };
    rows.push(same(0, "第a街1号101室", ""));
    rows.push(same(0, "第b街2号202室", ""));
    rows.push(same(1, "", ""));
    let (records, linkage) = linked(&design, &rows);
    let grouping = linkage.group(&design, &records);
    let last = u32::try_from(rows.len() - 1).unwrap();
    assert_eq!(grouping.groups[rows.len() - 1], last);
    let asked = grouping
        .questions
        .iter()
        .filter(|pair| pair.b == last)
        .count();
    assert_eq!(asked, 2);
}

#[test]
fn nothing_and_next_to_nothing_can_be_linked() {
    let design = Design::parse(DESIGN).unwrap();
    for rows in [
        vec![],
        town(900, 7)[..1].to_vec(),
        town(900, 7)[..2].to_vec(),
    ] {
        let (records, linkage) = linked(&design, &rows);
        assert_eq!(linkage.group(&design, &records).groups.len(), rows.len());
    }
    let blank = Row {
        who: 0,
        source: 0,
        values: Default::default(),
    };
    let (_, linkage) = linked(&design, &vec![blank; 50]);
    assert!(linkage.pairs.is_empty());
}

#[test]
fn a_faulty_design_says_where_and_what() {
    let start = "[[field]]\ncolumn = \"name\"\nas = \"name\"\n";
    let key = "[[candidates]]\non = [\"name\"]\n";
    for (text, said) in [
        ("nonsense", "line 1"),
        (
            "[[field]]\ncolumn = \"name\"\nas = \"nmae\"\n",
            "unknown variant `nmae`",
        ),
        (start, "missing field `candidates`"),
        (
            &format!("thresholt = 1\n{start}{key}"),
            "unknown field `thresholt`",
        ),
        (&format!("threshold = 1.5\n{start}{key}"), "threshold = 1.5"),
        (
            &format!("{start}[[candidates]]\non = []\n"),
            "number 1 names no column",
        ),
        (&format!("field = []\n{key}"), "at least one"),
        (
            &format!("{}{key}", start.repeat(17)),
            "at most 16 fields, this one has 17",
        ),
    ] {
        let fault = Design::parse(text).unwrap_err();
        assert!(fault.to_string().contains(said), "{fault}");
        assert!(!fault.message(kernel::Lang::Zh).is_empty());
    }
    let design = Design::parse(&format!("{start}{key}")).unwrap();
    let fault = design.places(&[vec!["姓名".to_owned()]]).unwrap_err();
    assert!(
        fault.to_string().contains("“name”; there are: 姓名"),
        "{fault}"
    );
}
