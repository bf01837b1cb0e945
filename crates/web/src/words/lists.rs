//! What is said of lists that come in: the journal, taking back, and what an import would do.

use kernel::Lang;
use office::{Finding, KeptBack, LARGEST, Level};

use super::Words;
use crate::plain::count;

// The journal.
words! {
    OPENED: "新建", "Opened";
    CHANGED: "变更", "Changed";
    CLOSED: "销", "Closed";
}

// A list that is to come in.
words! {
    IMPORT_A_LIST: "导入名册", "Import a list";
    ANOTHER_FILE: "换一个文件", "another file";
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

/// A row, and the column if it is about one; a sheet or the list, if it is about no row.
pub(crate) fn place(note: &office::Note, lang: Lang) -> String {
    if note.row == 0 {
        let whole = Words {
            zh: "整份名册",
            en: "the whole list",
        };
        return match note.sheet.is_empty() {
            true => whole.get(lang).to_owned(),
            false => note.sheet.to_string(),
        };
    }
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
