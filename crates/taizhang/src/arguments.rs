//! What can be typed. Each command and argument says what it is for in two paragraphs, English and then Chinese; help and errors
//! are in the reader's language, whole. Values that are told apart here are read here; names are looked up when the ledger is open.

mod asking;
mod help;
mod lists;
mod pack;
mod told;
mod values;
mod written;

pub use asking::{Explain, Indicators, Owed, Report, Sweep};
pub use lists::{CompletenessOf, Template};
pub use pack::{Pack, PackList, PackNew, PackTest, PackUse};
pub use told::told;
pub use values::one_of;
pub use written::{Erase, FileOf, Imports, Merge, PostsOf, Review, Undo};

use std::ffi::OsString;
use std::path::PathBuf;

use ::pack::DemoPlace;
use clap::{Args, FromArgMatches, Parser, Subcommand};
use jiff::civil::Date;
use kernel::{Lang, Sensitivity};

use help::command;
use values::{algorithm, day, heading, lang, number, people, place, port, reveal};

/// One ledger of people and households: everyone entitled found, every report filled from it
///
/// 台账：人和家庭一次登记，应享尽享无遗漏，报表自动生成
#[derive(Debug, Parser)]
#[command(name = "taizhang", version, arg_required_else_help = true)]
#[command(disable_help_flag = true, disable_version_flag = true)]
pub struct Arguments {
    /// Language: zh or en [default: the system's]
    ///
    /// 语言：zh 或 en [默认：随系统]
    #[arg(long, value_name = "LANGUAGE", global = true, value_parser = lang)]
    lang: Option<Lang>,
    /// Print results as JSON
    ///
    /// 以 JSON 输出结果
    #[arg(long, global = true)]
    pub json: bool,
    /// Who does it: somebody who holds a post [default: the user of this computer]
    ///
    /// 办理人，须有岗位 [默认：本机用户]
    #[arg(id = "as", long = "as", value_name = "NAME", global = true)]
    name: Option<String>,
    /// What to do
    ///
    /// 做什么
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads what was typed, the program's own name first.
    ///
    /// # Errors
    /// What was typed can't be understood, or asks for help.
    pub fn read(typed: &[OsString], lang: Lang) -> Result<Self, clap::Error> {
        let matches = command(lang).try_get_matches_from(typed)?;
        Self::from_arg_matches(&matches)
    }

    /// The language asked for, or that of the system.
    pub fn language(&self) -> Lang {
        self.lang.unwrap_or_else(of_system)
    }

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

/// The language to speak while what was typed is still being understood: that of `--lang`, wherever it stands, or the system's.
pub fn language_of(typed: &[OsString]) -> Lang {
    let words = typed.iter().map(|word| word.to_str().unwrap_or_default());
    let words: Vec<&str> = words.take_while(|word| *word != "--").collect();
    let asked = words.iter().enumerate().find_map(|(at, word)| {
        let after = || words.get(at + 1).copied();
        match word.strip_prefix("--lang") {
            Some("") => after(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        }
    });
    let asked = asked.and_then(|asked| asked.parse().ok());
    asked.unwrap_or_else(of_system)
}

fn of_system() -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].iter();
    let mut set = names.filter_map(|name| std::env::var(name).ok());
    match set.find(|value| !value.is_empty()) {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate a street or another place, import its files, ask everyone, write report and lists, serve the pages
    ///
    /// 演示：生成模拟街道或其他地方，导入、核对、出报告和名单，打开网页
    Demo(Demo),
    /// Make an empty ledger
    ///
    /// 新建台账
    Init(Init),
    /// Import lists
    ///
    /// 导入名册
    Import(Import),
    /// Questions that lists left: who a row is of, whether two people are one
    ///
    /// 待核：名册里的一行是谁，两个人是否为同一人
    Review(Review),
    /// Propose that two people are one
    ///
    /// 提出合并：两个人是同一人
    Merge(Merge),
    /// What was written, by whom, from what
    ///
    /// 导入与办理记录：谁、何时、凭什么写入
    Imports(Imports),
    /// Until when each list vouches, and what is due from whom by when
    ///
    /// 名册完整性：每份名册担保到何时，该由谁在何时前报送
    Completeness(CompletenessOf),
    /// Write a blank list to be filled in
    ///
    /// 写出名册的空白表样
    Template(Template),
    /// Who holds which post; appointing and dismissing
    ///
    /// 岗位：谁任何职，任命与免去
    Posts(PostsOf),
    /// Take a commit back as a whole
    ///
    /// 整批撤回一次提交
    Undo(Undo),
    /// Erase by law what entries of a record say, by two people
    ///
    /// 依法删除一条记录中条目的内容，须两人办理
    Erase(Erase),
    /// Keep files that records refer to, or take one out
    ///
    /// 保存记录所附的文件，或取出一个
    File(FileOf),
    /// Find the rows of any tables that are of the same person
    ///
    /// 比对任意表格，找出同一人的各行
    Link(Link),
    /// Ask every programme of everyone on a date
    ///
    /// 逐人核对各项目条件：应享、不符合、待核实
    Sweep(Sweep),
    /// What is due and what is owed over a period, step by step
    ///
    /// 逐期核算应发、应补、多发和重复享受
    Owed(Owed),
    /// One person's answers with every condition and fact
    ///
    /// 说明一个人在各项目的结论，逐条件、逐事实
    Explain(Explain),
    /// Figures of a unit and period
    ///
    /// 一个单位、一个期间的指标
    Indicators(Indicators),
    /// Write a work report
    ///
    /// 生成工作总结
    Report(Report),
    /// Serve the pages on this computer
    ///
    /// 打开网页（仅限本机）
    Serve(Serve),
    /// Check, test, list or begin a pack
    ///
    /// 规则包：检查、运行算例、列出内容、新建
    #[command(subcommand)]
    Pack(Pack),
    /// Generate a town
    ///
    /// 生成模拟街道
    #[command(subcommand)]
    Town(Town),
    /// Find what was altered in the ledger
    ///
    /// 核验台账是否被改动
    Verify(Verify),
    /// The ends of the chains, to be kept elsewhere for `verify --against`
    ///
    /// 输出链头，另存备查（供 verify --against 使用）
    Heads(Heads),
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder for the demo's files
    ///
    /// 存放演示文件的文件夹
    #[arg(long, value_name = "DIR", default_value = "taizhang-demo")]
    pub data: PathBuf,
    /// Stop after the summary
    ///
    /// 给出汇总后结束，不打开网页
    #[arg(long)]
    pub no_serve: bool,
    /// What kind of place: a street, a rural township, a district with streets below it, or a town with its park
    ///
    /// 演示哪种地方：街道，乡，区（下有街道和镇），带园区的镇
    #[arg(long, value_name = "PLACE", default_value = "street", value_parser = place())]
    pub place: DemoPlace,
    /// How many people, from 2,000 to 5,000,000 [default: 45,651 of a street, 8,000 of a district, 6,000 elsewhere]
    ///
    /// 人口，2000 至 5000000 [默认：街道 45651，区 8000，其他 6000]
    #[arg(long, value_name = "NUMBER", value_parser = people)]
    pub people: Option<u32>,
    /// Seed of the generator
    ///
    /// 随机种子
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = number::<u64>)]
    pub seed: u64,
    /// Pack: a folder, or national for the one built in
    ///
    /// 规则包：文件夹，或写 national 使用内置的国家通用规则包
    #[arg(long, value_name = "PACK", default_value = "national")]
    pub pack: String,
    /// Port of the pages
    ///
    /// 网页端口
    #[arg(long, value_name = "PORT", default_value_t = 8642, value_parser = port)]
    pub port: u16,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Folder of the new ledger
    ///
    /// 新台账的文件夹
    pub dir: PathBuf,
    /// Pack: a folder, or national for the one built in
    ///
    /// 规则包：文件夹，或写 national 使用内置的国家通用规则包
    #[arg(long, value_name = "PACK", default_value = "national")]
    pub pack: String,
    /// Unit whose book is opened first, by its code
    ///
    /// 首个开簿的单位，写单位代码
    #[arg(long, value_name = "CODE", value_parser = values::unit)]
    pub unit: Option<kernel::UnitCode>,
    /// Algorithm of the chain of hashes, for good
    ///
    /// 杂凑算法，选定后不能更改
    #[arg(long, value_name = "ALGORITHM", default_value = "sha256", value_parser = algorithm())]
    pub algorithm: ledger::Algorithm,
}

/// `link`
#[derive(Debug, Args)]
pub struct Link {
    /// Tables with a header in the first row: .csv .xlsx .xls .ods; of one alone its own rows are compared
    ///
    /// 首行为表头的表格：.csv .xlsx .xls .ods；只给一个时在其内部比对
    #[arg(required = true)]
    pub tables: Vec<PathBuf>,
    /// What is compared and how, as TOML; see docs/linkage.md
    ///
    /// 比对方案（TOML），见 docs/linkage.md
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Pairs with their probability and what each field adds, .csv
    ///
    /// 写出各配对的概率和各字段的分量，.csv
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Every row with its group, .csv
    ///
    /// 写出各行所属的组，.csv
    #[arg(long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Column that says who each row is, to measure the result by
    ///
    /// 写明每行是谁的列，用来衡量结果
    #[arg(long, value_name = "HEADING")]
    pub truth: Option<String>,
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// What list it is: a roster, an action or a register, by id or name, such as police-households
    ///
    /// 是什么名册：名册、办理或登记册的名称或代号，如 police-households
    #[arg(long, value_name = "LIST")]
    pub register: String,
    /// Unit whose book the rows belong to, by code or name
    ///
    /// 记入哪个单位的簿，写单位名称或代码
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// Files: .xlsx .xls .ods .csv
    ///
    /// 文件：.xlsx .xls .ods .csv
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What a heading, or a column's letters, means: the list's column by id or name, or - to leave it out; remembered for files of this layout (may be repeated)
    ///
    /// 指明表头或列字母的含义：名册的列名或代号，- 表示不采用；同样表头的文件以后照此（可多次使用）
    #[arg(long, value_name = "HEADING=COLUMN", value_parser = heading)]
    pub column: Vec<(String, String)>,
    /// Only tell what would happen, and write the row-by-row result; the ledger stays as it is
    ///
    /// 只检查，写出逐行结果，不改动台账
    #[arg(long)]
    pub dry_run: bool,
    /// Day the lists speak of [default: today]
    ///
    /// 名册日期 [默认：今天]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
    /// The list is whole: whoever is no longer on it has left
    ///
    /// 名册完整：不再在册的视为离开
    #[arg(long, conflicts_with = "part")]
    pub whole: bool,
    /// The list is a part: nobody leaves by not being on it
    ///
    /// 名册不全：不在册的不作离开处理
    #[arg(long)]
    pub part: bool,
    /// Where to write the result workbook [default: beside the first file]
    ///
    /// 结果工作簿写到哪里 [默认：首个文件旁]
    #[arg(long, value_name = "FILE")]
    pub result: Option<PathBuf>,
    /// What for; it goes into the access log
    ///
    /// 用途，记入访问日志
    #[arg(long, value_name = "PURPOSE", default_value = "import")]
    pub why: String,
}

/// What may be shown in clear.
#[derive(Debug, Args)]
pub struct Clear {
    /// Show in clear, several with commas between
    ///
    /// 明文显示，多项用英文逗号分开
    #[arg(long, value_name = "KIND", value_delimiter = ',', requires = "why", value_parser = reveal())]
    pub reveal: Vec<Sensitivity>,
    /// What for; it goes into the access log
    ///
    /// 用途，记入访问日志
    #[arg(long, value_name = "PURPOSE")]
    pub why: Option<String>,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Port on 127.0.0.1
    ///
    /// 127.0.0.1 上的端口
    #[arg(long, value_name = "PORT", default_value_t = 8642, value_parser = port)]
    pub port: u16,
    /// Day of the answers, and the figures are of its year [default: today, and figures of the day that the data reaches]
    ///
    /// 结论的日期，指标为其所在年份 [默认：结论为今天，指标截至数据所到之日]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub on: Option<Date>,
    /// Only this holder of a post may be chosen at the desk
    ///
    /// 只能由这位任职人使用
    #[arg(long, value_name = "NAME")]
    pub post: Option<String>,
    /// Pages that only show: nothing can be imported, decided or taken back
    ///
    /// 只供查阅：不能导入、核定或撤回
    #[arg(long)]
    pub read_only: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group's own help shows")]
    pub clear: Clear,
}

/// `town`
#[derive(Debug, Subcommand)]
pub enum Town {
    /// Write what departments would send, and the truth
    ///
    /// 写出各部门会送来的名册，以及真值
    Generate(Generate),
}

/// `town generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// Folder to write into
    ///
    /// 写入的文件夹
    #[arg(value_name = "DIR")]
    pub out: PathBuf,
    /// What kind of place: a street, a rural township, a district with streets below it, or a town
    ///
    /// 生成哪种地方：街道，乡，区（下有街道和镇），镇
    #[arg(long, value_name = "PLACE", default_value = "street", value_parser = place())]
    pub place: DemoPlace,
    /// How many people, from 2,000 to 5,000,000 [default: 45,651 of a street, 8,000 of a district, 6,000 elsewhere]
    ///
    /// 人口，2000 至 5000000 [默认：街道 45651，区 8000，其他 6000]
    #[arg(long, value_name = "NUMBER", value_parser = people)]
    pub people: Option<u32>,
    /// Seed of the generator
    ///
    /// 随机种子
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = number::<u64>)]
    pub seed: u64,
    /// Write every list as CSV, which is faster
    ///
    /// 全部写成 CSV，较快
    #[arg(long)]
    pub csv: bool,
    /// Instead, four departments' lists of everyone without ID numbers, in folders low, middle and high by the slips in them
    ///
    /// 改为写出四个部门没有身份证号的全员名册，按差错多少分在 low、middle、high 三个文件夹
    #[arg(long, conflicts_with = "csv")]
    pub unnumbered: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// Heads kept elsewhere, as `taizhang heads` printed them: what was cut off or made anew is found, too
    ///
    /// 另存的链头，即 taizhang heads 的输出；删去末尾或整体重做也能查出
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
}

/// `heads`
#[derive(Debug, Args)]
pub struct Heads {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
}
