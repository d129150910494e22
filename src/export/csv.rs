//! One row a figure, for spreadsheets and scripts.
//!
//! RFC 4180: comma, CRLF, quotes where they are needed, UTF-8 without a byte order mark. Cells of text are screened and
//! guarded against formulas; cells of numbers hold the unrounded number and nothing else.

use super::words;
use crate::model::figure::{Comparator, json_number};
use crate::model::{Figure, Verdict};
use crate::report::Document;
use crate::text::screen_str;

/// The header, in the order of the cells.
pub const COLUMNS: [&str; 35] = [
    "id",
    "measure",
    "service",
    "customer",
    "agreement",
    "dimensions",
    "value",
    "unit",
    "display",
    "missing",
    "missing_text",
    "target",
    "comparator",
    "target_agreement",
    "target_from",
    "verdict",
    "numerator",
    "denominator",
    "n",
    "coverage",
    "provisional",
    "tainted",
    "rows_table",
    "rows_used",
    "rows_left_out",
    "rows_filter",
    "clauses",
    "period",
    "zone",
    "as_of",
    "edition",
    "complete",
    "sample",
    "interval_low",
    "interval_high",
];

/// Writes every figure of the document.
pub fn write(document: &Document) -> String {
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    for figure in &document.figures {
        text.push_str(&row(document, figure).join(","));
        text.push_str("\r\n");
    }
    text
}

fn row(document: &Document, figure: &Figure) -> [String; COLUMNS.len()] {
    let optional = |value: &Option<String>| cell(value.as_deref().unwrap_or_default());
    let missing = figure.value.as_ref().err();
    let target = figure.target.as_ref();
    let dimensions: Vec<_> = figure.id.dimensions.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let left_out: Vec<_> = figure.rows.left_out.iter().map(|left| format!("{} {}", left.count, left.reason)).collect();
    let unit = serde_json::to_value(&figure.unit).ok();
    [
        cell(&figure.id.to_string()),
        cell(&figure.id.measure),
        optional(&figure.id.scope.service),
        optional(&figure.id.scope.customer),
        optional(&figure.id.scope.agreement),
        cell(&dimensions.join(" ")),
        number(figure.number()),
        cell(unit.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default()),
        cell(&figure.display),
        cell(missing.map_or("", |missing| words::missing_kind(missing.kind))),
        cell(missing.map_or("", |missing| &missing.text)),
        number(target.map(|target| target.value)),
        target.map_or("", |target| comparator(target.comparator)).to_owned(),
        cell(target.map_or("", |target| &target.agreement)),
        cell(target.map_or("", |target| &target.effective_from)),
        verdict(figure.verdict).to_owned(),
        whole(figure.numerator),
        whole(figure.denominator),
        figure.n.to_string(),
        number(figure.coverage.as_ref().map(|coverage| coverage.ratio)),
        figure.provisional.to_string(),
        figure.tainted.to_string(),
        cell(&figure.rows.table),
        figure.rows.used.to_string(),
        cell(&left_out.join("; ")),
        cell(&figure.rows.filter),
        cell(&figure.basis.clauses.join("; ")),
        cell(document.period.id()),
        cell(document.period.zone().name()),
        cell(&document.as_of),
        u16::from(document.edition).to_string(),
        document.complete.to_string(),
        document.book.sample.to_string(),
        number(figure.interval.as_ref().and_then(|interval| interval.low)),
        number(figure.interval.as_ref().and_then(|interval| interval.high)),
    ]
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| json_number(value).to_string())
}

fn whole(value: Option<i64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Not guarded: a comparator is one of ours and no formula.
fn comparator(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::AtLeast => ">=",
        Comparator::AtMost => "<=",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::AtRisk => "at_risk",
        Verdict::Missed => "missed",
        Verdict::None => "none",
    }
}

/// Returns a cell of text: screened, guarded, quoted where it must be.
pub(super) fn cell(text: &str) -> String {
    let text = guarded(&screen_str(text));
    if text.contains([',', '"', '\r', '\n', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Puts an apostrophe before what a spreadsheet could take for a formula (rule R28): at the start, and after
/// a semicolon, which separates cells where the decimal sign is a comma. Text that starts with an apostrophe gets one
/// more, so that the guard can be taken off again.
fn guarded(text: &str) -> String {
    let mut parts = text.split(';').map(|part| if starts_formula(part) { format!("'{part}") } else { part.to_owned() });
    let mut guarded = parts.next().unwrap_or_default();
    for part in parts {
        guarded.push(';');
        guarded.push_str(&part);
    }
    guarded
}

fn starts_formula(text: &str) -> bool {
    // Quotes and blanks may fall away when a spreadsheet reads the cell, as may what screening made visible.
    let mut rest = text;
    if rest.starts_with('\'') {
        return true;
    }
    loop {
        let first = rest.chars().next();
        match first {
            Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠') => return true,
            Some('⟨') => match rest.split_once('⟩') {
                Some((_, after)) => rest = after,
                None => return false,
            },
            Some(letter) if letter.is_whitespace() || matches!(letter, '"' | '\'' | '\u{2400}'..='\u{2426}') => {
                rest = &rest[letter.len_utf8()..];
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_could_be_a_formula_is_guarded_wherever_a_cell_may_begin() {
        let payloads = [
            "=HYPERLINK(\"http://x\")",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\u{0}=1",
            " =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\"=1",
            "'=1",
            "＝1+1",
            "|cmd",
            "%0A=1",
            "\u{200b}=1",
        ];
        for payload in payloads {
            assert!(guarded(&screen_str(payload)).starts_with('\''), "{payload:?}");
        }
        assert_eq!(guarded("a;=cmd|' /C calc'!A0"), "a;'=cmd|' /C calc'!A0");
        assert_eq!(guarded("'quoted"), "''quoted");
        assert_eq!((guarded("mail"), guarded("a=b"), guarded("")), ("mail".into(), "a=b".into(), String::new()));
    }

    #[test]
    fn cells_are_quoted_where_rfc_4180_says_so() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(cell("two\nlines"), "two␊lines");
        assert_eq!(number(Some(-5.0)), "-5");
        assert_eq!(number(Some(99.895)), "99.895");
    }
}
