//! Calendars of a book from outside: files of holidays, overrides and calendars without hours reach figures, reasons,
//! findings and `check`.

use crate::small_book::SmallBook;
use serde_json::Value;

const CONFIG: &str = r#"
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

fn book(config: &str) -> SmallBook {
    SmallBook::of("Europe/Berlin")
        .config(config)
        .file("registers/holidays.ics", ICS)
        .file("registers/house.csv", "date,name\n2025-12-22,Founders' day\n")
        .table_with("outages", OUTAGES, "declared_complete = true\ndeclared_from = 2025-01-01")
        .table("tickets", TICKETS)
}

fn holidays(figure: &Value) -> Option<String> {
    figure["basis"]["parameters"]["holidays"].as_str().map(str::to_owned)
}

#[test]
fn holidays_of_files_and_overrides_decide_service_time_and_availability() {
    let report = book(CONFIG).report("2025-12");
    // 1 h on Tuesday, 4 h on Wednesday, 2 h on Monday.
    assert_eq!(report.figure("resolve.service.mean/service=mail/type=incident")["value"], 7 * 3600);
    // 23 weekdays but the 22nd, 25th, 26th and 31st, one of them of four hours; of the outage one hour is in service.
    let base = 18 * 10 + 4;
    report.is("availability.percent/service=mail", 100.0 * f64::from(base - 1) / f64::from(base));
}

#[test]
fn figures_name_the_holiday_files_of_their_calendars_with_hash_and_days() {
    let book = book(CONFIG);
    let report = book.report("2025-12");
    let availability = holidays(report.figure("availability.percent/service=mail")).unwrap();
    assert!(availability.starts_with("registers/holidays.ics (sha256 "), "{availability}");
    assert!(availability.contains(", 60 days; 1 event with a time of day left out), registers/house.csv (sha256 "));
    assert!(availability.ends_with(", 1 day)"), "{availability}");
    for id in ["sla.resolution/service=mail/type=incident", "resolve.service.mean/service=mail/type=incident"] {
        assert_eq!(holidays(report.figure(id)).unwrap(), format!("office: {availability}"), "{id}");
    }
    // What no calendar touches names none.
    assert_eq!(holidays(report.figure("tickets.opened/service=mail/type=incident")), None);
    assert_eq!(holidays(report.figure("resolve.elapsed.mean/service=mail/type=incident")), None);

    let other = ICS.replace("20001225", "20001224");
    std::fs::write(book.root.join("registers/holidays.ics"), other).unwrap();
    let again = book.report("2025-12");
    let changed = holidays(again.figure("availability.percent/service=mail")).unwrap();
    assert_ne!(changed, availability, "another file has another hash");
}

#[test]
fn calendars_without_hours_are_found_for_each_service_and_agreement_of_the_period() {
    let report = book(CONFIG).report("2025-12");
    let findings = report.findings().iter();
    let ids: Vec<&str> = findings
        .filter(|finding| finding["kind"] == "calendar_without_hours")
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["calendar_without_hours.agreement.sla-web-acme", "calendar_without_hours.service.old"]);
}

#[test]
fn check_prints_files_of_holidays_and_what_is_left_out_of_them() {
    let config = CONFIG.replace("date = 2025-12-31, hours", "date = 2025-12-30, hours")
        + "
[[calendar]]
id = \"office\"
zone = \"Europe/Berlin\"
hours = { mon = [\"08:00-18:00\"] }
valid_from = 2025-12-30
";
    let run = book(&config).run(&["check"]);
    let out = String::from_utf8(run.out).unwrap();
    assert!(out.contains("\ncalendars 2\n  office: registers/holidays.ics (sha256 "), "{out}");
    assert!(out.contains(", 60 days; 1 event with a time of day left out)\n"), "{out}");
    assert!(out.contains("its overrides of 2025-12-30 have no effect"), "{out}");
    assert!(out.contains("service `old` uses the calendar `never`, which has no hours on any day"), "{out}");
}

#[test]
fn a_holiday_file_that_cannot_be_used_stops_with_its_path_and_a_hint() {
    let book = book(CONFIG);
    std::fs::write(book.root.join("registers/house.csv"), "2025-12-22\n22.12.2025\n").unwrap();
    let run = book.run(&["check"]);
    assert_eq!((run.code, run.out.is_empty()), (Some(1), true), "{}", run.talk);
    assert!(run.talk.contains("registers/house.csv: line 2: `22.12.2025` is no date"), "{}", run.talk);
    std::fs::remove_file(book.root.join("registers/house.csv")).unwrap();
    let run = book.run(&["report", "--period", "2025-12"]);
    assert_eq!(run.code, Some(1), "{}", run.talk);
    assert!(run.talk.contains("registers/house.csv: cannot be read") && run.talk.contains("hint: "), "{}", run.talk);
}
