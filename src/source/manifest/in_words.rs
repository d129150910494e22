//! What a connector does, in sentences: for plans, for `connector show` and for its page of the documentation.
//!
//! Reads plans only. Must not ask anybody anything.

use super::asking::{AnswerComplete, Auth, EachPlan, LinkPlace, Paging, TotalPlace, WindowPlan};
use super::{Manifest, ManifestError, WindowKind};
use crate::model::duration::write;
use std::collections::BTreeMap;

/// One request of a connector, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestInWords {
    /// Its name.
    pub name: String,
    /// Method and path.
    pub asked: String,
    /// For what it is made again and again.
    pub each: Option<String>,
    /// What leads from page to page.
    pub paging: String,
    /// By what the tool sorts.
    pub order: String,
    /// What an incremental pull asks.
    pub window: String,
    /// How completeness is known.
    pub complete: String,
}

/// What a connector that asks a tool does, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskingInWords {
    /// Who asks, as secrets' names.
    pub auth: String,
    /// A question that must succeed before all others.
    pub check: Option<String>,
    /// How often the tool is asked at most.
    pub rate: String,
    /// The requests.
    pub requests: Vec<RequestInWords>,
    /// Requests that are made only where a setting is given, with that text of the manifest.
    pub only_with: Vec<(String, String)>,
    /// How rows that were deleted are found, a sentence each.
    pub sweeps: Vec<String>,
}

impl Manifest {
    /// Returns values that stand in for settings: their defaults, else a value of their kind.
    pub fn stand_ins(&self) -> BTreeMap<String, String> {
        use super::SettingKind::{Secret, Text, Url, Zone};
        self.settings
            .iter()
            .map(|(name, setting)| {
                let value = match (&setting.default, setting.kind) {
                    (Some(default), _) => default.clone(),
                    (None, Zone) => "UTC".into(),
                    (None, Text) => name.clone(),
                    (None, Url) => "https://tool.example".into(),
                    (None, Secret) => "env:SECRET".into(),
                };
                (name.clone(), value)
            })
            .collect()
    }

    /// Says what it asks of its tool; `None` where it reads files.
    pub fn asking_in_words(&self) -> Result<Option<AskingInWords>, ManifestError> {
        let Some(asking) = self.asking(&self.stand_ins())? else { return Ok(None) };
        let requests = asking
            .requests
            .iter()
            .map(|request| RequestInWords {
                name: request.name.clone(),
                asked: format!("{} {}", request.ask.method.word(), request.ask.path.shown()),
                each: request.each.as_ref().map(EachPlan::in_words),
                paging: request.paging.in_words(),
                order: request.order.clone(),
                window: request
                    .window
                    .as_ref()
                    .map_or_else(|| "everything, at every pull".into(), WindowPlan::in_words),
                complete: request.complete.in_words(),
            })
            .collect();
        let left_out = self.requests.iter().filter(|(name, _)| asking.requests.iter().all(|plan| plan.name != **name));
        let only_with =
            left_out.map(|(name, words)| (name.clone(), words.as_ref().when.clone().unwrap_or_default())).collect();
        Ok(Some(AskingInWords {
            auth: asking.auth.in_words(),
            check: asking.check.as_ref().map(|check| format!("{} {}", check.method.word(), check.path.shown())),
            rate: self.http.as_ref().map(|http| http.as_ref().rate.as_ref().clone()).unwrap_or_default(),
            requests,
            only_with,
            sweeps: asking
                .sweeps
                .iter()
                .map(|sweep| {
                    format!(
                        "{}: every {} all keys of `{}` are listed",
                        sweep.table.name(),
                        write(sweep.every),
                        sweep.request
                    )
                })
                .collect(),
        }))
    }
}

impl Auth {
    /// Says who asks, with the names of secrets.
    fn in_words(&self) -> String {
        match self {
            Self::None => "nobody in particular".into(),
            Self::Basic(user, password) => format!("user and password (Basic): {}, {}", user.shown(), password.shown()),
            Self::Bearer(token) => format!("a token (Bearer): {}", token.shown()),
            Self::Header(name, value) => format!("the header {name}: {}", value.shown()),
            Self::Query(name, value) => format!("the pair {name}={} of the query", value.shown()),
            Self::Login(login) => {
                let out = if login.logout.is_some() { ", with a log-out at the end" } else { "" };
                format!("a login by {} {}{out}", login.ask.method.word(), login.ask.path.shown())
            }
        }
    }
}

impl EachPlan {
    /// Says for what a request is made.
    pub fn in_words(&self) -> String {
        let of = match &self.values[..] {
            [(name, path)] if name.is_empty() => format!("`{path}`"),
            values => values.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(" and "),
        };
        let many = if self.slice > 1 { format!("{} values at a time of", self.slice) } else { "each".into() };
        format!("{many} {of} of the records of `{}`, at most {} values", self.request, self.at_most)
    }
}

impl Paging {
    /// Says what leads from page to page.
    pub fn in_words(&self) -> String {
        let of = |rows: &Option<u64>| rows.map(|rows| format!(" of {rows}")).unwrap_or_default();
        match self {
            Self::None => "one answer, no pages".into(),
            Self::Page { rows, .. } => format!("numbered pages of {rows}"),
            Self::Offset { rows, .. } => {
                format!("pages of {rows} by offset, each beginning with the last record of the one before")
            }
            Self::Cursor { rows, at, .. } => format!("pages{} by the cursor at `{at}` of each answer", of(rows)),
            Self::LastRow { rows, at, .. } => format!("pages{} from `{at}` of the last record on", of(rows)),
            Self::Link { rows, at: LinkPlace::Body(at), .. } => {
                format!("pages{} by the link at `{at}` of each answer", of(rows))
            }
            Self::Link { rows, at: LinkPlace::Header(name), .. } => {
                format!("pages{} by the link in the header `{name}`", of(rows))
            }
            Self::Window { rows, stamp, .. } => {
                format!("pages of {rows} from the time `{stamp}` of the last record on")
            }
        }
    }

    /// Asks for fewer records in a page, where it says how many.
    pub(crate) fn shrink(&mut self, most: u64) {
        match self {
            Self::None => {}
            Self::Page { rows, .. } | Self::Offset { rows, .. } | Self::Window { rows, .. } => *rows = most.min(*rows),
            Self::Cursor { rows, .. } | Self::LastRow { rows, .. } | Self::Link { rows, .. } => {
                *rows = rows.map(|rows| most.min(rows));
            }
        }
    }
}

impl AnswerComplete {
    /// Says how it is known that nothing is missing.
    pub fn in_words(&self) -> String {
        match self {
            Self::Total(TotalPlace::Body(at)) => format!("the tool's total at `{at}` must be what came"),
            Self::Total(TotalPlace::Header(name)) => {
                format!("the tool's total in the header `{name}` must be what came")
            }
            Self::LastPage => "the tool tells the last page".into(),
            Self::WholeAnswer { at_most: None } => "one answer holds all".into(),
            Self::WholeAnswer { at_most: Some(most) } => {
                format!("one answer holds all; {most} records mean that it was cut")
            }
            Self::Unknowable { reason } => format!("not to be known: {reason}"),
        }
    }
}

impl WindowPlan {
    /// Says what an incremental pull asks.
    pub fn in_words(&self) -> String {
        let overlap = write(self.overlap);
        let mut text = match self.kind {
            WindowKind::Changed => format!("what changed since the pull before began, and {overlap} earlier"),
            WindowKind::Span => format!("what happened since the pull before, and its last {overlap} again"),
            WindowKind::Present => "the present; what pulls before saw stays".into(),
        };
        if let Some(step) = self.step {
            text.push_str(&format!("; in slices of {}", write(step)));
        }
        if let Some(align) = self.align {
            text.push_str(&format!("; in whole steps of {}", write(align)));
        }
        if self.settle > 0 {
            text.push_str(&format!("; up to {} before now", write(self.settle)));
        }
        text
    }
}
