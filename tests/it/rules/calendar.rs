//! Rules R3, R4, R5, R7 and R27: where a period begins and ends, how long months and days are, what happens where the
//! wall clock jumps or shows an hour twice, and which instant a stamp of a file is.

use crate::calendar_oracle::wall::{ALL_DAY, NIGHT, OFFICE, at, span, weekly};
use crate::small_book::{Report, SmallBook};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use servicebook::calendar::{ServiceHours, Span};
use servicebook::model::Period;

/// Zones whose clocks differ in every way that zones do.
const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Asuncion",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
];

fn period(text: &str, zone: &str) -> Period {
    Period::parse(text, zone.parse().unwrap()).unwrap()
}

fn seconds(period: &Period) -> i64 {
    (period.end() - period.start()).num_seconds()
}

fn hours_in(rule: &crate::calendar_oracle::wall::Rule, window: Span) -> ServiceHours {
    ServiceHours::new("office", &[rule.written()], window).unwrap()
}

fn window_of(period: &Period) -> Span {
    Span::new(period.start().timestamp(), period.end().timestamp())
}

#[test]
fn r3_a_month_begins_with_the_first_instant_of_its_local_date_in_every_zone() {
    for name in ZONES {
        let zone: Tz = name.parse().unwrap();
        for (year, month) in (2010..2030).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            let month = period(&format!("{year}-{month:02}"), name);
            let first = NaiveDate::from_ymd_opt(year, month.start().with_timezone(&zone).month(), 1).unwrap();
            let local = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
            assert_eq!(local(month.start()), first, "{name} {}", month.id());
            assert!(local(month.start() - TimeDelta::seconds(1)) < first, "{name} {}", month.id());
            assert_eq!(month.end(), month.next().start(), "{name} {}", month.id());
            assert!(month.holds(month.start()) && month.holds(month.end() - TimeDelta::milliseconds(1)));
            assert!(!month.holds(month.end()), "the end belongs to the next month");
        }
    }
}

#[test]
fn r3_a_month_whose_midnight_never_was_begins_at_the_end_of_the_gap() {
    // Paraguay put its clocks forward at midnight of 1 October 2017: the month began at 01:00.
    let october = period("2017-10", "America/Asuncion");
    assert_eq!(october.start().timestamp(), at("2017-10-01T01:00:00-03:00"));
    assert_eq!(seconds(&october), 31 * 86_400 - 3_600);
    assert_eq!(october.previous().end(), october.start());
}

#[test]
fn r3_service_time_of_the_days_adds_up_to_that_of_month_and_quarter() {
    for name in ZONES {
        let quarter = period("2026-Q4", name);
        let hours = hours_in(&weekly(name, 0..7, &[OFFICE, NIGHT]), window_of(&quarter));
        let of = |period: &Period| hours.elapsed(period.start().timestamp(), period.end().timestamp());
        let months: i64 = ["2026-10", "2026-11", "2026-12"].map(|text| of(&period(text, name))).iter().sum();
        let days: i64 =
            quarter.days().iter().map(|(_, from, to)| hours.elapsed(from.timestamp(), to.timestamp())).sum();
        assert_eq!((months, days), (of(&quarter), of(&quarter)), "{name}");
        assert_eq!(hours.spans_within(window_of(&quarter)).total(), of(&quarter), "{name}");
    }
}

#[test]
fn r3_a_ticket_of_the_last_instant_counts_in_its_month_and_one_of_midnight_in_the_next() {
    // Midnight in Tokyo is 15:00 in UTC: for UTC all three are tickets of April.
    let tickets = "source_key,type,service,status,opened_at
1,incident,mail,open,2026-04-30T14:59:59.999Z
2,incident,mail,open,2026-04-30T15:00:00Z
3,incident,mail,open,2026-04-30T23:59:59Z
";
    let book = SmallBook::of("Asia/Tokyo").services(&["Mail"]).table("tickets", tickets);
    let opened = |month: &str| book.report(month).value("tickets.opened/type=incident");
    assert_eq!((opened("2026-04"), opened("2026-05")), (1.0, 2.0));
}

#[test]
fn r4_months_have_their_own_length_and_years_are_made_of_them() {
    let hours = |text: &str| seconds(&period(text, "Europe/Berlin")) / 3_600;
    assert_eq!((hours("2026-02"), hours("2024-02")), (28 * 24, 29 * 24));
    assert_eq!((hours("2026-03"), hours("2026-10"), hours("2026-04")), (31 * 24 - 1, 31 * 24 + 1, 30 * 24));
    for name in ZONES {
        let months: i64 = (1..=12).map(|month| seconds(&period(&format!("2026-{month:02}"), name))).sum();
        assert_eq!(months, seconds(&period("2026", name)), "{name}");
    }
}

#[test]
fn r4_a_local_day_has_as_many_hours_as_the_clock_shows() {
    let lengths = |text: &str, zone: &str| -> Vec<i64> {
        let whole_days = hours_in(&weekly(zone, 0..7, &[ALL_DAY]), window_of(&period(text, zone)));
        let days = period(text, zone).days();
        for (date, from, to) in &days {
            let (from, to) = (from.timestamp(), to.timestamp());
            assert_eq!(whole_days.elapsed(from, to), to - from, "{zone} {date}");
        }
        days.iter().map(|(_, from, to)| (*to - *from).num_minutes()).filter(|minutes| *minutes != 1440).collect()
    };
    assert_eq!(lengths("2026-03", "Europe/Berlin"), [23 * 60]);
    assert_eq!(lengths("2026-10", "Europe/Berlin"), [25 * 60]);
    assert_eq!(lengths("2026", "Australia/Lord_Howe"), [24 * 60 + 30, 23 * 60 + 30]);
    assert_eq!(lengths("2026", "Asia/Tokyo"), [0; 0]);
}

#[test]
fn r4_hours_stand_on_the_wall_clock_on_each_date_of_the_year() {
    for name in ZONES {
        let zone: Tz = name.parse().unwrap();
        let year = window_of(&period("2026", name));
        let spans = hours_in(&weekly(name, 0..5, &[OFFICE]), year).spans_within(year);
        // 261 working days: 2026 begins and ends on a Thursday.
        assert_eq!(spans.len(), 261, "{name}");
        for span in &spans {
            let wall = |at: i64| DateTime::from_timestamp(at, 0).unwrap().with_timezone(&zone);
            let (open, close) = (wall(span.start), wall(span.end));
            assert_eq!((open.hour(), open.minute(), close.hour(), close.minute()), (8, 0, 18, 0), "{name} {open}");
            assert_eq!(open.date_naive(), close.date_naive(), "{name}");
        }
    }
}

#[test]
fn r5_a_time_that_the_clock_jumps_over_is_the_end_of_the_gap() {
    for (zone, gap, day) in [
        ("Europe/Berlin", "2026-03-29T03:00:00+02:00", 6),
        ("America/New_York", "2026-03-08T03:00:00-04:00", 6),
        ("Australia/Lord_Howe", "2026-10-04T02:30:00+11:00", 6),
    ] {
        let end = at(gap);
        let window = Span::new(end - 86_400, end + 86_400);
        // From within the gap (02:15 is in each of them) to 05:00.
        let opening = hours_in(&weekly(zone, day..day + 1, &[(135, 300)]), window).spans_within(window);
        assert_eq!(opening.first().map(|span| span.start), Some(end), "{zone}");
        // From 01:00 to within the gap.
        let closing = hours_in(&weekly(zone, day..day + 1, &[(60, 135)]), window).spans_within(window);
        assert_eq!(closing.first().map(|span| (span.end, span.seconds())), Some((end, 3_600)), "{zone}");
    }
}

#[test]
fn r5_a_time_shown_twice_opens_early_and_closes_late() {
    for (zone, window, wanted) in [
        (
            "Europe/Berlin",
            span("2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00"),
            span("2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+01:00"),
        ),
        (
            "America/New_York",
            span("2024-11-03T00:00:00-04:00", "2024-11-03T12:00:00-05:00"),
            span("2024-11-03T01:15:00-04:00", "2024-11-03T01:45:00-05:00"),
        ),
    ] {
        let hour = if zone == "Europe/Berlin" { 120 } else { 60 };
        let hours = hours_in(&weekly(zone, 6..7, &[(hour + 15, hour + 45)]), window);
        assert_eq!(hours.spans_within(window).to_vec(), [wanted], "{zone}");
        // A goal of an hour that began early is used up while the clock shows the hour again.
        assert_eq!(hours.due(wanted.start, 3_600), Some(wanted.start + 3_600), "{zone}");
    }
}

#[test]
fn r5_a_zone_is_a_name_and_not_an_offset() {
    // The same wall clock in summer and winter lies at different instants.
    let hours =
        hours_in(&weekly("Europe/Berlin", 0..7, &[OFFICE]), span("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    for (open, closed) in
        [("2026-07-01T06:00:00Z", "2026-07-01T16:00:00Z"), ("2026-12-01T07:00:00Z", "2026-12-01T17:00:00Z")]
    {
        assert!(hours.is_open(at(open)) && !hours.is_open(at(open) - 1), "{open}");
        assert!(hours.is_open(at(closed) - 1) && !hours.is_open(at(closed)), "{closed}");
    }
}

/// A book in Berlin whose tickets were opened at these stamps; the source says no more of them than its settings do.
fn opened_at(settings: &str, stamps: &[&str]) -> SmallBook {
    let rows: Vec<String> = stamps.iter().zip(1..).map(|(at, key)| format!("{key},incident,mail,{at}\n")).collect();
    let source = "[[source]]\nid = \"tickets\"\nconnector = \"csv-tickets\"\nfiles = [\"tickets.csv\"]";
    SmallBook::of("Europe/Berlin")
        .services(&["Mail"])
        .file("tickets.csv", &format!("source_key,type,service,opened_at\n{}", rows.concat()))
        .config(&format!("{source}\nsettings = {{ {settings} }}"))
}

/// How many tickets were opened in January, February, March and April.
fn opened_by_month(book: &SmallBook) -> [i64; 4] {
    ["2026-01", "2026-02", "2026-03", "2026-04"].map(|month| {
        let report = book.report(month);
        let figures = report.figures().iter();
        let opened = figures.filter(|figure| figure["id"] == "tickets.opened/type=incident");
        opened.filter_map(|figure| figure["value"].as_i64()).sum()
    })
}

#[test]
fn r7_a_stamp_without_an_offset_needs_a_declared_zone_and_each_row_may_have_its_own_offset() {
    let stamps = ["2026-03-31T23:59:59+02:00", "2026-04-01T03:00:00+05:30", "2026-03-31T22:00:00Z"];
    assert_eq!(opened_by_month(&opened_at("", &stamps)), [0, 0, 2, 1]);
    // Where no zone is declared, a stamp that has none is no instant: not that of the report's zone, nor of UTC.
    let naive = "2026-03-31 20:00";
    let undeclared = opened_at("", &[stamps[0], stamps[1], stamps[2], naive]);
    assert_eq!(opened_by_month(&undeclared), [0, 0, 2, 1]);
    assert_eq!(undeclared.report("2026-03").finding("quarantined")["count"], 1);
    let alone = Report::of(&opened_at("", &[naive]).printed("2026-03", "json").ends(3));
    assert!(alone.figures().iter().all(|figure| figure["value"] != 1), "a stamp was guessed");
    // Declared, it is one, and the report counts it where it lies in its own zone: 20:00 in New York is 2:00 in Berlin.
    assert_eq!(opened_by_month(&opened_at("zone = \"Europe/Berlin\"", &[naive])), [0, 0, 1, 0]);
    assert_eq!(opened_by_month(&opened_at("zone = \"America/New_York\"", &[naive])), [0, 0, 0, 1]);
    // An offset of the row itself stands above the declared zone.
    assert_eq!(opened_by_month(&opened_at("zone = \"America/New_York\"", &stamps)), [0, 0, 2, 1]);
}

#[test]
fn r7_day_and_month_are_not_told_apart_by_guessing_and_a_zone_is_not_made_up() {
    let stamp = "01/02/2026 09:00";
    let undeclared = opened_at("zone = \"UTC\"", &[stamp, "2026-03-02 09:00"]);
    assert_eq!(opened_by_month(&undeclared), [0, 0, 1, 0]);
    assert_eq!(undeclared.report("2026-03").finding("quarantined")["count"], 1);
    let day_first = "zone = \"UTC\", format = \"%d/%m/%Y %H:%M\"";
    assert_eq!(opened_by_month(&opened_at(day_first, &[stamp])), [0, 1, 0, 0]);
    let month_first = "zone = \"UTC\", format = \"%m/%d/%Y %H:%M\"";
    assert_eq!(opened_by_month(&opened_at(month_first, &[stamp])), [1, 0, 0, 0]);
    // A format without an offset says nothing of a zone, and an offset is no zone.
    for (settings, said) in [
        ("format = \"%d/%m/%Y %H:%M\"", "carries no offset; name the zone"),
        ("zone = \"+01:00\"", "which is no IANA zone"),
    ] {
        opened_at(settings, &[stamp]).run(&["report", "--period", "2026-02"]).ends(1).answers_nothing().says(&[said]);
    }
}

#[test]
fn r27_the_leap_day_is_a_day_like_others_and_comes_when_the_calendar_says() {
    for name in ZONES {
        assert_eq!(period("2024-02", name).days().len(), 29, "{name}");
        assert_eq!(period("2023-02", name).days().len(), 28, "{name}");
        // A century is a leap year only by 400.
        assert_eq!((period("2100-02", name).days().len(), period("2000-02", name).days().len()), (28, 29), "{name}");
        let february = window_of(&period("2024-02", name));
        let hours = hours_in(&weekly(name, 3..4, &[OFFICE]), february);
        // Five Thursdays, the last of them the 29th.
        assert_eq!(hours.spans_within(february).len(), 5, "{name}");
    }
}

#[test]
fn r27_week_53_belongs_to_the_months_and_years_of_its_dates() {
    // Monday 28 December 2026 to Sunday 3 January 2027 is week 53 of 2026.
    let week = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap().iso_week();
    assert_eq!((week.year(), week.week()), (2026, 53));
    let zone = "Europe/Berlin";
    let (december, january) = (period("2026-12", zone), period("2027-01", zone));
    assert_eq!(december.end(), january.start());
    assert_eq!(january.start(), period("2027", zone).start(), "the year begins on 1 January, not with its first week");
    let hours = hours_in(&weekly(zone, 0..5, &[OFFICE]), window_of(&december));
    let monday = at("2026-12-28T00:00:00+01:00");
    let new_year = december.end().timestamp();
    let next_monday = at("2027-01-04T00:00:00+01:00");
    assert_eq!(hours.elapsed(monday, next_monday), 5 * 36_000);
    assert_eq!(hours.elapsed(monday, new_year), 4 * 36_000);
    assert_eq!(hours.elapsed(new_year, next_monday), 36_000);
}

#[test]
fn r27_leap_seconds_are_no_time() {
    // 2016 ended with 23:59:60 in UTC.
    let december = period("2016-12", "UTC");
    assert_eq!(seconds(&december), 31 * 86_400);
    let hours = hours_in(&weekly("UTC", 0..7, &[ALL_DAY]), window_of(&december));
    assert_eq!(hours.elapsed(at("2016-12-31T23:59:59Z"), at("2017-01-01T00:00:00Z")), 1);
    assert_eq!(hours.due(at("2016-12-31T23:00:00Z"), 3_600), Some(at("2017-01-01T00:00:00Z")));
}
