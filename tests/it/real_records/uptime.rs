//! Checks of the public services of Manticore Search (Upptime), against the uptime that Upptime published.

use super::{assert_printed, record};
use crate::expected::Figures;
use crate::program::Desk;
use serde_json::Value;
use std::collections::BTreeMap;

const END: &str = "2026-08-22T01:18:30Z";
const PERIOD: &str = "2026-08-10T00:00:00Z..2026-08-22T01:18:30Z";

/// Id and first watched instant of the 18 services that Upptime published figures of.
fn services() -> Vec<(String, String)> {
    let mut services: Vec<_> = std::fs::read_dir(record("upptime_manticore/history"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let start = text.lines().find_map(|line| line.strip_prefix("startTime: ")).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), start.to_owned())
        })
        .collect();
    services.sort();
    assert_eq!(services.len(), 18);
    services
}

/// Makes a book of the checks and returns its report.
fn report(desk: &Desk, name: &str, hold: &str) -> Value {
    let services: Vec<String> = services()
        .into_iter()
        .map(|(id, start)| format!("[[service]]\nid = \"{id}\"\nname = \"{id}\"\ngo_live = {start}\n\n"))
        .collect();
    let config = format!(
        "[book]\ntitle = \"Public services\"\nzone = \"UTC\"\n\n{}[[source]]\nid = \"checks\"\nconnector = \"upptime-checks\"\nfiles = [\"checks.csv\"]\n{hold}",
        services.concat()
    );
    let book = desk.book(name, &[("config.toml", &config)]);
    std::fs::copy(record("upptime_manticore/checks.csv"), book.join("checks.csv")).unwrap();
    desk.on(&book, &["report", "--period", PERIOD, "--as-of", END, "--format", "json"]).ends(0).json()
}

fn all_outages(desk: &Desk) -> Value {
    report(desk, "all-outages", "")
}

fn long_outages(desk: &Desk) -> Value {
    report(desk, "long-outages", "hold = { ignore_up_to = \"15m\" }\n")
}

fn percent(service: &str) -> String {
    format!("availability.percent/service={service}")
}

fn published() -> BTreeMap<String, Value> {
    let bytes = std::fs::read(record("upptime_manticore/summary.json")).unwrap();
    let all: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    all.into_iter().map(|service| (service["slug"].as_str().unwrap().to_owned(), service)).collect()
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn long_outages_give_the_uptime_that_was_published() {
    let desk = Desk::new();
    let report = long_outages(&desk);
    let figures = Figures::of(&report);
    for (service, published) in published() {
        let stated: f64 = published["uptime"].as_str().unwrap().trim_end_matches('%').parse().unwrap();
        let value = figures.value(&percent(&service));
        assert!((value - stated).abs() <= 0.0115, "{service}: {value}, published {stated}");
    }
    assert_eq!(figures.get(&percent("git-hub"))["coverage"]["kind"], "measured");
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn long_outages_give_the_minutes_down_of_each_day_that_were_published() {
    let desk = Desk::new();
    let report = long_outages(&desk);
    for (service, published) in published() {
        let id = percent(&service);
        let series = report["series"].as_array().unwrap();
        let days = series.iter().find(|series| series["figure"] == id.as_str() && series["step"] == "day").unwrap();
        for point in days["points"].as_array().unwrap() {
            // The first day is watched in part, and the last one is cut; nobody was down on either.
            let Some(value) = point["value"].as_f64() else { continue };
            let minutes = (100.0 - value) / 100.0 * 1_440.0;
            let stated = published["dailyMinutesDown"][point["period"].as_str().unwrap()].as_f64().unwrap_or(0.0);
            assert!((minutes - stated).abs() <= 1.0, "{service}, {}: {minutes}, published {stated}", point["period"]);
        }
    }
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn all_outages_are_forty_seven_and_lower_nine_services() {
    let desk = Desk::new();
    let (all, long) = (all_outages(&desk), long_outages(&desk));
    let (all, long) = (Figures::of(&all), Figures::of(&long));
    let (mut outages, mut left_out, mut lower) = (0, 0, 0);
    for (service, _) in services() {
        outages += all.get(&format!("availability.outages/service={service}"))["value"].as_u64().unwrap();
        let short = long.get(&percent(&service))["rows"]["left_out"].as_array().unwrap().clone();
        left_out += short.iter().map(|part| part["count"].as_u64().unwrap()).sum::<u64>();
        lower += u32::from(all.value(&percent(&service)) < long.value(&percent(&service)));
    }
    assert_eq!((outages, left_out, lower), (47, 24, 9));
    let github = all.value(&percent("git-hub"));
    assert!((github - 98.74).abs() <= 0.02, "git-hub: {github}");
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn all_outages_give_the_availability_that_was_recomputed() {
    let desk = Desk::new();
    let report = all_outages(&desk);
    let figures = Figures::of(&report);
    for (service, stated) in [
        ("catalog-search", "97.4873"),
        ("catalog-autocomplete", "98.3597"),
        ("manual-dev", "98.9186"),
        ("catalog-demo", "98.9077"),
        ("community-forum", "99.3512"),
        ("manual", "99.3940"),
        ("did-you-mean-playground", "99.5284"),
        ("my-sql-playground", "99.5334"),
        ("playground", "99.7689"),
    ] {
        assert_printed(service, figures.value(&percent(service)), stated);
    }
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn services_that_the_book_does_not_know_are_a_finding() {
    let desk = Desk::new();
    let report = all_outages(&desk);
    let findings = report["findings"].as_array().unwrap();
    let unknown = findings.iter().find(|finding| finding["kind"] == "unknown_service");
    let unknown = unknown.unwrap_or_else(|| panic!("no finding of an unknown service: {findings:?}"));
    for name in ["google", "hacker-news", "wikipedia", "secret-site"] {
        assert!(unknown["text"].as_str().unwrap().contains(name), "`{name}` is not named: {}", unknown["text"]);
    }
}
