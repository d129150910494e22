//! The report as a reader's page, before any format: what is said, in which order.
//!
//! Markdown, HTML and plain text print this one page, so that none of them says more or less than the others. All text
//! in it is screened; each format escapes it for itself.

use super::evidence::Evidence;
use super::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The title.
    pub title: String,
    /// Whether it is stamped SAMPLE DATA.
    pub sample: bool,
    /// Why it is stamped INCOMPLETE; `None` when it is complete.
    pub incomplete: Option<Vec<String>>,
    /// One line under the title: book, period, zone.
    pub subtitle: String,
    /// What the report is for, field by field.
    pub descriptor: Vec<(&'static str, String)>,
    /// How many targets are missed, at risk and met, and how many have no figure to judge.
    pub tally: Tally,
    /// What is not as agreed, misses before risks.
    pub misses: Vec<Miss>,
    /// Figures with a target that cannot be judged for want of data.
    pub unjudged: Vec<Miss>,
    /// The sections.
    pub sections: Vec<Part>,
    /// Agreed actions: text, owner, due.
    pub actions: Vec<[String; 3]>,
    /// Findings: severity, rows, text; the gravest first.
    pub findings: Vec<[String; 3]>,
    /// Evidence of every printed figure.
    pub evidence: Vec<Evidence>,
    /// What was pulled.
    pub receipts: Vec<Pull>,
    /// Marks that stand on this page, with their meaning.
    pub marks: Vec<[&'static str; 2]>,
    /// The name and version of the JSON form that holds the same figures.
    pub schema: &'static str,
}

/// Targets by verdict.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Not reached.
    pub missed: usize,
    /// Reached with little left.
    pub at_risk: usize,
    /// Reached.
    pub met: usize,
    /// Agreed, but without a figure.
    pub unjudged: usize,
}

/// A figure as it stands in a line or cell.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What the figure prints.
    pub display: String,
    /// Marks behind it.
    pub marks: String,
    /// Its status.
    pub status: words::Status,
    /// The target, as `≥ 99.90 %`.
    pub target: Option<String>,
    /// Why there is no value.
    pub reason: Option<String>,
    /// The number of its evidence.
    pub number: usize,
}

/// A figure that is not as agreed.
#[derive(Debug, Serialize)]
pub struct Miss {
    /// Measure and scope.
    pub name: String,
    /// Value, target and status.
    pub shown: Shown,
    /// By how much, or why it cannot be judged.
    pub distance: String,
}

/// A section.
#[derive(Debug, Serialize)]
pub struct Part {
    /// Its heading.
    pub title: String,
    /// Clause numbers with labels, in one line; empty when there are none.
    pub clauses: String,
    /// What stands in it.
    pub blocks: Vec<Piece>,
}

/// A block of a section.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Piece {
    /// A sentence.
    Sentence {
        /// The text.
        text: String,
    },
    /// Figures in rows and columns.
    Grid {
        /// What the rows are.
        rows_are: String,
        /// Column headings.
        columns: Vec<String>,
        /// Label and cells.
        rows: Vec<(String, Vec<Option<Shown>>)>,
    },
    /// Rows of a table.
    Table {
        /// The title.
        title: String,
        /// Column headings, and whether the column holds numbers.
        columns: Vec<(String, bool)>,
        /// Rows of text.
        rows: Vec<Vec<String>>,
    },
    /// The course of a figure.
    Course(Course),
}

/// The course of a figure as text; the chart is drawn by the format that can.
#[derive(Debug, Serialize)]
pub struct Course {
    /// Measure and scope.
    pub name: String,
    /// `Month` or `Day`.
    pub step: &'static str,
    /// Whether some point has a target.
    pub has_target: bool,
    /// Whether all of it fits in one row across a page.
    pub short: bool,
    /// Period, value or the word for its absence, target.
    pub points: Vec<[String; 3]>,
    /// What the control chart says of it, where there is one.
    pub control: Option<String>,
    /// The number of the figure's evidence.
    pub number: usize,
    /// Where the series stands in the document.
    #[serde(skip)]
    pub at: usize,
    /// A chart, where the format draws one.
    pub chart: Option<String>,
}

/// A receipt as text.
#[derive(Debug, Serialize)]
pub struct Pull {
    /// Its id.
    pub id: String,
    /// Source and connector.
    pub source: String,
    /// When.
    pub pulled_at: String,
    /// Records in the source = loaded + quarantined.
    pub records: String,
    /// Whether that was all, in words.
    pub completeness: String,
    /// Whether the pull is incomplete or the sum does not hold.
    pub doubtful: bool,
    /// Name, bytes, records, start of the SHA-256 of each file.
    pub files: Vec<[String; 4]>,
}
