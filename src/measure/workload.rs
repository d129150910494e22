//! Workload against agreed limits (clause 8.3.3: targets, workload limits and exceptions).

use super::definition::{Better, Definition};
use super::ticket_state::{seconds, text};
use super::{Context, quoted, verdict};
use crate::model::agreement::{Agreement, WorkloadLimit};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Comparator, Figure, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Scope, Table};
use polars::prelude::*;

/// Returns the workload measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    vec![
        Definition::count(
            "workload.volume",
            "Workload",
            "tickets of the type opened in the period for the agreement's service and customer, or the sum of its volumes; the limit is that of a month times the months of the period",
        )
        .for_clauses(&[Clause::ServiceLevel, Clause::Demand])
        .better(Better::Lower),
    ]
}

/// Figures of each limit of the agreements in force.
///
/// # Errors
/// A polars error where a table lacks a column.
pub fn figures(
    context: &Context<'_>,
    tickets: Option<&DataFrame>,
    volumes: Option<&DataFrame>,
) -> PolarsResult<Vec<Figure>> {
    let mut figures = Vec::new();
    for agreement in context.agreements_in_force() {
        for limit in &agreement.workload {
            let volume_of = volumes.map(|frame| volume(context, frame, agreement, limit)).transpose()?.flatten();
            let (value, n, rows) = match (volume_of, tickets) {
                (Some((_, 0, filter)), _) => {
                    let text = format!("no volume of `{}` is known in the period", limit.metric);
                    let rows = Rows { table: "volumes".into(), used: 0, left_out: Vec::new(), filter };
                    (Err(Missing::new(MissingKind::NoData, text)), 0, rows)
                }
                (Some((sum, n, filter)), _) => {
                    (Ok(sum), n, Rows { table: "volumes".into(), used: n, left_out: Vec::new(), filter })
                }
                (None, Some(frame)) => {
                    let filter = ticket_filter(agreement, &limit.metric);
                    let n = count_tickets(frame, agreement, &limit.metric)?;
                    let missing = context.no_tickets.map(|reason| Missing::new(MissingKind::NoData, reason));
                    (
                        missing.map_or(Ok(n as f64), Err),
                        n,
                        Rows { table: "tickets".into(), used: n, left_out: Vec::new(), filter },
                    )
                }
                (None, None) => {
                    let text = format!("neither tickets nor volumes of `{}`", limit.metric);
                    (Err(Missing::new(MissingKind::NoData, text)), 0, Rows::default())
                }
            };
            let scope = Scope {
                service: Some(agreement.service.clone()),
                customer: agreement.customer.clone(),
                agreement: Some(agreement.id.clone()),
            };
            let definition = &definitions()[0];
            let id = FigureId::new(definition.id, scope, &[("metric", &limit.metric)]);
            let mut figure = Figure::new(id, Unit::Count, value);
            figure.n = n;
            figure.rows = rows;
            // A limit of a month says nothing of a part of one.
            figure.target = context
                .period
                .whole_months()
                .map(|months| verdict::target(agreement, limit.per_month * f64::from(months), Comparator::AtMost));
            verdict::judge(&mut figure, context.catalogue.settings.risk_at);
            let parameters = vec![("limit_a_month".to_owned(), limit.per_month.to_string())];
            let made_of = if figure.rows.table == "volumes" { Table::Volumes } else { Table::Tickets };
            figure.basis = Basis { parameters, ..context.basis(definition, made_of) };
            figure.tainted = context.tainted(made_of);
            figures.push(figure);
        }
    }
    Ok(figures)
}

fn ticket_filter(agreement: &Agreement, metric: &str) -> String {
    let customer = agreement.customer.as_ref().map(|id| format!(" AND customer = {}", quoted(id))).unwrap_or_default();
    format!("opened_in_period AND service = {}{customer} AND type = {}", quoted(&agreement.service), quoted(metric))
}

fn count_tickets(frame: &DataFrame, agreement: &Agreement, metric: &str) -> PolarsResult<u64> {
    let mut rows = col("opened_in_period")
        .and(col("service").eq(lit(agreement.service.as_str())))
        .and(col("type").eq(lit(metric)));
    if let Some(customer) = &agreement.customer {
        rows = rows.and(col("customer").eq(lit(customer.as_str())));
    }
    let counted = frame.clone().lazy().filter(rows).select([len().cast(DataType::UInt64)]).collect()?;
    Ok(counted.column("len")?.u64()?.get(0).unwrap_or(0))
}

type Volume = Option<(f64, u64, String)>;

fn volume(
    context: &Context<'_>,
    frame: &DataFrame,
    agreement: &Agreement,
    limit: &WorkloadLimit,
) -> PolarsResult<Volume> {
    let (metric, service, customer) = (text(frame, "metric")?, text(frame, "service")?, text(frame, "customer")?);
    let (from, value) = (seconds(frame, "from")?, frame.column("value")?.f64()?);
    if !metric.iter().any(|name| name == Some(limit.metric.as_str())) {
        return Ok(None);
    }
    let window = context.window;
    let (mut sum, mut n) = (0.0, 0);
    for row in 0..frame.height() {
        let ours = metric.get(row) == Some(limit.metric.as_str())
            && service.get(row) == Some(agreement.service.as_str())
            && agreement.customer.as_deref().is_none_or(|id| customer.get(row) == Some(id))
            && from[row].is_some_and(|from| window.start <= from && from < window.end.min(window.as_of));
        if let (true, Some(value)) = (ours, value.get(row)) {
            sum += value;
            n += 1;
        }
    }
    let customer = agreement.customer.as_ref().map(|id| format!(" AND customer = {}", quoted(id))).unwrap_or_default();
    let filter = format!(
        "in_period AND metric = {} AND service = {}{customer} AND value IS NOT NULL",
        quoted(&limit.metric),
        quoted(&agreement.service)
    );
    Ok(Some((sum, n, filter)))
}
