//! Figures of changes and releases (`domain.md` §4.5).
//!
//! Which row is what is said in [`super::change_rows`]; here rows are counted by service and for the book.

use super::change_rows::{NEEDED as ROW_COLUMNS, Told};
use super::definition::{Better, Definition};
use super::ticket_figures::Kinds;
use super::ticket_state::{milliseconds, text};
use super::{Context, quoted};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use crate::model::{FigureId, Finding, Scope, Severity, Table};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Columns of the measured tickets that the figures need.
pub const NEEDED: &[&str] = ROW_COLUMNS;

/// What the figures of changes are made of.
const MADE_OF: [Table; 2] = [Table::Tickets, Table::Links];

/// The formula of success, of changes and of releases.
const SUCCESS: &str = "successful ÷ outcome successful, failed or partial. Successful: so recorded, not backed out, worked on within its planned times as far as they are known, and no incident linked as caused by it was opened from its start until effect_days after its end";

/// Returns the measures of changes and releases, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let change = |id, title, formula| Definition::count(id, title, formula).for_clauses(&[Clause::Change]);
    let release = |id, title, formula| Definition::count(id, title, formula).for_clauses(&[Clause::Release]);
    vec![
        change("change.implemented", "Changes implemented", "changes whose work ended in the period and that were opened before as-of"),
        change("change.success", "Changes successful", SUCCESS).in_unit(Unit::Percent).better(Better::Higher),
        change("change.emergency", "Emergency changes", "emergency changes ÷ changes implemented")
            .in_unit(Unit::Percent)
            .better(Better::Lower),
        change(
            "change.unauthorised",
            "Changes without approval",
            "changes that were not approved before their work started (where the start is not known: ended) ÷ changes implemented; standard changes are approved by their model",
        )
        .in_unit(Unit::Percent)
        .better(Better::Lower),
        change("change.failed", "Changes failed", "changes implemented whose outcome is failed or partial")
            .better(Better::Lower),
        change("change.backed_out", "Changes backed out", "changes implemented that were reversed").better(Better::Lower),
        change(
            "change.caused_incidents",
            "Incidents caused by changes",
            "incidents linked as caused by a change implemented in the period and opened from its start until effect_days after its end, before as-of; one that two changes caused counts with each, a dropped duplicate with none. The rows are the changes",
        )
        .in_unit(Unit::Events)
        .additive()
        .better(Better::Lower),
        release("release.implemented", "Releases deployed", "releases whose work ended in the period and that were opened before as-of"),
        release("release.success", "Releases successful", SUCCESS).in_unit(Unit::Percent).better(Better::Higher),
    ]
}

/// Counts of one scope and type, over the rows that were implemented in the period.
#[derive(Default)]
struct Counts {
    implemented: u64,
    judged: u64,
    succeeded: u64,
    emergency: u64,
    unauthorised: u64,
    /// Those that are not standard, and so needed an approval of their own.
    to_approve: u64,
    failed: u64,
    backed_out: u64,
    with_incidents: u64,
    incidents: u64,
    left_out: BTreeMap<String, u64>,
}

/// Figures of the book and each service. `changes` are measured tickets of type change and release, with
/// [`super::change_rows::flags`] added.
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn figures(context: &Context<'_>, changes: &DataFrame, kinds: &Kinds, told: Told) -> PolarsResult<Vec<Figure>> {
    let mut figures = Vec::new();
    for of_type in ["change", "release"] {
        let counts = count(changes, of_type)?;
        let with_any = kinds.iter().filter(|(scope, types)| scope.customer.is_none() && types.contains_key(of_type));
        for (scope, _) in with_any {
            let none = Counts::default();
            let counts = counts.get(scope).unwrap_or(&none);
            for definition in definitions().iter().filter(|definition| definition.id.starts_with(of_type)) {
                figures.push(figure(context, definition, scope, of_type, counts, told));
            }
        }
    }
    Ok(figures)
}

/// Tells of changes and releases that were opened in the period, though their work had ended before it: the figures of
/// the earlier period, told as of its end, could not know them. `changes` as for [`figures`].
///
/// # Errors
/// A polars error where the table lacks a column.
pub fn recorded_later(changes: &DataFrame) -> PolarsResult<Option<Finding>> {
    let flag = |name: &str| changes.column(name).and_then(|column| column.bool().cloned());
    let (opened_in_period, implemented) = (flag("opened_in_period")?, flag("implemented_in_period")?);
    let (opened, ended) = (milliseconds(changes, "opened_at")?, milliseconds(changes, "actual_end")?);
    let later = |row: &usize| {
        opened_in_period.get(*row) == Some(true)
            && implemented.get(*row) != Some(true)
            && ended[*row].zip(opened[*row]).is_some_and(|(ended, opened)| ended < opened)
    };
    let count = (0..changes.height()).filter(later).count() as u64;
    Ok((count > 0).then(|| Finding {
        id: "tickets.work_recorded_later".into(),
        kind: "work_recorded_later".into(),
        severity: Severity::Note,
        count,
        figures: ["change.implemented", "change.unauthorised", "release.implemented"].map(str::to_owned).into(),
        table: Table::Tickets.name().into(),
        filter: "opened_in_period AND NOT implemented_in_period AND actual_end < opened_at AND (type = 'change' OR type = 'release')".into(),
        text: format!(
            "{count} changes or releases were implemented before the period and opened only in it; they count in the period of their work, whose figures as of its end did not know them. Report that period with a later as-of."
        ),
    }))
}

fn count(changes: &DataFrame, of_type: &str) -> PolarsResult<BTreeMap<Scope, Counts>> {
    let flag = |name: &str| changes.column(name).and_then(|column| column.bool().cloned());
    let (implemented, judged, succeeded) =
        (flag("implemented_in_period")?, flag("change_judged")?, flag("change_succeeded")?);
    let (unauthorised, backed_out) = (flag("change_unauthorised")?, flag("backed_out")?);
    let (kind, service, change_type) =
        (text(changes, "type")?, text(changes, "service")?, text(changes, "change_type")?);
    let (outcome, left_out) = (text(changes, "outcome")?, changes.column("change_left_out")?.cast(&DataType::String)?);
    let (left_out, incidents) = (left_out.str()?, changes.column("change_incidents")?.i64()?);
    let mut counts: BTreeMap<Scope, Counts> = BTreeMap::new();
    for row in 0..changes.height() {
        if kind.get(row) != Some(of_type) || implemented.get(row) != Some(true) {
            continue;
        }
        let one = |yes: bool| u64::from(yes);
        let caused = u64::try_from(incidents.get(row).unwrap_or(0)).unwrap_or(0);
        for scope in [Some(Scope::book()), service.get(row).map(Scope::service)].into_iter().flatten() {
            let counts = counts.entry(scope).or_default();
            counts.implemented += 1;
            counts.judged += one(judged.get(row) == Some(true));
            counts.succeeded += one(judged.get(row) == Some(true) && succeeded.get(row) == Some(true));
            counts.emergency += one(change_type.get(row) == Some("emergency"));
            counts.unauthorised += one(unauthorised.get(row) == Some(true));
            counts.to_approve += one(change_type.get(row) != Some("standard"));
            counts.failed += one(matches!(outcome.get(row), Some("failed" | "partial")));
            counts.backed_out += one(backed_out.get(row) == Some(true));
            counts.with_incidents += one(caused > 0);
            counts.incidents += caused;
            if let Some(reason) = left_out.get(row) {
                *counts.left_out.entry(reason.to_owned()).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

fn figure(
    context: &Context<'_>,
    definition: &Definition,
    scope: &Scope,
    of_type: &str,
    counts: &Counts,
    told: Told,
) -> Figure {
    let nothing = if of_type == "change" {
        "no change was implemented in the period"
    } else {
        "no release was deployed in the period"
    };
    let untold = |told: bool| (!told).then_some("the tool does not tell");
    let implemented = "implemented_in_period";
    // What is counted, of how many for a share, the rows, and why it cannot be known.
    let (part, whole, rows, filter, unknown) = match definition.id {
        "change.implemented" | "release.implemented" => {
            (counts.implemented, None, counts.implemented, implemented.to_owned(), None)
        }
        "change.success" | "release.success" => {
            (counts.succeeded, Some(counts.judged), counts.judged, "change_judged".to_owned(), None)
        }
        "change.emergency" => {
            (counts.emergency, Some(counts.implemented), counts.implemented, implemented.to_owned(), None)
        }
        "change.unauthorised" => {
            let unknown = untold(told.approval || counts.to_approve == 0);
            (counts.unauthorised, Some(counts.implemented), counts.implemented, implemented.to_owned(), unknown)
        }
        "change.failed" => {
            let filter = format!("{implemented} AND outcome IN ('failed', 'partial')");
            (counts.failed, None, counts.failed, filter, untold(told.outcome))
        }
        "change.backed_out" => {
            let filter = format!("{implemented} AND backed_out");
            (counts.backed_out, None, counts.backed_out, filter, untold(told.backed_out))
        }
        _ => {
            let unknown = context.dataset.table(Table::Links).is_none().then_some("the book has no links of tickets");
            (counts.incidents, None, counts.with_incidents, "change_caused_incident".to_owned(), unknown)
        }
    };
    // Work before the first ticket was opened is known where it was recorded afterwards.
    let no_tickets = context.no_tickets.filter(|_| counts.implemented == 0);
    let value = match (no_tickets.or(unknown), whole) {
        (Some(reason), _) => Err(Missing::new(MissingKind::NoData, reason)),
        (None, None) => Ok(part as f64),
        (None, Some(0)) if counts.implemented == 0 => Err(Missing::new(MissingKind::NotApplicable, nothing)),
        (None, Some(0)) => Err(Missing::new(
            MissingKind::NotApplicable,
            format!("no implemented {of_type} has an outcome to be judged by"),
        )),
        (None, Some(whole)) => Ok(100.0 * part as f64 / whole as f64),
    };
    let mut figure = Figure::new(FigureId::new(definition.id, scope.clone(), &[]), definition.unit.clone(), value);
    figure.n = rows;
    // A count of what the tool does not tell would be a silent nought.
    let known = context.no_tickets.or(unknown).is_none();
    if let Some(whole) = whole.filter(|_| known) {
        (figure.numerator, figure.denominator) = (i64::try_from(part).ok(), i64::try_from(whole).ok());
    }
    let service = scope.service.as_ref().map(|id| format!(" AND service = {}", quoted(id))).unwrap_or_default();
    let of_group = format!("type = {}{service}", quoted(of_type));
    let success = definition.id.ends_with(".success");
    let left_out = counts.left_out.iter().filter(|_| success).map(|(reason, count)| LeftOut {
        reason: reason.clone(),
        count: *count,
        filter: format!("change_left_out = {} AND {of_group}", quoted(reason)),
    });
    figure.rows = Rows {
        table: "tickets".into(),
        used: rows,
        left_out: left_out.collect(),
        filter: format!("{filter} AND {of_group}"),
    };
    let mut parameters = Vec::new();
    let looks_ahead = success || definition.id == "change.caused_incidents";
    if looks_ahead {
        let days = context.catalogue.settings.effect_days;
        parameters.push(("effect_days".to_owned(), days.to_string()));
        if context.dataset.table(Table::Links).is_some() {
            figure.provisional = context.window.as_of < context.window.end + i64::from(days) * 86_400;
        } else {
            parameters.push(("caused_incidents".to_owned(), "not looked at: the book has no links of tickets".into()));
        }
        figure.tainted = context.tainted(Table::Links);
    }
    let tables = if looks_ahead { &MADE_OF[..] } else { &MADE_OF[..1] };
    figure.basis = Basis { parameters, ..context.basis_of(definition, tables) };
    figure.tainted |= context.tainted(Table::Tickets);
    figure
}
