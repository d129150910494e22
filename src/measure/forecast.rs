//! Forecasts of a capacity metric from its daily means: straight lines and their slopes' limits (`domain.md` §4.7).
//!
//! Knows days by number and their means. Must not know readings, resources or figures. A day without readings is no
//! point: a gap is not a nought.

use super::forecast_seasonal::{Smoothed, smooth};
use super::quantile::linear;
use crate::model::catalogue::ForecastMethod;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Confidence of the limits.
pub const LEVEL: f64 = 0.95;
/// Quantile of the normal distribution for that confidence on two sides, as Sen's limits are tabled with.
const NORMAL_QUANTILE: f64 = 1.959_964;
/// Most points that pairs are made of: 2,000 points have two million pairs.
const MOST_POINTS: usize = 2_000;

/// A day by its number since 1970-01-01 in the report zone, and the mean of its readings.
pub type Point = (i32, f64);

/// A straight line through points, with the limits of its slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Change a day.
    pub slope: f64,
    /// Value on the last day.
    pub now: f64,
    /// Lower and upper limit of the slope; `None` where the points are too few to tell.
    pub limits: Option<(f64, f64)>,
}

/// What was fitted.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// A line.
    Line(Line),
    /// A level with trend and season.
    Smoothed(Smoothed),
}

/// A model with the days that it was fitted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The model.
    pub model: Model,
    /// First day that was fitted.
    pub first: i32,
    /// Last day that was fitted.
    pub last: i32,
    /// How many days were fitted.
    pub days: usize,
    /// The method in words: its name in the config, and why where another was asked for.
    pub method: String,
}

/// When a threshold is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reach {
    /// Days after the last day that was fitted, with the limits that the slope's limits give; an open end is `None`.
    In(f64, Option<(Option<f64>, Option<f64>)>),
    /// The model does not rise to it.
    Never,
    /// Later than this many days, which is twice the history: too far to say.
    Beyond(i64),
}

impl Forecast {
    /// Fits a method to points in the order of their days; `None` of fewer than two days.
    pub fn fit(points: &[Point], method: ForecastMethod, season_days: u32) -> Option<Self> {
        let line = |points: &[Point], fitted: Option<Line>, method: String| {
            let ((first, _), (last, _)) = (points.first()?, points.last()?);
            Some(Self { model: Model::Line(fitted?), first: *first, last: *last, days: points.len(), method })
        };
        match method {
            ForecastMethod::TheilSen => line(points, theil_sen(points), "theil_sen".into()),
            ForecastMethod::Ols => line(points, least_squares(points), "ols".into()),
            ForecastMethod::HoltWinters => {
                let season = usize::try_from(season_days).unwrap_or(usize::MAX);
                let run = unbroken(points);
                let Some(fitted) = smooth(&run.iter().map(|(_, mean)| *mean).collect::<Vec<_>>(), season) else {
                    let needed = season.saturating_mul(2);
                    let said =
                        format!("theil_sen (holt_winters needs {needed} days without a gap, there are {})", run.len());
                    return line(points, theil_sen(points), said);
                };
                let ((first, _), (last, _)) = (run.first()?, run.last()?);
                Some(Self {
                    model: Model::Smoothed(fitted),
                    first: *first,
                    last: *last,
                    days: run.len(),
                    method: "holt_winters".into(),
                })
            }
        }
    }

    /// Returns what is expected of a day; days up to the last one that was fitted are not asked for.
    pub fn on(&self, day: i32) -> f64 {
        let ahead = i64::from(day) - i64::from(self.last);
        match &self.model {
            Model::Line(line) => line.now + line.slope * ahead as f64,
            Model::Smoothed(season) => season.ahead(usize::try_from(ahead).unwrap_or(0)),
        }
    }

    /// Returns when a threshold is reached. What lies beyond twice the history is not foretold.
    pub fn reach(&self, threshold: f64) -> Reach {
        let most = 2 * (i64::from(self.last) - i64::from(self.first) + 1);
        match &self.model {
            Model::Line(line) => line.reach(threshold, most),
            Model::Smoothed(season) => {
                if season.ahead(0) >= threshold {
                    return Reach::In(0.0, None);
                }
                let first = (1..=most).find(|days| season.ahead(usize::try_from(*days).unwrap_or(0)) >= threshold);
                match first {
                    Some(days) => Reach::In(days as f64, None),
                    None if season.trend <= 0.0 => Reach::Never,
                    None => Reach::Beyond(most),
                }
            }
        }
    }
}

impl Line {
    fn reach(&self, threshold: f64, most: i64) -> Reach {
        let left = threshold - self.now;
        if left <= 0.0 {
            return Reach::In(0.0, None);
        }
        if self.slope <= 0.0 {
            return Reach::Never;
        }
        let days = left / self.slope;
        if days > most as f64 {
            return Reach::Beyond(most);
        }
        let at = |slope: f64| (slope > 0.0).then(|| left / slope);
        Reach::In(days, self.limits.map(|(flattest, steepest)| (at(steepest), at(flattest))))
    }
}

/// Returns the points after the last gap: days that follow each other up to the last one.
fn unbroken(points: &[Point]) -> &[Point] {
    let gap = points.windows(2).rposition(|pair| pair[1].0 != pair[0].0.saturating_add(1));
    points.get(gap.map_or(0, |at| at + 1)..).unwrap_or(&[])
}

/// Thins points evenly, the last one kept.
fn thinned(points: &[Point]) -> Vec<Point> {
    let step = points.len().div_ceil(MOST_POINTS).max(1);
    let mut kept: Vec<Point> = points.iter().rev().step_by(step).copied().collect();
    kept.reverse();
    kept
}

/// Fits Theil–Sen: the median of the pairwise slopes, through the median of the rests. Limits are Sen's: the order
/// statistics of the slopes that Kendall's variance points at. `None` of fewer than two days.
pub fn theil_sen(points: &[Point]) -> Option<Line> {
    let points = thinned(points);
    let (last, _) = *points.last()?;
    let x = |day: i32| (i64::from(day) - i64::from(last)) as f64;
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (at, (x1, y1)) in points.iter().enumerate() {
        slopes.extend(points[at + 1..].iter().filter(|(x2, _)| x2 > x1).map(|(x2, y2)| (y2 - y1) / (x(*x2) - x(*x1))));
    }
    slopes.sort_by(f64::total_cmp);
    let slope = linear(&slopes, 0.5)?;
    let mut rests: Vec<f64> = points.iter().map(|(day, mean)| mean - slope * x(*day)).collect();
    rests.sort_by(f64::total_cmp);
    let (n, pairs) = (points.len() as f64, slopes.len() as f64);
    let spread = NORMAL_QUANTILE * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    // Ranks count from 1; one that lies between two slopes takes its share of both.
    let ranked = |rank: f64| linear(&slopes, (rank.clamp(1.0, pairs) - 1.0) / (pairs - 1.0).max(1.0));
    let limits = ranked(0.5 * (pairs - spread)).zip(ranked(0.5 * (pairs + spread) + 1.0));
    Some(Line { slope, now: linear(&rests, 0.5)?, limits })
}

/// Fits least squares; the limits of the slope are those of Student's t. `None` of fewer than two days.
pub fn least_squares(points: &[Point]) -> Option<Line> {
    let (last, _) = *points.last()?;
    let x = |day: i32| (i64::from(day) - i64::from(last)) as f64;
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(day, _)| x(*day)).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, mean)| mean).sum::<f64>() / n;
    let of_x = points.iter().map(|(day, _)| (x(*day) - mean_x).powi(2)).sum::<f64>();
    if of_x <= 0.0 {
        return None;
    }
    let both = points.iter().map(|(day, mean)| (x(*day) - mean_x) * (mean - mean_y)).sum::<f64>();
    let slope = both / of_x;
    let now = mean_y - slope * mean_x;
    let squares = points.iter().map(|(day, mean)| (mean - now - slope * x(*day)).powi(2)).sum::<f64>();
    let freedom = n - 2.0;
    let limits = StudentsT::new(0.0, 1.0, freedom).ok().map(|student| {
        let half = student.inverse_cdf(f64::midpoint(1.0, LEVEL)) * (squares / freedom / of_x).sqrt();
        (slope - half, slope + half)
    });
    Some(Line { slope, now, limits })
}

#[cfg(test)]
mod tests;
