//! What the months of a chart come to, and the limits that its baseline makes.

use super::limits::{Bounds, Limits, Xmr, c, median, p, u, xmr};
use super::{FIRM_POINTS, MOVING_MONTHS, MonthFigures, Planned};
use crate::model::control_chart::{ChartKind, FEWEST_POINTS, Month};
use crate::model::{Figure, Missing, MissingKind, Unit};
use std::collections::BTreeMap;

/// Cases from which on the limits of a p chart are so narrow that every month seems special.
const MANY_CASES: f64 = 1_000.0;

/// A month of the chart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) month: Month,
    pub(super) figure: Option<&'a Figure>,
    /// The figure's value where the month is a point.
    pub(super) value: Option<f64>,
    /// Cases of a p chart, area of a u chart.
    pub(super) weight: Option<f64>,
    /// The part of a p chart.
    part: f64,
}

/// Reads the months of a chart, in their order.
pub(super) fn read<'a>(chart: &Planned, months: &'a BTreeMap<Month, MonthFigures>) -> Vec<Reading<'a>> {
    months.iter().map(|(month, measured)| reading(chart, *month, measured)).collect()
}

fn reading<'a>(chart: &Planned, month: Month, measured: &'a MonthFigures) -> Reading<'a> {
    let figure = measured.figures.get(&chart.id);
    let known = figure.and_then(Figure::number);
    let whole = |count: i64| count as f64;
    let (part, weight) = match chart.kind {
        ChartKind::Xmr | ChartKind::C => (0.0, None),
        ChartKind::P => (
            figure.and_then(|figure| figure.numerator).map_or(0.0, whole),
            figure.and_then(|figure| figure.denominator).map(whole),
        ),
        ChartKind::U => match &chart.area {
            Some(area) => (0.0, measured.figures.get(area).and_then(Figure::number)),
            None => (0.0, Some(days(measured))),
        },
    };
    let weight = weight.filter(|weight| *weight > 0.0);
    let value = known
        .filter(|_| matches!(chart.kind, ChartKind::Xmr | ChartKind::C) || weight.is_some())
        .filter(|_| chart.is_live_through(&measured.period));
    Reading { month, figure, value, weight, part }
}

/// Returns how many local days of the month had passed at as-of; a day of 23 hours is a day.
fn days(measured: &MonthFigures) -> f64 {
    let shares = measured.period.days().into_iter().map(|(_, from, to)| {
        let passed = (measured.as_of.clamp(from, to) - from).num_seconds();
        passed as f64 / (to - from).num_seconds().max(1) as f64
    });
    shares.sum()
}

/// Centre and limits as the baseline makes them, before a month's own weight is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Xmr(Xmr),
    /// A share in percent, with part and whole.
    Share(f64, f64),
    /// A rate, with count and area.
    Rate(f64, f64),
    /// A mean count, with count and months.
    Count(f64, f64),
}

impl Made {
    /// Returns what a month of a weight is held against, before clipping, in the figure's unit; `None` where that needs
    /// a weight and the month has none.
    pub(super) fn at(&self, weight: Option<f64>) -> Option<Limits> {
        match self {
            Self::Xmr(chart) => Some(chart.limits),
            // The centre as a share is computed, so that all who print it print the same.
            Self::Share(part, whole) => {
                weight.map(|cases| Limits { center: 100.0 * part / whole, ..p(part / whole, cases).times(100.0) })
            }
            Self::Rate(count, area) => weight.map(|own| u(count / area, own).times(own)),
            Self::Count(count, months) => Some(c(count / months)),
        }
    }

    /// Returns the centre where it is known without a month's weight.
    pub(super) fn center(&self) -> Option<f64> {
        match self {
            Self::Xmr(chart) => Some(chart.limits.center),
            Self::Share(part, whole) => Some(100.0 * part / whole),
            Self::Count(count, months) => Some(count / months),
            Self::Rate(..) => None,
        }
    }

    /// Returns the upper limit of the moving range.
    pub(super) fn range_limit(&self) -> Option<f64> {
        if let Self::Xmr(chart) = self { Some(chart.range_limit) } else { None }
    }
}

/// The months that make the limits, and what they make.
#[derive(Debug)]
pub(super) struct Base<'a> {
    /// Months of the baseline that are points.
    pub(super) readings: Vec<Reading<'a>>,
    /// The limits, or why there are none.
    pub(super) made: Result<Made, Missing>,
}

impl<'a> Base<'a> {
    /// Takes the baseline out of the months of a chart and makes the limits.
    pub(super) fn of(
        chart: &Planned,
        readings: &[Reading<'a>],
        months: &BTreeMap<Month, MonthFigures>,
        reported: Month,
    ) -> Self {
        let first = reported.shifted(-MOVING_MONTHS);
        let belongs = |month: Month| match chart.rule.baseline {
            Some(baseline) => baseline.holds(month),
            None => first <= month && month < reported,
        };
        let of_base: Vec<Reading<'a>> =
            readings.iter().copied().filter(|reading| belongs(reading.month) && reading.value.is_some()).collect();
        let missing = |kind, text: String| Err(Missing { kind, text });
        let made = if let Some(why) = chart.unfit {
            missing(MissingKind::NotConfigured, why.to_owned())
        } else if let Some(baseline) = chart.rule.baseline
            && !is_over(months, baseline.to, reported)
        {
            let text = format!("the baseline {baseline} is not over at as-of; it makes limits from its end on");
            missing(MissingKind::NoData, text)
        } else if of_base.len() < FEWEST_POINTS {
            let place = match chart.rule.baseline {
                Some(baseline) => format!("months of the baseline {baseline}"),
                None => format!("{MOVING_MONTHS} months before"),
            };
            let text =
                format!("limits need {FEWEST_POINTS} months with a value; of the {place} {} have one", of_base.len());
            missing(MissingKind::NoData, text)
        } else {
            make(chart, &of_base).ok_or_else(|| {
                let text = "no two months of the baseline follow each other, so there is no moving range";
                Missing::new(MissingKind::NoData, text)
            })
        };
        Self { readings: of_base, made }
    }

    /// Tells whether its limits may not be firm yet.
    pub(super) fn is_provisional(&self) -> bool {
        self.readings.len() < FIRM_POINTS
    }

    /// Returns its first and last month with a value, as `2025-07..2026-06`; empty without any.
    pub(super) fn span(&self) -> String {
        match (self.readings.first(), self.readings.last()) {
            (Some(first), Some(last)) => format!("{}..{}", first.month, last.month),
            _ => String::new(),
        }
    }

    /// Returns what a reader of the limits must know beside them.
    pub(super) fn note(&self, chart: &Planned) -> Option<&'static str> {
        let cases: Vec<f64> = self.readings.iter().filter_map(|reading| reading.weight).collect();
        match &self.made {
            Ok(Made::Share(..)) if median(&cases)? > MANY_CASES => {
                Some("p limits are narrow at this n; an xmr of the percentages may serve better")
            }
            Ok(Made::Xmr(made)) if chart.rule.median && made.range <= 0.0 => {
                Some("half of the moving ranges are nought, so the limits have no width; means may serve better")
            }
            _ => None,
        }
    }
}

/// Tells whether a month is over at the as-of it was measured with; of months after the reported one nothing is known.
fn is_over(months: &BTreeMap<Month, MonthFigures>, month: Month, reported: Month) -> bool {
    month < reported || (month == reported && months.get(&month).is_some_and(|m| m.as_of >= m.period.end()))
}

fn make(chart: &Planned, base: &[Reading<'_>]) -> Option<Made> {
    let sum = |of: &dyn Fn(&Reading<'_>) -> f64| base.iter().map(of).sum::<f64>();
    let counted = || sum(&|reading| reading.value.unwrap_or(0.0));
    let weights = || sum(&|reading| reading.weight.unwrap_or(0.0));
    Some(match chart.kind {
        ChartKind::Xmr => {
            let values: Vec<(Month, f64)> =
                base.iter().filter_map(|reading| Some((reading.month, reading.value?))).collect();
            Made::Xmr(xmr(&values, chart.rule.median)?)
        }
        ChartKind::P => Made::Share(sum(&|reading| reading.part), weights()),
        ChartKind::U => Made::Rate(counted(), weights()),
        ChartKind::C => Made::Count(counted(), base.len() as f64),
    })
}

/// Measures that may be below nought: what is left of an allowance, of days and of a budget may be overdrawn, and a level
/// of sigma is counted from the middle.
const SIGNED: [&str; 5] = [
    "availability.allowed_left",
    "continuity.due_in",
    "cost.variance",
    "cost.variance_percent",
    "sla.resolution_sigma",
];

/// Percentages that are no part of a whole and may be over 100.
const OVER_ALL: [&str; 2] = ["availability.budget_used", "capacity.forecast_error"];

/// Returns what a value cannot leave: parts of a whole their 0 to 100, counts, lengths of time and what else cannot be
/// below nought that.
pub(super) fn bounds(figure: &Figure) -> Bounds {
    let (measure, at_least) = (figure.id.measure.as_str(), |low| Bounds { low: Some(low), high: None });
    match figure.unit {
        Unit::Points => Bounds { low: Some(-100.0), high: Some(100.0) },
        _ if SIGNED.contains(&measure) => Bounds::default(),
        Unit::Percent if OVER_ALL.contains(&measure) => at_least(0.0),
        Unit::Percent => Bounds { low: Some(0.0), high: Some(100.0) },
        Unit::PerMillion => Bounds { low: Some(0.0), high: Some(1_000_000.0) },
        Unit::Count | Unit::Events | Unit::PerTicket | Unit::Seconds | Unit::Days | Unit::Ratio => at_least(0.0),
        // Money may be given back, and a reading may be of anything.
        Unit::Money(_) | Unit::Own(_) => Bounds::default(),
    }
}
