//! The section of changes and releases.

use super::{Column, grid, services, whole_book};
use crate::model::clause::Clause;
use crate::report::document::{Document, Section};

/// Returns the section; `None` where there is nothing to show.
pub fn section(document: &Document) -> Option<Section> {
    let mut rows = services(document);
    rows.extend(whole_book(document));
    let changes: [Column<'_>; 7] = [
        ("Implemented", "change.implemented", &[]),
        ("Successful", "change.success", &[]),
        ("Failed", "change.failed", &[]),
        ("Backed out", "change.backed_out", &[]),
        ("Emergency", "change.emergency", &[]),
        ("Without approval", "change.unauthorised", &[]),
        ("Incidents caused", "change.caused_incidents", &[]),
    ];
    let releases: [Column<'_>; 2] = [("Deployed", "release.implemented", &[]), ("Successful", "release.success", &[])];
    let clauses: &[Clause] = if document.figures.iter().any(|figure| figure.id.measure.starts_with("release.")) {
        &[Clause::Change, Clause::Release]
    } else {
        &[Clause::Change]
    };
    let blocks =
        vec![grid(document, "Service", &rows, &changes), grid(document, "Releases: service", &rows, &releases)];
    super::section(document, "Changes", clauses, blocks)
}
