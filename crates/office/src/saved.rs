//! Lists that people saved, and the columns they chose: by person, and by register. It is no truth about anybody and stands in no word; it lies
//! beside the ledger, in a file for this user of the computer only. A saved list is a query and nothing else: whoever opens it sees what
//! their posts show them then. It never holds the number of a person or a telephone. A file that can't be read is none.

use std::collections::BTreeMap;
use std::io;

use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{Lang, UnitCode, has_personal_number};
use ledger::Ledger;
use pack::Register;
use serde::{Deserialize, Serialize};
use tables::schema;

use crate::error::OfficeError;
use crate::registers::RecordQuery;
use crate::view::View;

/// The name of the file.
const FILE: &str = "saved-lists.json";
/// How it is written.
const FORMAT: u32 = 1;
/// How many lists somebody may save of a register.
pub const MOST_SAVED: usize = 20;
/// The longest name of one, in characters.
pub const LONGEST_NAME: usize = 40;
/// How long a query may be, in bytes: an address with it has to be short enough to be opened.
const LONGEST_QUERY: usize = 1_500;
/// How many people may have saved something.
const MOST_PEOPLE: usize = 1_000;

/// A list that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedList {
    /// What they call it.
    pub name: String,
    /// What it asks for: query parameters of the register's list.
    pub query: Vec<(String, String)>,
}

/// Why a list isn't saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedFault {
    /// The name is blank, or too long.
    Name,
    /// The name has the number of a person in it.
    Personal,
    /// There is one of this name.
    Taken(String),
    /// There are too many, of this person or in all.
    TooMany,
    /// The query is too long.
    TooLong,
    /// There is none of this name.
    Gone,
    /// It can't be written.
    Unwritten(String),
}

impl SavedFault {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Name, Lang::Zh) => format!("请给名单起个名字，不超过{LONGEST_NAME}个字。"),
            (Self::Name, Lang::En) => {
                format!("Give the list a name of at most {LONGEST_NAME} characters.")
            }
            (Self::Personal, Lang::Zh) => {
                "名字里不能有像证件号码或电话的数字，请换一个名字。".to_owned()
            }
            (Self::Personal, Lang::En) => {
                "The name looks as if it had an ID number or a telephone in it; choose another."
                    .to_owned()
            }
            (Self::Taken(name), Lang::Zh) => format!("已有名为“{name}”的名单，请换一个名字。"),
            (Self::Taken(name), Lang::En) => {
                format!("There is a list called “{name}” already; choose another name.")
            }
            (Self::TooMany, Lang::Zh) => {
                format!("每册最多保存{MOST_SAVED}份名单，请先删去不用的。")
            }
            (Self::TooMany, Lang::En) => format!(
                "At most {MOST_SAVED} lists are saved of a register; delete one you don't need."
            ),
            (Self::TooLong, Lang::Zh) => "条件太多，存不下；请去掉一些条件或列。".to_owned(),
            (Self::TooLong, Lang::En) => {
                "It asks for too much to be saved; take some conditions or columns away.".to_owned()
            }
            (Self::Gone, Lang::Zh) => "这份名单已经改名或删去了。".to_owned(),
            (Self::Gone, Lang::En) => "This list was renamed or deleted meanwhile.".to_owned(),
            (Self::Unwritten(why), Lang::Zh) => {
                format!("没能存下：{why}。请确认台账所在的文件夹可以写入。")
            }
            (Self::Unwritten(why), Lang::En) => {
                format!(
                    "It could not be saved: {why}. Check that the ledger's folder can be written."
                )
            }
        }
    }
}

impl std::fmt::Display for SavedFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for SavedFault {}

/// The file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Book {
    format: u32,
    /// By person, as their name is compared, and register.
    people: BTreeMap<String, BTreeMap<String, OfRegister>>,
}

/// What somebody saved of a register.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OfRegister {
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    lists: Vec<SavedList>,
}

impl Book {
    /// What is in the file; nothing if it can't be read.
    fn of(kept: Option<Vec<u8>>) -> Book {
        let read = kept.and_then(|bytes| serde_json::from_slice::<Book>(&bytes).ok());
        let read = read.filter(|book| book.format == FORMAT);
        read.unwrap_or(Book {
            format: FORMAT,
            people: BTreeMap::new(),
        })
    }
}

impl From<io::Error> for SavedFault {
    fn from(error: io::Error) -> Self {
        Self::Unwritten(error.to_string())
    }
}

/// Changes what somebody saved of a register. It is on disk when this returns; if it can't be, nothing changed.
fn change(
    ledger: &Ledger,
    (who, register): (&str, &str),
    change: impl FnOnce(&mut OfRegister) -> Result<(), SavedFault>,
) -> Result<(), SavedFault> {
    ledger.change_aside(FILE, |kept| {
        let mut book = Book::of(kept);
        let own = book.people.entry(holder(who)).or_default();
        change(own.entry(register.to_owned()).or_default())?;
        own.retain(|_, of| !of.columns.is_empty() || !of.lists.is_empty());
        book.people.retain(|_, own| !own.is_empty());
        if book.people.len() > MOST_PEOPLE {
            return Err(SavedFault::TooMany);
        }
        serde_json::to_vec(&book).map_err(|error| SavedFault::Unwritten(error.to_string()))
    })
}

/// A name as it is kept.
fn named(name: &str) -> Result<String, SavedFault> {
    let name: Vec<&str> = name.split_whitespace().collect();
    let name = name.join(" ");
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    match (
        fits && !name.chars().any(char::is_control),
        has_personal_number(&name),
    ) {
        (false, _) => Err(SavedFault::Name),
        (_, true) => Err(SavedFault::Personal),
        _ => Ok(name),
    }
}

/// That no other list has a name.
fn free(of: &OfRegister, name: &str) -> Result<(), SavedFault> {
    match of.lists.iter().any(|list| list.name == name) {
        true => Err(SavedFault::Taken(name.to_owned())),
        false => Ok(()),
    }
}

impl View {
    /// The lists of a register that whoever is at the desk saved, in the order in which they did.
    #[must_use]
    pub fn saved_lists(&self, register: &Register) -> Vec<SavedList> {
        let of = self.saved_of(register);
        of.map_or_else(Vec::new, |of| of.lists)
    }

    /// The columns of a register's list that whoever is at the desk chose, by place; none if they didn't.
    #[must_use]
    pub fn chosen_columns(&self, register: &Register) -> Vec<usize> {
        let columns = self.saved_of(register).map(|of| of.columns);
        let columns = columns.unwrap_or_default().into_iter();
        let place = |id: String| register.field(&id).map(|(at, _)| at);
        columns.filter_map(place).collect()
    }

    fn saved_of(&self, register: &Register) -> Option<OfRegister> {
        let who = &self.writer().ok()?.who;
        let kept = self.office.tables.ledger().aside(FILE).ok().flatten();
        let mut own = Book::of(kept).people.remove(&holder(who))?;
        own.remove(&register.id)
    }

    /// Remembers the columns of a register's list for whoever is at the desk; none are the usual ones.
    ///
    /// # Errors
    /// Nobody is at the desk; it can't be written.
    pub async fn choose_columns(
        &self,
        register: &Register,
        columns: &[usize],
    ) -> Result<(), OfficeError> {
        let fields = columns.iter().filter_map(|at| register.fields.get(*at));
        let ids: Vec<String> = fields.map(|field| field.id.clone()).collect();
        self.change_saved(register, move |of| {
            of.columns = ids;
            Ok(())
        })
        .await
    }

    /// Saves a list of a register under a name, for whoever is at the desk: what of the query parameters is about the list.
    ///
    /// # Errors
    /// Nobody is at the desk; a query that can't be asked, or a name that can't be given; it can't be written.
    pub async fn save_list(
        &self,
        register: &Register,
        name: &str,
        asked: &[(String, String)],
        on: Date,
    ) -> Result<(), OfficeError> {
        let name = named(name)?;
        let query = saved_part(asked);
        let pairs = query.iter().map(|(name, value)| (&**name, &**value));
        RecordQuery::read(&self.office.pack, register, pairs, on)?;
        let is_unit = |(name, value): &(String, String)| {
            name != schema::UNIT
                || value
                    .parse::<UnitCode>()
                    .is_ok_and(|unit| self.grant.sees(&unit))
        };
        let length: usize = query
            .iter()
            .map(|(name, value)| name.len() + 3 * value.len())
            .sum();
        if length > LONGEST_QUERY || !query.iter().all(is_unit) {
            return Err(SavedFault::TooLong.into());
        }
        self.change_saved(register, move |of| {
            free(of, &name)?;
            if of.lists.len() >= MOST_SAVED {
                return Err(SavedFault::TooMany);
            }
            of.lists.push(SavedList { name, query });
            Ok(())
        })
        .await
    }

    /// Gives a saved list another name.
    ///
    /// # Errors
    /// Nobody is at the desk; there is none, or the name can't be given; it can't be written.
    pub async fn rename_list(
        &self,
        register: &Register,
        from: &str,
        to: &str,
    ) -> Result<(), OfficeError> {
        let (from, to) = (from.to_owned(), named(to)?);
        self.change_saved(register, move |of| {
            if from != to {
                free(of, &to)?;
            }
            let list = of.lists.iter_mut().find(|list| list.name == from);
            list.ok_or(SavedFault::Gone)?.name = to;
            Ok(())
        })
        .await
    }

    /// Deletes a saved list; one that isn't there is deleted already.
    ///
    /// # Errors
    /// Nobody is at the desk; it can't be written.
    pub async fn drop_list(&self, register: &Register, name: &str) -> Result<(), OfficeError> {
        let name = name.to_owned();
        self.change_saved(register, move |of| {
            of.lists.retain(|list| list.name != name);
            Ok(())
        })
        .await
    }

    async fn change_saved(
        &self,
        register: &Register,
        change: impl FnOnce(&mut OfRegister) -> Result<(), SavedFault> + Send + 'static,
    ) -> Result<(), OfficeError> {
        let (who, register) = (self.writer()?.who.clone(), register.id.clone());
        let ledger = self.office.tables.ledger().clone();
        // What is on disk was waited for.
        let changed =
            tokio::task::spawn_blocking(move || self::change(&ledger, (&who, &register), change));
        let changed = changed.await;
        let changed = changed.map_err(|error| OfficeError::Broken(error.to_string()))?;
        Ok(changed?)
    }
}

/// What of the query parameters of a list is saved: its filters, order, columns and unit; the day is that of whoever opens it.
#[must_use]
pub fn saved_part(asked: &[(String, String)]) -> Vec<(String, String)> {
    let own = |name: &str| name.starts_with("f.") || ["sort", "col", schema::UNIT].contains(&name);
    let own = asked
        .iter()
        .filter(|(name, value)| own(name) && !value.trim().is_empty());
    own.cloned().collect()
}
