//! Rows of frames as cells of a document or a page.

use super::document::Cell;
use crate::model::{ColumnType, Raw, Table};
use chrono::DateTime;
use chrono_tz::Tz;
use polars::prelude::*;

/// Columns whose text the program made itself; all other text came from a source.
const OWN_TEXT: [&str; 14] = [
    "service",
    "customer",
    "agreement",
    "type",
    "status_at_as_of",
    "age_band",
    "opened_day",
    "origin",
    "left_out",
    "response_left_out",
    "resolution_left_out",
    "source",
    "kind",
    "field",
];

/// Returns the cells of some rows of a frame. Instants carry the zone that they are written in.
///
/// # Errors
/// None as yet: each type of a column has its cell.
pub fn cells(frame: &DataFrame, zone: Tz) -> PolarsResult<Vec<Vec<Cell>>> {
    Ok(rows_of(frame, zone, |name| OWN_TEXT.contains(&name)))
}

/// Does what [`cells`] does for rows of a SELECT, of which nobody but the source vouches for any text, whatever the
/// name of its column.
pub fn foreign_cells(frame: &DataFrame, zone: Tz) -> Vec<Vec<Cell>> {
    rows_of(frame, zone, |_| false)
}

fn rows_of(frame: &DataFrame, zone: Tz, own: impl Fn(&str) -> bool) -> Vec<Vec<Cell>> {
    let mut rows: Vec<Vec<Cell>> = (0..frame.height()).map(|_| Vec::with_capacity(frame.width())).collect();
    for column in frame.columns() {
        let cells = series_cells(column.as_materialized_series(), zone, own(column.name()));
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    rows
}

/// Returns the cells of a column; its name tells whether whole numbers are lengths of time.
pub fn series_cells(column: &Series, zone: Tz, own: bool) -> Vec<Cell> {
    let length = is_length(column.name());
    let cells = column.iter().map(|value| match cell(&value, zone, own) {
        Cell::Integer(seconds) if length => Cell::Seconds(seconds),
        other => other,
    });
    cells.collect()
}

fn cell(value: &AnyValue<'_>, zone: Tz, own: bool) -> Cell {
    match value {
        AnyValue::Null => Cell::Empty,
        AnyValue::Boolean(flag) => Cell::Boolean(*flag),
        AnyValue::String(text) if own => Cell::Text(crate::text::screen_str(text)),
        AnyValue::String(text) => Cell::Raw(Raw::new(*text)),
        AnyValue::StringOwned(text) => Cell::Raw(Raw::new(text.as_str())),
        AnyValue::Datetime(at, unit, _) => {
            Cell::Instant(DateTime::from_timestamp_millis(milliseconds(*at, *unit)).unwrap_or_default(), zone)
        }
        AnyValue::Duration(length, unit) => Cell::Seconds(milliseconds(*length, *unit).div_euclid(1_000)),
        AnyValue::Date(_) => Cell::Text(value.to_string()),
        AnyValue::Float64(number) => Cell::Decimal(*number),
        AnyValue::Float32(number) => Cell::Decimal(f64::from(*number)),
        other => match other.extract::<i64>() {
            Some(number) if other.dtype().is_integer() => Cell::Integer(number),
            // Lists and other things that only a SELECT makes: as the library writes them, text of a source in them.
            _ => Cell::Raw(Raw::new(other.to_string())),
        },
    }
}

fn milliseconds(value: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Milliseconds => value,
        TimeUnit::Microseconds => value.div_euclid(1_000),
        TimeUnit::Nanoseconds => value.div_euclid(1_000_000),
    }
}

/// Tells whether a column of whole numbers holds seconds.
pub fn is_length(name: &str) -> bool {
    let canonical = || {
        Table::ALL
            .iter()
            .flat_map(|table| table.own_columns())
            .any(|c| c.name == name && c.kind == ColumnType::Duration)
    };
    name.ends_with("_s") || canonical()
}

/// Orders the columns of a table for reading: what identifies a row first, then what people ask about, the rest after.
pub fn reading_order(table: &str, names: &[String]) -> Vec<String> {
    let first: &[&str] = match table {
        "tickets" => &[
            "source_key",
            "title",
            "priority",
            "status_at_as_of",
            "opened_at",
            "resolved_as_of",
            "service",
            "customer",
            "group",
            "type",
            "elapsed_s",
            "service_s",
            "resolution_goal_s",
            "resolution_met",
            "response_s",
            "response_goal_s",
            "response_met",
        ],
        "outages" => {
            &["start", "service", "end", "kind", "weight", "service_s", "cause", "origin", "ticket", "left_out"]
        }
        "readings" => &["at", "resource", "metric", "value", "threshold", "over"],
        "reading_windows" => &[
            "from",
            "to",
            "resource",
            "metric",
            "value",
            "greatest",
            "threshold",
            "over",
            "percentile_95",
            "n",
            "left_out",
            "day_left_out",
        ],
        "continuity_plans" => &["plan", "service", "owner", "last_ok", "next_due", "due_because", "overdue"],
        "continuity_tests" => {
            &["plan", "service", "at", "kind", "result_as_of", "rto_s", "rpo_s", "successful", "cause"]
        }
        "costs" => &["service", "from", "to", "cost_type", "currency", "budget", "actual", "committed", "forecast"],
        "surveys" => &["sent_at", "answered_at", "service", "customer", "score", "scale", "satisfied"],
        _ => &[],
    };
    let mut order: Vec<String> =
        first.iter().filter(|name| names.iter().any(|n| n == *name)).map(|n| (*n).to_owned()).collect();
    order.extend(names.iter().filter(|name| !first.contains(&name.as_str())).cloned());
    order
}

/// Tells whether values of a column read best at the right edge.
pub fn reads_right(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric()
}

/// Returns the title of a table as people call it.
pub fn title(table: &str) -> String {
    match table {
        "failures" => "Outages, merged".into(),
        other => {
            let words = other.replace('_', " ");
            let mut letters = words.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}
