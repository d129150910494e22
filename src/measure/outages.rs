//! Outages, maintenance and knowledge of a service, as intervals: from registers, from checks, from declarations.
//!
//! Instants are epoch milliseconds: a state seen by a monitor begins and ends between two seconds, and cut off for
//! each outage of a month these parts are seen in the percentage.

use super::names::{Names, Of};
use super::ticket_state::{milliseconds, text};
use crate::calendar::{Span, Spans};
use crate::model::catalogue::HoldRule;
use crate::model::{Catalogue, Dataset, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Why an outage whose end lies before its start is left out (rule R8).
pub const BACKWARDS: &str = "ends before it starts";

/// Where an outage is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A row of an outage register.
    Register,
    /// Checks that found the service down.
    Checks,
    /// Maintenance outside its agreed window.
    Maintenance,
}

impl Origin {
    /// Returns the word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Checks => "checks",
            Self::Maintenance => "maintenance overrun",
        }
    }
}

/// One interruption or degradation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it started.
    pub start: i64,
    /// When it ended; `None` while it lasts.
    pub end: Option<i64>,
    /// Weight in thousandths.
    pub weight: i64,
    /// `unplanned` or `degraded`.
    pub kind: String,
    /// Where it is known from.
    pub origin: Origin,
    /// The source's id and the row's key there.
    pub source: (String, String),
    /// The cause, where it is known.
    pub cause: Option<String>,
    /// The ticket, where it is known.
    pub ticket: Option<String>,
    /// Why it is not counted, where it is not.
    pub left_out: Option<String>,
}

impl Outage {
    /// Returns its span, cut at as-of.
    pub fn span(&self, as_of: i64) -> Span {
        Span { start: self.start, end: self.end.unwrap_or(as_of).min(as_of) }
    }

    /// Makes the outage of maintenance outside its agreed window.
    pub fn overrun(maintenance: &Maintenance, span: Span) -> Self {
        Self {
            start: span.start,
            end: Some(span.end),
            weight: 1_000,
            kind: "unplanned".into(),
            origin: Origin::Maintenance,
            source: maintenance.source.clone(),
            cause: Some("maintenance outside its agreed window".into()),
            ticket: maintenance.change.clone(),
            left_out: None,
        }
    }
}

/// A maintenance window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// The announced window.
    pub planned: Span,
    /// When the work started; `None` when it did not take place.
    pub actual_start: Option<i64>,
    /// When it ended; `None` while it lasts.
    pub actual_end: Option<i64>,
    /// When it was announced.
    pub announced: Option<i64>,
    /// The source's id and the row's key there.
    pub source: (String, String),
    /// The change it belongs to.
    pub change: Option<String>,
}

impl Maintenance {
    /// Returns the span of the work, cut at as-of; `None` when it did not take place by then.
    pub fn actual(&self, as_of: i64) -> Option<Span> {
        let start = self.actual_start.filter(|start| *start <= as_of)?;
        let end = self.actual_end.unwrap_or(as_of).min(as_of);
        (start < end).then_some(Span { start, end })
    }

    /// Tells whether it was announced by a number of milliseconds before its start.
    pub fn announced_in_time(&self, notice: i64) -> bool {
        notice <= 0 || self.announced.is_some_and(|announced| announced + notice <= self.planned.start)
    }
}

/// Time for which the state of a service is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// When it is known.
    pub spans: Spans,
    /// Some of it was measured.
    pub measured: bool,
    /// Some of it was asserted.
    pub asserted: bool,
}

impl Known {
    /// Returns the word that is printed for how it is known.
    pub fn kind(&self) -> &'static str {
        match (self.measured, self.asserted) {
            (true, true) => "mixed",
            (true, false) => "measured",
            (false, true) => "asserted",
            (false, false) => "none",
        }
    }
}

/// One check result of a monitor.
#[derive(Clone, Copy, Debug)]
struct Check {
    at: i64,
    up: bool,
    watched_from: Option<i64>,
}

/// Everything known about the interruptions of one service.
#[derive(Debug, Default)]
pub struct ServiceState {
    /// Register rows, in the order of the register; those left out carry the reason.
    pub register: Vec<Outage>,
    /// Maintenance rows.
    pub maintenance: Vec<Maintenance>,
    monitors: BTreeMap<(String, String), Vec<Check>>,
    /// When each source of checks was pulled: what held after that nobody knows.
    pulled: BTreeMap<String, i64>,
    declared: Vec<(Span, bool)>,
}

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
    for row in 0..frame.height() {
        let id = service.get(row).and_then(|name| names.find(Of::Service, name));
        let Some(state) = id.and_then(|id| services.get_mut(id)) else { continue };
        let (Some(start), Some(end)) = (planned_start[row], planned_end[row]) else { continue };
        state.maintenance.push(Maintenance {
            planned: Span { start, end },
            actual_start: actual_start[row],
            actual_end: actual_end[row],
            announced: announced[row],
            source: (source.get(row).unwrap_or("").to_owned(), key.get(row).unwrap_or("").to_owned()),
            change: change.get(row).map(str::to_owned),
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

impl ServiceState {
    /// Returns register rows and down spans of checks as they are known at an instant, with those left out.
    pub fn outages(&self, holds: &[(String, HoldRule)], as_of: i64) -> Vec<Outage> {
        let mut outages: Vec<Outage> = self.register.iter().filter(|outage| outage.start <= as_of).cloned().collect();
        for ((source, monitor), checks) in &self.monitors {
            let hold = hold_of(holds, source);
            let longest_ignored = hold.ignore_up_to.map_or(0, |limit| limit.0);
            let (_, down) = held(checks, hold, self.last_known(source, as_of));
            for span in &down {
                let length = span.end - span.start;
                let short = length <= longest_ignored * 1_000 && hold.ignore_up_to.is_some();
                outages.push(Outage {
                    start: span.start,
                    end: (span.end < as_of).then_some(span.end),
                    weight: 1_000,
                    kind: "unplanned".into(),
                    origin: Origin::Checks,
                    source: (source.clone(), monitor.clone()),
                    cause: None,
                    ticket: None,
                    left_out: short.then(|| format!("at most {}", crate::model::duration::write(longest_ignored))),
                });
            }
        }
        outages
    }

    /// Returns the last instant of which checks of a source can tell.
    fn last_known(&self, source: &str, as_of: i64) -> i64 {
        self.pulled.get(source).map_or(as_of, |pulled| as_of.min(*pulled))
    }

    /// Returns when the state of the service is known, at an instant.
    pub fn known(&self, holds: &[(String, HoldRule)], as_of: i64) -> Known {
        let mut known = Known::default();
        let mut spans = Spans::default();
        for ((source, _), checks) in &self.monitors {
            let (held, _) = held(checks, hold_of(holds, source), self.last_known(source, as_of));
            known.measured |= held.total() > 0;
            spans = spans.union(&held);
        }
        for (span, measured) in &self.declared {
            spans = spans.union(&Spans::from_iter([Span { start: span.start, end: span.end.min(as_of) }]));
            known.measured |= measured;
            known.asserted |= !measured;
        }
        known.spans = spans;
        known
    }
}

fn hold_of(holds: &[(String, HoldRule)], source: &str) -> HoldRule {
    holds.iter().find(|(id, _)| id == source).map_or(HoldRule { max_age: None, ignore_up_to: None }, |(_, hold)| *hold)
}

/// Returns when the state is known and when it is down: each check holds until the next one, at most `max_age`.
fn held(checks: &[Check], hold: HoldRule, as_of: i64) -> (Spans, Spans) {
    let (mut known, mut down) = (Vec::new(), Vec::new());
    if let Some(first) = checks.first()
        && let Some(watched) = checks.iter().filter_map(|check| check.watched_from).min()
    {
        known.push(Span { start: watched, end: first.at.min(as_of) });
    }
    for (index, check) in checks.iter().enumerate() {
        let next = checks.get(index + 1).map_or(as_of, |next| next.at.min(as_of));
        let end = hold.max_age.map_or(next, |age| next.min(check.at + age.0 * 1_000));
        if check.at < end {
            let span = Span { start: check.at, end };
            known.push(span);
            if !check.up {
                down.push(span);
            }
        }
    }
    (Spans::from_iter(known), Spans::from_iter(down))
}
