//! Config and files that are wrong: one clear message that says what, where and what to do; never a panic, never a
//! figure made of nothing.

use crate::program::{Desk, Run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const MARCH: [&str; 3] = ["report", "--period", "2026-03"];

fn hand(desk: &Desk) -> PathBuf {
    desk.copy_book("tests/books/hand")
}

/// Changes one file of a book.
fn edit(book: &Path, file: &str, change: impl Fn(&str) -> String) {
    let path = book.join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "nothing changed in {file}");
    std::fs::write(path, after).unwrap();
}

/// Takes whole `[[source]]` blocks out of a config.
fn without_sources(config: &str, gone: &[&str]) -> String {
    let mut parts = config.split("[[source]]");
    let head = parts.next().unwrap().to_owned();
    let kept = parts.filter(|block| !gone.iter().any(|id| block.contains(&format!("id = \"{id}\"\n"))));
    kept.fold(head, |config, block| config + "[[source]]" + block)
}

/// The report fails, `check` says the same, and nothing is answered.
#[track_caller]
fn refused(desk: &Desk, book: &Path, says: &[&str]) {
    let report = desk.on(book, &MARCH).ends(1).answers_nothing().says(says);
    let check = desk.on(book, &["check"]).ends(1).answers_nothing();
    assert_eq!(check.talk, report.talk);
}

fn json(run: &Run) -> Vec<Value> {
    run.json()["figures"].as_array().unwrap().clone()
}

/// Figures that claim nothing happened, or that all was well.
fn claims(figures: &[Value], measures: &[&str]) -> Vec<String> {
    let of_measures = figures.iter().filter(|figure| {
        let id = figure["measure"].as_str().unwrap();
        measures.iter().any(|measure| id == *measure || id.starts_with(&format!("{measure}.")))
    });
    of_measures
        .filter(|figure| !figure["value"].is_null())
        .map(|figure| format!("{} = {}", figure["id"], figure["value"]))
        .collect()
}

/// Counts the tickets of a book: one a line, below the header.
fn tickets_of(book: &Path) -> usize {
    std::fs::read_to_string(book.join("tickets.csv")).unwrap().lines().count() - 1
}

#[test]
fn a_missing_column_is_named_with_the_headers_that_are_there() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "tickets.csv", |text| text.replacen("opened_at", "opened", 1));
    refused(&desk, &book, &["tickets.csv has no column `opened_at`", "`opened`", "hint: copy the connector"]);
}

#[test]
fn stamps_without_a_declared_zone_are_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| {
        format!("{text}\n[[source]]\nid = \"cpu\"\nconnector = \"cloudwatch-cpu\"\nfiles = [\"cpu.csv\"]\n")
    });
    std::fs::write(book.join("cpu.csv"), "timestamp,value\n2026-03-01 00:00:00,1\n").unwrap();
    refused(&desk, &book, &["source `cpu`", "setting `zone` is missing", "add settings.zone", "zone = \"UTC\""]);
}

#[test]
fn a_stamp_without_offset_is_quarantined_where_each_stamp_should_carry_one() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "tickets.csv", |text| text.replacen("2026-03-02T09:00:00+01:00", "2026-03-02T09:00:00", 1));
    let loaded = format!("{} loaded + 1 quarantined", tickets_of(&book) - 1);
    desk.on(&book, &["pull", "tickets"]).says(&[&loaded, "quarantined tickets.csv:2: `opened_at`"]);
}

#[test]
fn an_unknown_key_in_the_config_is_named_with_its_line() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| text.replacen("[[customer]]\n", "[[customer]]\ncolour = \"red\"\n", 1));
    let line = std::fs::read_to_string(book.join("config.toml")).unwrap();
    let line = line.lines().position(|line| line.starts_with("colour")).unwrap() + 1;
    refused(&desk, &book, &["config.toml", &format!("line {line}"), "unknown field `colour`", "`aliases`"]);
}

#[test]
fn an_unknown_zone_in_the_config_is_named_with_its_line() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| text.replacen("Europe/Berlin", "Berlin", 1));
    refused(&desk, &book, &["config.toml", "line 5", "`Berlin` is not an IANA zone", "`Europe/Berlin`"]);
}

#[test]
fn an_agreement_for_a_service_that_is_not_there_is_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| text.replacen("service = \"portal\"", "service = \"portall\"", 1));
    refused(&desk, &book, &["`portal-all` names the service `portall`", "hint: add a [[service]]"]);
}

#[test]
fn an_unknown_connector_is_refused_with_those_that_are_there() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| text.replacen("\"csv-tickets\"", "\"csv-tickts\"", 1));
    refused(&desk, &book, &["csv-tickts", "csv-tickets"]);
}

#[test]
fn an_unknown_service_in_the_rows_is_a_finding_with_the_line_to_add() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "tickets.csv", |text| text.replacen(",ERP,", ",Intranet wiki,", 1));
    let report = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(0).json();
    let findings = report["findings"].as_array().unwrap();
    let unknown = findings.iter().find(|finding| finding["kind"] == "unknown_service").unwrap();
    let text = unknown["text"].as_str().unwrap();
    assert!(
        text.contains("Intranet wiki") && text.contains("aliases = [...]") && text.contains("[[service]]"),
        "{text}"
    );
    let check = desk.on(&book, &["check", "--as-of", "2026-04-01T00:00:00Z"]).ends(0);
    let tickets = tickets_of(&book);
    let conserved = format!("tickets: {tickets} records = {tickets} loaded + 0 quarantined (conserved)");
    assert!(check.text().contains(&conserved), "{}", check.text());
}

#[test]
fn an_empty_file_is_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    std::fs::write(book.join("tickets.csv"), "").unwrap();
    refused(&desk, &book, &["tickets.csv is empty", "no header", "hint: "]);
}

#[test]
fn a_page_saved_in_place_of_the_export_is_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Session expired</body></html>\n";
    std::fs::write(book.join("tickets.csv"), page).unwrap();
    refused(&desk, &book, &["tickets.csv is a web page", "login page", "Export again as CSV"]);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    std::fs::write(book.join("tickets.csv"), b"\xff\xfes\0o\0u\0r\0c\0e\0\n\0").unwrap();
    refused(&desk, &book, &["tickets.csv is UTF-16 or binary", "hint: save it as CSV (UTF-8)"]);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    std::fs::remove_file(book.join("tickets.csv")).unwrap();
    refused(&desk, &book, &["source `tickets`: no file matches `tickets.csv`", "hint: check `files`"]);
}

#[test]
fn a_packed_file_that_was_cut_is_refused() {
    let desk = Desk::new();
    let book = hand(&desk);
    // The header of a gzip file and nothing behind it.
    std::fs::write(book.join("tickets.csv"), b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab").unwrap();
    desk.on(&book, &MARCH).ends(1).answers_nothing().says(&["cannot read tickets.csv", "the export was complete"]);
}

#[test]
fn a_file_that_ends_inside_a_field_taints_every_figure_and_the_exit_code() {
    let desk = Desk::new();
    let book = hand(&desk);
    let tickets = tickets_of(&book);
    edit(&book, "tickets.csv", |text| format!("{text}\"I99,,incident"));
    let line = tickets + 2;
    desk.on(&book, &["pull"]).ends(3).says(&[
        &format!("{} records = {tickets} loaded + 1 quarantined", tickets + 1),
        &format!("quarantined tickets.csv:{line}: the quote in line {line} is never closed"),
    ]);
    let run = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(3);
    let report = run.json();
    assert_eq!(report["complete"], false);
    for figure in report["figures"].as_array().unwrap() {
        let made_of_tickets = figure["rows"]["table"] == "tickets";
        assert!(!made_of_tickets || figure["tainted"] == true, "{} is not tainted", figure["id"]);
    }
    run.says(&["incomplete: source `tickets` is incomplete", "tickets.csv ends inside of a field"]);
    for format in ["md", "html", "plain"] {
        let run = desk.on(&book, &["report", "--period", "2026-03", "--format", format]).ends(3);
        assert!(run.text().contains("INCOMPLETE"), "{format} does not say that it is incomplete");
    }
    desk.on(&book, &["explain", "tickets.opened/type=incident", "--period", "2026-03"]).ends(3);
    desk.on(&book, &["rows", "tickets.opened/type=incident", "--period", "2026-03"]).ends(3);
}

#[test]
fn text_with_a_will_of_its_own_reaches_no_terminal() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "tickets.csv", |text| {
        text.replacen("Response and resolution exactly at the goal", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}x", 1)
            .replacen(",Service desk,", ",\u{1b}[31mdesk,", 1)
    });
    let rows = ["rows", "tickets.opened/type=incident", "--period", "2026-03"];
    for arguments in [&MARCH[..], &["report", "--period", "2026-03", "--format", "plain"], &["check"], &rows] {
        let run = desk.on(&book, arguments);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.text().contains(bad), "{arguments:?} prints control characters");
        assert!(!run.talk.contains(bad), "{arguments:?} says control characters");
    }
}

#[test]
fn a_month_without_rows_claims_nothing() {
    let desk = Desk::new();
    let book = hand(&desk);
    let run = desk.on(&book, &["report", "--period", "2024-05", "--format", "json"]).ends(0);
    let figures = json(&run);
    assert!(!figures.is_empty());
    let measures = [
        "tickets",
        "resolve",
        "close",
        "sla",
        "change",
        "workload",
        "capacity",
        "satisfaction",
        "availability.percent",
    ];
    let claims = claims(&figures, &measures);
    assert!(claims.is_empty(), "made of nothing:\n{}", claims.join("\n"));
}

#[test]
fn a_month_that_has_not_begun_claims_nothing() {
    let desk = Desk::new();
    let book = hand(&desk);
    let arguments = ["report", "--period", "2026-04", "--as-of", "2026-03-15T12:00:00Z", "--format", "json"];
    let claims = claims(&json(&desk.on(&book, &arguments)), &["tickets", "sla", "change", "workload", "availability"]);
    assert!(claims.is_empty(), "made of nothing:\n{}", claims.join("\n"));
}

#[test]
fn a_tickets_file_with_a_header_only_claims_nothing() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "tickets.csv", |text| format!("{}\n", text.lines().next().unwrap()));
    let run = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(0);
    let claims = claims(&json(&run), &["tickets", "sla", "resolve", "close", "change", "workload"]);
    assert!(claims.is_empty(), "made of nothing:\n{}", claims.join("\n"));
}

#[test]
fn a_book_without_tickets_reports_the_rest() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| without_sources(text, &["tickets", "ticket-events"]));
    let figures = json(&desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(0));
    assert!(claims(&figures, &["tickets", "sla", "resolve", "close", "change", "workload"]).is_empty());
    assert!(!claims(&figures, &["availability"]).is_empty());
    for format in ["md", "html", "csv", "plain"] {
        desk.on(&book, &["report", "--period", "2026-03", "--format", format]).ends(0);
    }
    desk.on(&book, &["rows", "tickets.opened/type=incident", "--period", "2026-03"])
        .ends(2)
        .says(&["there is no figure `tickets.opened/type=incident`", "servicebook measures"]);
}

#[test]
fn a_book_without_sources_says_so() {
    let desk = Desk::new();
    let book = hand(&desk);
    edit(&book, "config.toml", |text| text.split("[[source]]").next().unwrap().to_owned());
    let run = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(0);
    assert!(claims(&json(&run), &["tickets", "availability", "workload", "continuity"]).is_empty());
    run.says(&["the book names no source", "add a [[source]] to its config.toml"]);
    desk.on(&book, &["check"]).ends(0).says(&["[[source]]"]);
    desk.on(&book, &["pull"]).ends(1).says(&["[[source]]"]);
    for format in ["md", "html", "csv", "plain"] {
        desk.on(&book, &["report", "--period", "2026-03", "--format", format]).ends(0);
    }
}

#[test]
fn a_new_book_works_at_once() {
    let desk = Desk::new();
    let book = desk.path().join("new");
    desk.run(&["init", "new"]).ends(0).answers_nothing().says(&["new/config.toml", "servicebook check --book new"]);
    desk.on(&book, &["check"]).ends(0);
    desk.on(&book, &["report"]).ends(0);
    desk.run(&["init", "new"]).ends(1).says(&["already has a config.toml", "hint: "]);
}
