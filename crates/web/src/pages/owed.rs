//! What is owed over a period, to whom and how much; and what was paid without being due, or twice. Beside each sum stand the steps of which
//! it can't be told, so that no sum looks like all there is.

use std::collections::BTreeMap;

use kernel::{Lang, UnitCode};
use maud::{Markup, html};
use office::{OwedAsked, OwedRow, OwedSheet, OwedSum, SeenCell, UnitNames};

use crate::pages::indicators::choice;
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// Rows on a page.
const ROWS: usize = 100;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let (period, unit) = (reader.period()?, reader.unit()?);
    let units = view.units(period.end()).await?;
    let sheet = view.owed(period, unit).await?;
    let kicker = format!(
        "{} · {}",
        units.name(unit.unwrap_or(reader.root()).as_str()),
        period.label(reader.lang)
    );
    let Some(sheet) = sheet else {
        let body = html! {
            (choice(reader, &units, period, unit))
            p.note role="status" data-counting { (reader.say(COUNTING)) " " a href=(reader.here_without(|_, _| false)) { (reader.say(LOOK_AGAIN)) } }
        };
        let page = Page::new(Place::Programmes, reader.say(HEADING), body);
        return Ok(page.kicker(kicker));
    };
    let asked = match reader.ask("list") {
        Some(word) => OwedAsked::parse(word).ok_or(Trouble::Question(BAD_LIST))?,
        None => OwedAsked::ALL[0],
    };
    let programme = reader.ask("programme").map(ToOwned::to_owned);
    let page = reader.page()?;
    let wanted = (unit, programme.as_deref(), asked);
    let rows = view
        .owed_rows(period, wanted, ((page - 1) * ROWS, ROWS))
        .await?;
    let (rows, total) = rows.unwrap_or_default();
    let names = BTreeMap::from_iter(
        sheet
            .units
            .keys()
            .map(|unit| (*unit, units.name(unit.as_str()))),
    );
    let body = html! {
        p.lead { (reader.say(LEAD)) }
        (choice(reader, &units, period, unit))
        p.note { (counted_at(reader, &sheet)) }
        (summary(reader, &sheet))
        @if sheet.units.len() > 1 { (by_unit(reader, &sheet, &names)) }
        section aria-labelledby="rows" {
            h2 #rows { (reader.say(name(asked))) @if let Some(id) = &programme { (reader.say(words::COLON)) (super::programme::name(&reader.office.pack, id, reader.lang)) } }
            p.note { (reader.say(meaning(asked))) }
            @if rows.is_empty() { p.none { (reader.say(NONE)) } } @else { (table(reader, &units, asked, &rows)) (parts::pager(reader, page, total)) }
        }
    };
    let page = Page::new(Place::Programmes, reader.say(HEADING), body);
    Ok(page.kicker(kicker).way([(
        reader.link("/programmes", &[]),
        reader.say(words::PROGRAMMES).to_owned(),
    )]))
}

/// What is owed and what else isn't settled in the year, for the first page; nothing as long as it is being counted.
pub(crate) fn line(reader: &Reader, sheet: &OwedSheet) -> Markup {
    html! {
        dl.line.today {
            @for asked in OwedAsked::ALL {
                @let sum = sheet.sum(asked);
                div {
                    dt { (reader.say(name(asked))) }
                    dd {
                        @if sum.subjects == 0 { span.none { "0" } } @else {
                            a href=(address(reader, asked, None)) { (plain::count(sum.subjects)) }
                        }
                    }
                    @if sum.subjects > 0 {
                        dd.before {
                            (money(reader, &sum))
                            @if let Some(lately) = sheet.lately.get(&asked).filter(|lately| lately.subjects > 0) {
                                br;
                                (reader.say(LATELY)) (plain::count(lately.subjects)) (reader.say(PEOPLE)) (money(reader, lately))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn address(reader: &Reader, asked: OwedAsked, programme: Option<&str>) -> String {
    let mut questions = vec![("list", asked.as_str())];
    questions.extend(programme.map(|id| ("programme", id)));
    let period = reader.ask("period").map(|period| ("period", period));
    questions.extend(period);
    let unit = reader.ask("unit").map(|unit| ("unit", unit));
    questions.extend(unit);
    reader.link("/owed", &questions)
}

fn counted_at(reader: &Reader, sheet: &OwedSheet) -> String {
    let at = shown::moment(sheet.at);
    match (reader.lang, sheet.older) {
        (Lang::Zh, false) => format!("{at} 计算。"),
        (Lang::Zh, true) => format!("{at} 计算；此后又有登记，空闲时自动重算。"),
        (Lang::En, false) => format!("Counted at {at}."),
        (Lang::En, true) => {
            format!(
                "Counted at {at}; more was written since, and it is counted anew when nobody asks for anything."
            )
        }
    }
}

/// A sum of money: with what can't be told beside it, and whether it merely illustrates.
pub(super) fn money(reader: &Reader, sum: &OwedSum) -> Markup {
    html! {
        @if sum.fen.0 > 0 { (shown::yuan(sum.fen.0, reader.lang)) }
        @if sum.illustrative.0 > 0 { @if sum.fen.0 > 0 { " + " } (shown::yuan(sum.illustrative.0, reader.lang)) " " span.flag { (reader.say(ILLUSTRATIVE)) } }
        @if sum.untold > 0 { " " span.faint { (untold(sum, reader.lang)) } }
    }
}

fn untold(sum: &OwedSum, lang: Lang) -> String {
    let alone = sum.fen.0 == 0 && sum.illustrative.0 == 0;
    let steps = plain::count(sum.untold);
    match (lang, alone, sum.untold) {
        (Lang::Zh, true, _) => format!("{steps}期"),
        (Lang::Zh, false, _) => format!("另有{steps}期金额不明"),
        (Lang::En, true, 1) => "1 step".to_owned(),
        (Lang::En, true, _) => format!("{steps} steps"),
        (Lang::En, false, 1) => "and a step whose amount can't be told".to_owned(),
        (Lang::En, false, _) => format!("and {steps} steps whose amount can't be told"),
    }
}

fn summary(reader: &Reader, sheet: &OwedSheet) -> Markup {
    let table = html! {
        table.figures.people {
            thead { tr {
                (parts::heading(reader, PROGRAMME, false))
                @for asked in OwedAsked::ALL { (parts::heading(reader, name(asked), true)) }
            } }
            tbody {
                @for (id, sums) in &sheet.programmes {
                    tr {
                        th scope="row" { (super::programme::name(&reader.office.pack, id, reader.lang)) }
                        @for asked in OwedAsked::ALL { (cell(reader, asked, sums.get(&asked).copied().unwrap_or_default(), Some(id))) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (reader.say(TOTAL)) }
                @for asked in OwedAsked::ALL { (cell(reader, asked, sheet.sum(asked), None)) }
            } }
        }
    };
    parts::scrolling(reader.say(HEADING), &table)
}

fn cell(reader: &Reader, asked: OwedAsked, sum: OwedSum, programme: Option<&str>) -> Markup {
    html! {
        td.n data-what=(reader.say(name(asked))) {
            @if sum.subjects == 0 { span.none { "0" } } @else {
                a href=(address(reader, asked, programme)) { (plain::count(sum.subjects)) } " " br; (money(reader, &sum))
            }
        }
    }
}

fn by_unit(reader: &Reader, sheet: &OwedSheet, names: &BTreeMap<UnitCode, String>) -> Markup {
    let mut units: Vec<(&UnitCode, &OwedSum)> = sheet.units.iter().collect();
    units.sort_by_key(|(unit, sum)| (std::cmp::Reverse(sum.fen.0), **unit));
    let table = html! {
        table.figures.people {
            thead { tr { (parts::heading(reader, words::UNIT, false)) (parts::heading(reader, name(OwedAsked::ALL[0]), true)) } }
            tbody { @for (unit, sum) in units { tr {
                th scope="row" { a href=(reader.here_with("unit", unit.as_str())) { (names.get(unit).map_or("", String::as_str)) } }
                td.n data-what=(reader.say(name(OwedAsked::ALL[0]))) { (plain::count(sum.subjects)) " " (money(reader, sum)) }
            } } }
        }
    };
    parts::scrolling(reader.say(words::UNIT), &table)
}

fn table(reader: &Reader, units: &UnitNames, asked: OwedAsked, rows: &[OwedRow]) -> Markup {
    let pack = &reader.office.pack;
    let table = html! {
        table.figures.people {
            thead { tr {
                (parts::heading(reader, words::NAME, false))
                (parts::heading(reader, PROGRAMME, false))
                (parts::heading(reader, words::UNIT, false))
                (parts::heading(reader, ADDRESS, false))
                (parts::heading(reader, STEPS, false))
                (parts::heading(reader, AMOUNT, true))
            } }
            tbody { @for own in rows { tr {
                th scope="row" {
                    @match &own.row.person {
                        Some(person) => a href=(reader.link(&format!("/people/{}", own.row.record), &[])) { (person.name) },
                        None => "—",
                    }
                    @if own.row.listed.people.len() > 1 { " " span.faint { (reader.say(AND_OTHER)) } }
                    @if own.no_more && asked == OwedAsked::ALL[0] { " " span.flag { (reader.say(NO_MORE)) } }
                }
                td data-what=(reader.say(PROGRAMME)) { (super::programme::name(pack, &own.row.programme, reader.lang)) }
                td data-what=(reader.say(words::UNIT)) { (units.name(&own.row.listed.unit)) }
                td data-what=(reader.say(ADDRESS)) { @match own.row.person.as_ref().map(|person| &person.address) { Some(SeenCell::Value(address)) => { (address.to_string()) }, Some(SeenCell::Masked(address)) => { (address) }, _ => "—" } }
                td data-what=(reader.say(STEPS)) { (steps(own, reader.lang)) }
                td.n data-what=(reader.say(AMOUNT)) { (money(reader, &own.sum)) }
            } } }
        }
    };
    parts::scrolling(reader.say(HEADING), &table)
}

/// The steps, those that follow one another from first to last.
fn steps(row: &OwedRow, lang: Lang) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, step) in row.steps.iter().enumerate() {
        let follows = runs.last().is_some_and(|(_, last)| {
            let before = row.steps[*last].period.end().tomorrow();
            before.is_ok_and(|next| next == step.period.start())
        });
        match runs.last_mut().filter(|_| follows) {
            Some((_, last)) => *last = at,
            None => runs.push((at, at)),
        }
    }
    let told = runs.into_iter().map(|(first, last)| {
        let label = |at: usize| row.steps[at].period.label(lang);
        match first == last {
            true => label(first),
            false => format!("{}–{}", label(first), label(last)),
        }
    });
    let told: Vec<String> = told.collect();
    told.join(match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    })
}

fn name(asked: OwedAsked) -> Words {
    use office::Settled::{DueUnknown, Overpaid, Owed, Paid, PaidUnknown};
    match asked {
        OwedAsked::Settled(Owed) => OWED,
        OwedAsked::Settled(PaidUnknown) => PAID_UNKNOWN,
        OwedAsked::Settled(DueUnknown) => DUE_UNKNOWN,
        OwedAsked::Settled(Paid) => PAID,
        OwedAsked::Settled(Overpaid) => OVERPAID,
        OwedAsked::Twice => TWICE,
    }
}

fn meaning(asked: OwedAsked) -> Words {
    use office::Settled::{DueUnknown, Overpaid, Owed, Paid, PaidUnknown};
    match asked {
        OwedAsked::Settled(Owed) => OWED_WHY,
        OwedAsked::Settled(PaidUnknown) => PAID_UNKNOWN_WHY,
        OwedAsked::Settled(DueUnknown) => DUE_UNKNOWN_WHY,
        OwedAsked::Settled(Paid) => LEAD,
        OwedAsked::Settled(Overpaid) => OVERPAID_WHY,
        OwedAsked::Twice => TWICE_WHY,
    }
}

words! {
    HEADING: "应发与应补", "Due and owed";
    LEAD: "按期（月、年）逐人核算：应发而未发的即为应补。在发放记录建立之前，当期在享受名册上的视为已发。", "Step by step (month, year), person by person: what is due and wasn't paid is owed. Until payments are recorded, whoever is on the payment list in a step counts as paid.";
    COUNTING: "正在逐期核算，约需几秒到几十秒；算好后本页自动显示。", "Being counted, step by step: it takes some seconds. It is shown here once it is there.";
    LOOK_AGAIN: "再看一次", "Look again";
    NONE: "没有。", "None.";
    LATELY: "其中近一个月：", "of the last month: ";
    PEOPLE: "人，", " people, ";
    TOTAL: "合计", "Total";
    PROGRAMME: "项目", "Programme";
    ADDRESS: "住址", "Address";
    STEPS: "期次", "Steps";
    AMOUNT: "金额", "Amount";
    AND_OTHER: "及配偶", "and spouse";
    NO_MORE: "现已不符合", "not entitled any more";
    ILLUSTRATIVE: "示例值", "illustrative";
    OWED: "应补", "Owed";
    PAID_UNKNOWN: "应发，是否已发不明", "Due, payment unknown";
    DUE_UNKNOWN: "应否发放不能判断", "Can't tell if due";
    PAID: "已发", "Paid";
    OVERPAID: "不应发而在发", "Paid, not due";
    TWICE: "重复享受", "Paid twice";
    OWED_WHY: "该期符合条件，享受名册上没有。现在已不符合的，此前应发的仍应补。补发前请先核实。", "Entitled in that step, and on no payment list. Who isn't entitled any more is still owed what was due before. To be reviewed before it is paid.";
    PAID_UNKNOWN_WHY: "该期符合条件，但没有覆盖本人的享受名册，是否已发不知道。请向发放单位取得名册。", "Entitled in that step, but no payment list covers them: get the list from whoever pays.";
    DUE_UNKNOWN_WHY: "缺少事实或名册，不能判断该期应否发放；金额是如果应发时的数额。", "Facts or lists are lacking: it can't be told whether the step is due. The amount is what it would be.";
    OVERPAID_WHY: "在享受名册上，而该期不符合条件；金额为名册所载月标准。是否追回依照各项目规定和《社会救助暂行办法》等，由有权机关决定：依规领取、情况变化未及时停发的，先停发，再按规定处理。", "On a payment list in a step in which they weren't entitled; the amount is the monthly one of the list. Whether it is claimed back is for the authority in charge, by the rules of each programme: stop first.";
    TWICE_WHY: "同一人同一项目在同一期由两个以上单位发放。", "Two units pay the same person by the same programme in one step.";
    BAD_LIST: "没有这份名单。", "There is no such list.";
}
