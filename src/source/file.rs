//! A file to records: bytes are hashed as stored, unpacked where they are gzip, counted, and split.
//!
//! One thread reads, unpacks and counts while the other splits. Must not know what the fields mean.

use super::SourceError;
use super::count::RecordCounter;
use super::manifest::{Dialect, hex};
use super::split::{Record, Splitter};
use crate::model::SourceFile;
use crate::text::screen_str;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

/// How much is handed over at once.
const CHUNK: usize = 256 << 10;
/// How many chunks may wait.
const WAITING: usize = 4;

/// What the reading side knows at the end of a file.
struct Counted {
    bytes: u64,
    sha256: String,
    records: u64,
    open_quote: Option<u64>,
}

/// Reads a file and hands on its records in order, the header among them. With a record comes the line of the quote
/// that the file never closes, where the record is the one that holds it. Returns what the receipt says of the file;
/// `records` there is counted apart and without the header.
pub fn read(
    path: &Path,
    name: &str,
    dialect: Dialect,
    mut take: impl FnMut(Record<'_>, Option<u64>) -> Result<(), SourceError>,
) -> Result<(SourceFile, Option<u64>), SourceError> {
    let unreadable = |error: io::Error| SourceError::Read { file: screen_str(name), error };
    let file = open(path).map_err(unreadable)?;
    let counted = std::thread::scope(|scope| {
        let (full, chunks) = sync_channel(WAITING);
        let (used, empty) = channel();
        let reader = scope.spawn(move || unpack(file, dialect, &full, &empty));
        let mut splitter = Splitter::new(dialect);
        let mut first = true;
        for chunk in chunks {
            if first {
                refuse_other_formats(&chunk, name)?;
            }
            splitter.feed(without_mark(&chunk, first), |record| take(record, None))?;
            first = false;
            // The reader may be done with the file already.
            let _ = used.send(chunk);
        }
        let counted = match reader.join() {
            Ok(counted) => counted.map_err(unreadable)?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        splitter.finish(|record| take(record, counted.open_quote))?;
        Ok::<_, SourceError>(counted)
    })?;
    let header = u64::from(dialect.header && counted.records > 0);
    let receipt = SourceFile {
        name: name.to_owned(),
        bytes: counted.bytes,
        sha256: counted.sha256,
        records: counted.records - header,
    };
    Ok((receipt, counted.open_quote))
}

/// Returns size and SHA-256 of a file as it is stored.
pub fn fingerprint(path: &Path) -> io::Result<(u64, String)> {
    let mut file = Hashed::new(open(path)?);
    io::copy(&mut file, &mut io::sink())?;
    Ok(file.finish())
}

/// Opens a plain file; a pipe or a device could keep us waiting for ever.
fn open(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    File::open(path)
}

fn unpack(file: File, dialect: Dialect, full: &SyncSender<Vec<u8>>, empty: &Receiver<Vec<u8>>) -> io::Result<Counted> {
    let mut file = Hashed::new(file);
    let mut start = Vec::with_capacity(2);
    file.by_ref().take(2).read_to_end(&mut start)?;
    let packed = start == [0x1f, 0x8b];
    let mut counter = RecordCounter::new(dialect);
    let mut plain = io::Cursor::new(start).chain(&mut file);
    if packed {
        send(&mut MultiGzDecoder::new(&mut plain), &mut counter, full, empty)?;
    } else {
        send(&mut plain, &mut counter, full, empty)?;
    }
    // What the decoder left unread belongs to the file's hash.
    io::copy(&mut file, &mut io::sink())?;
    let (bytes, sha256) = file.finish();
    Ok(Counted { bytes, sha256, records: counter.records(), open_quote: counter.open_quote() })
}

fn send(
    from: &mut impl Read,
    counter: &mut RecordCounter,
    full: &SyncSender<Vec<u8>>,
    empty: &Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut first = true;
    loop {
        let mut chunk = empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        chunk.clear();
        from.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(());
        }
        counter.feed(without_mark(&chunk, first));
        first = false;
        // The other side hangs up when it refuses the file; its own error says why.
        if full.send(chunk).is_err() {
            return Ok(());
        }
    }
}

/// Leaves out the byte order mark at the start of a file.
fn without_mark(chunk: &[u8], first: bool) -> &[u8] {
    if first { chunk.strip_prefix(b"\xef\xbb\xbf").unwrap_or(chunk) } else { chunk }
}

/// Refuses what is certainly no delimited text, by its first bytes.
fn refuse_other_formats(chunk: &[u8], name: &str) -> Result<(), SourceError> {
    let text = without_mark(chunk, true).trim_ascii_start();
    let starts = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    let (what, hint) = if ["<!doctype", "<html", "<head", "<body", "<?xml", "<!--"].iter().any(|with| starts(with)) {
        ("a web page or XML", "was a login page saved in place of the export? Export again as CSV")
    } else if starts("PK\u{3}\u{4}") {
        ("a workbook or ZIP archive", "save it as CSV (UTF-8); gzip is read as it is")
    } else if chunk.starts_with(b"\xff\xfe")
        || chunk.starts_with(b"\xfe\xff")
        || chunk.iter().take(64).filter(|byte| **byte == 0).count() > 8
    {
        ("UTF-16 or binary", "save it as CSV (UTF-8)")
    } else if starts("PAR1") || starts("%PDF") || starts("SQLite format 3") {
        ("another format", "export it as CSV")
    } else {
        return Ok(());
    };
    Err(SourceError::OtherFormat { file: screen_str(name), what, hint })
}

/// Hashes what is read through it.
struct Hashed {
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    fn new(file: File) -> Self {
        Self { file, hasher: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> (u64, String) {
        (self.bytes, hex(&self.hasher.finalize()))
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
