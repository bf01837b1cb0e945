//! A ledger in which a history is carried out as clerks do: lists by import, merges by two people, and commits taken back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use intake::{Absence, Decision, Request, Review, RosterFile, Verdict, import};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, RecordId};
use ledger::{Algorithm, Ledger};
use tables::Tables;

use super::histories::{Deed, History, List, STREET, Sent};
use crate::common::unit;

/// The day on which merges are proposed.
const DESK: Date = date(2026, 2, 1);

pub struct Office {
    pub ledger: Ledger,
    pub tables: Tables,
    pub grant: Grant,
    pub at: Timestamp,
    /// The commits of deeds, by their numbers.
    done: BTreeMap<usize, i64>,
}

impl Office {
    pub async fn new() -> Office {
        let pack = testhouse::national();
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let grant = Grant::whole("clerk", unit(STREET), "import");
        let at = "2026-01-05T01:00:00Z".parse().unwrap();
        ledger.open_book(unit(STREET), at, &grant).await.unwrap();
        Office {
            tables: Tables::new(ledger.clone(), pack, None),
            ledger,
            grant,
            at,
            done: BTreeMap::new(),
        }
    }

    /// Carries out a deed; what keeps it from being done is told.
    pub async fn carry_out(&mut self, history: &History, nth: usize) -> Result<(), String> {
        let commit = match &history.deeds[nth] {
            Deed::List(list) => self.list(list).await?,
            Deed::Merge { kept, double } => Some(self.merge(kept, double).await?),
            Deed::Undo(of) => return self.take_back(*of).await,
            Deed::Nothing => None,
        };
        if let Some(commit) = commit {
            self.done.insert(nth, commit);
        }
        Ok(())
    }

    /// Takes back the commit of a deed.
    pub async fn take_back(&mut self, nth: usize) -> Result<(), String> {
        let Some(commit) = self.done.remove(&nth) else {
            return Err(format!("deed {nth} has no commit"));
        };
        let undone = self.ledger.undo(commit, self.at, &self.grant);
        undone.await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Imports a list; the commit, if it wrote one.
    async fn list(&self, list: &List) -> Result<Option<i64>, String> {
        let request = Request {
            roster: list.roster.to_owned(),
            unit: unit(list.unit),
            files: vec![RosterFile {
                path: PathBuf::from("list.csv"),
                sent: Some(Arc::new(list.csv().into_bytes())),
            }],
            on: list.on,
            recorded_at: self.at,
            // Whoever imports needs no more than the unit they import for.
            grant: Grant::whole("clerk", unit(list.unit), "import"),
            dry_run: false,
            absence: match list.sent {
                Sent::Guarded => Absence::Guarded,
                Sent::Whole => Absence::Left,
                Sent::Part => Absence::Kept,
            },
            told: BTreeMap::new(),
            lang: Lang::En,
        };
        let outcome = import(&self.tables, &request, &mut |_| ()).await;
        let outcome = outcome.map_err(|error| error.message(Lang::En))?;
        let Some(file) = outcome.files.first() else {
            return Err("no outcome".to_owned());
        };
        let placed = |verdict| {
            !matches!(
                verdict,
                Verdict::Rejected | Verdict::Asked | Verdict::Skipped | Verdict::Repeated
            )
        };
        if outcome.stopped.is_some() || !file.results.iter().all(|row| placed(row.verdict)) {
            let notes = crate::common::messages(&outcome).join("\n");
            return Err(format!("not all rows were placed:\n{notes}"));
        }
        Ok(file.receipt.as_ref().map(|receipt| receipt.commit))
    }

    /// One person proposes that two people are one, another confirms it.
    async fn merge(&self, kept: &str, double: &str) -> Result<i64, String> {
        let (kept, double) = (self.person(kept).await?, self.person(double).await?);
        let grants = ["clerk", "second"].map(|who| Grant::whole(who, unit(STREET), "review"));
        let mut desks = Vec::new();
        for grant in grants {
            let name = "review".to_owned();
            let what = ledger::Access::Command { name };
            let grant = self.ledger.admit(grant, self.at, what).await;
            desks.push(Review {
                tables: &self.tables,
                grant: grant.unwrap(),
                at: self.at,
            });
        }
        let [first, second] = desks.as_slice() else {
            unreachable!("two were admitted");
        };
        let told = |error: intake::ReviewError| error.message(Lang::En);
        match first.propose(kept, double, DESK).await {
            // It waits again since its answer was taken back.
            Ok(_) | Err(intake::ReviewError::Proposed(_)) => {}
            Err(error) => return Err(told(error)),
        }
        let cases = second.cases().await.map_err(told)?;
        let case = cases.iter().find(|case| {
            let people: Vec<RecordId> = case.people.iter().map(|known| known.person).collect();
            people == [kept, double]
        });
        let case = case.ok_or("the proposal is no case")?;
        let merged = second.decide(case.record, Decision::Merged).await;
        Ok(merged.map_err(told)?.commit)
    }

    async fn person(&self, number: &str) -> Result<RecordId, String> {
        let key = [number.to_owned()];
        let found = self.ledger.find("person", unit(STREET), &key).await;
        let found = found.map_err(|error| error.to_string())?;
        let first = found.into_iter().flatten().next();
        first
            .map(|found| found.record)
            .ok_or(format!("nobody has {number}"))
    }
}
