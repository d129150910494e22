//! Steps, gaps, thresholds that are reached already, and forecasts held against what came.

use super::*;
use crate::model::Date;
use crate::model::catalogue::ReadingOf;

fn resource(forecast: ForecastMethod, steps: &[&str]) -> Resource {
    Resource {
        id: "disk".into(),
        name: None,
        service: "mail".into(),
        metric: "disk".into(),
        unit: None,
        of: ReadingOf::Used,
        threshold: 0.0,
        lead_time_days: None,
        kind: crate::model::catalogue::ResourceKind::Technical,
        forecast,
        season_days: 7,
        steps: steps.iter().map(|day| Date(day.parse().unwrap())).collect(),
    }
}

/// Days from 2026-08-01 on, each with the mean that a function gives it.
fn august(days: i32, mean: impl Fn(i32) -> f64) -> Vec<Day> {
    let first = number("2026-08-01".parse().unwrap());
    (0..days).map(|day| Day { number: first + day, mean: mean(day), limit: None, rows: 24 }).collect()
}

fn today(days: &[Day]) -> i32 {
    days.last().unwrap().number
}

#[test]
fn a_forecast_starts_at_the_last_step_that_has_happened() {
    // Two a day until the 15th; then a tidy-up takes 20 away, and it is one a day.
    let days = august(40, |day| if day < 15 { 2.0 * f64::from(day) } else { 10.0 + f64::from(day - 15) });
    let theil_sen = resource(ForecastMethod::TheilSen, &["2026-08-05", "2026-08-16", "2026-10-01"]);
    let outlook = Outlook::new(&days, &theil_sen, today(&days));
    assert_eq!(outlook.used().len(), 25);
    let (reached, interval) = outlook.days_to(50.0, 0);
    // 34 on the last day, one a day.
    assert!((reached.unwrap() - 16.0).abs() < 1e-9);
    assert_eq!(interval.unwrap().method, "Sen's limits of the slope");
    let said = outlook.parameters(&theil_sen);
    let said = |name: &str| said.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(said("fitted_from"), Some("2026-08-16"));
    assert_eq!(said("fitted_to"), Some("2026-09-09"));
    assert_eq!(said("step"), Some("2026-08-16 (in the book)"));
    assert_eq!((said("method"), said("slope_a_day")), (Some("theil_sen"), Some("1")));
}

#[test]
fn a_limit_that_moves_by_more_than_one_percent_is_a_step() {
    let with_limit = |change: f64| {
        let mut days = august(40, f64::from);
        for (at, day) in days.iter_mut().enumerate() {
            day.limit = Some(if at < 20 { 100.0 } else { 100.0 * change });
        }
        // A day whose readings lack the limit says nothing about it, and neither does a day without readings.
        days[20].limit = None;
        days.remove(18);
        days
    };
    let plain = resource(ForecastMethod::TheilSen, &[]);
    for (change, from) in [(1.5, 20), (0.98, 20), (1.01, 0), (0.995, 0)] {
        let days = with_limit(change);
        let outlook = Outlook::new(&days, &plain, today(&days));
        assert_eq!(outlook.step.is_some(), from > 0, "{change}");
        // The 21st says no limit, so that the change is seen on the 22nd.
        assert_eq!(outlook.used().len(), if from > 0 { 19 } else { 39 }, "{change}");
    }
}

#[test]
fn two_weeks_since_the_step_are_needed_unless_it_is_over_already() {
    let days = august(40, f64::from);
    let stepped = resource(ForecastMethod::TheilSen, &["2026-08-28"]);
    let outlook = Outlook::new(&days, &stepped, today(&days));
    let missing = outlook.days_to(50.0, 0).0.unwrap_err();
    assert_eq!(missing.kind, MissingKind::NoData);
    assert_eq!(missing.text, "13 of the 14 days with readings that a forecast needs, since the step on 2026-08-28");
    assert_eq!(outlook.days_to(39.0, 0), (Ok(0.0), None));
    let enough = resource(ForecastMethod::TheilSen, &["2026-08-27"]);
    assert!(Outlook::new(&days, &enough, today(&days)).days_to(50.0, 0).0.is_ok());
    // Nothing was read since: that it was over before does not say that it is.
    let after = resource(ForecastMethod::TheilSen, &["2026-09-20"]);
    let none = Outlook::new(&days, &after, number("2026-10-01".parse().unwrap()));
    assert_eq!(
        none.days_to(5.0, 0).0.unwrap_err().text,
        "0 of the 14 days with readings that a forecast needs, since the step on 2026-09-20"
    );
    assert!(none.used().is_empty());
}

#[test]
fn gaps_are_not_noughts() {
    // Every second day has readings: the trend is that of the days that have.
    let days: Vec<Day> = august(60, f64::from).into_iter().step_by(2).collect();
    for method in [ForecastMethod::TheilSen, ForecastMethod::Ols, ForecastMethod::HoltWinters] {
        let plain = resource(method, &[]);
        let (reached, _) = Outlook::new(&days, &plain, today(&days)).days_to(68.0, 0);
        assert!((reached.unwrap() - 10.0).abs() < 1e-9, "{method:?}");
    }
}

#[test]
fn a_day_that_cannot_be_foretold_says_why() {
    let plain = resource(ForecastMethod::TheilSen, &[]);
    let rising = august(20, |day| 0.5 * f64::from(day));
    let outlook = Outlook::new(&rising, &plain, today(&rising));
    let beyond = outlook.days_to(40.0, 0).0.unwrap_err();
    assert_eq!(beyond.kind, MissingKind::Undefined);
    assert_eq!(beyond.text, "more than 40 d: beyond twice the history it is fitted on");
    let falling = august(20, |day| -f64::from(day));
    let never = Outlook::new(&falling, &plain, today(&falling)).days_to(40.0, 0).0.unwrap_err();
    assert_eq!(never.text, "not reached at the present trend");
    assert_eq!(Outlook::new(&[], &plain, 0).days_to(1.0, 0).0.unwrap_err().kind, MissingKind::NoData);
}

#[test]
fn a_forecast_is_held_against_the_days_that_came() {
    // Up by one or by three in turn, two a day: Theil–Sen gives slope 2. Days: 0, 1, 4, 5, 8, 9 …
    let plain = resource(ForecastMethod::Ols, &[]);
    let days = august(21, |day| 2.0 * f64::from(day) - f64::from(day % 2));
    let outlook = Outlook::new(&days, &plain, today(&days));
    let forecast = outlook.forecast.clone().unwrap();
    let (first, second) = (today(&days) + 1, today(&days) + 3);
    // One day came out 4 lower than forecast, one 2 higher; the day between them has no readings.
    let day = |number: i32, off: f64| Day { number, mean: forecast.on(number) - off, limit: None, rows: 1 };
    let actual = [day(first, 4.0), day(second, -2.0)];
    let score = outlook.score(&actual);
    assert_eq!((score.days, score.error.1), (2, 2));
    assert!((score.bias.unwrap() - 1.0).abs() < 1e-9);
    let parts = 100.0 * (4.0 / actual[0].mean + 2.0 / actual[1].mean) / 2.0;
    assert!((score.error.0.unwrap() - parts).abs() < 1e-9);
    // 20 changes: 1, 3, 1, 3 …: mean 2. Mean absolute miss 3.
    assert!((score.scaled.unwrap() - 1.5).abs() < 1e-9);
}

#[test]
fn a_score_without_forecast_days_or_change_says_why() {
    let plain = resource(ForecastMethod::TheilSen, &[]);
    let short = august(9, f64::from);
    let score = Outlook::new(&short, &plain, today(&short)).score(&short);
    let missing = score.bias.unwrap_err();
    assert_eq!(missing.kind, MissingKind::NoData);
    assert_eq!(
        missing.text,
        "no forecast could be made at the start of the period: 9 of the 14 days with readings that a forecast needs"
    );
    let level = august(20, |_| 0.0);
    let outlook = Outlook::new(&level, &plain, today(&level));
    assert_eq!(outlook.score(&[]).bias.unwrap_err().text, "no readings in the period");
    let after = [Day { number: today(&level) + 1, mean: 0.0, limit: None, rows: 1 }];
    let score = outlook.score(&after);
    assert_eq!(score.error.0.unwrap_err().kind, MissingKind::Undefined);
    assert_eq!((score.bias, score.error.1, score.days), (Ok(0.0), 0, 1));
    assert_eq!(score.scaled.unwrap_err().kind, MissingKind::Undefined);
}

#[test]
fn days_are_written_as_dates() {
    assert_eq!(date(0), "1970-01-01");
    assert_eq!(date(-1), "1969-12-31");
    assert_eq!(number("2026-08-01".parse().unwrap()), 20_666);
    assert_eq!(date(20_666), "2026-08-01");
}

#[test]
fn days_to_the_threshold_count_from_as_of_and_not_from_the_last_reading() {
    // One a day, 39 on the last day: 50 is reached 11 days after it.
    let days = august(40, f64::from);
    let plain = resource(ForecastMethod::TheilSen, &[]);
    let outlook = Outlook::new(&days, &plain, today(&days));
    let from = |passed: i32| outlook.days_from(50.0, &days, today(&days) + 1 + passed);
    for (passed, left) in [(0, 11.0), (1, 10.0), (10, 1.0), (11, 0.0), (13, 0.0)] {
        let (reached, interval) = from(passed);
        assert!((reached.unwrap() - left).abs() < 1e-9, "{passed}");
        assert!((interval.unwrap().low.unwrap() - left).abs() < 1e-9, "{passed}");
    }
    let stale = from(14).0.unwrap_err();
    assert_eq!(stale.kind, MissingKind::NoData);
    assert_eq!(stale.text, "the last reading is of 2026-09-09, 14 days before; too long ago to tell");
    // Also of what was over then.
    assert_eq!(outlook.days_from(39.0, &days, today(&days) + 15).0.unwrap_err().kind, MissingKind::NoData);
    assert_eq!(outlook.days_from(39.0, &days, today(&days) + 14), (Ok(0.0), None));
    let beyond = outlook.days_from(500.0, &days, today(&days) + 6).0.unwrap_err();
    assert_eq!(beyond.text, "more than 75 d: beyond twice the history it is fitted on");
}
