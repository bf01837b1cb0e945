//! What several pages say by themselves, in both languages; what only one says stands at its end, and the rest comes from the pack and
//! the ledger. Chinese is written for clerks of a street office, not translated.

use kernel::Lang;

pub(crate) use desk::*;
pub(crate) use lists::*;
pub(crate) use sentences::*;

/// Words in both languages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// The words in one language.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }
}

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)+) => {
        $(pub(crate) const $name: $crate::words::Words = $crate::words::Words { zh: $zh, en: $en };)+
    };
}

mod desk;
mod lists;
mod sentences;

// The frame.
words! {
    PROGRAMMES: "项目", "Programmes";
    PEOPLE: "人员", "People";
    REGISTERS: "登记册", "Registers";
    INDICATORS: "指标", "Indicators";
    UNITS: "单位", "Units";
    REVIEW: "待核", "Review";
    ACTIONS: "办理", "Actions";
    IMPORTS: "导入", "Imports";
    LOG: "访问日志", "Access log";
    SHOW: "查看", "Show";
    PAGES: "翻页", "Pages";
    PREVIOUS: "上一页", "Previous";
    NEXT: "下一页", "Next";
    NEEDED: "必填", "required";
    TAKEN_BACK: "已撤回", "taken back";
    COMMA: "、", ", ";
    SEMICOLON: "；", "; ";
    COLON: "：", ": ";
}

// Trouble, and what to do about it.
words! {
    TOO_LONG_QUESTION: "输入的内容过长，请控制在60个字以内。", "What was entered is too long; keep it within 60 characters.";
    BAD_DATE: "日期请写成 2025-12-31 的样子，年份在1990至2100之间。", "Write the date as 2025-12-31, between the years 1990 and 2100.";
    BAD_LIST: "没有这个名单。", "There is no such list.";
}

// Lists.
words! {
    AS_WORKBOOK: "导出 Excel", "Export to Excel";
    AS_CSV: "导出 CSV", "Export as CSV";
    PRINT_WHOLE: "整份打印", "Print it whole";
    BACK_TO_PAGES: "回到分页名单", "Back to the pages";
}

// Lists of a programme.
words! {
    UNIT: "单位", "Unit";
    ALL_UNITS: "全部单位", "All units";
    VALUE: "数值", "Value";
    NAME: "姓名", "Name";
    ID_NUMBER: "公民身份号码", "ID number";
    NOT_HERE: "（不在查看范围）", "(not in view)";
    ENROLLED_NOW: "现已在享", "on the benefit list";
}

// People.
words! {
    FIND: "查找", "Find";
    SEX: "性别", "Sex";
    BORN: "出生日期", "Born";
    UNKNOWN: "未知", "unknown";
    WITHHELD: "不予显示", "withheld";
    HAS_UNREAD: "（另有读不出的内容）", "(something unreadable besides)";
    UNREAD: "读不出的内容", "What couldn't be read";
    REGISTER: "册", "Register";
    SOURCE: "来源", "Source";
}

// Figures.
words! {
    ROWS: "明细", "Rows";
    DASHBOARDS: "看板", "Dashboards";
    NO_ROWS: "没有记录。", "There is nothing to list.";
}

// The access log.
words! {
    WHEN: "时间", "When";
    WHO: "谁", "Who";
}

/// The lists and what they mean.
pub(crate) const LISTS_EXPLAINED: [(Words, Words); 6] = [
    (
        Words {
            zh: "应享未享",
            en: "Missed",
        },
        Words {
            zh: "符合全部条件，却不在享受名单上。核实后应当纳入。",
            en: "Every condition holds, but the person is not on the benefit list. To be taken on after review.",
        },
    ),
    (
        Words {
            zh: "在享不再符合",
            en: "No longer entitled",
        },
        Words {
            zh: "在享受名单上，现在至少有一项条件不符合。核实后停发，此前依规领取的不追回。",
            en: "On the benefit list, but at least one condition fails now. To be stopped after review; what was lawfully received is not claimed back.",
        },
    ),
    (
        Words {
            zh: "待核实",
            en: "To find out",
        },
        Words {
            zh: "缺少事实，判断不了。这就是入户走访的名单，列明要问清什么。",
            en: "A fact is missing, so it cannot be told. This is the visit list; it says what to ask.",
        },
    ),
    (
        Words {
            zh: "待名册",
            en: "Waiting for lists",
        },
        Words {
            zh: "缺的事实要看名册：名册没到、过期，或有同名的行没落实。不必上门，名册到了自动有结论；也可当面问明。",
            en: "What is lacking is told by lists that haven't come, are too old, or have a row of that name that wasn't placed. Nobody has to be visited: with the list there is an answer.",
        },
    ),
    (
        Words {
            zh: "符合，是否在享不明",
            en: "Entitled, enrolment unknown",
        },
        Words {
            zh: "符合全部条件，但没有覆盖本人的享受名册，不知道是否已在享。",
            en: "Every condition holds, but no benefit list covers them: whether they are on one isn't known.",
        },
    ),
    (
        Words {
            zh: "已享",
            en: "Served",
        },
        Words {
            zh: "符合全部条件，也在享受名单上。",
            en: "Every condition holds, and the person is on the benefit list.",
        },
    ),
];
