//! Availability worked out by hand, and laws that hold for any rows.

use super::algebra::{Answer, Ground, evaluate, percent};
use crate::calendar::{FULL, Span, Spans, Weights};
use crate::model::catalogue::AvailabilityRule::{self, A1, A2, Gross};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn spans(edges: &[(i64, i64)]) -> Spans {
    edges.iter().map(|(start, end)| (start * HOUR, end * HOUR)).collect()
}

/// Service hours 0 to 100, all of it known.
fn ground(outages: &[(i64, i64, i64)]) -> Ground {
    let outages: Vec<(Span, i64)> =
        outages.iter().map(|(start, end, weight)| (Span::new(start * HOUR, end * HOUR), *weight)).collect();
    let course = Weights::heaviest(&outages, FULL);
    Ground { hours: spans(&[(0, 100)]), down: course.spans(), course, known: spans(&[(0, 100)]), ..Ground::default() }
}

fn asked(ground: &Ground, rule: AvailabilityRule) -> Answer {
    evaluate(ground, Span::new(0, 100 * HOUR), rule)
}

#[test]
fn each_rule_places_agreed_maintenance_elsewhere() {
    let made = Ground { agreed: spans(&[(10, 20)]), ..ground(&[(15, 25, 1000)]) };
    let hours = |rule| {
        let answer = asked(&made, rule);
        (answer.base / HOUR, answer.down / HOUR / 1000)
    };
    assert_eq!(hours(A1), (90, 5));
    assert_eq!(hours(A2), (100, 5));
    assert_eq!(hours(Gross), (100, 10));
    assert_eq!(asked(&made, A1).planned, 10 * HOUR);
}

#[test]
fn excluded_time_leaves_base_and_down_whatever_the_rule() {
    let made = Ground { excluded: spans(&[(20, 30)]), ..ground(&[(25, 35, 1000)]) };
    for rule in [A1, A2, Gross] {
        let answer = asked(&made, rule);
        assert_eq!((answer.base, answer.down), (90 * HOUR, 5 * HOUR * 1000), "{rule:?}");
        assert_eq!(answer.excluded, 10 * HOUR);
        assert_eq!(answer.without_exclusions, (100 * HOUR, 10 * HOUR * 1000));
    }
}

#[test]
fn an_outage_without_length_is_an_event_and_no_time() {
    let made = Ground { events: vec![40 * HOUR], ..ground(&[(10, 12, 1000)]) };
    let answer = asked(&made, A1);
    assert_eq!(answer.down, 2 * HOUR * 1000);
    assert_eq!(
        answer.failures.iter().map(|f| (f.in_base / HOUR, f.starts_here)).collect::<Vec<_>>(),
        [(2, true), (0, true)]
    );
    // The base between the end of the first and the second.
    assert_eq!(answer.failures[1].uptime_before, Some(28 * HOUR));
    let closed = Ground { hours: spans(&[(0, 40), (41, 100)]), ..made };
    assert_eq!(asked(&closed, A1).failures.len(), 1, "outside service hours it is none");
}

#[test]
fn an_outage_over_the_edge_gives_its_time_to_both_periods_and_its_event_to_the_first() {
    let made = ground(&[(45, 55, 1000)]);
    let first = evaluate(&made, Span::new(0, 50 * HOUR), A1);
    let second = evaluate(&made, Span::new(50 * HOUR, 100 * HOUR), A1);
    assert_eq!((first.down, second.down), (5 * HOUR * 1000, 5 * HOUR * 1000));
    assert_eq!((first.failures[0].starts_here, second.failures[0].starts_here), (true, false));
}

#[test]
fn time_between_incidents_is_that_between_failures_and_to_restore_where_nothing_spills_over() {
    let made = ground(&[(10, 12, 1000), (30, 31, 1000), (60, 66, 1000)]);
    let answer = asked(&made, A1);
    let n = i64::try_from(answer.failures.len()).unwrap();
    let to_restore: i64 = answer.failures.iter().map(|f| f.in_base).sum();
    let mtbsi = answer.base / n;
    let mtbf = (answer.base - answer.down / 1000) / n;
    assert_eq!((n, mtbsi), (3, mtbf + to_restore / n));
    // Degraded time restores in full and is down in part.
    let degraded = asked(&ground(&[(10, 12, 500)]), A1);
    assert_ne!(degraded.base, degraded.base - degraded.down / 1000 + degraded.failures[0].in_base);
}

#[test]
fn of_parts_that_stand_in_for_each_other_only_common_time_is_down() {
    let one = Weights::heaviest(&[(Span::new(0, 6 * HOUR), 1000)], FULL);
    let two = Weights::heaviest(&[(Span::new(4 * HOUR, 9 * HOUR), 1000)], FULL);
    let three = Weights::heaviest(&[(Span::new(5 * HOUR, 7 * HOUR), 400)], FULL);
    let parts = [one, two, three];
    let base = spans(&[(0, 100)]);
    let down = |rank| Weights::ranked(&parts, rank).within(&base) / i128::from(HOUR);
    assert_eq!(down(1), 9_000, "all needed: the union");
    assert_eq!(down(2), 2_000 + 400, "two of three needed: where two are down");
    assert_eq!(down(3), 400, "any is enough: where all are down, by the least");
}

/// A world of some hours with outages, maintenance, exclusions and service hours anywhere in it.
fn worlds() -> impl Strategy<Value = (Ground, Vec<(i64, i64, i64)>)> {
    let edges = || prop::collection::vec((0_i64..100, 0_i64..100), 0..6);
    let outages = prop::collection::vec((0_i64..100, 0_i64..100, 0_i64..=1000), 0..10);
    (edges(), edges(), edges(), outages).prop_map(|(hours, agreed, excluded, outages)| {
        let made =
            Ground { hours: spans(&hours), agreed: spans(&agreed), excluded: spans(&excluded), ..ground(&outages) };
        (made, outages)
    })
}

proptest! {
    #[test]
    fn adding_an_outage_never_raises_availability(
        (made, outages) in worlds(),
        more in (0_i64..100, 0_i64..100, 0_i64..=1000),
    ) {
        let mut outages = outages;
        outages.push(more);
        let worse = Ground { hours: made.hours.clone(), agreed: made.agreed.clone(), excluded: made.excluded.clone(), ..ground(&outages) };
        for rule in [A1, A2, Gross] {
            let (before, after) = (asked(&made, rule), asked(&worse, rule));
            prop_assert_eq!(before.base, after.base);
            prop_assert!(before.down <= after.down);
            if before.base > 0 {
                prop_assert!(percent((before.base, before.down)) >= percent((after.base, after.down)));
            }
        }
    }

    #[test]
    fn the_parts_of_a_split_period_add_up_to_the_whole((made, _) in worlds(), at in 0_i64..=100) {
        for rule in [A1, A2, Gross] {
            let whole = asked(&made, rule);
            let first = evaluate(&made, Span::new(0, at * HOUR), rule);
            let second = evaluate(&made, Span::new(at * HOUR, 100 * HOUR), rule);
            prop_assert_eq!(first.base + second.base, whole.base);
            prop_assert_eq!(first.down + second.down, whole.down);
            prop_assert_eq!(first.known + second.known, whole.known);
            prop_assert_eq!(first.planned + second.planned, whole.planned);
            prop_assert_eq!(first.excluded + second.excluded, whole.excluded);
            let begun = |answer: &Answer| answer.failures.iter().filter(|f| f.starts_here).count();
            // Also an outage that was there before the cut, and touches the base only after it, is somebody's event.
            prop_assert_eq!(begun(&first) + begun(&second), begun(&whole));
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing((made, outages) in worlds()) {
        let mut turned = outages;
        turned.reverse();
        let other = ground(&turned);
        prop_assert_eq!(other.down, made.down.clone());
        let other = Ground { hours: made.hours.clone(), agreed: made.agreed.clone(), excluded: made.excluded.clone(), ..ground(&turned) };
        prop_assert_eq!(asked(&other, A1), asked(&made, A1));
    }

    #[test]
    fn nothing_is_down_for_longer_than_it_is_owed((made, _) in worlds()) {
        for rule in [A1, A2, Gross] {
            let answer = asked(&made, rule);
            prop_assert!(0 <= answer.down && answer.down <= answer.base * 1000);
            prop_assert!(answer.failures.iter().map(|f| f.in_base).sum::<i64>() <= answer.base);
        }
    }
}
