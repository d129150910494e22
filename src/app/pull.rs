//! Pulling the sources of a book and putting what came into its store.
//!
//! What came is published in one generation at the end. A source that fails leaves the others, and its own last rows, as
//! they are.

pub use crate::source::ask::fetch::Progress;
pub use crate::source::http::Cancel;

use super::book::Book;
use super::session::SessionError;
use crate::model::Period;
use crate::model::pulled::Pulled;
use crate::report::format::grouped;
use crate::source::{self, Order, SourceError};
use crate::store::{Store, StoreError};
use crate::text::screen_str;

/// What is pulled, and how.
pub struct PullOrder<'a> {
    /// Sources by id; all where none is named.
    pub sources: &'a [String],
    /// Only this time is asked of tools.
    pub period: Option<Period>,
    /// Tools are asked for everything, not only for what changed.
    pub full: bool,
    /// Looks up environment variables, for secrets.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Told after each page of a source.
    pub progress: &'a mut dyn FnMut(&str, &Progress),
    /// Ends the pull.
    pub cancel: Cancel,
}

/// What came of one source.
pub enum PulledSource {
    /// Its rows, which are in the store.
    Published(Box<Pulled>),
    /// Why nothing came; the rows of its last pull stay.
    Failed(SourceError),
}

/// Pulls sources one after the other and publishes what came; returns what came of each.
pub fn pull(book: &Book, order: &mut PullOrder<'_>) -> Result<Vec<(String, PulledSource)>, SessionError> {
    if book.config.sources.is_empty() {
        return Err(SessionError::Unknown {
            message: "there is nothing to pull: the book names no source".into(),
            hint: format!("add a [[source]] to {}", screen_str(&book.root.join("config.toml").display().to_string())),
        });
    }
    let wanted = book.config.sources.iter().filter(|one| order.sources.is_empty() || order.sources.contains(&one.id));
    let unfinished = book.unfinished_path();
    let mut came = Vec::new();
    for configured in wanted {
        let before = before(book, configured)?;
        let clock = book.clock;
        let PullOrder { progress, environment, cancel, .. } = order;
        let pulled = source::pull(&mut Order {
            source: configured,
            book: &book.root,
            unfinished: &unfinished,
            zone: book.config.book.zone,
            now: book.clock.now(),
            clock: &|| clock.now(),
            before: before.as_ref(),
            period: order.period.clone(),
            full: order.full,
            environment: *environment,
            progress: &mut |said| progress(&configured.id, said),
            cancel: cancel.clone(),
            transport: None,
        });
        came.push((
            configured.id.clone(),
            match pulled {
                Ok(pulled) => PulledSource::Published(Box::new(pulled)),
                Err(error) => PulledSource::Failed(error),
            },
        ));
        if order.cancel.is_set() {
            break;
        }
    }
    let whole: Vec<Pulled> = came
        .iter()
        .filter_map(|(_, one)| match one {
            PulledSource::Published(pulled) => Some(Pulled::clone(pulled)),
            PulledSource::Failed(_) => None,
        })
        .collect();
    if !whole.is_empty() {
        keep(book, whole)?;
    }
    for (id, one) in &came {
        if matches!(one, PulledSource::Published(_)) {
            source::published(&unfinished, id);
        }
    }
    Ok(came)
}

/// Returns what the last pull of a tool brought. Rows that are damaged are as good as none: everything is asked again.
fn before(book: &Book, configured: &crate::config::SourceConfig) -> Result<Option<Pulled>, SessionError> {
    if source::reads_files(configured, &book.root) {
        return Ok(None);
    }
    match Store::open(&book.store_path()).source(&configured.id) {
        Err(StoreError::Damaged { .. }) => Ok(None),
        before => Ok(before?),
    }
}

/// Puts what was pulled into the book's store; other sources stay as they are.
pub fn keep(book: &Book, pulled: Vec<Pulled>) -> Result<(), SessionError> {
    Store::open(&book.store_path()).publish(pulled, book.config.store.group.as_deref())?;
    Ok(())
}

/// Tells whether pages of an unfinished pull of a source are kept.
pub fn goes_on(book: &Book, id: &str) -> bool {
    source::unfinished(&book.unfinished_path(), id).is_some()
}

/// Returns the sources that read files: only they may be pulled without being asked for.
pub fn file_sources(book: &Book) -> Vec<String> {
    let of_files = book.config.sources.iter().filter(|one| source::reads_files(one, &book.root));
    of_files.map(|one| one.id.clone()).collect()
}

/// Reads sources that are files, without keeping them.
pub fn of_files(book: &Book, only: &[String]) -> Result<Vec<Pulled>, SessionError> {
    let wanted = book.config.sources.iter().filter(|one| only.contains(&one.id));
    wanted.map(|configured| Ok(source::read(configured, &book.root, book.clock.now())?)).collect()
}

/// Says what a source brought: records, rows, what is missing, the first records that could not be read.
pub fn summary(part: &Pulled) -> String {
    let receipt = &part.receipt;
    let count = |number: u64| grouped(number as f64, 0);
    let rows: Vec<String> = receipt.rows.iter().map(|(table, rows)| format!("{} {table}", count(*rows))).collect();
    let mut text = format!("{}: {}; {}", receipt.source, receipt.sum(" records", count), rows.join(", "));
    if let crate::model::Completeness::Incomplete { reason } = &receipt.completeness {
        text.push_str(&format!("\n  incomplete: {}", screen_str(reason)));
    }
    for record in part.quarantine.iter().take(3) {
        text.push_str(&format!(
            "\n  quarantined {}:{}: {}",
            screen_str(&record.file),
            record.line,
            screen_str(&record.reason)
        ));
    }
    if part.quarantine.len() > 3 {
        text.push_str(&format!("\n  and {} more", part.quarantine.len() - 3));
    }
    text
}
