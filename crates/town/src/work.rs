//! The employment list: one-child couples out of work, one-child parents retired from unemployment, and everyone else on it.
//! Promises the wished numbers of both, exactly; never lets another row complete their conditions by accident.

use std::collections::BTreeSet;

use crate::day::Day;
use crate::dice::Dice;
use crate::facts::Facts;
use crate::model::{Cause, Certificate, Job, Marriage, TownProgramme, TownSex, Who, Work};
use crate::papers::Papers;

const CAUSES: [Cause; 4] = [
    Cause::Bankruptcy,
    Cause::Restructuring,
    Cause::Cancellation,
    Cause::Diversion,
];

/// Index of the one valid certificate that names both or one.
fn valid(facts: &Facts<'_>, who: Who) -> bool {
    facts
        .certificate(who)
        .is_some_and(|paper| paper.valid == Some(true))
}

impl Papers {
    /// Writes the employment list.
    pub fn employment(&mut self) {
        let mut listed: BTreeSet<Who> = BTreeSet::new();
        self.couples_out_of_work(&mut listed);
        self.retired_from_unemployment(&mut listed);
        self.certificates_without_status(&listed);
        self.uncertified_couples(&mut listed);
        self.others(&mut listed);
    }

    /// The marriages in which only their work could keep a couple from the programme on a day.
    fn one_child_couples(&self, on: Day) -> Vec<usize> {
        let facts = Facts::new(&self.town, on);
        let once = self.married_once();
        let fits = |at: &usize| {
            let tie = &self.town.marriages[*at];
            let (he, she) = (tie.husband, tie.wife);
            let current = tie.on <= on && tie.ended.is_none_or(|ended| ended > on);
            let living = facts.alive(he) && facts.alive(she);
            let here = facts.registered(he) || facts.registered(she);
            if !current
                || !once(tie)
                || !living
                || !here
                || !valid(&facts, she)
                || self.busy.contains(&he)
                || self.busy.contains(&she)
            {
                return false;
            }
            let (his, hers) = (facts.children(he), facts.children(she));
            let minor = hers.last.is_some_and(|child| facts.age(child) < 18);
            his.ever == 1
                && hers.ever == 1
                && his.last == hers.last
                && minor
                && hers.living == Some(1)
        };
        (0..self.town.marriages.len()).filter(fits).collect()
    }

    fn couples_out_of_work(&mut self, listed: &mut BTreeSet<Who>) {
        let mut dice = self.dice("double unemployed");
        let mut now = self.one_child_couples(self.on);
        let current: BTreeSet<usize> = now.iter().copied().collect();
        let mut former = self.one_child_couples(self.before());
        former.retain(|at| !current.contains(at));
        dice.shuffle(&mut now);
        dice.shuffle(&mut former);
        // Of a couple of whom one is registered elsewhere lists don't tell all; they are the last to be counted.
        let (both, one): (Vec<usize>, Vec<usize>) = {
            let facts = Facts::new(&self.town, self.on);
            now.into_iter().partition(|at| {
                let tie = &self.town.marriages[*at];
                facts.registered(tie.husband) && facts.registered(tie.wife)
            })
        };
        let mut now = both.into_iter().chain(one);
        let out = Some(Work::Unemployed);
        for at in now.by_ref().take(self.quota(372, 1)) {
            self.couple_at_work(&mut dice, at, (out, out), listed);
        }
        let gaps = [(None, out, 7, 2), (out, None, 6, 2), (None, None, 2, 1)];
        for (his, hers, many, least) in gaps {
            for at in now.by_ref().take(self.quota(many, least)) {
                self.couple_at_work(&mut dice, at, (his, hers), listed);
            }
        }
        for at in now.by_ref().take(self.quota(6, 2)) {
            self.couple_at_work(&mut dice, at, (out, out), listed);
            let wife = self.town.marriages[at].wife;
            self.blank_certificate(wife);
        }
        for at in now.by_ref().take(self.quota(14, 2)) {
            let employed = Some(Work::Employed);
            let work = if dice.chance(500) {
                (out, employed)
            } else {
                (employed, out)
            };
            self.couple_at_work(&mut dice, at, work, listed);
            if dice.chance(600) {
                self.wrongly.push((
                    TownProgramme::DoubleUnemployed,
                    self.town.marriages[at].wife,
                ));
            }
        }
        for at in former.into_iter().take(self.quota(34, 3)) {
            self.couple_at_work(&mut dice, at, (out, out), listed);
        }
        self.divorced(&mut dice);
    }

    /// Divorced women who are still on the couples' list.
    fn divorced(&mut self, dice: &mut Dice) {
        let once = self.married_once();
        let facts = Facts::new(&self.town, self.on);
        let ended = |tie: &&Marriage| {
            tie.ended.is_some_and(|day| day > self.on.plus(-1500))
                && once(tie)
                && facts.registered(tie.wife)
        };
        let mut wives: Vec<Who> = self
            .town
            .marriages
            .iter()
            .filter(ended)
            .map(|tie| tie.wife)
            .collect();
        drop(facts);
        dice.shuffle(&mut wives);
        let wrong = wives
            .into_iter()
            .take(self.quota(4, 1))
            .map(|wife| (TownProgramme::DoubleUnemployed, wife));
        self.wrongly.extend(wrong);
    }

    /// Whether both of a marriage were never married to anyone else, so that a benefit row names one couple.
    fn married_once(&self) -> impl Fn(&Marriage) -> bool + use<> {
        let mut times = vec![0u8; self.town.people.len()];
        for who in self
            .town
            .marriages
            .iter()
            .flat_map(|tie| [tie.husband, tie.wife])
        {
            times[who.0 as usize] = times[who.0 as usize].saturating_add(1);
        }
        move |tie| {
            [tie.husband, tie.wife]
                .iter()
                .all(|who| times[who.0 as usize] == 1)
        }
    }

    fn couple_at_work(
        &mut self,
        dice: &mut Dice,
        at: usize,
        work: (Option<Work>, Option<Work>),
        listed: &mut BTreeSet<Who>,
    ) {
        let (he, she) = (
            self.town.marriages[at].husband,
            self.town.marriages[at].wife,
        );
        for (who, status) in [(he, work.0), (she, work.1)] {
            let cause = match status {
                None | Some(Work::Employed) => Cause::Other,
                _ => [
                    Cause::Bankruptcy,
                    Cause::Restructuring,
                    Cause::Diversion,
                    Cause::Other,
                ][dice.index(4)],
            };
            let since = self.out_since(dice, who, self.before().plus(-20));
            self.town.jobs.push(Job {
                who,
                status,
                since: Some(since),
                cause: Some(cause),
                retired: None,
            });
            listed.insert(who);
        }
    }

    /// Since when somebody may have been out of work.
    fn out_since(&self, dice: &mut Dice, who: Who, latest: Day) -> Day {
        let earliest = self.town.people[who]
            .birth
            .anniversary(21)
            .max(latest.plus(-3600));
        Day(dice.between(earliest.min(latest.plus(-60)).0, latest.0))
    }

    fn blank_certificate(&mut self, parent: Who) {
        let named =
            |paper: &&mut Certificate| paper.father == Some(parent) || paper.mother == Some(parent);
        if let Some(paper) = self.town.certificates.iter_mut().find(named) {
            paper.valid = None;
        }
    }

    /// Certified one-child parents of retirement age with a grown child, on a day.
    fn may_have_retired(&self, on: Day, listed: &BTreeSet<Who>) -> Vec<Who> {
        let facts = Facts::new(&self.town, on);
        let fits = |who: &Who| {
            let person = &self.town.people[*who];
            let aged = match person.sex {
                TownSex::Female => (51..65).contains(&facts.age(*who)),
                TownSex::Male => (61..69).contains(&facts.age(*who)),
            };
            if !aged
                || person.residence.is_none()
                || listed.contains(who)
                || self.busy.contains(who)
            {
                return false;
            }
            let children = facts.children(*who);
            let grown = children.last.is_some_and(|child| facts.age(child) >= 19);
            facts.registered(*who)
                && facts.alive(*who)
                && children.ever == 1
                && grown
                && valid(&facts, *who)
        };
        self.town
            .people
            .iter()
            .map(|(who, _)| who)
            .filter(fits)
            .collect()
    }

    fn retired_from_unemployment(&mut self, listed: &mut BTreeSet<Who>) {
        let mut dice = self.dice("unemployed retired");
        let mut now = self.may_have_retired(self.on, listed);
        let mut former = self.may_have_retired(self.before(), listed);
        former.retain(|&who| !self.still_here(who));
        dice.shuffle(&mut now);
        dice.shuffle(&mut former);
        let unclear = self.unclear_certificates(&mut now);
        let mut now = now.into_iter();
        for (at, who) in now.by_ref().take(self.quota(595, 1)).enumerate() {
            let on = if at == 0 { Some(self.on) } else { None };
            self.retire(&mut dice, who, on, listed);
        }
        for (gap, many, least) in [(0, 6, 2), (1, 7, 2), (2, 7, 2), (3, 9, 2)] {
            for who in now.by_ref().take(self.quota(many, least)) {
                self.retire(&mut dice, who, None, listed);
                self.leave_gap(gap, who);
            }
        }
        for who in unclear
            .into_iter()
            .chain(former.into_iter().take(self.quota(30, 2)))
        {
            self.retire(&mut dice, who, None, listed);
        }
    }

    /// Takes some people out of the candidates, with all whom their certificates name, and leaves their status blank.
    fn unclear_certificates(&mut self, candidates: &mut Vec<Who>) -> Vec<Who> {
        let chosen: Vec<Who> = candidates.iter().copied().take(self.quota(6, 2)).collect();
        for &who in &chosen {
            self.blank_certificate(who);
        }
        let unclear: BTreeSet<Who> = self
            .town
            .certificates
            .iter()
            .filter(|paper| paper.valid.is_none())
            .flat_map(|paper| [paper.father, paper.mother])
            .flatten()
            .collect();
        candidates.retain(|who| !unclear.contains(who));
        chosen
    }

    fn retire(&mut self, dice: &mut Dice, who: Who, on: Option<Day>, listed: &mut BTreeSet<Who>) {
        let person = &self.town.people[who];
        let age = if person.sex == TownSex::Female {
            50
        } else {
            60
        };
        let latest = self.before().plus(-10);
        let birthday = person.birth.anniversary(age).min(latest.plus(-40));
        let retired = on.unwrap_or_else(|| birthday.plus(dice.between(0, 120)).min(latest));
        let lost = (
            Day::new(1996, 1, 1).0,
            Day::new(2009, 12, 31).0.min(retired.0 - 700),
        );
        let since = Day(dice.between(
            lost.0.max(person.birth.anniversary(24).0).min(lost.1 - 30),
            lost.1,
        ));
        let cause = CAUSES[dice.index(CAUSES.len())];
        let status = Some(Work::Retired);
        self.town.jobs.push(Job {
            who,
            status,
            since: Some(since),
            cause: Some(cause),
            retired: Some(retired),
        });
        listed.insert(who);
    }

    /// Blanks the status, cause or date of the last row, or puts the retirement into the future.
    fn leave_gap(&mut self, gap: u32, who: Who) {
        let future = self.on.plus(12);
        let Some(job) = self.town.jobs.last_mut() else {
            return;
        };
        match gap {
            0 => job.status = None,
            1 => job.cause = None,
            2 => job.retired = None,
            _ => {
                job.retired = Some(future);
                if job.who.0 % 2 == 0 {
                    self.wrongly.push((TownProgramme::UnemployedRetired, who));
                }
            }
        }
    }

    /// Certificates without a status whose parents are on no employment list.
    fn certificates_without_status(&mut self, listed: &BTreeSet<Who>) {
        let mut dice = self.dice("blank certificates");
        let facts = Facts::new(&self.town, self.on);
        let fits = |at: &usize| {
            let paper = &self.town.certificates[*at];
            let parents = [paper.father, paper.mother].into_iter().flatten();
            let mut entitled = parents
                .clone()
                .map(|who| facts.answer(TownProgramme::OneChildParent, who));
            paper.valid == Some(true)
                && parents.clone().all(|who| !listed.contains(&who))
                && entitled.any(|verdict| verdict == crate::answers::TrueAnswer::Entitled)
        };
        let mut found: Vec<usize> = (0..self.town.certificates.len()).filter(fits).collect();
        drop(facts);
        dice.shuffle(&mut found);
        for at in found.into_iter().take(self.quota(4, 2)) {
            self.town.certificates[at].valid = None;
            let paper = &self.town.certificates[at];
            self.busy
                .extend([paper.father, paper.mother].into_iter().flatten());
        }
    }

    /// Couples out of work without a certificate, or with two children.
    fn uncertified_couples(&mut self, listed: &mut BTreeSet<Who>) {
        let mut dice = self.dice("uncertified couples");
        let once = self.married_once();
        let facts = Facts::new(&self.town, self.on);
        let fits = |at: &usize| {
            let tie = &self.town.marriages[*at];
            let free = |who: Who| {
                !listed.contains(&who)
                    && !self.busy.contains(&who)
                    && facts.certificate(who).is_none()
            };
            let aged = (24..50).contains(&facts.age(tie.wife)) && once(tie);
            let known = [tie.husband, tie.wife]
                .iter()
                .all(|&who| self.town.people[who].residence.is_some());
            aged && known
                && facts.spouse(tie.wife) == Some(tie.husband)
                && free(tie.husband)
                && free(tie.wife)
        };
        let mut found: Vec<usize> = (0..self.town.marriages.len()).filter(fits).collect();
        drop(facts);
        dice.shuffle(&mut found);
        let out = Some(Work::Unemployed);
        for (at, marriage) in found.into_iter().take(self.quota(60, 2)).enumerate() {
            self.couple_at_work(&mut dice, marriage, (out, out), listed);
            if at % 12 == 0 {
                self.wrongly.push((
                    TownProgramme::DoubleUnemployed,
                    self.town.marriages[marriage].wife,
                ));
            }
        }
    }

    /// Everyone else on the list: one of a couple at most, and pensioners who never lost their work.
    fn others(&mut self, listed: &mut BTreeSet<Who>) {
        let mut dice = self.dice("other jobs");
        let facts = Facts::new(&self.town, self.on);
        let mut people: Vec<(Who, i32, Option<Who>)> = Vec::new();
        for (who, person) in self.town.people.iter() {
            let age = facts.age(who);
            if person.residence.is_some()
                && facts.registered(who)
                && facts.alive(who)
                && (22..75).contains(&age)
            {
                people.push((who, age, facts.spouse(who)));
            }
        }
        drop(facts);
        dice.shuffle(&mut people);
        let (mut out, mut retired, mut back) =
            (self.quota(760, 3), self.quota(420, 3), self.quota(130, 2));
        for (who, age, spouse) in people {
            let free =
                !listed.contains(&who) && spouse.is_none_or(|spouse| !listed.contains(&spouse));
            if !free || self.busy.contains(&who) {
                continue;
            }
            let (status, cause, left) = match age {
                60.. => (Work::Retired, Cause::Other, &mut retired),
                ..55 if dice.chance(850) => (Work::Unemployed, CAUSES[dice.index(4)], &mut out),
                ..55 => (Work::Employed, Cause::Other, &mut back),
                _ => continue,
            };
            if *left == 0 {
                continue;
            }
            *left -= 1;
            let since = self.out_since(&mut dice, who, self.before().plus(-400));
            let birthday = self.town.people[who]
                .birth
                .anniversary(60)
                .min(self.before());
            let day = (status == Work::Retired).then_some(birthday.max(since));
            self.town.jobs.push(Job {
                who,
                status: Some(status),
                since: Some(since),
                cause: Some(cause),
                retired: day,
            });
            listed.insert(who);
        }
    }
}
