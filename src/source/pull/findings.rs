//! What the counts and keys of a pull say.

use super::Mapped;
use crate::model::{Completeness, Finding, Quarantined, Receipt, Severity, Table};
use crate::text::screen_str;
use polars::prelude::PolarsResult;
use std::collections::HashMap;

/// Finds keys that come more than once: two exports that overlap would count their rows twice.
pub(super) fn repeated_keys(mapped: &Mapped, table: Table, source: &str) -> PolarsResult<Option<Finding>> {
    let keys = mapped.frame.column("source_key")?.str()?.rechunk().into_owned();
    let mut seen = HashMap::with_capacity(keys.len());
    let mut repeated = 0_u64;
    let mut first = None;
    for (row, key) in keys.iter().enumerate() {
        if let Some(before) = seen.insert(key, row) {
            repeated += 1;
            first.get_or_insert((key.unwrap_or_default(), before, row));
        }
    }
    Ok(first.map(|(key, before, again)| {
        let place = |row| {
            let (file, line) = mapped.places.of(row);
            format!("{}, line {line}", screen_str(file))
        };
        Finding {
            id: format!("repeated_key/{source}/{}", table.name()),
            kind: "repeated_key".into(),
            severity: Severity::Warning,
            count: repeated,
            figures: Vec::new(),
            table: table.name().into(),
            filter: String::new(),
            text: format!(
                "{repeated} rows of source `{source}` repeat the key of another row and are counted again. First: `{}` in {} and in {}. Where two exports overlap, leave one out of `files`.",
                screen_str(key),
                place(before),
                place(again),
            ),
        }
    }))
}

/// Returns what the counts of a receipt say.
pub(super) fn of_receipt(receipt: &Receipt, quarantine: &[Quarantined]) -> Vec<Finding> {
    let source = &receipt.source;
    let finding = |kind: &str, severity, count, text: String| Finding {
        id: format!("{kind}/{source}"),
        kind: kind.into(),
        severity,
        count,
        figures: Vec::new(),
        table: String::new(),
        filter: String::new(),
        text,
    };
    let mut findings = Vec::new();
    let Receipt { records, loaded, quarantined, set_aside, .. } = receipt;
    if let Some(first) = quarantine.first() {
        let severity = if *loaded == 0 { Severity::Error } else { Severity::Warning };
        let text = format!(
            "{quarantined} of {records} records of source `{source}` were not loaded. First: {}, line {}: {}.",
            screen_str(&first.file),
            first.line,
            first.reason,
        );
        findings.push(finding("quarantined", severity, *quarantined, text));
    }
    if *records == 0 {
        let text = format!("Source `{source}` holds no record at all. Is it the right export, of the right month?");
        findings.push(finding("empty_source", Severity::Warning, 1, text));
    }
    if !receipt.conserves() {
        let text = format!(
            "Source `{source}` holds {records} records, but {loaded} were loaded, {quarantined} put into quarantine and {set_aside} set aside. Do not trust its figures; report this with the file."
        );
        findings.push(finding(
            "not_conserved",
            Severity::Error,
            records.abs_diff(loaded + quarantined + set_aside),
            text,
        ));
    }
    if let Completeness::Incomplete { reason } = &receipt.completeness {
        findings.push(finding(
            "incomplete_pull",
            Severity::Error,
            1,
            format!("Source `{source}` is incomplete: {reason}."),
        ));
    }
    findings
}

/// Says what it means that rows came more than once: pages overlap by design, but two records of one answer should not
/// have the same key.
pub(super) fn of_repeats(mapped: &Mapped, table: Table, source: &str) -> PolarsResult<Option<Finding>> {
    let keys = mapped.frame.column("source_key")?.str()?.rechunk().into_owned();
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let mut twice = 0_u64;
    let mut first = None;
    for (row, key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        if seen.insert((mapped.places.of(row).0, key), row).is_some() {
            twice += 1;
            first.get_or_insert((key, row));
        }
    }
    Ok(first.map(|(key, row)| {
        let (file, line) = mapped.places.of(row);
        Finding {
            id: format!("repeated_record/{source}/{}", table.name()),
            kind: "repeated_record".into(),
            severity: Severity::Warning,
            count: twice,
            figures: Vec::new(),
            table: table.name().into(),
            filter: String::new(),
            text: format!(
                "{twice} records of source `{source}` have the key of another record of the same answer and were taken once. First: `{}` in {}, record {line}. If they are different things, the connector's `source_key` must tell them apart.",
                screen_str(key),
                screen_str(file),
            ),
        }
    }))
}

/// Makes a finding of a whole pull.
pub(super) fn of_pull(kind: &str, source: &str, what: &str, count: u64, text: String) -> Finding {
    Finding {
        id: format!("{kind}/{source}/{what}"),
        kind: kind.into(),
        severity: Severity::Warning,
        count,
        figures: Vec::new(),
        table: String::new(),
        filter: String::new(),
        text,
    }
}
