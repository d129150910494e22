//! Real records of others, with figures recomputed independently (TRUTH.md beside them): the program says the same.
//!
//! The records are no part of the repository. Where they are not there, these tests are reported as ignored.

mod incident_log;
mod processor_load;
mod uptime;

use std::path::PathBuf;

/// A file or folder of the real records.
fn record(path: &str) -> PathBuf {
    // Looked up when the test runs: without the records these modules are compiled too, and their tests ignored.
    let root: Option<&str> = option_env!("SERVICEBOOK_REAL_RECORDS_AT");
    let root = root.expect("the build found the real records");
    PathBuf::from(root).join(path)
}

/// Asserts an unrounded value, rounded half to even to as many digits as are stated.
#[track_caller]
fn assert_printed(what: &str, value: f64, stated: &str) {
    let stated = stated.replace(',', "");
    let digits = stated.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    assert_eq!(format!("{value:.digits$}"), stated, "{what}: {value}");
}
