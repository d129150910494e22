//! Figures of costs against budget (clause 8.4.1). Money is whole minor units of one currency, which is never converted
//! and never added to another (rule R24). Sums are wide enough for any number of amounts.

use super::definition::{Better, Definition};
use super::ticket_state::{seconds, text};
use super::tickets::Window;
use super::{Context, quoted};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Finding, Scope, Severity, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Why a row cannot be used in the period.
const PARTLY: &str = "not wholly within the period";
const BACKWARDS: &str = "ends before it starts";
const NO_CURRENCY: &str = "no currency code";

/// The amounts of a row, in the order of [`Amounts`].
const AMOUNTS: [&str; 4] = ["budget", "actual", "committed", "forecast"];

/// Returns the cost measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    // Not additive: a row of a quarter lies within it, but within none of its months.
    let money = |id, title, formula| {
        Definition::count(id, title, formula).in_unit(Unit::Money(String::new())).for_clauses(&[Clause::Budgeting])
    };
    vec![
        money("cost.budget", "Budget", "sum of the budget of rows that lie wholly within the period, by currency"),
        money(
            "cost.actual",
            "Actual cost",
            "sum of the actual cost of rows that lie wholly within the period, by currency",
        ),
        money(
            "cost.committed",
            "Committed",
            "sum of what is committed in rows that lie wholly within the period, by currency",
        ),
        money(
            "cost.forecast",
            "Forecast of the outturn",
            "sum of the forecast of rows that lie wholly within the period, by currency",
        ),
        money(
            "cost.variance",
            "Variance",
            "actual − budget, over rows of the period that have both; above nought is over budget",
        )
        .better(Better::Lower),
        money(
            "cost.variance_percent",
            "Variance, share",
            "100 × (actual − budget) ÷ budget, over rows of the period that have both",
        )
        .in_unit(Unit::Percent)
        .better(Better::Lower),
        money(
            "cost.per_ticket",
            "Cost a resolved ticket",
            "actual cost of the service in the period ÷ its tickets of every type resolved in the period",
        )
        .better(Better::Lower),
    ]
}

/// Counts the tickets of each service that were resolved in the period.
///
/// # Errors
/// A polars error where the measured table lacks a column, which is a fault of this room.
pub fn resolved_by_service(tickets: &DataFrame) -> PolarsResult<BTreeMap<String, u64>> {
    let (services, resolved) = (text(tickets, "service")?, tickets.column("resolved_in_period")?.bool()?);
    let mut counts = BTreeMap::new();
    for (service, resolved) in services.iter().zip(resolved.iter()) {
        if let (Some(service), Some(true)) = (service, resolved) {
            *counts.entry(service.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// The four amounts of a row in minor units.
type Amounts = [Option<i64>; 4];

/// What a row is in the period.
struct CostRow {
    service: Option<String>,
    cost_type: String,
    currency: Option<String>,
    amounts: Amounts,
    in_period: bool,
    left_out: Option<&'static str>,
}

/// Reads the rows as a period sees them.
fn rows(window: Window, costs: &DataFrame) -> PolarsResult<Vec<CostRow>> {
    let (service, cost_type, currency) = (text(costs, "service")?, text(costs, "cost_type")?, text(costs, "currency")?);
    let (from, to) = (seconds(costs, "from")?, seconds(costs, "to")?);
    let amounts = AMOUNTS.map(|name| costs.column(name).and_then(|column| column.i64().cloned()));
    let [budget, actual, committed, forecast] = amounts;
    let amounts = [budget?, actual?, committed?, forecast?];
    let read = (0..costs.height()).map(|row| {
        let currency = currency.get(row).and_then(code);
        let (from, to) = (from[row].unwrap_or(i64::MIN), to[row].unwrap_or(i64::MIN));
        let touches = from < window.end && window.start < to.max(from.saturating_add(1));
        let left_out = match &currency {
            None if touches => Some(NO_CURRENCY),
            Some(_) if touches && to <= from => Some(BACKWARDS),
            Some(_) if touches && (from < window.start || window.end < to) => Some(PARTLY),
            _ => None,
        };
        CostRow {
            service: service.get(row).map(str::to_owned),
            cost_type: cost_type.get(row).unwrap_or("").to_owned(),
            currency,
            amounts: [0, 1, 2, 3].map(|at: usize| amounts[at].get(row)),
            in_period: touches && left_out.is_none(),
            left_out,
        }
    });
    Ok(read.collect())
}

/// Returns a currency's code as ISO 4217 writes it; `None` of what is none.
fn code(word: &str) -> Option<String> {
    let code = word.trim().to_ascii_uppercase();
    (code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())).then_some(code)
}

/// Returns the table `costs` with its measured columns: `in_period` (wholly within), `left_out` (why not), and the
/// currency's code in capitals.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn measured(context: &Context<'_>, costs: &DataFrame) -> PolarsResult<DataFrame> {
    let rows = rows(context.window, costs)?;
    let mut frame = costs.clone();
    let currency: Vec<Option<String>> = rows.iter().map(|row| row.currency.clone()).collect();
    frame.with_column(Column::new("currency".into(), currency))?;
    frame.with_column(Column::new("in_period".into(), rows.iter().map(|row| row.in_period).collect::<Vec<_>>()))?;
    frame.with_column(Column::new("left_out".into(), rows.iter().map(|row| row.left_out).collect::<Vec<_>>()))?;
    Ok(frame)
}

/// Whose money it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    scope: Scope,
    currency: String,
    cost_type: Option<String>,
}

/// One amount over the rows of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: i128,
    used: u64,
    absent: u64,
    partly: u64,
    backwards: u64,
}

/// What a group comes to in the period.
#[derive(Clone, Debug, Default)]
struct Sums {
    amounts: [Sum; 4],
    /// Budget and actual cost of the rows that have both.
    both: [i128; 2],
    with_both: u64,
    without_budget: u64,
    without_actual: u64,
    in_period: u64,
    partly: u64,
    backwards: u64,
    /// Whether any row of any period tells the amount.
    ever: [bool; 4],
}

impl Sums {
    fn add(&mut self, row: &CostRow) {
        let [budget, actual, ..] = row.amounts;
        for (at, amount) in row.amounts.iter().enumerate() {
            self.ever[at] |= amount.is_some();
            let sum = &mut self.amounts[at];
            match (row.in_period, row.left_out, amount) {
                (true, _, Some(amount)) => {
                    sum.total += i128::from(*amount);
                    sum.used += 1;
                }
                (true, _, None) => sum.absent += 1,
                (false, Some(PARTLY), Some(_)) => sum.partly += 1,
                (false, Some(BACKWARDS), Some(_)) => sum.backwards += 1,
                _ => {}
            }
        }
        self.partly += u64::from(row.left_out == Some(PARTLY));
        self.backwards += u64::from(row.left_out == Some(BACKWARDS));
        if !row.in_period {
            return;
        }
        self.in_period += 1;
        match (budget, actual) {
            (Some(budget), Some(actual)) => {
                self.both = [self.both[0] + i128::from(budget), self.both[1] + i128::from(actual)];
                self.with_both += 1;
            }
            (None, _) => self.without_budget += 1,
            (Some(_), None) => self.without_actual += 1,
        }
    }
}

/// Figures of the book and each service in each currency, and findings. `costs` carry ids of the catalogue;
/// `resolved` are the tickets resolved in the period by service, `None` where the book has no tickets.
///
/// # Errors
/// A polars error where the table lacks a column of the schema.
pub fn figures(
    context: &Context<'_>,
    costs: &DataFrame,
    resolved: Option<&BTreeMap<String, u64>>,
) -> PolarsResult<(Vec<Figure>, Vec<Finding>)> {
    let rows = rows(context.window, costs)?;
    let mut groups: BTreeMap<Group, Sums> = BTreeMap::new();
    for row in &rows {
        let Some(currency) = &row.currency else { continue };
        for scope in [Some(Scope::book()), row.service.as_ref().map(Scope::service)].into_iter().flatten() {
            for cost_type in [None, Some(row.cost_type.clone())] {
                let group = Group { scope: scope.clone(), currency: currency.clone(), cost_type };
                groups.entry(group).or_default().add(row);
            }
        }
    }
    let mut figures = Vec::new();
    for (group, sums) in &groups {
        for definition in definitions() {
            figures.extend(figure(context, &definition, group, sums, resolved));
        }
    }
    Ok((figures, findings(&rows)))
}

fn figure(
    context: &Context<'_>,
    definition: &Definition,
    group: &Group,
    sums: &Sums,
    resolved: Option<&BTreeMap<String, u64>>,
) -> Option<Figure> {
    let name = definition.id.strip_prefix("cost.").unwrap_or(definition.id);
    let split = group.cost_type.is_some();
    let made = match name {
        "budget" | "actual" => true,
        "variance" => sums.ever[0] || sums.ever[1],
        "committed" => !split && sums.ever[2],
        "forecast" => !split && sums.ever[3],
        "variance_percent" => !split && (sums.ever[0] || sums.ever[1]),
        _ => !split && group.scope.service.is_some() && sums.ever[1],
    };
    if !made {
        return None;
    }
    let mut dimensions = vec![("currency", group.currency.as_str())];
    dimensions.extend(group.cost_type.as_deref().map(|kind| ("cost_type", kind)));
    let id = FigureId::new(definition.id, group.scope.clone(), &dimensions);
    let unit = match &definition.unit {
        Unit::Money(_) => Unit::Money(group.currency.clone()),
        other => other.clone(),
    };
    let mut figure = match name {
        "variance" | "variance_percent" => variance(id, unit, sums, group),
        _ => {
            let at = AMOUNTS.iter().position(|amount| *amount == name).unwrap_or(1);
            total(id, unit, sums, at, group)
        }
    };
    figure.basis = context.basis(definition, Table::Costs);
    figure.tainted = context.tainted(Table::Costs);
    if name == "per_ticket" {
        share_out(context, &mut figure, definition, resolved);
    }
    Some(figure)
}

/// The condition of a group's rows.
fn of_group(group: &Group) -> String {
    let mut condition = format!("currency = {}", quoted(&group.currency));
    for (column, value) in [("service", &group.scope.service), ("cost_type", &group.cost_type)] {
        if let Some(value) = value {
            condition.push_str(&format!(" AND {column} = {}", quoted(value)));
        }
    }
    condition
}

fn left_out(parts: &[(&str, u64, String)]) -> Vec<LeftOut> {
    let some = parts.iter().filter(|(_, count, _)| *count > 0);
    some.map(|(reason, count, filter)| LeftOut { reason: (*reason).to_owned(), count: *count, filter: filter.clone() })
        .collect()
}

fn total(id: FigureId, unit: Unit, sums: &Sums, at: usize, group: &Group) -> Figure {
    let (amount, sum, group) = (AMOUNTS[at], sums.amounts[at], of_group(group));
    let nothing = if sums.in_period == 0 {
        "no costs lie wholly within the period".to_owned()
    } else {
        format!("no {amount} of the period is known")
    };
    let value = if sum.used > 0 { Ok(sum.total as f64) } else { Err(Missing::new(MissingKind::NoData, nothing)) };
    let mut figure = Figure::new(id, unit, value);
    figure.n = sum.used;
    let told = format!("{group} AND {amount} IS NOT NULL");
    figure.rows = Rows {
        table: "costs".into(),
        used: sum.used,
        left_out: left_out(&[
            (&format!("no {amount}"), sum.absent, format!("in_period AND {group} AND {amount} IS NULL")),
            (PARTLY, sum.partly, format!("left_out = {} AND {told}", quoted(PARTLY))),
            (BACKWARDS, sum.backwards, format!("left_out = {} AND {told}", quoted(BACKWARDS))),
        ]),
        filter: format!("in_period AND {told}"),
    };
    figure
}

fn variance(id: FigureId, unit: Unit, sums: &Sums, group: &Group) -> Figure {
    let group = of_group(group);
    let (budget, difference) = (sums.both[0], sums.both[1] - sums.both[0]);
    let as_share = unit == Unit::Percent;
    let value = match (sums.with_both, as_share) {
        (0, _) if sums.in_period == 0 => {
            Err(Missing::new(MissingKind::NoData, "no costs lie wholly within the period"))
        }
        (0, true) if sums.without_actual == 0 => {
            Err(Missing::new(MissingKind::NotApplicable, "no row has a budget to take the share of"))
        }
        (0, _) => Err(Missing::new(MissingKind::NoData, "no row has both a budget and an actual cost")),
        (_, true) if budget <= 0 => Err(Missing::new(MissingKind::NotApplicable, "there is no budget above nought")),
        (_, true) => Ok(100.0 * difference as f64 / budget as f64),
        (_, false) => Ok(difference as f64),
    };
    let mut figure = Figure::new(id, unit, value);
    figure.n = sums.with_both;
    if as_share {
        // Both or none: what is beyond the integers of a figure is in its value alone.
        let whole = i64::try_from(difference).ok().zip(i64::try_from(budget).ok());
        (figure.numerator, figure.denominator) = whole.unzip();
    }
    figure.rows = Rows {
        table: "costs".into(),
        used: sums.with_both,
        left_out: left_out(&[
            ("no budget", sums.without_budget, format!("in_period AND {group} AND budget IS NULL")),
            (
                "no actual",
                sums.without_actual,
                format!("in_period AND {group} AND budget IS NOT NULL AND actual IS NULL"),
            ),
            (PARTLY, sums.partly, format!("left_out = {} AND {group}", quoted(PARTLY))),
            (BACKWARDS, sums.backwards, format!("left_out = {} AND {group}", quoted(BACKWARDS))),
        ]),
        filter: format!("in_period AND {group} AND budget IS NOT NULL AND actual IS NOT NULL"),
    };
    figure
}

/// Turns the actual cost of a service into cost a resolved ticket.
fn share_out(
    context: &Context<'_>,
    figure: &mut Figure,
    definition: &Definition,
    resolved: Option<&BTreeMap<String, u64>>,
) {
    let tickets = figure.id.scope.service.as_ref().and_then(|service| resolved?.get(service)).copied().unwrap_or(0);
    let cost = figure.number();
    figure.value = match (&figure.value, resolved, context.no_tickets) {
        (Err(missing), ..) => Err(missing.clone()),
        (_, None, _) => Err(Missing::new(MissingKind::NoData, "the book has no tickets")),
        (_, _, Some(reason)) => Err(Missing::new(MissingKind::NoData, reason)),
        (Ok(_), _, _) if tickets == 0 => {
            Err(Missing::new(MissingKind::NotApplicable, "no ticket of the service was resolved in the period"))
        }
        (Ok(cost), _, _) => Ok(cost / tickets as f64),
    };
    // Above 2^63 a sum is no integer of a figure; it is in the value alone.
    let whole = cost.filter(|cost| cost.abs() < 9_223_372_036_854_775_808.0);
    #[expect(clippy::cast_possible_truncation, reason = "a sum of whole minor units below 2^63")]
    let whole = whole.map(|cost| cost as i64);
    (figure.numerator, figure.denominator) = (whole, whole.and(i64::try_from(tickets).ok()));
    let parameters = vec![("tickets".to_owned(), "resolved_in_period of table tickets, of every type".to_owned())];
    figure.basis = Basis { parameters, ..context.basis_of(definition, &[Table::Costs, Table::Tickets]) };
    figure.tainted |= context.tainted(Table::Tickets);
}

fn findings(rows: &[CostRow]) -> Vec<Finding> {
    let kinds = [
        (
            "cost_without_currency",
            NO_CURRENCY,
            "name no currency by its three letters (ISO 4217); in no figure. Correct `currency`.",
        ),
        (
            "cost_ends_before_start",
            BACKWARDS,
            "end before they start, or have no length; left out. Correct `from` and `to`.",
        ),
    ];
    let found = kinds.into_iter().filter_map(|(kind, reason, text)| {
        let count = rows.iter().filter(|row| row.left_out == Some(reason)).count() as u64;
        (count > 0).then(|| Finding {
            id: format!("costs.{kind}"),
            kind: kind.to_owned(),
            severity: Severity::Warning,
            count,
            figures: vec!["cost.budget".into(), "cost.actual".into(), "cost.variance".into()],
            table: "costs".into(),
            filter: format!("left_out = {}", quoted(reason)),
            text: format!("{count} rows of costs {text}"),
        })
    });
    found.collect()
}
