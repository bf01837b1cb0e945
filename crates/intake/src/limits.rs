//! The bounds of what an import takes in. They are generous for a county and far below what would exhaust a machine; a file
//! beyond one of them is refused with a message, before anything is written.

/// The largest file, in bytes.
pub const FILE: u64 = 512 << 20;
/// The most a compressed file may declare to hold, in bytes.
pub const INFLATED: u64 = 1 << 30;
/// The most rows of a sheet, as in a spreadsheet program.
pub const ROWS: u32 = 1_048_576;
/// The most columns of a sheet, as in a spreadsheet program.
pub const COLUMNS: u32 = 16_384;
/// The most filled cells of a sheet.
pub const CELLS: usize = 48 << 20;
/// The most text of a sheet, in bytes.
pub const TEXT: usize = 1 << 30;
/// The rows of a sheet up to which cells merged in its rows are looked for; longer ones come from programs, which merge none.
pub const MERGED_ROWS: usize = 100_000;
/// The most sheets of a workbook.
pub const SHEETS: usize = 256;
/// The rows in which a header is looked for.
pub const HEADER_ROWS: usize = 30;
/// The most elements within one another in a file's XML.
pub const DEPTH: usize = 256;
