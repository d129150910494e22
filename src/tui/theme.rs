//! Styles by meaning, from TOML.
//!
//! Knows meanings, how a theme file is written and what a meaning that it leaves out falls back to. Must not know what
//! any screen draws with them, and reads no files.
//!
//! Colour comes last: whatever a colour says is also said by a word or a symbol. `ansi` uses the sixteen named colours
//! of the terminal and keeps its background. The other coloured themes use the fixed part of the 256 colours, never
//! true colour, which not every terminal behind SSH shows. `mono` names no colour at all, because with `NO_COLOR` each
//! colour change of the terminal library is a full reset that would take bold and reverse video with it.

use crate::model::Verdict;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::sync::LazyLock;

/// The themes that are shipped, in the order in which the key for the next one walks them.
pub const NAMES: [&str; 6] = ["ansi", "mono", "dark", "light", "contrast", "cvd"];

const FILES: [&str; 6] = [
    include_str!("themes/ansi.toml"),
    include_str!("themes/mono.toml"),
    include_str!("themes/dark.toml"),
    include_str!("themes/light.toml"),
    include_str!("themes/contrast.toml"),
    include_str!("themes/cvd.toml"),
];

static SHIPPED: LazyLock<Vec<Theme>> = LazyLock::new(|| {
    // A test holds that each file is understood; a theme without words is plain text, which works as well.
    NAMES
        .iter()
        .zip(FILES)
        .map(|(name, text)| Theme::parse(name, text).unwrap_or_else(|_| Theme::plain(name)))
        .collect()
});

/// A style for each meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What it is called.
    pub name: String,
    /// Plain text.
    pub text: Style,
    /// What is there to be found, not to be read.
    pub muted: Style,
    /// The title of a screen or a section.
    pub title: Style,
    /// The heading of a column.
    pub heading: Style,
    /// What belongs together with the cursor.
    pub accent: Style,
    /// The cursor; always reverse video, so that it is seen on every terminal.
    pub selection: Style,
    /// A target that is met.
    pub met: Style,
    /// A target that is met with little left.
    pub risk: Style,
    /// A target that is missed.
    pub missed: Style,
    /// What is not known.
    pub unknown: Style,
    /// A gap in the records.
    pub gap: Style,
    /// A stamp that must be seen.
    pub stamp: Style,
    /// What was done or is going on.
    pub info: Style,
    /// What may go wrong.
    pub warn: Style,
    /// An error.
    pub error: Style,
    /// The first line of a chart; `chart_1` in a file.
    pub chart: Style,
    /// The second line of a chart.
    pub chart_2: Style,
    /// The third line of a chart.
    pub chart_3: Style,
    /// The fourth line of a chart.
    pub chart_4: Style,
    /// Rules and frames.
    pub border: Style,
}

impl Theme {
    /// Returns a theme that is shipped.
    pub fn named(name: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|theme| theme.name == name)
    }

    /// Returns the theme of the terminal's own colours.
    pub fn ansi() -> &'static Self {
        &SHIPPED[0]
    }

    /// Returns the theme without any colour.
    pub fn mono() -> &'static Self {
        &SHIPPED[1]
    }

    /// Returns the theme that follows: those that are shipped, then the user's own where `own` is none of them.
    pub fn after(&self, own: &'static Self) -> &'static Self {
        match SHIPPED.iter().position(|theme| theme.name == self.name) {
            Some(at) if at + 1 < SHIPPED.len() => &SHIPPED[at + 1],
            Some(_) if Self::named(&own.name).is_none() => own,
            _ => Self::ansi(),
        }
    }

    /// Reads a theme. A meaning that is left out is taken from a near one, so that `text`, `accent` and `missed` make a
    /// whole theme.
    ///
    /// # Errors
    /// Unknown meanings, words and colours, with their place in the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str::<Written>(text).map(|written| written.theme(name))
    }

    fn plain(name: &str) -> Self {
        Written::default().theme(name)
    }

    /// Gives every cell that has no colour of its own those of plain text. Only themes with a background or a colour
    /// for text need it; a terminal's own colours stay where the theme names none.
    pub fn ground(&self, buffer: &mut Buffer) {
        let (fg, bg) = (self.text.fg.unwrap_or(Color::Reset), self.text.bg.unwrap_or(Color::Reset));
        if fg == Color::Reset && bg == Color::Reset {
            return;
        }
        for cell in &mut buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = fg;
            }
            if cell.bg == Color::Reset {
                cell.bg = bg;
            }
        }
    }

    /// Returns the style of a verdict.
    pub const fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Met => self.met,
            Verdict::AtRisk => self.risk,
            Verdict::Missed => self.missed,
            Verdict::None => self.text,
        }
    }

    /// Returns the styles of the lines of a chart, in their order.
    pub const fn charts(&self) -> [Style; 4] {
        [self.chart, self.chart_2, self.chart_3, self.chart_4]
    }
}

/// What a theme file may say.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    text: Option<Worded>,
    muted: Option<Worded>,
    title: Option<Worded>,
    heading: Option<Worded>,
    accent: Option<Worded>,
    selection: Option<Worded>,
    met: Option<Worded>,
    risk: Option<Worded>,
    missed: Option<Worded>,
    unknown: Option<Worded>,
    gap: Option<Worded>,
    stamp: Option<Worded>,
    info: Option<Worded>,
    warn: Option<Worded>,
    error: Option<Worded>,
    chart_1: Option<Worded>,
    chart_2: Option<Worded>,
    chart_3: Option<Worded>,
    chart_4: Option<Worded>,
    border: Option<Worded>,
}

impl Written {
    /// Fills what is left out.
    fn theme(self, name: &str) -> Theme {
        let or = |written: Option<Worded>, near: Style| written.map_or(near, Worded::style);
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let text = or(self.text, plain);
        let muted = or(self.muted, plain);
        let accent = or(self.accent, bold);
        let missed = or(self.missed.or(self.error), bold);
        let risk = or(self.risk.or(self.warn), accent);
        let info = or(self.info, accent);
        let unknown = or(self.unknown.or(self.gap), muted);
        let chart = or(self.chart_1, info);
        // The colours of what is under the cursor go, because reversed they are hard to read.
        let selection = Style { fg: Some(Color::Reset), bg: Some(Color::Reset), ..or(self.selection, plain) };
        Theme {
            name: name.to_owned(),
            text,
            muted,
            title: or(self.title, bold),
            heading: or(self.heading, info),
            accent,
            selection: selection.add_modifier(Modifier::REVERSED),
            met: or(self.met, plain),
            risk,
            missed,
            unknown,
            gap: or(self.gap, unknown),
            stamp: or(self.stamp, risk.add_modifier(Modifier::BOLD)),
            info,
            warn: or(self.warn, risk),
            error: or(self.error, missed),
            chart,
            chart_2: or(self.chart_2, risk),
            chart_3: or(self.chart_3, unknown),
            chart_4: or(self.chart_4, chart),
            border: or(self.border, muted),
        }
    }
}

/// A style as it is written: a colour, or a table.
#[derive(Clone, Copy, Default)]
struct Worded {
    fg: Option<Color>,
    bg: Option<Color>,
    modifiers: Modifier,
}

impl Worded {
    fn style(self) -> Style {
        Style { fg: self.fg, bg: self.bg, add_modifier: self.modifiers, ..Style::new() }
    }
}

impl<'de> Deserialize<'de> for Worded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordedVisitor)
    }
}

struct WordedVisitor;

impl<'de> Visitor<'de> for WordedVisitor {
    type Value = Worded;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a colour as \"light red\", \"203\" or \"#ff5f5f\", or a table as { fg = \"203\", bold = true }")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Worded, E> {
        Ok(Worded { fg: Some(colour(word)?), ..Worded::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Worded, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(clippy::struct_excessive_bools, reason = "each is a word of the file")]
        struct Table {
            fg: Option<String>,
            bg: Option<String>,
            #[serde(default)]
            bold: bool,
            #[serde(default)]
            dim: bool,
            #[serde(default)]
            italic: bool,
            #[serde(default)]
            underlined: bool,
            #[serde(default)]
            reversed: bool,
        }
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let colour = |word: Option<String>| word.map(|word| colour::<A::Error>(&word)).transpose();
        let mut modifiers = Modifier::empty();
        for (set, modifier) in [
            (table.bold, Modifier::BOLD),
            (table.dim, Modifier::DIM),
            (table.italic, Modifier::ITALIC),
            (table.underlined, Modifier::UNDERLINED),
            (table.reversed, Modifier::REVERSED),
        ] {
            modifiers.set(modifier, set);
        }
        Ok(Worded { fg: colour(table.fg)?, bg: colour(table.bg)?, modifiers })
    }
}

fn colour<E: de::Error>(word: &str) -> Result<Color, E> {
    word.parse().map_err(|_| {
        E::custom(format!(
            "`{word}` is no colour; write one of the sixteen names as \"light red\", a number of the 256 as \"203\", or \"#ff5f5f\""
        ))
    })
}
