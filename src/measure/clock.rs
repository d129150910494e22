//! SLA clocks: what one clock of one ticket says at an instant (`domain.md` §4.3, rules R10, R12 to R14).
//!
//! Knows instants, spans and one calendar. Must not know how a ticket or an agreement is kept.

use super::hours::Calendars;
use crate::calendar::{Span, Spans};
use crate::model::agreement::{NewGoal, Reopened};
use crate::model::catalogue::Attribution;
use crate::model::figure::LeftOut;

/// Which of a ticket's two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Stops at the first response.
    Response,
    /// Stops at the last resolution known.
    Resolution,
}

/// What happened to one clock of one ticket, as far as it is known. Instants are epoch seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When it started; `None` where what starts it never came.
    pub start: Option<i64>,
    /// When it stopped for the last time, where it stands stopped.
    pub stop: Option<i64>,
    /// Whether a clock without stop runs on.
    pub runs: bool,
    /// Spans between a stop and the reopening after it, in order.
    pub idle: Vec<(i64, i64)>,
    /// When a condition made it stand still.
    pub pauses: Spans,
    /// Instants at which the ticket's goal may have changed, in order.
    pub turns: Vec<i64>,
}

/// What a clock is judged by.
pub struct Terms<'a> {
    /// The calendars of the book, and which one is the clock's.
    pub hours: (&'a Calendars, usize),
    /// What a reopening does.
    pub reopened: Reopened,
    /// What another goal does.
    pub new_goal: NewGoal,
    /// The goal in service seconds at an instant.
    pub goal_at: &'a dyn Fn(i64) -> Option<i64>,
    /// The instant whose knowledge is used.
    pub as_of: i64,
}

/// What a clock reads. Seconds are service seconds of its calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Where it counts from; `None` where it never started.
    pub start: Option<i64>,
    /// Where it stopped.
    pub stop: Option<i64>,
    /// Whether it runs, or stands still for a while.
    pub runs: bool,
    /// The goal.
    pub goal: Option<i64>,
    /// Time taken until the stop, or until now; of several runs that are judged one by one the longest.
    pub taken: i64,
    /// Service time between start and stop in which it stood still.
    pub paused: i64,
    /// Whether the goal is overrun: of a stopped clock by what counts, of a running one by the present run.
    pub over: bool,
    /// Where the goal is used up, by the pauses known; `None` while it stands still.
    pub due: Option<i64>,
    /// Where the goal was overrun.
    pub breached_at: Option<i64>,
}

impl Reading {
    /// Reads a clock.
    pub fn of(life: &Life, terms: &Terms<'_>) -> Self {
        let (mut stop, mut runs) = (life.stop, life.runs && life.stop.is_none());
        let start = life.start.filter(|start| stop.is_none_or(|stop| *start <= stop));
        let Some(start) = start else {
            let goal = (terms.goal_at)(stop.unwrap_or(terms.as_of - 1));
            return Self { stop, runs, goal, ..Self::default() };
        };
        let first = life.idle.iter().find(|(stopped, _)| *stopped >= start);
        if let (Reopened::First, Some((stopped, _))) = (terms.reopened, first) {
            (stop, runs) = (Some(*stopped), false);
        }
        let end = stop.unwrap_or(terms.as_of);
        let goal = (terms.goal_at)(stop.unwrap_or(terms.as_of - 1));
        let mut reading = Self { start: Some(start), stop, runs, goal, ..Self::default() };
        let reopened = life.idle.iter().rev().find(|(_, reopened)| *reopened < end);
        // What began before the end stands still up to it, also where the ticket came back only later: to others.
        let idle: Spans = life.idle.iter().copied().filter(|(stopped, _)| *stopped < end).collect();
        let united = if idle.is_empty() { None } else { Some(life.pauses.union(&idle)) };
        let still = united.as_ref().unwrap_or(&life.pauses);
        match (terms.reopened, reopened) {
            (Reopened::Worst, Some(_)) => reading.judge_each(life, terms, (start, end), still),
            (Reopened::Restart, Some((_, reopened))) => {
                reading.judge(life, terms, (start.max(*reopened), end), still);
            }
            _ => reading.judge(life, terms, (start, end), still),
        }
        if reading.runs && life.pauses.contains(terms.as_of - 1) {
            reading.due = None;
        }
        reading
    }

    /// Judges one run from a start to an end.
    fn judge(&mut self, life: &Life, terms: &Terms<'_>, run: (i64, i64), pauses: &Spans) {
        let (calendars, calendar) = terms.hours;
        let start = restarted(life, terms, run);
        self.start = Some(start);
        self.taken = calendars.elapsed_without(calendar, start, run.1, pauses);
        self.paused = if pauses.is_empty() { 0 } else { calendars.elapsed(calendar, start, run.1) - self.taken };
        if let Some(goal) = self.goal {
            self.over = self.taken > goal;
            self.due = calendars.due_without(calendar, start, goal, pauses);
            self.breached_at = self.due.filter(|_| self.over);
        }
    }

    /// Judges every run between a start or reopening and the next stop by itself (rule R14).
    fn judge_each(&mut self, life: &Life, terms: &Terms<'_>, whole: (i64, i64), still: &Spans) {
        let mut from = whole.0;
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for (stopped, reopened) in life.idle.iter().filter(|(_, reopened)| *reopened < whole.1) {
            if *stopped >= from {
                runs.push((from, *stopped));
            }
            from = from.max(*reopened);
        }
        runs.push((from, whole.1));
        let mut worst = Self::default();
        let mut breached_at = None;
        let mut last = Self::default();
        for run in runs {
            last = Self { goal: self.goal, ..Self::default() };
            last.judge(life, terms, run, still);
            breached_at = breached_at.or(last.breached_at);
            if worst.start.is_none() || last.taken > worst.taken {
                worst = last.clone();
            }
        }
        (self.start, self.taken, self.paused) = (worst.start, worst.taken, worst.paused);
        self.due = last.due;
        // A run that is not over yet is judged when it stops; until then only its own overrun is a breach.
        (self.over, self.breached_at) =
            if self.runs { (last.over, last.breached_at) } else { (breached_at.is_some() || worst.over, breached_at) };
    }
}

/// Returns where a run counts from: the last instant within it at which the goal changed, where that begins it anew.
fn restarted(life: &Life, terms: &Terms<'_>, run: (i64, i64)) -> i64 {
    if terms.new_goal == NewGoal::Retroactive {
        return run.0;
    }
    let within = life.turns.iter().rev().filter(|at| run.0 < **at && **at < run.1);
    let changed = within.copied().find(|at| (terms.goal_at)(*at) != (terms.goal_at)(*at - 1));
    changed.unwrap_or(run.0)
}

/// What is known of a clock besides what it reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the ticket was opened.
    pub opened: i64,
    /// When it was finished, where that is known.
    pub finished: Option<i64>,
    /// Why its stamps cannot be used.
    pub bad_times: Option<&'static str>,
    /// Whether its calendar has no hours at all.
    pub no_hours: bool,
    /// Whether an approved exclusion names the ticket (rule R18).
    pub excluded: bool,
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
    /// What it would be without the exclusion of its ticket: whether it would count, be met, be open and breached.
    pub excluded: (bool, bool, bool),
}

/// Why a clock is left out that an exclusion names.
pub const EXCLUDED: &str = "excluded";

/// Why a clock is left out that belongs to the period, runs, and is not over its goal.
pub const STILL_RUNNING: &str = "still running";

/// Tells whether clocks that are left out today will count in the period when they stop.
pub fn may_still_count(left_out: &[LeftOut]) -> bool {
    left_out.iter().any(|entry| entry.reason == STILL_RUNNING && entry.count > 0)
}

impl Outcome {
    /// Judges a clock for a period under an attribution (rule R10).
    pub fn of(reading: &Reading, standing: &Standing, clock: Clock, attribution: Attribution, period: Span) -> Self {
        let within = |at: i64| period.contains(at);
        let no_stop = match clock {
            Clock::Response => "no response recorded",
            Clock::Resolution => "no resolution recorded",
        };
        let (runs, over) = (reading.runs, reading.over);
        let mut outcome = Self { open_breached: runs && over, ..Self::default() };
        let ended = || reading.stop.or(standing.finished.filter(|_| !runs)).is_some_and(within);
        let belongs = match attribution {
            Attribution::Opened => within(standing.opened),
            Attribution::Breach if over && (reading.stop.is_some() || runs) => reading.breached_at.is_some_and(within),
            Attribution::Breach | Attribution::Finish => ended(),
        };
        if belongs {
            outcome.left_out = if standing.bad_times.is_some() {
                standing.bad_times
            } else if reading.goal.is_none() {
                Some("no goal")
            } else if standing.no_hours {
                Some("calendar has no hours")
            } else if reading.start.is_none() {
                Some("clock not started")
            } else if reading.stop.is_some() {
                (outcome.counted, outcome.met) = (true, !over);
                None
            } else if !runs {
                Some(no_stop)
            } else if over {
                outcome.counted = true;
                None
            } else {
                Some(STILL_RUNNING)
            };
        }
        if standing.excluded && (outcome.counted || outcome.open_breached) {
            let left_out = outcome.left_out.or(Some(EXCLUDED).filter(|_| outcome.counted));
            let excluded = (outcome.counted, outcome.met, outcome.open_breached);
            return Self { left_out, excluded, ..Self::default() };
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
