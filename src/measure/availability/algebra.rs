//! Availability of a service over a window (`domain.md` §4.1, §4.2; rules R1, R2, R8, R9, R18, R20).
//!
//! Order of operations: unite the outages, intersect with service hours, take away exclusions, subtract agreed
//! maintenance. Instants and lengths of time are integer milliseconds, as the store holds them, weights thousandths;
//! one division. Knows spans. Must not know rows, agreements or figures.

use crate::calendar::{Span, Spans, Weights};
use crate::model::catalogue::AvailabilityRule;

/// What a service owed and suffered, over all the time that any question may be asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// Agreed service hours, back to the start of what lasts into the time that is asked about.
    pub hours: Spans,
    /// Time that is left out by decision (rule R18).
    pub excluded: Spans,
    /// Maintenance as agreed.
    pub agreed: Spans,
    /// Outages, united, in thousandths of a full one.
    pub course: Weights,
    /// When there was any outage: the spans of `course`.
    pub down: Spans,
    /// Outages without length, in order of time; none of them within or at the edge of `down` (rule R8).
    pub events: Vec<i64>,
    /// Time for which the state is known; an outage is known time.
    pub known: Spans,
}

/// The integers behind the availability figures of one service and window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The window that was asked about.
    pub window: Option<Span>,
    /// Obligation under the rule.
    pub base: i64,
    /// Weighted time down, in thousandths of a millisecond.
    pub down: i64,
    /// Agreed maintenance within service hours.
    pub planned: i64,
    /// Service hours that are left out by decision.
    pub excluded: i64,
    /// Known part of the base.
    pub known: i64,
    /// Base and weighted time down under each rule: A1, A2, gross.
    pub by_rule: [(i64, i64); 3],
    /// Base and weighted time down under the rule where nothing is left out by decision.
    pub without_exclusions: (i64, i64),
    /// Merged outages that touch the base, and those without length in it, in order of time.
    pub failures: Vec<Failure>,
    /// The obligation.
    pub base_spans: Spans,
    /// The part of the obligation in which an outage counts.
    pub down_spans: Spans,
    /// When what lasts into the window was down before it, in time in which an outage counts.
    pub down_before: Spans,
}

/// A merged outage of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// From the first start to the last end, whole, also outside the window; open ones are cut at as-of.
    pub span: Span,
    /// How much of it lies in the base of the window.
    pub in_base: i64,
    /// The first instant at which it counts, also before the window: from here on it is a failure of the service.
    pub begins: i64,
    /// Whether it begins in the window, so that it is counted here and nowhere else (rule R9).
    pub starts_here: bool,
    /// Time of the base between the end of the failure before it and its beginning; `None` of the first one.
    pub uptime_before: Option<i64>,
}

/// The rules in the order of [`Answer::by_rule`].
pub const RULES: [(AvailabilityRule, &str); 3] =
    [(AvailabilityRule::A1, "A1"), (AvailabilityRule::A2, "A2"), (AvailabilityRule::Gross, "gross")];

/// Returns the place of a rule in [`RULES`].
pub fn place(rule: AvailabilityRule) -> usize {
    RULES.iter().position(|(known, _)| *known == rule).unwrap_or(0)
}

/// Evaluates a service over a window.
pub fn evaluate(ground: &Ground, window: Span, rule: AvailabilityRule) -> Answer {
    let rule = place(rule);
    let served = ground.hours.clip(window);
    let agreed = ground.agreed.clip(window);
    let owed = served.subtract(&ground.excluded.clip(window));
    let outside = owed.subtract(&agreed);
    let by_rule = by_rule(ground, &owed, &outside);
    let excluded = served.total() - owed.total();
    let without_exclusions =
        if excluded == 0 { by_rule[rule] } else { self::by_rule(ground, &served, &served.subtract(&agreed))[rule] };
    let base_spans = if rule == 0 { outside.clone() } else { owed.clone() };
    let down_spans = if rule == 2 { owed } else { outside };
    let (base, down) = by_rule[rule];
    let down_before = down_before(ground, window, rule);
    Answer {
        window: Some(window),
        base,
        down,
        planned: agreed.intersect(&served).total(),
        excluded,
        known: ground.known.clip(window).intersect(&base_spans).total(),
        by_rule,
        without_exclusions,
        failures: failures(ground, window, &base_spans, &down_spans, &down_before),
        base_spans,
        down_spans,
        down_before,
    }
}

fn by_rule(ground: &Ground, owed: &Spans, outside_maintenance: &Spans) -> [(i64, i64); 3] {
    let down = |base: &Spans| i64::try_from(ground.course.within(base)).unwrap_or(i64::MAX);
    [
        (outside_maintenance.total(), down(outside_maintenance)),
        (owed.total(), down(outside_maintenance)),
        (owed.total(), down(owed)),
    ]
}

/// Returns when the merged outage that lasts into a window counted before it: over hours that the window does not cut,
/// so that one failure begins in one window only.
fn down_before(ground: &Ground, window: Span, rule: usize) -> Spans {
    let Some(lasting) = ground.down.get(ground.down.partition_point(|span| span.end <= window.start)) else {
        return Spans::default();
    };
    let before = Span { start: lasting.start, end: window.start };
    let owed = ground.hours.clip(before).subtract(&ground.excluded.clip(before));
    if rule == 2 { owed } else { owed.subtract(&ground.agreed.clip(before)) }
}

fn failures(ground: &Ground, window: Span, base: &Spans, counting: &Spans, before_it: &Spans) -> Vec<Failure> {
    let first = ground.down.partition_point(|span| span.end <= window.start);
    let spans = ground.down.iter().skip(first).take_while(|span| span.start < window.end);
    let lasting = spans.map(|span| (*span, total_within(counting, *span))).filter(|(_, in_base)| *in_base > 0);
    let first = ground.events.partition_point(|at| *at < window.start);
    let events = ground.events.iter().skip(first).take_while(|at| **at < window.end);
    let events = events.filter(|at| counting.contains(**at)).map(|at| (Span { start: *at, end: *at }, 0));
    let mut found: Vec<(Span, i64)> = lasting.chain(events).collect();
    found.sort_unstable();
    let mut before: Option<Span> = None;
    let failures = found.into_iter().map(|(span, in_base)| {
        let begins = first_within(before_it, span).or_else(|| first_within(counting, span)).unwrap_or(span.start);
        let uptime_before =
            before.map(|before| total_within(base, Span { start: before.end.max(window.start), end: begins }));
        before = Some(span);
        Failure { span, in_base, begins, starts_here: window.contains(begins), uptime_before }
    });
    failures.collect()
}

/// Returns the first instant of a span that lies in a set.
pub fn first_within(set: &Spans, span: Span) -> Option<i64> {
    let part = set.get(set.partition_point(|part| part.end <= span.start))?;
    (part.start < span.end).then(|| part.start.max(span.start))
}

/// Returns how much of a set lies in a span.
pub fn total_within(set: &Spans, span: Span) -> i64 {
    let first = set.partition_point(|part| part.end <= span.start);
    let parts = set.iter().skip(first).take_while(|part| part.start < span.end);
    parts.map(|part| part.intersect(span).seconds()).sum()
}

/// Returns the percentage of a base that is left beside weighted time down.
pub fn percent((base, down): (i64, i64)) -> f64 {
    100.0 * (i128::from(base) * 1_000 - i128::from(down)) as f64 / (i128::from(base) * 1_000) as f64
}
