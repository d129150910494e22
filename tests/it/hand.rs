//! The hand-derived book: its figures were worked out with pencil and paper (tests/books/hand/README.md).

use crate::expected::{compare, compare_at_least};
use crate::program::{Desk, repository};

#[test]
fn every_figure_worked_out_by_hand_is_the_figure_of_the_report() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    let report = desk.on(&book, &["report", "--period", "2026-03", "--format", "json"]).ends(0).json();
    compare(&report, &repository().join("tests/books/hand/expected.json"));
}

#[test]
fn every_figure_of_the_later_ideas_is_the_figure_of_the_report() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    let report = desk.on(&book, &["report", "--period", "2026-05", "--format", "json"]).ends(0).json();
    compare_at_least(&report, &repository().join("tests/books/hand/expected-2026-05.json"), 250);
}

#[test]
fn the_figures_are_the_same_from_the_store_and_without_one() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    let arguments = ["report", "--period", "2026-03", "--format", "json"];
    let first = desk.on(&book, &arguments).ends(0);
    assert!(book.join("store/CURRENT").is_file(), "the first use fills the store");
    let second = desk.on(&book, &arguments).ends(0);
    assert_eq!(first.text(), second.text());
}
