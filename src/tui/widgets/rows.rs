//! The one table of rows: first column frozen, columns in the user's order and width, marks, people's names hidden while
//! presenting. The window around the cursor is drawn; the rest is asked for when needed.

use crate::app::request::RowsPage;
use crate::report::document::Cell;
use crate::report::format;
use crate::text;
use crate::tui::page::{Ink, pad, pad_left};
use crate::tui::state::{ColumnLayout, RowsScreen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Columns that may name a person; what they hold is hidden while presenting.
pub const PERSONAL: [&str; 4] = ["approved_by", "owner", "requested_by", "who"];

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

/// Returns a cell of a column as it is shown: a person's name not while presenting.
pub fn cell_of(ink: Ink, column: &str, value: &Cell) -> String {
    if ink.presenting && PERSONAL.contains(&column) && *value != Cell::Empty {
        return "(hidden)".to_owned();
    }
    cell(ink, value)
}

/// Returns a cell of a row as it is shown. A row that tells of a column by its name, as in a profile, holds a value of
/// that one.
pub fn cell_at(ink: Ink, page: &RowsPage, row: &[Cell], at: usize) -> String {
    let Some(about) = page.columns.get(at) else { return String::new() };
    let told = || row.get(page.columns.iter().position(|column| column.name == "column")?);
    let column = match (about.name.as_str(), told()) {
        ("value", Some(Cell::Text(told))) => told,
        (name, _) => name,
    };
    cell_of(ink, column, row.get(at).unwrap_or(&Cell::Empty))
}

/// Returns all columns, by their place in the page, in the user's order.
pub fn ordered(page: &RowsPage, layout: Option<&ColumnLayout>) -> Vec<usize> {
    let Some(layout) = layout.filter(|layout| !layout.order.is_empty()) else {
        return (0..page.columns.len()).collect();
    };
    let place = |at: &usize| {
        let name = &page.columns[*at].name;
        (layout.order.iter().position(|wanted| wanted == name).unwrap_or(usize::MAX), *at)
    };
    let mut order: Vec<usize> = (0..page.columns.len()).collect();
    order.sort_by_key(place);
    order
}

/// Returns the columns that are shown, by their place in the page, in the user's order.
pub fn arranged(page: &RowsPage, layout: Option<&ColumnLayout>) -> Vec<usize> {
    let hidden = |at: &usize| layout.is_some_and(|layout| layout.hidden.contains(&page.columns[*at].name));
    // The first column says which row it is: another table of the same name may have hidden it further on.
    ordered(page, layout)
        .into_iter()
        .enumerate()
        .filter(|(place, at)| *place == 0 || !hidden(at))
        .map(|(_, at)| at)
        .collect()
}

/// Returns the width of each column that is shown.
pub fn widths(ink: Ink, page: &RowsPage, layout: Option<&ColumnLayout>, width: usize) -> Vec<usize> {
    arranged(page, layout)
        .into_iter()
        .map(|at| {
            let column = &page.columns[at];
            if let Some(set) = layout.and_then(|layout| layout.widths.get(&column.name)) {
                return (*set).min(width.saturating_sub(1)).max(1);
            }
            let widest = page.rows.iter().map(|row| text::width(&cell_at(ink, page, row, at))).max();
            // Two cells more for the mark of the sort.
            widest.unwrap_or(0).max(text::width(&format::heading(&column.name)) + 2).min(self::widest(width))
        })
        .collect()
}

/// Cells at the right end of the heading that say how many columns are beyond it.
const BEYOND: usize = 6;

/// Returns the columns in sight, each with its first cell, the frozen one first.
pub fn in_sight(widths: &[usize], first: usize, width: usize) -> Vec<(usize, usize)> {
    let found = fitting(widths, first, width);
    let all = found.last().is_none_or(|(column, _)| column + 1 == widths.len());
    if all { found } else { fitting(widths, first, width.saturating_sub(BEYOND)) }
}

fn fitting(widths: &[usize], first: usize, width: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 1;
    for column in std::iter::once(0).chain((1..widths.len()).skip(first)) {
        let Some(wide) = widths.get(column) else { break };
        // Long text may begin in sight and be cut; half an instant or number would be read as another one. What comes
        // right after the frozen column is shown as far as it goes: there is no other way to see it.
        let least = if found.len() == 1 || *wide > 20 { 8.min(*wide) } else { *wide };
        if column > 0 && at + least > width {
            break;
        }
        found.push((column, at));
        at += wide + 2;
    }
    found
}

/// Returns how many lines a row takes.
fn pitch(ink: Ink) -> usize {
    if ink.presenting { 2 } else { 1 }
}

/// Returns how many rows fit below the heading in a table of `height` lines.
pub fn visible(ink: Ink, height: usize) -> usize {
    height.saturating_sub(1).div_ceil(pitch(ink)).max(1)
}

/// Returns which row, counted from the first in sight, stands on a line of the table; line 0 is the heading.
pub fn row_of_line(ink: Ink, line: usize) -> usize {
    line.saturating_sub(1) / pitch(ink)
}

/// Draws heading and rows.
pub fn draw(
    ink: Ink,
    screen: &RowsScreen,
    page: &RowsPage,
    layout: Option<&ColumnLayout>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let width = usize::from(area.width);
    let order = arranged(page, layout);
    let widths = widths(ink, page, layout, width);
    let columns = in_sight(&widths, screen.first, width);
    let shown = |column: usize, value: &str, right: bool, room: usize| {
        let value = ink.glyphs.text(&text::fit(value, widths[column].min(room)));
        if right { pad_left(&value, widths[column].min(room)) } else { pad(&value, widths[column].min(room)) }
    };
    let mut heading = vec![ink.plain(" ")];
    for (at, (column, from)) in columns.iter().enumerate() {
        let about = &page.columns[order[*column]];
        let sorted = screen.sort.as_ref().filter(|(name, _)| *name == about.name);
        let mark = sorted.map_or(String::new(), |(_, down)| format!(" {}", ink.glyphs.sorted[usize::from(*down)]));
        let here = if *column == screen.column { ink.theme.selection } else { ink.theme.heading };
        let name = format!("{}{mark}", format::heading(&about.name));
        heading.push(Span::styled(shown(*column, &name, about.right, width.saturating_sub(*from)), here));
        let more = at == 0 && screen.first > 0;
        heading.push(ink.span(if more { " <" } else { "  " }, ink.theme.muted));
    }
    let beyond = columns.last().map_or(0, |(column, _)| widths.len() - 1 - column);
    buffer.set_line(area.x, area.y, &Line::from(heading), area.width);
    if beyond > 0 && width > 12 {
        let said = format!("+{beyond}>");
        let wide = u16::try_from(said.len()).unwrap_or(0);
        buffer.set_line(area.x + area.width - wide, area.y, &Line::from(ink.muted(&said)), wide);
    }
    for line in (1..area.height).step_by(pitch(ink)) {
        let row = screen.top + row_of_line(ink, usize::from(line));
        let Some(at) = row.checked_sub(page.offset) else { continue };
        let Some(cells) = page.rows.get(at) else { continue };
        let marked = page.numbers.get(at).is_some_and(|number| screen.marks.contains(number));
        let mark = if marked {
            ink.glyphs.marked
        } else if row == screen.row {
            ink.glyphs.here
        } else {
            " "
        };
        let mut spans = vec![ink.span(mark, ink.theme.accent)];
        for (column, from) in &columns {
            let at = order[*column];
            let value = cells.get(at).unwrap_or(&Cell::Empty);
            let style = if matches!(value, Cell::Empty) { ink.theme.muted } else { Style::new() };
            let about = &page.columns[at];
            let text = cell_at(ink, page, cells, at);
            spans.push(Span::styled(shown(*column, &text, about.right, width.saturating_sub(*from)), style));
            spans.push(ink.plain("  "));
        }
        buffer.set_line(area.x, area.y + line, &Line::from(spans), area.width);
        if row == screen.row {
            buffer.set_style(Rect::new(area.x, area.y + line, area.width, 1), ink.theme.selection);
        }
    }
}
