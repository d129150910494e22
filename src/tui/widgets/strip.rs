//! The days of a period in a row: a symbol for each, with a legend in words.

use crate::model::Figure;
use crate::report::document::{Point, Series};
use crate::report::format;
use crate::text;
use crate::tui::page::{Ink, Page, Stop, Target, pad};
use ratatui::style::Style;

/// Writes the days of a figure onto a page, as many in a row as fit, each a stop that says its value.
pub fn write(ink: Ink, page: &mut Page, figure: &Figure, series: &Series, width: usize) {
    let room = width.saturating_sub(3);
    let cell = if room >= 31 * 3 { 3 } else { 2 };
    let in_row = (room / cell).clamp(7, 31);
    for days in series.points.chunks(in_row) {
        let line = page.lines.len() + 1;
        let mut days_named = String::from(" ");
        let mut marks = vec![ink.plain(" ")];
        for (at, point) in days.iter().enumerate() {
            let day = point.period.rsplit('-').next().unwrap_or("").trim_start_matches('0');
            // With two cells a day there is room for the name of every fifth.
            let named = cell == 3 || at == 0 || day.parse::<u8>().is_ok_and(|day| day.is_multiple_of(5));
            let name = if named { text::fit(day, cell) } else { String::new() };
            days_named.push_str(&pad(&name, cell));
            let (glyph, style, said) = state(ink, figure, point);
            marks.push(ink.span(&pad(glyph, cell), style));
            page.stops.push(Stop {
                line,
                from: 1 + at * cell,
                to: 2 + at * cell,
                target: Target::Point(figure.id.clone(), format!("{}: {said}", point.period)),
                service: figure.id.scope.service.clone(),
            });
        }
        page.line(vec![ink.muted(&days_named)]);
        page.line(marks);
    }
}

/// Writes what the symbols of the days mean.
pub fn legend(ink: Ink, page: &mut Page) {
    let g = ink.glyphs;
    page.line(vec![ink.muted(&format!(
        " {} all  {} below 100 %  {} below the target  {} not known  {} no service hours",
        g.met, g.risk, g.missed, g.unknown, g.none
    ))]);
}

/// Returns the symbol of a day, its style and its value in words.
fn state(ink: Ink, figure: &Figure, point: &Point) -> (&'static str, Style, String) {
    let target = point.target.or(figure.target.as_ref().map(|target| target.value));
    let Some(value) = point.value else {
        let why = point.missing.clone().unwrap_or_else(|| "no data".to_owned());
        let nothing = why.starts_with("n/a") || why.contains("no service hours");
        return if nothing {
            (ink.glyphs.none, ink.theme.muted, why)
        } else {
            (ink.glyphs.unknown, ink.theme.gap, why)
        };
    };
    let said = format::number(value, &figure.unit);
    match target {
        Some(target) if value < target => (ink.glyphs.missed, ink.theme.missed, said),
        _ if value < 100.0 => (ink.glyphs.risk, ink.theme.risk, said),
        _ => (ink.glyphs.met, ink.theme.met, said),
    }
}
