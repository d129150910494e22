//! The second counter: how many records a file holds, by code that shares nothing with the loader (invariant 8).
//!
//! Reads raw bytes in one pass and knows only delimiter, quote and line end. Must not know fields or columns.

use super::manifest::Dialect;

/// Counts records in the bytes it is fed.
#[derive(Clone, Debug)]
pub struct RecordCounter {
    delimiter: u8,
    quote: Option<u8>,
    place: Place,
    records: u64,
    line: u64,
    after_return: bool,
    quote_line: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between records: blank lines are none.
    Between,
    /// At the first byte of a field.
    FieldStart,
    /// In a field without quotes, or behind a closing quote and more.
    Bare,
    /// In a quoted field.
    Quoted,
    /// Behind a quote in a quoted field: it closes the field, or stands for one quote.
    BehindQuote,
}

impl RecordCounter {
    /// Makes a counter for a dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            delimiter: dialect.delimiter,
            quote: dialect.quote,
            place: Place::Between,
            records: 0,
            line: 1,
            after_return: false,
            quote_line: 0,
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            // Between line ends and quotes nothing can change but whether a field has just begun.
            let quiet = self.quiet(rest);
            if let Some(last) = rest[..quiet].last() {
                self.pass(*last);
            }
            if let Some(byte) = rest.get(quiet) {
                self.step(*byte);
            }
            rest = rest.get(quiet + 1..).unwrap_or_default();
        }
    }

    /// Returns how many bytes lie before the next line end or quote.
    fn quiet(&self, bytes: &[u8]) -> usize {
        let next = match self.quote {
            Some(quote) => memchr::memchr3(b'\n', b'\r', quote, bytes),
            None => memchr::memchr2(b'\n', b'\r', bytes),
        };
        next.unwrap_or(bytes.len())
    }

    /// Takes a run of bytes that are neither line ends nor quotes, by its last one.
    fn pass(&mut self, last: u8) {
        self.after_return = false;
        if self.place == Place::Quoted {
            return;
        }
        if self.place == Place::Between {
            self.records += 1;
        }
        self.place = if last == self.delimiter { Place::FieldStart } else { Place::Bare };
    }

    fn step(&mut self, byte: u8) {
        let line_end = byte == b'\n' || byte == b'\r';
        if line_end && !(byte == b'\n' && self.after_return) {
            self.line += 1;
        }
        self.after_return = byte == b'\r';
        self.place = match self.place {
            Place::Quoted if Some(byte) == self.quote => Place::BehindQuote,
            Place::Quoted => Place::Quoted,
            Place::BehindQuote if Some(byte) == self.quote => Place::Quoted,
            _ if line_end => Place::Between,
            place => {
                if place == Place::Between {
                    self.records += 1;
                }
                if byte == self.delimiter {
                    Place::FieldStart
                } else if Some(byte) == self.quote && matches!(place, Place::Between | Place::FieldStart) {
                    self.quote_line = self.line;
                    Place::Quoted
                } else {
                    Place::Bare
                }
            }
        };
    }

    /// Returns the records so far, the header among them.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Returns the line of the quote that is still open.
    pub fn open_quote(&self) -> Option<u64> {
        (self.place == Place::Quoted).then_some(self.quote_line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> (u64, Option<u64>) {
        let mut counter = RecordCounter::new(Dialect { delimiter: b',', quote: Some(b'"'), header: true });
        counter.feed(text.as_bytes());
        (counter.records(), counter.open_quote())
    }

    #[test]
    fn records_are_counted_by_the_grammar() {
        let cases = [
            ("", 0),
            ("a,b\n1,2\n", 2),
            ("a,b\n1,2", 2),
            ("a,b\r\n1,2\r\n\r\n\r\n", 2),
            ("a,b\r1,2\r", 2),
            ("a\n\"x\ny\"\n", 2),
            ("a\n\"x\"\"\ny\"\n", 2),
            ("a\nx\"y\nz\n", 3),
            ("a\n\"x\"y\nz\n", 3),
            ("\n\na\n,\n", 2),
        ];
        for (text, records) in cases {
            assert_eq!(count(text), (records, None), "{text:?}");
        }
        assert_eq!(count("a\n1\n\"2\n3\n"), (3, Some(3)));
    }
}
