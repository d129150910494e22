//! Files that are written because someone asked: never over one that is there, readable by their owner only.
//!
//! Knows names and modes of files. Must not know what stands in them.

use crate::app::request::RowsFormat;
use crate::app::session::{Session, SessionError};
use std::path::{Path, PathBuf};

impl RowsFormat {
    /// Returns the ending of a file name.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// Makes a file name from book, period and more words, free in the working folder.
pub fn free_name(session: &Session, words: &[&str], ending: &str) -> PathBuf {
    let mut stem = session.book().config.book.title.clone();
    if session.book().is_sample() {
        stem.insert_str(0, "SAMPLE-");
    }
    for word in words {
        stem.push('-');
        stem.push_str(word);
    }
    let stem = crate::text::slug(&stem);
    let first = PathBuf::from(format!("{stem}.{ending}"));
    if !first.exists() {
        return first;
    }
    (2..1_000).map(|n| PathBuf::from(format!("{stem}-{n}.{ending}"))).find(|path| !path.exists()).unwrap_or(first)
}

/// Writes a file that must not be there yet, readable by its owner only.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SessionError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let shown = || crate::text::screen_str(&path.display().to_string());
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error
            .kind()
        {
            std::io::ErrorKind::AlreadyExists => SessionError::Occupied { path: shown() },
            _ => SessionError::Write { path: shown(), error },
        })?;
    file.write_all(bytes).map_err(|error| SessionError::Write { path: shown(), error })
}
