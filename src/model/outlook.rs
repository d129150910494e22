//! What is expected of a resource: the days that a forecast stands on and the days that it speaks of.
//!
//! Knows local days and values. Must not know how a forecast is fitted or drawn.

use super::FigureId;
use chrono::NaiveDate;

/// The forecast behind a figure `capacity.days_to_threshold`. Values are in the unit of the resource's average.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The figure.
    pub figure: FigureId,
    /// The threshold.
    pub threshold: f64,
    /// Local days that were looked back on, in order, a day without readings with no value.
    pub past: Vec<(NaiveDate, Option<f64>)>,
    /// The first day that the forecast is fitted on: what lies before is left out of it.
    pub fitted_from: Option<NaiveDate>,
    /// The days to come, in order; empty where there is no forecast.
    pub ahead: Vec<Ahead>,
    /// When the threshold is reached, where it is.
    pub reached: Option<Reached>,
    /// The method by its name in config, and the confidence of the limits.
    pub method: Option<(String, f64)>,
}

/// What is expected of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ahead {
    /// The local day.
    pub day: NaiveDate,
    /// The value.
    pub expected: f64,
    /// The values that the limits of the slope give, lower first; `None` of methods without limits.
    pub limits: Option<(f64, f64)>,
}

/// When a threshold is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The local day.
    pub on: NaiveDate,
    /// The earliest day by the limits.
    pub earliest: Option<NaiveDate>,
    /// The latest day by the limits; `None` where the limits do not rise to it.
    pub latest: Option<NaiveDate>,
}
