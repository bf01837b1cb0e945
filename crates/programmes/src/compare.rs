//! The answers against who is on the benefit lists now: **missed** (entitled, not enrolled), **no longer** (enrolled, not
//! entitled) and **to find out** (cannot tell). Nobody is put on or taken off a list here; people decide that.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use kernel::Answer;
use tables::{Session, texts};

use crate::error::ProgrammesError;
use crate::sweep::{Part, Row, Sweep, subjects, units};

/// Where a subject stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Entitled, and not enrolled.
    Missed,
    /// Enrolled, and not entitled.
    NoLonger,
    /// A fact is missing.
    ToFindOut,
    /// Entitled and enrolled.
    Served,
}

impl Standing {
    /// The word for addresses and exports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::NoLonger => "no-longer",
            Self::ToFindOut => "to-find-out",
            Self::Served => "served",
        }
    }

    /// The standing of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Missed, Self::NoLonger, Self::ToFindOut, Self::Served]
            .into_iter()
            .find(|standing| standing.as_str() == word)
    }

    /// The heading of the list in the reader's language.
    #[must_use]
    pub fn label(self, lang: kernel::Lang) -> &'static str {
        match (self, lang) {
            (Self::Missed, kernel::Lang::Zh) => "应享未享",
            (Self::Missed, kernel::Lang::En) => "Missed",
            (Self::NoLonger, kernel::Lang::Zh) => "在享不再符合",
            (Self::NoLonger, kernel::Lang::En) => "No longer entitled",
            (Self::ToFindOut, kernel::Lang::Zh) => "待核实",
            (Self::ToFindOut, kernel::Lang::En) => "To find out",
            (Self::Served, kernel::Lang::Zh) => "已享",
            (Self::Served, kernel::Lang::En) => "Served",
        }
    }
}

/// One subject on a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// The subject's record; absent when the enrolled person is no subject of the programme any more.
    pub subject: Option<i64>,
    /// The people the subject stands for.
    pub people: Vec<i64>,
    /// The unit whose the subject is.
    pub unit: String,
    /// Where it stands.
    pub standing: Standing,
    /// Whether one of the people is enrolled.
    pub enrolled: bool,
    /// Conditions that do not hold, by position in the programme.
    pub failed: Vec<usize>,
    /// Facts to find out.
    pub missing: Vec<String>,
}

/// The lists of one programme, in order of subject.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Lists {
    /// Everyone who is entitled, enrolled or undecided.
    pub all: Vec<Listed>,
}

impl Lists {
    /// One of the lists.
    pub fn of(&self, standing: Standing) -> impl Iterator<Item = &Listed> {
        self.all
            .iter()
            .filter(move |listed| listed.standing == standing)
    }

    /// How many stand on a list.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.of(standing).count()
    }

    /// Only those of units the reader may see.
    #[must_use]
    pub fn within(&self, sees: impl Fn(&str) -> bool) -> Self {
        Self {
            all: self
                .all
                .iter()
                .filter(|listed| sees(&listed.unit))
                .cloned()
                .collect(),
        }
    }
}

/// The lists of every programme swept, by programme id.
///
/// # Errors
/// Whatever reading the enrolments gives.
pub async fn compare(
    session: &Session,
    sweep: &Sweep,
) -> Result<BTreeMap<String, Lists>, ProgrammesError> {
    let enrolled = enrolments(session).await?;
    let none = BTreeMap::new();
    Ok(sweep
        .programmes()
        .map(|programme| {
            (
                programme.id.clone(),
                lists(
                    sweep,
                    &programme.id,
                    enrolled.get(&programme.id).unwrap_or(&none),
                ),
            )
        })
        .collect())
}

/// Who is enrolled now: programme → person → paying unit.
async fn enrolments(
    session: &Session,
) -> Result<BTreeMap<String, BTreeMap<i64, String>>, ProgrammesError> {
    let mut enrolled: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    let Ok(contract) = session.pack().contract() else {
        return Ok(enrolled);
    };
    let kept = &contract.enrolments;
    let (person, programme) = (&kept.person.id, &kept.programme.id);
    let (unit, register) = (&kept.unit.id, &kept.register.id);
    let sql = format!("select {person}, {programme}, {unit} from {register}");
    for batch in session.collect(&sql).await? {
        let people = batch.column(0).as_primitive::<Int64Type>();
        let (programmes, units) = (texts(batch.column(1)), texts(batch.column(2)));
        for (row, (programme, unit)) in programmes.into_iter().zip(units).enumerate() {
            if let (Some(programme), Some(unit), true) = (programme, unit, people.is_valid(row)) {
                enrolled
                    .entry(programme)
                    .or_default()
                    .insert(people.value(row), unit);
            }
        }
    }
    Ok(enrolled)
}

fn lists(sweep: &Sweep, programme: &str, enrolled: &BTreeMap<i64, String>) -> Lists {
    let Some((part, asked)) = sweep.part(programme) else {
        return Lists::default();
    };
    let mut all = Vec::new();
    let mut met: BTreeSet<i64> = BTreeSet::new();
    for batch in &part.rows {
        let (subjects, units) = (subjects(batch), units(batch));
        let members = members(part, batch);
        for (at, answer) in part.answers(asked, batch).iter().enumerate() {
            let people = members.of(subjects.value(at), at);
            let on_list = people.clone().any(|person| enrolled.contains_key(&person));
            let answer = Answer::from(answer);
            if answer == Answer::NotEntitled && !on_list {
                continue;
            }
            let people: Vec<i64> = people.collect();
            if on_list {
                met.extend(
                    people
                        .iter()
                        .copied()
                        .filter(|person| enrolled.contains_key(person)),
                );
            }
            let row = Row { batch, at, answer };
            all.push(Listed {
                subject: Some(subjects.value(at)),
                people,
                unit: units.value(at).to_owned(),
                standing: standing(row.answer, on_list),
                enrolled: on_list,
                failed: part.failed(asked, &row),
                missing: if answer == Answer::CannotTell {
                    part.missing(asked, &row)
                } else {
                    Vec::new()
                },
            });
        }
    }
    for (person, unit) in enrolled.iter().filter(|(person, _)| !met.contains(person)) {
        all.push(Listed {
            subject: None,
            people: vec![*person],
            unit: unit.clone(),
            standing: Standing::NoLonger,
            enrolled: true,
            failed: Vec::new(),
            missing: Vec::new(),
        });
    }
    all.sort_by(|a, b| {
        (a.subject.is_none(), a.subject, &a.people).cmp(&(
            b.subject.is_none(),
            b.subject,
            &b.people,
        ))
    });
    Lists { all }
}

fn standing(answer: Answer, enrolled: bool) -> Standing {
    match (answer, enrolled) {
        (Answer::Entitled, true) => Standing::Served,
        (Answer::Entitled, false) => Standing::Missed,
        (Answer::CannotTell, _) => Standing::ToFindOut,
        (Answer::NotEntitled, _) => Standing::NoLonger,
    }
}

/// The people of each subject: a column per member, or a list for each subject.
struct Members<'a> {
    columns: Vec<Vec<i64>>,
    lists: Option<&'a BTreeMap<i64, Vec<i64>>>,
}

impl Members<'_> {
    fn of(&self, subject: i64, at: usize) -> impl Iterator<Item = i64> + Clone + '_ {
        let list = self.lists.and_then(|lists| lists.get(&subject));
        let list = list.into_iter().flatten().copied();
        self.columns
            .iter()
            .map(move |column| column[at])
            .chain(list)
    }
}

fn members<'a>(part: &'a Part, batch: &RecordBatch) -> Members<'a> {
    let lists = part.people.as_ref();
    let columns = if lists.is_some() {
        Vec::new()
    } else if part.question.members.is_empty() {
        vec![subjects(batch).values().to_vec()]
    } else {
        (part.question.members.iter())
            .filter_map(|member| batch.column_by_name(member))
            .map(|column| column.as_primitive::<Int64Type>().values().to_vec())
            .collect()
    };
    Members { columns, lists }
}
