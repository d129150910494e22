//! Rows on standard output: comma-separated for spreadsheets, or one JSON object a line.
//!
//! Knows cells. Must not know which rows are wanted, or why.

use super::{csv, json};
use crate::model::figure::json_number;
use crate::model::period::local_rfc3339;
use crate::report::document::Cell;
use serde_json::{Map, Value};

/// Writes rows as CSV with a header (RFC 4180), text guarded against formulas (rule R28), numbers as numbers.
pub fn csv(header: &[String], rows: &[Vec<Cell>]) -> String {
    let mut text = String::new();
    let mut line = |cells: Vec<String>| {
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    line(header.iter().map(|name| csv::cell(name)).collect());
    for row in rows {
        line(row.iter().map(csv_cell).collect());
    }
    text
}

fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => csv::cell(text),
        Cell::Raw(raw) => csv::cell(&crate::text::screen(raw)),
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) => json_number(*number).to_string(),
        Cell::Boolean(flag) => flag.to_string(),
        Cell::Instant(at, zone) => local_rfc3339(*at, *zone),
        Cell::Seconds(seconds) => seconds.to_string(),
    }
}

/// Writes rows as one JSON object a line; text from a source stands as it came, escaped so that no terminal minds.
pub fn json(header: &[String], rows: &[Vec<Cell>]) -> String {
    let mut text = String::new();
    for row in rows {
        let object: Map<String, Value> = header.iter().cloned().zip(row.iter().map(json_cell)).collect();
        text.push_str(&json::inert(&Value::Object(object).to_string()));
        text.push('\n');
    }
    text
}

fn json_cell(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Raw(raw) => Value::from(raw.expose()),
        Cell::Integer(number) => Value::from(*number),
        Cell::Decimal(number) => Value::Number(json_number(*number)),
        Cell::Boolean(flag) => Value::from(*flag),
        Cell::Instant(at, zone) => Value::from(local_rfc3339(*at, *zone)),
        Cell::Seconds(seconds) => Value::from(*seconds),
    }
}
