//! Trend of a capacity metric: Theil–Sen, the median of pairwise slopes (`domain.md` §4.7).

use super::quantile::linear;

/// A robust line through points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Change a unit of x.
    pub slope: f64,
    /// Value at x = 0.
    pub intercept: f64,
}

/// Fits a line; `None` of fewer than two distinct x.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Line> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (at, (x1, y1)) in points.iter().enumerate() {
        slopes.extend(points[at + 1..].iter().filter(|(x2, _)| x2 > x1).map(|(x2, y2)| (y2 - y1) / (x2 - x1)));
    }
    slopes.sort_by(f64::total_cmp);
    let slope = linear(&slopes, 0.5)?;
    let mut rests: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
    rests.sort_by(f64::total_cmp);
    Some(Line { slope, intercept: linear(&rests, 0.5)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_point_does_not_move_the_line() {
        let mut points: Vec<(f64, f64)> = (0..20).map(|x| (f64::from(x), 10.0 + 0.5 * f64::from(x))).collect();
        points[7].1 = 900.0;
        let line = theil_sen(&points).unwrap();
        assert!((line.slope - 0.5).abs() < 1e-9 && (line.intercept - 10.0).abs() < 1e-9);
        assert_eq!(theil_sen(&points[..1]), None);
    }
}
