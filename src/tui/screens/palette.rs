//! The palette as it is shown: the line that is typed, and below it what it stands for.

use crate::text;
use crate::tui::page::{self, Page, pad, pad_left};
use crate::tui::palette;
use crate::tui::state::State;
use crate::tui::widgets::keybar;
use tui_input::Input;

/// Lines in which the item at the cursor is said in full.
const SAID: usize = 4;

/// Writes the line and the items around the one of the cursor.
pub fn write(state: &State, page: &mut Page, input: &Input, at: usize, width: usize, height: usize) {
    let ink = state.ink;
    let items = palette::items(state, input.value());
    let mut spans = vec![ink.span(" : ", ink.theme.accent)];
    spans.extend(keybar::typed(ink, input, width.saturating_sub(24)));
    if input.value().is_empty() {
        spans.push(ink.muted("  an action, or a place: mail sla 2026-08"));
    } else {
        spans.push(ink.muted(&format!("  {} found", items.len())));
    }
    page.line(spans);
    page.line(vec![]);
    if items.is_empty() {
        let said = "Nothing has this name. A place is a service, a screen and a period: mail sla 2026-08, or 2026-Q3.";
        page.paragraph(ink, said, ink.theme.unknown, width);
    }
    // What stands at the cursor is said in full below: its line may be cut, and a reason must not be.
    let chosen = items.get(at).map_or(Vec::new(), |item| {
        let why = item.unavailable.as_ref().map_or(String::new(), |why| format!(" Not now: {why}"));
        page::wrap(&ink.glyphs.text(&format!("{}{why}", sentence(&item.text))), width.saturating_sub(2))
    });
    let said = chosen.len().min(SAID).min(height.saturating_sub(3));
    let room = height.saturating_sub(2 + said + usize::from(said > 0));
    let top = (at + 1).saturating_sub(room);
    let keys = items.iter().map(|item| text::width(&item.key)).max().unwrap_or(0).clamp(4, 12);
    for (place, item) in items.iter().enumerate().skip(top).take(room) {
        let why = if item.unavailable.is_some() { " (not now)" } else { "" };
        let room = width.saturating_sub(keys + 4 + why.len());
        let said = format!("{}{why}", text::fit(&ink.glyphs.text(&item.text), room));
        let key = pad_left(&ink.glyphs.text(&item.key), keys);
        let style = match (place == at, item.unavailable.is_some()) {
            (true, _) => ink.theme.selection,
            (false, true) => ink.theme.muted,
            (false, false) => ink.theme.text,
        };
        let key_style = if place == at { style } else { ink.theme.accent };
        page.line(vec![
            ink.span(&format!(" {key} "), key_style),
            ink.span(&pad(&said, width.saturating_sub(keys + 3)), style),
        ]);
    }
    while page.lines.len() + said < height {
        page.line(vec![]);
    }
    for line in chosen.iter().take(said) {
        page.line(vec![ink.plain(" "), ink.span(line, ink.theme.text)]);
    }
}

/// Returns a text that ends as a sentence does.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}
