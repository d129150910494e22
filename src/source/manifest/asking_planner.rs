//! From the words of `[http]`, `[request.*]`, `[sweep.*]` and `[count.*]` to what is asked.
//!
//! Every rule that the shape of the TOML cannot hold is checked here. Must not open sockets.

use super::asking::{
    AnswerComplete, AskPlan, AskingPlan, Auth, Content, CountPlan, EachPlan, End, ErrorRule, JsonTemplate, LastRule,
    LinkPlace, LoginPlan, NoneRule, Paging, RequestPlan, StampFormat, SweepPlan, TotalPlace, WindowPlan,
};
use super::asking_words::{
    AnswerCompleteWords, AuthWords, ErrorWords, DecodeWord, EachWords, HttpWords, LastWords, MethodWord, Pair,
    PagingWords, RequestWords, StopWord, WindowKind, WindowWords,
};
use super::template::{Slot, Template};
use super::words::OneOrMore;
use super::{Manifest, ManifestError, SettingKind, nearest, template};
use crate::model::{Table, duration};
use crate::source::decode::{FieldPath, FieldPlan, Format, RowPath};
use crate::source::http::{Method, Rate};
use crate::source::instant::InstantReader;
use crate::source::manifest::Dialect;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// Overlaps are at least this long: clocks and indexes of tools are late by minutes.
const LEAST_OVERLAP: i64 = 600;

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

struct AskingPlanner<'a> {
    manifest: &'a Manifest,
    settings: &'a BTreeMap<String, String>,
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
        let headers = words
            .headers
            .iter()
            .map(|pair| self.pair(pair.as_ref(), &pair.span()))
            .collect::<Result<_, _>>()?;
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

    /// Plans the requests, each behind those that it follows.
    fn requests(&self) -> Result<Vec<RequestPlan>, ManifestError> {
        let mut waiting: BTreeMap<&str, RequestPlan> = BTreeMap::new();
        for (name, words) in &self.manifest.requests {
            if self.manifest.wanted(name, self.settings)? {
                waiting.insert(name, self.request(name, words)?);
            }
        }
        let mut planned: Vec<RequestPlan> = Vec::new();
        while !waiting.is_empty() {
            let free = waiting.iter().find(|(_, plan)| {
                plan.each.as_ref().is_none_or(|each| planned.iter().any(|done| done.name == each.request))
            });
            let Some(name) = free.map(|(name, _)| *name) else {
                let (name, _) = waiting.iter().next().unwrap_or((&"", self.first_request()?));
                let span = self.manifest.requests.get(*name).map_or(0..0, Spanned::span);
                return Err(self.wrong(&span, "requests follow each other in a circle", "let one of them stand alone"));
            };
            planned.extend(waiting.remove(name));
        }
        Ok(planned)
    }

    fn request(&self, name: &str, spanned: &Spanned<RequestWords>) -> Result<RequestPlan, ManifestError> {
        let (span, words) = (spanned.span(), spanned.as_ref());
        let ask = AskPlan {
            method: method_of(words.method),
            path: self.template(&words.path, &span)?,
            query: self.pairs(&words.query, &span)?,
            headers: self.pairs(&words.headers, &span)?,
            content: self.content(words.body.as_ref(), words.form.as_deref(), words.body_text.as_deref(), &span)?,
        };
        let plan = RequestPlan {
            name: name.to_owned(),
            rows: self.rows(words.rows.as_deref().unwrap_or_default(), &span)?,
            names: words.names.as_deref().map(|names| self.rows(names, &span)).transpose()?,
            may_lack_rows: words.may_lack_rows,
            key: words.key.as_ref().map(|key| self.key(key, &span)).transpose()?,
            order: words.ordered.clone().unwrap_or_else(|| words.order.join(", ")),
            each: words.each.as_ref().map(|each| self.each(each, &span)).transpose()?,
            window: words.window.as_ref().map(|window| self.window(window, &span)).transpose()?,
            paging: self.paging(words.paging.as_ref(), &span)?,
            complete: self.complete(name, words.complete.as_ref(), &span)?,
            format: match words.decode {
                DecodeWord::Json => Format::Json,
                DecodeWord::Ndjson => Format::Ndjson,
                DecodeWord::Parquet => Format::Parquet,
                DecodeWord::Metrics => Format::Metrics,
                DecodeWord::Csv => Format::Csv(Dialect { delimiter: b',', quote: Some(b'"'), header: true }),
            },
            ask,
        };
        self.fits(&plan, &words.order, &span)?;
        Ok(plan)
    }

    /// Checks that slots, paging, window and order belong together.
    fn fits(&self, plan: &RequestPlan, order: &[String], span: &Range<usize>) -> Result<(), ManifestError> {
        let slots = plan.ask.slots();
        let has = |slot| slots.contains(&slot);
        let name = &plan.name;
        let needs = match plan.paging {
            Paging::None | Paging::Link { .. } => None,
            Paging::Page { .. } => Some(Slot::PageNumber),
            Paging::Offset { .. } => Some(Slot::PageOffset),
            Paging::Cursor { .. } | Paging::LastRow { .. } => Some(Slot::PageCursor),
            Paging::Window { .. } => Some(Slot::WindowFrom),
        };
        if let Some(slot) = needs.filter(|slot| !has(*slot)) {
            let word = slot.word();
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and never says `{{{word}}}`"),
                format!("put `{{{word}}}` into its query or body, else every page would be the first"),
            ));
        }
        let others = [
            (Slot::PageNumber, matches!(plan.paging, Paging::Page { .. })),
            (Slot::PageOffset, matches!(plan.paging, Paging::Offset { .. } | Paging::Window { .. })),
            (Slot::PageLast, matches!(plan.paging, Paging::Offset { .. } | Paging::Window { .. })),
            (Slot::PageCursor, matches!(plan.paging, Paging::Cursor { .. } | Paging::LastRow { .. })),
            (Slot::PageRows, plan.paging.rows().is_some()),
            (Slot::WindowFrom, plan.window.is_some()),
            (Slot::WindowTo, plan.window.is_some()),
            (Slot::Each, plan.each.is_some()),
        ];
        if let Some((slot, _)) = others.iter().find(|(slot, filled)| has(*slot) && !filled) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] says `{{{}}}`, which nothing fills", slot.word()),
                "its paging, window or `each` must give it",
            ));
        }
        let present = plan.window.as_ref().is_some_and(|window| window.kind == WindowKind::Present);
        if plan.window.is_some() && !present && !has(Slot::WindowFrom) && !has(Slot::WindowTo) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] has a window and never says `{{window.from}}`"),
                "put it into the query or body, or leave the window out",
            ));
        }
        let parts = plan.each.as_ref().map(|each| &each.values);
        let unknown = plan.ask.parts().into_iter().find(|part| {
            !parts.is_some_and(|parts| parts.iter().any(|(name, _)| name == part))
        });
        if let Some(part) = unknown {
            return Err(self.wrong(
                span,
                format!("[request.{name}] says `{{each.{part}}}`, which nothing fills"),
                format!("add `{part}` to `values` of its `each`"),
            ));
        }
        if plan.each.is_some() && !has(Slot::Each) {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is made for each value and never says `{{each}}`"),
                "put it into the path, query or body",
            ));
        }
        if let Paging::Window { .. } = plan.paging
            && plan.window.as_ref().is_none_or(|window| window.kind != WindowKind::Changed)
        {
            return Err(self.wrong(
                span,
                "paging by `window` needs a window on the time of the last change",
                format!("add [request.{name}.window] with `kind = \"changed\"`"),
            ));
        }
        if !matches!(plan.paging, Paging::None) && plan.key.is_none() {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and does not say what identifies a record"),
                "add `key = \"/id\"`: records that come twice must be known",
            ));
        }
        if matches!(plan.paging, Paging::None) {
            return Ok(());
        }
        if plan.order.is_empty() {
            return Err(self.wrong(
                span,
                format!("[request.{name}] is paged and does not say by what the tool sorts"),
                "add `order = [\"updated\", \"id\"]` and let the request ask for it; where the tool has one order, say it in `ordered`",
            ));
        }
        let said = plan.ask.shown();
        if let Some(word) = order.iter().find(|word| !said.contains(word.as_str())) {
            return Err(self.wrong(
                span,
                format!("`order` names `{word}`, which the request does not say"),
                "ask for the order in the query or body; where the tool has one order, say it in `ordered`",
            ));
        }
        Ok(())
    }

    fn paging(&self, words: Option<&PagingWords>, span: &Range<usize>) -> Result<Paging, ManifestError> {
        let Some(words) = words else {
            return Err(self.wrong(
                span,
                "it does not say how its pages follow each other",
                "add `paging = { kind = \"none\" }`, or page, offset, cursor, next_link or window",
            ));
        };
        let last = |last: &Option<LastWords>| {
            last.as_ref().map(|last| Ok(LastRule { at: self.field(&last.at, span)?, is: last.is.clone() })).transpose()
        };
        let end = |words: &Option<LastWords>, stop: Option<StopWord>| {
            Ok(End { last: last(words)?, short_page: stop == Some(StopWord::ShortPage) })
        };
        Ok(match words {
            PagingWords::None => Paging::None,
            PagingWords::Page { rows, first, last, stop } => {
                Paging::Page { rows: (*rows).max(1), first: *first, end: end(last, *stop)? }
            }
            PagingWords::Offset { rows, last, stop } => Paging::Offset { rows: (*rows).max(2), end: end(last, *stop)? },
            PagingWords::Cursor { rows, from, last_row, plus_one, last: words } => match (from, last_row) {
                (Some(from), None) if !plus_one => {
                    Paging::Cursor { rows: *rows, at: self.field(from, span)?, last: last(words)? }
                }
                (None, Some(row)) if words.is_none() => {
                    Paging::LastRow { rows: *rows, at: self.field(row, span)?, plus_one: *plus_one }
                }
                _ => {
                    return Err(self.wrong(
                        span,
                        "a cursor comes either from the answer (`from`, with `last` if need be) or from its last record (`last_row`, with `plus_one` if need be)",
                        "write one of the two",
                    ));
                }
            },
            PagingWords::NextLink { rows, from, header, stable } => {
                let at = match (from, header) {
                    (Some(from), None) => LinkPlace::Body(self.field(from, span)?),
                    (None, Some(header)) => LinkPlace::Header(header.clone()),
                    _ => {
                        return Err(self.wrong(
                            span,
                            "the next link stands either in the answer or in a header",
                            "write `from = \"/next\"` or `header = \"link\"`, one of the two",
                        ));
                    }
                };
                Paging::Link { rows: *rows, at, stable: *stable }
            }
            PagingWords::Window { rows, stamp, stamp_format, stamp_zone } => {
                let text = |text: &str| self.template(text, span).map(|template| template.shown());
                let reader = InstantReader::new(&text(stamp_format)?, &text(stamp_zone)?, false)
                    .map_err(|message| self.wrong(span, message, "connectors/README.md lists formats and zones"))?;
                Paging::Window { rows: (*rows).max(2), stamp: self.field(stamp, span)?, reader }
            }
        })
    }

    fn complete(
        &self,
        name: &str,
        words: Option<&AnswerCompleteWords>,
        span: &Range<usize>,
    ) -> Result<AnswerComplete, ManifestError> {
        Ok(match words {
            None => {
                return Err(self.wrong(
                    span,
                    format!("[request.{name}] does not say how completeness is known"),
                    "add `complete = { kind = \"total\", at = \"/total\" }`, last_page, whole_answer or unknowable",
                ));
            }
            Some(AnswerCompleteWords::Total { at, header }) => {
                AnswerComplete::Total(self.total(at.as_deref(), header.as_deref(), span)?)
            }
            Some(AnswerCompleteWords::LastPage) => AnswerComplete::LastPage,
            Some(AnswerCompleteWords::WholeAnswer { at_most }) => AnswerComplete::WholeAnswer { at_most: *at_most },
            Some(AnswerCompleteWords::Unknowable { reason }) => AnswerComplete::Unknowable { reason: reason.clone() },
        })
    }

    fn total(&self, at: Option<&str>, header: Option<&str>, span: &Range<usize>) -> Result<TotalPlace, ManifestError> {
        match (at, header) {
            (Some(at), None) => Ok(TotalPlace::Body(self.field(at, span)?)),
            (None, Some(header)) => Ok(TotalPlace::Header(header.to_owned())),
            _ => Err(self.wrong(
                span,
                "a total stands either in the answer or in a header",
                "write `at = \"/total\"` or `header = \"X-Total-Count\"`, one of the two",
            )),
        }
    }

    fn window(&self, words: &WindowWords, span: &Range<usize>) -> Result<WindowPlan, ManifestError> {
        let length = |text: &str| {
            duration::parse(text)
                .map(|seconds| seconds.0)
                .ok_or_else(|| self.wrong(span, format!("`{text}` is no duration"), "write `10m`, `1h` or `31d`"))
        };
        let zone = self.template(&words.zone, span)?.shown();
        let zone = zone.parse().map_err(|_| {
            self.wrong(span, format!("`{zone}` is no IANA zone"), "write `UTC`, `Europe/Berlin` or `{zone}`")
        })?;
        let overlap = length(&words.overlap)?;
        if overlap < LEAST_OVERLAP {
            return Err(self.wrong(span, "the overlap is shorter than 10 minutes", "clocks differ: write at least `10m`"));
        }
        Ok(WindowPlan {
            kind: words.kind,
            format: match words.format.as_str() {
                "rfc3339" => StampFormat::Rfc3339,
                "unix" => StampFormat::Unix,
                "unix_ms" => StampFormat::UnixMillis,
                format => StampFormat::Local(format.to_owned(), zone),
            },
            step: words.step.as_deref().map(length).transpose()?.map(|step| step.max(60)),
            align: words.align.as_deref().map(length).transpose()?.map(|align| align.max(1)),
            zone,
            overlap,
            settle: words.settle.as_deref().map(length).transpose()?.unwrap_or(0),
        })
    }

    fn each(&self, words: &EachWords, span: &Range<usize>) -> Result<EachPlan, ManifestError> {
        let of = self.named_request(&words.request, span)?;
        let values = match &words.value {
            Some(value) if words.values.is_empty() => vec![(String::new(), self.field(value, span)?)],
            None if !words.values.is_empty() && words.slice == 1 => words
                .values
                .iter()
                .map(|(name, path)| Ok((name.clone(), self.field(path, span)?)))
                .collect::<Result<_, _>>()?,
            _ => {
                return Err(self.wrong(
                    span,
                    "`each` takes one `value`, or `values` by name without a slice",
                    "write `value = \"/id\"`, or `values = { host = \"/host\", service = \"/name\" }`",
                ));
            }
        };
        Ok(EachPlan {
            request: words.request.clone(),
            rows: self.rows(words.rows.as_deref().or(of.rows.as_deref()).unwrap_or_default(), span)?,
            values,
            slice: words.slice.max(1),
            at_most: words.at_most,
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
            self.named_request(&words.request, &span)?;
            let instant = table.column(&words.column).is_some_and(|c| c.kind == crate::model::ColumnType::Instant);
            if !instant {
                return Err(self.wrong(
                    &span,
                    format!("{} has no instant `{}`", table.name(), words.column),
                    "name the column by which rows belong to a month, as `opened_at`",
                ));
            }
            Ok(CountPlan {
                table: *table,
                request: words.request.clone(),
                at: self.total(words.at.as_deref(), words.header.as_deref(), &span)?,
                column: words.column.clone(),
            })
        };
        self.manifest.counts.iter().map(plan).collect()
    }

    fn named_request(&self, name: &str, span: &Range<usize>) -> Result<&RequestWords, ManifestError> {
        let requests = &self.manifest.requests;
        requests.get(name).map(Spanned::as_ref).ok_or_else(|| {
            let hint = nearest(name, requests.keys().map(String::as_str))
                .map_or_else(|| format!("add [request.{name}]"), |near| format!("did you mean `{near}`?"));
            self.wrong(span, format!("there is no request `{name}`"), hint)
        })
    }

    fn content(
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

    fn pairs(&self, pairs: &[Pair], span: &Range<usize>) -> Result<Vec<(String, Template)>, ManifestError> {
        pairs.iter().map(|pair| self.pair(pair, span)).collect()
    }

    fn pair(&self, (name, text): &Pair, span: &Range<usize>) -> Result<(String, Template), ManifestError> {
        Ok((self.template(name, span)?.shown(), self.template(text, span)?))
    }

    fn key(&self, words: &OneOrMore, span: &Range<usize>) -> Result<FieldPlan, ManifestError> {
        match words {
            OneOrMore::One(path) => Ok(FieldPlan::Path(self.field(path, span)?)),
            OneOrMore::More(paths) => {
                Ok(FieldPlan::Join(paths.iter().map(|path| self.field(path, span)).collect::<Result<_, _>>()?))
            }
        }
    }

    fn rows(&self, text: &str, span: &Range<usize>) -> Result<RowPath, ManifestError> {
        let text = self.template(text, span)?.shown();
        RowPath::parse(&text).map_err(|message| self.wrong(span, message.to_string(), PATHS))
    }

    fn field(&self, text: &str, span: &Range<usize>) -> Result<FieldPath, ManifestError> {
        let text = self.template(text, span)?.shown();
        FieldPath::parse(&text).map_err(|message| self.wrong(span, message.to_string(), PATHS))
    }

    fn template(&self, text: &str, span: &Range<usize>) -> Result<Template, ManifestError> {
        self.manifest
            .template(text, self.settings)
            .map_err(|message| self.wrong(span, message, "settings stand in [settings.*]"))
    }

    fn first_request(&self) -> Result<&RequestPlan, ManifestError> {
        Err(self.wrong(&(0..0), "there is no request", "add [request.<name>]"))
    }

    fn wrong(&self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> ManifestError {
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
    fn parts(&self) -> BTreeSet<String> {
        self.templates().into_iter().flat_map(Template::parts).map(str::to_owned).collect()
    }

    /// Returns all of its texts, one after the other.
    fn shown(&self) -> String {
        self.templates().into_iter().map(Template::shown).collect::<Vec<_>>().join(" ")
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

const fn method_of(word: MethodWord) -> Method {
    match word {
        MethodWord::Get => Method::Get,
        MethodWord::Post => Method::Post,
    }
}
