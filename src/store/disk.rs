//! Files of the store: written whole or not at all, with their rights, and verified when they are read.

use super::StoreError;
use super::manifest::Content;
use crate::text::screen_str;
use sha2::{Digest, Sha256};
use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// The file whose lock a writer holds.
const LOCK: &str = "LOCK";
/// How the names of unfinished files start.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// The folder, opened for writing.
pub(super) struct Folder {
    path: PathBuf,
    /// The group that may read, by number.
    group: Option<u32>,
}

impl Folder {
    /// Makes the folder where it is missing and gives it its rights.
    pub(super) fn create(path: &Path, group: Option<&str>) -> Result<Self, StoreError> {
        let group = group.map(group_number).transpose()?;
        let wrong = |error| StoreError::Write { path: shown(path), error };
        std::fs::create_dir_all(path).map_err(wrong)?;
        let folder = File::open(path).map_err(wrong)?;
        folder.set_permissions(Permissions::from_mode(if group.is_some() { 0o750 } else { 0o700 })).map_err(wrong)?;
        if group.is_some() {
            fchown(&folder, None, group).map_err(wrong)?;
        }
        Ok(Self { path: path.to_owned(), group })
    }

    /// Takes the lock of the one writer; it is free again when the file is closed, also by a crash.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let path = self.path.join(LOCK);
        let wrong = |error| StoreError::Write { path: shown(&path), error };
        let mut lock =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(wrong)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let holder = std::fs::read_to_string(&path).unwrap_or_default();
                let holder = if holder.is_empty() { "another process".into() } else { screen_str(holder.trim()) };
                return Err(StoreError::Busy { path: shown(&path), holder });
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(wrong(error)),
        }
        self.rights(&lock).map_err(wrong)?;
        lock.set_len(0).map_err(wrong)?;
        writeln!(lock, "process {}", std::process::id()).map_err(wrong)?;
        Ok(lock)
    }

    /// Writes a file whose name is made of its content, and returns what the manifest says of it.
    pub(super) fn keep(&self, what: &str, ending: &str, bytes: &[u8], rows: u64) -> Result<Content, StoreError> {
        let sha256 = sha256(bytes);
        let name = format!("{what}-{sha256}.{ending}");
        self.write(&name, bytes)?;
        Ok(Content { name, sha256, bytes: bytes.len() as u64, rows })
    }

    /// Writes a file under another name, brings it to the disk, then gives it its name.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let write = || {
            let mut unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.path)?;
            unfinished.write_all(bytes)?;
            self.rights(unfinished.as_file())?;
            // A failed fsync is never tried again: the pages may be marked clean although they were not written.
            unfinished.as_file().sync_all()?;
            unfinished.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error: io::Error| StoreError::Write { path: shown(&path), error })
    }

    /// Brings the folder's names to the disk.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| StoreError::Write { path: shown(&self.path), error })
    }

    fn rights(&self, file: &File) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(if self.group.is_some() { 0o640 } else { 0o600 }))?;
        if self.group.is_some() {
            fchown(file, None, self.group)?;
        }
        Ok(())
    }
}

/// Reads a file and checks that it is what was written.
pub(super) fn verified(folder: &Path, content: &Content, id: &str) -> Result<Vec<u8>, StoreError> {
    let path = folder.join(&content.name);
    let damaged = |what: &str| StoreError::Damaged { path: shown(&path), what: what.into(), id: id.to_owned() };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged("it is not there")),
        Err(error) => return Err(StoreError::Read { path: shown(&path), error }),
    };
    if bytes.len() as u64 != content.bytes || sha256(&bytes) != content.sha256 {
        return Err(damaged("its SHA-256 is not that of what was written"));
    }
    Ok(bytes)
}

/// Returns the SHA-256 of bytes in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a path for a message.
pub(super) fn shown(path: &Path) -> String {
    screen_str(&path.to_string_lossy())
}

/// Finds a group by name in `/etc/group`; a number stands for itself, for groups that a directory service knows.
fn group_number(group: &str) -> Result<u32, StoreError> {
    let unknown = || StoreError::Group { group: screen_str(group) };
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    std::fs::read_to_string("/etc/group")
        .map_err(|_| unknown())?
        .lines()
        .find_map(|line| {
            let mut parts = line.split(':');
            (parts.next() == Some(group)).then(|| parts.nth(1)?.parse().ok())?
        })
        .ok_or_else(unknown)
}
