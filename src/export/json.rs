//! The document as JSON; `schema` describes it.

use super::ExportError;
use crate::report::Document;
use crate::text::screen_str;

/// Writes the whole document, indented, with a newline at its end.
pub fn write(document: &Document) -> Result<String, ExportError> {
    let mut text = inert(&serde_json::to_string_pretty(document)?);
    text.push('\n');
    Ok(text)
}

/// Escapes what a terminal could act on, so that showing the file is harmless.
///
/// JSON is ASCII outside its strings and serde_json escapes the C0 characters, so whatever is found from DEL upwards
/// stands in a string, where `\uXXXX` says the same.
pub(super) fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter < '\u{7f}' || is_harmless(letter) {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let escape = format!("\\u{unit:04x}");
                text.push_str(&escape);
            }
        }
    }
    text
}

/// Asks the door of `text`. The letter before is there because a combining mark needs one.
fn is_harmless(letter: char) -> bool {
    let probe = String::from_iter(['a', letter]);
    screen_str(&probe) == probe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_act_are_escaped_and_read_back_the_same() {
        let hostile = "a\u{7f}\u{9b}31m\u{2028}\u{202e}\u{200b}\u{e0041}\u{1b}]0;t\u{7}é東e\u{301}";
        let json = inert(&serde_json::to_string(hostile).unwrap());
        assert!(json.chars().all(|letter| letter >= ' ' && is_harmless(letter)), "{json:?}");
        assert!(json.contains("\\u009b31m\\u2028\\u202e\\u200b\\udb40\\udc41") && json.contains("é東e\u{301}"));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }
}
