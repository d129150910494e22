//! Backlog: what is open and beyond its goal first, how old it is, how the month came to it, and its months.

use super::View;
use super::levels::{clauses, section};
use super::lookup;
use crate::model::{Figure, Scope};
use crate::report::document::Step;
use crate::report::format;
use crate::tui::page::{Page, Target, pad, pad_left};
use crate::tui::widgets::chart;
use crate::tui::widgets::grid::{Cell, Column, Grid, Row};

const BANDS: [&str; 5] = ["0-2", "3-7", "8-30", "31-90", "91+"];

/// Whose tickets a row counts: a type, and where it is split a priority.
type Part<'a> = (&'a str, Option<&'a str>);

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let scope = view.service.map_or_else(Scope::book, Scope::service);
    let parts = parts(view, &scope);
    if parts.is_empty() {
        let said = "No tickets of this service are in the book.";
        page.paragraph(view.ink, said, view.ink.theme.unknown, view.width);
        return page;
    }
    let find = |measure: &str, part: &Part, age: Option<&str>| {
        let mut dimensions = vec![("type", part.0)];
        dimensions.extend(part.1.map(|priority| ("priority", priority)));
        dimensions.extend(age.map(|age| ("age", age)));
        document.find(measure, &scope, &dimensions)
    };
    let table = |title: &str, aside: &str, columns: &[(&str, &str, u8)], page: &mut Page| {
        let rows: Vec<Row> = parts
            .iter()
            .map(|part| row(view, part, columns.iter().map(|(_, measure, _)| find(measure, part, None)).collect()))
            .filter(|row| row.cells.iter().any(says_something))
            .collect();
        write(view, page, title, aside, columns.iter().map(|(name, _, drop)| Column::new(name, *drop)).collect(), rows);
    };
    table(
        "Open, and beyond the goal",
        &clauses(find("tickets.backlog", &parts[0], None)),
        &[
            ("Resolution late", "sla.resolution_open_breached", 0),
            ("Response late", "sla.response_open_breached", 1),
            ("Open", "tickets.backlog", 0),
            ("Major", "tickets.major_open", 3),
        ],
        &mut page,
    );
    let ages: Vec<Row> = parts
        .iter()
        .map(|part| row(view, part, BANDS.iter().map(|age| find("tickets.backlog", part, Some(age))).collect()))
        .filter(|row| row.cells.iter().any(says_something))
        .collect();
    write(view, &mut page, "By age", "days open", BANDS.iter().map(|band| Column::new(band, 0)).collect(), ages);
    table(
        "How the month came to it",
        "start + opened + came back − left = end",
        &[
            ("At the start", "tickets.backlog_start", 0),
            ("Opened", "tickets.opened", 0),
            ("Came back", "tickets.returned", 0),
            ("Left", "tickets.left", 0),
            ("At the end", "tickets.backlog", 0),
            ("Unbalanced", "tickets.unbalanced", 1),
        ],
        &mut page,
    );
    months(view, &mut page, &parts.iter().filter_map(|part| find("tickets.backlog", part, None)).collect::<Vec<_>>());
    if view.service.is_none() {
        services(view, &mut page);
    }
    page
}

/// Returns the types with what is open in the order of a review, each followed by its priorities.
fn parts<'a>(view: View<'a>, scope: &Scope) -> Vec<Part<'a>> {
    let mut kinds = lookup::values(view.document, "tickets.", view.service, "type");
    kinds.sort_by_key(|kind| ["incident", "request"].iter().position(|first| first == kind).unwrap_or(2));
    let mut parts = Vec::new();
    for kind in kinds {
        parts.push((kind, None));
        let mut priorities: Vec<&str> = view
            .document
            .of_measures("tickets.backlog")
            .iter()
            .filter(|figure| figure.id.measure == "tickets.backlog" && figure.id.scope == *scope)
            .filter(|figure| figure.id.dimension("type") == Some(kind))
            .filter_map(|figure| figure.id.dimension("priority"))
            .collect();
        priorities.sort_unstable();
        priorities.dedup();
        parts.extend(priorities.into_iter().map(|priority| (kind, Some(priority))));
    }
    parts
}

fn row<'a>(view: View, part: &Part, figures: Vec<Option<&'a Figure>>) -> Row<'a> {
    let label = part.1.map_or_else(|| part.0.to_owned(), |priority| format!("  {priority}"));
    Row {
        label: crate::text::screen_str(&label),
        target: None,
        service: view.service.map(ToOwned::to_owned),
        cells: figures.into_iter().map(|figure| figure.map_or(Cell::None, Cell::Figure)).collect(),
    }
}

/// Tells whether a cell is worth a row: where nothing is open there is nothing to walk.
fn says_something(cell: &Cell) -> bool {
    cell.figure().is_some_and(|figure| figure.number().is_some_and(|value| value > 0.0))
}

fn write(view: View, page: &mut Page, title: &str, aside: &str, columns: Vec<Column>, rows: Vec<Row>) {
    section(view, page, (title, aside), Grid { corner: "Tickets".into(), columns, rows });
}

/// Writes the months of what was open at their ends, a line a type.
fn months(view: View, page: &mut Page, figures: &[&Figure]) {
    let ink = view.ink;
    let mut begun = false;
    let mut styles = ink.theme.charts().into_iter().cycle();
    for figure in figures.iter().filter(|figure| figure.id.dimension("priority").is_none()) {
        let Some(series) = view.document.course(&figure.id, Step::Month) else { continue };
        let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
        let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { continue };
        if values.iter().flatten().all(|value| *value == 0.0) {
            continue;
        }
        if !begun {
            page.title(ink, "Open at the end of each month", &format!("{} to {}", first.period, last.period));
            begun = true;
        }
        let kind = figure.id.dimension("type").unwrap_or("tickets");
        let shown = |point: &crate::report::document::Point| {
            point.value.map_or_else(|| ink.glyphs.unknown.to_owned(), |value| format::number(value, &figure.unit))
        };
        let mut spans = vec![
            ink.plain(" "),
            ink.plain(&pad(&crate::text::fit(&crate::text::screen_str(kind), 10), 11)),
            ink.span(&chart::heights(ink, &values), styles.next().unwrap_or(ink.theme.chart)),
        ];
        // The numbers themselves, as many as there is room for, the last one at the end.
        let room = view.width.saturating_sub(14 + values.len()) / 6;
        let skipped = series.points.len().saturating_sub(room);
        for point in series.points.iter().skip(skipped) {
            spans.push(ink.muted(&pad_left(&shown(point), 6)));
        }
        page.line(spans);
        page.stop_on_last(Target::Figure(figure.id.clone()), view.service.map(ToOwned::to_owned));
    }
}

fn services(view: View, page: &mut Page) {
    let rows: Vec<Row> = view
        .document
        .services
        .iter()
        .map(|named| {
            let of = |measure: &str| {
                lookup::of_service(view.document, measure, Some(&named.id)).map_or(Cell::None, Cell::Figure)
            };
            Row {
                label: crate::text::screen_str(&named.name),
                target: Some(Target::Service(named.id.clone())),
                service: Some(named.id.clone()),
                cells: vec![
                    of("sla.resolution_open_breached"),
                    of("sla.response_open_breached"),
                    of("tickets.backlog"),
                ],
            }
        })
        .collect();
    let columns = [("Resolution late", 0), ("Response late", 1), ("Open", 0)];
    let columns = columns.map(|(name, drop)| Column::new(name, drop)).to_vec();
    let grid = Grid { corner: "Service".into(), columns, rows };
    section(view, page, ("Incidents by service", "open at as-of"), grid);
}

#[cfg(test)]
mod tests;
