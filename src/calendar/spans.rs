//! Half-open spans of seconds, and sets of them.
//!
//! Knows nothing but numbers. Each operation on two sets is one sweep over both.

use std::ops::Deref;

/// A half-open span `[start, end)` of seconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first second that belongs to it.
    pub start: i64,
    /// The first second after it.
    pub end: i64,
}

impl Span {
    /// Makes a span; one that does not end after its start holds nothing.
    pub const fn new(start: i64, end: i64) -> Self {
        Self { start, end }
    }

    /// Returns its length in seconds, 0 where it ends at or before its start.
    pub const fn seconds(self) -> i64 {
        if self.is_empty() { 0 } else { self.end.saturating_sub(self.start) }
    }

    /// Tells whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Tells whether an instant lies in it.
    pub const fn contains(self, at: i64) -> bool {
        self.start <= at && at < self.end
    }

    /// Returns what two spans share; it may be empty.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }
}

/// A set of instants as sorted spans that neither overlap nor touch, none of them empty.
///
/// It is made from spans in any order: overlapping and touching ones are merged (rule R8), empty and reversed ones
/// dropped. Reads as a slice of [`Span`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Returns the union of two sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut merged = Vec::with_capacity(self.len() + other.len());
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            if a.start <= b.start {
                push(&mut merged, *a);
                left = left_rest;
            } else {
                push(&mut merged, *b);
                right = right_rest;
            }
        }
        for span in left.iter().chain(right) {
            push(&mut merged, *span);
        }
        Self(merged)
    }

    /// Returns what two sets share.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut shared = Vec::new();
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            let both = a.intersect(*b);
            if !both.is_empty() {
                shared.push(both);
            }
            if a.end <= b.end {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        Self(shared)
    }

    /// Returns what lies in this set and not in the other.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut left_over = Vec::with_capacity(self.len());
        let mut taken = other.0.as_slice();
        for span in &self.0 {
            let mut from = span.start;
            while let [first, rest @ ..] = taken {
                if first.start >= span.end {
                    break;
                }
                if first.start > from {
                    left_over.push(Span::new(from, first.start));
                }
                from = from.max(first.end);
                if first.end > span.end {
                    break;
                }
                taken = rest;
            }
            if from < span.end {
                left_over.push(Span::new(from, span.end));
            }
        }
        Self(left_over)
    }

    /// Returns what a window holds outside this set.
    #[must_use]
    pub fn complement(&self, within: Span) -> Self {
        Self::from(within).subtract(self)
    }

    /// Returns the part that lies in a window.
    #[must_use]
    pub fn clip(&self, window: Span) -> Self {
        if window.is_empty() {
            return Self::default();
        }
        let first = self.0.partition_point(|span| span.end <= window.start);
        let last = self.0.partition_point(|span| span.start < window.end);
        Self(self.0.get(first..last).unwrap_or_default().iter().map(|span| span.intersect(window)).collect())
    }

    /// Tells whether an instant lies in the set.
    pub fn contains(&self, at: i64) -> bool {
        let first = self.0.partition_point(|span| span.end <= at);
        self.0.get(first).is_some_and(|span| span.contains(at))
    }

    /// Returns the seconds in the set.
    pub fn total(&self) -> i64 {
        self.0.iter().fold(0, |sum, span| sum.saturating_add(span.seconds()))
    }

    /// Merges spans that are sorted by their start.
    fn of_sorted(spans: impl Iterator<Item = Span>) -> Self {
        let mut merged = Vec::with_capacity(spans.size_hint().0);
        for span in spans.filter(|span| !span.is_empty()) {
            push(&mut merged, span);
        }
        Self(merged)
    }
}

/// Adds a span that starts no earlier than the last one.
fn push(merged: &mut Vec<Span>, span: Span) {
    match merged.last_mut() {
        Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
        _ => merged.push(span),
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut sorted: Vec<Span> = spans.into_iter().collect();
        // Rows mostly come in order of time already.
        if !sorted.is_sorted_by_key(|span| span.start) {
            sorted.sort_unstable_by_key(|span| span.start);
        }
        Self::of_sorted(sorted.into_iter())
    }
}

impl FromIterator<(i64, i64)> for Spans {
    fn from_iter<I: IntoIterator<Item = (i64, i64)>>(edges: I) -> Self {
        edges.into_iter().map(|(start, end)| Span::new(start, end)).collect()
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        Self::of_sorted(std::iter::once(span))
    }
}

impl Deref for Spans {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        &self.0
    }
}

impl IntoIterator for Spans {
    type Item = Span;
    type IntoIter = std::vec::IntoIter<Span>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Spans {
    type Item = &'a Span;
    type IntoIter = std::slice::Iter<'a, Span>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECONDS: i64 = 64;

    fn spans(edges: &[(i64, i64)]) -> Spans {
        edges.iter().copied().collect()
    }

    #[test]
    fn overlapping_and_touching_spans_are_merged_and_empty_ones_dropped() {
        let merged = spans(&[(20, 30), (0, 5), (5, 8), (7, 6), (25, 40), (50, 50), (22, 23)]);
        assert_eq!(*merged, [Span::new(0, 8), Span::new(20, 40)]);
        assert_eq!(merged.total(), 28);
    }

    #[test]
    fn the_ends_are_half_open() {
        let one = spans(&[(10, 20)]);
        assert!(one.contains(10) && one.contains(19) && !one.contains(20) && !one.contains(9));
        assert!(one.intersect(&spans(&[(20, 30)])).is_empty());
        assert_eq!(one.subtract(&spans(&[(20, 30)])), one);
    }

    #[test]
    fn the_longest_span_there_is_has_a_length() {
        let all = Spans::from(Span::new(i64::MIN, i64::MAX));
        assert_eq!(all.total(), i64::MAX);
        assert_eq!(all.complement(Span::new(0, 10)), Spans::default());
    }

    /// Each second of the small world as one bit.
    fn bits(spans: &[Span]) -> u64 {
        (0..SECONDS).filter(|at| spans.iter().any(|span| span.start <= *at && *at < span.end)).map(|at| 1 << at).sum()
    }

    fn edges() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0..=SECONDS, 0..=SECONDS).prop_map(|(start, end)| Span::new(start, end)), 0..10)
    }

    fn well_formed(spans: &Spans) -> bool {
        spans.iter().all(|span| span.start < span.end) && spans.windows(2).all(|pair| pair[0].end < pair[1].start)
    }

    proptest! {
        #[test]
        fn sets_agree_with_a_bitmap_of_seconds(a in edges(), b in edges(), window in (0..=SECONDS, 0..=SECONDS)) {
            let (left, right) = (a.iter().copied().collect::<Spans>(), b.iter().copied().collect::<Spans>());
            let (x, y) = (bits(&a), bits(&b));
            let window = Span::new(window.0, window.1);
            let w = bits(&[window]);
            for (made, wanted) in [
                (left.clone(), x),
                (left.union(&right), x | y),
                (left.intersect(&right), x & y),
                (left.subtract(&right), x & !y),
                (left.complement(window), w & !x),
                (left.clip(window), x & w),
            ] {
                prop_assert!(well_formed(&made), "{made:?}");
                prop_assert_eq!(bits(&made), wanted);
                prop_assert_eq!(made.total(), i64::from(wanted.count_ones()));
                for at in -1..=SECONDS {
                    prop_assert_eq!(made.contains(at), (0..SECONDS).contains(&at) && wanted >> at & 1 == 1);
                }
            }
        }
    }
}
