//! What was known of each ticket at an instant.
//!
//! Knows the tickets as typed columns and their status and group history. Must not know periods, goals or figures.
//! A ticket is looked at as of an instant (rules R10, R11, R14): what its source learned later is not used where its
//! history allows that.

use polars::prelude::*;
use std::collections::HashMap;

/// A status, as far as figures tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// Work is not finished.
    Open,
    /// Resolved, or closed.
    Done,
    /// Withdrawn; leaves every denominator.
    Cancelled,
}

impl StatusKind {
    /// Reads a canonical status word; words that no value map knows count as open.
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some("resolved" | "closed") => Self::Done,
            Some("cancelled") => Self::Cancelled,
            _ => Self::Open,
        }
    }
}

/// A ticket's state at an instant. Instants are epoch seconds.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct State {
    /// Whether it was withdrawn.
    pub cancelled: bool,
    /// Its last resolution.
    pub resolved: Option<i64>,
    /// When it was closed.
    pub closed: Option<i64>,
    /// Whether it counts as finished, also at an unknown time.
    pub finished: bool,
    /// How often it was reopened; `None` where neither history nor counter tells.
    pub reopened: Option<i64>,
    /// How often it changed groups; `None` where neither history nor counter tells.
    pub group_changes: Option<i64>,
    /// Spans between a resolution and the reopening after it.
    pub idle: Vec<(i64, i64)>,
}

#[derive(Clone, Copy, Debug)]
struct StatusChange {
    at: i64,
    to: u32,
    kind: StatusKind,
}

/// Changes of one field, grouped by ticket row and ordered by time and sequence.
#[derive(Debug)]
struct Changes<T> {
    offsets: Vec<usize>,
    changes: Vec<T>,
}

impl<T> Changes<T> {
    fn new(rows: usize, mut keyed: Vec<(usize, i64, i64, T)>) -> Self {
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

    fn of(&self, row: usize) -> &[T] {
        &self.changes[self.offsets[row]..self.offsets[row + 1]]
    }
}

/// All tickets of a book as typed columns, with their history.
#[derive(Debug)]
pub struct Tickets {
    /// Rows.
    pub len: usize,
    /// Epoch seconds of `opened_at`.
    pub opened: Vec<i64>,
    /// Epoch seconds of `first_response_at`.
    pub responded: Vec<Option<i64>>,
    resolved: Vec<Option<i64>>,
    closed: Vec<Option<i64>>,
    status_now: Vec<u32>,
    status_words: Vec<String>,
    reopen_counter: Vec<Option<i64>>,
    reassignment_counter: Vec<Option<i64>>,
    status: Changes<StatusChange>,
    groups: Changes<i64>,
    counts_from_history: bool,
}

impl Tickets {
    /// Takes the columns out of the canonical tables.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(tickets: &DataFrame, events: Option<&DataFrame>, counts_from_history: bool) -> PolarsResult<Self> {
        let len = tickets.height();
        let mut words = Words::default();
        let status_now = text(tickets, "status")?.iter().map(|word| words.code(word)).collect();
        let mut status = Vec::new();
        let mut groups = Vec::new();
        if let Some(events) = events {
            let rows = TicketRows::new(tickets)?;
            let (source, ticket) = (text(events, "source")?, text(events, "ticket")?);
            let (at, seq) = (seconds(events, "at")?, events.column("seq")?.i64()?.clone());
            let (field, from, to) = (text(events, "field")?, text(events, "from")?, text(events, "to")?);
            for event in 0..events.height() {
                let row = rows.find(source.get(event).unwrap_or(""), ticket.get(event).unwrap_or(""));
                let (Some(row), Some(at)) = (row, at[event]) else { continue };
                let seq = seq.get(event).unwrap_or(0);
                match field.get(event) {
                    Some("status") => {
                        let word = to.get(event);
                        let change = StatusChange { at, to: words.code(word), kind: StatusKind::of(word) };
                        status.push((row, at, seq, change));
                    }
                    Some("group") => {
                        if let (Some(before), Some(after)) = (from.get(event), to.get(event))
                            && before != after
                        {
                            groups.push((row, at, seq, at));
                        } else {
                            // The first event of a ticket says that group history exists at all.
                            groups.push((row, at, seq, i64::MIN));
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(Self {
            len,
            opened: seconds(tickets, "opened_at")?.into_iter().map(|at| at.unwrap_or(0)).collect(),
            responded: seconds(tickets, "first_response_at")?,
            resolved: seconds(tickets, "resolved_at")?,
            closed: seconds(tickets, "closed_at")?,
            status_now,
            status_words: words.list,
            reopen_counter: tickets.column("reopen_count")?.i64()?.iter().collect(),
            reassignment_counter: tickets.column("reassignment_count")?.i64()?.iter().collect(),
            status: Changes::new(len, status),
            groups: Changes::new(len, groups),
            counts_from_history,
        })
    }

    /// Returns the measured columns that nothing in the book tells: no flag, no counter, no history.
    pub fn untold(&self, majors_known: bool) -> Vec<&'static str> {
        let mut untold = Vec::new();
        let by_history = |changes: bool| self.counts_from_history && changes;
        if !majors_known {
            untold.push("is_major");
        }
        if self.reopen_counter.iter().all(Option::is_none) && !by_history(!self.status.changes.is_empty()) {
            untold.push("reopened_times");
        }
        if self.reassignment_counter.iter().all(Option::is_none) && !by_history(!self.groups.changes.is_empty()) {
            untold.push("group_changes");
        }
        untold
    }

    /// Returns the final resolution, as the source has it today.
    pub fn resolved_today(&self, row: usize) -> Option<i64> {
        self.resolved[row]
    }

    /// Returns the closing, as the source has it today.
    pub fn closed_today(&self, row: usize) -> Option<i64> {
        self.closed[row]
    }

    /// Tells whether the ticket's status history is known.
    pub fn has_history(&self, row: usize) -> bool {
        !self.status.of(row).is_empty()
    }

    /// Returns the changes of status, in order: when, and what the ticket became.
    pub fn status_changes(&self, row: usize) -> impl DoubleEndedIterator<Item = (i64, StatusKind)> {
        self.status.of(row).iter().map(|change| (change.at, change.kind))
    }

    /// Tells whether any ticket of the book has a status history.
    pub fn any_history(&self) -> bool {
        !self.status.changes.is_empty()
    }

    /// Returns what today's status says.
    pub fn status_today(&self, row: usize) -> StatusKind {
        StatusKind::of(self.status_words.get(self.status_now[row] as usize).map(String::as_str))
    }

    /// Returns the status word at the end of a second.
    pub fn status_at(&self, row: usize, at: i64) -> Option<&str> {
        let changes = self.status.of(row);
        let code = match changes.partition_point(|change| change.at <= at) {
            _ if changes.is_empty() => self.status_now[row],
            0 => return Some("new"),
            known => changes[known - 1].to,
        };
        self.status_words.get(code as usize).map(String::as_str)
    }

    /// Returns what was known of a ticket at the end of a second.
    pub fn at(&self, row: usize, at: i64) -> State {
        let changes = self.status.of(row);
        let known = &changes[..changes.partition_point(|change| change.at <= at)];
        let kind = if changes.is_empty() {
            StatusKind::of(self.status_words.get(self.status_now[row] as usize).map(String::as_str))
        } else {
            known.last().map_or(StatusKind::Open, |change| change.kind)
        };
        let mut state = State { cancelled: kind == StatusKind::Cancelled, ..State::default() };
        let open_by_history = !changes.is_empty() && kind == StatusKind::Open;
        let (mut into_done, mut reopenings) = (None, 0);
        let mut before = StatusKind::Open;
        for change in known {
            match (before, change.kind) {
                (StatusKind::Open | StatusKind::Cancelled, StatusKind::Done) => into_done = Some(change.at),
                (StatusKind::Done, StatusKind::Open) => {
                    reopenings += 1;
                    if let Some(done) = into_done {
                        state.idle.push((done, change.at));
                    }
                }
                _ => {}
            }
            before = change.kind;
        }
        if !open_by_history {
            state.resolved = match self.resolved[row] {
                Some(resolved) if resolved <= at => Some(resolved),
                Some(_) if kind == StatusKind::Done => into_done,
                // The field is empty, but the history tells of a resolution.
                None if self.counts_from_history && kind == StatusKind::Done => into_done,
                _ => None,
            };
            state.closed = self.closed[row].filter(|closed| *closed <= at);
        }
        let today_done = changes.is_empty()
            && kind == StatusKind::Done
            && self.resolved[row].is_none()
            && self.closed[row].is_none();
        state.finished = !open_by_history
            && (state.resolved.is_some()
                || state.closed.is_some()
                || today_done
                || (!changes.is_empty() && kind == StatusKind::Done));
        state.reopened =
            if self.counts_from_history && !changes.is_empty() { Some(reopenings) } else { self.reopen_counter[row] };
        let moves = self.groups.of(row);
        state.group_changes = if self.counts_from_history && !moves.is_empty() {
            i64::try_from(moves.iter().filter(|moved| **moved > i64::MIN && **moved <= at).count()).ok()
        } else {
            self.reassignment_counter[row]
        };
        state
    }
}

/// Finds a ticket's row by source and key, or by a key that only one source has: history may come in a file of its own.
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
        let mut rows = Self { by_source: HashMap::new(), by_key: HashMap::new() };
        let (sources, keys) = (text(tickets, "source")?, text(tickets, "source_key")?);
        for (row, (source, key)) in sources.iter().zip(keys.iter()).enumerate() {
            let (source, key) = (source.unwrap_or(""), key.unwrap_or(""));
            rows.by_source.insert((source, key), row);
            rows.by_key.entry(key).and_modify(|found| *found = None).or_insert(Some(row));
        }
        Ok(rows)
    }

    /// Returns the ticket of a source and key; of another source where the key is that of one ticket only.
    pub fn find(&self, source: &str, key: &str) -> Option<usize> {
        self.by_source.get(&(source, key)).copied().or_else(|| self.by_key.get(key).copied().flatten())
    }
}

#[derive(Default)]
struct Words {
    codes: HashMap<String, u32>,
    list: Vec<String>,
}

impl Words {
    fn code(&mut self, word: Option<&str>) -> u32 {
        let Some(word) = word else { return u32::MAX };
        if let Some(code) = self.codes.get(word) {
            return *code;
        }
        let code = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.codes.insert(word.to_owned(), code);
        self.list.push(word.to_owned());
        code
    }
}

/// Returns a text column.
pub fn text<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<&'a StringChunked> {
    frame.column(name)?.str()
}

/// Returns an instant column as epoch seconds, rounded down.
pub fn seconds(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<i64>>> {
    let column = frame.column(name)?;
    let milliseconds = column.datetime()?.physical();
    Ok(milliseconds.iter().map(|at| at.map(|at| at.div_euclid(1_000))).collect())
}

/// Returns an instant column as epoch milliseconds, which is what the store holds.
///
/// # Errors
/// A polars error where the column is missing or no instant.
pub fn milliseconds(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<i64>>> {
    Ok(frame.column(name)?.datetime()?.physical().iter().collect())
}

/// Makes an instant column of epoch seconds.
pub fn instants(name: &str, seconds: Vec<Option<i64>>) -> Column {
    precise_instants(name, seconds.into_iter().map(|at| at.map(|at| at * 1_000)).collect())
}

/// Makes an instant column of epoch milliseconds.
pub fn precise_instants(name: &str, milliseconds: Vec<Option<i64>>) -> Column {
    let milliseconds: Int64Chunked = milliseconds.into_iter().collect();
    milliseconds
        .with_name(name.into())
        .into_datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))
        .into_series()
        .into_column()
}
