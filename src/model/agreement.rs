//! Agreements: what was promised to whom, from when to when.

use super::date::Date;
use super::duration::Seconds;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A service level agreement for one service and, where named, one customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Stable id, printed with each target.
    pub id: String,
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
}

impl Agreement {
    /// Tells whether it holds on a local date.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.valid_from.0 <= date && self.valid_to.is_none_or(|to| date < to.0)
    }
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
