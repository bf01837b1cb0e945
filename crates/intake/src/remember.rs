//! What somebody said of a layout's headings, kept in the ledger with the list it was said of, and found again when a file of the
//! same layout comes. Only what was said is kept: what a heading or its values say is read anew each time.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{RecordId, UnitCode};
use ledger::{Found, Ledger, LedgerError, Target};
use pack::{Record, Roster, Said, Value};
use tables::Snapshot;

use crate::changes::{Changes, WordDraft};
use crate::fault::FileFault;
use crate::header::{Header, LEFT_OUT, Words};
use crate::sheet::Workbook;

/// What was said of headings, by fingerprint.
pub(crate) type Remembered = BTreeMap<String, BTreeMap<String, String>>;

/// The layouts of a roster, as a unit has them.
pub(crate) struct Layouts<'a> {
    pub ledger: &'a Ledger,
    pub standing: &'a Snapshot,
    /// Where they are kept.
    pub kept: &'a pack::Layouts,
    pub roster: &'a Roster,
    pub unit: UnitCode,
}

/// A layout of the ledger, and what was said of its headings.
type Known = Option<(RecordId, Option<BTreeMap<String, String>>)>;

impl Layouts<'_> {
    /// What is remembered of the layouts of a workbook.
    pub(crate) async fn remembered(
        &self,
        words: &Words<'_>,
        workbook: &Workbook,
    ) -> Result<Remembered, LedgerError> {
        let sheets = workbook.sheets.iter();
        let prints: BTreeSet<String> = sheets.flat_map(|sheet| words.fingerprints(sheet)).collect();
        let found = self.found(&prints).await?;
        let known = prints.into_iter().zip(found);
        Ok(known
            .filter_map(|(print, found)| Some((print, found?.1?)))
            .collect())
    }

    /// Says what was said of the tables of a file, unless it is known.
    pub(crate) async fn remember(
        &self,
        headers: &[Vec<Header>],
        say: u32,
        changes: &mut Changes,
    ) -> Result<(), LedgerError> {
        let mut said: Remembered = BTreeMap::new();
        let told = |header: &&Header| !header.told.is_empty() && !header.fingerprint.is_empty();
        for header in headers.iter().flatten().filter(told) {
            let of = said.entry(header.fingerprint.clone()).or_default();
            of.extend(header.said.clone());
        }
        if said.is_empty() {
            return Ok(());
        }
        let register = &self.kept.register.id;
        let prints: BTreeSet<String> = said.keys().cloned().collect();
        let found = self.found(&prints).await?;
        for ((print, said), found) in said.into_iter().zip(found) {
            if found.as_ref().and_then(|(_, known)| known.as_ref()) == Some(&said) {
                continue;
            }
            let said = Said::of(self.body(print, &said));
            match found {
                None => {
                    changes.open(self.unit, register, say, said);
                }
                Some((record, _)) => {
                    let word = WordDraft {
                        book: self.unit,
                        register,
                        record: Target::Known(record),
                        say,
                        said,
                    };
                    changes.change(word, Vec::new());
                }
            }
        }
        Ok(())
    }

    fn body(&self, print: String, said: &BTreeMap<String, String>) -> Record {
        let kept = self.kept;
        let mut body: Record = vec![None; kept.register.fields.len()];
        for (field, words) in [
            (&kept.roster, self.roster.id.clone()),
            (&kept.fingerprint, print),
            (
                &kept.columns,
                serde_json::to_string(said).unwrap_or_default(),
            ),
        ] {
            body[field.at] = Some(Value::Text(words));
        }
        body
    }

    /// The layouts of these fingerprints, in their order.
    async fn found(&self, prints: &BTreeSet<String>) -> Result<Vec<Known>, LedgerError> {
        let register = &self.kept.register.id;
        let keys: Vec<String> = (prints.iter())
            .map(|print| format!("{}|{print}", self.roster.id))
            .collect();
        let found = self.ledger.find(register, self.unit, &keys).await?;
        let known = |found: Vec<Found>| {
            let record = found.first()?.record;
            let body = (self.standing).record(register, record, pack::latest_date());
            Some((record, body.and_then(|body| self.said_in(&body))))
        };
        Ok(found.into_iter().map(known).collect())
    }

    /// What a record says of headings.
    fn said_in(&self, body: &Record) -> Option<BTreeMap<String, String>> {
        serde_json::from_str(body.get(self.kept.columns.at)?.as_ref()?.as_text()?).ok()
    }
}

/// Whether the roster has every column that was spoken of.
pub(crate) fn columns_exist(
    roster: &Roster,
    told: &BTreeMap<String, String>,
) -> Result<(), FileFault> {
    let exists = |id: &str| id == LEFT_OUT || roster.column(id).is_some();
    match told.iter().find(|(_, id)| !exists(id)) {
        None => Ok(()),
        Some((heading, column)) => Err(FileFault::NoSuchColumn {
            heading: heading.clone(),
            column: column.clone(),
            known: (roster.columns.iter())
                .map(|column| (column.id.clone(), column.name.zh.clone()))
                .collect(),
        }),
    }
}

/// Whether every heading that was spoken of stands above a table.
pub(crate) fn all_told(
    told: &BTreeMap<String, String>,
    headers: &[Vec<Header>],
) -> Result<(), FileFault> {
    let tables = || headers.iter().flatten();
    let heard: BTreeSet<&String> = tables().flat_map(|header| &header.told).collect();
    let missing: Vec<String> = (told.keys())
        .filter(|word| !heard.contains(word))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let columns = tables().flat_map(|header| &header.layout.columns);
    Err(FileFault::NoSuchHeading {
        headings: missing,
        known: columns.map(|column| column.heading.clone()).collect(),
    })
}
