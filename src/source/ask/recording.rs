//! Pages on disk: what a tool answered, byte for byte, with what it was asked.
//!
//! A pull that is cut off goes on from here; a recording of a tool is read from here. A page counts once its line
//! stands in `pages.jsonl`, which is written after its body. Must not know what the pages hold.

use crate::source::decode::PageFacts;
use crate::source::manifest::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Largest saved answer, in bytes.
const LARGEST: u64 = 1 << 30;

/// The file that lists the pages.
pub const LIST: &str = "pages.jsonl";

/// One page: what was asked and what came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The request's name in the manifest.
    pub request: String,
    /// The value that it was made for.
    #[serde(default)]
    pub each: Option<String>,
    /// Start of its window, RFC 3339.
    #[serde(default)]
    pub from: Option<String>,
    /// End of its window, RFC 3339.
    #[serde(default)]
    pub to: Option<String>,
    /// When it was received by the tool's clock, RFC 3339.
    #[serde(default)]
    pub at: Option<String>,
    /// The same moment by our clock, where the tool tells its own; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<String>,
    /// What the tool says is missing in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Which reading of its list it belongs to: a list that moved is read again.
    #[serde(default)]
    pub attempt: u32,
    /// What was asked, with the names of secrets in place of their values.
    pub asked: String,
    /// SHA-256 of what was asked, to know the page again.
    #[serde(default)]
    pub asked_sha256: String,
    /// The status.
    pub status: u16,
    /// The headers that paging and completeness may name.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The file that holds the body.
    pub file: String,
    /// SHA-256 of the body.
    #[serde(default)]
    pub sha256: String,
}

/// A folder of pages.
#[derive(Debug)]
pub struct Recording {
    folder: PathBuf,
    pages: Vec<Page>,
    bodies: Vec<PathBuf>,
    by_question: HashMap<String, usize>,
    list: Option<fs::File>,
    /// From here on the pages were added by this process: their bodies are what was received.
    added_from: usize,
    /// The page that was added last, which is looked at next.
    newest: Option<Vec<u8>>,
}

impl Page {
    /// Returns what it was asked for, for field paths.
    pub fn facts(&self) -> PageFacts<'_> {
        PageFacts {
            each: self.each.as_deref(),
            from: self.from.as_deref(),
            to: self.to.as_deref(),
            at: self.at.as_deref(),
        }
    }

    /// Returns a header by name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Recording {
    /// Opens the pages of a folder for reading.
    pub fn read(list: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(list)?;
        let mut pages: Vec<Page> = Vec::new();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
        while let Some(line) = lines.next() {
            match serde_json::from_str(line) {
                Ok(page) => pages.push(page),
                // The last line may have been cut off with the program.
                Err(_) if lines.peek().is_none() && !text.ends_with('\n') => {}
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        let folder = list.parent().unwrap_or(Path::new(".")).to_owned();
        let mut recording = Self { folder, ..Self::empty() };
        for page in pages {
            // The name comes out of a file that people may have written.
            if page.file.contains(['/', '\0']) || page.file.starts_with('.') {
                let error =
                    format!("it names `{}`, which is no file of its folder", crate::text::screen_str(&page.file));
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            recording.bodies.push(recording.folder.join(&page.file));
            recording.push(page);
        }
        Ok(recording)
    }

    /// Takes saved answers as pages, in the order of their names.
    pub fn of_files(files: Vec<(Page, PathBuf)>) -> Self {
        let mut recording = Self::empty();
        for (page, path) in files {
            recording.bodies.push(path);
            recording.push(page);
        }
        recording
    }

    fn empty() -> Self {
        Self {
            folder: PathBuf::new(),
            pages: Vec::new(),
            bodies: Vec::new(),
            by_question: HashMap::new(),
            list: None,
            added_from: usize::MAX,
            newest: None,
        }
    }

    fn push(&mut self, page: Page) {
        if !page.asked_sha256.is_empty() {
            self.by_question.insert(page.asked_sha256.clone(), self.pages.len());
        }
        self.pages.push(page);
    }

    /// Opens a folder to go on in it, or to begin in it where it is empty.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let path = folder.join(LIST);
        let mut recording = match Self::read(&path) {
            Ok(recording) => recording,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self { folder: folder.to_owned(), ..Self::empty() }
            }
            Err(error) => return Err(error),
        };
        // Written anew, so that a line that was cut off is gone.
        let mut list = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&path)?;
        for page in &recording.pages {
            write_line(&mut list, page)?;
        }
        recording.list = Some(list);
        recording.added_from = recording.pages.len();
        Ok(recording)
    }

    /// Returns the place of the page that answers a question.
    pub fn find(&self, question: &str) -> Option<usize> {
        self.by_question.get(question).copied()
    }

    /// Returns the pages, in the order in which they came.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Adds a page with its body.
    pub fn add(&mut self, mut page: Page, body: &[u8]) -> io::Result<()> {
        page.file = format!("{}-{:05}", page.request, self.pages.len() + 1);
        page.sha256 = hex(&Sha256::digest(body));
        let path = self.folder.join(&page.file);
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(body)?;
        if let Some(list) = &mut self.list {
            write_line(list, &page)?;
        }
        self.bodies.push(self.folder.join(&page.file));
        self.push(page);
        self.newest = Some(body.to_vec());
        Ok(())
    }

    /// Returns the body of the page at a place. A body that is not what was received is an error.
    pub fn body(&self, place: usize) -> io::Result<Vec<u8>> {
        let (Some(page), Some(path)) = (self.pages.get(place), self.bodies.get(place)) else {
            return Err(io::Error::other("there is no such page"));
        };
        if place + 1 == self.pages.len()
            && let Some(body) = &self.newest
        {
            return Ok(body.clone());
        }
        let body = unpacked(fs::read(path)?)?;
        if place < self.added_from && !page.sha256.is_empty() && page.sha256 != hex(&Sha256::digest(&body)) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is not what was received", page.file)));
        }
        Ok(body)
    }

    /// Removes the folder: its pages are published or no longer wanted.
    pub fn remove(folder: &Path) -> io::Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Unpacks a saved answer that is gzip.
fn unpacked(body: Vec<u8>) -> io::Result<Vec<u8>> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut plain = Vec::new();
    // One byte more than a page may have tells that it is larger.
    flate2::read::MultiGzDecoder::new(&body[..]).take(LARGEST + 1).read_to_end(&mut plain)?;
    if plain.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 1 GB when unpacked; split it"));
    }
    Ok(plain)
}

fn write_line(list: &mut fs::File, page: &Page) -> io::Result<()> {
    let mut line = serde_json::to_vec(page)?;
    line.push(b'\n');
    list.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(asked: &str) -> Page {
        Page { request: "issues".into(), asked: asked.into(), status: 200, ..Page::default() }
    }

    #[test]
    fn a_line_that_was_cut_off_is_forgotten_with_its_page() {
        let folder = tempfile::tempdir().unwrap();
        let mut recording = Recording::open(folder.path()).unwrap();
        recording.add(page("one"), b"first").unwrap();
        recording.add(page("two"), b"second").unwrap();
        let path = folder.path().join(LIST);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 10]).unwrap();
        let again = Recording::open(folder.path()).unwrap();
        assert_eq!(again.pages().iter().map(|page| page.asked.as_str()).collect::<Vec<_>>(), ["one"]);
        assert_eq!(again.body(0).unwrap(), b"first");
    }

    #[test]
    fn a_body_that_is_not_what_was_received_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut recording = Recording::open(folder.path()).unwrap();
        recording.add(page("one"), b"first").unwrap();
        fs::write(folder.path().join("issues-00001"), b"other").unwrap();
        let recording = Recording::open(folder.path()).unwrap();
        assert!(recording.body(0).is_err());
        let outside = Page { file: "../etc/passwd".into(), ..page("x") };
        fs::write(folder.path().join(LIST), serde_json::to_string(&outside).unwrap() + "\n").unwrap();
        assert!(Recording::read(&folder.path().join(LIST)).is_err());
    }
}
