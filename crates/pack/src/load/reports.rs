//! Reading `reports/`: one report per file, block by block, with every placeholder looked up in both languages.

use super::Load;
use crate::read::{Ids, PLACEHOLDER, REPORT, Table, Word};
use crate::{Block, Fault, Piece, Report, Sql, TEN_THOUSANDS, TableBy, pieces};

/// Placeholders that name no indicator.
pub const COMMON_PLACEHOLDERS: [&str; 5] = ["unit", "year", "period", "start", "end"];

const BY: [(&str, TableBy); 1] = [("unit", TableBy::Unit)];

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn report(&mut self, top: &mut Table<'n, 'f>) {
        let rows = top.rows("block");
        let Some(mut table) = top.need("report").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(REPORT, "", Ids::Plain);
        let name = table.text("name");
        let title = table.text("title");
        let number = table.word_opt("number");
        let signed = table.text_opt("signed");
        for word in table
            .phrases("title")
            .iter()
            .chain(&table.phrases("signed"))
            .chain(&number)
        {
            self.placeholders(word);
        }
        if rows.is_empty() {
            table.missing("block");
        }
        table.done();
        let blocks = rows.into_iter().filter_map(|row| self.block(row)).collect();
        let Some(id) = id else { return };
        let number = number.map(|w| w.text);
        self.pack.reports.push(Report {
            id: id.text,
            name,
            title,
            number,
            signed,
            blocks,
            place: id.place,
        });
    }

    fn block(&self, mut row: Table<'n, 'f>) -> Option<Block> {
        let kinds = ["heading", "paragraph", "table", "chart"];
        let kind = kinds.into_iter().find(|k| row.opt(k).is_some());
        let block = match kind {
            Some("heading") => {
                let level = u8::try_from(row.int_or("heading", 1, 1..=4)).unwrap_or(1);
                Some(Block::Heading {
                    level,
                    text: self.phrase(&mut row, "text"),
                })
            }
            Some("paragraph") => Some(Block::Paragraph {
                text: self.phrase(&mut row, "paragraph"),
            }),
            Some("table") => {
                let title = self.phrase(&mut row, "table");
                let indicators = row.words("indicators");
                if indicators.is_empty() {
                    row.missing("indicators");
                }
                indicators.iter().for_each(|w| self.known_indicator(w));
                let by = row.choice("by", &BY).unwrap_or(TableBy::Unit);
                Some(Block::Table {
                    title,
                    indicators: indicators.into_iter().map(|w| w.text).collect(),
                    by,
                })
            }
            Some(_) => {
                let title = self.phrase(&mut row, "chart");
                let indicator = row.word("indicator");
                if !indicator.text.is_empty() {
                    self.known_indicator(&indicator);
                }
                let by = row.choice("by", &BY).unwrap_or(TableBy::Unit);
                Some(Block::Chart {
                    title,
                    indicator: indicator.text,
                    by,
                })
            }
            None => {
                let names = kinds.join(", ");
                let (zh, en) = (
                    "这一段没有内容。".to_owned(),
                    "This block holds nothing.".to_owned(),
                );
                let fault = Fault::at(row.place(), "missing-field", zh, en);
                self.notes.fault(fault.hint(
                    format!("请写明其中之一：{names}。"),
                    format!("Write one of: {names}."),
                ));
                return None;
            }
        };
        row.forget(kinds.into_iter().filter(|k| Some(*k) != kind));
        row.done();
        block
    }

    /// A text with placeholders.
    fn phrase(&self, row: &mut Table<'n, 'f>, key: &str) -> crate::Text {
        let text = row.text(key);
        row.phrases(key)
            .iter()
            .for_each(|word| self.placeholders(word));
        text
    }

    fn placeholders(&self, word: &Word) {
        let place = Sql {
            text: word.text.clone(),
            place: word.place.clone(),
        };
        for (piece, span) in pieces(&word.text) {
            match piece {
                Piece::Words(_) => {}
                Piece::Name(name) => {
                    let name = match name.split_once(':') {
                        Some((id, TEN_THOUSANDS)) if self.pack.indicator(id).is_some() => continue,
                        Some((id, TEN_THOUSANDS)) => id,
                        _ => name,
                    };
                    if COMMON_PLACEHOLDERS.contains(&name) || self.pack.indicator(name).is_some() {
                        continue;
                    }
                    let indicators = self.pack.indicators.iter().map(|i| i.id.as_str());
                    let word = Word {
                        text: name.to_owned(),
                        place: place.at(span),
                    };
                    self.notes.unknown(
                        PLACEHOLDER,
                        &word,
                        COMMON_PLACEHOLDERS.into_iter().chain(indicators),
                    );
                }
                Piece::Stray(_) => {
                    let fault = Fault::at(
                        place.at(span),
                        "unknown-placeholder",
                        "花括号不成对。",
                        "A brace without its partner.",
                    );
                    self.notes.fault(
                        fault.hint("占位符写作 {名称}。", "A placeholder is written {name}."),
                    );
                }
            }
        }
    }
}
