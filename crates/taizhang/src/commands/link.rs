//! `taizhang link`: which rows of any tables are of the same person. It needs no ledger and no pack, only a design.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use intake::{Merged, read_workbook};
use kernel::Lang;
use linkage::{Design, Linkage, Records, Stage, agreement, group, link};
use serde_json::json;

use crate::arguments::Link;
use crate::failure::Failure;
use crate::say::Say;

/// The tables, ready to link.
struct Tables {
    records: Records,
    /// How each record is named in results.
    names: Vec<String>,
    /// The source of each record.
    sources: Vec<u32>,
    /// Who each record is, where a column says so.
    truth: Vec<String>,
}

/// Reads the tables, links them, writes pairs and groups, and says what was found.
pub fn run(asked: &Link, say: &Say) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(&asked.config)
        .map_err(|error| Failure::io(&asked.config, error))?;
    let of_config = |fault: &linkage::DesignError| {
        let path = asked.config.display();
        Failure::new(
            format!("{path}：{}", fault.message(Lang::Zh)),
            format!("{path}: {}", fault.message(Lang::En)),
        )
    };
    let design = Design::parse(&text).map_err(|fault| of_config(&fault))?;
    let tables = read(asked, &design, say)?;
    let working = say.working("");
    let linkage = link(&design, &tables.records, &mut |stage| {
        working.set_message(doing(stage, say.lang));
    });
    working.finish_and_clear();
    let certain = (linkage.pairs.iter()).take_while(|pair| pair.probability() >= design.threshold);
    let certain: Vec<_> = certain.copied().collect();
    let within = asked.tables.len() == 1;
    let groups = group(&tables.sources, &certain, design.one_to_one && !within);
    write_pairs(asked, &design, &tables, &linkage, &groups)?;
    if let Some(path) = &asked.groups {
        write_groups(path, asked, &tables, &groups)?;
    }
    tell(&design, &tables, &linkage, &groups, say)?;
    say.line(match say.lang {
        Lang::Zh => format!("配对见 {}", asked.out.display()),
        Lang::En => format!("Pairs: {}", asked.out.display()),
    });
    Ok(ExitCode::SUCCESS)
}

fn doing(stage: Stage, lang: Lang) -> String {
    match (stage, lang) {
        (Stage::Blocking, Lang::Zh) => "查找候选".to_owned(),
        (Stage::Blocking, Lang::En) => "finding candidates".to_owned(),
        (Stage::Learning, Lang::Zh) => "估计权重".to_owned(),
        (Stage::Learning, Lang::En) => "learning weights".to_owned(),
        (Stage::Weighing(key, keys), Lang::Zh) => format!("比较 {}/{keys}", key + 1),
        (Stage::Weighing(key, keys), Lang::En) => format!("weighing {}/{keys}", key + 1),
    }
}

fn read(asked: &Link, design: &Design, say: &Say) -> Result<Tables, Failure> {
    let mut tables = Tables {
        records: Records::new(design.columns().len()),
        names: Vec::new(),
        sources: Vec::new(),
        truth: Vec::new(),
    };
    for (source, path) in (0..).zip(&asked.tables) {
        let working = say.working(&path.display().to_string());
        tables.add(source, path, asked, design)?;
        working.finish_and_clear();
    }
    Ok(tables)
}

impl Tables {
    fn add(
        &mut self,
        source: u32,
        path: &Path,
        asked: &Link,
        design: &Design,
    ) -> Result<(), Failure> {
        let said = |zh: String, en: String| {
            let path = path.display();
            Failure::new(format!("{path}：{zh}"), format!("{path}: {en}"))
        };
        let bytes = std::fs::read(path).map_err(|error| Failure::io(path, error))?;
        let workbook = read_workbook(&bytes, Merged::Ignored)
            .map_err(|fault| said(fault.message(Lang::Zh), fault.message(Lang::En)))?;
        let sheet = workbook.sheets.iter().find(|sheet| !sheet.is_empty());
        let Some((sheet, header)) = sheet.and_then(|sheet| Some((sheet, sheet.row(0)?))) else {
            return Err(said("是空表".to_owned(), "has no rows".to_owned()));
        };
        let header: Vec<(u16, String)> = header
            .cells()
            .map(|(at, cell)| (at, cell.shown()))
            .collect();
        let names: Vec<&str> = header.iter().map(|(_, name)| name.as_str()).collect();
        let of_design =
            |fault: linkage::DesignError| said(fault.message(Lang::Zh), fault.message(Lang::En));
        let places = design.places(&names).map_err(of_design)?;
        let id = design.id_place(&names).map_err(of_design)?;
        let truth = match &asked.truth {
            None => None,
            Some(column) => Some(linkage::place(&names, column).map_err(of_design)?),
        };
        for row in sheet.rows().skip(1) {
            let cell = |place: usize| row.cell(header[place].0).shown();
            let values: Vec<String> = places.iter().map(|&place| cell(place)).collect();
            self.records.push(source, values.iter().map(String::as_str));
            self.names
                .push(id.map_or_else(|| row.number.to_string(), cell));
            self.sources.push(source);
            if let Some(place) = truth {
                self.truth.push(cell(place));
            }
        }
        Ok(())
    }

    fn source_name(&self, asked: &Link, record: u32) -> String {
        let path: &PathBuf = &asked.tables[self.sources[record as usize] as usize];
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
            if term.field.is_some() {
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
    groups: &[u32],
    say: &Say,
) -> Result<(), Failure> {
    let same = (linkage.pairs.iter())
        .filter(|pair| groups[pair.a as usize] == groups[pair.b as usize])
        .count();
    let questions = linkage.pairs.len()
        - (linkage.pairs.iter())
            .filter(|pair| pair.probability() >= design.threshold)
            .count();
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
