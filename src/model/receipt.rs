//! What a pull brought: from where, when, how much, and whether it was all.

use serde::{Deserialize, Serialize};

/// Whether a pull is known to hold everything that the source has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Completeness {
    /// Everything is here, by the rule that the connector names.
    Complete {
        /// How that is known.
        rule: String,
    },
    /// Something is missing; every figure made from it is tainted (invariant 5).
    Incomplete {
        /// What is missing.
        reason: String,
    },
    /// The source cannot tell; the connector says why.
    Unknowable {
        /// Why not.
        reason: String,
    },
}

impl Completeness {
    /// Tells whether figures made from it are tainted.
    pub fn taints(&self) -> bool {
        matches!(self, Self::Incomplete { .. })
    }
}

/// A file that was read, by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path relative to the book where it lies inside, else as configured.
    pub name: String,
    /// Size in bytes, as stored (packed for `.gz`).
    pub bytes: u64,
    /// SHA-256 of the bytes as stored, in hex.
    pub sha256: String,
    /// Records after the header, counted apart from the loader.
    pub records: u64,
}

/// The receipt of one pull of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Stable id: the source's id and a short hash of what it brought.
    pub id: String,
    /// The source's id in config.toml.
    pub source: String,
    /// The connector's name.
    pub connector: String,
    /// SHA-256 of the manifest that was used, in hex.
    pub connector_sha256: String,
    /// When it was pulled, RFC 3339 UTC.
    pub pulled_at: String,
    /// The files that were read.
    pub files: Vec<SourceFile>,
    /// Records in the source, counted apart from the loader.
    pub records: u64,
    /// Records that were loaded.
    pub loaded: u64,
    /// Records that went to quarantine.
    pub quarantined: u64,
    /// Rows by canonical table.
    pub rows: Vec<(String, u64)>,
    /// Whether that was all.
    pub completeness: Completeness,
}

impl Receipt {
    /// Tells whether records in the source = loaded + quarantined (invariant 8).
    pub fn conserves(&self) -> bool {
        self.records == self.loaded + self.quarantined
    }
}
