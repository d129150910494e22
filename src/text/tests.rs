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

/// Every format character of Unicode 14, from its character database and not from our own list.
const FORMAT: &[(u32, u32)] = &[
    (0xAD, 0xAD),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x13438),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
];

fn acts(letter: char) -> bool {
    letter.is_control() || FORMAT.iter().any(|(from, to)| (*from..=*to).contains(&u32::from(letter)))
}

/// Gives back the text that was screened, so that nothing can have vanished.
fn unscreened(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some(letter) = rest.chars().next() {
        let code = rest.strip_prefix("⟨U+").and_then(|after| {
            let (code, after) = after.split_once('⟩')?;
            Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, after))
        });
        if let Some((hidden, after)) = code {
            text.push(hidden);
            rest = after;
            continue;
        }
        text.push(match letter {
            '␀'..='␟' => char::from_u32(u32::from(letter) - 0x2400).unwrap(),
            '␡' => '\u{7f}',
            '\u{309b}' => '\u{ff9e}',
            '\u{309c}' => '\u{ff9f}',
            letter => letter,
        });
        rest = &rest[letter.len_utf8()..];
    }
    text
}

/// What a buffer of the drawing library holds of a text, and how many cells it takes.
fn drawn(text: &str) -> (String, usize) {
    use ratatui::buffer::Buffer;
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 300, 1));
    let (end, _) = buffer.set_stringn(0, 0, text, 300, ratatui::style::Style::new());
    let mut seen = String::new();
    let mut skip = 0;
    for cell in &buffer.content[..usize::from(end)] {
        if skip == 0 {
            seen.push_str(cell.symbol());
            skip = width(cell.symbol());
        }
        skip = skip.saturating_sub(1);
    }
    (seen, usize::from(end))
}

#[test]
fn every_character_is_shown_on_its_own_and_counts_as_many_cells_as_are_drawn() {
    let mut wrong = Vec::new();
    // All but ideographs, syllables and private use, of which the first and last stand for the rest.
    let quick = [
        (0x3401, 0x4DBE),
        (0x4E01, 0x9FFE),
        (0xAC02, 0xD7A2),
        (0xE001, 0xF8FE),
        (0x1_7000, 0x1_8CFF),
        (0x2_0001, 0xD_FFFF),
        (0xE_1000, 0x10_FFFD),
    ];
    let slow = |letter: &char| !quick.iter().any(|(from, to)| (*from..*to).contains(&u32::from(*letter)));
    for letter in ('\u{0}'..=char::MAX).filter(slow) {
        // On a letter, on a wide one, on Hangul and before a letter.
        let text = format!("a{letter}東{letter}한{letter}b");
        let shown = screen_str(&text);
        if shown.chars().any(acts) || drawn(&shown) != (shown.clone(), width(&shown)) {
            wrong.push(format!("U+{:04X} {shown:?} {} {:?}", u32::from(letter), width(&shown), drawn(&shown)));
        }
    }
    assert!(wrong.is_empty(), "{} characters: {:?}", wrong.len(), &wrong[..wrong.len().min(60)]);
}

#[test]
fn long_text_is_cut_with_a_mark_and_keeps_within_the_limit() {
    for piece in ["a", "é", "東", "\u{1b}", "\u{202e}", "e\u{301}"] {
        for more in 0..12 {
            let text = format!("{}{}", "x".repeat(more), piece.repeat(5_000));
            let shown = screen_str(&text);
            assert!(shown.len() <= LONGEST && shown.len() > LONGEST - 16 && shown.ends_with('…'), "{}", shown.len());
            assert_eq!(screen_str(&shown), shown);
        }
        let fits = "a".repeat(LONGEST);
        assert_eq!(screen_str(&fits), fits);
    }
}

proptest::proptest! {
    #[test]
    fn screening_is_idempotent_harmless_and_loses_nothing(text in "(?s:[\\PC]|[\\p{Cc}\\p{Cf}\\p{M}]|.){0,60}") {
        let shown = screen_str(&text);
        proptest::prop_assert!(!shown.chars().any(acts));
        proptest::prop_assert_eq!(screen_str(&shown), shown.clone());
        // Pictures and brackets that were there from the start are taken for what they stand for.
        proptest::prop_assert_eq!(unscreened(&shown), unscreened(&text));
        proptest::prop_assert_eq!(drawn(&shown), (shown.clone(), width(&shown)));
    }
}
