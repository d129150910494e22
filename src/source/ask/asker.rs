//! One conversation with a tool: log-in, requests, and answers that are errors in disguise.
//!
//! Must not know which pages there are.

use super::AskError;
use super::compose::{Composer, Moment, Secrets, Shown};
use crate::source::decode::{DecodeError, FieldPath, scalars};
use crate::source::http::{Answer, Cancel, HttpError, Request, Transport, refuse_page};
use crate::source::manifest::{AskPlan, AskingPlan, Auth, LoginPlan, RequestPlan};
use crate::text::screen_str;
use chrono::{DateTime, Utc};

/// Longest message of a tool that is repeated.
const LONGEST_MESSAGE: usize = 300;

/// What came.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// When it was sent, by the tool's clock.
    pub at: Option<DateTime<Utc>>,
    /// Whether it means that there are no records.
    pub none: bool,
    /// What the tool says is missing in it.
    pub warning: Option<String>,
}

/// A conversation with a tool.
pub struct Asker<'a> {
    plan: &'a AskingPlan,
    secrets: Secrets,
    transport: &'a mut dyn Transport,
    cancel: Cancel,
    checked: bool,
    /// How many requests were sent.
    pub sent: u64,
}

impl<'a> Asker<'a> {
    /// Begins a conversation; nothing is sent yet.
    pub fn new(plan: &'a AskingPlan, secrets: Secrets, transport: &'a mut dyn Transport, cancel: Cancel) -> Self {
        Self { plan, secrets, transport, cancel, checked: false, sent: 0 }
    }

    /// Returns a page of a request as it may be shown.
    pub fn shown(&self, request: &RequestPlan, moment: &Moment) -> Result<Shown, AskError> {
        Composer { plan: self.plan, secrets: &self.secrets }
            .shown(request, moment)
            .map_err(|message| AskError::Compose { request: request.name.clone(), message })
    }

    /// Puts the names of secrets in the place of their values.
    pub fn scrubbed(&self, text: &str) -> String {
        self.secrets.scrubbed(text)
    }

    /// Asks for a page.
    pub fn page(&mut self, request: &RequestPlan, moment: &Moment) -> Result<Reply, AskError> {
        let renewed = self.log_in()?;
        self.check()?;
        match self.try_page(request, moment) {
            // A session may end while a long list is read.
            Err(AskError::Http(HttpError::Status { status: 401, .. })) if !renewed && self.secrets.token.is_some() => {
                self.secrets.token = None;
                self.log_in()?;
                self.try_page(request, moment)
            }
            other => other,
        }
    }

    fn try_page(&mut self, request: &RequestPlan, moment: &Moment) -> Result<Reply, AskError> {
        let composer = Composer { plan: self.plan, secrets: &self.secrets };
        let wrong = |message| AskError::Compose { request: request.name.clone(), message };
        let composed = composer.page(request, moment).map_err(wrong)?;
        if moment.at.link.is_some() && !crate::source::http::same_origin(&composed.url, &self.plan.base) {
            return Err(AskError::Paging {
                label: format!("[request.{}]", request.name),
                reason: format!(
                    "the link to the next page leads to another server, {}",
                    place_of(&composed.url)
                ),
                hint: "write the address by which the tool calls itself into `url`; secrets are sent nowhere else",
            });
        }
        let label = composed.label();
        let answer = match self.send(&composed) {
            Err(AskError::Http(error)) => return self.none_of(request, error),
            other => other?,
        };
        if let Some(error) = refuse_page(&answer) {
            return Err(error.into());
        }
        self.refuse_errors(&answer, &label)?;
        let warning = self.plan.incomplete.iter().find_map(|rule| {
            let value =
                member(&answer.body, &rule.at).filter(|value| !value.is_empty() && !rule.unless.contains(value))?;
            Some(rule.message.as_ref().and_then(|path| words(&answer.body, path)).unwrap_or(value))
        });
        Ok(Reply {
            status: answer.status,
            at: answer.date(),
            headers: answer.headers,
            body: self.secrets.kept(answer.body),
            none: false,
            warning: warning.map(|warning| short(&self.secrets.scrubbed(&warning))),
        })
    }

    fn send(&mut self, request: &Request) -> Result<Answer, AskError> {
        if self.cancel.is_set() {
            return Err(AskError::Cancelled);
        }
        self.sent += 1;
        match self.transport.send(request, &self.cancel) {
            Err(HttpError::Cancelled { .. }) => Err(AskError::Cancelled),
            answer => Ok(answer?),
        }
    }

    /// Asks once what must succeed: some tools answer a wrong secret with an empty list.
    fn check(&mut self) -> Result<(), AskError> {
        let Some(check) = self.plan.check.as_ref().filter(|_| !self.checked) else { return Ok(()) };
        let composed = Composer { plan: self.plan, secrets: &self.secrets }
            .signed(check)
            .map_err(|message| AskError::Compose { request: "check".into(), message })?;
        let label = composed.label();
        let answer = self.send(&composed)?;
        if let Some(error) = refuse_page(&answer) {
            return Err(error.into());
        }
        self.refuse_errors(&answer, &label)?;
        self.checked = true;
        Ok(())
    }

    /// Takes an error status for an empty answer where the manifest says so.
    fn none_of(&self, request: &RequestPlan, error: HttpError) -> Result<Reply, AskError> {
        let HttpError::Status { status, body, .. } = &error else { return Err(error.into()) };
        let means_none = self.plan.none.iter().any(|rule| {
            rule.status == *status
                && rule.request.as_ref().is_none_or(|name| *name == request.name)
                && rule.at.as_ref().is_none_or(|(at, is)| member(body, at).as_deref() == Some(is))
        });
        if means_none { Ok(Reply { status: *status, none: true, ..Reply::default() }) } else { Err(error.into()) }
    }

    /// Refuses answers with a good status that say that they are errors.
    fn refuse_errors(&self, answer: &Answer, label: &str) -> Result<(), AskError> {
        for rule in &self.plan.errors {
            let Some(value) = member(&answer.body, &rule.at).filter(|value| !rule.unless.contains(value)) else {
                continue;
            };
            let message = rule.message.as_ref().and_then(|path| words(&answer.body, path)).unwrap_or(value);
            return Err(AskError::Said {
                label: label.to_owned(),
                message: short(&self.scrubbed(&message)),
                hint: "check the rights of the account and the settings of the source".into(),
            });
        }
        Ok(())
    }

    /// Logs in where the tool wants it and nobody is logged in; tells whether it did.
    fn log_in(&mut self) -> Result<bool, AskError> {
        let Auth::Login(login) = &self.plan.auth else { return Ok(false) };
        if self.secrets.token.is_some() {
            return Ok(false);
        }
        let composed = self.single(&login.ask)?;
        let label = composed.label();
        let answer = self.send(&composed)?;
        if let Some(error) = refuse_page(&answer) {
            return Err(error.into());
        }
        self.refuse_errors(&answer, &label)?;
        let token = token_of(login, &answer).ok_or_else(|| AskError::Said {
            label,
            message: "it gives no token or cookie where the connector looks for it".into(),
            hint: "check user and password, and that the tool's version is one that the connector is for".into(),
        })?;
        self.secrets.token = Some(token.into());
        Ok(true)
    }

    /// Ends the session, where the manifest says how. What goes wrong now harms nobody.
    pub fn log_out(&mut self) {
        let Auth::Login(login) = &self.plan.auth else { return };
        let Some(logout) = login.logout.as_ref().filter(|_| self.secrets.token.is_some()) else { return };
        if let Ok(composed) = self.single(logout) {
            let _ = self.send(&composed);
        }
        self.secrets.token = None;
    }

    fn single(&self, ask: &AskPlan) -> Result<Request, AskError> {
        Composer { plan: self.plan, secrets: &self.secrets }
            .single(ask)
            .map_err(|message| AskError::Compose { request: "login".into(), message })
    }
}

fn token_of(login: &LoginPlan, answer: &Answer) -> Option<String> {
    if let Some(path) = &login.token {
        return words(&answer.body, path).filter(|token| !token.is_empty());
    }
    let wanted = login.cookie.as_deref()?;
    answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).find_map(|(_, cookie)| {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        (name.trim() == wanted).then(|| value.trim().to_owned())
    })
}

/// Names the server of a link, or its scheme where it has none.
fn place_of(url: &url::Url) -> String {
    let origin = url.origin();
    let text = if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) };
    screen_str(&text)
}

/// Returns the text of a member of an answer; `None` where the answer is no JSON or has no such member.
fn member(body: &[u8], path: &FieldPath) -> Option<String> {
    // An object there is something, too: what it holds is not told.
    match scalars(body, std::slice::from_ref(path)) {
        Ok(mut found) => found.pop().flatten(),
        Err(DecodeError::Value(_)) if is_open(body) => Some("an object".into()),
        Err(_) => None,
    }
}

/// Tells whether an answer is an object or a list; a text or a number has no members.
fn is_open(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Returns the text of a member; `None` where it is none.
fn words(body: &[u8], path: &FieldPath) -> Option<String> {
    scalars(body, std::slice::from_ref(path)).ok()?.pop().flatten()
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST_MESSAGE).collect();
    screen_str(&cut)
}
