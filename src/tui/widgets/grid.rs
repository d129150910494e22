//! A table of figures: numbers at the right edge, verdicts in symbol and word, every figure a stop.

use crate::model::figure::{Figure, MissingKind, Verdict};
use crate::report::format;
use crate::text;
use crate::tui::page::{Ink, Page, PageLine, Stop, Target, pad, pad_left};
use crate::tui::words;
use ratatui::style::Style;
use ratatui::text::Span;

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// What stands over it.
    pub heading: String,
    /// Dropped first where room is short, the highest number first; 0 is never dropped.
    pub drop: u8,
    /// Whether the verdict alone is enough where room is short.
    pub compact: bool,
}

impl Column {
    /// Makes a column that is dropped in the order of `drop`.
    pub fn new(heading: &str, drop: u8) -> Self {
        Self { heading: heading.into(), drop, compact: false }
    }

    /// Makes a column that can do with the verdict alone.
    pub fn compact(heading: &str, drop: u8) -> Self {
        Self { heading: heading.into(), drop, compact: true }
    }
}

/// A cell.
#[derive(Clone, Debug)]
pub enum Cell<'a> {
    /// The figure does not exist.
    None,
    /// The value, then the verdict where there is a target.
    Figure(&'a Figure),
    /// The verdict, or the value where there is none.
    Verdict(&'a Figure),
    /// The value with its change against the period before.
    Changed(&'a Figure, Option<String>),
    /// The target of a figure.
    TargetOf(&'a Figure),
    /// Text of ours.
    Text(String),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its name.
    pub label: String,
    /// Where the name leads.
    pub target: Option<Target>,
    /// The service it is about.
    pub service: Option<String>,
    /// As many as there are columns.
    pub cells: Vec<Cell<'a>>,
}

/// A table of figures.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    /// What the rows are.
    pub corner: String,
    /// The columns after the first.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row<'a>>,
}

struct Parts {
    value: String,
    mark: String,
    value_style: Style,
    mark_style: Style,
}

fn parts(ink: Ink, cell: &Cell) -> Parts {
    let theme = &ink.theme;
    let only = |value: String, style| Parts { value, mark: String::new(), value_style: style, mark_style: style };
    let judged =
        |figure: &Figure| format!("{} {}", ink.glyphs.verdict(figure.verdict), format::verdict(figure.verdict));
    match cell {
        Cell::None => only(ink.glyphs.none.into(), theme.muted),
        Cell::Text(text) => only(ink.glyphs.text(text), theme.text),
        Cell::TargetOf(figure) => match &figure.target {
            Some(target) => only(ink.glyphs.text(&format::target(target, &figure.unit)), theme.text),
            None => only(ink.glyphs.none.into(), theme.muted),
        },
        Cell::Figure(figure) => Parts {
            mark: if figure.verdict == Verdict::None { String::new() } else { judged(figure) },
            mark_style: theme.verdict(figure.verdict),
            ..only(ink.glyphs.text(&words::value(figure)), value_style(ink, figure))
        },
        Cell::Verdict(figure) if figure.verdict == Verdict::None => {
            only(ink.glyphs.text(&words::value(figure)), value_style(ink, figure))
        }
        Cell::Verdict(figure) => Parts {
            value: String::new(),
            mark: format!("{}{}", judged(figure), if figure.tainted { "!" } else { "" }),
            value_style: theme.text,
            mark_style: theme.verdict(figure.verdict),
        },
        Cell::Changed(figure, change) => Parts {
            mark: change.clone().map(|change| ink.glyphs.text(&change)).unwrap_or_default(),
            mark_style: theme.text,
            ..only(ink.glyphs.text(&words::value(figure)), value_style(ink, figure))
        },
    }
}

/// Returns the style of a value: missing ones stand apart, and so do those made from an incomplete pull.
pub fn value_style(ink: Ink, figure: &Figure) -> Style {
    match &figure.value {
        Err(missing) if missing.kind == MissingKind::NotApplicable => ink.theme.muted,
        Err(_) => ink.theme.unknown,
        Ok(_) if figure.tainted => ink.theme.stamp,
        Ok(_) => ink.theme.text,
    }
}

struct Width {
    value: usize,
    mark: usize,
    heading: usize,
}

impl Width {
    fn all(&self) -> usize {
        (self.value + self.mark + usize::from(self.value > 0 && self.mark > 0)).max(self.heading)
    }
}

impl Grid<'_> {
    /// Drops rows whose name and words do not hold the filter (`!word` turns it round), and with `only_wrong` those in
    /// which nothing is wrong. Returns how many are kept and how many there were.
    pub fn filter(&mut self, filter: &str, only_wrong: bool) -> (usize, usize) {
        let all = self.rows.len();
        self.rows.retain(|row| holds(&row.label, filter) && (!only_wrong || row.cells.iter().any(wrong)));
        (self.rows.len(), all)
    }

    /// Writes the table onto a page. Columns without a single value are left out; where room is short, verdicts lose
    /// their values, then the least important columns go, and the heading says how many.
    pub fn write(mut self, ink: Ink, page: &mut Page, width: usize) {
        for at in (0..self.columns.len()).rev() {
            if self.rows.iter().all(|row| matches!(row.cells.get(at), None | Some(Cell::None))) {
                self.columns.remove(at);
                for row in &mut self.rows {
                    if at < row.cells.len() {
                        row.cells.remove(at);
                    }
                }
            }
        }
        let mut cells: Vec<Vec<Parts>> =
            self.rows.iter().map(|row| row.cells.iter().map(|cell| parts(ink, cell)).collect()).collect();
        let widest = self.rows.iter().map(|row| text::width(&row.label)).max().unwrap_or(0);
        let mut label = widest.max(text::width(&self.corner)).clamp(4, 40);
        let measure = |columns: &[Column], cells: &[Vec<Parts>]| -> Vec<Width> {
            (0..columns.len())
                .map(|at| Width {
                    value: cells.iter().map(|row| text::width(&row[at].value)).max().unwrap_or(0),
                    mark: cells.iter().map(|row| text::width(&row[at].mark)).max().unwrap_or(0),
                    heading: text::width(&columns[at].heading),
                })
                .collect()
        };
        let total = |label: usize, gap: usize, widths: &[Width]| {
            1 + label + widths.iter().map(|width| gap + width.all()).sum::<usize>()
        };
        let mut gap = if width > 110 { 3 } else { 2 };
        let mut widths = measure(&self.columns, &cells);
        if total(label, gap, &widths) > width {
            gap = 2;
        }
        if total(label, gap, &widths) > width {
            label = label.min(16);
        }
        if total(label, gap, &widths) > width {
            gap = 1;
        }
        if total(label, gap, &widths) > width && self.columns.iter().any(|column| column.compact) {
            for row in &mut cells {
                for (column, parts) in self.columns.iter().zip(row) {
                    if column.compact && !parts.mark.is_empty() {
                        parts.value.clear();
                    }
                }
            }
            widths = measure(&self.columns, &cells);
        }
        let mut dropped = 0;
        while total(label, gap, &widths) + if dropped > 0 { 9 } else { 0 } > width && self.columns.len() > 1 {
            let least = (0..self.columns.len()).max_by_key(|at| (self.columns[*at].drop, *at)).unwrap_or(0);
            if self.columns[least].drop == 0 {
                break;
            }
            self.columns.remove(least);
            widths.remove(least);
            for row in &mut cells {
                row.remove(least);
            }
            for row in &mut self.rows {
                row.cells.remove(least);
            }
            dropped += 1;
        }
        let spare = width.saturating_sub(total(label, gap, &widths) + 2);
        label += spare.min(widest.saturating_sub(label));
        if self.columns.len() > 2 && width > 100 {
            gap += (width.saturating_sub(total(label, gap, &widths) + 12) / self.columns.len()).min(3);
        }
        self.draw(ink, page, (label, gap, dropped), &widths, &cells);
    }

    fn draw(self, ink: Ink, page: &mut Page, room: (usize, usize, usize), widths: &[Width], cells: &[Vec<Parts>]) {
        let (label, gap, dropped) = room;
        let head = page.lines.len();
        let mut spans = vec![ink.plain(" "), ink.span(&pad(&self.corner, label), ink.theme.heading)];
        for (column, width) in self.columns.iter().zip(widths) {
            let under = if width.value > 0 { width.all() - (width.mark + usize::from(width.mark > 0)) } else { 0 };
            let heading = if under >= width.heading {
                pad(&pad_left(&column.heading, under), width.all())
            } else if width.mark > 0 {
                pad(&column.heading, width.all())
            } else {
                pad_left(&column.heading, width.all())
            };
            spans.push(ink.plain(&" ".repeat(gap)));
            spans.push(ink.span(&heading, ink.theme.heading));
        }
        if dropped > 0 {
            spans.push(ink.muted(&format!(" +{dropped} cols")));
        }
        page.line(spans);
        for (row, parts) in self.rows.into_iter().zip(cells) {
            let line = page.lines.len();
            let shown = pad(&text::fit(&ink.glyphs.text(&row.label), label), label);
            let mut spans = vec![ink.plain(" "), Span::styled(shown, ink.theme.text)];
            if let Some(target) = row.target {
                page.stops.push(Stop { line, from: 1, to: 1 + label, target, service: row.service.clone() });
            }
            let mut at = 1 + label;
            for ((cell, parts), width) in row.cells.iter().zip(parts).zip(widths) {
                at += gap;
                let marked = width.mark + usize::from(width.mark > 0 && width.value > 0);
                spans.push(ink.plain(&" ".repeat(gap)));
                if width.value > 0 || width.mark == 0 {
                    spans.push(Span::styled(pad_left(&parts.value, width.all() - marked), parts.value_style));
                    if width.mark > 0 {
                        spans.push(Span::styled(" ".to_owned(), ink.theme.text));
                        spans.push(Span::styled(pad(&parts.mark, width.mark), parts.mark_style));
                    }
                } else {
                    spans.push(Span::styled(pad(&parts.mark, width.all()), parts.mark_style));
                }
                if let Cell::Figure(figure) | Cell::Verdict(figure) | Cell::Changed(figure, _) = cell {
                    let target = Target::Figure(figure.id.clone());
                    page.stops.push(Stop {
                        line,
                        from: at,
                        to: at + width.all(),
                        target,
                        service: row.service.clone(),
                    });
                }
                at += width.all();
            }
            page.lines.push(PageLine { spans, head: Some(head) });
        }
    }
}

/// Tells whether text holds a filter, ignoring case; `!word` turns it round.
pub fn holds(text: &str, filter: &str) -> bool {
    match filter.strip_prefix('!') {
        Some("") => true,
        Some(word) => !text.to_lowercase().contains(&word.to_lowercase()),
        None => text.to_lowercase().contains(&filter.to_lowercase()),
    }
}

fn wrong(cell: &Cell) -> bool {
    match cell {
        Cell::Figure(figure) | Cell::Verdict(figure) | Cell::Changed(figure, _) => {
            figure.tainted
                || matches!(figure.verdict, Verdict::Missed | Verdict::AtRisk)
                || figure.value.as_ref().is_err_and(|missing| {
                    matches!(missing.kind, MissingKind::NoData | MissingKind::InsufficientCoverage)
                })
        }
        Cell::None | Cell::TargetOf(_) | Cell::Text(_) => false,
    }
}
