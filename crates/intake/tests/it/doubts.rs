//! What a list doesn't say for sure is asked or told, and never settled in silence: twins, names alone, doubles within a list,
//! lists of an earlier day, lists in parts.

use crate::common::{ONE, Office, id, messages};
use intake::{Absence, Decision, IntakeError, Outcome};
use jiff::civil::{Date, date};

const HEAD: [&str; 5] = ["姓名", "性别", "出生日期", "联系电话", "住址"];
const SURNAMES: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄"];
const GIVEN: [&str; 8] = [
    "建国", "秀英", "伟强", "丽华", "志明", "桂兰", "永福", "春梅",
];
const ON: Date = date(2025, 12, 31);

fn row(cells: [&str; 5]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// A street of people who have little in common.
fn street() -> Vec<Vec<String>> {
    let mut rows = vec![row(HEAD)];
    for nth in 0..64_usize {
        let name = format!("{}{}", SURNAMES[nth % 8], GIVEN[nth / 8]);
        let sex = if nth % 2 == 0 { "男" } else { "女" };
        let birth = format!(
            "{}-{:02}-{:02}",
            1950 + nth % 50,
            1 + nth % 12,
            1 + nth % 27
        );
        let phone = format!("138{:08}", 12_345_678 + nth * 7_919);
        let address = format!(
            "幸福路{}号{}单元{}01室",
            1 + nth / 4,
            1 + nth % 3,
            1 + nth % 6
        );
        rows.push(row([&name, sex, &birth, &phone, &address]));
    }
    rows
}

/// An office whose police know a street and these people, and what the health centre's list of the street and others comes to.
async fn after(police: &[[&str; 5]], health: &[[&str; 5]]) -> (Office, Outcome) {
    let office = Office::new().await;
    let with = |more: &[[&str; 5]]| {
        let mut rows = street();
        rows.extend(more.iter().map(|cells| row(*cells)));
        rows
    };
    office
        .list("residents-police", ONE, ON, &with(police))
        .await;
    let outcome = office
        .list("residents-health", ONE, ON, &with(health))
        .await;
    (office, outcome)
}

/// How many rows were opened and asked.
fn counts(outcome: &Outcome) -> (usize, usize) {
    (outcome.files[0].opened(), outcome.files[0].asked())
}

#[tokio::test]
async fn a_twin_is_not_taken_for_the_other() {
    let home = |name, sex| {
        [
            name,
            sex,
            "2012-05-05",
            "13811112222",
            "林海路201号1单元101室",
        ]
    };
    for (known, comes) in [
        (home("王大双", "男"), home("王小双", "男")),
        (home("李龙", "男"), home("李凤", "女")),
        (home("赵文博", "男"), home("赵文静", "女")),
    ] {
        let (_, outcome) = after(&[known], &[comes]).await;
        assert_eq!(
            counts(&outcome),
            (0, 1),
            "{comes:?} {:#?}",
            messages(&outcome)
        );
        let (_, both) = after(&[known, comes], &[comes, known]).await;
        assert_eq!(counts(&both).0, 0, "{comes:?} {:#?}", messages(&both));
    }
    // A grown-up whose name is written with another character is no twin.
    let old = |name| {
        [
            name,
            "男",
            "1971-05-05",
            "13811112222",
            "林海路201号1单元101室",
        ]
    };
    let (_, outcome) = after(&[old("王大双")], &[old("王小双")]).await;
    assert_eq!(counts(&outcome), (0, 0), "{:#?}", messages(&outcome));
}

#[tokio::test]
async fn a_name_alone_is_asked_about() {
    let known = ["俞晓源", "男", "1970-01-05", "", "林海路7号1单元101室"];
    let (_, outcome) = after(&[known], &[["俞晓源", "男", "", "", ""]]).await;
    assert_eq!(counts(&outcome), (0, 1), "{:#?}", messages(&outcome));
    // Somebody of the other sex is another.
    let (_, outcome) = after(&[known], &[["俞晓源", "女", "", "", ""]]).await;
    assert_eq!(counts(&outcome), (1, 0), "{:#?}", messages(&outcome));
    // With a telephone nobody has, it is opened, and said.
    let (_, outcome) = after(&[known], &[["俞晓源", "男", "", "13999998888", ""]]).await;
    assert_eq!(counts(&outcome), (1, 0));
    let said = messages(&outcome);
    assert!(
        said.iter()
            .any(|m| m.contains("somebody of this name is known")),
        "{said:#?}"
    );
}

#[tokio::test]
async fn doubles_within_a_list_are_told() {
    let one = |phone, address| ["吴重复", "女", "1977-04-04", phone, address];
    let rows = [
        one("13899990001", "林海路401号1单元101室"),
        one("13899990002", "林海路401号1单元101室"),
    ];
    let (_, outcome) = after(&[], &rows).await;
    let said = messages(&outcome);
    let told = said.iter().filter(|m| m.contains("they may be one"));
    assert_eq!(told.count(), 1, "{said:#?}");
    // Two of one name and birth who have nothing else in common are two.
    let rows = [
        one("13899990001", "林海路401号"),
        one("13899990002", "江边街7号"),
    ];
    let (_, outcome) = after(&[], &rows).await;
    assert!(
        !messages(&outcome)
            .iter()
            .any(|m| m.contains("they may be one"))
    );
}

#[tokio::test]
async fn a_list_of_an_earlier_day_takes_nobody_off() {
    let (office, _) = after(&[], &[]).await;
    let mut rows = street();
    rows.truncate(60);
    let earlier = office
        .list("residents-health", ONE, date(2025, 6, 30), &rows)
        .await;
    let absent = &earlier.files[0].absent;
    assert_eq!((absent.left.len(), absent.kept), (0, 0));
    let later = office
        .list("residents-health", ONE, date(2026, 6, 30), &rows)
        .await;
    assert_eq!(later.files[0].absent.left.len(), 5);
}

#[tokio::test]
async fn what_was_imported_before_a_file_that_is_refused_is_told() {
    let office = Office::new().await;
    let good = office.path("good.csv");
    let rows: String = street().iter().map(|row| row.join(",") + "\n").collect();
    std::fs::write(&good, rows).unwrap();
    let empty = office.path("empty.csv");
    std::fs::write(&empty, "").unwrap();
    let import = async |files: Vec<_>, absence| {
        let mut request = office.request("residents-health", ONE, files);
        request.absence = absence;
        intake::import(&office.tables, &request, &mut |_| ()).await
    };
    let outcome = import(vec![good.clone(), empty.clone()], Absence::Kept)
        .await
        .unwrap();
    assert!(matches!(outcome.stopped, Some(IntakeError::File { ref file, .. }) if *file == empty));
    assert_eq!(outcome.files.len(), 1);
    assert!(outcome.files[0].receipt.is_some());
    assert!(
        import(vec![empty, good.clone()], Absence::Kept)
            .await
            .is_err()
    );
    // By each of two files that are each the whole list, the people of the other would have left.
    let error = import(vec![good.clone(), good], Absence::Left)
        .await
        .unwrap_err();
    assert!(matches!(error, IntakeError::WholeInParts), "{error}");
}

#[tokio::test]
async fn who_became_known_since_is_named_too() {
    let home = |name| {
        [
            name,
            "男",
            "2012-05-05",
            "13811112222",
            "林海路201号1单元101室",
        ]
    };
    let (office, outcome) = after(&[home("王大双")], &[home("王小双")]).await;
    assert_eq!(counts(&outcome), (0, 1));
    let mut rows = street();
    rows.push(row(home("王小双")));
    let community = office.list("residents-community", ONE, ON, &rows).await;
    assert_eq!(counts(&community), (0, 1));
    let grant = office.grant();
    let review = crate::common::review(&office, &grant).await;
    let [first, second] = review.cases().await.unwrap().try_into().unwrap();
    assert_eq!(review.case(second.record).await.unwrap().people.len(), 1);
    review.decide(first.record, Decision::New).await.unwrap();
    let people = review.case(second.record).await.unwrap().people;
    let names: Vec<String> = (people.iter())
        .map(|known| known.sides[0].seen[0].text.zh.clone())
        .collect();
    assert_eq!(names, ["王大双", "王小双"]);
    let same = Decision::Same(people[1].person);
    review.decide(second.record, same).await.unwrap();
    assert!(review.cases().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_number_with_one_wrong_digit_is_asked_about() {
    let head = || ["姓名", "身份证号", "住址"].map(str::to_owned).to_vec();
    let line =
        |number: &str, address: &str| ["刘亚华", number, address].map(str::to_owned).to_vec();
    let (one, other) = (id(1961, 4, 5, 112), id(1972, 9, 8, 231));
    let slip = |number: &str| {
        let last = number.chars().last().unwrap();
        let wrong = if last == '0' { '1' } else { '0' };
        format!("{}{wrong}", &number[..17])
    };
    // Two of the name are known, and what the health centre writes for a number.
    let told = async |number: &str| {
        let office = Office::new().await;
        let known = [
            head(),
            line(&one, "林海路7号1单元101室"),
            line(&other, "江边街9号2单元301室"),
        ];
        office.list("residents-community", ONE, ON, &known).await;
        let health = [
            ["姓名", "身份证号", "联系电话"].map(str::to_owned).to_vec(),
            line(number, "13900001234"),
        ];
        let outcome = office.list("residents-health", ONE, ON, &health).await;
        (office, outcome)
    };
    let (office, asked) = told(&slip(&other)).await;
    assert_eq!(counts(&asked), (0, 1), "{:#?}", messages(&asked));
    let grant = office.grant();
    let review = crate::common::review(&office, &grant).await;
    let [case] = review.cases().await.unwrap().try_into().unwrap();
    let people = review.case(case.record).await.unwrap().people;
    assert_eq!(people.len(), 1);
    let same = Decision::Same(people[0].person);
    review.decide(case.record, same).await.unwrap();
    assert!(review.cases().await.unwrap().is_empty());
    assert_eq!(office.named("刘亚华").await.len(), 2);
    // A number that is quite another's isn't one with a slip.
    let (_, new) = told(&slip(&id(1950, 1, 1, 555))).await;
    assert_eq!(counts(&new), (1, 0), "{:#?}", messages(&new));
}
