//! Parquet to rows: flat columns as text.
//!
//! Must not know canonical columns.

use super::DecodeError;
use super::assembly::{Assembly, Sink, refused};
use super::delimited::{Place, places};
use crate::text::screen_str;
use polars::prelude::{Column, DataType, PolarsResult, StringChunked, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use std::io::Cursor;

/// Hands on the rows of a file. Only wanted columns are read.
pub(super) fn rows(page: &[u8], assembly: &mut Assembly, sink: &mut Sink<'_>) -> Result<(), DecodeError> {
    let wrong = |error: polars::prelude::PolarsError| DecodeError::Parquet(screen_str(&error.to_string()));
    let mut reader = ParquetReader::new(Cursor::new(page.to_vec()));
    let schema = reader.schema().map_err(wrong)?;
    let names: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let places = places(&assembly.paths, &names)?;
    let mut wanted: Vec<String> = Vec::new();
    let columns: Vec<Option<usize>> = places
        .iter()
        .map(|place| match place {
            Place::Column(column) => {
                let name = &names[*column];
                Some(wanted.iter().position(|known| known == name).unwrap_or_else(|| {
                    wanted.push(name.clone());
                    wanted.len() - 1
                }))
            }
            _ => None,
        })
        .collect();
    let rows = reader.num_rows().map_err(wrong)?;
    let texts = if wanted.is_empty() {
        Vec::new()
    } else {
        let frame = reader.with_columns(Some(wanted.clone())).finish().map_err(wrong)?;
        wanted
            .iter()
            .map(|name| {
                let column = frame.column(name).map_err(wrong)?;
                if column.dtype().is_nested() || matches!(column.dtype(), DataType::Binary) {
                    let (name, kind) = (screen_str(name), column.dtype());
                    return Err(DecodeError::Parquet(format!("its column `{name}` holds {kind}, not plain values")));
                }
                text(column).map_err(wrong)
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    for row in 0..rows {
        let read = |path: usize, to: &mut String| {
            if places[path] == Place::Row {
                to.push_str(&row.to_string());
                return Ok(true);
            }
            let text = columns[path].and_then(|column| texts[column].get(row));
            if text.is_some_and(|text| text.contains('\0')) {
                return Err("has a NUL character".into());
            }
            to.push_str(text.unwrap_or_default());
            Ok(text.is_some())
        };
        let line = row as u64 + 1;
        assembly.row(line, refused(b"", line), read, sink);
    }
    Ok(())
}

/// Writes a column as text; instants in RFC 3339, UTC, with milliseconds.
fn text(column: &Column) -> PolarsResult<StringChunked> {
    let column = match column.dtype() {
        DataType::Datetime(_, zone) => {
            let zoned = zone.is_some();
            // A stamp without zone stays one: the manifest names its zone.
            let plain = column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?;
            let format = if zoned { "%Y-%m-%dT%H:%M:%S%.3fZ" } else { "%Y-%m-%dT%H:%M:%S%.3f" };
            return plain.datetime()?.to_string(format);
        }
        DataType::Date => return column.date()?.to_string("%Y-%m-%d"),
        _ => column.cast(&DataType::String)?,
    };
    Ok(column.str()?.rechunk().into_owned())
}
