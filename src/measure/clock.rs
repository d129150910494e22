//! SLA clocks: which agreement and goal a ticket has, and what its clocks say at an instant (`domain.md` §4.3).

use super::hours::Calendars;
use crate::calendar::Spans;
use crate::model::catalogue::Attribution;
use crate::model::{Agreement, Catalogue};
use chrono::NaiveDate;

/// Which of a ticket's two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Stops at the first response.
    Response,
    /// Stops at the last resolution known.
    Resolution,
}

/// Finds the agreement in force for a ticket: that of its customer, else the one for every customer.
pub fn agreement_for<'a>(
    catalogue: &'a Catalogue,
    service: Option<&str>,
    customer: Option<&str>,
    on: NaiveDate,
) -> Option<&'a Agreement> {
    let service = service?;
    let mut general = None;
    for agreement in catalogue.agreements.iter().filter(|a| a.service == service && a.holds_on(on)) {
        match &agreement.customer {
            Some(own) if customer == Some(own) => return Some(agreement),
            Some(_) => {}
            None => general = general.or(Some(agreement)),
        }
    }
    general
}

/// Returns the goal in seconds of an agreement for a ticket type and priority.
pub fn goal(agreement: &Agreement, clock: Clock, ticket_type: &str, priority: Option<&str>) -> Option<i64> {
    let goals = match clock {
        Clock::Response => &agreement.response,
        Clock::Resolution => &agreement.resolution,
    };
    let of_type = || goals.iter().filter(|goal| goal.ticket_type == ticket_type);
    of_type()
        .find(|goal| goal.priority.is_some() && goal.priority.as_deref() == priority)
        .or_else(|| of_type().find(|goal| goal.priority.is_none()))
        .map(|goal| goal.within.0)
}

/// What one clock of one ticket looks like at an instant. Instants are epoch seconds.
#[derive(Clone, Debug)]
pub struct Running<'a> {
    /// When the ticket was opened: the clock's start.
    pub opened: i64,
    /// When the clock stopped, where it has.
    pub stop: Option<i64>,
    /// Whether the ticket is still open, so that a clock without stop runs.
    pub open: bool,
    /// When the ticket was finished, where that is known.
    pub finished: Option<i64>,
    /// Service seconds taken until the stop, or until now.
    pub taken: i64,
    /// The goal in service seconds.
    pub goal: Option<i64>,
    /// Whether the stop lies before the start.
    pub bad_times: Option<&'static str>,
    /// The calendar of the clock.
    pub hours: (&'a Calendars, usize),
    /// When the clock stood still.
    pub pauses: Spans,
}

/// How a clock counts in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Outcome {
    /// In the denominator.
    pub counted: bool,
    /// In the numerator.
    pub met: bool,
    /// Why it is left out though it belongs to the period.
    pub left_out: Option<&'static str>,
    /// Still running and over its goal.
    pub open_breached: bool,
}

impl Running<'_> {
    /// Judges the clock for a period `[start, end)` under an attribution (rule R10).
    pub fn outcome(&self, clock: Clock, attribution: Attribution, period: (i64, i64)) -> Outcome {
        let within = |at: i64| period.0 <= at && at < period.1;
        let no_stop = match clock {
            Clock::Response => "no response recorded",
            Clock::Resolution => "no resolution recorded",
        };
        let runs = self.stop.is_none() && self.open;
        let over = self.goal.is_some_and(|goal| self.taken > goal);
        let mut outcome = Outcome { open_breached: runs && over, ..Outcome::default() };
        let belongs = match attribution {
            Attribution::Opened => within(self.opened),
            Attribution::Finish => self.stop.or(self.finished).is_some_and(within),
            Attribution::Breach => match self.goal {
                Some(goal) if over && (self.stop.is_some() || runs) => {
                    self.hours.0.due_without(self.hours.1, self.opened, goal, &self.pauses).is_some_and(within)
                }
                _ => self.stop.or(self.finished).is_some_and(within),
            },
        };
        if !belongs {
            return outcome;
        }
        if let Some(reason) = self.bad_times {
            outcome.left_out = Some(reason);
        } else if self.goal.is_none() {
            outcome.left_out = Some("no goal");
        } else if self.stop.is_some() {
            (outcome.counted, outcome.met) = (true, !over);
        } else if !runs {
            outcome.left_out = Some(no_stop);
        } else if over {
            outcome.counted = true;
        } else {
            outcome.left_out = Some("still running");
        }
        outcome
    }
}
