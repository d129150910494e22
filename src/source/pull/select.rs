//! The `select` of a manifest: which typed rows stay, with a word for each that does not.

use super::Mapped;
use crate::model::{Quarantined, Raw, Table};
use crate::source::map::Places;
use crate::text::screen_str;
use polars::prelude::{ChunkFull, Column, DataFrame, IdxCa, IdxSize, IntoColumn, PolarsResult, StringChunked};
use std::collections::HashMap;

/// The rows that a manifest's `select` keeps, and a word for each that it does not.
pub(super) struct Selected {
    pub frame: DataFrame,
    pub left_out: Vec<Quarantined>,
}

pub(super) fn select_rows(select: &str, table: Table, mapped: &Mapped) -> Result<Selected, String> {
    let raw = table.conform(&mapped.frame).map_err(|error| error.to_string())?;
    let result = crate::query::run(select, &[("raw", raw.clone())]).map_err(|error| error.to_string())?;
    if let Some(unknown) = result.get_column_names().into_iter().find(|name| table.column(name).is_none()) {
        return Err(format!("{} has no column `{unknown}`", table.name()));
    }
    let mut result = table.conform(&result).map_err(|error| error.to_string())?;
    // The id of the source is ours, not the manifest's.
    let source = raw.column("source").and_then(Column::str).map_err(|error| error.to_string())?;
    if let Some(source) = source.get(0) {
        let column = StringChunked::full("source".into(), source, result.height()).into_column();
        result.with_column(column).map_err(|error| error.to_string())?;
    }
    let keys = |frame: &DataFrame| -> PolarsResult<_> { Ok(frame.column("source_key")?.str()?.rechunk().into_owned()) };
    let (all, kept) = (keys(&raw), keys(&result));
    let (all, kept) = (all.map_err(|error| error.to_string())?, kept.map_err(|error| error.to_string())?);
    let mut rows_left: HashMap<&str, u64> = HashMap::new();
    for key in kept.iter() {
        let key = key.ok_or("it gives rows without a source_key; select it unchanged")?;
        *rows_left.entry(key).or_default() += 1;
    }
    let word = |row: usize, key: &str, reason: String, places: &Places| {
        let (file, line) = places.of(row);
        Quarantined { file: file.to_owned(), line, reason, text: Raw::new(key) }
    };
    // Of rows with the same key the first ones are the ones that were kept.
    let mut left_out = Vec::new();
    let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, key) in all.iter().enumerate() {
        let key = key.unwrap_or_default();
        match rows_left.get_mut(key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                rows_of.entry(key).or_default().push(row);
            }
            _ => left_out.push(word(row, key, "left out by select".into(), &mapped.places)),
        }
    }
    if let Some((key, _)) = rows_left.iter().find(|(_, left)| **left > 0) {
        return Err(format!(
            "it gives more rows for `{}` than there are; select rows, do not make them",
            screen_str(key)
        ));
    }
    // A select can empty a cell that the table requires.
    let mut whole: Vec<IdxSize> = Vec::with_capacity(result.height());
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for (row, key) in kept.iter().enumerate() {
        let key = key.unwrap_or_default();
        let nth = taken.entry(key).or_default();
        let from = rows_of.get(key).and_then(|rows| rows.get(*nth)).copied().unwrap_or_default();
        *nth += 1;
        let empty = table.columns().filter(|column| column.required).find(|column| {
            result.column(column.name).ok().and_then(|cells| cells.get(row).ok()).is_none_or(|cell| cell.is_null())
        });
        match empty {
            None => whole.push(IdxSize::try_from(row).unwrap_or(IdxSize::MAX)),
            Some(column) => {
                left_out.push(word(
                    from,
                    key,
                    format!("`{}` is required and empty after select", column.name),
                    &mapped.places,
                ));
            }
        }
    }
    let frame = if whole.len() == result.height() {
        result
    } else {
        result.take(&IdxCa::from_vec("rows".into(), whole)).map_err(|error| error.to_string())?
    };
    Ok(Selected { frame, left_out })
}
