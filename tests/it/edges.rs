//! Edges of periods, rows and promises where a figure was once wrong or silent.

use crate::program::Desk;
use serde_json::Value;
use std::path::Path;

const CONFIG: &str = r#"
[book]
title = "Edges"
zone = "Europe/Berlin"

[[service]]
id = "mail"
name = "Mail"

[[customer]]
id = "acme"
name = "Acme"

[[customer]]
id = "birch"
name = "Birch"

[[agreement]]
id = "sla-mail"
service = "mail"
valid_from = 2026-01-01
resolution_target = 90.0
resolution = [{ priority = "P1", within = "4h" }, { within = "3d" }]
"#;

const TICKETS: &str = "
[[source]]
id = \"tickets\"
connector = \"csv-tickets\"
files = [\"records/tickets.csv\"]
settings = { zone = \"Europe/Berlin\" }
";

fn book(desk: &Desk, config: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let config = format!("{CONFIG}{config}");
    let mut all = vec![("config.toml", config.as_str())];
    all.extend_from_slice(files);
    desk.book("book", &all)
}

fn report(desk: &Desk, book: &Path, period: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["-q", "report", "--period", period, "--format", "json"];
    arguments.extend_from_slice(more);
    serde_json::from_slice(&desk.on(book, &arguments).out).unwrap()
}

fn figure<'a>(report: &'a Value, id: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["id"] == id).unwrap_or_else(|| panic!("no figure {id}"))
}

fn finding<'a>(report: &'a Value, kind: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .find(|finding| finding["kind"] == kind)
        .unwrap_or_else(|| panic!("no finding {kind} in {findings:#?}"))
}

#[test]
fn a_change_that_was_opened_and_closed_in_other_months_is_among_the_rows_of_its_month() {
    let desk = Desk::new();
    let tickets = "source_key,type,service,status,opened_at,closed_at,actual_end,outcome
C1,change,mail,closed,2026-01-10 09:00,2026-03-05 09:00,2026-02-14 22:00,successful
C2,change,mail,closed,2026-02-10 09:00,2026-02-20 09:00,2026-02-15 22:00,failed
";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let report = report(&desk, &book, "2026-02", &[]);
    assert_eq!(figure(&report, "change.implemented/service=mail")["value"], 2);
    assert_eq!(figure(&report, "change.success")["value"], 50);
    let rows = desk.on(&book, &["-q", "rows", "change.implemented", "--period", "2026-02", "--format", "json"]);
    assert_eq!(String::from_utf8(rows.out).unwrap().lines().count(), 2);
}

#[test]
fn a_change_recorded_after_its_month_counts_in_the_month_of_its_work_once_it_is_known() {
    let desk = Desk::new();
    // An emergency change of 31 March, written down on 1 April and not closed yet; one written down in time.
    let tickets = "source_key,type,service,status,opened_at,actual_start,actual_end,outcome,change_type
C0,change,mail,closed,2026-03-02 09:00,2026-03-03 09:00,2026-03-03 10:00,successful,normal
E1,change,mail,active,2026-04-01 09:00,2026-03-31 18:00,2026-03-31 19:00,failed,emergency
E2,change,mail,active,2026-04-02 09:00,2026-04-02 07:00,2026-04-02 08:00,successful,emergency
";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let value = |period: &str, as_of: &str, id: &str| {
        let report = report(&desk, &book, period, &["--as-of", as_of]);
        figure(&report, id)["value"].clone()
    };
    assert_eq!(value("2026-03", "2026-04-01T00:00:00+02:00", "change.implemented"), 1);
    assert_eq!(value("2026-03", "2026-05-01T00:00:00+02:00", "change.implemented"), 2);
    assert_eq!(value("2026-03", "2026-05-01T00:00:00+02:00", "change.failed"), 1);
    assert_eq!(value("2026-04", "2026-05-01T00:00:00+02:00", "change.implemented"), 1);
    // It was not opened in March, and no one waited for it then.
    for id in ["tickets.opened/type=change", "tickets.backlog/type=change", "tickets.unbalanced/type=change"] {
        assert_eq!(
            value("2026-03", "2026-05-01T00:00:00+02:00", id),
            value("2026-03", "2026-04-01T00:00:00+02:00", id),
            "{id}"
        );
    }
    let rows = desk.on(
        &book,
        &[
            "-q",
            "rows",
            "change.implemented",
            "--period",
            "2026-03",
            "--as-of",
            "2026-05-01T00:00:00+02:00",
            "--format",
            "json",
        ],
    );
    assert_eq!(rows.text().lines().count(), 2);
    // April says which ones March, as of its end, did not know.
    let april = report(&desk, &book, "2026-04", &["--as-of", "2026-05-01T00:00:00+02:00"]);
    assert_eq!(finding(&april, "work_recorded_later")["count"], 1);
    let march = report(&desk, &book, "2026-03", &["--as-of", "2026-05-01T00:00:00+02:00"]);
    assert!(march["findings"].as_array().unwrap().iter().all(|found| found["kind"] != "work_recorded_later"));
}

#[test]
fn a_test_on_the_first_day_of_the_next_month_is_not_known_in_this_one() {
    let desk = Desk::new();
    let sources = "
[[source]]
id = \"plans\"
connector = \"csv-continuity-plans\"
files = [\"registers/plans.csv\"]
settings = { zone = \"Europe/Berlin\" }

[[source]]
id = \"tests\"
connector = \"csv-continuity-tests\"
files = [\"registers/tests.csv\"]
settings = { zone = \"Europe/Berlin\" }
";
    let plans = "source_key,plan,service,interval,approved\n1,CP,mail,365d,2025-01-01\n";
    let tests = "source_key,plan,kind,at,result\n1,CP,recovery,2026-10-01,passed\n";
    let book = book(&desk, sources, &[("registers/plans.csv", plans), ("registers/tests.csv", tests)]);
    let september = report(&desk, &book, "2026-09", &[]);
    assert_eq!(figure(&september, "continuity.untested")["value"], 1);
    assert_eq!(figure(&september, "continuity.due_in/service=mail/plan=CP")["verdict"], "missed");
    let october = report(&desk, &book, "2026-10", &[]);
    assert_eq!(figure(&october, "continuity.untested")["value"], 0);
}

#[test]
fn a_priority_that_no_goal_names_is_said_with_its_rows() {
    let desk = Desk::new();
    let tickets = "source_key,type,service,priority,opened_at,resolved_at
1,incident,mail,1 - Kritisch,2026-03-02 09:00,2026-03-02 19:00
2,incident,mail,P3,2026-03-02 09:00,2026-03-02 10:00
";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let report = report(&desk, &book, "2026-03", &[]);
    let found = finding(&report, "priority_without_goal");
    assert_eq!(found["count"], 1);
    assert!(found["text"].as_str().unwrap().contains("1 - Kritisch"), "{found}");
}

#[test]
fn tickets_of_which_not_one_can_be_read_leave_promises_without_data_and_exit_3() {
    let desk = Desk::new();
    let tickets =
        "source_key,type,service,priority,opened_at\n1,incident,mail,P1,yesterday\n2,incident,mail,P1,today\n";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let run = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(3);
    let report: Value = serde_json::from_slice(&run.out).unwrap();
    assert_eq!(figure(&report, "sla.resolution/service=mail/type=incident")["missing"]["kind"], "no_data");
    assert_eq!(report["complete"], false);
}

#[test]
fn the_report_of_one_customer_tells_of_no_other() {
    let desk = Desk::new();
    let outages = "
[[source]]
id = \"outages\"
connector = \"csv-outages\"
files = [\"registers/outages.csv\"]
settings = { zone = \"Europe/Berlin\" }
";
    let tickets = "source_key,type,service,customer,priority,opened_at,resolved_at
1,incident,mail,Acme,P3,2026-03-02 09:00,2026-03-02 19:00
2,incident,mail,Birch,P3,2026-03-02 09:00,2026-03-02 10:00
3,incident,Secret project,Confidential Ltd,P3,2026-03-02 09:00,2026-03-02 10:00
";
    let register = "source_key,service,start,end,kind,cause\n1,mail,2026-03-03 09:00,2026-03-03 10:00,unplanned,Birch dug up the fibre\n";
    let files = [("records/tickets.csv", tickets), ("registers/outages.csv", register)];
    let book = book(&desk, &format!("{TICKETS}{outages}"), &files);
    for format in ["md", "html", "plain", "csv", "json"] {
        let run = desk.on(&book, &["-q", "report", "--period", "2026-03", "--customer", "acme", "--format", format]);
        let text = String::from_utf8(run.out).unwrap();
        assert!(text.contains("Acme") || text.contains("acme"), "{format}");
        for other in ["Birch", "birch", "Confidential", "Secret project"] {
            assert!(!text.contains(other), "{format} names {other}");
        }
    }
}

#[test]
fn a_running_month_is_provisional_and_a_pull_before_its_end_is_said() {
    let desk = Desk::new();
    let tickets = "source_key,type,service,priority,opened_at\n1,incident,mail,P3,2026-03-02 09:00\n";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let running = report(&desk, &book, "2026-03", &["--as-of", "2026-03-10T00:00:00+01:00"]);
    assert_eq!(figure(&running, "tickets.opened/type=incident")["provisional"], true);
    let closed = report(&desk, &book, "2026-03", &[]);
    assert_eq!(figure(&closed, "tickets.opened/type=incident")["provisional"], false);
    let later = report(&desk, &book, "2100-01", &["--as-of", "2100-01-20T00:00:00+01:00"]);
    assert!(finding(&later, "pulled_before_end")["text"].as_str().unwrap().contains("tickets"));
}

#[test]
fn an_agreement_that_ends_within_the_period_is_said() {
    let desk = Desk::new();
    let config = CONFIG.replace("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-03-15");
    let tickets = "source_key,type,service,priority,opened_at\n1,incident,mail,P3,2026-03-02 09:00\n";
    let files = [("config.toml", &*format!("{config}{TICKETS}")), ("records/tickets.csv", tickets)];
    let book = desk.book("book", &files);
    let report = report(&desk, &book, "2026-03", &[]);
    assert!(finding(&report, "agreement_changes")["text"].as_str().unwrap().contains("2026-03-15"));
    finding(&report, "no_agreement_in_force");
}

#[test]
fn a_target_is_held_against_the_hours_in_which_it_was_promised() {
    let desk = Desk::new();
    let more = "
[[calendar]]
id = \"office\"
zone = \"Europe/Berlin\"
hours = { mon = [\"08:00-18:00\"], tue = [\"08:00-18:00\"] }

[[source]]
id = \"outages\"
connector = \"csv-outages\"
files = [\"registers/outages.csv\"]
settings = { zone = \"Europe/Berlin\" }
declared_complete = true
declared_from = 2026-01-01
";
    let config = CONFIG.replace("valid_from =", "calendar = \"office\"\navailability = 99.9\nvalid_from =");
    let register = "source_key,service,start,end,kind\n1,mail,2026-03-02 09:00,2026-03-02 10:00,unplanned\n";
    let config = format!("{config}{more}");
    let book = desk.book("book", &[("config.toml", config.as_str()), ("registers/outages.csv", register)]);
    let report = report(&desk, &book, "2026-03", &[]);
    assert!(figure(&report, "availability.percent/service=mail")["target"].is_null());
    assert_eq!(figure(&report, "availability.percent/service=mail/agreement=sla-mail")["verdict"], "missed");
}

#[test]
fn a_month_in_which_no_ticket_was_opened_is_not_a_silent_nought() {
    let desk = Desk::new();
    let tickets = "source_key,type,service,priority,opened_at,resolved_at\n1,incident,mail,P3,2026-03-02 09:00,2026-03-02 10:00\n";
    let book = book(&desk, TICKETS, &[("records/tickets.csv", tickets)]);
    let april = report(&desk, &book, "2026-04", &[]);
    let text = finding(&april, "none_opened")["text"].as_str().unwrap();
    assert!(text.contains("2026-04") && text.contains("2026-03-02"), "{text}");
}

#[test]
fn a_breach_falls_into_the_month_in_which_the_goal_ran_out_without_the_time_between_resolution_and_reopening() {
    let desk = Desk::new();
    let history = "
[[source]]
id = \"history\"
connector = \"csv-ticket-events\"
files = [\"records/history.csv\"]
settings = { zone = \"Europe/Berlin\" }
";
    let tickets = "source_key,type,service,priority,status,opened_at,resolved_at
1,incident,mail,P3,resolved,2026-01-28 00:00,2026-02-10 00:00
";
    let events = "ticket,at,seq,field,from,to
1,2026-01-28 00:00,1,status,,new
1,2026-01-29 00:00,2,status,new,resolved
1,2026-02-05 00:00,3,status,resolved,active
1,2026-02-10 00:00,4,status,active,resolved
";
    let config = CONFIG.replace("[[service]]", "[figures]\nattribution = \"breach\"\n\n[[service]]");
    let config = format!("{config}{TICKETS}{history}");
    let files = [("config.toml", config.as_str()), ("records/tickets.csv", tickets), ("records/history.csv", events)];
    let book = desk.book("book", &files);
    // One day until the first resolution and two of the three days left from 5 February on: it ran out on the 7th.
    let february = report(&desk, &book, "2026-02", &[]);
    let met = figure(&february, "sla.resolution/service=mail/type=incident");
    assert_eq!((&met["numerator"], &met["denominator"]), (&Value::from(0), &Value::from(1)));
}
