//! The only place that reads environment variables.

use crate::app::book::Wanted;
use std::path::PathBuf;

/// Returns a variable's value; `None` where it is unset, empty or not text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
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

/// Returns the folder of what the program remembers for this person; none where nothing tells where it may be.
pub fn state() -> Option<PathBuf> {
    let folder = variable("XDG_STATE_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")));
    folder.filter(|folder| folder.is_absolute()).map(|folder| folder.join("servicebook"))
}
