//! Finding people, households, units and records as one types: by any part of a name, in characters, pinyin or initials, by the end of
//! a telephone, a number, a part of an address, or the whole ID number. One index serves all readers; what each finds and sees in it
//! is sifted by their posts. What is typed is kept nowhere, and of ID numbers only the whole one is looked up, in the ledger.

mod address;
mod asked;
mod columns;
mod households;
mod index;
mod layers;
mod lexicon;
mod people;
mod plan;
mod seen;
mod sound;
mod spelling;

use std::cmp::Ordering;

use jiff::civil::Date;
use kernel::{IdFault, IdNumber, RecordId, UnitCode};
use ledger::Access;
use tables::Page;

use crate::error::OfficeError;
use crate::view::View;
use asked::{Wanted, is_number};
use columns::{Row, Searched, Subject, Telephone};
use layers::Stale;
use plan::Kind;
use seen::Eyes;
use spelling::{Fit, Near, Spelling, Typed};

pub use asked::LONGEST_ASKED;
pub(crate) use index::Index;
pub(crate) use lexicon::Lexicon;
pub use people::{Meant, NearTo};

/// Whether a name has what is typed in it, by its characters, its pinyin or its initials.
#[must_use]
pub fn has_in_it(name: &str, typed: &str) -> bool {
    let name = Spelling::read(name.into());
    name.fit(&Typed::read(typed)).is_some()
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// People, households, units, and records about them.
    Everything,
    /// People only.
    People,
    /// Households only.
    Households,
}

/// Where something found leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leads {
    /// To a person.
    Person(RecordId),
    /// To a household.
    Household(RecordId),
    /// To a unit.
    Unit(UnitCode),
}

/// By what something was found, when it isn't its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBy {
    /// The register of the record that says so.
    pub register: String,
    /// The field.
    pub field: String,
    /// The record.
    pub record: RecordId,
    /// What stands there; whoever finds something by it sees it in clear.
    pub value: String,
}

/// Something found, as the reader may see it. What is none is unknown or withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where it leads.
    pub leads: Leads,
    /// A person's name, or the number of a household; none of a unit.
    pub title: Option<String>,
    /// Whose it is.
    pub unit: Option<UnitCode>,
    /// A person's sex, as its code.
    pub sex: Option<String>,
    /// A person's date of birth.
    pub birth: Option<Date>,
    /// A person's ID number.
    pub id_number: Option<String>,
    /// The address of a household, or of a person's.
    pub address: Option<String>,
    /// The name of a household's head; of a person's household, if that is somebody else.
    pub head: Option<String>,
    /// By what it was found.
    pub by: Option<FoundBy>,
}

impl Hit {
    fn to(leads: Leads) -> Self {
        Self {
            leads,
            title: None,
            unit: None,
            sex: None,
            birth: None,
            id_number: None,
            address: None,
            head: None,
            by: None,
        }
    }
}

/// What was found, the nearest first.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// A part of it.
    pub hits: Vec<Hit>,
    /// How many there are.
    pub total: usize,
    /// Whether an ID number was looked up.
    pub by_number: bool,
    /// Why what has as many digits as an ID number is none.
    pub fault: Option<IdFault>,
}

/// Something found, before anything of it is shown.
struct Find<'i> {
    near: Near,
    row: Row,
    by: &'i Searched,
    text: FoundText<'i>,
}

/// What it was found by.
enum FoundText<'i> {
    Written(&'i str),
    Telephone(&'i Telephone),
}

impl View {
    /// Finds what is typed, within what may be seen: a part of it, the nearest first, and how many there are. That something was
    /// looked for stands in the access log, not what.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn find(
        &self,
        typed: &str,
        on: Date,
        among: Among,
        part: Page,
    ) -> Result<Hits, OfficeError> {
        let number = match is_number(typed).then(|| IdNumber::read(typed)) {
            Some(Err(fault)) => {
                return Ok(Hits {
                    fault: Some(fault),
                    ..Hits::default()
                });
            }
            Some(Ok((number, _))) => Some(self.by_number(&number, on).await?),
            None => None,
        };
        let index = self.office.index(on).await?;
        let office = &self.office;
        let standing = office.tables.snapshot().await?;
        let numbers = standing.shelf(&office.contract.people.register.id);
        let mut eyes = Eyes::new(
            (&office.pack, &office.contract),
            &index,
            &self.grant,
            (numbers.as_ref(), on),
        );
        if let Some(person) = number {
            let person = person.map(|person| Row {
                subject: Subject::Person(person.0),
                record: person.0,
                unit: 0,
            });
            let hits = person.and_then(|row| eyes.hit(&row, None));
            let hits: Vec<Hit> = hits.into_iter().collect();
            return Ok(Hits {
                total: hits.len(),
                hits,
                by_number: true,
                fault: None,
            });
        }
        let Some(wanted) = Wanted::read(typed) else {
            return Ok(Hits::default());
        };
        let mut looking = Looking {
            wanted: &wanted,
            among,
            eyes: &mut eyes,
            finds: Vec::new(),
        };
        looking.names(&index);
        looking.places(&index);
        looking.telephones(&index);
        let mut finds = looking.finds;
        once_each(&mut finds);
        let total = finds.len();
        let nearest = nearest(finds, part);
        let hits = nearest.iter().filter_map(|find| {
            let value = match find.text {
                FoundText::Written(_) if find.by.kind == Kind::Name => None,
                FoundText::Written(text) => Some(text.to_owned()),
                FoundText::Telephone(telephone) => Some(telephone.written()),
            };
            eyes.hit(&find.row, value.map(|value| (find.by, value)))
        });
        Ok(Hits {
            hits: hits.collect(),
            total,
            ..Hits::default()
        })
    }

    /// Who has an ID number, if they may be seen; it needs no other leave. That it was asked stands in the access log.
    async fn by_number(
        &self,
        number: &IdNumber,
        on: Date,
    ) -> Result<Option<RecordId>, OfficeError> {
        let office = &self.office;
        let ledger = office.tables.ledger();
        let grant = kernel::Grant::clone(&self.grant);
        ledger
            .admit(grant, (office.clock)(), Access::Number)
            .await?;
        let keys = [number.as_str().to_owned()];
        let register = &office.contract.people.register.id;
        let found = ledger.find(register, office.root, &keys).await?;
        let standing = office.tables.snapshot().await?;
        let seen = |found: ledger::Found| {
            let person = standing.stays(found.record);
            let unit = standing.whose_is(person, on).unwrap_or(office.root);
            self.grant.reads(register, &unit).then_some(person)
        };
        Ok(found.into_iter().flatten().find_map(seen))
    }
}

/// Everything that fits and may be found.
struct Looking<'i, 'l> {
    wanted: &'l Wanted,
    among: Among,
    eyes: &'l mut Eyes<'i>,
    finds: Vec<Find<'i>>,
}

impl<'i> Looking<'i, '_> {
    fn add(&mut self, near: Near, row: &Row, by: &'i Searched, text: FoundText<'i>) {
        let is_person = matches!(row.subject, Subject::Person(_)) && by.kind != Kind::Title;
        let fits = match self.among {
            Among::Everything => true,
            Among::People => is_person,
            Among::Households => matches!(row.subject, Subject::Household(_)),
        };
        if fits && self.eyes.may_find(by, row) {
            let row = *row;
            self.finds.push(Find {
                near,
                row,
                by,
                text,
            });
        }
    }

    /// By names, and by numbers and titles.
    fn names(&mut self, index: &'i Index) {
        let typed = &self.wanted.typed;
        for (column, stale) in index.names() {
            let named = column.of.kind == Kind::Name;
            if named && !self.wanted.as_name {
                continue;
            }
            let sieve = if named { typed.sieve } else { typed.strict };
            let whole_only = !self.wanted.inside_title;
            for (at, spelling) in column.passing(sieve) {
                let title = || spelling.fit_title(typed).map(Near::from);
                let near = match named {
                    true => spelling.fit(typed),
                    false => title().filter(|near| near.fit == Fit::TitleWhole || !whole_only),
                };
                let Some(near) = near else { continue };
                for row in standing(column.rows(at), stale) {
                    let text = FoundText::Written(&spelling.written);
                    self.add(near, row, &column.of, text);
                }
            }
        }
    }

    /// By addresses.
    fn places(&mut self, index: &'i Index) {
        let Some(typed) = &self.wanted.place else {
            return;
        };
        for (column, stale) in index.places() {
            let passing = column.passing(typed.sieve);
            for (at, place) in passing.filter(|(_, place)| place.has(typed)) {
                for row in standing(column.rows(at), stale) {
                    let fit = match row.subject {
                        Subject::Household(_) => Fit::Address,
                        _ => Fit::AddressOfPerson,
                    };
                    let text = FoundText::Written(&place.written);
                    self.add(fit.into(), row, &column.of, text);
                }
            }
        }
    }

    /// By the ends of telephones.
    fn telephones(&mut self, index: &'i Index) {
        let Some(digits) = &self.wanted.digits else {
            return;
        };
        for (numbers, stale) in index.telephones() {
            let ending = numbers.ending(digits);
            for (telephone, whole) in ending.filter(|(own, _)| !stale.contains(&own.row.record)) {
                let fit = match whole {
                    true => Fit::Telephone,
                    false => Fit::TelephoneEnd,
                };
                let text = FoundText::Telephone(telephone);
                self.add(fit.into(), &telephone.row, &numbers.of, text);
            }
        }
    }
}

/// Rows but those that stand elsewhere.
fn standing<'r>(rows: &'r [Row], stale: &Stale) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(|row| !stale.contains(&row.record))
}

impl Find<'_> {
    /// What is found once: a person, household or unit, or another record that is about one.
    fn what(&self) -> (Subject, Option<i64>) {
        let other = (self.by.kind == Kind::Title).then_some(self.row.record);
        (self.row.subject, other)
    }

    /// The nearest first; of those as near the shortest text, then in the order of texts and records.
    fn order(&self, other: &Self) -> Ordering {
        (self.near.cmp(&other.near))
            .then_with(|| self.text().cmp(&other.text()))
            .then_with(|| self.what().cmp(&other.what()))
    }

    fn text(&self) -> Option<(usize, &str)> {
        match self.text {
            FoundText::Written(text) => Some((text.len(), text)),
            FoundText::Telephone(_) => None,
        }
    }
}

/// Each of those found once, by what it fits best.
fn once_each(finds: &mut Vec<Find<'_>>) {
    // Nobody has two names.
    let by = finds.first().map(|find| find.by);
    let by = by.filter(|by| by.kind == Kind::Name);
    if by.is_some_and(|by| finds.iter().all(|find| find.by.is(by))) {
        return;
    }
    finds.sort_by_key(|find| (find.what(), find.near));
    finds.dedup_by(|later, first| later.what() == first.what());
}

/// A part of those found, in order.
fn nearest(mut finds: Vec<Find<'_>>, part: Page) -> Vec<Find<'_>> {
    let end = part.offset.saturating_add(part.limit);
    if end < finds.len() {
        finds.select_nth_unstable_by(end, Find::order);
        finds.truncate(end);
    }
    finds.sort_unstable_by(Find::order);
    finds.drain(..part.offset.min(finds.len()));
    finds
}
