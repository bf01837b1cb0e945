//! What stops a whole file or an import, in words for the person who has to do something about it. What is wrong with a single
//! row is a [`crate::Finding`] instead. A file that is stopped leaves nothing in the ledger.

use std::path::{Path, PathBuf};

use kernel::{Lang, UnitCode};
use ledger::LedgerError;
use pack::NoContract;
use tables::TablesError;

/// Why a file can't be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It can't be opened or read.
    Unreadable {
        /// What the system says.
        detail: String,
    },
    /// Nothing is in it.
    Empty,
    /// Nothing is in it but hidden sheets.
    Hidden {
        /// Their names.
        sheets: Vec<String>,
    },
    /// It is larger than [`crate::limits::FILE`].
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// Unpacked it would be larger than [`crate::limits::INFLATED`].
    Inflates,
    /// It breaks off, or isn't what it says it is.
    Damaged {
        /// Where reading stopped.
        detail: String,
    },
    /// It is protected by a password.
    Password,
    /// It isn't a spreadsheet.
    NotASpreadsheet {
        /// What it is instead.
        what: Foreign,
    },
    /// As a whole it isn't what the pack says a list of its roster must be.
    Contradicts {
        /// What is said of it.
        said: Vec<pack::Text>,
    },
    /// Its bytes are neither UTF-8 nor GB 18030.
    Encoding {
        /// The line with the first wrong byte.
        line: usize,
    },
    /// Some of its lines are UTF-8 and others GB 18030.
    MixedEncodings {
        /// The first line that isn't as those before it.
        line: usize,
    },
    /// A quote in its text isn't closed where a cell ends, so that it would take other cells or rows into its own.
    StrayQuote {
        /// The line with the quote that begins the cell.
        line: usize,
    },
    /// Its text is Big5.
    Big5,
    /// A sheet has more rows than [`crate::limits::ROWS`].
    TooManyRows {
        /// The sheet.
        sheet: String,
    },
    /// A sheet has more columns than [`crate::limits::COLUMNS`].
    TooManyColumns {
        /// The sheet.
        sheet: String,
    },
    /// A sheet has more cells or text than [`crate::limits`] allow.
    TooManyCells {
        /// The sheet.
        sheet: String,
    },
    /// More rows than can be refused one by one close circles of parents.
    TooManyCircles,
    /// It has more sheets than [`crate::limits::SHEETS`].
    TooManySheets {
        /// How many.
        sheets: usize,
    },
    /// No sheet has a header of this roster.
    NoHeader {
        /// The roster's columns that every list must have.
        wanted: Vec<String>,
        /// The sheets looked at.
        sheets: Vec<String>,
    },
    /// A header was found, but it isn't complete or not clear.
    Header(Box<UnclearHeader>),
    /// The unit of a column of amounts isn't known.
    Unit {
        /// The sheet.
        sheet: String,
        /// The row of the header, as a spreadsheet shows it.
        row: u32,
        /// The heading.
        heading: String,
        /// The unit it says.
        unit: String,
    },
    /// What was said of a heading speaks of a column the roster doesn't have.
    NoSuchColumn {
        /// The heading.
        heading: String,
        /// The column it was said to be.
        column: String,
        /// The columns there are, with their ids.
        known: Vec<(String, String)>,
    },
    /// Something was said of headings that no table has.
    NoSuchHeading {
        /// The headings.
        headings: Vec<String>,
        /// The headings there are.
        known: Vec<String>,
    },
}

/// A header that isn't complete, or not clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnclearHeader {
    /// The sheet.
    pub sheet: String,
    /// The row, as a spreadsheet shows it.
    pub row: u32,
    /// Columns recognised.
    pub found: Vec<String>,
    /// Required columns that are missing.
    pub missing: Vec<String>,
    /// Columns recognised twice, with the letters and the headings of both.
    pub twice: Vec<(String, [(String, String); 2])>,
    /// Headings that say nothing, with the letters of their columns.
    pub unknown: Vec<(String, String)>,
    /// Columns whose values fit several columns of the roster, or each other's: letters, heading, and what they may be.
    pub like: Vec<(String, String, Vec<String>)>,
}

/// Kinds of file that are taken for spreadsheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A text document.
    WordDocument,
    /// A presentation.
    Presentation,
    /// A binary workbook (.xlsb).
    BinaryWorkbook,
    /// A workbook of Excel 4 or before.
    OldWorkbook,
    /// A spreadsheet as XML, such as "XML Spreadsheet 2003".
    XmlWorkbook,
    /// A web page, often exported with the ending .xls.
    WebPage,
    /// A PDF.
    Pdf,
    /// A compressed folder.
    Archive,
    /// Something else.
    Unknown,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum IntakeError {
    /// A file can't be taken in.
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        fault: Box<FileFault>,
    },
    /// Neither a roster nor a register has this id.
    UnknownRoster {
        /// The id asked for.
        id: String,
        /// The rosters there are.
        known: Vec<String>,
    },
    /// A roster that can't be carried out with this pack.
    Roster {
        /// The roster.
        id: String,
        /// What doesn't fit.
        detail: String,
    },
    /// The pack doesn't say which registers keep people.
    Pack(#[from] NoContract),
    /// The unit has no book yet.
    NoBook {
        /// The unit.
        unit: UnitCode,
    },
    /// The person importing has no rights over the unit.
    NotGranted {
        /// The unit.
        unit: UnitCode,
    },
    /// Several files are each said to be the whole list: by each, the people of the others would have left.
    WholeInParts,
    /// The ledger refused.
    Ledger {
        /// The file that was being written.
        file: PathBuf,
        /// What it said.
        #[source]
        source: Box<LedgerError>,
    },
    /// What stands in the ledger can't be worked out.
    Tables {
        /// The file that was being read.
        file: PathBuf,
        /// Why not.
        #[source]
        source: Box<TablesError>,
    },
    /// The result workbook can't be written.
    Report {
        /// What the writer said.
        detail: String,
    },
}

impl IntakeError {
    /// What happened and what to do.
    pub fn message(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            IntakeError::File { file, fault } => {
                let file = short(file);
                (
                    format!("{file}：{}", fault.message(Lang::Zh)),
                    format!("{file}: {}", fault.message(Lang::En)),
                )
            }
            IntakeError::UnknownRoster { id, known } => (
                format!(
                    "没有名为“{id}”的名册或登记册。可用的名册：{}",
                    known.join("、")
                ),
                format!(
                    "there is no roster or register “{id}”; rosters are: {}",
                    known.join(", ")
                ),
            ),
            IntakeError::Roster { id, detail } => (
                format!("名册“{id}”与政策包不符：{detail}"),
                format!("roster “{id}” doesn't fit the pack: {detail}"),
            ),
            IntakeError::Pack(error) => (error.message(Lang::Zh), error.message(Lang::En)),
            IntakeError::NoBook { unit } => (
                format!("单位 {unit} 还没有台账簿；请先导入单位名录（units）"),
                format!("unit {unit} has no book yet; import the list of units first"),
            ),
            IntakeError::NotGranted { unit } => (
                format!("您的岗位不能为单位 {unit} 登记，请联系该单位的管理员"),
                format!(
                    "your posts don't let you record anything for unit {unit}; ask its administrator"
                ),
            ),
            IntakeError::WholeInParts => (
                "全册须在一个文件里；请合并成一个文件，或按部分名册导入".into(),
                "a whole list must be in one file; put the files together, or import them as parts"
                    .into(),
            ),
            IntakeError::Tables { file, source } => {
                let file = short(file);
                (
                    format!("{file}：{}", source.message(Lang::Zh)),
                    format!("{file}: {}", source.message(Lang::En)),
                )
            }
            IntakeError::Ledger { file, source } => {
                let file = short(file);
                (
                    format!("{file}：未写入台账。{}", source.message(Lang::Zh)),
                    format!(
                        "{file}: nothing was written to the ledger. {}",
                        source.message(Lang::En)
                    ),
                )
            }
            IntakeError::Report { detail } => (
                format!("结果表无法写出：{detail}"),
                format!("the result workbook can't be written: {detail}"),
            ),
        };
        pick(lang, zh, en)
    }
}

impl FileFault {
    /// Whether it asks which column is which.
    pub(crate) fn asks(&self) -> bool {
        matches!(self, FileFault::Header(header) if !header.like.is_empty())
    }

    /// What is wrong and what to do, without the file's name.
    pub fn message(&self, lang: Lang) -> String {
        let (zh, en): (String, String) = match self {
            FileFault::Unreadable { detail } => (
                format!("文件无法打开：{detail}"),
                format!("the file can't be opened: {detail}"),
            ),
            FileFault::Empty => (
                "文件是空的，请核对是否发错了文件".into(),
                "the file is empty; check that it is the right one".into(),
            ),
            FileFault::TooLarge { bytes } => (
                format!("文件有 {} MiB，最大 512 MiB；请按社区或年份拆分", bytes >> 20),
                format!("the file has {} MiB, at most 512 MiB are read; split it by community or year", bytes >> 20),
            ),
            FileFault::Inflates => (
                "文件解压后超过 1 GiB，未读取；请拆分，或删除空白区域的格式后另存".into(),
                "unpacked, the file is larger than 1 GiB and wasn't read; split it, or clear the formats of empty areas and save it again".into(),
            ),
            FileFault::Damaged { detail } => (
                format!("文件不完整或已损坏，请重新获取，或用电子表格软件打开后另存为 .xlsx（{detail}）"),
                format!("the file is incomplete or damaged; get it again, or open it in a spreadsheet program and save it as .xlsx ({detail})"),
            ),
            FileFault::Password => (
                "文件有密码保护，请取消密码后另存再导入".into(),
                "the file is protected by a password; remove the password, save it and import it again".into(),
            ),
            FileFault::NotASpreadsheet { what } => what.message(),
            FileFault::Encoding { line } => (
                format!("第 {line} 行的文字编码既不是 UTF-8、UTF-16 也不是 GB 18030；请用原软件另存为 UTF-8 编码的 CSV"),
                format!("line {line} is neither UTF-8 nor UTF-16 nor GB 18030; save the file as UTF-8 CSV"),
            ),
            FileFault::MixedEncodings { line } => (
                format!("第 {line} 行起的文字编码与前面不同（UTF-8 与 GB 18030 混用），多由几个文件拼成；请分成几个文件，或用原软件另存为 UTF-8 编码的 CSV"),
                format!("from line {line} on, the encoding isn't that of the lines before (UTF-8 and GB 18030 are mixed), as when files were joined; split them, or save the file as UTF-8 CSV"),
            ),
            FileFault::StrayQuote { line } => (
                format!("第 {line} 行有多余或未成对的引号 \"，其后的内容会被并入一格，未读取；请删除或改为全角引号后重新导入，或用电子表格软件另存为 .xlsx"),
                format!("a quote \" in line {line} has no partner where its cell ends, so that what follows would be taken into one cell; nothing was read: delete it, or save the file as .xlsx"),
            ),
            FileFault::Big5 => (
                "文字编码是大五码（Big5，繁体中文），未读取；请用原软件打开，另存为 UTF-8 编码的 CSV 或 .xlsx".into(),
                "the text is Big5 (traditional Chinese) and wasn't read; open it in its own program and save it as UTF-8 CSV or .xlsx".into(),
            ),
            FileFault::TooManyRows { sheet } => (
                format!("{}超过 1,048,576 行；请拆分成几个文件", sheet_zh(sheet)),
                format!("{} has more than 1,048,576 rows; split it into several files", sheet_en(sheet)),
            ),
            FileFault::TooManyColumns { sheet } => (
                format!("{}超过 16,384 列；请核对分隔符", sheet_zh(sheet)),
                format!("{} has more than 16,384 columns; check the separator", sheet_en(sheet)),
            ),
            FileFault::TooManyCells { sheet } => (
                format!("{}内容过多；请拆分成几个文件", sheet_zh(sheet)),
                format!("{} holds too much; split it into several files", sheet_en(sheet)),
            ),
            FileFault::TooManyCircles => (
                "许多行的父母子女关系成环，请核对各列是否错位".into(),
                "many rows make circles of parents; check whether columns are shifted".into(),
            ),
            FileFault::TooManySheets { sheets } => (
                format!("有 {sheets} 个工作表，最多 256 个；请拆分"),
                format!("{sheets} sheets; at most 256 are read: split the file"),
            ),
            FileFault::NoHeader { wanted, sheets } => (
                format!("{}没有找到表头：一行里至少要认出两列，其中须有：{}。请核对是否选错了名册", sheets_zh(sheets), wanted.join("、")),
                format!("no header was found{}: at least two columns of a row must be recognised, among them: {}. Check that the right roster was chosen", sheets_en(sheets), wanted.join(", ")),
            ),
            FileFault::Header(header) => header.message(),
            FileFault::Hidden { sheets } => (
                format!("文件中只有隐藏的工作表（{}）；请取消隐藏要导入的那一张", sheets.join("、")),
                format!("the file has hidden sheets only ({}); show the one to be imported", sheets.join(", ")),
            ),
            FileFault::Contradicts { said } => {
                let all = |lang| said.iter().map(|said| said.get(lang)).collect::<Vec<_>>();
                (
                    format!("{}；整份名册未录入，请核对各列的表头与内容", all(Lang::Zh).join("；")),
                    format!("{}; nothing of the list was taken: check the headings and columns", all(Lang::En).join("; ")),
                )
            }
            FileFault::Unit { sheet, row, heading, unit } => (
                format!("{}第 {row} 行表头“{heading}”的单位“{unit}”无法识别；金额请用元、百元、千元或万元，并在表头注明", sheet_zh(sheet)),
                format!("{}, header in row {row}: the unit “{unit}” of “{heading}” isn't known; give amounts in 元, 百元, 千元 or 万元 and say so in the heading", sheet_en(sheet)),
            ),
            FileFault::NoSuchColumn { heading, column, known } => (
                format!("“{heading}={column}”：名册没有“{column}”这一列；可用：{}；略去请写 {heading}=-", ids(known)),
                format!("“{heading}={column}”: the roster has no column “{column}”; it has {}; write {heading}=- to leave the column out", ids(known)),
            ),
            FileFault::NoSuchHeading { headings, known } => (
                format!("文件中没有表头或列“{}”；现有表头：{}", headings.join("”“"), known.join("、")),
                format!("the file has no heading or column “{}”; its headings are {}", headings.join("”, “"), known.join(", ")),
            ),
        };
        pick(lang, zh, en)
    }
}

impl UnclearHeader {
    fn message(&self) -> (String, String) {
        let UnclearHeader {
            sheet,
            row,
            found,
            missing,
            twice,
            unknown,
            like,
        } = self;
        let mut parts_zh = Vec::new();
        let mut parts_en = Vec::new();
        if !missing.is_empty() {
            parts_zh.push(format!("缺少：{}", missing.join("、")));
            parts_en.push(format!("missing: {}", missing.join(", ")));
        }
        for (name, [(first, one), (second, other)]) in twice {
            parts_zh.push(format!(
                "{first} 列“{one}”和 {second} 列“{other}”都是“{name}”，请指明取哪一列，略去另一列"
            ));
            parts_en.push(format!(
                "columns {first} “{one}” and {second} “{other}” are both “{name}”; say which is to be taken and leave the other out"
            ));
        }
        if found.is_empty() {
            parts_zh.push("没有认出任何一列，请核对是否选错了名册".to_owned());
            parts_en.push(
                "no column was recognised; check that the right roster was chosen".to_owned(),
            );
        } else {
            parts_zh.push(format!("已识别：{}", found.join("、")));
            parts_en.push(format!("recognised: {}", found.join(", ")));
        }
        if !missing.is_empty() && !unknown.is_empty() {
            let named: Vec<String> = (unknown.iter().take(MOST_TOLD))
                .map(|(letters, heading)| format!("{letters}“{heading}”"))
                .collect();
            parts_zh.push(format!("未识别的列：{}，可指明其含义", named.join("、")));
            parts_en.push(format!(
                "not recognised: {}; say what they mean",
                named.join(", ")
            ));
        }
        for (letters, heading, names) in like {
            parts_zh.push(format!(
                "{letters} 列“{heading}”按内容可能是：{}，请指明",
                names.join("、")
            ));
            parts_en.push(format!(
                "column {letters} “{heading}” may be, by its values: {}; say which",
                names.join(", ")
            ));
        }
        let zh = format!(
            "{}第 {row} 行的表头：{}",
            sheet_zh(sheet),
            parts_zh.join("；")
        );
        let en = format!(
            "{}, header in row {row}: {}",
            sheet_en(sheet),
            parts_en.join("; ")
        );
        (zh, en)
    }
}

/// How many headings a message names.
const MOST_TOLD: usize = 12;

fn ids(columns: &[(String, String)]) -> String {
    let named: Vec<String> = (columns.iter())
        .map(|(id, name)| format!("{id}（{name}）"))
        .collect();
    named.join("、")
}

impl Foreign {
    fn message(self) -> (String, String) {
        let (zh, en) = match self {
            Foreign::WordDocument => (
                "是文字文档，不是电子表格；请把表格复制到电子表格中另存为 .xlsx",
                "it is a text document, not a spreadsheet; copy the table into a spreadsheet and save it as .xlsx",
            ),
            Foreign::Presentation => (
                "是演示文稿，不是电子表格",
                "it is a presentation, not a spreadsheet",
            ),
            Foreign::BinaryWorkbook => (
                "是二进制工作簿（.xlsb）；请另存为 .xlsx",
                "it is a binary workbook (.xlsb); save it as .xlsx",
            ),
            Foreign::OldWorkbook => (
                "是 Excel 4.0 或更早版本的工作簿；请用 LibreOffice 等电子表格软件打开后另存为 .xlsx",
                "it is a workbook of Excel 4 or before; open it in a spreadsheet program such as LibreOffice and save it as .xlsx",
            ),
            Foreign::XmlWorkbook => (
                "是 XML 表格（如“XML 电子表格 2003”），只是扩展名像工作簿；请用电子表格软件打开后另存为 .xlsx",
                "it is a spreadsheet as XML (such as “XML Spreadsheet 2003”), whatever its ending; open it in a spreadsheet program and save it as .xlsx",
            ),
            Foreign::WebPage => (
                "是网页，不是电子表格；请用电子表格软件打开后另存为 .xlsx",
                "it is a web page, not a spreadsheet; open it in a spreadsheet program and save it as .xlsx",
            ),
            Foreign::Pdf => (
                "是 PDF，不是电子表格；请向发送单位索取电子表格",
                "it is a PDF, not a spreadsheet; ask the sender for the spreadsheet",
            ),
            Foreign::Archive => (
                "是压缩包；请先解压，再导入其中的表格",
                "it is a compressed folder; unpack it and import the spreadsheet in it",
            ),
            Foreign::Unknown => (
                "不是电子表格；可导入 .xlsx、.xls、.ods 和 .csv",
                "it isn't a spreadsheet; .xlsx, .xls, .ods and .csv can be imported",
            ),
        };
        (zh.to_owned(), en.to_owned())
    }
}

pub(crate) fn pick(lang: Lang, zh: String, en: String) -> String {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn short(file: &Path) -> String {
    file.display().to_string()
}

fn sheet_zh(sheet: &str) -> String {
    if sheet.is_empty() {
        "文件".to_owned()
    } else {
        format!("工作表“{sheet}”")
    }
}

fn sheet_en(sheet: &str) -> String {
    if sheet.is_empty() {
        "the file".to_owned()
    } else {
        format!("sheet “{sheet}”")
    }
}

fn sheets_zh(sheets: &[String]) -> String {
    let named: Vec<&str> = sheets
        .iter()
        .map(String::as_str)
        .filter(|s| !s.is_empty())
        .collect();
    if named.is_empty() {
        String::new()
    } else {
        format!("工作表“{}”中", named.join("”“"))
    }
}

fn sheets_en(sheets: &[String]) -> String {
    let named: Vec<&str> = sheets
        .iter()
        .map(String::as_str)
        .filter(|s| !s.is_empty())
        .collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(" in sheet {}", named.join(", "))
    }
}
