//! Capacity: what each resource used, how far it is from its threshold, and its course.

use super::View;
use super::levels::clauses;
use crate::model::{Figure, FigureId, Outlook, Unit, Verdict};
use crate::report::document::{Series, Step};
use crate::report::format;
use crate::tui::page::{Page, Target};
use crate::tui::widgets::chart::{Chart, Future};
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
        .of_measures("capacity.")
        .iter()
        .filter(|figure| view.service.is_none() || figure.id.scope.service.as_deref() == view.service)
        .filter_map(|figure| {
            let id = &figure.id;
            Some((id.dimension("resource")?, id.dimension("metric")?, &id.scope.service))
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let homeless = homeless(view);
    if lines.is_empty() {
        let said = "No readings of a resource of this service are in the book.";
        page.paragraph(view.ink, said, view.ink.theme.unknown, view.width);
        if let Some(said) = homeless {
            page.paragraph(view.ink, &said, view.ink.theme.text, view.width);
        }
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
    page.kept = grid.filter(view.filter, view.only_wrong);
    let left: Vec<String> = grid.rows.iter().map(|row| row.label.clone()).collect();
    page.title(view.ink, "Capacity", &clauses(find("capacity.average", lines[0])));
    grid.write(view.ink, &mut page, view.width);
    for line in lines {
        let name = crate::text::screen_str(&format!("{} {}", line.0, line.1));
        if !left.contains(&name) {
            continue;
        }
        let id = find("capacity.days_to_threshold", line).map(|figure| &figure.id);
        if let Some(outlook) = id.and_then(|id| document.outlook(id)).filter(|outlook| days_known(outlook) > 1) {
            forecast(view, &mut page, &name, outlook);
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
    if let (Some(said), Some(_)) = (homeless, view.service) {
        page.gap();
        page.paragraph(view.ink, &said, view.ink.theme.muted, view.width);
    }
    super::report::tables(view, &mut page, &["capacity", "resource"]);
    page
}

/// Says of a service's screen that readings stand elsewhere because their tool names no service.
fn homeless(view: View) -> Option<String> {
    view.service?;
    let mut found: Vec<(&str, &str)> = view
        .document
        .figures
        .iter()
        .filter(|figure| figure.id.measure.starts_with("capacity.") && figure.id.scope.service.is_none())
        .filter_map(|figure| Some((figure.id.dimension("resource")?, figure.id.dimension("metric")?)))
        .collect();
    found.sort_unstable();
    found.dedup();
    let (first, _) = found.first()?;
    let count = if found.len() == 1 { "1 resource has".to_owned() } else { format!("{} resources have", found.len()) };
    Some(format!(
        "{count} readings and no service ({}{}): they stand under All services. A [[resource]] in config.toml with its service brings one here.",
        crate::text::screen_str(first),
        if found.len() > 1 { ", …" } else { "" }
    ))
}

fn days_known(outlook: &Outlook) -> usize {
    outlook.past.iter().filter(|(_, value)| value.is_some()).count()
}

/// Returns in words when a threshold is reached, by the forecast.
pub fn reached(outlook: &Outlook, threshold: &str) -> Option<String> {
    let reached = outlook.reached?;
    let between = match (reached.earliest, reached.latest) {
        (Some(earliest), Some(latest)) => format!(" (between {earliest} and {latest})"),
        (Some(earliest), None) => format!(" ({earliest} at the earliest, perhaps never)"),
        _ => String::new(),
    };
    Some(format!("Reaches {threshold} about {}{between}.", reached.on))
}

/// Draws the days looked back on, the threshold, and what is expected.
fn forecast(view: View, page: &mut Page, name: &str, outlook: &Outlook) {
    let (ink, document) = (view.ink, view.document);
    let Some(days) = document.figure(&outlook.figure) else { return };
    let of_average = FigureId { measure: "capacity.average".into(), ..outlook.figure.clone() };
    let unit = document.figure(&of_average).map_or(Unit::Own(String::new()), |figure| figure.unit.clone());
    let threshold = format::number(outlook.threshold, &unit);
    page.title(ink, name, "daily mean, forecast and threshold");
    let mut said = reached(outlook, &threshold).unwrap_or_else(|| match &days.value {
        Err(missing) => format!("Threshold {threshold}: {}.", missing.text),
        Ok(_) => format!("Over the threshold of {threshold} already."),
    });
    if days.verdict != Verdict::None {
        let target = days.target.as_ref().map(|target| format::target(target, &days.unit)).unwrap_or_default();
        let verdict = format::verdict(days.verdict);
        said.push_str(&format!(" Days left {}, lead time {target}: {verdict}.", days.display));
    }
    page.paragraph(ink, &crate::text::screen_str(&said), ink.theme.verdict(days.verdict), view.width);
    page.stop_on_last(Target::Figure(days.id.clone()), days.id.scope.service.clone());
    let values: Vec<Option<f64>> = outlook.past.iter().map(|(_, value)| *value).collect();
    let expected: Vec<f64> = outlook.ahead.iter().map(|day| day.expected).collect();
    let limits: Vec<Option<(f64, f64)>> = outlook.ahead.iter().map(|day| day.limits).collect();
    let today = outlook.past.last().map(|(day, _)| day.to_string()).unwrap_or_default();
    let last = outlook.ahead.last().map_or_else(|| today.clone(), |ahead| ahead.day.to_string());
    let future = (!expected.is_empty()).then(|| Future { values: &expected, limits: &limits, begins: today });
    let chart = Chart {
        values: &values,
        threshold: Some((outlook.threshold, format!("threshold {threshold}"))),
        ends: (outlook.past.first().map(|(day, _)| day.to_string()).unwrap_or_default(), last),
        unit: &unit,
        future,
    };
    let height = if view.width >= 110 { 12 } else { 9 };
    for spans in chart.lines(ink, view.width.min(150), height) {
        page.line(spans);
    }
    let mut legend = format!(
        " {} daily mean  {} threshold  {} no readings",
        ink.glyphs.line[0], ink.glyphs.threshold, ink.glyphs.unknown
    );
    if let Some((method, level)) = &outlook.method {
        legend.push_str(&format!("  {} forecast ({})", ink.glyphs.forecast[0], crate::text::screen_str(method)));
        if limits.iter().any(Option::is_some) {
            legend.push_str(&format!("  {} {:.0} % limits of its slope", ink.glyphs.forecast[1], level * 100.0));
        }
    }
    for line in crate::tui::page::wrap(&ink.glyphs.text(&legend), view.width.saturating_sub(2)) {
        page.line(vec![ink.muted(&format!(" {}", line.trim_start()))]);
    }
    if let (Some(from), Some((first, _))) = (outlook.fitted_from, outlook.past.first())
        && from > *first
    {
        page.paragraph(
            ink,
            &format!("Fitted on the days from {from} on: what was before is left out."),
            ink.theme.muted,
            view.width,
        );
    }
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
        future: None,
    }
    .lines(view.ink, view.width.min(130), 9)
}

/// Returns the threshold that a figure was computed with, from its parameters.
pub fn threshold(figure: &Figure) -> Option<f64> {
    let (_, value) = figure.basis.parameters.iter().find(|(name, _)| name == "threshold")?;
    value.split([' ', '%']).next()?.parse().ok()
}

#[cfg(test)]
mod tests;
