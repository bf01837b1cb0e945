//! Why an answer isn't taken, and what to do.

use kernel::{Lang, RecordId, UnitCode};
use ledger::LedgerError;
use pack::cell::Told;
use pack::{NoContract, Text};
use tables::TablesError;

use crate::fault::{IntakeError, pick};
use crate::finding::Finding;

/// Why an answer isn't taken. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum ReviewError {
    /// There is no such question among those the grant sees.
    NoQuestion(RecordId),
    /// Somebody has answered it.
    Settled(RecordId),
    /// The answer doesn't fit the question.
    Unfit(RecordId),
    /// Nobody differs on this value of a record, or not any more.
    NotContested(RecordId),
    /// Nothing there could not be read, or somebody has answered.
    NotUnread(RecordId),
    /// What was written can't be read, either.
    Unreadable(Box<Told>),
    /// Nothing was written.
    Blank,
    /// There is no such person, or not any more.
    NoPerson(RecordId),
    /// Somebody was to be merged with themselves.
    Themselves(RecordId),
    /// The merge is proposed already.
    Proposed(RecordId),
    /// Who proposed a merge can't confirm it.
    FourEyes(String),
    /// A record of the person who goes is in a book the grant doesn't see.
    OutOfReach(UnitCode),
    /// The roster has other columns than when the row was asked about.
    RosterChanged(Text),
    /// The row can't be carried out so.
    Refused(Finding),
    /// The pack doesn't say which registers keep people and what is asked.
    Pack(#[from] NoContract),
    /// The row can't be carried out.
    Intake(#[from] IntakeError),
    /// What stands in the ledger can't be worked out.
    Tables(#[from] TablesError),
    /// The ledger refused.
    Ledger(#[from] LedgerError),
}

impl ReviewError {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            ReviewError::NoQuestion(record) => (
                format!("没有编号为 {record} 的待核事项，或不在您的权限内"),
                format!("there is no question {record} among those you may see"),
            ),
            ReviewError::Settled(record) => (
                format!("待核事项 {record} 已有人核定；请刷新列表"),
                format!("question {record} has been answered; look at the list again"),
            ),
            ReviewError::Unfit(record) => (
                format!(
                    "待核事项 {record} 不能这样核定：合并只能“合并”或“不合并”，名册行只能“同一人”“另一人”或“搁置”"
                ),
                format!(
                    "question {record} can't be answered so: a merge is merged or kept apart, a row is the same, another or set aside"
                ),
            ),
            ReviewError::NotContested(record) => (
                format!("记录 {record} 的这一项没有说法不一，或已有人核定；请刷新列表"),
                format!(
                    "nobody differs on this value of record {record}, or somebody has answered; look at the list again"
                ),
            ),
            ReviewError::NotUnread(record) => (
                format!("记录 {record} 的这一项没有读不出的内容，或已有人核定；请刷新列表"),
                format!(
                    "nothing of this field of record {record} is unreadable, or somebody has answered; look at the list again"
                ),
            ),
            ReviewError::Unreadable(told) => (told.message(Lang::Zh), told.message(Lang::En)),
            ReviewError::Blank => (
                "请写明这一项应是什么，或选“维持现有”".to_owned(),
                "write what it should be, or leave it as it stands".to_owned(),
            ),
            ReviewError::NoPerson(record) => (
                format!("台账里没有人员 {record}，或已注销、已合并"),
                format!("there is no person {record}, or not any more"),
            ),
            ReviewError::Themselves(record) => (
                format!("人员 {record} 不能与自己合并；请另选一人"),
                format!("person {record} can't be merged with themselves; choose another"),
            ),
            ReviewError::Proposed(record) => (
                format!("这两人的合并已提出（待核事项 {record}），请另一人复核"),
                format!(
                    "the merge is proposed already as question {record}; somebody else should confirm it"
                ),
            ),
            ReviewError::FourEyes(who) => (
                format!("合并由“{who}”提出，须由另一人复核"),
                format!("{who} proposed the merge; somebody else has to confirm it"),
            ),
            ReviewError::OutOfReach(unit) => (
                format!("其中一人在单位 {unit} 有记录，不在您的权限内；请上级单位办理"),
                format!(
                    "one of them has records in unit {unit}, which you may not see; ask the unit above"
                ),
            ),
            ReviewError::RosterChanged(roster) => (
                format!(
                    "“{}”的栏目已变，这一行无法再办理；请搁置后重新导入",
                    roster.zh
                ),
                format!(
                    "the columns of “{}” have changed, so that the row can't be read; set it aside and import it again",
                    roster.en
                ),
            ),
            ReviewError::Refused(finding) => (
                format!("这一行不能这样办理：{}", finding.message(Lang::Zh)),
                format!(
                    "the row can't be carried out so: {}",
                    finding.message(Lang::En)
                ),
            ),
            ReviewError::Pack(error) => (error.message(Lang::Zh), error.message(Lang::En)),
            ReviewError::Intake(error) => (error.message(Lang::Zh), error.message(Lang::En)),
            ReviewError::Tables(error) => (error.message(Lang::Zh), error.message(Lang::En)),
            ReviewError::Ledger(error) => (error.message(Lang::Zh), error.message(Lang::En)),
        };
        pick(lang, zh, en)
    }
}
