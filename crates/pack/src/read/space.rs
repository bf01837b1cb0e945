//! One range of bytes for all files of a pack, so that a value keeps its file wherever a layer above puts it: a span counts through
//! the files, one after another, and leads back to a [`Place`]. It also knows to which layer a file belongs.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Place, SourceFile};

/// Where each file begins, and the files of each layer.
pub(crate) struct Space {
    starts: Vec<usize>,
    layers: Vec<Range<usize>>,
}

impl Space {
    pub fn new(files: &[SourceFile], layers: Vec<Range<usize>>) -> Space {
        let mut next = 0;
        let start = |file: &SourceFile| {
            let start = next;
            // One more than there is, because a span may begin at the end of a file.
            next += file.text.len() + 1;
            start
        };
        Space {
            starts: files.iter().map(start).collect(),
            layers,
        }
    }

    /// The place of a span of a document that was entered.
    pub fn place(&self, span: Range<usize>) -> Place {
        let file = self.starts.partition_point(|start| *start <= span.start);
        let file = file.saturating_sub(1);
        let start = self.starts.get(file).copied().unwrap_or(0);
        Place {
            file,
            span: span.start - start..span.end.max(span.start) - start,
        }
    }

    /// The layer a place belongs to, counted from the lowest.
    pub fn layer(&self, place: &Place) -> usize {
        let found = self
            .layers
            .iter()
            .position(|files| files.contains(&place.file));
        found.unwrap_or(0)
    }

    /// The files of a layer.
    pub fn files_of(&self, layer: usize) -> Range<usize> {
        self.layers.get(layer).cloned().unwrap_or_default()
    }

    /// Moves all spans of a file's document to where the file stands.
    pub fn enter(&self, file: usize, document: &mut DeTable<'_>) {
        shift(document, self.starts.get(file).copied().unwrap_or(0));
    }
}

fn shift(table: &mut DeTable<'_>, by: usize) {
    let moved = |span: Range<usize>| span.start + by..span.end + by;
    let held = std::mem::take(table).into_iter().map(|(key, mut value)| {
        shift_value(value.get_mut(), by);
        (
            Spanned::new(moved(key.span()), key.into_inner()),
            Spanned::new(moved(value.span()), value.into_inner()),
        )
    });
    table.extend(held);
}

fn shift_value(value: &mut DeValue<'_>, by: usize) {
    match value {
        DeValue::Table(table) => shift(table, by),
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                let span = item.span();
                let mut held = std::mem::replace(item.get_mut(), DeValue::Boolean(false));
                shift_value(&mut held, by);
                *item = Spanned::new(span.start + by..span.end + by, held);
            }
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}
