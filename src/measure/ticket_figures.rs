//! Ticket figures: the measures of [`super::ticket_measures`] over scopes, ticket types and priorities.

use super::clock::{Clock, EXCLUDED, STILL_RUNNING};
use super::ticket_facts::{NO_GROUP_HISTORY, NO_REOPEN_HISTORY};
use super::ticket_groups::{Atom, Counted, Grouping, Groups, Values, combinations};
use super::ticket_measures::{Condition, LeftOutBy, Of, RestsOn, TicketMeasure, all, all_measures, all_sql};
use super::tickets::PreparedTickets;
use super::{Context, Depth};
use super::{sigma, verdict};
use crate::model::agreement::{Agreement, ClockRule};
use crate::model::catalogue::{Attribution, Duplicates};
use crate::model::figure::{Alternative, Basis, Figure, LeftOut, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{Catalogue, FigureId, Scope};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of the canonical table that the figures need besides the measured ones.
pub const NEEDED: &[&str] = &["service", "customer", "type", "priority", "is_major", "tool_breached"];

/// Which ticket types and priorities a scope has ever had.
pub type Kinds = BTreeMap<Scope, BTreeMap<String, BTreeSet<String>>>;

/// Collects the types and priorities of each scope over all tickets of the book.
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn kinds(frame: &DataFrame) -> PolarsResult<Kinds> {
    let mut kinds = Kinds::new();
    for values in combinations(frame, &["service", "customer", "type", "priority"])? {
        let [service, customer, Some(kind), priority] = values.as_slice() else { continue };
        let scopes =
            [Some(Scope::book()), service.as_ref().map(Scope::service), customer.as_ref().map(Scope::customer)];
        for scope in scopes.into_iter().flatten() {
            let of_type = kinds.entry(scope).or_default().entry(kind.clone()).or_default();
            of_type.extend(priority.clone());
        }
    }
    Ok(kinds)
}

/// Adds the services, customers and priorities that tickets once had: a figure of an earlier instant is theirs.
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn add_former(kinds: &mut Kinds, tickets: &PreparedTickets, catalogue: &Catalogue) -> PolarsResult<()> {
    let state = &tickets.state;
    if [&state.service, &state.customer, &state.priority].iter().all(|changes| changes.is_empty()) {
        return Ok(());
    }
    let types = tickets.frame.column("type")?.str()?;
    for row in 0..state.len {
        let changes = [&state.service, &state.customer, &state.priority].map(|changes| changes.of(row));
        if changes.iter().all(|changes| changes.is_empty()) {
            continue;
        }
        let Some(kind) = types.get(row) else { continue };
        let instants = changes.iter().flat_map(|changes| changes.iter().map(|change| change.at));
        for at in instants.chain([i64::MIN]) {
            let service = catalogue.services.get(state.service_at(row, at) as usize);
            let customer = catalogue.customers.get(state.customer_at(row, at) as usize);
            let priority = state.priority_words.word(state.priority_at(row, at));
            let scopes = [
                Some(Scope::book()),
                service.map(|service| Scope::service(&service.id)),
                customer.map(|customer| Scope::customer(&customer.id)),
            ];
            for scope in scopes.into_iter().flatten() {
                let of_type = kinds.entry(scope).or_default().entry(kind.to_owned()).or_default();
                of_type.extend(priority.map(str::to_owned));
            }
        }
    }
    Ok(())
}

/// Adds the types that agreements give goals: a promise without a ticket is a figure without data, not no figure.
pub fn add_promised(kinds: &mut Kinds, catalogue: &Catalogue) {
    for agreement in catalogue.slas() {
        let scopes = [
            Some(Scope::book()),
            Some(Scope::service(&agreement.service)),
            agreement.customer.as_ref().map(Scope::customer),
        ];
        for goal in agreement.response.iter().chain(&agreement.resolution) {
            for scope in scopes.iter().flatten() {
                kinds.entry(scope.clone()).or_default().entry(goal.ticket_type.clone()).or_default();
            }
        }
    }
}

/// Computes the ticket figures of a measured table.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn figures(context: &Context<'_>, measured: &DataFrame, kinds: &Kinds) -> PolarsResult<Vec<Figure>> {
    let measures: Vec<TicketMeasure> = all_measures()
        .into_iter()
        .filter(|measure| context.depth == Depth::Report || (measure.definition.trend && measure.split.is_none()))
        .collect();
    let (split, plain): (Vec<&TicketMeasure>, Vec<&TicketMeasure>) =
        measures.iter().partition(|measure| measure.split.is_some());
    let by_priority = (context.depth == Depth::Report).then_some("priority");
    let counted = count(measured, by_priority, &plain)?;
    let mut counted_splits = Vec::new();
    for measure in split {
        if let Some((name, column)) = measure.split {
            counted_splits.push((measure, name, column, count(measured, Some(column), &[measure])?));
        }
    }
    let mut figures = Vec::new();
    figures.extend(of_agreements(context, measured, &measures)?);
    for scope_column in [None, Some("service"), Some("customer")] {
        let scopes: Vec<(&Scope, &BTreeMap<String, BTreeSet<String>>)> = kinds
            .iter()
            .filter(|(scope, _)| match scope_column {
                None => **scope == Scope::book(),
                Some("service") => scope.service.is_some(),
                _ => scope.customer.is_some(),
            })
            .collect();
        let by_type = counted.groups(scope_column, false);
        let by_priority = match context.depth {
            Depth::Report => counted.groups(scope_column, true),
            Depth::Trend => Groups::new(),
        };
        for (scope, types) in &scopes {
            let targets = Targets::new(context, scope);
            for (kind, priorities) in *types {
                for (at, measure) in plain.iter().enumerate().filter(|(_, m)| held_to_goals(context, m, kind)) {
                    let values = by_type.get(&(scope_id(scope), kind.clone(), String::new()));
                    figures.push(figure(context, measure, scope, kind, None, values.map(|v| &v[at]), &targets));
                    if context.depth == Depth::Trend || !measure.by_priority {
                        continue;
                    }
                    for priority in priorities {
                        let values = by_priority.get(&(scope_id(scope), kind.clone(), priority.clone()));
                        let split = Some(("priority", "priority", priority.as_str()));
                        figures.push(figure(context, measure, scope, kind, split, values.map(|v| &v[at]), &targets));
                    }
                }
            }
        }
        for (measure, name, column, counted) in &counted_splits {
            let groups = counted.groups(scope_column, true);
            for (scope, types) in &scopes {
                let targets = Targets::new(context, scope);
                for kind in types.keys().filter(|kind| held_to_goals(context, measure, kind)) {
                    for value in split_values(name, &groups, &scope_id(scope), kind) {
                        let values = groups.get(&(scope_id(scope), kind.clone(), value.clone()));
                        let split = Some((*name, *column, value.as_str()));
                        figures.push(figure(context, measure, scope, kind, split, values.map(|v| &v[0]), &targets));
                    }
                }
            }
        }
    }
    Ok(figures)
}

/// The figures of each agreement that holds within the known part of the period (rule R15): its own clocks, held to its
/// own targets.
fn of_agreements(context: &Context<'_>, measured: &DataFrame, all: &[TicketMeasure]) -> PolarsResult<Vec<Figure>> {
    let measures: Vec<&TicketMeasure> = all.iter().filter(|measure| measure.clock.is_some()).collect();
    let agreements = context.agreements_overlapping();
    if agreements.is_empty() {
        return Ok(Vec::new());
    }
    let groups = count(measured, Some("agreement"), &measures)?.groups(None, true);
    let mut figures = Vec::new();
    for agreement in agreements {
        let scope = Scope {
            service: Some(agreement.service.clone()),
            customer: agreement.customer.clone(),
            agreement: Some(agreement.id.clone()),
        };
        let targets = Targets::new(context, &scope);
        for (at, measure) in measures.iter().enumerate() {
            let goals = match measure.clock {
                Some(Clock::Response) => &agreement.response,
                _ => &agreement.resolution,
            };
            let types: BTreeSet<&str> = goals.iter().map(|goal| goal.ticket_type.as_str()).collect();
            for kind in types {
                let values = groups.get(&(String::new(), kind.to_owned(), agreement.id.clone()));
                figures.push(figure(context, measure, &scope, kind, None, values.map(|v| &v[at]), &targets));
            }
        }
    }
    Ok(figures)
}

/// A measure is made for the types it is about. Compliance is a figure of incidents and requests, and of other types
/// that an agreement gives goals.
fn held_to_goals(context: &Context<'_>, measure: &TicketMeasure, kind: &str) -> bool {
    let goals = || context.catalogue.slas().flat_map(|a| a.response.iter().chain(&a.resolution));
    if !measure.types.is_empty() && !measure.types.contains(&kind) {
        return false;
    }
    !measure.definition.id.starts_with("sla.")
        || matches!(kind, "incident" | "request")
        || goals().any(|goal| goal.ticket_type == kind)
}

fn scope_id(scope: &Scope) -> String {
    scope.service.clone().or_else(|| scope.customer.clone()).unwrap_or_default()
}

/// Closed sets of values are made in full, so that an empty age band is nought and not absent.
fn split_values(name: &str, groups: &Groups, scope: &str, kind: &str) -> Vec<String> {
    match name {
        "age" => super::tickets::AGE_BANDS.iter().map(|(band, _)| (*band).to_owned()).collect(),
        "day" => vec!["weekday".into(), "weekend".into()],
        _ => {
            let mut values: Vec<String> = groups
                .iter()
                .filter(|((s, k, _), values)| {
                    s == scope && k == kind && values[0].first().is_some_and(|n| n.unwrap_or(0.0) > 0.0)
                })
                .map(|((_, _, value), _)| value.clone())
                .filter(|value| !value.is_empty())
                .collect();
            values.sort();
            values
        }
    }
}

/// Aggregates of one measure: rows used, value or part, then rows left out by reason, and where exclusions touch it the
/// clocks that would count and be met without them.
fn atoms(measure: &TicketMeasure) -> Vec<Atom> {
    let rows = all(measure.rows);
    let value = match measure.of {
        Of::Count => Atom::Count(rows.clone()),
        Of::Share(met) | Of::PerMillion(met) | Of::Sigma(met) => Atom::Count(rows.clone().and(all(met))),
        Of::Sum(column) | Of::Mean(column) => Atom::Sum(column, rows.clone()),
        Of::Percentile(column, p) => Atom::Percentile(column, p, rows.clone()),
        Of::Max(column) => Atom::Max(column, rows.clone()),
    };
    let mut list = vec![Atom::Count(rows), value];
    match measure.left_out {
        LeftOutBy::Nothing => {}
        LeftOutBy::Reason(conditions, _) => list.push(Atom::Count(all(conditions))),
        LeftOutBy::Column(column) => {
            list.extend(REASONS.map(|reason| Atom::Count(col(column).eq(lit(reason)).fill_null(lit(false)))));
        }
    }
    if let Some((counted, met)) = measure.excluded {
        list.extend([counted, met].map(|column| Atom::Count(all(&[Condition::Is(column)]))));
    }
    list
}

fn count(measured: &DataFrame, by: Option<&'static str>, measures: &[&TicketMeasure]) -> PolarsResult<Counted> {
    let atoms: Vec<Vec<Atom>> = measures.iter().map(|measure| atoms(measure)).collect();
    Counted::new(measured, Grouping { scopes: &["service", "customer"], by }, &atoms)
}

/// Reasons for which clocks and first-time fixes are left out, in the order in which they are printed.
const REASONS: [&str; 11] = [
    "no goal",
    "calendar has no hours",
    "clock not started",
    EXCLUDED,
    "no response recorded",
    "no resolution recorded",
    STILL_RUNNING,
    "first response before opened",
    "resolved before opened",
    NO_GROUP_HISTORY,
    NO_REOPEN_HISTORY,
];

/// The targets that a scope is held to.
struct Targets {
    response: Option<Target>,
    resolution: Option<Target>,
}

impl Targets {
    fn new(context: &Context<'_>, scope: &Scope) -> Self {
        Self {
            response: context.target(scope, |a| a.response_target),
            resolution: context.target(scope, |a| a.resolution_target),
        }
    }
}

fn figure(
    context: &Context<'_>,
    measure: &TicketMeasure,
    scope: &Scope,
    kind: &str,
    split: Option<(&str, &str, &str)>,
    values: Option<&Values>,
    targets: &Targets,
) -> Figure {
    let definition = &measure.definition;
    let mut dimensions = vec![("type", kind)];
    if let Some((name, _, value)) = split {
        dimensions.push((name, value));
    }
    let id = FigureId::new(definition.id, scope.clone(), &dimensions);
    let value_at = |part: usize| values.and_then(|values| values.get(part).copied().flatten());
    let used = value_at(0).unwrap_or(0.0);
    let settings = &context.catalogue.settings;
    let missed = whole(used) - whole(value_at(1).unwrap_or(0.0)).min(whole(used));
    let value = match measure.of {
        _ if measure.rests_on == RestsOn::FirstFixGroups && settings.first_fix_groups.is_empty() => {
            let text = "`first_fix_groups` in [figures] names no group in which a first-time fix can happen";
            Err(Missing::new(MissingKind::NotConfigured, text))
        }
        _ if context.no_tickets.is_some() => Err(Missing::new(MissingKind::NoData, context.no_tickets.unwrap_or(""))),
        _ if measure
            .rows
            .iter()
            .chain(measure.of.part().unwrap_or_default())
            .any(|condition| context.untold.contains(&condition.column())) =>
        {
            Err(Missing::new(MissingKind::NoData, "the tool does not tell"))
        }
        Of::Count => Ok(used),
        Of::Sum(_) => Ok(value_at(1).unwrap_or(0.0)),
        Of::PerMillion(_) if used > 0.0 => Ok(sigma::per_million(missed, whole(used)).unwrap_or(0.0)),
        Of::Sigma(_) if used > 0.0 => sigma::level(missed, whole(used)).ok_or_else(|| {
            let text = if missed == 0 {
                "nothing was missed: no level is finite"
            } else {
                "everything was missed: no level is finite"
            };
            Missing::new(MissingKind::Undefined, text)
        }),
        Of::Share(_) if used > 0.0 => Ok(100.0 * value_at(1).unwrap_or(0.0) / used),
        Of::Mean(_) if used > 0.0 => Ok(value_at(1).unwrap_or(0.0) / used),
        Of::Percentile(..) | Of::Max(_) if used > 0.0 => {
            value_at(1).ok_or_else(|| Missing::new(MissingKind::Undefined, "no values"))
        }
        _ => Err(Missing::new(MissingKind::NotApplicable, nothing_to_measure(measure))),
    };
    let mut figure = Figure::new(id, definition.unit.clone(), value);
    figure.n = whole(used);
    if measure.of.part().is_some() {
        let part = value_at(1).unwrap_or(0.0);
        let defects = matches!(measure.of, Of::PerMillion(_));
        figure.numerator = Some(whole_signed(if defects { used - part } else { part }));
        figure.denominator = Some(whole_signed(used));
    }
    // Until the days for reopenings are over, a reopening may still come.
    figure.provisional = figure.value.is_ok()
        && measure.rests_on != RestsOn::Nothing
        && context.window.as_of < context.window.end + i64::from(settings.reopen_days) * 86_400;
    let group_filter = group_filter(scope, kind, split);
    let left_out = left_out(measure, values, &group_filter);
    // A clock that runs in time will be met or missed yet, and counts in the period in which its ticket was opened.
    figure.provisional |= settings.attribution == Attribution::Opened && super::clock::may_still_count(&left_out);
    figure.rows = Rows {
        table: "tickets".into(),
        used: whole(used),
        left_out,
        filter: format!("{} AND {group_filter}", all_sql(measure.rows)),
    };
    // The agreed share is that of the whole type; its priorities are shown beside it, not judged one by one.
    figure.target = match measure.clock.filter(|_| measure.held_to_target && split.is_none()) {
        Some(Clock::Response) => targets.response.clone(),
        Some(Clock::Resolution) => targets.resolution.clone(),
        None => None,
    };
    verdict::judge(&mut figure, context.catalogue.settings.risk_at);
    figure.alternatives = without_exclusions(measure, values);
    let by_links = measure.rows.iter().any(|condition| matches!(condition.column(), "recurs" | "linked_to_problem"));
    let made_of = if by_links { crate::model::Table::Links } else { crate::model::Table::Tickets };
    figure.basis = Basis { parameters: parameters(context, measure, scope), ..context.basis(definition, made_of) };
    figure.tainted = context.tainted(made_of);
    figure
}

/// What a share would be with the clocks counted that a decision leaves out (rule R18).
fn without_exclusions(measure: &TicketMeasure, values: Option<&Values>) -> Vec<Alternative> {
    let (Some(_), Some([counted, met, .., excluded, excluded_met])) = (measure.excluded, values.map(Vec::as_slice))
    else {
        return Vec::new();
    };
    let [counted, met, excluded, excluded_met] = [counted, met, excluded, excluded_met].map(|n| n.unwrap_or(0.0));
    if excluded == 0.0 {
        return Vec::new();
    }
    let value = 100.0 * (met + excluded_met) / (counted + excluded);
    vec![Alternative { formula: "without exclusions".into(), value }]
}

fn nothing_to_measure(measure: &TicketMeasure) -> &'static str {
    match measure.definition.unit {
        Unit::Percent => "no ticket counts for it in the period",
        _ => "no such ticket in the period",
    }
}

fn left_out(measure: &TicketMeasure, values: Option<&Values>, group: &str) -> Vec<LeftOut> {
    let count_at = |part: usize| values.and_then(|values| values.get(part).copied().flatten()).map_or(0, whole);
    let mut list = Vec::new();
    match measure.left_out {
        LeftOutBy::Nothing => {}
        LeftOutBy::Reason(conditions, reason) => list.push(LeftOut {
            reason: reason.to_owned(),
            count: count_at(2),
            filter: format!("{} AND {group}", all_sql(conditions)),
        }),
        LeftOutBy::Column(column) => {
            for (at, reason) in REASONS.iter().enumerate() {
                list.push(LeftOut {
                    reason: (*reason).to_owned(),
                    count: count_at(2 + at),
                    filter: format!("{column} = '{reason}' AND {group}"),
                });
            }
        }
    }
    list.retain(|entry| entry.count > 0);
    list
}

fn group_filter(scope: &Scope, kind: &str, split: Option<(&str, &str, &str)>) -> String {
    let mut parts = Vec::new();
    let columns = match &scope.agreement {
        Some(_) => [("agreement", &scope.agreement), ("agreement", &None)],
        None => [("service", &scope.service), ("customer", &scope.customer)],
    };
    for (column, id) in columns {
        if let Some(id) = id {
            parts.push(format!("{column} = {}", super::quoted(id)));
        }
    }
    parts.push(format!("type = {}", super::quoted(kind)));
    if let Some((name, column, value)) = split {
        parts.push(if name == "times" {
            format!("{column} = {value}")
        } else {
            format!("{column} = {}", super::quoted(value))
        });
    }
    parts.join(" AND ")
}

fn parameters(context: &Context<'_>, measure: &TicketMeasure, scope: &Scope) -> Vec<(String, String)> {
    let settings = &context.catalogue.settings;
    let mut parameters = vec![("zone".to_owned(), context.catalogue.zone.name().to_owned())];
    let uses = |column: &str| {
        measure
            .rows
            .iter()
            .any(|condition| matches!(condition, Condition::Above(c) | Condition::Has(c) if *c == column))
    };
    if measure.definition.id.starts_with("sla.") {
        parameters.push(("attribution".into(), format!("{:?}", settings.attribution).to_lowercase()));
    }
    if measure.clock.is_some() {
        parameters.extend(clock_parameters(context, scope));
    }
    let changed = scope.service.as_deref().filter(|_| measure.held_to_target && scope.agreement.is_none());
    let changed = changed.map(|service| context.judged_in_parts(service)).unwrap_or_default();
    if !changed.is_empty() {
        let ids: Vec<&str> = changed.iter().map(|agreement| agreement.id.as_str()).collect();
        parameters.push(("judged_in".into(), ids.join(", ")));
    }
    if uses("reopened_times") || uses("group_changes") {
        parameters.push(("counts_from".into(), format!("{:?}", settings.counts_from).to_lowercase()));
    }
    if measure.in_service_time()
        && let Some(files) = super::calendars_in_use::holidays_of_clocks(context, scope)
    {
        parameters.push(("holidays".into(), files));
    }
    if measure.rests_on != RestsOn::Nothing {
        parameters.push(("reopen_days".into(), settings.reopen_days.to_string()));
    }
    if measure.rests_on == RestsOn::FirstFixGroups {
        parameters.push(("first_fix_groups".into(), settings.first_fix_groups.join(", ")));
    }
    if settings.duplicates == Duplicates::Drop {
        parameters.push(("duplicates".into(), "drop".into()));
    }
    if matches!(measure.of, Of::Sigma(_)) {
        parameters.push(("shift".into(), sigma::SHIFT.to_string()));
    }
    if matches!(measure.of, Of::Percentile(..)) {
        parameters.push(("percentile".into(), "linear interpolation (type 7)".into()));
    }
    parameters
}

/// Says what starts, halts and stops the clocks of a scope, where an agreement has rules of its own.
fn clock_parameters(context: &Context<'_>, scope: &Scope) -> Vec<(String, String)> {
    let ours = |agreement: &&Agreement| match (&scope.agreement, &scope.service, &scope.customer) {
        (Some(id), ..) => agreement.id == *id,
        (None, Some(service), _) => agreement.service == *service,
        (None, None, Some(customer)) => agreement.customer.as_ref() == Some(customer),
        (None, None, None) => true,
    };
    let own = context.catalogue.slas().filter(ours).filter(|agreement| agreement.clock != ClockRule::default());
    own.map(|agreement| (format!("clock of {}", agreement.id), agreement.clock.words())).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are whole and not negative")]
fn whole(count: f64) -> u64 {
    count as u64
}

#[expect(clippy::cast_possible_truncation, reason = "counts are whole")]
fn whole_signed(count: f64) -> i64 {
    count as i64
}
