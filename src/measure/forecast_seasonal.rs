//! Additive Holt–Winters: a level, a trend and a season that are smoothed day by day (`domain.md` §4.7).
//!
//! Knows a row of values a day apart. Must not know dates, readings or figures.

/// Weights that are tried for level, trend and season.
const GRID: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

/// A smoothed level with trend and season.
#[derive(Clone, Debug, PartialEq)]
pub struct Smoothed {
    /// Level of the last day, without its season.
    pub level: f64,
    /// Change a day.
    pub trend: f64,
    /// What each day of the season adds; the last entry is the last day's.
    pub season: Vec<f64>,
    /// Weights of level, trend and season that foretold the next day best.
    pub weights: [f64; 3],
}

impl Smoothed {
    /// Returns what is expected that many days after the last one; 0 is the last day itself.
    pub fn ahead(&self, days: usize) -> f64 {
        let period = self.season.len().max(1);
        let season = self.season.get((days + period - 1) % period).copied().unwrap_or(0.0);
        self.level + self.trend * days as f64 + season
    }
}

/// Smooths values a day apart with the weights whose one-day forecasts have the least squared error; the first such
/// weights in the order of the grid. `None` of fewer than two full seasons.
///
/// The first two seasons give the start: the trend is the difference of their means by days, the level is that trend's
/// line on the day before the first, and the season is the mean of what the two leave over that line. A season that is
/// taken from the plain means would hold the trend a second time, and not even a line without noise would be met.
pub fn smooth(values: &[f64], period: usize) -> Option<Smoothed> {
    if period == 0 || values.len() < period.checked_mul(2)? {
        return None;
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let (first, second) = (values.get(..period)?, values.get(period..2 * period)?);
    let (mean_first, mean_second) = (mean(first), mean(second));
    let trend = (mean_second - mean_first) / period as f64;
    let middle = (period as f64 - 1.0) / 2.0;
    let season = first.iter().zip(second).enumerate().map(|(day, (one, two))| {
        let ramp = trend * (day as f64 - middle);
        f64::midpoint(one - mean_first - ramp, two - mean_second - ramp)
    });
    let start =
        Smoothed { level: mean_first - trend * (middle + 1.0), trend, season: season.collect(), weights: [0.0; 3] };
    let mut best: Option<(f64, Smoothed)> = None;
    for level in GRID {
        for trend in GRID {
            for season in GRID {
                let (error, smoothed) = run(values, &start, [level, trend, season]);
                if best.as_ref().is_none_or(|(least, _)| error < *least) {
                    best = Some((error, smoothed));
                }
            }
        }
    }
    best.map(|(_, season)| season)
}

/// Smooths with given weights; returns the squared error of the one-day forecasts too.
fn run(values: &[f64], start: &Smoothed, weights: [f64; 3]) -> (f64, Smoothed) {
    let [alpha, beta, gamma] = weights;
    let Smoothed { mut level, mut trend, mut season, .. } = start.clone();
    let period = season.len();
    let mut error = 0.0;
    for (day, value) in values.iter().enumerate() {
        let seasonal = &mut season[day % period];
        error += (value - (level + trend + *seasonal)).powi(2);
        let before = level;
        level = alpha * (value - *seasonal) + (1.0 - alpha) * (level + trend);
        trend = beta * (level - before) + (1.0 - beta) * trend;
        *seasonal = gamma * (value - level) + (1.0 - gamma) * *seasonal;
    }
    season.rotate_left(values.len() % period);
    (error, Smoothed { level, trend, season, weights })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: [f64; 7] = [4.0, 3.0, 2.0, 1.0, 0.0, -5.0, -5.0];

    fn line(day: usize) -> f64 {
        50.0 + 0.25 * day as f64 + WEEK[day % 7]
    }

    #[test]
    fn a_seasonal_line_without_noise_goes_on_as_it_is() {
        // 17 days, so that the last day is not the end of a week.
        let values: Vec<f64> = (0..17).map(line).collect();
        let smoothed = smooth(&values, 7).unwrap();
        assert!((smoothed.trend - 0.25).abs() < 1e-9);
        for ahead in 0..30 {
            assert!((smoothed.ahead(ahead) - line(16 + ahead)).abs() < 1e-9, "{ahead}");
        }
    }

    #[test]
    fn the_start_is_taken_from_the_first_two_seasons_and_smoothed_by_the_book() {
        // Period 2, means 3 and 7: trend 2, level on the day before the first 3 - 2 × 1.5 = 0.
        // Season: day 0: 2 - 3 + 1 = 0 and 8 - 7 + 1 = 2, mean 1; day 1: 4 - 3 - 1 = 0 and 6 - 7 - 1 = -2, mean -1.
        // By the day with weights of one half:
        // 2 against 0 + 2 + 1 = 3 (off by -1): level (2 - 1 + 2) / 2 = 1.5, trend (1.5 + 2) / 2 = 1.75, season (0.5 + 1) / 2 = 0.75
        // 4 against 1.5 + 1.75 - 1 = 2.25 (off by 1.75): level (5 + 3.25) / 2 = 4.125,
        //   trend (2.625 + 1.75) / 2 = 2.1875, season (-0.125 - 1) / 2 = -0.5625
        let start = Smoothed { level: 0.0, trend: 2.0, season: vec![1.0, -1.0], weights: [0.0; 3] };
        let (error, after) = run(&[2.0, 4.0], &start, [0.5; 3]);
        assert!((error - (1.0 + 1.75 * 1.75)).abs() < 1e-12);
        assert_eq!((after.level, after.trend, after.season), (4.125, 2.1875, vec![0.75, -0.5625]));
        // The grid's best can be no worse than one of its members, and is one of them.
        let best = smooth(&[2.0, 4.0, 8.0, 6.0], 2).unwrap();
        let (least, same) = run(&[2.0, 4.0, 8.0, 6.0], &start, best.weights);
        assert_eq!(same, best);
        for weight in GRID {
            assert!(least <= run(&[2.0, 4.0, 8.0, 6.0], &start, [weight; 3]).0);
        }
    }

    #[test]
    fn one_season_and_a_half_is_too_little() {
        assert_eq!(smooth(&[1.0; 13], 7), None);
        assert_eq!(smooth(&[1.0; 13], 0), None);
        assert!(smooth(&[1.0; 14], 7).is_some());
    }
}
