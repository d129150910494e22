//! What the console waits for over many tickets: windows, orders, searches, counts, and its own keys.
//!
//! A program of its own and no `cargo bench`, for the reason that stands in `benches/month/main.rs`.
//!
//! ```text
//! console-bench [TICKETS [ROUNDS]]          a million tickets of one month, 21 rounds
//! console-bench keys [TICKETS [PASSES]]     key to frame; 10 passes of a script
//! console-bench memory [TICKETS [EVENTS]]   growth of memory over 100,000 events
//! ```
//!
//! Makes the tickets, publishes them as the store of a book in a temporary folder and loads it. `pressed` says what is done
//! with keys. Else it measures the tables once, and then asks. Each round asks something that was not asked before, so that
//! nothing is answered from what is kept, except where the line says `kept`. Prints the median and the 99th percentile (of few rounds: the longest) in milliseconds.
#![expect(clippy::print_stdout, reason = "the printed times are the result")]

mod pressed;
#[path = "../month/rows.rs"]
mod rows;

use polars::prelude::*;
use rows::{SOURCE, Sizes, Year};
use servicebook::app::request::{Chip, RowsQuery, RowsSource};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};
use servicebook::model::{Period, Raw, Table};
use servicebook::report::document::Cell;
use std::error::Error;
use std::time::Instant;

/// The catalogue, as a book writes it.
const CONFIG: &str = include_str!("../month/config.toml");
const MONTH: &str = "2026-09";
const PULLED: &str = "2026-10-05T06:00:00Z";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mode = arguments.next_if(|word| matches!(word.as_str(), "keys" | "memory"));
    let tickets = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let often: Option<usize> = arguments.next().map(|text| text.parse()).transpose()?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("config.toml"), CONFIG)?;
    let book = Book::open(folder.path())?;
    let month = Period::parse(MONTH, book.config.book.zone)?;
    publish(&book, &month, tickets)?;
    let load = || -> Result<Session, Box<dyn Error>> {
        Ok(Session::open(Book::open(folder.path())?, Opening { as_of: None, may_pull: false })?)
    };
    match mode.as_deref() {
        Some("keys") => return pressed::times(&load, &book, MONTH, often.unwrap_or(10)),
        Some(_) => return pressed::memory(&load, &book, MONTH, often.unwrap_or(100_000)),
        None => {}
    }
    let rounds = often.unwrap_or(21);
    let begun = Instant::now();
    let session = load()?;
    println!("load {tickets} tickets                  {:8.1} ms", milliseconds(begun));
    let asked = |from: RowsSource| RowsQuery {
        period: month.clone(),
        from,
        chips: Vec::new(),
        search: String::new(),
        sort: None,
        offset: 0,
        limit: 60,
    };
    let all = || RowsSource::Table { table: "tickets".into(), filter: String::new() };
    let begun = Instant::now();
    let total = session.rows(&asked(all()))?.total;
    println!("measure the table, first window         {:8.1} ms, {total} rows", milliseconds(begun));

    let time = |what: &str, ask: &dyn Fn(usize) -> RowsQuery| -> Result<(), Box<dyn Error>> {
        let mut times = Vec::new();
        let mut found = 0;
        for round in 0..rounds {
            let query = ask(round);
            let begun = Instant::now();
            found = session.rows(&query)?.total;
            times.push(milliseconds(begun));
        }
        times.sort_by(f64::total_cmp);
        let (median, last) = (times[times.len() / 2], times[(times.len() * 99 / 100).min(times.len() - 1)]);
        println!("{what:40}{median:8.1} ms{last:8.1} ms, {found} rows");
        Ok(())
    };
    println!("{:40}{:>11}{:>11}", "", "median", "99 %");
    // All rows, found beforehand by a question of its own, so that only what is asked of them is timed.
    let found = |round: usize| {
        let chips = vec![Chip::Like { column: "source".into(), value: Cell::Text(SOURCE.into()) }; round + 1];
        // A failure shows in the question that is timed.
        let _ = session.rows(&RowsQuery { chips: chips.clone(), limit: 0, ..asked(all()) });
        chips
    };
    let sorted = |round: usize, column: &str| RowsQuery {
        sort: Some((column.to_owned(), round % 2 == 1)),
        chips: found(round),
        ..asked(all())
    };
    time("another window, kept", &|round| RowsQuery { offset: round * 40_000, ..asked(all()) })?;
    time("sort by a number, fresh", &|round| sorted(round, "elapsed_s"))?;
    time("sort by a date, fresh", &|round| sorted(round, "opened_at"))?;
    time("sort by text, many values, fresh", &|round| sorted(round, "title"))?;
    time("sort by text, few values, fresh", &|round| sorted(round, "group"))?;
    time("window of a sorted list, kept", &|round| RowsQuery { offset: round * 997, ..sorted(rounds - 1, "group") })?;
    time("search in all columns, some", &|round| RowsQuery { search: format!("site {round}"), ..asked(all()) })?;
    time("search in all columns, none", &|round| RowsQuery { search: format!("nothing {round}"), ..asked(all()) })?;
    time("search in one column", &|round| RowsQuery { search: format!("title:site {round}"), ..asked(all()) })?;
    time("length of time above", &|round| RowsQuery { search: format!("elapsed_s>{round}h"), ..asked(all()) })?;
    time("since a day", &|round| RowsQuery {
        search: format!("opened_at>2026-09-{:02}", round % 28 + 1),
        ..asked(all())
    })?;
    time("rows like a cell, rare", &|round| RowsQuery {
        chips: vec![Chip::Like { column: "title".into(), value: Cell::Raw(Raw::new(title(round * 7))) }],
        ..asked(all())
    })?;
    time("rows like a cell, frequent, and a search", &|round| RowsQuery {
        chips: vec![Chip::Like {
            column: "priority".into(),
            value: Cell::Raw(Raw::new(format!("P{}", round % 4 + 1))),
        }],
        search: format!("source_key:{round}"),
        ..asked(all())
    })?;
    time("what is wrong, once to so many times", &|round| RowsQuery {
        chips: vec![Chip::Wrong; round + 1],
        ..asked(all())
    })?;
    time("a figure's rows", &|round| {
        let filter =
            format!("opened_in_period AND type = 'incident' AND priority = 'P2' AND service = 'mail' -- {round}");
        asked(RowsSource::Table { table: "tickets".into(), filter })
    })?;
    for column in ["priority", "group", "opened_at", "title"] {
        time(&format!("frequency of {column}"), &|round| {
            let (of, chips, search) = (Box::new(all()), found(round), String::new());
            asked(RowsSource::Frequency { of, chips, search, column: column.to_owned() })
        })?;
    }
    time("profile", &|round| {
        asked(RowsSource::Profile { of: Box::new(all()), chips: found(round), search: String::new() })
    })?;
    time("SELECT of groups", &|round| {
        let text = format!(
            "SELECT \"group\", count(*) AS n, avg(elapsed_s) AS s FROM tickets GROUP BY \"group\" LIMIT {}",
            60 + round
        );
        asked(RowsSource::Sql { text })
    })?;
    println!("peak resident memory                    {:8} MB", peak_memory());
    Ok(())
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

/// A short description that hardly two tickets share.
fn title(row: usize) -> String {
    const WHAT: [&str; 6] = [
        "Cannot send mail from",
        "Printer jams at",
        "VPN drops at",
        "Slow file share at",
        "Password reset for",
        "Screen stays dark at",
    ];
    format!("{} site {} desk {row}", WHAT[row % WHAT.len()], row % 997)
}

/// Makes a month of tickets and publishes them as the store of a book.
fn publish(book: &Book, month: &Period, tickets: usize) -> Result<(), Box<dyn Error>> {
    let year = Year {
        start: month.start().timestamp_millis(),
        end: month.end().timestamp_millis(),
        pulled: chrono::DateTime::parse_from_rfc3339(PULLED)?.timestamp_millis(),
    };
    let mut tables = rows::tables(Sizes { tickets, outages: 100, readings: 1_000 }, year)?;
    if let Some(frame) = tables.get_mut(&Table::Tickets) {
        let titles: StringChunked = (0..frame.height()).map(|row| Some(title(row))).collect();
        frame.with_column(titles.with_name("title".into()).into_column())?;
    }
    rows::publish(&book.store_path(), tables, PULLED)
}

/// Returns the most memory that was ever resident, in MB, or 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
