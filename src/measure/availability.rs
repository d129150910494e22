//! Availability: what each service, each agreement and each group of services had and missed.
//!
//! Knows the intervals of services, their hours, agreements and groups. Must not know how rows are read.

mod algebra;
mod budget;
mod catalogue;
mod composite;
mod findings;
mod groups;
mod outage_rows;
mod repair;
mod reported;
mod service;
mod time_rows;
mod users;

#[cfg(test)]
mod tests;

use super::exclusions::Exclusions;
use super::outages::{Known, ServiceState};
use super::{Context, Course, Depth, Measured};
use crate::calendar::{Span, Spans};
use crate::model::catalogue::{AvailabilityRule, PartialService};
use crate::model::{Agreement, Figure, FigureId, Scope, Service, Table};
use algebra::{Answer, Ground, evaluate, percent};
pub use catalogue::definitions;
use composite::Landscape;
use outage_rows::{Component, OutageRows, Part, UsedRows};
use polars::prelude::*;
pub use reported::table as reported_table;
use std::collections::BTreeMap;
use time_rows::{ExcludedRows, FailureRows, MaintenanceRows};

/// Milliseconds in a second, and thousandths in a millisecond.
pub const MILLI: i64 = 1_000;

/// The measured tables that come with the figures of availability.
pub const TABLES: [&str; 4] = ["outages", "failures", "maintenance", "excluded_time"];

/// The time before a period in which the beginning of an outage is looked for: ten years, so that a start from the
/// beginning of time costs no more than an outage.
const LOOK_BACK: i64 = 3_653 * 86_400 * MILLI;

/// One scope whose availability is computed.
pub struct Subject<'a> {
    scope: Scope,
    service: &'a Service,
    /// The agreement whose terms hold: its notice of maintenance, and its target where that is judged here.
    agreement: Option<&'a Agreement>,
    /// The promise that the figure is held to.
    target: Option<(&'a Agreement, f64)>,
    /// Agreements that are judged by figures of their own, because several hold in the period (rule R15).
    judged_in: Vec<&'a str>,
    calendar: usize,
    rule: AvailabilityRule,
    /// Milliseconds before its start by which maintenance must be announced.
    notice: i64,
    /// From go-live to retirement.
    life: Span,
    /// The part of the period in which the agreement holds, cut at as-of.
    reach: Span,
    /// What is measured: the reach in service; `None` where nothing of it is left.
    window: Option<Span>,
    /// What is measured once the period is over.
    whole: Option<Span>,
}

/// What is known of a subject, and what came of it.
struct Measure<'a> {
    subject: &'a Subject<'a>,
    ground: Ground,
    answer: Answer,
    /// How the state is known.
    known: Known,
    rows: UsedRows,
    maintenance: (u64, Vec<crate::model::figure::LeftOut>),
    excluded: (u64, u64),
    /// Maintenance that is announced and still to come.
    ahead: Spans,
}

/// Computes figures, daily courses, findings and the measured tables of a period.
///
/// # Errors
/// A polars error where the tables cannot be built.
pub fn measure(
    context: &Context<'_>,
    states: &BTreeMap<String, ServiceState>,
    exclusions: &Exclusions,
) -> PolarsResult<Measured> {
    let mut measured = Measured::default();
    let reported = reported::read(context)?;
    let has_rows = [Table::Outages, Table::Checks, Table::Coverage, Table::Maintenance]
        .iter()
        .any(|table| context.dataset.table(*table).is_some());
    let as_of = context.window.as_of * MILLI;
    let in_force = context.agreements_in_force();
    let notice_of = |service: &str| {
        let general = in_force.iter().find(|a| a.service == service && a.customer.is_none());
        notice(general.copied())
    };
    let landscape = Landscape::new(context.catalogue, states, as_of, notice_of, |service| life(context, service));
    let (mut outage_rows, mut failure_rows) = (OutageRows::default(), FailureRows::default());
    let (mut maintenance_rows, mut excluded_rows) = (MaintenanceRows::default(), ExcludedRows::default());
    let mut members: BTreeMap<&str, groups::Member> = BTreeMap::new();
    for service in &context.catalogue.services {
        let Some(state) = states.get(&service.id) else { continue };
        let exclusions = exclusions.spans_of(&service.id, as_of);
        for subject in &subjects(context, service, &in_force) {
            let own = subject.scope.agreement.is_none();
            let reported = reported.get(&service.id).filter(|_| own);
            if !has_rows {
                figures_without_rows(context, subject, reported, &mut measured.figures);
                continue;
            }
            let mut measure = Measure::new(context, &landscape, subject, &exclusions);
            if context.depth == Depth::Report {
                let parts = parts(&landscape, subject);
                measure.rows = outage_rows.push(subject, &measure.ground, &measure.answer, &parts, as_of);
                measure.maintenance = maintenance_rows.push(subject, &measure.ground, &state.maintenance, as_of);
                measure.excluded = excluded_rows.push(subject, &measure.ground.hours, &exclusions);
                failure_rows.push(subject, &measure.answer);
            }
            let figures = service::figures(context, &landscape, &measure, reported);
            if own {
                members.insert(&service.id, groups::Member::of(&measure, &figures));
                // Days are drawn of spans that people look at day by day.
                let drawn = context.period.end() - context.period.start() <= chrono::TimeDelta::days(400);
                if context.depth == Depth::Report && drawn {
                    measured.courses.push(day_course(context, &measure));
                }
            }
            measured.figures.extend(figures);
        }
    }
    if has_rows {
        measured.figures.extend(groups::figures(context, &members));
    }
    if context.depth == Depth::Report {
        measured.findings.extend(reported::findings(context, &measured.figures));
        measured.findings.extend(reported::overlaps(&measured.figures));
        measured.findings.extend(findings::of_rows(context)?);
        if has_rows {
            let (outages, maintenance) = (outage_rows.frame()?, maintenance_rows.frame()?);
            measured.findings.extend(findings::of_outages(&outages)?);
            measured.findings.extend(findings::of_maintenance(&maintenance)?);
            let frames = [outages, failure_rows.frame()?, maintenance, excluded_rows.frame()?];
            measured.tables.extend(TABLES.iter().map(|name| (*name).to_owned()).zip(frames));
        }
        if let Some(table) = reported_table(context)? {
            measured.tables.insert(Table::ReportedAvailability.name().to_owned(), table);
        }
    }
    Ok(measured)
}

fn notice(agreement: Option<&Agreement>) -> i64 {
    agreement.and_then(|a| a.maintenance_notice_days).unwrap_or(0).saturating_mul(86_400 * MILLI)
}

/// Returns the scopes of a service: itself, and each agreement that holds within the period and has an availability
/// target or hours of its own.
fn subjects<'a>(context: &Context<'a>, service: &'a Service, in_force: &[&'a Agreement]) -> Vec<Subject<'a>> {
    let catalogue = context.catalogue;
    let own = context.calendars.index(service.calendar.as_deref());
    let period = Span { start: context.window.start * MILLI, end: context.window.end * MILLI };
    let life = life(context, service);
    let subject = |agreement: Option<&'a Agreement>, calendar: usize, scope: Scope, within: Span| {
        let until = Span { start: i64::MIN, end: context.window.as_of * MILLI };
        let owed = match catalogue.settings.partial {
            PartialService::InService => within.intersect(life),
            PartialService::WholePeriod => within,
        };
        let some = |span: Span| (!span.is_empty()).then_some(span);
        Subject {
            scope,
            service,
            agreement,
            target: None,
            judged_in: Vec::new(),
            calendar,
            rule: catalogue.settings.availability,
            notice: notice(agreement),
            life,
            reach: within.intersect(until),
            window: some(owed.intersect(until)),
            whole: some(owed),
        }
    };
    let overlapping = context.agreements_overlapping();
    let in_force = in_force.iter().find(|a| a.service == service.id && a.customer.is_none()).copied();
    let mut of_service = subject(in_force, own, Scope::service(&service.id), period);
    // A promise is kept or broken in the hours in which it was made: where the agreement's hours are others than those
    // of the service, the agreement's own figure is held to it and the service's is not.
    let promised_in =
        |agreement: &Agreement| agreement.calendar.as_deref().map_or(own, |id| context.calendars.index(Some(id)));
    let parts = context.judged_in_parts(&service.id);
    if parts.is_empty() {
        of_service.target = in_force.filter(|a| promised_in(a) == own).and_then(|a| Some((a, a.availability?)));
    } else {
        let judged = parts.iter().filter(|a| a.availability.is_some());
        of_service.judged_in = judged.map(|a| a.id.as_str()).collect();
    }
    let mut subjects = vec![of_service];
    for agreement in overlapping.iter().filter(|a| a.service == service.id) {
        if agreement.availability.is_none() && agreement.calendar.is_none() {
            continue;
        }
        let scope = Scope {
            service: Some(service.id.clone()),
            customer: agreement.customer.clone(),
            agreement: Some(agreement.id.clone()),
        };
        let within = period.intersect(context.validity(agreement));
        let mut of_agreement = subject(Some(agreement), promised_in(agreement), scope, within);
        of_agreement.target = agreement.availability.map(|target| (*agreement, target));
        subjects.push(of_agreement);
    }
    subjects
}

/// Returns the time from go-live to retirement (rule R20).
fn life(context: &Context<'_>, service: &Service) -> Span {
    let zone = context.catalogue.zone;
    Span {
        start: service.go_live.map_or(i64::MIN, |live| live.instant(zone).timestamp_millis()),
        end: service.retired.map_or(i64::MAX, |retired| retired.instant(zone).timestamp_millis()),
    }
}

/// Returns the service hours within a window of milliseconds; calendars change at whole seconds.
fn hours_within(context: &Context<'_>, calendar: usize, window: Span) -> Spans {
    let seconds = Span { start: window.start.div_euclid(MILLI), end: (window.end + MILLI - 1).div_euclid(MILLI) };
    let hours = context.calendars.within(calendar, seconds);
    let precise = hours.iter().map(|span| Span { start: span.start * MILLI, end: span.end * MILLI });
    precise.collect::<Spans>().clip(window)
}

/// Returns a span together with the time in service since the start of the outage that lasts into it.
fn since_the_start(down: &Spans, span: Span, life: Span) -> Span {
    let lasting = down.get(down.partition_point(|part| part.end <= span.start));
    let start = lasting.map_or(span.start, |part| part.start.max(span.start - LOOK_BACK));
    Span { start: start.max(life.start).min(span.start), end: span.end }
}

/// Returns the rows of a subject's service and of everything that it is made of.
fn parts<'a>(landscape: &Landscape<'a>, subject: &Subject<'a>) -> Vec<Part<'a>> {
    let id = subject.service.id.as_str();
    let own = Part { component: None, rows: landscape.rows(id, Some(subject.notice)) };
    let deciding = landscape.deciding(id).into_iter();
    let components = deciding.map(|(id, deciding)| Part {
        component: Some(Component { id, life: landscape.life(id), deciding }),
        rows: landscape.rows(id, None),
    });
    std::iter::once(own).chain(components).collect()
}

impl<'a> Measure<'a> {
    fn new(
        context: &Context<'_>,
        landscape: &Landscape<'_>,
        subject: &'a Subject<'a>,
        exclusions: &[(Span, String)],
    ) -> Self {
        let (id, notice) = (subject.service.id.as_str(), Some(subject.notice));
        let mut course = landscape.course(id, notice);
        let whole = course.spans();
        let mut known = landscape.known(id, &whole);
        let mut events = landscape.events(id, &whole);
        if context.catalogue.settings.partial == PartialService::WholePeriod {
            // Out of service there are no outages, and nothing is known of the obligation.
            course = course.clip(subject.life);
            known.spans = known.spans.clip(subject.life);
            events.retain(|at| subject.life.contains(*at));
        }
        let down = course.spans();
        let asked = subject.whole.map(|whole| since_the_start(&down, whole, subject.life));
        let ground = Ground {
            hours: asked.map(|asked| hours_within(context, subject.calendar, asked)).unwrap_or_default(),
            excluded: exclusions.iter().map(|(span, _)| *span).collect(),
            agreed: landscape.agreed(id, subject.notice),
            down,
            course,
            events,
            known: known.spans.clone(),
        };
        let answer = subject.window.map(|window| evaluate(&ground, window, subject.rule)).unwrap_or_default();
        Self {
            subject,
            ground,
            answer,
            known,
            rows: UsedRows::default(),
            maintenance: (0, Vec::new()),
            excluded: (0, 0),
            ahead: landscape.ahead(id, subject.notice),
        }
    }
}

/// A promise that nothing is known of is not kept in silence: it has no data (rule R1).
fn figures_without_rows(
    context: &Context<'_>,
    subject: &Subject<'_>,
    reported: Option<&reported::Reported>,
    figures: &mut Vec<Figure>,
) {
    let promised = subject.target.is_some() || !subject.judged_in.is_empty();
    if promised || reported.is_some() {
        figures.push(service::without_rows(context, subject, reported));
    }
    if context.depth == Depth::Report {
        figures.extend(reported.map(|reported| reported::figure(context, subject, reported)));
    }
}

fn day_course(context: &Context<'_>, measure: &Measure<'_>) -> Course {
    let limit = context.catalogue.settings.coverage_limit;
    let subject = measure.subject;
    let points = context.period.days().into_iter().map(|(date, from, to)| {
        let day = Span { start: from.timestamp_millis(), end: to.timestamp_millis() };
        let window = subject.window.map(|window| window.intersect(day)).filter(|window| !window.is_empty());
        let result = match window.map(|window| evaluate(&measure.ground, window, subject.rule)) {
            None => Err("not yet, or not in service".to_owned()),
            Some(day) => match service::missing(&day, &measure.known, limit) {
                Some(missing) => Err(missing.text),
                None => Ok(percent((day.base, day.down))),
            },
        };
        (date.to_string(), result)
    });
    Course { figure: FigureId::new("availability.percent", subject.scope.clone(), &[]), points: points.collect() }
}
