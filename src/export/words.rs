//! Names of figures and statuses as a reader of a page sees them.
//!
//! Knows how a figure's id reads aloud. Must not escape for a format: what comes from here is screened, not escaped.

use crate::model::figure::Target;
use crate::model::{Figure, FigureId, Unit, Verdict};
use crate::report::{Document, format};
use crate::text::screen_str;
use serde::Serialize;

/// Stands behind a value that an incomplete pull went into.
pub const TAINTED: &str = "†";
/// Stands behind a value that may still change.
pub const PROVISIONAL: &str = "‡";

/// A status as glyph, word and style class: never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Class in the style sheet.
    pub class: &'static str,
    /// One character; empty without a verdict.
    pub glyph: &'static str,
    /// The word; empty without a verdict.
    pub word: &'static str,
}

/// Returns how a verdict is shown.
pub fn status(verdict: Verdict) -> Status {
    let (class, glyph) = match verdict {
        Verdict::Met => ("met", "✓"),
        Verdict::AtRisk => ("risk", "▲"),
        Verdict::Missed => ("missed", "✗"),
        Verdict::None => return Status { class: "none", glyph: "", word: "" },
    };
    Status { class, glyph, word: format::verdict(verdict) }
}

/// Returns the marks behind a figure's value, each explained on the page.
pub fn marks(figure: &Figure) -> String {
    let mut marks = String::new();
    if figure.tainted {
        marks.push_str(TAINTED);
    }
    if figure.provisional {
        marks.push_str(PROVISIONAL);
    }
    marks
}

/// Returns the marks of a figure as words, for text that is read aloud.
pub fn marks_aloud(marks: &str) -> String {
    let mut words = String::new();
    if marks.contains(TAINTED) {
        words.push_str(", from an incomplete pull");
    }
    if marks.contains(PROVISIONAL) {
        words.push_str(", provisional");
    }
    words
}

/// Returns the printed name of a measure.
pub fn measure(document: &Document, id: &str) -> String {
    screen_str(document.measure_title(id))
}

/// Returns whose figure it is and which part of it: `Mail, Acme, incident, P1`; `all services` where nothing narrows it.
pub fn scope(document: &Document, id: &FigureId) -> String {
    let mut parts = Vec::new();
    if let Some(service) = &id.scope.service {
        parts.push(document.service_name(service).to_owned());
    }
    if let Some(customer) = &id.scope.customer {
        parts.push(document.customer_name(customer).to_owned());
    }
    if let Some(agreement) = &id.scope.agreement {
        parts.push(format!("agreement {agreement}"));
    }
    if parts.is_empty() {
        parts.push(id.dimension("group").map_or("all services", |group| document.group_name(group)).to_owned());
    }
    // The type says what is counted; what narrows it further follows.
    let (types, others): (Vec<_>, Vec<_>) = id.dimensions.iter().partition(|(key, _)| key == "type");
    let others = others.into_iter().filter(|(key, _)| key != "group");
    for (key, value) in types.into_iter().chain(others) {
        parts.push(match key.as_str() {
            "type" | "priority" => value.clone(),
            "of" => document.measure_title(value).to_owned(),
            _ => format!("{} {value}", key.replace('_', " ")),
        });
    }
    screen_str(&parts.join(", "))
}

/// Returns measure and scope in one line.
pub fn name(document: &Document, id: &FigureId) -> String {
    format!("{}: {}", measure(document, &id.measure), scope(document, id))
}

/// Returns how far a value stands from its target, as `-1.70 points`; `None` without value or target.
pub fn distance(figure: &Figure) -> Option<String> {
    let target = figure.target.as_ref()?;
    let change = format::change(figure.number(), Some(target.value), &figure.unit)?;
    // A difference that rounds to nought is still one: a miss must not read as a hit (rule R16).
    if figure.number() != Some(target.value) && !change.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return Some("by less than is printed".into());
    }
    Some(if figure.unit == Unit::Percent { format!("{change} points") } else { change })
}

/// Returns what was promised, by which agreement and since when.
pub fn promise(target: &Target, unit: &Unit) -> String {
    let target_text = format::target(target, unit);
    let since =
        if target.effective_from.is_empty() { String::new() } else { format!(" since {}", target.effective_from) };
    screen_str(&format!("{target_text}, agreement {}{since}", target.agreement))
}

/// Returns the kind of a missing value as JSON and CSV write it.
pub fn missing_kind(kind: crate::model::MissingKind) -> &'static str {
    use crate::model::MissingKind;
    match kind {
        MissingKind::NoData => "no_data",
        MissingKind::NotApplicable => "not_applicable",
        MissingKind::InsufficientCoverage => "insufficient_coverage",
        MissingKind::NotConfigured => "not_configured",
        MissingKind::Undefined => "undefined",
    }
}
