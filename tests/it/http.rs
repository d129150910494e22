//! The HTTP client against servers that are wrong in every way that servers are wrong.
//!
//! Real sockets on the loopback, one file a subject. Waits between tries run in a time of the test's own.

pub mod server;

mod certificates;
mod limits;
mod proxies;
mod redirects;
mod retries;
mod secrets;
mod tls;

use servicebook::source::http::{Access, Answer, Cancel, HttpError, Limits, Request, Transport, Wire};
use std::time::Duration;

/// A client for servers without TLS.
fn wire() -> Wire {
    Wire::new(&access()).unwrap()
}

/// Sizes that a test can pass quickly, and times that a busy machine does not.
fn access() -> Access {
    let limits = Limits {
        unpacked_bytes: 256 << 10,
        ratio: 20,
        ratio_from_bytes: 32 << 10,
        header_bytes: 8 << 10,
        ..Limits::default()
    };
    Access { allow_http: true, limits, ..Access::default() }
}

/// Times that a test can wait for.
fn hasty() -> Access {
    let mut access = access();
    access.limits.connect = Duration::from_millis(300);
    access.limits.idle = Duration::from_millis(500);
    access.limits.page = Duration::from_millis(1_200);
    access
}

fn get(url: &str) -> Request {
    Request::get(url::Url::parse(url).unwrap())
}

fn send(wire: &mut Wire, url: &str) -> Result<Answer, HttpError> {
    wire.send(&get(url), &Cancel::default())
}
