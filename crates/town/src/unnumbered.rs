//! Four departments' lists of everyone who lives here, without ID numbers and with slips: what has to be linked by names, dates,
//! telephones and addresses. The column 真值 says who each row is, for measuring only. Same town, same noise, same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use crate::day::Day;
use crate::dice::Dice;
use crate::error::TownError;
use crate::frequencies::Frequencies;
use crate::model::{Person, Town, TownSex, Who};
use crate::write::lists::{Desk, Share};
use crate::write::sheet::Headers;

/// How careless the departments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// About one row in twelve has a slip.
    Low,
    /// About one row in three.
    Middle,
    /// Most rows.
    High,
}

impl Noise {
    /// From the least to the most.
    pub const ALL: [Noise; 3] = [Noise::Low, Noise::Middle, Noise::High];

    /// Its name in commands and folders.
    pub fn id(self) -> &'static str {
        match self {
            Noise::Low => "low",
            Noise::Middle => "middle",
            Noise::High => "high",
        }
    }

    /// What the chances of [`Chances`] are multiplied by, in quarters.
    fn quarters(self) -> u32 {
        match self {
            Noise::Low => 1,
            Noise::Middle => 4,
            Noise::High => 10,
        }
    }
}

/// Chances of a slip on the middle level, in ten thousand.
struct Chances;

impl Chances {
    const NAME: u32 = 400;
    const BIRTH: u32 = 300;
    const BIRTH_BLANK: u32 = 150;
    const SEX: u32 = 50;
    const PHONE_DIGIT: u32 = 150;
    const PHONE_CHANGED: u32 = 700;
    const PHONE_BLANK: u32 = 800;
    const ADDRESS_SHORT: u32 = 1_500;
    const ADDRESS_DIGIT: u32 = 200;
    const MOVED: u32 = 400;
}

/// A list: its name, and the columns it has.
const LISTS: [(&str, &[&str]); 4] = [
    ("police", &["姓名", "性别", "出生日期", "住址"]),
    ("health", &["姓名", "性别", "出生日期", "联系电话", "住址"]),
    ("insurance", &["姓名", "性别", "出生日期", "联系电话"]),
    ("community", &["姓名", "出生日期", "联系电话", "住址"]),
];

impl Town {
    /// Writes the four lists into a folder, which is made if need be; each has a row for every resident. Gives their names.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_unnumbered(&self, dir: &Path, noise: Noise) -> Result<Vec<String>, TownError> {
        crate::write::make(dir)?;
        let tables = Frequencies::read();
        let headers = Headers::read();
        let shares = Share::of(self);
        let slips = Slips::read();
        let day = self.day();
        let mut family_phones = BTreeMap::new();
        for (_, person) in self.people.iter() {
            if let (Some(home), 1..) = (&person.residence, person.phone) {
                family_phones.entry(home.household).or_insert(person.phone);
            }
        }
        LISTS
            .iter()
            .map(|(name, columns)| {
                let mut hand = Hand {
                    dice: Dice::new(self.wish.seed, &format!("unnumbered {name}")),
                    quarters: noise.quarters(),
                    slips: &slips,
                    family_phones: &family_phones,
                };
                let mut rows: Vec<Vec<String>> = Vec::new();
                for (community, share) in shares.iter().enumerate() {
                    let desk = Desk {
                        town: self,
                        tables: &tables,
                        headers: &headers,
                        community,
                        share,
                        spared: &std::sync::Arc::default(),
                    };
                    for &who in &share.people {
                        let person = desk.person(Who(who));
                        if person.resident_on(day) {
                            rows.push(hand.row(&desk, who, person, columns));
                        }
                    }
                }
                hand.dice.shuffle(&mut rows);
                let file = format!("{name}.csv");
                let mut text = format!("真值,{}\n", columns.join(","));
                for row in rows {
                    text.push_str(&row.join(","));
                    text.push('\n');
                }
                let path = dir.join(&file);
                std::fs::write(&path, text).map_err(|source| TownError::Write { path, source })?;
                Ok(file)
            })
            .collect()
    }
}

/// Characters and those they are taken for.
struct Slips {
    sound: BTreeMap<char, Vec<char>>,
    form: BTreeMap<char, Vec<char>>,
}

impl Slips {
    fn read() -> Self {
        let mut slips = Self {
            sound: BTreeMap::new(),
            form: BTreeMap::new(),
        };
        let lines = include_str!("../data/slips.tsv").lines();
        for (kind, group) in lines.filter_map(|line| line.split_once('\t')) {
            let characters: Vec<char> = group.chars().collect();
            let into = match kind {
                "sound" => &mut slips.sound,
                "form" => &mut slips.form,
                _ => continue,
            };
            for &ch in &characters {
                let others = characters.iter().copied().filter(|other| *other != ch);
                into.entry(ch).or_default().extend(others);
            }
        }
        slips
    }
}

/// The hand that writes one list.
struct Hand<'s> {
    dice: Dice,
    quarters: u32,
    slips: &'s Slips,
    /// The telephone of a household's first member that has one.
    family_phones: &'s BTreeMap<u32, u64>,
}

impl Hand<'_> {
    fn slip(&mut self, in_ten_thousand: u32) -> bool {
        self.dice.below(40_000) < in_ten_thousand * self.quarters
    }

    fn row(&mut self, desk: &Desk<'_>, who: u32, person: &Person, columns: &[&str]) -> Vec<String> {
        let cells = columns.iter().map(|column| match *column {
            "姓名" => self.name(person),
            "性别" => self.sex(person),
            "出生日期" => self.birth(person.birth),
            "联系电话" => self.phone(desk, person),
            _ => self.address(desk, person),
        });
        let cells: Vec<String> = cells.collect();
        std::iter::once(who.to_string()).chain(cells).collect()
    }

    fn name(&mut self, person: &Person) -> String {
        let name = person.full_name();
        if !self.slip(Chances::NAME) {
            return name;
        }
        let mut characters: Vec<char> = name.chars().collect();
        // The last characters of a name go wrong more often than the surname.
        let at = match self.dice.below(10) {
            0 => 0,
            _ => 1 + self.dice.index(characters.len().saturating_sub(1)),
        };
        let at = at.min(characters.len() - 1);
        let taken_for = |slips: &BTreeMap<char, Vec<char>>| slips.get(&characters[at]).cloned();
        let kind = self.dice.below(10);
        let group = match kind {
            0..=4 => taken_for(&self.slips.sound),
            5..=7 => taken_for(&self.slips.form),
            _ => None,
        };
        match group.as_deref().and_then(|group| self.dice.pick(group)) {
            Some(&other) => characters[at] = other,
            None if kind == 8 && characters.len() > 2 => {
                characters.remove(at);
            }
            None => characters.insert(at, '\u{3000}'),
        }
        characters.into_iter().collect()
    }

    fn sex(&mut self, person: &Person) -> String {
        let male = (person.sex == TownSex::Male) != self.slip(Chances::SEX);
        if male { "男" } else { "女" }.to_owned()
    }

    fn birth(&mut self, birth: Day) -> String {
        if self.slip(Chances::BIRTH_BLANK) {
            return String::new();
        }
        if !self.slip(Chances::BIRTH) {
            return birth.dashed();
        }
        let (year, month, day) = birth.parts();
        let (year, month, day) = match self.dice.below(6) {
            0 if day <= 12 => (year, day, month),
            1 => (year, month, 1 + (day + 9) % 28),
            2 => (year, 1 + month % 12, day.min(28)),
            // The day of the moon's calendar, written as if it were the sun's.
            3 => Day::new(year, month, day)
                .plus(-25 - self.dice.between(0, 20))
                .parts(),
            4 => (year + 10 * self.dice.between(0, 1) - 5, month, day.min(28)),
            _ => (year + 1 - 2 * self.dice.between(0, 1), month, day.min(28)),
        };
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Somebody without a telephone is often listed with that of the family.
    fn phone(&mut self, desk: &Desk<'_>, person: &Person) -> String {
        let family = || {
            let household = person.residence.as_ref()?.household;
            self.family_phones.get(&household).copied()
        };
        let phone = match person.phone {
            0 if person.birth.age(desk.town.day()) < 16 => family().unwrap_or(0),
            own => own,
        };
        if phone == 0 || self.slip(Chances::PHONE_BLANK) {
            return String::new();
        }
        if self.slip(Chances::PHONE_CHANGED) {
            let prefix = 13 + u64::from(self.dice.below(7));
            let rest = u64::from(self.dice.below(1_000_000_000));
            return (prefix * 1_000_000_000 + rest).to_string();
        }
        let mut digits: Vec<u8> = phone.to_string().into_bytes();
        if self.slip(Chances::PHONE_DIGIT) {
            let at = 3 + self.dice.index(8);
            digits[at] =
                b'0' + (digits[at] - b'0' + 1 + u8::try_from(self.dice.below(9)).unwrap_or(0)) % 10;
        }
        String::from_utf8(digits).unwrap_or_default()
    }

    fn address(&mut self, desk: &Desk<'_>, person: &Person) -> String {
        let Some(home) = &person.residence else {
            return String::new();
        };
        let moved = self.slip(Chances::MOVED);
        let household = if moved {
            self.dice
                .below(u32::try_from(desk.town.households.len()).unwrap_or(1))
        } else {
            home.household
        };
        let mut address = desk.address(household);
        if self.slip(Chances::ADDRESS_DIGIT) {
            let places: Vec<usize> = address
                .char_indices()
                .filter(|(_, ch)| ch.is_ascii_digit())
                .map(|(at, _)| at)
                .collect();
            if let Some(&at) = self.dice.pick(&places) {
                let digit = self.dice.below(10).to_string();
                address.replace_range(at..=at, &digit);
            }
        }
        if self.slip(Chances::ADDRESS_SHORT) {
            let community = &desk.town.communities[desk.community].name;
            if let Some(at) = address.find(community.as_str()) {
                let from = if self.dice.chance(500) {
                    at
                } else {
                    at + community.len()
                };
                address.replace_range(..from, "");
            }
            if self.dice.chance(500) {
                for (long, short) in [("号", "-"), ("单元", "-"), ("室", "")] {
                    address = address.replace(long, short);
                }
            }
        }
        address
    }
}
