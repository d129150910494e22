//! Calendars of a book from outside: files of holidays, overrides and calendars without hours reach figures, reasons,
//! findings and `check`.

use crate::program::Desk;
use serde_json::Value;
use std::path::{Path, PathBuf};

const CONFIG: &str = r#"
[book]
title = "Calendars"
zone = "Europe/Berlin"

[[calendar]]
id = "office"
zone = "Europe/Berlin"
hours = { mon = ["08:00-18:00"], tue = ["08:00-18:00"], wed = ["08:00-18:00"], thu = ["08:00-18:00"], fri = ["08:00-18:00"] }
holidays_from = ["registers/holidays.ics", "registers/house.csv"]
overrides = [{ date = 2025-12-24, hours = ["08:00-12:00"] }, { date = 2025-12-31, hours = [] }]

[[calendar]]
id = "never"
zone = "Europe/Berlin"
hours = {}

[[service]]
id = "mail"
name = "Mail"
calendar = "office"

[[service]]
id = "web"
name = "Web"
calendar = "24x7"

[[service]]
id = "old"
name = "Old"
calendar = "never"

[[customer]]
id = "acme"
name = "Acme"

[[agreement]]
id = "sla-mail"
service = "mail"
valid_from = 2025-01-01
availability = 99.0
resolution_target = 90.0
resolution = [{ within = "8h" }]

[[agreement]]
id = "sla-web-acme"
service = "web"
customer = "acme"
calendar = "never"
valid_from = 2025-01-01
resolution_target = 90.0
resolution = [{ within = "8h" }]

[[agreement]]
id = "sla-web-over"
service = "web"
calendar = "never"
valid_from = 2024-01-01
valid_to = 2025-12-01

[[source]]
id = "tickets"
connector = "csv-tickets"
files = ["records/tickets.csv"]
settings = { zone = "Europe/Berlin" }

[[source]]
id = "outages"
connector = "csv-outages"
files = ["registers/outages.csv"]
settings = { zone = "Europe/Berlin" }
declared_complete = true
declared_from = 2025-01-01
"#;

const ICS: &str = "BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
UID:christmas\r
DTSTART;VALUE=DATE:20001225\r
DTEND;VALUE=DATE:20001227\r
RRULE:FREQ=YEARLY;UNTIL=20291231\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:party\r
DTSTART:20251219T150000Z\r
END:VEVENT\r
END:VCALENDAR\r
";

/// Opened on Tuesday 23 December at 17:00; four hours of Wednesday; Thursday and Friday are Christmas; then Monday.
const TICKETS: &str = "source_key,type,service,status,opened_at,resolved_at
1,incident,mail,closed,2025-12-23 17:00,2025-12-29 10:00
";

const OUTAGES: &str = "source_key,service,start,end,kind\n1,mail,2025-12-24 11:00,2025-12-24 15:00,unplanned\n";

fn book(desk: &Desk, config: &str) -> PathBuf {
    desk.book(
        "book",
        &[
            ("config.toml", config),
            ("registers/holidays.ics", ICS),
            ("registers/house.csv", "date,name\n2025-12-22,Founders' day\n"),
            ("registers/outages.csv", OUTAGES),
            ("records/tickets.csv", TICKETS),
        ],
    )
}

fn december(desk: &Desk, book: &Path) -> Value {
    let run = desk.on(book, &["-q", "report", "--period", "2025-12", "--format", "json"]);
    serde_json::from_slice(&run.out).unwrap_or_else(|_| panic!("{}", run.talk))
}

fn figure<'a>(report: &'a Value, id: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["id"] == id).unwrap_or_else(|| panic!("no figure {id}"))
}

fn holidays(figure: &Value) -> Option<String> {
    figure["basis"]["parameters"]["holidays"].as_str().map(str::to_owned)
}

#[test]
fn holidays_of_files_and_overrides_decide_service_time_and_availability() {
    let desk = Desk::new();
    let report = december(&desk, &book(&desk, CONFIG));
    // 1 h on Tuesday, 4 h on Wednesday, 2 h on Monday.
    assert_eq!(figure(&report, "resolve.service.mean/service=mail/type=incident")["value"], 7 * 3600);
    // 23 weekdays but the 22nd, 25th, 26th and 31st, one of them of four hours; of the outage one hour is in service.
    let base = 18 * 10 + 4;
    let availability = figure(&report, "availability.percent/service=mail")["value"].as_f64().unwrap();
    assert!((availability - 100.0 * f64::from(base - 1) / f64::from(base)).abs() < 1e-12, "{availability}");
}

#[test]
fn figures_name_the_holiday_files_of_their_calendars_with_hash_and_days() {
    let desk = Desk::new();
    let book = book(&desk, CONFIG);
    let report = december(&desk, &book);
    let availability = holidays(figure(&report, "availability.percent/service=mail")).unwrap();
    assert!(availability.starts_with("registers/holidays.ics (sha256 "), "{availability}");
    assert!(availability.contains(", 60 days; 1 event with a time of day left out), registers/house.csv (sha256 "));
    assert!(availability.ends_with(", 1 day)"), "{availability}");
    for id in ["sla.resolution/service=mail/type=incident", "resolve.service.mean/service=mail/type=incident"] {
        assert_eq!(holidays(figure(&report, id)).unwrap(), format!("office: {availability}"), "{id}");
    }
    // What no calendar touches names none.
    assert_eq!(holidays(figure(&report, "tickets.opened/service=mail/type=incident")), None);
    assert_eq!(holidays(figure(&report, "resolve.elapsed.mean/service=mail/type=incident")), None);

    let other = ICS.replace("20001225", "20001224");
    std::fs::write(book.join("registers/holidays.ics"), other).unwrap();
    let again = december(&desk, &book);
    let changed = holidays(figure(&again, "availability.percent/service=mail")).unwrap();
    assert_ne!(changed, availability, "another file has another hash");
}

#[test]
fn calendars_without_hours_are_found_for_each_service_and_agreement_of_the_period() {
    let desk = Desk::new();
    let report = december(&desk, &book(&desk, CONFIG));
    let findings = report["findings"].as_array().unwrap().iter();
    let ids: Vec<&str> = findings
        .filter(|finding| finding["kind"] == "calendar_without_hours")
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["calendar_without_hours.agreement.sla-web-acme", "calendar_without_hours.service.old"]);
}

#[test]
fn check_prints_files_of_holidays_and_what_is_left_out_of_them() {
    let desk = Desk::new();
    let config = CONFIG.replace("date = 2025-12-31, hours", "date = 2025-12-30, hours")
        + "
[[calendar]]
id = \"office\"
zone = \"Europe/Berlin\"
hours = { mon = [\"08:00-18:00\"] }
valid_from = 2025-12-30
";
    let run = desk.on(&book(&desk, &config), &["check"]);
    let out = String::from_utf8(run.out).unwrap();
    assert!(out.contains("\ncalendars 2\n  office: registers/holidays.ics (sha256 "), "{out}");
    assert!(out.contains(", 60 days; 1 event with a time of day left out)\n"), "{out}");
    assert!(out.contains("its overrides of 2025-12-30 have no effect"), "{out}");
    assert!(out.contains("service `old` uses the calendar `never`, which has no hours on any day"), "{out}");
}

#[test]
fn a_holiday_file_that_cannot_be_used_stops_with_its_path_and_a_hint() {
    let desk = Desk::new();
    let book = book(&desk, CONFIG);
    std::fs::write(book.join("registers/house.csv"), "2025-12-22\n22.12.2025\n").unwrap();
    let run = desk.on(&book, &["check"]);
    assert_eq!((run.code, run.out.is_empty()), (Some(1), true), "{}", run.talk);
    assert!(run.talk.contains("registers/house.csv: line 2: `22.12.2025` is no date"), "{}", run.talk);
    std::fs::remove_file(book.join("registers/house.csv")).unwrap();
    let run = desk.on(&book, &["report", "--period", "2025-12"]);
    assert_eq!(run.code, Some(1), "{}", run.talk);
    assert!(run.talk.contains("registers/house.csv: cannot be read") && run.talk.contains("hint: "), "{}", run.talk);
}
