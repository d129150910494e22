//! Capacity: percentiles, totals and forecasts, from readings in files to figures in a report.

use crate::small_book::SmallBook;
use serde_json::Value;

const HEADER: &str = "source_key,service,resource,metric,at,used,limit\n";

/// Readings of a resource at local noon, one a day from the first of July 2026 on: day, used, limit.
fn noon(resource: &str, days: &[(u32, f64, &str)]) -> String {
    let first: chrono::NaiveDate = "2026-07-01".parse().unwrap();
    let line = |(day, used, limit): &(u32, f64, &str)| {
        let date = first + chrono::Days::new(u64::from(*day));
        format!("{resource}-{day},,{resource},disk,{date}T12:00:00+02:00,{used},{limit}\n")
    };
    days.iter().map(line).collect()
}

fn resource(id: &str, more: &str) -> String {
    format!("\n[[resource]]\nid = \"{id}\"\nservice = \"mail\"\nmetric = \"disk\"\n{more}\n")
}

/// A book of readings; `mail` owns the resources.
fn book(config: &str, readings: &str) -> SmallBook {
    let readings = format!("{HEADER}{readings}");
    SmallBook::of("Europe/Berlin").services(&["Mail"]).config(config).table("readings", &readings)
}

fn id(measure: &str, resource: &str) -> String {
    format!("capacity.{measure}/service=mail/metric=disk/resource={resource}")
}

#[test]
fn r17_percentiles_and_totals_come_from_rows_not_from_averages() {
    // The first day has nineteen readings of 10, the second a single one of 90. Mean of the rows: (190 + 90) ÷ 20 = 14;
    // of the days' means 50. 95th percentile of the rows: rank 0.95 × 19 = 18.05, 10 + 0.05 × 80 = 14; of the days'
    // percentiles 10 and 90 it would be 86. Over 50 is one reading of twenty, 5 %, not half of the days.
    let first = (0..19).map(|hour| format!("a-{hour},,disk,disk,2026-07-01T{hour:02}:00:00+02:00,10,\n"));
    let mut readings = first.collect::<Vec<_>>().concat();
    readings.push_str("b,,disk,disk,2026-07-02T12:00:00+02:00,90,\n");
    let config = resource("disk", "threshold = 50.0");
    let month = book(&config, &readings).report("2026-07");
    let close = |measure: &str, value: f64| month.is(&id(measure, "disk"), value);
    close("average", 14.0);
    close("p95", 14.0);
    close("peak", 90.0);
    close("over_threshold", 5.0);
    assert_eq!(month.parts(&id("over_threshold", "disk")), (1, 20));
    // Two months are not the mean of two months: 20 readings that average 14, and one of 56.
    readings.push_str("c,,disk,disk,2026-08-03T12:00:00+02:00,56,\n");
    let both = book(&config, &readings).report("2026-07-01..2026-09-01");
    both.is(&id("average", "disk"), (280.0 + 56.0) / 21.0);
    // Sorted, the 20th and 21st of 21 are 56 and 90, the rank is 0.95 × 20 = 19.
    both.is(&id("p95", "disk"), 56.0);
}

#[test]
fn the_order_of_the_rows_changes_no_figure() {
    let days: Vec<(u32, f64, &str)> = (0..60).map(|day| (day, 20.0 + f64::from(day % 9) + 0.1, "100")).collect();
    let (one, other) = (noon("one", &days), noon("other", &days));
    let mut mixed: Vec<String> = one.lines().zip(other.lines()).map(|(a, b)| format!("{b}\n{a}\n")).collect();
    mixed.reverse();
    let config = resource("one", "threshold = 50.0\nof = \"share\"") + &resource("other", "threshold = 25.0");
    let figures = |readings: &str| {
        let mut figures = book(&config, readings).report("2026-08").figures().to_vec();
        // The hash of the file stands in the receipts.
        for figure in &mut figures {
            figure["basis"]["receipts"] = Value::Null;
        }
        figures
    };
    assert_eq!(figures(&(one + &other)), figures(&mixed.concat()));
}

#[test]
fn a_forecast_tells_its_days_its_interval_and_the_rows_before_the_step() {
    // Thirty days at 500, then the disk is doubled; from then on 410, 412, 414 … of 2,000, with a spike on one day.
    let mut days: Vec<(u32, f64, &str)> = (0..30).map(|day| (day, 500.0, "1000")).collect();
    days.extend(
        (30..62).map(|day| (day, 410.0 + 2.0 * f64::from(day - 30) + f64::from(u8::from(day == 40)) * 50.0, "2000")),
    );
    days.push((61, 0.0, ""));
    let config = resource("disk", "of = \"share\"\nthreshold = 25.0\nlead_time_days = 10");
    let book = book(&config, &noon("disk", &days));
    let report = book.report("2026-08");
    let id = id("days_to_threshold", "disk");
    let figure = report.figure(&id);
    // 472 of 2,000 on 31 August is 23.6 %; a tenth of a percent a day.
    assert!((figure["value"].as_f64().unwrap() - 14.0).abs() < 1e-6, "{figure}");
    assert_eq!(figure["n"], 32);
    assert_eq!(figure["rows"]["used"], 32);
    assert_eq!(report.left_out(&id), [("before the step on 2026-07-31", 30), ("no limit to take the share of", 1)]);
    assert_eq!(report.parameter(&id, "fitted_from"), "2026-07-31");
    assert_eq!(report.parameter(&id, "step"), "2026-07-31 (the limit changed)");
    assert_eq!(report.parameter(&id, "method"), "theil_sen");
    assert_eq!(figure["interval"]["level"], 0.95);
    assert_eq!(figure["verdict"], "at_risk");
    // What the figure says of its rows is what they are.
    for (left_out, rows) in [(false, 32), (true, 31)] {
        let mut arguments = vec!["-q", "rows", &id, "--period", "2026-08", "--format", "json"];
        arguments.extend(left_out.then_some("--left-out"));
        // One line a row.
        let found = book.run(&arguments).text().lines().count();
        assert_eq!(found, rows, "left out: {left_out}");
    }
    let run = book.run(&["-q", "explain", &id, "--period", "2026-08"]);
    let explained = run.text();
    assert!(explained.contains("interval   95 % between 14 d and"), "{explained}");
}

#[test]
fn the_forecast_made_at_the_start_of_a_month_is_held_against_it() {
    // One more a day in July. August stands still at 41, where the forecast goes on to 41 … 71: on average 15 too high.
    let mut days: Vec<(u32, f64, &str)> = (0..31).map(|day| (day, 10.0 + f64::from(day), "")).collect();
    days.extend((31..62).map(|day| (day, 41.0, "")));
    let config = resource("disk", "threshold = 90.0\nforecast = \"ols\"");
    let book = book(&config, &noon("disk", &days));
    let august = book.report("2026-08");
    let close = |measure: &str, value: f64| {
        let figure = august.figure(&id(measure, "disk"));
        august.is(&id(measure, "disk"), value);
        assert_eq!((&figure["n"], &figure["rows"]["used"]), (&Value::from(31), &Value::from(31)));
    };
    close("forecast_bias", 15.0);
    close("forecast_error", 100.0 * 15.0 / 41.0);
    close("forecast_mase", 15.0);
    assert_eq!(august.figure(&id("forecast_mase", "disk"))["unit"], "ratio");
    assert_eq!(august.parameter(&id("forecast_bias", "disk"), "fitted_to"), "2026-07-31");
    // A month that runs is compared as far as it is known: the first ten days are 0 to 9 too high.
    book.report_as_of("2026-08", "2026-08-11T00:00:00+02:00").is(&id("forecast_bias", "disk"), 4.5);
    // In July nothing was known before it: no forecast, which is not a forecast without error.
    assert_eq!(book.report("2026-07").missing(&id("forecast_error", "disk")), "no_data");
}

#[test]
fn readings_without_a_limit_are_not_called_no_readings() {
    let days: Vec<(u32, f64, &str)> = (0..20).map(|day| (day, 10.0, "")).collect();
    let config = resource("disk", "of = \"share\"\nthreshold = 90.0") + &resource("tape", "threshold = 90.0");
    let readings = noon("disk", &days) + "t,,tape,disk,2026-06-01T12:00:00+02:00,5,\n";
    let report = book(&config, &readings).report("2026-07");
    for measure in ["average", "p95", "peak", "over_threshold", "days_to_threshold", "forecast_error"] {
        let missing = &report.figure(&id(measure, "disk"))["missing"];
        assert_eq!(missing["kind"], "no_data", "{measure}");
        assert_eq!(missing["text"], "no reading has a limit to take the share of", "{measure}");
    }
    assert_eq!(report.figure(&id("average", "disk"))["rows"]["left_out"][0]["count"], 20);
    for measure in ["average", "p95", "peak", "over_threshold", "forecast_error"] {
        let missing = &report.figure(&id(measure, "tape"))["missing"];
        assert_eq!(missing["text"], "no readings in the period", "{measure}");
    }
}

#[test]
fn a_season_that_no_forecast_can_look_back_on_is_refused() {
    let book = book(&resource("disk", "threshold = 90.0\nseason_days = 60"), "");
    book.run(&["check"]).ends(1).says(&["resource `disk`", "season of 60 days", "from 2 to 45"]);
}

#[test]
fn a_day_that_is_not_over_is_no_day_of_a_forecast() {
    // Level at 50, but for the first hour of each day, which has 90: a day's mean is (90 + 23 × 50) ÷ 24.
    let hours = (0..24 * 60).map(|hour: u64| {
        let (day, hour) = (hour / 24, hour % 24);
        let date = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap() + chrono::Days::new(day);
        let used = if hour == 0 { 90 } else { 50 };
        format!("{day}-{hour},,disk,disk,{date}T{hour:02}:00:00+02:00,{used},\n")
    });
    let readings = hours.collect::<Vec<_>>().concat();
    let book = book(&resource("disk", "threshold = 80.0"), &readings);
    let at = |as_of: &str| book.report_as_of("2026-08", as_of);
    let (cut, whole) = (at("2026-08-15T01:00:00+02:00"), at("2026-08-15T00:00:00+02:00"));
    for figures in [&cut, &whole] {
        let days = figures.figure(&id("days_to_threshold", "disk"));
        assert_eq!(days["missing"]["text"], "not reached at the present trend");
        // All days of July, and fourteen of August.
        assert_eq!((&days["n"], &days["rows"]["used"]), (&45.into(), &(45 * 24).into()));
        assert_eq!(figures.figure(&id("forecast_error", "disk"))["n"], 14);
        assert!(figures.value(&id("forecast_bias", "disk")).abs() < 1e-9);
        assert_eq!(figures.figure(&id("forecast_bias", "disk"))["rows"]["used"], 14 * 24);
    }
    assert_eq!(cut.figure(&id("forecast_bias", "disk"))["rows"]["left_out"][0]["count"], 1);
    assert_eq!(cut.figure(&id("average", "disk"))["n"], 14 * 24 + 1, "the period's own figures have every reading");
    // Ninety local days, whatever the clocks do: the first hour of the first one is in.
    let winter = "2026-11-10T00:00:00+01:00";
    let last = book.report_as_of("2026-11", winter);
    let days = last.figure(&id("days_to_threshold", "disk"));
    assert_eq!((&days["missing"]["kind"], &days["rows"]["used"]), (&"no_data".into(), &(18 * 24).into()));
}
