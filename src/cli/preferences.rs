//! From the environment and the user's preferences to how the console looks and behaves.
//!
//! A file that cannot be used never keeps the console from opening: what is wrong becomes a notice.

use super::environment;
use crate::config::preferences::{CopyBy, Preferences, ScrollBy, SymbolSet, WishedTheme, own_theme};
use crate::text::screen_str;
use crate::tui::glyph::Symbols;
use crate::tui::theme::{NAMES, Theme};
use crate::tui::{Clipboard, KeyWish, Look, Scroll};
use std::path::Path;

/// What the console is opened with.
pub struct Wishes {
    /// How it looks.
    pub look: Look,
    /// Keys for actions.
    pub keys: Vec<KeyWish>,
    /// Name and SQL of queries.
    pub queries: Vec<(String, String)>,
    /// What cannot be used, one line each.
    pub notices: Vec<String>,
}

/// Collects the wishes: the environment, then `console.toml`, then the command line.
pub fn wishes(no_motion: bool) -> Wishes {
    let mut wishes = Wishes {
        look: Look::from_variables(environment::variable),
        keys: Vec::new(),
        queries: Vec::new(),
        notices: Vec::new(),
    };
    if let Some(path) = environment::preferences() {
        match Preferences::load(&path, &NAMES) {
            Ok(Some(preferences)) => wishes.take(preferences, &path),
            Ok(None) => {}
            Err(error) => wishes.notices.push(format!("{error}. None of your preferences is in use.")),
        }
    }
    wishes.look.motion &= !no_motion;
    wishes
}

impl Wishes {
    fn take(&mut self, preferences: Preferences, path: &Path) {
        let symbols = preferences.symbols.map(|set| match set {
            SymbolSet::Braille => Symbols::Braille,
            SymbolSet::Block => Symbols::Unicode,
            SymbolSet::Ascii => Symbols::Ascii,
        });
        if let Some(symbols) = symbols {
            self.look = self.look.with_symbols(symbols);
        }
        if let Some(theme) = preferences.theme.and_then(|wished| self.theme(wished, path)) {
            self.look = self.look.with_theme(theme);
        }
        self.look = Look {
            motion: preferences.motion,
            mouse: preferences.mouse,
            scroll: match preferences.scroll {
                ScrollBy::Half => Scroll::Half,
                ScrollBy::Line => Scroll::Line,
            },
            clipboard: match preferences.clipboard {
                CopyBy::Osc52 => Clipboard::Osc52,
                CopyBy::Tmux => Clipboard::Tmux,
                CopyBy::Off => Clipboard::Off,
            },
            title: preferences.title,
            ..self.look
        };
        let shown = screen_str(&path.display().to_string());
        let keys = preferences.keys.into_iter().map(|wished| KeyWish {
            place: format!("{shown} line {}", wished.line),
            action: wished.action,
            keys: wished.keys,
        });
        self.keys = keys.collect();
        self.queries = preferences.queries.into_iter().collect();
    }

    fn theme(&mut self, wished: WishedTheme, path: &Path) -> Option<&'static Theme> {
        match wished {
            WishedTheme::Named(name) => Theme::named(&name),
            WishedTheme::File(file) => {
                let place = path.parent().unwrap_or(Path::new("")).join(&file);
                match own_theme(&place, |text| Theme::parse(&file, text)) {
                    // One theme, read once; it lives as long as the program.
                    Ok(theme) => Some(Box::leak(Box::new(theme))),
                    Err(error) => {
                        self.notices.push(format!("{error}. The theme is not in use."));
                        None
                    }
                }
            }
        }
    }
}
