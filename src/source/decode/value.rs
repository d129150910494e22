//! One JSON value to the text of a field.
//!
//! Values come as the document writes them and are known to be JSON. Must not know paths.

use crate::text::screen_str;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Deepest nesting of a row, the row itself counted.
const DEEPEST: usize = 64;

/// Adds the text of a value; `false` where it is null. The error says what it is in place of text.
pub(super) fn append(raw: &str, to: &mut String) -> Result<bool, String> {
    match raw.as_bytes().first() {
        Some(b'"') => string(raw, to)?,
        Some(b'n') | None => return Ok(false),
        Some(b'[') => return list(raw, to),
        Some(b'{') => return Err("is an object, not a text".into()),
        Some(_) => to.push_str(raw),
    }
    Ok(true)
}

fn string(raw: &str, to: &mut String) -> Result<(), String> {
    let inside = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        to.push_str(inside);
        return Ok(());
    }
    let text: String = serde_json::from_str(raw).map_err(|_| "has half a character (a lone surrogate)".to_owned())?;
    if text.contains('\0') {
        return Err("has a NUL character".into());
    }
    to.push_str(&text);
    Ok(())
}

/// Joins a list of plain values. An empty list, or one of nulls, is null.
fn list(raw: &str, to: &mut String) -> Result<bool, String> {
    let (mut any, mut wrong) = (false, None);
    members(raw, |_, _, value| {
        if wrong.is_some() {
            return;
        }
        let before = to.len();
        if any {
            to.push_str(", ");
        }
        let outcome = match value.as_bytes().first() {
            Some(b'[' | b'{') => Err("is a list of lists or objects, not a text".into()),
            _ => append(value, to),
        };
        match outcome {
            Ok(true) => any = true,
            Ok(false) => to.truncate(before),
            Err(reason) => wrong = Some(reason),
        }
    })?;
    wrong.map_or(Ok(any), Err)
}

/// Tells whether a value stands for nothing: null, or what tools write in place of an object that is not there.
pub(super) fn is_nothing(raw: &str) -> bool {
    match raw.as_bytes() {
        b"null" | b"\"\"" | b"false" => true,
        [b'[', inside @ .., b']'] => inside.trim_ascii().is_empty(),
        _ => false,
    }
}

/// Names what a value is, for messages.
pub(super) fn kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b'n') => "null",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    }
}

/// Tells whether a value is nested more than 64 levels deep.
pub(super) fn too_deep(raw: &[u8]) -> bool {
    // `[` and `{` differ in one bit; few of them cannot be deep, and to count them is quick.
    let opened = raw.chunks(128).map(|part| {
        let count: u8 = part.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum();
        usize::from(count)
    });
    if opened.sum::<usize>() <= DEEPEST {
        return false;
    }
    let (mut depth, mut in_string, mut behind_escape) = (0_usize, false, false);
    for byte in raw {
        match byte {
            _ if behind_escape => behind_escape = false,
            b'\\' => behind_escape = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Reads a name as the index of an element, as RFC 6901 writes it: digits without a leading zero.
pub(super) fn index(name: &str) -> Option<usize> {
    let plain = name == "0" || (!name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit()));
    plain.then(|| name.parse().ok()).flatten()
}

/// Returns the member of an object or the element of a list; nothing where there is none, an error where two members
/// have the name.
pub(super) fn step<'a>(raw: &'a str, name: &str) -> Result<Option<&'a str>, String> {
    let mut found = None;
    let mut twice = false;
    let index = index(name);
    members(raw, |place, member, value| {
        let hit = match member {
            Some(member) => member == name,
            None => Some(place) == index,
        };
        twice |= hit && found.is_some();
        if hit {
            found = Some(value);
        }
    })?;
    if twice { Err(format!("has two members `{}`", screen_str(name))) } else { Ok(found) }
}

/// Visits the elements of a list or the members of an object with their names; a plain value has none.
pub(super) fn members<'a>(raw: &'a str, visit: impl FnMut(usize, Option<&str>, &'a str)) -> Result<(), String> {
    if !raw.starts_with(['[', '{']) {
        return Ok(());
    }
    let mut reader = serde_json::Deserializer::from_str(raw);
    // The text was read as JSON before, but half a character in a name shows only here.
    DeserializeSeed::deserialize(Members(visit), &mut reader).map_err(|_| "has a name that is no text".into())
}

struct Members<F>(F);

impl<'de, F: FnMut(usize, Option<&str>, &'de str)> DeserializeSeed<'de> for Members<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, F: FnMut(usize, Option<&str>, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(value) = list.next_element::<&RawValue>()? {
            (self.0)(place, None, value.get());
            place += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(name) = object.next_key::<Name<'de>>()? {
            (self.0)(place, Some(&name.0), object.next_value::<&RawValue>()?.get());
            place += 1;
        }
        Ok(())
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Name<'a>(#[serde(borrow)] pub std::borrow::Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> Result<Option<String>, String> {
        let mut text = String::new();
        append(raw, &mut text).map(|there| there.then_some(text))
    }

    #[test]
    fn values_are_written_as_the_document_writes_them() {
        let cases = [
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e400", "1e400"),
            ("-0.10", "-0.10"),
            ("true", "true"),
            (r#""a\n\u00e9\ud83d\ude00\/""#, "a\né😀/"),
            (r#"["a", 1, null, true]"#, "a, 1, true"),
            (r#"[null, "b"]"#, "b"),
            (r#""""#, ""),
        ];
        for (raw, wanted) in cases {
            assert_eq!(text(raw), Ok(Some(wanted.into())), "{raw}");
        }
        assert_eq!([text("null"), text("[]"), text("[null]")], [Ok(None), Ok(None), Ok(None)]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (raw, reason) in [
            ("{}", "object"),
            ("[[]]", "list of lists"),
            (r#"["a", {}]"#, "list of lists or objects"),
            (r#""\ud800""#, "half a character"),
            (r#""\udc00x""#, "half a character"),
            (r#""a\u0000""#, "NUL"),
            (r#"["\u0000"]"#, "NUL"),
        ] {
            assert!(text(raw).unwrap_err().contains(reason), "{raw}");
        }
    }

    #[test]
    fn only_plain_digits_are_an_index() {
        assert_eq!(["0", "12", "+1", "01", "", "x"].map(index), [Some(0), Some(12), None, None, None, None]);
    }

    #[test]
    fn depth_is_measured_outside_of_strings() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!too_deep(nested(64).as_bytes()));
        assert!(too_deep(nested(65).as_bytes()));
        assert!(!too_deep(format!("[\"\\\"{}\"]", "[{".repeat(500)).as_bytes()));
        assert!(!too_deep("[],".repeat(500).as_bytes()));
    }
}
