//! The manifest of a generation: which files belong to it, with their hashes, and its own hash.

use super::disk::{UNFINISHED, sha256, shown};
use super::{GENERATIONS, StoreError, named};
use crate::model::{Finding, Receipt, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// The manifest that counts.
pub(super) const CURRENT: &str = "CURRENT";
/// The format that is written, and the newest that is read.
const FORMAT: u64 = 1;

/// A generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Current {
    pub generation: u64,
    /// In the order of their ids.
    pub sources: Vec<Kept>,
}

/// What is kept of the last pull of a source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub receipt: Receipt,
    pub findings: Vec<Finding>,
    pub tables: Vec<Stored>,
    pub quarantine: Option<Content>,
}

/// A stored table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub table: Table,
    pub file: Content,
}

/// A file by its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
    pub rows: u64,
}

/// A manifest as it stands on the disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    format: u64,
    /// SHA-256 of `manifest`, written without blanks.
    sha256: String,
    manifest: Current,
}

/// What every format says first; a newer one may say anything else in other words.
#[derive(Deserialize)]
struct Format {
    format: u64,
}

impl Current {
    /// Returns the bytes of the manifest with its hash.
    pub(super) fn write(&self) -> serde_json::Result<Vec<u8>> {
        let sealed = Sealed { format: FORMAT, sha256: self.hash()?, manifest: self.clone() };
        let mut bytes = serde_json::to_vec_pretty(&sealed)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn hash(&self) -> serde_json::Result<String> {
        Ok(sha256(&serde_json::to_vec(self)?))
    }
}

/// Reads `CURRENT`; `None` where nothing was ever stored.
pub(super) fn read(folder: &Path) -> Result<Option<Current>, StoreError> {
    let current = read_named(folder, CURRENT)?;
    // A first pull that was broken off leaves generation 1 alone; behind any later one CURRENT was there.
    let lost = current.is_none()
        && generations(folder).is_ok_and(|numbers| numbers.last().is_some_and(|highest| *highest > 1));
    if lost {
        return Err(StoreError::Damaged {
            path: shown(&folder.join(CURRENT)),
            what: "it is not there, but generations are".into(),
            id: "every source".into(),
        });
    }
    Ok(current)
}

fn read_named(folder: &Path, name: &str) -> Result<Option<Current>, StoreError> {
    let path = folder.join(name);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::Read { path: shown(&path), error }),
    };
    let damaged = |what: String| StoreError::Damaged { path: shown(&path), what, id: "every source".into() };
    let Format { format } = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if format > FORMAT {
        return Err(StoreError::Newer { path: shown(&path), format, known: FORMAT });
    }
    let sealed: Sealed = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let hash = sealed.manifest.hash().map_err(|error| damaged(error.to_string()))?;
    if sealed.format != FORMAT || hash != sealed.sha256 {
        return Err(damaged("its SHA-256 is not that of what was written".into()));
    }
    Ok(Some(sealed.manifest))
}

/// What a writer starts from.
pub(super) struct Newest {
    pub current: Option<Current>,
    /// The highest number that was ever given.
    pub highest: u64,
}

/// Finds what a new generation builds on: `CURRENT`, or where it is damaged the newest generation that is not.
pub(super) fn newest(folder: &Path) -> Result<Newest, StoreError> {
    let numbers = generations(folder).map_err(|error| StoreError::Read { path: shown(folder), error })?;
    let highest = numbers.last().copied().unwrap_or(0);
    let current = match read(folder) {
        Ok(current) => current,
        Err(StoreError::Damaged { .. }) => {
            numbers.iter().rev().find_map(|number| read_named(folder, &generation_name(*number)).ok().flatten())
        }
        Err(error) => return Err(error),
    };
    let highest = highest.max(current.as_ref().map_or(0, |current| current.generation));
    Ok(Newest { current, highest })
}

/// Returns the name of a generation's manifest.
pub(super) fn generation_name(number: u64) -> String {
    format!("generation-{number}.json")
}

fn generations(folder: &Path) -> io::Result<BTreeSet<u64>> {
    let mut numbers = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number: Option<u64> =
            name.to_str().and_then(|name| name.strip_prefix("generation-")?.strip_suffix(".json")?.parse().ok());
        numbers.extend(number);
    }
    Ok(numbers)
}

/// Removes generations that are too old and files that no kept generation names. Only the one writer may call this.
/// What cannot be removed stays: it costs space, never rows.
pub(super) fn sweep(folder: &Path, current: u64) {
    let Ok(numbers) = generations(folder) else { return };
    let mut wanted = BTreeSet::new();
    for number in numbers {
        let name = generation_name(number);
        if number + GENERATIONS <= current {
            let _ = std::fs::remove_file(folder.join(name));
            continue;
        }
        // A manifest that cannot be read may name any file.
        let Ok(Some(kept)) = read_named(folder, &name) else { return };
        wanted.extend(named(&kept));
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let kind = Path::new(name).extension().and_then(|kind| kind.to_str());
        let ours = matches!(kind, Some("parquet" | "jsonl")) || name.starts_with(UNFINISHED);
        if ours && !wanted.contains(name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
