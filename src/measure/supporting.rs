//! Agreements that support those with customers: operational level agreements and underpinning contracts (8.3.4).
//!
//! One clock a ticket and agreement, judged by resolution goals. An operational level agreement runs while its group
//! holds the ticket; an underpinning contract runs on tickets that name its supplier. Neither ever judges a ticket's
//! own clocks.

use super::clock::{self, Clock, Life, Outcome, Reading, Standing};
use super::condition::Condition;
use super::definition::{Better, Definition};
use super::goals::{NO_GOALS, resolution_goal};
use super::ticket_state::{instants, text};
use super::tickets::{PreparedTickets, Seen};
use super::{Context, quoted, verdict};
use crate::calendar::{Span, Spans};
use crate::model::agreement::{Agreement, AgreementKind};
use crate::model::catalogue::Attribution;
use crate::model::clause::Clause;
use crate::model::duration::write;
use crate::model::figure::{Basis, Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Finding, Scope, Severity, Table};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The table of the clocks.
pub const TABLE: &str = "supporting_clocks";

/// Returns the measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let percent =
        |id, title, formula| Definition::count(id, title, formula).in_unit(Unit::Percent).better(Better::Higher);
    let breached = |id, title, formula| Definition::count(id, title, formula).not_additive().better(Better::Lower);
    vec![
        percent(
            "ola.resolution",
            "Operational agreement within goal",
            "met ÷ (met + missed) over clocks of the operational level agreement that stopped in the period (attribution: see parameters); service time in which the group held the ticket, until it was resolved or handed on for the last time, without pauses; exclusions are agreed with the customer and leave no such clock out; equal to the goal is met",
        )
        .for_clauses(&[Clause::ServiceLevel]),
        breached(
            "ola.open_breached",
            "Operational agreement breached, still open",
            "clocks of the operational level agreement that run at as-of and are over their goal",
        )
        .for_clauses(&[Clause::ServiceLevel]),
        percent(
            "uc.resolution",
            "Supplier contract within goal",
            "met ÷ (met + missed) over clocks of the underpinning contract that stopped in the period (attribution: see parameters); service time of tickets that name the supplier, as of the resolution clock, or in which its group held them; exclusions are agreed with the customer and leave no such clock out; equal to the goal is met",
        )
        .for_clauses(&[Clause::Supplier]),
        breached(
            "uc.open_breached",
            "Supplier contract breached, still open",
            "clocks of the underpinning contract that run at as-of and are over their goal",
        )
        .for_clauses(&[Clause::Supplier]),
    ]
}

/// One clock of one ticket.
pub struct SupportingClock {
    row: usize,
    /// The agreement, as its place in the book.
    pub agreement: usize,
    /// What it reads.
    pub reading: Reading,
    /// What happened to it.
    pub life: Life,
    outcome: Outcome,
}

/// Whom a supporting agreement binds, compiled.
struct Bound {
    group: Option<Condition>,
    supplier: Option<String>,
}

/// Computes the table of supporting clocks that a period touches; `None` where the book has no such agreement.
///
/// # Errors
/// A polars error where the tickets lack a column of the schema.
pub fn table(context: &Context<'_>, tickets: &PreparedTickets) -> PolarsResult<Option<DataFrame>> {
    let agreements = &context.catalogue.agreements;
    if agreements.iter().all(Agreement::is_sla) {
        return Ok(None);
    }
    let parties = Parties::new(context, tickets)?;
    let of_row = |row: usize| parties.clocks_of(context, tickets, row);
    let clocks: Vec<SupportingClock> =
        (0..tickets.state.len).into_par_iter().with_min_len(1 << 12).flat_map_iter(of_row).collect();
    Ok(Some(frame(context, tickets, &clocks)?))
}

/// Whom the agreements of a book bind, ready to be asked ticket by ticket.
struct Parties<'a> {
    bound: Vec<Bound>,
    suppliers: &'a StringChunked,
}

impl<'a> Parties<'a> {
    fn new(context: &Context<'_>, tickets: &'a PreparedTickets) -> PolarsResult<Self> {
        let bound = context.catalogue.agreements.iter().map(|agreement| Bound {
            group: agreement.group.as_deref().map(|group| Condition::of_group(group, &tickets.state)),
            supplier: agreement.supplier.as_deref().map(folded),
        });
        Ok(Self { bound: bound.collect(), suppliers: text(&tickets.frame, "supplier")? })
    }

    fn clocks_of(&self, context: &Context<'_>, tickets: &PreparedTickets, row: usize) -> Vec<SupportingClock> {
        let agreements = &context.catalogue.agreements;
        if tickets.kind(row) == NO_GOALS || tickets.background.drops(row, context.window.as_of) {
            return Vec::new();
        }
        let seen = tickets.seen(row, context.window).filter(|seen| !seen.recorded_later);
        let Some(seen) = seen else { return Vec::new() };
        let all: Vec<usize> = tickets.promises.supporting(seen.service, seen.customer, tickets.day(row)).collect();
        // An agreement for the ticket's own customer stands in the place of the one for all.
        let replaced = |at: usize| {
            let own = all.iter().filter(|own| agreements[**own].customer.is_some());
            agreements[at].customer.is_none()
                && own.into_iter().any(|own| same_party(&agreements[*own], &agreements[at]))
        };
        let supplier = || self.suppliers.get(row).map(folded);
        let ours = all.iter().filter(|at| !replaced(**at) && tickets.promises.names_type(**at, tickets.kind(row)));
        ours.filter_map(|at| judge(context, tickets, &seen, *at, &self.bound[*at], &supplier)).collect()
    }
}

/// Returns the supporting clocks of one ticket.
///
/// # Errors
/// A polars error where the tickets lack a column of the schema.
pub fn of_ticket(context: &Context<'_>, tickets: &PreparedTickets, row: usize) -> PolarsResult<Vec<SupportingClock>> {
    Ok(Parties::new(context, tickets)?.clocks_of(context, tickets, row))
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

fn same_party(one: &Agreement, other: &Agreement) -> bool {
    let party = |a: &Agreement| (a.kind, a.group.as_deref().map(folded), a.supplier.as_deref().map(folded));
    party(one) == party(other)
}

/// Judges the clock of a ticket under an agreement; `None` where it has none, or none that reaches into the period.
fn judge(
    context: &Context<'_>,
    tickets: &PreparedTickets,
    seen: &Seen,
    agreement: usize,
    bound: &Bound,
    supplier: &dyn Fn() -> Option<String>,
) -> Option<SupportingClock> {
    if bound.supplier.is_some() && bound.supplier != supplier() {
        return None;
    }
    let (row, window) = (seen.row, context.window);
    let promise = &tickets.promises.agreements[agreement];
    let opened = tickets.state.opened[row];
    let mut life = tickets.resolution_life(&promise.rule, seen, window.as_of);
    if let Some(group) = &bound.group {
        let held = group.spans(&tickets.state, row, Span::new(opened, window.as_of));
        life = held_by(&life, &held, (opened, window.as_of), promise.rule.start.is_some())?;
    }
    let cancelled = seen.state.cancelled
        || promise.rule.cancel.as_ref().is_some_and(|cancel| cancel.holds(&tickets.state, row, window.as_of - 1));
    life.runs &= !cancelled;
    let hours = (context.calendars, promise.calendar);
    let reading =
        tickets.reading((Some(agreement), &promise.rule), Clock::Resolution, (row, &life), hours, window.as_of);
    let standing = Standing {
        opened,
        finished: seen.finished,
        bad_times: seen.state.resolved.filter(|at| *at < opened).map(|_| "resolved before opened"),
        no_hours: tickets.promises.never_opens(promise.calendar),
        excluded: false,
    };
    let outcome = if cancelled {
        Outcome::default()
    } else {
        let attribution = context.catalogue.settings.attribution;
        Outcome::of(&reading, &standing, Clock::Resolution, attribution, Span::new(window.start, window.end))
    };
    let reaches = reading.runs
        || outcome.counted
        || outcome.left_out.is_some()
        || reading.stop.or(seen.finished).is_some_and(|at| at >= window.start);
    reaches.then_some(SupportingClock { row, agreement, reading, life, outcome })
}

/// Cuts the life of a clock to the times at which a group held the ticket and there was something to do: it starts with
/// the first of them, stands still between them, and stops with the resolution or where the ticket was handed on for the
/// last time. What a group held between a resolution and the reopening after it is no time of its own: handed on in
/// between, the resolution is the stop. `None` where the group never held it.
fn held_by(life: &Life, held: &Spans, (opened, as_of): (i64, i64), own_start: bool) -> Option<Life> {
    let end = life.stop.unwrap_or(as_of);
    let idle: Spans = life.idle.iter().copied().collect();
    let worked = held.clip(Span::new(opened, end)).subtract(&idle);
    // Resolved in the very second in which it was taken over, or opened.
    let at_the_end = held.contains(end);
    let first = worked.first().map(|span| span.start).or(at_the_end.then_some(end))?;
    let start = if own_start { life.start.map(|start| start.max(first)) } else { Some(first) };
    let last = worked.last().map_or(end, |span| span.end);
    let (stop, runs) = match life.stop {
        Some(stop) if at_the_end => (Some(stop), false),
        None if life.runs && held.contains(as_of - 1) => (None, true),
        // Finished at an unknown time while the group held it.
        None if !life.runs && last >= as_of => (None, false),
        _ => (Some(last), false),
    };
    let away = worked.complement(Span::new(first, stop.unwrap_or(as_of).max(first)));
    Some(Life {
        start,
        stop,
        runs,
        idle: life.idle.clone(),
        pauses: life.pauses.union(&away),
        turns: life.turns.clone(),
    })
}

/// Makes the table of the clocks.
fn frame(context: &Context<'_>, tickets: &PreparedTickets, clocks: &[SupportingClock]) -> PolarsResult<DataFrame> {
    let agreements = &context.catalogue.agreements;
    let last = context.window.as_of - 1;
    let state = &tickets.state;
    let canonical = |name: &str| text(&tickets.frame, name);
    let (source, source_key, kind, supplier) =
        (canonical("source")?, canonical("source_key")?, canonical("type")?, canonical("supplier")?);
    let words = |name: &str, of: &dyn Fn(&SupportingClock) -> Option<String>| {
        Column::new(name.into(), clocks.iter().map(of).collect::<Vec<Option<String>>>())
    };
    let flags = |name: &str, of: &dyn Fn(&SupportingClock) -> bool| {
        Column::new(name.into(), clocks.iter().map(of).collect::<Vec<bool>>())
    };
    let numbers = |name: &str, of: &dyn Fn(&SupportingClock) -> Option<i64>| {
        Column::new(name.into(), clocks.iter().map(of).collect::<Vec<Option<i64>>>())
    };
    let stamps =
        |name: &str, of: &dyn Fn(&SupportingClock) -> Option<i64>| instants(name, clocks.iter().map(of).collect());
    let owned = |word: Option<&str>| word.map(str::to_owned);
    let customer = |clock: &SupportingClock| {
        let place = state.customer_at(clock.row, last) as usize;
        context.catalogue.customers.get(place).map(|customer| customer.id.clone())
    };
    DataFrame::new(
        clocks.len(),
        vec![
            words("agreement", &|clock| Some(agreements[clock.agreement].id.clone())),
            words("kind", &|clock| Some(agreements[clock.agreement].kind.word().to_owned())),
            words("service", &|clock| Some(agreements[clock.agreement].service.clone())),
            words("customer", &customer),
            words("type", &|clock| owned(kind.get(clock.row))),
            words("priority", &|clock| owned(state.priority_words.word(state.priority_at(clock.row, last)))),
            words("group", &|clock| owned(state.group_words().word(state.group_at(clock.row, last)))),
            words("supplier", &|clock| owned(supplier.get(clock.row))),
            words("source", &|clock| owned(source.get(clock.row))),
            words("source_key", &|clock| owned(source_key.get(clock.row))),
            stamps("started_at", &|clock| clock.reading.start),
            stamps("stopped_at", &|clock| clock.reading.stop),
            stamps("due", &|clock| clock.reading.due),
            numbers("paused_s", &|clock| clock.reading.start.map(|_| clock.reading.paused)),
            numbers("taken_s", &|clock| clock.reading.start.map(|_| clock.reading.taken)),
            numbers("goal_s", &|clock| clock.reading.goal),
            flags("runs", &|clock| clock.reading.runs),
            flags("counted", &|clock| clock.outcome.counted),
            flags("met", &|clock| clock.outcome.met),
            flags("open_breached", &|clock| clock.outcome.open_breached),
            words("left_out", &|clock| owned(clock.outcome.left_out)),
        ],
    )
}

/// What the clocks of one agreement and ticket type come to.
#[derive(Default)]
struct Tally {
    counted: u64,
    met: u64,
    open_breached: u64,
    left_out: BTreeMap<String, u64>,
}

/// Computes the figures of the supporting agreements that hold within the known part of the period.
///
/// # Errors
/// A polars error where the table lacks a column, which is a fault of this module.
pub fn figures(context: &Context<'_>, clocks: &DataFrame) -> PolarsResult<Vec<Figure>> {
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    let (agreement, kind, left_out) = (text(clocks, "agreement")?, text(clocks, "type")?, text(clocks, "left_out")?);
    let flag = |name: &str| clocks.column(name).and_then(|column| column.bool().cloned());
    let (counted, met, breached) = (flag("counted")?, flag("met")?, flag("open_breached")?);
    for row in 0..clocks.height() {
        let key = (agreement.get(row).unwrap_or(""), kind.get(row).unwrap_or(""));
        let tally = tallies.entry(key).or_default();
        tally.counted += u64::from(counted.get(row) == Some(true));
        tally.met += u64::from(met.get(row) == Some(true));
        tally.open_breached += u64::from(breached.get(row) == Some(true));
        if let Some(reason) = left_out.get(row) {
            *tally.left_out.entry(reason.to_owned()).or_default() += 1;
        }
    }
    let mut figures = Vec::new();
    for agreement in context.supporting_overlapping() {
        let types: BTreeSet<&str> = agreement.resolution.iter().map(|goal| goal.ticket_type.as_str()).collect();
        for kind in types {
            let none = Tally::default();
            let tally = tallies.get(&(agreement.id.as_str(), kind)).unwrap_or(&none);
            figures.extend(of_agreement(context, agreement, kind, tally));
        }
    }
    Ok(figures)
}

fn of_agreement(context: &Context<'_>, agreement: &Agreement, kind: &str, tally: &Tally) -> [Figure; 2] {
    let scope =
        Scope { service: Some(agreement.service.clone()), customer: None, agreement: Some(agreement.id.clone()) };
    let of_group = format!("agreement = {} AND type = {}", quoted(&agreement.id), quoted(kind));
    let mut parameters =
        vec![("attribution".to_owned(), format!("{:?}", context.catalogue.settings.attribution).to_lowercase())];
    parameters.extend(agreement.group.iter().map(|group| ("group".to_owned(), group.clone())));
    parameters.extend(agreement.supplier.iter().map(|supplier| ("supplier".to_owned(), supplier.clone())));
    if agreement.clock != crate::model::agreement::ClockRule::default() {
        parameters.push(("clock".to_owned(), agreement.clock.words()));
    }
    let figure = |measure: &str, used: u64, condition: &str, value: Option<f64>| {
        let definition = definitions().into_iter().find(|definition| definition.id == measure);
        let value = match (context.no_tickets, value) {
            (Some(reason), _) => Err(Missing::new(MissingKind::NoData, reason)),
            (None, Some(value)) => Ok(value),
            (None, None) => Err(Missing::new(MissingKind::NotApplicable, "no clock of it counts in the period")),
        };
        let unit = definition.as_ref().map_or(Unit::Count, |definition| definition.unit.clone());
        let mut figure = Figure::new(FigureId::new(measure, scope.clone(), &[("type", kind)]), unit, value);
        figure.n = used;
        figure.rows =
            Rows { table: TABLE.into(), used, left_out: Vec::new(), filter: format!("{condition} AND {of_group}") };
        if let Some(definition) = &definition {
            figure.basis = Basis { parameters: parameters.clone(), ..context.basis(definition, Table::Tickets) };
        }
        figure.tainted = context.tainted(Table::Tickets);
        figure
    };
    let (resolution, breached) = match agreement.kind {
        AgreementKind::Uc => ("uc.resolution", "uc.open_breached"),
        _ => ("ola.resolution", "ola.open_breached"),
    };
    let share = (tally.counted > 0).then(|| 100.0 * tally.met as f64 / tally.counted as f64);
    let mut within = figure(resolution, tally.counted, "counted", share);
    within.numerator = i64::try_from(tally.met).ok();
    within.denominator = i64::try_from(tally.counted).ok();
    within.rows.left_out = tally
        .left_out
        .iter()
        .map(|(reason, count)| LeftOut {
            reason: reason.clone(),
            count: *count,
            filter: format!("left_out = {} AND {of_group}", quoted(reason)),
        })
        .collect();
    within.provisional =
        context.catalogue.settings.attribution == Attribution::Opened && clock::may_still_count(&within.rows.left_out);
    within.target = agreement.resolution_target.map(|value| verdict::target(agreement, value, Comparator::AtLeast));
    verdict::judge(&mut within, context.catalogue.settings.risk_at);
    [within, figure(breached, tally.open_breached, "open_breached", Some(tally.open_breached as f64))]
}

/// Finds supporting goals that are longer than the goal of the service that they support (8.3.4).
pub fn findings(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for agreement in context.supporting_overlapping() {
        let mut slas = context.agreements_overlapping();
        slas.retain(|sla| sla.service == agreement.service && sla.customer.is_none());
        let mut looser = Vec::new();
        let mut asked: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
        for goal in slas.iter().flat_map(|sla| &sla.resolution).chain(&agreement.resolution) {
            asked.insert((&goal.ticket_type, goal.priority.as_deref()));
        }
        for (kind, priority) in asked {
            let own = resolution_goal(agreement, kind, priority);
            let supported = slas.iter().filter_map(|sla| Some((resolution_goal(sla, kind, priority)?, &sla.id))).min();
            if let (Some(own), Some((goal, sla))) = (own, supported)
                && own > goal
            {
                let whose = priority.map_or_else(|| kind.to_owned(), |priority| format!("{kind} {priority}"));
                looser.push(format!("{whose} {} where `{sla}` has {}", write(own), write(goal)));
            }
        }
        if !looser.is_empty() {
            findings.push(Finding {
                id: format!("supporting_goal_looser.{}", agreement.id),
                kind: "supporting_goal_looser".into(),
                severity: Severity::Warning,
                count: looser.len() as u64,
                figures: vec![format!("{}.resolution", agreement.kind.word())],
                table: String::new(),
                filter: String::new(),
                text: format!(
                    "agreement `{}` allows longer than the agreement that it supports: {}. Both can be met only where the shorter one is.",
                    agreement.id,
                    looser.join("; ")
                ),
            });
        }
    }
    findings
}
