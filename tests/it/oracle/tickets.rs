//! Tickets with histories: how they are drawn, told as of an instant, and written into a book.

use super::ground::Ground;
use super::rows::{Cell, Row, Tables, at, row, words};
use super::tape::Draw;
use servicebook::model::Table;

pub type Word = Option<&'static str>;

/// What a ticket without history of its status shows before it is finished. No condition names it.
pub const UNFINISHED: &str = "(unfinished)";

/// One row of the history.
#[derive(Clone, Debug)]
pub struct Change {
    pub at: i64,
    pub seq: i64,
    pub field: &'static str,
    pub from: Word,
    pub to: Word,
}

#[derive(Clone, Debug)]
pub struct Ticket {
    pub kind: &'static str,
    pub customer: Word,
    pub opened: i64,
    pub answered: Option<i64>,
    pub resolved: Option<i64>,
    pub closed: Option<i64>,
    pub status: &'static str,
    pub priority: Word,
    pub group: Word,
    pub changes: Vec<Change>,
}

/// What is known of a ticket: the fields before the first step, and the changes since, in order.
pub struct Told {
    pub status: &'static str,
    pub priority: Word,
    pub group: Word,
    pub changes: Vec<Change>,
}

impl Told {
    pub fn apply(&mut self, change: &Change) {
        match change.field {
            "status" => self.status = change.to.unwrap_or(UNFINISHED),
            "priority" => self.priority = change.to,
            "group" => self.group = change.to,
            _ => {}
        }
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.status, "resolved" | "closed" | "cancelled")
    }
}

/// How histories are drawn.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Every ticket has a history of its status that begins at its opening.
    pub always_told: bool,
    /// A cancelled ticket may come back.
    pub revives: bool,
}

impl Ticket {
    pub fn has_history_of(&self, field: &str) -> bool {
        self.changes.iter().any(|change| change.field == field)
    }

    /// The ticket with the knowledge of an instant: events before it, in the order of time and number. A ticket without
    /// history of its status is told by its stamps.
    pub fn told(&self, as_of: i64) -> Told {
        let mut changes: Vec<Change> = self.changes.iter().filter(|change| change.at < as_of).cloned().collect();
        if !self.has_history_of("status") {
            for (at, to) in [(self.resolved, "resolved"), (self.closed, "closed")] {
                if let Some(at) = at.filter(|at| *at < as_of) {
                    changes.push(Change { at, seq: i64::MAX, field: "status", from: None, to: Some(to) });
                }
            }
        }
        changes.sort_by_key(|change| (change.at, change.seq));
        // Before its first event, known or not, a field was what that event changed from.
        let first = |field: &str| {
            self.changes.iter().filter(|change| change.field == field).min_by_key(|change| (change.at, change.seq))
        };
        let status = match first("status") {
            Some(change) => change.from.unwrap_or("new"),
            None if self.status == "cancelled" => "cancelled",
            None => UNFINISHED,
        };
        Told {
            status,
            priority: first("priority").map_or(self.priority, |change| change.from),
            group: first("group").map_or(self.group, |change| change.from),
            changes,
        }
    }

    pub fn draw(ground: &Ground, manner: Manner, draw: &mut Draw<'_>) -> Self {
        let latest = ground.start + (ground.end - ground.start) / 4 * 3;
        let opened = ground.instant(draw, ground.start).min(latest);
        let mut ticket = Self {
            kind: if draw.one_in(6) { "request" } else { "incident" },
            customer: if draw.one_in(4) { Some("acme") } else { None },
            opened,
            answered: None,
            resolved: None,
            closed: None,
            status: "active",
            priority: None,
            group: None,
            changes: Vec::new(),
        };
        if manner.always_told || draw.below(5) < 4 {
            ticket.draw_status(ground, manner, draw);
        } else {
            ticket.draw_stamps(ground, draw);
        }
        ticket.priority = ticket.draw_field(ground, draw, "priority", &[Some("P1"), Some("P2"), Some("P3"), None]);
        ticket.group =
            ticket.draw_field(ground, draw, "group", &[Some("Desk"), Some("Supplier"), Some("Network"), None]);
        if draw.below(3) > 0 {
            ticket.answered = Some(ground.instant(draw, opened));
        }
        // Numbers give the order of what happens at one instant; between fields it is by chance.
        ticket.changes.sort_by_key(|change| change.at);
        for (seq, change) in ticket.changes.iter_mut().enumerate() {
            change.seq = seq as i64 + 1;
        }
        if draw.one_in(2) {
            ticket.changes.reverse();
        }
        ticket
    }

    fn draw_stamps(&mut self, ground: &Ground, draw: &mut Draw<'_>) {
        match draw.below(6) {
            0 => self.status = "pending",
            1 => self.status = "cancelled",
            _ => {
                let resolved = ground.instant(draw, self.opened);
                (self.status, self.resolved) = ("resolved", Some(resolved));
                if draw.one_in(2) {
                    (self.status, self.closed) = ("closed", Some(ground.instant(draw, resolved)));
                }
            }
        }
    }

    fn draw_status(&mut self, ground: &Ground, manner: Manner, draw: &mut Draw<'_>) {
        let mut at = self.opened;
        let mut now = "new";
        let mut from = None;
        if manner.always_told || draw.one_in(2) {
            let to = draw.pick(&["new", "active", "pending"]);
            // A pause may have begun before the ticket was opened.
            let when = if !manner.always_told && draw.one_in(4) { (at - 1800).max(ground.start) } else { at };
            self.changes.push(Change { at: when, seq: 0, field: "status", from: None, to: Some(to) });
            (now, from) = (to, Some(to));
        } else if draw.one_in(2) {
            now = draw.pick(&["active", "pending"]);
            from = Some(now);
        }
        let (mut resolved, mut closed, mut came_back) = (None, None, false);
        let mut changes = draw.below(8);
        if !self.has_history_of("status") {
            changes = changes.max(1);
        }
        for _ in 0..changes {
            // Times tie now and then; not of a reopening and the resolution after it, see `named`.
            at = if draw.one_in(6) && at > self.opened && !came_back {
                at
            } else {
                ground.instant(draw, at + ground.step)
            };
            let next = match now {
                "cancelled" if !manner.revives => break,
                "cancelled" => "active",
                "closed" => draw.pick(&["active", "pending"]),
                "resolved" => draw.pick(&["closed", "active", "pending", "new"]),
                "pending" => draw.pick(&["active", "resolved", "new", "closed", "resolved", "active", "cancelled"]),
                _ => draw.pick(&["resolved", "pending", "pending", "closed", "resolved", "pending", "cancelled"]),
            };
            let finished = |status| matches!(status, "resolved" | "closed");
            if finished(next) && !finished(now) {
                resolved = Some(at);
            }
            came_back = finished(now) && !finished(next);
            if next == "closed" {
                closed = Some(at);
            }
            self.changes.push(Change { at, seq: 0, field: "status", from, to: Some(next) });
            (now, from) = (next, Some(next));
        }
        self.status = now;
        let finished = matches!(now, "resolved" | "closed");
        // A tool may leave the stamp of a resolution that was taken back, or tell a resolution by its history alone.
        self.resolved = resolved.filter(|_| if finished { !draw.one_in(5) } else { draw.one_in(5) });
        self.closed = closed.filter(|_| now == "closed" && !draw.one_in(5));
    }

    /// Draws the history of a field and returns what the field says today.
    fn draw_field(&mut self, ground: &Ground, draw: &mut Draw<'_>, field: &'static str, of: &[Word]) -> Word {
        let mut now = draw.pick(of);
        let mut at = self.opened;
        for _ in 0..[0, 0, 0, 1, 2, 3, 5][draw.below(7) as usize] {
            at = if draw.one_in(8) { at } else { ground.instant(draw, at) };
            let to = draw.pick(of);
            if to != now {
                self.changes.push(Change { at, seq: 0, field, from: now, to });
                now = to;
            }
        }
        now
    }

    /// Writes the ticket and its history.
    pub fn write(&self, tables: &mut Tables, key: &str, service: &str) {
        tables.add(
            Table::Tickets,
            row([
                ("source", words("desk")),
                ("source_key", words(key)),
                ("type", words(self.kind)),
                ("service", words(service)),
                ("customer", self.customer.and_then(words)),
                ("status", words(self.status)),
                ("priority", self.priority.and_then(words)),
                ("group", self.group.and_then(words)),
                ("opened_at", at(self.opened)),
                ("first_response_at", at(self.answered)),
                ("resolved_at", at(self.resolved)),
                ("closed_at", at(self.closed)),
            ]),
        );
        for change in &self.changes {
            tables.add(Table::TicketEvents, change.row(key));
        }
    }
}

impl Change {
    fn row(&self, key: &str) -> Row {
        row([
            ("source", words("desk")),
            ("source_key", words(format!("{key}-{}", self.seq))),
            ("ticket", words(key)),
            ("at", at(self.at)),
            ("seq", Some(Cell::Whole(self.seq))),
            ("field", words(self.field)),
            ("from", self.from.and_then(words)),
            ("to", self.to.and_then(words)),
        ])
    }
}
