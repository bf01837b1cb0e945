//! Lists of registers: what is asked for is held against a naive evaluation of every row, and what a reader doesn't see in clear is never
//! asked for.

use std::cmp::Ordering;

use jiff::civil::date;
use kernel::{RecordId, UnitCode};
use office::{
    FieldFilter, OfficeError, QueryFault, RecordFound, RecordQuery, SeenCell, SeenRecord, Sought,
    View,
};
use pack::{FieldType, Register, SortBy, Value};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::readers::{ON, ONE, ROOT, TWO, street, unit};

/// How many lists are asked for.
const LISTS: usize = 150;

fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

async fn every(view: &View, register: &Register, query: &RecordQuery) -> Vec<SeenRecord> {
    let mut stream = view.every_record(ON, register, query).await.unwrap();
    let mut rows = Vec::new();
    while let Some(some) = stream.next().await.unwrap() {
        rows.extend(some);
    }
    rows
}

/// All columns, so that references are named.
fn whole(register: &Register) -> RecordQuery {
    RecordQuery {
        columns: (0..register.fields.len()).collect(),
        ..RecordQuery::default()
    }
}

struct Dice(ChaCha20Rng);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(most).unwrap()).unwrap()
    }

    fn one_of<'t, T>(&mut self, some: &'t [T]) -> &'t T {
        &some[self.below(some.len())]
    }
}

/// Something that may be asked for of a field, taken from a row.
fn wanted(dice: &mut Dice, field: &FieldType, row: &SeenRecord, at: usize, id: &str) -> Sought {
    let SeenCell::Value(value) = row.row.cell(id) else {
        return Sought::Unknown;
    };
    match (field, value) {
        (FieldType::Ref(_), Value::Int(record)) => match (dice.below(2), named(row, at)) {
            (1, Some(name)) => Sought::Named(name.chars().take(2).collect()),
            _ => Sought::Names(RecordId(*record)),
        },
        (FieldType::Unit, _) => Sought::Within(unit([ROOT, ONE, TWO][dice.below(3)])),
        (FieldType::Code(_) | FieldType::Bool, value) => Sought::Is(value.clone()),
        (FieldType::Date | FieldType::Int, value) => match dice.below(3) {
            0 => Sought::Between(Some(value.clone()), None),
            1 => Sought::Between(None, Some(value.clone())),
            _ => Sought::Between(Some(value.clone()), Some(value.clone())),
        },
        (_, Value::Text(text)) => {
            let from = dice.below(text.chars().count());
            Sought::Contains(text.chars().skip(from).take(2).collect())
        }
        _ => Sought::Unknown,
    }
}

/// The words that name what a field refers to.
fn named(row: &SeenRecord, at: usize) -> Option<String> {
    let parts = row.reference(at)?.parts.as_ref()?;
    parts.iter().find_map(|(_, cell)| match cell {
        SeenCell::Value(Value::Text(text)) => Some(text.clone()),
        _ => None,
    })
}

/// Whether a row is wanted, as one would check it by hand.
fn is_wanted(row: &SeenRecord, (at, id): (usize, &str), wanted: &Sought) -> bool {
    let value = match row.row.cell(id) {
        SeenCell::Value(value) => value,
        SeenCell::Unknown => return *wanted == Sought::Unknown,
        other => panic!("{other:?} in a field that may be asked for"),
    };
    match wanted {
        Sought::Unknown => false,
        Sought::Is(other) => value == other,
        Sought::Between(from, to) => {
            from.as_ref().is_none_or(|from| value >= from)
                && to.as_ref().is_none_or(|to| value <= to)
        }
        Sought::Contains(words) => value.to_string().contains(words),
        Sought::Within(unit) => {
            let own: UnitCode = value.to_string().parse().unwrap();
            unit.contains(&own)
        }
        Sought::Names(record) => value.as_int() == Some(record.0),
        Sought::Named(words) => named(row, at).is_some_and(|name| name.contains(words)),
        Sought::Has(item) => value.to_string().lines().any(|line| line == item),
    }
}

/// The order of two rows: what isn't known comes last, and what nothing tells apart is in order of the records.
fn compare(one: &SeenRecord, other: &SeenRecord, by: Option<(SortBy, &str, bool)>) -> Ordering {
    let records = one.row.record.cmp(&other.row.record);
    let Some((by, id, refers)) = by else {
        return records;
    };
    // Names are in the order of their sounds.
    let spelled = |name: &str| Value::Text(tables::spelled(name));
    let key = |row: &SeenRecord| match row.row.cell(id) {
        SeenCell::Value(_) if refers => {
            let name = named(row, by.field)?;
            let of_person = row.reference(by.field)?.register == "person";
            Some(if of_person {
                spelled(&name)
            } else {
                Value::Text(name)
            })
        }
        SeenCell::Value(Value::Text(name)) if id == "name" => Some(spelled(name)),
        SeenCell::Value(value) => Some(value.clone()),
        _ => None,
    };
    let keys = match (key(one), key(other)) {
        (Some(one), Some(other)) if by.descending => other.cmp(&one),
        (Some(one), Some(other)) => one.cmp(&other),
        (None, None) => Ordering::Equal,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    };
    keys.then(records)
}

#[test]
fn a_list_is_what_a_naive_evaluation_gives() {
    block_on(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let mut dice = Dice(ChaCha20Rng::seed_from_u64(11));
        let mut met = (0, 0);
        for who in ["甲员", "主任"] {
            let view = office.view(Some(who), "/test").await.unwrap();
            let groups = view.registers(ON).await.unwrap();
            let counts = groups.iter().flat_map(|group| &group.registers);
            let counts: Vec<(&Register, usize)> = counts.copied().collect();
            assert!(counts.iter().filter(|(_, count)| *count > 50).count() >= 4);
            let filled: Vec<(&Register, usize)> = counts
                .iter()
                .copied()
                .filter(|(_, count)| *count > 1)
                .collect();
            for nth in 0..LISTS {
                let (register, count) = *dice.one_of(&filled);
                let mut rows = every(&view, register, &whole(register)).await;
                assert_eq!(rows.len(), count, "{}", register.id);
                let offers = view.offers(register);
                let mut query = whole(register);
                for _ in 0..dice.below(3) {
                    let at = dice.below(register.fields.len());
                    let (field, row) = (&register.fields[at], dice.one_of(&rows).clone());
                    let wanted = wanted(&mut dice, &field.kind, &row, at, &field.id);
                    let offered = match wanted {
                        Sought::Unknown => offers[at].by_unknown,
                        Sought::Named(_) => offers[at].by_name,
                        _ => offers[at].by_value,
                    };
                    if !offered || query.filters.iter().any(|filter| filter.field == at) {
                        continue;
                    }
                    let wanted = match dice.below(2) {
                        0 if offers[at].by_unknown => vec![wanted, Sought::Unknown],
                        _ => vec![wanted],
                    };
                    query.filters.push(FieldFilter { field: at, wanted });
                }
                let sorted = dice.below(register.fields.len());
                if offers[sorted].sorts {
                    let descending = dice.below(2) == 1;
                    query.order = Some(SortBy {
                        field: sorted,
                        descending,
                    });
                }
                if nth % 3 == 0 {
                    query.unit = Some(unit([ROOT, ONE, TWO][dice.below(3)]));
                }
                rows.retain(|row| {
                    let unit = query.unit;
                    let of = |of: UnitCode| unit.is_none_or(|unit| unit.contains(&of));
                    row.row.unit.is_some_and(of)
                        && query.filters.iter().all(|filter| {
                            let id = register.fields[filter.field].id.as_str();
                            let any = |wanted: &Sought| is_wanted(row, (filter.field, id), wanted);
                            filter.wanted.iter().any(any)
                        })
                });
                let by = query.order.map(|by| {
                    let field = &register.fields[by.field];
                    let refers = matches!(field.kind, FieldType::Ref(_));
                    (by, field.id.as_str(), refers)
                });
                if by.is_some() || register.look.order.is_empty() {
                    rows.sort_by(|one, other| compare(one, other, by));
                }
                let expected: Vec<RecordId> = rows.iter().map(|row| row.row.record).collect();
                let mut found = Vec::new();
                let most = 1 + dice.below(40);
                for page in 1.. {
                    let part = view.records(ON, register, &query, (page, most)).await;
                    let part = match part {
                        Err(OfficeError::Absent) if page > 1 => break,
                        part => part.unwrap(),
                    };
                    assert_eq!(part.total, expected.len(), "{} {query:?}", register.id);
                    found.extend(part.rows.iter().map(|row| row.row.record));
                    if part.rows.is_empty() {
                        break;
                    }
                }
                if by.is_none() && !register.look.order.is_empty() {
                    let (mut found, mut expected) = (found, expected);
                    found.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(found, expected, "{} {query:?}", register.id);
                    continue;
                }
                assert_eq!(found, expected, "{} {query:?}", register.id);
                met.0 += usize::from(!query.filters.is_empty() && !found.is_empty());
                met.1 += usize::from(found.len() > most);
            }
        }
        assert!(met.0 > 30 && met.1 > 30, "{met:?}");
    });
}

fn fault<T>(result: Result<T, OfficeError>) -> QueryFault {
    match result {
        Err(OfficeError::Query(fault)) => *fault,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a list was given"),
    }
}

#[test]
fn what_is_not_shown_in_clear_is_not_asked_for() {
    block_on(async {
        let (office, numbers) = street(testhouse::national(), &[]).await;
        let kept = |who: &'static str, register: &'static str, asked: &'static [(&str, &str)]| {
            let office = office.clone();
            async move {
                let view = office.view(Some(who), "/test").await.unwrap();
                let register = view.register(register).unwrap();
                let pairs = asked.iter().copied();
                let query = RecordQuery::read(&view.office.pack, register, pairs, ON)?;
                let page = view.records(ON, register, &query, (1, 50)).await?;
                Ok(page.total)
            }
        };
        // An inspector sees names as masks only, and nothing of health: neither filters nor order may tell more.
        for (who, register, asked) in [
            ("察员", "person", &[("f.name", "甲")][..]),
            ("察员", "person", &[("sort", "name")]),
            ("察员", "person", &[("sort", "-id_number")]),
            ("察员", "person", &[("f.name.unknown", "1")]),
            ("察员", "contact", &[("sort", "phone")]),
            ("察员", "household", &[("f.address", "路")]),
            ("格员", "person", &[("f.marriage", "10")]),
            ("格员", "person", &[("sort", "marriage")]),
            ("主任", "disability", &[("f.grade.from", "1")]),
            ("主任", "disability", &[("sort", "grade")]),
        ] {
            let fault = fault(kept(who, register, asked).await);
            assert!(
                matches!(fault, QueryFault::KeptBack(_)),
                "{who} {asked:?}: {fault:?}"
            );
        }
        // What is referred to is named by what isn't shown in clear.
        for asked in [&[("sort", "person")][..], &[("f.person.name", "甲")]] {
            let fault = fault(kept("察员", "contact", asked).await);
            assert!(
                matches!(fault, QueryFault::NotOffered(_)),
                "{asked:?}: {fault:?}"
            );
        }
        assert!(kept("甲员", "contact", &[("sort", "person")]).await.is_ok());
        // Numbers of people are never asked for by an address, whoever asks.
        for (register, asked) in [
            ("person", &[("f.id_number", "2102")][..]),
            ("person", &[("f.document", "E1")]),
            ("contact", &[("f.phone", "138")]),
            ("contact", &[("f.phone.from", "138")]),
        ] {
            let fault = fault(kept("主任", register, asked).await);
            let refused = matches!(fault, QueryFault::Number(_) | QueryFault::NotOffered(_));
            assert!(refused, "{asked:?}: {fault:?}");
            let told = fault.message(kernel::Lang::Zh);
            assert!(!told.contains("2102"), "{told}");
        }
        assert!(numbers[0].len() > 50);
    });
}

#[test]
fn what_cannot_be_asked_is_told() {
    block_on(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let view = office.view(Some("甲员"), "/test").await.unwrap();
        for (register, name, value, code) in [
            ("person", "f.nmae", "甲", "NoField"),
            ("person", "sort", "nmae", "NoField"),
            ("person", "col", "nmae", "NoField"),
            ("person", "f.name.from", "甲", "NotOffered"),
            ("person", "f.name.under", "甲", "NoField"),
            ("person", "f.sex", "3", "Unreadable"),
            ("person", "f.birth_date.from", "昨天", "Unreadable"),
            ("person", "f.birth_date.to", "2025-02-30", "Unreadable"),
            ("residence", "f.unit", "2102", "Unreadable"),
            ("residence", "f.person", "甲", "Unreadable"),
            ("residence", "f.living", "也许", "Unreadable"),
        ] {
            let register = view.register(register).unwrap();
            let pairs = [(name, value)].into_iter();
            let fault = RecordQuery::read(&view.office.pack, register, pairs, ON).unwrap_err();
            assert!(
                format!("{fault:?}").starts_with(code),
                "{name}={value}: {fault:?}"
            );
            let [zh, en] = [kernel::Lang::Zh, kernel::Lang::En].map(|lang| fault.message(lang));
            assert!(
                zh.ends_with('。') && en.ends_with('.') && zh != en,
                "{zh} {en}"
            );
        }
        let long = "甲".repeat(61);
        let register = view.register("person").unwrap();
        let pairs = [("f.name", long.as_str())].into_iter();
        let fault = RecordQuery::read(&view.office.pack, register, pairs, ON).unwrap_err();
        assert!(matches!(fault, QueryFault::TooMuch(_)));
    });
}

#[test]
fn neither_of_two_readers_lists_what_is_the_others() {
    block_on(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        for (who, own, mark, other) in [("甲员", ONE, "甲", "乙"), ("乙员", TWO, "乙", "甲")]
        {
            let view = office.view(Some(who), "/test").await.unwrap();
            let mut seen = String::new();
            for group in view.registers(ON).await.unwrap() {
                for (register, count) in group.registers {
                    let rows = every(&view, register, &whole(register)).await;
                    assert_eq!(rows.len(), count, "{}", register.id);
                    for row in &rows {
                        let of = row.row.unit.unwrap();
                        assert!(unit(own).contains(&of), "{who}: {} of {of}", register.id);
                        seen += &format!("{row:?}");
                    }
                    let elsewhere = RecordQuery {
                        unit: Some(unit(if own == ONE { TWO } else { ONE })),
                        ..whole(register)
                    };
                    assert!(every(&view, register, &elsewhere).await.is_empty());
                }
            }
            assert!(seen.contains(&format!("{mark}零")) && !seen.contains(&format!("{other}零")));
        }
    });
}

#[test]
fn a_record_is_found_with_what_refers_to_it_and_gone_before_it_was_there() {
    block_on(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let [one, two, grid] = ["甲员", "乙员", "格员"].map(|who| office.view(Some(who), "/test"));
        let (one, two, grid) = (one.await.unwrap(), two.await.unwrap(), grid.await.unwrap());
        let contact = one.register("contact").unwrap();
        let first = every(&one, contact, &whole(contact)).await.remove(0);
        let record = first.row.record;
        let Ok(RecordFound::There(found)) = one.record(ON, contact, record).await else {
            panic!("it isn't there");
        };
        assert!(matches!(found.row.cell("phone"), SeenCell::Masked(_)));
        let title = found.title(contact).parts.unwrap();
        assert!(
            matches!(&title[..], [(_, SeenCell::Value(Value::Text(name)))] if name.starts_with('甲'))
        );
        assert!(matches!(
            two.record(ON, contact, record).await,
            Err(OfficeError::Absent)
        ));
        let before = date(2024, 1, 1);
        assert!(matches!(
            one.record(before, contact, record).await,
            Ok(RecordFound::NotOnDay)
        ));
        assert!(matches!(
            two.record(before, contact, record).await,
            Err(OfficeError::Absent)
        ));
        let nobody = RecordId(9_999_999);
        assert!(matches!(
            one.record(ON, contact, nobody).await,
            Err(OfficeError::Absent)
        ));
        // What refers to the person, in registers that the reader reads.
        let person = RecordId(found.row.reference("person").unwrap());
        let people = one.register("person").unwrap();
        let referring = one.referring(ON, people, person, 5).await.unwrap();
        let told = referring
            .iter()
            .map(|of| (of.register.id.as_str(), of.total, of.rows.len()));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("contact", 1, 1), ("residence", 1, 1)]
        );
        assert!(
            two.referring(ON, people, person, 5)
                .await
                .unwrap()
                .is_empty()
        );
        // A register that is nobody's list, and one that isn't read.
        assert!(one.register("layout").is_err() && one.register("question").is_err());
        assert!(grid.register("contact").is_ok() && grid.register("death").is_err());
    });
}
