//! The words of every error, in both languages: what was wrong, and what to do about it. The place in the commit is added by
//! `LedgerError::message`.

use super::LedgerError;
use crate::entry::{LONGEST_BODY, LONGEST_KEY, LONGEST_WORDS, MOST_ENTRIES};
use crate::store::StoreError;
use kernel::{Lang, RecordId};
use pack::Text;

impl LedgerError {
    /// In Chinese, without the number of the entry.
    pub(super) fn zh(&self) -> String {
        match self {
            Self::Exists(file) => format!("{} 已有台账，请换一个目录。", file.display()),
            Self::NoLedger(file) => format!("{} 没有台账，请先执行 init 建立。", file.display()),
            Self::NotALedger(file) => format!("{} 不是台账文件，请检查目录。", file.display()),
            Self::Format(found) => {
                format!("台账格式为第 {found} 版，本程序不能读写，请使用相应版本的程序。")
            }
            Self::Sqlite(found) => format!("SQLite {found} 版本过低，需要 3.51.3 或更高版本。"),
            Self::Directory(dir, why) => format!("无法建立目录 {}：{why}。", dir.display()),
            Self::Empty => "提交中没有内容。".into(),
            Self::TooMany(found) => {
                format!("一次提交 {found} 条，最多 {MOST_ENTRIES} 条，请分批提交。")
            }
            Self::Key(found) => format!("提交编号有 {found} 个字符，应为 1 至 {LONGEST_KEY} 个。"),
            Self::Words(found) => {
                format!("文字有 {found} 个字符，最多 {LONGEST_WORDS} 个，请缩短。")
            }
            Self::KeyReused(key) => {
                format!("提交编号“{key}”已用于另一份内容不同的提交，请换一个编号。")
            }
            Self::KeyReserved(key) => {
                format!("提交编号“{key}”留作撤回之用，请换一个编号。")
            }
            Self::NoCommit(commit) => format!("没有第 {commit} 号提交，请核对编号。"),
            Self::UndoOfUndo(commit) => {
                format!("第 {commit} 号提交本身是撤回，不能再撤回；如需恢复，请重新办理。")
            }
            Self::UndoneAlready(commit) => {
                format!("第 {commit} 号提交的各条都已撤回，无需再撤。")
            }
            Self::ChangedSince {
                commit,
                records,
                commits,
            } => format!(
                "第 {commit} 号提交登记的{}此后又有变动，请先撤回第 {} 号提交。",
                records_zh(records),
                numbers(commits, "、")
            ),
            Self::ReferredTo {
                commit,
                records,
                commits,
            } => format!(
                "{}引用了第 {commit} 号提交新建的记录，请先撤回第 {} 号提交。",
                records_zh(records),
                numbers(commits, "、")
            ),
            Self::OutOfScope { who, unit } => {
                format!("“{who}”无权登记 {unit} 的台账，请由有权限的人员办理。")
            }
            Self::UnknownRegister { register, .. } => {
                format!("政策包中没有“{register}”册，请检查名称或更新政策包。")
            }
            Self::UnknownBook { unit, .. } | Self::NoBook(unit) => {
                format!("{unit} 还没有建簿，请先登记该单位。")
            }
            Self::Fields {
                register, faults, ..
            } => {
                let faults: Vec<_> = faults.iter().map(|fault| fault.message(Lang::Zh)).collect();
                format!("“{}”有误：{}。", register.zh, faults.join("；"))
            }
            Self::TooLong { bytes, .. } => {
                format!("内容有 {bytes} 字节，最多 {LONGEST_BODY} 字节，请缩短。")
            }
            Self::Stale {
                register, record, ..
            } => {
                format!(
                    "“{}”{record} 号记录刚被他人改动，请刷新后重新填写。",
                    register.zh
                )
            }
            Self::Numbering {
                book, given, next, ..
            } => {
                format!("{book} 簿的下一个编号是 {next}，不是 {given}，请刷新后重新提交。")
            }
            Self::NoRecord {
                register, record, ..
            } => format!("“{}”册中没有 {record} 号记录。", register.zh),
            Self::Closed {
                register, record, ..
            } => {
                format!(
                    "“{}”{record} 号记录已销，请重新登记；如属误销，请更正。",
                    register.zh
                )
            }
            Self::CloseChanges { record, .. } => {
                format!("销 {record} 号记录时不能同时改动内容，请先变更再销。")
            }
            Self::Gone {
                register, record, ..
            } => format!(
                "“{}”{record} 号记录已并入他项或登记已撤，请另行登记；如属误并，请撤回该次合并。",
                register.zh
            ),
            Self::MergeChanges { record, .. } => {
                format!("并 {record} 号记录时不能同时改动内容，请刷新后重试。")
            }
            Self::UndoDiffers { record, .. } => {
                format!(
                    "撤 {record} 号记录的最后一条时，日期应与该条一致，内容应与其前一条一致，请刷新后重试。"
                )
            }
            Self::UndoTransfer { register, record } => {
                format!(
                    "“{}”{record} 号记录已迁移，迁移不能撤回，请另行迁回。",
                    register.zh
                )
            }
            Self::Elsewhere { record, book, .. } => {
                format!("{record} 号记录在 {book} 簿，请先迁入。")
            }
            Self::NoTarget {
                field,
                target,
                record,
                ..
            } => {
                format!(
                    "“{}”指向的 {record} 号记录不在“{}”册中，请先登记。",
                    field.zh, target.zh
                )
            }
            Self::Duplicate {
                register,
                identity,
                record,
                book,
                ..
            } => {
                format!(
                    "“{}”{identity} 已在 {book} 簿中（{record} 号记录），请核对，勿重复登记。",
                    register.zh
                )
            }
            Self::Circle {
                register, from, to, ..
            } => {
                format!(
                    "“{}”中 {from} 号经 {to} 号又回到自身，关系不能成环，请核对。",
                    register.zh
                )
            }
            Self::HalfTransfer { record, .. } => {
                format!("{record} 号记录的迁出与迁入应在同一次提交中，且日期和内容一致。")
            }
            Self::Unreadable { register, record } => {
                format!(
                    "“{}”{record} 号记录与政策包的字段不符，请使用登记时的政策包。",
                    register.zh
                )
            }
            Self::BookFull(unit) => format!("{unit} 簿的编号已用完。"),
            Self::Store(error) => store_zh(error),
        }
    }

    /// In English, without the number of the entry.
    pub(super) fn en(&self) -> String {
        match self {
            Self::Exists(file) => format!(
                "there is a ledger in {} already; choose another directory",
                file.display()
            ),
            Self::NoLedger(file) => format!(
                "there is no ledger in {}; make one with init",
                file.display()
            ),
            Self::NotALedger(file) => {
                format!("{} is not a ledger; check the directory", file.display())
            }
            Self::Format(found) => {
                format!(
                    "the ledger has format {found}, which this version can't read; use the version that wrote it"
                )
            }
            Self::Sqlite(found) => format!("SQLite {found} is too old; 3.51.3 or later is needed"),
            Self::Directory(dir, why) => {
                format!("can't make the directory {}: {why}", dir.display())
            }
            Self::Empty => "the commit has no entries".into(),
            Self::TooMany(found) => {
                format!(
                    "the commit has {found} entries, at most {MOST_ENTRIES} are allowed; send it in parts"
                )
            }
            Self::Key(found) => format!(
                "the idempotency key has {found} characters; it must have 1 to {LONGEST_KEY}"
            ),
            Self::Words(found) => format!(
                "a text has {found} characters, at most {LONGEST_WORDS} are kept; shorten it"
            ),
            Self::KeyReused(key) => {
                format!("the key “{key}” was used for a commit with other content; use another key")
            }
            Self::KeyReserved(key) => {
                format!("the key “{key}” is kept for undos; use another key")
            }
            Self::NoCommit(commit) => format!("there is no commit {commit}; check the number"),
            Self::UndoOfUndo(commit) => {
                format!("commit {commit} is itself an undo; do again what it took back instead")
            }
            Self::UndoneAlready(commit) => {
                format!("everything in commit {commit} is undone already; there is nothing to do")
            }
            Self::ChangedSince {
                commit,
                records,
                commits,
            } => format!(
                "{} of commit {commit} changed since; undo commit {} first",
                records_en(records),
                numbers(commits, ", ")
            ),
            Self::ReferredTo {
                commit,
                records,
                commits,
            } => format!(
                "{} refer to records that commit {commit} opened; undo commit {} first",
                records_en(records),
                numbers(commits, ", ")
            ),
            Self::OutOfScope { who, unit } => {
                format!("“{who}” may not write to the book of {unit}; ask someone who may")
            }
            Self::UnknownRegister { register, .. } => {
                format!("the pack has no register “{register}”; check the name or update the pack")
            }
            Self::UnknownBook { unit, .. } | Self::NoBook(unit) => {
                format!("{unit} has no book yet; record the unit first")
            }
            Self::Fields {
                register, faults, ..
            } => {
                let faults: Vec<_> = faults.iter().map(|fault| fault.message(Lang::En)).collect();
                format!("“{}” is wrong: {}", register.en, faults.join("; "))
            }
            Self::TooLong { bytes, .. } => {
                format!("the record has {bytes} bytes, at most {LONGEST_BODY} are kept; shorten it")
            }
            Self::Stale {
                register, record, ..
            } => {
                format!(
                    "record {record} of “{}” was changed meanwhile; reload and do it again",
                    register.en
                )
            }
            Self::Numbering {
                book, given, next, ..
            } => {
                format!(
                    "the next number in the book of {book} is {next}, not {given}; reload and send again"
                )
            }
            Self::NoRecord {
                register, record, ..
            } => format!("“{}” has no record {record}", register.en),
            Self::Closed {
                register, record, ..
            } => {
                format!(
                    "record {record} of “{}” is closed; open a new one, or correct it if the close was a mistake",
                    register.en
                )
            }
            Self::CloseChanges { record, .. } => {
                format!("closing record {record} may not change it; change it first, then close it")
            }
            Self::Gone {
                register, record, ..
            } => format!(
                "record {record} of “{}” was merged or its opening was undone; open a new one, or undo the merge if it was a mistake",
                register.en
            ),
            Self::MergeChanges { record, .. } => {
                format!("merging record {record} may not change it; reload and do it again")
            }
            Self::UndoDiffers { record, .. } => {
                format!(
                    "undoing the last entry of record {record} must repeat its date and the record before it; reload and do it again"
                )
            }
            Self::UndoTransfer { register, record } => {
                format!(
                    "record {record} of “{}” was transferred, which can't be undone; transfer it back instead",
                    register.en
                )
            }
            Self::Elsewhere { record, book, .. } => {
                format!("record {record} is in the book of {book}; transfer it first")
            }
            Self::NoTarget {
                field,
                target,
                record,
                ..
            } => {
                format!(
                    "“{}” names record {record}, which is not in “{}”; record that first",
                    field.en, target.en
                )
            }
            Self::Duplicate {
                register,
                identity,
                record,
                book,
                ..
            } => {
                format!(
                    "“{}” {identity} is already in the book of {book} (record {record}); check, and don't record it twice",
                    register.en
                )
            }
            Self::Circle {
                register, from, to, ..
            } => {
                format!(
                    "in “{}” record {from} leads back to itself through {to}; check the two",
                    register.en
                )
            }
            Self::HalfTransfer { record, .. } => {
                format!(
                    "record {record} must leave one book and enter another in one commit, with the same date and content"
                )
            }
            Self::Unreadable { register, record } => {
                format!(
                    "record {record} doesn't have the fields of “{}”; use the pack it was written with",
                    register.en
                )
            }
            Self::BookFull(unit) => format!("the numbers of the book of {unit} are used up"),
            Self::Store(error) => store_en(error),
        }
    }
}

/// Records with the names of their registers, one after the other.
fn records_zh(records: &[(Text, RecordId)]) -> String {
    let named = records
        .iter()
        .map(|(register, record)| format!("“{}”{record} 号记录", register.zh));
    named.collect::<Vec<_>>().join("、")
}

fn records_en(records: &[(Text, RecordId)]) -> String {
    let named = records
        .iter()
        .map(|(register, record)| format!("record {record} of “{}”", register.en));
    named.collect::<Vec<_>>().join(", ")
}

fn numbers(commits: &[i64], between: &str) -> String {
    let numbers = commits.iter().map(ToString::to_string);
    numbers.collect::<Vec<_>>().join(between)
}

fn store_zh(error: &StoreError) -> String {
    match error {
        StoreError::Busy => "台账正被另一程序占用，请稍后再试。".into(),
        StoreError::Full => "磁盘空间不足，本次内容没有保存；请清理后重试。".into(),
        StoreError::Damaged(what) => format!("台账文件已损坏（{what}），请用备份恢复。"),
        StoreError::Failed(what) => format!("台账读写失败：{what}"),
    }
}

fn store_en(error: &StoreError) -> String {
    match error {
        StoreError::Busy => "another program is writing to the ledger; try again shortly".into(),
        StoreError::Full => {
            "the disk is full and nothing of this commit was kept; free some space and try again"
                .into()
        }
        StoreError::Damaged(what) => {
            format!("the ledger file is damaged ({what}); restore it from a backup")
        }
        StoreError::Failed(what) => format!("the ledger can't be read or written: {what}"),
    }
}
