//! What can be typed after `sweep`, `owed`, `explain`, `indicators` and `report`: what a ledger is asked, and never what is written to it.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use kernel::Period;

use super::Clear;
use super::values::{day, period, stretch};

/// `sweep`
#[derive(Debug, Args)]
pub struct Sweep {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// As of which day [default: today]
    ///
    /// 核对日期 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
    /// Only this programme, by id, name or another name it goes by (may be repeated)
    ///
    /// 只核对这个项目，写名称、别名或代号（可多次使用）
    #[arg(long, value_name = "PROGRAMME")]
    pub programme: Vec<String>,
    /// Write the lists: .xlsx, .csv or .json
    ///
    /// 写出名单：.xlsx、.csv 或 .json
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// List only who is of this unit, by code or name
    ///
    /// 名单只列这个单位的，写单位名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `owed`
#[derive(Debug, Args)]
pub struct Owed {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Period: 2025, 2025H1, 2025Q3, 2025-07 or 2025-01-01..2025-06-30
    ///
    /// 期间：2025、2025H1、2025Q3、2025-07 或 2025-01-01..2025-06-30
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub period: Period,
    /// Only of this unit, by code or name
    ///
    /// 只算这个单位的，写单位名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    /// The day that counts as today [default: the last of the period that has come]
    ///
    /// 作为“今天”的日期 [默认：期间内已到的最后一天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Record number, or - to be asked for an ID number, which stays out of the shell's history
    ///
    /// 记录号；写 - 则另行输入公民身份号码，不留在命令历史里
    #[arg(long, value_name = "PERSON")]
    pub person: String,
    /// As of which day [default: today]
    ///
    /// 核对日期 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `indicators`
#[derive(Debug, Args)]
pub struct Indicators {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// The unit, by code or name
    ///
    /// 单位，写名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// Period: 2025, 2025H1, 2025Q3, 2025-07 or 2025-01-01..2025-06-30
    ///
    /// 期间：2025、2025H1、2025Q3、2025-07 或 2025-01-01..2025-06-30
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub period: Period,
    /// Only this indicator, by id or name, with the rows behind it
    ///
    /// 只看这个指标，并列出它所数的行；写名称或代号
    #[arg(long, value_name = "INDICATOR", conflicts_with_all = ["only", "by"])]
    pub rows: Option<String>,
    /// Only this indicator, by id or name (may be repeated)
    ///
    /// 只看这个指标，写名称或代号（可多次使用）
    #[arg(long, value_name = "INDICATOR")]
    pub only: Vec<String>,
    /// Told apart by unit, month, quarter or year, or by a dimension or two with a comma between, such as sex
    ///
    /// 分开列：单位、月、季、年，或维度（如 性别），两个维度用英文逗号分开
    #[arg(long, value_name = "WHAT")]
    pub by: Option<String>,
    /// How many periods a series has, from 2 to 36
    ///
    /// 序列取几期，2 至 36
    #[arg(long, value_name = "NUMBER", value_parser = stretch)]
    pub last: Option<u8>,
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Which report, by id or name
    ///
    /// 哪种报告，写名称或代号
    #[arg(long, value_name = "TEMPLATE", default_value = "street-yearly")]
    pub template: String,
    /// The unit, by code or name
    ///
    /// 单位，写名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// Period: 2025, 2025H1, 2025Q3, 2025-07 or 2025-01-01..2025-06-30
    ///
    /// 期间：2025、2025H1、2025Q3、2025-07 或 2025-01-01..2025-06-30
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub period: Period,
    /// Date on the document [default: today]
    ///
    /// 成文日期 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub date: Option<Date>,
    /// Write it even if figures can't be told, or not wholly, and mark each of them
    ///
    /// 有数字说不清或不完整也照写，逐处注明
    #[arg(long)]
    pub with_gaps: bool,
    /// File to write, .docx
    ///
    /// 写出的文件，.docx
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}
