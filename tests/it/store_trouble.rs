//! A store that is damaged, stale, unwritable or holds what the book no longer names.

use crate::expected::Figures;
use crate::program::Desk;
use serde_json::Value;
use std::path::{Path, PathBuf};

const MARCH: [&str; 5] = ["report", "--period", "2026-03", "--format", "json"];
const INCIDENTS: &str = "tickets.opened/type=incident";

fn pulled(desk: &Desk) -> PathBuf {
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &["pull", "-q"]).ends(0);
    book
}

fn edit_config(book: &Path, from: &str, to: &str) {
    let path = book.join("config.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    assert!(before.contains(from), "the config does not say {from}");
    std::fs::write(path, before.replacen(from, to, 1)).unwrap();
}

fn stored(book: &Path, start: &str) -> PathBuf {
    let mut files = std::fs::read_dir(book.join("store")).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).unwrap()
}

fn incidents(report: &Value) -> u64 {
    Figures::of(report).get(INCIDENTS)["value"].as_u64().unwrap()
}

#[test]
fn a_changed_byte_is_noticed_and_a_pull_mends_it() {
    let desk = Desk::new();
    let book = pulled(&desk);
    let path = stored(&book, "tickets-");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    for arguments in [&MARCH[..], &["check"], &["rows", INCIDENTS, "--period", "2026-03"]] {
        desk.on(&book, arguments).ends(1).answers_nothing().says(&[
            path.file_name().unwrap().to_str().unwrap(),
            "is damaged",
            "hint: run `servicebook pull`",
            "`tickets`",
        ]);
    }
    desk.on(&book, &["pull", "-q"]).ends(0);
    assert_eq!(incidents(&desk.on(&book, &MARCH).ends(0).json()), 22);
}

#[test]
fn a_lost_file_is_noticed() {
    let desk = Desk::new();
    let book = pulled(&desk);
    std::fs::remove_file(stored(&book, "outages-")).unwrap();
    desk.on(&book, &MARCH).ends(1).answers_nothing().says(&["outages-", "it is not there", "servicebook pull"]);
}

#[test]
fn a_damaged_list_of_what_is_stored_is_noticed_and_a_pull_mends_it() {
    let desk = Desk::new();
    let book = pulled(&desk);
    let current = book.join("store/CURRENT");
    let text = std::fs::read_to_string(&current).unwrap();
    let miscounted = text.replacen("\"loaded\": ", "\"loaded\": 1", 1);
    assert_ne!(miscounted, text);
    for damaged in ["garbage".to_owned(), miscounted, String::new()] {
        std::fs::write(&current, damaged).unwrap();
        desk.on(&book, &MARCH).ends(1).answers_nothing().says(&["CURRENT is damaged", "servicebook pull"]);
    }
    desk.on(&book, &["pull", "-q"]).ends(0);
    desk.on(&book, &MARCH).ends(0);
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let desk = Desk::new();
    let book = pulled(&desk);
    let current = book.join("store/CURRENT");
    let text = std::fs::read_to_string(&current).unwrap();
    std::fs::write(&current, text.replacen("\"format\": 1", "\"format\": 99", 1)).unwrap();
    desk.on(&book, &MARCH).ends(1).says(&["store format 99", "hint: use the newer servicebook"]);
}

#[test]
fn a_store_that_cannot_be_written_still_gives_figures() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    // Nobody may make a folder there, not even the administrator.
    edit_config(&book, "# ---- hours", "[store]\npath = \"/proc/servicebook/store\"\n\n# ---- hours");
    let run = desk.on(&book, &MARCH).ends(0);
    assert_eq!(incidents(&run.json()), 22);
    run.says(&["the pulled rows could not be kept", "/proc/servicebook/store", "hint: check its rights"]);
    desk.on(&book, &["pull"]).ends(1).says(&["cannot write /proc/servicebook/store", "hint: "]);
}

#[test]
fn rows_of_a_source_that_the_config_no_longer_names_are_in_no_figure() {
    let desk = Desk::new();
    let book = pulled(&desk);
    // A source that was renamed would otherwise count twice.
    edit_config(&book, "id = \"tickets\"", "id = \"service-desk\"");
    desk.on(&book, &["pull", "-q"]).ends(0);
    let run = desk.on(&book, &MARCH).ends(0);
    assert_eq!(incidents(&run.json()), 22);
    let receipts = run.json()["receipts"].as_array().unwrap().clone();
    assert!(receipts.iter().all(|receipt| receipt["source"] != "tickets"), "{receipts:?}");
    let book = {
        desk.on(&book, &["check"]).ends(0);
        book
    };
    edit_config(&book, "id = \"service-desk\"", "id = \"other-desk\"");
    let run = desk.on(&book, &MARCH).ends(0).says(&["source `other-desk` was never pulled"]);
    let figures = run.json()["figures"].as_array().unwrap().clone();
    assert!(figures.iter().all(|figure| figure["id"] != INCIDENTS || figure["value"].is_null()));
}

#[test]
fn a_stale_source_is_said_and_changes_the_exit_code() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    edit_config(&book, "connector = \"csv-tickets\"", "connector = \"csv-tickets\"\nstale_after = \"1d\"");
    desk.on(&book, &["pull", "-q"]).ends(0);
    desk.on(&book, &MARCH).ends(0);
    edit_config(&book, "stale_after = \"1d\"", "stale_after = \"0s\"");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let run = desk.on(&book, &MARCH).ends(3);
    assert_eq!(run.json()["complete"], false);
    run.says(&["incomplete: source `tickets` is stale", "more than 0s ago", "servicebook pull tickets"]);
    desk.on(&book, &["check"]).ends(3);
    desk.on(&book, &["explain", INCIDENTS, "--period", "2026-03"]).ends(3);
}

#[test]
fn a_file_that_changed_after_the_pull_is_said_and_not_pulled() {
    let desk = Desk::new();
    let book = pulled(&desk);
    let path = book.join("tickets.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.lines().take(5).collect::<Vec<_>>().join("\n") + "\n").unwrap();
    let run = desk.on(&book, &MARCH).ends(0).says(&["source `tickets` has changed", "servicebook pull tickets"]);
    assert_eq!(incidents(&run.json()), 22, "rows changed without a pull");
}

#[test]
fn without_pull_an_empty_store_stays_empty() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &["--no-pull", "report", "--period", "2026-03"]).ends(0).says(&["servicebook pull"]);
    assert!(!book.join("store").exists());
}

#[test]
fn only_the_owner_may_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let book = pulled(&desk);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&book.join("store")), 0o700);
    for entry in std::fs::read_dir(book.join("store")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
