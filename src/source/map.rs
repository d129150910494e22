//! Records to typed columns of a canonical table.
//!
//! A record is loaded whole or goes to quarantine whole. Must not know where the bytes come from, nor what the rows
//! are used for.

mod lane;
mod value;

pub use value::Value;

use super::SourceError;
use super::manifest::{Origin, TablePlan};
use super::split::Record;
use crate::model::{Finding, Quarantined, Raw, Severity, Table};
use crate::text::{holds_hidden, screen_str};
use lane::{Cell, Feed, Lane};
use polars::prelude::{ChunkFull, Column, DataFrame, IntoColumn, PolarsResult, StringChunked};
use std::fmt::Write as _;

/// How much of a record is kept in quarantine, in bytes.
const KEPT: usize = 4_096;
/// How much is kept once there are many.
const KEPT_OF_MANY: usize = 256;
/// From how many on there are many.
const MANY: usize = 10_000;
/// How many headers a message names.
const NAMED_HEADERS: usize = 40;

/// Fills the columns of one table, file by file and record by record.
pub struct Mapper<'a> {
    plan: &'a TablePlan,
    source: &'a str,
    /// The plan's columns, then the event's time and place.
    lanes: Vec<Lane>,
    cells: Vec<Cell>,
    header: (Vec<u8>, Vec<usize>),
    fields: usize,
    places: Places,
    quarantine: Vec<Quarantined>,
}

/// File and line of each row, in the order of the rows.
#[derive(Debug, Default)]
pub struct Places {
    files: Vec<String>,
    rows: Vec<(usize, u64)>,
}

impl Places {
    /// Returns the file and line of a row.
    pub fn of(&self, row: usize) -> (&str, u64) {
        self.rows.get(row).map_or(("", 0), |(file, line)| (self.files.get(*file).map_or("", String::as_str), *line))
    }
}

/// The rows of one table, typed.
pub struct Mapped {
    /// The columns that the plan fills, with `source` and `source_key`.
    pub frame: DataFrame,
    /// Time and place of each event, where a record is an event.
    pub events: Option<(Column, Option<Column>)>,
    /// File and line of each row.
    pub places: Places,
    /// The records that were not loaded.
    pub quarantine: Vec<Quarantined>,
    /// What was found in single cells.
    pub findings: Vec<Finding>,
}

impl<'a> Mapper<'a> {
    /// Makes a mapper for the table of a plan; `source` is the id in config.toml.
    pub fn new(plan: &'a TablePlan, source: &'a str) -> Result<Self, SourceError> {
        let events = plan.events.iter().flat_map(|events| std::iter::once(&events.at).chain(&events.sequence));
        let lanes = plan
            .columns
            .iter()
            .chain(events)
            .map(|column| Lane::new(column.clone()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|message| SourceError::Settings { id: source.to_owned(), message })?;
        Ok(Self {
            plan,
            source,
            cells: Vec::with_capacity(lanes.len()),
            lanes,
            header: (Vec::new(), Vec::new()),
            fields: 0,
            places: Places::default(),
            quarantine: Vec::new(),
        })
    }

    /// Starts a file. `name` is what receipts call it; `first` is its header, or where it has none its first record.
    pub fn open(&mut self, name: &str, first: Record<'_>) -> Result<(), SourceError> {
        let named = self.plan.dialect.header;
        let headers: Vec<String> = first
            .fields()
            .enumerate()
            .map(|(place, field)| if named { escaped(field).trim_ascii().to_owned() } else { (place + 1).to_string() })
            .collect();
        self.fields = headers.len();
        self.header = if named { (first.bytes.to_vec(), first.ends.to_vec()) } else { (Vec::new(), Vec::new()) };
        self.places.files.push(name.to_owned());
        let file_name = name.rsplit('/').next().unwrap_or(name);
        for lane in &mut self.lanes {
            match &lane.plan.origin {
                Origin::Constant(_) => {}
                Origin::FileAndLine => lane.feed = Feed::Same(Cell::FileAndLine),
                Origin::Header { name: wanted, optional } => {
                    let mut found = headers.iter().enumerate().filter(|(_, header)| *header == wanted.trim_ascii());
                    lane.feed = match (found.next(), found.next()) {
                        (Some((place, _)), None) => Feed::Field(place),
                        (None, _) if *optional && lane.plan.column.name == "source_key" => {
                            Feed::Same(Cell::FileAndLine)
                        }
                        (None, _) if *optional => Feed::Absent,
                        (Some(_), Some(_)) => {
                            return Err(SourceError::HeaderTwice {
                                file: screen_str(name),
                                header: screen_str(wanted),
                            });
                        }
                        (None, _) => {
                            return Err(SourceError::NoHeader {
                                file: screen_str(name),
                                header: screen_str(wanted),
                                column: lane.plan.column.name.to_owned(),
                                headers: listed(&headers),
                                hint: header_hint(&headers),
                            });
                        }
                    };
                }
                Origin::FileName { before, after } => {
                    let part = file_name.strip_prefix(before.as_str()).and_then(|rest| {
                        let unpacked = rest.strip_suffix(".gz").unwrap_or(rest);
                        rest.strip_suffix(after.as_str()).or_else(|| unpacked.strip_suffix(after.as_str()))
                    });
                    let part = part.filter(|part| !part.is_empty()).map(str::to_owned);
                    let Some(part) = part else {
                        return Err(SourceError::FileName {
                            file: screen_str(name),
                            column: lane.plan.column.name.to_owned(),
                            pattern: screen_str(&format!("{before}{{}}{after}")),
                        });
                    };
                    let cell = lane
                        .fixed(&part)
                        .map_err(|message| SourceError::Settings { id: self.source.to_owned(), message })?;
                    lane.feed = Feed::Same(cell);
                }
            }
        }
        Ok(())
    }

    /// Loads a record or puts it into quarantine. `open_quote` is the line of a quote that the file never closes.
    pub fn take(&mut self, record: Record<'_>, open_quote: Option<u64>) {
        if let Err(reason) = self.load(record, open_quote) {
            self.refuse(record, reason);
        }
    }

    /// Puts a record into quarantine that could not be read at all.
    pub fn refuse(&mut self, record: Record<'_>, reason: String) {
        let kept = if self.quarantine.len() < MANY { KEPT } else { KEPT_OF_MANY };
        let text = rendered(record, self.plan.dialect.delimiter, kept);
        let file = self.places.files.last().cloned().unwrap_or_default();
        self.quarantine.push(Quarantined { file, line: record.line, reason, text: Raw::new(text) });
    }

    fn load(&mut self, record: Record<'_>, open_quote: Option<u64>) -> Result<(), String> {
        if record.too_long {
            return Err("the record is longer than 16 MB: a quote that is not closed?".into());
        }
        if let Some(line) = open_quote {
            return Err(format!("the quote in line {line} is never closed: the file ends inside of a field"));
        }
        if record.ends.len() != self.fields {
            return Err(format!("{} fields, expected {}", record.ends.len(), self.fields));
        }
        let text = std::str::from_utf8(record.bytes).map_err(|_| "bytes that are not UTF-8".to_owned())?;
        if record.bytes.contains(&0) {
            return Err("a NUL byte".into());
        }
        if self.plan.dialect.header && self.header.0 == record.bytes && self.header.1 == record.ends {
            return Err("the header again".into());
        }
        self.cells.clear();
        for lane in &mut self.lanes {
            let cell = match lane.feed {
                Feed::Absent => Cell::Null,
                Feed::Same(cell) => cell,
                Feed::Field(place) => {
                    let start = if place == 0 { 0 } else { record.ends[place - 1] };
                    let field =
                        text.get(start..record.ends[place]).ok_or_else(|| "bytes that are not UTF-8".to_owned())?;
                    let behind_blanks = field.trim_ascii_start();
                    let start = start + field.len() - behind_blanks.len();
                    let field = behind_blanks.trim_ascii_end();
                    let nothing = field.is_empty() && self.plan.answers.is_some();
                    if nothing || self.plan.null_words.iter().any(|word| word == field) {
                        Cell::Null
                    } else {
                        lane.read(field, start)?
                    }
                }
            };
            if lane.plan.column.required && matches!(cell, Cell::Null) {
                return Err(format!("`{}` is required and empty", lane.plan.column.name));
            }
            self.cells.push(cell);
        }
        let place = self.places.files.len().saturating_sub(1);
        let file = self.places.files.last().map_or("", String::as_str);
        for (lane, cell) in self.lanes.iter_mut().zip(&self.cells) {
            lane.push(*cell, text, file, record.line);
        }
        self.places.rows.push((place, record.line));
        Ok(())
    }

    /// Returns the rows.
    pub fn finish(self) -> PolarsResult<Mapped> {
        let rows = self.places.rows.len();
        let mut findings: Vec<_> =
            self.lanes.iter().flat_map(|lane| lane.findings(self.source, self.plan.table)).collect();
        let mut columns = vec![StringChunked::full("source".into(), self.source, rows).into_column()];
        for lane in self.lanes {
            let column = lane.column(rows)?;
            findings.extend(neutralised(self.source, self.plan.table, &column, &self.places));
            columns.push(column);
        }
        let events = match &self.plan.events {
            None => None,
            Some(events) => {
                let sequence = if events.sequence.is_some() { columns.pop() } else { None };
                columns.pop().map(|at| (at, sequence))
            }
        };
        Ok(Mapped {
            frame: DataFrame::new(rows, columns)?,
            events,
            places: self.places,
            quarantine: self.quarantine,
            findings,
        })
    }
}

/// Tells of text that could steer a terminal or mislead a reader: it is kept as it came and shown neutralised. Like all that
/// is found while rows are mapped, it speaks of the whole pull, so it names a place and no filter: a period has fewer rows.
fn neutralised(source: &str, table: Table, column: &Column, places: &Places) -> Option<Finding> {
    let texts = column.str().ok()?;
    let mut rows = texts.iter().enumerate().filter(|(_, text)| text.is_some_and(holds_hidden)).map(|(row, _)| row);
    let (file, line) = places.of(rows.next()?);
    let count = 1 + rows.count() as u64;
    let (name, of) = (column.name(), table.name());
    Some(Finding {
        id: format!("neutralised_text/{source}/{of}.{name}"),
        kind: "neutralised_text".into(),
        severity: Severity::Note,
        count,
        figures: Vec::new(),
        table: of.into(),
        filter: String::new(),
        text: format!(
            "`{name}` in {count} rows of source `{source}` holds control characters, invisible ones or such as turn the order of letters; they are kept as they came and shown as `␛` or `⟨U+202E⟩`. First: {}, line {line}.",
            screen_str(file)
        ),
    })
}

fn header_hint(headers: &[String]) -> String {
    let other = match headers {
        [whole] => [";", "\t", ",", "|"].into_iter().find(|delimiter| whole.contains(delimiter)),
        _ => None,
    };
    other.map_or_else(
        || "copy the connector into the book's connectors/ folder and name the file's own header there".into(),
        |delimiter| {
            let written = if delimiter == "\t" { "\\t" } else { delimiter };
            format!(
                "the fields seem to be split by `{written}`: set `delimiter` in the source's settings or the connector"
            )
        },
    )
}

fn listed(headers: &[String]) -> String {
    let mut text = headers
        .iter()
        .take(NAMED_HEADERS)
        .map(|header| format!("`{}`", screen_str(header)))
        .collect::<Vec<_>>()
        .join(", ");
    if headers.len() > NAMED_HEADERS {
        let _ = write!(text, " and {} more", headers.len() - NAMED_HEADERS);
    }
    text
}

/// Writes bytes as text; what is not UTF-8 stands as `\xNN`.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Writes a record as it could have stood in the file, up to so many bytes.
fn rendered(record: Record<'_>, delimiter: u8, kept: usize) -> String {
    let mut text = String::new();
    let whole = [record.bytes];
    let fields: Vec<&[u8]> = if record.ends.is_empty() { whole.to_vec() } else { record.fields().collect() };
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            text.push(char::from(delimiter));
        }
        let field = escaped(&field[..field.len().min(kept)]);
        if field.bytes().any(|byte| byte == delimiter || b"\"\r\n".contains(&byte)) {
            let _ = write!(text, "\"{}\"", field.replace('"', "\"\""));
        } else {
            text.push_str(&field);
        }
        if text.len() > kept {
            text.truncate(text.floor_char_boundary(kept));
            text.push('…');
            break;
        }
    }
    text
}
