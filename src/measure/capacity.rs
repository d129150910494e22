//! Capacity figures: average, 95th percentile, peak, share over the threshold, days to the threshold, and how well the
//! period was forecast.
//!
//! Knows which figure stands on which readings, or on which windows of readings where the tool gives no others. Must not
//! know how readings are summed, which windows count, or how a forecast is fitted.

mod catalogue;
mod findings;
mod forecasts;
mod of_windows;
mod outlook;

use super::capacity_forecast::{LOOK_BACK_DAYS, number};
use super::capacity_rows::{Day, Readings, Series, Sums, Total};
use super::capacity_windows::{Asked, Judged, ReadingWindows};
use super::definition::Definition;
use super::goals::local_date;
use super::names::Names;
use super::{Context, Course, Depth};
use crate::model::catalogue::{ReadingOf, Resource};
use crate::model::figure::{Basis, Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{Catalogue, Dataset, FigureId, Finding, Outlook, Scope, Table};
pub use catalogue::definitions;
use chrono::{Days, NaiveDate};
use forecasts::Held;
use polars::prelude::{DataFrame, PolarsResult};
use std::collections::{BTreeMap, BTreeSet};

const NO_LIMIT: &str = super::capacity_windows::NO_LIMIT;
const NO_READING_HAS_A_LIMIT: &str = "no reading has a limit to take the share of";

/// The spans of time that a period's capacity figures look at.
#[derive(Clone, Copy, Debug)]
struct Spans {
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

impl Spans {
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

    /// Returns the measured columns that say which span a row is in.
    fn flags(self) -> [(&'static str, (i64, i64)); 2] {
        [("in_period", self.period), ("in_forecast", self.recent)]
    }
}

/// What a period comes to.
#[derive(Debug, Default)]
pub struct Capacity {
    /// Figures of each resource and metric.
    pub figures: Vec<Figure>,
    /// Their daily courses.
    pub courses: Vec<Course>,
    /// Their forecasts.
    pub outlooks: Vec<Outlook>,
    /// Rows of the period whose resource and metric the book does not name, by table and resource.
    pub without_resource: BTreeMap<Table, BTreeMap<String, u64>>,
    /// What in the windows a reader must know.
    pub findings: Vec<Finding>,
}

/// The rows that capacity figures are made of.
#[derive(Debug)]
pub struct Recorded {
    readings: Option<Readings>,
    windows: Option<ReadingWindows>,
}

impl Recorded {
    /// Prepares both tables, once for all periods.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(dataset: &Dataset, catalogue: &Catalogue, names: &Names) -> PolarsResult<Self> {
        let readings = dataset.table(Table::Readings);
        let windows = dataset.table(Table::ReadingWindows);
        Ok(Self {
            readings: readings.map(|frame| Readings::new(frame, catalogue, names)).transpose()?,
            windows: windows.map(|frame| ReadingWindows::new(frame, catalogue, names)).transpose()?,
        })
    }
}

/// Measures each resource and metric.
///
/// Readings answer for a resource and metric that has any in the period; its windows answer only where it has none.
///
/// # Errors
/// A polars error where a prepared table lacks a column, which is a fault of the preparation.
pub fn figures(context: &Context<'_>, recorded: &Recorded) -> PolarsResult<Capacity> {
    let spans = Spans::of(context);
    let rules: BTreeMap<(&str, &str), &Resource> =
        context.catalogue.resources.iter().map(|r| ((r.id.as_str(), r.metric.as_str()), r)).collect();
    let rule = |series: &Series| rules.get(&(series.resource.as_str(), series.metric.as_str())).copied();
    let sums = recorded.readings.as_ref().map(|readings| sums(context, readings, spans)).transpose()?;
    let mut capacity = Capacity::default();
    let mut of_windows = BTreeSet::new();
    if let Some(windows) = &recorded.windows {
        let asked = asked(context, spans, with_readings(recorded, sums.as_ref(), spans));
        let judged = windows.judged(&asked)?;
        of_windows = answered_by_windows(recorded, &asked.with_readings, windows, &judged);
        for (at, series) in windows.series() {
            let subject = Subject { context, series, rule: rule(series), table: Table::ReadingWindows };
            if of_windows.contains(&key(series)) {
                of_windows::measure(&subject, (windows, &judged, at), spans, &mut capacity)?;
            }
        }
        if context.depth == Depth::Report {
            capacity.findings = findings::of_windows(&judged);
        }
    }
    let (Some(readings), Some(sums)) = (&recorded.readings, &sums) else { return Ok(capacity) };
    let percentiles = readings.percentile_95(spans.period)?;
    for (at, series) in readings.series() {
        if of_windows.contains(&key(series)) {
            continue;
        }
        let subject = Subject { context, series, rule: rule(series), table: Table::Readings };
        let total = sums.total(at, spans.period);
        capacity.figures.extend(subject.of_period(&total, percentiles.get(&at).copied()));
        if context.depth == Depth::Report {
            let period = Held::of_readings(sums, at, spans.period);
            let of = [spans.over, spans.recent, spans.before].map(|span| Held::of_readings(sums, at, span));
            capacity.figures.extend(subject.of_forecasts(&period, &of, spans));
            capacity.outlooks.extend(subject.outlook(&of[1], spans.today));
            capacity.courses.push(subject.course(&period.days));
        }
        capacity.tell_without_resource(&subject, total.rows);
    }
    Ok(capacity)
}

impl Capacity {
    fn tell_without_resource(&mut self, subject: &Subject<'_>, rows: i64) {
        if subject.rule.is_none() && rows > 0 {
            let of_table = self.without_resource.entry(subject.table).or_default();
            *of_table.entry(subject.series.resource.clone()).or_default() += u64::try_from(rows).unwrap_or(0);
        }
    }
}

/// Returns the readings with a flag for the period, as `rows` shows them.
///
/// # Errors
/// A polars error where the prepared table lacks a column.
pub fn measured(context: &Context<'_>, recorded: &Recorded) -> PolarsResult<Option<DataFrame>> {
    let spans = Spans::of(context);
    let flagged = |readings: &Readings| readings.flagged(&spans.flags());
    recorded.readings.as_ref().map(flagged).transpose()
}

/// Returns the windows with what they count for in the period, as `rows` shows them.
///
/// # Errors
/// A polars error where the prepared table lacks a column.
pub fn measured_windows(context: &Context<'_>, recorded: &Recorded) -> PolarsResult<Option<DataFrame>> {
    let spans = Spans::of(context);
    let Some(windows) = &recorded.windows else { return Ok(None) };
    let sums = recorded.readings.as_ref().map(|readings| readings.sums(&[spans.period])).transpose()?;
    let judged = windows.judged(&asked(context, spans, with_readings(recorded, sums.as_ref(), spans)))?;
    windows.flagged(&judged, &spans.flags()).map(Some)
}

fn sums(context: &Context<'_>, readings: &Readings, spans: Spans) -> PolarsResult<Sums> {
    match context.depth {
        Depth::Report => readings.sums(&[spans.period, spans.over, spans.recent, spans.before]),
        Depth::Trend => readings.sums(&[spans.period]),
    }
}

fn key(series: &Series) -> (String, String) {
    (series.resource.clone(), series.metric.clone())
}

/// Returns the resources and metrics that have readings in the period.
fn with_readings(recorded: &Recorded, sums: Option<&Sums>, spans: Spans) -> BTreeSet<(String, String)> {
    let (Some(readings), Some(sums)) = (&recorded.readings, sums) else { return BTreeSet::new() };
    let series = readings.series().into_iter();
    series.filter(|(at, _)| sums.total(*at, spans.period).rows > 0).map(|(_, series)| key(series)).collect()
}

fn asked(context: &Context<'_>, spans: Spans, with_readings: BTreeSet<(String, String)>) -> Asked {
    let window = context.window;
    let days = match context.depth {
        Depth::Report => vec![spans.over, spans.recent, spans.before],
        Depth::Trend => Vec::new(),
    };
    Asked { whole: (window.start, window.end), as_of: window.as_of, days, with_readings }
}

/// Returns the resources and metrics whose figures are made of windows: those that have windows in the period and no
/// readings in it, and those that never had readings.
fn answered_by_windows(
    recorded: &Recorded,
    with_readings: &BTreeSet<(String, String)>,
    windows: &ReadingWindows,
    judged: &Judged,
) -> BTreeSet<(String, String)> {
    let read: BTreeSet<(String, String)> =
        recorded.readings.iter().flat_map(Readings::series).map(|(_, series)| key(series)).collect();
    let in_period: BTreeSet<(String, String)> = windows
        .series()
        .into_iter()
        .filter(|(at, _)| !judged.of_period(*at).is_empty())
        .map(|(_, series)| key(series))
        .collect();
    let all = windows.series().into_iter().map(|(_, series)| key(series));
    all.filter(|key| if read.contains(key) { in_period.contains(key) && !with_readings.contains(key) } else { true })
        .collect()
}

/// One resource and metric.
struct Subject<'a> {
    context: &'a Context<'a>,
    series: &'a Series,
    rule: Option<&'a Resource>,
    /// What its figures are made of: readings or windows of them.
    table: Table,
}

impl Subject<'_> {
    fn of_period(&self, total: &Total, p95: Option<f64>) -> Vec<Figure> {
        let mut made = Vec::new();
        for definition in definitions() {
            if self.context.depth == Depth::Trend && !definition.trend {
                continue;
            }
            let value = |value: Option<f64>| value.ok_or_else(|| no_value(total));
            let (unit, value) = match definition.id {
                "capacity.average" => (self.unit(), value(total.mean())),
                "capacity.p95" => (self.unit(), value(p95)),
                "capacity.peak" => (self.unit(), value(total.greatest)),
                "capacity.over_threshold" => (Unit::Percent, self.share_over(total)),
                _ => continue,
            };
            let mut figure = self.figure(&definition, unit, value);
            if definition.id == "capacity.over_threshold" && figure.value.is_ok() {
                (figure.numerator, figure.denominator) = (Some(total.over), Some(total.n));
            }
            figure.n = u64::try_from(total.n).unwrap_or(0);
            figure.rows = self.rows_of_period(&Held::of_total(total));
            figure.basis.parameters.insert(0, ("percentile".into(), "linear interpolation (type 7)".into()));
            made.push(figure);
        }
        made
    }

    fn share_over(&self, total: &Total) -> Result<f64, Missing> {
        match self.rule {
            None => Err(not_configured()),
            Some(_) if total.n == 0 => Err(no_value(total)),
            Some(_) => Ok(100.0 * total.over as f64 / total.n as f64),
        }
    }

    fn figure(&self, definition: &Definition, unit: Unit, value: Result<f64, Missing>) -> Figure {
        let service = &self.series.service;
        let scope = service.as_ref().map_or_else(Scope::book, Scope::service);
        let dimensions = [("resource", self.series.resource.as_str()), ("metric", self.series.metric.as_str())];
        let mut figure = Figure::new(FigureId::new(definition.id, scope, &dimensions), unit, value);
        figure.basis = Basis { parameters: self.parameters(), ..self.context.basis(definition, self.table) };
        if let (Table::ReadingWindows, Some(of_windows)) = (self.table, definition.of_windows) {
            of_windows.clone_into(&mut figure.basis.formula);
        }
        figure.tainted = self.context.tainted(self.table);
        figure
    }

    fn unit(&self) -> Unit {
        let share = self.rule.is_some_and(|r| r.of == ReadingOf::Share);
        let named = self.rule.and_then(|r| r.unit.clone());
        Unit::Own(named.unwrap_or_else(|| if share { "%".into() } else { String::new() }))
    }

    fn filter(&self) -> String {
        let service = match &self.series.service {
            Some(id) => format!("service = {}", super::quoted(id)),
            None => "service IS NULL".into(),
        };
        let (resource, metric) = (super::quoted(&self.series.resource), super::quoted(&self.series.metric));
        format!("{service} AND resource = {resource} AND metric = {metric}")
    }

    /// Returns the condition of the rows that a daily mean is made of.
    fn used(&self) -> &'static str {
        if self.table == Table::Readings { "value IS NOT NULL" } else { "day_left_out IS NULL" }
    }

    /// Returns the rows that cannot be used for a daily mean, by reason.
    fn unused(&self, filter: &str, held: &Held) -> Vec<LeftOut> {
        let condition = |reason: &str| match self.table {
            Table::Readings => "value IS NULL".into(),
            _ => format!("day_left_out = {}", super::quoted(reason)),
        };
        let left_out = |(reason, count): &(&'static str, i64)| LeftOut {
            reason: (*reason).to_owned(),
            count: u64::try_from(*count).unwrap_or(0),
            filter: format!("{filter} AND {}", condition(reason)),
        };
        held.unused.iter().map(left_out).collect()
    }

    fn rows_of_period(&self, held: &Held) -> Rows {
        let filter = format!("{} AND in_period", self.filter());
        Rows {
            table: self.table.name().into(),
            used: u64::try_from(held.used).unwrap_or(0),
            left_out: self.unused(&filter, held),
            filter: format!("{filter} AND {}", self.used()),
        }
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let Some(rule) = self.rule else { return Vec::new() };
        let lead = rule.lead_time_days.map(|lead| ("lead_time".to_owned(), format!("{lead} d")));
        [("threshold".to_owned(), rule.threshold.to_string())].into_iter().chain(lead).collect()
    }

    fn course(&self, days: &[Day]) -> Course {
        let by_number: BTreeMap<i32, f64> = days.iter().map(|day| (day.number, day.mean)).collect();
        let none = if self.table == Table::Readings { "no readings" } else { "no windows of readings" };
        let points = self.context.period.days().into_iter().map(|(date, ..): (NaiveDate, _, _)| {
            let mean = by_number.get(&number(date)).copied();
            (date.to_string(), mean.ok_or_else(|| none.to_owned()))
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

/// Says why a figure of readings has no value in the period.
fn no_value(total: &Total) -> Missing {
    Missing::new(MissingKind::NoData, if total.rows > 0 { NO_READING_HAS_A_LIMIT } else { "no readings in the period" })
}
