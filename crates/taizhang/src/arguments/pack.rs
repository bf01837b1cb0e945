//! What can be typed after `pack`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `pack`
#[derive(Debug, Subcommand)]
pub enum Pack {
    /// Report every fault, with file, line and hint
    ///
    /// 列出全部错误，附文件、行号和提示
    Check(PackDir),
    /// Run the pack's own cases
    ///
    /// 运行规则包自带的算例
    Test(PackTest),
    /// What there is in a pack, and in which file
    ///
    /// 列出规则包有什么、在哪个文件
    List(PackList),
    /// Write a pack to begin with
    ///
    /// 新建规则包
    New(PackNew),
    /// Give a ledger another pack, once it has no faults and has all that is recorded
    ///
    /// 为台账换上另一个规则包：须没有错误，且已登记的都还在
    Use(PackUse),
}

/// `pack list`
#[derive(Debug, Args)]
pub struct PackList {
    /// Folder, or national for the pack built in
    ///
    /// 规则包文件夹，或写 national 使用内置的
    #[arg(default_value = "national")]
    pub pack: String,
    /// Only one kind of thing
    ///
    /// 只列一类
    #[arg(long, value_name = "KIND", ignore_case = true)]
    pub kind: Option<crate::commands::pack::Kind>,
}

/// `pack new`
#[derive(Debug, Args)]
pub struct PackNew {
    /// Folder to write into, new or empty
    ///
    /// 写入的文件夹，须是新的或空的
    pub dir: PathBuf,
    /// The pack it stands on: national, or a folder as seen from the new one, such as ../province
    ///
    /// 所依据的规则包：national，或从新文件夹看去的位置，如 ../province
    #[arg(long, value_name = "PACK")]
    pub extends: Option<String>,
    /// What it is called
    ///
    /// 规则包的名称
    #[arg(long, value_name = "TITLE")]
    pub name: Option<String>,
    /// What it is called in English [default: its id]
    ///
    /// 规则包的英文名称 [默认：其标识]
    #[arg(long, value_name = "TITLE")]
    pub name_en: Option<String>,
}

/// `pack test`
#[derive(Debug, Args)]
pub struct PackTest {
    /// Folder, or national for the pack built in
    ///
    /// 规则包文件夹，或写 national 使用内置的
    pub pack: String,
    /// Only the cases of a programme, or of a layer: those that its own files hold
    ///
    /// 只运行一个项目的算例，或一层规则包自己的算例
    #[arg(long, value_name = "PROGRAMME|LAYER")]
    pub only: Option<String>,
}

/// `pack use`
#[derive(Debug, Args)]
pub struct PackUse {
    /// Folder of the ledger
    ///
    /// 台账文件夹
    pub dir: PathBuf,
    /// The new pack: its folder, or national for the one built in
    ///
    /// 新规则包的文件夹，或写 national 使用内置的
    pub pack: String,
}

/// A pack.
#[derive(Debug, Args)]
pub struct PackDir {
    /// Folder, or national for the pack built in
    ///
    /// 规则包文件夹，或写 national 使用内置的
    pub pack: String,
}
