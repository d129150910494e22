//! Requests over the network, one at a time, each held to its limits.
//!
//! The one place that makes a client. Knows connections, chunks and what breaks them. Must not know when to try again.

use super::address::{self, Lookup, Refused};
use super::redirect::{self, Hop};
use super::unpack::{Packing, Refusal, Unpacker};
use super::{Access, Answer, Cancel, HeaderText, HttpError, Limits, Method, Request, Transport};
use super::{label, origin, said, tls, tls_reason};
use crate::clock;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;
use tokio::runtime::Runtime;
use url::{Host, Url};

/// How often a wait looks whether it was cancelled.
const GLANCE: Duration = Duration::from_millis(100);
/// Bytes of a header that are neither its name nor its text: colon, space and line break.
const AROUND_HEADER: usize = 4;

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

/// The network.
pub struct Wire {
    client: reqwest::Client,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    limits: Limits,
    allow_http: bool,
    through_proxy: bool,
}

impl Wire {
    /// Makes a client from the settings of a source. Nothing is read from the environment but where the machine keeps
    /// its certificates, and nothing is sent yet.
    pub fn new(access: &Access) -> Result<Self, HttpError> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(access)?)
            .dns_resolver(Lookup)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(1)
            .connect_timeout(access.limits.connect)
            .user_agent(concat!("servicebook/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &access.proxy {
            builder = builder.proxy(through(proxy, &access.no_proxy)?);
        }
        let client = builder.build().map_err(|error| unusable(&innermost(&error.without_url())))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unusable(&error.to_string()))?;
        Ok(Self {
            client,
            runtime: Some(runtime),
            limits: access.limits.clone(),
            allow_http: access.allow_http,
            through_proxy: access.proxy.is_some(),
        })
    }

    /// Refuses what may not be asked at all, before anything is sent.
    fn admit(&self, method: Method, url: &Url) -> Result<(), HttpError> {
        let refused = |message: String, hint: &str| HttpError::Request {
            label: label(method, url),
            message,
            hint: hint.to_owned(),
        };
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            "http" => {
                return Err(refused(
                    "without TLS everybody on the way can read the secret and change the answer".into(),
                    "write `https://` into `url`; only where that cannot be, `allow_http = true`",
                ));
            }
            _ => return Err(refused("only https is spoken here".into(), "write `https://` into `url`")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "user and password may not stand in the address".into(),
                "write them where the source says how it logs in",
            ));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(refused("the address names no host".into(), "write `https://host/` into `url`")),
        };
        address::literal(literal).map_err(|refused| refused_address(label(method, url), &refused))
    }

    /// Sends the request and whatever its redirects make of it.
    async fn carry_out(&self, request: &Request, watch: &Watch<'_>) -> Result<Answer, HttpError> {
        let mut hop = Hop { url: request.url.clone(), method: request.method };
        let mut taken = 0;
        loop {
            self.admit(hop.method, &hop.url)?;
            let told = label(hop.method, &hop.url);
            let mut prepared = reqwest::Request::new(
                match hop.method {
                    Method::Get => reqwest::Method::GET,
                    Method::Post => reqwest::Method::POST,
                },
                hop.url.clone(),
            );
            *prepared.headers_mut() = headers(request, hop.method)?;
            if let (Method::Post, Some(body)) = (hop.method, &request.body) {
                *prepared.body_mut() = Some(body.bytes.clone().into());
            }
            let response = watch
                .until(self.client.execute(prepared), &told)
                .await?
                .map_err(|error| self.failed(request, &told, error))?;
            let status = response.status().as_u16();
            if redirect::leads_on(status) {
                let location = response.headers().get("location").map(text);
                hop = redirect::next(&hop.url, hop.method, status, location.as_deref(), taken)?;
                taken += 1;
                continue;
            }
            return self.read(request, told, hop.url, response, watch).await;
        }
    }

    /// Reads an answer to its end, chunk by chunk.
    async fn read(
        &self,
        request: &Request,
        told: String,
        url: Url,
        mut response: reqwest::Response,
        watch: &Watch<'_>,
    ) -> Result<Answer, HttpError> {
        let status = response.status().as_u16();
        let size: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + AROUND_HEADER).sum();
        if size > self.limits.header_bytes {
            return Err(self.headers_too_large(told));
        }
        let headers: Vec<(String, String)> =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let encodings = headers.iter().filter(|(name, _)| name == "content-encoding").map(|(_, value)| value.as_str());
        let packing = Packing::of(encodings).map_err(|found| HttpError::Packing {
            label: told.clone(),
            message: format!("the answer is packed as `{}`, which was not asked for", said::by_server(request, &found)),
            hint: "only gzip is asked for; a proxy on the way may be changing answers, ask its owner".into(),
        })?;
        let refuse = |refusal: Refusal| self.refused(&told, refusal);
        if response.content_length().is_some_and(|length| length > self.limits.unpacked_bytes as u64) {
            return Err(refuse(Refusal::Large));
        }
        let mut unpacker = Unpacker::new(packing, &self.limits);
        let mut came = 0;
        while let Some(chunk) =
            watch.until(response.chunk(), &told).await?.map_err(|error| self.failed(request, &told, error))?
        {
            came += chunk.len();
            unpacker.take(&chunk).map_err(refuse)?;
        }
        // Servers declare gzip for bodies that are not there.
        let body = if came == 0 { Vec::new() } else { unpacker.finish().map_err(refuse)? };
        Ok(Answer { status, headers, body, url })
    }

    fn refused(&self, told: &str, refusal: Refusal) -> HttpError {
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

    fn headers_too_large(&self, told: String) -> HttpError {
        HttpError::Limit {
            label: told,
            message: format!(
                "the headers of the answer are larger than {} bytes, or too many",
                self.limits.header_bytes
            ),
            hint: "no tool needs so much; ask the server's owner".to_owned(),
        }
    }

    /// Tells why there is no answer, by the causes below the library's error.
    fn failed(&self, request: &Request, told: &str, error: reqwest::Error) -> HttpError {
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
                return self.headers_too_large(told.to_owned());
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
}

impl Transport for Wire {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Answer, HttpError> {
        let watch = Watch { cancel, limits: &self.limits, end: clock::monotonic().saturating_add(self.limits.page) };
        match &self.runtime {
            Some(runtime) => runtime.block_on(self.carry_out(request, &watch)),
            None => Err(unusable("it was closed")),
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // A look-up of a name that hangs must not hold up the end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What ends a wait.
struct Watch<'a> {
    cancel: &'a Cancel,
    limits: &'a Limits,
    /// When the whole answer has to be there, by the monotonic clock.
    end: Duration,
}

impl Watch<'_> {
    /// Waits for one step: until it is done, cancelled, silent for too long, or the time of the whole answer is over.
    async fn until<F: Future>(&self, step: F, told: &str) -> Result<F::Output, HttpError> {
        let mut step = std::pin::pin!(step);
        let begun = clock::monotonic();
        loop {
            let now = clock::monotonic();
            if self.cancel.is_set() {
                return Err(HttpError::Cancelled { label: told.to_owned() });
            }
            let (left, quiet_left) = (self.end.saturating_sub(now), (begun + self.limits.idle).saturating_sub(now));
            if left.is_zero() {
                return Err(HttpError::Limit {
                    label: told.to_owned(),
                    message: format!("the answer is not there within {} s", self.limits.page.as_secs_f32()),
                    hint: "ask for less at a time, with smaller pages".to_owned(),
                });
            }
            if quiet_left.is_zero() {
                return Err(HttpError::Silent { label: told.to_owned(), waited_s: self.limits.idle.as_secs() });
            }
            if let Ok(done) = tokio::time::timeout(GLANCE.min(left).min(quiet_left), step.as_mut()).await {
                return Ok(done);
            }
        }
    }
}

fn unusable(what: &str) -> HttpError {
    HttpError::Access {
        message: format!("no client can be made: {}", said::short(what)),
        hint: "check `proxy` and the certificates in the [[source]] of config.toml".to_owned(),
    }
}

fn refused_address(label: String, refused: &Refused) -> HttpError {
    HttpError::Address {
        label,
        message: format!("{refused}, is not asked"),
        hint: "check the host in `url`; a tool on the own machine is written as `localhost` or by its address"
            .to_owned(),
    }
}

/// Makes the proxy, with the list of what goes past it.
fn through(proxy: &Url, past: &[String]) -> Result<reqwest::Proxy, HttpError> {
    if !matches!(proxy.scheme(), "http" | "https") || proxy.host().is_none() {
        return Err(HttpError::Access {
            message: "`proxy` is no address of an HTTP proxy".to_owned(),
            hint: "write `http://proxy.example:3128`".to_owned(),
        });
    }
    let list = reqwest::NoProxy::from_string(&past.join(","));
    reqwest::Proxy::all(proxy.clone())
        .map(|made| made.no_proxy(list))
        .map_err(|error| unusable(&innermost(&error.without_url())))
}

/// Makes the headers of a request. Names and texts that are none are errors which do not repeat the text.
fn headers(request: &Request, method: Method) -> Result<HeaderMap, HttpError> {
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

/// A header's text; bytes that are no UTF-8 are replaced.
fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
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
fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
