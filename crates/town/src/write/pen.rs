//! The hand of a sender: how ID numbers, names, dates and telephones end up in a list.
//! Promises that whatever it writes still says the same; what must be refused is written by [`Pen::spoil`] only.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::day::Day;
use crate::dice::Dice;
use crate::identity::check_character;
use crate::model::Person;

/// A cell of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A whole number.
    Number(u32),
    /// A date cell (in text files, text).
    Date(Day),
}

impl Cell {
    /// What a text says, without blanks.
    pub fn words(&self) -> Option<String> {
        match self {
            Cell::Text(text) => Some(text.chars().filter(|c| !c.is_whitespace()).collect()),
            _ => None,
        }
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() {
            Cell::Blank
        } else {
            Cell::Text(text)
        }
    }
}

/// One sender's habits in one file.
pub struct Pen {
    /// Names that no row to be refused may have.
    pub spared: Arc<BTreeSet<String>>,
    pub dice: Dice,
    /// Chances in ten thousand are multiplied by it; 0 writes cleanly.
    slovenly: u32,
    dates: u32,
    /// Chooses among ways of putting the same thing.
    pub habit: u32,
}

/// A row that must be refused: what is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoilt {
    /// Wrong check character.
    Check,
    /// Sixteen digits.
    Short,
    /// A birthday in 2031.
    Future,
    /// No name.
    Nameless,
}

impl Pen {
    pub fn new(seed: u64, purpose: &str) -> Pen {
        let mut dice = Dice::new(seed, purpose);
        let slovenly = 1 + dice.below(4);
        let dates = dice.below(6);
        let habit = dice.below(1000);
        Pen {
            spared: Arc::default(),
            dice,
            slovenly,
            dates,
            habit,
        }
    }

    fn slip(&mut self, in_ten_thousand: u32) -> bool {
        self.dice.below(10_000) < in_ten_thousand * self.slovenly
    }

    /// An ID number.
    pub fn id(&mut self, person: &Person) -> Cell {
        let id = person.id_text();
        let year = person.birth.year();
        if id.ends_with('X') && self.slip(900) {
            return Cell::Text(id.to_lowercase());
        }
        if !self.slip(110) {
            return Cell::Text(id);
        }
        Cell::Text(match self.dice.below(6) {
            0 => id.chars().map(widened).collect(),
            1 => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
            2 => format!("'{id}"),
            3 => format!(" {id} "),
            4 if (1900..2000).contains(&year) => format!("{}{}", &id[..6], &id[8..17]),
            _ => format!("{id}\u{a0}"),
        })
    }

    /// A name.
    pub fn name(&mut self, person: &Person) -> Cell {
        let name = person.full_name();
        if !self.slip(60) {
            return Cell::Text(name);
        }
        let space = if self.dice.chance(500) {
            " "
        } else {
            "\u{3000}"
        };
        let letters: Vec<String> = name.chars().map(String::from).collect();
        Cell::Text(if letters.len() == 2 {
            letters.join(space)
        } else {
            format!("{name} ")
        })
    }

    /// A date.
    pub fn date(&mut self, day: Day) -> Cell {
        let style = if self.slip(70) {
            self.dice.below(6)
        } else {
            self.dates
        };
        let (year, month, of_month) = day.parts();
        Cell::Text(match style {
            0 => day.dashed(),
            1 => format!("{year}.{month}.{of_month}"),
            2 => day.digits(),
            3 => format!("{year}年{month}月{of_month}日"),
            4 => return Cell::Date(day),
            _ => format!("{year}/{month}/{of_month}"),
        })
    }

    /// A date, if there is one.
    pub fn maybe(&mut self, day: Option<Day>) -> Cell {
        day.map_or(Cell::Blank, |day| self.date(day))
    }

    /// A telephone number.
    pub fn phone(&mut self, number: u64) -> Cell {
        let plain = number.to_string();
        if number == 0 {
            return Cell::Blank;
        }
        if !self.slip(90) {
            return Cell::Text(plain);
        }
        Cell::Text(match self.dice.below(4) {
            0 => format!("{plain}（本人）"),
            1 => format!("{plain}(儿子)"),
            2 => format!("{} {} {}", &plain[..3], &plain[3..7], &plain[7..]),
            _ => format!("{}-{}-{}", &plain[..3], &plain[3..7], &plain[7..]),
        })
    }

    /// One of several ways of saying the same, always the same in one file.
    pub fn wording<'a>(&self, ways: &[&'a str]) -> &'a str {
        ways.get(self.habit as usize % ways.len().max(1))
            .copied()
            .unwrap_or("")
    }

    /// Yuan a month.
    pub fn money(&mut self, fen: u32) -> Cell {
        if self.habit.is_multiple_of(2) && fen.is_multiple_of(100) {
            Cell::Number(fen / 100)
        } else {
            Cell::Text(format!("{}.{:02}", fen / 100, fen % 100))
        }
    }

    /// An ID number that must be refused.
    pub fn spoil(&mut self, person: &Person, how: Spoilt) -> Cell {
        let id = person.id_text();
        Cell::Text(match how {
            Spoilt::Check => {
                let wrong = if id.ends_with('7') { '3' } else { '7' };
                format!("{}{wrong}", &id[..17])
            }
            Spoilt::Short => id[..16].to_owned(),
            Spoilt::Future => {
                let leap = &id[10..14] == "0229";
                let digits = format!(
                    "{}2031{}{}",
                    &id[..6],
                    if leap { "0228" } else { &id[10..14] },
                    &id[14..17]
                );
                let check = char::from(check_character(digits.as_bytes()));
                format!("{digits}{check}")
            }
            Spoilt::Nameless => id,
        })
    }
}

/// The full-width form of a digit or letter.
fn widened(letter: char) -> char {
    match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        other => other,
    }
}
