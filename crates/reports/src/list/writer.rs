//! A list written row by row, so that one of a hundred thousand rows never stands in memory as cells: the first rows decide how wide
//! columns are, and the rest goes on as it comes. It gives the same files as writing a whole sheet.

use std::fs::File;
use std::io::Seek as _;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::xlsx::{self, Formats, MEASURED};
use super::{ListCell, ListColumn, ListError, ListSheet, csv};

/// A list that is being written.
pub struct ListWriter {
    /// What stands above the rows, and the first rows while they wait.
    sheet: ListSheet,
    /// How many rows came.
    rows: usize,
    form: Form,
}

/// What is left of a list once its last row is written.
pub enum ListFile {
    /// The rest of a CSV.
    Text(Vec<u8>),
    /// A workbook, from its beginning: an unnamed temporary file, which is gone when it is closed.
    Workbook(File),
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
    /// How many rows are written.
    written: u32,
    /// The last that came.
    last: Option<Vec<ListCell>>,
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
                written: 0,
                last: None,
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
                    Some(header) => {
                        let put = book.put(header, row, &self.sheet.columns);
                        put.map_err(unwritten)?;
                    }
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

    /// What of a CSV came since this was last asked; nothing of a workbook, which is put together at the end.
    #[must_use]
    pub fn taken(&mut self) -> Vec<u8> {
        match &mut self.form {
            Form::Csv(text) => std::mem::take(text).into_bytes(),
            Form::Xlsx(_) => Vec::new(),
        }
    }

    /// The rest of the list, with a row of totals under a workbook's if there is one. CSV is for programs, to which such a row would be
    /// one more record.
    ///
    /// # Errors
    /// It can't be put together; totals that haven't one cell per column.
    pub fn finish(mut self, totals: Option<&[ListCell]>) -> Result<ListFile, ListError> {
        if let Some(totals) = totals {
            self.sheet.check_cells(self.rows, totals)?;
        }
        match self.form {
            Form::Csv(text) => Ok(ListFile::Text(text.into_bytes())),
            Form::Xlsx(mut book) => {
                let broken = |fault: std::io::Error| ListError::Write(fault.to_string());
                let mut file = tempfile::tempfile().map_err(broken)?;
                let written = book.finish(&mut self.sheet, totals, &mut file);
                written.map_err(unwritten)?;
                file.rewind().map_err(broken)?;
                Ok(ListFile::Workbook(file))
            }
        }
    }
}

impl Book {
    /// Writes what stands above the rows, and those that waited.
    fn begin(&mut self, sheet: &mut ListSheet) -> Result<u32, XlsxError> {
        let page = self.workbook.worksheet_from_index(0)?;
        let header = xlsx::begin(sheet, page, &self.formats)?;
        self.header = Some(header);
        for row in std::mem::take(&mut sheet.rows) {
            self.put(header, row, &sheet.columns)?;
        }
        Ok(header)
    }

    /// Takes a row, and writes the one before it.
    fn put(
        &mut self,
        header: u32,
        row: Vec<ListCell>,
        columns: &[ListColumn],
    ) -> Result<(), XlsxError> {
        if let Some(before) = self.last.replace(row) {
            let at = (header.saturating_add(self.written).saturating_add(1), false);
            let page = self.workbook.worksheet_from_index(0)?;
            xlsx::put_row(page, at, &before, (columns, &self.formats))?;
            self.written += 1;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        sheet: &mut ListSheet,
        totals: Option<&[ListCell]>,
        file: &mut File,
    ) -> Result<(), XlsxError> {
        let header = match self.header {
            Some(header) => header,
            None => self.begin(sheet)?,
        };
        let mut last = header.saturating_add(self.written);
        let page = self.workbook.worksheet_from_index(0)?;
        if let Some(row) = self.last.take() {
            last = last.saturating_add(1);
            xlsx::put_row(page, (last, true), &row, (&sheet.columns, &self.formats))?;
        }
        if let Some(totals) = totals {
            xlsx::put_totals(page, last.saturating_add(1), totals, &self.formats)?;
        }
        xlsx::end(sheet, page, (header, last), &self.formats)?;
        self.workbook.save_to_writer(file)?;
        Ok(())
    }
}

fn unwritten(fault: XlsxError) -> ListError {
    ListError::Write(fault.to_string())
}
