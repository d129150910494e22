//! The availability figures of one service or agreement.

use super::algebra::{Answer, RULES, percent, place};
use super::composite::Landscape;
use super::outage_rows::scope_filter;
use super::reported::Reported;
use super::{MILLI, Measure, Subject, budget, definitions, repair, reported, users};
use crate::measure::definition::Definition;
use crate::measure::outages::Known;
use crate::measure::{Context, Depth, verdict};
use crate::model::catalogue::{AvailabilityRule, Needs, NeedsWord, PartialService};
use crate::model::figure::{Alternative, Basis, Comparator, Coverage, Figure, LeftOut, Missing, MissingKind, Rows};
use crate::model::{FigureId, Service, Table};

/// A value or why there is none.
pub type Value = Result<f64, Missing>;

/// What is left to say of a figure beside its value.
#[derive(Default)]
pub struct Said {
    /// The part and the whole.
    pub ratio: Option<(i64, i64)>,
    /// How many observations, and the rows behind them; those of the outages where it is left out.
    pub rows: Option<Rows>,
    /// Parameters of its own.
    pub parameters: Vec<(String, String)>,
}

/// Computes every figure of a subject that stands on its intervals, and the tool's total beside them.
pub fn figures(
    context: &Context<'_>,
    landscape: &Landscape<'_>,
    measure: &Measure<'_>,
    reported: Option<&Reported>,
) -> Vec<Figure> {
    let subject = measure.subject;
    let settings = &context.catalogue.settings;
    let coverage = coverage(&measure.answer, &measure.known);
    let missing = missing_with(&measure.answer, coverage.as_ref(), settings.coverage_limit)
        .map(|missing| pointing_to(missing, reported));
    let parameters = parameters(context, subject);
    let lost = users::lost(context, landscape, measure);
    let mut figures = Vec::new();
    for definition in &definitions() {
        if context.depth == Depth::Trend && !definition.trend {
            continue;
        }
        let known = Grounded { measure, missing: missing.as_ref() };
        let Some((result, said)) = value_of(context, definition, &known, coverage.as_ref(), &lost) else { continue };
        let id = FigureId::new(definition.id, subject.scope.clone(), &[]);
        let mut figure = Figure::new(id, definition.unit.clone(), result);
        figure.rows = said.rows.unwrap_or_else(|| outage_rows(measure));
        figure.n = figure.rows.used;
        if let Some((part, whole)) = said.ratio.filter(|_| figure.value.is_ok()) {
            figure.numerator = Some(part);
            figure.denominator = Some(whole);
        }
        if definition.id == "availability.percent" {
            figure.target = subject.target.map(|(a, target)| verdict::target(a, target, Comparator::AtLeast));
            figure.coverage.clone_from(&coverage);
            figure.alternatives = alternatives(&measure.answer, settings.availability);
        }
        verdict::judge(&mut figure, settings.risk_at);
        let mut parameters = parameters.clone();
        parameters.extend(said.parameters);
        figure.basis = Basis { parameters, ..context.basis(definition, Table::Outages) };
        figure.tainted = context.tainted(Table::Outages);
        figures.push(figure);
    }
    if context.depth == Depth::Report {
        figures.extend(reported.map(|reported| reported::figure(context, subject, reported)));
    }
    figures
}

/// A measure, and why its values cannot be told where that is so.
pub struct Grounded<'m, 'a> {
    /// The integers.
    pub measure: &'m Measure<'a>,
    /// Why availability cannot be told.
    pub missing: Option<&'m Missing>,
}

impl Grounded<'_, '_> {
    /// Returns a value, where the state of the service is known well enough.
    pub fn value(&self, value: f64) -> Value {
        self.missing.map_or(Ok(value), |missing| Err(missing.clone()))
    }

    /// Returns why there is no value: the state is not known, else this.
    pub fn without(&self, kind: MissingKind, text: &str) -> Value {
        Err(self.missing.cloned().unwrap_or_else(|| Missing::new(kind, text)))
    }
}

/// Returns whole seconds.
pub fn whole_seconds(milliseconds: i64) -> f64 {
    milliseconds.div_euclid(MILLI) as f64
}

fn value_of(
    context: &Context<'_>,
    definition: &Definition,
    known: &Grounded<'_, '_>,
    coverage: Option<&Coverage>,
    lost: &Result<users::Lost, Missing>,
) -> Option<(Value, Said)> {
    let measure = known.measure;
    let answer = &measure.answer;
    let (ratio, filter) =
        (|part, whole| Said { ratio: Some((part, whole)), ..Said::default() }, scope_filter(&measure.subject.scope));
    let of_id = match definition.id {
        "availability.percent" => (
            known.value(percent((answer.base.max(1), answer.down))),
            ratio(answer.base - answer.down / MILLI, answer.base),
        ),
        "availability.downtime" => (known.value(whole_seconds(answer.down / MILLI)), Said::default()),
        "availability.planned" => {
            let rows = Rows {
                table: "maintenance".into(),
                used: measure.maintenance.0,
                left_out: measure.maintenance.1.clone(),
                filter: format!("{filter} AND counted_in_period"),
            };
            let nothing_owed = known.missing.filter(|missing| missing.kind == MissingKind::NotApplicable);
            let value = nothing_owed.cloned().map_or_else(|| Ok(whole_seconds(answer.planned)), Err);
            (value, Said { rows: Some(rows), ..Said::default() })
        }
        "availability.excluded" => {
            let not_begun = || known.without(MissingKind::NotApplicable, "no service hours are owed in the period");
            let value = answer.window.map_or_else(not_begun, |_| Ok(whole_seconds(answer.excluded)));
            (value, Said { rows: Some(excluded_rows(measure, &filter)), ..Said::default() })
        }
        "availability.coverage" => match coverage {
            Some(coverage) => (Ok(100.0 * coverage.ratio), ratio(answer.known, answer.base)),
            None => (known.value(0.0), Said::default()),
        },
        id if id.starts_with("availability.mt") || matches!(id, "availability.outages" | "availability.longest") => {
            repair::value_of(id, known, &filter)?
        }
        "availability.allowed"
        | "availability.allowed_left"
        | "availability.budget_used"
        | "availability.burn_rate" => budget::value_of(context, definition.id, known),
        "availability.user_weighted" | "availability.lost_user_minutes" => users::value_of(definition.id, known, lost),
        // Of groups, and of the totals that tools report.
        _ => return None,
    };
    Some(of_id)
}

fn outage_rows(measure: &Measure<'_>) -> Rows {
    Rows {
        table: "outages".into(),
        used: measure.rows.used,
        left_out: measure.rows.left_out.clone(),
        filter: format!("{} AND counted_in_period", scope_filter(&measure.subject.scope)),
    }
}

fn excluded_rows(measure: &Measure<'_>, filter: &str) -> Rows {
    let (used, idle) = measure.excluded;
    let outside = LeftOut {
        reason: "outside service hours".into(),
        count: idle,
        filter: format!("{filter} AND NOT counted_in_period"),
    };
    Rows {
        table: "excluded_time".into(),
        used,
        left_out: if idle > 0 { vec![outside] } else { Vec::new() },
        filter: format!("{filter} AND counted_in_period"),
    }
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

/// Returns why the availability of a window cannot be told, where it cannot (rules R1 and R2).
pub fn missing(answer: &Answer, known: &Known, limit: f64) -> Option<Missing> {
    missing_with(answer, coverage(answer, known).as_ref(), limit)
}

fn missing_with(answer: &Answer, coverage: Option<&Coverage>, limit: f64) -> Option<Missing> {
    let Some(coverage) = coverage else {
        let text = if answer.excluded > 0 {
            "all service hours of the period are left out by decision"
        } else {
            "no service hours are owed in the period"
        };
        return Some(Missing::new(MissingKind::NotApplicable, text));
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

/// Where nothing but a tool's total is known, the reader is sent there.
fn pointing_to(mut missing: Missing, reported: Option<&Reported>) -> Missing {
    if missing.kind == MissingKind::NoData && reported.is_some_and(Reported::has_value) {
        missing.text.push_str("; availability.reported is what its tool says");
    }
    missing
}

/// Makes the figure of a promise where the book has no intervals of any service.
pub fn without_rows(context: &Context<'_>, subject: &Subject<'_>, reported: Option<&Reported>) -> Figure {
    let definitions = definitions();
    let nothing = Missing::new(MissingKind::NoData, "the book has no outages, checks or coverage");
    let id = FigureId::new("availability.percent", subject.scope.clone(), &[]);
    let unit = crate::model::Unit::Percent;
    let mut figure = Figure::new(id, unit, Err(pointing_to(nothing, reported)));
    figure.target = subject.target.map(|(a, target)| verdict::target(a, target, Comparator::AtLeast));
    if let Some(definition) = definitions.iter().find(|definition| definition.id == "availability.percent") {
        figure.basis = Basis { parameters: parameters(context, subject), ..context.basis(definition, Table::Outages) };
    }
    figure
}

/// Returns the other rules' results where they differ at the printed precision, and what the figure were if nothing
/// was left out by decision (rule R18).
fn alternatives(answer: &Answer, rule: AvailabilityRule) -> Vec<Alternative> {
    let printed = |value: f64| format!("{value:.2}");
    let own = (answer.base > 0).then(|| percent((answer.base, answer.down)));
    let others =
        RULES.iter().zip(answer.by_rule).enumerate().filter(|(at, (_, (base, _)))| *at != place(rule) && *base > 0);
    let mut alternatives: Vec<Alternative> = others
        .map(|(_, ((_, name), pair))| Alternative { formula: (*name).to_owned(), value: percent(pair) })
        .filter(|other| own.is_some_and(|own| printed(own) != printed(other.value)))
        .collect();
    if answer.excluded > 0 && answer.without_exclusions.0 > 0 {
        let value = percent(answer.without_exclusions);
        alternatives.push(Alternative { formula: "without exclusions".into(), value });
    }
    alternatives
}

/// Returns the parameters that every figure of a subject stands on.
pub fn parameters(context: &Context<'_>, subject: &Subject<'_>) -> Vec<(String, String)> {
    let settings = &context.catalogue.settings;
    let mut parameters = vec![
        ("calendar".to_owned(), context.calendars.name(subject.calendar).to_owned()),
        ("rule".to_owned(), RULES[place(subject.rule)].1.to_owned()),
        ("coverage_limit".to_owned(), format!("{} %", settings.coverage_limit)),
    ];
    if let Some(files) = context.calendars.holiday_files(subject.calendar) {
        parameters.push(("holidays".to_owned(), files.to_owned()));
    }
    let mut say = |name: &str, value: String| parameters.push((name.to_owned(), value));
    if let Some(days) = subject.agreement.and_then(|a| a.maintenance_notice_days) {
        say("maintenance_notice", format!("{days} d"));
    }
    if !subject.judged_in.is_empty() {
        say("judged_in", subject.judged_in.join(", "));
    }
    if !subject.service.components.is_empty() {
        say("made_of", made_of(subject.service));
    }
    let zone = context.catalogue.zone;
    let written = |at: chrono::DateTime<chrono::Utc>| crate::model::period::local_rfc3339(at, zone);
    let mut partial = false;
    for (name, moment) in [("partial_from", subject.service.go_live), ("partial_to", subject.service.retired)] {
        let at = moment.map(|moment| moment.instant(zone));
        if let Some(at) = at.filter(|at| context.period.holds(*at) && *at > context.period.start()) {
            say(name, written(at));
            partial = true;
        }
    }
    if partial && settings.partial == PartialService::WholePeriod {
        say("partial", "whole_period".into());
    }
    if let (Some(agreement), Some(_)) = (&subject.scope.agreement, subject.agreement) {
        let within = subject.agreement.map(|agreement| context.validity(agreement));
        let at = |milliseconds: i64| chrono::DateTime::from_timestamp_millis(milliseconds);
        for (name, moment) in [
            ("valid_from", within.and_then(|within| at(within.start))),
            ("valid_to", within.and_then(|within| at(within.end))),
        ] {
            if let Some(moment) = moment.filter(|at| context.period.holds(*at) && *at > context.period.start()) {
                parameters.push((name.to_owned(), format!("{} ({agreement})", written(moment))));
            }
        }
    }
    parameters
}

/// Says what a service is made of, as `needs 2 of web, app-a, app-b`.
fn made_of(service: &Service) -> String {
    let needs = match service.needs {
        Needs::Word(NeedsWord::All) => "all".to_owned(),
        Needs::Word(NeedsWord::Any) => "any".to_owned(),
        Needs::Number(number) => number.to_string(),
    };
    format!("needs {needs} of {}", service.components.join(", "))
}
