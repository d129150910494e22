//! The log: what the console said since the start, the newest first.

use crate::tui::page::{Page, pad};
use crate::tui::state::State;

/// Writes the log.
pub fn write(state: &State, page: &mut Page, width: usize) {
    let ink = state.ink;
    if state.log.is_empty() {
        page.line(vec![ink.muted(" Nothing was said yet.")]);
    }
    for (at, said) in state.log.iter().rev() {
        let seconds = at.as_secs();
        let place = pad(&format!("{}:{:02}", seconds / 60, seconds % 60), 7);
        let (mark, style) =
            if said.wrong { (ink.glyphs.missed, ink.theme.error) } else { (ink.glyphs.dot, ink.theme.text) };
        for (line, part) in
            crate::tui::page::wrap(&ink.glyphs.text(&said.text), width.saturating_sub(12)).iter().enumerate()
        {
            let head = if line == 0 { format!(" {place}{mark} ") } else { " ".repeat(10) };
            page.line(vec![ink.muted(&head), ink.span(part, style)]);
        }
    }
}
