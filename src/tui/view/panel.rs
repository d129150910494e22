//! Small panels: the keys that may follow a prefix, and the keys of a line that is typed.

use super::framed;
use crate::text;
use crate::tui::layout::Regions;
use crate::tui::page::{Ink, pad};
use crate::tui::state::State;
use crate::tui::update;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

/// Cells of one key with its words.
const CELL: usize = 38;

/// Draws the keys that may follow what was pressed, above the line of keys, at once and without a timer.
pub fn which_key(state: &State, regions: &Regions, buffer: &mut Buffer) {
    if state.pending.is_empty() {
        return;
    }
    let ink = state.ink;
    let follow = state.keymap.continuations(&update::contexts(state), &state.pending);
    let width = usize::from(regions.keys.width);
    let across = (width.saturating_sub(2) / CELL).max(1);
    let down = follow.len().div_ceil(across);
    let height = u16::try_from(down + 2).unwrap_or(u16::MAX).min(regions.keys.y.saturating_sub(2));
    let area = Rect::new(0, regions.keys.y - height, regions.keys.width, height);
    Clear.render(area, buffer);
    let frame = framed(ink, &format!("{} and then", crate::tui::keymap::shown(&state.pending)));
    let inside = frame.inner(area);
    frame.render(area, buffer);
    for (line, y) in (inside.y..inside.y + inside.height).enumerate() {
        let mut spans = Vec::new();
        for (key, binding) in follow.iter().skip(line).step_by(down.max(1)).take(across) {
            spans.push(ink.span(&pad(&format!(" {key}"), 4), ink.theme.accent));
            spans.push(ink.plain(&pad(&text::fit(binding.text, CELL - 5), CELL - 4)));
        }
        buffer.set_line(inside.x, y, &Line::from(spans), inside.width);
    }
}

/// Returns the keys of the SELECT while it is typed.
pub fn sql_keys(ink: Ink) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (key, word) in
        [("Enter", "run"), ("Tab", "complete"), ("Up", "recall"), ("Esc", "leave the line"), ("F1", "help")]
    {
        spans.push(ink.span(&format!(" {key}"), ink.theme.accent));
        spans.push(ink.plain(&format!(" {word} ")));
    }
    Line::from(spans)
}
