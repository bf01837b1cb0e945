//! What stood when a form was filled in or looked at: it goes with the form, so that what somebody else changed since is seen before it is
//! written over. It is what the reader was shown, masks and all; nothing that wasn't.

use std::collections::BTreeMap;

use maud::{Markup, html};
use office::{SeenAct, UnitNames};

use super::registers::plain_cell;
use crate::reader::Reader;
use crate::words;

/// How the fields of a form begin that say so.
const START: &str = "was.";
/// How many of them are read.
const MOST: usize = 5_000;

/// What stood, by place: register, record and field, with dots between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stood(BTreeMap<String, String>);

/// What has changed since.
pub(crate) struct Changed {
    /// The name of the field.
    pub field: String,
    pub was: String,
    pub now: String,
}

impl Stood {
    /// What a form brings back.
    pub fn read(fields: &[(String, String)]) -> Stood {
        let own = fields.iter().filter_map(|(name, value)| {
            let place = name.strip_prefix(START)?;
            Some((place.to_owned(), value.clone()))
        });
        Stood(own.take(MOST).collect())
    }

    /// What stands where an action would write.
    pub fn of(reader: &Reader, units: &UnitNames, seen: &SeenAct) -> Stood {
        let mut stood = Stood::default();
        for word in &seen.words {
            let register = reader.office.pack.register(&word.register);
            let (Some(register), Some(record)) = (register, word.record) else {
                continue;
            };
            for change in &word.fields {
                if let Some(field) = register.fields.get(change.at) {
                    let text = plain_cell(reader, units, &field.kind, &change.before);
                    stood.add(&register.id, record.0, &field.id, text);
                }
            }
        }
        stood
    }

    pub fn add(&mut self, register: &str, record: i64, field: &str, text: String) {
        self.0.insert(format!("{register}.{record}.{field}"), text);
    }

    /// The fields of a form that say so.
    pub fn hidden(&self) -> Markup {
        html! { @for (place, text) in &self.0 { input type="hidden" name=(format!("{START}{place}")) value=(text); } }
    }

    /// What differs now from what the form had seen; nothing if it had seen nothing.
    pub fn changed(&self, reader: &Reader, now: &Stood) -> Vec<Changed> {
        let differs = now.0.iter().filter_map(|(place, now)| {
            let was = self.0.get(place)?;
            (was != now).then(|| Changed {
                field: name(reader, place),
                was: was.clone(),
                now: now.clone(),
            })
        });
        differs.collect()
    }
}

/// The name of the field of a place.
fn name(reader: &Reader, place: &str) -> String {
    let mut parts = place.splitn(3, '.');
    let (register, _, field) = (parts.next(), parts.next(), parts.next());
    let register = register.and_then(|id| reader.office.pack.register(id));
    let field = register
        .zip(field)
        .and_then(|(register, id)| register.field(id));
    field.map_or_else(String::new, |(_, field)| {
        field.name.get(reader.lang).to_owned()
    })
}

/// That somebody changed what was to be written over, both values, and what to do.
pub(crate) fn told(reader: &Reader, changed: &[Changed]) -> Markup {
    let shown = |text: &str| match text {
        "" => reader.say(words::UNKNOWN).to_owned(),
        text => text.to_owned(),
    };
    html! {
        @if !changed.is_empty() {
            div.meanwhile role="alert" {
                p.wrong { (reader.say(MEANWHILE)) }
                ul {
                    @for one in changed {
                        li { b { (one.field) } (reader.say(words::COLON)) (reader.say(WAS)) " " (shown(&one.was)) " → " (reader.say(NOW)) " " b { (shown(&one.now)) } }
                    }
                }
                p { (reader.say(GO_ON)) }
            }
        }
    }
}

words! {
    MEANWHILE: "您填写期间，这里的内容被别人改过，还没有写入。", "Somebody changed this while you were filling it in. Nothing has been written yet.";
    WAS: "您看到的是", "you saw";
    NOW: "现在是", "it is now";
    GO_ON: "请核对；仍要按您填的登记，就再确认一次。", "Check it; if what you filled in is right, confirm once more.";
}
