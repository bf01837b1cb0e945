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
    pub fn snapshot(&self) -> Vec<usize> {
        let taken_back = |nth: &usize| self.deeds.contains(&Deed::Undo(*nth));
        let mut standing: Vec<usize> = Vec::new();
        for nth in 0..self.deeds.len() {
            if matches!(self.deeds[nth], Deed::Undo(_)) || taken_back(&nth) {
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

    /// The same without one deed and those that can't be without it.
    pub fn without(&self, nth: usize) -> History {
        let mut gone = BTreeSet::from([nth]);
        for (later, deed) in self.deeds.iter().enumerate() {
            if matches!(deed, Deed::Undo(of) if gone.contains(of)) {
                gone.insert(later);
            }
        }
        let place = |at: usize| at - gone.range(..at).count();
        let mut less = History::default();
        for (at, deed) in self.deeds.iter().enumerate() {
            match deed {
                _ if gone.contains(&at) => {}
                Deed::Undo(of) => less.deeds.push(Deed::Undo(place(*of))),
                deed => less.deeds.push(deed.clone()),
            }
        }
        for (later, earlier) in &self.after {
            if !gone.contains(later) && !gone.contains(earlier) {
                less.after.insert((place(*later), place(*earlier)));
            }
        }
        // A merge without a list that names both sides can't be done.
        let lost = less.deeds.iter().position(|deed| match deed {
            Deed::Merge { kept, double } => {
                ![kept, double].into_iter().all(|number| less.names(number))
            }
            _ => false,
        });
        match lost {
            Some(lost) => less.without(lost),
            None => less,
        }
    }

    /// The same without one row of a list, if it has as many.
    pub fn without_row(&self, nth: usize, row: usize) -> Option<History> {
        let Some(Deed::List(list)) = self.deeds.get(nth) else {
            return None;
        };
        let gone = list.rows.get(row).filter(|_| list.rows.len() > 1)?.clone();
        let mut less = self.clone();
        // The same file sent twice stays the same file.
        for deed in &mut less.deeds {
            if deed.same(&self.deeds[nth])
                && let Deed::List(list) = deed
            {
                list.rows.retain(|row| *row != gone);
            }
        }
        let merges = less.deeds.iter().all(|deed| match deed {
            Deed::Merge { kept, double } => less.names(kept) && less.names(double),
            _ => true,
        });
        if merges {
            Some(less)
        } else {
            self.without_row(nth, row + 1)
        }
    }

    fn names(&self, number: &str) -> bool {
        let taken_back = |nth: usize| self.deeds.contains(&Deed::Undo(nth));
        let mut deeds = self.deeds.iter().enumerate();
        deeds.any(|(nth, deed)| matches!(deed, Deed::List(list) if list.names(number) && !taken_back(nth)))
    }
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
            }
        }
        writeln!(f, "after: {:?}", self.after)
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
