//! What a user wishes of the console: `console.toml` in the user's own folder of configuration.
//!
//! Knows its words, how the file is read and how a wrong one is told with its line. Must not know what a theme draws, which
//! actions there are or where the folder is: the caller knows these.

use crate::text::{screen_lines, screen_str};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::Path;
use toml::Spanned;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What the user wishes. What is not said is left to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// A theme's name, or the file of an own one.
    pub theme: Option<WishedTheme>,
    /// Which symbols are drawn.
    pub symbols: Option<SymbolSet>,
    /// Whether a mark turns while an answer is awaited.
    pub motion: bool,
    /// Whether clicks and the wheel are taken from the terminal.
    pub mouse: bool,
    /// How far a list moves when the cursor leaves it.
    pub scroll: ScrollBy,
    /// How a copy reaches the clipboard.
    pub clipboard: CopyBy,
    /// Whether the window is given a title.
    pub title: bool,
    /// Keys of actions; which actions and keys there are is checked by the console.
    pub keys: Vec<WishedKeys>,
    /// Named queries: SQL by name.
    pub queries: BTreeMap<String, String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Words::default().preferences(|_| 1)
    }
}

/// A theme, as it is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WishedTheme {
    /// One that is shipped.
    Named(String),
    /// A file, relative to the folder of the preferences.
    File(String),
}

/// Which symbols are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymbolSet {
    /// Letters and symbols, and charts of braille dots.
    Braille,
    /// Letters and symbols.
    Block,
    /// Bytes below 0x80 only.
    Ascii,
}

/// How far a list moves when the cursor leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScrollBy {
    /// By half its height.
    #[default]
    Half,
    /// By a line.
    Line,
}

/// How a copy reaches the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyBy {
    /// OSC 52.
    #[default]
    Osc52,
    /// OSC 52, passed on by tmux.
    Tmux,
    /// Not at all.
    Off,
}

/// Keys of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WishedKeys {
    /// The action's name.
    pub action: String,
    /// The keys, as written.
    pub keys: Vec<String>,
    /// The line on which they stand, from 1 on.
    pub line: usize,
}

/// Why preferences cannot be used. Each is one line, because it is shown as a notice.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}; see that it is a text of yours, or take it away")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("{path} line {line}: {message}; {hint}")]
    Wrong {
        /// Which file.
        path: String,
        /// Which line, from 1 on.
        line: usize,
        /// What.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// The words of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Words {
    theme: Option<Spanned<String>>,
    symbols: Option<SymbolSet>,
    motion: Option<bool>,
    mouse: bool,
    scroll: ScrollBy,
    clipboard: CopyBy,
    title: bool,
    keys: BTreeMap<String, Spanned<Vec<String>>>,
    queries: BTreeMap<String, String>,
}

impl Words {
    fn preferences(self, line: impl Fn(usize) -> usize) -> Preferences {
        let mut keys: Vec<_> = self
            .keys
            .into_iter()
            .map(|(action, keys)| WishedKeys { action, line: line(keys.span().start), keys: keys.into_inner() })
            .collect();
        keys.sort_by_key(|wished| wished.line);
        Preferences {
            theme: self.theme.map(|theme| match theme.into_inner() {
                file if is_file(&file) => WishedTheme::File(file),
                name => WishedTheme::Named(name),
            }),
            symbols: self.symbols,
            motion: self.motion.unwrap_or(true),
            mouse: self.mouse,
            scroll: self.scroll,
            clipboard: self.clipboard,
            title: self.title,
            keys,
            queries: self.queries,
        }
    }
}

fn is_file(theme: &str) -> bool {
    Path::new(theme).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

impl Preferences {
    /// Reads the text of a `console.toml`. `themes` are the names of those that are shipped.
    pub fn parse(text: &str, path: &str, themes: &[&str]) -> Result<Self, PreferencesError> {
        let words: Words =
            toml::from_str(text).map_err(|error| wrong(path, text, &error, "correct the line, or take it out"))?;
        if let Some(theme) = &words.theme
            && !is_file(theme.get_ref())
            && !themes.contains(&theme.get_ref().as_str())
        {
            return Err(PreferencesError::Wrong {
                path: path.to_owned(),
                line: line_of(text, theme.span().start),
                message: format!("there is no theme `{}`", screen_str(theme.get_ref())),
                hint: format!("write one of {}, or the name of a file that ends in .toml", themes.join(", ")),
            });
        }
        Ok(words.preferences(|at| line_of(text, at)))
    }

    /// Reads a `console.toml`; `None` where there is none, which is no fault.
    pub fn load(path: &Path, themes: &[&str]) -> Result<Option<Self>, PreferencesError> {
        match read(path) {
            Ok(text) => Self::parse(&text, &shown(path), themes).map(Some),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(PreferencesError::Read { path: shown(path), error }),
        }
    }
}

/// Reads an own theme's file and lets `parse` understand its text.
pub fn own_theme<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, toml::de::Error>,
) -> Result<T, PreferencesError> {
    let text = read(path).map_err(|error| PreferencesError::Read { path: shown(path), error })?;
    parse(&text).map_err(|error| wrong(&shown(path), &text, &error, "correct the line, or take it out"))
}

/// Reads a file, but no endless one.
fn read(path: &Path) -> Result<String, std::io::Error> {
    let mut text = String::new();
    let mut file = std::fs::File::open(path)?;
    // A pipe or a device would keep the console waiting.
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    if file.by_ref().take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST {
        return Err(std::io::Error::other("it is longer than 1 MiB"));
    }
    Ok(text)
}

fn shown(path: &Path) -> String {
    screen_str(&path.display().to_string())
}

fn wrong(path: &str, text: &str, error: &toml::de::Error, hint: &str) -> PreferencesError {
    PreferencesError::Wrong {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_of(text, span.start)),
        message: screen_lines(error.message()).replace('\n', ", "),
        hint: hint.to_owned(),
    }
}

/// Returns the line of a place in a text, from 1 on.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEMES: [&str; 2] = ["ansi", "dark"];

    fn parse(text: &str) -> Result<Preferences, PreferencesError> {
        Preferences::parse(text, "console.toml", &THEMES)
    }

    #[test]
    fn an_empty_file_wishes_nothing() {
        assert_eq!(parse("").unwrap(), Preferences::default());
        assert!(Preferences::default().motion);
    }

    #[test]
    fn every_word_is_read() {
        let text = "theme = 'dark'\nsymbols = 'braille'\nmotion = false\nmouse = true\nscroll = 'line'\n\
            clipboard = 'tmux'\ntitle = true\n[queries]\nlate = 'select 1'\n[keys]\nsort = ['s']\nback = ['q', 'ctrl-h']\n";
        let read = parse(text).unwrap();
        assert_eq!(read.theme, Some(WishedTheme::Named("dark".into())));
        assert_eq!(read.symbols, Some(SymbolSet::Braille));
        assert_eq!((read.motion, read.mouse, read.title), (false, true, true));
        assert_eq!((read.scroll, read.clipboard), (ScrollBy::Line, CopyBy::Tmux));
        assert_eq!(read.queries["late"], "select 1");
        let keys: Vec<_> = read.keys.iter().map(|keys| (keys.action.as_str(), keys.line)).collect();
        assert_eq!(keys, [("sort", 11), ("back", 12)]);
        assert_eq!(read.keys[1].keys, ["q", "ctrl-h"]);
        assert_eq!(parse("theme = 'my/own.toml'").unwrap().theme, Some(WishedTheme::File("my/own.toml".into())));
    }

    #[test]
    fn what_is_wrong_is_told_in_one_line_with_its_line_and_what_to_do() {
        for (text, line, parts) in [
            ("\ntheem = 'dark'", 2, ["unknown field `theem`", "`theme`"]),
            ("theme = 'drak'", 1, ["no theme `drak`", "ansi, dark"]),
            ("title = false\n\nsymbols = 'dots'", 3, ["unknown variant `dots`", "`braille`"]),
            ("mouse = 'yes'", 1, ["invalid type", "a boolean"]),
            ("[keys]\nback = 'q'", 2, ["invalid type", "a sequence"]),
            ("theme = \u{1b}[2J", 1, ["line 1", "correct the line"]),
            ("[queries]\nlate = 'select", 2, ["line 2", "correct the line"]),
            ("theme = 'a\u{9b}b'", 1, ["no theme `a⟨U+009B⟩b`", "write one of"]),
        ] {
            let said = parse(text).unwrap_err().to_string();
            assert!(said.starts_with(&format!("console.toml line {line}: ")), "{said}");
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
            assert!(!said.contains(['\n', '\u{1b}', '\u{9b}']), "{said:?}");
        }
    }

    #[test]
    fn no_file_is_no_fault_and_what_is_no_text_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.toml");
        assert!(matches!(Preferences::load(&path, &THEMES), Ok(None)));
        assert!(matches!(Preferences::load(&path.join("below"), &THEMES), Ok(None)));
        std::fs::create_dir(&path).unwrap();
        assert!(Preferences::load(&path, &THEMES).unwrap_err().to_string().contains("it is no file"));
        for (bytes, why) in [(b"\xff\xfe".to_vec(), "UTF-8"), (vec![b'#'; 1_100_000], "longer than 1 MiB")] {
            let path = folder.path().join("other.toml");
            std::fs::write(&path, bytes).unwrap();
            let said = Preferences::load(&path, &THEMES).unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        }
    }
}
