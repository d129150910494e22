//! A pull that asks a tool: what is asked, from where it goes on, and what becomes of the rows that were here before.
//!
//! Nothing is published unless all of it came. What came before a cut stays on disk and is not asked again.

use super::merge;
use super::{Gathered, findings};
use crate::config::SourceConfig;
use crate::model::period::{midnight, rfc3339};
use crate::model::{Asked, Completeness, Finding, MonthCount, Period, Pulled, Receipt, SourceFile, Table};
use crate::source::SourceError;
use crate::source::answers::{self, Pages};
use crate::source::ask::AskError;
use crate::source::ask::asker::Asker;
use crate::source::ask::compose::Secrets;
use crate::source::ask::fetch::{Fetcher, Progress, SKEW, Span};
use crate::source::ask::recording::{LIST, Recording};
use crate::source::ask::window::Window;
use crate::source::decode::{FieldPlan, PageFacts, RowsPlan, rows};
use crate::source::http::{Access, Cancel, Place, Retrying, Transport, Wire};
use crate::source::manifest::{AnswerComplete, AskingPlan, Manifest, TablePlan, WindowKind, hex};
use chrono::{DateTime, Months, TimeDelta, Utc};
use chrono_tz::Tz;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};
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

/// Everything that makes the rows of now out of pages and of what was here before.
struct Joined<'a, 'o> {
    order: &'a Order<'o>,
    manifest: &'a Manifest,
    plans: &'a [TablePlan],
    pages: Pages<'a>,
    before: Option<&'a Before>,
    span: &'a Span,
    now: DateTime<Utc>,
}

impl Joined<'_, '_> {
    fn pulled(&self) -> Result<Pulled, SourceError> {
        let id = &self.order.source.id;
        let mut gathered = Gathered::default();
        for plan in self.plans {
            let Some(table) = &plan.answers else { continue };
            let answered = answers::read(plan, table, self.pages, id)?;
            gathered.set_aside += answered.other;
            gathered.findings.extend(answered.findings);
            gathered.files.push(answered.file);
            gathered.mapped(plan, answered.mapped, id)?;
        }
        gathered.cut.extend(self.pages.fetched.lists.iter().filter_map(|list| list.missing.clone()));
        gathered.completeness.push(self.completeness());
        let mut asked = self.asked();
        let came = self.join(&mut gathered)?;
        self.sweep(&mut gathered, &mut asked, &came)?;
        self.count(&mut gathered, &mut asked)?;
        self.skew(&mut gathered, &mut asked);
        gathered.finish(self.order.source, self.manifest, self.now, Some(asked))
    }

    fn frame_error(&self, error: polars::prelude::PolarsError) -> SourceError {
        SourceError::Frame { id: self.order.source.id.clone(), error }
    }

    /// Returns what is claimed of the whole: no more than the weakest of its requests allows.
    fn completeness(&self) -> Completeness {
        let mut rules = BTreeSet::new();
        for request in &self.pages.asking.requests {
            if self.pages.fetched.lists.iter().all(|list| list.request != request.name) {
                continue;
            }
            rules.insert(match &request.complete {
                AnswerComplete::Unknowable { reason } => return Completeness::Unknowable { reason: reason.clone() },
                AnswerComplete::Total(_) => "as many records came as the tool counts",
                AnswerComplete::LastPage => "the tool told the last page",
                AnswerComplete::WholeAnswer { .. } => "one answer holds all",
            });
        }
        Completeness::Complete { rule: rules.into_iter().collect::<Vec<_>>().join("; ") }
    }

    /// Returns what the next pull needs to know.
    fn asked(&self) -> Asked {
        let earlier = self.before.and_then(|before| before.receipt.asked.clone());
        let mut asked = earlier.unwrap_or_default();
        asked.months.clear();
        if self.order.period.is_some() && self.before.is_some() {
            return asked;
        }
        asked.since = rfc3339(self.span.since);
        // What is missing now is asked again: the next pull goes on from where the last whole one did.
        if self.pages.fetched.lists.iter().any(|list| list.missing.is_some()) {
            return asked;
        }
        if self.before.is_none() {
            asked.full_at = rfc3339(self.now);
        }
        // What changed after the tool's first answer is asked again by the next pull.
        let Some(tool_time) = self.pages.fetched.tool_time else {
            asked.known_until.clear();
            return asked;
        };
        let present = self.span.until + self.pages.fetched.shift(self.span);
        for request in self.pages.asking.requests.iter().filter(|request| request.window.is_some()) {
            let settle = request.window.as_ref().map_or(0, |window| window.settle);
            let until = tool_time.min(present) - TimeDelta::try_seconds(settle).unwrap_or_default();
            if self.pages.fetched.lists.iter().any(|list| list.request == request.name) {
                asked.known_until.insert(request.name.clone(), rfc3339(until));
            }
        }
        asked
    }

    /// Puts what came now into the place of what was here before.
    /// Returns the keys of the rows that came now.
    fn join(&self, gathered: &mut Gathered) -> Result<BTreeMap<Table, HashSet<String>>, SourceError> {
        let parents = self.parents(gathered)?;
        let earlier: BTreeMap<Table, DataFrame> = self
            .order
            .before
            .into_iter()
            .flat_map(|before| &before.tables)
            .filter(|(table, _)| self.before.is_some() || self.is_of_the_present(**table))
            .map(|(table, frame)| (*table, frame.clone()))
            .collect();
        let tables: BTreeSet<Table> = earlier.keys().chain(gathered.tables.keys()).copied().collect();
        let (mut kept, mut came) = (0, BTreeMap::new());
        for table in tables {
            let now = gathered.tables.remove(&table).map(merge::stacked).transpose();
            let now: Option<DataFrame> = now.map_err(|error| self.frame_error(error))?;
            if let Some(now) = now.as_ref().filter(|_| self.is_swept(table)) {
                let keys = merge::keys(now).map_err(|error| self.frame_error(error))?;
                came.insert(table, keys.iter().flatten().map(str::to_owned).collect());
            }
            let children_of = parents.as_ref().filter(|_| self.follows_tickets(table));
            let merged = merge::merged(table, earlier.get(&table), now.as_ref(), children_of)
                .map_err(|error| self.frame_error(error))?;
            if let Some((frame, stay)) = merged {
                kept += stay;
                gathered.tables.insert(table, vec![frame]);
            }
        }
        gathered.loaded += kept;
        let Some(before) = self.before else {
            if let Some(before) = self.order.before.filter(|_| kept > 0) {
                gathered.files.push(earlier_rows(&before.receipt, kept));
            }
            return Ok(came);
        };
        let carried = before.quarantine.len() as u64;
        gathered.quarantine.extend(before.quarantine.iter().cloned());
        let fresh: HashSet<&str> = gathered.findings.iter().map(|finding| finding.id.as_str()).collect();
        let earlier: Vec<Finding> = before
            .findings
            .iter()
            .filter(|finding| is_of_rows(finding) && !fresh.contains(finding.id.as_str()))
            .cloned()
            .collect();
        gathered.findings.extend(earlier);
        gathered.files.push(earlier_rows(&before.receipt, kept + carried));
        Ok(came)
    }

    fn is_swept(&self, table: Table) -> bool {
        self.pages.asking.sweeps.iter().any(|sweep| sweep.table == table)
    }

    /// Tells whether a tool answers with the present only: then what it said before is nowhere but here.
    fn is_of_the_present(&self, table: Table) -> bool {
        let of_table = self.plans.iter().filter(|plan| plan.table == table).filter_map(|plan| plan.answers.as_ref());
        let mut requests = of_table
            .filter_map(|answers| self.pages.asking.requests.iter().find(|plan| plan.name == answers.request))
            .peekable();
        requests.peek().is_some()
            && requests.all(|plan| plan.window.as_ref().is_some_and(|window| window.kind == WindowKind::Present))
    }

    /// Returns the keys of the tickets that came now.
    fn parents(&self, gathered: &Gathered) -> Result<Option<HashSet<String>>, SourceError> {
        let Some(frames) = gathered.tables.get(&Table::Tickets) else { return Ok(None) };
        let mut parents = HashSet::new();
        for frame in frames {
            let keys = merge::keys(frame).map_err(|error| self.frame_error(error))?;
            parents.extend(keys.iter().flatten().map(str::to_owned));
        }
        Ok(Some(parents))
    }

    /// Tells whether the rows of a table come anew with each ticket: then old ones of the same ticket must go.
    fn follows_tickets(&self, table: Table) -> bool {
        let request_of = |table| {
            let plan = self.plans.iter().find(|plan| plan.table == table)?;
            plan.answers.as_ref().map(|answers| answers.request.as_str())
        };
        let (Some(tickets), Some(mut request)) = (request_of(Table::Tickets), request_of(table)) else { return false };
        for _ in 0..=self.pages.asking.requests.len() {
            if request == tickets {
                return true;
            }
            let plan = self.pages.asking.requests.iter().find(|plan| plan.name == request);
            let Some(each) = plan.and_then(|plan| plan.each.as_ref()) else { return false };
            request = &each.request;
        }
        false
    }

    /// Leaves out the rows that the tool does not list any more. All keys were listed before anything else was asked:
    /// a row that came now and is not listed is new.
    fn sweep(
        &self,
        gathered: &mut Gathered,
        asked: &mut Asked,
        came: &BTreeMap<Table, HashSet<String>>,
    ) -> Result<(), SourceError> {
        let nothing = HashSet::new();
        for sweep in &self.pages.asking.sweeps {
            let Some(listed) = self.listed(&sweep.request, &sweep.rows, &sweep.key)? else { continue };
            let Some(frames) = gathered.tables.remove(&sweep.table) else { continue };
            let frame = merge::stacked(frames).map_err(|error| self.frame_error(error))?;
            let new = came.get(&sweep.table).unwrap_or(&nothing);
            let (frame, gone, unmatched) =
                merge::swept(&frame, &listed, new).map_err(|error| self.frame_error(error))?;
            let name = sweep.table.name();
            gathered.tables.insert(sweep.table, vec![frame]);
            gathered.loaded -= gone;
            gathered.set_aside += gone;
            asked.swept_at.insert(name.to_owned(), rfc3339(self.now));
            let source = &self.order.source.id;
            if gone > 0 {
                gathered.findings.push(findings::of_pull("deleted_at_tool", source, name, gone, format!(
                    "{gone} rows of {name} were deleted at the tool since the last pull and are left out of figures that are made from now on."
                )));
            }
            let known = asked.unmatched.get(name).copied();
            if self.before.is_none() || known.is_none_or(|known| unmatched < known) {
                asked.unmatched.insert(name.to_owned(), unmatched);
            } else if known.is_some_and(|known| unmatched > known) {
                // A pull that asks everything finds them, or makes them the new measure.
                asked.full_at.clear();
                gathered.cut.push(format!(
                    "the tool lists {} rows of {name} more than are here; `servicebook pull --full {source}` asks for everything",
                    unmatched - known.unwrap_or(0)
                ));
            }
        }
        Ok(())
    }

    /// Returns the keys that a request lists; `None` where it was not made.
    fn listed(
        &self,
        request: &str,
        path: &crate::source::decode::RowPath,
        key: &crate::source::decode::FieldPath,
    ) -> Result<Option<HashSet<String>>, SourceError> {
        let mut lists = self.pages.fetched.lists.iter().filter(|list| list.request == request).peekable();
        if lists.peek().is_none() {
            return Ok(None);
        }
        // A list that may lack keys proves no deletion.
        if lists.any(|list| list.missing.is_some()) {
            return Ok(None);
        }
        let format = self.pages.asking.requests.iter().find(|plan| plan.name == request).map(|plan| plan.format);
        let plan = RowsPlan { rows: path.clone(), fields: vec![FieldPlan::Path(key.clone())], only: Vec::new() };
        let mut keys = HashSet::new();
        for place in self.pages.fetched.places_of(request) {
            let body = self
                .pages
                .recording
                .body(place)
                .map_err(|error| failed(self.order.source, AskError::Keep { folder: "its pages".into(), error }))?;
            let Some(format) = format else { continue };
            rows(format, &body, &plan, &PageFacts::default(), &mut |record, refused| {
                if refused.is_ok() {
                    keys.insert(String::from_utf8_lossy(record.bytes).into_owned());
                }
            })
            .map_err(|error| {
                failed(self.order.source, AskError::Page { label: format!("[request.{request}]"), error })
            })?;
        }
        Ok(Some(keys))
    }

    /// Compares the rows of each month with the tool's own count.
    fn count(&self, gathered: &mut Gathered, asked: &mut Asked) -> Result<(), SourceError> {
        for count in &self.pages.asking.counts {
            let frames = gathered.tables.get(&count.table).map(Vec::as_slice).unwrap_or_default();
            let stamps = frames
                .iter()
                .map(|frame| {
                    let column = frame.column(&count.column)?.cast(&polars::prelude::DataType::Int64)?;
                    Ok(column.i64()?.iter().flatten().collect::<Vec<i64>>())
                })
                .collect::<polars::prelude::PolarsResult<Vec<_>>>()
                .map_err(|error| self.frame_error(error))?
                .concat();
            for list in self.pages.fetched.lists.iter().filter(|list| list.request == count.request) {
                let (Some(window), Some(there)) = (list.window, list.total) else { continue };
                let bounds = window.from.timestamp_millis()..window.to.timestamp_millis();
                let here = stamps.iter().filter(|at| bounds.contains(at)).count() as u64;
                let month = Period::month_of(window.from, self.order.zone).id().to_owned();
                let table = count.table.name().to_owned();
                if there > here + gathered.quarantine.len() as u64 {
                    gathered.cut.push(format!("{table} of {month}: {there} at the tool, {here} here"));
                } else if there != here {
                    let text = format!("{table} of {month}: {there} at the tool, {here} here.");
                    let name = format!("{table}.{month}");
                    let apart = there.abs_diff(here);
                    gathered.findings.push(findings::of_pull(
                        "count_differs",
                        &self.order.source.id,
                        &name,
                        apart,
                        text,
                    ));
                }
                asked.months.push(MonthCount { table, month, there, here });
            }
        }
        Ok(())
    }

    fn skew(&self, gathered: &mut Gathered, asked: &mut Asked) {
        let (Some(tool), Some(ours)) = (self.pages.fetched.tool_time, self.pages.fetched.our_time) else { return };
        let ahead = (tool - ours).num_seconds();
        asked.ahead_s = Some(ahead);
        if ahead.abs() > SKEW {
            let which = if ahead > 0 { "ahead of" } else { "behind" };
            let text = format!(
                "The clock of the tool of source `{0}` is {1} {which} ours. Its times are used as they are; running clocks and the newest tickets are off by that much.",
                self.order.source.id,
                crate::model::duration::write(ahead.abs()),
            );
            gathered.findings.push(findings::of_pull("clock_skew", &self.order.source.id, "clock", 1, text));
        }
    }
}

/// Tells whether a finding is about rows, and holds while they stay.
fn is_of_rows(finding: &Finding) -> bool {
    ["unreadable_value", "unlisted_word", "ambiguous_time", "skipped_time"].contains(&finding.kind.as_str())
}

/// Says in the receipt how many records stay of earlier pulls.
fn earlier_rows(receipt: &Receipt, records: u64) -> SourceFile {
    let mut hash = Sha256::new();
    receipt.files.iter().for_each(|file| hash.update(file.sha256.as_bytes()));
    let name = format!("rows of earlier pulls ({})", receipt.id);
    SourceFile { name, bytes: 0, sha256: hex(&hash.finalize()), records }
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
