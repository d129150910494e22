//! Finding the figures that a screen shows.

use crate::model::figure::Verdict;
use crate::model::{Figure, Scope};
use crate::report::Document;

/// Finds the figure of a measure for a service, for incidents where the measure is split by ticket type; else the one
/// that stands worst among those of the service.
pub fn of_service<'a>(document: &'a Document, measure: &str, service: Option<&str>) -> Option<&'a Figure> {
    let scope = service.map_or_else(Scope::book, Scope::service);
    document
        .find(measure, &scope, &[])
        .or_else(|| document.find(measure, &scope, &[("type", "incident")]))
        .or_else(|| worst(all(document, measure, service)))
}

/// Returns every figure of a measure about a service, the figures of single customers with it.
pub fn all<'a>(document: &'a Document, measure: &str, service: Option<&str>) -> Vec<&'a Figure> {
    document
        .of_measures(measure)
        .iter()
        .filter(|figure| figure.id.measure == measure && figure.id.scope.service.as_deref() == service)
        .filter(|figure| service.is_some() || figure.id.scope.customer.is_none())
        .collect()
}

/// Returns the figure that stands worst; those with a verdict before those without.
pub fn worst(figures: Vec<&Figure>) -> Option<&Figure> {
    figures.into_iter().min_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| one.id.cmp(&other.id)))
}

fn rank(figure: &Figure) -> u8 {
    match (figure.verdict, &figure.value) {
        (Verdict::Missed, _) => 0,
        (Verdict::AtRisk, _) => 1,
        (Verdict::Met, _) => 2,
        (Verdict::None, Err(_)) => 3,
        (Verdict::None, Ok(_)) => 4,
    }
}

/// Returns the values that a dimension takes among the figures of some measures about a service, sorted.
pub fn values<'a>(document: &'a Document, prefix: &str, service: Option<&str>, dimension: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = document
        .of_measures(prefix)
        .iter()
        .filter(|figure| figure.id.scope.service.as_deref() == service)
        .filter_map(|figure| figure.id.dimension(dimension))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
