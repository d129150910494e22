//! The words of `[table.*]` as they stand in a manifest.
//!
//! Shapes of TOML only: what the words mean together is checked by the planner.

use super::plan::Unlisted;
use crate::model::Table;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[table.<name>]`: its records come from files or from the answers to a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableWords {
    pub(super) fills: Option<Table>,
    #[serde(default)]
    pub(super) shape: Shape,
    pub(super) file: Option<Spanned<FileWords>>,
    pub(super) request: Option<Spanned<String>>,
    pub(super) rows: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) only: Vec<Spanned<OnlyWords>>,
    #[serde(default)]
    pub(super) lookup: BTreeMap<String, Spanned<LookupWords>>,
    #[serde(default)]
    pub(super) null: NullWords,
    pub(super) complete: Option<Spanned<CompleteWords>>,
    #[serde(default)]
    pub(super) columns: BTreeMap<Spanned<String>, Spanned<ColumnWords>>,
    #[serde(default)]
    pub(super) values: BTreeMap<Spanned<String>, ValueWords>,
    pub(super) events: Option<Spanned<EventWords>>,
    pub(super) select: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    #[default]
    Rows,
    Events,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWords {
    #[serde(default)]
    pub(super) files: Vec<String>,
    #[serde(default = "comma")]
    pub(super) delimiter: Spanned<String>,
    #[serde(default = "double_quote")]
    pub(super) quote: Spanned<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "one encoding so far; the word is checked while it is read")]
    pub(super) encoding: Encoding,
    #[serde(default = "yes")]
    pub(super) header: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
}

fn comma() -> Spanned<String> {
    Spanned::new(0..0, ",".into())
}

fn double_quote() -> Spanned<String> {
    Spanned::new(0..0, "\"".into())
}

const fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NullWords {
    pub(super) words: Vec<String>,
}

impl Default for NullWords {
    fn default() -> Self {
        Self { words: vec![String::new()] }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompleteWords {
    pub(super) kind: CompleteKind,
    pub(super) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CompleteKind {
    WholeFile,
    Unknowable,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnWords {
    pub(super) from: Option<OneOrMore>,
    pub(super) join: Option<Vec<String>>,
    pub(super) lookup: Option<String>,
    #[serde(rename = "const")]
    pub(super) constant: Option<String>,
    pub(super) plus: Option<String>,
    pub(super) sum: Option<Vec<String>>,
    #[serde(rename = "else")]
    pub(super) otherwise: Option<String>,
    pub(super) shift: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) format: Option<String>,
    pub(super) zone: Option<String>,
    #[serde(rename = "true")]
    pub(super) yes: Option<Vec<String>>,
    #[serde(rename = "false")]
    pub(super) no: Option<Vec<String>>,
    pub(super) unit: Option<DurationUnit>,
    #[serde(default)]
    pub(super) optional: bool,
}

/// One text, or several of which the first that is there counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Rows of which the path holds one of the words, or none of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnlyWords {
    pub(super) from: String,
    pub(super) is: Option<Vec<String>>,
    pub(super) not: Option<Vec<String>>,
}

/// `[table.<name>.lookup.<name>]`: columns from the records of another request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupWords {
    pub(super) request: Spanned<String>,
    pub(super) rows: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) only: Vec<Spanned<OnlyWords>>,
    pub(super) key: OneOrMore,
    pub(super) on: OneOrMore,
    #[serde(default)]
    pub(super) take: Take,
    pub(super) order: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Take {
    #[default]
    First,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum DurationUnit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "since_1970")]
    Since1970,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "m")]
    Minutes,
    #[serde(rename = "h")]
    Hours,
    #[serde(rename = "d")]
    Days,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueWords {
    pub(super) map: BTreeMap<String, String>,
    pub(super) unlisted: Unlisted,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventWords {
    pub(super) key: Spanned<String>,
    pub(super) at: Spanned<ColumnWords>,
    pub(super) sequence: Option<Spanned<ColumnWords>>,
    pub(super) track: Vec<Spanned<String>>,
}
