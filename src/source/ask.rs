//! Asking a tool: composed requests, lists of pages, and the pages on disk.
//!
//! Fetches everything that a pull needs before any row is read. Knows requests, paging and windows; must not know
//! canonical tables.

pub mod asker;
pub mod compose;
pub mod fetch;
mod look;
pub mod pager;
pub mod recording;
pub mod replay;
pub mod window;

use super::decode::DecodeError;
use super::http::HttpError;

/// Why a tool could not be asked to the end. Pages that came are kept where that helps.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The request has no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The answer says that it is an error.
    #[error("{label}: the tool answers with an error: {message}\nhint: {hint}")]
    Said {
        /// The request.
        label: String,
        /// What it says.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The answer is not what the connector reads.
    #[error(
        "{label}: {error}\nhint: is it the tool and version that the connector is for? `servicebook connector test` shows what comes"
    )]
    Page {
        /// The request.
        label: String,
        /// What is wrong.
        error: DecodeError,
    },
    /// The pages do not lead to an end.
    #[error("{label}: {reason}; nothing of this pull is used\nhint: {hint}")]
    Paging {
        /// The request.
        label: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// A request cannot be composed.
    #[error("[request.{request}]: {message}\nhint: check the connector and the settings of the source")]
    Compose {
        /// Its name.
        request: String,
        /// What is wrong.
        message: String,
    },
    /// Pages cannot be written or read again.
    #[error("cannot keep the pages below {folder}: {error}\nhint: check the rights and the space of the disk")]
    Keep {
        /// Where.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// Whoever waited does not wait any more.
    #[error("cancelled")]
    Cancelled,
}

impl AskError {
    /// Puts the names of secrets in the place of their values, where the tool's own words may repeat them.
    #[must_use]
    pub fn scrubbed(mut self, scrub: &dyn Fn(&str) -> String) -> Self {
        match &mut self {
            Self::Http(HttpError::WebPage { title: words, .. })
            | Self::Paging { reason: words, .. }
            | Self::Page {
                error:
                    DecodeError::NoRows { found: words, .. }
                    | DecodeError::OtherKind { found: words, .. }
                    | DecodeError::Value(words),
                ..
            } => *words = scrub(words),
            _ => {}
        }
        self
    }

    /// Tells whether another pull can go on from the pages that came.
    pub fn can_go_on(&self) -> bool {
        matches!(self, Self::Http(_) | Self::Cancelled | Self::Keep { .. })
    }
}
