//! The last line: the keys of this screen, or the line that is being typed.

use crate::text;
use crate::tui::keymap::{Context, Keymap};
use crate::tui::page::Ink;
use ratatui::text::{Line, Span};
use tui_input::Input;

/// Most keys that are shown; the palette and the help know the others.
const MOST: usize = 9;

/// Returns the keys that fit, the most important first; the palette, the help and the way back are never dropped.
pub fn keys(ink: Ink, keymap: &Keymap, contexts: &[Context], width: usize) -> Line<'static> {
    let bindings = keymap.bar(contexts);
    let part = |key: String, word: &str| (format!(" {key}"), format!(" {word} "));
    let wide = |(key, word): &(String, String)| text::width(key) + text::width(word);
    let always = |name: &str| matches!(name, "palette" | "help" | "back");
    let parts: Vec<(bool, (String, String))> = bindings
        .iter()
        .map(|binding| (always(binding.name), part(binding.first(), binding.bar.map_or("", |(word, _)| word))))
        .collect();
    let mut room = width.saturating_sub(parts.iter().filter(|(stays, _)| *stays).map(|(_, part)| wide(part)).sum());
    let mut spans = Vec::new();
    let mut shown = parts.iter().filter(|(stays, _)| *stays).count();
    for (stays, (key, word)) in parts {
        let cells = text::width(&key) + text::width(&word);
        if !stays {
            if cells > room || shown >= MOST {
                continue;
            }
            room -= cells;
            shown += 1;
        }
        spans.push(Span::styled(ink.glyphs.text(&key), ink.theme.accent));
        spans.push(ink.plain(&word));
    }
    Line::from(spans)
}

/// Returns the spans of a line that is being typed, the place of the cursor in sight, `room` cells wide.
pub fn typed(ink: Ink, input: &Input, room: usize) -> Vec<Span<'static>> {
    let letters: Vec<char> = input.value().chars().collect();
    let at = input.cursor().min(letters.len());
    let screened = |part: &[char]| ink.glyphs.text(&text::screen_str(&part.iter().collect::<String>()));
    // No letter is narrower than nothing: of a long line only what can be in sight is looked at.
    let mut before = screened(&letters[at.saturating_sub(room.max(8))..at]);
    let under = letters.get(at).map_or(" ".to_owned(), |letter| screened(&[*letter]));
    let after = letters.get(at + 1..).map_or(String::new(), |after| screened(&after[..after.len().min(room)]));
    while text::width(&before) + 2 > room.max(8) {
        before = before.chars().skip(1).collect();
    }
    let left = room.saturating_sub(text::width(&before) + text::width(&under));
    vec![ink.plain(&before), ink.span(&under, ink.theme.selection), ink.plain(&text::fit(&after, left))]
}

/// Returns the line in which something is typed: what, the text, what is left and how it ends.
pub fn prompt(ink: Ink, what: &str, input: &Input, chip: &str, width: usize) -> Line<'static> {
    let aside = format!("  {chip}  Enter keeps, Esc clears");
    let room = width.saturating_sub(text::width(what) + 3 + text::width(&aside));
    let mut spans = vec![ink.span(&format!(" {what}: "), ink.theme.accent)];
    spans.extend(typed(ink, input, room));
    spans.push(ink.muted(&aside));
    Line::from(spans)
}
