//! Findings of a period: what in the rows a reader of its figures must know (rules R7, R8, R19, R21).

use super::Context;
use crate::model::{Finding, Severity};
use polars::prelude::*;
use std::collections::BTreeMap;

/// A rule over the measured tickets.
struct Rule {
    kind: &'static str,
    severity: Severity,
    measures: &'static [&'static str],
    filter: &'static str,
    rows: fn() -> Expr,
    text: &'static str,
}

fn before(early: &str, late: &str) -> Expr {
    col(late).lt(col(early)).fill_null(lit(false))
}

const RULES: &[Rule] = &[
    Rule {
        kind: "resolved_before_opened",
        severity: Severity::Warning,
        measures: &["resolve.elapsed", "resolve.service", "sla.resolution"],
        filter: "resolved_at < opened_at",
        rows: || before("opened_at", "resolved_at"),
        text: "resolved before they were opened; left out of durations and compliance. Correct the stamps in the tool.",
    },
    Rule {
        kind: "closed_before_opened",
        severity: Severity::Warning,
        measures: &["close.elapsed"],
        filter: "closed_at < opened_at",
        rows: || before("opened_at", "closed_at"),
        text: "closed before they were opened; left out of time to close. Correct the stamps in the tool.",
    },
    Rule {
        kind: "response_before_opened",
        severity: Severity::Warning,
        measures: &["sla.response"],
        filter: "first_response_at < opened_at",
        rows: || before("opened_at", "first_response_at"),
        text: "answered before they were opened; left out of response compliance. Correct the stamps in the tool.",
    },
    Rule {
        kind: "response_after_resolved",
        severity: Severity::Note,
        measures: &["sla.response"],
        filter: "first_response_at > resolved_at",
        rows: || before("first_response_at", "resolved_at"),
        text: "first answered after they were resolved; counted as recorded.",
    },
    Rule {
        kind: "closed_without_resolution",
        severity: Severity::Warning,
        measures: &["resolve.elapsed", "resolve.service", "sla.resolution"],
        filter: "finished_in_period AND resolved_as_of IS NULL",
        rows: || col("finished_in_period").and(col("resolved_as_of").is_null()),
        text: "closed without a resolution time; left out of time to resolve.",
    },
    Rule {
        kind: "finished_without_time",
        severity: Severity::Warning,
        measures: &["tickets.resolved", "resolve.elapsed", "sla.resolution"],
        filter: "finished_without_time",
        rows: || col("finished_without_time"),
        text: "are resolved or closed by their status, but nothing tells when; counted in no period. Export the stamps.",
    },
    Rule {
        kind: "backlog_unbalanced",
        severity: Severity::Warning,
        measures: &["tickets.backlog", "tickets.backlog_start", "tickets.left", "tickets.returned"],
        filter: "unbalanced",
        rows: || col("unbalanced"),
        text: "do not balance: open at the end is not open at the start + opened + came back − left. Their status, their stamps and their history do not tell the same story.",
    },
    Rule {
        kind: "events_before_opened",
        severity: Severity::Note,
        measures: &["sla.resolution"],
        filter: "events_before_opened",
        rows: || col("events_before_opened"),
        text: "have history from before they were opened; no clock runs or pauses before the opening.",
    },
    Rule {
        kind: "pause_without_history",
        severity: Severity::Note,
        measures: &["sla.resolution"],
        filter: "pause_without_history",
        rows: || col("pause_without_history"),
        text: "have a status that halts their clock, and no history that tells since when; no pause is taken out. Pull the history of their status.",
    },
    Rule {
        kind: "absurd_duration",
        severity: Severity::Note,
        measures: &["resolve.elapsed", "resolve.service", "tickets.backlog"],
        filter: "absurd_duration",
        rows: || col("absurd_duration"),
        text: "took more than ten years, or were opened before 1990 or after they were pulled; counted as recorded. Correct the stamps in the tool.",
    },
    Rule {
        kind: "tool_flag_differs",
        severity: Severity::Note,
        measures: &["sla.response_differs", "sla.resolution_differs", "sla.tool"],
        filter: "response_differs OR resolution_differs",
        rows: || col("response_differs").or(col("resolution_differs")),
        text: "are judged otherwise by the tool's own flag. Compare its hours, pauses and goals with those of the agreement.",
    },
    Rule {
        kind: "no_group",
        severity: Severity::Note,
        measures: &["tickets.reassigned"],
        filter: "opened_in_period AND \"group\" IS NULL",
        rows: || col("opened_in_period").and(col("group").is_null()),
        text: "opened in the period and without a group.",
    },
    Rule {
        kind: "no_priority",
        severity: Severity::Warning,
        measures: &["sla.response", "sla.resolution"],
        filter: "opened_in_period AND priority IS NULL AND (type = 'incident' OR type = 'request')",
        rows: || {
            col("opened_in_period")
                .and(col("priority").is_null())
                .and(col("type").eq(lit("incident")).or(col("type").eq(lit("request"))))
        },
        text: "without a priority; in no figure by priority, and held to goals without one only.",
    },
    Rule {
        kind: "unknown_service",
        severity: Severity::Warning,
        measures: &["tickets.opened", "sla.resolution"],
        filter: "service IS NULL",
        rows: || col("service").is_null(),
        text: "name no service of the catalogue; in figures of the book and its customers only.",
    },
    Rule {
        kind: "unknown_customer",
        severity: Severity::Warning,
        measures: &["tickets.opened", "sla.resolution"],
        filter: "customer IS NULL AND customer_named IS NOT NULL",
        rows: || col("customer").is_null().and(col("customer_named").is_not_null()),
        text: "name a customer that is not in the catalogue; in no figure of a customer.",
    },
];

/// Columns of the canonical tickets that the rules need.
pub const NEEDED: &[&str] =
    &["opened_at", "resolved_at", "closed_at", "first_response_at", "group", "service_named", "customer_named"];

/// Returns the findings of the tickets that a period touches.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn of_tickets(measured: &DataFrame) -> PolarsResult<Vec<Finding>> {
    let counts = RULES.iter().map(|rule| (rule.rows)().cast(DataType::Int64).sum().alias(rule.kind));
    let counted = measured.clone().lazy().select(counts.collect::<Vec<_>>()).collect()?;
    let mut findings = Vec::new();
    for rule in RULES {
        let count = counted.column(rule.kind)?.i64()?.get(0).unwrap_or(0);
        if count == 0 {
            continue;
        }
        let mut text = format!("{count} tickets {}", rule.text);
        if let Some(line) = suggestion(measured, rule.kind)? {
            text.push_str(&line);
        }
        findings.push(Finding {
            id: format!("tickets.{}", rule.kind),
            kind: rule.kind.to_owned(),
            severity: rule.severity,
            count: u64::try_from(count).unwrap_or(0),
            figures: rule.measures.iter().map(|id| (*id).to_owned()).collect(),
            table: "tickets".into(),
            filter: rule.filter.to_owned(),
            text,
        });
    }
    Ok(findings)
}

/// Tells of groups in the setting for first-time fixes that no ticket names: a typing error, or a new name.
pub fn first_fix_groups(unknown: &[String]) -> Option<Finding> {
    let named: Vec<String> = unknown.iter().map(|name| format!("{:?}", crate::text::screen_str(name))).collect();
    (!named.is_empty()).then(|| Finding {
        id: "tickets.first_fix_group_unknown".into(),
        kind: "first_fix_group_unknown".into(),
        severity: Severity::Warning,
        count: unknown.len() as u64,
        figures: vec!["tickets.first_fix".into()],
        table: String::new(),
        filter: String::new(),
        text: format!(
            "`first_fix_groups` names {}, but no ticket was ever in such a group. Write the groups as the tickets name them.",
            named.join(", ")
        ),
    })
}

/// Tells of a period in which not a single ticket was opened: a nought that may be an export that ends too early.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn none_opened(
    context: &Context<'_>,
    measured: &DataFrame,
    opened: Option<(i64, i64)>,
) -> PolarsResult<Option<Finding>> {
    let Some((first, last)) = opened.filter(|_| context.no_tickets.is_none()) else { return Ok(None) };
    if measured.column("opened_in_period")?.bool()?.any() {
        return Ok(None);
    }
    let date = |at: i64| {
        let at = chrono::DateTime::from_timestamp(at, 0).unwrap_or_default();
        at.with_timezone(&context.catalogue.zone).date_naive()
    };
    Ok(Some(Finding {
        id: "tickets.none_opened".into(),
        kind: "none_opened".into(),
        severity: Severity::Warning,
        count: 1,
        figures: vec!["tickets.opened".into()],
        table: String::new(),
        filter: String::new(),
        text: format!(
            "not one ticket was opened in {}; the rows run from {} to {}. Is the export of another time?",
            context.period.id(),
            date(first),
            date(last)
        ),
    }))
}

/// Names what maps to nothing, with the line of config to add.
fn suggestion(measured: &DataFrame, kind: &str) -> PolarsResult<Option<String>> {
    let (id, named) = match kind {
        "unknown_service" => ("service", "service_named"),
        "unknown_customer" => ("customer", "customer_named"),
        _ => return Ok(None),
    };
    let (ids, names) = (measured.column(id)?.str()?, measured.column(named)?.str()?);
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    for (id, name) in ids.iter().zip(names.iter()) {
        if let (None, Some(name)) = (id, name) {
            *unknown.entry(name.to_owned()).or_default() += 1;
        }
    }
    if unknown.is_empty() {
        return Ok(Some(" They name none at all.".into()));
    }
    Ok(Some(format!(" {} Add the name to `aliases = [...]` of its [[{id}]].", super::strangers::listed(&unknown))))
}
