//! When a condition of an agreement's clock holds on a ticket.
//!
//! Conditions are compiled to codes once; a ticket's answer is a set of spans. Must not know goals or calendars.

use super::history::{Change, NONE};
use super::ticket_state::Tickets;
use crate::calendar::{Span, Spans};
use crate::model::agreement::{ClockCondition, ClockRule, NewGoal, Reopened};

/// A condition as codes: it holds while the status is one of these or the group is one of those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    status: Vec<u32>,
    group: Vec<u32>,
}

/// An agreement's clock rule, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Starts the resolution clock.
    pub start: Option<Condition>,
    /// Halts the clock.
    pub pause: Option<Condition>,
    /// Stops the resolution clock.
    pub stop: Option<Condition>,
    /// Takes the ticket out.
    pub cancel: Option<Condition>,
    /// Whether the response clock is halted too.
    pub pause_response: bool,
    /// What a reopening does.
    pub reopened: Reopened,
    /// What another goal does.
    pub new_goal: NewGoal,
}

impl Rule {
    /// Compiles a rule against the words of the tickets.
    pub fn new(rule: &ClockRule, tickets: &Tickets) -> Self {
        let compiled = |condition: &Option<ClockCondition>| {
            condition.as_ref().map(|condition| Condition::new(&condition.status, &condition.group, tickets))
        };
        Self {
            start: compiled(&rule.start),
            pause: compiled(&rule.pause),
            stop: compiled(&rule.stop),
            cancel: compiled(&rule.cancel),
            pause_response: rule.pause_response,
            reopened: rule.reopened,
            new_goal: rule.new_goal,
        }
    }
}

impl Rule {
    /// Tells whether any of its conditions asks for a group.
    pub fn names_groups(&self) -> bool {
        let conditions = [&self.start, &self.pause, &self.stop, &self.cancel];
        conditions.into_iter().flatten().any(|condition| !condition.group.is_empty())
    }
}

impl Condition {
    /// Compiles the words of a condition.
    pub fn new(status: &[String], group: &[String], tickets: &Tickets) -> Self {
        Self { status: tickets.status_words().codes_of(status), group: tickets.group_words().codes_of(group) }
    }

    /// Makes the condition of one status.
    pub fn of_status(code: u32) -> Self {
        Self { status: vec![code], group: Vec::new() }
    }

    /// Makes the condition of one group.
    pub fn of_group(name: &str, tickets: &Tickets) -> Self {
        Self::new(&[], &[name.to_owned()], tickets)
    }

    /// Returns when it holds, within what is known between two instants.
    pub fn spans(&self, tickets: &Tickets, row: usize, within: Span) -> Spans {
        let mut held = Vec::new();
        if !self.status.is_empty() {
            let changes = tickets.status_changes(row);
            if changes.is_empty() {
                // Without history the fields tell of the resolution and the closing, and of nothing else.
                let line = tickets.status_by_fields(row, within.end);
                pieces(&line, NONE, &self.status, within, &mut held);
            } else {
                let before = tickets.status_before(row);
                pieces(changes, before, &self.status, within, &mut held);
            }
        }
        if !self.group.is_empty() {
            let changes = tickets.group_changes(row);
            let before = changes.first().map_or(tickets.group_today(row), |first| first.from);
            pieces(changes, before, &self.group, within, &mut held);
        }
        held.into_iter().collect()
    }

    /// Tells whether it holds at an instant.
    pub fn holds(&self, tickets: &Tickets, row: usize, at: i64) -> bool {
        !self.spans(tickets, row, Span::new(at, at + 1)).is_empty()
    }

    /// Tells whether a status of today, of a ticket without history, is one of its own.
    pub fn names_status(&self, code: u32) -> bool {
        self.status.contains(&code)
    }
}

/// Adds the spans of a line of values in which the value is one of the wanted.
fn pieces(changes: &[Change], before: u32, wanted: &[u32], within: Span, held: &mut Vec<Span>) {
    let mut from = within.start;
    let mut value = before;
    let mut add = |value: u32, span: Span| {
        if wanted.contains(&value) && !span.is_empty() {
            held.push(span);
        }
    };
    for change in changes.iter().take_while(|change| change.at < within.end) {
        add(value, Span::new(from, change.at));
        from = from.max(change.at);
        value = change.to;
    }
    add(value, Span::new(from, within.end));
}
