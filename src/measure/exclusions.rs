//! What is left out of figures by decision (rule R18): tickets out of SLA clocks, time out of availability.
//!
//! A row has an effect from its approval on, and never before: what was approved later than the instant that is asked
//! about is not known yet. Must not compute figures.

use super::Context;
use super::history::TicketRows;
use super::names::{Names, Of};
use super::ticket_state::{milliseconds, text};
use crate::calendar::Span;
use crate::model::{Dataset, Finding, Severity, Table};
use polars::prelude::*;
use std::collections::HashMap;

/// The exclusions of a book.
#[derive(Debug, Default)]
pub struct Exclusions {
    frame: Option<DataFrame>,
    rows: Vec<Exclusion>,
}

#[derive(Debug)]
struct Exclusion {
    what: What,
    /// Epoch milliseconds.
    approved: Option<i64>,
}

#[derive(Debug)]
enum What {
    /// The SLA clocks of the ticket of a row.
    Ticket(usize),
    /// Time of a service, or of every service, in epoch milliseconds.
    Time { service: Option<String>, span: Span, why: String },
    /// A ticket that no source knows.
    UnknownTicket,
    /// Time of a service that the catalogue does not know.
    UnknownService(Span),
    /// No figure that exclusions are for.
    Nothing,
}

impl Exclusions {
    /// Reads the table and finds the tickets that it names.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn read(dataset: &Dataset, names: &Names) -> PolarsResult<Self> {
        let Some(frame) = dataset.table(Table::Exclusions) else { return Ok(Self::default()) };
        let (figure, source) = (text(frame, "figure")?, text(frame, "source")?);
        let (service, ticket, why) = (text(frame, "service")?, text(frame, "ticket")?, text(frame, "why")?);
        let tickets = dataset.table(Table::Tickets);
        let rows = tickets.map(|tickets| TicketRows::named_in(tickets, &[ticket])).transpose()?;
        let (from, to) = (milliseconds(frame, "from")?, milliseconds(frame, "to")?);
        let approved = milliseconds(frame, "approved_at")?;
        let what = |row: usize| match figure.get(row) {
            Some("sla") => {
                let key = ticket.get(row).unwrap_or("");
                let found = rows.as_ref().and_then(|rows| rows.find(source.get(row).unwrap_or(""), key));
                found.map_or(What::UnknownTicket, What::Ticket)
            }
            Some("availability") => {
                // Without both ends there is no time to leave out.
                let span = Span::new(from[row].unwrap_or(0), to[row].unwrap_or(0));
                let why = why.get(row).unwrap_or("").to_owned();
                match service.get(row).map(|name| names.find(Of::Service, name)) {
                    Some(None) => What::UnknownService(span),
                    Some(Some(id)) => What::Time { service: Some(id.to_owned()), span, why },
                    None => What::Time { service: None, span, why },
                }
            }
            _ => What::Nothing,
        };
        let read = (0..frame.height()).map(|row| Exclusion { what: what(row), approved: approved[row] }).collect();
        Ok(Self { frame: Some(frame.clone()), rows: read })
    }

    /// Returns the ticket rows that are left out, each with the first approval in epoch milliseconds.
    pub fn tickets(&self) -> HashMap<usize, i64> {
        let mut tickets = HashMap::new();
        for exclusion in &self.rows {
            if let (What::Ticket(row), Some(approved)) = (&exclusion.what, exclusion.approved) {
                let first = tickets.entry(*row).or_insert(approved);
                *first = approved.min(*first);
            }
        }
        tickets
    }

    /// Returns the spans that are left out of a service's availability with their reasons, as approved before an
    /// instant. All in epoch milliseconds; empty and reversed spans are not among them.
    pub fn spans_of(&self, service: &str, as_of: i64) -> Vec<(Span, String)> {
        let approved = self.rows.iter().filter(|exclusion| exclusion.approved.is_some_and(|at| at < as_of));
        let spans = approved.filter_map(|exclusion| match &exclusion.what {
            What::Time { service: of, span, why }
                if of.as_deref().is_none_or(|id| id == service) && !span.is_empty() =>
            {
                Some((*span, why.clone()))
            }
            _ => None,
        });
        spans.collect()
    }

    /// Returns the table with the columns of a period: whether a row belongs to it, what it names is known, it is
    /// approved, and that after the end of the period. `touched` tells of a ticket row.
    ///
    /// # Errors
    /// A polars error where columns do not fit together, which is a fault of this module.
    pub fn measured(&self, context: &Context<'_>, touched: &dyn Fn(usize) -> bool) -> PolarsResult<Option<DataFrame>> {
        let Some(frame) = &self.frame else { return Ok(None) };
        let window = context.window;
        let period = Span::new(window.start * 1_000, window.end.min(window.as_of.max(window.start)) * 1_000);
        let overlaps = |span: &Span| !span.intersect(period).is_empty();
        let flag = |name: &str, of: &dyn Fn(&Exclusion) -> bool| {
            Column::new(name.into(), self.rows.iter().map(of).collect::<Vec<bool>>())
        };
        let approved = |exclusion: &Exclusion| exclusion.approved.is_some_and(|at| at < window.as_of * 1_000);
        let mut frame = frame.clone();
        frame.with_column(flag("in_period", &|exclusion| match &exclusion.what {
            What::Ticket(row) => touched(*row),
            What::Time { span, .. } | What::UnknownService(span) => overlaps(span),
            What::UnknownTicket => true,
            What::Nothing => false,
        }))?;
        frame.with_column(flag("unknown", &|exclusion| {
            matches!(exclusion.what, What::UnknownTicket | What::UnknownService(_))
        }))?;
        frame.with_column(flag("approved_as_of", &approved))?;
        frame.with_column(flag("approved_late", &|exclusion| {
            approved(exclusion) && exclusion.approved.is_some_and(|at| at >= window.end * 1_000)
        }))?;
        Ok(Some(frame))
    }
}

struct Rule {
    kind: &'static str,
    severity: Severity,
    filter: &'static str,
    rows: fn() -> Expr,
    text: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        kind: "exclusion_not_approved",
        severity: Severity::Note,
        filter: "in_period AND approved_as_of = false",
        rows: || col("in_period").and(col("approved_as_of").not()),
        text: "not approved by then; without effect. Enter `approved_by` and `approved_at` when they are.",
    },
    Rule {
        kind: "exclusion_late",
        severity: Severity::Warning,
        filter: "in_period AND approved_late",
        rows: || col("in_period").and(col("approved_late")),
        text: "approved after the end of the period; they change figures that may have been reported already.",
    },
    Rule {
        kind: "exclusion_unknown",
        severity: Severity::Warning,
        filter: "in_period AND unknown",
        rows: || col("in_period").and(col("unknown")),
        text: "of a ticket or service that nothing knows; without effect. Write the ticket's `source_key`, or an id, name or alias of the service.",
    },
];

/// Returns the findings of the measured table of exclusions.
///
/// # Errors
/// A polars error where the table lacks a column, which is a fault of this room.
pub fn findings(measured: &DataFrame) -> PolarsResult<Vec<Finding>> {
    let mut findings = Vec::new();
    for rule in RULES {
        let counted = measured.clone().lazy().select([(rule.rows)().cast(DataType::UInt64).sum().alias("n")]);
        let count = counted.collect()?.column("n")?.u64()?.get(0).unwrap_or(0);
        if count > 0 {
            let verb = if count == 1 { "exclusion is" } else { "exclusions are" };
            findings.push(Finding {
                id: format!("exclusions.{}", rule.kind),
                kind: rule.kind.to_owned(),
                severity: rule.severity,
                count,
                figures: vec!["sla.response".into(), "sla.resolution".into(), "availability.percent".into()],
                table: "exclusions".into(),
                filter: rule.filter.to_owned(),
                text: format!("{count} {verb} {}", rule.text),
            });
        }
    }
    Ok(findings)
}
