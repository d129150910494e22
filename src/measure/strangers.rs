//! Names in rows that the book does not know: services, customers and resources that map to nothing.
//!
//! Tickets are not looked at here; their findings come with their measured columns.

use super::Context;
use super::names::{Names, Of};
use super::ticket_state::{seconds, text};
use crate::model::{Finding, Severity, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Tables whose rows name a service or a customer, and the instant by which a row belongs to a period.
const NAMING: &[(Table, &str, Of)] = &[
    (Table::Outages, "start", Of::Service),
    (Table::Maintenance, "planned_start", Of::Service),
    (Table::Checks, "at", Of::Service),
    (Table::Volumes, "from", Of::Service),
    (Table::Volumes, "from", Of::Customer),
    (Table::Costs, "from", Of::Service),
    (Table::Surveys, "sent_at", Of::Service),
    (Table::Surveys, "sent_at", Of::Customer),
];

/// Returns the findings of a period's rows whose service, customer or resource the book does not know.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn findings(context: &Context<'_>, names: &Names) -> PolarsResult<Vec<Finding>> {
    let mut findings = Vec::new();
    for (table, at, of) in NAMING {
        let Some(frame) = context.dataset.table(*table) else { continue };
        let (column, kind) = match of {
            Of::Service => ("service", "unknown_service"),
            Of::Customer => ("customer", "unknown_customer"),
        };
        let unknown = counted(context, frame, at, column, |name| names.find(*of, name).is_none())?;
        if unknown.is_empty() {
            continue;
        }
        let count: u64 = unknown.values().sum();
        findings.push(Finding {
            text: format!(
                "{count} rows of {0} name a {column} that is not in the catalogue; in no figure of a {column}. {1} Add the name to `aliases = [...]` of its [[{column}]], or a [[{column}]] with it.",
                table.name(),
                listed(&unknown),
            ),
            ..finding(kind, *table, count, Severity::Warning)
        });
    }
    Ok(findings)
}

/// Returns the findings of readings, and of windows of them, whose resource the book does not name, from their counts by
/// resource.
pub fn of_readings(unknown: &BTreeMap<Table, BTreeMap<String, u64>>) -> Vec<Finding> {
    let found = |(table, unknown): (&Table, &BTreeMap<String, u64>)| {
        let count: u64 = unknown.values().sum();
        let (rows, kind) = match table {
            Table::ReadingWindows => ("windows of readings", "reading_window_without_resource"),
            _ => ("readings", "reading_without_resource"),
        };
        Finding {
            text: format!(
                "{count} {rows} are of a resource without a threshold; in no share over it and no forecast. {} Add a [[resource]] with that id and metric.",
                listed(unknown),
            ),
            ..finding(kind, *table, count, Severity::Note)
        }
    };
    unknown.iter().map(found).collect()
}

fn finding(kind: &str, table: Table, count: u64, severity: Severity) -> Finding {
    Finding {
        id: format!("{}.{kind}", table.name()),
        kind: kind.to_owned(),
        severity,
        count,
        figures: Vec::new(),
        // Measured tables hold what the catalogue knows; these rows are in none of them.
        table: String::new(),
        filter: String::new(),
        text: String::new(),
    }
}

/// Counts the names of a column that are strange, in rows of the period.
fn counted(
    context: &Context<'_>,
    frame: &DataFrame,
    at: &str,
    column: &str,
    strange: impl Fn(&str) -> bool,
) -> PolarsResult<BTreeMap<String, u64>> {
    let window = context.window;
    let (at, names) = (seconds(frame, at)?, text(frame, column)?);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for (row, at) in at.iter().enumerate() {
        let within = at.is_some_and(|at| window.start <= at && at < window.end.min(window.as_of));
        if let (true, Some(name)) = (within, names.get(row))
            && strange(name)
        {
            *found.entry(name.to_owned()).or_default() += 1;
        }
    }
    Ok(found)
}

/// Lists names with their counts, the first few of them.
pub fn listed(unknown: &BTreeMap<String, u64>) -> String {
    let list: Vec<String> =
        unknown.iter().take(5).map(|(name, count)| format!("{:?} ({count})", crate::text::screen_str(name))).collect();
    let more = unknown.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Names: {}{more}.", list.join(", "))
}
