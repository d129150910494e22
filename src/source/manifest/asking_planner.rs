//! From the words of `[http]`, `[sweep.*]` and `[count.*]` to what is asked.
//!
//! Every rule that the shape of the TOML cannot hold is checked here. Must not open sockets.

use super::asking::{
    AskPlan, AskingPlan, Auth, Content, CountPlan, ErrorRule, JsonTemplate, LoginPlan, NoneRule, Paging, RequestPlan,
    SweepPlan,
};
use super::asking_words::{AnswerCompleteWords, AuthWords, ErrorWords, HttpWords, MethodWord, Pair, RequestWords};
use super::template::{Slot, Template};
use super::words::OneOrMore;
use super::{Manifest, ManifestError, SettingKind, nearest, template};
use crate::model::{Table, duration};
use crate::source::decode::{FieldPath, FieldPlan, RowPath};
use crate::source::http::{Method, Rate};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

impl Manifest {
    /// Returns what is asked of the tool, with every setting but the secrets filled in; `None` where the connector only
    /// reads files.
    pub fn asking(&self, settings: &BTreeMap<String, String>) -> Result<Option<AskingPlan>, ManifestError> {
        let Some(http) = &self.http else {
            return match self.requests.values().next() {
                None => Ok(None),
                Some(request) => Err(self.wrong(
                    &request.span(),
                    "there is a request and nobody to ask",
                    "add [http] with `base` and `rate`",
                )),
            };
        };
        AskingPlanner { manifest: self, settings }.plan(http).map(Some)
    }
}

/// Turns words into what is asked; keeps what each step needs.
pub(super) struct AskingPlanner<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) settings: &'a BTreeMap<String, String>,
}

impl AskingPlanner<'_> {
    fn plan(&self, http: &Spanned<HttpWords>) -> Result<AskingPlan, ManifestError> {
        let (span, words) = (http.span(), http.as_ref());
        if self.manifest.connector.rights.is_none() {
            return Err(self.wrong(
                &self.manifest.at_connector,
                "it does not say which rights the account needs",
                "add `rights = \"…\"` to [connector]: the least that is enough to read",
            ));
        }
        let base = self.template(words.base.as_ref(), &words.base.span())?.shown();
        let base = url::Url::parse(&base)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.has_host())
            .ok_or_else(|| {
                self.wrong(
                    &words.base.span(),
                    "`base` is no http(s) address without a query",
                    "write `base = \"{url}\"` with [settings.url] of kind `url`",
                )
            })?;
        let rate = Rate::parse(words.rate.as_ref())
            .map_err(|message| self.wrong(&words.rate.span(), message, "write `rate = \"60/min\"`"))?;
        let headers =
            words.headers.iter().map(|pair| self.pair(pair.as_ref(), &pair.span())).collect::<Result<_, _>>()?;
        let errors = words.errors.iter().map(|rule| self.error_rule(rule)).collect::<Result<_, _>>()?;
        let none = words
            .none
            .iter()
            .map(|rule| {
                let (span, rule) = (rule.span(), rule.as_ref());
                let at = match (&rule.at, &rule.is) {
                    (Some(at), Some(is)) => Some((self.field(at, &span)?, is.clone())),
                    (None, None) => None,
                    _ => return Err(self.wrong(&span, "`at` and `is` belong together", "write both or neither")),
                };
                if let Some(request) = &rule.request {
                    self.named_request(request, &span)?;
                }
                Ok(NoneRule { status: rule.status, at, request: rule.request.clone() })
            })
            .collect::<Result<_, _>>()?;
        let incomplete = words.incomplete.iter().map(|rule| self.error_rule(rule)).collect::<Result<_, _>>()?;
        let check = match &words.check {
            None => None,
            Some(check) => Some(AskPlan {
                method: Method::Get,
                path: self.template(&check.as_ref().path, &check.span())?,
                query: self.pairs(&check.as_ref().query, &check.span())?,
                headers: Vec::new(),
                content: Content::None,
            }),
        };
        let auth = match &words.auth {
            Some(auth) => self.auth(auth.as_ref(), &auth.span())?,
            None => {
                return Err(self.wrong(
                    &span,
                    "it does not say who asks",
                    "add [http.auth] with `kind`; `kind = \"none\"` where the tool asks nobody",
                ));
            }
        };
        let requests = self.requests()?;
        let sweeps = self.sweeps()?;
        let counts = self.counts()?;
        let secrets = self
            .manifest
            .settings
            .iter()
            .filter(|(_, setting)| setting.kind == SettingKind::Secret)
            .map(|(name, _)| name.clone())
            .collect();
        Ok(AskingPlan { base, rate, headers, errors, none, incomplete, check, auth, requests, sweeps, counts, secrets })
    }

    fn error_rule(&self, rule: &Spanned<ErrorWords>) -> Result<ErrorRule, ManifestError> {
        let (span, rule) = (rule.span(), rule.as_ref());
        Ok(ErrorRule {
            at: self.field(&rule.at, &span)?,
            unless: rule.unless.clone(),
            message: rule.message.as_deref().map(|path| self.field(path, &span)).transpose()?,
        })
    }

    fn auth(&self, words: &AuthWords, span: &Range<usize>) -> Result<Auth, ManifestError> {
        let text = |text: &str| self.template(text, span);
        Ok(match words {
            AuthWords::None => Auth::None,
            AuthWords::Basic { user, password } => Auth::Basic(text(user)?, text(password)?),
            AuthWords::Bearer { token } => Auth::Bearer(text(token)?),
            AuthWords::Header { name, value } => Auth::Header(name.clone(), text(value)?),
            AuthWords::Query { name, value } => Auth::Query(name.clone(), text(value)?),
            AuthWords::Oauth2ClientCredentials { token_path, client_id, client_secret, scope } => {
                let mut form = vec![
                    ("grant_type".into(), text("client_credentials")?),
                    ("client_id".into(), text(client_id)?),
                    ("client_secret".into(), text(client_secret)?),
                ];
                if let Some(scope) = scope {
                    form.push(("scope".into(), text(scope)?));
                }
                let ask = AskPlan {
                    method: Method::Post,
                    path: text(token_path)?,
                    query: Vec::new(),
                    headers: Vec::new(),
                    content: Content::Form(form),
                };
                let token = Some(self.field("/access_token", span)?);
                Auth::Login(Box::new(LoginPlan { ask, token, cookie: None, bearer: true, logout: None }))
            }
            AuthWords::Login { path, method, headers, body, form, token, cookie, logout } => {
                if token.is_some() == cookie.is_some() {
                    return Err(self.wrong(
                        span,
                        "a login gives either a `token` or a `cookie`",
                        "write `token = \"/pointer\"` or `cookie = \"name\"`, one of the two",
                    ));
                }
                let ask = AskPlan {
                    method: method_of(*method),
                    path: text(path)?,
                    query: Vec::new(),
                    headers: self.pairs(headers, span)?,
                    content: self.content(body.as_ref(), form.as_deref(), None, span)?,
                };
                let logout = logout
                    .as_ref()
                    .map(|words| {
                        Ok(AskPlan {
                            method: method_of(words.method),
                            path: text(&words.path)?,
                            query: Vec::new(),
                            headers: Vec::new(),
                            content: self.content(words.body.as_ref(), None, None, span)?,
                        })
                    })
                    .transpose()?;
                Auth::Login(Box::new(LoginPlan {
                    ask,
                    token: token.as_deref().map(|path| self.field(path, span)).transpose()?,
                    cookie: cookie.clone(),
                    bearer: false,
                    logout,
                }))
            }
        })
    }

    fn sweeps(&self) -> Result<Vec<SweepPlan>, ManifestError> {
        let plan = |(table, spanned): (&Table, &Spanned<super::asking_words::SweepWords>)| {
            let (span, words) = (spanned.span(), spanned.as_ref());
            let of = self.named_request(&words.request, &span)?;
            let every = duration::parse(&words.every).ok_or_else(|| {
                self.wrong(&span, format!("`{}` is no duration", words.every), "write `every = \"7d\"`")
            })?;
            Ok(SweepPlan {
                table: *table,
                request: words.request.clone(),
                rows: self.rows(words.rows.as_deref().or(of.rows.as_deref()).unwrap_or_default(), &span)?,
                key: self.field(&words.key, &span)?,
                every: every.0,
            })
        };
        self.manifest.sweeps.iter().map(plan).collect()
    }

    fn counts(&self) -> Result<Vec<CountPlan>, ManifestError> {
        let plan = |(table, spanned): (&Table, &Spanned<super::asking_words::CountWords>)| {
            let (span, words) = (spanned.span(), spanned.as_ref());
            let request = self.named_request(&words.request, &span)?;
            if request.window.is_none() || !matches!(request.complete, Some(AnswerCompleteWords::Total { .. })) {
                return Err(self.wrong(
                    &span,
                    format!("[request.{}] cannot count months", words.request),
                    "it needs a window, and `complete = { kind = \"total\", … }` says where the number stands",
                ));
            }
            let instant = table.column(&words.column).is_some_and(|c| c.kind == crate::model::ColumnType::Instant);
            if !instant {
                return Err(self.wrong(
                    &span,
                    format!("{} has no instant `{}`", table.name(), words.column),
                    "name the column by which rows belong to a month, as `opened_at`",
                ));
            }
            Ok(CountPlan { table: *table, request: words.request.clone(), column: words.column.clone() })
        };
        self.manifest.counts.iter().map(plan).collect()
    }

    pub(super) fn named_request(&self, name: &str, span: &Range<usize>) -> Result<&RequestWords, ManifestError> {
        let requests = &self.manifest.requests;
        requests.get(name).map(Spanned::as_ref).ok_or_else(|| {
            let hint = nearest(name, requests.keys().map(String::as_str))
                .map_or_else(|| format!("add [request.{name}]"), |near| format!("did you mean `{near}`?"));
            self.wrong(span, format!("there is no request `{name}`"), hint)
        })
    }

    pub(super) fn content(
        &self,
        body: Option<&toml::Table>,
        form: Option<&[Pair]>,
        text: Option<&str>,
        span: &Range<usize>,
    ) -> Result<Content, ManifestError> {
        match (body, form, text) {
            (None, None, None) => Ok(Content::None),
            (Some(body), None, None) => Ok(Content::Json(self.object(body, span)?)),
            (None, Some(form), None) => Ok(Content::Form(self.pairs(form, span)?)),
            (None, None, Some(text)) => Ok(Content::Text(self.template(text, span)?)),
            _ => Err(self.wrong(
                span,
                "it sends more than one of `body`, `body_text` and `form`",
                "a request sends one of them",
            )),
        }
    }

    fn object(&self, table: &toml::Table, span: &Range<usize>) -> Result<JsonTemplate, ManifestError> {
        let members = table.iter().map(|(name, value)| Ok((name.clone(), self.json(value, span)?)));
        members.collect::<Result<_, _>>().map(JsonTemplate::Object)
    }

    fn json(&self, value: &toml::Value, span: &Range<usize>) -> Result<JsonTemplate, ManifestError> {
        Ok(match value {
            toml::Value::Table(table) => self.object(table, span)?,
            toml::Value::Array(list) => {
                JsonTemplate::List(list.iter().map(|value| self.json(value, span)).collect::<Result<_, _>>()?)
            }
            toml::Value::String(text) => JsonTemplate::Text(self.template(text, span)?),
            toml::Value::Integer(number) => JsonTemplate::Plain((*number).into()),
            toml::Value::Float(number) => JsonTemplate::Plain((*number).into()),
            toml::Value::Boolean(flag) => JsonTemplate::Plain((*flag).into()),
            toml::Value::Datetime(_) => {
                return Err(self.wrong(span, "JSON has no dates", "write the date as a text"));
            }
        })
    }

    pub(super) fn pairs(&self, pairs: &[Pair], span: &Range<usize>) -> Result<Vec<(String, Template)>, ManifestError> {
        pairs.iter().map(|pair| self.pair(pair, span)).collect()
    }

    fn pair(&self, (name, text): &Pair, span: &Range<usize>) -> Result<(String, Template), ManifestError> {
        Ok((self.template(name, span)?.shown(), self.template(text, span)?))
    }

    pub(super) fn key(&self, words: &OneOrMore, span: &Range<usize>) -> Result<FieldPlan, ManifestError> {
        match words {
            OneOrMore::One(path) => Ok(FieldPlan::Path(self.field(path, span)?)),
            OneOrMore::More(paths) => {
                Ok(FieldPlan::Join(paths.iter().map(|path| self.field(path, span)).collect::<Result<_, _>>()?))
            }
        }
    }

    pub(super) fn rows(&self, text: &str, span: &Range<usize>) -> Result<RowPath, ManifestError> {
        let text = self.template(text, span)?.shown();
        RowPath::parse(&text).map_err(|message| self.wrong(span, message.to_string(), PATHS))
    }

    pub(super) fn field(&self, text: &str, span: &Range<usize>) -> Result<FieldPath, ManifestError> {
        let text = self.template(text, span)?.shown();
        FieldPath::parse(&text).map_err(|message| self.wrong(span, message.to_string(), PATHS))
    }

    pub(super) fn template(&self, text: &str, span: &Range<usize>) -> Result<Template, ManifestError> {
        self.manifest
            .template(text, self.settings)
            .map_err(|message| self.wrong(span, message, "settings stand in [settings.*]"))
    }

    pub(super) fn wrong(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> ManifestError {
        self.manifest.wrong(span, message, hint)
    }
}

/// Where paths are described.
pub(super) const PATHS: &str = "connectors/README.md shows how rows and fields are named";

impl Manifest {
    /// Reads a text with `{setting}` and slots in it.
    pub(super) fn template(&self, text: &str, settings: &BTreeMap<String, String>) -> Result<Template, String> {
        Template::parse(text, |name| match self.settings.get(name) {
            Some(setting) if setting.kind == SettingKind::Secret => template::Setting::Secret,
            Some(_) => settings.get(name).map_or(template::Setting::Missing, |value| template::Setting::Known(value)),
            None => template::Setting::Missing,
        })
    }
}

impl AskingPlan {
    /// Returns a request by its name.
    pub fn request(&self, name: &str) -> Option<&RequestPlan> {
        self.requests.iter().find(|request| request.name == name)
    }

    /// Tells whether a request only counts: its answers hold a total, and no records that rows are made of.
    pub fn only_counts(&self, request: &str) -> bool {
        self.counts.iter().any(|count| count.request == request)
    }
}

impl AskPlan {
    fn templates(&self) -> Vec<&Template> {
        fn of_json<'a>(json: &'a JsonTemplate, found: &mut Vec<&'a Template>) {
            match json {
                JsonTemplate::Object(members) => members.iter().for_each(|(_, json)| of_json(json, found)),
                JsonTemplate::List(list) => list.iter().for_each(|json| of_json(json, found)),
                JsonTemplate::Text(template) => found.push(template),
                JsonTemplate::Plain(_) => {}
            }
        }
        let mut found = vec![&self.path];
        found.extend(self.query.iter().chain(&self.headers).map(|(_, template)| template));
        match &self.content {
            Content::None => {}
            Content::Json(json) => of_json(json, &mut found),
            Content::Form(form) => found.extend(form.iter().map(|(_, template)| template)),
            Content::Text(text) => found.push(text),
        }
        found
    }

    /// Returns the slots that it has.
    pub fn slots(&self) -> BTreeSet<Slot> {
        self.templates().into_iter().flat_map(Template::slots).collect()
    }

    /// Returns the parts of a value that it names.
    pub(super) fn parts(&self) -> BTreeSet<String> {
        self.templates().into_iter().flat_map(Template::parts).map(str::to_owned).collect()
    }

    /// Returns all of its texts, one after the other.
    pub(super) fn shown(&self) -> String {
        let names = self.query.iter().map(|(name, _)| name.clone());
        names.chain(self.templates().into_iter().map(Template::shown)).collect::<Vec<_>>().join(" ")
    }
}

impl Paging {
    /// Returns how many records are asked for in one page.
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Page { rows, .. } | Self::Offset { rows, .. } | Self::Window { rows, .. } => Some(*rows),
            Self::Cursor { rows, .. } | Self::LastRow { rows, .. } | Self::Link { rows, .. } => *rows,
        }
    }
}

pub(super) const fn method_of(word: MethodWord) -> Method {
    match word {
        MethodWord::Get => Method::Get,
        MethodWord::Post => Method::Post,
    }
}
