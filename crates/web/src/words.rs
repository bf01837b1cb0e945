//! Every word the pages say by themselves, in both languages; the rest comes from the pack and the ledger. Chinese is written
//! for clerks of a street office, not translated.

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
        $(pub(crate) const $name: Words = Words { zh: $zh, en: $en };)+
    };
}

mod desk;
mod lists;
mod sentences;

// The frame.
words! {
    PRODUCT: "台账", "Taizhang";
    SKIP: "跳到正文", "Skip to content";
    NAVIGATION: "导航", "Navigation";
    WAY: "所在位置", "Where you are";
    OVERVIEW: "总览", "Overview";
    PROGRAMMES: "项目", "Programmes";
    PEOPLE: "人员", "People";
    INDICATORS: "指标", "Indicators";
    UNITS: "单位", "Units";
    REVIEW: "待核", "Review";
    IMPORTS: "导入", "Imports";
    LOG: "访问日志", "Access log";
    AS_OF: "核对日期", "On";
    SHOW: "查看", "Show";
    FOOT: "本页只供查阅。每个数字都可以点开，看到它数的是谁；每次查阅个人信息都记入访问日志。", "Read-only. Every figure opens to the rows it counts; every reading of personal data is kept in the access log.";
    FOOT_WRITES: "每个数字都可以点开，看到它数的是谁；每次查阅个人信息都记入访问日志，每次办理都记下是谁、何时，可以撤回。", "Every figure opens to the rows it counts; every reading of personal data is kept in the access log, and everything done is kept with who did it and when, and can be taken back.";
    PAGES: "翻页", "Pages";
    FIRST: "首页", "First";
    PREVIOUS: "上一页", "Previous";
    NEXT: "下一页", "Next";
    LAST: "末页", "Last";
    COMMA: "、", ", ";
    SEMICOLON: "；", "; ";
    COLON: "：", ": ";
}

// Trouble, and what to do about it.
words! {
    ABSENT: "没有这一页", "There is no such page";
    ABSENT_WHAT: "您要找的内容不存在，或者不在您可以查看的单位范围内。", "What you are looking for does not exist, or is outside the units you may see.";
    ABSENT_DO: "请核对网址；如果是从旧名单点进来的，此人可能已迁出或销户，可以按姓名重新查找，或换一个核对日期。", "Check the address. If an old list led you here, the record may have moved or been closed: search by name, or choose another date.";
    QUESTION: "网址里有一处无法识别", "Part of the address could not be understood";
    QUESTION_DO: "请改正后再试，或从首页重新进入。", "Correct it and try again, or start from the first page.";
    FAILED: "这一页暂时打不开", "This page cannot be shown now";
    FAILED_DO: "台账中的内容没有改动。请稍后刷新；如果仍打不开，请把上面这句话告诉系统管理员。", "Nothing in the ledger was changed. Try again shortly; if it still fails, pass the sentence above to your administrator.";
    TO_FIRST_PAGE: "回到首页", "To the first page";
    UNREADABLE_ADDRESS: "网址中的参数无法识别。", "The questions in the address cannot be read.";
    TOO_MANY_QUESTIONS: "网址中的参数过多。", "The address asks too many things at once.";
    TOO_LONG_QUESTION: "输入的内容过长，请控制在60个字以内。", "What was entered is too long; keep it within 60 characters.";
    BAD_DATE: "日期请写成 2025-12-31 的样子，年份在1990至2100之间。", "Write the date as 2025-12-31, between the years 1990 and 2100.";
    BAD_PERIOD: "期间请写成 2025、2025H1、2025Q3 或 2025-07 的样子，年份在1990至2100之间。", "Write the period as 2025, 2025H1, 2025Q3 or 2025-07, between the years 1990 and 2100.";
    BAD_UNIT: "单位代码应为12位数字。", "A unit code has 12 digits.";
    BAD_PAGE: "页码应为从1开始的整数。", "A page is a whole number from 1.";
    BAD_LIST: "没有这个名单。", "There is no such list.";
}

// Lists of a programme.
words! {
    PROGRAMME: "项目", "Programme";
    ENTITLED: "符合条件", "Entitled";
    NOT_IN_FORCE: "当日尚未施行", "not in force on this date";
    UNIT: "单位", "Unit";
    ALL_UNITS: "全部单位", "All units";
    WHERE_PEOPLE_STAND: "各项目核对结果", "Where people stand with each programme";
    BY_UNIT: "各单位情况", "By unit";
    UNITS_NOTE: "点开单位，查看它的数字和各项目名单。", "Open a unit for its figures and lists.";
    LISTS: "名单", "Lists";
    CONDITIONS: "条件", "Conditions";
    CONDITIONS_NOTE: "各项条件须同时符合。一项不符合即为不符合；没有不符合、但有事实缺失的，为无法判断，列入待核实。", "All must hold. One that fails decides; where none fails but a fact is missing, it cannot be told, and the person is put on the list to find out.";
    RULE: "判定式", "Rule";
    BASIS: "依据", "Basis";
    PARAMETERS: "标准与参数", "Rates and parameters";
    PARAMETER: "参数", "Parameter";
    VALUE: "数值", "Value";
    IN_FORCE_FROM: "起始日期", "From";
    ILLUSTRATIVE: "示例值", "illustrative";
    ILLUSTRATIVE_WHY: "未查到正式文件，仅作示例；使用前请按本地文件改定。", "No official text was found; set it by your local documents before use.";
    PAYMENT: "发放", "Payment";
    PAID_MONTHLY: "按月计发，当月符合发放条件的，按当月标准全额计。", "Counted by month; each month that is due is paid in full at its rate.";
    PAID_YEARLY: "按年计发，当年符合发放条件的，按当年标准计。", "Counted by year; each year that is due is paid at its rate.";
    DUE: "当期应发的条件", "When a step is due";
    AMOUNT: "当期金额（分）", "Amount of a step (fen)";
    NAME: "姓名", "Name";
    ID_NUMBER: "公民身份号码", "ID number";
    REASON: "原因", "Reason";
    NOT_HERE: "（不在查看范围）", "(not in view)";
    WHY_MISSED: "各项条件都符合，享受名单上没有", "Every condition holds; not on the benefit list";
    WHY_SERVED: "各项条件都符合，已在享受名单上", "Every condition holds; on the benefit list";
    WHY_NO_SUBJECT: "在享受名单上，但已不是本项目的对象（如婚姻关系已终止）", "On the benefit list, but no longer a subject of this programme (the marriage has ended, for instance)";
    ENROLLED_NOW: "现已在享", "on the benefit list";
}

// People.
words! {
    FIND_PERSON: "查找人员", "Find a person";
    FIND_HINT: "姓名或公民身份号码", "Full name or ID number";
    FIND: "查找", "Find";
    FIND_NOTE: "请输入完整的姓名，或完整的公民身份号码。号码只用于查找，不会留在页面和链接里。", "Enter the full name or the full ID number. A number is used for the search only; it is not kept on pages or in links.";
    NO_SUCH_NAME: "没有找到这个姓名。请核对用字；如果不确定，可以改用公民身份号码查找。", "Nobody of this name was found. Check the characters, or search by ID number.";
    NUMBER_BY_FORM: "公民身份号码请在上面的框中输入；地址栏里的号码不作查找。", "Type an ID number into the form; one in an address isn't looked for.";
    NO_SUCH_NUMBER: "没有找到这个号码的人。请核对号码；此人也可能不在您可以查看的单位。", "Nobody with this number was found. Check it; the person may also be outside the units you may see.";
    SEX: "性别", "Sex";
    BORN: "出生日期", "Born";
    WHO_THIS_IS: "基本情况", "Who this is";
    DECEASED: "此人已登记死亡。", "This person is recorded as dead.";
    DECEASED_MARK: "（已故）", "(dead)";
    ANSWERS: "各项目核对结果", "What each programme says";
    NOT_ASKED: "不是对象，或当日尚未施行", "not a subject, or not in force on this date";
    MISSED_FLAG: "应享未享", "missed";
    TOGETHER_WITH: "共同对象：", "Together with:";
    ANSWER: "结果", "Answer";
    CONDITION: "条件", "Condition";
    FACTS: "依据的事实", "Facts";
    HOLDS: "符合", "holds";
    FAILS: "不符合", "fails";
    CANNOT_TELL: "缺事实，无法判断", "cannot tell";
    UNKNOWN: "未知", "unknown";
    WITHHELD: "不予显示", "withheld";
    NO_RECORD: "无记录", "no record";
    SEE_CONDITIONS: "条件、依据与名单", "Conditions, basis and lists";
    FAMILY: "家庭与亲属", "Household and kin";
    NO_FAMILY: "没有登记同户人员或亲属。", "No household members or kin are recorded.";
    SAME_HOUSEHOLD: "同户人员", "Household";
    KIN: "亲属", "Kin";
    KINSHIP: "关系", "Relation";
    STATE: "现状", "State";
    RELATION_TO_HEAD: "与户主关系", "Relation to head";
    LIVING_HERE: "居住", "Lives here";
    MEMBERS: "户内人员", "Members";
    NO_MEMBERS: "在这个日期，户内没有人员。", "On this date the household has no members.";
    RECORDS: "在册记录", "Records";
    HISTORY: "记录的变动", "History of the records";
    HISTORY_NOTE: "最近记入的在前。生效日期是事情发生的日子，记入时间（北京时间）是台账知道它的时候。", "The latest first. Valid from is when it became true; recorded is when the ledger learnt of it (China time).";
    RECORDED_AT: "记入时间", "Recorded";
    REGISTER: "册", "Register";
    ENTRY: "变动", "Entry";
    VALID_FROM: "生效日期", "Valid from";
    CONTENT: "内容", "Content";
    SOURCE: "来源", "Source";
    YES: "是", "yes";
    NO: "否", "no";
}

// Figures.
words! {
    INDICATOR: "指标", "Indicator";
    COUNTED_IN: "单位", "Unit";
    NOTE: "口径", "Note";
    PERIOD: "期间", "Period";
    ROWS: "明细", "Rows";
    NO_ROWS: "没有记录。", "There is nothing to list.";
    HOW_MADE: "怎么算的", "How it is made";
    QUERY: "查询语句", "Query";
    SOME_NOT_SPLIT: "只列出能按单位分开计算的指标。", "Only indicators that can be told by unit are listed.";
}

// The access log.
words! {
    LOG_NOTE: "谁在什么时候、为什么看过哪些单位的数据；最近的在前，时间为北京时间。", "Who read the data of which units, when and why; the latest first, in China time.";
    WHEN: "时间", "When";
    WHO: "谁", "Who";
    WHY: "事由", "Why";
    POST: "岗位", "Post";
    SHOWN_IN_CLEAR: "明文显示", "In clear";
    WHAT: "看了什么", "What";
}

/// The lists and what they mean.
pub(crate) const LISTS_EXPLAINED: [(Words, Words); 4] = [
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
            zh: "已享",
            en: "Served",
        },
        Words {
            zh: "符合全部条件，也在享受名单上。",
            en: "Every condition holds, and the person is on the benefit list.",
        },
    ),
];
