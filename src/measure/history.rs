//! Changes of fields, by ticket, and the words that they change between.
//!
//! Words are held as codes of a dictionary. Must not know what a word means, nor any instant that is asked about.

use super::codes;
use super::ticket_state::text;
use polars::prelude::*;
use rayon::prelude::*;
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
    codes: PlHashMap<String, u32>,
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
///
/// Only the keys that somebody asks for are kept: most tickets of a long history are never asked for.
#[derive(Debug)]
pub struct TicketRows<'a> {
    /// The place of each key that is asked for.
    places: PlHashMap<&'a str, u32>,
    /// By place: the last row that has the key.
    last: Vec<Option<IdxSize>>,
    /// The row before a row that has the same key.
    earlier: HashMap<IdxSize, IdxSize>,
    sources: &'a StringChunked,
}

impl<'a> TicketRows<'a> {
    /// Indexes the tickets that columns of keys name.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn named_in(tickets: &'a DataFrame, named: &[&'a StringChunked]) -> PolarsResult<Self> {
        let (sources, keys) = (text(tickets, "source")?, text(tickets, "source_key")?);
        let mut places: PlHashMap<&str, u32> = PlHashMap::default();
        let mut before = None;
        for key in named.iter().flat_map(|keys| keys.iter()).map(Option::unwrap_or_default) {
            // The events of one ticket mostly follow each other.
            if before != Some(key) {
                let next = codes::last_code(places.len() + 1);
                places.entry(key).or_insert(next);
                before = Some(key);
            }
        }
        let found: Vec<Vec<(u32, IdxSize)>> = codes::starts(keys.len())
            .map(|start| {
                let part = codes::part(keys, start);
                let rows = part.iter().zip(start..);
                let found = rows.filter_map(|(key, row)| Some((*places.get(key.unwrap_or(""))?, row_of(row))));
                found.collect()
            })
            .collect();
        let mut last = vec![None; places.len()];
        let mut earlier = HashMap::new();
        for (place, row) in found.into_iter().flatten() {
            if let Some(before) = last[place as usize].replace(row) {
                earlier.insert(row, before);
            }
        }
        Ok(Self { places, last, earlier, sources })
    }

    /// Returns the row of a ticket; `None` where there is no such ticket, or the key alone does not tell which.
    pub fn find(&self, source: &str, key: &str) -> Option<usize> {
        let last = self.last[*self.places.get(key)? as usize]?;
        let of_key = std::iter::successors(Some(last), |row| self.earlier.get(row).copied());
        let of_source = of_key.map(|row| row as usize).find(|row| self.sources.get(*row).unwrap_or("") == source);
        of_source.or_else(|| (!self.earlier.contains_key(&last)).then_some(last as usize))
    }

    /// Returns the row of each ticket of a column of sources and one of keys.
    pub fn find_all(&self, sources: &StringChunked, keys: &StringChunked) -> Vec<Option<IdxSize>> {
        let parts: Vec<Vec<Option<IdxSize>>> = codes::starts(keys.len())
            .map(|start| {
                let (sources, keys) = (codes::part(sources, start), codes::part(keys, start));
                let mut last: Option<((&str, &str), Option<IdxSize>)> = None;
                let tickets = sources.iter().zip(keys.iter());
                let rows = tickets.map(|(source, key)| {
                    let ticket = (source.unwrap_or(""), key.unwrap_or(""));
                    let row = match last {
                        Some((before, row)) if before == ticket => row,
                        _ => self.find(ticket.0, ticket.1).map(row_of),
                    };
                    last = Some((ticket, row));
                    row
                });
                rows.collect()
            })
            .collect();
        parts.concat()
    }
}

/// Returns a row as polars counts them; a table has fewer rows than that.
fn row_of(row: usize) -> IdxSize {
    IdxSize::try_from(row).unwrap_or(IdxSize::MAX)
}

/// Whole numbers of rows, some of them unknown: half of what a list of options takes, and nothing where none is known.
#[derive(Debug, Default)]
pub struct Wholes(Vec<i64>);

/// No instant and no counter.
const UNKNOWN: i64 = i64::MIN;

impl Wholes {
    /// Returns the number of a row.
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row).copied().filter(|number| *number != UNKNOWN)
    }

    /// Tells whether no row has a number.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the numbers of the rows that a condition holds for.
    pub fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        self.0.iter_mut().enumerate().filter(|(row, _)| !keep(*row)).for_each(|(_, number)| *number = UNKNOWN);
    }

    /// Reads a column of integers.
    pub fn counted(column: &Int64Chunked) -> Self {
        Self::of(column, |number| number)
    }

    /// Reads a column of epoch milliseconds as epoch seconds, rounded down.
    pub fn seconds(column: &Int64Chunked) -> Self {
        Self::of(column, |milliseconds| milliseconds.div_euclid(1_000))
    }

    fn of(column: &Int64Chunked, number: impl Fn(i64) -> i64 + Sync) -> Self {
        if column.null_count() == column.len() {
            return Self::default();
        }
        let parts: Vec<Vec<i64>> = codes::starts(column.len())
            .map(|start| codes::part(column, start).iter().map(|value| value.map_or(UNKNOWN, &number)).collect())
            .collect();
        Self(parts.concat())
    }
}
