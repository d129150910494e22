//! A table of rows on a screen: what they are, what is kept of them, and the rows; on the SQL screen below the SELECT.

use super::{lines, note};
use crate::app::request::Chip;
use crate::text;
use crate::tui::completion;
use crate::tui::page::{Cursor, Ink};
use crate::tui::screens;
use crate::tui::state::{RowsScreen, SqlScreen, State};
use crate::tui::widgets::{keybar, rows};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws title, filters and rows.
pub fn draw(state: &State, screen: &RowsScreen, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    let head = Line::from(head(ink, screen, usize::from(area.width)));
    buffer.set_line(area.x, area.y, &head, area.width);
    let inside = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    let said = match (&screen.page, &screen.failed, &screen.source) {
        (_, Some((_, message)), _) => Some((message.as_str(), ink.theme.error)),
        (_, _, None) => Some(("This period does not have these rows.", ink.theme.unknown)),
        (None, None, _) => Some(("loading …", ink.theme.muted)),
        (Some(page), None, _) if page.total == 0 => Some(("No rows.", ink.theme.muted)),
        _ => None,
    };
    if let Some((said, style)) = said {
        let page = note(ink, said, style, area.width);
        lines(ink, &page, &Cursor::default(), inside, buffer, false);
    } else if let Some(page) = &screen.page
        && inside.height > 0
    {
        rows::draw(ink, screen, page, state.layouts.get(&page.table), inside, buffer);
    }
}

/// Cells of the title that stay.
const TITLE: usize = 12;

/// Returns the line above the rows: how many, what is kept and how they are sorted first, because only the title may
/// be cut.
fn head(ink: Ink, screen: &RowsScreen, width: usize) -> Vec<Span<'static>> {
    let mut parts = Vec::new();
    if let Some(page) = screen.page.as_ref().filter(|_| screen.failed.is_none()) {
        let filtered = !screen.search.is_empty() || !screen.chips.is_empty();
        let counted = match (filtered, page.cut) {
            (true, _) => format!("{} of {} rows", grouped(page.total), grouped(page.unsearched)),
            (false, true) => format!("the first {} of more rows", grouped(page.total)),
            (false, false) => words::rows(page.total as u64),
        };
        parts.push(ink.plain(&format!("  {counted}")));
        if page.cut && filtered {
            parts.push(ink.span(&format!("  {} of the first ones only", ink.glyphs.risk), ink.theme.stamp));
        }
        if let Some(used) = screen.used.filter(|used| u64::try_from(page.unsearched).is_ok_and(|rows| rows != *used)) {
            parts.push(ink.span(&format!("  {} the figure counts {used}", ink.glyphs.risk), ink.theme.stamp));
        }
    }
    // What was typed last is what is looked for first; of the chips as many as there is room for.
    if !screen.search.is_empty() {
        parts.push(ink.span(&format!("  [filter: {}]", text::screen_str(&screen.search)), ink.theme.accent));
    }
    let wide = |parts: &[Span]| parts.iter().map(|span| text::width(&span.content)).sum::<usize>();
    for (at, chip) in screen.chips.iter().enumerate() {
        let said = match chip {
            Chip::Wrong => "only what is wrong".to_owned(),
            Chip::Late(clock) => format!("only late by {clock}"),
            Chip::Like { column, value } => {
                let value = text::fit(&rows::cell_of(ink, column, value), 24);
                format!("{} = {value}", crate::report::format::heading(column))
            }
        };
        let said = format!("  [{}]", text::screen_str(&said));
        let left = screen.chips.len() - at;
        // What follows the chips has to fit as well: how many more there are.
        if wide(&parts) + text::width(&said) + TITLE + 8 > width && (left > 1 || at > 0) {
            parts.push(ink.span(&format!("  [+{left}]"), ink.theme.accent));
            break;
        }
        parts.push(ink.span(&said, ink.theme.accent));
    }
    if let Some((column, down)) = &screen.sort {
        let column = text::screen_str(&crate::report::format::heading(column));
        parts.push(ink.muted(&format!("  by {column} {}", ink.glyphs.sorted[usize::from(*down)])));
    }
    if !screen.marks.is_empty() {
        parts.push(ink.span(&format!("  {} {} marked", ink.glyphs.marked, screen.marks.len()), ink.theme.accent));
    }
    let title = text::fit(&ink.glyphs.text(&screen.title), width.saturating_sub(wide(&parts) + 2).max(TITLE));
    parts.insert(0, Span::styled(title, ink.theme.title));
    parts.insert(0, ink.plain(" "));
    parts
}

fn grouped(count: usize) -> String {
    crate::report::format::grouped(count as f64, 0)
}

/// Draws the SELECT, what completes its word or what is kept, and its rows.
pub fn sql(state: &State, screen: &SqlScreen, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    let width = usize::from(area.width);
    let input = screens::sql_area(state);
    let below = Rect { y: input.y + input.height, height: area.height.saturating_sub(input.height), ..area };
    // A long SELECT shows the lines around its cursor.
    let room = width.saturating_sub(9).max(8);
    let mut spans = vec![ink.span(" SELECT: ", if screen.editing { ink.theme.accent } else { ink.theme.muted })];
    if screen.editing {
        spans.extend(keybar::typed(ink, &screen.input, room));
    } else {
        let shown = ink.glyphs.text(&text::screen_str(screen.input.value()));
        spans.push(ink.plain(&text::fit(&shown, room)));
    }
    buffer.set_line(input.x, input.y, &Line::from(spans), input.width);
    let mut asides = Vec::new();
    if screen.editing {
        let (_, prefix) = completion::word(screen.input.value(), screen.input.cursor());
        if prefix.is_empty() && screen.input.value().is_empty() {
            let tables: Vec<String> = state.tables.iter().map(|table| table.table.clone()).collect();
            asides.push(format!("tables: {}", tables.join(", ")));
            let kept = state.opened.iter().flat_map(|opened| &opened.queries).map(|(name, _)| name.clone());
            let kept: Vec<String> = kept.collect();
            if !kept.is_empty() {
                asides.push(format!("kept, in the palette: {}", kept.join(", ")));
            }
        } else if !prefix.is_empty() {
            let words = completion::words(screen.input.value(), &prefix, &state.tables);
            asides.push(format!("Tab: {}", words.iter().take(24).cloned().collect::<Vec<_>>().join("  ")));
        }
    }
    let wrapped = asides.iter().flat_map(|aside| {
        crate::tui::page::wrap(&ink.glyphs.text(&text::screen_str(aside)), width.saturating_sub(2).max(8))
    });
    for (at, line) in wrapped.take(usize::from(input.height.saturating_sub(2))).enumerate() {
        let y = input.y + 1 + u16::try_from(at).unwrap_or(0);
        buffer.set_line(input.x, y, &Line::from(ink.muted(&format!(" {line}"))), input.width);
    }
    if input.height > 2 {
        let rule = Line::from(ink.span(&ink.glyphs.rule.repeat(width), ink.theme.border));
        buffer.set_line(input.x, input.y + input.height - 1, &rule, input.width);
    }
    if let Some(rows) = &screen.rows {
        draw(state, rows, below, buffer);
    } else {
        let said = "One SELECT over the tables of the book and the period; nothing can be changed. \
                    Enter runs it, Tab completes, Up recalls.";
        let page = note(ink, said, ink.theme.muted, area.width);
        lines(ink, &page, &Cursor::default(), below, buffer, false);
    }
}
