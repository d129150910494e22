//! Tickets as a period sees them: the measured table whose columns every ticket figure filters and counts.

pub mod story;

use super::clock::{self, Clock, Life, Outcome, Reading, Standing};
use super::codes::Codes;
use super::condition::Rule;
use super::goals::Promises;
use super::history::{Change, NONE, Wholes};
use super::hours::Calendars;
use super::local_day::LocalDays;
use super::names::Names;
use super::ticket_columns::Columns;
use super::ticket_facts::{self, Around, Background};
use super::ticket_flow::Flow;
use super::ticket_links;
use super::ticket_state::{State, Tickets, instants_of, text};
use super::tool_clocks::ToolFlags;
use crate::calendar::{Span, Spans};
use crate::model::agreement::{ClockRule, NewGoal};
use crate::model::catalogue::{Attribution, Duplicates};
use crate::model::{Catalogue, Dataset, Period, Table};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::HashMap;

/// Tickets with everything about them that no period changes.
#[derive(Debug)]
pub struct PreparedTickets {
    /// The canonical columns, with service and customer as ids of the catalogue.
    pub frame: DataFrame,
    /// Typed columns and history.
    pub state: Tickets,
    /// The agreements of the book.
    pub promises: Promises,
    /// Rows that are left out by decision, each with its first approval in epoch milliseconds.
    excluded: HashMap<usize, i64>,
    /// The clock of tickets without an agreement.
    plain: Rule,
    /// Whether any agreement's clock rule asks for a group, so that a change of group moves a clock.
    groups_move_clocks: bool,
    /// The agreement by today's service and customer.
    agreements: Vec<u32>,
    /// Places of the ticket types among those with goals.
    kinds: Vec<u16>,
    /// Local days of opening, counted from the common era.
    days: Vec<i32>,
    /// When the work of a change or a release ended; `None` of other types.
    work_ended: Wholes,
    tool: ToolFlags,
    /// Rows whose stamps cannot be true, in order.
    absurd: Vec<usize>,
    /// What is known beside the clocks.
    pub background: Background,
    /// Whether clocks belong to the period in which their goal ran out.
    by_breach: bool,
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

    /// Tells whether an instant is in the known part of the period.
    pub fn holds(self, at: i64) -> bool {
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

/// Rows that one core measures at a time.
const CHUNK: usize = 1 << 15;

/// 1990-01-01 in UTC: no ticket of a service tool is older.
const FIRST_TICKETS: i64 = 631_152_000;

/// A resolution takes no longer than ten years of 365 days.
const LONGEST: i64 = 3_650 * 86_400;

/// What a ticket's two clocks are judged by.
struct Terms<'a> {
    /// The agreement, as its place in the book.
    agreement: Option<usize>,
    /// The calendar.
    calendar: usize,
    rule: &'a Rule,
    /// Whether the ticket was withdrawn: no clock of it counts.
    withdrawn: bool,
    /// The first response.
    responded: Option<i64>,
    /// The lives of the response and of the resolution clock.
    lives: [Life; 2],
}

/// A ticket that a period touches, as it was known.
#[derive(Debug)]
pub struct Seen {
    /// Its row.
    pub row: usize,
    /// Its state.
    pub state: State,
    /// When it was finished, where that is known.
    pub finished: Option<i64>,
    /// Whether it is open.
    pub open: bool,
    /// Its service, as its place in the catalogue.
    pub service: u32,
    /// Its customer, likewise.
    pub customer: u32,
    /// How it left the open state and came back.
    pub flow: Flow,
    /// A change or release that was opened after the period in which its work ended: no clock of it and no backlog is of
    /// the period.
    pub recorded_later: bool,
}

impl PreparedTickets {
    /// Finds agreement, goals and calendar of each ticket, what the tool says of it and what is decided on it.
    ///
    /// # Errors
    /// A polars error where the tables lack a column of the schema.
    pub fn new(
        frame: DataFrame,
        dataset: &Dataset,
        catalogue: &Catalogue,
        calendars: &Calendars,
        names: &Names,
        excluded: HashMap<usize, i64>,
    ) -> PolarsResult<Self> {
        let state = Tickets::new(&frame, dataset.table(Table::TicketEvents), catalogue, names)?;
        let promises = Promises::new(catalogue, calendars, &state);
        let tool = ToolFlags::new(&frame, dataset.table(Table::Clocks))?;
        let types = Codes::new(text(&frame, "type")?);
        let is_work = types.translated(|kind| matches!(kind, Some("change" | "release")));
        let mut work_ended = Wholes::seconds(instants_of(&frame, "actual_end")?);
        work_ended.retain(|row| is_work[row]);
        let kinds = types.translated(|kind| promises.type_place(kind.unwrap_or("")));
        let days = local_days(&state.opened, catalogue.zone);
        let agreements = (0..state.len)
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|row| {
                let index = promises.sla_of(state.service_now[row], state.customer_now[row], days[row]);
                index.and_then(|index| u32::try_from(index).ok()).unwrap_or(NONE)
            })
            .collect();
        let absurd = absurd_rows(&frame, &state, dataset)?;
        let plain = Rule::new(&ClockRule::default(), &state);
        let (events, links) = (dataset.table(Table::TicketEvents), dataset.table(Table::Links));
        let background = Background::new(&frame, events, links, &state, catalogue)?;
        Ok(Self {
            frame,
            state,
            groups_move_clocks: promises.agreements.iter().any(|promise| promise.rule.names_groups()),
            promises,
            excluded,
            plain,
            agreements,
            kinds,
            days,
            work_ended,
            tool,
            absurd,
            background,
            by_breach: catalogue.settings.attribution == Attribution::Breach,
        })
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

    /// Returns a ticket as it was known, where the period touches it: opened or finished in it, or open at its as-of.
    /// A change or release that was recorded after the period is touched by its work alone.
    pub fn seen(&self, row: usize, window: Window) -> Option<Seen> {
        let opened = self.state.opened[row];
        let recorded_later = opened >= window.end;
        if opened >= window.as_of || (recorded_later && !self.work_ended.get(row).is_some_and(|at| window.holds(at))) {
            return None;
        }
        // Finished for good before the period: most rows of a long history end here.
        let before = |at: Option<i64>| at.is_none_or(|at| at < window.start);
        let regrouped = self.groups_move_clocks
            && self.state.group_changes(row).iter().any(|change| window.start <= change.at && change.at < window.as_of);
        if !regrouped
            && self.state.over_before(row, window.start)
            && before(self.state.responded.get(row))
            && before(self.work_ended.get(row))
        {
            return None;
        }
        let last = window.as_of - 1;
        let state = self.state.at(row, last);
        let finished = state.resolved.or(state.closed);
        let (service, customer) = (self.state.service_at(row, last), self.state.customer_at(row, last));
        if recorded_later {
            let flow = Flow::default();
            return Some(Seen { row, state, finished, open: false, service, customer, flow, recorded_later });
        }
        let open = !state.finished && !state.cancelled;
        let without_time = state.finished && finished.is_none() && !state.cancelled;
        let flow = self.background.flow(&self.state, row, &state, window, open);
        let responded = self.state.responded.get(row).filter(|_| !state.cancelled);
        // A goal may run out in the period though the clock stops later.
        let late = self.by_breach && responded.is_some_and(|at| at >= window.start);
        let touched = open
            || regrouped
            || late
            || flow.touches()
            || without_time
            || [Some(opened), responded, state.resolved, state.closed, self.work_ended.get(row)]
                .iter()
                .flatten()
                .any(|at| window.holds(*at));
        touched.then_some(Seen { row, state, finished, open, service, customer, flow, recorded_later })
    }

    /// Returns the tickets that a period touches with the measured columns added. Service, customer, priority and
    /// group are those of the instant (rule R11).
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
        let attribution = catalogue.settings.attribution;
        let chunks: Vec<Columns> = (0..self.state.len.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut columns = Columns::default();
                for row in chunk * CHUNK..((chunk + 1) * CHUNK).min(self.state.len) {
                    if let Some(seen) = self.seen(row, window) {
                        self.push(&mut columns, &seen, attribution, calendars, window);
                    }
                }
                columns
            })
            .collect();
        let mut columns = Columns::default();
        for chunk in chunks {
            columns.append(chunk);
        }
        let rows = IdxCa::from_vec("row".into(), std::mem::take(&mut columns.rows));
        let base = match keep {
            Some(names) => self.frame.select(names.iter().copied())?,
            None => self.frame.clone(),
        };
        let mut frame = base.take(&rows)?;
        self.put_back(&mut frame, &rows, catalogue, window.as_of - 1)?;
        let facts = ticket_facts::columns(&columns.facts, &self.background);
        let columns = columns.into_columns(catalogue, self.state.status_words()).into_iter().chain(facts);
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

    /// Replaces the values of today by those of an instant, in the rows that have a history of them.
    fn put_back(&self, frame: &mut DataFrame, rows: &IdxCa, catalogue: &Catalogue, at: i64) -> PolarsResult<()> {
        let state = &self.state;
        let service = |code: u32| catalogue.services.get(code as usize).map(|service| service.id.as_str());
        let customer = |code: u32| catalogue.customers.get(code as usize).map(|customer| customer.id.as_str());
        let priority = |code: u32| state.priority_words.word(code);
        let group = |code: u32| state.group_words().word(code);
        let fields: [Field<'_>; 4] = [
            (
                "service",
                state.service.is_empty(),
                &|row| changed(state.service.of(row), || state.service_at(row, at)),
                &service,
            ),
            (
                "customer",
                state.customer.is_empty(),
                &|row| changed(state.customer.of(row), || state.customer_at(row, at)),
                &customer,
            ),
            (
                "priority",
                state.priority.is_empty(),
                &|row| changed(state.priority.of(row), || state.priority_at(row, at)),
                &priority,
            ),
            (
                "group",
                state.groups_never_change(),
                &|row| changed(state.group_changes(row), || state.group_at(row, at)),
                &group,
            ),
        ];
        for (name, never, code_of, word_of) in fields {
            if never || frame.column(name).is_err() {
                continue;
            }
            let today = text(frame, name)?.clone();
            let then: StringChunked = rows
                .iter()
                .zip(today.iter())
                .map(|(row, today)| match row.and_then(|row| code_of(row as usize)) {
                    Some(code) => word_of(code),
                    None => today,
                })
                .collect();
            frame.with_column(then.with_name(name.into()).into_series().into_column())?;
        }
        Ok(())
    }

    /// Returns the agreement that a ticket's clocks are judged by, as its place in the book.
    fn agreement(&self, seen: &Seen) -> Option<usize> {
        let row = seen.row;
        if self.state.service.of(row).is_empty() && self.state.customer.of(row).is_empty() {
            return usize::try_from(self.agreements[row]).ok().filter(|place| *place != NONE as usize);
        }
        self.promises.sla_of(seen.service, seen.customer, self.days[row])
    }

    /// Returns the local day on which a ticket was opened, counted from the common era.
    pub fn day(&self, row: usize) -> i32 {
        self.days[row]
    }

    /// Returns the place of a ticket's type among those with goals.
    pub fn kind(&self, row: usize) -> u16 {
        self.kinds[row]
    }

    /// Returns the life of a resolution clock under a rule.
    pub fn resolution_life(&self, rule: &Rule, seen: &Seen, as_of: i64) -> Life {
        let row = seen.row;
        let opened = self.state.opened[row];
        let known = Span::new(opened, as_of);
        let start = match &rule.start {
            None => Some(opened),
            Some(start) => start.spans(&self.state, row, known).first().map(|span| span.start),
        };
        let mut pauses = rule.pause.as_ref().map(|pause| pause.spans(&self.state, row, known)).unwrap_or_default();
        if !seen.state.withdrawn.is_empty() {
            pauses = pauses.union(&seen.state.withdrawn.iter().copied().collect());
        }
        let turns = match rule.new_goal {
            NewGoal::Retroactive => Vec::new(),
            NewGoal::Restart => self.state.priority.of(row).iter().map(|change| change.at).collect(),
        };
        let Some(stop) = &rule.stop else {
            let (stop, idle) = (seen.state.resolved, seen.state.idle.clone());
            return Life { start, stop, runs: seen.open, idle, pauses, turns };
        };
        let closed = self.state.closed_spans(row, known);
        // A ticket that is closed after the stop stays stopped: closing reopens nothing.
        let stood = stop.spans(&self.state, row, known);
        let stood: Spans = stood
            .iter()
            .map(|span| {
                let closing = closed.iter().find(|closed| closed.contains(span.end));
                Span::new(span.start, closing.map_or(span.end, |closed| closed.end))
            })
            .collect();
        let mut idle: Vec<(i64, i64)> = stood.iter().map(|span| (span.start, span.end)).collect();
        let last = idle.pop_if(|(_, end)| *end >= as_of);
        let runs = !seen.state.cancelled && !self.state.is_closed(row, as_of - 1);
        Life { start, stop: last.map(|(at, _)| at), runs, idle, pauses, turns }
    }

    /// Reads a clock by the goals of an agreement.
    pub fn reading(
        &self,
        (agreement, rule): (Option<usize>, &Rule),
        clock: Clock,
        (row, life): (usize, &Life),
        hours: (&Calendars, usize),
        as_of: i64,
    ) -> Reading {
        let goal_at = |at: i64| self.promises.goal(agreement?, clock, self.kinds[row], self.state.priority_at(row, at));
        let (reopened, new_goal) = (rule.reopened, rule.new_goal);
        Reading::of(life, &clock::Terms { hours, reopened, new_goal, goal_at: &goal_at, as_of })
    }

    /// Returns what a ticket's two clocks are judged by, and what happened to them.
    fn terms(&self, seen: &Seen, as_of: i64) -> Terms<'_> {
        let row = seen.row;
        let agreement = self.agreement(seen);
        let rule = agreement.map_or(&self.plain, |place| &self.promises.agreements[place].rule);
        let responded = self.state.responded.get(row).filter(|at| *at < as_of);
        let cancel = || rule.cancel.as_ref().is_some_and(|cancel| cancel.holds(&self.state, row, as_of - 1));
        let withdrawn = seen.state.cancelled || seen.recorded_later || cancel();
        let resolution = self.resolution_life(rule, seen, as_of);
        let response = Life {
            start: Some(self.state.opened[row]),
            stop: responded,
            runs: seen.open && !withdrawn,
            pauses: if rule.pause_response { resolution.pauses.clone() } else { Spans::default() },
            ..Life::default()
        };
        let calendar = self.promises.calendar(agreement, seen.service);
        Terms { agreement, calendar, rule, withdrawn, responded, lives: [response, resolution] }
    }

    /// Returns when a ticket was finished before it was opened, for one of its clocks.
    fn bad_times(&self, clock: Clock, seen: &Seen, responded: Option<i64>) -> Option<&'static str> {
        let opened = self.state.opened[seen.row];
        match clock {
            Clock::Response => responded.filter(|at| *at < opened).map(|_| "first response before opened"),
            Clock::Resolution => seen.state.resolved.filter(|at| *at < opened).map(|_| "resolved before opened"),
        }
    }

    fn push(
        &self,
        columns: &mut Columns,
        seen: &Seen,
        attribution: Attribution,
        calendars: &Calendars,
        window: Window,
    ) {
        let Seen { row, state, finished, open, .. } = seen;
        let (row, open) = (*row, *open);
        let opened = self.state.opened[row];
        let terms = self.terms(seen, window.as_of);
        let Terms { agreement, calendar, rule, withdrawn, responded, lives: [response_life, resolution_life] } = terms;
        let resolved_valid = state.resolved.filter(|at| *at >= opened);

        let hours = (calendars, calendar);
        let read = |clock, life| self.reading((agreement, rule), clock, (row, life), hours, window.as_of);
        let response = read(Clock::Response, &response_life);
        let resolution = read(Clock::Resolution, &resolution_life);
        let judged = |clock: Clock, reading: &Reading| -> Outcome {
            if withdrawn {
                return Outcome::default();
            }
            let bad_times = self.bad_times(clock, seen, responded);
            let standing = Standing {
                opened,
                finished: *finished,
                bad_times,
                no_hours: self.promises.never_opens(calendar),
                excluded: self.excluded.get(&row).is_some_and(|approved| *approved < window.as_of * 1_000),
            };
            Outcome::of(reading, &standing, clock, attribution, Span::new(window.start, window.end))
        };
        let response_outcome = judged(Clock::Response, &response);
        let resolution_outcome = judged(Clock::Resolution, &resolution);
        let still = state.still().union(&resolution_life.pauses);
        // Where no hour is ever served there is no service time, and nought would be a fact.
        let served = resolved_valid.filter(|_| !self.promises.never_opens(calendar));
        let service_s = served.map(|at| calendars.elapsed_without(calendar, opened, at, &still));
        let in_period = |at: Option<i64>| at.is_some_and(|at| window.holds(at)) && !state.cancelled;
        let finished_in = in_period(*finished);

        let around = Around { window, open, hours, pauses: &resolution_life.pauses };
        columns.facts.push(self.background.facts(&self.state, row, state, seen.flow, around));
        columns.rows.push(IdxSize::try_from(row).unwrap_or(IdxSize::MAX));
        columns.opened_in_period.push(window.holds(opened));
        columns.resolved_in_period.push(in_period(state.resolved));
        columns.closed_in_period.push(in_period(state.closed));
        columns.finished_in_period.push(finished_in);
        let without_time = state.finished && finished.is_none() && !state.cancelled;
        columns.finished_without_time.push(without_time && !seen.recorded_later);
        columns.open_at_as_of.push(open);
        columns.status_at_as_of.push(self.state.status_at(row, window.as_of - 1));
        columns.age_band.push(open.then(|| age_band(window.as_of - opened)));
        columns.resolved_as_of.push(state.resolved);
        columns.closed_as_of.push(state.closed);
        columns.reopened_times.push(state.reopened);
        columns.group_changes.push(state.group_changes);
        columns.elapsed_s.push(resolved_valid.map(|at| at - opened));
        columns.service_s.push(service_s);
        columns.close_s.push(state.closed.filter(|at| *at >= opened).map(|at| at - opened));
        columns.response_s.push(responded.filter(|at| *at >= opened).map(|at| calendars.elapsed(calendar, opened, at)));
        columns.response.push(&response, response_outcome, self.tool.response(row));
        columns.resolution.push(&resolution, resolution_outcome, self.tool.resolution(row));
        columns.agreement.push(agreement.and_then(|place| u32::try_from(place).ok()).unwrap_or(NONE));
        // Day 1 of the common era was a Monday.
        columns.weekend.push((self.days[row] - 1).rem_euclid(7) >= 5);
        columns.events_before_opened.push(self.state.has_early_events(row));
        let halted = |rule: &Rule| rule.pause.as_ref().is_some_and(|p| p.names_status(self.state.status_today(row)));
        columns.pause_without_history.push(!self.state.has_history(row) && halted(rule));
        columns.absurd_duration.push(self.absurd.binary_search(&row).is_ok());
        columns.tool_in_period.push(match attribution {
            Attribution::Opened => window.holds(opened),
            _ => finished_in,
        });
    }
}

/// Returns the local days of instants, counted from the common era.
fn local_days(seconds: &[i64], zone: Tz) -> Vec<i32> {
    let bound = |at: Option<&i64>| at.map_or(0, |at| at.saturating_mul(1_000));
    let days = LocalDays::new(zone, bound(seconds.iter().min()), bound(seconds.iter().max()));
    // 1970-01-01 is day 719,163 of the common era.
    let day = |at: &i64| days.number(at.saturating_mul(1_000)).saturating_add(719_163);
    seconds.par_iter().with_min_len(CHUNK).map(day).collect()
}

/// A column with a history: its name, whether it never changed, the code of a row with changes, and the word of a code.
type Field<'a> = (&'a str, bool, &'a dyn Fn(usize) -> Option<u32>, &'a dyn Fn(u32) -> Option<&'a str>);

fn changed(changes: &[Change], code: impl Fn() -> u32) -> Option<u32> {
    (!changes.is_empty()).then(code)
}

/// Returns the rows whose stamps cannot be true: older than any tool, from after the pull, or resolved after ten years.
fn absurd_rows(frame: &DataFrame, state: &Tickets, dataset: &Dataset) -> PolarsResult<Vec<usize>> {
    let pulled = |source: &str| {
        let receipts = dataset.receipts_of(Table::Tickets);
        let stamps = receipts.iter().filter(|receipt| receipt.source == source).filter_map(|receipt| {
            Some(DateTime::parse_from_rfc3339(&receipt.pulled_at).ok()?.timestamp().saturating_add(86_400))
        });
        stamps.max().unwrap_or(i64::MAX)
    };
    let sources = text(frame, "source")?;
    let mut limit: Option<(&str, i64)> = None;
    let mut rows = Vec::new();
    for (row, source) in sources.iter().enumerate() {
        let source = source.unwrap_or("");
        let until = limit.filter(|(last, _)| *last == source).map_or_else(|| pulled(source), |(_, until)| until);
        limit = Some((source, until));
        let opened = state.opened[row];
        let long = state.resolved_today(row).is_some_and(|at| at.saturating_sub(opened) > LONGEST);
        if opened < FIRST_TICKETS || opened > until || long {
            rows.push(row);
        }
    }
    Ok(rows)
}
