//! Why a request failed, made out of what the libraries say.
//!
//! Knows the causes below their errors. Must not know when they come up.

use super::address::Refused;
use super::unpack::Refusal;
use super::{HttpError, Limits, Request};
use super::{origin, said, tls_reason};
use std::error::Error;

/// What the words of a failure depend on.
pub(super) struct Failures {
    /// The limits that may have been passed.
    pub limits: Limits,
    /// Whether a proxy may be the one that failed.
    pub through_proxy: bool,
}

impl Failures {
    /// Tells why there is no answer, by the causes below the library's error.
    pub(super) fn of_connection(&self, request: &Request, told: &str, error: reqwest::Error) -> HttpError {
        let error = error.without_url();
        let mut connecting = error.is_connect();
        for cause in causes(&error) {
            if let Some(refused) = cause.downcast_ref::<Refused>() {
                return refused_address(told.to_owned(), refused);
            }
            if let Some(reason) = cause.downcast_ref::<rustls::Error>() {
                let (reason, hint) = tls_reason::explain(reason);
                return HttpError::Tls { label: told.to_owned(), reason, hint };
            }
            if cause.to_string() == "message head is too large" {
                return self.of_headers(told.to_owned());
            }
            connecting |= cause.to_string() == "client error (Connect)";
        }
        let why = said::by_server(request, &innermost(&error));
        let host = origin(&request.url);
        if error.is_dns() {
            return HttpError::Unreachable {
                label: told.to_owned(),
                reason: format!("the name cannot be looked up: {why}"),
                hint: "check the host in `url`, and that this machine is in the right net".to_owned(),
            };
        }
        if connecting && self.through_proxy {
            return HttpError::Unreachable {
                label: told.to_owned(),
                reason: format!("no connection to {host} through the proxy: {why}"),
                hint: "check `proxy`, its user and password, and whether it lets this host through; `no_proxy` goes past it"
                    .to_owned(),
            };
        }
        if connecting && error.is_timeout() {
            return HttpError::Unreachable {
                label: told.to_owned(),
                reason: format!("no connection to {host} within {} s", self.limits.connect.as_secs_f32()),
                hint: "check the host and port in `url`; a firewall may be silent, or a `proxy` be needed".to_owned(),
            };
        }
        if connecting {
            return HttpError::Unreachable {
                label: told.to_owned(),
                reason: format!("no connection to {host}: {why}"),
                hint: "check the host and port in `url`, and that the server runs".to_owned(),
            };
        }
        HttpError::Broken {
            label: told.to_owned(),
            reason: format!("the answer broke off or is no HTTP: {why}"),
            hint: "try again; if it stays so, the server or a device on the way cuts connections".to_owned(),
        }
    }

    /// Tells why a body is not taken.
    pub(super) fn of_body(&self, told: &str, refusal: Refusal) -> HttpError {
        let smaller = "ask for less at a time, with smaller pages or fewer columns";
        match refusal {
            Refusal::Large => HttpError::Limit {
                label: told.to_owned(),
                message: format!("the answer is larger than {} bytes", self.limits.unpacked_bytes),
                hint: smaller.to_owned(),
            },
            Refusal::Bomb => HttpError::Limit {
                label: told.to_owned(),
                message: format!("the answer unpacks to more than {} times its size", self.limits.ratio),
                hint: "no records pack like this; ask the server's owner".to_owned(),
            },
            Refusal::Damaged(what) => HttpError::Packing {
                label: told.to_owned(),
                message: format!("the answer says it is gzip and is not, or not to its end ({})", said::short(&what)),
                hint: "try again; if it stays so, a proxy on the way may be changing answers".to_owned(),
            },
        }
    }

    /// Tells that there are more headers than are taken.
    pub(super) fn of_headers(&self, told: String) -> HttpError {
        HttpError::Limit {
            label: told,
            message: format!(
                "the headers of the answer are larger than {} bytes, or too many",
                self.limits.header_bytes
            ),
            hint: "no tool needs so much; ask the server's owner".to_owned(),
        }
    }

    /// Tells that the time of the whole answer is over.
    pub(super) fn of_time(&self, told: &str) -> HttpError {
        HttpError::Limit {
            label: told.to_owned(),
            message: format!("the answer is not there within {} s", self.limits.page.as_secs_f32()),
            hint: "ask for less at a time, with smaller pages".to_owned(),
        }
    }

    /// Tells that nothing comes any more.
    pub(super) fn of_silence(&self, told: &str) -> HttpError {
        HttpError::Silent { label: told.to_owned(), waited_s: self.limits.idle.as_secs() }
    }
}

/// Tells that an address is refused.
pub(super) fn refused_address(label: String, refused: &Refused) -> HttpError {
    HttpError::Address {
        label,
        message: format!("{refused}, is not asked"),
        hint: "check the host in `url`; a tool on the own machine is written as `localhost` or by its address"
            .to_owned(),
    }
}

/// Tells that no client can be made.
pub(super) fn unusable(what: &str) -> HttpError {
    HttpError::Access {
        message: format!("no client can be made: {}", said::short(what)),
        hint: "check `proxy` and the certificates in the [[source]] of config.toml".to_owned(),
    }
}

/// An error and all that is below it, also below errors of input and output, which hide theirs.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let (mut found, mut open) = (Vec::new(), vec![error]);
    while let Some(cause) = open.pop() {
        found.push(cause);
        if let Some(hidden) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            open.push(hidden);
        } else {
            open.extend(cause.source());
        }
    }
    found
}

/// The words of the deepest cause, which is the one that says something.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
