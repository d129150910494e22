//! Writes a document as a file: Markdown, one HTML page, CSV, JSON, plain text.
//!
//! Knows how each format escapes text. Must not compute a figure, ask for the time, or touch a file: it returns bytes,
//! and the same document gives the same bytes everywhere (rule R25).

mod csv;
mod evidence;
mod html;
mod json;
mod layout;
mod markdown;
mod page;
mod plain;
pub mod rows;
pub mod schema;
mod svg;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use crate::app::request::ExportFormat;
use crate::report::Document;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A section, series or table names something that the document does not hold.
    #[error(
        "the report names the {what} `{id}`, which its document does not hold; \
         `--format json` writes all that it holds without the page"
    )]
    Dangling {
        /// Figure, table or course.
        what: &'static str,
        /// What was named.
        id: String,
    },
    /// The document could not be written as JSON.
    #[error("the report could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The HTML template failed.
    #[error("the report could not be written as HTML: {0}")]
    Template(#[from] minijinja::Error),
}

/// Writes a document in a format; the bytes depend on nothing else.
pub fn write(document: &Document, format: ExportFormat) -> Result<Vec<u8>, ExportError> {
    let text = match format {
        ExportFormat::Json => json::write(document)?,
        ExportFormat::Csv => csv::write(document),
        ExportFormat::Md => markdown::write(&page::Page::of(document)?),
        ExportFormat::Html => html::write(document, page::Page::of(document)?)?,
        ExportFormat::Plain => plain::write(&page::Page::of(document)?),
    };
    Ok(text.into_bytes())
}
