//! Styles by meaning.
//!
//! Colour comes last: whatever a colour says is also said by a word or a symbol. `ansi` uses the sixteen named colours
//! of the terminal and keeps its background; `mono` names no colour at all, because with `NO_COLOR` each colour change
//! of the terminal library is a full reset that would take bold and reverse video with it.

use crate::model::Verdict;
use ratatui::style::{Color, Modifier, Style};

/// Which theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Colours {
    /// The sixteen named colours.
    #[default]
    Ansi,
    /// Bold, reverse and underline only.
    Mono,
}

/// A style for each meaning.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
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
    /// The cursor.
    pub selection: Style,
    /// A target that is met.
    pub met: Style,
    /// A target that is met with little left.
    pub risk: Style,
    /// A target that is missed.
    pub missed: Style,
    /// What is not known.
    pub unknown: Style,
    /// A stamp that must be seen.
    pub stamp: Style,
    /// An error.
    pub error: Style,
    /// The line of a chart.
    pub chart: Style,
    /// Rules and frames.
    pub border: Style,
}

static ANSI: Theme = Theme::ansi();
static MONO: Theme = Theme::mono();

impl Theme {
    /// Returns a theme.
    pub const fn of(colours: Colours) -> &'static Self {
        match colours {
            Colours::Ansi => &ANSI,
            Colours::Mono => &MONO,
        }
    }

    const fn ansi() -> Self {
        let plain = Style::new();
        Self {
            text: plain,
            muted: plain.fg(Color::DarkGray),
            title: plain.add_modifier(Modifier::BOLD),
            heading: plain.fg(Color::Cyan),
            accent: plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            // The colours of what is under the cursor go, because reversed they are hard to read.
            selection: plain.fg(Color::Reset).bg(Color::Reset).add_modifier(Modifier::REVERSED),
            met: plain.fg(Color::Green),
            risk: plain.fg(Color::Yellow),
            missed: plain.fg(Color::LightRed).add_modifier(Modifier::BOLD),
            unknown: plain.fg(Color::Magenta),
            stamp: plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            error: plain.fg(Color::LightRed).add_modifier(Modifier::BOLD),
            chart: plain.fg(Color::Cyan),
            border: plain.fg(Color::DarkGray),
        }
    }

    const fn mono() -> Self {
        let plain = Style::new();
        Self {
            text: plain,
            muted: plain,
            title: plain.add_modifier(Modifier::BOLD),
            heading: plain.add_modifier(Modifier::UNDERLINED),
            accent: plain.add_modifier(Modifier::BOLD),
            selection: plain.add_modifier(Modifier::REVERSED),
            met: plain,
            risk: plain.add_modifier(Modifier::BOLD),
            missed: plain.add_modifier(Modifier::BOLD),
            unknown: plain,
            stamp: plain.add_modifier(Modifier::BOLD),
            error: plain.add_modifier(Modifier::BOLD),
            chart: plain,
            border: plain,
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
}
