//! Same rows, period and as-of: the same bytes, whatever the environment (invariant 6).
//!
//! The demo book's clock is pinned, so that its receipts hold the same time however often it is pulled.

use crate::program::{Desk, Run};
use std::process::Command;

const FORMATS: [&str; 5] = ["md", "html", "csv", "json", "plain"];

/// The bytes of a report in each format, made in an environment of the caller's choice.
fn reports(desk: &Desk, environment: impl Fn(&mut Command)) -> Vec<Vec<u8>> {
    FORMATS
        .iter()
        .map(|format| {
            let mut command = desk.command(&["report", "--period", "2026-09", "--format", format]);
            environment(&mut command);
            Run::of(&mut command).ends(0).out
        })
        .collect()
}

#[track_caller]
fn assert_same(first: &[Vec<u8>], second: &[Vec<u8>]) {
    for ((format, first), second) in FORMATS.iter().zip(first).zip(second) {
        if first == second {
            continue;
        }
        let (first, second) = (String::from_utf8_lossy(first), String::from_utf8_lossy(second));
        let at = first.chars().zip(second.chars()).take_while(|(one, other)| one == other).count();
        let near = |text: &str| text.chars().skip(at.saturating_sub(200)).take(400).collect::<String>();
        panic!("{format} differs at character {at}:\n{}\n--- and ---\n{}", near(&first), near(&second));
    }
}

#[test]
fn zone_language_folder_width_threads_and_store_change_no_byte() {
    let desk = Desk::new();
    let first = reports(&desk, |command| {
        command.env("TZ", "UTC").env("LANG", "C").env("POLARS_MAX_THREADS", "1");
    });
    let elsewhere = desk.path().join("a folder/elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    let second = reports(&desk, |command| {
        command
            .current_dir(&elsewhere)
            .env("TZ", "Asia/Kolkata")
            .env("LANG", "de_DE.UTF-8")
            .env("LC_ALL", "tr_TR.UTF-8")
            .env("COLUMNS", "40")
            .env("TERM", "xterm-256color")
            .env("POLARS_MAX_THREADS", "2");
    });
    assert_same(&first, &second);
    // A second store of the same files, made while colour is asked for.
    let third = reports(&Desk::new(), |command| {
        command.env("CLICOLOR_FORCE", "1").args(["--color", "always"]);
    });
    assert_same(&first, &third);
}

#[test]
fn the_figures_of_a_real_book_do_not_depend_on_its_store() {
    // A real book's receipts hold when it was pulled; everything else is the same from a fresh store.
    let arguments = ["report", "--period", "2026-03", "--format", "json"];
    let [one, other] = ["UTC", "Pacific/Auckland"].map(|zone| {
        let desk = Desk::new();
        let book = desk.copy_book("tests/books/hand");
        let mut report = Run::of(desk.command(&arguments).env("TZ", zone).arg("--book").arg(&book)).ends(0).json();
        for receipt in report["receipts"].as_array_mut().unwrap() {
            assert!(receipt["pulled_at"].take().is_string());
        }
        report.to_string()
    });
    assert!(one == other, "the reports of two stores differ");
}
