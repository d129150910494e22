//! How often values occur: of one column, and of every column that has few.
//!
//! Knows columns of rows. Must not know where the rows come from. The rows of a count add up to the rows that were
//! counted: no value is a value of its own.

use super::order;
use super::sight::Sight;
use crate::app::session::SessionError;
use crate::report::document::Cell;
use crate::report::table::series_cells;
use crate::text::screen_str;
use chrono_tz::Tz;
use polars::prelude::*;
use rayon::prelude::*;
use std::hash::Hash;
use std::sync::Arc;

/// Values of a column that a profile shows.
const SHOWN: usize = 5;
/// Columns with more different values are not profiled.
const MOST: usize = 50;
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

/// Counts the values of a column, in the order of a frequency.
fn counted(column: Series) -> Result<DataFrame, SessionError> {
    let frame = match few(&column, MANY)? {
        Some(counts) => counts,
        None => DataFrame::new(column.len(), vec![column.with_name(VALUE.into()).into_column()])?
            .lazy()
            .group_by([col(VALUE)])
            .agg([len().alias(COUNT)])
            .collect()?,
    };
    let often: Vec<i64> =
        frame.column(COUNT)?.cast(&DataType::Int64)?.i64()?.iter().map(Option::unwrap_or_default).collect();
    let frame = Arc::new(frame);
    // Lists, which only a SELECT makes, have no order of their own.
    let mut order = order::sorted(&Sight::all(Arc::clone(&frame)), VALUE, false)
        .unwrap_or_else(|_| (0..).take(frame.height()).collect());
    order.par_sort_by_key(|place| std::cmp::Reverse(often[*place as usize]));
    Ok(frame.take(&IdxCa::from_vec("".into(), order))?)
}

/// Different values up to which they are counted in one pass.
const MANY: usize = 4_096;

/// Counts the values of a column that has few, in one pass; nothing where it has more, or is of another type than text,
/// yes or no, and whole numbers.
fn few(column: &Series, most: usize) -> PolarsResult<Option<DataFrame>> {
    let counted = match column.dtype() {
        DataType::String => counts_of(column.str()?.iter(), most),
        DataType::Boolean => counts_of(column.bool()?.iter(), most),
        DataType::Int64 => counts_of(column.i64()?.iter(), most),
        _ => None,
    };
    let Some(counted) = counted else { return Ok(None) };
    let (first, often): (Vec<IdxSize>, Vec<i64>) = counted.into_iter().unzip();
    let values = column.take(&IdxCa::from_vec("".into(), first))?.with_name(VALUE.into());
    Ok(Some(DataFrame::new(values.len(), vec![values.into_column(), Column::new(COUNT.into(), often)])?))
}

/// Returns the first row and the number of rows of each value.
fn counts_of<T: Hash + Eq>(values: impl Iterator<Item = T>, most: usize) -> Option<Vec<(IdxSize, i64)>> {
    let mut places: PlHashMap<T, usize> = PlHashMap::new();
    let mut counts: Vec<(IdxSize, i64)> = Vec::new();
    for (row, value) in (0..).zip(values) {
        let next = counts.len();
        let place = *places.entry(value).or_insert(next);
        if place == next {
            if next == most {
                return None;
            }
            counts.push((row, 0));
        }
        counts[place].1 += 1;
    }
    Some(counts)
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

/// Counts the most frequent values of each of these columns that has few. A column with one value says nothing of a whole
/// table, but of what is kept of it: which group held these.
pub fn profile(rows: &Sight, columns: &[String], kept: bool, zone: Tz) -> Result<Profile, SessionError> {
    let counts: Vec<Option<(&String, DataFrame)>> = columns
        .par_iter()
        .filter(|name| !NAMES.contains(&name.as_str()))
        .map(|name| {
            let counts = few_values(rows, name)?.filter(|counts| is_told(counts, rows.len(), kept));
            Ok::<_, SessionError>(counts.map(|counts| (name, counts)))
        })
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
            let said = format!("{} more value{}", rest.len(), if rest.len() == 1 { "" } else { "s" });
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
    if column.len() > SAMPLE && column.head(Some(SAMPLE)).n_unique()? > MOST {
        return Ok(None);
    }
    // A decimal is counted as one of many.
    if matches!(column.dtype(), DataType::String | DataType::Boolean | DataType::Int64) && few(&column, MOST)?.is_none()
    {
        return Ok(None);
    }
    let counts = counted(column)?;
    Ok((counts.height() <= MOST).then_some(counts))
}

/// Tells whether the values of a column say something of so many rows. One value does where rows were kept out of more, no
/// value at all never. Where each of many rows has a value of its own, the column is a name; of a few rows all values are
/// shown, and which they are is the answer.
fn is_told(counts: &DataFrame, rows: usize, kept: bool) -> bool {
    match counts.height() {
        0 => false,
        1 => kept && counts.column(VALUE).is_ok_and(|values| values.null_count() == 0),
        values => values < rows || rows <= SHOWN,
    }
}
