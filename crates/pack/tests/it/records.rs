//! Records as they are checked, written and read again.

use std::sync::{Arc, LazyLock};

use jiff::civil::{Date, date};
use kernel::{Decimal, DocumentFault, DocumentKind, Lang};
use pack::{
    Exists, Field, FieldType, FileRefFault, Holds, Items, Look, Pack, Place, Problem, Record,
    Register, Said, Text, Unique, Value,
};
use proptest::prelude::*;

static NATIONAL: LazyLock<Arc<Pack>> = LazyLock::new(testhouse::national);

/// A register with a field of every type.
fn register() -> Register {
    let kinds = [
        FieldType::Text,
        FieldType::Int,
        FieldType::Fen,
        FieldType::Date,
        FieldType::Bool,
        FieldType::Code("sex".into()),
        FieldType::Ref("person".into()),
        FieldType::Unit,
        FieldType::IdNumber,
        FieldType::Phone,
        FieldType::LongText,
        FieldType::Moment,
        FieldType::PartialDate,
        FieldType::Decimal {
            places: 2,
            unit: Text::new("平方米", "m²"),
        },
        FieldType::List(Items::Codes("sex".into())),
        FieldType::Document,
        FieldType::File,
    ];
    let field = |kind: FieldType| Field {
        retired: None,
        id: format!("a_{}", kind.as_str()),
        name: Text::new("字段", "Field"),
        required: kind == FieldType::Date,
        kind,
        sensitivity: kernel::Sensitivity::Open,
        authority: Vec::new(),
        set_by: None,
        stale: None,
        holds: Holds::Since,
        told_by: None,
        synonyms: Vec::new(),
        place: Place::default(),
    };
    Register {
        about: Vec::new(),
        kin: None,
        retired: None,
        id: "all".into(),
        name: Text::new("全", "All"),
        fields: kinds.into_iter().map(field).collect(),
        identity: vec!["a_text".into(), "a_date".into(), "a_int".into()],
        unique: Unique::Book,
        exists: Exists::Back,
        kept_with: None,
        home: None,
        tree: None,
        follow_up: None,
        once: Vec::new(),
        opens_book: None,
        set_by: None,
        read_by: None,
        serves: Vec::new(),
        apart: Vec::new(),
        acyclic: None,
        look: Look::default(),
        checks: Vec::new(),
        place: Place::default(),
    }
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.into()))
}

fn good() -> Record {
    vec![
        text("张三 \"丰\"\n\\ \u{1}|"),
        Some(Value::Int(-40)),
        Some(Value::Int(i64::MIN)),
        Some(Value::Date(date(1970, 3, 1))),
        Some(Value::Bool(true)),
        text("2"),
        Some(Value::Int(4_294_967_297)),
        text("210203001001"),
        text("11010519491231002X"),
        text("0411-8888 1234"),
        text("第一行\n第二行"),
        Some(Value::Moment("2025-07-01T00:30:00Z".parse().unwrap())),
        text("1995-10"),
        Some(Value::Decimal(Decimal {
            units: -8_650,
            places: 2,
        })),
        text("1\n2"),
        text("passport E12345678"),
        text(FILE),
    ]
}

const FILE: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 9 application/pdf 证明.pdf";

const WRITTEN: &str = r#"{"a_text":"张三 \"丰\"\n\\ \u0001|","a_int":-40,"a_fen":-9223372036854775808,"a_date":"1970-03-01","a_bool":true,"a_code":"2","a_ref":4294967297,"a_unit":"210203001001","a_id_number":"11010519491231002X","a_phone":"0411-8888 1234","a_long_text":"第一行\n第二行","a_moment":"2025-07-01T00:30:00Z","a_partial_date":"1995-10","a_decimal":"-86.50","a_list":"1\n2","a_document":"passport E12345678","a_file":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 9 application/pdf 证明.pdf"}"#;

#[test]
fn a_record_is_written_in_one_form() {
    let register = register();
    assert_eq!(register.encode(&good()), WRITTEN);
    assert_eq!(register.decode(WRITTEN).unwrap(), good());
    let empty: Record = vec![None; register.fields.len()];
    assert_eq!(register.encode(&empty), "{}");
    assert_eq!(register.decode("{}").unwrap(), empty);
    assert_eq!(
        register.identity_key(&good()).unwrap(),
        "张三 \"丰\"\n\\\\ \u{1}\\||1970-03-01|-40"
    );
    assert_eq!(register.identity_key(&empty), None);
}

#[test]
fn moved_fields_are_read_all_the_same() {
    let record = register().decode(r#"{"a_bool":false,"a_int":0}"#).unwrap();
    assert_eq!(
        (&record[1], &record[4]),
        (&Some(Value::Int(0)), &Some(Value::Bool(false)))
    );
}

#[test]
fn what_is_not_written_so_is_refused() {
    for body in [
        "",
        "{",
        "}",
        "[]",
        "{} ",
        " {}",
        "{ }",
        r#"{"a_int":1,}"#,
        r#"{"a_int":01}"#,
        r#"{"a_int":-0}"#,
        r#"{"a_int":1.5}"#,
        r#"{"a_int":"1"}"#,
        r#"{"a_int":null}"#,
        r#"{"a_int":1,"a_int":1}"#,
        r#"{"other":1}"#,
        r#"{"a_int": 1}"#,
        r#"{"a_int":1"#,
        r#"{"a_int":9223372036854775808}"#,
        r#"{"a_text":1}"#,
        r#"{"a_text":"a}"#,
        r#"{"a_text":"\u000a"}"#,
        r#"{"a_text":"\u0041"}"#,
        r#"{"a_text":"\u001F"}"#,
        r#"{"a_text":"\/"}"#,
        r#"{"a_text":"\"#,
        "{\"a_text\":\"\n\"}",
        r#"{"a_date":"2025-02-30"}"#,
        r#"{"a_date":"2025-2-3"}"#,
        r#"{"a_date":"2025-02-3"#,
        r#"{"a_date":"+025-02-03"}"#,
        r#"{"a_bool":True}"#,
        r#"{"a_bool":1}"#,
        r#"{"a_date":"二〇二五年"}"#,
        r#"{a_int:1}"#,
        r#"{"a_int":}"#,
        r#"{"a_int":--1}"#,
        r#"{"a_moment":"2025-07-01T08:30:00+08:00"}"#,
        r#"{"a_moment":"2025-07-01"}"#,
        r#"{"a_moment":1}"#,
        r#"{"a_decimal":86.50}"#,
        r#"{"a_decimal":"86.5"}"#,
        r#"{"a_decimal":"086.50"}"#,
    ] {
        assert!(register().decode(body).is_err(), "{body}");
    }
}

#[test]
fn each_wrong_value_is_found() {
    let register = register();
    assert_eq!(problems(&register, |r| r[0] = text("张三")), []);
    for (at, value, expected) in [
        (3, None, Problem::Missing),
        (
            0,
            Some(Value::Int(1)),
            Problem::Type {
                expected: FieldType::Text,
            },
        ),
        (
            1,
            text("1"),
            Problem::Type {
                expected: FieldType::Int,
            },
        ),
        (0, text(" \u{3000}"), Problem::Blank),
        (
            0,
            text(&"长".repeat(2001)),
            Problem::TooLong {
                chars: 2001,
                most: 2000,
            },
        ),
        (0, text("a\u{0}"), Problem::Control),
        (
            3,
            Some(Value::Date(date(1799, 12, 31))),
            Problem::DateOutside {
                date: date(1799, 12, 31),
            },
        ),
        (
            3,
            Some(Value::Date(date(2201, 1, 1))),
            Problem::DateOutside {
                date: date(2201, 1, 1),
            },
        ),
        (6, Some(Value::Int(0)), Problem::Ref),
        (
            7,
            text("2102"),
            Problem::Unit {
                value: "2102".into(),
            },
        ),
        (9, text("无"), Problem::Phone),
        (
            10,
            text(&"长".repeat(20_001)),
            Problem::TooLong {
                chars: 20_001,
                most: 20_000,
            },
        ),
        (
            11,
            Some(Value::Moment("2025-07-01T00:30:00.5Z".parse().unwrap())),
            Problem::Moment,
        ),
        (
            11,
            Some(Value::Moment("1799-07-01T00:30:00Z".parse().unwrap())),
            Problem::Moment,
        ),
        (12, text("1995-1"), Problem::PartialDate),
        (12, text("2201"), Problem::PartialDate),
        (
            13,
            Some(Value::Decimal(Decimal {
                units: 1,
                places: 3,
            })),
            Problem::Decimal,
        ),
        (
            13,
            Some(Value::Decimal(Decimal {
                units: i64::MAX,
                places: 2,
            })),
            Problem::Decimal,
        ),
        (14, text("2\n1"), Problem::List),
        (14, text("1\n1"), Problem::List),
        (14, text("1\n\n2"), Problem::List),
        (16, text("证明.pdf"), Problem::File(FileRefFault::Form)),
        (15, text("visa 1"), Problem::Document(DocumentFault::Form)),
        (
            15,
            text("passport e12345678"),
            Problem::Document(DocumentFault::Number(DocumentKind::Passport)),
        ),
    ] {
        let found = problems(&register, |r| {
            r[0] = text("张三");
            r[at] = value.clone();
        });
        assert_eq!(found, [expected]);
    }
    assert!(problems(&register, |r| r[0] = text(&"长".repeat(2000))).is_empty());
    for at in [5, 8, 14] {
        let found = problems(&register, |r| {
            r[0] = text("张三");
            r[at] = text("7");
        });
        assert!(
            matches!(
                found[..],
                [Problem::NotInCode { .. } | Problem::IdNumber(_)]
            ),
            "{found:?}"
        );
    }
    let short = register.check(&Vec::new(), &NATIONAL);
    assert_eq!(short[0].message(Lang::Zh), "全：应有 17 个字段，实有 0 个");
}

fn problems(register: &Register, change: impl Fn(&mut Record)) -> Vec<Problem> {
    let mut record = good();
    change(&mut record);
    register
        .check(&record, &NATIONAL)
        .into_iter()
        .map(|f| f.problem)
        .collect()
}

fn value(kind: &FieldType) -> BoxedStrategy<Option<Value>> {
    let value = match kind.storage() {
        pack::Storage::Text => any::<String>().prop_map(Value::Text).boxed(),
        pack::Storage::Int => any::<i64>().prop_map(Value::Int).boxed(),
        pack::Storage::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        pack::Storage::Date => (0i16..=9999, 1i8..=12, 1i8..=28)
            .prop_map(|(y, m, d)| Value::Date(Date::new(y, m, d).unwrap()))
            .boxed(),
        pack::Storage::Moment => (0..4_000_000_000i64)
            .prop_map(|at| Value::Moment(jiff::Timestamp::from_second(at).unwrap()))
            .boxed(),
        pack::Storage::Decimal(places) => (-999_999_999_999..=999_999_999_999i64)
            .prop_map(move |units| Value::Decimal(Decimal { units, places }))
            .boxed(),
    };
    proptest::option::of(value).boxed()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(record in register().fields.iter().map(|f| value(&f.kind)).collect::<Vec<_>>()) {
        let register = register();
        let body = register.encode(&record);
        prop_assert_eq!(register.decode(&body).unwrap(), record);
    }

    #[test]
    fn reading_never_panics(body in any::<String>(), cut in 0usize..300) {
        let _ = register().decode(&body);
        let _ = register().decode(&WRITTEN[..WRITTEN.floor_char_boundary(cut.min(WRITTEN.len()))]);
    }

    #[test]
    fn loading_never_panics(text in any::<String>(), cut in 0usize..400) {
        let sound = "[register]\nid = \"a\"\nname = { zh = \"甲\", en = \"A\" }\nidentity = [\"b\"]\n[[field]]\nid = '''b'''\ntype = \"code\"\ncode = \"\"\"\nx\"\"\"\n";
        let cut = &sound[..sound.floor_char_boundary(cut.min(sound.len()))];
        for text in [text.clone(), format!("{cut}{text}")] {
            let files = ["registers/a.toml", "cases/a.toml", "subjects/a.toml"].map(|p| pack::SourceFile { path: p.into(), text: text.clone() });
            let faulty = pack::load(files.into()).expect_err("there is no pack.toml");
            let _ = pack::render(&faulty.files, &faulty.faults, Lang::Zh, true);
        }
    }

    #[test]
    fn names_in_any_sql_stand_where_they_are_said_to(sql in "[a-z$'\"/*(). \n-]{0,40}|\\PC{0,40}") {
        for (name, span) in pack::parameters(&sql) {
            prop_assert_eq!(&sql[span], format!("${name}"));
        }
        let _ = (pack::identifiers(&sql), pack::mentions(&sql), pack::pieces(&sql));
        let bound = pack::bind(&pack::Sql::new(sql.as_str()), &|_| Some("1".into()));
        for at in 0..=bound.text.len() {
            prop_assert!(bound.source(at) <= sql.len());
        }
    }
}

#[test]
fn a_word_is_read_back_with_what_it_says_is_unknown() {
    let register = register();
    let at = |id: &str| register.field(id).unwrap().0;
    let mut said = Said::of(vec![None; register.fields.len()]);
    assert_eq!(register.encode_said(&said), "{}");
    said.set(at("a_text"), text("甲"));
    said.set(at("a_bool"), None);
    let body = register.encode_said(&said);
    assert_eq!(body, "{\"a_text\":\"甲\",\"a_bool\":null}");
    assert_eq!(register.decode_said(&body), Ok(said));
    // A whole record has no such field.
    assert!(register.decode(&body).is_err());
    assert!(
        register
            .decode_said("{\"a_bool\":null,\"a_bool\":true}")
            .is_err()
    );
    assert!(register.decode_said("{\"a_bool\": null}").is_err());
}

#[test]
fn a_word_is_read_back_with_what_could_not_be_read() {
    let register = register();
    let at = |id: &str| register.field(id).unwrap().0;
    let mut said = Said::of(vec![None; register.fields.len()]);
    said.set(at("a_bool"), Value::as_read("  也许\n\u{7}\"是\" "));
    let body = register.encode_said(&said);
    assert_eq!(body, "{\"?\":{\"a_bool\":\"也许 \\\"是\\\"\"}}");
    assert!(Register::may_lack_values(&body));
    assert_eq!(register.decode_said(&body), Ok(said.clone()));
    said.set(at("a_text"), text("甲"));
    let body = register.encode_said(&said);
    assert_eq!(register.decode_said(&body), Ok(said.clone()));
    assert!(said.told().has(at("a_text")) && !said.told().has(at("a_bool")));
    // A whole record has no such thing; nothing follows it, nothing is said twice, nothing is in it that isn't written so.
    assert!(register.decode(&body).is_err());
    for wrong in [
        "{\"?\":{}}",
        "{\"?\":{\"a_bool\":true}}",
        "{\"?\":{\"a_bool\":\"x\"},\"a_text\":\"甲\"}",
        "{\"a_bool\":true,\"?\":{\"a_bool\":\"x\"}}",
        "{\"?\":{\"a_bool\":\"x\"}",
        "{\"?\":{\"none\":\"x\"}}",
    ] {
        assert!(register.decode_said(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Value::as_read(" \t"), None);
    let long = Value::as_read(&"字".repeat(900)).unwrap().to_string();
    assert_eq!(long.chars().count(), pack::LONGEST_AS_READ);
}

#[test]
fn what_could_not_be_read_is_no_value_of_what_must_be_there() {
    let register = register();
    for (id, fits) in [("a_bool", true), ("a_date", false), ("a_ref", false)] {
        let mut said = Said::of(vec![None; register.fields.len()]);
        said.set(register.field(id).unwrap().0, Value::as_read("?"));
        let faults = register.check_said(&said, false, &NATIONAL);
        assert_eq!(faults.is_empty(), fits, "{id} {faults:?}");
    }
}
