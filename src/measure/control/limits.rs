//! Centre and limits of a control chart from the points of its baseline (`domain.md` §4.9).
//!
//! Pure arithmetic over numbers. Knows neither figures nor months, but how far apart two months stand.

use crate::model::control_chart::Month;

/// What a month is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The expected value.
    pub center: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

/// What a value cannot leave.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Bounds {
    /// The least that can be.
    pub low: Option<f64>,
    /// The most that can be.
    pub high: Option<f64>,
}

impl Limits {
    fn around(center: f64, reach: f64) -> Self {
        Self { center, lower: center - reach, upper: center + reach }
    }

    /// Cuts the limits where a value cannot be.
    #[must_use]
    pub fn clipped(self, bounds: Bounds) -> Self {
        let within = |value: f64| bounds.high.map_or(value, |high| value.min(high));
        let within = |value: f64| bounds.low.map_or(within(value), |low| within(value).max(low));
        Self { center: self.center, lower: within(self.lower), upper: within(self.upper) }
    }

    /// Multiplies centre and limits.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { center: self.center * factor, lower: self.lower * factor, upper: self.upper * factor }
    }
}

/// An XmR chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xmr {
    /// Centre and limits of the values.
    pub limits: Limits,
    /// The mean or median of the moving ranges.
    pub range: f64,
    /// The upper limit of the moving range.
    pub range_limit: f64,
}

/// Makes an XmR chart: X̄ ± 2.66·mR̄ and 3.267·mR̄, or X̃ ± 3.145·m̃R and 3.865·m̃R.
///
/// `values` stand in the order of their months. A moving range is made between neighbours in the calendar alone: not
/// over a gap. `None` where there is no value or no moving range.
pub fn xmr(values: &[(Month, f64)], median: bool) -> Option<Xmr> {
    let ranges: Vec<f64> = values
        .windows(2)
        .filter(|pair| pair[1].0.since(pair[0].0) == 1)
        .map(|pair| (pair[1].1 - pair[0].1).abs())
        .collect();
    let values: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let middle = if median { self::median } else { mean };
    let (reach, over) = if median { (3.145, 3.865) } else { (2.66, 3.267) };
    let (center, range) = (middle(&values)?, middle(&ranges)?);
    Some(Xmr { limits: Limits::around(center, reach * range), range, range_limit: over * range })
}

/// Makes the limits of a share, 0 to 1, over `cases`: p̄ ± 3√(p̄(1−p̄)/n).
pub fn p(share: f64, cases: f64) -> Limits {
    Limits::around(share, 3.0 * (share * (1.0 - share) / cases).max(0.0).sqrt())
}

/// Makes the limits of a rate over an area: ū ± 3√(ū/a).
pub fn u(rate: f64, area: f64) -> Limits {
    Limits::around(rate, 3.0 * (rate / area).max(0.0).sqrt())
}

/// Makes the limits of a count: c̄ ± 3√c̄.
pub fn c(count: f64) -> Limits {
    u(count, 1.0)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns the middle value, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(*sorted.get(middle - 1)?, upper)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Months from January 2026 on; `None` is a month without a value.
    fn months(values: &[Option<f64>]) -> Vec<(Month, f64)> {
        let first = Month::parse("2026-01").unwrap();
        let placed = values.iter().enumerate().map(|(at, value)| (first.shifted(i32::try_from(at).unwrap()), value));
        placed.filter_map(|(month, value)| Some((month, (*value)?))).collect()
    }

    #[track_caller]
    fn same(limits: Limits, center: f64, lower: f64, upper: f64) {
        for (given, stated) in [(limits.center, center), (limits.lower, lower), (limits.upper, upper)] {
            assert!((given - stated).abs() < 1e-9, "{limits:?} is not {center} {lower} {upper}");
        }
    }

    #[test]
    fn xmr_limits_are_those_worked_out_by_hand() {
        // 10 12 9 13 11: sum 55, mean 11. Moving ranges 2 3 4 2: sum 11, mean 2.75.
        // 2.66 × 2.75 = 7.315: 3.685 to 18.315. 3.267 × 2.75 = 8.98425.
        let chart = xmr(&months(&[Some(10.0), Some(12.0), Some(9.0), Some(13.0), Some(11.0)]), false).unwrap();
        same(chart.limits, 11.0, 3.685, 18.315);
        assert!((chart.range_limit - 8.984_25).abs() < 1e-9 && (chart.range - 2.75).abs() < 1e-9);
    }

    #[test]
    fn median_limits_are_those_worked_out_by_hand() {
        // 10 12 9 13 40: sorted 9 10 12 13 40, median 12. Moving ranges 2 3 4 27: sorted 2 3 4 27, median (3 + 4)/2 = 3.5.
        // 3.145 × 3.5 = 11.0075: 0.9925 to 23.0075. 3.865 × 3.5 = 13.5275.
        let chart = xmr(&months(&[Some(10.0), Some(12.0), Some(9.0), Some(13.0), Some(40.0)]), true).unwrap();
        same(chart.limits, 12.0, 0.992_5, 23.007_5);
        assert!((chart.range_limit - 13.527_5).abs() < 1e-9);
    }

    #[test]
    fn no_moving_range_is_made_over_a_gap() {
        // 10 12 – 30 33: ranges 2 and 3, not 18. Mean 21.25, mR̄ 2.5: 2.66 × 2.5 = 6.65.
        let chart = xmr(&months(&[Some(10.0), Some(12.0), None, Some(30.0), Some(33.0)]), false).unwrap();
        same(chart.limits, 21.25, 14.6, 27.9);
        assert_eq!(xmr(&months(&[Some(1.0), None, Some(2.0), None, Some(3.0)]), false), None, "no two are neighbours");
        assert_eq!(xmr(&[], false), None);
    }

    #[test]
    fn p_limits_vary_with_the_number_of_cases() {
        // p̄ = 0.9: p̄(1−p̄) = 0.09. n = 100: 3√0.0009 = 0.09. n = 25: 3√0.0036 = 0.18. n = 900: 3√0.0001 = 0.03.
        same(p(0.9, 100.0), 0.9, 0.81, 0.99);
        same(p(0.9, 900.0), 0.9, 0.87, 0.93);
        same(p(0.9, 25.0), 0.9, 0.72, 1.08);
        same(p(0.9, 25.0).clipped(Bounds { low: Some(0.0), high: Some(1.0) }), 0.9, 0.72, 1.0);
        // All of them met: there is no spread left.
        same(p(1.0, 40.0), 1.0, 1.0, 1.0);
    }

    #[test]
    fn u_and_c_limits_are_those_worked_out_by_hand() {
        // ū = 4 an area. a = 1: 3√4 = 6, clipped at nought. a = 4: 3√1 = 3. a = 9: 3√(4/9) = 2.
        let bounds = Bounds { low: Some(0.0), high: None };
        same(u(4.0, 1.0), 4.0, -2.0, 10.0);
        same(u(4.0, 1.0).clipped(bounds), 4.0, 0.0, 10.0);
        same(u(4.0, 4.0), 4.0, 1.0, 7.0);
        same(u(4.0, 9.0).times(9.0), 36.0, 18.0, 54.0);
        // c̄ = 16: 3√16 = 12.
        same(c(16.0), 16.0, 4.0, 28.0);
    }

    proptest::proptest! {
        #[test]
        fn adding_a_constant_moves_centre_and_limits_by_it(
            values in proptest::collection::vec(proptest::option::weighted(0.9, -1e4..1e4_f64), 2..30),
            by in -1e4..1e4_f64,
            median: bool,
        ) {
            let moved: Vec<Option<f64>> = values.iter().map(|value| value.map(|value| value + by)).collect();
            match (xmr(&months(&values), median), xmr(&months(&moved), median)) {
                (Some(before), Some(after)) => {
                    for (before, after) in [
                        (before.limits.center, after.limits.center),
                        (before.limits.lower, after.limits.lower),
                        (before.limits.upper, after.limits.upper),
                    ] {
                        proptest::prop_assert!((after - before - by).abs() < 1e-6);
                    }
                    proptest::prop_assert!((after.range_limit - before.range_limit).abs() < 1e-6);
                }
                (before, after) => proptest::prop_assert_eq!(before.is_none(), after.is_none()),
            }
        }
    }
}
