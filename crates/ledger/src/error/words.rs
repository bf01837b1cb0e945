//! The words of every error, in both languages: what was wrong, and what to do about it. The place in the commit is added by
//! `LedgerError::message`.

use super::LedgerError;
use crate::entry::{LONGEST_BODY, LONGEST_WORDS, MOST_ENTRIES, MOST_SAYS, Position};
use crate::store::StoreError;
use kernel::{Lang, RecordId};
use pack::{FieldFault, Text};

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
            Self::NoRandom => "系统未提供随机数，本次内容没有保存，请稍后重试。".into(),
            Self::Empty => "提交中没有内容。".into(),
            Self::TooMany(found) => {
                format!("一次提交 {found} 条，最多 {MOST_ENTRIES} 条，请分批提交。")
            }
            Self::TooManySays(found) => {
                format!("一次提交含 {found} 项申报，最多 {MOST_SAYS} 项，请分批提交。")
            }
            Self::Words(found) => {
                format!("文字有 {found} 个字符，最多 {LONGEST_WORDS} 个，请缩短。")
            }
            Self::BadSay(nth) => {
                format!("第 {} 项申报的来源、名册或行数有误，请核对。", nth + 1)
            }
            Self::NoSay(nth) => {
                let nth = nth + 1;
                format!("第 {nth} 项申报所补充的名册不存在或已撤回，请刷新后重试。")
            }
            Self::BadRoll(at) => {
                let at = at + 1;
                format!("第 {at} 组重申的条目有误，应属于本次申报并依次排列，请重新生成。")
            }
            _ => self.zh_of_entries(),
        }
    }

    /// In Chinese, of what was refused because of entries that are there.
    fn zh_of_entries(&self) -> String {
        match self {
            Self::BadFile(fault) => format!("{}。", fault.message(Lang::Zh)),
            Self::Files(_) => "文件存放处无法读写，请检查磁盘空间和权限后重试。".into(),
            Self::FileDamaged(name) => {
                format!("文件“{name}”的内容缺失或已改变，请从备份恢复 files 文件夹。")
            }
            Self::NoWord(Position { book, seq }) => {
                format!("第 {book} 簿没有第 {seq} 条，请核对。")
            }
            Self::Erased(Position { book, seq }) => {
                format!("第 {book} 簿第 {seq} 条已依法删除，无需再删。")
            }
            Self::NotErasable(Position { book, seq }) => {
                format!("第 {book} 簿第 {seq} 条不含登记内容，请核对。")
            }
            Self::TwoNames => "依法删除须写明文件，并由两名不同人员办理，请补全。".into(),
            Self::NoCommit(commit) => format!("没有第 {commit} 号提交，请核对编号。"),
            Self::UndoOfUndo(commit) => {
                format!("第 {commit} 号提交本身是撤回，不能再撤回；如需恢复，请重新办理。")
            }
            Self::UndoOfOpening(commit) => {
                format!("第 {commit} 号提交是建账或开簿，不能撤回，无需处理。")
            }
            Self::UndoOfErasure(commit) => {
                format!("第 {commit} 号提交是依法删除，不能撤回；如需恢复，请重新登记。")
            }
            Self::UndoneAlready(commit) => format!("第 {commit} 号提交已撤回，无需再撤。"),
            Self::ReferredTo {
                commit,
                records,
                commits,
            } => format!(
                "{}依赖第 {commit} 号提交新建的记录，请先撤回第 {} 号提交。",
                records_zh(records),
                numbers(commits, "、")
            ),
            Self::OutOfScope { who, unit } => {
                format!("“{who}”无权登记 {unit} 的台账，请由有权限的人员办理。")
            }
            Self::NoRight {
                who,
                register,
                field,
                unit,
                ..
            } => {
                let field = field.as_ref().map(|field| format!("的“{}”", field.zh));
                let (register, field) = (&register.zh, field.unwrap_or_default());
                format!(
                    "“{who}”的岗位不能为 {unit} 登记“{register}”{field}，请由有权限的人员办理。"
                )
            }
            Self::NoDuty {
                who,
                register,
                duty,
                unit,
                ..
            } => format!(
                "在“{}”中为 {unit} 登记这一项须有“{}”职责，“{who}”没有，请由有此职责的人员办理。",
                register.zh, duty.zh
            ),
            Self::Apart {
                who,
                register,
                record,
                duties,
                ..
            } => format!(
                "“{who}”已在“{}”{record} 号记录上履行“{}”，不能再履行“{}”，请由他人办理。",
                register.zh, duties[1].zh, duties[0].zh
            ),
            Self::SaidAgain(Position { book, seq }) => format!(
                "第 {book} 簿第 {seq} 条属于职责须分离的册，不能以重申代替登记，请重新生成提交。"
            ),
            Self::BookFull(unit) => format!("{unit} 簿的编号已用完，请联系维护人员。"),
            Self::RecordsFull => "记录编号已用完，请联系维护人员。".into(),
            Self::Store(error) => store_zh(error),
            _ => self.zh_of_a_draft(),
        }
    }

    /// In Chinese, of one entry to be written.
    fn zh_of_a_draft(&self) -> String {
        match self {
            Self::UnknownRegister { register, .. } => {
                format!("政策包中没有“{register}”册，请检查名称或更新政策包。")
            }
            Self::NoFile { register, file, .. } => format!(
                "“{}”中引用的文件“{file}”还没有保存，请先保存文件。",
                register.zh
            ),
            Self::UnknownBook { unit, .. } => format!("{unit} 还没有建簿，请先登记该单位。"),
            Self::Shape { kind, .. } => {
                let kind = kind.label(Lang::Zh);
                format!("这一条不符合“{kind}”的写法，请重新生成提交。")
            }
            Self::Fields {
                register, faults, ..
            } => format!("“{}”有误：{}。", register.zh, said(faults, Lang::Zh)),
            Self::TooLong { bytes, .. } => {
                format!("内容有 {bytes} 字节，最多 {LONGEST_BODY} 字节，请缩短。")
            }
            Self::Stale {
                register,
                record,
                fields,
                ..
            } => {
                let what = match names(fields, Lang::Zh) {
                    fields if fields.is_empty() => "已被他人注销或合并".to_owned(),
                    fields => format!("的{fields}刚被他人改动"),
                };
                let register = &register.zh;
                format!("“{register}”{record} 号记录{what}，请刷新后重新填写。")
            }
            Self::StaleBase { register, commit } => format!(
                "第 {commit} 号提交刚登记了新的“{}”，请刷新后重试。",
                register.zh
            ),
            Self::Taken {
                register, record, ..
            } => format!(
                "“{}”中已有相同身份的 {record} 号记录，请刷新后重试。",
                register.zh
            ),
            Self::NoRecord {
                register, record, ..
            } => format!("“{}”册中没有 {record} 号记录，请核对。", register.zh),
            Self::Identity {
                register, record, ..
            } => format!(
                "“{}”{record} 号记录的身份项不能更改，请另行登记。",
                register.zh
            ),
            Self::Merged { record, into, .. } => {
                format!("{record} 号记录已并入 {into} 号，请先撤回该次合并。")
            }
            Self::MergeCircle { record, into, .. } => {
                format!("{into} 号记录已并入 {record} 号，不能反向合并，请核对。")
            }
            Self::NoTarget {
                field,
                target,
                record,
                ..
            } => format!(
                "“{}”指向的 {record} 号记录不在“{}”册中，请先登记。",
                field.zh, target.zh
            ),
            Self::Circle {
                register, from, to, ..
            } => format!(
                "“{}”中 {from} 号经 {to} 号又回到自身，关系不能成环，请核对。",
                register.zh
            ),
            _ => String::new(),
        }
    }

    /// In English, without the number of the entry.
    pub(super) fn en(&self) -> String {
        match self {
            Self::Exists(file) => {
                let file = file.display();
                format!("there is a ledger in {file} already; choose another directory")
            }
            Self::NoLedger(file) => {
                let file = file.display();
                format!("there is no ledger in {file}; make one with init")
            }
            Self::NotALedger(file) => {
                format!("{} is not a ledger; check the directory", file.display())
            }
            Self::Format(found) => format!(
                "the ledger has format {found}, which this version can't read; use the version that wrote it"
            ),
            Self::Sqlite(found) => format!("SQLite {found} is too old; 3.51.3 or later is needed"),
            Self::Directory(dir, why) => {
                format!("can't make the directory {}: {why}", dir.display())
            }
            Self::NoRandom => {
                "the system gives no random numbers, so nothing was kept; try again shortly".into()
            }
            Self::Empty => "the commit says nothing".into(),
            Self::TooMany(found) => format!(
                "the commit has {found} entries, at most {MOST_ENTRIES} are allowed; send it in parts"
            ),
            Self::TooManySays(found) => format!(
                "the commit has {found} says, at most {MOST_SAYS} are allowed; send it in parts"
            ),
            Self::Words(found) => format!(
                "a text has {found} characters, at most {LONGEST_WORDS} are kept; shorten it"
            ),
            Self::BadSay(nth) => format!(
                "say {} has no sender, a count below none, or a roster without a list; check it",
                nth + 1
            ),
            Self::NoSay(nth) => format!(
                "say {} adds to one that isn't there or was undone; reload and do it again",
                nth + 1
            ),
            Self::BadRoll(at) => format!(
                "roll {} belongs to no say of the commit, is empty or out of order; plan it again",
                at + 1
            ),
            _ => self.en_of_entries(),
        }
    }

    /// In English, of what was refused because of entries that are there.
    fn en_of_entries(&self) -> String {
        match self {
            Self::BadFile(fault) => fault.message(Lang::En).into(),
            Self::Files(_) => {
                "the folder of files can't be read or written; check disk and permissions, then try again".into()
            }
            Self::FileDamaged(name) => {
                format!("the bytes of “{name}” are missing or altered; restore the folder “files” from a backup")
            }
            Self::NoWord(Position { book, seq }) => {
                format!("there is no entry {seq} in book {book}; check the place")
            }
            Self::Erased(Position { book, seq }) => {
                format!("entry {seq} of book {book} is erased already; there is nothing to do")
            }
            Self::NotErasable(Position { book, seq }) => {
                format!(
                    "entry {seq} of book {book} says nothing that could be erased; check the place"
                )
            }
            Self::TwoNames => "erasing needs a document and two different people; name them".into(),
            Self::NoCommit(commit) => format!("there is no commit {commit}; check the number"),
            Self::UndoOfUndo(commit) => {
                format!("commit {commit} is itself an undo; do again what it took back instead")
            }
            Self::UndoOfOpening(commit) => {
                format!("commit {commit} made the ledger or opened a book, which stays so")
            }
            Self::UndoOfErasure(commit) => format!(
                "commit {commit} erased something, which can't be undone; record it again instead"
            ),
            Self::UndoneAlready(commit) => {
                format!("commit {commit} is undone already; there is nothing to do")
            }
            Self::ReferredTo {
                commit,
                records,
                commits,
            } => format!(
                "{} rest on records that commit {commit} opened; undo commit {} first",
                records_en(records),
                numbers(commits, ", ")
            ),
            Self::OutOfScope { who, unit } => {
                format!("“{who}” may not write for {unit}; ask someone who may")
            }
            Self::NoRight {
                who,
                register,
                field,
                unit,
                ..
            } => {
                let field = field.as_ref().map(|field| format!("“{}” of ", field.en));
                let (register, field) = (&register.en, field.unwrap_or_default());
                format!(
                    "no post of “{who}” may write {field}“{register}” for {unit}; ask someone who may"
                )
            }
            Self::NoDuty {
                who,
                register,
                duty,
                unit,
                ..
            } => format!(
                "this of “{}” takes the duty “{}” in {unit}, which “{who}” doesn't have; ask someone who has it",
                register.en, duty.en
            ),
            Self::Apart {
                who,
                register,
                record,
                duties,
                ..
            } => format!(
                "“{who}” had the duty “{}” on record {record} of “{}” and can't have “{}” as well; ask somebody else",
                duties[1].en, register.en, duties[0].en
            ),
            Self::SaidAgain(Position { book, seq }) => format!(
                "entry {seq} of book {book} is of a register with duties kept apart, where nothing is said again; plan the commit again"
            ),
            Self::BookFull(unit) => {
                format!("the numbers of the book of {unit} are used up; ask whoever maintains it")
            }
            Self::RecordsFull => {
                "the numbers of records are used up; ask whoever maintains the ledger".into()
            }
            Self::Store(error) => store_en(error),
            _ => self.en_of_a_draft(),
        }
    }

    /// In English, of one entry to be written.
    fn en_of_a_draft(&self) -> String {
        match self {
            Self::UnknownRegister { register, .. } => {
                format!("the pack has no register “{register}”; check the name or update the pack")
            }
            Self::NoFile { register, file, .. } => format!(
                "a record of “{}” refers to the file “{file}”, which isn't kept; keep it first",
                register.en
            ),
            Self::UnknownBook { unit, .. } => {
                format!("{unit} has no book yet; record the unit first")
            }
            Self::Shape { kind, .. } => {
                let kind = kind.label(Lang::En);
                format!("the entry is not what “{kind}” must be; plan the commit again")
            }
            Self::Fields {
                register, faults, ..
            } => format!("“{}” is wrong: {}", register.en, said(faults, Lang::En)),
            Self::TooLong { bytes, .. } => {
                format!("the word has {bytes} bytes, at most {LONGEST_BODY} are kept; shorten it")
            }
            Self::Stale {
                register,
                record,
                fields,
                ..
            } => {
                let what = match names(fields, Lang::En) {
                    fields if fields.is_empty() => "ended".to_owned(),
                    fields => format!("was given another {fields}"),
                };
                let register = &register.en;
                format!("record {record} of “{register}” {what} meanwhile; reload and do it again")
            }
            Self::StaleBase { register, commit } => format!(
                "commit {commit} opened records of “{}” meanwhile; reload and do it again",
                register.en
            ),
            Self::Taken {
                register, record, ..
            } => format!(
                "record {record} of “{}” has this identity by now; reload and do it again",
                register.en
            ),
            Self::NoRecord {
                register, record, ..
            } => format!("“{}” has no record {record}; check the number", register.en),
            Self::Identity {
                register, record, ..
            } => format!(
                "the identity of record {record} of “{}” can't change; open another record",
                register.en
            ),
            Self::Merged { record, into, .. } => {
                format!("record {record} was merged into {into}; undo that merge first")
            }
            Self::MergeCircle { record, into, .. } => {
                format!("record {into} was merged into {record}; check which of the two stays")
            }
            Self::NoTarget {
                field,
                target,
                record,
                ..
            } => format!(
                "“{}” names record {record}, which is not in “{}”; record that first",
                field.en, target.en
            ),
            Self::Circle {
                register, from, to, ..
            } => format!(
                "in “{}” record {from} leads back to itself through {to}; check the two",
                register.en
            ),
            _ => String::new(),
        }
    }
}

fn said(faults: &[FieldFault], lang: Lang) -> String {
    let between = match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    };
    let faults = faults.iter().map(|fault| fault.message(lang));
    faults.collect::<Vec<_>>().join(between)
}

fn names(fields: &[Text], lang: Lang) -> String {
    let between = match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    };
    let names = fields.iter().map(|field| format!("“{}”", field.get(lang)));
    names.collect::<Vec<_>>().join(between)
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
