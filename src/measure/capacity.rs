//! Capacity figures: average, 95th percentile, peak, share over the threshold, days to the threshold.

use super::definition::{Better, Definition};
use super::forecast::theil_sen;
use super::ticket_state::{seconds, text};
use super::{Context, Course, Depth, names, verdict};
use crate::model::catalogue::{ReadingOf, Resource};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{Catalogue, FigureId, Scope, Table, Verdict};
use chrono::{DateTime, NaiveDate};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Days of readings that the forecast looks back.
const LOOK_BACK_DAYS: i64 = 90;
/// Fewest days with readings for a forecast.
const FEWEST_DAYS: usize = 14;

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
            "(threshold − fitted now) ÷ slope a day; Theil–Sen over the daily means of the last 90 days",
        )
        .better(Better::Higher),
    ]
}

/// Adds to the readings what no period changes: the value that is compared, its threshold, the service and local day.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn prepare(frame: &DataFrame, catalogue: &Catalogue, names: &names::Names) -> PolarsResult<DataFrame> {
    let (resource, metric) = (text(frame, "resource")?, text(frame, "metric")?);
    let (used, limit) = (frame.column("used")?.f64()?, frame.column("limit")?.f64()?);
    let at = seconds(frame, "at")?;
    let configured: BTreeMap<(&str, &str), &Resource> =
        catalogue.resources.iter().map(|r| ((r.id.as_str(), r.metric.as_str()), r)).collect();
    let mut frame = frame.clone();
    names.map(names::Of::Service, &mut frame, "service")?;
    let named = frame.column("service")?.str()?.clone();
    let len = frame.height();
    let mut values = Vec::with_capacity(len);
    let mut thresholds = Vec::with_capacity(len);
    let mut services = StringChunkedBuilder::new("service".into(), len);
    let mut days: Vec<i32> = Vec::with_capacity(len);
    let epoch = NaiveDate::default();
    for (row, at) in at.iter().enumerate() {
        let key = (resource.get(row).unwrap_or(""), metric.get(row).unwrap_or(""));
        let rule = configured.get(&key);
        values.push(match rule.map_or(ReadingOf::Used, |r| r.of) {
            ReadingOf::Used => used.get(row),
            ReadingOf::Share => match (used.get(row), limit.get(row)) {
                (Some(used), Some(limit)) if limit > 0.0 => Some(100.0 * used / limit),
                _ => None,
            },
        });
        thresholds.push(rule.map(|r| r.threshold));
        services.append_option(rule.map(|r| r.service.as_str()).or_else(|| named.get(row)));
        let local = DateTime::from_timestamp(at.unwrap_or(0), 0).unwrap_or_default().with_timezone(&catalogue.zone);
        days.push(i32::try_from((local.date_naive() - epoch).num_days()).unwrap_or(0));
    }
    frame.with_column(services.finish().into_series().into_column())?;
    frame.with_column(Column::new("value".into(), values))?;
    frame.with_column(Column::new("threshold".into(), thresholds))?;
    frame.with_column(Column::new("day".into(), days))?;
    frame.lazy().with_column(col("value").gt(col("threshold")).alias("over")).collect()
}

/// Figures of each resource and metric, with daily courses.
///
/// # Errors
/// A polars error where the prepared table lacks a column, which is a fault of this module.
pub fn figures(context: &Context<'_>, readings: &DataFrame) -> PolarsResult<(Vec<Figure>, Vec<Course>)> {
    let window = context.window;
    let end = window.end.min(window.as_of);
    let in_period = readings.clone().lazy().filter(between(window.start, end));
    let keys = [col("service"), col("resource"), col("metric")];
    let summary = in_period
        .clone()
        .group_by(keys.clone())
        .agg([
            col("value").mean().alias("mean"),
            col("value").quantile(lit(0.95), QuantileMethod::Linear).alias("p95"),
            col("value").max().alias("max"),
            col("value").count().cast(DataType::Int64).alias("n"),
            len().cast(DataType::Int64).alias("rows"),
            col("over").filter(col("value").is_not_null()).sum().cast(DataType::Int64).alias("over"),
        ])
        .collect()?;
    let known: Vec<(Option<String>, String, String)> = distinct(readings)?;
    let mut by_key = BTreeMap::new();
    for row in 0..summary.height() {
        by_key.insert(key_at(&summary, row)?, row);
    }
    let days = match context.depth {
        Depth::Report => daily(readings, (window.start, end))?,
        Depth::Trend => BTreeMap::new(),
    };
    let recent = match context.depth {
        Depth::Report => daily(readings, (window.as_of - LOOK_BACK_DAYS * 86_400, window.as_of))?,
        Depth::Trend => BTreeMap::new(),
    };
    let (mut figures, mut courses) = (Vec::new(), Vec::new());
    for key in known {
        let subject = Subject::new(context, &key);
        let row = by_key.get(&key).copied();
        let number = |name: &str| row.and_then(|row| summary.column(name).ok()?.f64().ok()?.get(row));
        let whole = |name: &str| row.and_then(|row| summary.column(name).ok()?.i64().ok()?.get(row)).unwrap_or(0);
        let (n, rows, over) = (whole("n"), whole("rows"), whole("over"));
        let of_days = days.get(&key).map_or(&[][..], Vec::as_slice);
        for definition in definitions() {
            if context.depth == Depth::Trend && !definition.trend {
                continue;
            }
            let mut figure = match definition.id {
                "capacity.average" => subject.simple(&definition, number("mean")),
                "capacity.p95" => subject.simple(&definition, number("p95")),
                "capacity.peak" => subject.simple(&definition, number("max")),
                "capacity.over_threshold" => subject.over(&definition, over, n),
                _ => subject.days_to_threshold(context, &definition, recent.get(&key).map_or(&[][..], Vec::as_slice)),
            };
            if definition.id != "capacity.days_to_threshold" {
                figure.n = u64::try_from(n).unwrap_or(0);
                figure.rows = subject.rows(n, rows);
            }
            figure.basis = Basis { parameters: subject.parameters(), ..context.basis(&definition, Table::Readings) };
            figure.tainted = context.tainted(Table::Readings);
            figures.push(figure);
        }
        if context.depth == Depth::Report {
            courses.push(subject.course(context, of_days));
        }
    }
    Ok((figures, courses))
}

/// Returns the readings with a flag for the period, as `rows` shows them.
///
/// # Errors
/// A polars error where the prepared table lacks a column.
pub fn measured(context: &Context<'_>, readings: &DataFrame) -> PolarsResult<DataFrame> {
    let window = context.window;
    let end = window.end.min(window.as_of);
    readings
        .clone()
        .lazy()
        .with_columns([
            between(window.start, end).alias("in_period"),
            between(window.as_of - LOOK_BACK_DAYS * 86_400, window.as_of).alias("in_forecast"),
        ])
        .collect()
}

fn between(start: i64, end: i64) -> Expr {
    let at = || col("at").to_physical();
    at().gt_eq(lit(start * 1_000)).and(at().lt(lit(end * 1_000)))
}

type Key = (Option<String>, String, String);

fn distinct(readings: &DataFrame) -> PolarsResult<Vec<Key>> {
    let frame =
        readings.clone().lazy().group_by([col("service"), col("resource"), col("metric")]).agg([len()]).collect()?;
    let mut keys = (0..frame.height()).map(|row| key_at(&frame, row)).collect::<PolarsResult<Vec<Key>>>()?;
    keys.sort();
    Ok(keys)
}

fn key_at(frame: &DataFrame, row: usize) -> PolarsResult<Key> {
    let at = |name: &str| -> PolarsResult<Option<String>> { Ok(text(frame, name)?.get(row).map(str::to_owned)) };
    Ok((at("service")?, at("resource")?.unwrap_or_default(), at("metric")?.unwrap_or_default()))
}

/// Mean of a local day.
#[derive(Clone, Copy, Debug)]
struct Day {
    number: i32,
    mean: f64,
    rows: i64,
}

/// Returns the daily means of each resource and metric within `[start, end)`; a day at its edge is cut.
fn daily(readings: &DataFrame, (start, end): (i64, i64)) -> PolarsResult<BTreeMap<Key, Vec<Day>>> {
    let frame = readings
        .clone()
        .lazy()
        .filter(between(start, end).and(col("value").is_not_null()))
        .group_by([col("service"), col("resource"), col("metric"), col("day")])
        .agg([col("value").mean().alias("mean"), len().cast(DataType::Int64).alias("rows")])
        .sort(["day"], SortMultipleOptions::default())
        .collect()?;
    let (day, mean, rows) = (frame.column("day")?.i32()?, frame.column("mean")?.f64()?, frame.column("rows")?.i64()?);
    let mut days: BTreeMap<Key, Vec<Day>> = BTreeMap::new();
    for row in 0..frame.height() {
        if let (Some(number), Some(mean)) = (day.get(row), mean.get(row)) {
            days.entry(key_at(&frame, row)?).or_default().push(Day { number, mean, rows: rows.get(row).unwrap_or(0) });
        }
    }
    Ok(days)
}

/// One resource and metric.
struct Subject<'a> {
    scope: Scope,
    resource: String,
    metric: String,
    rule: Option<&'a Resource>,
}

impl<'a> Subject<'a> {
    fn new(context: &Context<'a>, key: &Key) -> Self {
        let (service, resource, metric) = key;
        let rule = context.catalogue.resources.iter().find(|r| r.id == *resource && r.metric == *metric);
        Self {
            scope: service.as_ref().map_or_else(Scope::book, Scope::service),
            resource: resource.clone(),
            metric: metric.clone(),
            rule,
        }
    }

    fn id(&self, measure: &str) -> FigureId {
        FigureId::new(measure, self.scope.clone(), &[("resource", &self.resource), ("metric", &self.metric)])
    }

    fn unit(&self) -> Unit {
        let share = self.rule.is_some_and(|r| r.of == ReadingOf::Share);
        let named = self.rule.and_then(|r| r.unit.clone());
        Unit::Own(named.unwrap_or_else(|| if share { "%".into() } else { String::new() }))
    }

    fn simple(&self, definition: &Definition, value: Option<f64>) -> Figure {
        let value = value.ok_or_else(|| Missing::new(MissingKind::NoData, "no readings in the period"));
        Figure::new(self.id(definition.id), self.unit(), value)
    }

    fn over(&self, definition: &Definition, over: i64, n: i64) -> Figure {
        let value = match self.rule {
            None => Err(Missing::new(MissingKind::NotConfigured, "no [[resource]] gives a threshold")),
            Some(_) if n == 0 => Err(Missing::new(MissingKind::NoData, "no readings in the period")),
            Some(_) => Ok(100.0 * over as f64 / n as f64),
        };
        let configured = value.is_ok();
        let mut figure = Figure::new(self.id(definition.id), definition.unit.clone(), value);
        if configured {
            (figure.numerator, figure.denominator) = (Some(over), Some(n));
        }
        figure
    }

    fn days_to_threshold(&self, context: &Context<'_>, definition: &Definition, days: &[Day]) -> Figure {
        let points: Vec<(f64, f64)> = days.iter().map(|day| (f64::from(day.number), day.mean)).collect();
        let value = match self.rule {
            None => Err(Missing::new(MissingKind::NotConfigured, "no [[resource]] gives a threshold")),
            Some(_) if points.len() < FEWEST_DAYS => Err(Missing::new(
                MissingKind::NoData,
                format!("{} of the {FEWEST_DAYS} days with readings that a forecast needs", points.len()),
            )),
            Some(rule) => days_left(&points, rule.threshold),
        };
        let mut figure = Figure::new(self.id(definition.id), definition.unit.clone(), value);
        figure.n = days.len() as u64;
        let rows: i64 = days.iter().map(|day| day.rows).sum();
        figure.rows = Rows {
            table: "readings".into(),
            used: u64::try_from(rows).unwrap_or(0),
            left_out: Vec::new(),
            filter: format!("{} AND in_forecast AND value IS NOT NULL", self.filter()),
        };
        if let Some((rule, lead)) = self.rule.and_then(|r| Some((r, r.lead_time_days?))) {
            figure.target = Some(Target {
                value: lead as f64,
                comparator: Comparator::AtLeast,
                agreement: rule.id.clone(),
                effective_from: String::new(),
            });
        }
        verdict::judge(&mut figure, context.catalogue.settings.risk_at);
        if let (Verdict::Met, Some(value), Some(target)) = (figure.verdict, figure.number(), &figure.target)
            && value < 2.0 * target.value
        {
            figure.verdict = Verdict::AtRisk;
        }
        figure
    }

    fn filter(&self) -> String {
        let service = match &self.scope.service {
            Some(id) => format!("service = {}", super::quoted(id)),
            None => "service IS NULL".into(),
        };
        format!(
            "{service} AND resource = {} AND metric = {}",
            super::quoted(&self.resource),
            super::quoted(&self.metric)
        )
    }

    fn rows(&self, n: i64, rows: i64) -> Rows {
        let filter = self.filter();
        let without = u64::try_from(rows - n).unwrap_or(0);
        let left_out = (without > 0).then(|| LeftOut {
            reason: "no limit to take the share of".into(),
            count: without,
            filter: format!("{filter} AND in_period AND value IS NULL"),
        });
        Rows {
            table: "readings".into(),
            used: u64::try_from(n).unwrap_or(0),
            left_out: left_out.into_iter().collect(),
            filter: format!("{filter} AND in_period AND value IS NOT NULL"),
        }
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters = vec![("percentile".to_owned(), "linear interpolation (type 7)".to_owned())];
        if let Some(rule) = self.rule {
            parameters.push(("threshold".into(), rule.threshold.to_string()));
            if let Some(lead) = rule.lead_time_days {
                parameters.push(("lead_time".into(), format!("{lead} d")));
            }
        }
        parameters
    }

    fn course(&self, context: &Context<'_>, days: &[Day]) -> Course {
        let epoch = NaiveDate::default();
        let by_number: BTreeMap<i32, f64> = days.iter().map(|day| (day.number, day.mean)).collect();
        let points = context.period.days().into_iter().map(|(date, ..)| {
            let number = i32::try_from((date - epoch).num_days()).unwrap_or(0);
            (date.to_string(), by_number.get(&number).copied().ok_or_else(|| "no readings".to_owned()))
        });
        Course { figure: self.id("capacity.average"), points: points.collect() }
    }
}

/// Returns days until a fitted line reaches a threshold.
fn days_left(points: &[(f64, f64)], threshold: f64) -> Result<f64, Missing> {
    let undefined = |text: &str| Err(Missing::new(MissingKind::Undefined, text));
    let (Some(line), Some((last, _))) = (theil_sen(points), points.last()) else {
        return undefined("readings of a single day have no trend");
    };
    let fitted_now = line.intercept + line.slope * last;
    if fitted_now >= threshold {
        return Ok(0.0);
    }
    if line.slope <= 0.0 {
        return undefined("not reached at the present trend");
    }
    Ok((threshold - fitted_now) / line.slope)
}
