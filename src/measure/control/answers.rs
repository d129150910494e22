//! What a chart answers for the reported month: its figures with all that they rest on, and its points.

use super::limits::Limits;
use super::points::{Base, Made, Reading, bounds, read};
use super::rules::{Placed, signals};
use super::{COURSE_MONTHS, Chart, MonthFigures, Planned, definitions};
use crate::model::clause::Clause;
use crate::model::control_chart::{ChartKind, Control, ControlPoint, Month, Signal};
use crate::model::figure::{Alternative, Basis};
use crate::model::{Edition, Figure, FigureId, Missing, MissingKind, Period, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a chart; `None` where the reported month has no such figure.
pub(super) fn answer(
    chart: &Planned,
    months: &BTreeMap<Month, MonthFigures>,
    reported: Month,
    edition: Edition,
) -> Option<Chart> {
    let measured = months.get(&reported)?;
    let figure = measured.figures.get(&chart.id)?;
    let readings = read(chart, months);
    let base = Base::of(chart, &readings, months, reported);
    let running = measured.as_of < measured.period.end();
    // Whole months are not held against a part of one, unless the part's own weight says how much there is.
    let partial = running && chart.adds_up && matches!(chart.kind, ChartKind::Xmr | ChartKind::C);
    let judged = |reading: &Reading<'_>| !(partial && reading.month == reported);
    let fired = fire(&base, readings.iter().filter(|reading| judged(reading)));
    let now = readings.iter().find(|reading| reading.month == reported)?;
    let signals_now = match (&base.made, now.value) {
        (Err(missing), _) => Err(missing.clone()),
        (Ok(_), None) => Err(no_point(chart, figure, &measured.period)),
        (Ok(_), Some(_)) if partial => Err(Missing::new(
            MissingKind::NoData,
            "the month is not over, and a part of it is not held against whole months",
        )),
        (Ok(_), Some(_)) => Ok(fired.get(&reported).cloned().unwrap_or_default()),
    };
    let facts = Facts { chart, figure, base: &base, now, period: &measured.period, edition };
    let control = Control {
        kind: chart.kind,
        baseline: base.span(),
        frozen: chart.rule.baseline.is_some(),
        provisional: base.is_provisional(),
        center: facts.limits().map(|limits| limits.center).ok(),
        range_limit: base.made.as_ref().ok().and_then(Made::range_limit),
        missing: signals_now.as_ref().err().map(|missing| missing.text.clone()),
        points: readings
            .iter()
            .filter(|reading| reading.value.is_some() || reported.since(reading.month) <= COURSE_MONTHS)
            .map(|reading| facts.point(reading, fired.get(&reading.month)))
            .collect(),
    };
    Some(Chart { figure: chart.id.clone(), control, figures: facts.figures(&signals_now) })
}

/// Returns the rules that fire, by month.
fn fire<'a>(base: &Base<'_>, readings: impl Iterator<Item = &'a Reading<'a>>) -> BTreeMap<Month, Vec<Signal>> {
    let Ok(made) = &base.made else { return BTreeMap::new() };
    let placed: Vec<Placed> = readings
        .filter_map(|reading| {
            Some(Placed { month: reading.month, value: reading.value?, limits: made.at(reading.weight)? })
        })
        .collect();
    let fired = signals(&placed, made.range_limit());
    placed.iter().map(|point| point.month).zip(fired).collect()
}

/// Says why the reported month is no point, in the words of the figure where it has some.
fn no_point(chart: &Planned, figure: &Figure, period: &Period) -> Missing {
    match &figure.value {
        Err(missing) => missing.clone(),
        Ok(_) if !chart.is_live_through(period) => {
            Missing::new(MissingKind::NotApplicable, "the service was not live for the whole month")
        }
        Ok(_) => {
            let text = match &chart.area {
                Some(area) => format!("the month has no area: `{area}` has no value above nought"),
                None => "the month has no counted cases".to_owned(),
            };
            Missing::new(MissingKind::NoData, text)
        }
    }
}

/// What the answers of one chart are made from.
struct Facts<'a> {
    chart: &'a Planned,
    figure: &'a Figure,
    base: &'a Base<'a>,
    now: &'a Reading<'a>,
    period: &'a Period,
    edition: Edition,
}

impl Facts<'_> {
    /// Returns what the reported month is held against, before clipping.
    fn limits(&self) -> Result<Limits, Missing> {
        let made = self.base.made.as_ref().map_err(Clone::clone)?;
        made.at(self.now.weight).ok_or_else(|| no_point(self.chart, self.figure, self.period))
    }

    fn point(&self, reading: &Reading<'_>, signals: Option<&Vec<Signal>>) -> ControlPoint {
        let limits = self.base.made.as_ref().ok().and_then(|made| made.at(reading.weight));
        let limits = limits.map(|limits| limits.clipped(bounds(self.figure)));
        ControlPoint {
            period: reading.month.to_string(),
            value: reading.value,
            weight: reading.weight,
            center: limits.map(|limits| limits.center),
            lower: limits.map(|limits| limits.lower),
            upper: limits.map(|limits| limits.upper),
            signals: signals.cloned().unwrap_or_default(),
        }
    }

    fn figures(&self, fired: &Result<Vec<Signal>, Missing>) -> Vec<Figure> {
        let (limits, made) = (self.limits(), self.base.made.as_ref());
        let clipped = limits.as_ref().map(|limits| limits.clipped(bounds(self.figure))).map_err(Clone::clone);
        let names = fired.as_ref().map(|fired| match &fired[..] {
            [] => "none".to_owned(),
            fired => fired.iter().map(|signal| signal.name()).collect::<Vec<_>>().join(", "),
        });
        let mut signals = self.made("control.signals", Unit::Count, fired.as_ref().map(|fired| fired.len() as f64));
        signals.provisional |= self.figure.provisional;
        signals.basis.parameters.extend(names.ok().map(|names| ("rules".to_owned(), names)));
        let center = match made.map(Made::center) {
            Ok(Some(center)) => Ok(center),
            _ => clipped.as_ref().map(|limits| limits.center),
        };
        let own = || self.figure.unit.clone();
        let mut figures = vec![self.made("control.center", own(), center)];
        for (id, clipped, computed) in [
            ("control.lower", clipped.as_ref().map(|l| l.lower), limits.as_ref().map(|l| l.lower)),
            ("control.upper", clipped.as_ref().map(|l| l.upper), limits.as_ref().map(|l| l.upper)),
        ] {
            let mut figure = self.made(id, own(), clipped);
            if let (Ok(shown), Ok(computed)) = (clipped, computed)
                && (shown - computed).abs() > 0.0
            {
                figure.basis.parameters.push(("clipped".into(), "yes".into()));
                figure.alternatives.push(Alternative { formula: "before clipping".into(), value: computed });
            }
            figures.push(figure);
        }
        figures.push(signals);
        figures
    }

    fn made(&self, measure: &str, unit: Unit, value: Result<f64, &Missing>) -> Figure {
        let of = &self.chart.id;
        let mut id = FigureId { measure: measure.into(), ..of.clone() };
        id.dimensions.push(("of".into(), of.measure.clone()));
        id.dimensions.sort();
        let mut figure = Figure::new(id, unit, value.map_err(Clone::clone));
        let used = || self.base.readings.iter().filter_map(|reading| reading.figure).chain([self.figure]);
        figure.n = self.base.readings.len() as u64;
        figure.tainted = used().any(|figure| figure.tainted);
        figure.provisional =
            self.base.is_provisional() || self.base.readings.iter().filter_map(|r| r.figure).any(|f| f.provisional);
        let reporting = Clause::Reporting.number(self.edition).to_owned();
        let own = self.figure.basis.clauses.iter().filter(|clause| **clause != reporting);
        let clauses = [&reporting].into_iter().chain(own).cloned().collect();
        let receipts: BTreeSet<&String> = used().flat_map(|figure| &figure.basis.receipts).collect();
        figure.basis = Basis {
            formula: definitions().iter().find(|d| d.id == measure).map_or_else(String::new, |d| d.formula.to_owned()),
            parameters: self.parameters(),
            clauses,
            receipts: receipts.into_iter().cloned().collect(),
        };
        figure
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let (rule, base) = (&self.chart.rule, self.base);
        let mut said = vec![
            ("figure", self.chart.id.to_string()),
            ("chart", if self.chart.is_default { "default" } else { "config" }.to_owned()),
            ("kind", self.chart.kind.name().to_owned()),
            ("limits", if rule.baseline.is_some() { "frozen" } else { "moving" }.to_owned()),
        ];
        let span = rule.baseline.map_or_else(|| base.span(), |baseline| baseline.to_string());
        said.push(("baseline", if span.is_empty() { "no month with a value".to_owned() } else { span }));
        let firm = if base.is_provisional() { "yes, under 12 months with a value" } else { "no" };
        said.push(("limits_provisional", firm.to_owned()));
        if self.chart.kind == ChartKind::Xmr {
            said.push(("middle", if rule.median { "median" } else { "mean" }.to_owned()));
        }
        match &base.made {
            Ok(Made::Xmr(made)) => {
                said.push(("moving_range", brief(made.range)));
                said.push(("upper_range_limit", brief(made.range_limit)));
            }
            Ok(Made::Share(part, whole)) => said.push(("pooled", format!("{part} of {whole}"))),
            Ok(Made::Rate(count, area)) => {
                let of = rule.area.as_deref().unwrap_or("days");
                said.push(("pooled", format!("{} over {} {of}", brief(*count), brief(*area))));
            }
            Ok(Made::Count(count, months)) => {
                said.push(("pooled", format!("{} over {} months", brief(*count), brief(*months))));
            }
            Err(_) => {}
        }
        match (self.chart.kind, self.now.weight) {
            (ChartKind::P, Some(cases)) => said.push(("cases", brief(cases))),
            (ChartKind::U, Some(area)) => said.push(("area", brief(area))),
            _ => {}
        }
        said.extend(base.note(self.chart).map(|note| ("note", note.to_owned())));
        said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Writes a number with at most four digits after the point.
fn brief(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
