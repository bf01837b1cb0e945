#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;
use jiff::civil::date as ymd;

fn day_of(cell: Cell<'_>) -> Option<(Date, bool)> {
    let about = About {
        on: ymd(2025, 12, 31),
        birth: false,
    };
    let mut repairs = Vec::new();
    match day(cell, about, &mut repairs) {
        Ok(Some(Value::Date(day))) => Some((day, !repairs.is_empty())),
        _ => None,
    }
}

#[test]
fn dates_of_every_spelling() {
    let july = ymd(2025, 7, 1);
    for (written, repaired) in [
        ("2025-07-01", false),
        ("2025/7/1", true),
        ("2025.7.1", true),
        ("20250701", true),
        ("2025年7月1日", true),
        ("２０２５－０７－０１", true),
        ("2025-07-01 00:00:00", true),
        ("2025-07-01T08:30:00", true),
        ("2025-07", true),
        ("2025年7月", true),
        ("202507", true),
        ("45839", true),
        ("2025-7.1", true),
        ("2025、7、1", true),
        ("2025 7 1", true),
        ("2025年07月01", true),
        ("2025年7月1号", true),
        ("2025 年 7 月 1 日", true),
        ("2025/7/1 8:30", true),
        ("二〇二五年七月一日", true),
        ("二○二五年七月", true),
        ("2025年七月", true),
        ("2025年7月1日生", true),
    ] {
        assert_eq!(
            day_of(Cell::Text(written)),
            Some((july, repaired)),
            "{written}"
        );
    }
    assert_eq!(day_of(Cell::Number(45839.0)), Some((july, true)));
    assert_eq!(day_of(Cell::Number(45839.5)), Some((july, true)));
    assert_eq!(day_of(Cell::Number(20_250_701.0)), Some((july, true)));
    assert_eq!(day_of(Cell::Date(july)), Some((july, false)));
    for (written, day) in [
        ("一九九九年十二月三十一日", ymd(1999, 12, 31)),
        ("一九八四年十月廿五", ymd(1984, 10, 25)),
        ("二零零零年二月二十九日", ymd(2000, 2, 29)),
    ] {
        assert_eq!(day_of(Cell::Text(written)), Some((day, true)), "{written}");
    }
    for wrong in [
        "25-7-1",
        "2025-02-30",
        "昨天",
        "2025",
        "1/2/2025",
        "0",
        "900501",
        "1990年5月1日（农历）",
        "二十年前",
        "1990-13",
    ] {
        assert_eq!(day_of(Cell::Text(wrong)), None, "{wrong}");
    }
}

#[test]
fn years_of_two_digits_only_where_one_century_fits() {
    let read = |written, birth| {
        let on = ymd(2025, 12, 31);
        day(Cell::Text(written), About { on, birth }, &mut Vec::new())
    };
    for (written, born) in [
        ("90年5月", ymd(1990, 5, 1)),
        ("90.5.1", ymd(1990, 5, 1)),
        ("900501", ymd(1990, 5, 1)),
        ("九〇年五月一日", ymd(1990, 5, 1)),
        ("05-3-4", ymd(2005, 3, 4)),
        ("26.1.1", ymd(1926, 1, 1)),
    ] {
        assert_eq!(
            read(written, true),
            Ok(Some(Value::Date(born))),
            "{written}"
        );
        assert_eq!(
            read(written, false),
            Err(Finding::CenturyUnclear(written.into()))
        );
    }
    let either = read("12年5月", true);
    assert_eq!(either, Err(Finding::CenturyUnclear("12年5月".into())));
    assert_eq!(either.unwrap_err().level(), crate::finding::Level::Doubt);
    assert_eq!(
        read("90-13-1", true),
        Err(Finding::NotADate("90-13-1".into()))
    );
}

#[test]
fn characters_of_old_systems() {
    for (written, clean, found) in [
        ("杨\u{E863}", "杨䶮", vec![Finding::Encoded]),
        ("\u{E831}", "𡗗", vec![Finding::Encoded]),
        ("⼥", "女", vec![Finding::Encoded]),
        (
            "王\u{E001}\u{E864}",
            "王\u{E001}龻",
            vec![Finding::Encoded, Finding::PrivateUse('\u{E001}')],
        ),
        ("王芳", "王芳", vec![]),
    ] {
        let mut repairs = Vec::new();
        assert_eq!(
            words(Cell::Text(written), &mut repairs),
            Ok(Some(Value::Text(clean.to_owned())))
        );
        assert_eq!(repairs, found);
    }
    assert_eq!(RADICALS.chars().count(), 214);
}

#[test]
fn amounts_are_exact() {
    for (n, fen) in [
        (590.0, 59_000),
        (590.5, 59_050),
        (0.1 + 0.2, 30),
        (-12.34, -1_234),
        (19.999_999_9, 2_000),
    ] {
        assert_eq!(fen_of_number(n, 0), Some(fen), "{n}");
    }
    for n in [1.005, 0.001, f64::NAN, 1e14] {
        assert_eq!(fen_of_number(n, 0), None, "{n}");
    }
    assert_eq!(
        amount(Cell::Text("1,234.50元"), 0),
        Ok(Some(Value::Int(123_450)))
    );
    assert!(amount(Cell::Text("1.005"), 0).is_err());
}

#[test]
fn amounts_in_ten_thousands_are_exact() {
    for (n, places, fen) in [
        (1.234_567, 4, 1_234_567),
        (0.1 + 0.2, 4, 300_000),
        (-3.5, 4, -3_500_000),
        (12.0, 3, 1_200_000),
        (2.5, 2, 25_000),
    ] {
        assert_eq!(fen_of_number(n, places), Some(fen), "{n}");
    }
    assert_eq!(fen_of_number(0.000_000_5, 4), None);
    let read = |text| fen_of_text(text, 4).map(|fen| fen.0);
    for (written, fen) in [
        ("1,234.5", 1_234_500_000),
        ("１．２３４５６７", 1_234_567),
        ("-0.5", -500_000),
        ("3", 3_000_000),
    ] {
        assert_eq!(read(written), Ok(fen), "{written}");
    }
    for wrong in ["350元", "1.2345678", "1,23", "", "约3"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn names_lose_the_spaces_that_spread_them() {
    for (written, clean) in [
        ("张　三", "张三"),
        (" 李 四 ", "李四"),
        ("Ａ１２-３", "A12-3"),
        ("John  Smith", "John Smith"),
        ("（甲）", "（甲）"),
    ] {
        assert_eq!(tidy(written), clean);
    }
}

#[test]
fn id_numbers_as_numbers() {
    let on = ymd(2025, 12, 31);
    let mut repairs = Vec::new();
    assert_eq!(
        id_number(Cell::Number(440_524_188_001_010_000.0), on, &mut repairs),
        Err(Finding::NotAnId(IdFault::Float))
    );
    assert_eq!(
        id_number(Cell::Text("1101051949123100"), on, &mut repairs),
        Err(Finding::NotAnId(IdFault::Length(16)))
    );
    assert_eq!(
        id_number(Cell::Text("11010519491231002x"), on, &mut repairs),
        Ok(Some(Value::Text("11010519491231002X".to_owned())))
    );
    assert_eq!(repairs, [Finding::Id(kernel::Repair::Letter)]);
    assert!(matches!(
        id_number(
            Cell::Text("11010519491231002X"),
            ymd(1949, 12, 30),
            &mut repairs
        ),
        Err(Finding::BornLater { .. })
    ));
}

#[test]
fn phones_keep_their_digits() {
    let mut repairs = Vec::new();
    let mut read = |text| phone(Cell::Text(text), &mut repairs).ok().flatten();
    assert_eq!(
        read("138 0013 8000"),
        Some(Value::Text("13800138000".into()))
    );
    assert_eq!(
        read("+86-138-0013-8000"),
        Some(Value::Text("13800138000".into()))
    );
    assert_eq!(
        read("(0411)8888-1234"),
        Some(Value::Text("04118888-1234".into()))
    );
    assert_eq!(
        read("13800138000（本人）"),
        Some(Value::Text("13800138000".into()))
    );
    for nothing in [
        "无电话",
        "12",
        "1.38E+10",
        "210203199001010011",
        "3号楼2单元",
    ] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
}

#[test]
fn phones_with_words_and_other_phones_beside_them() {
    let remark = |words: &str| vec![Finding::PhoneRemark(words.into())];
    for (written, number, found) in [
        ("13912345678（女儿）", "13912345678", remark("女儿")),
        ("女儿：13912345678", "13912345678", remark("女儿")),
        (
            "139-1234-5678 转 2",
            "13912345678-2",
            vec![Finding::Spelling],
        ),
        ("88881234转301", "88881234-301", vec![Finding::Spelling]),
        (
            "13912345678/13812345678",
            "13912345678",
            vec![Finding::OtherPhone, Finding::Spelling],
        ),
        (
            "139 1234 5678 138 1234 5678",
            "13912345678",
            vec![Finding::OtherPhone, Finding::Spelling],
        ),
        (
            "1391234567813812345678",
            "13912345678",
            vec![Finding::OtherPhone, Finding::Spelling],
        ),
        (
            "0411-88881234、13812345678",
            "0411-88881234",
            vec![Finding::OtherPhone, Finding::Spelling],
        ),
        (
            "13912345678 13912345678",
            "13912345678",
            vec![Finding::Spelling],
        ),
        ("13912345678", "13912345678", vec![]),
        ("110", "110", vec![]),
    ] {
        let mut repairs = Vec::new();
        assert_eq!(
            phone(Cell::Text(written), &mut repairs),
            Ok(Some(Value::Text(number.to_owned()))),
            "{written}"
        );
        assert_eq!(repairs, found, "{written}");
    }
}
