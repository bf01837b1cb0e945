//! What is said of lists that come in: the journal, taking back, and what an import would do.

use kernel::Lang;
use office::{Finding, KeptBack, LARGEST, Level};

use super::Words;
use crate::plain::count;

// The journal.
words! {
    JOURNAL_NOTE: "台账每次写入都是一次提交：名册导入、核定、合并、撤回。最近的在前，时间为北京时间。哪一次错了，可以整批撤回；撤回本身也留痕。", "Everything written is a commit: a list that came in, an answer, a merge, a taking back. The latest first, in China time. One that was wrong can be taken back as a whole, and that is kept, too.";
    NO_COMMITS: "还没有写入过任何内容。请先导入名册。", "Nothing has been written yet. Import a list first.";
    COMMIT: "提交", "Commit";
    ENTRIES: "条数", "Entries";
    TAKEN_BACK: "撤回情况", "Taken back";
    EARLIER: "更早的", "Earlier";
    NEWEST: "最近的", "Latest";
    TAKE_BACK: "撤回…", "Take back…";
    TAKE_BACK_WHOLE: "撤回这次提交", "Take this commit back";
    TAKE_BACK_NOTE: "撤回后，上面的变动全部不再算数，台账回到没有这次提交的样子；原来的内容和撤回都留痕，可以查到。其他名册也写到的人和事，仍以那些名册为准；之后的登记只以这次新建的记录为依据的，会拒绝撤回，并说明先撤回哪一次。撤回之后不能恢复，只能重新导入或重新办理。", "Afterwards none of the changes above count: the ledger is as if this commit had not been written. Both it and its taking back stay to be read. Whom and what other lists speak of, too, stays as they say. If something written later rests on nothing but it, it is refused, and you are told what to take back first. What was taken back comes back only by doing it again.";
    CANNOT_TAKE_BACK: "这是一次撤回，本身不能再撤回；要恢复，请重新导入或重新办理。", "This took another commit back and can't be taken back itself; to have it again, import or answer again.";
    BOOK_STAYS_OPEN: "簿开了就一直在，不能撤回。", "A book that was opened stays open; this can't be taken back.";
    WHAT_IT_DID: "这次提交的内容", "What it did";
    OPENED: "新建", "Opened";
    CHANGED: "变更", "Changed";
    CLOSED: "销", "Closed";
    MOVED_OR_MERGED: "迁移、合并", "Moved or merged";
    TOO_MANY_TO_COUNT: "条数很多，不在这里分册列出。", "There are too many entries to be counted by register here.";
}

// A list that is to come in.
words! {
    IMPORT_A_LIST: "导入名册", "Import a list";
    NEW_IMPORT_NOTE: "先试导入：只检查，不写入。下一页会说明将新增、变更、离开哪些人，哪些行拿不准、哪些行不能导入，看清楚了再确认写入。", "First a dry run: it only checks and writes nothing. The next page says who would come, change and leave, which rows are not clear and which can't be taken; then you confirm.";
    ROSTER: "名册种类", "Kind of list";
    DAY_OF_LIST: "名册日期", "Day of the list";
    FILE: "文件", "File";
    FILE_HINT: "Excel、WPS 或 CSV（.xlsx .xls .ods .csv）", "a spreadsheet or CSV (.xlsx .xls .ods .csv)";
    ABSENT_PEOPLE: "不在这份名册上的人", "People not on this list";
    ABSENT_GUARDED: "视为离开，但缺得太多时先不动（一般选这个）", "have left, unless very many are missing (the usual choice)";
    ABSENT_LEFT: "视为离开：这是全册", "have left: the list is whole";
    ABSENT_KEPT: "不动：这只是一部分", "stay: the list is a part";
    ABSENT_NOTE: "只对全员名册（如户籍名册、参保名册）有用。", "It matters only for lists of everyone, such as those of the police and of insurance.";
    TRY_IT: "试导入", "Dry run";
    CHOOSE: "请选择", "Choose";
    NO_FILE: "没有选择文件。请选择一个名册文件。", "No file was chosen. Choose the file of the list.";
    NO_ROSTER: "没有选择名册种类。", "No kind of list was chosen.";
    NO_UNIT: "没有选择单位，或单位不在您可以办理的范围内。", "No unit was chosen, or it is outside those you may act for.";
    GONE_UPLOAD: "这次试导入已过期（只保留半小时）。请重新选择文件。", "This dry run is gone; it is kept for half an hour. Choose the file again.";
    DRY_RUN: "试导入", "Dry run";
    IMPORTED: "已导入", "Imported";
    WOULD_HAPPEN: "如果确认，将会这样；现在还没有写入。", "This is what would happen; nothing has been written.";
    HAS_HAPPENED: "已经写入台账。", "It has been written into the ledger.";
    NOTHING_NEW: "这份名册没有带来任何变化，没有写入。", "The list changes nothing; nothing was written.";
    COUNT_ROWS: "名册行", "rows";
    COUNT_OPENED: "带来新建", "opened something";
    COUNT_CHANGED: "带来变更", "changed something";
    COUNT_CLOSED: "带来注销", "closed something";
    COUNT_UNCHANGED: "无变化", "unchanged";
    COUNT_REPEATED: "重复", "repeated";
    COUNT_ASKED: "待核", "to be asked";
    COUNT_REJECTED: "不能导入", "rejected";
    COUNT_PEOPLE: "台账新增人员", "people new to the ledger";
    COUNT_CAME: "名册上新增", "new on the list";
    COUNT_LEFT: "不再在册", "no longer on it";
    COUNT_LISTED: "所填有变", "said otherwise";
    BY_REGISTER: "各册变动", "By register";
    WHO_LEAVES: "不再在册的人", "No longer on the list";
    FINDINGS: "发现的问题", "What was found";
    FINDING_ROWS: "逐行", "Row by row";
    WEIGHT: "轻重", "Weight";
    EXAMPLE: "例如", "For example";
    TIMES: "次数", "Times";
    PLACE: "位置", "Place";
    FOUND: "说明", "What was found";
    NO_FINDINGS: "没有发现问题。", "Nothing was found.";
    DOWNLOAD: "下载逐行结果（.xlsx）", "Download the result, row by row (.xlsx)";
    COMMIT_IT: "确认写入台账", "Write it into the ledger";
    ANOTHER_FILE: "换一个文件", "another file";
    GO_TO_QUESTIONS: "去核定", "Answer the questions";
    SEE_COMMIT: "查看这次提交（可撤回）", "See the commit, or take it back";
    UNREAD_SHEETS: "没有读取的工作表（找不到表头）", "Sheets that weren't read (no header found)";
}

// How the columns of a file were understood.
words! {
    COLUMNS_UNDERSTOOD: "每列如何识别", "How the columns were understood";
    ALL_BY_NAME: "每一列都按表头识别。", "Every column was understood by its heading.";
    SAY_COLUMNS: "识别错了或没有采用的列，可另行指明，再试一次；确认写入后，同样表头的文件以后都照此识别。", "Where one was taken wrongly or not at all, say what it is and try again; once the list is written, later files with these headings are read the same way.";
    SAY_UNCLEAR: "请指明下面各列是什么，再试一次。说过的，写入后会记住，同样表头的文件以后都照此识别。", "Say what these columns are and try again. It is remembered once the list is written: later files with these headings are read the same way.";
    SAY_WHAT_THEY_ARE: "指明各列", "Say what the columns are";
    MISSING: "缺少：", "missing: ";
    TWICE: "重复：", "twice: ";
    RECOGNISED: "已识别：", "Recognised: ";
    TRIED_AGAIN: "各列的识别改过了，所以先重新试了一次，没有写入。请再看一遍结果，然后确认。", "What the columns are was changed, so the list was tried again and not written yet. Look at the result, then confirm.";
    NOT_CLEAR: "表头不清楚", "The header is not clear";
    SHEET_COLUMN: "列", "Column";
    HEADING: "表头", "Heading";
    TAKEN_FOR: "识别为", "Taken for";
    BY_WHAT: "依据", "By";
    SAY_OTHERWISE: "改为", "Make it";
    SAY_WHAT: "指明为", "It is";
    NOT_TAKEN: "未采用", "not taken";
    AS_IT_IS: "照此，不改", "as it is";
    SAY_NOTHING: "不指明", "not said";
    LEAVE_OUT: "不采用这一列", "leave it out";
    STILL_MISSING: "还缺的列", "Still missing";
    OTHER_COLUMNS: "名册的列", "Columns of the list";
    TRY_AGAIN: "按所选再试一次", "Try again with these";
    MAY_BE: "按内容可能是：", "by its values perhaps: ";
    STANDS_TWICE: "重复出现", "stands twice";
    CANNOT_BE_SAID: "表头重复，改名后才能指明", "not the only one called so: rename it first";
    SAID_ABOVE: "同上", "as above";
    NOT_IN_FILE: "文件里没有的列：", "Columns the file doesn't have: ";
    BAD_COLUMN: "指明的列不是这种名册的列。请回到上一页重新选择。", "What a column was said to be is no column of this list. Go back and choose again.";
}

/// The columns understood by their heading alone.
pub(crate) fn by_name(number: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("按表头识别的 {number} 列"),
        Lang::En if number == 1 => "1 column understood by its heading".into(),
        Lang::En => format!("{number} columns understood by their heading"),
    }
}

/// Where a table stands: its sheet and the row of its header.
pub(crate) fn header_at(sheet: &str, row: u32, lang: Lang) -> String {
    match (lang, sheet) {
        (Lang::Zh, "") => format!("表头在第{row}行"),
        (Lang::Zh, sheet) => format!("工作表“{sheet}”，表头在第{row}行"),
        (Lang::En, "") => format!("Header in row {row}"),
        (Lang::En, sheet) => format!("Sheet “{sheet}”, header in row {row}"),
    }
}

/// Columns that aren't shown one by one.
pub(crate) fn more_columns(number: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("另有 {number} 列未采用，这里不逐一列出。"),
        Lang::En => format!("{number} more columns were not taken; they are not listed."),
    }
}

/// A file too large for the pages.
pub(crate) fn too_large(lang: Lang) -> String {
    let megabytes = LARGEST >> 20;
    match lang {
        Lang::Zh => format!(
            "文件超过{megabytes} MB，网页收不下。请删去空白的工作表后再试，或在命令行用 taizhang import 导入。"
        ),
        Lang::En => format!(
            "The file is larger than {megabytes} MB, too large for a page. Remove empty sheets and try again, or use taizhang import on the command line."
        ),
    }
}

/// The heading of a commit.
pub(crate) fn commit(number: i64, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("第{number}号提交"),
        Lang::En => format!("Commit {number}"),
    }
}

/// That a commit was taken back.
pub(crate) fn undone_by(by: i64, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("已撤回（第{by}号提交）"),
        Lang::En => format!("taken back by {by}"),
    }
}

/// People left as they are, and why.
pub(crate) fn kept(number: usize, why: KeptBack, lang: Lang) -> String {
    let number = count(number);
    let why = match why {
        KeptBack::MayBePart => Words {
            zh: "名册可能不全。如果确为全册，请重新试导入并选“视为离开：这是全册”。",
            en: "since it may be a part. If it is whole, run it again and choose “have left: the list is whole”.",
        },
        KeptBack::IsPart => Words {
            zh: "按部分名册导入。",
            en: "since the list is a part.",
        },
    };
    let why = why.get(lang);
    match lang {
        Lang::Zh => format!("另有{number}人不在这份名册上，未作离开处理：{why}"),
        Lang::En => format!("{number} more are not on this list and stay as they are, {why}"),
    }
}

/// How many are listed of how many.
pub(crate) fn first_of(shown: usize, total: usize, lang: Lang) -> String {
    let (shown, total) = (count(shown), count(total));
    match lang {
        Lang::Zh => format!("共{total}处，这里是最要紧的{shown}处；全部见逐行结果。"),
        Lang::En => {
            format!(
                "{total} in all; these are the {shown} that matter most. The result has every one."
            )
        }
    }
}

/// How much a finding weighs.
pub(crate) fn level(finding: &Finding, lang: Lang) -> &'static str {
    let words = match finding.level() {
        Level::Rejected => Words {
            zh: "不能导入",
            en: "rejected",
        },
        Level::Asked => Words {
            zh: "待核",
            en: "to be asked",
        },
        Level::Doubt => Words {
            zh: "存疑",
            en: "doubtful",
        },
        Level::Skipped => Words {
            zh: "已跳过",
            en: "skipped",
        },
        Level::Repeated => Words {
            zh: "重复",
            en: "repeated",
        },
        Level::Repaired => Words {
            zh: "已处理",
            en: "put right",
        },
    };
    words.get(lang)
}

/// A row, and the column if it is about one.
pub(crate) fn place(note: &office::Note, lang: Lang) -> String {
    let sheet = match note.sheet.is_empty() {
        true => String::new(),
        false => format!("{} ", note.sheet),
    };
    let column = (note.column.as_ref())
        .map(|column| format!(" {}（{}）", column.name.get(lang), column.letters));
    let column = column.unwrap_or_default();
    match lang {
        Lang::Zh => format!("{sheet}第{}行{column}", note.row),
        Lang::En => format!("{sheet}row {}{column}", note.row),
    }
}
