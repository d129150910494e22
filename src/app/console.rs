//! The workers behind the console: they answer its requests beside each other, never on its thread.
//!
//! Knows which request goes into which lane. Must not know how an answer is shown. Documents, rows, SELECTs, words for
//! completion, exports and pulls each have a lane of their own, so that nobody waits for work of another kind.

mod desk;
mod lane;
mod pulling;
mod writing;

pub use writing::write_new;

use super::kept::unpoisoned;
use super::past::Past;
use super::request::{Answer, Opened, Progress, Request, RowsFormat, RowsPage, RowsQuery, RowsSource};
use super::session::{Session, SessionError};
use crate::export;
use desk::{Desk, Question};
use lane::Lane;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use writing::free_name;

/// SELECTs that are alive at a time, those counted that nobody waits for any more.
const SELECTS: usize = 2;

/// Looks up an environment variable.
pub type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the workers are given.
pub struct Surroundings {
    /// Loads the book's rows, when the console is first asked and after each pull; says why it cannot.
    pub open: Box<dyn Fn() -> Result<Session, String> + Send + Sync>,
    /// Looks up environment variables, for the secrets of a pull.
    pub environment: Environment,
    /// The folder of this person's state, as `$XDG_STATE_HOME/servicebook`; without one nothing is remembered.
    pub state: Option<PathBuf>,
    /// Named queries of this person's preferences.
    pub queries: Vec<(String, String)>,
}

/// What all lanes know.
struct Shared {
    around: Surroundings,
    past: Past,
    desk: Arc<Desk>,
    state: Mutex<State>,
    /// SELECTs that are alive or wait to be.
    selects: AtomicUsize,
    /// Whether it was said that SELECTs cannot be remembered.
    forgets: AtomicBool,
    lanes: Lanes,
}

struct Lanes {
    opening: Lane,
    documents: Lane,
    rows: Lane,
    selects: Lane,
    words: Lane,
    exports: Lane,
    pulls: Lane,
}

/// The book as it is loaded, and what waits for it.
#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    opening: bool,
    waiting: Vec<(Question, Request)>,
}

/// Answers requests until the console hangs up. Each answer carries the number of its request. Nothing is answered before
/// the book is loaded, which begins with the first request.
pub fn serve(mut around: Surroundings, requests: &Receiver<(u64, Request)>, answers: &Sender<(u64, Answer)>) {
    let past = Past::new(around.state.take(), std::mem::take(&mut around.queries));
    let lanes = Lanes {
        opening: Lane::new("opening", 1),
        // Two, so that one that nobody waits for any more does not hold up the next.
        documents: Lane::new("documents", 2),
        rows: Lane::new("rows", 2),
        selects: Lane::new("select", SELECTS),
        words: Lane::new("words", 1),
        exports: Lane::new("exports", 1),
        pulls: Lane::new("pulls", 1),
    };
    let desk = Desk::new(answers.clone());
    let shared = Arc::new(Shared {
        around,
        past,
        desk,
        state: Mutex::default(),
        selects: AtomicUsize::new(0),
        forgets: AtomicBool::new(false),
        lanes,
    });
    while let Ok((number, request)) = requests.recv() {
        take(&shared, number, request);
    }
    shared.desk.close();
}

/// Takes a request in; returns at once.
fn take(shared: &Arc<Shared>, number: u64, request: Request) {
    match request {
        Request::Cancel(other) => return shared.desk.stop(other),
        Request::Remember { sql } => {
            let here = Arc::clone(shared);
            return shared.lanes.words.put(move || remember(&here, number, &sql));
        }
        _ => {}
    }
    let question = shared.desk.ask(number, matches!(request, Request::Pull { .. }));
    let mut state = unpoisoned(&shared.state);
    if let Some(session) = state.session.clone() {
        drop(state);
        return put(shared, session, question, request);
    }
    state.waiting.push((question, request));
    if !std::mem::replace(&mut state.opening, true) {
        let here = Arc::clone(shared);
        shared.lanes.opening.put(move || open(&here));
    }
}

/// Remembers a SELECT. Who runs one does not wait for that; that it cannot be done is said the first time.
fn remember(shared: &Shared, number: u64, sql: &str) {
    if let Err(error) = shared.past.remember(sql)
        && !shared.forgets.swap(true, Ordering::Relaxed)
    {
        shared.desk.tell(number, Answer::NotRemembered { message: shown(&error.to_string()) });
    }
}

/// Loads the book and lets in what waits for it.
fn open(shared: &Arc<Shared>) {
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (shared.around.open)()))
        .unwrap_or_else(|_| Err("the program came upon a fault of its own and cannot load the book".into()));
    let mut state = unpoisoned(&shared.state);
    state.opening = false;
    let waiting = std::mem::take(&mut state.waiting);
    match opened {
        Ok(session) => {
            let session = Arc::new(session);
            state.session = Some(Arc::clone(&session));
            drop(state);
            for (question, request) in waiting {
                put(shared, Arc::clone(&session), question, request);
            }
        }
        Err(message) => {
            drop(state);
            for (question, _) in waiting {
                question.answer(Answer::Failed { message: shown(&message) });
            }
        }
    }
}

/// Puts a question into its lane.
fn put(shared: &Arc<Shared>, session: Arc<Session>, mut question: Question, request: Request) {
    let lanes = &shared.lanes;
    let lane = match &request {
        Request::Document { .. } => &lanes.documents,
        Request::Rows(asked) if session.must_select(asked) => {
            let alive = shared.selects.load(Ordering::Relaxed);
            let waiting = if alive < SELECTS { String::new() } else { "the end of another SELECT".into() };
            question.progress(|| Progress { doing: "SELECT".into(), waiting, ..Progress::default() });
            return put_select(shared, session, question, request);
        }
        Request::Rows(_) | Request::Ticket { .. } => &lanes.rows,
        Request::Export { .. } | Request::ExportRows { .. } => &lanes.exports,
        Request::Pull { .. } => &lanes.pulls,
        _ => &lanes.words,
    };
    let here = Arc::clone(shared);
    lane.put(move || {
        // A pull says itself that it was stopped.
        if question.is_stopped() && !matches!(request, Request::Pull { .. }) {
            return;
        }
        work(&here, &session, question, &request);
    });
}

/// Puts a SELECT into its lane, and counts it as long as it is alive.
fn put_select(shared: &Arc<Shared>, session: Arc<Session>, question: Question, request: Request) {
    struct Alive(Arc<Shared>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.selects.fetch_sub(1, Ordering::Relaxed);
        }
    }
    shared.selects.fetch_add(1, Ordering::Relaxed);
    let alive = Alive(Arc::clone(shared));
    shared.lanes.selects.put(move || {
        if !question.is_stopped() {
            work(&alive.0, &session, question, &request);
        }
    });
}

fn work(shared: &Arc<Shared>, session: &Arc<Session>, mut question: Question, request: &Request) {
    crate::failpoint::reach("worker", request.word());
    let answer = match request {
        Request::Pull { sources } => return pulling::pull(shared, session, question, sources),
        Request::Export { .. } | Request::ExportRows { .. } => export(session, &mut question, request).transpose(),
        _ => Some(answer(shared, session, request)),
    };
    // Without an answer it was stopped, and that was said.
    if let Some(answer) = answer {
        question.answer(answer.unwrap_or_else(|error| Answer::Failed { message: shown(&error.to_string()) }));
    }
}

fn answer(shared: &Arc<Shared>, session: &Arc<Session>, request: &Request) -> Result<Answer, SessionError> {
    Ok(match request {
        Request::Document { period } => Answer::Document(session.document(period)?),
        // polars cannot be stopped within a SELECT, and where it is told to run one on its own threads, a panic of it ends
        // the program. So a SELECT that nobody waits for any more goes on until it is through; its rows are kept.
        Request::Rows(asked) => Answer::Rows(session.rows(asked)?),
        Request::Ticket { period, source, key } => Answer::Ticket(session.ticket(period, source, key)?),
        Request::Tables { period } => Answer::Tables(session.tables(period)?),
        Request::SaveQuery { name, sql } => {
            shared.past.save(name, sql)?;
            Answer::Saved
        }
        _ => Answer::Opened(opened(shared, session)),
    })
}

/// Writes what was asked for. Returns nothing where it was stopped before anything was written.
fn export(session: &Session, question: &mut Question, request: &Request) -> Result<Option<Answer>, SessionError> {
    let (path, bytes, cut) = match request {
        Request::Export { period, format, services, to } => {
            question.progress(|| Progress { doing: format!("report of {}", period.id()), ..Progress::default() });
            let bytes = session.export(period, *format, services, &[])?;
            let mut words = vec![period.id()];
            words.extend(services.iter().map(String::as_str));
            (to.clone().unwrap_or_else(|| free_name(session, &words, format.ending())), bytes, false)
        }
        Request::ExportRows { rows, marked, format } => {
            let RowsPage { table, cut, .. } = session.rows(&RowsQuery { limit: 0, ..rows.clone() })?;
            question.progress(|| Progress { doing: format!("rows of {table}"), ..Progress::default() });
            let bytes = rows_bytes(session, rows, marked, *format)?;
            let counts = match rows.from {
                RowsSource::Frequency { .. } => "frequency",
                RowsSource::Profile { .. } => "profile",
                _ => "rows",
            };
            // Marked rows are all there.
            let cut = cut && marked.is_empty();
            (free_name(session, &[rows.period.id(), &table, counts], format.ending()), bytes, cut)
        }
        _ => return Ok(None),
    };
    if !question.claim() {
        return Ok(None);
    }
    write_new(&path, &bytes)?;
    Ok(Some(Answer::Exported { path, cut }))
}

fn rows_bytes(
    session: &Session,
    asked: &RowsQuery,
    marked: &[u32],
    format: RowsFormat,
) -> Result<Vec<u8>, SessionError> {
    let window = session.rows(&RowsQuery { limit: 0, ..asked.clone() })?;
    let header: Vec<String> = window.columns.into_iter().map(|column| column.name).collect();
    let head = export::rows::csv(&header, &[]);
    let mut text = if format == RowsFormat::Csv { head.clone() } else { String::new() };
    session.all_rows(asked, marked, |rows| match format {
        RowsFormat::Csv => text.push_str(export::rows::csv(&header, rows).strip_prefix(&head).unwrap_or_default()),
        RowsFormat::Json => text.push_str(&export::rows::json(&header, rows)),
    })?;
    Ok(text.into_bytes())
}

/// Says what the console must know of a book that was loaded.
fn opened(shared: &Shared, session: &Session) -> Opened {
    Opened {
        notices: session.notices().to_vec(),
        sources: session.book().config.sources.iter().map(|source| source.id.clone()).collect(),
        history: shared.past.history(),
        queries: shared.past.queries(),
    }
}

fn shown(message: &str) -> String {
    crate::text::screen_lines(message)
}

#[cfg(test)]
mod tests;
