//! Capacity: what each resource used, how far it is from its threshold, and its course.

use super::View;
use super::levels::clauses;
use crate::model::Figure;
use crate::report::document::{Series, Step};
use crate::report::format;
use crate::tui::page::Page;
use crate::tui::widgets::chart::Chart;
use crate::tui::widgets::grid::{Cell, Column, Grid, Row};

const MEASURES: [(&str, &str, u8); 7] = [
    ("capacity.average", "Average", 0),
    ("capacity.p95", "p95", 1),
    (WINDOW_P95, "Window p95", 5),
    ("capacity.peak", "Peak", 0),
    ("capacity.over_threshold", "Over limit", 2),
    ("capacity.days_to_threshold", "Days left", 0),
    ("capacity.forecast_error", "Forecast off", 4),
];

/// Only resources whose tool gives windows of readings have it.
const WINDOW_P95: &str = "capacity.window_p95";

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    let mut lines: Vec<(&str, &str, &Option<String>)> = document
        .figures
        .iter()
        .filter(|figure| figure.id.measure.starts_with("capacity."))
        .filter(|figure| view.service.is_none() || figure.id.scope.service.as_deref() == view.service)
        .filter_map(|figure| {
            let id = &figure.id;
            Some((id.dimension("resource")?, id.dimension("metric")?, &id.scope.service))
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    if lines.is_empty() {
        let said = "No readings of a resource of this service are in the book.";
        page.paragraph(view.ink, said, view.ink.theme.unknown, view.width);
        return page;
    }
    let find = |measure: &str, (resource, metric, service): (&str, &str, &Option<String>)| {
        let scope = crate::model::Scope { service: service.clone(), ..crate::model::Scope::default() };
        document.find(measure, &scope, &[("resource", resource), ("metric", metric)])
    };
    let has_windows = lines.iter().any(|line| find(WINDOW_P95, *line).is_some());
    let measures: Vec<&(&str, &str, u8)> =
        MEASURES.iter().filter(|(measure, _, _)| has_windows || *measure != WINDOW_P95).collect();
    let rows = lines
        .iter()
        .map(|line| Row {
            label: crate::text::screen_str(&format!("{} {}", line.0, line.1)),
            target: None,
            service: line.2.clone(),
            cells: measures
                .iter()
                .map(|(measure, _, _)| find(measure, *line).map_or(Cell::None, Cell::Figure))
                .chain([find("capacity.days_to_threshold", *line)
                    .filter(|figure| figure.target.is_some())
                    .map_or(Cell::None, Cell::TargetOf)])
                .collect(),
        })
        .collect();
    let columns =
        measures.iter().map(|(_, name, drop)| Column::new(name, *drop)).chain([Column::new("Lead time", 3)]).collect();
    let mut grid = Grid { corner: "Resource".into(), columns, rows };
    page.kept = grid.filter(view.filter, false);
    let left: Vec<String> = grid.rows.iter().map(|row| row.label.clone()).collect();
    page.title(view.ink, "Capacity", &clauses(find("capacity.average", lines[0])));
    grid.write(view.ink, &mut page, view.width);
    for line in lines {
        let name = crate::text::screen_str(&format!("{} {}", line.0, line.1));
        if !left.contains(&name) {
            continue;
        }
        let drawn = ["capacity.average", "capacity.p95", "capacity.peak"].iter().find_map(|measure| {
            let figure = find(measure, line)?;
            let days = document.course(&figure.id, Step::Day).filter(|series| known(series) > 1);
            let series =
                days.or_else(|| document.course(&figure.id, Step::Month).filter(|series| known(series) > 1))?;
            Some((figure, series))
        });
        let Some((figure, series)) = drawn else { continue };
        let threshold = MEASURES.iter().filter_map(|(measure, _, _)| find(measure, line)).find_map(threshold);
        let step = if series.step == Step::Day { "by day" } else { "by month" };
        page.title(
            view.ink,
            &name,
            &format!("{} {step}", crate::tui::words::measure(document, &figure.id.measure).to_lowercase()),
        );
        for spans in draw(view, figure, series, threshold) {
            page.line(spans);
        }
    }
    super::report::tables(view, &mut page, &["capacity", "resource"]);
    page
}

fn known(series: &Series) -> usize {
    series.points.iter().filter(|point| point.value.is_some()).count()
}

fn draw(
    view: View,
    figure: &Figure,
    series: &Series,
    threshold: Option<f64>,
) -> Vec<Vec<ratatui::text::Span<'static>>> {
    let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
    let ends = |at: Option<&crate::report::document::Point>| at.map_or(String::new(), |point| point.period.clone());
    let unit = &figure.unit;
    Chart {
        values: &values,
        threshold: threshold.map(|level| (level, format!("threshold {}", format::number(level, unit)))),
        ends: (ends(series.points.first()), ends(series.points.last())),
        unit: &figure.unit,
    }
    .lines(view.ink, view.width.min(130), 9)
}

/// Returns the threshold that a figure was computed with, from its parameters.
pub fn threshold(figure: &Figure) -> Option<f64> {
    let (_, value) = figure.basis.parameters.iter().find(|(name, _)| name == "threshold")?;
    value.split([' ', '%']).next()?.parse().ok()
}
