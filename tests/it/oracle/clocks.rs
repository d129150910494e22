//! SLA clocks, step by step: the state of a ticket at each second or minute, and what its agreement makes of it.

use super::ground::{Ground, Hours};
use super::promises::{Condition, Goals, Policy, Promise, Reopened};
use super::tape::Draw;
use super::tickets::{Manner, Ticket, Word};
use chrono::Days;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    Response,
    Resolution,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attribution {
    Finish,
    Breach,
    Opened,
}

/// How a clock stands at as-of.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub stopped: Option<i64>,
    pub taken: i64,
    pub goal: i64,
    pub missed: bool,
    /// Where the goal is used up, if that is before the clock ends.
    pub due: Option<i64>,
}

impl Clock {
    /// The instant by which a clock is put into a period. A goal that ran out is a miss, also while the clock runs on.
    fn counted_at(&self, attribution: Attribution, opened: i64) -> Option<i64> {
        match attribution {
            Attribution::Breach if self.missed => self.due,
            Attribution::Opened => (self.stopped.is_some() || self.missed).then_some(opened),
            _ => self.stopped,
        }
    }
}

/// The clocks of one ticket.
#[derive(Default)]
pub struct Clocks {
    response: Option<Clock>,
    resolution: Option<Clock>,
}

impl Clocks {
    pub fn of(&self, metric: Metric) -> Option<&Clock> {
        match metric {
            Metric::Response => self.response.as_ref(),
            Metric::Resolution => self.resolution.as_ref(),
        }
    }
}

/// What the service level figures of one type come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    pub met: i64,
    pub counted: i64,
    pub open_breached: i64,
}

/// One service with its tickets and agreements; hours are those of the service.
#[derive(Clone, Debug)]
pub struct Case {
    pub hours: Hours,
    pub promises: Vec<Promise>,
    pub tickets: Vec<Ticket>,
    /// Tickets that an exclusion names, and when it was approved.
    pub excluded: Vec<(usize, Option<i64>)>,
}

impl Case {
    pub fn draw(ground: &Ground, draw: &mut Draw<'_>) -> Self {
        let hours = ground.hours(draw);
        let first = ground.date(ground.start) - Days::new(40);
        let mut promises = vec![Promise::draw(ground, None, first, draw)];
        if draw.one_in(4) {
            // Another agreement holds from some day on.
            let day = ground.date(ground.instant(draw, ground.start));
            promises[0].to = Some(day);
            promises.push(Promise::draw(ground, None, day, draw));
        }
        if draw.one_in(4) {
            promises.push(Promise::draw(ground, Some("acme"), first, draw));
        }
        let manner = Manner {
            always_told: promises.iter().any(|promise| promise.policy.start.is_some()) || draw.one_in(2),
            revives: false,
        };
        let tickets: Vec<Ticket> = (0..draw.between(1, 7)).map(|_| Ticket::draw(ground, manner, draw)).collect();
        let excluded = (0..tickets.len())
            .filter(|_| draw.one_in(10))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|ticket| (ticket, if draw.one_in(3) { None } else { Some(ground.instant(draw, ground.start)) }))
            .collect();
        Self { hours, promises, tickets, excluded }
    }

    /// The clocks of every ticket with the knowledge of as-of: response and resolution, where they belong to figures.
    pub fn clocks(&self, ground: &Ground) -> Vec<Clocks> {
        (0..self.tickets.len()).map(|ticket| self.clocks_of(ground, ticket).unwrap_or_default()).collect()
    }

    fn clocks_of(&self, ground: &Ground, ticket: usize) -> Option<Clocks> {
        let row = &self.tickets[ticket];
        let excluded =
            |(of, approved): &(usize, Option<i64>)| *of == ticket && approved.is_some_and(|at| at < ground.as_of);
        if row.opened >= ground.as_of || self.hours.never_open() || self.excluded.iter().any(excluded) {
            return None;
        }
        let date = ground.date(row.opened);
        let holds = |promise: &&Promise| promise.from <= date && promise.to.is_none_or(|to| date < to);
        let own = self
            .promises
            .iter()
            .filter(holds)
            .find(|promise| promise.customer.is_some() && promise.customer == row.customer);
        let promise = own.or_else(|| self.promises.iter().filter(holds).find(|promise| promise.customer.is_none()))?;
        let course = Course::walk(ground, &self.hours, row, &promise.policy);
        if course.cancelled {
            return None;
        }
        Some(Clocks {
            response: promise.response_clock(ground, row, &course),
            resolution: promise.resolution_clock(ground, row, &course),
        })
    }

    /// What the figures of the service come to, by type.
    pub fn tally(&self, ground: &Ground, clocks: &[Clocks], metric: Metric, by: Attribution, kind: &str) -> Tally {
        let mut tally = Tally::default();
        for (ticket, clocks) in self.tickets.iter().zip(clocks).filter(|(ticket, _)| ticket.kind == kind) {
            let Some(clock) = clocks.of(metric) else { continue };
            if ticket.opened >= ground.to {
                continue;
            }
            let counted_at = clock.counted_at(by, ticket.opened);
            if counted_at.is_some_and(|at| ground.from <= at && at < ground.to) {
                tally.counted += 1;
                tally.met += i64::from(!clock.missed);
            }
            tally.open_breached += i64::from(clock.stopped.is_none() && clock.missed);
        }
        tally
    }
}

/// The life of a ticket under an agreement, from the ground's first step to as-of.
struct Course {
    /// Steps in which the service is open.
    served: Vec<bool>,
    /// Those in which no pause holds either; none before the opening.
    awake: Vec<bool>,
    /// Steps in which a stopped clock stands.
    idle: Vec<bool>,
    /// When the clock was stopped and when it was taken up again, by turns.
    stops: Vec<i64>,
    reopenings: Vec<i64>,
    started: Option<i64>,
    /// The priority after each of its changes.
    priorities: Vec<(i64, Word)>,
    cancelled: bool,
    open: bool,
}

impl Course {
    fn walk(ground: &Ground, hours: &Hours, ticket: &Ticket, policy: &Policy) -> Self {
        let default_stop = Condition { status: vec!["resolved", "closed"], group: Vec::new() };
        let stop = policy.stop.as_ref().unwrap_or(&default_stop);
        let mut told = ticket.told(ground.as_of);
        let changes = std::mem::take(&mut told.changes);
        let steps = ground.steps();
        let mut course = Self {
            served: hours.open.clone(),
            awake: vec![false; steps],
            idle: vec![false; steps],
            stops: Vec::new(),
            reopenings: Vec::new(),
            started: None,
            priorities: vec![(i64::MIN, told.priority)],
            cancelled: false,
            open: false,
        };
        let mut next = 0;
        for step in 0..ground.index(ground.as_of) {
            let at = ground.at(step);
            while let Some(change) = changes.get(next).filter(|change| change.at <= at) {
                told.apply(change);
                next += 1;
                if change.field == "priority" {
                    course.priorities.retain(|(since, _)| *since < at);
                    course.priorities.push((at, told.priority));
                }
                // A resolution counts as an event, also where it was taken back at once.
                if policy.stop.is_none() && change.at > ticket.opened {
                    course.turn(at, stop.holds(&told));
                }
            }
            if at < ticket.opened {
                continue;
            }
            course.turn(at, stop.holds(&told));
            if course.started.is_none() && policy.start.as_ref().is_none_or(|start| start.holds(&told)) {
                course.started = Some(at);
            }
            let paused = policy.pause.as_ref().is_some_and(|pause| pause.holds(&told));
            course.awake[step] = hours.open[step] && !paused;
            course.idle[step] = course.is_stopped();
        }
        course.cancelled =
            told.status == "cancelled" || policy.cancel.as_ref().is_some_and(|cancel| cancel.holds(&told));
        course.open = told.is_open();
        course
    }

    fn is_stopped(&self) -> bool {
        self.stops.len() > self.reopenings.len()
    }

    fn turn(&mut self, at: i64, stops: bool) {
        match (self.is_stopped(), stops) {
            (false, true) => self.stops.push(at),
            (true, false) => self.reopenings.push(at),
            _ => {}
        }
    }

    fn priority_at(&self, at: i64) -> Word {
        self.priorities.iter().rev().find(|(since, _)| *since <= at).and_then(|(_, priority)| *priority)
    }
}

impl Promise {
    fn goal(goals: &Goals, kind: &str, priority: Word) -> Option<i64> {
        let of =
            |wanted: Word| goals.iter().find(|(of, own, _)| *of == kind && *own == wanted).map(|(_, _, goal)| *goal);
        priority.and_then(|_| of(priority)).or_else(|| of(None))
    }

    fn response_clock(&self, ground: &Ground, ticket: &Ticket, course: &Course) -> Option<Clock> {
        let answered = ticket.answered.filter(|at| *at < ground.as_of);
        if answered.is_none() && !course.open {
            return None;
        }
        let end = answered.unwrap_or(ground.as_of);
        let goal = Self::goal(&self.response, ticket.kind, course.priority_at(end))?;
        // Without pauses the response clock runs through all service hours.
        let paused = self.policy.pause_response;
        let runs = |step: usize| if paused { course.awake[step] } else { course.served[step] };
        let (taken, due) = count(ground, ticket.opened, end, goal, runs);
        Some(Clock { stopped: answered, taken, goal, missed: taken > goal, due })
    }

    fn resolution_clock(&self, ground: &Ground, ticket: &Ticket, course: &Course) -> Option<Clock> {
        let stopped = match self.policy.reopened {
            // A stop before the start is none of this clock.
            Reopened::First => {
                course.stops.iter().copied().find(|stop| course.started.is_some_and(|from| from <= *stop))
            }
            _ => course.stops.last().copied().filter(|_| course.is_stopped()),
        };
        let end = stopped.unwrap_or(ground.as_of);
        let mut start = course.started.filter(|start| *start <= end)?;
        let priority = course.priority_at(end);
        let goal = Self::goal(&self.resolution, ticket.kind, priority)?;
        if self.policy.reopened == Reopened::Restart {
            start = course.reopenings.iter().copied().filter(|at| *at <= end).fold(start, i64::max);
        }
        if self.policy.restart_on_new_goal {
            for pair in course.priorities.windows(2) {
                let goal_of = |priority| Self::goal(&self.resolution, ticket.kind, priority);
                if pair[1].0 < end && goal_of(pair[0].1) != goal_of(pair[1].1) {
                    start = start.max(pair[1].0);
                }
            }
        }
        let runs = |step: usize| course.awake[step] && !course.idle[step];
        let (taken, due) = count(ground, start, end, goal, runs);
        let clock = Clock { stopped, taken, goal, missed: taken > goal, due };
        Some(if self.policy.reopened == Reopened::Worst { course.worst(ground, clock, start, end) } else { clock })
    }
}

impl Course {
    /// Judges every run between a stop and the reopening before it by itself. A ticket that is open again is held to the
    /// run that goes on.
    fn worst(&self, ground: &Ground, clock: Clock, start: i64, end: i64) -> Clock {
        let begins = std::iter::once(start).chain(self.reopenings.iter().copied());
        let ends = self.stops.iter().copied().chain((!self.is_stopped()).then_some(end));
        let runs = |step: usize| self.awake[step] && !self.idle[step];
        let taken: Vec<(i64, Option<i64>)> =
            begins.zip(ends).map(|(from, to)| count(ground, from.max(start), to, clock.goal, runs)).collect();
        let worst = taken.iter().map(|(taken, _)| *taken).max().unwrap_or(0);
        let last = taken.last().copied().unwrap_or((0, None));
        let missed = if clock.stopped.is_some() { worst > clock.goal } else { last.0 > clock.goal };
        Clock { taken: worst, missed, due: last.1, ..clock }
    }
}

/// Counts the seconds of running steps, and notes where the goal is used up.
fn count(ground: &Ground, from: i64, to: i64, goal: i64, runs: impl Fn(usize) -> bool) -> (i64, Option<i64>) {
    let (mut taken, mut due) = (0, (goal == 0).then_some(from));
    for step in ground.index(from)..ground.index(to) {
        if runs(step) {
            taken += ground.step;
            if taken >= goal && due.is_none() {
                due = Some(ground.at(step) + ground.step);
            }
        }
    }
    (taken, due)
}
