//! One pull of one source: its files or what a tool answers, its tables, its receipt.

mod asked;
mod findings;
mod joined;
mod merge;
mod preview;
mod saved;
mod select;
mod specimen;
mod trial;

pub use asked::{Before, Order, published, unfinished};
pub use preview::{PlannedRequest, Preview, preview};
pub use specimen::{Specimen, specimen};
pub use trial::{PERSONAL, Trial, TriedRequest, TriedTable, trial};

use super::manifest::{Manifest, TablePlan, find, hex};
use super::map::{Mapped, Mapper};
use super::{SourceError, file, fold};
use crate::config::SourceConfig;
use crate::model::period::rfc3339;
use crate::model::{Asked, Completeness, Finding, Pulled, Quarantined, Receipt, SourceFile, Table};
use crate::text::screen_str;
use chrono::{DateTime, Utc};
use findings::{of_receipt, repeated_keys};
use polars::prelude::{DataFrame, PolarsError, PolarsResult};
use select::select_rows;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Pulls a source: asks its tool or reads its files, maps their records, and says what came of each.
pub fn pull(order: &mut Order<'_>) -> Result<Pulled, SourceError> {
    let (manifest, plans) = plans(order.source, order.book)?;
    if manifest.asks() && order.source.files.is_empty() {
        return asked::pull(order, &manifest, &plans);
    }
    read(order.source, order.book, order.now)
}

/// Reads a source of files, or of saved answers. `now` is the time that the receipt carries.
pub fn read(source: &SourceConfig, book: &Path, now: DateTime<Utc>) -> Result<Pulled, SourceError> {
    let (manifest, plans) = plans(source, book)?;
    if manifest.asks() {
        return saved::pull(source, book, &manifest, &plans, now);
    }
    let mut pulled = Gathered::default();
    for plan in &plans {
        pulled.table(source, book, plan)?;
    }
    pulled.finish(source, &manifest, now, None)
}

/// Tells whether a source reads files; nothing else may be pulled without being asked for.
pub fn reads_files(source: &SourceConfig, book: &Path) -> bool {
    !source.files.is_empty() || find(&source.connector, book).is_ok_and(|manifest| !manifest.asks())
}

/// Tells which files of a source are not what its last pull read: `name (changed)`, `name (new)`, `name (gone)`.
pub fn changed(source: &SourceConfig, book: &Path, receipt: &Receipt) -> Vec<String> {
    let mut known: BTreeMap<&str, &SourceFile> = receipt.files.iter().map(|file| (file.name.as_str(), file)).collect();
    let mut said = Vec::new();
    let Ok((manifest, plans)) = plans(source, book) else {
        return vec![format!("{} (cannot be read)", screen_str(&source.connector))];
    };
    if manifest.sha256 != receipt.connector_sha256 {
        said.push(format!("{} (changed)", screen_str(manifest.path())));
    }
    if manifest.asks() && source.files.is_empty() {
        // What a tool holds by now only a pull can tell.
        known.clear();
    }
    let mut seen = BTreeSet::new();
    for (path, name) in plans.iter().filter_map(|plan| files(source, book, plan).ok()).flatten() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let shown = screen_str(&name);
        match known.remove(name.as_str()) {
            None => said.push(format!("{shown} (new)")),
            Some(file) => {
                if !untouched(&path, file, &receipt.pulled_at)
                    && file::fingerprint(&path).ok().is_none_or(|(_, sha256)| sha256 != file.sha256)
                {
                    said.push(format!("{shown} (changed)"));
                }
            }
        }
    }
    if receipt_id(source, &receipt.connector_sha256, &receipt.files) != receipt.id {
        said.push(format!("settings of {} (changed)", source.id));
    }
    said.extend(known.keys().filter(|name| !seen.contains(**name)).map(|name| format!("{} (gone)", screen_str(name))));
    said
}

/// Tells whether a file has the size that was read and has not been touched since before the pull began, so that its
/// content need not be read again. The time of the last change of a file's entry cannot be set back by copying.
fn untouched(path: &Path, file: &SourceFile, pulled_at: &str) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(pulled) = DateTime::parse_from_rfc3339(pulled_at) else { return false };
    let before = pulled.timestamp() - 1;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.len() == file.bytes && metadata.ctime() < before && metadata.mtime() < before)
}

fn plans(source: &SourceConfig, book: &Path) -> Result<(Manifest, Vec<TablePlan>), SourceError> {
    let manifest = find(&source.connector, book)?;
    let settings =
        manifest.fill(&source.settings).map_err(|message| SourceError::Settings { id: source.id.clone(), message })?;
    let plans = manifest.plans(&settings)?;
    Ok((manifest, plans))
}

/// Finds the files of a table, in the order of their names: where they are, and what receipts call them.
fn files(source: &SourceConfig, book: &Path, plan: &TablePlan) -> Result<Vec<(PathBuf, String)>, SourceError> {
    let patterns = if source.files.is_empty() { &plan.files } else { &source.files };
    let folder = glob::Pattern::escape(&book.to_string_lossy());
    let mut found = BTreeSet::new();
    for pattern in patterns {
        let wrong = |message: String| SourceError::Pattern {
            id: source.id.clone(),
            pattern: screen_str(pattern),
            message: screen_str(&message),
        };
        let whole = if Path::new(pattern).is_absolute() { pattern.clone() } else { format!("{folder}/{pattern}") };
        let before = found.len();
        for path in glob::glob(&whole).map_err(|error| wrong(error.to_string()))? {
            let path = path.map_err(|error| SourceError::Read {
                file: screen_str(&error.path().to_string_lossy()),
                error: error.into(),
            })?;
            if !path.is_dir() {
                found.insert(path);
            }
        }
        // A file that two patterns match is read once; a pattern that adds nothing may still have matched.
        if found.len() == before && !found.iter().any(|path| matches(&whole, path)) {
            return Err(SourceError::NoFiles {
                id: source.id.clone(),
                pattern: screen_str(pattern),
                folder: screen_str(&book.to_string_lossy()),
            });
        }
    }
    if found.is_empty() {
        return Err(SourceError::NoFiles {
            id: source.id.clone(),
            pattern: "(none given)".into(),
            folder: screen_str(&book.to_string_lossy()),
        });
    }
    Ok(found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(book).unwrap_or(&path).to_string_lossy().into_owned();
            (path, name)
        })
        .collect())
}

fn matches(pattern: &str, path: &Path) -> bool {
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path(path))
}

/// What the tables of a source have brought so far.
#[derive(Default)]
struct Gathered {
    tables: BTreeMap<Table, Vec<DataFrame>>,
    files: Vec<SourceFile>,
    loaded: u64,
    findings: Vec<Finding>,
    quarantine: Vec<Quarantined>,
    set_aside: u64,
    cut: Vec<String>,
    completeness: Vec<Completeness>,
}

impl Gathered {
    fn table(&mut self, source: &SourceConfig, book: &Path, plan: &TablePlan) -> Result<(), SourceError> {
        let id = &source.id;
        let mut loader = Mapper::new(plan, id)?;
        for (path, name) in files(source, book, plan)? {
            let mut opened = false;
            let (read, open_quote) = file::read(&path, &name, plan.dialect, |record, open_quote| {
                if !opened {
                    opened = true;
                    loader.open(&name, record)?;
                    if plan.dialect.header {
                        return Ok(());
                    }
                }
                loader.take(record, open_quote);
                Ok(())
            })?;
            if !opened && plan.dialect.header {
                return Err(SourceError::Empty { file: screen_str(&name) });
            }
            if let Some(line) = open_quote {
                self.cut.push(format!("{} ends inside of a field that opens in line {line}", screen_str(&name)));
            }
            self.files.push(read);
        }
        let mapped = loader.finish().map_err(|error| SourceError::Frame { id: id.clone(), error })?;
        self.completeness.push(plan.complete.clone());
        self.mapped(plan, mapped, id)
    }

    /// Takes in the rows of a table.
    fn mapped(&mut self, plan: &TablePlan, mapped: Mapped, id: &str) -> Result<(), SourceError> {
        let frame_error = |error| SourceError::Frame { id: id.to_owned(), error };
        self.findings.extend(mapped.findings.iter().cloned());
        match (&plan.events, &plan.select) {
            (Some(events), _) => {
                self.loaded += mapped.frame.height() as u64;
                let Some((at, sequence)) = &mapped.events else {
                    return Err(frame_error(PolarsError::ComputeError("the events have no time".into())));
                };
                let folded = fold::fold(&mapped.frame, at, sequence.as_ref(), events, id).map_err(frame_error)?;
                self.findings.extend(folded.findings);
                self.add(plan.table, &folded.tickets).map_err(frame_error)?;
                self.add(Table::TicketEvents, &folded.events).map_err(frame_error)?;
                self.quarantine.extend(mapped.quarantine);
            }
            (None, None) => {
                let mut frame = plan.table.conform(&mapped.frame).map_err(frame_error)?;
                self.loaded += frame.height() as u64;
                if plan.answers.is_some() {
                    frame = self.once(plan, &mapped, frame, id).map_err(frame_error)?;
                } else {
                    self.findings.extend(repeated_keys(&mapped, plan.table, id).map_err(frame_error)?);
                }
                self.quarantine.extend(mapped.quarantine);
                self.tables.entry(plan.table).or_default().push(frame);
            }
            (None, Some(select)) => {
                let selected = select_rows(select, plan.table, &mapped)
                    .map_err(|message| SourceError::Select { id: id.to_owned(), message })?;
                self.loaded += selected.frame.height() as u64;
                let mut frame = selected.frame;
                if plan.answers.is_some() {
                    frame = self.once(plan, &mapped, frame, id).map_err(frame_error)?;
                }
                self.quarantine.extend(mapped.quarantine);
                self.quarantine.extend(selected.left_out);
                self.tables.entry(plan.table).or_default().push(frame);
            }
        }
        Ok(())
    }

    /// Takes rows once that came several times, the last time that they came.
    fn once(&mut self, plan: &TablePlan, mapped: &Mapped, frame: DataFrame, id: &str) -> PolarsResult<DataFrame> {
        let repeats = merge::repeats(&frame)?;
        if repeats.is_empty() {
            return Ok(frame);
        }
        self.findings.extend(findings::of_repeats(mapped, plan.table, id)?);
        let count = repeats.len() as u64;
        self.loaded -= count;
        self.set_aside += count;
        merge::without(&frame, &repeats)
    }

    fn add(&mut self, table: Table, frame: &DataFrame) -> PolarsResult<()> {
        self.tables.entry(table).or_default().push(table.conform(frame)?);
        Ok(())
    }

    fn finish(
        mut self,
        source: &SourceConfig,
        manifest: &Manifest,
        now: DateTime<Utc>,
        asked: Option<Asked>,
    ) -> Result<Pulled, SourceError> {
        let id = &source.id;
        let mut tables = BTreeMap::new();
        for (table, frames) in std::mem::take(&mut self.tables) {
            let frame = merge::stacked(frames).map_err(|error| SourceError::Frame { id: id.clone(), error })?;
            tables.insert(table, frame);
        }
        let records: u64 = self.files.iter().map(|file| file.records).sum();
        if self.loaded == 0 && !self.quarantine.is_empty() {
            self.cut.push(format!("not one of its {records} records could be read"));
        }
        let completeness = if self.cut.is_empty() {
            let unknowable = self.completeness.iter().find(|known| matches!(known, Completeness::Unknowable { .. }));
            unknowable
                .or(self.completeness.first())
                .cloned()
                .unwrap_or(Completeness::Unknowable { reason: "nothing was read".into() })
        } else {
            Completeness::Incomplete { reason: self.cut.join("; ") }
        };
        let receipt = Receipt {
            id: receipt_id(source, &manifest.sha256, &self.files),
            source: id.clone(),
            connector: manifest.connector.name.clone(),
            connector_sha256: manifest.sha256.clone(),
            pulled_at: rfc3339(now),
            files: self.files,
            records,
            loaded: self.loaded,
            quarantined: self.quarantine.len() as u64,
            set_aside: self.set_aside,
            rows: tables.iter().map(|(table, frame)| (table.name().to_owned(), frame.height() as u64)).collect(),
            completeness,
            asked,
        };
        let mut findings = self.findings;
        findings.extend(of_receipt(&receipt, &self.quarantine));
        Ok(Pulled { tables, receipt, findings, quarantine: self.quarantine })
    }
}

/// Makes the id of a receipt: the same source, connector, settings and files give the same id.
fn receipt_id(source: &SourceConfig, connector_sha256: &str, files: &[SourceFile]) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(connector_sha256)
        .chain(source.settings.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
        .chain(files.iter().flat_map(|file| [file.name.as_str(), file.sha256.as_str()]))
    {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("{}-{}", source.id, &hex(&hash.finalize())[..8])
}
