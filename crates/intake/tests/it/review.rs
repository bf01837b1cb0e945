//! What lists left to people, and what becomes of it: rows that are somebody, nobody known, or set aside; people who are one;
//! and all of it taken back.

use crate::common::{END, ON, ONE, Office, TWO, desk, id, review, unit};
use intake::{Case, Decision, QuestionKind, Review, ReviewError};
use jiff::civil::date;
use kernel::{Grant, Lang, RecordId};

const HEAD: [&str; 6] = [
    "姓名",
    "公民身份号码",
    "性别",
    "出生日期",
    "联系电话",
    "住址",
];
const SURNAMES: [&str; 8] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王"];
const GIVEN: [&str; 6] = ["建国", "秀英", "志强", "海燕", "文静", "晓东"];

fn row(cells: [&str; 6]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// A list of some neighbours who differ in everything, with others after them.
fn list(others: &[[&str; 6]]) -> Vec<Vec<String>> {
    let mut rows = vec![row(HEAD)];
    for nth in 0..48_usize {
        let name = format!("{}{}", SURNAMES[nth % 8], GIVEN[nth / 8]);
        let (year, month, day) = (
            1950 + nth as i16,
            1 + (nth % 12) as i8,
            1 + (nth * 5 % 28) as i8,
        );
        let order = 20 + u16::try_from(nth).unwrap();
        let sex = if order % 2 == 1 { "男" } else { "女" };
        rows.push(row([
            &name,
            &id(year, month, day, order),
            sex,
            &format!("{year}-{month:02}-{day:02}"),
            &format!("1390000{:04}", 7 * nth),
            &format!("和平路{}号{}单元{}室", 3 + nth, 1 + nth % 3, 101 + nth),
        ]));
    }
    rows.extend(others.iter().map(|cells| row(*cells)));
    rows
}

/// A woman of the neighbourhood, with a number and a telephone.
fn feng<'a>(number: &'a str, phone: &'a str) -> [&'a str; 6] {
    ["冯雅琴", number, "女", "1961-04-05", phone, "幸福路1号"]
}

/// A man who has nothing in common with her.
fn chen(number: &str) -> [&str; 6] {
    [
        "陈卫东",
        number,
        "男",
        "1990-01-01",
        "13733334444",
        "新华街9号",
    ]
}

/// The woman again, by another name.
fn zhuoma() -> [&'static str; 6] {
    [
        "卓玛央金",
        "",
        "女",
        "1961-04-05",
        "13811112222",
        "幸福路1号",
    ]
}

/// The one question there is.
async fn only(review: &Review<'_>) -> Case {
    let cases = review.cases().await.unwrap();
    assert_eq!(cases.len(), 1, "{cases:#?}");
    review.case(cases[0].record).await.unwrap()
}

/// How many records of each register that are there name somebody, by register.
async fn naming(office: &Office, person: RecordId) -> Vec<(&'static str, usize)> {
    let mut naming = Vec::new();
    for register in ["contact", "residence"] {
        let wanted = format!("\"person\":{person},");
        let records = office.there(register, ON).await.into_iter();
        let count = records.filter(|(_, body)| body.contains(&wanted)).count();
        naming.push((register, count));
    }
    naming
}

async fn body_of(office: &Office, person: RecordId) -> String {
    let people = office.there("person", END).await.into_iter();
    let mut own = people.filter(|(record, _)| *record == person);
    own.next().unwrap().1
}

/// Which lists say something of somebody.
async fn told_by(office: &Office, person: RecordId) -> Vec<String> {
    let standing = office.snapshot().await;
    let name = office
        .pack
        .register("person")
        .unwrap()
        .field("name")
        .unwrap()
        .0;
    let people = standing.shelf("person").unwrap();
    let said = people.ranked(person, name, END);
    said.into_iter()
        .map(|(say, _)| say.voice.roster.clone())
        .collect()
}

/// One number with two names: the police have 冯雅琴, the clinic says it is 陈卫东's.
async fn contested(office: &Office) -> (RecordId, String) {
    let number = id(1961, 4, 5, 112);
    let police = feng(&number, "13811112222");
    office
        .list("residents-police", ONE, ON, &list(&[police]))
        .await;
    let clinic = chen(&number);
    let outcome = office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    let file = &outcome.files[0];
    assert_eq!(
        (file.asked(), file.opened()),
        (1, 0),
        "{:#?}",
        crate::common::messages(&outcome)
    );
    (office.named("冯雅琴").await[0], number)
}

#[tokio::test]
async fn one_number_with_two_names_is_asked() {
    let office = Office::new().await;
    let (person, number) = contested(&office).await;
    let clerk = desk("clerk");
    let case = only(&review(&office, &clerk).await).await;
    assert_eq!((case.kind, case.people.len()), (QuestionKind::Number, 1));
    let known = &case.people[0];
    assert_eq!(known.person, person);
    let whose: Vec<&str> = known
        .sides
        .iter()
        .map(|side| side.whose.en.as_str())
        .collect();
    assert_eq!(whose, ["Ledger", "Residents known to the police"]);
    let name = known.sides[1]
        .seen
        .iter()
        .find(|seen| seen.field == "name")
        .unwrap();
    assert_eq!(name.level, Some(linkage::Likeness::Different));
    let same = known.sides[1]
        .seen
        .iter()
        .find(|seen| seen.field == "id_number")
        .unwrap();
    assert_eq!(same.text.zh, number);

    // Who may not see numbers sees them masked, and sees nothing of other books.
    let blind = desk("visitor").clear_only(&[]);
    let case = only(&review(&office, &blind).await).await;
    assert!(
        case.said.iter().all(|seen| seen.text.zh != number),
        "{case:#?}"
    );
    let elsewhere = Grant::whole("neighbour", unit(TWO), "review");
    let elsewhere = review(&office, &elsewhere).await;
    assert!(elsewhere.cases().await.unwrap().is_empty());
    let error = elsewhere
        .decide(case.record, Decision::New)
        .await
        .unwrap_err();
    assert!(matches!(error, ReviewError::NoQuestion(_)), "{error}");
}

#[tokio::test]
async fn somebody_new_is_carried_out_without_the_number_and_taken_back() {
    let office = Office::new().await;
    contested(&office).await;
    let before = office.state().await;
    let clerk = desk("clerk");
    let review = review(&office, &clerk).await;
    let case = only(&review).await;
    let receipt = review.decide(case.record, Decision::New).await.unwrap();
    let new = office.named("陈卫东").await;
    assert_eq!(new.len(), 1);
    let body = body_of(&office, new[0]).await;
    assert!(!body.contains("id_number"), "{body}");
    let naming = naming(&office, new[0]).await;
    assert_eq!(naming, [("contact", 1), ("residence", 1)]);
    assert_eq!(told_by(&office, new[0]).await, ["residents-health"]);
    let error = review
        .decide(case.record, Decision::Aside)
        .await
        .unwrap_err();
    assert!(matches!(error, ReviewError::Settled(_)), "{error}");

    // The list says it again: nobody is asked, nothing changes.
    let number = id(1961, 4, 5, 112);
    let clinic = chen(&number);
    let again = office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    assert_eq!((again.files[0].asked(), again.files[0].opened()), (0, 0));
    assert!(
        again.files[0].receipt.is_none(),
        "{:#?}",
        again.files[0].registers
    );

    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &clerk)
        .await
        .unwrap();
    assert_eq!(office.state().await, before);
    assert_eq!(only(&review).await.record, case.record);
}

#[tokio::test]
async fn a_row_is_somebody_known_or_set_aside() {
    let number = id(1961, 4, 5, 112);
    let clinic = chen(&number);
    for aside in [false, true] {
        let office = Office::new().await;
        let (person, _) = contested(&office).await;
        let clerk = desk("clerk");
        let review = review(&office, &clerk).await;
        let case = only(&review).await;
        let error = review
            .decide(case.record, Decision::Merged)
            .await
            .unwrap_err();
        assert!(matches!(error, ReviewError::Unfit(_)), "{error}");
        let decision = if aside {
            Decision::Aside
        } else {
            Decision::Same(person)
        };
        review.decide(case.record, decision).await.unwrap();
        assert!(review.cases().await.unwrap().is_empty());
        let lists = told_by(&office, person).await.len();
        assert_eq!(lists, if aside { 1 } else { 2 });
        // The person's own name stays, for the police know it better.
        assert_eq!(office.named("冯雅琴").await, [person]);
        let again = office
            .list("residents-health", ONE, ON, &list(&[clinic]))
            .await;
        assert_eq!(again.files[0].asked(), 0);
        assert!(
            again.files[0].receipt.is_none(),
            "{aside} {:#?}",
            again.files[0].registers
        );
    }
}

#[tokio::test]
async fn a_corrected_number_is_the_same_person() {
    let office = Office::new().await;
    let (wrong, right) = (id(1961, 4, 5, 114), id(1961, 4, 5, 112));
    let clinic = feng(&wrong, "13811112222");
    office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    let police = feng(&right, "13811112222");
    let outcome = office
        .list("residents-police", ONE, ON, &list(&[police]))
        .await;
    assert_eq!(
        outcome.files[0].asked(),
        0,
        "{:#?}",
        crate::common::messages(&outcome)
    );
    let people = office.named("冯雅琴").await;
    assert_eq!(people.len(), 1);
    let body = body_of(&office, people[0]).await;
    assert!(body.contains(&right), "the police know the number: {body}");
    let said = crate::common::messages(&outcome);
    assert!(said.iter().any(|m| m.contains("ID number")), "{said:#?}");
    // The clinic says the old number again, which changes nothing.
    let again = office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    assert!(
        again.files[0].receipt.is_none(),
        "{:#?}",
        again.files[0].registers
    );
}

#[tokio::test]
async fn the_next_list_gives_who_came_and_left() {
    let office = Office::new().await;
    let stays = feng("", "13811112222");
    let moves = chen("");
    let comes = ["卫子墨", "", "男", "2024-02-03", "", "新华街11号"];
    office
        .list("residents-police", ONE, ON, &list(&[stays, moves]))
        .await;
    let february = date(2026, 2, 28);
    let stays = feng("", "13811119999");
    let outcome = office
        .list("residents-police", ONE, february, &list(&[comes, stays]))
        .await;
    let file = &outcome.files[0];
    let listed = file.listed();
    assert_eq!(
        (
            listed.opened,
            listed.closed,
            listed.changed,
            file.asked(),
            file.unchanged()
        ),
        (1, 1, 1, 0, 48),
        "{:#?}",
        crate::common::messages(&outcome)
    );
    assert_eq!(file.absent.left.len(), 1);
    assert_eq!(file.absent.left[0].name, "陈卫东");
    let left = office.named("陈卫东").await[0];
    for (day, homes) in [(date(2026, 2, 27), 1), (february, 0)] {
        let wanted = format!("\"person\":{left},");
        let residences = office.there("residence", day).await;
        let own = residences.iter().filter(|(_, body)| body.contains(&wanted));
        assert_eq!(own.count(), homes, "{day}");
    }
    let again = office
        .list("residents-police", ONE, february, &list(&[comes, stays]))
        .await;
    assert!(
        again.files[0].receipt.is_none(),
        "{:#?}",
        again.files[0].registers
    );

    // Half of a list is a part of it: nobody leaves for that.
    let half: Vec<_> = list(&[]).into_iter().take(20).collect();
    let outcome = office
        .list("residents-police", ONE, date(2026, 3, 31), &half)
        .await;
    assert_eq!(
        (
            outcome.files[0].absent.left.len(),
            outcome.files[0].absent.kept
        ),
        (0, 31)
    );
}

#[tokio::test]
async fn one_number_with_two_names_in_one_list_is_asked_of_the_second() {
    let office = Office::new().await;
    let number = id(1961, 4, 5, 112);
    let rows = [
        row(HEAD),
        row(["冯雅琴", &number, "女", "1961-04-05", "", ""]),
        row(["陈卫东", &number, "男", "1990-01-01", "", ""]),
    ];
    let outcome = office.list("residents-police", ONE, ON, &rows).await;
    assert_eq!(
        (outcome.files[0].asked(), outcome.files[0].opened()),
        (1, 1)
    );
    let clerk = desk("clerk");
    let review = review(&office, &clerk).await;
    let case = only(&review).await;
    assert_eq!(
        (case.kind, case.people.len()),
        (QuestionKind::Number, 1),
        "whoever has it now"
    );
    review.decide(case.record, Decision::New).await.unwrap();
    let people = office.there("person", END).await;
    let holders = (people.iter())
        .filter(|(_, body)| body.contains(&number))
        .count();
    assert_eq!((people.len(), holders), (2, 1));
    let again = office.list("residents-police", ONE, ON, &rows).await;
    assert!(
        again.files[0].receipt.is_none(),
        "{:#?}",
        again.files[0].registers
    );
}

/// Two who are one, as two lists of two names have them.
async fn doubles(office: &Office) -> (RecordId, RecordId) {
    let number = id(1961, 4, 5, 112);
    let police = ["冯雅琴", &number, "女", "1961-04-05", "", ""];
    office
        .list("residents-police", ONE, ON, &list(&[police]))
        .await;
    let clinic = zhuoma();
    office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    (
        office.named("冯雅琴").await[0],
        office.named("卓玛央金").await[0],
    )
}

#[tokio::test]
async fn two_who_are_one_are_merged_by_two_and_the_merge_is_taken_back() {
    let office = Office::new().await;
    let (kept, double) = doubles(&office).await;
    let before = office.state().await;
    let (first, second) = (desk("first"), desk("second"));
    let (proposes, confirms) = (
        review(&office, &first).await,
        review(&office, &second).await,
    );
    let error = proposes.propose(kept, kept, ON).await.unwrap_err();
    assert!(matches!(error, ReviewError::Themselves(_)), "{error}");
    let proposed = proposes.propose(kept, double, ON).await.unwrap();
    let error = confirms.propose(double, kept, ON).await.unwrap_err();
    assert!(matches!(error, ReviewError::Proposed(_)), "{error}");
    let case = only(&confirms).await;
    assert_eq!(case.kind, QuestionKind::Merge);
    let people: Vec<RecordId> = case.people.iter().map(|known| known.person).collect();
    assert_eq!(people, [kept, double]);
    let waiting = office.state().await;
    let error = proposes
        .decide(case.record, Decision::Merged)
        .await
        .unwrap_err();
    assert!(matches!(error, ReviewError::FourEyes(_)), "{error}");
    assert_eq!(office.state().await, waiting);

    let receipt = confirms
        .decide(case.record, Decision::Merged)
        .await
        .unwrap();
    assert!(office.named("卓玛央金").await.is_empty());
    assert_eq!(office.named("冯雅琴").await, [kept]);
    assert_eq!(
        naming(&office, kept).await,
        [("contact", 1), ("residence", 1)]
    );
    assert_eq!(told_by(&office, kept).await.len(), 2);
    // Blanks of who stays are filled by the double's.
    let residences = office.there("residence", ON).await;
    let wanted = format!("\"person\":{kept},");
    let own = residences.iter().find(|(_, body)| body.contains(&wanted));
    assert!(own.unwrap().1.contains("幸福路1号"), "{own:?}");
    // What the clinic says is about who stays.
    let clinic = zhuoma();
    let again = office
        .list("residents-health", ONE, ON, &list(&[clinic]))
        .await;
    assert_eq!(
        (again.files[0].asked(), again.files[0].opened()),
        (0, 0),
        "{:#?}",
        crate::common::messages(&again)
    );
    assert!(
        again.files[0].receipt.is_none(),
        "{:#?}",
        again.files[0].registers
    );

    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &second)
        .await
        .unwrap();
    assert_eq!(office.state().await, waiting);
    office
        .ledger
        .undo(proposed.commit, at, &first)
        .await
        .unwrap();
    assert_eq!(office.state().await, before);
    assert_eq!(
        office.named("卓玛央金").await,
        [double],
        "under its own number"
    );
    office.verify().await;
}

#[tokio::test]
async fn two_who_are_two_are_kept_apart() {
    let office = Office::new().await;
    let (kept, double) = doubles(&office).await;
    let (first, second) = (desk("first"), desk("second"));
    review(&office, &first)
        .await
        .propose(kept, double, ON)
        .await
        .unwrap();
    let confirms = review(&office, &second).await;
    let case = only(&confirms).await;
    confirms.decide(case.record, Decision::Apart).await.unwrap();
    assert!(confirms.cases().await.unwrap().is_empty());
    assert_eq!(office.named("卓玛央金").await, [double]);
    let gone = review(&office, &first)
        .await
        .decide(case.record, Decision::Merged)
        .await
        .unwrap_err();
    assert!(
        gone.message(Lang::Zh).contains("已有人核定"),
        "{}",
        gone.message(Lang::Zh)
    );
}

#[tokio::test]
async fn an_import_is_taken_back() {
    let office = Office::new().await;
    office.list("residents-police", ONE, ON, &list(&[])).await;
    let before = office.state().await;
    let others = feng("", "13811112222");
    let outcome = office
        .list("residents-health", ONE, ON, &list(&[others]))
        .await;
    let receipt = outcome.files[0].receipt.clone().unwrap();
    let after = office.state().await;
    let clerk = desk("clerk");
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &clerk)
        .await
        .unwrap();
    assert_eq!(office.state().await, before);
    let again = office
        .list("residents-health", ONE, ON, &list(&[others]))
        .await;
    assert!(again.files[0].receipt.is_some());
    let (words, numbers) = (after.len(), office.state().await.len());
    assert_eq!(words, numbers);
}
