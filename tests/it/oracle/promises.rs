//! Agreements with goals and rules for their clocks: how they are drawn and written into a book.

use super::ground::Ground;
use super::tape::Draw;
use super::tickets::{Told, Word};
use chrono::NaiveDate;
use servicebook::model::Agreement;
use std::fmt::Write as _;

/// Holds when the status is one of these or the group is one of those. The book writes them in capitals.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub status: Vec<&'static str>,
    pub group: Vec<&'static str>,
}

impl Condition {
    pub fn holds(&self, told: &Told) -> bool {
        self.status.contains(&told.status) || told.group.is_some_and(|group| self.group.contains(&group))
    }

    fn toml(&self) -> String {
        let list = |words: &[&str]| words.iter().map(|word| format!("{:?}", word.to_uppercase())).collect::<Vec<_>>();
        format!("{{ status = [{}], group = [{}] }}", list(&self.status).join(", "), list(&self.group).join(", "))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reopened {
    Continue,
    Restart,
    First,
    Worst,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub start: Option<Condition>,
    pub pause: Option<Condition>,
    pub stop: Option<Condition>,
    pub cancel: Option<Condition>,
    pub pause_response: bool,
    pub reopened: Reopened,
    pub restart_on_new_goal: bool,
}

/// Seconds by type and priority; no priority stands for every other one.
pub type Goals = Vec<(&'static str, Word, i64)>;

#[derive(Clone, Debug)]
pub struct Promise {
    pub customer: Word,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub response: Goals,
    pub resolution: Goals,
    pub policy: Policy,
}

impl Policy {
    /// Opens at the opening, pauses never, stops when resolved, goes on when reopened.
    pub fn usual() -> Self {
        Self {
            start: None,
            pause: None,
            stop: None,
            cancel: None,
            pause_response: false,
            reopened: Reopened::Continue,
            restart_on_new_goal: false,
        }
    }

    fn draw(draw: &mut Draw<'_>) -> Self {
        let some =
            |status: &[&'static str], group: &[&'static str]| Condition { status: status.into(), group: group.into() };
        Self {
            start: match draw.below(8) {
                6 => Some(some(&["active"], &[])),
                7 => Some(some(&["pending"], &["Network"])),
                _ => None,
            },
            pause: match draw.below(5) {
                1 | 2 => Some(some(&["pending"], &[])),
                3 => Some(some(&[], &["Supplier"])),
                4 => Some(some(&["pending", "new"], &["Supplier", "Network"])),
                _ => None,
            },
            stop: match draw.below(8) {
                6 => Some(some(&["resolved", "closed", "pending"], &[])),
                7 => Some(some(&["resolved", "closed"], &["Network"])),
                _ => None,
            },
            cancel: if draw.one_in(8) { Some(some(&["new"], &["Network"])) } else { None },
            pause_response: draw.one_in(3),
            reopened: draw.pick(&[Reopened::Continue, Reopened::Restart, Reopened::First, Reopened::Worst]),
            restart_on_new_goal: draw.one_in(3),
        }
    }

    pub fn toml(&self) -> String {
        let mut parts = Vec::new();
        let conditions =
            [("start", &self.start), ("pause", &self.pause), ("stop", &self.stop), ("cancel", &self.cancel)];
        for (name, condition) in conditions {
            if let Some(condition) = condition {
                parts.push(format!("{name} = {}", condition.toml()));
            }
        }
        if self.pause_response {
            parts.push("pause_response = true".into());
        }
        if self.reopened != Reopened::Continue {
            parts.push(format!("reopened = \"{}\"", format!("{:?}", self.reopened).to_lowercase()));
        }
        if self.restart_on_new_goal {
            parts.push("new_goal = \"restart\"".into());
        }
        if parts.is_empty() { String::new() } else { format!("clock = {{ {} }}\n", parts.join(", ")) }
    }
}

impl Promise {
    pub fn draw(ground: &Ground, customer: Word, from: NaiveDate, draw: &mut Draw<'_>) -> Self {
        let length = (ground.end - ground.start) / ground.step;
        let mut goal = || if draw.one_in(12) { 0 } else { ground.step * (1 + draw.below(length / 4)) };
        let goals = |goal: &mut dyn FnMut() -> i64| -> Goals {
            vec![
                ("incident", None, goal()),
                ("incident", Some("P1"), goal()),
                ("incident", Some("P2"), goal()),
                ("request", Some("P3"), goal()),
                ("request", None, goal()),
            ]
        };
        let (mut response, mut resolution) = (goals(&mut goal), goals(&mut goal));
        for goals in [&mut response, &mut resolution] {
            // Some priorities have no goal of their own, and some have none at all.
            goals.retain(|_| !draw.one_in(5));
        }
        Self { customer, from, to: None, response, resolution, policy: Policy::draw(draw) }
    }

    /// Writes it as a book does.
    pub fn agreement(&self, id: &str, service: &str, calendar: Option<&str>) -> Agreement {
        let mut text = format!("id = \"{id}\"\nservice = \"{service}\"\nvalid_from = {}\n", self.from);
        if let Some(to) = self.to {
            let _ = writeln!(text, "valid_to = {to}");
        }
        for (key, word) in [("customer", self.customer), ("calendar", calendar)] {
            if let Some(word) = word {
                let _ = writeln!(text, "{key} = \"{word}\"");
            }
        }
        for (key, goals) in [("response", &self.response), ("resolution", &self.resolution)] {
            let goals: Vec<String> = goals.iter().map(|goal| written(*goal)).collect();
            let _ = writeln!(text, "{key} = [{}]", goals.join(", "));
        }
        text.push_str(&self.policy.toml());
        toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

fn written((kind, priority, goal): (&str, Word, i64)) -> String {
    let priority = priority.map_or(String::new(), |priority| format!("priority = \"{priority}\", "));
    format!("{{ type = \"{kind}\", {priority}within = \"{goal}s\" }}")
}
