//! A page: lines with stops for the cursor. What every screen made of figures is turned into.
//!
//! Knows lines, stops and how the cursor moves among them. Must not know what the lines say.

use super::action::Step;
use super::glyph::Glyphs;
use super::theme::Theme;
use crate::app::request::Chip;
use crate::model::{FigureId, Raw};
use crate::text;
use ratatui::style::Style;
use ratatui::text::Span;

/// Styles and symbols to draw with.
#[derive(Clone, Copy, Debug)]
pub struct Ink {
    /// Styles.
    pub theme: &'static Theme,
    /// Symbols.
    pub glyphs: &'static Glyphs,
    /// Whether people's names are hidden and rows are spaced out.
    pub presenting: bool,
}

impl Ink {
    /// Makes a span of text of ours or of screened text.
    pub fn span(&self, text: &str, style: Style) -> Span<'static> {
        Span::styled(self.glyphs.text(text), style)
    }

    /// Makes a span of plain text.
    pub fn plain(&self, text: &str) -> Span<'static> {
        self.span(text, self.theme.text)
    }

    /// Makes a span of muted text.
    pub fn muted(&self, text: &str) -> Span<'static> {
        self.span(text, self.theme.muted)
    }
}

/// A row of a table, field by field, to be read on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is.
    pub title: String,
    /// Name and screened value of each field.
    pub fields: Vec<(String, String)>,
}

/// Where rows come from, so that they can be asked for again in another period.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The rows that a figure was computed from.
    Used(FigureId),
    /// The rows that a figure left out, by the place of the reason.
    LeftOut(FigureId, usize),
    /// The rows that a finding speaks of, by its id.
    Finding(String),
    /// The tickets of the period, of one service or of all.
    Tickets(Option<String>),
    /// The rows of a SELECT.
    Sql(String),
    /// How often each value of a column occurs among rows.
    Frequency(Counted, String),
    /// The most frequent values of every column of rows.
    Profile(Counted),
}

/// Rows that are counted: where they come from, and what was kept of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The rows.
    pub of: Box<Origin>,
    /// Filters that were not typed.
    pub chips: Vec<Chip>,
    /// The filter that was typed.
    pub search: String,
}

impl Origin {
    /// Returns the service that the rows are of.
    pub fn service(&self) -> Option<String> {
        match self {
            Origin::Used(id) | Origin::LeftOut(id, _) => id.scope.service.clone(),
            Origin::Tickets(service) => service.clone(),
            Origin::Frequency(counted, _) | Origin::Profile(counted) => counted.of.service(),
            Origin::Finding(_) | Origin::Sql(_) => None,
        }
    }

    /// Returns the figure that the rows belong to.
    pub fn figure(&self) -> Option<&FigureId> {
        match self {
            Origin::Used(id) | Origin::LeftOut(id, _) => Some(id),
            Origin::Frequency(counted, _) | Origin::Profile(counted) => counted.of.figure(),
            Origin::Finding(_) | Origin::Tickets(_) | Origin::Sql(_) => None,
        }
    }

    /// Returns the same rows of another service; `None` where they are not of one.
    #[must_use]
    pub fn of_service(&self, service: &str) -> Option<Self> {
        let counted =
            |counted: &Counted| Some(Counted { of: Box::new(counted.of.of_service(service)?), ..counted.clone() });
        match self {
            Origin::Used(id) => {
                let mut id = id.clone();
                id.scope.service = Some(service.to_owned());
                Some(Origin::Used(id))
            }
            Origin::Tickets(_) => Some(Origin::Tickets(Some(service.to_owned()))),
            Origin::Frequency(of, column) => Some(Origin::Frequency(counted(of)?, column.clone())),
            Origin::Profile(of) => Some(Origin::Profile(counted(of)?)),
            Origin::LeftOut(..) | Origin::Finding(_) | Origin::Sql(_) => None,
        }
    }
}

/// What the cursor can stand on.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A figure.
    Figure(FigureId),
    /// One day or month of a figure's course, with its value in words.
    Point(FigureId, String),
    /// A service as a whole.
    Service(String),
    /// The book as a whole.
    Book,
    /// Rows.
    Rows(Origin),
    /// A row of a table of the report.
    Record(Record),
    /// A measure of the catalogue, by its id.
    Measure(String),
    /// A ticket, by its source and the tool's key.
    Ticket {
        /// The source's id.
        source: Raw,
        /// The tool's key.
        key: Raw,
    },
}

impl Target {
    /// Returns the figure that it is or belongs to.
    pub fn figure(&self) -> Option<&FigureId> {
        match self {
            Target::Figure(id) | Target::Point(id, _) | Target::Rows(Origin::Used(id) | Origin::LeftOut(id, _)) => {
                Some(id)
            }
            _ => None,
        }
    }
}

/// A place for the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// The line.
    pub line: usize,
    /// First cell.
    pub from: usize,
    /// First cell after it.
    pub to: usize,
    /// What stands there.
    pub target: Target,
    /// The service whose row it is in.
    pub service: Option<String>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageLine {
    /// What it says.
    pub spans: Vec<Span<'static>>,
    /// The line that names its columns, which stays in sight.
    pub head: Option<usize>,
}

impl PageLine {
    /// Returns what it says, without its styles.
    pub fn text(&self) -> String {
        let whole: String = self.spans.iter().map(|span| span.content.as_ref()).collect();
        whole.trim_end().to_owned()
    }
}

/// Lines and stops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The lines.
    pub lines: Vec<PageLine>,
    /// The stops, in reading order.
    pub stops: Vec<Stop>,
    /// Rows kept by the filter, and rows there are.
    pub kept: (usize, usize),
}

impl Page {
    /// Adds a line.
    pub fn line(&mut self, spans: Vec<Span<'static>>) {
        self.lines.push(PageLine { spans, head: None });
    }

    /// Adds an empty line, unless the page begins or one stands there already.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans.is_empty()) {
            self.lines.push(PageLine::default());
        }
    }

    /// Adds the title of a section, with what belongs to it at its end.
    pub fn title(&mut self, ink: Ink, title: &str, aside: &str) {
        self.gap();
        let mut spans = vec![ink.plain(" "), ink.span(title, ink.theme.title)];
        if !aside.is_empty() {
            spans.push(ink.muted(&format!("  {aside}")));
        }
        self.line(spans);
    }

    /// Adds text, broken at words, one cell from the left edge.
    pub fn paragraph(&mut self, ink: Ink, text: &str, style: Style, width: usize) {
        for line in wrap(&ink.glyphs.text(text), width.saturating_sub(2).max(8)) {
            self.line(vec![ink.plain(" "), Span::styled(line, style)]);
        }
    }

    /// Adds a name and its value, the value broken at words beside it.
    pub fn field(&mut self, ink: Ink, name: &str, value: &str, style: Style, label: usize, width: usize) {
        let name = pad(&text::fit(&ink.glyphs.text(name), label), label);
        for (at, line) in wrap(&ink.glyphs.text(value), width.saturating_sub(label + 3).max(8)).into_iter().enumerate()
        {
            let first = if at == 0 { name.clone() } else { " ".repeat(label) };
            self.line(vec![
                ink.plain(" "),
                ink.span(&first, ink.theme.muted),
                ink.plain(" "),
                Span::styled(line, style),
            ]);
        }
    }

    /// Adds the lines and stops of another page.
    pub fn append(&mut self, part: Page) {
        let by = self.lines.len();
        for line in part.lines {
            self.lines.push(PageLine { head: line.head.map(|head| head + by), ..line });
        }
        for stop in part.stops {
            self.stops.push(Stop { line: stop.line + by, ..stop });
        }
        self.kept = (self.kept.0 + part.kept.0, self.kept.1 + part.kept.1);
    }

    /// Sets an empty line between lines that both have stops, for reading from across a room.
    #[must_use]
    pub fn spaced(self) -> Self {
        let with_stop: std::collections::BTreeSet<usize> = self.stops.iter().map(|stop| stop.line).collect();
        let mut place = Vec::with_capacity(self.lines.len());
        let mut page = Page { kept: self.kept, ..Page::default() };
        for (at, line) in self.lines.into_iter().enumerate() {
            if at > 0 && with_stop.contains(&at) && with_stop.contains(&(at - 1)) {
                page.lines.push(PageLine { spans: Vec::new(), head: line.head.map(|head: usize| place[head]) });
            }
            place.push(page.lines.len());
            page.lines.push(PageLine { head: line.head.map(|head| place[head]), ..line });
        }
        page.stops = self.stops.into_iter().map(|stop| Stop { line: place[stop.line], ..stop }).collect();
        page
    }

    /// Makes the last line a stop as a whole.
    pub fn stop_on_last(&mut self, target: Target, service: Option<String>) {
        if let Some(line) = self.lines.len().checked_sub(1) {
            let to = self.lines[line].spans.iter().map(|span| text::width(&span.content)).sum();
            self.stops.push(Stop { line, from: 1, to, target, service });
        }
    }
}

/// The cursor of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// Which stop.
    pub stop: usize,
    /// What stood there, to find it again when the page has changed.
    pub target: Option<Target>,
    /// The first line in sight.
    pub top: usize,
}

impl Cursor {
    /// Returns the stop on which the cursor stands.
    pub fn on<'a>(&self, page: &'a Page) -> Option<&'a Stop> {
        page.stops.get(self.stop)
    }

    /// Finds its stop again on a page that has changed, and keeps it in sight. Leaving the window moves it by half its
    /// height, because over a slow link a line costs almost as much as a page.
    pub fn settle(&mut self, page: &Page, height: usize) {
        if let Some(target) = &self.target
            && self.on(page).is_none_or(|stop| stop.target != *target)
            && let Some(at) = page.stops.iter().position(|stop| stop.target == *target)
        {
            self.stop = at;
        }
        self.stop = self.stop.min(page.stops.len().saturating_sub(1));
        self.target = self.on(page).map(|stop| stop.target.clone());
        self.top = self.top.min(page.lines.len().saturating_sub(height));
    }

    /// Brings the stop into sight.
    pub fn reveal(&mut self, page: &Page, height: usize) {
        let Some(line) = self.on(page).map(|stop| stop.line) else { return };
        let last = page.lines.len().saturating_sub(height);
        if line < self.top {
            self.top = line.saturating_sub(height / 2);
        } else if line >= self.top + height {
            self.top = (line + 1).saturating_sub(height.div_ceil(2));
        }
        // The names of the columns stay in the first line in sight; the cursor must not hide under them.
        if line == self.top && page.lines[line].head.is_some_and(|head| head < self.top) {
            self.top = self.top.saturating_sub(1);
        }
        self.top = self.top.min(last);
    }

    /// Moves a number of times, or until it can go no further.
    pub fn steps(&mut self, page: &Page, step: Step, times: u32, height: usize) {
        for _ in 0..times {
            let before = (self.stop, self.top);
            self.step(page, step, height);
            if before == (self.stop, self.top) {
                return;
            }
        }
    }

    /// Moves.
    pub fn step(&mut self, page: &Page, step: Step, height: usize) {
        let last_top = page.lines.len().saturating_sub(height);
        let half = (height / 2).max(1);
        if page.stops.is_empty() {
            self.top = match step {
                Step::Up | Step::Previous | Step::Left => self.top.saturating_sub(1),
                Step::Down | Step::Next | Step::Right => self.top + 1,
                Step::PageUp => self.top.saturating_sub(height),
                Step::PageDown => self.top + height,
                Step::HalfUp => self.top.saturating_sub(half),
                Step::HalfDown => self.top + half,
                Step::First => 0,
                Step::Last => last_top,
            }
            .min(last_top);
            return;
        }
        // The page may have become shorter while nothing was in sight.
        self.stop = self.stop.min(page.stops.len() - 1);
        let here = page.stops[self.stop].clone();
        let to = match step {
            Step::Up => above(page, &here, 1),
            Step::Down => below(page, &here, 1),
            Step::PageUp => above(page, &here, height),
            Step::PageDown => below(page, &here, height),
            Step::HalfUp => above(page, &here, half),
            Step::HalfDown => below(page, &here, half),
            Step::Left => self.stop.checked_sub(1).filter(|at| page.stops[*at].line == here.line),
            Step::Right => Some(self.stop + 1).filter(|at| page.stops.get(*at).is_some_and(|s| s.line == here.line)),
            Step::Next => Some(self.stop + 1).filter(|at| *at < page.stops.len()),
            Step::Previous => self.stop.checked_sub(1),
            Step::First => Some(0),
            Step::Last => Some(page.stops.len() - 1),
        };
        match (to, step) {
            (Some(to), _) => {
                self.stop = to;
                self.reveal(page, height);
                if to == 0 && step == Step::First {
                    self.top = 0;
                }
            }
            // Beyond the last stop there may still be lines to read.
            (None, Step::Down | Step::PageDown | Step::HalfDown) => self.top = (self.top + half).min(last_top),
            (None, Step::Up | Step::PageUp | Step::HalfUp) => self.top = self.top.saturating_sub(half),
            (None, _) => {}
        }
        self.target = self.on(page).map(|stop| stop.target.clone());
    }
}

fn nearest(page: &Page, line: usize, here: &Stop) -> Option<usize> {
    let middle = here.from + here.to;
    page.stops
        .iter()
        .enumerate()
        .filter(|(_, stop)| stop.line == line)
        .min_by_key(|(_, stop)| (stop.from + stop.to).abs_diff(middle))
        .map(|(at, _)| at)
}

fn below(page: &Page, here: &Stop, lines: usize) -> Option<usize> {
    let later = || page.stops.iter().map(|stop| stop.line).filter(|line| *line > here.line);
    let line = later().find(|line| *line >= here.line + lines).or_else(|| later().next_back())?;
    nearest(page, line, here)
}

fn above(page: &Page, here: &Stop, lines: usize) -> Option<usize> {
    let earlier = || page.stops.iter().rev().map(|stop| stop.line).filter(|line| *line < here.line);
    let line = earlier().find(|line| line + lines <= here.line).or_else(|| earlier().next_back())?;
    nearest(page, line, here)
}

/// Breaks text at words into lines of at most `width` cells; a longer word is broken where the line ends.
pub fn wrap(source: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    let glued = glue(source);
    for word in glued.split(' ') {
        let mut wide = text::width(word);
        let mut word = word;
        if used > 0 && used + 1 + wide > width {
            lines.push(String::new());
            used = 0;
        }
        if used > 0 {
            push(&mut lines, " ");
            used += 1;
        }
        while wide > width - used {
            let cut = cut_at(word, width - used);
            push(&mut lines, &word[..cut]);
            word = &word[cut..];
            wide = text::width(word);
            if cut == 0 && used == 0 {
                break;
            }
            lines.push(String::new());
            used = 0;
        }
        push(&mut lines, word);
        used += wide;
    }
    for line in &mut lines {
        if line.contains(GLUE) {
            *line = line.replace(GLUE, " ");
        }
    }
    lines
}

/// Stands for a blank at which a line must not break.
const GLUE: char = '\u{a0}';

/// Keeps numbers and their units on one line.
fn glue(source: &str) -> String {
    let mut glued = String::with_capacity(source.len());
    let mut before = "";
    for (at, word) in source.split(' ').enumerate() {
        let unit = word.trim_end_matches([',', '.', ';', ':', ')']);
        let number = before.ends_with(|letter: char| letter.is_ascii_digit());
        let fixed = matches!(before, "≥" | "≤" | ">=" | "<=" | "target")
            || (number && matches!(unit, "%" | "h" | "min" | "s" | "d" | "rows" | "ms"));
        if at > 0 {
            glued.push(if fixed { GLUE } else { ' ' });
        }
        glued.push_str(word);
        before = word;
    }
    glued
}

fn push(lines: &mut [String], part: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(part);
    }
}

fn cut_at(word: &str, cells: usize) -> usize {
    let mut used = 0;
    for (at, letter) in word.char_indices() {
        used += text::width(letter.encode_utf8(&mut [0; 4]));
        if used > cells {
            return at;
        }
    }
    word.len()
}

/// Fills text with blanks at its end.
pub fn pad(shown: &str, cells: usize) -> String {
    format!("{shown}{}", " ".repeat(cells.saturating_sub(text::width(shown))))
}

/// Fills text with blanks at its start.
pub fn pad_left(shown: &str, cells: usize) -> String {
    format!("{}{shown}", " ".repeat(cells.saturating_sub(text::width(shown))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_words_and_long_words_where_the_line_ends() {
        assert_eq!(wrap("the time of the service", 8), ["the time", "of the", "service"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("東京都東京", 5), ["東京", "都東", "京"]);
        assert_eq!(wrap("東", 1), ["東"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("only 99.62 % of", 9), ["only", "99.62 %", "of"]);
    }
}
