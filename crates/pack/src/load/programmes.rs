//! Reading `programmes/`: one programme per file, its dated parameters, its conditions, and what it pays.

use jiff::civil::Date;

use super::{COMMON_PARAMETERS, Load};
use crate::read::{CONDITION, FACT, Ids, Node, PARAMETER, PROGRAMME, SUBJECT, Table};
use crate::{
    Basis, Condition, Dated, Every, Fault, Judgement, Parameter, Pays, Place, Programme, Sql, Text,
};

/// The condition that a retired programme has besides its own.
const IN_FORCE: &str = "in-force";

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn programme(&mut self, top: &mut Table<'n, 'f>) {
        let (parameters, conditions) = (top.rows("parameter"), top.rows("condition"));
        let pays = top.table_opt("pays");
        let judgement = top.table_opt("judgement");
        let Some(mut table) = top.need("programme").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(PROGRAMME, "", Ids::Plain);
        let name = table.text("name");
        let subject = table.word("subject");
        if !subject.text.is_empty() && self.pack.subject(&subject.text).is_none() {
            self.notes.unknown(
                SUBJECT,
                &subject,
                self.pack.subjects.iter().map(|s| s.id.as_str()),
            );
        }
        let of_people = self
            .pack
            .subject(&subject.text)
            .is_none_or(|own| own.of.is_none());
        let amiss = match (&judgement, &pays) {
            (Some(_), Some(_)) => Some((
                "判断不发钱：[judgement] 和 [pays] 只能有一个。",
                "A judgement pays nothing: either [judgement] or [pays].",
            )),
            (None, _) if !of_people => Some((
                "对象不是人，没有人可以享受；请用 [judgement] 写明两种结论的名称。",
                "The subject consists of no people, so nobody can be enrolled: name the answers in [judgement].",
            )),
            _ => None,
        };
        if let Some((zh, en)) = amiss {
            let place = subject.place.clone();
            self.notes.fault(Fault::at(place, "judgement", zh, en));
        }
        let judgement = judgement.map(|mut table| {
            let (holds, fails) = (table.text("holds"), table.text("fails"));
            let shows = table.words("shows");
            table.done();
            let facts = self.pack.subject(&subject.text);
            for word in &shows {
                if facts.is_some_and(|own| own.fact(&word.text).is_none()) {
                    let known = facts.into_iter().flat_map(|own| own.facts());
                    self.notes
                        .unknown(FACT, word, known.map(|fact| fact.id.as_str()));
                }
            }
            let shows = shows.into_iter().map(|word| word.text).collect();
            Judgement {
                holds,
                fails,
                shows,
            }
        });
        let synonyms = table
            .words("synonyms")
            .into_iter()
            .map(|w| w.text)
            .collect();
        let basis = self.basis(&mut table);
        if basis.is_empty() {
            table.missing("basis");
        }
        let retired = table.day_opt("retired");
        if conditions.is_empty() {
            table.missing("condition");
        }
        let scope = table.scope();
        table.done();
        let parameters: Vec<Parameter> = parameters
            .into_iter()
            .filter_map(|row| self.parameter(row, &scope))
            .collect();
        let own: Vec<&str> = parameters.iter().map(|p| p.id.as_str()).collect();
        let mut conditions: Vec<Condition> = conditions
            .into_iter()
            .filter_map(|row| self.condition(row, &scope, &own))
            .collect();
        let mut pays = pays.map(|table| self.pays(table, &own, &conditions));
        if let Some((day, place)) = &retired {
            conditions.push(in_force(*day, place));
            if let Some(pays) = &mut pays {
                pays.due.text = format!("({}\n) and $start < date '{day}'", pays.due.text);
            }
        }
        let Some(id) = id else { return };
        self.pack.programmes.push(Programme {
            id: id.text,
            name,
            subject: subject.text,
            synonyms,
            retired: retired.map(|(day, _)| day),
            basis,
            parameters,
            conditions,
            pays,
            judgement,
            place: id.place,
        });
    }

    fn basis(&self, table: &mut Table<'n, 'f>) -> Vec<Basis> {
        let one = |mut row: Table<'n, 'f>| {
            let document = row.word("document").text;
            let clause = row.word_opt("clause").map(|w| w.text).unwrap_or_default();
            row.done();
            Basis { document, clause }
        };
        table.rows("basis").into_iter().map(one).collect()
    }

    fn parameter(&mut self, mut row: Table<'n, 'f>, scope: &str) -> Option<Parameter> {
        let id = row.id(PARAMETER, scope, Ids::Sql);
        if let Some(id) = &id {
            row.not_reserved(id, &COMMON_PARAMETERS);
        }
        let name = row.text("name");
        let kind = self.parameter_type(&mut row);
        let rows = row.rows("values");
        if rows.is_empty() {
            row.missing("values");
        }
        let mut read: Vec<Given> = Vec::new();
        let mut before: Option<(usize, Date, Place)> = None;
        for mut row in rows {
            let layer = self.notes.space().layer(&row.place());
            let from = row.need("from");
            let value = row
                .need("value")
                .and_then(|n| self.parameter_value(&n, &kind));
            let basis = row.word("basis").text;
            let illustrative = row.bool_or("illustrative", false);
            let instead = row.bool_or("instead", false);
            row.done();
            let date = from.as_ref().and_then(Node::date);
            if let (Some(node), Some(date)) = (from, date) {
                let same = before.as_ref().filter(|(of, ..)| *of == layer);
                self.in_order(&node, date, same.map(|(_, date, place)| (*date, place)));
                before = Some((layer, date, node.place()));
                let dated = value.map(|value| Dated {
                    from: date,
                    value,
                    basis,
                    illustrative,
                    place: node.place(),
                });
                read.extend(dated.map(|dated| Given {
                    dated,
                    layer,
                    instead,
                }));
            }
        }
        let values = self.one_series(read);
        row.done();
        let id = id?;
        Some(Parameter {
            id: id.text,
            name,
            kind,
            values,
            place: id.place,
        })
    }

    /// The values of all layers as one series. What a layer says begins after everything below, or says on the same day that it stands
    /// instead; nothing below may begin in the midst of it.
    fn one_series(&self, read: Vec<Given>) -> Vec<Dated> {
        let mut series: Vec<(usize, Dated)> = Vec::new();
        for Given {
            dated,
            layer,
            instead,
        } in read
        {
            let there = series
                .iter()
                .position(|(of, below)| *of < layer && below.from == dated.from);
            match there {
                Some(there) if instead => {
                    series[there] = (layer, dated);
                    continue;
                }
                Some(there) => self.overlaps(&dated, &series[there].1),
                None if instead => {
                    let days: Vec<String> = (series.iter())
                        .filter(|(of, _)| *of < layer)
                        .map(|(_, below)| below.from.to_string())
                        .collect();
                    self.nothing_instead(&dated, &days);
                }
                None => {}
            }
            series.push((layer, dated));
        }
        series.sort_by_key(|(layer, dated)| (dated.from, *layer));
        for pair in series.windows(2) {
            let [(layer, own), (of, next)] = pair else {
                continue;
            };
            if of < layer && own.from < next.from {
                self.overlaps(own, next);
            }
        }
        series.into_iter().map(|(_, dated)| dated).collect()
    }

    fn overlaps(&self, own: &Dated, below: &Dated) {
        let (zh, en) = (
            format!("下层从 {} 起另有值。", below.from),
            format!("The layer below has another value from {}.", below.from),
        );
        let (mut hint_zh, mut hint_en) = (
            format!("请另写一行 from = {}，并注明 instead = true", below.from),
            format!(
                "Say what holds from {} on in a row with instead = true",
                below.from
            ),
        );
        if own.from == below.from {
            hint_zh = "要代替它，请注明 instead = true".to_owned();
            hint_en = "To put yours in its place, add instead = true".to_owned();
        }
        self.notes.fault(
            Fault::at(own.place.clone(), "overlapping-dates", zh, en)
                .related(
                    below.place.clone(),
                    "下层的值在这里",
                    "the value below is here",
                )
                .hint(
                    format!("{hint_zh}；或改用更晚的日期。"),
                    format!("{hint_en}, or begin later."),
                ),
        );
    }

    fn nothing_instead(&self, own: &Dated, days: &[String]) {
        let (zh, en) = (
            format!("下层没有从 {} 起的值可代替。", own.from),
            format!(
                "No value below begins on {}, to stand instead of.",
                own.from
            ),
        );
        let fault = Fault::at(own.place.clone(), "nothing-instead", zh, en);
        self.notes.fault(if days.is_empty() {
            fault.hint("请删去 instead。", "Remove `instead`.")
        } else {
            fault.hint(
                format!(
                    "下层的值始于：{}。不代替时请删去 instead。",
                    days.join("、")
                ),
                format!(
                    "Values below begin on: {}. Or remove `instead`.",
                    days.join(", ")
                ),
            )
        });
    }

    /// Each value must begin after the one before it.
    fn in_order(&self, node: &Node<'n, 'f>, date: Date, before: Option<(Date, &Place)>) {
        let Some((last, place)) = before.filter(|(last, _)| date <= *last) else {
            return;
        };
        let (code, zh, en) = if date == last {
            (
                "overlapping-dates",
                format!("两个值都从 {date} 起适用。"),
                format!("Two values apply from {date}."),
            )
        } else {
            (
                "unordered-dates",
                format!("{date} 早于前一个值的 {last}。"),
                format!("{date} is earlier than {last}, where the value before begins."),
            )
        };
        self.notes.fault(
            Fault::at(node.place(), code, zh, en)
                .related(place.clone(), "前一个值在这里", "the value before is here")
                .hint(
                    "每个值适用到下一个值之前；请按日期先后排列。",
                    "Each value applies until the next begins; write them in order of date.",
                ),
        );
    }

    fn condition(&self, mut row: Table<'n, 'f>, scope: &str, own: &[&str]) -> Option<Condition> {
        let id = row.id(CONDITION, scope, Ids::Plain);
        let name = row.text("name");
        let mut holds = row.sql("holds");
        self.check_parameters(&holds, own);
        let basis = self.basis(&mut row);
        let (from, retired) = (row.date_opt("from"), row.day_opt("retired"));
        if let (Some(from), Some((retired, place))) = (from, &retired)
            && *retired <= from
        {
            let (zh, en) = (
                "停用日期不晚于启用日期。",
                "It is retired before it begins.",
            );
            self.notes
                .fault(Fault::at(place.clone(), "unordered-dates", zh, en));
        }
        let retired = retired.map(|(day, _)| day);
        row.done();
        let id = id?;
        // Outside its days a condition is no obstacle.
        let before = from.map(|day| format!("$on < date '{day}'"));
        let after = retired.map(|day| format!("$on >= date '{day}'"));
        let outside: Vec<String> = before.into_iter().chain(after).collect();
        if !outside.is_empty() {
            holds.text = format!("{} or ({}\n)", outside.join(" or "), holds.text);
        }
        Some(Condition {
            id: id.text,
            name,
            holds,
            basis,
            from,
            retired,
            place: id.place,
        })
    }

    fn pays(&self, mut table: Table<'n, 'f>, own: &[&str], conditions: &[Condition]) -> Pays {
        let every = table
            .choice("every", &[("month", Every::Month), ("year", Every::Year)])
            .unwrap_or(Every::Month);
        let (due, amount) = (table.sql("due"), table.sql("amount"));
        for sql in [&due, &amount] {
            self.check_parameters(sql, own);
        }
        let except = table.words("except");
        for word in &except {
            let mut ids = conditions.iter().map(|condition| condition.id.as_str());
            if !ids.any(|id| id == word.text) {
                let known = conditions.iter().map(|condition| condition.id.as_str());
                self.notes.unknown(CONDITION, word, known);
            }
        }
        table.done();
        Pays {
            every,
            due,
            amount,
            except: except.into_iter().map(|word| word.text).collect(),
        }
    }
}

/// A dated value as it was read.
struct Given {
    dated: Dated,
    layer: usize,
    instead: bool,
}

/// That a programme which ends on a day is still in force: once it isn't, it entitles nobody, and who is still paid is told.
fn in_force(ends: Date, place: &Place) -> Condition {
    Condition {
        id: IN_FORCE.to_owned(),
        name: Text::new(
            format!("项目仍在执行（{ends}起停止）"),
            format!("The programme is in force (until {ends})"),
        ),
        holds: Sql {
            text: format!("$on < date '{ends}'"),
            place: place.clone(),
        },
        basis: Vec::new(),
        from: None,
        retired: None,
        place: place.clone(),
    }
}
