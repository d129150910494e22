//! Every symbol of the console, each with its twin in ASCII.
//!
//! Knows symbols and how text loses what is not ASCII. Must not know colours.

use crate::model::Verdict;
use crate::text;
use ratatui::buffer::Buffer;

/// Which symbols the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Symbols {
    /// Letters and symbols of Unicode, none of which needs a patched font.
    #[default]
    Unicode,
    /// The same, and charts drawn with the dots of braille, which fewer fonts have.
    Braille,
    /// Bytes below 0x80 only.
    Ascii,
}

/// The symbols of one set.
#[derive(Clone, Copy, Debug)]
pub struct Glyphs {
    /// Target reached.
    pub met: &'static str,
    /// Target reached with little left.
    pub risk: &'static str,
    /// Target missed.
    pub missed: &'static str,
    /// No verdict, nothing there.
    pub none: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// Between crumbs.
    pub into: &'static str,
    /// Before the row of the cursor.
    pub here: &'static str,
    /// Before a row that is marked.
    pub marked: &'static str,
    /// Sorted upwards, downwards.
    pub sorted: [&'static str; 2],
    /// A horizontal rule.
    pub rule: &'static str,
    /// A vertical rule.
    pub bar: &'static str,
    /// A threshold in a chart.
    pub threshold: &'static str,
    /// Lines of a chart: level, upright, rise begins, rise ends, fall begins, fall ends.
    pub line: [&'static str; 6],
    /// Corner of a chart's axes.
    pub corner: &'static str,
    /// Column heights of a small chart, low to high.
    pub heights: &'static [&'static str],
    /// The turning mark while an answer is awaited.
    pub turning: &'static [&'static str],
    /// More above, more below.
    pub more: [&'static str; 2],
    /// Whether charts may draw with the dots of braille, two across and four down in a cell.
    pub braille: bool,
    /// A tick on the axis of a time line.
    pub tick: &'static str,
    /// Parts of a time line: service hours, a clock that runs, one that is late, standing still, the goal.
    pub clock: [&'static str; 5],
    /// Parts of a time line: down, degraded, planned work, a change.
    pub event: [&'static str; 4],
    /// Parts of a forecast: expected, within its limits.
    pub forecast: [&'static str; 2],
    set: Symbols,
}

const UNICODE: Glyphs = Glyphs {
    met: "✓",
    risk: "!",
    missed: "✗",
    none: "–",
    unknown: "?",
    dot: "·",
    into: "›",
    here: "›",
    marked: "•",
    sorted: ["↑", "↓"],
    rule: "─",
    bar: "│",
    threshold: "╌",
    line: ["─", "│", "╯", "╭", "╮", "╰"],
    corner: "└",
    heights: &["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    turning: &["◐", "◓", "◑", "◒"],
    more: ["↑", "↓"],
    braille: false,
    tick: "┬",
    clock: ["░", "━", "█", "┈", "┃"],
    event: ["█", "▄", "▒", "◆"],
    forecast: ["•", "░"],
    set: Symbols::Unicode,
};

const BRAILLE: Glyphs = Glyphs { braille: true, set: Symbols::Braille, ..UNICODE };

const ASCII: Glyphs = Glyphs {
    met: "+",
    risk: "!",
    missed: "x",
    none: "-",
    unknown: "?",
    dot: "-",
    into: ">",
    here: ">",
    marked: "*",
    sorted: ["^", "v"],
    rule: "-",
    bar: "|",
    threshold: "=",
    line: ["-", "|", "'", ".", ".", "'"],
    corner: "+",
    heights: &["_", ".", ":", "-", "=", "+", "*", "#"],
    turning: &["|", "/", "-", "\\"],
    more: ["^", "v"],
    braille: false,
    tick: "+",
    clock: [".", "=", "#", "-", "|"],
    event: ["#", "%", "=", "*"],
    forecast: ["o", "."],
    set: Symbols::Ascii,
};

impl Glyphs {
    /// Returns the symbols of a set.
    pub const fn of(set: Symbols) -> &'static Glyphs {
        match set {
            Symbols::Unicode => &UNICODE,
            Symbols::Braille => &BRAILLE,
            Symbols::Ascii => &ASCII,
        }
    }

    /// Returns the symbol of a verdict.
    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Met => self.met,
            Verdict::AtRisk => self.risk,
            Verdict::Missed => self.missed,
            Verdict::None => self.none,
        }
    }

    /// Returns text as it may be drawn, which is the console's own door: screened, whoever screened it before, and in this
    /// set. What ASCII has no letter for becomes its nearest form or `?`, never nothing; control characters, which stand
    /// as pictures in Unicode, become `\x1b`.
    pub fn text(&self, text: &str) -> String {
        let screened = text::screen_str(text);
        if self.set != Symbols::Ascii || screened.is_ascii() {
            return screened;
        }
        screened.chars().fold(String::with_capacity(screened.len()), |mut shown, letter| {
            match letter {
                '≥' => shown.push_str(">="),
                '≤' => shown.push_str("<="),
                '∞' => shown.push_str("inf"),
                '␀'..='␟' => shown.push_str(&format!("\\x{:02x}", u32::from(letter) - 0x2400)),
                '␡' => shown.push_str("\\x7f"),
                letter => shown.push(nearest(letter)),
            }
            shown
        })
    }

    /// Replaces whatever is left above ASCII in a drawn screen, so that the promise holds for every cell.
    pub fn clean(&self, buffer: &mut Buffer) {
        if self.set != Symbols::Ascii {
            return;
        }
        for cell in &mut buffer.content {
            if !cell.symbol().is_ascii() {
                let letter = cell.symbol().chars().next().map_or('?', nearest);
                cell.set_char(letter);
            }
        }
    }
}

fn nearest(letter: char) -> char {
    match letter {
        letter if letter.is_ascii() => letter,
        '–' | '—' | '−' | '·' | '─' | '╌' => '-',
        '÷' => '/',
        '…' => '~',
        '×' => 'x',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        '›' | '→' | '⟩' => '>',
        '↑' => '^',
        '↓' => 'v',
        '⟨' => '<',
        'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' => 'a',
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' => 'o',
        'ü' | 'ú' | 'ù' | 'û' => 'u',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ç' => 'c',
        'ñ' => 'n',
        'ß' => 's',
        'Ä' | 'Å' => 'A',
        'Ö' | 'Ø' => 'O',
        'Ü' => 'U',
        'É' => 'E',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_ascii_keeps_its_meaning() {
        let ascii = Glyphs::of(Symbols::Ascii);
        assert_eq!(ascii.text("≥ 99.90 % · Zürich 東"), ">= 99.90 % - Zurich ?");
        assert_eq!(ascii.text("a\u{1b}[2J\u{7f}\u{202e}"), "a\\x1b[2J\\x7f<U+202E>");
        assert_eq!(Glyphs::of(Symbols::Unicode).text("≥ 東"), "≥ 東");
    }

    /// Every symbol of a set, in one order. A field that is forgotten here does not compile.
    fn all(glyphs: &Glyphs) -> Vec<&'static str> {
        let Glyphs {
            met,
            risk,
            missed,
            none,
            unknown,
            dot,
            into,
            here,
            marked,
            sorted,
            rule,
            bar,
            threshold,
            line,
            corner,
            heights,
            turning,
            more,
            tick,
            clock,
            event,
            forecast,
            braille: _,
            set: _,
        } = *glyphs;
        let single = [met, risk, missed, none, unknown, dot, into, here, marked, rule, bar, threshold, corner, tick];
        let parts = clock.into_iter().chain(event).chain(forecast);
        single
            .into_iter()
            .chain(parts)
            .chain(sorted)
            .chain(line)
            .chain(more)
            .chain(heights.iter().chain(turning).copied())
            .collect()
    }

    #[test]
    fn every_symbol_has_a_twin_in_ascii_of_the_same_width() {
        let (unicode, ascii) = (Glyphs::of(Symbols::Unicode), Glyphs::of(Symbols::Ascii));
        assert_eq!((unicode.heights.len(), unicode.turning.len()), (ascii.heights.len(), ascii.turning.len()));
        for (symbol, twin) in all(unicode).into_iter().zip(all(ascii)) {
            assert!(twin.is_ascii() && symbol.chars().count() == 1, "{symbol} {twin}");
            assert_eq!((text::width(symbol), text::width(twin)), (1, 1), "{symbol} {twin}");
        }
        assert_eq!(all(unicode), all(Glyphs::of(Symbols::Braille)));
        assert!(Glyphs::of(Symbols::Braille).braille && !unicode.braille && !ascii.braille);
    }
}
