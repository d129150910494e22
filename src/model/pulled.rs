//! What a pull hands to the store: canonical tables of one source, its receipt, and what could not be loaded.

use super::{ColumnType, Finding, Raw, Receipt, Table};
use polars::prelude::{Column, DataFrame, DataType, PolarsResult, TimeUnit, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one pull of one source brought.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// Canonical tables, each with every column of its schema in the schema's order.
    pub tables: BTreeMap<Table, DataFrame>,
    /// From where, when, how much.
    pub receipt: Receipt,
    /// What was found while loading.
    pub findings: Vec<Finding>,
    /// Every record that was not loaded, with the reason.
    pub quarantine: Vec<Quarantined>,
}

/// A record that was not loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quarantined {
    /// The file, as the receipt names it.
    pub file: String,
    /// The line of its first byte, from 1.
    pub line: u64,
    /// Why it was not loaded.
    pub reason: String,
    /// Its text; bytes that are not UTF-8 stand as `\xNN`, a long record is cut with `…`.
    pub text: Raw,
}

impl ColumnType {
    /// Returns the type of a column in memory and in the store.
    pub fn dtype(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Instant => DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)),
            Self::Integer | Self::Duration => DataType::Int64,
            Self::Decimal => DataType::Float64,
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl Table {
    /// Gives a frame every column of the schema, in its order and types. A column that is not there is null in every
    /// row; a column that is not in the schema is left out.
    pub fn conform(self, frame: &DataFrame) -> PolarsResult<DataFrame> {
        let none = |column: &super::Column| Column::full_null(column.name.into(), frame.height(), &column.kind.dtype());
        let columns = self
            .columns()
            .map(|column| match frame.column(column.name) {
                // A column without any value takes no room.
                Ok(found) if found.null_count() == found.len() => Ok(none(column)),
                Ok(found) if found.dtype() == &column.kind.dtype() => Ok(found.clone()),
                Ok(found) => found.strict_cast(&column.kind.dtype()),
                Err(_) => Ok(none(column)),
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        DataFrame::new(frame.height(), columns)
    }
}
