//! Defects a million and the sigma level of a share that was met (`domain.md` §4.9).

use statrs::distribution::{ContinuousCDF, Normal};

/// The long-term shift of the mean that the convention of sigma levels adds: 3.4 defects a million are 6.0.
pub const SHIFT: f64 = 1.5;

/// Returns the defects a million of `missed` out of `counted`, one opportunity each; `None` of none.
pub fn per_million(missed: u64, counted: u64) -> Option<f64> {
    (counted > 0).then(|| 1e6 * missed as f64 / counted as f64)
}

/// Returns the sigma level: the quantile of the normal distribution at the share that was met, and the shift. `None`
/// where nothing or everything was missed, of which the quantile is not finite, and of none.
pub fn level(missed: u64, counted: u64) -> Option<f64> {
    if missed == 0 || missed >= counted {
        return None;
    }
    let met = 1.0 - missed as f64 / counted as f64;
    Some(Normal::standard().inverse_cdf(met) + SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_pairs_of_defects_and_levels_are_met() {
        // The table of the convention: 3.4 ↔ 6.0, 233 ↔ 5.0, 6,210 ↔ 4.0, 66,807 ↔ 3.0, 308,538 ↔ 2.0, 691,462 ↔ 1.0.
        for (missed, level_of) in
            [(34, 6.0), (2_326, 5.0), (62_097, 4.0), (668_072, 3.0), (3_085_375, 2.0), (6_914_625, 1.0)]
        {
            let found = level(missed, 10_000_000).unwrap();
            assert!((found - level_of).abs() < 2e-3, "{missed} per 10 million: {found}");
        }
        assert_eq!(level(1, 2), Some(SHIFT));
    }

    #[test]
    fn nothing_missed_or_everything_missed_has_no_level() {
        assert_eq!(level(0, 10), None);
        assert_eq!(level(10, 10), None);
        assert_eq!(level(0, 0), None);
        assert_eq!(per_million(0, 10), Some(0.0));
        assert_eq!(per_million(1, 8), Some(125_000.0));
        assert_eq!(per_million(0, 0), None);
    }
}
