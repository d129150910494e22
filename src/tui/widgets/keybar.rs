//! The last line: the keys of this screen, or the filter while it is typed.

use crate::text;
use crate::tui::keymap::{self, Context};
use crate::tui::page::Ink;
use ratatui::text::{Line, Span};

/// Returns the keys that fit, the most important first.
pub fn keys(ink: Ink, contexts: &[Context], width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    let mut used = 0;
    let bindings = keymap::bar(contexts);
    // Help stands last and is never dropped.
    let reserve = 8;
    for binding in bindings {
        let shown = if binding.shown == "{ }" && width < 120 { "( )" } else { binding.shown };
        let wide = 3 + text::width(shown) + text::width(binding.short);
        let last = binding.short == "help";
        if used + wide + if last { 0 } else { reserve } > width {
            continue;
        }
        spans.push(Span::styled(format!(" {shown}"), ink.theme.accent));
        spans.push(ink.plain(&format!(" {} ", binding.short)));
        used += wide;
    }
    Line::from(spans)
}

/// Returns the line in which a filter is typed.
pub fn prompt(ink: Ink, filter: &str, chip: &str, width: usize) -> Line<'static> {
    let filter = ink.glyphs.text(filter);
    let room = width.saturating_sub(text::width(chip) + 30);
    let mut shown = filter.as_str();
    while text::width(shown) > room.max(8) {
        shown = shown.char_indices().nth(1).map_or("", |(at, _)| &shown[at..]);
    }
    Line::from(vec![
        ink.span(" filter: ", ink.theme.accent),
        ink.plain(shown),
        ink.span(" ", ink.theme.selection),
        ink.muted(&format!("  {chip}  Enter keeps, Esc clears")),
    ])
}
