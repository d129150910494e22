//! In which group each ticket began, for the first-time fix (`domain.md` §4.4).
//!
//! Knows tickets and the history of their groups. Must not know periods or figures.

use super::history::TicketRows;
use super::ticket_state::{seconds, text};
use polars::prelude::*;
use std::collections::BTreeSet;

/// Where tickets began, held against the groups in which a first-time fix can happen.
#[derive(Debug)]
pub struct FirstGroups {
    /// By ticket: whether it began in one of the groups; `None` where nothing tells where it began.
    at_desk: Vec<Option<bool>>,
    /// Groups of the setting that no ticket and no change of group names.
    pub unknown: Vec<String>,
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

impl FirstGroups {
    /// Finds the first group of each ticket; nothing is looked at where no group is named.
    ///
    /// A ticket's first group is what its first change of group came from, or went to where it came from none. Without
    /// such a change it is the group of today, if the tool counts no reassignment.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(tickets: &DataFrame, events: Option<&DataFrame>, groups: &[String]) -> PolarsResult<Self> {
        if groups.is_empty() {
            return Ok(Self { at_desk: Vec::new(), unknown: Vec::new() });
        }
        let named: BTreeSet<String> = groups.iter().map(|name| folded(name)).collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut at_desk = |group: Option<&str>| {
            let group = folded(group?);
            let at_desk = named.contains(&group);
            if at_desk {
                seen.insert(group);
            }
            Some(at_desk)
        };
        let (today, counter) = (text(tickets, "group")?, tickets.column("reassignment_count")?.i64()?);
        let mut firsts: Vec<Option<bool>> = today
            .iter()
            .zip(counter.iter())
            .map(|(group, moves)| at_desk(group).filter(|_| moves == Some(0)))
            .collect();
        if let Some(events) = events {
            let (source, ticket, field) = (text(events, "source")?, text(events, "ticket")?, text(events, "field")?);
            let rows = TicketRows::named_in(tickets, &[ticket])?;
            let (from, to) = (text(events, "from")?, text(events, "to")?);
            let (at, seq) = (seconds(events, "at")?, events.column("seq")?.i64()?);
            let mut earliest: Vec<Option<(i64, i64)>> = vec![None; tickets.height()];
            for event in (0..events.height()).filter(|event| field.get(*event) == Some("group")) {
                let row = rows.find(source.get(event).unwrap_or(""), ticket.get(event).unwrap_or(""));
                let (Some(row), Some(at)) = (row, at[event]) else { continue };
                let (came_from, went_to) = (at_desk(from.get(event)), at_desk(to.get(event)));
                let order = (at, seq.get(event).unwrap_or(0));
                if earliest[row].is_none_or(|known| order < known) {
                    earliest[row] = Some(order);
                    firsts[row] = came_from.or(went_to);
                }
            }
        }
        let unknown = groups.iter().filter(|name| !seen.contains(&folded(name))).cloned().collect();
        Ok(Self { at_desk: firsts, unknown })
    }

    /// Tells whether a ticket began in one of the groups; `None` where nothing tells, or no group is named.
    pub fn at_desk(&self, row: usize) -> Option<bool> {
        self.at_desk.get(row).copied().flatten()
    }

    /// Tells whether the first group of any ticket is known.
    pub fn told(&self) -> bool {
        self.at_desk.iter().any(Option::is_some)
    }

    /// Tells whether any group is named.
    pub fn configured(&self) -> bool {
        !self.at_desk.is_empty()
    }
}
