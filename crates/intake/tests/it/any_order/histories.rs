//! Random histories of a tiny town, as its lists tell them: who was where and since when, who married, bore, died, lost work or was
//! paid; whole lists and parts, lists sent again, people who turn out to be one, and any of it taken back.
//!
//! Cells are written as a careful clerk writes them. What would depend on the order by design isn't made: two different lists of one
//! roster, unit and day that both stand, or one list that says two values of one field.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::IdNumber;

pub const STREET: &str = "210203001000";
pub const UNITS: [&str; 3] = ["210203001001", "210203001002", "210203001003"];

const ROSTERS: &[&str] = &[
    "police-households",
    "residents-community",
    "residents-insurance",
    "marriages",
    "children",
    "births",
    "certificates",
    "deaths",
    "employment",
    "benefits",
];

/// A row: the cells that aren't blank, by column.
pub type Row = BTreeMap<&'static str, String>;

/// Whether who isn't on a list has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Left to the guard.
    Guarded,
    /// Said to be whole.
    Whole,
    /// Said to be a part.
    Part,
}

/// A list: of one roster, by one unit, as of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub roster: &'static str,
    pub unit: &'static str,
    pub on: Date,
    pub sent: Sent,
    pub rows: Vec<Row>,
}

/// Something done to the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A list is taken.
    List(List),
    /// Two people turn out to be one: their ID numbers.
    Merge { kept: String, double: String },
    /// An earlier deed, by its number, is taken back.
    Undo(usize),
    /// Nothing is done.
    Nothing,
}

/// Deeds, and which of them must come after which (later, earlier).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    pub deeds: Vec<Deed>,
    pub after: BTreeSet<(usize, usize)>,
}

impl List {
    /// The text of the file.
    pub fn csv(&self) -> String {
        let columns = columns(self.roster);
        let mut text = String::new();
        let heads: Vec<&str> = columns.iter().map(|(_, head)| *head).collect();
        text.push_str(&(heads.join(",") + "\r\n"));
        for row in &self.rows {
            let cells = columns
                .iter()
                .map(|(id, _)| row.get(id).map_or("", |cell| cell));
            text.push_str(&(cells.collect::<Vec<_>>().join(",") + "\r\n"));
        }
        text
    }

    /// Whether another is the same list: the order of its rows says nothing.
    pub fn same(&self, other: &List) -> bool {
        let about = |list: &List| (list.roster, list.unit, list.on, list.sent);
        about(self) == about(other) && sorted(&self.rows) == sorted(&other.rows)
    }

    /// Whether an ID number stands on it.
    pub fn names(&self, number: &str) -> bool {
        let mut cells = self.rows.iter().flat_map(BTreeMap::values);
        cells.any(|cell| cell == number)
    }
}

impl Deed {
    /// Whether doing another after it does nothing.
    pub fn same(&self, other: &Deed) -> bool {
        match (self, other) {
            (Deed::List(list), Deed::List(other)) => list.same(other),
            _ => self == other,
        }
    }
}

fn sorted(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort();
    rows
}

impl History {
    /// The deeds that stand when all are done.
    pub fn stands(&self) -> Vec<usize> {
        let taken_back = |nth: &usize| self.deeds.contains(&Deed::Undo(*nth));
        let mut standing: Vec<usize> = Vec::new();
        for nth in 0..self.deeds.len() {
            if matches!(self.deeds[nth], Deed::Undo(_) | Deed::Nothing) || taken_back(&nth) {
                continue;
            }
            let before = |earlier: &usize| self.deeds[*earlier].same(&self.deeds[nth]);
            if !standing.iter().any(before) {
                standing.push(nth);
            }
        }
        standing
    }

    /// A random order that keeps what must come first first.
    pub fn order(&self, dice: &mut Dice) -> Vec<usize> {
        let mut order = Vec::new();
        let mut left: Vec<usize> = (0..self.deeds.len()).collect();
        while !left.is_empty() {
            let waits = |nth: &usize| {
                let mut before = self.after.iter().filter(|(later, _)| later == nth);
                before.any(|(_, earlier)| left.contains(earlier))
            };
            let free: Vec<usize> = left.iter().copied().filter(|nth| !waits(nth)).collect();
            let next = *dice.pick(&free);
            left.retain(|nth| *nth != next);
            order.push(next);
        }
        order
    }

    /// The same without one deed, and without what takes it back.
    pub fn without(&self, nth: usize) -> History {
        let mut less = self.clone();
        for (at, deed) in less.deeds.iter_mut().enumerate() {
            if at == nth || *deed == Deed::Undo(nth) {
                *deed = Deed::Nothing;
            }
        }
        less
    }

    /// The same without one row of a list, if it has as many.
    pub fn without_row(&self, nth: usize, row: usize) -> Option<History> {
        let Deed::List(list) = self.deeds.get(nth)? else {
            return None;
        };
        let gone = list.rows.get(row).filter(|_| list.rows.len() > 1)?;
        let mut less = self.clone();
        // The same file sent twice stays the same file.
        for deed in &mut less.deeds {
            if deed.same(&self.deeds[nth])
                && let Deed::List(list) = deed
            {
                list.rows.retain(|row| row != gone);
            }
        }
        Some(less)
    }
}

impl History {
    /// A history as it is printed, without the list of units, which comes first.
    pub fn read(text: &str) -> History {
        let mut history = History::default();
        history.deeds.push(units());
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = words.first().and_then(|word| word.strip_suffix(':'));
            if let Some(nth) = number.and_then(|number| number.parse().ok()) {
                history.deeds.resize(nth, Deed::Nothing);
            }
            match words[..] {
                [_, "undo", of] => history.deeds.push(Deed::Undo(of.parse().unwrap())),
                [_, "merge", double, "into", kept] => history.deeds.push(Deed::Merge {
                    kept: kept.to_owned(),
                    double: double.to_owned(),
                }),
                [nth, roster, unit, on, sent] if nth.ends_with(':') => {
                    history.deeds.push(Deed::List(List {
                        roster: known(ROSTERS, roster),
                        unit: known(&[&[STREET], &UNITS[..]].concat(), unit),
                        on: on.parse().unwrap(),
                        sent: match sent {
                            "Whole" => Sent::Whole,
                            "Part" => Sent::Part,
                            _ => Sent::Guarded,
                        },
                        rows: Vec::new(),
                    }));
                }
                _ => {
                    let Some(Deed::List(list)) = history.deeds.last_mut() else {
                        continue;
                    };
                    let columns: Vec<&str> =
                        columns(list.roster).iter().map(|(id, _)| *id).collect();
                    let cells = words.iter().filter_map(|word| word.split_once('='));
                    let cells = cells.map(|(id, cell)| (known(&columns, id), cell.to_owned()));
                    list.rows.push(cells.collect());
                }
            }
        }
        for nth in 1..history.deeds.len() {
            history.after.insert((nth, 0));
            match history.deeds[nth] {
                Deed::Undo(of) => drop(history.after.insert((nth, of))),
                Deed::Merge { .. } => history.after.extend((1..nth).map(|before| (nth, before))),
                Deed::List(_) | Deed::Nothing => {}
            }
        }
        history
    }
}

/// The list of units.
pub fn units() -> Deed {
    let units = [
        (STREET, "试验街道", "街道"),
        (UNITS[0], "前进社区", "社区"),
        (UNITS[1], "后进社区", "社区"),
        (UNITS[2], "和平社区", "社区"),
    ];
    let rows = units.map(|(code, name, level)| {
        let cells = [("code", code), ("name", name), ("level", level)];
        Row::from(cells.map(|(id, cell)| (id, cell.to_owned())))
    });
    Deed::List(List {
        roster: "units",
        unit: STREET,
        on: date(2025, 1, 1),
        sent: Sent::Guarded,
        rows: rows.to_vec(),
    })
}

/// A word that is one of some.
fn known(words: &[&'static str], word: &str) -> &'static str {
    words.iter().find(|known| **known == word).unwrap()
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, deed) in self.deeds.iter().enumerate() {
            match deed {
                Deed::List(list) => {
                    writeln!(
                        f,
                        "{nth}: {} {} {} {:?}",
                        list.roster, list.unit, list.on, list.sent
                    )?;
                    for row in &list.rows {
                        let cells = row.iter().map(|(id, cell)| format!("{id}={cell}"));
                        writeln!(f, "     {}", cells.collect::<Vec<_>>().join(" "))?;
                    }
                }
                Deed::Merge { kept, double } => writeln!(f, "{nth}: merge {double} into {kept}")?,
                Deed::Undo(of) => writeln!(f, "{nth}: undo {of}")?,
                Deed::Nothing => {}
            }
        }
        Ok(())
    }
}

/// Numbers drawn one after the other, the same for the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.draw() % limit as u64).unwrap_or(0)
    }

    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.below(at + 1));
        }
    }

    pub fn around(&mut self, day: Date, days: usize) -> Date {
        let back =
            i64::try_from(self.below(2 * days)).unwrap_or(0) - i64::try_from(days).unwrap_or(0);
        day.checked_add(back.days()).unwrap_or(day)
    }
}

/// The date of birth in an ID number.
pub fn birth_of(number: &str) -> Date {
    number
        .parse::<IdNumber>()
        .map_or(Date::MIN, |number| number.birth())
}

/// The columns of a roster, each with its heading.
fn columns(roster: &str) -> &'static [(&'static str, &'static str)] {
    match roster {
        "units" => &[
            ("code", "单位代码"),
            ("name", "单位名称"),
            ("level", "级别"),
        ],
        "police-households" => &[
            ("household", "户号"),
            ("relation_to_head", "与户主关系"),
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("sex", "性别"),
            ("birth_date", "出生日期"),
            ("ethnicity", "民族"),
            ("nationality", "国籍"),
            ("hukou_nature", "户口性质"),
            ("marriage", "婚姻状况"),
            ("address", "住址"),
            ("phone", "联系电话"),
            ("registered", "户籍情况"),
            ("living", "居住情况"),
            ("moved_in", "迁入日期"),
            ("origin", "户籍地"),
            ("left_on", "减少日期"),
            ("left_reason", "减少原因"),
            ("household_kind", "户类别"),
        ],
        "marriages" => &[
            ("husband_name", "男方姓名"),
            ("husband_id", "男方身份证号"),
            ("wife_name", "女方姓名"),
            ("wife_id", "女方身份证号"),
            ("married_on", "登记日期"),
            ("divorced_on", "离婚日期"),
        ],
        "children" => &[
            ("father_name", "父亲姓名"),
            ("father_id", "父亲身份证号"),
            ("mother_name", "母亲姓名"),
            ("mother_id", "母亲身份证号"),
            ("child_name", "子女姓名"),
            ("child_id", "子女身份证号"),
            ("child_status", "子女现状"),
            ("died_on", "死亡日期"),
            ("adopted", "是否收养"),
        ],
        "births" => &[
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("born_on", "出生日期"),
            ("mother_name", "母亲姓名"),
            ("mother_id", "母亲身份证号"),
        ],
        "certificates" => &[
            ("number", "证号"),
            ("father_name", "父亲姓名"),
            ("father_id", "父亲身份证号"),
            ("mother_name", "母亲姓名"),
            ("mother_id", "母亲身份证号"),
            ("child_name", "子女姓名"),
            ("child_id", "子女身份证号"),
            ("issued", "发证日期"),
            ("status", "证件状态"),
        ],
        "deaths" => &[
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("died_on", "死亡日期"),
        ],
        "employment" => &[
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("status", "就业状态"),
            ("since", "失业日期"),
            ("cause", "失业原因"),
            ("retired_on", "退休日期"),
        ],
        "benefits" => &[
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("programme", "项目"),
            ("since", "起始日期"),
            ("until", "停发日期"),
            ("monthly", "月标准"),
        ],
        _ => &[
            ("name", "姓名"),
            ("id_number", "公民身份号码"),
            ("sex", "性别"),
            ("birth_date", "出生日期"),
            ("phone", "联系电话"),
            ("address", "住址"),
        ],
    }
}
