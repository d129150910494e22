//! A first look at a tool: one small page of each request, and its rows as the connector understands them.
//!
//! Keeps nothing: pages lie in a folder that is gone afterwards. Must not publish rows.

use super::Gathered;
use super::asked::{Order, failed, reach, secrets, settings, span};
use crate::source::SourceError;
use crate::source::answers::{self, Pages};
use crate::source::ask::AskError;
use crate::source::ask::asker::Asker;
use crate::source::ask::fetch::{Fetched, Fetcher};
use crate::source::ask::recording::Recording;
use crate::source::ask::window::Limit;
use crate::source::http::Transport;
use crate::source::manifest::{AskingPlan, Manifest, TablePlan, find};
use polars::prelude::{DataFrame, DataType, PolarsResult};
use std::collections::BTreeSet;
use std::path::Path;

/// Records that a page of a first look asks for.
const ROWS: u64 = 5;
/// Rows of a table that are shown.
const SHOWN: usize = 3;

/// The columns that name people or say in free words what happened to them.
pub const PERSONAL: &[&str] = &["approved_by", "cause", "owner", "requested_by", "title", "workaround"];

/// What a first look showed.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Each request, in the order in which they were asked.
    pub requests: Vec<TriedRequest>,
    /// Each table that the connector fills.
    pub tables: Vec<TriedTable>,
    /// By how many seconds the tool's clock is ahead of ours, where it tells.
    pub skew_s: Option<i64>,
    /// What the question said that must succeed before all others; `None` where the connector has none.
    pub check: Option<String>,
}

/// What came of one request.
#[derive(Clone, Debug)]
pub struct TriedRequest {
    /// Its name.
    pub name: String,
    /// What was asked, secrets as `{name}`.
    pub asked: String,
    /// Records that came.
    pub records: u64,
    /// Records that there are, where the tool tells.
    pub total: Option<u64>,
    /// What a pull could claim.
    pub complete: String,
    /// Why nothing came.
    pub failed: Option<String>,
}

/// The rows of one table.
#[derive(Clone, Debug)]
pub struct TriedTable {
    /// Its canonical name.
    pub table: String,
    /// How many rows came.
    pub rows: u64,
    /// The first of them: column and text of every cell that is not empty.
    pub first: Vec<Vec<(String, String)>>,
    /// Columns that are in no record.
    pub absent: Vec<String>,
    /// What else was found, a sentence each.
    pub found: Vec<String>,
    /// Why there are no rows.
    pub failed: Option<String>,
}

/// What was said to and by a tool.
pub(super) struct Talk {
    pub(super) recording: Recording,
    pub(super) fetched: Fetched,
    /// Requests that have no answer, with the reason.
    pub(super) failed: Vec<(String, AskError)>,
}

/// Asks each request for one small page and reads what came.
pub fn trial(order: &mut Order<'_>) -> Result<Trial, SourceError> {
    let (_, plans, mut asking) = planned(order)?;
    for request in &mut asking.requests {
        request.paging.shrink(ROWS);
    }
    let folder = passing(order)?;
    let talk = converse(order, &asking, Limit { pages: 1, lists: 1 }, folder.path())?;
    let mut seen = Trial {
        skew_s: talk.fetched.tool_time.zip(talk.fetched.our_time).map(|(tool, ours)| (tool - ours).num_seconds()),
        check: check(&asking, &talk),
        ..Trial::default()
    };
    for request in &asking.requests {
        let list = talk.fetched.lists.iter().find(|list| list.request == request.name);
        let page = list.and_then(|list| talk.recording.pages().get(*list.pages.first()?));
        seen.requests.push(TriedRequest {
            name: request.name.clone(),
            asked: page.map(|page| page.asked.clone()).unwrap_or_default(),
            records: list.map_or(0, |list| list.rows.iter().sum()),
            total: list.and_then(|list| list.total),
            complete: request.complete.in_words(),
            failed: match talk.failed.iter().find(|(name, _)| *name == request.name) {
                Some((_, error)) => Some(error.to_string()),
                None if list.is_none() => Some(match &request.each {
                    Some(each) => format!("not asked: [request.{}] gave no value to ask for", each.request),
                    None => "not asked: its window is empty".into(),
                }),
                None => None,
            },
        });
    }
    for plan in &plans {
        seen.tables.push(table(order, plan, &asking, &talk));
    }
    Ok(seen)
}

/// Returns connector and plans of an order whose connector asks a tool.
pub(super) fn planned(order: &Order<'_>) -> Result<(Manifest, Vec<TablePlan>, AskingPlan), SourceError> {
    let (manifest, plans) = super::plans(order.source, order.book)?;
    let filled = manifest.fill(&order.source.settings).map_err(|message| settings(order.source, message))?;
    let asking = manifest.asking(&filled)?.ok_or_else(|| {
        let name = &manifest.connector.name;
        settings(
            order.source,
            format!("the connector `{name}` reads files and asks nobody; `servicebook pull` reads them"),
        )
    })?;
    Ok((manifest, plans, asking))
}

/// Makes a folder that is gone when it is no longer held.
pub(super) fn passing(order: &Order<'_>) -> Result<tempfile::TempDir, SourceError> {
    tempfile::tempdir().map_err(|error| {
        failed(order.source, AskError::Keep { folder: "the folder for temporary files".into(), error })
    })
}

/// Asks every request, each as far as a limit lets it. One that fails does not keep the others from being asked.
pub(super) fn converse(
    order: &mut Order<'_>,
    asking: &AskingPlan,
    limit: Limit,
    folder: &Path,
) -> Result<Talk, SourceError> {
    let source = order.source;
    let filled =
        find(&source.connector, order.book)?.fill(&source.settings).map_err(|message| settings(source, message))?;
    let secrets = secrets(order, asking, &filled)?;
    let span = span(order, asking, false, order.now);
    let keep = |error| failed(source, AskError::Keep { folder: folder.display().to_string(), error });
    let mut talk =
        Talk { recording: Recording::open(folder).map_err(keep)?, fetched: Fetched::default(), failed: Vec::new() };
    let mut wire = match order.transport {
        Some(_) => None,
        None => Some(reach(order, asking)?),
    };
    let transport: &mut dyn Transport = match (&mut order.transport, &mut wire) {
        (Some(given), _) => *given,
        (None, Some(wire)) => wire,
        (None, None) => return Err(settings(source, "there is no way to the tool".into())),
    };
    let mut asker = Asker::new(asking, secrets, transport, order.cancel.clone());
    for request in &asking.requests {
        let wanted = with_followed(asking, &request.name);
        if talk.failed.iter().any(|(name, _)| wanted.contains(name)) {
            let message = "not asked: it follows a request that has no answer".into();
            let name = request.name.clone();
            talk.failed.push((name.clone(), AskError::Compose { request: name, message }));
            continue;
        }
        let fetched = Fetcher {
            plan: asking,
            asker: &mut asker,
            recording: &mut talk.recording,
            span: &span,
            wanted: &wanted,
            progress: order.progress,
            now: order.clock,
            folder,
            limit: Some(limit),
        }
        .fetch();
        match fetched {
            Ok(fetched) => {
                talk.fetched.lists.extend(fetched.lists.into_iter().filter(|list| list.request == request.name));
                talk.fetched.tool_time = talk.fetched.tool_time.or(fetched.tool_time);
                talk.fetched.our_time = talk.fetched.our_time.or(fetched.our_time);
            }
            Err(AskError::Cancelled) => {
                asker.log_out();
                return Err(failed(source, AskError::Cancelled));
            }
            Err(error) => talk.failed.push((request.name.clone(), error)),
        }
    }
    asker.log_out();
    Ok(talk)
}

/// Returns a request with all that it follows.
fn with_followed(asking: &AskingPlan, name: &str) -> BTreeSet<String> {
    let mut wanted = BTreeSet::from([name.to_owned()]);
    // Requests stand behind those that they follow.
    for request in asking.requests.iter().rev().filter(|request| request.each.is_some()) {
        if wanted.contains(&request.name) {
            wanted.extend(request.each.iter().map(|each| each.request.clone()));
        }
    }
    wanted
}

fn check(asking: &AskingPlan, talk: &Talk) -> Option<String> {
    let check = asking.check.as_ref()?;
    let asked = format!("{} {}", check.method.word(), check.path.shown());
    let answered = !talk.fetched.lists.is_empty();
    Some(if answered { format!("{asked} was answered: the account is known") } else { format!("{asked} was refused") })
}

fn table(order: &Order<'_>, plan: &TablePlan, asking: &AskingPlan, talk: &Talk) -> TriedTable {
    let mut seen = TriedTable {
        table: plan.table.name().to_owned(),
        rows: 0,
        first: Vec::new(),
        absent: Vec::new(),
        found: Vec::new(),
        failed: None,
    };
    let Some(wanted) = &plan.answers else { return seen };
    if talk.failed.iter().any(|(name, _)| *name == wanted.request) {
        seen.failed = Some(format!("[request.{}] has no answer", wanted.request));
        return seen;
    }
    let pages = Pages { asking, fetched: &talk.fetched, recording: &talk.recording };
    let mut gathered = Gathered::default();
    let read = answers::read(plan, wanted, pages, &order.source.id).and_then(|answered| {
        for finding in answered.findings {
            match finding.id.rsplit_once('.') {
                Some((_, column)) if finding.kind == "absent_field" => seen.absent.push(column.to_owned()),
                _ => seen.found.push(finding.text),
            }
        }
        gathered.mapped(plan, answered.mapped, &order.source.id)
    });
    if let Err(error) = read {
        seen.failed = Some(error.to_string());
        return seen;
    }
    for frame in gathered.tables.remove(&plan.table).unwrap_or_default() {
        seen.rows += frame.height() as u64;
        // A cell that cannot be shown is left out of a first look.
        seen.first.extend(first_rows(&frame).unwrap_or_default());
    }
    seen.found.extend(gathered.findings.into_iter().map(|finding| finding.text));
    seen.found.extend(
        gathered
            .quarantine
            .iter()
            .take(SHOWN)
            .map(|record| format!("quarantined {}, record {}: {}", record.file, record.line, record.reason)),
    );
    seen
}

/// Returns the first rows of a frame as texts.
fn first_rows(frame: &DataFrame) -> PolarsResult<Vec<Vec<(String, String)>>> {
    let head = frame.head(Some(SHOWN));
    let mut rows = vec![Vec::new(); head.height()];
    for column in head.columns().iter().filter(|column| column.name() != "source") {
        let instants = matches!(column.dtype(), DataType::Datetime(..));
        let texts = column.cast(if instants { &DataType::Int64 } else { &DataType::String })?;
        for (at, row) in rows.iter_mut().enumerate() {
            let text = if instants {
                texts
                    .i64()?
                    .get(at)
                    .and_then(chrono::DateTime::from_timestamp_millis)
                    .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
            } else {
                texts.str()?.get(at).map(str::to_owned)
            };
            row.extend(text.map(|text| (column.name().to_string(), text)));
        }
    }
    Ok(rows)
}
