//! Service levels of one service: goals kept, the flow of tickets, and how long they took.

use super::View;
use super::lookup;
use crate::model::figure::{MissingKind, Unit};
use crate::model::{Figure, Scope};
use crate::tui::page::Page;
use crate::tui::widgets::grid::{ASIDE, Cell, Column, Grid, Row};

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let scope = view.service.map_or_else(Scope::book, Scope::service);
    let mut lines: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    let mut kinds = lookup::values(document, "tickets.", view.service, "type");
    // What a review asks about first stands first.
    kinds.sort_by_key(|kind| ["incident", "request"].iter().position(|first| first == kind).unwrap_or(2));
    for kind in kinds {
        lines.push((kind.to_owned(), vec![("type", kind)]));
        let mut priorities: Vec<&str> = document
            .figures
            .iter()
            .filter(|figure| figure.id.scope == scope && figure.id.dimension("type") == Some(kind))
            .filter_map(|figure| figure.id.dimension("priority"))
            .collect();
        priorities.sort_unstable();
        priorities.dedup();
        for priority in priorities {
            lines.push((format!("  {priority}"), vec![("type", kind), ("priority", priority)]));
        }
    }
    let find = |measure: &str, dimensions: &[(&str, &str)]| document.find(measure, &scope, dimensions);
    let table = |title: &str, aside: &str, columns: Vec<(Column, &str)>, with_target: bool, page: &mut Page| {
        let mut rows = Vec::new();
        for (label, dimensions) in &lines {
            let mut cells = Vec::new();
            for (_, measure) in &columns {
                let found = find(measure, dimensions);
                cells.push(found.map_or(Cell::None, Cell::Figure));
                if with_target && measure.starts_with("sla.") && !measure.contains("open") {
                    let target = found.filter(|figure| figure.target.is_some());
                    cells.push(target.map_or(Cell::None, Cell::TargetOf));
                }
            }
            if cells.iter().any(says_something) {
                let label = crate::text::screen_str(label);
                rows.push(Row { label, target: None, service: view.service.map(ToOwned::to_owned), cells });
            }
        }
        if rows.is_empty() {
            return;
        }
        let mut heads = Vec::new();
        for (column, measure) in &columns {
            heads.push(column.clone());
            if with_target && measure.starts_with("sla.") && !measure.contains("open") {
                heads.push(Column::new("Target", ASIDE));
            }
        }
        section(view, page, (title, aside), Grid { corner: "Tickets".into(), columns: heads, rows });
    };
    table(
        "Service levels",
        &clauses(document.find("sla.resolution", &scope, &[("type", "incident")])),
        vec![
            (Column::compact("Resolution met", 0, 2), "sla.resolution"),
            (Column::new("Open late", 4), "sla.resolution_open_breached"),
            (Column::compact("Response met", 0, 1), "sla.response"),
            (Column::new("Open late", 5), "sla.response_open_breached"),
            (Column::new("By the tool", 6), "sla.tool"),
        ],
        view.width >= 100,
        &mut page,
    );
    promises(view, &mut page);
    table(
        "Tickets",
        &clauses(document.find("tickets.opened", &scope, &[("type", "incident")])),
        vec![
            (Column::new("Opened", 0), "tickets.opened"),
            (Column::new("Resolved", 0), "tickets.resolved"),
            (Column::new("Backlog", 0), "tickets.backlog"),
            (Column::new("Major", 1), "tickets.major"),
            (Column::new("Reopened", 2), "tickets.reopened"),
            (Column::new("Share", 3), "tickets.reopen_rate"),
            (Column::new("Regrouped", 4), "tickets.reassigned"),
            (Column::new("Moves each", 5), "tickets.reassignments"),
        ],
        false,
        &mut page,
    );
    table(
        "Backlog",
        "open at the start + opened + came back − left = open at the end",
        vec![
            (Column::new("At the start", 0), "tickets.backlog_start"),
            (Column::new("Opened", 0), "tickets.opened"),
            (Column::new("Came back", 0), "tickets.returned"),
            (Column::new("Left", 0), "tickets.left"),
            (Column::new("At the end", 0), "tickets.backlog"),
            (Column::new("Unbalanced", 1), "tickets.unbalanced"),
        ],
        false,
        &mut page,
    );
    table(
        "Quality",
        "",
        vec![
            (Column::new("First-time fix", 0), "tickets.first_fix"),
            (Column::new("Reopened soon", 1), "tickets.reopened_within"),
            (Column::new("Missed a million", 2), "sla.resolution_dpmo"),
            (Column::new("Sigma", 3), "sla.resolution_sigma"),
            (Column::new("Tool differs", 4), "sla.resolution_differs"),
        ],
        false,
        &mut page,
    );
    for (title, measures) in [
        ("Time to first response, by the clock", "respond.elapsed"),
        ("Time to first response, in service hours", "respond.service"),
        ("Time to resolve, by the clock", "resolve.elapsed"),
        ("Time to resolve, in service hours", "resolve.service"),
        ("Time to close, by the clock", "close.elapsed"),
    ] {
        let names: Vec<String> =
            ["mean", "median", "p90", "p95", "p99", "max"].iter().map(|part| format!("{measures}.{part}")).collect();
        let heads = ["Mean", "Median", "p90", "p95", "p99", "Longest"];
        let drops = [0, 0, 1, 2, 4, 3];
        let columns = (0..6).map(|at| (Column::new(heads[at], drops[at]), names[at].as_str())).collect();
        table(title, "", columns, false, &mut page);
    }
    ages(view, &scope, &mut page);
    workload(view, &mut page);
    super::report::tables(view, &mut page, &["workload", "goal", "sla", "volume"]);
    page
}

/// Writes a table of its own, unless the filter leaves nothing of it; tells whether there is anything.
pub fn section(view: View, page: &mut Page, (title, aside): (&str, &str), mut grid: Grid) -> bool {
    let (kept, all) = grid.filter(view.filter, view.only_wrong);
    page.kept = (page.kept.0 + kept, page.kept.1 + all);
    if kept > 0 {
        page.title(view.ink, title, aside);
        grid.write(view.ink, page, view.width);
    }
    kept > 0
}

/// Agreements of the service that say something of their own, and what stands behind them.
fn promises(view: View, page: &mut Page) {
    let document = view.document;
    let of_service = |figure: &&Figure| {
        let scope = &figure.id.scope;
        scope.agreement.is_some() && view.service.is_none_or(|service| scope.service.as_deref() == Some(service))
    };
    let main = |figure: &&Figure| match figure.id.measure.as_str() {
        "sla.resolution" => !document.says_again(figure),
        "ola.resolution" | "uc.resolution" => true,
        _ => false,
    };
    let rows: Vec<Row> = document
        .figures
        .iter()
        .filter(of_service)
        .filter(main)
        .map(|figure| {
            let id = &figure.id;
            let kind = id.measure.split('.').next().unwrap_or("");
            let dimensions = [("type", id.dimension("type").unwrap_or(""))];
            let beside =
                |measure: &str| document.find(measure, &id.scope, &dimensions).map_or(Cell::None, Cell::Figure);
            let response = document.find("sla.response", &id.scope, &dimensions).filter(|_| kind == "sla");
            let open =
                if kind == "sla" { "sla.resolution_open_breached".into() } else { format!("{kind}.open_breached") };
            Row {
                label: crate::text::screen_str(&format!(
                    "{}: {}",
                    id.scope.agreement.as_deref().unwrap_or(""),
                    dimensions[0].1
                )),
                target: None,
                service: id.scope.service.clone(),
                cells: vec![
                    Cell::Figure(figure),
                    Cell::target_of(Some(figure)),
                    beside(&open),
                    response.map_or(Cell::None, Cell::Figure),
                    Cell::target_of(response),
                ],
            }
        })
        .filter(|row| row.cells.iter().any(says_something))
        .collect();
    let columns = vec![
        Column::new("Resolution met", 0),
        Column::new("Target", 2),
        Column::new("Open late", 4),
        Column::new("Response met", 1),
        Column::new("Target", 3),
    ];
    let aside = "with customers, between groups, with suppliers";
    section(view, page, ("Agreement by agreement", aside), Grid { corner: "Agreement".into(), columns, rows });
}

/// Tells whether a cell is worth a row: a type of ticket without goals and without tickets is not.
fn says_something(cell: &Cell) -> bool {
    cell.figure().is_some_and(|figure| match &figure.value {
        Ok(value) => *value > 0.0 || figure.unit != Unit::Count,
        Err(missing) => !matches!(missing.kind, MissingKind::NotApplicable | MissingKind::NotConfigured),
    })
}

fn ages(view: View, scope: &Scope, page: &mut Page) {
    const BANDS: [&str; 5] = ["0-2", "3-7", "8-30", "31-90", "91+"];
    let mut rows = Vec::new();
    for kind in lookup::values(view.document, "tickets.backlog", view.service, "type") {
        let cells: Vec<Cell> = BANDS
            .iter()
            .map(|age| {
                let found = view.document.find("tickets.backlog", scope, &[("type", kind), ("age", age)]);
                found.map_or(Cell::None, Cell::Figure)
            })
            .collect();
        if cells.iter().any(|cell| !matches!(cell, Cell::None)) {
            let service = view.service.map(ToOwned::to_owned);
            rows.push(Row { label: crate::text::screen_str(kind), target: None, service, cells });
        }
    }
    if !rows.is_empty() {
        let columns = BANDS.iter().map(|band| Column::new(band, 0)).collect();
        section(view, page, ("Backlog by age", "days open"), Grid { corner: "Tickets".into(), columns, rows });
    }
}

fn workload(view: View, page: &mut Page) {
    let found =
        view.document.figures.iter().filter(|figure| {
            figure.id.measure == "workload.volume" && figure.id.scope.service.as_deref() == view.service
        });
    let rows: Vec<Row> = found
        .map(|figure| Row {
            label: crate::tui::words::whose(view.document, &figure.id),
            target: None,
            service: view.service.map(ToOwned::to_owned),
            cells: vec![Cell::Figure(figure), Cell::TargetOf(figure)],
        })
        .collect();
    if !rows.is_empty() {
        let columns = vec![Column::new("Volume", 0), Column::new("Limit", 0)];
        let grid = Grid { corner: "Agreement".into(), columns, rows };
        section(view, page, ("Workload against the agreed limit", ""), grid);
    }
}

/// Returns the clauses of a figure as a section prints them.
pub fn clauses(figure: Option<&Figure>) -> String {
    match figure {
        Some(figure) if !figure.basis.clauses.is_empty() => format!("clause {}", figure.basis.clauses.join(", ")),
        _ => String::new(),
    }
}
