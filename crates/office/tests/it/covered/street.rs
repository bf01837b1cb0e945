//! A street of two communities and their lists, made up.

use std::sync::Arc;

use intake::{Absence, Outcome, Request, RosterFile};
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period};
use ledger::{Algorithm, Ledger};
use office::{Figure, Office, Unknown, View, gaps};
use pack::{Each, Pack, Place, Vouches, Vouching, Whom};
use tables::Tables;

use crate::readers::{ON, ONE, ROOT, TWO, unit};

/// The national pack, in which lists vouch as they do here.
pub(super) fn pack() -> Arc<Pack> {
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

pub(super) struct Street {
    pub(super) tables: Tables,
    pub(super) whole: Grant,
    pub(super) today: Date,
}

/// Somebody born on a day, the nth of a community.
pub(super) fn number(born: Date, which: u16, nth: u16) -> String {
    let number = kernel::IdNumber::compose("210203", born, 2 * nth + 300 * which).unwrap();
    number.as_str().to_owned()
}

pub(super) fn name(which: u16, nth: u16) -> String {
    testhouse::name(usize::from(which), nth)
}

pub(super) const HEADINGS: &str =
    "户号,姓名,公民身份号码,与户主关系,户籍情况,户别,住址,现住状态,迁入日期,减少日期,减少原因\n";

/// A roll: thirty grown-up people, then a child born on the tenth of each month of 2025.
pub(super) fn roll(which: u16) -> String {
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
pub(super) fn roll_of_the_year(which: u16) -> String {
    let leaver = number(date(1960, 2, 2), which, 99);
    format!(
        "{}{which}99,老赵,{leaver},户主,本地户籍,家庭户,和平路9号,,2001-05-01,2025-06-30,迁出\n",
        roll(which)
    )
}

/// The child of the community that was born in a month.
pub(super) fn births(which: u16, months: impl IntoIterator<Item = u16>) -> String {
    let mut csv = "姓名,公民身份号码,出生日期\n".to_owned();
    for month in months {
        let born = date(2025, i8::try_from(month).unwrap(), 10);
        let (name, number) = (name(which, 40 + month), number(born, which, 40 + month));
        csv += &format!("{name},{number},{born}\n");
    }
    csv
}

pub(super) fn end_of(month: u16) -> Date {
    date(2025, i8::try_from(month).unwrap(), 1).last_of_month()
}

pub(super) const UNITS: &str = "单位代码,单位名称,级别,面积(平方米)\n210203001000,春晖街道,街道,\n210203001001,望海社区,社区,1500000\n210203001002,林景社区,社区,1680000\n";

impl Street {
    pub(super) async fn new() -> Self {
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
    pub(super) async fn with_people() -> Self {
        let street = Self::new().await;
        street.take("units", (ROOT, ON), UNITS).await;
        street.take("police-households", (ONE, ON), &roll(0)).await;
        street.take("police-households", (TWO, ON), &roll(1)).await;
        street
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        format!("{}T02:00:00Z", self.today).parse().unwrap()
    }

    pub(super) async fn take(&self, roster: &str, of: (&str, Date), text: &str) -> Outcome {
        self.take_as(roster, of, text, Absence::Guarded).await
    }

    pub(super) async fn take_as(
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

    pub(super) async fn taken(&self, roster: &str, of: (&str, Date), text: &str) {
        let outcome = self.take(roster, of, text).await;
        assert_eq!(outcome.rejected(), 0, "{:#?}", outcome.files[0]);
    }

    pub(super) async fn view(&self) -> View {
        let day = (ON, Period::Year(2025));
        let now = self.now();
        let office = Office::new(self.tables.clone(), unit(ROOT), day, "主任", move || now);
        office.unwrap().view(None, "test").await.unwrap()
    }

    pub(super) async fn figure(&self, id: &str, code: &str, period: &str) -> Figure {
        let view = self.view().await;
        let sheet = view
            .board(period.parse().unwrap(), unit(code))
            .await
            .unwrap();
        sheet.figure(id).await.unwrap()
    }

    /// A figure as it is shown, and what is said of it.
    pub(super) async fn told(&self, id: &str, code: &str, period: &str) -> (String, String) {
        let figure = self.figure(id, code, period).await;
        let view = self.view().await;
        let units = view.units(ON).await.unwrap();
        let said = gaps::not_known(&view.office.pack, &units, &figure, Lang::En);
        (figure.shown(Lang::En), said.unwrap_or_default())
    }

    pub(super) async fn why(&self, id: &str, code: &str, period: &str) -> Option<Unknown> {
        self.figure(id, code, period).await.why().cloned()
    }
}

pub(super) fn shown(value: &str) -> (String, String) {
    (value.to_owned(), String::new())
}
