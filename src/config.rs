//! The book's `config.toml`: what it may say, how it is read and found.
//!
//! Knows keys, defaults and the messages for wrong ones. Must not open sources or compute.

mod charts;
mod composition;
mod holidays;
mod ics;
mod recurrence;

use crate::model::agreement::AgreementKind;
use crate::model::catalogue::{Asserted, CalendarRule, FigureSettings, HoldRule, ServiceGroup};
use crate::model::duration::Seconds;
use crate::model::{Agreement, Catalogue, ControlChart, Customer, Date, Edition, Resource, Service};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything that a `config.toml` may say. Unknown keys are errors with their line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The book itself.
    pub book: BookConfig,
    /// Settings of the figures.
    #[serde(default)]
    pub figures: FigureSettings,
    /// Where pulled rows are kept and who may read them.
    #[serde(default)]
    pub store: StoreConfig,
    /// The monthly report's descriptor.
    #[serde(default)]
    pub report: ReportConfig,
    /// Services.
    #[serde(default, rename = "service")]
    pub services: Vec<Service>,
    /// Groups of services.
    #[serde(default, rename = "service_group")]
    pub groups: Vec<ServiceGroup>,
    /// Customers.
    #[serde(default, rename = "customer")]
    pub customers: Vec<Customer>,
    /// Calendars.
    #[serde(default, rename = "calendar")]
    pub calendars: Vec<CalendarRule>,
    /// Agreements.
    #[serde(default, rename = "agreement")]
    pub agreements: Vec<Agreement>,
    /// Resources with a capacity threshold.
    #[serde(default, rename = "resource")]
    pub resources: Vec<Resource>,
    /// Figures whose months are watched; without any, incidents opened and resolved in time of each service.
    #[serde(default, rename = "control_chart")]
    pub control_charts: Vec<ControlChart>,
    /// Sources.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceConfig>,
}

/// `[book]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookConfig {
    /// The title that is printed.
    pub title: String,
    /// The zone of months and of printed times.
    #[serde(with = "crate::model::date::zone")]
    pub zone: Tz,
    /// The edition whose clause numbers are printed.
    #[serde(default)]
    pub edition: Edition,
    /// Marks the demo book.
    #[serde(default)]
    pub sample: bool,
    /// Pins the clock; only the demo book may.
    #[serde(default, with = "crate::model::date::instant")]
    pub clock: Option<DateTime<Utc>>,
}

/// `[store]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Folder of pulled rows, relative to the book.
    pub path: PathBuf,
    /// Unix group that may read it; without one only the owner may.
    pub group: Option<String>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { path: PathBuf::from("store"), group: None }
    }
}

/// `[report]`: who the monthly report is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportConfig {
    /// The title that is printed.
    pub title: String,
    /// The decision it serves.
    pub purpose: String,
    /// Roles it is made for.
    pub audience: Vec<String>,
    /// How often it is made.
    pub frequency: String,
    /// The role that answers for it.
    pub owner: String,
    /// Rises when the definition changes.
    pub version: u32,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self {
            title: "Monthly service report".into(),
            purpose: "Decide with the customer what to keep and what to change in the services of the month.".into(),
            audience: vec!["customer".into(), "service owner".into()],
            frequency: "monthly".into(),
            owner: "service level manager".into(),
            version: 1,
        }
    }
}

/// `[[source]]`: a connector with the files and settings it is used with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Stable id, printed in receipts.
    pub id: String,
    /// A connector's name: one of `connectors/`, or one of the book's own `connectors/` folder.
    pub connector: String,
    /// Files or patterns, relative to the book.
    #[serde(default)]
    pub files: Vec<String>,
    /// Values for the connector's settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// How state between checks is known.
    #[serde(default)]
    pub hold: Option<HoldRule>,
    /// Declares an outage register complete: coverage is asserted.
    #[serde(default)]
    pub declared_complete: bool,
    /// First day of that declaration; from the first row on where it is left out.
    #[serde(default)]
    pub declared_from: Option<Date>,
    /// Services that the declaration speaks for; all where it is left out.
    #[serde(default)]
    pub declared_services: Vec<String>,
    /// Age of the last pull after which figures are stale.
    #[serde(default)]
    pub stale_after: Option<Seconds>,
}

/// Why a config cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("{path}: {message}")]
    Parse {
        /// Which file.
        path: String,
        /// Where and what, with the line.
        message: String,
    },
    /// The file is understood, but two parts of it do not fit together.
    #[error("{path}: {message}\nhint: {hint}")]
    Meaning {
        /// Which file.
        path: String,
        /// What does not fit.
        message: String,
        /// What to do.
        hint: String,
    },
}

impl Config {
    /// Reads and checks the text of a `config.toml`; files that it names are not read.
    pub fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::Parse {
            path: path.to_owned(),
            message: crate::text::screen_lines(&error.to_string()),
        })?;
        config.check(path)?;
        Ok(config)
    }

    /// Reads `config.toml` in a book's folder, with the files of holidays that it names.
    pub fn load(book: &Path) -> Result<Self, ConfigError> {
        let path = book.join("config.toml");
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Read { path: shown.clone(), error })?;
        let mut config = Self::parse(&text, &shown)?;
        holidays::read(book, &mut config)?;
        Ok(config)
    }

    /// Returns what figures are judged by.
    pub fn catalogue(&self) -> Catalogue {
        Catalogue {
            title: self.book.title.clone(),
            zone: self.book.zone,
            services: self.services.clone(),
            groups: self.groups.clone(),
            customers: self.customers.clone(),
            calendars: self.calendars.clone(),
            agreements: self.agreements.clone(),
            resources: self.resources.clone(),
            control_charts: self.control_charts.clone(),
            settings: self.figures.clone(),
            holds: self.sources.iter().filter_map(|s| Some((s.id.clone(), s.hold?))).collect(),
            asserted: self
                .sources
                .iter()
                .filter(|s| s.declared_complete)
                .map(|s| Asserted {
                    source: s.id.clone(),
                    from: s.declared_from,
                    services: s.declared_services.clone(),
                })
                .collect(),
        }
    }

    fn check(&self, path: &str) -> Result<(), ConfigError> {
        let wrong = |message: String, hint: &str| {
            Err(ConfigError::Meaning {
                path: path.to_owned(),
                message: crate::text::screen_lines(&message),
                hint: hint.to_owned(),
            })
        };
        let calendars: BTreeSet<&str> = self.calendars.iter().map(|c| c.id.as_str()).chain(["24x7"]).collect();
        let services: BTreeSet<&str> = self.services.iter().map(|s| s.id.as_str()).collect();
        let customers: BTreeSet<&str> = self.customers.iter().map(|c| c.id.as_str()).collect();
        for (what, ids) in [
            ("service", self.services.iter().map(|s| &s.id).collect::<Vec<_>>()),
            ("service_group", self.groups.iter().map(|g| &g.id).collect()),
            ("customer", self.customers.iter().map(|c| &c.id).collect()),
            ("agreement", self.agreements.iter().map(|a| &a.id).collect()),
            ("source", self.sources.iter().map(|s| &s.id).collect()),
        ] {
            let mut seen = BTreeSet::new();
            for id in ids {
                if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
                    return wrong(
                        format!("the {what} id `{id}` cannot be used"),
                        "use letters, digits, dot, dash and underscore; put the name into `name`",
                    );
                }
                if !seen.insert(id) {
                    return wrong(format!("two {what} entries have the id `{id}`"), "give each its own id");
                }
            }
        }
        for service in &self.services {
            if let Some(calendar) = &service.calendar
                && !calendars.contains(calendar.as_str())
            {
                return wrong(
                    format!("service `{}` names the calendar `{calendar}`, which is not there", service.id),
                    "add a [[calendar]] with that id, or use `24x7`",
                );
            }
        }
        for agreement in &self.agreements {
            if !services.contains(agreement.service.as_str()) {
                return wrong(
                    format!(
                        "agreement `{}` names the service `{}`, which is not there",
                        agreement.id, agreement.service
                    ),
                    "add a [[service]] with that id",
                );
            }
            if let Some(customer) = &agreement.customer
                && !customers.contains(customer.as_str())
            {
                return wrong(
                    format!("agreement `{}` names the customer `{customer}`, which is not there", agreement.id),
                    "add a [[customer]] with that id",
                );
            }
            if let Some(calendar) = &agreement.calendar
                && !calendars.contains(calendar.as_str())
            {
                return wrong(
                    format!("agreement `{}` names the calendar `{calendar}`, which is not there", agreement.id),
                    "add a [[calendar]] with that id, or use `24x7`",
                );
            }
            check_promise(agreement).or_else(|(message, hint)| wrong(message, hint))?;
            if agreement.valid_to.is_some_and(|to| to <= agreement.valid_from) {
                return wrong(
                    format!("agreement `{}` ends before it starts", agreement.id),
                    "`valid_to` is the first day on which it no longer holds",
                );
            }
            for percent in
                [agreement.availability, agreement.response_target, agreement.resolution_target, agreement.satisfaction]
            {
                if percent.is_some_and(|p| !(0.0..=100.0).contains(&p)) {
                    return wrong(
                        format!("agreement `{}` has a target outside 0 to 100 percent", agreement.id),
                        "write 99.9 for 99.9 %",
                    );
                }
            }
        }
        for resource in &self.resources {
            if !services.contains(resource.service.as_str()) {
                return wrong(
                    format!("resource `{}` names the service `{}`, which is not there", resource.id, resource.service),
                    "add a [[service]] with that id",
                );
            }
        }
        for calendar in &self.calendars {
            if let Err(message) = crate::calendar::check(calendar) {
                return wrong(
                    format!("calendar `{}`: {message}", calendar.id),
                    "write hours as `mon = [\"08:00-18:00\"]`; `00:00-24:00` is the whole day",
                );
            }
        }
        let figures = &self.figures;
        for (key, percent) in [
            ("coverage_limit", figures.coverage_limit),
            ("risk_at", figures.risk_at),
            ("satisfied_from", figures.satisfied_from),
        ] {
            if !(0.0..=100.0).contains(&percent) || (percent > 0.0 && percent < 1.0) {
                return wrong(
                    format!("`{key}` is {percent}, which is no percentage"),
                    "write 95.0 for 95 %, from 1 to 100, or 0",
                );
            }
        }
        for (key, days) in
            [("effect_days", figures.effect_days), ("test_after_change_days", figures.test_after_change_days)]
        {
            if days > 366 {
                return wrong(format!("`{key}` is {days} days"), "write days, from 0 to 366");
            }
        }
        if figures.major_risks.iter().any(|risk| risk.trim().is_empty()) {
            return wrong(
                "`major_risks` holds an empty word".into(),
                "name the risk classes of major changes, or write [] where no change calls for a continuity test",
            );
        }
        if !(1..=366).contains(&figures.reopen_days) {
            return wrong(
                format!("`reopen_days` is {}, which is no number of days from 1 to 366", figures.reopen_days),
                "write the days of 24 hours within which a reopening counts against a finish, as `reopen_days = 7`",
            );
        }
        if figures.first_fix_groups.iter().any(|group| group.trim().is_empty()) {
            return wrong(
                "`first_fix_groups` holds an empty name".into(),
                "name the groups as the tickets do, or leave the key out",
            );
        }
        if let Some(resource) = self.resources.iter().find(|resource| !resource.threshold.is_finite()) {
            return wrong(format!("the threshold of resource `{}` is no number", resource.id), "write it as 85.0");
        }
        if let Some(resource) = self.resources.iter().find(|resource| !(2..=45).contains(&resource.season_days)) {
            // Two seasons must fit into the 90 days that a forecast looks back.
            return wrong(
                format!(
                    "resource `{}` has a season of {} days; a forecast looks back 90 days and needs two seasons",
                    resource.id, resource.season_days
                ),
                "write `season_days` from 2 to 45; 7 is a week",
            );
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.resources.iter().find(|r| !seen.insert((r.id.as_str(), r.metric.as_str()))) {
            let message = format!("resource `{}` with metric `{}` stands twice", twice.id, twice.metric);
            return wrong(message, "keep one of them");
        }
        if let Some(agreement) = self.agreements.iter().find(|a| a.maintenance_notice_days.is_some_and(|days| days < 0))
        {
            return wrong(
                format!("agreement `{}` has a negative notice", agreement.id),
                "write the days before the start",
            );
        }
        self.check_names(path)?;
        if let Some((message, hint)) = self.composition_fault() {
            return wrong(message, hint);
        }
        self.check_charts(path)?;
        if self.book.clock.is_some() && !self.book.sample {
            return wrong(
                "`clock` is pinned".into(),
                "only the demo book has a pinned clock; use `--as-of` to look at another time",
            );
        }
        Ok(())
    }
}

impl Config {
    /// Names, ids and aliases are matched without case: one word must not stand for two things.
    fn check_names(&self, path: &str) -> Result<(), ConfigError> {
        let services = self.services.iter().map(|s| ("service", &s.id, &s.name, &s.aliases));
        let customers = self.customers.iter().map(|c| ("customer", &c.id, &c.name, &c.aliases));
        let mut owners: BTreeMap<(&str, String), &str> = BTreeMap::new();
        for (what, id, name, aliases) in services.chain(customers) {
            for word in [id, name].into_iter().chain(aliases) {
                let owner = owners.entry((what, word.trim().to_lowercase())).or_insert(id);
                if *owner != id {
                    return Err(ConfigError::Meaning {
                        path: path.to_owned(),
                        message: crate::text::screen_lines(&format!(
                            "`{word}` names two: {what} `{owner}` and {what} `{id}`"
                        )),
                        hint: "take the name or alias from one of them; case does not count".into(),
                    });
                }
            }
        }
        let mut held: Vec<&Agreement> = Vec::new();
        for agreement in &self.agreements {
            let same = held.iter().find(|other| {
                let binds = |a: &Agreement| [&a.group, &a.supplier].map(|name| name.as_deref().map(folded));
                other.kind == agreement.kind
                    && binds(other) == binds(agreement)
                    && other.service == agreement.service
                    && other.customer == agreement.customer
                    && other.valid_to.is_none_or(|to| agreement.valid_from < to)
                    && agreement.valid_to.is_none_or(|to| other.valid_from < to)
            });
            if let Some(other) = same {
                return Err(ConfigError::Meaning {
                    path: path.to_owned(),
                    message: format!(
                        "agreements `{}` and `{}` hold for the same service and customer at once",
                        other.id, agreement.id
                    ),
                    hint: "end one with `valid_to`, the first day on which it no longer holds".into(),
                });
            }
            held.push(agreement);
        }
        Ok(())
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Checks whom an agreement binds and what its clocks wait for; what is wrong, and what to do.
fn check_promise(agreement: &Agreement) -> Result<(), (String, &'static str)> {
    let (id, kind) = (&agreement.id, agreement.kind.word());
    let named = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.trim().is_empty());
    let (group, supplier) = (named(&agreement.group), named(&agreement.supplier));
    match agreement.kind {
        AgreementKind::Sla if agreement.group.is_some() || agreement.supplier.is_some() => {
            let hint = "write kind = \"ola\" for a group or kind = \"uc\" for a supplier, or take the name out";
            return Err((format!("agreement `{id}` is with a customer and names a group or supplier"), hint));
        }
        AgreementKind::Ola if !group => {
            let hint = "write the group as the tickets name it: group = \"Network\"";
            return Err((format!("agreement `{id}` of kind ola names no group"), hint));
        }
        AgreementKind::Ola if agreement.supplier.is_some() => {
            return Err((
                format!("agreement `{id}` of kind ola names a supplier"),
                "a supplier is bound by kind = \"uc\"",
            ));
        }
        AgreementKind::Uc if !group && !supplier => {
            let hint = "write the supplier, or the group that stands for it, as the tickets name it";
            return Err((format!("agreement `{id}` of kind uc names neither supplier nor group"), hint));
        }
        _ => {}
    }
    if !agreement.is_sla() {
        let unused = [
            ("availability", agreement.availability.is_some()),
            ("maintenance_notice_days", agreement.maintenance_notice_days.is_some()),
            ("response", !agreement.response.is_empty()),
            ("response_target", agreement.response_target.is_some()),
            ("workload", !agreement.workload.is_empty()),
            ("satisfaction", agreement.satisfaction.is_some()),
        ];
        if let Some((key, _)) = unused.iter().find(|(_, there)| *there) {
            let hint = "only resolution goals are judged for ola and uc; put the rest into the sla that they support";
            return Err((format!("agreement `{id}` of kind {kind} has `{key}`, which nothing judges"), hint));
        }
    }
    let clock = &agreement.clock;
    for (key, condition) in
        [("start", &clock.start), ("pause", &clock.pause), ("stop", &clock.stop), ("cancel", &clock.cancel)]
    {
        if condition.as_ref().is_some_and(|condition| condition.status.is_empty() && condition.group.is_empty()) {
            let hint = "name a status or a group, as status = [\"pending\"], or leave the key out";
            return Err((format!("`{key}` in the clock of agreement `{id}` names neither status nor group"), hint));
        }
    }
    Ok(())
}

/// Finds the book's folder upwards from a folder: the nearest `config.toml` with a `[book]` table.
pub fn find_upwards(from: &Path) -> Option<PathBuf> {
    from.ancestors().find(|folder| is_book(folder)).map(Path::to_path_buf)
}

fn is_book(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("config.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim_start().starts_with("[book]")))
}
