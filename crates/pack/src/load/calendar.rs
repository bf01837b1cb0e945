//! Reading `calendar/`: the holidays and made-up working days of each year.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Load;
use crate::Fault;
use crate::read::{Node, Noun, Table, Word};

const YEAR: Noun = Noun {
    unknown: "unknown-year",
    zh: "年份",
    en: "year",
};

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn calendar(
        &mut self,
        top: &mut Table<'n, 'f>,
        holidays: &mut BTreeSet<Date>,
        made_up: &mut BTreeSet<Date>,
    ) {
        let Some(mut table) = top.need("calendar").and_then(|n| n.table()) else {
            return;
        };
        if let Some(node) = table.need("year")
            && let Some(year) = node.int()
        {
            self.notes.declare(
                "",
                YEAR,
                &Word {
                    text: year.to_string(),
                    place: node.place(),
                },
            );
        }
        table.word("basis");
        let off = table
            .need("holidays")
            .and_then(|n| n.list())
            .unwrap_or_default();
        let worked = table
            .need("made_up")
            .and_then(|n| n.list())
            .unwrap_or_default();
        self.days(&off, holidays, made_up);
        self.days(&worked, made_up, holidays);
        table.done();
    }

    /// Adds days, none of which may be among them already, or among the others.
    fn days(&self, nodes: &[Node<'n, 'f>], days: &mut BTreeSet<Date>, others: &BTreeSet<Date>) {
        for node in nodes {
            let Some(day) = node.date() else { continue };
            if others.contains(&day) {
                let (zh, en) = (
                    format!("{day} 既是放假日又是补班日。"),
                    format!("{day} is both a holiday and a made-up working day."),
                );
                self.notes.fault(
                    Fault::at(node.place(), "overlapping-dates", zh, en)
                        .hint("请保留其中一个。", "Keep one of them."),
                );
            } else if !days.insert(day) {
                let (zh, en) = (format!("{day} 重复。"), format!("{day} stands here twice."));
                self.notes.fault(
                    Fault::at(node.place(), "overlapping-dates", zh, en)
                        .hint("请删去一个。", "Remove one of them."),
                );
            }
        }
    }
}
