//! The book's `config.toml`: what it may say, how it is read and found.
//!
//! Knows keys, defaults and the messages for wrong ones. Must not open sources or compute.

mod charts;
mod check;
mod composition;
mod holidays;
mod ics;
pub mod preferences;
mod recurrence;

use crate::model::catalogue::{Asserted, CalendarRule, FigureSettings, HoldRule, ServiceGroup};
use crate::model::duration::Seconds;
use crate::model::{Agreement, Catalogue, ControlChart, Customer, Date, Edition, Resource, Service};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// How far back the first pull of a tool goes; 13 months where it is left out.
    #[serde(default)]
    pub since: Option<Date>,
    /// How a tool is reached.
    #[serde(default)]
    pub http: HttpConfig,
}

/// `http` of a `[[source]]`: how a tool is reached. Files are relative to the book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Certificates of authorities that are trusted beside the machine's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, in PEM.
    pub client_certificate: Option<PathBuf>,
    /// Its key, in PEM; its owner alone may read it.
    pub client_key: Option<PathBuf>,
    /// SHA-256 of the server's own certificate, in place of an authority.
    pub pin_sha256: Option<String>,
    /// A proxy, as `http://proxy.example:3128`.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy.
    pub no_proxy: Vec<String>,
    /// Takes `http://` too: everybody on the way can read secrets and rows.
    pub allow_http: bool,
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
        check::fault(self).map_or(Ok(()), |(message, hint)| {
            Err(ConfigError::Meaning {
                path: path.to_owned(),
                message: crate::text::screen_lines(&message),
                hint: hint.to_owned(),
            })
        })
    }
}

/// Finds the book's folder upwards from a folder: the nearest `config.toml` with a `[book]` table.
pub fn find_upwards(from: &Path) -> Option<PathBuf> {
    from.ancestors().find(|folder| is_book(folder)).map(Path::to_path_buf)
}

fn is_book(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("config.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim_start().starts_with("[book]")))
}
