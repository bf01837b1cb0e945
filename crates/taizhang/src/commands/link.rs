//! `taizhang link`: which rows of any tables are of the same person. It needs no ledger and no pack, only a design.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use intake::sheet::Workbook;
use intake::{Merged, read_workbook};
use kernel::Lang;
use linkage::{About, Design, Grouping, LinkStage, Linkage, Records, agreement, link};
use serde_json::json;

use crate::arguments::Link;
use crate::failure::Failure;
use crate::say::Say;

/// The tables, ready to link.
struct Tables {
    records: Records,
    /// How each record is named in results.
    names: Vec<String>,
    /// Who each record is, where a column says so.
    truth: Vec<String>,
}

/// Reads the tables, links them, writes pairs and groups, and says what was found.
pub fn run(asked: &Link, say: &Say) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(&asked.config)
        .map_err(|error| Failure::io(&asked.config, error))?;
    let design = Design::parse(&text).map_err(|fault| {
        let path = asked.config.display();
        Failure::new(
            format!("{path}：{}", fault.message(Lang::Zh)),
            format!("{path}: {}", fault.message(Lang::En)),
        )
    })?;
    let tables = read(asked, &design, say)?;
    let working = say.working("");
    let linkage = link(&design, &tables.records, &mut |stage| {
        working.set_message(doing(stage, say.lang));
    });
    working.finish_and_clear();
    let grouping = linkage.group(&design, &tables.records);
    write_pairs(asked, &design, &tables, &linkage, &grouping.groups)?;
    if let Some(path) = &asked.groups {
        write_groups(path, asked, &tables, &grouping.groups)?;
    }
    tell(&design, &tables, &linkage, &grouping, say)?;
    say.line(match say.lang {
        Lang::Zh => format!("配对见 {}", asked.out.display()),
        Lang::En => format!("Pairs: {}", asked.out.display()),
    });
    Ok(ExitCode::SUCCESS)
}

fn doing(stage: LinkStage, lang: Lang) -> String {
    match (stage, lang) {
        (LinkStage::Blocking, Lang::Zh) => "查找候选".to_owned(),
        (LinkStage::Blocking, Lang::En) => "finding candidates".to_owned(),
        (LinkStage::Learning, Lang::Zh) => "估计权重".to_owned(),
        (LinkStage::Learning, Lang::En) => "learning weights".to_owned(),
        (LinkStage::Weighing(key, keys), Lang::Zh) => format!("比较 {}/{keys}", key + 1),
        (LinkStage::Weighing(key, keys), Lang::En) => format!("weighing {}/{keys}", key + 1),
    }
}

/// A table as it was read.
struct Sheet {
    workbook: Workbook,
    /// The header's cells by their column.
    header: Vec<(u16, String)>,
}

impl Sheet {
    fn read(path: &Path) -> Result<Self, Failure> {
        let said = |zh: &str, en: &str| {
            let path = path.display();
            Failure::new(format!("{path}：{zh}"), format!("{path}: {en}"))
        };
        let bytes = std::fs::read(path).map_err(|error| Failure::io(path, error))?;
        let mut workbook = read_workbook(&bytes, Merged::Ignored)
            .map_err(|fault| said(&fault.message(Lang::Zh), &fault.message(Lang::En)))?;
        workbook.sheets.retain(|sheet| !sheet.is_empty());
        let filled = workbook.sheets.first().filter(|sheet| sheet.len() > 1);
        let header = filled
            .and_then(|sheet| sheet.row(0))
            .ok_or_else(|| said("表头之下没有数据", "there are no rows below the header"))?;
        let header = header
            .cells()
            .map(|(at, cell)| (at, cell.shown().trim().to_owned()));
        let header = header.collect();
        Ok(Self { workbook, header })
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|(_, name)| name == column)
    }
}

fn read(asked: &Link, design: &Design, say: &Say) -> Result<Tables, Failure> {
    let mut sheets = Vec::with_capacity(asked.tables.len());
    for path in &asked.tables {
        let working = say.working(&path.display().to_string());
        sheets.push(Sheet::read(path)?);
        working.finish_and_clear();
    }
    let names = |sheet: &Sheet| sheet.header.iter().map(|(_, name)| name.clone()).collect();
    let headers: Vec<Vec<String>> = sheets.iter().map(names).collect();
    let places = (design.places(&headers))
        .map_err(|fault| Failure::new(fault.message(Lang::Zh), fault.message(Lang::En)))?;
    let mut tables = Tables {
        records: Records::new(design.columns().len()),
        names: Vec::new(),
        truth: Vec::new(),
    };
    for (source, (sheet, places)) in (0..).zip(sheets.iter().zip(&places)) {
        let truth = match &asked.truth {
            None => None,
            Some(column) => Some(sheet.place(column).ok_or_else(|| {
                let path = asked.tables[source as usize].display();
                Failure::new(
                    format!("{path}：没有真值列“{column}”"),
                    format!("{path}: there is no column “{column}” to measure by"),
                )
            })?),
        };
        tables.add(source, sheet, places, truth, design);
    }
    Ok(tables)
}

impl Tables {
    fn add(
        &mut self,
        source: u32,
        sheet: &Sheet,
        places: &[Option<usize>],
        truth: Option<usize>,
        design: &Design,
    ) {
        let id = design.id.as_deref().and_then(|column| sheet.place(column));
        for row in sheet.workbook.sheets[0].rows().skip(1) {
            let cell = |place: usize| row.cell(sheet.header[place].0).shown();
            let values: Vec<Option<String>> = places.iter().map(|place| place.map(cell)).collect();
            let values = values
                .iter()
                .map(|value| value.as_deref().unwrap_or_default());
            self.records.push(source, values);
            self.names
                .push(id.map_or_else(|| row.number.to_string(), cell));
            self.truth.extend(truth.map(cell));
        }
    }

    fn source_name(&self, asked: &Link, record: u32) -> String {
        let source = self.records.source(record as usize).unwrap_or_default();
        let path: &PathBuf = &asked.tables[source as usize];
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// Every pair worth a look: who, how probable, whether taken for one person, and what each field adds.
fn write_pairs(
    asked: &Link,
    design: &Design,
    tables: &Tables,
    linkage: &Linkage,
    groups: &[u32],
) -> Result<(), Failure> {
    let failed = |error: csv::Error| Failure::io(&asked.out, error);
    let mut out = csv::Writer::from_path(&asked.out).map_err(failed)?;
    let several = asked.tables.len() > 2;
    let mut head: Vec<String> = ["a", "b", "probability", "weight", "same"]
        .map(String::from)
        .into();
    if several {
        head.extend(["source a", "source b"].map(String::from));
    }
    head.push("prior".to_owned());
    for field in &design.fields {
        head.push(field.column.clone());
        head.push(format!("{} weight", field.column));
    }
    if !design.household.is_empty() {
        head.extend(["household", "household weight"].map(String::from));
    }
    out.write_record(&head).map_err(failed)?;
    for pair in &linkage.pairs {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let mut row = vec![
            tables.names[a].clone(),
            tables.names[b].clone(),
            format!("{:.6}", pair.probability()),
            format!("{:.3}", pair.weight),
            u8::from(groups[a] == groups[b]).to_string(),
        ];
        if several {
            row.extend([
                tables.source_name(asked, pair.a),
                tables.source_name(asked, pair.b),
            ]);
        }
        for term in linkage.terms(&tables.records, pair) {
            if term.about != About::Prior {
                row.push(term.level.name().to_owned());
            }
            row.push(format!("{:.3}", term.weight));
        }
        out.write_record(&row).map_err(failed)?;
    }
    out.flush().map_err(|error| Failure::io(&asked.out, error))
}

/// Every record with its group.
fn write_groups(path: &Path, asked: &Link, tables: &Tables, groups: &[u32]) -> Result<(), Failure> {
    let failed = |error: csv::Error| Failure::io(path, error);
    let mut out = csv::Writer::from_path(path).map_err(failed)?;
    out.write_record(["group", "source", "record"])
        .map_err(failed)?;
    for (record, group) in (0..).zip(groups) {
        let source = tables.source_name(asked, record);
        let name = &tables.names[record as usize];
        out.write_record([&(group + 1).to_string(), &source, name])
            .map_err(failed)?;
    }
    out.flush().map_err(|error| Failure::io(path, error))
}

fn tell(
    design: &Design,
    tables: &Tables,
    linkage: &Linkage,
    grouping: &Grouping,
    say: &Say,
) -> Result<(), Failure> {
    let groups = &grouping.groups;
    let same = (linkage.pairs.iter())
        .filter(|pair| groups[pair.a as usize] == groups[pair.b as usize])
        .count();
    let questions = grouping.questions.len();
    let measured = (!tables.truth.is_empty()).then(|| agreement(groups, &tables.truth));
    let looked_at = (!tables.truth.is_empty()).then(|| linkage.covered(&tables.truth));
    if say.json {
        let fields = design.fields.iter().zip(&linkage.model.fields);
        let fields: Vec<_> = fields
            .map(|(field, learnt)| {
                let levels = learnt.levels.iter().enumerate().skip(1);
                let levels: Vec<_> = levels
                    .map(|(at, level)| {
                        json!({ "level": level.name(), "m": learnt.m[at], "u": learnt.u[at], "weight": learnt.weight(at) })
                    })
                    .collect();
                json!({ "column": field.column, "levels": levels })
            })
            .collect();
        let measured = measured.map(|measured| {
            json!({
                "precision": measured.precision, "recall": measured.recall, "f1": measured.f1(),
                "b_cubed_precision": measured.b_cubed_precision, "b_cubed_recall": measured.b_cubed_recall,
                "b_cubed_f1": measured.b_cubed_f1(), "candidates_recall": looked_at,
            })
        });
        return say.value(&json!({
            "records": tables.names.len(), "weighed": linkage.weighed, "passed_over": linkage.passed_over,
            "pairs": linkage.pairs.len(), "same": same, "questions": questions,
            "prior": linkage.model.prior, "fields": fields, "against_truth": measured,
        }));
    }
    let records = tables.names.len();
    let weighed = linkage.weighed;
    say.line(match say.lang {
        Lang::Zh => format!("{records} 条记录，比较 {weighed} 对：{same} 对同一人，{questions} 对待核对"),
        Lang::En => format!("{records} records, {weighed} pairs weighed: {same} of one person, {questions} to look at"),
    });
    if linkage.passed_over > 0 {
        let many = linkage.passed_over;
        say.line(match say.lang {
            Lang::Zh => format!("有 {many} 对未比较：太多记录的候选键相同，请把键写得更细"),
            Lang::En => format!(
                "{many} pairs were not weighed: too many records share a key; make the key finer"
            ),
        });
    }
    if let (Some(measured), Some(looked_at)) = (measured, looked_at) {
        say.line(match say.lang {
            Lang::Zh => format!(
                "对照真值：查准率 {:.4}，查全率 {:.4}，F1 {:.4}，B³ F1 {:.4}；候选查全率 {looked_at:.4}",
                measured.precision, measured.recall, measured.f1(), measured.b_cubed_f1()
            ),
            Lang::En => format!(
                "Against the truth: precision {:.4}, recall {:.4}, F1 {:.4}, B-cubed F1 {:.4}; {looked_at:.4} of the true pairs were candidates",
                measured.precision, measured.recall, measured.f1(), measured.b_cubed_f1()
            ),
        });
    }
    Ok(())
}
