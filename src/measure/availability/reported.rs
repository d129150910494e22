//! Availability as tools report it: totals beside the figures that are computed from intervals.
//!
//! Knows the rows of `reported_availability`. They never go into another figure.

use super::outage_rows::count;
use super::{MILLI, Subject, definitions};
use crate::calendar::Span;
use crate::measure::names::{Names, Of};
use crate::measure::ticket_state::{milliseconds, text};
use crate::measure::{Context, quoted};
use crate::model::figure::{Figure, LeftOut, Missing, MissingKind, Rows};
use crate::model::{FigureId, Finding, Scope, Severity, Table};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const OUTSIDE: &str = "not wholly within the period";
const BACKWARDS: &str = "ends before it starts";
const OVERLAPS: &str = "overlaps another row";
const EMPTY: &str = "neither times nor a percentage of 0 to 100";

/// The totals of one service in a period.
#[derive(Debug, Default)]
pub struct Reported {
    totals: Vec<Total>,
    left_out: BTreeMap<String, u64>,
    methods: BTreeSet<String>,
    sources: BTreeSet<String>,
}

/// What the totals come to.
struct Told {
    percent: f64,
    /// The part and the whole in milliseconds, where they are times.
    ratio: Option<(i64, i64)>,
    /// How it was made.
    made_from: &'static str,
}

/// One total.
#[derive(Clone, Copy, Debug)]
struct Total {
    /// Seconds up and down.
    times: Option<(i64, i64)>,
    percent: Option<f64>,
    /// Milliseconds of its span that the tool does not leave out.
    length: i64,
}

impl Reported {
    /// Tells whether there is anything to report.
    pub fn has_value(&self) -> bool {
        self.value().is_ok()
    }

    fn value(&self) -> Result<Told, Missing> {
        let nothing = |text: &str| Err(Missing::new(MissingKind::NoData, text));
        let times: Option<Vec<(i64, i64)>> = self.totals.iter().map(|total| total.times).collect();
        match (times, &self.totals[..]) {
            (_, []) => nothing("no total of a tool lies wholly within the period"),
            (Some(times), _) => {
                let up: i64 = times.iter().map(|(up, _)| up).sum();
                let all: i64 = times.iter().map(|(up, down)| up + down).sum();
                if all == 0 {
                    return Err(Missing::new(MissingKind::NotApplicable, "the tool reports no time at all"));
                }
                let ratio = Some((up.saturating_mul(MILLI), all.saturating_mul(MILLI)));
                Ok(Told { percent: 100.0 * up as f64 / all as f64, ratio, made_from: "sum of times" })
            }
            (None, [only]) => only.share().map_or_else(
                || nothing("the tool gives no percentage"),
                |percent| Ok(Told { percent, ratio: None, made_from: "the tool's percentage" }),
            ),
            (None, several) => {
                let weighed: Vec<(f64, f64)> =
                    several.iter().filter_map(|total| Some((total.share()?, total.length.max(0) as f64))).collect();
                let weight: f64 = weighed.iter().map(|(_, length)| length).sum();
                if weight <= 0.0 {
                    return Err(Missing::new(MissingKind::NotApplicable, "the tool leaves out all of the time"));
                }
                let sum: f64 = weighed.iter().map(|(percent, length)| percent * length).sum();
                let made_from = "percentages weighted by (to − from − excluded)";
                Ok(Told { percent: sum / weight, ratio: None, made_from })
            }
        }
    }
}

impl Total {
    fn share(self) -> Option<f64> {
        let of_times = || {
            let (up, down) = self.times.filter(|(up, down)| up + down > 0)?;
            Some(100.0 * up as f64 / (up + down) as f64)
        };
        self.percent.or_else(of_times)
    }
}

/// The rows of the table, judged by the period.
struct Judged {
    service: Vec<Option<String>>,
    totals: Vec<Option<Total>>,
    /// Why a row is left out; `None` of one that is used, or that has nothing to do with the period.
    left_out: Vec<Option<&'static str>>,
}

fn judged(context: &Context<'_>, frame: &DataFrame) -> PolarsResult<Judged> {
    let names = Names::new(context.catalogue);
    let service = text(frame, "service")?;
    let (from, to) = (milliseconds(frame, "from")?, milliseconds(frame, "to")?);
    let seconds = |name: &str| -> PolarsResult<Vec<Option<i64>>> {
        Ok(frame.column(name)?.cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    let (up, down, excluded) = (seconds("up_s")?, seconds("down_s")?, seconds("excluded_s")?);
    let percent = frame.column("percent")?.f64()?.clone();
    let end = context.window.end.min(context.window.as_of.max(context.window.start)) * MILLI;
    let period = Span { start: context.window.start * MILLI, end };
    let mut judged = Judged { service: Vec::new(), totals: Vec::new(), left_out: Vec::new() };
    for row in 0..frame.height() {
        let id = service.get(row).and_then(|name| names.find(Of::Service, name)).map(str::to_owned);
        let (mut total, mut reason) = (None, None);
        if let (Some(_), Some(start), Some(end)) = (&id, from[row], to[row]) {
            let times = up[row].zip(down[row]).filter(|(up, down)| *up >= 0 && *down >= 0);
            let percent = percent.get(row).filter(|percent| (0.0..=100.0).contains(percent));
            let span = Span { start, end };
            if end <= start {
                reason = period.contains(start).then_some(BACKWARDS);
            } else if start < period.start || period.end < end {
                reason = (!period.intersect(span).is_empty()).then_some(OUTSIDE);
            } else if times.is_none() && percent.is_none() {
                reason = Some(EMPTY);
            } else {
                let excluded = excluded[row].unwrap_or(0).max(0).saturating_mul(MILLI);
                total = Some(Total { times, percent, length: (end - start).saturating_sub(excluded) });
            }
        }
        judged.service.push(id);
        judged.totals.push(total);
        judged.left_out.push(reason);
    }
    leave_out_overlaps(&mut judged, &from, &to);
    Ok(judged)
}

/// Leaves out a total that starts before an earlier one of its service has ended: its time would count twice.
fn leave_out_overlaps(judged: &mut Judged, from: &[Option<i64>], to: &[Option<i64>]) {
    let mut order: Vec<usize> = (0..judged.totals.len()).filter(|row| judged.totals[*row].is_some()).collect();
    // A stable sort: of two that start together the first one of the table holds.
    order.sort_by_key(|row| from[*row]);
    let mut told_until: BTreeMap<Option<String>, Option<i64>> = BTreeMap::new();
    for row in order {
        let until = told_until.entry(judged.service[row].clone()).or_default();
        if until.is_some() && from[row] < *until {
            judged.totals[row] = None;
            judged.left_out[row] = Some(OVERLAPS);
        } else {
            *until = to[row];
        }
    }
}

/// Reads the totals of each service that lie within the period.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn read(context: &Context<'_>) -> PolarsResult<BTreeMap<String, Reported>> {
    let mut services: BTreeMap<String, Reported> = BTreeMap::new();
    let Some(frame) = context.dataset.table(Table::ReportedAvailability) else { return Ok(services) };
    let judged = judged(context, frame)?;
    let (method, source) = (text(frame, "method")?, text(frame, "source")?);
    for (row, id) in judged.service.iter().enumerate() {
        let Some(id) = id else { continue };
        // A service whose tool has totals of other periods has one without data of this one.
        let reported = services.entry(id.clone()).or_default();
        if let Some(total) = judged.totals[row] {
            reported.totals.push(total);
            reported.methods.extend(method.get(row).map(str::to_owned));
            reported.sources.extend(source.get(row).map(str::to_owned));
        }
        if let Some(reason) = judged.left_out[row] {
            count(&mut reported.left_out, reason);
        }
    }
    Ok(services)
}

/// Returns the table with the columns by which a period's figures find their rows; `None` where there is none.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn table(context: &Context<'_>) -> PolarsResult<Option<DataFrame>> {
    let Some(frame) = context.dataset.table(Table::ReportedAvailability) else { return Ok(None) };
    let judged = judged(context, frame)?;
    let used: Vec<bool> = judged.totals.iter().map(Option::is_some).collect();
    let mut frame = frame.clone();
    let named = frame.column("service")?.clone().with_name("service_named".into());
    frame.with_column(Column::new("service".into(), judged.service))?;
    frame.with_column(named)?;
    frame.with_column(Column::new("within_period".into(), used))?;
    frame.with_column(Column::new("left_out".into(), judged.left_out))?;
    Ok(Some(frame))
}

/// Makes the figure of a service's reported totals.
pub fn figure(context: &Context<'_>, subject: &Subject<'_>, reported: &Reported) -> Figure {
    let definitions = definitions();
    let definition = definitions.iter().find(|definition| definition.id == "availability.reported");
    let value = reported.value();
    let id = FigureId::new("availability.reported", subject.scope.clone(), &[]);
    let percent = value.as_ref().map(|told| told.percent).map_err(Clone::clone);
    let mut figure = Figure::new(id, crate::model::Unit::Percent, percent);
    let filter = format!("service = {}", quoted(&subject.service.id));
    figure.n = reported.totals.len() as u64;
    figure.rows = Rows {
        table: Table::ReportedAvailability.name().into(),
        used: figure.n,
        left_out: reported
            .left_out
            .iter()
            .map(|(reason, count)| LeftOut {
                reason: reason.clone(),
                count: *count,
                filter: format!("{filter} AND left_out = {}", quoted(reason)),
            })
            .collect(),
        filter: format!("{filter} AND within_period"),
    };
    if let Some(definition) = definition {
        figure.basis = context.basis(definition, Table::ReportedAvailability);
    }
    let joined = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(", ");
    if let Ok(told) = value {
        figure.numerator = told.ratio.map(|(part, _)| part);
        figure.denominator = told.ratio.map(|(_, whole)| whole);
        figure.basis.parameters.push(("made_from".into(), told.made_from.into()));
    }
    if !reported.methods.is_empty() {
        figure.basis.parameters.push(("method".into(), crate::text::screen_str(&joined(&reported.methods))));
    }
    if reported.sources.len() > 1 {
        figure.basis.parameters.push(("reported_by".into(), joined(&reported.sources)));
    }
    figure.tainted = context.tainted(Table::ReportedAvailability);
    figure
}

/// Returns a finding for each service with reported totals that overlap one another.
pub fn overlaps(figures: &[Figure]) -> Vec<Finding> {
    let reported = figures.iter().filter(|figure| figure.id.measure == "availability.reported");
    let overlapping = reported.filter_map(|figure| {
        let left_out = figure.rows.left_out.iter().find(|left| left.reason == OVERLAPS)?;
        let service = figure.id.scope.service.as_deref()?;
        Some(Finding {
            id: format!("reported_availability.reported_overlaps.{service}"),
            kind: "reported_overlaps".into(),
            severity: Severity::Warning,
            count: left_out.count,
            figures: vec!["availability.reported".into()],
            table: figure.rows.table.clone(),
            filter: left_out.filter.clone(),
            text: format!(
                "{} totals of tools for {service} start before an earlier one has ended; left out. Pull each span once.",
                left_out.count
            ),
        })
    });
    overlapping.collect()
}

/// Returns a finding for each service whose tool reports another figure than ours at the printed precision.
pub fn findings(context: &Context<'_>, figures: &[Figure]) -> Vec<Finding> {
    let value = |measure: &str, service: &str| {
        let id = FigureId::new(measure, Scope::service(service), &[]);
        figures.iter().find(|figure| figure.id == id)
    };
    let printed = |figure: &Figure| figure.number().map(|value| format!("{value:.2}"));
    let differing = context.catalogue.services.iter().filter_map(|service| {
        let (ours, theirs) = (value("availability.percent", &service.id)?, value("availability.reported", &service.id)?);
        let (own, told) = (printed(ours)?, printed(theirs)?);
        (own != told).then(|| Finding {
            id: format!("reported_availability.reported_differs.{}", service.id),
            kind: "reported_differs".into(),
            severity: Severity::Note,
            count: theirs.rows.used,
            figures: vec!["availability.percent".into(), "availability.reported".into()],
            table: theirs.rows.table.clone(),
            filter: theirs.rows.filter.clone(),
            text: format!(
                "the tool reports {told} % availability of {}, the intervals give {own} %. Compare hours, maintenance and exclusions.",
                service.id
            ),
        })
    });
    differing.collect()
}
