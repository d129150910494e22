//! Agreements: what was promised to whom, from when to when.

use super::date::Date;
use super::duration::Seconds;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which promise an agreement is: the one to the customer, or one that supports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementKind {
    /// A service level agreement with a customer. Only these give service and customer figures their targets.
    #[default]
    Sla,
    /// An operational level agreement with a group of the provider itself.
    Ola,
    /// An underpinning contract with a supplier.
    Uc,
}

impl AgreementKind {
    /// Returns the word of config and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sla => "sla",
            Self::Ola => "ola",
            Self::Uc => "uc",
        }
    }
}

/// An agreement for one service and, where named, one customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Stable id, printed with each target.
    pub id: String,
    /// To whom it is promised: a customer, or the provider by a group or supplier of its own.
    #[serde(default)]
    pub kind: AgreementKind,
    /// The group that an operational level agreement binds: its clock runs while that group holds the ticket.
    #[serde(default)]
    pub group: Option<String>,
    /// The supplier that an underpinning contract binds: its clock runs on tickets that name it.
    #[serde(default)]
    pub supplier: Option<String>,
    /// The service.
    pub service: String,
    /// The customer; left out, the agreement holds for every customer without one of its own.
    #[serde(default)]
    pub customer: Option<String>,
    /// The hours in which clocks run and availability is owed; the service's own where it is left out.
    #[serde(default)]
    pub calendar: Option<String>,
    /// First day on which it holds.
    pub valid_from: Date,
    /// First day on which it no longer holds.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// Availability target in percent.
    #[serde(default)]
    pub availability: Option<f64>,
    /// Days before the start by which maintenance must be announced to count as agreed.
    #[serde(default)]
    pub maintenance_notice_days: Option<i64>,
    /// Goals for the first response.
    #[serde(default)]
    pub response: Vec<Goal>,
    /// Share of tickets in percent that must meet their response goal.
    #[serde(default)]
    pub response_target: Option<f64>,
    /// Goals for the resolution.
    #[serde(default)]
    pub resolution: Vec<Goal>,
    /// Share of tickets in percent that must meet their resolution goal.
    #[serde(default)]
    pub resolution_target: Option<f64>,
    /// Agreed limits of the workload.
    #[serde(default)]
    pub workload: Vec<WorkloadLimit>,
    /// Lowest agreed satisfaction in percent of satisfied answers.
    #[serde(default)]
    pub satisfaction: Option<f64>,
    /// What starts, halts and stops its clocks.
    #[serde(default)]
    pub clock: ClockRule,
}

impl Agreement {
    /// Tells whether it holds on a local date.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.valid_from.0 <= date && self.valid_to.is_none_or(|to| date < to.0)
    }

    /// Tells whether it is a service level agreement: a promise to customers.
    pub fn is_sla(&self) -> bool {
        self.kind == AgreementKind::Sla
    }
}

/// What starts, halts, stops and withdraws the clocks of an agreement (`domain.md` §4.3, rules R12 to R14).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockRule {
    /// The resolution clock starts when it first holds; at the opening where it is left out.
    pub start: Option<ClockCondition>,
    /// The clock stands still while it holds; never where it is left out.
    pub pause: Option<ClockCondition>,
    /// The clock stops while it holds; when the ticket is resolved or closed where it is left out.
    pub stop: Option<ClockCondition>,
    /// The ticket leaves every denominator while it holds, as a cancelled one always does.
    pub cancel: Option<ClockCondition>,
    /// Whether the response clock stands still too.
    pub pause_response: bool,
    /// What a reopening does to the resolution clock.
    pub reopened: Reopened,
    /// What a priority with another goal does to it.
    pub new_goal: NewGoal,
}

impl ClockRule {
    /// Says in one line what differs from the default, as `pause: status pending; reopened: first`.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let conditions =
            [("start", &self.start), ("pause", &self.pause), ("stop", &self.stop), ("cancel", &self.cancel)];
        for (name, condition) in conditions {
            if let Some(condition) = condition {
                parts.push(format!("{name}: {}", condition.words()));
            }
        }
        if self.pause_response {
            parts.push("the response clock pauses too".into());
        }
        if self.reopened != Reopened::default() {
            parts.push(format!("reopened: {}", format!("{:?}", self.reopened).to_lowercase()));
        }
        if self.new_goal != NewGoal::default() {
            parts.push(format!("new goal: {}", format!("{:?}", self.new_goal).to_lowercase()));
        }
        parts.join("; ")
    }
}

impl ClockCondition {
    fn words(&self) -> String {
        let of = |name: &str, words: &[String]| (!words.is_empty()).then(|| format!("{name} {}", words.join(", ")));
        let parts: Vec<String> = of("status", &self.status).into_iter().chain(of("group", &self.group)).collect();
        parts.join(" or ")
    }
}

/// Holds at an instant when the ticket's status is one of `status` or its group is one of `group`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockCondition {
    /// Statuses, as in the tickets; case does not count.
    pub status: Vec<String>,
    /// Groups, as in the tickets; case does not count.
    pub group: Vec<String>,
}

/// What a reopening does to the resolution clock (rule R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reopened {
    /// It runs on; the time between resolution and reopening costs nothing.
    #[default]
    Continue,
    /// It begins anew at the last reopening.
    Restart,
    /// The first stop is the one that counts.
    First,
    /// Every run is judged by itself, and the worst one counts.
    Worst,
}

/// What a priority with another goal does to the resolution clock (rule R13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewGoal {
    /// The new goal counts from the original start, with earlier pauses taken out.
    #[default]
    Retroactive,
    /// The clock begins anew when the goal changes.
    Restart,
}

/// A goal for one ticket type and priority, in service time of the agreement's calendar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The ticket type; left out, `incident`.
    #[serde(default = "incident", rename = "type")]
    pub ticket_type: String,
    /// The priority; left out, every priority without a goal of its own.
    #[serde(default)]
    pub priority: Option<String>,
    /// The longest time that still meets the goal.
    pub within: Seconds,
}

fn incident() -> String {
    "incident".into()
}

/// The most work of one kind that the agreement covers in a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadLimit {
    /// A ticket type, whose opened tickets are counted, or the metric of a `volumes` table.
    pub metric: String,
    /// The most per month; a limit for a longer period is this times its months.
    pub per_month: f64,
}
