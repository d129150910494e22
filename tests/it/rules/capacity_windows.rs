//! Capacity from windows: what a tool has reduced its readings to, from files to figures in a report. Every figure is
//! worked out by hand where it stands.

use crate::small_book::{Report, SmallBook, rows_behind};
use serde_json::Value;
use std::fmt::Write as _;

const HEADER: &str = "source_key,known_at,resource,metric,from,to,n,min,avg,max,p95,limit,method\n";

fn resource(id: &str, more: &str) -> String {
    format!("\n[[resource]]\nid = \"{id}\"\nservice = \"mail\"\nmetric = \"disk\"\n{more}\n")
}

/// A book of windows of the resource `disk`, with its threshold at 60; every figure's rows are counted.
fn book(rows: &str) -> SmallBook {
    book_of(&resource("disk", "threshold = 60.0"), rows)
}

fn book_of(config: &str, rows: &str) -> SmallBook {
    SmallBook::of("Europe/Berlin")
        .services(&["Mail"])
        .config(config)
        .table("reading-windows", &format!("{HEADER}{rows}"))
}

/// The report of July 2026, of which every figure and finding has the rows that it says.
#[track_caller]
fn july(book: &SmallBook) -> Report {
    rows_behind(&book.session(None), "2026-07");
    book.report("2026-07")
}

/// A window of `disk` from an hour of July 2026 on, so many hours long, with what follows `to` in the file.
fn window(key: &str, from: u32, hours: u32, rest: &str) -> String {
    let stamp = |hour: u32| format!("2026-07-{:02}T{:02}:00:00+02:00", 1 + hour / 24, hour % 24);
    format!("{key},,disk,disk,{},{},{rest}\n", stamp(from), stamp(from + hours))
}

fn id(measure: &str) -> String {
    id_of(measure, "disk")
}

fn id_of(measure: &str, resource: &str) -> String {
    format!("capacity.{measure}/service=mail/metric=disk/resource={resource}")
}

#[track_caller]
fn why(report: &Report, measure: &str) -> String {
    report.figure(&id(measure))["missing"]["text"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn r17_windows_weigh_as_much_as_their_readings() {
    // 10 readings that average 20 and 30 that average 60: (200 + 1800) ÷ 40 = 50; of the averages it would be 40.
    let rows = window("a", 0, 1, "10,10,20,30,28,,trend.get") + &window("b", 1, 1, "30,50,60,90,85,,trend.get");
    let report = july(&book(&rows));
    report.is(&id("average"), 50.0);
    report.is(&id("peak"), 90.0);
    let average = report.figure(&id("average"));
    assert_eq!((&average["rows"]["table"], &average["rows"]["used"]), (&"reading_windows".into(), &2.into()));
    assert_eq!(report.parameter(&id("average"), "weights"), "each window by its readings");
    assert_eq!(report.parameter(&id("average"), "readings"), "40");
    assert_eq!(report.parameter(&id("average"), "tool_method"), "trend.get");
    // 2 of the 744 hours of July.
    report.is(&id("window_coverage"), 100.0 * 2.0 / 744.0);
    assert_eq!(report.parameter(&id("average"), "covered"), "0.26 %");
    assert!(average["basis"]["formula"].as_str().unwrap().starts_with("Σ readings × mean"), "{average}");
}

#[test]
fn r17_percentiles_of_parts_do_not_make_that_of_the_whole() {
    let rows = window("a", 0, 1, "10,10,20,30,28,,") + &window("b", 1, 1, "30,50,60,90,85,,");
    let parts = july(&book(&rows));
    assert_eq!(parts.missing(&id("p95")), "undefined");
    assert!(why(&parts, "p95").contains("do not make one; the highest of them is capacity.window_p95"));
    parts.is(&id("window_p95"), 85.0);
    // A window over exactly July is the tool's own answer; the hours stay what averages and peaks are made of.
    let month = "m,,disk,disk,2026-07-01T00:00:00+02:00,2026-08-01T00:00:00+02:00,,,,,77,,\"quantile_over_time(0.95, x[31d])\"\n";
    let whole = july(&book(&(rows.clone() + month)));
    whole.is(&id("p95"), 77.0);
    whole.is(&id("average"), 50.0);
    assert_eq!(whole.parameter(&id("p95"), "percentile"), "the tool's own, of one window over exactly the period");
    assert_eq!(whole.parameter(&id("p95"), "tool_method"), "quantile_over_time(0.95, x[31d])");
    assert_eq!(whole.left_out(&id("p95")), [("not the window over exactly the period", 2)]);
    assert_eq!(whole.left_out(&id("average")), [("tells no mean", 1)]);
    // Another day's end is another period.
    let almost = month.replace("2026-08-01T00", "2026-07-31T23");
    assert_eq!(july(&book(&(rows + &almost))).missing(&id("p95")), "undefined");
    // Nothing of the kind is no data, not a figure that cannot be.
    assert_eq!(july(&book(&window("a", 0, 1, "10,10,20,30,,,"))).missing(&id("p95")), "no_data");
}

#[test]
fn windows_that_do_not_tell_n_weigh_the_same_if_they_are_as_long() {
    let hours = window("a", 0, 1, ",,20,30,,,") + &window("b", 1, 1, "30,,60,90,,,");
    let report = july(&book(&hours));
    report.is(&id("average"), 40.0);
    assert!(report.parameter(&id("average"), "weights").ends_with("(assumed)"));
    let mixed = july(&book(&(hours + &window("c", 2, 2, ",,90,95,,,"))));
    assert_eq!(mixed.missing(&id("average")), "no_data");
    assert!(why(&mixed, "average").contains("differ in length"), "{}", why(&mixed, "average"));
    mixed.is(&id("peak"), 95.0);
    // A local day of 25 hours weighs as much as one of 24.
    let days = "a,,disk,disk,2026-10-24T00:00:00+02:00,2026-10-25T00:00:00+02:00,,,10,,,,\n\
                b,,disk,disk,2026-10-25T00:00:00+02:00,2026-10-26T00:00:00+01:00,,,20,,,,\n";
    book(days).report("2026-10").is(&id("average"), 15.0);
}

#[test]
fn the_share_over_a_threshold_is_told_only_where_it_is_known() {
    // Over 60: none of the 10 readings up to 30, all of the 30 from 70 on: 30 of 40.
    let known = window("a", 0, 1, "10,10,20,30,,,") + &window("b", 1, 1, "30,70,80,90,,,");
    let report = july(&book(&known));
    report.is(&id("over_threshold"), 75.0);
    assert_eq!(report.parts(&id("over_threshold")), (30, 40));
    // 20 more readings between 50 and 70: at least 30 and at most 50 of 60 are over.
    let open = july(&book(&(known + &window("c", 2, 1, "20,50,60,70,,,"))));
    assert_eq!(open.missing(&id("over_threshold")), "undefined");
    assert_eq!(
        why(&open, "over_threshold"),
        "of 1 of 3 windows it is not told how many of their readings were over; between 50.00 % and 83.33 % of all were"
    );
    // Equal to the threshold is not over it, whatever the windows weigh.
    let equal = window("a", 0, 1, ",,20,60,,,") + &window("b", 1, 2, ",,20,60,,,");
    july(&book(&equal)).is(&id("over_threshold"), 0.0);
}

#[test]
fn windows_that_overlap_count_once_as_they_were_known_later() {
    let known = |key: &str, at: &str, rest: &str| {
        format!("{key},{at},disk,disk,2026-07-01T00:00:00+02:00,2026-07-01T01:00:00+02:00,{rest}\n")
    };
    let (first, second) = ("2026-07-01T01:00:00+02:00", "2026-07-02T00:00:00+02:00");
    let rows = known("b", second, "10,,30,40,,,") + &known("a", first, "10,,10,90,,,");
    let report = july(&book(&rows));
    report.is(&id("average"), 30.0);
    report.is(&id("peak"), 40.0);
    assert_eq!(report.left_out(&id("average")), [("overlaps a window that is used", 1)]);
    assert_eq!(report.finding("reading_windows_overlap")["count"], 1);
    report.is(&id("window_coverage"), 100.0 / 744.0);
    // Before the later one was known, the earlier one is what there is.
    let before = book(&rows).report_as_of("2026-07", "2026-07-01T12:00:00+02:00");
    before.is(&id("average"), 10.0);
    // Half an hour further on is another span of time, of which the half is not counted twice.
    let ahead = known("c", second, "10,,50,50,,,")
        .replace("T00:00:00+02:00,2026-07-01T01:00", "T00:30:00+02:00,2026-07-01T01:30");
    let shifted = july(&book(&(known("a", first, "10,,10,90,,,") + &ahead)));
    shifted.is(&id("average"), 50.0);
    // A chain: the middle one was known first, and both its neighbours count.
    let chain = window("a", 0, 2, "10,,10,10,,,").replace("a,,", &format!("a,{second},"))
        + &window("b", 1, 2, "10,,60,60,,,").replace("b,,", &format!("b,{first},"))
        + &window("c", 2, 2, "10,,20,20,,,").replace("c,,", &format!("c,{second},"));
    july(&book(&chain)).is(&id("average"), 15.0);
}

#[test]
fn readings_win_over_windows_of_the_same_resource_month_by_month() {
    let windows = window("a", 0, 1, "10,,90,95,,,")
        + "b,,disk,disk,2026-08-01T00:00:00+02:00,2026-08-01T01:00:00+02:00,10,,50,55,,,\n";
    let readings = "source_key,service,resource,metric,at,used,limit\nr,,disk,disk,2026-07-02T00:00:00+02:00,20,\n";
    let book = book(&windows).table("readings", readings);
    let report = july(&book);
    report.is(&id("average"), 20.0);
    assert_eq!(report.figure(&id("average"))["rows"]["table"], "readings");
    assert_eq!(report.finding("readings_and_windows")["count"], 1);
    assert!(report.figures().iter().all(|figure| figure["measure"] != "capacity.window_p95"));
    rows_behind(&book.session(None), "2026-08");
    let august = book.report("2026-08");
    august.is(&id("average"), 50.0);
    assert_eq!(august.figure(&id("average"))["rows"]["table"], "reading_windows");
    assert!(!august.kinds().contains(&"readings_and_windows"));
    // In a month with neither, readings are what is missing.
    assert_eq!(why(&book.report("2026-06"), "average"), "no readings in the period");
}

#[test]
fn a_window_belongs_to_the_period_in_which_it_starts() {
    let edge = "e,,disk,disk,2026-07-31T23:30:00+02:00,2026-08-01T00:30:00+02:00,10,,90,95,,,\n";
    let rows = window("a", 0, 1, "30,,10,15,,,") + edge;
    let book = book(&rows);
    let report = july(&book);
    // (300 + 900) ÷ 40, whole; of its time only the half hour that is July's.
    report.is(&id("average"), 30.0);
    report.is(&id("window_coverage"), 100.0 * 1.5 / 744.0);
    assert_eq!(report.finding("reading_window_crosses_end")["count"], 1);
    let august = book.report("2026-08");
    assert_eq!(why(&august, "average"), "no windows of readings in the period");
    assert_eq!(august.missing(&id("average")), "no_data");
    august.is(&id("window_coverage"), 0.0);
    // In a month that runs, an hour that is not over is not known yet.
    let running = book.report_as_of("2026-07", "2026-07-31T23:45:00+02:00");
    running.is(&id("average"), 10.0);
    assert_eq!(running.left_out(&id("average")), [("not over at as-of", 1)]);
}

#[test]
fn windows_that_make_no_sense_are_left_out_and_told() {
    let rows = [
        window("good", 0, 1, "10,10,20,30,25,,"),
        // Backwards and without length.
        "back,,disk,disk,2026-07-02T01:00:00+02:00,2026-07-02T00:00:00+02:00,1,1,1,1,1,,\n".into(),
        "flat,,disk,disk,2026-07-02T01:00:00+02:00,2026-07-02T01:00:00+02:00,1,1,1,1,1,,\n".into(),
        window("empty", 2, 1, "0,,0,0,,,"),
        window("silent", 3, 1, "10,,,,,,"),
        window("over", 4, 1, "10,10,40,30,,,"),
        window("p95", 5, 1, "10,10,20,30,31,,"),
        "long,,disk,disk,2026-07-03T00:00:00+02:00,2026-09-03T00:00:00+02:00,10,,99,99,,,\n".into(),
        // What a tool rounds does not contradict itself.
        window("round", 6, 1, "10,20,20.000000001,20,20,,"),
    ];
    let report = july(&book(&rows.concat()));
    report.is(&id("average"), (200.0 + 200.000_000_01) / 20.0);
    report.is(&id("peak"), 30.0);
    let mut told = report.left_out(&id("average"));
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("ends no later than it starts", 2),
            ("its numbers contradict each other", 2),
            ("longer than the period", 1),
            ("made of no readings", 1),
            ("tells no mean, least, greatest or 95th percentile", 1),
        ]
    );
    for (kind, count) in [
        ("reading_window_backwards", 2),
        ("reading_window_contradicts", 2),
        ("reading_window_longer", 1),
        ("reading_window_without_readings", 1),
        ("reading_window_without_numbers", 1),
    ] {
        assert_eq!(report.finding(kind)["count"], count, "{kind}");
    }
    // Nothing that counts is no data, with the reason that most have.
    let nothing = july(&book(&window("empty", 2, 1, "0,,0,0,,,")));
    assert_eq!(why(&nothing, "average"), "no window of readings of the period counts: made of no readings");
}

#[test]
fn a_window_of_one_reading_is_as_good_as_the_reading() {
    // Two readings a day over two months and a half, of a limit that grows on 25 July; the same as windows of an hour.
    let (mut readings, mut windows) = ("source_key,service,resource,metric,at,used,limit\n".to_owned(), String::new());
    let first = chrono::NaiveDate::from_ymd_opt(2026, 6, 15).unwrap();
    for day in 0..78_u32 {
        let date = first + chrono::Days::new(u64::from(day));
        let limit = if day < 40 { 400 } else { 800 };
        for hour in [3, 15] {
            let used = 200.0 + 3.0 * f64::from(day) + f64::from(day * 7 % 5) + f64::from(hour);
            writeln!(readings, "{day}-{hour},,disk,disk,{date}T{hour:02}:00:00+02:00,{used},{limit}").unwrap();
            let to = hour + 1;
            let span = format!("{date}T{hour:02}:00:00+02:00,{date}T{to:02}:00:00+02:00");
            writeln!(windows, "{day}-{hour},,disk,disk,{span},1,{used},{used},{used},{used},{limit},").unwrap();
        }
    }
    let config = resource("disk", "of = \"share\"\nthreshold = 62.0\nlead_time_days = 20");
    let of_windows = book_of(&config, &windows);
    let of_readings = SmallBook::of("Europe/Berlin").services(&["Mail"]).config(&config).table("readings", &readings);
    for period in ["2026-07", "2026-08"] {
        rows_behind(&of_windows.session(None), period);
        let (windows, readings) = (of_windows.report(period), of_readings.report(period));
        for measure in [
            "average",
            "peak",
            "over_threshold",
            "days_to_threshold",
            "forecast_error",
            "forecast_bias",
            "forecast_mase",
        ] {
            let (one, other) = (windows.figure(&id(measure)), readings.figure(&id(measure)));
            match other["value"].as_f64() {
                Some(value) => {
                    let given = one["value"].as_f64().unwrap();
                    assert!(
                        (given - value).abs() < 1e-9,
                        "{period} {measure}: {given} of windows, {value} of readings"
                    );
                }
                None => assert_eq!(one["missing"]["kind"], other["missing"]["kind"], "{period} {measure}"),
            }
            assert_eq!(one["rows"]["used"], other["rows"]["used"], "{period} {measure}");
            assert_eq!(one["n"], other["n"], "{period} {measure}");
            assert_eq!(one["verdict"], other["verdict"], "{period} {measure}");
        }
        let course = |report: &Report| -> Vec<Value> {
            let all = report.json["series"].as_array().unwrap().iter();
            all.filter(|series| series["step"] == "day").map(|series| series["points"].clone()).collect()
        };
        assert_eq!(course(&windows).len(), course(&readings).len(), "{period}");
    }
    assert!(of_windows.report("2026-08").parameter(&id("days_to_threshold"), "step").starts_with("2026-07-25"));
}

#[test]
fn a_day_is_the_mean_of_its_windows_by_their_readings() {
    // Twenty days: 10 readings of 10 and 30 of 50 each, so 40 a day, where the mean of the means is 30.
    let day = |day: u32| {
        window(&format!("a{day}"), 24 * day, 1, "10,,10,10,,,")
            + &window(&format!("b{day}"), 24 * day + 12, 1, "30,,50,50,,,")
    };
    let mut rows: String = (0..20).map(day).collect();
    // A window over two days is none of a day, and two lengths without n give none either.
    rows += &window("two", 480, 48, "10,,99,99,,,");
    rows += &(window("x", 530, 1, ",,99,99,,,") + &window("y", 531, 2, ",,99,99,,,"));
    let book = book_of(&resource("disk", "threshold = 40.0"), &rows);
    rows_behind(&book.session(None), "2026-07");
    let report = book.report_as_of("2026-07", "2026-07-24T00:00:00+02:00");
    let figure = report.figure(&id("days_to_threshold"));
    // The last daily mean is 40, which is the threshold: reached.
    assert_eq!((&figure["value"], &figure["n"], &figure["rows"]["used"]), (&0.into(), &20.into(), &40.into()));
    let mut reasons = report.left_out(&id("days_to_threshold"));
    reasons.sort_unstable();
    assert_eq!(reasons, [("longer than a day", 1), ("of a day whose windows differ in length and do not tell n", 2)]);
}

#[test]
fn a_share_of_windows_without_limit_is_told_as_that() {
    let config = resource("disk", "of = \"share\"\nthreshold = 60.0");
    let rows = window("a", 0, 1, "10,10,20,30,25,40,") + &window("b", 1, 1, "10,10,20,30,25,,");
    let report = july(&book_of(&config, &rows));
    // Of the one with a limit: 20, 30 and 25 of 40.
    report.is(&id("average"), 50.0);
    report.is(&id("peak"), 75.0);
    report.is(&id("window_p95"), 62.5);
    assert_eq!(report.left_out(&id("average")), [("no limit to take the share of", 1)]);
}

#[test]
fn a_resource_that_the_book_does_not_name_is_told() {
    let report = july(&book_of("", &window("a", 0, 1, "10,10,20,30,,,")));
    assert_eq!(report.finding("reading_window_without_resource")["count"], 1);
    report.is("capacity.average/metric=disk/resource=disk", 20.0);
    assert_eq!(report.missing("capacity.over_threshold/metric=disk/resource=disk"), "not_configured");
}

#[test]
fn windows_are_printed_under_their_own_names() {
    let book = book(&window("a", 0, 1, "10,10,20,30,28,,"));
    let text = book.printed("2026-07", "md").ends(0).text().to_owned();
    assert!(text.contains("Highest 95th percentile of a window"), "{text}");
    assert!(text.contains("1 of reading\\_windows"), "{text}");
    assert!(!text.contains("No readings"), "{text}");
    let explained = book.run(&["-q", "explain", &id("average"), "--period", "2026-07"]).ends(0);
    assert!(explained.text().contains("rows       1 of reading_windows"), "{}", explained.text());
    assert_eq!(book.rows(&id("average"), "2026-07").len(), 1);
}
