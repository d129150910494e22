//! Everything that a pull asks: each request, for each value and each window, page by page, into a recording.
//!
//! A pull that is cut off goes on by the same steps: a page whose question stands in the recording is not asked again.
//! Must not know canonical tables.

use super::AskError;
use super::asker::{Asker, Reply};
use super::compose::Moment;
use super::look::{look, missing};
use super::pager::{Pager, Seen, Step};
use super::recording::{Page, Recording};
use super::window::Limit;
use super::window::{Window, aligned, slices};
use crate::model::period::rfc3339;
use crate::source::decode::{FieldPlan, Format, PageFacts, RowsPlan, rows};
use crate::source::manifest::{
    AnswerComplete, AskingPlan, LinkPlace, Paging, RequestPlan, Slot, TotalPlace, WindowKind, hex,
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How often a list that moved is read anew.
const MOST_ATTEMPTS: u32 = 5;

/// From which difference of the clocks on times are set right, in seconds.
pub const SKEW: i64 = 30;

/// Headers that paging and completeness never name are not kept, but for these.
const KEPT_HEADERS: &[&str] = &["link", "content-type"];

/// Which span is asked for.
#[derive(Clone, Debug)]
pub struct Span {
    /// The first instant that matters.
    pub since: DateTime<Utc>,
    /// The end, by our clock.
    pub until: DateTime<Utc>,
    /// Whether the end is the present: then the tool's clock says when that is.
    pub present: bool,
    /// For each request, the instant up to which the last pull knew everything.
    pub known_until: BTreeMap<String, DateTime<Utc>>,
    /// Months for requests that count.
    pub months: Vec<Window>,
}

/// How far a pull is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The request.
    pub request: String,
    /// Pages so far, of all requests.
    pub pages: u64,
    /// Records so far in this list.
    pub records: u64,
    /// Records of this list in all, where the tool tells.
    pub of: Option<u64>,
    /// Lists done and to do of this request.
    pub lists: (usize, usize),
    /// Whether the page had come in a pull before.
    pub kept: bool,
}

/// One list that was read: the pages that count, and what is known of its completeness.
#[derive(Clone, Debug)]
pub struct List {
    /// The request.
    pub request: String,
    /// Places in the recording.
    pub pages: Vec<usize>,
    /// Records in each of the pages, counted apart from the decoder.
    pub rows: Vec<u64>,
    /// Different records.
    pub records: u64,
    /// Records that the tool says there are.
    pub total: Option<u64>,
    /// Its window.
    pub window: Option<Window>,
    /// Why it is not complete.
    pub missing: Option<String>,
}

/// What was fetched.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The lists.
    pub lists: Vec<List>,
    /// The tool's time when the pull began.
    pub tool_time: Option<DateTime<Utc>>,
    /// Ours at the same moment.
    pub our_time: Option<DateTime<Utc>>,
}

/// What a request is made for: one value, a slice of values, or a value in parts.
#[derive(Clone, Debug, Default)]
struct Value {
    each: Vec<String>,
    parts: BTreeMap<String, String>,
}

/// Asks everything.
pub struct Fetcher<'a, 'b> {
    /// What is asked.
    pub plan: &'a AskingPlan,
    /// Who asks.
    pub asker: &'b mut Asker<'a>,
    /// Where pages are kept.
    pub recording: &'b mut Recording,
    /// Which span is asked for.
    pub span: &'b Span,
    /// The requests that are needed.
    pub wanted: &'b BTreeSet<String>,
    /// Told after each page.
    pub progress: &'b mut dyn FnMut(&Progress),
    /// Our clock.
    pub now: &'b dyn Fn() -> DateTime<Utc>,
    /// For messages.
    pub folder: &'b Path,
    /// Where not all is wanted, how much.
    pub limit: Option<Limit>,
}

impl<'a> Fetcher<'a, '_> {
    /// Fetches every list of the requests that are wanted, in their order.
    pub fn fetch(&mut self) -> Result<Fetched, AskError> {
        let mut fetched = Fetched::default();
        let mut said = Progress::default();
        for request in self.in_order() {
            let values: Vec<Value> = self.values(request, &fetched)?;
            self.learn_time(request, &values, &mut fetched, &mut said)?;
            let windows = windows(self.plan, self.span, request, fetched.shift(self.span));
            let most = self.limit.map_or(usize::MAX, |limit| limit.lists);
            let windows = &windows[windows.len().saturating_sub(most)..];
            let values = &values[..values.len().min(most.div_ceil(windows.len().max(1)))];
            let total = values.len() * windows.len();
            said.request.clone_from(&request.name);
            for (at, (each, window)) in
                values.iter().flat_map(|each| windows.iter().map(move |window| (each, window))).enumerate()
            {
                said.lists = (at, total);
                let list = self.list(request, each, *window, &mut fetched, &mut said)?;
                fetched.lists.push(list);
            }
        }
        Ok(fetched)
    }

    /// Returns the requests that are wanted. Lists of all keys come first: what is in the others then and not in them
    /// is new, not deleted.
    fn in_order(&self) -> Vec<&'a RequestPlan> {
        let plan = self.plan;
        let lists = |request: &&RequestPlan| {
            request.each.is_none() && plan.sweeps.iter().any(|sweep| sweep.request == request.name)
        };
        let wanted = plan.requests.iter().filter(|request| self.wanted.contains(&request.name));
        let (first, then): (Vec<_>, Vec<_>) = wanted.partition(lists);
        first.into_iter().chain(then).collect()
    }

    /// Asks for a first page where the end of a window is to be said and the tool's clock is not known yet. Where the
    /// clocks agree it is the page that is needed anyway.
    fn learn_time(
        &mut self,
        request: &RequestPlan,
        values: &[Value],
        fetched: &mut Fetched,
        said: &mut Progress,
    ) -> Result<(), AskError> {
        if fetched.tool_time.is_some() || !request.ask.slots().contains(&Slot::WindowTo) {
            return Ok(());
        }
        let first = windows(self.plan, self.span, request, TimeDelta::zero()).first().copied();
        let (Some(window), Some(value)) = (first, values.first()) else { return Ok(()) };
        let at = Pager::new(request, window.map(|window| window.from.timestamp_millis())).position().clone();
        let moment = Moment { at, window, each: value.each.clone(), parts: value.parts.clone() };
        self.page(request, &moment, 0, fetched, said).map(drop)
    }

    /// Returns the values, or slices of values, that a request is made for.
    fn values(&self, request: &RequestPlan, fetched: &Fetched) -> Result<Vec<Value>, AskError> {
        let Some(each) = &request.each else { return Ok(vec![Value::default()]) };
        let mut values = BTreeSet::new();
        let format = self.plan.request(&each.request).map(|plan| plan.format);
        let wanted = RowsPlan {
            rows: each.rows.clone(),
            fields: each.values.iter().map(|(_, path)| FieldPlan::Path(path.clone())).collect(),
            only: Vec::new(),
        };
        for place in fetched.places_of(&each.request) {
            let body = self.body(place)?;
            rows(format.unwrap_or(Format::Json), &body, &wanted, &PageFacts::default(), &mut |record, refused| {
                let parts: Vec<String> =
                    record.fields().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
                if refused.is_ok() && parts.iter().all(|part| !part.is_empty()) {
                    values.insert(parts);
                }
            })
            .map_err(|error| AskError::Page { label: self.label_of(place), error })?;
        }
        if values.len() > each.at_most {
            return Err(AskError::Paging {
                label: format!("[request.{}]", request.name),
                reason: format!(
                    "it would be made for {} values of [request.{}], and the connector allows {}",
                    values.len(),
                    each.request,
                    each.at_most
                ),
                hint: "pull a shorter time first (`since`, `--period`), or raise `at_most` in a connector of your own",
            });
        }
        if let [(name, _)] = &each.values[..]
            && name.is_empty()
        {
            let values: Vec<String> = values.into_iter().flatten().collect();
            let slice = |slice: &[String]| Value { each: slice.to_vec(), parts: BTreeMap::new() };
            return Ok(values.chunks(each.slice).map(slice).collect());
        }
        let named = |parts: Vec<String>| Value {
            each: vec![parts.join(":")],
            parts: each.values.iter().map(|(name, _)| name.clone()).zip(parts).collect(),
        };
        Ok(values.into_iter().map(named).collect())
    }

    /// Reads one list, anew where it moved.
    fn list(
        &mut self,
        request: &RequestPlan,
        each: &Value,
        window: Option<Window>,
        fetched: &mut Fetched,
        said: &mut Progress,
    ) -> Result<List, AskError> {
        let mut moved = String::new();
        let mut earlier: Option<Vec<String>> = None;
        for attempt in 0..MOST_ATTEMPTS {
            let mut pager = Pager::new(request, window.map(|window| window.from.timestamp_millis()));
            let mut list = List {
                request: request.name.clone(),
                pages: Vec::new(),
                rows: Vec::new(),
                records: 0,
                total: None,
                window,
                missing: None,
            };
            loop {
                let moment =
                    Moment { at: pager.position().clone(), window, each: each.each.clone(), parts: each.parts.clone() };
                let place = self.page(request, &moment, attempt, fetched, said)?;
                let seen = self.seen(request, place)?;
                let step = pager.after(&seen);
                list.pages.push(place);
                list.rows.push(seen.rows);
                said.pages += 1;
                said.records = pager.received();
                said.of = pager.total();
                (self.progress)(said);
                match step {
                    Step::Next(_) if self.limit.is_some_and(|limit| list.pages.len() >= limit.pages) => {
                        list.records = pager.received();
                        list.total = pager.total();
                        list.missing = Some(format!("[request.{}]: only the first pages were asked for", request.name));
                        return Ok(list);
                    }
                    Step::Next(_) => {}
                    Step::Done => {
                        if let Some(reason) = pager.unproven(earlier.as_deref()) {
                            moved = reason.into();
                            earlier = Some(pager.into_order());
                            break;
                        }
                        list.records = pager.received();
                        list.total = pager.total();
                        let warned =
                            list.pages.iter().find_map(|place| self.recording.pages().get(*place)?.warning.as_ref());
                        let warned =
                            warned.map(|warning| format!("[request.{}]: the tool warns: {warning}", request.name));
                        let lacking = missing(request, &pager, &seen).filter(|_| !self.plan.only_counts(&request.name));
                        list.missing = lacking.or(warned);
                        return Ok(list);
                    }
                    Step::Again(reason) => {
                        moved = reason;
                        break;
                    }
                    Step::Stuck(reason) => {
                        return Err(AskError::Paging {
                            label: self.label_of(place),
                            reason,
                            hint: "nothing more can come of it; tell the connector's author what the tool answered",
                        });
                    }
                }
            }
        }
        Err(AskError::Paging {
            label: format!("[request.{}]", request.name),
            reason: format!("{moved}, {MOST_ATTEMPTS} times in a row"),
            hint: "pull when fewer people work in the tool, or ask for shorter windows",
        })
    }

    /// Returns the place of a page in the recording; asks for it where it is not there.
    fn page(
        &mut self,
        request: &RequestPlan,
        moment: &Moment,
        attempt: u32,
        fetched: &mut Fetched,
        said: &mut Progress,
    ) -> Result<usize, AskError> {
        let shown = self.asker.shown(request, moment)?;
        let question = question(&shown.line, shown.body.as_deref(), attempt);
        if let Some(place) = self.recording.find(&question) {
            said.kept = true;
            fetched.remember(self.recording.pages().get(place));
            return Ok(place);
        }
        said.kept = false;
        // To the second, as a pull that goes on would read it.
        let ours = (self.now)().trunc_subsecs(0);
        let reply = self.asker.page(request, moment)?;
        fetched.tells_time(reply.at, reply.at.map(|_| ours));
        let page = Page {
            request: request.name.clone(),
            each: Some(moment.each.join(",")).filter(|each| !each.is_empty()),
            from: moment.window.map(|window| rfc3339(window.from)),
            to: moment.window.map(|window| rfc3339(window.to)),
            at: Some(rfc3339(reply.at.unwrap_or(ours))),
            here: reply.at.map(|_| rfc3339(ours)),
            attempt,
            asked: shown.line,
            asked_sha256: question,
            status: reply.status,
            warning: reply.warning.clone(),
            headers: kept_headers(request, &reply, self.asker),
            ..Page::default()
        };
        let folder = self.folder.display().to_string();
        self.recording.add(page, &reply.body).map_err(|error| AskError::Keep { folder, error })?;
        Ok(self.recording.pages().len() - 1)
    }

    fn label_of(&self, place: usize) -> String {
        self.recording.pages().get(place).map(|page| label(&page.asked)).unwrap_or_default()
    }

    fn body(&self, place: usize) -> Result<Vec<u8>, AskError> {
        self.recording.body(place).map_err(|error| AskError::Keep { folder: self.folder.display().to_string(), error })
    }

    fn seen(&self, request: &RequestPlan, place: usize) -> Result<Seen, AskError> {
        let Some(page) = self.recording.pages().get(place) else { return Ok(Seen::default()) };
        look(request, page, &self.body(place)?).map_err(|error| AskError::Page { label: label(&page.asked), error })
    }
}

impl Fetched {
    /// Returns the places of the pages of a request that count.
    pub fn places_of<'r>(&'r self, request: &'r str) -> impl Iterator<Item = usize> + 'r {
        self.lists.iter().filter(move |list| list.request == request).flat_map(|list| list.pages.iter().copied())
    }

    /// Takes the times of a page that came in a pull before.
    fn remember(&mut self, page: Option<&Page>) {
        let instant = |text: Option<&str>| DateTime::parse_from_rfc3339(text?).ok().map(|at| at.with_timezone(&Utc));
        if let Some(page) = page.filter(|page| page.here.is_some()) {
            self.tells_time(instant(page.at.as_deref()), instant(page.here.as_deref()));
        }
    }

    /// Takes the time of the tool, and ours at the same moment; the first counts.
    fn tells_time(&mut self, tool: Option<DateTime<Utc>>, ours: Option<DateTime<Utc>>) {
        if self.tool_time.is_none() && tool.is_some() {
            (self.tool_time, self.our_time) = (tool, ours);
        }
    }

    /// Returns by how much the end of a span is moved, so that it is the tool's present and not ours.
    pub fn shift(&self, span: &Span) -> TimeDelta {
        match (self.tool_time, self.our_time) {
            (Some(tool), Some(ours)) if span.present && (tool - ours).num_seconds().abs() > SKEW => tool - ours,
            _ => TimeDelta::zero(),
        }
    }
}

/// Returns the windows that a request is made for.
pub fn windows(asking: &AskingPlan, asked: &Span, request: &RequestPlan, shift: TimeDelta) -> Vec<Option<Window>> {
    let Some(plan) = &request.window else { return vec![None] };
    if asking.only_counts(&request.name) {
        return asked.months.iter().copied().map(Some).collect();
    }
    let settled = chrono::TimeDelta::try_seconds(plan.settle).unwrap_or_default();
    let overlap = chrono::TimeDelta::try_seconds(plan.overlap).unwrap_or_default();
    let since = asked.known_until.get(&request.name).map_or(asked.since, |known| {
        // What changed while the last pull ran, or was late in the tool's index, comes again.
        (*known - overlap).max(asked.since)
    });
    let whole = Window { from: since, to: asked.until + shift - settled };
    // A changed record has its new time at the end: only the start of the span narrows.
    let Some(whole) = aligned(plan, whole) else { return Vec::new() };
    let cut = if plan.kind != WindowKind::Span && plan.step.is_none() { vec![whole] } else { slices(plan, whole) };
    cut.into_iter().map(Some).collect()
}

/// Returns what a page is known by: what was asked, and which reading of the list it is.
fn question(line: &str, body: Option<&str>, attempt: u32) -> String {
    let mut hash = Sha256::new();
    for part in [line, body.unwrap_or_default(), &attempt.to_string()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Cuts the query off what was asked, for messages.
pub fn label(asked: &str) -> String {
    crate::text::screen_str(asked.split('?').next().unwrap_or(asked))
}

fn kept_headers(request: &RequestPlan, reply: &Reply, asker: &Asker<'_>) -> Vec<(String, String)> {
    let mut names: Vec<&str> = KEPT_HEADERS.to_vec();
    if let AnswerComplete::Total(TotalPlace::Header(name)) = &request.complete {
        names.push(name);
    }
    if let Paging::Link { at: LinkPlace::Header(name), .. } = &request.paging {
        names.push(name);
    }
    let kept = reply.headers.iter().filter(|(name, _)| names.iter().any(|kept| kept.eq_ignore_ascii_case(name)));
    kept.map(|(name, value)| (name.clone(), asker.scrubbed(value))).collect()
}
