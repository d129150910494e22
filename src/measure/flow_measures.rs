//! The ticket measures of flow, age, first-time fix, first response, problems and quality; declared as those of
//! [`super::ticket_measures`], over the columns of [`super::ticket_facts`].

use super::definition::{Better, Definition};
use super::ticket_measures::Condition::{Above, Has, Is, Lacks};
use super::ticket_measures::{
    INCIDENT_AND_REQUEST, LeftOutBy, Of, RestsOn, SERVICE_LEVEL, TicketMeasure, distribution, measure,
};
use crate::model::Unit;
use crate::model::clause::Clause;

/// Columns of the canonical table that the measures need besides the measured ones.
pub const NEEDED: &[&str] = &["known_error", "workaround"];

const DESK: &[&str] = &["incident", "request"];

/// Returns the measures, in the order of the catalogue.
pub fn flow_measures() -> Vec<TicketMeasure> {
    let mut list = backlog();
    list.extend(age());
    list.extend(first_contact());
    distribution!(
        list,
        "respond.elapsed",
        "Time to first response",
        "first response − opened, by the wall clock, of tickets first answered in the period (R21: not of those answered before they were opened)",
        &[Is("responded_in_period"), Has("respond_elapsed_s")],
        "respond_elapsed_s",
        LeftOutBy::Reason(&[Is("responded_in_period"), Lacks("respond_elapsed_s")], "first response before opened")
    );
    distribution!(
        list,
        "respond.service",
        "Service time to first response",
        "service seconds of the agreement's calendar between opened and first response, of tickets first answered in the period",
        &[Is("responded_in_period"), Has("response_s")],
        "response_s",
        LeftOutBy::Reason(&[Is("responded_in_period"), Lacks("response_s")], "first response before opened")
    );
    for entry in &mut list {
        // Its course is that of the elapsed time but for the hours; one of the two is drawn.
        entry.definition.trend &= !entry.definition.id.starts_with("respond.service");
    }
    list.extend(problems());
    list.extend(quality());
    list
}

fn backlog() -> Vec<TicketMeasure> {
    let count = |id, title, formula| {
        Definition::count(id, title, formula).for_clauses(INCIDENT_AND_REQUEST).better(Better::Lower)
    };
    vec![
        measure(
            count(
                "tickets.backlog_start",
                "Open at the start",
                "tickets opened before the period, not finished and not cancelled at its first instant, from their history where they have one",
            )
            .not_additive(),
            &[Is("open_at_start")],
            Of::Count,
        ),
        measure(
            Definition::count(
                "tickets.left",
                "Left the open state",
                "how often tickets were resolved, closed or cancelled from the open state in the period, by their history; without one the first of resolved and closed",
            )
            .in_unit(Unit::Events)
            .for_clauses(INCIDENT_AND_REQUEST)
            .additive(),
            &[Above("left_times")],
            Of::Sum("left_times"),
        ),
        measure(
            count(
                "tickets.returned",
                "Came back",
                "how often tickets came back to the open state in the period, by their history; without one it is not known and counts as never",
            )
            .in_unit(Unit::Events)
            .additive(),
            &[Above("returned_times")],
            Of::Sum("returned_times"),
        ),
        measure(
            count(
                "tickets.unbalanced",
                "Not balanced",
                "tickets of which open at the end is not open at the start + opened + came back − left (R11), each by itself; the end is that of the period, or as-of where that is earlier",
            )
            .not_additive(),
            &[Is("unbalanced")],
            Of::Count,
        ),
    ]
}

fn age() -> Vec<TicketMeasure> {
    let mut list = Vec::new();
    for (id, title, formula, column, p) in [
        (
            "tickets.age.median",
            "Age of open tickets, median",
            "as-of − opened, by the wall clock, of tickets open at as-of",
            "age_s",
            0.5,
        ),
        (
            "tickets.age.p90",
            "Age of open tickets, 90th percentile",
            "as-of − opened, by the wall clock, of tickets open at as-of",
            "age_s",
            0.9,
        ),
        (
            "tickets.age_service.median",
            "Age of open tickets in service time, median",
            "service seconds of the agreement's calendar between opened and as-of, without time between a resolution and the reopening after it, of tickets open at as-of",
            "age_service_s",
            0.5,
        ),
        (
            "tickets.age_service.p90",
            "Age of open tickets in service time, 90th percentile",
            "service seconds of the agreement's calendar between opened and as-of, without time between a resolution and the reopening after it, of tickets open at as-of",
            "age_service_s",
            0.9,
        ),
    ] {
        let definition = Definition::count(id, title, formula)
            .in_unit(Unit::Seconds)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower);
        list.push(measure(definition, &[Is("open_at_as_of")], Of::Percentile(column, p)));
    }
    list
}

fn first_contact() -> Vec<TicketMeasure> {
    vec![
        measure(
            Definition::count(
                "tickets.first_fix",
                "First-time fix",
                "without a change of group and without a reopening within `reopen_days` of the first finish ÷ finished in the period, first group one of `first_fix_groups`, no major incident",
            )
            .in_unit(Unit::Percent)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Higher),
            &[Is("first_fix_eligible")],
            Of::Share(&[Is("first_fixed")]),
        )
        .leaving_out(LeftOutBy::Column("first_fix_left_out"))
        .of_types(DESK)
        .whole_types()
        .resting_on(RestsOn::FirstFixGroups),
        measure(
            Definition::count(
                "tickets.reopened_within",
                "Reopened soon, share",
                "first finish in the period followed by a reopening within `reopen_days` ÷ tickets that their history says were resolved or closed in the period, without cancelled ones",
            )
            .in_unit(Unit::Percent)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finish_in_history")],
            Of::Share(&[Is("reopened_within")]),
        )
        .leaving_out(LeftOutBy::Reason(&[Is("finish_without_history")], "no history"))
        .whole_types()
        .resting_on(RestsOn::ReopenDays),
        measure(
            Definition::count(
                "tickets.reassignments.p90",
                "Reassignments, 90th percentile",
                "changes of group of tickets finished in the period with a known count",
            )
            .in_unit(Unit::PerTicket)
            .for_clauses(INCIDENT_AND_REQUEST)
            .better(Better::Lower),
            &[Is("finished_in_period"), Has("group_changes")],
            Of::Percentile("group_changes", 0.9),
        ),
    ]
}

fn problems() -> Vec<TicketMeasure> {
    let entry = |id, title, formula| {
        Definition::count(id, title, formula).for_clauses(&[Clause::Problem]).better(Better::Lower)
    };
    vec![
        measure(
            entry(
                "problem.root_cause_known",
                "Root cause known when finished",
                "problems whose root cause was found by their finish ÷ problems finished in the period",
            )
            .in_unit(Unit::Percent)
            .better(Better::Higher),
            &[Is("finished_in_period")],
            Of::Share(&[Is("root_cause_in_time")]),
        )
        .of_types(&["problem"])
        .whole_types(),
        measure(
            entry(
                "problem.without_workaround",
                "Known errors without a workaround",
                "problems flagged as known errors, open at as-of, that name no workaround",
            )
            .not_additive(),
            &[Is("open_at_as_of"), Is("known_error"), Lacks("workaround")],
            Of::Count,
        )
        .of_types(&["problem"])
        .whole_types(),
        measure(
            entry(
                "problem.recurrence",
                "Incidents of closed problems",
                "incidents opened in the period that a link `caused_by` ties to a problem finished before they were opened",
            ),
            &[Is("opened_in_period"), Is("recurs")],
            Of::Count,
        )
        .of_types(&["incident"])
        .whole_types(),
        measure(
            entry(
                "problem.linked_incidents",
                "Incidents linked to a problem",
                "incidents opened in the period that any link ties to a problem",
            )
            .better(Better::Neither),
            &[Is("opened_in_period"), Is("linked_to_problem")],
            Of::Count,
        )
        .of_types(&["incident"])
        .whole_types(),
    ]
}

fn quality() -> Vec<TicketMeasure> {
    let over_resolution = |definition: Definition, of| {
        measure(definition.for_clauses(SERVICE_LEVEL), &[Is("resolution_counted")], of)
            .leaving_out(LeftOutBy::Column("resolution_left_out"))
            .whole_types()
    };
    vec![
        over_resolution(
            Definition::count(
                "sla.resolution_dpmo",
                "Resolutions missed a million",
                "missed ÷ (met + missed) × 10⁶ over the clocks of sla.resolution, one opportunity a ticket",
            )
            .in_unit(Unit::PerMillion)
            .better(Better::Lower),
            Of::PerMillion(&[Is("resolution_met")]),
        ),
        over_resolution(
            Definition::count(
                "sla.resolution_sigma",
                "Sigma level of resolutions",
                "Φ⁻¹(1 − missed ÷ (met + missed)) + 1.5 over the clocks of sla.resolution; the shift of 1.5 is the long-term convention",
            )
            .in_unit(Unit::Ratio)
            .better(Better::Higher),
            Of::Sigma(&[Is("resolution_met")]),
        ),
    ]
}
