//! A screen as letters and styles: as plain text for comparison, and as a picture.
//!
//! Knows cells. Must not know what stands in them.

use std::fmt::Write;

/// How a cell looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a terminal sets each of these by itself")]
pub struct Style {
    pub letters: vt100::Color,
    pub ground: vt100::Color,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
}

/// One cell: its letter, how many columns it takes, and its style. The second half of a wide letter is left out.
#[derive(Clone, Debug)]
pub struct Cell {
    pub column: usize,
    pub text: String,
    pub width: usize,
    pub style: Style,
}

/// The rows of a screen.
pub struct Grid {
    pub columns: usize,
    pub rows: Vec<Vec<Cell>>,
}

const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

fn named(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(number @ 0..=7) => Some(NAMES[usize::from(number)].into()),
        vt100::Color::Idx(number @ 8..=15) => Some(format!("bright-{}", NAMES[usize::from(number) - 8])),
        vt100::Color::Idx(number) => Some(format!("colour-{number}")),
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

impl Style {
    fn words(&self) -> String {
        let mut words = Vec::new();
        for (set, word) in [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.reverse, "reverse"),
        ] {
            if set {
                words.push(word.to_owned());
            }
        }
        words.extend(named(self.letters));
        words.extend(named(self.ground).map(|name| format!("on-{name}")));
        words.join(" ")
    }
}

impl Grid {
    pub fn of(screen: &vt100::Screen) -> Self {
        let (rows, columns) = screen.size();
        let mut grid = Self { columns: usize::from(columns.get()), rows: Vec::new() };
        for row in 0..rows.get() {
            let mut cells = Vec::new();
            for column in 0..columns.get() {
                let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
                cells.push(Cell {
                    column: usize::from(column),
                    text: if cell.has_contents() { cell.contents().to_owned() } else { " ".into() },
                    width: if cell.is_wide() { 2 } else { 1 },
                    style: Style {
                        letters: cell.fgcolor(),
                        ground: cell.bgcolor(),
                        bold: cell.bold(),
                        dim: cell.dim(),
                        italic: cell.italic(),
                        underline: cell.underline(),
                        reverse: cell.inverse(),
                    },
                });
            }
            grid.rows.push(cells);
        }
        grid
    }

    /// The rows as text.
    pub fn lines(&self) -> Vec<String> {
        let line =
            |row: &Vec<Cell>| row.iter().map(|cell| cell.text.as_str()).collect::<String>().trim_end().to_owned();
        self.rows.iter().map(line).collect()
    }

    /// The runs of one row that look alike: first cell, cell behind the last, and the cells.
    fn runs(row: &[Cell]) -> Vec<&[Cell]> {
        row.chunk_by(|one, next| one.style == next.style).collect()
    }

    /// Text and styles, to be compared line by line.
    pub fn to_snapshot(&self) -> String {
        let mut text = String::new();
        for line in self.lines() {
            let _ = writeln!(text, "|{line}");
        }
        text.push_str("styles\n");
        for (at, row) in self.rows.iter().enumerate() {
            let styled: Vec<String> = Self::runs(row)
                .into_iter()
                .filter(|run| run[0].style != Style::default())
                .map(|run| {
                    let last = &run[run.len() - 1];
                    format!("{}..{} {}", run[0].column, last.column + last.width, run[0].style.words())
                })
                .collect();
            if !styled.is_empty() {
                let _ = writeln!(text, "{:>2}: {}", at + 1, styled.join(", "));
            }
        }
        text
    }

    /// The screen as an SVG picture on a dark ground. The same cells give the same bytes.
    pub fn to_svg(&self, title: &str) -> String {
        const CELL: (usize, usize) = (9, 19);
        const RIM: usize = 14;
        let (width, height) = (self.columns * CELL.0 + 2 * RIM, self.rows.len() * CELL.1 + 2 * RIM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{GROUND}\"/>\n\
             <g font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"15\" xml:space=\"preserve\">\n",
            escaped(title)
        );
        for (at, row) in self.rows.iter().enumerate() {
            for run in Self::runs(row) {
                let style = &run[0].style;
                let (mut letters, mut ground) = (hex(style.letters, LETTERS), hex(style.ground, GROUND));
                if style.reverse {
                    std::mem::swap(&mut letters, &mut ground);
                }
                let last = &run[run.len() - 1];
                let (x, y) = (RIM + run[0].column * CELL.0, RIM + at * CELL.1);
                let wide = (last.column + last.width - run[0].column) * CELL.0;
                if ground != GROUND {
                    let _ = writeln!(
                        svg,
                        "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{}\" fill=\"{ground}\"/>",
                        CELL.1
                    );
                }
                let mut attributes = String::new();
                for (set, attribute) in [
                    (style.bold, " font-weight=\"bold\""),
                    (style.italic, " font-style=\"italic\""),
                    (style.underline, " text-decoration=\"underline\""),
                    (style.dim, " opacity=\"0.6\""),
                ] {
                    if set {
                        attributes.push_str(attribute);
                    }
                }
                // Words stand where their cells are, whatever font the reader has.
                for word in run.chunk_by(|one, next| (one.text == " ") == (next.text == " ") && one.width == next.width)
                {
                    if word[0].text == " " {
                        continue;
                    }
                    let text: String = word.iter().map(|cell| escaped(&cell.text)).collect();
                    let x = RIM + word[0].column * CELL.0;
                    let wide: usize = word.iter().map(|cell| cell.width * CELL.0).sum();
                    let _ = writeln!(
                        svg,
                        "<text x=\"{x}\" y=\"{}\" fill=\"{letters}\" textLength=\"{wide}\" \
                         lengthAdjust=\"spacingAndGlyphs\"{attributes}>{text}</text>",
                        y + 15
                    );
                }
            }
        }
        svg.push_str("</g>\n</svg>\n");
        svg
    }
}

const GROUND: &str = "#16181d";
const LETTERS: &str = "#d8dbe2";
const SIXTEEN: [&str; 16] = [
    "#2a2e37", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c5c8d0", "#7f8694", "#ff7b86",
    "#b5e890", "#ffd68a", "#82c4ff", "#e19af5", "#7ad7e0", "#ffffff",
];

fn hex(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(number @ 0..=15) => SIXTEEN[usize::from(number)].to_owned(),
        vt100::Color::Idx(number @ 16..=231) => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + u16::from(part) * 40 };
            let number = number - 16;
            format!("#{:02x}{:02x}{:02x}", level(number / 36), level(number / 6 % 6), level(number % 6))
        }
        vt100::Color::Idx(number) => format!("#{0:02x}{0:02x}{0:02x}", 8 + u16::from(number - 232) * 10),
        vt100::Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
