//! The worker behind the console: answers its requests one after another, never on its thread.

use super::request::{Answer, Request};
use super::session::{Session, SessionError};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};

/// Answers requests until the console hangs up. Each answer carries the number of its request.
pub fn serve(session: &Session, requests: &Receiver<(u64, Request)>, answers: &Sender<(u64, Answer)>) {
    while let Ok((number, request)) = requests.recv() {
        let answer = answer(session, &request)
            .unwrap_or_else(|error| Answer::Failed { message: crate::text::screen_lines(&error.to_string()) });
        if answers.send((number, answer)).is_err() {
            return;
        }
    }
}

fn answer(session: &Session, request: &Request) -> Result<Answer, SessionError> {
    crate::failpoint::reach("worker", request.word());
    Ok(match request {
        Request::Open => Answer::Opened(super::request::Opened::default()),
        Request::ExportRows { .. }
        | Request::Tables { .. }
        | Request::Pull { .. }
        | Request::Cancel(_)
        | Request::Remember { .. }
        | Request::SaveQuery { .. } => Answer::Cancelled,
        Request::Document { period } => Answer::Document(session.document(period)?),
        Request::Rows(asked) => Answer::Rows(session.rows(asked)?),
        Request::Ticket { period, source, key } => Answer::Ticket(session.ticket(period, source, key)?),
        Request::Export { period, format, services, to } => {
            let bytes = session.export(period, *format, services, &[])?;
            let path = to.clone().unwrap_or_else(|| export_name(session, period.id(), services, format.ending()));
            write_new(&path, &bytes)?;
            Answer::Exported { path }
        }
    })
}

/// Makes a file name from book, period and services, free in the working folder.
fn export_name(session: &Session, period: &str, services: &[String], ending: &str) -> PathBuf {
    let mut stem = format!("{}-{period}", session.book().config.book.title);
    if session.book().is_sample() {
        stem.insert_str(0, "SAMPLE-");
    }
    for service in services {
        stem.push('-');
        stem.push_str(service);
    }
    let stem = crate::text::slug(&stem);
    let first = PathBuf::from(format!("{stem}.{ending}"));
    if !first.exists() {
        return first;
    }
    (2..1_000).map(|n| PathBuf::from(format!("{stem}-{n}.{ending}"))).find(|path| !path.exists()).unwrap_or(first)
}

/// Writes a file that must not be there yet, readable by its owner only.
pub fn write_new(path: &std::path::Path, bytes: &[u8]) -> Result<(), SessionError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let shown = || crate::text::screen_str(&path.display().to_string());
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error
            .kind()
        {
            std::io::ErrorKind::AlreadyExists => SessionError::Occupied { path: shown() },
            _ => SessionError::Write { path: shown(), error },
        })?;
    file.write_all(bytes).map_err(|error| SessionError::Write { path: shown(), error })
}
