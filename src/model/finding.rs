//! Things found in the rows that a reader of a figure must know.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Some figures leave rows out because of it.
    Warning,
    /// Figures cannot be trusted until it is mended.
    Error,
}

/// One kind of finding with its count and the rows behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable id: kind, then what it is about.
    pub id: String,
    /// The kind, one word a rule: `unknown_service`, `resolved_before_opened` …
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// How many rows.
    pub count: u64,
    /// Ids of the measures it touches.
    pub figures: Vec<String>,
    /// The table whose rows it speaks of; empty when it speaks of none.
    pub table: String,
    /// The filter that gives its rows back; empty when it speaks of none.
    pub filter: String,
    /// What was found, where, and what to do.
    pub text: String,
}
