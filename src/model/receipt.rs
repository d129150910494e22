//! What a pull brought: from where, when, how much, and whether it was all.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Records of answers that came twice and were taken once, or that a condition of the connector leaves to others.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub set_aside: u64,
    /// Rows by canonical table.
    pub rows: Vec<(String, u64)>,
    /// Whether that was all.
    pub completeness: Completeness,
    /// What a tool was asked, where it was no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// What a pull asked a tool, and from where the next one goes on. Instants are RFC 3339 UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The first instant that the source speaks of.
    pub since: String,
    /// When everything was last asked, and not only what changed.
    pub full_at: String,
    /// For each windowed request, the instant by the tool's clock up to which everything is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known_until: BTreeMap<String, String>,
    /// When deleted rows were last looked for, by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub swept_at: BTreeMap<String, String>,
    /// Keys that the tool lists and that are no rows here, by table, at the last full pull.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unmatched: BTreeMap<String, u64>,
    /// How far the tool's clock is before ours, in seconds; `None` where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead_s: Option<i64>,
    /// Rows at the tool and here, by month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<MonthCount>,
}

/// Rows of one month at the tool and here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCount {
    /// The table.
    pub table: String,
    /// The month, as `2026-09`.
    pub month: String,
    /// Rows at the tool.
    pub there: u64,
    /// Rows here.
    pub here: u64,
}

impl Receipt {
    /// Tells whether records in the source = loaded + quarantined + set aside (invariant 8).
    pub fn conserves(&self) -> bool {
        self.records == self.loaded + self.quarantined + self.set_aside
    }

    /// Writes the sum of its records, `50 = 48 loaded + 2 quarantined`, with `≠` where it does not hold. `unit` stands
    /// behind the first number; `count` writes a number.
    pub fn sum(&self, unit: &str, count: impl Fn(u64) -> String) -> String {
        let equals = if self.conserves() { "=" } else { "≠" };
        let set_aside = match self.set_aside {
            0 => String::new(),
            records => format!(" + {} set aside", count(records)),
        };
        let Self { records, loaded, quarantined, .. } = self;
        let (records, loaded, quarantined) = (count(*records), count(*loaded), count(*quarantined));
        format!("{records}{unit} {equals} {loaded} loaded + {quarantined} quarantined{set_aside}")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
