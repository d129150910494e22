//! What the console may ask of the program, and what comes back.
//!
//! The console knows these types and nothing behind them: no frames, no files, no sockets. Every request carries a
//! ticket number; an answer to a question that is no longer asked is dropped by whoever asked.

mod ticket;

pub use ticket::{
    ClockState, LinkedTicket, Stretch, TicketClock, TicketCourse, TicketDetail, TicketLink, TicketOutage,
};

use crate::model::{Period, Raw};
use crate::report::document::{Cell, Document};
use std::path::PathBuf;
use std::sync::Arc;

/// A question from the console or a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// The report document of a period.
    Document {
        /// Which period.
        period: Period,
    },
    /// Rows of a measured table.
    Rows(RowsQuery),
    /// One ticket with its history.
    Ticket {
        /// The period whose measured columns are shown.
        period: Period,
        /// The source's id.
        source: Raw,
        /// The tool's key.
        key: Raw,
    },
    /// Write the document of a period to a file. Never overwrites.
    Export {
        /// Which period.
        period: Period,
        /// Which format.
        format: ExportFormat,
        /// Services to keep; empty keeps all.
        services: Vec<String>,
        /// Where to; `None` makes a name in the working folder.
        to: Option<PathBuf>,
    },
}

/// Which rows, in which order, and which window of them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsQuery {
    /// The period whose measured columns the filter may name.
    pub period: Period,
    /// A measured table: `tickets`, `outages`, `readings` …
    pub table: String,
    /// A condition as in [`crate::model::figure::Rows::filter`]; empty keeps all.
    pub filter: String,
    /// Keeps rows in which some text column holds this, ignoring case; `column:text` looks in one column,
    /// a leading `!` turns it round. Empty keeps all.
    pub search: String,
    /// Sort by a column, descending if true; `None` is the table's own order.
    pub sort: Option<(String, bool)>,
    /// First row of the window.
    pub offset: usize,
    /// Rows in the window.
    pub limit: usize,
}

/// A window of rows with the exact total.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RowsPage {
    /// The table.
    pub table: String,
    /// Column names, the identifying one first.
    pub columns: Vec<RowColumn>,
    /// The rows of the window.
    pub rows: Vec<Vec<Cell>>,
    /// First row of the window.
    pub offset: usize,
    /// Rows that the filter and the search keep.
    pub total: usize,
    /// Rows that the filter alone keeps.
    pub unsearched: usize,
}

/// A column of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    /// Whether values read best at the right edge.
    pub right: bool,
}

/// A format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// Markdown.
    Md,
    /// One HTML page without scripts.
    Html,
    /// One row a figure.
    Csv,
    /// The whole document; `servicebook schema report` describes it.
    Json,
    /// Linear text for screen readers and mail.
    Plain,
}

impl ExportFormat {
    /// Returns the ending of a file name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Plain => "txt",
        }
    }
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A document.
    Document(Arc<Document>),
    /// Rows.
    Rows(RowsPage),
    /// A ticket.
    Ticket(TicketDetail),
    /// A file was written.
    Exported {
        /// Where.
        path: PathBuf,
    },
    /// It did not work: what, where and what to do.
    Failed {
        /// One line that can be shown.
        message: String,
    },
}
