//! A list written row by row, so that one of a hundred thousand rows never stands in memory as cells: the first rows decide how wide
//! columns are, and the rest goes on as it comes. It gives the same files as writing a whole sheet.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::xlsx::{self, Formats, MEASURED};
use super::{ListCell, ListError, ListSheet, csv};

/// A list that is being written.
pub struct ListWriter {
    /// What stands above the rows, and the first rows while they wait.
    sheet: ListSheet,
    /// How many rows came.
    rows: usize,
    form: Form,
}

/// In what form.
enum Form {
    Csv(String),
    Xlsx(Box<Book>),
}

struct Book {
    workbook: Workbook,
    formats: Formats,
    /// The row of the header, once it is written.
    header: Option<u32>,
}

impl ListWriter {
    /// A list as CSV; see [`super::write_csv`]. The sheet's own rows come first.
    ///
    /// # Errors
    /// A sheet without columns, or a row that hasn't one cell per column.
    pub fn csv(sheet: ListSheet) -> Result<ListWriter, ListError> {
        sheet.check_shape()?;
        let text = csv::header(&sheet);
        ListWriter::new(sheet, Form::Csv(text))
    }

    /// A list as a workbook; see [`super::write_xlsx`]. The sheet's own rows come first.
    ///
    /// # Errors
    /// More than Excel holds, or a row that hasn't one cell per column.
    pub fn xlsx(sheet: ListSheet) -> Result<ListWriter, ListError> {
        sheet.check_shape()?;
        xlsx::check_head(&sheet)?;
        let begun = || -> Result<Book, XlsxError> {
            let mut workbook = xlsx::empty(&sheet.title)?;
            let page = workbook.add_worksheet_with_constant_memory()?;
            page.set_name(xlsx::plain_name(&sheet.name))?;
            Ok(Book {
                workbook,
                formats: Formats::new(),
                header: None,
            })
        };
        let book = begun().map_err(unwritten)?;
        ListWriter::new(sheet, Form::Xlsx(Box::new(book)))
    }

    fn new(mut sheet: ListSheet, form: Form) -> Result<ListWriter, ListError> {
        let first = std::mem::take(&mut sheet.rows);
        let mut writer = ListWriter {
            sheet,
            rows: 0,
            form,
        };
        for row in first {
            writer.push(row)?;
        }
        Ok(writer)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// More than the form holds, or not one cell per column.
    pub fn push(&mut self, row: Vec<ListCell>) -> Result<(), ListError> {
        self.sheet.check_cells(self.rows, &row)?;
        self.rows += 1;
        match &mut self.form {
            Form::Csv(text) => csv::write_row(text, &row),
            Form::Xlsx(book) => {
                xlsx::check_rows(&self.sheet, self.rows)?;
                xlsx::check_row(&self.sheet, self.rows - 1, &row)?;
                match book.header {
                    Some(header) => book.put(header, self.rows, &row).map_err(unwritten)?,
                    None => {
                        self.sheet.rows.push(row);
                        if self.sheet.rows.len() == MEASURED {
                            book.begin(&mut self.sheet).map_err(unwritten)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// It can't be put together.
    pub fn finish(mut self) -> Result<Vec<u8>, ListError> {
        match self.form {
            Form::Csv(text) => Ok(text.into_bytes()),
            Form::Xlsx(mut book) => {
                let finished = book.finish(&mut self.sheet, self.rows);
                finished.map_err(unwritten)
            }
        }
    }
}

impl Book {
    /// Writes what stands above the rows, and those that waited.
    fn begin(&mut self, sheet: &mut ListSheet) -> Result<u32, XlsxError> {
        let page = self.workbook.worksheet_from_index(0)?;
        let header = xlsx::begin(sheet, page, &self.formats)?;
        for (row, cells) in (header + 1..).zip(std::mem::take(&mut sheet.rows)) {
            xlsx::put_row(page, row, &cells, &self.formats)?;
        }
        self.header = Some(header);
        Ok(header)
    }

    /// Writes a row, counted from 1.
    fn put(&mut self, header: u32, row: usize, cells: &[ListCell]) -> Result<(), XlsxError> {
        let row = header.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
        let page = self.workbook.worksheet_from_index(0)?;
        xlsx::put_row(page, row, cells, &self.formats)
    }

    fn finish(&mut self, sheet: &mut ListSheet, rows: usize) -> Result<Vec<u8>, XlsxError> {
        let header = match self.header {
            Some(header) => header,
            None => self.begin(sheet)?,
        };
        let last = header.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        let page = self.workbook.worksheet_from_index(0)?;
        xlsx::end(sheet, page, (header, last))?;
        self.workbook.save_to_buffer()
    }
}

fn unwritten(fault: XlsxError) -> ListError {
    ListError::Write(fault.to_string())
}
