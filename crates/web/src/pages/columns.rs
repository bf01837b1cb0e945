//! How the columns of a file were understood, and the form that says otherwise: the very same bytes are tried again with what was
//! said, which stays with the file until it is written and is remembered then. Headings are shown, never what stands below them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Lang;
use maud::{Markup, html};
use office::{By, FileFault, Layout, LayoutColumn, UnclearHeader, Upload, UploadForm};
use pack::{Column, Roster};

use super::dry_run::kept;
use crate::desk::{self, Fields};
use crate::parts;
use crate::reader::Reader;
use crate::shell::Page;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// The name of the form.
pub(super) const FORM: &str = "said";
/// What stands before the heading in the name of a field, and what leaves a column out.
const FIELD: &str = "is:";
const LEFT_OUT: &str = "-";
/// How many columns of a table that weren't taken are shown, and about how many something can be said.
const MOST_SHOWN: usize = 60;
const MOST_SAID: usize = 500;
/// A heading as long as this may have been cut off, so that it names nothing any more.
const CUT_OFF: usize = 60;

/// The section on the page of what would happen, or has.
pub(super) fn understood(
    reader: &Reader,
    upload: &Upload,
    layouts: &[Layout],
    asks: bool,
) -> Markup {
    let Some(form) = Form::of(reader, upload).filter(|_| !layouts.is_empty()) else {
        return html! {};
    };
    let tables = tables(layouts);
    let by_name = |column: &LayoutColumn| column.by == By::Name && column.column.is_some();
    let all = tables.iter().all(|t| t.columns.iter().all(by_name));
    let mut spoken = BTreeSet::new();
    let shown = html! {
        @for table in &tables {
            @let (plain, mut odd): (Vec<_>, Vec<_>) = table.columns.iter().partition(|column| by_name(column));
            @let more = odd.len().saturating_sub(MOST_SHOWN);
            h3 { (table.place(reader.lang)) }
            @if !odd.is_empty() {
                (form.of_table(&tables, table, first_the_said(&mut odd), asks, &mut spoken))
                @if more > 0 { p.note { (words::more_columns(more, reader.lang)) } }
            }
            @if !plain.is_empty() {
                details {
                    summary { (words::by_name(plain.len(), reader.lang)) }
                    (form.of_table(&tables, table, &plain, asks, &mut spoken))
                }
            }
            (form.not_in(table))
        }
    };
    html! {
        h2 #columns { (reader.say(COLUMNS_UNDERSTOOD)) }
        @if all { p { (reader.say(ALL_BY_NAME)) } }
        @if asks {
            p.note { (reader.say(SAY_COLUMNS)) }
            (form.around(&shown))
        } @else { (shown) }
    }
}

/// The page of a file that isn't taken in because its headings aren't clear.
pub(super) fn refused(reader: &Reader, upload: &Upload, fault: &FileFault, unit: &str) -> Markup {
    let wish = &upload.wish;
    let form = Form::of(reader, upload);
    html! {
        @if let Some(form) = &form {
            p.note { (form.roster.name.get(reader.lang)) " · " (unit) " · " (wish.on) " · " (wish.name) }
        }
        @match (fault, &form) {
            (FileFault::Header(header), Some(form)) => { (form.what_is_unclear(header)) },
            _ => p.lead { (fault.message(reader.lang)) },
        }
        p { (reader.say(words::NOT_DONE_DO)) }
        @if let Some(form) = &form {
            h2 #columns { (reader.say(SAY_WHAT_THEY_ARE)) }
            p.note { (reader.say(SAY_UNCLEAR)) }
            (form.around(&form.of_fault(fault)))
        }
        p { a href="/imports/new" { (reader.say(words::ANOTHER_FILE)) } }
    }
}

/// Tries the same bytes again with what was said; the address of what would happen then.
pub(crate) async fn say(reader: &Reader, id: &str, fields: Fields) -> Result<Page, Trouble> {
    reader.writer()?;
    let fields = desk::read(fields)?;
    let upload = kept(reader, id)?;
    Ok(Page::elsewhere(
        match tried_again(reader, &upload, &fields).await? {
            Some(again) => format!("/imports/dry/{again}#columns"),
            None => format!("/imports/dry/{id}"),
        },
    ))
}

/// Tries a file again if it isn't written and the fields say something new of its columns; the name under which it is kept then.
pub(super) async fn tried_again(
    reader: &Reader,
    upload: &Upload,
    fields: &[(String, String)],
) -> Result<Option<String>, Trouble> {
    let told = told(reader, &upload.wish.roster, fields)?;
    let asked = fields.iter().any(|(field, _)| field.starts_with(FIELD));
    let written = upload.written.lock().await.is_some();
    if written || !asked || told == upload.wish.told {
        return Ok(None);
    }
    let wish = UploadForm {
        told,
        ..upload.wish.clone()
    };
    let id = reader.writer()?.attempt(wish, reader.lang).await?;
    Ok(Some(id))
}

/// What the fields say: for a heading or letters a column of the roster.
fn told(
    reader: &Reader,
    roster: &str,
    fields: &[(String, String)],
) -> Result<BTreeMap<String, String>, Trouble> {
    let roster = reader.office.pack.roster(roster);
    let is_column =
        |id: &str| id == LEFT_OUT || roster.is_some_and(|roster| roster.column(id).is_some());
    let mut told = BTreeMap::new();
    for (field, column) in fields {
        let Some(word) = field.strip_prefix(FIELD).filter(|word| !word.is_empty()) else {
            continue;
        };
        if column.is_empty() {
            continue;
        }
        if !is_column(column) {
            return Err(Trouble::Form(BAD_COLUMN));
        }
        told.insert(word.to_owned(), column.clone());
    }
    if told.len() > MOST_SAID {
        return Err(Trouble::Form(words::UNREADABLE_FORM));
    }
    Ok(told)
}

/// Tables of a file that have the same columns, understood in the same way.
struct Table<'l> {
    places: Vec<(&'l str, u32)>,
    columns: &'l [LayoutColumn],
}

impl Table<'_> {
    fn place(&self, lang: Lang) -> String {
        let places = self.places.iter().take(3);
        let places = places.map(|(sheet, row)| words::header_at(sheet, *row, lang));
        let mut place = places.collect::<Vec<_>>().join(words::SEMICOLON.get(lang));
        if self.places.len() > 3 {
            place.push_str(&words::and_more(self.places.len() - 3, lang));
        }
        place
    }

    fn of_letters(&self, letters: &str) -> Option<&LayoutColumn> {
        self.columns.iter().find(|column| column.letters == letters)
    }
}

fn tables(layouts: &[Layout]) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for layout in layouts {
        let place = (layout.sheet.as_str(), layout.header_row);
        match (tables.iter_mut()).find(|table| table.columns == layout.columns.as_slice()) {
            Some(table) => table.places.push(place),
            None => tables.push(Table {
                places: vec![place],
                columns: &layout.columns,
            }),
        }
    }
    tables
}

/// What was said first, then what values say, then what was remembered, then what wasn't taken.
fn first_the_said<'c, 'l>(columns: &'c mut Vec<&'l LayoutColumn>) -> &'c [&'l LayoutColumn] {
    columns.sort_by_key(|column| match column.by {
        By::Told => 0,
        By::Values => 1,
        By::Remembered => 2,
        By::Name => 3,
    });
    columns.truncate(MOST_SHOWN);
    columns
}

/// A heading as the importer compares it.
fn folded(heading: &str) -> String {
    let heading = kernel::normal(heading).to_lowercase();
    heading.trim_matches(['*', ':', '※', '★']).to_owned()
}

/// By what word a column is spoken of, among those of its own row: its heading or, where that isn't clear, its letters.
fn word_for<'c>(
    (letters, heading): (&str, &str),
    row: impl Iterator<Item = &'c str> + Clone,
) -> Option<String> {
    let word = folded(heading);
    let same = row.clone().filter(|other| folded(other) == word).count();
    if !word.is_empty() && same == 1 && heading.chars().count() < CUT_OFF {
        return Some(word);
    }
    let mut headings = row.map(folded);
    let taken = headings.any(|other| other.eq_ignore_ascii_case(letters));
    (!taken && !letters.is_empty()).then(|| letters.to_owned())
}

/// The same for a table among others: letters mean a column of every table.
fn word_in(tables: &[Table<'_>], table: &Table<'_>, column: &LayoutColumn) -> Option<String> {
    let row = table.columns.iter().map(|column| column.heading.as_str());
    let word = word_for((&column.letters, &column.heading), row)?;
    let alike = |other: &Table<'_>| {
        let other = other.of_letters(&column.letters);
        other.is_none_or(|other| other.heading == column.heading)
    };
    (word != column.letters || tables.iter().all(alike)).then_some(word)
}

/// The form, with what was said so far.
struct Form<'r> {
    reader: &'r Reader,
    roster: &'r Roster,
    upload: &'r Upload,
    missing: Vec<&'r Column>,
}

impl<'r> Form<'r> {
    fn of(reader: &'r Reader, upload: &'r Upload) -> Option<Self> {
        let missing = match &upload.tried {
            Err(fault) => match &**fault {
                FileFault::Header(header) => header.missing.as_slice(),
                _ => &[],
            },
            Ok(_) => &[],
        };
        let roster = reader.office.pack.roster(&upload.wish.roster)?;
        let columns = roster.columns.iter();
        let missing = columns.filter(|column| missing.contains(&called(column, Lang::Zh)));
        Some(Self {
            reader,
            roster,
            upload,
            missing: missing.collect(),
        })
    }

    fn around(&self, shown: &Markup) -> Markup {
        html! {
            form #(FORM) .columns-said method="post" action=(format!("/imports/dry/{}/columns", self.upload.id)) autocomplete="off" {
                (shown)
                button type="submit" { (self.reader.say(TRY_AGAIN)) }
            }
        }
    }

    fn name(&self, id: &str) -> String {
        let column = self.roster.column(id);
        column.map_or_else(
            || id.to_owned(),
            |(_, column)| called(column, self.reader.lang),
        )
    }

    /// Some columns of a table, each with what it was taken for and a choice.
    fn of_table(
        &self,
        tables: &[Table<'_>],
        table: &Table<'_>,
        columns: &[&LayoutColumn],
        asks: bool,
        spoken: &mut BTreeSet<String>,
    ) -> Markup {
        let say = |words: Words| self.reader.say(words);
        html! {
            table.rows.said-of aria-label=(table.place(self.reader.lang)) {
                thead {
                    tr {
                        @for heading in [SHEET_COLUMN, HEADING, TAKEN_FOR, BY_WHAT] { (parts::heading(self.reader, heading, false)) }
                        @if asks { (parts::heading(self.reader, SAY_OTHERWISE, false)) }
                    }
                }
                tbody {
                    @for column in columns {
                        tr {
                            td.d { (column.letters) }
                            th scope="row" { (column.heading) }
                            td {
                                @match &column.column {
                                    Some(id) => { (self.name(id)) },
                                    None => span.none { (say(NOT_TAKEN)) },
                                }
                            }
                            td {
                                @if column.by == By::Values { span.flag { (column.basis(self.reader.lang)) } }
                                @else { span.faint { (column.basis(self.reader.lang)) } }
                            }
                            @if asks {
                                td {
                                    @match word_in(tables, table, column) {
                                        None => span.none { (say(CANNOT_BE_SAID)) },
                                        Some(word) if spoken.contains(&word) => span.none { (say(SAID_ABOVE)) },
                                        Some(word) => {
                                            (self.choice(&word, &column.heading, AS_IT_IS))
                                            @let _new = spoken.insert(word);
                                        },
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What the list has and a table doesn't.
    fn not_in(&self, table: &Table<'_>) -> Markup {
        let found = |id: &str| {
            let mut columns = table.columns.iter();
            columns.any(|column| column.column.as_deref() == Some(id))
        };
        let columns = self.roster.columns.iter();
        let lacking: Vec<String> = columns
            .filter(|column| !found(&column.id))
            .map(|column| called(column, self.reader.lang))
            .collect();
        html! {
            @if !lacking.is_empty() {
                p.note { (self.reader.say(NOT_IN_FILE)) (lacking.join(self.reader.say(words::COMMA))) }
            }
        }
    }

    /// What is missing, what stands twice, and what was recognised.
    fn what_is_unclear(&self, header: &UnclearHeader) -> Markup {
        let say = |words: Words| self.reader.say(words);
        let place = words::header_at(&header.sheet, header.row, self.reader.lang);
        let list = |names: &[String]| self.named(names).join(say(words::COMMA));
        let twice: Vec<String> = (header.twice.iter())
            .map(|(name, ..)| name.clone())
            .collect();
        html! {
            p.lead {
                (place) (say(words::SEMICOLON))
                @if !header.missing.is_empty() { (say(MISSING)) (list(&header.missing)) }
                @if !header.missing.is_empty() && !twice.is_empty() { (say(words::SEMICOLON)) }
                @if !twice.is_empty() { (say(TWICE)) (list(&twice)) }
            }
            @if !header.found.is_empty() { p { (say(RECOGNISED)) (list(&header.found)) } }
        }
    }

    /// The columns about which a refused file asks, and those about which something was said.
    fn of_fault(&self, fault: &FileFault) -> Markup {
        let none = UnclearHeader::default();
        let header = match fault {
            FileFault::Header(header) => header,
            _ => &none,
        };
        let lang = self.reader.lang;
        let say = |words: Words| self.reader.say(words);
        let like = header.like.iter().map(|(letters, heading, names)| {
            let hint = format!(
                "{}{}",
                say(MAY_BE),
                self.named(names).join(say(words::COMMA))
            );
            (letters.as_str(), heading.as_str(), hint)
        });
        let unknown = header.unknown.iter().take(MOST_SHOWN);
        let unknown = unknown.map(|(l, heading)| (l.as_str(), heading.as_str(), String::new()));
        let twice = header.twice.iter().flat_map(|(name, both)| {
            let name = self.named(std::slice::from_ref(name)).join("");
            let hint = format!("{name}{}{}", words::COLON.get(lang), say(STANDS_TWICE));
            both.iter()
                .map(move |(letters, heading)| (letters.as_str(), heading.as_str(), hint.clone()))
        });
        let asked: Vec<(&str, &str, String)> = like.chain(twice).chain(unknown).collect();
        let row = asked.iter().map(|(_, heading, _)| *heading);
        let mut spoken = BTreeSet::new();
        let mut lines: Vec<(&str, &str, &str, String)> = Vec::new();
        for (letters, heading, hint) in &asked {
            let word = word_for((*letters, *heading), row.clone());
            if let Some(word) = word.filter(|word| spoken.insert(word.clone())) {
                lines.push((*letters, *heading, hint.as_str(), word));
            }
        }
        let said = self.upload.wish.told.keys();
        let earlier = said.filter(|word| !spoken.contains(*word));
        lines.extend(earlier.map(|word| ("", word.as_str(), "", word.clone())));
        html! {
            table.rows.said-of.few aria-label=(self.reader.say(SAY_WHAT)) {
                thead { tr { @for heading in [SHEET_COLUMN, HEADING, SAY_WHAT] { (parts::heading(self.reader, heading, false)) } } }
                tbody {
                    @for (letters, heading, hint, word) in &lines {
                        tr {
                            td.d { (letters) }
                            th scope="row" {
                                (heading)
                                @if heading.is_empty() { (hint) } @else if !hint.is_empty() { br; small.faint { (hint) } }
                            }
                            td { (self.choice(word, if heading.is_empty() { letters } else { heading }, SAY_NOTHING)) }
                        }
                    }
                }
            }
            @if header.unknown.len() > MOST_SHOWN {
                p.note { (words::more_columns(header.unknown.len() - MOST_SHOWN, lang)) }
            }
        }
    }

    /// Names of columns as a fault says them, in the reader's language.
    fn named(&self, names: &[String]) -> Vec<String> {
        let column = |name: &String| {
            let mut columns = self.roster.columns.iter();
            columns.find(|column| called(column, Lang::Zh) == *name)
        };
        let named = names.iter().map(|name| match column(name) {
            Some(column) => called(column, self.reader.lang),
            None => name.clone(),
        });
        named.collect()
    }

    fn choice(&self, word: &str, heading: &str, otherwise: Words) -> Markup {
        let said = self.upload.wish.told.get(word).map(String::as_str);
        let say = |words: Words| self.reader.say(words);
        let option = |column: &Column| {
            html! { option value=(column.id) selected[said == Some(column.id.as_str())] { (called(column, self.reader.lang)) } }
        };
        let missing = |column: &&Column| self.missing.iter().any(|m| m.id == column.id);
        let others = self.roster.columns.iter().filter(|column| !missing(column));
        let label = format!("{} {}", say(SAY_OTHERWISE), heading);
        html! {
            select name=(format!("{FIELD}{word}")) aria-label=(label) {
                option value="" selected[said.is_none()] { (say(if said.is_none() { otherwise } else { SAY_NOTHING })) }
                option value=(LEFT_OUT) selected[said == Some(LEFT_OUT)] { (say(LEAVE_OUT)) }
                @if self.missing.is_empty() { @for column in others { (option(column)) } }
                @else {
                    optgroup label=(say(STILL_MISSING)) { @for column in &self.missing { (option(column)) } }
                    optgroup label=(say(OTHER_COLUMNS)) { @for column in others { (option(column)) } }
                }
            }
        }
    }
}

/// A column's name, in Chinese with the group it stands under.
fn called(column: &Column, lang: Lang) -> String {
    let name = column.name.get(lang);
    match (lang, column.group.first()) {
        (Lang::Zh, Some(group)) if !name.starts_with(group.as_str()) => format!("{group}{name}"),
        _ => name.to_owned(),
    }
}

words! {
    COLUMNS_UNDERSTOOD: "每列如何识别", "How the columns were understood";
    ALL_BY_NAME: "每一列都按表头识别。", "Every column was understood by its heading.";
    SAY_COLUMNS: "识别错了或没有采用的列，可另行指明，再试一次；确认写入后，同样表头的文件以后都照此识别。", "Where one was taken wrongly or not at all, say what it is and try again; once the list is written, later files with these headings are read the same way.";
    SAY_UNCLEAR: "请指明下面各列是什么，再试一次。说过的，写入后会记住，同样表头的文件以后都照此识别。", "Say what these columns are and try again. It is remembered once the list is written: later files with these headings are read the same way.";
    SAY_WHAT_THEY_ARE: "指明各列", "Say what the columns are";
    MISSING: "缺少：", "missing: ";
    TWICE: "重复：", "twice: ";
    RECOGNISED: "已识别：", "Recognised: ";
    SHEET_COLUMN: "列", "Column";
    HEADING: "表头", "Heading";
    TAKEN_FOR: "识别为", "Taken for";
    BY_WHAT: "依据", "By";
    SAY_OTHERWISE: "改为", "Make it";
    SAY_WHAT: "指明为", "It is";
    NOT_TAKEN: "未采用", "not taken";
    AS_IT_IS: "照此，不改", "as it is";
    SAY_NOTHING: "不指明", "not said";
    LEAVE_OUT: "不采用这一列", "leave it out";
    STILL_MISSING: "还缺的列", "Still missing";
    OTHER_COLUMNS: "名册的列", "Columns of the list";
    TRY_AGAIN: "按所选再试一次", "Try again with these";
    MAY_BE: "按内容可能是：", "by its values perhaps: ";
    STANDS_TWICE: "重复出现", "stands twice";
    CANNOT_BE_SAID: "表头重复，改名后才能指明", "not the only one called so: rename it first";
    SAID_ABOVE: "同上", "as above";
    NOT_IN_FILE: "文件里没有的列：", "Columns the file doesn't have: ";
    BAD_COLUMN: "指明的列不是这种名册的列。请回到上一页重新选择。", "What a column was said to be is no column of this list. Go back and choose again.";
}

#[cfg(test)]
mod tests {
    use super::word_for;

    #[test]
    fn a_column_is_spoken_of_by_its_heading_where_that_is_clear() {
        let row = ["户 主", "电话", "电话", "b", "*"];
        let word = |letters, heading| word_for((letters, heading), row.into_iter());
        assert_eq!(word("A", "户 主").as_deref(), Some("户主"));
        assert_eq!(word("C", "电话").as_deref(), Some("C"));
        assert_eq!(word("B", "电话"), None, "a heading is called so");
        assert_eq!(word("E", "*").as_deref(), Some("E"));
        let long = "长".repeat(60);
        let cut = word_for(("F", &long), [long.as_str()].into_iter());
        assert_eq!(cut.as_deref(), Some("F"));
    }
}
