//! The making of a history: a few families over a year, and the lists that tell of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use kernel::IdNumber;

use super::histories::{Deed, Dice, History, List, Row, STREET, Sent, UNITS, birth_of};

const DAYS: [Date; 7] = [
    date(2025, 1, 31),
    date(2025, 3, 31),
    date(2025, 5, 31),
    date(2025, 6, 30),
    date(2025, 8, 31),
    date(2025, 10, 31),
    date(2025, 12, 31),
];

/// The history of a seed.
pub fn history(seed: u64) -> History {
    let mut dice = Dice::new(seed);
    let people = Maker::people(&mut dice);
    let share = *dice.pick(&[25, 45, 45, 70]);
    let mut maker = Maker {
        dice,
        people,
        share,
        lists: Vec::new(),
    };
    maker.police();
    maker.residents();
    maker.families();
    maker.singles();
    maker.into_history()
}

struct Person {
    name: &'static str,
    number: String,
    man: bool,
    family: usize,
    child: bool,
    /// The other name and number under which some lists have them.
    alias: Option<(&'static str, String)>,
}

/// Where somebody is, and what may be said of them.
#[derive(Clone, Default)]
struct Life {
    registered: Option<usize>,
    living: Option<usize>,
    moved_in: BTreeMap<usize, Date>,
    left: BTreeMap<usize, Date>,
    marriage: &'static str,
    hukou: &'static str,
    ethnicity: &'static str,
    phone: usize,
}

struct Maker {
    dice: Dice,
    people: Vec<Person>,
    /// How many in a hundred lists are sent.
    share: usize,
    lists: Vec<List>,
}

const FATHERS: [&str; 3] = ["赵建国", "欧阳海", "孙志强"];
const MOTHERS: [&str; 3] = ["钱秀英", "周文静", "卫桂兰"];
const CHILDREN: [&str; 6] = ["赵晓东", "赵明月", "欧阳雪", "欧阳飞", "孙悦", "孙磊"];
const ALIASES: [&str; 12] = [
    "冯大江",
    "陈玉梅",
    "褚宝山",
    "蒋爱华",
    "沈庆余",
    "韩素琴",
    "杨帆",
    "朱红霞",
    "秦朗",
    "尤佳",
    "许诺",
    "何苗",
];
const STREETS: [&str; 3] = ["前进路", "后进街", "和平巷"];

impl Maker {
    fn people(dice: &mut Dice) -> Vec<Person> {
        let mut people = Vec::new();
        let mut order = 10;
        let mut add = |name, man: bool, birth: Date, family, child| {
            order += 2;
            let number = |birth, order| match IdNumber::compose("210203", birth, order) {
                Ok(number) => number.as_str().to_owned(),
                Err(fault) => format!("{fault:?}"),
            };
            let other = date(birth.year() + 7, 13 - birth.month(), 29 - birth.day());
            let nth = people.len();
            let order = order + u16::from(man);
            people.push(Person {
                name,
                number: number(birth, order),
                man,
                family,
                child,
                alias: Some((ALIASES[nth], number(other, order + 200))),
            });
        };
        let families = 2 + dice.below(2);
        for family in 0..families {
            let year = 1958 + 5 * i16::try_from(family).unwrap_or(0);
            let month = 2 + 3 * i8::try_from(family).unwrap_or(0);
            add(FATHERS[family], true, date(year, month, 11), family, false);
            if dice.percent(85) {
                add(
                    MOTHERS[family],
                    false,
                    date(year + 2, month + 1, 17),
                    family,
                    false,
                );
            }
            for child in 0..dice.below(3) {
                let man = child == 0;
                let later = 5 * i16::try_from(child).unwrap_or(0);
                let birth = date(
                    year + 27 + later,
                    month + 2,
                    5 + i8::try_from(child).unwrap_or(0),
                );
                add(CHILDREN[2 * family + child], man, birth, family, true);
            }
        }
        for person in &mut people {
            if !dice.percent(12) {
                person.alias = None;
            }
        }
        people
    }

    /// Whom a list has under their other name.
    fn masks(&mut self) -> BTreeSet<usize> {
        let dice = &mut self.dice;
        let people = self.people.iter().enumerate();
        let masked = people.filter(|(_, person)| person.alias.is_some() && dice.percent(40));
        masked.map(|(nth, _)| nth).collect()
    }

    fn who(&self, nth: usize, masks: &BTreeSet<usize>) -> (String, String) {
        let person = &self.people[nth];
        match &person.alias {
            Some((name, number)) if masks.contains(&nth) => ((*name).to_owned(), number.clone()),
            _ => (person.name.to_owned(), person.number.clone()),
        }
    }

    fn send(&mut self, roster: &'static str, unit: &'static str, on: Date, mut rows: Vec<Row>) {
        rows.iter_mut().for_each(ends_after_it_began);
        // Only a move is told before it happens.
        for from in ["married_on", "died_on", "born_on", "since"] {
            rows.retain(|row| row.get(from).is_none_or(|from| *from <= on.to_string()));
        }
        let same = |list: &List| (list.roster, list.unit, list.on) == (roster, unit, on);
        if rows.is_empty() || !self.dice.percent(self.share) || self.lists.iter().any(same) {
            return;
        }
        let sent = if self.dice.percent(10) {
            Sent::Whole
        } else {
            Sent::Guarded
        };
        self.lists.push(List {
            roster,
            unit,
            on,
            sent,
            rows,
        });
    }

    /// The police lists of each community over some days, as people come and go; and parts of them on days of their own.
    fn police(&mut self) {
        let mut lives: Vec<Life> = Vec::new();
        for person in &self.people {
            let home = person.family % UNITS.len();
            lives.push(Life {
                registered: Some(home),
                living: Some(home),
                moved_in: BTreeMap::from([(home, date(2015, 1, 1))]),
                marriage: if person.child { "未婚" } else { "初婚" },
                hukou: "农业",
                ethnicity: "汉族",
                ..Life::default()
            });
        }
        let mut before = date(2024, 12, 1);
        for day in DAYS {
            if self.dice.percent(25) {
                continue;
            }
            for life in &mut lives {
                life.go_on(&mut self.dice, day);
            }
            for unit in 0..UNITS.len() {
                let mut rows = self.police_list(&lives, unit, before);
                rows.iter_mut().for_each(ends_after_it_began);
                if self.dice.percent(12) && rows.len() > 1 {
                    let on = self.dice.around(day, 10);
                    let mut part = rows.clone();
                    part.truncate(1 + self.dice.below(rows.len() - 1));
                    let taken = |list: &List| {
                        (list.roster, list.unit, list.on) == ("police-households", UNITS[unit], on)
                    };
                    if on != day && !self.lists.iter().any(taken) {
                        let sent = Sent::Part;
                        self.lists.push(List {
                            roster: "police-households",
                            unit: UNITS[unit],
                            on,
                            sent,
                            rows: part,
                        });
                    }
                }
                self.send("police-households", UNITS[unit], day, rows);
            }
            before = day;
        }
    }

    fn police_list(&mut self, lives: &[Life], unit: usize, before: Date) -> Vec<Row> {
        let masks = self.masks();
        let mut rows = Vec::new();
        let households: Vec<(bool, usize)> = (0..3)
            .map(|_| (self.dice.percent(15), self.dice.below(3)))
            .collect();
        for (nth, life) in lives.iter().enumerate() {
            let (registered, living) = (life.registered == Some(unit), life.living == Some(unit));
            let left = life.left.get(&unit).filter(|left| **left > before).copied();
            let stale = self.dice.percent(6);
            if !(registered || living || left.is_some() && self.dice.percent(50) || stale)
                || self.dice.percent(6)
            {
                continue;
            }
            let (name, number) = self.who(nth, &masks);
            let person = &self.people[nth];
            let (blank, door) = households[person.family];
            let mut row = Row::new();
            let mut set = |id, cell: &str, share: usize| {
                if !self.dice.percent(share) {
                    row.insert(id, cell.to_owned());
                }
            };
            set(
                "household",
                &format!("{}{:03}", unit + 1, person.family + 1),
                0,
            );
            set("name", &name, 0);
            set("id_number", &number, 0);
            set(
                "relation_to_head",
                if person.child {
                    if person.man { "子" } else { "女儿" }
                } else if person.man {
                    "户主"
                } else {
                    "配偶"
                },
                15,
            );
            set("ethnicity", life.ethnicity, 15);
            set("nationality", "中国", 15);
            set("hukou_nature", life.hukou, 15);
            set("marriage", life.marriage, 25);
            if !blank {
                set(
                    "address",
                    &format!("{}{}号", STREETS[unit], 10 * person.family + door + 1),
                    10,
                );
            }
            set("phone", &format!("1380000{:02}{:02}", nth, life.phone), 25);
            set(
                "registered",
                if living && !registered {
                    "外来流动"
                } else {
                    "本地户籍"
                },
                0,
            );
            if living && !registered {
                set("living", "在住", 0);
                set("origin", "外省某县", 30);
            } else {
                set("living", if living || stale { "在住" } else { "空挂" }, 15);
            }
            if let Some(day) = life.moved_in.get(&unit) {
                set("moved_in", &day.to_string(), 25);
            }
            if let Some(left) = left.filter(|_| !(registered || living)) {
                set("left_on", &left.to_string(), 0);
                set("left_reason", "迁出", 50);
            }
            set("household_kind", "家庭户", 15);
            row.append(&mut born(&number, &mut self.dice, 15));
            rows.push(row);
        }
        self.dice.shuffle(&mut rows);
        rows
    }

    /// Who is known to the communities, and to the insurance of the street.
    fn residents(&mut self) {
        for day in DAYS {
            let day = self.dice.around(day, 12);
            for (roster, unit) in [
                ("residents-community", UNITS[0]),
                ("residents-community", UNITS[1]),
                ("residents-community", UNITS[2]),
                ("residents-insurance", STREET),
            ] {
                if !self.dice.percent(30) {
                    continue;
                }
                let masks = self.masks();
                let mut rows = Vec::new();
                for nth in 0..self.people.len() {
                    let home = UNITS[self.people[nth].family % UNITS.len()];
                    if !self.dice.percent(if unit == STREET || unit == home {
                        80
                    } else {
                        15
                    }) {
                        continue;
                    }
                    let (name, number) = self.who(nth, &masks);
                    let mut row = born(&number, &mut self.dice, 20);
                    row.insert("name", name);
                    if self.dice.percent(60) {
                        row.insert(
                            "phone",
                            format!("1370000{:02}{:02}", nth, self.dice.below(3)),
                        );
                    }
                    if self.dice.percent(75) {
                        row.insert(
                            "address",
                            format!("新华路{}号", 10 * nth + self.dice.below(3)),
                        );
                    }
                    row.insert("id_number", number);
                    rows.push(row);
                }
                self.send(roster, unit, day, rows);
            }
        }
    }

    /// Marriages, children, births and certificates.
    fn families(&mut self) {
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
    fn singles(&mut self) {
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

    /// The lists, and what else is done: sent again, merged, taken back.
    fn into_history(mut self) -> History {
        let mut units = vec![Row::from([
            ("code", STREET.to_owned()),
            ("name", "试验街道".to_owned()),
            ("level", "街道".to_owned()),
        ])];
        for (unit, name) in UNITS.iter().zip(["前进社区", "后进社区", "和平社区"]) {
            let name = name.to_owned();
            units.push(Row::from([
                ("code", (*unit).to_owned()),
                ("name", name),
                ("level", "社区".to_owned()),
            ]));
        }
        let units = List {
            roster: "units",
            unit: STREET,
            on: date(2025, 1, 1),
            sent: Sent::Guarded,
            rows: units,
        };
        let mut history = History::default();
        history.deeds.push(Deed::List(units));
        history.deeds.extend(self.lists.drain(..).map(Deed::List));
        let lists = history.deeds.len();
        if lists > 1 {
            self.again(&mut history, lists);
            let taken_back = self.taken_back(&mut history, lists);
            self.merged(&mut history, &taken_back);
        }
        for nth in 1..history.deeds.len() {
            history.after.insert((nth, 0));
        }
        history
    }

    /// Lists that come twice: the same file, or its rows in another order.
    fn again(&mut self, history: &mut History, lists: usize) {
        for _ in 0..self.dice.below(3) {
            let mut deed = history.deeds[1 + self.dice.below(lists - 1)].clone();
            if let Deed::List(list) = &mut deed
                && self.dice.percent(50)
            {
                self.dice.shuffle(&mut list.rows);
            }
            history.deeds.push(deed);
        }
    }

    fn taken_back(&mut self, history: &mut History, lists: usize) -> BTreeSet<usize> {
        let mut taken_back = BTreeSet::new();
        for _ in 0..self.dice.below(4) {
            let of = 1 + self.dice.below(lists - 1);
            if !taken_back.insert(of) {
                continue;
            }
            let undo = history.deeds.len();
            history.deeds.push(Deed::Undo(of));
            history.after.insert((undo, of));
            // The same file sent twice: what is sent after the undo stands.
            for again in lists..undo {
                if history.deeds[again].same(&history.deeds[of]) {
                    history.after.insert((again, undo));
                }
            }
            // A list that was withdrawn may come in another version.
            if self.dice.percent(40)
                && let Deed::List(list) = &history.deeds[of]
            {
                let mut list = list.clone();
                if list.rows.len() > 1 {
                    list.rows.remove(self.dice.below(list.rows.len()));
                    let same = |deed: &Deed| matches!(deed, Deed::List(other) if (other.roster, other.unit, other.on) == (list.roster, list.unit, list.on));
                    if history.deeds.iter().filter(|deed| same(deed)).count() == 1 {
                        history.deeds.push(Deed::List(list));
                    }
                }
            }
        }
        taken_back
    }

    fn merged(&mut self, history: &mut History, taken_back: &BTreeSet<usize>) {
        for nth in 0..self.people.len() {
            let Some((_, alias)) = self.people[nth].alias.clone() else {
                continue;
            };
            let number = self.people[nth].number.clone();
            let on = |number: &str, standing: bool| -> Vec<usize> {
                let deeds = history.deeds.iter().enumerate();
                let lists = deeds.filter(|(nth, deed)| {
                    matches!(deed, Deed::List(list) if list.names(number))
                        && !(standing && taken_back.contains(nth))
                });
                lists.map(|(nth, _)| nth).collect()
            };
            if on(&number, true).is_empty() || on(&alias, true).is_empty() || self.dice.percent(25)
            {
                continue;
            }
            let before = [on(&number, false), on(&alias, false)].concat();
            let (kept, double) = if self.dice.percent(50) {
                (number, alias)
            } else {
                (alias, number)
            };
            let merge = history.deeds.len();
            history
                .after
                .extend(before.into_iter().map(|before| (merge, before)));
            history.deeds.push(Deed::Merge { kept, double });
            if self.dice.percent(25) {
                history.after.insert((history.deeds.len(), merge));
                history.deeds.push(Deed::Undo(merge));
            }
        }
    }
}

impl Life {
    /// What happens to somebody until a day.
    fn go_on(&mut self, dice: &mut Dice, day: Date) {
        let came = if dice.percent(85) {
            dice.around(day, 30)
        } else {
            day
        };
        let unit = dice.below(UNITS.len());
        match dice.below(100) {
            0..18 => {
                if let Some(old) = self.registered.filter(|old| *old != unit) {
                    self.left.insert(old, came);
                }
                (self.registered, self.living) = (Some(unit), Some(unit));
                self.moved_in.insert(unit, came);
            }
            18..26 => {
                for old in [self.registered.take(), self.living.take()]
                    .into_iter()
                    .flatten()
                {
                    self.left.insert(old, came);
                }
            }
            26..38 => {
                self.living = Some(unit);
                if self.registered != Some(unit) {
                    self.moved_in.insert(unit, came);
                }
            }
            38..42 => self.living = None,
            _ => {}
        }
        for unit in [self.registered, self.living].into_iter().flatten() {
            self.left.remove(&unit);
        }
        if dice.percent(15) {
            self.phone += 1;
        }
        if dice.percent(12) {
            self.marriage = dice.pick::<&str>(&["初婚", "再婚", "丧偶", "离婚"]);
        }
        if dice.percent(10) {
            self.hukou = dice.pick::<&str>(&["农业", "非农业"]);
        }
        if dice.percent(6) {
            self.ethnicity = dice.pick::<&str>(&["汉族", "满族"]);
        }
    }
}

/// A row doesn't say that something ended before it began.
fn ends_after_it_began(row: &mut Row) {
    for (from, until) in [
        ("moved_in", "left_on"),
        ("married_on", "divorced_on"),
        ("since", "until"),
    ] {
        if row
            .get(until)
            .is_some_and(|until| row.get(from).is_some_and(|from| from >= until))
        {
            row.remove(until);
        }
    }
}

/// Sex and birth as a number says them, some cells blank.
fn born(number: &str, dice: &mut Dice, share: usize) -> Row {
    let mut row = Row::new();
    if !dice.percent(share) {
        let odd = number.as_bytes()[16] % 2 == 1;
        row.insert("sex", if odd { "男" } else { "女" }.to_owned());
    }
    if !dice.percent(share) {
        row.insert("birth_date", birth_of(number).to_string());
    }
    row
}
