//! The sandbox for SQL: one SELECT over named tables, or one condition over the columns of a table.
//!
//! polars SQL also knows statements that change tables and functions that open any file; both are refused here before
//! polars sees the text. Knows no canonical table: names are given by the caller.

mod bounds;
mod ungrouped;

pub use bounds::MOST_JOINED;

use polars::prelude::{DataFrame, Expr, IdxSize, IntoLazy, LazyFrame};
use polars::sql::{SQLContext, sql_expr};
use sqlparser::ast::{Expr as SqlExpr, Query, Select, SetExpr, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Longest text of a query, in bytes.
const LONGEST: usize = 64 << 10;
/// Most operators and keywords: a chain of them is as deep as it is long, and the stack is not.
const MOST_OPERATORS: usize = 1_000;
/// The stack of a SELECT, in bytes.
const STACK: usize = 256 << 20;
/// How often tables may be named, those of WITH counted as often as they are used: each use is computed anew.
const MOST_TABLES: u64 = 64;

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
    /// A column stands beside an aggregate without GROUP BY; polars would repeat the aggregate on every row.
    #[error("`{0}` stands beside an aggregate; write GROUP BY {0}, or leave it out")]
    Ungrouped(String),
    /// A table of WITH has the name of one of the book, which polars would read in its place.
    #[error("`{0}` is a table of the book; give the table of WITH another name")]
    Taken(String),
    /// A join would take too much memory.
    #[error("a join would have {rows} rows, and the most is {most}; join by a key, or narrow its tables first")]
    TooMany {
        /// The rows.
        rows: u64,
        /// How many there may be.
        most: u64,
    },
    /// The query cannot be carried out.
    #[error("this SQL cannot be carried out: {0}")]
    Run(String),
}

/// Checks that a text is one SELECT over the given tables.
pub fn check(sql: &str, allowed_tables: &[&str]) -> Result<(), QueryError> {
    tables_of(sql, allowed_tables).map(|_| ())
}

/// Does what [`check`] does, and returns the tables that the SELECT names.
pub fn tables_of<'a>(sql: &str, allowed_tables: &[&'a str]) -> Result<Vec<&'a str>, QueryError> {
    on_high_stack(|| named_tables(sql, allowed_tables))
}

fn named_tables<'a>(sql: &str, allowed_tables: &[&'a str]) -> Result<Vec<&'a str>, QueryError> {
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
    let used = guard(statement, allowed_tables, false)?;
    Ok(allowed_tables.iter().filter(|name| used.contains(**name)).copied().collect())
}

/// Runs one SELECT over the given tables.
pub fn run(sql: &str, tables: &[(&str, DataFrame)]) -> Result<DataFrame, QueryError> {
    collect(planned(sql, tables)?)
}

/// Runs one SELECT over the given tables and returns so many of its rows at most. Refuses joins that would take too much
/// memory.
pub fn run_at_most(sql: &str, tables: &[(&str, DataFrame)], rows: usize) -> Result<DataFrame, QueryError> {
    let rows = IdxSize::try_from(rows).unwrap_or(IdxSize::MAX);
    on_high_stack(|| collect(bounds::bounded(planned(sql, tables)?.slice(0, rows))?))
}

/// Works on a stack on which every text that is let through can be walked down. Only what is used of it is taken.
fn on_high_stack<T: Send>(work: impl FnOnce() -> Result<T, QueryError> + Send) -> Result<T, QueryError> {
    let fault = || QueryError::Run("the program came upon a fault of its own".into());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("select".into()).stack_size(STACK).spawn_scoped(scope, work);
        thread.map_err(|error| QueryError::Run(error.to_string()))?.join().map_err(|_| fault())?
    })
}

fn planned(sql: &str, tables: &[(&str, DataFrame)]) -> Result<LazyFrame, QueryError> {
    let names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    check(sql, &names)?;
    let mut context = SQLContext::new();
    for (name, frame) in tables {
        context.register(name, frame.clone().lazy());
    }
    context.execute(sql).map_err(|error| run_error(&error))
}

fn collect(plan: LazyFrame) -> Result<DataFrame, QueryError> {
    plan.collect().map_err(|error| run_error(&error))
}

/// Reads a condition over the columns of one table, as `type = 'incident' AND resolved_at IS NULL`.
pub fn condition(text: &str) -> Result<Expr, QueryError> {
    let mut parser = parser(text)?;
    let expr = parser.parse_expr().map_err(|error| syntax(&error))?;
    if parser.peek_token().token != Token::EOF {
        return Err(QueryError::Refused(format!("`{}` after the condition", parser.peek_token().token)));
    }
    guard(&expr, &[], true)?;
    sql_expr(text).map_err(|error| run_error(&error))
}

/// Returns the numbers of the rows of a table that a condition keeps. Knows the types of the columns, so that an instant
/// may be written as `opened_at >= '2026-09-01'`, which [`condition`] alone cannot read.
pub fn numbers(frame: &DataFrame, text: &str) -> Result<Vec<IdxSize>, QueryError> {
    let _condition = condition(text)?;
    let numbered = frame.with_row_index(NUMBER.into(), None).map_err(|error| run_error(&error))?;
    // The line break ends a comment that the condition may close with.
    let kept = run(&format!("SELECT \"{NUMBER}\" FROM filtered WHERE (\n{text}\n)"), &[("filtered", numbered)])?;
    let numbers = kept.column(NUMBER).and_then(|column| Ok(column.idx()?.into_no_null_iter().collect()));
    numbers.map_err(|error| run_error(&error))
}

/// The column of row numbers while a condition is carried out; no table has one of this name.
const NUMBER: &str = "row number of the console";

fn parser(sql: &str) -> Result<Parser<'static>, QueryError> {
    if sql.len() > LONGEST {
        return Err(QueryError::Refused("a text of more than 64 KB".into()));
    }
    let tokens = Tokenizer::new(&GenericDialect, sql).tokenize().map_err(|error| syntax(&error.into()))?;
    if tokens.iter().filter(|token| deepens(token)).count() > MOST_OPERATORS {
        return Err(QueryError::Refused(format!("a text with more than {MOST_OPERATORS} operators and keywords")));
    }
    // The dialect and options of polars: what is checked is what is run.
    Parser::new(&GenericDialect)
        .with_options(ParserOptions { trailing_commas: true, ..ParserOptions::default() })
        .try_with_sql(sql)
        .map_err(|error| syntax(&error))
}

/// Tells whether a token may put what follows it one level below what stands before. Names, values and what parts them
/// do not; how deep brackets go is bounded by the parser.
fn deepens(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::Whitespace(_)
        | Token::LParen
        | Token::RParen
        | Token::SemiColon
        | Token::EOF => false,
        _ => true,
    }
}

/// Refuses what is not allowed, and returns the tables that are named.
fn guard<N: Visit>(node: &N, allowed_tables: &[&str], of_condition: bool) -> Result<BTreeSet<String>, QueryError> {
    let mut guard = Guard {
        allowed: allowed_tables,
        of_condition,
        named: BTreeMap::new(),
        used: BTreeSet::new(),
        open: Vec::new(),
    };
    match node.visit(&mut guard) {
        ControlFlow::Continue(()) => Ok(guard.used),
        ControlFlow::Break(error) => Err(error),
    }
}

/// A query that is being walked through.
struct OpenQuery {
    /// The tables of its WITH that were not yet walked through, the next one last.
    to_come: Vec<String>,
    /// How often tables are named in it.
    tables: u64,
}

struct Guard<'a> {
    allowed: &'a [&'a str],
    /// Whether a condition is walked through, in which no query may stand.
    of_condition: bool,
    /// Tables that the query itself defines with WITH, and how often each names tables.
    named: BTreeMap<String, u64>,
    /// Tables that are named.
    used: BTreeSet<String>,
    /// The queries around the place that is walked through.
    open: Vec<OpenQuery>,
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
        if self.of_condition {
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
        let mut to_come = Vec::new();
        if let Some(with) = &query.with {
            if with.recursive {
                return refuse("WITH RECURSIVE");
            }
            let taken = |name: &str| self.allowed.iter().any(|table| table.eq_ignore_ascii_case(name));
            if let Some(table) = with.cte_tables.iter().find(|table| taken(&table.alias.name.value)) {
                return ControlFlow::Break(QueryError::Taken(table.alias.name.value.clone()));
            }
            to_come.extend(with.cte_tables.iter().rev().map(|table| table.alias.name.value.clone()));
            self.named.extend(to_come.iter().map(|name| (name.clone(), 1)));
        }
        self.open.push(OpenQuery { to_come, tables: 0 });
        body(&query.body)
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<QueryError> {
        let Some(done) = self.open.pop() else { return ControlFlow::Continue(()) };
        let Some(around) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        // WITH stands before everything else: the first queries in a query are those of its WITH.
        match around.to_come.pop() {
            Some(name) => {
                self.named.insert(name, done.tables.max(1));
            }
            None => around.tables = around.tables.saturating_add(done.tables),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<QueryError> {
        if select.into.is_some() {
            return refuse("SELECT INTO");
        }
        match ungrouped::column(select) {
            Some(column) => ControlFlow::Break(QueryError::Ungrouped(column)),
            None => ControlFlow::Continue(()),
        }
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
                let there = self.allowed.contains(&ident.value.as_str());
                let times = match self.named.get(&ident.value) {
                    Some(times) => *times,
                    None if there => 1,
                    None => return self.unknown(&ident.value),
                };
                if there {
                    self.used.insert(ident.value.clone());
                }
                self.count(times)
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
    fn count(&mut self, times: u64) -> ControlFlow<QueryError> {
        let Some(open) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        open.tables = open.tables.saturating_add(times);
        if open.tables > MOST_TABLES {
            return refuse(&format!("naming tables more than {MOST_TABLES} times"));
        }
        ControlFlow::Continue(())
    }

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
    let text = error.to_string();
    // What polars tells of its plan behind the message helps nobody who typed SQL.
    let message = text.split("\n\nResolved plan until failure").next().unwrap_or_default();
    QueryError::Run(crate::text::screen_lines(&message.replace(&format!("\"{NUMBER}\", "), "")))
}

#[cfg(test)]
mod tests;
