//! How the lists stand, for programs: words of closed sets, numbers and days, with names in both languages beside them.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kernel::Lang;
use serde_json::{Map, Value as Json, json};

use super::{Completeness, LastSent, ListStanding, ListState, PartOf, PartOfWhole, Rates};
use crate::names::UnitNames;
use crate::office::Office;
use crate::owed::OwedSum;

impl Completeness {
    /// All but the rows, of which some are given.
    #[must_use]
    pub fn json(&self, office: &Office, units: &UnitNames, rows: &[ListStanding]) -> Json {
        let states = ListState::ALL.into_iter().map(|state| {
            let count = self.states.get(&state).copied().unwrap_or(0);
            (state.as_str().to_owned(), json!(count))
        });
        let senders = self.senders.iter().map(|(sender, rates)| {
            let mut told = told(*rates);
            told["sender"] = json!(sender);
            told["sender_name"] = sender_name(office, sender);
            told
        });
        let by_unit = self.units.iter().map(|(unit, rates)| {
            let mut told = told(*rates);
            told["unit"] = json!(unit.to_string());
            told["unit_name"] = json!(units.name(unit.as_str()));
            told
        });
        let rows = rows.iter().map(|row| one(office, units, row));
        let mut all = told(self.whole);
        all["today"] = json!(self.today.to_string());
        all["states"] = Json::Object(states.collect::<Map<_, _>>());
        all["senders"] = json!(senders.collect::<Vec<_>>());
        all["units"] = json!(by_unit.collect::<Vec<_>>());
        all["total"] = json!(self.rows.len());
        all["rows"] = json!(rows.collect::<Vec<_>>());
        all
    }
}

fn told(rates: Rates) -> Json {
    json!({ "complete": rate(rates.complete), "on_time": rate(rates.on_time) })
}

fn rate(rate: PartOfWhole) -> Json {
    json!({ "part": rate.part, "whole": rate.whole })
}

fn money(sum: OwedSum) -> Json {
    json!({ "fen": sum.fen.0, "illustrative_fen": sum.illustrative.0, "untold": sum.untold })
}

fn sender_name(office: &Office, sender: &str) -> Json {
    let name = |lang| office.sender_named(sender, lang);
    json!({ "zh": name(Lang::Zh), "en": name(Lang::En) })
}

fn day(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn one(office: &Office, units: &UnitNames, row: &ListStanding) -> Json {
    let roster = office.pack.roster(&row.roster);
    let gaps = row.gaps.iter();
    let gaps = gaps.map(|(from, to)| json!({ "from": from.to_string(), "to": to.to_string() }));
    json!({
        "unit": row.unit.to_string(),
        "unit_name": units.name(row.unit.as_str()),
        "list": row.roster,
        "list_name": roster.map(|own| json!({ "zh": own.name.zh, "en": own.name.en })),
        "parts": row.slices,
        "sender": row.sender,
        "sender_name": sender_name(office, &row.sender),
        "state": row.state.as_str(),
        "due": day(row.due),
        "valid_until": day(row.until.map(|until| until.saturating_sub(1.day()))),
        "gaps": gaps.collect::<Vec<_>>(),
        "kept": row.kept,
        "on_time": rate(row.on_time),
        "answers_waiting": row.waits.map(|waits| waits.answers),
        "money_waiting": row.waits.and_then(|waits| waits.money).map(money),
        "last": row.last.as_ref().map(last),
    })
}

fn last(last: &LastSent) -> Json {
    let before = match last.partial {
        Some(PartOf::Fewer(before)) => before,
        _ => None,
    };
    json!({
        "commit": last.say.map(|say| say.commit),
        "unit": last.unit.to_string(),
        "sender": last.sender,
        "as_of": last.as_of.to_string(),
        "since": day(last.since),
        "arrived": day(last.arrived),
        "rows": last.rows.map(|(rows, _)| rows),
        "unplaced": last.rows.map(|(_, unplaced)| unplaced),
        "partial": last.partial.map(PartOf::as_str),
        "rows_before": before,
    })
}
