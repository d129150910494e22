//! A pull that asks a tool: what is asked, from where it goes on, and what becomes of the rows that were here before.
//!
//! Nothing is published unless all of it came. What came before a cut stays on disk and is not asked again.

use super::joined::Joined;
use crate::config::SourceConfig;
use crate::model::period::{midnight, rfc3339};
use crate::model::{Period, Pulled};
use crate::source::SourceError;
use crate::source::answers::Pages;
use crate::source::ask::AskError;
use crate::source::ask::asker::Asker;
use crate::source::ask::compose::Secrets;
use crate::source::ask::fetch::{Fetcher, Progress, Span};
use crate::source::ask::recording::{LIST, Recording};
use crate::source::ask::window::Window;
use crate::source::http::{Access, Cancel, Place, Retrying, Transport, Wire};
use crate::source::manifest::{AskingPlan, Manifest, TablePlan, hex};
use chrono::{DateTime, Months, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many months back the first pull goes where nothing else is said.
const MONTHS: u32 = 13;
/// How long the pages of an unfinished pull are gone on with.
const STALE_PAGES: TimeDelta = TimeDelta::hours(24);
/// The file that says what an unfinished pull is about.
const BEGUN: &str = "pull.json";

/// What a pull is to do.
pub struct Order<'a> {
    /// The source.
    pub source: &'a SourceConfig,
    /// The book's folder.
    pub book: &'a Path,
    /// Where unfinished pulls of the book lie.
    pub unfinished: &'a Path,
    /// The zone of the book's months.
    pub zone: Tz,
    /// Our clock at the beginning.
    pub now: DateTime<Utc>,
    /// Our clock.
    pub clock: &'a dyn Fn() -> DateTime<Utc>,
    /// What the last pull brought.
    pub before: Option<&'a Before>,
    /// Only this time is asked.
    pub period: Option<Period>,
    /// Everything is asked, not only what changed.
    pub full: bool,
    /// Looks up environment variables, for secrets.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Told after each page.
    pub progress: &'a mut dyn FnMut(&Progress),
    /// Ends the pull.
    pub cancel: Cancel,
    /// Carries requests out in place of the network.
    pub transport: Option<&'a mut dyn Transport>,
}

/// What the last pull of a source brought.
pub type Before = Pulled;

/// What an unfinished pull is about: pages are gone on with only for the same questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    /// Hash of connector, settings, span and what was here before.
    about: String,
    /// When it began, RFC 3339.
    now: String,
}

/// Asks a tool and returns what is here afterwards.
pub(super) fn pull(order: &mut Order<'_>, manifest: &Manifest, plans: &[TablePlan]) -> Result<Pulled, SourceError> {
    let source = order.source;
    let filled = manifest.fill(&source.settings).map_err(|message| settings(source, message))?;
    let asking = manifest.asking(&filled)?.ok_or_else(|| settings(source, "the connector asks nobody".into()))?;
    let secrets = secrets(order, &asking, &filled)?;
    let folder = order.unfinished.join(&source.id);
    let goes_on = goes_on(order, manifest);
    if let Some(period) = order.period.as_ref().filter(|_| !goes_on && order.before.is_some()) {
        return Err(settings(
            source,
            format!(
                "rows of {} alone cannot be put beside what is here: connector or settings have changed, or the last pull was of one period; `servicebook pull {}` asks for everything",
                period.id(),
                source.id
            ),
        ));
    }
    let about = about(order, manifest, goes_on);
    let now = begin(&folder, &about, order.now).map_err(|error| kept(source, &folder, error))?;
    let span = span(order, &asking, goes_on, now);
    let wanted = wanted(order, &asking, plans, goes_on, now);
    let mut recording = Recording::open(&folder).map_err(|error| kept(source, &folder, error))?;
    let mut wire = match order.transport {
        Some(_) => None,
        None => Some(reach(order, &asking)?),
    };
    let transport: &mut dyn Transport = match (&mut order.transport, &mut wire) {
        (Some(given), _) => *given,
        (None, Some(wire)) => wire,
        (None, None) => return Err(settings(source, "there is no way to the tool".into())),
    };
    let mut asker = Asker::new(&asking, secrets, transport, order.cancel.clone());
    let fetched = Fetcher {
        plan: &asking,
        asker: &mut asker,
        recording: &mut recording,
        span: &span,
        wanted: &wanted,
        progress: order.progress,
        now: order.clock,
        folder: &folder,
        limit: None,
    }
    .fetch()
    .map_err(|error| error.scrubbed(&|text| asker.scrubbed(text)));
    asker.log_out();
    let fetched = match fetched {
        Ok(fetched) => fetched,
        Err(error) => {
            if !error.can_go_on() {
                // The same pages would lead to the same end.
                let _ = Recording::remove(&folder);
            }
            return Err(failed(source, error));
        }
    };
    let pages = Pages { asking: &asking, fetched: &fetched, recording: &recording };
    let before = order.before.filter(|_| goes_on);
    let pulled = Joined { order, manifest, plans, pages, before, span: &span, now }.pulled();
    if let Err(SourceError::Ask { error, .. }) = &pulled
        && !error.can_go_on()
    {
        let _ = Recording::remove(&folder);
    }
    // Pages of rows that came are not removed here: what is published may still fail to be written.
    pulled
}

/// Removes the pages of a pull that was published.
pub fn published(unfinished: &Path, source: &str) {
    // Pages that stay cost space, never rows.
    let _ = Recording::remove(&unfinished.join(source));
}

/// Tells whether pages of a pull of a source are kept that did not end, and when it began.
pub fn unfinished(unfinished: &Path, source: &str) -> Option<DateTime<Utc>> {
    std::fs::metadata(unfinished.join(source).join(LIST)).ok().filter(|list| list.len() > 0)?;
    let text = std::fs::read(unfinished.join(source).join(BEGUN)).ok()?;
    serde_json::from_slice(&text).ok().and_then(|begun: Begun| instant(&begun.now))
}

/// Tells whether only what changed is asked: nothing but time has passed since the last pull.
pub(super) fn goes_on(order: &Order<'_>, manifest: &Manifest) -> bool {
    order.before.is_some_and(|before| {
        let same = before.receipt.connector_sha256 == manifest.sha256
            && super::receipt_id(order.source, &manifest.sha256, &before.receipt.files) == before.receipt.id;
        let since = before.receipt.asked.as_ref().and_then(|asked| instant(&asked.since));
        let reaches =
            order.source.since.is_none_or(|day| since.is_some_and(|since| since <= midnight(day.0, order.zone)));
        let whole = before.receipt.asked.as_ref().is_some_and(|asked| !asked.full_at.is_empty());
        same && reaches && whole && !order.full && since.is_some()
    })
}

fn about(order: &Order<'_>, manifest: &Manifest, goes_on: bool) -> String {
    let mut hash = Sha256::new();
    let since = order.source.since.map(|day| midnight(day.0, order.zone).to_rfc3339()).unwrap_or_default();
    let settings = order.source.settings.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let before = order.before.map_or("", |before| before.receipt.id.as_str());
    let pulled_at = order.before.map_or("", |before| before.receipt.pulled_at.as_str());
    let period = order.period.as_ref().map_or("", Period::id);
    let mode = if goes_on { "changed" } else { "full" };
    for part in [manifest.sha256.as_str(), before, pulled_at, period, &since, mode].into_iter().chain(settings) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Begins a pull, or goes on with one: returns when it began.
fn begin(folder: &Path, about: &str, now: DateTime<Utc>) -> std::io::Result<DateTime<Utc>> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let path = folder.join(BEGUN);
    if let Ok(text) = std::fs::read(&path)
        && let Ok(begun) = serde_json::from_slice::<Begun>(&text)
        && begun.about == about
        && let Some(began) = instant(&begun.now)
        && now - began < STALE_PAGES
        && now >= began
    {
        return Ok(began);
    }
    Recording::remove(folder)?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    serde_json::to_writer(file, &Begun { about: about.to_owned(), now: rfc3339(now) })?;
    // To the second, as the next run of this pull would read it.
    Ok(instant(&rfc3339(now)).unwrap_or(now))
}

/// Returns which time is asked for.
pub(super) fn span(order: &Order<'_>, asking: &AskingPlan, goes_on: bool, now: DateTime<Utc>) -> Span {
    let asked = order.before.filter(|_| goes_on).and_then(|before| before.receipt.asked.as_ref());
    let first_time = || {
        let month = Period::month_of(now, order.zone).start();
        let back = month.with_timezone(&order.zone).checked_sub_months(Months::new(MONTHS));
        back.map_or(month, |day| midnight(day.date_naive(), order.zone))
    };
    let since = order
        .source
        .since
        .map(|day| midnight(day.0, order.zone))
        .or_else(|| order.before.and_then(|before| instant(&before.receipt.asked.as_ref()?.since)))
        .unwrap_or_else(first_time);
    let months = months(since, now, order.zone);
    if let Some(period) = &order.period {
        let until = period.end().min(now);
        let present = until == now;
        return Span { since: period.start(), until, present, known_until: BTreeMap::new(), months };
    }
    let known_until = asked
        .into_iter()
        .flat_map(|asked| &asked.known_until)
        .filter(|(name, _)| asking.requests.iter().any(|request| request.name == **name))
        .filter_map(|(name, at)| Some((name.clone(), instant(at)?)))
        .collect();
    Span { since, until: now, present: true, known_until, months }
}

fn months(since: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> Vec<Window> {
    let mut months = Vec::new();
    let mut month = Period::month_of(since, zone);
    while month.start() < until {
        // Half a month at the beginning cannot be compared.
        if month.start() >= since {
            months.push(Window { from: month.start(), to: month.end() });
        }
        month = month.next();
    }
    months
}

/// Returns the requests that are needed: those of tables and lookups, what they follow, sweeps that are due, counts.
pub(super) fn wanted(
    order: &Order<'_>,
    asking: &AskingPlan,
    plans: &[TablePlan],
    goes_on: bool,
    now: DateTime<Utc>,
) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for answers in plans.iter().filter_map(|plan| plan.answers.as_ref()) {
        wanted.insert(answers.request.clone());
        wanted.extend(answers.lookups.values().map(|lookup| lookup.request.clone()));
    }
    if order.period.is_none() {
        wanted.extend(asking.counts.iter().map(|count| count.request.clone()));
        let asked = order.before.filter(|_| goes_on).and_then(|before| before.receipt.asked.as_ref());
        for sweep in &asking.sweeps {
            let last = asked.and_then(|asked| asked.swept_at.get(sweep.table.name())).and_then(|at| instant(at));
            if last.is_none_or(|last| (now - last).num_seconds() >= sweep.every) {
                wanted.insert(sweep.request.clone());
            }
        }
    }
    // What is followed comes along.
    loop {
        let followed: Vec<String> = asking
            .requests
            .iter()
            .filter(|request| wanted.contains(&request.name))
            .filter_map(|request| request.each.as_ref().map(|each| each.request.clone()))
            .filter(|name| !wanted.contains(name))
            .collect();
        if followed.is_empty() {
            return wanted;
        }
        wanted.extend(followed);
    }
}

/// Resolves the secrets that the connector uses.
pub fn secrets(
    order: &Order<'_>,
    asking: &AskingPlan,
    filled: &BTreeMap<String, String>,
) -> Result<Secrets, SourceError> {
    let mut secrets = Secrets::default();
    for name in &asking.secrets {
        let wrong =
            |message: String| SourceError::Secret { id: order.source.id.clone(), setting: name.clone(), message };
        // An optional secret that is not given is empty.
        let Some(text) = filled.get(name).filter(|text| !text.is_empty()) else { continue };
        let place = Place::parse(text).map_err(&wrong)?;
        let secret = place.resolve(order.book, order.environment).map_err(|error| wrong(error.to_string()))?;
        secrets.by_name.insert(name.clone(), secret);
    }
    Ok(secrets)
}

/// Makes the way to the tool: one client, held to the connector's rate.
pub fn reach(order: &Order<'_>, asking: &AskingPlan) -> Result<Retrying<Wire>, SourceError> {
    let http = &order.source.http;
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| order.book.join(path));
    let proxy = match &http.proxy {
        None => None,
        Some(proxy) => Some(url::Url::parse(proxy).map_err(|error| {
            settings(order.source, format!("http.proxy is no address ({error}); write `http://proxy.example:3128`"))
        })?),
    };
    let access = Access {
        ca_file: path(&http.ca_file),
        client_certificate: path(&http.client_certificate),
        client_key: path(&http.client_key),
        pin_sha256: http.pin_sha256.clone(),
        proxy,
        no_proxy: http.no_proxy.clone(),
        allow_http: http.allow_http,
        ..Access::default()
    };
    let wire = Wire::new(&access).map_err(|error| failed(order.source, error.into()))?;
    Ok(Retrying::new(wire).at(Some(asking.rate)))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

pub(super) fn settings(source: &SourceConfig, message: String) -> SourceError {
    SourceError::Settings { id: source.id.clone(), message }
}

pub(super) fn failed(source: &SourceConfig, error: AskError) -> SourceError {
    SourceError::Ask { id: source.id.clone(), error: Box::new(error) }
}

fn kept(source: &SourceConfig, folder: &Path, error: std::io::Error) -> SourceError {
    failed(source, AskError::Keep { folder: folder.display().to_string(), error })
}
