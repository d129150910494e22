//! Service time of whole columns, on all cores.
//!
//! Knows rows of instants and of calendars. Must not know what the rows are. A row costs the same however long its
//! interval is, and rows come out in the order in which they went in.

use super::service_hours::ServiceHours;
use rayon::prelude::*;

/// Fewer rows than this are not worth a second core.
const ROWS_A_TASK: usize = 16_384;

/// Returns [`ServiceHours::elapsed`] of each row, in the calendar that the row names by its place in `hours`; rows that
/// name none have 0. The columns have one length; where one is shorter, the rest is left out.
pub fn elapsed_rows(hours: &[ServiceHours], calendars: &[usize], starts: &[i64], ends: &[i64]) -> Vec<i64> {
    rows(starts, ends)
        .zip(calendars)
        .with_min_len(ROWS_A_TASK)
        .map(|((start, end), calendar)| hours.get(*calendar).map_or(0, |hours| hours.elapsed(*start, *end)))
        .collect()
}

/// Returns [`ServiceHours::due`] of each row, in the calendar that the row names by its place in `hours`; rows that name
/// none have none. The columns have one length; where one is shorter, the rest is left out.
pub fn due_rows(hours: &[ServiceHours], calendars: &[usize], starts: &[i64], goals: &[i64]) -> Vec<Option<i64>> {
    rows(starts, goals)
        .zip(calendars)
        .with_min_len(ROWS_A_TASK)
        .map(|((start, goal), calendar)| hours.get(*calendar).and_then(|hours| hours.due(*start, *goal)))
        .collect()
}

/// Answers one question of each row of two columns.
pub(super) fn each<T: Send>(left: &[i64], right: &[i64], answer: impl Fn(i64, i64) -> T + Sync + Send) -> Vec<T> {
    rows(left, right).with_min_len(ROWS_A_TASK).map(|(left, right)| answer(*left, *right)).collect()
}

fn rows<'a>(left: &'a [i64], right: &'a [i64]) -> impl IndexedParallelIterator<Item = (&'a i64, &'a i64)> {
    left.par_iter().zip(right)
}
