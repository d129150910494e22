//! Single texts of a page that tell how to ask for the next one: totals, tokens, links, the key of its last row.
//!
//! Must not know how pages are asked for.

use super::path::{FieldPath, Origin, RowPath, Segment};
use super::trie::{Found, Trie};
use super::value::append;
use super::{DecodeError, FieldPlan, Format, PageFacts, RowsPlan, json, rows};

/// Returns the texts at paths from the document on, in their order: `/total`, `/links/next`. Nothing where a path is
/// missing or null. All the rest of the page is only passed over.
pub fn scalars(page: &[u8], paths: &[FieldPath]) -> Result<Vec<Option<String>>, DecodeError> {
    let page = page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page);
    let text = json::text(page)?;
    // The usual path is of names only; others are read as a field of the document as one row.
    let plain = paths.iter().all(|path| {
        matches!(path.origin, Origin::Row | Origin::Root)
            && path.segments.iter().all(|segment| matches!(segment, Segment::Name(_)))
    });
    if !plain {
        return paths.iter().map(|path| last(Format::Json, page, &RowPath::default(), path)).collect();
    }
    let mut trie = Trie::new();
    let places: Vec<usize> = paths
        .iter()
        .map(|path| {
            trie.add(path.segments.iter().filter_map(|segment| match segment {
                Segment::Name(name) => Some(name.as_str()),
                _ => None,
            }))
        })
        .collect();
    let mut found = Found::default();
    trie.find(text, &mut found).map_err(|error| json::not_json(&error))?;
    if let Some(reason) = found.refusal {
        return Err(DecodeError::Value(format!("in the answer: {reason}")));
    }
    let read = |(place, path): (usize, &FieldPath)| {
        let Some(raw) = found.values.get(place).copied().flatten() else { return Ok(None) };
        let mut text = String::new();
        append(raw, &mut text)
            .map(|there| there.then_some(text))
            .map_err(|reason| DecodeError::Value(format!("in the answer: `{path}` {reason}")))
    };
    places.into_iter().zip(paths).map(read).collect()
}

/// Returns the text of a field of the page's first row; nothing where there is no row or the field is empty.
pub fn first_row(format: Format, page: &[u8], rows: &RowPath, path: &FieldPath) -> Result<Option<String>, DecodeError> {
    let mut seen = false;
    one(format, page, rows, path, &mut |kept, text| {
        if !seen {
            *kept = text;
        }
        seen = true;
    })
}

/// Returns the text of a field of the page's last row; nothing where there is no row or the field is empty.
pub fn last_row(format: Format, page: &[u8], rows: &RowPath, path: &FieldPath) -> Result<Option<String>, DecodeError> {
    last(format, page, rows, path)
}

fn last(format: Format, page: &[u8], rows: &RowPath, path: &FieldPath) -> Result<Option<String>, DecodeError> {
    one(format, page, rows, path, &mut |kept, text| *kept = text)
}

type Kept = Option<Result<String, String>>;

fn one(
    format: Format,
    page: &[u8],
    at: &RowPath,
    path: &FieldPath,
    keep: &mut dyn FnMut(&mut Kept, Kept),
) -> Result<Option<String>, DecodeError> {
    let plan = RowsPlan { rows: at.clone(), fields: vec![FieldPlan::Path(path.clone())], only: Vec::new() };
    let mut kept = None;
    rows(format, page, &plan, &PageFacts::default(), &mut |record, outcome| {
        let text = outcome.map(|()| String::from_utf8_lossy(record.bytes).into_owned());
        keep(&mut kept, Some(text));
    })?;
    match kept {
        None => Ok(None),
        Some(Ok(text)) => Ok((!text.is_empty()).then_some(text)),
        Some(Err(reason)) => Err(DecodeError::Value(format!("a row of the answer cannot be read: {reason}"))),
    }
}
