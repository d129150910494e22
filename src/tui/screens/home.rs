//! Home: every service and one period at a glance.

use super::View;
use super::lookup;
use crate::model::Figure;
use crate::model::figure::{MissingKind, Verdict};
use crate::report::document::Step;
use crate::report::{Document, format};
use crate::tui::page::{Ink, Page, Target, pad, pad_left, wrap};
use crate::tui::widgets::chart;
use crate::tui::widgets::grid::{self, Cell, Column, Grid, Row};
use crate::tui::words;
use std::fmt::Write as _;

const LEVELS: [&str; 2] = ["sla.resolution", "sla.response"];
const CAPACITY: [&str; 3] = ["capacity.days_to_threshold", "capacity.over_threshold", "capacity.peak"];
const CONTINUITY: [&str; 3] = ["continuity.due_in", "continuity.rto_achieved", "continuity.rpo_achieved"];

/// Cells from which incidents have columns of their own.
const WIDE: usize = 110;

/// Whose months stand beside a service.
const COURSES: [(&str, &str); 5] = [
    ("Response", "sla.response"),
    ("Resolution", "sla.resolution"),
    ("Availability", "availability.percent"),
    ("Opened", "tickets.opened"),
    ("Backlog", "tickets.backlog"),
];

fn judged<'a>(document: &'a Document, measures: &[&str], service: Option<&str>) -> Option<&'a Figure> {
    lookup::worst(measures.iter().flat_map(|measure| lookup::all(document, measure, service)).collect())
}

/// Returns what stands worst of all that is promised of a service's tickets; priorities stand on the screen of levels.
fn levels<'a>(document: &'a Document, service: Option<&str>) -> Option<&'a Figure> {
    if service.is_none() {
        return lookup::of_service(document, "sla.resolution", None);
    }
    let promised = LEVELS.iter().flat_map(|measure| lookup::all(document, measure, service));
    let worst = lookup::worst(promised.filter(|figure| figure.id.dimension("priority").is_none()).collect())?;
    // Of what stands equal, incidents are what is asked about first.
    let own = lookup::of_service(document, "sla.resolution", service);
    Some(own.filter(|own| own.verdict == worst.verdict).unwrap_or(worst))
}

/// Returns the cell of a capacity figure. Its two commonest reasons for no value have a short word here; the sentence
/// under the table says them in full.
fn capacity(figure: &Figure) -> Cell<'_> {
    match figure.value.as_ref().map_err(|missing| missing.kind) {
        Err(MissingKind::Undefined) => Cell::Words(figure, "steady"),
        Err(MissingKind::NotConfigured) => Cell::Words(figure, "no limit"),
        _ => Cell::Verdict(figure),
    }
}

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let mut rows: Vec<Row> = Vec::new();
    let services = document.services.iter().map(|named| (Some(named.id.as_str()), named.name.as_str()));
    for (service, name) in services.chain([(None, "All services")]) {
        let find = |measure: &str| lookup::of_service(document, measure, service);
        // A promise made in other hours than the service's own is judged in the agreement's figure.
        let promised = || judged(document, &["availability.percent"], service).filter(|f| f.target.is_some());
        let own = find("availability.percent");
        let availability = own.filter(|figure| figure.target.is_some()).or_else(promised).or(own);
        let backlog = find("tickets.backlog");
        let mut cells = vec![
            // What stands worst of all that is promised of tickets, in every width the same.
            levels(document, service).map_or(Cell::None, Cell::Verdict),
            availability.map_or(Cell::None, Cell::Figure),
            availability.filter(|figure| figure.target.is_some()).map_or(Cell::None, Cell::TargetOf),
            backlog.map_or(Cell::None, |figure| Cell::Changed(figure, change(document, figure))),
            judged(document, &CAPACITY, service).map_or(Cell::None, capacity),
            match service {
                Some(_) => judged(document, &CONTINUITY, service).map_or(Cell::None, Cell::Verdict),
                None => find("continuity.overdue").map_or(Cell::None, |figure| Cell::Counted(figure, "overdue")),
            },
        ];
        if view.width >= WIDE {
            cells.insert(1, find("sla.resolution").map_or(Cell::None, Cell::Figure));
            cells.insert(1, find("sla.response").map_or(Cell::None, Cell::Figure));
            cells.insert(5, find("tickets.opened").map_or(Cell::None, Cell::Figure));
        }
        rows.push(Row {
            label: crate::text::screen_str(name),
            target: Some(service.map_or(Target::Book, |id| Target::Service(id.to_owned()))),
            service: service.map(ToOwned::to_owned),
            cells,
        });
    }
    let mut columns = vec![
        Column::new("SLA", 0),
        Column::new("Availability", 0),
        Column::new("Target", 5),
        Column::new("Backlog", 1),
        Column::new("Capacity", 3),
        Column::new("Continuity", 4),
    ];
    if view.width >= WIDE {
        columns.insert(1, Column::new("Resolved in time", 7));
        columns.insert(1, Column::new("Answered in time", 8));
        columns.insert(5, Column::new("Opened", 9));
    }
    let mut grid = Grid { corner: "Service".into(), columns, rows };
    page.kept = grid.filter(view.filter, view.only_wrong);
    let empty = grid.rows.is_empty();
    grid.write(view.ink, &mut page, view.width);
    if empty {
        super::nothing_left(view, &mut page);
    }
    attention(view, &mut page);
    page
}

/// Returns every figure that misses its target, is close to it or lacks rows, the worst first: what the report lists as
/// not as agreed.
fn troubled(document: &Document) -> Vec<&Figure> {
    // What is of a customer, not of a service, follows the services.
    let place = |figure: &Figure| {
        let service = figure.id.scope.service.as_deref();
        let place = document.services.iter().position(|named| Some(named.id.as_str()) == service);
        place.unwrap_or(usize::MAX)
    };
    let troubled =
        |figure: &&Figure| matches!(figure.verdict, Verdict::Missed | Verdict::AtRisk) || figure.lacks_rows();
    let mut found: Vec<&Figure> = document.judged().filter(troubled).collect();
    // The whole before its parts.
    found.sort_by_key(|figure| (figure.verdict, place(figure), figure.id.dimensions.len(), figure.id.clone()));
    found
}

fn attention(view: View, page: &mut Page) {
    let document = view.document;
    let rows = troubled(document)
        .into_iter()
        .map(|figure| Row {
            label: format!("{}: {}", words::whose(document, &figure.id), words::measure(document, &figure.id.measure)),
            target: None,
            service: figure.id.scope.service.clone(),
            cells: vec![Cell::Figure(figure), Cell::TargetOf(figure)],
        })
        .collect();
    let columns = vec![Column::new("Figure", 0), Column::new("Target", 1)];
    let mut grid = Grid { corner: "What".into(), columns, rows };
    grid.filter(view.filter, false);
    if !grid.rows.is_empty() {
        page.title(view.ink, "Needs attention", &format!("{} figures", grid.rows.len()));
        grid.write(view.ink, page, view.width);
    }
}

/// Writes what stands beside the row of a service, or of the book: the row in words, the course of the year, and what
/// needs attention.
pub fn beside(ink: Ink, page: &mut Page, document: &Document, service: Option<&str>, width: usize) {
    page.title(ink, &crate::text::screen_str(service.map_or("All services", |id| document.service_name(id))), "");
    page.paragraph(ink, &sentence(document, service), ink.theme.text, width);
    let mut begun = false;
    for (name, measure) in COURSES {
        let Some(figure) = lookup::of_service(document, measure, service) else { continue };
        let Some(series) = document.course(&figure.id, Step::Month).filter(|series| series.points.len() > 1) else {
            continue;
        };
        if !begun && let (Some(first), Some(last)) = (series.points.first(), series.points.last()) {
            page.title(ink, "Months", &format!("{} to {}", first.period, last.period));
            begun = true;
        }
        let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
        page.line(vec![
            ink.plain(&format!(" {} ", pad(name, 12))),
            ink.span(&chart::heights(ink, &values), ink.theme.chart),
            ink.plain(" "),
            ink.span(&ink.glyphs.text(&words::value(figure)), ink.theme.text),
        ]);
    }
    // Those of every service stand on the page itself.
    let of_service = |figure: &&Figure| service.is_some() && figure.id.scope.service.as_deref() == service;
    let found: Vec<&Figure> = troubled(document).into_iter().filter(of_service).collect();
    if found.is_empty() {
        return;
    }
    page.title(ink, "Needs attention", &format!("{} figures", found.len()));
    for figure in found {
        let mark = format!(" {} ", ink.glyphs.verdict(figure.verdict));
        let name = words::of_service(document, &figure.id);
        let mut lines = wrap(&ink.glyphs.text(&name), width.saturating_sub(20).max(16)).into_iter();
        page.line(vec![
            ink.span(&mark, ink.theme.verdict(figure.verdict)),
            ink.span(&pad_left(&ink.glyphs.text(&words::value(figure)), 14), grid::value_style(ink, figure)),
            ink.plain(&format!("  {}", lines.next().unwrap_or_default())),
        ]);
        for line in lines {
            page.line(vec![ink.plain(&format!("{}{line}", " ".repeat(19)))]);
        }
    }
}

/// Returns the change of a figure against the period before, from its course.
pub fn change(document: &Document, figure: &Figure) -> Option<String> {
    let points = &document.course(&figure.id, Step::Month)?.points;
    let before = points.iter().rev().nth(1)?.value;
    let change = format::change(figure.number(), before, &figure.unit)?;
    Some(if change.starts_with(['+', '-']) { change } else { format!("+{change}") })
}

/// Returns the row of a service, or of the book, in words.
pub fn sentence(document: &Document, service: Option<&str>) -> String {
    let name = service.map_or("All services", |id| document.service_name(id));
    let find = |measure: &str| lookup::of_service(document, measure, service);
    let mut said = format!("{}:", crate::text::screen_str(name));
    let missed = levels(document, service).filter(|figure| figure.verdict == Verdict::Missed);
    if let Some(figure) = missed.filter(|_| service.is_some()) {
        // Why the row is red comes first.
        let _ = write!(said, " {} {}", words::of_service(document, &figure.id), figure.display);
        if let Some(target) = &figure.target {
            let _ = write!(said, ", target {} missed", format::target(target, &figure.unit));
        }
        said.push('.');
    } else if let Some(figure) = find("sla.resolution") {
        match (figure.numerator, figure.denominator) {
            (Some(part), Some(whole)) if figure.value.is_ok() => {
                let late = whole - part;
                let what = figure.id.dimension("type").unwrap_or("ticket");
                let _ = write!(said, " {late} of {whole} {what}s late ({})", figure.display);
                if let Some(target) = &figure.target {
                    let _ = write!(said, ", target {}", format::target(target, &figure.unit));
                }
                said.push('.');
            }
            _ => {
                let _ = write!(said, " resolved in time: {}.", figure.display);
            }
        }
    }
    if let Some(figure) = find("availability.percent") {
        let _ = write!(said, " Available {}", figure.display);
        if let Some(target) = &figure.target {
            let _ = write!(said, ", target {}", format::target(target, &figure.unit));
            if figure.verdict == Verdict::Missed {
                said.push_str(" missed");
            }
        }
        if let Some(down) = find("availability.downtime").filter(|down| down.value.is_ok()) {
            let _ = write!(said, ", down {}", down.display);
        }
        said.push('.');
    }
    if let Some(figure) = find("tickets.backlog") {
        let _ = write!(said, " Backlog {}", figure.display);
        if let Some(change) = change(document, figure) {
            let _ = write!(said, " ({change})");
        }
        said.push('.');
    }
    said
}
