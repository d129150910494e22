//! Availability of a service over a window (`domain.md` §4.1, §4.2; rules R1, R2, R8, R9, R20).
//!
//! Order of operations: union the outages, intersect with service hours, subtract agreed maintenance. Instants and
//! lengths of time are integer milliseconds, as the store holds them, weights thousandths; one division.

use super::outages::{Known, Maintenance, Outage};
use crate::calendar::{Span, Spans, weighted_down};
use crate::model::catalogue::AvailabilityRule;

/// What is needed to evaluate one service over one window.
#[derive(Debug)]
pub struct Question<'a> {
    /// The window, cut at as-of and at go-live and retirement.
    pub window: Span,
    /// The instant whose knowledge is used.
    pub as_of: i64,
    /// Agreed service hours within the window.
    pub hours: &'a Spans,
    /// Outages of the service, whatever their origin.
    pub outages: &'a [Outage],
    /// Maintenance of the service.
    pub maintenance: &'a [Maintenance],
    /// How long before its start maintenance must be announced.
    pub notice: i64,
    /// Time for which the state of the service is known.
    pub known: &'a Known,
    /// How maintenance enters the figure.
    pub rule: AvailabilityRule,
}

/// The integers behind the availability figures of one service and window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Obligation under the rule.
    pub base: i64,
    /// Weighted time down, in thousandths of a millisecond.
    pub down: i64,
    /// Agreed maintenance within service hours.
    pub planned: i64,
    /// Known part of the base.
    pub known: i64,
    /// Base and weighted time down under each rule: A1, A2, gross.
    pub by_rule: [(i64, i64); 3],
    /// Merged outages that touch the base.
    pub failures: Vec<Failure>,
}

/// A merged outage of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// From the first start to the last end, whole, also outside the window; open ones are cut at as-of.
    pub span: Span,
    /// How much of it lies in the base of the window.
    pub in_base: i64,
    /// Whether it started in the window.
    pub starts_here: bool,
}

/// The rules in the order of [`Answer::by_rule`].
pub const RULES: [(AvailabilityRule, &str); 3] =
    [(AvailabilityRule::A1, "A1"), (AvailabilityRule::A2, "A2"), (AvailabilityRule::Gross, "gross")];

/// Evaluates a service over a window.
pub fn evaluate(question: &Question<'_>) -> Answer {
    let window = Spans::from_iter([question.window]);
    let hours = question.hours.intersect(&window);
    let agreed = agreed_maintenance(question).intersect(&window);
    let outside_maintenance = hours.subtract(&agreed);
    let outages: Vec<(Span, i64)> =
        all_outages(question).iter().map(|outage| (outage.span(question.as_of), outage.weight)).collect();
    let by_rule = [
        (outside_maintenance.total(), weighted_down(&outages, &outside_maintenance)),
        (hours.total(), weighted_down(&outages, &outside_maintenance)),
        (hours.total(), weighted_down(&outages, &hours)),
    ];
    let rule = RULES.iter().position(|(rule, _)| *rule == question.rule).unwrap_or(0);
    let base_spans = if rule == 0 { &outside_maintenance } else { &hours };
    let down_spans = if rule == 2 { &hours } else { &outside_maintenance };
    let merged = outages.iter().filter(|(_, weight)| *weight > 0).map(|(span, _)| *span).collect::<Spans>();
    let failures = merged
        .iter()
        .map(|&span| Failure {
            span,
            in_base: Spans::from_iter([span]).intersect(down_spans).total(),
            starts_here: question.window.start <= span.start && span.start < question.window.end,
        })
        .filter(|failure| failure.in_base > 0)
        .collect();
    let known = question.known.spans.union(&merged).intersect(base_spans).total();
    let (base, down) = by_rule[rule];
    Answer { base, down, planned: agreed.intersect(&hours).total(), known, by_rule, failures }
}

/// Returns maintenance that is agreed: the part of the actual work inside the announced window (`domain.md` §4.1).
fn agreed_maintenance(question: &Question<'_>) -> Spans {
    let announced = question.maintenance.iter().filter(|m| m.announced_in_time(question.notice));
    let agreed = announced.filter_map(|m| {
        let actual = m.actual(question.as_of)?;
        let (start, end) = (m.planned.start.max(actual.start), m.planned.end.min(actual.end));
        (start < end).then_some(Span { start, end })
    });
    agreed.collect()
}

/// Returns the outages with maintenance outside its agreed window added: overrun and unannounced work is downtime.
pub fn all_outages(question: &Question<'_>) -> Vec<Outage> {
    let mut outages: Vec<Outage> =
        question.outages.iter().filter(|outage| outage.start <= question.as_of).cloned().collect();
    for maintenance in question.maintenance {
        let Some(actual) = maintenance.actual(question.as_of) else { continue };
        let agreed = if maintenance.announced_in_time(question.notice) {
            Spans::from_iter([maintenance.planned])
        } else {
            Spans::default()
        };
        for span in &Spans::from_iter([actual]).subtract(&agreed) {
            outages.push(Outage::overrun(maintenance, *span));
        }
    }
    outages
}
