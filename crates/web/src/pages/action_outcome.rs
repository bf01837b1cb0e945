//! What an action would do, or has done: what becomes of each row, what is written, and whose answers change.

use kernel::Answer;
use maud::{Markup, html};
use office::{Effect, SeenAct, SeenWord, UnitNames, Verdict};

use super::action::{MAY_BE_KNOWN, case_name, ready};
use super::action_inputs::noted;
use super::refs::{self, Refs};
use crate::pages::{programme, registers};
use crate::parts;
use crate::reader::Reader;
use crate::words;

/// What it would do.
pub(super) fn outcome(
    reader: &Reader,
    with: (&UnitNames, &Refs<'_>),
    seen: &SeenAct,
    names: &[String],
) -> Markup {
    let refused = seen.rows.iter().enumerate();
    let refused: Vec<_> = refused
        .filter(|(_, row)| row.verdict == Verdict::Rejected)
        .collect();
    let asked = seen.rows.iter().any(|row| row.verdict == Verdict::Asked);
    let several = seen.rows.len() > 1;
    html! {
        section.outcome aria-live="polite" aria-labelledby="outcome" {
            h2 #outcome { @if ready(seen) { (reader.say(WILL_WRITE)) } @else { (reader.say(NOT_YET)) } }
            @for (nth, row) in &refused {
                @for note in row.refusals() {
                    p.wrong {
                        @if several { b { (case_name(reader, names, *nth)) } " " }
                        (noted(reader, note))
                    }
                }
            }
            @if asked { p.wrong { (reader.say(MAY_BE_KNOWN)) } }
            @for note in seen.rows.iter().flat_map(|row| &row.notes).filter(|note| note.finding.level() == office::Level::Doubt) {
                p.doubt { (noted(reader, note)) }
            }
            @for words in &seen.not_meant { p.doubt { (words.get(reader.lang)) } }
            @for doubt in &seen.doubts { p.doubt { (reader.say(WILL_BE_DOUBTED)) (reader.say(words::COLON)) b { (doubt.get(reader.lang)) } } }
            @if !seen.words.is_empty() { (told(reader, with, seen)) }
            @if seen.words.is_empty() && seen.again > 0 { p { (reader.say(ALL_KNOWN)) } }
            @if seen.words.is_empty() && seen.again == 0 && refused.is_empty() && !asked { p { (reader.say(NOTHING)) } }
            @if ready(seen) { (effects(reader, seen.effects.as_deref())) }
        }
    }
}

/// The words that would be written.
fn told(reader: &Reader, with: (&UnitNames, &Refs<'_>), seen: &SeenAct) -> Markup {
    html! {
        table.rows.told {
            caption.unseen { (reader.say(WILL_WRITE)) }
            thead { tr { @for heading in [words::REGISTER, words::WHOM, words::FIELD, STANDS, SAID] { (parts::heading(reader, heading, false)) } } }
            tbody { @for word in &seen.words { (told_word(reader, with, word)) } }
        }
    }
}

fn told_word(reader: &Reader, with: (&UnitNames, &Refs<'_>), word: &SeenWord) -> Markup {
    let pack = &reader.office.pack;
    let Some(register) = pack.register(&word.register) else {
        return html! {};
    };
    // People are named beside the word.
    let people = &reader.office.contract.people.register.id;
    let own =
        |field: &pack::Field| !matches!(&field.kind, pack::FieldType::Ref(of) if of == people);
    let changes: Vec<_> = (word.fields.iter())
        .filter_map(|change| Some((change, register.fields.get(change.at)?)))
        .filter(|(change, field)| own(field) && Some(&change.before) != change.after.as_ref())
        .collect();
    let rows = changes.len().max(1);
    let about = html! {
        @for (nth, (record, name)) in word.about.iter().enumerate() {
            @if nth > 0 { (reader.say(words::COMMA)) }
            @let name = if name.is_empty() { "—" } else { name };
            @match record {
                Some(record) => a href=(reader.link(&format!("/people/{record}"), &[])) { (name) },
                None => (name),
            }
        }
    };
    let span = words::holds_span(word.from, word.until, reader.lang);
    html! {
        @for (nth, (change, field)) in changes.iter().enumerate() {
            tr {
                @if nth == 0 {
                    th scope="rowgroup" rowspan=(rows) { (register.name.get(reader.lang)) @if word.record.is_none() { " " span.flag { (reader.say(OPENED)) } } @if let Some(span) = &span { br; span.faint { (span) } } }
                    td rowspan=(rows) { (about) }
                }
                td { (field.name.get(reader.lang)) }
                td { (refs::cell(reader, with, &field.kind, &change.before)) }
                td {
                    @match &change.after {
                        Some(after) => b { (refs::cell(reader, with, &field.kind, after)) },
                        None => span.flag { (reader.say(OPENED)) },
                    }
                    @if !change.stands { " " span.faint { (reader.say(WONT_STAND)) } }
                }
            }
        }
        @if changes.is_empty() {
            tr {
                th scope="row" { (register.name.get(reader.lang)) @if word.record.is_none() { " " span.flag { (reader.say(OPENED)) } } }
                td { (about) }
                td colspan="3" { @if word.moves { (reader.say(MOVES)) } @else if let Some(span) = &span { (span) } @else { (reader.say(SAID_AGAIN)) } }
            }
        }
    }
}

/// Whose answers change.
fn effects(reader: &Reader, effects: Option<&[Effect]>) -> Markup {
    let pack = &reader.office.pack;
    let answer = |of: &Effect, answer: Option<Answer>| {
        html! {
            @match answer { Some(answer) => { (parts::answer(reader, &of.programme, answer)) }, None => span.answer.none { (reader.say(NOT_ASKED)) } }
        }
    };
    html! {
        h3 { (reader.say(EFFECTS)) }
        @match effects {
            None => p.note { (reader.say(EFFECTS_LATER)) },
            Some([]) => p.note { (reader.say(NO_EFFECTS)) },
            Some(effects) => ul.effects {
                @for effect in effects {
                    li {
                        @match effect.record.and_then(|own| registers::address(reader, &effect.register, own)) {
                            Some(address) => a href=(address) { (effect.name) },
                            None => b { (effect.name) },
                        }
                        (reader.say(words::COLON))
                        (programme::name(pack, &effect.programme, reader.lang)) " "
                        (answer(effect, effect.before)) " → " (answer(effect, effect.after))
                    }
                }
            },
        }
    }
}

words! {
    WILL_BE_DOUBTED: "请核对，这样登记会留下疑点", "Check it: once written this will be doubted";
    WILL_WRITE: "将登记", "This will be written";
    NOT_YET: "还不能登记", "This can't be written yet";
    ALL_KNOWN: "所填的台账都已有；确认后记下今天又有人这样说。", "The ledger has all of this already; confirming notes that it was said again.";
    NOTHING: "没有要登记的内容，请填写至少一项。", "There is nothing to write; fill in at least one field.";
    STANDS: "现有", "Stands now";
    SAID: "登记为", "Will say";
    OPENED: "新建", "new";
    MOVES: "转入本单位的簿", "comes to this unit's book";
    SAID_AGAIN: "再次确认", "said again";
    WONT_STAND: "（记下，但以更权威的来源为准）", "(kept, but another source counts more)";
    EFFECTS: "待遇变化", "Whose answers change";
    EFFECTS_LATER: "涉及居住变动，待遇的变化要登记后才能算出，请在本人页面查看。", "Homes change here: what follows for answers is worked out once it is written; see the person's page.";
    NO_EFFECTS: "没有人的核对结果因此改变。", "Nobody's answers change.";
    NOT_ASKED: "不是对象", "not a subject";
}
