//! The headers of a request, as they are sent.
//!
//! Knows which are credentials and which the client sets by itself. No message repeats the text of a header.

use super::{HeaderText, HttpError, Method, Request, said};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;

/// Headers that are credentials whoever wrote them.
const CREDENTIALS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "private-token"];
/// Headers that the client sets by itself.
const OWN: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Makes the headers of a request. Names and texts that are none are errors which do not repeat the text.
pub(super) fn headers(request: &Request, method: Method) -> Result<HeaderMap, HttpError> {
    let mut made = HeaderMap::new();
    let wrong = |message: String| HttpError::Request {
        label: request.label(),
        message,
        hint: "check the headers of the connector and the secret that goes into them".to_owned(),
    };
    for (name, text) in &request.headers {
        let shown = said::short(name);
        let parsed =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(format!("`{shown}` is no name of a header")))?;
        if OWN.contains(&parsed.as_str()) {
            return Err(wrong(format!("the header `{shown}` is set by the client itself")));
        }
        let (bytes, secret) = match text {
            HeaderText::Plain(text) => (text.as_bytes(), CREDENTIALS.contains(&parsed.as_str())),
            HeaderText::Secret(secret) => (secret.expose_secret().as_bytes(), true),
        };
        let mut value = HeaderValue::from_bytes(bytes)
            .map_err(|_| wrong(format!("the text of the header `{shown}` has characters that no header can have")))?;
        value.set_sensitive(secret);
        made.append(parsed, value);
    }
    if let (Method::Post, Some(body)) = (method, &request.body) {
        let content_type = HeaderValue::from_str(&body.content_type)
            .map_err(|_| wrong("the content type of the body cannot be sent".to_owned()))?;
        made.insert(CONTENT_TYPE, content_type);
    }
    made.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(made)
}
