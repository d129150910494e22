//! What was known of each ticket at an instant.
//!
//! Knows the tickets as typed columns and their status and group history. Must not know periods, goals or figures.
//! A ticket is looked at as of an instant (rules R10, R11, R14): what its source learned later is not used where its
//! history allows that.

use super::codes::Codes;
use super::condition::Condition;
use super::history::{Change, Changes, Keyed, NONE, TicketRows, Wholes, Words};
use super::names::{Names, Of};
use crate::calendar::{Span, Spans};
use crate::model::Catalogue;
use crate::model::catalogue::CountsFrom;
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
    /// Spans between a resolution and the return to the open state after it, also by way of a cancellation.
    pub idle: Vec<(i64, i64)>,
    /// Spans in which it was cancelled, and after which it was taken up again.
    pub withdrawn: Vec<(i64, i64)>,
}

impl State {
    /// Returns when nothing was to be done on it: after a resolution that did not last, or while it was withdrawn.
    pub fn still(&self) -> Spans {
        self.idle.iter().chain(&self.withdrawn).copied().collect()
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
    pub responded: Wholes,
    /// The priority of today.
    pub priority_now: Vec<u32>,
    /// The service of today, as its place in the catalogue.
    pub service_now: Vec<u32>,
    /// The customer of today, likewise.
    pub customer_now: Vec<u32>,
    /// Changes of the priority.
    pub priority: Changes,
    /// Changes of the service.
    pub service: Changes,
    /// Changes of the customer.
    pub customer: Changes,
    /// Priorities, by code.
    pub priority_words: Words,
    resolved: Wholes,
    closed: Wholes,
    status_now: Vec<u32>,
    status_words: Words,
    status_kinds: Vec<StatusKind>,
    /// The codes of new, resolved and closed.
    canonical: [u32; 3],
    group_now: Vec<u32>,
    group_words: Words,
    reopen_counter: Wholes,
    reassignment_counter: Wholes,
    status: Changes,
    group: Changes,
    /// Rows with events before the opening, in order.
    early: Vec<usize>,
    counts_from_history: bool,
}

impl Tickets {
    /// Takes the columns out of the canonical tables; services and customers of the tickets are ids already.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(
        tickets: &DataFrame,
        events: Option<&DataFrame>,
        catalogue: &Catalogue,
        names: &Names,
    ) -> PolarsResult<Self> {
        let len = tickets.height();
        let mut status_words = Words::default();
        let canonical = ["new", "resolved", "closed"].map(|word| status_words.code(Some(word)));
        let (mut group_words, mut priority_words) = (Words::default(), Words::default());
        let coded = |column: &str, words: &mut Words| -> PolarsResult<Vec<u32>> {
            Ok(Codes::new(text(tickets, column)?).translated(|word| words.code(word)))
        };
        let places = |column: &str, ids: Vec<&str>| -> PolarsResult<Vec<u32>> {
            let place: HashMap<&str, u32> = ids.into_iter().zip(0..).collect();
            let place_of = |id: Option<&str>| id.and_then(|id| place.get(id)).copied().unwrap_or(NONE);
            Ok(Codes::new(text(tickets, column)?).translated(place_of))
        };
        let opened: Vec<i64> =
            instants_of(tickets, "opened_at")?.iter().map(|at| at.map_or(0, |at| at.div_euclid(1_000))).collect();
        let status_now = coded("status", &mut status_words)?;
        let group_now = coded("group", &mut group_words)?;
        let priority_now = coded("priority", &mut priority_words)?;
        let [mut status, mut group, mut priority, mut service, mut customer] = [const { Vec::<Keyed>::new() }; 5];
        let mut early = Vec::new();
        if let Some(events) = events.filter(|events| events.height() > 0) {
            let (source, ticket) = (text(events, "source")?, text(events, "ticket")?);
            let rows = TicketRows::named_in(tickets, &[ticket])?.find_all(source, ticket);
            let (at, seq) = (instants_of(events, "at")?, events.column("seq")?.i64()?);
            let (field, from, to) = (text(events, "field")?, text(events, "from")?, text(events, "to")?);
            let service_place =
                |word: Option<&str>| place(catalogue.services.iter().map(|s| &s.id), names, Of::Service, word);
            let customer_place =
                |word: Option<&str>| place(catalogue.customers.iter().map(|c| &c.id), names, Of::Customer, word);
            for (event, row) in rows.into_iter().enumerate() {
                let (Some(row), Some(at)) = (row, at.get(event)) else { continue };
                let row = row as usize;
                let (from, to) = (from.get(event), to.get(event));
                let (list, from, to) = match field.get(event) {
                    Some("status") => (&mut status, status_words.code(from), status_words.code(to)),
                    Some("group") => (&mut group, group_words.code(from), group_words.code(to)),
                    Some("priority") => (&mut priority, priority_words.code(from), priority_words.code(to)),
                    Some("service") => (&mut service, service_place(from), service_place(to)),
                    Some("customer") => (&mut customer, customer_place(from), customer_place(to)),
                    _ => continue,
                };
                let second = at.div_euclid(1_000);
                if second < opened[row] {
                    early.push(row);
                }
                list.push((row, at, seq.get(event).unwrap_or(0), Change { at: second, from, to }));
            }
        }
        early.sort_unstable();
        early.dedup();
        let status_kinds: Vec<StatusKind> = status_words.list().iter().map(|word| StatusKind::of(Some(word))).collect();
        let (resolved, closed) = (seconds(tickets, "resolved_at")?, seconds(tickets, "closed_at")?);
        let status = Changes::new(len, status);
        let untold = untold_finishes(&status, &status_kinds, &opened, [&resolved, &closed]);
        Ok(Self {
            len,
            opened,
            responded: Wholes::seconds(instants_of(tickets, "first_response_at")?),
            resolved: Wholes::seconds(instants_of(tickets, "resolved_at")?),
            closed: Wholes::seconds(instants_of(tickets, "closed_at")?),
            status_now,
            status_kinds,
            status_words,
            canonical,
            group_now,
            group_words,
            priority_now,
            priority_words,
            service_now: places("service", catalogue.services.iter().map(|s| s.id.as_str()).collect())?,
            customer_now: places("customer", catalogue.customers.iter().map(|c| c.id.as_str()).collect())?,
            reopen_counter: Wholes::counted(tickets.column("reopen_count")?.i64()?),
            reassignment_counter: Wholes::counted(tickets.column("reassignment_count")?.i64()?),
            status: status.preceded(&untold),
            group: Changes::new(len, group),
            priority: Changes::new(len, priority),
            service: Changes::new(len, service),
            customer: Changes::new(len, customer),
            early,
            counts_from_history: catalogue.settings.counts_from == CountsFrom::History,
        })
    }

    /// Returns the status words, by code.
    pub fn status_words(&self) -> &Words {
        &self.status_words
    }

    /// Returns the group words, by code.
    pub fn group_words(&self) -> &Words {
        &self.group_words
    }

    /// Returns the changes of a ticket's status.
    pub fn status_changes(&self, row: usize) -> &[Change] {
        self.status.of(row)
    }

    /// Returns what a ticket became at each change of its status, in order of time.
    pub fn turns(&self, row: usize) -> impl DoubleEndedIterator<Item = (i64, StatusKind)> {
        self.status.of(row).iter().map(|change| (change.at, self.kind(change.to)))
    }

    /// Tells whether any ticket of the book has a status history.
    pub fn any_history(&self) -> bool {
        !self.status.is_empty()
    }

    /// Returns what today's status says.
    pub fn kind_today(&self, row: usize) -> StatusKind {
        self.kind(self.status_now[row])
    }

    /// Returns the status before the first change: what it changed from, else new.
    pub fn status_before(&self, row: usize) -> u32 {
        self.status.of(row).first().map(|first| first.from).filter(|from| *from != NONE).unwrap_or(self.canonical[0])
    }

    /// Tells which kind the status before the first change is of; open of a ticket without history.
    pub fn kind_before(&self, row: usize) -> StatusKind {
        self.kind(self.status_before(row))
    }

    /// Returns the status line that the fields of a ticket without history tell: resolved, then closed.
    pub fn status_by_fields(&self, row: usize, until: i64) -> Vec<Change> {
        let [_, resolved, closed] = self.canonical;
        let known = |at: Option<i64>| at.filter(|at| *at < until);
        let step = |at: Option<i64>, to: u32| known(at).map(|at| Change { at, from: NONE, to });
        let (first, last) = (step(self.resolved.get(row), resolved), step(self.closed.get(row), closed));
        // A ticket that was closed before its resolution stays closed.
        let first = first.filter(|first| last.is_none_or(|last| first.at <= last.at));
        first.into_iter().chain(last).collect()
    }

    /// Returns when a ticket was closed, within what is known between two instants.
    pub fn closed_spans(&self, row: usize, within: Span) -> Spans {
        Condition::of_status(self.canonical[2]).spans(self, row, within)
    }

    /// Returns the status of today.
    pub fn status_today(&self, row: usize) -> u32 {
        self.status_now[row]
    }

    /// Returns the changes of a ticket's group.
    pub fn group_changes(&self, row: usize) -> &[Change] {
        self.group.of(row)
    }

    /// Returns the group of today.
    pub fn group_today(&self, row: usize) -> u32 {
        self.group_now[row]
    }

    /// Tells whether no ticket ever changed its group.
    pub fn groups_never_change(&self) -> bool {
        self.group.is_empty()
    }

    /// Returns the group at the end of a second.
    pub fn group_at(&self, row: usize, at: i64) -> u32 {
        self.group.value_at(row, self.group_now[row], at)
    }

    /// Returns the priority at the end of a second.
    pub fn priority_at(&self, row: usize, at: i64) -> u32 {
        self.priority.value_at(row, self.priority_now[row], at)
    }

    /// Returns the service at the end of a second, as its place in the catalogue.
    pub fn service_at(&self, row: usize, at: i64) -> u32 {
        self.service.value_at(row, self.service_now[row], at)
    }

    /// Returns the customer at the end of a second, likewise.
    pub fn customer_at(&self, row: usize, at: i64) -> u32 {
        self.customer.value_at(row, self.customer_now[row], at)
    }

    /// Tells whether the source has events of a ticket from before it was opened.
    pub fn has_early_events(&self, row: usize) -> bool {
        self.early.binary_search(&row).is_ok()
    }

    /// Tells whether nothing of a ticket reaches into a period: it was finished before and its history is over.
    pub fn over_before(&self, row: usize, start: i64) -> bool {
        if self.opened[row] >= start || self.closed.get(row).is_some_and(|at| at >= start) {
            return false;
        }
        let resolved_before = self.resolved.get(row).is_some_and(|at| at < start);
        match self.status.of(row).last() {
            None => resolved_before,
            Some(last) if last.at >= start => false,
            Some(last) => match self.kind(last.to) {
                StatusKind::Open => false,
                StatusKind::Done => resolved_before,
                StatusKind::Cancelled => self.resolved.get(row).is_none_or(|at| at < start),
            },
        }
    }

    /// Tells whether a ticket is closed at the end of a second.
    pub fn is_closed(&self, row: usize, at: i64) -> bool {
        let by_status = || self.status.value_at(row, self.status_now[row], at) == self.canonical[2];
        self.closed.get(row).is_some_and(|closed| closed <= at) || by_status()
    }

    fn kind(&self, code: u32) -> StatusKind {
        self.status_kinds.get(code as usize).copied().unwrap_or(StatusKind::Open)
    }

    /// Returns the measured columns that nothing in the book tells: no flag, no counter, no history.
    pub fn untold(&self, majors_known: bool) -> Vec<&'static str> {
        let mut untold = Vec::new();
        let by_history = |changes: bool| self.counts_from_history && changes;
        if !majors_known {
            untold.push("is_major");
        }
        if self.reopen_counter.is_empty() && !by_history(!self.status.is_empty()) {
            untold.push("reopened_times");
        }
        if self.reassignment_counter.is_empty() && !by_history(!self.group.is_empty()) {
            untold.push("group_changes");
        }
        untold
    }

    /// Returns the final resolution, as the source has it today.
    pub fn resolved_today(&self, row: usize) -> Option<i64> {
        self.resolved.get(row)
    }

    /// Returns the closing, as the source has it today.
    pub fn closed_today(&self, row: usize) -> Option<i64> {
        self.closed.get(row)
    }

    /// Tells whether the ticket's status history is known.
    pub fn has_history(&self, row: usize) -> bool {
        !self.status.of(row).is_empty()
    }

    /// Returns the status at the end of a second, as a code of its word.
    pub fn status_at(&self, row: usize, at: i64) -> u32 {
        let changes = self.status.of(row);
        match changes.partition_point(|change| change.at <= at) {
            _ if changes.is_empty() => self.status_now[row],
            0 => self.status_before(row),
            known => changes[known - 1].to,
        }
    }

    /// Returns what was known of a ticket at the end of a second.
    pub fn at(&self, row: usize, at: i64) -> State {
        let changes = self.status.of(row);
        let known = &changes[..changes.partition_point(|change| change.at <= at)];
        let kind = if changes.is_empty() {
            self.kind(self.status_now[row])
        } else {
            known.last().map_or_else(|| self.kind_before(row), |change| self.kind(change.to))
        };
        let mut state = State { cancelled: kind == StatusKind::Cancelled, ..State::default() };
        let open_by_history = !changes.is_empty() && kind == StatusKind::Open;
        let (mut into_done, mut reopenings) = (None, 0);
        // Since the ticket was last open: its first resolution, and since when it is cancelled.
        let (mut first_done, mut cancelled_since) = (None, None);
        let mut before = self.kind_before(row);
        for change in known {
            let kind = self.kind(change.to);
            match (before, kind) {
                (StatusKind::Open | StatusKind::Cancelled, StatusKind::Done) => {
                    into_done = Some(change.at);
                    first_done = first_done.or(into_done);
                }
                (StatusKind::Done, StatusKind::Open) => reopenings += 1,
                _ => {}
            }
            match kind {
                StatusKind::Cancelled => cancelled_since = cancelled_since.or(Some(change.at)),
                _ => state.withdrawn.extend(cancelled_since.take().map(|since| (since, change.at))),
            }
            if kind == StatusKind::Open {
                state.idle.extend(first_done.take().map(|done| (done, change.at)));
            }
            before = kind;
        }
        if !open_by_history {
            state.resolved = match self.resolved.get(row) {
                // What the history tells does not move when the field is stamped anew: each month sees the same.
                _ if self.counts_from_history && kind == StatusKind::Done && into_done.is_some() => into_done,
                Some(resolved) if resolved <= at => Some(resolved),
                Some(_) if kind == StatusKind::Done => into_done,
                _ => None,
            };
            state.closed = self.closed.get(row).filter(|closed| *closed <= at);
        }
        let today_done = changes.is_empty()
            && kind == StatusKind::Done
            && self.resolved.get(row).is_none()
            && self.closed.get(row).is_none();
        state.finished = !open_by_history
            && (state.resolved.is_some()
                || state.closed.is_some()
                || today_done
                || (!changes.is_empty() && kind == StatusKind::Done));
        state.reopened = if self.counts_from_history && !changes.is_empty() {
            Some(reopenings)
        } else {
            self.reopen_counter.get(row)
        };
        let moves = self.group.of(row);
        state.group_changes = if self.counts_from_history && !moves.is_empty() {
            let moved = |change: &&Change| {
                change.at <= at && change.from != NONE && change.to != NONE && change.from != change.to
            };
            i64::try_from(moves.iter().filter(moved).count()).ok()
        } else {
            self.reassignment_counter.get(row)
        };
        state
    }
}

/// Finds the finishes that a history does not tell because it begins after them: its first change comes from a status
/// that is not open, and a field tells since when. Without such a field it is not known.
fn untold_finishes(
    status: &Changes,
    kinds: &[StatusKind],
    opened: &[i64],
    fields: [&[Option<i64>]; 2],
) -> Vec<(usize, Change)> {
    let kind = |code: u32| kinds.get(code as usize).copied().unwrap_or(StatusKind::Open);
    let rows = if status.is_empty() { 0 } else { opened.len() };
    let told = (0..rows).filter_map(|row| {
        let first = status.of(row).first().filter(|first| kind(first.from) != StatusKind::Open)?;
        let times = fields.iter().filter_map(|field| field[row]);
        let at = times.filter(|at| (opened[row]..=first.at).contains(at)).min()?;
        Some((row, Change { at, from: NONE, to: first.from }))
    });
    told.collect()
}

/// Returns the place of a tool's word in a list of the catalogue.
fn place<'a>(ids: impl Iterator<Item = &'a String>, names: &Names, of: Of, word: Option<&str>) -> u32 {
    let Some(id) = word.and_then(|word| names.find(of, word)) else { return NONE };
    ids.zip(0..).find(|(known, _)| known.as_str() == id).map_or(NONE, |(_, place)| place)
}

/// Returns a text column.
pub fn text<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<&'a StringChunked> {
    frame.column(name)?.str()
}

/// Returns an instant column as epoch milliseconds, which is what the store holds.
pub fn instants_of<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<&'a Int64Chunked> {
    Ok(frame.column(name)?.datetime()?.physical())
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
