//! The SELECTs of one person: those that were run, and those that were kept under a name.
//!
//! They lie in the person's own state folder, readable by nobody else, never in a book. A file that cannot be read is as
//! good as none; one that cannot be written is said.

use super::kept::unpoisoned;
use super::session::SessionError;
use crate::text::screen_str;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// SELECTs that are remembered.
const MOST: usize = 1_000;
/// How much of the end of a history is read, in bytes.
const TAIL: u64 = 8 << 20;
/// Longest text that is kept, in bytes: that of a query.
const LONGEST: usize = 64 << 10;
/// Longest name of a query, in characters.
const LONGEST_NAME: usize = 80;

/// What a person asked before.
#[derive(Debug)]
pub struct Past {
    folder: Option<PathBuf>,
    preferred: Vec<(String, String)>,
    last: Mutex<Option<String>>,
}

impl Past {
    /// Names the folder, if there is one, and the queries of the person's preferences.
    pub fn new(folder: Option<PathBuf>, preferred: Vec<(String, String)>) -> Self {
        Self { folder, preferred, last: Mutex::new(None) }
    }

    /// Returns the SELECTs that were run, the newest last. Shortens a history that has grown too long.
    pub fn history(&self) -> Vec<String> {
        let Some(path) = self.path("sql-history") else { return Vec::new() };
        let (mut history, more) = read_history(&path).unwrap_or_default();
        let too_many = more || history.len() > MOST;
        history.drain(..history.len().saturating_sub(MOST));
        if too_many {
            let lines: String = history.iter().filter_map(|sql| line(sql)).collect();
            // A history that stays too long is read from its end all the same.
            let _ = replace(&path, lines.as_bytes());
        }
        unpoisoned(&self.last).clone_from(&history.last().cloned());
        history
    }

    /// Remembers a SELECT, unless it is the one that was remembered last.
    ///
    /// # Errors
    /// [`SessionError::Write`].
    pub fn remember(&self, sql: &str) -> Result<(), SessionError> {
        let (Some(path), Some(line)) = (self.path("sql-history"), line(sql)) else { return Ok(()) };
        let mut last = unpoisoned(&self.last);
        if last.as_deref() == Some(sql) {
            return Ok(());
        }
        append(&path, line.as_bytes()).map_err(|error| unwritten(&path, error))?;
        *last = Some(sql.to_owned());
        Ok(())
    }

    /// Returns the SELECTs with names, by name; one that was saved stands in place of one of the preferences.
    pub fn queries(&self) -> Vec<(String, String)> {
        let mut named: BTreeMap<String, String> = self.preferred.iter().cloned().collect();
        named.extend(self.path("queries.toml").map(|path| read_queries(&path).unwrap_or_default()).unwrap_or_default());
        named.into_iter().collect()
    }

    /// Keeps a SELECT under a name, in place of one that had it.
    ///
    /// # Errors
    /// [`SessionError::Unknown`] where the name cannot be one or there is no folder; [`SessionError::Write`].
    pub fn save(&self, name: &str, sql: &str) -> Result<(), SessionError> {
        let refused = |message: String, hint: &str| SessionError::Unknown { message, hint: hint.into() };
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || screen_str(name) != name {
            let message = format!("`{}` cannot be the name of a query", screen_str(name));
            return Err(refused(message, "a name is up to 80 letters without line breaks"));
        }
        if sql.len() > LONGEST || sql.trim().is_empty() {
            return Err(refused("there is nothing to keep".into(), "type a SELECT of up to 64 KB first"));
        }
        let path = self.path("queries.toml").ok_or_else(|| {
            refused("there is no folder for what is yours".into(), "set HOME or XDG_STATE_HOME to a folder of yours")
        })?;
        // A file that cannot be understood may hold what somebody wrote by hand: it is left alone.
        let mut named = read_queries(&path).ok_or_else(|| {
            refused(
                format!("{} cannot be understood, and is left as it is", screen_str(&path.display().to_string())),
                "correct it, or move it away",
            )
        })?;
        named.insert(name.to_owned(), sql.to_owned());
        let text = toml::to_string(&Queries { queries: named })
            .map_err(|error| refused(format!("the query cannot be written: {error}"), "shorten its name"))?;
        replace(&path, text.as_bytes()).map_err(|error| unwritten(&path, error))
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(name))
    }
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Queries {
    #[serde(default)]
    queries: BTreeMap<String, String>,
}

fn unwritten(path: &Path, error: io::Error) -> SessionError {
    SessionError::Write { path: screen_str(&path.display().to_string()), error }
}

/// Writes a text as one line; nothing of what is empty or too long.
fn line(sql: &str) -> Option<String> {
    let fits = !sql.trim().is_empty() && sql.len() <= LONGEST;
    fits.then(|| serde_json::to_string(sql).ok()).flatten().map(|line| line + "\n")
}

/// Reads the end of a history, and tells whether there was more before it. Lines that are none are passed over.
fn read_history(path: &Path) -> io::Result<(Vec<String>, bool)> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n').skip(usize::from(skipped > 0));
    Ok((lines.filter_map(|line| serde_json::from_slice(line).ok()).collect(), skipped > 0))
}

/// Reads the queries of a file; none where it is not there, nothing where it cannot be understood.
fn read_queries(path: &Path) -> Option<BTreeMap<String, String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str::<Queries>(&text).ok().map(|file| file.queries),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(BTreeMap::new()),
        Err(_) => None,
    }
}

/// Appends with one write, so that lines of two consoles never mix.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    make_folder(path)?;
    File::options().append(true).create(true).mode(0o600).open(path)?.write_all(line)
}

/// Puts a file in the place of another, whole or not at all, readable by its owner only.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folder(path)?;
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn history_survives_line_breaks_and_says_nothing_twice_in_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state/servicebook");
        let past = Past::new(Some(state.clone()), Vec::new());
        assert!(past.history().is_empty());
        for sql in ["SELECT 1", "SELECT 1", "SELECT\n 'a\u{1b}'", "SELECT 1", " ", &"x".repeat(LONGEST + 1)] {
            past.remember(sql).unwrap();
        }
        let again = Past::new(Some(state.clone()), Vec::new());
        assert_eq!(again.history(), ["SELECT 1", "SELECT\n 'a\u{1b}'", "SELECT 1"]);
        again.remember("SELECT 1").unwrap();
        assert_eq!(again.history().len(), 3, "also not when the console was opened anew");
        assert_eq!((mode(&state.join("sql-history")), mode(&state)), (0o600, 0o700));
    }

    #[test]
    fn history_is_bounded_and_passes_over_what_is_no_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sql-history");
        let lines: String = (0..1_500).filter_map(|n| line(&format!("SELECT {n}"))).collect();
        std::fs::write(&path, format!("no json\n{lines}\u{0}\n\"unfinished")).unwrap();
        let past = Past::new(Some(folder.path().to_owned()), Vec::new());
        let history = past.history();
        assert_eq!((history.len(), history[0].as_str(), history[999].as_str()), (1_000, "SELECT 500", "SELECT 1499"));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1_000);
    }

    #[test]
    fn queries_are_kept_by_name_beside_those_of_the_preferences() {
        let folder = tempfile::tempdir().unwrap();
        let preferred = vec![("late".to_owned(), "SELECT 1".to_owned()), ("mine".to_owned(), "SELECT 2".to_owned())];
        let past = Past::new(Some(folder.path().to_owned()), preferred);
        past.save("late", "SELECT\n3 -- \"'").unwrap();
        past.save(" by group ", "SELECT 4").unwrap();
        let wanted = [("by group", "SELECT 4"), ("late", "SELECT\n3 -- \"'"), ("mine", "SELECT 2")];
        assert_eq!(past.queries(), wanted.map(|(name, sql)| (name.to_owned(), sql.to_owned())));
        assert_eq!(mode(&folder.path().join("queries.toml")), 0o600);
        for name in ["", "a\u{1b}b", &"x".repeat(81)] {
            assert!(past.save(name, "SELECT 1").is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_file_that_somebody_broke_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queries.toml");
        std::fs::write(&path, "[queries\n").unwrap();
        let past = Past::new(Some(folder.path().to_owned()), Vec::new());
        assert!(past.queries().is_empty());
        assert!(past.save("late", "SELECT 1").unwrap_err().to_string().contains("queries.toml"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[queries\n");
    }

    #[test]
    fn without_a_folder_nothing_is_remembered() {
        let past = Past::new(None, Vec::new());
        past.remember("SELECT 1").unwrap();
        assert!(past.history().is_empty());
        assert!(past.save("late", "SELECT 1").is_err());
    }
}
