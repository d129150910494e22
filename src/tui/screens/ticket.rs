//! One ticket: its fields and its course.

use crate::app::request::TicketDetail;
use crate::report::format;
use crate::text;
use crate::tui::page::{Ink, Page, pad};
use crate::tui::widgets::rows;

/// Returns the page.
pub fn page(ink: Ink, detail: &TicketDetail, width: usize) -> Page {
    let mut page = Page::default();
    let label = detail.fields.iter().map(|(name, _)| text::width(&format::heading(name))).max().unwrap_or(0).min(28);
    page.title(ink, "Fields", "");
    for (name, value) in &detail.fields {
        page.field(ink, &format::heading(name), &rows::cell(ink, value), ink.theme.text, label, width);
    }
    page.title(ink, "Course", &format!("{} changes, oldest first", detail.events.len()));
    if detail.events.is_empty() {
        page.line(vec![ink.muted(" the source gives no history")]);
        return page;
    }
    let names = ["at", "field", "from", "to", "group"];
    let cells: Vec<Vec<String>> =
        detail.events.iter().map(|event| event.iter().map(|value| rows::cell(ink, value)).collect()).collect();
    let widths: Vec<usize> = (0..names.len())
        .map(|at| {
            let widest = cells.iter().filter_map(|row| row.get(at)).map(|cell| text::width(cell)).max().unwrap_or(0);
            widest.max(names[at].len()).min(28)
        })
        .collect();
    let line = |cell: &dyn Fn(usize) -> String, style| {
        let mut spans = vec![ink.plain(" ")];
        for (at, wide) in widths.iter().enumerate() {
            spans.push(ink.span(&pad(&text::fit(&cell(at), *wide), *wide), style));
            spans.push(ink.plain("  "));
        }
        spans
    };
    page.line(line(&|at| names[at].to_owned(), ink.theme.heading));
    for row in &cells {
        page.line(line(&|at| row.get(at).cloned().unwrap_or_default(), ink.theme.text));
    }
    page
}
