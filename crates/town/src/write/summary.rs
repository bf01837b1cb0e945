//! The list of units, and the truth as files.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::TownError;
use crate::model::Town;
use crate::truth::Truth;
use crate::write::FileNote;

impl Town {
    pub(crate) fn write_units(&self, dir: &Path) -> Result<FileNote, TownError> {
        let mut text = String::from("单位代码,单位名称,级别,面积(平方米)\r\n");
        let mut rows = 0;
        for street in self.district.iter().chain(&self.streets) {
            text.push_str(&format!(
                "{},{},{},\r\n",
                street.code, street.name, street.level
            ));
            rows += 1;
            for community in self
                .communities
                .iter()
                .filter(|community| community.street == street.code)
            {
                let level = if community.village { "村" } else { "社区" };
                text.push_str(&format!(
                    "{},{},{level},{}\r\n",
                    community.code, community.name, community.area
                ));
                rows += 1;
            }
        }
        put(dir, "units.csv", text)?;
        let unit = self
            .district
            .iter()
            .chain(&self.streets)
            .next()
            .map_or(String::new(), |street| street.code.clone());
        Ok(FileNote {
            path: "units.csv".to_owned(),
            roster: "units",
            unit,
            rows,
            rejected: 0,
            repeated: 0,
            holes: std::collections::BTreeSet::new(),
        })
    }

    pub(crate) fn write_truth(
        &self,
        dir: &Path,
        truth: &Truth,
        files: &[FileNote],
    ) -> Result<(), TownError> {
        let mut text = String::from("id_number,programme,answer,missing,waits,enrolled,list\n");
        for line in &truth.lines {
            text.push_str(&format!(
                "{},{},{},{},{},{},{}\n",
                self.people[line.who].id_text(),
                line.programme.id(),
                line.answer(),
                line.missing().join(" "),
                line.waits().join(" "),
                u8::from(line.enrolled),
                line.list().as_str(),
            ));
        }
        put(dir, "truth.csv", text)?;
        let files: Vec<Value> = files
            .iter()
            .map(|file| {
                json!({
                    "path": file.path, "roster": file.roster, "unit": file.unit,
                    "rows": file.rows, "rejected": file.rejected, "repeated": file.repeated,
                })
            })
            .collect();
        let summary = json!({
            "seed": self.wish.seed,
            "people": self.wish.people,
            "on": self.wish.on.to_string(),
            "figures": truth.figures,
            "programmes": truth.tally(),
            "files": files,
        });
        put(dir, "truth.json", format!("{summary:#}\n"))
    }
}

impl Truth {
    /// By programme: how many on each list, and how many lack which fact.
    pub fn tally(&self) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
        let mut tally: BTreeMap<&'static str, BTreeMap<String, u64>> = BTreeMap::new();
        for line in &self.lines {
            let counts = tally.entry(line.programme.id()).or_default();
            *counts.entry(line.list().as_str().to_owned()).or_default() += 1;
            *counts.entry(line.answer().to_owned()).or_default() += 1;
            for fact in line.waits() {
                *counts.entry(format!("waits {fact}")).or_default() += 1;
            }
            for fact in line.missing() {
                *counts.entry(format!("missing {fact}")).or_default() += 1;
            }
        }
        tally
    }
}

fn put(dir: &Path, name: &str, text: String) -> Result<(), TownError> {
    let path = dir.join(name);
    std::fs::write(&path, text).map_err(|source| TownError::Write { path, source })
}
