//! The incident log of a ServiceNow instance (UCI 498): 141,712 events of 24,918 incidents.

use super::{assert_printed, record};
use crate::expected::Figures;
use crate::program::Desk;
use serde_json::Value;
use std::path::PathBuf;

const CONFIG: &str = r#"
[book]
title = "Incident log"
zone = "UTC"

# The log has no goals: what is judged is the tool's own flag, over the incidents opened, by the tool's own counters.
[figures]
attribution = "opened"
counts_from = "tool"

[[service]]
id = "it-support"
name = "IT support"

[[source]]
id = "log"
connector = "servicenow-incident-log"
files = ["incident_event_log.csv.gz"]
settings = { zone = "UTC", service = "it-support" }
"#;

/// Opens before the first incident and closes after the last one was closed.
const WHOLE_FILE: &str = "2016-01-01..2017-03-01";

fn book(desk: &Desk) -> PathBuf {
    let book = desk.book("incident-log", &[("config.toml", CONFIG)]);
    let file = "incident_event_log.csv.gz";
    std::fs::copy(record("uci_incident_log").join(file), book.join(file)).unwrap();
    book
}

fn report(desk: &Desk, period: &str) -> Value {
    desk.on(&desk.path().join("incident-log"), &["report", "--period", period, "--format", "json"]).ends(0).json()
}

fn finding(report: &Value, kind: &str) -> u64 {
    let all = report["findings"].as_array().unwrap();
    let found = all.iter().find(|finding| finding["kind"] == kind);
    found.unwrap_or_else(|| panic!("there is no finding {kind}: {all:?}"))["count"].as_u64().unwrap()
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn the_incident_log_gives_the_figures_that_were_recomputed() {
    let desk = Desk::new();
    let book = book(&desk);
    desk.on(&book, &["pull"]).ends(0).says(&["141,712 records = 141,712 loaded + 0 quarantined", "24,918 tickets"]);
    let report = report(&desk, WHOLE_FILE);
    let receipt = &report["receipts"][0];
    assert_eq!((&receipt["records"], &receipt["loaded"]), (&141_712.into(), &141_712.into()));
    let figures = Figures::of(&report);

    for (id, stated) in [
        ("tickets.opened/type=incident", "24,918"),
        ("tickets.opened/status=closed/type=incident", "24,918"),
        ("tickets.opened/priority=P1/type=incident", "270"),
        ("tickets.opened/priority=P2/type=incident", "408"),
        ("tickets.opened/priority=P3/type=incident", "23,466"),
        ("tickets.opened/priority=P4/type=incident", "774"),
        ("sla.tool/type=incident", "63.4200"),
        ("sla.tool/priority=P1/type=incident", "1.8519"),
        ("sla.tool/priority=P2/type=incident", "0.4902"),
        ("sla.tool/priority=P3/type=incident", "64.5402"),
        ("sla.tool/priority=P4/type=incident", "84.1085"),
        ("sla.tool/day=weekday/type=incident", "62.79"),
        ("sla.tool/day=weekend/type=incident", "75.79"),
        ("tickets.reopened/type=incident", "275"),
        ("tickets.reopen_rate/type=incident", "1.1036"),
        ("tickets.reopened/times=1/type=incident", "245"),
        ("tickets.reopened/times=2/type=incident", "19"),
        ("tickets.reopened/times=3/type=incident", "4"),
        ("tickets.reopened/times=4/type=incident", "4"),
        ("tickets.reopened/times=6/type=incident", "2"),
        ("tickets.reopened/times=8/type=incident", "1"),
        ("tickets.reassigned/type=incident", "11,369"),
        ("tickets.reassignments/type=incident", "0.939642"),
    ] {
        assert_printed(id, figures.value(id), stated);
    }
    for (id, stated) in [
        ("resolve.elapsed.mean/type=incident", "178.171582"),
        ("resolve.elapsed.median/type=incident", "22.1"),
        ("resolve.elapsed.p90/type=incident", "381.548333"),
        ("resolve.elapsed.p95/type=incident", "710.5175"),
        ("resolve.elapsed.p99/type=incident", "2,843.400667"),
        ("resolve.elapsed.max/type=incident", "8,070.166667"),
        ("resolve.elapsed.mean/priority=P1/type=incident", "266.084012"),
        ("resolve.elapsed.mean/priority=P2/type=incident", "152.456618"),
        ("resolve.elapsed.mean/priority=P3/type=incident", "174.354043"),
        ("resolve.elapsed.mean/priority=P4/type=incident", "283.185509"),
        ("resolve.elapsed.median/priority=P1/type=incident", "80.241667"),
        ("resolve.elapsed.median/priority=P2/type=incident", "38.233333"),
        ("resolve.elapsed.median/priority=P3/type=incident", "21.55"),
        ("resolve.elapsed.median/priority=P4/type=incident", "5.016667"),
        ("close.elapsed.mean/type=incident", "315.3286"),
        ("close.elapsed.median/type=incident", "145.8667"),
    ] {
        assert_printed(id, figures.value(id) / 3_600.0, stated);
    }
    for (id, part, stated) in [
        ("sla.tool/type=incident", "numerator", 15_803),
        ("sla.tool/type=incident", "denominator", 15_803 + 9_115),
        ("sla.tool/day=weekday/type=incident", "denominator", 23_716),
        ("sla.tool/day=weekend/type=incident", "denominator", 1_202),
        ("resolve.elapsed.mean/type=incident", "n", 23_362),
    ] {
        assert_eq!(figures.get(id)[part], stated, "{part} of {id}");
    }
    assert_eq!(finding(&report, "closed_without_resolution"), 1_556);
    assert_eq!(finding(&report, "no_group"), 2_157);
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn the_incident_log_gives_the_openings_of_each_month() {
    let desk = Desk::new();
    book(&desk);
    for (period, stated) in
        [("2016-02", 207), ("2016-03", 8_995), ("2016-04", 7_934), ("2016-05", 7_508), ("2016-06-01..2017-03-01", 274)]
    {
        assert_eq!(
            Figures::of(&report(&desk, period)).get("tickets.opened/type=incident")["value"],
            stated,
            "{period}"
        );
    }
}
