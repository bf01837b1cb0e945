//! What to write to each sender of whom lists are due: a text to be copied.

use maud::{Markup, html};
use office::Reminder;

use crate::plain;
use crate::reader::Reader;
use crate::words;

/// The letters, each below its sender.
pub(super) fn shown(reader: &Reader, reminders: &[Reminder]) -> Markup {
    html! {
        @if !reminders.is_empty() {
            h2 #letters { (reader.say(LETTERS)) }
            p.note { (reader.say(LETTERS_NOTE)) }
            @for (nth, reminder) in reminders.iter().enumerate() {
                @let id = format!("letter-{nth}");
                details.letter {
                    summary { (reminder.to) " " span.faint { (plain::count(reminder.lists)) (reader.say(LISTS)) } }
                    textarea id=(id) readonly rows=(reminder.text.lines().count() + 1) aria-label=(format!("{}{}{}", reader.say(LETTERS), reader.say(words::COLON), reminder.to)) { (reminder.text) }
                    p { button.quiet type="button" data-copy=(id) data-copied=(reader.say(COPIED)) hidden { (reader.say(COPY)) } }
                }
            }
        }
    }
}

words! {
    LETTERS: "催报函", "Letters to senders";
    LETTERS_NOTE: "按上面选定的范围，给每个报送单位一份，复制后发出。", "One for each sender, of what is chosen above, to be copied and sent.";
    LISTS: "份名册", " lists";
    COPY: "复制", "Copy";
    COPIED: "已复制", "Copied";
}
