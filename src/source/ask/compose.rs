//! From a planned request and what the moment knows to a request that can be sent.
//!
//! The only place where secrets meet text. What is shown, recorded and compared is composed with their names in place
//! of their values. Must not open sockets.

use super::pager::Position;
use super::window::Window;
use crate::source::http::{Body, HeaderText, Method, Request};
use crate::source::manifest::{AskPlan, AskingPlan, Auth, Content, JsonTemplate, Piece, RequestPlan, Slot, Template};
use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use url::Url;

/// What stays as it is in a part of an address.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// From which length on a secret is taken out of pages, in bytes.
const SHORTEST_KEY: usize = 16;

/// The secrets of a source, by the names of their settings, and what a login gave.
#[derive(Default)]
pub struct Secrets {
    /// By the names of the settings.
    pub by_name: BTreeMap<String, SecretString>,
    /// What a login gave.
    pub token: Option<SecretString>,
}

impl Secrets {
    /// Returns every secret with its name.
    fn named(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        let token = self.token.iter().map(|token| ("token", token));
        self.by_name.iter().map(|(name, secret)| (name.as_str(), secret)).chain(token)
    }

    /// Puts the names of secrets in the place of their values.
    pub fn scrubbed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, secret) in self.named() {
            let secret = secret.expose_secret();
            // A shorter one would tear every text apart and is none.
            if secret.len() >= 4 && text.contains(secret) {
                text = text.replace(secret, &format!("{{{name}}}"));
            }
        }
        text
    }

    /// Does the same with a page before it is kept: some tools repeat what they were sent. What is shorter than a key
    /// may be a word of the records as well, and stays.
    pub fn kept(&self, page: Vec<u8>) -> Vec<u8> {
        let mut page = page;
        for (name, secret) in self.named() {
            let secret = secret.expose_secret().as_bytes();
            if secret.len() < SHORTEST_KEY || memchr::memmem::find(&page, secret).is_none() {
                continue;
            }
            let mut clean = Vec::with_capacity(page.len());
            let mut rest = page.as_slice();
            while let Some(at) = memchr::memmem::find(rest, secret) {
                clean.extend_from_slice(&rest[..at]);
                clean.extend_from_slice(format!("{{{name}}}").as_bytes());
                rest = &rest[at + secret.len()..];
            }
            clean.extend_from_slice(rest);
            page = clean;
        }
        page
    }

    /// Does the same for bytes, where they are text.
    pub fn scrubbed_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(bytes) {
            Ok(text) => self.scrubbed(&text).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

/// What the moment of a request knows.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// Where the page begins.
    pub at: Position,
    /// The span that it is made for.
    pub window: Option<Window>,
    /// The values that it is made for.
    pub each: Vec<String>,
    /// The parts of the value, by name.
    pub parts: BTreeMap<String, String>,
}

/// Composes requests for one source.
pub struct Composer<'a> {
    /// What is asked of the tool.
    pub plan: &'a AskingPlan,
    /// The secrets; none where only shown requests are composed.
    pub secrets: &'a Secrets,
}

/// A request as it may be shown: secrets stand as `{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `GET https://desk.example/issues.json?offset=0`.
    pub line: String,
    /// What is sent along.
    pub body: Option<String>,
}

/// Whether secrets are put in or named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reveal {
    Values,
    Names,
}

/// One composition: a plan, a moment, and whether secrets are put in.
struct Sheet<'a> {
    request: Option<&'a RequestPlan>,
    moment: &'a Moment,
    secrets: &'a Secrets,
    reveal: Reveal,
}

impl Composer<'_> {
    /// Composes a page of a request.
    pub fn page(&self, request: &RequestPlan, moment: &Moment) -> Result<Request, String> {
        let sheet = Sheet { request: Some(request), moment, secrets: self.secrets, reveal: Reveal::Values };
        self.compose(&request.ask, &sheet, true)
    }

    /// Composes a request that belongs to no list and to nobody yet, as a login.
    pub fn single(&self, ask: &AskPlan) -> Result<Request, String> {
        self.alone(ask, false)
    }

    /// Composes a request that belongs to no list, with the secrets that every request carries.
    pub fn signed(&self, ask: &AskPlan) -> Result<Request, String> {
        self.alone(ask, true)
    }

    fn alone(&self, ask: &AskPlan, signed: bool) -> Result<Request, String> {
        let moment = Moment::default();
        let sheet = Sheet { request: None, moment: &moment, secrets: self.secrets, reveal: Reveal::Values };
        self.compose(ask, &sheet, signed)
    }

    /// Returns a page of a request as it may be shown.
    pub fn shown(&self, request: &RequestPlan, moment: &Moment) -> Result<Shown, String> {
        let sheet = Sheet { request: Some(request), moment, secrets: self.secrets, reveal: Reveal::Names };
        let composed = self.compose(&request.ask, &sheet, true)?;
        let line = format!("{} {}", composed.method.word(), readable(composed.url.as_str()));
        let body = composed.body.map(|body| self.secrets.scrubbed(&String::from_utf8_lossy(&body.bytes)));
        // A tool may repeat the secret in the link to its next page.
        Ok(Shown { line: self.secrets.scrubbed(&line), body })
    }

    fn compose(&self, ask: &AskPlan, sheet: &Sheet<'_>, signed: bool) -> Result<Request, String> {
        let mut headers = Vec::new();
        for (name, template) in self.plan.headers.iter().filter(|_| signed).chain(&ask.headers) {
            headers.push((name.clone(), sheet.header(template)));
        }
        let mut pairs = Vec::new();
        if signed {
            self.sign(sheet, &mut headers, &mut pairs);
        }
        if let Some(link) = &sheet.moment.at.link {
            // A link is the whole next request; what it leaves out it means.
            let mut url =
                self.base_for(ask, sheet)?.join(link).map_err(|_| "the link to the next page is no address")?;
            url.set_fragment(None);
            // The link may repeat the key, or what stands in its place in a page that was kept.
            let own = |pair: &&str| {
                let name = readable(pair.split('=').next().unwrap_or_default());
                pairs.iter().all(|(known, _)| *known != name)
            };
            let query = url.query().map(|query| query.split('&').filter(own).collect::<Vec<_>>().join("&"));
            url.set_query(query.as_deref());
            add_pairs(&mut url, &pairs);
            return Ok(Request { method: Method::Get, url, headers, body: None });
        }
        let mut url = self.base_for(ask, sheet)?;
        for (name, template) in &ask.query {
            if !sheet.is_nothing(template) {
                pairs.push((name.clone(), sheet.text(template)));
            }
        }
        add_pairs(&mut url, &pairs);
        let body = match &ask.content {
            Content::None => None,
            Content::Json(json) => {
                let value = sheet.json(json).unwrap_or_default();
                Some(Body { content_type: "application/json".into(), bytes: value.to_string().into_bytes() })
            }
            Content::Form(form) => {
                let mut text = url::form_urlencoded::Serializer::new(String::new());
                for (name, template) in form {
                    if !sheet.is_nothing(template) {
                        text.append_pair(name, &sheet.text(template));
                    }
                }
                let content_type = "application/x-www-form-urlencoded".into();
                Some(Body { content_type, bytes: text.finish().into_bytes() })
            }
            Content::Text(template) => Some(Body {
                content_type: "text/plain; charset=utf-8".into(),
                bytes: sheet.text(template).into_bytes(),
            }),
        };
        Ok(Request { method: ask.method, url, headers, body })
    }

    /// Joins the path to the base. Filled places are parts of the path and cannot leave it.
    fn base_for(&self, ask: &AskPlan, sheet: &Sheet<'_>) -> Result<Url, String> {
        let path: String = ask
            .path
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                piece => utf8_percent_encode(&sheet.piece(piece), PART).to_string(),
            })
            .collect();
        let whole = format!("{}/{}", self.plan.base.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
        Url::parse(&whole).map_err(|_| format!("`{path}` makes no address"))
    }

    fn sign(&self, sheet: &Sheet<'_>, headers: &mut Vec<(String, HeaderText)>, pairs: &mut Vec<(String, String)>) {
        use base64::Engine as _;
        let bearer = |token: String| ("Authorization".into(), HeaderText::Secret(format!("Bearer {token}").into()));
        // An optional login that the source does not give is none.
        let given = |template: &Template| !sheet.revealed(template).is_empty();
        match &self.plan.auth {
            Auth::None => {}
            Auth::Basic(user, _) | Auth::Bearer(user) | Auth::Header(_, user) | Auth::Query(_, user)
                if !given(user) => {}
            Auth::Basic(user, password) => {
                let both = format!("{}:{}", sheet.text(user), sheet.text(password));
                let coded = base64::engine::general_purpose::STANDARD.encode(both);
                headers.push(("Authorization".into(), HeaderText::Secret(format!("Basic {coded}").into())));
            }
            Auth::Bearer(token) => headers.push(bearer(sheet.text(token))),
            Auth::Header(name, value) => {
                headers.push((name.clone(), HeaderText::Secret(sheet.text(value).into())));
            }
            Auth::Query(name, value) => pairs.push((name.clone(), sheet.text(value))),
            Auth::Login(login) if login.bearer => {
                headers.push(bearer(sheet.piece(&Piece::Slot(Slot::Token))));
            }
            Auth::Login(login) => {
                if let Some(cookie) = &login.cookie {
                    let token = sheet.piece(&Piece::Slot(Slot::Token));
                    headers.push(("Cookie".into(), HeaderText::Secret(format!("{cookie}={token}").into())));
                }
            }
        }
    }
}

/// Adds pairs to the query, blanks as `%20`: not every tool reads `+` as one.
fn add_pairs(url: &mut Url, pairs: &[(String, String)]) {
    let mut query = url.query().unwrap_or_default().to_owned();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, PART));
        query.push('=');
        query.extend(utf8_percent_encode(value, PART));
    }
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
}

/// Undoes the encoding of an address for reading.
fn readable(url: &str) -> String {
    percent_encoding::percent_decode_str(url).decode_utf8_lossy().into_owned()
}

impl Sheet<'_> {
    fn header(&self, template: &Template) -> HeaderText {
        let text = self.text(template);
        let secret = template.secrets().next().is_some() || template.slots().any(|slot| slot == Slot::Token);
        if secret { HeaderText::Secret(text.into()) } else { HeaderText::Plain(text) }
    }

    fn revealed(&self, template: &Template) -> String {
        Sheet { reveal: Reveal::Values, ..*self }.text(template)
    }

    fn text(&self, template: &Template) -> String {
        template.0.iter().map(|piece| self.piece(piece)).collect()
    }

    fn piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Secret(name) => match (self.reveal, self.secrets.by_name.get(name)) {
                (Reveal::Values, secret) => secret.map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
                (Reveal::Names, _) => format!("{{{name}}}"),
            },
            Piece::Slot(Slot::Token) => match (self.reveal, &self.secrets.token) {
                (Reveal::Values, Some(token)) => token.expose_secret().to_owned(),
                _ => "{token}".into(),
            },
            Piece::Slot(slot) => self.slot(*slot).unwrap_or_default(),
            Piece::Part(part) => self.moment.parts.get(part).cloned().unwrap_or_default(),
        }
    }

    fn slot(&self, slot: Slot) -> Option<String> {
        let at = &self.moment.at;
        let size = self.request.and_then(|request| request.paging.rows());
        match slot {
            Slot::Token => None,
            Slot::WindowFrom => {
                let moved = at.from.and_then(DateTime::from_timestamp_millis);
                let from = moved.or_else(|| self.moment.window.map(|window| window.from))?;
                Some(self.request?.window.as_ref()?.format.write(from))
            }
            Slot::WindowTo => Some(self.request?.window.as_ref()?.format.write(self.moment.window?.to)),
            Slot::PageRows => size.map(|rows| rows.to_string()),
            Slot::PageNumber => Some(at.number.to_string()),
            Slot::PageOffset => Some(at.offset.to_string()),
            Slot::PageLast => Some((at.offset + size?.saturating_sub(1)).to_string()),
            Slot::PageCursor => at.cursor.clone(),
            Slot::Each => Some(self.moment.each.join(",")),
        }
    }

    /// Tells whether a value is one place alone that nothing fills: its pair is left out.
    fn is_nothing(&self, template: &Template) -> bool {
        let secret_alone = matches!(&template.0[..], [Piece::Secret(name)] if !self.secrets.by_name.contains_key(name));
        secret_alone
            || template.0.is_empty()
            || template.alone().is_some_and(|slot| slot != Slot::Token && self.slot(slot).is_none())
    }

    fn json(&self, template: &JsonTemplate) -> Option<serde_json::Value> {
        use serde_json::Value;
        Some(match template {
            JsonTemplate::Plain(value) => value.clone(),
            JsonTemplate::List(list) => Value::Array(list.iter().filter_map(|json| self.json(json)).collect()),
            JsonTemplate::Object(members) => Value::Object(
                members.iter().filter_map(|(name, json)| Some((name.clone(), self.json(json)?))).collect(),
            ),
            JsonTemplate::Text(template) => match template.alone() {
                Some(Slot::Each) if self.sliced() => self.moment.each.iter().cloned().map(Value::String).collect(),
                Some(slot) if slot != Slot::Token => number_or_text(slot, self.slot(slot)?),
                _ if self.is_nothing(template) && !template.0.is_empty() => return None,
                _ => Value::String(self.text(template)),
            },
        })
    }

    fn sliced(&self) -> bool {
        self.request.and_then(|request| request.each.as_ref()).is_some_and(|each| each.slice > 1)
    }
}

/// Writes what counts as a number: sizes, offsets and times in seconds or milliseconds.
fn number_or_text(slot: Slot, text: String) -> serde_json::Value {
    let counts = !matches!(slot, Slot::PageCursor | Slot::Each);
    match text.parse::<i64>() {
        Ok(number) if counts => number.into(),
        _ => text.into(),
    }
}
