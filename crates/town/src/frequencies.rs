//! The frequency tables in `data/`: names, ages, numbers of children, places.
//! Promises every table as it stands in its file; never draws anything that the files do not hold.

use crate::dice::{Dice, Weights};
use crate::model::{Hukou, TownSex};

/// A place of birth or origin.
pub struct Region {
    /// Six-digit code.
    pub code: &'static str,
    /// Full name.
    pub name: &'static str,
}

/// An age group of the pyramid.
pub struct AgeGroup {
    /// First and last age.
    pub ages: (i32, i32),
    /// Weight.
    pub weight: u32,
    /// Per mille of women married, widowed, divorced.
    pub shares: [u32; 3],
}

/// The given names of a generation and sex.
struct Generation {
    from: i32,
    sex: TownSex,
    one: Letters,
    first: Letters,
    second: Letters,
    whole: Vec<&'static str>,
    shape: Weights,
}

/// Characters by weight.
#[derive(Default)]
struct Letters {
    letters: Vec<char>,
    weights: Vec<u32>,
    draw: Weights,
}

/// All tables, read once.
pub struct Frequencies {
    surnames: Vec<&'static str>,
    surname_weights: Weights,
    generations: Vec<Generation>,
    /// Ethnic groups.
    pub ethnicities: Vec<&'static str>,
    ethnicity_weights: Weights,
    /// Places.
    pub regions: Vec<Region>,
    native_weights: Weights,
    migrant_weights: Weights,
    /// The pyramid.
    pub ages: Vec<AgeGroup>,
    parities: Vec<(Hukou, i32, i32, Weights)>,
    /// Names of streets, communities, roads, villages.
    pub places: [Vec<&'static str>; 4],
}

/// The fields of each line that is not a comment.
fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

fn text(fields: &[&'static str], at: usize) -> &'static str {
    fields.get(at).copied().unwrap_or("")
}

fn number(fields: &[&'static str], at: usize) -> u32 {
    text(fields, at).parse().unwrap_or(0)
}

fn year(fields: &[&'static str], at: usize) -> i32 {
    text(fields, at).parse().unwrap_or(0)
}

impl Frequencies {
    /// Reads the tables that are part of the program.
    pub fn read() -> Frequencies {
        let surnames: Vec<_> = lines(include_str!("../data/surnames.tsv")).collect();
        let groups: Vec<_> = lines(include_str!("../data/ethnicities.tsv")).collect();
        let regions: Vec<_> = lines(include_str!("../data/regions.tsv")).collect();
        let weights =
            |rows: &[Vec<&'static str>], at| Weights::new(rows.iter().map(|row| number(row, at)));
        Frequencies {
            surname_weights: weights(&surnames, 1),
            surnames: surnames.iter().map(|row| text(row, 0)).collect(),
            generations: read_generations(),
            ethnicity_weights: weights(&groups, 1),
            ethnicities: groups.iter().map(|row| text(row, 0)).collect(),
            native_weights: weights(&regions, 2),
            migrant_weights: weights(&regions, 3),
            regions: regions
                .iter()
                .map(|row| Region {
                    code: text(row, 0),
                    name: text(row, 1),
                })
                .collect(),
            ages: read_ages(),
            parities: read_parities(),
            places: read_places(),
        }
    }

    /// A surname.
    pub fn surname(&self, dice: &mut Dice) -> &'static str {
        text(&self.surnames, self.surname_weights.draw(dice))
    }

    /// Whether a full name begins with a surname of two characters.
    pub fn is_double_surname(&self, name: &str) -> bool {
        self.surnames
            .iter()
            .any(|surname| surname.chars().count() == 2 && name.starts_with(surname))
    }

    /// A given name of one born in a year.
    pub fn given_name(&self, dice: &mut Dice, sex: TownSex, born: i32) -> [char; 2] {
        let fits = |generation: &&Generation| generation.sex == sex && generation.from <= born;
        let Some(generation) = self.generations.iter().rev().find(fits) else {
            return ['一', '\0'];
        };
        match generation.shape.draw(dice) {
            0 => [generation.one.pick(dice), '\0'],
            1 => [generation.first.pick(dice), generation.second.pick(dice)],
            _ => {
                let mut letters = dice.pick(&generation.whole).copied().unwrap_or("").chars();
                [
                    letters.next().unwrap_or('一'),
                    letters.next().unwrap_or('\0'),
                ]
            }
        }
    }

    /// An ethnic group's index.
    pub fn ethnicity(&self, dice: &mut Dice) -> u8 {
        u8::try_from(self.ethnicity_weights.draw(dice)).unwrap_or(0)
    }

    /// A native's place of birth.
    pub fn native_region(&self, dice: &mut Dice) -> u16 {
        u16::try_from(self.native_weights.draw(dice)).unwrap_or(0)
    }

    /// A migrant's place of origin.
    pub fn migrant_region(&self, dice: &mut Dice) -> u16 {
        u16::try_from(self.migrant_weights.draw(dice)).unwrap_or(0)
    }

    /// How many children a marriage has had.
    pub fn children_ever(&self, dice: &mut Dice, hukou: Hukou, wife_born: i32) -> usize {
        let fits = |row: &&(Hukou, i32, i32, Weights)| {
            row.0 == hukou && row.1 <= wife_born && wife_born <= row.2
        };
        self.parities
            .iter()
            .find(fits)
            .map_or(0, |row| row.3.draw(dice))
    }
}

impl Letters {
    fn add(&mut self, weight: u32, letters: &str) {
        for letter in letters.chars() {
            self.letters.push(letter);
            self.weights.push(weight);
        }
        self.draw = Weights::new(self.weights.iter().copied());
    }

    fn pick(&self, dice: &mut Dice) -> char {
        self.letters
            .get(self.draw.draw(dice))
            .copied()
            .unwrap_or('一')
    }
}

fn read_generations() -> Vec<Generation> {
    let mut all: Vec<Generation> = Vec::new();
    for row in lines(include_str!("../data/given-names.tsv")) {
        let (from, weight) = (year(&row, 0), number(&row, 3));
        let sex = if text(&row, 1) == "m" {
            TownSex::Male
        } else {
            TownSex::Female
        };
        if all
            .last()
            .is_none_or(|last| last.from != from || last.sex != sex)
        {
            let (one, first, second) = Default::default();
            let (whole, shape) = Default::default();
            all.push(Generation {
                from,
                sex,
                one,
                first,
                second,
                whole,
                shape,
            });
        }
        let Some(last) = all.last_mut() else { continue };
        match text(&row, 2) {
            "one" => last.one.add(weight, text(&row, 4)),
            "first" => last.first.add(weight, text(&row, 4)),
            "second" => last.second.add(weight, text(&row, 4)),
            _ => last.whole = text(&row, 4).split(' ').collect(),
        }
    }
    for generation in &mut all {
        generation.shape = Weights::new(match generation.from {
            ..1950 => [130, 620, 250],
            1950..1970 => [250, 560, 190],
            1970..2000 => [400, 480, 120],
            _ => [110, 700, 190],
        });
    }
    all
}

fn read_ages() -> Vec<AgeGroup> {
    lines(include_str!("../data/ages.tsv"))
        .map(|row| AgeGroup {
            ages: (year(&row, 0), year(&row, 1)),
            weight: number(&row, 2),
            shares: [3, 4, 5].map(|at| number(&row, at)),
        })
        .collect()
}

fn read_parities() -> Vec<(Hukou, i32, i32, Weights)> {
    lines(include_str!("../data/children-ever.tsv"))
        .map(|row| {
            let hukou = if text(&row, 0) == "a" {
                Hukou::Agricultural
            } else {
                Hukou::NonAgricultural
            };
            (
                hukou,
                year(&row, 1),
                year(&row, 2),
                Weights::new((3..9).map(|at| number(&row, at))),
            )
        })
        .collect()
}

fn read_places() -> [Vec<&'static str>; 4] {
    let mut rows =
        lines(include_str!("../data/communities.tsv")).map(|row| row.into_iter().skip(1).collect());
    [(); 4].map(|()| rows.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_tables_are_well_formed() {
        let tables = Frequencies::read();
        assert!(tables.surnames.len() > 150);
        assert!(
            tables
                .surnames
                .iter()
                .all(|name| (1..=2).contains(&name.chars().count()))
        );
        assert_eq!(tables.generations.len(), 12);
        for generation in &tables.generations {
            assert!(generation.one.letters.len() > 3 && generation.second.letters.len() > 8);
            assert!(
                generation
                    .whole
                    .iter()
                    .all(|name| (1..=2).contains(&name.chars().count()))
            );
        }
        assert!(
            tables
                .regions
                .iter()
                .all(|region| region.code.len() == 6 && region.code.parse::<u32>().is_ok())
        );
        assert!(tables.places.iter().all(|names| names.len() >= 20));
        assert_eq!(tables.ages.len(), 17);
        for hukou in [Hukou::Agricultural, Hukou::NonAgricultural] {
            for born in 1900..=2010 {
                assert!(
                    tables
                        .parities
                        .iter()
                        .any(|row| row.0 == hukou && row.1 <= born && born <= row.2)
                );
            }
        }
    }
}
