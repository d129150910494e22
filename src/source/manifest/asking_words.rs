//! The words of `[http]`, `[request.*]`, `[sweep.*]` and `[count.*]` as they stand in a manifest.
//!
//! Shapes of TOML only: what the words mean together is checked by the planner.

use super::words::OneOrMore;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// An ordered pair of texts: a query may name a parameter twice.
pub(super) type Pair = (String, String);

/// `[http]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpWords {
    #[schemars(with = "String")]
    pub(super) base: Spanned<String>,
    #[schemars(with = "String")]
    pub(super) rate: Spanned<String>,
    #[serde(default)]
    #[schemars(with = "Vec<Pair>")]
    pub(super) headers: Vec<Spanned<Pair>>,
    #[serde(default)]
    #[schemars(with = "Vec<ErrorWords>")]
    pub(super) errors: Vec<Spanned<ErrorWords>>,
    #[serde(default)]
    #[schemars(with = "Vec<NoneWords>")]
    pub(super) none: Vec<Spanned<NoneWords>>,
    #[serde(default)]
    #[schemars(with = "Vec<ErrorWords>")]
    pub(super) incomplete: Vec<Spanned<ErrorWords>>,
    #[schemars(with = "Option<CheckWords>")]
    pub(super) check: Option<Spanned<CheckWords>>,
    #[schemars(with = "Option<AuthWords>")]
    pub(super) auth: Option<Spanned<AuthWords>>,
}

/// An answer with status 200 that is an error.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorWords {
    pub(super) at: String,
    #[serde(default)]
    pub(super) unless: Vec<String>,
    pub(super) message: Option<String>,
}

/// An error status that means that there are no rows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoneWords {
    pub(super) status: u16,
    pub(super) at: Option<String>,
    pub(super) is: Option<String>,
    pub(super) request: Option<String>,
}

/// `[http.check]`: a request that must succeed before all others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckWords {
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: Vec<Pair>,
}

/// `[http.auth]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum AuthWords {
    None,
    Basic {
        user: String,
        password: String,
    },
    Bearer {
        token: String,
    },
    Header {
        name: String,
        value: String,
    },
    Query {
        name: String,
        value: String,
    },
    #[serde(rename = "oauth2_client_credentials")]
    Oauth2ClientCredentials {
        token_path: String,
        client_id: String,
        client_secret: String,
        scope: Option<String>,
    },
    Login {
        path: String,
        #[serde(default = "post")]
        method: MethodWord,
        #[serde(default)]
        headers: Vec<Pair>,
        #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
        body: Option<toml::Table>,
        form: Option<Vec<Pair>>,
        token: Option<String>,
        cookie: Option<String>,
        logout: Option<LogoutWords>,
    },
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogoutWords {
    pub(super) path: String,
    #[serde(default)]
    pub(super) method: MethodWord,
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub(super) body: Option<toml::Table>,
}

const fn post() -> MethodWord {
    MethodWord::Post
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum MethodWord {
    #[default]
    Get,
    Post,
}

/// `[request.<name>]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestWords {
    #[serde(default)]
    pub(super) method: MethodWord,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: Vec<Pair>,
    #[serde(default)]
    pub(super) headers: Vec<Pair>,
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub(super) body: Option<toml::Table>,
    pub(super) body_text: Option<String>,
    pub(super) form: Option<Vec<Pair>>,
    pub(super) when: Option<String>,
    #[serde(default)]
    pub(super) decode: DecodeWord,
    pub(super) rows: Option<String>,
    pub(super) names: Option<String>,
    #[serde(default)]
    pub(super) may_lack_rows: bool,
    pub(super) key: Option<OneOrMore>,
    #[serde(default)]
    pub(super) order: Vec<String>,
    pub(super) ordered: Option<String>,
    pub(super) each: Option<EachWords>,
    pub(super) window: Option<WindowWords>,
    pub(super) paging: Option<PagingWords>,
    pub(super) complete: Option<AnswerCompleteWords>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecodeWord {
    #[default]
    Json,
    Ndjson,
    Csv,
    Parquet,
    Metrics,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EachWords {
    pub(super) request: String,
    pub(super) rows: Option<String>,
    pub(super) value: Option<String>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    #[serde(default = "one")]
    pub(super) slice: usize,
    pub(super) at_most: usize,
}

const fn one() -> usize {
    1
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowWords {
    pub(super) kind: WindowKind,
    #[serde(default = "rfc3339")]
    pub(super) format: String,
    #[serde(default = "utc")]
    pub(super) zone: String,
    pub(super) step: Option<String>,
    pub(super) align: Option<String>,
    #[serde(default = "ten_minutes")]
    pub(super) overlap: String,
    pub(super) settle: Option<String>,
}

fn ten_minutes() -> String {
    "10m".into()
}

/// What the time filter of a request is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// The time of a record's last change.
    Changed,
    /// The time when things happened.
    Span,
    /// None: the tool answers with the present only, and what it said before stays.
    Present,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PagingWords {
    None,
    Page {
        rows: u64,
        #[serde(default = "first_page")]
        first: u64,
        last: Option<LastWords>,
        stop: Option<StopWord>,
    },
    Offset {
        rows: u64,
        last: Option<LastWords>,
        stop: Option<StopWord>,
    },
    Cursor {
        rows: Option<u64>,
        from: Option<String>,
        last_row: Option<String>,
        #[serde(default)]
        plus_one: bool,
        last: Option<LastWords>,
    },
    NextLink {
        rows: Option<u64>,
        from: Option<String>,
        header: Option<String>,
        #[serde(default)]
        stable: bool,
        last: Option<LastWords>,
    },
    Window {
        rows: u64,
        stamp: String,
        #[serde(default = "rfc3339")]
        stamp_format: String,
        #[serde(default = "offset")]
        stamp_zone: String,
    },
}

const fn first_page() -> u64 {
    1
}

fn rfc3339() -> String {
    "rfc3339".into()
}

fn utc() -> String {
    "UTC".into()
}

fn offset() -> String {
    "offset".into()
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LastWords {
    pub(super) at: String,
    pub(super) is: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StopWord {
    ShortPage,
    EmptyPage,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum AnswerCompleteWords {
    Total { at: Option<String>, header: Option<String> },
    LastPage,
    WholeAnswer { at_most: Option<u64> },
    Unknowable { reason: String },
}

/// `[sweep.<table>]`: finds rows that the tool has no longer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SweepWords {
    pub(super) request: String,
    pub(super) rows: Option<String>,
    pub(super) key: String,
    pub(super) every: String,
}

/// `[count.<table>]`: how many rows the tool has, month by month.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CountWords {
    pub(super) request: String,
    pub(super) column: String,
}
