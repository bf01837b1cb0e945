//! What is true of each person on a day, gathered from the town's papers for the answers in `answers`.
//! Promises to read only what the files will say; never what the makers of the town intended.

use crate::day::Day;
use crate::known::KnownLists;
use crate::model::{
    Alive, Certificate, Child, Complication, Confirmation, Disability, Hukou, Job, Person, Town,
    TownSex, Who,
};

/// No row.
const NONE: u32 = u32::MAX;

/// Children, as far as they can be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Children {
    /// Ever born or adopted.
    pub ever: u32,
    /// Living; `None` when it isn't known of one of them.
    pub living: Option<u32>,
    /// Living girls among them.
    pub girls: u32,
    /// The last of them.
    pub last: Option<Who>,
}

/// The papers of everyone, by person.
pub struct Facts<'a> {
    pub town: &'a Town,
    pub on: Day,
    /// What lists tell of those who aren't on them; everything if none.
    pub lists: Option<KnownLists>,
    first_child: Vec<u32>,
    child_rows: Vec<u32>,
    marriage: Vec<u32>,
    certificate: Vec<u32>,
    job: Vec<u32>,
    disability: Vec<u32>,
    complication: Vec<u32>,
    confirmation: Vec<u32>,
    died: Vec<Option<Day>>,
}

fn index(people: usize, rows: impl Iterator<Item = Option<Who>>) -> Vec<u32> {
    let mut found = vec![NONE; people];
    for (row, who) in (0u32..).zip(rows) {
        if let Some(who) = who {
            found[who.0 as usize] = row;
        }
    }
    found
}

fn row<'a, T>(rows: &'a [T], index: &[u32], who: Who) -> Option<&'a T> {
    rows.get(index[who.0 as usize] as usize)
}

impl<'a> Facts<'a> {
    /// The facts of a town on a day.
    pub fn new(town: &'a Town, on: Day) -> Facts<'a> {
        let people = town.people.len();
        let (first_child, child_rows) = children_by_parent(town);
        let mut marriage = vec![NONE; people];
        for (row, tie) in (0u32..).zip(&town.marriages) {
            if tie.on <= on && tie.ended.is_none_or(|ended| ended > on) {
                marriage[tie.husband.0 as usize] = row;
                marriage[tie.wife.0 as usize] = row;
            }
        }
        let mut certificate = index(people, town.certificates.iter().map(|paper| paper.father));
        for (row, paper) in (0u32..).zip(&town.certificates) {
            if let Some(mother) = paper.mother {
                certificate[mother.0 as usize] = row;
            }
        }
        // Two lists tell of deaths. Where both do, they are words about one fact, of equals: that of the smaller sender stands.
        let mut died: Vec<Option<Day>> = town.people.iter().map(|(_, own)| own.died).collect();
        for row in town.children.iter().filter(|row| row.died.is_some()) {
            died[row.child.0 as usize] = row.died;
        }
        Facts {
            town,
            on,
            died,
            lists: None,
            first_child,
            child_rows,
            marriage,
            certificate,
            job: index(people, town.jobs.iter().map(|row| Some(row.who))),
            disability: index(people, town.disabilities.iter().map(|row| Some(row.who))),
            complication: index(people, town.complications.iter().map(|row| Some(row.who))),
            confirmation: index(people, town.confirmations.iter().map(|row| Some(row.who))),
        }
    }

    /// By what these lists tell, and nothing else.
    pub fn by(mut self, lists: Option<KnownLists>) -> Facts<'a> {
        self.lists = lists;
        self
    }

    /// Whether a list of a roster would name somebody.
    pub fn told(&self, roster: &'static str, who: Who) -> bool {
        let lists = self.lists.as_ref();
        lists.is_none_or(|lists| lists.vouches(self.town, roster, who, self.on))
    }

    /// Whether somebody is at home here, so that a list could name them.
    pub fn at_home(&self, who: Who) -> bool {
        let home = self.person(who).residence.as_ref();
        home.is_some_and(|home| home.current_on(self.on))
    }

    /// Whether somebody was born by then.
    pub fn is_born(&self, who: Who) -> bool {
        self.person(who).birth <= self.on
    }

    /// Whether a marriage lasts.
    pub fn is_current(&self, marriage: usize) -> bool {
        let tie = &self.town.marriages[marriage];
        tie.on <= self.on && tie.ended.is_none_or(|ended| ended > self.on)
    }

    /// Whether somebody lives, if it can be told.
    pub fn lives(&self, who: Who) -> Option<bool> {
        let told = |lists: &KnownLists| {
            lists.vouches(self.town, "police-households", who, self.on)
                || lists.no_death(self.town, who, self.on)
        };
        match self.died(who) {
            Some(died) => Some(died > self.on),
            None if self.lists.as_ref().is_none_or(told) => Some(true),
            None => None,
        }
    }

    /// Whether somebody is registered here, if it can be told.
    pub fn is_registered(&self, who: Who) -> Option<bool> {
        let told = |lists: &KnownLists| {
            lists.vouches(self.town, "police-households", who, self.on)
                || lists.everywhere(self.town, "police-households", who, self.on)
        };
        let home = self.person(who).residence.as_ref();
        match home.filter(|home| home.current_on(self.on)) {
            Some(home) => Some(home.registered),
            None if self.lists.as_ref().is_none_or(told) => Some(false),
            None => None,
        }
    }

    fn person(&self, who: Who) -> &'a Person {
        &self.town.people[who]
    }

    /// When somebody died or was to die, by either list.
    fn died(&self, who: Who) -> Option<Day> {
        self.died[who.0 as usize]
    }

    /// No death is on record.
    pub fn alive(&self, who: Who) -> bool {
        self.died(who).is_none_or(|died| died > self.on)
    }

    /// Registered here.
    pub fn registered(&self, who: Who) -> bool {
        let home = self.person(who).residence.as_ref();
        home.is_some_and(|home| home.registered && home.current_on(self.on))
    }

    /// Full years of age.
    pub fn age(&self, who: Who) -> i32 {
        self.person(who).birth.age(self.on)
    }

    /// The living husband or wife.
    pub fn spouse(&self, who: Who) -> Option<Who> {
        let tie = row(&self.town.marriages, &self.marriage, who)?;
        let other = if tie.husband == who {
            tie.wife
        } else {
            tie.husband
        };
        Some(other).filter(|&other| self.alive(other))
    }

    /// Whether the husband or wife of a marriage on record lives can't be told.
    pub fn spouse_may_live(&self, who: Who) -> bool {
        let spouse = self.spouse(who);
        spouse.is_some_and(|spouse| self.lives(spouse).is_none())
    }

    /// The age that counts for a couple: the woman's.
    pub fn womans_age(&self, who: Who) -> i32 {
        match (self.person(who).sex, self.spouse(who)) {
            (TownSex::Male, Some(wife)) => self.age(wife),
            _ => self.age(who),
        }
    }

    /// The rows of the children's list that name somebody as father or mother.
    pub fn child_rows(&self, who: Who) -> impl Iterator<Item = &'a Child> + '_ {
        let at = who.0 as usize;
        let range = self.first_child[at] as usize..self.first_child[at + 1] as usize;
        let rows = self.child_rows[range]
            .iter()
            .map(|&row| &self.town.children[row as usize]);
        rows.filter(|row| self.person(row.child).birth <= self.on)
    }

    /// Whether the child of a row lives; `None` when the row doesn't say.
    pub fn child_lives(&self, row: &Child) -> Option<bool> {
        let listed = row.died.is_some_and(|died| died > self.on);
        match row.state {
            _ if self.died(row.child).is_some() => Some(self.alive(row.child)),
            Some(Alive::No) => Some(listed),
            Some(Alive::Yes) => Some(true),
            None => None,
        }
    }

    /// Somebody's children.
    pub fn children(&self, who: Who) -> Children {
        let mut sum = Children {
            living: Some(0),
            ..Children::default()
        };
        for row in self.child_rows(who) {
            sum.ever += 1;
            let lives = self.child_lives(row);
            let girl = self.person(row.child).sex == TownSex::Female;
            sum.living = sum
                .living
                .zip(lives)
                .map(|(living, lives)| living + u32::from(lives));
            sum.girls += u32::from(girl && lives == Some(true));
            let younger = |last: Who| self.person(row.child).birth > self.person(last).birth;
            if sum.last.is_none_or(younger) {
                sum.last = Some(row.child);
            }
        }
        sum
    }

    /// Whether agricultural; `None` when blank.
    pub fn rural(&self, who: Who) -> Option<bool> {
        self.person(who)
            .hukou
            .map(|hukou| hukou == Hukou::Agricultural)
    }

    /// The certificate that names somebody as a parent.
    pub fn certificate(&self, who: Who) -> Option<&'a Certificate> {
        row(&self.town.certificates, &self.certificate, who).filter(|paper| paper.issued <= self.on)
    }

    /// Somebody's row on the employment list.
    pub fn job(&self, who: Who) -> Option<&'a Job> {
        row(&self.town.jobs, &self.job, who)
            .filter(|row| row.since.is_none_or(|since| since <= self.on))
    }

    /// Somebody's row on the disability list.
    pub fn disability(&self, who: Who) -> Option<&'a Disability> {
        row(&self.town.disabilities, &self.disability, who).filter(|row| row.issued <= self.on)
    }

    /// Somebody's row on the complications list.
    pub fn complication(&self, who: Who) -> Option<&'a Complication> {
        row(&self.town.complications, &self.complication, who).filter(|row| row.consent <= self.on)
    }

    /// Somebody's written confirmation.
    pub fn confirmation(&self, who: Who) -> Option<&'a Confirmation> {
        row(&self.town.confirmations, &self.confirmation, who).filter(|row| row.on <= self.on)
    }
}

/// For each person the range of rows naming that person as a parent.
fn children_by_parent(town: &Town) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; town.people.len() + 1];
    let parents = |row: &Child| [row.father, row.mother].into_iter().flatten();
    for row in &town.children {
        for parent in parents(row) {
            first[parent.0 as usize + 1] += 1;
        }
    }
    for at in 1..first.len() {
        first[at] += first[at - 1];
    }
    let mut next = first.clone();
    let mut rows = vec![0u32; *first.last().unwrap_or(&0) as usize];
    for (row, child) in (0u32..).zip(&town.children) {
        for parent in parents(child) {
            let slot = &mut next[parent.0 as usize];
            rows[*slot as usize] = row;
            *slot += 1;
        }
    }
    (first, rows)
}
