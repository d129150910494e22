//! Downtime of degraded and full outages that overlap, and of services made of parts (`domain.md` §4.1, degraded and
//! composite).
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
    i64::try_from(Weights::heaviest(outages, FULL).within(base)).unwrap_or(i64::MAX)
}

/// Slices of time in order, none overlapping another, each with a weight above nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(Vec<(Span, i64)>);

impl Weights {
    /// Splits overlapping outages into slices, each with the largest weight active in it. Weights are held to
    /// 0 ..= `most`.
    pub fn heaviest(outages: &[(Span, i64)], most: i64) -> Self {
        Self(slices(outages, most))
    }

    /// Returns at each instant the weight at a rank among several courses, the largest being the first: of parts that
    /// are all needed rank 1, of parts that stand in for each other the last rank (`domain.md` §4.1, composite).
    pub fn ranked(parts: &[Self], rank: usize) -> Self {
        let Some(rank) = rank.checked_sub(1).filter(|rank| *rank < parts.len()) else { return Self::default() };
        let mut changes: Vec<(i64, usize, i64)> = Vec::new();
        for (part, course) in parts.iter().enumerate() {
            for (at, (span, weight)) in course.0.iter().enumerate() {
                changes.push((span.start, part, *weight));
                if course.0.get(at + 1).is_none_or(|(next, _)| next.start != span.end) {
                    changes.push((span.end, part, 0));
                }
            }
        }
        changes.sort_unstable();
        let mut now = vec![0_i64; parts.len()];
        let mut ordered = now.clone();
        let mut slices: Vec<(Span, i64)> = Vec::new();
        for (at, (from, part, weight)) in changes.iter().enumerate() {
            now[*part] = *weight;
            let Some((until, ..)) = changes.get(at + 1).filter(|(until, ..)| until > from) else { continue };
            ordered.copy_from_slice(&now);
            ordered.sort_unstable_by_key(|weight| Reverse(*weight));
            match slices.last_mut() {
                _ if ordered[rank] <= 0 => {}
                Some((last, weight)) if last.end == *from && *weight == ordered[rank] => last.end = *until,
                _ => slices.push((Span::new(*from, *until), ordered[rank])),
            }
        }
        Self(slices)
    }

    /// Returns the part that lies in a window.
    #[must_use]
    pub fn clip(&self, window: Span) -> Self {
        let slices = self.from(window.start).iter().take_while(|(span, _)| span.start < window.end);
        let cut = slices.map(|(span, weight)| (span.intersect(window), *weight));
        Self(cut.filter(|(span, _)| !span.is_empty()).collect())
    }

    /// Returns when there is any weight.
    pub fn spans(&self) -> Spans {
        self.0.iter().map(|(span, _)| *span).collect()
    }

    /// Returns the weight at an instant.
    pub fn at(&self, instant: i64) -> i64 {
        self.from(instant).first().filter(|(span, _)| span.contains(instant)).map_or(0, |(_, weight)| *weight)
    }

    /// Returns the sum of length × weight in a base.
    pub fn within(&self, base: &Spans) -> i128 {
        let (Some(first), Some(last)) = (base.first(), base.last()) else { return 0 };
        let end = last.end;
        let slices = self.from(first.start).iter().take_while(|(slice, _)| slice.start < end);
        let mut base = base.as_ref();
        slices.map(|(slice, weight)| i128::from(seconds_in(*slice, &mut base)) * i128::from(*weight)).sum()
    }

    /// Returns the slices that end after an instant.
    fn from(&self, instant: i64) -> &[(Span, i64)] {
        self.0.get(self.0.partition_point(|(span, _)| span.end <= instant)..).unwrap_or_default()
    }
}

/// Splits overlapping outages into slices in order of time, each with the largest weight active in it.
fn slices(outages: &[(Span, i64)], most: i64) -> Vec<(Span, i64)> {
    let mut waiting: Vec<(Span, i64)> = outages
        .iter()
        .map(|(span, weight)| (*span, (*weight).clamp(0, most.max(0))))
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
    fn of_two_that_stand_in_for_each_other_only_the_time_in_which_both_are_down_counts() {
        let one = Weights::heaviest(&[(Span::new(0, 60), 1000)], FULL);
        let other = Weights::heaviest(&[(Span::new(40, 50), 500), (Span::new(50, 90), 1000)], FULL);
        let base = Spans::from(Span::new(0, 100));
        let both = [one, other];
        assert_eq!(Weights::ranked(&both, 1).within(&base), 90_000);
        assert_eq!(Weights::ranked(&both, 2).within(&base), 10 * 500 + 10 * 1000);
        assert_eq!(Weights::ranked(&both, 3), Weights::default());
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

        #[test]
        fn the_weight_at_a_rank_agrees_with_each_second_by_itself(
            parts in prop::collection::vec(
                prop::collection::vec(((0_i64..40, 0_i64..40), 0_i64..=4), 0..6), 1..5),
            rank in 0_usize..6,
            window in (0_i64..40, 0_i64..40),
        ) {
            let courses: Vec<Weights> = parts
                .iter()
                .map(|part| {
                    let part: Vec<(Span, i64)> = part.iter().map(|((a, b), w)| (Span::new(*a, *b), *w)).collect();
                    Weights::heaviest(&part, 4)
                })
                .collect();
            let ranked = Weights::ranked(&courses, rank);
            let window = Span::new(window.0, window.1);
            let cut = ranked.clip(window);
            for at in -1..41 {
                let mut weights: Vec<i64> = parts
                    .iter()
                    .map(|part| {
                        let active = part.iter().filter(|((start, end), _)| *start <= at && at < *end);
                        active.map(|(_, weight)| *weight).max().unwrap_or(0)
                    })
                    .collect();
                weights.sort_unstable_by_key(|weight| Reverse(*weight));
                let wanted = rank.checked_sub(1).and_then(|rank| weights.get(rank)).copied().unwrap_or(0);
                prop_assert_eq!(ranked.at(at), wanted);
                prop_assert_eq!(ranked.spans().contains(at), wanted > 0);
                prop_assert_eq!(cut.at(at), if window.contains(at) { wanted } else { 0 });
                let second = Spans::from(Span::new(at, at + 1));
                prop_assert_eq!(ranked.within(&second), i128::from(wanted));
            }
        }
    }
}
