//! A strict terminal: takes exactly what the program itself is known to write, and holds everything else for an attack.
//!
//! Knows the closed list of sequences. Must not know screens; the grid is `vt100`'s affair.

/// Every sequence that the program writes, and why. `#` is a number of up to five digits, `*` a base64 text.
///
/// A new sequence is a decision: it gets its line here, or it is a fault.
const EMITTED: &[(&str, Where, &str)] = &[
    ("\x1b[?1049h", Where::Anywhere, "the alternate screen, so that the shell's text is there again afterwards"),
    ("\x1b[?1049l", Where::Anywhere, "and back"),
    ("\x1b[?25l", Where::Anywhere, "no cursor wanders over the screen while it is drawn"),
    ("\x1b[?25h", Where::Anywhere, "the cursor is there again afterwards"),
    ("\x1b[?2004h", Where::Anywhere, "pasted text comes marked as such"),
    ("\x1b[?2004l", Where::Anywhere, "and no longer"),
    ("\x1b[?2026h", Where::Anywhere, "a frame begins; it is shown at once when it ends"),
    ("\x1b[?2026l", Where::Anywhere, "the frame ends; written once more when the terminal is given back"),
    ("\x1b[?1000l", Where::Anywhere, "no clicks: given back after a death that nobody could clean up behind"),
    ("\x1b[?1002l", Where::Anywhere, "no drags, as above"),
    ("\x1b[?1003l", Where::Anywhere, "no motion, as above"),
    ("\x1b[?1006l", Where::Anywhere, "no numbers of clicks, as above"),
    ("\x1b[2J", Where::Screen, "the whole screen is painted anew"),
    ("\x1b[#;#H", Where::Screen, "the place of the next letters"),
    ("\x1b[C", Where::Screen, "one cell to the right, over what stays as it is"),
    ("\x1b[#C", Where::Screen, "some cells to the right"),
    ("\x1b[0m", Where::Anywhere, "plain again"),
    ("\x1b[1m", Where::Screen, "bold"),
    ("\x1b[2m", Where::Screen, "dim"),
    ("\x1b[3m", Where::Screen, "italic"),
    ("\x1b[4m", Where::Screen, "underlined"),
    ("\x1b[7m", Where::Screen, "reverse video: the cursor of the console"),
    ("\x1b[22m", Where::Screen, "neither bold nor dim"),
    ("\x1b[23m", Where::Screen, "not italic"),
    ("\x1b[24m", Where::Screen, "not underlined"),
    ("\x1b[27m", Where::Screen, "not reversed"),
    ("\x1b[39m", Where::Screen, "the terminal's own colour of letters"),
    ("\x1b[49m", Where::Screen, "the terminal's own ground"),
    ("\x1b[39;49m", Where::Screen, "both"),
    ("\x1b[38;5;#;49m", Where::Screen, "a colour by number on the terminal's own ground"),
    ("\x1b[39;48;5;#m", Where::Screen, "the terminal's own letters on a ground by number"),
    ("\x1b[38;5;#;48;5;#m", Where::Screen, "both by number"),
    ("\x1b[38;2;#;#;#;49m", Where::Screen, "a theme of exact colours"),
    ("\x1b[39;48;2;#;#;#m", Where::Screen, "as above"),
    ("\x1b[38;2;#;#;#;48;2;#;#;#m", Where::Screen, "as above"),
    ("\x1b[m", Where::Anywhere, "plain again, as the terminal library says it under NO_COLOR"),
    ("\x1b[1;31m", Where::Outside, "the word `error:` on the normal screen"),
    ("\x1b[1;33m", Where::Outside, "the word `note:` on the normal screen"),
    ("\x1b]52;c;*\x07", Where::Copied, "text for the clipboard, after a copy key only"),
    ("\x1b]52;c;*\x1b\\", Where::Copied, "as above"),
];

/// Where a sequence may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Anywhere,
    /// While the console has the terminal.
    Screen,
    /// Before and after.
    Outside,
    /// Once for each copy key.
    Copied,
}

/// What came so far, and what of it was wrong.
#[derive(Default)]
pub struct Model {
    seen: Vec<u8>,
    at: usize,
    alternate: bool,
    frame: bool,
    copies: usize,
    fault: Option<String>,
    /// Frames that were shown.
    pub frames: usize,
}

impl Model {
    /// Takes the next bytes; a sequence may be cut anywhere.
    pub fn take(&mut self, bytes: &[u8]) {
        self.seen.extend_from_slice(bytes);
        while self.fault.is_none() && self.at < self.seen.len() {
            match self.step() {
                Ok(0) => return,
                Ok(length) => self.at += length,
                Err(what) => self.fault = Some(self.report(&what)),
            }
        }
    }

    /// Allows one text for the clipboard: a copy key was pressed.
    pub fn allow_copy(&mut self) {
        self.copies += 1;
    }

    /// What was wrong first, with its offset and what stood around it.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Whether everything came whole and the terminal is on its normal screen.
    pub fn is_at_rest(&self) -> bool {
        self.fault.is_none() && self.at == self.seen.len() && !self.alternate && !self.frame
    }

    /// Whether no frame is half shown.
    pub fn is_between_frames(&self) -> bool {
        self.at == self.seen.len() && !self.frame
    }

    /// The bytes of all that came.
    pub fn bytes(&self) -> &[u8] {
        &self.seen
    }

    fn report(&self, what: &str) -> String {
        let around = &self.seen[self.at.saturating_sub(60)..(self.at + 60).min(self.seen.len())];
        format!("{what} at byte {} in {:?}", self.at, String::from_utf8_lossy(around))
    }

    /// Returns the length of the letter or sequence at the place that is looked at, 0 where it has not come whole.
    fn step(&mut self) -> Result<usize, String> {
        let rest = &self.seen[self.at..];
        match rest[0] {
            0x1b => self.sequence(),
            b'\r' | b'\n' if !self.alternate => Ok(1),
            byte @ (..0x20 | 0x7f) => Err(format!("the control byte {byte:#04x}")),
            0x20..0x7f => Ok(1),
            _ => {
                let length = match rest[0] {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf4 => 4,
                    byte => return Err(format!("the byte {byte:#04x}, which begins no letter")),
                };
                let Some(bytes) = rest.get(..length) else { return Ok(0) };
                let letter = std::str::from_utf8(bytes).map_err(|_| "bytes that are no letter".to_owned())?;
                match letter.chars().next().unwrap() {
                    sign if is_invisible(sign) => Err(format!("the sign U+{:04X}, which nobody sees", u32::from(sign))),
                    _ => Ok(length),
                }
            }
        }
    }

    fn sequence(&mut self) -> Result<usize, String> {
        let rest = &self.seen[self.at..];
        let mut unfinished = false;
        let mut found = None;
        for (pattern, place, _) in EMITTED {
            match matched(pattern.as_bytes(), rest) {
                Match::Whole(length) => {
                    found = Some((*pattern, *place, length));
                    break;
                }
                Match::Begun => unfinished = true,
                Match::Not => {}
            }
        }
        let Some((pattern, place, length)) = found else {
            return if unfinished { Ok(0) } else { Err("a sequence that the program does not write".into()) };
        };
        match place {
            Where::Screen if !self.alternate => return Err("a sequence of the console on the normal screen".into()),
            Where::Outside if self.alternate => return Err("a sequence of the command line on the console".into()),
            Where::Copied => {
                self.copies = self.copies.checked_sub(1).ok_or("a copy that nobody asked for")?;
            }
            _ => {}
        }
        match pattern {
            "\x1b[?1049h" => self.alternate = true,
            "\x1b[?1049l" => self.alternate = false,
            "\x1b[?2026h" if self.frame => return Err("a frame within a frame".into()),
            "\x1b[?2026h" => self.frame = true,
            "\x1b[?2026l" => {
                self.frames += usize::from(self.frame);
                self.frame = false;
            }
            _ => {}
        }
        Ok(length)
    }
}

enum Match {
    Whole(usize),
    Begun,
    Not,
}

fn matched(pattern: &[u8], bytes: &[u8]) -> Match {
    let mut at = 0;
    for wanted in pattern {
        let run = |counts: fn(&u8) -> bool| bytes[at..].iter().take_while(|byte| counts(byte)).count();
        match wanted {
            b'#' | b'*' => {
                let (length, most) = match wanted {
                    b'#' => (run(u8::is_ascii_digit), 5),
                    _ => (run(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)), 16_384),
                };
                if at + length == bytes.len() && length <= most {
                    return Match::Begun;
                }
                if length == 0 || length > most {
                    return Match::Not;
                }
                at += length;
            }
            _ => match bytes.get(at) {
                None => return Match::Begun,
                Some(byte) if byte == wanted => at += 1,
                Some(_) => return Match::Not,
            },
        }
    }
    Match::Whole(at)
}

/// Control and format characters, which change what stands around them and cannot be seen.
fn is_invisible(sign: char) -> bool {
    matches!(sign,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn fault_of(text: &str) -> Option<String> {
    let mut model = Model::default();
    model.take(b"\x1b[?1049h\x1b[?2026h");
    model.take(text.as_bytes());
    model.fault().map(str::to_owned)
}

#[test]
fn what_the_program_does_not_write_is_a_fault() {
    for wrong in [
        "\u{7}",
        "\t",
        "a\rb",
        "\u{7f}",
        "\u{9b}31m",
        "\u{85}",
        "\u{202e}",
        "\x1b]0;title\u{7}",
        "\x1b]8;;http://x\x1b\\",
        "\x1b]52;c;QQ==\u{7}",
        "\x1bPq",
        "\x1b_x",
        "\x1bc",
        "\x1b[c",
        "\x1b[6n",
        "\x1b[?1003h",
        "\x1b[5m",
        "\x1b[38;5;1m",
        "\x1b[10A",
        "\x1b[123456;1H",
        "\x1b\x1b",
        "\x1b[1;31m",
        "\x1b[?2026h",
    ] {
        let said = fault_of(wrong).unwrap_or_else(|| panic!("{wrong:?} passed"));
        assert!(said.contains("at byte 16 in") || said.contains("at byte 17 in"), "{wrong:?}: {said}");
    }
}

#[test]
fn what_it_writes_passes_also_in_pieces() {
    let text = "\x1b[12;7H\x1b[7m\x1b[38;5;10;49m✗ MISSED 東\x1b[27m\x1b[39m\x1b[49m\x1b[0m\x1b[?2026l";
    assert_eq!(fault_of(text), None);
    let mut model = Model::default();
    model.take(b"\x1b[?1049h\x1b[?2026h");
    for byte in text.as_bytes() {
        model.take(&[*byte]);
    }
    assert!(model.fault().is_none() && model.is_between_frames() && !model.is_at_rest() && model.frames == 1);
    model.allow_copy();
    model.take(b"\x1b]52;c;QUJD\x07\x1b[?1049l\x1b[1;31merror:\x1b[0m text\r\n");
    assert!(model.is_at_rest(), "{:?}", model.fault());
    model.take(b"\x1b");
    assert!(model.fault().is_none() && !model.is_at_rest(), "one that is cut is not at rest");
}
