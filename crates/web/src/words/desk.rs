//! What is said at the desk: who is there, what lists left to people, and what was answered.

use kernel::Lang;
use office::Likeness;
use office::{QuestionKind, Weighed};

use super::Words;
use crate::plain::count;

// Who is at the desk.
words! {
    DESK: "办理人", "Who is at the desk";
}

// What a browser keeps of a form until it is sent.
words! {
    RESTORED: "已恢复您上次没有提交的内容。", "What you filled in and didn't send is here again.";
    DISCARD: "清除", "Discard it";
}

// Trouble with what is done.
words! {
    NOT_DONE_DO: "台账没有改动。", "Nothing in the ledger was changed.";
    UNREADABLE_FORM: "提交的内容不完整。请回到上一页重新填写。", "What was sent is not complete. Go back and fill it in again.";
    BAD_ANSWER: "没有选择结果。请回到这一件，按一个按钮。", "No answer was chosen. Go back to the question and press one of its buttons.";
}

// The questions.
words! {
    DIFFERING: "说法不一", "Values that differ";
    DOUBTS: "自相矛盾", "Contradictions";
    ASKED: "要核定", "Question";
    WHOM: "所说的人", "Who";
    WHOM_OR_WHAT: "所说的人或记录", "Who or what";
    FIELD: "项目", "Field";
}

/// What is asked.
pub(crate) fn question(kind: QuestionKind, lang: Lang) -> &'static str {
    let words = match kind {
        QuestionKind::Same => Words {
            zh: "是否同一人",
            en: "The same person?",
        },
        QuestionKind::Number => Words {
            zh: "同号不同名",
            en: "One number, two names",
        },
        QuestionKind::Merge => Words {
            zh: "合并待复核",
            en: "Confirm a merge",
        },
    };
    words.get(lang)
}

/// The row of a file.
pub(crate) fn row_of(place: &(String, i64), lang: Lang) -> String {
    let (file, row) = place;
    match (lang, file.is_empty()) {
        (_, true) => String::new(),
        (Lang::Zh, _) => format!("{file} 第{row}行"),
        (Lang::En, _) => format!("{file}, row {row}"),
    }
}

/// Who proposed a merge.
pub(crate) fn proposed_by(who: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{who} 提出"),
        Lang::En => format!("proposed by {who}"),
    }
}

/// How many wait.
pub(crate) fn waiting(number: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("还有{}件", count(number)),
        Lang::En => format!("{} wait", count(number)),
    }
}

/// A weight: `+8.2`.
pub(crate) fn weight(centibits: i32) -> String {
    let sign = if centibits < 0 { "−" } else { "+" };
    let tenths = centibits.unsigned_abs() / 10;
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// The sum of the weights in words.
#[allow(
    clippy::float_arithmetic,
    reason = "a likelihood is shown, and nothing rests on it"
)]
pub(crate) fn likelihood(weighed: &Weighed, lang: Lang) -> String {
    let share = 100.0 / (1.0 + (-f64::from(weighed.bits) / 100.0).exp2());
    match lang {
        Lang::Zh if share > 99.9 => "99.9%以上可能是同一人".to_owned(),
        Lang::Zh if share < 0.1 => "几乎不可能是同一人".to_owned(),
        Lang::Zh => format!("约{share:.1}%可能是同一人"),
        Lang::En if share > 99.9 => "more than 99.9 % likely to be the same person".to_owned(),
        Lang::En if share < 0.1 => "hardly the same person".to_owned(),
        Lang::En => format!("about {share:.1} % likely to be the same person"),
    }
}

/// The sign of a level, its class, and the level in words unless the sign says it all.
pub(crate) fn agreement(
    level: Likeness,
    lang: Lang,
) -> Option<(&'static str, &'static str, &'static str)> {
    match level {
        Likeness::Blank => None,
        Likeness::Equal => Some(("＝", "holds", "")),
        Likeness::Different => Some(("≠", "fails", "")),
        between => Some(("≈", "open", between.label(lang))),
    }
}

/// What was just written.
pub(crate) fn done(commit: i64, what: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("已记入（第{commit}号提交）：{what}。"),
        Lang::En => format!("Recorded as commit {commit}: {what}."),
    }
}

#[cfg(test)]
mod tests {
    use super::weight;

    #[test]
    fn weights_have_a_sign() {
        assert_eq!(weight(823), "+8.2");
        assert_eq!(weight(-1296), "−12.9");
        assert_eq!(weight(0), "+0.0");
    }
}
