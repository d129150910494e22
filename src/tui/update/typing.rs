//! Keys that are typed into a line: the filter, the palette, a name, a SELECT.

use super::{navigate, sql, table};
use crate::app::request::Request;
use crate::tui::action::Step;
use crate::tui::event::Key;
use crate::tui::palette::{self, Run};
use crate::tui::state::{Effect, Overlay, Screen, State};
use tui_input::{Input, InputRequest};

/// Longest line, in letters.
const LONGEST_LINE: usize = 200;
/// Longest SELECT, in letters.
const LONGEST_SQL: usize = 8_000;

/// Takes in a key where a line is being typed; `None` where none is.
pub fn key(state: &mut State, key: Key) -> Option<Vec<Effect>> {
    if state.typing.is_some() {
        filter(state, key);
        return Some(Vec::new());
    }
    match &mut state.overlay {
        Some(Overlay::Palette { .. }) => return Some(palette(state, key)),
        Some(Overlay::Name(_)) => return Some(name(state, key)),
        Some(_) => return None,
        None => {}
    }
    match state.screen() {
        Screen::Sql(screen) if screen.editing => sql::key(state, key),
        _ => None,
    }
}

/// Takes in pasted text where a line is being typed. Nothing that is pasted is a key.
pub fn paste(state: &mut State, text: &str) {
    let longest = match state.screen() {
        Screen::Sql(_) if state.overlay.is_none() && state.typing.is_none() => LONGEST_SQL,
        _ => LONGEST_LINE,
    };
    let letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let pasted: String = letters.take(longest).collect();
    let before = state.typing.is_some();
    let line = match (&mut state.typing, &mut state.overlay) {
        (Some(input), _) | (None, Some(Overlay::Palette { input, .. } | Overlay::Name(input))) => Some(input),
        (None, Some(_)) => None,
        (None, None) => match state.screens.last_mut() {
            Some(Screen::Sql(screen)) if screen.editing => {
                screen.completing = None;
                Some(&mut screen.input)
            }
            _ => None,
        },
    };
    let Some(input) = line else {
        state.say("Nothing is being typed here, so what was pasted is left out.");
        state.changed = true;
        return;
    };
    for letter in pasted.chars().take(longest.saturating_sub(input.value().chars().count())) {
        input.handle(InputRequest::InsertChar(letter));
    }
    state.changed = true;
    if before {
        apply(state);
    }
}

/// Changes a line as a key says; `false` where the key is none that types.
pub fn edit(input: &mut Input, key: Key, longest: usize) -> bool {
    let request = match key {
        Key::Char(_) if input.value().chars().count() >= longest => return true,
        Key::Char(letter) => InputRequest::InsertChar(letter),
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete | Key::Ctrl('d') => InputRequest::DeleteNextChar,
        Key::Left | Key::Ctrl('b') => InputRequest::GoToPrevChar,
        Key::Right | Key::Ctrl('f') => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Ctrl('u') => InputRequest::DeleteFromStart,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        Key::Ctrl('y') => InputRequest::Yank,
        _ => return false,
    };
    let before = input.clone();
    input.handle(request);
    // What was cut and comes back may be too much; a key that types is refused above.
    if input.value().chars().count() > longest {
        *input = before;
    }
    true
}

/// Longest SELECT that can be typed.
pub fn longest_sql() -> usize {
    LONGEST_SQL
}

fn filter(state: &mut State, key: Key) {
    let Some(input) = &mut state.typing else { return };
    match key {
        Key::Enter => state.typing = None,
        Key::Esc => {
            state.typing = None;
            set_filter(state, String::new());
        }
        Key::Backspace if input.value().is_empty() => state.typing = None,
        Key::Down => super::step(state, Step::Down, 1),
        Key::Up => super::step(state, Step::Up, 1),
        key => {
            if edit(input, key, LONGEST_LINE) {
                apply(state);
            }
        }
    }
}

/// Filters by what is typed so far.
fn apply(state: &mut State) {
    if let Some(text) = state.typing.as_ref().map(|input| input.value().to_owned()) {
        set_filter(state, text);
    }
}

fn set_filter(state: &mut State, text: String) {
    match state.screen_mut() {
        Screen::Figures(figures) => figures.filter = text,
        screen => {
            if let Some(rows) = screen.rows_mut().filter(|rows| rows.search != text) {
                rows.search = text;
                rows.rewind();
            }
        }
    }
}

fn palette(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(Overlay::Palette { input, at }) = &mut state.overlay else { return Vec::new() };
    match key {
        Key::Esc => state.overlay = None,
        Key::Backspace if input.value().is_empty() => state.overlay = None,
        Key::Up | Key::Ctrl('p') | Key::BackTab => *at = at.saturating_sub(1),
        Key::Down | Key::Ctrl('n') | Key::Tab => *at += 1,
        Key::PageUp => *at = at.saturating_sub(10),
        Key::PageDown => *at += 10,
        Key::Enter => {
            let text = input.value().to_owned();
            let at = *at;
            let items = palette::items(state, &text);
            let Some(item) = items.get(at) else {
                state.say("Nothing has this name; Backspace takes letters away.");
                return Vec::new();
            };
            if let Some(why) = &item.unavailable {
                let why = why.clone();
                state.complain(why);
                return Vec::new();
            }
            state.overlay = None;
            return match item.run.clone() {
                Run::Action(action) => super::perform(state, action, 1),
                Run::Jump(jump) => navigate::jump(state, jump),
                Run::Query(text) => sql::open_with(state, &text),
            };
        }
        key => {
            if edit(input, key, LONGEST_LINE) {
                *at = 0;
            }
        }
    }
    if let Some(Overlay::Palette { input, at }) = &state.overlay {
        let last = palette::items(state, input.value()).len().saturating_sub(1);
        let kept = (*at).min(last);
        if let Some(Overlay::Palette { at, .. }) = &mut state.overlay {
            *at = kept;
        }
    }
    Vec::new()
}

fn name(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(Overlay::Name(input)) = &mut state.overlay else { return Vec::new() };
    match key {
        Key::Esc => state.overlay = None,
        // It writes a file.
        Key::Enter if state.burst => state.complain(super::TOO_FAST),
        Key::Enter => {
            let name = input.value().trim().to_owned();
            if name.is_empty() {
                state.say("A name has at least one letter.");
                return Vec::new();
            }
            state.overlay = None;
            let Some(sql) = table::sql(state) else { return Vec::new() };
            if let Some(opened) = &mut state.opened {
                opened.queries.retain(|(taken, _)| *taken != name);
                opened.queries.push((name.clone(), sql.clone()));
            }
            return vec![state.ask(format!("keeping the SELECT as {name}"), Request::SaveQuery { name, sql }).1];
        }
        key => {
            edit(input, key, 60);
        }
    }
    Vec::new()
}
