//! What an answer of the program does. An answer to a question that is no longer asked changes nothing.

use super::navigate;
use crate::app::request::{Answer, Opened, Request};
use crate::report::Document;
use crate::text;
use crate::tui::state::{Effect, RowsScreen, Screen, State};
use crate::tui::words;
use std::sync::Arc;

/// Documents that are kept, so that going back a few periods asks nothing.
const KEPT: usize = 24;

/// What is said where nothing is on screen because loading was stopped.
const STOPPED: &str = "Loading was stopped; H and L load a period.";

/// What opening a book is called while it lasts.
pub const OPENING: &str = "loading the book";

/// Takes in an answer.
pub fn take(state: &mut State, number: u64, answer: Answer) -> Vec<Effect> {
    if let Answer::NotRemembered { message } = &answer {
        state.complain(format!("SELECTs are not remembered: {}", one_line(message)));
        state.changed = true;
        return Vec::new();
    }
    let Some(job) = state.jobs.get_mut(&number) else { return Vec::new() };
    state.changed = true;
    if let Answer::Progress(progress) = answer {
        job.progress = Some(progress);
        return Vec::new();
    }
    state.jobs.remove(&number);
    if state.wanted.as_ref().is_some_and(|(wanted, _)| *wanted == number) {
        return document(state, answer);
    }
    if state.beside.as_ref().is_some_and(|(wanted, _)| *wanted == number) {
        document_beside(state, answer);
        return Vec::new();
    }
    match answer {
        Answer::Opened(opened) => return open(state, opened),
        Answer::Pulled { said, failed, opened } => {
            let told = said.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("; ");
            // Everything that was computed, and everything that still is, is of the rows before.
            state.document = None;
            let mut effects = beside_forgotten(state);
            state.kept.clear();
            state.not_beside.clear();
            state.tables_of = None;
            effects.extend(open(state, opened));
            if failed {
                state.complain(told);
            } else {
                state.say(told);
            }
            return effects;
        }
        Answer::Exported { path, cut } => {
            let written = format!("Written: {}", text::screen_str(&path.display().to_string()));
            if cut {
                state.complain(format!("{written}, from {}", words::first_of_a_select()));
            } else {
                state.say(written);
            }
        }
        Answer::Saved => state.say("Kept; the palette finds it by its name."),
        Answer::Tables(tables) => state.tables = tables,
        other => screens(state, number, other),
    }
    Vec::new()
}

/// Takes in an answer that is about the rows or the ticket of a screen.
fn screens(state: &mut State, number: u64, answer: Answer) {
    let mut taken = false;
    for screen in state.screens.iter_mut().chain(state.flipped.iter_mut().flatten()) {
        if let Screen::Ticket(ticket) = screen {
            if ticket.asked == Some(number) {
                (taken, ticket.asked) = (true, None);
                match &answer {
                    Answer::Ticket(detail) => ticket.detail = Some(detail.clone()),
                    Answer::Failed { message } => ticket.failed = Some(one_line(message)),
                    _ => ticket.failed = Some("stopped".into()),
                }
            }
        } else if let Some(rows) = screen.rows_mut()
            && rows_answered(rows, number, &answer)
        {
            taken = true;
            // A SELECT that was refused is mended where it was typed; keys must not do other things meanwhile.
            if let (Screen::Sql(sql), Answer::Failed { .. }) = (&mut *screen, &answer) {
                sql.editing = true;
            }
        }
    }
    match answer {
        Answer::Failed { message } if !taken => {
            if state.document.is_none() {
                state.failed = Some(one_line(&message));
            } else {
                state.complain(one_line(&message));
            }
        }
        Answer::Cancelled if !taken => {
            if state.document.is_none() && state.wanted.is_none() {
                state.failed = Some(STOPPED.into());
            }
            state.say("Stopped.");
        }
        _ => {}
    }
}

fn rows_answered(rows: &mut RowsScreen, number: u64, answer: &Answer) -> bool {
    if rows.asked.as_ref().is_none_or(|(asked, _)| *asked != number) {
        return false;
    }
    let Some((_, query)) = rows.asked.take() else { return false };
    match answer {
        Answer::Rows(page) => {
            rows.failed = None;
            // A filter typed on since then is asked for next; its rows replace these at once.
            let still = rows.source.as_ref() == Some(&query.from)
                && rows.search == query.search
                && rows.chips == query.chips
                && rows.sort == query.sort;
            if still {
                rows.page = Some(page.clone());
                rows.answered = Some(query);
            }
        }
        Answer::Failed { message } => rows.failed = Some((query, one_line(message))),
        _ => rows.failed = Some((query, "It was stopped.".into())),
    }
    true
}

fn open(state: &mut State, opened: Opened) -> Vec<Effect> {
    state.options.notices.truncate(state.own_notices);
    state.options.notices.extend(opened.notices.iter().cloned());
    state.opened = Some(opened);
    // Whoever has gone to another period meanwhile stays there.
    let mut effects = Vec::new();
    let period = match state.wanted.take() {
        Some((number, period)) => {
            effects.push(state.drop_question(number));
            period
        }
        None => state.period.clone(),
    };
    let doing = format!("loading {}", words::period(&period));
    let (number, effect) = state.ask(doing, Request::Document { period: period.clone() });
    state.wanted = Some((number, period));
    effects.push(effect);
    effects
}

/// Forgets the document that would be set beside the one on screen.
fn beside_forgotten(state: &mut State) -> Vec<Effect> {
    state.beside.take().map(|(number, _)| state.drop_question(number)).into_iter().collect()
}

fn document(state: &mut State, answer: Answer) -> Vec<Effect> {
    let wanted = state.wanted.take();
    match answer {
        // What has not begun has no figures; those of now would be read as its own.
        Answer::Document(document) if !document.has_begun() && state.document.is_some() => {
            state.complain(format!("{} has not begun.", words::period(&document.period)));
        }
        Answer::Document(document) => {
            let mut effects = show(state, document);
            // Opening the book was stopped, or failed then: what it says of itself is still to be asked for.
            if state.opened.is_none() && state.jobs.values().all(|job| job.doing != OPENING) {
                effects.push(state.ask(OPENING, Request::Open).1);
            }
            return effects;
        }
        Answer::Failed { message } => {
            let message = one_line(&message);
            if state.document.is_none() {
                state.failed = Some(message);
            } else {
                let period = wanted.map_or(String::new(), |(_, period)| format!("{}: ", period.id()));
                state.complain(format!("{period}{message}"));
            }
        }
        _ => {
            if state.document.is_none() {
                state.failed = Some(STOPPED.into());
            }
            state.say("Stopped.");
        }
    }
    Vec::new()
}

fn document_beside(state: &mut State, answer: Answer) {
    let Some((_, period)) = state.beside.take() else { return };
    match answer {
        Answer::Document(document) => keep(state, document),
        Answer::Failed { message } => state.not_beside.push((period, one_line(&message))),
        _ => state.not_beside.push((period, "It was stopped.".into())),
    }
}

/// Returns a message, which may have several lines, as one that is safe to show.
fn one_line(message: &str) -> String {
    message.lines().map(|line| text::screen_str(line.trim())).collect::<Vec<_>>().join("; ")
}

/// Says that no answer will come any more.
pub fn silent(state: &mut State) {
    const SAID: &str = "The program stopped answering; leave with q and start it again.";
    state.jobs.clear();
    (state.wanted, state.beside) = (None, None);
    if state.document.is_none() {
        state.failed = Some(SAID.into());
    }
    for screen in &mut state.screens {
        if let Screen::Ticket(ticket) = screen {
            if ticket.asked.take().is_some() {
                ticket.failed = Some(SAID.into());
            }
        } else if let Some(rows) = screen.rows_mut()
            && let Some((_, query)) = rows.asked.take()
        {
            rows.failed = Some((query, SAID.into()));
        }
    }
    state.complain(SAID);
    state.changed = true;
}

fn keep(state: &mut State, document: Arc<Document>) {
    state.kept.retain(|kept| kept.period != document.period);
    state.kept.push(document);
    if state.kept.len() > KEPT {
        state.kept.remove(0);
    }
}

/// Puts a document on screen and keeps it.
pub fn show(state: &mut State, document: Arc<Document>) -> Vec<Effect> {
    state.failed = None;
    state.period = document.period.clone();
    keep(state, Arc::clone(&document));
    state.document = Some(document);
    navigate::renew(state)
}
