//! A pack of taxes and benefits that has nothing of the national one: brackets, shares, sums over a household's people, amounts that
//! rest on amounts. Its cases were worked out by hand, in their comments.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::{Date, date};
use kernel::{Answer, Fen, Grant, Lang, Period, Rights};
use pack::{Pack, Value};
use programmes::{Days, Desk, ProgrammesError, amounts, sweep};
use tables::{AsOf, Relatives, Session, batch};

fn budget() -> Arc<Pack> {
    let folder = testhouse::repository().join("crates/programmes/tests/packs/household-budget");
    testhouse::loaded(testhouse::files(&folder))
}

#[tokio::test]
async fn its_sql_has_no_faults() {
    let pack = budget();
    let faults = programmes::check(&pack, date(2025, 12, 31)).await.unwrap();
    let told = pack::render(&pack.files, &faults, Lang::En, false);
    assert!(faults.is_empty(), "{told}");
}

#[tokio::test]
async fn every_case_comes_out_as_worked_out_by_hand() {
    let pack = budget();
    let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
    let differing = outcomes
        .iter()
        .filter(|outcome| !outcome.differs.is_empty());
    let differing: Vec<_> = differing
        .map(|outcome| (&outcome.name, &outcome.differs))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(outcomes.len() >= 10);
}

/// Households of one to five people, some of them away, with and without salaries, births and rents.
struct Street {
    pack: Arc<Pack>,
    rows: BTreeMap<String, Vec<RecordBatch>>,
    people: i64,
}

const HOUSEHOLDS: i64 = 40;

impl Street {
    fn new() -> Self {
        let pack = budget();
        let mut rows: BTreeMap<&str, Vec<(i64, pack::Record)>> = BTreeMap::new();
        let int = |n: i64| Some(Value::Int(n));
        let mut add = |register: &'static str, id: i64, record: pack::Record| {
            rows.entry(register).or_default().push((id, record));
        };
        let (mut person, mut other) = (1_000, 100_000);
        for household in 1..=HOUSEHOLDS {
            let rent = (household % 7 != 0).then_some(Value::Int(household % 5 * 61_700));
            add("household", household, vec![rent, None]);
            for nth in 0..1 + household % 5 {
                person += 1;
                let year = 1935 + (household * 13 + nth * 29) % 90;
                let born = Date::new(i16::try_from(year).unwrap(), 6, 15).unwrap();
                let born = (person % 11 != 0).then_some(Value::Date(born));
                add("person", person, vec![born, None]);
                let living = Some(Value::Bool(person % 9 != 0));
                add("dwelling", other, vec![int(person), int(household), living]);
                let salary = (person % 13 != 0).then_some(Value::Int(person * 7_919 % 2_000_000));
                if nth < 3 && person % 4 != 0 {
                    add("salary", other + 1, vec![int(person), salary]);
                }
                other += 2;
            }
        }
        let long_ago = date(1900, 1, 1);
        let rows = rows.into_iter().map(|(id, records)| {
            let register = pack.register(id).unwrap();
            let records: Vec<_> = records
                .into_iter()
                .map(|(id, record)| (id, String::from("case"), long_ago, record))
                .collect();
            (id.to_owned(), vec![batch(register, &records).unwrap()])
        });
        let rows = rows.collect();
        Self {
            pack,
            rows,
            people: person,
        }
    }
}

impl Days for Street {
    type Day = Session;

    async fn on(&self, day: Date) -> Result<Session, ProgrammesError> {
        let grant = Grant::over("test", &[], Rights::whole(), "test");
        let of_register =
            |register: &pack::Register| self.rows.get(&register.id).cloned().unwrap_or_default();
        Ok(Session::over(
            self.pack.clone(),
            grant,
            AsOf::on(day),
            of_register,
        )?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_is_told_what_the_sweep_says_of_the_household() {
    let street = Street::new();
    let day = date(2025, 8, 1);
    let swept = sweep(&street.on(day).await.unwrap(), None).await.unwrap();
    let mut answers: BTreeMap<(String, i64), Answer> = BTreeMap::new();
    for programme in swept.programmes() {
        swept.each(&programme.id, |subject, _, answer| {
            answers.insert((programme.id.clone(), subject), answer);
        });
    }
    let relatives = Relatives::new(&street.pack, |id| street.rows.get(id)).unwrap();
    let mut desk = Desk::new(&street.pack, AsOf::on(day), None).await.unwrap();
    let mut told: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
    let mut said = BTreeMap::new();
    for person in 1_001..=street.people {
        let around = relatives.around(person).unwrap();
        for explanation in desk.explain(person, around).await.unwrap() {
            let key = (explanation.programme.clone(), explanation.subject);
            assert_eq!(Some(&explanation.answer), answers.get(&key), "{key:?}");
            assert!(explanation.people.contains(&person));
            told.entry(key.clone()).or_default().push(person);
            let first = said.entry(key).or_insert_with(|| explanation.clone());
            assert_eq!(*first, explanation);
        }
    }
    for (key, people) in &told {
        assert_eq!(said[key].people, *people, "{key:?}");
    }
    let kinds = |answer| answers.values().filter(|own| **own == answer).count();
    for answer in [Answer::Entitled, Answer::NotEntitled, Answer::CannotTell] {
        assert!(kinds(answer) > 20, "{answer:?}: {}", kinds(answer));
    }
    let several = told.values().filter(|people| people.len() > 1).count();
    assert!(
        several > 60,
        "{several} answers were told to several people"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_illustrative_amount_is_shown_as_such_and_never_payable() {
    let street = Street::new();
    let both = ["hardship-supplement", "income-tax"].map(String::from);
    let period: Period = "2025-08".parse().unwrap();
    let due = amounts(&street, &street.pack, &both, &period, &|_, _| true)
        .await
        .unwrap();
    let sums = |id: &str| -> Vec<_> { due[id].iter().map(programmes::Due::sum).collect() };
    let (supplement, tax) = (sums("hardship-supplement"), sums("income-tax"));
    assert!(supplement.iter().any(|sum| sum.fen > Fen(0)));
    assert!(tax.iter().any(|sum| sum.fen > Fen(0)));
    assert!(
        supplement
            .iter()
            .all(|sum| sum.fen == Fen(0) || sum.payable().is_none())
    );
    assert!(tax.iter().all(|sum| sum.payable() == Some(sum.fen)));
}

#[tokio::test]
async fn before_its_first_value_a_programme_is_not_in_force_and_that_is_said() {
    let street = Street::new();
    let session = street.on(date(2019, 12, 31)).await.unwrap();
    let swept = sweep(&session, None).await.unwrap();
    let out: Vec<_> = swept
        .not_in_force()
        .iter()
        .map(|out| out.programme.as_str())
        .collect();
    assert!(
        out.contains(&"pension") && !out.contains(&"income-tax"),
        "{out:?}"
    );
    let pension = swept
        .not_in_force()
        .iter()
        .find(|out| out.programme == "pension");
    assert_eq!(pension.unwrap().from, Some(date(2020, 1, 1)));
    assert_eq!(
        swept.programmes().count() + out.len(),
        street.pack.programmes.len()
    );
}

/// The codes of what is told of the pack when one text in one of its files is another.
async fn told(folder: &str, file: &str, old: &str, new: &str) -> Vec<&'static str> {
    let mut files = testhouse::files(&testhouse::repository().join(folder));
    let changed = files.iter_mut().find(|own| own.path == file).unwrap();
    assert!(changed.text.contains(old), "{file} has no {old}");
    changed.text = changed.text.replacen(old, new, 1);
    let faults = match pack::load(files) {
        Err(faulty) => faulty.faults,
        Ok(pack) => programmes::check(&Arc::new(pack), date(2025, 12, 31))
            .await
            .unwrap(),
    };
    faults.into_iter().map(|fault| fault.code).collect()
}

#[tokio::test]
async fn money_is_never_rounded_without_a_rule() {
    let folder = "crates/programmes/tests/packs/household-budget";
    let file = "programmes/income-tax.toml";
    let amount = "progressive(salary - $free, $slices, 'half_up')";
    for (written, code) in [
        ("salary * 0.03", "sql-rounding"),
        ("arrow_cast(salary * 0.03, 'Int64')", "sql-rounding"),
        ("try_cast(salary * 0.03 as bigint)", "sql-rounding"),
        ("salary * 3 / 100", "sql-rounding"),
        ("cast(salary * 0.03 as bigint)", "sql-rounding"),
        ("share(salary, 0.03, 'half_op')", "sql-money"),
        ("share(salary, 0.03, 'up', 'pound')", "sql-money"),
        ("share(salary, cast(0.03 as double), 'up')", "sql"),
        ("share(salary, 0.03)", "sql"),
        ("bracket(salary, $slices)", "sql-money"),
    ] {
        assert_eq!(
            told(folder, file, amount, written).await,
            [code],
            "{written}"
        );
    }
    let fine = "divide(share(salary, 0.03, 'up', 'jiao'), 2, 'half_even')";
    assert!(told(folder, file, amount, fine).await.is_empty());
}

#[tokio::test]
async fn brackets_ascend_without_a_gap_and_say_what_their_rates_make() {
    let folder = "crates/programmes/tests/packs/household-budget";
    let file = "programmes/income-tax.toml";
    for (old, new, code) in [
        ("{ over = 300000, to", "{ over = 310000, to", "brackets"),
        (
            "{ over = 0, to = 300000",
            "{ over = 1, to = 300000",
            "brackets",
        ),
        (
            "{ over = 1200000, to = 2500000",
            "{ from = 1200000, to = 2500000",
            "brackets",
        ),
        ("deduction = 21000", "deduction = 21001", "bad-value"),
        ("rate = \"3%\"", "rate = \"3\"", "bad-value"),
        (
            "{ over = 2500000, rate",
            "{ over = 2500000, to = 2600000, rate",
            "bad-value",
        ),
    ] {
        assert_eq!(told(folder, file, old, new).await, [code], "{new}");
    }
}

#[tokio::test]
async fn two_rows_of_one_subject_are_refused_and_never_counted_twice() {
    let folder = testhouse::repository().join("crates/programmes/tests/packs/household-budget");
    let mut files = testhouse::files(&folder);
    let file = files
        .iter_mut()
        .find(|file| file.path == "subjects/person.toml");
    let file = file.unwrap();
    let once = "select person as subject, monthly as salary from salary";
    assert!(file.text.contains(once), "{}", file.text);
    file.text = file.text.replace(once, &format!("{once} union all {once}"));
    let pack = testhouse::loaded(files);
    let refused = programmes::run_cases(&pack, &mut |_, _| {}).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("more than one row"), "{refused}");
}

#[tokio::test]
async fn what_a_sweep_would_trip_over_is_told_beforehand() {
    let budget = "crates/programmes/tests/packs/household-budget";
    let (tax, household) = ("programmes/income-tax.toml", "subjects/household.toml");
    let deep = format!("{}salary{} > $free", "(".repeat(50), ")".repeat(50));
    for (file, old, new, code) in [
        (
            tax,
            "salary > $free",
            "now() is null or salary > $free",
            "sql",
        ),
        (tax, "salary > $free", "current_date > $on", "sql"),
        (tax, "salary > $free", "random() > 0.5", "sql"),
        (tax, "salary > $free", "salary / 4 > $free", "sql-rounding"),
        (
            tax,
            "salary > $free",
            "salary > cast($free as double)",
            "sql-float",
        ),
        (
            tax,
            "salary > $free",
            "salary > (select max(monthly) from salary)",
            "sql-check",
        ),
        (tax, "salary > $free", deep.as_str(), "sql-bound"),
        (
            tax,
            "from = 2019-01-01, basis",
            "from = 2026-01-01, basis",
            "no-value",
        ),
        (
            household,
            "where d.living\ngroup by d.household\n\"\"\"\n\n[[facts.fact]]\nid = \"salaries\"",
            "where d.living\n\"\"\"\n\n[[facts.fact]]\nid = \"salaries\"",
            "sql",
        ),
        (
            household,
            "amount_of = \"income-tax\"",
            "amount_of = \"income-tags\"",
            "unknown-programme",
        ),
        (
            household,
            "select household as subject, person from",
            "select household as subject, person as who from",
            "sql-column",
        ),
    ] {
        assert_eq!(told(budget, file, old, new).await, [code], "{new}");
    }
    let national = "packs/national";
    let couple = "subjects/couple.toml";
    for (old, new) in [
        ("relation = 'spouse'", "relation = 'spose'"),
        ("c.relation = 'child'", "c.relation in ('kid')"),
    ] {
        let codes = told(national, couple, old, new).await;
        assert!(codes.contains(&"unknown-member"), "{new}: {codes:?}");
    }
}
