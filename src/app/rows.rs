//! Windows of rows: filter, search, sort, slice, always with the exact totals.

use super::request::{RowColumn, RowsPage, RowsQuery};
use super::session::{Session, SessionError};
use crate::query;
use crate::report::table::{cells, reading_order, reads_right};
use polars::prelude::*;

impl Session {
    /// Returns a window of the rows that a query keeps.
    pub fn rows(&self, asked: &RowsQuery) -> Result<RowsPage, SessionError> {
        let kept = self.kept_rows(asked)?;
        let window = kept.0.slice(i64::try_from(asked.offset).unwrap_or(i64::MAX), asked.limit);
        let names: Vec<String> = window.get_column_names().iter().map(ToString::to_string).collect();
        let order = reading_order(&asked.table, &names);
        let window = window.select(order.iter().map(String::as_str))?;
        let columns = window
            .columns()
            .iter()
            .map(|column| RowColumn { name: column.name().to_string(), right: reads_right(column.dtype()) })
            .collect();
        Ok(RowsPage {
            table: asked.table.clone(),
            columns,
            rows: cells(&window, self.book().config.book.zone)?,
            offset: asked.offset,
            total: kept.0.height(),
            unsearched: kept.1,
        })
    }

    /// Returns all rows that a query keeps, and how many there are without its search.
    fn kept_rows(&self, asked: &RowsQuery) -> Result<(DataFrame, usize), SessionError> {
        let frame = self.table(&asked.table, &asked.period)?;
        let frame = match asked.filter.as_str() {
            "" => frame,
            filter => query::filter(&frame, filter)?,
        };
        let unsearched = frame.height();
        let frame = match asked.search.trim() {
            "" => frame,
            search => {
                let found = search_condition(&frame, search);
                frame.lazy().filter(found).collect()?
            }
        };
        let frame = match &asked.sort {
            Some((column, descending)) if frame.column(column).is_ok() => frame.sort(
                [column.as_str()],
                SortMultipleOptions::default()
                    .with_order_descending(*descending)
                    .with_nulls_last(true)
                    .with_maintain_order(true),
            )?,
            _ => frame,
        };
        Ok((frame, unsearched))
    }
}

/// Makes the condition of a search: `text`, `column:text`, each turned round by a leading `!`.
fn search_condition(frame: &DataFrame, search: &str) -> Expr {
    let (negated, search) = search.strip_prefix('!').map_or((false, search), |rest| (true, rest));
    let (column, needle) = match search.split_once(':') {
        Some((column, needle)) if frame.column(column).is_ok() => (Some(column), needle),
        _ => (None, search),
    };
    let needle = needle.to_lowercase();
    let holds = |name: &str| {
        col(name)
            .cast(DataType::String)
            .str()
            .to_lowercase()
            .str()
            .contains_literal(lit(needle.as_str()))
            .fill_null(lit(false))
    };
    let found = match column {
        Some(column) => holds(column),
        None => frame
            .columns()
            .iter()
            .filter(|column| column.dtype() == &DataType::String)
            .map(|column| holds(column.name()))
            .reduce(Expr::or)
            .unwrap_or_else(|| lit(true)),
    };
    if negated { found.not() } else { found }
}
