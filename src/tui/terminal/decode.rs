//! From bytes of the terminal to keys: pure, without a terminal or a clock.
//!
//! Knows what terminals send: keys, pasted text, clicks, and answers to questions. The reader of the terminal library
//! makes keys of answers that it does not know (a colour, a version), waits without end for a paste that was cut, and
//! loses Esc when the next key comes in the same packet; here an answer is never a key, whoever asked for it, and
//! everything that is begun is given up after a silence. Must not know what a key does.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use std::time::Duration;

/// Most bytes of a paste that are kept; what is beyond is dropped.
pub const LONGEST_PASTE: usize = 64 * 1024;
/// Most bytes of a sequence; a longer one is none.
const LONGEST_SEQUENCE: usize = 64;
/// How long Esc alone may be the beginning of something.
const ESCAPE: Duration = Duration::from_millis(40);
/// How long the rest of a sequence may take that nobody types.
const SEQUENCE: Duration = Duration::from_millis(500);
/// How long a paste may pause before it is taken for cut.
const PASTE: Duration = Duration::from_secs(5);
const PASTE_ENDS: &[u8] = b"\x1b[201~";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Nothing,
    /// Behind Esc.
    Escape,
    /// Behind `ESC [`.
    Sequence,
    /// Behind `ESC O`.
    Keypad,
    /// In an answer that ends with BEL or `ESC \`; true behind an Esc in it.
    Answer(bool),
    /// In the three bytes of an old kind of click.
    Click,
    /// Behind `ESC [ [`, as the kernel's console sends function keys.
    Function,
    /// In a letter of several bytes.
    Letter,
    Paste,
}

/// Takes bytes in pieces of any size and gives events.
#[derive(Debug)]
pub struct Decoder {
    within: Within,
    held: Vec<u8>,
    /// Bytes of a paste that are not kept; the end is looked for all the same.
    tail: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { within: Within::Nothing, held: Vec::new(), tail: Vec::new() }
    }
}

impl Decoder {
    /// Takes bytes in.
    pub fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            self.byte(*byte, events);
        }
    }

    /// Returns how long what is begun may wait for its rest; `None` where nothing is.
    pub fn patience(&self) -> Option<Duration> {
        match self.within {
            Within::Nothing => None,
            Within::Escape => Some(ESCAPE),
            // `[`, `]` and `O` behind Esc may have been typed.
            Within::Sequence | Within::Keypad | Within::Answer(_) if self.held.is_empty() => Some(ESCAPE),
            Within::Paste => Some(PASTE),
            _ => Some(SEQUENCE),
        }
    }

    /// Gives up what is begun, because nothing has come for as long as [`Self::patience`] says.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        let typed = self.held.is_empty();
        match self.within {
            Within::Escape => events.push(key(KeyCode::Esc)),
            Within::Sequence if typed => events.extend([key(KeyCode::Esc), key(KeyCode::Char('['))]),
            Within::Keypad if typed => events.extend([key(KeyCode::Esc), key(KeyCode::Char('O'))]),
            Within::Answer(false) if typed => events.extend([key(KeyCode::Esc), key(KeyCode::Char(']'))]),
            Within::Paste => self.pasted(events),
            _ => {}
        }
        self.begin(Within::Nothing);
    }

    fn begin(&mut self, within: Within) {
        self.within = within;
        self.held.clear();
    }

    fn byte(&mut self, byte: u8, events: &mut Vec<Event>) {
        match self.within {
            Within::Nothing => self.first(byte, events),
            Within::Escape => self.behind_escape(byte, events),
            Within::Paste => self.in_paste(byte, events),
            Within::Click if byte >= 0x20 => {
                self.held.push(byte);
                if self.held.len() == 3 {
                    self.begin(Within::Nothing);
                }
            }
            Within::Answer(escaped) => match byte {
                b'\\' if escaped => self.begin(Within::Nothing),
                0x07 => self.begin(Within::Nothing),
                0x1b => {
                    self.held = vec![byte];
                    self.within = Within::Answer(true);
                }
                // A control key is no part of an answer: who presses it is heard.
                ..0x20 => {
                    self.begin(Within::Nothing);
                    self.first(byte, events);
                }
                _ if escaped => {
                    self.begin(Within::Escape);
                    self.behind_escape(byte, events);
                }
                _ => self.held = vec![byte],
            },
            Within::Letter if byte & 0xc0 == 0x80 => self.in_letter(byte, events),
            // Esc or a control key begins anew, whatever was begun.
            _ if byte < 0x20 => {
                self.begin(Within::Nothing);
                self.first(byte, events);
            }
            Within::Letter | Within::Click => {
                self.begin(Within::Nothing);
                self.first(byte, events);
            }
            Within::Keypad => {
                self.begin(Within::Nothing);
                events.extend(keypad(byte).map(key));
            }
            Within::Function => {
                self.begin(Within::Nothing);
                if byte == b'A' {
                    events.push(key(KeyCode::F(1)));
                }
            }
            Within::Sequence => self.in_sequence(byte, events),
        }
    }

    fn first(&mut self, byte: u8, events: &mut Vec<Event>) {
        let control = |letter: u8| Event::Key(KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL));
        match byte {
            0x1b => self.begin(Within::Escape),
            b'\r' => events.push(key(KeyCode::Enter)),
            b'\t' => events.push(key(KeyCode::Tab)),
            0x08 | 0x7f => events.push(key(KeyCode::Backspace)),
            0x00 => events.push(control(b' ')),
            0x01..=0x1a => events.push(control(byte - 1 + b'a')),
            0x1c..=0x1f => events.push(control(byte - 0x1c + b'4')),
            0x20..=0x7e => events.push(key(KeyCode::Char(char::from(byte)))),
            0xc2..=0xf4 => {
                self.begin(Within::Letter);
                self.held.push(byte);
            }
            // No letter begins so.
            _ => {}
        }
    }

    fn behind_escape(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'[' => self.begin(Within::Sequence),
            b'O' => self.begin(Within::Keypad),
            b']' => self.begin(Within::Answer(false)),
            // Device control, application command, privacy message, start of string.
            b'P' | b'_' | b'^' | b'X' => {
                self.begin(Within::Answer(false));
                self.held.push(byte);
            }
            // Esc and then a key, in one packet.
            _ => {
                events.push(key(KeyCode::Esc));
                self.begin(Within::Nothing);
                self.first(byte, events);
            }
        }
    }

    fn in_letter(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.held.push(byte);
        match std::str::from_utf8(&self.held) {
            Ok(text) => {
                events.extend(text.chars().filter(|letter| !letter.is_control()).map(|c| key(KeyCode::Char(c))));
                self.begin(Within::Nothing);
            }
            Err(error) if error.error_len().is_some() => self.begin(Within::Nothing),
            Err(_) => {}
        }
    }

    fn in_sequence(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'[' if self.held.is_empty() => {
                self.begin(Within::Function);
                self.held.push(byte);
            }
            b'M' if self.held.is_empty() => self.begin(Within::Click),
            0x40..=0x7e => {
                let parameters = std::mem::take(&mut self.held);
                self.begin(Within::Nothing);
                if byte == b'~' && parameters == b"200" {
                    self.begin(Within::Paste);
                    self.tail.clear();
                } else {
                    events.extend(sequence(&parameters, byte));
                }
            }
            0x20..=0x3f if self.held.len() < LONGEST_SEQUENCE => self.held.push(byte),
            _ => self.begin(Within::Nothing),
        }
    }

    fn in_paste(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.tail.push(byte);
        if self.tail.ends_with(PASTE_ENDS) {
            self.tail.truncate(self.tail.len() - PASTE_ENDS.len());
            self.pasted(events);
            self.begin(Within::Nothing);
        } else if self.tail.len() > PASTE_ENDS.len() {
            let kept = self.tail.remove(0);
            if self.held.len() < LONGEST_PASTE {
                self.held.push(kept);
            }
        }
    }

    fn pasted(&mut self, events: &mut Vec<Event>) {
        let room = LONGEST_PASTE.saturating_sub(self.held.len());
        self.held.extend(self.tail.drain(..).take(room));
        events.push(Event::Paste(String::from_utf8_lossy(&self.held).into_owned()));
    }
}

fn key(code: KeyCode) -> Event {
    let shift = matches!(code, KeyCode::Char(letter) if letter.is_uppercase());
    Event::Key(KeyEvent::new(code, if shift { KeyModifiers::SHIFT } else { KeyModifiers::NONE }))
}

fn arrow(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        _ => return None,
    })
}

fn keypad(byte: u8) -> Option<KeyCode> {
    match byte {
        b'M' => Some(KeyCode::Enter),
        b'P' => Some(KeyCode::F(1)),
        _ => arrow(byte),
    }
}

/// Understands a whole sequence; `None` for answers, and for keys that mean nothing here.
fn sequence(parameters: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(parameters).ok()?;
    if let Some(click) = text.strip_prefix('<') {
        return mouse(click, last);
    }
    // With a private mark it is an answer; with other signs it is no key.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b';' || byte == b':') {
        return None;
    }
    let numbers: Vec<u32> = text.split([';', ':']).map(|number| number.parse().unwrap_or(0)).collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
    // Keys bring the number 1 and what is held; a cursor report brings a row, and ends like no key here.
    if let Some(code) = arrow(last) {
        return (number(0) <= 1).then(|| key(code));
    }
    match last {
        b'Z' => Some(Event::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT))),
        b'P' if number(0) <= 1 => Some(key(KeyCode::F(1))),
        b'~' => Some(key(match number(0) {
            1 | 7 => KeyCode::Home,
            4 | 8 => KeyCode::End,
            5 => KeyCode::PageUp,
            6 => KeyCode::PageDown,
            3 => KeyCode::Delete,
            11 => KeyCode::F(1),
            27 => return spelt(number(2), number(1)),
            _ => return None,
        })),
        b'u' => spelt(number(0), number(1)),
        _ => None,
    }
}

/// A key that is spelt out by its number and what is held, as some terminals are set to send it.
fn spelt(letter: u32, held: u32) -> Option<Event> {
    let code = match letter {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        _ => KeyCode::Char(char::from_u32(letter).filter(|letter| !letter.is_control())?),
    };
    let control = held.saturating_sub(1) & 4 != 0;
    Some(Event::Key(KeyEvent::new(code, if control { KeyModifiers::CONTROL } else { KeyModifiers::NONE })))
}

fn mouse(click: &str, last: u8) -> Option<Event> {
    let mut numbers = click.split(';').map(|number| number.parse::<u16>().ok());
    let (what, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let button = match what & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (what & 0x60, what & 3, last) {
        (0x40, 0, b'M') => MouseEventKind::ScrollUp,
        (0x40, 1, b'M') => MouseEventKind::ScrollDown,
        (0x20, 3, b'M') => MouseEventKind::Moved,
        (0x20, _, b'M') => MouseEventKind::Drag(button),
        (0, _, b'M') => MouseEventKind::Down(button),
        (0, _, b'm') => MouseEventKind::Up(button),
        _ => return None,
    };
    let (column, row) = (column.checked_sub(1)?, row.checked_sub(1)?);
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person would say was pressed, whatever pieces the bytes come in.
    fn pressed(bytes: &[u8]) -> Vec<String> {
        let mut whole = Vec::new();
        let mut decoder = Decoder::default();
        decoder.take(bytes, &mut whole);
        decoder.give_up(&mut whole);
        for cut in 0..bytes.len() {
            let mut events = Vec::new();
            let mut decoder = Decoder::default();
            decoder.take(&bytes[..cut], &mut events);
            decoder.take(&bytes[cut..], &mut events);
            decoder.give_up(&mut events);
            assert_eq!(events, whole, "cut at {cut}");
            assert_eq!(decoder.patience(), None);
        }
        whole
            .iter()
            .map(|event| match event {
                Event::Key(key) if key.modifiers == KeyModifiers::CONTROL => format!("^{}", key.code),
                Event::Key(key) => key.code.to_string(),
                Event::Paste(text) => format!("paste {text}"),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn keys_are_keys_in_the_dialects_of_terminals() {
        assert_eq!(pressed(b"aZ\r\t\x7f\x08\x03"), ["a", "Z", "Enter", "Tab", "Backspace", "Backspace", "^c"]);
        assert_eq!(pressed("ä東🙂".as_bytes()), ["ä", "東", "🙂"]);
        assert_eq!(pressed(b"\x1b[A\x1bOB\x1b[1;5C\x1b[D\x1b[Z"), ["Up", "Down", "Right", "Left", "Back Tab"]);
        assert_eq!(pressed(b"\x1b[H\x1b[4~\x1b[7~\x1b[5~\x1b[6~"), ["Home", "End", "Home", "Page Up", "Page Down"]);
        assert_eq!(pressed(b"\x1bOP\x1b[11~\x1b[[A\x1bOM"), ["F1", "F1", "F1", "Enter"]);
        assert_eq!(pressed(b"\x1b[99;5u\x1b[27;5;99~"), ["^c", "^c"]);
    }

    #[test]
    fn escape_is_never_lost() {
        assert_eq!(pressed(b"\x1b"), ["Esc"]);
        assert_eq!(pressed(b"\x1b\x1b"), ["Esc", "Esc"]);
        assert_eq!(pressed(b"\x1bq"), ["Esc", "q"]);
        assert_eq!(pressed(b"\x1b["), ["Esc", "["]);
        assert_eq!(pressed(b"\x1b]"), ["Esc", "]"]);
        assert_eq!(pressed(b"\x1b\x1b[A"), ["Esc", "Up"]);
        assert_eq!(pressed(b"\x1b\x03"), ["Esc", "^c"]);
    }

    #[test]
    fn answers_of_a_terminal_are_never_keys() {
        let none: [&str; 0] = [];
        for answer in [
            &b"\x1b[?1;2c"[..],
            b"\x1b[?62;22c",
            b"\x1b[>41;354;0c",
            b"\x1b[24;80R",
            b"\x1b[1;1R",
            b"\x1b[0;0R",
            b"\x1b[0n",
            b"\x1b[?2026;2$y",
            b"\x1b[8;24;80t",
            b"\x1b[4;600;800t",
            b"\x1b[I",
            b"\x1b[O",
            b"\x1b[?1u",
            b"\x1b[M !!",
            b"\x1b]11;rgb:1616/1818/1d1d\x07",
            b"\x1b]11;rgb:1616/1818/1d1d\x1b\\",
            b"\x1b]4;1;rgb:aa/bb/cc\x1b\\",
            b"\x1bP>|XTerm(354)\x1b\\",
            b"\x1bP1+r524742=38\x1b\\",
            b"\x1b_Gi=1;OK\x1b\\",
            b"\x1b[?997;1n",
            b"\x1b[3;5Y",
            b"\xff\xfe\x80\xc0",
            b"\x1b[38;5q",
            b"\x1b[201~",
        ] {
            assert_eq!(pressed(answer), none, "{:?}", String::from_utf8_lossy(answer));
            assert_eq!(pressed(&[answer, b"j"].concat()), ["j"], "{:?}", String::from_utf8_lossy(answer));
        }
    }

    #[test]
    fn an_answer_or_a_paste_that_is_cut_does_not_keep_the_keys() {
        assert_eq!(pressed(b"\x1b]11;rgb:16\x03"), ["^c"]);
        assert_eq!(pressed(b"\x1b[200~cut of"), ["paste cut of"]);
        let mut events = Vec::new();
        let mut decoder = Decoder::default();
        decoder.take(b"\x1b]11;rgb", &mut events);
        assert_eq!(decoder.patience(), Some(SEQUENCE));
        decoder.give_up(&mut events);
        decoder.take(b"j", &mut events);
        assert_eq!(events, [key(KeyCode::Char('j'))]);
    }

    #[test]
    fn a_paste_is_text_whatever_is_in_it_and_bounded() {
        assert_eq!(pressed(b"\x1b[200~q\r\x03\x1b[A\x1b[201~j"), ["paste q\r\u{3}\u{1b}[A", "j"]);
        let mut events = Vec::new();
        let mut decoder = Decoder::default();
        decoder.take(b"\x1b[200~", &mut events);
        decoder.take(&vec![b'x'; 1_000_000], &mut events);
        decoder.take(b"\x1b[201~j", &mut events);
        assert!(matches!(&events[..], [Event::Paste(text), _] if text.len() == LONGEST_PASTE));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it_and_silence_frees_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let mut events = Vec::new();
            let mut decoder = Decoder::default();
            decoder.take(&bytes, &mut events);
            decoder.give_up(&mut events);
            events.clear();
            decoder.take(b"q", &mut events);
            proptest::prop_assert_eq!(events, vec![key(KeyCode::Char('q'))]);
        }

        #[test]
        fn pieces_make_no_difference(bytes in proptest::collection::vec(
            proptest::sample::select(b"\x1b\x1b[[]OPM<?;:0123R~uABcq\x07\\ \xc3\xa4\x03".to_vec()), 0..40)
        ) {
            pressed(&bytes);
        }
    }
}
