//! Change figures and satisfaction figures (`domain.md` §4.5, §4.6).

use super::definition::{Better, Definition};
use super::ticket_figures::Kinds;
use super::ticket_state::{seconds, text};
use super::{Context, quoted};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Figure, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Scope, Table};
use polars::prelude::*;

/// Returns the change measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, formula| Definition::count(id, title, formula).for_clauses(&[Clause::Change]);
    vec![
        entry("change.implemented", "Changes implemented", "changes whose work ended in the period"),
        entry(
            "change.success",
            "Changes successful",
            "successful and not backed out ÷ outcome successful, failed or partial; cancelled ones are in neither",
        )
        .in_unit(Unit::Percent)
        .better(Better::Higher),
        entry("change.emergency", "Emergency changes", "emergency changes ÷ changes implemented")
            .in_unit(Unit::Percent)
            .better(Better::Lower),
    ]
}

/// Columns of the measured tickets that the figures need.
pub const NEEDED: &[&str] = &["actual_end", "outcome", "backed_out", "change_type"];

/// Adds the flag of changes implemented in the period, and their success, to measured tickets.
pub fn flags(frame: LazyFrame, start: i64, end: i64) -> LazyFrame {
    let at = || col("actual_end").to_physical();
    let ended = at().gt_eq(lit(start * 1_000)).and(at().lt(lit(end * 1_000))).and(col("dropped").not());
    let judged =
        col("outcome").eq(lit("successful")).or(col("outcome").eq(lit("failed"))).or(col("outcome").eq(lit("partial")));
    frame
        .with_columns([col("type").eq(lit("change")).and(ended).fill_null(lit(false)).alias("implemented_in_period")])
        .with_columns([
            col("implemented_in_period").and(judged).fill_null(lit(false)).alias("change_judged"),
            col("outcome")
                .eq(lit("successful"))
                .and(col("backed_out").fill_null(lit(false)).not())
                .fill_null(lit(false))
                .alias("change_succeeded"),
        ])
}

/// Figures of the book and each service. `changes` are all tickets of type change, with [`flags`] added.
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn figures(context: &Context<'_>, changes: &DataFrame, kinds: &Kinds) -> PolarsResult<Vec<Figure>> {
    let mut figures = Vec::new();
    let services = text(changes, "service")?;
    let flag = |name: &str| changes.column(name).and_then(|column| column.bool().cloned());
    let (implemented, judged, succeeded) =
        (flag("implemented_in_period")?, flag("change_judged")?, flag("change_succeeded")?);
    let emergency = text(changes, "change_type")?;
    let with_changes = kinds.iter().filter(|(scope, types)| scope.customer.is_none() && types.contains_key("change"));
    for scope in with_changes.map(|(scope, _)| scope.clone()) {
        let rows: Vec<usize> = (0..changes.height())
            .filter(|row| scope.service.is_none() || services.get(*row) == scope.service.as_deref())
            .collect();
        let count = |of: &dyn Fn(usize) -> bool| rows.iter().filter(|row| of(**row)).count() as u64;
        let is = |flag: &BooleanChunked, row: usize| flag.get(row) == Some(true);
        let done = count(&|row| is(&implemented, row));
        let whole = count(&|row| is(&judged, row));
        let won = count(&|row| is(&judged, row) && is(&succeeded, row));
        let urgent = count(&|row| is(&implemented, row) && emergency.get(row) == Some("emergency"));
        let scoped = match &scope.service {
            Some(id) => format!(" AND service = {}", quoted(id)),
            None => String::new(),
        };
        for definition in definitions() {
            let (part, of, filter) = match definition.id {
                "change.implemented" => (None, done, format!("implemented_in_period{scoped}")),
                "change.success" => (Some(won), whole, format!("change_judged{scoped}")),
                _ => (Some(urgent), done, format!("implemented_in_period{scoped}")),
            };
            let value = match (context.no_tickets, part) {
                (Some(reason), _) => Err(Missing::new(MissingKind::NoData, reason)),
                (None, None) => Ok(of as f64),
                (None, Some(part)) => share(
                    part,
                    of,
                    if done == 0 {
                        "no change was implemented in the period"
                    } else {
                        "no implemented change has an outcome"
                    },
                ),
            };
            let mut figure =
                Figure::new(FigureId::new(definition.id, scope.clone(), &[]), definition.unit.clone(), value);
            ratio(&mut figure, part, of);
            figure.rows = Rows { table: "tickets".into(), used: of, left_out: Vec::new(), filter };
            figure.basis = context.basis(&definition, Table::Tickets);
            figure.tainted = context.tainted(Table::Tickets);
            figures.push(figure);
        }
    }
    Ok(figures)
}

fn share(part: u64, of: u64, nothing: &str) -> Result<f64, Missing> {
    if of == 0 {
        return Err(Missing::new(MissingKind::NotApplicable, nothing));
    }
    Ok(100.0 * part as f64 / of as f64)
}

fn ratio(figure: &mut Figure, part: Option<u64>, of: u64) {
    figure.n = of;
    if let Some(part) = part {
        figure.numerator = i64::try_from(part).ok();
        figure.denominator = i64::try_from(of).ok();
    }
}

/// Returns the satisfaction measures, in the order of the catalogue.
pub fn satisfaction_definitions() -> Vec<Definition> {
    let entry = |id, title, formula| {
        Definition::count(id, title, formula)
            .in_unit(Unit::Percent)
            .for_clauses(&[Clause::Relationship])
            .better(Better::Higher)
    };
    vec![
        entry(
            "satisfaction.csat",
            "Satisfied answers",
            "answers of at least the satisfying share of their scale ÷ answers given in the period",
        )
        .with_trend(),
        entry(
            "satisfaction.responses",
            "Response rate",
            "surveys sent in the period and answered by as-of ÷ surveys sent in the period",
        ),
    ]
}

/// Figures of surveys for the book, each service and each customer. `surveys` carry ids of the catalogue.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn satisfaction(context: &Context<'_>, surveys: &DataFrame) -> PolarsResult<(Vec<Figure>, DataFrame)> {
    let window = context.window;
    let within = |at: Option<i64>| at.is_some_and(|at| window.start <= at && at < window.end.min(window.as_of));
    let (sent, answered) = (seconds(surveys, "sent_at")?, seconds(surveys, "answered_at")?);
    let (score, scale) = (surveys.column("score")?.f64()?, surveys.column("scale")?.i64()?);
    let satisfied_from = context.catalogue.settings.satisfied_from;
    let sent_in: Vec<bool> = sent.iter().map(|at| within(*at)).collect();
    let answered_in: Vec<bool> =
        answered.iter().zip(score.iter()).map(|(at, score)| within(*at) && score.is_some()).collect();
    let answered_by: Vec<bool> = answered.iter().map(|at| at.is_some_and(|at| at < window.as_of)).collect();
    let satisfied: Vec<bool> = score
        .iter()
        .zip(scale.iter())
        .map(|(score, scale)| {
            score.zip(scale).is_some_and(|(score, scale)| scale > 0 && 100.0 * score >= satisfied_from * scale as f64)
        })
        .collect();
    let (services, customers) = (text(surveys, "service")?, text(surveys, "customer")?);
    let scopes = std::iter::once(Scope::book())
        .chain(context.catalogue.services.iter().map(|s| Scope::service(&s.id)))
        .chain(context.catalogue.customers.iter().map(|c| Scope::customer(&c.id)));
    let mut figures = Vec::new();
    for scope in scopes {
        let ours = |row: usize| match (&scope.service, &scope.customer) {
            (Some(id), _) => services.get(row) == Some(id),
            (_, Some(id)) => customers.get(row) == Some(id),
            _ => true,
        };
        let count =
            |of: &dyn Fn(usize) -> bool| (0..surveys.height()).filter(|row| ours(*row) && of(*row)).count() as u64;
        if count(&|_| true) == 0 {
            continue;
        }
        let scoped = match (&scope.service, &scope.customer) {
            (Some(id), _) => format!(" AND service = {}", quoted(id)),
            (_, Some(id)) => format!(" AND customer = {}", quoted(id)),
            _ => String::new(),
        };
        for definition in satisfaction_definitions() {
            let (part, of, filter) = if definition.id == "satisfaction.csat" {
                (count(&|row| answered_in[row] && satisfied[row]), count(&|row| answered_in[row]), "answered_in_period")
            } else {
                (count(&|row| sent_in[row] && answered_by[row]), count(&|row| sent_in[row]), "sent_in_period")
            };
            let value = share(part, of, "no survey counts for it in the period");
            let mut figure =
                Figure::new(FigureId::new(definition.id, scope.clone(), &[]), definition.unit.clone(), value);
            ratio(&mut figure, Some(part), of);
            figure.rows =
                Rows { table: "surveys".into(), used: of, left_out: Vec::new(), filter: format!("{filter}{scoped}") };
            let parameters = vec![("satisfied_from".to_owned(), format!("{satisfied_from} % of the scale"))];
            figure.basis = Basis { parameters, ..context.basis(&definition, Table::Surveys) };
            figure.tainted = context.tainted(Table::Surveys);
            if definition.id == "satisfaction.csat" {
                figure.target = context.target(&scope, |agreement| agreement.satisfaction);
                super::verdict::judge(&mut figure, context.catalogue.settings.risk_at);
            }
            figures.push(figure);
        }
    }
    let mut frame = surveys.clone();
    for (name, flag) in [("sent_in_period", sent_in), ("answered_in_period", answered_in), ("satisfied", satisfied)] {
        frame.with_column(Column::new(name.into(), flag))?;
    }
    Ok((figures, frame))
}
