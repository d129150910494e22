//! Row paths and field paths: the words with which a manifest points into a document.
//!
//! Text to steps and back. Must not know documents.

use crate::text::screen_str;
use std::fmt;

/// Most segments of a path.
const MOST_SEGMENTS: usize = 64;

/// A path that cannot be read: which, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is no path: {reason}")]
pub struct PathError {
    /// The text, safe to show.
    pub path: String,
    /// What is wrong and what to write.
    pub reason: String,
}

/// Which values of a document are rows: a JSON pointer in which `*` is each element of a list or each member of an
/// object. Empty, it is the document itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowPath {
    segments: Vec<RowSegment>,
}

/// One step towards the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSegment {
    /// A member, or where a list stands the element of this index.
    Name(String),
    /// Each of them.
    Each,
}

impl RowPath {
    /// Reads a row path, `/data/result/*/values/*`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let wrong = |reason: String| PathError { path: screen_str(text), reason };
        if text.is_empty() {
            return Ok(Self::default());
        }
        let rest = text.strip_prefix('/').ok_or_else(|| wrong("begin with `/`, or leave it empty".into()))?;
        let segments = rest
            .split('/')
            .map(|part| if part == "*" { Ok(RowSegment::Each) } else { unescaped(part).map(RowSegment::Name) })
            .collect::<Result<Vec<_>, _>>()
            .map_err(wrong)?;
        if segments.len() > MOST_SEGMENTS {
            return Err(wrong(format!("it has more than {MOST_SEGMENTS} segments")));
        }
        Ok(Self { segments })
    }

    /// Returns the steps.
    pub fn segments(&self) -> &[RowSegment] {
        &self.segments
    }

    /// Tells whether the document itself is the row.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Returns how many `*` there are.
    pub fn stars(&self) -> usize {
        self.segments.iter().filter(|segment| **segment == RowSegment::Each).count()
    }

    /// Writes the first so many segments.
    pub(super) fn start(&self, segments: usize) -> String {
        self.segments.iter().take(segments).flat_map(|segment| ["/".to_owned(), segment.to_string()]).collect()
    }
}

impl fmt::Display for RowPath {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.start(self.segments.len()))
    }
}

impl fmt::Display for RowSegment {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => to.write_str(&screen_str(&escaped(name))),
            Self::Each => to.write_str("*"),
        }
    }
}

/// Where the text of a field stands, seen from a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    pub(super) origin: Origin,
    pub(super) segments: Vec<Segment>,
    text: String,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// At the row.
    Row,
    /// At the element so many `*` above the row.
    Above(usize),
    /// At the document.
    Root,
    /// It is the index or name below a `*`, so many above the row's.
    Key(usize),
    /// It is a fact of the page.
    Fact(Fact),
}

/// A fact of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Each,
    From,
    At,
    To,
}

/// One step from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// A member, or where a list stands the element of this index.
    Name(String),
    /// The first element of a list whose member has this text.
    Pick { member: String, text: String },
    /// The member or element named by the index or name below a `*`, so many above the row's.
    Key(usize),
}

impl FieldPath {
    /// Reads a field path: `/a/b/0`, `^/a`, `$/a`, `#`, `^#`, `@each`, with `[name=text]`, `[#]` and `[^#]` as segments.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let wrong = |reason: String| PathError { path: screen_str(text), reason };
        let path = |origin, segments| Self { origin, segments, text: text.to_owned() };
        if let Some(word) = text.strip_prefix('@') {
            let fact = match word {
                "each" => Fact::Each,
                "from" => Fact::From,
                "at" => Fact::At,
                "to" => Fact::To,
                _ => return Err(wrong("the facts of a page are `@each`, `@from`, `@to` and `@at`".into())),
            };
            return Ok(path(Origin::Fact(fact), Vec::new()));
        }
        let behind = text.trim_start_matches('^');
        let above = text.len() - behind.len();
        if behind == "#" {
            return Ok(path(Origin::Key(above), Vec::new()));
        }
        let (origin, rest) = match (above, behind.strip_prefix('$')) {
            (0, Some(rest)) => (Origin::Root, rest),
            (0, None) => (Origin::Row, behind),
            (_, Some(_)) => return Err(wrong("`$` is the document already; write no `^` before it".into())),
            (_, None) => (Origin::Above(above), behind),
        };
        let segments = segments(rest).map_err(wrong)?;
        if segments.len() > MOST_SEGMENTS {
            return Err(wrong(format!("it has more than {MOST_SEGMENTS} segments")));
        }
        Ok(path(origin, segments))
    }

    /// Returns the fact of the page that it is.
    pub(super) fn fact(&self) -> Option<Fact> {
        match self.origin {
            Origin::Fact(fact) => Some(fact),
            _ => None,
        }
    }

    /// Checks the path against a row path with so many `*`. Flat rows have neither root nor lists.
    pub(super) fn check(&self, stars: usize, nested: bool) -> Result<(), String> {
        let shown = screen_str(&self.text);
        let keys = self.segments.iter().filter_map(|segment| match segment {
            Segment::Key(above) => Some(*above),
            _ => None,
        });
        let climbs = match self.origin {
            Origin::Above(above) | Origin::Key(above) => above,
            _ => 0,
        };
        // Without any `*`, `#` is still the row's place among the lines.
        let most = stars.saturating_sub(1);
        if let Some(above) = keys.chain([climbs]).find(|above| *above > most) {
            return Err(format!(
                "`{shown}` climbs {above} above the row, but the row path has {stars} `*`; write `$` for the document"
            ));
        }
        if !nested {
            let plain = self.segments.iter().all(|segment| matches!(segment, Segment::Name(_)));
            if self.origin == Origin::Root || !plain {
                return Err(format!("`{shown}`: rows of this format are flat; write the column's name, `/name`"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&screen_str(&self.text))
    }
}

fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix('/').ok_or_else(|| {
            "begin with `/` for the row, `^/` for the element above, `$/` for the document; `#` is an index".to_owned()
        })?;
        let (segment, behind) = if let Some(inside) = rest.strip_prefix('[') {
            // A text in brackets may have slashes of its own.
            let end = inside
                .match_indices(']')
                .map(|(at, _)| at)
                .find(|at| inside[at + 1..].is_empty() || inside[at + 1..].starts_with('/'))
                .ok_or_else(|| "a `[` is not closed by `]`".to_owned())?;
            (bracketed(&inside[..end])?, &inside[end + 1..])
        } else {
            let end = rest.find('/').unwrap_or(rest.len());
            (Segment::Name(unescaped(&rest[..end])?), &rest[end..])
        };
        found.push(segment);
        rest = behind;
    }
    Ok(found)
}

fn bracketed(text: &str) -> Result<Segment, String> {
    let behind = text.trim_start_matches('^');
    if behind == "#" {
        return Ok(Segment::Key(text.len() - behind.len()));
    }
    let (member, text) = text
        .split_once('=')
        .filter(|(member, _)| !member.is_empty())
        .ok_or_else(|| format!("`[{}]`: write `[member=text]`, `[#]` or `[^#]`", screen_str(text)))?;
    Ok(Segment::Pick { member: unescaped(member)?, text: unescaped(text)? })
}

/// Takes the escapes of RFC 6901 back: `~1` is a slash, `~0` a tilde.
fn unescaped(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '~' => match letters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err("after `~` comes `0` (for `~`) or `1` (for `/`)".into()),
            },
            letter => letter,
        });
    }
    Ok(plain)
}

/// Writes a name as a segment of a pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_step_by_step() {
        let path = FieldPath::parse("$/a~1b/[^#]/[name=x/y]/0").unwrap();
        assert_eq!(path.origin, Origin::Root);
        let pick = Segment::Pick { member: "name".into(), text: "x/y".into() };
        assert_eq!(path.segments, [Segment::Name("a/b".into()), Segment::Key(1), pick, Segment::Name("0".into())]);
        assert_eq!(FieldPath::parse("^^/x").unwrap().origin, Origin::Above(2));
        assert_eq!(FieldPath::parse("^#").unwrap().origin, Origin::Key(1));
        assert_eq!(FieldPath::parse("").unwrap().segments, []);
        assert_eq!(FieldPath::parse("/").unwrap().segments, [Segment::Name(String::new())]);
        let rows = RowPath::parse("/data/*/~0x/*").unwrap();
        assert_eq!((rows.stars(), rows.to_string().as_str()), (2, "/data/*/~0x/*"));
    }

    #[test]
    fn a_wrong_path_says_what_is_wrong() {
        let cases = [
            ("name", "begin with `/`"),
            ("@page", "`@each`, `@from`, `@to` and `@at`"),
            ("/a/~2", "after `~`"),
            ("/a/[x]", "`[x]`: write `[member=text]`"),
            ("/a/[x=1", "not closed"),
            ("/a/[=1]", "`[=1]`"),
            ("^$/a", "no `^` before it"),
            ("^a", "begin with `/`"),
            ("#/a", "begin with `/`"),
        ];
        for (text, reason) in cases {
            let error = FieldPath::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{text}: {error}");
        }
        assert!(RowPath::parse("issues").unwrap_err().to_string().contains("begin with `/`"));
        assert!(RowPath::parse(&"/a".repeat(65)).is_err());
    }
}
