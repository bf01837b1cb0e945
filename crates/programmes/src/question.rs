//! A question: the one query that asks every condition of some programmes of every subject of a kind.
//!
//! Facts come with the subject or from one left join per fact group; computed facts stand on them in layers; conditions stand on all facts.
//! The text is a pure function of the pack, the programmes and the date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use pack::{Fact, Pack, Programme, Sql, Subject};
use tables::{bind, date_literal, literal};

use crate::error::ProgrammesError;

/// One kind of subject, the programmes asked about it, and where their answers stand in the query's result.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The kind of subject.
    pub subject: String,
    /// The programmes, in the pack's order.
    pub programmes: Vec<Asked>,
    /// Facts somebody can find out, that a condition rests on: (fact, column that says it is missing).
    pub askable: Vec<(String, String)>,
    /// The facts whose groups and layers the query holds.
    pub facts: Vec<String>,
    /// Distinct conditions as bound SQL, by column.
    conditions: Vec<(String, String)>,
    /// Columns naming the people the subject stands for.
    pub members: Vec<String>,
    layers: String,
}

/// One programme in a question.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub id: String,
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
            questions.push(Question::new(subject, &asked, on)?);
        }
    }
    Ok(questions)
}

/// The value of a `$name` in a programme's SQL on a date: a parameter, or `$on`.
pub(crate) fn bound(programme: &Programme, sql: &Sql, on: Date) -> Result<String, ProgrammesError> {
    let value = |name: &str| match name {
        "on" => Some(date_literal(on)),
        _ => programme
            .parameter(name)
            .and_then(|parameter| parameter.on(on))
            .map(|dated| literal(&dated.value)),
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

fn bound_fact(sql: &Sql, on: Date) -> Result<String, ProgrammesError> {
    Ok(bind(sql, &|name| (name == "on").then(|| date_literal(on)))?)
}

impl Question {
    fn new(
        subject: &Subject,
        programmes: &[&Programme],
        on: Date,
    ) -> Result<Self, ProgrammesError> {
        let mut used = BTreeSet::new();
        for programme in programmes {
            for sql in programme
                .conditions
                .iter()
                .map(|condition| &condition.holds)
                .chain(
                    programme
                        .pays
                        .iter()
                        .flat_map(|pays| [&pays.due, &pays.amount]),
                )
            {
                reach(subject, sql, &mut used);
            }
        }
        let facts: Vec<String> = subject
            .facts()
            .filter(|fact| used.contains(&fact.id))
            .map(|fact| fact.id.clone())
            .collect();
        let askable: Vec<(String, String)> = (subject.facts())
            .filter(|fact| used.contains(&fact.id) && fact.ask.is_some())
            .enumerate()
            .map(|(nth, fact)| (fact.id.clone(), format!("n{nth}")))
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
                    .filter(|&nth| rests.contains(&askable[nth].0))
                    .collect();
                of_programme.push(AskedCondition {
                    column: column.clone(),
                    facts: named(subject, &condition.holds),
                    rests,
                });
            }
            asked.push(Asked {
                id: programme.id.clone(),
                conditions: of_programme,
            });
        }
        let members: Vec<String> = subject
            .members
            .iter()
            .filter(|member| *member != "subject")
            .cloned()
            .collect();
        let layers = layers(subject, &used, &members, on)?;
        Ok(Self {
            subject: subject.id.clone(),
            programmes: asked,
            askable,
            facts,
            conditions,
            members,
            layers,
        })
    }

    /// The sweep: subject, unit, members, every condition, and which facts are missing.
    pub fn sweep_sql(&self) -> String {
        self.select(
            self.askable
                .iter()
                .map(|(fact, column)| format!("{fact} is null as {column}")),
        )
    }

    /// The same with the facts themselves, for showing.
    pub fn explain_sql(&self) -> String {
        let shown = (self.facts.iter()).map(|fact| format!("{fact} as fact_{fact}"));
        self.select(
            shown.chain(
                self.askable
                    .iter()
                    .map(|(fact, column)| format!("{fact} is null as {column}")),
            ),
        )
    }

    /// Any columns computed over the facts, with the subject first.
    pub fn over_facts(&self, columns: &[String]) -> String {
        format!(
            "{}\nselect subject, {} from facts",
            self.layers,
            columns.join(", ")
        )
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
fn reach(subject: &Subject, sql: &Sql, into: &mut BTreeSet<String>) {
    for (name, _) in pack::mentions(&sql.text) {
        let Some(fact) = subject.fact(&name) else {
            continue;
        };
        if into.insert(fact.id.clone())
            && let Some(sql) = &fact.sql
        {
            reach(subject, sql, into);
        }
    }
}

/// `with` clauses that end in `facts`: one row per subject with every fact used.
fn layers(
    subject: &Subject,
    used: &BTreeSet<String>,
    members: &[String],
    on: Date,
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
            "\n  left join ({}) g{nth} on g{nth}.subject = s.subject",
            bound_fact(sql, on)?
        );
        for fact in facts {
            let id = &fact.id;
            columns.push(match &fact.absent {
                Some(absent) => format!(
                    "case when g{nth}.subject is null then {} else g{nth}.{id} end as {id}",
                    bound_fact(absent, on)?
                ),
                None => format!("g{nth}.{id}"),
            });
        }
    }
    let mut text = format!(
        "with facts0 as (\n  select {}\n  from ({}) s{joins}\n)",
        columns.join(", "),
        bound_fact(&subject.sql, on)?
    );
    let mut depth = 0;
    for fact in subject.computed_in_order() {
        if let (true, Some(sql)) = (used.contains(&fact.id), &fact.sql) {
            let _infallible = write!(
                text,
                ",\nfacts{} as (select *, {} as {} from facts{depth})",
                depth + 1,
                bound_fact(sql, on)?,
                fact.id
            );
            depth += 1;
        }
    }
    let _infallible = write!(text, ",\nfacts as (select * from facts{depth})");
    Ok(text)
}
