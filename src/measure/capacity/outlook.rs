//! The forecast of a resource day by day, for those who draw it: the same fit that the figure of days is read from.
//!
//! Must not decide anything: whether there is a forecast, and why not, is said by the figure.

use super::Subject;
use super::forecasts::Held;
use crate::measure::capacity_forecast::{LOOK_BACK_DAYS, Outlook as Fit, days_since, number};
use crate::measure::forecast::{Forecast, LEVEL, Model, Reach};
use crate::model::outlook::{Ahead, Outlook, Reached};
use crate::model::{FigureId, Scope};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Days that are drawn ahead at least and at most.
const AHEAD: (i32, i32) = (30, 180);

impl Subject<'_> {
    /// Returns the outlook of a resource that the book has a threshold for and days of readings. `today` is the local
    /// day of as-of, which is not over.
    pub(super) fn outlook(&self, held: &Held, today: i32) -> Option<Outlook> {
        let rule = self.rule?;
        let days = held.days.as_slice();
        let last = days.last()?;
        let fit = Fit::new(days, rule, self.last_day(self.context.window.as_of));
        let by_number: BTreeMap<i32, f64> = days.iter().map(|day| (day.number, day.mean)).collect();
        let first = today - i32::try_from(LOOK_BACK_DAYS).unwrap_or(0);
        let past = (first.max(days[0].number)..today).map(|day| (local(day), by_number.get(&day).copied())).collect();
        let scope = self.series.service.as_ref().map_or_else(Scope::book, Scope::service);
        let dimensions = [("resource", self.series.resource.as_str()), ("metric", self.series.metric.as_str())];
        let mut outlook = Outlook {
            figure: FigureId::new("capacity.days_to_threshold", scope, &dimensions),
            threshold: rule.threshold,
            past,
            fitted_from: fit.first().map(local),
            ahead: Vec::new(),
            reached: None,
            method: None,
        };
        // What the figure does not foretell is not drawn.
        let (value, _) = fit.days_from(rule.threshold, days, today);
        let stale = value.is_err() && days_since(days, today) > 0;
        let Ok(forecast) = fit.forecast.as_ref() else { return Some(outlook) };
        if stale {
            return Some(outlook);
        }
        let mut horizon = AHEAD.0;
        if let (Ok(_), Reach::In(days, limits), true) =
            (&value, forecast.reach(rule.threshold), last.mean < rule.threshold)
        {
            let on = |days: f64| local(forecast.last.saturating_add(whole(days)));
            outlook.reached = Some(Reached {
                on: on(days),
                earliest: limits.and_then(|(low, _)| low).map(on),
                latest: limits.and_then(|(_, high)| high).filter(|days| *days < 3_650.0).map(on),
            });
            let farthest = limits.and_then(|(_, high)| high).unwrap_or(days);
            horizon = whole(farthest.max(days) * 1.05).clamp(AHEAD.0, AHEAD.1);
        }
        outlook.ahead = (forecast.last + 1..=forecast.last + horizon)
            .map(|day| Ahead { day: local(day), expected: forecast.on(day), limits: limits_on(forecast, day) })
            .collect();
        outlook.method = Some((forecast.method.clone(), LEVEL));
        Some(outlook)
    }
}

/// Returns what the limits of the slope give for a day.
fn limits_on(forecast: &Forecast, day: i32) -> Option<(f64, f64)> {
    let Model::Line(line) = &forecast.model else { return None };
    let (flattest, steepest) = line.limits?;
    let ahead = f64::from(day - forecast.last);
    Some((line.now + flattest * ahead, line.now + steepest * ahead))
}

/// Returns days as a whole number, rounded up: a threshold is reached within the day.
fn whole(days: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to ten years")]
    let whole = days.ceil().clamp(0.0, 3_650.0) as i32;
    whole
}

fn local(day: i32) -> NaiveDate {
    let epoch = NaiveDate::default();
    let days = Days::new(u64::from(day.unsigned_abs()));
    let found = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    debug_assert_eq!(found.map(number), Some(day));
    found.unwrap_or_default()
}
