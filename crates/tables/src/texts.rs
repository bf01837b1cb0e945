//! Texts of rows that stand by themselves. Rows that were taken out of others, or put together of several, lean on all texts of what they
//! came from, and hold on to a list of all the pieces these are in: of a few rows that is most of what they take.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, RecordBatch};

use crate::error::TablesError;

/// In more pieces than this texts that grow aren't kept.
const MOST_PIECES: usize = 64;

/// Rows with their own texts in one piece, and no others.
///
/// # Errors
/// Only when memory for the rows cannot be had.
pub(crate) fn by_themselves(rows: &RecordBatch) -> Result<RecordBatch, TablesError> {
    let columns = rows.columns().iter();
    let own = columns.map(|column| match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()) as ArrayRef,
        None => column.clone(),
    });
    Ok(RecordBatch::try_new(rows.schema(), own.collect())?)
}

/// Whether texts of some rows are in very many pieces: with every few rows that are added one is added.
pub(crate) fn are_in_pieces(rows: &RecordBatch) -> bool {
    let mut columns = rows.columns().iter();
    columns.any(|column| {
        let texts = column.as_string_view_opt();
        texts.is_some_and(|texts| texts.data_buffers().len() > MOST_PIECES)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{AsArray as _, RecordBatch, StringViewArray};
    use datafusion::arrow::compute::concat_batches;
    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::{are_in_pieces, by_themselves};
    use crate::error::TablesError;

    #[test]
    fn rows_taken_out_lean_on_no_texts_but_their_own() -> Result<(), TablesError> {
        let shape = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8View, true)]));
        let part = |nth: usize| {
            let texts = [format!("a text too long to stand in its view: {nth}")];
            let texts = StringViewArray::from_iter_values(texts);
            RecordBatch::try_new(shape.clone(), vec![Arc::new(texts)])
        };
        let parts: Vec<RecordBatch> = (0..70).map(part).collect::<Result<_, _>>()?;
        let one = concat_batches(&shape, &parts)?.slice(7, 1);
        let own = by_themselves(&one)?;
        let buffers = |rows: &RecordBatch| rows.column(0).as_string_view().data_buffers().len();
        assert!(buffers(&one) > 1 && buffers(&own) == 1);
        assert!(are_in_pieces(&one) && !are_in_pieces(&own));
        assert_eq!(
            one.column(0).as_string_view().value(0),
            own.column(0).as_string_view().value(0)
        );
        Ok(())
    }
}
