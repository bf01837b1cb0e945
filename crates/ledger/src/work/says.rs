//! Who says what a commit writes, and which words it says again: checked before its first entry, because every entry's hash covers
//! its says.

use super::Work;
use crate::entry::{Commit, MOST_ENTRIES, MOST_SAYS, MOST_TOLD, Roll, Say, SayDraft, SayId};
use crate::error::LedgerError;
use crate::ledger::check_words;
use crate::rolls;
use crate::store::{Batch, Reading, RollRow, SayRow};
use jiff::civil::Date;
use kernel::UnitCode;

/// A say of the commit, as its entries need it.
pub(super) struct Saying {
    pub(super) id: SayId,
    pub(super) unit: UnitCode,
    /// As of which day.
    pub(super) as_of: Date,
    /// Whether it is new, rather than more of one that stands.
    pub(super) new: bool,
}

/// Checks the says of a commit, and puts the new ones into the batch.
pub(super) async fn begin(
    tx: &mut dyn Reading,
    commit: &Commit<()>,
    number: i64,
    batch: &mut Batch,
) -> Result<Vec<Saying>, LedgerError> {
    if commit.says.len() > MOST_SAYS {
        return Err(LedgerError::TooManySays(commit.says.len()));
    }
    let mut says = Vec::with_capacity(commit.says.len());
    for (nth, draft) in (0_u32..).zip(&commit.says) {
        let (id, (unit, as_of), new) = match draft {
            SayDraft::New(say) => {
                check(say, nth)?;
                let id = SayId {
                    commit: number,
                    nth,
                };
                let say = say.clone();
                let of = (say.voice.unit, say.as_of);
                batch.says.push(SayRow { id, say });
                (id, of, true)
            }
            SayDraft::More(id) => (*id, standing(tx, *id, nth).await?, false),
        };
        if !commit.grant.writes(None, &unit) {
            let who = commit.grant.who.clone();
            return Err(LedgerError::OutOfScope { who, unit });
        }
        says.push(Saying {
            id,
            unit,
            as_of,
            new,
        });
    }
    Ok(says)
}

fn check(say: &Say, nth: u32) -> Result<(), LedgerError> {
    let file = say.list.as_ref().map_or("", |list| &list.file);
    for words in [&*say.voice.sender, &*say.voice.roster, file] {
        check_words(words)?;
    }
    let told = say.list.iter().flat_map(|list| [&list.slices, &list.holes]);
    for told in told {
        let one_line = |one: &&String| !one.contains(['\n', '\r']) && !one.is_empty();
        if told.len() > MOST_TOLD || !told.iter().all(|one| one_line(&one)) || !told.is_sorted() {
            return Err(LedgerError::BadSay(nth));
        }
        for one in told {
            check_words(one)?;
        }
    }
    let counts = say
        .list
        .as_ref()
        .map_or((0, 0), |list| (list.rows, list.unplaced));
    // A roster makes a series, and a series is made of lists.
    let series = say.list.is_some() || say.voice.roster.is_empty();
    if say.voice.sender.is_empty() || counts.0 < 0 || counts.1 < 0 || !series {
        return Err(LedgerError::BadSay(nth));
    }
    Ok(())
}

/// The unit and the day of a say that stands.
async fn standing(
    tx: &mut dyn Reading,
    id: SayId,
    nth: u32,
) -> Result<(UnitCode, Date), LedgerError> {
    let undone = tx.undone(id.commit).await?;
    let says = tx.says(id.commit - 1, id.commit).await?;
    let found = says.into_iter().find(|row| row.id == id);
    let found = found.filter(|_| undone.iter().all(|(_, undone)| *undone != id.commit));
    found
        .map(|row| (row.say.voice.unit, row.say.as_of))
        .ok_or(LedgerError::NoSay(nth))
}

impl Work<'_> {
    /// Checks the words said again, and puts them into the batch.
    pub(super) fn roll(&mut self, rolls: Vec<Roll>, batch: &mut Batch) -> Result<(), LedgerError> {
        let words: usize = rolls.iter().map(|roll| roll.words.len()).sum();
        if words > MOST_ENTRIES {
            return Err(LedgerError::TooMany(words));
        }
        for (at, roll) in rolls.into_iter().enumerate() {
            let say = self.says.get(roll.say as usize);
            let ascending = roll.words.is_sorted_by(|a, b| a < b);
            let (Some(say), true, false) = (say, ascending, roll.words.is_empty()) else {
                return Err(LedgerError::BadRoll(at));
            };
            let say = say.id;
            if let Some(word) = roll.words.iter().find(|word| !self.books.had(**word)) {
                return Err(LedgerError::NoWord(*word));
            }
            for words in rolls::pack(&roll.words) {
                let row = RollRow {
                    commit: self.row.number,
                    nth: u32::try_from(self.rolls.len()).unwrap_or(u32::MAX),
                    say,
                    fields: roll.fields.0,
                    words,
                };
                self.rolls.push(self.chain.roll(&row));
                batch.rolls.push(row);
            }
        }
        Ok(())
    }
}
