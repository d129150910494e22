//! Events of tickets to tickets and their history.
//!
//! A ticket's row is its last event's row. Events are ordered by the tool's own sequence, then by their place in the
//! file: times alone tie within a minute and give a wrong last event. Must not know files.

use super::manifest::EventsPlan;
use crate::model::{ColumnType, Finding, Severity, Table};
use polars::prelude::{
    Column, DataFrame, IdxCa, IdxSize, Int64Chunked, IntoColumn, NewChunkedArray, PolarsResult, StringChunked,
    StringChunkedBuilder,
};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Tickets, their history, and what was found on the way.
pub struct Folded {
    /// One row a ticket, in the order of first appearance.
    pub tickets: DataFrame,
    /// One row a change of a tracked column.
    pub events: DataFrame,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

/// Folds the rows of `frame`, one an event, with the events' times and places.
pub fn fold(
    frame: &DataFrame,
    at: &Column,
    sequence: Option<&Column>,
    plan: &EventsPlan,
    source: &str,
) -> PolarsResult<Folded> {
    let keys = frame.column(plan.key)?.str()?.rechunk().into_owned();
    let sequence = match sequence {
        Some(sequence) => Some(sequence.i64()?.rechunk().into_owned()),
        None => None,
    };
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    // For each event: ticket, place the tool gave it, row.
    let mut order: Vec<(usize, i64, usize)> = Vec::with_capacity(frame.height());
    let mut without_place = 0_u64;
    let mut unplaced: Vec<bool> = Vec::new();
    for row in 0..frame.height() {
        let Some(key) = keys.get(row) else { continue };
        let known = numbers.len();
        let ticket = *numbers.entry(key).or_insert(known);
        if ticket == known {
            unplaced.push(false);
        }
        let place = sequence.as_ref().map_or(Some(0), |sequence| sequence.get(row));
        if place.is_none() {
            without_place += 1;
            unplaced[ticket] = true;
        }
        order.push((ticket, place.unwrap_or(0), row));
    }
    for event in &mut order {
        if unplaced[event.0] {
            event.1 = 0;
        }
    }
    order.sort_unstable();

    let tickets = numbers.len();
    let mut last = vec![0; tickets];
    for (ticket, _, row) in &order {
        last[*ticket] = IdxSize::try_from(*row).unwrap_or(IdxSize::MAX);
    }
    let events = history(frame, &keys, at, &order, plan, source)?;
    let mut findings = Vec::new();
    if without_place > 0 {
        findings.push(Finding {
            id: format!("event_without_sequence/{source}"),
            kind: "event_without_sequence".into(),
            severity: Severity::Warning,
            count: without_place,
            figures: Vec::new(),
            table: Table::TicketEvents.name().into(),
            filter: String::new(),
            text: format!(
                "{without_place} events of source `{source}` have no sequence number; the events of their tickets keep the order of the file."
            ),
        });
    }
    Ok(Folded { tickets: frame.take(&IdxCa::from_vec("rows".into(), last))?, events, findings })
}

/// Makes a row for each change of a tracked column between neighbouring events of a ticket.
fn history(
    frame: &DataFrame,
    keys: &StringChunked,
    at: &Column,
    order: &[(usize, i64, usize)],
    plan: &EventsPlan,
    source: &str,
) -> PolarsResult<DataFrame> {
    let at = at.cast(&polars::prelude::DataType::Int64)?.i64()?.rechunk().into_owned();
    let text = |name: &str| StringChunkedBuilder::new(name.into(), 0);
    let (mut key, mut ticket) = (text("source_key"), text("ticket"));
    let (mut field, mut from, mut to) = (text("field"), text("from"), text("to"));
    let (mut times, mut seqs): (Vec<Option<i64>>, Vec<i64>) = (Vec::new(), Vec::new());
    let tracked = plan
        .track
        .iter()
        .map(|name| Ok((*name, frame.column(name)?.str()?.rechunk().into_owned())))
        .collect::<PolarsResult<Vec<_>>>()?;
    let mut scratch = String::new();
    let mut seq = 0;
    for (place, (number, _, row)) in order.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| order[before]).filter(|before| before.0 == *number);
        seq = if before.is_some() { seq + 1 } else { 0 };
        for (name, values) in &tracked {
            let old = before.and_then(|(_, _, row)| values.get(row));
            let new = values.get(*row);
            if old == new {
                continue;
            }
            let id = keys.get(*row).unwrap_or_default();
            scratch.clear();
            let _ = write!(scratch, "{id}:{seq}:{name}");
            key.append_value(&scratch);
            ticket.append_value(id);
            times.push(at.get(*row));
            seqs.push(seq);
            field.append_value(name);
            from.append_option(old);
            to.append_option(new);
        }
    }
    let rows = seqs.len();
    let columns = vec![
        Column::new("source".into(), vec![source; rows]),
        key.finish().into_column(),
        ticket.finish().into_column(),
        Int64Chunked::from_slice_options("at".into(), &times).into_column().cast(&ColumnType::Instant.dtype())?,
        Int64Chunked::from_vec("seq".into(), seqs).into_column(),
        field.finish().into_column(),
        from.finish().into_column(),
        to.finish().into_column(),
    ];
    Table::TicketEvents.conform(&DataFrame::new(rows, columns)?)
}
