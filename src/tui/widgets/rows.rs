//! The table of rows: first column frozen, the window around the cursor drawn, the rest asked for when needed.

use crate::app::request::RowsPage;
use crate::report::document::Cell;
use crate::report::format;
use crate::text;
use crate::tui::page::{Ink, pad, pad_left};
use crate::tui::state::RowsScreen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Returns the widest that a column may be; the cell under the cursor is shown in full below the table.
fn widest(width: usize) -> usize {
    (width * 2 / 5).clamp(16, 70)
}

/// Returns a cell as it is shown. Text from a source goes through its door.
pub fn cell(ink: Ink, cell: &Cell) -> String {
    match cell {
        Cell::Empty => ink.glyphs.none.to_owned(),
        other => ink.glyphs.text(&format::cell(other)),
    }
}

/// Returns the width of each column.
pub fn widths(ink: Ink, page: &RowsPage, width: usize) -> Vec<usize> {
    page.columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let widest =
                page.rows.iter().filter_map(|row| row.get(at)).map(|value| text::width(&cell(ink, value))).max();
            // Two cells more for the mark of the sort.
            widest.unwrap_or(0).max(text::width(&format::heading(&column.name)) + 2).min(self::widest(width))
        })
        .collect()
}

/// Returns the columns in sight, each with its first cell, the frozen one first.
pub fn in_sight(widths: &[usize], first: usize, width: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 1;
    for column in std::iter::once(0).chain((1..widths.len()).skip(first)) {
        if column >= widths.len() || (column > 0 && at + widths[column].min(8) > width) {
            break;
        }
        found.push((column, at));
        at += widths[column] + 2;
    }
    found
}

/// Draws heading and rows.
pub fn draw(ink: Ink, screen: &RowsScreen, page: &RowsPage, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let widths = widths(ink, page, width);
    let columns = in_sight(&widths, screen.first, width);
    let shown = |column: usize, value: &str, right: bool, room: usize| {
        let value = ink.glyphs.text(&text::fit(value, widths[column].min(room)));
        if right { pad_left(&value, widths[column].min(room)) } else { pad(&value, widths[column].min(room)) }
    };
    let mut heading = vec![ink.plain(" ")];
    for (at, (column, from)) in columns.iter().enumerate() {
        let about = &page.columns[*column];
        let sorted = screen.sort.as_ref().filter(|(name, _)| *name == about.name);
        let mark = sorted.map_or(String::new(), |(_, down)| format!(" {}", ink.glyphs.sorted[usize::from(*down)]));
        let here = if *column == screen.column { ink.theme.selection } else { ink.theme.heading };
        let name = shown(
            *column,
            &format!("{}{mark}", format::heading(&about.name)),
            about.right,
            width.saturating_sub(*from),
        );
        heading.push(Span::styled(name, here));
        let more = at == 0 && screen.first > 0;
        heading.push(ink.span(if more { " <" } else { "  " }, ink.theme.muted));
    }
    if columns.last().is_some_and(|(column, _)| column + 1 < widths.len()) && width > 4 {
        heading.push(ink.muted(">"));
    }
    buffer.set_line(area.x, area.y, &Line::from(heading), area.width);
    for line in 1..area.height {
        let row = screen.top + usize::from(line) - 1;
        let Some(cells) = row.checked_sub(page.offset).and_then(|at| page.rows.get(at)) else { continue };
        let mut spans = vec![ink.span(if row == screen.row { ink.glyphs.here } else { " " }, ink.theme.accent)];
        for (column, from) in &columns {
            let value = cells.get(*column).unwrap_or(&Cell::Empty);
            let style = if matches!(value, Cell::Empty) { ink.theme.muted } else { Style::new() };
            let text = cell(ink, value);
            let right = page.columns.get(*column).is_some_and(|column| column.right);
            spans.push(Span::styled(shown(*column, &text, right, width.saturating_sub(*from)), style));
            spans.push(ink.plain("  "));
        }
        buffer.set_line(area.x, area.y + line, &Line::from(spans), area.width);
        if row == screen.row {
            buffer.set_style(Rect::new(area.x, area.y + line, area.width, 1), ink.theme.selection);
        }
    }
}
