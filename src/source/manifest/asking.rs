//! What is asked of a tool: a manifest's `[http]` and `[request.*]` with every setting but the secrets filled in.
//!
//! Plain values. Must not open sockets.

use super::asking_words::WindowKind;
use super::template::Template;
use crate::model::Table;
use crate::source::decode::{FieldPath, FieldPlan, Format, RowPath};
use crate::source::http::{Method, Rate};
use crate::source::instant::InstantReader;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What is asked of a tool.
#[derive(Clone, Debug)]
pub struct AskingPlan {
    /// Where the tool is.
    pub base: Url,
    /// How often it may be asked.
    pub rate: Rate,
    /// Sent with every request.
    pub headers: Vec<(String, Template)>,
    /// Answers that are errors though their status is 200.
    pub errors: Vec<ErrorRule>,
    /// Error statuses that mean no rows.
    pub none: Vec<NoneRule>,
    /// Members of a good answer that say that something is missing in it.
    pub incomplete: Vec<ErrorRule>,
    /// A request that must succeed before all others.
    pub check: Option<AskPlan>,
    /// Who asks.
    pub auth: Auth,
    /// The requests, each behind those that it follows.
    pub requests: Vec<RequestPlan>,
    /// How deleted rows are found, by canonical table.
    pub sweeps: Vec<SweepPlan>,
    /// How many rows there are at the tool.
    pub counts: Vec<CountPlan>,
    /// The settings that are secrets and are used.
    pub secrets: BTreeSet<String>,
}

/// An answer that is an error though its status is 200.
#[derive(Clone, Debug)]
pub struct ErrorRule {
    /// The member that tells.
    pub at: FieldPath,
    /// Values that mean that all is well.
    pub unless: Vec<String>,
    /// The member that holds the message.
    pub message: Option<FieldPath>,
}

/// An error status that means no rows.
#[derive(Clone, Debug)]
pub struct NoneRule {
    /// The status.
    pub status: u16,
    /// The member that tells, and what it holds then.
    pub at: Option<(FieldPath, String)>,
    /// The one request that it is about.
    pub request: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Nobody in particular.
    None,
    /// User and password.
    Basic(Template, Template),
    /// A token in `Authorization: Bearer`.
    Bearer(Template),
    /// A header.
    Header(String, Template),
    /// A pair of the query.
    Query(String, Template),
    /// A request that gives a token.
    Login(Box<LoginPlan>),
}

/// A request that gives a token or a cookie.
#[derive(Clone, Debug)]
pub struct LoginPlan {
    /// The request.
    pub ask: AskPlan,
    /// Where the token stands in the answer.
    pub token: Option<FieldPath>,
    /// The cookie whose value is the token.
    pub cookie: Option<String>,
    /// Whether the token is sent as `Authorization: Bearer`.
    pub bearer: bool,
    /// What ends the session.
    pub logout: Option<AskPlan>,
}

/// One request to compose.
#[derive(Clone, Debug)]
pub struct AskPlan {
    /// GET or POST; both only read.
    pub method: Method,
    /// Behind the base.
    pub path: Template,
    /// In order; a name may come twice.
    pub query: Vec<(String, Template)>,
    /// Beside those of every request.
    pub headers: Vec<(String, Template)>,
    /// What is sent.
    pub content: Content,
}

/// What a request sends.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing.
    None,
    /// JSON.
    Json(JsonTemplate),
    /// Pairs, in order.
    Form(Vec<(String, Template)>),
    /// Plain text.
    Text(Template),
}

/// JSON with places.
#[derive(Clone, Debug)]
pub enum JsonTemplate {
    /// Members, in order.
    Object(Vec<(String, JsonTemplate)>),
    /// Elements.
    List(Vec<JsonTemplate>),
    /// A text with places.
    Text(Template),
    /// Anything else.
    Plain(serde_json::Value),
}

/// A named request with everything that makes a list of records of it.
#[derive(Clone, Debug)]
pub struct RequestPlan {
    /// Its name in the manifest.
    pub name: String,
    /// The request.
    pub ask: AskPlan,
    /// How its answers are read.
    pub format: Format,
    /// The records of an answer.
    pub rows: RowPath,
    /// Where records are lists, the path of the names of their elements.
    pub names: Option<RowPath>,
    /// Whether an answer without them has no records.
    pub may_lack_rows: bool,
    /// What identifies a record.
    pub key: Option<FieldPlan>,
    /// By what the tool sorts, in words.
    pub order: String,
    /// For which values of another request's records it is made.
    pub each: Option<EachPlan>,
    /// Time slices.
    pub window: Option<WindowPlan>,
    /// How one page leads to the next.
    pub paging: Paging,
    /// How it is known that nothing is missing.
    pub complete: AnswerComplete,
}

/// For which values a request is made.
#[derive(Clone, Debug)]
pub struct EachPlan {
    /// The request whose records hold the values.
    pub request: String,
    /// Those records.
    pub rows: RowPath,
    /// The value, or the parts of it by name.
    pub values: Vec<(String, FieldPath)>,
    /// How many values go into one request.
    pub slice: usize,
    /// For more values it is not made: the pull says so.
    pub at_most: usize,
}

/// Time slices of a request.
#[derive(Clone, Debug)]
pub struct WindowPlan {
    /// What the filter is on.
    pub kind: WindowKind,
    /// How times are written.
    pub format: StampFormat,
    /// Length of a slice, in seconds.
    pub step: Option<i64>,
    /// Bounds are whole multiples of so many seconds of local time.
    pub align: Option<i64>,
    /// The zone of whole days.
    pub zone: Tz,
    /// What is asked again, in seconds.
    pub overlap: i64,
    /// By how much the tool's own index may be late, in seconds.
    pub settle: i64,
}

/// How a time is written into a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StampFormat {
    /// `2026-09-01T00:00:00Z`.
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// A chrono format in a zone.
    Local(String, Tz),
}

/// How one page leads to the next.
#[derive(Clone, Debug)]
pub enum Paging {
    /// There is one page.
    None,
    /// Numbered pages. A record that leaves the list moves all behind it up, and one slips from a page not yet read to
    /// one already read, unseen: a list of several pages counts once a second reading has all records of the first in
    /// the same order.
    Page {
        /// Records in a page.
        rows: u64,
        /// The number of the first.
        first: u64,
        /// What ends them.
        end: End,
    },
    /// Records passed over. A page begins with the last record of the page before, which proves that nothing moved.
    Offset {
        /// Records in a page.
        rows: u64,
        /// What ends them.
        end: End,
    },
    /// A cursor of the answer: it leads behind the last record, whatever leaves the list before that.
    Cursor {
        /// Records in a page.
        rows: Option<u64>,
        /// The cursor.
        at: FieldPath,
        /// What tells the last page, beside a missing cursor.
        last: Option<LastRule>,
    },
    /// A cursor out of the last record; no two records may share one.
    LastRow {
        /// Records in a page.
        rows: Option<u64>,
        /// The member of the last record.
        at: FieldPath,
        /// Whether one is added to it.
        plus_one: bool,
    },
    /// A link to the next page, read as numbered pages are unless it is stable.
    Link {
        /// Records in a page.
        rows: Option<u64>,
        /// The link.
        at: LinkPlace,
        /// Whether it leads behind the last record, whatever leaves the list before that.
        stable: bool,
        /// What tells the last page, beside a missing link.
        last: Option<LastRule>,
    },
    /// The time of the last record, and how it is written.
    Window {
        /// Records in a page.
        rows: u64,
        /// The time of a record's last change.
        stamp: FieldPath,
        /// How it is written.
        reader: InstantReader,
    },
}

/// Where the link to the next page stands.
#[derive(Clone, Debug)]
pub enum LinkPlace {
    /// In the answer.
    Body(FieldPath),
    /// In a header, as `rel="next"`.
    Header(String),
}

/// What ends numbered pages, beside the total.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// The member that tells the last page.
    pub last: Option<LastRule>,
    /// Whether a page with fewer records than asked for is the last.
    pub short_page: bool,
}

/// The member that tells the last page.
#[derive(Clone, Debug)]
pub struct LastRule {
    /// The member.
    pub at: FieldPath,
    /// What it holds in the last page.
    pub is: String,
}

/// How it is known that nothing is missing.
#[derive(Clone, Debug)]
pub enum AnswerComplete {
    /// The tool tells how many there are.
    Total(TotalPlace),
    /// The tool tells the last page.
    LastPage,
    /// One answer holds all; so many records mean that it was cut.
    WholeAnswer {
        /// As many as the tool gives at most.
        at_most: Option<u64>,
    },
    /// The tool cannot tell.
    Unknowable {
        /// Why not.
        reason: String,
    },
}

/// Where a total stands.
#[derive(Clone, Debug)]
pub enum TotalPlace {
    /// In the answer.
    Body(FieldPath),
    /// In a header.
    Header(String),
}

/// How deleted rows of a table are found.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    /// The table.
    pub table: Table,
    /// The request that lists all keys.
    pub request: String,
    /// Its records.
    pub rows: RowPath,
    /// The key.
    pub key: FieldPath,
    /// How often, in seconds.
    pub every: i64,
}

/// How many rows of a table the tool has, month by month.
#[derive(Clone, Debug)]
pub struct CountPlan {
    /// The table.
    pub table: Table,
    /// The request, made once a month.
    pub request: String,
    /// The instant column by which rows belong to a month.
    pub column: String,
}

/// How the rows of a table are found in answers.
#[derive(Clone, Debug)]
pub struct AnswersPlan {
    /// The request.
    pub request: String,
    /// The table's records in an answer.
    pub rows: RowPath,
    /// Which of them are the table's.
    pub only: Vec<OnlyRule>,
    /// What each column takes, in the order of the table's columns that have a field.
    pub fields: Vec<FieldSource>,
    /// The lookups that columns name.
    pub lookups: BTreeMap<String, LookupPlan>,
}

/// Where the text of a column stands.
#[derive(Clone, Debug)]
pub struct FieldSource {
    /// The column.
    pub column: &'static str,
    /// The lookup, where it is not in the row itself.
    pub lookup: Option<String>,
    /// The first of these that is there, or all of them where they are added up.
    pub first_of: Vec<FieldPlan>,
    /// Whether the numbers are added up.
    pub sum: bool,
    /// The word where there is none.
    pub otherwise: String,
    /// Whether it may be in no record at all.
    pub optional: bool,
}

/// Columns from the records of another request.
#[derive(Clone, Debug)]
pub struct LookupPlan {
    /// The request.
    pub request: String,
    /// Its records.
    pub rows: RowPath,
    /// Which of them count.
    pub only: Vec<OnlyRule>,
    /// What identifies them.
    pub key: FieldPlan,
    /// What the row looks up.
    pub on: FieldPlan,
    /// Whether the last of several counts.
    pub last: bool,
    /// By what first and last are meant.
    pub order: Option<FieldPath>,
}

/// Rows of which the path holds one of the words, or none of them.
#[derive(Clone, Debug)]
pub struct OnlyRule {
    /// The path.
    pub at: FieldPath,
    /// The words.
    pub words: Vec<String>,
    /// Whether the words are those that do not count.
    pub not: bool,
}
