//! Percentiles by linear interpolation (type 7), the one method used everywhere.

/// Returns the percentile `p` (0 to 1) of values sorted in ascending order, or `None` of none.
pub fn linear(sorted: &[f64], p: f64) -> Option<f64> {
    linear_of(sorted, p, |value| value)
}

/// Returns the percentile of values in ascending order that become numbers only where they are looked at.
pub fn linear_of<T: Copy>(sorted: &[T], p: f64, number: impl Fn(T) -> f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = p * last as f64;
    let below = at.floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= at <= last")]
    let index = below as usize;
    let low = number(sorted[index]);
    let high = number(sorted[(index + 1).min(last)]);
    Some(low + (high - low) * (at - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate_between_neighbours() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(linear(&values, 0.5), Some(2.5));
        assert!((linear(&values, 0.95).unwrap() - 3.85).abs() < 1e-12);
        assert_eq!(linear(&values, 1.0), Some(4.0));
        assert_eq!(linear(&[], 0.5), None);
    }
}
