//! Availability figures: what each service, and each agreement with hours of its own, had and missed.

use super::availability::{Answer, Question, RULES, evaluate};
use super::definition::{Better, Definition};
use super::outage_rows::{FailureRows, OutageRows, UsedRows, scope_filter};
use super::outages::{Known, Outage, ServiceState};
use super::{Context, Course, Depth, verdict};
use crate::calendar::{Span, Spans};
use crate::model::clause::Clause;
use crate::model::figure::{Alternative, Basis, Comparator, Coverage, Figure, Missing, MissingKind, Rows, Unit};
use crate::model::{Agreement, FigureId, Scope, Service, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

const AVAILABILITY: &[Clause] = &[Clause::Availability, Clause::ServiceLevel];

/// Returns the availability measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry =
        |id, title, unit, formula| Definition::count(id, title, formula).in_unit(unit).for_clauses(AVAILABILITY);
    vec![
        entry(
            "availability.percent",
            "Availability",
            Unit::Percent,
            "(base − down) ÷ base; A1: base = service hours without agreed maintenance, down = outages within it, united, degraded ones by the greatest weight at each second",
        )
        .better(Better::Higher)
        .with_trend(),
        entry("availability.downtime", "Unplanned downtime", Unit::Seconds, "weighted seconds down within the base, rounded down")
            .better(Better::Lower)
            .with_trend(),
        entry("availability.planned", "Agreed maintenance", Unit::Seconds, "planned window ∩ actual work ∩ service hours, announced in time"),
        entry("availability.coverage", "Coverage", Unit::Percent, "known part of the base ÷ base").better(Better::Higher),
        entry("availability.outages", "Outages", Unit::Count, "merged outages that started in the period and touch the base").better(Better::Lower),
        entry("availability.mtrs", "Mean time to restore service", Unit::Seconds, "seconds in the base of outages that started in the period ÷ their number")
            .better(Better::Lower),
        entry("availability.mtbf", "Mean time between failures", Unit::Seconds, "(base − down) ÷ outages that started in the period").better(Better::Higher),
        entry("availability.longest", "Longest outage", Unit::Seconds, "the longest merged outage, its seconds in the base of the period").better(Better::Lower),
        entry("availability.allowed_left", "Allowed downtime left", Unit::Seconds, "(1 − target) × base − down, of this period; negative where it is used up")
            .better(Better::Higher),
    ]
}

/// Milliseconds in a second, and thousandths in a millisecond.
pub const MILLI: i64 = 1_000;

/// Returns the percentage of a base that is left beside weighted time down.
fn percent((base, down): (i64, i64)) -> f64 {
    100.0 * (base * MILLI - down) as f64 / (base * MILLI) as f64
}

/// One scope whose availability is computed.
struct Subject<'a> {
    scope: Scope,
    service: &'a Service,
    agreement: Option<&'a Agreement>,
    calendar: usize,
}

/// Figures, daily courses, and the measured tables by name.
pub type Outcome = (Vec<Figure>, Vec<Course>, Vec<(String, DataFrame)>);

/// Figures, daily courses and the tables of outages of a period.
///
/// # Errors
/// A polars error where the tables cannot be built.
pub fn figures(context: &Context<'_>, states: &BTreeMap<String, ServiceState>) -> PolarsResult<Outcome> {
    let (mut figures, mut courses) = (Vec::new(), Vec::new());
    let (mut outage_rows, mut failure_rows) = (OutageRows::default(), FailureRows::default());
    let has_rows = [Table::Outages, Table::Checks, Table::Coverage, Table::Maintenance]
        .iter()
        .any(|table| context.dataset.table(*table).is_some());
    if !has_rows {
        return Ok((figures, courses, Vec::new()));
    }
    let in_force = context.agreements_in_force();
    for service in &context.catalogue.services {
        let Some(state) = states.get(&service.id) else { continue };
        let general = in_force.iter().find(|a| a.service == service.id && a.customer.is_none()).copied();
        let own = context.calendars.index(service.calendar.as_deref());
        let mut subjects =
            vec![Subject { scope: Scope::service(&service.id), service, agreement: general, calendar: own }];
        for agreement in in_force.iter().filter(|a| a.service == service.id) {
            if agreement.availability.is_none() && agreement.calendar.is_none() {
                continue;
            }
            subjects.push(Subject {
                scope: Scope {
                    service: Some(service.id.clone()),
                    customer: agreement.customer.clone(),
                    agreement: Some(agreement.id.clone()),
                },
                service,
                agreement: Some(agreement),
                calendar: agreement.calendar.as_deref().map_or(own, |id| context.calendars.index(Some(id))),
            });
        }
        let as_of = context.window.as_of * MILLI;
        let all = state.outages(&context.catalogue.holds, as_of);
        let counted: Vec<Outage> = all.iter().filter(|outage| outage.left_out.is_none()).cloned().collect();
        let known = state.known(&context.catalogue.holds, as_of);
        for subject in &subjects {
            let whole = (context.window.start * MILLI, context.window.end * MILLI);
            let window = service_window(context, subject.service, whole);
            let hours = window.map(|window| hours_within(context, subject.calendar, window)).unwrap_or_default();
            let question = Question {
                window: window.unwrap_or(Span { start: whole.0, end: whole.0 }),
                as_of,
                hours: &hours,
                outages: &counted,
                maintenance: &state.maintenance,
                notice: subject.agreement.and_then(|a| a.maintenance_notice_days).unwrap_or(0) * 86_400 * MILLI,
                known: &known,
                rule: context.catalogue.settings.availability,
            };
            let answer = evaluate(&question);
            let left_out: Vec<&Outage> = all.iter().filter(|outage| outage.left_out.is_some()).collect();
            let rows = outage_rows.push(&subject.scope, &question, &hours, &left_out, as_of);
            failure_rows.push(&subject.scope, &answer);
            figures.extend(subject_figures(context, subject, &answer, &known, &rows));
            // Days are drawn of spans that people look at day by day.
            let drawn = context.period.end() - context.period.start() <= chrono::TimeDelta::days(400);
            if context.depth == Depth::Report && subject.scope.agreement.is_none() && drawn {
                courses.push(day_course(context, subject, &question, &known));
            }
        }
    }
    let tables = match context.depth {
        Depth::Report => {
            vec![("outages".to_owned(), outage_rows.frame()?), ("failures".to_owned(), failure_rows.frame()?)]
        }
        Depth::Trend => Vec::new(),
    };
    Ok((figures, courses, tables))
}

/// Returns a window cut at as-of, go-live and retirement (rule R20); `None` where nothing of it is left.
fn service_window(context: &Context<'_>, service: &Service, window: (i64, i64)) -> Option<Span> {
    let zone = context.catalogue.zone;
    let start = service.go_live.map_or(window.0, |live| live.instant(zone).timestamp_millis().max(window.0));
    let end = service.retired.map_or(window.1, |retired| retired.instant(zone).timestamp_millis().min(window.1));
    let end = end.min(context.window.as_of * MILLI);
    (start < end).then_some(Span { start, end })
}

/// Returns the service hours within a window of milliseconds; calendars change at whole seconds.
fn hours_within(context: &Context<'_>, calendar: usize, window: Span) -> Spans {
    let seconds = Span { start: window.start.div_euclid(MILLI), end: (window.end + MILLI - 1).div_euclid(MILLI) };
    let hours = context.calendars.within(calendar, seconds);
    let precise = hours.iter().map(|span| Span { start: span.start * MILLI, end: span.end * MILLI });
    precise.collect::<Spans>().intersect(&Spans::from_iter([window]))
}

fn subject_figures(
    context: &Context<'_>,
    subject: &Subject<'_>,
    answer: &Answer,
    known: &Known,
    rows: &UsedRows,
) -> Vec<Figure> {
    let settings = &context.catalogue.settings;
    let definitions = definitions();
    let filter = scope_filter(&subject.scope);
    let coverage = coverage(answer, known);
    let missing = missing(answer, coverage.as_ref(), settings.coverage_limit);
    // A promise is kept or broken in the hours in which it was made: where the agreement's hours are others than those
    // of the service, the agreement's own figure is held to it and the service's is not.
    let in_promised_hours = |a: &&Agreement| {
        let promised = a.calendar.as_deref().or(subject.service.calendar.as_deref());
        context.calendars.index(promised) == subject.calendar
    };
    let target_percent = subject.agreement.filter(in_promised_hours).and_then(|a| Some((a, a.availability?)));
    let value = |value: f64| missing.clone().map_or(Ok(value), Err);
    let here: Vec<i64> = answer.failures.iter().filter(|f| f.starts_here).map(|f| f.in_base).collect();
    let count = here.len() as f64;
    let per_failure = |total: f64| {
        if here.is_empty() {
            missing.clone().map_or_else(|| Err(Missing::new(MissingKind::Undefined, "no failure in the period")), Err)
        } else {
            value(total / count)
        }
    };
    let whole_seconds = |milliseconds: i64| milliseconds.div_euclid(MILLI) as f64;
    let seconds = |thousandths: i64| thousandths as f64 / (MILLI * MILLI) as f64;
    let longest = answer.failures.iter().map(|f| f.in_base).max();
    let mut figures = Vec::new();
    for definition in &definitions {
        if context.depth == Depth::Trend && !definition.trend {
            continue;
        }
        let result = match definition.id {
            "availability.percent" => value(percent((answer.base.max(1), answer.down))),
            "availability.downtime" => value(whole_seconds(answer.down / MILLI)),
            "availability.planned" => match missing.as_ref().map(|m| m.kind) {
                Some(MissingKind::NotApplicable) => value(0.0),
                _ => Ok(whole_seconds(answer.planned)),
            },
            "availability.coverage" => match &coverage {
                Some(coverage) => Ok(100.0 * coverage.ratio),
                None => value(0.0),
            },
            "availability.outages" => value(count),
            "availability.mtrs" => per_failure(seconds(here.iter().sum::<i64>() * MILLI)),
            "availability.mtbf" => per_failure(seconds(answer.base * MILLI - answer.down)),
            "availability.longest" => match longest {
                Some(longest) => value(whole_seconds(longest)),
                None => per_failure(0.0),
            },
            _ => match target_percent {
                Some((_, target)) => value(allowed_left(answer, target)),
                None if answer.base == 0 => value(0.0),
                None => Err(Missing::new(MissingKind::NotConfigured, "no agreement gives an availability target")),
            },
        };
        let id = FigureId::new(definition.id, subject.scope.clone(), &[]);
        let mut figure = Figure::new(id, definition.unit.clone(), result);
        figure.n = rows.used;
        figure.rows = Rows {
            table: "outages".into(),
            used: rows.used,
            left_out: rows.left_out.clone(),
            filter: format!("{filter} AND counted_in_period"),
        };
        match definition.id {
            "availability.percent" => {
                if figure.value.is_ok() {
                    figure.numerator = Some(answer.base - answer.down / MILLI);
                    figure.denominator = Some(answer.base);
                }
                figure.target = target_percent.map(|(a, target)| verdict::target(a, target, Comparator::AtLeast));
                figure.coverage.clone_from(&coverage);
                figure.alternatives = alternatives(answer, settings.availability);
            }
            "availability.coverage" => {
                figure.numerator = Some(answer.known);
                figure.denominator = Some(answer.base);
            }
            "availability.outages" | "availability.mtrs" | "availability.mtbf" => {
                figure.n = here.len() as u64;
                figure.rows = Rows {
                    table: "failures".into(),
                    used: here.len() as u64,
                    left_out: Vec::new(),
                    filter: format!("{filter} AND started_in_period"),
                };
            }
            "availability.longest" => {
                figure.n = answer.failures.len() as u64;
                figure.rows = Rows {
                    table: "failures".into(),
                    used: answer.failures.len() as u64,
                    left_out: Vec::new(),
                    filter: filter.clone(),
                };
            }
            _ => {}
        }
        verdict::judge(&mut figure, settings.risk_at);
        figure.basis = Basis { parameters: parameters(context, subject), ..context.basis(definition, Table::Outages) };
        figure.tainted = context.tainted(Table::Outages);
        figures.push(figure);
    }
    figures
}

/// Returns the seconds of downtime that a target leaves; the target counts in millionths, so that one division is enough.
fn allowed_left(answer: &Answer, target: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "a target lies within 0 to 100")]
    let allowed = ((100.0 - target) * 10_000.0).round_ties_even() as i64;
    (answer.base * allowed - answer.down * MILLI) as f64 / 1e9
}

fn coverage(answer: &Answer, known: &Known) -> Option<Coverage> {
    if answer.base == 0 {
        return None;
    }
    let base = (answer.base * MILLI) as f64;
    let unknown = ((answer.base - answer.known) * MILLI) as f64;
    let up = base - answer.down as f64;
    Some(Coverage {
        ratio: answer.known as f64 / answer.base as f64,
        low: 100.0 * (up - unknown).max(0.0) / base,
        high: 100.0 * up / base,
        kind: known.kind().to_owned(),
    })
}

fn missing(answer: &Answer, coverage: Option<&Coverage>, limit: f64) -> Option<Missing> {
    let Some(coverage) = coverage else {
        return Some(Missing::new(MissingKind::NotApplicable, "no service hours are owed in the period"));
    };
    if answer.known == 0 {
        return Some(Missing::new(MissingKind::NoData, "nothing is known of the state of the service in the period"));
    }
    (coverage.ratio * 100.0 < limit).then(|| {
        Missing::new(
            MissingKind::InsufficientCoverage,
            format!(
                "only {:.2} % of the time is known, {limit} % are needed; between {:.2} and {:.2} %",
                coverage.ratio * 100.0,
                coverage.low,
                coverage.high
            ),
        )
    })
}

/// Returns the other rules' results where they differ at the printed precision.
fn alternatives(answer: &Answer, rule: crate::model::catalogue::AvailabilityRule) -> Vec<Alternative> {
    let printed = |value: f64| format!("{value:.2}");
    let results: Vec<(usize, f64)> = answer
        .by_rule
        .iter()
        .enumerate()
        .filter(|(_, (base, _))| *base > 0)
        .map(|(at, pair)| (at, percent(*pair)))
        .collect();
    let Some((_, own)) = results.iter().find(|(at, _)| RULES[*at].0 == rule) else { return Vec::new() };
    results
        .iter()
        .filter(|(at, value)| RULES[*at].0 != rule && printed(*value) != printed(*own))
        .map(|(at, value)| Alternative { formula: RULES[*at].1.to_owned(), value: *value })
        .collect()
}

fn parameters(context: &Context<'_>, subject: &Subject<'_>) -> Vec<(String, String)> {
    let settings = &context.catalogue.settings;
    let rule = RULES.iter().find(|(rule, _)| *rule == settings.availability).map_or("A1", |(_, name)| name);
    let mut parameters = vec![
        ("calendar".to_owned(), context.calendars.name(subject.calendar).to_owned()),
        ("rule".to_owned(), rule.to_owned()),
        ("coverage_limit".to_owned(), format!("{} %", settings.coverage_limit)),
    ];
    if let Some(files) = context.calendars.holiday_files(subject.calendar) {
        parameters.push(("holidays".to_owned(), files.to_owned()));
    }
    if let Some(days) = subject.agreement.and_then(|a| a.maintenance_notice_days) {
        parameters.push(("maintenance_notice".to_owned(), format!("{days} d")));
    }
    if let Some(live) = subject.service.go_live {
        let at = live.instant(context.catalogue.zone);
        if context.period.holds(at) {
            parameters
                .push(("partial_from".to_owned(), crate::model::period::local_rfc3339(at, context.catalogue.zone)));
        }
    }
    parameters
}

fn day_course(context: &Context<'_>, subject: &Subject<'_>, question: &Question<'_>, known: &Known) -> Course {
    let limit = context.catalogue.settings.coverage_limit;
    let points = context.period.days().into_iter().map(|(date, from, to)| {
        let window = service_window(context, subject.service, (from.timestamp_millis(), to.timestamp_millis()));
        let day = window.map(|window| {
            let hours = question.hours.intersect(&Spans::from_iter([window]));
            evaluate(&Question {
                window,
                hours: &hours,
                outages: question.outages,
                maintenance: question.maintenance,
                known,
                ..*question
            })
        });
        let result = match day {
            None => Err("not yet, or not in service".to_owned()),
            Some(day) => {
                let coverage = coverage(&day, known);
                match missing(&day, coverage.as_ref(), limit) {
                    Some(missing) => Err(missing.text),
                    None => Ok(percent((day.base, day.down))),
                }
            }
        };
        (date.to_string(), result)
    });
    Course { figure: FigureId::new("availability.percent", subject.scope.clone(), &[]), points: points.collect() }
}
