//! What happened to a service in a period, as instants: what a time line is drawn of.
//!
//! Knows instants, words of sources and keys of tickets. Must not know how anything is drawn.

use super::Raw;
use chrono::{DateTime, Utc};

/// A stretch of time, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
}

/// A service over a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The service's id.
    pub service: String,
    /// The calendar of its own hours.
    pub calendar: String,
    /// Its service hours within the period.
    pub hours: Vec<Stretch>,
    /// What happened, in the order of time.
    pub events: Vec<Event>,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// The service was down.
    Down,
    /// Part of it was lost.
    Degraded,
    /// Planned work.
    Maintenance,
    /// Time that is left out by decision.
    Excluded,
    /// A change or release was carried out.
    Change,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub what: Happening,
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; `None` while it lasts.
    pub until: Option<DateTime<Utc>>,
    /// Service time that it cost, in whole seconds.
    pub service_s: Option<i64>,
    /// The cause of an outage, the title of a change, the reason of an exclusion.
    pub words: Option<Raw>,
    /// Why it is not counted, where it is not.
    pub left_out: Option<String>,
    /// The component whose outage it is, of a service that is made of others.
    pub component: Option<String>,
    /// Its ticket: of a change the change itself. A key that the book has no ticket of has no source.
    pub ticket: Option<TicketRef>,
    /// What its ticket says that it was caused by, nearest first.
    pub caused_by: Vec<TicketRef>,
    /// What says that it was caused by this.
    pub caused: Vec<TicketRef>,
    /// Of an outage: the last change of the service that was carried out before it, within the effect window.
    pub after: Option<TicketRef>,
}

/// A ticket that something points to.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketRef {
    /// The source's id; `None` where the book has no such ticket.
    pub source: Option<Raw>,
    /// The tool's key.
    pub key: Raw,
    /// The type, a word of the program.
    pub kind: String,
    /// The short description.
    pub title: Option<Raw>,
    /// When it was opened, or the work of a change started.
    pub from: Option<DateTime<Utc>>,
    /// When the work of a change ended.
    pub until: Option<DateTime<Utc>>,
    /// How a change came out.
    pub outcome: Option<Raw>,
    /// Whether a change was reversed.
    pub backed_out: bool,
}
