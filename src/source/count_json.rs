//! The second counter for answers: how many rows a page holds, by code that shares nothing with the decoder
//! (invariant 8).
//!
//! Reads raw bytes in one pass, without a JSON library, and knows brackets, strings and commas. What it is given is
//! taken to be JSON; of anything else it still gives some number. Must not know fields or texts.

use super::decode::{Format, RowPath, RowSegment};

/// Counts the rows of a page; `None` for formats that have no second counter here.
pub fn count(format: Format, page: &[u8], rows: &RowPath) -> Option<u64> {
    match format {
        Format::Json => Some(elements(page, rows)),
        Format::Ndjson => Some(lines(page)),
        Format::Metrics => Some(samples(page)),
        Format::Csv(_) | Format::Parquet => None,
    }
}

/// Counts the values that a row path names in a JSON document.
pub fn elements(page: &[u8], rows: &RowPath) -> u64 {
    let mut counter = Counter { bytes: without_mark(page), at: 0, rows: 0 };
    counter.blanks();
    counter.below(rows.segments());
    counter.rows
}

/// Counts the lines that are not blank.
pub fn lines(page: &[u8]) -> u64 {
    lines_that(page, |_| true)
}

/// Counts the samples of a page of metrics text: the lines that are neither blank nor comments.
pub fn samples(page: &[u8]) -> u64 {
    lines_that(page, |first| first != b'#')
}

fn lines_that(page: &[u8], counts: impl Fn(u8) -> bool) -> u64 {
    let (mut count, mut blank) = (0, true);
    for byte in without_mark(page) {
        match byte {
            b'\n' => blank = true,
            b' ' | b'\t' | b'\r' => {}
            first => {
                count += u64::from(blank && counts(*first));
                blank = false;
            }
        }
    }
    count
}

fn without_mark(page: &[u8]) -> &[u8] {
    page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page)
}

struct Counter<'a> {
    bytes: &'a [u8],
    at: usize,
    rows: u64,
}

impl<'a> Counter<'a> {
    fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.here().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Counts what the rest of a path names in the value that begins here, and goes behind the value.
    fn below(&mut self, path: &[RowSegment]) {
        let Some((segment, rest)) = path.split_first() else {
            self.rows += u64::from(self.here().is_some());
            return self.pass();
        };
        match self.here() {
            Some(b'{') => self.members(segment, rest),
            Some(b'[') => self.list(segment, rest),
            _ => self.pass(),
        }
    }

    fn members(&mut self, segment: &RowSegment, rest: &[RowSegment]) {
        self.at += 1;
        loop {
            self.blanks();
            match self.here() {
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let name = self.string();
                    self.blanks();
                    if self.here() == Some(b':') {
                        self.at += 1;
                    }
                    self.blanks();
                    let wanted = match segment {
                        RowSegment::Each => true,
                        RowSegment::Name(wanted) => is_name(name, wanted),
                    };
                    if wanted {
                        self.below(rest);
                    } else {
                        self.pass();
                    }
                }
                // The end of the object, of the page, or nothing that an object has here.
                _ => break,
            }
        }
        self.at += 1;
    }

    fn list(&mut self, segment: &RowSegment, rest: &[RowSegment]) {
        self.at += 1;
        let mut index = 0_usize;
        loop {
            self.blanks();
            match self.here() {
                None | Some(b']' | b'}') => break,
                Some(b',') => {
                    self.at += 1;
                    index += 1;
                }
                Some(_) => {
                    let wanted = match segment {
                        RowSegment::Each => true,
                        RowSegment::Name(wanted) => *wanted == index.to_string(),
                    };
                    let before = self.at;
                    if wanted {
                        self.below(rest);
                    } else {
                        self.pass();
                    }
                    // A byte that no value begins with.
                    self.at += usize::from(self.at == before);
                }
            }
        }
        self.at += 1;
    }

    /// Goes behind a value.
    fn pass(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.here() {
            match byte {
                b'"' => {
                    self.string();
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' if depth <= 1 => {
                    self.at += depth;
                    return;
                }
                b']' | b'}' => depth -= 1,
                b',' if depth == 0 => return,
                _ if depth == 0 && byte.is_ascii_whitespace() => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Goes behind a string and returns what is between its quotes.
    fn string(&mut self) -> &'a [u8] {
        let bytes = self.bytes;
        self.at += 1;
        let start = self.at;
        while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(self.at..).unwrap_or_default()) {
            self.at += found;
            if self.here() == Some(b'"') {
                self.at += 1;
                return &bytes[start..self.at - 1];
            }
            self.at += 2;
        }
        self.at = bytes.len();
        &bytes[start.min(self.at)..]
    }
}

/// Tells whether a member's name, as it stands between quotes, is a segment of the path.
fn is_name(written: &[u8], wanted: &str) -> bool {
    if !written.contains(&b'\\') {
        return written == wanted.as_bytes();
    }
    let mut rest = written;
    let mut wanted = wanted.chars();
    while !rest.is_empty() {
        let Some((letter, behind)) = letter(rest) else { return false };
        if wanted.next() != Some(letter) {
            return false;
        }
        rest = behind;
    }
    wanted.next().is_none()
}

/// Takes a character from the front of a string, escapes undone.
fn letter(text: &[u8]) -> Option<(char, &[u8])> {
    let (first, rest) = text.split_first()?;
    if *first != b'\\' {
        let length = match first {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        let (letter, rest) = text.split_at_checked(length)?;
        return Some((std::str::from_utf8(letter).ok()?.chars().next()?, rest));
    }
    let (escape, rest) = rest.split_first()?;
    let plain = match escape {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let (high, rest) = unit(rest)?;
            if !(0xd800..0xdc00).contains(&high) {
                return Some((char::from_u32(high)?, rest));
            }
            let (low, rest) = unit(rest.strip_prefix(b"\\u")?)?;
            let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?, rest));
        }
        other => char::from(*other),
    };
    Some((plain, rest))
}

fn unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, rest))
}
