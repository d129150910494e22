//! The only place that reads environment variables.

use crate::app::book::Wanted;
use std::ffi::OsString;
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

/// Returns the file of the running program.
pub fn program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Returns the name by which the program was called.
pub fn name() -> Option<OsString> {
    std::env::args_os().next()
}

/// Returns what was typed behind the name.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().skip(1).collect()
}

/// Tells whether Ctrl-z stops the program: whoever started it may have told it to ignore that, and that is respected.
/// Where the system does not say, it stops.
pub fn may_stop() -> bool {
    let stop = 1_u64 << (signal_hook::consts::SIGTSTP - 1);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & stop == 0)
}
