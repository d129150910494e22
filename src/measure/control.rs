//! Control charts: whether a month is more than the usual coming and going (`domain.md` §4.9).
//!
//! Takes the figures of many months and gives, for each chart, centre, limits and the rules that fire. Knows figures,
//! not rows: what a month comes to is measured elsewhere, once a month for all charts.

mod answers;
mod limits;
mod points;
mod rules;

use super::{Definition, catalogue as measures};
use crate::model::clause::Clause;
use crate::model::control_chart::{ChartKind, Control, ControlChart, Month};
use crate::model::date::Moment;
use crate::model::{Catalogue, Edition, Figure, FigureId, Finding, Period, Scope, Severity, Unit};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Months before the reported one that a moving baseline reaches back.
const MOVING_MONTHS: i32 = 24;
/// Months of a course before the reported one; a chart has a point for each.
const COURSE_MONTHS: i32 = 12;
/// Months with a value from which on limits are firm.
const FIRM_POINTS: usize = 12;
/// What each service and the book are watched by where the book says nothing.
const DEFAULTS: [&str; 2] = ["tickets.opened", "sla.resolution"];

/// Returns the measures of control charts.
pub fn definitions() -> Vec<Definition> {
    let own = || Unit::Own("of the measure".into());
    let entry = |id, title, formula| Definition::count(id, title, formula).for_clauses(&[Clause::Reporting]);
    vec![
        entry(
            "control.signals",
            "Control chart: signals",
            "how many rules fire at the month: outside (beyond a limit); run_of_8 (eight months in a row on one side of the \
             centre, one on the centre breaks the run); 3_of_4 (three of four months in a row nearer to a limit, before \
             clipping, than to the centre, on one side, the last one among them); of xmr also range (moving range over \
             its upper limit, 3.267 × mean or 3.865 × median moving range). A month without a value breaks runs and \
             ranges",
        )
        .not_additive(),
        entry(
            "control.center",
            "Control chart: centre",
            "what is expected of the month. xmr: mean (median) of the baseline's months; p: part ÷ whole, pooled over the \
             baseline; u: count ÷ area, pooled, × the month's area; c: mean count",
        )
        .in_unit(own()),
        entry(
            "control.lower",
            "Control chart: lower limit",
            "xmr: mean − 2.66 × mean moving range (median − 3.145 × median moving range); p: p̄ − 3√(p̄(1−p̄)/n); u: \
             (ū − 3√(ū/a)) × a; c: c̄ − 3√c̄; clipped at what cannot be",
        )
        .in_unit(own()),
        entry(
            "control.upper",
            "Control chart: upper limit",
            "xmr: mean + 2.66 × mean moving range (median + 3.145 × median moving range); p: p̄ + 3√(p̄(1−p̄)/n); u: \
             (ū + 3√(ū/a)) × a; c: c̄ + 3√c̄; clipped at what cannot be",
        )
        .in_unit(own()),
    ]
}

/// The figures of one month that charts are made from.
#[derive(Clone, Debug)]
pub struct MonthFigures {
    /// The month as a period.
    pub period: Period,
    /// The instant whose knowledge was used.
    pub as_of: DateTime<Utc>,
    /// Charted figures and areas; what the month does not have is not there.
    pub figures: BTreeMap<FigureId, Figure>,
}

/// A chart with the figures that it comes to.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The charted figure.
    pub figure: FigureId,
    /// The chart, for the course of that figure.
    pub control: Control,
    /// `control.signals`, `control.center`, `control.lower` and `control.upper` of the reported month.
    pub figures: Vec<Figure>,
}

/// The charts of a book for a reported month, before the months are measured.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    charts: Vec<Planned>,
    unmet: Vec<FigureId>,
}

/// One chart.
#[derive(Clone, Debug)]
struct Planned {
    id: FigureId,
    rule: ControlChart,
    kind: ChartKind,
    area: Option<FigureId>,
    is_default: bool,
    /// Why the chart cannot be made of this measure.
    unfit: Option<&'static str>,
    /// When the charted service went live and when it retired.
    live: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Whether a part of a month is less than the whole.
    adds_up: bool,
    /// Whether its months need more than the measures whose course is drawn.
    deep: bool,
}

impl Plan {
    /// Finds the figures that are charted, among those of the reported month.
    pub fn new(catalogue: &Catalogue, figures: &[Figure]) -> Self {
        let definitions = measures();
        let mut plan = Self::default();
        let is_default = catalogue.control_charts.is_empty();
        let rules = if is_default { default_charts(catalogue) } else { catalogue.control_charts.clone() };
        for rule in rules {
            let id = rule.figure();
            let found = figures.binary_search_by(|figure| figure.id.cmp(&id)).ok().map(|at| &figures[at]);
            let definition = definitions.iter().find(|definition| definition.id == rule.measure);
            match (found, definition) {
                (Some(figure), Some(definition)) => {
                    let service = rule.service.as_ref().and_then(|id| catalogue.service(id));
                    let instant = |moment: Option<Moment>| moment.map(|moment| moment.instant(catalogue.zone));
                    let live = service.map_or((None, None), |s| (instant(s.go_live), instant(s.retired)));
                    let planned = Planned::new(rule, figure, definition, &definitions);
                    plan.charts.push(Planned { is_default, live, ..planned });
                }
                _ if is_default => {}
                _ => plan.unmet.push(id),
            }
        }
        plan
    }

    /// Tells whether a figure is charted or the area of a chart.
    pub fn wants(&self, id: &FigureId) -> bool {
        self.charts.iter().any(|chart| chart.id == *id || chart.area.as_ref() == Some(id))
    }

    /// Returns the charted figures.
    pub fn charted(&self) -> impl Iterator<Item = &FigureId> {
        self.charts.iter().map(|chart| &chart.id)
    }

    /// Returns the months before the reported one that charts need, each with the measures that need it.
    pub fn months(&self, reported: Month) -> BTreeMap<Month, BTreeSet<&str>> {
        let mut months: BTreeMap<Month, BTreeSet<&str>> = BTreeMap::new();
        for chart in &self.charts {
            let course = (1..=COURSE_MONTHS).map(|back| reported.shifted(-back));
            let baseline: Vec<Month> = match chart.rule.baseline {
                Some(baseline) => baseline.months().filter(|month| *month < reported).collect(),
                None => (1..=MOVING_MONTHS).map(|back| reported.shifted(-back)).collect(),
            };
            for month in course.chain(baseline) {
                let of_month = months.entry(month).or_default();
                of_month.insert(&chart.rule.measure);
                of_month.extend(chart.rule.area.as_deref());
            }
        }
        months
    }

    /// Tells whether some chart needs measures whose course is not drawn.
    pub fn is_deep(&self) -> bool {
        self.charts.iter().any(|chart| chart.deep)
    }

    /// Makes the charts from the months that were measured, the reported one among them.
    pub fn charts(&self, months: &BTreeMap<Month, MonthFigures>, reported: Month, edition: Edition) -> Vec<Chart> {
        self.charts.iter().filter_map(|chart| answers::answer(chart, months, reported, edition)).collect()
    }

    /// Tells of charts that the book asks for and of which there is no figure.
    pub fn findings(&self) -> Vec<Finding> {
        let unmet = self.unmet.iter().map(|id| Finding {
            id: format!("control_chart_without_figure.{id}"),
            kind: "control_chart_without_figure".into(),
            severity: Severity::Warning,
            count: 1,
            figures: vec![id.measure.clone()],
            table: String::new(),
            filter: String::new(),
            text: format!(
                "a [[control_chart]] of config.toml names `{id}`, of which this period has no figure; `servicebook measures` \
                 lists the measures, and the report's figures show their dimensions"
            ),
        });
        unmet.collect()
    }
}

impl Planned {
    fn new(rule: ControlChart, figure: &Figure, definition: &Definition, definitions: &[Definition]) -> Self {
        let counts_cases = is_share_of_cases(definition);
        let usual = if counts_cases && !rule.median { ChartKind::P } else { ChartKind::Xmr };
        let kind = rule.kind.unwrap_or(usual);
        let unfit = match kind {
            ChartKind::P if !counts_cases => Some("a p chart needs a share of counted cases; `kind = \"xmr\"` serves"),
            ChartKind::U | ChartKind::C if !matches!(figure.unit, Unit::Count | Unit::Events) => {
                Some("u and c charts need a count; `kind = \"xmr\"` serves")
            }
            _ => None,
        };
        let area = rule.area.as_deref().map(|measure| rule.figure_of(measure));
        let is_drawn = |measure: &str| definitions.iter().any(|known| known.id == measure && known.trend);
        let dimensions = |name: &String| matches!(name.as_str(), "type" | "resource" | "metric");
        let deep = !is_drawn(&rule.measure)
            || rule.area.as_deref().is_some_and(|area| !is_drawn(area))
            || !rule.dimensions.keys().all(dimensions);
        Self {
            id: figure.id.clone(),
            // Sums of time are cut to whole seconds, so that their parts do not quite add up.
            adds_up: definition.additive
                || matches!(rule.measure.as_str(), "availability.downtime" | "availability.planned"),
            rule,
            kind,
            area,
            is_default: false,
            live: (None, None),
            unfit,
            deep,
        }
    }
}

impl Planned {
    /// Tells whether the service was there all the time: what it did in a part of a month says nothing of a whole one, and
    /// before its first day it did not do nothing.
    fn is_live_through(&self, period: &Period) -> bool {
        self.live.0.is_none_or(|from| from <= period.start()) && self.live.1.is_none_or(|to| period.end() <= to)
    }
}

/// Tells whether a measure is part ÷ whole of cases that are counted one by one; shares of time, of money and of readings
/// are not.
fn is_share_of_cases(definition: &Definition) -> bool {
    definition.unit == Unit::Percent
        && !["availability.", "capacity.", "cost."].iter().any(|room| definition.id.starts_with(room))
}

fn default_charts(catalogue: &Catalogue) -> Vec<ControlChart> {
    let scopes = catalogue.services.iter().map(|service| Scope::service(&service.id)).chain([Scope::book()]);
    scopes
        .flat_map(|scope| DEFAULTS.map(|measure| FigureId::new(measure, scope.clone(), &[("type", "incident")])))
        .map(|id| ControlChart::of(&id))
        .collect()
}

#[cfg(test)]
mod tests;
