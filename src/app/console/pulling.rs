//! A pull that the console asked for: carried out, told while it runs, and its rows put in place of the old ones.
//!
//! Knows what a pull says. Must not know what is pulled. Whatever fails, the rows that are loaded stay.

use super::desk::Question;
use super::{Shared, opened, shown};
use crate::app::kept::unpoisoned;
use crate::app::pull::{self, Progress as Fetched, PullOrder, PulledSource};
use crate::app::request::{Answer, Progress};
use crate::app::session::{Session, SessionError};
use crate::report::format::grouped;
use crate::text::screen_str;
use std::cell::RefCell;
use std::sync::Arc;

/// Pulls sources and loads the book anew.
pub fn pull(shared: &Shared, session: &Arc<Session>, question: Question, sources: &[String]) {
    let question = RefCell::new(question);
    let answer = pulled(shared, session, &question, sources)
        .unwrap_or_else(|error| Answer::Failed { message: shown(&error.to_string()) });
    question.into_inner().answer(answer);
}

fn pulled(
    shared: &Shared,
    session: &Arc<Session>,
    question: &RefCell<Question>,
    sources: &[String],
) -> Result<Answer, SessionError> {
    let book = session.book();
    if book.is_sample() {
        return Err(SessionError::Demo);
    }
    let known: Vec<&str> = book.config.sources.iter().map(|source| source.id.as_str()).collect();
    if let Some(unknown) = sources.iter().find(|id| !known.contains(&id.as_str())) {
        return Err(SessionError::Unknown {
            message: format!("there is no source `{}`", screen_str(unknown)),
            hint: format!("this book has: {}", known.join(", ")),
        });
    }
    let named = if sources.is_empty() { known.join(", ") } else { sources.join(", ") };
    let say = |progress: Progress| question.borrow_mut().progress(|| progress);
    say(Progress { doing: format!("pull of {named}"), ..Progress::default() });
    let stop = question.borrow().stop();
    let came = pull::pull(
        book,
        &mut PullOrder {
            sources,
            period: None,
            full: false,
            environment: &|name| (shared.around.environment)(name),
            progress: &mut |source, fetched| say(told(source, fetched)),
            cancel: stop.clone(),
        },
    )?;
    let published = came.iter().any(|(_, one)| matches!(one, PulledSource::Published(_)));
    if !published && stop.is_set() {
        return Ok(Answer::Cancelled);
    }
    let said = came
        .iter()
        .map(|(id, one)| match one {
            PulledSource::Published(part) => pull::summary(part),
            PulledSource::Failed(error) => {
                let mut text = format!("{id}: failed: {}", shown(&error.to_string()));
                if pull::goes_on(book, id) {
                    text.push_str("\n  the pages that came are kept: the next pull goes on from there");
                }
                text
            }
        })
        .collect();
    let failed = came.iter().any(|(_, one)| matches!(one, PulledSource::Failed(_)));
    let session = if published {
        say(Progress { doing: "loading the rows".into(), ..Progress::default() });
        let fresh = (shared.around.open)().map_err(|message| SessionError::Unknown {
            message: format!("the rows were pulled, and the book cannot be loaded anew: {message}"),
            hint: "the rows of before are still shown; leave and open the console again".into(),
        })?;
        let fresh = Arc::new(fresh);
        unpoisoned(&shared.state).session = Some(Arc::clone(&fresh));
        fresh
    } else {
        Arc::clone(session)
    };
    Ok(Answer::Pulled { said, failed, opened: opened(shared, &session) })
}

fn told(source: &str, fetched: &Fetched) -> Progress {
    let count = |number: u64| grouped(number as f64, 0);
    let of = fetched.of.map_or(String::new(), |of| format!(" of {}", count(of)));
    let lists = match fetched.lists {
        (done, all) if all > 1 => format!(", list {} of {}", (done + 1).min(all), all),
        _ => String::new(),
    };
    Progress {
        doing: format!("{} of {source}", fetched.request),
        done: format!("{}{of} records, {} pages{lists}", count(fetched.records), count(fetched.pages)),
        waiting: if fetched.kept {
            "pages of the pull before are read".into()
        } else {
            format!("page {} of {source}", count(fetched.pages + 1))
        },
    }
}
