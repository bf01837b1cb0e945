//! What stood where a value was asked for and nobody could read. Nothing of the question is kept: it follows from the words that
//! stand ([`Snapshot::unread`]). An answer is a word of the desk, as of the day of what could not be read, in the name of whom it
//! came from: the value that it should be, or that what stands may stay.

use kernel::UnitCode;
use ledger::{Asking, Receipt};
use pack::Text;
use pack::cell::{Cell, Reader};
use tables::{Snapshot, Unread, Veil};

use super::contested::Correction;
use super::{First, Review, ReviewError, ValuePlace};

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub place: ValuePlace,
    /// The register's name, and the field's.
    pub of: [Text; 2],
    /// Whom it is about, masked as the grant demands; none if it is about nobody.
    pub person: Option<(kernel::RecordId, String)>,
    /// The book it is kept in.
    pub book: UnitCode,
    /// Who wrote it: the sender, and the unit whose list it is.
    pub by: (Text, UnitCode),
    /// As of which day.
    pub as_of: jiff::civil::Date,
    /// What stands there. It may be anything, another field's number too: none for whom something of the record is kept back from.
    pub text: Option<String>,
    /// The value that stands meanwhile, masked as the grant demands; codes in words.
    pub stands: Option<Text>,
}

/// What becomes of what could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadAs {
    /// It should be this, as people write it.
    Is(String),
    /// What stands may stay; it is unknown where nothing does.
    Leave,
}

impl Review<'_> {
    /// What could not be read, of what the grant reads and a unit has, or any: by book and place, the first of it.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn unread(
        &self,
        within: Option<UnitCode>,
        most: usize,
    ) -> Result<First<Unreadable>, ReviewError> {
        let standing = self.tables.snapshot().await?;
        let place = |unread: &Unread| {
            let book = self.book_of_unread(&standing, unread)?;
            let within = within.is_none_or(|unit| unit.contains(&book));
            within.then_some(book)
        };
        let all = standing.unread().iter();
        let mut found: Vec<(UnitCode, &Unread)> = all
            .filter_map(|unread| Some((place(unread)?, unread)))
            .collect();
        let field = |unread: &Unread| {
            let register = self.pack().register(&unread.register);
            let field = register.and_then(|register| register.fields.get(unread.field));
            field.map(|field| field.id.as_str())
        };
        found.sort_by(|(one_book, one), (other_book, other)| {
            let one = (one_book, &one.register, one.record, field(one));
            one.cmp(&(other_book, &other.register, other.record, field(other)))
        });
        let shown = found.iter().take(most);
        let shown = shown.filter_map(|(_, unread)| self.unreadable(&standing, unread));
        Ok(First {
            all: found.len(),
            shown: shown.collect(),
        })
    }

    /// The book of what could not be read, if the grant reads it.
    fn book_of_unread(&self, standing: &Snapshot, unread: &Unread) -> Option<UnitCode> {
        let register = self.pack().register(&unread.register)?;
        let field = register.fields.get(unread.field)?;
        let book = standing.shelf(&register.id)?.kept_in(unread.record)?;
        let reads = self.grant.reads_field(&register.id, &field.id, &book);
        (reads && Veil::of(register, &self.grant, &book).is_some()).then_some(book)
    }

    /// Answers what should stand where something could not be read.
    ///
    /// # Errors
    /// Nothing there waits any more, or it is out of the grant's reach; the answer can't be read either; the ledger refuses.
    pub async fn settle_unread(
        &self,
        place: &ValuePlace,
        reading: &ReadAs,
    ) -> Result<Receipt, ReviewError> {
        let _turn = self.tables.turn().await;
        let none = || ReviewError::NotUnread(place.record);
        let standing = self.tables.snapshot().await?;
        let shelf = standing.shelf(&place.register).ok_or_else(none)?;
        let (at, field) = shelf.register().field(&place.field).ok_or_else(none)?;
        let own = standing.unread().of_record(&place.register, place.record);
        let unread = own
            .iter()
            .find(|unread| unread.field == at)
            .ok_or_else(none)?;
        // Who may not see it is told nothing of it, not even whether an answer could be read.
        self.unreadable(&standing, unread).ok_or_else(none)?;
        let asking = Asking::to("settle unread")
            .with(&place.register)
            .with(place.record.0.to_le_bytes())
            .with(&place.field);
        let (asking, value) = match reading {
            ReadAs::Leave => {
                let record = shelf.record(place.record, pack::latest_date());
                (asking, record.and_then(|record| record.value(at)))
            }
            ReadAs::Is(text) => {
                let mut reader = Reader::new(&field.kind, self.pack(), unread.say.as_of);
                let value = reader.read(Cell::Text(text), &mut Vec::new());
                let value = value.map_err(|told| ReviewError::Unreadable(Box::new(told)))?;
                (asking.with(text), Some(value.ok_or(ReviewError::Blank)?))
            }
        };
        let asked = asking.with(standing.commit().to_le_bytes()).done();
        let correction = Correction {
            record: place.record,
            say: &unread.say,
            value,
        };
        self.correct(&shelf, place, vec![correction], asked)
            .await?
            .ok_or_else(none)
    }

    /// What could not be read, as it may be seen; none if it is out of reach.
    fn unreadable(&self, standing: &Snapshot, unread: &Unread) -> Option<Unreadable> {
        let register = self.pack().register(&unread.register)?;
        let shelf = standing.shelf(&register.id)?;
        let field = register.fields.get(unread.field)?;
        let book = self.book_of_unread(standing, unread)?;
        let veil = Veil::of(register, &self.grant, &book)?;
        let record = shelf.record(unread.record, pack::latest_date());
        let stands = record.and_then(|record| record.value(unread.field));
        Some(Unreadable {
            place: ValuePlace {
                register: register.id.clone(),
                record: unread.record,
                field: field.id.clone(),
            },
            of: [register.name.clone(), field.name.clone()],
            person: self.whom(standing, &shelf, unread.record),
            book,
            by: (self.sender(&unread.say.voice.sender), unread.say.voice.unit),
            as_of: unread.say.as_of,
            text: (veil == Veil::default()).then(|| unread.text.clone()),
            stands: stands.map(|value| self.words_for(field, &value)),
        })
    }
}
