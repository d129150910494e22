//! Bytes of an answer to records: JSON, NDJSON, Parquet, metrics text and CSV, one page at a time.
//!
//! Pure: bytes in, records out. Knows row paths and field paths. Must not know sockets, files or canonical columns.
//!
//! A page is one answer of a tool. A row path says which of its values are rows, field paths say what of a row (or
//! around it) is wanted. What cannot be read as text refuses its row with a reason; only a page that is no document of
//! its format, or has no rows where they are looked for, is an error.

mod assembly;
mod delimited;
mod json;
mod metrics;
mod parquet;
mod path;
mod relay;
mod signals;
mod trie;
mod value;

#[cfg(test)]
mod tests;

pub use path::{FieldPath, PathError, RowPath, RowSegment};
pub use signals::{first_row, last_row, scalars};

use super::manifest::Dialect;
use super::split::Record;
use assembly::Assembly;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document.
    Json,
    /// One JSON document a line, each of them a row.
    Ndjson,
    /// The text in which Prometheus and its exporters show samples: rows with `/name`, `/labels/x`, `/value` and
    /// `/timestamp`.
    Metrics,
    /// Delimited text; rows with the names of the header, `/Opened at`, or without header `/1`, `/2`.
    Csv(Dialect),
    /// A Parquet file; rows with the names of its columns. Instants are written in RFC 3339, in UTC with milliseconds;
    /// stamps that the file keeps without a zone come without one.
    Parquet,
}

/// What a column is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldPlan {
    /// The text at one path.
    Path(FieldPath),
    /// The texts at several paths, joined with `:`; nothing if one of them is missing.
    Join(Vec<FieldPath>),
}

impl FieldPlan {
    fn paths(&self) -> &[FieldPath] {
        match self {
            Self::Path(path) => std::slice::from_ref(path),
            Self::Join(paths) => paths,
        }
    }
}

/// What is wanted of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsPlan {
    /// Which values are rows. Only JSON documents have such a path; elsewhere it is empty.
    pub rows: RowPath,
    /// The fields of a record, in this order.
    pub fields: Vec<FieldPlan>,
    /// Rows count as this table's where each of these paths holds one of its words.
    pub only: Vec<(FieldPath, Vec<String>)>,
}

impl RowsPlan {
    /// Checks that no path climbs further than the row path has `*`, and that what a format has not is not asked for.
    /// The error says which path and what to write.
    pub fn check(&self, format: Format) -> Result<(), String> {
        if format != Format::Json && !self.rows.is_empty() {
            return Err(format!("the row path `{}` is for JSON documents; here each record is a row", self.rows));
        }
        let paths = self.fields.iter().flat_map(FieldPlan::paths).chain(self.only.iter().map(|(path, _)| path));
        for path in paths {
            path.check(self.rows.stars(), matches!(format, Format::Json | Format::Ndjson))?;
        }
        Ok(())
    }
}

/// What a page was asked for; `@each`, `@from`, `@to` and `@at` in field paths.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageFacts<'a> {
    /// The one of several things that the page is about.
    pub each: Option<&'a str>,
    /// The start of the time it was asked for.
    pub from: Option<&'a str>,
    /// The end of that time.
    pub to: Option<&'a str>,
    /// When it was answered.
    pub at: Option<&'a str>,
}

/// What came of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows that were handed on, refused ones among them.
    pub rows: u64,
    /// Rows that are not this table's by [`RowsPlan::only`].
    pub other: u64,
    /// For each field, in how many rows that were not refused it was there and not null. A text may still be empty.
    pub present: Vec<u64>,
}

/// Why a page cannot be used. Nothing of it may be: rows handed on before the error are not all there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The plan asks for what the format has not.
    #[error("{0}")]
    Plan(String),
    /// Bytes that are no text.
    #[error("the answer is not UTF-8 text: byte {offset}, line {line}")]
    NotUtf8 {
        /// The first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// Text that is no JSON, or stops before its end.
    #[error("the answer is no JSON: {message} (line {line}, byte {column} of it)")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// There is nothing where rows are looked for.
    #[error("the answer has no `{segment}` in `{inside}` (rows are looked for at `{rows}`); there stands: {found}")]
    NoRows {
        /// The whole row path.
        rows: String,
        /// Its segment that is missing.
        segment: String,
        /// The path of what should have it.
        inside: String,
        /// The beginning of what stands there, safe to show.
        found: String,
    },
    /// Something else than a list or an object stands where rows are looked for.
    #[error("`{at}` is no list of rows (rows are looked for at `{rows}`); there stands: {found}")]
    OtherKind {
        /// The whole row path.
        rows: String,
        /// Where.
        at: String,
        /// The beginning of what stands there, safe to show.
        found: String,
    },
    /// A member on the way to the rows comes twice.
    #[error("the answer has two members `{at}`: nobody can tell which holds the rows")]
    Twice {
        /// The path of the member.
        at: String,
    },
    /// A value that steers the reading of pages cannot be read as text.
    #[error("{0}")]
    Value(String),
    /// Delimited text without even a header.
    #[error("the answer is empty: it has no header\nhint: an export without rows still has its header")]
    NoHeader,
    /// A header names a wanted column twice.
    #[error("two columns are named `{name}`: nobody can tell which is meant")]
    ColumnTwice {
        /// The name.
        name: String,
    },
    /// A Parquet file that cannot be read.
    #[error("the answer cannot be read as Parquet: {0}")]
    Parquet(String),
}

/// Hands on the rows of a page in their order, as records with the plan's fields; `Err` beside a record says why it is
/// refused. A field that is missing or null is empty. A refused record has the row's own text (at most 16 KB) and no
/// fields, or where the page is CSV the fields as they were split. `Record::line` is the number of the row in the page
/// from 1, in formats of lines the line.
///
/// Values become text as the document writes them: numbers digit by digit, strings unescaped, `true` and `false`. A
/// list of such values is joined with `, `. A row is refused for a list or an object in place of text, for NUL and
/// half characters (lone surrogates), for two members of one name that a field reads, and where it is nested more than
/// 64 levels deep. Members that no field reads are only passed over.
pub fn rows(
    format: Format,
    page: &[u8],
    plan: &RowsPlan,
    facts: &PageFacts<'_>,
    take: &mut dyn FnMut(Record<'_>, Result<(), String>),
) -> Result<Taken, DecodeError> {
    plan.check(format).map_err(DecodeError::Plan)?;
    let page = page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page);
    let mut assembly = Assembly::new(plan, facts);
    relay::between(page.len(), take, |sink| match format {
        Format::Json => json::document(page, plan, &mut assembly, sink),
        Format::Ndjson => {
            json::lines(page, plan, &mut assembly, sink);
            Ok(())
        }
        Format::Metrics => {
            metrics::samples(page, &mut assembly, sink);
            Ok(())
        }
        Format::Csv(dialect) => delimited::records(page, dialect, &mut assembly, sink),
        Format::Parquet => parquet::rows(page, &mut assembly, sink),
    })?;
    Ok(assembly.taken())
}
