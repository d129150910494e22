//! The section of satisfaction.

use super::{Column, customers, grid, services, whole_book};
use crate::model::clause::Clause;
use crate::report::document::{Document, Section};

/// Returns the section; `None` where there is nothing to show.
pub fn section(document: &Document) -> Option<Section> {
    let columns: [Column<'_>; 4] = [
        ("Satisfied", "satisfaction.csat", &[]),
        ("Net promoter score", "satisfaction.nps", &[]),
        ("Answers", "satisfaction.answers", &[]),
        ("Response rate", "satisfaction.responses", &[]),
    ];
    let mut rows = services(document);
    rows.extend(whole_book(document));
    rows.extend(customers(document));
    let blocks = vec![grid(document, "Service or customer", &rows, &columns)];
    super::section(document, "Satisfaction", &[Clause::Relationship], blocks)
}
