//! Filters that were not typed: rows like a cell, and rows in which something is wrong.
//!
//! Knows which columns of which table say that a promise is missed. Must not know how a search is written.

use super::sight::{Sight, mark_text, marks_of};
use crate::app::request::{Chip, RowsSource};
use crate::app::session::SessionError;
use crate::query;
use crate::report::document::Cell;
use crate::report::table::is_length;
use crate::text::screen_str;
use polars::prelude::*;
use std::sync::Arc;

/// Tables in which something can be wrong, and the condition under which it is.
const WRONG: [(&str, &str); 5] = [
    ("tickets", "resolution_met = false OR response_met = false OR resolution_open_breached OR response_open_breached"),
    ("outages", "kind = 'unplanned' AND counted_in_period AND left_out IS NULL"),
    ("readings", "\"over\""),
    ("reading_windows", "\"over\""),
    ("continuity_plans", "overdue"),
];

/// Returns the rows that a chip keeps.
pub fn keep(rows: &Sight, from: &RowsSource, chip: &Chip) -> Result<Sight, SessionError> {
    match chip {
        Chip::Like { column, value } => like(rows, column, value),
        Chip::Wrong => wrong(rows, from),
        Chip::Late(clock) => meeting(rows, &format!("{clock}_met = false OR {clock}_open_breached")),
    }
}

fn wrong(rows: &Sight, from: &RowsSource) -> Result<Sight, SessionError> {
    let nothing = |what: &str| SessionError::Unknown {
        message: format!("{what} has nothing that can be wrong"),
        hint: "what is wrong is known of tickets, outages, readings and continuity_plans".into(),
    };
    let RowsSource::Table { table, .. } = from else {
        return Err(nothing("this list"));
    };
    let Some((_, condition)) = WRONG.iter().find(|(name, _)| name == table) else {
        return Err(nothing(&format!("`{}`", screen_str(table))));
    };
    meeting(rows, condition)
}

/// Returns the rows that meet a condition.
fn meeting(rows: &Sight, condition: &str) -> Result<Sight, SessionError> {
    let mut marks = vec![false; rows.frame().height()];
    for number in query::numbers(rows.frame(), condition)? {
        if let Some(mark) = marks.get_mut(number as usize) {
            *mark = true;
        }
    }
    let marks: Vec<bool> = (0..rows.len()).map(|place| marks[rows.number(place) as usize]).collect();
    Ok(rows.keep(&marks))
}

/// Returns the rows with a value in a column, as the cell shows it.
fn like(rows: &Sight, name: &str, value: &Cell) -> Result<Sight, SessionError> {
    if rows.frame().column(name).is_err() {
        return Err(SessionError::Unknown {
            message: format!("there is no column `{}` here", screen_str(name)),
            hint: "take the filter away".into(),
        });
    }
    let column = rows.column(name)?;
    let unfit = || SessionError::Unknown {
        message: format!("column `{}` cannot hold the value that is asked for", screen_str(name)),
        hint: "take the filter away".into(),
    };
    let marks = match (value, column.dtype()) {
        (Cell::Empty, _) => marks_of(&column.is_null()),
        (Cell::Raw(text), DataType::String) => {
            let wanted = text.expose();
            text_marks(rows, &column, &|text: &str| text == wanted)?
        }
        // Text of ours was screened when the cell was made.
        (Cell::Text(wanted), DataType::String) => {
            text_marks(rows, &column, &|text: &str| text == wanted || screen_str(text) == *wanted)?
        }
        (Cell::Boolean(wanted), DataType::Boolean) => column.bool()?.iter().map(|v| v == Some(*wanted)).collect(),
        (Cell::Instant(at, _), DataType::Datetime(..)) => {
            let stamps =
                column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?.to_physical_repr().into_owned();
            same(&stamps, at.timestamp_millis())?
        }
        (Cell::Text(day), DataType::Date) => {
            let days = column.cast(&DataType::String)?;
            text_marks(rows, &days, &|text: &str| text == day)?
        }
        (Cell::Seconds(wanted), DataType::Duration(_)) => {
            let lengths = column.cast(&DataType::Duration(TimeUnit::Milliseconds))?.to_physical_repr().into_owned();
            lengths.i64()?.iter().map(|length| length.map(|length| length.div_euclid(1_000)) == Some(*wanted)).collect()
        }
        (Cell::Seconds(wanted), dtype) if dtype.is_integer() && is_length(name) => same(&column, *wanted)?,
        (Cell::Integer(wanted), dtype) if dtype.is_integer() => same(&column, *wanted)?,
        (Cell::Decimal(wanted), dtype) if dtype.is_float() => {
            let is = |number: f64| number.total_cmp(wanted).is_eq() || (number.is_nan() && wanted.is_nan());
            column.cast(&DataType::Float64)?.f64()?.iter().map(|number| number.is_some_and(is)).collect()
        }
        _ => return Err(unfit()),
    };
    Ok(rows.keep(&marks))
}

fn text_marks(rows: &Sight, column: &Series, is: &(impl Fn(&str) -> bool + Sync)) -> PolarsResult<Vec<bool>> {
    let mut marks = vec![false; rows.len()];
    mark_text(&[column.str()?.clone()], &mut marks, is);
    Ok(marks)
}

fn same(column: &Series, wanted: i64) -> PolarsResult<Vec<bool>> {
    Ok(column.cast(&DataType::Int64)?.i64()?.iter().map(|number| number == Some(wanted)).collect())
}

/// Returns the rows of a frame that a condition keeps.
pub fn filtered(frame: Arc<DataFrame>, condition: &str) -> Result<Sight, SessionError> {
    if condition.is_empty() {
        return Ok(Sight::all(frame));
    }
    let numbers = query::numbers(&frame, condition)?;
    Ok(Sight::of(frame, numbers))
}
