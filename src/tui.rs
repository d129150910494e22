//! The console.
//!
//! Knows the report document, keys and the terminal. Asks the program for documents, rows and files through a channel of
//! typed requests, and must not know how any of them is made: no frames, no files, no sockets, no clock.
//!
//! Everything between two bytes is pure: [`update::update`] turns an event into a changed state and effects,
//! [`view::view`] draws the state. Only [`terminal`] touches the terminal.

pub mod action;
pub mod completion;
pub mod event;
pub mod glyph;
pub mod keymap;
pub mod layout;
pub mod page;
pub mod palette;
pub mod screens;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;
pub mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use crate::app::request::{Answer, Request};
use crate::model::Period;
use std::sync::mpsc::{Receiver, Sender};

/// How things look and how the terminal is used, decided once: from the environment, then from preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, in the preferences as well")]
pub struct Look {
    /// The theme to start with.
    pub theme: &'static theme::Theme,
    /// Whether there may be colour at all. Where not, `mono` is the only theme.
    pub coloured: bool,
    /// Which symbols.
    pub symbols: glyph::Symbols,
    /// Whether a mark turns while an answer is awaited.
    pub motion: bool,
    /// Whether the terminal can show a full screen at all.
    pub full_screen: bool,
    /// Whether clicks and the wheel are asked for, which takes the selecting of text from the terminal.
    pub mouse: bool,
    /// How far a list moves when the cursor leaves it.
    pub scroll: Scroll,
    /// How a copy reaches the clipboard.
    pub clipboard: Clipboard,
    /// Whether the window is given a title.
    pub title: bool,
}

/// How far a list moves when the cursor leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scroll {
    /// By half its height: over a slow link a line costs almost as much as a page.
    #[default]
    Half,
    /// By a line.
    Line,
}

/// How a copy reaches the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Clipboard {
    /// OSC 52, which the terminal may take or leave.
    #[default]
    Osc52,
    /// The same, wrapped so that tmux passes it on.
    Tmux,
    /// Not at all.
    Off,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            theme: theme::Theme::ansi(),
            coloured: true,
            symbols: glyph::Symbols::Unicode,
            motion: true,
            full_screen: true,
            mouse: false,
            scroll: Scroll::Half,
            clipboard: Clipboard::Osc52,
            title: false,
        }
    }
}

impl Look {
    /// Decides from environment variables, which the caller reads: `NO_COLOR`, `TERM`, `LC_ALL`, `LC_CTYPE`, `LANG`. The
    /// terminal itself is never asked, because over a slow link its answer arrives as keys.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        // The fonts of the kernel's console and of old terminals lack the symbols.
        let bare = term == "linux" || term.starts_with("vt1") || term.starts_with("vt2");
        let coloured = set("NO_COLOR").is_none() && !term.starts_with("vt");
        Self {
            theme: if coloured { theme::Theme::ansi() } else { theme::Theme::mono() },
            coloured,
            symbols: if utf8 && !bare { glyph::Symbols::Unicode } else { glyph::Symbols::Ascii },
            full_screen: !term.is_empty() && term != "dumb",
            ..Self::default()
        }
    }

    /// Takes the theme that is wished for, where there may be colour at all.
    #[must_use]
    pub fn with_theme(self, wished: &'static theme::Theme) -> Self {
        Self { theme: if self.coloured { wished } else { theme::Theme::mono() }, ..self }
    }

    /// Takes the symbols that are wished for, where the terminal can show them.
    #[must_use]
    pub fn with_symbols(self, wished: glyph::Symbols) -> Self {
        Self { symbols: if self.symbols == glyph::Symbols::Ascii { self.symbols } else { wished }, ..self }
    }

    /// Returns the theme after another: the next of those there are, or the same where there may be no colour.
    pub fn theme_after(&self, theme: &'static theme::Theme) -> &'static theme::Theme {
        if self.coloured { theme.after(self.theme) } else { theme::Theme::mono() }
    }
}

/// Keys that the user wants for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWish {
    /// The action's name, as it was written.
    pub action: String,
    /// The keys, as they were written.
    pub keys: Vec<String>,
    /// Where it is written, to name it where it cannot be meant.
    pub place: String,
}

/// What the console starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The period that is asked for first.
    pub period: Period,
    /// The title of the book.
    pub book: String,
    /// Whether it is the demo book; SAMPLE DATA is then on every screen, also before the first document.
    pub sample: bool,
    /// What the reader must know, as a source file that changed since the pull; one line each.
    pub notices: Vec<String>,
    /// How things look.
    pub look: Look,
    /// Keys that the user wants for actions.
    pub keys: Vec<KeyWish>,
    /// Whether a stop by Ctrl-z works: not where the one who started the program has it ignored.
    pub may_stop: bool,
}

/// Why the console cannot run, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard input or output is a file or a pipe.
    #[error(
        "the console needs a terminal for input and output; without one, `servicebook report --period {period} --format plain` writes the same figures"
    )]
    NotATerminal {
        /// The period that was asked for.
        period: String,
    },
    /// The terminal cannot show a full screen.
    #[error(
        "the console needs a terminal that can show a full screen, and TERM says that this one cannot; `servicebook report --period {period} --format plain` writes the same figures"
    )]
    Dumb {
        /// The period that was asked for.
        period: String,
    },
    /// Reading keys or writing the screen failed.
    #[error("the terminal cannot be used: {0}; start `servicebook` again, or use `servicebook report`")]
    Io(#[from] std::io::Error),
    /// Part of the program broke while the console ran.
    #[error("part of the program broke while the console was open: {message}")]
    Broken {
        /// What the part said.
        message: String,
    },
}

/// Runs the console until it is left. Each request carries a number, and its answer must carry the same one.
#[expect(clippy::needless_pass_by_value, reason = "the sender ends with the console, and the program sees that")]
pub fn run(
    options: Options,
    requests: Sender<(u64, Request)>,
    answers: Receiver<(u64, Answer)>,
) -> Result<(), TerminalError> {
    terminal::run(options, &requests, answers)
}
