//! Cells that say a day, a month, a year or a moment.

use super::*;

pub fn day_of(cell: Cell<'_>) -> Option<(Date, bool)> {
    let mut told = Vec::new();
    match day(cell, Dates::on(DECEMBER), &mut told) {
        Ok(Some(Value::Date(day))) => Some((day, !told.is_empty())),
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
        ("45839", true),
        ("2025-7.1", true),
        ("2025、7、1", true),
        ("2025 7 1", true),
        ("2025年07月01", true),
        ("2025年7月1号", true),
        ("2025 年 7 月 1 日", true),
        ("2025/7/1 8:30", true),
        ("二〇二五年七月一日", true),
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
        "2025-07",
        "2025年7月",
        "202507",
        "二○二五年七月",
        "1990.1",
    ] {
        assert_eq!(day_of(Cell::Text(wrong)), None, "{wrong}");
    }
}

#[test]
fn months_and_years_stay_what_they_are() {
    let month = |year, month| PartialDate::of_month(year, month).unwrap();
    let year = |year| PartialDate::of_year(year).unwrap();
    for (written, partial) in [
        ("1995-10", month(1995, 10)),
        ("1995年10月", month(1995, 10)),
        ("199510", month(1995, 10)),
        ("一九九五年十月", month(1995, 10)),
        ("1995.10", month(1995, 10)),
        ("1995.5", month(1995, 5)),
        ("1995", year(1995)),
        ("1995年", year(1995)),
    ] {
        let (day, _) = read(&FieldType::Date, Cell::Text(written));
        assert_eq!(day, Err(Told::DayUnknown(partial)), "{written}");
        let (kept, told) = read(&FieldType::PartialDate, Cell::Text(written));
        assert_eq!(kept, Ok(Some(text(&partial.to_string()))));
        let repaired = written != partial.to_string();
        assert_eq!(
            told == [Told::PartialSpelling(partial)],
            repaired,
            "{written}"
        );
    }
    let pack = blank();
    let by_month = |written| {
        let mut told = Vec::new();
        let reading = Reader::new(&FieldType::Date, &pack, DECEMBER)
            .of_dates(|dates| dates.by_month(true))
            .read(Cell::Text(written), &mut told);
        (reading, told)
    };
    let first = ymd(1995, 10, 1);
    let taken = (Ok(Some(Value::Date(first))), vec![Told::MonthOnly(first)]);
    assert_eq!(by_month("1995-10"), taken);
    assert_eq!(by_month("1995").0, Err(Told::DayUnknown(year(1995))));
    // A number lost the last digit of October.
    for cell in [Cell::Number(1990.1), Cell::Text("1990.1")] {
        let unclear = Told::JanuaryOrOctober("1990.1".into());
        assert_eq!(read(&FieldType::Date, cell).0, Err(unclear.clone()));
        let (kept, told) = read(&FieldType::PartialDate, cell);
        assert_eq!((kept, told), (Ok(Some(text("1990"))), vec![unclear]));
    }
    for (number, partial) in [(1990.11, month(1990, 11)), (1990.01, month(1990, 1))] {
        let (kept, _) = read(&FieldType::PartialDate, Cell::Number(number));
        assert_eq!(kept, Ok(Some(text(&partial.to_string()))));
    }
}

#[test]
fn what_stands_for_no_date_is_none() {
    for written in [
        "0",
        "00",
        "0000-00-00",
        "00000000",
        "1900-01-00",
        "1900/1/0",
        "1900年1月0日",
        "00:00:00",
        "1900-01-00 00:00:00",
        "1899-12-30",
        "1899-12-31",
        "1900-01-01",
        "9999-12-31",
        "99999999",
        "2099-12-31",
        "0001-01-01",
        "1753/1/1",
        "0.0",
        "长期",
    ] {
        for kind in [FieldType::Date, FieldType::PartialDate] {
            let (reading, told) = read(&kind, Cell::Text(written));
            if written == "长期" && kind == FieldType::PartialDate {
                continue;
            }
            assert_eq!((reading, told.len()), (Ok(None), 1), "{written}");
        }
    }
    for cell in [
        Cell::Number(0.0),
        Cell::Number(0.354),
        Cell::Date(ymd(1899, 12, 31)),
        Cell::Date(ymd(1900, 1, 1)),
        Cell::Date(ymd(9999, 12, 31)),
    ] {
        let (reading, told) = read(&FieldType::Date, cell);
        assert_eq!((reading, told.len()), (Ok(None), 1), "{cell:?}");
    }
    for day in [ymd(1900, 1, 2), ymd(1899, 12, 29), ymd(2099, 12, 30)] {
        let (reading, told) = read(&FieldType::Date, Cell::Date(day));
        assert_eq!((reading, told), (Ok(Some(Value::Date(day))), vec![]));
    }
}

#[test]
fn days_counted_from_1904_on() {
    let pack = blank();
    let mut told = Vec::new();
    let reading = Reader::new(&FieldType::Date, &pack, DECEMBER)
        .of_dates(|dates| dates.from_1904(true))
        .read(Cell::Number(33_000.0), &mut told);
    let day = ymd(1994, 5, 8);
    assert_eq!(reading, Ok(Some(Value::Date(day))));
    assert_eq!(told, [Told::DaySerial(day)]);
    assert_eq!(day_of(Cell::Number(34_462.0)), Some((day, true)));
}

#[test]
fn years_of_two_digits_only_where_one_century_fits() {
    let read = |written, birth: bool| {
        let dates = Dates::on(DECEMBER);
        let dates = if birth { dates.of_births() } else { dates };
        day(Cell::Text(written), dates, &mut Vec::new())
    };
    for (written, born) in [
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
            Err(Told::CenturyUnclear(written.into()))
        );
    }
    let month = PartialDate::of_month(1990, 5).unwrap();
    assert_eq!(read("90年5月", true), Err(Told::DayUnknown(month)));
    let either = read("12年5月", true);
    assert_eq!(either, Err(Told::CenturyUnclear("12年5月".into())));
    assert_eq!(either.unwrap_err().weight(), Weight::Doubt);
    assert_eq!(read("90-13-1", true), Err(Told::NotADate("90-13-1".into())));
}

#[test]
fn moments_are_of_beijing_unless_they_say_otherwise() {
    let at = "2025-07-01T00:30:00Z".parse().unwrap();
    let clock = jiff::civil::datetime(2025, 7, 1, 8, 30, 0, 0);
    for (cell, repaired) in [
        (Cell::Text("2025-07-01 08:30:00"), false),
        (Cell::Text("2025-07-01T00:30:00Z"), false),
        (Cell::Text("2025-07-01T08:30:00+08:00"), true),
        (Cell::Text("2025/7/1 8:30"), true),
        (Cell::Text("2025年7月1日8时30分"), true),
        (Cell::Text("2025年7月1日 8:30"), true),
        (Cell::Moment(clock), false),
        (Cell::Number(45_839.354_166_666_664), true),
    ] {
        let (reading, told) = read(&FieldType::Moment, cell);
        assert_eq!(reading, Ok(Some(Value::Moment(at))), "{cell:?}");
        assert_eq!(told.len(), usize::from(repaired), "{cell:?}");
    }
    for wrong in ["2025-07-01", "8:30", "昨天", "2025-07-01 25:00", "45839"] {
        let (reading, _) = read(&FieldType::Moment, Cell::Text(wrong));
        assert!(reading.is_err(), "{wrong}");
    }
}
