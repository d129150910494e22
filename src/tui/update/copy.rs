//! What is copied, and text alone to be selected by hand.

use super::{page, table};
use crate::app::request::{Chip, RowsSource};
use crate::tui::action::Copied;
use crate::tui::page::{Cursor, Target};
use crate::tui::screens;
use crate::tui::state::{Effect, Overlay, Screen, State};
use crate::tui::widgets::rows as widget;
use crate::tui::{Clipboard, words};

/// Most bytes that are handed to a terminal's clipboard.
const LARGEST: usize = 8 << 10;

/// Hands something to the terminal's clipboard.
pub fn copy(state: &mut State, what: Copied) -> Vec<Effect> {
    if state.options.look.clipboard == Clipboard::Off {
        state.say("Copying is switched off in the preferences; Y shows the text alone.");
        return Vec::new();
    }
    let Some(text) = text(state, what) else {
        state.say("There is nothing to copy here.");
        return Vec::new();
    };
    if text.len() > LARGEST {
        state.complain(format!("{} bytes are too many for a terminal's clipboard; e writes a file.", text.len()));
        return Vec::new();
    }
    // The terminal does not tell whether it took it.
    state.say(format!("Sent to the terminal's clipboard: {}", crate::text::fit(&text, 60)));
    vec![Effect::Copy(text)]
}

/// Returns what is copied, on one line and screened.
fn text(state: &State, what: Copied) -> Option<String> {
    match what {
        Copied::Query => question(state),
        Copied::Figure => figure(state),
        Copied::Cell => match state.screen().rows() {
            Some(rows) => {
                let page = rows.page.as_ref()?;
                let order = widget::arranged(page, state.layouts.get(&page.table));
                Some(widget::cell_at(state.ink, page, rows.here()?, *order.get(rows.column)?))
            }
            None => value(state),
        },
        Copied::Row => match state.screen().rows() {
            Some(_) => row(state),
            None => line(state),
        },
    }
}

fn target(state: &State) -> Option<Target> {
    let page = page(state);
    match state.screen() {
        Screen::Figures(figures) => figures.cursor.on(&page).map(|stop| stop.target.clone()),
        Screen::Ticket(ticket) => ticket.cursor.on(&page).map(|stop| stop.target.clone()),
        Screen::Rows(_) | Screen::Sql(_) => None,
    }
}

fn figure(state: &State) -> Option<String> {
    let document = state.document.as_ref()?;
    let id = match &state.overlay {
        Some(Overlay::Why(id, _)) => Some(id.clone()),
        _ => target(state).and_then(|target| target.figure().cloned()),
    };
    let id = id.or_else(|| state.screen().rows().and_then(|rows| rows.origin.figure().cloned()));
    match id {
        Some(id) => document.figure(&id).map(|figure| words::sentence(document, figure)),
        None => match target(state)? {
            Target::Service(service) => Some(screens::home::sentence(document, Some(&service))),
            Target::Book => Some(screens::home::sentence(document, None)),
            _ => None,
        },
    }
}

fn value(state: &State) -> Option<String> {
    let document = state.document.as_ref()?;
    match target(state)? {
        Target::Figure(id) => document.figure(&id).map(words::value),
        Target::Point(_, said) => Some(said),
        Target::Service(service) => Some(crate::text::screen_str(document.service_name(&service))),
        Target::Ticket { key, .. } => Some(crate::text::screen(&key)),
        Target::Measure(id) => Some(crate::text::screen_str(&id)),
        Target::Book | Target::Rows(_) | Target::Record(_) => line(state),
    }
}

/// Returns the line of the cursor.
fn line(state: &State) -> Option<String> {
    let page = page(state);
    let at = match state.screen() {
        Screen::Figures(figures) => figures.cursor.on(&page).map(|stop| stop.line),
        Screen::Ticket(ticket) => ticket.cursor.on(&page).map(|stop| stop.line),
        Screen::Rows(_) | Screen::Sql(_) => None,
    }?;
    Some(page.lines.get(at)?.text())
}

fn row(state: &State) -> Option<String> {
    let rows = state.screen().rows()?;
    let page = rows.page.as_ref()?;
    let cells = rows.here()?;
    let order = widget::arranged(page, state.layouts.get(&page.table));
    let shown = order.into_iter().filter_map(|at| {
        let column = page.columns.get(at)?;
        let name = crate::report::format::heading(&column.name);
        Some(format!("{name}: {}", widget::cell_at(state.ink, page, cells, at)))
    });
    Some(shown.collect::<Vec<_>>().join("; "))
}

/// Returns the question behind the rows, as one would ask it on the command line or in SQL.
fn question(state: &State) -> Option<String> {
    let query = table::query(state)?;
    let mut parts = vec![match &query.from {
        RowsSource::Sql { text } => text.clone(),
        RowsSource::Table { table, filter } if filter.is_empty() => format!("SELECT * FROM {table}"),
        RowsSource::Table { table, filter } => format!("SELECT * FROM {table} WHERE {filter}"),
        RowsSource::Frequency { column, .. } => format!("frequency of {column}"),
        RowsSource::Profile { .. } => "frequency of every column".to_owned(),
    }];
    for chip in &query.chips {
        parts.push(match chip {
            Chip::Like { column, value } => format!("{column} = {}", widget::cell_of(state.ink, column, value)),
            Chip::Wrong => "only what is wrong".to_owned(),
            Chip::Late(clock) => format!("only late by {clock}"),
        });
    }
    if !query.search.is_empty() {
        parts.push(format!("filter {}", query.search));
    }
    if let Some((column, down)) = &query.sort {
        parts.push(format!("by {column}{}", if *down { " downwards" } else { "" }));
    }
    parts.push(query.period.id().to_owned());
    // A question that is cut is another one, so it is screened letter by letter.
    let question = parts.join("; ");
    let letters = question.chars().map(|letter| match letter {
        ' ' | '\n' | '\r' | '\t' => " ".to_owned(),
        other => crate::text::screen_str(other.encode_utf8(&mut [0; 4])),
    });
    Some(letters.collect())
}

/// Shows the text of the screen alone, without frames and panels, to be selected by hand.
pub fn plain(state: &mut State) {
    let width = usize::from(state.window.0).max(20);
    let mut lines = Vec::new();
    for text in [figure(state), row(state), question(state)].into_iter().flatten() {
        lines.extend(crate::tui::page::wrap(&state.ink.glyphs.text(&text), width));
        lines.push(String::new());
    }
    let page = page(state);
    lines.extend(page.lines.iter().map(crate::tui::page::PageLine::text));
    state.overlay = Some(Overlay::Plain(lines, Cursor::default()));
}
