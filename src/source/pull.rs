//! One pull of one source: its files, its tables, its receipt.

use super::manifest::{Manifest, TablePlan, find, hex};
use super::map::{Mapped, Mapper, Places};
use super::{SourceError, file, fold};
use crate::config::SourceConfig;
use crate::model::period::rfc3339;
use crate::model::{Completeness, Finding, Pulled, Quarantined, Raw, Receipt, Severity, SourceFile, Table};
use crate::text::screen_str;
use chrono::{DateTime, Utc};
use polars::prelude::{
    ChunkFull, Column, DataFrame, IdxCa, IdxSize, IntoColumn, PolarsError, PolarsResult, StringChunked,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Pulls a source: reads its files, maps their records, and says what came of each. `book` is the book's folder,
/// `now` the time that the receipt carries.
pub fn pull(source: &SourceConfig, book: &Path, now: DateTime<Utc>) -> Result<Pulled, SourceError> {
    let (manifest, plans) = plans(source, book)?;
    let mut pulled = Gathered::default();
    for plan in &plans {
        pulled.table(source, book, plan)?;
    }
    Ok(pulled.finish(source, &manifest, now))
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
        let frame_error = |error| SourceError::Frame { id: id.clone(), error };
        let mapped = loader.finish().map_err(frame_error)?;
        self.findings.extend(mapped.findings.iter().cloned());
        self.completeness.push(plan.complete.clone());
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
                self.loaded += mapped.frame.height() as u64;
                self.findings.extend(repeated_keys(&mapped, plan.table, id).map_err(frame_error)?);
                self.add(plan.table, &mapped.frame).map_err(frame_error)?;
                self.quarantine.extend(mapped.quarantine);
            }
            (None, Some(select)) => {
                let selected = select_rows(select, plan.table, &mapped)
                    .map_err(|message| SourceError::Select { id: id.clone(), message })?;
                self.loaded += selected.frame.height() as u64;
                self.quarantine.extend(mapped.quarantine);
                self.quarantine.extend(selected.left_out);
                self.tables.entry(plan.table).or_default().push(selected.frame);
            }
        }
        Ok(())
    }

    fn add(&mut self, table: Table, frame: &DataFrame) -> PolarsResult<()> {
        self.tables.entry(table).or_default().push(table.conform(frame)?);
        Ok(())
    }

    fn finish(mut self, source: &SourceConfig, manifest: &Manifest, now: DateTime<Utc>) -> Pulled {
        let id = &source.id;
        let tables: BTreeMap<Table, DataFrame> = self
            .tables
            .into_iter()
            .filter_map(|(table, frames)| {
                // One manifest fills a table once, tickets and their events apart, so there is one frame each.
                frames.into_iter().next().map(|frame| (table, frame))
            })
            .collect();
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
            rows: tables.iter().map(|(table, frame)| (table.name().to_owned(), frame.height() as u64)).collect(),
            completeness,
        };
        let mut findings = self.findings;
        findings.extend(of_receipt(&receipt, &self.quarantine));
        Pulled { tables, receipt, findings, quarantine: self.quarantine }
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

/// Finds keys that come more than once: two exports that overlap would count their rows twice.
fn repeated_keys(mapped: &Mapped, table: Table, source: &str) -> PolarsResult<Option<Finding>> {
    let keys = mapped.frame.column("source_key")?.str()?.rechunk().into_owned();
    let mut seen = HashMap::with_capacity(keys.len());
    let mut repeated = 0_u64;
    let mut first = None;
    for (row, key) in keys.iter().enumerate() {
        if let Some(before) = seen.insert(key, row) {
            repeated += 1;
            first.get_or_insert((key.unwrap_or_default(), before, row));
        }
    }
    Ok(first.map(|(key, before, again)| {
        let place = |row| {
            let (file, line) = mapped.places.of(row);
            format!("{}, line {line}", screen_str(file))
        };
        Finding {
            id: format!("repeated_key/{source}/{}", table.name()),
            kind: "repeated_key".into(),
            severity: Severity::Warning,
            count: repeated,
            figures: Vec::new(),
            table: table.name().into(),
            filter: String::new(),
            text: format!(
                "{repeated} rows of source `{source}` repeat the key of another row and are counted again. First: `{}` in {} and in {}. Where two exports overlap, leave one out of `files`.",
                screen_str(key),
                place(before),
                place(again),
            ),
        }
    }))
}

/// Returns what the counts of a receipt say.
fn of_receipt(receipt: &Receipt, quarantine: &[Quarantined]) -> Vec<Finding> {
    let source = &receipt.source;
    let finding = |kind: &str, severity, count, text: String| Finding {
        id: format!("{kind}/{source}"),
        kind: kind.into(),
        severity,
        count,
        figures: Vec::new(),
        table: String::new(),
        filter: String::new(),
        text,
    };
    let mut findings = Vec::new();
    let Receipt { records, loaded, quarantined, .. } = receipt;
    if let Some(first) = quarantine.first() {
        let severity = if *loaded == 0 { Severity::Error } else { Severity::Warning };
        let text = format!(
            "{quarantined} of {records} records of source `{source}` were not loaded. First: {}, line {}: {}.",
            screen_str(&first.file),
            first.line,
            first.reason,
        );
        findings.push(finding("quarantined", severity, *quarantined, text));
    }
    if *records == 0 {
        let text = format!("Source `{source}` holds no record at all. Is it the right export, of the right month?");
        findings.push(finding("empty_source", Severity::Warning, 1, text));
    }
    if !receipt.conserves() {
        let text = format!(
            "Source `{source}` holds {records} records, but {loaded} were loaded and {quarantined} put into quarantine. Do not trust its figures; report this with the file."
        );
        findings.push(finding("not_conserved", Severity::Error, records.abs_diff(loaded + quarantined), text));
    }
    if let Completeness::Incomplete { reason } = &receipt.completeness {
        findings.push(finding(
            "incomplete_pull",
            Severity::Error,
            1,
            format!("Source `{source}` is incomplete: {reason}."),
        ));
    }
    findings
}

/// The rows that a manifest's `select` keeps, and a word for each that it does not.
struct Selected {
    frame: DataFrame,
    left_out: Vec<Quarantined>,
}

fn select_rows(select: &str, table: Table, mapped: &Mapped) -> Result<Selected, String> {
    let raw = table.conform(&mapped.frame).map_err(|error| error.to_string())?;
    let result = crate::query::run(select, &[("raw", raw.clone())]).map_err(|error| error.to_string())?;
    if let Some(unknown) = result.get_column_names().into_iter().find(|name| table.column(name).is_none()) {
        return Err(format!("{} has no column `{unknown}`", table.name()));
    }
    let mut result = table.conform(&result).map_err(|error| error.to_string())?;
    // The id of the source is ours, not the manifest's.
    let source = raw.column("source").and_then(Column::str).map_err(|error| error.to_string())?;
    if let Some(source) = source.get(0) {
        let column = StringChunked::full("source".into(), source, result.height()).into_column();
        result.with_column(column).map_err(|error| error.to_string())?;
    }
    let keys = |frame: &DataFrame| -> PolarsResult<_> { Ok(frame.column("source_key")?.str()?.rechunk().into_owned()) };
    let (all, kept) = (keys(&raw), keys(&result));
    let (all, kept) = (all.map_err(|error| error.to_string())?, kept.map_err(|error| error.to_string())?);
    let mut rows_left: HashMap<&str, u64> = HashMap::new();
    for key in kept.iter() {
        let key = key.ok_or("it gives rows without a source_key; select it unchanged")?;
        *rows_left.entry(key).or_default() += 1;
    }
    let word = |row: usize, key: &str, reason: String, places: &Places| {
        let (file, line) = places.of(row);
        Quarantined { file: file.to_owned(), line, reason, text: Raw::new(key) }
    };
    // Of rows with the same key the first ones are the ones that were kept.
    let mut left_out = Vec::new();
    let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, key) in all.iter().enumerate() {
        let key = key.unwrap_or_default();
        match rows_left.get_mut(key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                rows_of.entry(key).or_default().push(row);
            }
            _ => left_out.push(word(row, key, "left out by select".into(), &mapped.places)),
        }
    }
    if let Some((key, _)) = rows_left.iter().find(|(_, left)| **left > 0) {
        return Err(format!(
            "it gives more rows for `{}` than there are; select rows, do not make them",
            screen_str(key)
        ));
    }
    // A select can empty a cell that the table requires.
    let mut whole: Vec<IdxSize> = Vec::with_capacity(result.height());
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for (row, key) in kept.iter().enumerate() {
        let key = key.unwrap_or_default();
        let nth = taken.entry(key).or_default();
        let from = rows_of.get(key).and_then(|rows| rows.get(*nth)).copied().unwrap_or_default();
        *nth += 1;
        let empty = table.columns().filter(|column| column.required).find(|column| {
            result.column(column.name).ok().and_then(|cells| cells.get(row).ok()).is_none_or(|cell| cell.is_null())
        });
        match empty {
            None => whole.push(IdxSize::try_from(row).unwrap_or(IdxSize::MAX)),
            Some(column) => {
                left_out.push(word(
                    from,
                    key,
                    format!("`{}` is required and empty after select", column.name),
                    &mapped.places,
                ));
            }
        }
    }
    let frame = if whole.len() == result.height() {
        result
    } else {
        result.take(&IdxCa::from_vec("rows".into(), whole)).map_err(|error| error.to_string())?
    };
    Ok(Selected { frame, left_out })
}
