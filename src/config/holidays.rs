//! Files of holidays: reads what `holidays_from` of each calendar names and adds the days to its holidays.
//!
//! Knows the book's folder and the two forms of such files. Must not know hours.

use super::{Config, ConfigError, ics};
use crate::model::Date;
use crate::model::catalogue::{CalendarRule, HolidayFile};
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// The days between which holidays are taken from a file; no report reaches beyond.
const FIRST: NaiveDate = day(1900, 1, 1);
const LAST: NaiveDate = day(2199, 12, 31);

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// Larger files are something else.
const MOST_BYTES: u64 = 16 << 20;

/// Adds the days of every file of holidays that the config names; files are relative to the book.
///
/// # Errors
/// Says which calendar names which file, what is wrong in it and what to do.
pub fn read(book: &Path, config: &mut Config) -> Result<(), ConfigError> {
    for rule in &mut config.calendars {
        for name in rule.holidays_from.clone() {
            let wrong = |message: String, hint: &str| ConfigError::Meaning {
                path: book.join(&name).display().to_string(),
                message: crate::text::screen_lines(&format!("{message} (holidays of calendar `{}`)", rule.id)),
                hint: hint.to_owned(),
            };
            let bytes = bytes_of(&book.join(&name)).map_err(|why| {
                wrong(
                    format!("cannot be read: {why}"),
                    "`holidays_from` names files relative to the book; put the file there, or take its name out",
                )
            })?;
            let (days, timed_events) = if is_ics(&name) {
                let found = ics::whole_days(&bytes, FIRST, LAST)
                    .map_err(|why| wrong(why, "mend the event, or write its days into a file of one date a line"))?;
                (found.days, found.timed_events)
            } else {
                let days =
                    dates(&bytes).map_err(|why| wrong(why, "write one date a line, as `2026-12-25, Christmas`"))?;
                (days, 0)
            };
            add(rule, HolidayFile { path: name, hash: short_hash(&bytes), days: days.len(), timed_events }, &days);
        }
    }
    Ok(())
}

fn add(rule: &mut CalendarRule, file: HolidayFile, days: &BTreeSet<NaiveDate>) {
    let known: BTreeSet<NaiveDate> = rule.holidays.iter().map(|day| day.0).collect();
    rule.holidays.extend(days.difference(&known).map(|day| Date(*day)));
    rule.holiday_files.push(file);
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is no file".into());
    }
    if about.len() > MOST_BYTES {
        return Err("it is larger than 16 MB".into());
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

fn is_ics(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ics"))
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Reads one date a line, with any text behind it after a comma, semicolon or blank. Lines that are empty or begin with
/// `#` are passed over, and so is a first line of headers that begins with `date`.
fn dates(bytes: &[u8]) -> Result<BTreeSet<NaiveDate>, String> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).peekable();
    lines.next_if(|(_, line)| field(line).eq_ignore_ascii_case("date"));
    lines
        .map(|(at, line)| {
            let field = field(line);
            let date = NaiveDate::parse_from_str(field, "%Y-%m-%d").ok().filter(|_| field.len() == 10);
            let date = date.ok_or_else(|| format!("line {at}: `{field}` is no date as 2026-12-25"))?;
            if (FIRST.year()..=LAST.year()).contains(&date.year()) {
                Ok(date)
            } else {
                Err(format!("line {at}: {date} is outside the years 1900 to 2199"))
            }
        })
        .collect()
}

/// Returns the first field of a line, without quotes.
fn field(line: &str) -> &str {
    line.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).next().unwrap_or("").trim_matches('"')
}

#[cfg(test)]
mod tests;
