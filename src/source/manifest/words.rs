//! The words of `[table.*]` as they stand in a manifest.
//!
//! Shapes of TOML only: what the words mean together is checked by the planner.

use super::plan::Unlisted;
use super::schema::TableName;
use crate::model::Table;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[table.<name>]`: its records come from files or from the answers to a request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TableWords {
    #[schemars(with = "Option<TableName>")]
    pub(super) fills: Option<Table>,
    #[serde(default)]
    pub(super) shape: Shape,
    #[schemars(with = "Option<FileWords>")]
    pub(super) file: Option<Spanned<FileWords>>,
    #[schemars(with = "Option<String>")]
    pub(super) request: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    pub(super) rows: Option<Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "Vec<OnlyWords>")]
    pub(super) only: Vec<Spanned<OnlyWords>>,
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, LookupWords>")]
    pub(super) lookup: BTreeMap<String, Spanned<LookupWords>>,
    #[serde(default)]
    pub(super) null: NullWords,
    #[schemars(with = "Option<CompleteWords>")]
    pub(super) complete: Option<Spanned<CompleteWords>>,
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, ColumnWords>")]
    pub(super) columns: BTreeMap<Spanned<String>, Spanned<ColumnWords>>,
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, ValueWords>")]
    pub(super) values: BTreeMap<Spanned<String>, ValueWords>,
    #[schemars(with = "Option<EventWords>")]
    pub(super) events: Option<Spanned<EventWords>>,
    #[schemars(with = "Option<String>")]
    pub(super) select: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    #[default]
    Rows,
    Events,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWords {
    #[serde(default)]
    pub(super) files: Vec<String>,
    #[serde(default = "comma")]
    #[schemars(with = "String")]
    pub(super) delimiter: Spanned<String>,
    #[serde(default = "double_quote")]
    #[schemars(with = "String")]
    pub(super) quote: Spanned<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "one encoding so far; the word is checked while it is read")]
    pub(super) encoding: Encoding,
    #[serde(default = "yes")]
    pub(super) header: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NullWords {
    pub(super) words: Vec<String>,
}

impl Default for NullWords {
    fn default() -> Self {
        Self { words: vec![String::new()] }
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompleteWords {
    pub(super) kind: CompleteKind,
    pub(super) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CompleteKind {
    WholeFile,
    Unknowable,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Rows of which the path holds one of the words, or none of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnlyWords {
    pub(super) from: String,
    pub(super) is: Option<Vec<String>>,
    pub(super) not: Option<Vec<String>>,
}

/// `[table.<name>.lookup.<name>]`: columns from the records of another request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupWords {
    #[schemars(with = "String")]
    pub(super) request: Spanned<String>,
    #[schemars(with = "Option<String>")]
    pub(super) rows: Option<Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "Vec<OnlyWords>")]
    pub(super) only: Vec<Spanned<OnlyWords>>,
    pub(super) key: OneOrMore,
    pub(super) on: OneOrMore,
    #[serde(default)]
    pub(super) take: Take,
    pub(super) order: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Take {
    #[default]
    First,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueWords {
    pub(super) map: BTreeMap<String, String>,
    pub(super) unlisted: Unlisted,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventWords {
    #[schemars(with = "String")]
    pub(super) key: Spanned<String>,
    #[schemars(with = "ColumnWords")]
    pub(super) at: Spanned<ColumnWords>,
    #[schemars(with = "Option<ColumnWords>")]
    pub(super) sequence: Option<Spanned<ColumnWords>>,
    #[schemars(with = "Vec<String>")]
    pub(super) track: Vec<Spanned<String>>,
}
