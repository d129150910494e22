//! Opening a book, and the console on it.

use super::{CommandError, Common, Outcome, environment, output, preferences};
use crate::app::console::{self as worker, Surroundings};
use crate::app::session::Opening;
use crate::app::{Book, Session};
use crate::model::Period;
use crate::report::Document;
use crate::tui;
use chrono::{DateTime, Utc};
use std::sync::mpsc;

/// Opens the book that is meant and loads its rows; says its notices.
pub fn session(common: &Common) -> Result<Session, CommandError> {
    let session = quiet_session(common)?;
    if common.verbose {
        let dataset = session.prepared().dataset();
        output::talk(&format!("book: {}", crate::text::screen_str(&session.book().root.display().to_string())));
        for (table, rows) in dataset.tables() {
            output::talk(&format!("rows: {} {}, generation {}", rows.height(), table.name(), dataset.generation()));
        }
    }
    if !common.quiet {
        for notice in session.notices() {
            output::say(common.color, "note", notice);
        }
    }
    Ok(session)
}

fn quiet_session(common: &Common) -> Result<Session, CommandError> {
    let book = Book::find(&environment::wanted_book(common.book.as_ref()))?;
    let as_of = common.as_of.as_deref().map(instant).transpose()?;
    Ok(Session::open(book, Opening { as_of, may_pull: !common.no_pull })?)
}

fn instant(text: &str) -> Result<DateTime<Utc>, CommandError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).map_err(|_| {
        CommandError::Usage(format!(
            "`--as-of {}` is not an instant; write it as 2026-10-05T08:00:00+02:00",
            crate::text::screen_str(text)
        ))
    })
}

/// Reads a period in the book's zone; without one, the last closed month.
pub fn period(session: &Session, text: Option<&str>) -> Result<Period, CommandError> {
    match text {
        Some(text) => Period::parse(text, session.book().config.book.zone)
            .map_err(|error| CommandError::Usage(crate::text::screen_str(&error.to_string()))),
        None => Ok(session.last_closed_month()),
    }
}

/// Returns how a command ends that printed figures of a document, and says why where it is incomplete.
pub fn outcome(common: &Common, document: &Document) -> Outcome {
    if document.complete {
        return Outcome::Complete;
    }
    if !common.quiet {
        for reason in &document.incomplete_because {
            output::say(common.color, "incomplete", reason);
        }
    }
    Outcome::Incomplete
}

/// Opens the console. It is on the screen before the rows are loaded.
pub fn console(common: &Common, no_motion: bool) -> Result<Outcome, CommandError> {
    let book = Book::find(&environment::wanted_book(common.book.as_ref()))?;
    let as_of = common.as_of.as_deref().map(instant).transpose()?;
    let wishes = preferences::wishes(no_motion);
    let options = tui::Options {
        period: book.last_closed_month(),
        book: book.config.book.title.clone(),
        sample: book.is_sample(),
        notices: wishes.notices,
        look: wishes.look,
        keys: wishes.keys,
        may_stop: environment::may_stop(),
    };
    let (root, may_pull) = (book.root, !common.no_pull);
    let around = Surroundings {
        // Read anew each time: what was corrected in the config holds from the next pull on.
        open: Box::new(move || {
            let book = Book::open(&root).map_err(|error| error.to_string())?;
            Session::open(book, Opening { as_of, may_pull }).map_err(|error| error.to_string())
        }),
        environment: Box::new(environment::variable),
        state: environment::state_folder(),
        queries: wishes.queries,
    };
    let (ask, requests) = mpsc::channel();
    let (answers, hear) = mpsc::channel();
    // Not joined: who leaves the console does not wait for an answer that nobody will read. A file that is being written
    // then never gets its name.
    std::thread::spawn(move || worker::serve(around, &requests, &answers));
    tui::run(options, ask, hear)?;
    Ok(Outcome::Complete)
}
