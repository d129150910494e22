//! What the tool itself says of a ticket's clocks (`domain.md` §4.3): its flag stands beside ours, never in its place.

use super::history::TicketRows;
use super::ticket_state::{milliseconds, text};
use polars::prelude::*;
use std::collections::HashMap;

/// Cycle and start of a clock: the greatest of a ticket is the one that counts.
type Rank = (Option<i64>, Option<i64>);

/// The tool's flags by ticket row: true says breached.
#[derive(Debug, Default)]
pub struct ToolFlags {
    response: HashMap<usize, Option<bool>>,
    resolution: HashMap<usize, Option<bool>>,
    /// The one flag of tickets whose tool has no clocks.
    of_ticket: Option<BooleanChunked>,
}

impl ToolFlags {
    /// Takes of each ticket and metric the clock that counts: not cancelled, with the highest cycle, started last.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(tickets: &DataFrame, clocks: Option<&DataFrame>) -> PolarsResult<Self> {
        let of_ticket = Some(tickets.column("tool_breached")?.bool()?.clone());
        let Some(clocks) = clocks else { return Ok(Self { of_ticket, ..Self::default() }) };
        let (source, ticket) = (text(clocks, "source")?, text(clocks, "ticket")?);
        let rows = TicketRows::named_in(tickets, &[ticket])?;
        let (kind, metric, stage) = (text(clocks, "kind")?, text(clocks, "metric")?, text(clocks, "stage")?);
        let (cycle, start) = (clocks.column("cycle")?.i64()?, milliseconds(clocks, "start")?);
        let breached = clocks.column("breached")?.bool()?;
        let mut latest: [HashMap<usize, (Rank, Option<bool>)>; 2] = Default::default();
        for (clock, start) in start.into_iter().enumerate() {
            let of_metric = match metric.get(clock) {
                Some("response") => &mut latest[0],
                Some("resolution") => &mut latest[1],
                _ => continue,
            };
            if matches!(kind.get(clock), Some("ola" | "uc")) || stage.get(clock) == Some("cancelled") {
                continue;
            }
            let found = rows.find(source.get(clock).unwrap_or(""), ticket.get(clock).unwrap_or(""));
            let Some(row) = found else { continue };
            let (rank, flag) = ((cycle.get(clock), start), breached.get(clock));
            let known = of_metric.entry(row).or_insert((rank, flag));
            if rank >= known.0 {
                *known = (rank, flag);
            }
        }
        let [response, resolution] =
            latest.map(|of_metric| of_metric.into_iter().map(|(row, (_, flag))| (row, flag)).collect());
        Ok(Self { response, resolution, of_ticket })
    }

    /// Returns the flag of a ticket's response clock.
    pub fn response(&self, row: usize) -> Option<bool> {
        self.response.get(&row).copied().flatten()
    }

    /// Returns the flag of a ticket's resolution clock; of a ticket without such a clock the flag of the ticket.
    pub fn resolution(&self, row: usize) -> Option<bool> {
        let of_ticket = || self.of_ticket.as_ref().and_then(|flags| flags.get(row));
        self.resolution.get(&row).copied().unwrap_or_else(of_ticket)
    }
}
