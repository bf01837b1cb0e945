//! What can be typed after `completeness` and `template`.

use std::path::PathBuf;

use clap::Args;

use super::values::state;
use office::ListState;

/// `completeness`
#[derive(Debug, Args)]
pub struct CompletenessOf {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Only this unit and those below it, by code or name
    ///
    /// 只看这个单位及其以下，写单位名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    /// Only this roster, by id or name
    ///
    /// 只看这种名册，写名称或代号
    #[arg(long, value_name = "LIST")]
    pub list: Option<String>,
    /// Only what this sender sends, by id or name
    ///
    /// 只看这个报送单位，写名称或代号
    #[arg(long, value_name = "SENDER")]
    pub sender: Option<String>,
    /// Only lists that stand so
    ///
    /// 只看这种状态的名册
    #[arg(long, value_name = "STATE", value_parser = state())]
    pub state: Option<ListState>,
    /// Print what to write to each sender of whom something is due
    ///
    /// 给出写给各报送单位的催报函
    #[arg(long)]
    pub remind: bool,
    /// Write what is due when, as a calendar, .ics
    ///
    /// 写出应报日历，.ics
    #[arg(long, value_name = "FILE")]
    pub calendar: Option<PathBuf>,
}

/// `template`
#[derive(Debug, Args)]
pub struct Template {
    /// Which roster, by id or name, such as police-households
    ///
    /// 哪种名册，写名称或代号，如 police-households
    #[arg(value_name = "LIST")]
    pub roster: String,
    /// Pack: a folder, a ledger's folder, or national for the one built in
    ///
    /// 规则包：文件夹，台账文件夹，或写 national 使用内置的国家通用规则包
    #[arg(long, value_name = "PACK", default_value = "national")]
    pub pack: String,
    /// File to write, .xlsx [default: named after the list]
    ///
    /// 写出的文件，.xlsx [默认：以名册名称命名]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
