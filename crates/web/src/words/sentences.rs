//! Sentences with numbers, dates and names in them, in both languages.

use jiff::civil::Date;
use kernel::date::label;
use kernel::text::counted;
use kernel::{Lang, Period, Sensitivity};
use office::{Kin, Standing};
use pack::{At, Indicator, Measure, Subject};

use super::{COMMA, LISTS_EXPLAINED, Words};
use crate::parts::STANDINGS;
use crate::plain::{ROWS, count, grouped};
use office::Standings;

/// When the rows of an indicator are of, in words.
fn when(at: At, period: Period, lang: Lang) -> String {
    match at {
        At::Start => on_day(period.before(), lang),
        At::End => on_day(period.end(), lang),
        At::Period => period.label(lang),
    }
}

/// For which unit something is said unless another is chosen: that of the record that was picked.
pub(crate) fn that_of_the_record(unit: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{unit}（所选记录的单位）"),
        Lang::En => format!("{unit} (of the record picked)"),
    }
}

/// Over the first page.
pub(crate) fn figures_of(period: &Period, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}，截至{}", period.label(lang), label(period.end(), lang)),
        Lang::En => format!(
            "{}, as of {}",
            period.label(lang),
            label(period.end(), lang)
        ),
    }
}

/// Under the heading of the programmes.
pub(crate) fn where_people_stand(on: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!(
            "截至{}，按各项目条件逐人核对，与现有享受名单比对。点开数字看名单和每个人的原因。",
            label(on, lang)
        ),
        Lang::En => format!(
            "On {}, every condition was put to every person and the answers compared with the benefit lists. Open a count for its list and each person's reason.",
            label(on, lang)
        ),
    }
}

/// The counts of a programme in a sentence.
pub(crate) fn standing_of(tally: &Standings, on: Date, lang: Lang) -> String {
    let (entitled, served) = (count(tally.entitled), count(tally.served));
    let (missed, no_longer, open) = (
        count(tally.missed),
        count(tally.no_longer),
        count(tally.to_find_out),
    );
    match lang {
        Lang::Zh => format!(
            "截至{}，符合条件{entitled}，其中已享{served}、应享未享{missed}；在享不再符合{no_longer}；缺少事实、待核实{open}。",
            label(on, lang)
        ),
        Lang::En => format!(
            "On {}: {entitled} entitled, of whom {served} are served and {missed} missed; {no_longer} on the list are no longer entitled; for {open} a fact is missing.",
            label(on, lang)
        ),
    }
}

/// Instead of the lists of a programme that has no rates yet.
pub(crate) fn not_in_force(on: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!(
            "{}本项目的参数还没有取值，无从核对。请换一个较晚的日期。",
            label(on, lang)
        ),
        Lang::En => format!(
            "On {} the parameters of this programme had no value yet, so nobody can be asked. Choose a later date.",
            label(on, lang)
        ),
    }
}

/// What a programme decides about.
pub(crate) fn programme_about(subject: Option<&Subject>, lang: Lang) -> String {
    let subject = subject.map_or("", |subject| subject.name.get(lang));
    match lang {
        Lang::Zh => format!("项目 · 对象：{subject}"),
        Lang::En => format!("Programme · decided for each {}", subject.to_lowercase()),
    }
}

/// What a list holds.
pub(crate) fn meaning(standing: Standing, lang: Lang) -> &'static str {
    let at = STANDINGS.iter().position(|own| *own == standing);
    at.map_or("", |at| LISTS_EXPLAINED[at].1.get(lang))
}

/// Who looked something up, on paper and in files.
pub(crate) fn looked_up_by(who: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("查阅人：{who}"),
        Lang::En => format!("Read by: {who}"),
    }
}

/// That each person has a row, where several make a subject.
pub(crate) fn one_a_row(subjects: usize, rows: usize, lang: Lang) -> String {
    let (subjects, rows) = (count(subjects), count(rows));
    match lang {
        Lang::Zh => format!("共{subjects}户（对），每人一行，计{rows}行。"),
        Lang::En => format!(
            "{}, one person a row: {}.",
            counted(subjects, "couple or family", "couples or families"),
            counted(rows, "row", "rows")
        ),
    }
}

/// How much of a list is printed.
pub(crate) fn printed_of(rows: usize, total: usize, lang: Lang) -> String {
    let (shown, all) = (count(rows), count(total));
    match lang {
        Lang::Zh if rows == total => format!("共{all}条。"),
        Lang::Zh => format!("共{all}条，这里是前{shown}条；请按单位分别打印，或导出。"),
        Lang::En if rows == total => format!("{}.", counted(all, "row", "rows")),
        Lang::En => format!("The first {shown} of {all} rows; print by unit, or export."),
    }
}

/// The heading of amounts of a step.
pub(crate) fn due_in(step: &Period, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}应发", step.label(lang)),
        Lang::En => format!("Due, {}", step.label(lang)),
    }
}

/// The box by which a row is chosen.
pub(crate) fn choose(name: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("选择{name}"),
        Lang::En => format!("Choose {name}"),
    }
}

/// What somebody is to another.
pub(crate) fn kin(kin: Kin, woman: Option<bool>, lang: Lang) -> &'static str {
    let [zh, en] = match (kin, woman) {
        (Kin::Parent, Some(true)) => ["母亲", "mother"],
        (Kin::Parent, Some(false)) => ["父亲", "father"],
        (Kin::Parent, None) => ["父母", "parent"],
        (Kin::Spouse, Some(true)) => ["妻子", "wife"],
        (Kin::Spouse, Some(false)) => ["丈夫", "husband"],
        (Kin::Spouse, None) => ["配偶", "spouse"],
        (Kin::Child, Some(true)) => ["女儿", "daughter"],
        (Kin::Child, Some(false)) => ["儿子", "son"],
        (Kin::Child, None) => ["子女", "child"],
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Over what is to be done.
pub(crate) fn work_on(on: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("今天的事 · {}", label(on, lang)),
        Lang::En => format!("To be done · {}", label(on, lang)),
    }
}

/// Over the table of lists by age.
pub(crate) fn lists_by_age(lists: usize, lang: Lang) -> String {
    let lists = count(lists);
    match lang {
        Lang::Zh => format!("名册多久没有更新（共{lists}份）"),
        Lang::En => format!("How old the lists are ({lists})"),
    }
}

/// How many a batch was carried out for.
pub(crate) fn carried_out(rows: usize, lang: Lang) -> String {
    let rows = count(rows);
    match lang {
        Lang::Zh => format!("已为{rows}人登记。"),
        Lang::En => format!("Done for {rows}."),
    }
}

/// An empty list.
pub(crate) fn nobody(list: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("“{list}”名单上没有内容。"),
        Lang::En => format!("Nothing stands on the list “{list}”."),
    }
}

/// A condition that fails.
pub(crate) fn fails(condition: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("不符合：{condition}"),
        Lang::En => format!("Fails: {condition}"),
    }
}

/// The conditions that decided.
pub(crate) fn because(conditions: &[String], lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("不符合：{}", conditions.join("；")),
        Lang::En => format!("Fails: {}", conditions.join("; ")),
    }
}

/// Under the heading of a person's answers.
pub(crate) fn answers_on(on: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!(
            "截至{}。✓ 符合，✗ 不符合，? 缺少事实、无法判断。",
            label(on, lang)
        ),
        Lang::En => format!(
            "On {}. ✓ holds, ✗ fails, ? a fact is missing.",
            label(on, lang)
        ),
    }
}

/// Which rows are shown.
pub(crate) fn rows_of(first: usize, last: usize, total: usize, lang: Lang) -> String {
    let (first, last, all) = (count(first), count(last), count(total));
    match lang {
        Lang::Zh if total <= ROWS => format!("共{all}条。"),
        Lang::Zh => format!("共{all}条，这里是第{first}至{last}条。"),
        Lang::En if total <= ROWS => format!("{}.", counted(all, "row", "rows")),
        Lang::En => format!("{all} rows; these are {first} to {last}."),
    }
}

/// How many of those found are shown.
pub(crate) fn found(shown: usize, total: usize, lang: Lang) -> String {
    let (first, all) = (count(shown), count(total));
    match lang {
        Lang::Zh if shown == total => format!("找到{all}条。"),
        Lang::Zh => format!("找到{all}条，这里是最接近的{first}条。"),
        Lang::En if total == 1 => "1 found.".into(),
        Lang::En if shown == total => format!("{all} found."),
        Lang::En => format!("{all} found; these are the nearest {first}."),
    }
}

/// A birth with the age that it comes to.
pub(crate) fn born(birth: Date, years: i32, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{birth}（{years}岁）"),
        Lang::En => format!("{birth} ({years})"),
    }
}

/// Which page is shown.
pub(crate) fn page_of(page: usize, last: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("第{}页，共{}页", count(page), count(last)),
        Lang::En => format!("Page {} of {}", count(page), count(last)),
    }
}

/// A number that is no ID number.
pub(crate) fn bad_number(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("这不是一个有效的公民身份号码（{why}）。请核对后重新输入。"),
        Lang::En => format!("This is not a valid ID number ({why}). Check it and enter it again."),
    }
}

/// A household's heading.
pub(crate) fn household(number: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("户号 {number}"),
        Lang::En => format!("Household {number}"),
    }
}

/// Whether somebody lives here.
pub(crate) fn living_here(living: Option<&str>, lang: Lang) -> &'static str {
    let words = match living {
        Some("true") => Words {
            zh: "在住",
            en: "here",
        },
        Some("false") => Words {
            zh: "不在住",
            en: "elsewhere",
        },
        _ => Words {
            zh: "不详",
            en: "not known",
        },
    };
    words.get(lang)
}

/// What the other is to the person.
pub(crate) fn kinship(
    relation: &str,
    forward: bool,
    adopted: bool,
    ended: bool,
    lang: Lang,
) -> &'static str {
    let words = match (relation, forward) {
        ("spouse", _) if ended => Words {
            zh: "前配偶",
            en: "Former spouse",
        },
        ("spouse", _) => Words {
            zh: "配偶",
            en: "Spouse",
        },
        ("child", true) if adopted => Words {
            zh: "养子女",
            en: "Adopted child",
        },
        ("child", true) => Words {
            zh: "子女",
            en: "Child",
        },
        ("child", false) if adopted => Words {
            zh: "养父母",
            en: "Adoptive parent",
        },
        ("child", false) => Words {
            zh: "父母",
            en: "Parent",
        },
        _ => Words {
            zh: "亲属",
            en: "Kin",
        },
    };
    words.get(lang)
}

/// Whether somebody is living, as far as recorded; it is asked of children only.
pub(crate) fn state(state: Option<&str>, child: bool, lang: Lang) -> &'static str {
    let words = match state {
        Some("died") => Words {
            zh: "已故",
            en: "dead",
        },
        Some("alive") => Words {
            zh: "健在",
            en: "living",
        },
        _ if child => Words {
            zh: "不详",
            en: "not known",
        },
        _ => Words { zh: "", en: "" },
    };
    words.get(lang)
}

/// Since when a record holds.
pub(crate) fn since(day: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{day} 起"),
        Lang::En => format!("since {day}"),
    }
}

/// A name and the day it is of.
pub(crate) fn name_on(name: &str, day: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{name}（{}）", label(day, lang)),
        Lang::En => format!("{name}, {}", label(day, lang)),
    }
}

/// On a day.
pub(crate) fn on_day(day: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}当日", label(day, lang)),
        Lang::En => label(day, lang),
    }
}

/// How an indicator is measured.
pub(crate) fn measured(indicator: &Indicator, period: Period, lang: Lang) -> String {
    match (&indicator.measure, lang) {
        (Measure::Count { at, .. }, Lang::Zh) => {
            format!("数出下面明细的条数（{}）。", when(*at, period, lang))
        }
        (Measure::Count { at, .. }, Lang::En) => {
            format!("The number of rows below ({}).", when(*at, period, lang))
        }
        (Measure::Sum { at, column, .. }, Lang::Zh) => {
            format!(
                "把下面明细的 {column} 一列相加{}（{}）。",
                scaled(indicator, lang),
                when(*at, period, lang)
            )
        }
        (Measure::Sum { at, column, .. }, Lang::En) => {
            format!(
                "The sum of {column} over the rows below{} ({}).",
                scaled(indicator, lang),
                when(*at, period, lang)
            )
        }
        (Measure::Average { .. }, Lang::Zh) => format!(
            "{}与{}两日之数的平均。",
            label(period.before(), lang),
            label(period.end(), lang)
        ),
        (Measure::Average { .. }, Lang::En) => format!(
            "The mean of {} and {}.",
            label(period.before(), lang),
            label(period.end(), lang)
        ),
        (Measure::Rate { per, .. }, Lang::Zh) => {
            format!("分子除以分母，乘以{}。", grouped(&per.to_string()))
        }
        (Measure::Rate { per, .. }, Lang::En) => format!(
            "The numerator over the denominator, times {}.",
            grouped(&per.to_string())
        ),
    }
}

fn scaled(indicator: &Indicator, lang: Lang) -> String {
    let scale = grouped(&indicator.scale.to_string());
    match lang {
        _ if indicator.scale <= 1 => String::new(),
        Lang::Zh => format!("，再除以{scale}"),
        Lang::En => format!(", divided by {scale}"),
    }
}

/// Others left out.
pub(crate) fn and_more(more: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("等（另{more}个）"),
        Lang::En => format!(" and {more} more"),
    }
}

/// What stood where nothing could be read.
pub(crate) fn as_read(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("原写“{text}”，读不出"),
        Lang::En => format!("written “{text}”, which can't be read"),
    }
}

/// Values that wait behind those that are shown.
pub(crate) fn more_differ(more: usize, lang: Lang) -> String {
    match (lang, more) {
        (Lang::Zh, _) => format!("另有{}项，前面的核定后会接着出现。", count(more)),
        (Lang::En, 1) => "One more appears as these are answered.".to_owned(),
        (Lang::En, _) => format!("{} more appear as these are answered.", count(more)),
    }
}

/// What was shown in clear.
pub(crate) fn revealed(reveals: &[Sensitivity], lang: Lang) -> String {
    let shown = reveals
        .iter()
        .filter(|reveal| **reveal != Sensitivity::Open);
    let shown: Vec<&str> = shown.map(|reveal| reveal.label(lang)).collect();
    match shown.len() {
        0 => "—".into(),
        _ => shown.join(COMMA.get(lang)),
    }
}

/// That no day can be made of what was written, or that it is still to come.
pub(crate) fn bad_day(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("“{text}”不是日期，或在今天之后。"),
        Lang::En => format!("“{text}” is no date, or later than today."),
    }
}

/// Which of several cases something is said of.
pub(crate) fn case_of(nth: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("第{nth}人："),
        Lang::En => format!("Case {nth}:"),
    }
}

/// From when to when a word holds, where it says so itself.
pub(crate) fn holds_span(from: Option<Date>, until: Option<Date>, lang: Lang) -> Option<String> {
    Some(match (from, until, lang) {
        (None, None, _) => return None,
        (Some(from), None, Lang::Zh) => format!("{from}起"),
        (Some(from), None, Lang::En) => format!("from {from}"),
        (None, Some(until), Lang::Zh) => format!("至{until}"),
        (None, Some(until), Lang::En) => format!("until {until}"),
        (Some(from), Some(until), Lang::Zh) => format!("{from}至{until}"),
        (Some(from), Some(until), Lang::En) => format!("{from} to {until}"),
    })
}

/// Which of several people a name means.
pub(crate) fn which_of(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("“{text}”可能是下面这些，请选择"),
        Lang::En => format!("“{text}” may be one of these; choose one"),
    }
}

/// How many rows of a list are chosen.
pub(crate) fn rows_chosen(some: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("已选{some}行"),
        Lang::En => format!("rows chosen: {some}"),
    }
}

/// Over the kinds of list that somebody sends.
pub(crate) fn lists_of(sender: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{sender}的名册"),
        Lang::En => format!("Lists of: {sender}"),
    }
}

/// Beside a kind of list.
pub(crate) fn needs_headings(headings: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("（须有：{headings}）"),
        Lang::En => format!(" (needs: {headings})"),
    }
}

/// That something was written: what, and of whom.
pub(crate) fn done_of(what: &str, whom: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("已登记：{what} · {whom}。"),
        Lang::En => format!("Done: {what} · {whom}."),
    }
}

/// By whom what somebody else said was put right.
pub(crate) fn put_right_by(who: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("（{who}更正）"),
        Lang::En => format!(" (put right by {who})"),
    }
}

/// Over the page of somebody who has died.
pub(crate) fn died_on(day: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("此人已登记死亡，死亡日期{day}。"),
        Lang::En => format!("This person is recorded as dead; they died on {day}."),
    }
}

/// What the search box finds by, for a reader who sees telephones, addresses or neither in clear.
pub(crate) fn find_hint(phone: bool, address: bool, lang: Lang) -> String {
    let hint = |name: &str, phone_word: &str, address_word: &str, rest: &str, comma: &str| {
        let mut words = vec![name];
        words.extend(phone.then_some(phone_word));
        words.extend(address.then_some(address_word));
        words.extend((!phone && !address).then_some(rest));
        words.join(comma)
    };
    match lang {
        Lang::Zh => hint("姓名、拼音", "电话", "住址", "身份证号", "、"),
        Lang::En => hint("Name, pinyin", "phone", "address", "ID number", ", "),
    }
}

/// Below those that are proposed.
pub(crate) fn more_of_them(more: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("还有{more}个没有列出，请写得更全。"),
        Lang::En => format!("{more} more aren't listed; type more of it."),
    }
}

/// Over the programmes that don't concern somebody.
pub(crate) fn other_programmes(count: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("其余{count}项：不符合条件，或不是对象"),
        Lang::En => format!("{count} others: not entitled, or not a subject"),
    }
}
