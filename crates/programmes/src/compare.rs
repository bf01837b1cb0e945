//! The answers against who is on the benefit lists now: **missed** (entitled, not enrolled), **no longer** (enrolled, not
//! entitled) and **to find out** (cannot tell). Nobody is put on or taken off a list here; people decide that.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use kernel::Answer;
use pack::{Contract, Pack, Programme};
use tables::{FamilyRows, Session, Vouched, schema, texts};

use crate::error::ProgrammesError;
use crate::sweep::{Missing, Part, Row, Sweep, subjects, units};

/// Where a subject stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Entitled, and not enrolled.
    Missed,
    /// Enrolled, and not entitled.
    NoLonger,
    /// A fact is missing that somebody can find out.
    ToFindOut,
    /// Facts are missing, of which lists have to tell: nobody has to be asked.
    Waits,
    /// Entitled; whether enrolled isn't known, because no list of who is paid covers them.
    Unlisted,
    /// Entitled and enrolled.
    Served,
    /// Of a judgement: all conditions hold.
    Holds,
    /// Of a judgement: a condition doesn't hold.
    Fails,
}

/// The lists of what people are enrolled in, in the order in which they matter.
const OF_BENEFITS: [Standing; 6] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
    Standing::Served,
];
/// The lists of a judgement.
const OF_JUDGEMENTS: [Standing; 4] = [
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Fails,
    Standing::Holds,
];

impl Standing {
    /// Each.
    pub const ALL: [Self; 8] = [
        Self::Missed,
        Self::NoLonger,
        Self::ToFindOut,
        Self::Waits,
        Self::Unlisted,
        Self::Served,
        Self::Holds,
        Self::Fails,
    ];

    /// The word for addresses and exports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::NoLonger => "no-longer",
            Self::ToFindOut => "to-find-out",
            Self::Waits => "waits",
            Self::Unlisted => "unlisted",
            Self::Served => "served",
            Self::Holds => "holds",
            Self::Fails => "fails",
        }
    }

    /// The lists of a programme, in the order in which they matter.
    #[must_use]
    pub fn of(programme: &Programme) -> &'static [Self] {
        match programme.judgement {
            Some(_) => &OF_JUDGEMENTS,
            None => &OF_BENEFITS,
        }
    }

    /// The heading of the list of a programme in the reader's language.
    #[must_use]
    pub fn name(self, programme: &Programme, lang: kernel::Lang) -> &str {
        match (&programme.judgement, self) {
            (Some(own), Self::Holds) => own.holds.get(lang),
            (Some(own), Self::Fails) => own.fails.get(lang),
            _ => self.label(lang),
        }
    }

    /// The standing of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = OF_BENEFITS.into_iter().chain(OF_JUDGEMENTS);
        all.find(|standing| standing.as_str() == word)
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
            (Self::Waits, kernel::Lang::Zh) => "待名册",
            (Self::Waits, kernel::Lang::En) => "Waiting for lists",
            (Self::Unlisted, kernel::Lang::Zh) => "符合，是否在享不明",
            (Self::Unlisted, kernel::Lang::En) => "Entitled, enrolment unknown",
            (Self::Served, kernel::Lang::Zh) => "已享",
            (Self::Served, kernel::Lang::En) => "Served",
            (Self::Holds, kernel::Lang::Zh) => "成立",
            (Self::Holds, kernel::Lang::En) => "Holds",
            (Self::Fails, kernel::Lang::Zh) => "不成立",
            (Self::Fails, kernel::Lang::En) => "Doesn't hold",
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
    /// Facts of which a list has to tell.
    pub waits: Vec<String>,
}

/// The lists of one programme, in order of subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Everyone who is entitled, enrolled or undecided; of a judgement everyone.
    pub all: Vec<Arc<Listed>>,
}

impl Lists {
    /// One of the lists.
    pub fn of(&self, standing: Standing) -> impl Iterator<Item = &Arc<Listed>> {
        let all = self.all.iter();
        all.filter(move |listed| listed.standing == standing)
    }

    /// The lists after some people were asked again, of whom `again` has those who stand on one; none if they stand as they did.
    fn after(&self, concerned: &BTreeSet<i64>, again: Self) -> Option<Self> {
        let is = |listed: &&Arc<Listed>| {
            let mut people = listed.people.iter();
            people.any(|person| concerned.contains(person))
        };
        if self.all.iter().filter(is).eq(&again.all) {
            return None;
        }
        let others = self.all.iter().filter(|listed| !is(listed)).cloned();
        let mut all: Vec<Arc<Listed>> = others.chain(again.all).collect();
        all.sort_by(|one, other| one.order(other));
        Some(Self { all })
    }

    /// The subjects of whom two lists say different things, where one was made of the other: what didn't change is the same in both.
    #[must_use]
    pub fn otherwise(&self, other: &Self) -> BTreeSet<i64> {
        let mut subjects = BTreeSet::new();
        let (mut one, mut two) = (&self.all[..], &other.all[..]);
        while let (Some(left), Some(right)) = (one.first(), two.first()) {
            let order = match Arc::ptr_eq(left, right) {
                true => Ordering::Equal,
                false => {
                    let order = left.order(right);
                    let own = order.is_le().then_some(left);
                    let others = order.is_ge().then_some(right);
                    subjects.extend(own.into_iter().chain(others).filter_map(|of| of.subject));
                    order
                }
            };
            one = &one[usize::from(order.is_le())..];
            two = &two[usize::from(order.is_ge())..];
        }
        subjects.extend(one.iter().chain(two).filter_map(|of| of.subject));
        subjects
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

impl Listed {
    /// The order of lists.
    fn order(&self, other: &Self) -> Ordering {
        let key = |listed: &Self| (listed.subject.is_none(), listed.subject);
        let people = || self.people.cmp(&other.people);
        key(self).cmp(&key(other)).then_with(people)
    }
}

/// The lists of every programme, by its id.
pub type AllLists = BTreeMap<String, Arc<Lists>>;

/// The lists of every programme swept.
///
/// # Errors
/// Whatever reading the enrolments gives.
pub async fn compare(session: &Session, sweep: &Sweep) -> Result<AllLists, ProgrammesError> {
    let enrolled = match session.pack().contract() {
        Ok(contract) => {
            let [person, programme, unit] = enrolment_fields(contract);
            let register = &contract.enrolments.register.id;
            let sql = format!("select {person}, {programme}, {unit} from {register}");
            enrolments(&session.collect(&sql).await?)
        }
        Err(_) => Enrolled::new(),
    };
    let none = BTreeMap::new();
    let vouched = session.vouched();
    let each = sweep.programmes().map(|programme| {
        let enrolled = enrolled.get(&programme.id).unwrap_or(&none);
        let lists = lists(sweep, &programme.id, (enrolled, &*vouched), |_| true);
        (programme.id.clone(), Arc::new(lists))
    });
    Ok(each.collect())
}

/// The lists after some people were asked again: `again` has their answers, and `rows` the rows around them.
pub(crate) fn compare_again(
    before: &AllLists,
    again: &Sweep,
    concerned: &BTreeSet<i64>,
    rows: &FamilyRows,
) -> Result<AllLists, ProgrammesError> {
    let mut enrolled = Enrolled::new();
    if let Ok(contract) = again.pack().contract()
        && let Some(rows) = rows.get(&contract.enrolments.register.id)
    {
        let fields = enrolment_fields(contract).map(|id| rows.schema().index_of(id));
        let fields: Result<Vec<usize>, _> = fields.into_iter().collect();
        let rows = fields.and_then(|fields| rows.project(&fields));
        enrolled = enrolments(&[rows.map_err(tables::TablesError::from)?]);
    }
    let none = BTreeMap::new();
    let vouched = rows.get(schema::VOUCHED).map(Vouched::of_rows);
    let vouched = vouched.unwrap_or_default();
    let each = before.iter().map(|(programme, before)| {
        let enrolled = enrolled.get(programme).unwrap_or(&none);
        let is_concerned = |person| concerned.contains(&person);
        let lists = lists(again, programme, (enrolled, &vouched), is_concerned);
        let after = before.after(concerned, lists).map(Arc::new);
        (programme.clone(), after.unwrap_or_else(|| before.clone()))
    });
    Ok(each.collect())
}

/// The fields that say who is enrolled in what by which unit.
pub(crate) fn enrolment_fields(contract: &Contract) -> [&str; 3] {
    let kept = &contract.enrolments;
    [&kept.person.id, &kept.programme.id, &kept.unit.id]
}

/// Who is enrolled: programme → person → paying unit.
type Enrolled = BTreeMap<String, BTreeMap<i64, String>>;

/// Who is enrolled by rows of (person, programme, unit).
fn enrolments(rows: &[RecordBatch]) -> Enrolled {
    let mut enrolled = Enrolled::new();
    for batch in rows {
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
    enrolled
}

/// The lists of a programme; of those enrolled who are no subject, such as are wanted.
fn lists(
    sweep: &Sweep,
    programme: &str,
    (enrolled, vouched): (&BTreeMap<i64, String>, &Vouched),
    wanted: impl Fn(i64) -> bool,
) -> Lists {
    let Some((part, asked)) = sweep.part(programme) else {
        return Lists::default();
    };
    let declared = sweep.pack().programme(programme);
    let judged = declared.is_some_and(|own| own.judgement.is_some());
    // Where no list tells who is paid, nobody knows; a programme of which none ever does is compared with what is on record.
    let telling = payment_bits(sweep.pack(), programme);
    let is_told = |people: &[i64]| is_told(telling, vouched, people);
    let mut all = Vec::new();
    let mut met: BTreeSet<i64> = BTreeSet::new();
    for batch in &part.rows {
        let (subjects, units) = (subjects(batch), units(batch));
        let members = members(part, batch);
        for (at, answer) in part.answers(asked, batch).iter().enumerate() {
            let people = members.of(subjects.value(at), at);
            let on_list = people.clone().any(|person| enrolled.contains_key(&person));
            let answer = Answer::from(answer);
            if answer == Answer::NotEntitled && !on_list && !judged {
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
            let lacks = match answer {
                Answer::CannotTell => part.missing(asked, &row),
                _ => Missing::default(),
            };
            let waits = lacks.ask.is_empty() && !lacks.wait.is_empty();
            let told = on_list || is_told(&people);
            all.push(Arc::new(Listed {
                subject: Some(subjects.value(at)),
                people,
                unit: units.value(at).to_owned(),
                standing: match judged {
                    _ if waits => Standing::Waits,
                    true => judged_as(row.answer),
                    false if answer == Answer::Entitled && !told => Standing::Unlisted,
                    false => standing(row.answer, on_list),
                },
                enrolled: on_list,
                failed: part.failed(asked, &row),
                missing: lacks.ask,
                waits: lacks.wait,
            }));
        }
    }
    // That somebody is no subject follows only where a list would show the subject.
    let showing = declared.map(|own| showing_subjects(sweep.pack(), &own.subject));
    let showing = showing.unwrap_or_default();
    let others = enrolled.iter().filter(|(person, _)| !met.contains(person));
    for (person, unit) in others.filter(|(person, _)| wanted(**person)) {
        let lacking = showing
            .iter()
            .filter(|(_, bits)| vouched.bits(*person) & bits == 0);
        let waits: Vec<String> = lacking.map(|(fact, _)| fact.clone()).collect();
        all.push(Arc::new(Listed {
            subject: None,
            people: vec![*person],
            unit: unit.clone(),
            standing: match waits.is_empty() {
                true => Standing::NoLonger,
                false => Standing::Waits,
            },
            enrolled: true,
            failed: Vec::new(),
            missing: Vec::new(),
            waits,
        }));
    }
    all.sort_by(|one, other| one.order(other));
    Lists { all }
}

/// The bits of the lists that tell who is paid by a programme.
pub(crate) fn payment_bits(pack: &Pack, programme: &str) -> u64 {
    bits_of(pack, &pack.payment_vouchers(programme))
}

fn bits_of(pack: &Pack, lists: &[String]) -> u64 {
    let names = pack.vouchers();
    let places = (0..).zip(&names).filter(|(_, name)| lists.contains(name));
    places.fold(0, |bits, (at, _)| bits | 1 << at)
}

/// The facts of a subject's own query that lists show, and the bits of these lists: whom they don't cover may belong to a subject that
/// isn't on record.
fn showing_subjects(pack: &Pack, subject: &str) -> Vec<(String, u64)> {
    let groups = pack.subject(subject).map(|own| own.groups.iter());
    let own = groups.into_iter().flatten().filter(|own| own.sql.is_none());
    let facts = own.flat_map(|group| &group.facts);
    let shown = facts.filter(|fact| fact.closed.is_asked());
    shown
        .map(|fact| (fact.id.clone(), bits_of(pack, &fact.closed.vouched)))
        .collect()
}

/// Whether lists tell of all these people whether they are paid; where none ever does, what is on record is taken.
pub(crate) fn is_told(telling: u64, vouched: &Vouched, people: &[i64]) -> bool {
    telling == 0 || people.iter().all(|one| vouched.bits(*one) & telling != 0)
}

fn standing(answer: Answer, enrolled: bool) -> Standing {
    match (answer, enrolled) {
        (Answer::Entitled, true) => Standing::Served,
        (Answer::Entitled, false) => Standing::Missed,
        (Answer::CannotTell, _) => Standing::ToFindOut,
        (Answer::NotEntitled, _) => Standing::NoLonger,
    }
}

fn judged_as(answer: Answer) -> Standing {
    match answer {
        Answer::Entitled => Standing::Holds,
        Answer::CannotTell => Standing::ToFindOut,
        Answer::NotEntitled => Standing::Fails,
    }
}

/// The people of each subject: a column per member, or a list for each subject.
pub(crate) struct Members<'a> {
    columns: Vec<Vec<i64>>,
    lists: Option<&'a BTreeMap<i64, Vec<i64>>>,
}

impl Members<'_> {
    pub(crate) fn of(&self, subject: i64, at: usize) -> impl Iterator<Item = i64> + Clone + '_ {
        let list = self.lists.and_then(|lists| lists.get(&subject));
        let list = list.into_iter().flatten().copied();
        self.columns
            .iter()
            .map(move |column| column[at])
            .chain(list)
    }
}

pub(crate) fn members<'a>(part: &'a Part, batch: &RecordBatch) -> Members<'a> {
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
