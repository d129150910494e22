//! JSON documents and lines to rows.
//!
//! A document is walked once along its row path; each row is a slice of its text. Must not know columns.

mod fill;

use super::assembly::{Assembly, Sink, refused};
use super::path::{RowPath, RowSegment};
use super::value::{Name, step};
use super::{DecodeError, RowsPlan};
use crate::text::screen_str;
use fill::Filler;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// How much of what stands in the wrong place a message shows, in characters.
const SHOWN: usize = 200;

/// Index or name below a `*`.
#[derive(Clone, Debug)]
pub(super) enum Key<'a> {
    Index(usize),
    Name(Cow<'a, str>),
}

/// Where a row stands.
pub(super) struct Context<'a> {
    /// The document, then the element on which each `*` stands.
    texts: Vec<&'a str>,
    /// Index or name of each of these elements; where there is no `*`, the row's place.
    keys: Vec<Key<'a>>,
}

/// Hands on the rows of a document.
pub(super) fn document(
    page: &[u8],
    plan: &RowsPlan,
    assembly: &mut Assembly,
    sink: &mut Sink<'_>,
) -> Result<(), DecodeError> {
    let text = text(page)?;
    let mut filler = Filler::new(plan, &assembly.paths);
    let mut line = 0;
    split(text, &plan.rows, &mut |context, row| {
        line += 1;
        filler.row(context, row, line, assembly, sink);
    })
}

/// Hands on the rows of a page of lines. Blank lines are none; a line that is no JSON is a refused row.
pub(super) fn lines(page: &[u8], plan: &RowsPlan, assembly: &mut Assembly, sink: &mut Sink<'_>) {
    let mut filler = Filler::new(plan, &assembly.paths);
    let mut context = Context { texts: vec![""], keys: vec![Key::Index(0)] };
    let (mut rest, mut line, mut rows) = (page, 0_u64, 0_usize);
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let (whole, behind) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + 1..]));
        rest = behind;
        line += 1;
        let Some(start) = whole.iter().position(|byte| !b" \t\r".contains(byte)) else { continue };
        match std::str::from_utf8(&whole[start..]) {
            Ok(row) => {
                context.texts[0] = row;
                context.keys[0] = Key::Index(rows);
                filler.row(&context, row, line, assembly, sink);
            }
            Err(_) => assembly.refuse(refused(whole, line), "bytes that are not UTF-8".into(), sink),
        }
        rows += 1;
    }
}

/// Takes a page as text.
pub(super) fn text(page: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(page).map_err(|error| {
        let offset = error.valid_up_to();
        let line = memchr::memchr_iter(b'\n', &page[..offset]).count() + 1;
        DecodeError::NotUtf8 { offset, line }
    })
}

/// Turns an error of the JSON reader into ours.
pub(super) fn not_json(error: &serde_json::Error) -> DecodeError {
    DecodeError::NotJson { line: error.line(), column: error.column(), message: message(error) }
}

/// Says what is wrong with a text, without the place.
pub(super) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    screen_str(&text[..end])
}

/// Walks along a row path and shows each row with where it stands.
pub(super) fn split<'a>(
    text: &'a str,
    rows: &RowPath,
    emit: &mut dyn FnMut(&Context<'a>, &'a str),
) -> Result<(), DecodeError> {
    let keys = if rows.stars() == 0 { vec![Key::Index(0)] } else { Vec::new() };
    let mut splitter =
        Splitter { rows, context: Context { texts: vec![text], keys }, bases: vec![0], emit, failure: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = Down { splitter: &mut splitter, at: 0 }.deserialize(&mut reader).and_then(|()| reader.end());
    match (outcome, splitter.failure) {
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(not_json(&error)),
        (Ok(()), _) => Ok(()),
    }
}

struct Splitter<'a, 'e> {
    rows: &'e RowPath,
    context: Context<'a>,
    /// For each text of the context, the segment that comes next.
    bases: Vec<usize>,
    emit: &'e mut dyn FnMut(&Context<'a>, &'a str),
    failure: Option<DecodeError>,
}

impl<'a> Splitter<'a, '_> {
    /// Goes on below an element.
    fn element<E: Error>(&mut self, at: usize, key: Key<'a>, text: &'a str) -> Result<(), E> {
        self.context.texts.push(text);
        self.context.keys.push(key);
        self.bases.push(at + 1);
        if at + 1 == self.rows.segments().len() {
            (self.emit)(&self.context, text);
        } else {
            let mut reader = serde_json::Deserializer::from_str(text);
            Down { splitter: self, at: at + 1 }.deserialize(&mut reader).map_err(E::custom)?;
        }
        self.context.texts.pop();
        self.context.keys.pop();
        self.bases.pop();
        Ok(())
    }

    /// What the segment `at` needs is not there. Below a `*` that is no error: an element may have no rows.
    fn missing<E: Error>(&mut self, at: usize, null: bool) -> Result<(), E> {
        let below = self.context.texts.len() > 1;
        let each = self.rows.segments().get(at) == Some(&RowSegment::Each);
        if null && (below || each) {
            return Ok(());
        }
        self.fail(at, each)
    }

    fn fail<E: Error>(&mut self, at: usize, other_kind: bool) -> Result<(), E> {
        let rows = self.rows.to_string();
        let found = self.excerpt(at);
        self.failure = Some(if other_kind {
            DecodeError::OtherKind { rows, at: shown(self.rows.start(at)), found }
        } else {
            let segment = self.rows.segments().get(at).map(ToString::to_string).unwrap_or_default();
            DecodeError::NoRows { rows, segment, inside: shown(self.rows.start(at)), found }
        });
        Err(E::custom("no rows"))
    }

    /// The beginning of the value that should have the segment `at`.
    fn excerpt(&self, at: usize) -> String {
        let mut text = self.context.texts.last().copied().unwrap_or_default();
        let base = self.bases.last().copied().unwrap_or_default();
        for segment in self.rows.segments().get(base..at).unwrap_or_default() {
            if let RowSegment::Name(name) = segment
                && let Ok(Some(inside)) = step(text, name)
            {
                text = inside;
            }
        }
        let mut found: String = text.trim_ascii().chars().take(SHOWN + 1).collect();
        if let Some((cut, _)) = found.char_indices().nth(SHOWN) {
            found.truncate(cut);
            found.push('…');
        }
        screen_str(&found)
    }
}

/// Names the document itself in messages.
fn shown(pointer: String) -> String {
    if pointer.is_empty() { "the document".into() } else { pointer }
}

/// Reads the value before the segment `at`.
struct Down<'s, 'a, 'e> {
    splitter: &'s mut Splitter<'a, 'e>,
    at: usize,
}

impl<'de> DeserializeSeed<'de> for Down<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.at < self.splitter.rows.segments().len() {
            return from.deserialize_any(self);
        }
        let raw: &'de RawValue = serde::Deserialize::deserialize(from)?;
        (self.splitter.emit)(&self.splitter.context, raw.get());
        Ok(())
    }
}

impl<'de> Visitor<'de> for Down<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { splitter, at } = self;
        match &splitter.rows.segments()[at] {
            RowSegment::Each => {
                while let Some(name) = object.next_key::<Name<'de>>()? {
                    let value: &'de RawValue = object.next_value()?;
                    splitter.element(at, Key::Name(name.0), value.get())?;
                }
                Ok(())
            }
            RowSegment::Name(wanted) => {
                let mut met = false;
                while let Some(name) = object.next_key::<Name<'de>>()? {
                    if name.0 != *wanted {
                        object.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    if met {
                        let pointer = splitter.rows.start(at + 1);
                        splitter.failure = Some(DecodeError::Twice { at: pointer });
                        return Err(A::Error::custom("twice"));
                    }
                    met = true;
                    object.next_value_seed(Down { splitter: &mut *splitter, at: at + 1 })?;
                }
                if met { Ok(()) } else { splitter.missing(at, true) }
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { splitter, at } = self;
        match &splitter.rows.segments()[at] {
            RowSegment::Each => {
                let mut index = 0;
                while let Some(value) = list.next_element::<&'de RawValue>()? {
                    splitter.element(at, Key::Index(index), value.get())?;
                    index += 1;
                }
                Ok(())
            }
            RowSegment::Name(wanted) => {
                let wanted = super::value::index(wanted);
                let (mut met, mut place) = (false, 0);
                loop {
                    let more = if Some(place) == wanted {
                        let down = Down { splitter: &mut *splitter, at: at + 1 };
                        list.next_element_seed(down)?.is_some_and(|()| {
                            met = true;
                            true
                        })
                    } else {
                        list.next_element::<IgnoredAny>()?.is_some()
                    };
                    if !more {
                        break;
                    }
                    place += 1;
                }
                if met { Ok(()) } else { splitter.missing(at, true) }
            }
        }
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.splitter.missing(self.at, true)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.splitter.missing(self.at, false)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.splitter.missing(self.at, false)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.splitter.missing(self.at, false)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.splitter.missing(self.at, false)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.splitter.missing(self.at, false)
    }
}
