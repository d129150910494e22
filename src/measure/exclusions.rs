//! Time and tickets that are left out of figures by decision (rule R18).
//!
//! Knows the rows of the `exclusions` table. Must not know what a figure makes of them.

use super::names::{Names, Of};
use super::ticket_state::{milliseconds, text};
use crate::calendar::Span;
use crate::model::{Dataset, Table};
use polars::prelude::*;

/// Exclusions of the book.
#[derive(Debug, Default)]
pub struct Exclusions {
    spans: Vec<ExcludedSpan>,
}

/// Time that leaves availability. Instants are epoch milliseconds.
#[derive(Debug)]
struct ExcludedSpan {
    /// A service id; `None` is every service.
    service: Option<String>,
    span: Span,
    approved: i64,
    why: String,
}

impl Exclusions {
    /// Reads the exclusions that are approved at all; spans that hold nothing are not read.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn read(dataset: &Dataset, names: &Names) -> PolarsResult<Self> {
        let mut exclusions = Self::default();
        let Some(frame) = dataset.table(Table::Exclusions) else { return Ok(exclusions) };
        let (figure, service, why) = (text(frame, "figure")?, text(frame, "service")?, text(frame, "why")?);
        let (from, to) = (milliseconds(frame, "from")?, milliseconds(frame, "to")?);
        let approved = milliseconds(frame, "approved_at")?;
        for row in 0..frame.height() {
            let (Some(start), Some(end), Some(approved)) = (from[row], to[row], approved[row]) else { continue };
            let of_availability = figure.get(row).is_some_and(|word| word.trim().eq_ignore_ascii_case("availability"));
            if !of_availability || end <= start {
                continue;
            }
            let service = match service.get(row) {
                None => None,
                Some(name) => match names.find(Of::Service, name) {
                    Some(id) => Some(id.to_owned()),
                    None => continue,
                },
            };
            let why = why.get(row).unwrap_or("").to_owned();
            exclusions.spans.push(ExcludedSpan { service, span: Span { start, end }, approved, why });
        }
        Ok(exclusions)
    }

    /// Returns the spans that leave the availability of a service, with their reasons: those approved before an
    /// instant. Instants are epoch milliseconds.
    pub fn spans_of(&self, service: &str, as_of: i64) -> Vec<(Span, String)> {
        self.spans
            .iter()
            .filter(|excluded| excluded.approved < as_of)
            .filter(|excluded| excluded.service.as_deref().is_none_or(|id| id == service))
            .map(|excluded| (excluded.span, excluded.why.clone()))
            .collect()
    }
}
