#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;
use jiff::civil::date as ymd;

fn day_of(cell: Cell<'_>) -> Option<(Date, bool)> {
    let mut repairs = Vec::new();
    match day(cell, &mut repairs) {
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
    for wrong in ["25-7-1", "2025-02-30", "昨天", "2025", "1/2/2025", "0"] {
        assert_eq!(day_of(Cell::Text(wrong)), None, "{wrong}");
    }
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
        assert_eq!(fen_of_number(n), Some(fen), "{n}");
    }
    for n in [1.005, 0.001, f64::NAN, 1e14] {
        assert_eq!(fen_of_number(n), None, "{n}");
    }
    assert_eq!(
        amount(Cell::Text("1,234.50元")),
        Ok(Some(Value::Int(123_450)))
    );
    assert!(amount(Cell::Text("1.005")).is_err());
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
    assert_eq!(read("无电话"), None);
    assert_eq!(read("12"), None);
}
