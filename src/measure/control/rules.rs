//! The rules that tell a signal from noise, each judged at every point of a chart.

use super::limits::Limits;
use crate::model::control_chart::{Month, Signal};

/// A month with a value and what it is held against; limits before they are clipped, so that a bound is not mistaken
/// for a limit that is near.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// The month.
    pub month: Month,
    /// Its value.
    pub value: f64,
    /// Its limits.
    pub limits: Limits,
}

impl Placed {
    /// Sums of the same numbers in another order differ in their last digits: what is that near is equal.
    fn tolerance(&self) -> f64 {
        1e-9 * self.limits.center.abs().max(self.value.abs()).max(1.0)
    }

    /// Returns 1 above the centre, −1 below it, 0 on it.
    fn side(&self) -> i8 {
        match self.value - self.limits.center {
            apart if apart > self.tolerance() => 1,
            apart if apart < -self.tolerance() => -1,
            _ => 0,
        }
    }

    /// Returns the side of the limit that it is nearer to than to the centre, or 0.
    fn leans(&self) -> i8 {
        let side = self.side();
        let limit = if side > 0 { self.limits.upper } else { self.limits.lower };
        let half = (limit - self.limits.center).abs() / 2.0;
        if (self.value - self.limits.center).abs() > half + self.tolerance() { side } else { 0 }
    }

    fn is_outside(&self) -> bool {
        self.value > self.limits.upper + self.tolerance() || self.value < self.limits.lower - self.tolerance()
    }
}

/// Returns the rules that fire at each point. Points stand in the order of their months; a missing month breaks runs
/// and moving ranges. `range_limit` is that of an XmR chart.
pub fn signals(points: &[Placed], range_limit: Option<f64>) -> Vec<Vec<Signal>> {
    let mut unbroken = 0;
    let mut all = Vec::with_capacity(points.len());
    for (at, point) in points.iter().enumerate() {
        let follows = at > 0 && point.month.since(points[at - 1].month) == 1;
        unbroken = if follows { unbroken + 1 } else { 1 };
        let run = &points[at + 1 - unbroken..=at];
        let mut fired = Vec::new();
        if point.is_outside() {
            fired.push(Signal::Outside);
        }
        let side = point.side();
        if run.len() >= 8 && side != 0 && run[run.len() - 8..].iter().all(|other| other.side() == side) {
            fired.push(Signal::RunOf8);
        }
        let leans = point.leans();
        let last_four = &run[run.len().saturating_sub(4)..];
        if leans != 0 && last_four.iter().filter(|other| other.leans() == leans).count() >= 3 {
            fired.push(Signal::ThreeOf4);
        }
        if let Some(limit) = range_limit
            && follows
            && (point.value - points[at - 1].value).abs() > limit + point.tolerance()
        {
            fired.push(Signal::Range);
        }
        all.push(fired);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use Signal::{Outside, Range, RunOf8, ThreeOf4};

    /// Centre 10, limits 4 and 16: nearer to a limit than to the centre is beyond 7 and 13.
    const LIMITS: Limits = Limits { center: 10.0, lower: 4.0, upper: 16.0 };

    /// A chart from January 2026 on; a value that is not a number is a month without one.
    fn fired(values: &[f64], range_limit: Option<f64>) -> Vec<Vec<Signal>> {
        let first = Month::parse("2026-01").unwrap();
        let points: Vec<Placed> = values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(at, value)| Placed {
                month: first.shifted(i32::try_from(at).unwrap()),
                value: *value,
                limits: LIMITS,
            })
            .collect();
        signals(&points, range_limit)
    }

    fn last(values: &[f64]) -> Vec<Signal> {
        fired(values, None).pop().unwrap()
    }

    const GAP: f64 = f64::NAN;

    #[test]
    fn a_point_on_its_limit_is_inside() {
        assert_eq!(last(&[16.0]), []);
        assert_eq!(last(&[4.0]), []);
        assert_eq!(last(&[16.01]), [Outside]);
        assert_eq!(last(&[3.99]), [Outside]);
    }

    #[test]
    fn the_eighth_point_on_one_side_is_a_signal_and_the_seventh_is_none() {
        assert_eq!(last(&[11.0; 7]), []);
        assert_eq!(last(&[11.0; 8]), [RunOf8]);
        assert_eq!(last(&[9.0; 9]), [RunOf8], "it goes on for as long as the run does");
        assert_eq!(last(&[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 11.0]), []);
    }

    #[test]
    fn a_point_on_the_centre_and_a_gap_break_a_run() {
        assert_eq!(last(&[11.0, 11.0, 11.0, 10.0, 11.0, 11.0, 11.0, 11.0, 11.0]), []);
        assert_eq!(last(&[11.0, 11.0, 11.0, GAP, 11.0, 11.0, 11.0, 11.0, 11.0]), []);
        let mut long = vec![11.0, GAP];
        long.extend([11.0; 8]);
        assert_eq!(last(&long), [RunOf8]);
        // 0.1 + 0.2 is not 0.3 in binary; a point is on the centre all the same.
        let mut touched = [11.0; 9];
        touched[4] = 10.0 + (0.1 + 0.2 - 0.3);
        assert_eq!(last(&touched), []);
    }

    #[test]
    fn three_of_four_near_a_limit_are_a_signal_and_two_are_none() {
        assert_eq!(last(&[10.0, 14.0, 9.0, 14.0]), []);
        assert_eq!(last(&[14.0, 14.0, 9.0, 14.0]), [ThreeOf4]);
        assert_eq!(last(&[14.0, 14.0, 14.0]), [ThreeOf4], "a fourth could not take it back");
        assert_eq!(last(&[14.0, 14.0, 14.0, 10.0]), [], "the last must be among them");
        assert_eq!(last(&[14.0, 6.0, 14.0, 6.0]), [], "on one side");
        assert_eq!(last(&[6.0, 6.0, 11.0, 6.0]), [ThreeOf4]);
        assert_eq!(last(&[13.0, 13.0, 13.0, 13.0]), [], "half way is not nearer");
        assert_eq!(last(&[14.0, 14.0, 9.0, 9.0, 14.0]), [], "of the last four alone");
        assert_eq!(last(&[14.0, 14.0, GAP, 14.0]), [], "a gap breaks it");
    }

    #[test]
    fn a_range_over_its_limit_is_a_signal_but_not_over_a_gap() {
        assert_eq!(fired(&[7.5, 12.5], Some(5.0))[1], []);
        assert_eq!(fired(&[7.5, 12.6], Some(5.0))[1], [Range]);
        assert_eq!(fired(&[7.5, GAP, 12.6], Some(5.0))[1], []);
        assert_eq!(fired(&[7.5, 12.6], None)[1], [], "charts without moving ranges do not judge them");
    }

    #[test]
    fn a_chart_without_any_spread_tells_equal_from_different() {
        let limits = Limits { center: 100.0, lower: 100.0, upper: 100.0 };
        let at = |value| signals(&[Placed { month: Month::parse("2026-01").unwrap(), value, limits }], Some(0.0));
        assert_eq!(at(100.0)[0], []);
        assert_eq!(at(99.5)[0], [Outside]);
    }

    proptest::proptest! {
        #[test]
        fn adding_a_constant_to_all_points_leaves_the_signals(
            values in proptest::collection::vec(-50i32..50, 1..30),
            by in -1_000i32..1_000,
        ) {
            // Quarters are exact in binary, so that no point crosses a limit by rounding.
            let chart = |by: i32| {
                let points: Vec<Placed> = values
                    .iter()
                    .enumerate()
                    .map(|(at, value)| Placed {
                        month: Month::parse("2026-01").unwrap().shifted(i32::try_from(at).unwrap()),
                        value: f64::from(value + by) / 4.0,
                        limits: Limits {
                            center: f64::from(by) / 4.0,
                            lower: f64::from(by - 30) / 4.0,
                            upper: f64::from(by + 30) / 4.0,
                        },
                    })
                    .collect();
                signals(&points, Some(10.0))
            };
            proptest::prop_assert_eq!(chart(0), chart(by));
        }
    }
}
