//! The capacity measures as the catalogue lists them, made of readings or of windows of readings.
//!
//! Knows names and formulas. Must not know rows.

use crate::measure::definition::{Better, Definition};
use crate::model::Unit;
use crate::model::clause::Clause;

/// The highest 95th percentile that the tool gives of a window.
pub const WINDOW_P95: &str = "capacity.window_p95";
/// How much of the time lies in windows.
pub const WINDOW_COVERAGE: &str = "capacity.window_coverage";

/// Returns the capacity measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, unit, formula| {
        Definition::count(id, title, formula).in_unit(unit).for_clauses(&[Clause::Capacity]).better(Better::Lower)
    };
    let own = || Unit::Own(String::new());
    vec![
        entry("capacity.average", "Average", own(), "mean of the readings in the period")
            .of_windows("Σ readings × mean ÷ Σ readings of the windows that start in the period; where not all tell how many readings they are made of, windows of one length weigh the same, and of windows of several lengths there is none")
            .with_trend(),
        entry("capacity.p95", "95th percentile", own(), "95th percentile of the readings in the period, linear")
            .of_windows("what the tool gives as the 95th percentile of a window over exactly the period; none else, because percentiles of parts do not make that of the whole")
            .with_trend(),
        entry("capacity.peak", "Peak", own(), "greatest reading in the period")
            .of_windows("greatest maximum of the windows that start in the period")
            .with_trend(),
        entry(
            "capacity.over_threshold",
            "Over the threshold",
            Unit::Percent,
            "readings strictly greater than the threshold ÷ readings",
        )
        .of_windows("readings of windows whose least one is strictly greater than the threshold ÷ readings of the windows that start in the period, weighed as for the average; none where a window has its greatest reading over the threshold and its least one not, because nobody knows how many were"),
        entry(
            "capacity.days_to_threshold",
            "Days to the threshold",
            Unit::Days,
            "(threshold − fitted now) ÷ slope a day, of the resource's method (Theil–Sen where none is named) over the daily means of the 90 whole days before as-of, from the last step on, less the days since the last one with readings; none where that was 14 days ago or more; 0 where the last daily mean or the fit has reached the threshold; none beyond twice the history; with holt_winters the first day whose forecast reaches it",
        )
        .better(Better::Higher),
        entry(
            "capacity.forecast_error",
            "Forecast error",
            Unit::Percent,
            "mean of abs(forecast − daily mean) ÷ abs(daily mean) over the days of the period that are over and whose mean is not 0; the forecast is made with the 90 days before the period, by the same method and steps",
        ),
        entry(
            "capacity.forecast_bias",
            "Forecast bias",
            own(),
            "mean of (forecast − daily mean) over the days of the period that are over; above 0 was forecast too high",
        )
        .better(Better::Neither),
        entry(
            "capacity.forecast_mase",
            "Scaled forecast error",
            Unit::Ratio,
            "mean of abs(forecast − daily mean) over the days of the period that are over ÷ mean of abs(change from one day to the next) over the fitted days; below 1 is better than saying that tomorrow is as today",
        ),
        entry(
            WINDOW_P95,
            "Highest 95th percentile of a window",
            own(),
            "highest 95th percentile that the tool gives of a window that starts in the period; but for the tool's interpolation, that of all the windows' readings is not above it",
        )
        .with_trend(),
        entry(
            WINDOW_COVERAGE,
            "Covered by windows",
            Unit::Percent,
            "time of the period that lies in windows that start in it and count, that of several once ÷ time of the period up to as-of",
        )
        .better(Better::Higher),
    ]
}
