//! Why this number: everything that a figure answers for, for the overlay and for the panel beside a page.

use super::sources;
use crate::model::figure::{Figure, FigureId, Unit, Verdict};
use crate::model::{Completeness, control_chart};
use crate::report::document::Step;
use crate::report::worked::{amount, worked};
use crate::report::{Document, format};
use crate::text;
use crate::tui::page::{Ink, Origin, Page, Target, wrap};
use crate::tui::widgets::chart::{self, Chart};
use crate::tui::words;

/// Writes the answer, `width` cells wide; a chart is drawn where `height` leaves room for one.
pub fn write(ink: Ink, page: &mut Page, document: &Document, id: &FigureId, width: usize, height: usize) {
    let Some(figure) = document.figure(id) else {
        let said = format!("{} does not exist in this period.", words::name(document, id));
        page.paragraph(ink, &said, ink.theme.unknown, width);
        return;
    };
    head(ink, page, document, figure, width);
    rows(ink, page, figure, width);
    course(ink, page, document, figure, width, height);
    let label = if width < 60 { 11 } else { 14 };
    let field = |page: &mut Page, name: &str, value: &str| {
        if !value.is_empty() {
            page.field(ink, name, value, ink.theme.text, label, width);
        }
    };
    page.title(ink, "How it is computed", "");
    field(page, "formula", &text::screen_str(&figure.basis.formula));
    for (name, value) in &figure.basis.parameters {
        field(page, &text::screen_str(name).replace('_', " "), &text::screen_str(value));
    }
    if let Some(counts) = words::counts(figure) {
        field(page, "counts", &counts);
    } else if let (Some(part), Some(whole)) = (figure.numerator, figure.denominator) {
        field(page, "numerator", &amount(figure, part));
        field(page, "denominator", &amount(figure, whole));
    }
    if figure.n > 0 {
        field(page, "n", &format::grouped(figure.n as f64, 0));
    }
    if let Some(interval) = &figure.interval {
        field(page, "interval", &format::interval(interval, &figure.unit));
    }
    for other in &figure.alternatives {
        field(
            page,
            "by another",
            &format!("{}: {}", text::screen_str(&other.formula), format::number(other.value, &figure.unit)),
        );
    }
    if let Some(coverage) = &figure.coverage {
        let said = format!(
            "{} of the time is known ({}); between {} and {} whatever the rest was",
            format::number(coverage.ratio * 100.0, &Unit::Percent),
            coverage.kind,
            format::number(coverage.low, &figure.unit),
            format::number(coverage.high, &figure.unit)
        );
        field(page, "coverage", &said);
    }
    if !figure.basis.clauses.is_empty() {
        let clauses = figure.basis.clauses.join(", ");
        field(page, "clauses", &format!("{clauses} of ISO/IEC 20000-1:{}", u16::from(document.edition)));
    }
    receipts(ink, page, document, figure, label, width);
    page.gap();
    page.field(ink, "id", &figure.id.to_string(), ink.theme.muted, label, width);
}

fn head(ink: Ink, page: &mut Page, document: &Document, figure: &Figure, width: usize) {
    page.paragraph(ink, &words::measure(document, &figure.id.measure), ink.theme.title, width);
    page.paragraph(ink, &words::whose(document, &figure.id), ink.theme.muted, width);
    let mut spans = vec![ink.plain(" "), ink.span(&words::value(figure), ink.theme.title)];
    if figure.verdict != Verdict::None {
        let said = format!("  {} {}", ink.glyphs.verdict(figure.verdict), format::verdict(figure.verdict));
        spans.push(ink.span(&said, ink.theme.verdict(figure.verdict)));
    }
    page.line(spans);
    if let Some(line) = worked(figure) {
        page.paragraph(ink, &line, ink.theme.text, width);
    }
    if let Err(missing) = &figure.value {
        page.paragraph(ink, &text::screen_str(&missing.text), ink.theme.unknown, width);
    }
    if let Some(target) = &figure.target {
        let mut said = format!(
            "target {}, agreement {}",
            format::target(target, &figure.unit),
            text::screen_str(&target.agreement)
        );
        // A continuity plan promises without a date.
        if !target.effective_from.is_empty() {
            said.push_str(&format!(" in force since {}", target.effective_from));
        }
        page.paragraph(ink, &said, ink.theme.text, width);
    }
    if figure.tainted {
        page.paragraph(ink, "An incomplete pull went into it.", ink.theme.stamp, width);
    }
    if figure.provisional {
        page.paragraph(ink, "It may still change by rule.", ink.theme.stamp, width);
    }
}

fn rows(ink: Ink, page: &mut Page, figure: &Figure, width: usize) {
    page.title(ink, "Rows", "");
    if figure.rows.table.is_empty() {
        let said = format!("{}.", format::no_rows(figure));
        page.paragraph(ink, &words::capital(&said), ink.theme.muted, width);
        return;
    }
    let used = format!("{} of {} used", words::rows(figure.rows.used), figure.rows.table.replace('_', " "));
    page.line(vec![ink.plain(" "), ink.plain(&used)]);
    page.stop_on_last(Target::Rows(Origin::Used(figure.id.clone())), figure.id.scope.service.clone());
    for (at, left) in figure.rows.left_out.iter().enumerate() {
        let said = format!("{} left out: {}", format::grouped(left.count as f64, 0), text::screen_str(&left.reason));
        let mut lines = wrap(&ink.glyphs.text(&said), width.saturating_sub(2).max(8)).into_iter();
        page.line(vec![ink.plain(" "), ink.plain(&lines.next().unwrap_or_default())]);
        page.stop_on_last(Target::Rows(Origin::LeftOut(figure.id.clone(), at)), figure.id.scope.service.clone());
        for line in lines {
            page.line(vec![ink.plain("   "), ink.plain(&line)]);
        }
    }
}

fn course(ink: Ink, page: &mut Page, document: &Document, figure: &Figure, width: usize, height: usize) {
    // What a control chart comes to is seen in the course of the figure that it is of.
    let charted = control_chart::charted(&figure.id);
    let figure = charted.as_ref().and_then(|id| document.figure(id)).unwrap_or(figure);
    let Some(series) = document.course(&figure.id, Step::Month).filter(|series| series.points.len() > 1) else {
        return;
    };
    let control = || {
        let control = series.control.as_ref()?;
        Some(text::screen_str(&format!("Control chart: {}.", format::control(control, &figure.unit))))
    };
    let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { return };
    page.title(ink, "Months", "");
    if height >= 34 && width >= 36 {
        let target = figure.target.as_ref();
        let lines = Chart {
            values: &values,
            threshold: target
                .map(|target| (target.value, format!("target {}", format::number(target.value, &figure.unit)))),
            ends: (first.period.clone(), last.period.clone()),
            unit: &figure.unit,
            future: None,
        }
        .lines(ink, width.min(90), 7);
        for spans in lines {
            page.line(spans);
        }
        if let Some(said) = control() {
            page.paragraph(ink, &said, ink.theme.text, width);
        }
        return;
    }
    page.line(vec![
        ink.muted(&format!(" {} ", first.period)),
        ink.span(&chart::heights(ink, &values), ink.theme.chart),
        ink.muted(&format!(" {}", last.period)),
    ]);
    let shown = series.points.iter().rev().take(4).map(|point| {
        let value = point.value.map_or_else(
            || point.missing.clone().unwrap_or_else(|| "no data".to_owned()),
            |value| format::number(value, &figure.unit),
        );
        format!("{} {value}", point.period)
    });
    let shown = shown.collect::<Vec<_>>().join("; ");
    page.paragraph(ink, &text::screen_str(&shown), ink.theme.text, width);
    if let Some(said) = control() {
        page.paragraph(ink, &said, ink.theme.text, width);
    }
}

fn receipts(ink: Ink, page: &mut Page, document: &Document, figure: &Figure, label: usize, width: usize) {
    page.title(ink, "Receipts", "");
    if figure.basis.receipts.is_empty() {
        page.line(vec![ink.muted(" none")]);
    }
    for id in &figure.basis.receipts {
        let Some(receipt) = document.receipts.iter().find(|receipt| receipt.id == *id) else {
            page.field(ink, id, "not in this report", ink.theme.unknown, label, width);
            continue;
        };
        let (word, style) = sources::completeness(ink, receipt);
        let files = receipt.files.iter().map(|file| text::screen_str(&file.name)).collect::<Vec<_>>().join(", ");
        let source = text::screen_str(&receipt.source);
        page.field(ink, &source, &word, style, label, width);
        let said = format!("pulled {} from {files}", words::instant(&receipt.pulled_at));
        page.field(ink, "", &said, ink.theme.text, label, width);
        let (Completeness::Complete { rule: why }
        | Completeness::Incomplete { reason: why }
        | Completeness::Unknowable { reason: why }) = &receipt.completeness;
        page.field(ink, "", &text::screen_str(why), ink.theme.muted, label, width);
    }
}
