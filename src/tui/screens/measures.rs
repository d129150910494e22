//! Every measure of the catalogue: what it is, how it is computed, and how many figures of it this period has.

use super::View;
use crate::text;
use crate::tui::page::{Page, Target, pad, pad_left};
use crate::tui::widgets::grid::holds;
use crate::tui::words;

/// Figures of a measure that are listed; beyond that a filter finds them.
const LISTED: usize = 200;

/// Returns the page. A filter that is the id of a measure lists the figures of it.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let document = view.document;
    if let Some(measure) = document.measures.iter().find(|measure| measure.id == view.filter) {
        of_measure(view, &mut page, &measure.id);
        return page;
    }
    let ink = view.ink;
    let shown: Vec<_> = document
        .measures
        .iter()
        .filter(|measure| holds(&format!("{} {} {}", measure.id, measure.name, measure.formula), view.filter))
        .collect();
    page.kept = (shown.len(), document.measures.len());
    page.title(ink, "Measures", "what each one is; Enter lists its figures");
    if shown.is_empty() {
        page.paragraph(ink, "No measure is left by the filter.", ink.theme.unknown, view.width);
    }
    for measure in shown {
        let count = document.of_measures(&measure.id).iter().filter(|figure| figure.id.measure == measure.id).count();
        let id = text::screen_str(&measure.id);
        let figures = match count {
            0 => "no figures".to_owned(),
            1 => "1 figure".to_owned(),
            many => format!("{many} figures"),
        };
        let name = text::fit(&text::screen_str(&measure.name), view.width.saturating_sub(text::width(&id) + 16).max(8));
        let between = view.width.saturating_sub(text::width(&id) + text::width(&name) + text::width(&figures) + 6);
        page.line(vec![
            ink.plain(" "),
            ink.span(&name, ink.theme.title),
            ink.plain("  "),
            ink.span(&id, ink.theme.accent),
            ink.plain(&" ".repeat(between)),
            ink.span(&pad_left(&figures, 1), if count == 0 { ink.theme.muted } else { ink.theme.text }),
        ]);
        page.stop_on_last(Target::Measure(measure.id.clone()), None);
        let mut facts = vec![measure.unit.clone()];
        if !measure.clauses.is_empty() {
            facts.push(format!("clause {}", measure.clauses.join(", ")));
        }
        facts.push(if measure.additive { "parts add up" } else { "parts do not add up" }.to_owned());
        page.paragraph(ink, &format!("  {}", facts.join(" · ")), ink.theme.muted, view.width);
        for line in crate::tui::page::wrap(&ink.glyphs.text(&measure.formula), view.width.saturating_sub(5).max(8)) {
            page.line(vec![ink.plain(&pad("", 3)), ink.plain(&line)]);
        }
    }
    page
}

/// Writes the figures of one measure, each a stop.
fn of_measure(view: View, page: &mut Page, id: &str) {
    let (ink, document) = (view.ink, view.document);
    let figures: Vec<_> = document.figures.iter().filter(|figure| figure.id.measure == id).collect();
    page.kept = (figures.len().min(LISTED), document.figures.len());
    page.title(ink, &words::measure(document, id), &text::screen_str(id));
    if let Some(measure) = document.measures.iter().find(|measure| measure.id == id) {
        page.paragraph(ink, &measure.formula, ink.theme.muted, view.width);
    }
    if figures.is_empty() {
        page.paragraph(ink, "This period has no figures of it.", ink.theme.unknown, view.width);
    }
    let label = figures.iter().map(|figure| text::width(&words::whose(document, &figure.id))).max().unwrap_or(0);
    let label = label.min(view.width.saturating_sub(30).max(12));
    for figure in figures.iter().take(LISTED) {
        let verdict = match figure.verdict {
            crate::model::Verdict::None => String::new(),
            verdict => format!("{} {}", ink.glyphs.verdict(verdict), crate::report::format::verdict(verdict)),
        };
        page.line(vec![
            ink.plain(" "),
            ink.plain(&pad(&text::fit(&words::whose(document, &figure.id), label), label)),
            ink.plain("  "),
            ink.span(&pad_left(&words::value(figure), 14), crate::tui::widgets::grid::value_style(ink, figure)),
            ink.plain("  "),
            ink.span(&verdict, ink.theme.verdict(figure.verdict)),
        ]);
        page.stop_on_last(Target::Figure(figure.id.clone()), figure.id.scope.service.clone());
    }
    if figures.len() > LISTED {
        let said = format!("{} more are not listed here.", figures.len() - LISTED);
        page.paragraph(ink, &said, ink.theme.muted, view.width);
    }
}
