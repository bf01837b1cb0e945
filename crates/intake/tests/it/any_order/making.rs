//! The making of a history: a few families over a year, and the lists that tell of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use kernel::IdNumber;

use super::histories::{Dice, History, List, Row, STREET, Sent, UNITS, birth_of};

mod deeds;
mod facts;

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

    /// Now and then somebody who has another name and number is on a list under both.
    fn twice(&mut self, rows: &mut Vec<Row>) {
        for at in 0..rows.len() {
            let other = self.people.iter().find_map(|person| {
                let number = rows[at].get("id_number")?;
                let (name, alias) = person.alias.as_ref()?;
                match number {
                    number if *number == person.number => Some(((*name).to_owned(), alias.clone())),
                    number if number == alias => {
                        Some((person.name.to_owned(), person.number.clone()))
                    }
                    _ => None,
                }
            });
            if let Some((name, number)) = other.filter(|_| self.dice.percent(20)) {
                let mut row = rows[at].clone();
                let born = row.get_mut("birth_date");
                born.into_iter()
                    .for_each(|born| *born = birth_of(&number).to_string());
                row.insert("name", name);
                row.insert("id_number", number);
                rows.push(row);
            }
        }
    }

    fn send(&mut self, roster: &'static str, unit: &'static str, on: Date, mut rows: Vec<Row>) {
        rows.iter_mut().for_each(ends_after_it_began);
        // Only a move is told before it happens.
        for from in ["married_on", "died_on", "born_on", "since"] {
            rows.retain(|row| row.get(from).is_none_or(|from| *from <= on.to_string()));
        }
        self.twice(&mut rows);
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
            for (unit, code) in UNITS.iter().copied().enumerate() {
                let mut rows = self.police_list(&lives, unit, before);
                rows.iter_mut().for_each(ends_after_it_began);
                if self.dice.percent(12) && rows.len() > 1 {
                    let on = self.dice.around(day, 10);
                    let mut part = rows.clone();
                    part.truncate(1 + self.dice.below(rows.len() - 1));
                    let taken = |list: &List| {
                        (list.roster, list.unit, list.on) == ("police-households", code, on)
                    };
                    if on != day && !self.lists.iter().any(taken) {
                        let sent = Sent::Part;
                        self.lists.push(List {
                            roster: "police-households",
                            unit: code,
                            on,
                            sent,
                            rows: part,
                        });
                    }
                }
                self.send("police-households", code, day, rows);
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
            // Every fourth nobody can read.
            let phone = match life.phone % 4 == 1 {
                true => format!("打不通{}", life.phone),
                false => format!("1380000{:02}{:02}", nth, life.phone),
            };
            set("phone", &phone, 25);
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
                            match self.dice.percent(15) {
                                true => "换号".to_owned(),
                                false => format!("1370000{:02}{:02}", nth, self.dice.below(3)),
                            },
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
