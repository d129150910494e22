//! What each event does to the state: pure, without a terminal, a file or a clock.

mod answer;
mod copy;
mod mouse;
mod navigate;
mod sql;
mod table;
mod typing;

use super::action::{Action, Step, Tab};
use super::event::{Event, Key};
use super::keymap::{Context, Found};
use super::layout::{self, Size};
use super::page::{Cursor, Page};
use super::state::{Effect, FORMATS, Figures, Overlay, Scope, Screen, State, TicketScreen};
use super::{palette, screens};
use crate::app::request::{Request, RowsFormat};
pub use navigate::beside;
use std::rc::Rc;
pub use table::columns;
use tui_input::Input;

/// Most often that a count repeats a key.
const MOST_TIMES: u32 = 9_999;
/// Why a burst of keys confirms nothing.
const TOO_FAST: &str = "Keys came faster than hands type, as from a paste: press the key again.";

/// Asks for the book, and for the first document once it is there.
pub fn start(state: &mut State) -> Vec<Effect> {
    vec![state.ask(answer::OPENING, Request::Open).1]
}

/// Takes in one event.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = match event {
        Event::Key(key) => {
            state.changed = true;
            press(state, key)
        }
        Event::Mouse(mouse) => {
            state.changed = true;
            mouse::used(state, mouse)
        }
        Event::Paste(text) => {
            typing::paste(state, &text);
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            state.changed |= state.window != (columns, rows);
            state.window = (columns, rows);
            Vec::new()
        }
        Event::Answer(number, answer) => answer::take(state, number, answer),
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
        Some(Overlay::Export { .. }) => vec![Context::Export, Context::Everywhere],
        Some(Overlay::Columns(_)) => vec![Context::Columns, Context::Everywhere],
        Some(Overlay::Quit | Overlay::Pull) => vec![Context::Question, Context::Everywhere],
        Some(_) => vec![Context::Everywhere],
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
        Screen::Sql(_) => vec![Context::Sql, Context::Rows, Context::Screen, Context::Everywhere],
        Screen::Ticket(_) => vec![Context::Ticket, Context::Screen, Context::Everywhere],
    }
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        if state.interrupted {
            return vec![Effect::Quit];
        }
        state.interrupted = true;
        state.pending.clear();
        state.count = None;
        state.say("Ctrl-c again quits.");
        return Vec::new();
    }
    state.interrupted = false;
    state.toast = None;
    if let Some(effects) = typing::key(state, key) {
        return effects;
    }
    if let Some(digit) = digit(state, key) {
        state.count = Some((state.count.unwrap_or(0).saturating_mul(10).saturating_add(digit)).min(MOST_TIMES));
        return Vec::new();
    }
    if key == Key::Esc && (!state.pending.is_empty() || state.count.is_some()) {
        state.pending.clear();
        state.count = None;
        return Vec::new();
    }
    let contexts = contexts(state);
    match state.keymap.find(&contexts, &state.pending, key) {
        Found::Action(action) => {
            state.pending.clear();
            let times = state.count.take().unwrap_or(1).max(1);
            perform(state, action, times)
        }
        Found::Prefix => {
            state.pending.push(key);
            Vec::new()
        }
        Found::Nothing => {
            state.count = None;
            let mut keys = std::mem::take(&mut state.pending);
            keys.push(key);
            nothing(state, &keys);
            Vec::new()
        }
    }
}

/// Returns the digit of a count; a nought begins none, and no count stands where a question is open.
fn digit(state: &State, key: Key) -> Option<u32> {
    let Key::Char(letter) = key else { return None };
    let digit = letter.to_digit(10)?;
    let bound = state.keymap.find(&contexts(state), &state.pending, key) != Found::Nothing;
    (!bound && state.pending.is_empty() && (digit > 0 || state.count.is_some())).then_some(digit)
}

/// Says why a key does nothing here: where it would do something, else where the keys are listed.
fn nothing(state: &mut State, keys: &[Key]) {
    let shown = super::keymap::shown(keys);
    let elsewhere = state.keymap.bindings().iter().find(|binding| binding.keys.iter().any(|known| known == keys));
    let said = match elsewhere {
        Some(binding) if state.overlay.is_none() => {
            format!("{shown} ({}) works {}, not here.", binding.name.replace('-', " "), binding.context.words())
        }
        _ if matches!(keys, [Key::Char(_)] | [_, _, ..]) => format!("{shown} does nothing here; ? shows the keys."),
        _ => return,
    };
    state.say(said);
}

/// Does an action a number of times, as far as it can be repeated.
pub fn perform(state: &mut State, action: Action, times: u32) -> Vec<Effect> {
    match action {
        Action::Move(by) => {
            step(state, by, times);
            Vec::new()
        }
        Action::Period(by) => navigate::period(state, i64::from(by) * i64::from(times)),
        Action::Service(by) => {
            navigate::service(state, i64::from(by) * i64::from(times));
            Vec::new()
        }
        Action::Width(by) => {
            table::width(state, isize::from(by) * isize::try_from(times).unwrap_or(1));
            Vec::new()
        }
        other => act(state, other),
    }
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(why) = palette::unavailable(state, action) {
        state.say(why);
        return Vec::new();
    }
    match action {
        Action::Open => return open(state),
        Action::Back => return back(state),
        Action::Close => {
            if state.overlay.take().is_some() {
            } else if state.screens.len() > 1 {
                navigate::leave(state);
            } else {
                state.overlay = Some(Overlay::Quit);
            }
        }
        Action::Quit => state.overlay = Some(Overlay::Quit),
        Action::Confirm if state.burst => state.complain(TOO_FAST),
        Action::Confirm => return confirm(state),
        Action::Why => why(state),
        Action::Compare => navigate::compare(state),
        Action::Filter => state.typing = Some(Input::default()),
        Action::OnlyWrong => match state.screen_mut() {
            Screen::Figures(figures) => figures.only_wrong = !figures.only_wrong,
            _ => table::only_wrong(state),
        },
        Action::Palette => state.overlay = Some(Overlay::Palette { input: Input::default(), at: 0 }),
        Action::Export => export(state),
        Action::Scope => {
            if let Some(Overlay::Export { scopes, scope, format, .. }) = &mut state.overlay {
                *scope = (*scope + 1) % scopes.len().max(1);
                *format = 0;
            }
        }
        Action::Sort => table::sort(state, false),
        Action::SortDown => table::sort(state, true),
        Action::Frequency => table::frequency(state),
        Action::Like => table::like(state),
        Action::Columns => state.overlay = Some(Overlay::Columns(table::column_of_cursor(state))),
        Action::ShowColumn => table::show(state),
        Action::MoveColumn(by) => table::move_column(state, by),
        Action::Mark => table::mark(state),
        Action::MarkRange => table::mark_range(state),
        Action::ClearMarks => table::clear_marks(state),
        Action::Copy(what) => return copy::copy(state, what),
        Action::PlainText => copy::plain(state),
        Action::Go(tab) => navigate::go(state, tab),
        Action::Flip => navigate::flip(state),
        Action::Expand => state.expanded = !state.expanded,
        Action::Present => {
            state.ink.presenting = !state.ink.presenting;
            let said = if state.ink.presenting {
                "Presenting: people's names are hidden and rows are spaced out; p again ends it."
            } else {
                "No longer presenting."
            };
            state.say(said);
        }
        Action::Theme => {
            state.ink.theme = state.options.look.theme_after(state.ink.theme);
            let name = crate::text::screen_str(&state.ink.theme.name);
            state.say(if state.options.look.coloured {
                format!("Theme {name}; `theme` in the preferences keeps it.")
            } else {
                "The theme stays mono: NO_COLOR is set, or the terminal has no colours.".to_owned()
            });
            return vec![Effect::Repaint];
        }
        Action::Mouse => {
            state.mouse = !state.mouse;
            let said = if state.mouse {
                "The mouse selects here; hold Shift to select text as the terminal does."
            } else {
                "The mouse is the terminal's again."
            };
            state.say(said);
            return vec![Effect::Mouse(state.mouse)];
        }
        Action::Pull => state.overlay = Some(Overlay::Pull),
        Action::Stop => return stop(state),
        Action::EditSql => sql::edit(state),
        Action::SaveSql => state.overlay = Some(Overlay::Name(Input::default())),
        Action::Log => state.overlay = Some(Overlay::Log(Cursor::default())),
        Action::Help => {
            state.overlay = match state.overlay {
                Some(Overlay::Help(_)) => None,
                _ => Some(Overlay::Help(Cursor::default())),
            };
        }
        Action::Repaint => return vec![Effect::Repaint],
        Action::Suspend => return vec![Effect::Suspend],
        // Ctrl-c is handled before the keymap, because it holds everywhere; the others are done by `perform`.
        Action::Interrupt | Action::Move(_) | Action::Period(_) | Action::Service(_) | Action::Width(_) => {}
    }
    Vec::new()
}

fn back(state: &mut State) -> Vec<Effect> {
    if state.overlay.take().is_some() {
        return Vec::new();
    }
    let deep = state.screens.len() > 1;
    match state.screen_mut() {
        Screen::Figures(figures) if !figures.filter.is_empty() || figures.only_wrong => {
            figures.filter.clear();
            figures.only_wrong = false;
        }
        Screen::Figures(figures) if figures.against.is_some() => figures.against = None,
        screen if screen.rows().is_some_and(|rows| !rows.search.is_empty() || !rows.chips.is_empty()) => {
            table::loosen(state);
        }
        _ if deep => navigate::leave(state),
        _ => {}
    }
    Vec::new()
}

fn confirm(state: &mut State) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Quit) => vec![Effect::Quit],
        Some(Overlay::Pull) => {
            vec![state.ask("pulling every source", Request::Pull { sources: Vec::new() }).1]
        }
        _ => Vec::new(),
    }
}

/// Stops what was begun last.
fn stop(state: &mut State) -> Vec<Effect> {
    let running = state.jobs.iter_mut().rev().find(|(_, job)| !job.stopping);
    let Some((number, job)) = running else { return Vec::new() };
    let (number, doing) = (*number, job.doing.clone());
    job.stopping = true;
    state.say(format!("Stopping: {doing}."));
    vec![state.tell(Request::Cancel(number))]
}

fn export(state: &mut State) {
    let service = match state.screen() {
        Screen::Figures(figures) => figures.service.clone(),
        _ => state.service(),
    };
    let mut scopes = Vec::new();
    if let Some(rows) = state.screen().rows().filter(|rows| rows.page.is_some()) {
        if !rows.marks.is_empty() {
            scopes.push(Scope::Marked);
        }
        scopes.push(Scope::Rows);
    }
    scopes.push(Scope::Report);
    if service.is_some() {
        scopes.push(Scope::Service);
    }
    state.overlay = Some(Overlay::Export { format: 0, service, scopes, scope: 0 });
}

/// The formats of rows, in the order of the choice.
pub const ROWS_FORMATS: [(RowsFormat, &str, &str); 2] = [
    (RowsFormat::Csv, "csv", "one line a row, for a spreadsheet; text cannot become a formula"),
    (RowsFormat::Json, "json", "one object a row, for scripts"),
];

/// Returns how many formats a scope has.
pub fn formats(scope: Scope) -> usize {
    match scope {
        Scope::Report | Scope::Service => FORMATS.len(),
        Scope::Rows | Scope::Marked => ROWS_FORMATS.len(),
    }
}

fn step(state: &mut State, by: Step, times: u32) {
    if let Some(mut overlay) = state.overlay.take() {
        let page = screens::overlay(state, &overlay);
        let height = overlay_height(state, &overlay);
        match &mut overlay {
            Overlay::Why(_, cursor)
            | Overlay::Record(_, cursor)
            | Overlay::Help(cursor)
            | Overlay::Log(cursor)
            | Overlay::Plain(_, cursor) => cursor.steps(&page, by, times, height),
            Overlay::Export { format, scopes, scope, .. } => {
                let last = scopes.get(*scope).map_or(1, |scope| formats(*scope)) - 1;
                *format = choose(*format, by, times, last);
            }
            Overlay::Columns(at) => *at = choose(*at, by, times, table::columns(state).len().saturating_sub(1)),
            Overlay::Palette { .. } | Overlay::Name(_) | Overlay::Pull | Overlay::Quit => {}
        }
        state.overlay = Some(overlay);
        return;
    }
    if state.screen().rows().is_some() {
        table::step(state, by, times);
        return;
    }
    let height = usize::from(screens::regions(state).body.height);
    let page = page(state);
    match state.screen_mut() {
        Screen::Figures(Figures { cursor, .. }) | Screen::Ticket(TicketScreen { cursor, .. }) => {
            cursor.steps(&page, by, times, height);
        }
        Screen::Rows(_) | Screen::Sql(_) => {}
    }
}

/// Returns the page of the screen on top, if it is one.
pub fn page(state: &State) -> Rc<Page> {
    match state.screen() {
        Screen::Figures(figures) => screens::figures(state, figures),
        Screen::Ticket(ticket) => Rc::new(screens::ticket_page(state, ticket)),
        Screen::Rows(_) | Screen::Sql(_) => Rc::default(),
    }
}

/// Moves a place in a list of choices.
fn choose(at: usize, by: Step, times: u32, last: usize) -> usize {
    let times = usize::try_from(times).unwrap_or(1);
    match by {
        Step::Up | Step::Previous => at.saturating_sub(times),
        Step::Down | Step::Next => (at + times).min(last),
        Step::First | Step::PageUp | Step::HalfUp => 0,
        Step::Last | Step::PageDown | Step::HalfDown => last,
        Step::Left | Step::Right => at,
    }
}

fn overlay_height(state: &State, overlay: &Overlay) -> usize {
    if matches!(overlay, Overlay::Plain(..)) {
        return usize::from(state.window.1);
    }
    let (columns, rows) = screens::overlay_size(state, overlay);
    usize::from(layout::overlay(state.window.0, state.window.1, columns, rows).height.saturating_sub(2))
}

fn why(state: &mut State) {
    let id = match state.screen() {
        Screen::Figures(figures) => {
            let page = screens::figures(state, figures);
            // On the name at the head of a row the question is about what stands worst there.
            figures.cursor.on(&page).and_then(|here| {
                let of_row = page.stops.iter().filter(|stop| stop.line == here.line);
                here.target.figure().cloned().or_else(|| {
                    let figures = of_row.filter_map(|stop| stop.target.figure());
                    let document = state.document.as_ref()?;
                    let known = figures.filter_map(|id| document.figure(id)).collect();
                    screens::lookup::worst(known).map(|figure| figure.id.clone())
                })
            })
        }
        _ => state.screen().rows().and_then(|rows| rows.origin.figure().cloned()),
    };
    match id {
        Some(id) => state.overlay = Some(Overlay::Why(id, Cursor::default())),
        None => state.say("Put the cursor on a figure, then i answers for it."),
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Why(id, cursor)) => {
            let page = screens::overlay(state, &Overlay::Why(id.clone(), cursor.clone()));
            if let Some(target) = cursor.on(&page).map(|stop| stop.target.clone()) {
                navigate::follow(state, target);
            } else if crate::model::control_chart::charted(&id).is_some() {
                state.say(navigate::NO_ROWS_OF_A_CHART);
                state.overlay = Some(Overlay::Why(id, cursor));
            } else {
                state.say("No rows stand behind this figure.");
                state.overlay = Some(Overlay::Why(id, cursor));
            }
            return Vec::new();
        }
        Some(overlay @ Overlay::Export { .. }) if state.burst => {
            state.complain(TOO_FAST);
            state.overlay = Some(overlay);
            return Vec::new();
        }
        Some(Overlay::Export { format, service, scopes, scope }) => {
            let scope = scopes.get(scope).copied().unwrap_or(Scope::Report);
            return write(state, scope, format, service);
        }
        Some(_) => return Vec::new(),
        None => {}
    }
    if state.screen().rows().is_some() {
        table::open_row(state);
    } else if let Some(target) = {
        let page = page(state);
        match state.screen() {
            Screen::Figures(figures) => figures.cursor.on(&page).map(|stop| stop.target.clone()),
            Screen::Ticket(ticket) => ticket.cursor.on(&page).map(|stop| stop.target.clone()),
            Screen::Rows(_) | Screen::Sql(_) => None,
        }
    } {
        navigate::follow(state, target);
    }
    Vec::new()
}

fn write(state: &mut State, scope: Scope, format: usize, service: Option<String>) -> Vec<Effect> {
    let request = match scope {
        Scope::Report | Scope::Service => {
            let (kind, _) = FORMATS[format.min(FORMATS.len() - 1)];
            let services = service.filter(|_| scope == Scope::Service).into_iter().collect();
            Request::Export { period: state.period.clone(), format: kind, services, to: None }
        }
        Scope::Rows | Scope::Marked => {
            let (kind, _, _) = ROWS_FORMATS[format.min(ROWS_FORMATS.len() - 1)];
            let Some(mut rows) = table::query(state) else { return Vec::new() };
            let mut marked = Vec::new();
            if scope == Scope::Marked {
                marked.extend(state.screen().rows().iter().flat_map(|rows| rows.marks.iter().copied()));
                if marked.is_empty() {
                    state.complain("No row is marked any more, because the rows are others now; nothing was written.");
                    return Vec::new();
                }
                // What was marked counts, also where the filter of now hides it.
                rows.chips.clear();
                rows.search.clear();
            }
            Request::ExportRows { rows, marked, format: kind }
        }
    };
    vec![state.ask("writing the file", request).1]
}

/// Keeps cursors on what they stood on after anything has changed.
fn settle(state: &mut State) {
    // Nothing is in sight: the cursor waits for a window.
    if layout::size(state.window.0, state.window.1) == Size::Tiny {
        return;
    }
    if let Some(mut overlay) = state.overlay.take() {
        let page = screens::overlay(state, &overlay);
        let height = overlay_height(state, &overlay);
        match &mut overlay {
            Overlay::Why(_, cursor)
            | Overlay::Record(_, cursor)
            | Overlay::Help(cursor)
            | Overlay::Log(cursor)
            | Overlay::Plain(_, cursor) => cursor.settle(&page, height),
            _ => {}
        }
        state.overlay = Some(overlay);
    }
    if state.screen().rows().is_some() {
        table::settle(state);
        return;
    }
    if state.document.is_none() {
        return;
    }
    let height = usize::from(screens::regions(state).body.height);
    let page = page(state);
    let document = state.document.clone();
    match state.screen_mut() {
        Screen::Figures(figures) => {
            if !figures.placed
                && figures.cursor.target.is_none()
                && let Some(worst) = document.and_then(|document| page.worst_stop(&document, height))
            {
                figures.cursor.stop = worst;
                figures.cursor.reveal(&page, height);
            }
            figures.placed = true;
            let before = (figures.cursor.stop, figures.cursor.target.clone());
            figures.cursor.settle(&page, height);
            if before != (figures.cursor.stop, figures.cursor.target.clone()) {
                figures.cursor.reveal(&page, height);
            }
        }
        Screen::Ticket(ticket) => ticket.cursor.settle(&page, height),
        Screen::Rows(_) | Screen::Sql(_) => {}
    }
}
