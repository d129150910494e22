//! `servicebook query`: one SELECT from the command line.

use crate::program::{Desk, Run};
use crate::small_book::SmallBook;
use std::io::Write;
use std::process::Stdio;

fn with_input(desk: &Desk, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = desk.command(arguments);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    command.stdin(Stdio::from(file));
    Run::of(&mut command)
}

#[test]
fn rows_come_in_each_format() {
    let desk = Desk::new();
    let sql = "SELECT type, count(*) AS n FROM tickets WHERE opened_in_period GROUP BY type ORDER BY n DESC LIMIT 2";
    let table = desk.run(&["query", sql, "--period", "2026-09"]).ends(0);
    assert!(table.text().starts_with("type") && table.text().lines().count() == 3, "{}", table.text());
    assert!(table.talk.contains("2 rows"), "{}", table.talk);
    let csv = desk.run(&["-q", "query", sql, "--period", "2026-09", "--format", "csv"]).ends(0);
    assert!(csv.text().starts_with("type,n\r\nincident,"), "{}", csv.text());
    assert_eq!(csv.talk, "");
    let json = desk.run(&["query", sql, "--format", "json"]).ends(0);
    let first: serde_json::Value = serde_json::from_str(json.text().lines().next().unwrap()).unwrap();
    assert_eq!(first["type"], "incident");
    assert!(first["n"].as_i64().unwrap() > 0);
}

#[test]
fn the_text_may_come_from_standard_input() {
    let desk = Desk::new();
    let run =
        with_input(&desk, &["query", "-", "--format", "csv"], b"SELECT\n  1 AS one\nFROM tickets LIMIT 1;\n").ends(0);
    assert_eq!(run.text(), "one\r\n1\r\n");
    with_input(&desk, &["query", "-"], b"SELECT '\xff'").ends(2).says(&["UTF-8"]);
    with_input(&desk, &["query", "-"], &vec![b' '; 100_000]).ends(2).says(&["64 KB"]);
    with_input(&desk, &["query", "-"], b"").ends(2).says(&["empty"]);
}

#[test]
fn what_cannot_be_meant_is_wrong_use() {
    let desk = Desk::new();
    for (sql, parts) in [
        ("DROP TABLE tickets", ["DROP", "one SELECT"]),
        ("SELECT * FROM read_csv('/etc/passwd')", ["function", "one SELECT"]),
        ("SELECT * FROM ticket", ["`ticket`", "tickets"]),
        ("SELECT nothing FROM tickets", ["nothing", "SQL"]),
        ("SELECT\n (1 FROM tickets", ["SQL", "Line: 2"]),
        ("SELECT count(*) FROM tickets, ticket_events, outages", ["join", "rows"]),
    ] {
        let run = desk.run(&["query", sql]).ends(2).says(&parts);
        assert!(run.out.is_empty(), "{sql}");
    }
    desk.run(&["query", "SELECT 1 FROM tickets", "--period", "soon"]).ends(2).says(&["soon"]);
}

#[test]
fn more_rows_than_are_kept_are_said_even_when_little_is_said() {
    let desk = Desk::new();
    let sql = "SELECT 1 AS one FROM tickets AS a CROSS JOIN (SELECT * FROM tickets LIMIT 200) AS b";
    let run = desk.run(&["-q", "query", sql, "--format", "csv"]).ends(0).says(&["100,000", "more"]);
    assert_eq!(run.text().lines().count(), 100_001);
}

#[test]
fn hostile_text_of_a_source_and_of_a_name_stays_in_its_cell() {
    let rows = "source_key,type,title,opened_at\nA,incident,\u{1b}[31mred\u{202e},2026-09-01 08:00\n";
    let book = SmallBook::of("Europe/Berlin").table("tickets", rows);
    let sql = "SELECT title AS \"\u{1b}]0;x\u{7}\" FROM tickets";
    for format in ["table", "csv", "json"] {
        let run = book.run(&["query", sql, "--format", format]);
        assert!(!run.text().contains('\u{1b}') && !run.text().contains('\u{202e}'), "{format}: {:?}", run.text());
        assert!(!run.talk.contains('\u{1b}'), "{:?}", run.talk);
    }
}

#[test]
fn rows_of_records_that_do_not_add_up_end_with_three() {
    let rows = "source_key,type,title,opened_at\nA,incident,one,2026-09-01 08:00\n";
    let book = SmallBook::of("Europe/Berlin").table_with("tickets", rows, "stale_after = \"1s\"");
    book.run(&["query", "SELECT title FROM tickets"]).ends(0);
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    book.run(&["query", "SELECT title FROM tickets"]).ends(3).says(&["stale"]);
}
