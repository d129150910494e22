//! Changes of fields, by ticket, and the words that they change between.
//!
//! Words are held as codes of a dictionary. Must not know what a word means, nor any instant that is asked about.

use super::ticket_state::text;
use polars::prelude::*;
use std::collections::HashMap;

/// The code of no word.
pub const NONE: u32 = u32::MAX;

/// One change of one field. `at` is epoch seconds; `from` and `to` are codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: i64,
    /// The word before.
    pub from: u32,
    /// The word after.
    pub to: u32,
}

/// A change with its ticket row and what orders it: epoch milliseconds and sequence.
pub type Keyed = (usize, i64, i64, Change);

/// Changes of one field, grouped by ticket row and ordered by time and sequence.
#[derive(Debug, Default)]
pub struct Changes {
    /// One more than there are rows; empty where nothing changed.
    offsets: Vec<usize>,
    changes: Vec<Change>,
}

impl Changes {
    /// Groups changes by row.
    pub fn new(rows: usize, mut keyed: Vec<Keyed>) -> Self {
        if keyed.is_empty() {
            return Self::default();
        }
        keyed.sort_by_key(|(row, at, seq, _)| (*row, *at, *seq));
        let mut offsets = vec![0; rows + 1];
        for (row, ..) in &keyed {
            offsets[row + 1] += 1;
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        Self { offsets, changes: keyed.into_iter().map(|(.., change)| change).collect() }
    }

    /// Puts a change before the first one of some rows, which are in order.
    pub fn preceded(self, first: &[(usize, Change)]) -> Self {
        if first.is_empty() {
            return self;
        }
        let mut changes = Vec::with_capacity(self.changes.len() + first.len());
        let mut offsets = Vec::with_capacity(self.offsets.len());
        let mut first = first.iter().peekable();
        for row in 0..self.offsets.len().saturating_sub(1) {
            offsets.push(changes.len());
            changes.extend(first.next_if(|(of, _)| *of == row).map(|(_, change)| *change));
            changes.extend_from_slice(self.of(row));
        }
        offsets.push(changes.len());
        Self { offsets, changes }
    }

    /// Returns the changes of a row.
    pub fn of(&self, row: usize) -> &[Change] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(start), Some(end)) => &self.changes[*start..*end],
            _ => &[],
        }
    }

    /// Tells whether nothing ever changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the value at an instant (rule R11): that of the last change by then; before the first change what it
    /// changed from; of a ticket without changes today's.
    pub fn value_at(&self, row: usize, today: u32, at: i64) -> u32 {
        let changes = self.of(row);
        match changes.partition_point(|change| change.at <= at) {
            0 => changes.first().map_or(today, |first| first.from),
            known => changes[known - 1].to,
        }
    }
}

/// A dictionary of words.
#[derive(Debug, Default)]
pub struct Words {
    codes: HashMap<String, u32>,
    list: Vec<String>,
}

impl Words {
    /// Returns the code of a word, a new one where it was not seen before.
    pub fn code(&mut self, word: Option<&str>) -> u32 {
        let Some(word) = word else { return NONE };
        if let Some(code) = self.codes.get(word) {
            return *code;
        }
        let code = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.codes.insert(word.to_owned(), code);
        self.list.push(word.to_owned());
        code
    }

    /// Returns the word of a code.
    pub fn word(&self, code: u32) -> Option<&str> {
        self.list.get(code as usize).map(String::as_str)
    }

    /// Returns the words, by code.
    pub fn list(&self) -> &[String] {
        &self.list
    }

    /// Returns the codes of the words that a list names; case does not count.
    pub fn codes_of(&self, names: &[String]) -> Vec<u32> {
        let fold = |word: &str| word.trim().to_lowercase();
        let names: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let found = self.list.iter().zip(0..).filter(|(word, _)| names.contains(&fold(word)));
        found.map(|(_, code)| code).collect()
    }
}

/// Finds a ticket's row by source and key, or by a key that only one source has: history may come in a file of its own.
#[derive(Debug)]
pub struct TicketRows<'a> {
    by_source: HashMap<(&'a str, &'a str), usize>,
    by_key: HashMap<&'a str, Option<usize>>,
}

impl<'a> TicketRows<'a> {
    /// Indexes the tickets.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn new(tickets: &'a DataFrame) -> PolarsResult<Self> {
        let len = tickets.height();
        let mut rows = Self { by_source: HashMap::with_capacity(len), by_key: HashMap::with_capacity(len) };
        let (sources, keys) = (text(tickets, "source")?, text(tickets, "source_key")?);
        for (row, (source, key)) in sources.iter().zip(keys.iter()).enumerate() {
            let (source, key) = (source.unwrap_or(""), key.unwrap_or(""));
            rows.by_source.insert((source, key), row);
            rows.by_key.entry(key).and_modify(|found| *found = None).or_insert(Some(row));
        }
        Ok(rows)
    }

    /// Returns the row of a ticket; `None` where there is no such ticket, or the key alone does not tell which.
    pub fn find(&self, source: &str, key: &str) -> Option<usize> {
        self.by_source.get(&(source, key)).copied().or_else(|| self.by_key.get(key).copied().flatten())
    }
}
