//! Fits against figures worked out by hand.

use super::*;
use proptest::prelude::*;

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * right.abs().max(1.0)
}

fn straight(days: i32) -> Vec<Point> {
    (0..days).map(|day| (20_000 + day, 10.0 + 0.5 * f64::from(day))).collect()
}

#[test]
fn one_wild_day_does_not_move_the_line() {
    let mut points = straight(20);
    points[7].1 = 900.0;
    let line = theil_sen(&points).unwrap();
    assert!(near(line.slope, 0.5) && near(line.now, 19.5));
    assert_eq!(theil_sen(&points[..1]), None);
    assert_eq!(theil_sen(&[]), None);
}

#[test]
fn theil_sen_is_the_median_of_the_slopes_with_the_limits_of_sen() {
    // Days 0, 1, 2, 4 (a gap: day 3 is no point) with 1, 3, 4, 11.
    // Slopes: 0-1: 2, 0-2: 1.5, 0-4: 2.5, 1-2: 1, 1-4: 8/3, 2-4: 3.5. Sorted: 1, 1.5, 2, 2.5, 8/3, 3.5. Median 2.25.
    // Rests against the last day: 1 + 9 = 10, 3 + 6.75 = 9.75, 4 + 4.5 = 8.5, 11. Median (9.75 + 10) / 2 = 9.875.
    let points = [(100, 1.0), (101, 3.0), (102, 4.0), (104, 11.0)];
    let line = theil_sen(&points).unwrap();
    assert!(near(line.slope, 2.25) && near(line.now, 9.875));
    // N = 6, C = 1.959964 × √(4 × 3 × 13 ÷ 18) = 5.77: rank 0.11 is below the first, rank 6.89 above the last.
    assert_eq!(line.limits, Some((1.0, 3.5)));
}

#[test]
fn limits_between_two_ranks_take_their_share_of_both() {
    // Ten days of y = x²: the slope between days a and b is a + b. N = 45; C = 1.959964 × √(10 × 9 × 25 ÷ 18)
    // = 1.959964 × √125 = 21.913064; ranks 11.543468 and 34.456532.
    // Sums of two of 0..9, sorted: 1 2 3 3 4 4 5 5 5 6 6 6 7 …: ranks 10 to 12 are 6; by symmetry ranks 34 to 36 are 12.
    let squares: Vec<Point> = (0..10).map(|day| (day, f64::from(day * day))).collect();
    let line = theil_sen(&squares).unwrap();
    assert!(near(line.slope, 9.0));
    let (low, high) = line.limits.unwrap();
    assert!(near(low, 6.0) && near(high, 12.0));
    // Six days 0, 0, 0, 0, 0, 15: N = 15; C = 1.959964 × √(6 × 5 × 17 ÷ 18) = 10.432754; ranks 2.283623 and 13.716377.
    // Slopes: ten of 0, then 3, 3.75, 5, 7.5, 15. Rank 13.716377 lies between 5 and 7.5.
    let jump: Vec<Point> = (0..6).map(|day| (day, if day == 5 { 15.0 } else { 0.0 })).collect();
    let (low, high) = theil_sen(&jump).unwrap().limits.unwrap();
    let spread = 1.959_964 * (6.0_f64 * 5.0 * 17.0 / 18.0).sqrt();
    assert!(near(low, 0.0) && near(high, 5.0 + 2.5 * (0.5 * (15.0 + spread) + 1.0 - 13.0)));
    assert!((high - 6.790_94).abs() < 1e-4);
}

#[test]
fn least_squares_by_pencil() {
    // x = 0, 1, 2, 3, y = 1, 3, 2, 6. Means 1.5 and 3; Sxx = 5; Sxy = 3 + 0 - 0.5 + 4.5 = 7; slope 1.4; fitted at 3:
    // 3 + 1.4 × 1.5 = 5.1. Fitted 0.9, 2.3, 3.7, 5.1; rests 0.1, 0.7, -1.7, 0.9; squares 0.01 + 0.49 + 2.89 + 0.81 = 4.2.
    // Standard error √(4.2 ÷ 2 ÷ 5) = √0.42; t(0.975, 2) = 4.302653.
    let points = [(50, 1.0), (51, 3.0), (52, 2.0), (53, 6.0)];
    let line = least_squares(&points).unwrap();
    assert!(near(line.slope, 1.4) && near(line.now, 5.1));
    let (low, high) = line.limits.unwrap();
    let half = 4.302_652_729_7 * 0.42_f64.sqrt();
    assert!((low - (1.4 - half)).abs() < 1e-8 && (high - (1.4 + half)).abs() < 1e-8);
    // Two days have a line but nothing that tells how sure it is.
    assert_eq!(least_squares(&points[..2]).unwrap().limits, None);
    assert_eq!(least_squares(&points[..1]), None);
}

#[test]
fn quantiles_of_student_are_those_of_the_tables() {
    for (freedom, tabled) in [(1.0, 12.706_205), (10.0, 2.228_139), (12.0, 2.178_813), (88.0, 1.987_290)] {
        let student = StudentsT::new(0.0, 1.0, freedom).unwrap();
        assert!((student.inverse_cdf(0.975) - tabled).abs() < 1e-5, "{freedom}");
    }
}

fn reached(points: &[Point], method: ForecastMethod, threshold: f64) -> Reach {
    Forecast::fit(points, method, 7).unwrap().reach(threshold)
}

#[test]
fn a_threshold_is_reached_in_days_or_never_or_too_late_to_say() {
    // Fitted on 20 days, 19.5 on the last, half a day: nothing is foretold beyond 40 days.
    for method in [ForecastMethod::TheilSen, ForecastMethod::Ols] {
        let at = |threshold| reached(&straight(20), method, threshold);
        let Reach::In(days, Some((Some(low), Some(high)))) = at(30.0) else { panic!("{:?}", at(30.0)) };
        assert!(near(days, 21.0) && near(low, 21.0) && near(high, 21.0));
        let Reach::In(days, _) = at(39.0) else { panic!("{:?}", at(39.0)) };
        assert!(near(days, 39.0));
        assert_eq!(at(40.0), Reach::Beyond(40));
        assert_eq!(at(19.0), Reach::In(0.0, None));
        let falling: Vec<Point> = straight(20).into_iter().map(|(day, mean)| (day, -mean)).collect();
        assert_eq!(reached(&falling, method, 30.0), Reach::Never);
        let level: Vec<Point> = straight(20).into_iter().map(|(day, _)| (day, 5.0)).collect();
        assert_eq!(reached(&level, method, 30.0), Reach::Never);
    }
}

#[test]
fn the_interval_is_open_where_the_flattest_slope_does_not_rise() {
    let line = Line { slope: 0.5, now: 10.0, limits: Some((-0.1, 2.0)) };
    assert_eq!(line.reach(20.0, 100), Reach::In(20.0, Some((Some(5.0), None))));
    let line = Line { limits: Some((0.25, 2.0)), ..line };
    assert_eq!(line.reach(20.0, 100), Reach::In(20.0, Some((Some(5.0), Some(40.0)))));
}

#[test]
fn a_season_is_foretold_by_whole_days() {
    // Half a unit more each day and 6 more on the last day of each week: 28 days end with such a day, at 29.5.
    let season = |day: i32| 10.0 + 0.5 * f64::from(day) + if day % 7 == 6 { 6.0 } else { 0.0 };
    let points: Vec<Point> = (0..28).map(|day| (day, season(day))).collect();
    let forecast = Forecast::fit(&points, ForecastMethod::HoltWinters, 7).unwrap();
    assert_eq!((forecast.method.as_str(), forecast.first, forecast.last, forecast.days), ("holt_winters", 0, 27, 28));
    for day in 28..60 {
        assert!(near(forecast.on(day), season(day)), "{day}");
    }
    // 32.9: day 34 has 10 + 17 + 6 = 33, and no day before it has more than 26.5.
    assert_eq!(forecast.reach(32.9), Reach::In(7.0, None));
    assert_eq!(forecast.reach(29.4), Reach::In(0.0, None));
    // Up to day 27 + 56 = 83 the most is 10 + 41.5 + 6 = 57.5.
    assert_eq!(forecast.reach(57.4), Reach::In(56.0, None));
    assert_eq!(forecast.reach(57.6), Reach::Beyond(56));
    let falling: Vec<Point> = points.iter().map(|(day, mean)| (*day, -mean)).collect();
    assert_eq!(reached(&falling, ForecastMethod::HoltWinters, 10.0), Reach::Never);
}

#[test]
fn a_gap_makes_holt_winters_start_after_it_or_fall_back_and_say_so() {
    let mut points = straight(40);
    points.remove(20);
    let forecast = Forecast::fit(&points, ForecastMethod::HoltWinters, 7).unwrap();
    assert_eq!((forecast.method.as_str(), forecast.first, forecast.days), ("holt_winters", 20_021, 19));
    points.remove(29);
    let forecast = Forecast::fit(&points, ForecastMethod::HoltWinters, 7).unwrap();
    assert_eq!(forecast.method, "theil_sen (holt_winters needs 14 days without a gap, there are 9)");
    assert_eq!((forecast.first, forecast.days), (20_000, 38));
    assert!(matches!(forecast.model, Model::Line(_)));
}

#[test]
fn many_points_are_thinned_and_keep_the_last() {
    let points = straight(5_001);
    let kept = thinned(&points);
    assert!(kept.len() <= 2_000 && kept.len() > 1_600);
    assert_eq!(kept.last(), points.last());
    assert_eq!(thinned(&points[..2_000]).len(), 2_000);
}

proptest! {
    #[test]
    fn what_is_added_to_readings_and_threshold_changes_nothing(
        // Eighths are exact in binary, and so are their sums.
        means in prop::collection::vec(0_i32..800, 14..90),
        gaps in prop::collection::vec(0_usize..90, 0..4),
        threshold in 0_i32..2_000,
        more in -500_i32..500,
        method in prop::sample::select(vec![ForecastMethod::TheilSen, ForecastMethod::Ols, ForecastMethod::HoltWinters]),
    ) {
        let points = |more: i32| -> Vec<Point> {
            (0..).zip(&means).filter(|(day, _)| !gaps.contains(&usize::try_from(*day).unwrap()))
                .map(|(day, mean)| (day, f64::from(mean + more) / 8.0)).collect()
        };
        prop_assume!(points(0).len() >= 2);
        let of = |more: i32| Forecast::fit(&points(more), method, 7).unwrap();
        let (plain, moved) = (of(0), of(more));
        prop_assert_eq!(&plain.method, &moved.method);
        let by = f64::from(more) / 8.0;
        // A fit whose weights tie may turn either way by rounding, and so may a threshold that is just reached.
        for day in plain.last..plain.last + 30 {
            let off = (plain.on(day) + by - moved.on(day)).abs();
            if method != ForecastMethod::HoltWinters { prop_assert!(off < 1e-6, "{off}"); }
        }
        let line = |forecast: &Forecast| match &forecast.model { Model::Line(line) => Some(*line), Model::Smoothed(_) => None };
        if let (Some(one), Some(other)) = (line(&plain), line(&moved)) {
            prop_assert!((one.slope - other.slope).abs() < 1e-9);
            let level = f64::from(threshold) / 8.0;
            if let (Reach::In(a, _), Reach::In(b, _)) = (plain.reach(level), moved.reach(level + by)) {
                prop_assert!((a - b).abs() <= 1e-6 * a.max(1.0), "{a} {b}");
            }
        }
    }
}
