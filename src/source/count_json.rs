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
    let (mut count, mut rest) = (0, without_mark(page));
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let first = rest[..end].iter().find(|byte| !b" \t\r".contains(byte));
        count += u64::from(first.is_some_and(|first| counts(*first)));
        rest = rest.get(end + 1..).unwrap_or_default();
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
        match self.here() {
            Some(b'"') => {
                self.string();
            }
            Some(b'[' | b'{') => self.nested(),
            _ => {
                let ends = |byte: &u8| b",]}[{\"".contains(byte) || byte.is_ascii_whitespace();
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
    }

    /// Goes behind the list or object that begins here. Between brackets and strings nothing can change.
    fn nested(&mut self) {
        let mut depth = 0_usize;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(quiet) = rest.iter().position(|byte| matches!(byte, b'"' | b'[' | b']' | b'{' | b'}')) else {
                self.at = self.bytes.len();
                return;
            };
            self.at += quiet;
            match rest[quiet] {
                b'"' => {
                    self.string();
                    continue;
                }
                b'[' | b'{' => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::decode::{Format, PageFacts, RowsPlan, rows};
    use proptest::prelude::*;
    use serde_json::Value;

    fn path(text: &str) -> RowPath {
        RowPath::parse(text).unwrap()
    }

    /// How many rows the decoder hands on; nothing where it refuses the page.
    fn decoded(format: Format, page: &[u8], rows_at: &RowPath) -> Option<u64> {
        let plan = RowsPlan { rows: rows_at.clone(), fields: Vec::new(), only: Vec::new() };
        let mut taken = 0;
        let counts = rows(format, page, &plan, &PageFacts::default(), &mut |_, _| taken += 1).ok()?;
        assert_eq!(counts.rows, taken);
        Some(taken)
    }

    /// The plain walk over a document as a library reads it.
    fn walked(value: &Value, path: &[RowSegment]) -> u64 {
        let Some((segment, rest)) = path.split_first() else { return 1 };
        match (value, segment) {
            (Value::Array(list), RowSegment::Each) => list.iter().map(|value| walked(value, rest)).sum(),
            (Value::Object(object), RowSegment::Each) => object.values().map(|value| walked(value, rest)).sum(),
            (Value::Array(list), RowSegment::Name(name)) => {
                let index = name.parse::<usize>().ok().filter(|index| index.to_string() == *name);
                index.and_then(|index| list.get(index)).map_or(0, |value| walked(value, rest))
            }
            (Value::Object(object), RowSegment::Name(name)) => object.get(name).map_or(0, |value| walked(value, rest)),
            _ => 0,
        }
    }

    /// Writes a document as tools do: with blanks here and there and escapes where none were needed.
    fn written(value: &Value, seed: &mut u64, to: &mut String) {
        let mut draw = |of: u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) % of
        };
        let blank = ["", "", " ", "\n\t"][usize::try_from(draw(4)).unwrap()];
        to.push_str(blank);
        match value {
            Value::String(text) => {
                to.push('"');
                for letter in text.chars() {
                    if draw(4) == 0 || letter.is_control() || letter == '"' || letter == '\\' {
                        for unit in letter.encode_utf16(&mut [0; 2]) {
                            to.push_str(&format!("\\u{unit:04x}"));
                        }
                    } else {
                        to.push(letter);
                    }
                }
                to.push('"');
            }
            Value::Array(list) => {
                to.push('[');
                for (place, value) in list.iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { "," });
                    written(value, seed, to);
                }
                to.push(']');
            }
            Value::Object(object) => {
                to.push('{');
                for (place, (name, value)) in object.iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { "," });
                    written(&Value::String(name.clone()), seed, to);
                    to.push_str(" :");
                    written(value, seed, to);
                }
                to.push('}');
            }
            plain => to.push_str(&plain.to_string()),
        }
        to.push_str(blank);
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => Just("a".to_owned()), 2 => Just("b".to_owned()), 1 => Just("é😀".to_owned()), 1 => Just("0".to_owned()),
            1 => Just("\"]}\\".to_owned()), 1 => Just(String::new()), 1 => Just("/~\n".to_owned())
        ]
    }

    fn document() -> impl Strategy<Value = Value> {
        let plain = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(Value::from),
            name().prop_map(Value::String),
        ];
        plain.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((name(), inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn row_path() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            3 => Just("*".to_owned()),
            2 => name().prop_map(|name| name.replace('~', "~0").replace('/', "~1")),
        ];
        prop::collection::vec(segment, 0..4)
            .prop_map(|segments| segments.into_iter().flat_map(|segment| ["/".to_owned(), segment]).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn counter_decoder_and_walk_agree(document in document(), rows in row_path(), mut seed in any::<u64>()) {
            let mut page = String::new();
            written(&document, &mut seed, &mut page);
            let rows = path(&rows);
            let counted = elements(page.as_bytes(), &rows);
            prop_assert_eq!(counted, walked(&document, rows.segments()), "{}", page);
            // The decoder refuses pages in which something else stands where rows should be.
            if let Some(decoded) = decoded(Format::Json, page.as_bytes(), &rows) {
                prop_assert_eq!(counted, decoded, "{}", page);
            }
        }

        #[test]
        fn any_bytes_are_counted_without_harm(page in "[\\[\\]{}\":,\\\\a1 \n\r\u{e9}]{0,40}", rows in row_path()) {
            let rows = path(&rows);
            let counted = elements(page.as_bytes(), &rows);
            if let Some(decoded) = decoded(Format::Json, page.as_bytes(), &rows) {
                prop_assert_eq!(counted, decoded);
            }
            prop_assert_eq!(Some(lines(page.as_bytes())), decoded(Format::Ndjson, page.as_bytes(), &RowPath::default()));
            prop_assert_eq!(Some(samples(page.as_bytes())), decoded(Format::Metrics, page.as_bytes(), &RowPath::default()));
        }
    }

    #[test]
    fn elements_are_counted_by_the_path() {
        let page = br#"{"data": {"r\u0065sult": [{"values": [[1, "]"], [2, "\"}"]], "x": {"values": [1]}}, {"values": []}, {}]}, "n": 3}"#;
        for (rows, count) in [
            ("/data/result/*/values/*", 2),
            ("/data/result/*", 3),
            ("/data/result/0/values/*", 2),
            ("/data/result/0/*", 2),
            ("/*", 2),
            ("", 1),
            ("/none/*", 0),
            ("/n/*", 0),
        ] {
            assert_eq!(elements(page, &path(rows)), count, "{rows}");
            assert_eq!(decoded(Format::Json, page, &path(rows)).unwrap_or_default(), count, "{rows}");
        }
        assert_eq!(elements(b"\xef\xbb\xbf[1, 2 ,{}]", &path("/*")), 3);
        assert_eq!(elements(b"", &path("")), 0);
        assert_eq!(lines(b"\n {}\r\n\r\n[]"), 2);
    }
}
