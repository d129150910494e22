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
    /// Where room is short the verdict alone is enough, in the columns with 1 first; 0 always keeps the value.
    pub compact: u8,
}

impl Column {
    /// Makes a column that is dropped in the order of `drop`.
    pub fn new(heading: &str, drop: u8) -> Self {
        Self { heading: heading.into(), drop, compact: 0 }
    }

    /// Makes a column that can do with the verdict alone, those with `compact` 1 first.
    pub fn compact(heading: &str, drop: u8, compact: u8) -> Self {
        Self { heading: heading.into(), drop, compact }
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
    /// A short word for a value that is missing.
    Words(&'a Figure, &'static str),
    /// The value with what it counts.
    Counted(&'a Figure, &'static str),
    /// A figure of another period or service: shown, but no stop, because the cursor stands on the one of here.
    Other(&'a Figure),
    /// The target of a figure.
    TargetOf(&'a Figure),
    /// Text of ours.
    Text(String),
}

impl<'a> Cell<'a> {
    /// Makes a cell of what was promised of a figure; none where nothing was.
    pub fn target_of(figure: Option<&'a Figure>) -> Self {
        figure.filter(|figure| figure.target.is_some()).map_or(Cell::None, Cell::TargetOf)
    }

    /// Returns the figure that can be asked.
    pub fn figure(&self) -> Option<&'a Figure> {
        match self {
            Cell::Figure(figure)
            | Cell::Verdict(figure)
            | Cell::Changed(figure, _)
            | Cell::Words(figure, _)
            | Cell::Counted(figure, _) => Some(figure),
            Cell::None | Cell::TargetOf(_) | Cell::Other(_) | Cell::Text(_) => None,
        }
    }
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
    /// Whether the value is a word for what is missing.
    missing: bool,
    value: String,
    mark: String,
    value_style: Style,
    mark_style: Style,
}

impl Parts {
    /// Leaves the verdict alone; a value without one stays as it is.
    fn compact(&mut self) {
        if self.mark.is_empty() {
            self.missing = true;
        } else {
            self.value.clear();
        }
    }
}

fn parts(ink: Ink, cell: &Cell) -> Parts {
    let theme = ink.theme;
    let only = |value: String, style| Parts {
        missing: false,
        value,
        mark: String::new(),
        value_style: style,
        mark_style: style,
    };
    let judged =
        |figure: &Figure| format!("{} {}", ink.glyphs.verdict(figure.verdict), format::verdict(figure.verdict));
    match cell {
        Cell::None => Parts { missing: true, ..only(ink.glyphs.none.into(), theme.muted) },
        Cell::Text(text) => only(ink.glyphs.text(text), theme.text),
        Cell::TargetOf(figure) => match &figure.target {
            Some(target) => only(ink.glyphs.text(&format::target(target, &figure.unit)), theme.text),
            None => only(ink.glyphs.none.into(), theme.muted),
        },
        Cell::Figure(figure) | Cell::Other(figure) => Parts {
            missing: figure.value.is_err(),
            mark: if figure.verdict == Verdict::None { String::new() } else { judged(figure) },
            mark_style: theme.verdict(figure.verdict),
            ..only(ink.glyphs.text(&words::value(figure)), value_style(ink, figure))
        },
        Cell::Verdict(figure) if figure.verdict == Verdict::None => {
            let shown = only(ink.glyphs.text(&words::value(figure)), value_style(ink, figure));
            Parts { missing: true, ..shown }
        }
        Cell::Verdict(figure) => Parts {
            missing: false,
            value: String::new(),
            mark: format!("{}{}", judged(figure), if figure.tainted { "!" } else { "" }),
            value_style: theme.text,
            mark_style: theme.verdict(figure.verdict),
        },
        Cell::Words(figure, words) => Parts { missing: true, ..only((*words).to_owned(), value_style(ink, figure)) },
        Cell::Counted(figure, what) => {
            let shown = format!("{} {what}", words::value(figure));
            Parts { missing: true, ..only(ink.glyphs.text(&shown), value_style(ink, figure)) }
        }
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
        Err(missing) if matches!(missing.kind, MissingKind::NotApplicable | MissingKind::Undefined) => ink.theme.muted,
        Err(_) => ink.theme.unknown,
        Ok(_) if figure.tainted => ink.theme.stamp,
        Ok(_) => ink.theme.text,
    }
}

/// Columns from this number on only explain others and go before anything is shortened.
pub const ASIDE: u8 = 100;

struct Width {
    value: usize,
    mark: usize,
    /// Words that need neither side: `insufficient data`.
    whole: usize,
    heading: usize,
}

impl Width {
    fn all(&self) -> usize {
        let both = self.value + self.mark + usize::from(self.value > 0 && self.mark > 0);
        both.max(self.heading).max(self.whole)
    }
}

struct Room {
    label: usize,
    gap: usize,
    dropped: usize,
}

impl Room {
    /// Lets names give way, but not below `least` cells.
    fn shorten(&mut self, widths: &[Width], width: usize, least: usize) {
        let over = self.total(widths).saturating_sub(width);
        self.label = self.label.saturating_sub(over).max(self.label.min(least));
    }

    fn total(&self, widths: &[Width]) -> usize {
        let columns = widths.iter().map(|width| self.gap + width.all()).sum::<usize>();
        1 + self.label + columns + if self.dropped > 0 { 9 } else { 0 }
    }
}

fn measure(columns: &[Column], cells: &[Vec<Parts>]) -> Vec<Width> {
    let widest = |of: &dyn Fn(&Parts) -> usize, at: usize| cells.iter().map(|row| of(&row[at])).max().unwrap_or(0);
    (0..columns.len())
        .map(|at| Width {
            value: widest(&|parts| if parts.missing { 0 } else { text::width(&parts.value) }, at),
            mark: widest(&|parts| text::width(&parts.mark), at),
            whole: widest(&|parts| if parts.missing { text::width(&parts.value) } else { 0 }, at),
            heading: text::width(&columns[at].heading),
        })
        .collect()
}

impl Grid<'_> {
    /// Drops rows whose name and words do not hold the filter (`!word` turns it round), and with `only_wrong` those in
    /// which nothing is wrong. Returns how many are kept and how many there were.
    pub fn filter(&mut self, filter: &str, only_wrong: bool) -> (usize, usize) {
        let all = self.rows.len();
        self.rows.retain(|row| holds(&row.label, filter) && (!only_wrong || row.cells.iter().any(wrong)));
        (self.rows.len(), all)
    }

    /// Writes the table onto a page. Columns without a single value are left out. Where room is short the columns that
    /// only explain others go first, then verdicts lose their values, then the least important columns go, and the
    /// heading says how many.
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
        let mut room = Room { label: widest.max(text::width(&self.corner)).clamp(4, 56), gap: 2, dropped: 0 };
        let mut widths = measure(&self.columns, &cells);
        if room.total(&widths) > width {
            room.gap = 1;
        }
        while room.total(&widths) > width && self.columns.iter().any(|column| column.drop >= ASIDE) {
            self.drop_one(&mut cells, &mut widths, &mut room);
        }
        for rank in 1..=9 {
            if rank == 2 {
                room.shorten(&widths, width, 12);
            }
            if room.total(&widths) <= width {
                break;
            }
            for at in (0..self.columns.len()).filter(|at| self.columns[*at].compact == rank) {
                if cells.iter().all(|row| row[at].mark.is_empty()) {
                    continue;
                }
                for row in &mut cells {
                    row[at].compact();
                }
            }
            widths = measure(&self.columns, &cells);
        }
        let short = |room: &Room, widths: &[Width]| room.total(widths) > width;
        room.shorten(&widths, width, 12);
        while short(&room, &widths) && self.columns.len() > 1 && self.columns.iter().any(|column| column.drop > 0) {
            self.drop_one(&mut cells, &mut widths, &mut room);
        }
        let spare = width.saturating_sub(room.total(&widths) + 1);
        room.label += spare.min(widest.saturating_sub(room.label));
        if self.columns.len() > 2 && width > 90 {
            room.gap += (width.saturating_sub(room.total(&widths) + 8) / self.columns.len()).min(3);
        }
        self.draw(ink, page, &room, &widths, &cells);
    }

    fn drop_one(&mut self, cells: &mut [Vec<Parts>], widths: &mut Vec<Width>, room: &mut Room) {
        let Some(least) = (0..self.columns.len()).max_by_key(|at| (self.columns[*at].drop, *at)) else { return };
        let dropped = self.columns.remove(least);
        widths.remove(least);
        for row in cells {
            row.remove(least);
        }
        for row in &mut self.rows {
            row.cells.remove(least);
        }
        // What a column aside says stands in the sentence and in the answer to why, too: nothing is lost with it.
        room.dropped += usize::from(dropped.drop < ASIDE);
    }

    fn draw(self, ink: Ink, page: &mut Page, room: &Room, widths: &[Width], cells: &[Vec<Parts>]) {
        let Room { label, gap, dropped } = *room;
        let head = page.lines.len();
        let mut spans = vec![ink.plain(" "), ink.span(&pad(&text::fit(&self.corner, label), label), ink.theme.heading)];
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
                if parts.missing && (width.value == 0 || text::width(&parts.value) > width.all() - marked) {
                    let shown = if width.value > 0 {
                        pad_left(&parts.value, width.all())
                    } else {
                        pad(&parts.value, width.all())
                    };
                    spans.push(Span::styled(shown, parts.value_style));
                } else if width.value > 0 || width.mark == 0 {
                    spans.push(Span::styled(pad_left(&parts.value, width.all() - marked), parts.value_style));
                    if width.mark > 0 {
                        spans.push(Span::styled(" ".to_owned(), ink.theme.text));
                        spans.push(Span::styled(pad(&parts.mark, width.mark), parts.mark_style));
                    }
                } else {
                    spans.push(Span::styled(pad(&parts.mark, width.all()), parts.mark_style));
                }
                if let Cell::Figure(figure)
                | Cell::Verdict(figure)
                | Cell::Changed(figure, _)
                | Cell::Words(figure, _)
                | Cell::Counted(figure, _) = cell
                {
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
    cell.figure().is_some_and(|figure| {
        figure.tainted || matches!(figure.verdict, Verdict::Missed | Verdict::AtRisk) || figure.lacks_rows()
    })
}
