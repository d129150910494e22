//! Delimited text to rows, through the splitter that files are read with.
//!
//! Must not know canonical columns.

use super::DecodeError;
use super::assembly::{Assembly, Sink};
use super::path::{FieldPath, Origin, Segment};
use crate::source::count::RecordCounter;
use crate::source::manifest::Dialect;
use crate::source::split::{Record, Splitter};
use crate::text::screen_str;

/// Where the text of a path stands in a row of named columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Column(usize),
    /// The place of the row.
    Row,
    Nowhere,
}

/// Finds the columns of a path. The error is a wanted name that comes twice.
pub(super) fn places(paths: &[FieldPath], names: &[String]) -> Result<Vec<Place>, DecodeError> {
    let place = |path: &FieldPath| match (path.origin, path.segments.as_slice()) {
        (Origin::Key(_), _) => Ok(Place::Row),
        (Origin::Row, [Segment::Name(wanted)]) => {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(place, _)| place);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(DecodeError::ColumnTwice { name: screen_str(wanted) }),
                (Some(column), None) => Ok(Place::Column(column)),
                (None, _) => Ok(Place::Nowhere),
            }
        }
        _ => Ok(Place::Nowhere),
    };
    paths.iter().map(place).collect()
}

/// Hands on the records of a page behind its header.
pub(super) fn records(
    page: &[u8],
    dialect: Dialect,
    assembly: &mut Assembly,
    sink: &mut Sink<'_>,
) -> Result<(), DecodeError> {
    // The quote that is still open at the end makes its record unreadable.
    let mut counter = RecordCounter::new(dialect);
    counter.feed(page);
    let open_quote = counter.open_quote();
    let mut places: Option<(Vec<Place>, usize)> = None;
    let mut rows = 0_usize;
    let mut splitter = Splitter::new(dialect);
    let mut take = |record: Record<'_>, open_quote: Option<u64>| {
        let Some((places, columns)) = &places else {
            let names: Vec<String> = record
                .fields()
                .enumerate()
                .map(|(place, field)| {
                    let name = String::from_utf8_lossy(field.trim_ascii()).into_owned();
                    if dialect.header { name } else { (place + 1).to_string() }
                })
                .collect();
            let found = self::places(&assembly.paths, &names)?;
            let read = !dialect.header;
            if read {
                one(record, (&found, names.len()), rows, open_quote, assembly, sink);
                rows += 1;
            }
            places = Some((found, names.len()));
            return Ok::<_, DecodeError>(());
        };
        one(record, (places, *columns), rows, open_quote, assembly, sink);
        rows += 1;
        Ok(())
    };
    splitter.feed(page, |record| take(record, None))?;
    splitter.finish(|record| take(record, open_quote))?;
    if places.is_none() && dialect.header { Err(DecodeError::NoHeader) } else { Ok(()) }
}

fn one(
    record: Record<'_>,
    (places, columns): (&[Place], usize),
    row: usize,
    open_quote: Option<u64>,
    assembly: &mut Assembly,
    sink: &mut Sink<'_>,
) {
    let wrong = if record.too_long {
        Some("the record is longer than 16 MB: a quote that is not closed?".into())
    } else if let Some(line) = open_quote {
        Some(format!("the quote in line {line} is never closed: the page ends inside of a field"))
    } else if record.ends.len() != columns {
        Some(format!("{} fields, expected {columns}", record.ends.len()))
    } else if std::str::from_utf8(record.bytes).is_err() {
        Some("bytes that are not UTF-8".into())
    } else if record.bytes.contains(&0) {
        Some("a NUL byte".into())
    } else {
        None
    };
    if let Some(reason) = wrong {
        return assembly.refuse(record, reason, sink);
    }
    let read = |path: usize, to: &mut String| {
        let column = match places.get(path) {
            Some(Place::Column(column)) => *column,
            Some(Place::Row) => {
                to.push_str(&row.to_string());
                return Ok(true);
            }
            _ => return Ok(false),
        };
        let start = if column == 0 { 0 } else { record.ends[column - 1] };
        let field = record.bytes.get(start..record.ends[column]).unwrap_or_default();
        to.push_str(std::str::from_utf8(field).map_err(|_| "has bytes that are not UTF-8".to_owned())?);
        Ok(true)
    };
    assembly.row(record.line, record, read, sink);
}
