//! Pulled rows on disk: immutable content-named files and one small manifest that is swapped as a whole.
//!
//! A reader sees one generation or the next, never a mixture, and every file's hash is checked before it is opened.
//! Knows canonical tables and receipts. Must not know where rows come from or what is computed of them.

mod disk;
mod manifest;

use crate::model::{Finding, Pulled, Quarantined, Receipt, Table};
use disk::Folder;
use manifest::{Current, Kept, Stored};
use polars::prelude::{DataFrame, PolarsError, PolarsResult, SerReader};
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::ParquetWriter;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// How many generations are kept.
pub const GENERATIONS: u64 = 10;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file of the store cannot be read.
    #[error("cannot read {path}: {error}\nhint: check its rights; `servicebook pull` writes the store anew")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file of the store cannot be written. What was stored before stays as it was.
    #[error(
        "cannot write {path}: {error}\nhint: check its rights and the space on the disk; what was stored before is kept"
    )]
    Write {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file of the store is not what was written.
    #[error("{path} is damaged: {what}\nhint: run `servicebook pull` to fetch the rows of `{id}` again")]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong with it.
        what: String,
        /// The source whose rows it holds; empty for the manifest of all.
        id: String,
    },
    /// The store was written by a newer program.
    #[error(
        "{path} has store format {format}, this servicebook knows up to {known}\nhint: use the newer servicebook that wrote it, or another `[store] path`"
    )]
    Newer {
        /// Which file.
        path: String,
        /// Its format.
        format: u64,
        /// The newest that is known.
        known: u64,
    },
    /// Another process writes.
    #[error("{path} is being written by {holder}\nhint: wait until it is done; a reader needs no lock")]
    Busy {
        /// The lock.
        path: String,
        /// Who holds it.
        holder: String,
    },
    /// The group that may read is not known.
    #[error(
        "there is no group `{group}` on this machine\nhint: check `[store] group` in config.toml; a number is taken too"
    )]
    Group {
        /// Its name.
        group: String,
    },
    /// Rows cannot be written as a table.
    #[error("cannot store the rows of `{id}`: {error}")]
    Encode {
        /// The source.
        id: String,
        /// Why.
        error: PolarsError,
    },
}

/// The folder of pulled rows.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a generation holds.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Canonical tables of all sources, in the order of their ids.
    pub tables: BTreeMap<Table, DataFrame>,
    /// One receipt a source, in the order of their ids.
    pub receipts: Vec<Receipt>,
    /// What was found while loading.
    pub findings: Vec<Finding>,
    /// The generation's number.
    pub generation: u64,
}

impl Store {
    /// Names the folder; nothing is read or made yet.
    pub fn open(path: &Path) -> Self {
        Self { folder: path.to_owned() }
    }

    /// Writes a new generation: the given sources anew, all others as they are. `group` is a Unix group that may read.
    /// Returns the generation's number.
    pub fn publish(&self, pulled: Vec<Pulled>, group: Option<&str>) -> Result<u64, StoreError> {
        let folder = Folder::create(&self.folder, group)?;
        let lock = folder.lock()?;
        let before = manifest::newest(&self.folder)?;
        let generation = before.highest + 1;
        let mut sources: BTreeMap<String, Kept> = before
            .current
            .map(|current| current.sources)
            .unwrap_or_default()
            .into_iter()
            .map(|kept| (kept.receipt.source.clone(), kept))
            .collect();
        for pull in pulled {
            let kept = keep(&folder, pull)?;
            sources.insert(kept.receipt.source.clone(), kept);
        }
        let current = Current { generation, sources: sources.into_values().collect() };
        let bytes = current.write().map_err(|error| StoreError::Write {
            path: disk::shown(&self.folder.join(manifest::CURRENT)),
            error: error.into(),
        })?;
        folder.write(&manifest::generation_name(generation), &bytes)?;
        // The rows and their manifest are on the disk before CURRENT names them.
        folder.sync()?;
        folder.write(manifest::CURRENT, &bytes)?;
        folder.sync()?;
        manifest::sweep(&self.folder, generation);
        drop(lock);
        Ok(generation)
    }

    /// Reads the newest generation; `None` where nothing was ever stored.
    pub fn load(&self) -> Result<Option<Loaded>, StoreError> {
        self.load_sources(|_| true)
    }

    /// Reads the newest generation without the sources that `wanted` refuses, as those that left the config.
    pub fn load_sources(&self, wanted: impl Fn(&str) -> bool) -> Result<Option<Loaded>, StoreError> {
        let Some(current) = manifest::read(&self.folder)? else { return Ok(None) };
        let mut loaded = Loaded {
            tables: BTreeMap::new(),
            receipts: Vec::new(),
            findings: Vec::new(),
            generation: current.generation,
        };
        for kept in current.sources.into_iter().filter(|kept| wanted(&kept.receipt.source)) {
            let id = &kept.receipt.source;
            for stored in &kept.tables {
                let frame = self.frame(stored, id)?;
                match loaded.tables.entry(stored.table) {
                    std::collections::btree_map::Entry::Vacant(entry) => {
                        entry.insert(frame);
                    }
                    std::collections::btree_map::Entry::Occupied(mut entry) => {
                        entry
                            .get_mut()
                            .vstack_mut(&frame)
                            .map_err(|error| self.damaged(&stored.file.name, id, &error))?;
                    }
                }
            }
            loaded.receipts.push(kept.receipt);
            loaded.findings.extend(kept.findings);
        }
        Ok(Some(loaded))
    }

    /// Returns everything that is kept of one source; `None` where it was never pulled.
    pub fn source(&self, id: &str) -> Result<Option<Pulled>, StoreError> {
        let Some(loaded) = self.load_sources(|source| source == id)? else { return Ok(None) };
        let Some(receipt) = loaded.receipts.into_iter().next() else { return Ok(None) };
        let quarantine = self.quarantine(id)?;
        Ok(Some(Pulled { tables: loaded.tables, receipt, findings: loaded.findings, quarantine }))
    }

    /// Returns the records of a source that were not loaded, in the order of its files.
    pub fn quarantine(&self, source: &str) -> Result<Vec<Quarantined>, StoreError> {
        let current = manifest::read(&self.folder)?;
        let kept = current.iter().flat_map(|current| &current.sources).find(|kept| kept.receipt.source == source);
        let Some(file) = kept.and_then(|kept| kept.quarantine.as_ref()) else { return Ok(Vec::new()) };
        let bytes = disk::verified(&self.folder, file, source)?;
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|error| self.damaged(&file.name, source, &error)))
            .collect()
    }

    fn frame(&self, stored: &Stored, id: &str) -> Result<DataFrame, StoreError> {
        let bytes = disk::verified(&self.folder, &stored.file, id)?;
        let wrong = |error: &PolarsError| self.damaged(&stored.file.name, id, error);
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(|error| wrong(&error))?;
        if frame.height() as u64 != stored.file.rows {
            return Err(self.damaged(
                &stored.file.name,
                id,
                &format!("{} rows, {} were written", frame.height(), stored.file.rows),
            ));
        }
        stored.table.conform(&frame).map_err(|error| wrong(&error))
    }

    fn damaged(&self, name: &str, id: &str, what: &dyn std::fmt::Display) -> StoreError {
        StoreError::Damaged {
            path: disk::shown(&self.folder.join(name)),
            what: crate::text::screen_lines(&what.to_string()),
            id: id.to_owned(),
        }
    }
}

/// Returns the columns that a table must have or some row fills: reading gives the others back as empty, and columns
/// without a value would take room at each start.
fn told(table: Table, frame: &DataFrame) -> PolarsResult<DataFrame> {
    let names = table.columns().filter(|column| {
        column.required || frame.column(column.name).is_ok_and(|found| found.null_count() < found.len())
    });
    frame.select(names.map(|column| column.name))
}

/// Writes what a pull brought; it is not yet named by anything.
fn keep(folder: &Folder, pull: Pulled) -> Result<Kept, StoreError> {
    let id = pull.receipt.source.clone();
    let mut tables = Vec::new();
    for (table, frame) in pull.tables {
        let encode = |error| StoreError::Encode { id: id.clone(), error };
        let mut frame = told(table, &frame).map_err(encode)?;
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(encode)?;
        let file = folder.keep(table.name(), "parquet", &bytes, frame.height() as u64)?;
        tables.push(Stored { table, file });
    }
    let quarantine = if pull.quarantine.is_empty() {
        None
    } else {
        let mut lines = Vec::new();
        for record in &pull.quarantine {
            serde_json::to_writer(&mut lines, record).map_err(|error| StoreError::Write {
                path: "the quarantine".into(),
                error: std::io::Error::from(error),
            })?;
            lines.push(b'\n');
        }
        Some(folder.keep("quarantine", "jsonl", &lines, pull.quarantine.len() as u64)?)
    };
    Ok(Kept { receipt: pull.receipt, findings: pull.findings, tables, quarantine })
}

/// Returns the names of files that a manifest refers to.
fn named(current: &Current) -> BTreeSet<String> {
    current
        .sources
        .iter()
        .flat_map(|kept| kept.tables.iter().map(|stored| &stored.file).chain(&kept.quarantine))
        .map(|file| file.name.clone())
        .collect()
}

#[cfg(test)]
mod tests;
