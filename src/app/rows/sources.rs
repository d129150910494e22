//! Where rows come from: a measured table, a SELECT, or counts of other rows.
//!
//! Knows how each kind is read. Must not know windows, searches or orders.

use super::chips::filtered;
use super::counts;
use super::sight::Sight;
use crate::app::request::{LIMIT_OF_SQL, RowColumn, RowsQuery, RowsSource, TableWords};
use crate::app::session::{Session, SessionError};
use crate::model::Period;
use crate::query;
use crate::report::document::Cell;
use crate::report::table::{reading_order, reads_right};
use crate::text::screen_str;
use polars::prelude::DataFrame;
use std::sync::Arc;

/// Which text of a frame the program vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// That of the columns which are the program's own.
    Table,
    /// None.
    Foreign,
}

/// Rows of a source, before any search.
#[derive(Debug)]
pub(super) struct Rows {
    /// What they are called.
    pub table: String,
    /// The rows.
    pub all: Sight,
    /// The columns in the order of reading.
    pub order: Vec<String>,
    /// Whose text it is.
    pub texts: Texts,
    /// Whether there were more.
    pub cut: bool,
    /// A column whose cells are not made from the frame, by its place.
    pub values: Option<(usize, Vec<Cell>)>,
}

impl Rows {
    fn new(table: &str, all: Sight, texts: Texts) -> Self {
        let names: Vec<String> = all.frame().get_column_names().iter().map(ToString::to_string).collect();
        let order = if texts == Texts::Table { reading_order(table, &names) } else { names };
        Self { table: table.to_owned(), all, order, texts, cut: false, values: None }
    }

    /// Returns the columns as a page names them.
    pub fn columns(&self) -> Vec<RowColumn> {
        let frame = self.all.frame();
        let right = |name: &str| frame.column(name).is_ok_and(|column| reads_right(column.dtype()));
        self.order.iter().map(|name| RowColumn { name: name.clone(), right: right(name) }).collect()
    }
}

impl Session {
    /// Reads the rows of a source.
    pub(super) fn read_rows(&self, period: &Period, from: &RowsSource) -> Result<Rows, SessionError> {
        match from {
            RowsSource::Table { table, filter } => {
                let rows = filtered(Arc::new(self.table(table, period)?), filter)?;
                Ok(Rows::new(table, rows, Texts::Table))
            }
            RowsSource::Sql { text } => {
                let (frame, cut) = self.selected(period, text)?;
                let mut rows = Rows::new("query", Sight::all(Arc::new(frame)), Texts::Foreign);
                rows.cut = cut;
                Ok(rows)
            }
            RowsSource::Frequency { of, chips, search, column } => {
                let (rows, found) = self.counted_rows(period, of, chips, search)?;
                let counts = Sight::all(Arc::new(counts::frequency(&found, column)?));
                let mut counted = Rows::new("", counts, rows.texts);
                counted.table.clone_from(&rows.table);
                Ok(counted)
            }
            RowsSource::Profile { of, chips, search } => {
                let (rows, found) = self.counted_rows(period, of, chips, search)?;
                let kept = found.len() < rows.all.frame().height() || !chips.is_empty() || !search.trim().is_empty();
                let profile = counts::profile(&found, &rows.order, kept, self.book().config.book.zone)?;
                let mut counted = Rows::new("", Sight::all(Arc::new(profile.frame)), Texts::Foreign);
                counted.table.clone_from(&rows.table);
                counted.values = Some((1, profile.values));
                Ok(counted)
            }
        }
    }

    fn counted_rows(
        &self,
        period: &Period,
        of: &RowsSource,
        chips: &[crate::app::request::Chip],
        search: &str,
    ) -> Result<(Arc<Rows>, Sight), SessionError> {
        let of_source = (period.clone(), of.clone());
        let rows = self.rows_of(&of_source)?;
        let found = self.found(&rows, &(of_source, chips.to_vec(), search.trim().to_owned()))?;
        Ok((rows, found))
    }

    /// Carries out a SELECT over the tables of a period. Returns its rows, as many as are kept, and whether there were
    /// more.
    fn selected(&self, period: &Period, text: &str) -> Result<(DataFrame, bool), SessionError> {
        let there = self.table_names();
        let named = query::tables_of(text, &there)?;
        let mut tables = Vec::with_capacity(named.len());
        for name in &named {
            tables.push((*name, self.table(name, period)?));
        }
        let frame = query::run_at_most(text, &tables, LIMIT_OF_SQL + 1)?;
        let cut = frame.height() > LIMIT_OF_SQL;
        let frame = if cut { frame.head(Some(LIMIT_OF_SQL)) } else { frame };
        Ok((with_shown_names(frame)?, cut))
    }

    /// Returns the names of the tables that there are, in the order of the documentation, measured ones last.
    pub fn table_names(&self) -> Vec<&'static str> {
        self.prepared().table_names()
    }

    /// Returns the tables that a SELECT may name, with their columns.
    pub fn tables(&self, period: &Period) -> Result<Vec<TableWords>, SessionError> {
        let mut words = Vec::new();
        for name in self.table_names() {
            let frame = match self.table(name, period) {
                Ok(frame) => frame,
                // A table that only some periods have.
                Err(SessionError::Unknown { .. }) => continue,
                Err(error) => return Err(error),
            };
            let rows = Sight::all(Arc::new(frame.clone()));
            words.push(TableWords {
                table: name.to_owned(),
                rows: frame.height(),
                columns: Rows::new(name, rows, Texts::Table).order,
            });
        }
        Ok(words)
    }

    /// Tells whether a question runs a SELECT that was not yet run.
    pub fn must_select(&self, asked: &RowsQuery) -> bool {
        let mut from = &asked.from;
        while let RowsSource::Frequency { of, .. } | RowsSource::Profile { of, .. } = from {
            from = of;
        }
        let sql = RowsQuery { from: from.clone(), ..asked.clone() };
        matches!(from, RowsSource::Sql { .. }) && !self.has_rows(asked) && !self.has_rows(&sql)
    }
}

/// Names the columns as they are shown, so that a search may name them: the names of a SELECT hold whatever was typed.
fn with_shown_names(mut frame: DataFrame) -> Result<DataFrame, SessionError> {
    let mut names: Vec<String> = Vec::with_capacity(frame.width());
    for name in frame.get_column_names() {
        let mut shown = screen_str(name);
        while names.contains(&shown) {
            shown.push('_');
        }
        names.push(shown);
    }
    frame.set_column_names(&names)?;
    Ok(frame)
}
