//! Writes a town's files: a folder of lists for each community, the list of units, and the truth.
//! Promises the same bytes for the same wish, however many threads write; never writes outside the folder given.

pub(crate) mod lists;
mod more_lists;
mod output;
mod pen;
pub(crate) mod sheet;
mod summary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use crate::error::TownError;
use crate::frequencies::Frequencies;
use crate::known::KnownLists;
use crate::model::Town;
use crate::write::lists::{Desk, Share};
use crate::write::output::Encoding;
use crate::write::sheet::{Headers, Paper};

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileNote {
    /// Path within the town's folder, with '/'.
    pub path: String,
    /// The roster that reads it.
    pub roster: &'static str,
    /// Code of the unit it is imported for.
    pub unit: String,
    /// Rows of data.
    pub rows: u32,
    /// Rows that must be refused, whose loss changes nothing.
    pub rejected: u32,
    /// Rows that repeat another.
    pub repeated: u32,
    /// The names in rows that must be refused.
    pub holes: BTreeSet<String>,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Every list, in the order of import: units, then roster by roster, community by community.
    pub files: Vec<FileNote>,
    /// The truth that was written along.
    pub truth: crate::Truth,
    /// What each child is owed of the childcare subsidy for the year, in fen, by ID number.
    pub owed: std::collections::BTreeMap<String, i64>,
}

/// The rosters in the order of import.
const ORDER: [&str; 11] = [
    "units",
    "police-households",
    "children",
    "marriages",
    "deaths",
    "births",
    "employment",
    "disability",
    "certificates",
    "complications",
    "confirmations",
];

impl Town {
    /// Writes all files into a folder, which is made if need be. Reports communities done, of how many, and the last one's name.
    pub fn write(
        &self,
        dir: &Path,
        progress: &mut dyn FnMut(u64, u64, &str),
    ) -> Result<Written, TownError> {
        make(dir)?;
        let spared = Arc::new(self.counted_names());
        let tables = Frequencies::read();
        let headers = Headers::read();
        let shares = Share::of(self);
        let mut files = vec![self.write_units(dir)?];
        let total = self.communities.len() as u64;
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(self.communities.len());
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        let desk = |community: usize| Desk {
            town: self,
            tables: &tables,
            headers: &headers,
            community,
            share: &shares[community],
            spared: &spared,
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(|| {
                    let sender = sender;
                    loop {
                        let community = next.fetch_add(1, Ordering::Relaxed);
                        if community >= shares.len()
                            || sender
                                .send((community, desk(community).write(dir)))
                                .is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (done, (community, written)) in (1u64..).zip(receiver) {
                files.extend(written?);
                progress(done, total, &self.communities[community].name);
            }
            Ok::<(), TownError>(())
        })?;
        let place = |file: &FileNote| {
            ORDER
                .iter()
                .position(|roster| *roster == file.roster)
                .unwrap_or(ORDER.len())
        };
        files.sort_by(|one, other| (place(one), &one.path).cmp(&(place(other), &other.path)));
        let lists = KnownLists::of(self, &files);
        let owed = self.childcare_owed(&lists).into_iter();
        let owed = owed
            .map(|(who, fen)| (self.people[who].id_text(), fen))
            .collect();
        let truth = self.truth_by(Some(lists));
        self.write_truth(dir, &truth, &files)?;
        Ok(Written { files, truth, owed })
    }
}

pub(crate) fn make(dir: &Path) -> Result<(), TownError> {
    std::fs::create_dir_all(dir).map_err(|source| TownError::Write {
        path: dir.to_owned(),
        source,
    })
}

impl Desk<'_> {
    /// Writes the lists of a community.
    fn write(&self, dir: &Path) -> Result<Vec<FileNote>, TownError> {
        let code = &self.town.communities[self.community].code;
        let folder = dir.join(code);
        make(&folder)?;
        let papers = [
            Self::police,
            Self::children,
            Self::marriages,
            Self::deaths,
            Self::births,
            Self::employment,
            Self::disability,
            Self::certificates,
            Self::complications,
            Self::confirmations,
            Self::benefits,
        ];
        let mut notes = Vec::new();
        for make_paper in papers {
            let mut paper = make_paper(self);
            let name = self.write_paper(&folder, &mut paper)?;
            notes.push(FileNote {
                path: format!("{code}/{name}"),
                roster: paper.roster,
                unit: code.clone(),
                rows: paper.rows,
                rejected: paper.rejected,
                repeated: paper.repeated,
                holes: paper.holes,
            });
        }
        Ok(notes)
    }

    fn write_paper(&self, folder: &Path, paper: &mut Paper) -> Result<String, TownError> {
        let books = [
            "police-households",
            "children",
            "births",
            "employment",
            "disability",
            "benefits",
        ];
        let all_text = self.town.wish.format == crate::Format::Csv;
        let as_book = books.contains(&paper.roster) && !all_text;
        let name = format!("{}.{}", paper.roster, if as_book { "xlsx" } else { "csv" });
        let path: PathBuf = folder.join(&name);
        let mut pen = self.pen(&format!("{} looks", paper.roster));
        if all_text {
            usual_headers(paper);
            output::text(&path, paper, Encoding::Utf8)?;
            return Ok(name);
        }
        self.entitle(&mut pen, paper, as_book);
        if as_book {
            output::workbook(&path, paper, self.town.day().plus(4))?;
            return Ok(name);
        }
        let encoding = match (paper.roster, pen.dice.below(3)) {
            ("marriages", _) | ("deaths", 0) => Encoding::Gb18030,
            (_, 1) => Encoding::Utf8Marked,
            _ => Encoding::Utf8,
        };
        output::text(&path, paper, encoding)?;
        Ok(name)
    }

    /// Titles above the header.
    fn entitle(&self, pen: &mut pen::Pen, paper: &mut Paper, as_book: bool) {
        let community = &self.town.communities[self.community];
        let street = self
            .town
            .streets
            .iter()
            .find(|street| street.code == community.street);
        let street = street.map_or("", |street| &street.name);
        let (year, month, day) = self.town.day().plus(4).parts();
        for sheet in &mut paper.sheets {
            if !pen.dice.chance(if as_book { 720 } else { 250 }) {
                continue;
            }
            sheet
                .titles
                .push(format!("{street}{}{}", community.name, sheet.name));
            if pen.dice.chance(450) {
                sheet.titles.push(format!(
                    "填报单位：{}{}　　填报日期：{year}年{month}月{day}日",
                    community.name,
                    if community.village {
                        "村民委员会"
                    } else {
                        "居民委员会"
                    }
                ));
            }
        }
    }
}

/// One header for all sheets, so that they fit one text file; nothing above or below.
fn usual_headers(paper: &mut Paper) {
    for sheet in &mut paper.sheets {
        for column in &mut sheet.header {
            column.usual.clone_into(&mut column.title);
        }
        sheet.note = None;
    }
}
