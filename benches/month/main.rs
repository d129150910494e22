//! The figures of a month over many rows, and service time of many tickets: what `month.py` compares with DuckDB.
//!
//! A program of its own and no `cargo bench`: the libraries of benchmarks and tests turn on features of crates that
//! polars is built with, and would build all of it once more.
//!
//! ```text
//! month write FOLDER TICKETS OUTAGES READINGS   makes the rows and publishes them as a store in FOLDER
//! month run FOLDER ROUNDS                       computes September's figures from that store, as often as said
//! month run FOLDER -                            likewise, once for each line of standard input
//! month figures FOLDER                          prints September's figures, one JSON a line
//! month hours TICKETS ROUNDS                    service time of so many tickets against polars' plain subtraction
//! ```
//!
//! Times are printed as JSON, one line a round. Reading the store is not counted.
#![expect(clippy::print_stdout, reason = "the printed times are the result")]

mod rows;

use chrono::{DateTime, Utc};
use polars::prelude::*;
use rows::{Sizes, Year};
use servicebook::calendar::{ServiceHours, Span};
use servicebook::config::Config;
use servicebook::measure::{Depth, Measured, Prepared};
use servicebook::model::{Dataset, Edition, Period};
use servicebook::store::Store;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// The catalogue, as a book writes it.
const CONFIG: &str = include_str!("config.toml");
/// The month that is measured; the rows are those of the twelve months up to its end.
const MONTH: &str = "2026-09";
const FIRST_MONTH: &str = "2025-10";
const PULLED: &str = "2026-10-05T06:00:00Z";

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder, tickets, outages, readings] => write(
            Path::new(folder),
            Sizes { tickets: tickets.parse()?, outages: outages.parse()?, readings: readings.parse()? },
        ),
        ["run", folder, "-"] => run(Path::new(folder), std::io::stdin().lines().map_while(Result::ok).map(|_| ())),
        ["run", folder, rounds] => run(Path::new(folder), std::iter::repeat_n((), rounds.parse()?)),
        ["figures", folder] => figures(Path::new(folder)),
        ["hours", tickets, rounds] => hours(tickets.parse()?, rounds.parse()?),
        _ => {
            Err("write FOLDER TICKETS OUTAGES READINGS, run FOLDER ROUNDS, figures FOLDER, or hours TICKETS ROUNDS"
                .into())
        }
    }
}

fn config() -> Result<Config, Box<dyn Error>> {
    Ok(Config::parse(CONFIG, "benches/month/config.toml")?)
}

fn year(config: &Config) -> Result<Year, Box<dyn Error>> {
    let zone = config.book.zone;
    Ok(Year {
        start: Period::parse(FIRST_MONTH, zone)?.start().timestamp_millis(),
        end: Period::parse(MONTH, zone)?.end().timestamp_millis(),
        pulled: DateTime::parse_from_rfc3339(PULLED)?.timestamp_millis(),
    })
}

fn write(folder: &Path, sizes: Sizes) -> Outcome {
    let tables = rows::tables(sizes, year(&config()?)?)?;
    rows::publish(folder, tables, PULLED)
}

/// The stored rows with the book and the month that they are measured by.
struct Given {
    config: Config,
    dataset: Dataset,
    month: Period,
    now: DateTime<Utc>,
}

impl Given {
    fn load(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let config = config()?;
        let loaded = Store::open(folder).load()?.ok_or("the folder holds no store; `month write` makes one")?;
        Ok(Self {
            dataset: Dataset::new(loaded.tables, loaded.receipts, loaded.findings, loaded.generation.to_string()),
            month: Period::parse(MONTH, config.book.zone)?,
            now: DateTime::parse_from_rfc3339(PULLED)?.into(),
            config,
        })
    }

    fn prepare(&self) -> Result<Prepared, Box<dyn Error>> {
        Ok(Prepared::new(self.dataset.clone(), self.config.catalogue(), Edition::default(), self.now)?)
    }

    fn measure(&self, prepared: &Prepared) -> Result<Measured, Box<dyn Error>> {
        Ok(prepared.measure(&self.month, self.month.end(), Depth::Report)?)
    }
}

fn run(folder: &Path, rounds: impl Iterator<Item = ()>) -> Outcome {
    let given = Given::load(folder)?;
    println!("{{\"peak_mb\": {}}}", peak_memory());
    for () in rounds {
        let begun = Instant::now();
        let prepared = given.prepare()?;
        let prepare = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let measured = given.measure(&prepared)?;
        let measure = begun.elapsed().as_secs_f64();
        println!(
            "{{\"prepare\": {prepare:.6}, \"measure\": {measure:.6}, \"figures\": {}, \"peak_mb\": {}}}",
            measured.figures.len(),
            peak_memory()
        );
    }
    Ok(())
}

fn figures(folder: &Path) -> Outcome {
    let given = Given::load(folder)?;
    for figure in given.measure(&given.prepare()?)?.figures {
        println!("{}", serde_json::to_string(&figure)?);
    }
    Ok(())
}

/// Service time in office hours against polars subtracting the same two columns.
fn hours(tickets: i64, rounds: usize) -> Outcome {
    let config = config()?;
    let year = year(&config)?;
    let (first, last) = (year.start / 1_000, year.end / 1_000);
    let hours = ServiceHours::new("office", &config.calendars, Span::new(first, last))?;
    let starts: Vec<i64> = (0..tickets).map(|row| first + row * 7_919 % (last - first)).collect();
    let ends: Vec<i64> = starts.iter().zip(0..).map(|(at, row)| at + row * 104_729 % 1_000_000).collect();
    let column = |name: &str, seconds: &[i64]| {
        let milliseconds: Int64Chunked = seconds.iter().map(|at| Some(at * 1_000)).collect();
        milliseconds.with_name(name.into()).into_datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)).into_series()
    };
    let (opened, resolved) = (column("opened", &starts), column("resolved", &ends));
    for _ in 0..rounds {
        let begun = Instant::now();
        let plain = (&resolved - &opened)?;
        let subtracted = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let taken = hours.elapsed_many(&starts, &ends);
        let elapsed = begun.elapsed().as_secs_f64();
        println!(
            "{{\"polars\": {subtracted:.6}, \"hours\": {elapsed:.6}, \"ratio\": {:.2}, \"rows\": {}, \"seconds\": {}}}",
            elapsed / subtracted,
            plain.len(),
            taken.iter().sum::<i64>()
        );
    }
    Ok(())
}

/// Returns the most memory that was ever resident, in MB, or 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
