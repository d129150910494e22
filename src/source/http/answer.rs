//! What a server answered.
//!
//! Knows headers and their dates. Its text is a source's: whoever shows it sends it through the door.

use super::place;
use chrono::{DateTime, NaiveDateTime, Utc};
use std::fmt;

/// What a server answered, unpacked and whole.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers in their order, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Where it came from, after redirects.
    pub url: url::Url,
}

impl Answer {
    /// Returns the first header of a name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the instant that the server says it is; `None` where it does not say.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        self.header("date").and_then(http_date)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies may hold tokens, and addresses a key in their query.
        write!(f, "Answer({} from {}, {} bytes)", self.status, place(&self.url), self.body.len())
    }
}

/// Reads a date of a header in the three forms that HTTP has had (RFC 9110 §5.6.7).
pub(super) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.with_timezone(&Utc));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|naive| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_three_forms() {
        let instant = "1994-11-06T08:49:37Z".parse::<DateTime<Utc>>().unwrap();
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text), Some(instant), "{text}");
        }
        for text in ["", "soon", "120", "Sun, 36 Nov 1994 08:49:37 GMT"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
