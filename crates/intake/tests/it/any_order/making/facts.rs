//! Lists of what happened to people: marriages, children, births, certificates, deaths, work, and who is paid.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::{Maker, Person};
use crate::any_order::histories::{Row, STREET, UNITS, birth_of};

impl Maker {
    /// Marriages, children, births and certificates.
    pub(super) fn families(&mut self) {
        let families = 0..self
            .people
            .iter()
            .map(|person| person.family + 1)
            .max()
            .unwrap_or(0);
        let of = |maker: &Maker, family: usize, child: bool, man: bool| -> Option<usize> {
            let fits = |person: &Person| {
                (person.family, person.child) == (family, child) && (child || person.man == man)
            };
            maker.people.iter().position(fits)
        };
        let units = [UNITS[0], UNITS[1], STREET];
        for day in [date(2025, 2, 10), date(2025, 7, 20), date(2025, 11, 5)] {
            for unit in units {
                let on = self.dice.around(day, 20);
                let masks = self.masks();
                let (mut marriages, mut children) = (Vec::new(), Vec::new());
                let (mut births, mut certificates) = (Vec::new(), Vec::new());
                for family in families.clone() {
                    let (father, mother) = (
                        of(self, family, false, true),
                        of(self, family, false, false),
                    );
                    if let (Some(husband), Some(wife)) = (father, mother)
                        && self.dice.percent(60)
                    {
                        marriages.push(self.marriage(husband, wife, family, on, &masks));
                    }
                    let all: Vec<usize> = (0..self.people.len())
                        .filter(|nth| self.people[*nth].family == family && self.people[*nth].child)
                        .collect();
                    for child in all {
                        if self.dice.percent(70) {
                            children.push(self.child(child, father, mother, &masks));
                        }
                        if self.dice.percent(40) {
                            let (name, number) = self.who(child, &masks);
                            let born = birth_of(&number).to_string();
                            let mut row = Row::from([
                                ("name", name),
                                ("id_number", number),
                                ("born_on", born),
                            ]);
                            if let Some(mother) = mother.filter(|_| self.dice.percent(70)) {
                                let (name, number) = self.who(mother, &masks);
                                row.append(&mut Row::from([
                                    ("mother_name", name),
                                    ("mother_id", number),
                                ]));
                            }
                            births.push(row);
                        }
                        if self.dice.percent(40) {
                            certificates.push(self.certificate(child, father, mother, &masks));
                        }
                    }
                }
                self.send("marriages", unit, on, marriages);
                self.send("children", unit, on, children);
                self.send("births", unit, on, births);
                self.send("certificates", unit, on, certificates);
            }
        }
    }

    fn marriage(
        &mut self,
        husband: usize,
        wife: usize,
        family: usize,
        on: Date,
        masks: &BTreeSet<usize>,
    ) -> Row {
        let (husband, wife) = (self.who(husband, masks), self.who(wife, masks));
        let year = 1984 + 5 * i16::try_from(family).unwrap_or(0);
        let mut row = Row::from([
            ("husband_name", husband.0),
            ("husband_id", husband.1),
            ("wife_name", wife.0),
            ("wife_id", wife.1),
            ("married_on", date(year, 5, 1).to_string()),
        ]);
        if self.dice.percent(15) {
            let again = date(2024 + i16::try_from(self.dice.below(2)).unwrap_or(0), 3, 8);
            row.insert("married_on", again.to_string());
        }
        if self.dice.percent(30) {
            row.insert("divorced_on", self.dice.around(on, 60).to_string());
        }
        row
    }

    fn child(
        &mut self,
        child: usize,
        father: Option<usize>,
        mother: Option<usize>,
        masks: &BTreeSet<usize>,
    ) -> Row {
        let (name, number) = self.who(child, masks);
        let mut row = Row::from([("child_name", name), ("child_id", number)]);
        self.parents(&mut row, father, mother, masks, 80);
        if self.dice.percent(70) {
            let died = self.dice.percent(25);
            row.insert(
                "child_status",
                if died { "死亡" } else { "健在" }.to_owned(),
            );
            if died && self.dice.percent(60) {
                row.insert("died_on", date(2024, 9, 9).to_string());
            }
        }
        if self.dice.percent(40) {
            row.insert(
                "adopted",
                if self.dice.percent(20) { "是" } else { "否" }.to_owned(),
            );
        }
        row
    }

    fn parents(
        &mut self,
        row: &mut Row,
        father: Option<usize>,
        mother: Option<usize>,
        masks: &BTreeSet<usize>,
        share: usize,
    ) {
        if let Some(father) = father.filter(|_| self.dice.percent(share)) {
            let (name, number) = self.who(father, masks);
            row.append(&mut Row::from([
                ("father_name", name),
                ("father_id", number),
            ]));
        }
        if let Some(mother) = mother.filter(|_| self.dice.percent(share)) {
            let (name, number) = self.who(mother, masks);
            row.append(&mut Row::from([
                ("mother_name", name),
                ("mother_id", number),
            ]));
        }
    }

    fn certificate(
        &mut self,
        child: usize,
        father: Option<usize>,
        mother: Option<usize>,
        masks: &BTreeSet<usize>,
    ) -> Row {
        let (name, number) = self.who(child, masks);
        let mut row = Row::from([
            ("number", format!("GR-{:04}", 1000 + child)),
            ("child_name", name),
            ("child_id", number),
        ]);
        self.parents(&mut row, father, mother, masks, 70);
        if self.dice.percent(70) {
            row.insert("issued", date(2016, 6, 1).to_string());
        }
        if self.dice.percent(80) {
            row.insert(
                "status",
                if self.dice.percent(70) {
                    "有效"
                } else {
                    "收回"
                }
                .to_owned(),
            );
        }
        row
    }

    /// Deaths, work, and who is paid.
    pub(super) fn singles(&mut self) {
        for day in [date(2025, 2, 25), date(2025, 6, 15), date(2025, 9, 30)] {
            for unit in [UNITS[0], UNITS[1], STREET] {
                let on = self.dice.around(day, 20);
                let masks = self.masks();
                let (mut deaths, mut work, mut paid) = (Vec::new(), Vec::new(), Vec::new());
                for nth in 0..self.people.len() {
                    let (name, number) = self.who(nth, &masks);
                    let row = Row::from([("name", name), ("id_number", number)]);
                    if self.dice.percent(8) {
                        let mut row = row.clone();
                        row.insert(
                            "died_on",
                            self.dice.around(date(2025, 4, 1), 40).to_string(),
                        );
                        deaths.push(row);
                    }
                    if self.dice.percent(35) {
                        let mut row = row.clone();
                        self.work(&mut row);
                        work.push(row);
                    }
                    for programme in ["奖励扶助", "独生子女父母奖励"] {
                        if self.dice.percent(18) {
                            let mut row = row.clone();
                            row.insert("programme", programme.to_owned());
                            row.insert(
                                "since",
                                date(2020 + i16::try_from(self.dice.below(6)).unwrap_or(0), 1, 1)
                                    .to_string(),
                            );
                            if self.dice.percent(35) {
                                row.insert("until", self.dice.around(on, 90).to_string());
                            }
                            if self.dice.percent(80) {
                                row.insert(
                                    "monthly",
                                    ["80", "590", "10"][self.dice.below(3)].to_owned(),
                                );
                            }
                            paid.push(row);
                        }
                    }
                }
                self.send("deaths", unit, on, deaths);
                self.send("employment", unit, on, work);
                self.send("benefits", unit, on, paid);
            }
        }
    }

    fn work(&mut self, row: &mut Row) {
        let mut set = |id, cell: &str| row.insert(id, cell.to_owned());
        match self.dice.below(4) {
            0 => {
                set("status", "在业");
            }
            1 => {
                set("status", "退休");
                set("retired_on", "2024-06-01");
            }
            _ => {
                set("status", "失业");
                if self.dice.percent(75) {
                    set(
                        "since",
                        ["2020-01-01", "2024-07-01", "2025-03-15"][self.dice.below(3)],
                    );
                }
                if self.dice.percent(60) {
                    set("cause", ["企业破产", "企业改制"][self.dice.below(2)]);
                }
            }
        }
    }
}
