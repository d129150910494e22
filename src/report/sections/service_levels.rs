//! The section of service levels: promises to customers, what stands behind them, and how far the tool agrees.

use super::{Column, by_dimension, customers, grid, services, whole_book};
use crate::model::clause::Clause;
use crate::model::{Figure, Scope};
use crate::report::document::{Block, Document, Grid, Section};
use std::collections::BTreeSet;

/// Ticket types that are held to goals, with their heading.
const TYPES: [(&str, &str); 2] = [("incident", "Incidents"), ("request", "Requests")];

/// Compliance by service, customer, agreement and priority; supporting agreements; the tool's own flags; defects.
pub fn section(document: &Document) -> Option<Section> {
    let mut blocks = Vec::new();
    let mut scopes = services(document);
    scopes.extend(customers(document));
    for (kind, title) in TYPES {
        let of_kind: &[(&str, &str)] = &[("type", kind)];
        let columns: [Column<'_>; 4] = [
            ("Response", "sla.response", of_kind),
            ("Response breached, open", "sla.response_open_breached", of_kind),
            ("Resolution", "sla.resolution", of_kind),
            ("Resolution breached, open", "sla.resolution_open_breached", of_kind),
        ];
        blocks.push(grid(document, &format!("{title}: service or customer"), &scopes, &columns));
        blocks.push(grid(document, &format!("{title}: agreement"), &agreements(document, kind), &columns));
    }
    blocks.push(by_dimension(
        document,
        "incident",
        "priority",
        "Incidents: priority",
        &[
            ("Response", "sla.response"),
            ("Resolution", "sla.resolution"),
            ("Breached, open", "sla.resolution_open_breached"),
            ("Tool's own flag", "sla.tool"),
        ],
    ));
    blocks.extend(supporting(document));
    let mut rows = services(document);
    rows.extend(whole_book(document));
    let of_incidents: &[(&str, &str)] = &[("type", "incident")];
    let beside: [Column<'_>; 5] = [
        ("Tool's own flag", "sla.tool", of_incidents),
        ("Response differs", "sla.response_differs", of_incidents),
        ("Resolution differs", "sla.resolution_differs", of_incidents),
        ("Missed a million", "sla.resolution_dpmo", of_incidents),
        ("Sigma level", "sla.resolution_sigma", of_incidents),
    ];
    blocks.push(grid(document, "Incidents: the tool, and defects", &rows, &beside));
    super::section(document, "Service levels", &[Clause::ServiceLevel, Clause::Supplier], blocks)
}

/// Agreements whose compliance is another than that of their service.
fn agreements(document: &Document, kind: &str) -> Vec<(String, Scope)> {
    let of_kind = |figure: &&Figure| {
        matches!(figure.id.measure.as_str(), "sla.response" | "sla.resolution")
            && figure.id.scope.agreement.is_some()
            && figure.id.dimension("type") == Some(kind)
            && !document.says_again(figure)
    };
    let scopes: BTreeSet<(String, Scope)> = document
        .figures
        .iter()
        .filter(of_kind)
        .map(|figure| (figure.id.scope.agreement.clone().unwrap_or_default(), figure.id.scope.clone()))
        .collect();
    scopes.into_iter().collect()
}

/// Operational agreements and supplier contracts: a row for each and ticket type.
fn supporting(document: &Document) -> Vec<Block> {
    [("Operational agreement", "ola"), ("Supplier contract", "uc")]
        .map(|(title, kind)| {
            let within = format!("{kind}.resolution");
            let rows = document.figures.iter().filter(|figure| figure.id.measure == within).map(|figure| {
                let agreement = figure.id.scope.agreement.clone().unwrap_or_default();
                let of_type = figure.id.dimension("type").unwrap_or("");
                let dimensions = [("type", of_type)];
                let open = document.find(&format!("{kind}.open_breached"), &figure.id.scope, &dimensions);
                let cells = vec![Some(figure.id.clone()), open.map(|figure| figure.id.clone())];
                (format!("{agreement}: {}", crate::text::screen_str(of_type)), cells)
            });
            Block::Grid(Grid {
                rows_are: title.to_owned(),
                columns: vec!["Within goal".into(), "Breached, open".into()],
                rows: rows.collect(),
            })
        })
        .into()
}
