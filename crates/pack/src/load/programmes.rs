//! Reading `programmes/`: one programme per file, its dated parameters, its conditions, and what it pays.

use jiff::civil::Date;

use super::{COMMON_PARAMETERS, Load};
use crate::read::{CONDITION, Ids, Node, PARAMETER, PROGRAMME, SUBJECT, Table};
use crate::{Basis, Condition, Dated, Every, Fault, Parameter, Pays, Place, Programme};

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn programme(&mut self, top: &mut Table<'n, 'f>) {
        let (parameters, conditions) = (top.rows("parameter"), top.rows("condition"));
        let pays = top.table_opt("pays");
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
        let basis = self.basis(&mut table);
        if basis.is_empty() {
            table.missing("basis");
        }
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
        let conditions = conditions
            .into_iter()
            .filter_map(|row| self.condition(row, &scope, &own))
            .collect();
        let pays = pays.map(|table| self.pays(table, &own));
        let Some(id) = id else { return };
        self.pack.programmes.push(Programme {
            id: id.text,
            name,
            subject: subject.text,
            basis,
            parameters,
            conditions,
            pays,
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
        let mut values: Vec<Dated> = Vec::new();
        let mut before: Option<(Date, Place)> = None;
        for mut row in rows {
            let from = row.need("from");
            let value = row
                .need("value")
                .and_then(|n| self.parameter_value(&n, &kind));
            let basis = row.word("basis").text;
            let illustrative = row.bool_or("illustrative", false);
            row.done();
            let date = from.as_ref().and_then(Node::date);
            if let (Some(node), Some(date)) = (from, date) {
                self.in_order(&node, date, before.as_ref());
                before = Some((date, node.place()));
            }
            if let (Some(from), Some(value)) = (date, value) {
                values.push(Dated {
                    from,
                    value,
                    basis,
                    illustrative,
                });
            }
        }
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

    /// Each value must begin after the one before it.
    fn in_order(&self, node: &Node<'n, 'f>, date: Date, before: Option<&(Date, Place)>) {
        let Some((last, place)) = before.filter(|(last, _)| date <= *last) else {
            return;
        };
        let (code, zh, en) = if date == *last {
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
        let holds = row.sql("holds");
        self.check_parameters(&holds, own);
        let basis = self.basis(&mut row);
        row.done();
        let id = id?;
        Some(Condition {
            id: id.text,
            name,
            holds,
            basis,
            place: id.place,
        })
    }

    fn pays(&self, mut table: Table<'n, 'f>, own: &[&str]) -> Pays {
        let every = table
            .choice("every", &[("month", Every::Month), ("year", Every::Year)])
            .unwrap_or(Every::Month);
        let (due, amount) = (table.sql("due"), table.sql("amount"));
        for sql in [&due, &amount] {
            self.check_parameters(sql, own);
        }
        table.done();
        Pays { every, due, amount }
    }
}
