//! What can happen to the console: a closed list.
//!
//! Knows keys as the keymap names them. Must not know what a key does.

use crate::app::request::Answer;
use crossterm::event::{Event as Terminal, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

/// A key as the keymap names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A printed character.
    Char(char),
    /// A letter with control held.
    Ctrl(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Tabulator with shift.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Start of the list.
    Home,
    /// End of the list.
    End,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// The help key of desktops.
    F1,
}

/// Names of keys that are no letters.
const NAMES: &[(&str, Key)] = &[
    ("Enter", Key::Enter),
    ("Esc", Key::Esc),
    ("Tab", Key::Tab),
    ("Shift-Tab", Key::BackTab),
    ("Backspace", Key::Backspace),
    ("Delete", Key::Delete),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PgUp", Key::PageUp),
    ("PgDn", Key::PageDown),
    ("Space", Key::Char(' ')),
    ("F1", Key::F1),
];

impl Key {
    /// Reads a key as it is printed; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return (!letter.is_control()).then_some(Key::Char(letter));
        }
        if let Some((_, key)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Some(*key);
        }
        let held = text.strip_prefix("Ctrl-").or_else(|| text.strip_prefix("ctrl-"))?;
        let mut letters = held.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => Some(Key::Ctrl(letter.to_ascii_lowercase())),
            _ => None,
        }
    }

    /// Prints the key.
    pub fn shown(self) -> String {
        match NAMES.iter().find(|(_, key)| *key == self) {
            Some((name, _)) => (*name).to_owned(),
            None => match self {
                Key::Ctrl(letter) => format!("Ctrl-{letter}"),
                Key::Char(letter) => letter.to_string(),
                _ => String::new(),
            },
        }
    }
}

/// What the mouse did, in cells from the corner at the upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed: column, row.
    Click(u16, u16),
    /// The wheel was turned: upwards is negative.
    Wheel(i8),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse was used.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The window has another size: columns, rows.
    Resize(u16, u16),
    /// The program answered the question with this ticket.
    Answer(u64, Answer),
    /// The program can no longer answer.
    Silent,
    /// A quarter of a second passed while an answer was awaited.
    Tick,
    /// True: the keys that follow come faster than hands type (more than 50 within 10 ms), as a paste does in a terminal
    /// that does not mark pastes. False: they are typed again. Within a burst nothing may be confirmed that writes,
    /// fetches or leaves; the state keeps it as [`super::state::State::burst`].
    Burst(bool),
}

impl Event {
    /// Translates an event of the terminal; `None` for those that mean nothing here.
    pub fn from_terminal(event: Terminal) -> Option<Self> {
        match event {
            Terminal::Key(key) => translate(key).map(Event::Key),
            Terminal::Paste(text) => Some(Event::Paste(text)),
            Terminal::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
            Terminal::Mouse(mouse) => match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Event::Mouse(Mouse::Click(mouse.column, mouse.row))),
                MouseEventKind::ScrollUp => Some(Event::Mouse(Mouse::Wheel(-1))),
                MouseEventKind::ScrollDown => Some(Event::Mouse(Mouse::Wheel(1))),
                _ => None,
            },
            Terminal::FocusGained | Terminal::FocusLost => None,
        }
    }

    /// Returns the event's kind in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key(Key::Char(_)) => "letter",
            Self::Key(Key::Ctrl(_)) => "control",
            Self::Key(Key::Enter) => "enter",
            Self::Key(Key::Esc) => "esc",
            Self::Key(Key::Tab | Key::BackTab) => "tab",
            Self::Key(Key::Backspace | Key::Delete) => "backspace",
            Self::Key(_) => "move",
            Self::Mouse(_) => "mouse",
            Self::Paste(_) => "paste",
            Self::Resize(..) => "resize",
            Self::Answer(_, Answer::Failed { .. }) => "failed",
            Self::Answer(..) => "answer",
            Self::Silent => "silent",
            Self::Tick => "tick",
            Self::Burst(_) => "burst",
        }
    }
}

fn translate(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char(letter) if control && !key.modifiers.contains(KeyModifiers::ALT) => {
            Key::Ctrl(letter.to_ascii_lowercase())
        }
        KeyCode::Char(letter) => Key::Char(letter),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(1) => Key::F1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_alt_are_letters_because_altgr_arrives_so() {
        let key = |code, modifiers| translate(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('['), KeyModifiers::ALT | KeyModifiers::CONTROL), Some(Key::Char('[')));
        assert_eq!(key(KeyCode::Char('C'), KeyModifiers::CONTROL), Some(Key::Ctrl('c')));
        assert_eq!(key(KeyCode::Tab, KeyModifiers::SHIFT), Some(Key::BackTab));
        assert_eq!(key(KeyCode::F(7), KeyModifiers::NONE), None);
    }
}
