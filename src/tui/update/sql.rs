//! The SELECT: typing, completing, recalling and running it.

use super::typing;
use crate::app::request::{Request, RowsSource};
use crate::tui::action::Step;
use crate::tui::completion;
use crate::tui::event::Key;
use crate::tui::page::Origin;
use crate::tui::state::{Effect, RowsScreen, Screen, SqlScreen, State};
use tui_input::{Input, InputRequest};

/// Takes in a key of the line; `None` for keys that are none of its business.
pub fn key(state: &mut State, key: Key) -> Option<Vec<Effect>> {
    let screen = editor(state)?;
    if !matches!(key, Key::Tab | Key::BackTab) {
        screen.completing = None;
    }
    match key {
        Key::Enter => return Some(run(state)),
        Key::Esc => {
            screen.editing = false;
            // Without rows there is nothing to stay for.
            if screen.rows.is_none() {
                super::navigate::leave(state);
            }
        }
        Key::Tab => complete(state, 1),
        Key::BackTab => complete(state, -1),
        Key::Up => recall(state, 1),
        Key::Down => {
            let recalled = screen.recalled.is_some();
            if recalled {
                recall(state, -1);
            } else if let Some(rows) = &screen.rows {
                screen.editing = false;
                // Above rows stands what they were asked with.
                if let Some(RowsSource::Sql { text }) = &rows.source {
                    screen.input = Input::new(text.clone());
                }
            }
        }
        Key::PageDown | Key::PageUp if screen.rows.is_some() => {
            let by = if key == Key::PageDown { Step::PageDown } else { Step::PageUp };
            super::table::step(state, by, 1);
        }
        Key::Ctrl('l') => return Some(vec![Effect::Repaint]),
        Key::Ctrl('z') => return Some(vec![Effect::Suspend]),
        Key::F1 => return None,
        key => {
            typing::edit(&mut screen.input, key, typing::longest_sql());
        }
    }
    Some(Vec::new())
}

fn editor(state: &mut State) -> Option<&mut SqlScreen> {
    match state.screen_mut() {
        Screen::Sql(screen) => Some(screen),
        _ => None,
    }
}

/// Goes back to typing.
pub fn edit(state: &mut State) {
    if let Some(screen) = editor(state) {
        screen.editing = true;
    }
}

/// Opens the screen with a SELECT and runs it.
pub fn open_with(state: &mut State, text: &str) -> Vec<Effect> {
    if !matches!(state.screen(), Screen::Sql(_)) {
        super::navigate::push(state, Screen::Sql(Box::default()));
    }
    if let Some(screen) = editor(state) {
        screen.input = Input::new(text.to_owned());
    }
    run(state)
}

fn run(state: &mut State) -> Vec<Effect> {
    let Some(screen) = editor(state) else { return Vec::new() };
    let text = screen.input.value().trim().to_owned();
    if text.is_empty() {
        state.say("Type a SELECT, as SELECT priority, count(*) FROM tickets GROUP BY priority.");
        return Vec::new();
    }
    (screen.editing, screen.recalled) = (false, None);
    let source = Some(RowsSource::Sql { text: text.clone() });
    // A SELECT that still runs is not wanted any more.
    let before = screen.rows.as_ref().and_then(|rows| rows.asked.as_ref().map(|(number, _)| *number));
    screen.rows = Some(Box::new(RowsScreen::new(Origin::Sql(text.clone()), "SELECT".into(), source, None)));
    let mut effects = Vec::new();
    if let Some(number) = before {
        effects.push(state.drop_question(number));
    }
    if let Some(opened) = &mut state.opened
        && opened.history.last() != Some(&text)
    {
        opened.history.push(text.clone());
        effects.push(state.tell(Request::Remember { sql: text }));
    }
    effects
}

/// Puts an older or newer line of the history into the input.
fn recall(state: &mut State, by: isize) {
    let history = state.opened.as_ref().map(|opened| opened.history.clone()).unwrap_or_default();
    let Some(screen) = editor(state) else { return };
    let at = match (screen.recalled, by > 0) {
        (None, true) => Some(0),
        (Some(at), true) => Some((at + 1).min(history.len().saturating_sub(1))),
        (Some(at), false) => at.checked_sub(1),
        (None, false) => None,
    };
    screen.recalled = at.filter(|at| *at < history.len());
    let text = screen.recalled.map_or("", |at| history[history.len() - 1 - at].as_str());
    screen.input = Input::new(text.to_owned());
}

/// Completes the word before the cursor; again takes the next word that would do.
fn complete(state: &mut State, by: isize) {
    let tables = state.tables.clone();
    let Some(screen) = editor(state) else { return };
    let typed = screen.input.value().to_owned();
    let cursor = screen.input.cursor();
    let (start, prefix, at) = if let Some((start, prefix, at)) = screen.completing.take() {
        (start, prefix, Some(at))
    } else {
        let (start, prefix) = completion::word(&typed, cursor);
        (start, prefix, None)
    };
    let before: String = typed.chars().take(start).collect();
    let after: String = typed.chars().skip(cursor).collect();
    let words = completion::words(&format!("{before} {after}"), &prefix, &tables);
    let Some(last) = words.len().checked_sub(1) else {
        state.say("Nothing completes this word.");
        return;
    };
    let next = match (at, by > 0) {
        (None, _) => 0,
        (Some(at), true) if at >= last => 0,
        (Some(at), true) => at + 1,
        // The words may have become fewer meanwhile.
        (Some(at), false) => at.checked_sub(1).map_or(last, |next| next.min(last)),
    };
    let word = &words[next];
    let place = start + word.chars().count();
    screen.input = Input::new(format!("{before}{word}{after}"));
    screen.input.handle(InputRequest::SetCursor(place));
    screen.completing = Some((start, prefix, next));
}
