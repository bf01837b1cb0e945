//! What a list leaves to a person, as a record of the ledger: which row, what it says, whom it may be of and why. The row itself
//! is kept whole, so that it can be carried out when somebody has decided. A question is found again by what is said, whatever
//! file says it.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use pack::{FieldAt, FieldType, Questions, Record, Roster, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tables::Snapshot;

use crate::finding::{QuestionKind, Weighed};
use crate::hex::hex;
use crate::said::Said;
use crate::script::{People, convert};

/// Somebody a row may be of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The person's record.
    pub person: i64,
    /// What speaks for and against it.
    pub weighed: Weighed,
}

impl Candidate {
    pub(crate) fn unweighed(person: i64) -> Candidate {
        Candidate {
            person,
            weighed: Weighed::default(),
        }
    }
}

/// A question, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inquiry {
    /// The roster the row is of.
    pub roster: String,
    /// The digest of what is said.
    pub digest: String,
    /// What is asked.
    pub kind: QuestionKind,
    /// The file, and the row in it.
    pub place: (String, i64),
    /// What is said of the person.
    pub said: Said,
    /// The whole row by column, as JSON.
    pub cells: String,
    /// Whom it may be of, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// The person it is, once that is decided; of a merge the one that stays.
    pub person: Option<i64>,
    /// Of a merge, the one that goes.
    pub other: Option<i64>,
    /// What was decided; a question that is decided is settled.
    pub decision: Option<String>,
    /// Who decided, or proposed.
    pub decided_by: Option<String>,
    /// Who confirmed a merge.
    pub confirmed_by: Option<String>,
}

/// Under which name the cells of a question have what could not be read.
const AS_READ: &str = "?";

impl Inquiry {
    /// A question that says nothing but what it is about.
    pub(crate) fn new(roster: &str, digest: String, kind: QuestionKind) -> Inquiry {
        Inquiry {
            roster: roster.to_owned(),
            digest,
            kind,
            place: (String::new(), 0),
            said: Said::new(),
            cells: String::new(),
            candidates: Vec::new(),
            person: None,
            other: None,
            decision: None,
            decided_by: None,
            confirmed_by: None,
        }
    }

    /// A digest of what a list says of somebody: equal for equal words, whatever the file. Of rows that say exactly the same, each
    /// has its own.
    pub(crate) fn digest(said: &Said, nth: usize) -> String {
        let mut hasher = Sha256::new();
        for value in said {
            hasher.update(value.as_ref().map(ToString::to_string).unwrap_or_default());
            hasher.update([0]);
        }
        if nth > 0 {
            hasher.update(nth.to_le_bytes());
        }
        hex(&hasher.finalize()[..12])
    }

    /// The question of a row. None if the row is too long to be kept.
    pub(crate) fn of_row(
        people: &People<'_>,
        (kind, digest): (QuestionKind, String),
        (number, values): (u32, &[Option<Value>]),
        said: &Said,
        candidates: Vec<Candidate>,
    ) -> Option<Inquiry> {
        let cells: serde_json::Map<String, serde_json::Value> = (people.columns_of_roster.iter())
            .zip(values)
            .filter_map(|(column, value)| {
                let cell = match value.as_ref()? {
                    Value::AsRead(text) => serde_json::json!({ AS_READ: text }),
                    value => value.to_string().into(),
                };
                Some((column.clone(), cell))
            })
            .collect();
        let cells = serde_json::Value::Object(cells).to_string();
        (cells.chars().count() <= pack::LONGEST_TEXT).then(|| Inquiry {
            place: (String::new(), i64::from(number)),
            said: said.clone(),
            cells,
            candidates,
            ..Inquiry::new(&people.roster, digest, kind)
        })
    }

    /// The key by which the ledger finds the question of a roster with this digest.
    pub(crate) fn key(roster: &str, digest: &str) -> String {
        format!("{roster}|{digest}")
    }

    /// Whether it has an answer.
    pub(crate) fn is_settled(&self) -> bool {
        self.decision.is_some()
    }

    /// The row's values, one for each column of the roster; none if the roster has changed so far that they can't be read.
    pub(crate) fn values(&self, roster: &Roster) -> Option<Vec<Option<Value>>> {
        let cells: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.cells).ok()?;
        let value = |column: &pack::Column| match cells.get(&column.id) {
            None => Some(None),
            Some(serde_json::Value::Object(cell)) => {
                let text = cell.get(AS_READ)?.as_str()?;
                Some(Value::as_read(text))
            }
            Some(cell) => {
                let text = cell.as_str()?;
                convert(Value::Text(text.to_owned()), &column.kind)
                    .or_else(|| amount(text, &column.kind))
                    .map(Some)
            }
        };
        roster.columns.iter().map(value).collect()
    }

    /// The question in a record; none if it isn't one.
    pub(crate) fn read(kept: &Questions, body: &Record) -> Option<Inquiry> {
        let value = |field: &FieldAt| body.get(field.at)?.clone();
        let text = |field| match value(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let number = |field| value(field)?.as_int();
        let candidates = text(&kept.candidates).and_then(|json| serde_json::from_str(&json).ok());
        Some(Inquiry {
            place: (
                text(&kept.file).unwrap_or_default(),
                number(&kept.row).unwrap_or(0),
            ),
            said: kept.said.iter().map(value).collect(),
            cells: text(&kept.cells).unwrap_or_default(),
            candidates: candidates.unwrap_or_default(),
            person: number(&kept.person),
            other: number(&kept.other),
            decision: text(&kept.decision),
            decided_by: text(&kept.decided_by),
            confirmed_by: text(&kept.confirmed_by),
            ..Inquiry::new(
                &text(&kept.roster)?,
                text(&kept.digest)?,
                QuestionKind::read(&text(&kept.kind)?)?,
            )
        })
    }

    /// The record of the question.
    pub(crate) fn body(&self, kept: &Questions) -> Record {
        let mut body: Record = vec![None; kept.register.fields.len()];
        let mut set = |field: &FieldAt, value: Option<Value>| body[field.at] = value;
        let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
        set(&kept.roster, text(&self.roster));
        set(&kept.digest, text(&self.digest));
        set(&kept.kind, text(self.kind.as_str()));
        set(&kept.file, text(&self.place.0));
        set(
            &kept.row,
            (self.place.1 > 0).then_some(Value::Int(self.place.1)),
        );
        for (field, value) in kept.said.iter().zip(&self.said) {
            set(field, value.clone());
        }
        set(&kept.cells, text(&self.cells));
        set(&kept.candidates, self.candidates_json().map(Value::Text));
        set(&kept.person, self.person.map(Value::Int));
        set(&kept.other, self.other.map(Value::Int));
        for (field, words) in [
            (&kept.decision, &self.decision),
            (&kept.decided_by, &self.decided_by),
            (&kept.confirmed_by, &self.confirmed_by),
        ] {
            set(field, words.as_deref().and_then(text));
        }
        body
    }

    /// As many candidates as a text holds.
    fn candidates_json(&self) -> Option<String> {
        (1..=self.candidates.len()).rev().find_map(|some| {
            let json = serde_json::to_string(&self.candidates[..some]).ok()?;
            (json.chars().count() <= pack::LONGEST_TEXT).then_some(json)
        })
    }
}

/// The question in a record of the ledger, as it stands; none if it doesn't.
pub(crate) fn read_question(
    standing: &Snapshot,
    kept: &Questions,
    record: RecordId,
) -> Option<Inquiry> {
    let body = standing.record(&kept.register.id, record, pack::latest_date())?;
    Inquiry::read(kept, &body)
}

/// Every question that stands.
pub(crate) fn questions_in<'a>(
    standing: &'a Snapshot,
    kept: &'a Questions,
) -> impl Iterator<Item = (RecordId, Inquiry)> + 'a {
    let records = standing.records(&kept.register.id).into_iter();
    records.filter_map(|record| Some((record, read_question(standing, kept, record)?)))
}

/// How many questions wait, by the unit in whose book they are kept.
#[must_use]
pub fn questions_waiting(standing: &Snapshot, kept: &Questions) -> BTreeMap<UnitCode, usize> {
    let mut waiting = BTreeMap::new();
    let Some(shelf) = standing.shelf(&kept.register.id) else {
        return waiting;
    };
    for record in standing.records(&kept.register.id) {
        let question = shelf.record(record, pack::latest_date());
        let open = question.is_some_and(|question| question.value(kept.decision.at).is_none());
        if let (true, Some(unit)) = (open, shelf.kept_in(record)) {
            *waiting.entry(unit).or_default() += 1;
        }
    }
    waiting
}

fn amount(text: &str, kind: &FieldType) -> Option<Value> {
    (*kind == FieldType::Fen).then(|| text.parse().ok().map(Value::Int))?
}
