//! Figures and reports know their lists: whatever is missing, a part, too old, taken back or of a unit that is no more, no figure is told of
//! it, and a report says what to get. Each ledger is a street of two communities whose lists are made up here.

use std::sync::Arc;

use intake::{Absence, Outcome, Request, RosterFile};
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period};
use ledger::{Algorithm, Ledger};
use office::{Figure, Gaps, Office, OfficeError, Unknown, View, gaps};
use pack::{Each, Pack, Place, Vouches, Vouching, Whom};
use tables::{Partial, Tables};

use crate::readers::{ON, ONE, ROOT, TWO, by_number, unit};

/// The national pack, in which lists vouch as they do here.
fn pack() -> Arc<Pack> {
    let mut pack = (*testhouse::national()).clone();
    let own = |how, past, by: Option<&str>| Vouching {
        how,
        whom: Whom::Either,
        lasts: 13,
        past,
        by: by.map(ToOwned::to_owned),
        place: Place::default(),
    };
    for roster in &mut pack.rosters {
        roster.vouching = match roster.id.as_str() {
            "police-households" => Some(own(Vouches::Roll, true, None)),
            "residents-community" => Some(Vouching {
                whom: Whom::Living,
                ..own(Vouches::Roll, false, None)
            }),
            "births" => Some(own(Vouches::Events(Each::Month), false, None)),
            "deaths" => Some(own(Vouches::Events(Each::Year), false, None)),
            "benefits" => Some(own(Vouches::Roll, true, Some("programme"))),
            _ => continue,
        };
    }
    Arc::new(pack)
}

struct Street {
    tables: Tables,
    whole: Grant,
    today: Date,
}

/// Somebody born on a day, the nth of a community.
fn number(born: Date, which: u16, nth: u16) -> String {
    let number = kernel::IdNumber::compose("210203", born, 2 * nth + 300 * which).unwrap();
    number.as_str().to_owned()
}

fn name(which: u16, nth: u16) -> String {
    testhouse::name(usize::from(which), nth)
}

const HEADINGS: &str =
    "户号,姓名,公民身份号码,与户主关系,户籍情况,户别,住址,现住状态,迁入日期,减少日期,减少原因\n";

/// A roll: thirty grown-up people, then a child born on the tenth of each month of 2025.
fn roll(which: u16) -> String {
    let mut csv = HEADINGS.to_owned();
    for nth in 0..30 {
        let number = number(date(1970, 1, 1), which, nth);
        let name = name(which, nth);
        csv += &format!(
            "{which}{nth},{name},{number},户主,本地户籍,家庭户,和平路{nth}号,在住,2001-05-01,,\n"
        );
    }
    for month in 1..=12_u16 {
        let born = date(2025, i8::try_from(month).unwrap(), 10);
        let (name, number) = (name(which, 40 + month), number(born, which, 40 + month));
        csv += &format!(
            "{which}{month},{name},{number},子女,本地户籍,家庭户,和平路{month}号,在住,{born},,\n"
        );
    }
    csv
}

/// The same with somebody who left in June 2025: it tells of the day before the year.
fn roll_of_the_year(which: u16) -> String {
    let leaver = number(date(1960, 2, 2), which, 99);
    format!(
        "{}{which}99,老赵,{leaver},户主,本地户籍,家庭户,和平路9号,,2001-05-01,2025-06-30,迁出\n",
        roll(which)
    )
}

/// The child of the community that was born in a month.
fn births(which: u16, months: impl IntoIterator<Item = u16>) -> String {
    let mut csv = "姓名,公民身份号码,出生日期\n".to_owned();
    for month in months {
        let born = date(2025, i8::try_from(month).unwrap(), 10);
        let (name, number) = (name(which, 40 + month), number(born, which, 40 + month));
        csv += &format!("{name},{number},{born}\n");
    }
    csv
}

fn end_of(month: u16) -> Date {
    date(2025, i8::try_from(month).unwrap(), 1).last_of_month()
}

const UNITS: &str = "单位代码,单位名称,级别,面积(平方米)\n210203001000,春晖街道,街道,\n210203001001,望海社区,社区,1500000\n210203001002,林景社区,社区,1680000\n";

impl Street {
    async fn new() -> Self {
        let pack = pack();
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let whole = Grant::whole("主任", unit(ROOT), "test");
        let street = Self {
            tables: Tables::new(ledger, pack, None),
            whole,
            today: date(2026, 1, 5),
        };
        for code in [ROOT, ONE, TWO] {
            let opened = street
                .tables
                .ledger()
                .open_book(unit(code), street.now(), &street.whole);
            opened.await.unwrap();
        }
        street
    }

    /// The same with the lists of homes and of units.
    async fn with_people() -> Self {
        let street = Self::new().await;
        street.take("units", (ROOT, ON), UNITS).await;
        street.take("police-households", (ONE, ON), &roll(0)).await;
        street.take("police-households", (TWO, ON), &roll(1)).await;
        street
    }

    fn now(&self) -> jiff::Timestamp {
        format!("{}T02:00:00Z", self.today).parse().unwrap()
    }

    async fn take(&self, roster: &str, of: (&str, Date), text: &str) -> Outcome {
        self.take_as(roster, of, text, Absence::Guarded).await
    }

    async fn take_as(
        &self,
        roster: &str,
        (code, on): (&str, Date),
        text: &str,
        absence: Absence,
    ) -> Outcome {
        let request = Request {
            roster: roster.into(),
            unit: unit(code),
            files: vec![RosterFile {
                path: "list.csv".into(),
                sent: Some(Arc::new(text.as_bytes().to_vec())),
            }],
            on,
            recorded_at: self.now(),
            grant: self.whole.clone(),
            dry_run: false,
            absence,
            told: Default::default(),
            lang: Lang::Zh,
        };
        let outcome = intake::import(&self.tables, &request, &mut |_| ()).await;
        outcome.unwrap()
    }

    async fn taken(&self, roster: &str, of: (&str, Date), text: &str) {
        let outcome = self.take(roster, of, text).await;
        assert_eq!(outcome.rejected(), 0, "{:#?}", outcome.files[0]);
    }

    async fn view(&self) -> View {
        let day = (ON, Period::Year(2025));
        let now = self.now();
        let office = Office::new(self.tables.clone(), unit(ROOT), day, "主任", move || now);
        office.unwrap().view(None, "test").await.unwrap()
    }

    async fn figure(&self, id: &str, code: &str, period: &str) -> Figure {
        let view = self.view().await;
        let sheet = view
            .board(period.parse().unwrap(), unit(code))
            .await
            .unwrap();
        sheet.figure(id).await.unwrap()
    }

    /// A figure as it is shown, and what is said of it.
    async fn told(&self, id: &str, code: &str, period: &str) -> (String, String) {
        let figure = self.figure(id, code, period).await;
        let view = self.view().await;
        let units = view.units(ON).await.unwrap();
        let said = gaps::not_known(&view.office.pack, &units, &figure, Lang::En);
        (figure.shown(Lang::En), said.unwrap_or_default())
    }

    async fn why(&self, id: &str, code: &str, period: &str) -> Option<Unknown> {
        self.figure(id, code, period).await.why().cloned()
    }
}

fn shown(value: &str) -> (String, String) {
    (value.to_owned(), String::new())
}

#[tokio::test]
async fn where_nothing_was_recorded_nothing_is_told_and_units_before_people() {
    let street = Street::new().await;
    for period in ["2024", "2025"] {
        for id in [
            "area",
            "communities",
            "population",
            "births",
            "birth_rate",
            "households",
        ] {
            assert_eq!(
                street.told(id, ROOT, period).await.0,
                "no data",
                "{id} {period}"
            );
        }
    }
    street.take("units", (ROOT, ON), UNITS).await;
    for period in ["2024", "2025"] {
        assert_eq!(street.told("area", ROOT, period).await, shown("3.18"));
        assert_eq!(street.told("communities", ROOT, period).await, shown("2"));
        for id in ["population", "births", "birth_rate", "households"] {
            assert_eq!(
                street.told(id, ROOT, period).await.0,
                "no data",
                "{id} {period}"
            );
        }
    }
}

#[tokio::test]
async fn an_area_that_no_list_says_is_not_nought() {
    let street = Street::new().await;
    let without = UNITS.replace("1500000", "");
    street.take("units", (ROOT, ON), &without).await;
    let (value, said) = street.told("area", ROOT, "2025").await;
    assert_eq!(value, "1.68");
    assert!(
        said.starts_with("* 1 of 2 units: without 望海社区"),
        "{said}"
    );
    assert_eq!(street.told("area", ONE, "2025").await.0, "no data");
    // Nor is the number of communities of a street whose own row is all there is.
    let street = Street::new().await;
    let (first, _) = UNITS.split_once("210203001001").unwrap();
    street.take("units", (ROOT, ON), first).await;
    assert_eq!(street.told("communities", ROOT, "2025").await.0, "no data");
    assert_eq!(street.told("area", ROOT, "2025").await.0, "no data");
}

#[tokio::test]
async fn a_sum_says_of_how_many_units_it_is_and_a_rate_is_of_the_same() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .taken("police-households", (ONE, ON), &roll_of_the_year(0))
        .await;
    let (value, said) = street.told("population", ROOT, "2025").await;
    assert_eq!(value, "42");
    assert_eq!(
        said,
        "* 1 of 2 units: without 林景社区 (nothing was ever recorded in “Residence”)."
    );
    street
        .taken("police-households", (TWO, ON), &roll_of_the_year(1))
        .await;
    assert_eq!(street.told("population", ROOT, "2025").await, shown("84"));
    // Births of one community only: the rate divides by its people alone.
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let rate = street.figure("birth_rate", ROOT, "2025-12").await;
    let own = street.figure("birth_rate", ONE, "2025-12").await;
    assert_eq!(rate.value.unwrap().shown(2), own.value.unwrap().shown(2));
    assert_eq!(rate.without.len(), 1);
}

#[tokio::test]
async fn a_month_that_is_missing_is_no_month_without_births() {
    let street = Street::with_people().await;
    for month in [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12] {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
        street
            .taken("births", (TWO, end_of(month)), &births(1, [month]))
            .await;
    }
    street
        .taken("births", (TWO, end_of(3)), &births(1, [3]))
        .await;
    assert_eq!(
        street.why("births", ONE, "2025").await,
        Some(Unknown::Gap {
            register: "birth".into(),
            from: date(2025, 3, 1),
            to: date(2025, 3, 31),
        })
    );
    let (value, said) = street.told("births", ROOT, "2025").await;
    assert_eq!(value, "12");
    assert_eq!(
        said,
        "* 1 of 2 units: without 望海社区 (no list of “Birth” tells of 1 March 2025 to 31 March 2025)."
    );
    assert_eq!(
        street.told("births", ONE, "2025-01-01..2025-02-28").await,
        shown("2")
    );
    assert_eq!(
        street.told("births", ONE, "2025-04-01..2025-12-31").await,
        shown("9")
    );
    // The month itself, and what begins in it.
    for period in ["2025-03", "2025-03-15..2025-06-30", "2025Q1"] {
        assert_eq!(
            street.told("births", ONE, period).await.0,
            "no data",
            "{period}"
        );
    }
    // The year before no list tells of.
    for code in [ONE, TWO, ROOT] {
        let why = street.why("births", code, "2024").await.unwrap();
        assert!(matches!(why, Unknown::Before { .. }), "{code} {why:?}");
    }
    // With the month all is told; up to the last one where none came since.
    street
        .taken("births", (ONE, end_of(3)), &births(0, [3]))
        .await;
    assert_eq!(street.told("births", ROOT, "2025").await, shown("24"));
}

#[tokio::test]
async fn what_ends_early_is_told_up_to_its_day() {
    let street = Street::with_people().await;
    for month in 1..=10 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let figure = street.figure("births", ONE, "2025").await;
    assert_eq!(figure.until, Some(date(2025, 10, 31)));
    assert!(figure.has_gaps(&pack()));
    assert_eq!(figure.shown(Lang::En), "10");
    let (_, said) = street.told("births", ONE, "2025").await;
    assert_eq!(said, "* As recorded up to 31 October 2025.");
}

#[tokio::test]
async fn a_list_without_a_row_tells_of_nobody_and_one_that_was_never_sent_of_nothing() {
    let street = Street::with_people().await;
    assert_eq!(street.told("deaths", ONE, "2025").await.0, "no data");
    let none = "姓名,公民身份号码,死亡日期\n说明：本表统计截止2025年12月31日。,,\n";
    // That nobody died is said by whoever says that the list is whole.
    street
        .take_as("deaths", (ONE, ON), none, Absence::Left)
        .await;
    assert_eq!(street.told("deaths", ONE, "2025").await, shown("0"));
    assert_eq!(street.told("deaths", TWO, "2025").await.0, "no data");
    assert_eq!(street.told("deaths", ONE, "2024").await.0, "no data");
}

#[tokio::test]
async fn a_part_tells_nothing_and_says_why() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .take_as("police-households", (ONE, ON), &roll(0), Absence::Kept)
        .await;
    let part = |why| {
        Some(Unknown::Part {
            register: "residence".into(),
            roster: "police-households".into(),
            as_of: ON,
            why,
        })
    };
    assert_eq!(
        street.why("population", ONE, "2025").await,
        part(Partial::Said)
    );
    // One row of 43 that can't be placed is more than two in a hundred.
    let bad = format!(
        "{}9,,21020319700101000X,户主,本地户籍,家庭户,和平路9号,在住,,,\n",
        roll(1)
    );
    let outcome = street.take("police-households", (TWO, ON), &bad).await;
    assert_eq!(outcome.rejected(), 1);
    assert_eq!(
        street.why("population", TWO, "2025").await,
        part(Partial::Unplaced)
    );
    let (value, said) = street.told("population", TWO, "2025").await;
    assert_eq!(value, "no data");
    assert!(said.contains("more than 2 % of the rows"), "{said}");
    // One of 52 isn't.
    let mut larger = roll(1);
    for nth in 30..40 {
        let number = number(date(1970, 1, 1), 1, nth);
        larger += &format!(
            "1{nth},{},{number},户主,本地户籍,家庭户,和平路{nth}号,在住,,,\n",
            name(1, nth)
        );
    }
    larger += "9,错号,21020319700101000X,户主,本地户籍,家庭户,和平路9号,在住,,,\n";
    street.take("police-households", (TWO, ON), &larger).await;
    assert_eq!(street.told("population", TWO, "2025").await.0, "52");
}

#[tokio::test]
async fn a_list_that_is_taken_back_tells_nothing_any_more() {
    let street = Street::with_people().await;
    let mut july = 0;
    for month in 1..=12 {
        let list = street
            .take("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
        if month == 7 {
            july = list.files[0].receipt.as_ref().unwrap().commit;
        }
    }
    assert_eq!(street.told("births", ONE, "2025").await, shown("12"));
    let ledger = street.tables.ledger();
    ledger
        .undo(july, street.now(), &street.whole)
        .await
        .unwrap();
    let why = street.why("births", ONE, "2025").await.unwrap();
    assert!(
        matches!(why, Unknown::Gap { from, .. } if from == date(2025, 7, 1)),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_roll_tells_from_the_day_it_reaches_back_to_until_it_is_too_old() {
    let mut street = Street::new().await;
    street.take("units", (ROOT, ON), UNITS).await;
    street
        .taken("police-households", (ONE, ON), &roll_of_the_year(0))
        .await;
    street.taken("police-households", (TWO, ON), &roll(1)).await;
    // Who left in the year is on the first: it tells of the day before the year. The other tells of its own day.
    assert_eq!(street.told("population", ONE, "2024").await, shown("31"));
    let why = street.why("population", TWO, "2024").await.unwrap();
    assert!(
        matches!(why, Unknown::Before { from, .. } if from == ON),
        "{why:?}"
    );
    assert_eq!(street.told("population", ONE, "2023").await.0, "no data");
    // It lasts for thirteen months, and says of which day it is.
    street.today = date(2027, 6, 1);
    let figure = street.figure("population", ONE, "2027-01").await;
    assert_eq!((figure.until, figure.value.is_some()), (Some(ON), true));
    let why = street.why("population", ONE, "2027-02").await.unwrap();
    assert!(
        matches!(why, Unknown::After { until, .. } if until == ON),
        "{why:?}"
    );
    // A list of those who live there doesn't tell who is registered and lives elsewhere.
    let living =
        "姓名,公民身份号码,性别,出生日期,联系电话,住址\n甲零零,,男,1970-01-01,,和平路0号\n";
    street
        .take("residents-community", (ONE, date(2027, 2, 1)), living)
        .await;
    let view = street.view().await;
    assert!(view.office.reaches(&unit(ROOT)).await.unwrap() == Some(ON));
    assert_eq!(street.told("population", ONE, "2027-03").await.0, "no data");
}

/// The one community went into the other in July 2025.
const MERGED: &str = "单位代码,单位名称,级别,面积(平方米),并入单位,撤销日期\n210203001000,春晖街道,街道,,,\n210203001001,望海社区,社区,1500000,,\n210203001002,林景社区,社区,1680000,210203001001,2025-07-01\n";

#[tokio::test]
async fn people_of_a_unit_that_merged_are_told_by_the_lists_of_both() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    let (march, august) = (date(2025, 3, 31), date(2025, 8, 31));
    for (which, code) in [(0, ONE), (1, TWO)] {
        street
            .take("police-households", (code, march), &roll(which))
            .await;
    }
    // Whether a list of benefits tells of somebody who had his home in each when the list was made.
    let told = async |which: u16| {
        let view = street.view().await;
        let person = number(date(1970, 1, 1), which, 5);
        let person = by_number(&view, &person).await.unwrap();
        let standing = street.tables.snapshot().await.unwrap();
        let bits = standing.vouched(ON).unwrap().bits(person.0);
        let lists = street.tables.pack().vouchers();
        let bit = lists
            .iter()
            .position(|own| own == "benefits:rural-family-support");
        bits >> bit.unwrap() & 1 == 1
    };
    let list = |which: u16| {
        let (number, name) = (number(date(1970, 1, 1), which, 3), name(which, 3));
        format!(
            "姓名,公民身份号码,项目,起始日期,月标准\n{name},{number},rural-family-support,2025-01-01,80\n"
        )
    };
    street.taken("benefits", (ONE, march), &list(0)).await;
    assert_eq!((told(0).await, told(1).await), (true, false));
    street.taken("benefits", (TWO, march), &list(1)).await;
    assert_eq!((told(0).await, told(1).await), (true, true));
    // What is said of the one that is left, after it took the other, is of both.
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    for (which, code) in [(0, ONE), (1, TWO)] {
        street
            .take("police-households", (code, march), &roll(which))
            .await;
    }
    street.taken("benefits", (ONE, august), &list(0)).await;
    let view = street.view().await;
    let sheet = view.board(Period::Year(2025), unit(ONE)).await.unwrap();
    let paid = sheet.figure("rural_support_paid").await.unwrap();
    assert_eq!(paid.shown(Lang::En), "1");
}

#[tokio::test]
async fn a_unit_that_merged_is_told_by_the_lists_of_both() {
    let street = Street::new().await;
    street.take("units", (ROOT, ON), MERGED).await;
    let (march, may) = (date(2025, 3, 31), date(2025, 5, 31));
    let of_march = |which| {
        let lines = roll(which);
        let lines = lines.lines().take(31);
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    // The one that stays has sent its list, the other hasn't: of both it can't be told.
    street
        .taken("police-households", (ONE, march), &of_march(0))
        .await;
    assert_eq!(street.told("population", ONE, "2025-03").await, shown("30"));
    let why = street.why("population", ONE, "2025").await.unwrap();
    assert!(matches!(why, Unknown::Never { .. }), "{why:?}");
    assert_eq!(street.told("population", ROOT, "2025").await.0, "no data");
    // With its list the whole is told, up to the earlier of the two days.
    street
        .taken("police-households", (TWO, may), &of_march(1))
        .await;
    let figure = street.figure("population", ONE, "2025").await;
    assert_eq!(
        (figure.shown(Lang::En).as_str(), figure.until),
        ("60", Some(march))
    );
    // Births: of each to the end of June, of the one that is left after it.
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, []))
            .await;
    }
    assert_eq!(street.told("births", ONE, "2025").await.0, "no data");
    for month in 1..=6 {
        street
            .take_as(
                "births",
                (TWO, end_of(month)),
                &births(1, []),
                Absence::Left,
            )
            .await;
        street
            .take_as(
                "births",
                (ONE, end_of(month)),
                &births(0, []),
                Absence::Left,
            )
            .await;
    }
    for month in 7..=12 {
        street
            .take_as(
                "births",
                (ONE, end_of(month)),
                &births(0, []),
                Absence::Left,
            )
            .await;
    }
    assert_eq!(street.told("births", ONE, "2025").await, shown("0"));
}

#[tokio::test]
async fn a_benefit_of_which_the_list_has_no_row_is_not_told() {
    let street = Street::with_people().await;
    let (number, name) = (number(date(1970, 1, 1), 0, 3), name(0, 3));
    let list = format!(
        "姓名,公民身份号码,项目,起始日期,月标准\n{name},{number},rural-family-support,2025-01-01,80\n"
    );
    street.taken("benefits", (ONE, ON), &list).await;
    assert_eq!(
        street.told("rural_support_paid", ONE, "2025").await,
        shown("1")
    );
    let why = street
        .why("special_support_paid", ONE, "2025")
        .await
        .unwrap();
    assert!(matches!(why, Unknown::Slice { .. }), "{why:?}");
    assert_eq!(
        street.told("rural_support_paid", TWO, "2025").await.0,
        "no data"
    );
}

#[tokio::test]
async fn a_report_is_refused_with_what_to_get_or_marks_each_figure() {
    let street = Street::with_people().await;
    for month in 1..=12 {
        street
            .taken("births", (ONE, end_of(month)), &births(0, [month]))
            .await;
    }
    let view = street.view().await;
    let report = view
        .office
        .pack
        .reports
        .iter()
        .find(|own| own.id == "street-yearly");
    for period in [2024, 2025] {
        let sheet = view.board(Period::Year(period), unit(ROOT)).await.unwrap();
        let written = |gaps| sheet.report_file(report.unwrap(), ON, (Lang::En, gaps));
        let refused = match written(Gaps::Refuse).await {
            Err(OfficeError::Gaps(refused)) => refused,
            Err(other) => panic!("{period}: {other:?}"),
            Ok(_) => panic!("{period}: written"),
        };
        let told = refused.message(Lang::En);
        assert!(told.contains("Births: "), "{told}");
        assert!(
            told.contains("“Births” from Community health centre"),
            "{told}"
        );
        assert!(
            refused
                .message(Lang::Zh)
                .contains("“出生登记名单”（社区卫生服务中心）")
        );
        let file = written(Gaps::Mark).await.unwrap();
        let text = text_of(&file);
        assert!(text.contains("[Draft] Figures that are missing"), "{text}");
        if period == 2025 {
            assert!(text.contains("12 births"), "{text}");
            let left_out = "(Births: 1 of 2 units, without 林景社区.)";
            assert!(text.contains(left_out), "{text}");
            assert!(text.contains("no data deaths"), "{text}");
        } else {
            assert!(text.contains("no data births and no data deaths"), "{text}");
            assert!(text.contains("has 2 communities"), "{text}");
        }
        assert!(text.contains("Lists to get:"), "{text}");
    }
}

/// The words of a .docx.
fn text_of(file: &[u8]) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut xml = String::new();
    let mut document = archive.by_name("word/document.xml").unwrap();
    document.read_to_string(&mut xml).unwrap();
    let mut text = String::new();
    for part in xml.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        if tag == "/w:p" {
            text.push('\n');
        }
        text.push_str(words);
    }
    text
}
