//! Sources and findings: what was pulled, whether it is all there, and what is wrong in it.

use super::View;
use crate::model::finding::Severity;
use crate::model::receipt::{Completeness, Receipt};
use crate::report::format::grouped;
use crate::text;
use crate::tui::page::{Ink, Origin, Page, Record, Target, pad, pad_left};
use crate::tui::widgets::grid::holds;
use crate::tui::words;
use ratatui::style::Style;

/// Returns the page.
/// `pulls` are lines that say how pulls under way stand.
pub fn page(view: View, notices: &[String], pulls: &[String]) -> Page {
    let mut page = Page::default();
    let ink = view.ink;
    for said in notices.iter().chain(&view.document.incomplete_because) {
        page.paragraph(ink, &format!("! {}", text::screen_str(said)), ink.theme.stamp, view.width);
    }
    if !pulls.is_empty() {
        page.title(ink, "Pulls", "");
        for said in pulls {
            page.paragraph(ink, &text::screen_str(said), ink.theme.accent, view.width);
        }
    }
    let receipts = &view.document.receipts;
    page.title(ink, "Sources", "records = loaded + quarantined + set aside");
    if receipts.is_empty() {
        page.paragraph(ink, "No source was read.", ink.theme.unknown, view.width);
    }
    for receipt in receipts.iter().filter(|receipt| holds(&receipt.source, view.filter)) {
        write(view, &mut page, receipt);
    }
    let findings = &view.document.findings;
    let kept: Vec<_> =
        findings.iter().filter(|finding| holds(&format!("{} {}", finding.kind, finding.text), view.filter)).collect();
    page.kept = (kept.len(), findings.len());
    page.title(ink, "Findings", &format!("{} kinds; Enter shows the rows", kept.len()));
    if kept.is_empty() {
        page.line(vec![ink.muted(" none")]);
    }
    let widest = kept.iter().map(|finding| text::width(&finding.kind)).max().unwrap_or(0).min(28);
    for finding in kept {
        let (glyph, word, style) = match finding.severity {
            Severity::Error => (ink.glyphs.missed, "error  ", ink.theme.error),
            Severity::Warning => (ink.glyphs.risk, "warning", ink.theme.warn),
            Severity::Note => (ink.glyphs.dot, "note   ", ink.theme.text),
        };
        let kind = pad(&text::fit(&finding.kind.replace('_', " "), widest), widest);
        let count = pad_left(&grouped(finding.count as f64, 0), 7);
        let room = view.width.saturating_sub(widest + 22).max(10);
        for (at, said) in
            crate::tui::page::wrap(&ink.glyphs.text(&text::screen_str(&finding.text)), room).into_iter().enumerate()
        {
            if at > 0 {
                page.line(vec![ink.plain(&" ".repeat(widest + 21)), ink.plain(&said)]);
                continue;
            }
            page.line(vec![
                ink.span(&format!(" {glyph} {word} "), style),
                ink.span(&count, ink.theme.title),
                ink.plain(&format!("  {kind} ")),
                ink.plain(&said),
            ]);
            let target = if finding.table.is_empty() {
                Target::Record(Record {
                    title: finding.kind.replace('_', " "),
                    fields: vec![
                        ("found".into(), text::screen_str(&finding.text)),
                        ("rows".into(), finding.count.to_string()),
                        (
                            "touches".into(),
                            finding
                                .figures
                                .iter()
                                .map(|id| words::measure(view.document, id))
                                .collect::<Vec<_>>()
                                .join(", "),
                        ),
                    ],
                })
            } else {
                Target::Rows(Origin::Finding(finding.id.clone()))
            };
            page.stop_on_last(target, None);
        }
    }
    page
}

/// Returns the word and style of a receipt's completeness.
pub fn completeness(ink: Ink, receipt: &Receipt) -> (String, Style) {
    match &receipt.completeness {
        Completeness::Complete { .. } => (format!("{} complete", ink.glyphs.met), ink.theme.met),
        Completeness::Incomplete { .. } => (format!("{} INCOMPLETE", ink.glyphs.missed), ink.theme.missed),
        Completeness::Unknowable { .. } => (format!("{} cannot be known", ink.glyphs.unknown), ink.theme.unknown),
    }
}

fn write(view: View, page: &mut Page, receipt: &Receipt) {
    let ink = view.ink;
    let count = |value: u64| grouped(value as f64, 0);
    let (word, style) = completeness(ink, receipt);
    let equals = if receipt.conserves() { "=" } else { "≠" };
    page.line(vec![
        ink.plain(" "),
        ink.span(&pad(&text::screen_str(&receipt.source), 18), ink.theme.title),
        ink.plain(" "),
        ink.span(&pad(&word, 18), style),
        ink.span(
            &format!(
                " {} {equals} {} + {}{}",
                count(receipt.records),
                count(receipt.loaded),
                count(receipt.quarantined),
                if receipt.set_aside > 0 { format!(" + {} aside", count(receipt.set_aside)) } else { String::new() }
            ),
            if receipt.conserves() { ink.theme.text } else { ink.theme.error },
        ),
        ink.span(if receipt.quarantined > 0 { " quarantined" } else { "" }, ink.theme.risk),
    ]);
    let (name, reason) = match &receipt.completeness {
        Completeness::Complete { rule } => ("complete by", rule),
        Completeness::Incomplete { reason } => ("missing", reason),
        Completeness::Unknowable { reason } => ("cannot be known", reason),
    };
    let rows = receipt.rows.iter().map(|(table, rows)| format!("{table} {rows}")).collect::<Vec<_>>().join(", ");
    let fields = vec![
        ("records".to_owned(), receipt.sum(" in the source", |count| count.to_string())),
        ("pulled at".into(), receipt.pulled_at.clone()),
        (name.into(), text::screen_str(reason)),
        ("rows".into(), rows),
        ("receipt".into(), receipt.id.clone()),
        ("connector".into(), format!("{}, sha256 {}", receipt.connector, receipt.connector_sha256)),
    ]
    .into_iter()
    .chain(receipt.files.iter().map(|file| {
        (
            text::screen_str(&file.name),
            format!("{} records, {} bytes, sha256 {}", file.records, file.bytes, file.sha256),
        )
    }))
    .collect();
    let record = Record { title: format!("Receipt of {}", text::screen_str(&receipt.source)), fields };
    page.stop_on_last(Target::Record(record), None);
    let files = match receipt.files.as_slice() {
        [one] => text::screen_str(&one.name),
        many if receipt.asked.is_some() => format!("{} lists of answers", many.len()),
        many => format!("{} files", many.len()),
    };
    let said = format!(
        "pulled {} by {}, {files}, {}",
        words::instant(&receipt.pulled_at),
        text::screen_str(&receipt.connector),
        text::screen_str(reason)
    );
    page.line(vec![ink.plain("   "), ink.muted(&text::fit(&said, view.width.saturating_sub(4)))]);
}
