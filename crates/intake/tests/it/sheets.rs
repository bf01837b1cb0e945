//! Lists whose rows or sheets aren't whole: rows with a cell too few or too many, rows broken in two, sheets that are hidden. What
//! isn't taken is told.

use intake::{Finding, Outcome};
use jiff::civil::{Date, date};
use kernel::Lang;
use rust_xlsxwriter::Workbook;

use crate::common::{COMMUNITY, ONE, POLICE, messages};
use crate::sent::{case, office, rejected, try_take};

const JUNE: Date = date(2025, 6, 30);
const JULY: Date = date(2025, 7, 31);

/// What is said of whole rows, by row.
fn said_of_rows(outcome: &Outcome) -> Vec<(u32, &'static str)> {
    let notes = outcome.files[0].notes.iter();
    let said = notes.filter_map(|note| match note.finding {
        Finding::FewerCells { .. } => Some((note.row, "fewer")),
        Finding::MoreCells { .. } => Some((note.row, "more")),
        Finding::BrokenLine => Some((note.row, "broken")),
        _ => None,
    });
    let mut said: Vec<(u32, &str)> = said.collect();
    said.sort_unstable();
    said
}

#[tokio::test]
async fn ragged() {
    type Case = (
        &'static str,
        &'static [(u32, &'static str)],
        &'static [&'static str],
    );
    let cases: [Case; 4] = [
        ("a-comma", &[(2, "more"), (4, "more")], &["任二"]),
        ("b-middle", &[(2, "more"), (4, "fewer")], &["任二", "任三"]),
        ("d-missing", &[(2, "fewer"), (3, "broken")], &["任一"]),
        ("f-newline", &[(3, "broken")], &["任一"]),
    ];
    for (name, said, people) in cases {
        let office = office().await;
        let list = case(&format!("ragged/{name}.csv"));
        let outcome = try_take(&office, COMMUNITY, JUNE, list).await;
        assert_eq!(
            said_of_rows(&outcome),
            said,
            "{name}: {:?}",
            messages(&outcome)
        );
        for person in ["任一", "任二", "任三", "后院"] {
            let known = office.named(person).await.len();
            assert_eq!(known == 1, people.contains(&person), "{name}: {person}");
        }
    }
}

#[tokio::test]
async fn ragged_by_quotes_of_another_kind() {
    let office = office().await;
    let request = office.request(COMMUNITY, ONE, vec![case("ragged/c-mysql.csv")]);
    let refused = intake::import(&office.tables, &request, &mut |_| ()).await;
    let said = refused.unwrap_err().message(Lang::En);
    assert!(said.contains("line 2"), "{said}");
    assert_eq!(office.named("任一").await.len(), 0);
}

#[tokio::test]
async fn ragged_ends_that_say_nothing() {
    // Separators at the end that no cell follows, and rows that a spreadsheet cut where only blanks followed.
    let office = office().await;
    let path = office.path("ragged.csv");
    let text = "姓名,公民身份号码,性别,出生日期,联系电话,住址\n任一,,男,1960-03-04,13800001111,幸福路1号,,\n任二,,女,1961-03-04\n";
    std::fs::write(&path, text).unwrap();
    let outcome = try_take(&office, COMMUNITY, JUNE, path).await;
    assert_eq!(said_of_rows(&outcome), [(3, "fewer")]);
    assert_eq!(
        (rejected(&outcome), office.named("任一").await.len()),
        (0, 1)
    );
    // A tab instead, with a cell too many.
    let path = office.path("ragged.txt.csv");
    let text = "姓名\t公民身份号码\t性别\t出生日期\n任三\t\t男\t1960-03-04\t13800001111\n";
    std::fs::write(&path, text).unwrap();
    let outcome = try_take(&office, COMMUNITY, JULY, path).await;
    assert_eq!(said_of_rows(&outcome), [(2, "more")]);
}

#[tokio::test]
async fn hidden() {
    for name in ["a-hidden-sheet", "a2-veryhidden-sheet", "c-dict"] {
        let office = office().await;
        let list = case(&format!("hidden/{name}.xlsx"));
        let outcome = try_take(&office, POLICE, JUNE, list).await;
        let notes = outcome.files[0].notes.iter();
        let hidden = notes.filter(|note| note.finding == Finding::HiddenSheet);
        let hidden: Vec<String> = hidden.map(|note| note.message(Lang::En)).collect();
        let said = "is hidden and was not read; show it if it is needed";
        assert_eq!(hidden.len(), 1, "{name}: {:?}", messages(&outcome));
        assert!(
            hidden[0].starts_with("sheet “") && hidden[0].ends_with(said),
            "{hidden:?}"
        );
        // In the result, too, where no row of its own could say it.
        let result = outcome.workbook().unwrap();
        let result = intake::read_workbook(&result, intake::Merged::Ignored).unwrap();
        let mut told = result.sheets[0].rows().map(|row| row.cell(1).shown());
        assert!(told.any(|told| told.contains("是隐藏的")), "{name}");
        assert_eq!(rejected(&outcome), 0, "{name}");
        assert_eq!(office.named("水生").await.len(), 1, "{name}");
        assert_eq!(office.named("云飞").await.len(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_workbook_with_hidden_sheets_alone_is_no_list() {
    let office = office().await;
    let path = office.path("hidden.xlsx");
    let mut book = Workbook::new();
    book.add_worksheet().set_name("封面").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("旧名单").unwrap().set_hidden(true);
    for (column, heading) in (0..).zip(["姓名", "公民身份号码", "联系电话"]) {
        sheet.write(0, column, heading).unwrap();
    }
    sheet.write(1, 0, "任一").unwrap();
    book.save(&path).unwrap();
    let request = office.request(COMMUNITY, ONE, vec![path]);
    let refused = intake::import(&office.tables, &request, &mut |_| ()).await;
    assert!(refused.is_err());
    assert_eq!(office.named("任一").await.len(), 0);
}
