//! The ticket measures: which rows of the measured table each one counts, and what it makes of them.
//!
//! Every measure is declared as conditions over columns of [`super::tickets`]; the same conditions make the polars
//! expression that computes the figure and the filter that gives its rows back, so the two cannot differ.

use super::clock::{Clock, EXCLUDED};
use super::definition::{Better, Definition};
use crate::model::Unit;
use crate::model::clause::Clause;
use polars::prelude::*;

/// A condition on one column of the measured tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A boolean column is true.
    Is(&'static str),
    /// A column has a value.
    Has(&'static str),
    /// A number column is above nought.
    Above(&'static str),
    /// A column has no value.
    Lacks(&'static str),
    /// A boolean column is false.
    IsNot(&'static str),
}

impl Condition {
    fn expr(self) -> Expr {
        match self {
            Self::Is(column) => col(column).fill_null(lit(false)),
            Self::Has(column) => col(column).is_not_null(),
            Self::Above(column) => col(column).gt(lit(0)).fill_null(lit(false)),
            Self::Lacks(column) => col(column).is_null(),
            Self::IsNot(column) => col(column).not().fill_null(lit(false)),
        }
    }

    /// Returns the column that it looks at.
    pub fn column(self) -> &'static str {
        match self {
            Self::Is(column) | Self::Has(column) | Self::Above(column) | Self::Lacks(column) | Self::IsNot(column) => {
                column
            }
        }
    }

    fn sql(self) -> String {
        match self {
            Self::Is(column) => column.to_owned(),
            Self::Has(column) => format!("{column} IS NOT NULL"),
            Self::Above(column) => format!("{column} > 0"),
            Self::Lacks(column) => format!("{column} IS NULL"),
            Self::IsNot(column) => format!("{column} = false"),
        }
    }
}

/// Joins conditions to an expression.
pub fn all(conditions: &[Condition]) -> Expr {
    conditions.iter().map(|condition| condition.expr()).reduce(Expr::and).unwrap_or_else(|| lit(true))
}

/// Joins conditions to the text of a filter.
pub fn all_sql(conditions: &[Condition]) -> String {
    conditions.iter().map(|condition| condition.sql()).collect::<Vec<_>>().join(" AND ")
}

/// What a measure makes of its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Of {
    /// How many there are.
    Count,
    /// Which share of them, in percent, also meets these conditions.
    Share(&'static [Condition]),
    /// The mean of a column.
    Mean(&'static str),
    /// The percentile of a column, linear.
    Percentile(&'static str, f64),
    /// The greatest value of a column.
    Max(&'static str),
    /// The sum of a column: events, of which a row may hold several.
    Sum(&'static str),
    /// How many in a million of them do not meet these conditions.
    PerMillion(&'static [Condition]),
    /// The sigma level of the share of them that meets these conditions.
    Sigma(&'static [Condition]),
}

impl Of {
    /// Returns the conditions of the part that a share, or what is made of one, counts.
    pub fn part(self) -> Option<&'static [Condition]> {
        match self {
            Self::Share(met) | Self::PerMillion(met) | Self::Sigma(met) => Some(met),
            _ => None,
        }
    }
}

/// A ticket measure.
#[derive(Clone, Debug)]
pub struct TicketMeasure {
    /// Its entry in the catalogue.
    pub definition: Definition,
    /// Which rows it is about.
    pub rows: &'static [Condition],
    /// What it makes of them.
    pub of: Of,
    /// Rows that belong to the period but cannot be used: a column with the reason, or conditions with a reason.
    pub left_out: LeftOutBy,
    /// A further dimension: its name and its column.
    pub split: Option<(&'static str, &'static str)>,
    /// Which clock it is about: one whose goals an agreement names has a figure of that agreement too.
    pub clock: Option<Clock>,
    /// Whether it is held to the target of that clock.
    pub held_to_target: bool,
    /// Columns of the clocks that would count, and of those that would be met, without exclusions.
    pub excluded: Option<(&'static str, &'static str)>,
    /// The ticket types that it is about; empty is about all.
    pub types: &'static [&'static str],
    /// Whether it is made for each priority too.
    pub by_priority: bool,
    /// What of the settings it rests on beside the rows.
    pub rests_on: RestsOn,
}

/// A setting that decides whether a measure has a value, or whether its value is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestsOn {
    /// None.
    Nothing,
    /// Reopenings may follow for the agreed days after the period.
    ReopenDays,
    /// The groups in which a first-time fix can happen; and reopenings may follow.
    FirstFixGroups,
}

/// How left-out rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutBy {
    /// None are.
    Nothing,
    /// A text column says why, and is null for rows that are not left out.
    Column(&'static str),
    /// Rows meeting these conditions, for this reason.
    Reason(&'static [Condition], &'static str),
}

use Condition::{Above, Has, Is, IsNot, Lacks};

/// Clauses of what the service desk works on.
pub const INCIDENT_AND_REQUEST: &[Clause] = &[Clause::Incident, Clause::Request];
/// Clauses of goals for tickets.
pub const SERVICE_LEVEL: &[Clause] = &[Clause::ServiceLevel, Clause::Incident, Clause::Request];

/// Makes a measure of every type and priority; refine with the other methods.
pub fn measure(definition: Definition, rows: &'static [Condition], of: Of) -> TicketMeasure {
    TicketMeasure {
        definition,
        rows,
        of,
        left_out: LeftOutBy::Nothing,
        split: None,
        clock: None,
        held_to_target: false,
        excluded: None,
        types: &[],
        by_priority: true,
        rests_on: RestsOn::Nothing,
    }
}

impl TicketMeasure {
    fn split_by(mut self, name: &'static str, column: &'static str) -> Self {
        self.split = Some((name, column));
        self
    }

    /// Says which rows would have belonged but cannot be used.
    pub fn leaving_out(mut self, left_out: LeftOutBy) -> Self {
        self.left_out = left_out;
        self
    }

    /// Says that it is about these ticket types alone.
    pub fn of_types(mut self, types: &'static [&'static str]) -> Self {
        self.types = types;
        self
    }

    /// Says that it is made for whole types, not for each priority.
    pub fn whole_types(mut self) -> Self {
        self.by_priority = false;
        self
    }

    /// Says which setting it rests on.
    pub fn resting_on(mut self, rests_on: RestsOn) -> Self {
        self.rests_on = rests_on;
        self
    }

    fn of_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Tells whether it looks at what the clocks of service time made, so that calendars decide it.
    pub fn in_service_time(&self) -> bool {
        let by_clock = |column: &str| {
            column == "service_s" || column.starts_with("response_") || column.starts_with("resolution_")
        };
        let value = match self.of {
            Of::Sum(column) | Of::Mean(column) | Of::Percentile(column, _) | Of::Max(column) => by_clock(column),
            Of::Share(met) | Of::PerMillion(met) | Of::Sigma(met) => {
                met.iter().any(|condition| by_clock(condition.column()))
            }
            Of::Count => false,
        };
        value || self.rows.iter().any(|condition| by_clock(condition.column()))
    }
}

macro_rules! distribution {
    ($list:ident, $id:literal, $title:literal, $formula:literal, $rows:expr, $column:literal, $left_out:expr) => {
        for (suffix, word, of) in [
            (concat!($id, ".mean"), concat!($title, ", mean"), Of::Mean($column)),
            (concat!($id, ".median"), concat!($title, ", median"), Of::Percentile($column, 0.5)),
            (concat!($id, ".p90"), concat!($title, ", 90th percentile"), Of::Percentile($column, 0.9)),
            (concat!($id, ".p95"), concat!($title, ", 95th percentile"), Of::Percentile($column, 0.95)),
            (concat!($id, ".p99"), concat!($title, ", 99th percentile"), Of::Percentile($column, 0.99)),
            (concat!($id, ".max"), concat!($title, ", longest"), Of::Max($column)),
        ] {
            let mut definition = Definition::count(suffix, word, $formula)
                .in_unit(Unit::Seconds)
                .for_clauses(INCIDENT_AND_REQUEST)
                .better(Better::Lower);
            if suffix.ends_with(".median") {
                definition = definition.with_trend();
            }
            $list.push(measure(definition, $rows, of).leaving_out($left_out));
        }
    };
}
pub(super) use distribution;

/// Returns every ticket measure, in the order of the catalogue.
pub fn all_measures() -> Vec<TicketMeasure> {
    let mut list = vec![
        measure(
            Definition::count("tickets.opened", "Opened", "tickets opened in the period")
                .for_clauses(INCIDENT_AND_REQUEST)
                .with_trend(),
            &[Is("opened_in_period")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.opened",
                "Opened, by status",
                "tickets opened in the period, by status at as-of",
            )
            .for_clauses(INCIDENT_AND_REQUEST),
            &[Is("opened_in_period")],
            Of::Count,
        )
        .split_by("status", "status_at_as_of"),
        measure(
            Definition::count(
                "tickets.resolved",
                "Resolved",
                "tickets whose last resolution known at as-of lies in the period, without cancelled ones",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .with_trend(),
            &[Is("resolved_in_period")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.backlog",
                "Open at the end",
                "tickets opened, not finished and not cancelled at as-of, from their history where they have one",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .not_additive()
            .better(Better::Lower)
            .with_trend(),
            &[Is("open_at_as_of")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.backlog",
                "Open at the end, by age",
                "open tickets by days of 24 h since they were opened: [0,3) [3,8) [8,31) [31,91) [91,…)",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .not_additive()
            .better(Better::Lower),
            &[Is("open_at_as_of")],
            Of::Count,
        )
        .split_by("age", "age_band"),
        measure(
            Definition::count(
                "tickets.major",
                "Major incidents",
                "tickets flagged as major incidents, opened in the period",
            )
            .for_clauses(&[Clause::Incident])
            .better(Better::Lower)
            .with_trend(),
            &[Is("opened_in_period"), Is("is_major")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.reopened",
                "Reopened",
                "tickets finished in the period that were reopened at least once",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Above("reopened_times")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.reopened",
                "Reopened, by times",
                "tickets finished in the period, by how often they were reopened",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Above("reopened_times")],
            Of::Count,
        )
        .split_by("times", "reopened_times"),
        measure(
            Definition::count(
                "tickets.reopen_rate",
                "Reopened, share",
                "reopened at least once ÷ finished in the period with a known count",
            )
            .in_unit(Unit::Percent)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Has("reopened_times")],
            Of::Share(&[Above("reopened_times")]),
        )
        .leaving_out(LeftOutBy::Reason(
            &[Is("finished_in_period"), Lacks("reopened_times")],
            "no counter and no history",
        )),
        measure(
            Definition::count(
                "tickets.reassigned",
                "Reassigned",
                "tickets finished in the period that changed groups at least once",
            )
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Above("group_changes")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.reassignments",
                "Reassignments a ticket",
                "changes of group ÷ tickets finished in the period with a known count",
            )
            .in_unit(Unit::PerTicket)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Has("group_changes")],
            Of::Mean("group_changes"),
        )
        .leaving_out(LeftOutBy::Reason(
            &[Is("finished_in_period"), Lacks("group_changes")],
            "no counter and no history",
        )),
    ];
    distribution!(
        list,
        "resolve.elapsed",
        "Elapsed time to resolve",
        "resolved − opened, by the wall clock, of tickets resolved in the period (R21: not of those resolved before they were opened)",
        &[Is("resolved_in_period"), Has("elapsed_s")],
        "elapsed_s",
        LeftOutBy::Reason(&[Is("resolved_in_period"), Lacks("elapsed_s")], "resolved before opened")
    );
    distribution!(
        list,
        "resolve.service",
        "Service time to resolve",
        "service seconds of the agreement's calendar between opened and resolved, without the pauses of its clock and the time between a resolution and the reopening after it",
        &[Is("resolved_in_period"), Has("service_s")],
        "service_s",
        LeftOutBy::Reason(
            &[Is("resolved_in_period"), Lacks("service_s")],
            "resolved before opened, or the calendar has no hours"
        )
    );
    distribution!(
        list,
        "close.elapsed",
        "Elapsed time to close",
        "closed − opened, by the wall clock, of tickets closed in the period",
        &[Is("closed_in_period"), Has("close_s")],
        "close_s",
        LeftOutBy::Reason(&[Is("closed_in_period"), Lacks("close_s")], "closed before opened")
    );
    for (id, title, formula, rows, met, reasons, clock, excluded) in [
        (
            "sla.response",
            "Response within goal",
            "met ÷ (met + missed) over response clocks that stopped in the period (attribution: see parameters); service time between opening and first response, without the pauses that the agreement grants; equal to the goal is met",
            &[Is("response_counted")] as &'static [Condition],
            &[Is("response_met")] as &'static [Condition],
            "response_left_out",
            Clock::Response,
            ("response_excluded", "response_excluded_met"),
        ),
        (
            "sla.resolution",
            "Resolution within goal",
            "met ÷ (met + missed) over resolution clocks that stopped in the period (attribution: see parameters); service time between start and stop, without the agreement's pauses and the time between a stop and the reopening after it (R12 to R14: see parameters); equal to the goal is met",
            &[Is("resolution_counted")],
            &[Is("resolution_met")],
            "resolution_left_out",
            Clock::Resolution,
            ("resolution_excluded", "resolution_excluded_met"),
        ),
    ] {
        let definition = Definition::count(id, title, formula)
            .in_unit(Unit::Percent)
            .for_clauses(SERVICE_LEVEL)
            .better(Better::Higher)
            .with_trend();
        let mut share = measure(definition, rows, Of::Share(met)).leaving_out(LeftOutBy::Column(reasons));
        (share.clock, share.held_to_target, share.excluded) = (Some(clock), true, Some(excluded));
        list.push(share);
    }
    list.push(
        measure(
            Definition::count(
                "sla.response_open_breached",
                "Response breached, still open",
                "open tickets without a first response whose clock is over its goal at as-of",
            )
            .for_clauses(SERVICE_LEVEL)
            .not_additive()
            .better(Better::Lower),
            &[Is("response_open_breached")],
            Of::Count,
        )
        .of_clock(Clock::Response)
        .leaving_out(LeftOutBy::Reason(&[Is("response_excluded_open")], EXCLUDED)),
    );
    list.push(
        measure(
            Definition::count(
                "sla.resolution_open_breached",
                "Resolution breached, still open",
                "open tickets whose resolution clock is over its goal at as-of",
            )
            .for_clauses(SERVICE_LEVEL)
            .not_additive()
            .better(Better::Lower)
            .with_trend(),
            &[Is("resolution_open_breached")],
            Of::Count,
        )
        .of_clock(Clock::Resolution)
        .leaving_out(LeftOutBy::Reason(&[Is("resolution_excluded_open")], EXCLUDED)),
    );
    list.push(measure(
        Definition::count(
            "sla.response_differs",
            "Response judged otherwise by the tool",
            "response clocks that count in the period and that the tool's own clock flags otherwise than we do",
        )
        .for_clauses(SERVICE_LEVEL)
        .better(Better::Lower),
        &[Is("response_differs")],
        Of::Count,
    ));
    list.push(measure(
        Definition::count(
            "sla.resolution_differs",
            "Resolution judged otherwise by the tool",
            "resolution clocks that count in the period and that the tool's own clock, or its flag of the ticket where it has none, flags otherwise than we do",
        )
        .for_clauses(SERVICE_LEVEL)
        .better(Better::Lower),
        &[Is("resolution_differs")],
        Of::Count,
    ));
    let by_tool = || {
        measure(
            Definition::count(
                "sla.tool",
                "Within goal by the tool's flag",
                "tickets that the tool flags as not breached ÷ tickets with a flag, attributed as the parameters say",
            )
            .in_unit(Unit::Percent)
            .for_clauses(SERVICE_LEVEL)
            .better(Better::Higher),
            &[Is("tool_in_period"), Has("tool_breached")],
            Of::Share(&[IsNot("tool_breached")]),
        )
        .leaving_out(LeftOutBy::Reason(&[Is("tool_in_period"), Lacks("tool_breached")], "the tool has no flag"))
    };
    list.push(by_tool());
    list.push(by_tool().split_by("day", "opened_day"));
    list.extend(super::flow_measures::flow_measures());
    list
}
