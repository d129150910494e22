//! Capacity figures: average, 95th percentile, peak, share over the threshold, days to the threshold, and how well the
//! period was forecast.
//!
//! Knows which figure stands on which readings. Must not know how readings are summed or how a forecast is fitted.

use super::capacity_forecast::{LOOK_BACK_DAYS, Outlook, Score, date, days_since, number};
use super::capacity_rows::{Day, Readings, Series, Sums, Total};
use super::definition::{Better, Definition};
use super::goals::local_date;
use super::{Context, Course, Depth, verdict};
use crate::model::catalogue::{ReadingOf, Resource};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{FigureId, Scope, Table, Verdict};
use chrono::{DateTime, Days, NaiveDate};
use polars::prelude::{DataFrame, PolarsResult};
use std::collections::BTreeMap;

const NO_LIMIT: &str = "no limit to take the share of";

/// Returns the capacity measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, unit, formula| {
        Definition::count(id, title, formula).in_unit(unit).for_clauses(&[Clause::Capacity]).better(Better::Lower)
    };
    let own = || Unit::Own(String::new());
    vec![
        entry("capacity.average", "Average", own(), "mean of the readings in the period").with_trend(),
        entry("capacity.p95", "95th percentile", own(), "95th percentile of the readings in the period, linear")
            .with_trend(),
        entry("capacity.peak", "Peak", own(), "greatest reading in the period").with_trend(),
        entry(
            "capacity.over_threshold",
            "Over the threshold",
            Unit::Percent,
            "readings strictly greater than the threshold ÷ readings",
        ),
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
    ]
}

/// The spans of time that a period's capacity figures look at.
#[derive(Clone, Copy, Debug)]
struct Windows {
    /// The period, up to as-of.
    period: (i64, i64),
    /// The days of the period that are over at as-of: the mean of a part of a day is not that of a day.
    over: (i64, i64),
    /// What the forecast at as-of looks back on: whole local days.
    recent: (i64, i64),
    /// What the forecast at the start of the period looked back on: whole local days.
    before: (i64, i64),
    /// The local day of as-of, which is not over.
    today: i32,
}

impl Windows {
    fn of(context: &Context<'_>) -> Self {
        let (window, zone) = (context.window, context.catalogue.zone);
        let midnight = |date| crate::model::period::midnight(date, zone).timestamp();
        let look_back = |at: i64| {
            let today = local_date(at, zone);
            let first = today.checked_sub_days(Days::new(LOOK_BACK_DAYS)).unwrap_or(today);
            (midnight(first), midnight(today))
        };
        let recent = look_back(window.as_of);
        Self {
            period: (window.start, window.end.min(window.as_of)),
            over: (window.start, window.end.min(recent.1)),
            recent,
            before: look_back(window.start.min(window.as_of)),
            today: number(local_date(window.as_of, zone)),
        }
    }
}

/// What a period comes to.
#[derive(Debug, Default)]
pub struct Capacity {
    /// Figures of each resource and metric.
    pub figures: Vec<Figure>,
    /// Their daily courses.
    pub courses: Vec<Course>,
    /// Readings of the period whose resource and metric the book does not name, by resource.
    pub without_resource: BTreeMap<String, u64>,
}

/// Measures each resource and metric.
///
/// # Errors
/// A polars error where the prepared table lacks a column, which is a fault of the preparation.
pub fn figures(context: &Context<'_>, readings: &Readings) -> PolarsResult<Capacity> {
    let windows = Windows::of(context);
    let sums = match context.depth {
        Depth::Report => readings.sums(&[windows.period, windows.over, windows.recent, windows.before])?,
        Depth::Trend => readings.sums(&[windows.period])?,
    };
    let percentiles = readings.percentile_95(windows.period)?;
    let rules: BTreeMap<(&str, &str), &Resource> =
        context.catalogue.resources.iter().map(|r| ((r.id.as_str(), r.metric.as_str()), r)).collect();
    let mut capacity = Capacity::default();
    for (at, series) in readings.series() {
        let rule = rules.get(&(series.resource.as_str(), series.metric.as_str())).copied();
        let subject = Subject { context, series, rule, total: sums.total(at, windows.period) };
        let p95 = percentiles.get(&at).copied();
        let mut made = subject.of_period(p95);
        if context.depth == Depth::Report {
            let days = sums.days(at, windows.period);
            made.extend(subject.of_forecasts(at, &sums, windows));
            capacity.courses.push(subject.course(&days));
        }
        if rule.is_none() && subject.total.rows > 0 {
            let rows = u64::try_from(subject.total.rows).unwrap_or(0);
            *capacity.without_resource.entry(series.resource.clone()).or_default() += rows;
        }
        capacity.figures.extend(made);
    }
    Ok(capacity)
}

/// Returns the readings with a flag for the period, as `rows` shows them.
///
/// # Errors
/// A polars error where the prepared table lacks a column.
pub fn measured(context: &Context<'_>, readings: &Readings) -> PolarsResult<DataFrame> {
    let windows = Windows::of(context);
    readings.flagged(&[("in_period", windows.period), ("in_forecast", windows.recent)])
}

/// One resource and metric.
struct Subject<'a> {
    context: &'a Context<'a>,
    series: &'a Series,
    rule: Option<&'a Resource>,
    total: Total,
}

impl Subject<'_> {
    fn of_period(&self, p95: Option<f64>) -> Vec<Figure> {
        let mut made = Vec::new();
        for definition in definitions() {
            if self.context.depth == Depth::Trend && !definition.trend {
                continue;
            }
            let value = |value: Option<f64>| value.ok_or_else(|| self.no_value());
            let (unit, value) = match definition.id {
                "capacity.average" => (self.unit(), value(self.total.mean())),
                "capacity.p95" => (self.unit(), value(p95)),
                "capacity.peak" => (self.unit(), value(self.total.greatest)),
                "capacity.over_threshold" => (Unit::Percent, self.share_over()),
                _ => continue,
            };
            let mut figure = self.figure(&definition, unit, value);
            if definition.id == "capacity.over_threshold" && figure.value.is_ok() {
                (figure.numerator, figure.denominator) = (Some(self.total.over), Some(self.total.n));
            }
            figure.n = u64::try_from(self.total.n).unwrap_or(0);
            figure.rows = self.rows_of_period();
            figure.basis.parameters.insert(0, ("percentile".into(), "linear interpolation (type 7)".into()));
            made.push(figure);
        }
        made
    }

    fn of_forecasts(&self, at: u32, sums: &Sums, windows: Windows) -> Vec<Figure> {
        let over = (sums.days(at, windows.over), sums.total(at, windows.over));
        let recent = sums.days(at, windows.recent);
        let recent_total = sums.total(at, windows.recent);
        let before = sums.days(at, windows.before);
        let score = self.rule.map(|rule| {
            let outlook = Outlook::new(&before, rule, self.last_day(windows.before.1));
            (outlook.score(&over.0), outlook.parameters(rule))
        });
        let mut made = Vec::new();
        for definition in definitions() {
            if definition.id == "capacity.days_to_threshold" {
                made.push(self.days_to_threshold(&definition, &recent, &recent_total, windows.today));
            } else if let Some((score, parameters)) = &score {
                made.extend(self.scored(&definition, score, parameters, (windows.today, &over.1)));
            }
        }
        made
    }

    /// Returns the number of the local day that holds the last second before an instant.
    fn last_day(&self, before: i64) -> i32 {
        let last = DateTime::from_timestamp(before - 1, 0).unwrap_or_default();
        number(last.with_timezone(&self.context.catalogue.zone).date_naive())
    }

    fn figure(&self, definition: &Definition, unit: Unit, value: Result<f64, Missing>) -> Figure {
        let service = &self.series.service;
        let scope = service.as_ref().map_or_else(Scope::book, Scope::service);
        let dimensions = [("resource", self.series.resource.as_str()), ("metric", self.series.metric.as_str())];
        let mut figure = Figure::new(FigureId::new(definition.id, scope, &dimensions), unit, value);
        figure.basis = Basis { parameters: self.parameters(), ..self.context.basis(definition, Table::Readings) };
        figure.tainted = self.context.tainted(Table::Readings);
        figure
    }

    fn unit(&self) -> Unit {
        let share = self.rule.is_some_and(|r| r.of == ReadingOf::Share);
        let named = self.rule.and_then(|r| r.unit.clone());
        Unit::Own(named.unwrap_or_else(|| if share { "%".into() } else { String::new() }))
    }

    /// Says why there is no value in the period.
    fn no_value(&self) -> Missing {
        Missing::new(MissingKind::NoData, nothing(&self.total, "no readings in the period"))
    }

    fn share_over(&self) -> Result<f64, Missing> {
        match self.rule {
            None => Err(not_configured()),
            Some(_) if self.total.n == 0 => Err(self.no_value()),
            Some(_) => Ok(100.0 * self.total.over as f64 / self.total.n as f64),
        }
    }

    fn days_to_threshold(&self, definition: &Definition, days: &[Day], total: &Total, today: i32) -> Figure {
        let (value, interval, used, first, parameters, mut left_out) = match self.rule {
            None => (Err(not_configured()), None, days, None, Vec::new(), Vec::new()),
            Some(rule) => {
                let outlook = Outlook::new(days, rule, self.last_day(self.context.window.as_of));
                let (value, interval) = if days.is_empty() && total.rows > 0 {
                    (Err(Missing::new(MissingKind::NoData, nothing(total, ""))), None)
                } else {
                    outlook.days_from(rule.threshold, days, today)
                };
                let left_out = self.before(days, &outlook);
                // Days since a step after the last reading are none: nothing is left of the window then.
                let first = outlook.first().or(outlook.step.map(|step| step.day));
                let mut parameters = outlook.parameters(rule);
                let since = days_since(days, today);
                parameters.extend((since > 0).then(|| ("days_since_readings".to_owned(), format!("{since} d"))));
                (value, interval, outlook.used(), first, parameters, left_out)
            }
        };
        let mut figure = self.figure(definition, definition.unit.clone(), value);
        figure.interval = interval;
        figure.n = used.len() as u64;
        figure.basis.parameters.extend(parameters);
        let from = first.filter(|_| used.len() < days.len());
        let from = from.map_or_else(String::new, |first| format!(" AND day >= {first}"));
        let without = u64::try_from(total.rows - total.n).unwrap_or(0);
        let filter = format!("{} AND in_forecast", self.filter());
        if without > 0 {
            let filter = format!("{filter} AND value IS NULL");
            left_out.push(LeftOut { reason: NO_LIMIT.into(), count: without, filter });
        }
        figure.rows = Rows {
            table: "readings".into(),
            used: count(used),
            left_out,
            filter: format!("{filter} AND value IS NOT NULL{from}"),
        };
        if let Some((rule, lead)) = self.rule.and_then(|r| Some((r, r.lead_time_days?))) {
            figure.target = Some(Target {
                value: lead as f64,
                comparator: Comparator::AtLeast,
                agreement: rule.id.clone(),
                effective_from: String::new(),
            });
        }
        verdict::judge(&mut figure, self.context.catalogue.settings.risk_at);
        if let (Verdict::Met, Some(value), Some(target)) = (figure.verdict, figure.number(), &figure.target)
            && value < 2.0 * target.value
        {
            figure.verdict = Verdict::AtRisk;
        }
        figure
    }

    /// Counts the readings that a forecast left out: before the last step, and before the last gap.
    fn before(&self, days: &[Day], outlook: &Outlook<'_>) -> Vec<LeftOut> {
        let filter = format!("{} AND in_forecast AND value IS NOT NULL", self.filter());
        let mut left_out = Vec::new();
        if let Some(step) = outlook.step {
            left_out.push(LeftOut {
                reason: format!("before the step on {}", date(step.day)),
                count: count(&days[..days.len() - outlook.since.len()]),
                filter: format!("{filter} AND day < {}", step.day),
            });
        }
        let since = outlook.step.map_or_else(String::new, |step| format!(" AND day >= {}", step.day));
        let cut = outlook.since.len() - outlook.used().len();
        if let (true, Some(first)) = (cut > 0, outlook.first()) {
            left_out.push(LeftOut {
                reason: "before the last day without readings".into(),
                count: count(&outlook.since[..cut]),
                filter: format!("{filter}{since} AND day < {first}"),
            });
        }
        left_out.retain(|left| left.count > 0);
        left_out
    }

    /// `over` are the local day of as-of and the sums of the days of the period before it.
    fn scored(
        &self,
        definition: &Definition,
        score: &Score,
        parameters: &[(String, String)],
        over: (i32, &Total),
    ) -> Option<Figure> {
        let (unit, value, days) = match definition.id {
            "capacity.forecast_error" => (Unit::Percent, &score.error.0, score.error.1),
            "capacity.forecast_bias" => (self.unit(), &score.bias, score.days),
            "capacity.forecast_mase" => (Unit::Ratio, &score.scaled, score.days),
            _ => return None,
        };
        let value = if self.total.n == 0 { Err(self.no_value()) } else { value.clone() };
        let mut figure = self.figure(definition, unit, value);
        figure.n = days as u64;
        figure.rows = self.rows_of_period();
        let (today, total) = over;
        if total.n < self.total.n {
            let cut = LeftOut {
                reason: "of the day that is not over".into(),
                count: u64::try_from(self.total.n - total.n).unwrap_or(0),
                filter: format!("{} AND day >= {today}", figure.rows.filter),
            };
            figure.rows.left_out.push(cut);
            figure.rows.used = u64::try_from(total.n).unwrap_or(0);
            figure.rows.filter = format!("{} AND day < {today}", figure.rows.filter);
        }
        figure.basis.parameters.extend_from_slice(parameters);
        Some(figure)
    }

    fn filter(&self) -> String {
        let service = match &self.series.service {
            Some(id) => format!("service = {}", super::quoted(id)),
            None => "service IS NULL".into(),
        };
        let (resource, metric) = (super::quoted(&self.series.resource), super::quoted(&self.series.metric));
        format!("{service} AND resource = {resource} AND metric = {metric}")
    }

    fn rows_of_period(&self) -> Rows {
        let filter = format!("{} AND in_period", self.filter());
        let without = u64::try_from(self.total.rows - self.total.n).unwrap_or(0);
        let left_out = (without > 0).then(|| LeftOut {
            reason: NO_LIMIT.into(),
            count: without,
            filter: format!("{filter} AND value IS NULL"),
        });
        Rows {
            table: "readings".into(),
            used: u64::try_from(self.total.n).unwrap_or(0),
            left_out: left_out.into_iter().collect(),
            filter: format!("{filter} AND value IS NOT NULL"),
        }
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let Some(rule) = self.rule else { return Vec::new() };
        let lead = rule.lead_time_days.map(|lead| ("lead_time".to_owned(), format!("{lead} d")));
        [("threshold".to_owned(), rule.threshold.to_string())].into_iter().chain(lead).collect()
    }

    fn course(&self, days: &[Day]) -> Course {
        let by_number: BTreeMap<i32, f64> = days.iter().map(|day| (day.number, day.mean)).collect();
        let points = self.context.period.days().into_iter().map(|(date, ..): (NaiveDate, _, _)| {
            let mean = by_number.get(&number(date)).copied();
            (date.to_string(), mean.ok_or_else(|| "no readings".to_owned()))
        });
        let service = &self.series.service;
        let scope = service.as_ref().map_or_else(Scope::book, Scope::service);
        let dimensions = [("resource", self.series.resource.as_str()), ("metric", self.series.metric.as_str())];
        Course { figure: FigureId::new("capacity.average", scope, &dimensions), points: points.collect() }
    }
}

fn not_configured() -> Missing {
    Missing::new(MissingKind::NotConfigured, "no [[resource]] gives a threshold")
}

/// Says why readings have no value: there are none, or each lacks the limit that its share is taken of.
fn nothing(total: &Total, no_readings: &str) -> String {
    if total.rows > 0 { "no reading has a limit to take the share of".into() } else { no_readings.into() }
}

fn count(days: &[Day]) -> u64 {
    u64::try_from(days.iter().map(|day| day.rows).sum::<i64>()).unwrap_or(0)
}
