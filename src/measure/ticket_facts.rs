//! Measured columns of tickets beside their clocks: flow, age, first-time fix, problems and duplicates.
//!
//! Knows what [`super::ticket_flow`], [`super::first_group`] and [`super::ticket_links`] tell, and puts it beside a
//! period. Must not know goals, scopes or figures.

use super::first_group::FirstGroups;
use super::history::Wholes;
use super::hours::Calendars;
use super::ticket_flow::Flow;
use super::ticket_links::TicketLinks;
use super::ticket_state::{State, StatusKind, Tickets, instants_of, text};
use super::tickets::Window;
use crate::calendar::Spans;
use crate::model::Catalogue;
use crate::model::catalogue::Duplicates;
use polars::prelude::*;

/// Reasons for which a ticket that was finished in the period is left out of first-time fixes.
pub const NO_GROUP_HISTORY: &str = "no group history";
/// See [`NO_GROUP_HISTORY`].
pub const NO_REOPEN_HISTORY: &str = "no history or counter of reopenings";

/// What is known of a book's tickets beside their clocks, and no period changes.
#[derive(Debug)]
pub struct Background {
    first_groups: FirstGroups,
    links: TicketLinks,
    keys: StringChunked,
    majors: BooleanChunked,
    root_causes: Wholes,
    reopen_s: i64,
    drops_duplicates: bool,
    /// Columns that nothing in the book tells.
    untold: Vec<&'static str>,
}

/// What a ticket is in a period.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a measured column of its own")]
pub struct Facts {
    flow: Flow,
    responded_in_period: bool,
    respond_elapsed_s: Option<i64>,
    age_s: Option<i64>,
    age_service_s: Option<i64>,
    finish_without_history: bool,
    first_fix_eligible: bool,
    first_fixed: bool,
    first_fix_left_out: Option<&'static str>,
    root_cause_in_time: bool,
    recurs: bool,
    linked_to_problem: bool,
    duplicate_of: Option<usize>,
}

/// Where a ticket is looked at from.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The period and what is known.
    pub window: Window,
    /// Whether the ticket is open at as-of.
    pub open: bool,
    /// The hours in which its clocks run.
    pub hours: (&'a Calendars, usize),
    /// When its resolution clock stood still.
    pub pauses: &'a Spans,
}

impl Background {
    /// Reads history, links and fields.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn new(
        frame: &DataFrame,
        events: Option<&DataFrame>,
        links: Option<&DataFrame>,
        tickets: &Tickets,
        catalogue: &Catalogue,
    ) -> PolarsResult<Self> {
        let settings = &catalogue.settings;
        let links = TicketLinks::new(frame, links)?;
        let root_causes = Wholes::seconds(instants_of(frame, "root_cause_at")?);
        let mut untold = Vec::new();
        if !tickets.any_history() {
            untold.push("finish_in_history");
        }
        if !links.names_problems() {
            untold.extend(["recurs", "linked_to_problem"]);
        }
        if root_causes.is_empty() {
            untold.push("root_cause_in_time");
        }
        if frame.column("known_error")?.null_count() == frame.height() {
            untold.push("known_error");
        }
        let first_groups = FirstGroups::new(frame, events, &settings.first_fix_groups)?;
        if first_groups.configured() && !first_groups.told() {
            untold.push("first_fix_eligible");
        }
        Ok(Self {
            first_groups,
            links,
            keys: text(frame, "source_key")?.clone(),
            majors: frame.column("is_major")?.bool()?.clone(),
            root_causes,
            reopen_s: i64::from(settings.reopen_days) * 86_400,
            drops_duplicates: settings.duplicates == Duplicates::Drop,
            untold,
        })
    }

    /// Returns the measured columns that nothing in the book tells; a count over them would be a silent nought.
    pub fn untold(&self) -> &[&'static str] {
        &self.untold
    }

    /// Tells whether a ticket is a duplicate that the book drops, as far as known before `as_of`.
    pub fn drops(&self, row: usize, as_of: i64) -> bool {
        self.drops_duplicates && self.links.original(row, as_of).is_some()
    }

    /// Returns the groups of the setting for first-time fixes that no ticket names.
    pub fn unknown_groups(&self) -> &[String] {
        &self.first_groups.unknown
    }

    /// Follows a ticket through a period. `state` is what was known of it before as-of.
    pub fn flow(&self, tickets: &Tickets, row: usize, state: &State, window: Window, open: bool) -> Flow {
        Flow::of(tickets, row, window, open, state.cancelled, self.reopen_s)
    }

    /// Puts a ticket beside a period. `state` is what was known of it before as-of, `flow` what it did.
    pub fn facts(&self, tickets: &Tickets, row: usize, state: &State, flow: Flow, around: Around<'_>) -> Facts {
        let Around { window, open, hours: (calendars, calendar), pauses } = around;
        let (opened, known_until) = (tickets.opened[row], window.end.min(window.as_of));
        let within = |at: i64| window.start <= at && at < known_until;
        let finished = state.resolved.or(state.closed);
        let finished_in = finished.is_some_and(within) && !state.cancelled;
        let responded = tickets.responded.get(row).filter(|at| within(*at) && !state.cancelled);
        let mut facts = Facts {
            responded_in_period: responded.is_some(),
            respond_elapsed_s: responded.map(|at| at - opened).filter(|taken| *taken >= 0),
            finish_without_history: finished_in && !tickets.has_history(row),
            linked_to_problem: self.links.to_problem(row, window.as_of),
            duplicate_of: self.links.original(row, window.as_of),
            recurs: self.links.causes(row, window.as_of).any(|problem| finished_before(tickets, problem, opened)),
            flow,
            ..Facts::default()
        };
        if open {
            let still = state.still().union(pauses);
            facts.age_s = Some(window.as_of - opened);
            facts.age_service_s = Some(calendars.elapsed_without(calendar, opened, window.as_of, &still));
        }
        if finished_in {
            facts.root_cause_in_time =
                self.root_causes.get(row).zip(finished).is_some_and(|(found, finished)| found <= finished);
            self.first_fix(&mut facts, row, state);
        }
        facts
    }

    /// Major incidents are worked on by many from the start; they are no matter of the first contact.
    fn first_fix(&self, facts: &mut Facts, row: usize, state: &State) {
        if !self.first_groups.configured() || self.majors.get(row) == Some(true) {
            return;
        }
        let (Some(at_desk), Some(moves)) = (self.first_groups.at_desk(row), state.group_changes) else {
            facts.first_fix_left_out = Some(NO_GROUP_HISTORY);
            return;
        };
        if !at_desk {
            return;
        }
        // A counter tells that a ticket was reopened, not when: each reopening counts.
        let Some(reopened) = facts.flow.came_back.or(state.reopened.map(|times| times > 0)) else {
            facts.first_fix_left_out = Some(NO_REOPEN_HISTORY);
            return;
        };
        facts.first_fix_eligible = true;
        facts.first_fixed = moves == 0 && !reopened;
    }
}

/// Tells whether a problem was finished just before an instant, by its history or else by its fields.
fn finished_before(tickets: &Tickets, row: usize, at: i64) -> bool {
    if tickets.has_history(row) {
        let last = tickets.turns(row).take_while(|(changed, _)| *changed < at).last();
        return last.map_or_else(|| tickets.kind_before(row), |(_, kind)| kind) == StatusKind::Done;
    }
    let times = [tickets.resolved_today(row), tickets.closed_today(row)];
    times.into_iter().flatten().any(|finished| finished < at) && tickets.kind_today(row) != StatusKind::Cancelled
}

/// Makes the measured columns of facts, row by row.
pub fn columns(facts: &[Facts], background: &Background) -> Vec<Column> {
    let flag = |name: &str, of: fn(&Facts) -> bool| Column::new(name.into(), facts.iter().map(of).collect::<Vec<_>>());
    let count = |name: &str, of: fn(&Facts) -> i64| Column::new(name.into(), facts.iter().map(of).collect::<Vec<_>>());
    let length =
        |name: &str, of: fn(&Facts) -> Option<i64>| Column::new(name.into(), facts.iter().map(of).collect::<Vec<_>>());
    let originals = facts.iter().map(|fact| fact.duplicate_of.and_then(|row| background.keys.get(row)));
    let reasons = facts.iter().map(|fact| fact.first_fix_left_out);
    vec![
        flag("open_at_start", |fact| fact.flow.open_at_start),
        flag("open_at_end", |fact| fact.flow.open_at_end),
        count("left_times", |fact| fact.flow.left_times),
        count("returned_times", |fact| fact.flow.returned_times),
        flag("unbalanced", |fact| fact.flow.unbalanced),
        flag("finish_in_history", |fact| fact.flow.finish_in_history),
        flag("finish_without_history", |fact| fact.finish_without_history),
        flag("reopened_within", |fact| fact.flow.reopened_within),
        flag("responded_in_period", |fact| fact.responded_in_period),
        length("respond_elapsed_s", |fact| fact.respond_elapsed_s),
        length("age_s", |fact| fact.age_s),
        length("age_service_s", |fact| fact.age_service_s),
        flag("first_fix_eligible", |fact| fact.first_fix_eligible),
        flag("first_fixed", |fact| fact.first_fixed),
        Column::new("first_fix_left_out".into(), reasons.collect::<Vec<_>>()),
        flag("root_cause_in_time", |fact| fact.root_cause_in_time),
        flag("recurs", |fact| fact.recurs),
        flag("linked_to_problem", |fact| fact.linked_to_problem),
        flag("duplicate", |fact| fact.duplicate_of.is_some()),
        Column::new(
            "dropped".into(),
            facts.iter().map(|fact| background.drops_duplicates && fact.duplicate_of.is_some()).collect::<Vec<_>>(),
        ),
        Column::new("duplicate_of".into(), originals.collect::<Vec<_>>()),
    ]
}
