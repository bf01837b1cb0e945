//! What is said at the desk: who is there, what lists left to people, and what was answered.

use kernel::Lang;
use office::Likeness;
use office::{QuestionKind, Weighed};

use super::Words;
use crate::plain::count;

// Who is at the desk.
words! {
    DESK: "办理人", "Who is at the desk";
    DESK_WHY: "办理前请写明是谁：姓名会记入每次办理。两人的合并须由另一人复核，所以请写自己的姓名。", "Say who you are first: the name goes into everything done. That two people are one takes two of you, so give your own name.";
    YOUR_NAME: "您的姓名", "Your name";
    TAKE_THE_DESK: "开始办理", "Begin";
    AT_THE_DESK: "办理人", "At the desk";
    SOMEBODY_ELSE: "换人", "somebody else";
    SAY_WHO: "选择办理人", "Say who you are";
    NO_POST: "此人在本台账中没有岗位，不能办理。请选择任职人，或由有任免职责的人员先行任命。", "They hold no post in this ledger. Choose somebody who does, or have them appointed by somebody whose duty that is.";
    BAD_NAME: "请写上姓名，不超过40个字。", "Give a name of at most 40 characters.";
}

// Trouble with what is done.
words! {
    READ_ONLY: "这里只供查阅", "These pages only show";
    READ_ONLY_WHAT: "这个网页没有打开办理功能，台账没有改动。", "Nothing can be done on these pages, and nothing was.";
    READ_ONLY_DO: "要办理，请在存放台账的电脑上运行 taizhang serve（不加 --read-only），再打开它给出的地址。", "To do it, run taizhang serve without --read-only on the computer the ledger is on, and open the address it gives.";
    NOBODY: "还没有写明办理人", "Nobody is at the desk";
    NOBODY_WHAT: "台账没有改动：每次办理都要记下是谁办的。", "Nothing was changed: everything done is kept with who did it.";
    NOBODY_DO: "请先写上姓名，再重新办理。", "Give your name, then do it again.";
    NOT_DONE: "没有办成", "This was not done";
    NOT_DONE_DO: "台账没有改动。", "Nothing in the ledger was changed.";
    UNREADABLE_FORM: "提交的内容不完整。请回到上一页重新填写。", "What was sent is not complete. Go back and fill it in again.";
    BAD_ANSWER: "没有选择结果。请回到这一件，按一个按钮。", "No answer was chosen. Go back to the question and press one of its buttons.";
    TO_QUEUE: "回到待核列表", "To the questions";
    TO_JOURNAL: "回到导入记录", "To the journal";
}

// The questions.
words! {
    REVIEW_NOTE: "名册上没有身份证号、又不能断定是谁的行，留在这里由人核定；提出的合并也在这里等另一人复核。核定一件，那一行随即照办，如同刚刚导入。", "Rows without an ID number that may be of somebody known are left here for a person to say; proposed merges wait here for a second person. An answer is carried out at once, as if the row had just come in.";
    NO_QUESTIONS: "没有待核事项：导入的每一行都已知道是谁，没有说法不一的项，也没有合并等着复核。导入新的名册后，拿不准的会出现在这里。", "No questions wait: it is clear of whom every row is, nothing is said otherwise, and no merge waits to be confirmed. When a list comes in, what is not clear appears here.";
    DIFFERING: "说法不一", "Said otherwise";
    DIFFERING_NOTE: "两份名册同一天对同一项说法不同，谁也不比谁更权威；两个单位同一天都说人在本单位的，也在这里。请核实后选一个，此后更晚的名册照样算数。可以撤回。", "Two lists of one day say otherwise of the same, and neither counts more; or two units claim somebody as of one day. Find out, and choose; a later list counts as ever. It can be taken back.";
    DOUBTS: "自相矛盾", "Contradictions";
    DOUBTS_NOTE: "台账中互相矛盾的内容，按规则包里的核对项逐日核对得出。内容改正以后，这里自然没有；核实无误的可以不管。", "What contradicts itself in the ledger, by the checks of the pack. Once it is put right it is gone from here; what was found to be true may stay.";
    DOUBT: "核对项", "Check";
    STANDS_THERE: "台账所记", "What the ledger has";
    SAID_OTHERWISE: "各方所说", "What each says";
    STANDS_MEANWHILE: "暂以此为准", "stands meanwhile";
    THIS_IS_RIGHT: "以此为准", "This is right";
    NO_QUESTIONS_HERE: "这个单位没有待核事项。", "No questions of this unit wait.";
    WAITING: "待核", "waiting";
    MERGES: "待复核的合并", "merges to confirm";
    ROWS_ASKED: "名册行是谁", "rows: who is it";
    NUMBERS_ASKED: "同号不同名", "one number, two names";
    ASKED: "要核定", "Question";
    WHOM: "所说的人", "Who";
    FROM_LIST: "出自", "From";
    START: "从第一件开始", "Begin with the first";
    THE_ROW: "名册行", "The row";
    STAYS: "保留", "Stays";
    GOES: "并入", "Goes";
    FIELD: "项目", "Field";
    BEGINNING: "起点", "To begin with";
    BEGINNING_WHY: "任取两条，本来就是同一人的可能", "how likely any two are one before anything is compared";
    REST_OF_HOUSEHOLD: "家人", "Household";
    TOTAL: "合计", "Total";
    BITS: "比特", "bits";
    MARKS_NOTE: "＝ 相同，≈ 相近，≠ 不同。", "＝ equal, ≈ alike, ≠ different.";
    WEIGHTS_NOTE: "每项后面的数是它的分量：每多1比特，是同一人的可能就翻一倍；负数表示不利。没有数的，是提问以后才知道的，或不参与比较。", "The number after each is its weight: one bit more doubles the odds that it is the same person; a negative one speaks against it. Where there is none, it became known after the question was asked, or isn't compared.";
    MASKED_NOTE: "住址、电话、证号按权限只露一部分，比较的是完整的内容；要看全文，请用 taizhang serve --reveal address,phone --why 核对 打开网页。", "Addresses, telephone and ID numbers are shown in part, but compared whole; to see them, open the pages with taizhang serve --reveal address,phone --why review.";
    UNWEIGHED: "同一号码、两个姓名：没有分量可算，请看下面各项。", "One number with two names: nothing was weighed; look at what is said.";
    SAME_PERSON: "同一人", "Same person";
    NEW_PERSON: "另一人（新建）", "Somebody new";
    SET_ASIDE: "搁置", "Set aside";
    MERGE_THEM: "合并", "Merge";
    KEEP_APART: "不合并", "Keep apart";
    SKIP_CASE: "先跳过", "Skip for now";
    ANSWER_KEYS: "按钮上的字母和数字就是快捷键。", "The letter or number on a button is its key.";
    OWN_PROPOSAL: "这个合并是您提出的，须由另一人复核；您可以改为不合并。", "You proposed this merge; somebody else has to confirm it. You may still keep them apart.";
    MERGE_NOTE: "右边的人并入左边的人：他的记录都归左边，左边的空白由他补上，他自己的编号不再使用。可以撤回。", "The one on the right goes into the one on the left: all records become those of the left, whose blanks are filled. It can be taken back.";
    UNDO: "撤回", "Take back";
    PERHAPS_ONE: "如果候选的人其实是同一个人，先提出合并", "If two of the candidates are one person, propose a merge first";
    NO_CANDIDATE: "可能的人都已不在台账中；请选“另一人”或“搁置”。", "Nobody it may be of is in the ledger any more: it is somebody new, or to be set aside.";
}

// Proposing a merge.
words! {
    SAME_AS_OTHER: "与另一人是同一人…", "the same as somebody else…";
    PROPOSE: "提出合并", "Propose a merge";
    PROPOSE_NOTE: "如果台账里有两个人其实是同一人，在这里提出，由另一人复核后合并。保留的是这一位，找到的那一位并入。", "If two people in the ledger are one, propose it here; when somebody else has confirmed it they are merged. This one stays; the one you find goes.";
    OTHERS_NAME: "另一位的姓名", "The other's name";
    NOBODY_ELSE: "没有找到另一位同名的人。请核对用字，或换曾用的姓名再找。", "Nobody else of this name was found. Check the characters, or try another name they used.";
    PROPOSE_THIS: "是同一人", "the same";
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

/// What was decided.
pub(crate) fn decided(decision: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("核定为{decision}"),
        Lang::En => format!("decided: {}", decision.to_lowercase()),
    }
}

/// That the book of a unit was opened.
pub(crate) fn opened_book(unit: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{unit} 开簿"),
        Lang::En => format!("book of {unit} opened"),
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
        Lang::En if share > 99.9 => "the same person with over 99.9 %".to_owned(),
        Lang::En if share < 0.1 => "hardly the same person".to_owned(),
        Lang::En => format!("the same person with about {share:.1} %"),
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
