//! The `with` clauses of a question: a subject's facts, gathered and computed in layers, each on the one before. They ask no condition.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use pack::{Fact, Pack, Programme, Subject};
use tables::{AT_HOME, bind_day};

use super::{amount_fact, member_rows, people, reach, told, waits};
use crate::error::ProgrammesError;

/// What the `with` clauses of a question are made for.
pub(super) struct Layers<'a> {
    pub(super) pack: &'a Pack,
    pub(super) on: Date,
}

impl Layers<'_> {
    /// `with` clauses that end in `facts`: one row per subject with every fact used.
    pub(super) fn of(
        &self,
        subject: &Subject,
        used: &BTreeSet<String>,
        members: &[String],
    ) -> Result<String, ProgrammesError> {
        let mut columns = vec!["s.subject".to_owned(), "s.unit".to_owned()];
        columns.extend(members.iter().map(|member| format!("s.{member}")));
        let mut joins = String::new();
        for (nth, group) in subject.groups.iter().enumerate() {
            let facts: Vec<&Fact> = group
                .facts
                .iter()
                .filter(|fact| used.contains(&fact.id))
                .collect();
            if facts.is_empty() {
                continue;
            }
            let Some(sql) = &group.sql else {
                columns.extend(facts.iter().map(|fact| format!("s.{}", fact.id)));
                continue;
            };
            let _infallible = write!(
                joins,
                "\n  left join ({}\n) g{nth} on g{nth}.subject = s.subject",
                bind_day(sql, self.on)?
            );
            for fact in facts {
                let id = &fact.id;
                let absent = match &fact.absent {
                    Some(absent) => bind_day(absent, self.on)?,
                    None => String::from("null"),
                };
                if !fact.closed.is_asked() {
                    columns.push(match &fact.absent {
                        Some(_) => format!(
                            "case when g{nth}.subject is null then {absent} else g{nth}.{id} end as {id}"
                        ),
                        None => format!("g{nth}.{id}"),
                    });
                    continue;
                }
                let vouched = self.vouched(subject, fact);
                let waiting = self.waiting(subject, fact);
                // A count tells nothing where a row more may be missing; a row by itself needs nobody to vouch for it.
                let (value, waits_for) = match fact.closed.whole {
                    true => (
                        format!(
                            "case when not {vouched} then null when g{nth}.subject is null then {absent} else g{nth}.{id} end"
                        ),
                        waiting,
                    ),
                    false => (
                        format!(
                            "case when g{nth}.subject is not null then g{nth}.{id} when {vouched} then {absent} end"
                        ),
                        format!("g{nth}.subject is null and {waiting}"),
                    ),
                };
                columns.push(format!("{value} as {id}"));
                columns.push(format!("{waits_for} as {}", waits(id)));
            }
        }
        self.of_people(subject, used, &mut columns, &mut joins)?;
        let mut text = format!(
            "with facts0 as (\n  select {}\n  from ({}\n) s{joins}\n)",
            columns.join(", "),
            bind_day(&subject.sql, self.on)?
        );
        let mut depth = 0;
        for fact in subject.computed_in_order() {
            let sql = match (&fact.sql, self.amount(fact)) {
                _ if !used.contains(&fact.id) => continue,
                (Some(sql), _) => bind_day(sql, self.on)?,
                (None, Some(programme)) if programme.subject == subject.id => {
                    amount_fact(programme, self.on)?
                }
                (None, _) => continue,
            };
            let _infallible = write!(
                text,
                ",\nfacts{} as (select *, {sql}\n as {} from facts{depth})",
                depth + 1,
                fact.id
            );
            depth += 1;
        }
        let _infallible = write!(text, ",\nfacts as (select * from facts{depth})");
        Ok(text)
    }

    /// Whether lists vouch for everybody a fact is about, as SQL over the subject's columns and the groups of its facts.
    fn vouched(&self, subject: &Subject, fact: &Fact) -> String {
        let each = people(subject, fact).into_iter();
        let each: Vec<String> = each.map(|person| told(fact, &person)).collect();
        match each.is_empty() {
            true => String::from("false"),
            false => format!("({})", each.join(" and ")),
        }
    }

    /// Whether a list that is lacking would tell: of somebody who is at home nowhere no list tells, and they have to be asked.
    fn waiting(&self, subject: &Subject, fact: &Fact) -> String {
        let each = people(subject, fact).into_iter().map(|person| {
            let home = format!("({person} is null or vouched('{AT_HOME}', {person}))");
            match fact.ask {
                Some(_) => format!("(not {} and {home})", told(fact, &person)),
                None => format!("not {}", told(fact, &person)),
            }
        });
        let each: Vec<String> = each.collect();
        match each.is_empty() {
            true => String::from("true"),
            false => format!("({})", each.join(" or ")),
        }
    }

    fn amount(&self, fact: &Fact) -> Option<&Programme> {
        self.pack.programme(fact.amount_of.as_ref()?)
    }

    /// Facts that are sums, over a subject's people, of what programmes pay them: unknown if one of the amounts is.
    fn of_people(
        &self,
        subject: &Subject,
        used: &BTreeSet<String>,
        columns: &mut Vec<String>,
        joins: &mut String,
    ) -> Result<(), ProgrammesError> {
        let mut by_subject: BTreeMap<&str, Vec<(&Fact, &Programme)>> = BTreeMap::new();
        for fact in subject
            .computed
            .iter()
            .filter(|fact| used.contains(&fact.id))
        {
            if let Some(programme) = self.amount(fact).filter(|p| p.subject != subject.id) {
                let facts = by_subject.entry(programme.subject.as_str()).or_default();
                facts.push((fact, programme));
            }
        }
        for (nth, (of, facts)) in by_subject.into_iter().enumerate() {
            let Some(of) = self.pack.subject(of) else {
                continue;
            };
            let mut reached = BTreeSet::new();
            let (mut amounts, mut sums) = (Vec::new(), Vec::new());
            for (at, (fact, programme)) in facts.iter().enumerate() {
                for sql in programme.conditions_sql().chain(programme.pays_sql()) {
                    reach(of, sql, &mut reached);
                }
                amounts.push(format!("{}\n as a{at}", amount_fact(programme, self.on)?));
                // Who isn't asked about has nothing; two rows of one person are no sum.
                sums.push(format!(
                    "case when count(*) = count(distinct m.person) and count(a.subject) = count(a.a{at}) then coalesce(sum(a.a{at}), cast(0 as bigint)) end as a{at}"
                ));
                columns.push(format!(
                    "case when p{nth}.subject is null then cast(0 as bigint) else p{nth}.a{at} end as {}",
                    fact.id
                ));
            }
            let _infallible = write!(
                joins,
                "\n  left join (select m.subject, {}\n  from ({}\n) m left join (\n{}\nselect subject, {} from facts) a on a.subject = m.person group by m.subject) p{nth} on p{nth}.subject = s.subject",
                sums.join(", "),
                member_rows(subject, self.on)?,
                self.of(of, &reached, &[])?,
                amounts.join(", "),
            );
        }
        Ok(())
    }
}
