//! Rules of availability: what is known, merged, split between periods, left out and owed in part.

use crate::small_book::{Report, SmallBook, rows_behind};
use serde_json::json;

/// A register of outages; its stamps are in UTC, as the report is.
fn book(outages: &str) -> SmallBook {
    SmallBook::of("UTC").outages(outages)
}

/// Asks with the knowledge of May, when every exclusion was decided on.
#[track_caller]
fn rows_are_as_many_as_said(book: &SmallBook) {
    let (figures, _) = rows_behind(&book.session(Some("2026-05-01T00:00:00Z")), MARCH);
    assert!(figures > 10, "only {figures} figures have rows");
}

/// Asks with the knowledge of the end of a month.
#[track_caller]
fn rows_as_of_the_end(book: &SmallBook, month: &str) {
    let (figures, _) = rows_behind(&book.session(None), month);
    assert!(figures > 10, "only {figures} figures have rows");
}

// March 2026 has 744 hours in UTC.
const MARCH: &str = "2026-03";

#[test]
fn r1_a_promise_without_any_interval_has_no_data_and_is_not_left_out() {
    let book = SmallBook::of("UTC")
        .services(&["mail", "chat"])
        .agreement("sla", "mail", "availability = 99.9")
        .table("surveys", "source_key,service,scale,sent_at\n1,mail,5,2026-03-02\n");
    let report = book.report(MARCH);
    assert_eq!(report.missing("availability.percent/service=mail"), "no_data");
    assert_eq!(report.missing("availability.percent/service=mail/agreement=sla"), "no_data");
    assert!(report.figures().iter().all(|figure| figure["id"] != "availability.percent/service=chat"));
}

#[test]
fn r2_coverage_under_the_limit_is_no_figure_but_bounds() {
    let coverage = "source_key,service,from,to,kind\n1,mail,2026-03-01,2026-03-16,measured\n2,mail,2026-03-20,2026-03-19,measured\n";
    let outages = "source_key,service,start,end,kind\n1,chat,2026-03-02,2026-03-03,unplanned\n";
    let tables = [("coverage", coverage), ("outages", outages)];
    let book = SmallBook::of("UTC").services(&["mail", "chat"]).tables(&tables);
    let report = book.report(MARCH);
    let percent = report.figure("availability.percent/service=mail");
    assert_eq!(percent["missing"]["kind"], "insufficient_coverage");
    assert!((percent["coverage"]["low"].as_f64().unwrap() - 100.0 * 360.0 / 744.0).abs() < 1e-9);
    assert_eq!(percent["coverage"]["high"], 100.0);
    report.is("availability.coverage/service=mail", 100.0 * 360.0 / 744.0);
    assert!(report.kinds().contains(&"coverage_backwards"));
    rows_are_as_many_as_said(&book);
}

#[test]
fn r8_overlaps_are_merged_events_have_no_time_and_bad_rows_are_found() {
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-02 08:00,2026-03-02 10:00,unplanned
2,mail,2026-03-02 09:00,2026-03-02 11:00,unplanned
3,mail,2026-03-02 11:00,2026-03-02 12:00,unplanned
4,mail,2026-03-05 08:00,2026-03-05 08:00,unplanned
5,mail,2026-03-06 10:00,2026-03-06 09:00,unplanned
6,mail,2026-03-02 08:00,2026-03-02 10:00,unplanned
7,mail,2026-03-02 09:30,2026-03-02 09:30,unplanned
8,chat,2025-01-01 00:00,2026-03-01 01:00,unplanned
";
    let maintenance = "source_key,service,planned_start,planned_end,actual_start,actual_end
1,mail,2026-03-08 06:00,2026-03-08 05:00,2026-03-08 05:00,2026-03-08 06:00
";
    let book = book(outages).services(&["mail", "chat"]).table("maintenance", maintenance);
    let report = book.report(MARCH);
    report.is("availability.downtime/service=mail", 4.0 * 3600.0);
    report.is("availability.outages/service=mail", 2.0);
    report.is("availability.mtrs/service=mail", 2.0 * 3600.0);
    report.is("availability.mtrs.median/service=mail", 2.0 * 3600.0);
    report.is("availability.mtrs.p90/service=mail", 3.6 * 3600.0);
    report.is("availability.mtbsi/service=mail", 372.0 * 3600.0);
    // From noon on the second to eight on the fifth.
    report.is("availability.mtbf.median/service=mail", 68.0 * 3600.0);
    let mtbsi = report.figure("availability.mtbsi/service=mail");
    assert_eq!(mtbsi["basis"]["parameters"]["holds"], "mtbsi = mtbf + mtrs");
    let found = report.kinds();
    for kind in [
        "outage_ends_before_start",
        "outages_overlap",
        "duplicate_outage",
        "outage_without_length",
        "outage_absurd",
        "maintenance_backwards",
    ] {
        assert!(found.contains(&kind), "{kind} is not among {found:?}");
    }
    rows_are_as_many_as_said(&book);
}

#[test]
fn r9_the_time_of_an_outage_is_split_and_its_event_belongs_to_the_period_of_its_start() {
    let outages = "source_key,service,start,end,kind,acknowledged_at
1,mail,2026-03-31 22:00,2026-04-01 03:00,unplanned,2026-03-31 22:30
2,mail,2026-03-10 08:00,2026-03-10 09:00,unplanned,2026-03-10 07:00
3,mail,2026-03-11 08:00,2026-03-11 09:00,unplanned,
";
    let book = book(outages).services(&["mail"]);
    let (march, april) = (book.report(MARCH), book.report("2026-04"));
    march.is("availability.downtime/service=mail", 4.0 * 3600.0);
    april.is("availability.downtime/service=mail", 3.0 * 3600.0);
    march.is("availability.outages/service=mail", 3.0);
    april.is("availability.outages/service=mail", 0.0);
    assert_eq!(april.missing("availability.mtbsi/service=mail"), "undefined");
    // Of three, one is acknowledged after it started.
    let mtta = march.figure("availability.mtta/service=mail");
    assert_eq!((&mtta["value"], &mtta["n"]), (&json!(1800), &json!(1)));
    assert_eq!(march.reasons("availability.mtta/service=mail"), ["acknowledged before it started", "not acknowledged"]);
    rows_are_as_many_as_said(&book);
}

#[test]
fn r15_each_agreement_is_judged_over_the_time_in_which_it_held() {
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let book = book(outages)
        .services(&["mail"])
        .agreement("old", "mail", "valid_to = 2026-03-11\navailability = 90.0")
        .config("[[agreement]]\nid = \"new\"\nservice = \"mail\"\nvalid_from = 2026-03-11\navailability = 99.0");
    let report = book.report(MARCH);
    let whole = report.figure("availability.percent/service=mail");
    assert!(whole["target"].is_null());
    assert_eq!(whole["basis"]["parameters"]["judged_in"], "old, new");
    assert_eq!(report.missing("availability.allowed/service=mail"), "not_configured");
    report.is("availability.percent/service=mail/agreement=old", 95.0);
    assert_eq!(report.figure("availability.percent/service=mail/agreement=old")["verdict"], "met");
    report.is("availability.percent/service=mail/agreement=new", 100.0);
    // Ten days and one in ten allowed.
    report.is("availability.allowed/service=mail/agreement=old", 86_400.0);
    report.is("availability.allowed_left/service=mail/agreement=old", 43_200.0);
    report.is("availability.budget_used/service=mail/agreement=old", 50.0);
    report.is("availability.burn_rate/service=mail/agreement=old", 0.5);
    rows_are_as_many_as_said(&book);
}

/// Availability in March where the service was down from midnight to an instant of an early morning.
fn down_until(until: &str) -> SmallBook {
    let outage = format!("source_key,service,start,end,kind\n1,mail,2026-03-02 00:00,2026-03-02 {until},unplanned\n");
    book(&outage).services(&["mail"]).agreement("sla", "mail", "availability = 99.90")
}

#[test]
fn r16_a_miss_that_rounds_to_its_target_is_missed_and_never_reads_as_met_and_equal_is_met() {
    let percent = "availability.percent/service=mail";
    // A month of 2,678,400 s: 99.90 % leave 2,678.4 s, 99.895 % leave 2,812.32 s.
    for (until, value, verdict) in [
        // Met, with nothing left of what was allowed.
        ("00:44:38.400", 99.9, "at_risk"),
        ("00:44:39.000", 100.0 - 267_900.0 / 2_678_400.0, "missed"),
        ("00:46:52.320", 99.895, "missed"),
    ] {
        let book = down_until(until);
        let report = book.report(MARCH);
        report.is(percent, value);
        let figure = report.figure(percent);
        assert_eq!(figure["verdict"], verdict, "{until}");
        let shown = figure["display"].as_str().unwrap().trim_end_matches(" %").parse::<f64>().unwrap();
        assert_eq!(shown >= 99.9, verdict != "missed", "{until} reads as {}", figure["display"]);
        for format in ["md", "html", "plain"] {
            let page = book.printed(MARCH, format);
            assert!(page.text().contains(figure["display"].as_str().unwrap()), "{until} in {format}:\n{}", page.text());
            assert_eq!(page.text().contains("MISSED"), verdict == "missed", "{until} in {format}:\n{}", page.text());
        }
    }
}

#[test]
fn r16_nothing_below_100_percent_reads_as_100() {
    for (until, shown) in [("00:00:00.001", "99.99 %"), ("00:00:01", "99.99 %"), ("00:00:00", "100.00 %")] {
        let book = down_until(until);
        assert_eq!(book.report(MARCH).figure("availability.percent/service=mail")["display"], shown, "{until}");
        for format in ["md", "html", "plain"] {
            let line = book.printed(MARCH, format);
            assert!(line.text().contains(shown), "{until} in {format}:\n{}", line.text());
        }
    }
}

#[test]
fn r18_exclusions_that_are_approved_leave_the_figure_and_it_is_shown_without_them_too() {
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-05 00:00,2026-03-05 12:00,unplanned
2,mail,2026-03-20 00:00,2026-03-20 06:00,unplanned
3,mail,2026-03-25 01:00,2026-03-25 02:00,unplanned
";
    let exclusions = "source_key,figure,service,from,to,why,approved_at
1,availability,mail,2026-03-05 00:00,2026-03-06 00:00,force majeure,2026-03-07 09:00
2,availability,mail,2026-03-20 00:00,2026-03-21 00:00,not approved,
3,availability,,2026-03-12 00:00,2026-03-12 00:00,empty,2026-03-07 09:00
";
    let maintenance = "source_key,service,planned_start,planned_end,actual_start,actual_end,announced_at
1,mail,2026-03-25 00:00,2026-03-25 04:00,2026-03-25 00:00,2026-03-25 03:00,2026-03-01
";
    let book = book(outages).services(&["mail"]).tables(&[("exclusions", exclusions), ("maintenance", maintenance)]);
    let march = book.report(MARCH);
    march.is("availability.percent/service=mail", 100.0 * (717.0 - 6.0) / 717.0);
    march.is("availability.excluded/service=mail", 86_400.0);
    march.is("availability.planned/service=mail", 3.0 * 3600.0);
    assert_eq!(march.figure("availability.planned/service=mail")["rows"]["table"], "maintenance");
    let percent = march.figure("availability.percent/service=mail");
    let alternatives = percent["alternatives"].as_array().unwrap();
    let without = alternatives.iter().find(|other| other["formula"] == "without exclusions").unwrap();
    assert!((without["value"].as_f64().unwrap() - 100.0 * (741.0 - 18.0) / 741.0).abs() < 1e-9);
    assert_eq!(march.reasons("availability.percent/service=mail"), ["excluded", "within agreed maintenance"]);
    assert!(march.kinds().contains(&"exclusion_backwards"));
    // Before it was approved it had no effect.
    let early = book.report_as_of(MARCH, "2026-03-07T09:00:00Z");
    early.is("availability.percent/service=mail", 100.0 * (153.0 - 12.0) / 153.0);
    rows_are_as_many_as_said(&book);
}

#[test]
fn r17_groups_pool_seconds_and_name_the_worst_and_those_left_out() {
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-05 00:00,2026-03-06 00:00,unplanned
2,chat,2026-03-05 00:00,2026-03-05 12:00,unplanned
";
    let book = book(outages)
        .service("mail", "")
        .service("chat", "go_live = 2026-03-17")
        .service("late", "go_live = 2027-01-01")
        .config("[[service_group]]\nid = \"all\"\nname = \"All\"\nservices = [\"mail\", \"chat\", \"late\"]")
        .config("[[service_group]]\nid = \"none\"\nname = \"None\"\nservices = [\"late\"]");
    let report = book.report(MARCH);
    let base = (31.0 + 15.0) * 24.0;
    let pooled = report.figure("availability.pooled/group=all");
    report.is("availability.pooled/group=all", 100.0 * (base - 24.0) / base);
    assert_eq!(pooled["denominator"], json!(46 * 86_400_000_i64));
    assert_eq!(pooled["basis"]["parameters"]["left_out_members"], "late (nothing owed)");
    report.is("availability.worst/group=all", 100.0 * 30.0 / 31.0);
    assert_eq!(report.figure("availability.worst/group=all")["basis"]["parameters"]["worst_member"], "mail");
    assert_eq!(report.missing("availability.pooled/group=none"), "no_data");
    report.is("availability.pooled", 100.0 * (base - 24.0) / base);
    rows_are_as_many_as_said(&book);
    book.printed(MARCH, "md").ends(0);
}

#[test]
fn r20_a_service_that_went_live_or_was_retired_within_the_period_owes_its_part_or_the_whole_with_less_known() {
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-02 00:00,2026-03-03 00:00,unplanned
2,mail,2026-03-12 00:00,2026-03-13 00:00,unplanned
3,mail,2026-03-30 00:00,2026-03-31 00:00,unplanned
";
    let in_service = book(outages).service("mail", "go_live = 2026-03-11\nretired = 2026-03-21");
    let march = in_service.report(MARCH);
    march.is("availability.percent/service=mail", 90.0);
    let percent = march.figure("availability.percent/service=mail");
    assert_eq!(percent["basis"]["parameters"]["partial_from"], "2026-03-11T00:00:00+00:00");
    assert_eq!(percent["basis"]["parameters"]["partial_to"], "2026-03-21T00:00:00+00:00");
    assert_eq!(march.reasons("availability.percent/service=mail"), ["after retirement", "before go-live"]);
    assert!(march.kinds().contains(&"outage_out_of_service"));
    rows_are_as_many_as_said(&in_service);
    let whole = in_service.config("[figures]\npartial = \"whole_period\"");
    let march = whole.report(MARCH);
    assert_eq!(march.missing("availability.percent/service=mail"), "insufficient_coverage");
    march.is("availability.coverage/service=mail", 100.0 * 10.0 / 31.0);
    rows_are_as_many_as_said(&whole);
}

#[test]
fn a_service_made_of_others_is_down_with_the_component_that_decides() {
    let outages = "source_key,service,start,end,kind
1,web,2026-03-05 00:00,2026-03-05 12:00,unplanned
2,app-a,2026-03-05 06:00,2026-03-05 18:00,unplanned
3,app-b,2026-03-05 09:00,2026-03-05 10:00,degraded
4,shop,2026-03-20 00:00,2026-03-20 02:00,unplanned
";
    let parts = "components = [\"web\", \"app-a\", \"app-b\"]";
    let book = book(outages)
        .services(&["web", "app-a", "app-b"])
        .service("shop", parts)
        .service("two", &format!("{parts}\nneeds = 2"))
        .service("one", &format!("{parts}\nneeds = \"any\""))
        .service("over", "components = [\"one\", \"two\"]");
    let report = book.report(MARCH);
    report.is("availability.downtime/service=shop", 20.0 * 3600.0);
    report.is("availability.outages/service=shop", 2.0);
    report.is("availability.downtime/service=two", 6.0 * 3600.0);
    report.is("availability.downtime/service=one", 0.5 * 3600.0);
    report.is("availability.downtime/service=over", 6.0 * 3600.0);
    let made_of = &report.figure("availability.percent/service=two")["basis"]["parameters"]["made_of"];
    assert_eq!(*made_of, "needs 2 of web, app-a, app-b");
    assert_eq!(report.figure("availability.percent/service=shop")["rows"]["used"], 4);
    // Components stand in for themselves: the book as a whole is what is made of them.
    let members = &report.figure("availability.pooled")["basis"]["parameters"]["members"];
    assert_eq!(*members, "shop, over");
    rows_are_as_many_as_said(&book);
}

#[test]
fn lost_time_of_users_counts_each_instant_by_the_greatest_number_that_one_outage_affects() {
    let outages = "source_key,service,start,end,kind,users_affected
1,mail,2026-03-05 00:00,2026-03-05 02:00,unplanned,30
2,mail,2026-03-05 01:00,2026-03-05 03:00,unplanned,500
3,mail,2026-03-10 00:00,2026-03-10 01:00,degraded,
";
    let book = book(outages).service("mail", "users_entitled = 100").services(&["chat"]);
    let report = book.report(MARCH);
    // 1 h × 30, 2 h × 100, 1 h × 50.
    report.is("availability.lost_user_minutes/service=mail", 280.0 * 60.0);
    report.is("availability.user_weighted/service=mail", 100.0 * (1.0 - 280.0 / 74_400.0));
    let weighted = report.figure("availability.user_weighted/service=mail");
    assert!(weighted["basis"]["parameters"]["estimate"].is_string());
    assert_eq!(report.missing("availability.user_weighted/service=chat"), "not_configured");
}

#[test]
fn the_allowed_downtime_of_a_running_month_is_that_of_the_whole_month() {
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 01:00,unplanned\n";
    let maintenance = "source_key,service,planned_start,planned_end,actual_start,actual_end,announced_at
1,mail,2026-03-20 00:00,2026-03-21 00:00,,,2026-03-02
2,mail,2026-03-25 00:00,2026-03-26 00:00,,,2026-03-24
";
    let book = book(outages)
        .services(&["mail"])
        .agreement("sla", "mail", "availability = 99.0\nmaintenance_notice_days = 5")
        .table("maintenance", maintenance);
    let report = book.report_as_of(MARCH, "2026-03-11T00:00:00Z");
    report.is("availability.allowed/service=mail", 30.0 * 864.0);
    report.is("availability.allowed_left/service=mail", 30.0 * 864.0 - 3600.0);
    report.is("availability.budget_used/service=mail", 100.0 * 3600.0 / (30.0 * 864.0));
    report.is("availability.burn_rate/service=mail", (1.0 / 240.0) / 0.01);
}

#[test]
fn a_total_that_a_tool_reports_stands_beside_ours_and_in_no_other_figure() {
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let reported = "source_key,service,from,to,up_s,down_s,percent,method
1,mail,2026-03-01,2026-03-16,1296000,0,,ping
2,mail,2026-03-16,2026-04-01,1296000,86400,,ping
3,mail,2026-03-20,2026-04-03,1,1,,ping
4,chat,2026-03-01,2026-03-11,,,90,
5,chat,2026-03-11,2026-04-01,,,100,
";
    let declared = "declared_complete = true\ndeclared_from = 2026-01-01\ndeclared_services = [\"mail\"]";
    let book = SmallBook::of("UTC")
        .services(&["mail", "chat"])
        .table_with("outages", outages, declared)
        .table("reported-availability", reported);
    let report = book.report(MARCH);
    report.is("availability.reported/service=mail", 100.0 * 30.0 / 31.0);
    report.is("availability.reported/service=chat", (90.0 * 10.0 + 100.0 * 21.0) / 31.0);
    report.is("availability.percent/service=mail", 100.0 * 61.0 / 62.0);
    let chat = report.figure("availability.percent/service=chat");
    assert_eq!(chat["missing"]["kind"], "no_data");
    assert!(chat["missing"]["text"].as_str().unwrap().contains("availability.reported"));
    let mail = report.figure("availability.reported/service=mail");
    assert_eq!(mail["basis"]["parameters"]["method"], "ping");
    assert_eq!(mail["rows"]["left_out"][0]["reason"], "not wholly within the period");
    assert!(report.kinds().contains(&"reported_differs"));
    rows_are_as_many_as_said(&book);
}

#[test]
fn a_short_outage_that_still_lasts_at_as_of_is_not_ignored_for_its_shortness() {
    let checks = "source_key,service,monitor,at,up
1,mail,m,2026-03-01 00:00,true
2,mail,m,2026-03-12 10:00,false
3,mail,m,2026-03-12 10:03,true
4,mail,m,2026-03-31 23:58,false
5,mail,m,2026-04-01 00:10,true
6,mail,m,2026-04-30 23:59,true
";
    let hold = "hold = { ignore_up_to = \"3m\" }";
    let book = SmallBook::of("UTC").services(&["mail"]).table_with("checks", checks, hold);
    let (march, april) = (book.report(MARCH), book.report("2026-04"));
    march.is("availability.downtime/service=mail", 120.0);
    march.is("availability.outages/service=mail", 1.0);
    let left_out = &march.figure("availability.percent/service=mail")["rows"]["left_out"];
    assert_eq!((&left_out[0]["reason"], &left_out[0]["count"]), (&json!("at most 3m"), &json!(1)));
    april.is("availability.downtime/service=mail", 600.0);
    rows_as_of_the_end(&book, MARCH);
}

#[test]
fn r9_an_outage_that_starts_out_of_hours_counts_in_the_one_period_in_which_it_first_bites() {
    // Each starts out of hours in one month and costs time on the first working day of the next; the last one started in
    // hours.
    let outages = "source_key,service,start,end,kind,acknowledged_at
1,mail,2026-02-28 20:00,2026-03-02 10:00,unplanned,2026-02-28 21:00
2,mail,2026-03-10 06:00,2026-03-10 09:00,unplanned,
3,mail,2026-03-31 19:00,2026-04-01 09:00,unplanned,2026-04-01 08:00
4,mail,2026-04-30 17:00,2026-05-04 09:00,unplanned,
";
    let hours = "hours = { mon = [\"08:00-18:00\"], tue = [\"08:00-18:00\"], wed = [\"08:00-18:00\"], thu = [\"08:00-18:00\"], fri = [\"08:00-18:00\"] }";
    let book = book(outages)
        .config(&format!("[[calendar]]\nid = \"office\"\nzone = \"UTC\"\n{hours}"))
        .service("mail", "calendar = \"office\"");
    let months: Vec<Report> = ["2026-02", "2026-03", "2026-04", "2026-05"]
        .iter()
        .map(|month| book.report_as_of(month, "2026-06-01T00:00:00Z"))
        .collect();
    let counted: Vec<f64> = months.iter().map(|month| month.value("availability.outages/service=mail")).collect();
    assert_eq!(counted, [0.0, 2.0, 2.0, 0.0]);
    let march = &months[1];
    march.is("availability.mtrs/service=mail", 1.5 * 3600.0);
    // 22 working days of ten hours, three of them down.
    march.is("availability.mtbf/service=mail", 217.0 * 3600.0 / 2.0);
    assert_eq!(march.figure("availability.mtbsi/service=mail")["basis"]["parameters"]["holds"], "mtbsi = mtbf + mtrs");
    // From ten on Monday the second to eight on Tuesday the tenth: eight hours, five days of ten.
    march.is("availability.mtbf.median/service=mail", 58.0 * 3600.0);
    // By the wall clock, and in the same month as the outage.
    march.is("availability.mtta/service=mail", 3600.0);
    months[2].is("availability.mtta/service=mail", 13.0 * 3600.0);
    for month in ["2026-02", MARCH, "2026-04"] {
        rows_as_of_the_end(&book, month);
    }
}

#[test]
fn what_the_register_learned_of_later_is_not_known_yet_and_other_tables_say_so() {
    let outages = "source_key,known_at,service,start,end,kind
1,2026-04-10 09:00,mail,2026-03-10 00:00,2026-03-10 12:00,unplanned
2,2026-03-12 09:00,mail,2026-03-12 00:00,2026-03-12 01:00,unplanned
3,,mail,2026-03-14 00:00,2026-03-14 02:00,unplanned
";
    let maintenance = "source_key,known_at,service,planned_start,planned_end,actual_start,actual_end
1,2026-04-01 00:00,mail,2026-03-20 00:00,2026-03-20 04:00,2026-03-20 00:00,2026-03-20 06:00
";
    let surveys = "source_key,known_at,service,scale,sent_at
1,2026-04-02 09:00,mail,5,2026-03-02
2,2026-03-31 23:00,mail,5,2026-03-31
3,,mail,5,2026-03-03
4,2026-05-02 09:00,mail,5,2026-04-03
";
    let tables = [("maintenance", maintenance), ("surveys", surveys)];
    let book = book(outages).services(&["mail"]).tables(&tables);
    let march = book.report(MARCH);
    march.is("availability.downtime/service=mail", 3.0 * 3600.0);
    march.is("availability.planned/service=mail", 0.0);
    let percent = march.figure("availability.percent/service=mail");
    assert_eq!((&percent["rows"]["used"], &percent["rows"]["left_out"]), (&json!(2), &json!([])));
    let planned = march.figure("availability.planned/service=mail");
    assert_eq!((&planned["rows"]["used"], &planned["rows"]["left_out"]), (&json!(0), &json!([])));
    let findings = march.findings();
    let later: Vec<_> = findings.iter().filter(|finding| finding["kind"] == "known_later").collect();
    assert_eq!(later.len(), 1, "{later:?}");
    assert_eq!((&later[0]["id"], &later[0]["count"]), (&json!("surveys.known_later"), &json!(1)));
    // Once it is known it is told of the past.
    let told = book.report_as_of(MARCH, "2026-05-01T00:00:00Z");
    told.is("availability.downtime/service=mail", 17.0 * 3600.0);
    told.is("availability.planned/service=mail", 4.0 * 3600.0);
    rows_as_of_the_end(&book, MARCH);
}

#[test]
fn a_component_brings_nothing_from_before_its_go_live_and_nothing_is_known_of_it_then() {
    let outages = "source_key,service,start,end,kind
1,web,2026-03-02 00:00,2026-03-03 00:00,unplanned
2,web,2026-03-15 12:00,2026-03-16 12:00,unplanned
3,shop,2026-03-20 00:00,2026-03-20 01:00,unplanned
";
    let book = book(outages).service("web", "go_live = 2026-03-16").service("shop", "components = [\"web\"]");
    let march = book.report(MARCH);
    let shop = march.figure("availability.percent/service=shop");
    assert_eq!(shop["missing"]["kind"], "insufficient_coverage");
    march.is("availability.coverage/service=shop", 100.0 * 16.0 / 31.0);
    assert_eq!(shop["rows"]["used"], 2);
    assert_eq!(shop["rows"]["left_out"][0]["reason"], "before go-live");
    // Half a day of the component, cut at its go-live, and an hour of its own.
    assert!((shop["coverage"]["high"].as_f64().unwrap() - 100.0 * (744.0 - 13.0) / 744.0).abs() < 1e-9);
    rows_as_of_the_end(&book, MARCH);
}

#[test]
fn rows_of_components_that_made_no_downtime_are_left_out() {
    let outages = "source_key,service,start,end,kind
1,a,2026-03-05 00:00,2026-03-05 12:00,unplanned
2,b,2026-03-05 09:00,2026-03-05 10:00,unplanned
3,a,2026-03-10 00:00,2026-03-10 12:00,unplanned
4,pair,2026-03-10 03:00,2026-03-10 04:00,unplanned
5,net,2026-03-12 00:00,2026-03-12 01:00,unplanned
6,a,2026-03-12 00:00,2026-03-12 01:00,unplanned
";
    let book = book(outages)
        .services(&["a", "b", "net"])
        .service("pair", "components = [\"a\", \"b\"]\nneeds = \"any\"")
        .service("shop", "components = [\"net\", \"pair\"]");
    let march = book.report(MARCH);
    let rows = |id: &str| march.figure(&format!("availability.percent/service={id}"))["rows"].clone();
    march.is("availability.downtime/service=pair", 2.0 * 3600.0);
    // Both of the fifth, and its own; that of a on the tenth and on the twelfth made nothing.
    assert_eq!(rows("pair")["used"], 3);
    assert_eq!(
        (&rows("pair")["left_out"][0]["reason"], &rows("pair")["left_out"][0]["count"]),
        (&json!("did not decide"), &json!(2))
    );
    march.is("availability.downtime/service=shop", 3.0 * 3600.0);
    // On the twelfth the shop was down with the net, not with a.
    assert_eq!(rows("shop")["used"], 4);
    assert_eq!(
        (&rows("shop")["left_out"][0]["reason"], &rows("shop")["left_out"][0]["count"]),
        (&json!("did not decide"), &json!(2))
    );
    rows_as_of_the_end(&book, MARCH);
}

#[test]
fn components_that_are_shared_on_every_level_are_worked_out_once() {
    let outages = "source_key,service,start,end,kind\n1,a0,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let mut book = book(outages).service("a0", "users_entitled = 10").services(&["b0"]);
    for level in 1..25 {
        let parts = format!("users_entitled = 10\ncomponents = [\"a{0}\", \"b{0}\"]", level - 1);
        book = book.service(&format!("a{level}"), &parts).service(&format!("b{level}"), &parts);
    }
    let march = book.report(MARCH);
    march.is("availability.downtime/service=b24", 12.0 * 3600.0);
    march.is("availability.lost_user_minutes/service=b24", 7200.0);
    assert_eq!(march.figure("availability.percent/service=b24")["rows"]["used"], 1);
}

#[test]
fn of_totals_that_overlap_the_later_one_is_left_out_and_found() {
    let reported = "source_key,service,from,to,up_s,down_s
1,mail,2026-03-01,2026-03-16,1296000,0
2,mail,2026-03-16,2026-04-01,1296000,86400
3,mail,2026-03-10,2026-03-20,0,864000
4,mail,2026-03-16,2026-04-01,0,1382400
";
    let book = SmallBook::of("UTC").services(&["mail"]).table("reported-availability", reported);
    let march = book.report(MARCH);
    march.is("availability.reported/service=mail", 100.0 * 30.0 / 31.0);
    let left_out = &march.figure("availability.reported/service=mail")["rows"]["left_out"];
    assert_eq!((&left_out[0]["reason"], &left_out[0]["count"]), (&json!("overlaps another row"), &json!(2)));
    assert!(march.kinds().contains(&"reported_overlaps"));
}

#[test]
fn r8_an_outage_that_two_monitors_saw_is_one_outage_and_both_rows_stay() {
    let one = "source_key,service,start,end,kind\n1,mail,2026-03-02 08:00,2026-03-02 10:00,unplanned\n";
    let other = "source_key,service,start,end,kind\n1,mail,2026-03-02 09:00,2026-03-02 11:00,unplanned\n";
    let book = book(one).services(&["mail"]).file("records/other.csv", other).config(
        "[[source]]\nid = \"other\"\nconnector = \"csv-outages\"\nfiles = [\"records/other.csv\"]\nsettings = { zone = \"UTC\" }\n",
    );
    let report = book.report(MARCH);
    report.is("availability.downtime/service=mail", 3.0 * 3600.0);
    report.is("availability.outages/service=mail", 1.0);
    assert!(report.kinds().contains(&"outages_overlap"));
    rows_as_of_the_end(&book, MARCH);
}

#[test]
fn a_name_that_two_tools_write_differently_is_a_finding_with_a_line_to_paste() {
    let outages = "source_key,service,start,end,kind\n1,Mail server,2026-03-02 08:00,2026-03-02 10:00,unplanned\n";
    let report = book(outages).services(&["Mail", "Chat"]).report(MARCH);
    let text = report.said("unknown_service");
    assert!(text.contains("`aliases = [\"Mail server\"]` below [[service]] with id = \"mail\""), "{text}");
}
