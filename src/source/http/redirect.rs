//! Where a redirect may lead: to the same origin, a few times, and nowhere else.
//!
//! Secrets were given for one origin, so that following across is refused rather than followed without them. Must not
//! know how requests are sent.

use super::{HttpError, Method, label, origin, said};
use url::Url;

/// How many redirects one request may take.
pub(super) const MOST: u32 = 3;

/// What is sent after a redirect.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hop {
    /// Where to.
    pub url: Url,
    /// How; GET has no body.
    pub method: Method,
}

/// Tells whether two addresses have the same scheme, host and port: whether what was given for one may be sent to the
/// other. Links to next pages are held to the same.
pub fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Tells whether a status sends the request on.
pub(super) fn leads_on(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Decides what is sent after a redirect, the `taken`-th of its request, counted from 0.
pub(super) fn next(
    url: &Url,
    method: Method,
    status: u16,
    location: Option<&str>,
    taken: u32,
) -> Result<Hop, HttpError> {
    let refused =
        |message: String, hint: &str| HttpError::Redirect { label: label(method, url), message, hint: hint.to_owned() };
    if taken >= MOST {
        return Err(refused(
            format!("the server redirects more than {MOST} times"),
            "open the address in a browser and write where it ends as `url`",
        ));
    }
    let Some(location) = location else {
        return Err(refused(
            format!("the server answers {status} without saying where to"),
            "ask its owner; `url` may name a page that has moved",
        ));
    };
    let Ok(to) = url.join(location) else {
        return Err(refused(
            format!("the server redirects to what is no address ({status})"),
            "open the address in a browser and write where it ends as `url`",
        ));
    };
    if !to.username().is_empty() || to.password().is_some() {
        return Err(refused(
            format!("the server redirects to an address with user information, at {}", said::short(&origin(&to))),
            "nothing was sent there; ask the server's owner",
        ));
    }
    if !same_origin(url, &to) {
        let there = said::short(&origin(&to));
        return Err(refused(
            format!("the server redirects to {there}, where secrets for {} may not go", origin(url)),
            &format!("if the tool lives there, write `url = \"{there}\"` in its [[source]]"),
        ));
    }
    let method = match (status, method) {
        (301..=303, Method::Post) => Method::Get,
        (_, method) => method,
    };
    Ok(Hop { url: to, method })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(method: Method, status: u16, location: &str) -> Result<Hop, HttpError> {
        next(&Url::parse("https://desk.example/a/b?key=canary").unwrap(), method, status, Some(location), 0)
    }

    #[test]
    fn post_becomes_get_where_the_status_says_so() {
        for (status, method) in
            [(301, Method::Get), (302, Method::Get), (303, Method::Get), (307, Method::Post), (308, Method::Post)]
        {
            let hop = from(Method::Post, status, "../c?x=1").unwrap();
            assert_eq!((hop.url.as_str(), hop.method), ("https://desk.example/c?x=1", method), "{status}");
        }
        assert_eq!(from(Method::Get, 307, "https://desk.example:443/d").unwrap().url.path(), "/d");
    }

    #[test]
    fn other_origins_are_refused_and_named_without_what_the_address_holds() {
        for (location, there) in [
            ("http://desk.example/a", "http://desk.example"),
            ("https://desk.example:8443/a", "https://desk.example:8443"),
            ("https://evil.example/a?key=canary", "https://evil.example"),
            ("//evil.example/canary", "https://evil.example"),
            ("https://desk.example.evil.example/", "https://desk.example.evil.example"),
        ] {
            let text = from(Method::Get, 302, location).unwrap_err().to_string();
            assert!(text.contains(&format!("write `url = \"{there}\"`")), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
        let text = from(Method::Get, 302, "https://user:canary@desk.example/").unwrap_err().to_string();
        assert!(text.contains("user information") && !text.contains("canary"), "{text}");
        assert!(from(Method::Get, 302, "http://[").is_err());
    }
}
