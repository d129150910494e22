//! Windows of rows: filter, search, sort, slice, always with the exact totals.

use super::request::{RowColumn, RowsPage, RowsQuery, TicketDetail};
use super::session::{Session, SessionError};
use crate::model::{Period, Raw};
use crate::query;
use crate::report::document::Cell;
use crate::report::table::{cells, reading_order, reads_right};
use polars::prelude::*;

impl Session {
    /// Returns a window of the rows that a query keeps.
    pub fn rows(&self, asked: &RowsQuery) -> Result<RowsPage, SessionError> {
        let kept = self.kept_rows(asked)?;
        let window = kept.0.slice(i64::try_from(asked.offset).unwrap_or(i64::MAX), asked.limit);
        let names: Vec<String> = window.get_column_names().iter().map(ToString::to_string).collect();
        let order = reading_order("tickets", &names);
        let window = window.select(order.iter().map(String::as_str))?;
        let columns = window
            .columns()
            .iter()
            .map(|column| RowColumn { name: column.name().to_string(), right: reads_right(column.dtype()) })
            .collect();
        Ok(RowsPage {
            table: "tickets".to_owned(),
            columns,
            rows: cells(&window, self.book().config.book.zone)?,
            offset: asked.offset,
            total: kept.0.height(),
            unsearched: kept.1,
            numbers: Vec::new(),
            cut: false,
        })
    }

    /// Returns all rows that a query keeps, and how many there are without its search.
    fn kept_rows(&self, asked: &RowsQuery) -> Result<(DataFrame, usize), SessionError> {
        let super::request::RowsSource::Table { table, filter } = &asked.from else {
            return Ok((DataFrame::default(), 0));
        };
        let frame = self.table(table, &asked.period)?;
        let frame = match filter.as_str() {
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

    /// Returns one ticket with its history.
    pub fn ticket(&self, period: &Period, source: &Raw, key: &Raw) -> Result<TicketDetail, SessionError> {
        // These two come from a row that was shown; they go back into the query as values, never as text.
        let is = |name: &str, value: &Raw| col(name).eq(lit(value.expose()));
        let frame = self.table("tickets", period)?;
        let found = frame.lazy().filter(is("source", source).and(is("source_key", key))).collect()?;
        let found = if found.height() == 0 {
            let all = self.prepared().dataset().table(crate::model::Table::Tickets).cloned().unwrap_or_default();
            all.lazy().filter(is("source", source).and(is("source_key", key))).collect()?
        } else {
            found
        };
        let zone = self.book().config.book.zone;
        let names: Vec<String> = found.get_column_names().iter().map(ToString::to_string).collect();
        let Some(row) = cells(&found.head(Some(1)), zone)?.pop() else {
            return Err(SessionError::Unknown {
                message: "there is no such ticket any more".into(),
                hint: "the book was pulled anew; go back and open the list again".into(),
            });
        };
        let fields = names.into_iter().zip(row).filter(|(_, cell)| *cell != Cell::Empty).collect();
        let events = match self.prepared().dataset().table(crate::model::Table::TicketEvents) {
            Some(events) => {
                let of_ticket = events.clone().lazy().filter(is("ticket", key)).collect()?;
                // History may come in a file of its own: then the key alone says whose it is.
                let same_source = of_ticket.clone().lazy().filter(is("source", source)).collect()?;
                let found = if same_source.height() > 0 { same_source } else { of_ticket };
                let events = found
                    .sort(["at", "seq"], SortMultipleOptions::default().with_maintain_order(true))?
                    .select(["at", "field", "from", "to", "actor_group"])?;
                cells(&events, zone)?
            }
            None => Vec::new(),
        };
        Ok(TicketDetail { fields, events })
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
