//! Scripted sessions against a document made by hand and a program that answers from it.

use super::action::Tab;
use super::event::{Event, Key};
use super::fixture;
use super::glyph::Symbols;
use super::state::{Effect, Overlay, Screen, State};
use super::terminal::Painter;
use super::theme::Theme;
use super::update::{start, update};
use super::view::draw;
use super::*;
use crate::app::request::{Answer, Request};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

mod control_charts;
mod grammar;
mod hostile;
mod keys;
mod late;
mod looks;
mod random;
mod sequences;
mod sizes;
mod themes;
mod verbs;

/// A console with a program that answers at once.
struct Session {
    state: State,
    effects: Vec<Effect>,
    program: Box<dyn Fn(&Request) -> Answer>,
}

impl Session {
    fn new(columns: u16, rows: u16) -> Self {
        Self::with(columns, rows, Look::default())
    }

    fn with(columns: u16, rows: u16, look: Look) -> Self {
        Self::of(Options { look, ..fixture::options() }, (columns, rows), Box::new(fixture::answer))
    }

    /// Begins with a program of one's own.
    fn of(options: Options, window: (u16, u16), program: Box<dyn Fn(&Request) -> Answer>) -> Self {
        let mut session = Self { state: State::new(options, window), effects: Vec::new(), program };
        let effects = start(&mut session.state);
        session.serve(effects);
        session
    }

    /// Answers whatever is asked, until nothing is.
    fn serve(&mut self, effects: Vec<Effect>) {
        let mut open = effects;
        while let Some(effect) = open.pop() {
            if let Effect::Ask(number, request) = &effect {
                let answer = (self.program)(request);
                open.extend(update(&mut self.state, Event::Answer(*number, answer)));
            }
            self.effects.push(effect);
        }
    }

    fn key(&mut self, key: Key) {
        let effects = update(&mut self.state, Event::Key(key));
        self.serve(effects);
    }

    fn keys(&mut self, letters: &str) -> &mut Self {
        for letter in letters.chars() {
            self.key(match letter {
                '\n' => Key::Enter,
                '\u{1b}' => Key::Esc,
                '\t' => Key::Tab,
                letter => Key::Char(letter),
            });
        }
        self
    }

    fn buffer(&self) -> Buffer {
        let (columns, rows) = self.state.window;
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        draw(&self.state, area, &mut buffer);
        buffer
    }

    fn text(&self) -> String {
        lines(&self.buffer())
    }
}

/// Returns the letters of a buffer, line by line, the second cell of a wide letter left out.
fn lines(buffer: &Buffer) -> String {
    let mut shown = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width.max(1))) {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = crate::text::width(cell.symbol()).saturating_sub(1);
        }
        shown.push_str(line.trim_end());
        shown.push('\n');
    }
    shown
}

/// Opens every screen and overlay in turn.
const TOUR: [&str; 26] = [
    "",
    "gs",
    "gl",
    "ga",
    "gc",
    "gn",
    "gb",
    "gt",
    "gq",
    "gm",
    "go",
    "gt\n",
    "l\n",
    "li",
    "?",
    "e",
    "gl=",
    "==",
    ":",
    ":mail sla",
    "gtf",
    "gtlf",
    "gtc",
    "g",
    "gqSELECT 1\n",
    "z",
];
