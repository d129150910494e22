//! The measured tables of merged outages, of maintenance and of excluded time.

use super::Subject;
use super::algebra::{Answer, Ground, total_within};
use super::outage_rows::{TextColumns, count, left_out, scope_filter};
use crate::calendar::{Span, Spans};
use crate::measure::outages::Maintenance;
use crate::measure::ticket_state::precise_instants;
use crate::model::figure::LeftOut;
use polars::prelude::*;
use std::collections::BTreeMap;

/// Why maintenance whose stamps run backwards is left out (rule R21).
pub const MAINTENANCE_BACKWARDS: &str = "ends before it starts";

const SCOPE: &[&str] = &["service", "customer", "agreement"];

/// The measured table `failures`: one row a merged outage and scope.
pub struct FailureRows {
    scopes: TextColumns,
    starts: Vec<Option<i64>>,
    ends: Vec<Option<i64>>,
    begins: Vec<Option<i64>>,
    seconds: Vec<i64>,
    started: Vec<bool>,
    uptime: Vec<Option<i64>>,
}

impl Default for FailureRows {
    fn default() -> Self {
        Self {
            scopes: TextColumns::new(SCOPE),
            starts: Vec::new(),
            ends: Vec::new(),
            begins: Vec::new(),
            seconds: Vec::new(),
            started: Vec::new(),
            uptime: Vec::new(),
        }
    }
}

impl FailureRows {
    /// Adds what one scope's figures were computed from.
    pub fn push(&mut self, subject: &Subject<'_>, answer: &Answer) {
        let scope = &subject.scope;
        for failure in &answer.failures {
            self.scopes.push([scope.service.as_deref(), scope.customer.as_deref(), scope.agreement.as_deref()]);
            self.starts.push(Some(failure.span.start));
            self.ends.push(Some(failure.span.end));
            self.begins.push(Some(failure.begins));
            self.seconds.push(failure.in_base.div_euclid(super::MILLI));
            self.started.push(failure.starts_here);
            self.uptime.push(failure.uptime_before.map(|time| time.div_euclid(super::MILLI)));
        }
    }

    /// Makes the table.
    ///
    /// # Errors
    /// A polars error where the columns differ in length, which is a fault of this room.
    pub fn frame(self) -> PolarsResult<DataFrame> {
        let mut columns = self.scopes.finish();
        columns.insert(1, precise_instants("start", self.starts));
        columns.insert(2, precise_instants("end", self.ends));
        columns.insert(3, Column::new("service_s".into(), self.seconds));
        columns.insert(4, Column::new("started_in_period".into(), self.started));
        columns.insert(5, Column::new("uptime_before_s".into(), self.uptime));
        columns.push(precise_instants("counts_from", self.begins));
        DataFrame::new_infer_height(columns)
    }
}

/// The measured table `maintenance`: one row a window and scope.
pub struct MaintenanceRows {
    text: TextColumns,
    stamps: [Vec<Option<i64>>; 5],
    seconds: Vec<i64>,
    counted: Vec<bool>,
}

const STAMPS: [&str; 5] = ["planned_start", "planned_end", "actual_start", "actual_end", "announced_at"];

impl Default for MaintenanceRows {
    fn default() -> Self {
        Self {
            text: TextColumns::new(&["service", "customer", "agreement", "change", "left_out", "source", "source_key"]),
            stamps: Default::default(),
            seconds: Vec::new(),
            counted: Vec::new(),
        }
    }
}

impl MaintenanceRows {
    /// Adds the maintenance of a scope that its window touches. Returns how many rows count, and those that do not.
    pub fn push(
        &mut self,
        subject: &Subject<'_>,
        ground: &Ground,
        rows: &[Maintenance],
        as_of: i64,
    ) -> (u64, Vec<LeftOut>) {
        let (mut used, mut reasons) = (0, BTreeMap::new());
        let window = subject.window.unwrap_or(Span { start: 0, end: 0 });
        for row in rows {
            let actual = row.actual(as_of);
            let touches = |span: Span| !window.intersect(span).is_empty() || window.contains(span.start);
            if !row.is_known(as_of) {
                continue;
            }
            if !touches(row.planned) && !actual.is_some_and(touches) {
                continue;
            }
            let agreed = actual.map(|actual| actual.intersect(row.planned).intersect(window));
            let seconds = agreed.map_or(0, |agreed| total_within(&ground.hours, agreed));
            let reason = match agreed {
                _ if row.backwards => Some(MAINTENANCE_BACKWARDS),
                None if row.planned.end > as_of => Some("not begun"),
                None => Some("did not take place"),
                _ if !row.announced_in_time(subject.notice) => Some("not announced in time"),
                Some(agreed) if agreed.is_empty() => Some("outside its announced window"),
                _ if seconds == 0 => Some("outside service hours"),
                _ => None,
            };
            used += u64::from(reason.is_none());
            if let Some(reason) = reason {
                count(&mut reasons, reason);
            }
            let scope = &subject.scope;
            self.text.push([
                scope.service.as_deref(),
                scope.customer.as_deref(),
                scope.agreement.as_deref(),
                row.change.as_deref(),
                reason,
                Some(&row.source.0),
                Some(&row.source.1),
            ]);
            let stamps =
                [Some(row.planned.start), Some(row.planned.end), row.actual_start, row.actual_end, row.announced];
            self.stamps.iter_mut().zip(stamps).for_each(|(column, stamp)| column.push(stamp));
            let seconds = if reason.is_none() { seconds } else { 0 };
            self.seconds.push(seconds.div_euclid(super::MILLI));
            self.counted.push(reason.is_none());
        }
        (used, left_out(&scope_filter(&subject.scope), "left_out", reasons))
    }

    /// Makes the table.
    ///
    /// # Errors
    /// A polars error where the columns differ in length, which is a fault of this room.
    pub fn frame(self) -> PolarsResult<DataFrame> {
        let mut columns = self.text.finish();
        for (at, (name, stamps)) in STAMPS.iter().zip(self.stamps).enumerate() {
            columns.insert(at + 1, precise_instants(name, stamps));
        }
        columns.push(Column::new("service_s".into(), self.seconds));
        columns.push(Column::new("counted_in_period".into(), self.counted));
        DataFrame::new_infer_height(columns)
    }
}

/// The measured table `excluded_time`: one row a span that is left out of availability and scope (rule R18).
pub struct ExcludedRows {
    text: TextColumns,
    starts: Vec<Option<i64>>,
    ends: Vec<Option<i64>>,
    seconds: Vec<i64>,
    counted: Vec<bool>,
}

impl Default for ExcludedRows {
    fn default() -> Self {
        Self {
            text: TextColumns::new(&["service", "customer", "agreement", "why"]),
            starts: Vec::new(),
            ends: Vec::new(),
            seconds: Vec::new(),
            counted: Vec::new(),
        }
    }
}

impl ExcludedRows {
    /// Adds the exclusions of a scope that lie in its window. Returns how many touch service hours, and how many do not.
    pub fn push(&mut self, subject: &Subject<'_>, hours: &Spans, rows: &[(Span, String)]) -> (u64, u64) {
        let (mut used, mut idle) = (0, 0);
        let Some(window) = subject.window else { return (0, 0) };
        for (span, why) in rows {
            if window.intersect(*span).is_empty() {
                continue;
            }
            let seconds = total_within(hours, span.intersect(window));
            if seconds > 0 {
                used += 1;
            } else {
                idle += 1;
            }
            let scope = &subject.scope;
            self.text.push([
                scope.service.as_deref(),
                scope.customer.as_deref(),
                scope.agreement.as_deref(),
                Some(why),
            ]);
            self.starts.push(Some(span.start));
            self.ends.push(Some(span.end));
            self.seconds.push(seconds.div_euclid(super::MILLI));
            self.counted.push(seconds > 0);
        }
        (used, idle)
    }

    /// Makes the table.
    ///
    /// # Errors
    /// A polars error where the columns differ in length, which is a fault of this room.
    pub fn frame(self) -> PolarsResult<DataFrame> {
        let mut columns = self.text.finish();
        columns.insert(1, precise_instants("from", self.starts));
        columns.insert(2, precise_instants("to", self.ends));
        columns.push(Column::new("service_s".into(), self.seconds));
        columns.push(Column::new("counted_in_period".into(), self.counted));
        DataFrame::new_infer_height(columns)
    }
}
