//! The evidence appendix: what each printed figure was made of.
//!
//! Figures that share measure, formula, parameters and clauses stand together, so that a formula is read once.

use super::words;
use crate::model::figure::{Coverage, Interval};
use crate::model::{Figure, Unit};
use crate::report::{Document, format};
use crate::text::screen_str;
use serde::Serialize;

/// Figures of one formula.
#[derive(Debug, Serialize)]
pub struct Evidence {
    /// The measure as words.
    pub title: String,
    /// Formula, parameters and clauses.
    pub facts: Vec<Fact>,
    /// The figures.
    pub figures: Vec<Proof>,
}

/// One figure's evidence.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// Its number on the page.
    pub number: usize,
    /// Whose figure it is.
    pub name: String,
    /// What it prints, with its marks.
    pub display: String,
    /// Its status.
    pub status: words::Status,
    /// Everything else that is known of it.
    pub facts: Vec<Fact>,
}

/// A labelled line of evidence.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// What is said.
    pub label: &'static str,
    /// Screened text.
    pub text: String,
    /// Whether it is written for a machine: ids and conditions.
    pub code: bool,
}

fn fact(label: &'static str, text: &str) -> Fact {
    Fact { label, text: screen_str(text), code: false }
}

fn code(label: &'static str, text: &str) -> Fact {
    Fact { label, text: screen_str(text), code: true }
}

/// Returns the evidence of the printed figures, in the order of their numbers.
pub fn of(document: &Document, printed: &[&Figure]) -> Vec<Evidence> {
    let mut groups: Vec<(&Figure, Evidence)> = Vec::new();
    for (at, figure) in printed.iter().enumerate() {
        let proof = proof(document, figure, at + 1);
        let same = groups.iter_mut().find(|(first, _)| {
            first.id.measure == figure.id.measure
                && first.basis.formula == figure.basis.formula
                && first.basis.parameters == figure.basis.parameters
                && first.basis.clauses == figure.basis.clauses
        });
        if let Some((_, group)) = same {
            group.figures.push(proof);
        } else {
            let title = words::measure(&figure.id.measure);
            groups.push((figure, Evidence { title, facts: basis(figure), figures: vec![proof] }));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn basis(figure: &Figure) -> Vec<Fact> {
    let basis = &figure.basis;
    let mut facts = vec![code("Measure", &figure.id.measure)];
    if !basis.formula.is_empty() {
        facts.push(fact("Formula", &basis.formula));
    }
    if !basis.parameters.is_empty() {
        let pairs: Vec<_> = basis.parameters.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        facts.push(fact("Parameters", &pairs.join("; ")));
    }
    if !basis.clauses.is_empty() {
        facts.push(fact("Clauses", &basis.clauses.join(", ")));
    }
    facts
}

fn proof(document: &Document, figure: &Figure, number: usize) -> Proof {
    let mut facts = Vec::new();
    if let Err(missing) = &figure.value {
        facts.push(fact("No value", &missing.text));
    }
    if let Some(target) = &figure.target {
        facts.push(fact("Agreed", &words::promise(target, &figure.unit)));
    }
    if let (Some(part), Some(whole)) = (figure.numerator, figure.denominator) {
        facts.push(fact("Counted", &counted(figure, part, whole)));
    }
    if figure.n > 0 {
        facts.push(fact("Observations", &whole(figure.n)));
    }
    if let Some(interval) = &figure.interval {
        facts.push(fact("Interval", &bounds(interval, &figure.unit)));
    }
    if let Some(coverage) = &figure.coverage {
        facts.push(fact("Coverage", &known(coverage, &figure.unit)));
    }
    if !figure.alternatives.is_empty() {
        let others: Vec<_> = figure
            .alternatives
            .iter()
            .map(|other| format!("{}: {}", other.formula, format::number(other.value, &figure.unit)))
            .collect();
        facts.push(fact("By other formulas", &others.join("; ")));
    }
    if !figure.rows.table.is_empty() {
        facts.push(fact("Rows used", &format!("{} of {}", whole(figure.rows.used), figure.rows.table)));
        if !figure.rows.filter.is_empty() {
            facts.push(code("Condition", &figure.rows.filter));
        }
    }
    if !figure.rows.left_out.is_empty() {
        let reasons: Vec<_> =
            figure.rows.left_out.iter().map(|left| format!("{} {}", whole(left.count), left.reason)).collect();
        facts.push(fact("Rows left out", &reasons.join("; ")));
    }
    if figure.basis.receipts.is_empty() {
        facts.push(fact("Receipts", "none"));
    } else {
        facts.push(fact("Receipts", &figure.basis.receipts.join(", ")));
    }
    facts.push(code("Figure", &figure.id.to_string()));
    Proof {
        number,
        name: words::scope(document, &figure.id),
        display: format!("{}{}", screen_str(&figure.display), words::marks(figure)),
        status: words::status(figure.verdict),
        facts,
    }
}

fn whole(count: u64) -> String {
    format::grouped(count as f64, 0)
}

fn counted(figure: &Figure, part: i64, total: i64) -> String {
    let text = format!("{} of {}", format::grouped(part as f64, 0), format::grouped(total as f64, 0));
    // Availability weighs degraded seconds in thousandths.
    if figure.id.measure.starts_with("availability.") { format!("{text} ms") } else { text }
}

fn bounds(interval: &Interval, unit: &Unit) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "open".to_owned(), |value| format::number(value, unit));
    format!(
        "{} to {} at {} ({})",
        end(interval.low),
        end(interval.high),
        format::number(interval.level * 100.0, &Unit::Percent),
        interval.method
    )
}

fn known(coverage: &Coverage, unit: &Unit) -> String {
    format!(
        "{} known ({}); between {} and {}",
        format::number(coverage.ratio * 100.0, &Unit::Percent),
        coverage.kind,
        format::number(coverage.low, unit),
        format::number(coverage.high, unit)
    )
}
