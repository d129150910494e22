//! The demo book: embedded, unpacked to a cache folder named by its hash, never into a clone.

use crate::source::manifest::SHIPPED;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// The files of the demo book, by path relative to it.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/demo_book.rs"));

/// Returns the demo book's folder below a cache folder, unpacked whole or not at all.
///
/// # Errors
/// What the file system says.
pub fn unpack(cache: &Path) -> io::Result<PathBuf> {
    let mut hash = Sha256::new();
    // The manifests too: with other ones the unpacked book's store would hold other rows.
    let manifests = SHIPPED.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, bytes) in FILES.iter().copied().chain(manifests) {
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    let short = hash.finalize().iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let folder = cache.join(format!("demo-{short}"));
    if folder.join("config.toml").is_file() {
        return Ok(folder);
    }
    std::fs::create_dir_all(cache)?;
    let fresh = tempfile::Builder::new().prefix("demo-").tempdir_in(cache)?;
    for (name, bytes) in FILES {
        let path = fresh.path().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    match std::fs::rename(fresh.path(), &folder) {
        Ok(()) => {
            // The folder has its final name; nothing is left to sweep.
            let _ = fresh.keep();
        }
        // Another process was first: its folder has the same content by its name.
        Err(_) if folder.join("config.toml").is_file() => {}
        Err(error) => return Err(error),
    }
    Ok(folder)
}
