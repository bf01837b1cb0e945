//! What a commit was made from: an enum shown in words, never a sentence that somebody reads back.

use crate::entry::Digest;
use kernel::{Lang, RecordId, UnitCode};
use serde::{Deserialize, Serialize};

/// What a commit was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A list: the roster, the file's name, the digest of its bytes.
    List {
        /// The roster.
        roster: String,
        /// The name of the file.
        file: String,
        /// The digest of its bytes.
        digest: Digest,
    },
    /// An answer to a question.
    Answer {
        /// The question.
        question: RecordId,
        /// What was decided, as a value of the code list `question_decision`.
        decision: String,
        /// The file the question came from; empty for none.
        file: String,
        /// The row in it; 0 for none.
        row: i64,
    },
    /// An answer on what stands in a field: which of several values, or what could not be read.
    Settled {
        /// The register.
        register: String,
        /// The record.
        record: RecordId,
        /// The field.
        field: String,
    },
    /// A record put right by itself.
    Amendment {
        /// The register.
        register: String,
        /// The record.
        record: RecordId,
    },
    /// A proposal that two people are one.
    Proposal {
        /// Who stays.
        kept: RecordId,
        /// Who goes.
        double: RecordId,
    },
    /// A commit taken back.
    Undo {
        /// The commit.
        commit: i64,
    },
    /// The book of a unit was opened.
    Opening {
        /// The unit.
        unit: UnitCode,
    },
    /// The first post, of whoever made the ledger.
    Founding {
        /// The unit the ledger is for.
        unit: UnitCode,
    },
    /// A form at a desk, by the action's name.
    Form {
        /// The action.
        action: String,
    },
    /// A body erased by law.
    Erasure {
        /// The document that orders it.
        document: String,
    },
}

impl Source {
    /// The file's name, if it was made from one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Source::List { file, .. } | Source::Answer { file, .. } => {
                (!file.is_empty()).then_some(file)
            }
            _ => None,
        }
    }

    /// What it was, in words.
    pub fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Source::List { file, .. }, Lang::Zh) => format!("名册 {file}"),
            (Source::List { file, .. }, Lang::En) => format!("list {file}"),
            (Source::Answer { file, row, .. }, Lang::Zh) if !file.is_empty() => {
                format!("核定 {file} 第 {row} 行")
            }
            (Source::Answer { file, row, .. }, Lang::En) if !file.is_empty() => {
                format!("answer to {file}, row {row}")
            }
            (Source::Answer { question, .. }, Lang::Zh) => format!("核定 {question}"),
            (Source::Answer { question, .. }, Lang::En) => format!("answer to question {question}"),
            (Source::Settled { record, .. }, Lang::Zh) => format!("核定 {record} 的一项"),
            (Source::Settled { record, .. }, Lang::En) => {
                format!("answer on a value of {record}")
            }
            (Source::Amendment { record, .. }, Lang::Zh) => format!("更正变更记录 {record}"),
            (Source::Amendment { record, .. }, Lang::En) => {
                format!("record {record} put right")
            }
            (Source::Proposal { kept, double }, Lang::Zh) => {
                format!("提出合并：{double} 并入 {kept}")
            }
            (Source::Proposal { kept, double }, Lang::En) => {
                format!("proposal to merge {double} into {kept}")
            }
            (Source::Undo { commit }, Lang::Zh) => format!("撤回第 {commit} 次"),
            (Source::Undo { commit }, Lang::En) => format!("commit {commit} taken back"),
            (Source::Opening { unit }, Lang::Zh) => format!("开簿 {unit}"),
            (Source::Opening { unit }, Lang::En) => format!("book of {unit} opened"),
            (Source::Founding { unit }, Lang::Zh) => format!("建账 {unit}"),
            (Source::Founding { unit }, Lang::En) => format!("ledger made for {unit}"),
            (Source::Form { action }, Lang::Zh) => format!("办理 {action}"),
            (Source::Form { action }, Lang::En) => format!("form {action}"),
            (Source::Erasure { document }, Lang::Zh) => format!("依 {document} 删除"),
            (Source::Erasure { document }, Lang::En) => format!("erased by {document}"),
        }
    }
}
