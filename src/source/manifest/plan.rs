//! What is done with the records of one table: a manifest's words with every setting filled in.
//!
//! Plain values. Must not touch records.

use super::asking::AnswersPlan;
use crate::model::{Column, Completeness, Table};
use crate::source::instant::InstantReader;
use serde::Deserialize;
use std::collections::HashMap;

/// What is done with the records of one table.
#[derive(Clone, Debug)]
pub struct TablePlan {
    /// The canonical table.
    pub table: Table,
    /// Files that are read where the source names none.
    pub files: Vec<String>,
    /// How records are split.
    pub dialect: Dialect,
    /// How rows are found in answers, where the records come from a request.
    pub answers: Option<AnswersPlan>,
    /// Words that mean nothing.
    pub null_words: Vec<String>,
    /// What a pull that reads every file may claim.
    pub complete: Completeness,
    /// The columns that are filled.
    pub columns: Vec<ColumnPlan>,
    /// How events are folded into tickets, where a record is an event.
    pub events: Option<EventsPlan>,
    /// SQL over the typed rows.
    pub select: Option<String>,
}

/// How records are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Between two fields.
    pub delimiter: u8,
    /// Around a field; `None` where no byte is special.
    pub quote: Option<u8>,
    /// Whether the first record names the columns.
    pub header: bool,
}

/// Where one column comes from and how its text is read.
#[derive(Clone, Debug)]
pub struct ColumnPlan {
    /// The canonical column.
    pub column: Column,
    /// Where the text comes from.
    pub origin: Origin,
    /// How it is read.
    pub reading: Reading,
    /// What the tool's words become.
    pub values: Option<ValueMap>,
    /// What is put before the text.
    pub before: String,
}

/// Where the text of a column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A column of the file.
    Header {
        /// Its name there.
        name: String,
        /// Whether a file may be without it.
        optional: bool,
    },
    /// The same in every row.
    Constant(String),
    /// A part of the file's name.
    FileName {
        /// What comes before it.
        before: String,
        /// What comes after it.
        after: String,
    },
    /// The file's name and the record's line.
    FileAndLine,
}

/// How text is read.
#[derive(Clone, Debug)]
pub enum Reading {
    /// As it is.
    Text,
    /// As an instant.
    Instant(InstantReader),
    /// As a whole number.
    Integer,
    /// As a number.
    Decimal,
    /// As one of two lists of words, in lower case.
    Boolean {
        /// Words for true.
        yes: Vec<String>,
        /// Words for false.
        no: Vec<String>,
    },
    /// As a plain number of units of so many seconds, or without a unit as `4h`.
    Duration {
        /// The unit.
        unit: Option<Unit>,
    },
}

/// What a plain number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// So many seconds.
    Seconds(i64),
    /// Thousandths of a second.
    Millis,
    /// Seconds, written as the local stamp that is so far after 1970: `1970-01-01 02:30:00`.
    Since1970,
}

/// What the tool's words become.
#[derive(Clone, Debug)]
pub struct ValueMap {
    /// Place in `words` by the tool's word.
    pub places: HashMap<String, u32>,
    /// Our words.
    pub words: Vec<String>,
    /// What becomes of a word that is not listed.
    pub unlisted: Unlisted,
}

/// What becomes of a word that a value map does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlisted {
    /// It stays as the tool wrote it.
    Keep,
    /// The cell becomes empty.
    Missing,
    /// The record goes to quarantine.
    Reject,
}

/// How events are folded into tickets.
#[derive(Clone, Debug)]
pub struct EventsPlan {
    /// The column that identifies the ticket.
    pub key: &'static str,
    /// When the event was.
    pub at: ColumnPlan,
    /// Its place among the events of the ticket.
    pub sequence: Option<ColumnPlan>,
    /// The columns whose changes are kept.
    pub track: Vec<&'static str>,
}
