//! What an answer of the program does. An answer to a question that is no longer asked changes nothing.

use super::navigate;
use crate::app::request::Answer;
use crate::report::Document;
use crate::text;
use crate::tui::state::{Screen, State};
use std::sync::Arc;

/// Documents that are kept, so that going back a few periods asks nothing.
const KEPT: usize = 24;

/// Takes in an answer.
pub fn take(state: &mut State, number: u64, answer: Answer) {
    if state.wanted.as_ref().is_some_and(|(wanted, _)| *wanted == number) {
        let wanted = state.wanted.take();
        state.changed = true;
        match answer {
            Answer::Document(document) => show(state, document),
            Answer::Failed { message } => {
                let message = one_line(&message);
                if state.document.is_none() {
                    state.failed = Some(message);
                } else {
                    let period = wanted.map_or(String::new(), |(_, period)| format!("{}: ", period.id()));
                    state.complain(format!("{period}{message}"));
                }
            }
            _ => {}
        }
        return;
    }
    if state.exporting == Some(number) {
        state.exporting = None;
        state.changed = true;
        match answer {
            Answer::Exported { path } => {
                state.say(format!("Written: {}", text::screen_str(&path.display().to_string())));
            }
            Answer::Failed { message } => state.complain(one_line(&message)),
            _ => {}
        }
        return;
    }
    let mut changed = false;
    for screen in &mut state.screens {
        match screen {
            Screen::Rows(rows) if rows.asked.as_ref().is_some_and(|(asked, _)| *asked == number) => {
                changed = true;
                let Some((_, query)) = rows.asked.take() else { continue };
                match &answer {
                    Answer::Rows(page) => {
                        rows.failed = None;
                        // A filter typed on since then is asked for next; its rows replace these at once.
                        if navigate::asks_for(rows, &query) {
                            rows.page = Some(page.clone());
                            rows.answered = Some(query);
                        }
                    }
                    Answer::Failed { message } => rows.failed = Some((query, one_line(message))),
                    _ => {}
                }
            }
            Screen::Ticket(ticket) if ticket.asked == Some(number) => {
                changed = true;
                ticket.asked = None;
                match &answer {
                    Answer::Ticket(detail) => ticket.detail = Some(detail.clone()),
                    Answer::Failed { message } => ticket.failed = Some(one_line(message)),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    state.changed |= changed;
}

/// Returns a message, which may have several lines, as one that is safe to show.
fn one_line(message: &str) -> String {
    message.lines().map(|line| text::screen_str(line.trim())).collect::<Vec<_>>().join("; ")
}

/// Says that no answer will come any more.
pub fn silent(state: &mut State) {
    if state.wanted.take().is_some() && state.document.is_none() {
        state.failed = Some("the program stopped answering; leave with q and start it again".into());
    }
    state.exporting = None;
    for screen in &mut state.screens {
        match screen {
            Screen::Rows(rows) => {
                if let Some((_, query)) = rows.asked.take() {
                    rows.failed = Some((query, "the program stopped answering".into()));
                }
            }
            Screen::Ticket(ticket) => ticket.asked = None,
            Screen::Figures(_) => {}
        }
    }
    state.complain("The program stopped answering; leave with q and start it again.");
    state.changed = true;
}

/// Puts a document on screen and keeps it.
pub fn show(state: &mut State, document: Arc<Document>) {
    state.failed = None;
    state.period = document.period.clone();
    state.kept.retain(|kept| kept.period != document.period);
    state.kept.push(Arc::clone(&document));
    if state.kept.len() > KEPT {
        state.kept.remove(0);
    }
    state.document = Some(document);
    navigate::renew(state);
}
