//! The sandbox for SQL: one SELECT over named tables, or one condition over the columns of a table.
//!
//! polars SQL also knows statements that change tables and functions that open any file; both are refused here before
//! polars sees the text. Knows no canonical table: names are given by the caller.

use polars::prelude::{DataFrame, Expr, IntoLazy};
use polars::sql::{SQLContext, sql_expr};
use sqlparser::ast::{Expr as SqlExpr, Query, Select, SetExpr, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::Token;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Longest text of a query, in bytes.
const LONGEST: usize = 64 << 10;

/// Why a query is not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The text is no SQL.
    #[error("this SQL cannot be read: {0}")]
    Syntax(String),
    /// The text is more than one SELECT.
    #[error("{0} is not allowed here; write one SELECT")]
    Refused(String),
    /// A table is not there.
    #[error("there is no table `{name}`; there are {tables}")]
    UnknownTable {
        /// The name.
        name: String,
        /// The names that are there.
        tables: String,
    },
    /// The query cannot be carried out.
    #[error("this SQL cannot be carried out: {0}")]
    Run(String),
}

/// Checks that a text is one SELECT over the given tables.
pub fn check(sql: &str, allowed_tables: &[&str]) -> Result<(), QueryError> {
    let statements = parser(sql)?.parse_statements().map_err(|error| syntax(&error))?;
    let [statement] = statements.as_slice() else {
        return Err(match statements.len() {
            0 => QueryError::Syntax("it is empty".into()),
            _ => QueryError::Refused("more than one statement".into()),
        });
    };
    let Statement::Query(_) = statement else {
        return Err(QueryError::Refused(format!("`{}`", first_word(sql))));
    };
    guard(statement, allowed_tables)
}

/// Runs one SELECT over the given tables.
pub fn run(sql: &str, tables: &[(&str, DataFrame)]) -> Result<DataFrame, QueryError> {
    let names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    check(sql, &names)?;
    let mut context = SQLContext::new();
    for (name, frame) in tables {
        context.register(name, frame.clone().lazy());
    }
    context.execute(sql).and_then(polars::prelude::LazyFrame::collect).map_err(|error| run_error(&error))
}

/// Reads a condition over the columns of one table, as `type = 'incident' AND resolved_at IS NULL`.
pub fn condition(text: &str) -> Result<Expr, QueryError> {
    let mut parser = parser(text)?;
    let expr = parser.parse_expr().map_err(|error| syntax(&error))?;
    if parser.peek_token().token != Token::EOF {
        return Err(QueryError::Refused(format!("`{}` after the condition", parser.peek_token().token)));
    }
    guard(&expr, &[])?;
    sql_expr(text).map_err(|error| run_error(&error))
}

/// Returns the rows of a table that a condition keeps. Knows the types of the columns, so that an instant may be
/// written as `opened_at >= '2026-09-01'`, which [`condition`] alone cannot read.
pub fn filter(frame: &DataFrame, text: &str) -> Result<DataFrame, QueryError> {
    let _condition = condition(text)?;
    // The line break ends a comment that the condition may close with.
    run(&format!("SELECT * FROM filtered WHERE (\n{text}\n)"), &[("filtered", frame.clone())])
}

fn parser(sql: &str) -> Result<Parser<'static>, QueryError> {
    if sql.len() > LONGEST {
        return Err(QueryError::Refused("a text of more than 64 KB".into()));
    }
    // The dialect and options of polars: what is checked is what is run.
    Parser::new(&GenericDialect)
        .with_options(ParserOptions { trailing_commas: true, ..ParserOptions::default() })
        .try_with_sql(sql)
        .map_err(|error| syntax(&error))
}

fn guard<N: Visit>(node: &N, allowed_tables: &[&str]) -> Result<(), QueryError> {
    let mut guard = Guard { allowed: allowed_tables, named: BTreeSet::new() };
    match node.visit(&mut guard) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Guard<'a> {
    allowed: &'a [&'a str],
    /// Tables that the query itself defines with WITH.
    named: BTreeSet<String>,
}

fn refuse(what: &str) -> ControlFlow<QueryError> {
    ControlFlow::Break(QueryError::Refused(what.into()))
}

impl Visitor for Guard<'_> {
    type Break = QueryError;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<QueryError> {
        if matches!(statement, Statement::Query(_)) { ControlFlow::Continue(()) } else { refuse("a change of tables") }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<QueryError> {
        if self.allowed.is_empty() {
            return refuse("a query inside of a condition");
        }
        let plain = query.locks.is_empty()
            && query.for_clause.is_none()
            && query.settings.is_none()
            && query.format_clause.is_none()
            && query.pipe_operators.is_empty();
        if !plain {
            return refuse("what follows the SELECT");
        }
        if let Some(with) = &query.with {
            self.named.extend(with.cte_tables.iter().map(|table| table.alias.name.value.clone()));
        }
        body(&query.body)
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<QueryError> {
        if select.into.is_some() { refuse("SELECT INTO") } else { ControlFlow::Continue(()) }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<QueryError> {
        match factor {
            TableFactor::Table { name, args: None, version: None, json_path: None, .. } => {
                let [part] = name.0.as_slice() else {
                    return self.unknown(&name.to_string());
                };
                let Some(ident) = part.as_ident() else {
                    return refuse("a function in place of a table");
                };
                if self.allowed.contains(&ident.value.as_str()) || self.named.contains(&ident.value) {
                    ControlFlow::Continue(())
                } else {
                    self.unknown(&ident.value)
                }
            }
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            _ => refuse("a function in place of a table"),
        }
    }

    fn pre_visit_expr(&mut self, expr: &SqlExpr) -> ControlFlow<QueryError> {
        // No function of polars SQL opens a file outside of FROM; this keeps it so where one is added.
        if let SqlExpr::Function(function) = expr
            && function.name.to_string().to_ascii_lowercase().starts_with("read_")
        {
            return refuse("a function that reads files");
        }
        ControlFlow::Continue(())
    }
}

impl Guard<'_> {
    fn unknown(&self, name: &str) -> ControlFlow<QueryError> {
        ControlFlow::Break(QueryError::UnknownTable {
            name: crate::text::screen_str(name),
            tables: self.allowed.join(", "),
        })
    }
}

fn body(body: &SetExpr) -> ControlFlow<QueryError> {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, .. } => {
            self::body(left)?;
            self::body(right)
        }
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            refuse("a change of tables")
        }
        SetExpr::Table(_) => refuse("`TABLE`"),
    }
}

fn first_word(sql: &str) -> String {
    crate::text::screen_str(&sql.split_whitespace().next().unwrap_or_default().to_uppercase())
}

fn syntax(error: &ParserError) -> QueryError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
        ParserError::RecursionLimitExceeded => "it is nested too deeply".into(),
    };
    QueryError::Syntax(crate::text::screen_lines(&message))
}

fn run_error(error: &polars::prelude::PolarsError) -> QueryError {
    QueryError::Run(crate::text::screen_lines(&error.to_string()))
}

#[cfg(test)]
mod tests;
