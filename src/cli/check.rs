//! `check`: config, connectors and rows, with what is wrong and what to do.

use super::{CommandError, Common, Outcome, open, output};
use crate::model::Severity;

/// Checks the book and prints what was found. Wrong config and unreadable sources are errors.
pub fn check(common: &Common) -> Result<Outcome, CommandError> {
    let session = open::session(common)?;
    let book = session.book();
    let config = &book.config;
    let mut text = format!(
        "book      {} ({})\nservices  {}\ncustomers {}\nagreements {}\nsources   {}\n",
        config.book.title,
        book.root.display(),
        config.services.len(),
        config.customers.len(),
        config.agreements.len(),
        config.sources.len()
    );
    let document = session.document(&session.last_closed_month())?;
    for receipt in &document.receipts {
        let sum = if receipt.conserves() { "conserved" } else { "NOT CONSERVED" };
        text.push_str(&format!(
            "  {}: {} records = {} loaded + {} quarantined ({sum}), pulled {}\n",
            receipt.source, receipt.records, receipt.loaded, receipt.quarantined, receipt.pulled_at
        ));
    }
    text.push_str(&format!("findings  {} (period {})\n", document.findings.len(), document.period.id()));
    for finding in &document.findings {
        let word = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        text.push_str(&format!("  {word}: {}\n", crate::text::screen_str(&finding.text)));
    }
    output::answer(text.as_bytes())?;
    Ok(open::outcome(common, &document))
}
