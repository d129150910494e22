//! The connector manifest: what a connector may say, how it is read and checked.
//!
//! Knows the closed vocabulary of manifest language 1 and gives each wrong word its line and a hint. Pure: it opens
//! no files. Must not know how a record is split or mapped.

mod answers_planner;
mod asking;
mod asking_planner;
mod asking_words;
mod plan;
mod planner;
mod request_planner;
mod settings;
mod shipped;
mod template;
mod words;

pub use asking::*;
pub use asking_words::WindowKind;
pub use plan::{ColumnPlan, Dialect, EventsPlan, Origin, Reading, TablePlan, Unit, Unlisted, ValueMap};
pub use shipped::{SHIPPED, find};
pub use template::{Piece, Slot, Template};

use asking_words::{CountWords, HttpWords, RequestWords, SweepWords};
use words::TableWords;

use crate::model::Table;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// The manifest language that this program reads.
pub const LANGUAGE: u32 = 1;

/// Why a manifest cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}: {message}\nhint: {hint}", place(*line))]
pub struct ManifestError {
    /// The manifest's file.
    pub path: String,
    /// The line, from 1; 0 where it is about no line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A checked manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Who it is.
    pub connector: Connector,
    /// What a source may or must say in `settings`.
    pub settings: BTreeMap<String, Setting>,
    /// SHA-256 of the manifest's text, in hex.
    pub sha256: String,
    http: Option<Spanned<HttpWords>>,
    requests: BTreeMap<String, Spanned<RequestWords>>,
    sweeps: BTreeMap<Table, Spanned<SweepWords>>,
    counts: BTreeMap<Table, Spanned<CountWords>>,
    tables: BTreeMap<Spanned<String>, Spanned<TableWords>>,
    at_connector: Range<usize>,
    path: String,
    text: String,
}

/// `[connector]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Its name, as its file's.
    pub name: String,
    /// What it reads, in one line.
    pub title: String,
    /// Version of this manifest.
    pub version: u32,
    /// Version of the manifest language.
    pub language: u32,
    /// What it is proven with, in one sentence.
    pub proven: String,
    /// Where the export or the API is described.
    pub docs: Option<String>,
    /// The least rights with which the tool answers.
    pub rights: Option<String>,
    /// What else a reader should know, a sentence each.
    #[serde(default)]
    pub limits: Vec<String>,
}

/// `[settings.<name>]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What values it takes.
    pub kind: SettingKind,
    /// What to write.
    pub hint: String,
    /// The value where a source gives none; without it the setting is required.
    pub default: Option<String>,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// Any text.
    Text,
    /// An IANA zone.
    Zone,
    /// An http(s) address without a query.
    Url,
    /// The place of a secret: `env:NAME`, `file:PATH`, `command:PROGRAM ARGS`, `credential:NAME`.
    Secret,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    connector: Spanned<Connector>,
    #[serde(default)]
    settings: BTreeMap<String, Setting>,
    http: Option<Spanned<HttpWords>>,
    #[serde(default)]
    request: BTreeMap<String, Spanned<RequestWords>>,
    #[serde(default)]
    sweep: BTreeMap<Table, Spanned<SweepWords>>,
    #[serde(default)]
    count: BTreeMap<Table, Spanned<CountWords>>,
    #[serde(default)]
    table: BTreeMap<Spanned<String>, Spanned<TableWords>>,
}

impl Manifest {
    /// Reads and checks the text of a manifest; `path` is what messages call it.
    pub fn parse(text: &str, path: &str) -> Result<Self, ManifestError> {
        let words: Words = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().to_owned();
            let hint = hint(&message);
            wrong(text, path, &span, message, hint)
        })?;
        let at_connector = words.connector.span();
        let connector = words.connector.into_inner();
        if connector.language != LANGUAGE {
            return Err(wrong(
                text,
                path,
                &at_connector,
                format!("the manifest is in language {}", connector.language),
                format!("this program reads manifest language {LANGUAGE}"),
            ));
        }
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml");
        if stem != connector.name {
            return Err(wrong(
                text,
                path,
                &at_connector,
                format!("the connector is named `{}`, its file `{stem}`", connector.name),
                "give both the same name",
            ));
        }
        if words.table.is_empty() {
            return Err(wrong(
                text,
                path,
                &at_connector,
                "the manifest fills no table",
                "add `[table.<name>]` with a canonical table, as [table.tickets]",
            ));
        }
        let manifest = Self {
            connector,
            settings: words.settings,
            sha256: hex(&Sha256::digest(text.as_bytes())),
            http: words.http,
            requests: words.request,
            sweeps: words.sweep,
            counts: words.count,
            tables: words.table,
            at_connector,
            path: path.to_owned(),
            text: text.to_owned(),
        };
        // A plan made with stand-in values proves every word of the manifest that does not come from a setting.
        let stand_ins = manifest
            .settings
            .iter()
            .map(|(name, setting)| {
                let value = match (&setting.default, setting.kind) {
                    (Some(default), _) => default.clone(),
                    (None, SettingKind::Zone) => "UTC".into(),
                    (None, SettingKind::Text) => name.clone(),
                    (None, SettingKind::Url) => "https://tool.example".into(),
                    (None, SettingKind::Secret) => "env:SECRET".into(),
                };
                (name.clone(), value)
            })
            .collect();
        manifest.plans(&stand_ins)?;
        manifest.asking(&stand_ins)?;
        Ok(manifest)
    }

    /// Returns the manifest's file, as messages call it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the manifest's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the canonical tables that it reads into.
    pub fn tables(&self) -> BTreeSet<Table> {
        let fills = |(name, words): (&Spanned<String>, &Spanned<TableWords>)| {
            words.as_ref().fills.or_else(|| Table::by_name(name.as_ref()))
        };
        self.tables.iter().filter_map(fills).collect()
    }

    /// Tells whether it asks a tool.
    pub fn asks(&self) -> bool {
        self.http.is_some()
    }

    fn wrong(&self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> ManifestError {
        wrong(&self.text, &self.path, span, message, hint)
    }
}

fn place(line: usize) -> String {
    if line == 0 { String::new() } else { format!(", line {line}") }
}

fn wrong(
    text: &str,
    path: &str,
    span: &Range<usize>,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> ManifestError {
    let before = text.get(..span.start).unwrap_or_default();
    ManifestError {
        path: crate::text::screen_str(path),
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        message: crate::text::screen_lines(&message.into()),
        hint: crate::text::screen_lines(&hint.into()),
    }
}

/// Finds in a message of the TOML reader the word that was wrong and the words that were expected.
fn hint(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let Some(unknown) = words.next().filter(|_| message.starts_with("unknown")) else {
        return "connectors/README.md has the whole language on one page".into();
    };
    nearest(unknown, words).map_or_else(
        || "connectors/README.md has the whole language on one page".into(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// Returns the listed word that is at most a third of its letters away.
fn nearest<'a>(unknown: &str, listed: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    listed
        .map(|word| (distance(unknown, word), word))
        .filter(|(apart, word)| *apart <= word.len().max(3).div_ceil(3))
        .min_by_key(|(apart, _)| *apart)
        .map(|(_, word)| word)
}

/// Counts the letters to insert, remove or replace between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// Writes bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
