//! The eight programmes in plain Rust, written from their conditions alone, to hold the product's answers against.
//! Promises three answers as the conditions give them; never shares a line with the pack or the sweep.

use crate::day::Day;
use crate::facts::Facts;
use crate::model::{Cause, Nationality, TownProgramme, Who, Work};

/// What a programme's conditions say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrueAnswer {
    /// Every condition holds.
    Entitled,
    /// One does not.
    NotEntitled,
    /// None is false, but these facts are missing.
    CannotTell(Vec<&'static str>),
}

/// Conditions as they are looked at, one after the other.
#[derive(Default)]
struct Conditions {
    refused: bool,
    missing: Vec<&'static str>,
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

    fn verdict(mut self) -> TrueAnswer {
        self.missing.sort_unstable();
        self.missing.dedup();
        match (self.refused, self.missing.is_empty()) {
            (true, _) => TrueAnswer::NotEntitled,
            (false, true) => TrueAnswer::Entitled,
            (false, false) => TrueAnswer::CannotTell(self.missing),
        }
    }
}

impl Facts<'_> {
    /// The answer for a person; for the couples' programme see [`Facts::couple`].
    pub fn answer(&self, programme: TownProgramme, who: Who) -> TrueAnswer {
        if !self.alive(who) || !self.registered(who) {
            return TrueAnswer::NotEntitled;
        }
        let mut conditions = Conditions::default();
        match programme {
            TownProgramme::RuralFamily => self.rural_family(who, &mut conditions),
            TownProgramme::Bereaved => self.bereaved(who, &mut conditions),
            TownProgramme::DisabledChild => self.disabled_child(who, &mut conditions),
            TownProgramme::Complication => {
                let grade = self.complication(who).map_or(Some(0), |row| row.grade);
                conditions.ask(
                    "complication_grade",
                    grade.map(|grade| (1..=3).contains(&grade)),
                );
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

    fn born_from_1933(&self, who: Who) -> bool {
        self.town.people[who].birth >= Day::new(1933, 1, 1)
    }

    fn rural_family(&self, who: Who, conditions: &mut Conditions) {
        conditions.ask("hukou_nature", self.rural(who));
        let spouse = self
            .spouse(who)
            .map_or(Some(true), |spouse| self.rural(spouse));
        conditions.ask("spouse_hukou_nature", spouse);
        conditions.need(self.born_from_1933(who) && self.age(who) >= 60);
        conditions.ask(
            "births_confirmed",
            self.confirmation(who).and_then(|row| row.holds),
        );
        let children = self.children(who);
        let few = children
            .living
            .map(|living| living <= 1 || (living == 2 && children.girls == 2));
        if children.ever == 0 {
            conditions.need(false);
        } else {
            conditions.ask("children_living", few);
        }
    }

    fn bereaved(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        conditions
            .need(self.born_from_1933(who) && self.womans_age(who) >= 49 && children.ever == 1);
        conditions.ask("children_living", children.living.map(|living| living == 0));
    }

    fn disabled_child(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        conditions
            .need(self.born_from_1933(who) && self.womans_age(who) >= 49 && children.ever == 1);
        conditions.ask("children_living", children.living.map(|living| living == 1));
        let grade = children
            .last
            .and_then(|child| self.disability(child))
            .map_or(Some(0), |row| row.grade);
        conditions.ask(
            "child_disability_grade",
            grade.map(|grade| (1..=3).contains(&grade)),
        );
    }

    /// Whether somebody's certificate is valid; no certificate is a plain no.
    fn certified(&self, who: Who) -> Option<bool> {
        self.certificate(who)
            .map_or(Some(false), |paper| paper.valid)
    }

    fn minor(&self, child: Option<Who>) -> bool {
        child.is_some_and(|child| self.age(child) < 18)
    }

    fn one_child_parent(&self, who: Who, conditions: &mut Conditions) {
        let children = self.children(who);
        conditions.ask("certificate_status", self.certified(who));
        conditions.need(children.ever == 1 && self.minor(children.last));
        conditions.ask("children_living", children.living.map(|living| living == 1));
    }

    fn status(&self, who: Who, wanted: Work) -> Option<bool> {
        self.job(who)
            .map_or(Some(false), |job| job.status.map(|status| status == wanted))
    }

    fn unemployed_retired(&self, who: Who, conditions: &mut Conditions) {
        conditions.ask("employment_status", self.status(who, Work::Retired));
        let cause = self.job(who).map_or(Some(Cause::Other), |job| job.cause);
        conditions.ask(
            "unemployment_cause",
            cause.map(|cause| cause != Cause::Other),
        );
        let retired = self.job(who).and_then(|job| job.retired);
        conditions.ask("retired_on", retired.map(|day| day <= self.on));
        conditions.ask("certificate_status", self.certified(who));
        conditions.need(self.children(who).ever == 1);
    }

    /// The answer for the couple of a row of the marriage list.
    pub fn couple(&self, marriage: usize) -> TrueAnswer {
        let tie = &self.town.marriages[marriage];
        let (he, she) = (tie.husband, tie.wife);
        let current = tie.on <= self.on && tie.ended.is_none_or(|ended| ended > self.on);
        let mut conditions = Conditions::default();
        conditions.need(current && self.alive(he) && self.alive(she));
        conditions.need(self.registered(he) || self.registered(she));
        conditions.ask("husband_employment", self.status(he, Work::Unemployed));
        conditions.ask("wife_employment", self.status(she, Work::Unemployed));
        let either = match (self.certified(he), self.certified(she)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        conditions.ask("certificate_status", either);
        let hers = self.children(she);
        conditions.need(hers.ever == 1 && self.children(he).ever == 1 && self.minor(hers.last));
        conditions.ask("children_living", hers.living.map(|living| living == 1));
        conditions.verdict()
    }
}
