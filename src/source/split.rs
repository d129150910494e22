//! Bytes to records, on csv-core.
//!
//! Keeps the line of each record's first byte. Must not know what the fields mean.

use super::manifest::Dialect;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Longest record; a longer one is a stray quote that swallowed half a file.
const LONGEST: usize = 16 << 20;
/// Most fields of a record.
const MOST_FIELDS: usize = 1 << 16;
/// How much of a record that is too long is kept.
const HEAD: usize = 4_096;

/// One record: its fields without quotes, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The fields' bytes.
    pub bytes: &'a [u8],
    /// Where each field ends.
    pub ends: &'a [usize],
    /// The line of its first byte, from 1.
    pub line: u64,
    /// Whether it is longer than any record may be; then `bytes` has only its head and `ends` means nothing.
    pub too_long: bool,
}

impl<'a> Record<'a> {
    /// Returns the fields.
    pub fn fields(self) -> impl Iterator<Item = &'a [u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let field = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            field
        })
    }
}

/// Splits the bytes that it is fed into records.
pub struct Splitter {
    reader: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    too_long: bool,
    line: u64,
    started: Option<u64>,
    after_return: bool,
}

impl Splitter {
    /// Makes a splitter for a dialect.
    pub fn new(dialect: Dialect) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(dialect.delimiter);
        match dialect.quote {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        Self {
            reader: builder.build(),
            bytes: vec![0; 4_096],
            ends: vec![0; 64],
            filled: 0,
            ended: 0,
            too_long: false,
            line: 1,
            started: None,
            after_return: false,
        }
    }

    /// Takes the next bytes of the file and hands on each record that they end.
    pub fn feed<E>(&mut self, mut input: &[u8], mut take: impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
        while !input.is_empty() {
            let result = self.step(&mut input);
            if result == ReadRecordResult::Record {
                take(self.record())?;
                self.restart();
            }
        }
        Ok(())
    }

    /// Ends the file and hands on the record that no line end closed.
    pub fn finish<E>(&mut self, mut take: impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
        loop {
            match self.step(&mut &[][..]) {
                ReadRecordResult::Record => {
                    take(self.record())?;
                    self.restart();
                }
                ReadRecordResult::End => return Ok(()),
                _ => {}
            }
        }
    }

    fn step(&mut self, input: &mut &[u8]) -> ReadRecordResult {
        let (result, read, written, ended) =
            self.reader.read_record(input, &mut self.bytes[self.filled..], &mut self.ends[self.ended..]);
        let (consumed, rest) = input.split_at(read);
        self.advance(consumed);
        *input = rest;
        self.filled += written;
        self.ended += ended;
        // Room is made in time, also where input ran out at the same byte.
        if self.filled == self.bytes.len() {
            if self.filled < LONGEST {
                self.bytes.resize(self.filled * 2, 0);
            } else if result != ReadRecordResult::Record {
                self.too_long = true;
                self.filled = HEAD;
            }
        }
        if self.ended == self.ends.len() {
            if self.ended < MOST_FIELDS {
                self.ends.resize(self.ended * 2, 0);
            } else if result != ReadRecordResult::Record {
                self.too_long = true;
                self.ended = 0;
            }
        }
        result
    }

    fn record(&self) -> Record<'_> {
        Record {
            bytes: &self.bytes[..if self.too_long { HEAD.min(self.filled) } else { self.filled }],
            ends: &self.ends[..if self.too_long { 0 } else { self.ended }],
            line: self.started.unwrap_or(self.line),
            too_long: self.too_long,
        }
    }

    fn restart(&mut self) {
        self.filled = 0;
        self.ended = 0;
        self.too_long = false;
        self.started = None;
    }

    /// Counts lines; a record starts at the first byte that ends none.
    fn advance(&mut self, consumed: &[u8]) {
        let mut rest = consumed;
        if self.started.is_none() {
            let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let (ends, record) = rest.split_at(blank);
            self.count(ends);
            if record.is_empty() {
                return;
            }
            self.started = Some(self.line);
            rest = record;
        }
        self.count(rest);
    }

    #[expect(clippy::naive_bytecount, reason = "records are short; csv-core takes longer over the same bytes")]
    fn count(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        if !self.after_return && !bytes.contains(&b'\r') {
            self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            return;
        }
        let mut before = if self.after_return { b'\r' } else { 0 };
        for byte in bytes {
            if *byte == b'\r' || (*byte == b'\n' && before != b'\r') {
                self.line += 1;
            }
            before = *byte;
        }
        self.after_return = *last == b'\r';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::count::RecordCounter;
    use std::convert::Infallible;

    const DIALECT: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), header: true };

    fn split(text: &[u8], chunk: usize) -> Vec<(u64, Vec<String>)> {
        let mut records = Vec::new();
        let mut splitter = Splitter::new(DIALECT);
        let mut keep = |record: Record<'_>| {
            let fields = record.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            records.push((record.line, fields));
            Ok::<_, Infallible>(())
        };
        for part in text.chunks(chunk) {
            splitter.feed(part, &mut keep).unwrap();
        }
        splitter.finish(&mut keep).unwrap();
        records
    }

    #[test]
    fn fields_and_lines_are_right_however_the_bytes_come() {
        let text = b"a,b\r\n\r\n1,\"x\r\ny\"\r\n2,\"say \"\"hi\"\"\"\n3,last";
        for chunk in [1, 2, 3, 7, 100] {
            let records = split(text, chunk);
            let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 3, 5, 6], "chunks of {chunk}");
            assert_eq!(records[1].1, ["1", "x\r\ny"]);
            assert_eq!(records[2].1, ["2", "say \"hi\""]);
            assert_eq!(records[3].1, ["3", "last"]);
        }
        let returns: Vec<u64> = split(b"a,b\r1,2\r3,4\r", 4).iter().map(|(line, _)| *line).collect();
        assert_eq!(returns, [1, 2, 3]);
    }

    #[test]
    fn a_record_that_is_too_long_is_told_and_the_next_one_is_read() {
        let mut text = b"a\n\"".to_vec();
        text.extend(std::iter::repeat_n(b'x', LONGEST + 10));
        text.extend_from_slice(b"\"\nlast\n");
        let mut seen = Vec::new();
        let mut splitter = Splitter::new(DIALECT);
        splitter
            .feed(&text, |record| {
                seen.push((record.line, record.too_long, record.bytes.len()));
                Ok::<_, Infallible>(())
            })
            .unwrap();
        assert_eq!(seen, [(1, false, 1), (2, true, HEAD), (3, false, 4)]);
    }

    proptest::proptest! {
        #[test]
        fn the_second_counter_agrees(text in "[a,\"\r\n ]{0,40}", chunk in 1_usize..9) {
            let mut counter = RecordCounter::new(DIALECT);
            for part in text.as_bytes().chunks(chunk) {
                counter.feed(part);
            }
            let records = split(text.as_bytes(), chunk).len() as u64;
            proptest::prop_assert_eq!(records, counter.records());
        }
    }
}
