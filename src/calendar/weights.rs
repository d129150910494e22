//! Downtime of degraded and full outages that overlap (`domain.md` §4.1, degraded).
//!
//! Knows spans and weights. Must not know where a weight comes from.

use super::spans::{Span, Spans};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The weight of a full outage, in thousandths.
pub const FULL: i64 = 1000;

/// Returns the weighted downtime in `base`: seconds × thousandths of weight, which are milliseconds of full outage.
///
/// Each slice of time counts with the largest weight active in it, never with the sum. Weights are held to
/// 0 ..= [`FULL`], so that no service is down for longer than `base`.
pub fn weighted_down(outages: &[(Span, i64)], base: &Spans) -> i64 {
    let mut base = base.as_ref();
    let mut down = 0_i64;
    for (slice, weight) in slices(outages) {
        down = down.saturating_add(seconds_in(slice, &mut base).saturating_mul(weight));
    }
    down
}

/// Splits overlapping outages into slices in order of time, each with the largest weight active in it.
fn slices(outages: &[(Span, i64)]) -> Vec<(Span, i64)> {
    let mut waiting: Vec<(Span, i64)> = outages
        .iter()
        .map(|(span, weight)| (*span, (*weight).clamp(0, FULL)))
        .filter(|(span, weight)| !span.is_empty() && *weight > 0)
        .collect();
    waiting.sort_unstable_by_key(|(span, _)| Reverse(span.start));
    let mut slices: Vec<(Span, i64)> = Vec::with_capacity(waiting.len());
    let mut active: BinaryHeap<(i64, i64)> = BinaryHeap::new();
    let mut at = i64::MIN;
    loop {
        while active.peek().is_some_and(|(_, end)| *end <= at) {
            active.pop();
        }
        let next = waiting.last().map(|(span, _)| span.start);
        let Some((weight, end)) = active.peek().copied() else {
            let Some(next) = next else { break };
            at = at.max(next);
            admit(&mut waiting, &mut active, at);
            continue;
        };
        // The heaviest active outage rules until it ends or another one begins.
        let until = next.map_or(end, |next| end.min(next));
        if until > at {
            slices.push((Span::new(at, until), weight));
            at = until;
        }
        admit(&mut waiting, &mut active, at);
    }
    slices
}

fn admit(waiting: &mut Vec<(Span, i64)>, active: &mut BinaryHeap<(i64, i64)>, at: i64) {
    while let Some((span, weight)) = waiting.pop_if(|(span, _)| span.start <= at) {
        active.push((weight, span.end));
    }
}

/// Returns the seconds of a slice in a sorted base, and drops the spans of it that later slices cannot reach.
fn seconds_in(slice: Span, base: &mut &[Span]) -> i64 {
    let mut seconds = 0_i64;
    while let [first, rest @ ..] = *base {
        if first.start >= slice.end {
            break;
        }
        seconds = seconds.saturating_add(slice.intersect(*first).seconds());
        if first.end > slice.end {
            break;
        }
        *base = rest;
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn overlapping_weights_count_by_the_largest() {
        let base = Spans::from(Span::new(0, 100));
        let outages = [(Span::new(10, 50), 500), (Span::new(20, 30), 1000), (Span::new(40, 60), 300)];
        assert_eq!(weighted_down(&outages, &base), 10 * 500 + 10 * 1000 + 20 * 500 + 10 * 300);
    }

    #[test]
    fn a_full_outage_twice_is_down_once() {
        let base = Spans::from(Span::new(0, 100));
        assert_eq!(weighted_down(&[(Span::new(0, 60), 1000), (Span::new(30, 90), 1000)], &base), 90_000);
    }

    #[test]
    fn only_time_in_the_base_counts() {
        let base: Spans = [(0, 10), (20, 30)].into_iter().collect();
        assert_eq!(weighted_down(&[(Span::new(5, 25), 1000)], &base), 10_000);
        assert_eq!(weighted_down(&[(Span::new(5, 25), 1000)], &Spans::default()), 0);
    }

    #[test]
    fn weights_stay_between_nothing_and_a_full_outage() {
        let base = Spans::from(Span::new(0, 10));
        assert_eq!(weighted_down(&[(Span::new(0, 10), 5000), (Span::new(0, 10), -5)], &base), 10_000);
    }

    proptest! {
        #[test]
        fn slices_agree_with_each_second_by_itself(
            outages in prop::collection::vec(((0_i64..60, 0_i64..60), -1_i64..=1001), 0..12),
            base in prop::collection::vec((0_i64..60, 0_i64..60), 0..6),
        ) {
            let outages: Vec<(Span, i64)> =
                outages.into_iter().map(|((start, end), weight)| (Span::new(start, end), weight)).collect();
            let base: Spans = base.into_iter().collect();
            let wanted: i64 = (0..60)
                .filter(|at| base.iter().any(|span| span.start <= *at && *at < span.end))
                .map(|at| {
                    let active = outages.iter().filter(|(span, _)| span.start <= at && at < span.end);
                    active.map(|(_, weight)| (*weight).clamp(0, FULL)).max().unwrap_or(0)
                })
                .sum();
            prop_assert_eq!(weighted_down(&outages, &base), wanted);
        }
    }
}
