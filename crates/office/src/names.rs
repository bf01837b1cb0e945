//! Names for numbers: units by their codes, and codes for names.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Grant, Lang, UnitCode};
use pack::{Called, NameFault, Text};
use tables::Page;

use crate::error::OfficeError;
use crate::office::Office;

/// More units than any tree on a page has.
const MOST_UNITS: usize = 20_000;

/// Units by their codes.
pub struct UnitNames {
    units: BTreeMap<UnitCode, Unit>,
}

/// One unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its code.
    pub code: UnitCode,
    /// Its name; the code where none is recorded.
    pub name: String,
    /// The unit above it, where its code doesn't say so.
    parent: Option<UnitCode>,
    /// Whether it had ended by the date.
    ended: bool,
}

impl Unit {
    fn unnamed(code: UnitCode) -> Self {
        Self {
            code,
            name: code.to_string(),
            parent: None,
            ended: false,
        }
    }
}

impl UnitNames {
    /// The units recorded on a date, and those that have a book.
    pub(crate) async fn new(office: &Office, on: Date) -> Result<Self, OfficeError> {
        let session = office.evaluation(on, "names of units").await?;
        let mut units = BTreeMap::new();
        let books = office.tables.ledger().books().await?;
        for code in books.into_iter().map(|book| book.unit).chain([office.root]) {
            units.insert(code, Unit::unnamed(code));
        }
        let page = Page {
            offset: 0,
            limit: MOST_UNITS,
        };
        let kept = &office.contract.units;
        let (code, name, register) = (&kept.code.id, &kept.name.id, &kept.register.id);
        let mut sql = format!("select {code}, {name}");
        if let Some(tree) = &kept.register.tree {
            sql += &format!(", {}, {}", tree.parent, tree.ended);
        }
        for row in session.rows(&(sql + " from " + register), page).await?.rows {
            let mut row = row.into_iter();
            let mut next = || row.next().flatten();
            let (Some(Ok(code)), Some(name)) = (next().map(|code| code.parse()), next()) else {
                continue;
            };
            let unit = Unit {
                code,
                name,
                parent: next().and_then(|parent| parent.parse().ok()),
                ended: next()
                    .and_then(|ended| ended.parse().ok())
                    .is_some_and(|ended: Date| ended <= on),
            };
            units.insert(code, unit);
        }
        Ok(Self { units })
    }

    /// The unit somebody means by its code or its name. Of those of one name the ones that haven't ended count; if there are
    /// several, each is told with its code and what is above it.
    ///
    /// # Errors
    /// No unit is called so, or several are.
    pub fn called(&self, asked: &str) -> Result<&Unit, NameFault> {
        let lasting: Vec<&Unit> = self.all().filter(|unit| !unit.ended).collect();
        let found = self.choose(asked, &lasting);
        match found {
            Err(NameFault::Unknown { .. }) => {
                self.choose(asked, &self.all().collect::<Vec<&Unit>>())
            }
            found => found,
        }
    }

    fn choose<'a>(&self, asked: &str, among: &[&'a Unit]) -> Result<&'a Unit, NameFault> {
        let what = Text {
            zh: "单位".to_owned(),
            en: "unit".to_owned(),
        };
        let called: Vec<Called> = among.iter().map(|unit| self.called_by(unit)).collect();
        Ok(among[pack::choose(what, asked, &called)?])
    }

    fn called_by(&self, unit: &Unit) -> Called {
        let mut above = self.above(&unit.code);
        above.extend(unit.parent.and_then(|parent| self.units.get(&parent)));
        let above = above.last().map(|above| above.name.as_str());
        let beside = |lang| match (lang, above) {
            (_, None) => String::new(),
            (Lang::Zh, Some(above)) => format!("上级：{above}"),
            (Lang::En, Some(above)) => format!("under {above}"),
        };
        Called {
            id: unit.code.to_string(),
            name: Text {
                zh: unit.name.clone(),
                en: unit.name.clone(),
            },
            synonyms: Vec::new(),
            beside: Text {
                zh: beside(Lang::Zh),
                en: beside(Lang::En),
            },
        }
    }

    /// Those of them that a grant sees.
    pub(crate) fn seen_by(&self, grant: &Grant) -> Self {
        let units = self.units.iter().filter(|(code, _)| grant.sees(code));
        Self {
            units: units.map(|(code, unit)| (*code, unit.clone())).collect(),
        }
    }

    /// A unit, if the reader may see it.
    #[must_use]
    pub fn get(&self, code: &UnitCode) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The name of a unit by the text of its code.
    #[must_use]
    pub fn name(&self, code: &str) -> String {
        let unit = code.parse().ok().and_then(|code| self.units.get(&code));
        unit.map_or_else(|| code.to_owned(), |unit| unit.name.clone())
    }

    /// The name of a unit; nothing of none.
    #[must_use]
    pub fn of(&self, unit: Option<UnitCode>) -> String {
        unit.map_or_else(String::new, |unit| self.name(unit.as_str()))
    }

    /// The nearest units under one.
    #[must_use]
    pub fn under(&self, unit: &UnitCode) -> Vec<&Unit> {
        let below = || {
            self.units
                .values()
                .filter(|other| other.code != *unit && unit.contains(&other.code))
        };
        below()
            .filter(|other| {
                below().all(|between| {
                    between.code == other.code || !between.code.contains(&other.code)
                })
            })
            .collect()
    }

    /// The units above one, the highest first.
    #[must_use]
    pub fn above(&self, unit: &UnitCode) -> Vec<&Unit> {
        self.units
            .values()
            .filter(|other| other.code != *unit && other.code.contains(unit))
            .collect()
    }

    /// Those that haven't ended, in order of code.
    pub(crate) fn lasting(&self) -> impl Iterator<Item = &Unit> {
        self.all().filter(|unit| !unit.ended)
    }

    /// Every unit, in order of code.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn unit(code: &str, name: &str) -> Unit {
        let code = UnitCode::parse(code).unwrap();
        let name = name.to_owned();
        Unit {
            name,
            ..Unit::unnamed(code)
        }
    }

    /// Two townships, each with a village of the same name; one of a third that ended.
    fn some() -> UnitNames {
        let ended = Unit {
            ended: true,
            ..unit("210203102003", "东风村")
        };
        let zone = Unit {
            parent: UnitCode::parse("210203102000").ok(),
            ..unit("210203400001", "开发区")
        };
        let units = [
            unit("210203101000", "桥头镇"),
            unit("210203101001", "东风村"),
            unit("210203101002", "红旗村"),
            unit("210203102000", "河口镇"),
            unit("210203102001", "红旗村"),
            ended,
            unit("210203102004", "旧址村"),
            zone,
        ];
        let units = units.into_iter().map(|unit| (unit.code, unit));
        let mut units: BTreeMap<UnitCode, Unit> = units.collect();
        for unit in units.values_mut().filter(|unit| unit.name == "旧址村") {
            unit.ended = true;
        }
        UnitNames { units }
    }

    #[test]
    fn a_unit_is_found_by_code_and_by_name() {
        for (asked, code) in [
            ("210203101001", "210203101001"),
            ("２１０２０３１０１００１", "210203101001"),
            // The other of that name has ended.
            (" 东 风 村 ", "210203101001"),
            // It has ended, and no other has its name.
            ("旧址村", "210203102004"),
        ] {
            let found = some().called(asked).map(|unit| unit.code.to_string());
            assert_eq!(found.as_deref(), Ok(code), "{asked}");
        }
    }

    #[test]
    fn units_of_one_name_are_told_with_what_is_above_them() {
        let fault = some().called("红旗村").unwrap_err();
        assert_eq!(
            fault.message(Lang::Zh),
            "有多个单位叫“红旗村”，请写括号中的代号：红旗村（210203101002，上级：桥头镇）、红旗村（210203102001，上级：河口镇）"
        );
        // What is above by the register counts where the code doesn't say it.
        let fault = some().called("开发").unwrap_err();
        let told = "there is no unit “开发”; the nearest are: 开发区 (210203400001, under 河口镇)";
        assert_eq!(fault.message(Lang::En), told);
    }
}
