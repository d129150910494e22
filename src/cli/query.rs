//! `query`: one SELECT over the tables of a book.

use super::{CommandError, Common, Outcome, RowsFormat, figure, open, output};
use crate::app::SessionError;
use crate::app::request::{LIMIT_OF_SQL, RowsQuery, RowsSource};
use crate::report::format;
use std::io::Read;

/// Longest text that is read, in bytes; one more tells that it is longer than a query may be.
const LONGEST: u64 = (64 << 10) + 1;

/// Carries out a SELECT and prints its rows.
pub fn query(
    common: &Common,
    sql: &str,
    period: Option<&str>,
    rows_format: RowsFormat,
) -> Result<Outcome, CommandError> {
    let text = if sql == "-" { from_standard_input()? } else { sql.to_owned() };
    let session = open::session(common)?;
    let asked = RowsQuery {
        period: open::period(&session, period)?,
        from: RowsSource::Sql { text },
        chips: Vec::new(),
        search: String::new(),
        sort: None,
        offset: 0,
        limit: LIMIT_OF_SQL,
    };
    // Whatever is wrong with a SELECT, another one must be typed.
    let page = session.rows(&asked).map_err(|error| match error {
        SessionError::Query(error) => CommandError::Usage(error.to_string()),
        other => other.into(),
    })?;
    output::answer(figure::printed(&page, rows_format).as_bytes())?;
    let rows = format::grouped(page.rows.len() as f64, 0);
    if page.cut {
        // Said also where less is to be said: nobody may take a part for the whole.
        output::say(common.color, "note", &format!("the first {rows} rows; there are more: narrow the SELECT"));
    } else if !common.quiet {
        output::talk(&format!("{rows} rows"));
    }
    let reasons = session.incomplete_because();
    if !common.quiet {
        for reason in &reasons {
            output::say(common.color, "incomplete", reason);
        }
    }
    Ok(if reasons.is_empty() { Outcome::Complete } else { Outcome::Incomplete })
}

fn from_standard_input() -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| CommandError::Usage("what standard input holds is not UTF-8".into()))
}
