//! Findings of outages, maintenance, coverage and exclusions: what in their rows a reader must know (rules R8, R20, R21).

use super::outage_rows::OUT_OF_SERVICE;
use super::time_rows::MAINTENANCE_BACKWARDS;
use crate::measure::outages::BACKWARDS;
use crate::measure::{Context, quoted};
use crate::model::{Finding, Severity, Table};
use polars::prelude::*;

/// A rule over rows of one service.
struct Rule {
    kind: &'static str,
    severity: Severity,
    rows: fn() -> Expr,
    filter: fn() -> String,
    /// What follows `12 outages of mail`.
    text: &'static str,
}

fn left_out_as(word: &'static str) -> Expr {
    col("left_out").eq(lit(word)).fill_null(lit(false))
}

fn left_out_is(word: &str) -> String {
    format!("left_out = {}", quoted(word))
}

const OUTAGES: &[Rule] = &[
    Rule {
        kind: "outage_ends_before_start",
        severity: Severity::Warning,
        rows: || left_out_as(BACKWARDS),
        filter: || left_out_is(BACKWARDS),
        text: "end before they start; left out. Correct the register.",
    },
    Rule {
        kind: "outages_overlap",
        severity: Severity::Note,
        rows: || col("overlaps"),
        filter: || "overlaps".into(),
        text: "overlap an earlier one; their time counts once.",
    },
    Rule {
        kind: "duplicate_outage",
        severity: Severity::Note,
        rows: || col("duplicate"),
        filter: || "duplicate".into(),
        text: "have start, end and kind of another one; they count as one. Two sources may tell of the same.",
    },
    Rule {
        kind: "outage_without_length",
        severity: Severity::Note,
        rows: || col("without_length"),
        filter: || "without_length".into(),
        text: "end as they start; counted as outages, without time down. Correct the register where they lasted.",
    },
    Rule {
        kind: "outage_out_of_service",
        severity: Severity::Warning,
        rows: || left_out_as(OUT_OF_SERVICE[0]).or(left_out_as(OUT_OF_SERVICE[1])),
        filter: || format!("({} OR {})", left_out_is(OUT_OF_SERVICE[0]), left_out_is(OUT_OF_SERVICE[1])),
        text: "lie before its go-live or after its retirement; left out. Correct the register, `go_live` or `retired`.",
    },
    Rule {
        kind: "outage_absurd",
        severity: Severity::Note,
        rows: || col("absurd"),
        filter: || "absurd".into(),
        text: "last longer than 366 days; counted as recorded. Was their end never written down?",
    },
];

const MAINTENANCE: &[Rule] = &[Rule {
    kind: "maintenance_backwards",
    severity: Severity::Warning,
    rows: || left_out_as(MAINTENANCE_BACKWARDS),
    filter: || left_out_is(MAINTENANCE_BACKWARDS),
    text: "end before they start, as planned or as done; neither maintenance nor downtime. Correct the register.",
}];

/// Returns the findings of the measured table of outages.
///
/// # Errors
/// A polars error where the table lacks a column, which is a fault of this room.
pub fn of_outages(outages: &DataFrame) -> PolarsResult<Vec<Finding>> {
    // A component's rows are found with the component.
    let own = col("agreement").is_null().and(col("component").is_null());
    found(outages, "outages", "outages", own, "agreement IS NULL AND component IS NULL", OUTAGES)
}

/// Returns the findings of the measured table of maintenance.
///
/// # Errors
/// A polars error where the table lacks a column, which is a fault of this room.
pub fn of_maintenance(maintenance: &DataFrame) -> PolarsResult<Vec<Finding>> {
    let own = col("agreement").is_null();
    found(maintenance, "maintenance", "maintenance windows", own, "agreement IS NULL", MAINTENANCE)
}

fn found(
    rows: &DataFrame,
    table: &str,
    things: &str,
    own: Expr,
    own_filter: &str,
    rules: &[Rule],
) -> PolarsResult<Vec<Finding>> {
    let counts: Vec<Expr> =
        rules.iter().map(|rule| (rule.rows)().cast(DataType::Int64).sum().alias(rule.kind)).collect();
    let counted = rows
        .clone()
        .lazy()
        .filter(own)
        .group_by([col("service")])
        .agg(counts)
        .sort(["service"], SortMultipleOptions::default())
        .collect()?;
    let services = counted.column("service")?.str()?;
    let mut findings = Vec::new();
    for row in 0..counted.height() {
        let service = services.get(row).unwrap_or("");
        for rule in rules {
            let count = u64::try_from(counted.column(rule.kind)?.i64()?.get(row).unwrap_or(0)).unwrap_or(0);
            if count == 0 {
                continue;
            }
            findings.push(Finding {
                id: format!("{table}.{}.{service}", rule.kind),
                kind: rule.kind.to_owned(),
                severity: rule.severity,
                count,
                figures: vec!["availability.percent".into()],
                table: table.to_owned(),
                filter: format!("service = {} AND {own_filter} AND {}", quoted(service), (rule.filter)()),
                text: format!("{count} {things} of {service} {}", rule.text),
            });
        }
    }
    Ok(findings)
}

/// Returns the findings of spans that run backwards in tables that no measured table stands for.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn of_rows(context: &Context<'_>) -> PolarsResult<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Some(frame) = context.dataset.table(Table::Coverage) {
        let backwards = col("to").lt(col("from")).fill_null(lit(false));
        findings.extend(backward(
            frame,
            Table::Coverage,
            "coverage_backwards",
            backwards,
            "\"to\" < \"from\"",
            "spans of coverage end before they start; nothing is known by them. Correct the register.",
        )?);
    }
    if let Some(frame) = context.dataset.table(Table::Exclusions) {
        let empty = col("from").is_null().or(col("to").is_null()).or(col("to").lt_eq(col("from")));
        let rows = col("figure").eq(lit("availability")).and(empty.fill_null(lit(true)));
        findings.extend(backward(
            frame,
            Table::Exclusions,
            "exclusion_backwards",
            rows,
            "figure = 'availability' AND (\"from\" IS NULL OR \"to\" IS NULL OR \"to\" <= \"from\")",
            "exclusions from availability have no time between start and end; they leave nothing out. Correct the register.",
        )?);
    }
    Ok(findings)
}

fn backward(
    frame: &DataFrame,
    table: Table,
    kind: &str,
    rows: Expr,
    filter: &str,
    text: &str,
) -> PolarsResult<Option<Finding>> {
    let found = frame.clone().lazy().filter(rows).select([len().cast(DataType::UInt64)]).collect()?;
    let count = found.column("len")?.u64()?.get(0).unwrap_or(0);
    Ok((count > 0).then(|| Finding {
        id: format!("{}.{kind}", table.name()),
        kind: kind.to_owned(),
        severity: Severity::Warning,
        count,
        figures: vec!["availability.percent".into()],
        table: table.name().to_owned(),
        filter: filter.to_owned(),
        text: format!("{count} {text}"),
    }))
}
