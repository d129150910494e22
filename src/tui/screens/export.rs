//! The choice of a format to write.

use crate::tui::page::{Page, pad};
use crate::tui::state::{FORMATS, State};
use crate::tui::words;

/// Writes the choice; `service` is the only one that goes in, or `None` for all.
pub fn write(state: &State, page: &mut Page, format: usize, service: Option<&str>, width: usize) {
    let ink = state.ink;
    let name =
        |id: &str| state.document.as_ref().map_or(id.to_owned(), |document| document.service_name(id).to_owned());
    page.line(vec![]);
    page.line(vec![ink.muted("  Period  "), ink.plain(&words::period(&state.period))]);
    page.line(vec![
        ink.muted("  Scope   "),
        ink.plain(&service.map_or("all services".to_owned(), |id| crate::text::screen_str(&name(id)))),
    ]);
    page.line(vec![]);
    for (at, (kind, words)) in FORMATS.iter().enumerate() {
        let here = at == format;
        let line = format!(" {} {} {words}", if here { ink.glyphs.here } else { " " }, pad(kind.ending(), 5));
        let style = if here { ink.theme.selection } else { ink.theme.text };
        page.line(vec![ink.plain(" "), ink.span(&pad(&line, width.saturating_sub(2)), style)]);
    }
    page.line(vec![]);
    let complete = state.document.as_ref().is_none_or(|document| document.complete);
    if complete {
        page.line(vec![ink.muted("  The file is written to the working folder; none is ever overwritten.")]);
    } else {
        page.line(vec![ink.span("  The report is INCOMPLETE, and the file will say so.", ink.theme.stamp)]);
    }
}
