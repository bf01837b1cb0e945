//! What can be typed about what has been written: questions and doubles, commits, posts, erasure, files.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use kernel::RecordId;

use super::Clear;
use super::values::{count, day, number, record};

/// `review`
#[derive(Debug, Args)]
pub struct Review {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Only this unit, by code or name
    ///
    /// 只看这个单位，写单位名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    /// List at most so many
    ///
    /// 最多列出多少件
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = count)]
    pub most: usize,
    /// Show this question side by side
    ///
    /// 并排查看一件
    #[arg(long, value_name = "QUESTION", value_parser = record)]
    pub show: Option<RecordId>,
    /// Answer this question
    ///
    /// 核定一件
    #[arg(long, value_name = "QUESTION", conflicts_with = "show", value_parser = record)]
    pub decide: Option<RecordId>,
    /// List what contradicts itself in the ledger, by the checks of the pack
    ///
    /// 按规则包的核对项列出自相矛盾的内容
    #[arg(long, conflicts_with_all = ["show", "decide"])]
    pub checks: bool,
    /// Answer on a value that is said otherwise or could not be read, as it is listed
    ///
    /// 核定一项说法不一或读不出的内容，照列出的写
    #[arg(long, value_name = "REGISTER.RECORD.FIELD", conflicts_with_all = ["show", "decide"])]
    pub settle: Option<String>,
    /// Who of those that are listed says what is right
    ///
    /// 以列出的哪一说为准
    #[arg(
        long,
        value_name = "COMMIT.PLACE",
        requires = "settle",
        group = "settled"
    )]
    pub right: Option<String>,
    /// What should stand where something could not be read
    ///
    /// 读不出的应是什么
    #[arg(long, value_name = "TEXT", requires = "settle", group = "settled")]
    pub value: Option<String>,
    /// What stands there may stay
    ///
    /// 维持现有内容
    #[arg(long, requires = "settle", group = "settled")]
    pub leave: bool,
    /// The row is of this person
    ///
    /// 这一行是这个人
    #[arg(long, value_name = "PERSON", group = "answer", requires = "decide", value_parser = record)]
    pub same: Option<RecordId>,
    /// The row is of nobody known
    ///
    /// 这一行是另一人，新建
    #[arg(long, group = "answer", requires = "decide")]
    pub new: bool,
    /// Leave the row out, now and when it comes again
    ///
    /// 搁置：这一行现在和以后都不采用
    #[arg(long, group = "answer", requires = "decide")]
    pub aside: bool,
    /// The two are one
    ///
    /// 是同一人，合并
    #[arg(long, group = "answer", requires = "decide")]
    pub merged: bool,
    /// The two are not one
    ///
    /// 不是同一人，不合并
    #[arg(long, group = "answer", requires = "decide")]
    pub apart: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `merge`
#[derive(Debug, Args)]
pub struct Merge {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// The person who stays, by record number
    ///
    /// 保留的人，写记录号
    #[arg(value_name = "KEPT", value_parser = record)]
    pub kept: RecordId,
    /// The person who goes, by record number
    ///
    /// 并入的人，写记录号
    #[arg(value_name = "DOUBLE", value_parser = record)]
    pub double: RecordId,
    /// Since when [default: today]
    ///
    /// 自何日起 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
}

/// `imports`
#[derive(Debug, Args)]
pub struct Imports {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Only those before this commit
    ///
    /// 只列这次提交之前的
    #[arg(long, value_name = "COMMIT", value_parser = number::<i64>)]
    pub before: Option<i64>,
    /// List at most so many
    ///
    /// 最多列出多少次
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = count)]
    pub most: usize,
}

/// `posts`
#[derive(Debug, Args)]
pub struct PostsOf {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Appoint this person
    ///
    /// 任命此人
    #[arg(long, value_name = "NAME", requires_all = ["role", "unit"])]
    pub appoint: Option<String>,
    /// To which role, by id or name, such as clerk
    ///
    /// 任何角色，写名称或代号，如 clerk
    #[arg(long, value_name = "ROLE", requires = "appoint")]
    pub role: Option<String>,
    /// In which unit, by code or name
    ///
    /// 在哪个单位，写单位名称或代码
    #[arg(long, value_name = "UNIT", requires = "appoint")]
    pub unit: Option<String>,
    /// For whom, if they stand in
    ///
    /// 代谁行使
    #[arg(long, value_name = "NAME", requires = "appoint")]
    pub stands_in_for: Option<String>,
    /// End this post, by the number it is listed with
    ///
    /// 免去这个岗位，写列出的岗位号
    #[arg(long, value_name = "POST", conflicts_with = "appoint", value_parser = record)]
    pub dismiss: Option<RecordId>,
    /// From which day on; without appointing or dismissing, as of which day [default: today]
    ///
    /// 自何日起；不任免时为查看哪一日 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
    /// The first day on which it isn't held any more
    ///
    /// 不再任职的第一日
    #[arg(long, value_name = "DAY", requires = "appoint", value_parser = day)]
    pub until: Option<Date>,
}

/// `undo`
#[derive(Debug, Args)]
pub struct Undo {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// The commit, as `taizhang imports` lists it
    ///
    /// 提交号，见 taizhang imports 所列
    #[arg(value_name = "COMMIT", value_parser = number::<i64>)]
    pub commit: i64,
}

/// `erase`
#[derive(Debug, Args)]
pub struct Erase {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// The register, by id or name, such as person
    ///
    /// 登记册，写名称或代号，如 person
    pub register: String,
    /// The record; by itself its entries are listed
    ///
    /// 记录号；不写别的则列出其条目
    #[arg(value_parser = record)]
    pub record: RecordId,
    /// An entry to erase, as it is listed (may be repeated)
    ///
    /// 要删除的条目，照列出的写（可多次使用）
    #[arg(long = "entry", value_name = "ENTRY", requires_all = ["document", "second"])]
    pub entries: Vec<String>,
    /// The document that orders it
    ///
    /// 依据的文书
    #[arg(long, value_name = "DOCUMENT", requires = "entries")]
    pub document: Option<String>,
    /// Who confirms it: somebody else
    ///
    /// 复核人，须是另一人
    #[arg(long = "with", value_name = "NAME", requires = "entries")]
    pub second: Option<String>,
}

/// `file`
#[derive(Debug, Args)]
pub struct FileOf {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Files to keep; each is told with the words by which a list refers to it
    ///
    /// 要保存的文件；逐个给出名册中引用它的写法
    #[arg(required_unless_present = "of", conflicts_with = "of")]
    pub files: Vec<PathBuf>,
    /// Take out the file of this field
    ///
    /// 取出这一项所附的文件
    #[arg(long, value_name = "REGISTER.RECORD.FIELD", requires = "out")]
    pub of: Option<String>,
    /// Where to write it
    ///
    /// 写到哪里
    #[arg(short, long, value_name = "FILE", requires = "of")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}
