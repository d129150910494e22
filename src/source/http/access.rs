//! How a source is reached: what is trusted, through which proxy, and how much of an answer is taken.
//!
//! Knows the settings and their defaults. Must not know how they are carried out.

use super::{origin, said};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How a source is reached. The default trusts what the machine trusts, takes https only and knows no proxy.
#[derive(Clone, Default)]
pub struct Access {
    /// Certificates of authorities that are trusted beside the machine's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// The certificate chain that we show to the server, in PEM; needs `client_key`.
    pub client_certificate: Option<PathBuf>,
    /// Its key, in PEM, readable by its owner only.
    pub client_key: Option<PathBuf>,
    /// SHA-256 of the server's own certificate, 64 hex digits, colons allowed. It stands in place of the chain to a
    /// trusted authority. Name and dates of the certificate still have to hold: a pin that outlived its certificate is
    /// renewed by its owner, not forgotten. Nothing turns verification off.
    pub pin_sha256: Option<String>,
    /// The proxy, `http://proxy.example:3128`, with user and password where it wants them. The proxy looks names up by
    /// itself, so that the addresses of names cannot be checked here.
    pub proxy: Option<url::Url>,
    /// Hosts, domains and address blocks that are reached without the proxy.
    pub no_proxy: Vec<String>,
    /// Takes `http://` too. Then everybody on the way reads the secrets.
    pub allow_http: bool,
    /// How much is taken.
    pub limits: Limits,
}

/// How long is waited, and how much of one answer is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands, with its name looked up and its handshake done.
    pub connect: Duration,
    /// Until the next bytes come.
    pub idle: Duration,
    /// Until the whole answer is there, redirects included.
    pub page: Duration,
    /// Bytes of a body, as unpacked.
    pub unpacked_bytes: usize,
    /// How many times larger than it came a body may get.
    pub ratio: usize,
    /// Bytes unpacked from which on the ratio holds; small answers pack well.
    pub ratio_from_bytes: usize,
    /// Bytes of all headers.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            page: Duration::from_mins(2),
            unpacked_bytes: 64 << 20,
            ratio: 200,
            ratio_from_bytes: 1 << 20,
            header_bytes: 64 << 10,
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("ca_file", &self.ca_file)
            .field("client_certificate", &self.client_certificate)
            .field("client_key", &self.client_key)
            .field("pin_sha256", &self.pin_sha256)
            // A proxy's address may hold a password.
            .field("proxy", &self.proxy.as_ref().map(|url| said::short(&origin(url))))
            .field("no_proxy", &self.no_proxy)
            .field("allow_http", &self.allow_http)
            .field("limits", &self.limits)
            .finish()
    }
}
