//! Availability of one service: each agreement beside the service's own hours, day by day, and the outages.

use super::View;
use super::levels::{clauses, section};
use super::{happened, lookup};
use crate::model::{FigureId, Scope};
use crate::report::document::Step;
use crate::tui::page::Page;
use crate::tui::widgets::grid::{Cell, Column, Grid, Row};
use crate::tui::widgets::strip;
use crate::tui::words;

/// What a review asks first: how much was lost, and how much may be.
const LOST: [&str; 8] = [
    "availability.percent",
    "availability.user_weighted",
    "availability.reported",
    "availability.downtime",
    "availability.allowed",
    "availability.allowed_left",
    "availability.budget_used",
    "availability.burn_rate",
];

/// What it asks then: what is left out, how often it broke and how long that took.
const REPAIRED: [&str; 11] = [
    "availability.planned",
    "availability.excluded",
    "availability.outages",
    "availability.longest",
    "availability.mtrs",
    "availability.mtrs.median",
    "availability.mtrs.p90",
    "availability.mtbf",
    "availability.mtbsi",
    "availability.mtta",
    "availability.coverage",
];

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let Some(service) = view.service else {
        every_service(view, &mut page);
        return page;
    };
    let mut scopes: Vec<&Scope> = document
        .of_measures("availability.percent")
        .iter()
        .filter(|figure| figure.id.measure == "availability.percent" && !document.says_again(figure))
        .map(|figure| &figure.id.scope)
        .filter(|scope| scope.service.as_deref() == Some(service))
        .collect();
    scopes.sort();
    scopes.dedup();
    let own = document.find("availability.percent", &Scope::service(service), &[]);
    if !table(view, &mut page, service, &scopes, &LOST, ("Availability", &clauses(own))) {
        let said = "Nothing is measured here: no outage register, no checks and no agreement name this service.";
        page.paragraph(view.ink, said, view.ink.theme.unknown, view.width);
    }
    let mut drawn = false;
    let agreed = lookup::all(document, "availability.percent", Some(service));
    for figure in agreed.into_iter().filter(|figure| !document.says_again(figure)) {
        if let Some(series) = document.course(&figure.id, Step::Day).filter(|series| !series.points.is_empty()) {
            if !drawn {
                page.title(view.ink, "Day by day", "");
                strip::legend(view.ink, &mut page);
            }
            drawn = true;
            page.line(vec![
                view.ink.plain(" "),
                view.ink.span(&column_name(view, &figure.id.scope), view.ink.theme.heading),
            ]);
            strip::write(view.ink, &mut page, figure, series, view.width);
        }
    }
    table(view, &mut page, service, &scopes, &REPAIRED, ("Outages and repair", ""));
    happened::write(view, &mut page, service);
    if document.timeline(service).is_none() {
        super::report::tables(view, &mut page, &["outage", "maintenance"]);
    }
    page
}

/// Writes measures as rows, a column for each of those whose hours they count; nothing where none is measured.
fn table(
    view: View,
    page: &mut Page,
    service: &str,
    scopes: &[&Scope],
    measures: &[&str],
    heading: (&str, &str),
) -> bool {
    let document = view.document;
    let find = |measure: &str, scope: &Scope| document.figure(&FigureId::new(measure, scope.clone(), &[]));
    let column = |(at, scope): (usize, &&Scope)| {
        let name = crate::text::fit(&column_name(view, scope), 24);
        Column::new(&name, u8::try_from(at).unwrap_or(u8::MAX))
    };
    let mut rows: Vec<Row> = Vec::new();
    for measure in measures {
        let row = |label: String, cells| Row { label, target: None, service: Some(service.to_owned()), cells };
        let figures = scopes.iter().map(|scope| find(measure, scope).map_or(Cell::None, Cell::Figure)).collect();
        rows.push(row(words::measure(document, measure), figures));
        if *measure == "availability.percent" {
            let agreed = |scope: &&Scope| find(measure, scope).filter(|figure| figure.target.is_some());
            let targets = scopes.iter().map(|scope| agreed(scope).map_or(Cell::None, Cell::TargetOf)).collect();
            rows.push(row("  agreed".into(), targets));
        }
    }
    rows.retain(|row| row.cells.iter().any(|cell| !matches!(cell, Cell::None)));
    let columns = scopes.iter().enumerate().map(column).collect();
    section(view, page, heading, Grid { corner: "Measure".into(), columns, rows })
}

/// Returns whose hours a scope counts: the service's own, or those of an agreement.
fn column_name(view: View, scope: &Scope) -> String {
    let name = match (&scope.customer, &scope.agreement) {
        (None, None) => "Own hours",
        (Some(customer), _) => view.document.customer_name(customer),
        (None, Some(agreement)) => agreement,
    };
    crate::text::screen_str(name)
}

fn every_service(view: View, page: &mut Page) {
    let rows = view
        .document
        .services
        .iter()
        .map(|named| Row {
            label: crate::text::screen_str(&named.name),
            target: Some(crate::tui::page::Target::Service(named.id.clone())),
            service: Some(named.id.clone()),
            cells: ["availability.percent", "availability.downtime", "availability.outages", "availability.coverage"]
                .iter()
                .map(|measure| {
                    lookup::of_service(view.document, measure, Some(&named.id)).map_or(Cell::None, Cell::Figure)
                })
                .collect(),
        })
        .collect();
    let columns = ["Availability", "Downtime", "Outages", "Time known"].map(|name| Column::new(name, 1)).to_vec();
    let mut grid = Grid { corner: "Service".into(), columns, rows };
    page.kept = grid.filter(view.filter, view.only_wrong);
    page.title(view.ink, "Availability of every service", "");
    grid.write(view.ink, page, view.width);
}
