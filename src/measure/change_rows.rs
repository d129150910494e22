//! Changes and releases row by row: implemented when, as planned or not, approved or not, with which consequences.
//!
//! Knows tickets and links. Must not know scopes or figures.

use super::links::Link;
use super::ticket_state::{instants_of, milliseconds, text};
use super::tickets::Window;
use crate::model::catalogue::FigureSettings;
use polars::prelude::*;
use std::collections::{BTreeSet, HashMap};

const DAY_MS: i64 = 86_400_000;

/// Columns of the measured tickets that the flags need.
pub const NEEDED: &[&str] = &[
    "source",
    "source_key",
    "planned_start",
    "planned_end",
    "actual_start",
    "actual_end",
    "approved_at",
    "outcome",
    "backed_out",
    "change_type",
];

/// An incident that a change caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Caused {
    incident: usize,
    opened: i64,
    known_at: Option<i64>,
}

/// A change after which continuity plans of its service must be tested anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MajorChange {
    /// The service's id.
    pub service: String,
    /// When its work ended, in epoch seconds.
    pub at: i64,
    /// The tool's key.
    pub key: String,
}

/// Which fields of changes the book's tools tell at all: a count over the others would be a silent nought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Some change has an approval.
    pub approval: bool,
    /// Some change says whether it was reversed.
    pub backed_out: bool,
    /// Some change has an outcome.
    pub outcome: bool,
}

/// What no period changes about the book's changes.
#[derive(Debug, Default)]
pub struct ChangeRecord {
    caused: HashMap<(String, String), Vec<Caused>>,
    /// Which fields are told.
    pub told: Told,
    /// Major changes that were implemented, in the order of their end.
    pub major: Vec<MajorChange>,
}

impl ChangeRecord {
    /// Reads the changes of a book. `tickets` are all of them, with services as ids of the catalogue.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn new(tickets: &DataFrame, links: &[Link], settings: &FigureSettings) -> PolarsResult<Self> {
        let (kind, source, key) = (text(tickets, "type")?, text(tickets, "source")?, text(tickets, "source_key")?);
        let opened = instants_of(tickets, "opened_at")?;
        let mut caused: HashMap<(String, String), Vec<Caused>> = HashMap::new();
        let ties =
            links.iter().filter(|link| link.kind == "caused_by").filter_map(|l| Some((l.from?, l.to?, l.known_at)));
        for (from, to, known_at) in ties {
            let (Some("incident"), Some("change" | "release"), Some(at)) =
                (kind.get(from), kind.get(to), opened.get(from))
            else {
                continue;
            };
            let change = (source.get(to).unwrap_or("").to_owned(), key.get(to).unwrap_or("").to_owned());
            let incidents = caused.entry(change).or_default();
            match incidents.iter_mut().find(|known| known.incident == from) {
                // A link that stands twice ties once, from when it was first known.
                Some(twice) => twice.known_at = twice.known_at.min(known_at),
                None => incidents.push(Caused { incident: from, opened: at, known_at }),
            }
        }
        let mut record = Self { caused, ..Self::default() };
        record.read_changes(tickets, settings)?;
        Ok(record)
    }

    fn read_changes(&mut self, tickets: &DataFrame, settings: &FigureSettings) -> PolarsResult<()> {
        let (kind, key, service) = (text(tickets, "type")?, text(tickets, "source_key")?, text(tickets, "service")?);
        let (risk, outcome) = (text(tickets, "risk")?, text(tickets, "outcome")?);
        let (ended, approved) = (instants_of(tickets, "actual_end")?, instants_of(tickets, "approved_at")?);
        let backed_out = tickets.column("backed_out")?.bool()?;
        let major: BTreeSet<String> = settings.major_risks.iter().map(|risk| risk.trim().to_lowercase()).collect();
        for row in (0..tickets.height()).filter(|row| kind.get(*row) == Some("change")) {
            self.told.approval |= approved.get(row).is_some();
            self.told.backed_out |= backed_out.get(row).is_some();
            self.told.outcome |= outcome.get(row).is_some();
            if let (Some(at), Some(service), Some(risk)) = (ended.get(row), service.get(row), risk.get(row))
                && major.contains(&risk.trim().to_lowercase())
            {
                let key = key.get(row).unwrap_or("").to_owned();
                self.major.push(MajorChange { service: service.to_owned(), at: at.div_euclid(1_000), key });
            }
        }
        self.major.sort_by(|a, b| (a.at, &a.service, &a.key).cmp(&(b.at, &b.service, &b.key)));
        Ok(())
    }

    /// Counts the incidents that a change caused: opened from the start of its work until the end of its effect window,
    /// without duplicates that the book drops.
    fn incidents(&self, change: (&str, &str), (from, until): (i64, i64), as_of: i64, dropped: Dropped<'_>) -> i64 {
        let Some(incidents) = self.caused.get(&(change.0.to_owned(), change.1.to_owned())) else { return 0 };
        let within = incidents.iter().filter(|incident| {
            (from..until.min(as_of)).contains(&incident.opened)
                && incident.known_at.is_none_or(|known| known < as_of)
                && !dropped(incident.incident)
        });
        i64::try_from(within.count()).unwrap_or(i64::MAX)
    }
}

/// Tells of a row of the book's tickets whether it is a duplicate that the book drops.
pub type Dropped<'a> = &'a dyn Fn(usize) -> bool;

/// What is measured of each row.
#[derive(Default)]
struct Flags {
    implemented: Vec<bool>,
    judged: Vec<bool>,
    succeeded: Vec<bool>,
    left_out: Vec<Option<&'static str>>,
    in_window: Vec<Option<bool>>,
    incidents: Vec<i64>,
    unauthorised: Vec<bool>,
}

/// Adds the flags of changes and releases to measured tickets: whether they were implemented in the period, and how.
///
/// # Errors
/// A polars error where the frame lacks a column.
pub fn flags(
    mut frame: DataFrame,
    window: Window,
    effect_days: u32,
    record: &ChangeRecord,
    dropped: Dropped<'_>,
) -> PolarsResult<DataFrame> {
    let flags = measured(&frame, window, effect_days, record, dropped)?;
    let caused: Vec<bool> = flags.incidents.iter().map(|count| *count > 0).collect();
    for column in [
        Column::new("implemented_in_period".into(), flags.implemented),
        Column::new("change_judged".into(), flags.judged),
        Column::new("change_succeeded".into(), flags.succeeded),
        Column::new("change_left_out".into(), flags.left_out),
        Column::new("change_in_window".into(), flags.in_window),
        Column::new("change_caused_incident".into(), caused),
        Column::new("change_incidents".into(), flags.incidents),
        Column::new("change_unauthorised".into(), flags.unauthorised),
    ] {
        frame.with_column(column)?;
    }
    Ok(frame)
}

fn measured(
    frame: &DataFrame,
    window: Window,
    effect_days: u32,
    record: &ChangeRecord,
    drops: Dropped<'_>,
) -> PolarsResult<Flags> {
    let (kind, outcome, change_type) = (text(frame, "type")?, text(frame, "outcome")?, text(frame, "change_type")?);
    let (source, key) = (text(frame, "source")?, text(frame, "source_key")?);
    let (planned_start, planned_end) = (milliseconds(frame, "planned_start")?, milliseconds(frame, "planned_end")?);
    let (started, ended) = (milliseconds(frame, "actual_start")?, milliseconds(frame, "actual_end")?);
    let (approved, backed_out) = (milliseconds(frame, "approved_at")?, frame.column("backed_out")?.bool()?);
    // A duplicate that the book drops is in no figure.
    let dropped = frame.column("dropped")?.bool()?;
    let as_of = window.as_of * 1_000;
    let period = window.start * 1_000..(window.end * 1_000).min(as_of);
    let mut flags = Flags::default();
    for row in 0..frame.height() {
        let counts = matches!(kind.get(row), Some("change" | "release")) && dropped.get(row) != Some(true);
        let Some(end) = ended[row].filter(|at| counts && period.contains(at)) else {
            flags.push_none();
            continue;
        };
        let start = started[row];
        let early = planned_start[row].zip(start).map(|(planned, start)| start < planned);
        let late = planned_end[row].map(|planned| end > planned);
        let in_window = (early.is_some() || late.is_some()).then(|| early != Some(true) && late != Some(true));
        let change = (source.get(row).unwrap_or(""), key.get(row).unwrap_or(""));
        let until = end.saturating_add(i64::from(effect_days) * DAY_MS);
        let incidents = record.incidents(change, (start.unwrap_or(end).min(end), until), as_of, drops);
        let left_out = match outcome.get(row) {
            Some("successful" | "failed" | "partial") => None,
            Some("cancelled") => Some("cancelled"),
            Some(_) => Some("outcome of another word"),
            None => Some("no outcome"),
        };
        flags.implemented.push(true);
        flags.judged.push(left_out.is_none());
        flags.left_out.push(left_out);
        flags.in_window.push(in_window);
        flags.incidents.push(incidents);
        flags.succeeded.push(
            outcome.get(row) == Some("successful")
                && backed_out.get(row) != Some(true)
                && in_window != Some(false)
                && incidents == 0,
        );
        // The model of a standard change approves it beforehand.
        flags
            .unauthorised
            .push(change_type.get(row) != Some("standard") && approved[row].is_none_or(|at| at > start.unwrap_or(end)));
    }
    Ok(flags)
}

impl Flags {
    fn push_none(&mut self) {
        self.implemented.push(false);
        self.judged.push(false);
        self.succeeded.push(false);
        self.left_out.push(None);
        self.in_window.push(None);
        self.incidents.push(0);
        self.unauthorised.push(false);
    }
}
