//! Values on which two senders differ and neither counts more: who says what, and which is right. Nothing of it is kept: it follows
//! from the words that stand, so that a list taken back, or one that comes late, asks and unasks by itself. An answer is a word of
//! the desk, as of the day of what is contested, in the name of whom it believes, or of whom it corrects; it stands until somebody says
//! something later. Homes that several units claim are asked and answered the same way.

use kernel::{RecordId, UnitCode};
use ledger::{Asked, Asking, Receipt, Say, SayDraft, SayId, Source, Target, Voice};
use pack::{Field, FieldSet, FieldType, Register, Said, Text, Value};
use tables::{Contender, Contest, Shelf, Snapshot};

use super::{First, Review, ReviewError};
use crate::changes::{Changes, WordDraft};
use crate::plan::same_door;

/// A value on which several differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Where it is.
    pub place: ValuePlace,
    /// The register's name, and the field's.
    pub of: [Text; 2],
    /// Whom it is about, masked as the grant demands; none if it is about nobody.
    pub person: Option<(RecordId, String)>,
    /// The book it is kept in.
    pub book: UnitCode,
    /// What is said, that which stands meanwhile first.
    pub views: Vec<SaidValue>,
}

/// Where a value is: the register, the record, the field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValuePlace {
    /// The register.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// The field.
    pub field: String,
}

/// One of the values that are said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidValue {
    /// By which it is chosen.
    pub say: SayId,
    /// Who says it: the senders, and the unit whose list each is.
    pub by: Vec<(Text, UnitCode)>,
    /// As of which day.
    pub as_of: jiff::civil::Date,
    /// The value, masked as the grant demands; codes in words. None if they say that it is unknown.
    pub text: Option<Text>,
    /// The record it refers to, by register, where it is a reference.
    pub refers: Option<(String, RecordId)>,
}

/// A value that is said in somebody's name, as of the day of what it puts right.
pub(super) struct Correction<'a> {
    pub record: RecordId,
    /// What it puts right.
    pub say: &'a Say,
    /// The value; none if it is said to be unknown.
    pub value: Option<Value>,
}

impl Review<'_> {
    /// The values on which several differ, of what the grant reads and a unit has, or any: by book, person and place, the first of them.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn differing(
        &self,
        within: Option<UnitCode>,
        most: usize,
    ) -> Result<First<Differing>, ReviewError> {
        let standing = self.tables.snapshot().await?;
        let mut found = Vec::new();
        for (register, contests) in standing.contests().registers() {
            let shelf = self.pack().register(register).zip(standing.shelf(register));
            let Some((register, shelf)) = shelf else {
                continue;
            };
            for contest in contests {
                let book = self.book_of(&shelf, register, contest);
                let book = book.filter(|book| within.is_none_or(|unit| unit.contains(book)));
                if let (Some(book), Some(first)) = (book, contest.said.first()) {
                    let field = register.fields[contest.field].id.as_str();
                    let person = self.person_of(&shelf, first.record);
                    let order = (book, person, &register.id, first.record, field);
                    found.push((order, contest));
                }
            }
        }
        found.sort_by_key(|(order, _)| *order);
        let shown = found.iter().take(most).filter_map(|((book, ..), contest)| {
            let register = self.pack().register(&contest.register)?;
            let shelf = standing.shelf(&register.id)?;
            self.differing_in(&standing, &shelf, (register, *book), contest)
        });
        Ok(First {
            all: found.len(),
            shown: shown.collect(),
        })
    }

    /// Answers on which value of a field is right: that of one of those who differ.
    ///
    /// # Errors
    /// Nobody differs there any more, or not that one; it is out of the grant's reach; the ledger refuses.
    pub async fn settle_value(
        &self,
        place: &ValuePlace,
        believed: SayId,
    ) -> Result<Receipt, ReviewError> {
        let _turn = self.tables.turn().await;
        let none = || ReviewError::NotContested(place.record);
        let standing = self.tables.snapshot().await?;
        let register = self.pack().register(&place.register).ok_or_else(none)?;
        let (field, _) = register.field(&place.field).ok_or_else(none)?;
        let shelf = standing.shelf(&register.id).ok_or_else(none)?;
        let own = standing.contests().of_record(&place.register, place.record);
        let contest = own.iter().find(|contest| contest.field == field);
        let contest = contest.ok_or_else(none)?;
        let right = contest.said.iter().find(|said| said.id == believed);
        let right = right.ok_or_else(none)?;
        // Of one record the value that is right is said; of homes that several claim, that the others aren't.
        let others = contest
            .said
            .iter()
            .filter(|said| said.record != right.record);
        let wrong: Vec<&Contender> = others.collect();
        let no = Some(Value::Bool(false));
        let said = match wrong.is_empty() {
            true => vec![(right, right.value.clone())],
            false => wrong.into_iter().map(|said| (said, no.clone())).collect(),
        };
        let corrections = said.into_iter().map(|(corrected, value)| Correction {
            record: corrected.record,
            say: &corrected.say,
            value,
        });
        let corrections: Vec<Correction<'_>> = corrections.collect();
        let asked = Asking::to("settle value")
            .with(&place.register)
            .with(place.record.0.to_le_bytes())
            .with(&place.field)
            .with(believed.commit.to_le_bytes())
            .with(believed.nth.to_le_bytes())
            .with(standing.commit().to_le_bytes())
            .done();
        self.correct(&shelf, place, corrections, asked)
            .await?
            .ok_or_else(none)
    }

    /// Says values of a field in the names of those whose words they put right, as of the days of those; none if one of the
    /// records is out of reach.
    pub(super) async fn correct(
        &self,
        shelf: &Shelf<'_>,
        place: &ValuePlace,
        corrections: Vec<Correction<'_>>,
        asked: Asked,
    ) -> Result<Option<Receipt>, ReviewError> {
        let register = self.pack().register(&place.register);
        let field = register.and_then(|register| register.field(&place.field));
        let Some((register, (field, _))) = register.zip(field) else {
            return Ok(None);
        };
        let mut changes = Changes::default();
        for corrected in corrections {
            let reads =
                |book: &UnitCode| self.grant.reads_field(&place.register, &place.field, book);
            let Some(book) = shelf.kept_in(corrected.record).filter(reads) else {
                return Ok(None);
            };
            let say = changes.say(SayDraft::New(Say {
                voice: Voice {
                    sender: corrected.say.voice.sender.clone(),
                    unit: book,
                    roster: String::new(),
                },
                as_of: corrected.say.as_of,
                list: None,
            }));
            let mut said = Said {
                values: vec![None; register.fields.len()],
                spoken: FieldSet::NONE,
            };
            said.set(field, corrected.value);
            let word = WordDraft {
                book,
                register: &register.id,
                record: Target::Known(corrected.record),
                say,
                said,
            };
            changes.correct(word, corrected.say.as_of);
        }
        let source = Source::Settled {
            register: place.register.clone(),
            record: place.record,
            field: place.field.clone(),
        };
        let head = self.head(asked, source);
        let commit = changes.commit(head, None);
        Ok(Some(self.ledger().commit(commit).await?))
    }

    /// A contest, as it may be seen; none if it is out of reach, or only one door spelt in two ways.
    /// The book in which something is contested; none if nobody differs, or the grant doesn't read it.
    fn book_of(
        &self,
        shelf: &Shelf<'_>,
        register: &Register,
        contest: &Contest,
    ) -> Option<UnitCode> {
        let field = &register.fields[contest.field];
        let (first, others) = contest.said.split_first()?;
        let books = contest.said.iter().map(|said| shelf.kept_in(said.record));
        let books: Vec<UnitCode> = books.collect::<Option<_>>()?;
        let reads = |book: &UnitCode| self.grant.reads_field(&register.id, &field.id, book);
        let book = books.iter().all(reads).then(|| books.first().copied())??;
        let same = |said: &Contender| match (&first.value, &said.value) {
            (known, Some(value)) => same_door(field, known.as_ref(), value),
            _ => false,
        };
        let agrees = |other: &Contender| other.record == first.record && same(other);
        (!others.iter().all(agrees)).then_some(book)
    }

    fn differing_in(
        &self,
        standing: &Snapshot,
        shelf: &Shelf<'_>,
        (register, book): (&Register, UnitCode),
        contest: &Contest,
    ) -> Option<Differing> {
        let field = &register.fields[contest.field];
        let first = contest.said.first()?;
        Some(Differing {
            place: ValuePlace {
                register: register.id.clone(),
                record: first.record,
                field: field.id.clone(),
            },
            of: [register.name.clone(), field.name.clone()],
            person: self.whom(standing, shelf, first.record),
            book,
            views: self.views(field, &contest.said),
        })
    }

    /// Whom a record is kept with; none if it is about nobody.
    fn person_of(&self, shelf: &Shelf<'_>, record: RecordId) -> Option<RecordId> {
        let register = shelf.register();
        let with = register.kept_with.as_deref();
        let with = with.and_then(|id| register.field(id)).map(|(at, _)| at);
        match with {
            _ if self.keeps_people(register) => Some(record),
            Some(at) => {
                let record = shelf.record(record, pack::latest_date())?;
                Some(RecordId(record.value(at)?.as_int()?))
            }
            None => None,
        }
    }

    /// Whom a record is kept with, and their name as it may be seen; none if it is about nobody.
    pub(super) fn whom(
        &self,
        standing: &Snapshot,
        shelf: &Shelf<'_>,
        record: RecordId,
    ) -> Option<(RecordId, String)> {
        let person = self.person_of(shelf, record)?;
        Some((person, self.name_of(standing, person)))
    }

    /// What is said, each value once with all who say it; homes stand by themselves.
    fn views(&self, field: &Field, said: &[Contender]) -> Vec<SaidValue> {
        let mut views: Vec<(&Contender, SaidValue)> = Vec::new();
        for one in said {
            let by = (self.sender(&one.say.voice.sender), one.say.voice.unit);
            let same = |(first, _): &&mut (&Contender, SaidValue)| {
                (first.record, &first.value) == (one.record, &one.value)
            };
            match views.iter_mut().find(same) {
                Some((_, view)) => view.by.push(by),
                None => {
                    let text = one.value.as_ref();
                    let refers = match &field.kind {
                        FieldType::Ref(of) => text.and_then(Value::as_int).map(|to| (of, to)),
                        _ => None,
                    };
                    let view = SaidValue {
                        say: one.id,
                        by: vec![by],
                        as_of: one.say.as_of,
                        text: text.map(|value| self.words_for(field, value)),
                        refers: refers.map(|(of, to)| (of.clone(), RecordId(to))),
                    };
                    views.push((one, view));
                }
            }
        }
        views.into_iter().map(|(_, view)| view).collect()
    }

    /// Somebody's name, as it may be seen.
    fn name_of(&self, standing: &Snapshot, person: RecordId) -> String {
        let name = || {
            let kept = &self.contract().ok()?.people;
            let people = standing.shelf(&kept.register.id)?;
            let known = people.record(person, pack::latest_date())?;
            let field = kept.register.fields.get(kept.name.at)?;
            Some(
                self.grant
                    .show(field.sensitivity, known.text(kept.name.at)?),
            )
        };
        name().unwrap_or_default()
    }

    fn keeps_people(&self, register: &Register) -> bool {
        let contract = self.contract();
        contract.is_ok_and(|contract| contract.people.register.id == register.id)
    }

    pub(super) fn sender(&self, id: &str) -> Text {
        let senders = self.pack().code("source");
        let member = senders.and_then(|list| list.member(id));
        member.map_or_else(|| Text::new(id, id), |member| member.name.clone())
    }
}

impl ValuePlace {
    /// As it is written in an address or on the command line: `register.record.field`.
    #[must_use]
    pub fn read(text: &str) -> Option<ValuePlace> {
        let mut parts = text.split('.');
        let (register, record, field) = (parts.next()?, parts.next()?, parts.next()?);
        Some(ValuePlace {
            register: register.to_owned(),
            record: RecordId(record.parse().ok()?),
            field: field.to_owned(),
        })
        .filter(|_| parts.next().is_none())
    }
}

impl std::fmt::Display for ValuePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.register, self.record.0, self.field)
    }
}
