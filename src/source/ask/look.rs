//! A look at a page: its records and their keys, and what it says about the next page and the whole list.
//!
//! Must not know how a list goes on.

use super::pager::{Pager, Seen};
use super::recording::Page;
use crate::source::count_json;
use crate::source::decode::{DecodeError, FieldPath, FieldPlan, PageFacts, RowsPlan, rows, scalars};
use crate::source::manifest::{AnswerComplete, LastRule, LinkPlace, Paging, RequestPlan, TotalPlace, hex};
use sha2::{Digest, Sha256};

/// Looks at a page: how many records it has, and what it says about the next.
pub(super) fn look(request: &RequestPlan, page: &Page, body: &[u8]) -> Result<Seen, DecodeError> {
    // A page that was received was hashed then; one that people wrote down may lack its hash.
    let sha256 = if page.sha256.is_empty() { hex(&Sha256::digest(body)) } else { page.sha256.clone() };
    let mut seen = Seen { sha256, ..Seen::default() };
    if page.status >= 400 {
        // The manifest takes this status for an answer without records.
        seen.none = true;
        return Ok(seen);
    }
    let mut paths = Vec::new();
    let mut wanted = |path: Option<&FieldPath>| {
        path.map(|path| {
            paths.push(path.clone());
            paths.len() - 1
        })
    };
    let (cursor, last, link) = match &request.paging {
        Paging::Cursor { at, last, .. } => (Some(at), last.as_ref(), None),
        Paging::Page { end, .. } | Paging::Offset { end, .. } => (None, end.last.as_ref(), None),
        Paging::Link { at: LinkPlace::Body(at), last, .. } => (None, last.as_ref(), Some(at)),
        Paging::Link { last, .. } => (None, last.as_ref(), None),
        _ => (None, None, None),
    };
    let total = match &request.complete {
        AnswerComplete::Total(TotalPlace::Body(at)) => Some(at),
        _ => None,
    };
    let places = (wanted(cursor), wanted(last.map(|rule| &rule.at)), wanted(link), wanted(total));
    let texts = if paths.is_empty() { Vec::new() } else { scalars(body, &paths)? };
    let text = |place: Option<usize>| place.and_then(|place| texts.get(place).cloned().flatten());
    seen.cursor = text(places.0);
    seen.last = last.is_some_and(|LastRule { is, .. }| text(places.1).as_deref() == Some(is));
    seen.link = text(places.2);
    seen.total = text(places.3).and_then(|total| total.parse().ok());
    if let AnswerComplete::Total(TotalPlace::Header(name)) = &request.complete {
        seen.total = page.header(name).and_then(total_of);
    }
    if let Paging::Link { at: LinkPlace::Header(name), .. } = &request.paging {
        seen.link = page
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .find_map(|(_, text)| next_of(text));
    }
    records(request, body, &mut seen)?;
    Ok(seen)
}

/// Counts a page's records, and reads their keys and the time of the last.
fn records(request: &RequestPlan, body: &[u8], seen: &mut Seen) -> Result<(), DecodeError> {
    let stamp = match &request.paging {
        Paging::Window { stamp, reader, .. } => Some((stamp, reader)),
        _ => None,
    };
    let cursor = match &request.paging {
        Paging::LastRow { at, .. } => Some(at),
        _ => None,
    };
    let mut fields: Vec<FieldPlan> = request.key.iter().cloned().collect();
    let after_key = fields.len();
    fields.extend(stamp.map(|(path, _)| FieldPlan::Path(path.clone())));
    fields.extend(cursor.map(|path| FieldPlan::Path(path.clone())));
    let counted = count_json::count(request.format, body, &request.rows);
    if let (true, Some(counted)) = (fields.is_empty(), counted) {
        seen.rows = counted;
        return Ok(());
    }
    let plan = RowsPlan { rows: request.rows.clone(), fields, only: Vec::new() };
    let mut end = String::new();
    let taken = rows(request.format, body, &plan, &PageFacts::default(), &mut |record, refused| {
        if refused.is_err() {
            // What cannot be read is still one record, the same one on the next page.
            if after_key > 0 {
                seen.keys.push(format!("\0{}", hex(&Sha256::digest(record.bytes))));
            }
            return;
        }
        let mut texts = record.fields().map(|field| String::from_utf8_lossy(field).into_owned());
        if after_key > 0
            && let Some(key) = texts.next()
        {
            seen.keys.push(key);
        }
        end = texts.next().unwrap_or_default();
    });
    match taken {
        Ok(taken) => seen.rows = counted.unwrap_or(taken.rows),
        Err(DecodeError::NoRows { .. }) if request.may_lack_rows => {}
        Err(error) => return Err(error),
    }
    if let Some((_, reader)) = stamp {
        seen.stamp = reader.read(&end).map(|instant| instant.millis);
    } else if cursor.is_some() {
        seen.cursor = Some(end).filter(|end| !end.is_empty());
    }
    Ok(())
}

/// Says why a list that came to its end is not complete.
pub(super) fn missing(request: &RequestPlan, pager: &Pager<'_>, last: &Seen) -> Option<String> {
    let name = &request.name;
    match &request.complete {
        AnswerComplete::Total(_) => {
            // Paging by time counts anew with each page; its last page proves the whole.
            let by_time = matches!(request.paging, Paging::Window { .. });
            let nothing = last.none || request.may_lack_rows && pager.received() == 0;
            let came = pager.received();
            match pager.total().filter(|_| !by_time) {
                Some(total) if came < total => Some(format!(
                    "[request.{name}]: the tool says that there are {total} records, and {came} came; the account may not see the others"
                )),
                Some(total) if came > total => Some(format!(
                    "[request.{name}]: the tool says that there are {total} records, and {came} came; nobody can tell by its count where the list ends"
                )),
                None if !by_time && !nothing => Some(format!(
                    "[request.{name}]: the tool does not say how many records there are, by which the connector tells that all came"
                )),
                _ => None,
            }
        }
        AnswerComplete::WholeAnswer { at_most: Some(most) } if last.rows >= *most => {
            Some(format!("[request.{name}]: an answer holds {} records, as many as the tool gives at most", last.rows))
        }
        _ => None,
    }
}

/// Reads a total out of a header: `1234`, or the end of `0-49/1234`.
fn total_of(text: &str) -> Option<u64> {
    text.rsplit('/').next()?.trim().parse().ok()
}

/// Returns the address of `rel="next"` in a Link header (RFC 8288).
fn next_of(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some(open) = rest.find('<') {
        let (address, behind) = rest[open + 1..].split_once('>')?;
        let parameters = behind.split_once(',').map_or(behind, |(own, _)| own);
        let next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if next {
            return Some(address.to_owned());
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let header = r#"<https://a/x?page=1>; rel="first", <https://a/x?page=3&q=a,b>; rel="next", <https://a/x?page=9>; rel=last"#;
        assert_eq!(next_of(header).as_deref(), Some("https://a/x?page=3&q=a,b"));
        assert_eq!(next_of(r#"<https://a/x?page=9>; rel="last""#), None);
        assert_eq!(total_of("0-49/1234"), Some(1_234));
        assert_eq!(total_of("*/*"), None);
    }
}
