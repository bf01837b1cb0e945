//! The uniform grid every spreadsheet becomes: workbooks of sheets of rows of cells, whatever the file was. Only filled cells
//! are kept, in eight bytes each and their text, so that a million rows cost hundreds of megabytes, not gigabytes. A grid
//! knows what stood in the file and where; it never interprets a cell.

pub use pack::cell::Cell;

use crate::fault::FileFault;
use crate::limits;

mod store;

use store::{Packed, Store};

/// A workbook that has been read.
#[derive(Debug, Default)]
pub struct Workbook {
    /// Its sheets, in their order.
    pub sheets: Vec<Sheet>,
}

/// One sheet.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its name; empty for a CSV file, which has none.
    pub name: String,
    /// Merged areas, if the file declares them and they were asked for.
    pub merged: Vec<Area>,
    /// Whether its file counts days from 1904 on.
    pub from_1904: bool,
    /// Whether its file hides it: then nothing of it is read.
    pub hidden: bool,
    /// Of CSV files how many cells each row has, filled or not.
    widths: Vec<u16>,
    store: Store,
    cells: Vec<Placed>,
    rows: Vec<RowSpan>,
}

/// A rectangle of cells, both ends inclusive, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// First row and column.
    pub from: (u32, u16),
    /// Last row and column.
    pub to: (u32, u16),
}

/// A filled cell, in eight bytes: files have many millions.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// The column and, in the highest bit, whether a formula computes the cell.
    column: u16,
    kind: u16,
    at: u32,
}

#[derive(Debug, Clone, Copy)]
struct RowSpan {
    number: u32,
    first: u32,
}

/// One filled row of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The row's number as a spreadsheet shows it, from 1.
    pub number: u32,
    sheet: &'a Sheet,
    cells: &'a [Placed],
}

impl Placed {
    /// Above all columns: [`limits::COLUMNS`] is less.
    const FORMULA: u16 = 1 << 15;

    fn new(column: u16, formula: bool, Packed { kind, at }: Packed) -> Placed {
        let mark = if formula { Placed::FORMULA } else { 0 };
        let column = column | mark;
        Placed { column, kind, at }
    }

    fn what(&self) -> Packed {
        let Placed { kind, at, .. } = *self;
        Packed { kind, at }
    }

    fn column(&self) -> u16 {
        self.column & !Placed::FORMULA
    }

    fn is_formula(&self) -> bool {
        self.column & Placed::FORMULA != 0
    }
}

impl Sheet {
    /// An empty sheet.
    pub fn new(name: impl Into<String>) -> Sheet {
        Sheet {
            name: name.into(),
            ..Sheet::default()
        }
    }

    /// A sheet that its file hides.
    pub fn hidden(name: impl Into<String>) -> Sheet {
        Sheet {
            hidden: true,
            ..Sheet::new(name)
        }
    }

    /// How many rows have anything in them.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing stands in the sheet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The `index`-th filled row.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let span = self.rows.get(index)?;
        let end = self
            .rows
            .get(index + 1)
            .map_or(self.cells.len(), |next| next.first as usize);
        Some(Row {
            number: span.number,
            sheet: self,
            cells: self.cells.get(span.first as usize..end).unwrap_or(&[]),
        })
    }

    /// The row of a number, as a spreadsheet shows it, if anything stands in it.
    pub(crate) fn numbered(&self, number: u32) -> Option<Row<'_>> {
        self.row(self.place_of(number)?)
    }

    /// The filled rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).filter_map(|at| self.row(at))
    }

    /// Puts a cell behind all earlier ones: rows and columns only ascend. Empty cells and blank text are left out.
    pub fn push(
        &mut self,
        row: u32,
        column: u32,
        cell: Cell<'_>,
        formula: bool,
    ) -> Result<(), FileFault> {
        match cell {
            Cell::Empty if !formula => return Ok(()),
            Cell::Text(text) if !formula && text.trim().is_empty() => return Ok(()),
            _ => (),
        }
        let column = u16::try_from(column)
            .ok()
            .filter(|c| u32::from(*c) < limits::COLUMNS)
            .ok_or_else(|| FileFault::TooManyColumns {
                sheet: self.name.clone(),
            })?;
        if row >= limits::ROWS {
            return Err(FileFault::TooManyRows {
                sheet: self.name.clone(),
            });
        }
        let room = self.cells.len() < limits::CELLS;
        let kept = room.then(|| self.store.keep(cell)).flatten();
        let what = kept.ok_or_else(|| FileFault::TooManyCells {
            sheet: self.name.clone(),
        })?;
        self.place(row + 1, Placed::new(column, formula, what))
    }

    /// Keeps how many cells the row has that was read last, if anything stands in it.
    pub(crate) fn end_row(&mut self, cells: usize) {
        if self.widths.len() < self.rows.len() {
            self.widths.push(u16::try_from(cells).unwrap_or(u16::MAX));
        }
    }

    /// How many cells the `index`-th filled row has; unknown but for CSV files.
    pub(crate) fn width(&self, index: usize) -> Option<u16> {
        self.widths.get(index).copied()
    }

    /// The place among the filled rows of a row by its number.
    pub(crate) fn place_of(&self, number: u32) -> Option<usize> {
        let found = self.rows.binary_search_by_key(&number, |row| row.number);
        found.ok()
    }

    fn place(&mut self, number: u32, placed: Placed) -> Result<(), FileFault> {
        let out_of_order = || FileFault::Damaged {
            detail: format!("cells out of order in row {number}"),
        };
        match self.rows.last() {
            Some(last) if last.number == number => {
                if self
                    .cells
                    .last()
                    .is_some_and(|c| c.column() >= placed.column())
                {
                    return Err(out_of_order());
                }
            }
            Some(last) if last.number > number => return Err(out_of_order()),
            _ => self.rows.push(RowSpan {
                number,
                first: u32::try_from(self.cells.len()).unwrap_or(u32::MAX),
            }),
        }
        self.cells.push(placed);
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// The cell in a column, counted from 0.
    pub fn cell(&self, column: u16) -> Cell<'a> {
        self.find(column)
            .map_or(Cell::Empty, |p| self.sheet.store.show(p.what()))
    }

    /// Whether the cell in a column is computed by a formula.
    pub fn is_formula(&self, column: u16) -> bool {
        self.find(column).is_some_and(Placed::is_formula)
    }

    /// The filled cells with their columns, in order.
    pub fn cells(&self) -> impl Iterator<Item = (u16, Cell<'a>)> + use<'a> {
        let store = &self.sheet.store;
        self.cells
            .iter()
            .map(|p| (p.column(), store.show(p.what())))
    }

    fn find(&self, column: u16) -> Option<&'a Placed> {
        // In most files every cell before this one is filled, so it stands at its own number.
        match self.cells.get(usize::from(column)) {
            Some(p) if p.column() == column => Some(p),
            _ => self
                .cells
                .binary_search_by_key(&column, Placed::column)
                .ok()
                .and_then(|at| self.cells.get(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn finds_cells_in_sparse_rows() {
        let mut sheet = Sheet::new("a");
        sheet.push(0, 1, Cell::Text("x"), false).unwrap();
        sheet.push(0, 9, Cell::Number(2.0), false).unwrap();
        sheet.push(4, 0, Cell::Bool(true), true).unwrap();
        assert_eq!(sheet.len(), 2);
        let row = sheet.row(0).unwrap();
        assert_eq!(row.cell(0), Cell::Empty);
        assert_eq!(row.cell(1), Cell::Text("x"));
        assert_eq!(row.cell(9), Cell::Number(2.0));
        let row = sheet.row(1).unwrap();
        assert_eq!(row.number, 5);
        assert!(row.is_formula(0));
    }

    #[test]
    fn shows_every_kind_of_cell_as_it_was() {
        let long = "长".repeat(30_000);
        let cells = [
            Cell::Text("石门社区"),
            Cell::Number(-2.5),
            Cell::Text(&long),
            Cell::Date(jiff::civil::date(1949, 10, 1)),
            Cell::Date(Date::MIN),
            Cell::Moment(jiff::civil::datetime(2025, 7, 1, 8, 30, 15, 0)),
            Cell::Moment(jiff::civil::DateTime::MIN),
            Cell::Bool(false),
            Cell::Error,
            Cell::Text("石门社区"),
            Cell::Number(7.0),
        ];
        let mut sheet = Sheet::new("a");
        for (column, cell) in (0..).zip(cells) {
            sheet.push(0, column, cell, column % 2 == 1).unwrap();
        }
        let row = sheet.row(0).unwrap();
        for (column, cell) in (0..).zip(cells) {
            assert_eq!(row.cell(column), cell);
            assert_eq!(row.is_formula(column), column % 2 == 1);
        }
        assert!(row.cells().eq((0..).zip(cells)));
        assert_eq!(size_of::<Placed>(), 8);
    }

    #[test]
    fn keeps_what_was_just_said_once() {
        let mut sheet = Sheet::new("a");
        for row in 0..1_000 {
            sheet.push(row, 0, Cell::Text("桂林街道"), false).unwrap();
            let own = row.to_string();
            sheet.push(row, 1, Cell::Text(&own), false).unwrap();
        }
        assert!(sheet.store.text.len() < "桂林街道".len() + 4 * 1_000);
        assert_eq!(sheet.row(999).unwrap().cell(0), Cell::Text("桂林街道"));
        assert_eq!(sheet.row(999).unwrap().cell(1), Cell::Text("999"));
    }

    #[test]
    fn refuses_the_row_after_the_last() {
        let mut sheet = Sheet::new("a");
        assert!(matches!(
            sheet.push(limits::ROWS, 0, Cell::Number(1.0), false),
            Err(FileFault::TooManyRows { .. })
        ));
    }
}
