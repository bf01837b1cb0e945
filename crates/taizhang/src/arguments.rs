//! What can be typed. Help is in English with the Chinese beside it; messages follow `--lang` or the system's language.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use kernel::{Lang, Period, RecordId, Sensitivity, UnitCode};

/// Taizhang 台账: one ledger of people and households; everyone entitled found; every report filled from it.
#[derive(Debug, Parser)]
#[command(name = "taizhang", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Language of messages: zh or en [default: the system's] 提示语言
    #[arg(long, global = true)]
    lang: Option<Lang>,
    /// Print results as JSON 以 JSON 输出结果
    #[arg(long, global = true)]
    pub json: bool,
    /// Who does it: somebody who holds a post [default: the user of this computer] 办理人
    #[arg(long = "as", value_name = "NAME", global = true)]
    name: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// The language asked for, or that of the environment.
    pub fn language(&self) -> Lang {
        let system = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty())
        };
        self.lang.unwrap_or_else(|| {
            if system().is_some_and(|value| value.starts_with("zh")) {
                Lang::Zh
            } else {
                Lang::En
            }
        })
    }
}

impl Arguments {
    /// Who does it: the name given, or the one this computer knows its user by.
    pub fn who(&self) -> String {
        let system = || {
            let names = ["USER", "USERNAME"].into_iter();
            names
                .filter_map(|name| std::env::var(name).ok())
                .find(|name| !name.is_empty())
        };
        let name = self.name.clone().or_else(system);
        name.map_or_else(|| "local".to_owned(), |name| name.trim().to_owned())
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate a street, import its files, sweep, write report and lists, serve the pages 演示
    Demo(Demo),
    /// Make an empty ledger 新建台账
    Init(Init),
    /// Import rosters 导入名册
    Import(Import),
    /// Questions that lists left: who a row is of, whether two people are one 待核
    Review(Review),
    /// Propose that two people are one 提出合并
    Merge(Merge),
    /// What was written, by whom, from what 导入与办理记录
    Imports(Imports),
    /// Who holds which post; appointing and dismissing 岗位
    Posts(PostsOf),
    /// Take a commit back as a whole 撤回一次提交
    Undo(Undo),
    /// Erase by law what entries of a record say, by two people 依法删除
    Erase(Erase),
    /// Keep files that records refer to, or take one out 保存或取出附件
    File(FileOf),
    /// Find the rows of any tables that are of the same person 比对任意表格中的同一人
    Link(Link),
    /// Ask every programme of everyone on a date 逐人核对各项目条件
    Sweep(Sweep),
    /// One person's answers with every condition and fact 说明一个人的结论
    Explain(Explain),
    /// Figures of a unit and period 指标
    Indicators(Indicators),
    /// Write a work report 生成工作报告
    Report(Report),
    /// Serve the pages on this computer 打开网页
    Serve(Serve),
    /// Check or test a pack 检查规则包
    #[command(subcommand)]
    Pack(Pack),
    /// Generate a town 生成模拟街道
    #[command(subcommand)]
    Town(Town),
    /// Find what was altered in the ledger 核验台账
    Verify(Verify),
    /// The ends of the chains, to be kept elsewhere for `verify --against` 链头，另存备查
    Heads(Heads),
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder for the demo's files 数据文件夹
    #[arg(long, default_value = "taizhang-demo")]
    pub data: PathBuf,
    /// Stop after the summary 不打开网页
    #[arg(long)]
    pub no_serve: bool,
    /// People of the street 人口
    #[arg(long, default_value_t = 45_651, value_parser = clap::value_parser!(u32).range(2_000..=5_000_000))]
    pub people: u32,
    /// Seed of the generator 随机种子
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Port of the pages 端口
    #[arg(long, default_value_t = 8642)]
    pub port: u16,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Folder of the new ledger 台账文件夹
    pub dir: PathBuf,
    /// Pack: a folder, or "national" for the one built in 规则包
    #[arg(long, default_value = "national")]
    pub pack: String,
    /// Unit whose book is opened first 首个单位
    #[arg(long)]
    pub unit: Option<UnitCode>,
    /// Algorithm of the chain of hashes, for good: sha256 or sm3 杂凑算法
    #[arg(long, default_value = "sha256")]
    pub algorithm: ledger::Algorithm,
}

/// `link`
#[derive(Debug, Args)]
pub struct Link {
    /// Tables with a header in the first row: .csv .xlsx .xls .ods; with one, its own rows are compared 表格
    #[arg(required = true)]
    pub tables: Vec<PathBuf>,
    /// What is compared and how, as TOML; see docs/linkage.md 比对方案
    #[arg(long)]
    pub config: PathBuf,
    /// Pairs with their probability and what each field adds, .csv 配对结果
    #[arg(short, long)]
    pub out: PathBuf,
    /// Every row with its group, .csv 分组结果
    #[arg(long)]
    pub groups: Option<PathBuf>,
    /// Column that says who each row is, to measure the result by 真值列
    #[arg(long)]
    pub truth: Option<String>,
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Roster or register, such as police-households 名册或册
    #[arg(long)]
    pub register: String,
    /// Unit whose book the rows belong to 单位代码
    #[arg(long)]
    pub unit: UnitCode,
    /// Files: .xlsx .xls .ods .csv 文件
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What a heading, or a column's letters, means: the roster's column, or - to leave it out; remembered for files of this
    /// layout (may be repeated) 指定某列的含义
    #[arg(long, value_name = "HEADING=ID", value_parser = heading)]
    pub column: Vec<(String, String)>,
    /// Only tell what would happen 只检查不写入
    #[arg(long)]
    pub dry_run: bool,
    /// Day the lists speak of [default: today] 名册日期
    #[arg(long)]
    pub on: Option<Date>,
    /// The list is whole: whoever is no longer on it has left 名册完整，不在册的视为离开
    #[arg(long, conflicts_with = "part")]
    pub whole: bool,
    /// The list is a part: nobody leaves by not being on it 名册不全，不作离开处理
    #[arg(long)]
    pub part: bool,
    /// Where to write the result workbook [default: beside the first file] 结果工作簿
    #[arg(long)]
    pub result: Option<PathBuf>,
    /// What for; it goes into the access log 用途
    #[arg(long, default_value = "import")]
    pub why: String,
}

/// Reads `HEADING=ID`. A heading may hold an equals sign, an id can't.
fn heading(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((heading, id)) if !heading.trim().is_empty() && !id.trim().is_empty() => {
            Ok((heading.trim().to_owned(), id.trim().to_owned()))
        }
        _ => Err("write HEADING=ID, such as 号码=id_number 请写作 表头=列名".to_owned()),
    }
}

/// `review`
#[derive(Debug, Args)]
pub struct Review {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Only this unit 只看这个单位
    #[arg(long)]
    pub unit: Option<UnitCode>,
    /// List at most so many 最多列出
    #[arg(long, default_value_t = 50)]
    pub most: usize,
    /// Show this question side by side 并排查看一件
    #[arg(long, value_name = "QUESTION")]
    pub show: Option<RecordId>,
    /// Answer this question 核定一件
    #[arg(long, value_name = "QUESTION", conflicts_with = "show")]
    pub decide: Option<RecordId>,
    /// List what contradicts itself in the ledger, by the checks of the pack 列出自相矛盾的内容
    #[arg(long, conflicts_with_all = ["show", "decide"])]
    pub checks: bool,
    /// Answer on a value that is said otherwise or could not be read, as listed 核定一项说法不一或读不出的内容
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["show", "decide"])]
    pub settle: Option<String>,
    /// Who of those that are listed says what is right 以谁的为准
    #[arg(long, value_name = "SAY", requires = "settle", group = "settled")]
    pub right: Option<String>,
    /// What should stand where something could not be read 读不出的应是什么
    #[arg(long, value_name = "TEXT", requires = "settle", group = "settled")]
    pub value: Option<String>,
    /// What stands there may stay 维持现有
    #[arg(long, requires = "settle", group = "settled")]
    pub leave: bool,
    /// The row is of this person 是这个人
    #[arg(long, value_name = "PERSON", group = "answer", requires = "decide")]
    pub same: Option<RecordId>,
    /// The row is of nobody known 是另一人
    #[arg(long, group = "answer", requires = "decide")]
    pub new: bool,
    /// Leave the row out, now and when it comes again 搁置
    #[arg(long, group = "answer", requires = "decide")]
    pub aside: bool,
    /// The two are one 合并
    #[arg(long, group = "answer", requires = "decide")]
    pub merged: bool,
    /// The two are not one 不合并
    #[arg(long, group = "answer", requires = "decide")]
    pub apart: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `merge`
#[derive(Debug, Args)]
pub struct Merge {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// The person who stays 保留的人员记录号
    pub kept: RecordId,
    /// The person who goes 并入的人员记录号
    pub double: RecordId,
    /// Since when [default: today] 日期
    #[arg(long)]
    pub on: Option<Date>,
}

/// `imports`
#[derive(Debug, Args)]
pub struct Imports {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Only those before this commit 只列此前的
    #[arg(long, value_name = "COMMIT")]
    pub before: Option<i64>,
    /// At most so many 最多列出
    #[arg(long, default_value_t = 50)]
    pub most: usize,
}

/// `posts`
#[derive(Debug, Args)]
pub struct PostsOf {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Appoint this person 任命
    #[arg(long, value_name = "NAME", requires_all = ["role", "unit"])]
    pub appoint: Option<String>,
    /// The role, such as clerk 角色
    #[arg(long, requires = "appoint")]
    pub role: Option<String>,
    /// In which unit 单位代码
    #[arg(long, requires = "appoint")]
    pub unit: Option<UnitCode>,
    /// For whom, if they stand in 代谁行使
    #[arg(long, value_name = "NAME", requires = "appoint")]
    pub stands_in_for: Option<String>,
    /// End this post, by its number 免去（岗位记录号）
    #[arg(long, value_name = "POST", conflicts_with = "appoint")]
    pub dismiss: Option<RecordId>,
    /// From which day on [default: today]; without appointing or dismissing, on which day 日期
    #[arg(long)]
    pub on: Option<Date>,
    /// The first day on which it isn't held any more 到期日
    #[arg(long, requires = "appoint")]
    pub until: Option<Date>,
}

/// `undo`
#[derive(Debug, Args)]
pub struct Undo {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// The commit, as `taizhang imports` lists it 提交号
    pub commit: i64,
}

/// `erase`
#[derive(Debug, Args)]
pub struct Erase {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// The register, such as person 哪一册
    pub register: String,
    /// The record; by itself its entries are listed 记录号
    pub record: RecordId,
    /// An entry to erase, as listed; may be given several times 要删除的条目
    #[arg(long = "entry", value_name = "PLACE", requires_all = ["document", "second"])]
    pub entries: Vec<String>,
    /// The document that orders it 依据的文书
    #[arg(long, requires = "entries")]
    pub document: Option<String>,
    /// Who confirms it: somebody else 复核人
    #[arg(long = "with", value_name = "NAME", requires = "entries")]
    pub second: Option<String>,
}

/// `file`
#[derive(Debug, Args)]
pub struct FileOf {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Files to keep; each is told with the words by which a list refers to it 要保存的文件
    #[arg(required_unless_present = "of", conflicts_with = "of")]
    pub files: Vec<PathBuf>,
    /// Take out the file of a field, as REGISTER.RECORD.FIELD 取出一项的附件
    #[arg(long, value_name = "PLACE", requires = "out")]
    pub of: Option<String>,
    /// Where to write it 写到
    #[arg(short, long, value_name = "FILE", requires = "of")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub clear: Clear,
}

/// What may be shown in clear.
#[derive(Debug, Args)]
pub struct Clear {
    /// Show in clear, comma separated: id, phone, address, account, health 明文显示
    #[arg(long, value_delimiter = ',', requires = "why")]
    pub reveal: Vec<Sensitivity>,
    /// What for; it goes into the access log 用途
    #[arg(long)]
    pub why: Option<String>,
}

/// `sweep`
#[derive(Debug, Args)]
pub struct Sweep {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// The date [default: today] 日期
    #[arg(long)]
    pub on: Option<Date>,
    /// Only this programme (may be repeated) 只核对这个项目
    #[arg(long)]
    pub programme: Vec<String>,
    /// Write the lists: .xlsx, .csv or .json 名单文件
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Only subjects under this unit 只列这个单位
    #[arg(long)]
    pub unit: Option<UnitCode>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Record number, or - to be asked for an ID number, which stays out of the shell's history 记录号，或 - 再输入公民身份号码
    #[arg(long)]
    pub person: String,
    /// The date [default: today] 日期
    #[arg(long)]
    pub on: Option<Date>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `indicators`
#[derive(Debug, Args)]
pub struct Indicators {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// The unit 单位代码
    #[arg(long)]
    pub unit: UnitCode,
    /// Period: 2025, 2025H1, 2025Q3, 2025-07 or 2025-01-01..2025-06-30 期间
    #[arg(long)]
    pub period: Period,
    /// Only this indicator, with its rows 只看这个指标并列出其行
    #[arg(long, conflicts_with_all = ["only", "by"])]
    pub rows: Option<String>,
    /// Only these indicators, by id or name 只看这些指标（代号或名称）
    #[arg(long)]
    pub only: Vec<String>,
    /// Told apart by: unit, a dimension, two with a comma between, month, quarter or year 按单位、维度或期间分开
    #[arg(long)]
    pub by: Option<String>,
    /// How many periods a series has 序列取几期
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=36))]
    pub last: Option<u8>,
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Template 模板
    #[arg(long, default_value = "street-yearly")]
    pub template: String,
    /// The unit 单位代码
    #[arg(long)]
    pub unit: UnitCode,
    /// Period 期间
    #[arg(long)]
    pub period: Period,
    /// Date on the document [default: today] 成文日期
    #[arg(long)]
    pub date: Option<Date>,
    /// File to write 输出文件
    #[arg(short, long)]
    pub out: PathBuf,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Port on 127.0.0.1 端口
    #[arg(long, default_value_t = 8642)]
    pub port: u16,
    /// Date of the answers [default: today] 日期
    #[arg(long)]
    pub on: Option<Date>,
    /// Only this holder of a post may be chosen at the desk 只限此任职人
    #[arg(long, value_name = "NAME")]
    pub post: Option<String>,
    /// Pages that only show: nothing can be imported, decided or taken back 只供查阅
    #[arg(long)]
    pub read_only: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `pack`
#[derive(Debug, Subcommand)]
pub enum Pack {
    /// Report every fault, with file, line and hint 列出全部错误
    Check(PackDir),
    /// Run the pack's own cases 运行规则包自带的算例
    Test(PackDir),
    /// What there is in a pack, and in which file 列出规则包内容
    List(PackList),
    /// Write a pack to begin with 新建规则包
    New(PackNew),
}

/// `pack list`
#[derive(Debug, Args)]
pub struct PackList {
    /// Folder, or "national" for the one built in 规则包文件夹
    #[arg(default_value = "national")]
    pub pack: String,
    /// Only one kind of thing 类别
    #[arg(long)]
    pub kind: Option<crate::commands::pack::Kind>,
}

/// `pack new`
#[derive(Debug, Args)]
pub struct PackNew {
    /// Folder to write into, new or empty 文件夹
    pub dir: PathBuf,
    /// The pack it stands on: "national", or a folder as seen from DIR, such as ../province 所依据的规则包
    #[arg(long)]
    pub extends: Option<String>,
    /// What it is called 名称
    #[arg(long)]
    pub name: Option<String>,
}

/// A pack.
#[derive(Debug, Args)]
pub struct PackDir {
    /// Folder, or "national" for the one built in 规则包文件夹
    pub pack: String,
}

/// `town`
#[derive(Debug, Subcommand)]
pub enum Town {
    /// Write what departments would send, and the truth 生成各部门名册和真值
    Generate(Generate),
}

/// `town generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// Folder to write into 输出文件夹
    pub out: PathBuf,
    /// People 人口
    #[arg(long, default_value_t = 45_651, value_parser = clap::value_parser!(u32).range(2_000..=5_000_000))]
    pub people: u32,
    /// Seed 随机种子
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write every roster as CSV, which is faster 全部写成 CSV
    #[arg(long)]
    pub csv: bool,
    /// Instead, four departments' lists of everyone without ID numbers, in folders low, middle and high by the slips in them 无身份证号的名册
    #[arg(long, conflicts_with = "csv")]
    pub unnumbered: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
    /// Heads kept elsewhere, as `taizhang heads` printed them: what was cut off or made anew is found, too 另存的链头
    #[arg(long)]
    pub against: Option<PathBuf>,
}

/// `heads`
#[derive(Debug, Args)]
pub struct Heads {
    /// Folder of the ledger 台账文件夹
    pub dir: PathBuf,
}
