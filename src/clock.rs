//! The one place that may ask for the time.

use chrono::{DateTime, Utc};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Where "now" comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine.
    System,
    /// A fixed instant: the demo book's, or a test's.
    Pinned(DateTime<Utc>),
}

impl Clock {
    /// Returns the present instant.
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask for the time")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Pinned(at) => at,
        }
    }
}

/// Returns how long ago the process first asked, by a clock that never goes back. For waits and limits, never for
/// figures.
pub fn monotonic() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let now = Instant::now();
    now.saturating_duration_since(*FIRST.get_or_init(|| now))
}
