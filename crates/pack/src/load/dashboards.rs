//! Reading `dashboards/`: one page of figures per file, part by part, with every indicator and dimension looked up.

use super::Load;
use crate::read::{DASHBOARD, Ids, Table};
use crate::{Dashboard, DashboardSection, Each, Fault, Shows};

/// The word for a breakdown by units; dimensions are named by their ids.
const UNIT: &str = "unit";
/// Dimensions that one part may be broken down by at once.
const MOST: usize = 2;

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn dashboard(&mut self, top: &mut Table<'n, 'f>) {
        let rows = top.rows("section");
        let Some(mut table) = top.need("dashboard").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(DASHBOARD, "", Ids::Plain);
        let name = table.text("name");
        let help = table.text_opt("help");
        let first = table.bool_or("first", false);
        if rows.is_empty() {
            table.missing("section");
        }
        table.done();
        let sections = rows.into_iter().map(|row| self.dashboard_section(row));
        let sections = sections.collect();
        let Some(id) = id else { return };
        self.pack.dashboards.push(Dashboard {
            id: id.text,
            name,
            help,
            first,
            sections,
            place: id.place,
        });
    }

    fn dashboard_section(&mut self, mut row: Table<'n, 'f>) -> DashboardSection {
        let name = row.text("name");
        let figures = row.words("figures");
        if figures.is_empty() {
            row.missing("figures");
        }
        figures.iter().for_each(|word| self.known_indicator(word));
        let choices = Each::ALL.map(|each| (each.as_str(), each));
        let series = row.choice_opt("series", &choices);
        let place = row.place();
        let by = row.word_or_words("by");
        row.accepts(&["last"]);
        let shows = match (series, by) {
            (Some(each), by) => {
                if by.is_some() {
                    let (zh, en) = ("by 和 series 只写一个。", "Write either by or series.");
                    self.notes.fault(Fault::at(place, "either", zh, en));
                }
                let usual = i64::try_from(each.usual()).unwrap_or(i64::MAX);
                let most = i64::try_from(Each::MOST).unwrap_or(i64::MAX);
                let last = row.int_or("last", usual, 2..=most);
                let last = usize::try_from(last).unwrap_or(each.usual());
                Shows::Series { each, last }
            }
            (None, None) => Shows::Now,
            (None, Some(words)) if words.len() == 1 && words[0].text == UNIT => Shows::ByUnit,
            (None, Some(words)) => {
                let ids = words.iter().map(|word| word.text.clone()).collect();
                self.broken_down_by(&figures, &words);
                Shows::By(ids)
            }
        };
        row.done();
        DashboardSection {
            name,
            figures: figures.into_iter().map(|word| word.text).collect(),
            shows,
        }
    }

    /// What figures are broken down by must be dimensions of each of them, or of what they are made of.
    fn broken_down_by(&self, figures: &[crate::read::Word], by: &[crate::read::Word]) {
        if by.len() > MOST {
            self.notes.fault(Fault::at(
                by[MOST].place.clone(),
                "too-many",
                format!("最多按 {MOST} 个维度。"),
                format!("At most {MOST} dimensions are allowed."),
            ));
        }
        for word in by {
            let lacks = figures.iter().find(|figure| {
                let known = self.pack.indicator(&figure.text);
                known.is_some_and(|known| !self.pack.breaks_down(known).contains(&word.text))
            });
            if let Some(figure) = lacks {
                let fault = Fault::at(
                    word.place.clone(),
                    "no-dimension",
                    format!("指标“{}”不能按“{}”分。", figure.text, word.text),
                    format!("“{}” is not broken down by “{}”.", figure.text, word.text),
                );
                self.notes.fault(fault.hint(
                    "请在指标的 by 中写上这个维度。",
                    "Name the dimension in the by of the indicator.",
                ));
            }
        }
    }
}
