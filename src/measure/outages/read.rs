//! Outages, maintenance, checks and coverage from the rows of their tables.
//!
//! Knows the columns of the canonical tables. Must not know periods or figures.

use super::{BACKWARDS, Check, Maintenance, Origin, Outage, ServiceState};
use crate::calendar::Span;
use crate::measure::names::{Names, Of};
use crate::measure::ticket_state::{milliseconds, text};
use crate::model::{Catalogue, Dataset, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Reads outages, maintenance, checks and coverage of every service of the catalogue.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn read(dataset: &Dataset, catalogue: &Catalogue, names: &Names) -> PolarsResult<BTreeMap<String, ServiceState>> {
    let mut services: BTreeMap<String, ServiceState> =
        catalogue.services.iter().map(|service| (service.id.clone(), ServiceState::default())).collect();
    if let Some(frame) = dataset.table(Table::Outages) {
        read_register(frame, names, &mut services)?;
    }
    if let Some(frame) = dataset.table(Table::Maintenance) {
        read_maintenance(frame, names, &mut services)?;
    }
    if let Some(frame) = dataset.table(Table::Checks) {
        let (source, service, monitor) = (text(frame, "source")?, text(frame, "service")?, text(frame, "monitor")?);
        let (at, up) = (milliseconds(frame, "at")?, frame.column("up")?.bool()?.clone());
        let watched = milliseconds(frame, "watched_from")?;
        for row in 0..frame.height() {
            let id = service.get(row).and_then(|name| names.find(Of::Service, name));
            let (Some(state), Some(at), Some(up)) = (id.and_then(|id| services.get_mut(id)), at[row], up.get(row))
            else {
                continue;
            };
            let key = (source.get(row).unwrap_or("").to_owned(), monitor.get(row).unwrap_or("").to_owned());
            state.monitors.entry(key).or_default().push(Check { at, up, watched_from: watched[row] });
        }
        for state in services.values_mut() {
            // A stable sort: of two checks at one instant the later record holds.
            state.monitors.values_mut().for_each(|checks| checks.sort_by_key(|check| check.at));
        }
    }
    let milliseconds = |stamp: &str| chrono::DateTime::parse_from_rfc3339(stamp).map(|at| at.timestamp_millis()).ok();
    let pulled: BTreeMap<String, i64> = dataset
        .receipts_of(Table::Checks)
        .into_iter()
        .filter_map(|receipt| Some((receipt.source.clone(), milliseconds(&receipt.pulled_at)?)))
        .collect();
    for state in services.values_mut() {
        state.pulled.clone_from(&pulled);
    }
    read_declarations(dataset, catalogue, names, &mut services)?;
    Ok(services)
}

fn read_register(frame: &DataFrame, names: &Names, services: &mut BTreeMap<String, ServiceState>) -> PolarsResult<()> {
    let (source, key, service) = (text(frame, "source")?, text(frame, "source_key")?, text(frame, "service")?);
    let (start, end) = (milliseconds(frame, "start")?, milliseconds(frame, "end")?);
    let (kind, cause, ticket) = (text(frame, "kind")?, text(frame, "cause")?, text(frame, "ticket")?);
    let weight = frame.column("weight")?.f64()?.clone();
    let (users, acknowledged) =
        (frame.column("users_affected")?.i64()?.clone(), milliseconds(frame, "acknowledged_at")?);
    let known = milliseconds(frame, "known_at")?;
    for row in 0..frame.height() {
        let id = service.get(row).and_then(|name| names.find(Of::Service, name));
        let (Some(state), Some(start)) = (id.and_then(|id| services.get_mut(id)), start[row]) else { continue };
        let kind = kind.get(row).unwrap_or("unplanned");
        let default = if kind == "degraded" { 0.5 } else { 1.0 };
        let backwards = end[row].is_some_and(|end| end < start);
        state.register.push(Outage {
            start,
            end: end[row],
            weight: thousandths(weight.get(row).unwrap_or(default)),
            kind: kind.to_owned(),
            origin: Origin::Register,
            source: (source.get(row).unwrap_or("").to_owned(), key.get(row).unwrap_or("").to_owned()),
            cause: cause.get(row).map(str::to_owned),
            ticket: ticket.get(row).map(str::to_owned),
            users_affected: users.get(row),
            acknowledged: acknowledged[row],
            known_at: known[row],
            left_out: backwards.then(|| BACKWARDS.to_owned()),
        });
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a weight is clamped to 0..=1")]
fn thousandths(weight: f64) -> i64 {
    (weight.clamp(0.0, 1.0) * 1_000.0).round_ties_even() as i64
}

fn read_maintenance(
    frame: &DataFrame,
    names: &Names,
    services: &mut BTreeMap<String, ServiceState>,
) -> PolarsResult<()> {
    let (source, key, service) = (text(frame, "source")?, text(frame, "source_key")?, text(frame, "service")?);
    let (planned_start, planned_end) = (milliseconds(frame, "planned_start")?, milliseconds(frame, "planned_end")?);
    let (actual_start, actual_end) = (milliseconds(frame, "actual_start")?, milliseconds(frame, "actual_end")?);
    let (announced, change) = (milliseconds(frame, "announced_at")?, text(frame, "change")?);
    let known = milliseconds(frame, "known_at")?;
    for row in 0..frame.height() {
        let id = service.get(row).and_then(|name| names.find(Of::Service, name));
        let Some(state) = id.and_then(|id| services.get_mut(id)) else { continue };
        let (Some(start), Some(end)) = (planned_start[row], planned_end[row]) else { continue };
        state.maintenance.push(Maintenance {
            planned: Span { start, end },
            actual_start: actual_start[row],
            actual_end: actual_end[row],
            announced: announced[row],
            known_at: known[row],
            source: (source.get(row).unwrap_or("").to_owned(), key.get(row).unwrap_or("").to_owned()),
            change: change.get(row).map(str::to_owned),
            backwards: end < start
                || matches!((actual_start[row], actual_end[row]), (Some(from), Some(to)) if to < from),
        });
    }
    Ok(())
}

/// Collects declared coverage: rows of the coverage table, and registers whose owner declares them complete.
fn read_declarations(
    dataset: &Dataset,
    catalogue: &Catalogue,
    names: &Names,
    services: &mut BTreeMap<String, ServiceState>,
) -> PolarsResult<()> {
    if let Some(frame) = dataset.table(Table::Coverage) {
        let (service, kind) = (text(frame, "service")?, text(frame, "kind")?);
        let (from, to) = (milliseconds(frame, "from")?, milliseconds(frame, "to")?);
        for row in 0..frame.height() {
            let id = service.get(row).and_then(|name| names.find(Of::Service, name));
            if let (Some(state), Some(start), Some(end)) = (id.and_then(|id| services.get_mut(id)), from[row], to[row])
            {
                state.declared.push((Span { start, end }, kind.get(row) == Some("measured")));
                state.covered = true;
            }
        }
    }
    for asserted in &catalogue.asserted {
        let Some(receipt) = dataset.receipts().iter().find(|receipt| receipt.source == asserted.source) else {
            continue;
        };
        let Ok(pulled) = chrono::DateTime::parse_from_rfc3339(&receipt.pulled_at) else { continue };
        let first_row = services
            .values()
            .flat_map(|state| &state.register)
            .filter(|outage| outage.source.0 == asserted.source)
            .map(|outage| outage.start)
            .min();
        let from = asserted.from.map(|date| crate::model::period::midnight(date.0, catalogue.zone).timestamp_millis());
        let Some(start) = from.or(first_row) else { continue };
        for (id, state) in services.iter_mut() {
            if asserted.services.is_empty() || asserted.services.contains(id) {
                state.declared.push((Span { start, end: pulled.timestamp_millis() }, false));
            }
        }
    }
    Ok(())
}
