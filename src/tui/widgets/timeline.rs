//! Time drawn to scale: lanes of spans and marks over one axis of local time.
//!
//! Knows instants and cells. Must not know what a lane is about. What is shorter than a cell still takes one: nothing
//! that happened is drawn as if it had not.

use crate::text;
use crate::tui::page::{Ink, pad};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use ratatui::style::Style;
use ratatui::text::Span;
use std::ops::Range;

/// Seconds between two ticks within a day, in the order in which they are tried.
const STEPS: [i64; 11] = [60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200];

/// A stretch of time over a number of cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: i64,
    until: i64,
    cells: usize,
}

impl Scale {
    /// Makes a scale; a stretch without length is drawn as one second.
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>, cells: usize) -> Self {
        let from = from.timestamp();
        Self { from, until: until.timestamp().max(from + 1), cells: cells.max(1) }
    }

    /// Returns the cell of an instant; `None` where it lies outside.
    pub fn place(&self, at: DateTime<Utc>) -> Option<usize> {
        let at = at.timestamp();
        (self.from <= at && at <= self.until).then(|| self.cell(at).min(self.cells - 1))
    }

    /// Returns the cells that a span touches; none where it lies outside.
    pub fn band(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Range<usize> {
        let (from, until) = (from.timestamp().max(self.from), until.timestamp().min(self.until));
        if until < from {
            return 0..0;
        }
        let first = self.cell(from).min(self.cells - 1);
        // An end on the edge of a cell does not touch the next one.
        let last = if until > from { self.cell(until - 1) + 1 } else { first + 1 };
        first..last.clamp(first + 1, self.cells)
    }

    fn cell(&self, at: i64) -> usize {
        let length = i128::from(self.until - self.from);
        let place = i128::from(at - self.from) * self.cells as i128 / length;
        usize::try_from(place).unwrap_or(0)
    }

    /// Returns the ticks of the axis: a cell and a label, far enough apart to be read.
    pub fn ticks(&self, zone: Tz) -> Vec<(usize, String)> {
        let length = self.until - self.from;
        let room = i64::try_from(self.cells).unwrap_or(i64::MAX).max(1);
        let apart = |step: i64| step * room / length.max(1) >= 8;
        let local = |at: i64| DateTime::from_timestamp(at, 0).unwrap_or_default().with_timezone(&zone);
        let (first, last) = (local(self.from).date_naive(), local(self.until).date_naive());
        let mut ticks: Vec<(usize, String)> = Vec::new();
        let mut add = |at: i64, label: String| {
            if (self.from..=self.until).contains(&at) {
                let cell = self.cell(at).min(self.cells - 1);
                let free = ticks.last().is_none_or(|(last, label): &(usize, String)| last + label.len() + 2 <= cell);
                if free && cell + label.len() <= self.cells {
                    ticks.push((cell, label));
                }
            }
        };
        let instant = |day: NaiveDate, seconds: i64| -> Option<i64> {
            let (hour, minute) = (u32::try_from(seconds / 3_600).ok()?, u32::try_from(seconds / 60 % 60).ok()?);
            zone.from_local_datetime(&day.and_hms_opt(hour, minute, 0)?).earliest().map(|at| at.timestamp())
        };
        if let Some(step) = STEPS.into_iter().find(|step| apart(*step)) {
            let mut day = first;
            while day <= last {
                for seconds in (0..86_400 / step).map(|at| at * step) {
                    if let Some(at) = instant(day, seconds) {
                        let shown = local(at);
                        let midnight = shown.hour() == 0 && shown.minute() == 0;
                        add(at, shown.format(if midnight { "%m-%d" } else { "%H:%M" }).to_string());
                    }
                }
                let Some(next) = day.checked_add_days(Days::new(1)) else { break };
                day = next;
            }
            return ticks;
        }
        let step = (8 * length / room / 86_400 + 1).max(1);
        let years = length > 330 * 86_400;
        let mut day = first;
        while day <= last {
            if let Some(at) = instant(day, 0) {
                add(at, day.format(if years { "%Y-%m-%d" } else { "%m-%d" }).to_string());
            }
            let Some(next) = day.checked_add_days(Days::new(step.unsigned_abs())) else { break };
            day = next;
        }
        ticks
    }

    /// Returns the two lines of the axis, `label` cells from the left edge: marks, then words.
    pub fn axis(&self, ink: Ink, zone: Tz, label: usize) -> [Vec<Span<'static>>; 2] {
        let ticks = self.ticks(zone);
        let mut rule = Lane::new(self.cells, ink.glyphs.rule, ink.theme.border);
        let mut words = String::new();
        for (cell, said) in &ticks {
            rule.mark(*cell, ink.glyphs.tick, ink.theme.border);
            words = pad(&words, *cell);
            words.push_str(said);
        }
        let blank = || ink.plain(&" ".repeat(label));
        let mut first = vec![blank()];
        first.extend(rule.spans());
        [first, vec![blank(), ink.muted(&words)]]
    }
}

/// One line of cells.
#[derive(Clone, Debug)]
pub struct Lane {
    cells: Vec<(String, Style)>,
}

impl Lane {
    /// Makes a lane of one symbol.
    pub fn new(cells: usize, glyph: &str, style: Style) -> Self {
        Self { cells: vec![(glyph.to_owned(), style); cells] }
    }

    /// Fills cells with a symbol.
    pub fn fill(&mut self, range: Range<usize>, glyph: &str, style: Style) {
        for cell in self.cells.get_mut(range).unwrap_or_default() {
            *cell = (glyph.to_owned(), style);
        }
    }

    /// Puts a symbol into a cell.
    pub fn mark(&mut self, cell: usize, glyph: &str, style: Style) {
        self.fill(cell..cell + 1, glyph, style);
    }

    /// Writes words from a cell on, cut where their room ends.
    pub fn write(&mut self, range: Range<usize>, words: &str, style: Style) {
        let fitted = text::fit(words, range.len());
        let mut at = range.start;
        for letter in fitted.chars() {
            let wide = text::width(letter.encode_utf8(&mut [0; 4]));
            match self.cells.get_mut(at) {
                Some(_) if wide == 0 => {
                    if let Some(before) = at.checked_sub(1).and_then(|before| self.cells.get_mut(before)) {
                        before.0.push(letter);
                    }
                }
                Some(cell) => *cell = (letter.to_string(), style),
                None => break,
            }
            for beside in 1..wide {
                if let Some(cell) = self.cells.get_mut(at + beside) {
                    *cell = (String::new(), style);
                }
            }
            at += wide;
        }
    }

    /// Returns the lane as spans of one style each.
    pub fn spans(self) -> Vec<Span<'static>> {
        let mut spans: Vec<(String, Style)> = Vec::new();
        for (glyph, style) in self.cells {
            match spans.last_mut() {
                Some((text, before)) if *before == style => text.push_str(&glyph),
                _ => spans.push((glyph, style)),
            }
        }
        spans.into_iter().map(|(text, style)| Span::styled(text, style)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn spans_lie_to_scale_and_the_shortest_takes_a_cell() {
        let scale = Scale::new(at("2026-09-15T00:00:00+02:00"), at("2026-09-16T00:00:00+02:00"), 24);
        assert_eq!(scale.band(at("2026-09-15T10:00:00+02:00"), at("2026-09-15T12:00:00+02:00")), 10..12);
        assert_eq!(scale.band(at("2026-09-15T10:12:00+02:00"), at("2026-09-15T10:13:00+02:00")), 10..11);
        assert_eq!(scale.band(at("2026-09-14T10:00:00+02:00"), at("2026-09-15T01:00:00+02:00")), 0..1);
        assert_eq!(scale.band(at("2026-09-17T10:00:00+02:00"), at("2026-09-17T11:00:00+02:00")), 0..0);
        assert_eq!(scale.place(at("2026-09-16T00:00:00+02:00")), Some(23));
        assert_eq!(scale.place(at("2026-09-16T00:00:01+02:00")), None);
    }

    #[test]
    fn ticks_stand_at_local_hours_and_say_the_day_at_midnight() {
        let scale = Scale::new(at("2026-09-15T20:30:00+02:00"), at("2026-09-16T04:30:00+02:00"), 48);
        let said: Vec<String> = scale.ticks(Berlin).into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, ["22:00", "09-16", "02:00"]);
        let month = Scale::new(at("2026-09-01T00:00:00+02:00"), at("2026-10-01T00:00:00+02:00"), 62);
        let said: Vec<(usize, String)> = month.ticks(Berlin);
        assert_eq!((said[0].clone(), said[1].1.as_str()), ((0, "09-01".to_owned()), "09-05"));
        for (one, other) in said.iter().zip(&said[1..]) {
            assert!(one.0 + one.1.len() < other.0, "{said:?}");
        }
    }

    #[test]
    fn a_scale_of_years_and_one_of_no_length_have_ticks_too() {
        let long = Scale::new(at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), 60);
        assert!(!long.ticks(Berlin).is_empty());
        let none = Scale::new(at("2020-01-01T00:00:00Z"), at("2020-01-01T00:00:00Z"), 1);
        assert!(none.ticks(Berlin).len() <= 1);
    }

    #[test]
    fn words_of_wide_letters_keep_their_cells() {
        let mut lane = Lane::new(6, "-", Style::new());
        lane.write(1..5, "東京都", Style::new());
        let shown: String = lane.spans().iter().map(|span| span.content.to_string()).collect();
        assert_eq!(text::width(&shown), 6, "{shown}");
    }
}
