//! A recording to give away: some pages of each list, with the names of secrets, people and places taken out.
//!
//! What the connector reads into columns that name nobody stays as it is, so that the recording gives the same rows;
//! every other text becomes a pseudonym. Must not publish rows.

use super::asked::{Order, failed, secrets, settings};
use super::trial::{PERSONAL, Talk, converse, passing, planned};
use crate::source::SourceError;
use crate::source::answers::named;
use crate::source::ask::AskError;
use crate::source::ask::recording::{Page, Recording};
use crate::source::ask::window::Limit;
use crate::source::decode::{FieldPath, FieldPlan, Format, RowPath, RowsPlan, rows, scalars};
use crate::source::manifest::{
    AnswerComplete, AskingPlan, LinkPlace, OnlyRule, Paging, RequestPlan, TablePlan, TotalPlace,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// How many lists of a request are recorded for each page of a list.
const LISTS: usize = 10;

/// What was recorded.
#[derive(Clone, Debug, Default)]
pub struct Specimen {
    /// Pages of each request.
    pub pages: BTreeMap<String, u64>,
    /// Texts that became pseudonyms, different ones.
    pub replaced: usize,
    /// Requests without an answer, and why.
    pub failed: Vec<(String, String)>,
    /// What a source of the recording writes into `settings`.
    pub settings: BTreeMap<String, String>,
}

/// Records some pages of each list into a new folder, scrubbed unless that is not wanted.
pub fn specimen(order: &mut Order<'_>, to: &Path, pages: usize, scrubbed: bool) -> Result<Specimen, SourceError> {
    let (manifest, plans, asking) = planned(order)?;
    let folder = passing(order)?;
    let talk = converse(order, &asking, Limit { pages, lists: pages.saturating_mul(LISTS) }, folder.path())?;
    let filled = manifest.fill(&order.source.settings).map_err(|message| settings(order.source, message))?;
    let known = secrets(order, &asking, &filled)?;
    let keep = |error| failed(order.source, AskError::Keep { folder: to.display().to_string(), error });
    let mut stand_ins = StandIns { host: host(&asking), kept: HashSet::new(), given: HashMap::new() };
    if scrubbed {
        for request in &asking.requests {
            stand_ins.keep(request, &asking, &plans, &talk).map_err(keep)?;
        }
    }
    let mut recording = Recording::open(to).map_err(keep)?;
    let mut specimen = Specimen::default();
    for place in talk.fetched.lists.iter().flat_map(|list| &list.pages) {
        let (Some(page), body) = (talk.recording.pages().get(*place), talk.recording.body(*place).map_err(keep)?)
        else {
            continue;
        };
        let format = asking.request(&page.request).map(|request| request.format);
        let body = known.scrubbed_bytes(body);
        let (page, body) = if scrubbed {
            let texts = stand_ins.page(format.unwrap_or(Format::Json), &body).map_err(|message| {
                settings(order.source, format!("an answer to [request.{}] cannot be scrubbed: {message}", page.request))
            })?;
            (stand_ins.facts(page), texts)
        } else {
            (page.clone(), body)
        };
        *specimen.pages.entry(page.request.clone()).or_default() += 1;
        recording.add(page, &body).map_err(keep)?;
    }
    specimen.replaced = stand_ins.given.len();
    specimen.failed = talk.failed.iter().map(|(name, error)| (name.clone(), error.to_string())).collect();
    // Places of secrets say much about a machine; the connector's hints show what to write.
    specimen.settings = filled
        .into_iter()
        .filter(|(name, _)| !asking.secrets.contains(name))
        .map(|(name, value)| (name, if scrubbed { stand_ins.without_host(&value) } else { value }))
        .collect();
    Ok(specimen)
}

fn host(asking: &AskingPlan) -> String {
    asking.base.host_str().unwrap_or_default().to_owned()
}

/// The host that stands in the place of the tool's.
const HOST: &str = "tool.example";

/// What is kept, and what stands in the place of everything else.
struct StandIns {
    host: String,
    kept: HashSet<String>,
    given: HashMap<String, String>,
}

impl StandIns {
    /// Takes in the texts that the connector reads out of the pages of a request, but for those that name somebody.
    fn keep(
        &mut self,
        request: &RequestPlan,
        asking: &AskingPlan,
        plans: &[TablePlan],
        talk: &Talk,
    ) -> std::io::Result<()> {
        let wanted = read_by(request, asking, plans);
        let signals = signals(request);
        for place in talk.fetched.places_of(&request.name) {
            let Some(page) = talk.recording.pages().get(place) else { continue };
            let body = talk.recording.body(place)?;
            self.kept.extend(page.each.iter().flat_map(|each| each.split([',', ':']).map(str::to_owned)));
            for (at, fields) in &wanted {
                let plan = RowsPlan { rows: at.clone(), fields: fields.clone(), only: Vec::new() };
                let plan = named(request, &body, &plan).unwrap_or(plan);
                // A page that cannot be read keeps nothing.
                let _ = rows(request.format, &body, &plan, &page.facts(), &mut |record, _| {
                    for text in record.fields() {
                        let text = String::from_utf8_lossy(text);
                        // A list of texts is read as one text.
                        self.kept.extend(text.split(", ").map(str::to_owned));
                        self.kept.insert(text.into_owned());
                    }
                });
            }
            if let Ok(texts) = scalars(&body, &signals) {
                self.kept.extend(texts.into_iter().flatten());
            }
        }
        // `[name=Service]` looks for a word that must stay.
        for field in wanted.iter().flat_map(|(_, fields)| fields) {
            for path in paths(field) {
                let text = path.to_string();
                let words = text.split('[').skip(1).filter_map(|rest| rest.split(']').next()?.split_once('='));
                self.kept.extend(words.map(|(_, word)| word.to_owned()));
            }
        }
        Ok(())
    }

    /// Returns a page's facts without the tool's host.
    fn facts(&self, page: &Page) -> Page {
        Page {
            asked: self.without_host(&page.asked),
            warning: page.warning.as_ref().map(|_| "the tool warns".into()),
            headers: page.headers.iter().map(|(name, text)| (name.clone(), self.without_host(text))).collect(),
            ..page.clone()
        }
    }

    fn without_host(&self, text: &str) -> String {
        if self.host.is_empty() { text.to_owned() } else { text.replace(&self.host, HOST) }
    }

    /// Returns the body of a page with pseudonyms.
    fn page(&mut self, format: Format, body: &[u8]) -> Result<Vec<u8>, String> {
        let json = |text: &[u8]| serde_json::from_slice::<Value>(text).map_err(|error| error.to_string());
        match format {
            Format::Json if body.is_empty() => Ok(Vec::new()),
            Format::Json => {
                let mut value = json(body)?;
                self.value(&mut value);
                serde_json::to_vec_pretty(&value).map_err(|error| error.to_string())
            }
            Format::Ndjson => {
                let mut lines = Vec::new();
                for line in body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                    let mut value = json(line)?;
                    self.value(&mut value);
                    lines.extend(serde_json::to_vec(&value).map_err(|error| error.to_string())?);
                    lines.push(b'\n');
                }
                Ok(lines)
            }
            Format::Metrics => Ok(self.labels(&String::from_utf8_lossy(body)).into_bytes()),
            Format::Csv(_) | Format::Parquet => {
                Err("only JSON and metrics can be; look through it yourself and record it with --unscrubbed".into())
            }
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(list) => list.iter_mut().for_each(|value| self.value(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Replaces the values of labels: what stands in quotes.
    fn labels(&mut self, text: &str) -> String {
        let line = |line: &str| {
            if line.starts_with('#') {
                return line.to_owned();
            }
            let parts: Vec<String> = line
                .split('"')
                .enumerate()
                .map(|(at, part)| if at % 2 == 1 { self.text(part) } else { part.to_owned() })
                .collect();
            parts.join("\"")
        };
        text.lines().map(line).fold(String::new(), |whole, line| whole + &line + "\n")
    }

    /// Returns a text that tells nothing: itself where it is kept, a number or a time, else a pseudonym that is the same
    /// wherever the text comes again.
    fn text(&mut self, text: &str) -> String {
        if self.kept.contains(text) || says_nothing(text) {
            return self.without_host(text);
        }
        if let Some(known) = self.given.get(text) {
            return known.clone();
        }
        let number = self.given.len() + 1;
        let made = match text {
            text if text.contains("://") => format!("https://{HOST}/{number}"),
            text if text.contains('@') && !text.contains(' ') => format!("person-{number}@{HOST}"),
            _ => format!("text-{number}"),
        };
        self.given.insert(text.to_owned(), made.clone());
        made
    }
}

/// Tells whether a text is empty, a number or a time.
fn says_nothing(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"TZ:.+-/ ".contains(&byte)) || text == "true" || text == "false"
}

/// Returns the fields that are read out of a request's answers and name nobody, by the path of their rows.
fn read_by(request: &RequestPlan, asking: &AskingPlan, plans: &[TablePlan]) -> Vec<(RowPath, Vec<FieldPlan>)> {
    let one = |path: &FieldPath| FieldPlan::Path(path.clone());
    let words = |only: &[OnlyRule]| only.iter().map(|rule| one(&rule.at)).collect::<Vec<_>>();
    let itself = FieldPath::parse("").ok();
    let mut read: Vec<(RowPath, Vec<FieldPlan>)> = Vec::new();
    read.push((request.rows.clone(), request.key.iter().cloned().collect()));
    if let (Some(names), Some(itself)) = (&request.names, &itself) {
        read.push((names.clone(), vec![one(itself)]));
    }
    for answers in plans.iter().filter_map(|plan| plan.answers.as_ref()) {
        let impersonal = |lookup: Option<&str>| -> Vec<FieldPlan> {
            let fields = answers.fields.iter().filter(|field| field.lookup.as_deref() == lookup);
            fields.filter(|field| !PERSONAL.contains(&field.column)).flat_map(|field| field.first_of.clone()).collect()
        };
        if answers.request == request.name {
            let mut fields = impersonal(None);
            fields.extend(words(&answers.only));
            fields.extend(answers.lookups.values().map(|lookup| lookup.on.clone()));
            read.push((answers.rows.clone(), fields));
        }
        for (name, lookup) in answers.lookups.iter().filter(|(_, lookup)| lookup.request == request.name) {
            let mut fields = impersonal(Some(name));
            fields.extend(words(&lookup.only));
            fields.push(lookup.key.clone());
            fields.extend(lookup.order.iter().map(one));
            read.push((lookup.rows.clone(), fields));
        }
    }
    for each in asking.requests.iter().filter_map(|plan| plan.each.as_ref()).filter(|each| each.request == request.name)
    {
        read.push((each.rows.clone(), each.values.iter().map(|(_, path)| one(path)).collect()));
    }
    for sweep in asking.sweeps.iter().filter(|sweep| sweep.request == request.name) {
        read.push((sweep.rows.clone(), vec![one(&sweep.key)]));
    }
    if let Paging::Window { stamp: at, .. } | Paging::LastRow { at, .. } = &request.paging {
        read.push((request.rows.clone(), vec![one(at)]));
    }
    read
}

/// Returns the members of an answer that lead from page to page and tell totals.
fn signals(request: &RequestPlan) -> Vec<FieldPath> {
    let mut paths = Vec::new();
    match &request.paging {
        Paging::Cursor { at, last, .. } => {
            paths.push(at.clone());
            paths.extend(last.iter().map(|rule| rule.at.clone()));
        }
        Paging::Page { end, .. } | Paging::Offset { end, .. } => {
            paths.extend(end.last.iter().map(|rule| rule.at.clone()));
        }
        Paging::Link { at: LinkPlace::Body(at), .. } => paths.push(at.clone()),
        _ => {}
    }
    if let AnswerComplete::Total(TotalPlace::Body(at)) = &request.complete {
        paths.push(at.clone());
    }
    paths
}

fn paths(field: &FieldPlan) -> &[FieldPath] {
    match field {
        FieldPlan::Path(path) => std::slice::from_ref(path),
        FieldPlan::Join(paths) => paths,
    }
}
