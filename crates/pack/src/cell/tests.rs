#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::amount::{fen_of_text, units_of_number};
use super::day::day;
use super::phone::phone;
use super::words::{text as words, tidy};
use super::*;
use jiff::civil::date as ymd;
use kernel::PartialDate;

mod dates;

use dates::day_of;

const DECEMBER: Date = ymd(2025, 12, 31);

/// What is read of a cell as a type that needs no code list, and what is told.
fn read(kind: &FieldType, cell: Cell<'_>) -> (CellReading, Vec<Told>) {
    let pack = blank();
    let mut told = Vec::new();
    let reading = Reader::new(kind, &pack, DECEMBER).read(cell, &mut told);
    (reading, told)
}

/// A pack with nothing in it but a code list.
fn blank() -> Pack {
    let file = |path: &str, text: &str| crate::SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let text = "[pack]\nid = \"t\"\nversion = \"1\"\nname = { zh = \"测\", en = \"T\" }\n";
    let codes = "[[code]]\nid = \"pets\"\nname = { zh = \"宠物\", en = \"Pets\" }\nmember = [\n\
         { value = \"1\", zh = \"猫\", en = \"Cat\", synonyms = [] },\n\
         { value = \"2\", zh = \"狗\", en = \"Dog\", synonyms = [] },\n\
         { value = \"3\", zh = \"鸟\", en = \"Bird\", synonyms = [] },\n]\n";
    let files = vec![file("pack.toml", text), file("codes/pets.toml", codes)];
    crate::load(files).unwrap_or_else(|faulty| panic!("{:#?}", faulty.faults))
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

#[test]
fn characters_of_old_systems() {
    for (written, clean, found) in [
        ("杨\u{E863}", "杨䶮", vec![Told::Encoded]),
        ("\u{E831}", "𡗗", vec![Told::Encoded]),
        ("⼥", "女", vec![Told::Encoded]),
        ("\u{2EE2}\u{2EF0}", "马龙", vec![Told::Encoded]),
        ("\u{F9E1}", "李", vec![Told::Encoded]),
        (
            "王\u{E001}\u{E864}",
            "王\u{E001}龻",
            vec![Told::Encoded, Told::PrivateUse('\u{E001}')],
        ),
        ("王芳", "王芳", vec![]),
    ] {
        let mut repairs = Vec::new();
        assert_eq!(
            words(Cell::Text(written), false, &mut repairs),
            Ok(Some(Value::Text(clean.to_owned())))
        );
        assert_eq!(repairs, found);
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
        assert_eq!(units_of_number(n, 2), Some(fen), "{n}");
    }
    for n in [1.005, 0.001, f64::NAN, 1e14] {
        assert_eq!(units_of_number(n, 2), None, "{n}");
    }
    assert_eq!(
        fen(Cell::Text("1,234.50元"), 0),
        Ok(Some(Value::Int(123_450)))
    );
    assert!(fen(Cell::Text("1.005"), 0).is_err());
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
        assert_eq!(units_of_number(n, places + 2), Some(fen), "{n}");
    }
    assert_eq!(units_of_number(0.000_000_5, 6), None);
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
        Err(Told::NotAnId(IdFault::Float))
    );
    assert_eq!(
        id_number(Cell::Text("1101051949123100"), on, &mut repairs),
        Err(Told::NotAnId(IdFault::Length(16)))
    );
    assert_eq!(
        id_number(Cell::Text("11010519491231002x"), on, &mut repairs),
        Ok(Some(Value::Text("11010519491231002X".to_owned())))
    );
    assert_eq!(repairs, [Told::Id(kernel::Repair::Letter)]);
    assert!(matches!(
        id_number(
            Cell::Text("11010519491231002X"),
            ymd(1949, 12, 30),
            &mut repairs
        ),
        Err(Told::BornLater { .. })
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
    let remark = |words: &str| vec![Told::PhoneRemark(words.into())];
    for (written, number, found) in [
        ("13912345678（女儿）", "13912345678", remark("女儿")),
        ("女儿：13912345678", "13912345678", remark("女儿")),
        ("139-1234-5678 转 2", "13912345678-2", vec![Told::Spelling]),
        ("88881234转301", "88881234-301", vec![Told::Spelling]),
        (
            "13912345678/13812345678",
            "13912345678",
            vec![Told::OtherPhone, Told::Spelling],
        ),
        (
            "139 1234 5678 138 1234 5678",
            "13912345678",
            vec![Told::OtherPhone, Told::Spelling],
        ),
        (
            "1391234567813812345678",
            "13912345678",
            vec![Told::OtherPhone, Told::Spelling],
        ),
        (
            "0411-88881234、13812345678",
            "0411-88881234",
            vec![Told::OtherPhone, Told::Spelling],
        ),
        (
            "13912345678 13912345678",
            "13912345678",
            vec![Told::Spelling],
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

#[test]
fn what_exporters_make_of_numbers() {
    let phones = [
        ("13812345678.0", "13812345678"),
        ("138 1234 5679.0", "13812345679"),
    ];
    for (written, kept) in phones {
        let (reading, told) = read(&FieldType::Phone, Cell::Text(written));
        assert_eq!(reading, Ok(Some(text(kept))));
        assert_eq!(told[0], Told::Zeros);
    }
    for lost in ["8.61381E+12", "1.38E+10"] {
        let (reading, _) = read(&FieldType::Phone, Cell::Text(lost));
        assert_eq!(reading, Err(Told::LostDigits(lost.into())));
    }
    for (written, kept) in [
        ("19790405.0", ymd(1979, 4, 5)),
        ("33000.0", ymd(1990, 5, 7)),
    ] {
        assert_eq!(day_of(Cell::Text(written)), Some((kept, true)));
    }
    let pets = FieldType::Code("pets".to_owned());
    let two = (Ok(Some(text("2"))), vec![Told::Zeros]);
    assert_eq!(read(&pets, Cell::Text("2.0")), two);
    assert_eq!(read(&pets, Cell::Number(2.0)).0, Ok(Some(text("2"))));
    // A float of 53 bits can't be an odd number of 18 digits: only the `.0` was added to this one.
    let (reading, _) = read(&FieldType::IdNumber, Cell::Text("210203196608090355.0"));
    assert_eq!(reading, Ok(Some(text("210203196608090355"))));
    for lost in [
        "210203196504051136.0",
        "2.10203E+17",
        "2.1020319650405114e17",
    ] {
        let (reading, _) = read(&FieldType::IdNumber, Cell::Text(lost));
        assert_eq!(reading, Err(Told::NotAnId(IdFault::Float)), "{lost}");
    }
}

#[test]
fn what_tells_records_apart_is_never_a_number_that_lost_digits() {
    let pack = blank();
    let key = |cell| {
        let mut told = Vec::new();
        let mut reader = Reader::new(&FieldType::Text, &pack, DECEMBER).of_key();
        (reader.read(cell, &mut told), told)
    };
    for (cell, kept, told) in [
        (Cell::Text("1001"), "1001", vec![]),
        (Cell::Text("1001.0"), "1001", vec![Told::Zeros]),
        (Cell::Text("'1001"), "1001", vec![Told::Unwrapped]),
        (Cell::Text("=\"001001\""), "001001", vec![Told::Unwrapped]),
        (Cell::Number(1001.0), "1001", vec![Told::KeyIsNumber]),
        (Cell::Text("1E5"), "1E5", vec![]),
    ] {
        assert_eq!(key(cell), (Ok(Some(text(kept))), told));
    }
    for cell in [
        Cell::Text("2.10203E+17"),
        Cell::Text("2.10203e17"),
        Cell::Text("210203001001000101.0"),
        Cell::Number(2.102_030_010_010_001e17),
    ] {
        assert!(matches!(key(cell).0, Err(Told::LostDigits(_))), "{cell:?}");
    }
    let day = ymd(2025, 1, 2);
    assert_eq!(key(Cell::Date(day)).0, Err(Told::KeyIsDate(day)));
    for ditto in ["〃", "同上", "\"", "\"\"", " ″ ", "（同上）", "ditto"] {
        let (reading, _) = key(Cell::Text(ditto));
        assert_eq!(reading, Err(Told::Ditto), "{ditto}");
    }
}

#[test]
fn documents_of_other_kinds_are_no_citizens_numbers() {
    let (reading, _) = read(&FieldType::IdNumber, Cell::Text("E12345678"));
    assert!(matches!(reading, Err(Told::OtherDocument(_))));
    assert_eq!(reading.unwrap_err().weight(), Weight::Doubt);
    for written in ["11010519491231002X（已过期）", "身份证：11010519491231002x"] {
        let (reading, told) = read(&FieldType::IdNumber, Cell::Text(written));
        assert_eq!(reading, Ok(Some(text("11010519491231002X"))), "{written}");
        assert_eq!(told.len(), 1);
    }
    for (written, kept) in [
        ("E12345678", "passport E12345678"),
        ("办理中", "none-yet"),
        ("暂无", "none-yet"),
        ("11010519491231002X", "resident 11010519491231002X"),
        ("passport E12345678", "passport E12345678"),
    ] {
        let (reading, _) = read(&FieldType::Document, Cell::Text(written));
        assert_eq!(reading, Ok(Some(text(kept))), "{written}");
    }
}

#[test]
fn lists_decimals_and_long_texts() {
    let pets = FieldType::List(Items::Codes("pets".to_owned()));
    for written in ["狗、猫", "2,1", "猫 狗 猫", "1/2"] {
        assert_eq!(read(&pets, Cell::Text(written)).0, Ok(Some(text("1\n2"))));
    }
    assert!(matches!(
        read(&pets, Cell::Text("猫、马")).0,
        Err(Told::NotInCode { .. })
    ));
    let words = FieldType::List(Items::Texts);
    let (reading, _) = read(&words, Cell::Text("血压计；助行器、血压计"));
    assert_eq!(reading, Ok(Some(text("血压计\n助行器"))));
    let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
    let (reading, _) = read(&words, Cell::Text(&many.join("、")));
    assert!(matches!(reading, Err(Told::TooMany(_))));

    let area = FieldType::Decimal {
        places: 2,
        unit: crate::Text::new("平方米", "m²"),
    };
    let square = |units| Ok(Some(Value::Decimal(kernel::Decimal { units, places: 2 })));
    for (cell, units) in [
        (Cell::Text("86.5"), 8_650),
        (Cell::Text("86.50平方米"), 8_650),
        (Cell::Text("1,086.5 m²"), 108_650),
        (Cell::Number(0.1 + 0.2), 30),
    ] {
        assert_eq!(read(&area, cell).0, square(units), "{cell:?}");
    }
    for cell in [
        Cell::Text("86.555"),
        Cell::Number(86.555),
        Cell::Text("一间"),
    ] {
        assert!(matches!(read(&area, cell).0, Err(Told::NotADecimal { .. })));
    }

    let (reading, told) = read(
        &FieldType::LongText,
        Cell::Text(" 第一行\r\n\u{200B}第二行 \n"),
    );
    assert_eq!(reading, Ok(Some(text("第一行\n第二行"))));
    assert_eq!(told, [Told::Spelling]);
    let long = "长".repeat(20_001);
    assert!(matches!(
        read(&FieldType::LongText, Cell::Text(&long)).0,
        Err(Told::TooLong(20_000))
    ));
}

#[test]
fn json_is_read_as_cells_are() {
    let pack = blank();
    let read = |kind: &FieldType, json: serde_json::Value| {
        let mut told = Vec::new();
        (
            Reader::new(kind, &pack, DECEMBER).read_json(&json, &mut told),
            told,
        )
    };
    let number = serde_json::json!(210_203_196_608_090_355_u64);
    let kept = Ok(Some(text("210203196608090355")));
    assert_eq!(read(&FieldType::IdNumber, number), (kept, vec![]));
    let list = FieldType::List(Items::Codes("pets".to_owned()));
    assert_eq!(
        read(&list, serde_json::json!(["狗", 1])).0,
        Ok(Some(text("1\n2")))
    );
    assert_eq!(
        read(&FieldType::Bool, serde_json::json!(true)).0,
        Ok(Some(Value::Bool(true)))
    );
    assert_eq!(read(&FieldType::Date, serde_json::Value::Null).0, Ok(None));
    for wrong in [serde_json::json!({}), serde_json::json!(["a"])] {
        assert_eq!(read(&FieldType::Text, wrong).0, Err(Told::WrongKind));
    }
}

#[test]
fn a_formula_s_value_is_taken_and_told() {
    let pack = blank();
    let read = |cell| {
        let mut told = Vec::new();
        let mut reader = Reader::new(&FieldType::Text, &pack, DECEMBER);
        (reader.read_computed(cell, &mut told), told)
    };
    assert_eq!(
        read(Cell::Text("男")),
        (Ok(Some(text("男"))), vec![Told::Computed])
    );
    assert_eq!(read(Cell::Text("")), (Ok(None), vec![]));
    assert_eq!(read(Cell::Empty), (Err(Told::NotComputed), vec![]));
}

#[test]
fn numbers_are_shown_as_digits() {
    assert_eq!(number_text(590.0), "590");
    assert_eq!(
        number_text(440_524_188_001_010_000.0),
        "4.4052418800101E+17"
    );
}
