//! How often values occur: of one column, and of every column that has few.
//!
//! Knows columns of rows. Must not know where the rows come from. The rows of a count add up to the rows that were
//! counted: no value is a value of its own.

use super::sight::Sight;
use crate::app::session::SessionError;
use crate::report::document::Cell;
use crate::report::table::series_cells;
use crate::text::screen_str;
use chrono_tz::Tz;
use polars::prelude::*;
use rayon::prelude::*;

/// Values of a column that a profile shows.
const SHOWN: usize = 5;
/// Columns with so many different values are profiled.
const FEW: std::ops::RangeInclusive<usize> = 2..=50;
/// Rows that tell of most columns that they have many values.
const SAMPLE: usize = 2_000;
/// Columns that name a row and say nothing of many.
const NAMES: [&str; 5] = ["source_key", "ticket", "url", "plan", "title"];

/// Counts the values of a column: the most frequent first, then in their order, no value last among its like.
pub fn frequency(rows: &Sight, name: &str) -> Result<DataFrame, SessionError> {
    if rows.frame().column(name).is_err() {
        return Err(SessionError::Unknown {
            message: format!("there is no column `{}` to count", screen_str(name)),
            hint: "count a column that is shown".into(),
        });
    }
    let counted = counted(rows.column(name)?)?;
    // A column of a SELECT may have the name of a count.
    let beside = |word: &str| if name == word { format!("{word} counted") } else { word.to_owned() };
    let total = rows.len() as f64;
    let rows_of = counted.column(COUNT)?.cast(&DataType::Int64)?;
    let shares: Vec<f64> = rows_of.i64()?.iter().map(|n| share(n.unwrap_or_default(), total)).collect();
    let mut values = counted.column(VALUE)?.clone();
    values.rename(name.into());
    Ok(DataFrame::new(
        counted.height(),
        vec![values, rows_of.with_name(beside("rows").into()), Column::new(beside("share").into(), shares)],
    )?)
}

const VALUE: &str = "value";
const COUNT: &str = "rows";

fn counted(column: Series) -> PolarsResult<DataFrame> {
    let frame = DataFrame::new(column.len(), vec![column.with_name(VALUE.into()).into_column()])?;
    frame
        .lazy()
        .group_by([col(VALUE)])
        .agg([len().alias(COUNT)])
        .sort(
            [COUNT, VALUE],
            SortMultipleOptions::default()
                .with_order_descending_multi([true, false])
                .with_nulls_last(true)
                .with_maintain_order(true),
        )
        .collect()
}

/// A share in percent with one decimal.
fn share(rows: i64, total: f64) -> f64 {
    if total > 0.0 { (rows as f64 * 1_000.0 / total).round() / 10.0 } else { 0.0 }
}

/// A profile: its rows, and the value of each as a cell, because columns of all types stand below each other.
pub struct Profile {
    /// Column, value as text, rows, share.
    pub frame: DataFrame,
    /// The value of each row.
    pub values: Vec<Cell>,
}

/// Counts the most frequent values of each of these columns that has few.
pub fn profile(rows: &Sight, columns: &[String], zone: Tz) -> Result<Profile, SessionError> {
    let counts: Vec<Option<(&String, DataFrame)>> = columns
        .par_iter()
        .filter(|name| !NAMES.contains(&name.as_str()))
        .map(|name| Ok::<_, SessionError>(few_values(rows, name)?.map(|counts| (name, counts))))
        .collect::<Result<_, _>>()?;
    let (mut names, mut texts, mut numbers, mut shares, mut values) = (vec![], vec![], vec![], vec![], vec![]);
    let total = rows.len() as f64;
    let mut line = |name: &str, value: Cell, text: Option<String>, rows: i64| {
        names.push(name.to_owned());
        texts.push(text);
        numbers.push(rows);
        shares.push(share(rows, total));
        values.push(value);
    };
    for (name, counts) in counts.into_iter().flatten() {
        let mut of_column = counts.column(VALUE)?.as_materialized_series().clone();
        of_column.rename(name.as_str().into());
        let as_text = of_column.cast(&DataType::String)?;
        let cells = series_cells(&of_column, zone, false);
        let often = counts.column(COUNT)?.cast(&DataType::Int64)?;
        let often: Vec<i64> = often.i64()?.iter().map(Option::unwrap_or_default).collect();
        for (at, cell) in cells.into_iter().enumerate().take(SHOWN) {
            line(name, cell, as_text.str()?.get(at).map(str::to_owned), often[at]);
        }
        if let Some(rest) = often.get(SHOWN..).filter(|rest| !rest.is_empty()) {
            let said = format!("{} more values", rest.len());
            line(name, Cell::Text(said.clone()), Some(said), rest.iter().sum());
        }
    }
    let frame = df!("column" => names, "value" => texts, "rows" => numbers, "share" => shares)?;
    Ok(Profile { frame, values })
}

/// Counts a column that has few values; nothing of other columns.
fn few_values(rows: &Sight, name: &str) -> Result<Option<DataFrame>, SessionError> {
    let whole = rows.frame().column(name)?;
    let shown = matches!(whole.dtype(), DataType::String | DataType::Boolean) || whole.dtype().is_primitive_numeric();
    if !shown {
        return Ok(None);
    }
    let column = rows.column(name)?;
    if column.len() > SAMPLE && column.head(Some(SAMPLE)).n_unique()? > *FEW.end() {
        return Ok(None);
    }
    let counts = counted(column)?;
    Ok(FEW.contains(&counts.height()).then_some(counts))
}
