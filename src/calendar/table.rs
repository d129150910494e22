//! Spans with running totals, indexed by day.
//!
//! Knows how much of a set of spans lies before an instant in a time that does not depend on the distance, and the
//! reverse. Must not know what the spans mean.

use super::spans::{Span, Spans};

const BUCKET: i64 = 86_400;

/// Seconds of spans between two marks of the way back from a total to an instant.
const USED_STEP: i64 = 1 << 15;

/// Seconds of a week in a zone that keeps its offset.
pub(super) const WEEK: i64 = 7 * BUCKET;

/// The spans of a window, ready to be looked up.
#[derive(Clone, Debug)]
pub(super) struct Table {
    window: Span,
    entries: Vec<Entry>,
    /// For each day after the start of the window the first entry that ends after the day begins.
    first_of_day: Vec<u32>,
    /// For each step of [`USED_STEP`] seconds of the spans the first entry with so many before it.
    first_of_used: Vec<u32>,
    total: i64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    span: Span,
    /// Seconds of all entries before this one.
    before: i64,
}

impl Table {
    /// Makes the table of the spans in a window, which must be a few centuries at most.
    pub(super) fn new(spans: &Spans, window: Span) -> Self {
        let mut total = 0;
        let entries: Vec<Entry> = spans
            .clip(window)
            .iter()
            .map(|span| {
                let before = total;
                total += span.seconds();
                Entry { span: *span, before }
            })
            .collect();
        let mut first = 0;
        let first_of_day = (0..=window.seconds() / BUCKET)
            .map(|day| {
                let begins = window.start + day * BUCKET;
                first += entries[first..].iter().take_while(|entry| entry.span.end <= begins).count();
                u32::try_from(first).unwrap_or(u32::MAX)
            })
            .collect();
        let mut first = 0;
        let first_of_used = (0..=total / USED_STEP + 1)
            .map(|step| {
                first += entries[first..].iter().take_while(|entry| entry.before < step * USED_STEP).count();
                u32::try_from(first).unwrap_or(u32::MAX)
            })
            .collect();
        Self { window, entries, first_of_day, first_of_used, total }
    }

    /// Tells whether the table knows both instants.
    pub(super) fn covers(&self, from: i64, to: i64) -> bool {
        self.window.start <= from && to <= self.window.end
    }

    /// Returns the window.
    pub(super) fn window(&self) -> Span {
        self.window
    }

    /// Returns the seconds of all spans.
    pub(super) fn total(&self) -> i64 {
        self.total
    }

    /// Returns the seconds of the spans before an instant of the window.
    pub(super) fn used(&self, at: i64) -> i64 {
        self.entry(at).map_or(self.total, |entry| entry.before + (at - entry.span.start).max(0))
    }

    /// Tells whether an instant of the window lies in a span.
    pub(super) fn is_open(&self, at: i64) -> bool {
        self.entry(at).is_some_and(|entry| entry.span.contains(at))
    }

    /// Returns the first instant before which the spans hold `used` seconds; `None` where all together hold less.
    /// `used` is at least 1.
    pub(super) fn instant_of(&self, used: i64) -> Option<i64> {
        if used > self.total {
            return None;
        }
        let step = usize::try_from(used / USED_STEP).ok()?;
        let mark = |step: usize| usize::try_from(*self.first_of_used.get(step)?).ok();
        let (first, last) = (mark(step)?, mark(step + 1)?);
        let after = first + self.entries.get(first..last)?.partition_point(|entry| entry.before < used);
        let entry = self.entries.get(after.checked_sub(1)?)?;
        Some(entry.span.start + (used - entry.before))
    }

    /// Returns the spans of a window that the table covers.
    pub(super) fn within(&self, window: Span) -> Spans {
        let first = self.entries.partition_point(|entry| entry.span.end <= window.start);
        let last = self.entries.partition_point(|entry| entry.span.start < window.end);
        let entries = self.entries.get(first..last).unwrap_or_default();
        entries.iter().map(|entry| entry.span.intersect(window)).collect()
    }

    /// Returns the first entry that ends after an instant of the window.
    fn entry(&self, at: i64) -> Option<&Entry> {
        let day = usize::try_from((at - self.window.start) / BUCKET).ok()?;
        let first = usize::try_from(*self.first_of_day.get(day)?).ok()?;
        self.entries.get(first..)?.iter().find(|entry| entry.span.end > at)
    }
}

/// Hours that repeat week by week without end, before or after the dates that are expanded.
#[derive(Clone, Debug)]
pub(super) struct Weekly {
    /// One week of hours; its window is where weeks begin.
    week: Table,
}

impl Weekly {
    /// Makes it from the hours of one week.
    pub(super) fn new(spans: &Spans, start: i64) -> Self {
        Self { week: Table::new(spans, Span::new(start, start + WEEK)) }
    }

    /// Returns the seconds between the beginning of the given week and an instant, negative before it.
    pub(super) fn used(&self, at: i64) -> i64 {
        let (weeks, rest) = self.split(at);
        weeks.saturating_mul(self.week.total()).saturating_add(self.week.used(self.week.window().start + rest))
    }

    /// Tells whether an instant lies in the hours.
    pub(super) fn is_open(&self, at: i64) -> bool {
        self.week.is_open(self.week.window().start + self.split(at).1)
    }

    /// Returns the first instant at which [`Weekly::used`] is reached; `None` where the week has no hours or the
    /// instant cannot be written.
    pub(super) fn instant_of(&self, used: i64) -> Option<i64> {
        let total = self.week.total();
        let weeks = used.checked_sub(1)?.checked_div_euclid(total)?;
        let rest = used - weeks * total;
        self.week.instant_of(rest)?.checked_add(weeks.checked_mul(WEEK)?)
    }

    /// Returns the spans of a window.
    pub(super) fn within(&self, window: Span) -> Spans {
        if window.is_empty() || self.week.entries.is_empty() {
            return Spans::default();
        }
        let (first, _) = self.split(window.start);
        let (last, _) = self.split(window.end);
        (first..=last)
            .flat_map(|week| {
                let shift = week * WEEK;
                self.week.entries.iter().map(move |entry| Span::new(entry.span.start + shift, entry.span.end + shift))
            })
            .map(|span| span.intersect(window))
            .collect()
    }

    /// Splits an instant into whole weeks and the seconds into its week.
    fn split(&self, at: i64) -> (i64, i64) {
        let since = at - self.week.window().start;
        (since.div_euclid(WEEK), since.rem_euclid(WEEK))
    }
}
