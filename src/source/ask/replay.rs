//! Saved answers as if the tool had just given them.
//!
//! A recording's own lists are followed page by page; saved files are one list. Must not open sockets.

use super::AskError;
use super::fetch::{Fetched, List, label};
use super::look::{look, missing};
use super::pager::{Pager, Step};
use super::recording::{Page, Recording};
use crate::source::manifest::AskingPlan;
use chrono::DateTime;

/// What makes pages one list: request, value, window.
type Bounds<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Reads the lists of a recording.
pub fn replay(plan: &AskingPlan, recording: &Recording) -> Result<Fetched, AskError> {
    let mut fetched = Fetched::default();
    for request in &plan.requests {
        let mut lists: Vec<(Bounds<'_>, Vec<usize>)> = Vec::new();
        for (place, page) in recording.pages().iter().enumerate().filter(|(_, page)| page.request == request.name) {
            let bounds = (page.request.as_str(), page.each.as_deref(), page.from.as_deref(), page.to.as_deref());
            match lists.iter_mut().find(|(known, _)| *known == bounds) {
                Some((_, places)) => {
                    // Of a list that was read anew only the last reading counts.
                    let before = places.last().and_then(|place| recording.pages().get(*place));
                    if before.is_some_and(|before| before.attempt < page.attempt) {
                        places.clear();
                    }
                    places.push(place);
                }
                None => lists.push((bounds, vec![place])),
            }
        }
        for ((_, _, from, _), places) in lists {
            let from =
                from.and_then(|from| DateTime::parse_from_rfc3339(from).ok()).map(|from| from.timestamp_millis());
            let mut pager = Pager::new(request, from);
            let mut list = List {
                request: request.name.clone(),
                pages: places.clone(),
                rows: Vec::new(),
                records: 0,
                total: None,
                window: None,
                missing: None,
            };
            let mut ended = false;
            for place in places {
                let Some(page) = recording.pages().get(place) else { continue };
                let body = body(recording, place, page)?;
                let seen =
                    look(request, page, &body).map_err(|error| AskError::Page { label: label(&page.asked), error })?;
                let step = pager.after(&seen);
                list.rows.push(seen.rows);
                ended = matches!(step, Step::Done);
                list.missing = missing(request, &pager, &seen);
                if let Step::Again(reason) | Step::Stuck(reason) = step {
                    list.missing = Some(format!("[request.{}]: {reason}", request.name));
                }
            }
            if !ended && list.missing.is_none() {
                list.missing = Some(format!("[request.{}]: the recording ends before the list does", request.name));
            }
            list.records = pager.received();
            list.total = pager.total();
            fetched.lists.push(list);
        }
    }
    Ok(fetched)
}

/// Takes each page as an answer of its own. Whether they are all there were nobody can tell.
pub fn saved(recording: &Recording) -> Fetched {
    let list = |(place, page): (usize, &Page)| List {
        request: page.request.clone(),
        pages: vec![place],
        rows: Vec::new(),
        records: 0,
        total: None,
        window: None,
        missing: None,
    };
    Fetched { lists: recording.pages().iter().enumerate().map(list).collect(), ..Fetched::default() }
}

fn body(recording: &Recording, place: usize, page: &Page) -> Result<Vec<u8>, AskError> {
    recording.body(place).map_err(|error| AskError::Keep { folder: page.file.clone(), error })
}
