//! The days of a period in a row: a symbol for each, with a legend in words.

use crate::model::Figure;
use crate::report::document::Series;
use crate::report::format;
use crate::tui::page::{Ink, Page, PageLine, Stop, Target};

/// Writes the days of a figure onto a page, as many in a row as fit, each a stop that says its value.
pub fn write(ink: Ink, page: &mut Page, figure: &Figure, series: &Series, width: usize) {
    let in_row = ((width.saturating_sub(2)) / 3).clamp(7, 31);
    for days in series.points.chunks(in_row) {
        let head = page.lines.len();
        let mut names = vec![ink.plain(" ")];
        let mut marks = vec![ink.plain(" ")];
        for (at, point) in days.iter().enumerate() {
            let day = point.period.rsplit('-').next().unwrap_or("");
            names.push(ink.muted(&format!(
                "{:>2} ",
                day.trim_start_matches('0').get(..2).unwrap_or(day.trim_start_matches('0'))
            )));
            let target = point.target.or(figure.target.as_ref().map(|target| target.value));
            let (glyph, style, said) = match point.value {
                None => {
                    let why = point.missing.as_deref().unwrap_or("no data");
                    let nothing = why.starts_with("n/a") || why.contains("no service hours");
                    let glyph = if nothing { ink.glyphs.none } else { ink.glyphs.unknown };
                    (glyph, if nothing { ink.theme.muted } else { ink.theme.unknown }, why.to_owned())
                }
                Some(value) => {
                    let said = format::number(value, &figure.unit);
                    match target {
                        Some(target) if value < target => (ink.glyphs.missed, ink.theme.missed, said),
                        _ if value < 100.0 => (ink.glyphs.risk, ink.theme.risk, said),
                        _ => (ink.glyphs.met, ink.theme.met, said),
                    }
                }
            };
            marks.push(ink.plain(" "));
            marks.push(ink.span(glyph, style));
            marks.push(ink.plain(" "));
            page.stops.push(Stop {
                line: head + 1,
                from: 1 + at * 3,
                to: 3 + at * 3,
                target: Target::Point(figure.id.clone(), format!("{}: {said}", point.period)),
                service: figure.id.scope.service.clone(),
            });
        }
        page.line(names);
        page.lines.push(PageLine { spans: marks, head: None });
    }
    let g = ink.glyphs;
    page.line(vec![ink.muted(&format!(
        " {} all the time   {} below 100 %   {} below the target   {} not known   {} no service hours",
        g.met, g.risk, g.missed, g.unknown, g.none
    ))]);
}
