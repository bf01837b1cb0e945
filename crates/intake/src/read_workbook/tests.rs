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

fn fault(bytes: &[u8]) -> FileFault {
    read_workbook(bytes, Merged::Ignored).unwrap_err()
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

#[test]
fn pages_under_another_name_are_said_to_be_pages() {
    let page = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><body><table><tr><td>姓名</td></tr></table></html>";
    let comment = format!("\u{FEFF}\r\n<!-- {} -->\r\n{page}", "x".repeat(5_000));
    let (gbk, ..) = encoding_rs::GBK.encode(page);
    let archive = format!("MIME-Version: 1.0\r\n\r\n{}\r\n{page}", "y".repeat(2_000));
    for bytes in [
        page.as_bytes(),
        comment.as_bytes(),
        &utf_16(page),
        &utf_16(&comment),
        &gbk,
        archive.as_bytes(),
    ] {
        assert_eq!(fault(bytes), foreign(Foreign::WebPage));
    }
    let xml = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"></Workbook>";
    assert_eq!(fault(xml.as_bytes()), foreign(Foreign::XmlWorkbook));
    assert_eq!(fault(&utf_16(xml)), foreign(Foreign::XmlWorkbook));
    // A list may speak of tags.
    assert_eq!(rows("姓名,备注\n张三,<br>\n")[1].1, ["张三", "<br>"]);
    // Text separated by tabs is read whatever its name; so is UTF-16.
    assert_eq!(
        read_workbook(&utf_16("姓名\t号码\n张三\t1\n"), Merged::Ignored)
            .unwrap()
            .sheets[0]
            .len(),
        2
    );
}

#[test]
fn encodings_that_aren_t_read_are_named() {
    let (utf_8, gbk) = (
        "姓名,公民身份号码,住址\n",
        "邬海,210203196003041219,幸福路1号\n",
    );
    let (encoded, ..) = encoding_rs::GBK.encode(gbk);
    let mixed = [utf_8.as_bytes(), &encoded, &encoded].concat();
    assert_eq!(fault(&mixed), FileFault::MixedEncodings { line: 2 });
    let mixed = [&encoded[..], b"1,2\n", utf_8.as_bytes()].concat();
    assert_eq!(fault(&mixed), FileFault::MixedEncodings { line: 3 });
    let (big5, _, lost) =
        encoding_rs::BIG5.encode("姓名,公民身份號碼,住址\n張國華,210203196003041219,幸福路1號\n");
    assert!(!lost);
    assert_eq!(fault(&big5), FileFault::Big5);
    // Rare names, traditional characters and those of GB 18030 alone are no other encoding.
    for text in [
        "姓名,住址\n张㛃,幸福路1号\n",
        "姓名\n張國華\n劉鳳蘭\n謝樹榮\n陳寶龍\n",
        "姓名\n模\n联通\n龘靐齉\n",
    ] {
        let (bytes, ..) = encoding_rs::GB18030.encode(text);
        let book = read_workbook(&bytes, Merged::Ignored)
            .unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        let found: Vec<String> = (book.sheets[0].rows())
            .map(|row| row.cell(0).shown())
            .collect();
        let wanted: Vec<&str> = text
            .lines()
            .map(|line| line.split(',').next().unwrap())
            .collect();
        assert_eq!(found, wanted);
    }
}

/// A quote that nobody closed takes every row up to the next one: they would be gone without a word.
#[test]
fn a_stray_quote_is_told_with_its_line() {
    let row = "赵一,210203,男,和平路1号,在住\n";
    for (text, line) in [
        (format!("{row}{row}赵二,210203,男,\"老粮站,在住\n{row}"), 3),
        (
            format!("{row}赵二,210203,男,和平路,\"在住\n{row}赵三,1,男,路,\"在\n"),
            2,
        ),
        (format!("{row}赵二,210203,男,\"小红楼\"3号,在住\n"), 2),
        (format!("\"{row}{row}"), 1),
        (
            format!("{row}赵二,1,男,\"老\"\"粮\n站\",在住\r\n{row}\"赵三\" ,1\n"),
            5,
        ),
        // Both quotes stand where a cell begins and ends, two rows apart.
        (
            format!("{row}赵二,210203,男,\"和平路1号,在住\n{row}赵三,1,男,和平路2号\",在住\n"),
            2,
        ),
        (
            format!("{row}\"任一\",\"1\",\"男\",\"路\\\"老粮站\\\",1号\",\"在\"\n"),
            2,
        ),
    ] {
        assert_eq!(
            fault(text.as_bytes()),
            FileFault::StrayQuote { line },
            "{text}"
        );
    }
    // These are cells as they should be, and quotes within a cell that has none around it.
    let sound = "姓名,住址,备注\n\"赵一\",\"和平路,1号\r\n后院\",\"说\"\"好\"\"\"\n赵二,5\"管,\"\"\n赵三,路,\"一,二\n三\n四\"\n";
    assert_eq!(rows(sound).len(), 4);
    assert_eq!(rows(sound)[1].1, ["赵一", "和平路,1号\r\n后院", "说\"好\""]);
    assert_eq!(rows(sound)[2].1, ["赵二", "5\"管"]);
}

#[test]
fn parts_of_a_package_may_be_named_with_backslashes() {
    let whole = include_bytes!("../../tests/fixtures/backslash.xlsx");
    // All of them, and all but two.
    let mut some = whole.to_vec();
    for name in ["xl\\workbook.xml", "xl\\styles.xml"] {
        for at in 0..some.len() - name.len() {
            if some[at..].starts_with(name.as_bytes()) {
                some[at + 2] = b'/';
            }
        }
    }
    assert_ne!(some, whole);
    for bytes in [whole.as_slice(), &some] {
        let book = read_workbook(bytes, Merged::Read).unwrap();
        let found: Vec<String> = (book.sheets[0].rows())
            .map(|row| row.cell(0).shown())
            .collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], "姓名");
    }
}
