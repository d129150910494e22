//! Windows of readings as capacity figures count them: which of them count for what, and why the others do not.
//!
//! Knows the columns of `reading_windows` and what the book says of a resource. Must not know figures. A window belongs
//! to the period, and to the local day, in which it starts; it is never cut. Windows of one series that overlap count
//! once, each number by itself: a tool that is asked for means and for percentiles gives two rows of one hour.

mod weights;

use super::capacity_rows::{Ruled, Series, local_days, numbered, ruled};
use super::names;
use super::ticket_state::milliseconds;
use crate::model::Catalogue;
use polars::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
pub use weights::{Weights, days, mean, weights};

const HOUR_MS: i64 = 3_600_000;
/// The longest local day: the clocks go back by an hour.
const LONGEST_DAY_MS: i64 = 25 * HOUR_MS;
/// What numbers may differ by before they contradict each other, as a part of them: tools round.
const ROUNDING: f64 = 1e-6;

/// Reasons for which a window is left out.
pub const READINGS_WIN: &str = "readings are used";
pub const BACKWARDS: &str = "ends no later than it starts";
pub const NO_READINGS: &str = "made of no readings";
pub const TELLS_NOTHING: &str = "tells no mean, least, greatest or 95th percentile";
pub const CONTRADICTS: &str = "its numbers contradict each other";
pub const NO_LIMIT: &str = "no limit to take the share of";
const NOT_OVER: &str = "not over at as-of";
pub const LONGER: &str = "longer than the period";
const LONGER_THAN_DAY: &str = "longer than a day";
pub const OVERLAPS: &str = "overlaps a window that is used";
const UNWEIGHTED: &str = "of a day whose windows differ in length and do not tell n";

/// What a window can count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// The mean of the period.
    Mean,
    /// The greatest value of the period.
    Peak,
    /// The share over the threshold.
    Over,
    /// The highest 95th percentile.
    Percentile,
    /// The mean of a local day.
    Day,
}

impl For {
    const ALL: [For; 5] = [For::Mean, For::Peak, For::Over, For::Percentile, For::Day];

    /// Returns the measured column that says why a window does not count; null where it does.
    pub fn column(self) -> &'static str {
        match self {
            For::Mean => "mean_left_out",
            For::Peak => "peak_left_out",
            For::Over => "over_left_out",
            For::Percentile => "p95_left_out",
            For::Day => "day_left_out",
        }
    }

    /// Returns why a window without the number does not count.
    fn untold(self) -> &'static str {
        match self {
            For::Mean | For::Day => "tells no mean",
            For::Peak => "tells no greatest reading",
            For::Over => "tells neither least nor greatest reading",
            For::Percentile => "tells no 95th percentile",
        }
    }
}

/// A window, with its numbers as they are compared with the threshold.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    row: usize,
    /// Start and end in epoch milliseconds.
    pub span: (i64, i64),
    known_ms: Option<i64>,
    day: i32,
    /// How many readings it is made of.
    pub n: Option<i64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Least reading.
    pub least: Option<f64>,
    /// Greatest reading.
    pub greatest: Option<f64>,
    /// 95th percentile, by the tool.
    pub percentile: Option<f64>,
    limit: Option<f64>,
    /// Whether all of its readings (`true`) or none (`false`) are over the threshold, where that is known.
    pub over: Option<bool>,
    /// Whether it starts in the known part of the period.
    pub in_period: bool,
    /// Whether it is the one that answers for the percentile of exactly the period.
    pub whole_period: bool,
    /// Why it counts for nothing.
    pub fault: Option<&'static str>,
    left_out: [Option<&'static str>; 5],
}

impl Piece {
    /// Returns why it does not count.
    pub fn left_out(&self, purpose: For) -> Option<&'static str> {
        self.left_out[purpose as usize]
    }

    /// Tells whether it is left out of a figure of the period because it overlaps another.
    pub fn overlaps(&self) -> bool {
        let of_period = [For::Mean, For::Peak, For::Over, For::Percentile];
        of_period.iter().any(|purpose| self.left_out(*purpose) == Some(OVERLAPS))
    }

    fn tells(&self, purpose: For) -> bool {
        match purpose {
            For::Mean | For::Day => self.mean.is_some(),
            For::Peak => self.greatest.is_some(),
            For::Over => self.least.is_some() || self.greatest.is_some(),
            For::Percentile => self.percentile.is_some(),
        }
    }

    fn length_ms(&self) -> i64 {
        self.span.1 - self.span.0
    }

    /// Tells whether it starts before an instant and ends after it, in epoch seconds.
    fn crosses(&self, at: i64) -> bool {
        self.span.0 < at * 1_000 && at * 1_000 < self.span.1
    }
}

/// Windows with everything that no period changes.
#[derive(Debug)]
pub struct ReadingWindows {
    /// The canonical columns, with the numbers as they are compared, threshold and local day.
    frame: DataFrame,
    of_row: Vec<u32>,
    series: Vec<Series>,
}

/// What is asked of windows, in epoch seconds.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The whole period.
    pub whole: (i64, i64),
    /// The instant whose knowledge is used.
    pub as_of: i64,
    /// What daily means are asked of, beside the period; empty where no days are asked for.
    pub days: Vec<(i64, i64)>,
    /// Resources and metrics that have readings in the period.
    pub with_readings: BTreeSet<(String, String)>,
}

impl Asked {
    /// By the hour that the clocks go forward, a month by another calendar is longer than the period.
    fn longest_ms(&self) -> i64 {
        (self.whole.1 - self.whole.0) * 1_000 + HOUR_MS
    }
}

/// Windows that a period looks at, by series, in the order in which they start.
#[derive(Debug)]
pub struct Judged {
    pieces: BTreeMap<u32, Vec<Piece>>,
    /// The end of the period, in epoch seconds.
    end: i64,
}

impl ReadingWindows {
    /// Adds to the windows what no period changes.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn new(frame: &DataFrame, catalogue: &Catalogue, names: &names::Names) -> PolarsResult<Self> {
        let (numbers, series) = numbered(frame, catalogue, names)?;
        let Ruled { services, thresholds, shares } = ruled(&series, catalogue);
        let mut frame = frame.clone();
        let named = frame.column("service")?.as_materialized_series().clone().with_name("service_named".into());
        for (of_series, name) in [
            (services.into_series(), "service"),
            (thresholds.into_series(), "threshold"),
            (shares.into_series(), "share"),
        ] {
            frame.with_column(of_series.take(&numbers)?.with_name(name.into()).into_column())?;
        }
        frame.with_column(named.into_column())?;
        let days = local_days(&frame, "from", catalogue)?;
        frame.with_column(days.into_column())?;
        let compared = |column: &str, name: &str| {
            let share = when(col("limit").gt(lit(0.0))).then(lit(100.0) * col(column) / col("limit"));
            let value = when(col("share").not()).then(col(column)).otherwise(share.otherwise(lit(NULL)));
            value.cast(DataType::Float64).alias(name)
        };
        let frame = frame
            .lazy()
            .with_columns([
                compared("avg", "value"),
                compared("min", "least"),
                compared("max", "greatest"),
                compared("p95", "percentile_95"),
            ])
            .with_column(
                when(col("greatest").lt_eq(col("threshold")))
                    .then(lit(false))
                    .when(col("least").gt(col("threshold")))
                    .then(lit(true))
                    .otherwise(lit(NULL))
                    .cast(DataType::Boolean)
                    .alias("over"),
            )
            .collect()?;
        Ok(Self { frame, of_row: numbers.iter().map(|number| number.unwrap_or(0)).collect(), series })
    }

    /// Returns the series with their numbers, in the order of service, resource and metric.
    pub fn series(&self) -> Vec<(u32, &Series)> {
        let mut series: Vec<(u32, &Series)> = (0..).zip(&self.series).collect();
        series.sort_by_key(|(_, series)| *series);
        series
    }

    /// Finds the windows that a period looks at, and says of each what it counts for.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn judged(&self, asked: &Asked) -> PolarsResult<Judged> {
        let period = (asked.whole.0, asked.whole.1.min(asked.as_of));
        let spans = || asked.days.iter().chain([&period]);
        let first = spans().map(|span| span.0).min().unwrap_or(0) * 1_000;
        let last = spans().map(|span| span.1).max().unwrap_or(0) * 1_000;
        let number = |name: &str| PolarsResult::Ok(self.frame.column(name)?.f64()?.rechunk().into_owned());
        let (from, to, known) = (
            milliseconds(&self.frame, "from")?,
            milliseconds(&self.frame, "to")?,
            milliseconds(&self.frame, "known_at")?,
        );
        let (mean, least, greatest) = (number("value")?, number("least")?, number("greatest")?);
        let (percentile, limit) = (number("percentile_95")?, number("limit")?);
        let over = self.frame.column("over")?.bool()?.rechunk().into_owned();
        let share = self.frame.column("share")?.bool()?.rechunk().into_owned();
        let day = self.frame.column("day")?.i32()?.rechunk().into_owned();
        let n = self.frame.column("n")?.i64()?.rechunk().into_owned();
        let read_first: Vec<bool> = self
            .series
            .iter()
            .map(|series| asked.with_readings.contains(&(series.resource.clone(), series.metric.clone())))
            .collect();
        let mut pieces: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
        for (row, series) in self.of_row.iter().enumerate() {
            let (Some(from), Some(to)) = (from[row], to[row]) else { continue };
            if from < first || from >= last {
                continue;
            }
            let mut piece = Piece {
                row,
                span: (from, to),
                known_ms: known[row],
                day: day.get(row).unwrap_or(0),
                n: n.get(row),
                mean: mean.get(row),
                least: least.get(row),
                greatest: greatest.get(row),
                percentile: percentile.get(row),
                limit: limit.get(row),
                over: over.get(row),
                in_period: period.0 * 1_000 <= from && from < period.1 * 1_000,
                whole_period: false,
                fault: None,
                left_out: [None; 5],
            };
            let won = piece.in_period && read_first.get(*series as usize).copied().unwrap_or(false);
            let without_limit = share.get(row).unwrap_or(false) && limit.get(row).is_none_or(|limit| limit <= 0.0);
            piece.fault = if won { Some(READINGS_WIN) } else { fault(&piece, without_limit, asked) };
            pieces.entry(*series).or_default().push(piece);
        }
        for pieces in pieces.values_mut() {
            pieces.sort_by_key(|piece| (piece.span.0, piece.row));
            judge(pieces, asked);
        }
        Ok(Judged { pieces, end: asked.whole.1 })
    }

    /// Returns the canonical columns with the measured ones: what each window counts for in a period, and a flag for
    /// each span.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn flagged(&self, judged: &Judged, spans: &[(&str, (i64, i64))]) -> PolarsResult<DataFrame> {
        let rows = self.frame.height();
        let mut reasons: [Vec<Option<&'static str>>; 5] = std::array::from_fn(|_| vec![None; rows]);
        let (mut faults, mut whole, mut overlaps, mut crosses) =
            (vec![None; rows], vec![false; rows], vec![false; rows], vec![false; rows]);
        for piece in judged.pieces.values().flatten() {
            faults[piece.row] = piece.fault;
            whole[piece.row] = piece.whole_period;
            overlaps[piece.row] = piece.overlaps();
            crosses[piece.row] = judged.crosses_end(piece);
            for purpose in For::ALL {
                reasons[purpose as usize][piece.row] = piece.left_out(purpose);
            }
        }
        let mut frame = self.frame.drop("share")?;
        frame.with_column(Column::new("left_out".into(), faults))?;
        for purpose in For::ALL {
            let column = std::mem::take(&mut reasons[purpose as usize]);
            frame.with_column(Column::new(purpose.column().into(), column))?;
        }
        for (name, flags) in [("whole_period", whole), ("overlaps", overlaps), ("crosses_end", crosses)] {
            frame.with_column(Column::new(name.into(), flags))?;
        }
        let at = || col("from").to_physical();
        let within = |(start, end): (i64, i64)| at().gt_eq(lit(start * 1_000)).and(at().lt(lit(end * 1_000)));
        let flags: Vec<Expr> = spans.iter().map(|(name, span)| within(*span).alias(*name)).collect();
        frame.lazy().with_columns(flags).collect()
    }

    /// Returns the words of the tool on how it made some windows, each once.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn methods<'a>(&self, pieces: impl Iterator<Item = &'a Piece>) -> PolarsResult<BTreeSet<String>> {
        let methods = self.frame.column("method")?.str()?;
        let mut found = BTreeSet::new();
        for method in pieces.filter_map(|piece| methods.get(piece.row)) {
            if !found.contains(method) {
                found.insert(method.to_owned());
            }
        }
        Ok(found)
    }

    /// Returns how many readings there should have been in some windows; `None` where one does not tell.
    ///
    /// # Errors
    /// A polars error where a column is missing, which is a fault of this module.
    pub fn expected<'a>(&self, mut pieces: impl Iterator<Item = &'a Piece>) -> PolarsResult<Option<i64>> {
        let expected = self.frame.column("expected_n")?.i64()?;
        Ok(pieces.try_fold(0_i64, |sum, piece| Some(sum.saturating_add(expected.get(piece.row)?))))
    }
}

impl Judged {
    /// Returns the windows of a series that start in the known part of the period.
    pub fn of_period(&self, series: u32) -> Vec<&Piece> {
        self.pieces.get(&series).map_or_else(Vec::new, |all| all.iter().filter(|piece| piece.in_period).collect())
    }

    /// Returns the windows of a series that start in a span, in epoch seconds.
    pub fn within(&self, series: u32, (start, end): (i64, i64)) -> Vec<&Piece> {
        let starts = |piece: &&Piece| (start * 1_000..end * 1_000).contains(&piece.span.0);
        self.pieces.get(&series).map_or_else(Vec::new, |all| all.iter().filter(starts).collect())
    }

    /// Returns all windows that start in the known part of the period.
    pub fn all_of_period(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.values().flatten().filter(|piece| piece.in_period)
    }

    /// Tells whether a window counts whole in the period, though it ends after it.
    pub fn crosses_end(&self, piece: &Piece) -> bool {
        piece.in_period && piece.fault.is_none() && piece.crosses(self.end)
    }
}

/// Returns why a window counts for nothing.
fn fault(piece: &Piece, without_limit: bool, asked: &Asked) -> Option<&'static str> {
    let numbers = [piece.mean, piece.least, piece.greatest, piece.percentile];
    let within = |number: f64| {
        let spare = ROUNDING * number.abs().max(f64::MIN_POSITIVE);
        piece.least.is_none_or(|least| least <= number + spare)
            && piece.greatest.is_none_or(|greatest| number <= greatest + spare)
    };
    if piece.length_ms() <= 0 {
        Some(BACKWARDS)
    } else if piece.n.is_some_and(|n| n <= 0) {
        Some(NO_READINGS)
    } else if without_limit {
        Some(NO_LIMIT)
    } else if numbers.iter().all(Option::is_none) {
        Some(TELLS_NOTHING)
    } else if !numbers.iter().flatten().all(|number| within(*number)) {
        Some(CONTRADICTS)
    } else if asked.as_of < asked.whole.1 && asked.as_of * 1_000 < piece.span.1 {
        // In a period that is over the tool's row of its last hour is taken as it is.
        Some(NOT_OVER)
    } else if piece.in_period && piece.length_ms() > asked.longest_ms() {
        Some(LONGER)
    } else {
        None
    }
}

/// Says of the windows of one series, in the order in which they start, what each counts for.
fn judge(pieces: &mut [Piece], asked: &Asked) {
    for purpose in For::ALL {
        for piece in pieces.iter_mut() {
            let too_long = purpose == For::Day && piece.length_ms() > LONGEST_DAY_MS;
            let too_long = too_long.then_some(LONGER_THAN_DAY);
            let untold = (!piece.tells(purpose)).then(|| purpose.untold());
            let counted = purpose == For::Day || piece.in_period;
            piece.left_out[purpose as usize] = if counted { piece.fault.or(untold).or(too_long) } else { None };
        }
        let candidates: Vec<usize> = (0..pieces.len())
            .filter(|at| purpose == For::Day || pieces[*at].in_period)
            .filter(|at| pieces[*at].left_out(purpose).is_none())
            .collect();
        for at in overlapped(pieces, &candidates, asked.as_of) {
            pieces[at].left_out[purpose as usize] = Some(OVERLAPS);
        }
    }
    let whole = (asked.whole.0 * 1_000, asked.whole.1 * 1_000);
    let exact = (0..pieces.len())
        .filter(|at| pieces[*at].in_period && pieces[*at].fault.is_none())
        .filter(|at| pieces[*at].span == whole && pieces[*at].percentile.is_some());
    if let Some(best) = exact.min_by_key(|at| preference(&pieces[*at], asked.as_of)) {
        pieces[best].whole_period = true;
    }
    let mut start = 0;
    while start < pieces.len() {
        let day = pieces[start].day;
        let end = start + pieces[start..].partition_point(|piece| piece.day == day);
        let used = pieces[start..end].iter().filter(|piece| piece.left_out(For::Day).is_none());
        if weights(&used.collect::<Vec<_>>()).is_none() {
            for piece in &mut pieces[start..end] {
                piece.left_out[For::Day as usize].get_or_insert(UNWEIGHTED);
            }
        }
        start = end;
    }
}

/// Which of overlapping windows counts, the least first: what was known at as-of, then what was known later, then the
/// shorter one, then the later row.
fn preference(piece: &Piece, as_of: i64) -> (bool, Reverse<Option<i64>>, i64, Reverse<usize>) {
    let late = piece.known_ms.is_some_and(|known| known >= as_of * 1_000);
    (late, Reverse(piece.known_ms), piece.length_ms(), Reverse(piece.row))
}

/// Finds among windows, in the order in which they start, those that overlap one that is preferred.
fn overlapped(pieces: &[Piece], candidates: &[usize], as_of: i64) -> Vec<usize> {
    let mut dropped = Vec::new();
    let mut start = 0;
    while start < candidates.len() {
        let mut reach = pieces[candidates[start]].span.1;
        let mut end = start + 1;
        while end < candidates.len() && pieces[candidates[end]].span.0 < reach {
            reach = reach.max(pieces[candidates[end]].span.1);
            end += 1;
        }
        if end - start > 1 {
            let mut by_preference = candidates[start..end].to_vec();
            by_preference.sort_by_key(|at| preference(&pieces[*at], as_of));
            let mut kept: BTreeMap<i64, i64> = BTreeMap::new();
            for at in by_preference {
                let (from, to) = pieces[at].span;
                // The last one that starts before this one ends is the only one that can reach into it.
                if kept.range(..to).next_back().is_some_and(|(_, end)| from < *end) {
                    dropped.push(at);
                } else {
                    kept.insert(from, to);
                }
            }
        }
        start = end;
    }
    dropped
}

#[cfg(test)]
mod tests;
