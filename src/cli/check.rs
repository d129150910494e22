//! `check`: config, connectors and rows, with what is wrong and what to do.

use super::{CommandError, Common, Outcome, open, output};
use crate::model::Severity;
use std::collections::BTreeSet;

/// Checks the book and prints what was found. Wrong config and unreadable sources are errors.
pub fn check(common: &Common) -> Result<Outcome, CommandError> {
    let session = open::session(common)?;
    let book = session.book();
    let config = &book.config;
    let calendars: BTreeSet<&str> = config.calendars.iter().map(|rule| rule.id.as_str()).collect();
    let mut text = format!(
        "book      {} ({})\nservices  {}\ncustomers {}\nagreements {}\ncalendars {}\n",
        config.book.title,
        book.root.display(),
        config.services.len(),
        config.customers.len(),
        config.agreements.len(),
        calendars.len()
    );
    for rule in &config.calendars {
        for file in &rule.holiday_files {
            text.push_str(&format!("  {}: {}\n", rule.id, crate::text::screen_str(&file.to_string())));
        }
    }
    text.push_str(&format!("sources   {}\n", config.sources.len()));
    let document = session.document(&session.last_closed_month())?;
    for receipt in &document.receipts {
        let sum = if receipt.conserves() { "conserved" } else { "NOT CONSERVED" };
        text.push_str(&format!(
            "  {}: {} ({sum}), pulled {}\n",
            receipt.source,
            receipt.sum(" records", |count| count.to_string()),
            receipt.pulled_at
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
