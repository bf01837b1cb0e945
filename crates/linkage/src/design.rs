//! What is compared, and which pairs are looked at: declared, because every table is different. A design is read from TOML
//! and checked against the tables' columns; faults name the place and what would be understood.

use kernel::Lang;
use serde::Deserialize;

/// The most fields that can be compared: a pair's levels are kept in one 64-bit word, four bits each.
const MOST_FIELDS: usize = 16;

/// What is compared and how pairs are found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// The column that names a record in results; without it, the row's number does.
    pub id: Option<String>,
    /// How probable a pair must be to be taken for one person.
    #[serde(default = "usual_threshold")]
    pub threshold: f64,
    /// Pairs at least so probable are told, too: those a person should look at.
    #[serde(default = "usual_review")]
    pub review: f64,
    /// Whether a source lists nobody twice, so that a record matches at most one of each other source.
    #[serde(default = "yes")]
    pub one_to_one: bool,
    /// What the records of one household have in common within a source; nothing if households are not known.
    #[serde(default)]
    pub household: Vec<Part>,
    /// The fields.
    #[serde(rename = "field")]
    pub fields: Vec<FieldDesign>,
    /// The keys: a pair is looked at if it agrees on at least one.
    #[serde(rename = "candidates")]
    pub keys: Vec<Key>,
}

/// A field to compare.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDesign {
    /// Its column.
    pub column: String,
    /// How its values are compared.
    #[serde(rename = "as")]
    pub comparator: Comparator,
    /// Whether rare values weigh more than common ones.
    #[serde(default = "yes")]
    pub frequency: bool,
    /// Another column whose value may have been put here by mistake.
    pub swapped_with: Option<String>,
}

/// How the values of a field are compared.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Comparator {
    /// Equal or not.
    Exact,
    /// Words: by Jaro–Winkler similarity, from 0.94, from 0.88, from 0.7.
    Text,
    /// House numbers, postcodes, telephones: equal, or one digit wrong, missing, too many, or two neighbours exchanged.
    Digits,
    /// Chinese names: equal, the same but for variant characters, the same by sound, one character off, the given name only,
    /// the surname only. Sound proposes; what it is worth is learnt.
    Name,
    /// Chinese addresses: equal, the same door, the same house, the same road; what comes before may be left out.
    Address,
    /// Dates as year, month and day: equal, day and month exchanged, one digit off, two of the three parts equal, year equal.
    Date,
}

/// What two records have in common to be looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// All of these are equal, and none is blank.
    pub on: Vec<Part>,
    /// Whether its pairs are learnt from. Not from a key that families share: they are alike without being one person.
    #[serde(default = "yes")]
    pub learn: bool,
}

/// A column, or a piece of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// The whole value.
    Whole(String),
    /// A piece of it.
    KeyPiece {
        /// The column.
        column: String,
        /// Which piece.
        piece: KeyPiece,
    },
}

/// A piece of a value.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPiece {
    /// The whole value as it is compared.
    Whole,
    /// Its first character.
    Initial,
    /// Its first three characters.
    Start,
    /// Its last four characters.
    End,
    /// How a Chinese name sounds, without tones; for other names the first letter and the consonants after it.
    Sound,
    /// The surname of a Chinese name, in standard characters.
    Surname,
    /// The given name of a Chinese name, in standard characters.
    Given,
    /// The numbers of an address.
    Door,
    /// The characters in order of code, so that their order does not matter.
    Letters,
    /// The year of a date.
    Year,
    /// Month and day of a date, the smaller first, so that swapping them does not matter.
    MonthDay,
}

/// Why a design cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum DesignError {
    /// Not TOML, or not a design; in TOML's own words, with line and column.
    Unreadable(String),
    /// No field or no key.
    Empty,
    /// More fields than can be compared.
    TooManyFields(usize),
    /// A column that no table has.
    UnknownColumn {
        /// What the design names.
        column: String,
        /// What there is.
        known: String,
    },
    /// A probability outside 0 to 1, or a review threshold above the other.
    NotAProbability {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A key without parts: its number from 1.
    EmptyKey(usize),
}

impl DesignError {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Unreadable(words), Lang::Zh) => format!("比对方案无法读取：{words}"),
            (Self::Unreadable(words), Lang::En) => format!("not a design: {words}"),
            (Self::Empty, Lang::Zh) => {
                "比对方案至少要有一个 [[field]] 和一个 [[candidates]]".into()
            }
            (Self::Empty, Lang::En) => {
                "a design needs at least one [[field]] and one [[candidates]]".into()
            }
            (Self::TooManyFields(count), Lang::Zh) => {
                format!("最多比较 {MOST_FIELDS} 个字段，这里有 {count} 个")
            }
            (Self::TooManyFields(count), Lang::En) => {
                format!("a design has at most {MOST_FIELDS} fields, this one has {count}")
            }
            (Self::UnknownColumn { column, known }, Lang::Zh) => {
                format!("各表都没有“{column}”列；表中的列是：{known}")
            }
            (Self::UnknownColumn { column, known }, Lang::En) => {
                format!("no table has a column “{column}”; there are: {known}")
            }
            (Self::NotAProbability { name, value }, Lang::Zh) => {
                format!("{name} = {value}：概率应在 0 与 1 之间，且 review 不高于 threshold")
            }
            (Self::NotAProbability { name, value }, Lang::En) => format!(
                "{name} = {value}: a probability lies between 0 and 1, and review is not above threshold"
            ),
            (Self::EmptyKey(at), Lang::Zh) => {
                format!("第 {at} 个 [[candidates]] 没有列名：请写 on = [\"列名\", …]")
            }
            (Self::EmptyKey(at), Lang::En) => {
                format!("[[candidates]] number {at} names no column: write on = [\"column\", …]")
            }
        }
    }
}

impl Part {
    pub(crate) fn column(&self) -> &str {
        match self {
            Part::Whole(column) | Part::KeyPiece { column, .. } => column,
        }
    }

    pub(crate) fn piece(&self) -> KeyPiece {
        match self {
            Part::Whole(_) => KeyPiece::Whole,
            Part::KeyPiece { piece, .. } => *piece,
        }
    }
}

impl Design {
    /// Reads a design.
    ///
    /// # Errors
    /// With line and column, what is not understood.
    pub fn parse(text: &str) -> Result<Self, DesignError> {
        let design: Self =
            toml::from_str(text).map_err(|error| DesignError::Unreadable(error.to_string()))?;
        if design.fields.is_empty() || design.keys.is_empty() {
            return Err(DesignError::Empty);
        }
        if design.fields.len() > MOST_FIELDS {
            return Err(DesignError::TooManyFields(design.fields.len()));
        }
        if let Some(at) = design.keys.iter().position(|key| key.on.is_empty()) {
            return Err(DesignError::EmptyKey(at + 1));
        }
        let probability = |name, value: f64, most: f64| {
            (0.0..=most)
                .contains(&value)
                .then_some(())
                .ok_or(DesignError::NotAProbability { name, value })
        };
        probability("threshold", design.threshold, 1.0)?;
        probability("review", design.review, design.threshold)?;
        Ok(design)
    }

    /// The columns the design names, each once, in the order in which [`crate::Records`] has to be given them.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let fields = self.fields.iter().flat_map(|field| {
            std::iter::once(field.column.as_str()).chain(field.swapped_with.as_deref())
        });
        let keys = self
            .keys
            .iter()
            .flat_map(|key| key.on.iter().map(Part::column));
        let household = self.household.iter().map(Part::column);
        let mut columns: Vec<&str> = Vec::new();
        for column in fields.chain(keys).chain(household) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// Where the design's columns stand in tables with these headers, in the order of [`Design::columns`]. A table may lack a
    /// column; its records are blank there.
    ///
    /// # Errors
    /// The first column that no table has.
    pub fn places(&self, headers: &[Vec<String>]) -> Result<Vec<Vec<Option<usize>>>, DesignError> {
        let columns = self.columns();
        let place =
            |header: &Vec<String>, column: &str| header.iter().position(|name| name == column);
        let nowhere = |column: &&&str| headers.iter().all(|header| place(header, column).is_none());
        if let Some(column) = columns.iter().find(nowhere) {
            let mut known: Vec<&str> = headers.iter().flatten().map(String::as_str).collect();
            known.sort_unstable();
            known.dedup();
            return Err(DesignError::UnknownColumn {
                column: (*column).to_owned(),
                known: known.join(", "),
            });
        }
        let of_table = |header| columns.iter().map(|column| place(header, column)).collect();
        Ok(headers.iter().map(of_table).collect())
    }
}

fn usual_threshold() -> f64 {
    0.95
}

fn usual_review() -> f64 {
    0.05
}

fn yes() -> bool {
    true
}
