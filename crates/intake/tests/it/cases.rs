//! Small lists that went wrong in other hands, taken as a clerk would take them, and others of their kind: each as it should be
//! counted, whatever came first.

use intake::{Finding, Level, Outcome};
use jiff::civil::{Date, date};

use std::collections::BTreeMap;

use tables::AsOf;

use crate::common::{COMMUNITY, ONE, Office, POLICE, STREET, TWO, id, messages};
use crate::sent::{after, counted, file, homes, list, office, orders, take, values};

const THREE: &str = "210203001003";
const MAY: Date = date(2025, 5, 31);
const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);
const AUGUST: Date = date(2025, 8, 31);

const HOUSEHOLDS: [&str; 7] = [
    "户号",
    "姓名",
    "身份证号",
    "户籍情况",
    "迁入日期",
    "住址",
    "联系电话",
];
const PEOPLE: [&str; 4] = ["姓名", "身份证号", "联系电话", "住址"];
const BENEFITS: [&str; 5] = ["姓名", "身份证号", "项目", "起始日期", "停发日期"];
const MARRIAGES: [&str; 6] = [
    "男方姓名",
    "男方身份证号",
    "女方姓名",
    "女方身份证号",
    "登记日期",
    "离婚日期",
];
const CHILDREN: [&str; 6] = [
    "父亲姓名",
    "父亲身份证号",
    "母亲姓名",
    "母亲身份证号",
    "子女姓名",
    "子女身份证号",
];
const WORK: [&str; 4] = ["姓名", "身份证号", "就业状态", "失业日期"];

#[tokio::test]
async fn late() {
    let june = file(POLICE, ONE, JUNE, "late/june.csv");
    let march = file(POLICE, ONE, date(2025, 3, 31), "late/march.csv");
    for order in orders(&[&june, &march]) {
        let office = after(&order).await;
        let april = date(2025, 4, 15);
        let address = |on| values(&office, "household", "address", on);
        assert!(address(JULY).await.contains(&"新华路6号".to_owned()));
        assert!(!address(JULY).await.contains(&"老路3号".to_owned()));
        assert!(address(april).await.contains(&"老路3号".to_owned()));
        assert_eq!(
            values(&office, "contact", "phone", JULY).await,
            ["13900006666"]
        );
        assert_eq!(
            values(&office, "contact", "phone", april).await,
            ["13900003333"]
        );
        assert_eq!(homes(&office, JULY).await, 3);
    }
}

#[tokio::test]
async fn late_telephones_and_late_work() {
    let (a, b) = (id(1960, 1, 1, 11), id(1961, 1, 1, 22));
    let july = list(
        (COMMUNITY, ONE, JULY),
        PEOPLE,
        &[["甲", &a, "13800000007", "七路7号"], ["乙", &b, "", ""]],
    );
    let may = list(
        (COMMUNITY, ONE, MAY),
        PEOPLE,
        &[["甲", &a, "13800000005", "五路5号"]],
    );
    let retired = list(("employment", TWO, JULY), WORK, &[["甲", &a, "退休", ""]]);
    let jobless = list(
        ("employment", TWO, MAY),
        WORK,
        &[["甲", &a, "失业", "2024-02-01"]],
    );
    for order in orders(&[&july, &may, &retired, &jobless]) {
        let office = after(&order).await;
        assert_eq!(
            values(&office, "contact", "phone", AUGUST).await,
            ["13800000007"]
        );
        assert_eq!(
            values(&office, "contact", "phone", JUNE).await,
            ["13800000005"]
        );
        let status = |on| values(&office, "employment", "status", on);
        let [june, august] = [status(JUNE).await, status(AUGUST).await];
        assert_eq!((june.len(), august.len()), (1, 1));
        assert_ne!(june, august);
        assert_eq!(office.named("甲").await.len(), 1);
    }
}

#[tokio::test]
async fn returns() {
    let days = [
        (JUNE, "returns/06.csv"),
        (JULY, "returns/07.csv"),
        (AUGUST, "returns/08.csv"),
    ];
    let lists = days.map(|(on, name)| file(POLICE, ONE, on, name));
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        for (on, people) in [(JUNE, 3), (JULY, 2), (AUGUST, 3)] {
            assert_eq!(homes(&office, on).await, people, "{on}");
        }
    }
}

#[tokio::test]
async fn returns_by_way_of_another_unit_and_returns_of_payments() {
    let (a, b) = (id(1960, 1, 1, 11), id(1961, 1, 1, 22));
    let home = |unit, on, rows: &[[&str; 4]]| list((COMMUNITY, unit, on), PEOPLE, rows);
    let (one, other) = (["甲", &*a, "", "一路1号"], ["乙", &*b, "", "一路2号"]);
    let lists = [
        home(ONE, JUNE, &[one, other]),
        home(ONE, JULY, &[other]),
        home(TWO, JULY, &[["甲", &a, "", "二路1号"]]),
        home(ONE, AUGUST, &[one, other]),
        home(TWO, AUGUST, &[["丙", &id(1970, 1, 1, 33), "", "二路3号"]]),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        for (on, unit) in [(JUNE, ONE), (JULY, TWO), (AUGUST, ONE)] {
            assert_eq!(counted(&office, on).await["甲"], unit, "{on}");
        }
    }
    // Paid, stopped, and paid again, as one list tells it and as two do.
    let paid = |on, rows: &[[&str; 5]]| list(("benefits", ONE, on), BENEFITS, rows);
    let first = ["甲", &*a, "奖励扶助", "2020-01-01", "2021-01-01"];
    let second = ["甲", &*a, "奖励扶助", "2023-01-01", ""];
    let residents = home(ONE, JUNE, &[one, other]);
    let at_once = paid(JULY, &[first, second]);
    let [then, now] = [paid(JUNE, &[first]), paid(JULY, &[second])];
    for lists in [vec![&residents, &at_once], vec![&residents, &then, &now]] {
        for order in orders(&lists) {
            let office = after(&order).await;
            for (on, paid) in [
                (date(2019, 6, 1), 0),
                (date(2020, 6, 1), 1),
                (date(2022, 6, 1), 0),
                (date(2024, 6, 1), 1),
            ] {
                assert_eq!(office.there("enrolment", on).await.len(), paid, "{on}");
            }
        }
    }
}

#[tokio::test]
async fn order() {
    let lists = [
        file(POLICE, ONE, JUNE, "order/police-1.csv"),
        file("marriages", ONE, JUNE, "order/marriages.csv"),
        file(POLICE, TWO, JUNE, "order/police-2.csv"),
        file(
            "residents-insurance",
            STREET,
            JUNE,
            "order/insurance-street.csv",
        ),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        let expected = [("另人", TWO), ("尚夫", ONE), ("尚妻", TWO)];
        let expected = expected.map(|(name, unit)| (name.to_owned(), unit.to_owned()));
        assert_eq!(counted(&office, JUNE).await, BTreeMap::from(expected));
        assert_eq!(office.there("kinship", JUNE).await.len(), 1);
    }
}

#[tokio::test]
async fn order_of_three_units_and_of_who_is_only_named() {
    let [a, b, c] = [(1960, 11), (1962, 22), (1990, 31)].map(|(year, nth)| id(year, 1, 1, nth));
    let home = |unit, rows: &[[&str; 7]]| list((POLICE, unit, JUNE), HOUSEHOLDS, rows);
    let lists = [
        home(
            ONE,
            &[["1", "父", &a, "本地户籍", "2000-01-01", "一路1号", ""]],
        ),
        home(
            TWO,
            &[["1", "母", &b, "本地户籍", "2001-01-01", "二路1号", ""]],
        ),
        home(
            THREE,
            &[["1", "子", &c, "外来流动", "2020-01-01", "三路1号", ""]],
        ),
        list(
            ("children", TWO, JUNE),
            CHILDREN,
            &[["父", &a, "母", &b, "子", &c]],
        ),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        let expected = [("父", ONE), ("母", TWO), ("子", THREE)];
        let expected = expected.map(|(name, unit)| (name.to_owned(), unit.to_owned()));
        assert_eq!(counted(&office, JUNE).await, BTreeMap::from(expected));
        assert_eq!(office.there("kinship", JUNE).await.len(), 2);
    }
    // Who is dead, out of work and paid before anybody says where they live.
    let lists = [
        list(
            ("deaths", THREE, JUNE),
            ["姓名", "身份证号", "死亡日期"],
            &[["父", &a, "2025-06-01"]],
        ),
        list(("employment", TWO, JUNE), WORK, &[["父", &a, "退休", ""]]),
        list(
            ("benefits", ONE, JUNE),
            BENEFITS,
            &[["父", &a, "奖励扶助", "2024-01-01", ""]],
        ),
        home(
            ONE,
            &[["1", "父", &a, "本地户籍", "2000-01-01", "一路1号", ""]],
        ),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        assert_eq!(office.named("父").await.len(), 1);
        assert_eq!(counted(&office, JUNE).await["父"], ONE);
        for register in ["death", "employment", "enrolment"] {
            assert_eq!(office.there(register, JUNE).await.len(), 1, "{register}");
        }
    }
}

#[tokio::test]
async fn moved() {
    let lists = [
        file(POLICE, ONE, MAY, "moved/police-1.csv"),
        file(POLICE, TWO, MAY, "moved/police-2.csv"),
        file(POLICE, ONE, JUNE, "moved/police-1b.csv"),
        file(POLICE, TWO, JUNE, "moved/police-2b.csv"),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        for (on, unit) in [
            (MAY, ONE),
            (date(2025, 6, 15), ONE),
            (JUNE, ONE),
            (date(2025, 7, 1), TWO),
            (AUGUST, TWO),
        ] {
            assert_eq!(counted(&office, on).await["傅春兰"], unit, "{on}");
        }
    }
}

#[tokio::test]
async fn moved_with_the_household_and_moved_on() {
    let (a, b) = (id(1960, 1, 1, 11), id(1962, 1, 1, 22));
    let stays = id(1950, 1, 1, 31);
    let home = |unit, on, rows: &[[&str; 7]]| list((POLICE, unit, on), HOUSEHOLDS, rows);
    let in_one = [
        ["1", "甲", &*a, "本地户籍", "2000-01-01", "一路1号", ""],
        ["1", "乙", &*b, "本地户籍", "2000-01-01", "一路1号", ""],
        ["2", "丙", &*stays, "本地户籍", "2000-01-01", "一路2号", ""],
    ];
    let in_two = [
        ["9", "甲", &*a, "本地户籍", "2025-06-10", "二路9号", ""],
        ["9", "乙", &*b, "本地户籍", "2025-06-10", "二路9号", ""],
    ];
    // A couple moves from one to two; then she moves on to three.
    let lists = [
        home(ONE, MAY, &in_one),
        home(ONE, JUNE, &in_one[2..]),
        home(TWO, JUNE, &in_two),
        home(TWO, JULY, &in_two[..1]),
        home(
            THREE,
            JULY,
            &[["5", "乙", &b, "本地户籍", "2025-07-20", "三路5号", ""]],
        ),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        for (on, his, hers) in [
            (MAY, ONE, ONE),
            (date(2025, 6, 9), ONE, ONE),
            (date(2025, 6, 10), TWO, TWO),
            (date(2025, 7, 19), TWO, TWO),
            (date(2025, 7, 20), TWO, THREE),
            (AUGUST, TWO, THREE),
        ] {
            let counted = counted(&office, on).await;
            assert_eq!((&*counted["甲"], &*counted["乙"]), (his, hers), "{on}");
            assert_eq!(counted["丙"], ONE);
        }
    }
}

#[tokio::test]
async fn two_books() {
    let lists = [
        file(POLICE, ONE, JUNE, "two-books/police-1.csv"),
        file(POLICE, TWO, JUNE, "two-books/police-2.csv"),
        file("marriages", ONE, JUNE, "two-books/marriage.csv"),
        file("certificates", ONE, JUNE, "two-books/cert.csv"),
        file("employment", ONE, JUNE, "two-books/employment.csv"),
        file("children", ONE, JUNE, "two-books/children-1.csv"),
        file("children", TWO, JUNE, "two-books/children-2.csv"),
    ];
    let [one, two, marriage, cert, work, of_one, of_two] = lists.each_ref();
    let police_first = orders(&[marriage, cert, of_one, of_two]);
    let police_last = orders(&[one, two, of_one, of_two]);
    let orders = (police_first.into_iter())
        .map(|rest| [vec![one, two, work], rest].concat())
        .chain((police_last.into_iter()).map(|rest| [vec![marriage, cert, work], rest].concat()));
    for order in orders {
        let office = after(&order).await;
        let expected = [("苏小明", ONE), ("苏建军", ONE), ("潘秀梅", TWO)];
        let expected = expected.map(|(name, unit)| (name.to_owned(), unit.to_owned()));
        assert_eq!(counted(&office, JUNE).await, BTreeMap::from(expected));
        let relations = values(&office, "kinship", "relation", JUNE).await;
        assert_eq!(relations, ["child", "child", "spouse"]);
        assert_eq!(office.there("certificate", JUNE).await.len(), 1);
        assert_eq!(office.there("employment", JUNE).await.len(), 2);
    }
}

#[tokio::test]
async fn two_books_tell_one_birth_and_one_marriage() {
    let [a, b, c] = [(1960, 11), (1962, 22), (2020, 31)].map(|(year, nth)| id(year, 1, 1, nth));
    let birth = |unit| {
        list(
            ("births", unit, JUNE),
            ["姓名", "身份证号", "出生日期", "母亲姓名", "母亲身份证号"],
            &[["子", &c, "2020-01-01", "母", &b]],
        )
    };
    let marriage = |unit, until: &'static str| {
        list(
            ("marriages", unit, JUNE),
            MARRIAGES,
            &[["父", &a, "母", &b, "2010-01-01", until]],
        )
    };
    let lists = [
        birth(ONE),
        birth(TWO),
        marriage(ONE, ""),
        marriage(THREE, ""),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        assert_eq!(office.there("birth", JUNE).await.len(), 1);
        assert_eq!(office.there("kinship", JUNE).await.len(), 1);
        assert_eq!(office.there("person", JUNE).await.len(), 3);
    }
    // What one of two lists no longer says, the other still does.
    let office = office().await;
    let one = take(&office, &lists[2]).await;
    take(&office, &lists[3]).await;
    let commit = one.files[0].receipt.as_ref().unwrap().commit;
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    let undone = office.ledger.undo(commit, at, &office.grant()).await;
    undone.unwrap();
    assert_eq!(office.there("kinship", JUNE).await.len(), 1);
    assert_eq!(office.there("person", JUNE).await.len(), 2);
}

/// How often a list tells that something is there twice.
fn told_twice(outcome: &Outcome) -> usize {
    let doubts = outcome.files[0].notes_of(Level::Doubt);
    doubts
        .filter(|note| matches!(note.finding, Finding::Twice { .. }))
        .count()
}

#[tokio::test]
async fn twice_enrolled() {
    let lists = [
        file(POLICE, ONE, JUNE, "twice-enrolled/police.csv"),
        file(POLICE, TWO, JUNE, "twice-enrolled/police-2.csv"),
        file("marriages", ONE, JUNE, "twice-enrolled/marriages.csv"),
        file("children", ONE, JUNE, "twice-enrolled/children.csv"),
        file("deaths", ONE, JUNE, "twice-enrolled/deaths.csv"),
    ];
    let benefits = [
        file("benefits", ONE, JUNE, "twice-enrolled/benefits-1.csv"),
        file("benefits", TWO, JUNE, "twice-enrolled/benefits-2.csv"),
    ];
    for order in orders(&benefits.each_ref()) {
        let office = after(&lists.each_ref()).await;
        let [first, second] = order.as_slice() else {
            panic!("two lists");
        };
        assert_eq!(told_twice(&take(&office, first).await), 0);
        let second = take(&office, second).await;
        assert_eq!(told_twice(&second), 1, "{:#?}", messages(&second));
        assert_eq!(office.there("enrolment", JUNE).await.len(), 3);
    }
}

#[tokio::test]
async fn twice_enrolled_in_three_units_and_one_after_the_other() {
    let a = id(1960, 1, 1, 11);
    let residents = list((COMMUNITY, ONE, JUNE), PEOPLE, &[["甲", &a, "", "一路1号"]]);
    let paid = |unit, from: &'static str, until: &'static str| {
        let row = ["甲", &*a, "奖励扶助", from, until];
        list(("benefits", unit, JUNE), BENEFITS, &[row])
    };
    let office = after(&[&residents]).await;
    let told = [ONE, TWO, THREE].map(|unit| paid(unit, "2020-01-01", ""));
    for (nth, list) in told.iter().enumerate() {
        assert_eq!(told_twice(&take(&office, list).await), usize::from(nth > 0));
    }
    // Who was paid here until they were paid there has it once; another programme is another matter.
    let office = after(&[&residents, &paid(ONE, "2020-01-01", "2023-01-01")]).await;
    let then = take(&office, &paid(TWO, "2023-01-01", "")).await;
    assert_eq!(told_twice(&then), 0, "{:#?}", messages(&then));
    let other = ["甲", &*a, "特扶（死亡）", "2020-01-01", ""];
    let other = list(("benefits", THREE, JUNE), BENEFITS, &[other]);
    assert_eq!(told_twice(&take(&office, &other).await), 0);
}

#[tokio::test]
async fn remarried() {
    let lists = [
        file(POLICE, ONE, JUNE, "remarried/police.csv"),
        file("marriages", ONE, JUNE, "remarried/marriages.csv"),
        file("deaths", ONE, JUNE, "remarried/deaths.csv"),
        file("children", ONE, JUNE, "remarried/children.csv"),
    ];
    for order in orders(&lists.each_ref()) {
        let office = after(&order).await;
        let relations = values(&office, "kinship", "relation", JUNE).await;
        assert_eq!(relations, ["child", "child", "spouse", "spouse"]);
        let in_1990 = values(&office, "kinship", "relation", date(1990, 1, 1)).await;
        assert_eq!(in_1990, ["child", "child", "spouse"]);
        // The child and the first wife.
        let died = values(&office, "death", "died_on", JUNE).await;
        assert_eq!(died, ["2010-05-05", "2012-08-08"]);
        assert_eq!(office.there("person", JUNE).await.len(), 4);
    }
}

#[tokio::test]
async fn remarried_to_the_same_and_remarried_after_a_divorce() {
    let [a, b, c] = [(1960, 11), (1962, 22), (1964, 42)].map(|(year, nth)| id(year, 1, 1, nth));
    let marriages = |unit, on, rows: &[[&str; 6]]| list(("marriages", unit, on), MARRIAGES, rows);
    let divorced = ["夫", &*a, "前妻", &*b, "1985-01-01", "1999-01-01"];
    let again = ["夫", &*a, "前妻", &*b, "2005-01-01", ""];
    let other = ["夫", &*a, "后妻", &*c, "2005-01-01", ""];
    let spouses = [
        (date(1984, 6, 1), 0),
        (date(1990, 6, 1), 1),
        (date(2001, 6, 1), 0),
        (date(2010, 6, 1), 1),
    ];
    for second in [again, other] {
        let at_once = [marriages(ONE, JUNE, &[divorced, second])];
        let by_two = [
            marriages(ONE, JUNE, &[divorced]),
            marriages(TWO, JULY, &[second]),
        ];
        for lists in [at_once.iter().collect::<Vec<_>>(), by_two.iter().collect()] {
            for order in orders(&lists) {
                let office = after(&order).await;
                for (on, there) in spouses {
                    let kin = office.there("kinship", on).await.len();
                    assert_eq!(kin, there, "{on}");
                }
            }
        }
    }
}

/// Lists that name somebody before and after their home is known, or has moved, in every order and by whoever may write for their
/// unit alone: each is taken, and everybody is whose they are on every day.
#[tokio::test]
async fn order_of_those_who_moved_and_of_those_not_yet_at_home() {
    let (man, child) = (id(1990, 5, 5, 13), id(2024, 3, 10, 22));
    let born = [["王小", child.as_str(), "2024-03-10"]];
    let births = list(
        ("births", STREET, date(2024, 4, 1)),
        ["姓名", "身份证号", "出生日期"],
        &born,
    );
    let before = [[
        "1001",
        "王三",
        &man,
        "本地户籍",
        "2010-01-01",
        "旧街1号",
        "13900000001",
    ]];
    let before = list((POLICE, ONE, date(2023, 12, 1)), HOUSEHOLDS, &before);
    let after_move = [
        [
            "2001",
            "王三",
            man.as_str(),
            "本地户籍",
            "2024-05-01",
            "新街2号",
            "13900000002",
        ],
        [
            "2001",
            "王小",
            child.as_str(),
            "本地户籍",
            "2024-05-01",
            "新街2号",
            "",
        ],
    ];
    let after_move = list((POLICE, TWO, date(2024, 6, 1)), HOUSEHOLDS, &after_move);
    let third = [["王三", man.as_str(), "13900000003", "三街3号"]];
    let third = list((COMMUNITY, THREE, date(2024, 2, 1)), PEOPLE, &third);
    let days = [
        date(2024, 3, 31),
        date(2024, 4, 15),
        date(2024, 5, 15),
        date(2024, 7, 1),
        date(2021, 1, 1),
    ];
    let mut first = None;
    for order in orders(&[&births, &before, &after_move, &third]) {
        let office = after(&order).await;
        let mut found = Vec::new();
        for on in days {
            found.push(whose(&office, on).await);
        }
        assert_eq!(found[0]["birth"], [TWO], "the home she came to");
        assert_eq!(&found, first.get_or_insert(found.clone()));
    }
    // Taken back, a list leaves nothing of whose anybody is.
    let bare = after(&[&births]).await;
    let office = after(&[&births, &after_move]).await;
    let commit = office
        .ledger
        .commits(&office.grant(), None, 1)
        .await
        .unwrap()[0]
        .number;
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    let undone = office.ledger.undo(commit, at, &office.grant()).await;
    undone.unwrap();
    for on in days {
        assert_eq!(whose(&office, on).await, whose(&bare, on).await, "on {on}");
    }
}

/// The units whose records are on a day, by register.
async fn whose(office: &Office, on: Date) -> BTreeMap<&'static str, Vec<String>> {
    let at = "2026-01-06T01:00:00Z".parse().unwrap();
    let session = office.tables.evaluation(AsOf::on(on), "test", at).await;
    let session = session.unwrap();
    let mut whose = BTreeMap::new();
    for register in ["person", "birth", "contact", "residence"] {
        let page = tables::Page {
            offset: 0,
            limit: 99,
        };
        let sql = format!("select unit from {register} order by unit");
        let rows = session.rows(&sql, page).await.unwrap().rows;
        let units = rows.into_iter().filter_map(|mut row| row.remove(0));
        whose.insert(register, units.collect());
    }
    whose
}
