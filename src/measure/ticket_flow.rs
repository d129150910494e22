//! How tickets leave the open state and come back to it: the identity of the backlog, and reopenings by day.
//!
//! Knows the state of tickets at instants and their status history. Must not know goals, scopes or figures.
//!
//! The identity (rule R11, `domain.md` §4.4) holds of each ticket by itself:
//! `open at the end = open at the start + opened + returned − left`. Its ends come from the state of the ticket, its
//! movements from the changes of status, or from the fields of a ticket without them; where the two do not tell the
//! same story, the ticket is an offender.

use super::ticket_state::{StatusKind, Tickets};
use super::tickets::Window;

/// What a ticket did in a period. Rows are tickets; several movements of one ticket are one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a measured column of its own")]
pub struct Flow {
    /// Open at the first instant of the period, and opened before it.
    pub open_at_start: bool,
    /// Open at the end of what is known of the period.
    pub open_at_end: bool,
    /// How often it left the open state in the period: resolved, closed or cancelled.
    pub left_times: i64,
    /// How often it came back to the open state in the period.
    pub returned_times: i64,
    /// The identity does not hold of it.
    pub unbalanced: bool,
    /// It was finished in the period, its history says so, and it is not cancelled.
    pub finish_in_history: bool,
    /// The first of these finishes was followed by a reopening within the agreed days.
    pub reopened_within: bool,
    /// Its first finish of all was followed by a reopening within the agreed days; `None` without a history.
    pub came_back: Option<bool>,
}

impl Flow {
    /// Follows a ticket through a period. `open` is its state at as-of, `reopen_s` the seconds within which a
    /// reopening counts against a finish.
    pub fn of(tickets: &Tickets, row: usize, window: Window, open: bool, cancelled: bool, reopen_s: i64) -> Self {
        let end = window.end.min(window.as_of);
        let opened = tickets.opened[row];
        let mut flow = Self {
            open_at_start: opened < window.start && open_at(tickets, row, window.start, window.as_of),
            open_at_end: if window.as_of <= window.end { open } else { open_at(tickets, row, end, window.as_of) },
            ..Self::default()
        };
        let within = |at: i64| window.start <= at && at < end;
        if tickets.has_history(row) {
            flow.follow(tickets, row, window, reopen_s, within);
            flow.finish_in_history &= !cancelled;
            flow.reopened_within &= flow.finish_in_history;
        } else if left_by_fields(tickets, row, window.as_of).is_some_and(within) {
            flow.left_times = 1;
        }
        let came = i64::from(flow.open_at_start) + i64::from(within(opened)) + flow.returned_times;
        flow.unbalanced = came - flow.left_times != i64::from(flow.open_at_end);
        flow
    }

    fn follow(&mut self, tickets: &Tickets, row: usize, window: Window, reopen_s: i64, within: impl Fn(i64) -> bool) {
        let mut before = StatusKind::Open;
        // The finishes that a reopening is held against: the first of all, and the first in the period.
        let (mut first, mut first_within) = (None, None);
        let mut came_back = false;
        for (at, kind) in tickets.status_changes(row).take_while(|(at, _)| *at < window.as_of) {
            match (before, kind) {
                (StatusKind::Open, StatusKind::Done | StatusKind::Cancelled) => {
                    self.left_times += i64::from(within(at));
                }
                (StatusKind::Done | StatusKind::Cancelled, StatusKind::Open) => {
                    self.returned_times += i64::from(within(at));
                }
                _ => {}
            }
            if before != StatusKind::Done && kind == StatusKind::Done {
                first = first.or(Some(at));
                first_within = first_within.or(within(at).then_some(at));
            }
            if before == StatusKind::Done && kind == StatusKind::Open {
                let soon = |finish: Option<i64>| finish.is_some_and(|finish| at <= finish + reopen_s);
                came_back |= soon(first);
                self.reopened_within |= soon(first_within);
            }
            before = kind;
        }
        self.finish_in_history = first_within.is_some();
        self.came_back = Some(came_back);
    }

    /// Tells whether the ticket belongs to the period's rows for what it did.
    pub fn touches(&self) -> bool {
        self.open_at_start || self.open_at_end || self.left_times > 0 || self.returned_times > 0
    }
}

/// Tells whether a ticket was open just before an instant, with the knowledge of `as_of`.
fn open_at(tickets: &Tickets, row: usize, at: i64, as_of: i64) -> bool {
    if tickets.has_history(row) {
        let last = tickets.status_changes(row).take_while(|(changed, _)| *changed < at).last();
        return last.is_none_or(|(_, kind)| kind == StatusKind::Open);
    }
    match left_by_fields(tickets, row, as_of) {
        Some(left) => left >= at,
        // Resolved, closed or cancelled at a time that nothing tells: open in no period.
        None => still_open_by_fields(tickets, row),
    }
}

/// When a ticket without history left the open state, as far as its fields tell at as-of. They tell one time only: how
/// often it came back before is not known.
fn left_by_fields(tickets: &Tickets, row: usize, as_of: i64) -> Option<i64> {
    let times = [tickets.resolved_today(row), tickets.closed_today(row)];
    times.into_iter().flatten().min().filter(|at| *at < as_of)
}

fn still_open_by_fields(tickets: &Tickets, row: usize) -> bool {
    match tickets.status_today(row) {
        StatusKind::Open => true,
        StatusKind::Cancelled => false,
        StatusKind::Done => tickets.resolved_today(row).is_some() || tickets.closed_today(row).is_some(),
    }
}
