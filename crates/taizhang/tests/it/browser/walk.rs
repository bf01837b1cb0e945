//! Steps that walks share: beginning one in a language, saying who is at the desk, whom to walk to, and keeping pictures.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::tab::{Tab, View};
use crate::site::Site;

/// The languages of the pages, as their addresses name them.
pub const LANGUAGES: [&str; 2] = ["zh", "en"];

/// A walk through pages of its own.
pub struct Walk {
    pub tab: Tab,
    pub lang: &'static str,
    /// Which of the walks it is, from 0.
    pub nth: usize,
}

/// A young family with a home of its own.
#[derive(Clone, Debug)]
pub struct Family {
    pub wife: Person,
    pub husband: Person,
    pub child: Person,
}

/// Somebody on the street.
#[derive(Clone, Debug)]
pub struct Person {
    pub record: i64,
    pub name: String,
}

impl Walk {
    /// Opens the first page in a language, of the site that walks share. What they do there doesn't meet: each has a family of its own.
    pub fn begin(lang: &'static str) -> Walk {
        Walk::through(Site::shared(), lang)
    }

    /// The same of a site of its own.
    pub fn through(site: &Site, lang: &'static str) -> Walk {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        let nth = BEGUN.fetch_add(1, Ordering::Relaxed);
        let mut tab = Tab::open(&site.address, lang);
        tab.go(&format!("/?lang={lang}"));
        Walk { tab, lang, nth }
    }

    /// Says who is at the desk.
    pub fn sit_down(&mut self) {
        self.tab.go("/desk?to=/actions");
        self.tab.follow("form.desk button");
        assert_eq!(self.tab.path(), "/actions");
    }

    /// What the site answers to a program.
    pub fn fetch(&mut self, path: &str) -> Value {
        let asked = format!("fetch({path:?}).then(answer => answer.json())");
        self.tab.ask(&asked)
    }

    /// All records of a register's list, as its address asks for them.
    pub fn records(&mut self, register: &str, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 1.. {
            let asked = format!("/api/registers/{register}?limit=500&page={page}&{query}");
            let found = self.fetch(&asked);
            let rows = found["rows"].as_array();
            all.extend_from_slice(rows.unwrap_or_else(|| panic!("{asked}: {found}")));
            if found["pages"].as_u64().unwrap() <= page {
                break;
            }
        }
        all
    }

    /// The walk's own family, which shares a household: husband, wife, a child of hers.
    pub fn family(&mut self) -> Family {
        let number = |row: &Value, cell: &str| row["cells"][cell]["value"].as_i64();
        let mut homes: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for row in self.records("residence", "col=person&col=household") {
            if let (Some(person), Some(household)) =
                (number(&row, "person"), number(&row, "household"))
            {
                homes.entry(household).or_default().push(person);
            }
        }
        let people = self.records("person", "col=name&f.birth_date.from=1985-01-01");
        let names: BTreeMap<i64, String> = (people.iter())
            .filter_map(|row| {
                Some((
                    row["record"].as_i64()?,
                    row["cells"]["name"]["value"].as_str()?.to_owned(),
                ))
            })
            .collect();
        // Of spouses the person is the husband, of a child the parent.
        let mut wives = BTreeMap::new();
        let mut children = BTreeMap::new();
        for row in self.records("kinship", "col=person&col=relative&col=relation") {
            let (Some(one), Some(other)) = (number(&row, "person"), number(&row, "relative"))
            else {
                continue;
            };
            match row["cells"]["relation"]["value"].as_str() {
                Some("spouse") => drop(wives.insert(one, other)),
                Some("child") => drop(children.insert(one, other)),
                _ => {}
            }
        }
        let person = |record: &i64| {
            Some(Person {
                record: *record,
                name: names.get(record)?.clone(),
            })
        };
        let mut found = homes
            .values()
            .filter(|home| home.len() >= 3)
            .filter_map(|home| {
                let (husband, wife) = home.iter().find_map(|one| {
                    Some((one, wives.get(one).filter(|other| home.contains(other))?))
                })?;
                let child = children.get(wife).filter(|child| home.contains(child))?;
                Some(Family {
                    wife: person(wife)?,
                    husband: person(husband)?,
                    child: person(child)?,
                })
            });
        found
            .nth(self.nth)
            .expect("a family of three on the street")
    }

    /// Keeps a picture of the page, if they are asked for.
    pub fn picture(&mut self, name: &str, view: View) {
        let Some(folder) = pictures() else { return };
        self.tab.view(view);
        let file = format!("{name}.{}.{}.png", self.lang, view.name());
        self.tab.picture(&folder.join(file));
        self.tab.view(View::Desk);
    }

    /// Pictures at all widths.
    pub fn pictures(&mut self, name: &str) {
        for view in [View::Desk, View::Phone, View::Paper] {
            self.picture(name, view);
        }
    }

    /// Nothing went wrong in any page on the way.
    pub fn end(mut self) {
        assert_eq!(self.tab.complaints(), Vec::<String>::new());
    }
}

/// Where pictures go.
pub fn pictures() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("TAIZHANG_PICTURES")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}
