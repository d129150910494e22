//! The door from source text to anything that is shown.
//!
//! Neutralises every character that a terminal could take for more than itself, visibly: nothing vanishes. Knows nothing of
//! the meaning of terminal sequences: a filter that reads them can be outwitted, and text has no use for any.
//!
//! Columns stay in step because the width is counted by character, as most terminals do it (and the models `vt100` and
//! tmux), while the drawing library counts by cluster, with other widths for joined emoji, skin tones and variation
//! selectors. On such sequences terminals disagree among each other, too. The door takes them apart and shows the joining
//! character as what it is, so that both ways of counting give the same number of cells on every terminal.

use crate::model::Raw;
use unicode_width::UnicodeWidthChar;

/// Longest text that a cell shows, in bytes; the rest is cut with a mark.
const LONGEST: usize = 4_096;
/// Most combining marks on one base.
const MOST_MARKS: usize = 8;
/// Stands for the rest.
const REST: char = '…';

/// Returns text that is safe on a terminal and in a page: control characters become their pictures, invisible and
/// direction-changing ones become `⟨U+202E⟩`, line breaks become `␊`.
pub fn screen(raw: &Raw) -> String {
    screen_str(raw.expose())
}

/// Does what [`screen`] does, for text that reached us outside a table: file names, messages of libraries, names from
/// a config file.
pub fn screen_str(text: &str) -> String {
    if text.len() <= LONGEST && is_quiet(text.as_bytes()) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len().min(LONGEST) + 16);
    // Where to go back to, should there be no room for the mark of the rest.
    let mut room_for_rest = 0;
    let mut before = None;
    let mut marks = 0;
    for letter in text.chars() {
        let start = shown.len();
        if let ' '..='~' = letter {
            marks = 0;
            shown.push(letter);
        } else if let Some(picture) = picture(letter) {
            marks = 0;
            shown.push(picture);
        } else if is_hidden(letter) {
            marks = 0;
            code(&mut shown, letter);
        } else if letter.width() == Some(0) {
            marks += 1;
            if marks > MOST_MARKS || !stands_on(letter, before) {
                code(&mut shown, letter);
            } else {
                shown.push(letter);
            }
        } else {
            marks = 0;
            shown.push(letter);
        }
        if start + REST.len_utf8() <= LONGEST {
            room_for_rest = start;
        }
        if shown.len() > LONGEST {
            shown.truncate(room_for_rest);
            shown.push(REST);
            break;
        }
        before = Some(letter);
    }
    shown
}

/// Tells whether all bytes are letters and signs of ASCII. Looks at many at a time, because almost all text is that.
fn is_quiet(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|chunk| chunk.iter().fold(true, |quiet, byte| quiet & (0x20..0x7f).contains(byte)))
}

/// Returns the picture of a control character that has one, and the twin that stands alone of the sound marks of halfwidth
/// katakana, which libraries and terminals count as no, one or two cells.
fn picture(letter: char) -> Option<char> {
    match letter {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)),
        '\u{7f}' => Some('␡'),
        '\u{ff9e}' => Some('\u{309b}'),
        '\u{ff9f}' => Some('\u{309c}'),
        _ => None,
    }
}

fn code(shown: &mut String, letter: char) {
    shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(letter)));
}

/// Tells whether a character shows nothing of its own, changes how others are shown, or makes one picture of several
/// characters, on whose width terminals disagree: controls, format characters, separators, joiners, variation selectors,
/// skin tones, tags, fillers, private use, and what can never be a character.
fn is_hidden(letter: char) -> bool {
    let code = u32::from(letter);
    letter.is_control()
        || code & 0xfffe == 0xfffe
        || matches!(code,
        0xAD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F
        | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x0600..=0x0605 | 0x06DD | 0x070F | 0x0890 | 0x0891 | 0x08E2
        | 0x110BD | 0x110CD | 0x13430..=0x1345F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0x1F3FB..=0x1F3FF
        // Marks so new that the library's tables of widths and of clusters differ: they would be drawn nowhere.
        | 0x05C8 | 0x05C9 | 0x0B53 | 0x0B54 | 0x1ADE | 0x1ADF | 0x1AEC..=0x1AF0 | 0xA8FA | 0x10ECB..=0x10ECF
        | 0x10EF0..=0x10EF9 | 0x11DF0 | 0x1D127 | 0x1D128 | 0x1D250..=0x1D252 | 0x1D25B | 0x1D25C | 0x1D25F
        | 0x1D280 | 0x1D281
        | 0xE0000..=0xE0FFF | 0xE000..=0xF8FF | 0xF0000..=0x0010_FFFF)
}

/// Tells whether a character without a width of its own has something to stand on. Letters of Hangul stand on their like
/// only, all others on whatever is shown before them.
fn stands_on(letter: char, before: Option<char>) -> bool {
    let Some(before) = before.map(u32::from) else { return false };
    let (lead, vowel) = (matches!(before, 0x1100..=0x115E | 0xA960..=0xA97C), is_vowel(before));
    let syllable = matches!(before, 0xAC00..=0xD7A3);
    let open = syllable && (before - 0xAC00).is_multiple_of(28);
    match u32::from(letter) {
        code if is_vowel(code) => lead || vowel || open,
        code if is_tail(code) => vowel || is_tail(before) || syllable,
        _ => true,
    }
}

fn is_vowel(code: u32) -> bool {
    matches!(code, 0x1160..=0x11A7 | 0xD7B0..=0xD7C6)
}

fn is_tail(code: u32) -> bool {
    matches!(code, 0x11A8..=0x11FF | 0xD7CB..=0xD7FB)
}

/// Tells whether text holds a character that the door neutralises, other than the line breaks and tabs of long texts.
pub fn holds_hidden(text: &str) -> bool {
    let plain = |letter: char| matches!(letter, '\t' | '\n' | '\r') || !is_hidden(letter);
    !is_quiet(text.as_bytes()) && !text.chars().all(plain)
}

/// Does what [`screen_str`] does and keeps line breaks: for messages of several lines.
pub fn screen_lines(text: &str) -> String {
    text.lines().map(screen_str).collect::<Vec<_>>().join("\n")
}

/// Returns the width of screened text in terminal cells.
pub fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// Cuts text to a number of cells, with `…` as the last one where something was cut.
pub fn fit(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if used + wide > cells.saturating_sub(1) {
            break;
        }
        used += wide;
        kept.push(letter);
    }
    if cells > 0 {
        kept.push('…');
    }
    kept
}

/// Makes a part of a file name: `[A-Za-z0-9._-]`, at most 100 bytes, no leading dot or dash.
pub fn slug(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || (matches!(letter, '.' | '_' | '-') && !name.is_empty()) {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= 100 {
            break;
        }
    }
    let name = name.trim_end_matches(['-', '.']).to_owned();
    if name.is_empty() { "unnamed".into() } else { name }
}

#[cfg(test)]
mod tests;
