//! The section of budget and cost.

use super::{services, whole_book};
use crate::model::clause::Clause;
use crate::model::{FigureId, Scope};
use crate::report::document::{Block, Document, Grid, Section};

/// Budget and cost: a row for each service and currency, then one for each type of cost.
pub fn section(document: &Document) -> Option<Section> {
    let of_scope = [
        ("Budget", "cost.budget"),
        ("Actual", "cost.actual"),
        ("Variance", "cost.variance"),
        ("Variance, share", "cost.variance_percent"),
        ("Committed", "cost.committed"),
        ("Forecast", "cost.forecast"),
        ("A resolved ticket", "cost.per_ticket"),
    ];
    let mut scopes = services(document);
    scopes.extend(whole_book(document));
    let by_type = match &document.services[..] {
        [only] => Scope::service(&only.id),
        _ => Scope::book(),
    };
    let amounts = |scope: &Scope, split: bool| -> Vec<FigureId> {
        let ids = document.figures.iter().map(|figure| &figure.id);
        ids.filter(|id| {
            id.measure == "cost.actual" && id.scope == *scope && id.dimension("cost_type").is_some() == split
        })
        .cloned()
        .collect()
    };
    let row = |label: String, of: &FigureId, columns: &[(&str, &str)]| {
        let dimensions: Vec<(&str, &str)> =
            of.dimensions.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let find = |measure: &str| document.find(measure, &of.scope, &dimensions).map(|figure| figure.id.clone());
        (label, columns.iter().map(|(_, measure)| find(measure)).collect::<Vec<_>>())
    };
    let labelled = |name: &str, of: &FigureId| {
        format!("{} ({})", crate::text::screen_str(name), of.dimension("currency").unwrap_or(""))
    };
    let mut rows = Vec::new();
    for (name, scope) in &scopes {
        rows.extend(amounts(scope, false).iter().map(|id| row(labelled(name, id), id, &of_scope)));
    }
    let typed = amounts(&by_type, true);
    let typed_rows: Vec<_> =
        typed.iter().map(|id| row(labelled(id.dimension("cost_type").unwrap_or(""), id), id, &of_scope[..3])).collect();
    let heading = |columns: &[(&str, &str)]| columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let blocks = vec![
        Block::Grid(Grid { rows_are: "Service".into(), columns: heading(&of_scope), rows }),
        Block::Grid(Grid { rows_are: "Type of cost".into(), columns: heading(&of_scope[..3]), rows: typed_rows }),
    ];
    super::section(document, "Costs", &[Clause::Budgeting], blocks)
}
