//! What somebody said of a layout's headings, kept in the ledger with the list it was said of, and found again when a file of the
//! same layout comes. Only what was said is kept: what a heading or its values say is read anew each time.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{RecordId, UnitCode};
use ledger::{Found, Ledger, LedgerError, Target};
use pack::{Pack, Record, Register, Roster, Said, Value};
use tables::Snapshot;

use crate::changes::{Changes, WordDraft};
use crate::fault::FileFault;
use crate::header::{Header, LEFT_OUT, Words};
use crate::sheet::Workbook;

/// The register of layouts.
const LAYOUT: &str = "layout";

/// What was said of headings, by fingerprint.
pub(crate) type Remembered = BTreeMap<String, BTreeMap<String, String>>;

/// The layouts of a roster, as a unit has them.
pub(crate) struct Layouts<'a> {
    pub ledger: &'a Ledger,
    pub standing: &'a Snapshot,
    pub pack: &'a Pack,
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
        let Some(register) = self.pack.register(LAYOUT).filter(|_| !said.is_empty()) else {
            return Ok(());
        };
        let prints: BTreeSet<String> = said.keys().cloned().collect();
        let found = self.found(&prints).await?;
        for ((print, said), found) in said.into_iter().zip(found) {
            if found.as_ref().and_then(|(_, known)| known.as_ref()) == Some(&said) {
                continue;
            }
            let said = Said::of(self.body(register, print, &said));
            match found {
                None => {
                    changes.open(self.unit, LAYOUT, say, said);
                }
                Some((record, _)) => {
                    let word = WordDraft {
                        book: self.unit,
                        register: LAYOUT,
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

    fn body(&self, register: &Register, print: String, said: &BTreeMap<String, String>) -> Record {
        let mut body: Record = vec![None; register.fields.len()];
        for (id, words) in [
            ("roster", self.roster.id.clone()),
            ("fingerprint", print),
            ("columns", serde_json::to_string(said).unwrap_or_default()),
        ] {
            if let Some((at, _)) = register.field(id) {
                body[at] = Some(Value::Text(words));
            }
        }
        body
    }

    /// The layouts of these fingerprints, in their order.
    async fn found(&self, prints: &BTreeSet<String>) -> Result<Vec<Known>, LedgerError> {
        let Some(register) = self.pack.register(LAYOUT) else {
            return Ok(vec![None; prints.len()]);
        };
        let keys: Vec<String> = (prints.iter())
            .map(|print| format!("{}|{print}", self.roster.id))
            .collect();
        let found = self.ledger.find(LAYOUT, self.unit, &keys).await?;
        let known = |found: Vec<Found>| {
            let record = found.first()?.record;
            let body = (self.standing).record(LAYOUT, record, pack::latest_date());
            Some((record, body.and_then(|body| said_in(register, &body))))
        };
        Ok(found.into_iter().map(known).collect())
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

/// What a record says of headings.
fn said_in(register: &Register, body: &Record) -> Option<BTreeMap<String, String>> {
    let (at, _) = register.field("columns")?;
    serde_json::from_str(body.get(at)?.as_ref()?.as_text()?).ok()
}
