//! Outages, maintenance and knowledge of a service, as intervals: from registers, from checks, from declarations.
//!
//! Instants are epoch milliseconds: a state seen by a monitor begins and ends between two seconds, and cut off for
//! each outage of a month these parts are seen in the percentage.

mod read;

use crate::calendar::{Span, Spans};
use crate::model::catalogue::HoldRule;
pub use read::read;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Why an outage whose end lies before its start is left out (rule R8).
pub const BACKWARDS: &str = "ends before it starts";

/// The length in milliseconds from which on an outage is more likely one whose end was never recorded: 366 days.
const LONGEST: i64 = 366 * 86_400_000;

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
    /// How many users were affected, where it is known.
    pub users_affected: Option<i64>,
    /// When somebody took it up, where it is known.
    pub acknowledged: Option<i64>,
    /// When its source learned of it, where it tells: before, nobody knew.
    pub known_at: Option<i64>,
    /// Why it is not counted, where it is not.
    pub left_out: Option<String>,
}

impl Outage {
    /// Returns its span, cut at as-of.
    pub fn span(&self, as_of: i64) -> Span {
        Span { start: self.start, end: self.end.unwrap_or(as_of).min(as_of) }
    }

    /// Returns the instant of an outage that ends as it starts: an event without length (rule R8).
    pub fn event(&self) -> Option<i64> {
        (self.end == Some(self.start) && self.weight > 0 && self.left_out.is_none()).then_some(self.start)
    }

    /// Tells whether it is longer than an outage can sensibly be.
    pub fn is_absurd(&self, as_of: i64) -> bool {
        let span = self.span(as_of);
        span.end.saturating_sub(span.start) > LONGEST
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
            users_affected: None,
            acknowledged: None,
            known_at: maintenance.known_at,
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
    /// When its source learned of it, where it tells: before, nobody knew.
    pub known_at: Option<i64>,
    /// Its stamps run backwards: it is neither maintenance nor downtime.
    pub backwards: bool,
}

impl Maintenance {
    /// Tells whether its source knew of it before an instant.
    pub fn is_known(&self, as_of: i64) -> bool {
        self.known_at.is_none_or(|known| known < as_of)
    }

    /// Returns the span of the work, cut at as-of; `None` when it did not take place by then.
    pub fn actual(&self, as_of: i64) -> Option<Span> {
        if self.backwards || !self.is_known(as_of) {
            return None;
        }
        let start = self.actual_start.filter(|start| *start <= as_of)?;
        let end = self.actual_end.unwrap_or(as_of).min(as_of);
        (start < end).then_some(Span { start, end })
    }

    /// Returns the part of its window that is still to come at as-of: of work that is announced, and not over.
    pub fn ahead(&self, as_of: i64, notice: i64) -> Option<Span> {
        let told = self.announced.is_none_or(|announced| announced < as_of);
        let over = self.actual_start.is_some() && self.actual_end.is_some_and(|end| end <= as_of);
        if self.backwards || !self.is_known(as_of) || over || !told || !self.announced_in_time(notice) {
            return None;
        }
        let span = Span { start: self.planned.start.max(as_of), end: self.planned.end };
        (!span.is_empty()).then_some(span)
    }

    /// Tells whether it was announced by a number of milliseconds before its start.
    pub fn announced_in_time(&self, notice: i64) -> bool {
        notice <= 0 || self.announced.is_some_and(|announced| announced.saturating_add(notice) <= self.planned.start)
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
    /// Whether a row of coverage speaks of it by name.
    covered: bool,
}

impl ServiceState {
    /// Tells whether any register, monitor or coverage has rows of it; a declaration for all services is none.
    pub fn has_rows(&self) -> bool {
        !self.register.is_empty() || !self.monitors.is_empty() || self.covered
    }

    /// Returns register rows and down spans of checks as they are known at an instant, with those left out.
    pub fn outages(&self, holds: &[(String, HoldRule)], as_of: i64) -> Vec<Cow<'_, Outage>> {
        let known = |outage: &&Outage| outage.start < as_of && outage.known_at.is_none_or(|known| known < as_of);
        let mut outages: Vec<Cow<'_, Outage>> = self.register.iter().filter(known).map(Cow::Borrowed).collect();
        for ((source, monitor), checks) in &self.monitors {
            let hold = hold_of(holds, source);
            let longest_ignored = hold.ignore_up_to.map_or(0, |limit| limit.0);
            let told_until = self.last_known(source, as_of);
            let (_, down) = held(checks, hold, told_until);
            for span in &down {
                let length = span.end - span.start;
                // Of one that still lasted when it was last heard of nobody knows yet how long it will be.
                let over = span.end < told_until;
                let short = over && length <= longest_ignored * 1_000 && hold.ignore_up_to.is_some();
                outages.push(Cow::Owned(Outage {
                    start: span.start,
                    end: (span.end < as_of).then_some(span.end),
                    weight: 1_000,
                    kind: "unplanned".into(),
                    origin: Origin::Checks,
                    source: (source.clone(), monitor.clone()),
                    cause: None,
                    ticket: None,
                    users_affected: None,
                    acknowledged: None,
                    known_at: None,
                    left_out: short.then(|| format!("at most {}", crate::model::duration::write(longest_ignored))),
                }));
            }
        }
        outages
    }

    /// Returns the outages of maintenance outside its agreed window: overrun and unannounced work is downtime.
    pub fn overruns(&self, notice: i64, as_of: i64) -> Vec<Outage> {
        let mut outages = Vec::new();
        for maintenance in &self.maintenance {
            let Some(actual) = maintenance.actual(as_of) else { continue };
            let agreed = if maintenance.announced_in_time(notice) {
                Spans::from_iter([maintenance.planned])
            } else {
                Spans::default()
            };
            let outside = Spans::from_iter([actual]).subtract(&agreed);
            outages.extend(outside.iter().map(|span| Outage::overrun(maintenance, *span)));
        }
        outages
    }

    /// Returns maintenance that is agreed: the part of the actual work inside the announced window (`domain.md` §4.1).
    pub fn agreed(&self, notice: i64, as_of: i64) -> Spans {
        let announced = self.maintenance.iter().filter(|m| m.announced_in_time(notice));
        announced.filter_map(|m| Some(m.planned.intersect(m.actual(as_of)?))).collect()
    }

    /// Returns the last instant of which checks of a source can tell.
    fn last_known(&self, source: &str, as_of: i64) -> i64 {
        self.pulled.get(source).map_or(as_of, |pulled| as_of.min(*pulled))
    }

    /// Returns when the state of the service is known, at an instant.
    pub fn known(&self, holds: &[(String, HoldRule)], as_of: i64) -> Known {
        let mut known = Known::default();
        let mut spans: Vec<Span> = Vec::new();
        for ((source, _), checks) in &self.monitors {
            let (held, _) = held(checks, hold_of(holds, source), self.last_known(source, as_of));
            known.measured |= held.total() > 0;
            spans.extend(held);
        }
        for (span, measured) in &self.declared {
            spans.push(Span { start: span.start, end: span.end.min(as_of) });
            known.measured |= measured;
            known.asserted |= !measured;
        }
        known.spans = spans.into_iter().collect();
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
