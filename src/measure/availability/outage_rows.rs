//! The measured table `outages`: which rows went into the availability of which scope, and why others did not.

use super::Subject;
use super::algebra::{Answer, Ground, first_within, total_within};
use crate::calendar::{Span, Spans};
use crate::measure::outages::{BACKWARDS, Origin, Outage};
use crate::measure::ticket_state::precise_instants;
use crate::model::Scope;
use crate::model::catalogue::AvailabilityRule;
use crate::model::figure::LeftOut;
use polars::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// Why an outage without length is in no sum of time (rule R8).
pub const EVENT: &str = "no length: an event, not time";
/// Why an outage is left out that lies before the first day of service, or after the last (rule R20).
pub const OUT_OF_SERVICE: [&str; 2] = ["before go-live", "after retirement"];
/// Why an outage has no time to acknowledge.
pub const UNACKNOWLEDGED: [&str; 2] = ["not acknowledged", "acknowledged before it started"];

/// Why an outage of a component is left out while the service that is made of it was not down by its components.
pub const DID_NOT_DECIDE: &str = "did not decide";

/// The rows of a service itself, or of one of its components.
pub struct Part<'a> {
    /// The component; `None` of the service itself.
    pub component: Option<Component<'a>>,
    /// Its rows, with those left out.
    pub rows: Vec<Cow<'a, Outage>>,
}

/// A component of the service that is measured.
pub struct Component<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its own time in service.
    pub life: Span,
    /// When its outages are downtime of the service that is made of it.
    pub deciding: Spans,
}

/// Rows of the outages table that went into a subject's figures.
#[derive(Debug, Default)]
pub struct UsedRows {
    /// How many were used.
    pub used: u64,
    /// Those left out, by reason.
    pub left_out: Vec<LeftOut>,
    /// Milliseconds between start and acknowledgement, of rows that began in the window.
    pub acknowledged: Vec<i64>,
    /// Rows that began in the window and have no such time, by reason.
    pub unacknowledged: Vec<LeftOut>,
}

/// Returns the condition for the rows of a scope.
pub fn scope_filter(scope: &Scope) -> String {
    let service = crate::measure::quoted(scope.service.as_deref().unwrap_or(""));
    match &scope.agreement {
        Some(agreement) => format!("service = {service} AND agreement = {}", crate::measure::quoted(agreement)),
        None => format!("service = {service} AND agreement IS NULL"),
    }
}

/// Makes [`LeftOut`] from counts by reason, with the column that holds the reason.
pub fn left_out(filter: &str, column: &str, reasons: BTreeMap<String, u64>) -> Vec<LeftOut> {
    reasons
        .into_iter()
        .map(|(reason, count)| LeftOut {
            filter: format!("{filter} AND {column} = {}", crate::measure::quoted(&reason)),
            reason,
            count,
        })
        .collect()
}

/// Columns of text, filled row by row without a string of their own for each cell.
pub struct TextColumns {
    names: &'static [&'static str],
    cells: Vec<StringChunkedBuilder>,
}

impl TextColumns {
    /// Makes empty columns.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self { names, cells: names.iter().map(|name| StringChunkedBuilder::new((*name).into(), 0)).collect() }
    }

    /// Adds a row: a cell for each name, in order.
    pub fn push<const N: usize>(&mut self, row: [Option<&str>; N]) {
        debug_assert_eq!(N, self.names.len());
        for (column, cell) in self.cells.iter_mut().zip(row) {
            column.append_option(cell);
        }
    }

    /// Makes the columns.
    pub fn finish(self) -> Vec<Column> {
        self.cells.into_iter().map(|column| column.finish().into_series().into_column()).collect()
    }
}

/// The measured table `outages`: one row an outage and scope.
pub struct OutageRows {
    text: TextColumns,
    starts: Vec<Option<i64>>,
    ends: Vec<Option<i64>>,
    acknowledged: Vec<Option<i64>>,
    acknowledged_s: Vec<Option<i64>>,
    users: Vec<Option<i64>>,
    weights: Vec<f64>,
    seconds: Vec<i64>,
    flags: [Vec<bool>; 5],
    overlaps: Vec<bool>,
}

/// Names of [`OutageRows::flags`].
const FLAGS: [&str; 5] = ["counted_in_period", "started_in_period", "duplicate", "without_length", "absurd"];

impl Default for OutageRows {
    fn default() -> Self {
        Self {
            text: TextColumns::new(&[
                "service",
                "customer",
                "agreement",
                "component",
                "kind",
                "origin",
                "cause",
                "ticket",
                "left_out",
                "acknowledge_left_out",
                "source",
                "source_key",
            ]),
            starts: Vec::new(),
            ends: Vec::new(),
            acknowledged: Vec::new(),
            acknowledged_s: Vec::new(),
            users: Vec::new(),
            weights: Vec::new(),
            seconds: Vec::new(),
            flags: Default::default(),
            overlaps: Vec::new(),
        }
    }
}

impl OutageRows {
    /// Adds what one scope's figures were computed from: the rows of the service itself, and of its components.
    pub fn push(
        &mut self,
        subject: &Subject<'_>,
        ground: &Ground,
        answer: &Answer,
        parts: &[Part<'_>],
        as_of: i64,
    ) -> UsedRows {
        let (mut used, mut acknowledged) = (0, Vec::new());
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        let mut unacknowledged: BTreeMap<String, u64> = BTreeMap::new();
        let window = answer.window.unwrap_or(Span { start: subject.reach.start, end: subject.reach.start });
        for part in parts {
            let component = part.component.as_ref();
            let deciding = component.map(|component| answer.down_spans.intersect(&component.deciding));
            let decides = component.zip(deciding.as_ref());
            let first = self.starts.len();
            let mut seen: HashSet<(i64, Option<i64>, &str)> = HashSet::new();
            for outage in &part.rows {
                let span = outage.span(as_of);
                let touches = subject.reach.contains(outage.start) || !subject.reach.intersect(span).is_empty();
                let Some(reason) = touches.then(|| reason(subject, ground, answer, decides, outage, span)).flatten()
                else {
                    continue;
                };
                let in_hours = total_within(&ground.hours, span.intersect(window));
                let counts = reason == Reason::Counts;
                let word = match &reason {
                    Reason::Counts => None,
                    Reason::LeftOut(word) => Some(*word),
                };
                used += u64::from(counts);
                if let Some(word) = word {
                    count(&mut reasons, word);
                }
                let first_counts = counts && component.is_none() && outage.weight > 0 && first_counts_in(answer, span);
                let starts_here = window.contains(outage.start) || first_counts;
                let mut slow = None;
                let mut took = None;
                if starts_here && outage.origin == Origin::Register && (counts || word == Some(EVENT)) {
                    match outage.acknowledged.filter(|at| *at < as_of) {
                        None => slow = Some(UNACKNOWLEDGED[0]),
                        Some(at) if at < outage.start => slow = Some(UNACKNOWLEDGED[1]),
                        Some(at) => took = Some(at - outage.start),
                    }
                }
                acknowledged.extend(took);
                if let Some(slow) = slow {
                    count(&mut unacknowledged, slow);
                }
                self.text.push([
                    subject.scope.service.as_deref(),
                    subject.scope.customer.as_deref(),
                    subject.scope.agreement.as_deref(),
                    component.map(|component| component.id),
                    Some(&outage.kind),
                    Some(outage.origin.word()),
                    outage.cause.as_deref(),
                    outage.ticket.as_deref(),
                    word,
                    slow,
                    Some(&outage.source.0),
                    Some(&outage.source.1),
                ]);
                self.starts.push(Some(outage.start));
                self.ends.push(outage.end);
                self.acknowledged.push(outage.acknowledged);
                self.acknowledged_s.push(took.map(|took| took.div_euclid(super::MILLI)));
                self.users.push(outage.users_affected);
                self.weights.push(outage.weight as f64 / 1_000.0);
                self.seconds.push(in_hours.div_euclid(super::MILLI));
                let duplicate = !seen.insert((outage.start, outage.end, outage.kind.as_str()));
                let flags = [counts, starts_here, duplicate, outage.end == Some(outage.start), outage.is_absurd(as_of)];
                for (column, flag) in self.flags.iter_mut().zip(flags) {
                    column.push(flag);
                }
            }
            self.mark_overlaps(first, as_of);
        }
        let filter = scope_filter(&subject.scope);
        UsedRows {
            used,
            left_out: left_out(&filter, "left_out", reasons),
            acknowledged,
            unacknowledged: left_out(&filter, "acknowledge_left_out", unacknowledged),
        }
    }

    /// Marks counted rows, from the first one of a service on, that start before an earlier one has ended.
    fn mark_overlaps(&mut self, first: usize, as_of: i64) {
        let mut order: Vec<usize> = (first..self.starts.len()).filter(|row| self.flags[0][*row]).collect();
        order.sort_by_key(|row| (self.starts[*row], self.ends[*row]));
        self.overlaps.resize(self.starts.len(), false);
        let mut latest = i64::MIN;
        for row in order {
            self.overlaps[row] = self.starts[row].is_some_and(|start| start < latest);
            latest = latest.max(self.ends[row].unwrap_or(as_of));
        }
    }

    /// Makes the table.
    ///
    /// # Errors
    /// A polars error where the columns differ in length, which is a fault of this room.
    pub fn frame(self) -> PolarsResult<DataFrame> {
        let mut columns = self.text.finish();
        columns.insert(1, precise_instants("start", self.starts));
        columns.insert(2, precise_instants("end", self.ends));
        columns.push(precise_instants("acknowledged_at", self.acknowledged));
        columns.push(Column::new("acknowledged_s".into(), self.acknowledged_s));
        columns.push(Column::new("users_affected".into(), self.users));
        columns.push(Column::new("weight".into(), self.weights));
        columns.push(Column::new("service_s".into(), self.seconds));
        columns.extend(FLAGS.iter().zip(self.flags).map(|(name, flags)| Column::new((*name).into(), flags)));
        columns.push(Column::new("overlaps".into(), self.overlaps));
        DataFrame::new_infer_height(columns)
    }
}

/// Tells whether a row from before the window, that counts in it, did not count before it.
fn first_counts_in(answer: &Answer, span: Span) -> bool {
    answer.window.is_some_and(|window| span.start < window.start) && first_within(&answer.down_before, span).is_none()
}

/// Adds one to the count of a reason.
pub fn count(reasons: &mut BTreeMap<String, u64>, reason: &str) {
    match reasons.get_mut(reason) {
        Some(count) => *count += 1,
        None => {
            reasons.insert(reason.to_owned(), 1);
        }
    }
}

/// What becomes of a row that the window touches.
#[derive(PartialEq, Eq)]
enum Reason<'o> {
    Counts,
    LeftOut(&'o str),
}

/// Returns what becomes of a row; `None` where it has nothing to do with the window.
fn reason<'o>(
    subject: &Subject<'_>,
    ground: &Ground,
    answer: &Answer,
    component: Option<(&Component<'_>, &Spans)>,
    outage: &'o Outage,
    span: Span,
) -> Option<Reason<'o>> {
    let backwards = outage.left_out.as_deref() == Some(BACKWARDS);
    let life = component.map_or(subject.life, |(component, _)| component.life.intersect(subject.life));
    if !backwards && span.end.max(span.start + 1) <= life.start {
        return Some(Reason::LeftOut(OUT_OF_SERVICE[0]));
    }
    if !backwards && span.start >= life.end {
        return Some(Reason::LeftOut(OUT_OF_SERVICE[1]));
    }
    let window = answer.window?;
    let lasting = span.intersect(window);
    if lasting.is_empty() && !window.contains(outage.start) {
        return None;
    }
    if let Some(reason) = &outage.left_out {
        // Of a row with a span only the part in service hours can be missed.
        let missed = backwards || window.contains(outage.start) || total_within(&ground.hours, lasting) > 0;
        return missed.then_some(Reason::LeftOut(reason));
    }
    let event = outage.end == Some(outage.start);
    let touches = |set: &Spans| {
        if event { set.contains(outage.start) } else { total_within(set, lasting) > 0 }
    };
    if touches(&answer.down_spans) {
        let decides = component.is_none_or(|(_, deciding)| touches(deciding));
        return Some(match (event, decides) {
            (true, true) => Reason::LeftOut(EVENT),
            // One of a component is an event of the service where it is one of the instants at which that failed.
            (true, false) if ground.events.binary_search(&outage.start).is_ok() => Reason::LeftOut(EVENT),
            (false, true) => Reason::Counts,
            (_, false) => Reason::LeftOut(DID_NOT_DECIDE),
        });
    }
    if !touches(&ground.hours) {
        let starts = window.contains(outage.start);
        return starts.then_some(Reason::LeftOut("outside service hours"));
    }
    let in_maintenance = subject.rule != AvailabilityRule::Gross
        && if event { ground.agreed.contains(outage.start) } else { outside_of(ground, lasting) == 0 };
    Some(Reason::LeftOut(if in_maintenance { "within agreed maintenance" } else { "excluded" }))
}

/// Returns how much of a span's service hours lies outside agreed maintenance.
fn outside_of(ground: &Ground, span: Span) -> i64 {
    let hours = ground.hours.clip(span);
    hours.subtract(&ground.agreed.clip(span)).total()
}
