//! What the program itself writes to a terminal: a closed list, and a reader that finds whatever is not on it.
//!
//! Knows bytes only, so that the tests of the real program can read with it as well.

/// Sequences of a frame, beside positions and styles.
pub const FRAME: &[&str] = &["?2026h", "?2026l", "?25h", "?25l", "2J"];

/// Returns the first thing in the bytes that is neither text nor on the list: controls of either kind, sequences of
/// another form, characters that change how others are shown.
pub fn foreign(bytes: &[u8], list: &[&str]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Some(format!("no UTF-8 at {}", error.valid_up_to())),
    };
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        if letter != '\u{1b}' {
            if acts(letter) {
                return Some(format!("U+{:04X} in {:?}", u32::from(letter), near(text, rest)));
            }
            rest = after;
            continue;
        }
        let sequence = after.strip_prefix('[').and_then(|body| {
            let end = body.find(|letter: char| !matches!(letter, '0'..='9' | ';' | '?'))?;
            body[end..].starts_with(|letter: char| letter.is_ascii_alphabetic()).then(|| &body[..=end])
        });
        let Some(sequence) =
            sequence.filter(|sequence| list.contains(sequence) || is_position(sequence) || is_style(sequence))
        else {
            return Some(format!("a sequence in {:?}", near(text, rest)));
        };
        rest = &after[1 + sequence.len()..];
    }
    None
}

fn near<'a>(text: &'a str, rest: &str) -> &'a str {
    let at = text.len() - rest.len();
    let edge = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[edge(at.saturating_sub(20))..edge(at + 40)]
}

/// `row;columnH`, or some columns to the right: `C`, `5C`.
fn is_position(sequence: &str) -> bool {
    if let Some(by) = sequence.strip_suffix('C') {
        return by.is_empty() || by.parse::<u16>().is_ok();
    }
    sequence
        .strip_suffix('H')
        .and_then(|body| body.split_once(';'))
        .is_some_and(|(row, column)| [row, column].iter().all(|part| part.parse::<u16>().is_ok_and(|at| at > 0)))
}

/// Colours, bold, italic, dim, underlined, reversed, and their ends.
fn is_style(sequence: &str) -> bool {
    let Some(body) = sequence.strip_suffix('m') else { return false };
    let codes: Option<Vec<u16>> = body.split(';').map(|code| code.parse().ok()).collect();
    let Some(codes) = codes else { return false };
    let mut rest = &codes[..];
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (38 | 48, [5, 0..=255, after @ ..] | [2, 0..=255, 0..=255, 0..=255, after @ ..])
            | (0..=4 | 7 | 22..=24 | 27 | 30..=37 | 39..=47 | 49 | 59 | 90..=97 | 100..=107, after) => after,
            _ => return false,
        };
    }
    true
}

/// Controls, format characters and what else must never reach a terminal, by ranges that are wider than those of the door.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter),
            0xAD | 0x0600..=0x0605 | 0x061C | 0x06DD | 0x070F | 0x0890 | 0x0891 | 0x08E2 | 0x115F | 0x1160 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0x1F3FB..=0x1F3FF
            | 0xE0000..=0xE0FFF)
}

#[test]
fn only_what_the_program_writes_is_on_the_list() {
    for good in
        ["", "plain 東京", "\u{1b}[?2026h\u{1b}[12;7Hx\u{1b}[38;5;252m\u{1b}[48;5;234m\u{1b}[1m\u{1b}[0m\u{1b}[2J"]
    {
        assert_eq!(foreign(good.as_bytes(), FRAME), None, "{good:?}");
    }
    for bad in [
        "\u{1b}]52;c;aGk=\u{7}",
        "\u{1b}]8;;http://x\u{1b}\\",
        "\u{1b}P+q\u{1b}\\",
        "\u{1b}[6n",
        "\u{1b}[c",
        "\u{1b}[>0q",
        "\u{1b}[5m",
        "\u{1b}[8m",
        "\u{1b}[3J",
        "\u{1b}[?1049l",
        "\u{1b}[0;1H",
        "\u{1b}[1;1",
        "\u{1b}[38;5;256m",
        "\u{1b}c",
        "\u{1b}",
        "\u{9b}2J",
        "a\nb",
        "\u{7}",
        "\u{7f}",
        "\u{202e}",
        "\u{200d}",
        "\u{e0041}",
    ] {
        assert!(foreign(bad.as_bytes(), FRAME).is_some(), "{bad:?}");
        assert!(foreign(format!("x\u{1b}[1m{bad}y").as_bytes(), FRAME).is_some(), "{bad:?}");
    }
    assert!(foreign(b"\x9b2J", FRAME).is_some() && foreign(b"\xc2", FRAME).is_some());
}
