//! Links between tickets: which rows of `tickets` each row of `links` ties together.
//!
//! Knows keys and kinds. Must not know what a figure makes of a link.

use super::Context;
use super::history::TicketRows;
use super::ticket_state::{milliseconds, text};
use crate::model::{Dataset, Finding, Severity, Table};
use polars::prelude::*;

/// One link. `from` and `to` are rows of the book's tickets, `None` where no ticket has that key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The canonical word, as `caused_by`.
    pub kind: String,
    /// The ticket that the link leads from.
    pub from: Option<usize>,
    /// The ticket that it leads to.
    pub to: Option<usize>,
    /// When the tool learned of it, in epoch milliseconds.
    pub known_at: Option<i64>,
}

/// Kinds whose both ends are tickets.
const BETWEEN_TICKETS: [&str; 5] = ["caused_by", "fixes", "duplicate", "parent", "part_of"];

impl Link {
    /// Tells whether it ties two tickets of which one is not in the book.
    fn dangles(&self) -> bool {
        BETWEEN_TICKETS.contains(&self.kind.as_str()) && (self.from.is_none() || self.to.is_none())
    }
}

/// Reads the links in the order of their table. A ticket is found by source and key, else by a key that only one
/// ticket of the book has.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn read(dataset: &Dataset) -> PolarsResult<Vec<Link>> {
    let Some(frame) = dataset.table(Table::Links).filter(|frame| frame.height() > 0) else { return Ok(Vec::new()) };
    let (source, kind) = (text(frame, "source")?, text(frame, "kind")?);
    let (from, to, known_at) = (text(frame, "from")?, text(frame, "to")?, milliseconds(frame, "known_at")?);
    let tickets = dataset.table(Table::Tickets);
    let tickets = tickets.map(|tickets| TicketRows::named_in(tickets, &[from, to])).transpose()?;
    let find = |row: usize, key: Option<&str>| tickets.as_ref()?.find(source.get(row).unwrap_or(""), key?);
    let links = (0..frame.height()).map(|row| Link {
        kind: kind.get(row).unwrap_or("").to_owned(),
        from: find(row, from.get(row)),
        to: find(row, to.get(row)),
        known_at: known_at[row],
    });
    Ok(links.collect())
}

/// Returns the table `links` with its measured column: `dangles`, where one of two tickets is not in the book.
///
/// # Errors
/// A polars error where the column does not fit, which is a fault of this room.
pub fn measured(frame: &DataFrame, links: &[Link]) -> PolarsResult<DataFrame> {
    let mut frame = frame.clone();
    frame.with_column(Column::new("dangles".into(), links.iter().map(Link::dangles).collect::<Vec<_>>()))?;
    Ok(frame)
}

/// Tells of links to tickets that are not in the book: what they would tie together is counted nowhere.
pub fn finding(context: &Context<'_>, links: &[Link]) -> Option<Finding> {
    let count = links.iter().filter(|link| link.dangles()).count() as u64;
    (count > 0 && context.dataset.table(Table::Links).is_some()).then(|| Finding {
        id: "links.link_without_ticket".into(),
        kind: "link_without_ticket".into(),
        severity: Severity::Note,
        count,
        figures: vec!["change.success".into(), "change.caused_incidents".into()],
        table: "links".into(),
        filter: "dangles".into(),
        text: format!(
            "{count} links tie a ticket to one that is not in the book; they are used in no figure. Export both tickets, or check the keys."
        ),
    })
}
