#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;

fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
    let book = read_workbook(text.as_bytes(), Merged::Ignored).unwrap();
    book.sheets[0]
        .rows()
        .map(|r| (r.number, r.cells().map(|(_, c)| c.shown()).collect()))
        .collect()
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("a,b{end}{end}\"c{end}d\",e{end}f,g{end}").replace("c\r\nd", "c\nd");
        let found: Vec<u32> = rows(&text).into_iter().map(|(n, _)| n).collect();
        assert_eq!(found, [1, 3, 4], "{end:?}");
    }
    assert_eq!(rows("\n\na,b")[0].0, 3);
    assert_eq!(
        rows("\u{FEFF}a,b\n")[0],
        (1, vec!["a".to_owned(), "b".to_owned()])
    );
}

#[test]
fn the_separator_is_the_one_most_lines_have() {
    assert_eq!(rows("a;b\n\"1;2\";3,5\n")[1].1, ["1;2", "3,5"]);
    assert_eq!(rows("a\tb\n1,0\t2\n")[1].1, ["1,0", "2"]);
    assert_eq!(rows("名册\n姓名,号码\n张三,1\n")[2].1, ["张三", "1"]);
}

#[test]
fn columns_have_letters() {
    for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
        assert_eq!(column_letters(column), letters);
    }
}
