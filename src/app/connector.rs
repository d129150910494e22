//! Connectors: which there are, what they ask, and a first look at a tool before anything is pulled.

use super::book::{Book, Wanted};
use super::session::SessionError;
use crate::clock::Clock;
use crate::config::{SourceConfig, find_upwards};
use crate::model::{Period, Table};
use crate::source::ask::fetch::Progress;
use crate::source::http::Cancel;
use crate::source::manifest::{SHIPPED, find};
use crate::source::{self, Order};
use chrono_tz::Tz;
use std::path::{Path, PathBuf};

pub use crate::source::manifest::{AskingInWords, RequestInWords, SettingKind, schema};
pub use crate::source::{Manifest, ManifestError, PERSONAL, PlannedRequest, Preview, Specimen, Trial, TriedTable};

/// A connector that is there.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its manifest, or why it cannot be used.
    pub manifest: Result<Box<Manifest>, ManifestError>,
    /// Whether it is the book's own.
    pub own: bool,
}

/// What a first look is made with.
pub struct Asking<'a> {
    /// Only this time.
    pub period: Option<Period>,
    /// Looks up environment variables, for secrets.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Told after each page.
    pub progress: &'a mut dyn FnMut(&Progress),
    /// Ends it.
    pub cancel: Cancel,
}

/// Returns the folder of the book that is meant; `None` where there is none, for the demo has no connectors of its own.
pub fn folder(wanted: &Wanted) -> Option<PathBuf> {
    let named = wanted.given.as_ref().or(wanted.from_environment.as_ref());
    named.cloned().or_else(|| find_upwards(&wanted.working_folder))
}

/// Lists the connectors that come with the program, and those of a book in place of them or beside them.
pub fn list(book: Option<&Path>) -> Vec<Listed> {
    let mut own: Vec<String> = Vec::new();
    let entries = book.and_then(|book| std::fs::read_dir(book.join("connectors")).ok());
    for path in entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|ending| ending == "toml")) {
            own.push(stem.to_owned());
        }
    }
    let mut names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).chain(own.iter().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| Listed {
            name: name.to_owned(),
            manifest: manifest(name, book).map(Box::new),
            own: own.iter().any(|known| known == name),
        })
        .collect()
}

/// Returns a connector by its name: the book's own, else the one that comes with the program.
pub fn manifest(name: &str, book: Option<&Path>) -> Result<Manifest, ManifestError> {
    find(name, book.unwrap_or(Path::new("/nonexistent")))
}

/// Returns everything that is wrong in a manifest's file, and its name where nothing is.
pub fn check(file: &Path) -> Result<Result<Manifest, Vec<ManifestError>>, SessionError> {
    let shown = crate::text::screen_str(&file.display().to_string());
    let text = std::fs::read_to_string(file).map_err(|error| SessionError::Unknown {
        message: format!("cannot read {shown}: {error}"),
        hint: "name the manifest's file, as connectors/desk.toml".into(),
    })?;
    let faults = Manifest::faults(&text, &file.display().to_string());
    if faults.is_empty() {
        return Ok(Manifest::parse(&text, &file.display().to_string()).map_err(|fault| vec![fault]));
    }
    Ok(Err(faults))
}

/// Composes what a pull of a source, or of a connector with settings that stand in, would ask.
pub fn plan(
    of: &str,
    root: Option<&Path>,
    book: Option<&Book>,
    period: Option<&str>,
) -> Result<(SourceConfig, Preview), SessionError> {
    let configured = book.and_then(|book| book.config.sources.iter().find(|source| source.id == of)).cloned();
    let zone = book.map_or(Tz::UTC, |book| book.config.book.zone);
    let configured = match configured {
        Some(configured) => configured,
        None => standing_in(of, &manifest(of, root).map_err(source::SourceError::from)?)?,
    };
    let period = period
        .map(|text| Period::parse(text, zone))
        .transpose()
        .map_err(|error| unknown(error.to_string(), "write it as 2026-09, 2026-Q3 or 2026"))?;
    let clock = book.map_or(Clock::System, |book| book.clock);
    let asking = &mut Asking { period, environment: &|_| None, progress: &mut |_| {}, cancel: Cancel::default() };
    let folder = root.unwrap_or(Path::new("/nonexistent"));
    let preview = source::preview(&order(&configured, folder, zone, clock, asking, &move || clock.now()))?;
    Ok((configured, preview))
}

/// Asks a tool for one small page of each list.
pub fn test(book: &Book, id: &str, asking: &mut Asking<'_>) -> Result<(Manifest, Trial), SessionError> {
    let configured = configured(book, id)?;
    let clock = book.clock;
    let now = move || clock.now();
    let tried = source::trial(&mut order(configured, &book.root, book.config.book.zone, clock, asking, &now))?;
    Ok((find(&configured.connector, &book.root).map_err(source::SourceError::from)?, tried))
}

/// Records some pages of each list of a tool into a new folder.
pub fn record(
    book: &Book,
    id: &str,
    to: &Path,
    pages: usize,
    scrubbed: bool,
    asking: &mut Asking<'_>,
) -> Result<Specimen, SessionError> {
    let configured = configured(book, id)?;
    let shown = crate::text::screen_str(&to.display().to_string());
    if to.exists() {
        return Err(SessionError::Occupied { path: shown });
    }
    let clock = book.clock;
    let now = move || clock.now();
    let order = &mut order(configured, &book.root, book.config.book.zone, clock, asking, &now);
    let specimen = source::specimen(order, to, pages, scrubbed)?;
    let mut text = "# What a source of this recording writes; secrets are left out.\n".to_owned();
    text.push_str("[settings]\n");
    for (name, value) in &specimen.settings {
        text.push_str(&format!("{name} = {}\n", toml::Value::String(value.clone())));
    }
    let path = to.join("source.toml");
    std::fs::write(&path, text)
        .map_err(|error| SessionError::Write { path: crate::text::screen_str(&path.display().to_string()), error })?;
    Ok(specimen)
}

fn order<'a>(
    configured: &'a SourceConfig,
    folder: &'a Path,
    zone: Tz,
    clock: Clock,
    asking: &'a mut Asking<'_>,
    now: &'a dyn Fn() -> chrono::DateTime<chrono::Utc>,
) -> Order<'a> {
    Order {
        source: configured,
        book: folder,
        unfinished: Path::new(""),
        zone,
        now: clock.now(),
        clock: now,
        before: None,
        period: asking.period.clone(),
        full: true,
        environment: asking.environment,
        progress: asking.progress,
        cancel: asking.cancel.clone(),
        transport: None,
    }
}

fn configured<'a>(book: &'a Book, id: &str) -> Result<&'a SourceConfig, SessionError> {
    book.config.sources.iter().find(|source| source.id == id).ok_or_else(|| {
        let known: Vec<&str> = book.config.sources.iter().map(|source| source.id.as_str()).collect();
        unknown(
            format!("there is no source `{}`", crate::text::screen_str(id)),
            &format!("this book has: {}", known.join(", ")),
        )
    })
}

/// Returns a source of a connector without a book: its settings are defaults and words that stand in.
fn standing_in(id: &str, manifest: &Manifest) -> Result<SourceConfig, SessionError> {
    let name = toml::Value::String(manifest.connector.name.clone());
    let mut configured: SourceConfig =
        toml::from_str(&format!("id = {name}\nconnector = {name}")).map_err(|error| unknown(error.to_string(), id))?;
    configured.settings = manifest.stand_ins();
    Ok(configured)
}

fn unknown(message: String, hint: &str) -> SessionError {
    SessionError::Unknown { message, hint: hint.to_owned() }
}

/// Returns the canonical tables that a connector feeds, by name.
pub fn feeds(manifest: &Manifest) -> String {
    manifest.tables().into_iter().map(Table::name).collect::<Vec<_>>().join(", ")
}
