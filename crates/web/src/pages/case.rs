//! One question side by side: what the row says, and what every source says of each person it may be of, with what each thing
//! weighs. The answer is a button, and a key.

use std::collections::BTreeMap;

use kernel::{RecordId, Sensitivity};
use maud::{Markup, html};
use office::Likeness;
use office::{Case, Known, QuestionKind, Seen, Weighed};

use crate::desk;
use crate::pages::review::{after, done, of_unit, way_to, whom};
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// How many candidates have a key of their own.
const KEYS: usize = 9;

/// The page.
pub(crate) async fn page(reader: &Reader, record: RecordId) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let case = view.case(record).await?;
    let cases = of_unit(reader, view.waiting().await?)?;
    let next = after(&cases, record);
    let units = reader.view()?.units(reader.on).await?;
    let body = html! {
        (done(reader).await?)
        p.note {
            (units.name(&case.book.to_string())) " · "
            @match &case.proposed_by {
                Some(who) if case.kind == QuestionKind::Merge => { (words::proposed_by(who, reader.lang)) },
                _ => { (case.roster.get(reader.lang)) " " (words::row_of(&case.place, reader.lang)) },
            }
            " · " (words::waiting(cases.len(), reader.lang))
        }
        @if case.kind == QuestionKind::Merge { p.note { (reader.say(MERGE_NOTE)) } }
        @if case.people.is_empty() { p.flagged { (reader.say(NO_CANDIDATE)) } }
        (parts::scrolling(reader.say(words::ASKED), &beside(reader, &case)))
        (answers(reader, &case, next))
        p.note {
            (reader.say(MARKS_NOTE)) " "
            @if case.people.iter().any(is_weighed) { (reader.say(WEIGHTS_NOTE)) }
            @if !view.grant().reveals(Sensitivity::Address) { " " (reader.say(MASKED_NOTE)) }
            @if case.kind == QuestionKind::Number && !case.people.iter().any(is_weighed) { " " (reader.say(UNWEIGHED)) }
        }
        (perhaps_one(reader, &case))
        (desk::line(reader))
    };
    let unit = reader.within();
    let up = (
        reader.link("/review", &unit),
        reader.say(words::REVIEW).to_owned(),
    );
    Ok(Page::new(Place::Review, whom(reader, &case), body)
        .kicker(words::question(case.kind, reader.lang))
        .way([up])
        .keyed())
}

/// The way out when two candidates look like one person.
fn perhaps_one(reader: &Reader, case: &Case) -> Markup {
    let mut candidates = case.people.iter();
    let two = (candidates.next(), candidates.next());
    html! {
        @if let (true, QuestionKind::Same, (Some(first), Some(second))) = (reader.office.writes, case.kind, two) {
            @let path = format!("/people/{}/merge", first.person);
            p.note { a href=(reader.link(&path, &[("q", name_of(reader, second))])) { (reader.say(PERHAPS_ONE)) } }
        }
    }
}

/// The name somebody is known by.
fn name_of<'k>(reader: &Reader, known: &'k Known) -> &'k str {
    let name = known
        .sides
        .iter()
        .find_map(|side| Seen::name_in(&side.seen));
    name.map_or("—", |name| name.get(reader.lang))
}

fn is_weighed(known: &Known) -> bool {
    !known.weighed.terms.is_empty()
}

/// Everything by field: the row on the left, each candidate on the right.
fn beside(reader: &Reader, case: &Case) -> Markup {
    let merge = case.kind == QuestionKind::Merge;
    html! {
        table.beside aria-label=(reader.say(COMPARED)) {
            thead {
                tr {
                    th scope="col" { (reader.say(words::FIELD)) }
                    @if !merge { th scope="col" { (reader.say(THE_ROW)) } }
                    @for (nth, known) in case.people.iter().enumerate() {
                        th.candidate scope="col" { (heading(reader, case, nth, known)) }
                    }
                }
            }
            tbody {
                @for (id, name) in fields(reader, case) {
                    tr {
                        th scope="row" { (name) }
                        @if !merge {
                            @let said = case.said.iter().find(|seen| seen.field == id);
                            td data-who=(reader.say(THE_ROW)) { (said.map_or("", |seen| seen.text.get(reader.lang))) }
                        }
                        @for (nth, known) in case.people.iter().enumerate() {
                            td data-who=(whose(reader, case, nth)) { (term(known, &id)) (values(reader, known, &id)) }
                        }
                    }
                }
            }
            @if case.people.iter().any(is_weighed) { (sum(reader, case, merge)) }
        }
    }
}

/// Whom a column is about, where there is no room for a heading.
fn whose(reader: &Reader, case: &Case, nth: usize) -> String {
    match (case.kind, nth) {
        (QuestionKind::Merge, 0) => reader.say(STAYS).to_owned(),
        (QuestionKind::Merge, _) => reader.say(GOES).to_owned(),
        _ => (nth + 1).to_string(),
    }
}

fn heading(reader: &Reader, case: &Case, nth: usize, known: &Known) -> Markup {
    let link = reader.link(&format!("/people/{}", known.person), &[]);
    html! {
        span.nth { (whose(reader, case, nth)) } " "
        a href=(link) { (name_of(reader, known)) }
    }
}

/// Every field anything is said of, in the order of the register of questions.
fn fields(reader: &Reader, case: &Case) -> Vec<(String, String)> {
    let sides = case.people.iter().flat_map(|known| &known.sides);
    let said = case.said.iter().chain(sides.flat_map(|side| &side.seen));
    let said: BTreeMap<&str, &str> = said
        .map(|seen| (seen.field.as_str(), seen.name.get(reader.lang)))
        .collect();
    let terms = case.people.iter().flat_map(|known| &known.weighed.terms);
    let weighed: Vec<&str> = terms
        .filter(|(_, level, bits)| *bits != 0 || *level != Likeness::Blank)
        .map(|(about, ..)| about.as_str())
        .collect();
    let declared = reader.office.contract.questions.register.fields.iter();
    declared
        .filter(|field| said.contains_key(&*field.id) || weighed.contains(&&*field.id))
        .map(|field| (field.id.clone(), field.name.get(reader.lang).to_owned()))
        .collect()
}

/// What is known of a candidate under a field: each value once, with the sources that give it.
fn values(reader: &Reader, known: &Known, field: &str) -> Markup {
    let mut values: Vec<(&Seen, Vec<&str>)> = Vec::new();
    for side in &known.sides {
        let whose = side.whose.get(reader.lang);
        for seen in side.seen.iter().filter(|seen| seen.field == field) {
            match values.iter_mut().find(|(known, _)| known.text == seen.text) {
                Some((_, sources)) => sources.push(whose),
                None => values.push((seen, vec![whose])),
            }
        }
    }
    html! {
        @for (seen, sources) in &values {
            span.said.(seen.level.map_or("", Likeness::name)) {
                @if let Some((sign, class, words)) = seen.level.and_then(|level| words::agreement(level, reader.lang)) {
                    span class=(format!("mark {class}")) role="img" aria-label=[seen.level.map(|level| level.label(reader.lang))] { (sign) }
                    " " (seen.text.get(reader.lang))
                    @if !words.is_empty() { " " small.open { (words) } }
                } @else { (seen.text.get(reader.lang)) }
                @if known.sides.len() > 1 { " " small.faint { (sources.join(reader.say(words::COMMA))) } }
            }
        }
    }
}

/// What a field weighs for a candidate.
fn term(known: &Known, about: &str) -> Markup {
    let term = known.weighed.terms.iter().find(|(of, ..)| of == about);
    html! {
        @if let Some((_, _, bits)) = term.filter(|(_, level, bits)| *bits != 0 || *level != Likeness::Blank) {
            span class=(if *bits < 0 { "weight against" } else { "weight" }) { (words::weight(*bits)) }
        }
    }
}

/// The rest of the sum, and the sum.
fn sum(reader: &Reader, case: &Case, merge: bool) -> Markup {
    let has = |about: &str| {
        let mut terms = case.people.iter().flat_map(|known| &known.weighed.terms);
        terms.any(|(of, level, bits)| of == about && (*bits != 0 || *level != Likeness::Blank))
    };
    html! {
        tfoot {
            @if has(Weighed::HOUSEHOLD) {
                tr {
                    th scope="row" { (reader.say(REST_OF_HOUSEHOLD)) }
                    @if !merge { td {} }
                    @for (nth, known) in case.people.iter().enumerate() {
                        td data-who=(whose(reader, case, nth)) {
                            @let rest = known.weighed.terms.iter().find(|(of, ..)| of == Weighed::HOUSEHOLD);
                            (term(known, Weighed::HOUSEHOLD))
                            @if let Some((_, level, _)) = rest.filter(|(_, level, _)| *level != Likeness::Blank) { (level.label(reader.lang)) }
                        }
                    }
                }
            }
            tr {
                th scope="row" { (reader.say(BEGINNING)) }
                @if !merge { td {} }
                @for (nth, known) in case.people.iter().enumerate() {
                    td data-who=(whose(reader, case, nth)) { (term(known, Weighed::PRIOR)) small.faint { (reader.say(BEGINNING_WHY)) } }
                }
            }
            tr.total {
                th scope="row" { (reader.say(TOTAL)) }
                @if !merge { td {} }
                @for (nth, known) in case.people.iter().enumerate() {
                    td data-who=(whose(reader, case, nth)) {
                        span.weight { (words::weight(known.weighed.bits)) " " (reader.say(BITS)) }
                        (words::likelihood(&known.weighed, reader.lang))
                        @if let Some(caution) = known.weighed.caution(reader.lang) { br; strong { (caution) } }
                    }
                }
            }
        }
    }
}

/// The answers there are, each a button with its key.
fn answers(reader: &Reader, case: &Case, next: Option<RecordId>) -> Markup {
    let merge = case.kind == QuestionKind::Merge;
    let own = merge && case.proposed_by.is_some() && case.proposed_by == reader.desk;
    html! {
        div.decide {
            @if own { p.flagged { (reader.say(OWN_PROPOSAL)) } }
            @if reader.writer().is_ok() {
                form method="post" action=(way_to(reader, case.record)) {
                    @if merge {
                        @if !own { (button("merged", "m", reader.say(MERGE_THEM))) }
                        (button("apart", "k", reader.say(KEEP_APART)))
                    } @else {
                        @for (nth, known) in case.people.iter().enumerate() {
                            @let key = if nth < KEYS { (nth + 1).to_string() } else { String::new() };
                            (button(&format!("same:{}", known.person), &key, reader.say(SAME_PERSON)))
                        }
                        (button("new", "n", reader.say(NEW_PERSON)))
                        (button("aside", "a", reader.say(SET_ASIDE)))
                    }
                    @if let Some(next) = next { a href=(way_to(reader, next)) data-key="s" { (reader.say(SKIP_CASE)) " " kbd { "s" } } }
                }
                p.note { (reader.say(ANSWER_KEYS)) }
            } @else if let Some(next) = next { p { a href=(way_to(reader, next)) data-key="s" { (reader.say(SKIP_CASE)) } } }
        }
    }
}

fn button(answer: &str, key: &str, name: &str) -> Markup {
    html! {
        button type="submit" name="answer" value=(answer) data-key=[Some(key).filter(|key| !key.is_empty())] {
            (name) @if !key.is_empty() { " " kbd.letter[key.starts_with(char::is_alphabetic)] { (key) } }
        }
    }
}

words! {
    COMPARED: "逐项对照", "Field by field";
    THE_ROW: "名册行", "The row";
    STAYS: "保留", "Stays";
    GOES: "并入", "Goes";
    BEGINNING: "起点", "To begin with";
    BEGINNING_WHY: "任取两条，本来就是同一人的可能", "how likely any two are one before anything is compared";
    REST_OF_HOUSEHOLD: "家人", "Household";
    TOTAL: "合计", "Total";
    BITS: "分", "bits";
    MARKS_NOTE: "＝ 相同，≈ 相近，≠ 不同。", "＝ equal, ≈ alike, ≠ different.";
    WEIGHTS_NOTE: "每项后面的数是它的分量：每多1分，是同一人的可能就翻一倍；负数表示不利。没有数的，是提问以后才知道的，或不参与比较。", "The number after each is its weight: one bit more doubles the odds that it is the same person; a negative one speaks against it. Where there is none, it became known after the question was asked, or isn't compared.";
    MASKED_NOTE: "住址、电话、证号按权限只露一部分，比较的是完整的内容；要看全文，请用 taizhang serve --reveal address,phone --why 核对 打开网页。", "Addresses, telephone and ID numbers are shown in part, but compared whole; to see them, open the pages with taizhang serve --reveal address,phone --why review.";
    UNWEIGHED: "同一号码、两个姓名：没有分量可算，请看下面各项。", "One number with two names: nothing was weighed; look at what is said.";
    SAME_PERSON: "同一人", "Same person";
    NEW_PERSON: "另一人（新建）", "Somebody new";
    SET_ASIDE: "搁置", "Set aside";
    MERGE_THEM: "合并", "Merge";
    KEEP_APART: "不合并", "Keep apart";
    SKIP_CASE: "先跳过", "Skip for now";
    ANSWER_KEYS: "按钮上的字母和数字就是快捷键。", "The letter or number on a button is its key.";
    OWN_PROPOSAL: "这个合并是您提出的，须由另一人复核；您可以改为不合并。", "You proposed this merge; somebody else has to confirm it. You may still keep them apart.";
    MERGE_NOTE: "右边的人并入左边的人：他的记录都归左边，左边的空白由他补上，他自己的编号不再使用。可以撤回。", "The one on the right goes into the one on the left: all records become those of the left, whose blanks are filled. It can be taken back.";
    PERHAPS_ONE: "如果候选的人其实是同一个人，先提出合并", "If two of the candidates are one person, propose a merge first";
    NO_CANDIDATE: "可能的人都已不在台账中；请选“另一人”或“搁置”。", "Nobody it may be of is in the ledger any more: it is somebody new, or to be set aside.";
}
