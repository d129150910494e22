//! One ticket as the console draws it: fields, history, clocks, links and outages, all of it found out already.

use crate::model::Raw;
pub use crate::model::timeline::Stretch;
use crate::report::document::Cell;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// One ticket, field by field, with what is known of its course.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TicketDetail {
    /// Name and value of each field that has one, in the order of the schema, measured columns last.
    pub fields: Vec<(String, Cell)>,
    /// Changes, oldest first: at, field, from, to, group.
    pub events: Vec<Vec<Cell>>,
    /// Its course in time, with its clocks; `None` where it was not opened by as-of.
    pub course: Option<Box<TicketCourse>>,
    /// What it is linked to, then what is linked to it.
    pub links: Vec<TicketLink>,
    /// The outages that name it, and the maintenance that belongs to it.
    pub outages: Vec<TicketOutage>,
}

/// The course of a ticket in time.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketCourse {
    /// From the opening to the last of what is told.
    pub span: Stretch,
    /// The instant whose knowledge is used.
    pub as_of: DateTime<Utc>,
    /// The report zone, in which instants are written.
    pub zone: Tz,
    /// The calendar of its own clocks.
    pub calendar: String,
    /// Its service hours within the span.
    pub hours: Vec<Stretch>,
    /// Response, resolution, then the clocks of agreements that stand behind.
    pub clocks: Vec<TicketClock>,
}

/// One clock of a ticket. Seconds are service time of its calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketClock {
    /// `response`, `resolution`, `ola` or `uc`.
    pub name: String,
    /// The agreement that judges it.
    pub agreement: Option<String>,
    /// The calendar in which it runs.
    pub calendar: String,
    /// The goal.
    pub goal_s: Option<i64>,
    /// What it has taken until its stop, or until as-of.
    pub taken_s: i64,
    /// The goal less what was taken: below nought it is late by so much.
    pub left_s: Option<i64>,
    /// Service time in which it stood still.
    pub paused_s: i64,
    /// Where it counts from.
    pub start: Option<DateTime<Utc>>,
    /// Where it stopped.
    pub stop: Option<DateTime<Utc>>,
    /// Where the goal is used up.
    pub due: Option<DateTime<Utc>>,
    /// When it stood still.
    pub still: Vec<Stretch>,
    /// The hours in which it runs, between its start and its end.
    pub hours: Vec<Stretch>,
    /// How it stands.
    pub state: ClockState,
    /// Whether it is left out of every figure by decision.
    pub excluded: bool,
}

/// How a clock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// Stopped within the goal.
    Met,
    /// Stopped after the goal.
    Late,
    /// Runs within the goal.
    Runs,
    /// Runs, and the goal is used up.
    RunsLate,
    /// Nothing is judged, and why.
    NotJudged(String),
}

/// A link of a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketLink {
    /// The canonical word, as `caused_by`.
    pub kind: String,
    /// Whether the link leads from this ticket; else it leads to it.
    pub outward: bool,
    /// The key at the other end.
    pub key: Raw,
    /// The ticket there; `None` where the book does not have it.
    pub ticket: Option<LinkedTicket>,
}

/// The ticket at the other end of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedTicket {
    /// The source's id.
    pub source: Raw,
    /// The type: a word of the program.
    pub kind: String,
    /// The short description.
    pub title: Option<Raw>,
    /// The status of today.
    pub status: Option<Raw>,
    /// When it was opened.
    pub opened: DateTime<Utc>,
    /// When the work of a change started and ended.
    pub work: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// How a change came out.
    pub outcome: Option<Raw>,
    /// Whether a change was reversed.
    pub backed_out: bool,
}

/// An outage that names a ticket, or maintenance that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketOutage {
    /// The service's id.
    pub service: String,
    /// When it started.
    pub start: DateTime<Utc>,
    /// When it ended; `None` while it lasts.
    pub end: Option<DateTime<Utc>>,
    /// `unplanned`, `degraded` or `maintenance`.
    pub kind: String,
    /// The cause, where it is known.
    pub cause: Option<Raw>,
}
