//! The monthly service report as a page: which figures stand where, in the order in which a review reads them.

mod availability;
mod change;
mod continuity;
mod control_charts;
mod costs;
mod satisfaction;
mod service_levels;

use super::document::{Block, Document, Grid, Section, Step};
use crate::model::clause::Clause;
use crate::model::figure::MissingKind;
use crate::model::{Figure, FigureId, Scope};
use std::collections::BTreeSet;

/// Ticket types in the order of the page, with their heading and clause.
const TYPES: [(&str, &str, Clause); 4] = [
    ("incident", "Incidents", Clause::Incident),
    ("request", "Service requests", Clause::Request),
    ("problem", "Problems", Clause::Problem),
    ("complaint", "Complaints", Clause::Relationship),
];

/// Lays out the monthly service report.
pub fn monthly(document: &Document) -> Vec<Section> {
    let mut sections = vec![glance(document)];
    for (kind, title, clause) in TYPES {
        sections.extend(tickets(document, kind, title, clause));
    }
    sections.extend(service_levels::section(document));
    sections.extend(availability::section(document));
    sections.extend(workload(document));
    sections.extend(capacity(document));
    sections.extend(continuity::section(document));
    sections.extend(change::section(document));
    sections.extend(satisfaction::section(document));
    sections.extend(costs::section(document));
    sections.extend(control_charts::section_of(document));
    sections.extend(courses(document));
    sections
}

fn section(document: &Document, title: &str, clauses: &[Clause], blocks: Vec<Block>) -> Option<Section> {
    let blocks: Vec<Block> = blocks.into_iter().filter(|block| !is_empty(document, block)).collect();
    let clauses = clauses.iter().map(|c| format!("{} {}", c.number(document.edition), c.label())).collect();
    (!blocks.is_empty()).then(|| Section { title: title.to_owned(), clauses, blocks })
}

fn is_empty(document: &Document, block: &Block) -> bool {
    match block {
        Block::Sentence(text) => text.is_empty(),
        Block::Grid(grid) => grid.rows.iter().all(|(_, cells)| cells.iter().all(Option::is_none)),
        Block::Table(id) => document.table(id).is_none_or(|table| table.rows.is_empty()),
        Block::Series(id, step) => document
            .course(id, *step)
            .is_none_or(|course| course.points.iter().filter(|p| p.value.is_some()).count() < 2),
    }
}

/// A column of a grid: heading, measure, dimensions.
type Column<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn grid(document: &Document, rows_are: &str, scopes: &[(String, Scope)], columns: &[Column<'_>]) -> Block {
    let used: Vec<&Column<'_>> = columns
        .iter()
        .filter(|(_, measure, dimensions)| {
            scopes.iter().any(|(_, scope)| document.find(measure, scope, dimensions).is_some())
        })
        .collect();
    let rows = scopes
        .iter()
        .map(|(label, scope)| {
            let cells = used
                .iter()
                .map(|(_, measure, dimensions)| {
                    document.find(measure, scope, dimensions).map(|figure| figure.id.clone())
                })
                .collect::<Vec<_>>();
            (label.clone(), cells)
        })
        .filter(|(_, cells)| cells.iter().any(Option::is_some))
        .collect();
    let columns = used.iter().map(|(heading, ..)| (*heading).to_owned()).collect();
    Block::Grid(Grid { rows_are: rows_are.to_owned(), columns, rows })
}

fn services(document: &Document) -> Vec<(String, Scope)> {
    document.services.iter().map(|named| (named.name.clone(), Scope::service(&named.id))).collect()
}

fn customers(document: &Document) -> Vec<(String, Scope)> {
    document.customers.iter().map(|named| (named.name.clone(), Scope::customer(&named.id))).collect()
}

fn whole_book(document: &Document) -> Vec<(String, Scope)> {
    if document.services.len() > 1 { vec![("All services".to_owned(), Scope::book())] } else { Vec::new() }
}

fn glance(document: &Document) -> Section {
    let columns: [Column<'_>; 6] = [
        ("Response", "sla.response", &[("type", "incident")]),
        ("Resolution", "sla.resolution", &[("type", "incident")]),
        ("Breached, open", "sla.resolution_open_breached", &[("type", "incident")]),
        ("Availability", "availability.percent", &[]),
        ("Open at the end", "tickets.backlog", &[("type", "incident")]),
        ("Plans overdue", "continuity.overdue", &[]),
    ];
    let blocks = vec![grid(document, "Service", &services(document), &columns)];
    Section {
        title: "At a glance".into(),
        clauses: vec![format!("{} {}", Clause::Reporting.number(document.edition), Clause::Reporting.label())],
        blocks: blocks.into_iter().filter(|block| !is_empty(document, block)).collect(),
    }
}

fn tickets(document: &Document, kind: &str, title: &str, clause: Clause) -> Option<Section> {
    let of_kind: &[(&str, &str)] = &[("type", kind)];
    let mut columns: Vec<Column<'_>> = vec![
        ("Opened", "tickets.opened", of_kind),
        ("Resolved", "tickets.resolved", of_kind),
        ("Open at the end", "tickets.backlog", of_kind),
        ("Major", "tickets.major", of_kind),
        ("Reopened", "tickets.reopened", of_kind),
        ("Reassigned", "tickets.reassigned", of_kind),
        ("Median to resolve", "resolve.elapsed.median", of_kind),
        ("90th percentile", "resolve.elapsed.p90", of_kind),
        ("Median, service time", "resolve.service.median", of_kind),
    ];
    if any(document, "tickets.first_fix", kind, |figure| !is_missing(figure, MissingKind::NotConfigured)) {
        columns.push(("First-time fix", "tickets.first_fix", of_kind));
    }
    let mut rows = services(document);
    rows.extend(whole_book(document));
    let mut blocks =
        vec![grid(document, "Service", &rows, &columns), grid(document, "Customer", &customers(document), &columns)];
    blocks.push(backlog(document, kind, of_kind, &rows));
    if any(document, "respond.elapsed.median", kind, |figure| figure.value.is_ok()) {
        let response: [Column<'_>; 5] = [
            ("Median", "respond.elapsed.median", of_kind),
            ("90th percentile", "respond.elapsed.p90", of_kind),
            ("Longest", "respond.elapsed.max", of_kind),
            ("Median, service time", "respond.service.median", of_kind),
            ("90th percentile, service time", "respond.service.p90", of_kind),
        ];
        blocks.push(grid(document, "First response: service", &rows, &response));
    }
    if kind == "problem" && any(document, "tickets.opened", kind, |_| true) {
        let of_incidents: &[(&str, &str)] = &[("type", "incident")];
        let problems: [Column<'_>; 4] = [
            ("Root cause known when finished", "problem.root_cause_known", of_kind),
            ("Known errors without a workaround", "problem.without_workaround", of_kind),
            ("Incidents linked to a problem", "problem.linked_incidents", of_incidents),
            ("Incidents of closed problems", "problem.recurrence", of_incidents),
        ];
        blocks.push(grid(document, "Causes: service", &rows, &problems));
    }
    blocks.push(by_dimension(
        document,
        kind,
        "priority",
        "Priority",
        &[
            ("Opened", "tickets.opened"),
            ("Resolved", "tickets.resolved"),
            ("Open at the end", "tickets.backlog"),
            ("Median to resolve", "resolve.elapsed.median"),
            ("90th percentile", "resolve.elapsed.p90"),
            ("Longest", "resolve.elapsed.max"),
        ],
    ));
    blocks.push(by_dimension(document, kind, "age", "Days open", &[("Open at the end", "tickets.backlog")]));
    section(document, title, &[clause], blocks)
}

/// The identity of the backlog, read from left to right: what was open, opened and came back, less what left, is what
/// is open. Tickets of which that is not so have a column of their own, where there are any.
fn backlog(document: &Document, kind: &str, of_kind: &[(&str, &str)], rows: &[(String, Scope)]) -> Block {
    let mut columns: Vec<Column<'_>> = vec![
        ("Open at the start", "tickets.backlog_start", of_kind),
        ("Opened", "tickets.opened", of_kind),
        ("Came back", "tickets.returned", of_kind),
        ("Left", "tickets.left", of_kind),
        ("Open at the end", "tickets.backlog", of_kind),
    ];
    if any(document, "tickets.unbalanced", kind, |figure| figure.number().is_some_and(|count| count > 0.0)) {
        columns.push(("Not balanced", "tickets.unbalanced", of_kind));
    }
    grid(document, "Backlog: service", rows, &columns)
}

fn any(document: &Document, measure: &str, kind: &str, is: impl Fn(&Figure) -> bool) -> bool {
    let of_kind = |figure: &&Figure| figure.id.measure == measure && figure.id.dimension("type") == Some(kind);
    document.figures.iter().filter(of_kind).any(is)
}

fn is_missing(figure: &Figure, kind: MissingKind) -> bool {
    figure.value.as_ref().is_err_and(|missing| missing.kind == kind)
}

/// A grid with a row for each value of a dimension, over the whole book or the one service that is shown.
fn by_dimension(document: &Document, kind: &str, dimension: &str, heading: &str, columns: &[(&str, &str)]) -> Block {
    let scope = match &document.services[..] {
        [only] => Scope::service(&only.id),
        _ => Scope::book(),
    };
    let mut values: Vec<&str> = Vec::new();
    for figure in &document.figures {
        if figure.id.scope == scope
            && figure.id.dimension("type") == Some(kind)
            && let Some(value) = figure.id.dimension(dimension)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    if dimension == "age" {
        values.sort_by_key(|value| value.split(['-', '+']).next().and_then(|from| from.parse::<u32>().ok()));
    }
    let rows = values
        .iter()
        .map(|value| {
            let dimensions = [("type", kind), (dimension, *value)];
            let cells = columns
                .iter()
                .map(|(_, measure)| document.find(measure, &scope, &dimensions).map(|figure| figure.id.clone()))
                .collect();
            ((*value).to_owned(), cells)
        })
        .collect();
    let columns = columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    Block::Grid(Grid { rows_are: heading.to_owned(), columns, rows })
}

fn workload(document: &Document) -> Option<Section> {
    let rows: Vec<(String, Vec<Option<FigureId>>)> = document
        .figures
        .iter()
        .filter(|figure| figure.id.measure == "workload.volume")
        .map(|figure| {
            let agreement = figure.id.scope.agreement.clone().unwrap_or_default();
            (format!("{agreement}: {}", figure.id.dimension("metric").unwrap_or("")), vec![Some(figure.id.clone())])
        })
        .collect();
    let grid = Grid { rows_are: "Agreement and work".into(), columns: vec!["Volume".into()], rows };
    section(
        document,
        "Workload against agreed limits",
        &[Clause::ServiceLevel, Clause::Demand],
        vec![Block::Grid(grid)],
    )
}

fn capacity(document: &Document) -> Option<Section> {
    let all = [
        ("Average", "capacity.average"),
        ("95th percentile", "capacity.p95"),
        ("Highest 95th percentile of a window", "capacity.window_p95"),
        ("Peak", "capacity.peak"),
        ("Over the threshold", "capacity.over_threshold"),
        ("Days to the threshold", "capacity.days_to_threshold"),
        ("Forecast error", "capacity.forecast_error"),
        ("Forecast bias", "capacity.forecast_bias"),
        ("Covered by windows", "capacity.window_coverage"),
    ];
    // Only resources whose tool gives windows of readings have these.
    let is_measured = |measure: &str| document.figures.iter().any(|figure| figure.id.measure == measure);
    let is_shown = |measure: &str| !measure.starts_with("capacity.window_") || is_measured(measure);
    let measures: Vec<(&str, &str)> = all.into_iter().filter(|(_, measure)| is_shown(measure)).collect();
    let resources: Vec<&FigureId> =
        document.figures.iter().map(|figure| &figure.id).filter(|id| id.measure == "capacity.average").collect();
    let rows = resources
        .iter()
        .map(|id| {
            let (resource, metric) = (id.dimension("resource").unwrap_or(""), id.dimension("metric").unwrap_or(""));
            let dimensions = [("resource", resource), ("metric", metric)];
            let cells = measures
                .iter()
                .map(|(_, measure)| document.find(measure, &id.scope, &dimensions).map(|figure| figure.id.clone()))
                .collect();
            (format!("{} {}", crate::text::screen_str(resource), crate::text::screen_str(metric)), cells)
        })
        .collect();
    let columns = measures.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let mut blocks = vec![Block::Grid(Grid { rows_are: "Resource".into(), columns, rows })];
    blocks.extend(resources.iter().map(|id| Block::Series((*id).clone(), Step::Day)));
    section(document, "Capacity", &[Clause::Capacity], blocks)
}

/// Courses of the whole book, or of the one service that is shown.
fn courses(document: &Document) -> Option<Section> {
    let scope = match &document.services[..] {
        [only] => Scope::service(&only.id),
        _ => Scope::book(),
    };
    let drawn: BTreeSet<FigureId> = control_charts::drawn(document).collect();
    let blocks = document
        .series
        .iter()
        .filter(|series| series.step == Step::Month && series.figure.scope == scope)
        .filter(|series| !drawn.contains(&series.figure))
        .filter(|series| series.figure.dimension("type").is_none_or(|kind| matches!(kind, "incident" | "request")))
        .map(|series| Block::Series(series.figure.clone(), Step::Month))
        .collect();
    section(document, "Trends", &[Clause::Reporting], blocks)
}
