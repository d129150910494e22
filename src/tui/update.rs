//! What each event does to the state: pure, without a terminal, a file or a clock.

mod answer;
mod navigate;

use super::action::{Action, Step, Tab};
use super::event::{Event, Key};
use super::keymap::{self, Context};
use super::layout::{self, Size};
use super::page::{Cursor, Origin};
use super::screens;
use super::state::{Effect, FORMATS, Overlay, Screen, State};
use super::widgets::rows as table;
use crate::app::request::Request;

/// Why a burst of keys confirms nothing.
const TOO_FAST: &str = "Keys came faster than hands type, as from a paste: press the key again.";
/// Longest filter, in letters.
const LONGEST_FILTER: usize = 200;

/// Asks for the first document.
pub fn start(state: &mut State) -> Vec<Effect> {
    let period = state.period.clone();
    let number = state.number();
    state.wanted = Some((number, period.clone()));
    vec![Effect::Ask(number, Request::Document { period })]
}

/// Takes in one event.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = match event {
        Event::Key(key) => {
            state.changed = true;
            press(state, key)
        }
        Event::Paste(text) => {
            if state.typing {
                state.changed = true;
                let kept: String = text.chars().filter(|letter| !letter.is_control()).take(LONGEST_FILTER).collect();
                type_filter(state, |filter| filter.push_str(&kept));
            }
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            state.changed |= state.window != (columns, rows);
            state.window = (columns, rows);
            Vec::new()
        }
        Event::Answer(number, answer) => {
            answer::take(state, number, answer);
            Vec::new()
        }
        Event::Silent => {
            answer::silent(state);
            Vec::new()
        }
        Event::Burst(burst) => {
            state.burst = burst;
            Vec::new()
        }
        Event::Tick => {
            if state.awaits() && state.options.look.motion {
                state.turn += 1;
                state.changed = true;
            }
            Vec::new()
        }
    };
    settle(state);
    effects.extend(navigate::ask(state));
    effects
}

/// Returns the contexts in which keys are looked up, the nearest first.
pub fn contexts(state: &State) -> Vec<Context> {
    match &state.overlay {
        Some(Overlay::Why(..)) => vec![Context::Why, Context::Everywhere],
        Some(Overlay::Record(..) | Overlay::Help(_)) => vec![Context::Everywhere],
        Some(Overlay::Export { .. }) => vec![Context::Export, Context::Everywhere],
        Some(Overlay::Quit) => vec![Context::Question, Context::Everywhere],
        None => contexts_of_screen(state),
    }
}

/// Returns the contexts of the screen below any overlay.
pub fn contexts_of_screen(state: &State) -> Vec<Context> {
    match state.screen() {
        Screen::Figures(figures) if figures.tab == Tab::Home => {
            vec![Context::Home, Context::Figures, Context::Screen, Context::Everywhere]
        }
        Screen::Figures(_) => vec![Context::Figures, Context::Screen, Context::Everywhere],
        Screen::Rows(_) => vec![Context::Rows, Context::Screen, Context::Everywhere],
        Screen::Ticket(_) => vec![Context::Screen, Context::Everywhere],
    }
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        if state.interrupted {
            return vec![Effect::Quit];
        }
        state.interrupted = true;
        state.say("Ctrl-c again quits.");
        return Vec::new();
    }
    state.interrupted = false;
    state.toast = None;
    if state.typing {
        type_key(state, key);
        return Vec::new();
    }
    if let Some(action) = keymap::action(&contexts(state), key) {
        return act(state, action);
    }
    if matches!(key, Key::Char(_)) {
        state.say("This key does nothing here; ? shows the keys.");
    }
    Vec::new()
}

fn type_key(state: &mut State, key: Key) {
    match key {
        Key::Enter => state.typing = false,
        Key::Esc => {
            state.typing = false;
            type_filter(state, String::clear);
        }
        Key::Backspace => {
            if state.filter().is_empty() {
                state.typing = false;
            }
            type_filter(state, |filter| {
                filter.pop();
            });
        }
        Key::Ctrl('u') => type_filter(state, String::clear),
        Key::Char(letter) => type_filter(state, |filter| filter.push(letter)),
        Key::Down => step(state, Step::Down),
        Key::Up => step(state, Step::Up),
        _ => {}
    }
}

fn type_filter(state: &mut State, change: impl FnOnce(&mut String)) {
    match state.screen_mut() {
        Screen::Figures(figures) => change(&mut figures.filter),
        Screen::Rows(rows) => {
            change(&mut rows.search);
            (rows.row, rows.top) = (0, 0);
        }
        Screen::Ticket(_) => {}
    }
    let cut = |filter: &mut String| {
        if let Some((at, _)) = filter.char_indices().nth(LONGEST_FILTER) {
            filter.truncate(at);
        }
    };
    match state.screen_mut() {
        Screen::Figures(figures) => cut(&mut figures.filter),
        Screen::Rows(rows) => cut(&mut rows.search),
        Screen::Ticket(_) => {}
    }
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Move(by) => step(state, by),
        Action::Open => return open(state),
        Action::Back => back(state),
        Action::Close => {
            if state.overlay.is_some() || state.screens.len() > 1 {
                if state.overlay.take().is_none() {
                    state.screens.pop();
                }
            } else {
                state.overlay = Some(Overlay::Quit);
            }
        }
        // Ctrl-c is handled before the keymap, because it holds everywhere, also in a prompt.
        Action::Interrupt => {}
        Action::Confirm if state.burst => state.complain(TOO_FAST),
        Action::Confirm => return vec![Effect::Quit],
        Action::Why => why(state),
        Action::Filter => match state.screen() {
            Screen::Ticket(_) => state.say("There is nothing to filter in a ticket."),
            Screen::Figures(_) | Screen::Rows(_) => state.typing = true,
        },
        Action::OnlyWrong => {
            if let Screen::Figures(figures) = state.screen_mut() {
                figures.only_wrong = !figures.only_wrong;
            }
        }
        Action::Export => {
            if state.document.is_none() {
                state.complain("There is no report to write yet.");
            } else {
                let service = match state.screen() {
                    Screen::Figures(figures) => figures.service.clone(),
                    _ => state.service(),
                };
                state.overlay = Some(Overlay::Export { format: 0, only: false, service });
            }
        }
        Action::Scope => {
            if let Some(Overlay::Export { only, service: Some(_), .. }) = &mut state.overlay {
                *only = !*only;
            }
        }
        Action::Sort => navigate::sort(state),
        Action::Period(by) => return navigate::period(state, i64::from(by)),
        Action::Service(by) => navigate::service(state, i64::from(by)),
        Action::Go(tab) => navigate::go(state, tab),
        Action::Help => {
            state.overlay = match state.overlay {
                Some(Overlay::Help(_)) => None,
                _ => Some(Overlay::Help(Cursor::default())),
            };
        }
        Action::Repaint => return vec![Effect::Repaint],
        Action::Suspend => return vec![Effect::Suspend],
    }
    Vec::new()
}

fn back(state: &mut State) {
    if state.overlay.take().is_some() {
        return;
    }
    let deep = state.screens.len() > 1;
    match state.screen_mut() {
        Screen::Figures(figures) if !figures.filter.is_empty() || figures.only_wrong => {
            figures.filter.clear();
            figures.only_wrong = false;
        }
        Screen::Rows(rows) if !rows.search.is_empty() => {
            rows.search.clear();
            (rows.row, rows.top) = (0, 0);
        }
        _ if deep => {
            state.screens.pop();
        }
        _ => {}
    }
}

fn step(state: &mut State, by: Step) {
    if let Some(mut overlay) = state.overlay.take() {
        let page = screens::overlay(state, &overlay);
        let height = overlay_height(state, &overlay);
        match &mut overlay {
            Overlay::Why(_, cursor) | Overlay::Record(_, cursor) | Overlay::Help(cursor) => {
                cursor.step(&page, by, height);
            }
            Overlay::Export { format, .. } => {
                *format = match by {
                    Step::Up => format.saturating_sub(1),
                    Step::Down => (*format + 1).min(FORMATS.len() - 1),
                    Step::First | Step::PageUp => 0,
                    Step::Last | Step::PageDown => FORMATS.len() - 1,
                    _ => *format,
                }
            }
            Overlay::Quit => {}
        }
        state.overlay = Some(overlay);
        return;
    }
    let height = usize::from(screens::regions(state).body.height);
    let ink = state.ink;
    let width = usize::from(state.window.0);
    let page = match state.screen() {
        Screen::Figures(figures) => screens::figures(state, figures),
        Screen::Ticket(ticket) => {
            ticket.detail.as_ref().map(|detail| screens::ticket::page(ink, detail, width)).unwrap_or_default()
        }
        Screen::Rows(_) => super::page::Page::default(),
    };
    match state.screen_mut() {
        Screen::Figures(figures) => figures.cursor.step(&page, by, height),
        Screen::Ticket(ticket) => ticket.cursor.step(&page, by, height),
        Screen::Rows(rows) => navigate::step_rows(ink, rows, by, height.saturating_sub(2), width),
    }
}

fn overlay_height(state: &State, overlay: &Overlay) -> usize {
    let (columns, rows) = screens::overlay_size(state, overlay);
    usize::from(layout::overlay(state.window.0, state.window.1, columns, rows).height.saturating_sub(2))
}

fn why(state: &mut State) {
    let id = match state.screen() {
        Screen::Figures(figures) => {
            let page = screens::figures(state, figures);
            // On the name at the head of a row the question is about its first figure.
            figures.cursor.on(&page).and_then(|here| {
                let mut of_row = page.stops.iter().filter(|stop| stop.line == here.line);
                here.target.figure().or_else(|| of_row.find_map(|stop| stop.target.figure())).cloned()
            })
        }
        Screen::Rows(rows) => match &rows.origin {
            Origin::Used(id) | Origin::LeftOut(id, _) => Some(id.clone()),
            Origin::Finding(_) | Origin::Tickets(_) => None,
        },
        Screen::Ticket(_) => None,
    };
    match id {
        Some(id) => state.overlay = Some(Overlay::Why(id, Cursor::default())),
        None => state.say("Put the cursor on a figure, then i answers for it."),
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.overlay.clone() {
        Some(Overlay::Why(id, cursor)) => {
            let page = screens::overlay(state, &Overlay::Why(id.clone(), cursor.clone()));
            let target = cursor.on(&page).map(|stop| stop.target.clone());
            if let Some(target) = target {
                state.overlay = None;
                navigate::follow(state, target);
            } else if crate::model::control_chart::charted(&id).is_some() {
                state.say(navigate::NO_ROWS_OF_A_CHART);
            } else {
                state.say("No rows stand behind this figure.");
            }
            return Vec::new();
        }
        Some(Overlay::Export { .. }) if state.burst => {
            state.complain(TOO_FAST);
            return Vec::new();
        }
        Some(Overlay::Export { format, service, only }) => {
            state.overlay = None;
            let number = state.number();
            state.exporting = Some(number);
            let (kind, _) = FORMATS[format.min(FORMATS.len() - 1)];
            let services = service.filter(|_| only).into_iter().collect();
            let request = Request::Export { period: state.period.clone(), format: kind, services, to: None };
            return vec![Effect::Ask(number, request)];
        }
        Some(_) => {
            state.overlay = None;
            return Vec::new();
        }
        None => {}
    }
    match state.screen() {
        Screen::Figures(figures) => {
            let page = screens::figures(state, figures);
            if let Some(target) = figures.cursor.on(&page).map(|stop| stop.target.clone()) {
                navigate::follow(state, target);
            }
        }
        Screen::Rows(_) => navigate::open_row(state),
        Screen::Ticket(_) => {}
    }
    Vec::new()
}

/// Keeps cursors on what they stood on after anything has changed.
fn settle(state: &mut State) {
    // Nothing is in sight: the cursor waits for a window.
    if layout::size(state.window.0, state.window.1) == Size::Tiny {
        return;
    }
    if let Some(overlay) = state.overlay.take() {
        let page = screens::overlay(state, &overlay);
        let height = overlay_height(state, &overlay);
        state.overlay = Some(match overlay {
            Overlay::Why(id, mut cursor) => {
                cursor.settle(&page, height);
                Overlay::Why(id, cursor)
            }
            Overlay::Record(record, mut cursor) => {
                cursor.settle(&page, height);
                Overlay::Record(record, cursor)
            }
            Overlay::Help(mut cursor) => {
                cursor.settle(&page, height);
                Overlay::Help(cursor)
            }
            other => other,
        });
    }
    let height = usize::from(screens::regions(state).body.height);
    let width = usize::from(state.window.0);
    let ink = state.ink;
    let page = match state.screen() {
        Screen::Figures(figures) if state.document.is_some() => Some(screens::figures(state, figures)),
        _ => None,
    };
    match (state.screen_mut(), page) {
        (Screen::Figures(figures), Some(page)) => {
            let before = figures.cursor.stop;
            figures.cursor.settle(&page, height);
            if before != figures.cursor.stop {
                figures.cursor.reveal(&page, height);
            }
        }
        (Screen::Rows(rows), _) => {
            navigate::settle_rows(rows, height.saturating_sub(2));
            if let Some(page) = &rows.page {
                navigate::show_column(&table::widths(ink, page, width), rows, width);
            }
        }
        _ => {}
    }
}
