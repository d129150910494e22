//! Figures of satisfaction surveys (`domain.md` §4.6).

use super::definition::{Better, Definition};
use super::ticket_state::{seconds, text};
use super::{Context, quoted, verdict};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Figure, Interval, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Finding, Scope, Severity, Table};
use polars::prelude::*;

/// The normal quantile of a two-sided interval at 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The scale that promoters and detractors are defined on: 0 to 10.
const NPS_SCALE: i64 = 10;

/// Why an answer cannot be used.
const OUTSIDE: &str = "score outside its scale";
const NO_SCORE: &str = "no score";

/// Returns the satisfaction measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, formula| Definition::count(id, title, formula).for_clauses(&[Clause::Relationship]);
    vec![
        entry(
            "satisfaction.csat",
            "Satisfied answers",
            "answers of at least the satisfying share of their scale ÷ answers given in the period; interval by Wilson",
        )
        .in_unit(Unit::Percent)
        .better(Better::Higher)
        .with_trend(),
        entry(
            "satisfaction.responses",
            "Response rate",
            "surveys sent in the period and answered by as-of ÷ surveys sent in the period; interval by Wilson",
        )
        .in_unit(Unit::Percent)
        .better(Better::Higher),
        entry(
            "satisfaction.nps",
            "Net promoter score",
            "100 × (answers of 9 and 10 − answers of 0 to 6) ÷ answers on the scale of 10, given in the period",
        )
        .in_unit(Unit::Points)
        .better(Better::Higher),
        entry("satisfaction.answers", "Answers", "answers with a score on their scale, given in the period"),
    ]
}

/// Returns the Wilson interval of a share at 95 %, in percent; `None` of nothing.
/// (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n), `domain.md` §4.6.
pub fn wilson(part: u64, whole: u64) -> Option<Interval> {
    if whole == 0 {
        return None;
    }
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let (centre, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // Floating point leaves a trace where the end is exactly that of the scale.
    let low = if part == 0 { 0.0 } else { 100.0 * (centre - half) / scale };
    let high = if part == whole { 100.0 } else { 100.0 * (centre + half) / scale };
    Some(Interval { low: Some(low), high: Some(high), level: 0.95, method: "Wilson".into() })
}

/// The surveys of a period, row by row.
struct Surveys {
    /// Why no survey of the period can be known, where that is so.
    none: Option<&'static str>,
    sent_in: Vec<bool>,
    answered_by: Vec<bool>,
    answered_in: Vec<bool>,
    satisfied: Vec<bool>,
    /// 1 of a promoter, −1 of a detractor, 0 between; `None` on another scale.
    promotes: Vec<Option<i64>>,
    left_out: Vec<Option<&'static str>>,
}

impl Surveys {
    fn new(context: &Context<'_>, surveys: &DataFrame) -> PolarsResult<Self> {
        let window = context.window;
        let within = |at: Option<i64>| at.is_some_and(|at| window.start <= at && at < window.end.min(window.as_of));
        let (sent, answered) = (seconds(surveys, "sent_at")?, seconds(surveys, "answered_at")?);
        let (score, scale) = (surveys.column("score")?.f64()?, surveys.column("scale")?.i64()?);
        let satisfied_from = context.catalogue.settings.satisfied_from;
        let none = match sent.iter().flatten().min() {
            _ if window.as_of <= window.start => Some("the period has not begun"),
            Some(first) if *first >= window.end => Some("the period ends before the first survey was sent"),
            _ => None,
        };
        let mut rows = Self {
            none,
            sent_in: sent.iter().map(|at| within(*at)).collect(),
            answered_by: answered.iter().map(|at| at.is_some_and(|at| at < window.as_of)).collect(),
            answered_in: Vec::with_capacity(sent.len()),
            satisfied: Vec::with_capacity(sent.len()),
            promotes: Vec::with_capacity(sent.len()),
            left_out: Vec::with_capacity(sent.len()),
        };
        for (row, answered) in answered.iter().enumerate() {
            let reason = match score.get(row).zip(scale.get(row)) {
                None => Some(NO_SCORE),
                Some((score, scale)) if scale <= 0 || !(0.0..=scale as f64).contains(&score) => Some(OUTSIDE),
                Some(_) => None,
            };
            let answered = within(*answered);
            let (score, scale) = (score.get(row).unwrap_or(0.0), scale.get(row).unwrap_or(0));
            rows.answered_in.push(answered && reason.is_none());
            rows.left_out.push(reason.filter(|_| answered));
            rows.satisfied.push(reason.is_none() && 100.0 * score >= satisfied_from * scale as f64);
            rows.promotes.push((reason.is_none() && scale == NPS_SCALE).then_some(match score {
                score if score >= 9.0 => 1,
                score if score <= 6.0 => -1,
                _ => 0,
            }));
        }
        Ok(rows)
    }

    /// Adds the measured columns to the table.
    fn frame(self, surveys: &DataFrame) -> PolarsResult<DataFrame> {
        let mut frame = surveys.clone();
        for column in [
            Column::new("sent_in_period".into(), self.sent_in),
            Column::new("answered_in_period".into(), self.answered_in),
            Column::new("satisfied".into(), self.satisfied),
            Column::new("promotes".into(), self.promotes),
            Column::new("left_out".into(), self.left_out),
        ] {
            frame.with_column(column)?;
        }
        Ok(frame)
    }
}

/// Figures of surveys for the book, each service and each customer, findings, and the measured table. `surveys` carry
/// ids of the catalogue.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn figures(context: &Context<'_>, surveys: &DataFrame) -> PolarsResult<(Vec<Figure>, Vec<Finding>, DataFrame)> {
    let rows = Surveys::new(context, surveys)?;
    let (services, customers) = (text(surveys, "service")?, text(surveys, "customer")?);
    let scopes = std::iter::once(Scope::book())
        .chain(context.catalogue.services.iter().map(|s| Scope::service(&s.id)))
        .chain(context.catalogue.customers.iter().map(|c| Scope::customer(&c.id)));
    let mut figures = Vec::new();
    for scope in scopes {
        let ours: Vec<usize> = (0..surveys.height())
            .filter(|row| match (&scope.service, &scope.customer) {
                (Some(id), _) => services.get(*row) == Some(id),
                (_, Some(id)) => customers.get(*row) == Some(id),
                _ => true,
            })
            .collect();
        if ours.is_empty() {
            continue;
        }
        for definition in definitions() {
            figures.push(figure(context, &definition, &scope, &rows, &ours));
        }
    }
    let findings = outside_their_scale(&rows).into_iter().collect();
    Ok((figures, findings, rows.frame(surveys)?))
}

fn figure(context: &Context<'_>, definition: &Definition, scope: &Scope, rows: &Surveys, ours: &[usize]) -> Figure {
    let count = |of: &dyn Fn(usize) -> bool| ours.iter().filter(|row| of(**row)).count() as u64;
    let answers = || count(&|row| rows.answered_in[row]);
    let share = |part: u64, of: u64| 100.0 * part as f64 / of as f64;
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    // The value where it is counted from anything, the part, the whole, the condition.
    let (value, part, whole, condition) = match definition.id {
        "satisfaction.csat" => {
            let (part, whole) = (count(&|row| rows.answered_in[row] && rows.satisfied[row]), answers());
            (share(part, whole), signed(part), whole, "answered_in_period")
        }
        "satisfaction.responses" => {
            let (part, whole) =
                (count(&|row| rows.sent_in[row] && rows.answered_by[row]), count(&|row| rows.sent_in[row]));
            (share(part, whole), signed(part), whole, "sent_in_period")
        }
        "satisfaction.nps" => {
            let on_scale = || ours.iter().filter(|row| rows.answered_in[**row]).filter_map(|row| rows.promotes[*row]);
            let (net, whole) = (on_scale().sum::<i64>(), on_scale().count() as u64);
            (100.0 * net as f64 / whole as f64, net, whole, "answered_in_period AND promotes IS NOT NULL")
        }
        _ => (answers() as f64, 0, answers(), "answered_in_period"),
    };
    let counted = definition.id == "satisfaction.answers";
    let value = if let (Some(reason), true) = (rows.none, counted) {
        Err(Missing::new(MissingKind::NoData, reason))
    } else if whole > 0 || counted {
        Ok(value)
    } else {
        let nothing = match definition.id {
            "satisfaction.responses" => "no survey was sent in the period",
            "satisfaction.nps" => "no answer of the period is on the scale of 10",
            _ => "no answer was given in the period",
        };
        Err(Missing::new(MissingKind::NotApplicable, nothing))
    };
    let mut figure = Figure::new(FigureId::new(definition.id, scope.clone(), &[]), definition.unit.clone(), value);
    figure.n = whole;
    if !counted {
        (figure.numerator, figure.denominator) = (Some(part), Some(signed(whole)));
    }
    if definition.unit == Unit::Percent {
        figure.interval = u64::try_from(part).ok().and_then(|part| wilson(part, whole));
    }
    let scoped = match (&scope.service, &scope.customer) {
        (Some(id), _) => format!(" AND service = {}", quoted(id)),
        (_, Some(id)) => format!(" AND customer = {}", quoted(id)),
        _ => String::new(),
    };
    // That a survey was answered is known whatever the score.
    let reasons = [OUTSIDE, NO_SCORE].into_iter().filter(|_| definition.id != "satisfaction.responses");
    let left_out = reasons.map(|reason| LeftOut {
        reason: reason.to_owned(),
        count: count(&|row| rows.left_out[row] == Some(reason)),
        filter: format!("left_out = {}{scoped}", quoted(reason)),
    });
    figure.rows = Rows {
        table: "surveys".into(),
        used: whole,
        left_out: left_out.filter(|left| left.count > 0).collect(),
        filter: format!("{condition}{scoped}"),
    };
    let mut parameters = Vec::new();
    if definition.id == "satisfaction.csat" {
        let from = context.catalogue.settings.satisfied_from;
        parameters.push(("satisfied_from".to_owned(), format!("{from} % of the scale")));
        figure.target = context.target(scope, |agreement| agreement.satisfaction);
        verdict::judge(&mut figure, context.catalogue.settings.risk_at);
    }
    figure.basis = Basis { parameters, ..context.basis(definition, Table::Surveys) };
    figure.tainted = context.tainted(Table::Surveys);
    figure
}

fn outside_their_scale(rows: &Surveys) -> Option<Finding> {
    let count = rows.left_out.iter().filter(|reason| **reason == Some(OUTSIDE)).count() as u64;
    (count > 0).then(|| Finding {
        id: "surveys.score_outside_scale".into(),
        kind: "score_outside_scale".into(),
        severity: Severity::Warning,
        count,
        figures: vec!["satisfaction.csat".into(), "satisfaction.nps".into(), "satisfaction.answers".into()],
        table: "surveys".into(),
        filter: format!("left_out = {}", quoted(OUTSIDE)),
        text: format!(
            "{count} answers have a score below 0 or above their scale, or a scale of 0; left out. Correct the score, or `scale` in the connector."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wilson_interval_of_seven_of_nine_is_that_of_pencil_and_paper() {
        // p = 7/9 = 0.777 778, z² = 3.841 459: centre 0.777 778 + 3.841 459/18 = 0.991 192;
        // half z·√(0.172 840/9 + 3.841 459/324) = 1.959 964·√(0.019 204 4 + 0.011 856 4) = 1.959 964·0.176 241 = 0.345 426;
        // scale 1 + 3.841 459/9 = 1.426 829: (0.645 766, 1.336 618) ÷ 1.426 829 = 45.259 %, 93.678 %.
        let interval = wilson(7, 9).unwrap();
        assert!((interval.low.unwrap() - 45.259).abs() < 0.001, "{interval:?}");
        assert!((interval.high.unwrap() - 93.678).abs() < 0.001, "{interval:?}");
        assert_eq!((interval.level, interval.method.as_str()), (0.95, "Wilson"));
    }

    #[test]
    fn an_interval_stays_between_0_and_100_and_nothing_has_none() {
        assert_eq!(wilson(0, 0), None);
        let (none, all) = (wilson(0, 3).unwrap(), wilson(3, 3).unwrap());
        assert_eq!(none.low, Some(0.0));
        assert_eq!(all.high, Some(100.0));
        // z²/(n + z²) = 3.841 459 ÷ 6.841 459.
        assert!((none.high.unwrap() - 56.1497).abs() < 0.001, "{none:?}");
    }
}
