//! The door for rows: connectors, files, records, typed columns, receipts and quarantine.
//!
//! The only room that opens sources. Knows manifests and how records become rows of canonical tables. Must not know
//! what a figure is, nor where rows are kept.

pub mod answers;
pub mod ask;
pub mod count;
pub mod count_json;
pub mod decode;
pub mod file;
pub mod fold;
pub mod http;
pub mod instant;
pub mod manifest;
pub mod map;
pub mod split;

mod pull;

pub use crate::model::{Pulled, Quarantined};
pub use manifest::{Manifest, ManifestError};
pub use pull::{Before, Order, changed, published, pull, read, reads_files, unfinished};

#[cfg(test)]
mod tests;

/// Why a source cannot be pulled. Nothing of it is loaded then.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The connector's manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The source's settings do not fit the connector.
    #[error("source `{id}`: {message}")]
    Settings {
        /// The source's id in config.toml.
        id: String,
        /// What is wrong and what to write.
        message: String,
    },
    /// A pattern of file names cannot be read.
    #[error("source `{id}`: `{pattern}` is no pattern of file names: {message}")]
    Pattern {
        /// The source's id in config.toml.
        id: String,
        /// The pattern.
        pattern: String,
        /// Why not.
        message: String,
    },
    /// No file is there.
    #[error(
        "source `{id}`: no file matches `{pattern}` in {folder}\nhint: check `files` in config.toml and that the export ran"
    )]
    NoFiles {
        /// The source's id in config.toml.
        id: String,
        /// The pattern.
        pattern: String,
        /// Where it was looked for.
        folder: String,
    },
    /// A file cannot be read to its end.
    #[error("cannot read {file}: {error}\nhint: check its rights, and that the export was complete")]
    Read {
        /// Which file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file is no delimited text.
    #[error("{file} is {what}, not CSV\nhint: {hint}")]
    OtherFormat {
        /// Which file.
        file: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A file has not even a header.
    #[error("{file} is empty: it has no header\nhint: an export without rows still has its header; export again")]
    Empty {
        /// Which file.
        file: String,
    },
    /// A file has not the header that the connector reads.
    #[error("{file} has no column `{header}`, which fills `{column}`\nits columns are {headers}\nhint: {hint}")]
    NoHeader {
        /// Which file.
        file: String,
        /// The header that is missing.
        header: String,
        /// The canonical column.
        column: String,
        /// The headers that are there.
        headers: String,
        /// What to do.
        hint: String,
    },
    /// A header that is read comes twice.
    #[error(
        "{file} has two columns `{header}`\nhint: rename one of them in the export; nobody can tell which is meant"
    )]
    HeaderTwice {
        /// Which file.
        file: String,
        /// The header.
        header: String,
    },
    /// A file's name is not what the connector reads a value from.
    #[error(
        "{file}: its name is not like `{pattern}`, from which `{column}` is read\nhint: rename the file, or narrow `files`"
    )]
    FileName {
        /// Which file.
        file: String,
        /// The canonical column.
        column: String,
        /// The pattern.
        pattern: String,
    },
    /// The tool could not be asked to the end.
    #[error("source `{id}`: {error}")]
    Ask {
        /// The source's id in config.toml.
        id: String,
        /// Why.
        error: Box<ask::AskError>,
    },
    /// A secret cannot be had.
    #[error("source `{id}`, settings.{setting}: {message}")]
    Secret {
        /// The source's id in config.toml.
        id: String,
        /// The setting.
        setting: String,
        /// Why not, and what to do.
        message: String,
    },
    /// The manifest's SQL cannot be run, or gives something else than rows of the table.
    #[error("source `{id}`: the connector's `select`: {message}")]
    Select {
        /// The source's id in config.toml.
        id: String,
        /// What is wrong.
        message: String,
    },
    /// Typed columns do not make a table.
    #[error("source `{id}`: cannot make the table: {error}")]
    Frame {
        /// The source's id in config.toml.
        id: String,
        /// Why.
        error: polars::prelude::PolarsError,
    },
}
