//! Rows of several pulls to the rows of one source: what came now takes the place of what had come before.
//!
//! Whole columns of canonical tables. Must not know how rows are fetched.

use crate::model::Table;
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsResult, SortMultipleOptions, StringChunked};
use std::collections::{HashMap, HashSet};

/// Returns the rows whose key comes again further down, in order.
pub(super) fn repeats(frame: &DataFrame) -> PolarsResult<Vec<usize>> {
    let keys = keys(frame)?;
    let mut last: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
    let mut repeats = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        if let Some(before) = last.insert(key.unwrap_or_default(), row) {
            repeats.push(before);
        }
    }
    repeats.sort_unstable();
    Ok(repeats)
}

/// Returns a frame without some of its rows.
pub(super) fn without(frame: &DataFrame, rows: &[usize]) -> PolarsResult<DataFrame> {
    let mut kept = vec![true; frame.height()];
    for row in rows {
        if let Some(kept) = kept.get_mut(*row) {
            *kept = false;
        }
    }
    frame.filter(&BooleanChunked::from_slice("kept".into(), &kept))
}

/// Puts frames of one table below each other.
pub(super) fn stacked(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut whole = frames.next().unwrap_or_default();
    for frame in frames {
        whole.vstack_mut(&frame)?;
    }
    Ok(whole)
}

/// Puts the rows that came now into the place of those that had come before. `children_of` holds the keys of the
/// tickets whose events, clocks and links came anew as a whole. Returns the rows in the order of their keys, and how
/// many of the earlier ones stay.
pub(super) fn merged(
    table: Table,
    before: Option<&DataFrame>,
    now: Option<&DataFrame>,
    children_of: Option<&HashSet<String>>,
) -> PolarsResult<Option<(DataFrame, u64)>> {
    let whole = match (before, now) {
        (None, None) => return Ok(None),
        (None, Some(now)) => (now.clone(), 0),
        (Some(before), now) => {
            let kept = match now {
                Some(now) => {
                    let come = keys(now)?;
                    let come: HashSet<&str> = come.iter().flatten().collect();
                    unless(before, "source_key", |key| come.contains(key))?
                }
                None => before.clone(),
            };
            let kept = match (table.parent(), children_of) {
                (Some(parent), Some(parents)) => unless(&kept, parent, |key| parents.contains(key))?,
                _ => kept,
            };
            let stay = kept.height() as u64;
            (stacked(std::iter::once(kept).chain(now.cloned()).collect())?, stay)
        }
    };
    let sorted = whole.0.sort(["source_key"], SortMultipleOptions::default().with_maintain_order(true))?;
    Ok(Some((sorted, whole.1)))
}

/// Leaves out the rows whose key the tool does not list any more, but for new ones; returns how many those are, and how many listed keys
/// are no rows here.
pub(super) fn swept(
    frame: &DataFrame,
    listed: &HashSet<String>,
    new: &HashSet<String>,
) -> PolarsResult<(DataFrame, u64, u64)> {
    let kept = unless(frame, "source_key", |key| !listed.contains(key) && !new.contains(key))?;
    let here = keys(&kept)?;
    let here: HashSet<&str> = here.iter().flatten().collect();
    let unmatched = listed.iter().filter(|key| !here.contains(key.as_str())).count() as u64;
    let gone = (frame.height() - kept.height()) as u64;
    Ok((kept, gone, unmatched))
}

/// Returns the keys of a frame.
pub(super) fn keys(frame: &DataFrame) -> PolarsResult<StringChunked> {
    Ok(frame.column("source_key")?.str()?.rechunk().into_owned())
}

fn unless(frame: &DataFrame, column: &str, drop: impl Fn(&str) -> bool) -> PolarsResult<DataFrame> {
    let texts = frame.column(column)?.str()?.clone();
    let kept: Vec<bool> = texts.iter().map(|text| text.is_none_or(|text| !drop(text))).collect();
    if kept.iter().all(|kept| *kept) {
        return Ok(frame.clone());
    }
    frame.filter(&BooleanChunked::from_slice("kept".into(), &kept))
}
