//! Blank lists, to be sent to whoever sends them back filled in.

use jiff::civil::Date;
use kernel::Lang;
use pack::{Each, Pack, Roster, Vouches, Vouching};
use reports::list::{ListError, template};

/// The blank list of a roster, as an .xlsx file.
///
/// # Errors
/// It can't be put together.
pub fn blank_list(
    (pack, roster): (&Pack, &Roster),
    on: Date,
    lang: Lang,
) -> Result<Vec<u8>, ListError> {
    let notes = roster
        .vouching
        .as_ref()
        .map(|own| vouches(roster, own, lang));
    let notes: Vec<String> = notes.into_iter().collect();
    template((pack, roster), &notes, on, lang)
}

/// What the file of a blank list is called.
#[must_use]
pub fn blank_name(roster: &Roster, lang: Lang) -> String {
    let name = roster.name.get(lang);
    match lang {
        Lang::Zh => format!("{name}（空白表样）.xlsx"),
        Lang::En => format!("{name} (blank).xlsx"),
    }
}

/// What a roster's lists vouch for, in words: for whoever fills one in.
fn vouches(roster: &Roster, vouching: &Vouching, lang: Lang) -> String {
    let by = vouching.by.as_deref().and_then(|by| roster.column(by));
    let by = by.map(|(_, column)| column.name.get(lang));
    let months = vouching.lasts;
    let said = match (vouching.how, lang) {
        (Vouches::Roll, Lang::Zh) => {
            format!("请列全：名册上没有的，视为没有。有效{months}个月，到期前请报新的一份。")
        }
        (Vouches::Roll, Lang::En) => format!(
            "Please name everyone: who isn't on it is taken to have nothing. It holds for {months} months; send a new one before they are over."
        ),
        (Vouches::Events(each), Lang::Zh) => {
            let each = each_in_words(each);
            format!(
                "每{each}一份，请列全期间发生的情况：没有列出的，视为没有发生。期间没有发生的，也请报空表说明。"
            )
        }
        (Vouches::Events(each), Lang::En) => format!(
            "One for each {}, with all that happened in it: what isn't on it is taken not to have happened. If nothing did, please say so.",
            each.as_str()
        ),
    };
    match (by, lang) {
        (None, _) => said,
        (Some(by), Lang::Zh) => format!("{said}只对表中出现的“{by}”有效。"),
        (Some(by), Lang::En) => format!("{said} It counts only for each “{by}” that occurs in it."),
    }
}

fn each_in_words(each: Each) -> &'static str {
    match each {
        Each::Month => "月",
        Each::Quarter => "季度",
        Each::Year => "年",
    }
}
