//! The demo book: figures worked out by another program, the rows behind every figure, and that nobody writes into it.

use crate::expected::{Figures, compare};
use crate::program::{Desk, repository};
use crate::small_book::rows_behind;
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};

#[track_caller]
fn month_is_as_expected(month: &str) {
    let desk = Desk::new();
    let report = desk.run(&["report", "--period", month, "--format", "json"]).ends(0).json();
    assert_eq!(report["book"]["sample"], true);
    compare(&report, &repository().join(format!("sample-data/expected/expected-{month}.json")));
}

#[test]
fn october_2025_with_25_hours_in_a_day() {
    month_is_as_expected("2025-10");
}

#[test]
fn march_2026_with_23_hours_in_a_day() {
    month_is_as_expected("2026-03");
}

#[test]
fn june_2026_with_a_silent_monitor() {
    month_is_as_expected("2026-06");
}

#[test]
fn september_2026_which_the_demo_opens_on() {
    month_is_as_expected("2026-09");
}

#[test]
fn october_2026_which_is_running() {
    month_is_as_expected("2026-10");
}

#[test]
fn without_a_period_the_report_is_of_the_last_closed_month() {
    let desk = Desk::new();
    let report = desk.run(&["report", "--format", "json"]).ends(0).json();
    assert_eq!(report["period"]["id"], "2026-09");
}

#[track_caller]
fn rows_behind_every_figure(month: &str) {
    let desk = Desk::new();
    let book = Book::open(&desk.copy_book("sample-data/book")).unwrap();
    let session = Session::open(book, Opening { as_of: None, may_pull: true }).unwrap();
    let (_, filters) = rows_behind(&session, month);
    assert!(filters > 1_000, "only {filters} filters were asked");
}

#[test]
fn the_rows_behind_every_figure_are_as_many_as_it_says() {
    rows_behind_every_figure("2026-09");
}

#[test]
fn the_rows_behind_every_figure_of_the_running_month_are_as_many_as_it_says() {
    rows_behind_every_figure("2026-10");
}

/// What `rows` answers, counted by another way than its own total.
fn answered_rows(desk: &Desk, id: &str, left_out: bool) -> usize {
    let mut arguments = vec!["rows", id, "--period", "2026-09", "--format", "json"];
    arguments.extend(left_out.then_some("--left-out"));
    let run = desk.run(&arguments).ends(0);
    let rows: Vec<serde_json::Value> = match serde_json::from_slice(&run.out) {
        Ok(serde_json::Value::Array(rows)) => rows,
        _ => run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    };
    run.says(&[&format!("{} rows of", rows.len())]);
    rows.len()
}

#[test]
fn the_command_line_gives_the_rows_of_a_figure_and_those_left_out() {
    let desk = Desk::new();
    let report = desk.run(&["report", "--period", "2026-09", "--format", "json"]).ends(0).json();
    let figures = Figures::of(&report);
    let stated = |id: &str| figures.get(id)["rows"].clone();
    for id in [
        "tickets.backlog/customer=tannenried/type=incident",
        "resolve.service.p95/service=erp/type=incident",
        "availability.outages/service=web-shop",
        "availability.percent/service=mail/agreement=sla-mail",
        "capacity.over_threshold/service=files/metric=disk/resource=files-vol1",
        "continuity.overdue",
        "satisfaction.csat",
        "workload.volume/service=contact-centre/agreement=sla-contact-centre/metric=calls",
    ] {
        assert_eq!(answered_rows(&desk, id, false) as u64, stated(id)["used"], "{id}");
    }
    for id in ["sla.resolution/type=incident", "availability.percent/service=web-shop"] {
        let rows = stated(id);
        let counts = rows["left_out"].as_array().unwrap().iter().map(|part| part["count"].as_u64().unwrap());
        assert!(counts.clone().count() > 0, "{id} leaves nothing out");
        assert_eq!(answered_rows(&desk, id, true) as u64, counts.sum::<u64>(), "{id}, left out");
    }
}

#[test]
fn explain_names_value_formula_clauses_and_receipts() {
    let desk = Desk::new();
    let id = "sla.resolution/service=erp/type=incident";
    let run = desk.run(&["explain", id, "--period", "2026-09"]).ends(0);
    for part in [id, "formula", "clauses", "verdict", "target", "ratio", "receipt", "rows "] {
        assert!(run.text().contains(part), "`{part}` is missing:\n{}", run.text());
    }
}

#[test]
fn the_demo_refuses_to_be_written_into() {
    let desk = Desk::new();
    desk.run(&["pull"]).ends(1).answers_nothing().says(&["the demo book is read-only", "servicebook init"]);
    desk.run(&["pull", "tickets"]).ends(1).says(&["the demo book is read-only"]);
    desk.run(&["report"]).ends(0);
    let unpacked = std::fs::read_dir(desk.cache().join("servicebook")).unwrap().next().unwrap().unwrap().path();
    desk.run(&["init", unpacked.to_str().unwrap()]).ends(1).says(&["already has a config.toml"]);
}

#[test]
fn the_demo_is_unpacked_into_the_cache_only() {
    let desk = Desk::new();
    let clone = desk.path().join("clone");
    std::fs::create_dir_all(&clone).unwrap();
    crate::program::Run::of(desk.command(&["report"]).current_dir(&clone)).ends(0);
    assert_eq!(std::fs::read_dir(&clone).unwrap().count(), 0, "something was written into the working folder");
    // A cache that cannot be made is said, with what to do.
    std::fs::write(desk.path().join("occupied"), "").unwrap();
    let mut command = desk.command(&["report"]);
    crate::program::Run::of(command.env("XDG_CACHE_HOME", desk.path().join("occupied")))
        .ends(1)
        .answers_nothing()
        .says(&["cannot unpack the demo book", "XDG_CACHE_HOME"]);
}

#[test]
fn every_export_of_the_demo_is_stamped() {
    let desk = Desk::new();
    for format in ["md", "html", "plain"] {
        let run = desk.run(&["report", "--format", format]).ends(0);
        assert!(run.text().contains("SAMPLE DATA"), "{format} is not stamped");
    }
    let csv = desk.run(&["report", "--format", "csv"]).ends(0);
    assert!(csv.text().to_lowercase().contains("sample"), "csv is not stamped");
}
