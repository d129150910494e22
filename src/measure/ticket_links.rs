//! What tickets are linked to: the problems behind incidents, and the originals of duplicates (rule R19).
//!
//! Knows tickets and the table of links. Must not know periods or figures. A link is known from `known_at` on, where
//! the tool tells it, else always.

use super::Context;
use super::history::TicketRows;
use super::ticket_state::{seconds, text};
use crate::model::catalogue::Duplicates;
use crate::model::{Finding, Severity, Table};
use polars::prelude::*;
use std::collections::HashMap;

/// The links of a book's tickets, by row of the ticket.
#[derive(Debug, Default)]
pub struct TicketLinks {
    /// Problems that a ticket was caused by, with the second from which that is known.
    causes: HashMap<usize, Vec<(usize, i64)>>,
    /// From when on a ticket is known to be linked to any problem, in either direction.
    to_problem: HashMap<usize, i64>,
    /// The ticket that stands for this one, as the link says, with the second from which that is known.
    original: HashMap<usize, (usize, i64)>,
    /// Whether any link names a problem at all.
    names_problems: bool,
}

impl TicketLinks {
    /// Finds both ends of each link; links to what is no ticket of the book are of no use here.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(tickets: &DataFrame, links: Option<&DataFrame>) -> PolarsResult<Self> {
        let mut found = Self::default();
        let Some(links) = links.filter(|links| links.height() > 0) else { return Ok(found) };
        let types = text(tickets, "type")?;
        let source = text(links, "source")?;
        let (from, to, kind) = (text(links, "from")?, text(links, "to")?, text(links, "kind")?);
        let rows = TicketRows::named_in(tickets, &[from, to])?;
        let known = seconds(links, "known_at")?;
        // Names order tickets, never rows: the order of a file must not decide which of two stays.
        let (sources, keys) = (text(tickets, "source")?, text(tickets, "source_key")?);
        let name = |row: usize| (sources.get(row), keys.get(row));
        for link in 0..links.height() {
            let end = |end: &StringChunked| rows.find(source.get(link).unwrap_or(""), end.get(link)?);
            let (Some(from), Some(to)) = (end(from), end(to)) else { continue };
            let since = known[link].unwrap_or(i64::MIN);
            let is_problem = |row: usize| types.get(row) == Some("problem");
            if kind.get(link) == Some("caused_by") && is_problem(to) {
                found.causes.entry(from).or_default().push((to, since));
            }
            for (ticket, other) in [(from, to), (to, from)] {
                if is_problem(other) {
                    found.names_problems = true;
                    found.to_problem.entry(ticket).and_modify(|known| *known = since.min(*known)).or_insert(since);
                }
            }
            // An incident below a problem or a change is work of its own; below an incident it says the same again.
            let says_again = match kind.get(link) {
                Some("duplicate") => true,
                Some("parent") => types.get(from) == types.get(to),
                _ => false,
            };
            if says_again && from != to {
                let entry = found.original.entry(from).or_insert((to, since));
                if (since, name(to)) < (entry.1, name(entry.0)) {
                    *entry = (to, since);
                }
            }
        }
        let mut named: Vec<usize> = found.original.keys().copied().collect();
        named.sort_by_key(|row| name(*row));
        found.break_rings(&named);
        Ok(found)
    }

    /// Of tickets that are duplicates of each other in a ring, one must stay: the first of these in order.
    ///
    /// Each ticket has one original at most, so that whoever follows them from ticket to ticket comes into one ring or
    /// none; no ticket is followed twice.
    fn break_rings(&mut self, in_order: &[usize]) {
        // Which walk came by a ticket; each walk is named after the place at which it began.
        let mut walked: HashMap<usize, usize> = HashMap::with_capacity(in_order.len());
        let places: HashMap<usize, usize> = in_order.iter().copied().zip(0..).collect();
        for (walk, start) in in_order.iter().copied().enumerate() {
            let mut at = start;
            while let (None, Some((next, _))) = (walked.get(&at), self.original.get(&at)) {
                walked.insert(at, walk);
                at = *next;
            }
            if walked.get(&at) != Some(&walk) {
                continue;
            }
            // Back where this walk had been: `at` is in a ring.
            let (mut first, entered) = (at, at);
            while let Some((next, _)) = self.original.get(&at).filter(|(next, _)| *next != entered) {
                at = *next;
                if places.get(&at) < places.get(&first) {
                    first = at;
                }
            }
            self.original.remove(&first);
        }
    }

    /// Returns the row of the ticket that a ticket is a duplicate or child of, as far as known before `as_of`.
    pub fn original(&self, row: usize, as_of: i64) -> Option<usize> {
        self.original.get(&row).filter(|(_, since)| *since < as_of).map(|(original, _)| *original)
    }

    /// Returns the problems that a ticket was caused by, as far as known before `as_of`.
    pub fn causes(&self, row: usize, as_of: i64) -> impl Iterator<Item = usize> {
        let causes = self.causes.get(&row).into_iter().flatten();
        causes.filter(move |(_, since)| *since < as_of).map(|(problem, _)| *problem)
    }

    /// Tells whether a ticket is linked to a problem, as far as known before `as_of`.
    pub fn to_problem(&self, row: usize, as_of: i64) -> bool {
        self.to_problem.get(&row).is_some_and(|since| *since < as_of)
    }

    /// Tells whether any link of the book names a problem.
    pub fn names_problems(&self) -> bool {
        self.names_problems
    }
}

/// Takes duplicates out of every figure: whatever the period sees in them is false, they moved
/// nowhere, and no reason leaves them out. The rows stay, so that the finding can give them back.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn without_duplicates(measured: DataFrame, columns: &[PlSmallStr]) -> PolarsResult<DataFrame> {
    let blanked = columns.iter().filter_map(|name| {
        let of = col(name.clone());
        let dropped = when(col("dropped"));
        match measured.column(name).ok()?.dtype() {
            _ if matches!(name.as_str(), "duplicate" | "dropped") => None,
            DataType::Boolean => Some(dropped.then(lit(false)).otherwise(of).alias(name.clone())),
            // The only numbers that are conditions by themselves.
            _ if matches!(name.as_str(), "left_times" | "returned_times") => {
                Some(dropped.then(lit(0_i64)).otherwise(of).alias(name.clone()))
            }
            DataType::String if name.ends_with("_left_out") => {
                Some(dropped.then(lit(NULL)).otherwise(of).cast(DataType::String).alias(name.clone()))
            }
            _ => None,
        }
    });
    let blanked: Vec<Expr> = blanked.collect();
    measured.lazy().with_columns(blanked).collect()
}

/// Tells how many tickets of the period are duplicates or children of others, and whether they count.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn finding(context: &Context<'_>, measured: &DataFrame) -> PolarsResult<Option<Finding>> {
    let count = measured.column("duplicate")?.bool()?.sum().unwrap_or(0);
    if count == 0 {
        return Ok(None);
    }
    let rule = match context.catalogue.settings.duplicates {
        Duplicates::Count => {
            "they count as tickets of their own. `duplicates = \"drop\"` in [figures] takes them out of every figure"
        }
        Duplicates::Drop => "they are in no figure of tickets, by `duplicates = \"drop\"` in [figures]",
    };
    Ok(Some(Finding {
        id: "tickets.duplicate_tickets".into(),
        kind: "duplicate_tickets".into(),
        severity: Severity::Note,
        count: u64::from(count),
        figures: vec!["tickets.opened".into(), "tickets.backlog".into(), "sla.resolution".into()],
        table: Table::Tickets.name().into(),
        filter: "duplicate".into(),
        text: format!("{count} tickets are linked as duplicates or children of another ticket; {rule}."),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tickets A, B and C (incidents) and P (a problem), with links written `from kind to`.
    fn linked(links: &[&str]) -> TicketLinks {
        let in_desk = |frame: DataFrame| frame.lazy().with_column(lit("desk").alias("source")).collect().unwrap();
        let tickets =
            df!("source_key" => ["A", "B", "C", "P"], "type" => ["incident", "incident", "incident", "problem"]);
        let tickets = Table::Tickets.conform(&in_desk(tickets.unwrap())).unwrap();
        let word = |at: usize| links.iter().map(|link| link.split(' ').nth(at).unwrap()).collect::<Vec<_>>();
        let rows = df!("from" => word(0), "kind" => word(1), "to" => word(2)).unwrap();
        TicketLinks::new(&tickets, Some(&Table::Links.conform(&in_desk(rows)).unwrap())).unwrap()
    }

    fn originals(links: &[&str]) -> [Option<usize>; 4] {
        let linked = linked(links);
        [0, 1, 2, 3].map(|row| linked.original(row, 0))
    }

    #[test]
    fn a_duplicate_and_a_child_have_an_original_and_other_links_make_none() {
        assert_eq!(originals(&["B duplicate A", "C parent A", "A caused_by P"]), [None, Some(0), Some(0), None]);
        assert_eq!(originals(&["A parent P"]), [None; 4]);
    }

    #[test]
    fn a_link_to_a_ticket_that_the_book_does_not_hold_makes_no_duplicate() {
        assert_eq!(originals(&["B duplicate GONE", "B duplicate B"]), [None; 4]);
    }

    #[test]
    fn of_tickets_that_call_each_other_duplicates_the_first_by_name_stays() {
        assert_eq!(originals(&["A duplicate B", "B duplicate A"]), [None, Some(0), None, None]);
        assert_eq!(originals(&["A duplicate B", "B duplicate C", "C duplicate A"]), [None, Some(2), Some(0), None]);
        // What leads into a ring is no part of it.
        assert_eq!(originals(&["A duplicate B", "B duplicate C", "C duplicate B"]), [Some(1), None, Some(1), None]);
    }

    #[test]
    fn a_ring_and_a_long_way_into_it_are_followed_once_and_not_from_every_ticket() {
        // 40,000 tickets in a ring, and 40,000 one after the other into it: followed from each, these are a billion steps.
        const LEN: usize = 40_000;
        let next = |row: usize| if (row + 1).is_multiple_of(LEN) { 0 } else { row + 1 };
        let original = (0..2 * LEN).map(|row| (row, (next(row), 0))).collect();
        let mut links = TicketLinks { original, ..TicketLinks::default() };
        let in_order: Vec<usize> = (0..2 * LEN).collect();
        let begun = std::time::Instant::now();
        links.break_rings(&in_order);
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        assert_eq!((links.original.len(), links.original(0, 1)), (2 * LEN - 1, None));
    }

    #[test]
    fn the_order_of_the_links_decides_nothing() {
        let one = originals(&["C duplicate A", "C parent B", "A duplicate B"]);
        let other = originals(&["A duplicate B", "C parent B", "C duplicate A"]);
        assert_eq!(one, other);
    }

    #[test]
    fn problems_are_found_from_either_end_and_causes_from_one() {
        let linked = linked(&["A caused_by P", "P parent B"]);
        assert_eq!([0, 1, 2].map(|row| linked.to_problem(row, 0)), [true, true, false]);
        assert_eq!([0, 1, 2].map(|row| linked.causes(row, 0).count()), [1, 0, 0]);
        assert!(linked.names_problems());
    }
}
