//! Tickets as a period sees them: the measured table whose columns every ticket figure filters and counts.

use super::clock::{Clock, Outcome, Running, agreement_for, goal};
use super::hours::Calendars;
use super::ticket_facts::{self, Around, Background};
use super::ticket_links;
use super::ticket_state::{State, Tickets, instants, seconds, text};
use crate::calendar::Spans;
use crate::model::catalogue::{CountsFrom, Duplicates};
use crate::model::{Catalogue, Period};
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use polars::prelude::*;

/// Tickets with everything about them that no period changes.
#[derive(Debug)]
pub struct PreparedTickets {
    /// The canonical columns, with service and customer as ids of the catalogue.
    pub frame: DataFrame,
    state: Tickets,
    agreements: Vec<Option<usize>>,
    calendars: Vec<usize>,
    response_goals: Vec<Option<i64>>,
    resolution_goals: Vec<Option<i64>>,
    weekend: Vec<bool>,
    /// When the work of a change or a release ended; `None` of other types.
    work_ended: Vec<Option<i64>>,
    /// What is known beside the clocks.
    pub background: Background,
}

/// The instants that a period looks from, as epoch seconds.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// First second of the period.
    pub start: i64,
    /// First second after it.
    pub end: i64,
    /// The instant whose knowledge is used.
    pub as_of: i64,
}

impl Window {
    /// Makes the window of a period; nothing after `as_of` is known.
    pub fn new(period: &Period, as_of: DateTime<Utc>) -> Self {
        Self { start: period.start().timestamp(), end: period.end().timestamp(), as_of: as_of.timestamp() }
    }

    fn holds(self, at: i64) -> bool {
        self.start <= at && at < self.end.min(self.as_of)
    }
}

/// Words of age bands, `domain.md` §4.4; bounds in days of 24 hours, half-open.
pub const AGE_BANDS: [(&str, i64); 5] = [("0-2", 3), ("3-7", 8), ("8-30", 31), ("31-90", 91), ("91+", i64::MAX)];

/// Returns the age band of a number of seconds.
pub fn age_band(age: i64) -> &'static str {
    let days = age.div_euclid(86_400);
    AGE_BANDS.iter().find(|(_, end)| days < *end).map_or("91+", |(band, _)| band)
}

impl PreparedTickets {
    /// Finds agreement, goals and calendar of each ticket.
    ///
    /// # Errors
    /// A polars error where the tables lack a column of the schema.
    pub fn new(
        frame: DataFrame,
        events: Option<&DataFrame>,
        links: Option<&DataFrame>,
        catalogue: &Catalogue,
        calendars: &Calendars,
    ) -> PolarsResult<Self> {
        let state = Tickets::new(&frame, events, catalogue.settings.counts_from == CountsFrom::History)?;
        let len = state.len;
        let (service, customer) = (text(&frame, "service")?, text(&frame, "customer")?);
        let (kinds, priorities) = (text(&frame, "type")?, text(&frame, "priority")?);
        let mut prepared = Self {
            agreements: Vec::with_capacity(len),
            calendars: Vec::with_capacity(len),
            response_goals: Vec::with_capacity(len),
            resolution_goals: Vec::with_capacity(len),
            weekend: Vec::with_capacity(len),
            work_ended: seconds(&frame, "actual_end")?,
            background: Background::new(&frame, events, links, &state, catalogue)?,
            frame: DataFrame::default(),
            state,
        };
        let agreement_index = |id: &str| catalogue.agreements.iter().position(|agreement| agreement.id == id);
        for row in 0..len {
            let opened = prepared.state.opened[row];
            let on = local_date(opened, catalogue.zone);
            let (service, kind) = (service.get(row), kinds.get(row).unwrap_or(""));
            let agreement = agreement_for(catalogue, service, customer.get(row), on);
            let own = service.and_then(|id| catalogue.service(id)).and_then(|service| service.calendar.as_deref());
            let calendar = calendars.index(agreement.and_then(|a| a.calendar.as_deref()).or(own));
            let goal_of = |clock| agreement.and_then(|a| goal(a, clock, kind, priorities.get(row)));
            if !matches!(kind, "change" | "release") {
                prepared.work_ended[row] = None;
            }
            prepared.response_goals.push(goal_of(Clock::Response));
            prepared.resolution_goals.push(goal_of(Clock::Resolution));
            prepared.agreements.push(agreement.and_then(|a| agreement_index(&a.id)));
            prepared.calendars.push(calendar);
            prepared.weekend.push(matches!(on.weekday(), Weekday::Sat | Weekday::Sun));
        }
        prepared.frame = frame;
        Ok(prepared)
    }

    /// Returns when the first and the last ticket were opened.
    pub fn opened_span(&self) -> Option<(i64, i64)> {
        Some((self.first_opened()?, self.state.opened.iter().copied().max()?))
    }

    /// Returns the measured columns that nothing in the book tells; a count over them would be a silent nought.
    pub fn untold(&self) -> Vec<&'static str> {
        let majors = self.frame.column("is_major").is_ok_and(|column| column.null_count() < column.len());
        self.state.untold(majors).into_iter().chain(self.background.untold().iter().copied()).collect()
    }

    /// Returns when the first ticket was opened.
    pub fn first_opened(&self) -> Option<i64> {
        self.state.opened.iter().copied().min()
    }

    /// Returns the first and last second that any ticket column names; `None` of no tickets.
    pub fn span(frame: &DataFrame) -> Option<(i64, i64)> {
        let stamps = ["opened_at", "resolved_at", "closed_at", "first_response_at"];
        let bounds = stamps.iter().filter_map(|name| {
            let column = frame.column(name).ok()?.datetime().ok()?.physical();
            Some((column.min()?.div_euclid(1_000), column.max()?.div_euclid(1_000)))
        });
        bounds.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Returns the tickets that a period touches (opened or finished in it, or open at its as-of) with the measured
    /// columns added.
    ///
    /// # Errors
    /// A polars error where columns do not fit together, which is a fault of this module.
    pub fn measured(
        &self,
        catalogue: &Catalogue,
        calendars: &Calendars,
        window: Window,
        keep: Option<&[&str]>,
    ) -> PolarsResult<DataFrame> {
        let mut columns = Measured::default();
        let mut facts = Vec::new();
        let mut rows: Vec<IdxSize> = Vec::new();
        for row in 0..self.state.len {
            let opened = self.state.opened[row];
            if opened >= window.as_of || opened >= window.end {
                continue;
            }
            // Finished for good before the period: most rows of a long history end here.
            if !self.state.has_history(row)
                && opened < window.start
                && self.state.resolved_today(row).is_some_and(|at| at < window.start)
                && self.state.closed_today(row).is_none_or(|at| at < window.start)
                && self.state.responded[row].is_none_or(|at| at < window.start)
                && self.work_ended[row].is_none_or(|at| at < window.start)
            {
                continue;
            }
            let state = self.state.at(row, window.as_of - 1);
            let finished = state.resolved.or(state.closed);
            let open = !state.finished && !state.cancelled;
            let without_time = state.finished && finished.is_none() && !state.cancelled;
            let around = Around { window, open, hours: (calendars, self.calendars[row]) };
            let beside = self.background.facts(&self.state, row, &state, around);
            let touched = open
                || beside.touches()
                || without_time
                || [Some(opened), state.resolved, state.closed, self.work_ended[row]]
                    .iter()
                    .flatten()
                    .any(|at| window.holds(*at));
            if touched {
                rows.push(IdxSize::try_from(row).unwrap_or(IdxSize::MAX));
                facts.push(beside);
                self.push(&mut columns, row, &state, finished, open, catalogue, calendars, window);
            }
        }
        let rows = IdxCa::from_vec("row".into(), rows);
        let base = match keep {
            Some(names) => self.frame.select(names.iter().copied())?,
            None => self.frame.clone(),
        };
        let mut frame = base.take(&rows)?;
        let columns = columns.into_columns().into_iter().chain(ticket_facts::columns(&facts, &self.background));
        let columns: Vec<Column> = columns.collect();
        let names: Vec<PlSmallStr> = columns.iter().map(|column| column.name().clone()).collect();
        for column in columns {
            frame.with_column(column)?;
        }
        match catalogue.settings.duplicates {
            Duplicates::Count => Ok(frame),
            Duplicates::Drop => ticket_links::without_duplicates(frame, &names),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row's facts, each needed once")]
    fn push(
        &self,
        columns: &mut Measured,
        row: usize,
        state: &State,
        finished: Option<i64>,
        open: bool,
        catalogue: &Catalogue,
        calendars: &Calendars,
        window: Window,
    ) {
        let (opened, calendar) = (self.state.opened[row], self.calendars[row]);
        let responded = self.state.responded[row].filter(|at| *at < window.as_of);
        let resolved_valid = state.resolved.filter(|at| *at >= opened);
        let idle: Spans = state.idle.iter().copied().collect();
        let taken_until = |at: i64| calendars.elapsed_without(calendar, opened, at, &idle);
        let resolution_taken = resolved_valid.map(taken_until);
        let attribution = catalogue.settings.attribution;
        let clock = |clock: Clock| -> Outcome {
            if state.cancelled {
                return Outcome::default();
            }
            let (stop, goal) = match clock {
                Clock::Response => (responded, self.response_goals[row]),
                Clock::Resolution => (state.resolved, self.resolution_goals[row]),
            };
            let bad_times = match (clock, stop) {
                (Clock::Response, Some(at)) if at < opened => Some("first response before opened"),
                (Clock::Resolution, Some(at)) if at < opened => Some("resolved before opened"),
                _ => None,
            };
            let taken = match (clock, stop) {
                (Clock::Resolution, Some(_)) => resolution_taken.unwrap_or(0),
                (Clock::Response, Some(at)) => calendars.elapsed(calendar, opened, at),
                (Clock::Response, None) => calendars.elapsed(calendar, opened, window.as_of),
                (Clock::Resolution, None) => taken_until(window.as_of),
            };
            let pauses = if clock == Clock::Resolution { idle.clone() } else { Spans::default() };
            let hours = (calendars, calendar);
            let running = Running { opened, stop, open, finished, taken, goal, bad_times, hours, pauses };
            running.outcome(clock, attribution, (window.start, window.end))
        };
        let (response, resolution) = (clock(Clock::Response), clock(Clock::Resolution));
        let in_period = |at: Option<i64>| at.is_some_and(|at| window.holds(at)) && !state.cancelled;
        let finished_in = in_period(finished);

        columns.opened_in_period.push(window.holds(opened));
        columns.resolved_in_period.push(in_period(state.resolved));
        columns.closed_in_period.push(in_period(state.closed));
        columns.finished_in_period.push(finished_in);
        columns.finished_without_time.push(state.finished && finished.is_none() && !state.cancelled);
        columns.open_at_as_of.push(open);
        columns.status_at_as_of.push(self.state.status_at(row, window.as_of - 1).map(str::to_owned));
        columns.age_band.push(open.then(|| age_band(window.as_of - opened)));
        columns.resolved_as_of.push(state.resolved);
        columns.closed_as_of.push(state.closed);
        columns.reopened_times.push(state.reopened);
        columns.group_changes.push(state.group_changes);
        columns.elapsed_s.push(resolved_valid.map(|at| at - opened));
        columns.service_s.push(resolution_taken);
        columns.close_s.push(state.closed.filter(|at| *at >= opened).map(|at| at - opened));
        columns.response_s.push(responded.filter(|at| *at >= opened).map(|at| calendars.elapsed(calendar, opened, at)));
        columns.response.push(response);
        columns.resolution.push(resolution);
        columns.response_goal_s.push(self.response_goals[row]);
        columns.resolution_goal_s.push(self.resolution_goals[row]);
        columns.agreement.push(self.agreements[row].map(|index| catalogue.agreements[index].id.clone()));
        columns.opened_day.push(if self.weekend[row] { "weekend" } else { "weekday" });
        columns.tool_in_period.push(match attribution {
            crate::model::catalogue::Attribution::Opened => window.holds(opened),
            _ => finished_in,
        });
    }
}

fn local_date(at: i64, zone: chrono_tz::Tz) -> NaiveDate {
    DateTime::from_timestamp(at, 0).unwrap_or_default().with_timezone(&zone).date_naive()
}

/// The measured columns, row by row.
#[derive(Default)]
struct Measured {
    opened_in_period: Vec<bool>,
    resolved_in_period: Vec<bool>,
    closed_in_period: Vec<bool>,
    finished_in_period: Vec<bool>,
    finished_without_time: Vec<bool>,
    open_at_as_of: Vec<bool>,
    tool_in_period: Vec<bool>,
    status_at_as_of: Vec<Option<String>>,
    age_band: Vec<Option<&'static str>>,
    resolved_as_of: Vec<Option<i64>>,
    closed_as_of: Vec<Option<i64>>,
    reopened_times: Vec<Option<i64>>,
    group_changes: Vec<Option<i64>>,
    elapsed_s: Vec<Option<i64>>,
    service_s: Vec<Option<i64>>,
    close_s: Vec<Option<i64>>,
    response_s: Vec<Option<i64>>,
    response: Vec<Outcome>,
    resolution: Vec<Outcome>,
    response_goal_s: Vec<Option<i64>>,
    resolution_goal_s: Vec<Option<i64>>,
    agreement: Vec<Option<String>>,
    opened_day: Vec<&'static str>,
}

impl Measured {
    fn into_columns(self) -> Vec<Column> {
        let flags = |name: &str, outcomes: &[Outcome], of: fn(&Outcome) -> bool| {
            Column::new(name.into(), outcomes.iter().map(of).collect::<Vec<_>>())
        };
        let reasons = |name: &str, outcomes: &[Outcome]| {
            Column::new(name.into(), outcomes.iter().map(|outcome| outcome.left_out).collect::<Vec<_>>())
        };
        vec![
            Column::new("opened_in_period".into(), self.opened_in_period),
            Column::new("resolved_in_period".into(), self.resolved_in_period),
            Column::new("closed_in_period".into(), self.closed_in_period),
            Column::new("finished_in_period".into(), self.finished_in_period),
            Column::new("finished_without_time".into(), self.finished_without_time),
            Column::new("open_at_as_of".into(), self.open_at_as_of),
            Column::new("tool_in_period".into(), self.tool_in_period),
            Column::new("status_at_as_of".into(), self.status_at_as_of),
            Column::new("age_band".into(), self.age_band),
            instants("resolved_as_of", self.resolved_as_of),
            instants("closed_as_of", self.closed_as_of),
            Column::new("reopened_times".into(), self.reopened_times),
            Column::new("group_changes".into(), self.group_changes),
            Column::new("elapsed_s".into(), self.elapsed_s),
            Column::new("service_s".into(), self.service_s),
            Column::new("close_s".into(), self.close_s),
            Column::new("response_s".into(), self.response_s),
            Column::new("response_goal_s".into(), self.response_goal_s),
            Column::new("resolution_goal_s".into(), self.resolution_goal_s),
            flags("response_counted", &self.response, |outcome| outcome.counted),
            flags("response_met", &self.response, |outcome| outcome.met),
            flags("response_open_breached", &self.response, |outcome| outcome.open_breached),
            reasons("response_left_out", &self.response),
            flags("resolution_counted", &self.resolution, |outcome| outcome.counted),
            flags("resolution_met", &self.resolution, |outcome| outcome.met),
            flags("resolution_open_breached", &self.resolution, |outcome| outcome.open_breached),
            reasons("resolution_left_out", &self.resolution),
            Column::new("agreement".into(), self.agreement),
            Column::new("opened_day".into(), self.opened_day),
        ]
    }
}
