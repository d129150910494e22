//! Which book is meant, and what its config says.

use super::demo;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, find_upwards};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// A book that was found and whose config was understood.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its folder.
    pub root: PathBuf,
    /// Its config.
    pub config: Config,
    /// Where "now" comes from.
    pub clock: Clock,
}

/// What the caller knows about which book is meant; the environment was read by the caller.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--book`.
    pub given: Option<PathBuf>,
    /// `$SERVICEBOOK_BOOK`.
    pub from_environment: Option<PathBuf>,
    /// The working folder.
    pub working_folder: PathBuf,
    /// Where the demo book may be unpacked.
    pub cache: PathBuf,
}

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The config cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The named folder is no book.
    #[error(
        "{path} is not a book: it has no config.toml with a [book] table\nhint: `servicebook init {path}` makes one"
    )]
    NotABook {
        /// The folder.
        path: String,
    },
    /// The demo book cannot be unpacked.
    #[error(
        "cannot unpack the demo book below {path}: {error}\nhint: set XDG_CACHE_HOME to a folder that you may write"
    )]
    Demo {
        /// The cache folder.
        path: String,
        /// Why.
        error: std::io::Error,
    },
}

impl Book {
    /// Finds and reads the book: the given one, else that of the environment, else the nearest upwards, else the demo.
    pub fn find(wanted: &Wanted) -> Result<Self, BookError> {
        let named = wanted.given.as_ref().or(wanted.from_environment.as_ref());
        if let Some(path) = named {
            if !path.join("config.toml").is_file() {
                return Err(BookError::NotABook { path: crate::text::screen_str(&path.display().to_string()) });
            }
            return Self::open(path);
        }
        if let Some(path) = find_upwards(&wanted.working_folder) {
            return Self::open(&path);
        }
        let root = demo::unpack(&wanted.cache)
            .map_err(|error| BookError::Demo { path: wanted.cache.display().to_string(), error })?;
        Self::open(&root)
    }

    /// Reads the book in a folder.
    pub fn open(root: &Path) -> Result<Self, BookError> {
        let config = Config::load(root)?;
        let clock = match config.book.clock {
            Some(at) if config.book.sample => Clock::Pinned(at),
            _ => Clock::System,
        };
        Ok(Self { root: root.to_path_buf(), config, clock })
    }

    /// Tells whether it is the demo book.
    pub fn is_sample(&self) -> bool {
        self.config.book.sample
    }

    /// Returns the folder of pulled rows.
    pub fn store_path(&self) -> PathBuf {
        self.root.join(&self.config.store.path)
    }

    /// Returns where the pages of unfinished pulls lie.
    pub fn unfinished_path(&self) -> PathBuf {
        self.store_path().join("unfinished")
    }

    /// Returns the last month that is closed by the book's clock: what a review reads first.
    pub fn last_closed_month(&self) -> crate::model::Period {
        crate::model::Period::month_of(self.clock.now(), self.config.book.zone).previous()
    }

    /// Returns the as-of of a period: its end once it is closed, the clock while it runs, or what was asked for.
    pub fn as_of(&self, period: &crate::model::Period, asked: Option<DateTime<Utc>>) -> DateTime<Utc> {
        asked.unwrap_or_else(|| period.end().min(self.clock.now()))
    }
}
