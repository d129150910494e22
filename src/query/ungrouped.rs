//! Columns beside an aggregate without GROUP BY: polars repeats the aggregate on every row, which no one asked for.

use sqlparser::ast::{Expr as SqlExpr, GroupByExpr, Select, SelectItem, Visit, Visitor};
use std::ops::ControlFlow;

/// Functions that make one value of many.
const AGGREGATES: [&str; 17] = [
    "avg",
    "corr",
    "count",
    "covar",
    "covar_samp",
    "first",
    "last",
    "max",
    "mean",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stdev",
    "sum",
    "variance",
];

/// Returns what stands beside an aggregate in a SELECT without GROUP BY.
pub fn column(select: &Select) -> Option<String> {
    if !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty()) {
        return None;
    }
    let (mut aggregates, mut beside) = (false, None);
    for item in &select.projection {
        let expr = match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
            other => {
                beside.get_or_insert_with(|| other.to_string());
                continue;
            }
        };
        let mut walk = Aggregated { inside: 0, aggregates: false, column: None };
        let _ = expr.visit(&mut walk);
        aggregates |= walk.aggregates;
        beside = beside.or(walk.column);
    }
    beside.filter(|_| aggregates)
}

/// Whether an expression holds an aggregate, and the first column that stands outside of one.
struct Aggregated {
    inside: usize,
    aggregates: bool,
    column: Option<String>,
}

/// Tells whether an expression makes one value of all rows; over a window it makes one of each.
fn is_aggregate(expr: &SqlExpr) -> bool {
    let SqlExpr::Function(function) = expr else { return false };
    let name = function.name.to_string().to_ascii_lowercase();
    function.over.is_none() && AGGREGATES.contains(&name.as_str())
}

/// Tells whether columns inside of an expression stand for many rows, or for those of another query.
fn is_closed(expr: &SqlExpr) -> bool {
    matches!(expr, SqlExpr::Subquery(_))
        || is_aggregate(expr)
        || matches!(expr, SqlExpr::Function(function) if function.over.is_some())
}

impl Visitor for Aggregated {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &SqlExpr) -> ControlFlow<()> {
        if is_closed(expr) {
            self.aggregates |= is_aggregate(expr) && self.inside == 0;
            self.inside += 1;
        } else if self.inside == 0
            && matches!(expr, SqlExpr::Identifier(_) | SqlExpr::CompoundIdentifier(_))
            && self.column.is_none()
        {
            self.column = Some(expr.to_string());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &SqlExpr) -> ControlFlow<()> {
        if is_closed(expr) {
            self.inside -= 1;
        }
        ControlFlow::Continue(())
    }
}
