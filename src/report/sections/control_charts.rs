//! The section of control charts: each watched figure with its limits, and the charts that are worth a look.

use super::section;
use crate::model::clause::Clause;
use crate::model::control_chart::charted;
use crate::model::{Figure, FigureId, Scope};
use crate::report::document::{Block, Document, Grid, Section, Step};

/// Returns the figures whose courses are drawn here.
pub(super) fn drawn(document: &Document) -> impl Iterator<Item = FigureId> {
    let signals = document.figures.iter().filter(|figure| figure.id.measure == "control.signals");
    signals.filter(|figure| is_drawn_with_limits(figure)).filter_map(|figure| charted(&figure.id))
}

/// Watched figures with their limits; drawn are the charts that the book asks for, and those with a signal.
pub(super) fn section_of(document: &Document) -> Option<Section> {
    let mut charts: Vec<(FigureId, &Figure)> = document
        .figures
        .iter()
        .filter(|figure| figure.id.measure == "control.signals")
        .filter_map(|figure| Some((charted(&figure.id)?, figure)))
        // The book says what its only service says.
        .filter(|(id, _)| id.scope != Scope::book() || document.services.len() != 1)
        .collect();
    // Services in the order of the book, what is of no service last.
    charts.sort_by_key(|(id, _)| {
        document.services.iter().position(|named| Some(&named.id) == id.scope.service.as_ref()).unwrap_or(usize::MAX)
    });
    let column = |id: &FigureId, measure: &str| {
        let id = FigureId { measure: measure.to_owned(), ..id.clone() };
        document.figure(&id).map(|figure| figure.id.clone())
    };
    let rows = charts
        .iter()
        .map(|(of, signals)| {
            let cells = vec![
                document.figure(of).map(|figure| figure.id.clone()),
                column(&signals.id, "control.center"),
                column(&signals.id, "control.lower"),
                column(&signals.id, "control.upper"),
                Some(signals.id.clone()),
            ];
            (watched_name(document, of), cells)
        })
        .collect();
    let columns = ["This month", "Centre", "Lower limit", "Upper limit", "Signals"].map(str::to_owned).to_vec();
    let mut blocks = vec![Block::Grid(Grid { rows_are: "Service and measure".into(), columns, rows })];
    let drawn = charts.iter().filter(|(_, figure)| is_drawn_with_limits(figure));
    blocks.extend(drawn.map(|(of, _)| Block::Series(of.clone(), Step::Month)));
    section(document, "Control charts", &[Clause::Reporting], blocks)
}

fn is_drawn_with_limits(signals: &Figure) -> bool {
    signals.basis.parameters.iter().any(|(name, value)| name == "chart" && value == "config")
        || signals.number().is_some_and(|fired| fired > 0.0)
}

fn watched_name(document: &Document, id: &FigureId) -> String {
    let scope = &id.scope;
    let customer = scope.customer.as_deref().map(|id| document.customer_name(id));
    let of = [scope.service.as_deref().map(|id| document.service_name(id)), customer, scope.agreement.as_deref()];
    let of: Vec<&str> = of.into_iter().flatten().collect();
    let whose = if of.is_empty() { "All services".to_owned() } else { of.join(", ") };
    let what =
        [document.measure_title(&id.measure)].into_iter().chain(id.dimensions.iter().map(|(_, value)| value.as_str()));
    crate::text::screen_str(&format!("{whose}: {}", what.collect::<Vec<_>>().join(", ")))
}
