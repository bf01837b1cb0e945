//! The eight programmes in plain Rust, written from their conditions alone, to hold the product's answers against.
//! Promises three answers as the conditions give them; never shares a line with the pack or the sweep.

use crate::day::Day;
use crate::facts::Facts;
use crate::model::{Cause, Nationality, TownProgramme, TownSex, Who, Work};

/// What a programme's conditions say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrueAnswer {
    /// Every condition holds.
    Entitled,
    /// One does not.
    NotEntitled,
    /// None is false, but facts are missing: these to be asked for, and these of which a list has to tell.
    CannotTell(Vec<&'static str>, Vec<&'static str>),
}

/// What is known of something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Whether it is so.
    Is(bool),
    /// Somebody has to ask.
    Ask,
    /// A list has to tell.
    Wait,
}

/// Conditions as they are looked at, one after the other.
#[derive(Default)]
struct Conditions {
    refused: bool,
    missing: Vec<&'static str>,
    waits: Vec<&'static str>,
}

impl Conditions {
    fn need(&mut self, holds: bool) {
        self.refused |= !holds;
    }

    fn ask(&mut self, fact: &'static str, holds: Option<bool>) {
        match holds {
            Some(holds) => self.need(holds),
            None => self.missing.push(fact),
        }
    }

    /// A fact of which nothing is on record: it holds if a list vouches for that; else a list has to tell, or of whom no list could,
    /// somebody has to ask.
    fn absent(&mut self, fact: &'static str, (told, at_home): (bool, bool), holds: bool) {
        match (told, at_home) {
            (true, _) => self.need(holds),
            (false, true) => self.waits.push(fact),
            (false, false) => self.missing.push(fact),
        }
    }

    fn lack(&mut self, facts: [(&'static str, Told); 2]) {
        for (fact, told) in facts {
            match told {
                Told::Is(_) => {}
                Told::Ask => self.missing.push(fact),
                Told::Wait => self.waits.push(fact),
            }
        }
    }

    /// One of two has to be so.
    fn either(&mut self, facts: [(&'static str, Told); 2]) {
        let told = facts.map(|(_, told)| told);
        if told == [Told::Is(false); 2] {
            self.need(false);
        } else if !told.contains(&Told::Is(true)) {
            self.lack(facts);
        }
    }

    /// Both have to be so.
    fn both(&mut self, facts: [(&'static str, Told); 2]) {
        match facts.iter().any(|(_, told)| *told == Told::Is(false)) {
            true => self.need(false),
            false => self.lack(facts),
        }
    }

    fn verdict(mut self) -> TrueAnswer {
        for facts in [&mut self.missing, &mut self.waits] {
            facts.sort_unstable();
            facts.dedup();
        }
        match (
            self.refused,
            self.missing.is_empty() && self.waits.is_empty(),
        ) {
            (true, _) => TrueAnswer::NotEntitled,
            (false, true) => TrueAnswer::Entitled,
            (false, false) => TrueAnswer::CannotTell(self.missing, self.waits),
        }
    }
}

impl Facts<'_> {
    /// The answer for a person; for the couples' programme see [`Facts::couple`].
    pub fn answer(&self, programme: TownProgramme, who: Who) -> TrueAnswer {
        let mut conditions = Conditions::default();
        self.here(who, &mut conditions);
        match programme {
            TownProgramme::RuralFamily => self.rural_family(who, &mut conditions),
            TownProgramme::Bereaved => self.bereaved(who, &mut conditions),
            TownProgramme::DisabledChild => self.disabled_child(who, &mut conditions),
            TownProgramme::Complication => {
                let fact = "complication_grade";
                let young = self.age(who) < 15;
                match self.complication(who) {
                    Some(row) if row.grade.is_some() || !young => {
                        conditions.ask(fact, row.grade.map(|grade| (1..=3).contains(&grade)));
                    }
                    _ if young => conditions.need(false),
                    _ => conditions.absent(fact, self.known("complications", who), false),
                }
            }
            TownProgramme::OneChildParent => self.one_child_parent(who, &mut conditions),
            TownProgramme::UnemployedRetired => self.unemployed_retired(who, &mut conditions),
            TownProgramme::Childcare => {
                let person = &self.town.people[who];
                let chinese = person.nationality.map(|one| one == Nationality::Chinese);
                conditions.ask("nationality", chinese);
                conditions.need(person.birth >= Day::new(2022, 1, 1) && self.age(who) < 3);
            }
            TownProgramme::DoubleUnemployed => conditions.need(false),
        }
        conditions.verdict()
    }

    /// Living, and registered here.
    fn here(&self, who: Who, conditions: &mut Conditions) {
        match self.lives(who) {
            Some(lives) => conditions.need(lives),
            None => conditions.absent("alive", (false, self.at_home(who)), false),
        }
        match self.is_registered(who) {
            Some(registered) => conditions.need(registered),
            None => conditions.absent("registered", (false, self.at_home(who)), false),
        }
    }

    /// Whether a list of a roster tells of somebody who isn't on it, and whether one could.
    fn known(&self, roster: &'static str, who: Who) -> (bool, bool) {
        (self.told(roster, who), self.at_home(who))
    }

    /// Who has to tell what no list tells of somebody.
    fn lacks(&self, who: Who) -> Told {
        match self.at_home(who) {
            true => Told::Wait,
            false => Told::Ask,
        }
    }

    fn born_from_1933(&self, who: Who) -> bool {
        self.town.people[who].birth >= Day::new(1933, 1, 1)
    }

    /// What rests on the children is known where their list is; what takes nobody to ask waits for the list even of somebody elsewhere.
    fn by_children(
        &self,
        who: Who,
        conditions: &mut Conditions,
        asked: &[&'static str],
        holds: impl FnOnce(&mut Conditions),
    ) {
        let (told, at_home) = self.known("children", who);
        if told {
            return holds(conditions);
        }
        conditions.waits.push("children_ever");
        for fact in asked {
            conditions.absent(fact, (false, at_home), false);
        }
    }

    fn rural_family(&self, who: Who, conditions: &mut Conditions) {
        conditions.ask("hukou_nature", self.rural(who));
        match self.spouse(who) {
            Some(_) if self.spouse_may_live(who) => conditions.missing.push("spouse_hukou_nature"),
            Some(spouse) => conditions.ask("spouse_hukou_nature", self.rural(spouse)),
            None => conditions.absent("spouse_hukou_nature", self.known("marriages", who), true),
        }
        conditions.need(self.born_from_1933(who) && self.age(who) >= 60);
        conditions.ask(
            "births_confirmed",
            self.confirmation(who).and_then(|row| row.holds),
        );
        let children = self.children(who);
        let few = children
            .living
            .map(|living| living <= 1 || (living == 2 && children.girls == 2));
        let asked = ["children_living", "girls_living"];
        self.by_children(who, conditions, &asked, |conditions| {
            if children.ever == 0 {
                conditions.need(false);
            } else {
                conditions.ask("children_living", few);
            }
        });
    }

    /// The woman is 49; of a man without a wife on record a list has to tell that he has none, and one whether the wife he has lives.
    fn woman_is_49(&self, who: Who, conditions: &mut Conditions) {
        let man = self.town.people[who].sex == TownSex::Male;
        if man && self.age(who) < 18 {
            return conditions.need(false);
        }
        let alone = self.spouse(who).is_none();
        if man && alone && !self.told("marriages", who) {
            conditions.absent("married", (false, self.at_home(who)), false);
            conditions.waits.push("spouse_birth_date");
        } else if man && !alone && self.spouse_may_live(who) {
            conditions.missing.push("married");
        } else {
            conditions.need(self.womans_age(who) >= 49);
        }
    }

    fn bereaved(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        conditions.need(self.born_from_1933(who));
        self.woman_is_49(who, conditions);
        conditions.need(children.ever <= 1);
        self.by_children(who, conditions, &["children_living"], |conditions| {
            conditions.need(children.ever == 1);
            conditions.ask("children_living", children.living.map(|living| living == 0));
        });
    }

    fn disabled_child(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        conditions.need(self.born_from_1933(who));
        self.woman_is_49(who, conditions);
        conditions.need(children.ever <= 1);
        self.by_children(who, conditions, &["children_living"], |conditions| {
            conditions.need(children.ever == 1);
            conditions.ask("children_living", children.living.map(|living| living == 1));
        });
        let fact = "child_disability_grade";
        let child = children.last;
        match child.and_then(|child| self.disability(child)) {
            Some(row) => conditions.ask(fact, row.grade.map(|grade| (1..=3).contains(&grade))),
            None => {
                let known = child.map_or((false, true), |child| self.known("disability", child));
                let known = match self.lists {
                    None => (true, true),
                    Some(_) => known,
                };
                conditions.absent(fact, known, false);
            }
        }
    }

    /// The certificate of somebody, as far as it is known; no certificate is a plain no where its list is.
    fn certified(&self, who: Who, conditions: &mut Conditions) {
        match self.certificate(who) {
            Some(paper) => conditions.ask("certificate_status", paper.valid),
            None if self.age(who) < 18 => conditions.need(false),
            None => conditions.absent("certificate_status", self.known("certificates", who), false),
        }
    }

    fn minor(&self, child: Option<Who>) -> bool {
        child.is_some_and(|child| self.age(child) < 18)
    }

    fn one_child_parent(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        self.certified(who, conditions);
        conditions.need(children.ever <= 1);
        let asked = ["children_living", "youngest_child_birth"];
        self.by_children(who, conditions, &asked, |conditions| {
            conditions.need(children.ever == 1 && self.minor(children.last));
            conditions.ask("children_living", children.living.map(|living| living == 1));
        });
    }

    fn works(&self, who: Who, fact: &'static str, wanted: Work, conditions: &mut Conditions) {
        match self.job(who) {
            Some(job) => conditions.ask(fact, job.status.map(|status| status == wanted)),
            None => conditions.absent(fact, self.known("employment", who), false),
        }
    }

    fn unemployed_retired(&self, who: Who, conditions: &mut Conditions) {
        let known = self.job(who).is_some_and(|job| job.status.is_some());
        match known || self.age(who) >= 40 {
            true => self.works(who, "employment_status", Work::Retired, conditions),
            false => conditions.need(false),
        }
        match self.job(who) {
            Some(job) => {
                let cause = job.cause.map(|cause| cause != Cause::Other);
                conditions.ask("unemployment_cause", cause);
                conditions.ask("retired_on", job.retired.map(|day| day <= self.on));
            }
            None => {
                let known = self.known("employment", who);
                conditions.absent("unemployment_cause", known, false);
                conditions.absent("retired_on", known, false);
            }
        }
        self.certified(who, conditions);
        let children = self.children(who);
        conditions.need(children.ever <= 1);
        self.by_children(who, conditions, &[], |conditions| {
            conditions.need(children.ever == 1);
        });
    }

    /// The answer for somebody who is paid as one of a couple of whom there is no row: a list of marriages has to tell that there is none.
    pub fn no_couple(&self, who: Who) -> TrueAnswer {
        let mut conditions = Conditions::default();
        conditions.absent("married", (self.told("marriages", who), true), false);
        conditions.verdict()
    }

    /// The answer for the couple of a row of the marriage list.
    pub fn couple(&self, marriage: usize) -> TrueAnswer {
        let tie = &self.town.marriages[marriage];
        let (he, she) = (tie.husband, tie.wife);
        let current = tie.on <= self.on && tie.ended.is_none_or(|ended| ended > self.on);
        let mut conditions = Conditions::default();
        conditions.need(current);
        let lives = |who| self.lives(who).map_or_else(|| self.lacks(who), Told::Is);
        conditions.both([("husband_alive", lives(he)), ("wife_alive", lives(she))]);
        let here = |who| {
            self.is_registered(who)
                .map_or_else(|| self.lacks(who), Told::Is)
        };
        conditions.either([
            ("husband_registered", here(he)),
            ("wife_registered", here(she)),
        ]);
        for (who, fact, oldest) in [(he, "husband_employment", 63), (she, "wife_employment", 58)] {
            let known = self.job(who).is_some_and(|job| job.status.is_some());
            match known || self.age(who) < oldest {
                true => self.works(who, fact, Work::Unemployed, &mut conditions),
                false => conditions.need(false),
            }
        }
        let valid = |who| match self.certificate(who) {
            Some(paper) => paper.valid.map_or(Told::Ask, Told::Is),
            None if self.told("certificates", who) => Told::Is(false),
            None => self.lacks(who),
        };
        let certificates = [
            ("husband_certificate", valid(he)),
            ("wife_certificate", valid(she)),
        ];
        conditions.either(certificates);
        let (hers, his) = (self.children(she), self.children(he));
        conditions.need(hers.ever <= 1 && his.ever <= 1);
        let asked = ["children_living", "youngest_child_birth"];
        self.by_children(she, &mut conditions, &asked, |conditions| {
            conditions.need(hers.ever == 1 && self.minor(hers.last));
            conditions.ask("children_living", hers.living.map(|living| living == 1));
        });
        match self.told("children", he) {
            true => conditions.need(his.ever == 1),
            false => conditions.waits.push("husband_children_ever"),
        }
        conditions.verdict()
    }
}
