//! Windows of rows: filter, search, sort, slice, always with the exact totals.
//!
//! What was found out of a question is kept, so that the next window of it costs its own rows only. Rows are lists of
//! numbers in a frame that is never copied.

mod chips;
mod counts;
mod order;
mod search;
mod sight;
mod sources;

use super::kept::Kept;
use super::request::{Chip, RowColumn, RowsPage, RowsQuery, RowsSource};
use super::session::{Session, SessionError};
use crate::model::Period;
use crate::report::document::Cell;
use crate::report::table::{cells, foreign_cells};
use polars::prelude::*;
use sight::Sight;
use sources::{Rows, Texts};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What rows a question is about, whatever its search and order.
type OfSource = (Period, RowsSource);
/// What a question keeps of them.
type OfSearch = (OfSource, Vec<Chip>, String);

/// What was found out of questions about rows.
#[derive(Debug)]
pub(super) struct KeptRows {
    sources: Kept<OfSource, Arc<Rows>>,
    found: Kept<OfSearch, Sight>,
    orders: Kept<(OfSearch, String, bool), Arc<[IdxSize]>>,
}

impl Default for KeptRows {
    fn default() -> Self {
        // A list of a million rows takes 4 MB.
        Self { sources: Kept::new(8), found: Kept::new(12), orders: Kept::new(6) }
    }
}

impl Session {
    /// Returns a window of the rows that a query keeps.
    pub fn rows(&self, asked: &RowsQuery) -> Result<RowsPage, SessionError> {
        let of_source = (asked.period.clone(), asked.from.clone());
        let rows = self.rows_of(&of_source)?;
        let of_search = (of_source, asked.chips.clone(), asked.search.trim().to_owned());
        let found = self.found(&rows, &of_search)?;
        let total = found.len();
        let window = asked.offset.min(total)..asked.offset.saturating_add(asked.limit).min(total);
        let numbers: Vec<IdxSize> = match &asked.sort {
            None => window.map(|place| found.number(place)).collect(),
            Some((column, descending)) => {
                let key = (of_search, column.clone(), *descending);
                let order = self
                    .rows
                    .orders
                    .get(&key, || order::sorted(&found, column, *descending).map(Arc::<[IdxSize]>::from))?;
                order[window].to_vec()
            }
        };
        Ok(RowsPage {
            table: rows.table.clone(),
            columns: rows.columns(),
            rows: self.cells_of(&rows, &numbers)?,
            numbers,
            offset: asked.offset,
            total,
            unsearched: rows.all.len(),
            cut: rows.cut,
        })
    }

    /// Hands all rows that a query keeps on in pieces, whatever its window, and only those with some numbers where there
    /// are any; returns their columns.
    pub fn all_rows(
        &self,
        asked: &RowsQuery,
        marked: &[u32],
        mut piece: impl FnMut(&[Vec<Cell>]),
    ) -> Result<Vec<RowColumn>, SessionError> {
        const PIECE: usize = 10_000;
        let marked: BTreeSet<u32> = marked.iter().copied().collect();
        let mut offset = 0;
        loop {
            let page = self.rows(&RowsQuery { offset, limit: PIECE, ..asked.clone() })?;
            let kept = page.rows.into_iter().zip(&page.numbers);
            let kept = kept.filter(|(_, number)| marked.is_empty() || marked.contains(number));
            piece(&kept.map(|(row, _)| row).collect::<Vec<_>>());
            offset += PIECE;
            if offset >= page.total {
                return Ok(page.columns);
            }
        }
    }

    /// Tells whether the rows of a question are there, so that only its search and order are to be found out.
    pub fn has_rows(&self, asked: &RowsQuery) -> bool {
        self.rows.sources.has(&(asked.period.clone(), asked.from.clone()))
    }

    fn rows_of(&self, of_source: &OfSource) -> Result<Arc<Rows>, SessionError> {
        self.rows.sources.get(of_source, || self.read_rows(&of_source.0, &of_source.1).map(Arc::new))
    }

    fn found(&self, rows: &Rows, of_search: &OfSearch) -> Result<Sight, SessionError> {
        let ((_, from), chips, typed) = of_search;
        if chips.is_empty() && typed.is_empty() {
            return Ok(rows.all.clone());
        }
        self.rows.found.get(of_search, || {
            let mut found = rows.all.clone();
            for chip in chips {
                found = chips::keep(&found, from, chip)?;
            }
            search::search(&found, typed, self.book().config.book.zone)
        })
    }

    fn cells_of(&self, rows: &Rows, numbers: &[IdxSize]) -> Result<Vec<Vec<Cell>>, SessionError> {
        let zone = self.book().config.book.zone;
        let window = rows.all.frame().select(rows.order.iter().map(String::as_str))?;
        let window = window.take(&IdxCa::from_slice("".into(), numbers))?;
        let mut cells = match rows.texts {
            Texts::Table => cells(&window, zone)?,
            Texts::Foreign => foreign_cells(&window, zone),
        };
        if let Some((column, values)) = &rows.values {
            for (row, number) in cells.iter_mut().zip(numbers) {
                if let (Some(cell), Some(value)) = (row.get_mut(*column), values.get(*number as usize)) {
                    *cell = value.clone();
                }
            }
        }
        Ok(cells)
    }
}
