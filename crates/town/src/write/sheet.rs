//! A list as a sender lays it out: titles, headers, rows, repeated rows, rows to be refused, blank rows, a note.
//! Promises to count what it adds; never changes a row that was there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::{Person, Town, Who};
use crate::write::pen::{Cell, Pen, Spoilt};

/// The header of a column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Upper header cell, if any.
    pub group: &'static str,
    /// What the header usually is.
    pub usual: &'static str,
    /// What this sender writes.
    pub title: String,
}

/// One sheet.
#[derive(Debug)]
pub struct Sheet {
    /// Its name in a workbook.
    pub name: String,
    /// Lines above the header.
    pub titles: Vec<String>,
    /// Columns.
    pub header: Vec<Column>,
    /// Rows; an empty one is a blank line.
    pub rows: Vec<Vec<Cell>>,
    /// Line below.
    pub note: Option<String>,
}

/// One file.
#[derive(Debug)]
pub struct Paper {
    /// Roster id, which is the file's name too.
    pub roster: &'static str,
    /// Sheets; a text file has one.
    pub sheets: Vec<Sheet>,
    /// Rows of all sheets.
    pub rows: u32,
    /// Of these, to be refused.
    pub rejected: u32,
    /// Of these, repeated.
    pub repeated: u32,
    /// The names in rows to be refused.
    pub holes: BTreeSet<String>,
}

/// The rows of a sheet with whom each is about, and the columns of that one's name and ID number.
pub struct Rows {
    pub about: Vec<Who>,
    pub rows: Vec<Vec<Cell>>,
    pub name: usize,
    pub id: usize,
}

impl Rows {
    pub fn new(name: usize, id: usize) -> Rows {
        Rows {
            about: Vec::new(),
            rows: Vec::new(),
            name,
            id,
        }
    }
    pub fn push(&mut self, who: Who, row: Vec<Cell>) {
        self.about.push(who);
        self.rows.push(row);
    }
}

/// Headers by roster and usual header.
pub struct Headers(BTreeMap<(&'static str, &'static str), Vec<&'static str>>);

impl Headers {
    pub fn read() -> Headers {
        let lines = include_str!("../../data/headers.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        Headers(
            lines
                .filter_map(|line| {
                    let mut fields = line.split('\t');
                    let key = (fields.next()?, fields.next()?);
                    Some((key, std::iter::once(key.1).chain(fields).collect()))
                })
                .collect(),
        )
    }

    /// One sender's header for a column.
    pub fn wording(&self, pen: &mut Pen, roster: &str, usual: &'static str) -> String {
        let found = self
            .0
            .get(&(roster, usual))
            .or_else(|| self.0.get(&("*", usual)));
        let usual_too = |ways: &Vec<&'static str>| pen.dice.pick(ways).copied();
        found.and_then(usual_too).unwrap_or(usual).to_owned()
    }
}

impl Paper {
    pub fn new(roster: &'static str) -> Paper {
        Paper {
            roster,
            sheets: Vec::new(),
            rows: 0,
            rejected: 0,
            repeated: 0,
            holes: BTreeSet::new(),
        }
    }

    /// Adds a sheet, with what a sender adds to it.
    pub fn sheet(
        &mut self,
        town: &Town,
        pen: &mut Pen,
        name: &str,
        header: Vec<Column>,
        rows: Rows,
    ) {
        if rows.rows.is_empty() && self.roster == "police-households" {
            return;
        }
        let plain = u32::try_from(rows.rows.len()).unwrap_or(u32::MAX);
        let (mut lines, extra) = (
            rows.rows,
            extra_rows(town, pen, &rows.about, plain, self.roster),
        );
        // Nobody whom figures of reports count has the name of a row that is refused: of them lists would not tell all.
        let spared = |row: &[Cell]| {
            let names = header.iter().zip(row);
            let mut names = names.filter(|(column, _)| column.usual.ends_with("姓名"));
            names.all(|(_, cell)| cell.words().is_none_or(|name| !pen.spared.contains(&name)))
        };
        let extra: Vec<(usize, Option<Spoilt>)> = (extra.into_iter())
            .map(|(at, how)| {
                let others = (at..lines.len()).chain(0..at);
                let own = others
                    .into_iter()
                    .find(|at| how.is_none() || spared(&lines[*at]));
                (own.unwrap_or(at), how)
            })
            .collect();
        let mut added = Vec::new();
        for (at, spoilt) in extra {
            let mut row: Vec<Cell> = lines[at].clone();
            let person: &Person = &town.people[rows.about[at]];
            match spoilt {
                None => self.repeated += 1,
                Some(how) => {
                    self.rejected += 1;
                    row[rows.id] = pen.spoil(person, how);
                    if how == Spoilt::Nameless {
                        row[rows.name] = Cell::Blank;
                    }
                    let names = header.iter().zip(&row);
                    let names = names.filter(|(column, _)| column.usual.ends_with("姓名"));
                    self.holes
                        .extend(names.filter_map(|(_, cell)| cell.words()));
                }
            }
            added.push((at + 1 + pen.dice.index(lines.len() - at), row));
        }
        self.rows += plain + u32::try_from(added.len()).unwrap_or(0);
        added.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        for (at, row) in added {
            lines.insert(at.min(lines.len()), row);
        }
        for _ in 0..pen.dice.below(3).min(plain / 20) {
            let at = pen.dice.index(lines.len());
            lines.insert(at, Vec::new());
        }
        let note = pen.dice.chance(450).then(|| note(town, pen));
        self.sheets.push(Sheet {
            name: name.to_owned(),
            titles: Vec::new(),
            header,
            rows: lines,
            note,
        });
    }
}

/// Which rows are repeated (`None`) or repeated with a fault.
fn extra_rows(
    town: &Town,
    pen: &mut Pen,
    about: &[Who],
    rows: u32,
    roster: &str,
) -> Vec<(usize, Option<Spoilt>)> {
    if rows == 0 {
        return Vec::new();
    }
    let repeated = pen.dice.below(2 + (rows / 900).min(6)).min(rows);
    let spoilt = match roster {
        "police-households" => 1 + pen.dice.below(3),
        _ => u32::from(pen.dice.chance(450)) + u32::from(pen.dice.chance(250)),
    };
    // A list with many faults is a part, and vouches for nobody: of a few rows one fault is many. Of one roster it is left so.
    let spoilt = match roster {
        "disability" => spoilt,
        _ => spoilt.min(rows / 100),
    };
    let mut extra = Vec::new();
    for _ in 0..repeated {
        extra.push((pen.dice.index(about.len()), None));
    }
    for _ in 0..spoilt {
        let at = pen.dice.index(about.len());
        let named = roster == "police-households";
        let how = match pen.dice.below(if named { 4 } else { 3 }) {
            0 => Spoilt::Check,
            1 => Spoilt::Short,
            2 if town.people[about[at]].birth.year() < 2031 => Spoilt::Future,
            _ if named => Spoilt::Nameless,
            _ => Spoilt::Check,
        };
        extra.push((at, Some(how)));
    }
    extra
}

fn note(town: &Town, pen: &Pen) -> String {
    let (year, month, day) = town.day().parts();
    let note = pen.wording(&["注：数据截至", "说明：本表统计截止", "备注：统计时点"]);
    format!("{note}{year}年{month}月{day}日。")
}
