//! Courses as lines of text: a chart with axes and a labelled threshold, and a row of column heights.
//!
//! A gap in the values is a gap on screen, marked with `?`; it is never drawn as nought and never bridged.

use crate::model::figure::Unit;
use crate::report::format;
use crate::tui::page::{Ink, pad_left};
use ratatui::style::Style;
use ratatui::text::Span;
use std::borrow::Cow;

/// What a chart shows.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// One value a step, oldest first.
    pub values: &'a [Option<f64>],
    /// A level that must not be crossed, with its label.
    pub threshold: Option<(f64, String)>,
    /// What stands under the first and the last value.
    pub ends: (String, String),
    /// What the values are counted in.
    pub unit: &'a Unit,
    /// What is expected after the last value.
    pub future: Option<Future<'a>>,
}

/// What is expected after the last value of a chart, in the same steps.
#[derive(Clone, Debug)]
pub struct Future<'a> {
    /// One value a step.
    pub values: &'a [f64],
    /// Their limits, lower first, where there are any.
    pub limits: &'a [Option<(f64, f64)>],
    /// What stands under the axis where the values end.
    pub begins: String,
}

impl Chart<'_> {
    /// Returns `height` lines of plot and one of labels, `width` cells wide.
    pub fn lines(&self, ink: Ink, width: usize, height: usize) -> Vec<Vec<Span<'static>>> {
        let known = || self.values.iter().flatten().copied().filter(|value| value.is_finite());
        let expected = || self.future.iter().flat_map(|future| future.values.iter().copied());
        // Limits may lie far out; what of them is beyond the values and the threshold is cut at the edge.
        let levels = || known().chain(expected()).chain(self.threshold.iter().map(|(level, _)| *level));
        let (low, high) = levels().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if known().next().is_none() || height < 2 || width < 20 {
            return vec![vec![ink.plain(" "), ink.span("no values to draw", ink.theme.unknown)]];
        }
        let margin = if high > low && *self.unit == Unit::Count {
            0.0
        } else if high > low {
            (high - low) * 0.08
        } else {
            (high.abs() * 0.05).max(1.0)
        };
        // The axis says nothing of what cannot be: less than nought where nothing is, more than a hundred percent.
        let least = if known().all(|value| value >= 0.0) { 0.0 } else { f64::MIN };
        let most = if self.unit.is_share() { 100.0_f64.max(high) } else { f64::MAX };
        let low = (low - margin).max(least);
        let high = (high + margin).min(most).max(low + f64::EPSILON * low.abs().max(1.0));
        let labels: Vec<String> = (0..height)
            .map(|row| match row {
                row if row == 0 || row == height - 1 || (height >= 7 && row == height / 2) => {
                    let share = row as f64 / (height - 1) as f64;
                    axis(high - share * (high - low), self.unit)
                }
                _ => String::new(),
            })
            .collect();
        let margin = labels.iter().map(|label| crate::text::width(label)).max().unwrap_or(0);
        let plot = width.saturating_sub(margin + 4).max(8);
        let place = |value: f64, rows: usize| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the height")]
            let row = ((high - value) / (high - low) * (rows - 1) as f64).round().max(0.0) as usize;
            row.min(rows - 1)
        };
        let row_of = |value: f64| place(value, height);
        let trace = |canvas: &mut Canvas| {
            if ink.glyphs.braille {
                self.dots(ink, canvas, plot, &|value| place(value, height * 4));
            } else {
                self.trace(ink, canvas, plot, &row_of);
            }
        };
        let mut canvas = Canvas { cells: vec![vec![(Cow::Borrowed(" "), ink.theme.text); plot]; height] };
        if let Some((level, label)) = &self.threshold {
            let row = row_of(*level);
            self.band(ink, &mut canvas, plot, &row_of);
            canvas.cells[row].fill((ink.glyphs.threshold.into(), ink.theme.risk));
            trace(&mut canvas);
            self.expect(ink, &mut canvas, plot, &row_of);
            return self.finish(ink, canvas, &labels, margin, plot, Some((row, ink.glyphs.text(label))));
        }
        self.band(ink, &mut canvas, plot, &row_of);
        trace(&mut canvas);
        self.expect(ink, &mut canvas, plot, &row_of);
        self.finish(ink, canvas, &labels, margin, plot, None)
    }

    fn trace(&self, ink: Ink, canvas: &mut Canvas, plot: usize, row_of: &dyn Fn(f64) -> usize) {
        let [level, upright, rise_ends, rise_begins, fall_begins, fall_ends] = ink.glyphs.line;
        let style = ink.theme.chart;
        let bottom = canvas.cells.len() - 1;
        let mut before: Option<usize> = None;
        let past = self.past(plot);
        for column in 0..past {
            let Some(value) = self.at(column, past) else {
                before = None;
                if canvas.cells[bottom][column].0 == " " {
                    canvas.cells[bottom][column] = (ink.glyphs.unknown.into(), ink.theme.gap);
                }
                continue;
            };
            let row = row_of(value);
            match before {
                Some(from) if from > row => {
                    canvas.cells[from][column] = (rise_ends.into(), style);
                    canvas.cells[row][column] = (rise_begins.into(), style);
                    for between in row + 1..from {
                        canvas.cells[between][column] = (upright.into(), style);
                    }
                }
                Some(from) if from < row => {
                    canvas.cells[from][column] = (fall_begins.into(), style);
                    canvas.cells[row][column] = (fall_ends.into(), style);
                    for between in from + 1..row {
                        canvas.cells[between][column] = (upright.into(), style);
                    }
                }
                _ => canvas.cells[row][column] = (level.into(), style),
            }
            before = Some(row);
        }
    }

    /// Draws the values as a line of braille dots, two across and four down in a cell; a cell of the line has no other mark.
    fn dots(&self, ink: Ink, canvas: &mut Canvas, plot: usize, dot_of: &dyn Fn(f64) -> usize) {
        /// The bits of a braille pattern by row and column.
        const BITS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let bottom = canvas.cells.len() - 1;
        let past = self.past(plot);
        let mut lit = vec![vec![0; past]; canvas.cells.len()];
        let mut before: Option<usize> = None;
        for column in 0..past * 2 {
            let Some(value) = self.at(column, past * 2) else {
                before = None;
                if canvas.cells[bottom][column / 2].0 == " " {
                    canvas.cells[bottom][column / 2] = (ink.glyphs.unknown.into(), ink.theme.gap);
                }
                continue;
            };
            let dot = dot_of(value);
            let from = before.unwrap_or(dot);
            for between in from.min(dot)..=from.max(dot) {
                lit[between / 4][column / 2] |= BITS[between % 4][column % 2];
            }
            before = Some(dot);
        }
        for (row, patterns) in lit.into_iter().enumerate() {
            for (column, pattern) in patterns.into_iter().enumerate().filter(|(_, pattern)| *pattern > 0) {
                let symbol = char::from_u32(0x2800 + pattern).unwrap_or(' ');
                canvas.cells[row][column] = (symbol.to_string().into(), ink.theme.chart);
            }
        }
    }

    /// Returns how many columns the values take; the rest is the future's.
    fn past(&self, plot: usize) -> usize {
        let ahead = self.future.as_ref().map_or(0, |future| future.values.len());
        if ahead == 0 { plot } else { (plot * self.values.len() / (self.values.len() + ahead)).clamp(1, plot) }
    }

    /// Returns the columns of the future, each with its step.
    fn steps_ahead(&self, plot: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (past, steps) = (self.past(plot), self.future.as_ref().map_or(0, |future| future.values.len()));
        let columns = plot.saturating_sub(past).max(1);
        (past..plot).filter(move |_| steps > 0).map(move |column| (column, (column - past) * steps / columns))
    }

    fn band(&self, ink: Ink, canvas: &mut Canvas, plot: usize, row_of: &dyn Fn(f64) -> usize) {
        let Some(future) = &self.future else { return };
        for (column, step) in self.steps_ahead(plot) {
            let Some((low, high)) = future.limits.get(step).copied().flatten() else { continue };
            for row in row_of(high)..=row_of(low) {
                canvas.cells[row][column] = (ink.glyphs.forecast[1].into(), ink.theme.muted);
            }
        }
    }

    /// Draws what is expected, with a gap after each dot: nobody has measured it.
    fn expect(&self, ink: Ink, canvas: &mut Canvas, plot: usize, row_of: &dyn Fn(f64) -> usize) {
        let Some(future) = &self.future else { return };
        for (column, step) in self.steps_ahead(plot).step_by(2) {
            if let Some(value) = future.values.get(step) {
                canvas.cells[row_of(*value)][column] = (ink.glyphs.forecast[0].into(), ink.theme.accent);
            }
        }
    }

    /// Returns the value at a column of the plot, between two known neighbours on the straight line.
    fn at(&self, column: usize, plot: usize) -> Option<f64> {
        let steps = self.values.len();
        if steps <= 1 || plot <= steps {
            return self.values[(column * steps / plot).min(steps - 1)];
        }
        let place = column as f64 * (steps - 1) as f64 / (plot - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the values")]
        let left = (place.floor() as usize).min(steps - 1);
        let right = (left + 1).min(steps - 1);
        let share = place - left as f64;
        match (self.values[left], self.values[right]) {
            (Some(from), Some(to)) => Some(from + share * (to - from)),
            (Some(from), None) if share < 0.5 => Some(from),
            (None, Some(to)) if share >= 0.5 => Some(to),
            _ => None,
        }
    }

    fn finish(
        &self,
        ink: Ink,
        mut canvas: Canvas,
        labels: &[String],
        margin: usize,
        plot: usize,
        threshold: Option<(usize, String)>,
    ) -> Vec<Vec<Span<'static>>> {
        let mut over = None;
        if let Some((row, label)) = threshold {
            // The label stands on the line where the plot leaves it free, else above or below it.
            let wide = crate::text::width(&label) + 2;
            if wide < plot {
                let free = |row: usize, from: usize| {
                    canvas.cells[row][from..from + wide]
                        .iter()
                        .all(|(glyph, _)| *glyph == " " || *glyph == ink.glyphs.threshold)
                };
                let rows = [Some(row), row.checked_sub(1), Some(row + 1).filter(|row| *row < canvas.cells.len())];
                over = rows
                    .into_iter()
                    .flatten()
                    .flat_map(|row| [1, plot - wide - 1, (plot - wide) / 2].map(|from| (row, from)))
                    .find(|(row, from)| free(*row, *from))
                    .map(|(row, from)| (row, from, label.clone()));
                if over.is_none() {
                    over = Some((row, 1, label));
                }
            }
        }
        let mut lines = Vec::new();
        for (row, cells) in canvas.cells.iter_mut().enumerate() {
            let mut spans = vec![
                ink.muted(&format!(" {} ", pad_left(&labels[row], margin))),
                ink.span(ink.glyphs.bar, ink.theme.border),
            ];
            match &over {
                Some((at, from, label)) if *at == row => {
                    let wide = crate::text::width(label) + 2;
                    runs(&cells[..*from], &mut spans);
                    spans.push(ink.span(&format!(" {label} "), ink.theme.risk));
                    runs(&cells[from + wide..], &mut spans);
                }
                _ => runs(cells, &mut spans),
            }
            lines.push(spans);
        }
        let (first, last) = (ink.glyphs.text(&self.ends.0), ink.glyphs.text(&self.ends.1));
        let between = plot.saturating_sub(crate::text::width(&first) + crate::text::width(&last)).saturating_sub(2);
        let mut rule = vec![ink.span(&format!(" {} ", ink.glyphs.rule.repeat(between)), ink.theme.border)];
        if let Some(future) = &self.future {
            let word = ink.glyphs.text(&future.begins);
            let wide = crate::text::width(&word) + 2;
            let before = self.past(plot).saturating_sub(crate::text::width(&first) + 2 + wide / 2);
            if before >= 2 && before + wide + 2 <= between {
                let line = |cells: usize| ink.span(&ink.glyphs.rule.repeat(cells), ink.theme.border);
                rule = vec![ink.plain(" "), line(before), ink.muted(&format!(" {word} "))];
                rule.extend([line(between - before - wide), ink.plain(" ")]);
            }
        }
        let mut axis = vec![ink.plain(&" ".repeat(margin + 2)), ink.span(ink.glyphs.corner, ink.theme.border)];
        axis.push(ink.muted(&first));
        axis.extend(rule);
        axis.push(ink.muted(&last));
        lines.push(axis);
        lines
    }
}

/// Prints a value on an axis: shorter than in a table, because it only orients.
fn axis(value: f64, unit: &Unit) -> String {
    let digits = match value {
        value if value.fract() == 0.0 => 0,
        value if value.abs() < 10.0 && *unit != Unit::Count => 2,
        _ => 1,
    };
    match unit {
        Unit::Seconds => format::duration(value),
        Unit::Percent => format!("{value:.1} %"),
        Unit::Count | Unit::Events | Unit::Days | Unit::PerTicket | Unit::PerMillion | Unit::Points | Unit::Ratio => {
            format::grouped(value, digits)
        }
        Unit::Money(_) => format::number(value, unit),
        Unit::Own(name) => format!("{} {name}", format::grouped(value, digits)).trim_end().to_owned(),
    }
}

/// A symbol and its style.
type Mark = (Cow<'static, str>, Style);

struct Canvas {
    cells: Vec<Vec<Mark>>,
}

fn runs(cells: &[Mark], spans: &mut Vec<Span<'static>>) {
    let mut at = 0;
    while at < cells.len() {
        let style = cells[at].1;
        let end = cells[at..].iter().position(|cell| cell.1 != style).map_or(cells.len(), |found| at + found);
        spans.push(Span::styled(cells[at..end].iter().map(|cell| &*cell.0).collect::<String>(), style));
        at = end;
    }
}

/// Returns one symbol a value, its height the place between the lowest and the highest; `?` where there is none.
pub fn heights(ink: Ink, values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied();
    let (low, high) = known().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let steps = ink.glyphs.heights;
    values
        .iter()
        .map(|value| match value {
            None => ink.glyphs.unknown,
            Some(_) if high <= low => steps[steps.len() / 2],
            Some(value) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the steps")]
                let step = ((value - low) / (high - low) * (steps.len() - 1) as f64).round() as usize;
                steps[step.min(steps.len() - 1)]
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::glyph::{Glyphs, Symbols};
    use crate::tui::theme::Theme;

    #[test]
    fn a_line_of_dots_joins_what_is_known_and_leaves_gaps() {
        let ink = Ink { theme: Theme::mono(), glyphs: Glyphs::of(Symbols::Braille), presenting: false };
        let values: Vec<Option<f64>> = (0..30).map(|at| (at != 15).then_some(f64::from(at))).collect();
        let chart = Chart {
            values: &values,
            threshold: None,
            ends: ("first".into(), "last".into()),
            unit: &Unit::Count,
            future: None,
        };
        let lines = chart.lines(ink, 36, 4);
        let shown: Vec<String> = lines.iter().map(|spans| spans.iter().map(|span| &*span.content).collect()).collect();
        let dots = |line: &str| line.chars().filter(|symbol| ('\u{2801}'..='\u{28ff}').contains(symbol)).count();
        let plot = shown[0].chars().count() - shown[0].chars().position(|symbol| symbol == '│').unwrap() - 1;
        let drawn: usize = shown.iter().map(|line| dots(line)).sum();
        assert!(drawn >= plot - 2 && shown[3].contains('?'), "{shown:#?}");
        assert!(dots(&shown[0]) > 0 && dots(&shown[3]) > 0, "it rises from the bottom to the top: {shown:#?}");
    }
}
