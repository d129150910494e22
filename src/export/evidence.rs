//! The evidence appendix: what each printed figure was made of.
//!
//! Figures that share measure, formula and clauses stand together, and what all of them share is said once: a report
//! prints hundreds of figures.

use super::words;
use crate::model::figure::Coverage;
use crate::model::{Figure, Unit};
use crate::report::{Document, format};
use crate::text::screen_str;
use serde::Serialize;

/// Figures of one formula.
#[derive(Debug, Serialize)]
pub struct Evidence {
    /// The measure as words.
    pub title: String,
    /// What all of them share: formula, clauses, parameters, receipts.
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
    let mut groups: Vec<Vec<(usize, &Figure)>> = Vec::new();
    for (at, figure) in printed.iter().enumerate() {
        let same = groups.iter_mut().find(|group| group.first().is_some_and(|(_, first)| alike(first, figure)));
        match same {
            Some(group) => group.push((at + 1, figure)),
            None => groups.push(vec![(at + 1, figure)]),
        }
    }
    groups.iter().filter_map(|group| Group::of(group)).map(|group| group.evidence(document)).collect()
}

fn alike(one: &Figure, other: &Figure) -> bool {
    one.id.measure == other.id.measure
        && one.basis.formula == other.basis.formula
        && one.basis.clauses == other.basis.clauses
}

/// Figures of one formula, with what all of them share.
struct Group<'a> {
    figures: &'a [(usize, &'a Figure)],
    first: &'a Figure,
    parameters: Vec<&'a (String, String)>,
    receipts_shared: bool,
}

impl<'a> Group<'a> {
    fn of(figures: &'a [(usize, &'a Figure)]) -> Option<Self> {
        let (_, first) = figures.first()?;
        let all = |holds: &dyn Fn(&Figure) -> bool| figures.iter().all(|(_, figure)| holds(figure));
        Some(Self {
            figures,
            first,
            parameters: first
                .basis
                .parameters
                .iter()
                .filter(|pair| all(&|f| f.basis.parameters.contains(pair)))
                .collect(),
            receipts_shared: all(&|figure| figure.basis.receipts == first.basis.receipts),
        })
    }

    fn evidence(&self, document: &Document) -> Evidence {
        let basis = &self.first.basis;
        let mut facts = vec![code("Measure", &self.first.id.measure)];
        if !basis.formula.is_empty() {
            facts.push(fact("Formula", &basis.formula));
        }
        facts.extend(parameters(&self.parameters));
        if !basis.clauses.is_empty() {
            facts.push(fact("Clauses", &basis.clauses.join(", ")));
        }
        if self.receipts_shared {
            facts.push(receipts(self.first));
        }
        let figures = self.figures.iter().map(|(number, figure)| self.proof(document, figure, *number)).collect();
        Evidence { title: words::measure(document, &self.first.id.measure), facts, figures }
    }

    fn proof(&self, document: &Document, figure: &Figure, number: usize) -> Proof {
        let mut facts = stated(figure);
        let own: Vec<_> = figure.basis.parameters.iter().filter(|pair| !self.parameters.contains(pair)).collect();
        facts.extend(parameters(&own));
        facts.extend(rows(figure));
        if !self.receipts_shared {
            facts.push(receipts(figure));
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
}

fn parameters(pairs: &[&(String, String)]) -> Option<Fact> {
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    (!pairs.is_empty()).then(|| fact("Parameters", &pairs.join("; ")))
}

fn receipts(figure: &Figure) -> Fact {
    let receipts = &figure.basis.receipts;
    fact("Receipts", if receipts.is_empty() { "none".into() } else { receipts.join(", ") }.as_str())
}

/// Returns what is said of a figure beside its value.
fn stated(figure: &Figure) -> Vec<Fact> {
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
    // A count of observations that is the count of rows is said once.
    if figure.n > 0 && figure.n != figure.rows.used {
        facts.push(fact("Observations", &whole(figure.n)));
    }
    if let Some(interval) = &figure.interval {
        facts.push(fact("Interval", &format::interval(interval, &figure.unit)));
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
    facts
}

/// Returns the rows that a figure was made from, and those that it could not use.
fn rows(figure: &Figure) -> Vec<Fact> {
    let mut facts = Vec::new();
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
    facts
}

fn whole(count: u64) -> String {
    format::grouped(count as f64, 0)
}

fn counted(figure: &Figure, part: i64, total: i64) -> String {
    let text = format!("{} of {}", format::grouped(part as f64, 0), format::grouped(total as f64, 0));
    // Availability weighs degraded seconds in thousandths.
    match figure.id.measure.as_str() {
        "availability.user_weighted" => format!("{text} ms of users"),
        measure if measure.starts_with("availability.") => format!("{text} ms"),
        _ => text,
    }
}

fn known(coverage: &Coverage, unit: &Unit) -> String {
    let (low, high) = (format::number(coverage.low, unit), format::number(coverage.high, unit));
    let text = format!("{} known ({})", format::number(coverage.ratio * 100.0, &Unit::Percent), coverage.kind);
    if low == high { text } else { format!("{text}; between {low} and {high}") }
}
