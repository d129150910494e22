//! Workload against agreed limits (clause 8.3.3: targets, workload limits and exceptions).

use super::definition::{Better, Definition};
use super::ticket_state::text;
use super::{Context, quoted, verdict};
use crate::model::agreement::{Agreement, WorkloadLimit};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Scope, Table};
use polars::prelude::*;

/// Why a row of volumes is left out that lies partly in the period: nobody knows how much of it falls where.
const PARTLY: &str = "not wholly within the period";

/// Returns the workload measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    vec![
        Definition::count(
            "workload.volume",
            "Workload",
            "tickets of the type opened in the period under the agreement, or the sum of the volumes of its service and customers that lie wholly within the period; the limit is that of a month times the months of the period, where the agreement holds in all of them",
        )
        .for_clauses(&[Clause::ServiceLevel, Clause::Demand])
        .not_additive()
        .better(Better::Lower),
    ]
}

/// Figures of each limit of the agreements that hold within the period.
///
/// # Errors
/// A polars error where a table lacks a column.
pub fn figures(
    context: &Context<'_>,
    tickets: Option<&DataFrame>,
    volumes: Option<&DataFrame>,
) -> PolarsResult<Vec<Figure>> {
    let volumes = volumes.map(|frame| measured(context, frame)).transpose()?;
    let mut figures = Vec::new();
    for agreement in context.agreements_overlapping() {
        for limit in &agreement.workload {
            let of_volumes = volumes.as_ref().map(|frame| volume(context, frame, agreement, limit)).transpose()?;
            let (value, rows) = match (of_volumes.flatten(), tickets) {
                (Some((sum, rows)), _) if rows.used > 0 => (Ok(sum), rows),
                (Some((_, rows)), _) => {
                    let text = format!("no volume of `{}` is known in the period", limit.metric);
                    (Err(Missing::new(MissingKind::NoData, text)), rows)
                }
                (None, Some(frame)) => {
                    let n = count_tickets(frame, agreement, &limit.metric)?;
                    let missing = context.no_tickets.map(|reason| Missing::new(MissingKind::NoData, reason));
                    let filter = ticket_filter(agreement, &limit.metric);
                    let rows = Rows { table: "tickets".into(), used: n, left_out: Vec::new(), filter };
                    (missing.map_or(Ok(n as f64), Err), rows)
                }
                (None, None) => {
                    let text = format!("neither tickets nor volumes of `{}`", limit.metric);
                    (Err(Missing::new(MissingKind::NoData, text)), Rows::default())
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
            figure.n = rows.used;
            figure.rows = rows;
            // A limit of a month says nothing of a part of one, nor of a month in which it held for a part.
            figure.target = context
                .period
                .whole_months()
                .filter(|_| context.covers(agreement))
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

/// Returns the volumes with what a period makes of them: wholly within it, or left out and why.
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn measured(context: &Context<'_>, frame: &DataFrame) -> PolarsResult<DataFrame> {
    let window = context.window;
    let (start, end, as_of) = (window.start * 1_000, window.end * 1_000, window.as_of * 1_000);
    let (from, to) = (|| col("from").to_physical(), || col("to").to_physical());
    let within = from().gt_eq(lit(start)).and(to().lt_eq(lit(end))).and(from().lt(lit(as_of)));
    let touches = from().lt(lit(end.min(as_of))).and(to().gt(lit(start)));
    frame
        .clone()
        .lazy()
        .with_column(within.fill_null(lit(false)).alias("in_period"))
        .with_column(
            when(touches.and(col("in_period").not()))
                .then(lit(PARTLY))
                .otherwise(lit(NULL))
                .cast(DataType::String)
                .alias("left_out"),
        )
        .collect()
}

/// The tickets of an agreement are those whose clocks it judges: not those of a customer with an agreement of its own.
fn ticket_filter(agreement: &Agreement, metric: &str) -> String {
    format!("opened_in_period AND agreement = {} AND type = {}", quoted(&agreement.id), quoted(metric))
}

fn count_tickets(frame: &DataFrame, agreement: &Agreement, metric: &str) -> PolarsResult<u64> {
    let rows =
        col("opened_in_period").and(col("agreement").eq(lit(agreement.id.as_str()))).and(col("type").eq(lit(metric)));
    let counted = frame.clone().lazy().filter(rows).select([len().cast(DataType::UInt64)]).collect()?;
    Ok(counted.column("len")?.u64()?.get(0).unwrap_or(0))
}

/// Returns the sum of a metric for an agreement with its rows; `None` where no row of the book has the metric.
fn volume(
    context: &Context<'_>,
    frame: &DataFrame,
    agreement: &Agreement,
    limit: &WorkloadLimit,
) -> PolarsResult<Option<(f64, Rows)>> {
    let (metric, service, customer) = (text(frame, "metric")?, text(frame, "service")?, text(frame, "customer")?);
    let (value, in_period, left_out) =
        (frame.column("value")?.f64()?, frame.column("in_period")?.bool()?, text(frame, "left_out")?);
    if !metric.iter().any(|name| name == Some(limit.metric.as_str())) {
        return Ok(None);
    }
    // The general agreement does not cover customers that have one of their own.
    let overlapping = context.agreements_overlapping().into_iter().filter(|a| a.service == agreement.service);
    let others: Vec<&str> =
        overlapping.filter(|_| agreement.customer.is_none()).filter_map(|a| a.customer.as_deref()).collect();
    let (mut sum, mut used, mut partly) = (0.0, 0, 0);
    for row in 0..frame.height() {
        let ours = metric.get(row) == Some(limit.metric.as_str())
            && service.get(row) == Some(agreement.service.as_str())
            && match &agreement.customer {
                Some(id) => customer.get(row) == Some(id),
                None => customer.get(row).is_none_or(|id| !others.contains(&id)),
            };
        if !ours {
            continue;
        }
        partly += u64::from(left_out.get(row).is_some());
        if let (Some(true), Some(value)) = (in_period.get(row), value.get(row)) {
            sum += value;
            used += 1;
        }
    }
    let whose = match &agreement.customer {
        Some(id) => format!(" AND customer = {}", quoted(id)),
        None if others.is_empty() => String::new(),
        None => {
            let names: Vec<String> = others.iter().map(|id| quoted(id)).collect();
            format!(" AND (customer IS NULL OR customer NOT IN ({}))", names.join(", "))
        }
    };
    let ours = format!("metric = {} AND service = {}{whose}", quoted(&limit.metric), quoted(&agreement.service));
    let left_out = LeftOut {
        reason: PARTLY.to_owned(),
        count: partly,
        filter: format!("left_out = {} AND {ours}", quoted(PARTLY)),
    };
    let rows = Rows {
        table: "volumes".into(),
        used,
        left_out: if partly > 0 { vec![left_out] } else { Vec::new() },
        filter: format!("in_period AND {ours} AND value IS NOT NULL"),
    };
    Ok(Some((sum, rows)))
}
