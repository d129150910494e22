//! What in the agreements themselves a reader of a period's figures must know.

use super::goals::local_date;
use super::ticket_figures::Kinds;
use super::ticket_state::Tickets;
use super::{Context, quoted};
use crate::model::{Agreement, Finding, Scope, Severity};
use polars::prelude::*;
use std::collections::BTreeSet;

/// Priorities of the canonical table; other words are the tool's own.
const CANONICAL: [&str; 5] = ["P1", "P2", "P3", "P4", "P5"];

/// Returns findings of agreements that begin or end within the period, and of priorities that no goal names.
///
/// # Errors
/// A polars error where the measured tickets lack a column, which is a fault of this room.
pub fn findings(context: &Context<'_>, kinds: &Kinds, tickets: Option<&DataFrame>) -> PolarsResult<Vec<Finding>> {
    let mut findings: Vec<Finding> = context.catalogue.agreements.iter().filter_map(|a| edge(context, a)).collect();
    findings.extend(goals_of_zero(context));
    if context.agreements_in_force().is_empty() && context.catalogue.slas().next().is_some() {
        let rest = if context.agreements_overlapping().is_empty() {
            "nothing is held to a"
        } else {
            "what came after the last one is held to no"
        };
        let text = format!("no agreement is in force at the end of {}; {rest} target.", context.period.id());
        findings.push(finding("no_agreement_in_force".into(), "no_agreement_in_force", 1, text));
    }
    if let Some(tickets) = tickets {
        findings.extend(strange_priorities(context, kinds, tickets)?);
    }
    Ok(findings)
}

/// Says of an agreement that begins or ends within the period what its targets are held against (rule R15).
fn edge(context: &Context<'_>, agreement: &Agreement) -> Option<Finding> {
    let (first, last) = (
        local_date(context.window.start, context.catalogue.zone),
        local_date(context.window.end - 1, context.catalogue.zone),
    );
    let within = |date: chrono::NaiveDate| first < date && date <= last;
    let (from, to) = (agreement.valid_from.0, agreement.valid_to.map(|date| date.0));
    let what = if to.is_some_and(within) {
        format!("ended on {}", to?)
    } else if within(from) {
        format!("began on {from}")
    } else {
        return None;
    };
    let id = &agreement.id;
    let changed = context.judged_in_parts(&agreement.service);
    let how = if !agreement.is_sla() {
        "its clocks are those of tickets opened while it held".to_owned()
    } else if changed.iter().any(|other| other.id == *id) {
        let ids: Vec<String> = changed.iter().map(|other| format!("`{}`", other.id)).collect();
        format!(
            "figures of the service are held to no target; judged over the time in which they held: {}",
            ids.join(", ")
        )
    } else {
        "its targets are held against what it covers, in figures of its own".to_owned()
    };
    let text = format!("agreement `{id}` {what}; {how}.");
    Some(finding(format!("agreement_changes.{id}"), "agreement_changes", 1, text))
}

/// Goals of no time at all: every clock that takes a second misses them.
fn goals_of_zero(context: &Context<'_>) -> Vec<Finding> {
    let zero = |agreement: &&Agreement| {
        let mut goals = agreement.response.iter().chain(&agreement.resolution);
        goals.any(|goal| goal.within.0 == 0)
    };
    let found = context.catalogue.agreements.iter().filter(zero).map(|agreement| {
        let text = format!(
            "agreement `{}` has a goal of no time at all; only clocks that take none meet it. Write the time, as within = \"4h\".",
            agreement.id
        );
        finding(format!("goal_of_zero.{}", agreement.id), "goal_of_zero", 1, text)
    });
    found.collect()
}

/// Words for priorities that are neither canonical nor named by a goal: their tickets are held to the goal without one.
fn strange_priorities(context: &Context<'_>, kinds: &Kinds, tickets: &DataFrame) -> PolarsResult<Vec<Finding>> {
    let Some(types) = kinds.get(&Scope::book()) else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    for (kind, priorities) in types {
        let goals = context.catalogue.slas().flat_map(|a| a.response.iter().chain(&a.resolution));
        let named: BTreeSet<&str> =
            goals.filter(|goal| goal.ticket_type == *kind).filter_map(|goal| goal.priority.as_deref()).collect();
        if named.is_empty() {
            continue;
        }
        let strange: Vec<&String> =
            priorities.iter().filter(|p| !named.contains(p.as_str()) && !CANONICAL.contains(&p.as_str())).collect();
        let unmatched: Vec<&&str> =
            named.iter().filter(|name| !priorities.contains(**name) && !CANONICAL.contains(name)).collect();
        if strange.is_empty() && unmatched.is_empty() {
            continue;
        }
        let words = |list: &[String]| list.join(", ");
        let shown: Vec<String> = strange.iter().map(|p| format!("{:?}", crate::text::screen_str(p))).collect();
        let mut text = String::new();
        if !strange.is_empty() {
            text.push_str(&format!(
                "no goal names the priorities {} of {kind} tickets; they are held to the goal without a priority. Map the words in `values.priority` of the connector, or name them in the goals.",
                words(&shown)
            ));
        }
        if !unmatched.is_empty() {
            let goals: Vec<String> = unmatched.iter().map(|name| format!("{name:?}")).collect();
            text.push_str(&format!(" No {kind} ticket has the priority {} that a goal names.", words(&goals)));
        }
        let conditions: Vec<String> = strange.iter().map(|p| format!("priority = {}", quoted(p))).collect();
        let mut found =
            finding(format!("priority_without_goal.{kind}"), "priority_without_goal", 1, text.trim().to_owned());
        found.severity = Severity::Warning;
        if !conditions.is_empty() {
            found.count = count(tickets, kind, &strange)?;
            found.table = "tickets".into();
            found.filter = format!("type = {} AND ({})", quoted(kind), conditions.join(" OR "));
        }
        found.figures = vec!["sla.response".into(), "sla.resolution".into()];
        findings.push(found);
    }
    Ok(findings)
}

/// Counts the period's tickets of a type whose priority is one of these words.
fn count(tickets: &DataFrame, kind: &str, words: &[&String]) -> PolarsResult<u64> {
    let priority =
        words.iter().map(|word| col("priority").eq(lit(word.as_str()))).reduce(Expr::or).unwrap_or_else(|| lit(false));
    let rows = tickets.clone().lazy().filter(col("type").eq(lit(kind)).and(priority));
    let counted = rows.select([len().cast(DataType::UInt64)]).collect()?;
    Ok(counted.column("len")?.u64()?.get(0).unwrap_or(0))
}

/// Tells of words in the conditions of clocks, and of groups that are bound, that no ticket ever had: such a clock never
/// starts, pauses or stops, and nothing else says so.
pub fn unknown_words(context: &Context<'_>, tickets: &Tickets) -> Vec<Finding> {
    let mut findings = Vec::new();
    for agreement in context.agreements_overlapping().into_iter().chain(context.supporting_overlapping()) {
        let clock = &agreement.clock;
        let conditions =
            [("start", &clock.start), ("pause", &clock.pause), ("stop", &clock.stop), ("cancel", &clock.cancel)];
        let mut named: Vec<(&str, &str, &String)> = Vec::new();
        for (key, condition) in conditions.into_iter().filter_map(|(key, condition)| Some((key, condition.as_ref()?))) {
            named.extend(condition.status.iter().map(|word| (key, "status", word)));
            named.extend(condition.group.iter().map(|word| (key, "group", word)));
        }
        named.extend(agreement.group.iter().map(|word| ("group", "group", word)));
        let unknown = named.into_iter().filter(|(_, field, word)| {
            let words = if *field == "status" { tickets.status_words() } else { tickets.group_words() };
            words.codes_of(std::slice::from_ref(*word)).is_empty()
        });
        let listed: Vec<String> = unknown
            .map(|(key, field, word)| format!("{field} {:?} of `{key}`", crate::text::screen_str(word)))
            .collect();
        if listed.is_empty() {
            continue;
        }
        let text = format!(
            "agreement `{}` waits for what no ticket ever had: {}. Write the words as the tickets and their history have them.",
            agreement.id,
            listed.join(", ")
        );
        let id = format!("clock_word_unknown.{}", agreement.id);
        let mut found = finding(id, "clock_word_unknown", listed.len() as u64, text);
        found.severity = Severity::Warning;
        findings.push(found);
    }
    findings
}

fn finding(id: String, kind: &str, count: u64, text: String) -> Finding {
    Finding {
        id,
        kind: kind.to_owned(),
        severity: Severity::Note,
        count,
        figures: Vec::new(),
        table: String::new(),
        filter: String::new(),
        text,
    }
}
