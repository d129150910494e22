//! Files that are written because someone asked: never over one that is there, readable by their owner only.
//!
//! Knows names and modes of files. Must not know what stands in them.

use crate::app::request::RowsFormat;
use crate::app::session::{Session, SessionError};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Begins the name of a file that is not whole yet.
const UNFINISHED: &str = ".servicebook-unfinished-";

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

/// Writes a file that must not be there yet, readable by its owner only. It bears its name only once it is whole: what
/// ends the program or fills the disk meanwhile leaves none that looks finished.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SessionError> {
    write_whole(path, bytes).map_err(|error| {
        let path = crate::text::screen_str(&path.display().to_string());
        match error.kind() {
            ErrorKind::AlreadyExists => SessionError::Occupied { path },
            _ => SessionError::Write { path, error },
        }
    })
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Asked again when the name is given; what stands in the way is said before anything is written.
    if path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    // In the same folder: only there can a name be given in one step.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .make_in(folder, |path| File::options().write(true).create_new(true).mode(0o600).open(path))?;
    let file = unfinished.as_file_mut();
    file.write_all(bytes)?;
    crate::failpoint::reach("file", "unnamed");
    // Some disks say only now that they are full.
    file.sync_all()?;
    unfinished.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}
