//! The choice of columns: which are shown, and in which order.

use crate::report::format;
use crate::tui::page::{Page, pad};
use crate::tui::state::State;
use crate::tui::update;

/// Writes the columns around the one of the cursor, as many as there are lines.
pub fn write(state: &State, page: &mut Page, at: usize, width: usize, height: usize) {
    let ink = state.ink;
    let columns = update::columns(state);
    let top = (at + 1).saturating_sub(height);
    for (place, (name, is_shown)) in columns.iter().enumerate().skip(top).take(height) {
        let mark = if *is_shown { ink.glyphs.met } else { ink.glyphs.none };
        let word = if *is_shown { "shown " } else { "hidden" };
        let line = format!(" {mark} {word}  {}", crate::text::screen_str(&format::heading(name)));
        let line = pad(&crate::text::fit(&ink.glyphs.text(&line), width), width);
        let style = if place == at { ink.theme.selection } else { ink.theme.text };
        page.line(vec![ink.span(&line, style)]);
    }
}
