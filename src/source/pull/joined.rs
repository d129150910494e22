//! Pages and what was here before to the rows of now: merged, swept, counted, with the receipt of it all.
//!
//! Must not know how pages are fetched.

use super::asked::{Before, Order, failed};
use super::merge;
use super::{Gathered, findings};
use crate::model::period::rfc3339;
use crate::model::{Asked, Completeness, Finding, MonthCount, Period, Pulled, Quarantined, Receipt, SourceFile, Table};
use crate::source::SourceError;
use crate::source::answers::{self, Pages};
use crate::source::ask::AskError;
use crate::source::ask::fetch::{SKEW, Span};
use crate::source::decode::{FieldPath, FieldPlan, PageFacts, RowPath, RowsPlan, rows};
use crate::source::manifest::{AnswerComplete, Manifest, TablePlan, WindowKind, hex};
use chrono::{DateTime, TimeDelta, Utc};
use polars::prelude::DataFrame;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Everything that makes the rows of now out of pages and of what was here before.
pub(super) struct Joined<'a, 'o> {
    pub order: &'a Order<'o>,
    pub manifest: &'a Manifest,
    pub plans: &'a [TablePlan],
    pub pages: Pages<'a>,
    pub before: Option<&'a Before>,
    pub span: &'a Span,
    pub now: DateTime<Utc>,
}

impl Joined<'_, '_> {
    pub fn pulled(&self) -> Result<Pulled, SourceError> {
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
        // One period that is whole does not make the others so.
        if self.order.period.is_some()
            && let Some(Completeness::Incomplete { reason }) = self.before.map(|before| &before.receipt.completeness)
        {
            gathered.cut.push(reason.clone());
        }
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
            let asked = self.pages.fetched.lists.iter().any(|list| list.request == request.name);
            if !asked || self.pages.asking.only_counts(&request.name) {
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
        // Of a first pull of one period nothing is known but that period: the next one asks for everything.
        if self.order.period.is_some() {
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
        // What was asked again and cannot be read still is the same record.
        let again: HashSet<Quarantined> = gathered.quarantine.iter().map(unplaced).collect();
        let stay = before.quarantine.iter().filter(|record| !again.contains(&unplaced(record)));
        let stay: Vec<Quarantined> = stay.cloned().collect();
        let carried = stay.len() as u64;
        gathered.quarantine.extend(stay);
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
        let mut requests = of_table.filter_map(|answers| self.pages.asking.request(&answers.request)).peekable();
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
            let plan = self.pages.asking.request(request);
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
    fn listed(&self, request: &str, path: &RowPath, key: &FieldPath) -> Result<Option<HashSet<String>>, SourceError> {
        let mut lists = self.pages.fetched.lists.iter().filter(|list| list.request == request).peekable();
        if lists.peek().is_none() {
            return Ok(None);
        }
        // A list that may lack keys proves no deletion.
        if lists.any(|list| list.missing.is_some()) {
            return Ok(None);
        }
        let format = self.pages.asking.request(request).map(|plan| plan.format);
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

/// Returns a record without its place, which another pull gives anew.
fn unplaced(record: &Quarantined) -> Quarantined {
    Quarantined { file: String::new(), line: 0, ..record.clone() }
}

/// Says in the receipt how many records stay of earlier pulls.
fn earlier_rows(receipt: &Receipt, records: u64) -> SourceFile {
    let mut hash = Sha256::new();
    receipt.files.iter().for_each(|file| hash.update(file.sha256.as_bytes()));
    let name = format!("rows of earlier pulls ({})", receipt.id);
    SourceFile { name, bytes: 0, sha256: hex(&hash.finalize()), records }
}
