//! A question: the one query that asks every condition of some programmes of every subject of a kind.
//!
//! Facts come with the subject or from one left join per fact group; computed facts stand on them in layers; conditions stand on all facts.
//! A fact may be the amount of another programme: of the same subject it is one more layer, of the people of a subject one more join.
//! The text is a pure function of the pack, the programmes and the date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::Period;
use pack::{Every, Fact, Pack, Programme, Sql, Subject};
use tables::{bind, bind_day, date_literal, parameter_literal};

use crate::error::ProgrammesError;

mod layers;

use layers::Layers;

/// One kind of subject, the programmes asked about it, and where their answers stand in the query's result.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The kind of subject.
    pub subject: String,
    /// The programmes, in the pack's order.
    pub programmes: Vec<Asked>,
    /// Facts that may be missing, and that a condition rests on.
    pub askable: Vec<Missable>,
    /// The facts whose groups and layers the query holds.
    pub facts: Vec<String>,
    /// Distinct conditions as bound SQL, by column.
    conditions: Vec<(String, String)>,
    /// Columns naming the people the subject stands for.
    pub members: Vec<String>,
    /// The query (`subject`, `person`) of the people, where it isn't columns that name them.
    pub member_rows: Option<String>,
    layers: String,
}

/// A fact that may be missing, because nobody found it out or because no list tells.
#[derive(Clone, Debug)]
pub(crate) struct Missable {
    /// The fact.
    pub fact: String,
    /// The column that says that it is missing.
    pub column: String,
    /// The column that says that it waits for a list, if lists tell it.
    pub waits: Option<String>,
    /// Whether somebody can find it out.
    pub ask: bool,
}

/// One programme in a question.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub id: String,
    /// Whether a value that merely illustrates has a part in the answer or the amount.
    pub illustrative: bool,
    pub conditions: Vec<AskedCondition>,
}

/// One condition in a question.
#[derive(Clone, Debug)]
pub(crate) struct AskedCondition {
    /// The result column.
    pub column: String,
    /// The facts that its SQL names, in order.
    pub facts: Vec<String>,
    /// The facts it rests on that somebody can find out, by place in `askable`.
    pub rests: Vec<usize>,
}

/// What is asked on a date, once per kind of subject.
pub(crate) fn questions(
    pack: &Pack,
    programmes: &[&Programme],
    on: Date,
) -> Result<Vec<Question>, ProgrammesError> {
    let mut questions = Vec::new();
    for subject in &pack.subjects {
        let asked: Vec<&Programme> = programmes
            .iter()
            .copied()
            .filter(|programme| programme.subject == subject.id)
            .collect();
        if !asked.is_empty() {
            questions.push(Question::new(pack, subject, &asked, on)?);
        }
    }
    Ok(questions)
}

/// The step of a programme in which a day lies; a programme that pays nothing goes by months.
pub(crate) fn step(programme: &Programme, day: Date) -> Period {
    match programme.pays.as_ref().map(|pays| pays.every) {
        Some(Every::Year) => Period::year_of(day),
        Some(Every::Month) | None => Period::month_of(day),
    }
}

/// A programme's SQL on a day: `$on` is the day, `$start` and `$end` are those of its step, parameters have the day's value.
pub(crate) fn bound(programme: &Programme, sql: &Sql, on: Date) -> Result<String, ProgrammesError> {
    let value = |name: &str| match name {
        "on" => Some(date_literal(on)),
        "start" => Some(date_literal(step(programme, on).start())),
        "end" => Some(date_literal(step(programme, on).end())),
        _ => programme
            .parameter(name)
            .and_then(|parameter| parameter.on(on))
            .map(|dated| parameter_literal(&dated.value)),
    };
    bind(sql, &value).map_err(|_| {
        let names = pack::parameters(&sql.text)
            .into_iter()
            .map(|(name, _)| name);
        let parameter = names
            .into_iter()
            .find(|name| value(name).is_none())
            .unwrap_or_default();
        ProgrammesError::NoValue {
            programme: programme.id.clone(),
            parameter,
            on,
        }
    })
}

/// What a programme pays on a day, as SQL: whether the step is due, and how much. Due is what meets every condition and the rule of
/// the step, on the facts of the day. An amount whose parameter has no value yet can't be told.
pub(crate) fn paid(
    programme: &Programme,
    on: Date,
) -> Result<Option<(String, String)>, ProgrammesError> {
    let Some(pays) = &programme.pays else {
        return Ok(None);
    };
    let mut due = Vec::new();
    let conditions = programme.conditions_of_step();
    for sql in conditions.map(|own| &own.holds).chain([&pays.due]) {
        due.push(match bound(programme, sql, on) {
            Ok(text) => format!("({text}\n)"),
            Err(ProgrammesError::NoValue { .. }) => String::from("cast(null as boolean)"),
            Err(error) => return Err(error),
        });
    }
    let amount = match bound(programme, &pays.amount, on) {
        Ok(text) => format!("cast(({text}\n) as bigint)"),
        Err(ProgrammesError::NoValue { .. }) => String::from("cast(null as bigint)"),
        Err(error) => return Err(error),
    };
    Ok(Some((due.join(" and "), amount)))
}

/// Whether a programme may pay on a day: it is in force, and what it pays has a value. Before that nothing is due.
pub(crate) fn pays_on(programme: &Programme, on: Date) -> bool {
    let mut named = programme.named_in(programme.pays_sql());
    programme.not_in_force(on).is_none() && named.all(|parameter| parameter.on(on).is_some())
}

/// The amount of a programme as a fact: 0 where nothing is due, NULL where that can't be told, and where rules come to less than 0.
fn amount_fact(programme: &Programme, on: Date) -> Result<String, ProgrammesError> {
    let nothing = || String::from("cast(0 as bigint)");
    if !pays_on(programme, on) {
        return Ok(nothing());
    }
    Ok(match paid(programme, on)? {
        None => nothing(),
        Some((due, amount)) => format!(
            "case ({due}) when true then case when {amount} >= 0 then {amount} end when false then cast(0 as bigint) end"
        ),
    })
}

/// The query (`subject`, `person`) of the people a subject consists of, each once.
fn member_rows(subject: &Subject, on: Date) -> Result<String, ProgrammesError> {
    if let Some(sql) = &subject.member_rows {
        return Ok(format!(
            "select distinct subject, person from ({}\n) where subject is not null and person is not null",
            bind_day(sql, on)?
        ));
    }
    let own = bind_day(&subject.sql, on)?;
    let columns = subject.members.iter();
    let each = columns.map(|member| {
        format!(
            "select m.subject, m.{member} as person from ({own}\n) m where m.{member} is not null"
        )
    });
    Ok(each.collect::<Vec<_>>().join(" union "))
}

/// Whether a value that merely illustrates has a part in a programme, or in an amount that its facts rest on.
pub(crate) fn illustrative(pack: &Pack, programme: &Programme, on: Date) -> bool {
    let mut open = vec![programme];
    let mut seen = BTreeSet::new();
    while let Some(programme) = open.pop() {
        if !seen.insert(programme.id.as_str()) {
            continue;
        }
        if programme.illustrative(on) {
            return true;
        }
        let Some(subject) = pack.subject(&programme.subject) else {
            continue;
        };
        let mut facts = BTreeSet::new();
        for sql in programme.conditions_sql().chain(programme.pays_sql()) {
            reach(subject, sql, &mut facts);
        }
        let amounts = subject
            .computed
            .iter()
            .filter(|fact| facts.contains(&fact.id));
        open.extend(amounts.filter_map(|fact| pack.programme(fact.amount_of.as_ref()?)));
    }
    false
}

impl Question {
    fn new(
        pack: &Pack,
        subject: &Subject,
        programmes: &[&Programme],
        on: Date,
    ) -> Result<Self, ProgrammesError> {
        let mut used = BTreeSet::new();
        for programme in programmes {
            for sql in programme.conditions_sql().chain(programme.pays_sql()) {
                reach(subject, sql, &mut used);
            }
            for fact in programme.judgement.iter().flat_map(|own| &own.shows) {
                reach_fact(subject, fact, &mut used);
            }
        }
        let facts: Vec<String> = subject
            .facts()
            .filter(|fact| used.contains(&fact.id))
            .map(|fact| fact.id.clone())
            .collect();
        // Lists that a fact of the subject's own query names tell of those who are no subject ([`crate::compare`]).
        let waiting = |fact: &Fact| {
            let groups = subject.groups.iter().filter(|group| group.sql.is_some());
            let own = groups.flat_map(|group| &group.facts);
            fact.closed.is_asked() && own.into_iter().any(|own| own.id == fact.id)
        };
        let askable: Vec<Missable> = (subject.facts())
            .filter(|fact| used.contains(&fact.id))
            .filter(|fact| fact.ask.is_some() || waiting(fact))
            .enumerate()
            .map(|(nth, fact)| Missable {
                fact: fact.id.clone(),
                column: format!("n{nth}"),
                waits: waiting(fact).then(|| waits(&fact.id)),
                ask: fact.ask.is_some(),
            })
            .collect();
        let mut columns: BTreeMap<String, String> = BTreeMap::new();
        let mut conditions = Vec::new();
        let mut asked = Vec::new();
        for programme in programmes {
            let mut of_programme = Vec::new();
            for condition in &programme.conditions {
                let text = bound(programme, &condition.holds, on)?;
                let column = columns.entry(text.clone()).or_insert_with(|| {
                    let column = format!("c{}", conditions.len());
                    conditions.push((column.clone(), text));
                    column
                });
                let mut rests = BTreeSet::new();
                reach(subject, &condition.holds, &mut rests);
                let rests = (0..askable.len())
                    .filter(|&nth| rests.contains(&askable[nth].fact))
                    .collect();
                of_programme.push(AskedCondition {
                    column: column.clone(),
                    facts: named(subject, &condition.holds),
                    rests,
                });
            }
            asked.push(Asked {
                id: programme.id.clone(),
                illustrative: illustrative(pack, programme, on),
                conditions: of_programme,
            });
        }
        let members: Vec<String> = subject
            .members
            .iter()
            .filter(|member| *member != "subject")
            .cloned()
            .collect();
        let member_rows = match &subject.member_rows {
            Some(_) => Some(member_rows(subject, on)?),
            None => None,
        };
        let layers = Layers { pack, on }.of(subject, &used, &members)?;
        Ok(Self {
            subject: subject.id.clone(),
            programmes: asked,
            askable,
            facts,
            conditions,
            members,
            member_rows,
            layers,
        })
    }

    /// The sweep: subject, unit, members, every condition, and which facts are missing.
    pub fn sweep_sql(&self) -> String {
        self.select(self.lacking())
    }

    /// The columns that say what is missing, and why.
    fn lacking(&self) -> impl Iterator<Item = String> {
        self.askable.iter().flat_map(|own| {
            let missing = format!("{} is null as {}", own.fact, own.column);
            [missing].into_iter().chain(own.waits.clone())
        })
    }

    /// The same with the facts themselves, for showing.
    pub fn explain_sql(&self) -> String {
        let shown = (self.facts.iter()).map(|fact| format!("{fact} as fact_{fact}"));
        self.select(shown.chain(self.lacking()))
    }

    /// Any columns computed over the facts, with the subject first, of the rows in which something holds.
    pub fn over_facts(&self, columns: &[String], holds: &str) -> String {
        format!(
            "{}\nselect subject, {} from facts where {holds}",
            self.layers,
            columns.join(",\n  ")
        )
    }

    /// The columns of the sweep, by name.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec!["subject".to_owned(), "unit".to_owned()];
        columns.extend(self.members.iter().cloned());
        columns.extend(self.conditions.iter().map(|(column, _)| column.clone()));
        for own in &self.askable {
            columns.push(own.column.clone());
            columns.extend(own.waits.clone());
        }
        columns
    }

    fn select(&self, more: impl Iterator<Item = String>) -> String {
        let mut columns = vec!["subject".to_owned(), "unit".to_owned()];
        columns.extend(self.members.iter().cloned());
        columns.extend(
            self.conditions
                .iter()
                .map(|(column, text)| format!("({text}) as {column}")),
        );
        columns.extend(more);
        format!(
            "{}\nselect {} from facts",
            self.layers,
            columns.join(",\n  ")
        )
    }
}

/// The people a fact is about, as columns.
fn people(subject: &Subject, fact: &Fact) -> Vec<String> {
    let own = match fact.closed.of.is_empty() {
        false => &fact.closed.of,
        true => &subject.members,
    };
    let column = |name: &String| {
        let mut groups = subject.groups.iter().enumerate();
        let of_group = groups.find(|(_, group)| {
            group.sql.is_some() && group.facts.iter().any(|fact| fact.id == *name)
        });
        match of_group {
            Some((nth, _)) => format!("g{nth}.{name}"),
            None => format!("s.{name}"),
        }
    };
    own.iter().map(column).collect()
}

/// Whether any of the lists that tell a fact covers somebody.
fn told(fact: &Fact, person: &str) -> String {
    let lists = fact.closed.vouched.iter();
    let lists = lists.map(|list| format!("vouched({}, {person})", pack::literal(list)));
    let all = fact.closed.everywhere.iter();
    let all = all.map(|list| format!("vouched_everywhere({}, {person})", pack::literal(list)));
    format!("({})", lists.chain(all).collect::<Vec<_>>().join(" or "))
}

/// The column that says that a fact waits for a list.
fn waits(fact: &str) -> String {
    format!("w_{fact}")
}

/// The facts that SQL names, each once, in order.
fn named(subject: &Subject, sql: &Sql) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    for (name, _) in pack::mentions(&sql.text) {
        if subject.fact(&name).is_some() && !facts.contains(&name) {
            facts.push(name);
        }
    }
    facts
}

/// Adds every fact that the SQL rests on, through computed facts down to those of groups.
pub(crate) fn reach(subject: &Subject, sql: &Sql, into: &mut BTreeSet<String>) {
    for (name, _) in pack::mentions(&sql.text) {
        reach_fact(subject, &name, into);
    }
}

fn reach_fact(subject: &Subject, name: &str, into: &mut BTreeSet<String>) {
    let Some(fact) = subject.fact(name) else {
        return;
    };
    if into.insert(fact.id.clone()) {
        for name in &fact.closed.of {
            reach_fact(subject, name, into);
        }
        if let Some(sql) = &fact.sql {
            reach(subject, sql, into);
        }
        for name in &fact.rests {
            reach_fact(subject, name, into);
        }
    }
}
