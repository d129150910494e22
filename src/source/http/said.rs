//! What of a server's or a library's words may stand in a message: screened, short, without the request's secrets.
//!
//! Knows which parts of a request are secret. Must not know what the message is about.

use super::{HeaderText, Request};
use crate::text::screen_str;
use secrecy::ExposeSecret;

/// Longest foreign text in a message, in characters.
const LONGEST: usize = 200;
/// Parts of secrets shorter than this are words as others; hiding them would hide nothing and garble the message.
const SHORTEST_SECRET: usize = 6;

/// Makes foreign text fit for a message: one line, no control characters, at most 200 characters.
pub(super) fn short(text: &str) -> String {
    let screened = screen_str(text.trim());
    if screened.chars().count() <= LONGEST {
        return screened;
    }
    screened.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Does what [`short`] does with what a server said about a request, which may repeat what it was sent.
pub(super) fn by_server(request: &Request, text: &str) -> String {
    let mut told = text.to_owned();
    for secret in secrets(request) {
        told = told.replace(&secret, "***");
    }
    short(&told)
}

/// The parts of a request that a server could repeat and nobody may read: secret headers whole and by words, values of
/// the query, values of a form.
fn secrets(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    for (_, text) in &request.headers {
        if let HeaderText::Secret(secret) = text {
            found.push(secret.expose_secret().to_owned());
            found.extend(secret.expose_secret().split_whitespace().map(str::to_owned));
        }
    }
    for (_, value) in request.url.query_pairs() {
        found.push(value.into_owned());
    }
    found.extend(request.url.query().map(str::to_owned));
    if let Some(body) = &request.body
        && body.content_type.starts_with("application/x-www-form-urlencoded")
    {
        found.extend(url::form_urlencoded::parse(&body.bytes).map(|(_, value)| value.into_owned()));
    }
    found.retain(|secret| secret.len() >= SHORTEST_SECRET);
    // Longer ones first: what is left of a whole must not betray its parts.
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::http::{Body, Method};

    #[test]
    fn foreign_text_is_screened_and_cut() {
        assert_eq!(short(" a\u{1b}[31mb\r\n "), "a␛[31mb");
        assert_eq!(short(&"x".repeat(500)).chars().count(), LONGEST);
    }

    #[test]
    fn a_server_that_repeats_the_request_betrays_nothing() {
        let request = Request {
            method: Method::Post,
            url: url::Url::parse("https://desk.example/a?key=canary-1&limit=10").unwrap(),
            headers: vec![("Authorization".into(), HeaderText::Secret("Bearer canary-2".into()))],
            body: Some(Body {
                content_type: "application/x-www-form-urlencoded".into(),
                bytes: b"client_secret=canary-3".to_vec(),
            }),
        };
        let told = by_server(&request, "got Bearer canary-2, canary-2, canary-1, key=canary-1&limit=10 and canary-3");
        assert_eq!(told, "got ***, ***, ***, *** and ***");
    }
}
