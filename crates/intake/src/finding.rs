//! What is to be said about single rows: repairs, doubts, and why a row was refused. A finding is kept small, because a bad
//! list has one for every row, and is put into words only when it is shown.

use std::sync::Arc;

use jiff::civil::Date;
use kernel::{Lang, UnitCode};
use pack::Text;
use pack::cell::{Told, Weight};

use crate::fault::pick;
use crate::said::{self, SAID};

mod kind;
mod note;
mod weighed;

pub use kind::QuestionKind;
pub use note::{Heading, Note};
pub use weighed::Weighed;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something was put right; the row was taken.
    Repaired,
    /// The row was taken, but somebody should look at it.
    Doubt,
    /// The row may be of somebody known; a person has to say.
    Asked,
    /// The row says the same as an earlier row of the file.
    Repeated,
    /// The row is no record, but a total, a remark or the header again.
    Skipped,
    /// Nothing of the row was taken.
    Rejected,
}

/// What was found in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The row was recognised without a number, by these weights.
    Recognised(Box<Weighed>),
    /// The row may be of somebody known, or has somebody else's number: a person has to say. Nothing of it was taken.
    Asked(QuestionKind),
    /// Somebody of this name is known, and what is said doesn't tell whether they are one: somebody new was opened.
    SameName,
    /// An earlier row of the file has the same name and birth, and the same telephone or door: they may be one.
    AlikeRow {
        /// That row, as a spreadsheet shows it.
        row: u32,
    },
    /// It was decided that the row is to be left out.
    Aside,
    /// Another source, whose word counts more, says something else: its word was kept.
    Yields {
        /// What differs.
        field: Box<Text>,
        /// Whose word it is.
        source: Box<Text>,
    },
    /// Another source said something else: this one's word counts more, and was taken.
    Outranks {
        /// What differs.
        field: Box<Text>,
        /// Whose word it was.
        source: Box<Text>,
    },
    /// Another source said something else, and its word counts more; but it is too old by now, so this one's was taken.
    Stale {
        /// What differs.
        field: Box<Text>,
        /// Whose word it was.
        source: Box<Text>,
        /// As of which day.
        as_of: Date,
    },
    /// Another source, whose word counts as much, says something else as of the same day.
    Contested {
        /// What differs.
        field: Box<Text>,
        /// Whose word it is.
        source: Box<Text>,
    },
    /// What the pack says should hold doesn't.
    Questionable(Arc<Text>),
    /// What the pack says must hold doesn't.
    Contradicts(Arc<Text>),
    /// There is another record that has in common with this one what should be there once.
    Twice {
        /// The register.
        register: Box<Text>,
        /// What tells the other one from it.
        other: Box<str>,
    },
    /// A home that begins soon after the day of the list: it counts from then on.
    BeginsSoon {
        /// The beginning.
        since: Date,
        /// The date of the import.
        on: Date,
    },
    /// A birth after the day of the list, which was left out.
    NotBorn(Date),
    /// The number is somebody else's, who has another name: it was left out.
    NumberTaken,
    /// The number is somebody else's, so it can't become this person's.
    OthersNumber,

    /// What is told of one cell.
    Cell(Told),
    /// A cell that can be done without can't be taken: it was left out.
    LeftOut(Box<Told>),
    /// The same, and it is kept as it was read.
    KeptAsRead(Box<Told>),
    /// The amounts of a column were in this unit, and were made yuan.
    InUnit(Box<str>),
    /// An earlier row says something else about the same record; the earlier one was kept.
    Differs {
        /// The earlier row.
        row: u32,
        /// What differs.
        field: Box<Text>,
    },
    /// The row names who an earlier one names: two numbers of one person.
    Merged {
        /// The earlier row.
        row: u32,
    },
    /// The row equals an earlier one.
    Repeats {
        /// The earlier row.
        row: u32,
    },
    /// The row is blank in every required column, or has one filled cell.
    NoRecord,
    /// The header, repeated.
    HeaderAgain,

    /// A row of a CSV file with fewer cells than the heading: those that lack count as blank.
    FewerCells {
        /// How many it has.
        cells: u16,
        /// How many the heading has.
        of: u16,
    },
    /// A row of a CSV file with more cells than the heading: what stands where can't be told.
    MoreCells {
        /// How many it has.
        cells: u16,
        /// How many the heading has.
        of: u16,
    },
    /// A row of a CSV file with one cell: a line broken within a row.
    BrokenLine,
    /// A row of a CSV file that may be half of one that was broken in its middle.
    PerhapsBroken,
    /// The sheet is hidden; nothing of it was read.
    HiddenSheet,

    /// A required cell is blank.
    Missing,
    /// A record that begins after the date of the import.
    BeginsLater {
        /// The beginning.
        since: Date,
        /// The date of the import.
        on: Date,
    },
    /// A record that ends before it begins.
    EndsEarlier {
        /// The beginning.
        since: Date,
        /// The end.
        until: Date,
    },
    /// A value of a code list that is retired on the day of the list.
    Retired {
        /// The field.
        field: Box<Text>,
        /// The first day as of which it may not be said.
        since: Date,
    },
    /// A unit outside the one imported for.
    UnitOutside(UnitCode),

    /// The record is in the ledger, and this opens new ones only.
    AlreadyThere {
        /// The register.
        register: Box<Text>,
    },
    /// The record isn't in the ledger, and this list doesn't open new ones.
    NotKnown {
        /// The register.
        register: Box<Text>,
    },
    /// What is known says otherwise.
    Disagrees {
        /// The field.
        field: Box<Text>,
        /// What is known, masked; none if the reader has no right to it.
        known: Option<Box<str>>,
    },
    /// The same record stands in two places of the row.
    SameTwice {
        /// The register.
        register: Box<Text>,
    },
    /// A field every record must have is blank.
    FieldMissing {
        /// The field.
        field: Box<Text>,
    },
    /// The row would close a circle of parents.
    Circle,
    /// A child born before, or with, its parent.
    NotYounger {
        /// The parent's birth.
        parent: Date,
        /// The child's birth.
        child: Date,
    },
}

/// A list whose dates are all in another spelling than ours has millions of findings.
const _: () = assert!(size_of::<Finding>() <= 40);

impl From<Told> for Finding {
    fn from(told: Told) -> Finding {
        Finding::Cell(told)
    }
}

impl Finding {
    /// How much it weighs.
    pub fn level(&self) -> Level {
        match self {
            Finding::Cell(told) => match told.weight() {
                Weight::Repaired => Level::Repaired,
                Weight::Doubt => Level::Doubt,
                Weight::Refused => Level::Rejected,
            },
            Finding::InUnit(_) | Finding::Recognised(_) | Finding::FewerCells { .. } => {
                Level::Repaired
            }
            Finding::Asked(_) => Level::Asked,
            Finding::Aside => Level::Skipped,
            Finding::Yields { .. }
            | Finding::Outranks { .. }
            | Finding::Stale { .. }
            | Finding::Contested { .. }
            | Finding::Twice { .. }
            | Finding::BeginsSoon { .. }
            | Finding::NumberTaken
            | Finding::SameName
            | Finding::AlikeRow { .. }
            | Finding::LeftOut(_)
            | Finding::KeptAsRead(_)
            | Finding::Questionable(_)
            | Finding::HiddenSheet
            | Finding::PerhapsBroken
            | Finding::NotBorn(_) => Level::Doubt,
            Finding::Differs { .. } | Finding::Merged { .. } => Level::Doubt,
            Finding::Repeats { .. } => Level::Repeated,
            Finding::NoRecord | Finding::HeaderAgain => Level::Skipped,
            _ => Level::Rejected,
        }
    }

    /// What was found in what one form or call says, of which nothing is written yet.
    pub fn in_form(&self, lang: Lang) -> String {
        let (why, zh, en) = match self {
            Finding::LeftOut(told) => (
                told.message(lang),
                "这一项不会录入",
                "this will be left out",
            ),
            Finding::KeptAsRead(told) => (
                told.message(lang),
                "这一项将原样记下，待核实",
                "this will be kept as it is written, and asked about",
            ),
            _ => return self.message(lang),
        };
        match lang {
            Lang::Zh => format!("{why}（{zh}）"),
            Lang::En => format!("{why} ({en})"),
        }
    }

    /// What was found and, where something has to be done, what.
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Finding::Cell(told) => return told.message(lang),
            Finding::LeftOut(told) => {
                let why = told.message(lang);
                return match lang {
                    Lang::Zh => format!("{why}（本格未录入，本行其余内容已录入）"),
                    Lang::En => {
                        format!("{why} (this cell was left out, the rest of the row was taken)")
                    }
                };
            }
            Finding::KeptAsRead(told) => {
                let why = told.message(lang);
                return match lang {
                    Lang::Zh => format!("{why}（本格原样记下，待核实；本行其余内容已录入）"),
                    Lang::En => format!(
                        "{why} (this cell is kept as it was read and asked about, the rest of the row was taken)"
                    ),
                };
            }
            Finding::Recognised(weighed) => {
                let sum = weighed.message(lang, &said_name(lang));
                return match lang {
                    Lang::Zh => format!("无证号，按所填内容认定为台账中的人（{sum}）"),
                    Lang::En => format!("recognised without a number ({sum})"),
                };
            }
            _ => (),
        }
        let (zh, en) = self.about_cell().unwrap_or_else(|| self.about_row());
        pick(lang, zh, en)
    }

    fn about_cell(&self) -> Option<(String, String)> {
        let words: (String, String) = match self {
            Finding::NotBorn(day) => (
                format!("出生日期 {day} 晚于名册日期，未采用，请核对"),
                format!("born on {day}, after the day of the list; left out, check it"),
            ),
            Finding::InUnit(unit) => (
                format!("本列金额单位为{unit}，已换算为元"),
                format!("the amounts of this column are in {unit}, and were made yuan"),
            ),
            Finding::Missing => ("必填，现为空".into(), "required, but blank".into()),
            Finding::UnitOutside(unit) => (
                format!("单位 {unit} 不在本次导入的单位之下"),
                format!("unit {unit} isn't below the unit imported for"),
            ),
            _ => return None,
        };
        Some(words)
    }

    fn about_row(&self) -> (String, String) {
        match self {
            Finding::Differs { row, field } => (
                format!("“{}”与第 {row} 行不一致，保留第 {row} 行的内容", field.zh),
                format!("“{}” differs from row {row}; row {row} was kept", field.en),
            ),
            Finding::Merged { row } => (
                format!("与第 {row} 行是同一人，两条记录已合并；请报送单位核对，只列一次"),
                format!(
                    "is the same person as in row {row}: their two records were merged; ask the sender to list them once"
                ),
            ),
            Finding::Asked(QuestionKind::Number) => (
                "公民身份号码与别人的相同而姓名不同，已列入待核".into(),
                "has the number of somebody of another name; left as a question".into(),
            ),
            Finding::Asked(_) => (
                "可能与台账中的人是同一人，已列入待核".into(),
                "may be somebody the ledger knows; left as a question".into(),
            ),
            Finding::SameName => (
                "台账中有同名的人，所填内容不足以认定是否同一人，已新建；如为同一人，请在人员页面提出合并".into(),
                "somebody of this name is known, and nothing tells whether they are one; somebody new was opened: if they are one, propose the merge on the person's page".into(),
            ),
            Finding::AlikeRow { row } => (
                format!("与第 {row} 行的姓名、出生日期相同，电话或住址也相同，可能是同一人，请核对"),
                format!("the same name and birth as row {row}, and the same telephone or address; they may be one, check"),
            ),
            Finding::Aside => (
                "核定为搁置，未录入".into(),
                "set aside by decision; left out".into(),
            ),
            Finding::Yields { field, source } => (
                format!("“{}”与{}所填不同，以{}为准", field.zh, source.zh, source.zh),
                format!(
                    "“{}” differs from what the {} says, whose word was kept",
                    field.en,
                    lower(&source.en)
                ),
            ),
            Finding::Stale {
                field,
                source,
                as_of,
            } => (
                format!(
                    "“{}”与{}{}所填不同，其所填已过时效，以本名册为准",
                    field.zh,
                    source.zh,
                    kernel::date::label(*as_of, Lang::Zh)
                ),
                format!(
                    "“{}” differs from what the {} said on {}, too long ago to count; this list's word was taken",
                    field.en,
                    lower(&source.en),
                    kernel::date::label(*as_of, Lang::En)
                ),
            ),
            Finding::Outranks { field, source } => (
                format!("“{}”与{}所填不同，以本名册为准", field.zh, source.zh),
                format!(
                    "“{}” differs from what the {} said; this list's word was taken",
                    field.en,
                    lower(&source.en)
                ),
            ),
            Finding::Contested { field, source } => (
                format!("“{}”与{}同日所填不同，两者同等，请在“待核”里核定以哪个为准", field.zh, source.zh),
                format!(
                    "“{}” differs from what the {} says as of the same day, whose word counts as much; say under Review which is right",
                    field.en,
                    lower(&source.en)
                ),
            ),
            Finding::FewerCells { cells, of } => (
                format!("本行只有 {cells} 格，表头有 {of} 格，缺的按空白处理"),
                format!("the row has {cells} cells, the heading {of}; what lacks counts as blank"),
            ),
            Finding::MoreCells { cells, of } => (
                format!("本行有 {cells} 格，多于表头的 {of} 格，可能有未加引号的分隔符，各格错位；未录入"),
                format!("the row has {cells} cells, more than the heading's {of}: perhaps a separator without quotation marks, so that cells are out of place; not taken"),
            ),
            Finding::BrokenLine => (
                "本行只有一格，可能是上一行在引号外断开；未录入，请与上一行一并核对".into(),
                "the row has one cell: perhaps the row above was broken outside quotation marks; not taken, check both".into(),
            ),
            Finding::PerhapsBroken => (
                "本行格数不足，与相邻一行合起来正好一行，可能是一行在引号外断成两行，请核对".into(),
                "the row has too few cells, and with its neighbour as many as one: perhaps one row was broken outside quotation marks; check it".into(),
            ),
            Finding::HiddenSheet => (
                "是隐藏的，没有读取；需要时请取消隐藏".into(),
                "is hidden and was not read; show it if it is needed".into(),
            ),
            Finding::Questionable(said) => (
                format!("{}，请核对", said.zh),
                format!("{}; check it", lower_first(&said.en)),
            ),
            Finding::Contradicts(said) => (
                format!("{}，未录入，请核对", said.zh),
                format!("{}; the row was not taken, check it", lower_first(&said.en)),
            ),
            Finding::Twice { register, other } => (
                format!("此人另有同一{}（{other}），可能重复享受，请核对", register.zh),
                format!(
                    "there is another such {} ({other}); it may be had twice, check it",
                    lower(&register.en)
                ),
            ),
            Finding::BeginsSoon { since, on } => (
                format!("起始日期 {since} 晚于名册日期 {on}，自该日起计入"),
                format!("begins on {since}, after the day of the list, {on}; it counts from then on"),
            ),
            Finding::NumberTaken => (
                "此号码在台账中属于另一姓名的人，未录入号码，请核对".into(),
                "the ledger has this number under another name; it was left out: check it".into(),
            ),
            Finding::OthersNumber => (
                "此号码在台账中属于另一人；两人若是同一人，请提出合并".into(),
                "the ledger has this number of somebody else; if the two are one, propose a merge".into(),
            ),
            Finding::Repeats { row } => (
                format!("与第 {row} 行重复，只计一次"),
                format!("repeats row {row}; counted once"),
            ),
            Finding::NoRecord => (
                "不是一条记录（如合计、说明），已跳过".into(),
                "no record, but perhaps a total or a remark; skipped".into(),
            ),
            Finding::HeaderAgain => (
                "重复的表头，已跳过".into(),
                "the header again; skipped".into(),
            ),
            Finding::BeginsLater { since, on } => (
                format!("起始日期 {since} 晚于 {on}，请核对"),
                format!("begins on {since}, after {on}; check it"),
            ),
            Finding::EndsEarlier { since, until } => (
                format!("终止日期 {until} 早于起始日期 {since}，请核对"),
                format!("ends on {until}, before it begins on {since}; check it"),
            ),
            Finding::Retired { field, since } => (
                format!("{}的这个值自 {since} 起已停用，请改用其他值", field.zh),
                format!(
                    "this value of {} is retired since {since}; use another",
                    lower(&field.en)
                ),
            ),
            Finding::AlreadyThere { register } => (
                format!("台账中已有这一{}，这里只登记新的；请换一个号码，或改用其他办理", register.zh),
                format!(
                    "the ledger has this {} already, and here only a new one is recorded; give another number, or do something else",
                    lower(&register.en)
                ),
            ),
            Finding::NotKnown { register } => (
                format!("台账中没有此{}，请先登记或核对号码", register.zh),
                format!(
                    "no such {} in the ledger; record it first or check the number",
                    lower(&register.en)
                ),
            ),
            Finding::Disagrees { field, known } => {
                let (zh, en) = match known {
                    Some(known) => (
                        format!("（台账为“{known}”）"),
                        format!(", which has “{known}”"),
                    ),
                    None => Default::default(),
                };
                (
                    format!("“{}”与台账不符{zh}，请核对是否同一人", field.zh),
                    format!(
                        "“{}” disagrees with the ledger{en}; check whether it is the same one",
                        field.en
                    ),
                )
            }
            Finding::SameTwice { register } => (
                format!("同一行中同一{}出现两次，请核对号码", register.zh),
                format!(
                    "the same {} stands twice in this row; check the numbers",
                    lower(&register.en)
                ),
            ),
            Finding::FieldMissing { field } => (
                format!("缺少“{}”，无法登记", field.zh),
                format!("“{}” is missing; the record can't be made", field.en),
            ),
            Finding::Circle => (
                "父母子女关系成环（某人成了自己的长辈），请核对".into(),
                "a circle of parents: somebody would be their own ancestor; check the numbers"
                    .into(),
            ),
            Finding::NotYounger { parent, child } => (
                format!("子女（{child} 出生）不晚于父母（{parent} 出生），请核对"),
                format!(
                    "the child, born {child}, isn't younger than the parent, born {parent}; check the numbers"
                ),
            ),
            _ => (String::new(), String::new()),
        }
    }
}

/// A sentence as the part of a line.
fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn lower(words: &str) -> String {
    words.to_lowercase()
}

/// The names of what is said of people, where no pack is at hand.
fn said_name(lang: Lang) -> impl Fn(&str) -> Option<String> {
    move |field| {
        let (zh, en) = match SAID.iter().position(|id| *id == field)? {
            said::NAME => ("姓名", "name"),
            said::SEX => ("性别", "sex"),
            said::BIRTH => ("出生日期", "birth"),
            said::PHONE => ("电话", "telephone"),
            said::ADDRESS => ("住址", "address"),
            _ => return None,
        };
        Some(pick(lang, zh.to_owned(), en.to_owned()))
    }
}
