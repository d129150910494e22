//! The one HTTP client of the connectors: what a request is, what an answer is, and who carries it out.
//!
//! Knows addresses, certificates, limits, redirects, tries and secrets. Must not know what a page of a tool holds, nor
//! what comes after it: that is told by the manifest.

mod access;
mod address;
mod answer;
mod error;
mod failure;
mod headers;
mod page;
mod rate;
mod redirect;
mod retry;
mod said;
mod secret;
mod tls;
mod tls_reason;
mod unpack;
mod wire;

pub use access::{Access, Limits};
pub use answer::Answer;
pub use error::HttpError;
pub use page::refuse_page;
pub use rate::Rate;
pub use redirect::same_origin;
pub use retry::{MachinePace, Pace, Retrying};
pub use secret::{Place, SecretError};
pub use wire::Wire;

use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request as a connector means it.
pub struct Request {
    /// How it asks.
    pub method: Method,
    /// What it asks for, with its query; user information in it is refused.
    pub url: url::Url,
    /// Headers beside those that the client sets by itself (`Accept-Encoding`, `User-Agent`, lengths).
    pub headers: Vec<(String, HeaderText)>,
    /// What it sends along, with POST.
    pub body: Option<Body>,
}

/// How a request asks. Both are reads here: connectors never change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The question is in the address.
    Get,
    /// The question is in the body.
    Post,
}

/// The text of a header.
pub enum HeaderText {
    /// Can be shown.
    Plain(String),
    /// Is never shown, in no message and no log.
    Secret(SecretString),
}

/// What a request sends along. It may hold a secret and is never printed.
#[derive(Clone)]
pub struct Body {
    /// Its `Content-Type`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How a request is carried out: over the network, or in a test inside of the process.
pub trait Transport {
    /// Sends a request and waits for the whole answer, whatever its status.
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Answer, HttpError>;
}

/// Set by whoever waits for an answer; seen between chunks, at most 200 ms later.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns the flag itself, for signal handlers.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Tells whether the end was asked for.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Method {
    /// Returns the word of the protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Request {
    /// Makes a request that reads an address, without headers.
    pub fn get(url: url::Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: None }
    }

    /// Returns what messages call the request: `GET https://desk.example/issues.json`, without query and user.
    pub fn label(&self) -> String {
        label(self.method, &self.url)
    }
}

/// Names a request without its query, fragment and user information, which may hold secrets.
fn label(method: Method, url: &url::Url) -> String {
    format!("{} {}", method.word(), place(url))
}

/// Names an address without its query, fragment and user information.
fn place(url: &url::Url) -> String {
    said::short(&format!("{}{}", origin(url), url.path()))
}

/// Names scheme, host and port, as one writes them.
fn origin(url: &url::Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request").field("label", &self.label()).field("headers", &names).finish_non_exhaustive()
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => write!(f, "Plain({text:?})"),
            Self::Secret(_) => f.write_str("Secret"),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_handed_to_a_worker() {
        fn handed<T: Send + 'static>() {}
        handed::<Retrying<Wire>>();
    }

    #[test]
    fn a_label_has_no_query_no_fragment_and_no_user() {
        let url = url::Url::parse("https://user:canary@desk.example:8443/issues.json?key=canary#canary").unwrap();
        let request = Request {
            method: Method::Post,
            url,
            headers: vec![("Authorization".into(), HeaderText::Secret("canary".into()))],
            body: Some(Body { content_type: "text/plain".into(), bytes: b"canary".to_vec() }),
        };
        assert_eq!(request.label(), "POST https://desk.example:8443/issues.json");
        let shown = format!("{request:?} {:?} {:?}", request.headers, request.body);
        assert!(!shown.contains("canary"), "{shown}");
    }
}
