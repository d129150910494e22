//! The door from source text to anything that is shown.
//!
//! Neutralises every character that a terminal could take for more than itself, visibly: nothing vanishes.

use crate::model::Raw;
use unicode_width::UnicodeWidthChar;

/// Longest text that a cell shows, in bytes; the rest is cut with a mark.
const LONGEST: usize = 4_096;
/// Most combining marks on one base.
const MOST_MARKS: usize = 8;

/// Returns text that is safe on a terminal and in a page: control characters become their pictures, invisible and
/// direction-changing ones become `⟨U+202E⟩`, line breaks become `␊`.
pub fn screen(raw: &Raw) -> String {
    screen_str(raw.expose())
}

/// Does what [`screen`] does, for text that reached us outside a table: file names, messages of libraries, names from
/// a config file.
pub fn screen_str(text: &str) -> String {
    if text.len() <= LONGEST && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut marks = 0;
    for letter in text.chars() {
        if shown.len() > LONGEST {
            shown.push('…');
            break;
        }
        if letter.width() == Some(0) && !is_hidden(letter) && !letter.is_control() {
            marks += 1;
            if marks > MOST_MARKS || shown.is_empty() {
                shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(letter)));
            } else {
                shown.push(letter);
            }
            continue;
        }
        marks = 0;
        match letter {
            '\u{0}'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(letter)).unwrap_or('␀')),
            '\u{7f}' => shown.push('␡'),
            _ if letter.is_control() || is_hidden(letter) => {
                shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(letter)));
            }
            _ => shown.push(letter),
        }
    }
    shown
}

/// Does what [`screen_str`] does and keeps line breaks: for messages of several lines.
pub fn screen_lines(text: &str) -> String {
    text.lines().map(screen_str).collect::<Vec<_>>().join("\n")
}

/// Tells whether a character shows nothing of its own or changes how others are shown: format characters, separators,
/// variation selectors, tags, fillers, private use.
fn is_hidden(letter: char) -> bool {
    matches!(u32::from(letter),
        0xAD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x0600..=0x0605 | 0x06DD | 0x070F | 0x08E2 | 0x110BD | 0x110CD | 0x13430..=0x1345F
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF | 0xE000..=0xF8FF | 0xF0000..=0x0010_FFFF)
}

/// Returns the width in terminal cells.
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
mod tests {
    use super::*;

    #[test]
    fn control_and_hidden_characters_become_visible() {
        let cases = [
            ("plain", "plain"),
            ("a\u{1b}[31mred", "a␛[31mred"),
            ("bell\u{7}\r\n", "bell␇␍␊"),
            ("\u{9b}31m", "⟨U+009B⟩31m"),
            ("abc\u{202e}def", "abc⟨U+202E⟩def"),
            ("zero\u{200b}width", "zero⟨U+200B⟩width"),
            ("tag\u{e0041}", "tag⟨U+E0041⟩"),
            ("line\u{2028}", "line⟨U+2028⟩"),
            ("münchen 東京", "münchen 東京"),
        ];
        for (text, shown) in cases {
            assert_eq!(screen(&Raw::new(text)), shown);
            assert_eq!(screen_str(&screen(&Raw::new(text))), shown, "screening twice changes nothing");
        }
    }

    #[test]
    fn combining_marks_are_bounded() {
        let hostile = format!("e{}", "\u{301}".repeat(500));
        let shown = screen_str(&hostile);
        assert!(shown.starts_with("e\u{301}") && shown.contains("⟨U+0301⟩"));
    }

    #[test]
    fn text_is_cut_by_cells_not_by_characters() {
        assert_eq!(fit("東京都", 5), "東京…");
        assert_eq!(fit("mail", 4), "mail");
        assert_eq!(width("東京"), 4);
    }

    #[test]
    fn slugs_cannot_leave_the_folder() {
        for (text, name) in
            [("../../etc/passwd", "etc-passwd"), ("-rf", "rf"), ("Mail & Co", "Mail-Co"), ("\u{0}", "unnamed")]
        {
            assert_eq!(slug(text), name);
        }
    }
}
