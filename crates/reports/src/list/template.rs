//! A blank list of a roster, to be filled in and sent: its headings as the roster declares them, groups above them, what a cell may hold, and
//! a second sheet that says of each column what it is for. What is filled in is read by the import as it stands: numbers of documents, dates
//! and codes are text, so that no spreadsheet makes anything else of them; words that aren't on a code list are warned of, not refused,
//! since the import knows more of them.

use jiff::civil::Date;
use kernel::Lang;
use pack::{CodeList, Column, FieldType, Items, Pack, Roster};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula,
    IgnoreError, Worksheet, XlsxError,
};

use super::xlsx::{FONT, empty, plain_name, printing};
use super::{ListError, MOST_ROWS};
use crate::width;

/// The first column of the second sheet that holds the words of a code list, behind a blank one.
const WORDS_FROM: u16 = 7;
/// How wide a column is at least and at most, in half-width characters.
const NARROWEST: usize = 10;
const WIDEST: usize = 36;
/// The most characters of the hint at a cell, and of its title (Excel's own limits).
const LONGEST_HINT: usize = 255;
const LONGEST_TITLE: usize = 32;

/// Writes the blank list of a roster, as an .xlsx file. `notes` says what whoever fills it in has to know of the list as a whole; words of
/// code lists that are retired on the day are left out.
///
/// # Errors
/// The roster has more columns than a sheet.
pub fn template(
    (pack, roster): (&Pack, &Roster),
    notes: &[String],
    on: Date,
    lang: Lang,
) -> Result<Vec<u8>, ListError> {
    let blank = Blank {
        pack,
        roster,
        on,
        lang,
        grouped: grouped(roster, lang),
    };
    let written = blank.written(notes);
    written.map_err(|fault| ListError::Write(fault.to_string()))
}

/// How many rows of headings stand above the columns' own: none where their own names tell them apart.
fn grouped(roster: &Roster, lang: Lang) -> usize {
    let names = |lang| {
        let all = roster.columns.iter();
        let mut names: Vec<&str> = all.map(|column| column.name.get(lang)).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        names.len() == all
    };
    // Groups are declared in one language; in the other they stand only where they must.
    match lang == Lang::En && names(lang) {
        true => 0,
        false => {
            let depths = roster.columns.iter().map(|column| column.group.len());
            depths.max().unwrap_or(0)
        }
    }
}

struct Blank<'b> {
    pack: &'b Pack,
    roster: &'b Roster,
    on: Date,
    lang: Lang,
    grouped: usize,
}

impl Blank<'_> {
    fn written(&self, notes: &[String]) -> Result<Vec<u8>, XlsxError> {
        let name = self.roster.name.get(self.lang);
        let mut workbook = empty(name)?;
        let list = plain_name(name);
        let told = match self.pick("填写说明", "How to fill it in") {
            same if same == list => format!("{same} 2"),
            told => told.to_owned(),
        };
        let lists = self.code_lists();
        let page = workbook.add_worksheet();
        page.set_name(&list)?;
        self.list(page, &told, &lists)?;
        let page = workbook.add_worksheet();
        page.set_name(&told)?;
        self.told(page, notes, &lists)?;
        workbook.save_to_buffer()
    }

    fn pick<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The code lists whose words are offered: each once, in order of the columns.
    fn code_lists(&self) -> Vec<(&CodeList, Vec<&str>)> {
        let mut lists: Vec<(&CodeList, Vec<&str>)> = Vec::new();
        for column in &self.roster.columns {
            let (FieldType::Code(id) | FieldType::List(Items::Codes(id))) = &column.kind else {
                continue;
            };
            let known = lists.iter().any(|(list, _)| list.id == *id);
            if let Some(list) = self.pack.code(id).filter(|_| !known) {
                let members = list.members.iter();
                let members = members.filter(|one| one.retired.is_none_or(|day| day > self.on));
                let words = members.map(|member| member.name.get(self.lang));
                lists.push((list, words.collect()));
            }
        }
        lists
    }

    /// The sheet that is filled in.
    fn list(
        &self,
        page: &mut Worksheet,
        told: &str,
        lists: &[(&CodeList, Vec<&str>)],
    ) -> Result<(), XlsxError> {
        let formats = Formats::new();
        self.groups(page, &formats)?;
        let header = u32::try_from(self.grouped).unwrap_or(0);
        let last = u32::try_from(MOST_ROWS - 1).unwrap_or(u32::MAX);
        for (at, column) in (0..).zip(&self.roster.columns) {
            let name = column.name.get(self.lang);
            let format = formats.heading(column.required);
            let above = self.above(column);
            if above.is_empty() && header > 0 {
                page.merge_range(0, at, header, at, name, format)?;
            } else {
                page.write_string_with_format(header, at, name, format)?;
            }
            let cells = width::cells(name).max(usual_width(&column.kind)) + 4;
            let cells = u16::try_from(cells.clamp(NARROWEST, WIDEST)).unwrap_or(20);
            page.set_column_width(at, cells)?;
            page.set_column_format(at, formats.of(&column.kind))?;
            let hint = self.hint(column, told, lists)?;
            page.add_data_validation(header + 1, at, last, at, &hint)?;
        }
        page.set_row_height(header, 22)?;
        page.set_freeze_panes(header + 1, 0)?;
        let columns = u16::try_from(self.roster.columns.len()).unwrap_or(u16::MAX);
        let across = columns.saturating_sub(1);
        page.ignore_error_range(0, 0, last, across, IgnoreError::NumberStoredAsText)?;
        printing(page, header)
    }

    /// The headings above a column, as many as there are rows for them.
    fn above<'c>(&self, column: &'c Column) -> &'c [String] {
        &column.group[..column.group.len().min(self.grouped)]
    }

    /// The headings above the columns' own, each merged over its columns; the innermost stands right above them.
    fn groups(&self, page: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        let columns = &self.roster.columns;
        for row in 0..self.grouped {
            // What stands in this row above a column, with all that stands over it: only what is alike in all of it is merged.
            let over = |column: &Column| {
                let above = self.above(column);
                let least = self.grouped - above.len();
                (row >= least).then(|| above[..=row - least].to_vec())
            };
            let mut at = 0;
            while at < columns.len() {
                let own = over(&columns[at]);
                let alike = columns[at..].iter().take_while(|next| over(next) == own);
                let end = at + alike.count().max(1);
                let (first, last) = (column_at(at), column_at(end - 1));
                if let Some(name) = own.as_ref().and_then(|own| own.last()) {
                    let (row, format) = (u32::try_from(row).unwrap_or(0), &formats.group);
                    match first == last {
                        true => page.write_string_with_format(row, first, name, format)?,
                        false => page.merge_range(row, first, row, last, name, format)?,
                    };
                }
                at = end;
            }
        }
        Ok(())
    }

    /// What a cell of a column is told of when somebody stands in it, and the words it offers.
    fn hint(
        &self,
        column: &Column,
        told: &str,
        lists: &[(&CodeList, Vec<&str>)],
    ) -> Result<DataValidation, XlsxError> {
        let name = column.name.get(self.lang);
        let title: String = name.chars().take(LONGEST_TITLE).collect();
        let needed = match column.required {
            true => self.pick("必填。", "Needed. "),
            false => "",
        };
        let hint = format!("{needed}{}", self.holds(column));
        let hint: String = hint.chars().take(LONGEST_HINT).collect();
        let offered = match &column.kind {
            FieldType::Code(id) => {
                let at = lists.iter().position(|(list, _)| list.id == *id);
                let words = at.map_or(0, |at| lists[at].1.len());
                let range = at.filter(|_| words > 0).map(|at| {
                    let letters = letters(usize::from(WORDS_FROM) + at);
                    let sheet = told.replace('\'', "''");
                    format!("='{sheet}'!${letters}$2:${letters}${}", words + 1)
                });
                range.map(|range| DataValidation::new().allow_list_formula(Formula::new(range)))
            }
            FieldType::Bool => {
                let words = [self.pick("是", "yes"), self.pick("否", "no")];
                Some(DataValidation::new().allow_list_strings(&words)?)
            }
            _ => None,
        };
        let offered = offered.unwrap_or_else(|| DataValidation::new().allow_any_value());
        offered
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title(self.pick("不在选项中", "Not one of the words"))?
            .set_error_message(self.pick(
                "这里通常从下拉选项中选。确定要这样填吗？",
                "This is usually one of the words offered. Is it what you mean?",
            ))?
            .set_input_title(title)?
            .set_input_message(hint)
    }

    /// The sheet that explains it.
    fn told(
        &self,
        page: &mut Worksheet,
        notes: &[String],
        lists: &[(&CodeList, Vec<&str>)],
    ) -> Result<(), XlsxError> {
        let formats = Formats::new();
        let headings = [
            (self.pick("所在列", "In"), 8),
            (self.pick("要填的列", "What to fill in"), 26),
            (self.pick("是否必填", "Whether needed"), 14),
            (self.pick("怎样填", "How"), 44),
            (self.pick("表头也可写作", "May also be headed"), 44),
        ];
        for (at, (heading, wide)) in (0..).zip(headings) {
            page.write_string_with_format(0, at, heading, formats.heading(false))?;
            page.set_column_width(at, wide)?;
        }
        let mut row = 1;
        for (at, column) in self.roster.columns.iter().enumerate() {
            let group = self.above(column).join(" ");
            let name = column.name.get(self.lang);
            let name = match group.is_empty() {
                true => name.to_owned(),
                false => format!("{group} · {name}"),
            };
            let needed = match column.required {
                true => self.pick("必填", "needed"),
                false => self.pick("选填", "if known"),
            };
            // The second cell is quoted, so that it heads nothing.
            let name = match self.lang {
                Lang::Zh => format!("“{name}”"),
                Lang::En => format!("\"{name}\""),
            };
            let also: Vec<&str> = column.synonyms.iter().map(String::as_str).collect();
            let cells = [
                letters(at),
                name,
                needed.to_owned(),
                self.holds(column),
                also.join(self.pick("、", ", ")),
            ];
            for (at, text) in (0..).zip(cells) {
                page.write_string_with_format(row, at, text, &formats.said)?;
            }
            row += 1;
        }
        row += 1;
        let own = [
            self.pick(
                "一行写一条，从表头下面第一行写起；不要改动表头，不要合并单元格。",
                "One row each, from the first below the headings; leave the headings as they are, and merge no cells.",
            ),
            self.pick(
                "不知道的留空，不要写“无”“不详”。",
                "Leave blank what isn't known.",
            ),
        ];
        let sender = self.roster.sender.get(self.lang);
        let sender = match sender.is_empty() {
            true => String::new(),
            false => format!("{}{sender}", self.pick("报送：", "Sent by: ")),
        };
        let texts = [sender.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty());
        let texts = texts.chain(notes.iter().map(String::as_str)).chain(own);
        for text in texts {
            page.merge_range(row, 0, row, 4, text, &formats.said)?;
            row += 1;
        }
        for (at, (list, words)) in lists.iter().enumerate() {
            let column = WORDS_FROM + column_at(at);
            let heading = format!(
                "{}{}",
                self.pick("选项：", "Words: "),
                list.name.get(self.lang)
            );
            let widest = words.iter().map(|word| width::cells(word)).max();
            let widest = widest.unwrap_or(0).max(width::cells(&heading)) + 3;
            let widest = u16::try_from(widest.clamp(NARROWEST, WIDEST)).unwrap_or(20);
            page.set_column_width(column, widest)?;
            page.write_string_with_format(0, column, &heading, formats.heading(false))?;
            for (row, word) in (1..).zip(words) {
                page.write_string_with_format(row, column, *word, &formats.said)?;
            }
        }
        page.set_freeze_panes(1, 0)?;
        // The words to choose from are for the other sheet's cells, not for paper.
        page.set_print_area(0, 0, row.saturating_sub(1), 4)?;
        printing(page, 0)
    }

    /// What a cell of a column holds, in words.
    fn holds(&self, column: &Column) -> String {
        let plain = |zh: &str, en: &str| self.pick(zh, en).to_owned();
        match &column.kind {
            FieldType::Text => plain("文字", "Words"),
            FieldType::LongText => plain("文字，可以分行", "Words, several lines if need be"),
            FieldType::Int => plain("整数", "A whole number"),
            FieldType::Fen => plain("金额，单位：元", "An amount in yuan"),
            FieldType::Date if column.by_month => plain(
                "日期，写成2025-12-31；只知道年月的写成2025-12",
                "A date, as 2025-12-31; or a month, as 2025-12",
            ),
            FieldType::Date => plain("日期，写成2025-12-31", "A date, as 2025-12-31"),
            FieldType::PartialDate => plain(
                "日期，写成2025-12-31；只知道年月或年份的写成2025-12或2025",
                "A date, as 2025-12-31; as much as is known of it, as 2025-12 or 2025",
            ),
            FieldType::Moment => plain(
                "日期和时间，写成2025-12-31 08:30",
                "A date and time, as 2025-12-31 08:30",
            ),
            FieldType::Bool => plain("是或否", "yes or no"),
            FieldType::Code(id) => {
                let name = self
                    .pack
                    .code(id)
                    .map_or("", |list| list.name.get(self.lang));
                match self.lang {
                    Lang::Zh => format!("从下拉选项中选（{name}）"),
                    Lang::En => format!("One of the words offered ({name})"),
                }
            }
            FieldType::List(Items::Codes(id)) => {
                let name = self
                    .pack
                    .code(id)
                    .map_or("", |list| list.name.get(self.lang));
                match self.lang {
                    Lang::Zh => format!("可填多项，用顿号分开；选项见说明页右侧“{name}”"),
                    Lang::En => format!(
                        "Several, with commas between; the words stand on the other sheet, under {name}"
                    ),
                }
            }
            FieldType::List(Items::Texts) => {
                plain("可填多项，用顿号分开", "Several, with commas between")
            }
            FieldType::Unit => plain(
                "单位名称或12位代码",
                "A unit's name, or its code of 12 digits",
            ),
            FieldType::IdNumber => plain(
                "18位公民身份号码，作为文字填写",
                "The ID number of 18 characters, as text",
            ),
            FieldType::Document => plain(
                "证件号码；不是公民身份号码的，前面写证件名称",
                "The number of a document; if it isn't an ID number, with the document's name before it",
            ),
            FieldType::Phone => plain("电话号码，作为文字填写", "A telephone number, as text"),
            FieldType::Decimal { places, unit } => match (unit.get(self.lang), self.lang) {
                ("", Lang::Zh) => format!("数字，最多{places}位小数"),
                ("", Lang::En) => format!("A number, with {places} decimal places at most"),
                (unit, Lang::Zh) => format!("数字，单位：{unit}，最多{places}位小数"),
                (unit, Lang::En) => {
                    format!("A number of {unit}, with {places} decimal places at most")
                }
            },
            FieldType::File => plain(
                "附件；先在台账中保存文件，再照给出的写法填写",
                "A file: keep it in the ledger first, and write what it says then",
            ),
            FieldType::Ref(_) => plain("记录号", "The number of a record"),
        }
    }
}

/// How wide what stands in cells of a type usually is.
fn usual_width(kind: &FieldType) -> usize {
    match kind {
        FieldType::IdNumber | FieldType::Document => 20,
        FieldType::LongText | FieldType::List(_) => 30,
        FieldType::Moment => 18,
        FieldType::Text | FieldType::Code(_) | FieldType::Unit | FieldType::Phone => 12,
        _ => 10,
    }
}

fn column_at(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// The letters of a column, counted from 0.
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

struct Formats {
    heading: Format,
    needed: Format,
    group: Format,
    text: Format,
    number: Format,
    said: Format,
}

impl Formats {
    fn new() -> Self {
        let base = || {
            Format::new()
                .set_font_name(FONT)
                .set_font_size(11)
                .set_align(FormatAlign::VerticalCenter)
        };
        let heading = || {
            let ruled = base().set_border(FormatBorder::Thin);
            ruled.set_border_color(0xA6_A6_A6).set_bold()
        };
        Self {
            heading: heading().set_background_color(0xF2_F2_F2),
            needed: heading().set_background_color(0xFC_E4_D6),
            group: heading()
                .set_background_color(0xF2_F2_F2)
                .set_align(FormatAlign::Center),
            text: base().set_num_format("@"),
            number: base(),
            said: base().set_num_format("@").set_text_wrap(),
        }
    }

    fn heading(&self, needed: bool) -> &Format {
        match needed {
            true => &self.needed,
            false => &self.heading,
        }
    }

    /// Everything but amounts and counts is text.
    fn of(&self, kind: &FieldType) -> &Format {
        match kind {
            FieldType::Int | FieldType::Fen | FieldType::Decimal { .. } => &self.number,
            _ => &self.text,
        }
    }
}
