//! What is told of a cell that was read: what was put right, what is doubtful, and why there is no value. It is kept small, because
//! a bad list has one for every row, and is put into words only when it is shown.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use kernel::{DecimalFault, Document, DocumentFault, FenFault, IdFault, Lang, PartialDate, Repair};

use crate::Text;

/// How much it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Something was put right.
    Repaired,
    /// Somebody should look at it. If nothing was kept, nothing is to be had.
    Doubt,
    /// What stands there can't be taken.
    Refused,
}

/// One thing told of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An ID number was put right.
    Id(Repair),
    /// Spaces, full-width characters or the like were put right.
    Spelling,
    /// What only says that it is text was taken away: `="…"`, an apostrophe before it.
    Unwrapped,
    /// The `.0` of an exporter's float was taken away.
    Zeros,
    /// A formula's value was taken, as the file keeps it.
    Computed,
    /// A date was understood from another spelling.
    DateSpelling(Date),
    /// A date of which only a part is known was understood from another spelling.
    PartialSpelling(PartialDate),
    /// A moment was understood from another spelling.
    MomentSpelling(Timestamp),
    /// Only a month was given of something that goes by months; its first day was taken.
    MonthOnly(Date),
    /// A number was understood as a spreadsheet's day count.
    DaySerial(Date),
    /// What programs write where there is no date was taken as blank.
    NoDate(Box<str>),
    /// A dash or the like was understood as blank.
    Placeholder,
    /// A telephone number was kept without these words beside it.
    PhoneRemark(Box<str>),
    /// The number of a document was kept without these words behind it.
    NumberRemark(Box<str>),
    /// Characters of old systems, radicals and compatibility forms became those in general use.
    Encoded,
    /// What tells records apart was a number: zeros before it would be gone.
    KeyIsNumber,

    /// Of several telephone numbers in a cell the first was kept.
    OtherPhone,
    /// An ID number begins with no code that a county ever had.
    NoRegion,
    /// A character that means something else on every system was kept as it is.
    PrivateUse(char),
    /// A year and `.1`: January, or October.
    JanuaryOrOctober(Box<str>),
    /// Only the month or the year is given where a day is needed.
    DayUnknown(PartialDate),
    /// Only the day is given where a moment is needed.
    TimeUnknown(Box<str>),
    /// A year of two digits that may be of either century.
    CenturyUnclear(Box<str>),
    /// Another document than the citizen's 18 digits.
    OtherDocument(Box<Document>),
    /// Not a telephone number.
    NotAPhone(Box<str>),

    /// A number of which a spreadsheet lost digits.
    LostDigits(Box<str>),
    /// What tells records apart was made a date.
    KeyIsDate(Date),
    /// A mark for "as above".
    Ditto,
    /// Not an ID number.
    NotAnId(IdFault),
    /// Not a document.
    NotADocument(Box<DocumentFault>),
    /// Born after the day.
    BornLater {
        /// The birth.
        birth: Date,
        /// The day.
        on: Date,
    },
    /// Not a date.
    NotADate(Box<str>),
    /// Not a moment.
    NotAMoment(Box<str>),
    /// Not a word of the code list.
    NotInCode {
        /// What is written.
        written: Box<str>,
        /// Some of the words that would be understood.
        words: Box<[Text]>,
    },
    /// Not an amount.
    NotAnAmount(FenFault),
    /// Not a whole number.
    NotAnInteger(Box<str>),
    /// Not a decimal number of so many places.
    NotADecimal {
        /// What is written.
        written: Box<str>,
        /// What is wrong.
        fault: DecimalFault,
    },
    /// Neither yes nor no.
    NotABool(Box<str>),
    /// Not a unit code.
    NotAUnit(Box<str>),
    /// Several units are called so.
    SeveralUnits(Box<str>),
    /// More characters than are kept.
    TooLong(usize),
    /// More things in a list than are kept.
    TooMany(Box<str>),
    /// A formula that was never worked out.
    NotComputed,
    /// An error value such as `#N/A`.
    ErrorValue,
    /// A value of the wrong kind, such as yes or no in a column of words.
    WrongKind,
}

impl Told {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        match self {
            Told::Id(_)
            | Told::Spelling
            | Told::Unwrapped
            | Told::Zeros
            | Told::Computed
            | Told::DateSpelling(_)
            | Told::PartialSpelling(_)
            | Told::MomentSpelling(_)
            | Told::MonthOnly(_)
            | Told::DaySerial(_)
            | Told::NoDate(_)
            | Told::Placeholder
            | Told::PhoneRemark(_)
            | Told::NumberRemark(_)
            | Told::Encoded
            | Told::KeyIsNumber => Weight::Repaired,
            Told::OtherPhone
            | Told::NoRegion
            | Told::PrivateUse(_)
            | Told::JanuaryOrOctober(_)
            | Told::DayUnknown(_)
            | Told::TimeUnknown(_)
            | Told::CenturyUnclear(_)
            | Told::OtherDocument(_)
            | Told::NotAPhone(_) => Weight::Doubt,
            _ => Weight::Refused,
        }
    }

    /// What was found and, where something has to be done, what.
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Told::Id(repair) => return repair.message(lang).to_owned(),
            Told::NotAnId(fault) => return fault.message(lang),
            Told::NotAnAmount(fault) => return fault.message(lang),
            Told::NotADocument(fault) => return fault.message(lang),
            _ => (),
        }
        let (zh, en) = self.put_right().unwrap_or_else(|| self.not_taken());
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn put_right(&self) -> Option<(String, String)> {
        Some(match self {
            Told::Spelling => (
                "已去除多余的空格或全角字符".into(),
                "spaces or full-width characters were put right".into(),
            ),
            Told::Unwrapped => (
                "已去除表示文本的等号、引号".into(),
                "the marks that only say it is text were taken away".into(),
            ),
            Told::Zeros => (
                "已去除导出时多出的“.0”".into(),
                "the “.0” that an export added was taken away".into(),
            ),
            Told::Computed => (
                "单元格是公式，已采用其保存的结果".into(),
                "the cell holds a formula; the result that the file keeps was taken".into(),
            ),
            Told::DateSpelling(day) => (format!("已读作 {day}"), format!("read as {day}")),
            Told::PartialSpelling(partial) => (
                format!("已读作 {}", partial.label(Lang::Zh)),
                format!("read as {}", partial.label(Lang::En)),
            ),
            Told::MomentSpelling(at) => {
                let at = Offset::constant(8).to_datetime(*at);
                (
                    format!("已读作北京时间 {} {}", at.date(), at.time()),
                    format!("read as {} {}, Beijing time", at.date(), at.time()),
                )
            }
            Told::MonthOnly(day) => (
                format!("只写到月，按月计，自 {day} 起"),
                format!("only the month is given; as it goes by months, {day} was taken"),
            ),
            Told::DaySerial(day) => (
                format!("数值已按日期读作 {day}"),
                format!("the number was read as the date {day}"),
            ),
            Told::NoDate(written) => (
                format!("“{written}”不是真实日期，按空白处理"),
                format!("“{written}” stands for no date and was taken as blank"),
            ),
            Told::Placeholder => (
                "占位符号按空白处理".into(),
                "the placeholder was taken as blank".into(),
            ),
            Told::PhoneRemark(remark) => (
                format!("电话已去除备注“{remark}”"),
                format!("the telephone number was kept without “{remark}”"),
            ),
            Told::NumberRemark(remark) => (
                format!("号码已去除备注“{remark}”"),
                format!("the number was kept without “{remark}”"),
            ),
            Told::OtherPhone => (
                "一格中有几个电话，已取第一个，请核对".into(),
                "several telephone numbers in one cell; the first was taken, check it".into(),
            ),
            Told::NoRegion => (
                "号码前六位不是任何县级行政区划用过的代码，已照收，请核对".into(),
                "the first six digits are the code of no county there ever was; it was taken, check it".into(),
            ),
            Told::Encoded => (
                "旧系统的自造字、部首字符已转为通用汉字".into(),
                "characters of an old system were turned into those in general use".into(),
            ),
            Told::KeyIsNumber => (
                "编号存成了数值，已按文字读取；前面如有 0 已丢失，请核对".into(),
                "a number stands where words identify; it was read as words, without any zeros before it: check it".into(),
            ),
            Told::PrivateUse(c) => (
                format!("含自造字（U+{:04X}），已原样保留；请核对是哪个字", u32::from(*c)),
                format!(
                    "a character of the sender's own (U+{:04X}) was kept as it is; check which one is meant",
                    u32::from(*c)
                ),
            ),
            _ => return None,
        })
    }

    fn not_taken(&self) -> (String, String) {
        match self {
            Told::JanuaryOrOctober(written) => (
                format!("“{written}”可能是 1 月，也可能是 10 月，月份按不详处理；请写明是 1990-01 还是 1990-10 这样的月份"),
                format!("“{written}” may be January or October, so the month isn't known; write 1990-01 or 1990-10"),
            ),
            Told::DayUnknown(partial) => (
                format!("只写了{}，未写到日；请写到日，格式如 2025-07-01", partial.label(Lang::Zh)),
                format!("only {} is given, not the day: give the day, too, such as 2025-07-01", partial.label(Lang::En)),
            ),
            Told::TimeUnknown(written) => (
                format!("“{written}”只有日期，没有时刻；请写上时刻，格式如 2025-07-01 08:30"),
                format!("“{written}” has no time of day: give it, too, such as 2025-07-01 08:30"),
            ),
            Told::CenturyUnclear(written) => (
                format!("“{written}”的年份只有两位，无法确定；年份请写四位，格式如 1990-05-01"),
                format!("the year of “{written}” has two digits and isn't clear: write four digits, such as 1990-05-01"),
            ),
            Told::OtherDocument(document) => (
                format!("是{}，不是公民身份号码", document.kind().label(Lang::Zh)),
                format!("is a document of another kind ({}), no citizen's ID number", document.kind().label(Lang::En)),
            ),
            Told::NotAPhone(written) => (
                format!("“{written}”不是电话号码"),
                format!("“{written}” isn't a telephone number"),
            ),
            Told::LostDigits(written) => (
                format!("“{written}”被表格存成了数值，末尾几位已丢失；请将该列设为文本格式后重新填写"),
                format!("“{written}” was kept as a quantity and its last digits are lost; format the column as text and enter it again"),
            ),
            Told::KeyIsDate(day) => (
                format!("编号被表格改成了日期（{day}），原来的编号已丢失；请将该列设为文本格式后重新填写"),
                format!("a spreadsheet made a date ({day}) of what identifies the record; format the column as text and enter it again"),
            ),
            Told::Ditto => (
                "写的是“同上”；请把内容填完整，以免行序改变后张冠李戴".into(),
                "only says “as above”; write it out, since rows may be in another order".into(),
            ),
            Told::BornLater { birth, on } => (
                format!("出生日期 {birth} 晚于 {on}，请核对"),
                format!("born on {birth}, after {on}; check it"),
            ),
            Told::NotADate(written) => (
                format!("“{written}”不是日期；请按“年-月-日”填写，格式如 2025-07-01"),
                format!("“{written}” isn't a date; write year, month and day, such as 2025-07-01"),
            ),
            Told::NotAMoment(written) => (
                format!("“{written}”不是时刻；请按“年-月-日 时:分”填写，格式如 2025-07-01 08:30"),
                format!("“{written}” isn't a moment; write day and time, such as 2025-07-01 08:30"),
            ),
            Told::NotInCode { written, words } => (
                format!("“{written}”无法识别，可填：{}", names(words, Lang::Zh).join("、")),
                format!("“{written}” isn't understood; write one of {}", names(words, Lang::En).join(", ")),
            ),
            Told::NotAnInteger(written) => (
                format!("“{written}”不是整数"),
                format!("“{written}” isn't a whole number"),
            ),
            Told::NotADecimal { written, fault } => (
                format!("“{written}”{}，请核对", fault.message(Lang::Zh)),
                format!("“{written}” {}; check it", fault.message(Lang::En)),
            ),
            Told::NotABool(written) => (
                format!("“{written}”无法识别，请填“是”或“否”"),
                format!("“{written}” is neither yes nor no; write 是 or 否"),
            ),
            Told::NotAUnit(written) => (
                format!("没有叫“{written}”的单位；请写单位名称或 12 位代码"),
                format!("there is no unit “{written}”; write its name, or its code of 12 digits"),
            ),
            Told::SeveralUnits(written) => (
                format!("有几个单位都叫“{written}”；请写 12 位代码"),
                format!("several units are called “{written}”; write the code of 12 digits"),
            ),
            Told::TooLong(most) => (
                format!("超过 {most} 字，请缩短"),
                format!("longer than {most} characters; shorten it"),
            ),
            Told::TooMany(written) => (
                format!("“{written}”项数过多，请减少"),
                format!("“{written}” has too many items; list fewer"),
            ),
            Told::NotComputed => (
                "单元格是公式，文件里没有它的结果；请用表格软件打开并保存，或“选择性粘贴—数值”后再导入".into(),
                "the cell holds a formula whose result the file doesn't keep; open and save it in a spreadsheet program, or paste it as values".into(),
            ),
            Told::ErrorValue => (
                "单元格是错误值（如 #N/A），请改正".into(),
                "the cell holds an error value such as #N/A; correct it".into(),
            ),
            _ => (
                "单元格内容的类型不对，请核对是否错列".into(),
                "the cell holds another kind of value; check whether columns are shifted".into(),
            ),
        }
    }
}

fn names(words: &[Text], lang: Lang) -> Vec<&str> {
    words.iter().map(|name| name.get(lang)).collect()
}
