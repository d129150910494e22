//! The measured columns of tickets, row by row: what [`super::tickets`] finds out and every ticket figure counts.
//!
//! Knows column names and types. Must not know how a value is found.

use super::clock::{Outcome, Reading};
use super::history::{NONE, Words};
use super::ticket_facts::Facts;
use super::ticket_state::instants;
use crate::model::Catalogue;
use polars::prelude::*;

/// One clock of every row.
#[derive(Default)]
pub struct ClockColumns {
    outcomes: Vec<Outcome>,
    due: Vec<Option<i64>>,
    goal: Vec<Option<i64>>,
    taken: Vec<Option<i64>>,
    paused: Vec<Option<i64>>,
    /// What the tool's own flag says.
    tool: Vec<Option<bool>>,
}

impl ClockColumns {
    /// Adds a row.
    pub fn push(&mut self, reading: &Reading, outcome: Outcome, tool: Option<bool>) {
        let started = reading.start.is_some();
        self.outcomes.push(outcome);
        self.due.push(reading.due);
        self.goal.push(reading.goal);
        self.taken.push(started.then_some(reading.taken));
        self.paused.push(started.then_some(reading.paused));
        self.tool.push(tool);
    }

    fn append(&mut self, mut other: Self) {
        self.outcomes.append(&mut other.outcomes);
        self.due.append(&mut other.due);
        self.goal.append(&mut other.goal);
        self.taken.append(&mut other.taken);
        self.paused.append(&mut other.paused);
        self.tool.append(&mut other.tool);
    }

    fn into_columns(self, clock: &str, columns: &mut Vec<Column>) {
        let name = |part: &str| PlSmallStr::from(format!("{clock}_{part}"));
        let outcomes = &self.outcomes;
        let mut flag = |part: &str, of: fn(&Outcome) -> bool| {
            columns.push(Column::new(name(part), outcomes.iter().map(of).collect::<Vec<bool>>()));
        };
        flag("counted", |outcome| outcome.counted);
        flag("open_breached", |outcome| outcome.open_breached);
        flag("excluded", |outcome| outcome.excluded.0);
        flag("excluded_met", |outcome| outcome.excluded.1);
        flag("excluded_open", |outcome| outcome.excluded.2);
        // Neither met nor missed where nothing is judged.
        let met: Vec<Option<bool>> = outcomes.iter().map(|outcome| outcome.counted.then_some(outcome.met)).collect();
        columns.push(Column::new(name("met"), met));
        let differs = |(outcome, flag): (&Outcome, &Option<bool>)| outcome.counted && *flag == Some(outcome.met);
        columns.push(Column::new(name("differs"), outcomes.iter().zip(&self.tool).map(differs).collect::<Vec<bool>>()));
        let reasons: StringChunked = outcomes.iter().map(|outcome| outcome.left_out).collect();
        columns.push(reasons.with_name(name("left_out")).into_series().into_column());
        columns.push(instants(&name("due"), self.due));
        columns.push(Column::new(name("goal_s"), self.goal));
        columns.push(Column::new(name("taken_s"), self.taken));
        columns.push(Column::new(name("paused_s"), self.paused));
        columns.push(Column::new(PlSmallStr::from(format!("tool_{clock}_breached")), self.tool));
    }
}

/// The measured columns.
#[derive(Default)]
pub struct Columns {
    /// Rows of the canonical table, in order.
    pub rows: Vec<IdxSize>,
    /// What they are beside their clocks.
    pub facts: Vec<Facts>,
    /// Opened in the period.
    pub opened_in_period: Vec<bool>,
    /// Last resolved in it.
    pub resolved_in_period: Vec<bool>,
    /// Closed in it.
    pub closed_in_period: Vec<bool>,
    /// Finished in it.
    pub finished_in_period: Vec<bool>,
    /// Finished, and nothing tells when.
    pub finished_without_time: Vec<bool>,
    /// Open at as-of.
    pub open_at_as_of: Vec<bool>,
    /// Belonging to the period for the tool's own flag.
    pub tool_in_period: Vec<bool>,
    /// Status at as-of, as a code.
    pub status_at_as_of: Vec<u32>,
    /// Age at as-of of open ones.
    pub age_band: Vec<Option<&'static str>>,
    /// Last resolution known.
    pub resolved_as_of: Vec<Option<i64>>,
    /// Closing known.
    pub closed_as_of: Vec<Option<i64>>,
    /// Reopenings.
    pub reopened_times: Vec<Option<i64>>,
    /// Changes of group.
    pub group_changes: Vec<Option<i64>>,
    /// Wall clock until the resolution.
    pub elapsed_s: Vec<Option<i64>>,
    /// Service time until the resolution.
    pub service_s: Vec<Option<i64>>,
    /// Wall clock until the closing.
    pub close_s: Vec<Option<i64>>,
    /// Service time until the first response.
    pub response_s: Vec<Option<i64>>,
    /// The response clock.
    pub response: ClockColumns,
    /// The resolution clock.
    pub resolution: ClockColumns,
    /// The agreement, as its place in the book.
    pub agreement: Vec<u32>,
    /// Whether it was opened on a weekend.
    pub weekend: Vec<bool>,
    /// Whether there are events from before the opening.
    pub events_before_opened: Vec<bool>,
    /// Whether the status of today halts the clock and no history tells since when.
    pub pause_without_history: Vec<bool>,
    /// Whether its stamps cannot be true.
    pub absurd_duration: Vec<bool>,
}

impl Columns {
    /// Adds the rows of the chunk that follows.
    pub fn append(&mut self, mut other: Self) {
        macro_rules! append {
            ($($column:ident)*) => { $(self.$column.append(&mut other.$column);)* };
        }
        append!(rows facts opened_in_period resolved_in_period closed_in_period finished_in_period finished_without_time
            open_at_as_of tool_in_period status_at_as_of age_band resolved_as_of closed_as_of reopened_times
            group_changes elapsed_s service_s close_s response_s agreement weekend events_before_opened
            pause_without_history absurd_duration);
        self.response.append(other.response);
        self.resolution.append(other.resolution);
    }

    /// Makes the columns, in the order of the measured table.
    pub fn into_columns(self, catalogue: &Catalogue, status: &Words) -> Vec<Column> {
        let words = |name: &str, list: StringChunked| list.with_name(name.into()).into_series().into_column();
        let agreement = |place: &u32| catalogue.agreements.get(*place as usize).filter(|_| *place != NONE);
        let mut columns = vec![
            Column::new("opened_in_period".into(), self.opened_in_period),
            Column::new("resolved_in_period".into(), self.resolved_in_period),
            Column::new("closed_in_period".into(), self.closed_in_period),
            Column::new("finished_in_period".into(), self.finished_in_period),
            Column::new("finished_without_time".into(), self.finished_without_time),
            Column::new("open_at_as_of".into(), self.open_at_as_of),
            Column::new("tool_in_period".into(), self.tool_in_period),
            words("status_at_as_of", self.status_at_as_of.iter().map(|code| status.word(*code)).collect()),
            words("age_band", self.age_band.into_iter().collect()),
            instants("resolved_as_of", self.resolved_as_of),
            instants("closed_as_of", self.closed_as_of),
            Column::new("reopened_times".into(), self.reopened_times),
            Column::new("group_changes".into(), self.group_changes),
            Column::new("elapsed_s".into(), self.elapsed_s),
            Column::new("service_s".into(), self.service_s),
            Column::new("close_s".into(), self.close_s),
            Column::new("response_s".into(), self.response_s),
        ];
        self.response.into_columns("response", &mut columns);
        self.resolution.into_columns("resolution", &mut columns);
        let opened_day = self.weekend.iter().map(|weekend| Some(if *weekend { "weekend" } else { "weekday" }));
        columns.extend([
            words("agreement", self.agreement.iter().map(|place| Some(agreement(place)?.id.as_str())).collect()),
            words("opened_day", opened_day.collect()),
            Column::new("events_before_opened".into(), self.events_before_opened),
            Column::new("pause_without_history".into(), self.pause_without_history),
            Column::new("absurd_duration".into(), self.absurd_duration),
        ]);
        columns
    }
}
