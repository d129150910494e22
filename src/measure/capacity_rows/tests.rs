//! Sums by day and window against sums that are made row by row.

use super::*;
use chrono_tz::Tz;

const HOUR_MS: i64 = 3_600_000;

fn catalogue(zone: &str) -> Catalogue {
    Catalogue::new(String::new(), zone.parse::<Tz>().unwrap())
}

/// Rows of a resource, hour after epoch and use each.
fn frame(rows: &[(&str, i64, f64)]) -> DataFrame {
    let at: Vec<i64> = rows.iter().map(|(_, hour, _)| hour * HOUR_MS).collect();
    let at =
        Column::new("at".into(), at).cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))).unwrap();
    let height = rows.len();
    DataFrame::new(
        height,
        vec![
            Column::new("service".into(), vec![None::<&str>; height]),
            Column::new("resource".into(), rows.iter().map(|(name, ..)| *name).collect::<Vec<_>>()),
            Column::new("metric".into(), vec!["cpu"; height]),
            at,
            Column::new("used".into(), rows.iter().map(|(.., used)| *used).collect::<Vec<_>>()),
            Column::new("limit".into(), vec![None::<f64>; height]),
        ],
    )
    .unwrap()
}

fn readings(rows: &[(&str, i64, f64)], zone: &str) -> Readings {
    let catalogue = catalogue(zone);
    Readings::new(&frame(rows), &catalogue, &names::Names::new(&catalogue)).unwrap()
}

#[test]
fn windows_that_overlap_are_summed_in_one_pass() {
    // Hours 0 to 95 of two resources in turn, so that the rows are not in the order of the series.
    let rows: Vec<(&str, i64, f64)> = (0..192)
        .map(|at| (if at % 2 == 0 { "b" } else { "a" }, at / 2, f64::from(i32::try_from(at).unwrap())))
        .collect();
    let readings = readings(&rows, "UTC");
    let hour = |hour: i64| hour * 3_600;
    let windows = [(hour(30), hour(80)), (hour(-500), hour(50)), (hour(10), hour(96)), (hour(60), hour(40))];
    let sums = readings.sums(&windows).unwrap();
    for (number, series) in readings.series() {
        for (start, end) in windows {
            let of: Vec<(i64, f64)> = rows
                .iter()
                .filter(|(name, at, _)| *name == series.resource && (start..end).contains(&hour(*at)))
                .map(|(_, at, used)| (*at, *used))
                .collect();
            let total = sums.total(number, (start, end));
            assert_eq!(total.n, i64::try_from(of.len()).unwrap());
            assert!((total.sum - of.iter().map(|(_, used)| used).sum::<f64>()).abs() < 1e-9);
            assert_eq!(total.greatest, of.iter().map(|(_, used)| *used).reduce(f64::max));
            let days = sums.days(number, (start, end));
            let mut by_day: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for (at, used) in &of {
                by_day.entry(at / 24).or_default().push(*used);
            }
            assert_eq!(days.len(), by_day.len());
            for (day, (number, used)) in days.iter().zip(by_day) {
                assert_eq!((i64::from(day.number), day.rows), (number, i64::try_from(used.len()).unwrap()));
                assert!((day.mean - used.iter().sum::<f64>() / used.len() as f64).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn days_before_1970_and_of_the_report_zone_keep_their_numbers() {
    // 23:00 UTC on 30 December 1969 is the 31st in Berlin, day -1.
    let readings = readings(&[("a", -25, 4.0), ("a", -26, 2.0)], "Europe/Berlin");
    let window = (-1_000_000, 0);
    let days = readings.sums(&[window]).unwrap().days(0, window);
    assert_eq!(days.iter().map(|day| (day.number, day.mean)).collect::<Vec<_>>(), [(-2, 2.0), (-1, 4.0)]);
}

#[test]
fn nothing_is_summed_of_no_rows_and_of_windows_without_length() {
    let none = readings(&[], "UTC");
    assert!(none.series().is_empty());
    assert_eq!(none.sums(&[(0, 10)]).unwrap().total(0, (0, 10)), Total::default());
    let one = readings(&[("a", 1, 1.0)], "UTC");
    assert_eq!(one.sums(&[(10, 10)]).unwrap().total(0, (10, 10)), Total::default());
    assert!(one.percentile_95((0, 10)).unwrap().is_empty());
}
