//! What was said of records, by whom, as far as somebody may see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{CommitInfo, Entry, Say};
use pack::Value;
use tables::Veil;

use crate::error::OfficeError;
use crate::row::{SeenCell, as_read};
use crate::view::View;

/// One entry about a record, with whose word it is and what it came from.
pub struct ToldEntry {
    /// The entry, without its body.
    pub entry: Entry,
    /// What it says: of each field, by place, what may be seen of that.
    pub said: Vec<(usize, SeenCell)>,
    /// Its commit.
    pub commit: Arc<CommitInfo>,
    /// Who says it, as of when.
    pub say: Option<Say>,
}

impl ToldEntry {
    /// The day from which it holds.
    #[must_use]
    pub fn from(&self) -> Option<Date> {
        self.entry.from.or(self.say.as_ref().map(|say| say.as_of))
    }
}

impl View {
    /// What was said of some records in units that may be seen, the latest first.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn history(
        &self,
        records: &[(String, RecordId)],
        most: usize,
    ) -> Result<Vec<ToldEntry>, OfficeError> {
        let mut entries = self.office.tables.ledger().histories(records).await?;
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.commit, entry.at)));
        self.told(entries, most).await
    }

    /// Entries as far as they may be seen, in the order given.
    pub(crate) async fn told(
        &self,
        entries: Vec<Entry>,
        most: usize,
    ) -> Result<Vec<ToldEntry>, OfficeError> {
        let tables = &self.office.tables;
        let standing = tables.snapshot().await?;
        let numbers: BTreeSet<i64> = entries.iter().map(|entry| entry.commit).collect();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let commits = tables.ledger().commit_infos(&numbers).await?.into_iter();
        let commits: BTreeMap<i64, Arc<CommitInfo>> = commits
            .map(|commit| (commit.number, Arc::new(commit)))
            .collect();
        let mut told = Vec::new();
        for mut entry in entries {
            let Some(commit) = commits.get(&entry.commit).cloned() else {
                continue;
            };
            let say = standing.said(entry.say).cloned();
            let unit = say.as_ref().map_or(entry.book, |say| say.voice.unit);
            let reads = |unit| self.grant.reads(&entry.register, unit);
            if reads(&unit) || reads(&entry.book) {
                let said = self.said(&entry, &unit);
                entry.body = None;
                told.push(ToldEntry {
                    entry,
                    said,
                    commit,
                    say,
                });
            }
            if told.len() == most {
                break;
            }
        }
        Ok(told)
    }

    /// What an entry of a unit says, as it may be seen.
    fn said(&self, entry: &Entry, unit: &UnitCode) -> Vec<(usize, SeenCell)> {
        let register = self.office.pack.register(&entry.register);
        let Some((register, body)) = register.zip(entry.body.as_deref()) else {
            return Vec::new();
        };
        let veil = Veil::of(register, &self.grant, unit);
        let veil = veil.or_else(|| Veil::of(register, &self.grant, &entry.book));
        let (Some(veil), Ok(said)) = (veil, register.decode_said(body)) else {
            return Vec::new();
        };
        let cell = |at: usize| {
            let field = register.fields.get(at)?;
            let cell = match said.values.get(at).and_then(Option::as_ref) {
                _ if veil.withheld.has(at) => SeenCell::Withheld,
                None => SeenCell::Unknown,
                Some(Value::AsRead(text)) => as_read(veil, text),
                Some(value) if veil.masked.has(at) => {
                    SeenCell::Masked(kernel::mask::apply(field.sensitivity, &value.to_string()))
                }
                Some(value) => SeenCell::Value(value.clone()),
            };
            Some((at, cell))
        };
        said.spoken.iter().filter_map(cell).collect()
    }
}
