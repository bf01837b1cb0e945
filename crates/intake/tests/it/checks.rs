//! What the pack's checks say of lists and of what stands: asked about or refused, in a row, a list, a record and between records.

use intake::{Finding, IntakeError, Outcome};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::Lang;
use tables::{AsOf, Doubt};

use crate::common::{ONE, Office, POLICE, csv, id, messages};
use crate::sent::{file, office, take};

const JUNE: Date = date(2025, 6, 30);

/// The checks that an outcome tells of, by row.
fn told(outcome: &Outcome) -> Vec<(u32, String)> {
    let notes = outcome.files[0].notes.iter();
    let mut told: Vec<(u32, String)> = notes
        .filter_map(|note| match &note.finding {
            Finding::Questionable(said) | Finding::Contradicts(said) => {
                Some((note.row, said.en.clone()))
            }
            _ => None,
        })
        .collect();
    told.sort();
    told
}

async fn doubts(office: &Office, on: Date) -> Vec<Doubt> {
    let session = office
        .tables
        .evaluation(AsOf::on(on), "test", Timestamp::UNIX_EPOCH)
        .await;
    let doubts = session.unwrap().doubts().await.unwrap();
    assert!(doubts.failed.is_empty() && doubts.cut.is_empty());
    doubts.found
}

fn of<'d>(doubts: &'d [Doubt], check: &str) -> Vec<&'d Doubt> {
    doubts.iter().filter(|doubt| doubt.of.id == check).collect()
}

async fn rows<const N: usize>(
    office: &Office,
    roster: &str,
    head: [&str; N],
    rows: &[[&str; N]],
) -> Result<Outcome, IntakeError> {
    let path = office.path("checks.csv");
    let all: Vec<&[&str]> = std::iter::once(&head[..])
        .chain(rows.iter().map(|row| &row[..]))
        .collect();
    std::fs::write(&path, csv(&all)).unwrap();
    let mut request = office.request(roster, ONE, vec![path]);
    request.on = JUNE;
    intake::import(&office.tables, &request, &mut |_| ()).await
}

const BIRTH: &str = "The date of birth isn't the one in the ID number";
const SEX: &str = "The sex isn't the one in the ID number";

#[tokio::test]
async fn contradiction() {
    let office = office().await;
    let list = file(POLICE, ONE, JUNE, "contradiction/police.csv");
    let outcome = take(&office, &list).await;
    let expected = [(2, BIRTH), (3, SEX), (4, BIRTH), (7, BIRTH)];
    let expected = expected.map(|(row, said)| (row, said.to_owned()));
    assert_eq!(told(&outcome), expected);
    assert_eq!(outcome.files[0].rejected(), 0, "asked about, not refused");
    let found = doubts(&office, JUNE).await;
    assert_eq!(of(&found, "birth-in-number").len(), 3);
    assert_eq!(of(&found, "sex-in-number").len(), 1);
    let fields = &of(&found, "sex-in-number")[0].of.fields;
    assert_eq!(fields.as_slice(), ["id_number", "sex"]);
}

#[tokio::test]
async fn what_is_put_right_is_asked_about_no_more() {
    let office = office().await;
    let number = id(1970, 5, 6, 11);
    let head = ["户号", "姓名", "身份证号", "户籍情况", "出生日期"];
    let wrong = [["1", "宋强", &*number, "本地户籍", "1907-05-06"]];
    let outcome = rows(&office, POLICE, head, &wrong).await.unwrap();
    assert_eq!(told(&outcome), [(2, BIRTH.to_owned())]);
    assert_eq!(doubts(&office, JUNE).await.len(), 1);
    let right = [["1", "宋强", &*number, "本地户籍", "1970-05-06"]];
    let mut request = office.request(POLICE, ONE, vec![office.path("right.csv")]);
    request.on = date(2025, 7, 31);
    let all: Vec<&[&str]> = vec![&head[..], &right[0][..]];
    std::fs::write(office.path("right.csv"), csv(&all)).unwrap();
    intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(doubts(&office, date(2025, 7, 31)).await, []);
}

#[tokio::test]
async fn whoever_died_before_being_born_is_refused() {
    let office = office().await;
    let (a, b) = (id(1970, 5, 6, 11), id(1971, 5, 6, 22));
    let head = ["户号", "姓名", "身份证号", "户籍情况"];
    let people = [
        ["1", "宋强", &*a, "本地户籍"],
        ["1", "茅丽", &*b, "本地户籍"],
    ];
    rows(&office, POLICE, head, &people).await.unwrap();
    let dead = ["姓名", "身份证号", "死亡日期"];
    let list = [["宋强", &*a, "1969-05-06"], ["茅丽", &*b, "2025-05-06"]];
    let outcome = rows(&office, "deaths", dead, &list).await.unwrap();
    assert_eq!(told(&outcome), [(2, "Died before the birth".to_owned())]);
    assert_eq!(outcome.files[0].rejected(), 1);
    assert_eq!(office.there("death", JUNE).await.len(), 1);
    let said = messages(&outcome).join("\n");
    assert!(
        said.contains("died before the birth; the row was not taken"),
        "{said}"
    );
}

#[tokio::test]
async fn exchanged_columns_refuse_the_list_and_leave_nothing() {
    let office = office().await;
    let numbers: Vec<String> = (0..4).map(|nth| id(1970, 5, 6, 11 + 2 * nth)).collect();
    let head = [
        "户号",
        "姓名",
        "身份证号",
        "户籍情况",
        "出生日期",
        "迁入日期",
    ];
    let moved = ["1999-01-01", "2001-01-01", "2003-01-01", "1960-01-01"];
    let list = |birth: &'static str, moved: [&'static str; 4]| -> Vec<Vec<String>> {
        let row = |nth: usize| {
            let row = ["1", "宋强", &numbers[nth], "本地户籍", birth, moved[nth]];
            row.map(str::to_owned).to_vec()
        };
        (0..4).map(row).collect()
    };
    let right = list("1970-05-06", moved);
    let exchanged: Vec<Vec<String>> = right
        .iter()
        .cloned()
        .map(|mut row| {
            row.swap(4, 5);
            row
        })
        .collect();
    let as_rows = |rows: &[Vec<String>]| -> Vec<[String; 6]> {
        rows.iter()
            .map(|row| row.clone().try_into().unwrap())
            .collect()
    };
    let exchanged = as_rows(&exchanged);
    let exchanged: Vec<[&str; 6]> = exchanged
        .iter()
        .map(|row| row.each_ref().map(|c| &**c))
        .collect();
    let refused = rows(&office, POLICE, head, &exchanged).await.unwrap_err();
    let said = refused.message(Lang::En);
    assert!(said.contains("may be exchanged"), "{said}");
    assert_eq!(office.there("person", JUNE).await.len(), 0);
    // One of four who was born here is no sign of it.
    let right = as_rows(&right);
    let right: Vec<[&str; 6]> = right
        .iter()
        .map(|row| row.each_ref().map(|c| &**c))
        .collect();
    assert_eq!(
        rows(&office, POLICE, head, &right).await.unwrap().files[0].rejected(),
        0
    );
}

#[tokio::test]
async fn between_records() {
    let office = office().await;
    let numbers: Vec<String> = [1960, 1962, 1985, 1965]
        .into_iter()
        .zip([11, 22, 33, 44])
        .map(|(year, order)| id(year, 3, 4, order))
        .collect();
    let head = ["户号", "姓名", "身份证号", "户籍情况", "与户主关系"];
    let people = [
        ["1", "戴明", &*numbers[0], "本地户籍", "户主"],
        ["1", "谈芳", &*numbers[1], "本地户籍", "户主"],
        ["2", "戴宋", &*numbers[2], "本地户籍", "户主"],
        ["3", "茅丽", &*numbers[3], "本地户籍", "户主"],
    ];
    rows(&office, POLICE, head, &people).await.unwrap();
    let married = [
        "男方姓名",
        "男方身份证号",
        "女方姓名",
        "女方身份证号",
        "登记日期",
    ];
    let marriages = [
        ["戴明", &*numbers[0], "谈芳", &*numbers[1], "1980-01-01"],
        ["戴明", &*numbers[0], "茅丽", &*numbers[3], "1990-01-01"],
    ];
    let outcome = rows(&office, "marriages", married, &marriages)
        .await
        .unwrap();
    let young = "Below the age of marriage (men 22, women 20) on the day of marriage";
    assert_eq!(told(&outcome), [(2, young.to_owned())]);
    let found = doubts(&office, JUNE).await;
    assert_eq!(
        of(&found, "one-head").len(),
        2,
        "two heads of one household"
    );
    assert_eq!(
        of(&found, "one-marriage").len(),
        2,
        "two marriages of one man"
    );
    // A day before the second marriage there was one.
    let before = doubts(&office, date(1989, 12, 31)).await;
    assert_eq!(of(&before, "one-marriage").len(), 0);
}

#[tokio::test]
async fn amounts_within_bounds() {
    let office = office().await;
    let number = id(1960, 3, 4, 11);
    let head = ["姓名", "身份证号", "项目", "起始日期", "月标准"];
    let list = [["戴明", &*number, "奖励扶助", "2024-01-01", "96000"]];
    let outcome = rows(&office, "benefits", head, &list).await.unwrap();
    let said = "The monthly amount isn't between 1 and 10,000 yuan";
    assert_eq!(
        told(&outcome),
        [(2, said.to_owned())],
        "{:?}",
        messages(&outcome)
    );
}
