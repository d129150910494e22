//! The only place that reads environment variables.

use crate::app::book::Wanted;
use std::path::PathBuf;

/// Returns a variable's value; `None` where it is unset, empty or not text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the file of the user's preferences; `None` where there is no home to look in.
pub fn preferences() -> Option<PathBuf> {
    home_folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("servicebook/console.toml"))
}

/// Returns the folder of what the console remembers from one use to the next; `None` where there is no home for it.
#[expect(dead_code, reason = "for the history of queries")]
pub fn state_folder() -> Option<PathBuf> {
    home_folder("XDG_STATE_HOME", ".local/state").map(|folder| folder.join("servicebook"))
}

/// Returns a folder of the XDG base directories. By their rules, a variable that is no absolute path is passed over.
fn home_folder(name: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(name).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}

/// Collects what decides which book is meant.
pub fn wanted_book(given: Option<&PathBuf>) -> Wanted {
    let cache = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("servicebook");
    Wanted {
        given: given.cloned(),
        from_environment: variable("SERVICEBOOK_BOOK").map(PathBuf::from),
        working_folder: std::env::current_dir().unwrap_or_default(),
        cache,
    }
}
