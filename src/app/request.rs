//! What the console may ask of the program, and what comes back.
//!
//! The console knows these types and nothing behind them: no frames, no files, no sockets. Every request carries a
//! number; an answer to a question that is no longer asked is dropped by whoever asked. Answers come in any order:
//! documents, rows, SELECTs, exports and pulls are worked on beside each other.

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
    /// Load the book's rows. The first question; nothing else is answered before.
    Open,
    /// The report document of a period.
    Document {
        /// Which period.
        period: Period,
    },
    /// Rows of a table, of a count of its values, or of a SELECT.
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
    /// Write rows to a file, all that the question keeps, whatever its window. Never overwrites.
    ExportRows {
        /// Which rows; its window is ignored.
        rows: RowsQuery,
        /// Only rows with these numbers; empty writes all.
        marked: Vec<u32>,
        /// Which format.
        format: RowsFormat,
    },
    /// The tables that a SELECT may name, with their columns, for completion.
    Tables {
        /// The period whose measured columns there are.
        period: Period,
    },
    /// Pull sources and load the book anew.
    Pull {
        /// Sources by id; all where none is named.
        sources: Vec<String>,
    },
    /// Stop working on a question. It is answered all the same: with what was done, or by saying that it was stopped.
    Cancel(u64),
    /// Keep a SELECT that was run, for the next time the console is opened. Answered only where that fails, and only once
    /// until the console is left.
    Remember {
        /// The text.
        sql: String,
    },
    /// Keep a SELECT under a name.
    SaveQuery {
        /// Its name.
        name: String,
        /// The text.
        sql: String,
    },
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum RowsSource {
    /// A measured table, or what a condition keeps of it.
    Table {
        /// `tickets`, `outages`, `readings` …
        table: String,
        /// A condition as in [`crate::model::figure::Rows::filter`]; empty keeps all.
        filter: String,
    },
    /// One SELECT over the tables of the book. Only what [`LIMIT_OF_SQL`] allows is kept of its answer.
    Sql {
        /// The text.
        text: String,
    },
    /// How often each value of a column occurs in other rows: value, rows, share; the most frequent first.
    Frequency {
        /// The rows.
        of: Box<RowsSource>,
        /// What is kept of them.
        chips: Vec<Chip>,
        /// The search that was typed there.
        search: String,
        /// The column.
        column: String,
    },
    /// The most frequent values of every column that has few: column, value, rows, share. Where the rows are kept out of
    /// more, a column with one value is among them.
    Profile {
        /// The rows.
        of: Box<RowsSource>,
        /// What is kept of them.
        chips: Vec<Chip>,
        /// The search that was typed there.
        search: String,
    },
}

/// Most rows of a SELECT that are kept; one more is computed to tell whether there were more.
pub const LIMIT_OF_SQL: usize = 100_000;

/// A filter that was not typed: by a value of a column, or by what is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Chip {
    /// Rows with this value in a column; `Cell::Empty` is no value.
    Like {
        /// The column.
        column: String,
        /// The value.
        value: Cell,
    },
    /// Rows in which a promise is missed: a clock that is late, stopped or not.
    Wrong,
    /// Tickets of which this clock, `response` or `resolution`, is late, stopped or not.
    Late(&'static str),
}

impl Request {
    /// Returns the kind of question in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Document { .. } => "document",
            Self::Rows(_) => "rows",
            Self::Ticket { .. } => "ticket",
            Self::Export { .. } => "export",
            Self::Open => "open",
            Self::ExportRows { .. } => "export rows",
            Self::Tables { .. } => "tables",
            Self::Pull { .. } => "pull",
            Self::Cancel(_) => "cancel",
            Self::Remember { .. } => "remember",
            Self::SaveQuery { .. } => "save query",
        }
    }
}

/// Which rows, in which order, and which window of them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsQuery {
    /// The period whose measured columns the filter may name.
    pub period: Period,
    /// Where they come from.
    pub from: RowsSource,
    /// Filters, all of which hold.
    pub chips: Vec<Chip>,
    /// A search: `text`, `column:text`, `column=text`, `column>8h`, `column<5`, each turned round by a leading `!`.
    /// Without a column it looks in every column of text, ignoring case. Empty keeps all.
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
    /// The number of each row of the window in its source, whatever the order; what marks are kept by.
    pub numbers: Vec<u32>,
    /// First row of the window.
    pub offset: usize,
    /// Rows that the filter and the search keep.
    pub total: usize,
    /// Rows that the filter alone keeps.
    pub unsearched: usize,
    /// Whether there were more rows than are kept of a SELECT.
    pub cut: bool,
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

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsFormat {
    /// For a spreadsheet.
    Csv,
    /// For scripts.
    Json,
}

/// A table that a SELECT may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableWords {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: usize,
    /// The names of its columns.
    pub columns: Vec<String>,
}

/// How far a question is that takes long.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is being done: `tickets of desk`.
    pub doing: String,
    /// What has come so far, in words: `12,000 records, 24 pages`.
    pub done: String,
    /// What is waited for: `page 25 of https://desk.example`.
    pub waiting: String,
}

/// What the book says of itself once it is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Opened {
    /// What the reader must know, one line each.
    pub notices: Vec<String>,
    /// The sources that can be pulled, by id.
    pub sources: Vec<String>,
    /// SELECTs that were run before, the newest last.
    pub history: Vec<String>,
    /// SELECTs with names, of the preferences and those that were saved.
    pub queries: Vec<(String, String)>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The book is loaded, for the first time or anew.
    Opened(Opened),
    /// Still working; an answer to the same question follows.
    Progress(Progress),
    /// The tables of a SELECT.
    Tables(Vec<TableWords>),
    /// Sources were pulled: a line each, and the book loaded anew.
    Pulled {
        /// What came of each source.
        said: Vec<String>,
        /// Whether any of them failed.
        failed: bool,
        /// The book as it is now.
        opened: Opened,
    },
    /// A SELECT was kept under its name.
    Saved,
    /// SELECTs that are run cannot be remembered. Belongs to no question.
    NotRemembered {
        /// Why: one line that can be shown.
        message: String,
    },
    /// It was stopped because someone asked for that.
    Cancelled,
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
        /// Whether it holds only what the first rows of a SELECT gave, of [`LIMIT_OF_SQL`], because there were more.
        cut: bool,
    },
    /// It did not work: what, where and what to do.
    Failed {
        /// One line that can be shown.
        message: String,
    },
}
