//! The choice of what is written, and in which format.

use crate::tui::page::{Page, pad};
use crate::tui::state::{FORMATS, Scope, State};
use crate::tui::update::ROWS_FORMATS;
use crate::tui::words;

/// Writes the choice.
pub fn write(state: &State, page: &mut Page, format: usize, scope: Scope, service: Option<&str>, width: usize) {
    let ink = state.ink;
    let service = service.map_or("all services".to_owned(), |id| {
        let name = state.document.as_ref().map_or(id, |document| document.service_name(id));
        crate::text::screen_str(name)
    });
    let rows = state.screen().rows();
    let count = |count: usize| words::rows(count as u64);
    let what = match scope {
        Scope::Report => "the report, all services".to_owned(),
        Scope::Service => format!("the report, only {service}"),
        Scope::Rows => {
            format!("the {} of this screen", count(rows.and_then(|r| r.page.as_ref()).map_or(0, |p| p.total)))
        }
        Scope::Marked => format!("the {} that are marked", count(rows.map_or(0, |rows| rows.marks.len()))),
    };
    page.line(vec![]);
    page.line(vec![ink.muted("  Period  "), ink.plain(&words::period(&state.period))]);
    page.line(vec![ink.muted("  What    "), ink.plain(&what), ink.muted("  (Tab: another)")]);
    page.line(vec![]);
    let formats: Vec<(&str, &str)> = match scope {
        Scope::Report | Scope::Service => FORMATS.iter().map(|(kind, words)| (kind.ending(), *words)).collect(),
        Scope::Rows | Scope::Marked => ROWS_FORMATS.iter().map(|(_, ending, words)| (*ending, *words)).collect(),
    };
    for (at, (ending, words)) in formats.iter().enumerate() {
        let here = at == format;
        let line = format!(" {} {} {words}", if here { ink.glyphs.here } else { " " }, pad(ending, 5));
        let style = if here { ink.theme.selection } else { ink.theme.text };
        page.line(vec![ink.plain(" "), ink.span(&pad(&line, width.saturating_sub(2)), style)]);
    }
    page.line(vec![]);
    let of_rows = matches!(scope, Scope::Rows | Scope::Marked);
    let mut reservations = Vec::new();
    // Marked rows are all there.
    if scope == Scope::Rows && rows.and_then(|rows| rows.page.as_ref()).is_some_and(|page| page.cut) {
        reservations.push(format!("  From {}", words::first_of_a_select()));
    }
    if state.document.as_ref().is_some_and(|document| !document.complete) {
        // Rows are written for other programs: there is no place in them for words.
        let said = if of_rows { "; a file of rows does not say so." } else { ", and the file will say so." };
        reservations.push(format!("  The report is INCOMPLETE{said}"));
    }
    if reservations.is_empty() {
        page.line(vec![ink.muted("  The file is written to the working folder; none is ever overwritten.")]);
    }
    for said in reservations {
        page.line(vec![ink.span(&said, ink.theme.stamp)]);
    }
}
