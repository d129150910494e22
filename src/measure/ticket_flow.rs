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
        let mut before = tickets.kind_before(row);
        // The finishes that a reopening is held against: the first of all, and the first in the period.
        let (mut first, mut first_within) = (None, None);
        let mut came_back = false;
        for (at, kind) in tickets.turns(row).take_while(|(at, _)| *at < window.as_of) {
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
                // After a finish that nothing dates, a reopening counts whenever it was.
                came_back |= first.is_none() || soon(first);
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
        let last = tickets.turns(row).take_while(|(changed, _)| *changed < at).last();
        return last.map_or_else(|| tickets.kind_before(row), |(_, kind)| kind) == StatusKind::Open;
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
    match tickets.kind_today(row) {
        StatusKind::Open => true,
        StatusKind::Cancelled => false,
        StatusKind::Done => tickets.resolved_today(row).is_some() || tickets.closed_today(row).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::names::Names;
    use crate::model::{Catalogue, Table};
    use polars::prelude::{Column, DataFrame};
    use proptest::prelude::*;

    const DAY: i64 = 86_400;

    /// A ticket in days: opened, resolved, closed, status of today.
    type Fields = (i64, Option<i64>, Option<i64>, &'static str);

    /// Tickets with changes of status as (ticket, day, status), or `from>status`.
    fn tickets(fields: &[Fields], history: &[(usize, i64, &str)]) -> Tickets {
        let stamp = |name: &str, days: Vec<Option<i64>>| {
            crate::measure::ticket_state::instants(name, days.into_iter().map(|day| day.map(|day| day * DAY)).collect())
        };
        let texts = |name: &str, words: Vec<String>| Column::new(name.into(), words);
        let frame = |table: Table, columns: Vec<Column>| {
            let height = columns.first().map_or(0, Column::len);
            table.conform(&DataFrame::new(height, columns).unwrap()).unwrap()
        };
        let keys = (0..fields.len()).map(|key| key.to_string()).collect();
        let rows = frame(
            Table::Tickets,
            vec![
                texts("source", vec!["desk".into(); fields.len()]),
                texts("source_key", keys),
                texts("status", fields.iter().map(|ticket| ticket.3.to_owned()).collect()),
                stamp("opened_at", fields.iter().map(|ticket| Some(ticket.0)).collect()),
                stamp("resolved_at", fields.iter().map(|ticket| ticket.1).collect()),
                stamp("closed_at", fields.iter().map(|ticket| ticket.2).collect()),
            ],
        );
        let seq: Vec<i64> = (0..).take(history.len()).collect();
        let events = frame(
            Table::TicketEvents,
            vec![
                texts("source", vec!["desk".into(); history.len()]),
                texts("ticket", history.iter().map(|change| change.0.to_string()).collect()),
                texts("field", vec!["status".into(); history.len()]),
                Column::new(
                    "from".into(),
                    history.iter().map(|change| Some(change.2.split_once('>')?.0)).collect::<Vec<_>>(),
                ),
                texts("to", history.iter().map(|change| change.2.rsplit('>').next().unwrap().to_owned()).collect()),
                stamp("at", history.iter().map(|change| Some(change.1)).collect()),
                Column::new("seq".into(), seq),
            ],
        );
        let catalogue = Catalogue::new(String::new(), chrono_tz::UTC);
        Tickets::new(&rows, Some(&events), &catalogue, &Names::new(&catalogue)).unwrap()
    }

    /// The days 10 to 20, known up to their end.
    const WINDOW: Window = Window { start: 10 * DAY, end: 20 * DAY, as_of: 20 * DAY };

    fn followed(tickets: &Tickets, row: usize, window: Window) -> Flow {
        let state = tickets.at(row, window.as_of - 1);
        Flow::of(tickets, row, window, !state.finished && !state.cancelled, state.cancelled, 7 * DAY)
    }

    /// Open at the start, times returned, times left, open at the end.
    fn identity(flow: &Flow) -> (bool, i64, i64, bool) {
        (flow.open_at_start, flow.returned_times, flow.left_times, flow.open_at_end)
    }

    fn alone(fields: Fields, history: &[(i64, &str)]) -> Flow {
        let history: Vec<(usize, i64, &str)> = history.iter().map(|(day, status)| (0, *day, *status)).collect();
        followed(&tickets(&[fields], &history), 0, WINDOW)
    }

    #[test]
    fn each_ticket_leaves_and_comes_back_by_its_history() {
        let history = &[(5, "new"), (12, "resolved"), (15, "active"), (18, "resolved"), (19, "closed")];
        let flow = alone((5, Some(18), Some(19), "closed"), history);
        assert_eq!((identity(&flow), flow.unbalanced), ((true, 1, 2, false), false));
        // Resolved before the period, and only closed in it: it was not open at all.
        let flow = alone((5, Some(8), Some(12), "closed"), &[(5, "new"), (8, "resolved"), (12, "closed")]);
        assert_eq!((identity(&flow), flow.unbalanced), ((false, 0, 0, false), false));
        // Cancelled, and taken up again: both are movements.
        let flow = alone((5, None, None, "active"), &[(5, "new"), (12, "cancelled"), (13, "active")]);
        assert_eq!((identity(&flow), flow.unbalanced), ((true, 1, 1, true), false));
    }

    #[test]
    fn without_history_the_first_of_resolved_and_closed_is_the_leaving() {
        let flow = alone((5, Some(12), Some(19), "closed"), &[]);
        assert_eq!((identity(&flow), flow.unbalanced), ((true, 0, 1, false), false));
        // Cancelled, and the closing tells when.
        let flow = alone((11, None, Some(13), "cancelled"), &[]);
        assert_eq!((identity(&flow), flow.unbalanced), ((false, 0, 1, false), false));
        // Finished after the period: open at its end.
        let flow = alone((5, Some(25), None, "resolved"), &[]);
        assert_eq!((identity(&flow), flow.unbalanced), ((true, 0, 0, true), false));
    }

    #[test]
    fn a_history_that_begins_after_the_resolution_does_not_make_the_ticket_open_until_then() {
        // Only the closing on day 15 is in the history; the field tells that it was resolved on day 8.
        let told = [(5, Some(8), Some(15), "closed")];
        let closing = [(0, 15, "resolved>closed")];
        let flow = alone(told[0], &[(15, "resolved>closed")]);
        assert_eq!((identity(&flow), flow.unbalanced), ((false, 0, 0, false), false));
        let tickets = tickets(&told, &closing);
        let word = |day| tickets.status_words().word(tickets.status_at(0, day * DAY));
        assert_eq!([6, 9, 15].map(word), [Some("new"), Some("resolved"), Some("closed")]);
        let finished = |day: i64| tickets.at(0, day * DAY).finished;
        assert_eq!([6, 9, 15].map(finished), [false, true, true]);
        // In the period of the opening and the resolution it came and left.
        let flow = followed(&tickets, 0, Window { start: 0, end: 10 * DAY, as_of: 10 * DAY });
        assert_eq!((identity(&flow), flow.unbalanced), ((false, 0, 1, false), false));
        assert_eq!(tickets.at(0, 10 * DAY).resolved, Some(8 * DAY));
    }

    #[test]
    fn a_history_that_begins_with_a_reopening_brings_the_ticket_back() {
        // When it was first resolved, nothing tells; it counts as done until the reopening on day 12.
        let history = &[(12, "resolved>active"), (18, "active>resolved")];
        let flow = alone((5, Some(18), None, "resolved"), history);
        assert_eq!((identity(&flow), flow.unbalanced), ((false, 1, 1, false), false));
        assert_eq!(flow.came_back, Some(true));
        let tickets =
            tickets(&[(5, Some(18), None, "resolved")], &[(0, 12, "resolved>active"), (0, 18, "active>resolved")]);
        assert_eq!((tickets.at(0, 9 * DAY).finished, tickets.at(0, 13 * DAY).finished), (true, false));
        assert_eq!(tickets.at(0, 19 * DAY).reopened, Some(1));
        // A first change that tells no status before it comes from a new ticket.
        assert_eq!(tickets.status_words().word(tickets.status_at(0, 9 * DAY)), Some("resolved"));
        assert!(alone((5, None, None, "active"), &[(12, "active")]).open_at_start);
    }

    #[test]
    fn a_ticket_that_comes_back_by_way_of_a_cancellation_stood_still_since_it_left() {
        let still = |history: &[(usize, i64, &str)]| {
            let state = tickets(&[(1, None, None, "active")], history).at(0, 30 * DAY);
            let days = |spans: Vec<(i64, i64)>| -> Vec<(i64, i64)> {
                spans.into_iter().map(|(from, to)| (from / DAY, to / DAY)).collect()
            };
            (days(state.idle), days(state.withdrawn), state.reopened)
        };
        // Resolved on day 5, cancelled on day 6, taken up again on day 9: no one worked from day 5 on.
        assert_eq!(
            still(&[(0, 5, "resolved"), (0, 6, "cancelled"), (0, 9, "active")]),
            (vec![(5, 9)], vec![(6, 9)], Some(0))
        );
        // Cancelled only: it stood still, but no resolution failed.
        assert_eq!(still(&[(0, 6, "cancelled"), (0, 9, "active")]), (vec![], vec![(6, 9)], Some(0)));
        // Closed after the resolution, and resolved anew after the return: each stretch by itself.
        assert_eq!(
            still(&[(0, 5, "resolved"), (0, 6, "closed"), (0, 9, "active"), (0, 11, "resolved"), (0, 12, "active")]),
            (vec![(5, 9), (11, 12)], vec![], Some(2))
        );
    }

    #[test]
    fn what_was_finished_nobody_knows_when_does_not_balance_in_the_period_it_was_opened_in() {
        assert!(alone((12, None, None, "closed"), &[]).unbalanced);
        assert!(alone((12, None, None, "cancelled"), &[]).unbalanced);
        assert!(!alone((5, None, None, "closed"), &[]).unbalanced);
        // A resolution before the opening, in another period, leaves no one in this one.
        assert!(alone((12, Some(8), None, "resolved"), &[]).unbalanced);
    }

    #[test]
    fn with_later_knowledge_the_end_is_that_of_the_period() {
        let late = Window { as_of: 30 * DAY, ..WINDOW };
        let history = [(0, 5, "new"), (0, 25, "resolved")];
        let flow = followed(&tickets(&[(5, Some(25), None, "resolved")], &history), 0, late);
        assert_eq!((identity(&flow), flow.unbalanced), ((true, 0, 0, true), false));
    }

    #[test]
    fn a_reopening_counts_against_a_finish_for_seven_days_to_the_second() {
        let reopened = |day| {
            let history = [(0, 5, "new"), (0, 12, "resolved"), (0, day, "active")];
            let late = Window { as_of: 30 * DAY, ..WINDOW };
            let flow = followed(&tickets(&[(5, None, None, "active")], &history), 0, late);
            assert!(flow.finish_in_history);
            flow.reopened_within
        };
        assert!(reopened(13));
        assert!(reopened(19));
        assert!(!reopened(20));
    }

    #[test]
    fn a_finish_before_the_period_is_not_one_of_the_period_but_the_first_of_all() {
        let history = &[(5, "new"), (6, "resolved"), (8, "active"), (12, "resolved")];
        let flow = alone((5, Some(12), None, "resolved"), history);
        assert!(flow.finish_in_history && !flow.reopened_within);
        assert_eq!(flow.came_back, Some(true));
        assert_eq!(alone((5, Some(12), None, "resolved"), &[]).came_back, None);
    }

    const STATUSES: [&str; 6] = ["new", "active", "pending", "resolved", "closed", "cancelled"];

    proptest! {
        /// R11: whatever tickets did, the backlog of the end is that of the start, what was opened and came back, less
        /// what left, of each ticket and so of all.
        #[test]
        fn the_backlog_balances_of_every_ticket_with_a_history(
            lives in prop::collection::vec((0_i64..30, prop::collection::vec((0_i64..8, 0_usize..6), 0..8)), 1..20),
            known_later in 0_i64..3,
        ) {
            let mut history = Vec::new();
            let mut fields: Vec<Fields> = Vec::new();
            for (key, (opened, changes)) in lives.iter().enumerate() {
                let mut day = *opened;
                history.push((key, day, "new"));
                let (mut resolved, mut status) = (None, "new");
                for (days, word) in changes {
                    day += days;
                    status = STATUSES[*word];
                    history.push((key, day, status));
                    resolved = if matches!(status, "resolved" | "closed") { resolved.or(Some(day)) } else { None };
                }
                fields.push((*opened, resolved, None, status));
            }
            let tickets = tickets(&fields, &history);
            for window in [WINDOW, Window { as_of: (20 + 5 * known_later) * DAY, ..WINDOW }, Window { as_of: 15 * DAY, ..WINDOW }] {
                let end = window.end.min(window.as_of);
                let mut sum = 0;
                let mut backlog = 0;
                for row in (0..fields.len()).filter(|row| tickets.opened[*row] < end) {
                    let flow = followed(&tickets, row, window);
                    prop_assert!(!flow.unbalanced, "{:?} {:?}", fields[row], flow);
                    sum += i64::from(flow.open_at_start) + i64::from(tickets.opened[row] >= window.start)
                        + flow.returned_times - flow.left_times;
                    let state = tickets.at(row, end - 1);
                    backlog += i64::from(!state.finished && !state.cancelled);
                }
                prop_assert_eq!(sum, backlog);
            }
        }
    }
}
