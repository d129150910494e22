//! A book with its rows loaded and prepared: what every question is answered from.

use super::book::Book;
use super::kept::Kept;
use super::pull::{self, keep};
use super::rows::KeptRows;
use crate::export::{self, ExportError};
use crate::measure::{MeasureError, Prepared};
use crate::model::period::rfc3339;
use crate::model::pulled::Pulled;
use crate::model::receipt::Receipt;
use crate::model::{Dataset, Finding, Period, Severity, Table};
use crate::report::build::{Order, build, incomplete_because};
use crate::report::document::{BookMark, Descriptor, Document};
use crate::source::{self, SourceError};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Documents kept for going back and forth between months.
const KEPT_DOCUMENTS: usize = 16;
/// Periods whose measured tables are kept, for going back and forth and comparing.
const KEPT_PERIODS: usize = 3;
/// Measured tables that are kept of a period: all that there are.
const KEPT_TABLES: usize = 64;

/// Why a question cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Figures cannot be computed.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A page cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A filter or query is refused.
    #[error(transparent)]
    Query(#[from] crate::query::QueryError),
    /// A frame does not have the shape it must have.
    #[error("the rows do not have the shape they must have: {0}")]
    Frame(#[from] polars::prelude::PolarsError),
    /// Something asked for is not there.
    #[error("{message}\nhint: {hint}")]
    Unknown {
        /// What is not there.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The demo book refuses.
    #[error("the demo book is read-only\nhint: `servicebook init DIR` makes a book of your own")]
    Demo,
    /// A file is there already, and nothing is overwritten.
    #[error("{path} is there already, and nothing is overwritten\nhint: name another file, or move that one away")]
    Occupied {
        /// The file.
        path: String,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {error}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
}

/// A book with its rows.
#[derive(Debug)]
pub struct Session {
    book: Book,
    prepared: Prepared,
    as_of: Option<DateTime<Utc>>,
    notices: Vec<String>,
    reservations: Vec<String>,
    documents: Kept<String, Arc<Document>>,
    frames: Kept<String, Arc<Kept<String, DataFrame>>>,
    pub(super) rows: KeptRows,
}

/// How a session is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// `--as-of`.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether an empty store may be filled from files.
    pub may_pull: bool,
}

impl Session {
    /// Loads the book's rows. Where the store is empty, file sources are pulled first.
    pub fn open(book: Book, opening: Opening) -> Result<Self, SessionError> {
        let store = Store::open(&book.store_path());
        let configured = |id: &str| book.config.sources.iter().any(|source| source.id == id);
        let mut loaded = store.load_sources(configured)?;
        let (mut notices, mut not_kept) = (Vec::new(), Vec::new());
        let may_fill = loaded.is_none() && opening.may_pull;
        let of_files = if may_fill { pull::file_sources(&book) } else { Vec::new() };
        if !of_files.is_empty() {
            let pulled = pull::of_files(&book, &of_files)?;
            // A reader without write rights still gets figures; what was pulled is cheap to hold on to.
            match keep(&book, pulled.clone()) {
                Ok(()) => loaded = store.load_sources(configured)?,
                Err(error) => {
                    notices.push(format!("the pulled rows could not be kept: {error}"));
                    return Self::from_pulled(book, opening, pulled, notices);
                }
            }
        }
        if opening.may_pull
            && let Some(before) = &loaded
        {
            let registers = changed_registers(&book, &before.receipts);
            if !registers.is_empty() {
                let pulled = pull::of_files(&book, &registers)?;
                match keep(&book, pulled) {
                    Ok(()) => loaded = store.load_sources(configured)?,
                    Err(error) => {
                        notices.push(format!("changed registers could not be kept: {error}"));
                        not_kept.push(format!(
                            "registers have changed since they were pulled ({}), and the store cannot be written",
                            registers.join(", ")
                        ));
                    }
                }
            }
        }
        let Some(loaded) = loaded else {
            let why = if book.config.sources.is_empty() {
                "no rows: the book names no source; add a [[source]] to its config.toml"
            } else {
                "no rows: no source was pulled yet; `servicebook pull` brings them"
            };
            notices.push(why.into());
            return Self::from_pulled(book, opening, Vec::new(), notices);
        };
        for configured in &book.config.sources {
            let Some(receipt) = loaded.receipts.iter().find(|receipt| receipt.source == configured.id) else {
                notices.push(format!("source `{0}` was never pulled; `servicebook pull {0}` brings it", configured.id));
                continue;
            };
            if let Some(began) = source::unfinished(&book.unfinished_path(), &configured.id) {
                notices.push(format!(
                    "the pull of source `{0}` that began at {1} was not finished; figures are from {2}; `servicebook pull {0}` goes on",
                    configured.id,
                    rfc3339(began),
                    receipt.pulled_at
                ));
            }
            let changed = source::changed(configured, &book.root, receipt);
            if !changed.is_empty() {
                notices.push(format!(
                    "source `{0}` has changed since it was pulled ({1}); `servicebook pull {0}` brings the new rows",
                    configured.id,
                    changed.join(", ")
                ));
            }
        }
        let dataset = Dataset::new(loaded.tables, loaded.receipts, loaded.findings, loaded.generation.to_string());
        Self::from_dataset(book, opening, dataset, notices, not_kept)
    }

    fn from_pulled(
        book: Book,
        opening: Opening,
        pulled: Vec<Pulled>,
        notices: Vec<String>,
    ) -> Result<Self, SessionError> {
        let mut tables: BTreeMap<Table, DataFrame> = BTreeMap::new();
        let (mut receipts, mut findings) = (Vec::new(), Vec::new());
        for part in pulled {
            for (table, frame) in part.tables {
                match tables.get_mut(&table) {
                    Some(whole) => {
                        whole.vstack_mut(&frame)?;
                    }
                    None => {
                        tables.insert(table, frame);
                    }
                }
            }
            receipts.push(part.receipt);
            findings.extend(part.findings);
        }
        Self::from_dataset(book, opening, Dataset::new(tables, receipts, findings, "none".into()), notices, Vec::new())
    }

    fn from_dataset(
        book: Book,
        opening: Opening,
        dataset: Dataset,
        notices: Vec<String>,
        mut reservations: Vec<String>,
    ) -> Result<Self, SessionError> {
        let now = book.clock.now();
        reservations.extend(stale(&book, dataset.receipts(), now));
        let dataset = with_staleness(dataset, &reservations);
        let horizon = opening.as_of.map_or(now, |as_of| as_of.max(now));
        let prepared = Prepared::new(dataset, book.config.catalogue(), book.config.book.edition, horizon)?;
        Ok(Self {
            book,
            prepared,
            as_of: opening.as_of,
            notices,
            reservations,
            documents: Kept::new(KEPT_DOCUMENTS),
            frames: Kept::new(KEPT_PERIODS),
            rows: KeptRows::default(),
        })
    }

    /// Returns the book.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Returns the rows with everything that no period changes.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Returns what the user should know before reading figures.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Returns the last month that is closed by the book's clock: what a review reads first.
    pub fn last_closed_month(&self) -> Period {
        self.book.last_closed_month()
    }

    /// Returns the as-of that is used for a period.
    pub fn as_of(&self, period: &Period) -> DateTime<Utc> {
        self.book.as_of(period, self.as_of)
    }

    /// Returns the document of a period; kept for the next time.
    pub fn document(&self, period: &Period) -> Result<Arc<Document>, SessionError> {
        self.documents.get(&period.id().to_owned(), || {
            let report = &self.book.config.report;
            let order = Order {
                period: period.clone(),
                as_of: self.as_of(period),
                descriptor: Descriptor {
                    id: "monthly".into(),
                    version: report.version,
                    title: report.title.clone(),
                    purpose: report.purpose.clone(),
                    audience: report.audience.clone(),
                    frequency: report.frequency.clone(),
                    owner: report.owner.clone(),
                    sources: Vec::new(),
                    clauses: Vec::new(),
                },
                book: BookMark { id: self.book.config.book.title.clone(), sample: self.book.is_sample() },
                edition: self.book.config.book.edition,
                reservations: self.reservations.clone(),
            };
            Ok(Arc::new(build(&self.prepared, order)?))
        })
    }

    /// Returns a measured table of a period; those of the last few periods are kept.
    pub fn table(&self, name: &str, period: &Period) -> Result<DataFrame, SessionError> {
        self.frames.get(&period.id().to_owned(), || Ok::<_, SessionError>(Arc::new(Kept::new(KEPT_TABLES))))?.get(
            &name.to_owned(),
            || {
                let frame = self.prepared.table(name, period, self.as_of(period))?;
                frame.ok_or_else(|| SessionError::Unknown {
                    message: format!("there are no rows of `{}`", crate::text::screen_str(name)),
                    hint: "`servicebook check` lists the tables that the sources bring".into(),
                })
            },
        )
    }

    /// Returns why figures and rows are not complete, one line each: stale sources, incomplete pulls, records that do not
    /// add up.
    pub fn incomplete_because(&self) -> Vec<String> {
        incomplete_because(&self.reservations, self.prepared.dataset().receipts())
    }

    /// Returns a period's document as the bytes of a file.
    pub fn export(
        &self,
        period: &Period,
        format: super::request::ExportFormat,
        services: &[String],
        customers: &[String],
    ) -> Result<Vec<u8>, SessionError> {
        let document = self.document(period)?;
        if services.is_empty() && customers.is_empty() {
            return Ok(export::write(&document, format)?);
        }
        Ok(export::write(&Document::clone(&document).narrowed(services, customers), format)?)
    }
}

/// Returns the sources that read only registers and whose files have changed: people keep those by hand, so each start
/// reads them, while what a tool exported is pulled only when asked for.
fn changed_registers(book: &Book, receipts: &[Receipt]) -> Vec<String> {
    book.config
        .sources
        .iter()
        .filter(|source| !source.files.is_empty() && source.files.iter().all(|file| file.starts_with("registers/")))
        .filter(|source| {
            let receipt = receipts.iter().find(|receipt| receipt.source == source.id);
            receipt.is_none_or(|receipt| !source::changed(source, &book.root, receipt).is_empty())
        })
        .map(|source| source.id.clone())
        .collect()
}

fn stale(book: &Book, receipts: &[Receipt], now: DateTime<Utc>) -> Vec<String> {
    let mut reasons = Vec::new();
    for configured in &book.config.sources {
        let Some(limit) = configured.stale_after else { continue };
        let Some(receipt) = receipts.iter().find(|receipt| receipt.source == configured.id) else { continue };
        let Ok(pulled) = DateTime::parse_from_rfc3339(&receipt.pulled_at) else { continue };
        let age = (now - pulled.with_timezone(&Utc)).num_seconds();
        if age > limit.0 {
            reasons.push(format!(
                "source `{}` is stale: pulled {}, more than {} ago; `servicebook pull {}` renews it",
                configured.id,
                receipt.pulled_at,
                crate::model::duration::write(limit.0),
                configured.id
            ));
        }
    }
    reasons
}

fn with_staleness(dataset: Dataset, reasons: &[String]) -> Dataset {
    if reasons.is_empty() {
        return dataset;
    }
    let mut findings = dataset.findings().to_vec();
    findings.extend(reasons.iter().enumerate().map(|(at, reason)| Finding {
        id: format!("stale_source.{at}"),
        kind: "stale_source".into(),
        severity: Severity::Error,
        count: 1,
        figures: Vec::new(),
        table: String::new(),
        filter: String::new(),
        text: reason.clone(),
    }));
    let tables = dataset.tables().map(|(table, frame)| (table, frame.clone())).collect();
    Dataset::new(tables, dataset.receipts().to_vec(), findings, dataset.generation().to_owned())
}
