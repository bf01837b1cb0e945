//! What the town's lists tell of people who aren't on them: a list of a community vouches for those at home there on its day, but not for
//! whoever has a name that one of its refused rows has; with many refused rows it vouches for nobody. Written from what lists vouch for, without looking at how the product works it out.

use std::collections::{BTreeMap, BTreeSet};

use crate::day::Day;
use crate::model::{Town, Who};
use crate::write::FileNote;

/// What one list vouches for.
#[derive(Clone, Debug)]
struct List {
    /// The first day on which it tells anything.
    first: Day,
    /// Names of whom it doesn't vouch for.
    holes: BTreeSet<String>,
}

/// The lists that vouch for somebody, by roster and community.
#[derive(Clone, Debug)]
pub struct KnownLists {
    by: BTreeMap<(&'static str, usize), List>,
    /// The day all of them are of.
    day: Day,
    communities: usize,
}

impl KnownLists {
    /// Those written.
    pub fn of<'a>(town: &Town, files: impl IntoIterator<Item = &'a FileNote>) -> KnownLists {
        let mut by = BTreeMap::new();
        for file in files {
            let mut communities = town.communities.iter();
            let Some(community) = communities.position(|own| own.code == file.unit) else {
                continue;
            };
            let rows = file.rows - file.repeated;
            if file.rejected * 100 > rows * 2 {
                continue;
            }
            let own = |who: Who| usize::from(town.people[who].community) == community;
            let list = List {
                first: first(town, file, &own).unwrap_or(town.day()),
                holes: file.holes.clone(),
            };
            by.insert((file.roster, community), list);
        }
        KnownLists {
            by,
            day: town.day(),
            communities: town.communities.len(),
        }
    }

    /// The list of a roster that tells of somebody on a day, if they are not on it.
    fn list(&self, town: &Town, roster: &'static str, who: Who, on: Day) -> Option<&List> {
        let person = &town.people[who];
        let home = person.residence.as_ref()?;
        let at_home = home.registered && home.current_on(self.day);
        let list = self.by.get(&(roster, usize::from(person.community)))?;
        let tells = list.first.min(self.day) <= on && !list.holes.contains(&person.full_name());
        (at_home && tells).then_some(list)
    }

    /// Whether a list of a roster would name somebody.
    pub fn vouches(&self, town: &Town, roster: &'static str, who: Who, on: Day) -> bool {
        self.list(town, roster, who, on).is_some()
    }

    /// Whether a payment list tells if a programme pays somebody: the office pays by all of them, and says that its lists are whole.
    pub fn tells_paid(&self, town: &Town, who: Who, on: Day) -> bool {
        self.list(town, "benefits", who, on).is_some()
    }

    /// Whether the lists of a roster cover every community, and none may name somebody in a row that was refused.
    pub fn everywhere(&self, town: &Town, roster: &'static str, who: Who, on: Day) -> bool {
        let name = town.people[who].full_name();
        (0..self.communities).all(|community| {
            let list = self.by.get(&(roster, community));
            list.is_some_and(|list| list.first.min(self.day) <= on && !list.holes.contains(&name))
        })
    }

    /// Whether the lists of deaths tell that somebody has not died: they are of the year, so it has to be all their life.
    pub fn no_death(&self, town: &Town, who: Who, on: Day) -> bool {
        let person = &town.people[who];
        let year = Day::new(self.day.year(), 1, 1);
        let home = person.residence.as_ref();
        let list = self.by.get(&("deaths", usize::from(person.community)));
        person.birth >= year
            && on >= year
            && home.is_some_and(|home| {
                home.current_on(on) && (home.registered || home.living == Some(true))
            })
            && list.is_some_and(|list| !list.holes.contains(&person.full_name()))
    }
}

/// The earliest day that a list of a community states.
fn first(town: &Town, file: &FileNote, own: &dyn Fn(Who) -> bool) -> Option<Day> {
    match file.roster {
        "police-households" => {
            let people = town.people.iter().filter(|(who, _)| own(*who));
            let told = people.filter(|(_, person)| !file.holes.contains(&person.full_name()));
            let homes = told.filter_map(|(_, person)| person.residence.as_ref());
            let first = homes.filter_map(|home| Some(home.left?.0)).min()?;
            // It names all who left since the month, quarter, half or year began in which the first of them did and its own day lies, and so
            // tells how it was on the day before.
            let (year, month, _) = first.parts();
            let (last_year, last, _) = town.day().parts();
            let begins = [1, 3, 6].into_iter().find_map(|months| {
                let part = |month: i32| (month - 1) / months;
                let same = year == last_year && part(month) == part(last);
                same.then(|| part(month) * months + 1)
            });
            Some(Day::new(year, begins.unwrap_or(1), 1).plus(-1))
        }
        "children" => {
            let rows = town.children.iter().filter(|row| own(row.child));
            rows.map(|row| town.people[row.child].birth).min()
        }
        "marriages" => {
            let rows = town.marriages.iter().filter(|row| own(row.wife));
            rows.map(|row| row.on).min()
        }
        "employment" => {
            let rows = town.jobs.iter().filter(|row| own(row.who));
            rows.filter_map(|row| row.since).min()
        }
        "disability" => {
            let rows = town.disabilities.iter().filter(|row| own(row.who));
            rows.map(|row| row.issued).min()
        }
        "certificates" => {
            let rows = town.certificates.iter().filter(|row| own(row.child));
            rows.map(|row| row.issued).min()
        }
        "complications" => {
            let rows = town.complications.iter().filter(|row| own(row.who));
            rows.map(|row| row.consent).min()
        }
        "benefits" => {
            let rows = town.benefits.iter().filter(|row| own(row.who));
            rows.map(|row| row.since).min()
        }
        _ => None,
    }
}
