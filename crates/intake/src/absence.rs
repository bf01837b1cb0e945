//! Who has left. A whole list names everyone it is about, so that somebody on the last one who isn't on this one has gone: the
//! tables end what the list says of them. What is said here is whom that concerns. People who may be on the list, because a row of
//! their name was refused or a question names them, are let be: the list says that they are there, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use kernel::RecordId;
use ledger::{Position, Whole};
use pack::Exists;

use crate::claims::slot_of;
use crate::plan::RowPlan;
use crate::rows::State;
use crate::said::NAME;
use crate::script::Origin;

/// From how many on, and how great a share of those on the list, absence is doubted. As the tables take it.
const DOUBTED_FROM: usize = 20;
const DOUBTED_SHARE: usize = 5;

/// What becomes of people who are no longer on a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absence {
    /// They have left, unless they are so many that the list is likely a part.
    #[default]
    Guarded,
    /// They have left: the list is whole.
    Left,
    /// Nothing: the list is a part.
    Kept,
}

impl Absence {
    /// What a list is that is taken so; `whole` if its roster names everyone, or vouches for those it doesn't name.
    pub(crate) fn of_list(self, whole: bool) -> Whole {
        match self {
            Absence::Guarded if whole => Whole::Guarded,
            Absence::Left if whole => Whole::Whole,
            _ => Whole::Part,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Absence::Guarded => "guarded",
            Absence::Left => "left",
            Absence::Kept => "kept",
        }
    }
}

/// Somebody who is no longer on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The person.
    pub person: RecordId,
    /// Their name.
    pub name: String,
}

/// People who are no longer on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absent {
    /// Those who left.
    pub left: Vec<Gone>,
    /// How many were left as they are, and why.
    pub kept: usize,
    /// Why.
    pub why: Kept,
}

/// Why people who are not on a list were left as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kept {
    /// The list may be a part.
    #[default]
    MayBePart,
    /// Whoever imports said that it is a part.
    IsPart,
}

/// What a list leaves out.
#[derive(Default)]
pub(crate) struct LeftOut {
    /// Who has left.
    pub absent: Absent,
    /// Those who are let be: where a word about each stands.
    pub spared: Vec<Position>,
}

/// Works out who has left with a list of which `before` are the records that its last ones have; `same_day` if one of them is of its
/// day.
pub(crate) fn left_out(
    plan: &RowPlan<'_>,
    before: &BTreeSet<RecordId>,
    absence: Absence,
    same_day: bool,
) -> LeftOut {
    if !plan.setting.script.whole {
        return LeftOut::default();
    }
    let mut missing = missing(plan, before);
    let refused = refused(plan);
    let in_question = plan.setting.recognised.map(|found| &found.in_question);
    let is_spared = |subject: &i64| {
        in_question.is_some_and(|people| people.contains(subject))
            || plan.refused.contains(subject)
            || names_of(plan, *subject)
                .iter()
                .any(|name| refused.contains(name))
    };
    let mut left = LeftOut::default();
    missing.gone.retain(|subject, at| {
        let spared = is_spared(subject);
        left.spared.extend(spared.then_some(*at));
        !spared
    });
    let gone = missing.gone.len();
    let many = gone > DOUBTED_FROM && gone * DOUBTED_SHARE > missing.of;
    let why = match absence {
        Absence::Kept => Some(Kept::IsPart),
        Absence::Guarded => (same_day || many).then_some(Kept::MayBePart),
        Absence::Left => None,
    };
    left.absent = match why {
        Some(why) => Absent {
            left: Vec::new(),
            kept: gone,
            why,
        },
        None => Absent {
            left: (missing.gone.into_keys())
                .map(|person| Gone {
                    person: RecordId(person),
                    name: name_of(plan, person),
                })
                .collect(),
            ..Absent::default()
        },
    };
    left
}

/// People and other things that were on the list and are not on this one.
struct Missing {
    /// How many were on it.
    of: usize,
    /// Those who aren't, with where a word about them stands.
    gone: BTreeMap<i64, Position>,
}

fn missing(plan: &RowPlan<'_>, before: &BTreeSet<RecordId>) -> Missing {
    let present = present(plan);
    let mut there = BTreeSet::new();
    let mut gone = BTreeMap::new();
    for record in before {
        if let Some(subject) = present.records.get(&record.0) {
            there.insert(*subject);
        } else if let Some((subject, at)) = subject_of(plan, *record) {
            match present.people.contains(&subject) {
                true => {
                    there.insert(subject);
                }
                false => {
                    gone.entry(subject).or_insert(at);
                }
            }
        }
    }
    gone.retain(|subject, _| !there.contains(subject));
    Missing {
        of: there.len() + gone.len(),
        gone,
    }
}

/// What the list speaks of: people, and records with whom each is about, or itself.
struct Present {
    people: BTreeSet<i64>,
    records: BTreeMap<i64, i64>,
}

fn present(plan: &RowPlan<'_>) -> Present {
    let mut present = Present {
        people: BTreeSet::new(),
        records: BTreeMap::new(),
    };
    for claim in &plan.claims.all {
        let Some(record) = plan.slots.get(claim.slot).found else {
            continue;
        };
        let register = plan.register_of(claim.slot);
        if plan.is_person(claim.slot) {
            present.people.insert(record.0);
        } else if register.exists == Exists::Back {
            let body = plan.claims.body(claim);
            let with = register
                .kept_with
                .as_deref()
                .and_then(|id| register.field(id));
            let person = with.and_then(|(at, _)| slot_of(body.get(at)?.as_ref()?));
            let person = person.and_then(|slot| plan.slots.get(slot).found);
            // More that is said of it needn't name whom it is about.
            let subject = present.records.entry(record.0).or_insert(record.0);
            *subject = person.map_or(*subject, |person| person.0);
        }
    }
    present
}

/// Whom a record that no row speaks of is about, or itself; and where a word about it stands.
fn subject_of(plan: &RowPlan<'_>, record: RecordId) -> Option<(i64, Position)> {
    let standing = plan.setting.standing;
    let mut steps = plan.setting.script.writes.iter();
    steps.find_map(|step| {
        if step.register.exists != Exists::Back {
            return None;
        }
        let shelf = plan.shelf(step.register_at)?;
        let words = shelf.words(record);
        let at = words.clone().next_back()?.at();
        let with = step.register.kept_with.as_deref();
        let person = with.and_then(|id| {
            let (field, _) = step.register.field(id)?;
            let mut named = words.rev();
            named.find_map(|word| word.value(field)?.as_int())
        });
        let person = person.map(|person| standing.stays(RecordId(person)));
        Some((person.unwrap_or(record).0, at))
    })
}

/// The names of the rows that were refused: who they are is not known, but they are on the list.
fn refused(plan: &RowPlan<'_>) -> BTreeSet<String> {
    let (setting, people) = (&plan.setting, &plan.setting.script.people);
    let name = people
        .as_ref()
        .and_then(|people| people.said[NAME].as_ref());
    let Some(Origin::Column(column)) = name.map(|name| &name.origin) else {
        return BTreeSet::new();
    };
    let refused =
        (0..setting.rows.rows.len()).filter(|row| setting.rows.rows[*row].state == State::Rejected);
    let name = |row| {
        setting.rows.values(row)[*column]
            .as_ref()
            .map(ToString::to_string)
    };
    refused.filter_map(name).collect()
}

/// All names that were ever said of somebody.
fn names_of(plan: &RowPlan<'_>, person: i64) -> BTreeSet<String> {
    let people = &plan.setting.script.contract.people;
    let Some(shelf) = plan.setting.standing.shelf(&people.register.id) else {
        return BTreeSet::new();
    };
    let words = shelf.words(RecordId(person));
    let names = words.filter_map(|word| word.text(people.name.at));
    names.map(str::to_owned).collect()
}

/// The name of somebody on the day of the list, or else any.
fn name_of(plan: &RowPlan<'_>, person: i64) -> String {
    let people = &plan.setting.script.contract.people;
    let shelf = plan.setting.standing.shelf(&people.register.id);
    let known = shelf.as_ref().and_then(|shelf| {
        let known = shelf.record(RecordId(person), plan.setting.on)?;
        known.text(people.name.at).map(str::to_owned)
    });
    let name = known
        .or_else(|| names_of(plan, person).into_iter().next())
        .unwrap_or_default();
    let sensitivity = people.register.fields[people.name.at].sensitivity;
    match (plan.setting.grant).clears(sensitivity, &plan.setting.voice.unit) {
        true => name,
        false => kernel::mask::name(&name),
    }
}
