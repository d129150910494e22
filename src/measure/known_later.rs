//! Rows that their tool learned of only after as-of, although they belong to the period: a late booking, a survey that
//! was entered afterwards.
//!
//! Outages, maintenance and links are not known before their `known_at` and are in no figure until then. Of all other
//! tables the rows count as the tool has them, and this finding says how many of them nobody knew at as-of. Knows the
//! instant by which a row belongs to a period. Must not know figures.

use super::Context;
use super::ticket_state::milliseconds;
use crate::model::{Finding, Severity, Table};
use polars::prelude::*;

/// The tables whose rows count as the tool has them, and the instant by which a row belongs to a period.
const COUNTED: &[(Table, &str)] = &[
    (Table::Tickets, "opened_at"),
    (Table::TicketEvents, "at"),
    (Table::Clocks, "start"),
    (Table::Exclusions, "from"),
    (Table::Checks, "at"),
    (Table::Coverage, "from"),
    (Table::ReportedAvailability, "from"),
    (Table::Readings, "at"),
    (Table::ReadingWindows, "from"),
    (Table::Volumes, "from"),
    (Table::Surveys, "sent_at"),
    (Table::Costs, "from"),
    (Table::ContinuityTests, "at"),
];

/// Returns a finding for each table with rows of the period whose tool knew of them no sooner than as-of.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn findings(context: &Context<'_>) -> PolarsResult<Vec<Finding>> {
    let window = context.window;
    let (start, end, as_of) = (window.start * 1_000, window.end.min(window.as_of) * 1_000, window.as_of * 1_000);
    let mut findings = Vec::new();
    for (table, at) in COUNTED {
        let Some(frame) = context.dataset.table(*table) else { continue };
        let known = frame.column("known_at")?;
        if known.null_count() == known.len() {
            continue;
        }
        let (known, at) = (milliseconds(frame, "known_at")?, milliseconds(frame, at)?);
        let late = known.iter().zip(&at).filter(|(known, at)| {
            known.is_some_and(|known| known >= as_of) && at.is_some_and(|at| start <= at && at < end)
        });
        let count = late.count() as u64;
        if count == 0 {
            continue;
        }
        let name = table.name();
        findings.push(Finding {
            id: format!("{name}.known_later"),
            kind: "known_later".into(),
            severity: Severity::Note,
            count,
            figures: Vec::new(),
            // Measured tables hold only what their figures look at; these rows may be in none of them.
            table: String::new(),
            filter: String::new(),
            text: format!(
                "{count} rows of {name} belong to the period, but by `known_at` their tool learned of them only after what is told here was known; they are counted as the tool has them."
            ),
        });
    }
    Ok(findings)
}
