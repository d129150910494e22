//! What windows weigh in a mean, and the means of the local days.
//!
//! Knows windows of which it is settled what they count for. Must not know tables or periods.

use super::{For, HOUR_MS, LONGEST_DAY_MS, Piece};
use crate::measure::capacity_rows::Day;

/// What windows weigh in a mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// As many as their readings.
    Readings(Vec<i64>),
    /// Each the same: they are of one length, and not all tell how many readings they are made of.
    Same(usize),
}

impl Weights {
    /// Returns the weight of a window by its place.
    pub fn of(&self, at: usize) -> i64 {
        match self {
            Self::Readings(n) => n.get(at).copied().unwrap_or(0),
            Self::Same(_) => 1,
        }
    }

    /// Returns the sum of the weights.
    pub fn sum(&self) -> i64 {
        match self {
            Self::Readings(n) => n.iter().fold(0, |sum, n| sum.saturating_add(*n)),
            Self::Same(windows) => i64::try_from(*windows).unwrap_or(i64::MAX),
        }
    }
}

/// Returns what windows weigh; `None` where they differ in length and not all tell their number of readings. Days and
/// weeks over which the clocks were changed are of one length with the others.
pub fn weights(pieces: &[&Piece]) -> Option<Weights> {
    if let Some(n) = pieces.iter().map(|piece| piece.n).collect::<Option<Vec<_>>>() {
        return Some(Weights::Readings(n));
    }
    let lengths = || pieces.iter().map(|piece| piece.length_ms());
    let (least, greatest) = (lengths().min()?, lengths().max()?);
    let spare = if least >= LONGEST_DAY_MS - 2 * HOUR_MS { 2 * HOUR_MS } else { 0 };
    (greatest - least <= spare).then_some(Weights::Same(pieces.len()))
}

/// Returns the mean of windows by their weights; `None` where there is none of them or one does not tell its mean.
pub fn mean(pieces: &[&Piece], weights: &Weights) -> Option<f64> {
    let whole = weights.sum();
    let mut sum = 0.0;
    for (at, piece) in pieces.iter().enumerate() {
        sum += weights.of(at) as f64 * piece.mean?;
    }
    (whole > 0).then(|| sum / whole as f64)
}

/// Returns the local days of windows in the order in which they start, each with the mean of those that count for it.
pub fn days(pieces: &[&Piece]) -> Vec<Day> {
    let used: Vec<&Piece> = pieces.iter().copied().filter(|piece| piece.left_out(For::Day).is_none()).collect();
    let of_day = used.chunk_by(|a, b| a.day == b.day);
    let day = |pieces: &[&Piece]| {
        let weights = weights(pieces)?;
        let limits: Vec<(i64, f64)> =
            pieces.iter().enumerate().filter_map(|(at, piece)| Some((weights.of(at), piece.limit?))).collect();
        let weight = limits.iter().map(|(weight, _)| *weight as f64).sum::<f64>();
        let limit = limits.iter().map(|(weight, limit)| *weight as f64 * limit).sum::<f64>() / weight;
        Some(Day {
            number: pieces.first()?.day,
            mean: mean(pieces, &weights)?,
            limit: (weight > 0.0).then_some(limit),
            rows: i64::try_from(pieces.len()).unwrap_or(i64::MAX),
        })
    };
    of_day.filter_map(day).collect()
}
