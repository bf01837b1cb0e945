//! The result workbook: the same outcome gives the same bytes.

use std::collections::HashMap;

use kernel::Lang;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};

use super::{FileOutcome, Outcome};
use crate::finding::{Finding, Note};
use crate::header::{By, Header, Layout, LayoutColumn};
use crate::plan::Verdict;
use crate::sheet::{Cell, Row, Sheet};

/// The columns before those of the source.
const BEFORE: u16 = 3;
/// The longest text a cell may hold.
const LONGEST_CELL: usize = 32_767;

/// The formats of the workbook.
struct Looks {
    head: Format,
    wrap: Format,
    rejected: Format,
    doubt: Format,
    repaired: Format,
    new: Format,
    date: Format,
}

impl Looks {
    fn new() -> Looks {
        let fill = |rgb| Format::new().set_background_color(Color::RGB(rgb));
        Looks {
            head: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0x00D9_E2EC)),
            wrap: Format::new().set_text_wrap(),
            rejected: fill(0x00F8_D7DA),
            doubt: fill(0x00FF_E8B3),
            repaired: fill(0x00FF_F8D6),
            new: fill(0x00DD_F3E0),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    fn of(&self, verdict: Verdict, notes: &[&Note]) -> Option<&Format> {
        use crate::finding::Level;
        let has = |level| notes.iter().any(|n| n.finding.level() == level);
        match verdict {
            Verdict::Rejected => Some(&self.rejected),
            _ if has(Level::Doubt) => Some(&self.doubt),
            Verdict::Skipped | Verdict::Repeated | Verdict::Asked => Some(&self.doubt),
            _ if has(Level::Repaired) => Some(&self.repaired),
            Verdict::Opened | Verdict::Changed | Verdict::Closed => Some(&self.new),
            Verdict::Unchanged => None,
        }
    }
}

pub(super) fn write(outcome: &Outcome) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Read once and corrected: it is ready sooner, and hardly larger.
    book.set_zip_compression_level(1);
    // The time of the import, not of the clock.
    let made = ExcelDateTime::from_timestamp(outcome.recorded_at.as_second())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let looks = Looks::new();
    let mut names = Names::default();
    let summary = book.add_worksheet_with_constant_memory()?;
    summary.set_name(names.fresh(word(outcome.lang, "汇总", "Summary")))?;
    summarise(outcome, summary, &looks)?;
    for file in &outcome.files {
        for (at, sheet) in file.workbook.sheets.iter().enumerate() {
            let headers = &file.headers[at];
            if headers.is_empty() {
                continue;
            }
            let stem = file
                .path
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default();
            let name = match (outcome.files.len(), sheet.name.as_str()) {
                (_, "") => stem,
                (1, name) => name.to_owned(),
                (_, name) => format!("{stem}-{name}"),
            };
            let page = book.add_worksheet_with_constant_memory()?;
            page.set_name(names.fresh(&name))?;
            repeat(outcome.lang, file, (at, sheet), headers, page, &looks)?;
        }
    }
    if (outcome.files.iter()).any(|file| !file.absent.left.is_empty()) {
        let page = book.add_worksheet_with_constant_memory()?;
        page.set_name(names.fresh(word(outcome.lang, "不再在册", "Left the list")))?;
        left(outcome, page, &looks)?;
    }
    let page = book.add_worksheet_with_constant_memory()?;
    page.set_name(names.fresh(word(outcome.lang, "列对应", "Columns")))?;
    columns(outcome, page, &looks)?;
    book.save_to_buffer()
}

/// Who is no longer on the list.
fn left(outcome: &Outcome, page: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
    let lang = outcome.lang;
    page.set_column_width(0, 36)?;
    let titles = [("文件", "File"), ("姓名", "Name"), ("人员记录", "Person")];
    for (column, (zh, en)) in (0..).zip(titles) {
        page.write_string_with_format(0, column, word(lang, zh, en), &looks.head)?;
    }
    let gone = (outcome.files.iter())
        .flat_map(|file| file.absent.left.iter().map(move |gone| (file, gone)));
    for (row, (file, gone)) in (1..).zip(gone) {
        page.write_string(row, 0, file.path.display().to_string())?;
        write_text(page, row, 1, &gone.name, None)?;
        page.write_string(row, 2, gone.person.to_string())?;
    }
    Ok(())
}

/// How every column of every table was understood.
fn columns(outcome: &Outcome, page: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
    let lang = outcome.lang;
    let titles = [
        ("文件", "File"),
        ("工作表", "Sheet"),
        ("表头行", "Header row"),
        ("列", "Column"),
        ("表头", "Heading"),
        ("认作", "Understood as"),
        ("列名", "Column id"),
        ("依据", "By"),
    ];
    for (column, (zh, en)) in (0..).zip(titles) {
        page.write_string_with_format(0, column, word(lang, zh, en), &looks.head)?;
    }
    let tables = outcome
        .files
        .iter()
        .flat_map(|file| file.layouts.iter().map(move |layout| (file, layout)));
    let lines = tables.flat_map(|(file, layout)| {
        let column = move |column| (file, layout, column);
        layout.columns.iter().map(column)
    });
    for (row, (file, layout, column)) in (1..).zip(lines) {
        let taken = column.name.as_ref().map(|name| name.get(lang));
        let words = [
            file.path.display().to_string(),
            layout.sheet.clone(),
            layout.header_row.to_string(),
            column.letters.clone(),
            column.heading.clone(),
            taken
                .unwrap_or(word(lang, "（未采用）", "(not taken)"))
                .to_owned(),
            column.column.clone().unwrap_or_default(),
            [
                Some(column.basis(lang).to_owned()),
                unit_of(file, layout, column, lang),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(word(lang, "；", "; ")),
        ];
        let look = match column.by {
            By::Name if column.column.is_some() => None,
            By::Name => Some(&looks.doubt),
            _ => Some(&looks.repaired),
        };
        for (at, words) in (0..).zip(&words) {
            write_text(page, row, at, words, look)?;
        }
    }
    Ok(())
}

/// What is said of the unit of a column.
fn unit_of(
    file: &FileOutcome,
    layout: &Layout,
    column: &LayoutColumn,
    lang: Lang,
) -> Option<String> {
    let of_unit = |note: &&Note| {
        matches!(note.finding, Finding::InUnit(_))
            && note.row == layout.header_row
            && *note.sheet == *layout.sheet
            && (note.column.as_ref()).is_some_and(|heading| heading.letters == column.letters)
    };
    let note = file.notes.iter().find(of_unit)?;
    Some(note.finding.message(lang))
}

fn summarise(outcome: &Outcome, page: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
    let lang = outcome.lang;
    let titles = [
        ("文件", "File"),
        ("行数", "Rows"),
        ("新建", "Opened"),
        ("变更", "Changed"),
        ("注销", "Closed"),
        ("无变化", "Unchanged"),
        ("重复", "Repeated"),
        ("待核", "Asked"),
        ("未通过", "Rejected"),
        ("已跳过", "Skipped"),
        ("新在册", "New on the list"),
        ("不再在册", "Left the list"),
        ("未在册而保留", "Missing, but kept"),
        ("未填起始日期", "Without start date"),
        ("未读取的工作表", "Sheets not read"),
    ];
    page.set_column_width(0, 36)?;
    page.write_string(0, 0, outcome.roster.get(lang))?;
    page.write_string(0, 1, outcome.unit.to_string())?;
    page.write_string(0, 2, outcome.on.to_string())?;
    if outcome.dry_run {
        page.write_string(
            0,
            3,
            word(
                lang,
                "试导入，台账未改动",
                "Dry run: the ledger is as it was",
            ),
        )?;
    }
    for (column, (zh, en)) in (0..).zip(titles) {
        page.write_string_with_format(2, column, word(lang, zh, en), &looks.head)?;
    }
    for (row, file) in (3..).zip(&outcome.files) {
        page.write_string(row, 0, file.path.display().to_string())?;
        let counts = [
            file.rows(),
            file.opened(),
            file.changed(),
            file.closed(),
            file.unchanged(),
            file.repeated(),
            file.asked(),
            file.rejected(),
            file.count(Verdict::Skipped),
            file.listed().opened,
            file.absent.left.len(),
            file.absent.kept,
            file.undated,
        ];
        for (column, count) in (1..).zip(counts) {
            page.write_number(row, column, u32::try_from(count).unwrap_or(u32::MAX))?;
        }
        page.write_string(row, 14, file.unread.join("、"))?;
    }
    // What is said of a list or of a sheet as a whole has no row of its own.
    let files = outcome.files.iter();
    let whole = files.flat_map(|file| {
        file.notes
            .iter()
            .filter(|note| note.row == 0)
            .map(move |note| (file, note))
    });
    let below = u32::try_from(outcome.files.len())
        .unwrap_or(u32::MAX)
        .saturating_add(4);
    for (row, (file, note)) in (below..).zip(whole) {
        write_text(page, row, 0, &file.path.display().to_string(), None)?;
        write_text(page, row, 1, &note.message(lang), Some(&looks.doubt))?;
    }
    Ok(())
}

fn repeat(
    lang: Lang,
    file: &FileOutcome,
    (at, sheet): (usize, &Sheet),
    headers: &[Header],
    page: &mut Worksheet,
    looks: &Looks,
) -> Result<(), XlsxError> {
    page.set_column_width(1, 10)?;
    page.set_column_width(2, 48)?;
    let mut notes: HashMap<u32, Vec<&Note>> = HashMap::new();
    for note in file.notes.iter().filter(|n| *n.sheet == *sheet.name) {
        notes.entry(note.row).or_default().push(note);
    }
    // A row of tables beside one another ends as several records; what needs a look is shown.
    let mut verdicts: HashMap<u32, Verdict> = HashMap::new();
    for row in file.results.iter().filter(|r| r.sheet == at) {
        let verdict = verdicts.entry(row.row).or_insert(row.verdict);
        if weight(row.verdict) > weight(*verdict) {
            *verdict = row.verdict;
        }
    }
    let first = headers.iter().map(|header| header.first).min().unwrap_or(0);
    let in_header = |index: usize| {
        let mut headers = headers.iter();
        headers.any(|header| (header.top..header.first).contains(&index))
    };
    for (out, row) in (0..).zip(sheet.rows()) {
        let index = usize::try_from(out).unwrap_or(usize::MAX);
        if index < first || in_header(index) {
            let titles = [("行号", "Row"), ("结果", "Result"), ("说明", "Reason")];
            for (column, (zh, en)) in (0..).zip(titles).filter(|_| index + 1 == first) {
                page.write_string_with_format(out, column, word(lang, zh, en), &looks.head)?;
            }
            copy(row, out, page, looks, Some(&looks.head))?;
            continue;
        }
        page.write_number(out, 0, row.number)?;
        if let Some(&verdict) = verdicts.get(&row.number) {
            let found = notes.get(&row.number).map_or(&[][..], Vec::as_slice);
            let look = looks.of(verdict, found);
            write_text(page, out, 1, &label(verdict, lang), look)?;
            write_text(
                page,
                out,
                2,
                &reasons(found, lang),
                Some(look.unwrap_or(&looks.wrap)),
            )?;
        }
        copy(row, out, page, looks, None)?;
    }
    Ok(())
}

/// How much a verdict needs a look.
fn weight(verdict: Verdict) -> usize {
    let order = [
        Verdict::Skipped,
        Verdict::Unchanged,
        Verdict::Repeated,
        Verdict::Closed,
        Verdict::Changed,
        Verdict::Opened,
        Verdict::Asked,
        Verdict::Rejected,
    ];
    order.iter().position(|v| *v == verdict).unwrap_or(0)
}

fn copy(
    row: Row<'_>,
    out: u32,
    page: &mut Worksheet,
    looks: &Looks,
    look: Option<&Format>,
) -> Result<(), XlsxError> {
    for (column, cell) in row.cells() {
        let Some(column) = column.checked_add(BEFORE).filter(|c| *c < 16_384) else {
            continue;
        };
        match cell {
            Cell::Empty => (),
            Cell::Number(n) if n.abs() < 1e15 => {
                page.write_number(out, column, n)?;
            }
            Cell::Date(day) => {
                let day = ExcelDateTime::from_ymd(
                    day.year().unsigned_abs(),
                    day.month().unsigned_abs(),
                    day.day().unsigned_abs(),
                );
                match day {
                    Ok(day) => page.write_datetime_with_format(out, column, &day, &looks.date)?,
                    Err(_) => page.write_string(out, column, cell.shown())?,
                };
            }
            Cell::Bool(yes) => {
                page.write_boolean(out, column, yes)?;
            }
            other => write_text(page, out, column, &other.shown(), look)?,
        }
    }
    Ok(())
}

fn write_text(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    look: Option<&Format>,
) -> Result<(), XlsxError> {
    let shortened: String;
    let text = if text.len() > LONGEST_CELL {
        shortened = text.chars().take(LONGEST_CELL / 4).collect();
        &shortened
    } else {
        text
    };
    match look {
        Some(look) => page.write_string_with_format(row, column, text, look)?,
        None => page.write_string(row, column, text)?,
    };
    Ok(())
}

fn reasons(notes: &[&Note], lang: Lang) -> String {
    let mut said = Vec::with_capacity(notes.len());
    for note in notes {
        let what = note.finding.message(lang);
        said.push(match &note.column {
            Some(column) => match lang {
                Lang::Zh => format!("{}：{what}", column.name.zh),
                Lang::En => format!("{}: {what}", column.name.en),
            },
            None => what,
        });
    }
    said.join(word(lang, "；", "; "))
}

fn label(verdict: Verdict, lang: Lang) -> String {
    let (zh, en) = match verdict {
        Verdict::Opened => ("新建", "opened"),
        Verdict::Changed => ("变更", "changed"),
        Verdict::Closed => ("注销", "closed"),
        Verdict::Unchanged => ("无变化", "unchanged"),
        Verdict::Asked => ("待核", "asked"),
        Verdict::Repeated => ("重复", "repeated"),
        Verdict::Skipped => ("已跳过", "skipped"),
        Verdict::Rejected => ("未通过", "rejected"),
    };
    word(lang, zh, en).to_owned()
}

fn word<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Sheet names that a workbook allows and that differ from each other.
#[derive(Default)]
struct Names {
    used: Vec<String>,
}

impl Names {
    fn fresh(&mut self, wanted: &str) -> String {
        let clean: String = wanted
            .chars()
            .map(|c| {
                if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') {
                    ' '
                } else {
                    c
                }
            })
            .take(27)
            .collect();
        let clean = clean.trim().to_owned();
        let base = if clean.is_empty() {
            "1".to_owned()
        } else {
            clean
        };
        let taken = |name: &str| {
            self.used
                .iter()
                .any(|u| u.to_lowercase() == name.to_lowercase())
        };
        let name = (1..)
            .map(|n| {
                if n == 1 {
                    base.clone()
                } else {
                    format!("{base} {n}")
                }
            })
            .find(|name| !taken(name))
            .unwrap_or(base);
        self.used.push(name.clone());
        name
    }
}
