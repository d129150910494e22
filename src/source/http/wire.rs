//! Requests over the network, one at a time, each held to its limits.
//!
//! The one place that makes a client. Knows connections, chunks and what breaks them. Must not know when to try again.

use super::address::{self, Lookup};
use super::failure::{Failures, innermost, refused_address, unusable};
use super::headers::headers;
use super::redirect::{self, Hop};
use super::unpack::{Packing, Refusal, Unpacker};
use super::{Access, Answer, Cancel, HttpError, Method, Request, Transport, label, said, tls};
use crate::clock;
use reqwest::header::HeaderValue;
use std::net::IpAddr;
use std::time::Duration;
use tokio::runtime::Runtime;
use url::{Host, Url};

/// How often a wait looks whether it was cancelled.
const GLANCE: Duration = Duration::from_millis(100);
/// Bytes of a header that are neither its name nor its text: colon, space and line break.
const AROUND_HEADER: usize = 4;

/// The network.
pub struct Wire {
    client: reqwest::Client,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    allow_http: bool,
    failures: Failures,
}

impl Wire {
    /// Makes a client from the settings of a source. Nothing is read from the environment but where the machine keeps
    /// its certificates, and nothing is sent yet.
    pub fn new(access: &Access) -> Result<Self, HttpError> {
        Self::with_lookup(access, Lookup::of_the_machine())
    }

    fn with_lookup(access: &Access, lookup: Lookup) -> Result<Self, HttpError> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(access)?)
            .dns_resolver(lookup)
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
            allow_http: access.allow_http,
            failures: Failures { limits: access.limits.clone(), through_proxy: access.proxy.is_some() },
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
                .map_err(|error| self.failures.of_connection(request, &told, error))?;
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
        if size > self.failures.limits.header_bytes {
            return Err(self.failures.of_headers(told));
        }
        let headers: Vec<(String, String)> =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let encodings = headers.iter().filter(|(name, _)| name == "content-encoding").map(|(_, value)| value.as_str());
        let packing = Packing::of(encodings).map_err(|found| HttpError::Packing {
            label: told.clone(),
            message: format!("the answer is packed as `{}`, which was not asked for", said::by_server(request, &found)),
            hint: "only gzip is asked for; a proxy on the way may be changing answers, ask its owner".into(),
        })?;
        let refuse = |refusal: Refusal| self.failures.of_body(&told, refusal);
        if response.content_length().is_some_and(|length| length > self.failures.limits.unpacked_bytes as u64) {
            return Err(refuse(Refusal::Large));
        }
        let mut unpacker = Unpacker::new(packing, &self.failures.limits);
        let mut came = 0;
        while let Some(chunk) = watch
            .until(response.chunk(), &told)
            .await?
            .map_err(|error| self.failures.of_connection(request, &told, error))?
        {
            came += chunk.len();
            unpacker.take(&chunk).map_err(refuse)?;
        }
        // Servers declare gzip for bodies that are not there.
        let body = if came == 0 { Vec::new() } else { unpacker.finish().map_err(refuse)? };
        Ok(Answer { status, headers, body, url })
    }
}

impl Transport for Wire {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Answer, HttpError> {
        let watch = Watch {
            cancel,
            failures: &self.failures,
            end: clock::monotonic().saturating_add(self.failures.limits.page),
        };
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
    failures: &'a Failures,
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
            let (left, quiet_left) =
                (self.end.saturating_sub(now), (begun + self.failures.limits.idle).saturating_sub(now));
            if left.is_zero() {
                return Err(self.failures.of_time(told));
            }
            if quiet_left.is_zero() {
                return Err(self.failures.of_silence(told));
            }
            if let Ok(done) = tokio::time::timeout(GLANCE.min(left).min(quiet_left), step.as_mut()).await {
                return Ok(done);
            }
        }
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

/// A header's text; bytes that are no UTF-8 are replaced.
fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_points_into_the_machine_or_to_its_cloud_is_not_asked() {
        let access = Access { allow_http: true, ..Access::default() };
        for (address, kind) in [
            ("127.0.0.1:0", "the own machine"),
            ("[::1]:0", "the own machine"),
            ("169.254.169.254:0", "the metadata service of a cloud"),
            ("[fe80::1]:0", "an address of the local link"),
        ] {
            // One refused address among fine ones refuses the name.
            let lookup = Lookup::by(move |_| Ok(vec!["192.0.2.1:0".parse().unwrap(), address.parse().unwrap()]));
            let mut wire = Wire::with_lookup(&access, lookup).unwrap();
            let request = Request::get(Url::parse("http://desk.example/issues?key=canary").unwrap());
            let error = wire.send(&request, &Cancel::default()).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, HttpError::Address { .. }), "{error:?}");
            assert!(
                text.contains(&format!("desk.example is {}", address.trim_end_matches(":0").trim_matches(['[', ']'])))
            );
            assert!(text.contains(kind) && !text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn a_look_up_that_hangs_ends_with_the_time_of_connecting() {
        let mut access = Access { allow_http: true, ..Access::default() };
        access.limits.connect = Duration::from_millis(200);
        let lookup = Lookup::by(|_| {
            std::thread::sleep(Duration::from_secs(3));
            Ok(Vec::new())
        });
        let begun = clock::monotonic();
        let mut wire = Wire::with_lookup(&access, lookup).unwrap();
        let request = Request::get(Url::parse("http://desk.example/").unwrap());
        let error = wire.send(&request, &Cancel::default()).unwrap_err();
        assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
        drop(wire);
        assert!(clock::monotonic().saturating_sub(begun) < Duration::from_secs(2), "nor does it hold up the end");
    }
}
