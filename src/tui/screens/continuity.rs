//! Continuity: plans, when their next test is due, and what the last one achieved.

use super::View;
use super::levels::clauses;
use crate::model::{Figure, Scope};
use crate::tui::page::Page;
use crate::tui::widgets::grid::{ASIDE, Cell, Column, Grid, Row};

const MEASURES: [(&str, &str, u8); 4] = [
    ("continuity.due_in", "Next test due in", 0),
    ("continuity.last_test_age", "Last success", 1),
    ("continuity.rto_achieved", "Recovery time", 2),
    ("continuity.rpo_achieved", "Recovery point", 3),
];

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let of_plans: Vec<&Figure> = document
        .of_measures("continuity.")
        .iter()
        .filter(|figure| view.service.is_none() || figure.id.scope.service.as_deref() == view.service)
        .collect();
    let scope = view.service.map_or_else(Scope::book, Scope::service);
    let count = |measure: &str| document.find(measure, &scope, &[]).map_or(Cell::None, Cell::Figure);
    let counts = Row {
        label: view.service.map_or("All services", |id| document.service_name(id)).to_owned(),
        target: None,
        service: view.service.map(ToOwned::to_owned),
        cells: vec![count("continuity.plans"), count("continuity.overdue"), count("continuity.untested")],
    };
    if of_plans.is_empty() {
        let said = "No continuity plan of this service is in the book.";
        page.paragraph(view.ink, said, view.ink.theme.unknown, view.width);
        return page;
    }
    if counts.cells.iter().any(|cell| !matches!(cell, Cell::None)) {
        page.title(view.ink, "Plans", &clauses(of_plans.first().copied()));
        let columns = ["Plans", "Overdue", "Never tested"].map(|name| Column::new(name, 0)).to_vec();
        Grid { corner: "Service".into(), columns, rows: vec![counts] }.write(view.ink, &mut page, view.width);
    }
    let mut plans: Vec<(&str, &Scope)> =
        of_plans.iter().filter_map(|figure| Some((figure.id.dimension("plan")?, &figure.id.scope))).collect();
    plans.sort();
    plans.dedup();
    let rows: Vec<Row> = plans
        .into_iter()
        .map(|(plan, scope)| Row {
            label: crate::text::screen_str(plan),
            target: None,
            service: scope.service.clone(),
            cells: MEASURES
                .iter()
                .flat_map(|(measure, _, _)| {
                    let found = document.find(measure, scope, &[("plan", plan)]);
                    let with_target = found.filter(|figure| figure.target.is_some() && measure.ends_with("achieved"));
                    [found.map_or(Cell::None, Cell::Figure), with_target.map_or(Cell::None, Cell::TargetOf)]
                })
                .collect(),
        })
        .collect();
    if !rows.is_empty() {
        let columns = MEASURES
            .iter()
            .flat_map(|(_, name, drop)| [Column::compact(name, *drop, *drop), Column::new("Required", ASIDE + drop)])
            .collect();
        let mut grid = Grid { corner: "Plan".into(), columns, rows };
        page.kept = grid.filter(view.filter, view.only_wrong);
        page.title(view.ink, "Tests", "a plan is due its interval after the last successful recovery test");
        grid.write(view.ink, &mut page, view.width);
    }
    super::report::tables(view, &mut page, &["continuity", "plan", "test"]);
    page
}
