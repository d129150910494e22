//! Rows of a frame by their numbers: columns of them, and what conditions keep of them.
//!
//! Knows frames and row numbers. Must not know tables, searches or pages. No frame is ever copied: rows are kept as a
//! list of numbers, and only the columns that a condition looks at are gathered.

use polars::prelude::*;
use rayon::prelude::*;
use std::sync::Arc;

/// Rows that are passed over as one piece of work.
const PIECE: usize = 1 << 15;
/// Values whose answer is remembered while a piece is passed over; a power of two.
const REMEMBERED: usize = 512;

/// Some rows of a frame, in its order.
#[derive(Clone, Debug)]
pub struct Sight {
    frame: Arc<DataFrame>,
    rows: Option<Arc<[IdxSize]>>,
}

impl Sight {
    /// All rows of a frame.
    pub fn all(frame: Arc<DataFrame>) -> Self {
        Self { frame, rows: None }
    }

    /// Rows with these numbers, which rise.
    pub fn of(frame: Arc<DataFrame>, rows: Vec<IdxSize>) -> Self {
        Self { frame, rows: Some(rows.into()) }
    }

    /// Returns the frame.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.as_ref().map_or(self.frame.height(), |rows| rows.len())
    }

    /// Returns the number in the frame of the row at a place.
    pub fn number(&self, place: usize) -> IdxSize {
        match &self.rows {
            Some(rows) => rows.get(place).copied().unwrap_or_default(),
            None => IdxSize::try_from(place).unwrap_or(IdxSize::MAX),
        }
    }

    /// Returns a column of these rows; of all rows at no cost.
    pub fn column(&self, name: &str) -> PolarsResult<Series> {
        let whole = self.frame.column(name)?;
        let gathered = match &self.rows {
            Some(rows) => whole.take(&IdxCa::from_slice("".into(), rows))?,
            None => whole.clone(),
        };
        Ok(gathered.as_materialized_series().rechunk())
    }

    /// Keeps rows by a mark each.
    pub fn keep(&self, marks: &[bool]) -> Self {
        let places = marks.iter().enumerate().filter(|(_, marked)| **marked);
        Self::of(Arc::clone(&self.frame), places.map(|(place, _)| self.number(place)).collect())
    }
}

/// Marks rows of which one of these columns of text holds something that a condition finds. Columns are in one piece
/// ([`Sight::column`]) and as long as the marks.
///
/// Most columns repeat few values. What was found of a value is remembered by the 16 bytes with which a column points
/// to it; equal bytes mean equal text within a column.
pub fn mark_text(columns: &[StringChunked], marks: &mut [bool], finds: &(impl Fn(&str) -> bool + Sync)) {
    let columns: Vec<_> = columns
        .iter()
        .filter_map(|column| column.downcast_iter().next().zip(column.iter_validities().next()))
        .collect();
    marks.par_chunks_mut(PIECE).enumerate().for_each(|(piece, marks)| {
        let first = piece * PIECE;
        let mut remembered: Vec<Option<(u128, bool)>> = Vec::new();
        for (column, validity) in &columns {
            remembered.clear();
            remembered.resize(REMEMBERED, None);
            let views = column.views().as_slice();
            for (row, mark) in (first..).zip(marks.iter_mut()) {
                if *mark || row >= views.len() || validity.is_some_and(|known| !known.get_bit(row)) {
                    continue;
                }
                let view = views[row].as_u128();
                let place = &mut remembered[spread(view)];
                *mark = match place {
                    Some((known, found)) if *known == view => *found,
                    _ => {
                        let found = finds(column.value(row));
                        *place = Some((view, found));
                        found
                    }
                };
            }
        }
    });
}

/// Spreads values over the places where answers are remembered.
#[expect(clippy::cast_possible_truncation, reason = "bits are mixed, and the highest of them taken")]
fn spread(view: u128) -> usize {
    let mixed = ((view as u64) ^ ((view >> 64) as u64).rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - REMEMBERED.trailing_zeros())) as usize
}

/// Marks rows for which a comparison holds; not known is no.
pub fn marks_of(mask: &BooleanChunked) -> Vec<bool> {
    mask.iter().map(|mark| mark == Some(true)).collect()
}
