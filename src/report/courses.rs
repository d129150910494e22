//! The courses of figures over months, and the control charts beside them.
//!
//! Each month is measured once, for the courses and for all charts.

use super::build::Order;
use super::document::{Point, Series, Step};
use super::format;
use crate::measure::control::{Chart, MonthFigures, Plan};
use crate::measure::{Depth, MeasureError, Measured, Prepared};
use crate::model::control_chart::Month;
use crate::model::{Control, Figure, FigureId, Finding, Period, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Months of a course before the report's own.
const MONTHS_BEFORE: i32 = 12;

/// What the months come to.
pub struct Courses {
    /// Courses by month, sorted by figure.
    pub series: Vec<Series>,
    /// The figures of control charts.
    pub figures: Vec<Figure>,
    /// Charts that are out of control in the reported month, and charts that cannot be made.
    pub findings: Vec<Finding>,
}

/// Measures the months before a period and makes the courses. Control charts are of months: a report of another
/// period has none.
pub fn of_months(prepared: &Prepared, order: &Order, now: &Measured) -> Result<Courses, MeasureError> {
    let reported = Month::parse(order.period.id());
    let plan = reported.map(|_| Plan::new(prepared.catalogue(), &now.figures)).unwrap_or_default();
    let drawn: Vec<&str> = crate::measure::catalogue().iter().filter(|d| d.trend).map(|d| d.id).collect();
    let mut points: BTreeMap<FigureId, Vec<Point>> = now
        .figures
        .iter()
        .filter(|figure| drawn.contains(&figure.id.measure.as_str()) && is_drawn(&figure.id))
        .map(|figure| &figure.id)
        .chain(plan.charted())
        .map(|id| (id.clone(), Vec::new()))
        .collect();
    let mut months: BTreeMap<Month, MonthFigures> = BTreeMap::new();
    for back in months_back(prepared, order, &plan, reported).into_iter().rev() {
        let period = order.period.shifted(i64::from(-back));
        let as_of = period.end().min(order.as_of);
        let depth = if plan.is_deep() { Depth::Report } else { Depth::Trend };
        let measured = prepared.measure(&period, as_of, depth)?;
        if back <= MONTHS_BEFORE {
            for (id, course) in &mut points {
                course.push(point(&period, find(&measured.figures, id)));
            }
        }
        if let Some(reported) = reported {
            months.insert(reported.shifted(-back), kept(&plan, period, as_of, &measured));
        }
    }
    for (id, course) in &mut points {
        course.push(point(&order.period, find(&now.figures, id)));
    }
    let mut charts = Vec::new();
    if let Some(reported) = reported {
        months.insert(reported, kept(&plan, order.period.clone(), order.as_of, now));
        charts = plan.charts(&months, reported, order.edition);
    }
    let mut findings = plan.findings();
    findings.extend(charts.iter().filter_map(|chart| out_of_control(chart, order, now)));
    let mut controls: BTreeMap<FigureId, Control> = BTreeMap::new();
    let mut figures = Vec::new();
    for chart in charts {
        controls.insert(chart.figure, chart.control);
        figures.extend(chart.figures);
    }
    let series = points
        .into_iter()
        .map(|(figure, points)| Series { control: controls.remove(&figure), figure, step: Step::Month, points })
        .collect();
    Ok(Courses { series, figures, findings })
}

/// Returns how many months back to measure: those of the courses, and those that charts need and that can tell
/// something.
fn months_back(prepared: &Prepared, order: &Order, plan: &Plan, reported: Option<Month>) -> BTreeSet<i32> {
    let mut back: BTreeSet<i32> = (1..=MONTHS_BEFORE).collect();
    let Some(reported) = reported else { return back };
    for (month, measures) in plan.months(reported) {
        let by = reported.since(month);
        let period = order.period.shifted(i64::from(-by));
        if measures.iter().any(|measure| !prepared.is_silent(measure, &period)) {
            back.insert(by);
        }
    }
    back
}

fn kept(plan: &Plan, period: Period, as_of: chrono::DateTime<chrono::Utc>, measured: &Measured) -> MonthFigures {
    let wanted = measured.figures.iter().filter(|figure| plan.wants(&figure.id));
    let figures = wanted.map(|figure| (figure.id.clone(), figure.clone())).collect();
    MonthFigures { period, as_of, figures }
}

fn find<'a>(figures: &'a [Figure], id: &FigureId) -> Option<&'a Figure> {
    figures.binary_search_by(|figure| figure.id.cmp(id)).ok().map(|at| &figures[at])
}

/// Tells of a chart with signals at the reported month.
fn out_of_control(chart: &Chart, order: &Order, now: &Measured) -> Option<Finding> {
    let signals = &chart.control.points.last()?.signals;
    if signals.is_empty() {
        return None;
    }
    let unit = &find(&now.figures, &chart.figure)?.unit;
    Some(Finding {
        id: format!("out_of_control.{}", chart.figure),
        kind: "out_of_control".into(),
        severity: Severity::Note,
        count: 1,
        figures: vec![chart.figure.measure.clone()],
        table: String::new(),
        filter: String::new(),
        text: format!(
            "`{}` is out of control in {}: {}. Chance alone hardly makes this: find the cause.",
            chart.figure,
            order.period.id(),
            format::signals(&chart.control, unit)
        ),
    })
}

/// Courses are drawn of whole scopes and of resources, not of each priority or band.
fn is_drawn(id: &FigureId) -> bool {
    id.dimensions.iter().all(|(name, _)| matches!(name.as_str(), "type" | "resource" | "metric"))
}

fn point(period: &Period, figure: Option<&Figure>) -> Point {
    let missing = match figure.map(|figure| &figure.value) {
        None => Some("not measured in this month".to_owned()),
        Some(Err(missing)) => Some(missing.text.clone()),
        Some(Ok(_)) => None,
    };
    Point {
        period: period.id().to_owned(),
        value: figure.and_then(Figure::number),
        missing,
        target: figure.and_then(|figure| figure.target.as_ref()).map(|target| target.value),
    }
}
