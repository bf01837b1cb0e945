//! The sums of a list's columns of money, under the whole list on paper and in a workbook. A column of which something isn't shown or can't be
//! read has no sum; that some of it isn't known is said beside the sum.

use maud::{Markup, html};
use office::{ListCell, SeenCell, SeenRecord};
use pack::{FieldType, Register, Value};

use crate::reader::Reader;
use crate::shown;

/// The sums so far.
pub(super) struct Totals {
    /// Of each column that is shown; none of those that hold no money.
    columns: Vec<Option<Sum>>,
    /// The fields of the columns, by place.
    shown: Vec<usize>,
    /// Behind which of them other columns stand, and how many.
    more: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    fen: i128,
    unknown: bool,
    hidden: bool,
}

impl Totals {
    pub fn new(register: &Register, shown: &[usize], more: Option<(usize, usize)>) -> Totals {
        let sum = |at: &usize| {
            let field = register.fields.get(*at)?;
            (field.kind == FieldType::Fen).then(Sum::default)
        };
        Totals {
            columns: shown.iter().map(sum).collect(),
            shown: shown.to_vec(),
            more,
        }
    }

    /// How many other columns stand behind one.
    fn behind(&self, place: usize) -> usize {
        let more = self.more.filter(|(after, _)| *after == place);
        more.map_or(0, |(_, count)| count)
    }

    pub fn add(&mut self, record: &SeenRecord) {
        for (sum, at) in self.columns.iter_mut().zip(&self.shown) {
            let Some(sum) = sum else { continue };
            match record.row.cell_at(*at) {
                _ if record.row.unread_at(*at).is_some() => sum.hidden = true,
                SeenCell::Value(Value::Int(fen)) => sum.fen += i128::from(*fen),
                SeenCell::Unknown => sum.unknown = true,
                _ => sum.hidden = true,
            }
        }
    }

    /// Whether any column holds money.
    pub fn any(&self) -> bool {
        self.columns.iter().any(Option::is_some)
    }

    fn words(&self, reader: &Reader) -> String {
        let sums = self.columns.iter().flatten();
        let unknown = sums.filter(|sum| !sum.hidden).any(|sum| sum.unknown);
        let more = if unknown {
            reader.say(WITHOUT_UNKNOWN)
        } else {
            ""
        };
        format!("{}{more}", reader.say(TOTAL))
    }

    /// The row of a file: under the number the word for it, then a cell for each column, and one more where the list says whose a record is.
    pub fn cells(&self, reader: &Reader, with_unit: bool) -> Option<Vec<ListCell>> {
        if !self.any() {
            return None;
        }
        let cell = |sum: &Option<Sum>| match sum.map(|sum| (sum.hidden, i64::try_from(sum.fen))) {
            None => ListCell::Empty,
            Some((false, Ok(fen))) => ListCell::Fen(fen),
            Some(_) => ListCell::Text(reader.say(NO_TOTAL).to_owned()),
        };
        let first = ListCell::Text(self.words(reader));
        let unit = with_unit.then_some(ListCell::Empty);
        let columns = self.columns.iter().enumerate().flat_map(|(place, sum)| {
            let more = std::iter::repeat_n(ListCell::Empty, self.behind(place));
            [cell(sum)].into_iter().chain(more)
        });
        Some([first].into_iter().chain(columns).chain(unit).collect())
    }

    /// The foot of a table, whose first column has the numbers of rows; so many stand behind those that are shown.
    pub fn foot(&self, reader: &Reader, after: usize) -> Markup {
        html! {
            @if self.any() {
                tfoot { tr.total {
                    th scope="row" { (self.words(reader)) }
                    @for (place, sum) in self.columns.iter().enumerate() {
                        @match sum.map(|sum| (sum.hidden, i64::try_from(sum.fen))) {
                            None => td {},
                            Some((false, Ok(fen))) => td.n { (shown::yuan(fen, reader.lang)) },
                            Some(_) => td.n.faint { (reader.say(NO_TOTAL)) },
                        }
                        @for _ in 0..self.behind(place) { td {} }
                    }
                    @if after > 0 { td colspan=(after) {} }
                } }
            }
        }
    }
}

words! {
    TOTAL: "合计", "Total";
    WITHOUT_UNKNOWN: "（不明的未计）", " (without unknown ones)";
    NO_TOTAL: "不能合计", "can't be summed";
}
