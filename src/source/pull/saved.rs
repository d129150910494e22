//! Saved answers and recordings: files that stand in the place of a tool.

use super::{Gathered, file, files};
use crate::config::SourceConfig;
use crate::model::{Completeness, Pulled, SourceFile};
use crate::source::SourceError;
use crate::source::answers::{self, Pages};
use crate::source::ask::fetch::Fetched;
use crate::source::ask::recording::{LIST, Page, Recording};
use crate::source::ask::replay;
use crate::source::manifest::{AskingPlan, Manifest, TablePlan};
use crate::text::screen_str;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// Reads saved answers as a pull would have read them.
pub(super) fn pull(
    source: &SourceConfig,
    book: &Path,
    manifest: &Manifest,
    plans: &[TablePlan],
    now: DateTime<Utc>,
) -> Result<Pulled, SourceError> {
    let settings = |message| SourceError::Settings { id: source.id.clone(), message };
    let filled = manifest.fill(&source.settings).map_err(settings)?;
    let asking = manifest.asking(&filled)?.ok_or_else(|| settings("the connector asks nobody".into()))?;
    let Some(first) = plans.first() else { return Err(settings("the connector fills no table".into())) };
    let found = files(source, book, first)?;
    let (recording, fetched) = read(source, &asking, &found)?;
    let mut pulled = Gathered::default();
    let pages = Pages { asking: &asking, fetched: &fetched, recording: &recording };
    let mut counted = vec![0; recording.pages().len()];
    for plan in plans {
        let Some(table) = &plan.answers else { continue };
        let answered = answers::read(plan, table, pages, &source.id)?;
        answered.counted.iter().for_each(|(place, records)| counted[*place] += records);
        pulled.set_aside += answered.other;
        pulled.findings.extend(answered.findings);
        pulled.mapped(plan, answered.mapped, &source.id)?;
    }
    pulled.cut.extend(fetched.lists.iter().filter_map(|list| list.missing.clone()));
    pulled.completeness.push(completeness(&found, &fetched));
    pulled.files = receipts(&found, &counted)?;
    pulled.finish(source, manifest, now, None)
}

fn completeness(found: &[(PathBuf, String)], fetched: &Fetched) -> Completeness {
    if is_recording(found) && !fetched.lists.is_empty() {
        return Completeness::Complete { rule: "the recorded lists end where the tool ended them".into() };
    }
    Completeness::Unknowable { reason: "saved answers do not say whether they are all there are".into() }
}

fn is_recording(found: &[(PathBuf, String)]) -> bool {
    matches!(found, [(path, _)] if path.file_name().is_some_and(|name| name == LIST))
}

/// Opens a recording, or takes each file as one answer.
fn read(
    source: &SourceConfig,
    asking: &AskingPlan,
    found: &[(PathBuf, String)],
) -> Result<(Recording, Fetched), SourceError> {
    let unreadable = |name: &str, error| SourceError::Read { file: screen_str(name), error };
    let failed = |error| SourceError::Ask { id: source.id.clone(), error: Box::new(error) };
    if let [(path, name)] = found
        && is_recording(found)
    {
        let recording = Recording::read(path).map_err(|error| unreadable(name, error))?;
        let fetched = replay::replay(asking, &recording).map_err(failed)?;
        return Ok((recording, fetched));
    }
    let mut pages = Vec::new();
    for (path, name) in found {
        let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let named = asking.requests.iter().find(|request| stem.starts_with(request.name.as_str()));
        let only = if let [request] = &asking.requests[..] { Some(request) } else { None };
        let Some(request) = named.or(only) else {
            let names: Vec<&str> = asking.requests.iter().map(|request| request.name.as_str()).collect();
            return Err(SourceError::Settings {
                id: source.id.clone(),
                message: format!(
                    "nobody can tell which request {} answers; let its name begin with one of {}",
                    screen_str(name),
                    names.join(", ")
                ),
            });
        };
        let page =
            Page { request: request.name.clone(), asked: name.clone(), status: 200, file: stem, ..Page::default() };
        pages.push((page, path.clone()));
    }
    let recording = Recording::of_files(pages);
    let fetched = replay::saved(&recording);
    Ok((recording, fetched))
}

/// Says of each file what it is and how many records it holds.
fn receipts(found: &[(PathBuf, String)], counted: &[u64]) -> Result<Vec<SourceFile>, SourceError> {
    let whole: u64 = counted.iter().sum();
    found
        .iter()
        .enumerate()
        .map(|(at, (path, name))| {
            let (bytes, sha256) =
                file::fingerprint(path).map_err(|error| SourceError::Read { file: screen_str(name), error })?;
            // A recording's list stands for all of its pages.
            let records = if is_recording(found) { whole } else { counted.get(at).copied().unwrap_or(0) };
            Ok(SourceFile { name: name.clone(), bytes, sha256, records })
        })
        .collect()
}
