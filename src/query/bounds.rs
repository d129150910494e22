//! How large a SELECT may become before it is carried out.
//!
//! polars carries a join out as a whole and cannot be stopped within one, so that `tickets CROSS JOIN tickets` would
//! take all memory. Here the rows of each join are counted beforehand. Knows plans of polars; must not know SQL.

use super::{QueryError, run_error};
use polars::prelude::*;
use std::sync::Arc;

/// Most rows that one join, or one list put together from others, may have.
pub const MOST_JOINED: u64 = 5_000_000;

/// Returns a plan that gives the same rows, of which no join has too many. Where the tables are too large to tell without
/// work, what is joined is computed and its keys are counted.
///
/// # Errors
/// [`QueryError::TooMany`] where a join would have too many rows; what polars says where a part cannot be carried out.
pub fn bounded(plan: LazyFrame) -> Result<LazyFrame, QueryError> {
    Ok(LazyFrame::from(bound(plan.logical_plan)?.0))
}

/// A plan with the most rows that it can have.
type Bounded = (DslPlan, u64);

fn bound(plan: DslPlan) -> Result<Bounded, QueryError> {
    use DslPlan::{
        Cache, DataFrameScan, Distinct, ExtContext, Filter, GroupBy, HConcat, HStack, Join, MapFunction, Select, Slice,
        Sort, Union,
    };
    Ok(match plan {
        DataFrameScan { ref df, .. } => {
            let rows = df.height() as u64;
            (plan, rows)
        }
        Join { input_left, input_right, left_on, right_on, predicates, options } => {
            let left = bound(Arc::unwrap_or_clone(input_left))?;
            let right = bound(Arc::unwrap_or_clone(input_right))?;
            let on = (left_on, right_on);
            let ((left, right), rows) = joined(left, right, &on)?;
            let (left_on, right_on) = on;
            let (input_left, input_right) = (Arc::new(left), Arc::new(right));
            (Join { input_left, input_right, left_on, right_on, predicates, options }, rows)
        }
        Union { inputs, args } => {
            let (inputs, rows) = all(inputs)?;
            let rows = rows.into_iter().fold(0_u64, u64::saturating_add);
            (Union { inputs, args }, few_enough(rows)?)
        }
        HConcat { inputs, options } => {
            let (inputs, rows) = all(inputs)?;
            (HConcat { inputs, options }, rows.into_iter().max().unwrap_or_default())
        }
        ExtContext { input, contexts } => {
            let (input, rows) = inner(input)?;
            (ExtContext { input, contexts: all(contexts)?.0 }, rows)
        }
        Slice { input, offset, len } => {
            let (input, rows) = inner(input)?;
            (Slice { input, offset, len }, rows.min(u64::from(len)))
        }
        Filter { input, predicate } => {
            let (input, rows) = inner(input)?;
            (Filter { input, predicate }, rows)
        }
        Cache { input, id } => {
            let (input, rows) = inner(input)?;
            (Cache { input, id }, rows)
        }
        // A sum of nothing is one row.
        Select { expr, input, options } => {
            let (input, rows) = inner(input)?;
            (Select { expr, input, options }, rows.max(1))
        }
        GroupBy { input, keys, predicates, aggs, maintain_order, options, apply } => {
            let (input, rows) = inner(input)?;
            (GroupBy { input, keys, predicates, aggs, maintain_order, options, apply }, rows.max(1))
        }
        HStack { input, exprs, options } => {
            let (input, rows) = inner(input)?;
            (HStack { input, exprs, options }, rows)
        }
        Distinct { input, options } => {
            let (input, rows) = inner(input)?;
            (Distinct { input, options }, rows)
        }
        Sort { input, by_column, slice, sort_options } => {
            let (input, rows) = inner(input)?;
            (Sort { input, by_column, slice, sort_options }, rows)
        }
        MapFunction { input, function } => {
            let (input, rows) = inner(input)?;
            (MapFunction { input, function }, rows)
        }
        // What was looked at for its columns, with the plan that it was made from.
        DslPlan::IR { dsl, .. } => bound(Arc::unwrap_or_clone(dsl))?,
        // Nothing else is made of SQL over tables in memory; what is not known is not multiplied.
        other => (other, MOST_JOINED),
    })
}

fn inner(input: Arc<DslPlan>) -> Result<(Arc<DslPlan>, u64), QueryError> {
    let (input, rows) = bound(Arc::unwrap_or_clone(input))?;
    Ok((Arc::new(input), rows))
}

fn all(inputs: Vec<DslPlan>) -> Result<(Vec<DslPlan>, Vec<u64>), QueryError> {
    Ok(inputs.into_iter().map(bound).collect::<Result<Vec<_>, _>>()?.into_iter().unzip())
}

fn few_enough(rows: u64) -> Result<u64, QueryError> {
    if rows > MOST_JOINED { Err(QueryError::TooMany { rows, most: MOST_JOINED }) } else { Ok(rows) }
}

/// Returns both sides of a join and the most rows that it has.
fn joined(left: Bounded, right: Bounded, on: &(Vec<Expr>, Vec<Expr>)) -> Result<((DslPlan, DslPlan), u64), QueryError> {
    // Rows without a partner stay in outer joins.
    let most = |left: u64, right: u64, pairs: u64| pairs.saturating_add(left).saturating_add(right);
    let pairs = left.1.saturating_mul(right.1);
    if pairs <= MOST_JOINED {
        return Ok(((left.0, right.0), most(left.1, right.1, pairs)));
    }
    let (left, right) = (collected(left.0)?, collected(right.0)?);
    let (rows_left, rows_right) = (left.height() as u64, right.height() as u64);
    let pairs = if on.0.is_empty() {
        rows_left.saturating_mul(rows_right)
    } else {
        pairs_of(&left, &right, on).map_err(|error| run_error(&error))?
    };
    few_enough(pairs)?;
    let plan = |frame: DataFrame| frame.lazy().logical_plan;
    Ok(((plan(left), plan(right)), most(rows_left, rows_right, pairs)))
}

fn collected(plan: DslPlan) -> Result<DataFrame, QueryError> {
    LazyFrame::from(plan).collect().map_err(|error| run_error(&error))
}

/// Counts the pairs of rows with equal keys.
fn pairs_of(left: &DataFrame, right: &DataFrame, on: &(Vec<Expr>, Vec<Expr>)) -> PolarsResult<u64> {
    let keys: Vec<String> = (0..on.0.len()).map(|at| format!("key {at}")).collect();
    let counted = |frame: &DataFrame, on: &[Expr], count: &str| {
        let named: Vec<Expr> = on.iter().zip(&keys).map(|(key, name)| key.clone().alias(name.as_str())).collect();
        let groups: Vec<Expr> = keys.iter().map(|name| col(name.as_str())).collect();
        frame.clone().lazy().select(named).group_by(groups).agg([len().cast(DataType::Float64).alias(count)])
    };
    let groups: Vec<Expr> = keys.iter().map(|name| col(name.as_str())).collect();
    let pairs = counted(left, &on.0, "left")
        .join(counted(right, &on.1, "right"), groups.clone(), groups, JoinArgs::new(JoinType::Inner))
        .select([(col("left") * col("right")).sum().alias("pairs")])
        .collect()?;
    let pairs = pairs.column("pairs")?.f64()?.get(0).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and saturating")]
    Ok(pairs as u64)
}
