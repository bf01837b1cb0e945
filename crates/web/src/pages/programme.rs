//! One programme: its lists with the reason for each person, and under them its conditions with their sources and its dated
//! parameters. A list is read anew each time under the reader's grant, narrowed to the unit asked.

use kernel::Lang;
use maud::{Markup, html};
use pack::{Basis, Every, Programme};

use crate::pages::programme_list;
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;
use office::{Standing, UnitNames};

/// The page.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let (office, view) = (&reader.office, reader.view()?);
    let programme = office.pack.programme(id).ok_or(Trouble::Absent)?;
    let unit = reader.unit()?;
    let tally = view.tallies(reader.on, unit).await?.remove(id);
    let units = view.units(reader.on).await?;
    // Whoever doesn't say which list sees the first that anybody is on.
    let lists = Standing::of(programme);
    let taken = |standing: &&Standing| tally.is_some_and(|tally| tally.of(**standing) > 0);
    let first = *lists.iter().find(taken).unwrap_or(&lists[0]);
    let list = programme_list::read(reader, vec![programme], first).await?;
    let (standing, whole) = (list.asked.standing, list.page.is_none());
    let here = format!("/programmes/{id}");
    let body = html! {
        @if let Some(tally) = tally {
            @if programme.judgement.is_none() { p.lead { (words::standing_of(&tally, reader.on, reader.lang)) } }
            section aria-label=(reader.say(LISTS)) {
                (programme_list::tabs(reader, Some(programme), standing, |standing| tally.of(standing)))
                (programme_list::shown(reader, &units, &list, &here).await?)
            }
        } @else {
            p.empty { (words::not_in_force(reader.on, reader.lang)) }
        }
        @if !whole {
            (conditions(reader, programme))
            (parameters(reader, &units, programme))
            (payment(reader, programme))
        }
    };
    let kicker = words::programme_about(office.pack.subject(&programme.subject), reader.lang);
    let up = (
        reader.link("/programmes", &[]),
        reader.say(words::PROGRAMMES).to_owned(),
    );
    Ok(
        Page::new(Place::Programmes, programme.name.get(reader.lang), body)
            .kicker(kicker)
            .way([up])
            .dated(),
    )
}

fn conditions(reader: &Reader, programme: &Programme) -> Markup {
    html! {
        section aria-labelledby="conditions" {
            h2 #conditions { (reader.say(CONDITIONS)) }
            p.note { (reader.say(if programme.judgement.is_some() { JUDGEMENT_NOTE } else { CONDITIONS_NOTE })) }
            ol.conditions {
                @for condition in &programme.conditions {
                    li {
                        (condition.name.get(reader.lang))
                        @if !condition.basis.is_empty() { " " (cited(&condition.basis)) }
                        details {
                            summary { (reader.say(RULE)) }
                            pre { code { (condition.holds.text.trim()) } }
                        }
                    }
                }
            }
            p { strong { (reader.say(BASIS)) } " " (cited(&programme.basis)) }
        }
    }
}

fn cited(basis: &[Basis]) -> Markup {
    html! {
        span.basis lang="zh-CN" {
            @for (nth, basis) in basis.iter().enumerate() {
                @if nth > 0 { "；" }
                (basis.document) @if !basis.clause.is_empty() { " " (basis.clause) }
            }
        }
    }
}

fn parameters(reader: &Reader, units: &UnitNames, programme: &Programme) -> Markup {
    if programme.parameters.is_empty() {
        return html! {};
    }
    let pack = &reader.office.pack;
    let table = html! {
        table {
            thead {
                tr {
                    (parts::heading(reader, PARAMETER, false))
                    (parts::heading(reader, words::VALUE, true))
                    (parts::heading(reader, IN_FORCE_FROM, false))
                    (parts::heading(reader, BASIS, false))
                }
            }
            tbody {
                @for parameter in &programme.parameters {
                    @let now = parameter.on(reader.on).map(|dated| dated.from);
                    @for dated in parameter.values.iter().rev() {
                        tr class=[(now != Some(dated.from)).then_some("past")] {
                            th scope="row" { (parameter.name.get(reader.lang)) }
                            td.n { (shown::setting(pack, units, parameter, &dated.value, reader.lang)) }
                            td.d { (dated.from) }
                            td {
                                span lang="zh-CN" { (dated.basis) }
                                @if dated.illustrative { " " span.flag title=(reader.say(ILLUSTRATIVE_WHY)) { (reader.say(ILLUSTRATIVE)) } }
                            }
                        }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="parameters" {
            h2 #parameters { (reader.say(PARAMETERS)) }
            (parts::scrolling(reader.say(PARAMETERS), &table))
        }
    }
}

fn payment(reader: &Reader, programme: &Programme) -> Markup {
    let Some(pays) = &programme.pays else {
        return html! {};
    };
    let step = match pays.every {
        Every::Month => PAID_MONTHLY,
        Every::Year => PAID_YEARLY,
    };
    html! {
        section aria-labelledby="payment" {
            h2 #payment { (reader.say(PAYMENT)) }
            p { (reader.say(step)) }
            details {
                summary { (reader.say(RULE)) }
                dl.rule {
                    dt { (reader.say(DUE)) }
                    dd { pre { code { (pays.due.text.trim()) } } }
                    dt { (reader.say(AMOUNT)) }
                    dd { pre { code { (pays.amount.text.trim()) } } }
                }
            }
        }
    }
}

/// The name of a programme by its id, in a language.
pub(crate) fn name(pack: &pack::Pack, id: &str, lang: Lang) -> String {
    let programme = pack.programme(id);
    programme.map_or_else(
        || id.to_owned(),
        |programme| programme.name.get(lang).to_owned(),
    )
}

words! {
    LISTS: "名单", "Lists";
    CONDITIONS: "条件", "Conditions";
    CONDITIONS_NOTE: "各项条件须同时符合。一项不符合即为不符合；没有不符合、但有事实缺失的，为无法判断，列入待核实。", "All must hold. One that fails decides; where none fails but a fact is missing, it cannot be told, and the person is put on the list to find out.";
    JUDGEMENT_NOTE: "各项条件须同时符合。一项不符合即为不成立；没有不符合、但有事实缺失的，为无法判断，列入待核实。", "All must hold. One that fails decides; where none fails but a fact is missing, it cannot be told and is put on the list to find out.";
    RULE: "判定式", "Rule";
    BASIS: "依据", "Basis";
    PARAMETERS: "标准与参数", "Rates and parameters";
    PARAMETER: "参数", "Parameter";
    IN_FORCE_FROM: "起始日期", "From";
    ILLUSTRATIVE: "示例值", "illustrative";
    ILLUSTRATIVE_WHY: "未查到正式文件，仅作示例；使用前请按本地文件改定。", "No official text was found; set it by your local documents before use.";
    PAYMENT: "发放", "Payment";
    PAID_MONTHLY: "按月计发，当月符合发放条件的，按当月标准全额计。", "Counted by month; each month that is due is paid in full at its rate.";
    PAID_YEARLY: "按年计发，当年符合发放条件的，按当年标准计。", "Counted by year; each year that is due is paid at its rate.";
    DUE: "当期应发的条件", "When a step is due";
    AMOUNT: "当期金额（分）", "Amount of a step (fen)";
}
