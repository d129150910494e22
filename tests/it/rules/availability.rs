//! Rules of availability: what is known, merged, split between periods, left out and owed in part.

use crate::program::Desk;
use serde_json::{Value, json};
use servicebook::app::request::RowsQuery;
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};
use servicebook::model::Period;
use std::path::{Path, PathBuf};

const BOOK: &str = r#"
[book]
title = "Availability"
zone = "UTC"
"#;

/// A source that reads one table from `registers/`.
fn source(table: &str, more: &str) -> String {
    let connector = format!("csv-{}", table.replace('_', "-"));
    format!(
        "\n[[source]]\nid = \"{table}\"\nconnector = \"{connector}\"\nfiles = [\"registers/{table}.csv\"]\nsettings = {{ zone = \"UTC\" }}\n{more}\n"
    )
}

const DECLARED: &str = "declared_complete = true\ndeclared_from = 2026-01-01";

fn service(id: &str, more: &str) -> String {
    format!("\n[[service]]\nid = \"{id}\"\nname = \"{id}\"\n{more}\n")
}

fn agreement(id: &str, service: &str, more: &str) -> String {
    format!("\n[[agreement]]\nid = \"{id}\"\nservice = \"{service}\"\nvalid_from = 2026-01-01\n{more}\n")
}

/// Makes a book of config and tables.
fn book(desk: &Desk, config: &str, tables: &[(&str, &str)]) -> PathBuf {
    let mut config = format!("{BOOK}{config}");
    for (table, _) in tables {
        config.push_str(&source(table, if *table == "outages" { DECLARED } else { "" }));
    }
    let named: Vec<(String, &str)> =
        tables.iter().map(|(table, rows)| (format!("registers/{table}.csv"), *rows)).collect();
    let mut files = vec![("config.toml", config.as_str())];
    files.extend(named.iter().map(|(name, rows)| (name.as_str(), *rows)));
    desk.book("book", &files)
}

fn report(desk: &Desk, book: &Path, period: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["-q", "report", "--period", period, "--format", "json"];
    arguments.extend_from_slice(more);
    let run = desk.on(book, &arguments);
    serde_json::from_slice(&run.out).unwrap_or_else(|_| panic!("{}", run.talk))
}

#[track_caller]
fn figure<'a>(report: &'a Value, id: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["id"] == id).unwrap_or_else(|| panic!("no figure {id}"))
}

#[track_caller]
fn value(report: &Value, id: &str) -> f64 {
    figure(report, id)["value"].as_f64().unwrap_or_else(|| panic!("{}", figure(report, id)))
}

#[track_caller]
fn is(report: &Value, id: &str, wanted: f64) {
    let given = value(report, id);
    assert!((given - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{id}: {given}, not {wanted}");
}

fn kinds(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["kind"].as_str().unwrap()).collect()
}

/// Asks for the rows behind every figure and every finding, and for those left out.
#[track_caller]
fn rows_are_as_many_as_said(book: &Path, month: &str) {
    let opened = Book::open(book).unwrap();
    let as_of = "2026-05-01T00:00:00Z".parse().unwrap();
    let session = Session::open(opened, Opening { as_of: Some(as_of), may_pull: true }).unwrap();
    let period = Period::parse(month, session.book().config.book.zone).unwrap();
    let document = session.document(&period).unwrap();
    let count = |table: &str, filter: &str| {
        let query = RowsQuery {
            period: period.clone(),
            table: table.to_owned(),
            filter: filter.to_owned(),
            search: String::new(),
            sort: None,
            offset: 0,
            limit: 0,
        };
        session.rows(&query).unwrap_or_else(|error| panic!("{table} where {filter}: {error}")).total as u64
    };
    let mut asked = 0;
    for figure in document.figures.iter().filter(|figure| !figure.rows.filter.is_empty()) {
        asked += 1;
        let rows = &figure.rows;
        assert_eq!(count(&rows.table, &rows.filter), rows.used, "{}: {}", figure.id, rows.filter);
        for left in &rows.left_out {
            assert_eq!(count(&rows.table, &left.filter), left.count, "{}: {}", figure.id, left.filter);
        }
    }
    for finding in document.findings.iter().filter(|finding| !finding.filter.is_empty()) {
        assert_eq!(count(&finding.table, &finding.filter), finding.count, "{}", finding.id);
    }
    assert!(asked > 10, "only {asked} figures have rows");
}

// March 2026 has 744 hours in UTC.
const MARCH: &str = "2026-03";

#[test]
fn r1_a_promise_without_any_interval_has_no_data_and_is_not_left_out() {
    let desk = Desk::new();
    let config = service("mail", "") + &service("chat", "") + &agreement("sla", "mail", "availability = 99.9");
    let book = book(&desk, &config, &[("surveys", "source_key,service,scale,sent_at\n1,mail,5,2026-03-02\n")]);
    let report = report(&desk, &book, MARCH, &[]);
    assert_eq!(figure(&report, "availability.percent/service=mail")["missing"]["kind"], "no_data");
    assert_eq!(figure(&report, "availability.percent/service=mail/agreement=sla")["missing"]["kind"], "no_data");
    let figures = report["figures"].as_array().unwrap();
    assert!(figures.iter().all(|figure| figure["id"] != "availability.percent/service=chat"));
}

#[test]
fn r2_coverage_under_the_limit_is_no_figure_but_bounds() {
    let desk = Desk::new();
    let coverage = "source_key,service,from,to,kind\n1,mail,2026-03-01,2026-03-16,measured\n2,mail,2026-03-20,2026-03-19,measured\n";
    let outages = "source_key,service,start,end,kind\n1,chat,2026-03-02,2026-03-03,unplanned\n";
    let config = service("mail", "") + &service("chat", "");
    let config = format!("{BOOK}{config}{}{}", source("coverage", ""), source("outages", ""));
    let files = [("config.toml", &*config), ("registers/coverage.csv", coverage), ("registers/outages.csv", outages)];
    let book = desk.book("book", &files);
    let report = report(&desk, &book, MARCH, &[]);
    let percent = figure(&report, "availability.percent/service=mail");
    assert_eq!(percent["missing"]["kind"], "insufficient_coverage");
    assert!((percent["coverage"]["low"].as_f64().unwrap() - 100.0 * 360.0 / 744.0).abs() < 1e-9);
    assert_eq!(percent["coverage"]["high"], 100.0);
    is(&report, "availability.coverage/service=mail", 100.0 * 360.0 / 744.0);
    assert!(kinds(&report).contains(&"coverage_backwards"));
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r8_overlaps_are_merged_events_have_no_time_and_bad_rows_are_found() {
    let desk = Desk::new();
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
    let config = service("mail", "") + &service("chat", "");
    let book = book(&desk, &config, &[("outages", outages), ("maintenance", maintenance)]);
    let report = report(&desk, &book, MARCH, &[]);
    is(&report, "availability.downtime/service=mail", 4.0 * 3600.0);
    is(&report, "availability.outages/service=mail", 2.0);
    is(&report, "availability.mtrs/service=mail", 2.0 * 3600.0);
    is(&report, "availability.mtrs.median/service=mail", 2.0 * 3600.0);
    is(&report, "availability.mtrs.p90/service=mail", 3.6 * 3600.0);
    is(&report, "availability.mtbsi/service=mail", 372.0 * 3600.0);
    // From noon on the second to eight on the fifth.
    is(&report, "availability.mtbf.median/service=mail", 68.0 * 3600.0);
    let mtbsi = figure(&report, "availability.mtbsi/service=mail");
    assert_eq!(mtbsi["basis"]["parameters"]["holds"], "mtbsi = mtbf + mtrs");
    let found = kinds(&report);
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
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r9_the_time_of_an_outage_is_split_and_its_event_belongs_to_the_period_of_its_start() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind,acknowledged_at
1,mail,2026-03-31 22:00,2026-04-01 03:00,unplanned,2026-03-31 22:30
2,mail,2026-03-10 08:00,2026-03-10 09:00,unplanned,2026-03-10 07:00
3,mail,2026-03-11 08:00,2026-03-11 09:00,unplanned,
";
    let book = book(&desk, &service("mail", ""), &[("outages", outages)]);
    let (march, april) = (report(&desk, &book, MARCH, &[]), report(&desk, &book, "2026-04", &[]));
    is(&march, "availability.downtime/service=mail", 4.0 * 3600.0);
    is(&april, "availability.downtime/service=mail", 3.0 * 3600.0);
    is(&march, "availability.outages/service=mail", 3.0);
    is(&april, "availability.outages/service=mail", 0.0);
    assert_eq!(figure(&april, "availability.mtbsi/service=mail")["missing"]["kind"], "undefined");
    // Of three, one is acknowledged after it started.
    let mtta = figure(&march, "availability.mtta/service=mail");
    assert_eq!((&mtta["value"], &mtta["n"]), (&json!(1800), &json!(1)));
    let reasons: Vec<&str> =
        mtta["rows"]["left_out"].as_array().unwrap().iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["acknowledged before it started", "not acknowledged"]);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r15_each_agreement_is_judged_over_the_time_in_which_it_held() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let config = service("mail", "")
        + &agreement("old", "mail", "valid_to = 2026-03-11\navailability = 90.0")
        + &agreement("new", "mail", "availability = 99.0").replace("2026-01-01", "2026-03-11");
    let book = book(&desk, &config, &[("outages", outages)]);
    let report = report(&desk, &book, MARCH, &[]);
    let whole = figure(&report, "availability.percent/service=mail");
    assert!(whole["target"].is_null());
    assert_eq!(whole["basis"]["parameters"]["judged_in"], "old, new");
    assert_eq!(figure(&report, "availability.allowed/service=mail")["missing"]["kind"], "not_configured");
    is(&report, "availability.percent/service=mail/agreement=old", 95.0);
    assert_eq!(figure(&report, "availability.percent/service=mail/agreement=old")["verdict"], "met");
    is(&report, "availability.percent/service=mail/agreement=new", 100.0);
    // Ten days and one in ten allowed.
    is(&report, "availability.allowed/service=mail/agreement=old", 86_400.0);
    is(&report, "availability.allowed_left/service=mail/agreement=old", 43_200.0);
    is(&report, "availability.budget_used/service=mail/agreement=old", 50.0);
    is(&report, "availability.burn_rate/service=mail/agreement=old", 0.5);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r18_exclusions_that_are_approved_leave_the_figure_and_it_is_shown_without_them_too() {
    let desk = Desk::new();
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
    let tables = [("outages", outages), ("exclusions", exclusions), ("maintenance", maintenance)];
    let book = book(&desk, &service("mail", ""), &tables);
    let march = report(&desk, &book, MARCH, &[]);
    is(&march, "availability.percent/service=mail", 100.0 * (717.0 - 6.0) / 717.0);
    is(&march, "availability.excluded/service=mail", 86_400.0);
    is(&march, "availability.planned/service=mail", 3.0 * 3600.0);
    assert_eq!(figure(&march, "availability.planned/service=mail")["rows"]["table"], "maintenance");
    let percent = figure(&march, "availability.percent/service=mail");
    let alternatives = percent["alternatives"].as_array().unwrap();
    let without = alternatives.iter().find(|other| other["formula"] == "without exclusions").unwrap();
    assert!((without["value"].as_f64().unwrap() - 100.0 * (741.0 - 18.0) / 741.0).abs() < 1e-9);
    let left_out = percent["rows"]["left_out"].as_array().unwrap();
    let reasons: Vec<&str> = left_out.iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["excluded", "within agreed maintenance"]);
    assert!(kinds(&march).contains(&"exclusion_backwards"));
    // Before it was approved it had no effect.
    let early = report(&desk, &book, MARCH, &["--as-of", "2026-03-07T09:00:00Z"]);
    is(&early, "availability.percent/service=mail", 100.0 * (153.0 - 12.0) / 153.0);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r17_groups_pool_seconds_and_name_the_worst_and_those_left_out() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-05 00:00,2026-03-06 00:00,unplanned
2,chat,2026-03-05 00:00,2026-03-05 12:00,unplanned
";
    let config = service("mail", "")
        + &service("chat", "go_live = 2026-03-17")
        + &service("late", "go_live = 2027-01-01")
        + "\n[[service_group]]\nid = \"all\"\nname = \"All\"\nservices = [\"mail\", \"chat\", \"late\"]\n"
        + "\n[[service_group]]\nid = \"none\"\nname = \"None\"\nservices = [\"late\"]\n";
    let book = book(&desk, &config, &[("outages", outages)]);
    let report = report(&desk, &book, MARCH, &[]);
    let base = (31.0 + 15.0) * 24.0;
    let pooled = figure(&report, "availability.pooled/group=all");
    is(&report, "availability.pooled/group=all", 100.0 * (base - 24.0) / base);
    assert_eq!(pooled["denominator"], json!(46 * 86_400_000_i64));
    assert_eq!(pooled["basis"]["parameters"]["left_out_members"], "late (nothing owed)");
    is(&report, "availability.worst/group=all", 100.0 * 30.0 / 31.0);
    assert_eq!(figure(&report, "availability.worst/group=all")["basis"]["parameters"]["worst_member"], "mail");
    assert_eq!(figure(&report, "availability.pooled/group=none")["missing"]["kind"], "no_data");
    is(&report, "availability.pooled", 100.0 * (base - 24.0) / base);
    rows_are_as_many_as_said(&book, MARCH);
    desk.on(&book, &["-q", "report", "--period", MARCH, "--format", "md"]).ends(0);
}

#[test]
fn r20_a_service_that_went_live_or_was_retired_within_the_period_owes_its_part_or_the_whole_with_less_known() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind
1,mail,2026-03-02 00:00,2026-03-03 00:00,unplanned
2,mail,2026-03-12 00:00,2026-03-13 00:00,unplanned
3,mail,2026-03-30 00:00,2026-03-31 00:00,unplanned
";
    let config = service("mail", "go_live = 2026-03-11\nretired = 2026-03-21");
    let in_service = book(&desk, &config, &[("outages", outages)]);
    let march = report(&desk, &in_service, MARCH, &[]);
    is(&march, "availability.percent/service=mail", 90.0);
    let percent = figure(&march, "availability.percent/service=mail");
    assert_eq!(percent["basis"]["parameters"]["partial_from"], "2026-03-11T00:00:00+00:00");
    assert_eq!(percent["basis"]["parameters"]["partial_to"], "2026-03-21T00:00:00+00:00");
    let reasons: Vec<&str> =
        percent["rows"]["left_out"].as_array().unwrap().iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["after retirement", "before go-live"]);
    assert!(kinds(&march).contains(&"outage_out_of_service"));
    rows_are_as_many_as_said(&in_service, MARCH);
    let desk = Desk::new();
    let config = format!("\n[figures]\npartial = \"whole_period\"\n{config}");
    let whole = book(&desk, &config, &[("outages", outages)]);
    let march = report(&desk, &whole, MARCH, &[]);
    assert_eq!(figure(&march, "availability.percent/service=mail")["missing"]["kind"], "insufficient_coverage");
    is(&march, "availability.coverage/service=mail", 100.0 * 10.0 / 31.0);
    rows_are_as_many_as_said(&whole, MARCH);
}

#[test]
fn a_service_made_of_others_is_down_with_the_component_that_decides() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind
1,web,2026-03-05 00:00,2026-03-05 12:00,unplanned
2,app-a,2026-03-05 06:00,2026-03-05 18:00,unplanned
3,app-b,2026-03-05 09:00,2026-03-05 10:00,degraded
4,shop,2026-03-20 00:00,2026-03-20 02:00,unplanned
";
    let parts = "components = [\"web\", \"app-a\", \"app-b\"]";
    let config = ["web", "app-a", "app-b"].map(|id| service(id, "")).concat()
        + &service("shop", parts)
        + &service("two", &format!("{parts}\nneeds = 2"))
        + &service("one", &format!("{parts}\nneeds = \"any\""))
        + &service("over", "components = [\"one\", \"two\"]");
    let book = book(&desk, &config, &[("outages", outages)]);
    let report = report(&desk, &book, MARCH, &[]);
    is(&report, "availability.downtime/service=shop", 20.0 * 3600.0);
    is(&report, "availability.outages/service=shop", 2.0);
    is(&report, "availability.downtime/service=two", 6.0 * 3600.0);
    is(&report, "availability.downtime/service=one", 0.5 * 3600.0);
    is(&report, "availability.downtime/service=over", 6.0 * 3600.0);
    let made_of = &figure(&report, "availability.percent/service=two")["basis"]["parameters"]["made_of"];
    assert_eq!(*made_of, "needs 2 of web, app-a, app-b");
    assert_eq!(figure(&report, "availability.percent/service=shop")["rows"]["used"], 4);
    // Components stand in for themselves: the book as a whole is what is made of them.
    let members = &figure(&report, "availability.pooled")["basis"]["parameters"]["members"];
    assert_eq!(*members, "shop, over");
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn lost_time_of_users_counts_each_instant_by_the_greatest_number_that_one_outage_affects() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind,users_affected
1,mail,2026-03-05 00:00,2026-03-05 02:00,unplanned,30
2,mail,2026-03-05 01:00,2026-03-05 03:00,unplanned,500
3,mail,2026-03-10 00:00,2026-03-10 01:00,degraded,
";
    let config = service("mail", "users_entitled = 100") + &service("chat", "");
    let book = book(&desk, &config, &[("outages", outages)]);
    let report = report(&desk, &book, MARCH, &[]);
    // 1 h × 30, 2 h × 100, 1 h × 50.
    is(&report, "availability.lost_user_minutes/service=mail", 280.0 * 60.0);
    is(&report, "availability.user_weighted/service=mail", 100.0 * (1.0 - 280.0 / 74_400.0));
    let weighted = figure(&report, "availability.user_weighted/service=mail");
    assert!(weighted["basis"]["parameters"]["estimate"].is_string());
    assert_eq!(figure(&report, "availability.user_weighted/service=chat")["missing"]["kind"], "not_configured");
}

#[test]
fn the_allowed_downtime_of_a_running_month_is_that_of_the_whole_month() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 01:00,unplanned\n";
    let maintenance = "source_key,service,planned_start,planned_end,actual_start,actual_end,announced_at
1,mail,2026-03-20 00:00,2026-03-21 00:00,,,2026-03-02
2,mail,2026-03-25 00:00,2026-03-26 00:00,,,2026-03-24
";
    let config = service("mail", "") + &agreement("sla", "mail", "availability = 99.0\nmaintenance_notice_days = 5");
    let book = book(&desk, &config, &[("outages", outages), ("maintenance", maintenance)]);
    let report = report(&desk, &book, MARCH, &["--as-of", "2026-03-11T00:00:00Z"]);
    is(&report, "availability.allowed/service=mail", 30.0 * 864.0);
    is(&report, "availability.allowed_left/service=mail", 30.0 * 864.0 - 3600.0);
    is(&report, "availability.budget_used/service=mail", 100.0 * 3600.0 / (30.0 * 864.0));
    is(&report, "availability.burn_rate/service=mail", (1.0 / 240.0) / 0.01);
}

#[test]
fn a_total_that_a_tool_reports_stands_beside_ours_and_in_no_other_figure() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind\n1,mail,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let reported = "source_key,service,from,to,up_s,down_s,percent,method
1,mail,2026-03-01,2026-03-16,1296000,0,,ping
2,mail,2026-03-16,2026-04-01,1296000,86400,,ping
3,mail,2026-03-20,2026-04-03,1,1,,ping
4,chat,2026-03-01,2026-03-11,,,90,
5,chat,2026-03-11,2026-04-01,,,100,
";
    let config = format!(
        "{BOOK}{}{}{}{}",
        service("mail", ""),
        service("chat", ""),
        source("outages", &format!("{DECLARED}\ndeclared_services = [\"mail\"]")),
        source("reported_availability", ""),
    );
    let files = [
        ("config.toml", &*config),
        ("registers/outages.csv", outages),
        ("registers/reported_availability.csv", reported),
    ];
    let book = desk.book("book", &files);
    let report = report(&desk, &book, MARCH, &[]);
    is(&report, "availability.reported/service=mail", 100.0 * 30.0 / 31.0);
    is(&report, "availability.reported/service=chat", (90.0 * 10.0 + 100.0 * 21.0) / 31.0);
    is(&report, "availability.percent/service=mail", 100.0 * 61.0 / 62.0);
    let chat = figure(&report, "availability.percent/service=chat");
    assert_eq!(chat["missing"]["kind"], "no_data");
    assert!(chat["missing"]["text"].as_str().unwrap().contains("availability.reported"));
    let mail = figure(&report, "availability.reported/service=mail");
    assert_eq!(mail["basis"]["parameters"]["method"], "ping");
    assert_eq!(mail["rows"]["left_out"][0]["reason"], "not wholly within the period");
    assert!(kinds(&report).contains(&"reported_differs"));
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn a_short_outage_that_still_lasts_at_as_of_is_not_ignored_for_its_shortness() {
    let desk = Desk::new();
    let checks = "source_key,service,monitor,at,up
1,mail,m,2026-03-01 00:00,true
2,mail,m,2026-03-12 10:00,false
3,mail,m,2026-03-12 10:03,true
4,mail,m,2026-03-31 23:58,false
5,mail,m,2026-04-01 00:10,true
6,mail,m,2026-04-30 23:59,true
";
    let config = format!("{BOOK}{}{}", service("mail", ""), source("checks", "hold = { ignore_up_to = \"3m\" }"));
    let book = desk.book("book", &[("config.toml", &*config), ("registers/checks.csv", checks)]);
    let (march, april) = (report(&desk, &book, MARCH, &[]), report(&desk, &book, "2026-04", &[]));
    is(&march, "availability.downtime/service=mail", 120.0);
    is(&march, "availability.outages/service=mail", 1.0);
    let left_out = &figure(&march, "availability.percent/service=mail")["rows"]["left_out"];
    assert_eq!((&left_out[0]["reason"], &left_out[0]["count"]), (&json!("at most 3m"), &json!(1)));
    is(&april, "availability.downtime/service=mail", 600.0);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn r9_an_outage_that_starts_out_of_hours_counts_in_the_one_period_in_which_it_first_bites() {
    let desk = Desk::new();
    // Each starts out of hours in one month and costs time on the first working day of the next; the last one started in
    // hours.
    let outages = "source_key,service,start,end,kind,acknowledged_at
1,mail,2026-02-28 20:00,2026-03-02 10:00,unplanned,2026-02-28 21:00
2,mail,2026-03-10 06:00,2026-03-10 09:00,unplanned,
3,mail,2026-03-31 19:00,2026-04-01 09:00,unplanned,2026-04-01 08:00
4,mail,2026-04-30 17:00,2026-05-04 09:00,unplanned,
";
    let hours = "hours = { mon = [\"08:00-18:00\"], tue = [\"08:00-18:00\"], wed = [\"08:00-18:00\"], thu = [\"08:00-18:00\"], fri = [\"08:00-18:00\"] }";
    let config = format!("\n[[calendar]]\nid = \"office\"\nzone = \"UTC\"\n{hours}\n")
        + &service("mail", "calendar = \"office\"");
    let book = book(&desk, &config, &[("outages", outages)]);
    let months: Vec<Value> = ["2026-02", "2026-03", "2026-04", "2026-05"]
        .iter()
        .map(|month| report(&desk, &book, month, &["--as-of", "2026-06-01T00:00:00Z"]))
        .collect();
    let counted: Vec<f64> = months.iter().map(|month| value(month, "availability.outages/service=mail")).collect();
    assert_eq!(counted, [0.0, 2.0, 2.0, 0.0]);
    let march = &months[1];
    is(march, "availability.mtrs/service=mail", 1.5 * 3600.0);
    // 22 working days of ten hours, three of them down.
    is(march, "availability.mtbf/service=mail", 217.0 * 3600.0 / 2.0);
    assert_eq!(figure(march, "availability.mtbsi/service=mail")["basis"]["parameters"]["holds"], "mtbsi = mtbf + mtrs");
    // From ten on Monday the second to eight on Tuesday the tenth: eight hours, five days of ten.
    is(march, "availability.mtbf.median/service=mail", 58.0 * 3600.0);
    // By the wall clock, and in the same month as the outage.
    is(march, "availability.mtta/service=mail", 3600.0);
    is(&months[2], "availability.mtta/service=mail", 13.0 * 3600.0);
    for month in ["2026-02", MARCH, "2026-04"] {
        rows_are_as_many_as_said(&book, month);
    }
}

#[test]
fn what_the_register_learned_of_later_is_not_known_yet_and_other_tables_say_so() {
    let desk = Desk::new();
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
    let tables = [("outages", outages), ("maintenance", maintenance), ("surveys", surveys)];
    let book = book(&desk, &service("mail", ""), &tables);
    let march = report(&desk, &book, MARCH, &[]);
    is(&march, "availability.downtime/service=mail", 3.0 * 3600.0);
    is(&march, "availability.planned/service=mail", 0.0);
    let percent = figure(&march, "availability.percent/service=mail");
    assert_eq!((&percent["rows"]["used"], &percent["rows"]["left_out"]), (&json!(2), &json!([])));
    let planned = figure(&march, "availability.planned/service=mail");
    assert_eq!((&planned["rows"]["used"], &planned["rows"]["left_out"]), (&json!(0), &json!([])));
    let findings = march["findings"].as_array().unwrap();
    let later: Vec<_> = findings.iter().filter(|finding| finding["kind"] == "known_later").collect();
    assert_eq!(later.len(), 1, "{later:?}");
    assert_eq!((&later[0]["id"], &later[0]["count"]), (&json!("surveys.known_later"), &json!(1)));
    // Once it is known it is told of the past.
    let told = report(&desk, &book, MARCH, &["--as-of", "2026-05-01T00:00:00Z"]);
    is(&told, "availability.downtime/service=mail", 17.0 * 3600.0);
    is(&told, "availability.planned/service=mail", 4.0 * 3600.0);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn a_component_brings_nothing_from_before_its_go_live_and_nothing_is_known_of_it_then() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind
1,web,2026-03-02 00:00,2026-03-03 00:00,unplanned
2,web,2026-03-15 12:00,2026-03-16 12:00,unplanned
3,shop,2026-03-20 00:00,2026-03-20 01:00,unplanned
";
    let config = service("web", "go_live = 2026-03-16") + &service("shop", "components = [\"web\"]");
    let book = book(&desk, &config, &[("outages", outages)]);
    let march = report(&desk, &book, MARCH, &[]);
    let shop = figure(&march, "availability.percent/service=shop");
    assert_eq!(shop["missing"]["kind"], "insufficient_coverage");
    is(&march, "availability.coverage/service=shop", 100.0 * 16.0 / 31.0);
    assert_eq!(shop["rows"]["used"], 2);
    assert_eq!(shop["rows"]["left_out"][0]["reason"], "before go-live");
    // Half a day of the component, cut at its go-live, and an hour of its own.
    assert!((shop["coverage"]["high"].as_f64().unwrap() - 100.0 * (744.0 - 13.0) / 744.0).abs() < 1e-9);
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn rows_of_components_that_made_no_downtime_are_left_out() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind
1,a,2026-03-05 00:00,2026-03-05 12:00,unplanned
2,b,2026-03-05 09:00,2026-03-05 10:00,unplanned
3,a,2026-03-10 00:00,2026-03-10 12:00,unplanned
4,pair,2026-03-10 03:00,2026-03-10 04:00,unplanned
5,net,2026-03-12 00:00,2026-03-12 01:00,unplanned
6,a,2026-03-12 00:00,2026-03-12 01:00,unplanned
";
    let config = ["a", "b", "net"].map(|id| service(id, "")).concat()
        + &service("pair", "components = [\"a\", \"b\"]\nneeds = \"any\"")
        + &service("shop", "components = [\"net\", \"pair\"]");
    let book = book(&desk, &config, &[("outages", outages)]);
    let march = report(&desk, &book, MARCH, &[]);
    let rows = |id: &str| figure(&march, &format!("availability.percent/service={id}"))["rows"].clone();
    is(&march, "availability.downtime/service=pair", 2.0 * 3600.0);
    // Both of the fifth, and its own; that of a on the tenth and on the twelfth made nothing.
    assert_eq!(rows("pair")["used"], 3);
    assert_eq!(
        (&rows("pair")["left_out"][0]["reason"], &rows("pair")["left_out"][0]["count"]),
        (&json!("did not decide"), &json!(2))
    );
    is(&march, "availability.downtime/service=shop", 3.0 * 3600.0);
    // On the twelfth the shop was down with the net, not with a.
    assert_eq!(rows("shop")["used"], 4);
    assert_eq!(
        (&rows("shop")["left_out"][0]["reason"], &rows("shop")["left_out"][0]["count"]),
        (&json!("did not decide"), &json!(2))
    );
    rows_are_as_many_as_said(&book, MARCH);
}

#[test]
fn components_that_are_shared_on_every_level_are_worked_out_once() {
    let desk = Desk::new();
    let outages = "source_key,service,start,end,kind\n1,a0,2026-03-05 00:00,2026-03-05 12:00,unplanned\n";
    let mut config = service("a0", "users_entitled = 10") + &service("b0", "");
    for level in 1..25 {
        let parts = format!("users_entitled = 10\ncomponents = [\"a{0}\", \"b{0}\"]", level - 1);
        config += &(service(&format!("a{level}"), &parts) + &service(&format!("b{level}"), &parts));
    }
    let book = book(&desk, &config, &[("outages", outages)]);
    let march = report(&desk, &book, MARCH, &[]);
    is(&march, "availability.downtime/service=b24", 12.0 * 3600.0);
    is(&march, "availability.lost_user_minutes/service=b24", 7200.0);
    assert_eq!(figure(&march, "availability.percent/service=b24")["rows"]["used"], 1);
}

#[test]
fn of_totals_that_overlap_the_later_one_is_left_out_and_found() {
    let desk = Desk::new();
    let reported = "source_key,service,from,to,up_s,down_s
1,mail,2026-03-01,2026-03-16,1296000,0
2,mail,2026-03-16,2026-04-01,1296000,86400
3,mail,2026-03-10,2026-03-20,0,864000
4,mail,2026-03-16,2026-04-01,0,1382400
";
    let book = book(&desk, &service("mail", ""), &[("reported_availability", reported)]);
    let march = report(&desk, &book, MARCH, &[]);
    is(&march, "availability.reported/service=mail", 100.0 * 30.0 / 31.0);
    let left_out = &figure(&march, "availability.reported/service=mail")["rows"]["left_out"];
    assert_eq!((&left_out[0]["reason"], &left_out[0]["count"]), (&json!("overlaps another row"), &json!(2)));
    assert!(kinds(&march).contains(&"reported_overlaps"));
}
