use super::*;

const BOOK: &str = r#"
[book]
title = "Test"
zone = "UTC"

[[calendar]]
id = "office"
zone = "UTC"
hours = { mon = ["08:00-18:00"] }
holidays = [2026-12-25]
holidays_from = ["registers/FILE"]
"#;

/// Reads a book whose office calendar names one file with the given text.
fn read_book(name: &str, text: &[u8]) -> Result<CalendarRule, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("registers")).unwrap();
    std::fs::write(folder.path().join("config.toml"), BOOK.replace("FILE", name)).unwrap();
    std::fs::write(folder.path().join("registers").join(name), text).unwrap();
    Config::load(folder.path()).map(|config| config.calendars[0].clone())
}

fn days(rule: &CalendarRule) -> Vec<String> {
    rule.holidays.iter().map(|day| day.0.to_string()).collect()
}

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.replace('\n', "\r\n"))
}

/// The days of an iCalendar file with one event, between 2020 and 2030.
fn of_event(lines: &str) -> Vec<String> {
    let text = calendar(&format!("BEGIN:VEVENT\nUID:one\n{lines}END:VEVENT\n"));
    let found = ics::whole_days(text.as_bytes(), day(2020, 1, 1), day(2030, 12, 31)).unwrap();
    found.days.iter().map(ToString::to_string).collect()
}

fn refused(text: &str) -> String {
    read_book("holidays.ics", text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_list_of_dates_is_added_to_the_holidays_of_the_config() {
    let text = "\u{feff}date,name\r\n2026-12-25,Christmas\r\n\"2026-12-26\",\"Boxing, day\"\r\n\r\n# of the house\r\n2027-01-01 New Year\n2027-01-06;Epiphany\n2027-05-01\n";
    let rule = read_book("holidays.csv", text.as_bytes()).unwrap();
    assert_eq!(days(&rule), ["2026-12-25", "2026-12-26", "2027-01-01", "2027-01-06", "2027-05-01"]);
    let file = &rule.holiday_files[0];
    assert_eq!((file.path.as_str(), file.days, file.timed_events), ("registers/holidays.csv", 5, 0));
    // The first digits of what `sha256sum` prints for these bytes.
    assert_eq!(read_book("a.txt", b"2026-12-26\n").unwrap().holiday_files[0].hash, "be779645f21f");
}

#[test]
fn a_line_that_is_no_date_is_refused_with_its_line() {
    for (text, line) in [
        ("2026-12-25\n26.12.2026\n", "line 2: `26.12.2026`"),
        ("2026-12-25\nChristmas,2026-12-25\n", "line 2: `Christmas`"),
        ("2026-02-30\n", "line 1: `2026-02-30`"),
        ("2026-2-3\n", "line 1: `2026-2-3`"),
        ("\n9999-12-31\n", "line 2: 9999-12-31 is outside"),
        ("date,name\ndate,name\n", "line 2: `date`"),
    ] {
        let message = read_book("holidays.csv", text.as_bytes()).unwrap_err().to_string();
        assert!(message.contains(line) && message.contains("holidays.csv") && message.contains("hint: "), "{message}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_with_path_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), BOOK.replace("FILE", "holidays.ics")).unwrap();
    let message = Config::load(folder.path()).unwrap_err().to_string();
    assert!(message.contains("registers/holidays.ics: cannot be read") && message.contains("`office`"), "{message}");
    assert!(message.contains("hint: `holidays_from` names files relative to the book"), "{message}");
    std::fs::create_dir_all(folder.path().join("registers/holidays.ics")).unwrap();
    assert!(Config::load(folder.path()).unwrap_err().to_string().contains("it is no file"));
}

#[test]
fn events_of_whole_days_are_holidays() {
    assert_eq!(of_event("DTSTART;VALUE=DATE:20261225\n"), ["2026-12-25"]);
    // DTEND is the first day after the event.
    assert_eq!(of_event("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\n"), ["2026-12-25", "2026-12-26"]);
    assert_eq!(of_event("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225\n"), ["2026-12-25"]);
    assert_eq!(of_event("DTSTART;VALUE=DATE:20261231\nDURATION:P2D\n"), ["2026-12-31", "2027-01-01"]);
    assert_eq!(of_event("DTSTART:20261225\n"), ["2026-12-25"], "some programs leave VALUE out");
    assert_eq!(of_event("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED\n"), [""; 0]);
}

#[test]
fn folded_lines_escapes_alarms_and_other_components_do_no_harm() {
    let text = calendar(concat!(
        "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n",
        "begin:vevent\nUID:a\nSUMMARY;X-QUOTED=\"a:b;VALUE=DATE\":Day\\, of the\\nfold\n ed DTSTART\n\tand more\nDTSTART;VAL\n UE=DATE:2026\n 1225\n",
        "BEGIN:VALARM\nTRIGGER:-PT15M\nDTSTART;VALUE=DATE:20300101\nEND:VALARM\nend:vevent\n",
        "BEGIN:VTODO\nDTSTART;VALUE=DATE:20290101\nEND:VTODO\n"
    ));
    let rule = read_book("HOLIDAYS.ICS", text.as_bytes()).unwrap();
    assert_eq!((days(&rule), rule.holiday_files[0].days), (vec!["2026-12-25".to_owned()], 1));
}

#[test]
fn recurring_days_come_back_but_for_their_exceptions() {
    let yearly = "DTSTART;VALUE=DATE:19991225\nRRULE:FREQ=YEARLY;UNTIL=20231225\n";
    assert_eq!(of_event(yearly), ["2020-12-25", "2021-12-25", "2022-12-25", "2023-12-25"]);
    let two_days = "DTSTART;VALUE=DATE:20201225\nDTEND;VALUE=DATE:20201227\nRRULE:FREQ=YEARLY;COUNT=2\n";
    assert_eq!(of_event(two_days), ["2020-12-25", "2020-12-26", "2021-12-25", "2021-12-26"]);
    let excepted = format!("{yearly}EXDATE;VALUE=DATE:20211225,20221225\nRDATE;VALUE=DATE:20240102\n");
    assert_eq!(of_event(&excepted), ["2020-12-25", "2023-12-25", "2024-01-02"]);
    let easter = "DTSTART;VALUE=DATE:20260403\nRDATE;VALUE=DATE:20270326\nRDATE;VALUE=DATE:20280414\n";
    assert_eq!(of_event(easter), ["2026-04-03", "2027-03-26", "2028-04-14"]);
}

#[test]
fn a_rule_without_end_reaches_every_year_that_reports_reach() {
    let text = calendar("BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:18500101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n");
    let rule = read_book("holidays.ics", text.as_bytes()).unwrap();
    assert_eq!(rule.holiday_files[0].days, 300);
    let days = days(&rule);
    assert_eq!((days[1].as_str(), days.last().unwrap().as_str()), ("1900-01-01", "2199-01-01"));
}

#[test]
fn a_changed_or_cancelled_instance_takes_the_place_of_its_own() {
    let series = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20240501\nRRULE:FREQ=YEARLY;COUNT=3\nEND:VEVENT\n";
    let moved = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20250501\nDTSTART;VALUE=DATE:20250502\nEND:VEVENT\n";
    let cancelled = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20260501\nSTATUS:CANCELLED\nEND:VEVENT\n";
    let rule = read_book("holidays.ics", calendar(&format!("{moved}{series}{cancelled}")).as_bytes()).unwrap();
    assert_eq!(days(&rule), ["2026-12-25", "2024-05-01", "2025-05-02"]);
}

#[test]
fn events_with_a_time_of_day_are_counted_and_left_out() {
    let text = calendar(concat!(
        "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Europe/Berlin:20261224T120000\nDTEND:20261224T160000Z\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:b\nDTSTART:20261231T230000Z\nRRULE:FREQ=HOURLY\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:c\nDTSTART;VALUE=DATE:20270101\nEND:VEVENT\n"
    ));
    let rule = read_book("holidays.ics", text.as_bytes()).unwrap();
    assert_eq!((rule.holiday_files[0].days, rule.holiday_files[0].timed_events), (1, 2));
}

#[test]
fn broken_files_are_refused_with_line_and_event() {
    let event = |lines: &str| calendar(&format!("BEGIN:VEVENT\nUID:may\n{lines}END:VEVENT\n"));
    for (text, part) in [
        (String::new(), "the file is empty"),
        ("2026-12-25\n".to_owned(), "line 1: an iCalendar file has BEGIN:VCALENDAR here"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:may\n".to_owned(), "line 2: VEVENT has no end; the file was cut"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n".to_owned(), "line 2: END does not fit"),
        (event("SUMMARY:x\n"), "line 3: the event `may` has no DTSTART"),
        (event("DTSTART;VALUE=DATE:2026-05-01\n"), "line 5: `DTSTART` of the event `may`: this is no date"),
        (event("DTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260430\n"), "line 6: `DTEND`"),
        (event("DTSTART;VALUE=DATE:20260501\nDURATION:PT1H\n"), "line 6: `DURATION`"),
        (event("DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=YEARLY;BYWEEKNO=1\n"), "`BYWEEKNO=1` in RRULE"),
        (event("DTSTART;VALUE=DATE:20260501\nEXDATE:never\n"), "these are no dates"),
        (event("DTSTART;VALUE=DATE:20260501\nEXRULE:FREQ=YEARLY\n"), "name the dates in EXDATE"),
    ] {
        let message = refused(&text);
        assert!(message.contains(part) && message.contains("hint: "), "{message}");
    }
}
