//! The requests that a pull would make, composed with the names of secrets and never sent.
//!
//! Must not open sockets and must not read a secret.

use super::asked::{Order, settings, span};
use super::trial::planned;
use crate::source::SourceError;
use crate::source::ask::compose::{Composer, Moment, Secrets};
use crate::source::ask::fetch::windows;
use crate::source::ask::pager::Pager;
use crate::source::ask::window::Window;
use crate::source::manifest::AskPlan;
use std::collections::BTreeMap;

/// What a pull would ask.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Questions before the lists: a login, a check.
    pub before: Vec<String>,
    /// The lists, in the order in which they would be asked.
    pub requests: Vec<PlannedRequest>,
}

/// The first page of a list, and how it goes on.
#[derive(Clone, Debug)]
pub struct PlannedRequest {
    /// Its name.
    pub name: String,
    /// Method and address.
    pub line: String,
    /// What is sent along.
    pub body: Option<String>,
    /// What leads from page to page, in words.
    pub goes_on: String,
    /// How completeness is known, in words.
    pub complete: String,
    /// For what it is made again and again, in words; `None` where it is made once.
    pub each: Option<String>,
    /// How many windows it is made for.
    pub windows: usize,
    /// The first window.
    pub window: Option<Window>,
}

/// Composes the first page of every list that a pull would ask for.
pub fn preview(order: &Order<'_>) -> Result<Preview, SourceError> {
    let (manifest, _, asking) = planned(order)?;
    let filled = manifest.fill(&order.source.settings).map_err(|message| settings(order.source, message))?;
    // In the place of each secret that is given stands its name: a plan needs no secret, and tells none.
    let secrets = Secrets {
        by_name: asking
            .secrets
            .iter()
            .filter(|name| filled.get(*name).is_some_and(|place| !place.is_empty()))
            .map(|name| (name.clone(), format!("{{{name}}}").into()))
            .collect(),
        token: None,
    };
    let composer = Composer { plan: &asking, secrets: &secrets };
    let asked = span(order, &asking, false, order.now);
    let alone = |what: &str, ask: &AskPlan| format!("{what}: {} {}", ask.method.word(), ask.path.shown());
    let mut before = Vec::new();
    if let crate::source::manifest::Auth::Login(login) = &asking.auth {
        before.push(alone("login", &login.ask));
    }
    before.extend(asking.check.iter().map(|check| alone("check", check)));
    let mut requests = Vec::new();
    for request in &asking.requests {
        let windows = windows(&asking, &asked, request, chrono::TimeDelta::zero());
        let window = windows.first().copied().flatten();
        let pager = Pager::new(request, window.map(|window| window.from.timestamp_millis()));
        let parts: BTreeMap<String, String> = request
            .each
            .iter()
            .flat_map(|each| &each.values)
            .map(|(name, _)| (name.clone(), format!("{{each.{name}}}")))
            .collect();
        let each = request.each.iter().map(|_| "{each}".to_owned()).collect();
        let moment = Moment { at: pager.position().clone(), window, each, parts };
        let shown = composer.shown(request, &moment).map_err(|message| settings(order.source, message))?;
        requests.push(PlannedRequest {
            name: request.name.clone(),
            line: shown.line,
            body: shown.body.map(|body| body.replace("%7Beach%7D", "{each}")),
            goes_on: request.paging.in_words(),
            complete: request.complete.in_words(),
            each: request.each.as_ref().map(crate::source::manifest::EachPlan::in_words),
            windows: windows.len(),
            window,
        });
    }
    Ok(Preview { before, requests })
}
