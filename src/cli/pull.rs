//! `pull`: brings rows from the sources into the store.

use super::{CommandError, Common, Outcome, environment, output};
use crate::app::session::{keep, pull_all};
use crate::app::{Book, SessionError};
use crate::model::pulled::Pulled;

/// Pulls sources and says what each brought.
pub fn pull(common: &Common, only: &[String]) -> Result<Outcome, CommandError> {
    let book = Book::find(&environment::wanted_book(common.book.as_ref()))?;
    if book.is_sample() {
        return Err(SessionError::Demo.into());
    }
    if let Some(unknown) = only.iter().find(|id| book.config.sources.iter().all(|source| source.id != **id)) {
        let known: Vec<&str> = book.config.sources.iter().map(|source| source.id.as_str()).collect();
        let unknown = crate::text::screen_str(unknown);
        return Err(CommandError::Usage(format!(
            "there is no source `{unknown}`; this book has: {}",
            known.join(", ")
        )));
    }
    let pulled = pull_all(&book, only, book.clock.now())?;
    let mut outcome = Outcome::Complete;
    for part in &pulled {
        let receipt = &part.receipt;
        if !common.quiet {
            output::talk(&summary(part));
        }
        if receipt.completeness.taints() || !receipt.conserves() {
            outcome = Outcome::Incomplete;
        }
    }
    keep(&book, pulled)?;
    Ok(outcome)
}

fn summary(part: &Pulled) -> String {
    use crate::report::format::grouped;
    let receipt = &part.receipt;
    let rows: Vec<String> =
        receipt.rows.iter().map(|(table, rows)| format!("{} {table}", grouped(*rows as f64, 0))).collect();
    let mut text = format!(
        "{}: {} records = {} loaded + {} quarantined; {}",
        receipt.source,
        grouped(receipt.records as f64, 0),
        grouped(receipt.loaded as f64, 0),
        grouped(receipt.quarantined as f64, 0),
        rows.join(", ")
    );
    for record in part.quarantine.iter().take(3) {
        text.push_str(&format!(
            "\n  quarantined {}:{}: {}",
            crate::text::screen_str(&record.file),
            record.line,
            crate::text::screen_str(&record.reason)
        ));
    }
    if part.quarantine.len() > 3 {
        text.push_str(&format!("\n  and {} more", part.quarantine.len() - 3));
    }
    text
}
