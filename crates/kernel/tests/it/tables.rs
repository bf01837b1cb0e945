//! The tables of `tests/data`, which an official can read and extend, against the code.

use jiff::civil::Date;
use kernel::*;

/// The rows of a table; invisible characters are spelled out in it.
fn rows<const N: usize>(table: &str) -> Vec<[String; N]> {
    let path = format!("{}/tests/data/{table}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(&path)
        .unwrap();
    let spelled = [
        ("<tab>", "\t"),
        ("<nbsp>", "\u{A0}"),
        ("<zwsp>", "\u{200B}"),
        ("<newline>", "\n"),
    ];
    let cell = |text: &str| {
        spelled
            .iter()
            .fold(text.to_owned(), |text, (name, ch)| text.replace(name, ch))
    };
    let rows: Vec<[String; N]> = reader
        .records()
        .map(|row| {
            row.unwrap()
                .iter()
                .map(cell)
                .collect::<Vec<_>>()
                .try_into()
                .expect("columns")
        })
        .collect();
    assert!(!rows.is_empty(), "{table} is empty");
    rows
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn id_numbers_are_read_as_the_table_says() {
    for [written, number, birth, sex, repairs, fault] in rows::<6>("id-numbers") {
        let found = match IdNumber::read(&written) {
            Ok((id, repairs)) => {
                assert_eq!(id.region(), &id.as_str()[..6]);
                let repairs: Vec<String> =
                    repairs.iter().map(|repair| format!("{repair:?}")).collect();
                [
                    id.to_string(),
                    id.birth().to_string(),
                    id.sex().to_string(),
                    repairs.join(" "),
                    String::new(),
                ]
            }
            Err(fault) => [
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                name_of(&fault),
            ],
        };
        assert_eq!(
            found,
            [number, birth, sex, repairs, fault],
            "written: {written:?}"
        );
    }
}

fn name_of(fault: &IdFault) -> String {
    match fault {
        IdFault::Length(n) => format!("Length {n}"),
        IdFault::Character { at, ch } => format!("Character {at} {ch}"),
        IdFault::Check { expected } => format!("Check {expected}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_exact_reading_takes_only_what_needs_no_repair() {
    for [written, number, _, _, repairs, _] in rows::<6>("id-numbers") {
        let exact = IdNumber::parse(&written).ok().map(|id| id.to_string());
        let expected = (repairs.is_empty() && !number.is_empty()).then_some(number);
        assert_eq!(exact, expected, "written: {written:?}");
    }
}

#[test]
fn credit_codes_are_read_as_the_table_says() {
    for [written, code, fault] in rows::<3>("credit-codes") {
        let found = match CreditCode::read(&written) {
            Ok(code) => [code.to_string(), String::new()],
            Err(CreditFault::Length(n)) => [String::new(), format!("Length {n}")],
            Err(CreditFault::Character { at, ch }) => {
                [String::new(), format!("Character {at} {ch}")]
            }
            Err(CreditFault::Check { expected }) => [String::new(), format!("Check {expected}")],
        };
        assert_eq!(found, [code, fault], "written: {written:?}");
    }
}

#[test]
fn unit_codes_tell_their_level_and_parent() {
    for [code, level, prefix, parent, fault] in rows::<5>("unit-codes") {
        let found = match code.parse::<UnitCode>() {
            Ok(unit) => {
                assert_eq!(unit.to_string(), code);
                let parent = unit
                    .parent()
                    .map(|parent| parent.to_string())
                    .unwrap_or_default();
                [
                    unit.level().label(Lang::En).to_owned(),
                    unit.prefix().to_owned(),
                    parent,
                    String::new(),
                ]
            }
            Err(fault) => {
                let name = match &fault {
                    UnitFault::Length(n) => format!("Length {n}"),
                    UnitFault::Character { at, ch } => format!("Character {at} {ch}"),
                    UnitFault::Grid(text) => format!("Grid {text}"),
                    UnitFault::GridAboveCommunity => "GridAboveCommunity".to_owned(),
                };
                [String::new(), String::new(), String::new(), name]
            }
        };
        assert_eq!(found, [level, prefix, parent, fault], "code: {code:?}");
    }
}

#[test]
fn every_unit_of_the_table_is_contained_in_its_ancestors_only() {
    let units: Vec<UnitCode> = rows::<5>("unit-codes")
        .iter()
        .filter_map(|row| row[0].parse().ok())
        .collect();
    for unit in &units {
        let ancestors: Vec<UnitCode> =
            std::iter::successors(Some(*unit), UnitCode::parent).collect();
        for other in &units {
            assert_eq!(
                other.contains(unit),
                ancestors.contains(other),
                "{other} contains {unit}"
            );
        }
    }
}

#[test]
fn amounts_are_put_into_words_as_payment_documents_ask() {
    for [figures, words, _] in rows::<3>("amounts-in-words") {
        let amount: Fen = figures.parse().unwrap();
        assert_eq!(amount.words(), words, "{figures}");
        assert_eq!(amount.to_string(), figures);
    }
}

#[test]
fn amounts_are_read_as_the_table_says() {
    for [written, fen, fault] in rows::<3>("amounts") {
        let found = match Fen::read(&written) {
            Ok(amount) => [amount.0.to_string(), String::new()],
            Err(fault) => {
                let name = format!("{fault:?}");
                [String::new(), name.split('(').next().unwrap().to_owned()]
            }
        };
        assert_eq!(found, [fen, fault], "written: {written:?}");
    }
}

#[test]
fn dates_are_read_as_the_table_says() {
    for [written, expected, repaired] in rows::<3>("dates") {
        let expected = (!expected.is_empty()).then(|| (day(&expected), repaired == "yes"));
        assert_eq!(date::read(&written), expected, "written: {written:?}");
    }
}

#[test]
fn serial_numbers_of_spreadsheets_give_the_days_of_the_table() {
    for [serial, expected] in rows::<2>("excel-serials") {
        let expected = (!expected.is_empty()).then(|| day(&expected));
        assert_eq!(
            date::from_excel_serial(serial.parse().unwrap()),
            expected,
            "serial {serial}"
        );
    }
}

#[test]
fn periods_begin_and_end_as_the_table_says() {
    for [written, first, last, zh, en, months] in rows::<6>("periods") {
        let period: Period = written.parse().unwrap();
        assert_eq!(
            (period.start(), period.end()),
            (day(&first), day(&last)),
            "{written}"
        );
        assert_eq!(period.before().tomorrow().unwrap(), period.start());
        assert_eq!((period.label(Lang::Zh), period.label(Lang::En)), (zh, en));
        assert_eq!(period.months().len().to_string(), months, "{written}");
        assert_eq!(period.to_string(), written);
    }
}

#[test]
fn texts_without_the_form_of_a_period_are_refused() {
    for [written] in rows::<1>("not-periods") {
        assert!(written.parse::<Period>().is_err(), "{written}");
    }
    assert!("".parse::<Period>().is_err());
}

#[test]
fn ages_are_counted_as_the_table_says() {
    for [birth, on, years, months] in rows::<4>("ages") {
        let (from, to) = (day(&birth), day(&on));
        let found = (
            age::full_years(from, to).to_string(),
            age::months_between(from, to).to_string(),
        );
        assert_eq!(found, (years, months), "{birth} on {on}");
    }
}

#[test]
fn steps_of_months_reach_the_corresponding_day() {
    for [date, months, result] in rows::<3>("month-steps") {
        assert_eq!(
            age::add_months(day(&date), months.parse().unwrap()),
            day(&result),
            "{date} + {months}"
        );
    }
}

#[test]
fn secrets_are_masked_as_the_table_says() {
    for [kind, text, masked] in rows::<3>("masks") {
        assert_eq!(
            mask::apply(kind.parse().unwrap(), &text),
            masked,
            "{kind}: {text}"
        );
    }
}
