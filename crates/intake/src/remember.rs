//! What somebody said of a layout's headings, kept in the ledger with the list it was said of, and found again when a file of the
//! same layout comes. Only what was said is kept: what a heading or its values say is read anew each time.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Found, LedgerError};
use pack::{Register, Value};

use crate::fault::FileFault;
use crate::header::{Header, LEFT_OUT, Words};
use crate::import::{Checked, Run};
use crate::plan::{Plan, set};
use crate::sheet::Workbook;

/// The register of layouts.
const LAYOUT: &str = "layout";

/// What was said of headings, by fingerprint.
pub(crate) type Remembered = BTreeMap<String, BTreeMap<String, String>>;

impl Run<'_> {
    /// What is remembered of the layouts of a workbook.
    pub(crate) async fn remembered(
        &self,
        words: &Words<'_>,
        workbook: &Workbook,
    ) -> Result<Remembered, LedgerError> {
        let sheets = workbook.sheets.iter();
        let prints: BTreeSet<String> = sheets.flat_map(|sheet| words.fingerprints(sheet)).collect();
        let Some((_, register)) = self.layouts() else {
            return Ok(Remembered::new());
        };
        let found = self.layouts_found(&prints).await?;
        let known = prints.into_iter().zip(found);
        Ok(known
            .filter_map(|(print, found)| Some((print, said_in(register, &found?)?)))
            .collect())
    }

    /// Adds to a plan what was said of the tables of a file, unless it is known.
    pub(crate) async fn remember(
        &self,
        checked: &Checked,
        plan: &mut Plan<'_>,
    ) -> Result<(), LedgerError> {
        let mut said: Remembered = BTreeMap::new();
        let told = |header: &&Header| !header.told.is_empty() && !header.fingerprint.is_empty();
        for header in checked.headers.iter().flatten().filter(told) {
            let of = said.entry(header.fingerprint.clone()).or_default();
            of.extend(header.said.clone());
        }
        let Some((register_at, register)) = self.layouts().filter(|_| !said.is_empty()) else {
            return Ok(());
        };
        let prints: BTreeSet<String> = said.keys().cloned().collect();
        let found = self.layouts_found(&prints).await?;
        for ((print, said), found) in said.into_iter().zip(found) {
            if found
                .as_ref()
                .and_then(|found| said_in(register, found))
                .as_ref()
                == Some(&said)
            {
                continue;
            }
            let columns = serde_json::to_string(&said).unwrap_or_default();
            let mut body = vec![None; register.fields.len()];
            for (id, words) in [
                ("roster", self.roster.id.clone()),
                ("fingerprint", print),
                ("columns", columns),
            ] {
                set(register, &mut body, id, Value::Text(words));
            }
            plan.put(register_at, found, &body);
        }
        Ok(())
    }

    fn layouts(&self) -> Option<(usize, &Register)> {
        let mut registers = self.pack.registers.iter().enumerate();
        registers.find(|(_, register)| register.id == LAYOUT)
    }

    /// The open records of these fingerprints, in their order.
    async fn layouts_found(
        &self,
        prints: &BTreeSet<String>,
    ) -> Result<Vec<Option<Found>>, LedgerError> {
        let keys: Vec<String> = (prints.iter())
            .map(|print| format!("{}|{print}", self.roster.id))
            .collect();
        let found = (self.ledger.find(LAYOUT, self.request.unit, &keys)).await?;
        let open = |found: Option<Found>| found.filter(|found| !found.closed);
        Ok(found.into_iter().map(open).collect())
    }

    /// Whether the roster has every column that was spoken of.
    pub(crate) fn columns_exist(&self) -> Result<(), FileFault> {
        let exists = |id: &str| id == LEFT_OUT || self.roster.column(id).is_some();
        match self.request.told.iter().find(|(_, id)| !exists(id)) {
            None => Ok(()),
            Some((heading, column)) => Err(FileFault::NoSuchColumn {
                heading: heading.clone(),
                column: column.clone(),
                known: (self.roster.columns.iter())
                    .map(|column| (column.id.clone(), column.name.zh.clone()))
                    .collect(),
            }),
        }
    }

    /// Whether every heading that was spoken of stands above a table.
    pub(crate) fn all_told(&self, headers: &[Vec<Header>]) -> Result<(), FileFault> {
        let tables = || headers.iter().flatten();
        let heard: BTreeSet<&String> = tables().flat_map(|header| &header.told).collect();
        let missing: Vec<String> = (self.request.told.keys())
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
}

/// What a record says of headings.
fn said_in(register: &Register, found: &Found) -> Option<BTreeMap<String, String>> {
    let body = register.decode(&found.body).ok()?;
    let (at, _) = register.field("columns")?;
    serde_json::from_str(body.get(at)?.as_ref()?.as_text()?).ok()
}
