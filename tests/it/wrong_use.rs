//! What is typed wrong: exit 2 with what would have been right, and nothing is overwritten.

use crate::program::{Desk, Run};
use std::process::Command;

#[test]
fn without_a_terminal_the_console_names_the_command_that_writes_the_same_figures() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &[]).ends(1).answers_nothing().says(&["needs a terminal", "servicebook report --period"]);
    desk.run(&[]).ends(1).answers_nothing().says(&["needs a terminal", "servicebook report --period 2026-09"]);
}

#[test]
fn an_unknown_figure_is_refused_with_figures_of_that_measure() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    for command in ["explain", "rows"] {
        desk.on(&book, &[command, "tickets.opened/type=lunch", "--period", "2026-03"])
            .ends(2)
            .answers_nothing()
            .says(&["there is no figure `tickets.opened/type=lunch` in 2026-03", "tickets.opened/priority=P1/type="]);
        desk.on(&book, &[command, "happiness", "--period", "2026-03"])
            .ends(2)
            .answers_nothing()
            .says(&["there is no figure `happiness`", "servicebook measures"]);
    }
}

#[test]
fn an_unknown_period_is_refused_with_the_forms_that_are_known() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    for period in ["lastmonth", "2026-13", "2026-Q5", "2026-04-01..2026-03-01", "2026-02-30..2026-03-01", "..", ""] {
        desk.on(&book, &["report", "--period", period]).ends(2).answers_nothing().says(&[
            "is not a period",
            "`2026-Q3`",
            "`2026-09-01..2026-10-01`",
        ]);
    }
    desk.on(&book, &["report", "--as-of", "yesterday"]).ends(2).says(&["`--as-of yesterday` is not an instant"]);
}

#[test]
fn words_that_the_book_does_not_know_are_refused_with_those_it_knows() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &["report", "--service", "mail"]).ends(2).says(&["no service `mail`", "erp, portal"]);
    desk.on(&book, &["report", "--customer", "cedar"]).ends(2).says(&["no customer `cedar`", "acme, birch"]);
    desk.on(&book, &["report", "--report", "weekly"]).ends(2).says(&["no report `weekly`", "monthly"]);
    desk.on(&book, &["report", "--format", "docx"]).ends(2).says(&["docx", "html"]);
    desk.on(&book, &["schema", "rows"]).ends(2).says(&["no schema `rows`", "report"]);
    desk.on(&book, &["pull", "mail"]).says(&["no source `mail`", "ticket-events"]);
    desk.on(&book, &["frobnicate"]).ends(2).answers_nothing();
}

#[test]
fn a_folder_that_is_no_book_is_refused() {
    let desk = Desk::new();
    desk.run(&["report", "--book", "nowhere"]).ends(1).says(&["nowhere is not a book", "servicebook init nowhere"]);
    let mut command = desk.command(&["report"]);
    Run::of(command.env("SERVICEBOOK_BOOK", "nowhere")).ends(1).says(&["nowhere is not a book"]);
}

#[test]
fn the_book_of_the_environment_and_the_nearest_one_upwards_are_found() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    let arguments = ["report", "--period", "2026-03", "--format", "json"];
    let given = desk.on(&book, &arguments).ends(0);
    let below = book.join("deep/below");
    std::fs::create_dir_all(&below).unwrap();
    let upwards = Run::of(desk.command(&arguments).current_dir(&below)).ends(0);
    let environment = Run::of(desk.command(&arguments).env("SERVICEBOOK_BOOK", &book)).ends(0);
    assert_eq!(given.text(), upwards.text());
    assert_eq!(given.text(), environment.text());
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    let arguments = ["report", "--period", "2026-03", "--format", "html", "-o", "march.html"];
    desk.on(&book, &arguments).ends(0).answers_nothing().says(&["wrote march.html"]);
    let path = desk.path().join("march.html");
    let first = std::fs::read(&path).unwrap();
    std::fs::write(&path, "mine").unwrap();
    desk.on(&book, &arguments).ends(1).says(&["march.html", "is there already", "hint: "]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert!(first.starts_with(b"<!"));
    desk.on(&book, &["report", "--period", "2026-03", "-o", "nowhere/march.md"]).ends(1).says(&["nowhere/march.md"]);
}

#[test]
fn a_file_that_could_not_be_written_whole_never_bears_its_name() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &["check", "-q"]);
    let arguments = ["report", "--period", "2026-03", "-o", "march.md"];
    let files = || {
        let entries = std::fs::read_dir(desk.path()).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.contains(['.'])).collect::<Vec<_>>()
    };
    // No more than 4 KB can be written, as on a full disk.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_servicebook")]);
    shell.args(arguments).arg("--book").arg(&book).current_dir(desk.path()).env_clear().env("HOME", desk.path());
    Run::of(&mut shell).ends(1).says(&["cannot write march.md: File too large"]);
    assert_eq!(files(), Vec::<String>::new());
    // Ended at the worst moment: what is left behind does not look like a report.
    let mut ended = desk.command(&arguments);
    ended.arg("--book").arg(&book).env("SERVICEBOOK_FAILPOINT", "file.unnamed!");
    assert!(!ended.status().unwrap().success());
    assert!(files().iter().all(|name| name.starts_with(".servicebook-unfinished-")), "{:?}", files());
    desk.on(&book, &arguments).ends(0);
    assert!(std::fs::metadata(desk.path().join("march.md")).unwrap().len() > 4_096);
}

#[test]
fn a_report_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    desk.on(&book, &["report", "--period", "2026-03", "-o", "march.md"]).ends(0);
    let mode = std::fs::metadata(desk.path().join("march.md")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let desk = Desk::new();
    let book = desk.copy_book("tests/books/hand");
    assert_eq!(desk.on(&book, &["-q", "report", "--period", "2026-03", "-o", "march.md"]).ends(0).talk, "");
    assert_eq!(desk.on(&book, &["-q", "pull"]).ends(0).talk, "");
}

#[test]
fn a_reader_that_hangs_up_is_no_failure() {
    use std::io::Read;
    let desk = Desk::new();
    let mut child = desk.command(&["measures"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 10]).unwrap();
    drop(out);
    assert!(child.wait().unwrap().success());
}
